"""What is printed of a figure, re-typed from the rule: a point, a range, « trop peu »."""

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

# A share of fewer says nothing; bounds of a share, in points; half an interval beside its value, of the rest.
ASSISE, ETENDUE, MOITIE = 20, 10, 0.5
# Counted one by one, whole: communes, objects of a convention, structures, places.
COMPTES_UN_PAR_UN = {"COM", "CTG", "STR", "PL"}


def imprimer(x, i) -> tuple[str, str]:
    """How sure a shown figure is, and its text. `x`: its row; `i`: that of its indicateur, with its unit."""
    bas, haut = (None if pd.isna(b) else float(b) for b in (x.borne_basse, x.borne_haute))
    # A share or an evolution; a difference rests on nothing.
    part = i.methode in ("ratio", "evolution", "specifique") and i.univers not in COMPTES_UN_PAR_UN
    if part and x.denominateur_haut < ASSISE:
        return "trop_peu", "trop peu"
    point = ecrire(x.valeur, i) + (f"\u202f{i.suffixe}" if i.suffixe else "")
    if i.nature != "nombre" or (bas is None and haut is None):
        return "point", point
    ecrits = [None if b is None else ecrire(b, i) for b in (bas, haut)]
    if ecrits[0] == ecrits[1]:
        return "point", point
    if bas is not None and haut is not None:
        zero_arrondi = x.valeur == 0 and not i.signee
        largeur, permise = haut - bas, ETENDUE if i.suffixe == "%" else 2 * MOITIE * abs(x.valeur)
        if not zero_arrondi and largeur <= permise:
            return "point", point
    apres = point.removeprefix(ecrire(x.valeur, i))
    if haut is None:
        return "intervalle", f"au moins {ecrits[0]}{apres}"
    if bas is None or (not i.signee and float(ecrits[0].replace(",", ".").replace("\u202f", "")) == 0):
        return "intervalle", f"au plus {ecrits[1]}{apres}"
    return "intervalle", f"entre {ecrits[0]} et {ecrits[1]}{apres}"


def ecrire(valeur: float, i) -> str:
    """A number in French, half away from zero, with its sign where the unit has one."""
    if i.nature == "annee":
        return f"{valeur:.0f}"
    # Beyond nine decimals there is only what quotients leave.
    neuf = Decimal(repr(float(valeur))).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    rond = neuf.quantize(Decimal(1).scaleb(-int(i.decimales)), ROUND_HALF_UP)
    entier, _, decimales = str(abs(rond)).partition(".")
    groupes = []
    while entier:
        groupes.insert(0, entier[-3:])
        entier = entier[:-3]
    signe = "−" if rond < 0 else "+" if rond > 0 and i.signee else ""
    return signe + "\u202f".join(groupes) + (f",{decimales}" if decimales else "")
