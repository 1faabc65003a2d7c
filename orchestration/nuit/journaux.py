"""Whether each journal still holds the lines seen by the newest releases, by the last backup, and by the copy
that each night and decision leaves; the copy names the lost lines.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from publication.releases import magasin, perimetres
from socle.disque import creer_dossier_clos, ecriture_atomique
from socle.etat import EtatIllisible, lire_octets, lire_ou_refaire
from socle.journaux import TEL_QUEL, Ligne, Tete, lire_lignes, reprendre

from .chemins import Chemins

NOMS = ("landing", "micro", "agregats")
"""The journals, by the folder that each is in."""
# How many missing lines a message prints.
_DITES = 10
_MOTS = {
    "recu": "received",
    "refuse": "refused",
    "normalise": "typed",
    "accepte": "accepted",
    "revision": "compared with the file in use",
    "lecture_tuee": "killed its reading",
    "ecarte": "left aside by hand",
    "retire": "taken back by hand",
    "parti": "gone from where it came",
    "lu": "read",
    "brut_retire": "raw files removed",
    "purge": "purged",
    # Lines without an event are known by one of these keys.
    "compte": "counted",
    "arrondi": "rounded",
    "oublie": "rounding given up",
    "ordre": "operator told of an order made from counts",
    "repartie_le": "releases of exact counts given up (--repartir)",
    "nouvelle_cle": "another key taken (--nouvelle-cle)",
    TEL_QUEL: "journal taken as it was",
}


@dataclass(frozen=True)
class _Sauvee:
    """What `sauvegardes.json` says of the last backup: where it is, and the head of each journal in it."""

    ou: str = ""
    journaux: dict[str, Tete] = field(default_factory=dict)


def chemin(chemins: Chemins, nom: str) -> Path:
    """Where a journal is."""
    return {
        "landing": chemins.journal,
        "micro": chemins.journal_micro,
        "agregats": chemins.journal_agregats,
    }[nom]


def tetes(chemins: Chemins) -> dict[str, Tete]:
    """Return the head of each journal that has one. Raises `EtatIllisible` where a journal is damaged."""
    vues = {nom: [ligne.tete for ligne in lire_lignes(chemin(chemins, nom))] for nom in NOMS}
    return {nom: lues[-1] for nom, lues in vues.items() if lues and lues[-1]}


def temoigner(chemins: Chemins) -> dict[str, Tete]:
    """Keep a closed copy of each journal as it stands; return their heads, which a release may show."""
    for nom in NOMS:
        octets = lire_octets(chemin(chemins, nom), "a journal", "")
        copie = _copie(chemins, nom)
        if octets and octets != lire_octets(copie, "the copy of a journal", f"remove {copie}"):
            creer_dossier_clos(chemins.temoins)
            with ecriture_atomique(copie) as flux:
                flux.write(octets)
    return tetes(chemins)


def en_clair(vues: Mapping[str, Tete]) -> dict[str, dict[str, Any]]:
    """Heads as plain values, for a manifest or a backup."""
    return {nom: asdict(tete) for nom, tete in vues.items()}


def exiger_entiers(chemins: Chemins) -> None:
    """Raise the first `EtatIllisible` of `raccourcis`."""
    for perte in raccourcis(chemins):
        raise perte


@contextmanager
def decider(chemins: Chemins) -> Iterator[None]:
    """Write a decision in journals that are whole, and keep a copy of it; the caller holds the lock.

    Raises `EtatIllisible` where a journal lost a line.
    """
    exiger_entiers(chemins)
    yield
    temoigner(chemins)


def raccourcis(chemins: Chemins) -> Iterator[EtatIllisible]:
    """Yield an error for each journal that lacks a line seen before."""
    vues = _vues(chemins)
    for nom in NOMS:
        if perte := _perte(chemins, nom, {qui: t[nom] for qui, t in vues.items() if nom in t}):
            yield perte


def accepter(chemins: Chemins, nom: str, par: str, motif: str | None) -> list[str]:
    """Accept a journal as it stands, and write who did; return the missing lines.

    The former copy, which holds these lines, stays under the instant of its name. The caller holds the lock.
    Raises `EtatIllisible` where a line of the journal cannot be read.
    """
    journal, copie = chemin(chemins, nom), _copie(chemins, nom)
    for ligne in lire_lignes(journal, rompu=True):
        if ligne.evenement is None:
            observe, attendu = f"line {ligne.numero}, whose bytes changed", "lines that can be read"
            raise EtatIllisible(journal, observe, attendu, _suite(chemins, nom, ()))
    perdues = {t[nom].empreinte for t in _vues(chemins).values() if nom in t}
    manquent, _ = _manquantes(journal, copie)
    maintenant = datetime.now(UTC)
    if copie.exists():
        copie.rename(copie.with_name(f"{nom}-{maintenant:%Y%m%dT%H%M%SZ}.jsonl"))
    faits = {"at": maintenant.isoformat(timespec="seconds"), "par": par, "motif": motif}
    reprendre(journal, sorted(perdues), **faits)
    temoigner(chemins)
    return manquent


def _copie(chemins: Chemins, nom: str) -> Path:
    return chemins.temoins / f"{nom}.jsonl"


def _sauvee(chemins: Chemins) -> _Sauvee:
    perte = "what it held of the journals is not known"
    return lire_ou_refaire(chemins.sauvegardes, _Sauvee, _Sauvee(), "the last backup", perte)


def _vues(chemins: Chemins) -> dict[str, dict[str, Tete]]:
    """Who saw which heads: the newest release of each scope that can be read, the last backup, the copies."""
    vues: dict[str, dict[str, Tete]] = {}
    for store in perimetres.tous(chemins.releases):
        for release in magasin.completes(store):
            with suppress(EtatIllisible):
                dites = magasin.montrer(store, release.name).get("journals", {})
                vues[release.name] = {nom: Tete(**tete) for nom, tete in dites.items()}
                break
    if (sauvee := _sauvee(chemins)).ou:
        vues[f"the backup {sauvee.ou}"] = sauvee.journaux
    copies = {nom: [ligne.tete for ligne in _gardees(_copie(chemins, nom))] for nom in NOMS}
    vues["the last night or decision"] = {nom: lues[-1] for nom, lues in copies.items() if lues and lues[-1]}
    return vues


def _gardees(copie: Path) -> list[Ligne]:
    """The lines of a copy; none where one is damaged, for the next night makes another copy."""
    with suppress(EtatIllisible):
        lignes = list(lire_lignes(copie))
        return lignes if all(ligne.evenement for ligne in lignes) else []
    return []


def _perte(chemins: Chemins, nom: str, vues: Mapping[str, Tete]) -> EtatIllisible | None:
    journal = chemin(chemins, nom)
    try:
        lignes = list(lire_lignes(journal))
        rompu = ""
    except EtatIllisible as e:
        if e.numero is not None:
            return e
        lignes, rompu = list(lire_lignes(journal, rompu=True)), e.observe
    tenues = {ligne.tete for ligne in lignes} | {None}
    admises = {empreinte for ligne in lignes for empreinte in _abandonnees(ligne)}
    perdues = {qui: t for qui, t in vues.items() if t not in tenues and t.empreinte not in admises}
    if not perdues and not rompu:
        return None
    qui = max(perdues, key=lambda q: perdues[q].lignes, default="")
    manquent, connues = _manquantes(journal, _copie(chemins, nom))
    attendu = "each line after the one that it follows"
    observe = rompu
    if perdues:
        attendu = f"the {perdues[qui].lignes} lines that {qui} saw of it, then more"
        en_moins = perdues[qui].lignes - len(lignes)
        observe = f"{len(lignes)} lines, {en_moins} fewer" if en_moins > 0 else rompu or "other lines"
    if manquent:
        observe += "; missing:" + "".join(f"\n  {dite}" for dite in manquent)
    elif connues and rompu:
        observe += "; none is missing, they are in another order"
    elif perdues:
        observe += "; which ones, nothing here says"
    return EtatIllisible(journal, observe, attendu, _suite(chemins, nom, perdues.values()))


def _abandonnees(ligne: Ligne) -> list[str]:
    return list(ligne.evenement.get(TEL_QUEL, ())) if ligne.evenement else []


def _suite(chemins: Chemins, nom: str, perdues: Iterable[Tete]) -> str:
    """What to type: the copy where it holds what was seen, else the last backup; or take it as it is."""
    journal, copie, sauvee = chemin(chemins, nom), _copie(chemins, nom), _sauvee(chemins)
    remettre = "put it back from a backup that has them (`ctg restore` in another folder)"
    if (gardees := _gardees(copie)) and {*perdues} <= {ligne.tete for ligne in gardees}:
        remettre = f"put it back as it was, `install -m 600 {copie} {journal}`"
    elif sauvee.ou and nom in sauvee.journaux:
        dans = journal.relative_to(chemins.home)
        lignes = sauvee.journaux[nom].lignes
        remettre = (
            f"put back the {lignes} lines of the last backup, `tar -C {chemins.home} -xpf {sauvee.ou} {dans}`"
        )
    return (
        f"{remettre}; or take it as it is, `ctg journal accept {nom}`, and type again the decisions that it"
        ' lacks (docs/runbook.md, "A journal lost lines")'
    )


def _manquantes(journal: Path, copie: Path) -> tuple[list[str], bool]:
    """Say which lines of the copy a journal lacks, decisions of persons first; whether there is a copy."""
    tenues = {ligne.octets for ligne in lire_lignes(journal, rompu=True)}
    gardees = _gardees(copie)
    manquent = [ligne.evenement or {} for ligne in gardees if ligne.octets not in tenues]
    manquent.sort(key=lambda e: not _est_une_decision(e))
    dites = [_dire(e) for e in manquent[:_DITES]]
    if len(manquent) > _DITES:
        dites.append(f"and {len(manquent) - _DITES} more")
    return dites, bool(gardees)


def _est_une_decision(e: Mapping[str, Any]) -> bool:
    de_sa_main = e.get("by") == "main" or e.get("event") in ("ecarte", "retire", "purge")
    return de_sa_main or "repartie_le" in e or "nouvelle_cle" in e or (TEL_QUEL in e and "par" in e)


def _dire(e: Mapping[str, Any]) -> str:
    """One line of a journal, as an operator reads it.

    2026-11-03T02:11:40+00:00 insee_x/communes 2022 3f2a5b6c7d8e accepted by hand
    """
    quand = e.get("at") or e.get("gele_le") or e.get("le") or "?"
    ou = f"{e.get('source', 'extract')} {e['mois']}" if "mois" in e else "home"
    if "ressource" in e:
        ou = f"{e['source']}/{e['ressource']} {e['millesime'] or ''}".strip()
    quoi = _MOTS.get(e.get("event", next(filter(_MOTS.get, e), "")), "another line")
    par = " by hand" if e.get("by") == "main" else f" by {e['par']}" if e.get("par") else ""
    return " ".join(filter(None, (quand, ou, str(e.get("sha256") or "")[:12], quoi + par)))
