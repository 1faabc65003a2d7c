"""The attacks, each a function from a reader to what it found.

Belongs here: who attacks, with what, and what counts as a success: a number that the rule protects, found.
Does not: worlds (`mondes.py`), the engine (`boite.py`), counting (`campagne.py`).

An attack is code of its own: it shares with the engine neither a line nor an order of ideas, and it is told
the truth only to check itself and to stop early.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.drills.secret import rejeu
from tests.drills.secret.boite import Masques, lieux, presents
from tests.drills.secret.calcul import Exact, Programme
from tests.drills.secret.dictionnaire import euros
from tests.drills.secret.lecteur import SEUIL, Case, Forme, Lecteur, Savoir
from tests.drills.secret.mondes import Monde

P_POURCENT = 0.10


@dataclass(frozen=True)
class Succes:
    """One number that should not have been found, and by whom."""

    forme: Forme
    par: str = "anybody"

    def __str__(self) -> str:
        return f"{self.forme.nom} is {self.forme.valeur} to {self.par}"


class Assaut:
    """One world and what a reader has of it; what several attacks need is computed once."""

    def __init__(
        self, sorties: Sequence[tuple[Monde, Masques]], rejouer: Callable[..., list[Masques]]
    ) -> None:
        self.lecteur = Lecteur(sorties)
        self.monde, self.masques = sorties[-1]
        self.rejouer = rejouer

    @cached_property
    def protegees(self) -> list[Forme]:
        return self.lecteur.protegees()

    @cached_property
    def declare(self) -> Savoir:
        return self.lecteur.savoir("declares")

    @cached_property
    def tout(self) -> Savoir:
        return self.lecteur.savoir("tous")

    @cached_property
    def exact(self) -> Exact:
        return Exact.de(self.declare)

    @cached_property
    def programme(self) -> Programme:
        return Programme(self.declare)

    @cached_property
    def programme_montants(self) -> Programme:
        return Programme(self.tout, entiers=False)

    @cached_property
    def comptes(self) -> list[Forme]:
        """Protected counts; euros are judged by their width (attack f)."""
        return [f for f in self.protegees if not any(c in self.declare.montants for c, _ in f.vecteur)]


def exacte(assaut: Assaut) -> Iterator[Succes]:
    """Additions and subtractions of what is shown."""
    for f in assaut.protegees:
        if assaut.exact.contient(f.coefficients):
            yield Succes(f)


def bornee(assaut: Assaut) -> Iterator[Succes]:
    """Counts are not negative, a hidden one is 1 at least, a part is in its whole: one integer is left."""
    for f in assaut.comptes:
        if assaut.programme.unique(f.coefficients):
            yield Succes(f)


def _connaissances(lecteur: Lecteur, *, seul: bool) -> dict[str, list[tuple[Forme, int, bool]]]:
    """What each contributor knows: (forme, its own part of it, whether it is alone in it).

    A foyer knows that it is in a count, and one that a part leaves alone out of its whole knows that too. A
    gestionnaire is known by name, wherever it stands. `seul`: of those that are alone somewhere, only that.
    """
    monde, rang = lecteur.monde, len(lecteur.sorties) - 1
    connues: dict[str, list[tuple[Forme, int, bool]]] = {}
    couples = {(i.denominateur, i.numerateur) for i in presents(monde) if i.part and i.denominateur}
    for lieu in monde.territoires:
        if lieu[0] != "commune":
            continue
        formes = [lecteur.forme(rang, {m: 1}, lieu) for m in monde.mesures]
        formes += [
            lecteur.forme(rang, {tout: 1, part: -1}, lieu)
            for tout, part in couples
            if tout in monde.contributeurs and part in monde.contributeurs and tout not in euros()
        ]
        for f in formes:
            for qui, v in f.apports.items():
                alone = len(f.apports) == 1
                if v > 0 and f.vecteur and (alone or not seul):
                    connues.setdefault(qui, []).append((f, v, alone))
    return connues


def _autres(f: Forme, qui: str) -> bool:
    """Whether a number is about somebody else too."""
    return any(q != qui for q in f.apports)


def seule_exacte(assaut: Assaut) -> Iterator[Succes]:
    """A contributor that is alone in some cells takes its own figures out of the sums."""
    for qui, siennes in _connaissances(assaut.lecteur, seul=True).items():
        vecteurs = [f.coefficients for f, _, _ in siennes]
        avec, propre = (
            assaut.exact.avec(vecteurs),
            Exact({c: k for k, c in enumerate(assaut.declare.vraies)}, vecteurs),
        )
        for f in assaut.protegees:
            if not _autres(f, qui) or propre.contient(f.coefficients):
                continue
            if avec.contient(f.coefficients) and not assaut.exact.contient(f.coefficients):
                yield Succes(f, f"the lone contributor {qui}")


def _bornee_par(assaut: Assaut, *, seul: bool) -> Iterator[Succes]:
    programme = assaut.programme
    vus: set[tuple[object, ...]] = set()
    for qui, siennes in _connaissances(assaut.lecteur, seul=seul).items():
        # Foyers of one commune with the same parts know the same.
        cle = (*sorted((f.vecteur, v, alone) for f, v, alone in siennes),)
        if cle in vus:
            continue
        vus.add(cle)
        if not seul and not any(v > 1 or alone for _, v, alone in siennes):
            continue
        cellules: dict[Case, tuple[float, float]] = {}
        plus = []
        for f, v, alone in siennes:
            intervalle = (float(v), float(v) if alone else float("inf"))
            if len(f.vecteur) == 1:
                case = f.vecteur[0][0]
                bas, haut = cellules.get(case, (0.0, float("inf")))
                cellules[case] = max(bas, intervalle[0]), min(haut, intervalle[1])
            else:
                plus.append((f.coefficients, *intervalle))
        bornes = programme.bornes_de(cellules)
        propre = Exact(
            {c: k for k, c in enumerate(assaut.declare.vraies)},
            [f.coefficients for f, _, alone in siennes if alone],
        )
        for f in assaut.comptes:
            if not _autres(f, qui) or propre.contient(f.coefficients):
                continue
            if programme.unique(f.coefficients, bornes, plus) and not programme.unique(f.coefficients):
                yield Succes(f, f"the contributor {qui}")


def seule_bornee(assaut: Assaut) -> Iterator[Succes]:
    """A lone contributor, with what bounds say besides."""
    return _bornee_par(assaut, seul=True)


def avec_sa_part(assaut: Assaut) -> Iterator[Succes]:
    """Any contributor: a cell it is in holds at least what it brings."""
    return _bornee_par(assaut, seul=False)


def liee(assaut: Assaut) -> Iterator[Succes]:
    """Two names of one count, inclusions and sums of mesures that hold whether or not they are declared."""
    exact, programme = Exact.de(assaut.tout), Programme(assaut.tout)
    for f in assaut.comptes:
        if exact.contient(f.coefficients) or programme.unique(f.coefficients):
            yield Succes(f)


def sommes_partielles(assaut: Assaut) -> Iterator[Succes]:
    """Sums over the communes that were read, each mesure over its own."""
    exact = Exact.de(assaut.tout)
    for f in assaut.protegees:
        if exact.contient(f.coefficients):
            yield Succes(f)


def portee_par_tous(assaut: Assaut) -> Iterator[Succes]:
    """Everybody of a territory carries a sensitive attribute, and what is shown says so."""
    exact, programme = assaut.exact, assaut.programme
    for part, reste in assaut.lecteur.portees_par_tous():
        if exact.contient(reste.coefficients) or programme.unique(reste.coefficients):
            yield Succes(part)


def _montants(assaut: Assaut) -> Iterator[tuple[Forme, dict[str, int]]]:
    """Amounts at each territory, with what each contributor brings."""
    monde, rang = assaut.monde, len(assaut.lecteur.sorties) - 1
    for i in presents(monde):
        if i.numerateur not in euros() or i.numerateur not in monde.contributeurs:
            continue
        for lieu in lieux(monde, i):
            f = assaut.lecteur.forme(rang, {i.numerateur: 1}, lieu)
            if f.valeur > 0:
                yield f, dict(f.apports)


def _sommet(assaut: Assaut, f: Forme, assez: float) -> float:
    """Upper bound of an amount; no further than needed where it is above `assez`."""
    programme = assaut.programme_montants
    return programme.sommet(f.coefficients, assez)


def estimee_de_dehors(assaut: Assaut) -> Iterator[Succes]:
    """The largest contribution is at most the upper bound of its cell: within p % of it, it is known."""
    for f, apports in _montants(assaut):
        tout_pres = (1 + P_POURCENT) * max(apports.values())
        if _sommet(assaut, f, tout_pres) <= tout_pres:
            yield Succes(f)


def estimee_par_le_second(assaut: Assaut) -> Iterator[Succes]:
    """The second contributor takes its own part out first."""
    for f, apports in _montants(assaut):
        premier, second, *_ = [*sorted(apports.values(), reverse=True), 0]
        tout_pres = (1 + P_POURCENT) * premier
        if second and tout_pres < _sommet(assaut, f, tout_pres + second) <= tout_pres + second:
            yield Succes(f, "the second contributor")


def estimee_par_un_seul(assaut: Assaut) -> Iterator[Succes]:
    """A contributor that is alone in other cells bounds an amount by what it knows of them."""
    programme = assaut.programme_montants
    connues = _connaissances(assaut.lecteur, seul=True)
    for f, apports in _montants(assaut):
        for qui, siennes in connues.items():
            autres = [v for q, v in apports.items() if q != qui]
            if not autres:
                continue
            bornes = programme.bornes_de(
                {g.vecteur[0][0]: (float(v), float(v)) for g, v, _ in siennes if len(g.vecteur) == 1}
            )
            tout_pres = (1 + P_POURCENT) * max(autres) + apports.get(qui, 0)
            if (
                programme.sommet(f.coefficients, tout_pres, bornes) <= tout_pres
                and _sommet(assaut, f, tout_pres) > tout_pres
            ):
                yield Succes(f, f"the lone contributor {qui}")


def _petits_ensembles(assaut: Assaut, ensembles: Iterable[frozenset[str]]) -> Iterator[Succes]:
    """Sets of communes that hold too few, where how many they hold is found."""
    monde, rang = assaut.monde, len(assaut.lecteur.sorties) - 1
    (mesure,) = monde.mesures
    for communes in sorted(ensembles, key=sorted):
        vecteur = {assaut.lecteur.case(rang, mesure, c): 1 for c in communes}
        valeur = sum(monde.case(mesure, c) for c in communes)
        if 0 < valeur < SEUIL and (assaut.exact.contient(vecteur) or assaut.programme.unique(vecteur)):
            yield Succes(Forme(f"{mesure} in {'+'.join(sorted(communes))}", tuple(vecteur.items()), valeur))


def par_morceaux(assaut: Assaut) -> Iterator[Succes]:
    """Where no row tells a commune: each commune, and those that lie in the same territories."""
    dans: dict[frozenset[tuple[str, str]], set[str]] = {}
    for c in assaut.monde.communes:
        siens = (t for t, membres in assaut.monde.territoires.items() if c in membres and t[0] != "commune")
        dans.setdefault(frozenset(siens), set()).add(c)
    morceaux = {frozenset(m) for m in dans.values()}
    return _petits_ensembles(assaut, morceaux | {frozenset([c]) for c in assaut.monde.communes})


def par_restes(assaut: Assaut) -> Iterator[Succes]:
    """What a territory leaves of another, several pieces together."""
    territoires = [frozenset(m) for (niveau, _), m in assaut.monde.territoires.items() if niveau != "commune"]
    return _petits_ensembles(assaut, {a - b for a in territoires for b in territoires if b < a})


def rejouee(assaut: Assaut) -> Iterator[Succes]:
    """List the tables that agree with what is shown, run the engine on each, keep those it masks so."""
    for f in rejeu.exclure(assaut.lecteur, assaut.comptes, assaut.rejouer):
        yield Succes(f, "whoever runs the engine again")


def jointe(assaut: Assaut) -> Iterator[Succes]:
    """Two releases, before and after a revision, read together."""
    exact, programme = assaut.exact, assaut.programme
    for f in assaut.comptes:
        if exact.contient(f.coefficients) or programme.unique(f.coefficients):
            yield Succes(f)


@dataclass(frozen=True)
class Attaque:
    """An attack as the campaign runs it.

    `natures`: the worlds it is made on. `sorties`: `une` release, `revision` (two, one memory), `maisons`
    (two, with no common memory). `numero`: in the list of attacks that succeeded on releases. `auditee`:
    whether the auditor must find it by itself.
    """

    code: str
    nom: str
    natures: tuple[str, ...]
    chercher: Callable[[Assaut], Iterable[Succes]]
    sorties: str = "une"
    numero: str = ""
    auditee: bool = False


ATTAQUES: Mapping[str, Attaque] = {
    a.code: a
    for a in (
        Attaque("a", "additions and subtractions", ("comptes", "extrait", "montants", "subventions"), exacte),
        Attaque("b", "bounds, from outside", ("rares", "extrait", "arrondis"), bornee),
        Attaque(
            "c1",
            "a lone contributor, by subtraction",
            ("rares", "extrait", "montants", "subventions"),
            seule_exacte,
            numero="3",
            auditee=True,
        ),
        Attaque(
            "c2",
            "a lone contributor, by bounds",
            ("rares", "extrait"),
            seule_bornee,
            numero="3",
            auditee=True,
        ),
        Attaque(
            "c3",
            "any contributor, by bounds and its own part",
            ("rares", "extrait"),
            avec_sa_part,
            numero="3",
            auditee=True,
        ),
        Attaque(
            "d",
            "two names of one count, other relations",
            ("noms", "extrait"),
            liee,
            numero="6, 7",
            auditee=True,
        ),
        Attaque(
            "d2",
            "amounts, with the published numbers of structures",
            ("subventions",),
            sommes_partielles,
        ),
        Attaque("e", "partial sums", ("partiels",), sommes_partielles, numero="1", auditee=True),
        Attaque("f1", "everybody carries it", ("extrait",), portee_par_tous, numero="8", auditee=True),
        Attaque(
            "f2",
            "largest contribution within 10 %, from outside",
            ("montants", "subventions"),
            estimee_de_dehors,
            numero="8",
            auditee=True,
        ),
        Attaque(
            "f3",
            "largest contribution within 10 %, by the second",
            ("montants", "subventions"),
            estimee_par_le_second,
            numero="8",
            auditee=True,
        ),
        Attaque(
            "f4",
            "largest contribution within 10 %, by a lone contributor of other cells",
            ("montants", "subventions"),
            estimee_par_un_seul,
            numero="3, 8",
            auditee=True,
        ),
        Attaque("g", "the engine run again on every table", ("blocs", "parts"), rejouee, numero="4"),
        Attaque("i", "pieces of territories that overlap", ("morceaux",), par_morceaux),
        Attaque("i2", "what a territory leaves of another", ("morceaux",), par_restes, auditee=True),
        Attaque(
            "h1",
            "two releases around a revision",
            ("comptes", "extrait"),
            jointe,
            "revision",
            "10",
            auditee=True,
        ),
        Attaque("h2", "the same, by two homes without a memory", ("comptes",), jointe, "maisons", "5"),
    )
}
