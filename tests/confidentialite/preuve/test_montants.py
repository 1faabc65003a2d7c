"""What the proof finds by itself of amounts bounded too closely, on masks that the law did not make."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa
import pytest
from petits_marts import EXIGENCES, Indicateur, Marts

from confidentialite.preuve.constats import Constats
from tests.confidentialite.moteur import montants
from tests.confidentialite.moteur.montants import Lieu, Parts, Protege

Juger = Callable[..., Constats]
SEUIL = EXIGENCES.seuil_gestionnaires
P = 10.0
EXIGE = replace(EXIGENCES, p_pourcent=P)


def marts(parts: Parts, epci: Mapping[str, str], ctg: list[str], caches: set[Lieu]) -> Marts:
    return Marts(
        epci,
        {("aides", 2024): {c: float(sum(siennes.values())) for c, siennes in parts.items()}},
        {"montant": Indicateur("somme", "aides", unite="EUR")},
        {(f"{niveau}:{code}", 2024, "montant") for niveau, code in caches},
        ctg={"t": ctg},
    )


def territoires(epci: Mapping[str, str], ctg: list[str]) -> dict[Lieu, list[str]]:
    lieux: dict[Lieu, list[str]] = {("ctg", "t"): ctg, ("departement", "26"): list(epci)}
    for c, e in epci.items():
        lieux.setdefault(("epci", e), []).append(c)
    return lieux


def agregats(proteges: list[Protege], parts: Parts) -> dict[str, pa.Table]:
    """What the zones behind tell of these amounts: the tables of `entrees`."""
    maxima, seconds = [], []
    for protege in proteges:
        (x1, _), (x2, second) = [*protege.rangees, (0, "")][:2]
        lieu = {"millesime": 2024, "mesure_id": "aides", "niveau": protege.lieu[0], "code": protege.lieu[1]}
        maxima.append({**lieu, "valeur": protege.valeur, "n": len(protege.parts), "max1": x1, "max2": x2})
        if second and protege.valeur - x1 - x2 < x1 * P / 100:
            seconds.append({**lieu, "contributeur": second})
    connues = [
        {
            **{
                "contributeur": qui,
                "millesime": 2024,
                "mesure_id": "aides",
                "atome": c,
                "cog_millesime": 2025,
            },
            **{"bas": float(v), "haut": float(v) if len(siennes) == 1 else None},
        }
        for c, siennes in parts.items()
        for qui, v in siennes.items()
    ]
    tables = {"maxima": maxima, "seconds": seconds, "parts": connues}
    return {nom: pa.Table.from_pylist(lignes) for nom, lignes in tables.items() if lignes}


def naturees(constats: Constats, *natures: str) -> set[str]:
    return {e.cellule.territoire_id for e in constats.echecs if e.nature in natures}


VINGT_MILLE: Parts = {
    "26001": {"x": 12_000, "y": 8_000},
    "26002": {f"b{k}": 1 for k in range(6)},
    "26003": {f"d{k}": 500 for k in range(6)},
    "26004": {f"e{k}": 9_000 for k in range(6)},
}
EPCI = {"26001": "E1", "26002": "E1", "26003": "E1", "26004": "E1"}


def test_20_000_euros_beside_6_are_known_within_0_03_per_cent(juger: Juger) -> None:
    caches: set[Lieu] = {("commune", "26001"), ("commune", "26002")}
    tables = agregats([Protege(("commune", "26001"), VINGT_MILLE["26001"])], VINGT_MILLE)
    fuite = marts(VINGT_MILLE, EPCI, ["26004"], caches)
    assert juger(fuite, **tables).succes
    assert naturees(juger(fuite, exigences=EXIGE, **tables), "dominance") == {"commune:26001"}
    sure = marts(VINGT_MILLE, EPCI, ["26004"], {("commune", "26001"), ("commune", "26003")})
    assert juger(sure, exigences=EXIGE, **tables).succes


# h has 380 beside the 600 of g in one commune, and 300 of the 340 that are hidden with it.
DEUX_FOIS: Parts = {
    "26001": {"g": 600, "h": 380},
    "26002": {"h": 300, "i": 40},
    "26003": {"u": 500, "v": 480, "w": 450},
    "26004": {"u": 900, "v": 800, "w": 700},
}


def test_the_second_contributor_knows_its_part_of_the_other_cells(juger: Juger) -> None:
    tables = agregats([Protege(("commune", "26001"), DEUX_FOIS["26001"])], DEUX_FOIS)
    fuite = marts(DEUX_FOIS, EPCI, ["26004"], {("commune", "26001"), ("commune", "26002")})
    du_dehors = {"maxima": tables["maxima"]}
    assert juger(fuite, exigences=EXIGE, **du_dehors).succes
    assert naturees(juger(fuite, exigences=EXIGE, **tables), "dominance") == {"commune:26001"}
    sure = marts(DEUX_FOIS, EPCI, ["26004"], {("commune", c) for c in ("26001", "26002", "26003")})
    assert juger(sure, exigences=EXIGE, **tables).succes


@pytest.mark.parametrize("graine", range(25))
def test_it_finds_each_amount_whose_promise_is_broken_and_no_other(graine: int, juger: Juger) -> None:
    """Masks are drawn; the promise is written again, with programs of its own, in `montants.py`."""
    tirage = random.Random(graine)
    _, tires = montants.tirer(graine, nommes=True)
    parts = {f"26{k:03d}": siennes for k, siennes in enumerate(tires.values())}
    epci = {c: tirage.choice(["E1", "E2"]) for c in parts}
    ctg = sorted(tirage.sample(sorted(parts), 3))
    m = montants.monde(parts, territoires(epci, ctg))
    m = replace(m, territoires={lieu: x for lieu, x in m.territoires.items() if lieu != ("epci", "e")})
    proteges = montants.proteges(m, parts, seuil=SEUIL, p=P)
    caches: set[Lieu] = {p.lieu for p in proteges}
    caches |= {lieu for lieu in m.territoires if tirage.random() < 0.4}
    constats = juger(marts(parts, epci, ctg, caches), exigences=EXIGE, **agregats(proteges, parts))
    assert naturees(constats, "solveur") == set()
    rompues = {f"{n}:{c}" for n, c in montants.rompues(m, parts, caches, seuil=SEUIL, p=P)}
    trouvees = naturees(constats, "dominance")
    # An amount of which one value is left is told as such.
    assert trouvees <= rompues | _proches_de_k(m, parts, caches)
    assert rompues <= naturees(constats, "dominance", "exacte", "bornes")


def _proches_de_k(m: montants.Monde, parts: Parts, caches: set[Lieu]) -> set[str]:
    """Amounts that one contributor dominates, whose upper bound is below its contribution over k."""
    trouvees = set()
    for protege in montants.proteges(m, parts, seuil=SEUIL, p=P):
        part = protege.rangees[0][0] / EXIGENCES.dominance_k
        dominee = protege.lieu in caches and protege.valeur < part
        if dominee and montants.bornes(m, parts, caches, protege.lieu)[1] < part:
            trouvees.add(f"{protege.lieu[0]}:{protege.lieu[1]}")
    return trouvees


def test_the_lone_contributor_of_another_commune_bounds_the_largest_contribution(juger: Juger) -> None:
    """4 717 are left to three communes; whoever has the 1 397 knows that 26001 is 3 320 at most."""
    parts: Parts = {
        **{"26001": {"x": 3_158}, "26002": {"q": 1_397}, "26003": {"y": 162}},
        "26004": {f"e{k}": 9_000 for k in range(6)},
    }
    caches = {("commune", c) for c in ("26001", "26002", "26003")}
    for troisieme, trouvees in ((162, {"commune:26001"}), (500, set())):
        siennes = {**parts, "26003": {"y": troisieme}}
        proteges = [Protege(("commune", c), siennes[c]) for _, c in sorted(caches)]
        seuls = [
            {
                **{"millesime": 2024, "mesure_id": "aides", "niveau": "commune", "code": p.lieu[1]},
                **{"valeur": float(p.valeur), "contributeur": f"gestionnaire {qui}", "nomme": True},
            }
            for p in proteges
            for qui in p.parts
        ]
        constats = juger(
            marts(siennes, EPCI, ["26004"], caches),
            exigences=EXIGE,
            singletons=pa.Table.from_pylist(seuls),
            **agregats(proteges, siennes),
        )
        assert naturees(constats, "contributeur", "dominance") == trouvees, constats.message
