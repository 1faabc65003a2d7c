"""A finding as the title of a slide, from the facts of one figure: short, without a final stop."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publication.portraits.contenu.langue import accorder, de, en_lettres, fois, majuscule
from publication.portraits.contenu.lectures import Lecture
from publication.portraits.contenu.phrases import accorde

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
    nom = accorder(court, True)
    part = lecture.indicateur["comparable"]
    if part and nom.startswith("les "):
        # More of a share is not more of what it counts: there may be fewer of both.
        nom = f"la part {de(nom)}"
    etablie = lecture.tendance is not None and lecture.tendance.etablie
    if lecture.comparaisons or lecture.pairs is not None:
        yield from _croises(lecture, nom) if etablie else _d_ecart(lecture, nom, accorder(court, True))
    elif lecture.tendance is not None:
        yield from _de_tendance(lecture, nom) if etablie else _de_niveaux(lecture, nom)
    if nom.startswith("les "):
        yield f"{ici.mots} {_nu(accorde(court, ici))} en {ici.chiffre.millesime}"
    else:
        yield f"{nom} : {ici.mots} en {ici.chiffre.millesime}"


def _nu(court: str) -> str:
    """A name without its article, as after "plus de"."""
    return re.sub("^(les |la |le |l')", "", court)


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
    sens = "progresse" if tendance.hausse else "recule"
    for repere in _reperes(lecture):
        vers = repere.dessus != tendance.hausse
        etat = "reste" if vers and repere.restait else "est"
        yield f"{court} {sens} {'mais' if vers else 'et'} {etat} {_situe(repere)}"
    yield f"{court} {sens} depuis {tendance.debut}"


def _situe(repere: _Repere) -> str:
    return f"au-dessus {de(repere.nom)}" if repere.dessus else f"sous {repere.nom}"


def _de_tendance(lecture: Lecture, court: str) -> Iterator[str]:
    tendance = lecture.tendance
    assert tendance is not None
    debut = tendance.debut
    if court.startswith("les "):
        texte = f"{'plus' if tendance.hausse else 'moins'} {de(_nu(court))} qu'en {debut}"
        if tendance.relatif is not None:
            yield f"{texte} ({tendance.relatif.removeprefix('environ ')})"
        else:
            yield f"{texte} : {lecture.ici.mots}, contre {tendance.avant.mots}"
        yield texte
        return
    sens = "progresse" if tendance.hausse else "recule"
    fin = lecture.ici.chiffre.millesime
    yield f"{court} {sens} : {lecture.ici.mots} en {fin}, {tendance.avant.mots} en {debut}"
    yield f"{court} {sens} depuis {debut}"


def _de_niveaux(lecture: Lecture, court: str) -> Iterator[str]:
    tendance, fin = lecture.tendance, lecture.ici.chiffre.millesime
    assert tendance is not None
    texte = f"{_nu(court)} : {lecture.ici.mots} en {fin}, contre {tendance.avant.mots} en {tendance.debut}"
    if tendance.relatif is not None:
        yield f"{texte} ({tendance.relatif})"
    yield texte


def _d_ecart(lecture: Lecture, nom: str, court: str) -> Iterator[str]:
    reperes, ici = _reperes(lecture), lecture.ici.mots
    yield from (f"{nom} est {_situe(r)} : {ici} contre {r.mots}" for r in reperes)
    yield from (f"{_nu(court)} : {ici}, contre {r.mots} {r.ou}" for r in reperes)
    yield from (f"{nom} est {_situe(r)}" for r in reperes)


def _de_densite(lecture: Lecture, densite: Mapping[str, str]) -> Iterator[str]:
    if not lecture.comparaisons:
        return
    premier = lecture.comparaisons[0]
    if lecture.ici.zero:
        nom = accorder(densite["nom"], False)
        aucun = en_lettres(0, lecture.formulation.article or "un")
        yield f"{aucun} {nom} : {premier.dit.mots} {densite['pour']} {premier.lieu.ou}"
    mots = None if premier.rapport is None else fois(premier.rapport)
    if mots is not None and lecture.compte is not None:
        nom = accorde(densite["nom"], lecture.compte)
        yield f"{lecture.compte.mots} {nom}, {mots} la densité {de(premier.lieu.nom)}"
