"""Where a convention stands on a day: its dates say it first, then the statut that its plan declares."""

from datetime import date

from publication.lecture.lots import Ligne


def dernier_jour(convention: Ligne) -> date | None:
    """Return the last day of a row of `ctg_conventions`, prolongations included; None where none is said."""
    fin, annee = convention["date_fin"], convention["annee_fin"]
    if fin is not None and annee in (None, fin.year):
        return fin  # type: ignore[no-any-return]
    return date(annee, 12, 31) if annee is not None else None


def etat(convention: Ligne, jour: date) -> str:
    """Return what a document of that day says: "terminée en 2024", "à venir", else the declared statut."""
    fin = dernier_jour(convention)
    if fin is not None and fin < jour:
        return f"terminée en {fin.year}"
    debut, declare = convention["date_debut"], str(convention["convention_statut"])
    return "à venir" if declare == "en vigueur" and debut is not None and jour < debut else declare
