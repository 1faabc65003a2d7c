"""A year of a Caf's installation: what each of its nights takes, and what it leaves on the disk.

Belongs here: what happens in which month, and the table of growth. Does not: the nights (`ctg refresh` as an
operator types it), the day that each is told it is (`jour.py`), one night beside its floor (`nuits.py`).

On the 10th of each month, the extract of the month before, whatever else came, and a night; on the 11th
another one, where a person has accepted a revision that waited. Public files are some of the producers'
real ones, the foyers invented. The extract is that of a département, what is published one EPCI of it.
"""

import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.retenus import Micro
from socle.sql import texte_sql
from tests.bench.foyers import generer_contrat
from tests.bench.mesure import CTG, RACINE, Cout, Echec, afficher, executer
from tests.bench.nuits import en_service, environnement

# Enough for geography, foyers and Cafdata; what a whole mirror costs is `france.py`.
MIROIR = ("insee/cog", "insee/populations", "dgcl", "cnaf/cafdata")
DEPARTEMENT = "26"
PERIMETRE = "epci:200068229"
PREMIER = date(2025, 7, 1)
"""The first month of which an extract comes; it is received the month after."""
GARDES = 6
"""Months that the micro zone keeps."""
ZONES = (
    *("landing", "normalised", "micro", "agregats"),
    *("releases", "build", "pages", "dagster"),
)
COLONNES = ("night, and what came", "s", "processor", "peak", "published", "months", *ZONES, "all")

# What comes in which month, beside its extract.
REVISION_EXTRAIT, NOUVEAU_COG = date(2026, 2, 10), date(2026, 3, 10)
DECEMBRE = "2025-12"
COG = ("insee/cog/v_commune_2026.csv", "insee/cog/v_mvt_commune_2026.csv")
POPULATIONS = Path("insee", "populations", "donnees_communes_pop2022.csv")
COG_DES_POPULATIONS = 2024
# Foyers of the revised month whose amounts are others.
REVISES = 40


@dataclass(frozen=True)
class Nuit:
    """One night: what came before it, what it cost, what is kept after it.

    `zones`: their size, in MB; `mois`: how many months of foyers the micro zone holds.
    """

    jour: date
    quoi: str
    cout: Cout
    publiee: bool
    mois: int
    zones: Mapping[str, float]


class Annee:
    """An installation, its mirror, and what it is given from one month to the next."""

    def __init__(self, dossier: Path, reel: Path, foyers: int) -> None:
        """Prepare the mirror without what arrives later, the communes of the Caf and its key."""
        self._foyers, self._dossier = foyers, dossier
        self._home, self._miroir, self._attendus = (dossier / n for n in ("home", "miroir", "attendus"))
        self._home.mkdir()
        # Links: what changes takes the place of one, and the producers' own file stays what it is.
        for nom in MIROIR:
            shutil.copytree(reel / nom, self._miroir / nom, copy_function=os.symlink)
        for nom in COG:
            (self._attendus / nom).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self._miroir / nom, self._attendus / nom)
        self._communes = duckdb.sql(
            f"select COM, PMUN::integer from read_csv({texte_sql(reel / POPULATIONS)}, delim=';',"
            f" all_varchar=true) where DEP = '{DEPARTEMENT}'"
        ).fetchall()
        cle = dossier / "cle"
        cle.touch(0o600)
        cle.write_text(secrets.token_hex(32))
        # Whether a person is to accept the revision after the night.
        self._attend = False
        self._env = environnement(self._home) | {"CTG_CLE_PSEUDONYMES_FICHIER": str(cle)}

    def nuits(self, combien: int) -> Iterator[Nuit]:
        """The nights of so many months, in order."""
        mois = PREMIER
        for _ in range(combien):
            suivant = (mois + timedelta(days=31)).replace(day=1)
            jour = suivant.replace(day=10)
            quoi = [f"extract {mois:%Y-%m}", *self._arrive(jour)]
            self._recevoir_extrait(f"{mois:%Y-%m}")
            yield self._nuit(jour, ", ".join(quoi))
            if self._attend:
                self._accepter()
                yield self._nuit(jour + timedelta(days=1), "that revision accepted")
            mois = suivant

    def _arrive(self, jour: date) -> Iterator[str]:
        if jour == REVISION_EXTRAIT:
            self._reviser_l_extrait()
            self._attend = True
            yield f"{DECEMBRE} revised"
        if jour == NOUVEAU_COG:
            for nom in COG:
                shutil.move(self._attendus / nom, self._miroir / nom)
            yield "the COG of 2026"

    def _accepter(self) -> None:
        """Have a person accept the revision that waits."""
        self._attend = False
        sha256 = Micro(self._home).journal().etats[DECEMBRE].en_attente
        if sha256 is None:
            raise Echec(f"the changed {DECEMBRE} was not taken for a revision: another year was lived")
        self._ctg("extrait", "accept", DECEMBRE, sha256)

    def _nuit(self, jour: date, quoi: str) -> Nuit:
        avant = self._publie()
        cout = executer(
            [
                *(sys.executable, "-m", "tests.bench.jour", f"{jour}"),
                *("refresh", "--profile", "mirror", "--mirror", str(self._miroir)),
                *("--perimetre", PERIMETRE),
            ],
            self._env,
            memoire=True,
            # A night that holds a revision back says so.
            code=2 if self._attend else 0,
        )
        zones = {zone: taille(self._home / zone) for zone in ZONES}
        mois = [m for m in Micro(self._home).acceptes() if not m.purge]
        return Nuit(jour, quoi, cout, self._publie() != avant, len(mois), zones)

    def _publie(self) -> str:
        return en_service(self._home) if (self._home / "releases" / "current").exists() else ""

    def _recevoir_extrait(self, mois: str) -> None:
        ecrit = self._dossier / "extrait"
        generer_contrat(ecrit, self._foyers, mois, mois, self._communes, COG_DES_POPULATIONS)
        correspondance = self._home / "correspondance_extrait.yml"
        dite = json.loads((ecrit / correspondance.name).read_text())
        deja = json.loads(correspondance.read_text())["mois"] if correspondance.exists() else {}
        dite |= {
            "couverture": f"departement:{DEPARTEMENT}",
            "conservation_micro_mois": {"indicateurs_ctg": GARDES},
            "purge_de_nuit": "oui",
            "mois": deja | dite["mois"],
        }
        correspondance.write_text(json.dumps(dite))
        if mois == DECEMBRE:
            shutil.copyfile(ecrit / "foyers.parquet", self._attendus / "foyers.parquet")
        shutil.move(ecrit / "foyers.parquet", self._depot(mois))

    def _reviser_l_extrait(self) -> None:
        """Drop December again, with other amounts for a few foyers."""
        with duckdb.connect() as con:
            con.execute(
                "copy (select * exclude (rang)"
                f" replace (montant_af + if(rang <= {REVISES}, 10, 0) as montant_af)"
                " from (select *, row_number() over (order by id_foyer) as rang"
                f" from {texte_sql(self._attendus / 'foyers.parquet')}))"
                f" to {texte_sql(self._depot(DECEMBRE))} (format parquet)"
            )

    def _depot(self, mois: str) -> Path:
        dossier = self._home / "depot" / SOURCE_EXTRAIT / mois
        dossier.mkdir(parents=True, exist_ok=True)
        return dossier / "foyers.parquet"

    def _ctg(self, *commande: str) -> None:
        executer([CTG, *commande], self._env)


def comparer(foyers: int, mois: int) -> None:
    """Live the months and print their table; one line where the real files are not."""
    reel = Path(os.environ.get("CTG_SHARED", RACINE.parent / "shared")) / "real"
    if not reel.is_dir():
        print("A year: skipped, the producers' real files are not here (CTG_SHARED or ../shared).")
        return
    with tempfile.TemporaryDirectory() as temporaire:
        nuits = list(Annee(Path(temporaire), reel, foyers).nuits(mois))
    afficher(
        f"An installation over {mois} months: {foyers} foyers a month, {GARDES} months of them kept; MB",
        COLONNES,
        [ligne(n) for n in nuits],
    )


def ligne(nuit: Nuit) -> tuple[str, ...]:
    """One night in the table."""
    return (
        f"{nuit.jour} {nuit.quoi}",
        *(f"{nuit.cout.secondes:.0f}", f"{nuit.cout.processeur:.0f}", f"{nuit.cout.pic_mo:.0f}"),
        *("yes" if nuit.publiee else "", str(nuit.mois)),
        *(f"{mo:.1f}" for mo in (*nuit.zones.values(), sum(nuit.zones.values()))),
    )


def taille(dossier: Path) -> float:
    """What a folder takes on the disk, in MB; a file of several names is counted once."""
    etats = {e.st_ino: e for e in (c.lstat() for c in dossier.rglob("*"))}
    return sum(e.st_blocks * 512 for e in etats.values()) / 1e6
