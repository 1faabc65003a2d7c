"""What the gate found, as plain data: a Constat per expectation, a BilanMart per mart, a Bilan per night."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from expectations.seuils import Severite

Etat = Literal["conforme", "non_conforme", "sans_objet"]
Unite = Literal["lignes", "groupes"]
_UNITES: dict[Unite, str] = {"lignes": "rows", "groupes": "groups of rows"}


@dataclass(frozen=True)
class Constat:
    """Result of one expectation.

    `examines` and `anomalies` count the same `unite`: rows of the mart, or groups on which a share or a gap
    is measured. `groupes` counts the groups that failed; `premieres` lists the first of them (keys, observed
    value, failing territoires), `non_verifies` those that could not be judged, with the reason.

        indicateur   niveau    lignes   libelle_absent     examines 50 lignes, anomalies 7 lignes,
        a            commune       40                7     groupes 1: a, commune
        b            commune       10                0
    """

    controle: str
    lot: str
    libelle: str
    raison: str
    severite: Severite
    etat: Etat
    attendu: str
    observe: str
    examines: int = 0
    anomalies: int = 0
    unite: Unite = "lignes"
    groupes: int = 0
    premieres: Sequence[dict[str, str]] = ()
    non_verifies: Sequence[dict[str, str]] = ()

    @property
    def bloquant(self) -> bool:
        """Whether this result stops the publication."""
        return self.etat == "non_conforme" and self.severite == "critical"

    @property
    def message(self) -> str:
        """Clear text for logs and checks: what failed, by how much, first failing rows, why it matters."""
        if self.etat != "non_conforme":
            return f"{self.controle}: {self.etat}, expected {self.attendu}, observed {self.observe}"
        lignes = "\n".join(
            "  - " + ", ".join(f"{cle}={valeur}" for cle, valeur in ligne.items()) for ligne in self.premieres
        )
        return (
            f"{self.controle} ({self.severite}) failed on {self.anomalies} of {self.examines}"
            f" {_UNITES[self.unite]} of lot {self.lot!r}: expected {self.attendu}, observed {self.observe}."
            f"\n{self.raison}\nFirst failures ({len(self.premieres)} of {self.groupes}):\n{lignes}"
        )


@dataclass(frozen=True)
class BilanMart:
    """Results of the suite of one mart; `erreur` says why it could not run, and then it has failed."""

    mart: str
    constats: Sequence[Constat] = ()
    erreur: str | None = None

    @property
    def succes(self) -> bool:
        """No error, at least one expectation that judged something, and none that stops the publication."""
        juges = [c for c in self.constats if c.etat != "sans_objet"]
        return self.erreur is None and bool(juges) and not any(c.bloquant for c in juges)

    @property
    def echecs(self) -> list[Constat]:
        """Failed expectations that somebody must look at, worst first: all but information."""
        ordre = ("critical", "warning")
        return sorted(
            (c for c in self.constats if c.etat == "non_conforme" and c.severite in ordre),
            key=lambda c: ordre.index(c.severite),
        )

    @property
    def message(self) -> str:
        """Clear text for logs and checks."""
        if self.erreur:
            return f"{self.mart}: {self.erreur}"
        if not self.echecs:
            return f"{self.mart}: {len(self.constats)} expectations, none failed"
        return "\n".join(f"{self.mart} / {echec.message}" for echec in self.echecs)


@dataclass(frozen=True)
class Bilan:
    """Results of the night. `succes` is False when anything critical failed or any suite did not run."""

    profil: str
    perimetre: str
    marts: Sequence[BilanMart]

    @property
    def succes(self) -> bool:
        """Whether the night may be published."""
        return bool(self.marts) and all(mart.succes for mart in self.marts)

    @property
    def message(self) -> str:
        """Clear text for logs: every failure, then what to do next."""
        lignes = [mart.message for mart in self.marts if mart.erreur or mart.echecs]
        if not lignes:
            return "every mart keeps its promises"
        suite = (
            "Next: correct the source or the model; or change the threshold, and its raison, in seuils.yml."
        )
        return "\n".join([*lignes, suite])
