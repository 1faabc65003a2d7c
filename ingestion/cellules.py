"""One column of text to typed values, in Arrow: the form of each type, markers, bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contrats.empreinte import TYPES
from ingestion.contrats.grammaire import ANNEES, NOMBRES, Colonne
from ingestion.erreurs import VALEUR_DITE, Lieu, couper, enumerer, premiers
from ingestion.readers import Texte

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
    "code_postal": r"[0-9]{5}",
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
    "code_postal": "a postal code on 5 digits",
}

# Patterns that name a person. Titles of functions and of bodies are accepted, "M. le maire" included. `\s`
# holds no space of French typography (U+00A0, U+202F); `\p{Z}` does.
PERSONNES = {
    "a mail address": r"[^\s@;]+@[^\s@;]+\.[A-Za-z]{2,}",
    "a telephone number": r"(?:\+33|\b0033|\b0)[\p{Z}.-]?(?:\(0\))?[1-9](?:[\p{Z}.-]?[0-9]{2}){4}\b",
    "a person's name after a title": r"\b(?:Mmes?|Mlles?|Madame|Mademoiselle|Monsieur|MM?\.|Dr\.?)"
    r"[\s\p{Z}]+\p{Lu}",
}

# A text that holds NUL, an escape or a mark of direction is not what it looks like. Insee's own labels hold a
# U+0096 for a dash, so later controls pass.
TROMPEURS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"

# Texts of a CSV that a spreadsheet would run as formulas: those that begin with =, or with +, - or @ before a
# function, another sheet (!) or another program (|). It runs nothing of « - Ouvrir un Lape » nor « @soft ».
FORMULES = r"^\s*(?:=|[+@-].*(?:\||!\S|\w\())"

# Refuses the flagged cells of a column: code, flags, what was expected, what to do.
Refuser = Callable[[str, pa.Array, str, str], None]

# A list longer than this is counted in an error, not written out.
VALEURS_DITES = 30


@dataclass(frozen=True)
class EcritureNombres:
    """How a column writes its numbers: the decimal mark, and what may stand between thousands."""

    decimale: str
    milliers: str | None


@dataclass(frozen=True)
class Place:
    """A column of a file: its name, as people know it, and the line of each cell."""

    colonne: str
    lignes: pa.Array
    lieu: Lieu


def departement_commune(texte: Texte, departement: str, commune: str, lieu: Lieu) -> pa.Array:
    """Join a département and a commune; overseas both carry the third digit: 971 and 101 are 97101."""
    dep, com = texte.colonne(departement), texte.colonne(commune)
    deux, trois = (pc.equal(pc.utf8_length(dep), n) for n in (2, 3))
    accord = pc.equal(pc.utf8_slice_codeunits(dep, 2, 3), pc.utf8_slice_codeunits(com, 0, 1))
    justes = pc.and_(pc.equal(pc.utf8_length(com), 3), pc.or_(deux, pc.and_(trois, accord)))
    if justes.false_count:
        rangs = pc.indices_nonzero(pc.invert(justes)).to_pylist()
        faux = [(texte.lignes[i].as_py(), f"{dep[i].as_py()} + {com[i].as_py()}") for i in rangs]
        raise lieu.erreur(
            "valeur_illisible",
            colonne=f"{departement}+{commune}",
            ligne=faux[0][0],
            observe=premiers(faux),
            attendu="a département and the 3 digits of a commune, agreeing on the third digit overseas",
            que_faire="open the file at that line and tell the producer",
        )
    return pc.binary_join_element_wise(pc.utf8_slice_codeunits(dep, 0, 2), com, "")


def comme_on_ecrit(brut: pa.Array, colonne: Colonne) -> pa.Array:
    """Bring the two ways in which people write a day, and a list, to the contract's."""
    if colonne.type == "date":
        # A spreadsheet set to French saves the days of a CSV so.
        return pc.replace_substring_regex(brut, r"^([0-9]{2})/([0-9]{2})/([0-9]{4})$", r"\3-\2-\1")
    return pc.replace_substring_regex(brut, r"[\s\p{Z}]*;[\s\p{Z}]*", " ; ") if colonne.items else brut


def entiers(brut: pa.Array) -> pa.Array:
    """Bring whole numbers written with decimals, `192027.0`, to whole numbers."""
    return pc.replace_substring_regex(brut, r"^(-?[0-9]+)\.0+$", r"\1")


def jours(texte: pa.Array, modele: str) -> pa.Array:
    """Read days written as `modele` (of `strptime`); null for any other text."""
    lus = pc.strptime(texte, format=modele, unit="s", error_is_null=True)
    # strptime turns 31 February into 3 March: a real day prints back as it was read.
    return pc.if_else(pc.equal(pc.strftime(lus, format=modele), texte), pc.cast(lus, pa.date32()), None)


def marques(brut: pa.Array, colonne: Colonne) -> pa.Array:
    """Return `manquant`, `secret` or NULL for each cell."""
    marque = pa.nulls(len(brut), pa.string())
    for nom, textes in (("manquant", colonne.missing), ("secret", colonne.secret)):
        if textes:
            marque = pc.if_else(pc.is_in(brut, pa.array(textes, pa.string())), nom, marque)
    return marque


def typer(
    brut: pa.Array, marque: pa.Array, colonne: Colonne, ecriture: EcritureNombres, place: Place
) -> pa.Array:
    """Cast one column and check its bounds. Raises `ErreurSource` with the lines of the refused cells."""
    lieu, refuser = place.lieu, partial(_refuser, brut, place)
    texte = pc.if_else(pc.is_valid(marque), pa.scalar(None, pa.string()), brut) if colonne.marquee else brut
    refuser(
        "valeur_absente",
        pc.fill_null(pc.equal(texte, ""), False),
        f"a value; declared markers: {[*colonne.missing, *colonne.secret] or 'none'}",
        f"ask the producer what the blank means, then declare it `missing` or `secret` in {lieu.contrat}",
    )
    corriger = f"open the file at that line; if the producer changed its format, change it in {lieu.contrat}"
    if colonne.type == "text":
        _verifier_texte(texte, colonne, refuser, corriger, lieu)
        if colonne.sans_personne:
            _refuser_personnes(texte, place)
        return texte
    if colonne.type in NOMBRES and ecriture.milliers:
        texte = _sans_milliers(texte, ecriture.milliers)
    forme = FORMES[colonne.type].replace("{d}", re.escape(ecriture.decimale))
    attendu = ATTENDUS[colonne.type].replace("{d!r}", repr(ecriture.decimale))
    if colonne.type in ANNEES:
        corriger = (
            "check that the file is the edition of that period; if the producer changed how it writes years, "
            f"add a layout that says it under `annees` in {lieu.contrat}"
        )
    lisible = pc.match_substring_regex(texte, f"^(?:{forme})$")
    refuser("valeur_illisible", pc.invert(pc.fill_null(lisible, True)), attendu, corriger)
    if colonne.type in ANNEES:
        return pc.cast(pc.utf8_slice_codeunits(texte, 0, 4), pa.int32())
    if colonne.type == "date":
        lus = jours(texte, "%Y-%m-%d")
        refuser("valeur_illisible", pc.and_(pc.is_null(lus), pc.is_valid(texte)), attendu, corriger)
        return lus
    if colonne.type not in NOMBRES:
        return texte
    nombres = pc.cast(pc.replace_substring(texte, ecriture.decimale, "."), TYPES[colonne.type])
    _verifier_bornes(nombres, colonne, refuser, lieu)
    return nombres


def _verifier_texte(texte: pa.Array, colonne: Colonne, refuser: Refuser, corriger: str, lieu: Lieu) -> None:
    """Refuse a text outside its list or its form, or misleading to readers."""
    if colonne.values is not None:
        hors = pc.invert(pc.is_in(texte, pa.array([*colonne.values, None], pa.string())))
        vues = sorted(set(texte.filter(hors).to_pylist()))
        inconnues = couper(enumerer([*map(repr, vues)], VALEURS_DITES), VALEUR_DITE)
        courte = len(colonne.values) <= VALEURS_DITES
        refuser(
            "valeur_hors_liste",
            hors,
            f"one of {colonne.values if courte else f'{len(colonne.values)} values'}",
            "find out from the producer what these values mean, then add them to `values` (of the column, or"
            f" of the layout where they are new) in {lieu.contrat}: {inconnues}",
        )
    if colonne.items is not None:
        un = FORMES.get(colonne.items, "[^;]+")
        lisible = pc.match_substring_regex(texte, f"^(?:{un})(?: ; (?:{un}))*$")
        attendu = f"{ATTENDUS.get(colonne.items, 'texts')}, with ' ; ' between two"
        refuser("valeur_illisible", pc.invert(pc.fill_null(lisible, True)), attendu, corriger)
    refuser(
        "caractere_trompeur",
        pc.fill_null(pc.match_substring_regex(texte, TROMPEURS), False),
        "letters in the order in which they are read: no control, no mark of direction",
        "open the file at that line, take the character out or tell the producer",
    )
    refuser(
        "formule",
        pc.fill_null(pc.match_substring_regex(texte, FORMULES), False),
        "a text: it is in a CSV too, where a spreadsheet would compute it",
        "open the file at that line and begin the text with a letter, or tell the producer",
    )


def _verifier_bornes(nombres: pa.Array, colonne: Colonne, refuser: Refuser, lieu: Lieu) -> None:
    flottants = pc.cast(nombres, pa.float64())
    dehors = pa.repeat(pa.scalar(False), len(nombres))
    for borne, passe in ((colonne.min, pc.less), (colonne.max, pc.greater)):
        if borne is not None:
            dehors = pc.or_(dehors, pc.fill_null(passe(flottants, borne), False))
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


def _refuser(
    brut: pa.Array, place: Place, code: str, mauvais: pa.Array, attendu: str, que_faire: str
) -> None:
    """Refuse the cells that are `mauvais`, with their lines."""
    if mauvais.true_count:
        rangs = pc.indices_nonzero(mauvais).to_pylist()
        cas = [(place.lignes[i].as_py(), brut[i].as_py()) for i in rangs]
        raise place.lieu.erreur(
            code,
            colonne=place.colonne,
            ligne=cas[0][0],
            observe=premiers(cas),
            attendu=attendu,
            que_faire=que_faire,
        )


def _refuser_personnes(texte: pa.Array, place: Place) -> None:
    """Refuse a text that names somebody; the error, which is kept, gives the line and never the text."""
    for quoi, forme in PERSONNES.items():
        trouves = pc.fill_null(pc.match_substring_regex(texte, forme), False)
        if trouves.true_count:
            lignes = [place.lignes[i].as_py() for i in pc.indices_nonzero(trouves).to_pylist()]
            raise place.lieu.erreur(
                "personne_nommee",
                colonne=place.colonne,
                ligne=lignes[0],
                observe=f"{quoi}, line {', '.join(map(str, lignes[:3]))}"
                + (f"; {len(lignes)} in all" if len(lignes) > 3 else ""),
                attendu="functions and bodies alone: the text is published as it is written",
                que_faire="write the function in place of the person, and leave out how to reach them",
            )


def _sans_milliers(texte: pa.Array, separateur: str) -> pa.Array:
    """Remove the separator where it stands between whole thousands; elsewhere the cell stays unreadable."""
    groupes = pc.match_substring_regex(texte, rf"^-?[0-9]{{1,3}}(?:{re.escape(separateur)}[0-9]{{3}})+$")
    return pc.if_else(pc.fill_null(groupes, False), pc.replace_substring(texte, separateur, ""), texte)
