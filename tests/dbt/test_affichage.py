"""What the warehouse prints is what Python would: every figure of a night of the demonstration."""

import duckdb
from banc_dbt import Projet

from socle.affichage import MARQUES, Unite, afficher


def test_chaque_chiffre_de_la_nuit_s_ecrit_comme_en_python(entrepot: Projet) -> None:
    with duckdb.connect(str(entrepot.base), read_only=True) as con:
        lues = con.execute("from marts.dim_unite").to_arrow_table().to_pylist()
        lignes = con.execute(
            """
            select f.unite, d.decimales, f.statut, coalesce(f.valeur_texte, f.valeur), f.valeur_affichee
            from (select * replace (valeur::varchar as valeur) from marts.fct_indicateurs) as f
            inner join marts.dim_indicateur as d using (indicateur_id)
            """
        ).fetchall()
    unites = {ligne["unite"]: Unite.lire(ligne) for ligne in lues}
    assert {statut for _, _, statut, _, _ in lignes} > MARQUES.keys() - {"refusee"}
    ecarts = [
        (unite, lu, ecrit)
        for unite, decimales, statut, lu, ecrit in lignes
        if ecrit != afficher(_lue(lu, unites[unite]), unites[unite], decimales, statut)
    ]
    assert not ecarts[:10]


def _lue(texte: str | None, unite: Unite) -> float | str | None:
    return float(texte) if texte and unite.nature in ("nombre", "annee") else texte
