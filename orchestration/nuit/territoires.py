"""Whether the scopes of a night are territories that exist, asked before anything is received.

A département is a line of `seeds/departements.csv`; an EPCI or a convention stands in the newest file
accepted, or offered by the mirror.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pyarrow.parquet as pq

from ingestion.acquisition import SOURCE_COG, Acquisition, FichierRetenu, Profil, dans_l_ordre
from ingestion.contrats import charger_contrats

from ..racine import RACINE
from .reglages import ReglageRefuse, Reglages


class Liste(NamedTuple):
    """Where a file names the territories of a level."""

    source: str
    ressource: str
    code: str
    libelle: str


LISTES = {
    "epci": Liste("dgcl_epci_composition", "composition", "epci", "epci_libelle"),
    "ctg": Liste("ctg_plan_actions", "conventions", "convention_id", "libelle"),
}
SEEDS = {"departement": "departements.csv", "region": "regions.csv"}


def exiger_connus(reglages: Reglages, retenus: Iterable[FichierRetenu]) -> None:
    """Refuse a scope that the files in use do not know. Raises `ReglageRefuse`, with the nearest names."""
    fichiers = list(retenus)
    for niveau, code in _demandes(reglages):
        connus = _des_seeds(niveau) if niveau in SEEDS else _des_fichiers(niveau, fichiers)
        if code not in connus:
            raise ReglageRefuse(_dire(niveau, code, connus))


def exiger_connus_d_avance(reglages: Reglages) -> None:
    """Refuse an unknown scope before anything is received, as far as can be known.

    Accepted files and a mirror folder tell the territories. Where the files that list them must be
    downloaded, or wait in the depot, scopes are judged after reception.
    """
    retenus = list(reglages.acquisition().fichiers_retenus()) if reglages.chemins.liaison.exists() else []
    for niveau, code in _demandes(reglages):
        if niveau in SEEDS:
            connus = _des_seeds(niveau)
        else:
            connus = _des_fichiers(niveau, retenus)
            if code in connus:
                continue
            source = LISTES[niveau].source
            if any((reglages.chemins.depot / source).rglob("*.*")):
                continue
            if reglages.miroir and "://" not in reglages.miroir:
                connus = {**connus, **_du_miroir(niveau, reglages)}
            elif not connus:
                continue
        if code not in connus:
            raise ReglageRefuse(f"{_dire(niveau, code, connus)} Nothing was received.")


def _demandes(reglages: Reglages) -> list[tuple[str, str]]:
    parties = (perimetre.partition(":") for perimetre in reglages.perimetres)
    return [(niveau, code) for niveau, _, code in parties if code]


def _des_seeds(niveau: str) -> dict[str, str]:
    with (RACINE / "dbt_project" / "seeds" / SEEDS[niveau]).open(encoding="utf-8", newline="") as lignes:
        return {ligne[niveau]: ligne["libelle"] for ligne in csv.DictReader(lignes)}


def _des_fichiers(niveau: str, retenus: Iterable[FichierRetenu]) -> dict[str, str]:
    """Codes and names of the files of every millésime, those of the newest last."""
    liste = LISTES[niveau]
    connus: dict[str, str] = {}
    for fichier in retenus:
        if (fichier.source, fichier.ressource) == (liste.source, liste.ressource):
            table = pq.read_table(fichier.parquet, columns=[liste.code, liste.libelle])
            connus.update(zip(*(colonne.to_pylist() for colonne in table.columns), strict=True))
    return connus


def _du_miroir(niveau: str, reglages: Reglages) -> dict[str, str]:
    """Territories in the files of a mirror folder, read by their contract in a temporary folder."""
    contrats = charger_contrats()
    lus = {nom: contrats[nom] for nom in (SOURCE_COG, LISTES[niveau].source)}
    with TemporaryDirectory() as dossier:
        profil = Profil(reglages.profil, reglages.miroir, reglages.defaut.couverture_imposee)
        essai = Acquisition(Path(dossier), lus, profil)
        for source in dans_l_ordre(lus):
            essai.recevoir(source)
            essai.normaliser(source)
        return _des_fichiers(niveau, essai.fichiers_retenus(LISTES[niveau].source))


def _dire(niveau: str, code: str, connus: Mapping[str, str]) -> str:
    proches = ", ".join(f"{niveau}:{c} ({connus[c]})" for c in _proches(code, connus))
    if niveau in SEEDS:
        ou, suite = f"dbt_project/seeds/{SEEDS[niveau]}", ""
    else:
        ou = f"the files of {LISTES[niveau].source}"
        suite = f"; for one that is newer than these, `ctg sources fetch {LISTES[niveau].source}` first"
    return (
        f"scope {niveau}:{code} is unknown: observed no {niveau} {code} in {ou}; expected one of its"
        f" {len(connus)}"
        + (f", the nearest being {proches}" if proches else "")
        + ". Next: correct --perimetre"
        f" (CTG_PERIMETRE){suite}."
    )


def _proches(code: str, connus: Mapping[str, str]) -> list[str]:
    """The three nearest, by code, else by a word of their name."""
    mot = re.sub(r"[-_\d]+", " ", code).strip()
    par_nom = [c for c, nom in connus.items() if len(mot) > 3 and mot in nom.lower()]
    par_code = get_close_matches(code, connus, n=3, cutoff=0)
    return list(dict.fromkeys(par_nom + par_code))[:3]
