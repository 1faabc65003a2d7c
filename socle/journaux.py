"""Journals: append-only files of JSON lines, each sealed, each naming the line that it follows.

{"n": 1, "sel": S, "suit_tout": digest of all before, "sceau": A}    the first line that is chained
{"n": 2, "suit": A, "sceau": B}                                      the next: one removed or moved shows
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from socle.disque import FICHIER_CLOS, creer_dossier, ecriture_atomique, synchroniser
from socle.etat import EtatIllisible, lire_octets
from socle.panne import en_ecrivant

logger = logging.getLogger(__name__)

TEL_QUEL = "tel_quel"
"""Key of a line that is no event: from there on, what stands before is taken as it is. Its value: the heads
that are given up.
"""

_JOURNAL, _SANS_COPIE = (
    "a journal, one event a line",
    "put it back from a backup: what it tells is nowhere else",
)
_COUPEE = b"\x18"
"""Closes a line that a kill cut."""
_SCEAU = re.compile(rb', "sceau": "([0-9a-f]{8,16})"}$')
"""Ends a line: the digest of the event, by which a byte that changed on the disk is seen."""
_MAILLON = re.compile(
    rb', "(?:suit": "(?P<suit>[0-9a-f]{16})'
    rb'|sel": "(?P<sel>[0-9a-f]{32})", "suit_tout": "(?P<tout>[0-9a-f]{64}))'
    rb'", "sceau": "(?P<sceau>[0-9a-f]{16})"}$'
)
_CHAINE = ("suit", "sel", "suit_tout")
# Bytes in which the last line of a journal fits, unless it quotes much.
_BOUT = 1 << 16


@dataclass(frozen=True)
class Tete:
    """How far a journal went when somebody saw it: its lines, and a digest of the last and of all before.

    The digest is salted with what the journal alone holds: whoever reads it cannot try a guess of a line.
    """

    lignes: int
    empreinte: str


@dataclass(frozen=True)
class Ligne:
    """A whole line. `evenement` is None where the line was altered, `tete` where it is not chained."""

    numero: int
    octets: bytes
    evenement: dict[str, Any] | None
    tete: Tete | None


def ajouter_evenement(chemin: Path, contenu: dict[str, Any]) -> None:
    """Append one JSON line, durably, to a journal that need not exist."""
    ajouter_evenements(chemin, [contenu])


def ajouter_evenements(chemin: Path, contenus: Iterable[dict[str, Any]]) -> None:
    """Append JSON lines in one write, durably, to a journal that need not exist."""
    _ajouter(chemin, list(contenus), a_neuf=False)


def reprendre(chemin: Path, perdues: Iterable[str] = (), **faits: Any) -> None:
    """Append a line that vouches for all the lines before it, damaged or not.

    `perdues`: digests of the heads that are given up; `faits`: who said so, when and why.
    """
    _ajouter(chemin, [{TEL_QUEL: [*perdues], **faits}], a_neuf=True)


def _ajouter(chemin: Path, contenus: list[dict[str, Any]], *, a_neuf: bool) -> None:
    if not contenus:
        return
    with en_ecrivant(chemin, "a line of a journal"):
        creer_dossier(chemin.parent)
        descripteur = os.open(chemin, os.O_RDWR | os.O_APPEND | os.O_CREAT, FICHIER_CLOS)
        try:
            # Without a lock, two writers would follow the same line, which breaks the journal.
            fcntl.flock(descripteur, fcntl.LOCK_EX)
            fin = os.fstat(descripteur).st_size
            # A killed night left half a line: close it as such, so that it does not swallow this one.
            lignes = [_COUPEE] if fin and os.pread(descripteur, 1, fin - 1) != b"\n" else []
            suite = _suite(descripteur, fin, a_neuf=a_neuf)
            for contenu in contenus:
                texte = json.dumps(contenu | suite, ensure_ascii=False).encode()
                lignes.append(_sceller_texte(texte, 16))
                suite = {"suit": _digest(texte, 16).decode()}
            octets = b"".join(ligne + b"\n" for ligne in lignes)
            # A disk that fills up writes a part without an error: only the next write fails.
            while octets:
                octets = octets[os.write(descripteur, octets) :]
            os.fsync(descripteur)
            if not fin:
                synchroniser(chemin.parent)
        finally:
            os.close(descripteur)


def _suite(descripteur: int, fin: int, *, a_neuf: bool) -> dict[str, str]:
    """Return the seal of the last line, or the digest of all lines where none is chained."""
    for debut in dict.fromkeys((0,) if a_neuf else (max(0, fin - _BOUT), 0)):
        *lignes, _ = os.pread(descripteur, fin - debut, debut).split(b"\n")
        entieres = [ligne for ligne in lignes[bool(debut) :] if not ligne.endswith(_COUPEE)]
        derniere = _MAILLON.search(entieres[-1]) if entieres else None
        if derniere and not a_neuf:
            return {"suit": derniere["sceau"].decode()}
    return {"sel": secrets.token_hex(16), "suit_tout": _digest_de(entieres)}


def lire_evenements(chemin: Path, lire: Callable[[Any], Any] = dict) -> Iterator[Any]:
    """Read a journal in order, each event through `lire`; a line cut by a kill is skipped and logged.

    Raises `EtatIllisible` where the file cannot be opened, a line is not as it was written or does not follow
    the one before, or `lire` knows no such event.
    """
    for ligne in lire_lignes(chemin, avertir=logger.warning):
        if ligne.evenement and TEL_QUEL in ligne.evenement:
            continue
        try:
            lu = lire(ligne.evenement)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            observe = f"line {ligne.numero}, which is none that this version knows ({type(e).__name__})"
            raise EtatIllisible(chemin, observe, _JOURNAL, _SANS_COPIE) from None
        yield lu


def lire_lignes(
    chemin: Path, *, rompu: bool = False, avertir: Callable[..., object] = lambda *_: None
) -> Iterator[Ligne]:
    """Read the whole lines of a journal, in order; `rompu`: also where they do not follow one another.
    `avertir` is told, as a logger is, of those that a kill cut.

    Raises `EtatIllisible` as `lire_evenements`, but for what is in a line.
    """
    *lignes, reste = (lire_octets(chemin, _JOURNAL, _SANS_COPIE) or b"").split(b"\n")
    maillons = [_MAILLON.search(ligne) for ligne in lignes]
    # The last line of `reprendre` vouches for those before it: they need not follow one another.
    chaines = [(rang, maillon) for rang, maillon in enumerate(maillons) if maillon]
    ancres = [rang for rang, maillon in chaines if maillon["sel"]]
    debut = max(ancres, default=chaines[0][0] if chaines else len(lignes))
    entieres: list[bytes] = []
    sel, dernier = b"", 0
    for rang, (ligne, maillon) in enumerate(zip(lignes, maillons, strict=True)):
        evenement = _desceller(ligne)
        # Older versions, whose lines have no seal, closed half a line without a mark.
        jadis = evenement is None and b"sceau" not in ligne and _commencee(ligne)
        if ligne.endswith(_COUPEE) or jadis:
            avertir("%s: line %d was cut by a kill and is ignored", chemin, rang + 1)
            if not ligne.endswith(_COUPEE):
                entieres.append(ligne)
            continue
        if rang >= debut and not (rompu or _suit(maillon, entieres)):
            observe = f"line {rang + 1}, which does not follow line {dernier}: lines were removed or moved"
            raise EtatIllisible(chemin, observe, _JOURNAL, _SANS_COPIE)
        sel = maillon["sel"] or sel if maillon else sel
        entieres.append(ligne)
        dernier = rang + 1
        empreinte = _digest(sel + maillon["sceau"], 64) if maillon else b""
        lu = evenement if isinstance(evenement, dict) else None
        yield Ligne(rang + 1, ligne, lu, Tete(len(entieres), empreinte.decode()) if maillon else None)
    if reste and not _commencee(reste) and not rompu:
        raise EtatIllisible(chemin, f"line {len(lignes) + 1}, which is none", _JOURNAL, _SANS_COPIE)
    if reste:
        avertir("%s: the last line was cut by a kill and is ignored", chemin)


def _suit(maillon: re.Match[bytes] | None, avant: list[bytes]) -> bool:
    """Whether a line follows those before: by the seal of the last, or by the digest of all."""
    if maillon is None:
        return False
    if maillon["tout"]:
        return maillon["tout"].decode() == _digest_de(avant)
    sceau = _SCEAU.search(avant[-1]) if avant else None
    return sceau is not None and sceau[1] == maillon["suit"]


def est_chaine(chemin: Path) -> bool:
    """Whether the last line of a journal is chained; an empty one has nothing to chain."""
    *lignes, _ = (lire_octets(chemin, _JOURNAL, _SANS_COPIE) or b"").split(b"\n")
    entieres = [ligne for ligne in lignes if not ligne.endswith(_COUPEE)]
    return not entieres or _MAILLON.search(entieres[-1]) is not None


def sceller_journal(chemin: Path) -> None:
    """Seal the lines of a journal that were written before lines were, and mark those that a kill cut; what
    is sealed, and what can be neither, stays as it is. Whole or not at all.
    """
    octets = lire_octets(chemin, _JOURNAL, _SANS_COPIE) or b""
    *lignes, reste = octets.split(b"\n")
    scelles = b"".join(_sceller_ancienne(ligne) + b"\n" for ligne in lignes) + reste
    if scelles != octets:
        with ecriture_atomique(chemin) as fichier:
            fichier.write(scelles)


def _sceller_ancienne(ligne: bytes) -> bytes:
    if b"sceau" in ligne or ligne.endswith(_COUPEE):
        return ligne
    if isinstance(_desceller(ligne), dict):
        return _sceller_texte(ligne.strip(), 8)
    return ligne + (_COUPEE if _commencee(ligne) else b"")


def _sceller_texte(texte: bytes, chiffres: int) -> bytes:
    return texte[:-1] + b', "sceau": "' + _digest(texte, chiffres) + b'"}'


def _desceller(ligne: bytes) -> Any:
    """Return the event of a line, None where its bytes are not those that were written."""
    if (sceau := _SCEAU.search(ligne)) is not None:
        ligne = ligne[: sceau.start()] + b"}"
        if _digest(ligne, len(sceau[1])) != sceau[1]:
            return None
    try:
        lu = json.loads(ligne)
    except ValueError:
        return None
    return {nom: v for nom, v in lu.items() if nom not in _CHAINE} if isinstance(lu, dict) else lu


def _commencee(ligne: bytes) -> bool:
    """Whether these bytes may be the beginning of a line, or the zeros of one."""
    return ligne.strip(b"\0")[:1] in (b"", b"{")


def _digest(texte: bytes, chiffres: int) -> bytes:
    return hashlib.sha256(texte).hexdigest()[:chiffres].encode()


def _digest_de(lignes: list[bytes]) -> str:
    return _digest(b"".join(ligne + b"\n" for ligne in lignes), 64).decode()
