"""What suites share. A lot is one query that returns a small profile: a row per indicateur and level, say, a
column per control (a count, a share), and `<control>_exemples`, the first failing territoires.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from expectations.seuils import Seuils
from socle.affichage import MARQUES
from socle.sql import liste_sql, nom_sql
from socle.statuts import MONTRENT

STATUTS_CHIFFRES = liste_sql(MONTRENT)
NIVEAUX_COMPARES = ("epci", "departement", "region", "france")
COMPARATEURS = (*NIVEAUX_COMPARES, "pairs")
"""What a figure is set beside: that of each wider territory, then the median of its peers."""


@dataclass(frozen=True)
class Attente:
    """One expectation: the control of `seuils.yml`, the column it reads and its kind.

    `compte`: the column counts the failing rows of the mart in each group of the lot, which has `lignes` of
    them; otherwise it is a measure of the whole group (a share, the largest gap).
    """

    controle: str
    colonne: str
    genre: Literal["plage", "liste", "unique"] = "plage"
    compte: bool = False


@dataclass(frozen=True)
class Lot:
    """One query (None: nothing to measure) and the expectations on its rows.

    A lot without a row fails unless `si_vide` says, in French, why it may be empty.
    """

    nom: str
    cles: tuple[str, ...]
    requete: str | None
    attentes: tuple[Attente, ...]
    si_vide: str | None = None


@dataclass(frozen=True)
class Sujet:
    """A mart to judge: its columns with their types, and what it is judged by.

    `masquees` gives the statut column of each column that a statut blanks: `{"valeur": "statut"}` in a long
    table, `{"part_maisons": "part_maisons_statut"}` in a wide one. `precedente`: the folder of the previous
    release, None before the first one.
    """

    mart: str
    types: Mapping[str, str]
    masquees: Mapping[str, str]
    seuils: Seuils
    precedente: Path | None

    def montre(self, statut: str, table: str = "") -> str:
        """Write the condition that a row shows something in the columns that this statut column masks.

        fct_indicateurs, `statut`   gives   ("valeur" is not null or "borne_basse" is not null …)
        A text may hold the mark of the statut, and nothing else. A mart without such a column never shows
        anything: false.
        """
        devant = f"{table}." if table else ""
        marques = liste_sql(sorted(set(MARQUES.values())))
        colonnes = [
            f"coalesce({devant}{nom_sql(colonne)} not in {marques}, false)"
            if self.types[colonne] == "VARCHAR"
            else f"{devant}{nom_sql(colonne)} is not null"
            for colonne, beside in self.masquees.items()
            if beside == statut
        ]
        return f"({' or '.join(colonnes) or 'false'})"


def absents(table: str, seuils: Seuils) -> str:
    """Measure the territoires that a table has no row of, per level."""
    absent = f'territoire_id not in (select territoire_id from marts."{table}")'
    if table == "fct_indicateurs":
        # A level that no received source covers has no row, and dim_disponibilite says so.
        absent += (
            " and niveau in (select niveau from marts.dim_disponibilite where statut <> 'non_disponible')"
        )
    regle = {"absents": (absent, "''")}
    return f"""
        select niveau, count(*) as lignes, {comptages(regle, seuils)}
        from marts.dim_territoire group by niveau order by niveau"""


def attentes(controles: Iterable[str]) -> tuple[Attente, ...]:
    """Return one expectation per control, each on the column of its name."""
    return tuple(Attente(controle, controle) for controle in controles)


def comptes(regles: Iterable[str]) -> tuple[Attente, ...]:
    """Return one expectation per rule that `comptages` counts, each on the column of its name."""
    return tuple(Attente(regle, regle, compte=True) for regle in regles)


def lot_de_mouvement(
    cles: tuple[str, ...], requete: str, controles: list[str], precedente: Path | None
) -> Lot:
    """Return the lot that compares with the previous release; nothing to measure before the first one."""
    if precedente is None:
        return Lot("mouvement", cles, None, attentes(controles), "première publication, rien à comparer")
    return Lot("mouvement", cles, requete, attentes(controles))


def comptages(regles: Mapping[str, tuple[str, str]], seuils: Seuils) -> str:
    """Count the failing rows of each rule, and name the first; a rule is (condition, what to quote beside).

    {"libelle_absent": ("libelle is null", "''")} over commune:26063 (null), commune:26220 ('Nyons') gives
        libelle_absent   libelle_absent_exemples
        1                commune:26063
    """
    return ", ".join(
        f"count(*) filter (where {condition}) as {nom},"
        f" {premiers(f'concat(territoire_id, {detail})', condition, seuils)} as {nom}_exemples"
        for nom, (condition, detail) in regles.items()
    )


def proportion(nom: str, condition: str, population: str, detail: str, seuils: Seuils) -> str:
    """Measure the share of `population` that meets the condition, and name the first such rows.

    part_perdue over commune:26063 (lost), commune:26220 (kept), epci:200068229 (kept) gives
        part_perdue   part_perdue_exemples
        0.333         commune:26063
    Null, hence nothing to judge, when no row is of the population.
    """
    touches = f"({population}) and ({condition})"
    return (
        f"count(*) filter (where {touches}) / nullif(count(*) filter (where {population}), 0) as {nom},"
        f" {premiers(f'concat(territoire_id, {detail})', touches, seuils)} as {nom}_exemples"
    )


def premiers(texte: str, condition: str, seuils: Seuils) -> str:
    """Write the first texts, in their order, of the rows that meet the condition.

    The text is made in a `case`, for those rows alone: before a `filter`, it would be made for every row.
    """
    retenus = f"case when {condition} then {texte} end"
    return f"array_to_string(min({retenus}, {int(seuils.exemples.valeur)}), ' ; ')"


def nombre(expression: str) -> str:
    """Write a number the French way: at most 4 decimals, a comma, no trailing zero."""
    return f"replace(regexp_replace(round({expression}, 4)::varchar, '\\.0$', ''), '.', ',')"


def cite(expression: str) -> str:
    """Quote a number after what it is the number of: ` : 12,5`."""
    return f"' : ' || {nombre(expression)}"


def intervalle(basse: str, haute: str) -> str:
    """Quote two bounds: `[1998 ; 2004]`."""
    return f"'[' || {nombre(basse)} || ' ; ' || {nombre(haute)} || ']'"


def conventions() -> str:
    """Name the conventions of a mart on the one line of its profile.

    The profile has one line even without a convention: there is then nothing to judge, and it says so.
    """
    return "coalesce(string_agg(distinct convention_id, ', ' order by convention_id), 'aucune')"
