"""What assets say of themselves without dbt: keys, owners, freshness, where they are written."""

import warnings
from datetime import timedelta
from pathlib import Path

import dagster as dg

from ingestion.contrats.fiche import Delais, Fiche
from ingestion.extrait.identite import SOURCE_EXTRAIT

EQUIPE = ["team:donnees"]

# A night that ends well says that the release is what it should be, published or unchanged: one missed
# night warns, three are late.
FRAICHEUR_RELEASE = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=3), warn_window=timedelta(hours=30)
)

CHECK_REFUS = "aucun_refus"
CLE_CONSTRUCTION = dg.AssetKey(["construction"])
CLE_RELEASE = dg.AssetKey(["publication", "release"])
CLE_MICRO = dg.AssetKey(["micro", SOURCE_EXTRAIT])


def cle_normalisee(source_id: str) -> dg.AssetKey:
    """Key of the asset that holds a source's typed Parquet files."""
    return dg.AssetKey(["normalised", source_id])


def ecrit_dans(fichier: Path) -> dict[str, dg.CodeReferencesMetadataValue]:
    """The file that the page of an asset opens: what somebody who wants another asset edits."""
    # Dagster calls these links beta: a night need not warn, for a test fails where an upgrade changes them.
    with warnings.catch_warnings(action="ignore", category=dg.BetaWarning):
        lieu = dg.LocalFileCodeReference(file_path=str(fichier))
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[lieu])}


def proprietaires(contrat: Fiche) -> list[str]:
    """Who answers for the files of a source: its producer."""
    return [f"team:{contrat.producer}"]


def fraicheur_de(delais: Delais | None) -> dg.FreshnessPolicy | None:
    """Freshness by the cadence of the contract, late from the same day as in `ctg doctor`."""
    return delais and dg.FreshnessPolicy.time_window(fail_window=delais.manque, warn_window=delais.retard)


def liens(dossier: Path) -> dict[str, dg.PathMetadataValue]:
    """Where a release, its site and what the gate said of it are, for the page."""
    return {
        "dossier": dg.MetadataValue.path(str(dossier)),
        "site": dg.MetadataValue.path(str(dossier / "site" / "index.html")),
        "rapport": dg.MetadataValue.path(str(dossier / "validation" / "rapport.html")),
    }
