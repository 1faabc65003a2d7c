"""The figures of a territory as a workbook: the list, filtered by its headings, and how to read it."""

from io import BytesIO

from xlsxwriter import Workbook

from publication.classeurs.extraction import COLONNES, Extraction, Nombre
from publication.classeurs.mise_en_forme import (
    BANDEAU,
    ENTETE,
    MARQUE,
    Formats,
    format_nombre,
    mettre_en_page,
    options,
    proprietes,
)
from publication.lecture.citation import INVENTES as INVENTES
from publication.lecture.statuts import NOMS, SENS
from socle.affichage import MARQUES, arrondi

_FIGEES = 3


def rendre(extraction: Extraction) -> bytes:
    """Return the workbook."""
    octets = BytesIO()
    bandeau = INVENTES if extraction.territoire.demonstration else ""
    titre = f"{extraction.territoire.libelle}, chiffres de l'observatoire"
    edition = extraction.edition
    with Workbook(octets, options()) as livre:
        livre.set_properties(proprietes(titre, edition.citation, edition.release_id, bandeau))
        formats = Formats(livre)
        _chiffres(formats, extraction, f"{bandeau}. {titre}" if bandeau else titre, bool(bandeau))
        guide = formats.page("Guide", (26, 100))
        if bandeau:
            guide.paragraphe(bandeau, **BANDEAU)
        guide.paragraphe(titre, bold=True, font_size=14)
        guide.paragraphe(edition.citation)
        guide.titre("Lire une ligne")
        for titre_colonne, sens in _SENS:
            guide.rangee((titre_colonne, sens))
        guide.titre("Les statuts")
        for statut, nom in NOMS.items():
            marque = MARQUES.get(statut)
            guide.rangee((f"{nom} ({marque})" if marque else nom, SENS[statut]))
    return octets.getvalue()


_SENS = (
    ("Valeur affichée", "Le chiffre comme les portraits et le site l'impriment : c'est lui que l'on cite."),
    ("Valeur", "Le même, non arrondi, pour calculer ; s, nd et na sont des textes, qu'une somme ignore."),
    (
        "Borne basse, borne haute",
        "La valeur exacte est entre les deux ; égales, elles ne disent rien de plus.",
    ),
    ("EPCI … France", "Le même indicateur, pour la même année, des territoires qui contiennent celui-ci."),
    ("Réserve", "Ce qui sépare ces chiffres de celui du territoire : un champ, une source, une absence."),
    ("Référence", "Indicateur, territoire et millésime : ce que demandent ctg explain et ctg audit."),
)


def _chiffres(formats: Formats, extraction: Extraction, titre: str, inventes: bool) -> None:
    feuille = formats.livre.add_worksheet("Chiffres")
    formats.texte(feuille, 0, 0, titre, **(BANDEAU if inventes else {"bold": True}))
    for colonne, voulue in enumerate(COLONNES):
        feuille.set_column(colonne, colonne, voulue.largeur)
        formats.texte(feuille, 1, colonne, voulue.titre, **ENTETE)
    for rang, ligne in enumerate(extraction.lignes, 2):
        for colonne, cellule in enumerate(ligne):
            match cellule:
                case None:
                    continue
                case Nombre(valeur=None, texte=texte):
                    formats.texte(feuille, rang, colonne, texte, **MARQUE)
                case Nombre(valeur=float(valeur)):
                    nul = arrondi(valeur, cellule.decimales) == 0
                    ecrit = format_nombre(cellule.unite, cellule.decimales, nul=nul)
                    feuille.write_number(rang, colonne, valeur, formats(num_format=ecrit))
                case int():
                    feuille.write_number(rang, colonne, cellule, formats(num_format="0", align="left"))
                case str():
                    formats.texte(feuille, rang, colonne, cellule)
    feuille.autofilter(1, 0, max(1, len(extraction.lignes) + 1), len(COLONNES) - 1)
    feuille.freeze_panes(2, _FIGEES)
    mettre_en_page(feuille)
    feuille.fit_to_pages(1, 0)
    feuille.repeat_rows(0, 1)
