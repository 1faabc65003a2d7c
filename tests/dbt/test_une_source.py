"""A source whose columns are mesures of the dictionary is one contract, and no SQL (docs/how-to.md)."""

from banc_dbt import Projet


def test_une_source_de_mesures_connues_tient_en_un_fichier(enrichi: Projet) -> None:
    assert enrichi.requete(
        "select territoire_id, valeur, statut from marts.fct_indicateurs where indicateur_id = "
        "'nb_conseillers_numeriques' and code in ('26220', '26001', '200068229') order by all"
    ) == [
        ("commune:26001", 0, "observe"),
        ("commune:26220", 2, "observe"),
        ("epci:200068229", 3, "observe"),
    ]
    # A commune without a line is 0 where the contract says so, and nothing anywhere else.
    assert enrichi.requete(
        "select t.departement, count(*) from marts.fct_indicateurs as f join marts.dim_territoire as t "
        "using (territoire_id) where f.indicateur_id = 'nb_conseillers_numeriques' and f.niveau = 'commune' "
        "group by all"
    ) == [("26", 362)]
