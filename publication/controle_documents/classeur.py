"""An audit as a workbook for the author of the document: what is to be corrected, then everything."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO

from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import BANDEAU, ENTETE, Formats, options, proprietes
from publication.controle_documents import Audit
from publication.controle_documents.page import SENS
from publication.controle_documents.rendu import (
    LigneChiffre,
    LigneControle,
    chiffres,
    clair,
    controles,
    resume,
    titre,
)
from publication.controle_documents.verdicts import VERDICTS

_CHIFFRES = ("Ligne", "Indicateur", "Territoire", "Période", "Imprimé", "Observatoire", "Verdict", "Pourquoi")
_CONTROLES = (
    *("Contrôle", "Territoire", "Lignes", "Calcul", "Attendu", "Observé", "Statut", "Gravité"),
    "Explication",
)


def rendre(audit: Audit) -> bytes:
    """Return the workbook; the same audit gives the same bytes."""
    octets = BytesIO()
    # Sentences have names; columns keep what programs read.
    faits = [replace(c, explication=clair(audit, c).explication) for c in chiffres(audit)]
    verifies = [replace(c, explication=clair(audit, c).explication) for c in controles(audit)]
    with Workbook(octets, options()) as livre:
        livre.set_properties(proprietes(titre(audit), audit.document.document_id, audit.release_id))
        formats = Formats(livre)
        garde = formats.page("À corriger", _LARGEURS_CHIFFRES)
        if audit.demonstration:
            garde.paragraphe("Jugé face à des chiffres de démonstration, inventés", **BANDEAU)
        garde.paragraphe(titre(audit), bold=True, font_size=14)
        for phrase in resume(audit).splitlines():
            garde.paragraphe(phrase)
        garde.titre("Chiffres à corriger")
        garde.rangee(_CHIFFRES, **ENTETE)
        for fait in faits:
            if fait.a_corriger:
                garde.rangee(_chiffre(fait))
        garde.titre("Les verdicts")
        for verdict, sens in SENS.items():
            garde.paragraphe(f"{VERDICTS[verdict]} : {sens}")
        _feuille(formats, "Contrôles", _LARGEURS_CONTROLES, _CONTROLES, map(_controle, verifies))
        _feuille(formats, "Tous les chiffres", _LARGEURS_CHIFFRES, _CHIFFRES, map(_chiffre, faits))
    return octets.getvalue()


_LARGEURS_CHIFFRES = (7, 40, 26, 12, 14, 26, 16, 70)
_LARGEURS_CONTROLES = (26, 26, 12, 46, 18, 18, 14, 12, 60)


def _feuille(
    formats: Formats,
    nom: str,
    largeurs: Sequence[int],
    titres: Sequence[str],
    lignes: Iterable[Sequence[str]],
) -> None:
    page = formats.page(nom, largeurs)
    page.rangee(titres, **ENTETE)
    for ligne in lignes:
        page.rangee(ligne)
    page.feuille.autofilter(0, 0, max(0, page.rang - 1), len(titres) - 1)
    page.feuille.freeze_panes(1, 0)
    page.feuille.repeat_rows(0)


def _chiffre(c: LigneChiffre) -> Sequence[str]:
    dit = f"{c.libelle} ({c.indicateur})" if c.libelle else c.indicateur
    return (str(c.ligne), dit, c.territoire, c.periode, c.imprime, c.entrepot, c.verdict, c.explication)


def _controle(c: LigneControle) -> Sequence[str]:
    return (
        *(c.controle, c.territoire, c.lignes, c.calcul, c.attendu, c.observe, c.statut, c.gravite),
        c.explication,
    )
