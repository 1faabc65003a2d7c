"""What is printed of a figure, re-typed from the rule: a point, a range, « trop peu »."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pandas as pd

# A share of fewer says nothing; bounds of a share, in points; half an interval beside its value, of the rest;
# how far the middle of the interval may be from its value.
ASSISE, ETENDUE, MOITIE, BIAIS = 20, 10, Decimal("0.25"), Decimal("0.02")
# Counted one by one, whole: communes, objects of a convention, structures, places.
COMPTES_UN_PAR_UN = {"CLA", "COM", "CTG", "STR", "PL"}


def imprimer(x, i) -> tuple[str, str]:
    """How sure a shown figure is, and its text. `x`: its row; `i`: that of its indicateur, with its unit."""
    bas, haut = (None if pd.isna(b) else float(b) for b in (x.borne_basse, x.borne_haute))
    # A share or an evolution; a difference rests on nothing.
    part = i.methode in ("ratio", "evolution", "specifique") and i.univers not in COMPTES_UN_PAR_UN
    if part and x.denominateur_haut < ASSISE:
        return "trop_peu", "trop peu"
    apres = f"\u202f{i.suffixe}" if i.suffixe else ""
    if i.nature != "nombre" or (bas is None and haut is None):
        return "point", ecrire(x.valeur, i) + apres
    if bas is None or haut is None:
        mot, borne, sens = (
            ("au moins", bas, ROUND_FLOOR) if haut is None else ("au plus", haut, ROUND_CEILING)
        )
        return "intervalle", f"{mot} {ecrire(borne, i, sens=sens)}{apres}"
    largeur = neuf_decimales(haut - bas)
    point = ecrire(x.valeur, i, chiffre_sur(largeur)) + apres
    # One that is printed alike at both ends is a point, whatever stands between them.
    if ecrire(bas, i) == ecrire(haut, i):
        return "point", point
    signe_en_pourcent = i.suffixe == "%" and i.signee
    large = i.suffixe == "%" and largeur > ETENDUE
    vague = not signe_en_pourcent and largeur > neuf_decimales(2 * float(MOITIE) * abs(x.valeur))
    biaise = not i.signee and neuf_decimales(abs(bas + haut - 2 * x.valeur)) > neuf_decimales(
        2 * float(BIAIS) * abs(x.valeur)
    )
    if not (large or vague or biaise or (x.valeur == 0 and not i.signee)):
        return "point", point
    # Ends go outwards, on one digit more than a point would have.
    place = chiffre_sur(largeur) / 10
    ecrits = ecrire(bas, i, place, ROUND_FLOOR), ecrire(haut, i, place, ROUND_CEILING)
    if not i.signee and not any(c in "123456789" for c in ecrits[0]):
        return "intervalle", f"au plus {ecrits[1]}{apres}"
    return "intervalle", f"entre {ecrits[0]} et {ecrits[1]}{apres}"


def neuf_decimales(valeur: float) -> Decimal:
    """Beyond nine decimals there is only what quotients leave."""
    return Decimal(repr(float(valeur))).quantize(Decimal("1e-9"), ROUND_HALF_UP)


def chiffre_sur(largeur: Decimal) -> Decimal:
    """What one more of the last digit is that an interval of this width knows: a power of ten in its half."""
    exposant = -10
    while largeur and 2 * Decimal(10).scaleb(exposant) <= largeur:
        exposant += 1
    return Decimal(1).scaleb(exposant)


def ecrire(valeur: float, i, place: Decimal = Decimal(0), sens: str = ROUND_HALF_UP) -> str:
    """A number in French, half away from zero, with its sign where the unit has one, down to a place."""
    if i.nature == "annee":
        return f"{valeur:.0f}"
    pas = max(Decimal(1).scaleb(-int(i.decimales)), place)
    rond = (neuf_decimales(valeur) / pas).quantize(Decimal(1), sens) * pas
    rond = rond.quantize(min(pas, Decimal(1)))
    entier, _, decimales = str(abs(rond)).partition(".")
    groupes = []
    while entier:
        groupes.insert(0, entier[-3:])
        entier = entier[:-3]
    signe = "−" if rond < 0 else "+" if rond > 0 and i.signee else ""
    return signe + "\u202f".join(groupes) + (f",{decimales}" if decimales else "")
