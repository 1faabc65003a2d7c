"""The walk through one release: the cell, its files and their lines, its parts, its past years.

Belongs here: which lines make a figure, and what may not be told of a masked one. Does not: any wording.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from publication.commun.dictionnaire import trouver_indicateur
from publication.explication.lignes_du_fichier import exactes, fichiers, lignes_trouvees
from publication.explication.modele import (
    ChiffreExplique,
    ErreurConnue,
    Evolution,
    Explication,
    Fichier,
    Passee,
    Registre,
    Source,
    Sujet,
)
from publication.explication.parts import parts_de, structures_de
from publication.lecture.fichiers import BASE
from publication.lecture.lieux import trouver
from publication.lecture.lignes import lignes
from publication.lecture.marts import Marts, ouvrir
from publication.lecture.membres import membres
from publication.lecture.un_chiffre import annee_du_dernier, annees, anterieurs, cellule, depuis_l_an_dernier
from publication.releases.magasin import montrer
from socle.erreurs import ErreurPublication

_FORMULES = {
    "publie": "valeur publiée par le producteur à ce niveau, jamais recalculée",
    "attribut": "attribut du territoire",
    "specifique": "modèle propre à cet indicateur",
}
EFFETS = ("numerateur", "denominateur", "perimetre", "revision")
# Made of mesures that add up.
_ADDITIVES = ("somme", "ratio", "evolution", "difference")
_TERME = re.compile(r"[a-z0-9_]+")


def expliquer(
    dossier: Path,
    indicateur_id: str,
    territoire: str,
    millesime: int | None = None,
    registre: Registre | None = None,
    internes: Path | None = None,
) -> Explication:
    """Explain one figure of the release in `dossier`.

    `territoire` is a territoire_id (`commune:26220`), a code or a name; without `millesime`, it is the newest
    that shows a figure of it. `registre` gives the structures of the closed zone to whoever may read them;
    `internes` is the Parquet of the lines of internal files there.

    Raises ErreurPublication when the indicateur, the territoire or the millésime is unknown to the release,
    when no millésime was asked for and none has a figure, or when it was made by a version that says less.
    """
    dossier = dossier.resolve()
    with ouvrir(dossier / BASE) as marts:
        indicateur = trouver_indicateur(marts.con, indicateur_id)
        sujet = _sujet(marts, indicateur, territoire, millesime)
        ligne = cellule(marts.con, _cle(sujet), [*ChiffreExplique.__dataclass_fields__, "source_ids"])
        if ligne is None:
            absence = ChiffreExplique(**_absence(marts, sujet, indicateur["niveaux"]))
            return Explication(marts.release["release_id"], sujet, absence)
        source_ids = ligne.pop("source_ids").split("+")
        chiffre = ChiffreExplique(**ligne)
        explication = Explication(
            marts.release["release_id"],
            sujet,
            chiffre,
            serie=_serie(marts.con, sujet),
            evolution=_evolution(marts.con, sujet),
        )
        manifeste = montrer(dossier.parent, dossier.name)
        return _detailler(marts, explication, indicateur, source_ids, manifeste, registre, internes)


def _detailler(
    marts: Marts,
    explication: Explication,
    indicateur: Mapping[str, Any],
    source_ids: list[str],
    manifeste: Mapping[str, Any],
    registre: Registre | None,
    internes: Path | None,
) -> Explication:
    """Add the files of a figure and their lines, its communes and its structures."""
    con, sujet, chiffre = marts.con, explication.sujet, explication.chiffre
    niveau = sujet.territoire_id.partition(":")[0]
    jumeau = _jumeau(con, sujet.territoire_id)
    dites = (sujet.millesime, chiffre.millesime_base, chiffre.millesime_denominateur)
    millesimes = sorted({annee for annee in dites if annee is not None})
    trouvees = lignes_trouvees(con, source_ids, sujet.territoire_id, jumeau, millesimes, internes)
    entiers = {niveau, "epci"} if jumeau else {niveau}
    propres = {t["source"] for t in trouvees if t["niveau"] in entiers}
    # A level that is published wins over its sum: of such a source, communes add nothing.
    trouvees = [t for t in trouvees if t["niveau"] in entiers or t["source"] not in propres]
    termes = f"{indicateur['numerateur'] or ''} {indicateur['denominateur'] or ''}"
    mesures = frozenset(_TERME.findall(termes))
    comptees = registre(mesures, frozenset(millesimes)) if registre else []
    comptees = [s for s in comptees if s.source_id in source_ids]
    trouvees = exactes(trouvees, comptees)
    sommees = _sommees(con, indicateur["methode"], niveau, source_ids, propres)
    parts = parts_de(con, sujet, millesimes, mesures, source_ids, sommees, trouvees) if sommees else ()
    sources = _sources(con, source_ids, fichiers(trouvees, entiers, manifeste["inputs"]))
    return replace(
        explication,
        sources=sources,
        erreurs=_erreurs(con, sujet, sources),
        parts=parts,
        incompletes=bool(parts) and not _entier(con, sujet.territoire_id, manifeste["perimetre"]),
        structures=structures_de(con, comptees, sujet.territoire_id),
        jumeau=f"epci:{jumeau}" if any(t["niveau"] == "epci" for t in trouvees) and jumeau else None,
    )


def _sujet(marts: Marts, indicateur: Mapping[str, Any], territoire: str, millesime: int | None) -> Sujet:
    lieu = trouver(marts.con, territoire)
    territoire_id, libelle = lieu.territoire_id, lieu.libelle
    if millesime is None:
        millesime = annee_du_dernier(marts, territoire_id, indicateur["indicateur_id"])
    if millesime is None:
        raise ErreurPublication(
            f"La publication {marts.release['release_id']} n'a aucun chiffre {indicateur['indicateur_id']}"
            f" pour {libelle} ({territoire_id}), à aucune année."
            f" Niveaux de l'indicateur : {indicateur['niveaux'].replace('+', ', ')}."
        )
    return Sujet(
        **{nom: indicateur[nom] for nom in ("indicateur_id", "libelle", "description", "decimales")},
        unite=marts.unites[indicateur["unite"]],
        formule=_formule(indicateur),
        protection=indicateur["secret"],
        territoire_id=territoire_id,
        territoire=libelle,
        millesime=millesime,
        prevu=indicateur["indicateur_id"] in marts.prevus,
    )


def _cle(sujet: Sujet) -> dict[str, Any]:
    return {nom: getattr(sujet, nom) for nom in ("territoire_id", "indicateur_id", "millesime")}


def _jumeau(con: duckdb.DuckDBPyConnection, territoire_id: str) -> str | None:
    """The code of the EPCI of exactly the communes of a CTG."""
    demande = "select min(epci_identique) as epci from ctg_communes where territoire_id = $territoire_id"
    epci: str | None = lignes(con, demande, {"territoire_id": territoire_id})[0]["epci"]
    return epci


def _absence(marts: Marts, sujet: Sujet, niveaux: str) -> dict[str, Any]:
    """Why there is no cell, where the release says it."""
    niveau = sujet.territoire_id.partition(":")[0]
    absences = marts.lignes(
        "select statut, motif from dim_disponibilite where indicateur_id = ? and niveau = ?"
        " and millesime = ? and statut = 'non_disponible'",
        [sujet.indicateur_id, niveau, sujet.millesime],
    )
    if absences:
        return absences[0]
    connus = annees(marts, sujet.territoire_id, sujet.indicateur_id)
    raise ErreurPublication(
        f"La publication {marts.release['release_id']} n'a pas de chiffre {sujet.indicateur_id} pour"
        f" {sujet.territoire} ({sujet.territoire_id}) en {sujet.millesime}."
        f" Millésimes présents : {', '.join(map(str, connus)) or 'aucun'}."
        f" Niveaux de l'indicateur : {niveaux.replace('+', ', ')}."
    )


def _formule(indicateur: Mapping[str, Any]) -> str:
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


def _entier(con: duckdb.DuckDBPyConnection, territoire_id: str, perimetre: str) -> bool:
    """Whether every commune of the territoire is in the release: a scope keeps its EPCI whole.

    That of a région keeps its départements as well, and a part of those that share an EPCI with them.
    """
    if perimetre in ("france", territoire_id) or territoire_id.startswith(("epci:", "ctg:")):
        return True
    du_perimetre = "from dim_territoire where territoire_id = $t and 'region:' || region = $p"
    return bool(lignes(con, du_perimetre, {"t": territoire_id, "p": perimetre}))


def _sommees(
    con: duckdb.DuckDBPyConnection, methode: str, niveau: str, source_ids: list[str], propres: set[str]
) -> list[str]:
    """The sources of which communes are added up: none of a commune, nor of what is not made of mesures."""
    if niveau == "commune" or methode not in _ADDITIVES:
        return []
    return [
        s["source"]
        for s in lignes(
            con,
            "select distinct source from dim_fichier"
            " where niveau = 'commune' and list_contains($sources, source) order by source",
            {"sources": source_ids},
        )
        if s["source"] not in propres
    ]


def _sources(
    con: duckdb.DuckDBPyConnection, source_ids: list[str], fichiers: Mapping[str, list[Fichier]]
) -> tuple[Source, ...]:
    return tuple(
        Source(**source, fichiers=tuple(fichiers.get(source["source_id"], ())))
        for source in lignes(
            con,
            """
            select source_id, titre, producteur, licence, page, diffusion = 'publique' as publique
            from dim_source
            where list_contains($sources, source_id) order by source_id
            """,
            {"sources": source_ids},
        )
    )


def _erreurs(
    con: duckdb.DuckDBPyConnection, sujet: Sujet, sources: Iterable[Source]
) -> tuple[ErreurConnue, ...]:
    """The known errors of the files of a figure, on a commune of its territoire."""
    lus = {(f.source, f.ressource, f.millesime) for s in sources for f in s.fichiers}
    trouvees = lignes(
        con,
        f"select distinct {', '.join(f'e.{nom}' for nom in ErreurConnue.__dataclass_fields__)}"
        " from erreurs_connues as e inner join dim_territoire as t using (territoire_id)"
        f" inner join ({membres()}) as m on m.code = t.code"
        " where m.territoire_id = $territoire_id order by all",
        {"territoire_id": sujet.territoire_id},
    )
    return tuple(
        ErreurConnue(**e) for e in trouvees if (e["source_id"], e["ressource"], e["millesime"]) in lus
    )


def _serie(con: duckdb.DuckDBPyConnection, sujet: Sujet) -> tuple[Passee, ...]:
    return tuple(
        Passee(
            *(
                str(s["millesime"]),
                s["valeur"],
                s["valeur_affichee"],
                s["lisibilite"],
                s["statut"],
                s["motif"],
            )
        )
        for s in anterieurs(con, _cle(sujet))
    )


def _evolution(con: duckdb.DuckDBPyConnection, sujet: Sujet) -> Evolution | None:
    """The evolution from the millésime before, with what it is made of, as the release tells it."""
    e = depuis_l_an_dernier(con, _cle(sujet))
    if e is None:
        return None
    dits = EFFETS if e["lisibilite"] == "point" else ()
    effets = tuple((nom, e[f"effet_{nom}"]) for nom in dits if e[f"effet_{nom}"] is not None)
    affichee = e["evolution_affichee"] if e["lisibilite"] else None
    return Evolution(e["millesime_debut"], e["statut"], e["motif"], affichee, effets, e["effets_motif"])
