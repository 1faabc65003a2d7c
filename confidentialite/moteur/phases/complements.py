"""Third phase: what a part leaves of its whole is a cell too.

Belongs here: differences of two mesures over one territory. Does not: those of two territories (`restes.py`),
nor what several sums leave together once it is decided which are shown (`combinaisons.py`).

A commune shows 20 foyers and 17 of them under a threshold: the 3 others are known, so that they are protected
as if a row showed them. When all 20 are, and that is sensitive, each of the 20 is known to be: the part is
protected itself, and that it leaves nobody, which is known without the 20 where neighbours tell it.
"""

from collections import defaultdict

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Cle, Territoire
from confidentialite.regle import primaire, raisons


def completer(chantier: Chantier) -> None:
    """Protect what a part leaves of its whole wherever the part is shown."""
    parametres, communes = chantier.parametres, chantier.lecture.communes
    lieux: dict[Territoire, set[str]] = defaultdict(set)
    for cle, forme in chantier.placees():
        if len(cle.termes) == 1 and forme.montree:
            lieux[cle.lieu].add(cle.termes[0][1])
    montrees = set().union(*lieux.values())
    for lieu, mesures in sorted(lieux.items(), key=str):
        for tout, part in chantier.groupe.couples:
            if part not in mesures or tout not in communes:
                continue
            cle_part, reste = Cle(((1, part),), lieu), Cle(((-1, part), (1, tout)), lieu)
            if chantier.lecture.est_nommee(reste):
                _proteger_nomme(chantier, reste)
                continue
            a, b = chantier.compte(Cle(((1, tout),), lieu)), chantier.compte(cle_part)
            peu = primaire.complement(a, b, parametres) and chantier.lecture.source(reste) != "exacte"
            if peu and (laissee := chantier.placer(reste)) is not None:
                laissee.seule = laissee.seule or a.valeur - b.valeur == 1
                chantier.proteger(reste, raisons.PEU)
            if primaire.groupe(a, b, parametres, sensible=part in chantier.groupe.sensibles):
                # Of a whole that no row shows, only what bounds it may tell.
                for cle in (cle_part, reste) if tout in montrees else (reste,):
                    if chantier.placer(cle) is not None and chantier.lecture.source(cle) != "exacte":
                        chantier.proteger(cle, raisons.PEU)


def _proteger_nomme(chantier: Chantier, reste: Cle) -> None:
    """What a part leaves of an amount has contributors of its own, who are known."""
    compte = chantier.compte(reste)
    if (raison := primaire.montant(compte, chantier.parametres)) and chantier.placer(reste):
        chantier.proteger(reste, raison, compte)


def completer_publics(chantier: Chantier) -> None:
    """What a part leaves of a public whole is known with the part itself."""
    sensibles = chantier.groupe.sensibles
    for ligne in chantier.lecture.lignes:
        if ligne.tout is None or ligne.part is None:
            continue
        cle = ligne.formes[0][1]
        sensible = any(mesure in sensibles for _, mesure in cle.termes)
        if not primaire.tout_public(ligne.tout, ligne.part, chantier.parametres, sensible=sensible):
            continue
        if (forme := chantier.placer(cle)) is not None and not forme.publique:
            chantier.proteger(cle, chantier.raisons.get(cle, raisons.PEU))
