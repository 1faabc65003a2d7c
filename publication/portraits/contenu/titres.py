"""A finding as the title of a slide, from the facts of one figure: short, without a final stop."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publication.portraits.contenu.langue import accorder, de, fois, majuscule, que
from publication.portraits.contenu.lectures import Lecture
from publication.portraits.contenu.phrases import accorde
from socle.affichage import MOINS

LONGUEUR = 75
"""Letters that a title holds on two lines of a slide."""


def titre_constat(lecture: Lecture) -> str:
    """Word a finding as a title: the fullest wording of at most `LONGUEUR` letters, else the shortest.

    "Le RSA recule mais reste au-dessus de la Drôme", "Moins d'enfants de moins de 3 ans qu'en 2017 (−11,1 %)"
    """
    titres = list(_titres(lecture))
    return majuscule(next((t for t in titres if len(t) <= LONGUEUR), min(titres, key=len)))


def _titres(lecture: Lecture) -> Iterator[str]:
    ici = lecture.ici
    court = lecture.formulation.court
    if court is None:
        yield f"{ici.chiffre.libelle} : {ici.mots} en {ici.chiffre.millesime}"
        yield ici.chiffre.libelle
        return
    if lecture.formulation.densite is not None:
        yield from _de_densite(lecture, lecture.formulation.densite)
    elif ici.zero and lecture.formulation.article:
        yield f"{ici.mots} {_nu(accorde(court, ici))} en {ici.chiffre.millesime}"
    if lecture.tendance is not None and (lecture.comparaisons or lecture.pairs is not None):
        yield from _croises(lecture, accorder(court, True))
    elif lecture.tendance is not None:
        yield from _de_tendance(lecture, accorder(court, True))
    elif lecture.comparaisons or lecture.pairs is not None:
        yield from _d_ecart(lecture, accorder(court, True))
    nu = _nu(accorde(court, ici))
    if lecture.indicateur["comparable"] or court == _nu(court):
        yield f"{accorder(court, True)} : {ici.mots} en {ici.chiffre.millesime}"
    else:
        yield f"{ici.mots} {nu} en {ici.chiffre.millesime}"


def _nu(court: str) -> str:
    """A plural without its article, as after "plus de"; anything else as it is."""
    return court.removeprefix("les ")


def _verbe(court: str, singulier: str, pluriel: str) -> str:
    return pluriel if court.startswith("les ") else singulier


@dataclass(frozen=True)
class _Repere:
    """A comparator that a title may name: whether the figure is above it, its own."""

    nom: str
    ou: str
    dessus: bool
    mots: str
    restait: bool = True


def _reperes(lecture: Lecture) -> list[_Repere]:
    """The comparators, by preference; the peers where there is no other."""
    nommes = [
        _Repere(c.lieu.nom, c.lieu.ou, c.dessus, c.dit.mots, c.restait is not False)
        for c in lecture.comparaisons
    ]
    if not nommes and lecture.pairs is not None:
        pairs = lecture.pairs
        return [_Repere("la médiane de ses pairs", "chez ses pairs", pairs.dessus, pairs.mediane)]
    return nommes


def _croises(lecture: Lecture, court: str) -> Iterator[str]:
    tendance = lecture.tendance
    assert tendance is not None
    sens = _verbe(court, *(("progresse", "progressent") if tendance.hausse else ("recule", "reculent")))
    for repere in _reperes(lecture):
        vers = repere.dessus != tendance.hausse
        etat = ("reste", "restent") if vers and repere.restait else ("est", "sont")
        yield f"{court} {sens} {'mais' if vers else 'et'} {_verbe(court, *etat)} {_situe(repere)}"
    yield f"{court} {sens} depuis {tendance.debut}"


def _situe(repere: _Repere) -> str:
    return f"au-dessus {de(repere.nom)}" if repere.dessus else f"sous {repere.nom}"


def _de_tendance(lecture: Lecture, court: str) -> Iterator[str]:
    tendance = lecture.tendance
    assert tendance is not None
    nu, debut = _nu(court), tendance.debut
    if nu != court:
        texte = f"{'plus' if tendance.hausse else 'moins'} {de(nu)} qu'en {debut}"
        if tendance.relatif is not None:
            signe = "+" if tendance.hausse else MOINS
            yield f"{texte} ({signe}{tendance.relatif.removeprefix('environ ')})"
        else:
            yield f"{texte} : {lecture.ici.mots}, contre {tendance.avant.mots}"
        yield texte
        return
    sens = "progresse" if tendance.hausse else "recule"
    fin = lecture.ici.chiffre.millesime
    yield f"{court} {sens} : {lecture.ici.mots} en {fin}, {tendance.avant.mots} en {debut}"
    yield f"{court} {sens} depuis {debut}"


def _d_ecart(lecture: Lecture, court: str) -> Iterator[str]:
    courts = []
    for repere in _reperes(lecture):
        if _nu(court) != court:
            texte = f"{'plus' if repere.dessus else 'moins'} {de(_nu(court))} {que(repere.ou)}"
        else:
            texte = f"{court} est {_situe(repere)}"
        yield f"{texte} : {lecture.ici.mots} contre {repere.mots}"
        courts.append(texte)
    yield from courts


def _de_densite(lecture: Lecture, densite: Mapping[str, str]) -> Iterator[str]:
    if not lecture.comparaisons:
        return
    premier = lecture.comparaisons[0]
    if lecture.ici.zero:
        nom = accorder(densite["nom"], False)
        yield f"aucun {nom} : {premier.dit.mots} {densite['pour']} {premier.lieu.ou}"
    mots = None if premier.rapport is None else fois(premier.rapport)
    if mots is not None and lecture.compte is not None:
        nom = accorde(densite["nom"], lecture.compte)
        yield f"{lecture.compte.mots} {nom}, {mots} la densité {de(premier.lieu.nom)}"
