"""Registers without contributors: what the marts give back of a level that was masked whole."""

from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from petits_marts import EXIGENCES, Indicateur, Marts
from test_fuites import COMMUNES

from confidentialite.memoire.schema import REGISTRE
from confidentialite.preuve.constats import Constats
from confidentialite.preuve.niveaux import niveaux_rendus

Rang = tuple[str, str, float | None, float | None, float | None]


def trouvees(
    rangs: Iterable[Rang], diffusion: str = "interne", avant: Iterable[Rang] = ()
) -> set[tuple[str, str]]:
    """Findings on rows given as (territoire_id, indicateur_id, valeur, numerateur, denominateur).

    `avant`: what a release said.
    """
    inscrites = pa.Table.from_pylist(
        [
            {
                **{"niveau": t.split(":")[0], "code": t.split(":")[1], "indicateur_id": i, "millesime": 2022},
                **{"statut": "secret" if v is None else "observe", "valeur": v, "numerateur": n},
                **{"denominateur": d, "atomes": ["26001", "26002"]},
            }
            for t, i, v, n, d in avant
        ],
        schema=REGISTRE,
    )
    with duckdb.connect() as con:
        con.execute(
            """
            create schema marts;
            create table marts.dim_source (source_id varchar, diffusion varchar);
            create table marts.dim_indicateur as from (values
                ('facture', 'ratio', 'facturees', 'realisees', 'conjoint'),
                ('reel', 'ratio', 'realisees', 'capacite', 'conjoint'),
                ('occupe', 'ratio', 'facturees', 'capacite', 'aucun'),
                ('benevoles', 'somme', 'benevoles', null, 'frequence')
            ) t(indicateur_id, methode, numerateur, denominateur, secret);
            create table marts.dim_territoire as from (values
                ('epci:1', 'epci', '1', '26', '84', '1'), ('epci:2', 'epci', '2', '26', '84', '2'),
                ('epci:3', 'epci', '3', null, '84', '3'),
                ('departement:26', 'departement', '26', '26', '84', null),
                ('ctg:x', 'ctg', 'x', '26', '84', null),
                ('commune:26001', 'commune', '26001', '26', '84', '1')
            ) t(territoire_id, niveau, code, departement, region, epci);
            create table marts.fct_indicateurs (
                territoire_id varchar, niveau varchar, code varchar, millesime integer,
                millesime_denominateur integer, indicateur_id varchar, statut varchar, valeur double,
                numerateur double, denominateur double, source_ids varchar
            );
            """
        )
        con.execute("insert into marts.dim_source values ('bilans', ?)", [diffusion])
        con.executemany(
            "insert into marts.fct_indicateurs values (?, ?, ?, 2022, null, ?, ?, ?, ?, ?, 'bilans')",
            [(t, *t.split(":"), i, "secret" if v is None else "observe", v, n, d) for t, i, v, n, d in rangs],
        )
        return {
            (c.cellule.territoire_id, c.cellule.indicateur_id)
            for c in niveaux_rendus(con, EXIGENCES, inscrites)
        }


CACHEE = ("epci:1", "facture", None, None, None)
REEL = ("epci:1", "reel", 82.1, 24_633.0, 30_000.0)
OCCUPE = ("epci:1", "occupe", 82.1, 24_630.0, 30_000.0)


def test_a_hidden_share_whose_terms_are_printed_is_found() -> None:
    assert trouvees([CACHEE, REEL, OCCUPE]) == {("epci:1", "facture")}
    # Of one term alone nothing is worked out, nor of those of another territory.
    assert trouvees([CACHEE, REEL]) == set()
    assert trouvees([CACHEE, REEL, ("epci:2", *OCCUPE[1:])]) == set()
    # What everybody may read is nobody's secret.
    assert trouvees([CACHEE, REEL, OCCUPE], diffusion="publique") == set()


@pytest.mark.parametrize(("total", "trouve"), [(139.0, True), (137.0, False), (142.0, False)])
def test_what_epci_leave_of_their_departement_is_found_where_it_is_small(total: float, trouve: bool) -> None:
    """EPCI 3 is in two départements: its row is no part of one."""
    rangs = [
        *(("epci:1", "reel", 11.1, 100.0, 900.0), ("epci:2", "reel", 12.3, 37.0, 300.0)),
        *(("epci:3", "reel", 50.0, 10.0, 20.0), ("departement:26", "reel", 10.6, total, 1_315.0)),
    ]
    assert trouvees(rangs) == ({("departement:26", "reel")} if trouve else set())
    assert trouvees([(*r[:2], None, None, None) if r[0] != "departement:26" else r for r in rangs]) == set()


def test_a_revised_row_that_a_release_showed_is_found_beside_a_wider_one() -> None:
    large, cachee = ("departement:26", "reel", 10.6, 135.0, 1_315.0), ("epci:1", "reel", None, None, None)
    dite = ("epci:1", "reel", 15.0, 6.0, 40.0)
    assert trouvees([cachee, large], avant=[dite]) == {("epci:1", "reel")}
    assert trouvees([cachee, large], avant=[cachee, large]) == set()
    assert trouvees([cachee, (*large[:2], None, None, None)], avant=[dite, large]) == set()


def test_a_row_that_a_release_masked_is_found_where_it_is_shown() -> None:
    montree = ("epci:1", "reel", 15.0, 6.0, 40.0)
    cachee = ("epci:1", "reel", None, None, None)
    assert trouvees([montree], avant=[cachee]) == {("epci:1", "reel")}
    assert trouvees([montree], avant=[montree]) == set()


def test_a_ctg_that_is_an_epci_no_more_is_masked_and_that_is_all() -> None:
    """It was shown as its EPCI was; the département stands, and nothing tells what the CTG cuts."""
    large, dite = ("departement:26", "reel", 10.6, 135.0, 1_315.0), ("ctg:x", "reel", 15.0, 6.0, 40.0)
    assert trouvees([("ctg:x", "reel", None, None, None), large], avant=[dite]) == set()


@pytest.mark.parametrize(("nombre", "trouve"), [(97.0, True), (100.0, False), (80.0, False)])
def test_an_epci_shown_with_a_few_more_before_a_commune_left_it_is_found(nombre: float, trouve: bool) -> None:
    """The register says two communes, of which one is left."""
    dite = ("epci:1", "reel", 11.1, 100.0, 900.0)
    assert trouvees([("epci:1", "reel", 12.1, nombre, 800.0)], avant=[dite]) == (
        {("epci:1", "reel")} if trouve else set()
    )


def test_what_is_masked_by_whole_levels_is_registered_and_no_equation_of_the_system(
    juger: Callable[..., Constats], publier: Callable[[Marts, str], Path]
) -> None:
    """The register has the rows of hours; the certificate counts what it audits, night after night."""
    valeurs = {("heures", 2024): {c: 40 * k for k, c in enumerate(COMMUNES, 1)}}
    marts = Marts(
        {c: "E1" for c in COMMUNES},
        valeurs,
        {"nb_heures": Indicateur("somme", "heures")},
        **{"source": "bilans", "diffusion": "interne"},
    )
    avant = juger(marts)
    assert avant.succes, avant.message
    table = pq.read_table(publier(marts, "r1"))
    assert table.num_rows and not any(table["sensible"].to_pylist())
    apres = juger(marts)
    assert apres.succes and apres.comptes == avant.comptes
