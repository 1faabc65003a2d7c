"""The portrait as a workbook: what a chargé d'études counts with, and quotes from."""

from collections.abc import Iterable
from io import BytesIO

from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import options, proprietes
from publication.commun import apparence
from publication.lecture.statuts import NOMS, SENS
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

_COLONNES_CHIFFRES = (
    ("Référence", 44),
    ("Indicateur", 46),
    ("Identifiant de l'indicateur", 30),
    ("Territoire", 28),
    ("Identifiant du territoire", 22),
    ("Millésime", 10),
    ("Valeur", 16),
    ("Valeur affichée", 16),
    ("Unité", 16),
    ("Statut", 18),
    ("Motif", 40),
    ("Intervalle", 28),
    ("Univers", 30),
    ("Source", 46),
)


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
        accueil = Feuille(classeur, "Lisez-moi")
        sections = [(section, Feuille(classeur, section.titre)) for section in document.sections]
        for section, feuille in sections:
            _section(feuille, section)
            feuille.mettre_en_pages()
        chiffres = Feuille(classeur, "Chiffres", [large for _, large in _COLONNES_CHIFFRES])
        _chiffres(chiffres, document)
        sources = Feuille(classeur, "Sources", (60, 80, 40))
        _sources(sources, document)
        feuilles = [*(feuille for _, feuille in sections), chiffres, sources]
        if classeur.blocs:
            donnees = Feuille(classeur, "Données des graphiques", nom=classeur.nom_donnees)
            for bloc in classeur.blocs:
                ecrire_bloc(classeur.format, donnees.feuille, bloc)
            feuilles.append(donnees)
        _accueil(accueil, document, feuilles)
        accueil.feuille.fit_to_pages(1, 1)
        accueil.feuille.activate()
    return octets.getvalue()


def _accueil(feuille: Feuille, document: Document, feuilles: Iterable[Feuille]) -> None:
    def titre(texte: str) -> None:
        feuille.rang += 1
        feuille.titre(texte, 12)

    def paire(libelle: str, texte: str) -> None:
        feuille.ecrire(0, libelle, bold=True)
        feuille.paragraphe(texte, colonne=1)

    feuille.paragraphe(document.titre, bold=True, font_size=14)
    feuille.paragraphe(document.sous_titre, font_size=12)
    for libelle, texte in document.couverture:
        paire(libelle, texte)
    edition = document.edition
    titre("Publication")
    paire("Identifiant", edition.release_id)
    paire("Publiée le", edition.publiee_le)
    paire("Périmètre", edition.perimetre)
    paire("Empreinte du contenu", edition.content_hash)
    paire("Pour citer", edition.citation)
    titre("Lire les chiffres")
    for statut, nom in NOMS.items():
        marque = apparence.MARQUES.get(statut)
        paire(f"{marque} : {nom}" if marque else nom, SENS[statut])
    titre("Se repérer")
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
    debut = feuille.rang
    feuille.entete((titre, titre == "Valeur") for titre, _ in _COLONNES_CHIFFRES)
    # Its heading is what is read again at the top of each page.
    feuille.feuille.repeat_rows(0, debut)
    for _, chiffre in sorted(document.chiffres.items()):
        textes = (
            chiffre.reference,
            chiffre.libelle,
            chiffre.indicateur_id,
            chiffre.territoire,
            chiffre.territoire_id,
        )
        for colonne, texte in enumerate(textes):
            feuille.ecrire(colonne, texte)
        feuille.nombre(5, chiffre.millesime, "0")
        feuille.valeur(6, chiffre.texte, chiffre.nombre, align="right")
        suite = (
            chiffre.texte,
            chiffre.unite,
            chiffre.statut_dit,
            chiffre.motif or "",
            chiffre.intervalle or "",
            chiffre.univers,
            chiffre.source,
        )
        for colonne, texte in enumerate(suite, 7):
            feuille.ecrire(colonne, texte)
        feuille.rang += 1
    feuille.feuille.autofilter(debut, 0, max(feuille.rang - 1, debut), len(_COLONNES_CHIFFRES) - 1)
    feuille.feuille.freeze_panes(debut + 1, 0)


def _sources(feuille: Feuille, document: Document) -> None:
    feuille.entete((titre, False) for titre in ("Source", "Indicateurs", "Univers"))
    indicateurs: dict[str, set[str]] = {}
    univers: dict[str, set[str]] = {}
    for chiffre in document.chiffres.values():
        indicateurs.setdefault(chiffre.source, set()).add(chiffre.libelle)
        univers.setdefault(chiffre.source, set()).add(chiffre.univers)
    for source in sorted(indicateurs):
        feuille.rangee((source, " ; ".join(sorted(indicateurs[source])), " ; ".join(sorted(univers[source]))))
    if document.contours:
        feuille.rangee((document.contours.source, "Contours des communes", ""))
