"""What the gate found, as plain data: a Constat per expectation, a BilanMart per mart, a Bilan per night.

Belongs here: the verdict rules and the message for the person who must act. Does not: measuring or rendering.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from expectations.seuils import Severite

Etat = Literal["conforme", "non_conforme", "sans_objet"]


@dataclass(frozen=True)
class Constat:
    """Result of one expectation.

    `examines` and `anomalies` count rows of the lot; `premieres` are its first failing rows (keys, observed
    value, failing territoires), `non_verifies` the rows it could not judge, with the reason.
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
    premieres: Sequence[dict[str, str]] = ()
    non_verifies: Sequence[dict[str, str]] = ()

    @property
    def bloquant(self) -> bool:
        """Whether it stops the publication."""
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
            f"{self.controle} ({self.severite}) failed on {self.anomalies} of {self.examines} rows of lot"
            f" {self.lot!r}: expected {self.attendu}, observed {self.observe}.\n{self.raison}\n"
            f"First failing rows:\n{lignes}"
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
        """Failed expectations of every severity, worst first."""
        ordre = ("critical", "warning", "info")
        return sorted(
            (c for c in self.constats if c.etat == "non_conforme"), key=lambda c: ordre.index(c.severite)
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
