"""What an audit found, in a form that may leave the zone of the aggregates: names and counts, never a value.

Belongs here: findings, incidents, their text and their JSON. Does not: how they are found.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Nature = Literal["exacte", "primaire", "contributeur", "bornes", "dominance", "demasquee", "solveur"]

LIBELLES: dict[Nature, str] = {
    "exacte": "can be recomputed from published figures",
    "primaire": "is shown although below the threshold",
    "contributeur": "can be computed by a lone contributor of another cell",
    "bornes": "published figures leave too few possible values",
    "dominance": "published figures bound the largest contribution too closely",
    "demasquee": "masked by an earlier release, shown here",
    "solveur": "its bounds could not be computed",
}


@dataclass(frozen=True, order=True)
class Cellule:
    """What a finding names: never a value."""

    territoire_id: str
    indicateur_id: str
    millesime: int


@dataclass(frozen=True, order=True)
class Constat:
    """One finding that blocks: a cell, and why. `detail` names releases or solver states, never a value."""

    nature: Nature
    cellule: Cellule
    detail: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        c = self.cellule
        precision = f" ({self.detail})" if self.detail else ""
        return f"{c.indicateur_id}, {c.territoire_id}, {c.millesime}: {LIBELLES[self.nature]}{precision}"


@dataclass(frozen=True, order=True)
class Incident:
    """A cell masked now that earlier releases give away by themselves: only a person can decide."""

    incident_id: str
    cellule: Cellule
    decide: bool = False

    @property
    def texte(self) -> str:
        """What it is, in one line, without the id that a decision names it by."""
        c = self.cellule
        return (
            f"{c.indicateur_id}, {c.territoire_id}, {c.millesime}: determined by what earlier releases show"
            " (divulgation antérieure)"
        )

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.incident_id}: {self.texte}"


def identifiant_incident(cellule: Cellule, atomes: str) -> str:
    """Return the stable id of an incident: the cell and what its territory is made of."""
    texte = f"{cellule.territoire_id}|{cellule.indicateur_id}|{cellule.millesime}|{atomes}"
    return hashlib.sha256(texte.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Bilan:
    """The bounds of all audited forms together. None when there was none, or no finite one.

    Widths are at least these: in a large system, what is wide enough is not bounded to its ends.
    """

    largeur_min: float | None = None
    largeur_mediane: float | None = None
    entiers_min: int | None = None
    sous_seuil: int = 0


@dataclass(frozen=True, order=True)
class Cout:
    """What secrecy costs the readers of one indicateur at one level, all its millésimes together.

    `lignes`: rows with a figure, shown or not; `montrees`: those shown. `poids_montre`: the share, 0 to 1,
    that the territories of these make of the weight of all; None where nothing weighs them. A reader counts
    the same in the release: nothing here is of one cell.
    """

    niveau: str
    indicateur_id: str
    lignes: int
    montrees: int
    poids_montre: float | None


@dataclass(frozen=True)
class Constats:
    """The result of an audit.

    `couts`: what secrecy costs readers, in rows and in what `poids` (an indicateur) says of each territory.
    `comptes`: cells shown and hidden, forms protected, equations and so on, by name. `saute`: what was not
    audited, with the reason and how many. `echecs` block; so do `incidents` that nobody decided.
    """

    echecs: tuple[Constat, ...]
    incidents: tuple[Incident, ...]
    comptes: Mapping[str, int]
    bilan: Bilan
    saute: Mapping[str, int]
    empreinte_parametres: str
    empreinte_systeme: str
    empreinte_masque: str
    premiers: tuple[int, int]
    solveur: str
    registre_rang: int
    registre_sha256: str | None
    poids: str
    couts: tuple[Cout, ...]

    def avec_incidents(self, cellules: Iterable[Cellule], decides: Container[str]) -> "Constats":
        """Add an incident for each of these cells that has none; `decides`: those a person has decided."""
        connues = {incident.cellule for incident in self.incidents}
        ajoutes = [
            Incident(cle, cellule, cle in decides)
            for cellule in cellules
            if cellule not in connues
            for cle in (identifiant_incident(cellule, ""),)
        ]
        return replace(self, incidents=tuple(sorted([*self.incidents, *ajoutes])))

    @property
    def a_decider(self) -> tuple[Incident, ...]:
        """Incidents that still wait for a decision."""
        return tuple(i for i in self.incidents if not i.decide)

    @property
    def succes(self) -> bool:
        """Whether nothing blocks the publication."""
        return not self.echecs and not self.a_decider

    @property
    def message(self) -> str:
        """What the person in charge must know, at most twenty cells of each kind."""
        if self.succes:
            return (
                f"Statistical secrecy: {self.comptes['formes_protegees']} protected forms audited, none can"
                " be recomputed."
            )
        lignes = []
        if self.echecs:
            lignes.append(f"Statistical secrecy: {len(self.echecs)} finding(s), nothing is published:")
            lignes += _premiers(self.echecs)
            lignes.append(
                "Values are not quoted. A finding means that the masks are wrong: report it with the"
                " territories and indicateurs above; do not publish by another way."
            )
        if self.a_decider:
            lignes.append(f"Statistical secrecy: {len(self.a_decider)} incident(s) wait for a decision:")
            lignes += _premiers(self.a_decider)
            lignes.append(
                "What was released cannot be taken back: inform whoever is responsible for the data, then"
                " record the decision with `ctg secret decide INCIDENT --par NAME --raison TEXT`."
            )
        return "\n".join(lignes)

    def en_json(self) -> dict[str, Any]:
        """Return plain values, findings included."""
        return {
            **asdict(self),
            "comptes": dict(self.comptes),
            "saute": dict(self.saute),
            "premiers": list(self.premiers),
            "echecs": [asdict(e) for e in self.echecs],
            "incidents": [asdict(i) for i in self.incidents],
            "couts": [asdict(c) for c in self.couts],
        }

    def texte(self) -> str:
        """Return the JSON text, always the same for the same findings."""
        return json.dumps(self.en_json(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @classmethod
    def depuis(cls, lu: Mapping[str, Any]) -> "Constats":
        """Read back what `en_json` wrote."""
        return cls(
            echecs=tuple(Constat(e["nature"], Cellule(**e["cellule"]), e["detail"]) for e in lu["echecs"]),
            incidents=tuple(
                Incident(i["incident_id"], Cellule(**i["cellule"]), i["decide"]) for i in lu["incidents"]
            ),
            bilan=Bilan(**lu["bilan"]),
            premiers=(lu["premiers"][0], lu["premiers"][1]),
            couts=tuple(Cout(**c) for c in lu["couts"]),
            **{
                cle: lu[cle]
                for cle in (
                    *("comptes", "saute", "empreinte_parametres", "empreinte_systeme", "empreinte_masque"),
                    *("solveur", "registre_rang", "registre_sha256", "poids"),
                )
            },
        )


def _premiers(lignes: Iterable[object], combien: int = 20) -> list[str]:
    textes = [f"  {ligne}" for ligne in lignes]
    if len(textes) > combien:
        return [*textes[:combien], f"  … and {len(textes) - combien} more"]
    return textes
