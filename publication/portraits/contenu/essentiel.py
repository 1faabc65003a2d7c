"""Which sentences open a portrait, and each of its themes: among those that the rules allow (`phrases`)."""

from collections.abc import Iterable

from publication.commun.marts import Marts
from publication.portraits.contenu.faits import Faits
from publication.portraits.contenu.phrases import Candidat, Chiffreur, Phrases, Sujet
from publication.portraits.modele import Message

MAXIMUM = 10
MINIMUM = 6
"""Sentences of L'essentiel. A territory that has no more to tell has fewer."""
PAR_THEME = 3
ECARTS, EVOLUTIONS, REFUS = 6, 2, 1
"""Of each rule; what cannot be read is told where no evolution can be."""

REGLES = ("repere", "ecart", "evolution", "refus")
"""The rules, in the order their sentences are printed."""


def essentiel(
    marts: Marts, territoire_id: str, depuis: int | None, chiffre: Chiffreur
) -> tuple[Message, ...]:
    """Return the six to ten sentences of a territory, fewer where the release holds no more.

    `depuis` is the base year; without it, evolutions are read from the first year.
    """
    phrases = Phrases(Faits(marts, territoire_id, depuis, None), chiffre)
    choix = _Choix()
    choix.prendre(phrases.reperes(), 1)
    choix.prendre(phrases.ecarts(), ECARTS)
    choix.prendre(phrases.evolutions(), EVOLUTIONS)
    # Two sentences on one subject are better than too few.
    choix.prendre([*phrases.ecarts(), *phrases.evolutions()], MINIMUM - len(choix.dits), divers=False)
    choix.prendre(phrases.reperes(), MINIMUM - len(choix.dits), divers=False)
    choix.prendre(phrases.refus(), 0 if choix.a_dit("evolution") else min(REFUS, MAXIMUM - len(choix.dits)))
    return choix.messages()


def du_theme(
    marts: Marts, territoire_id: str, depuis: int | None, chiffre: Chiffreur, theme: str
) -> tuple[Message, ...]:
    """Return the two or three sentences that open a theme, by the rules of L'essentiel."""
    phrases = Phrases(Faits(marts, territoire_id, depuis, theme), chiffre)
    choix = _Choix()
    for candidats in (phrases.reperes, phrases.ecarts, phrases.evolutions):
        choix.prendre(candidats(), 1, divers=False)
    choix.prendre([*phrases.ecarts(), *phrases.evolutions()], PAR_THEME - len(choix.dits), divers=False)
    choix.prendre(phrases.refus(), 0 if choix.a_dit("evolution") else min(REFUS, PAR_THEME - len(choix.dits)))
    choix.prendre(phrases.reperes(), PAR_THEME - 1 - len(choix.dits), divers=False)
    return choix.messages()


class _Choix:
    """Sentences chosen so far: no indicateur twice, and each subject once as long as `divers`."""

    def __init__(self) -> None:
        self.dits: list[tuple[int, int, Message]] = []
        self.indicateurs: set[str] = set()
        self.sujets: set[Sujet] = set()

    def prendre(self, candidats: Iterable[Candidat], nombre: int, divers: bool = True) -> None:
        """Take up to `nombre`: the strongest, then that of another tone, and so on.

        Equal scores are in the declared order.
        """
        ordre = sorted(candidats, key=lambda c: (-c.score, c.rang))
        tons = dict.fromkeys(c.ton for c in ordre)
        files = [iter([c for c in ordre if c.ton == ton]) for ton in tons]
        while nombre > 0 and files:
            file = files.pop(0)
            for candidat in file:
                if self._dire(candidat, divers):
                    nombre -= 1
                    files.append(file)
                    break

    def _dire(self, candidat: Candidat, divers: bool) -> bool:
        if candidat.indicateurs & self.indicateurs or (divers and candidat.sujet in self.sujets):
            return False
        message = candidat.dire()
        if message is None:
            return False
        self.dits.append((REGLES.index(message.regle), candidat.rang, message))
        self.indicateurs |= candidat.indicateurs
        self.sujets.add(candidat.sujet)
        return True

    def a_dit(self, regle: str) -> bool:
        """Whether a sentence of this rule was chosen."""
        return any(message.regle == regle for _, _, message in self.dits)

    def messages(self) -> tuple[Message, ...]:
        """Return them by rule, then in the order of `formulations.yml`."""
        return tuple(message for _, _, message in sorted(self.dits, key=lambda dit: dit[:2]))
