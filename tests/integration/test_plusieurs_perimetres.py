"""One home, several scopes of one build: a home that published one is asked for a second, inside it.

That home is made of a backup: what was built before, it says again, and it goes on from there.

One story: each test is a step, in order.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commande import Observatoire, Sortie

pytestmark = pytest.mark.histoire

LARGE, ETROIT = "departement:26", "epci:200068229"
# What tells of the whole warehouse, whatever the scope: files, sources, units, movements, chains of rounding.
HORS_PERIMETRE = {
    *("dim_source", "dim_fichier", "dim_unite", "lignes_source", "passage_communes", "chaines_arrondi")
}
# A release's own words.
PROPRES = {"dim_release", "changements", "changements_fichiers", "changements_indicateurs"}
# What is made of the figures of the scope that its release shows: no row of them need be in a wider one.
DU_PERIMETRE = {
    # Of the territories that the release lacks.
    "chiffres_semblables",
    "dim_disponibilite",
    "dim_indicateur",
    "mart_comparaisons",
    "mart_derniers_chiffres",
    "mart_evolutions_dites",
    "ruptures_series",
    # Whether each place is in the release.
    "noms_territoires",
}


@pytest.fixture(scope="module")
def observatoire(demonstration: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> Observatoire:
    """The folder of the first night, on one scope, restored where a second one is asked for."""
    dossier = tmp_path_factory.mktemp("plusieurs_perimetres")
    sauvee = demonstration.ctg("sauvegarde", str(dossier / "a.tar"))
    assert sauvee.code == 0, sauvee.erreurs
    ici = Observatoire.demonstration(dossier)
    restauree = ici.ctg("restore", str(dossier / "a.tar"))
    assert restauree.code == 0, restauree.erreurs
    return ici


@pytest.fixture(scope="module")
def nuit(observatoire: Observatoire) -> Sortie:
    return observatoire.ctg("refresh", "--perimetre", LARGE, "--perimetre", ETROIT)


def etroite(observatoire: Observatoire) -> Path:
    chemin = observatoire.home / "releases" / "perimetres" / "epci-200068229" / "current"
    return chemin.resolve(strict=True)


def certificat(release: Path) -> dict[str, Any]:
    return dict(json.loads((release / "validation" / "certificat_secret.json").read_text()))


def test_the_new_scope_is_published_and_the_other_has_nothing_new(
    demonstration: Observatoire, observatoire: Observatoire, nuit: Sortie
) -> None:
    """Built again from the backup, nothing rounded again, the first has the content of its release."""
    assert nuit.code == 0, nuit.erreurs
    assert f"{LARGE}: Nothing changed since release {demonstration.courante.name}" in nuit.sortie
    assert f"{ETROIT}: Release {etroite(observatoire).name} published and in service" in nuit.sortie
    assert observatoire.courante.name == demonstration.courante.name
    assert json.loads((etroite(observatoire) / "MANIFEST.json").read_text())["perimetre"] == ETROIT


def test_each_scope_has_a_path_of_its_own(observatoire: Observatoire) -> None:
    perimetres = observatoire.home / "releases" / "perimetres"
    assert sorted(d.name for d in perimetres.iterdir()) == ["departement-26", "epci-200068229"]
    assert (perimetres / "departement-26" / "current").resolve() == observatoire.courante
    assert {d.stat().st_mode & 0o777 for d in (perimetres, *perimetres.iterdir())} == {0o755}
    for release in ("departement-26", "epci-200068229"):
        assert (perimetres / release / "current" / "site" / "index.html").is_file()


def test_the_narrow_release_shows_rows_of_the_wide_one(observatoire: Observatoire) -> None:
    """Whatever is not made of the figures of its own scope is, row by row, in the wider release."""
    with duckdb.connect() as con:
        con.execute(f"attach '{observatoire.courante / 'ctg.duckdb'}' as large (read_only)")
        con.execute(f"attach '{etroite(observatoire) / 'ctg.duckdb'}' as etroite (read_only)")
        tables = [
            nom
            for (nom,) in con.execute(
                "select table_name from duckdb_tables() where database_name = 'etroite'"
                " and schema_name = 'marts' order by all"
            ).fetchall()
        ]
        assert {"fct_indicateurs", "fct_indicateurs_origine", "contours_communes"} <= set(tables)
        for table in set(tables) - HORS_PERIMETRE - PROPRES - DU_PERIMETRE:
            en_plus = con.execute(
                f"select count(*) from (from etroite.marts.{table} except all from large.marts.{table})"
            ).fetchone()
            assert en_plus == (0,), table
        # Fewer, and not none: the scope is one EPCI, the département that it is set beside, and France.
        assert con.execute(
            "select count(*) < (select count(*) from large.marts.fct_indicateurs)"
            " and count(*) filter (where territoire_id = 'departement:26') > 0"
            " and count(*) filter (where niveau = 'epci' and code <> '200068229') = 0"
            " from etroite.marts.fct_indicateurs"
        ).fetchone() == (True,)
        # Persons are rounded once: no cell is shown in one and not in the other.
        assert con.execute(
            "select count(*) from etroite.marts.fct_indicateurs as e inner join large.marts.fct_indicateurs"
            " as l using (territoire_id, millesime, indicateur_id) where e.statut <> l.statut"
        ).fetchone() == (0,)


def test_the_only_epci_of_a_release_has_its_peers_wherever_they_are(observatoire: Observatoire) -> None:
    """Of public sources, its medians and ranks are those of the wide release; what makes them is in it."""
    with duckdb.connect() as con:
        con.execute(f"attach '{observatoire.courante / 'ctg.duckdb'}' as large (read_only)")
        con.execute(f"attach '{etroite(observatoire) / 'ctg.duckdb'}' as etroite (read_only)")
        lire = (
            "select millesime, indicateur_id, valeur_pairs_affichee, nb_pairs, rang"
            " from {0}.marts.mart_comparaisons inner join {0}.marts.fct_indicateurs as f"
            " using (territoire_id, indicateur_id, millesime) where territoire_id = 'epci:200068229'"
            " and not exists (from large.marts.dim_source as s where s.diffusion <> 'publique'"
            " and contains(f.source_ids, s.source_id)) order by all"
        )
        larges, etroits = (con.execute(lire.format(x)).fetchall() for x in ("large", "etroite"))
        assert larges == etroits and max(nb for *_, nb, _ in etroits) == 8
        for manque in (
            "from etroite.marts.chiffres_semblables except all from large.marts.fct_indicateurs",
            "select territoire_id from etroite.marts.pairs_territoires"
            " where groupe_libelle = 'EPCI semblables' except"
            " (select territoire_id from etroite.marts.fct_indicateurs"
            " union select territoire_id from etroite.marts.chiffres_semblables)",
        ):
            assert con.execute(manque).fetchall() == []
        assert con.execute("select count(*) from large.marts.chiffres_semblables").fetchall() == [(0,)]


def test_both_are_certified_by_one_rule_and_key(observatoire: Observatoire) -> None:
    """A chain is told whole in every scope, so that each certificate is computed from its own release."""
    large, etroit = certificat(observatoire.courante), certificat(etroite(observatoire))
    assert large["verdict"] == etroit["verdict"] == "conforme"
    assert (large["regle"], large["cle"]) == (etroit["regle"], etroit["cle"])
    assert {m["mesure"]: m["chaines"] for m in large["mesures"]} == {
        m["mesure"]: m["chaines"] for m in etroit["mesures"]
    }


def test_the_next_night_has_nothing_to_do(observatoire: Observatoire) -> None:
    avant = etroite(observatoire)
    nuit = observatoire.nuit()
    assert nuit.code == 0 and "nothing is built, nothing is published" in nuit.sortie, nuit.erreurs
    assert etroite(observatoire) == avant


def test_commands_name_a_scope_or_find_it_by_the_release(observatoire: Observatoire) -> None:
    lues = observatoire.ctg("releases", "list").sortie
    assert observatoire.courante.name in lues and etroite(observatoire).name in lues
    assert (
        observatoire.courante.name not in observatoire.ctg("releases", "list", "--perimetre", ETROIT).sortie
    )
    for arguments in (("--perimetre", ETROIT), (etroite(observatoire).name,)):
        montre = observatoire.ctg("releases", "show", "--verify", *arguments)
        assert montre.code == 0 and ETROIT in montre.sortie, montre.erreurs
    hors = ("explain", "population_municipale", "--territoire", "epci:200040459", "--millesime", "2022")
    assert observatoire.ctg(*hors).code == 0
    assert observatoire.ctg(*hors, "--perimetre", ETROIT).code == 1
    inconnu = observatoire.ctg("releases", "show", "--perimetre", "epci:200040459")
    assert inconnu.code == 1 and f"Scopes published here: {LARGE}, {ETROIT}" in inconnu.erreurs


def test_a_rollback_holds_one_scope_alone(observatoire: Observatoire) -> None:
    revenu = observatoire.ctg("releases", "rollback", etroite(observatoire).name)
    assert f"--lift --perimetre {ETROIT}" in revenu.sortie, revenu.erreurs
    assert not (observatoire.home / "releases" / "EPINGLE").exists()
    leve = observatoire.ctg("releases", "rollback", "--lift", "--perimetre", ETROIT)
    assert leve.sortie == f"Pin on {etroite(observatoire).name} lifted.\n"
