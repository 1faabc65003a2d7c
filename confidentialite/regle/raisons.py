"""The named reasons: why a row is hidden, each said once for the operator and once for a reader.

Belongs here: ids and what they mean. Does not: which reason a row has (`primaire.py`, the engine).
Outside, a row is `secret` whatever the reason: ids never leave the closed zone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Raison:
    """One reason. `sens`: for the operator; `lecteur`: in French, for whoever asks what secrecy is.

    `parametres`: those of the rule. `propre`: whether the row is hidden for itself. `categorie`: what may be
    said of the hidden value, where the rule says it.
    """

    id: str
    sens: str
    lecteur: str
    parametres: tuple[str, ...] = ()
    propre: bool = True
    categorie: str | None = None

    def regles(self, dites: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
        """The parameters of the rule, with their values in what `Parametres.texte` wrote, now or then."""
        for nom in self.parametres:
            if nom in dites:
                yield nom, dites[nom]["valeur"]


PEU, DOMINEE, BESOIN = "A", "B", "D"
ANTERIEURE, DIVULGUEE, DISCORDE = "anterieure", "divulguee", "discorde"
FREQUENCE, CONJOINT, DOMINANCE = "frequence", "conjoint", "dominance"

RAISONS = {
    r.id: r
    for r in (
        Raison(
            PEU,
            "too few contributors, or few that it leaves of a whole, or everybody has a sensitive attribute",
            "trop peu de foyers, de personnes ou de gestionnaires sont concernés",
            ("seuil_frequence", "seuil_frequence_entreprises", "attribut_groupe"),
            categorie="below the threshold, or so is what it leaves of its whole; or all of it",
        ),
        Raison(
            DOMINEE,
            "one contributor makes nearly all of the amount, or the second would tell the first within p %",
            "un seul contributeur représente presque tout, ou le deuxième pourrait estimer sa part de près",
            ("dominance_k", "p_pourcent"),
            categorie="an amount of which one contributor makes, or two make, nearly all",
        ),
        Raison(
            BESOIN,
            "nothing in itself: shown, it would give another hidden figure away",
            "sa publication permettrait de retrouver un autre chiffre protégé",
            ("alternatives_min", "singletons"),
            propre=False,
        ),
        Raison(
            ANTERIEURE,
            "an earlier release hid it, and showing it now would solve the sums of then",
            "une publication antérieure le protégeait déjà",
            propre=False,
        ),
        Raison(
            DIVULGUEE,
            "it must be hidden, and earlier releases already give it away: a person has to decide",
            "il doit être protégé, et des publications antérieures permettent de le retrouver",
            ("seuil_frequence",),
        ),
        Raison(
            DISCORDE,
            "a register gives the territory another value than its communes add up to",
            "deux registres donnent deux valeurs différentes de ce territoire",
            propre=False,
        ),
        Raison(
            FREQUENCE,
            "one count of this level is small, and contributors are not known: the whole level is hidden",
            "un effectif de ce niveau est trop petit : le niveau entier est protégé",
            ("seuil_frequence",),
        ),
        Raison(
            CONJOINT,
            "one term of a share of this level is small: the whole level is hidden",
            "un terme d'une part est trop petit à ce niveau : le niveau entier est protégé",
            ("seuil_frequence",),
        ),
        Raison(
            DOMINANCE,
            "one structure may make most of the amount, and contributors are not known: the level is hidden",
            "une structure peut représenter l'essentiel du montant : le niveau entier est protégé",
        ),
    )
}
