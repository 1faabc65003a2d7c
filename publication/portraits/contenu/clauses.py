"""The schéma pluriannuel, clause by clause (`clauses.yml`): what a release answers to each, what is missing.

Belongs here: verdicts. Does not: how they are printed (`clauses_dites`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from publication.lecture.chiffres import Cellule
from publication.lecture.citation import sources_citees
from publication.lecture.lots import Ligne
from publication.lecture.plan import TableDuPlan
from publication.portraits.contenu.comparateurs import manque
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.contours import contours
from publication.portraits.contenu.convention import (
    dire_constat,
    dire_instance,
    dire_mission,
    dire_orientation,
)
from publication.portraits.contenu.langue import accorder, enumerer
from publication.portraits.contenu.schema import dire_operation
from publication.portraits.contenu.tableaux import unite_tue
from publication.portraits.contenu.zones import (
    Commune,
    bilan,
    criteres_dits,
    dire_zone,
    eloignees,
    lire_zones,
)
from publication.portraits.modele import Contours
from socle.statuts import MONTRENT

Etat = Literal["trouvée", "partielle", "manquante"]
ETATS: tuple[Etat, ...] = ("trouvée", "partielle", "manquante")
Clause = Mapping[str, Any]
Attendu = Mapping[str, Any]

_TABLES: Mapping[str, tuple[TableDuPlan, Callable[[Ligne], bool], Callable[[Ligne], str]]] = {
    "calendrier": ("ctg_calendrier", lambda o: o["operation_statut"] != "abandonné", dire_operation),
    "constats": ("ctg_constats", bool, dire_constat),
    "indicateurs_cibles": (
        "mart_ctg_suivi",
        lambda s: s["indicateur_id"] is not None,
        lambda s: f"{s['indicateur_libelle']} (axe {s['axe_numero']})",
    ),
    "instances": ("ctg_instances", bool, dire_instance),
    "missions_sppe": ("ctg_missions_sppe", bool, dire_mission),
    "orientations": ("ctg_orientations", bool, dire_orientation),
}
"""Tables of the plan by the name of their file: that of a release, which rows count, how one is worded."""


@dataclass(frozen=True)
class Figure:
    """A figure that answers; `unite` says its unit where neither its cell nor its label does."""

    libelle: str
    cellule: Cellule
    periode: str
    univers: str
    source: str
    unite: str = ""

    def __str__(self) -> str:
        """Word it without its source: "Places d'Eaje : 118 (2024)"."""
        return f"{self.libelle} : {' '.join(filter(None, (self.cellule.texte, self.unite)))} ({self.periode})"


@dataclass(frozen=True)
class Absence:
    """A figure that the release does not show, why, and the sources that would give it."""

    libelle: str
    motif: str
    sources: str = ""


@dataclass(frozen=True)
class Lu:
    """What a release says of a convention: rows of its plan by table, figures by id, communes by id."""

    plan: Mapping[str, Sequence[Ligne]]
    chiffres: Mapping[str, Figure | Absence]
    communes: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    """Of each figure, its value by name of commune; None where the release shows none."""
    zones: Sequence[Commune] = ()
    """Its communes by what childcare they lack, those that meet most criteria first."""
    traits: Contours | None = None
    """The outlines of its communes."""


@dataclass(frozen=True)
class Reponse:
    """What answers an `attendu`, figures or lines in words; what is missing, and where it is to be put."""

    quoi: str
    figures: tuple[Figure, ...] = ()
    lignes: tuple[str, ...] = ()
    manques: tuple[str, ...] = ()
    ecrire: str = ""
    details: str = ""
    """What is too long for a table: the names of communes."""


@dataclass(frozen=True)
class Verdict:
    """A clause and its answers."""

    clause: Clause
    reponses: tuple[Reponse, ...]

    @property
    def etat(self) -> Etat:
        """Say whether everything answers, nothing does, or some of it."""
        if not any(r.manques for r in self.reponses):
            return "trouvée"
        return "partielle" if any(r.figures or r.lignes for r in self.reponses) else "manquante"

    @property
    def nom(self) -> str:
        """Its number and its name."""
        return f"{self.clause['numero']} {self.clause['nom']}"


@cache
def texte() -> dict[str, Any]:
    """Return the clauses as they are declared, and the text that they are of."""
    lu: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("clauses.yml").read_text(encoding="utf-8"))
    return lu


def lire(ctx: Contexte) -> Lu:
    """Read what the clauses ask for; raise ErreurPublication where the territory has no convention."""
    ctx.autour.exiger_une_convention()
    attendus = [a for c in texte()["clauses"] for a in c["attendus"]]
    sans = sorted({i for a in attendus for i in a.get("communes_sans", ())})
    ctx.releve.lire_de(ctx.autour.communes, sans)
    return Lu(
        {
            nom: [ligne for ligne in ctx.autour.plan(table) if compte(ligne)]
            for nom, (table, compte, _) in _TABLES.items()
        },
        {i: _chiffre(ctx, i) for a in attendus for i in a.get("indicateurs", ())}
        | {i: _chiffre(ctx, i) for i in sans},
        {i: {t.libelle: _valeur(ctx, i, t.territoire_id) for t in ctx.autour.communes} for i in sans},
        lire_zones(ctx),
        contours(ctx),
    )


def _chiffre(ctx: Contexte, indicateur_id: str) -> Figure | Absence:
    (i,) = ctx.indicateurs([indicateur_id])
    ligne = ctx.dernier(indicateur_id)
    if ligne is None:
        ids = sources_citees(ctx.marts.dictionnaire[indicateur_id])
        sources = ", ".join(f"{ctx.marts.sources[s]['titre']} ({s})" for s in ids if s in ctx.marts.sources)
        return Absence(i.libelle, manque(ctx, i) or "chiffre couvert par le secret", sources)
    porteur, annee = ctx.porteur(indicateur_id), ligne["millesime"]
    cellule = ctx.releve.cellule(indicateur_id, porteur, annee)
    lue = ctx.releve.ligne(porteur, indicateur_id, annee)
    assert cellule is not None and lue is not None
    source, univers = ctx.marts.source(lue), i.univers_libelle
    unite = unite_tue(i) or ""
    if unite and cellule.nombre is not None:
        unite = i.unite.libelle(cellule.nombre)
    return Figure(i.libelle, cellule, i.periode(annee), univers, source, unite)


def _valeur(ctx: Contexte, indicateur_id: str, territoire_id: str) -> float | None:
    """Return the newest figure of a commune, None where it is not shown."""
    annees = ctx.releve.annees(territoire_id, indicateur_id)
    lue = ctx.releve.ligne(territoire_id, indicateur_id, annees[-1]) if annees else None
    return lue["valeur"] if lue is not None and lue["statut"] in MONTRENT else None


def verifier(lu: Lu, clauses: Sequence[Clause] | None = None) -> tuple[Verdict, ...]:
    """Return the verdict on each clause, in their order."""
    declarees: Sequence[Clause] = texte()["clauses"] if clauses is None else clauses
    return tuple(Verdict(c, tuple(_repondre(lu, c, a) for a in c["attendus"])) for c in declarees)


def inconnues(lu: Lu) -> tuple[str, ...]:
    """Word the clauses that lines of the plan name and that do not exist."""
    connues = {c["id"] for c in texte()["clauses"]}
    return tuple(
        f"table {table} : clause inconnue « {nom} » ({_TABLES[table][2](ligne)})"
        for table in ("constats", "orientations")
        for ligne in lu.plan[table]
        for nom in _nommees(ligne)
        if nom not in connues
    )


def _nommees(ligne: Ligne) -> list[str]:
    # A release of before the column has none.
    return [nom.strip() for nom in (ligne.get("clauses") or "").split(";") if nom.strip()]


def _repondre(lu: Lu, clause: Clause, attendu: Attendu) -> Reponse:
    if "indicateurs" in attendu:
        return _par_figures(lu, attendu)
    if "communes_sans" in attendu:
        return _par_communes(lu, attendu)
    if "criteres" in attendu:
        return _par_criteres(lu, attendu)
    if "lies" in attendu:
        tables = ("constats", "orientations")
        lignes = [(t, x) for t in tables for x in lu.plan[t] if clause["id"] in _nommees(x)]
    else:
        table = attendu["plan"]
        gardees = attendu.get("ou", {}).items()
        lignes = [(table, x) for x in lu.plan[table] if all(x[nom] in valeurs for nom, valeurs in gardees)]
    return _par_lignes(attendu, lignes)


def _par_figures(lu: Lu, attendu: Attendu) -> Reponse:
    lues = [lu.chiffres[i] for i in attendu["indicateurs"]]
    absents = [x for x in lues if isinstance(x, Absence)]
    sources = dict.fromkeys(x.sources for x in absents if x.sources)
    return Reponse(
        attendu["quoi"],
        tuple(x for x in lues if isinstance(x, Figure)),
        manques=tuple(f"{x.libelle} : pas de chiffre ({x.motif})" for x in absents),
        ecrire=f"fichier à recevoir : {' ; '.join(sources)}" if sources else "",
    )


def _par_lignes(attendu: Attendu, lignes: Sequence[tuple[str, Ligne]]) -> Reponse:
    """Answer by lines of the plan; one that leaves out a column it has to state is missing, by name."""
    dites, manques = list[str](), list[str]()
    for table, ligne in lignes:
        dite = _TABLES[table][2](ligne)
        absents = [mots for nom, mots in attendu.get("remplir", {}).items() if ligne[nom] is None]
        if absents:
            manques.append(f"{dite} : sans {', sans '.join(absents)}")
        else:
            dites.append(dite)
    if not lignes:
        manques.append(f"{attendu['quoi']} : rien dans le plan")
    ecrire = attendu["ecrire"] if manques else ""
    return Reponse(attendu["quoi"], lignes=tuple(dites), manques=tuple(manques), ecrire=ecrire)


def _par_criteres(lu: Lu, attendu: Attendu) -> Reponse:
    """Count the communes by criteria of insufficient offer, and name those that meet several."""
    if not lu.zones:
        return Reponse(attendu["quoi"], manques=(f"{attendu['quoi']} : aucun critère ne se juge",))
    nommees = [z for z in lu.zones if z.remplis >= attendu["criteres"]]
    return Reponse(
        attendu["quoi"],
        lignes=(enumerer(bilan(lu.zones)),),
        details=" ; ".join(
            [*criteres_dits(lu.zones[0]), *map(dire_zone, nommees), *eloignees(lu.zones, lu.traits)]
        ),
    )


def _par_communes(lu: Lu, attendu: Attendu) -> Reponse:
    """Name the communes where each of these figures is zero, and those where nobody knows."""
    ids: Sequence[str] = attendu["communes_sans"]
    lues = [lu.communes[i] for i in ids]
    noms = list(lues[0])
    sans = [nom for nom in noms if all(valeurs[nom] == 0 for valeurs in lues)]
    flous = [nom for nom in noms if nom not in sans and not any(valeurs[nom] for valeurs in lues)]
    if len(flous) == len(noms):
        return Reponse(attendu["quoi"], manques=(f"{attendu['quoi']} : pas de chiffre par commune",))
    criteres = [lu.chiffres[i] for i in ids]
    dits = ", ".join(f"{x.libelle} ({x.periode})" if isinstance(x, Figure) else x.libelle for x in criteres)
    combien = f"{len(sans)} {accorder('{commune|communes}', len(sans) > 1)} sur {len(noms)}"
    return Reponse(
        attendu["quoi"],
        lignes=(f"{combien} où chacun de ces chiffres est à zéro : {dits}",),
        manques=(f"Communes sans chiffre : {', '.join(flous)}",) if flous else (),
        details=", ".join(sans),
    )
