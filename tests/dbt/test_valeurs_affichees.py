"""What the warehouse prints is what Python would: every figure and every evolution of a demonstration."""

import re

import pytest
from banc_dbt import Projet

from socle.affichage import MARQUES, Unite, afficher, afficher_ecart

INCERTAIN = re.compile("entre |au plus |au moins |trop peu")
"""How what is printed of no point begins."""


@pytest.fixture(scope="module")
def unites(entrepot: Projet) -> dict[str, Unite]:
    noms = list(Unite.__dataclass_fields__)
    lues = entrepot.requete(f"select {', '.join(noms)} from marts.dim_unite")
    return {ligne[0]: Unite.lire(dict(zip(noms, ligne, strict=True))) for ligne in lues}


def test_chaque_chiffre_de_la_nuit_s_ecrit_comme_en_python(
    entrepot: Projet, unites: dict[str, Unite]
) -> None:
    lignes = entrepot.requete(
        """
        select f.unite, d.decimales, f.statut, f.valeur, f.valeur_texte, f.valeur_affichee, f.lisibilite,
            f.borne_basse, f.borne_haute
        from marts.fct_indicateurs as f inner join marts.dim_indicateur as d using (indicateur_id)
        """
    )
    assert {statut for _, _, statut, *_ in lignes} > MARQUES.keys() - {"refusee"}
    assert {lisibilite for *_, lisibilite, _, _ in lignes} == {None, "point", "intervalle", "trop_peu"}
    ecarts = [
        (unite, valeur, ecrit)
        for unite, decimales, statut, valeur, texte, ecrit, lisibilite, *bornes in lignes
        if ecrit
        != afficher(
            valeur if texte is None else texte, unites[unite], decimales, statut, lisibilite, (*bornes,)
        )
    ]
    assert not ecarts[:10]


@pytest.mark.parametrize("comparateur", ["epci", "departement", "region", "france", "pairs"])
def test_chaque_comparateur_s_ecrit_comme_en_python(
    entrepot: Projet, unites: dict[str, Unite], comparateur: str
) -> None:
    valeur = f"valeur_{comparateur}"
    lignes = entrepot.requete(
        f"""
        select distinct d.unite, d.decimales, {valeur}_statut, {valeur}, {valeur}_affichee
        from marts.mart_derniers_chiffres as m inner join marts.dim_indicateur as d using (indicateur_id)
        """
    )
    assert any(v is not None for *_, v, _ in lignes)
    assert [
        ligne
        for ligne in lignes
        if not INCERTAIN.match(ligne[4])
        and ligne[4] != afficher(ligne[3], unites[ligne[0]], ligne[1], ligne[2])
    ] == []


def test_un_comparateur_s_ecrit_comme_dans_sa_propre_ligne(entrepot: Projet) -> None:
    """A range, or « trop peu », is not to be written from its value."""
    lignes = entrepot.requete(
        """
        select distinct m.valeur_epci_affichee, f.valeur_affichee
        from marts.mart_comparaisons as m
        inner join marts.dim_territoire as t on m.territoire_id = t.territoire_id and t.niveau = 'commune'
        inner join marts.fct_indicateurs as f
            on 'epci:' || t.epci = f.territoire_id and m.indicateur_id = f.indicateur_id
                and m.millesime = f.millesime
        """
    )
    assert [ici for ici, _ in lignes if INCERTAIN.match(ici)]
    assert [ligne for ligne in lignes if ligne[0] != ligne[1]] == []


@pytest.mark.parametrize("depuis", ["precedent", "base_ctg"])
def test_chaque_evolution_s_ecrit_comme_en_python(
    entrepot: Projet, unites: dict[str, Unite], depuis: str
) -> None:
    evolution = f"evolution_{depuis}"
    lignes = entrepot.requete(
        f"""
        select distinct d.unite, d.decimales, {evolution}_statut, {evolution}, {evolution}_affichee
        from marts.mart_derniers_chiffres as m inner join marts.dim_indicateur as d using (indicateur_id)
        """
    )
    assert {statut for _, _, statut, *_ in lignes} >= {"observe", "refusee", "sans_objet"}
    for unite, decimales, statut, valeur, ecrit in lignes:
        attendu = MARQUES.get(statut) or afficher_ecart(valeur, unites[unite], decimales)
        assert INCERTAIN.match(ecrit) or ecrit == attendu, (unite, statut, valeur)


def test_une_evolution_entre_des_bouts_incertains_s_ecrit_par_ses_bornes(
    entrepot: Projet, unites: dict[str, Unite]
) -> None:
    lignes = entrepot.requete(
        """
        select d.unite, d.decimales, m.evolution_basse, m.evolution_haute, m.evolution_affichee
        from marts.mart_evolutions as m inner join marts.dim_indicateur as d using (indicateur_id)
        where m.lisibilite = 'intervalle' and m.evolution_basse is not null and m.evolution_haute is not null
        """
    )
    assert lignes
    for unite, decimales, basse, haute, ecrit in lignes:
        bas, haut = (afficher_ecart(borne, unites[unite], decimales) for borne in (basse, haute))
        debut = ecrit.removesuffix(f" et {haut}")
        assert debut != ecrit and debut != "entre " and bas.startswith(debut.removeprefix("entre "))


@pytest.mark.parametrize(
    ("table", "valeur", "statut"),
    [
        ("fct_indicateurs_origine", "valeur", "statut"),
        ("mart_comparaisons", "valeur", "statut"),
        ("mart_evolutions", "valeur_debut", "valeur_debut_statut"),
        ("mart_evolutions", "valeur_fin", "valeur_fin_statut"),
        ("mart_evolutions", "evolution", "statut"),
    ],
)
def test_une_table_longue_s_ecrit_comme_en_python(
    entrepot: Projet, unites: dict[str, Unite], table: str, valeur: str, statut: str
) -> None:
    """With its label and its unit beside it: those of the dictionary."""
    lignes = entrepot.requete(
        f"""
        select distinct d.unite, d.decimales, m.{statut}, m.{valeur}, m.{valeur}_affichee,
            m.unite = d.unite and m.indicateur_libelle = d.libelle
        from marts.{table} as m inner join marts.dim_indicateur as d using (indicateur_id)
        """
    )
    assert any(v is not None for _, _, _, v, _, _ in lignes) and all(juste for *_, juste in lignes)
    ecrire = {"evolution": lambda v, u, d, s: MARQUES.get(s) or afficher_ecart(v, u, d)}.get(valeur, afficher)
    assert [
        ligne
        for ligne in lignes
        if not INCERTAIN.match(ligne[4])
        and ligne[4] != ecrire(ligne[3], unites[ligne[0]], ligne[1], ligne[2])
    ] == []
