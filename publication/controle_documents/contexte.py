"""What rules share: the document and the release, the terms of formulas, the shape of results."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, wraps
from typing import Any, Literal

from publication.controle_documents.entrepot import ChiffrePublie, Entrepot
from publication.controle_documents.intervalles import Intervalle, arrondir, calculer, ecrire, noms
from publication.controle_documents.lecture import ChiffreAudite, DocumentAudite
from publication.controle_documents.verdicts import Jugement, decrire, meme_periode

FUITES = ("FUITE", "OK_MAIS_FUITE")
PASSES = ("OK", "OK_ARRONDI", "DERIVE")


@dataclass(frozen=True)
class Resultat:
    """The outcome of a check at one territory (`territoire_id` is None for the document as a whole).

    `lignes` are the rows of the document it is about; `vise` the row whose verdict it may change.
    """

    check_id: str
    rule: str
    territoire_id: str | None
    expression: str
    expected: str
    observed: str
    delta: Fraction | None
    status: str
    severity: str
    explanation: str
    lignes: tuple[int, ...]
    vise: int | None = None


@dataclass(frozen=True)
class Terme:
    """A number a formula may use, how it is told to readers, and the rows and years it comes from."""

    intervalle: Intervalle
    texte: str
    chiffres: tuple[ChiffreAudite, ...] = ()


@dataclass(frozen=True)
class Calcul:
    """A formula worked out at a territory."""

    intervalle: Intervalle
    expression: str
    chiffres: tuple[ChiffreAudite, ...]

    @property
    def remarque_annees(self) -> str | None:
        """Told when its terms are not all of the same year."""
        return remarque_annees(self.chiffres)


@dataclass
class Examen:
    """What rules read: the document, the release, the verdicts, and the numbers earlier rules deduced.

    `check_id`: the check that is being made.
    """

    document: DocumentAudite
    entrepot: Entrepot
    jugements: list[Jugement]
    deduits: dict[tuple[str, str], Terme] = field(default_factory=dict)
    check_id: str = ""

    def chiffres(self, territoire: str, indicateur: str) -> list[ChiffreAudite]:
        """Printed numbers of an indicateur, oldest first; those without a year are the document's own."""
        trouves = [
            c
            for c in self.document.chiffres
            if (c.territoire_id, c.indicator_id) == (territoire, indicateur) and c.nombre is not None
        ]
        return sorted(trouves, key=lambda c: c.annees[1] if c.annees else 9999)

    def chiffre(self, territoire: str, indicateur: str) -> ChiffreAudite | None:
        """The newest printed number of an indicateur."""
        return next(reversed(self.chiffres(territoire, indicateur)), None)

    def membres(self, territoire: str, indicateur: str) -> list[ChiffreAudite]:
        """The newest printed number of each commune of a territory."""
        communes = self.entrepot.membres.get(territoire, frozenset())
        chiffres = (self.chiffre(c, indicateur) for c in self.document.territoires if c in communes)
        return [c for c in chiffres if c is not None]

    @cached_property
    def _jugements(self) -> dict[int, Jugement]:
        return {j.chiffre.ligne: j for j in self.jugements}

    def jugement(self, chiffre: ChiffreAudite) -> Jugement:
        """The verdict of a printed figure."""
        return self._jugements[chiffre.ligne]

    def repris(self, chiffre: ChiffreAudite) -> bool:
        """Whether a printed figure is the release's, under its own name and year."""
        jugement = self.jugement(chiffre)
        return bool(chiffre.annees) and jugement.verdict == "conforme" and jugement.repris

    def intervalle(self, chiffre: ChiffreAudite) -> Intervalle:
        """What a printed number (never a text or a missing value) may be, by its verdict."""
        intervalle = self.jugement(chiffre).intervalle
        assert intervalle is not None
        return intervalle

    def terme_imprime(self, chiffre: ChiffreAudite) -> Terme:
        """A printed number as the term of a formula."""
        return Terme(self.intervalle(chiffre), chiffre.imprime, (chiffre,))

    def terme(self, territoire: str, indicateur: str) -> Terme | None:
        """Printed at the territory, else deduced by an earlier rule."""
        if chiffre := self.chiffre(territoire, indicateur):
            return self.terme_imprime(chiffre)
        return self.deduits.get((territoire, indicateur))

    def terme_des_communes(self, territoire: str, indicateur: str) -> Terme | None:
        """Sum of what is printed for communes of a territory; None without any."""
        membres = self.membres(territoire, indicateur)
        if not membres:
            return None
        somme = Intervalle.exact(Fraction(0))
        for membre in membres:
            somme += self.intervalle(membre)
        lieux = ", ".join(m.territory_name for m in membres)
        return Terme(somme, f"{ecrire(somme.centre)}, {lieux}", tuple(membres))

    def calculer(self, territoire: str, formule: str, **imposes: Terme) -> Calcul | None:
        """Work a formula out at a territory; None when a term is missing or a divisor may be zero."""
        termes: dict[str, Terme] = {}
        for nom in noms(formule):
            terme = imposes.get(nom) or self.terme(territoire, nom)
            if terme is None:
                return None
            termes[nom] = terme
        try:
            intervalle = calculer(formule, {nom: t.intervalle for nom, t in termes.items()})
        except ZeroDivisionError:
            return None
        expression = re.sub(r"[a-z]\w*", lambda m: f"{m[0]} ({termes[m[0]].texte})", formule)
        return Calcul(intervalle, expression, tuple(c for t in termes.values() for c in t.chiffres))

    def terme_entrepot(self, territoire: str, indicateur: str, annee: int | None = None) -> Terme | None:
        """The warehouse's figure of that year, of the newest when the year is None or not received."""
        cellule = self.entrepot.cellule(territoire, indicateur, annee)
        cellule = cellule or self.entrepot.cellule(territoire, indicateur, None)
        if cellule is None or cellule.intervalle is None:
            return None
        return Terme(
            cellule.intervalle,
            f"{ecrire(cellule.intervalle.centre)}, entrepôt {cellule.millesime}, {cellule.source_ids}",
        )

    def montre(
        self, imprime: ChiffreAudite, cote: Literal["numerateur", "denominateur"], nombre: int, compte: str
    ) -> ChiffrePublie | None:
        """The figure of the release that shows `nombre`, deduced as a term of a printed one; None without.

        It is the same rate or mean, shown with its terms, or the count by itself (`compte`) in that year: of
        a document without a year, an equal count may be that of another year than a hidden one.
        """
        t = imprime.territoire_id
        for cellule in self.entrepot.cellules(t, imprime.indicator_id):
            if (
                meme_periode(imprime, cellule)
                and cellule.valeur is not None
                and arrondir(cellule.valeur, imprime.decimales) == imprime.nombre
                and getattr(cellule, cote) == nombre
            ):
                return cellule
        comptes = self.entrepot.cellules(t, compte) if imprime.annees else []
        return next((c for c in comptes if meme_periode(imprime, c) and c.valeur == nombre), None)

    def details(self, territoire: str, formules: dict[str, str], **imposes: Terme) -> list[str]:
        """Further formulas, told after the conclusion."""
        calculs = ((nom, self.calculer(territoire, formule, **imposes)) for nom, formule in formules.items())
        return [f"{nom} : {ecrire(c.intervalle.centre)}" for nom, c in calculs if c]


@dataclass(frozen=True)
class Constat:
    """What a rule finds, of the whole document without a territory; `dits`, None left out, explain it."""

    expression: str
    attendu: str
    observe: str
    statut: str
    dits: Sequence[str | None]
    chiffres: Sequence[ChiffreAudite]
    delta: Fraction | None = None
    vise: ChiffreAudite | None = None
    territoire: str | None = None

    def conclure(self, check_id: str, rule: str, gravite: str, note: str | None) -> Resultat:
        """Return it as the outcome of a declared check, of its severity where it does not pass."""
        if self.statut in (*FUITES, *PASSES):
            gravite = "securite" if self.statut in FUITES else "info"
        return Resultat(
            check_id,
            rule,
            self.territoire,
            self.expression,
            self.attendu,
            self.observe,
            self.delta,
            self.statut,
            gravite,
            " ; ".join(dit for dit in (*self.dits, note) if dit),
            tuple(dict.fromkeys(c.ligne for c in self.chiffres)),
            self.vise.ligne if self.vise else None,
        )


def par_territoire(regle: Callable[..., Constat | None]) -> Callable[..., Iterator[Constat]]:
    """Try a rule at each territory of the document; where its terms are not printed, it finds nothing."""

    @wraps(regle)
    def partout(ctx: Examen, **parametres: Any) -> Iterator[Constat]:
        for t in ctx.document.territoires:
            if (constat := regle(ctx, t, **parametres)) is not None:
                yield replace(constat, territoire=t)

    return partout


def remarque_annees(chiffres: Iterable[ChiffreAudite]) -> str | None:
    """Told when printed figures are not all of the same year."""
    annees = sorted({c.annees[1] for c in chiffres if c.annees})
    return f"années différentes : {', '.join(map(str, annees))}" if len(annees) > 1 else None


def decrire_cellule(c: ChiffreAudite, cellule: ChiffrePublie | None) -> str:
    """A figure of the warehouse in words, nothing when there is no number."""
    return decrire(c, cellule) if cellule and cellule.valeur is not None else ""
