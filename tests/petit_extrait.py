"""A small extract and its mapping, in every form, for tests to bend. Foyers are invented one by one here."""

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from ingestion.erreurs import ErreurSource, Refus
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.correspondance import Correspondance, charger_correspondance
from ingestion.extrait.depot import Origine, extrait_du_dossier
from ingestion.extrait.lecture import lire_extrait
from ingestion.extrait.pseudonymes import Pseudonymes
from ingestion.extrait.reception import Reception
from ingestion.extrait.retenus import Micro
from ingestion.extrait.zones import Zones

MOIS = "2022-12"
CONTRAT = charger_contrat()
SECRET = bytes(range(7, 256, 5))
RANGS = (1, 2)

Ligne = dict[str, str]

BASE: Ligne = {
    "id_foyer": "F0001",
    "mois": MOIS,
    "code_commune": "26220",
    "droit_versable": "O",
    "situation_familiale": "1",
    "nb_personnes": "3",
    "population_reference": "O",
    "ruc": "812,4",
    "ruc_hors_prestations": "500",
    "quotient_familial": "640",
    "ressources_mensuelles": "700,10",
    "prestations_mensuelles": "310",
    "loyer": "450",
    "charges": "60",
    "impaye_loyer": "N",
    "courriel_connu": "O",
    **{nom: "0" for nom in CONTRAT.colonnes if nom.startswith("montant_")},
    **{nom: "120,50" for nom in CONTRAT.colonnes if nom.startswith("annuel_")},
}
BOOLEENS = ("droit_versable", "population_reference", "impaye_loyer", "courriel_connu", "aeeh")


def source(nom: str) -> str:
    """Name of a contract column in the Caf's own files."""
    return f"X_{nom.upper()}"


def foyers(nombre: int, **colonnes: str) -> list[Ligne]:
    """So many foyers, numbered; `colonnes` are the same for all."""
    return [BASE | {"id_foyer": f"F{rang:04}"} | colonnes for rang in range(1, nombre + 1)]


def correspondance(**cles: Any) -> dict[str, Any]:
    """A whole mapping: CSV, children in two repeated ranks. `cles` replace those of its one disposition."""
    disposition: dict[str, Any] = {
        "format": {
            "type": "csv",
            "encodage": "utf-8",
            "separateur": ";",
            "decimale": ",",
            "date": "JJ/MM/AAAA",
        },
        "colonnes": {source(nom): nom for nom in CONTRAT.colonnes},
        "ignorees": ["X_NOM"],
        "codes": {
            "situation_familiale": {"1": "isole", "2": "couple"},
            **{nom: {"O": "oui", "N": "non"} for nom in BOOLEENS},
        },
        "enfants": {
            "repetees": len(RANGS),
            "colonnes": {"X_NAIS_{n}": "naissance", "X_AEEH_{n}": "aeeh"},
        },
    }
    return {
        "couverture": "departement:26",
        "cog": "2023",
        "conservation_micro_mois": {"essai": "240"},
        "mois": {MOIS: {"statut": "definitif"}},
        "dispositions": {"ici": disposition | cles},
    }


SECOND_FICHIER = {
    "fichier": "enfants*",
    "colonnes": {"E_FOYER": "id_foyer", "E_NAIS": "naissance", "E_AEEH": "aeeh"},
    "ignorees": [],
}
PARQUET = {"type": "parquet"}


@dataclass
class Atelier:
    """A CTG_HOME with its closed zones, a mapping and the files that tests drop."""

    home: Path
    mapping: dict[str, Any] = field(default_factory=correspondance)
    secret: bytes = SECRET

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)

    @property
    def disposition(self) -> dict[str, Any]:
        """The one layout of the mapping, to be changed in place."""
        return dict.__getitem__(self.mapping["dispositions"], "ici")

    @property
    def dossier(self) -> Path:
        return self.home / "depot" / "caf_extrait_allocataires" / MOIS

    def correspondance(self) -> Correspondance:
        chemin, texte = (
            self.home / "correspondance_extrait.yml",
            yaml.safe_dump(self.mapping, allow_unicode=True),
        )
        # What is tried under faults is the product's writes, not this one.
        if not chemin.exists() or chemin.read_text("utf-8") != texte:
            chemin.write_text(texte, encoding="utf-8")
        return charger_correspondance(chemin)

    def micro(self) -> Micro:
        return Micro(self.home)

    def reception(self, permanente: bool = False) -> Reception:
        self.correspondance()
        zones = Zones(self.home)
        origine = Origine(
            zones.depot_extrait, self.home / "correspondance_extrait.yml", lambda: self.secret, permanente
        )
        return Reception(self.micro(), zones, origine)

    # -- files -------------------------------------------------------------------------------------

    def deposer(self, octets: bytes, nom: str = "foyers.csv", mois: str = MOIS) -> Path:
        """Drop bytes in the folder of a month, closed to others."""
        ancien = os.umask(0o077)
        try:
            fichier = self.dossier.with_name(mois) / nom
            fichier.parent.mkdir(parents=True, exist_ok=True)
            fichier.write_bytes(octets)
        finally:
            os.umask(ancien)
        return fichier

    def csv(self, lignes: Sequence[Mapping[str, str]], nom: str = "foyers.csv", mois: str = MOIS) -> Path:
        """Drop foyers as the mapping reads them, blank children included."""
        return self.deposer(en_csv(lignes), nom, mois)

    def enfants(self, lignes: Sequence[tuple[str, str, str]], nom: str = "enfants.csv") -> Path:
        """Drop the second file: foyer, birth date, AEEH."""
        texte = "E_FOYER;E_NAIS;E_AEEH\n" + "".join(";".join(ligne) + "\n" for ligne in lignes)
        return self.deposer(texte.encode(), nom)

    def parquet(self, table: pa.Table, nom: str = "foyers.parquet") -> Path:
        """Drop a Parquet file."""
        octets = pa.BufferOutputStream()
        pq.write_table(table, octets)
        return self.deposer(octets.getvalue().to_pybytes(), nom)

    # -- reading -----------------------------------------------------------------------------------

    def lire(self, pseudonymes: Pseudonymes | None = None) -> None:
        """Read the dropped files, store nothing: as a check does or, with `pseudonymes`, as a night."""
        mapping = self.correspondance()
        extrait = extrait_du_dossier(self.dossier, mapping)
        assert extrait is not None
        lire_extrait(extrait, mapping, CONTRAT, pseudonymes)

    def verifier(self, pseudonymes: Pseudonymes | None = None) -> list[ErreurSource]:
        """Read the dropped files; return what is wrong with them."""
        try:
            self.lire(pseudonymes)
        except Refus as refus:
            return refus.erreurs
        return []

    def refus(self) -> list[ErreurSource]:
        """Read the dropped files, which must be refused."""
        erreurs = self.verifier()
        assert erreurs, "the extract was read"
        return erreurs

    def prendre(self) -> pa.Table:
        """Take in the dropped files, which must be accepted; return the micro Parquet of the month."""
        bilan = self.reception().recevoir()
        assert not bilan.refus, bilan.refus
        return self.stocke()

    def stocke(self, mois: str = MOIS) -> pa.Table:
        (retenu,) = (m for m in self.micro().mois_retenus() if m.mois == mois)
        return pq.read_table(retenu.parquet)


def en_csv(lignes: Sequence[Mapping[str, str]]) -> bytes:
    """Foyers as CSV: every mapped column, and one that is knowingly ignored."""
    enfants = [f"X_{quoi}_{rang}" for rang in RANGS for quoi in ("NAIS", "AEEH")]
    entetes = [*(source(nom) for nom in CONTRAT.colonnes), "X_NOM", *enfants]
    texte = ";".join(entetes) + "\n"
    for ligne in lignes:
        par_entete = {source(nom): valeur for nom, valeur in ligne.items() if nom in CONTRAT.colonnes}
        par_entete |= {nom: valeur for nom, valeur in ligne.items() if nom in enfants}
        texte += ";".join(par_entete.get(e, "DUPONT" if e == "X_NOM" else "") for e in entetes) + "\n"
    return texte.encode()


def sans_enfants(mapping: dict[str, Any]) -> dict[str, Any]:
    """The same mapping with the children in a second file."""
    copie = copy.deepcopy(mapping)
    copie["dispositions"]["ici"]["enfants"] = SECOND_FICHIER
    copie["dispositions"]["ici"]["ignorees"] += [f"X_{q}_{r}" for r in RANGS for q in ("NAIS", "AEEH")]
    return copie
