"""What a contract declares as a mesure reaches the warehouse whole, without SQL of its own."""

import pytest
from banc_dbt import Projet

from ingestion.contrats import charger_contrats
from orchestration.rendu_dbt import ressources_declarees

DECLAREES = [r for r in ressources_declarees(charger_contrats()) if r["mesures"]]


@pytest.mark.parametrize("r", DECLAREES, ids=lambda r: f"{r['source']}__{r['ressource']}")
def test_rien_ne_se_perd_ni_ne_s_invente(entrepot: Projet, r: dict) -> None:  # type: ignore[type-arg]
    table = f"normalised.{r['source']}__{r['ressource']}"
    annee = r["annee"] or "millesime_fichier"
    place = "true" if r["niveau"] == "france" else "code is not null"
    for m in r["mesures"]:
        dit = f"({m['nom']} is not null" + (f" or {m['nom']}__marque is not null)" if m["marque"] else ")")
        ((attendu,),) = entrepot.requete(
            f"select count(*) from (from {table} where {place} and {dit} "
            f"qualify millesime_fichier = max(millesime_fichier) over (partition by {annee}))"
        )
        ((lu,),) = entrepot.requete(
            "select count(*) from staging.stg_mesures_declarees "
            "where source_id = ? and ressource = ? and niveau = ? and mesure_id = ?",
            *(r["source"], r["ressource"], r["niveau"], m["nom"]),
        )
        assert lu == attendu, m["nom"]


def test_la_france_a_un_code_et_personne_n_est_sans_territoire(entrepot: Projet) -> None:
    assert entrepot.requete(
        "select distinct code from staging.stg_mesures_declarees where niveau = 'france'"
    ) == [("FR",)]
    assert entrepot.requete("from staging.stg_mesures_declarees where code is null") == []
