"""Which findings open a portrait, a theme or a slide: among those that the rules allow (`lectures`)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from publication.lecture.chiffres import Ton
from publication.portraits.contenu import phrases
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.faits import Faits, Vue
from publication.portraits.contenu.formulations import refus_dits, sujets
from publication.portraits.contenu.lectures import Chiffreur, Lecteur, Lecture
from publication.portraits.contenu.titres import titre_constat
from publication.portraits.modele import Message
from socle.statuts import MONTRENT

MAXIMUM = 10
MINIMUM = 6
"""Sentences of L'essentiel. A territory that has no more to tell has fewer."""
PAR_THEME = 3
CONSTATS = 12
"""Findings that a theme or the whole gives at most."""

REGLES = ("repere", "ecart", "evolution", "croise", "refus")
NOMMES = 3
"""How many series a refusal names at most."""
PETIT, PETIT_EFFECTIF = 0.02, 0.01
"""A relative movement below it (3,00 and 3,05) is too small for a sentence, significant as it may be; the
evolution of a count is said in percents, and may be smaller."""
AMPLEUR = 3
"""What a relative difference weighs beside a priority: to be twice its comparator is worth 1,5 of them."""
NETTETE = 0.5
"""What a favourable or unfavourable reading adds to the score: half a priority."""
CONTRASTES: tuple[Ton, ...] = ("favorable", "defavorable")


@dataclass(frozen=True)
class Constat:
    """A finding: the title of a slide, and the sentence under it."""

    indicateur_id: str
    titre: str
    message: Message


@dataclass(frozen=True)
class Candidat:
    """A figure of which something could be said. `lire` says what; None if it would print no difference."""

    indicateur_id: str
    dits: frozenset[str]
    sujet: tuple[str, str]
    """Theme and universe: one sentence each, as far as there are others."""
    tons: frozenset[Ton]
    score: float
    rang: int
    lire: Callable[[], Lecture | None]


def faits_de(ctx: Contexte, theme: str | None = None) -> Faits:
    """Return what a portrait may say: all of it, or of a theme."""
    return _faits(ctx.marts, ctx.territoire.territoire_id, ctx.depuis, theme, ctx.options.comparer)


# A theme opens on its sentences in its section and on its view.
_faits = lru_cache(maxsize=16)(Faits)


def essentiel(faits: Faits, chiffre: Chiffreur) -> tuple[Message, ...]:
    """Return the six to ten sentences of a territory, fewer where the release holds no more."""
    candidats = candidats_de(faits, chiffre)
    parlants = [c for c in candidats if c.tons]
    choix = _Choix()
    for sujet in sujets():
        choix.prendre(
            (c for c in parlants if faits.formulation(c.indicateur_id).sujet == sujet), 1, divers=False
        )
    for sujet in sujets():
        reste = (c for c in candidats if faits.formulation(c.indicateur_id).sujet == sujet)
        if not choix.a_dit_un(i for i in faits.indicateurs if faits.formulation(i).sujet == sujet):
            choix.prendre(reste, 1, divers=False)
    choix.prendre(parlants, MAXIMUM - 1 - len(choix.lus))
    # Two sentences on one subject are better than too few.
    choix.prendre(parlants, MINIMUM - len(choix.lus), divers=False)
    choix.prendre(candidats, MINIMUM - len(choix.lus), divers=False)
    choix.equilibrer(parlants, MAXIMUM)
    choix.prendre(parlants, MAXIMUM - len(choix.lus))
    return choix.messages(faits, chiffre, MAXIMUM)


def du_theme(faits: Faits, chiffre: Chiffreur) -> tuple[Message, ...]:
    """Return the two or three sentences that open a theme, by the rules of L'essentiel."""
    candidats = candidats_de(faits, chiffre)
    choix = _Choix()
    parlants = [c for c in candidats if c.tons]
    choix.prendre(parlants, PAR_THEME)
    choix.prendre(parlants, PAR_THEME - len(choix.lus), divers=False)
    choix.prendre(candidats, PAR_THEME - 1 - len(choix.lus), divers=False)
    choix.equilibrer(parlants, PAR_THEME)
    return choix.messages(faits, chiffre, PAR_THEME)


def constats(faits: Faits, chiffre: Chiffreur) -> list[Constat]:
    """Return the findings of a theme, or of all of them, the strongest first; at most `CONSTATS`."""
    choix = _Choix()
    # A level alone is a finding where nothing sets any apart.
    for candidat in sorted(_par_force(candidats_de(faits, chiffre)), key=lambda c: not c.tons):
        if len(choix.lus) < CONSTATS:
            choix.dire(candidat, divers=False)
    return [
        Constat(candidat.indicateur_id, titre_constat(lecture), phrases.message(lecture, rang))
        for rang, (candidat, lecture) in enumerate(choix.lus)
    ]


def candidats_de(faits: Faits, chiffrer: Chiffreur) -> list[Candidat]:
    """The figures of which something could be said: what sets them apart, or the level of a landmark."""
    lecteur = Lecteur(faits, chiffrer)
    candidats = []
    for entiere in faits.vues:
        indicateur = faits.indicateurs[entiere.indicateur_id]
        vue = _nette(entiere, indicateur["comparable"])
        effectif = faits.effectif(vue.indicateur_id)
        if effectif != vue.indicateur_id and effectif in faits.evolutions:
            # The count says its evolution itself.
            continue
        formulation = faits.formulation(vue.indicateur_id)
        densite = formulation.densite
        tailles = [relatif(vue.valeur, vue.ecarts[0].valeur)] if vue.ecarts else []
        tons: set[Ton] = {ecart.ton for ecart in vue.ecarts}
        if vue.paire is not None and not vue.de_peu:
            tailles.append(relatif(vue.paire["valeur_debut"], vue.paire["valeur_fin"]))
            # Two levels add no tone to that of the gaps.
            if vue.paire["mouvement"] != "deux_niveaux" or not tons:
                tons.add(vue.paire["couleur"])
        if not tailles and not (formulation.repere and (vue.valeur or vue.paire)):
            continue
        candidats.append(
            Candidat(
                indicateur_id=vue.indicateur_id,
                dits=frozenset({vue.indicateur_id, effectif, *([densite["compte"]] if densite else [])}),
                sujet=(indicateur["theme"], indicateur["univers"]),
                tons=frozenset(tons),
                score=formulation.priorite
                + AMPLEUR * max(tailles, default=0)
                + NETTETE * len(tons.intersection(CONTRASTES)),
                rang=formulation.rang,
                lire=partial(lecteur.lire, vue),
            )
        )
    return candidats


def _nette(vue: Vue, comparable: bool) -> Vue:
    """Leave out an evolution too small for a sentence."""
    paire = vue.paire
    if paire is None:
        return vue
    petit = PETIT if comparable else PETIT_EFFECTIF
    return vue if relatif(paire["valeur_debut"], paire["valeur_fin"]) >= petit else replace(vue, paire=None)


def relatif(un: float, autre: float) -> float:
    """Return how far apart, from 0 (equal) to 1 (one of them is nothing): 3 and 4 are at 0.25."""
    ampleur = max(abs(un), abs(autre))
    return min(abs(un - autre) / ampleur, 1.0) if ampleur else 0.0


def _par_force(candidats: Iterable[Candidat]) -> list[Candidat]:
    """The strongest first; equal scores in the declared order."""
    return sorted(candidats, key=lambda c: (-c.score, c.rang))


class _Choix:
    """Findings chosen so far: no indicateur twice, and each subject once as long as `divers`."""

    def __init__(self) -> None:
        self.lus: list[tuple[Candidat, Lecture]] = []
        self.indicateurs: set[str] = set()
        self.sujets: set[tuple[str, str]] = set()

    def prendre(self, candidats: Iterable[Candidat], nombre: int, divers: bool = True) -> None:
        """Take up to `nombre`: the strongest, then that of another tone, and so on."""
        files: dict[frozenset[Ton], list[Candidat]] = defaultdict(list)
        for candidat in _par_force(candidats):
            files[candidat.tons].append(candidat)
        tours = list(files.values())
        while nombre > 0 and tours:
            file = tours.pop(0)
            while file:
                if self.dire(file.pop(0), divers):
                    nombre -= 1
                    tours.append(file)
                    break

    def dire(self, candidat: Candidat, divers: bool) -> bool:
        """Choose a candidate, unless something of it was said or it has nothing to say."""
        if candidat.dits & self.indicateurs or (divers and candidat.sujet in self.sujets):
            return False
        lecture = candidat.lire()
        if lecture is None:
            return False
        self.lus.append((candidat, lecture))
        self.indicateurs |= candidat.dits
        self.sujets.add(candidat.sujet)
        return True

    def a_dit_un(self, indicateurs: Iterable[str]) -> bool:
        """Whether one of these was said."""
        return not self.indicateurs.isdisjoint(indicateurs)

    def equilibrer(self, candidats: Sequence[Candidat], maximum: int) -> None:
        """Say the strongest of a tone that is readable and was not said; the last chosen gives way to it."""
        for ton in CONTRASTES:
            if any(ton in lecture.tons for _, lecture in self.lus):
                continue
            avant = list(self.lus)
            if len(avant) == maximum:
                retire, _ = self.lus.pop()
                self.indicateurs -= retire.dits
            if not any(ton in c.tons and self.dire(c, divers=False) for c in _par_force(candidats)):
                self.lus = avant

    def messages(self, faits: Faits, chiffrer: Chiffreur, maximum: int) -> tuple[Message, ...]:
        """Return their sentences in the order of `formulations.yml`, then what cannot be read.

        That is told where no evolution can be.
        """
        ordre = sorted(self.lus, key=lambda lu: lu[0].rang)
        dits = [phrases.message(lecture, rang) for rang, (_, lecture) in enumerate(ordre)]
        if len(dits) < maximum and not any(lecture.tendance for _, lecture in ordre):
            dits += _refus(faits, chiffrer)[:1]
        return tuple(dits)


def _refus(faits: Faits, chiffrer: Chiffreur) -> list[Message]:
    """Evolutions that cannot be read, those of one reason and period together; what matters most first."""
    groupes: dict[tuple[str, int, int], list[str]] = defaultdict(list)
    for indicateur_id, paire in faits.evolutions.items():
        raison = paire["motif_code"] if paire["statut"] not in MONTRENT else ""
        if raison in refus_dits() and faits.formulation(indicateur_id).nom:
            groupes[raison, paire["millesime_debut"], paire["millesime_fin"]].append(indicateur_id)
    territoire_id = faits.lus.territoire["territoire_id"]
    trouves: list[tuple[int, int, Message]] = []
    for (raison, debut, fin), membres in groupes.items():
        noms, references = [], list[str]()
        nommes = sorted(membres, key=lambda i: (-faits.formulation(i).priorite, faits.formulation(i).rang))[
            :NOMMES
        ]
        for indicateur_id in nommes:
            bouts = [chiffrer(indicateur_id, territoire_id, annee) for annee in (debut, fin)]
            nom = faits.formulation(indicateur_id).nom
            if nom and all(bout is not None and bout.statut in MONTRENT for bout in bouts):
                references += [bout.reference for bout in bouts if bout is not None]
                noms.append(nom)
        if noms:
            poids = sum(faits.formulation(i).priorite for i in nommes)
            dit = phrases.refus(noms, debut, fin, refus_dits()[raison], tuple(references))
            trouves.append((-poids, faits.formulation(nommes[0]).rang, dit))
    return [dit for _, _, dit in sorted(trouves, key=lambda t: t[:2])]
