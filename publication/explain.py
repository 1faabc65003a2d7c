"""Where a figure comes from: from a value back to its formula, its terms, its files and their lines.

Reads one release, and nothing that the release does not hold. The text is for readers of figures, in French.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from publication.errors import ErreurPublication

STATUTS = {
    "observe": "observé",
    "arrondi": "arrondi par le producteur",
    "partiel": "partiel : une partie du territoire n'est pas renseignée",
    "secret": "secret statistique",
    "non_disponible": "non disponible",
    "sans_objet": "sans objet",
}
_UNITES = {"pourcent": "%", "EUR": "€", "rapport": ""}
_FORMULES = {
    "somme": "somme : {numerateur}",
    "ratio": "{numerateur} / {denominateur} × {facteur}",
    "evolution": "({numerateur} / {numerateur} {decalage} ans plus tôt − 1) × {facteur}",
    "difference": "{numerateur} − {numerateur} {decalage} ans plus tôt",
    "publie": "valeur publiée par le producteur à ce niveau, jamais recalculée",
    "attribut": "attribut du territoire",
    "micro": "calcul sur l'extrait des allocataires",
    "specifique": "modèle propre à cet indicateur",
}


@dataclass(frozen=True)
class Fichier:
    """A source file the figure may come from; `lignes` are those of the territoire, first physical lines."""

    sha256: str
    ressource: str
    millesime: int
    membre: str | None
    lignes: tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """A source of the figure, and its files in this release."""

    source_id: str
    titre: str
    producteur: str
    licence: str
    page: str
    fichiers: tuple[Fichier, ...]


@dataclass(frozen=True)
class Explication:
    """All that a release says of one figure; numbers are in the displayed unit, unrounded.

    A figure that no source gives has no terms, no bounds and no source: only its statut and its motif.
    """

    release_id: str
    indicateur_id: str
    libelle: str
    description: str
    territoire_id: str
    territoire: str
    millesime: int
    unite: str
    decimales: int
    formule: str
    statut: str
    motif: str | None
    valeur: float | None = None
    valeur_texte: str | None = None
    borne_basse: float | None = None
    borne_haute: float | None = None
    numerateur: float | None = None
    denominateur: float | None = None
    millesime_base: int | None = None
    millesime_denominateur: int | None = None
    champ: str | None = None
    cog_millesime: int | None = None
    demonstration: bool = False
    sources: tuple[Source, ...] = ()


def expliquer(dossier: Path, indicateur_id: str, territoire: str, millesime: int) -> Explication:
    """Explain one figure of the release in `dossier`.

    `territoire` is a territoire_id (`commune:26220`) or a bare code, when a single territoire has it.

    Raises ErreurPublication when the indicateur, the territoire or the millésime is unknown to the release.
    """
    with duckdb.connect(str(dossier / "ctg.duckdb"), read_only=True) as con:
        con.execute("USE marts")
        indicateur = _indicateur(con, indicateur_id)
        territoire_id, niveau, libelle = _territoire(con, territoire)
        commun: dict[str, Any] = {
            "release_id": _lignes(con, "SELECT release_id FROM dim_release")[0]["release_id"],
            "indicateur_id": indicateur_id,
            "libelle": indicateur["libelle"],
            "description": indicateur["description"],
            "territoire_id": territoire_id,
            "territoire": libelle,
            "millesime": millesime,
            "unite": indicateur["unite"],
            "decimales": indicateur["decimales"],
            "formule": _FORMULES[indicateur["methode"]].format_map(indicateur),
        }
        cellules = _lignes(
            con,
            """
            SELECT
                statut, motif, valeur, valeur_texte, borne_basse, borne_haute, numerateur, denominateur,
                millesime_base, millesime_denominateur, champ, cog_millesime, demonstration, source_ids
            FROM fct_indicateurs WHERE territoire_id = ? AND millesime = ? AND indicateur_id = ?
            """,
            territoire_id,
            millesime,
            indicateur_id,
        )
        if cellules:
            sources = _sources(con, re.findall(r"\w+", cellules[0].pop("source_ids")), territoire_id, niveau, {
                millesime, cellules[0]["millesime_base"], cellules[0]["millesime_denominateur"]
            })
            return Explication(**commun, **cellules[0], sources=sources)
        absences = _lignes(
            con,
            "SELECT statut, motif FROM dim_disponibilite"
            " WHERE indicateur_id = ? AND niveau = ? AND millesime = ? AND statut IN ('non_disponible')",
            indicateur_id,
            niveau,
            millesime,
        )
        if absences:
            return Explication(**commun, **absences[0])
        connus = _lignes(
            con,
            "SELECT DISTINCT millesime FROM fct_indicateurs WHERE territoire_id = ? AND indicateur_id = ?"
            " ORDER BY millesime",
            territoire_id,
            indicateur_id,
        )
    raise ErreurPublication(
        f"Release {commun['release_id']} has no {indicateur_id} for {territoire_id} in {millesime}."
        f" Millésimes it has: {', '.join(str(c['millesime']) for c in connus) or 'none'}; the indicateur exists"
        f" at: {indicateur['niveaux']}."
    )
