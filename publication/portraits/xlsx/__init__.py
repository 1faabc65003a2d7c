"""The portrait as a workbook: what a chargé d'études counts with, and quotes from."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import Colonne, options, proprietes
from publication.lecture.chiffres import Cellule, Chiffre
from publication.lecture.statuts import statut_dit
from publication.portraits.modele import Document, Section
from publication.portraits.xlsx.feuilles import Classeur, Feuille
from publication.portraits.xlsx.graphiques import ecrire_bloc

_MODE_D_EMPLOI = (
    "Chaque feuille reprend une partie du portrait : ses tableaux, ses graphiques, leurs sources.",
    "Un chiffre est un nombre, arrondi comme il est imprimé ; s, nd et na sont du texte, sans valeur.",
    "La feuille « Chiffres » les réunit tous, avec ce qu'il faut pour les filtrer et les citer.",
    "La feuille « Données des graphiques » porte les nombres que tracent les graphiques : "
    "une place vide n'y est pas un zéro.",
)

_CHIFFRES = (
    ("Référence", 44, "reference"),
    ("Indicateur", 46, "libelle"),
    ("Identifiant de l'indicateur", 30, "indicateur_id"),
    ("Territoire", 28, "territoire"),
    ("Identifiant du territoire", 22, "territoire_id"),
    ("Millésime", 10, "millesime"),
    ("Valeur", 16, "nombre"),
    ("Valeur affichée", 16, "texte"),
    ("Unité", 16, "unite"),
    ("Statut", 18, "statut"),
    ("Motif", 40, "motif"),
    ("Intervalle", 28, "intervalle"),
    ("Univers", 30, "univers"),
    ("Source", 46, "source"),
)
"""Heading, width and attribute of each column of the list of figures."""


def rendre(document: Document) -> bytes:
    """Return the workbook; the same document gives the same bytes."""
    octets = BytesIO()
    with Workbook(octets, options()) as livre:
        livre.set_properties(
            proprietes(
                f"{document.titre}, {document.sous_titre}",
                document.edition.citation,
                document.edition.release_id,
                document.bandeau or "",
            )
        )
        classeur = Classeur(livre, document)
        accueil = Feuille(classeur, "Lisez-moi", (30, 120))
        sections = [(section, Feuille(classeur, section.titre)) for section in document.sections]
        for section, feuille in sections:
            _section(feuille, section)
            feuille.mettre_en_pages()
        chiffres = Feuille(classeur, "Chiffres", [large for _, large, _ in _CHIFFRES])
        _chiffres(chiffres, document)
        sources = Feuille(classeur, "Sources", (60, 80, 40))
        _sources(sources, document)
        feuilles = [*(feuille for _, feuille in sections), chiffres, sources]
        if classeur.blocs:
            donnees = Feuille(classeur, "Données des graphiques", nom=classeur.nom_donnees)
            for bloc in classeur.blocs:
                ecrire_bloc(classeur, donnees.feuille, bloc)
            feuilles.append(donnees)
        _accueil(accueil, document, feuilles)
        accueil.feuille.fit_to_pages(1, 1)
        accueil.feuille.activate()
    return octets.getvalue()


def _accueil(feuille: Feuille, document: Document, feuilles: Iterable[Feuille]) -> None:
    def paires(*textes: tuple[str, str]) -> None:
        for libelle, texte in textes:
            feuille.ecrire(0, libelle, bold=True)
            feuille.paragraphe(texte, colonne=1)

    edition = document.edition
    feuille.paragraphe(document.titre, bold=True, font_size=14)
    feuille.paragraphe(document.sous_titre, font_size=12)
    paires(*document.couverture)
    feuille.rang += 1
    feuille.titre("Publication")
    paires(
        ("Identifiant", edition.release_id),
        ("Publiée le", edition.publiee_le),
        ("Périmètre", edition.perimetre),
        ("Empreinte du contenu", edition.content_hash),
        ("Pour citer", edition.citation),
    )
    feuille.rang += 1
    feuille.titre("Lire les chiffres")
    feuille.statuts()
    feuille.rang += 1
    feuille.titre("Se repérer")
    for phrase in _MODE_D_EMPLOI:
        feuille.paragraphe(phrase)
    for autre in feuilles:
        feuille.lien(autre.nom)


def _section(feuille: Feuille, section: Section) -> None:
    if section.vide:
        feuille.paragraphe(section.vide)
    for element in section.elements:
        feuille.element(element)
    for sous in section.sections:
        feuille.sous_titre(sous.titre)
        _section(feuille, sous)


def _chiffres(feuille: Feuille, document: Document) -> None:
    lignes = ([_dit(c, nom) for *_, nom in _CHIFFRES] for _, c in sorted(document.chiffres.items()))
    feuille.feuille.freeze_panes(feuille.rang + 1, 0)
    colonnes = [Colonne(titre, nom == "nombre") for titre, _, nom in _CHIFFRES]
    feuille.tableau(colonnes, lignes, liste=True, coupee=False)


def _sources(feuille: Feuille, document: Document) -> None:
    lues: dict[str, tuple[set[str], set[str]]] = {}
    for chiffre in document.chiffres.values():
        indicateurs, univers = lues.setdefault(chiffre.source, (set(), set()))
        indicateurs.add(chiffre.libelle)
        univers.add(chiffre.univers)
    lignes = [(source, *(" ; ".join(sorted(dits)) for dits in lues[source])) for source in sorted(lues)]
    if document.contours:
        lignes.append((document.contours.source, "Contours des communes", ""))
    feuille.tableau([Colonne(titre) for titre in ("Source", "Indicateurs", "Univers")], lignes)


def _dit(chiffre: Chiffre, nom: str) -> Any:
    match nom:
        case "nombre":
            return Cellule(chiffre.texte, chiffre.nombre)
        case "statut":
            return statut_dit(chiffre.statut, chiffre.prevu)
    return getattr(chiffre, nom)
