"""The register of one installation, handed to another: what each released is then known to both.

A home that knows nothing of another's releases hides against its own alone, and what the two print together
may give a hidden cell away. An export is a zip, stored, of the files of the register as they are, and
`INDEX.json`: the installation it comes from, the digest of each file. What is imported is appended to the
register, one file per release, under a name that says whose it is; the engine and the proof read it as they
read their own.

    ours: 1 R1, 2 R2     theirs: 1 S1, 2 S2     after the import: 1 R1, 2 R2, 3 theirs.S1, 4 theirs.S2

What leaves holds what releases showed, and of hidden rows that they are hidden: no number of theirs, nor
why, nor any decision (`decisions.csv` names persons, and cells that are known to be given away). An
installation is named by an identifier of its own. Belongs here: both ways, and what is refused. Does not: the
register itself (`registre.py`), nor what follows from what it says.
"""

import io
import json
import re
import zipfile
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from confidentialite.memoire import registre as registres
from confidentialite.memoire.geographie import Passage
from confidentialite.memoire.schema import REGISTRE
from socle.disque import ecriture_atomique, sha256_fichier
from socle.erreurs import ErreurPublication

FORME = 1
"""How an export is laid out; another number is another layout."""

_INDEX = "INDEX.json"
_NOM = re.compile(r"(\d{6})-([A-Za-z0-9_.-]+)\.parquet")
_INSTALLATION = re.compile(r"[0-9a-f]{24}")
_NOMBRES = ("valeur", "numerateur", "denominateur", "borne_basse", "borne_haute")
# One date for all, so that the same register makes the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bilan:
    """What an export or an import did. `rang`, `sha256`: where the register that left stood, for both to say.

    `releases`: those that were written; `connues`: how many were there already.
    """

    installation: str
    rang: int
    sha256: str
    releases: tuple[str, ...]
    connues: int = 0


@dataclass(frozen=True)
class _Entree:
    """One file of a register: whose release it is, at which rank of their register, under which digest."""

    origine: str
    rang: int
    sha256: str
    release_id: str
    table: pa.Table

    @property
    def cle(self) -> tuple[str, str]:
        """What tells it from any other."""
        return self.origine, self.sha256


def exporter(registre: Path, fichier: Path, installation: str) -> Bilan:
    """Write the register to a file for the account of the night alone (0600).

    Raises ErreurPublication when the register is empty or damaged, when a row of it says more than a release
    showed, or when the file is there.
    """
    position = registres.position(registre)
    if not position.rang or position.sha256 is None:
        raise ErreurPublication(
            f"The register {registre} is empty: nothing was released from here, and there is nothing to"
            " export. Next: run a night (`ctg refresh`), or import the register of the other installation."
        )
    if fichier.exists():
        raise ErreurPublication(f"{fichier} is there already: choose another name, nothing was written.")
    # Whole, and in order: what is damaged here would be refused there.
    registres.lire(registre)
    index: list[dict[str, Any]] = []
    with ecriture_atomique(fichier) as flux, zipfile.ZipFile(flux, "w", zipfile.ZIP_STORED) as archive:
        for chemin in registres.fichiers(registre):
            _exiger_sans_chiffre_cache(pq.read_table(chemin), chemin.name)
            contenu = chemin.read_bytes()
            index.append({"nom": chemin.name, "sha256": sha256(contenu).hexdigest(), "octets": len(contenu)})
            archive.writestr(zipfile.ZipInfo(chemin.name, _DATE), contenu)
        tete = {"forme": FORME, "installation": installation, "fichiers": index}
        archive.writestr(zipfile.ZipInfo(_INDEX, _DATE), json.dumps(tete, indent=2) + "\n")
    return Bilan(installation, position.rang, position.sha256, tuple(f["nom"] for f in index))


def importer(registre: Path, fichier: Path, installation: str) -> Bilan:
    """Append what another installation released to the register, once; `installation`: ours.

    A kill leaves some of it: the same import again writes the rest. Raises ErreurPublication, with nothing
    written, when the file was cut or changed, when it is not of the same geography, or when it is not the
    continuation of what was imported from there before.
    """
    tete, contenus = _ouvrir(fichier)
    registres.lire(registre)
    connues = {e.cle: e for e in _inscrites(registre, installation)}
    leurs = list(_entrees(fichier, contenus, tete["installation"], connues))
    _exiger_la_meme_geographie(fichier, registres.passage(registre), leurs)
    _exiger_la_suite(fichier, leurs, connues, installation)
    nouvelles = [e for e in leurs if e.cle not in connues]
    ecrites = []
    for entree in nouvelles:
        nom = f"{entree.origine}.{entree.release_id}"
        dits = {
            **(entree.table.schema.metadata or {}),
            b"origine": entree.origine.encode(),
            b"rang_origine": str(entree.rang).encode(),
            b"sha256_origine": entree.sha256.encode(),
        }
        noms = pa.array([nom] * entree.table.num_rows, pa.string())
        table = entree.table.set_column(
            REGISTRE.get_field_index("release_id"), REGISTRE.field("release_id"), noms
        )
        registres.ecrire(registre, nom, table.replace_schema_metadata(dits))
        ecrites.append(nom)
    derniere = tete["fichiers"][-1]
    return Bilan(
        tete["installation"], len(contenus), derniere["sha256"], tuple(ecrites), len(leurs) - len(ecrites)
    )


def _ouvrir(fichier: Path) -> tuple[Mapping[str, Any], dict[str, bytes]]:
    """Return the index of an export and the bytes of its files, in order, each as the index says it."""
    refus = f"{fichier} is not a whole export of a register"
    suite = (
        "Export it again there (`ctg secret registre exporter`), and bring it here by a way that keeps its"
        " bytes. Nothing was imported."
    )
    try:
        with zipfile.ZipFile(fichier) as archive:
            membres = archive.infolist()
            if any(m.compress_type != zipfile.ZIP_STORED for m in membres):
                raise ErreurPublication(f"{refus}: it was compressed by another tool. {suite}")
            lus = {m.filename: archive.read(m) for m in membres}
        tete = json.loads(lus.pop(_INDEX))
        noms = [f["nom"] for f in tete["fichiers"]]
        forme, installation = tete["forme"], tete["installation"]
    except OSError as erreur:
        raise ErreurPublication(
            f"{fichier} cannot be read: {erreur.strerror}. Nothing was imported."
        ) from None
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, NotImplementedError) as erreur:
        raise ErreurPublication(
            f"{refus} ({type(erreur).__name__}): it was cut or changed. {suite}"
        ) from None
    if forme != FORME:
        raise ErreurPublication(
            f"{fichier} has the layout {forme!r}, this version reads {FORME}: use the same version on both"
            " sides. Nothing was imported."
        )
    if not noms or not isinstance(installation, str) or not _INSTALLATION.fullmatch(installation):
        raise ErreurPublication(f"{refus}: it names no release or no installation. {suite}")
    if sorted(noms) != sorted(lus) or not all(_NOM.fullmatch(str(nom)) for nom in noms):
        raise ErreurPublication(f"{refus}: it holds {len(lus)} file(s), its index names {len(noms)}. {suite}")
    for f in tete["fichiers"]:
        if sha256(lus[f["nom"]]).hexdigest() != f["sha256"]:
            raise ErreurPublication(
                f"{refus}: {f['nom']} does not have the digest of the index: it was changed. {suite}"
            )
    return tete, {nom: lus[nom] for nom in noms}


def _entrees(
    fichier: Path, contenus: Mapping[str, bytes], installation: str, connues: Container[tuple[str, str]]
) -> Iterator[_Entree]:
    """Return what each file of an export says, in its order; raise where the register is not whole.

    Of one of `connues`, which will not be written again, the rows are let go.
    """
    precedent = ""
    for rang, (nom, contenu) in enumerate(contenus.items(), 1):
        try:
            table = pq.read_table(io.BytesIO(contenu))
        except (OSError, pa.ArrowException) as erreur:
            raise ErreurPublication(
                f"{nom} of {fichier} cannot be read ({type(erreur).__name__}). Nothing was imported: export"
                " it again there."
            ) from None
        dits = table.schema.metadata or {}
        suit = (int(nom[:6]), dits.get(b"precedent", b"").decode()) == (rang, precedent)
        if not suit or not table.schema.equals(REGISTRE):
            raise ErreurPublication(
                f"{nom} of {fichier} does not follow the file before it: a release was removed, added or"
                " changed. Nothing was imported: export it again there, from a register that `ctg refresh`"
                " accepts, in the same version as here."
            )
        _exiger_sans_chiffre_cache(table, nom)
        precedent = sha256(contenu).hexdigest()
        entree = _entree(nom, precedent, table, installation)
        yield replace(entree, table=_sans_ligne(table.schema)) if entree.cle in connues else entree


def _sans_ligne(schema: pa.Schema) -> pa.Table:
    return REGISTRE.empty_table().replace_schema_metadata(schema.metadata)


def _inscrites(registre: Path, installation: str) -> Iterator[_Entree]:
    for chemin in registres.fichiers(registre):
        table = _sans_ligne(pq.read_schema(chemin))
        yield _entree(chemin.name, sha256_fichier(chemin), table, installation)


def _entree(nom: str, empreinte: str, table: pa.Table, installation: str) -> _Entree:
    """Return a file of the register of an installation: its own release, or one it was handed."""
    lu = _NOM.fullmatch(nom)
    assert lu
    dits = table.schema.metadata or {}
    origine = dits.get(b"origine", b"").decode()
    if not origine:
        return _Entree(installation, int(lu[1]), empreinte, lu[2], table)
    sienne = lu[2].removeprefix(f"{origine}.")
    return _Entree(origine, int(dits[b"rang_origine"]), dits[b"sha256_origine"].decode(), sienne, table)


def _exiger_sans_chiffre_cache(table: pa.Table, nom: str) -> None:
    """Raise when a row that is hidden holds a number: it would be handed over in clear."""
    cachees = table.filter(pc.equal(table["statut"], "secret"))
    if any(cachees[c].null_count != cachees.num_rows for c in _NOMBRES):
        raise ErreurPublication(
            f"{nom} holds a number of a row that is hidden: no release shows it, and it is neither exported"
            " nor imported. Restore the register from the backup, then report it: the register is at fault."
        )


def _exiger_la_meme_geographie(fichier: Path, ici: Passage | None, leurs: list[_Entree]) -> None:
    """Raise when communes of theirs could not be placed among ours.

    Codes change meaning from one COG to the next: both must have the same reference, and the same movements
    from each vintage that their rows are coded in. A register without any release takes theirs as it is.
    """
    if ici is None:
        return
    la = max((_passage(e.table) for e in leurs), key=lambda p: p.reference)
    if la.reference != ici.reference:
        raise ErreurPublication(
            f"{fichier} is written in the COG {la.reference}, this register in the COG {ici.reference}: the"
            " same code may be another commune. Nothing was imported. Next: run a night on both sides with"
            " the same COG (`ctg sources list` says which is in use), then export again."
        )
    vintages = {c for e in leurs for c in pc.unique(e.table["cog_atomes"]).to_pylist()}
    for cog in sorted(vintages):
        if _mouvements(la, cog) != _mouvements(ici, cog):
            raise ErreurPublication(
                f"{fichier} and this register do not know the same movements of communes since the COG {cog}."
                " Nothing was imported. Next: receive the same COG and movements on both sides"
                " (insee_cog_communes, insee_cog_mouvements), run a night on each, then export again."
            )


def _passage(table: pa.Table) -> Passage:
    dits = table.schema.metadata or {}
    lignes = json.loads(dits[b"passage"])
    return Passage(int(dits[b"cog_reference"]), tuple((int(c), o, r, n) for c, o, r, n in lignes))


def _mouvements(passage: Passage, cog: int) -> set[tuple[int, str, str, str]]:
    return {ligne for ligne in passage.lignes if ligne[0] == cog}


def _exiger_la_suite(
    fichier: Path, leurs: list[_Entree], connues: Mapping[tuple[str, str], _Entree], installation: str
) -> None:
    """Raise when a release of theirs is not what was imported at its place before."""
    places = {(e.origine, e.rang): e for e in connues.values()}
    for entree in leurs:
        # A copy of this very home may have gone its own way: what it released is news.
        if entree.origine == installation:
            continue
        avant = places.get((entree.origine, entree.rang))
        if avant is not None and avant.sha256 != entree.sha256:
            raise ErreurPublication(
                f"Release {entree.rang} of installation {entree.origine} in {fichier} is not the one that was"
                f" imported before ({avant.release_id}): their register was changed, or put back and written"
                " again. Nothing was imported. Next: ask them which of their backups is the true one."
            )
