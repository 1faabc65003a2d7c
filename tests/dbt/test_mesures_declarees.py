"""What a contract declares as a mesure reaches the warehouse whole, without SQL of its own."""

import duckdb
import pytest
from banc_dbt import Projet

from ingestion.contrats import charger_contrats
from orchestration.generes.dbt import ressources_declarees

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
    place = "true" if r["niveau"] == "france" else "code is not null"
    dernieres, comptes = [], []
    for m in r["mesures"]:
        annee = f"{m['nom']}__millesime" if m["datee"] else r["annee"] or "millesime_fichier"
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


def _ajouter_un_comparateur(copie: Projet, remplacements: str) -> None:
    """Give the comparateur one edition more, that of 2022 with these columns instead, and read it."""
    with duckdb.connect(str(copie.base)) as con:
        con.execute("alter view normalised.insee_comparateur__communes rename to une_edition")
        con.execute(
            "create view normalised.insee_comparateur__communes as "
            "from normalised.une_edition union all by name "
            f"select * replace ({remplacements}) from normalised.une_edition where millesime_fichier = 2022"
        )
    sortie = copie.dbt("run", "--select", "stg_mesures_declarees")
    assert not sortie.echecs, sortie.texte


def test_de_deux_editions_qui_ont_une_meme_annee_la_derniere_l_emporte(copie: Projet) -> None:
    """Comparateurs 2021 and 2022 both hold Filosofi 2021, and each its own census."""
    _ajouter_un_comparateur(
        copie,
        "2021 as millesime_fichier, 'autre' as fichier_sha256, mediane_niveau_vie + 1 as mediane_niveau_vie",
    )
    assert copie.requete(
        "select mesure_id, millesime_fichier from staging.stg_mesures_declarees "
        "where source_id = 'insee_comparateur' and code = '26220' and millesime = 2021 "
        "and mesure_id in ('mediane_niveau_vie', 'taux_pauvrete_60', 'logements') order by all"
    ) == [("logements", 2021), ("mediane_niveau_vie", 2022), ("taux_pauvrete_60", 2022)]


def test_ce_qu_un_fichier_n_a_pas_n_a_pas_de_ligne(copie: Projet) -> None:
    """A layout without the column says nothing of the mesure: no blank line, no older edition put aside."""
    _ajouter_un_comparateur(
        copie,
        "2023 as millesime_fichier, 'sans' as fichier_sha256, null as mediane_niveau_vie,"
        " null as mediane_niveau_vie__marque",
    )
    assert copie.requete(
        "select mesure_id, millesime_fichier, valeur is not null from staging.stg_mesures_declarees "
        "where source_id = 'insee_comparateur' and code = '26220' and millesime = 2021 "
        "and mesure_id in ('mediane_niveau_vie', 'taux_pauvrete_60') order by all"
    ) == [("mediane_niveau_vie", 2022, True), ("taux_pauvrete_60", 2023, True)]
