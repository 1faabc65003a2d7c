"""Which communes each territory is the sum of, through every geography a figure was ever released in.

Belongs here: the atoms of the equations. A commune of the newest reference geography is one atom. A commune
of an older one is the same atom where nothing changed; where communes merged or split it is an atom of its
own, and what they make together before and after is an identity. What a wider territory holds beyond the
communes of the scope is an atom too, nested: the rest of a département, then of its région, then of France.
Does not: figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt

from socle.erreurs import ErreurPublication

Atomes = npt.NDArray[np.int32]
# How the name of such an atom begins: the register keeps atoms by their names.
_RESTE: Final = "reste:"


@dataclass(frozen=True)
class Passage:
    """What became of the communes that changed: (COG, code then, code in `reference`, nature)."""

    reference: int
    lignes: tuple[tuple[int, str, str, str], ...] = ()


@dataclass
class Geographie:
    """Atoms by rank, and the territories met so far, each a sorted array of atoms."""

    passage: Passage
    atomes: dict[str, int] = field(default_factory=dict)
    territoires: list[Atomes] = field(default_factory=list)
    _par_contenu: dict[bytes, int] = field(default_factory=dict)
    _par_rang: list[str] = field(default_factory=list)
    _noms_de: dict[int, str] = field(default_factory=dict)
    _seuls: list[int | None] = field(default_factory=list)
    _groupes: dict[tuple[int, str], tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    _changees: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gather, for each COG, the communes that changed together."""
        for cog in {ligne[0] for ligne in self.passage.lignes}:
            for origines, heritieres in _groupes([(o, r) for c, o, r, _ in self.passage.lignes if c == cog]):
                for code in origines:
                    self._groupes[cog, code] = (origines, heritieres)

    def atome(self, nom: str) -> int:
        """Return the rank of an atom, met now or before."""
        return self.atomes.setdefault(nom, len(self.atomes))

    def commune(self, code: str, cog: int | None) -> int:
        """Return the atom of a commune named in a COG (None: the reference)."""
        groupe = self._groupes.get((cog, code)) if cog is not None else None
        if groupe is None:
            return self.atome(code)
        origines, heritieres = groupe
        if len(origines) == len(heritieres) == 1:
            return self.atome(next(iter(heritieres)))
        identite = (
            tuple(sorted(self.atome(f"{o}@{cog}") for o in origines)),
            tuple(sorted(self.atome(h) for h in heritieres)),
        )
        self._changees.update(dict.fromkeys(identite[0], identite))
        return self.atome(f"{code}@{cog}")

    @property
    def identites(self) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Communes met so far that changed together, and what they became: worth the same together."""
        return set(self._changees.values())

    def reunir(self, atomes: Iterable[int]) -> set[int]:
        """Return these atoms, with what communes that changed together became where all of them are there.

        For example, A and B made C: of {A then, B then, D}, {C, D}; of {A then, D}, {A then, D}.
        """
        reunis = set(atomes)
        for avant, apres in {self._changees[a] for a in reunis & self._changees.keys()}:
            if reunis.issuperset(avant):
                reunis = reunis.difference(avant).union(apres)
        return reunis

    def en_jeu(self) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Return the identities of communes that some territory met so far holds as they were, sorted.

        Nothing is said of the others' communes one by one: what they were tells nothing of what they are.
        """
        tenus = set(np.unique(np.concatenate(self.territoires)).tolist()) if self.territoires else set()
        return sorted(i for i in self.identites if not tenus.isdisjoint(i[0]))

    def devenues(self, code: str, cog: int) -> tuple[frozenset[str], frozenset[str]]:
        """Return the communes of a COG that one of them changed with, and what they are in the reference."""
        return self._groupes.get((cog, code)) or (frozenset({code}), frozenset({code}))

    def territoire(self, atomes: Iterable[int]) -> int:
        """Return the rank of the territory made of these atoms."""
        tableau = np.unique(np.fromiter(atomes, dtype=np.int32))
        cle = tableau.tobytes()
        rang = self._par_contenu.setdefault(cle, len(self.territoires))
        if rang == len(self.territoires):
            self.territoires.append(tableau)
        return rang

    def nom(self, territoire: int) -> str:
        """Return the names of the atoms of a territory, sorted, as one text that never varies."""
        if territoire not in self._noms_de:
            noms = self._noms()
            self._noms_de[territoire] = "+".join(
                sorted(noms[a] for a in self.territoires[territoire].tolist())
            )
        return self._noms_de[territoire]

    def seul(self, territoire: int) -> int | None:
        """Return the atom of a territory made of one, else None."""
        while len(self._seuls) < len(self.territoires):
            atomes = self.territoires[len(self._seuls)]
            self._seuls.append(int(atomes[0]) if len(atomes) == 1 else None)
        return self._seuls[territoire]

    def reste(self, territoire: str) -> int:
        """Return the atom of what a wide territory holds beyond the scope."""
        return self.atome(_RESTE + territoire)

    def est_un_reste(self, atome: int) -> bool:
        """Whether an atom is what a wide territory holds beyond the scope, that of an earlier release too."""
        return self._noms()[atome].startswith(_RESTE)

    def _noms(self) -> list[str]:
        if len(self._par_rang) != len(self.atomes):
            self._par_rang = list(self.atomes)
        return self._par_rang


def _groupes(liens: Sequence[tuple[str, str]]) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Split the links from old communes to new ones into those that share neither end."""
    par_origine: dict[str, set[str]] = {}
    par_heritiere: dict[str, set[str]] = {}
    for origine, heritiere in liens:
        par_origine.setdefault(origine, set()).add(heritiere)
        par_heritiere.setdefault(heritiere, set()).add(origine)
    groupes = []
    vues: set[str] = set()
    for depart in sorted(par_origine):
        if depart in vues:
            continue
        origines: set[str] = set()
        heritieres: set[str] = set()
        pile = [depart]
        while pile:
            origine = pile.pop()
            if origine in origines:
                continue
            origines.add(origine)
            for heritiere in par_origine[origine] - heritieres:
                heritieres.add(heritiere)
                pile.extend(par_heritiere[heritiere])
        vues |= origines
        groupes.append((frozenset(origines), frozenset(heritieres)))
    return groupes


def lire_passage(con: duckdb.DuckDBPyConnection, schema: str) -> Passage:
    """Read the reference COG of the marts and the communes that changed."""
    reference = (con.execute(f"select max(cog_millesime) from {schema}.dim_territoire").fetchone() or (0,))[0]
    lignes = con.execute(
        f"select distinct cog_millesime, code_origine, code_reference, nature from {schema}.passage_communes"
        " order by all"
    ).fetchall()
    return Passage(int(reference or 0), tuple((int(c), o, r, n) for c, o, r, n in lignes))


def territoires_courants(
    con: duckdb.DuckDBPyConnection, schema: str, geographie: Geographie, perimetre: str
) -> dict[tuple[str, str], int]:
    """Return the territory of each (niveau, code) of the marts, in the geography of these marts.

    `perimetre`: the scope of the marts, or its scopes with commas between. A département or a région is whole
    in the marts when a scope says so; else it also holds an atom of its own for the communes that are not
    there. An EPCI the scope cuts is completed from `epci_composition`.
    """
    lignes = con.execute(
        f"""
        select niveau, code, departement, region, epci, cog_millesime
        from {schema}.dim_territoire order by all
        """
    ).fetchall()
    if not lignes:
        raise ErreurPublication(
            "marts.dim_territoire holds no territory: the audit has nothing to read. Run the night's build to"
            " its end, then audit again."
        )
    communes: dict[str, int] = {}
    membres: dict[tuple[str, str], set[int]] = {}
    for niveau, code, departement, region, epci, cog in lignes:
        if niveau != "commune":
            continue
        atome = communes[code] = geographie.commune(code, cog)
        for cle in (("departement", departement), ("region", region), ("epci", epci), ("france", "FR")):
            if cle[1] is not None:
                membres.setdefault((cle[0], cle[1]), set()).add(atome)
    ailleurs = con.execute(
        f"""
        select distinct epci, code_reference from {schema}.epci_composition
        where code_reference is not null
        qualify millesime = max(millesime) over ()
        order by all
        """
    ).fetchall()
    for epci, code in ailleurs:
        if code not in communes and ("epci", epci) in membres:
            membres["epci", epci].add(geographie.commune(code, lignes[0][5]))
    for ctg, code in con.execute(
        f"select split_part(territoire_id, ':', 2), code from {schema}.ctg_communes order by all"
    ).fetchall():
        membres.setdefault(("ctg", ctg), set()).add(geographie.commune(code, lignes[0][5]))

    _ajouter_restes(lignes, membres, geographie, frozenset(perimetre.split(",")))
    territoires = {("commune", code): geographie.territoire([atome]) for code, atome in communes.items()}
    for niveau, code, *_ in lignes:
        if niveau != "commune":
            atomes = membres.get((niveau, code), set())
            # A territory without any known commune is still a quantity of its own.
            territoires[niveau, code] = geographie.territoire(
                atomes or {geographie.atome(f"territoire:{niveau}:{code}")}
            )
    return territoires


def _ajouter_restes(
    lignes: list[tuple[str, str, str | None, str | None, str | None, int]],
    membres: dict[tuple[str, str], set[int]],
    geographie: Geographie,
    perimetres: frozenset[str],
) -> None:
    regions = {code: region for niveau, code, _, region, *_ in lignes if niveau == "departement"}
    if "france" in perimetres:
        return
    for departement, region in regions.items():
        entier = not perimetres.isdisjoint((f"departement:{departement}", f"region:{region}"))
        if not entier:
            reste = geographie.reste(f"departement:{departement}")
            for cle in (("departement", departement), ("region", region or ""), ("france", "FR")):
                if cle in membres:
                    membres[cle].add(reste)
    for niveau, code, *_ in lignes:
        if niveau == "region" and f"region:{code}" not in perimetres:
            reste = geographie.reste(f"region:{code}")
            for cle in (("region", code), ("france", "FR")):
                if cle in membres:
                    membres[cle].add(reste)
    if ("france", "FR") in membres:
        membres["france", "FR"].add(geographie.reste("france:FR"))
