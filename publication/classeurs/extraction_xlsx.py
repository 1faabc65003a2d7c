"""The figures of a territory as a workbook: the list, filtered by its headings, and how to read it."""

from io import BytesIO

from xlsxwriter import Workbook

from publication.classeurs.extraction import COLONNES, NOMS_DES_COMPARATEURS, Extraction, Nombre
from publication.classeurs.extraction import Cellule as Extraite
from publication.classeurs.mise_en_forme import (
    BANDEAU,
    Case,
    Colonne,
    Formats,
    imprime,
    options,
    proprietes,
)
from publication.lecture.chiffres import Cellule
from publication.lecture.citation import INVENTES

_CHIFFREES = ("Valeur", "Borne basse", "Borne haute", *NOMS_DES_COMPARATEURS)
_FIGEES = 3
_SENS = (
    ("Valeur affichée", "Le chiffre comme les portraits et le site l'impriment : c'est lui que l'on cite."),
    (
        "Valeur",
        "Le même, en nombre, pour calculer ; une fourchette, « trop peu », s, nd et na sont des textes,"
        " qu'une somme ignore. Le CSV de « ctg extract » a le nombre avant tout arrondi.",
    ),
    (
        "Borne basse, borne haute",
        "La valeur exacte est entre les deux ; égales, elles ne disent rien de plus.",
    ),
    ("EPCI … France", "Le même indicateur, pour la même année, des territoires qui contiennent celui-ci."),
    ("Réserve", "Ce qui sépare ces chiffres de celui du territoire : un champ, une source, une absence."),
    ("Référence", "Indicateur, territoire et millésime : ce que demandent ctg explain et ctg audit."),
)


def rendre(extraction: Extraction) -> bytes:
    """Return the workbook."""
    octets = BytesIO()
    bandeau = INVENTES if extraction.territoire.demonstration else ""
    titre = f"{extraction.territoire.libelle}, chiffres de l'observatoire"
    edition = extraction.edition
    with Workbook(octets, options()) as livre:
        livre.set_properties(proprietes(titre, edition.citation, edition.release_id, bandeau))
        formats = Formats(livre)
        page = formats.page("Chiffres", tuple(COLONNES.values()))
        page.ecrire(
            0, f"{bandeau}. {titre}" if bandeau else titre, **(BANDEAU if bandeau else {"bold": True})
        )
        page.suivant()
        colonnes = [Colonne(titre, titre in _CHIFFREES) for titre in COLONNES]
        page.tableau(colonnes, (map(_case, ligne) for ligne in extraction.lignes), liste=True, coupee=False)
        page.bords(titre, f"Publication {edition.release_id}", bandeau)
        page.feuille.freeze_panes(2, _FIGEES)
        guide = formats.page("Guide", (26, 100))
        guide.guide(bandeau, titre, edition.citation)
        guide.titre("Lire une ligne")
        for ligne in _SENS:
            guide.rangee(ligne)
        guide.titre("Les statuts")
        guide.statuts()
    return octets.getvalue()


def _case(extraite: Extraite) -> Case:
    """Return what a sheet holds: no more digits than are printed, and of what is no point its text."""
    if not isinstance(extraite, Nombre):
        return extraite
    texte = extraite.texte
    lu = None if texte[0].isalpha() else imprime(texte)
    return Cellule(texte, lu[0] if lu else None)
