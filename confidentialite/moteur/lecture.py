"""The tables of one group, indexed: values by commune, territories, public figures, communes of then.

Belongs here: reading, and sums over communes. Does not: which formes there are, nor which are hidden.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from confidentialite.moteur.formes import Cle, Formule, Territoire, Vecteur
from confidentialite.moteur.geographie import Geographie
from confidentialite.moteur.groupes import Groupe, Montree
from confidentialite.moteur.tables import lignes_de

_RIEN = Decimal(0)


@dataclass(frozen=True, slots=True)
class Valeur:
    """A finest value: its amount or count, its contributors, the two largest contributions (amounts only).

    `apports`: what each of them brings, where they are known by name (gestionnaires, not foyers).
    """

    valeur: Decimal
    n: int
    max1: Decimal | None
    max2: Decimal | None = None
    apports: Mapping[str, Decimal] | None = None

    def moins(self, parties: Iterable["Valeur"]) -> "Valeur | None":
        """What parts leave of it; None when they are no parts of it. Contributors are told by name or not."""
        valeur, apports = self.valeur, dict(self.apports or {})
        for part in parties:
            valeur -= part.valeur
            for qui, apport in (part.apports or {}).items():
                apports[qui] = apports.get(qui, _RIEN) - apport
        if valeur < 0 or any(a < 0 for a in apports.values()):
            return None
        siens = {qui: a for qui, a in apports.items() if a}
        max1, max2 = (*sorted(siens.values(), reverse=True), None, None)[:2]
        return Valeur(valeur, len(siens), max1, max2, siens or None)


@dataclass(frozen=True, slots=True)
class Ligne:
    """A row that readers would see, and the formes of this group it shows, with their rank in the row.

    A ratio shows its numerator (0) and its denominator (1). `melee`: whether the row shows something of
    another group, too. `tout`, `part`: of a share of a whole that is public (inhabitants), the two terms.
    """

    territoire_id: str
    millesime: int
    indicateur_id: str
    formes: tuple[tuple[int, Cle], ...]
    melee: bool = False
    tout: float | None = None
    part: float | None = None


class Lecture:
    """What one group says, found by mesure, commune and territory."""

    def __init__(self, groupe: Groupe, premiere: int = 0) -> None:
        """Index the tables of a group, one pass over each. `premiere`: number of its first inner cell."""
        self.groupe = groupe
        zeros = not groupe.parametres.zero_publiable.valeur
        self.communes: dict[str, dict[str, Valeur]] = defaultdict(dict)
        self._cogs: dict[str, int] = {}
        colonnes = ("mesure_id", "atome", "cog_millesime", "valeur", "n", "max1", "max2", "contributions")
        for mesure, atome, cog, valeur, n, max1, max2, noms in lignes_de(groupe.communes, *colonnes):
            apports = None if noms is None else {c["qui"]: c["valeur"] for c in noms}
            self._cogs[mesure] = cog
            if valeur or zeros:
                self.communes[mesure][atome] = Valeur(valeur, n or 0, max1, max2, apports)
        self.geographie = Geographie(groupe.atomes, groupe.passage)
        if zeros:
            for mesure, valeurs in self.communes.items():
                for atome in self.geographie.tous(groupe.millesime, self._cogs[mesure]):
                    valeurs.setdefault(atome, Valeur(_RIEN, 0, None))
        # Of a whole that was read in a commune, its parts there: none where it is a cell of its own.
        self._parties: dict[tuple[str, str], tuple[str, ...]] = {}
        finest = self._fines(zeros=zeros)
        # Numbers of the inner cells: the same whatever else the night holds, and in whatever order.
        cellules = sorted(finest)
        self.cellules = {cellule: k for k, cellule in enumerate(cellules, premiere)}
        self.fines = {k: finest[cellule] for cellule, k in self.cellules.items()}
        self.premiere = premiere
        self._communes_des_cellules = [atome for _, atome in cellules]
        self._lire_etats()

    def _fines(self, *, zeros: bool) -> dict[tuple[str, str], Valeur]:
        """Values of the inner cells. That of a whole is what its parts leave of it, and none where that is 0.

        Subsidies of type a in communes A 3 and B 7, all subsidies of A 5 and of no other commune, for B does
        not say them all. Three cells: a in A 3, a in B 7, and the rest of A, 2. All subsidies of the EPCI,
        read in A alone, are 3 + 2.
        """
        finest: dict[tuple[str, str], Valeur] = {}
        decoupes = {**self.groupe.partitions, **self.groupe.sommes}
        for mesure, valeurs in self.communes.items():
            du_meme_cog = [
                (p, self.communes[p])
                for p in decoupes.get(mesure, ())
                if self._cogs.get(p) == self._cogs[mesure]
            ]
            for atome, valeur in valeurs.items():
                parties = {p: siennes[atome] for p, siennes in du_meme_cog if atome in siennes}
                reste = valeur.moins(parties.values()) if parties else valeur
                if reste is None:
                    # Two registers contradict each other: these parts are in no known whole.
                    finest[mesure, atome] = valeur
                    continue
                if parties:
                    self._parties[mesure, atome] = tuple(parties)
                if reste.valeur or (zeros and (not parties or mesure in self.groupe.partitions)):
                    finest[mesure, atome] = reste
        return finest

    def _lire_etats(self) -> None:
        # What producers publish: whether exactly, or between which bounds.
        self.etats: dict[tuple[str, str, str], tuple[bool, Decimal | None, Decimal | None]] = {}
        # Values of the territories of registers, as the warehouse holds them.
        self._publiees: dict[tuple[str, str, str], Decimal] = {}
        colonnes = ("mesure_id", "niveau", "code", "micro", "statut", "borne_basse", "borne_haute", "valeur")
        for mesure, niveau, code, micro, statut, bas, haut, valeur in lignes_de(self.groupe.etats, *colonnes):
            if not micro:
                self.etats[mesure, niveau, code] = statut == "observe", bas, haut
            elif mesure in self.groupe.registres and valeur is not None:
                self._publiees[mesure, niveau, code] = round(Decimal(valeur), 2)

    @cached_property
    def lignes(self) -> list[Ligne]:
        """Rows that show a forme of the group."""
        return list(self._lire_lignes())

    def _lire_lignes(self) -> Iterator[Ligne]:
        montrees, partages, melees = self.groupe.montrees, self.groupe.partages, self.groupe.melees
        for territoire_id, niveau, code, millesime, indicateur_id, base, den, part, tout in lignes_de(
            self.groupe.lignes,
            *("territoire_id", "niveau", "code", "millesime", "indicateur_id"),
            *("millesime_base", "millesime_denominateur", "numerateur", "denominateur"),
        ):
            lieu = Territoire(niveau, code)
            combinaison = indicateur_id, millesime, base, den
            formes = tuple((m.position, Cle(m.termes, lieu)) for m in montrees[combinaison])
            deux = (tout, part) if combinaison in partages else (None, None)
            yield Ligne(territoire_id, millesime, indicateur_id, formes, combinaison in melees, *deux)

    def sur(self, atomes: Sequence[str], premiere: int, geographie: Geographie) -> "Lecture":
        """What is read in some communes, sorted, of which it also takes the territories; without rows yet.

        `premiere`: the number of its first cell.
        """
        part = copy(self)
        part.premiere, part.geographie, part.lignes = premiere, geographie, []
        part.communes, part._parties = defaultdict(dict), {}
        part.cellules, part.fines, part._communes_des_cellules = {}, {}, []
        for mesure, valeurs in sorted(self.communes.items()):
            if siennes := {atome: valeurs[atome] for atome in atomes if atome in valeurs}:
                part.communes[mesure] = siennes
            for atome in siennes:
                if (parties := self._parties.get((mesure, atome))) is not None:
                    part._parties[mesure, atome] = parties
                if (cellule := self.cellules.get((mesure, atome))) is not None:
                    numero = part.cellules[mesure, atome] = premiere + len(part.cellules)
                    part.fines[numero] = self.fines[cellule]
                    part._communes_des_cellules.append(atome)
        return part

    def etats_par_lieu(self) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
        """What names the figures of each territory that are known."""
        noms: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
        for nom in (*self.etats, *self._publiees):
            noms[nom[1:]].append(nom)
        return noms

    def situer(self, autre: "Lecture", noms: Iterable[tuple[str, str, str]]) -> None:
        """Keep of what another one says of territories what `noms` names."""
        voulus = list(noms)
        self.etats = {nom: autre.etats[nom] for nom in voulus if nom in autre.etats}
        self._publiees = {nom: autre._publiees[nom] for nom in voulus if nom in autre._publiees}

    def faits(self) -> list[object]:
        """What was read, as values whose text is always the same."""
        return [
            *(sorted(x.items()) for x in (self.communes, self._cogs, self.cellules, self.fines)),
            *(sorted(x.items()) for x in (self._parties, self.etats, self._publiees)),
            *(self.geographie.faits(), self.lignes),
        ]

    def lieu_de(self, cellule: int) -> str:
        """Commune of an inner cell."""
        return self._communes_des_cellules[cellule - self.premiere]

    def lieux(self, mesure: str, lieu: Territoire) -> Iterable[str]:
        """Communes of a territory: those it had, or those of today in the COG that a mesure is coded in."""
        if lieu.atomes is not None:
            return lieu.atomes
        return self.geographie.lieux(self.groupe.millesime, self._cogs.get(mesure), lieu.niveau, lieu.code)

    def atomes(self, cle: Cle) -> frozenset[str]:
        """Communes of the territory of a forme."""
        if cle.cellules:
            return frozenset(cle.lieu.atomes or ())
        return frozenset(self.lieux(cle.termes[0][1], cle.lieu))

    def devenues(self, cle: Cle, atomes: list[str], cog: int) -> tuple[list[str], bool]:
        """Communes of today's figures that communes of a COG became, and whether they come from no other."""
        return self.geographie.devenues(self._cogs.get(cle.termes[0][1]), atomes, cog)

    def cles_dites(
        self, indicateur_id: str, millesime: int, lieu: Territoire
    ) -> Iterator[tuple[Montree, Cle]]:
        """Formes of this group that a row of a release is read in."""
        for montree in self.groupe.dites.get((indicateur_id, millesime), ()):
            yield montree, Cle(montree.termes, lieu)

    def discorde(self, cle: Cle) -> bool:
        """Whether a register gives a territory another value than the sum of the communes judged here."""
        if not self._publiees:
            return False
        niveau, code, _ = cle.lieu
        return any(
            (dite := self._publiees.get((mesure, niveau, code))) is not None
            and dite != round(self.somme(Cle(((1, mesure),), cle.lieu))[0], 2)
            for _, mesure in cle.termes
        )

    def vecteur(self, cle: Cle) -> Vecteur:
        """Vector of a forme over the inner cells that are not zero."""
        if cle.cellules:
            return dict(cle.cellules)
        vecteur: Vecteur = {}
        for signe, mesure in cle.termes:
            for atome in self.lieux(mesure, cle.lieu):
                for cellule in self._cellules_de(mesure, atome):
                    vecteur[cellule] = vecteur.get(cellule, 0) + signe
        return {c: v for c, v in vecteur.items() if v}

    def _cellules_de(self, mesure: str, atome: str) -> Iterator[int]:
        """Inner cells that a mesure is the sum of in a commune; none where it is zero, or was not read."""
        cellule = self.cellules.get((mesure, atome))
        if cellule is not None:
            yield cellule
        for partie in self._parties.get((mesure, atome), ()):
            yield from self._cellules_de(partie, atome)

    def vecteur_en(self, termes: Formule, atome: str) -> Vecteur:
        """Vector of a formula in one commune, whatever the COG each of its mesures is coded in."""
        return self.vecteur(Cle(termes, Territoire("commune", atome, (atome,))))

    def somme(self, cle: Cle) -> tuple[Decimal, int, Decimal, Decimal | None]:
        """True value of a forme, its contributors, and its two largest contributions.

        The second is None where some commune does not tell its own.
        """
        valeur, n = _RIEN, 0
        if self.est_nommee(cle):
            apports = self.apports(cle)
            # Who is not named may be any of those who are: it makes nobody more, and the largest larger.
            anonyme = apports.get("", _RIEN)
            nommes = {qui: apport for qui, apport in apports.items() if qui} or apports
            grands = sorted((a + (anonyme if qui else 0) for qui, a in nommes.items()), reverse=True)
            max1, max2 = (*grands, _RIEN, _RIEN)[:2]
            return sum(apports.values(), valeur), len(nommes), max1, max2
        contributions: list[Decimal | None] = [_RIEN, _RIEN]
        for signe, mesure in cle.termes:
            valeurs = self.communes.get(mesure, {})
            for atome in self.lieux(mesure, cle.lieu):
                if v := valeurs.get(atome):
                    valeur += signe * v.valeur
                    n += signe * v.n
                    contributions += [v.max1 or _RIEN, v.max2 if v.n > 1 else _RIEN]
        grands = sorted((c for c in contributions if c is not None), reverse=True)
        return valeur, n, grands[0], None if None in contributions else grands[1]

    def est_nommee(self, cle: Cle) -> bool:
        """Whether the contributors of a forme are known by name."""
        nommees = self.groupe.nommees
        return bool(nommees) and any(mesure in nommees for _, mesure in cle.termes)

    def apports(self, cle: Cle) -> dict[str, Decimal]:
        """What each contributor known by name brings to a forme; nobody brings nothing."""
        apports: dict[str, Decimal] = defaultdict(Decimal)
        for cellule, coefficient in cle.cellules:
            for qui, apport in (self.fines[cellule].apports or {}).items():
                apports[qui] += coefficient * apport
        for signe, mesure in () if cle.cellules else cle.termes:
            valeurs = self.communes.get(mesure, {})
            for atome in self.lieux(mesure, cle.lieu):
                if (v := valeurs.get(atome)) and v.apports:
                    for qui, apport in v.apports.items():
                        apports[qui] += signe * apport
        return {qui: apport for qui, apport in apports.items() if apport}

    def source(self, cle: Cle) -> str:
        """`micro`, `exacte` (published exactly by its producer) or `arrondie` (published as an interval)."""
        niveau, code, _ = cle.lieu
        etats = [self.etats.get((m, niveau, code)) for _, m in cle.termes]
        if None in etats:
            return "micro"
        return "exacte" if all(e and e[0] for e in etats) else "arrondie"

    def intervalle(self, cle: Cle) -> tuple[Decimal, Decimal] | None:
        """Interval in which a rounded public figure puts a forme of one term."""
        niveau, code, _ = cle.lieu
        etat = self.etats.get((cle.termes[0][1], niveau, code)) if len(cle.termes) == 1 else None
        if etat is None or etat[1] is None or etat[2] is None:
            return None
        return Decimal(etat[1]), Decimal(etat[2])
