"""What a contract declares as a mesure reaches the warehouse whole, without SQL of its own."""

import pytest
from banc_dbt import Projet

from ingestion.contrats import charger_contrats
from orchestration.rendu_dbt import ressources_declarees

DECLAREES = [r for r in ressources_declarees(charger_contrats()) if r["mesures"]]


@pytest.fixture(scope="module")
def lues(entrepot: Projet) -> dict[tuple[object, ...], int]:
    """How many rows the warehouse has of each (source, ressource, niveau, mesure)."""
    return {
        tuple(cle): lignes
        for *cle, lignes in entrepot.requete(
            "select source_id, ressource, niveau, mesure_id, count(*) "
            "from staging.stg_mesures_declarees group by all"
        )
    }


@pytest.mark.parametrize("r", DECLAREES, ids=lambda r: f"{r['source']}__{r['ressource']}")
def test_rien_ne_se_perd_ni_ne_s_invente(
    entrepot: Projet,
    lues: dict[tuple[object, ...], int],
    r: dict,  # type: ignore[type-arg]
) -> None:
    """Of each mesure and year, the rows of the last file that says something of it, all of them."""
    annee = r["annee"] or "millesime_fichier"
    place = "true" if r["niveau"] == "france" else "code is not null"
    dernieres, comptes = [], []
    for m in r["mesures"]:
        dit = f"({m['nom']} is not null" + (f" or {m['nom']}__marque is not null)" if m["marque"] else ")")
        fichier = f"dernier_{m['nom']}"
        dernieres.append(f"max(millesime_fichier) filter ({dit}) over (partition by {annee}) as {fichier}")
        comptes.append(f"count(*) filter ({dit} and millesime_fichier = {fichier})")
    (attendues,) = entrepot.requete(
        f"select {', '.join(comptes)} from (select *, {', '.join(dernieres)} "
        f"from normalised.{r['source']}__{r['ressource']} where {place})"
    )
    noms = [m["nom"] for m in r["mesures"]]
    assert [(nom, lues.get((r["source"], r["ressource"], r["niveau"], nom), 0)) for nom in noms] == [
        *zip(noms, attendues, strict=True)
    ]


def test_la_france_a_un_code_et_personne_n_est_sans_territoire(entrepot: Projet) -> None:
    assert entrepot.requete(
        "select distinct code from staging.stg_mesures_declarees where niveau = 'france'"
    ) == [("FR",)]
    assert entrepot.requete("from staging.stg_mesures_declarees where code is null") == []
