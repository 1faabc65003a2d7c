"""Published failures of official tools and rules: the attack succeeds on their pattern, and fails on ours.

Belongs here: a minimal table drawn from each account (docs/secret.md, "Published attacks"), what the tool or
the rule of the account hides of it, what our engine hides, and one attack on both: every whole table that
agrees with what is shown. It calls nothing of `confidentialite`. Tau-Argus is run (`pytauargus`); what is not
its doing, or no longer, is taken from the account, and the test says so. Does not: attacks of our own
(`moteur/`, `preuve/`, `tests/drills/secret`), Tau-Argus as an oracle (`moteur/test_oracle_pytauargus.py`).
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

import pytauargus
import pytest

from confidentialite.cle import CLE_PUBLIQUE, confier
from tests.confidentialite.moteur.banc import MILLESIME, Indicateur, Monde, masquer, regles

Table = Mapping[str, int]
"""A count by commune, whose name is one letter."""
Sommes = Mapping[str, str]
"""The communes of each territory (`niveau:code`) whose count is published."""

NB = Indicateur("nb", "tout")
T = regles().seuil_frequence.valeur
CLES = [b"cle %d" % k for k in range(12)]


@pytest.fixture(autouse=True)
def dossier_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The native libraries of Tau-Argus write their logs where the process stands."""
    monkeypatch.chdir(tmp_path)


def tables(
    libres: str, equations: Sequence[tuple[Set[str], int]], bas: int, haut: int
) -> Iterator[dict[str, int]]:
    """Every whole table of these communes, each from `bas` to `haut`, of which these sums hold."""
    if not libres:
        yield {}
        return
    commune, autres = libres[0], libres[1:]
    for v in range(bas, min([haut, *(reste for membres, reste in equations if commune in membres)]) + 1):
        suite = [(ms - {commune}, r - v) if commune in ms else (ms, r) for ms, r in equations]
        if all(ms or r == 0 for ms, r in suite):
            for table in tables(autres, suite, bas, haut):
                yield {commune: v, **table}


def deduites(table: Table, sommes: Sommes, caches: Set[str], bas: int = 1, haut: int | None = None) -> Table:
    """Hidden counts, of communes and territories, that are the same in every table that agrees with the rest.

    `bas`, `haut`: what a hidden commune is known to be at least (1 where zeros are shown) and at most.
    """
    libres = "".join(c for c in table if c in caches)
    montrees = [
        (set(membres) & set(libres), sum(table[c] for c in membres if c in caches))
        for territoire, membres in sommes.items()
        if territoire not in caches
    ]
    # What no shown sum bounds has two values above its own.
    plafond = sum(table.values()) + 2 if haut is None else haut
    trouvees: dict[str, set[int]] = {nom: set() for nom in caches}
    for essai in tables(libres, montrees, bas, plafond):
        complet = {**table, **essai}
        for nom, vues in trouvees.items():
            vues.add(sum(complet[c] for c in sommes.get(nom, nom)))
    return {nom: vues.pop() for nom, vues in trouvees.items() if len(vues) == 1}


def tau_argus(
    table: Table,
    sommes: Sommes,
    dossier: Path,
    *,
    regle: str = f"FREQ({T},20)",
    methode: str = "OPT(1)",
    couts: Table | None = None,
) -> set[str]:
    """What Tau-Argus hides of a count and its sums. A zero is a commune whose only record counts nothing."""
    (total,) = (nom for nom, membres in sommes.items() if set(membres) == set(table))
    groupes = {nom: membres for nom, membres in sommes.items() if nom != total}
    hrc = dossier / "lieux.hrc"
    hrc.write_text("".join(f"{g}\n" + "".join(f"@{c}\n" for c in cs) for g, cs in groupes.items()))
    resultat = pytauargus.protect(
        [
            {"lieu": c, "foyers": float(n > 0), "cout": float((couts or {}).get(c, 1))}
            for c, n in table.items()
            for _ in range(max(n, 1))
        ],
        ["lieu"],
        response="foyers",
        safety_rules=regle,
        suppress=methode,
        cost_var="cout" if couts else None,
        hrc={"lieu": str(hrc)} if groupes else None,
        workdir=str(dossier),
    )
    lignes = resultat.tables[0].rows
    assert {r["lieu"] for r in lignes} == {"Total", *groupes, *table}
    return {total if r["lieu"] == "Total" else r["lieu"] for r in lignes if r["status"] in "UM"}


def monde(table: Table, sommes: Sommes) -> Monde:
    territoires = {("commune", c): [c] for c in table}
    for territoire, membres in sommes.items():
        niveau, code = territoire.split(":")
        territoires[niveau, code] = list(membres)
    return Monde({(MILLESIME, "tout"): {c: n for c, n in table.items() if n}}, territoires, (NB,))


def noms(masques: Set[tuple[str, int, str]]) -> set[str]:
    return {territoire.removeprefix("commune:") for territoire, _, _ in masques}


def moteur(table: Table, sommes: Sommes, **valeurs: int) -> set[str]:
    """What our engine hides, the parameters being those in force but for these."""
    return noms(masquer(monde(table, sommes), parametres=regles(**valeurs)))


@pytest.mark.parametrize(("a", "b", "seuil"), [(10, 3, 2), (30, 12, T)])
def test_ones_that_whole_numbers_tell(a: int, b: int, seuil: int, tmp_path: Path) -> None:
    """15 = 10 + 3 + x + x, x being one at least (the account's own); the same under our threshold."""
    table, sommes = {"a": a, "b": b, "c": 1, "d": 1}, {"epci:e": "abcd"}
    for methode in ("OPT(1)", "MOD(1)"):
        leur = tau_argus(table, sommes, tmp_path, regle=f"FREQ({seuil},20)", methode=methode)
        assert deduites(table, sommes, leur) == {"c": 1, "d": 1}
    # Told to look for singletons, which only its modular method can, it hides a third.
    prudent = tau_argus(table, sommes, tmp_path, regle=f"FREQ({seuil},20)", methode="MOD(1,5,1,1,1)")
    assert deduites(table, sommes, prudent) == {}
    notre = moteur(table, sommes, seuil_frequence=seuil)
    assert {"c", "d"} < notre
    assert deduites(table, sommes, notre) == {}


def test_a_lone_contributor_that_the_optimum_does_not_see(tmp_path: Path) -> None:
    """a and c are hidden, and make 4: the foyer of a knows that it is one, hence c."""
    table, sommes = {"a": 1, "c": 3, "d": 20, "e": 30}, {"epci:e": "acde"}
    leur = tau_argus(table, sommes, tmp_path)
    assert deduites(table, sommes, leur) == {}
    assert deduites(table, sommes, leur - {"a"}) == {"c": 3}
    notre = moteur(table, sommes)
    assert {"a", "c"} < notre
    assert deduites(table, sommes, notre - {"a"}) == {}


@pytest.mark.parametrize(
    ("table", "sommes"),
    [
        ({"a": 10, "b": 5, "c": 0, "d": 0}, {"epci:e": "abcd"}),
        (
            {"a": 10, "b": 15, "c": 0, "d": 0, "e": 0},
            {"departement:d": "abcde", "epci:1": "ab", "epci:z": "cde"},
        ),
    ],
)
def test_zeros_that_non_negativity_tells(table: Table, sommes: Sommes, tmp_path: Path) -> None:
    """15 = 10 + 5 + x + x, and 0 = x + x + 0, where a zero is secret and another one covers it.

    The pattern is the account's: this Tau-Argus, told that zeros are unsafe, covers them with a figure too.
    """
    assert deduites(table, sommes, {"c", "d"}, bas=0) == {"c": 0, "d": 0}
    # Ours shows zeros, and never counts one for a cover.
    assert moteur(table, sommes) == set()
    notre = moteur(table, sommes, zero_publiable=False)
    assert {"c", "d"} < notre
    assert deduites(table, sommes, notre, bas=0) == {}
    leur = tau_argus(table, sommes, tmp_path, regle="ZERO(0)")
    assert {"c", "d"} < leur
    assert deduites(table, sommes, leur, bas=0) == {}


def test_linked_tables_protected_one_by_one(tmp_path: Path) -> None:
    """The regions of the account, by county and by group: K, L and M of county-2, less L and M, all BIG."""
    table = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
    tout = {"departement:d": "".join(table)}
    comtes = {**tout, "epci:county-1": "ABIJ", "epci:county-2": "KLMN"}
    groupes = {**tout, "ctg:BIG": "LM", "ctg:small": "ABIJKN"}
    leur = {}
    for nom, sommes in (("comtes", comtes), ("groupes", groupes)):
        leur[nom] = tau_argus(table, sommes, tmp_path)
        assert deduites(table, sommes, leur[nom]) == {}
    liees = {**comtes, **groupes}
    # A cell that one table shows is shown; both hide the same here.
    assert leur["comtes"] == leur["groupes"] == set("ABKLM")
    assert deduites(table, liees, leur["comtes"]) == {"K": 3}
    notre = moteur(table, liees)
    assert set("ABKLM") <= notre
    assert deduites(table, liees, notre) == {}


def test_patterns_of_two_runs_combined(tmp_path: Path) -> None:
    """One run hides a and b, the other a and c: the second shows b, hence a.

    This Tau-Argus hides alike what it is given alike: the other pattern is had by its costs, which a history
    file changed in one of the accounts. Ours varies with the key, which an installation may lose.
    """
    table, sommes = {"a": 3, "b": 10, "c": 10, "d": 20}, {"epci:e": "abcd"}
    leurs = [tau_argus(table, sommes, tmp_path, couts=couts) for couts in ({"b": 1}, {"b": 9})]
    assert [deduites(table, sommes, motif) for motif in leurs] == [{}, {}]
    assert deduites(table, sommes, leurs[0] & leurs[1]) == {"a": 3}

    m = monde(table, sommes)
    oublieux, motifs, registre = [], [], []
    for rang, cle in enumerate([CLE_PUBLIQUE, *CLES]):
        with confier(cle):
            oublieux.append(noms(masquer(m)))
            masques = masquer(replace(m, registre=registre))
        registre += m.inscrire(masques, rang)
        motifs.append(noms(masques))
    # Without the register of what was released, another key is another run.
    assert deduites(table, sommes, set.intersection(*oublieux)) == {"a": 3}
    assert deduites(table, sommes, set.intersection(*motifs)) == {}


def numerateurs(denominateur: int, pour_cent: float) -> set[int]:
    """Numerators that make a rate, to the decimal that it is printed with."""
    return {n for n in range(denominateur + 1) if round(100 * n / denominateur, 1) == pour_cent}


def lues_aux_taux(touts: Table, parts: Table, taux: Set[str]) -> set[str]:
    """Communes whose rate, shown, leaves one numerator."""
    return {c for c in taux if len(numerateurs(touts[c], round(100 * parts[c] / touts[c], 1))) == 1}


def test_a_blanked_numerator_beside_its_rate(tmp_path: Path) -> None:
    """3 of 180 are hidden, 1.7 % are shown. So they are where that rate alone goes: 24 % of 50 are 12.

    Tau-Argus is asked for the counts, and knows no rate: those beside are the rules of the accounts.
    """
    touts, parts, sommes = {"a": 180, "b": 60, "c": 50}, {"a": 3, "b": 20, "c": 12}, {"epci:e": "abc"}
    leur = tau_argus(parts, sommes, tmp_path)
    assert leur == {"a", "c"}
    assert deduites(parts, sommes, leur) == {}
    assert numerateurs(180, 1.7) == {3}
    assert lues_aux_taux(touts, parts, {"a", "b", "c"}) >= {"a"}
    assert deduites(parts, sommes, leur - lues_aux_taux(touts, parts, {"b", "c"})) == {"a": 3}

    m = monde(touts, sommes)
    m = replace(
        m,
        valeurs={**m.valeurs, (MILLESIME, "part"): parts},
        indicateurs=(NB, Indicateur("nb_part", "part"), Indicateur("taux", "part", "tout")),
    )
    masques = masquer(m)
    notre, sans_taux = (noms({x for x in masques if x[2] == i}) for i in ("nb_part", "taux"))
    assert "a" in notre
    assert deduites(parts, sommes, notre - lues_aux_taux(touts, parts, set(touts) - sans_taux)) == {}


def zeros_a_la_place(table: Table, seuil: int) -> set[str]:
    """Communes published as 0: counts up to `seuil`; the next ones too, where these add up to no more.

    The zeros are those of the account, the next ones those of the code it led to, which leaves blanks.
    """
    petites = {c for c, n in table.items() if 0 < n <= seuil}
    if not petites or sum(table[c] for c in petites) > seuil:
        return petites
    suivante = min(n for c, n in table.items() if n > seuil)
    return petites | {c for c, n in table.items() if n == suivante}


def test_small_counts_published_as_zero(tmp_path: Path) -> None:
    """5 and 5 are published as 0: each is 5 at most, and the whole less what is shown says 10."""
    table, sommes, seuil = {"a": 5, "b": 5, "c": 12, "d": 30}, {"epci:e": "abcd"}, 5
    leur = zeros_a_la_place(table, seuil)
    assert deduites(table, sommes, leur, bas=0, haut=seuil) == {"a": 5, "b": 5}
    # The blank of Tau-Argus, and ours, say neither that a count is small nor that it is zero.
    for caches in (
        tau_argus(table, sommes, tmp_path, regle=f"FREQ({seuil + 1},20)"),
        moteur(table, sommes, seuil_frequence=seuil + 1),
    ):
        assert {"a", "b"} <= caches
        assert deduites(table, sommes, caches) == {}
    # Where the rule adds a figure, its 0 is false by twelve. A zero that we show is one.
    vide = {"a": 3, "c": 12, "d": 30, "z": 0}
    assert zeros_a_la_place(vide, seuil) == {"a", "c"}
    assert "z" not in moteur(vide, {"epci:e": "acdz"}, seuil_frequence=seuil + 1)
