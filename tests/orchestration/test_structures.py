"""The structures of a release are kept beside its masks, for the account of the night alone."""

from pathlib import Path

import duckdb

from orchestration.nuit.structures import chercher, garder_structures


def batie(fichier: Path) -> Path:
    with duckdb.connect(str(fichier)) as con:
        con.execute("create schema staging; create schema normalised")
        con.execute(
            "create table normalised.fichiers as from (values ('interne-1', 'aa')) t(fichier_id, sha256)"
        )
        con.execute(
            """
            create table staging.stg_structures as from (values
                ('caf', 'aa', 2, 'La Ronde', '26220', 2025, 'places_eaje', 2024, 12.0),
                ('caf', 'aa', 3, 'Les Lutins', '26220', 2025, 'places_eaje', 2023, null),
                ('caf', 'aa', 2, 'La Ronde', '26220', 2025, 'eaje', 2024, 1.0)
            ) t(source_id, fichier_sha256, ligne, libelle, code, cog_millesime, mesure_id, millesime, apport)
            """
        )
    return fichier


def test_structures_are_kept_closed_and_found_by_mesure_and_year(tmp_path: Path) -> None:
    releases, zone = tmp_path / "releases", tmp_path / "agregats" / "structures"
    (releases / "r2").mkdir(parents=True)
    base = batie(tmp_path / "nuit.duckdb")
    for release in ("r1", "r2"):
        fichier = garder_structures(base, zone, release, releases)
    assert fichier.stat().st_mode & 0o777 == 0o600
    assert [zone.stat().st_mode & 0o777, zone.parent.stat().st_mode & 0o777] == [0o700, 0o700]
    # r1 is no release: what was kept of it went with it.
    assert [f.name for f in zone.iterdir()] == ["r2.parquet"]
    trouvees = chercher(zone, "r2", {"places_eaje"}, {2024})
    assert [(s.libelle, s.fichier_id, s.ligne, s.apport) for s in trouvees] == [
        ("La Ronde", "interne-1", 2, 12.0)
    ]
    assert chercher(zone, "r1", {"places_eaje"}, {2024}) == []
    # A zoning is made of no mesure, and has a page to explain it all the same.
    assert chercher(zone, "r2", set(), set()) == []
