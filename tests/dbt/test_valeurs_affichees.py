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


ENTIERS = """
    select (f.territoire_id, f.indicateur_id, f.millesime)
    from marts.fct_indicateurs as f
    inner join seeds.entiers_publies as e
        on f.indicateur_id = e.mesure_id and f.source_ids = e.source_id and f.niveau = e.niveau
"""


def test_chaque_chiffre_de_la_nuit_s_ecrit_comme_en_python(
    entrepot: Projet, unites: dict[str, Unite]
) -> None:
    lignes = entrepot.requete(
        """
        select f.unite,
            if((f.territoire_id, f.indicateur_id, f.millesime) in (ENTIERS), 0, d.decimales),
            f.statut, f.valeur, f.valeur_texte, f.valeur_affichee, f.lisibilite, f.borne_basse, f.borne_haute
        from marts.fct_indicateurs as f inner join marts.dim_indicateur as d using (indicateur_id)
        """.replace("ENTIERS", ENTIERS)
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


def test_la_mediane_des_pairs_s_ecrit_comme_en_python(entrepot: Projet, unites: dict[str, Unite]) -> None:
    lignes = entrepot.requete(
        """
        select distinct d.unite, d.decimales, valeur_pairs_statut, valeur_pairs, valeur_pairs_affichee,
            valeur_pairs_lisibilite, valeur_pairs_borne_basse, valeur_pairs_borne_haute
        from marts.mart_derniers_chiffres as m inner join marts.dim_indicateur as d using (indicateur_id)
        """
    )
    assert {lisibilite for *_, lisibilite, _, _ in lignes} > {"point", "intervalle"}
    assert [
        (unite, valeur, ecrit)
        for unite, decimales, statut, valeur, ecrit, lisibilite, *bornes in lignes
        if ecrit != afficher(valeur, unites[unite], decimales, statut, lisibilite, (*bornes,))
    ] == []


@pytest.mark.parametrize("niveau", ["epci", "departement", "region", "france"])
def test_un_comparateur_s_ecrit_comme_dans_sa_propre_ligne(entrepot: Projet, niveau: str) -> None:
    code = "'FR'" if niveau == "france" else f"t.{niveau}"
    lignes = entrepot.requete(
        f"""
        select distinct m.valeur_{niveau}_affichee, f.valeur_affichee
        from marts.mart_comparaisons as m
        inner join marts.dim_territoire as t on m.territoire_id = t.territoire_id and t.niveau = 'commune'
        inner join marts.fct_indicateurs as f
            on '{niveau}:' || {code} = f.territoire_id and m.indicateur_id = f.indicateur_id
                and m.millesime = f.millesime
        """
    )
    assert lignes and [ligne for ligne in lignes if ligne[0] != ligne[1]] == []


@pytest.mark.parametrize("bout", ["debut", "fin"])
def test_le_bout_d_une_evolution_s_ecrit_comme_dans_sa_propre_ligne(entrepot: Projet, bout: str) -> None:
    lignes = entrepot.requete(
        f"""
        select distinct e.valeur_{bout}_affichee, f.valeur_affichee
        from marts.mart_evolutions as e
        inner join marts.fct_indicateurs as f
            on e.territoire_id = f.territoire_id and e.indicateur_id = f.indicateur_id
                and e.millesime_{bout} = f.millesime
        """
    )
    assert lignes and [ligne for ligne in lignes if ligne[0] != ligne[1]] == []


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
        ("mart_evolutions", "evolution", "statut"),
    ],
)
def test_une_table_longue_s_ecrit_comme_en_python(
    entrepot: Projet, unites: dict[str, Unite], table: str, valeur: str, statut: str
) -> None:
    """With its label and its unit beside it: those of the dictionary."""
    bornes = "null, null" if valeur == "evolution" else "m.borne_basse, m.borne_haute"
    decimales = "d.decimales"
    if table == "mart_comparaisons":
        # Figures that their producer rounds to a whole number.
        decimales = f"if((m.territoire_id, m.indicateur_id, m.millesime) in ({ENTIERS}), 0, d.decimales)"
    lignes = entrepot.requete(
        f"""
        select distinct d.unite, {decimales}, m.{statut}, m.{valeur}, m.{valeur}_affichee,
            m.unite = d.unite and m.indicateur_libelle = d.libelle, {bornes}
        from marts.{table} as m inner join marts.dim_indicateur as d using (indicateur_id)
        """
    )
    assert any(ligne[3] is not None for ligne in lignes) and all(ligne[5] for ligne in lignes)
    for unite, decimales, marque, lue, ecrit, _, *bouts in lignes:
        if valeur == "evolution":
            attendu = MARQUES.get(marque) or afficher_ecart(lue, unites[unite], decimales)
        else:
            attendu = afficher(lue, unites[unite], decimales, marque, "point", (*bouts,))
        assert INCERTAIN.match(ecrit) or ecrit == attendu, (unite, marque, lue, bouts)
