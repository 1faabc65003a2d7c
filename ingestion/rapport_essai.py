"""Wording of a try (`ingestion.essai`) for the operator who downloaded a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from ingestion.contrats import Contrat, Millesime, Ressource
from ingestion.contrats.grammaire import Format, FormatCsv, FormatXlsx, FormatZip
from ingestion.entetes import Lecture
from ingestion.erreurs import TITRES, enumerer, lisible
from ingestion.essai import Essai, Jugement, Tentative
from ingestion.reconnaissance import Ressemblance, en_libelles, sous_libelles

# Below this share of common headers a layout has one line; beyond this rank, none.
PART_DITE, DITES = 0.3, 3
ENTETES_DITS = 12


def dire(essai: Essai, contrats: Mapping[str, Contrat]) -> Iterator[str]:
    """Yield the lines that tell a try: the file, then each layout that resembles it, the nearest first."""
    if abime := essai.abime:
        yield f"{essai.fichier}: {TITRES[abime.code]}: {abime.observe}. Next: {abime.que_faire}."
        return
    if essai.lecture is None:
        yield f"{essai.fichier}: no header can be read: not CSV, archive of CSV, XLSX, GeoJSON nor Parquet."
        return
    yield f"{essai.fichier}: {_format(essai.lecture.format, essai.comprime)}; " + _compte(essai.lecture)
    du_texte = isinstance(essai.lecture.format, FormatCsv)
    if not essai.tentatives and du_texte and en_libelles(essai.lecture.entetes):
        connue = sous_libelles(essai.lecture.entetes, contrats)
        yield _libelles(connue)
        if connue:
            return
    if not essai.ressemblances:
        yield f"No layout has any of its headers: {_liste(essai.lecture.entetes)}"
        return
    if not essai.tentatives:
        yield "No layout has these very headers. The nearest:"
        yield from _les_plus_proches(essai.ressemblances, contrats)
        return
    dites = [t for t in essai.tentatives if t.lue] or essai.tentatives[:1]
    for t in dites:
        yield ""
        yield from _tentative(t, contrats, essai)
    if tues := [t for t in essai.tentatives if t not in dites]:
        yield ""
        yield "The same headers, refused too: " + "; ".join(
            f"{_nom(t.ressemblance)} [{t.nuit.erreur.code}]" for t in tues if t.nuit.erreur
        )


def _libelles(connue: Ressource | None) -> str:
    if connue is None:
        return (
            "These headers are labels, and no contract reads them: where the button of a portal gave the"
            " file, choose the names of the fields instead (`use_labels=false` in the address)."
        )
    ou = f"from {connue.adresse_glissante}" if connue.rolling else "with `use_labels=false` in the address"
    return (
        f"This is the export with labels of {connue.source}/{connue.nom}, as the button of its portal gives"
        f" it: let a night ask for the names of the fields (`ctg sources fetch {connue.source}`), or export"
        f" it again {ou}"
    )


def _tentative(t: Tentative, contrats: Mapping[str, Contrat], essai: Essai) -> Iterator[str]:
    r, ressource = t.ressemblance, contrats[t.ressemblance.source].ressources[t.ressemblance.ressource]
    quand = f"millésime {t.edition.millesime}, {'declared' if t.declare else 'not declared'}"
    if t.autres:
        quand += f" (the header does not tell it from {', '.join(map(str, t.autres))})"
    yield f"{_nom(r)}: all {len(r.communs)} headers; {quand}"
    yield from _champs(ressource, r)
    assert essai.lecture
    # A decimal mark that a reading showed to be another is a difference too.
    corrige = t.format if t.corrige and t.corrige.erreur is None else None
    differences = _differences(
        corrige or essai.lecture.format, ressource.format, essai.comprime, bool(corrige)
    )
    for difference in differences if not t.lue else ():
        yield f"  differs:  {difference}"
    yield from _jugement("a night" if t.declare else "once the millésime is declared, a night", t.nuit)
    if t.corrige:
        yield from _jugement("were that format the contract's, a night", t.corrige)
    if t.lue and not t.declare:
        yield from _ligne_a_ajouter(t, ressource, essai)


def _ligne_a_ajouter(t: Tentative, ressource: Ressource, essai: Essai) -> Iterator[str]:
    places = (e.mirror for e in ressource.millesimes.values() if e.mirror)
    dossier = next(places, "").rpartition("/")[0]
    dits = [f"layout: {t.ressemblance.layout}"]
    dits += [f"cog: {t.edition.cog}"] if t.edition.cog else []
    dits.append(f"mirror: {dossier}/{essai.fichier}" if dossier else f"mirror: {essai.fichier}")
    dits += [f'member: "{essai.lecture.membre}"'] if essai.lecture and essai.lecture.membre else []
    yield f"  to add, under `millesimes` of {ressource.nom} in ingestion/sources/{ressource.source}.yml:"
    yield f"    {t.edition.millesime}: {{{', '.join(dits)}}}"
    if t.edition.cog:
        yield "    (to be checked: the COG is that of the nearest edition, moved by as many years)"


def _jugement(qui: str, j: Jugement) -> Iterator[str]:
    if j.erreur is None:
        ecartees = f", {j.ecartees} set aside" if j.ecartees else ""
        yield f"  {qui} would accept it: {j.lignes} rows{ecartees}"
        return
    yield f"  {qui} would refuse it:"
    yield from (f"    {ligne}" for ligne in str(j.erreur).splitlines())


def _les_plus_proches(vues: Sequence[Ressemblance], contrats: Mapping[str, Contrat]) -> Iterator[str]:
    """Tell the nearest in full, the next in one line; ressources with the same difference stand together."""
    groupes = [list(g) for _, g in groupby(vues, lambda r: (r.source, r.layout, r.manquants, r.inconnus))]
    for r, *freres in groupes[:DITES]:
        ou = ", ".join(dict.fromkeys(f.ressource for f in (r, *freres)))
        quand = "" if r.declares else ", not declared"
        yield ""
        yield (
            f"{r.source}/{ou}, layout {r.layout}, millésime {_annees(r)}{quand}: {len(r.communs)} headers in"
            f" common, {len(r.manquants)} missing, {len(r.inconnus)} unknown"
        )
        if r.part >= PART_DITE:
            yield from _ecarts(contrats[r.source].ressources[r.ressource], r)


def _ecarts(ressource: Ressource, r: Ressemblance) -> Iterator[str]:
    colonnes = _colonnes(ressource, r)
    pour = {manquant: inconnu for inconnu, manquant in r.proches.items()}
    for m in r.manquants:
        proche = f"; the file has {lisible(pour[m])!r}" if m in pour else ""
        yield f"  missing:  {m} → {colonnes.get(m) or 'not read'}{proche}"
    for i in r.inconnus:
        proche = f"; the nearest known is {r.proches[i]!r}" if i in r.proches else ""
        yield f"  unknown:  {lisible(i)!r}{proche}"
    if r.sans_nom != r.sans_nom_attendus:
        yield f"  nameless: {r.sans_nom} columns instead of {r.sans_nom_attendus}"
    yield f"  common:   {_liste(r.communs)}"
    renommes = {i: colonnes.get(m) for i, m in r.proches.items()}
    if renommes and len(renommes) == len(r.inconnus) == len(r.manquants):
        ecrits = ", ".join(f"{i!r}: {c or '~'}" for i, c in renommes.items())
        yield f"  to add:   if these are the same, a layout like {r.layout} with {{{lisible(ecrits)}}}"


def _champs(ressource: Ressource, r: Ressemblance) -> Iterator[str]:
    colonnes = _colonnes(ressource, r)
    lues = [f"{e} → {c}" for e, c in colonnes.items() if c]
    yield f"  read:     {_liste(lues)}"
    if non_lues := [e for e in r.communs if not colonnes.get(e)]:
        yield f"  not read: {_liste(non_lues)}"


def _colonnes(ressource: Ressource, r: Ressemblance) -> dict[str, str | None]:
    """Each header of a layout, in the millésime that comes nearest, with the column it feeds."""
    layout, annee = ressource.layouts[r.layout], r.millesimes[0]
    edition = ressource.millesimes.get(annee) or Millesime(millesime=annee, layout=[r.layout])
    nourries = {e: c for c, d in layout.derived.items() for e in d.entetes}
    if lus := layout.long or layout.carreaux:
        nourries |= {e: "read" for e in lus.entetes}
    return {edition.gabarit(g): layout.columns.get(g) or nourries.get(g) for g in layout.gabarits}


def _differences(lu: Format, declare: Format, comprime: bool, sure: bool) -> Iterator[str]:
    """What the file's format is and its contract's is not; `sure`: the decimal mark was tried."""
    if comprime:
        yield "the file is a gzip"
    if lu.kind != declare.kind:
        yield f"the file is {_sorte(lu)}, the contract says {_sorte(declare)}"
    if isinstance(lu, FormatCsv | FormatZip) and isinstance(declare, FormatCsv | FormatZip):
        if lu.separator != declare.separator:
            yield f"the separator is {lu.separator!r}, the contract says {declare.separator!r}"
        if lu.encoding != declare.encoding.replace("-sig", ""):
            yield f"the encoding is {lu.encoding}, the contract says {declare.encoding}"
        if sure and declare.decimal and lu.decimal != declare.decimal:
            yield f"the decimal mark is {lu.decimal!r}, the contract says {declare.decimal!r}"
    if isinstance(lu, FormatXlsx) and isinstance(declare, FormatXlsx) and lu.header_row != declare.header_row:
        yield f"the header is on row {lu.header_row}, the contract says {declare.header_row}"


def _sorte(format: Format) -> str:
    noms = {"csv": "a CSV", "zip": "an archive", "xlsx": "a workbook", "xls": "a workbook of Excel 97"}
    return noms.get(format.kind, f"a {format.kind}")


def _format(format: Format, comprime: bool) -> str:
    dit = ("a gzip of " if comprime else "") + _sorte(format)
    if isinstance(format, FormatZip):
        dit += f", member {lisible(format.member)}"
    if isinstance(format, FormatCsv | FormatZip):
        return f"{dit}, separator {format.separator!r}, {format.encoding}"
    return (
        f"{dit}, sheet {format.sheet!r}, row {format.header_row}" if isinstance(format, FormatXlsx) else dit
    )


def _compte(lecture: Lecture) -> str:
    nommes = [e for e in lecture.entetes if e]
    sans_nom = len(lecture.entetes) - len(nommes)
    return f"{len(nommes)} headers" + (f" and {sans_nom} nameless columns" if sans_nom else "")


def _nom(r: Ressemblance) -> str:
    return f"{r.source}/{r.ressource}, layout {r.layout}"


def _annees(r: Ressemblance) -> str:
    return ", ".join(map(str, r.millesimes))


def _liste(entetes: Sequence[str]) -> str:
    return lisible(enumerer(entetes, ENTETES_DITS))
