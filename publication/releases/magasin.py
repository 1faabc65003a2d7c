"""The release store: what readers open, how a new one takes the place of the old, and how to go back.

`releases/<id>/` is written once, whole, and never changed; `current` is a relative symlink to the one in
service and moves by a single rename. A reader therefore sees the old release or the new one, and a process
killed at any point leaves the old one. What a release contains is `exports.py`.

`<id>` is `<UTC time of publication>-<first 8 digits of the content hash>`, so that ids sort by age, followed
by `-as-of-<day>` when the release holds what was known on some day: such a release is never in service. The
content hash is the SHA-256 of the lines `<sha256>  <path>`, sorted by path, of `parquet/*`, `dictionnaire.*`,
`datapackage.json` (which holds the hash of every CSV) and `validation/summary.json`. Left out: `ctg.duckdb`,
whose bytes vary from one writing to the next, and the rest of `validation/`, which compares with the previous
release and so differs on the first quiet night, although no figure does.

What a release shows and hides of micro-data is in the register (`registre/`, beside the store) before the
release can be read: `secret/registre.py`. `validation/certificat_secret.json` is its certificate.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256 as empreinte_sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import duckdb

from confidentialite.preuve.balayage import balayer
from confidentialite.preuve.certificat import Contexte, certifier, texte
from confidentialite.preuve.constats import Constats
from publication.exports import Table, ecrire_base, exporter, sha256
from socle.erreurs import ErreurPublication

AUDIT = "audit_secret.json"
"""What the audit of secrecy found (`secret/audit/constats.py`), in the validation folder of the night."""

CERTIFICAT = "validation/certificat_secret.json"
_MASQUES = "SELECT raison, count(*) FROM intermediate.int_masques GROUP BY ALL ORDER BY ALL"
_CONTENU = re.compile(r"parquet/.*|dictionnaire\..*|datapackage\.json|validation/summary\.json")
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}(?:-as-of-(\d{4}-\d{2}-\d{2}))?")


Etat = Literal["publiee", "publiee_sans_bascule", "inchangee"]


@dataclass(frozen=True)
class FaitsDeLaNuit:
    """What the caller knows of the night and the build file does not.

    `code`: digest of what turns the files into figures. `recus`: when each file landed (ISO, UTC), by
    (source, ressource, millésime, sha256). `as_of`: the day (ISO) whose knowledge the build holds, None for
    an ordinary night; `choix`: the rule that chose or left out each file for that day.
    """

    profil: str
    perimetre: str
    debut: datetime
    commit: str | None = None
    refus: tuple[str, ...] = ()
    code: str | None = None
    recus: Mapping[tuple[str, str, int, str], str] = field(default_factory=dict)
    as_of: str | None = None
    choix: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Publication:
    """What `publier` did; `release_id` and `dossier` are those of the release that holds this content."""

    etat: Etat
    release_id: str
    dossier: Path
    content_hash: str
    message: str


@dataclass(frozen=True)
class Release:
    """One line of the list of releases."""

    release_id: str
    publiee_le: str
    content_hash: str
    profil: str
    perimetre: str
    courante: bool
    epinglee: bool
    as_of: str | None


def publier(
    releases: Path, construction: Path, validation: Path, nuit: FaitsDeLaNuit, garder: int = 10
) -> Publication:
    """Publish the marts of the build file as a new release, unless they are already published.

    `validation` is the folder the gate wrote (`summary.json`, its report, and `audit_secret.json`, from which
    the certificate is made). The `garder`
    newest releases are kept, and the current and pinned ones. Under a pin, `current` stays where it is; it
    does too for a build as of some day, which is kept beside and never put in service.

    Raises ErreurPublication when another process publishes, when the gate or the audit of secrecy did not
    pass, when the marts cannot be exported, or when an exported file holds what no reader may be given.
    """
    verdict = validation / "summary.json"
    if not verdict.is_file() or json.loads(verdict.read_bytes()).get("succes") is not True:
        raise ErreurPublication(
            f"{verdict} {'says that the marts were refused' if verdict.is_file() else 'does not exist'}: only"
            " marts that the expectations accepted are published. Correct what the report names, then run the"
            " night again."
        )
    constats = _audit(validation)
    with _verrou(releases):
        _balayer(releases)
        en_cours = releases / f".en_cours-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        en_cours.mkdir()
        tables = exporter(construction, en_cours)
        shutil.copytree(validation, en_cours / "validation", ignore=shutil.ignore_patterns(AUDIT))
        content_hash = empreinte(en_cours)
        en_service, epingle = courante(releases), epinglee(releases)
        soeurs = [d for d in _completes(releases) if _as_of(d) == nuit.as_of]
        # The newest may not be in service: pinned store, or a night killed just before the switch.
        for connue in soeurs if nuit.as_of else filter(None, (en_service, *soeurs[:1])):
            if montrer(releases, connue.name)["content_hash"] == content_hash:
                shutil.rmtree(en_cours)
                # A release made before the register existed enters it here.
                _inscrire(releases, construction, connue.name, nuit, constats)
                if connue == en_service or epingle or nuit.as_of:
                    message = f"Nothing changed since release {connue.name}: no new release."
                    return Publication("inchangee", connue.name, connue, content_hash, message)
                _basculer(releases, connue.name)
                message = f"Release {connue.name}, already published, is in service."
                return Publication("publiee", connue.name, connue, content_hash, message)

        instant = datetime.now(UTC).replace(microsecond=0)
        release_id = f"{instant:%Y%m%dT%H%M%SZ}-{content_hash[:8]}"
        if nuit.as_of:
            release_id += f"-as-of-{nuit.as_of}"
        entrees = _entrees(releases, en_cours, nuit, release_id)
        certificat = _certifier(
            releases, construction, en_cours, constats, nuit, release_id, instant, entrees
        )
        _completer(en_cours, tables, nuit, release_id, instant, content_hash, entrees, certificat)
        _inscrire(releases, construction, release_id, nuit, constats)
        dossier = en_cours.rename(releases / release_id)
        _fsync(releases)
        if nuit.as_of:
            message = f"Release {release_id} published: what the warehouse would have said on {nuit.as_of}."
        elif epingle:
            message = f"Release {release_id} published; readers stay on {epingle}, which is pinned."
        else:
            _basculer(releases, release_id)
            message = f"Release {release_id} published and in service."
        _purger(releases, garder)
        etat: Etat = "publiee_sans_bascule" if epingle or nuit.as_of else "publiee"
        return Publication(etat, release_id, dossier, content_hash, message)


def lister(releases: Path) -> list[Release]:
    """List the complete releases, newest first."""
    en_service, epingle = courante(releases), epinglee(releases)
    liste = []
    for dossier in _completes(releases):
        manifeste = montrer(releases, dossier.name)
        liste.append(
            Release(
                dossier.name,
                manifeste["finished"],
                manifeste["content_hash"],
                manifeste["profil"],
                manifeste["perimetre"],
                courante=dossier == en_service,
                epinglee=dossier.name == epingle,
                as_of=_as_of(dossier),
            )
        )
    return liste


def montrer(releases: Path, release_id: str) -> dict[str, Any]:
    """Return the manifest of a release; `current` names the one in service."""
    manifeste: dict[str, Any] = json.loads((trouver(releases, release_id) / "MANIFEST.json").read_bytes())
    return manifeste


def revenir(releases: Path, release_id: str) -> Path:
    """Put a release back in service and pin it: later nights publish without moving `current`."""
    with _verrou(releases):
        dossier = trouver(releases, release_id)
        if jour := _as_of(dossier):
            raise ErreurPublication(
                f"Release {dossier.name} says what was known on {jour}: it is read by its path, and never put"
                f" in service. Choose another one (newest: {_connues(releases)})."
            )
        if anomalies := verifier(releases, dossier.name):
            raise ErreurPublication(
                f"Release {dossier.name} is damaged ({'; '.join(anomalies[:3])}): it is not put back in"
                " service. Choose another one (`ctg releases list`)."
            )
        # The pin first: killed between the two, a moved `current` would go forward again the next night.
        provisoire = releases / ".epingle"
        provisoire.write_text(dossier.name + "\n")
        _fsync(provisoire)
        provisoire.replace(releases / "EPINGLE")
        _basculer(releases, dossier.name)
        return dossier


def lever_epingle(releases: Path) -> str | None:
    """Lift the pin; return the release it held, if any. The next night moves `current` again."""
    with _verrou(releases):
        epingle = epinglee(releases)
        (releases / "EPINGLE").unlink(missing_ok=True)
        _fsync(releases)
        return epingle


def verifier(releases: Path, release_id: str) -> list[str]:
    """Recompute the SHA-256 of every file of a release; return what is wrong, nothing when it is whole."""
    dossier = trouver(releases, release_id)
    manifeste = dossier / "MANIFEST.json"
    if (dossier / "SUCCESS").read_text().split()[:1] != [sha256(manifeste)]:
        return ["MANIFEST.json: altered since publication"]
    attendus = json.loads(manifeste.read_bytes())["files"]
    presents = set(_chemins(dossier)) - {"MANIFEST.json", "SUCCESS"}
    return [
        *(f"{chemin}: missing" for chemin in sorted(attendus.keys() - presents)),
        *(f"{chemin}: not in the manifest" for chemin in sorted(presents - attendus.keys())),
        *(
            f"{chemin}: altered since publication"
            for chemin in sorted(presents & attendus.keys())
            if sha256(dossier / chemin) != attendus[chemin]["sha256"]
        ),
    ]


def courante(releases: Path) -> Path | None:
    """Return the folder of the release in service, None before the first one.

    Raises ErreurPublication when `current` is anything but a bare link to a complete release of this store.
    """
    lien = releases / "current"
    if not os.path.lexists(lien):
        return None
    cible = releases / lien.readlink() if lien.is_symlink() else lien
    if not _complete(cible) or str(lien.readlink()) != cible.name:
        raise ErreurPublication(
            f"{lien} is {f'a link to {lien.readlink()}' if lien.is_symlink() else 'not a link'}; expected a"
            " link to a complete release of this store. Put one back in service with `ctg releases rollback`"
            f" (newest: {_connues(releases)}), or remove `current` if none is left."
        )
    return cible


def epinglee(releases: Path) -> str | None:
    """Return the id of the pinned release, None when nothing is pinned."""
    epingle = releases / "EPINGLE"
    return epingle.read_text().strip() if epingle.exists() else None


def trouver(releases: Path, release_id: str) -> Path:
    """Return the folder of a complete release of this store; `current` names the one in service.

    Raises ErreurPublication when there is no such release.
    """
    dossier = courante(releases) if release_id == "current" else releases / release_id
    if dossier is None or dossier.parent != releases or not _complete(dossier):
        raise ErreurPublication(
            f"No complete release {release_id!r} in {releases}. Newest releases: {_connues(releases)}."
        )
    return dossier


def empreinte(dossier: Path) -> str:
    """Return the content hash of an exported folder, as the docstring of this module defines it."""
    contenu = filter(_CONTENU.fullmatch, _chemins(dossier))
    lignes = "".join(f"{sha256(dossier / chemin)}  {chemin}\n" for chemin in contenu)
    return empreinte_sha256(lignes.encode()).hexdigest()


def _completer(
    en_cours: Path,
    tables: list[Table],
    nuit: FaitsDeLaNuit,
    release_id: str,
    instant: datetime,
    content_hash: str,
    entrees: list[dict[str, Any]],
    certificat: Mapping[str, Any],
) -> None:
    """Make exported content a release: `ctg.duckdb`, `MANIFEST.json`, then `SUCCESS` once all is on disk."""
    versions = _versions()
    release = {
        "release_id": release_id,
        "publiee_le": instant.replace(tzinfo=None),
        "content_hash": content_hash,
        "profil": nuit.profil,
        "perimetre": nuit.perimetre,
        "version": versions["observatoire-ctg"],
    }
    ecrire_base(en_cours, tables, release)
    _refuser_les_fuites(en_cours, {content_hash, nuit.code or ""}, entrees, certificat)
    manifeste = {
        "release_id": release_id,
        "content_hash": content_hash,
        "profil": nuit.profil,
        "perimetre": nuit.perimetre,
        "started": nuit.debut.isoformat(),
        "finished": instant.isoformat(),
        "versions": versions,
        "commit": nuit.commit,
        "code": nuit.code,
        "as_of": nuit.as_of,
        "choices": list(nuit.choix),
        "inputs": entrees,
        "refusals": list(nuit.refus),
        "files": {
            chemin: {"sha256": sha256(en_cours / chemin), "bytes": (en_cours / chemin).stat().st_size}
            for chemin in _chemins(en_cours)
        },
    }
    texte = json.dumps(manifeste, ensure_ascii=False, indent=2) + "\n"
    (en_cours / "MANIFEST.json").write_text(texte, encoding="utf-8")
    _sceller(en_cours)
    # Nothing follows SUCCESS: it proves that the rest is on disk, and names the manifest it goes with.
    (en_cours / "SUCCESS").write_text(f"{sha256(en_cours / 'MANIFEST.json')}  MANIFEST.json\n")
    _sceller(en_cours / "SUCCESS")
    _fsync(en_cours)


def registre_de(releases: Path) -> Path:
    """Return the folder of the register, which outlives the releases it tells of."""
    return releases.parent / "registre"


def _audit(validation: Path) -> Constats:
    """Return what the audit of secrecy found; raise when it found something, or never ran."""
    fichier = validation / AUDIT
    if not fichier.is_file():
        raise ErreurPublication(
            f"{fichier} does not exist: only marts whose masks were audited are published. Run the night"
            " again."
        )
    constats = Constats.depuis(json.loads(fichier.read_bytes()))
    if not constats.succes:
        raise ErreurPublication(constats.message)
    return constats


def _certifier(
    releases: Path,
    construction: Path,
    en_cours: Path,
    constats: Constats,
    nuit: FaitsDeLaNuit,
    release_id: str,
    instant: datetime,
    entrees: list[dict[str, Any]],
) -> dict[str, Any]:
    """Write the certificate of the release being made; return it."""
    # It brings in pandas, which no other command of the store needs.
    from confidentialite.memoire import registre

    with duckdb.connect(str(construction), read_only=True) as con:
        presente = _a_table(con, "intermediate", "int_masques")
        masques = dict(con.execute(_MASQUES).fetchall()) if presente else {}
    contexte = Contexte(
        release_id=release_id,
        instant=instant,
        entrees=entrees,
        code=nuit.code,
        commit=nuit.commit,
        versions=_versions(),
        regle=_regle(constats),
        masques=masques,
        rang=registre.position(registre_de(releases)).rang + 1,
    )
    certificat = certifier(constats, contexte)
    (en_cours / CERTIFICAT).write_text(texte(certificat), encoding="utf-8")
    return certificat


def _inscrire(
    releases: Path, construction: Path, release_id: str, nuit: FaitsDeLaNuit, constats: Constats
) -> None:
    """Register what the release shows, unless a night killed in between already did."""
    from confidentialite.memoire import registre

    if release_id not in registre.inscrites(registre_de(releases)):
        with duckdb.connect(str(construction), read_only=True) as con:
            registre.inscrire(registre_de(releases), release_id, con, nuit.perimetre, _regle(constats))


def _regle(constats: Constats) -> str:
    """Return the version of the rule: that of its parameters."""
    return constats.empreinte_parametres[:12]


def _refuser_les_fuites(
    dossier: Path, propres: set[str], entrees: list[dict[str, Any]], certificat: Mapping[str, Any]
) -> None:
    """Scan every exported file; raise when one holds what belongs to the zones behind."""
    autorises = propres | {sha256(dossier / chemin) for chemin in _chemins(dossier)}
    autorises |= {e["sha256"] for e in entrees} | set(certificat["sha256"].values())
    autorises |= {certificat["registre"]["sha256_precedent"] or ""}
    if trouvailles := balayer(dossier, autorises):
        lignes = "\n".join(f"  {t}" for t in trouvailles[:20])
        raise ErreurPublication(
            f"{len(trouvailles)} place(s) in the exported files hold what no reader may be given:\n{lignes}\n"
            "Nothing was published: correct the model or the exporter that wrote it, then run the night"
            " again."
        )


def _versions() -> dict[str, str]:
    noms = ("observatoire-ctg", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow")
    return {nom: version(nom) for nom in noms}


def _a_table(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    lues = con.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", [schema, table]
    )
    return lues.fetchone() is not None


@contextmanager
def _verrou(releases: Path) -> Iterator[None]:
    """Hold the store for writing: leftovers may be swept only when nobody else is publishing."""
    releases.mkdir(parents=True, exist_ok=True)
    with (releases / ".verrou").open("w") as fichier:
        try:
            fcntl.flock(fichier, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ErreurPublication(
                f"Another process is publishing in {releases}: wait until it ends, then try again."
            ) from None
        yield


def _balayer(releases: Path) -> None:
    """Remove what killed processes left behind."""
    for motif in (".en_cours-*", ".retiree-*"):
        for reste in releases.glob(motif):
            shutil.rmtree(reste)
    for reste in (releases / ".current", releases / ".epingle"):
        reste.unlink(missing_ok=True)


def _basculer(releases: Path, release_id: str) -> None:
    provisoire = releases / ".current"
    provisoire.unlink(missing_ok=True)
    provisoire.symlink_to(release_id)
    provisoire.replace(releases / "current")
    _fsync(releases)


def _purger(releases: Path, garder: int) -> None:
    protegees = {courante(releases), releases / (epinglee(releases) or "current")}
    autres = [dossier for dossier in _completes(releases) if _as_of(dossier)]
    for dossier in _ordinaires(releases)[garder:] + autres[garder:]:
        if dossier not in protegees:
            # Out of the list first: a removal cut short must not leave half a release in it.
            shutil.rmtree(dossier.rename(releases / f".retiree-{dossier.name}"))


def _complete(dossier: Path) -> bool:
    return bool(_ID.fullmatch(dossier.name)) and not dossier.is_symlink() and (dossier / "SUCCESS").is_file()


def _completes(releases: Path) -> list[Path]:
    return sorted(filter(_complete, releases.iterdir()), reverse=True) if releases.is_dir() else []


def _as_of(dossier: Path) -> str | None:
    """Return the day of a release built as of some day, None for that of an ordinary night."""
    lu = _ID.fullmatch(dossier.name)
    return lu and lu[1]


def _ordinaires(releases: Path) -> list[Path]:
    return [dossier for dossier in _completes(releases) if not _as_of(dossier)]


def _connues(releases: Path) -> str:
    return ", ".join(dossier.name for dossier in _ordinaires(releases)[:5]) or "none yet"


def _entrees(releases: Path, dossier: Path, nuit: FaitsDeLaNuit, release_id: str) -> list[dict[str, Any]]:
    """List the source files of `dim_fichier`, when each landed and which release used it first."""
    premieres: dict[tuple[str, str, int, str], str] = {}
    # Newest first: the oldest has the last word. What it says may come from one that is no longer kept.
    for ancienne in _ordinaires(releases):
        for f in montrer(releases, ancienne.name)["inputs"]:
            cle = f["source"], f["ressource"], f["millesime"], f["sha256"]
            premieres[cle] = f.get("premiere_release", ancienne.name)
    table = str(dossier / "parquet" / "dim_fichier.parquet")
    with duckdb.connect() as con:
        fichiers: list[dict[str, Any]] = (
            con.execute(
                "SELECT source, ressource, millesime, membre, sha256, publie_le::VARCHAR AS publie_le"
                " FROM read_parquet(?) ORDER BY ALL",
                [table],
            )
            .to_arrow_table()
            .to_pylist()
        )
    for f in fichiers:
        cle = f["source"], f["ressource"], f["millesime"], f["sha256"]
        f["recu_le"] = nuit.recus.get(cle)
        f["premiere_release"] = premieres.get(cle, release_id)
    return fichiers


def _chemins(dossier: Path) -> list[str]:
    return sorted(p.relative_to(dossier).as_posix() for p in dossier.rglob("*") if p.is_file())


def _sceller(dossier: Path) -> None:
    """Make the files read-only and bring them and their folders to the disk."""
    for chemin in [*dossier.rglob("*"), dossier]:
        if chemin.is_file():
            chemin.chmod(0o444)
        _fsync(chemin)


def _fsync(chemin: Path) -> None:
    descripteur = os.open(chemin, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
