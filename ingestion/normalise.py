"""Text to typed Parquet, strictly: the contract says how each cell reads, or the file is refused.

Belongs here: column maps, casts, markers, keys, codes outside the COG, the Parquet itself. Does not
belong here: judging a whole file against others (`ingestion.thresholds`), deciding which file is in
use (`ingestion.acquisition`).
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.empreinte import TYPES, schema_normalise
from ingestion.contrats.grammaire import ANNEES, NOMBRES, Colonne, FormatTableur, Layout
from ingestion.errors import ErreurSource, Lieu, premiers
from ingestion.readers import Texte, lire
from socle.disque import ecriture_atomique

# What a cell must look like, in full; `{d}` is the contract's decimal mark.
FORMES = {
    "integer": r"-?[0-9]{1,18}",
    "decimal": r"-?[0-9]{1,15}(?:{d}[0-9]{1,15})?",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "year": r"[12][0-9]{3}",
    # A stock is taken in December: any other month would belong to no millésime.
    "year_of_month": r"[12][0-9]{3}-12",
    "year_of_date": r"[12][0-9]{3}-12-[0-3][0-9]",
    "year_of_quarter": r"[12][0-9]{3}-T4",
    "code_commune": r"[0-9][0-9AB][0-9]{3}",
    "code_departement": r"(?:0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-8])",
    "code_region": r"[0-9]{2}",
    "siren": r"[0-9]{9}",
    "identifiant": r"[a-z0-9][a-z0-9_-]*",
    "code_iris": r"[0-9][0-9AB][0-9]{7}",
}
ATTENDUS = {
    "integer": "a whole number, without separators",
    "decimal": "a number with {d!r} as its decimal mark and at most 15 decimals",
    "date": "a date AAAA-MM-JJ",
    "year": "a year AAAA",
    "year_of_month": "a December, AAAA-12",
    "year_of_date": "a day of December, AAAA-12-JJ",
    "year_of_quarter": "a fourth quarter, AAAA-T4",
    "code_commune": "a code of commune on 5 characters",
    "code_departement": "a code of département",
    "code_region": "a code of région on 2 digits",
    "siren": "a SIREN on 9 digits",
    "identifiant": "an identifier in lower case: letters without accent, digits, - and _",
    "code_iris": "a code of IRIS on 9 characters",
}


@dataclass(frozen=True)
class Cog:
    """The codes that exist on 1 January of a year: communes and arrondissements municipaux."""

    annee: int
    sha256: str
    codes: frozenset[str]
    departements: frozenset[str]


@dataclass(frozen=True)
class Normalise:
    """A typed file: the rows kept, and the rows set aside.

    `ecartes` has one more column, `motif`: `hors_cog` (the code is outside the COG the file declares)
    or `ligne_repetee` (the record is written twice).
    """

    table: pa.Table
    ecartes: pa.Table
    membre: str | None
    cog_millesime: int | None


def normaliser_fichier(
    chemin: Path, ressource: Ressource, edition: Millesime, sha256: str, cog: Cog | None, lieu: Lieu
) -> Normalise:
    """Read a landed file and type it.

    `cog`: the COG the file declares, or None when it was not received (codes are then not checked).
    Raises `ErreurSource` at the first thing that does not match the contract.
    """
    try:
        return _normaliser(chemin, ressource, edition, sha256, cog, lieu)
    except ErreurSource as e:
        if not isinstance(ressource.format, FormatTableur):
            raise
        # Whoever filled in the table can correct it; nobody else has to change a contract.
        source, nom = ressource.source, ressource.nom
        raise replace(
            e,
            que_faire="correct the table at that place, save it as XLSX or CSV UTF-8 (`;`), and drop it "
            f"again in depot/{source}/{nom}/{edition.millesime}/; an empty one with the guide of its "
            f"columns: `ctg sources template {source} --ressource {nom}`",
        ) from e


def _normaliser(
    chemin: Path, ressource: Ressource, edition: Millesime, sha256: str, cog: Cog | None, lieu: Lieu
) -> Normalise:
    texte = lire(chemin, ressource.format, edition, lieu)
    layout = _layout(texte, ressource, edition, lieu)
    passes = {edition.gabarit(e): motif for e, motif in layout.skip.items()}
    texte = _lus(texte, layout, edition).sans(passes)
    colonnes = _colonnes_texte(texte, layout, edition, lieu)

    typees: dict[str, pa.Array] = {}
    n = len(texte.rangs)
    for nom, colonne in ressource.columns.items():
        entete, brut = colonnes.get(nom, (nom, None))
        if brut is None:
            typees[nom] = pa.nulls(n, TYPES[colonne.type])
            marque = pa.nulls(n, pa.string())
        else:
            if isinstance(ressource.format, FormatTableur):
                brut = _comme_on_ecrit(brut, colonne)
            marque = _marques(brut, colonne)
            typees[nom] = _typer(
                brut,
                marque,
                colonne,
                layout.decimal.get(nom, ressource.format.decimal),
                ressource.format.thousands,
                texte.lignes,
                f"{entete} ({nom})",
                lieu,
            )
        if colonne.marquee:
            typees[f"{nom}__marque"] = marque
        if nom in ressource.colonnes_datees:
            propre = edition.gabarit(layout.millesimes_propres.get(nom, "{millesime}"))
            typees[f"{nom}__millesime"] = _constante(int(propre), n, pa.int32())
    annee_cog = edition.cog if isinstance(edition.cog, int) else (cog.annee if cog else None)
    typees["millesime_fichier"] = _constante(edition.millesime, n, pa.int32())
    typees["cog_millesime"] = _constante(annee_cog, n, pa.int32())
    typees["fichier_sha256"] = _constante(sha256, n, pa.string())
    typees["ligne"] = pa.array(texte.lignes, pa.int32())
    table = pa.table(typees, schema=schema_normalise(ressource))

    _verifier_millesime(table, ressource, edition, lieu)
    repetee = _repetees(texte, ressource.thresholds.repeated_rows)
    _verifier_cle(table.filter(pc.invert(repetee)), ressource, lieu)
    dehors = _hors_cog(table, ressource, edition, cog, lieu)
    motif = pc.if_else(repetee, "ligne_repetee", pc.if_else(dehors, "hors_cog", None))
    garde = pc.is_null(motif)
    ecartes = table.append_column("motif", motif).filter(pc.invert(garde))
    return Normalise(table.filter(garde), ecartes, texte.membre, annee_cog)


def ecrire_parquet(table: pa.Table, chemin: Path) -> None:
    """Write a table atomically; the same table always gives the same bytes."""
    with ecriture_atomique(chemin) as f:
        pq.write_table(table, f, compression="zstd", version="2.6", row_group_size=1 << 20)


def _constante(valeur: int | str | None, n: int, type_: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(valeur, type_), n)


def _layout(texte: Texte, ressource: Ressource, edition: Millesime, lieu: Lieu) -> Layout:
    """Return the layout whose headers are exactly the file's, else fail against the nearest."""
    entete = [e for e in texte.entete if e]
    ecarts = []
    for nom in edition.layout:
        layout = ressource.layouts[nom]
        attendus = dict.fromkeys(edition.gabarit(e) for e in layout.gabarits)
        presents = set(entete)
        manquants = [e for e in attendus if e not in presents]
        inconnus = [e for e in entete if e not in attendus]
        sans_nom = texte.entete.count("")
        if not manquants and not inconnus and sans_nom == layout.unnamed_columns:
            _verifier_entete(texte, layout, lieu)
            return layout
        ecarts.append((len(manquants) + len(inconnus), nom, layout, manquants, inconnus, sans_nom))
    _, nom, layout, manquants, inconnus, sans_nom = min(ecarts, key=lambda e: e[:2])
    faits = []
    for e in manquants:
        proche = difflib.get_close_matches(e, inconnus, 1, 0.6)
        faits.append(f"missing {e!r}" + (f" (renamed {proche[0]!r}?)" if proche else ""))
    faits += [f"unknown {e!r}" for e in inconnus]
    if sans_nom != layout.unnamed_columns:
        faits.append(f"{sans_nom} nameless columns instead of {layout.unnamed_columns}")
    raise lieu.erreur(
        "colonne_manquante" if manquants else "colonne_inconnue" if inconnus else "entete",
        ligne=1,
        colonne=", ".join(manquants or inconnus) or None,
        observe="; ".join(faits),
        attendu=f"the headers of layout {nom!r}" + (", the nearest" if len(ecarts) > 1 else ""),
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
    pleins = [
        (ligne, ";".join(r[-n:])) for r, ligne in zip(texte.rangs, texte.lignes, strict=True) if any(r[-n:])
    ]
    if n and pleins:
        raise lieu.erreur(
            "entete",
            ligne=pleins[0][0],
            observe=f"values under nameless columns: {premiers(pleins)}",
            attendu=f"{n} empty trailing columns",
            que_faire="find out from the producer what these values are before using the file",
        )


def _lus(texte: Texte, layout: Layout, edition: Millesime) -> Texte:
    """Keep the records that the layout reads."""
    criteres = [
        (texte.entete.index(edition.gabarit(e)), frozenset(valeurs)) for e, valeurs in layout.only.items()
    ]
    if not criteres:
        return texte
    gardes = [i for i, r in enumerate(texte.rangs) if all(r[j] in valeurs for j, valeurs in criteres)]
    return replace(texte, rangs=[texte.rangs[i] for i in gardes], lignes=[texte.lignes[i] for i in gardes])


def _colonnes_texte(
    texte: Texte, layout: Layout, edition: Millesime, lieu: Lieu
) -> dict[str, tuple[str, pa.Array]]:
    """Return, by column of the contract, its header and its cells as text."""
    rang = {e: i for i, e in enumerate(texte.entete) if e}

    def cellules(entete: str) -> list[str]:
        i = rang[entete]
        return [r[i] for r in texte.rangs]

    colonnes = {
        colonne: (edition.gabarit(e), pa.array(cellules(edition.gabarit(e)), pa.string()))
        for e, colonne in layout.columns.items()
        if colonne is not None
    }
    for colonne, derivee in layout.derived.items():
        entetes = [edition.gabarit(e) for e in derivee.entetes]
        codes = _departement_commune(cellules(entetes[0]), cellules(entetes[1]), texte.lignes, entetes, lieu)
        colonnes[colonne] = ("+".join(entetes), pa.array(codes, pa.string()))
    return colonnes


def _departement_commune(
    departements: list[str], communes: list[str], lignes: list[int], entetes: list[str], lieu: Lieu
) -> list[str]:
    """Join a département and a commune; overseas both tell the third digit: 971 and 101 are 97101."""
    codes, faux = [], []
    for dep, com, ligne in zip(departements, communes, lignes, strict=True):
        if len(com) != 3 or not (len(dep) == 2 or (len(dep) == 3 and dep[2] == com[0])):
            faux.append((ligne, f"{dep} + {com}"))
        codes.append(dep[:2] + com)
    if faux:
        raise lieu.erreur(
            "valeur_illisible",
            colonne="+".join(entetes),
            ligne=faux[0][0],
            observe=premiers(faux),
            attendu="a département and the 3 digits of a commune, agreeing on the third digit overseas",
            que_faire="open the file at that line and tell the producer",
        )
    return codes


def _comme_on_ecrit(brut: pa.Array, colonne: Colonne) -> pa.Array:
    """Bring the two ways in which people write a day, and a list, to the contract's."""
    if colonne.type == "date":
        # A spreadsheet set to French saves the days of a CSV so.
        return pc.replace_substring_regex(brut, r"^([0-9]{2})/([0-9]{2})/([0-9]{4})$", r"\3-\2-\1")
    return pc.replace_substring_regex(brut, r"\s*;\s*", " ; ") if colonne.items else brut


def _marques(brut: pa.Array, colonne: Colonne) -> pa.Array:
    """Return `manquant`, `secret` or NULL for each cell."""
    marque = pa.nulls(len(brut), pa.string())
    for nom, textes in (("manquant", colonne.missing), ("secret", colonne.secret)):
        if textes:
            marque = pc.if_else(pc.is_in(brut, pa.array(textes, pa.string())), nom, marque)
    return marque


def _typer(
    brut: pa.Array,
    marque: pa.Array,
    colonne: Colonne,
    decimale: str | None,
    milliers: str | None,
    lignes: list[int],
    nom: str,
    lieu: Lieu,
) -> pa.Array:
    """Cast one column and check its bounds; every refused cell is told with its line."""
    marquee = pc.is_valid(marque)
    texte = pc.if_else(marquee, pa.scalar(None, pa.string()), brut)

    def refuser(code: str, mauvais: pa.Array, attendu: str, que_faire: str) -> None:
        if not pc.any(mauvais).as_py():
            return
        cas = [(lignes[i], brut[i].as_py()) for i in pc.indices_nonzero(mauvais).to_pylist()]
        raise lieu.erreur(
            code,
            colonne=nom,
            ligne=cas[0][0],
            observe=premiers(cas),
            attendu=attendu,
            que_faire=que_faire,
        )

    refuser(
        "valeur_absente",
        pc.fill_null(pc.equal(texte, ""), False),
        f"a value; declared markers: {[*colonne.missing, *colonne.secret] or 'none'}",
        f"ask the producer what the blank means, then declare it `missing` or `secret` in {lieu.contrat}",
    )
    corriger = f"open the file at that line; if the producer changed its format, change it in {lieu.contrat}"
    if colonne.type == "text":
        if colonne.values is not None:
            permis = pc.is_in(texte, pa.array([*colonne.values, None], pa.string()))
            refuser("valeur_hors_liste", pc.invert(permis), f"one of {colonne.values}", corriger)
        if colonne.items is not None:
            un = FORMES.get(colonne.items, "[^;]+")
            lisible = pc.match_substring_regex(texte, f"^(?:{un})(?: ; (?:{un}))*$")
            attendu = f"{ATTENDUS.get(colonne.items, 'texts')}, with ' ; ' between two"
            refuser("valeur_illisible", pc.invert(pc.fill_null(lisible, True)), attendu, corriger)
        return texte

    d = decimale or "."
    if colonne.type in NOMBRES and milliers:
        texte = _sans_milliers(texte, milliers)
    forme = FORMES[colonne.type].replace("{d}", re.escape(d))
    attendu = ATTENDUS[colonne.type].replace("{d!r}", repr(d))
    lisible = pc.match_substring_regex(texte, f"^(?:{forme})$")
    refuser("valeur_illisible", pc.invert(pc.fill_null(lisible, True)), attendu, corriger)
    if colonne.type in ANNEES:
        return pc.cast(pc.utf8_slice_codeunits(texte, 0, 4), pa.int32())
    if colonne.type == "date":
        jours = pc.strptime(texte, format="%Y-%m-%d", unit="s", error_is_null=True)
        # strptime turns 31 February into 3 March: a date that does not print back as it was read is none.
        fausse = pc.fill_null(pc.not_equal(pc.strftime(jours, format="%Y-%m-%d"), texte), True)
        refuser("valeur_illisible", pc.and_(fausse, pc.is_valid(texte)), attendu, corriger)
        return pc.cast(jours, pa.date32())
    if colonne.type not in NOMBRES:
        return texte

    nombres = pc.cast(pc.replace_substring(texte, d, "."), TYPES[colonne.type])
    flottants = pc.cast(nombres, pa.float64())
    dehors = pa.repeat(pa.scalar(False), len(nombres))
    if colonne.min is not None:
        dehors = pc.or_(dehors, pc.fill_null(pc.less(flottants, colonne.min), False))
    if colonne.max is not None:
        dehors = pc.or_(dehors, pc.fill_null(pc.greater(flottants, colonne.max), False))
    refuser(
        "valeur_hors_bornes",
        dehors,
        f"between {colonne.min} and {colonne.max}",
        f"check the unit and the decimal mark; if the value is right, widen the bounds in {lieu.contrat}",
    )
    if colonne.multiple:
        quotients = pc.divide(nombres, colonne.multiple)
        reste = pc.not_equal(pc.multiply(quotients, colonne.multiple), nombres)
        refuser(
            "valeur_hors_bornes",
            pc.fill_null(reste, False),
            f"a multiple of {colonne.multiple}: the producer rounds",
            "check that the file is the public one, not an unrounded extract",
        )
    return nombres


def _sans_milliers(texte: pa.Array, separateur: str) -> pa.Array:
    """Remove the separator where it stands between whole thousands; elsewhere the cell stays unreadable."""
    groupes = pc.match_substring_regex(texte, rf"^-?[0-9]{{1,3}}(?:{re.escape(separateur)}[0-9]{{3}})+$")
    return pc.if_else(pc.fill_null(groupes, False), pc.replace_substring(texte, separateur, ""), texte)


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
        (v[0], f"{', '.join(map(str, cle))} (also line {', '.join(map(str, v[1:]))})")
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
    """Return which records are a whole copy of an earlier one; none beyond the number admitted.

    Beyond it, the duplicated keys are refused with their lines.
    """
    vus: set[tuple[str, ...]] = set()
    repetee = []
    for rang in map(tuple, texte.rangs if admises else []):
        repetee.append(rang in vus)
        vus.add(rang)
    if not 0 < sum(repetee) <= admises:
        repetee = [False] * len(texte.rangs)
    return pa.array(repetee, pa.bool_())


def _hors_cog(
    table: pa.Table, ressource: Ressource, edition: Millesime, cog: Cog | None, lieu: Lieu
) -> pa.Array:
    """Return which rows have a code outside the COG; refuse the file beyond `codes_hors_cog`."""
    admis = ressource.thresholds.codes_hors_cog
    if admis is not None and edition.codes_hors_cog is not None:
        admis = edition.codes_hors_cog
    if admis is None or cog is None:
        return pa.repeat(pa.scalar(False), table.num_rows)
    _listes_hors_cog(table, ressource, cog, lieu)
    # Null apart: a row without a code has none to be wrong.
    connus = pa.array([None, *sorted(cog.codes)], pa.string())
    dehors = pc.invert(pc.is_in(table["code"], connus)).combine_chunks()
    cas = list(zip(*(table.filter(dehors)[c].to_pylist() for c in ("ligne", "code")), strict=True))
    codes = {code for _, code in cas}
    if len(codes) > admis:
        raise lieu.erreur(
            "codes_hors_cog",
            colonne="code",
            ligne=cas[0][0],
            observe=f"{len(codes)} codes outside the COG {cog.annee}: {premiers(cas)}",
            attendu=f"at most {admis} codes outside the COG {cog.annee}",
            que_faire=f"check in which COG the producer wrote the file, and correct `cog` in {lieu.contrat}",
        )
    return dehors


def _listes_hors_cog(table: pa.Table, ressource: Ressource, cog: Cog, lieu: Lieu) -> None:
    """Refuse a list of communes that names one outside the COG: only its whole row could be set aside."""
    for nom in (n for n, c in ressource.columns.items() if c.items == "code_commune"):
        cas = [
            (ligne, code)
            for ligne, liste in zip(table["ligne"].to_pylist(), table[nom].to_pylist(), strict=True)
            for code in (liste or "").split(" ; ")
            if code and code not in cog.codes
        ]
        if cas:
            raise lieu.erreur(
                "codes_hors_cog",
                colonne=nom,
                ligne=cas[0][0],
                observe=premiers(cas),
                attendu=f"communes of the COG {cog.annee}",
                que_faire=f"correct the codes, or `cog` in {lieu.contrat}",
            )
