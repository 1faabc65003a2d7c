"""The names of territories: which of them words say, wholly or but for the level; what else they may mean.

`noms_territoires` has the names, compared as `mots` writes them. The search of the site finds places the same
way: a test holds it to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from publication.lecture.alphabet import cle
from publication.lecture.lignes import lignes
from publication.lecture.niveaux import NIVEAUX

CODES = ("commune", "epci", "departement", "region")
"""The levels whose codes people type: a département before the région of the same code."""
CODE_POSTAL = "code_postal"
"""The nature of a postal code, a name of each commune that has it."""
DITS_EN_PARTIE = ("epci", "ctg")
"""Levels of long names: with the level, a word that no other has is enough: « CC des Baronnies »."""
_ABREGES = {"saint": "st", "sainte": "ste"}
_AU_PLUS = 5
_ORDRE = f"""
    n.population desc nulls last, list_position({list(NIVEAUX)}, n.niveau),
    c.annee_debut desc nulls last, n.territoire_id, n.code, n.libelle, n.cle
"""
_NOMS = f"""
    select n.* from noms_territoires as n
    left join ctg_conventions as c on n.territoire_id = c.ctg_id
    where {{}}
    order by {_ORDRE}
"""
# Letters that a slip of the hand changes: of four to six, one, or two after the first; of more, two.
_PROCHES = f"""
    with ecrits as (
        select n.*, unnest(list_distinct(
            [n.cle] || [mot for mot in string_split(n.cle, ' ') if $seul and len(mot) > 3]
        )) as ecrit
        from noms_territoires as n
        where n.dans_la_publication and n.nature = n.niveau
    ),
    ecarts as (select *, levenshtein(ecrit, $dit) as ecart from ecrits)
    select n.territoire_id
    from ecarts as n left join ctg_conventions as c on n.territoire_id = c.ctg_id
    where n.ecart <= case
        when len($dit) < 4 then 0 when len($dit) < 7 and n.ecrit[1] <> $dit[1] then 1 else 2
    end
    group by n.territoire_id
    order by min(n.ecart), max(n.population) desc nulls last,
        list_position({list(NIVEAUX)}, any_value(n.niveau)), max(c.annee_debut) desc nulls last,
        n.territoire_id
    limit {_AU_PLUS}
"""


@dataclass(frozen=True)
class Nom:
    """A row of `noms_territoires`."""

    cle: str
    forme: str
    nature: str
    code: str
    libelle: str
    territoire_id: str
    niveau: str
    territoire_libelle: str
    departement: str | None
    population: int | None
    dans_la_publication: bool
    communes: str | None

    @property
    def propre(self) -> bool:
        """Whether the territory is called so, and not what it holds or what it was."""
        return self.nature == self.niveau

    @property
    def dit(self) -> str:
        """What tells it from its namesakes: « Montauban (82) »."""
        libelle = self.territoire_libelle if self.nature == CODE_POSTAL else self.libelle
        return f"{libelle} ({self.departement})" if self.niveau == "commune" else libelle


@dataclass(frozen=True)
class Lieu:
    """A place that a sentence names, by its words as they are compared.

    `candidats`: the territories that are called so, the most populous first: what is asked for, where it is
    one. `autres`: without any, those that it may mean, to be proposed and not answered. `dehors`: those of
    that name that the release leaves out.
    """

    dit: str
    candidats: tuple[str, ...] = ()
    autres: tuple[str, ...] = ()
    dehors: tuple[str, ...] = ()


def mots(texte: str, vides: frozenset[str]) -> list[str]:
    """Return the words of a name as they are compared: « La Motte-Saint-Paul » is motte, st, paul."""
    tous = cle(texte).split()
    return [_ABREGES.get(mot, mot) for mot in [mot for mot in tous if mot not in vides] or tous]


class Noms:
    """The names of a release that some words may say, wholly or in part."""

    def __init__(self, con: duckdb.DuckDBPyConnection, dits: Sequence[str]) -> None:
        """Read them from a release, open on its schema `marts`."""
        suites = {" ".join(dits[i:j]) for i in range(len(dits)) for j in range(i + 1, len(dits) + 1)}
        en_partie = f"(n.dans_la_publication or n.niveau in {DITS_EN_PARTIE})"
        voulus = (
            "list_contains($suites, n.cle) or list_contains($dits, lower(n.code))"
            f" or (list_has_any(string_split(n.cle, ' '), $dits) and {en_partie})"
        )
        self._con = con
        self.lignes = tous(con, voulus, {"suites": [*suites], "dits": [*dits]})

    def entier(self, dits: Sequence[str], niveaux: set[str]) -> Lieu | None:
        """Return the place that words name wholly, or but for its level."""
        dit = " ".join(dits)
        noms = [n for n in self.lignes if n.cle == dit or (n.code.lower() == dit and _par_code(n))]
        if any(n.nature == CODE_POSTAL for n in noms):
            return _par_code_postal(dit, noms)
        noms = [n for n in noms if n.propre and n.niveau in niveaux] or noms
        if not noms:
            return None
        ici = [n for n in noms if n.propre and n.dans_la_publication]
        mieux = min((_rang(n, dit) for n in ici), default=1)
        ici = [n for n in ici if _rang(n, dit) == mieux]
        dehors = [n for n in noms if not n.dans_la_publication and _rang(n, dit) <= mieux]
        # Whoever names a village may mean the town of that name, which is elsewhere.
        plus_grand = max(map(_habitants, ici), default=0)
        if ici and not any(_rang(n, dit) < mieux or _habitants(n) > plus_grand for n in dehors):
            return Lieu(dit, _ids(ici))
        # What has no figure of its own leads to the territory that counts it.
        return Lieu(dit, (), _ids([*ici, *(n for n in noms if n.dans_la_publication)]), _dits(dehors))

    def en_partie(self, dits: Sequence[str], niveaux: set[str]) -> Lieu | None:
        """Return what words may mean that are a part of names: to be proposed, but for those of a level."""
        voulus, courts = set(dits), {n.territoire_id for n in self.lignes if n.forme == "sans_niveau"}
        noms = [n for n in self.lignes if n.propre and voulus <= {*n.cle.split()}]
        noms = [n for n in noms if n.forme == "sans_niveau" or n.territoire_id not in courts]
        dit, ici = " ".join(dits), [n for n in noms if n.dans_la_publication]
        du_niveau = [n for n in noms if n.niveau in niveaux and n.niveau in DITS_EN_PARTIE]
        if du_niveau:
            noms, ici = du_niveau, [n for n in du_niveau if n.dans_la_publication]
            if ici == noms and (len(ici) == 1 or {n.niveau for n in ici} == {"ctg"}):
                return Lieu(dit, _ids(ici))
        dehors = _dits([n for n in du_niveau if not n.dans_la_publication])
        return Lieu(dit, (), _ids(ici), dehors) if ici or dehors else None

    def proche(self, dits: Sequence[str]) -> Lieu | None:
        """Return what words are near to by their spelling: « nions » may be Nyons."""
        dit = " ".join(dits)
        trouves = lignes(self._con, _PROCHES, {"dit": dit, "seul": len(dits) == 1})
        return Lieu(dit, (), tuple(t["territoire_id"] for t in trouves)) if trouves else None


def tous(con: duckdb.DuckDBPyConnection, condition: str, parametres: dict[str, Any]) -> list[Nom]:
    """Return the names of a release on a condition in SQL, the most populous first."""
    return [Nom(**ligne) for ligne in lignes(con, _NOMS.format(condition), parametres)]


def _par_code_postal(dit: str, noms: Sequence[Nom]) -> Lieu:
    """Return the communes of a postal code, then what has these digits for a code of Insee.

    Nothing answers where that is another, or where the release leaves out some of them.
    """
    noms = sorted(noms, key=lambda n: n.nature != CODE_POSTAL)
    ici = _ids([n for n in noms if n.dans_la_publication])
    dehors = _dits([n for n in noms if not n.dans_la_publication])
    un_sens = len(_ids(noms)) == 1 or all(n.nature == CODE_POSTAL for n in noms)
    return Lieu(dit, ici) if un_sens and not dehors else Lieu(dit, (), ici, dehors)


def _par_code(nom: Nom) -> bool:
    return nom.forme == "entiere" and (not nom.propre or nom.niveau in CODES)


def _rang(nom: Nom, dit: str) -> int:
    """How well words name it: 0, wholly; 1, but for its level, or by the code of a région."""
    sans_niveau = nom.forme != "entiere" if nom.cle == dit else nom.niveau == "region"
    return 1 if sans_niveau or not nom.propre else 0


def _habitants(nom: Nom) -> int:
    return nom.population or 0


def _ids(noms: Sequence[Nom]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.territoire_id for n in noms))


def _dits(noms: Sequence[Nom]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.dit for n in noms))
