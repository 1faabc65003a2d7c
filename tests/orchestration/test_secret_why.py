"""`ctg secret why`: the story of one hidden cell, told to the operator of the night.

Belongs here: what the verb says and refuses. Does not: the masks themselves (`tests/confidentialite/moteur`).
"""

import os
import stat
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner

from confidentialite import masquer
from confidentialite.memoire.schema import REGISTRE
from confidentialite.regle import parametres
from confidentialite.regle.raisons import RAISONS
from orchestration.cli import main
from orchestration.cli import secret as cli_secret
from orchestration.nuit.masques import garder_masques
from publication.releases import magasin
from publication.releases.magasin import AUDIT
from socle.erreurs import ErreurPublication
from tests.confidentialite.moteur.banc import MILLESIME, Indicateur, Monde

RELEASE = "20261125-0001"
# A 3 and B 7 make EPCI E, 10: hiding A alone gives it back, by 10 - 7.
MONDE = Monde(
    {(MILLESIME, "foyers_rsa"): {"a": 3, "b": 7, "c": 9}},
    {**{("commune", c): [c] for c in "abc"}, ("epci", "e"): [*"abc"], ("ctg", "a"): ["a", "c"]},
    [Indicateur("nb_foyers_rsa", "foyers_rsa")],
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CTG_HOME after the night of that world, its build file gone."""
    masques, base = masquer(MONDE.entrees()), tmp_path / "nuit.duckdb"
    caches = set(masques["territoire_id"].to_pylist())
    with duckdb.connect(str(base)) as con:
        con.register("masques", masques)
        con.execute("create schema intermediate; create table intermediate.int_masques as from masques")
    dossier = tmp_path / "releases" / RELEASE
    dossier.mkdir(parents=True)
    garder_masques(base, tmp_path / "agregats" / "masques", RELEASE, tmp_path / "releases")
    base.unlink()
    cellules = [
        {**c, "statut": "secret" if c["territoire_id"] in caches else "observe"} for c in MONDE.cellules()
    ]
    cellules.append({**cellules[0], "indicateur_id": "part_filosofi", "statut": "secret"})
    with duckdb.connect(str(dossier / "ctg.duckdb")) as con:
        con.register("cellules", pa.Table.from_pylist(cellules))
        con.execute(
            """
            create schema marts; use marts; create table fct_indicateurs as from cellules;
            create table dim_indicateur as select distinct indicateur_id from fct_indicateurs;
            create table dim_territoire as select distinct
                territoire_id, niveau, code,
                if(niveau = 'commune', 'Val ' || code, 'Pays ' || code) as libelle
            from fct_indicateurs
            """
        )
    monkeypatch.setenv("CTG_HOME", str(tmp_path))
    monkeypatch.setattr(magasin, "trouver", lambda *_: dossier)
    return tmp_path


def pourquoi(territoire: str, indicateur: str = "nb_foyers_rsa", millesime: int = MILLESIME) -> str:
    arguments = ["secret", "why", indicateur, "--territoire", territoire, "--millesime", str(millesime)]
    resultat = CliRunner().invoke(main, arguments)
    if resultat.exit_code:
        assert resultat.exit_code == 1, resultat
        raise ErreurPublication(" ".join(resultat.output.split()))
    return resultat.output


def test_a_small_count_is_hidden_for_itself(home: Path) -> None:
    dit = pourquoi("commune:a")
    assert "closed zone" in dit and "not to be passed on" in dit
    assert f"A: {RAISONS['A'].sens}" in dit and "seuil_frequence = 5" in dit
    assert "foyers_rsa, summed over 1 commune(s)" in dit and "hidden for  itself" in dit
    assert f"since       release {RELEASE}" in dit
    # The value is never said, nor anybody else's.
    assert not any(f" {n} " in f" {dit.replace(',', ' ')} " for n in (3, 7, 10, 19))


def test_the_rule_is_that_of_the_night_that_hid_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    courantes = parametres.charger()
    onze = courantes.seuil_frequence.model_copy(update={"valeur": 11})
    monkeypatch.setattr(parametres, "charger", lambda: courantes.model_copy(update={"seuil_frequence": onze}))
    assert "seuil_frequence = 5" in pourquoi("commune:a")


def test_a_place_is_named_as_it_is_spoken_of(home: Path) -> None:
    assert pourquoi("val a") == pourquoi("commune:a")


def test_what_is_hidden_beside_it_says_what_it_protects(home: Path) -> None:
    (voisin,) = [t for t in ("commune:b", "commune:c", "epci:e") if _cachee(t)]
    dit = pourquoi(voisin)
    assert f"D: {RAISONS['D'].sens}" in dit
    assert "hidden for  foyers_rsa commune:a" in dit


def _cachee(territoire: str) -> bool:
    try:
        return bool(pourquoi(territoire))
    except ErreurPublication:
        return False


def test_since_the_first_of_the_last_releases_in_a_row_that_hid_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rang = {"indicateur_id": "nb_foyers_rsa", "niveau": "commune", "code": "a", "millesime": MILLESIME}
    statuts = ("secret", "observe", "secret", "secret")
    dites = [
        {**rang, "geographie": "reference", "rang": k, "release_id": f"r{k}", "statut": s}
        for k, s in enumerate(statuts, 1)
    ]
    monkeypatch.setattr(
        "confidentialite.memoire.registre.lire", lambda _: pa.Table.from_pylist(dites, schema=REGISTRE)
    )
    assert "since       release r3" in pourquoi("commune:a")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("commune:inconnue",), "Aucun territoire .* « commune:inconnue »"),
        (("vall a",), "« vall a »[^:]+ Les plus proches : commune:a Val a"),
        (("commune:a", "nb_inconnu"), "no indicateur nb_inconnu"),
        (("commune:a", "nb_foyer_rsa"), "no indicateur nb_foyer_rsa: the nearest are nb_foyers_rsa"),
        (
            ("commune:a", "nb_foyers_rsa", 1999),
            f"no nb_foyers_rsa of commune:a in 1999: the years it has there are {MILLESIME}",
        ),
        (("a",), "2 territoires répondent à « a » .* commune:a .* ctg:a"),
        (("commune:a", "part_filosofi"), "no mask of ours hides it"),
    ],
)
def test_what_it_cannot_explain_is_said(home: Path, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ErreurPublication, match=message):
        pourquoi(*arguments)


def test_a_cell_that_is_shown_is_not_hidden(home: Path) -> None:
    montre = next(t for t in ("commune:c", "commune:b", "epci:e") if not _cachee(t))
    with pytest.raises(ErreurPublication, match="is not hidden: its statut is observe"):
        pourquoi(montre)


def test_the_masks_of_a_release_are_closed_and_missing_ones_are_said(home: Path) -> None:
    zone = home / "agregats" / "masques"
    (fichier,) = zone.glob("*.parquet")
    assert stat.S_IMODE(zone.stat().st_mode) == 0o700 and stat.S_IMODE(fichier.stat().st_mode) == 0o600
    fichier.unlink()
    with pytest.raises(ErreurPublication, match="not in the closed zone"):
        pourquoi("commune:a")


def test_incidents_are_those_of_the_audit_that_was_made_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit run alone has a folder of its own, a past day too, and names of runs are in no order."""
    monkeypatch.setenv("CTG_HOME", str(tmp_path))
    audits = [tmp_path / "build" / run / "validation" / AUDIT for run in ("b", "a", "as_of/c")]
    for rang, audit in enumerate(audits):
        audit.parent.mkdir(parents=True)
        audit.write_text("{}")
        os.utime(audit, (rang, rang))
    assert cli_secret._dernier_audit() == audits[-1]
