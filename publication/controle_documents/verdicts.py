"""What each printed figure is worth beside the warehouse: a verdict, the warehouse's value, a reading."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

from confidentialite.regle import PETIT
from publication.controle_documents.entrepot import ChiffrePublie, Entrepot
from publication.controle_documents.intervalles import Intervalle, arrondir, ecrire
from publication.controle_documents.lecture import ChiffreAudite
from publication.controle_documents.ouverture import suffixe
from publication.lecture.marts import Ligne
from socle.affichage import ESPACE_FINE, TROP_PEU

VERDICTS = {
    "conforme": "conforme",
    "ecart_arrondi": "écart d'arrondi",
    "ecart": "écart",
    "mauvais_univers": "mauvais univers",
    "non_verifiable": "non vérifiable",
    "divulgation": "divulgation",
}
PROCHE = Fraction(1, 100)
"""Two readings are close when they differ by 1 % of the printed number, or by its last printed digit."""
SANS_SECRET = 500
"""From there on a count gives no small one away: ten times the highest floor of any source, 50 households."""


@dataclass(frozen=True)
class Jugement:
    """A figure and its verdict.

    `cellule` is the warehouse's figure it was compared with (the nearest year when the document gives none);
    `lecture` another figure of the warehouse that the printed number matches better; `faux` the word of the
    document that names another universe than the dictionary's.
    """

    chiffre: ChiffreAudite
    verdict: str
    explication: str
    univers: str | None = None
    faux: "MotFaux | None" = None
    cellule: ChiffrePublie | None = None
    lecture: ChiffrePublie | None = None
    controles: tuple[str, ...] = ()

    @property
    def ecart(self) -> Fraction | None:
        """Printed number minus the warehouse's."""
        imprime, cellule = self.chiffre.nombre, self.cellule
        if imprime is None or cellule is None or cellule.valeur is None:
            return None
        return imprime - cellule.valeur

    @property
    def repris(self) -> bool:
        """Whether the printed number is the release's, rounded as it is printed."""
        c, cellule = self.chiffre, self.cellule
        if c.nombre is None or cellule is None or cellule.valeur is None:
            return False
        return arrondir(cellule.valeur, c.decimales) == c.nombre

    @property
    def intervalle(self) -> Intervalle | None:
        """What the printed number may be; None when it is not a number.

        The release's own figures are counts to the nearest 5, amounts to the nearest 50 000, estimates of a
        census: where one is printed, it is no more precise than the release says.

            4 535 foyers, of the release    [4 533 ; 4 537]        4 536 foyers    [4 536 ; 4 536]
        """
        imprime = self.chiffre.intervalle
        if imprime is None or not self.repris or self.cellule is None or self.cellule.intervalle is None:
            return imprime
        return imprime.etendu(self.cellule.intervalle)


@dataclass(frozen=True)
class MotFaux:
    """A word of the document that names another universe than the dictionary's."""

    mot: str
    univers: tuple[str, ...]
    dit: str


def juger(chiffre: ChiffreAudite, entrepot: Entrepot) -> Jugement:
    """Compare one printed figure with the release."""
    if chiffre.manquant:
        return Jugement(chiffre, "non_verifiable", "aucune valeur imprimée dans le document")
    indicateur = entrepot.indicateurs.get(chiffre.indicator_id)
    if indicateur is None:
        return Jugement(
            chiffre, "non_verifiable", "indicateur absent du dictionnaire de la release : rien à comparer"
        )
    verdict, explication, cellule, lecture = _comparer(chiffre, entrepot)
    faux = mot_faux(chiffre, indicateur, entrepot)
    if faux:
        explication = f"{faux.dit} ; {explication}"
        # What must not be printed at all comes before what is printed under a wrong name.
        verdict = verdict if verdict == "divulgation" else "mauvais_univers"
    return Jugement(chiffre, verdict, explication, indicateur["univers"], faux, cellule, lecture)


def mot_faux(chiffre: ChiffreAudite, indicateur: Ligne, entrepot: Entrepot) -> MotFaux | None:
    """The word by which the label, or else the denominator, names another universe than this one.

    None when a text names the right one beside it, when nothing names any, or when the vocabulary has no word
    for this universe (structures, places). A total amount has no denominator to be wrong about.
    """
    vocabulaire: dict[str, tuple[str, ...]] = _vocabulaire()
    univers: str = indicateur["univers"]
    if chiffre.unit == "EUR" or not any(univers in u for u in vocabulaire.values()):
        return None
    for texte in (chiffre.label, chiffre.denominator_definition):
        mots = _motif().findall(_sans_accent(texte))
        if mots and not any(univers in vocabulaire[mot] for mot in mots):
            # The word as the document spells it, accents included.
            debut = _sans_accent(texte).index(mots[0])
            mot, nommes = texte[debut : debut + len(mots[0])].lower(), vocabulaire[mots[0]]
            # A universe of no indicateur has no name but the word itself.
            noms = " ou ".join(entrepot.univers[u].lower() for u in nommes if u in entrepot.univers)
            sien = entrepot.univers.get(univers, univers).lower()
            return MotFaux(
                mot,
                nommes,
                f"le document dit « {mot} »{f' ({noms})' if noms else ''}, le dictionnaire"
                f" « {indicateur['libelle']} » ({sien})",
            )
    return None


def _comparer(
    c: ChiffreAudite, entrepot: Entrepot
) -> tuple[str, str, ChiffrePublie | None, ChiffrePublie | None]:
    if c.territoire_id not in entrepot.territoires:
        dit = f"{c.territoire_id} est inconnu de la release ou hors de son périmètre"
        return "non_verifiable", dit, None, None
    toutes = entrepot.cellules(c.territoire_id, c.indicator_id)
    candidates = [cellule for cellule in toutes if meme_periode(c, cellule)]
    if not candidates:
        if secrete := entrepot.secrete(c.territoire_id, c.indicator_id, c.annees):
            motif = f"l'entrepôt tient ce chiffre secret ({secrete.millesime}, {secrete.source_ids})"
            if c.nombre is not None and not c.mesure and c.nombre >= SANS_SECRET:
                dit = f"{motif}, mais {c.imprime} dépasse de loin tout seuil de secret : d'une autre source"
                return "non_verifiable", f"{dit}, ou d'une autre année", secrete, None
            return "divulgation", f"{motif} et le document l'imprime", secrete, None
        pourquoi = entrepot.pourquoi_rien(c.territoire_id, c.indicator_id, c.annees[1] if c.annees else None)
        if toutes:
            pourquoi = f"période {c.period} non reçue (reçues : {_annees(toutes)})"
        lecture = _lecture(c, entrepot, toutes, None)
        return "non_verifiable", _avec_lecture(pourquoi, c, lecture), None, lecture
    if c.nombre is None:
        return _comparer_texte(c, candidates)
    if _devoile(c, entrepot):
        dit = f"le document imprime {c.imprime} {entrepot.indicateurs[c.indicator_id]['libelle'].lower()}"
        dit += f" : un effectif de 1 à {PETIT} personnes ne s'imprime pas"
        return "divulgation", dit, candidates[-1], None
    cellule = min(candidates, key=lambda x: (_distance(c, x), -x.millesime))
    verdict, explication = _comparer_nombre(c, cellule, entrepot)
    if c.annees is None:
        explication += (
            f" ; sans année dans le document : le plus proche des millésimes reçus ({_annees(toutes)})"
        )
    lecture = _lecture(c, entrepot, toutes, cellule) if verdict != "conforme" else None
    return verdict, _avec_lecture(explication, c, lecture), cellule, lecture


def _devoile(c: ChiffreAudite, entrepot: Entrepot) -> bool:
    """Whether what is printed is a count of one to four persons whom the Caf knows."""
    i = entrepot.indicateurs[c.indicator_id]
    compte = i["methode"] == "somme" and i["secret"] != "aucun" and not c.mesure
    return bool(compte and c.nombre is not None and 1 <= c.nombre <= PETIT)


def _comparer_nombre(c: ChiffreAudite, cellule: ChiffrePublie, entrepot: Entrepot) -> tuple[str, str]:
    assert c.nombre is not None and cellule.valeur is not None
    dit = f"l'entrepôt donne {decrire(c, cellule)}"
    if arrondir(cellule.valeur, c.decimales) == c.nombre:
        return "conforme", dit
    ecart = c.nombre - cellule.valeur
    if c.mesure and abs(ecart) < Fraction(1, 10**c.decimales):
        return "ecart_arrondi", f"{dit} : moins d'une unité du dernier chiffre imprimé"
    bornes = cellule.intervalle
    i = entrepot.indicateurs[c.indicator_id]
    dedans = bornes is not None and c.intervalle is not None and c.intervalle.croise(bornes)
    if i["secret"] == "chaine" and bornes and dedans and cellule.lisibilite == "point":
        # What the Caf counted, and what was rounded of it once: both are right.
        pres = ecrire(max(bornes.haut - bornes.centre, bornes.centre - bornes.bas))
        return "conforme", f"la Caf imprime {c.imprime}, l'entrepôt {decrire(c, cellule)}, à {pres} près"
    if cellule.encadree and dedans:
        if abs(ecart) <= abs(c.nombre) * PROCHE:
            return "ecart_arrondi", f"{dit} : dans ces bornes et à moins de 1 %"
        # Bounds add the worst case of every commune: being within them neither proves nor refutes.
        return "non_verifiable", f"{dit} : compatible avec ces bornes, trop larges pour trancher"
    if cellule.lisibilite != "point":
        return "ecart", f"{dit}, et le document autre chose"
    ecart_dit = entrepot.ecart_dit(c.indicator_id, c.unit, ecart)
    return "ecart", f"{dit}, soit un écart de {'+' if ecart > 0 else ''}{ecart_dit}"


def _comparer_texte(
    c: ChiffreAudite, candidates: list[ChiffrePublie]
) -> tuple[str, str, ChiffrePublie | None, ChiffrePublie | None]:
    cellule = candidates[-1]
    if c.unit == "booleen":
        observe = cellule.valeur_texte or ("oui" if cellule.valeur else "non")
        egal = observe == c.value
    else:
        observe = cellule.valeur_texte or (ecrire(cellule.valeur) if cellule.valeur is not None else "")
        egal = _dates(observe, c.value) == _dates(c.value, c.value)
    dit = f"l'entrepôt donne {observe} ({cellule.millesime}, {cellule.source_ids})"
    return "conforme" if egal else "ecart", dit, cellule, None


def _dates(texte: str, modele: str) -> list[str]:
    """Years or dates of a text, cut to what `modele` prints: a date is compared with a year by its year."""
    longueur = 10 if re.fullmatch(r"\d{4}-\d{2}-\d{2}", modele) else 4
    return [date[:longueur] for date in re.findall(r"\d{4}(?:-\d{2}-\d{2})?", texte)]


def meme_periode(c: ChiffreAudite, cellule: ChiffrePublie) -> bool:
    """Whether a figure of the release may be what is printed, by its year; any may where none is printed."""
    if c.nombre is not None and cellule.valeur is None:
        return False
    if c.annees is None:
        return True
    debut, fin = c.annees
    if cellule.millesime_base is not None:
        return (cellule.millesime_base, cellule.millesime) == (debut, fin)
    return debut <= cellule.millesime <= fin


def _lecture(
    c: ChiffreAudite, entrepot: Entrepot, toutes: list[ChiffrePublie], cellule: ChiffrePublie | None
) -> ChiffrePublie | None:
    """The figure the printed number matches best, better than `cellule`: another year, else a neighbour."""
    if c.nombre is None:
        return None
    limite = _distance(c, cellule) if cellule else None
    tolerance = max(abs(c.nombre) * PROCHE, Fraction(1, 10**c.decimales))
    # Small counts are equal by chance: only rates and amounts are looked for under another name.
    voisines = entrepot.voisines(c.territoire_id, c.indicator_id) if c.mesure else []
    for candidates in (toutes, voisines):
        proches = [
            x
            for x in candidates
            if x.valeur is not None
            and x is not cellule
            and _distance(c, x) < tolerance
            and (limite is None or _distance(c, x) < limite)
        ]
        if proches:
            return min(proches, key=lambda x: (_distance(c, x), -x.millesime))
    return None


def _distance(c: ChiffreAudite, cellule: ChiffrePublie) -> Fraction:
    assert c.nombre is not None and cellule.valeur is not None
    return abs(c.nombre - cellule.valeur)


def decrire(c: ChiffreAudite, cellule: ChiffrePublie) -> str:
    """A figure of the warehouse in words: value and bounds, bounds alone of what is no point (« trop peu »
    where there are none); year, statut, sources."""
    bornes = cellule.intervalle
    assert bornes is not None
    # One digit more than the document, so that a rounding can be followed; whole numbers stay whole.
    entier = all(x.denominator == 1 for x in (bornes.bas, bornes.centre, bornes.haut))
    decimales = 0 if entier else c.decimales + 1
    apres = f"{ESPACE_FINE}{suffixe(c.unit)}" if suffixe(c.unit) else ""
    point = cellule.lisibilite == "point"
    texte = ecrire(bornes.centre, decimales) + apres
    statut = "" if cellule.statut == "observe" else f", {cellule.statut}"
    if cellule.encadree:
        entre = f"[{ecrire(bornes.bas, decimales)} ; {ecrire(bornes.haut, decimales)}]"
        texte = f"{texte} {entre}" if point else f"{entre}{apres}"
        statut += f", {TROP_PEU}" if cellule.lisibilite == "trop_peu" else ""
    elif not point:
        texte = TROP_PEU
    return f"{texte} ({cellule.millesime}{statut}, {cellule.source_ids})"


def _avec_lecture(explication: str, c: ChiffreAudite, lecture: ChiffrePublie | None) -> str:
    if lecture is None or c.nombre is None or lecture.valeur is None:
        return explication
    accord = "égale à l'arrondi" if arrondir(lecture.valeur, c.decimales) == c.nombre else "très proche"
    return f"{explication} ; lecture {accord} : {lecture.indicateur_id} {decrire(c, lecture)}"


def _annees(cellules: list[ChiffrePublie]) -> str:
    return ", ".join(str(m) for m in sorted({c.millesime for c in cellules}))


@cache
def _vocabulaire() -> dict[str, tuple[str, ...]]:
    texte = (files("publication.controle_documents") / "vocabulaire.csv").read_text(encoding="utf-8")
    return {
        _sans_accent(ligne["mot"]): tuple(ligne["univers"].split("+"))
        for ligne in csv.DictReader(texte.splitlines())
    }


@cache
def _motif() -> re.Pattern[str]:
    # Longest first: « population active » is not « population ».
    mots = sorted(_vocabulaire(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(mots)})\b")


def _sans_accent(texte: str) -> str:
    """Lower case, one character for one: positions are those of the text."""
    return "".join(unicodedata.normalize("NFD", lettre)[0] for lettre in texte).lower()
