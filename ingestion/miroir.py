"""Files of a mirror that nobody reads, as no contract names them, and those that it gave and lacks now."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ingestion.contrats import Contrat, Millesime, Ressource
from ingestion.contrats.grammaire import Format
from ingestion.entetes import lectures
from ingestion.erreurs import Lieu, enumerer, lisible
from ingestion.reconnaissance import Ressemblance, en_libelles, reconnaitre, sous_libelles

ANNEE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Notes of whoever keeps the mirror.
NOTES = (".md", ".txt")
# Below this share of common headers, two files have nothing to do with each other.
PART_DITE = 0.4


def inconnus(miroir: Path, contrats: Iterable[Contrat]) -> list[str]:
    """Say how many files of a mirror no contract names, then of each what to do, or that it resembles none.

    Each text is one line; none where every file is named.
    """
    par_source = {c.source: c for c in contrats}
    ressources = [r for c in par_source.values() for r in c.ressources.values()]
    nommes = {e.mirror for r in ressources for e in r.millesimes.values()}
    nommes |= {y.confirme.fichier for r in ressources for y in r.layouts.values() if y.confirme}
    restes = sorted(
        nom
        for chemin in miroir.rglob("*")
        if chemin.is_file() and not chemin.name.startswith(".") and chemin.suffix not in NOTES
        if (nom := chemin.relative_to(miroir).as_posix()) not in nommes
    )
    if not restes:
        return []
    combien = "1 file of the mirror is" if len(restes) == 1 else f"{len(restes)} files of the mirror are"
    dits = [lisible(f"{combien} named by no contract, and nobody reads: {enumerer(restes, 5)}")]
    formats = [r.format for r in ressources]
    libelles: list[str] = []
    autres: list[str] = []
    for nom in restes:
        entetes = _entetes(miroir / nom, formats)
        if suggestions := (
            [*_suggestions(nom, ressources)]
            or [*_libelles(nom, entetes, par_source)]
            or [*_ressemblance(nom, entetes, par_source)]
        ):
            dits += map(lisible, suggestions)
        else:
            (libelles if en_libelles(entetes) else autres).append(nom)
    if libelles:
        dits.append(
            lisible(
                f"the headers of {enumerer(libelles, 5)} are labels, which no contract reads: where the "
                "button of a portal gave the file, choose the names of the fields "
                "(`use_labels=false` in the address)"
            )
        )
    if autres:
        dits.append(
            lisible(
                f"no contract is seen near {enumerer(autres, 5)}: `ctg sources essai FILE` compares one with "
                "every layout, docs/how-to.md says how a source is added"
            )
        )
    return dits


def disparus(
    miroir: Path, contrats: Iterable[Contrat], donne: Callable[[str, str, int], bool]
) -> tuple[list[str], int]:
    """Return the files that a mirror gave before and lacks now, and how many it gave.

    `donne` says whether a source, a ressource and a millésime came from a mirror before.
    """
    donnes = {
        edition.mirror
        for c in contrats
        for r in c.ressources.values()
        for millesime, edition in r.millesimes.items()
        if edition.mirror and donne(c.source, r.nom, millesime)
    }
    return sorted(nom for nom in donnes if not (miroir / nom).exists()), len(donnes)


def _suggestions(nom: str, ressources: Iterable[Ressource]) -> Iterator[str]:
    """Yield what would have a file read, where its name is another year's of a declared one."""
    lignes: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for r in ressources:
        proches = [
            (abs(decalage), -edition.millesime, decalage, edition)
            for edition in r.millesimes.values()
            if edition.mirror and (decalage := _decalage(edition.mirror, nom))
        ]
        if proches:
            _, _, decalage, edition = min(proches, key=lambda p: p[:2])
            millesime = edition.millesime + decalage
            declare = r.millesimes.get(millesime)
            suite = (
                f"that millésime is declared at {declare.mirror}, give it that name"
                if declare
                else f"to read it, add under `millesimes`: `{_ligne(edition, decalage, nom)}`"
                + (", once its `params` are checked" if edition.params else "")
            )
            lignes[r.source, millesime, suite].append(r.nom)
    for (source, millesime, suite), noms in lignes.items():
        ou = f"{source}/{', '.join(noms)} ({Lieu(source, noms[0], millesime).contrat})"
        yield f"{nom} has the name of millésime {millesime} of {ou}: {suite}"


def _entetes(chemin: Path, formats: Sequence[Format]) -> list[str]:
    """Return the headers of a CSV with the separator that gives most; none of any other file.

    Workbooks and archives show theirs once they are read whole, which every night would pay.
    """
    if chemin.suffix.lower() != ".csv":
        return []
    try:
        return max((lu.entetes for lu in lectures(chemin, formats)), key=len, default=[])
    except OSError:
        # A file that no contract needs may be closed to this account: its name is told.
        return []


def _libelles(nom: str, entetes: Sequence[str], contrats: Mapping[str, Contrat]) -> Iterator[str]:
    """Yield whose export with labels a file is, where its labels say so."""
    if en_libelles(entetes) and (connue := sous_libelles(entetes, contrats)):
        yield (
            f"{nom} is the export with labels of {connue.source}/{connue.nom}: `ctg sources fetch "
            f"{connue.source}` asks for the names of the fields"
        )


def _ressemblance(nom: str, entetes: Sequence[str], contrats: Mapping[str, Contrat]) -> Iterator[str]:
    """Yield the contract that is nearest by its headers, and what differs; nothing where none is near."""
    vues = reconnaitre(entetes, contrats)
    if vues and vues[0].part >= PART_DITE:
        r = vues[0]
        yield (
            f"{nom} {_proche(r)} (layout {r.layout} of {r.source}/{r.ressource}, "
            f"{Lieu(r.source, r.ressource, None).contrat}): `ctg sources essai FILE` compares them"
        )


def _proche(r: Ressemblance) -> str:
    if r.exacte:
        return "has the very headers of a layout"
    ecarts = [
        f"{quoi} {enumerer([*map(repr, noms)], 3)}"
        for quoi, noms in (("lacks", r.manquants), ("has besides", r.inconnus))
        if noms
    ]
    return f"shares {len(r.communs)} headers with a layout, {' and '.join(ecarts) or 'and has nameless ones'}"


def _decalage(declare: str, nom: str) -> int | None:
    """Years from one name to another that only differs by them, all by as many; None for other names."""
    connu, vu = Path(declare).name, Path(nom).name
    if ANNEE.sub("AAAA", connu) != ANNEE.sub("AAAA", vu):
        return None
    ecarts = {int(v) - int(c) for c, v in zip(ANNEE.findall(connu), ANNEE.findall(vu), strict=True)}
    return ecarts.pop() if len(ecarts) == 1 else None


def _ligne(edition: Millesime, decalage: int, nom: str) -> str:
    """Write the line of a millésime from that of another: its COG and the years it names, as many later."""

    def plus_tard(texte: str) -> str:
        return ANNEE.sub(lambda m: str(int(m[0]) + decalage), texte)

    layout = edition.layout[0] if len(edition.layout) == 1 else f"[{', '.join(edition.layout)}]"
    faits = [f"layout: {layout}"]
    if edition.cog is not None:
        faits.append(f"cog: {edition.cog + decalage if isinstance(edition.cog, int) else edition.cog}")
    if edition.params:
        annees = (
            f'{c}: "{(int(v) + decalage) % 100:02d}"'
            if re.fullmatch(r"\d\d", v)
            else f'{c}: "{plus_tard(v)}"'
            for c, v in edition.params.items()
        )
        faits.append(f"params: {{{', '.join(annees)}}}")
    faits.append(f"mirror: {nom}")
    if edition.member:
        faits.append(f'member: "{plus_tard(edition.member)}"')
    return f"{edition.millesime + decalage}: {{{', '.join(faits)}}}"
