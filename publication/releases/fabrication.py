"""Making a release: from the night's build file to a sealed folder, named and put in service last.

A night killed before that leaves the old release in service; of several scopes, all are sealed before one is.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import duckdb

from confidentialite.certificat import CONFORME
from publication.api.ecriture import ecrire as ecrire_api
from publication.commun.empreintes import chemins
from publication.commun.promesses import PromessesDesMarts
from publication.exports import est_du_contenu, exporter, signer
from publication.exports.format import Export
from publication.exports.tables import Masquees
from publication.releases.comparaison import Bout, bout, changements
from publication.releases.magasin import (
    CERTIFICAT,
    accueillir,
    atelier,
    basculer,
    completes,
    courante,
    epinglee,
    instant_de,
    jour_de,
    montrer,
    ordinaires,
    purger,
    tenir,
    verifier,
)
from publication.releases.verification import a_comparer
from publication.site.impression import Impression
from socle.disque import (
    DOSSIER_OUVERT,
    FICHIER_OUVERT,
    ecrire_texte,
    sha256_fichier,
    synchroniser,
    synchroniser_tous,
)
from socle.erreurs import ErreurPublication
from socle.panne import PanneDisque, en_ecrivant

_RESUME = "validation/summary.json"

Etat = Literal["publiee", "publiee_sans_bascule", "inchangee"]


@dataclass(frozen=True)
class FaitsDeLaNuit:
    """What the caller knows of the night and the build file does not.

    `refus`, `attentes`: what was refused, without a word of it, and what is accepted and not read yet, as a
    person reads it.
    `masquees`: the columns a statut blanks, by table of schema `marts`; `hors_csv`: the tables that are not
    written for spreadsheets; `promesses`: their keys, and what is never empty. `code`: digest of what turns
    the files into figures. `recus`: when each file landed (ISO, UTC), by (source, ressource, millésime,
    fichier_id). `as_of`: the day (ISO) whose knowledge the build holds, None for an ordinary night; `choix`:
    the rule that chose or left out each file for that day.
    `impression`: what is printed, None for tables alone. `construction`: the scopes of the build that was
    audited, where it is published for several. `abimees`: releases that do not verify, which none is compared
    with, nor taken for published. `journaux`: how far each journal of the home goes, by number and digest.
    """

    profil: str
    perimetre: str
    debut: datetime
    commit: str | None = None
    refus: tuple[str, ...] = ()
    attentes: tuple[str, ...] = ()
    code: str | None = None
    recus: Mapping[tuple[str, str, int, str], str] = field(default_factory=dict)
    as_of: str | None = None
    choix: tuple[dict[str, Any], ...] = ()
    masquees: Masquees = field(kw_only=True)
    hors_csv: frozenset[str] = frozenset()
    promesses: PromessesDesMarts = field(default_factory=dict)
    impression: Impression | None = None
    construction: tuple[str, ...] = ()
    abimees: frozenset[str] = frozenset()
    journaux: Mapping[str, Any] = field(default_factory=dict)

    @property
    def imprimes(self) -> list[str] | None:
        """What is printed, as the manifest says it."""
        return list(self.impression.territoires) if self.impression else None


@dataclass(frozen=True)
class Publication:
    """What became of a scope; `release_id` and `dossier` are those of the release that holds this content."""

    etat: Etat
    release_id: str
    dossier: Path
    content_hash: str
    message: str


@dataclass(frozen=True)
class Lot:
    """One scope of a build to publish.

    `releases`: the store of the scope. `construction`: the build file, of which schema `marts` holds the
    scope. `validation`: the folder the gate wrote (`summary.json`, its report, the certificate).
    """

    releases: Path
    construction: Path
    validation: Path
    nuit: FaitsDeLaNuit


@dataclass(frozen=True)
class _Preparee:
    """A release that is made and sealed, or one of the store that holds the same content.

    `dossier`: where it is; `neuve`: whether it still has to get its name; `etat`, `message`: what will be
    said of it, `bascule`: whether it goes into service.
    """

    lot: Lot
    release_id: str
    content_hash: str
    dossier: Path
    neuve: bool
    etat: Etat
    message: str
    bascule: bool


def publier_tous(lots: Iterable[Lot], garder: int = 10) -> list[Publication]:
    """Publish the marts of a build as new releases, unless they are published already: every scope, or none.

    Lots are taken one at a time: schema `marts` of the build file holds the scope of the last one taken. The
    `garder` newest releases of each are kept, and the current and pinned ones. Under a pin, `current` stays
    where it is; it does too for a build as of some day, which is kept beside and never put in service.

    Raises ErreurPublication when another process publishes, when the gate or the certificate did not pass, or
    when the marts cannot be exported.
    """
    with ExitStack() as tenus:
        preparees: list[_Preparee] = []
        for lot in lots:
            preparees.append(_preparer(lot, tenus))
        return [_installer(preparee, garder) for preparee in preparees]


def _deja_publiee(lot: Lot, content_hash: str) -> _Preparee | None:
    """Return the release of the store that says the same: the same figures, drawn by the same code.

    A chart that misled is corrected for readers, whether a figure moved or not.
    """
    releases, nuit = lot.releases, lot.nuit
    en_service = courante(releases)
    soeurs = [d for d in completes(releases) if jour_de(d) == nuit.as_of]
    # The newest may not be in service: pinned store, or a night killed just before the switch.
    for connue in soeurs if nuit.as_of else filter(None, (en_service, *soeurs[:1])):
        if connue.name in nuit.abimees:
            continue
        dite = montrer(releases, connue.name)
        if (dite["content_hash"], dite["printed"], dite["code"]) != (content_hash, nuit.imprimes, nuit.code):
            continue
        # The one in service was verified as the night began; another one is before it goes back in service.
        if connue != en_service and verifier(releases, connue.name):
            continue
        if connue == en_service or epinglee(releases) or nuit.as_of:
            message = f"Nothing changed since release {connue.name}: no new release."
            return _Preparee(lot, connue.name, content_hash, connue, False, "inchangee", message, False)
        message = f"Release {connue.name}, already published, is in service."
        return _Preparee(lot, connue.name, content_hash, connue, False, "publiee", message, True)
    return None


def _preparer(lot: Lot, tenus: ExitStack) -> _Preparee:
    """Make and seal the release of a scope, in a folder that no reader finds, unless the store has it."""
    releases, nuit = lot.releases, lot.nuit
    _exiger_le_verdict(lot.validation / "summary.json")
    certificat = _certificat(lot.validation)
    tenus.enter_context(tenir(releases))
    en_cours = atelier(releases, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    export = exporter(lot.construction, en_cours, nuit.masquees, nuit.hors_csv, nuit.promesses)
    with en_ecrivant(en_cours / "validation"):
        shutil.copytree(lot.validation, en_cours / "validation")
    content_hash = _content_hash(export)
    if connue := _deja_publiee(lot, content_hash):
        shutil.rmtree(en_cours)
        return connue
    epingle = epinglee(releases)
    instant = rang = datetime.now(UTC).replace(microsecond=0)
    if deja := completes(releases):
        # Ids sort by age, whatever the clock does: by them the store tells the newest, and what it removes.
        rang = max(instant, instant_de(deja[0]) + timedelta(seconds=1))
    release_id = f"{rang:%Y%m%dT%H%M%SZ}-{content_hash[:8]}"
    if nuit.as_of:
        release_id += f"-as-of-{nuit.as_of}"
    entrees = _entrees(releases, en_cours, nuit, release_id)
    certificat = {"release_id": release_id, "instant": instant.isoformat(), **certificat}
    ecrire_texte(en_cours / CERTIFICAT, json.dumps(certificat, ensure_ascii=False, indent=2) + "\n")
    # A build as of some day is beside the others: it follows none of them.
    precedente = None if nuit.as_of else a_comparer(releases, nuit.abimees)
    inconnus = _completer(
        export,
        nuit,
        release_id,
        instant,
        content_hash,
        entrees,
        bout(releases, precedente.name) if precedente else None,
    )
    if nuit.as_of:
        message = f"Release {release_id} published: what the warehouse would have said on {nuit.as_of}."
    elif epingle:
        message = f"Release {release_id} published; readers stay on {epingle}, which is pinned."
    else:
        message = f"Release {release_id} published and in service."
    if inconnus:
        message += f" Not printed, for no territory has that id: {', '.join(inconnus)} (CTG_IMPRIMER)."
    hors_service = bool(epingle or nuit.as_of)
    return _Preparee(
        lot,
        release_id,
        content_hash,
        en_cours,
        True,
        "publiee_sans_bascule" if hors_service else "publiee",
        message,
        not hors_service,
    )


def _installer(preparee: _Preparee, garder: int) -> Publication:
    """Give a release its name, and put it in service where that is its place."""
    p, releases = preparee, preparee.lot.releases
    dossier = accueillir(releases, p.dossier, p.release_id) if p.neuve else p.dossier
    if p.bascule:
        basculer(releases, p.release_id)
    message = p.message
    try:
        synchroniser(releases)
        if p.neuve:
            purger(releases, garder)
    except PanneDisque as panne:
        # Readers have it: a night that failed would say that they do not. The next one does what is left.
        message += f"\nWhat follows its publication could not be done:\n{panne}"
    return Publication(p.etat, p.release_id, dossier, p.content_hash, message)


def _exiger_le_verdict(resume: Path) -> None:
    if not resume.is_file() or json.loads(resume.read_bytes()).get("succes") is not True:
        raise ErreurPublication(
            f"{resume} {'says that the marts were refused' if resume.is_file() else 'does not exist'}: only"
            " marts that the expectations accepted are published. Correct what the report names, then run the"
            " night again."
        )


def _content_hash(export: Export) -> str:
    """Return the SHA-256 of the lines `<sha256>  <path>`, sorted by path, of what counts as content.

    `ctg.duckdb` does not, for its bytes vary from one writing to the next; nor does the rest of
    `validation/`, which compares with the previous release, and so differs on the first quiet night.
    """
    contenu = [c for c in chemins(export.dossier) if c == _RESUME or est_du_contenu(c)]
    lignes = "".join(f"{export.empreintes.de(chemin)}  {chemin}\n" for chemin in contenu)
    return sha256(lignes.encode()).hexdigest()


def _de_la_nuit(nuit: FaitsDeLaNuit) -> dict[str, Any]:
    """Return what a manifest says of the night that made the release."""
    return {
        "profil": nuit.profil,
        "perimetre": nuit.perimetre,
        "started": nuit.debut.isoformat(),
        "commit": nuit.commit,
        "code": nuit.code,
        "as_of": nuit.as_of,
        "choices": list(nuit.choix),
        "printed": nuit.imprimes,
        "refusals": list(nuit.refus),
        "waiting": list(nuit.attentes),
        "journals": dict(nuit.journaux),
    }


def _completer(
    export: Export,
    nuit: FaitsDeLaNuit,
    release_id: str,
    instant: datetime,
    content_hash: str,
    entrees: list[dict[str, Any]],
    precedente: Bout | None,
) -> tuple[str, ...]:
    """Make exported content a release: what names it, `MANIFEST.json`, then `SUCCESS` once all is on disk.

    Return the territories that were to be printed and that the release does not know.
    """
    en_cours = export.dossier
    versions = _versions()
    release = {
        "release_id": release_id,
        "publiee_le": instant.replace(tzinfo=None),
        "content_hash": content_hash,
        "profil": nuit.profil,
        "perimetre": nuit.perimetre,
        "version": versions["observatoire-ctg"],
        "precedente": precedente and precedente.dossier.name,
    }
    annexes = changements(precedente, Bout(en_cours, entrees, nuit.code))
    signer(export, release, annexes)
    ecrire_api(en_cours)
    inconnus: tuple[str, ...] = ()
    if nuit.impression:
        # Imported late: tables alone need none of it.
        from publication.site.ecriture import ecrire

        inconnus = ecrire(en_cours, nuit.impression).inconnus
    manifeste = {
        "release_id": release_id,
        "content_hash": content_hash,
        "finished": instant.isoformat(),
        "versions": versions,
        "inputs": entrees,
        **_de_la_nuit(nuit),
        "files": {
            chemin: {"sha256": empreinte, "bytes": (en_cours / chemin).stat().st_size}
            for chemin, empreinte in export.empreintes.toutes().items()
        },
    }
    contenu = json.dumps(manifeste, ensure_ascii=False, indent=2) + "\n"
    ecrire_texte(en_cours / "MANIFEST.json", contenu)
    _sceller(en_cours)
    # Nothing follows SUCCESS: it proves that the rest is on disk, and names the manifest it goes with.
    succes = en_cours / "SUCCESS"
    ecrire_texte(succes, f"{sha256_fichier(en_cours / 'MANIFEST.json')}  MANIFEST.json\n")
    succes.chmod(FICHIER_OUVERT)
    synchroniser(succes)
    synchroniser(en_cours)
    return inconnus


def _certificat(validation: Path) -> dict[str, Any]:
    """Return the certificate that the gate wrote; raise where persons are not protected, or nobody looked."""
    fichier = validation / Path(CERTIFICAT).name
    certificat: dict[str, Any] = json.loads(fichier.read_bytes()) if fichier.is_file() else {}
    if certificat.get("verdict") != CONFORME:
        raise ErreurPublication(
            f"{fichier}"
            f" {'leaves too few values to some counts of persons' if certificat else 'does not exist'}:"
            f" expected the verdict {CONFORME}. Nothing is published. Next: read its mesures, then"
            " docs/secret.md"
        )
    return certificat


def _versions() -> dict[str, str]:
    noms = ("observatoire-ctg", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow")
    return {nom: version(nom) for nom in noms}


def _entrees(releases: Path, dossier: Path, nuit: FaitsDeLaNuit, release_id: str) -> list[dict[str, Any]]:
    """List the source files of `dim_fichier`, when each landed and which release used it first."""
    premieres: dict[tuple[str, str, int, str], str] = {}
    # Newest first: the oldest has the last word. What it says may come from one that is no longer kept.
    for ancienne in ordinaires(releases):
        if ancienne.name in nuit.abimees:
            # Those after it say the same of what they read too.
            continue
        for f in montrer(releases, ancienne.name)["inputs"]:
            cle = f["source"], f["ressource"], f["millesime"], f["fichier_id"]
            premieres[cle] = f["premiere_release"]
    table = str(dossier / "parquet" / "dim_fichier.parquet")
    with duckdb.connect() as con:
        fichiers: list[dict[str, Any]] = (
            con.execute(
                "select source, ressource, millesime, membre, fichier_id, sha256,"
                " publie_le::varchar as publie_le from read_parquet(?) order by all",
                [table],
            )
            .to_arrow_table()
            .to_pylist()
        )
    for f in fichiers:
        cle = f["source"], f["ressource"], f["millesime"], f["fichier_id"]
        f["recu_le"] = nuit.recus.get(cle)
        f["premiere_release"] = premieres.get(cle, release_id)
    return fichiers


def _sceller(dossier: Path) -> None:
    """Make what the release holds read-only and readable by all, and bring it to the disk, once.

    Its folder stays closed until it is registered (`magasin.accueillir`).
    """
    presents = sorted(dossier.rglob("*"))
    fichiers = [chemin for chemin in presents if chemin.is_file()]
    for chemin in presents:
        chemin.chmod(DOSSIER_OUVERT if chemin.is_dir() else FICHIER_OUVERT)
    # A folder follows the files it names.
    synchroniser_tous(fichiers)
    synchroniser_tous(chemin for chemin in presents if chemin.is_dir())
