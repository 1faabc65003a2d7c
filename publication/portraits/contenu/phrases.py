"""The words of a generated sentence, from the facts of one figure (docs/portraits.md, "Les phrases").

A number in it is the text of a figure that the document quotes, the printed median of its peers, or the
printed evolution between two of its figures.
"""

import re

from publication.lecture.chiffres import Ton
from publication.portraits.contenu.langue import (
    accorder,
    de,
    designation,
    enumerer,
    fois,
    majuscule,
    que,
)
from publication.portraits.contenu.lectures import Comparaison, Dit, Lecture, Tendance
from publication.portraits.modele import Message
from socle.affichage import MOINS

FORMES = 2
"""How many ways a sentence may begin: with its year, or with its subject."""

_COMPTE = "{territoire} compte {valeur}"


def message(lecture: Lecture, forme: int) -> Message:
    """Word the facts of a figure, beginning as `forme` says (any integer: they rotate)."""
    forme %= FORMES
    texte = _tete(lecture, forme) + _suite(lecture, forme)
    champ = f" ; champ : {lecture.champ}" if lecture.champ else ""
    return Message(f"{majuscule(texte)}{champ}.", ton_commun(lecture), _references(lecture), lecture.regle)


def ton_commun(lecture: Lecture) -> Ton:
    """How the whole sentence reads: in the one tone of its parts, else in none."""
    tons = lecture.tons
    return next(iter(tons)) if len(tons) == 1 else "neutre"


def _references(lecture: Lecture) -> tuple[str, ...]:
    tendance = lecture.tendance
    dits = [lecture.ici, *(c.dit for c in lecture.comparaisons)]
    if lecture.compte is not None:
        dits.append(lecture.compte)
    if tendance is not None:
        dits.append(tendance.avant)
        if _dit_ailleurs(lecture, tendance) and tendance.ailleurs is not None:
            dits += [tendance.ailleurs.avant, tendance.ailleurs.apres]
    return tuple(dict.fromkeys(dit.chiffre.reference for dit in dits))


def _tete(lecture: Lecture, forme: int) -> str:
    """Say the level with its year: both ends of it for what is an evolution already."""
    ici, formulation = lecture.ici, lecture.formulation
    annee = ici.chiffre.millesime
    decalage = lecture.indicateur["decalage"]
    quand = f"entre {annee - decalage} et {annee}" if decalage else f"en {annee}"
    if formulation.niveau is None:
        return f"{ici.chiffre.libelle} : {ici.mots} {quand}"
    modele, niveau = _niveau(lecture)
    if _au_nom(lecture, forme):
        return f"{formulation.nom} est {de(ici.mots)} {quand}"
    if forme == 0 or modele.startswith("{valeur}") or "{annee}" in modele or "," in modele:
        return f"{quand}, {niveau}"
    return f"{niveau} {quand}"


def _au_nom(lecture: Lecture, forme: int) -> bool:
    """Whether the sentence begins with the name of a share, rather than with a number."""
    if forme == 0 or lecture.formulation.nom is None:
        return False
    return lecture.indicateur["comparable"] and (lecture.formulation.niveau or "").startswith("{valeur}")


def _niveau(lecture: Lecture) -> tuple[str, str]:
    """The pattern of the level, and the level in its words; of a density, those of the count it is of."""
    formulation, dit = lecture.formulation, lecture.compte or lecture.ici
    lieu = designation(lecture.niveau)
    modele = formulation.niveau or ""
    if lecture.compte is not None and formulation.densite is not None:
        modele = formulation.densite["niveau"]
    elif dit.zero and (aucun := _aucun(lecture)):
        modele = aucun
    elif lecture.niveau == "commune":
        modele = formulation.commune or modele
    return modele, _remplir(modele, dit, lieu)


def _remplir(modele: str, dit: Dit, lieu: str) -> str:
    """Fill in the words of a level with its figure."""
    pluriel = abs(dit.chiffre.nombre or 0) >= 2
    dite = accorder(modele, pluriel).format(
        valeur=dit.mots, territoire=lieu, annee=dit.chiffre.millesime, evolue=_evolue(dit)
    )
    return dite.replace(" de environ ", " d'environ ")


def _evolue(dit: Dit) -> str:
    """Say a figure that is an evolution: two years are no trend, so that no verb gives it a direction."""
    return f"a évolué {de(dit.mots)}"


def _aucun(lecture: Lecture) -> str | None:
    """How it is said that there is none: as declared, else after the count of it."""
    formulation = lecture.formulation
    if formulation.aucun is None and formulation.article and (formulation.niveau or "").startswith(_COMPTE):
        return (formulation.niveau or "").replace(" compte {valeur}", " ne compte {valeur}")
    return formulation.aucun


def _suite(lecture: Lecture, forme: int) -> str:
    """All that follows the level: evolution and comparators, in one clause where there are both."""
    tendance = lecture.tendance
    if tendance is None:
        return _contre(lecture)
    if not tendance.etablie:
        return _deux_niveaux(lecture, tendance)
    if lecture.comparaisons or lecture.pairs is not None:
        clause = f" ; {_sujet(lecture, forme)} {_mouvement(lecture, tendance)}{_liaison(lecture, tendance)}"
    elif tendance.de_peu or (lecture.unite.monnaie and not lecture.indicateur["comparable"]):
        return _deux_niveaux(lecture, tendance)
    elif lecture.formulation.niveau is None:
        sens = "en hausse" if tendance.hausse else "en baisse"
        clause = f", {sens} depuis {tendance.debut} ({tendance.avant.mots})"
    else:
        clause = f" ; {_sujet(lecture, forme)} {_mouvement(lecture, tendance)}{_comme(lecture, tendance)}"
    return clause + tendance.ensuite


def _deux_niveaux(lecture: Lecture, tendance: Tendance) -> str:
    """Set a level beside what it was: ", contre 15,5 % en 2020 et 9,9 % dans la Drôme".

    Beside nothing else, with how far each went: "(−11,1 %, et −5,9 % dans la Drôme)".
    """
    if lecture.compte is not None:
        return _densite(lecture)
    combien, ailleurs = tendance.relatif, tendance.ailleurs
    if ailleurs is not None and _dit_ailleurs(lecture, tendance):
        combien = f"{tendance.texte}, et {ailleurs.texte} {ailleurs.lieu.ou}"
    avant = f"{tendance.avant.mots} en {tendance.debut}{_euros(lecture)}{f' ({combien})' if combien else ''}"
    return _contre(lecture, avant) + tendance.ensuite


def _mouvement(lecture: Lecture, tendance: Tendance) -> str:
    """Say which way the figure went since when: "recule depuis 2020 (13,3 %)"."""
    depuis = f"depuis {tendance.debut} ({tendance.avant.mots}{_euros(lecture, dans=True)})"
    if lecture.indicateur["comparable"]:
        return f"{'augmente' if tendance.hausse else 'recule'} {depuis}"
    verbe = f"a {'augmenté' if tendance.hausse else 'baissé'}"
    combien = f" {de(re.sub(f'[+{MOINS}]', '', tendance.relatif))}" if tendance.relatif else ""
    return f"{verbe}{combien} {depuis}"


def _sujet(lecture: Lecture, forme: int) -> str:
    """What the figure is called once it was named: "la part", "leur nombre", "elle"."""
    nom = lecture.formulation.nom or "le chiffre"
    if lecture.compte is not None:
        return "la densité"
    if nom.startswith("le nombre ") and not lecture.indicateur["comparable"]:
        # « Les Eaje offrent 118 places ; leur nombre … » would be that of the Eaje.
        return "le nombre de places" if nom.startswith("le nombre de places") else "leur nombre"
    tete = re.match(r"(la part|la population|le taux|le nombre|le montant|le chiffre)\b", nom)
    return tete[1] if tete and not _au_nom(lecture, forme) else "elle" if nom.startswith("la ") else "il"


def _euros(lecture: Lecture, dans: bool = False) -> str:
    """Say of two amounts of two years that prices moved too."""
    if not lecture.unite.monnaie:
        return ""
    return ", euros courants" if dans else " (euros courants)"


def _liaison(lecture: Lecture, tendance: Tendance) -> str:
    """Join the comparators to the evolution: "mais reste" towards them, "et" away from them."""
    if not lecture.comparaisons:
        assert lecture.pairs is not None
        pairs = lecture.pairs
        mot = "et" if pairs.dessus == tendance.hausse else "mais"
        return f" {mot} se situe {_cote(pairs.dessus)} de la {pairs.groupe} ({pairs.mediane})"
    premier = lecture.comparaisons[0]
    vers = premier.dessus != tendance.hausse
    verbe = "reste" if premier.restait or (vers and premier.restait is None) else "se situe"
    meme = [c for c in lecture.comparaisons if c.dessus == premier.dessus]
    texte = f" {'mais' if vers else 'et'} {verbe} {_cote(premier.dessus)} {_des(meme)}"
    autre = [c for c in lecture.comparaisons if c.dessus != premier.dessus]
    if autre:
        texte += f" et {_cote(autre[0].dessus)} {_des(autre)}"
    elif lecture.pairs is not None and lecture.pairs.dessus != premier.dessus:
        pairs = lecture.pairs
        texte += f" et {_cote(pairs.dessus)} de la {pairs.groupe} ({pairs.mediane})"
    return texte


def _cote(dessus: bool) -> str:
    return "au-dessus" if dessus else "au-dessous"


def _des(comparaisons: list[Comparaison]) -> str:
    return enumerer([f"{de(c.lieu.nom)} ({c.dit.mots})" for c in comparaisons])


def _dit_ailleurs(lecture: Lecture, tendance: Tendance) -> bool:
    """Whether the sentence says how another territory moved: where it says nothing else of it."""
    compare = lecture.comparaisons or lecture.pairs is not None
    return (
        not compare and not tendance.de_peu and not lecture.unite.monnaie and bool(lecture.formulation.niveau)
    )


def _comme(lecture: Lecture, tendance: Tendance) -> str:
    """Say how another territory moved between the same years: "comme dans la Drôme (−15,4 %)"."""
    ailleurs = tendance.ailleurs
    if ailleurs is None or not _dit_ailleurs(lecture, tendance):
        return ""
    if ailleurs.rapport == "inverse":
        return f", à l'inverse {de(ailleurs.lieu.nom)} ({ailleurs.texte})"
    if ailleurs.rapport == "comme":
        return f", comme {ailleurs.lieu.ou} ({ailleurs.texte})"
    return f", {ailleurs.rapport} {que(ailleurs.lieu.ou)} ({ailleurs.texte})"


def _contre(lecture: Lecture, avant: str | None = None) -> str:
    """Set a level beside its comparators: "contre 9,9 % dans la Drôme (médiane de 5 EPCI … : 9,5 %)".

    `avant`: what it was, said first.
    """
    pairs = lecture.pairs
    if lecture.compte is not None:
        return _densite(lecture)
    dits = [avant] if avant else []
    if not lecture.comparaisons and not dits:
        return "" if pairs is None else f", contre {pairs.mediane} pour la {pairs.groupe}{_rang(lecture)}"
    dits += [
        f"{c.dit.mots}{_unite(lecture, c) if not n else ''} {c.lieu.ou}"
        for n, c in enumerate(lecture.comparaisons)
    ]
    texte = f", contre {enumerer(dits)}"
    if pairs is not None:
        texte += f" ({pairs.groupe} : {pairs.mediane}{_rang(lecture)})"
    return texte


def _rang(lecture: Lecture) -> str:
    return f" ; {lecture.pairs.rang}" if lecture.pairs is not None and lecture.pairs.rang else ""


def _unite(lecture: Lecture, comparaison: Comparaison) -> str:
    """Name the unit of a comparator after "aucun", which does not."""
    if not lecture.ici.zero or _aucun(lecture) is None:
        return ""
    return f" {lecture.unite.libelle(comparaison.dit.chiffre.nombre or 0)}"


def _densite(lecture: Lecture) -> str:
    """Compare what the territory offers by its density: "près de quatre fois la densité de la Drôme (…)"."""
    assert lecture.formulation.densite is not None
    premier, pour = lecture.comparaisons[0], lecture.formulation.densite["pour"]
    mots = None if premier.rapport is None else fois(premier.rapport)
    if mots is None:
        return f", soit {lecture.ici.mots} {pour}, contre {premier.dit.mots} {premier.lieu.ou}"
    chiffres = f"{lecture.ici.mots} {pour} contre {premier.dit.mots}"
    return f", {mots} la densité {de(premier.lieu.nom)} ({chiffres})"


def refus(noms: list[str], debut: int, fin: int, raison: str, chiffres: tuple[str, ...]) -> Message:
    """Say of which figures an evolution cannot be read, and why."""
    texte = (
        f"L'évolution {enumerer([de(nom) for nom in noms])} entre {debut} et {fin} ne se lit pas : {raison}."
    )
    return Message(texte, "neutre", chiffres, "refus")


def accorde(modele: str, dit: Dit) -> str:
    """Agree a noun with its figure."""
    return accorder(modele, abs(dit.chiffre.nombre or 0) >= 2)
