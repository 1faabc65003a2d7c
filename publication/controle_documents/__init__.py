"""The audit of a published document: its figures against a release, and against each other.

Reads a document and the marts of one release, and writes nothing itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from publication.controle_documents.contexte import FUITES, PASSES, Examen, Resultat
from publication.controle_documents.entrepot import Entrepot, charger
from publication.controle_documents.lecture import DocumentAudite, lire
from publication.controle_documents.regles import controler, declarations
from publication.controle_documents.verdicts import Jugement, juger

A_CORRIGER = ("ecart", "mauvais_univers", "divulgation")
"""Verdicts that ask the author of the document for a correction."""


@dataclass(frozen=True)
class Audit:
    """What an audit found. `sans_objet`: checks whose terms the document does not print."""

    document: DocumentAudite
    release_id: str
    demonstration: bool
    jugements: tuple[Jugement, ...]
    controles: tuple[Resultat, ...]
    sans_objet: tuple[str, ...]
    noms: Mapping[str, str] = field(default_factory=dict)
    """What its texts name by identifiers is called: indicateurs, sources, territories."""

    @property
    def a_corriger(self) -> bool:
        """Whether a figure or a check calls for a correction (what is only to be confirmed does not)."""
        return any(j.verdict in A_CORRIGER for j in self.jugements) or any(
            c.status not in (*PASSES, "A_VERIFIER") for c in self.controles
        )


def auditer(dossier: Path, fichier: Path) -> Audit:
    """Audit the document `fichier` against the release in `dossier`.

    Raises DocumentIllisible when the document is not in the expected form.
    """
    document = lire(fichier)
    sommes = [d["indicateur"] for d in declarations() if d["type"] == "somme_des_membres"]
    entrepot = charger(dossier, document.territoires, sommes)
    jugements = [juger(chiffre, entrepot) for chiffre in document.chiffres]
    controles, sans_objet = controler(Examen(document, entrepot, jugements))
    return Audit(
        document,
        entrepot.release_id,
        entrepot.demonstration,
        tuple(_conclure(jugement, controles, entrepot) for jugement in jugements),
        tuple(controles),
        tuple(sans_objet),
        _noms(document, entrepot),
    )


def _noms(document: DocumentAudite, entrepot: Entrepot) -> dict[str, str]:
    """Names: of the dictionary, else those that the document gives to what is its own."""
    return {
        **{c.indicator_id: f"« {c.label} »" for c in reversed(document.chiffres) if c.label},
        **{c.territoire_id: c.territory_name for c in document.chiffres if c.territory_name},
        **{nom: f"« {i['libelle']} »" for nom, i in entrepot.indicateurs.items()},
        **entrepot.sources,
        **entrepot.territoires,
    }


def _conclure(jugement: Jugement, controles: list[Resultat], entrepot: Entrepot) -> Jugement:
    """Add to a verdict what the checks prove of the figure.

    A divulgation outweighs everything. A sum or a ratio of the document itself decides only where the
    warehouse cannot, as it cannot of a figure without a year that differs from the one year received, unless
    another indicateur is what was printed.
    """
    chiffre, ligne = jugement.chiffre, jugement.chiffre.ligne
    verdict, explication = jugement.verdict, jugement.explication
    # A text says its dates itself.
    if (
        verdict == "ecart"
        and chiffre.nombre is not None
        and not (chiffre.annees or jugement.lecture)
        and len({c.millesime for c in entrepot.cellules(chiffre.territoire_id, chiffre.indicator_id)}) == 1
    ):
        verdict = "non_verifiable"
        explication += ", et le document peut parler d'une autre"
    for controle in controles:
        if controle.vise != ligne:
            continue
        if controle.status in FUITES:
            verdict = "divulgation"
        elif verdict == "non_verifiable" and controle.status in ("OK_ARRONDI", "KO"):
            verdict = "ecart_arrondi" if controle.status == "OK_ARRONDI" else "ecart"
        else:
            continue
        explication = f"{controle.check_id} : {controle.explanation} ; {explication}"
    cites = dict.fromkeys(c.check_id for c in controles if ligne in c.lignes)
    return replace(jugement, verdict=verdict, explication=explication, controles=tuple(cites))
