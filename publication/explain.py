"""Where a figure comes from: from a value back to its formula, its terms, its files and their lines.

Reads one release, and nothing that the release does not hold. The text is for readers of figures, in French.
"""

import json
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from socle.erreurs import ErreurPublication
from socle.horloge import jour_de

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
    "publie": "valeur publiée par le producteur à ce niveau, jamais recalculée",
    "attribut": "attribut du territoire",
    "specifique": "modèle propre à cet indicateur",
}


@dataclass(frozen=True)
class Fichier:
    """A source file the figure may come from; `lignes` are those of the territoire, first physical lines.

    `publie_le` is the producer's day, `recu_le` when its bytes landed (UTC), `premiere_release` the first
    release that used it.
    """

    sha256: str
    ressource: str
    millesime: int
    membre: str | None
    lignes: tuple[int, ...]
    publie_le: str | None
    recu_le: str | None
    premiere_release: str | None


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
    # Resolved: DuckDB would serve `current` from an older release still open in this process.
    with duckdb.connect(str((dossier / "ctg.duckdb").resolve()), read_only=True) as con:
        con.execute("use marts")
        indicateur = _indicateur(con, indicateur_id)
        territoire_id, niveau, libelle = _territoire(con, territoire)
        commun: dict[str, Any] = {
            "release_id": _lignes(con, "select release_id from dim_release")[0]["release_id"],
            "indicateur_id": indicateur_id,
            "libelle": indicateur["libelle"],
            "description": indicateur["description"],
            "territoire_id": territoire_id,
            "territoire": libelle,
            "millesime": millesime,
            "unite": indicateur["unite"],
            "decimales": indicateur["decimales"],
            "formule": _formule(indicateur),
        }
        cellules = _lignes(
            con,
            """
            select
                statut, motif, valeur, valeur_texte, borne_basse, borne_haute, numerateur, denominateur,
                millesime_base, millesime_denominateur, champ, cog_millesime, demonstration, source_ids
            from fct_indicateurs
            where territoire_id = $territoire_id and millesime = $millesime and indicateur_id = $indicateur_id
            """,
            {"territoire_id": territoire_id, "millesime": millesime, "indicateur_id": indicateur_id},
        )
        if cellules:
            cellule = cellules[0]
            source_ids = cellule.pop("source_ids").split("+")
            millesimes = {millesime, cellule["millesime_base"], cellule["millesime_denominateur"]}
            entrees = json.loads((dossier / "MANIFEST.json").read_bytes())["inputs"]
            return Explication(
                **commun, **cellule, sources=_sources(con, source_ids, territoire_id, millesimes, entrees)
            )
        absences = _lignes(
            con,
            """
            select statut, motif from dim_disponibilite
            where indicateur_id = $indicateur_id and niveau = $niveau and millesime = $millesime
                and statut = 'non_disponible'
            """,
            {"indicateur_id": indicateur_id, "niveau": niveau, "millesime": millesime},
        )
        if absences:
            return Explication(**commun, **absences[0])
        connus = _lignes(
            con,
            """
            select distinct millesime from fct_indicateurs
            where territoire_id = $territoire_id and indicateur_id = $indicateur_id order by millesime
            """,
            {"territoire_id": territoire_id, "indicateur_id": indicateur_id},
        )
    raise ErreurPublication(
        f"Release {commun['release_id']} has no {indicateur_id} for {territoire_id} in {millesime}."
        f" Millésimes it has: {', '.join(str(c['millesime']) for c in connus) or 'none'}. Levels where the"
        f" indicateur exists: {indicateur['niveaux']}."
    )


def rendre(explication: Explication) -> str:
    """Return the explanation as French text, rounded as readers see figures."""
    e = explication
    lignes = [
        f"{e.libelle} ({e.indicateur_id})",
        f"{e.territoire} ({e.territoire_id}), {e.millesime}",
        "",
        f"Valeur        {_valeur(e)}",
        f"Statut        {STATUTS[e.statut]}",
        *([f"Motif         {e.motif}"] if e.motif else []),
        f"Définition    {e.description}",
        f"Formule       {e.formule}",
    ]
    for titre, terme, annee in (
        ("Numérateur", e.numerateur, e.millesime),
        ("Comparé à" if e.millesime_base else "Dénominateur", e.denominateur, _second_millesime(e)),
    ):
        if terme is not None:
            lignes.append(f"{titre:<13} {nombre(terme, 0 if terme == int(terme) else 2)} ({annee})")
    if e.champ:
        lignes.append(f"Champ         {e.champ}")
    if e.cog_millesime:
        lignes.append(f"Géographie    communes au 1er janvier {e.cog_millesime} (COG)")
    for source in e.sources:
        lignes += [
            "",
            f"Source        {source.titre} ({source.producteur}, {source.licence})",
            f"  {source.page}",
        ]
        for fichier in source.fichiers:
            nom = fichier.membre or fichier.ressource
            lignes.append(f"  {nom}, ressource {fichier.ressource}, millésime {fichier.millesime}")
            lignes.append(f"    sha256 {fichier.sha256}")
            lignes.append(
                f"    public au plus tard le {fichier.publie_le or '?'},"
                f" reçu le {jour_de(fichier.recu_le) if fichier.recu_le else '?'},"
                f" première release {fichier.premiere_release or '?'}"
            )
            if fichier.lignes:
                mot = "ligne" if len(fichier.lignes) == 1 else "lignes"
                lignes.append(f"    {mot} {', '.join(map(str, fichier.lignes))}")
    if e.demonstration:
        lignes += ["", "Chiffres de démonstration : inventés."]
    lignes += ["", f"Release {e.release_id}"]
    return "\n".join(lignes)


def nombre(valeur: float, decimales: int) -> str:
    """Write a number in French: rounded half away from zero, decimal comma, thousands by narrow spaces."""
    arrondi = Decimal(repr(valeur)).quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP)
    texte = f"{abs(arrondi):,}".replace(",", "\u202f").replace(".", ",")
    return f"−{texte}" if arrondi < 0 else texte


def _valeur(e: Explication) -> str:
    if e.valeur is None:
        return e.valeur_texte or STATUTS[e.statut]
    if e.unite == "booleen":
        return "oui" if e.valeur else "non"
    unite = _UNITES.get(e.unite, e.unite)
    texte = f"{nombre(e.valeur, e.decimales)} {unite}".rstrip()
    if e.borne_basse in (None, e.valeur) and e.borne_haute in (None, e.valeur):
        return texte
    basse = "?" if e.borne_basse is None else nombre(e.borne_basse, e.decimales)
    haute = "?" if e.borne_haute is None else nombre(e.borne_haute, e.decimales)
    return f"{texte}, entre {basse} et {haute}"


def _second_millesime(e: Explication) -> int:
    return e.millesime_base or e.millesime_denominateur or e.millesime


def _formule(indicateur: dict[str, Any]) -> str:
    if fixe := _FORMULES.get(indicateur["methode"]):
        return fixe
    numerateur, denominateur = (
        f"({terme})" if re.search("[+-]", terme or "") else terme
        for terme in (indicateur["numerateur"], indicateur["denominateur"])
    )
    if not numerateur:
        return "aucune source reçue ne l'alimente"
    fois = f" × {indicateur['facteur']}" if indicateur["facteur"] != 1 else ""
    return {
        "somme": f"somme de {numerateur}",
        "ratio": f"{numerateur} / {denominateur}{fois}",
        "evolution": f"({numerateur} / {numerateur} du millésime de base − 1){fois}",
        "difference": f"{numerateur} − {numerateur} du millésime de base",
    }[indicateur["methode"]]


def _indicateur(con: duckdb.DuckDBPyConnection, indicateur_id: str) -> dict[str, Any]:
    indicateurs = {ligne["indicateur_id"]: ligne for ligne in _lignes(con, "from dim_indicateur")}
    if indicateur_id not in indicateurs:
        proches = get_close_matches(indicateur_id, indicateurs, n=3)
        raise ErreurPublication(
            f"No indicateur {indicateur_id!r} in this release;"
            f" {'close to it: ' + ', '.join(proches) if proches else 'see dictionnaire.md for the list'}."
        )
    return indicateurs[indicateur_id]


def _territoire(con: duckdb.DuckDBPyConnection, territoire: str) -> tuple[str, str, str]:
    trouves = _lignes(
        con,
        """
        select territoire_id, niveau, libelle from dim_territoire
        where $territoire in (territoire_id, code) order by all
        """,
        {"territoire": territoire},
    )
    if len(trouves) != 1:
        raise ErreurPublication(
            f"{len(trouves)} territoires of this release answer to {territoire!r}; expected exactly one."
            " Give a territoire_id, niveau:code,"
            f" such as {', '.join(t['territoire_id'] for t in trouves) or 'commune:26220'}."
        )
    return trouves[0]["territoire_id"], trouves[0]["niveau"], trouves[0]["libelle"]


def _sources(
    con: duckdb.DuckDBPyConnection,
    source_ids: list[str],
    territoire_id: str,
    millesimes: set[int | None],
    entrees: list[dict[str, Any]],
) -> tuple[Source, ...]:
    niveau, code = territoire_id.split(":", 1)
    fichiers: dict[str, list[Fichier]] = {}
    venues = {(e["source"], e["ressource"], e["millesime"]): e for e in entrees}
    # A merged commune stands in older files under the codes it had. Départements and régions share codes: the
    # file of one says nothing of the other.
    for ligne in _lignes(
        con,
        """
        with codes as (
            select $code as code
            union
            select code_origine from passage_communes
            where $niveau = 'commune' and code_reference = $code and nature in ('fusion', 'changement_code')
        )
        select
            f.source, f.sha256, f.ressource, f.millesime, f.membre,
            coalesce(list(distinct l.ligne order by l.ligne) filter (l.ligne is not null), []) as lignes
        from dim_fichier as f
        left join (from lignes_source semi join codes using (code)) as l
            on f.sha256 = l.sha256
            and (f.ressource not in ('departement', 'region') or f.ressource = $niveau)
        where list_contains($sources, f.source)
        group by all order by all
        """,
        {"code": code, "niveau": niveau, "sources": source_ids},
    ):
        source = ligne.pop("source")
        venue = venues[source, ligne["ressource"], ligne["millesime"]]
        temps = {nom: venue.get(nom) for nom in ("publie_le", "recu_le", "premiere_release")}
        fichiers.setdefault(source, []).append(
            Fichier(**(ligne | temps | {"lignes": tuple(ligne["lignes"])}))
        )
    return tuple(
        Source(**source, fichiers=tuple(_pertinents(fichiers.get(source["source_id"], []), millesimes)))
        for source in _lignes(
            con,
            """
            select source_id, titre, producteur, licence, page from dim_source
            where list_contains($sources, source_id) order by source_id
            """,
            {"sources": source_ids},
        )
    )


def _pertinents(fichiers: list[Fichier], millesimes: set[int | None]) -> list[Fichier]:
    """Narrow a source's files to those that name the territoire, then to the figure's own millésimes.

    Each step is skipped when nothing would be left: a sum has no line of its own, a file may hold many years.
    """
    nommes = [fichier for fichier in fichiers if fichier.lignes] or fichiers
    return [fichier for fichier in nommes if fichier.millesime in millesimes] or nommes


def _lignes(
    con: duckdb.DuckDBPyConnection, requete: str, parametres: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    lignes: list[dict[str, Any]] = con.execute(requete, parametres or {}).to_arrow_table().to_pylist()
    return lignes
