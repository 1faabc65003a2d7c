"""Makes a small home as this version writes one, kept in `tests/data/foyers/` for the versions to come.

    python -m tests.foyers.temoin [FILE.tar.xz]

All of it is invented. It calls what a night calls, on tiny files: a whole night holds a hundred times more.
"""

import json
import os
import sys
import tarfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from confidentialite.cle import empreinte
from orchestration.exploitation.alertes import prevenir
from orchestration.nuit import reglages
from orchestration.nuit.agregats import SCHEMA_ARRONDIS, SCHEMA_COMPTES, Agregats, Fichier
from orchestration.nuit.cles import cle
from orchestration.nuit.journaux import en_clair, temoigner
from orchestration.nuit.nouveau import memoriser
from orchestration.nuit.resume import Resume
from publication.lecture.fichiers import CERTIFICAT
from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.petits_marts import CONFORME, MASQUEES, accepter, construire_base, publier

SOURCE, RESSOURCE, MILLESIME = "cd_pmi", "assistants_maternels", 2024
ENTETE = "annee;code;assistants_maternels_agrees;assistants_maternels_55_ans;assistants_maternels_actifs\n"
MOIS = "2022-12"
# Where nobody has a mirror: each test names its own.
MIROIR = "/srv/miroir"


def deposer(home: Path, agrees: int, ressource: str = RESSOURCE) -> None:
    """Drop a table of one commune, filled in by hand."""
    dossier = home / "depot" / SOURCE / ressource / str(MILLESIME)
    dossier.mkdir(parents=True, exist_ok=True)
    (dossier / "table.csv").write_text(f"{ENTETE}{MILLESIME};26220;{agrees};5;14\n")


def recevoir(reglage: reglages.Reglages, resume: Resume) -> None:
    """Take in what was dropped."""
    acquisition = reglage.acquisition()
    resume.noter(acquisition.recevoir(SOURCE))
    resume.noter(acquisition.normaliser(SOURCE))


def servir(reglage: reglages.Reglages, dehors: Path, foyers: int) -> str:
    """Publish the tiny marts, with this number of foyers at the EPCI; return the id of the release."""
    certificat = CONFORME | {"cle": empreinte(cle(reglage, "arrondi"))}
    validation = accepter(dehors / f"validation-{foyers}")
    (validation / Path(CERTIFICAT).name).write_text(json.dumps(certificat))
    base = construire_base(
        dehors / "build" / "nuit.duckdb",
        f"update marts.fct_indicateurs set valeur = {foyers} where niveau = 'epci'",
    )
    faits = FaitsDeLaNuit(
        reglage.profil,
        reglage.perimetre,
        datetime.now(UTC),
        "invented",
        (),
        masquees=MASQUEES,
        journaux=en_clair(temoigner(reglage.chemins)),
    )
    return publier(reglage.chemins.releases, base, validation, faits).release_id


def faire(home: Path) -> None:
    """Make the home: bound, a decision in each journal, a release in service, an alert that stands."""
    dehors = home.parent
    (dehors / "miroir").mkdir()
    env = {"CTG_HOME": str(home), "CTG_PROFILE": "mirror", "CTG_MIRROR": str(dehors / "miroir")}
    reglage = reglages.lire(env | {"CTG_PERIMETRE": "departement:26"}, nouveau=True)
    resume, chemins = Resume("nuit"), reglage.chemins
    with reglages.verrou(home):
        reglages.lier(reglage, perimetre=False)
        cle(reglage, "arrondi")
        # The former bytes, of the journal's first line, are decided for once others came.
        for agrees in (16, 17):
            deposer(home, agrees)
            recevoir(reglage, resume)
        premier = json.loads(chemins.journal.read_bytes().splitlines()[0])["sha256"]
        reglage.acquisition().accepter(SOURCE, RESSOURCE, MILLESIME, premier)
        # Under another name, its columns are unknown: refused, and told.
        deposer(home, 16, "centres_medico_sociaux")
        recevoir(reglage, resume)

        micro = reglage.micro().journal()
        faits = dict.fromkeys(("fichier", "parquet", "couverture", "statut", "finalite"), "x")
        for sha in ("a" * 64, "b" * 64):
            micro.ecrire("lu", MOIS, sha256=sha, cog=2022, **faits)
        micro.ecrire("accepte", MOIS, sha256="a" * 64)
        gele, compte = Agregats(chemins.agregats), Fichier("caf_extrait_allocataires", MOIS, "a" * 64)
        gele.garder_compte(compte, SCHEMA_COMPTES.empty_table(), entrees="c" * 64)
        gele.garder_arrondi(compte, SCHEMA_ARRONDIS.empty_table())

        release = servir(reglage, dehors, 4120)
        reglages.lier(reglage, perimetre=True)
        memoriser(reglage, "d" * 64, {reglage.perimetre: release})
        resume.conclure("publiee", release, "Published.")
        chemins.alertes.write_text("destinations: ['json://127.0.0.1']\n")
        with patch("orchestration.exploitation.alertes.Expediteur.envoyer", return_value=True):
            prevenir(chemins, resume.dit, {SOURCE: "interne"})
    liaison = json.loads(chemins.liaison.read_bytes())
    chemins.liaison.write_text(json.dumps(liaison | {"miroir": MIROIR}))


def garder(fichier: Path) -> None:
    """Make a home, and keep it in one file."""
    with TemporaryDirectory() as dossier:
        home = Path(dossier) / "home"
        faire(home)
        with tarfile.open(fichier, "w:xz") as tar:
            tar.add(home, "home", filter=_a_personne)


def _a_personne(membre: tarfile.TarInfo) -> tarfile.TarInfo:
    membre.uid = membre.gid = 0
    membre.uname = membre.gname = ""
    return membre


if __name__ == "__main__":
    os.umask(0o077)
    garder(Path(sys.argv[1] if sys.argv[1:] else f"tests/data/foyers/{version('observatoire-ctg')}.tar.xz"))
