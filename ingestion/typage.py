"""One landed file to typed Parquet, strictly: layouts, columns, keys, codes outside the COG."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion import carreaux, long
from ingestion.cellules import (
    EcritureNombres,
    Place,
    comme_on_ecrit,
    departement_commune,
    entiers,
    marques,
    typer,
)
from ingestion.cog import Cog, CogsRecus, hors_cog
from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.empreinte import TYPES, schema_normalise
from ingestion.contrats.grammaire import (
    JANVIER_SUIVANT,
    TERRITOIRE,
    Colonne,
    FormatTableur,
    Layout,
)
from ingestion.erreurs import ErreurSource, Lieu, enumerer, premiers
from ingestion.long import Cellules
from ingestion.readers import Texte, lire, parquet
from ingestion.readers.xlsx import exiger_sans_erreur
from ingestion.readers.zip import est_un_zip
from socle.disque import ecriture_atomique

NON_SERVI = "non_servi"
"""Marker of a zero that is none."""


@dataclass(frozen=True)
class Normalise:
    """A typed file: the rows kept, and the rows set aside.

    `ecartes` has one more column, `motif`: `hors_cog` (the code is outside the COG the file declares)
    or `ligne_repetee` (the record is written twice). `cogs`: the years of the COGs of what is kept, in order.
    """

    table: pa.Table
    ecartes: pa.Table
    membre: str | None
    cogs: tuple[int, ...]


def normaliser_fichier(
    chemin: Path,
    ressource: Ressource,
    edition: Millesime,
    sha256: str,
    cog: CogsRecus,
    lieu: Lieu,
    suivants: Sequence[Cog] = (),
) -> Normalise:
    """Read a landed file and type it. Raises `ErreurSource` at the first mismatch with the contract.

    Codes of a COG that was not received (`cog`) are not checked; where each line has its own COG, codes are
    looked up in those received. `suivants`: newer COGs, that tell the file of a newer year.
    """
    try:
        return _normaliser(chemin, ressource, edition, sha256, cog, lieu, suivants)
    except ErreurSource as e:
        if not isinstance(ressource.format, FormatTableur):
            raise
        # The person who filled in the table corrects it: no contract has to change.
        source, nom = ressource.source, ressource.nom
        raise replace(
            e,
            que_faire="correct the table at that place, save it as XLSX or CSV UTF-8 (`;`), and drop it "
            f"again in depot/{source}/{nom}/{edition.millesime}/; an empty one with the guide of its "
            f"columns: `ctg sources template {source} --ressource {nom}`",
        ) from e


def _normaliser(
    chemin: Path,
    ressource: Ressource,
    edition: Millesime,
    sha256: str,
    cog: CogsRecus,
    lieu: Lieu,
    suivants: Sequence[Cog],
) -> Normalise:
    forme = ressource.forme(edition)
    if forme == "long":
        texte, layout, colonnes = _long(chemin, ressource, edition, sha256, lieu)
    elif forme == "carreaux":
        texte, layout, colonnes = _carreaux(chemin, ressource, edition, lieu)
    else:
        texte, layout, colonnes = _en_colonnes(chemin, ressource, edition, lieu)

    typees: dict[str, pa.Array] = {}
    n = len(texte.lignes)
    for nom, colonne in ressource.columns.items():
        cellules = colonnes.get(nom)
        if cellules is None:
            typees[nom] = pa.nulls(n, TYPES[colonne.type])
            marque = pa.nulls(n, pa.string())
        else:
            colonne = _selon(layout, nom, colonne)
            brut, marque = cellules.brut, cellules.marque
            ecriture = EcritureNombres(
                layout.decimal.get(nom, ressource.format.decimal) or ".", ressource.format.thousands
            )
            place = Place(f"{cellules.entete} ({nom})", cellules.lignes, lieu)
            typees[nom] = typer(brut, marque, colonne, ecriture, place)
        if colonne.marquee:
            typees[f"{nom}__marque"] = marque
        if nom in ressource.colonnes_datees:
            propre = edition.gabarit(layout.millesimes_propres.get(nom, "{millesime}"))
            typees[f"{nom}__millesime"] = _constante(int(propre), n, pa.int32())
    typees["millesime_fichier"] = _constante(edition.millesime, n, pa.int32())
    ligne_a_ligne = edition.cog == JANVIER_SUIVANT and layout.cog is None
    annee_cog = None if ligne_a_ligne else _annee_cog(edition, layout, cog)
    if ligne_a_ligne:
        assert ressource.colonne_annee
        typees["cog_millesime"] = pc.add(typees[ressource.colonne_annee], pa.scalar(1, pa.int32()))
    else:
        typees["cog_millesime"] = _constante(annee_cog, n, pa.int32())
    typees["fichier_sha256"] = _constante(sha256, n, pa.string())
    typees["ligne"] = texte.lignes
    table = _taire_non_servis(pa.table(typees, schema=schema_normalise(ressource)), ressource)

    _verifier_millesime(table, ressource, edition, lieu)
    repetee = _repetees(texte, ressource.thresholds.repeated_rows)
    _verifier_cle(table.filter(pc.invert(repetee)), ressource, lieu)
    dehors = hors_cog(table, ressource, edition, cog, lieu, suivants)
    motif = pc.if_else(repetee, "ligne_repetee", pc.if_else(dehors, "hors_cog", None))
    garde = pc.is_null(motif)
    ecartes = table.append_column("motif", motif).filter(pc.invert(garde))
    gardees = table.filter(garde)
    # A file without rows is of a COG all the same.
    cogs = gardees["cog_millesime"].unique().to_pylist() if ligne_a_ligne else [annee_cog]
    return Normalise(gardees, ecartes, texte.membre, tuple(sorted(a for a in cogs if a is not None)))


def _taire_non_servis(table: pa.Table, ressource: Ressource) -> pa.Table:
    """Empty the zeros that were not served: another year of the same territory reaches `zero_non_servi`.

    974   2016        0   becomes   974   2016     NULL   non_servi
    974   2019   37 955             974   2019   37 955
    """
    seuils = {n: c.zero_non_servi for n, c in ressource.columns.items() if c.zero_non_servi}
    if not seuils:
        return table
    lieu = [table[c] for c in ressource.cle if c != ressource.colonne_annee]
    # One text per territory; the first part, the same on every row, is for a file of one territory.
    lieux = pc.binary_join_element_wise(table["fichier_sha256"], *lieu, ";")
    for nom, seuil in seuils.items():
        nombres = table[nom].cast(pa.float64())
        nombreux = lieux.filter(pc.greater_equal(nombres, seuil))
        zeros = pc.fill_null(pc.equal(nombres, 0), False)
        tus = pc.and_(zeros, pc.is_in(lieux, nombreux.combine_chunks()))
        for quoi, par in ((nom, None), (f"{nom}__marque", NON_SERVI)):
            rang = table.schema.get_field_index(quoi)
            valeurs = pc.if_else(tus, pa.scalar(par, table[quoi].type), table[quoi])
            table = table.set_column(rang, table.schema.field(rang), valeurs)
    return table


def _annee_cog(edition: Millesime, layout: Layout, cog: CogsRecus) -> int | None:
    """Return the COG year of all the codes of a file."""
    if layout.cog is not None:
        return layout.cog
    if isinstance(edition.cog, int):
        return edition.cog
    return cog.annee if isinstance(cog, Cog) else None


def _en_colonnes(
    chemin: Path, ressource: Ressource, edition: Millesime, lieu: Lieu
) -> tuple[Texte, Layout, dict[str, Cellules]]:
    """Read a file whose rows are those of the normalised one, and a header feeds a column."""
    texte = lire(chemin, ressource.format, edition, lieu)
    layout = _layout(texte, ressource, edition, lieu)
    if isinstance(ressource.format, FormatTableur) and est_un_zip(chemin):
        # An empty cell says that nothing is stated: a broken formula does not.
        exiger_sans_erreur(chemin, texte.entete, lieu)
    passes = {edition.gabarit(e): motif for e, motif in layout.skip.items()}
    texte = _lus(texte, layout, edition).sans(passes)
    colonnes = {}
    for nom, (entete, brut) in _colonnes_texte(texte, layout, edition, lieu).items():
        colonne = _selon(layout, nom, ressource.columns[nom])
        if isinstance(ressource.format, FormatTableur):
            brut = comme_on_ecrit(brut, colonne)
        colonnes[nom] = Cellules(entete, brut, marques(brut, colonne), texte.lignes)
    return texte, layout, colonnes


def _long(
    chemin: Path, ressource: Ressource, edition: Millesime, sha256: str, lieu: Lieu
) -> tuple[Texte, Layout, dict[str, Cellules]]:
    """Read a file of observations; the line of a row is the first of its territory."""
    entetes, membre = long.entete(chemin, ressource, edition, lieu)
    layout = _layout(_sans_ligne(entetes, membre), ressource, edition, lieu)
    assert layout.long
    pivot = long.pivoter(chemin, ressource, edition, layout.long, sha256, lieu)
    texte = Texte([TERRITOIRE], [pivot.codes], pivot.lignes, membre)
    sans_marque = pa.nulls(len(pivot.codes), pa.string())
    return (
        texte,
        layout,
        {
            "code": Cellules(TERRITOIRE, pivot.codes, sans_marque, pivot.lignes),
            **{
                nom: replace(c, brut=entiers(c.brut)) if ressource.columns[nom].type == "integer" else c
                for nom, c in pivot.mesures.items()
            },
        },
    )


def _carreaux(
    chemin: Path, ressource: Ressource, edition: Millesime, lieu: Lieu
) -> tuple[Texte, Layout, dict[str, Cellules]]:
    """Read a file of squares, counted by commune; the line of a row is the first of its commune."""
    layout = _layout(_sans_ligne(parquet.entete(chemin, lieu), None), ressource, edition, lieu)
    assert layout.carreaux
    comptes = carreaux.compter(chemin, layout.carreaux, lieu)
    lignes = comptes["code"].lignes
    return Texte([layout.carreaux.code], [comptes["code"].brut], lignes, None), layout, comptes


def _sans_ligne(entetes: list[str], membre: str | None) -> Texte:
    """The header of a file, for `_layout`: what is under it is read by other code."""
    vide = pa.array([], pa.string())
    return Texte(entetes, [vide] * len(entetes), pa.array([], pa.int32()), membre)


def ecrire_parquet(table: pa.Table, chemin: Path, *, synchrone: bool = True) -> None:
    """Write a table atomically; the same table always gives the same bytes."""
    with ecriture_atomique(chemin, synchrone=synchrone) as f:
        pq.write_table(table, f, compression="zstd", version="2.6", row_group_size=1 << 20)


def _selon(layout: Layout, nom: str, colonne: Colonne) -> Colonne:
    """Return a column as a layout writes it."""
    propres: dict[str, object] = {}
    if nom in layout.annees:
        propres["type"] = layout.annees[nom]
    if nom in layout.values:
        propres["values"] = [*(colonne.values or []), *layout.values[nom]]
    return colonne.model_copy(update=propres) if propres else colonne


def _constante(valeur: int | str | None, n: int, type_: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(valeur, type_), n)


def _layout(texte: Texte, ressource: Ressource, edition: Millesime, lieu: Lieu) -> Layout:
    """Return the layout with exactly the file's headers, else fail against the nearest.

    Of a table that people fill in, the columns that its contract calls `facultative` may be left out.
    """
    entete = [e for e in texte.entete if e]
    ecarts = []
    for nom in edition.layout:
        layout = ressource.layouts[nom]
        attendus = dict.fromkeys(edition.gabarit(e) for e in layout.gabarits)
        presents = set(entete)
        omis = {
            e
            for e, c in layout.columns.items()
            if e not in presents and c and ressource.columns[c].facultative
        }
        manquants = [e for e in attendus if e not in presents and e not in omis]
        inconnus = [e for e in entete if e not in attendus]
        sans_nom = texte.entete.count("")
        if not manquants and not inconnus and sans_nom == layout.unnamed_columns:
            _verifier_entete(texte, layout, lieu)
            lus = {e: c for e, c in layout.columns.items() if e not in omis}
            return layout.model_copy(update={"columns": lus}) if omis else layout
        ecart = len(manquants) + len(inconnus) + abs(sans_nom - layout.unnamed_columns)
        ecarts.append((ecart, nom, layout, manquants, inconnus, sans_nom))
    _, nom, layout, manquants, inconnus, sans_nom = min(ecarts, key=lambda e: e[:2])
    attendus = dict.fromkeys(layout.gabarits)
    if 2 * len(manquants) > len(attendus):
        # The file may be about persons: nothing of it is repeated.
        communs = f"{len(attendus) - len(manquants)} of the {len(attendus)} headers"
        faits = [f"{communs}, in a first line of {len(texte.entete)} fields that are not shown"]
        raise _entete_refuse("colonne_manquante", None, faits, nom, len(ecarts) > 1, lieu)
    faits = []
    for e in manquants:
        # One for one: whatever the spelling.
        seuls = len(manquants) == len(inconnus) == 1
        proche = inconnus if seuls else difflib.get_close_matches(e, inconnus, 1, 0.6)
        faits.append(f"missing {e!r}" + (f" (renamed {proche[0]!r}?)" if proche else ""))
    faits += [f"unknown {e!r}" for e in inconnus]
    if sans_nom != layout.unnamed_columns:
        faits.append(f"{sans_nom} nameless columns instead of {layout.unnamed_columns}")
    code = "colonne_manquante" if manquants else "colonne_inconnue" if inconnus else "entete"
    colonne = ", ".join(manquants or inconnus) or None
    raise _entete_refuse(code, colonne, faits, nom, len(ecarts) > 1, lieu)


def _entete_refuse(
    code: str, colonne: str | None, faits: list[str], nom: str, plusieurs: bool, lieu: Lieu
) -> ErreurSource:
    return lieu.erreur(
        code,
        ligne=1,
        colonne=colonne,
        observe="; ".join(faits),
        attendu=f"the headers of layout {nom!r}" + (", the nearest" if plusieurs else ""),
        que_faire=f"compare with the producer's documentation, then declare a new layout in {lieu.contrat}",
    )


def _verifier_entete(texte: Texte, layout: Layout, lieu: Lieu) -> None:
    doubles = [e for e, fois in Counter(e for e in texte.entete if e).items() if fois > 1]
    n = layout.unnamed_columns
    if doubles or (n and any(texte.entete[-n:])):
        raise lieu.erreur(
            "entete",
            ligne=1,
            observe=f"headers twice: {doubles}" if doubles else "nameless columns among the named ones",
            attendu=f"each header once, then {n} nameless columns",
            que_faire="open the file and tell the producer",
        )
    if not n:
        return
    bouts = texte.colonnes[-n:]
    remplie = reduce(pc.or_, [pc.not_equal(c, "") for c in bouts])
    rangs = [(i, texte.lignes[i].as_py()) for i in pc.indices_nonzero(remplie).to_pylist()]
    pleins = [(ligne, ";".join(c[i].as_py() for c in bouts)) for i, ligne in rangs]
    if pleins:
        raise lieu.erreur(
            "entete",
            ligne=pleins[0][0],
            observe=f"values under nameless columns: {premiers(pleins)}",
            attendu=f"{n} empty trailing columns",
            que_faire="find out from the producer what these values are before using the file",
        )


def _lus(texte: Texte, layout: Layout, edition: Millesime) -> Texte:
    """Keep the records that the layout reads."""
    gardes = pa.repeat(pa.scalar(True), len(texte.lignes))
    for entete, valeurs in layout.only.items():
        cellules = texte.colonne(edition.gabarit(entete))
        gardes = pc.and_(gardes, pc.is_in(cellules, pa.array(valeurs, pa.string())))
    return texte.garder(gardes)


def _colonnes_texte(
    texte: Texte, layout: Layout, edition: Millesime, lieu: Lieu
) -> dict[str, tuple[str, pa.Array]]:
    """Return, by column of the contract, its header and its cells as text."""
    colonnes = {
        colonne: (edition.gabarit(e), texte.colonne(edition.gabarit(e)))
        for e, colonne in layout.columns.items()
        if colonne is not None
    }
    for colonne, derivee in layout.derived.items():
        departement, commune = (edition.gabarit(e) for e in derivee.entetes)
        codes = departement_commune(texte, departement, commune, lieu)
        colonnes[colonne] = (f"{departement}+{commune}", codes)
    return colonnes


def _verifier_millesime(table: pa.Table, ressource: Ressource, edition: Millesime, lieu: Lieu) -> None:
    if (annee := ressource.colonne_annee) is None or table.num_rows == 0:
        return
    dernier = pc.max(table[annee]).as_py()
    if dernier != edition.millesime:
        raise lieu.erreur(
            "millesime_inattendu",
            colonne=annee,
            observe=f"the newest year of the file is {dernier}",
            attendu=f"{edition.millesime}, the millésime under which it was received",
            que_faire=f"receive it under {dernier}, after declaring that millésime in {lieu.contrat}",
        )


def _verifier_cle(table: pa.Table, ressource: Ressource, lieu: Lieu) -> None:
    comptes = table.group_by(ressource.cle).aggregate([("ligne", "count")])
    if comptes.num_rows == table.num_rows:
        return
    lignes: dict[tuple[object, ...], list[int]] = {}
    for *cle, ligne in zip(*(table[c].to_pylist() for c in [*ressource.cle, "ligne"]), strict=True):
        lignes.setdefault(tuple(cle), []).append(ligne)
    doubles = [
        (v[0], f"{', '.join(map(str, cle))} (also line {enumerer(list(map(str, v[1:])), 12)})")
        for cle, v in lignes.items()
        if len(v) > 1
    ]
    raise lieu.erreur(
        "cle_dupliquee",
        colonne=", ".join(ressource.cle),
        ligne=doubles[0][0],
        observe=premiers(doubles),
        attendu=f"each key once: {ressource.grain}",
        que_faire="compare the lines; tell the producer, or widen the key in "
        f"{lieu.contrat} if they are different facts",
    )


def _repetees(texte: Texte, admises: int) -> pa.Array:
    """Flag the records that copy a whole earlier one; none when there are more than `admises`."""
    n = len(texte.lignes)
    aucune = pa.repeat(pa.scalar(False), n)
    if not admises or not n:
        return aucune
    noms = [f"c{i}" for i in range(len(texte.colonnes))]
    rangs = pa.table([*texte.colonnes, pa.array(range(n))], names=[*noms, "rang"])
    premiers_rangs = rangs.group_by(noms).aggregate([("rang", "min")])["rang_min"]
    if not 0 < n - len(premiers_rangs) <= admises:
        return aucune
    return pc.invert(pc.is_in(rangs["rang"], premiers_rangs.combine_chunks())).combine_chunks()
