"""Changes that must not change the masks, and one that may only narrow intervals."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from confidentialite import Entrees
from confidentialite import masquer as etape
from confidentialite.moteur import chantier
from confidentialite.moteur.ecarts import Ecart, Ecarts
from confidentialite.moteur.formes import Cle, Forme, Systeme, Territoire, Vecteur, ordre
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Monde,
    masquer,
    monde_aleatoire,
    regles,
    territoire_synthetique,
)
from tests.confidentialite.moteur.suivi import decider, intervalles

P1 = regles().premiers.valeur[0]
DEPOT = Path(__file__).parents[3]
GRAINES = [(2, 7, 1), (3, 8, 2), (4, 8, 3)]


def monde(cle: tuple[int, int, int]) -> Monde:
    dimensions, communes, graine = cle
    return monde_aleatoire(graine, dimensions, communes)


def renommer(m: Monde, noms: Mapping[str, str], codes: Mapping[tuple[str, str], str]) -> Monde:
    """A world whose communes and territories bear other names."""
    return replace(
        m,
        valeurs={k: {noms[c]: v for c, v in valeurs.items()} for k, valeurs in m.valeurs.items()},
        territoires={
            (niveau, codes[niveau, code]): [noms[c] for c in communes]
            for (niveau, code), communes in m.territoires.items()
        },
    )


@pytest.fixture
def sans_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names count by the lots they draw: without lots, large values go first."""
    monkeypatch.setattr(chantier, "attente", lambda _cle, _annee, _forme, valeur: -abs(valeur))


@pytest.mark.parametrize("graine", range(3))
def test_tables_looked_for_near_a_forme_first_change_no_mask(
    graine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done in blocks of hundreds of cells alone, in some small enough to be decided both ways."""
    m = territoire_synthetique(2, 9, 500, graine)
    masques, trouvees = masquer(m), list[Ecart]()
    de_pres = Ecarts.de_pres

    def noter(ecarts: Ecarts, visee: Vecteur, ecart: float) -> Ecart | None:
        if (trouvee := de_pres(ecarts, visee, ecart)) is not None:
            trouvees.append(trouvee)
        return trouvee

    monkeypatch.setattr(Ecarts, "de_pres", noter)
    monkeypatch.setattr("confidentialite.moteur.bornes._GRAND", 0)
    monkeypatch.setattr("confidentialite.moteur.ecarts._PROCHES", (3, 6))
    assert masquer(m) == masques
    assert trouvees


@pytest.mark.parametrize("cle", GRAINES, ids=str)
def test_names_that_keep_their_order_keep_their_masks(cle: tuple[int, int, int], sans_lots: None) -> None:
    """Ties are settled by name, so a relabelling that keeps the order of names keeps everything."""
    m = monde(cle)
    codes = {(n, c): f"z{c}9" for n, c in m.territoires}
    autre = renommer(m, {c: codes["commune", c] for _, c in codes if ("commune", c) in codes}, codes)
    attendus = {(f"{t.split(':')[0]}:{codes[tuple(t.split(':'))]}", a, i) for t, a, i in masquer(m)}
    assert masquer(autre) == attendus != set()


@pytest.mark.parametrize("cle", GRAINES, ids=str)
def test_names_in_another_order_hide_the_same_rows_where_nothing_is_tied(
    cle: tuple[int, int, int], sans_lots: None
) -> None:
    m = monde(cle)
    # No two candidates of one level and depth have the same value: names settle nothing.
    alea = np.random.default_rng(cle)
    communes = [c for n, c in m.territoires if n == "commune"]
    tailles = dict(zip(communes, alea.permutation(len(communes)).tolist(), strict=True))
    tranches = {"tout": (100, 61), "part_a": (40, 29), "part_b": (30, 19), "part_c": (20, 11)}
    valeurs = {
        k: {c: tranches[k[1]][0] + tranches[k[1]][1] * tailles[c] for c in v} for k, v in m.valeurs.items()
    }
    derniere = list(valeurs.values())[-1]
    derniere[min(derniere, key=lambda c: tailles[c])] = 3
    m = replace(m, valeurs=valeurs)
    inverses = {c: f"x{len(communes) - int(c[1:]):02d}" for c in communes}
    codes = {(n, c): inverses.get(c, c) for n, c in m.territoires}
    attendus = {(f"{t.split(':')[0]}:{codes[tuple(t.split(':'))]}", a, i) for t, a, i in masquer(m)}
    assert masquer(renommer(m, inverses, codes)) == attendus != set()


def melanger(table: pa.Table, graine: int) -> pa.Table:
    return table.take(np.random.default_rng(graine).permutation(table.num_rows))


@pytest.mark.parametrize("cle", GRAINES, ids=str)
def test_row_order_changes_nothing(cle: tuple[int, int, int]) -> None:
    entrees = monde(cle).entrees()
    attendus = etape(entrees)
    assert attendus.num_rows
    for graine in (1, 2, 3):
        tables = {f.name: melanger(getattr(entrees, f.name), graine) for f in fields(Entrees)}
        assert etape(Entrees(**tables)).equals(attendus)


def test_the_order_of_publication_is_total_and_puts_wide_territories_first() -> None:
    un, deux = ((1, "part_a"),), ((1, "part_b"),)
    cles = [Cle(un, Territoire("commune", "c1")), Cle(deux, Territoire("commune", "c1"))]
    # A commune comes after an EPCI however long it waits, a part after its whole, the longer wait after.
    epci = ordre(Cle(un, Territoire("epci", "e")), 1000, 1)
    assert epci < ordre(cles[0], 8, 1) < ordre(cles[0], 900, 1)
    assert ordre(cles[0], 900, 0) < ordre(cles[0], 8, 1)
    # Nothing is tied, whatever else is equal: the order of rows never decides.
    assert ordre(cles[0], 8, 1) < ordre(cles[1], 8, 1)


def test_row_order_of_the_register_changes_nothing() -> None:
    m = monde((3, 8, 2))
    registre = m.inscrire(masquer(m), 1)
    m = replace(m, territoires={**m.territoires, ("ctg", "g"): ["c01", "c02", "c04"]}, registre=registre)
    attendus = masquer(m)
    assert masquer(replace(m, registre=registre[::-1])) == attendus != set()


@pytest.mark.parametrize("cle", GRAINES, ids=str)
def test_a_commune_of_zeros_changes_nothing(cle: tuple[int, int, int]) -> None:
    m = monde(cle)
    territoires = {
        k: [*v, "c99"] if k[0] != "commune" and "c01" in v else list(v) for k, v in m.territoires.items()
    }
    avec = replace(
        m,
        territoires={**territoires, ("commune", "c99"): ["c99"]},
        valeurs={k: {**v, "c99": 0} for k, v in m.valeurs.items()},
    )
    assert masquer(avec) == masquer(m) != set()
    # Absent rows are zeros too.
    assert masquer(replace(avec, valeurs=m.valeurs)) == masquer(m)


PROGRAMME = """
from confidentialite import masquer
from confidentialite.cle import CLE_PUBLIQUE, confier
from tests.confidentialite.moteur.banc import monde_aleatoire, territoire_synthetique
import hashlib, json
for monde in (monde_aleatoire(3, 4, 8), territoire_synthetique(2, 20, 1500, 4)):
    with confier(CLE_PUBLIQUE):
        lignes = masquer(monde.entrees()).to_pylist()
    print(len(lignes), hashlib.sha256(json.dumps(lignes).encode()).hexdigest())
"""


def test_another_process_with_another_hash_seed_gives_the_same_masks() -> None:
    sorties = set()
    for graine in ("0", "4242"):
        fini = subprocess.run(
            [sys.executable, "-c", PROGRAMME],
            env={**os.environ, "PYTHONHASHSEED": graine, "PYTHONPATH": str(DEPOT)},
            cwd=DEPOT,
            capture_output=True,
            text=True,
            check=True,
        )
        sorties.add(tuple(fini.stdout.strip().splitlines()[-2:]))
    assert len(sorties) == 1
    assert all(int(ligne.split()[0]) > 0 for ligne in sorties.pop())


def test_systems_decided_in_two_jobs_give_the_masks_of_one() -> None:
    """Two millésimes are two systems: done apart, they give the same masks as together."""
    un, deux = monde((3, 8, 2)), monde((3, 8, 5))
    annee = {(MILLESIME + 1, m): v for (_, m), v in deux.valeurs.items()}
    ensemble = replace(un, valeurs={**un.valeurs, **annee})
    seul = replace(un, valeurs=annee)
    assert masquer(ensemble) == masquer(un) | masquer(seul)
    assert masquer(un) and masquer(seul)


def bornes(systeme: Systeme) -> dict[object, tuple[float, float]]:
    cles = {id(f): c for c, f in zip(systeme.cles, systeme.formes, strict=True)}
    return {cles[id(i.forme)]: (i.bas, i.haut) for i in intervalles(systeme, P1, zero_connu=True)}


@pytest.mark.parametrize("cle", [*GRAINES, (4, 8, 6), (3, 7, 9)], ids=str)
def test_one_more_published_figure_never_widens_an_interval(cle: tuple[int, int, int]) -> None:
    """What is published stays as it is; one hidden forme, then one more rounded figure, is added to it."""
    m = monde(cle)
    (systeme,) = decider(m.entrees(), regles(), SANS_RELATION).systemes
    avant = bornes(systeme)
    assert avant
    compares = resserres = 0
    for forme in [f for f in systeme.formes if f.montree and not f.publiee]:
        forme.publiee = True
        compares, resserres = _comparer(avant, bornes(systeme), compares, resserres)
        forme.publiee = False
    for forme, valeur in [(f, v) for f, v in zip(systeme.formes, systeme.valeurs, strict=True) if _cachee(f)]:
        systeme.intervalles.append((forme.vecteur, valeur - 1, valeur + 1))
        compares, resserres = _comparer(avant, bornes(systeme), compares, resserres)
        systeme.intervalles.pop()
    assert compares > resserres > 0


def _cachee(forme: Forme) -> bool:
    return forme.montree and not forme.publiee


def _comparer(
    avant: dict[object, tuple[float, float]],
    apres: dict[object, tuple[float, float]],
    compares: int,
    resserres: int,
) -> tuple[int, int]:
    for cle, (bas, haut) in apres.items():
        assert bas >= avant[cle][0] - 1e-6 and haut <= avant[cle][1] + 1e-6
        compares += 1
        resserres += bas > avant[cle][0] + 1e-6 or haut < avant[cle][1] - 1e-6
    return compares, resserres


def test_the_synthetic_territory_is_the_same_each_time() -> None:
    un, deux = territoire_synthetique(2, 20, 1_500, 4), territoire_synthetique(2, 20, 1_500, 4)
    assert un.valeurs == deux.valeurs != territoire_synthetique(2, 20, 1_500, 5).valeurs
