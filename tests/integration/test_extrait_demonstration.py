"""The demonstration's extract, from the Caf's files to the release: near the truth, and nobody in it."""

import gzip
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from arrondis import DES_PERSONNES, cellules, gele, par_commune, sommes_fausses
from commande import DEMONSTRATION, Observatoire

MOIS = ("2017-12", "2022-12")
# Columns of the Caf that nothing may keep: the invented name, address and NIR of each foyer. Of a NIR, more
# than its first digits: the decimals of a duration that Dagster kept had seven of them.
CANARIS = (rb"NOM-INVENT", "NOM-INVENTÉ".encode(), rb"CHEMIN DE L'INVENTION", rb"900009900\d{5}")
# An amount of this size with its cents is nobody else's.
RECONNAISSABLE = 20_000
MONTANT = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f]?\d{3})+[.,]\d{2}(?!\d)")


@pytest.mark.parametrize("mois", MOIS)
def test_a_printed_count_is_less_than_a_step_from_the_true_one(
    demonstration: Observatoire, mois: str
) -> None:
    """At each level, times the runs of its chain; and never beyond the bounds that are printed beside it."""
    lues = cellules(demonstration, mois)
    assert {c.niveau for c in lues} == {"commune", "epci", "departement"} and len(lues) > 3_000
    assert [c for c in lues if not c.basse <= c.vraie <= c.haute] == []
    de_la_chaine = [c for c in lues if c.regle == "chaine"]
    assert [c for c in de_la_chaine if c.erreur >= c.pas * c.troncons or c.valeur % c.pas] == []
    # An EPCI of the Drôme is one run.
    assert max(c.erreur / c.pas for c in de_la_chaine if c.niveau == "epci") < 1
    assert sommes_fausses(demonstration, mois) == []


def test_nothing_of_persons_is_hidden_by_a_mask(demonstration: Observatoire) -> None:
    dits = demonstration.requete(
        "select f.statut, coalesce(f.motif_code, ''), count(*) from fct_indicateurs as f"
        f" where {DES_PERSONNES} group by all"
    )
    comptes = {(statut, motif): nombre for statut, motif, nombre in dits}
    assert not {statut for statut, _ in comptes} & {"secret", "partiel"}
    assert comptes["arrondi", ""] > 15_000
    # Medians alone are no count.
    assert demonstration.requete(
        f"select distinct f.unite from fct_indicateurs as f where f.statut = 'observe' and {DES_PERSONNES}"
    ) == [("pourcent",)]
    assert ("non_disponible", "commune_trop_petite") in comptes
    assert demonstration.requete(
        "select count(*) from fct_indicateurs as f join fct_indicateurs as g using (territoire_id, millesime)"
        " where f.indicateur_id = 'nb_foyers_allocataires' and f.valeur < 10 and f.niveau = 'commune'"
        " and g.source_ids = 'caf_extrait_allocataires' and g.valeur is not null"
        " and g.indicateur_id <> 'nb_foyers_allocataires'"
    ) == [(0,)]


def _textes(home: Path, exceptees: set[str]) -> Iterator[tuple[Path, bytes]]:
    """Every file of a home as plain bytes, whatever its container."""
    with duckdb.connect() as con:
        for chemin in sorted(p for p in home.rglob("*") if p.is_file() and not p.is_symlink()):
            relatif = chemin.relative_to(home)
            if relatif.parts[0] in exceptees:
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
            elif chemin.suffix in (".xlsx", ".pptx", ".zip"):
                with zipfile.ZipFile(chemin) as archive:
                    yield relatif, b"\n".join(map(archive.read, archive.namelist()))
            else:
                octets = chemin.read_bytes()
                yield relatif, gzip.decompress(octets) if chemin.suffix == ".gz" else octets


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
    octets = b"".join(f.read_bytes() for f in DEMONSTRATION.rglob("foyers*.csv"))
    assert CANARIS[1].decode().encode("cp1252") in octets
    assert re.search(CANARIS[3], octets)


def test_no_true_amount_is_in_a_release_nor_in_the_file_of_the_night(demonstration: Observatoire) -> None:
    """What the closed zone froze of each commune, to the cent, however a file would write it."""
    vrais = {
        f"{valeur:.2f}"
        for mois in MOIS
        for (_, mesure), valeur in par_commune(gele(demonstration.home, mois).compte).items()
        if mesure.startswith("montant_") and valeur is not None and valeur >= RECONNAISSABLE and valeur % 1
    }
    assert len(vrais) > 1_000
    lues = 0
    for relatif, octets in _textes(
        demonstration.home, {"micro", "depot", "agregats", "landing", "normalised"}
    ):
        texte = octets.decode("utf-8", "replace")
        dits = {re.sub(r"[ \u00a0\u202f]", "", m).replace(",", ".") for m in MONTANT.findall(texte)}
        assert not dits & vrais, relatif
        lues += len(dits)
    assert lues > 5_000
    # The search does find one where it is.
    plante = f"1 bénéficiaire ; {float(min(vrais, key=float)):,.2f} €".replace(",", "\u202f").replace(
        ".", ","
    )
    assert [re.sub(r"\u202f", "", m).replace(",", ".") for m in MONTANT.findall(plante)] == [
        min(vrais, key=float)
    ]


def test_releases_hold_the_published_zone_alone(demonstration: Observatoire) -> None:
    assert demonstration.requete("select distinct schema_name from duckdb_tables()") == [("marts",)]
    colonnes = {c for (c,) in demonstration.requete("select distinct column_name from duckdb_columns()")}
    assert not colonnes & {"pseudonyme", "id_foyer", "max1", "retenue", "amplitude"}
    assert demonstration.requete(
        "select lignes from dim_fichier where source = 'caf_extrait_allocataires'"
    ) == [
        (None,),
        (None,),
    ]


def test_each_release_carries_its_certificate(demonstration: Observatoire) -> None:
    montre = demonstration.ctg("secret", "show")
    assert montre.code == 0 and ": conforme." in montre.sortie
    certificat = json.loads((demonstration.courante / "validation" / "certificat_secret.json").read_bytes())
    assert (certificat["conception"], certificat["verdict"]) == (3, "conforme")
    assert certificat["anciens_ordres"] == []
    assert len(certificat["mesures"]) > 20
    assert all(m["alternatives_min"] >= m["pas"] for m in certificat["mesures"])
