"""Native tables: the room one takes, how it is cut into slides, never made smaller, its XML."""

from dataclasses import dataclass
from functools import cached_property

from publication.commun import apparence
from publication.lecture.chiffres import Cellule
from publication.portraits.modele import APPROCHE, Colonne, Tableau
from publication.portraits.pptx.couleurs import encre
from publication.portraits.pptx.gabarit import cadre, emu
from publication.portraits.pptx.texte import (
    INTERLIGNE,
    Alinea,
    attribut,
    largeur,
    nombre_lignes,
    plus_large_mot,
    rvb,
    theme,
)

CORPS = (20, 18, 16)
"""Sizes of type on a slide 7.5 inches high, the largest that fits; nothing is set smaller."""
_BORD = 12.0
_ENTETE_MAXIMUM = 3
"""Lines that headings may take before smaller type is tried."""
"""Left and right of a cell together, in points; above and below, a half."""

_TEXTE_MINIMUM, _TEXTE_MAXIMUM = 90.0, 400.0
"""Width of a column of text, in points: it wraps between the two."""


@dataclass(frozen=True)
class Mesure:
    """A table and the width of its columns, in points."""

    tableau: Tableau
    colonnes: tuple[float, ...]
    corps: float

    @property
    def largeur(self) -> float:
        """Inches it takes from left to right."""
        return sum(self.colonnes) / 72

    @cached_property
    def entete(self) -> float:
        """Height of the headings, in inches."""
        return self._hauteur([(c.titre, True) for c in self.tableau.colonnes])

    @cached_property
    def rangs(self) -> list[float]:
        """Height of each row, in inches."""
        return [
            self._hauteur([(_imprime(c), _en_gras(c, rang)) for rang, c in enumerate(ligne)])
            for ligne in self.tableau.lignes
        ]

    @property
    def hauteur(self) -> float:
        """Inches it takes from top to bottom."""
        return self.entete + sum(self.rangs)

    def _hauteur(self, textes: list[tuple[str, bool]]) -> float:
        lignes = max(
            nombre_lignes(texte, place - _BORD, self.corps, gras)
            for (texte, gras), place in zip(textes, self.colonnes, strict=True)
        )
        return (lignes * self.corps * INTERLIGNE + _BORD / 2) / 72


def _en_gras(cellule: Cellule, rang: int) -> bool:
    return not rang or cellule.ton != "neutre"


def _imprime(cellule: Cellule) -> str:
    """Return what a cell prints: a tone is told by its colour and by its sign, bounds by a mark."""
    approche = APPROCHE if (cellule.basse, cellule.haute) != (None, None) else ""
    return "\u00a0".join(filter(None, (apparence.SIGNES_TON[cellule.ton], approche, cellule.texte)))


def _bornes(tableau: Tableau, corps: float) -> list[tuple[float, ...]]:
    """Return, for each column, its least width, then those wished for, each wider than the one before.

    They are: a heading on few lines, no cell that wraps, a heading on two lines.
    """
    bornes = []
    for rang, colonne in enumerate(tableau.colonnes):
        textes = [(_imprime(ligne[rang]), _en_gras(ligne[rang], rang)) for ligne in tableau.lignes]
        plein = max((largeur(t, corps, gras) for t, gras in textes), default=0.0)
        mot = max(
            plus_large_mot(colonne.titre, corps, gras=True),
            max((plus_large_mot(t, corps, gras) for t, gras in textes), default=0.0),
        )
        # A figure is never broken; a sentence is, be it among figures.
        phrase = not colonne.chiffres or plein > 2 * _TEXTE_MINIMUM
        titre = largeur(colonne.titre, corps, gras=True) * 1.2
        largeurs = [max(mot, min(plein, _TEXTE_MINIMUM) if phrase else plein)]
        for souhait in (titre / _ENTETE_MAXIMUM, min(plein, _TEXTE_MAXIMUM), titre / 2):
            largeurs.append(max(largeurs[-1], souhait))
        bornes.append(tuple(large + _BORD + 2 for large in largeurs))
    return bornes


def mesurer(tableau: Tableau, place: float, corps: float) -> Mesure | None:
    """Return the table within `place` inches, or None where its columns do not fit."""
    bornes = _bornes(tableau, corps)
    largeurs = [borne[0] for borne in bornes]
    if sum(largeurs) > place * 72:
        return None
    for souhait in range(1, len(bornes[0])):
        envies = [borne[souhait] - large for borne, large in zip(bornes, largeurs, strict=True)]
        part = min(1.0, (place * 72 - sum(largeurs)) / sum(envies)) if sum(envies) > 0 else 0.0
        largeurs = [large + part * envie for large, envie in zip(largeurs, envies, strict=True)]
    return Mesure(tableau, tuple(largeurs), corps)


def au_mieux(tableau: Tableau, place: float, hauteur: float, echelle: float) -> Mesure | None:
    """Return the table in the largest type that lets it stand whole in a frame, or None."""
    for voulu in CORPS:
        corps = voulu * echelle
        mesure = mesurer(tableau, place, corps)
        if mesure is None or mesure.hauteur > hauteur:
            continue
        if voulu == CORPS[-1] or mesure.entete <= _ENTETE_MAXIMUM * corps * INTERLIGNE / 72 + _BORD / 144:
            return mesure
    return None


def dessiner(mesure: Mesure, identifiant: int, x: float, y: float) -> str:
    """Return the frame of a table."""
    tableau = mesure.tableau
    grille = "".join(f'<a:gridCol w="{round(c * 12700)}"/>' for c in mesure.colonnes)
    entete = "".join(_entete(c, mesure.corps) for c in tableau.colonnes)
    lignes = "".join(
        f'<a:tr h="{emu(hauteur)}">'
        + "".join(
            _cellule(c, tableau.colonnes[i], i, bool(rang % 2), mesure.corps) for i, c in enumerate(ligne)
        )
        + "</a:tr>"
        for rang, (ligne, hauteur) in enumerate(zip(tableau.lignes, mesure.rangs, strict=True))
    )
    return (
        "<p:graphicFrame><p:nvGraphicFramePr>"
        f'<p:cNvPr id="{identifiant}" name={attribut("Tableau : " + tableau.titre)} '
        f"descr={attribut('Tableau : ' + tableau.titre)}/><p:cNvGraphicFramePr>"
        '<a:graphicFrameLocks noGrp="1"/>'
        "</p:cNvGraphicFramePr><p:nvPr/>"
        f"</p:nvGraphicFramePr>{cadre(x, y, mesure.largeur, mesure.hauteur, 'p')}"
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
        '<a:tbl><a:tblPr firstRow="1" firstCol="1">'
        "<a:tableStyleId>{2D5ABB26-0587-4C30-8999-92F81FD0307C}</a:tableStyleId>"
        f'</a:tblPr><a:tblGrid>{grille}</a:tblGrid><a:tr h="{emu(mesure.entete)}">{entete}'
        f"</a:tr>{lignes}</a:tbl>"
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )


def _entete(colonne: Colonne, corps: float) -> str:
    alinea = Alinea(
        colonne.titre, corps, gras=True, couleur=theme("bg1"), alignement="r" if colonne.chiffres else "l"
    )
    return _tc(alinea, f"<a:solidFill>{theme('tx2')}</a:solidFill>", "b")


def _cellule(cellule: Cellule, colonne: Colonne, rang: int, rayee: bool, corps: float) -> str:
    alinea = Alinea(
        _imprime(cellule),
        corps,
        gras=_en_gras(cellule, rang),
        italique=cellule.statut in apparence.MARQUES,
        couleur=encre(cellule.ton) if cellule.ton != "neutre" else None,
        alignement="r" if colonne.chiffres else "l",
    )
    return _tc(alinea, f"<a:solidFill>{theme('bg2')}</a:solidFill>" if rayee else "<a:noFill/>", "ctr")


def _tc(alinea: Alinea, fond: str, ancre: str) -> str:
    marge, haut = round(_BORD / 2 * 12700), round(_BORD / 4 * 12700)
    return (
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{alinea.xml()}</a:txBody>"
        f'<a:tcPr marL="{marge}" marR="{marge}" marT="{haut}" marB="{haut}" anchor="{ancre}">'
        f'<a:lnB w="6350"><a:solidFill>{rvb(apparence.FILET)}</a:solidFill></a:lnB>{fond}</a:tcPr></a:tc>'
    )
