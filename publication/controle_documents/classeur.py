"""An audit as a workbook for the author of the document: what is to be corrected, then everything."""

from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import BANDEAU, ENTETE, Formats, options, proprietes
from publication.controle_documents import Audit
from publication.controle_documents.mots import SENS, VERDICTS
from publication.controle_documents.rendu import chiffres, clair, controles, resume, titre

_CHIFFRES = {
    **{"Ligne": (7, "ligne"), "Indicateur": (40, "dit"), "Territoire": (26, "territoire")},
    **{"Période": (12, "periode"), "Imprimé": (14, "imprime"), "Observatoire": (26, "entrepot")},
    **{"Verdict": (16, "verdict"), "Pourquoi": (70, "explication")},
}
_CONTROLES = {
    **{"Contrôle": (26, "controle"), "Territoire": (26, "territoire"), "Lignes": (12, "lignes")},
    **{"Calcul": (46, "calcul"), "Attendu": (18, "attendu"), "Observé": (18, "observe")},
    **{"Statut": (14, "status"), "Gravité": (12, "gravite"), "Explication": (60, "explication")},
}
"""Width and content of each column: sentences have names, columns keep what programs read."""


def rendre(audit: Audit) -> bytes:
    """Return the workbook; the same audit gives the same bytes."""
    octets = BytesIO()
    faits = [
        clair(audit, c, ("explication",))
        | {"dit": f"{c['libelle']} ({c['indicateur']})" if c["libelle"] else c["indicateur"]}
        for c in chiffres(audit)
    ]
    verifies = [clair(audit, c, ("explication",)) for c in controles(audit)]
    with Workbook(octets, options()) as livre:
        livre.set_properties(proprietes(titre(audit), audit.document.document_id, audit.release_id))
        formats = Formats(livre)
        garde = formats.page("À corriger", [large for large, _ in _CHIFFRES.values()])
        if audit.demonstration:
            garde.paragraphe("Jugé face à des chiffres de démonstration, inventés", **BANDEAU)
        garde.paragraphe(titre(audit), bold=True, font_size=14)
        for phrase in resume(audit).splitlines():
            garde.paragraphe(phrase)
        garde.titre("Chiffres à corriger")
        _tableau(garde, _CHIFFRES, [c for c in faits if c["a_corriger"]])
        garde.titre("Les verdicts")
        for verdict, sens in SENS.items():
            garde.paragraphe(f"{VERDICTS[verdict]} : {sens}")
        for nom, colonnes, lignes in (
            ("Contrôles", _CONTROLES, verifies),
            ("Tous les chiffres", _CHIFFRES, faits),
        ):
            page = formats.page(nom, [large for large, _ in colonnes.values()])
            _tableau(page, colonnes, lignes)
            page.feuille.autofilter(0, 0, page.rang - 1, len(colonnes) - 1)
            page.feuille.freeze_panes(1, 0)
            page.feuille.repeat_rows(0)
    return octets.getvalue()


def _tableau(page: Any, colonnes: dict[str, tuple[int, str]], lignes: list[dict[str, Any]]) -> None:
    page.rangee([*colonnes], **ENTETE)
    for ligne in lignes:
        page.rangee([ligne[champ] for _, champ in colonnes.values()])
