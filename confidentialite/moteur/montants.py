"""How wide protected amounts stay, for who is outside and for the second contributor.

Belongs here: what each protected amount must keep on both sides, and the guard of second contributors. Does
not: which amounts are protected (`confidentialite.regle.primaire`), the programs (`bornes.py`).

20 000 of one foyer in A, hidden beside 6 in B, both of an EPCI that is shown: A is at most 20 006, so that
the 20 000 are known within 0.03 %. Under p = 10, A must reach 22 000: more is hidden. In another EPCI, C is
600 of g and 380 of h and D, hidden too, 300 of h and 40 of others: outside, C may be all of 1 320. For h,
whose 300 are in D, it is 1 020 at most, of which 640 are not its: 6.7 % more than the 600 of g, too near.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from confidentialite.moteur.bornes import intervalles_des_blocs
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Cle, Forme, Systeme
from confidentialite.moteur.gardes import Serree, Tour, deja_dit
from confidentialite.moteur.lecture import Lecture
from confidentialite.moteur.programmes import Intervalle, Memoire
from confidentialite.regle import primaire
from confidentialite.regle.primaire import Compte

Sues = dict[int, tuple[Decimal, Decimal]]
"""What somebody knows of inner cells: at least, at most."""

_SANS_FIN = Decimal("Infinity")


def a_atteindre(chantier: Chantier) -> tuple[dict[int, float], dict[int, float]]:
    """Of each protected amount, by the `id` of its forme, what its lower and upper bounds must reach.

    Whoever knows all but the largest contribution is then left with p % of it on either side. A dominated one
    is also hidden as its share is: its upper bound reaches the largest contribution over k.
    """
    bas, haut, parametres = {}, {}, chantier.parametres
    k = parametres.dominance_k.valeur
    for cle, compte in chantier.montants.items():
        forme, marge = id(chantier.forme(cle)), primaire.marge(compte, parametres)
        bas[forme], haut[forme] = float(compte.valeur - marge), float(compte.valeur + marge)
        if primaire.domine(compte, parametres) and compte.max1 is not None:
            haut[forme] = max(haut[forme], float(compte.max1) / k)
    return bas, haut


@dataclass(frozen=True)
class _Demande:
    """A protected amount that its second contributor may know closely, and what that one knows."""

    forme: Forme
    bas: float
    haut: float
    sues: Sues

    def assez(self, systeme: Systeme, bas: float, haut: float) -> bool:
        if haut < self.haut:
            return False
        siennes = {c: float(b) for c, (b, _) in self.sues.items()}
        return bas <= self.bas or bas <= deja_dit(systeme, self.forme, siennes)


def du_second(tour: Tour) -> Sequence[Serree]:
    """What the second contributor to an amount tells of the first, knowing its own part of every cell.

    All second contributors at once first, as if they were one: what is wide enough then is so for each.
    """
    chantier = tour.chantier
    if not chantier.defenses.bornes:
        return ()
    demandes = list(_demandes(chantier))
    toutes: Sues = {}
    for d in demandes:
        _ajouter(toutes, d.sues)
    etroites = _etroites(tour, demandes, toutes) if demandes else []
    trouvees = []
    for demande, _ in etroites:
        seule = demande.sues != toutes
        trouvees += _etroites(tour, [demande], demande.sues) if seule else [(demande, _)]
    return [
        Serree(d.forme, i.liantes, i.cellules, max(d.haut - i.haut, 0.0), a_un_seul=True) for d, i in trouvees
    ]


def _demandes(chantier: Chantier) -> Iterator[_Demande]:
    """The protected amounts whose second contributor has to be kept from the first."""
    for cle, compte in chantier.montants.items():
        forme = chantier.forme(cle)
        # Others bring more than p % of the first already: the second cannot tell theirs from his.
        manque = primaire.marge(compte, chantier.parametres) - compte.autres
        if manque > 0 and compte.n > 1 and not (forme.publiee or forme.connue):
            bas, haut = compte.valeur - manque, compte.valeur + manque
            yield _Demande(forme, float(bas), float(haut), _sues(chantier.lecture, cle, compte))


def _ajouter(sues: Sues, autres: Sues) -> None:
    for cellule, (bas, haut) in autres.items():
        b, h = sues.get(cellule, (bas, haut))
        sues[cellule] = max(b, bas), min(h, haut)


def _etroites(tour: Tour, demandes: Sequence[_Demande], sues: Sues) -> list[tuple[_Demande, Intervalle]]:
    """Those of some amounts whose interval, under what is known besides, is too narrow."""
    systeme = tour.chantier.systeme
    de = {id(d.forme): d for d in demandes}
    # Tables are tables whoever looks; intervals under other knowledge are not these.
    memoire = Memoire(systeme.vraies)
    memoire.tables = tour.memoire.tables

    def assez(forme: Forme, bas: float, haut: float) -> bool:
        return de[id(forme)].assez(systeme, bas, haut)

    siennes = [(bloc, [f for f in bloc.formes if id(f) in de]) for bloc in tour.decoupage.a_juger()]
    blocs = [bloc.sur(formes).sachant(sues) for bloc, formes in siennes if formes]
    trouves = intervalles_des_blocs(systeme, blocs, assez, memoire)
    return [(de[id(i.forme)], i) for i in trouves if not assez(i.forme, i.bas, i.haut)]


def _sues(lecture: Lecture, cle: Cle, compte: Compte) -> Sues:
    """What the second contributor to an amount knows of inner cells: its own parts, and all it has alone."""
    if lecture.est_nommee(cle):
        noms = sorted((-a, qui) for qui, a in lecture.apports(cle).items() if qui)
        return _parts_de(lecture, noms[1][1]) if len(noms) > 1 else {}
    return dict(_parts_sans_nom(lecture, cle, compte))


def _parts_de(lecture: Lecture, qui: str) -> Sues:
    sues: Sues = {}
    for cellule, valeur in lecture.fines.items():
        if valeur.apports and qui in valeur.apports:
            seul = len(valeur.apports) == 1
            sues[cellule] = valeur.apports[qui], valeur.valeur if seul else _SANS_FIN
    return sues


def _parts_sans_nom(
    lecture: Lecture, cle: Cle, compte: Compte
) -> Iterator[tuple[int, tuple[Decimal, Decimal]]]:
    """Foyers have no name: in its commune, the second may be the largest contributor to any other amount.

    It has no more of a part of a total than it has of the total.
    """
    mesures, second = {m for _, m in cle.termes}, compte.max2 or Decimal(0)
    des_sommes = {p for m in mesures for p in lecture.groupe.sommes.get(m, ())}
    for atome in sorted(lecture.atomes(cle)):
        ici: Mapping[str, Decimal] = {
            m: v.max1 or Decimal(0) for m, valeurs in lecture.communes.items() if (v := valeurs.get(atome))
        }
        siennes = [lecture.communes[m][atome] for m in mesures if m in ici]
        if not any(second in (v.max1, v.max2) for v in siennes):
            continue
        for mesure, max1 in ici.items():
            cellule = lecture.cellules.get((mesure, atome))
            if cellule is None or mesure in lecture.groupe.sommes:
                continue
            valeur = lecture.communes[mesure][atome]
            bas = min(max1, second) if mesure in mesures | des_sommes else max1
            seul = valeur.n == 1 and bas == valeur.valeur
            yield cellule, (bas, valeur.valeur if seul else _SANS_FIN)
