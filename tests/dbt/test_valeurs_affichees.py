"""What the warehouse prints is what Python would: every figure and every evolution of a demonstration."""

import pytest
from banc_dbt import Projet

from socle.affichage import MARQUES, Unite, afficher, afficher_ecart


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
        select f.unite, d.decimales, f.statut, f.valeur, f.valeur_texte, f.valeur_affichee
        from marts.fct_indicateurs as f inner join marts.dim_indicateur as d using (indicateur_id)
        """
    )
    assert {statut for _, _, statut, *_ in lignes} > MARQUES.keys() - {"refusee"}
    ecarts = [
        (unite, valeur, ecrit)
        for unite, decimales, statut, valeur, texte, ecrit in lignes
        if ecrit != afficher(valeur if texte is None else texte, unites[unite], decimales, statut)
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
        ligne for ligne in lignes if ligne[4] != afficher(ligne[3], unites[ligne[0]], ligne[1], ligne[2])
    ] == []


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
        assert ecrit == attendu, (unite, statut, valeur)


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
        ligne for ligne in lignes if ligne[4] != ecrire(ligne[3], unites[ligne[0]], ligne[1], ligne[2])
    ] == []
