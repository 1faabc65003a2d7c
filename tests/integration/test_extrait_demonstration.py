"""The demonstration's extract, from the Caf's files to the release: amounts to the cent, and nobody in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
from commande import Observatoire

EPCI = "epci:200068229"
# Columns of the Caf that nothing may keep: the invented name, address and NIR of each foyer. Of a NIR, more
# than its first digits: the decimals of a duration that Dagster kept had seven of them.
CANARIS = (rb"NOM-INVENT", "NOM-INVENTÉ".encode(), rb"CHEMIN DE L'INVENTION", rb"900009900\d{5}")


def test_amounts_are_exact_to_the_cent(demonstration: Observatoire) -> None:
    parties = [
        demonstration.valeur(EPCI, f"montant_{nom}", 2022)
        for nom in (
            *("aides_logement", "prestations_precarite"),
            *("prestations_familiales", "prestations_handicap"),
        )
    ]
    total = round(sum(round(100 * m) for m in parties))
    assert total == round(100 * demonstration.valeur(EPCI, "montant_prestations_total", 2022))


def test_small_counts_are_hidden_and_leave_no_value(demonstration: Observatoire) -> None:
    assert demonstration.requete(
        "select count(*) > 1000, count(*) filter (coalesce(valeur, numerateur, denominateur, borne_basse, "
        "borne_haute) is not null) from fct_indicateurs where statut = 'secret' "
        "and source_ids like '%caf_extrait_allocataires%'"
    ) == [(True, 0)]
    assert demonstration.requete(
        "select count(*) from fct_indicateurs where source_ids = 'caf_extrait_allocataires' "
        "and unite in ('foyers', 'familles', 'enfants') and methode = 'somme' and valeur between 1 and 4"
    ) == [(0,)]


def _textes(home: Path, exceptees: set[str]) -> Iterator[tuple[Path, bytes]]:
    """Every file of a home as plain bytes, whatever its container."""
    with duckdb.connect() as con:
        for chemin in sorted(p for p in home.rglob("*") if p.is_file() and not p.is_symlink()):
            relatif = chemin.relative_to(home)
            if relatif.parts[0] in exceptees or relatif.parts[:2] == ("demonstration", "extrait"):
                continue
            if chemin.suffix == ".parquet":
                yield relatif, _valeurs(con, f"read_parquet('{chemin}')")
            elif chemin.suffix == ".duckdb":
                con.execute(f"attach '{chemin}' as base (read_only)")
                tables = con.execute(
                    "select schema_name, table_name from duckdb_tables() where database_name = 'base'"
                ).fetchall()
                for schema, table in tables:
                    yield relatif, _valeurs(con, f'base."{schema}"."{table}"')
                con.execute("detach base")
            else:
                yield relatif, chemin.read_bytes()


def _valeurs(con: duckdb.DuckDBPyConnection, table: str) -> bytes:
    """Each value of each column, once."""
    colonnes = con.execute(
        f"select string_agg(distinct columns(*)::varchar, chr(10)) from {table}"
    ).fetchone()
    assert colonnes is not None
    return "\n".join(c for c in colonnes if c is not None).encode()


def test_no_person_leaves_the_closed_zones(demonstration: Observatoire) -> None:
    """Releases, logs, Dagster, the night's own database: no name, no NIR, no address, no pseudonym."""
    micro = demonstration.home / "micro"
    with duckdb.connect() as con:
        pseudonymes = {
            p.encode()
            for (p,) in con.execute(
                f"select distinct pseudonyme from read_parquet('{micro}/**/*.parquet')"
            ).fetchall()
        }
    assert len(pseudonymes) > 100_000
    vus = 0
    for relatif, texte in _textes(demonstration.home, {"micro", "depot"}):
        vus += 1
        assert not [c for c in CANARIS if re.search(c, texte)], relatif
        assert not pseudonymes.intersection(re.findall(rb"[0-9a-f]{64}", texte)), relatif
    assert vus > 200
    # The search does find them where they are.
    extrait = demonstration.home / "demonstration" / "extrait"
    octets = b"".join(f.read_bytes() for f in extrait.rglob("foyers*.csv"))
    assert CANARIS[1].decode().encode("cp1252") in octets
    assert re.search(CANARIS[3], octets)


def test_releases_hold_the_published_zone_alone(demonstration: Observatoire) -> None:
    assert demonstration.requete("select distinct schema_name from duckdb_tables()") == [("marts",)]
    colonnes = {c for (c,) in demonstration.requete("select distinct column_name from duckdb_columns()")}
    assert not colonnes & {"pseudonyme", "id_foyer", "raison", "max1", "max2", "n"}
    assert demonstration.requete(
        "select lignes from dim_fichier where source = 'caf_extrait_allocataires'"
    ) == [
        (None,),
        (None,),
    ]


def test_each_release_carries_its_certificate(demonstration: Observatoire) -> None:
    montre = demonstration.ctg("secret", "show")
    assert montre.code == 0
    assert "conforme" in montre.sortie
    certificat = (demonstration.courante / "validation" / "certificat_secret.json").read_text()
    assert '"atteintes": 0' in certificat
