"""Incoherences between keys of a contract, which the grammar of one key cannot see; one line each."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.contrats.grammaire import (
    ANNEES,
    CHAMPS,
    DEPARTEMENTALES,
    JANVIER_SUIVANT,
    NOMBRES,
    CogDesCodes,
    FormatCsv,
    FormatParquet,
    FormatTableur,
    FormatXlsx,
    FormatZip,
    Layout,
    Ressource,
    est_nationale,
)


def incoherences(r: Ressource, decoupage: str) -> Iterator[tuple[str, str]]:
    """Yield (path, message) of each incoherence; `decoupage` is that of the contract."""
    yield from _colonnes(r)
    for nom in r.layouts:
        yield from _layout(r, nom)
    yield from _seuils(r)
    yield from _fichier_entier(r)
    for m in r.millesimes:
        yield from _millesime(r, m)
    yield from _adresse_glissante(r)
    if decoupage == "fichier" and r.mesures and r.niveau in ("epci", "departement", "region"):
        yield from _decoupage(r)


def _colonnes(r: Ressource) -> Iterator[tuple[str, str]]:
    for nom, c in r.columns.items():
        if c.type not in NOMBRES and (c.min, c.max, c.multiple) != (None, None, None):
            yield f"columns.{nom}", f"min, max and multiple are for numbers, not for {c.type}"
        if c.type == "decimal" and r.format.decimal is None:
            yield f"columns.{nom}", "a decimal column needs format.decimal"
        if c.values is not None and c.type != "text":
            yield f"columns.{nom}.values", f"is for text, not for {c.type}"
        if c.items is not None and (c.type != "text" or c.values is not None):
            yield f"columns.{nom}.items", "is for a text without `values`"
        if c.sans_personne and (c.type != "text" or c.values is not None):
            yield f"columns.{nom}.sans_personne", "is for a text without `values`"
        if c.facultative and (not isinstance(r.format, FormatTableur) or "" not in c.missing or nom in r.cle):
            yield f"columns.{nom}.facultative", "is for a column that people may leave empty, outside the key"
        if isinstance(r.format, FormatTableur) and not (c.libelle and c.exemple):
            yield f"columns.{nom}", "a table that a person fills in explains each column: libelle and exemple"
        if commun := set(c.missing) & set(c.secret):
            yield f"columns.{nom}", f"the same marker is missing and secret: {sorted(commun)}"
        if c.zero_non_servi and (c.type not in NOMBRES or not r.colonne_annee or r.niveau == "commune"):
            yield (
                f"columns.{nom}.zero_non_servi",
                "is for a number of a file of several years, above the commune: a commune may have none",
            )
        if c.hors_champ and not c.secret:
            yield f"columns.{nom}.hors_champ", "is for a column whose blanks are secret"
    for nom in set(r.cle) - set(r.columns):
        yield "cle", f"{nom!r} is not a declared column"
    for nom in r.mesures:
        if nom not in r.columns or r.columns[nom].type not in NOMBRES:
            yield "mesures", f"{nom!r} is not a declared number"
    if r.mesures and r.niveau != "france" and "code" not in r.columns:
        yield "mesures", "needs a column `code`: the territory of each row"


def _layout(r: Ressource, nom: str) -> Iterator[tuple[str, str]]:
    y, ou = r.layouts[nom], f"layouts.{nom}"
    # A table that people fill in is the project's own: no producer has to confirm it.
    preuves = [p for p in (y.confirme, y.vu, y.documente) if p is not None]
    if not isinstance(r.format, FormatTableur) and len(preuves) != 1:
        yield (
            ou,
            "say how the layout is known, by one of the three: `confirme: {fichier: <place in a mirror>, "
            "lu_le: <day it was read>}` for a real file, `vu: {depot: <owner/name>, chemin: <path>, "
            "lu_le: <day>, reste: <what it does not show>}` for a whole header in a public repository, or "
            "`documente: <whose word it is>`",
        )
    if y.a_verifier and y.documente is None:
        yield f"{ou}.a_verifier", "goes with `documente`: elsewhere say it in `reste`"
    nourries = [*y.nourries, *y.absent]
    if sum(map(bool, (y.columns, y.long, y.carreaux))) != 1:
        yield (
            ou,
            "give `columns`, `long` for a file of observations or `carreaux` for squares, not both",
        )
    elif y.long:
        yield from _long(r, y, f"{ou}.long")
    if (y.carreaux is None) == isinstance(r.format, FormatParquet):
        yield f"{ou}.carreaux", "is what a Parquet is counted by, and no other file"
    elif y.carreaux:
        yield from _carreaux(r, y, f"{ou}.carreaux")
    for colonne in sorted(set(nourries) | set(y.millesimes_propres)):
        if colonne not in r.columns:
            yield ou, f"{colonne!r} is not a declared column"
        elif nourries.count(colonne) > 1:
            yield ou, f"{colonne!r} is fed more than once"
    for colonne in r.columns:
        if colonne not in nourries:
            yield ou, f"nothing feeds {colonne!r}: map a header to it, or list it in `absent`"
    for colonne in set(y.absent) & set(r.cle):
        yield f"{ou}.absent", f"{colonne!r} belongs to the key"
    for entete, motif in y.skip.items():
        if entete not in y.columns:
            yield f"{ou}.skip", f"{entete!r} is not a header of the layout"
        try:
            re.compile(motif)
        except re.error as e:
            yield f"{ou}.skip", f"{motif!r} is not a pattern: {e}"
    for colonne, derivee in y.derived.items():
        for entete in set(derivee.entetes) - set(y.columns):
            yield f"{ou}.derived.{colonne}", f"{entete!r} is not a header of the layout"
    for entete in set(y.only) - set(y.gabarits):
        yield f"{ou}.only", f"{entete!r} is not a header of the layout"
    for colonne in y.annees:
        if colonne not in nourries or r.columns[colonne].type not in ANNEES:
            yield f"{ou}.annees", f"{colonne!r} is not a column of years of the layout"
    for colonne in y.values:
        if colonne not in nourries or r.columns[colonne].values is None:
            yield f"{ou}.values", f"{colonne!r} is not a column of the layout that has a list of values"
    for colonne in y.decimal:
        if colonne not in nourries or r.columns[colonne].type != "decimal":
            yield f"{ou}.decimal", f"{colonne!r} is not a decimal column of the layout"


def _carreaux(r: Ressource, y: Layout, ou: str) -> Iterator[tuple[str, str]]:
    carreaux = y.carreaux
    assert carreaux
    if y.derived or y.only or y.skip or y.decimal or y.millesimes_propres or y.unnamed_columns:
        yield ou, "goes without derived, only, skip, decimal, millesimes_propres and unnamed_columns"
    if r.cle != ["code"] or r.niveau != "commune" or r.thresholds.repeated_rows:
        yield ou, "one row per commune: `cle` is [code], and no row is repeated"
    for mesure in (carreaux.total, *carreaux.au_dela):
        if mesure in r.columns and r.columns[mesure].type != "decimal":
            yield f"{ou}.{mesure}", "must be a decimal: the inhabitants of squares are estimates"


def _long(r: Ressource, y: Layout, ou: str) -> Iterator[tuple[str, str]]:
    long = y.long
    assert long
    if y.derived or y.only or y.skip or y.decimal or y.millesimes_propres or y.unnamed_columns:
        yield (
            ou,
            "goes without derived, only, skip, decimal, millesimes_propres and unnamed_columns",
        )
    if not isinstance(r.format, FormatCsv | FormatZip):
        yield ou, "is for a CSV, in an archive or not"
    if r.cle != ["code"] or r.thresholds.repeated_rows:
        yield ou, "one row per territory: `cle` is [code], and no row is repeated"
    if r.niveau not in long.levels.values():
        yield f"{ou}.levels", f"nothing is of level {r.niveau!r}"
    for objet in sorted(set(long.levels) & set(long.left_out)):
        yield f"{ou}.left_out", f"{objet!r} is also one of `levels`"
    for objet in sorted(set(long.territories) - set(long.levels)):
        yield f"{ou}.territories", f"{objet!r} is not one of `levels`"
    if doubles := sorted(e for e in set(long.entetes) if long.entetes.count(e) > 1):
        yield ou, f"headers with two roles: {doubles}"
    vues: dict[tuple[tuple[str, str], ...], str] = {}
    for mesure, codes in long.mesures.items():
        for dimension in sorted(set(codes) - set(long.dimensions)):
            yield f"{ou}.mesures.{mesure}", f"{dimension!r} is not one of `dimensions`"
        if (autre := vues.setdefault(tuple(sorted((long.dimensions | codes).items())), mesure)) != mesure:
            yield f"{ou}.mesures.{mesure}", f"is the same observation as {autre}"
        colonne = r.columns.get(mesure)
        if colonne and (colonne.type not in NOMBRES or not colonne.marquee):
            yield f"{ou}.mesures.{mesure}", "must be a number that may be missing or secret"
    for dimension, codes_connus in long.codes.items():
        if dimension not in long.dimensions:
            yield f"{ou}.codes", f"{dimension!r} is not one of `dimensions`"
            continue
        lus = {(long.dimensions | c)[dimension] for c in long.mesures.values()}
        if absents := sorted(lus - set(codes_connus)):
            yield f"{ou}.codes.{dimension}", f"{absents} is read and not listed"


def _millesime(r: Ressource, m: int) -> Iterator[tuple[str, str]]:
    edition, ou = r.millesimes[m], f"millesimes.{m}"
    for nom in edition.layout:
        if nom not in r.layouts:
            yield f"{ou}.layout", f"no layout named {nom!r}"
            continue
        y = r.layouts[nom]
        gabarits = [*y.gabarits, *y.millesimes_propres.values()]
        if isinstance(r.format, FormatXlsx) and r.format.sheet:
            gabarits.append(r.format.sheet)
        for champ in sorted(_champs(gabarits) - set(edition.valeurs)):
            yield f"{ou}.params", f"layout {nom!r} uses {{{champ}}}"
    if len({r.layouts[nom].long is None for nom in edition.layout if nom in r.layouts}) > 1:
        yield f"{ou}.layout", "the file is long, or it is not"
    if edition.cog == "newest" or (r.codes_hors_cog is not None and edition.cog is None):
        yield f"{ou}.cog", "a dated file names the year of its COG"
    yield from _cog_des_lignes(r, f"{ou}.cog", edition.cog)
    yield from _cog_des_copies(r, f"{ou}.cog", edition.cog, edition.layout)
    if edition.member and isinstance(r.format, FormatXlsx):
        yield f"{ou}.member", "a workbook is not read inside an archive"


def _adresse_glissante(r: Ressource) -> Iterator[tuple[str, str]]:
    if g := r.rolling:
        yield from _cog_des_lignes(r, "rolling.cog", g.cog)
        if g.layout:
            yield from _cog_des_copies(r, "rolling.cog", g.cog, r.layouts)
        if (g.millesime_from_column is None) == (g.millesime_from_header is None):
            yield "rolling", "give millesime_from_column or millesime_from_header, not both"
        if g.millesime_from_column:
            if g.layout not in r.layouts:
                yield "rolling.layout", f"no layout named {g.layout!r}"
            elif r.layouts[g.layout].long:
                yield "rolling.layout", "a long file has several years: its address names one"
            elif manquants := _champs(r.layouts[g.layout].columns) - {"aa", "millesime"}:
                yield "rolling.layout", f"uses params that a rolling address cannot give: {sorted(manquants)}"
            if "/exports/" in g.url and CHAMPS not in g.url:
                yield "rolling.url", f"ask the portal for the fields of the layout: `select={CHAMPS}`"
            if g.millesime_from_column != r.colonne_annee:
                yield "rolling.millesime_from_column", "must be the year column of the key"
        elif g.millesime_from_header and re.compile(g.millesime_from_header).groups != 1:
            yield "rolling.millesime_from_header", "must hold one group: the last two digits of the year"


def _cog_des_lignes(r: Ressource, ou: str, cog: CogDesCodes | None) -> Iterator[tuple[str, str]]:
    """Refuse `janvier_suivant` where lines have no year, and for lists of communes."""
    if cog != JANVIER_SUIVANT:
        return
    if r.niveau != "commune" or r.colonne_annee is None:
        yield ou, f"{JANVIER_SUIVANT} is for lines of communes with a year"
    if any(c.items == "code_commune" for c in r.columns.values()):
        yield ou, f"{JANVIER_SUIVANT} is not for lists of communes"


def _cog_des_copies(
    r: Ressource, ou: str, cog: CogDesCodes | None, layouts: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Refuse a layout's own COG where the other lines do not have each theirs."""
    for nom in layouts:
        if nom in r.layouts and r.layouts[nom].cog is not None and cog != JANVIER_SUIVANT:
            yield f"layouts.{nom}.cog", f"is for a file whose lines have each their own ({ou})"


def _decoupage(r: Ressource) -> Iterator[tuple[str, str]]:
    """Require the geography of territories above the commune: without it, their figures have no evolution."""
    cogs = {f"millesimes.{m}": e.cog for m, e in r.millesimes.items()}
    if r.rolling:
        cogs["rolling"] = r.rolling.cog
    for ou, cog in cogs.items():
        if cog is None:
            yield (
                f"{ou}.cog",
                "give the COG that the territories are drawn in, or `decoupage: janvier_suivant` at the head",
            )


def _seuils(r: Ressource) -> Iterator[tuple[str, str]]:
    s = r.thresholds
    if s.codes_hors_cog is not None and ("code" not in r.columns or r.columns["code"].type != "code_commune"):
        yield "thresholds.codes_hors_cog", "needs a column `code` of type code_commune"
    nombres = [("totals", c) for c in s.totals]
    nombres += [("ratio_to_last", c) for c in (s.ratio_to_last.columns if s.ratio_to_last else [])]
    nombres += [("ratio_between", c) for x in s.ratio_between for c in (x.numerator, x.denominator)]
    nombres += [("identities", c) for x in s.identities for c in (x.total, *x.parts)]
    nombres += [("shown_from", c) for x in s.shown_from for c in (*x.columns, *x.any_of)]
    for seuil, colonne in nombres:
        if colonne not in r.columns or r.columns[colonne].type not in NOMBRES:
            yield f"thresholds.{seuil}", f"{colonne!r} is not a declared number"
    if s.all_departements:
        cites = [c for c in (s.all_departements.column, s.all_departements.from_commune) if c]
        if len(cites) != 1 or cites[0] not in r.columns:
            yield "thresholds.all_departements", "give `column` or `from_commune`, a declared column"
        elif r.columns[cites[0]].type not in DEPARTEMENTALES:
            yield "thresholds.all_departements", f"{cites[0]!r} tells no département"


def _fichier_entier(r: Ressource) -> Iterator[tuple[str, str]]:
    """Require what a whole file of the country has: without it an extract would pass for France.

    Neither a table that people fill in, nor a list that says it is not whole, has to be whole.
    """
    sans = isinstance(r.format, FormatTableur) or r.absence == "lacunaire" or r.niveau in ("france", "ctg")
    if sans or not any(map(est_nationale, r.couvertures)):
        return
    if r.thresholds.rows is None:
        yield "thresholds.rows", "say how many rows a whole file has, in each year where the key holds one"
    lues = [c for c in dict.fromkeys(["code", *r.cle]) if c in r.columns]
    codes = [c for c in lues if r.columns[c].type in DEPARTEMENTALES]
    if codes and r.thresholds.all_departements is None:
        cle = "column" if r.columns[codes[0]].type == "code_departement" else "from_commune"
        yield (
            "thresholds.all_departements",
            f"say which départements a whole file has: {{{cle}: {codes[0]}, except: []}}",
        )


def _champs(gabarits: list[str] | dict[str, Any]) -> set[str]:
    return {champ for g in gabarits for _, champ, _, _ in string.Formatter().parse(g) if champ}
