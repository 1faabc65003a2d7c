"""Two installations that publish figures of the same files: what each released, known to the other."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from petits_marts import Marts
from test_fuites import COMMUNES, RSA, VALEURS, masques, natures

from confidentialite.memoire import registre as registres
from confidentialite.memoire.partage import Bilan, exporter, importer
from confidentialite.memoire.schema import REGISTRE
from confidentialite.preuve.constats import Constats
from socle.erreurs import ErreurPublication
from tests.confidentialite.moteur import banc

Juger = Callable[..., Constats]

ICI, LA, AILLEURS = "1" * 24, "2" * 24, "3" * 24
# 26003 has 6, then 20 once the file is revised; 26001 has 3 and 26002 has 7 before and after.
AVANT = {("rsa", 2024): VALEURS | {"26003": 6}}
APRES = {("rsa", 2024): VALEURS}
# What hides 26001 at the least cost, each time.
MASQUES_AVANT, MASQUES_APRES = masques("26001", "26003"), masques("26001", "26002")


def marts(**changements: Any) -> Marts:
    return replace(Marts(COMMUNES, APRES, RSA), **changements)


class Installation:
    """A register, and the name its installation goes by."""

    def __init__(self, dossier: Path, nom: str) -> None:
        self.registre, self.nom, self._dossier = dossier / "registre", nom, dossier
        self._exports = 0

    def publier(self, ce_jour: Marts, release_id: str) -> None:
        with duckdb.connect() as con:
            ce_jour.remplir(con)
            dites = registres.tirer(self.registre, release_id, con, "departement:26", "1")
        registres.ecrire(self.registre, release_id, dites)

    def exporter(self) -> Path:
        self._exports += 1
        fichier = self._dossier / f"export-{self._exports}.zip"
        exporter(self.registre, fichier, self.nom)
        return fichier

    def importer(self, fichier: Path) -> Bilan:
        return importer(self.registre, fichier, self.nom)

    def lignes(self) -> list[dict[str, Any]]:
        return list(registres.lire(self.registre).to_pylist())


@pytest.fixture
def ici(registre: Path) -> Installation:
    """The one whose marts `juger` judges."""
    return Installation(registre.parent, ICI)


@pytest.fixture
def la(tmp_path: Path) -> Installation:
    """Another one, which has published the file before its revision."""
    (tmp_path / "la").mkdir()
    autre = Installation(tmp_path / "la", LA)
    autre.publier(marts(valeurs=AVANT, masques=MASQUES_AVANT), "r1")
    return autre


# -- what two that do not join tell, and what joining does ---------------------------------------------


def moteur(registre: list[dict[str, Any]]) -> set[tuple[str, int, str]]:
    """What the engine hides of the revised file, with that register."""
    territoires = {(t.split(":")[0], t.split(":")[1]): m for t, m in marts().territoires().items()}
    dictionnaire = (banc.Indicateur("nb_rsa", "rsa"),)
    monde = banc.Monde({(2024, "rsa"): VALEURS}, territoires, dictionnaire, registre=registre, cog=2025)
    return banc.masquer(monde)


def test_two_that_do_not_join_give_away_together_what_each_hides(
    juger: Juger, ici: Installation, la: Installation
) -> None:
    """They printed 26002, which the revision left as it is; we print the new 26003 and E1: 30 - 20 - 7."""
    jour = marts(masques=MASQUES_APRES)
    # Alone, each is sound: neither proof was told of a release of the other.
    assert juger(jour).succes
    assert juger(marts(valeurs=AVANT, masques=MASQUES_AVANT)).succes
    ici.importer(la.exporter())
    assert ("exacte", "commune:26001", "nb_rsa") in natures(juger(jour))


def test_once_joined_the_engine_hides_so_that_both_together_tell_nothing(
    juger: Juger, ici: Installation, la: Installation
) -> None:
    assert masques("26001") <= moteur(ici.lignes())
    ici.importer(la.exporter())
    avec_memoire = moteur(ici.lignes())
    # Theirs is printed, so that another one has to protect 26001: the one they hid, which stays hidden.
    assert masques("26001", "26003") <= avec_memoire
    constats = juger(marts(masques=avec_memoire))
    assert constats.succes, constats.message


def test_what_the_other_alone_gives_away_is_an_incident(
    juger: Juger, ici: Installation, tmp_path: Path
) -> None:
    """They showed a small count: no mask of ours takes it back, and a person has to know."""
    (tmp_path / "la").mkdir()
    autre = Installation(tmp_path / "la", LA)
    autre.publier(marts(), "r1")
    ici.importer(autre.exporter())
    constats = juger(marts(masques=masques("26001", "26002")))
    assert ("commune:26001", "nb_rsa") in {
        (i.cellule.territoire_id, i.cellule.indicateur_id) for i in constats.a_decider
    }


# -- what is handed over -------------------------------------------------------------------------------


def test_what_is_imported_is_what_was_released_under_a_name_of_its_own(
    ici: Installation, la: Installation
) -> None:
    ici.publier(marts(masques=masques("26001", "26002")), "r1")
    bilan = ici.importer(la.exporter())
    assert (bilan.releases, bilan.connues, bilan.rang) == ((f"{LA}.r1",), 0, 1)
    assert registres.inscrites(ici.registre) == {"r1", f"{LA}.r1"}
    siennes = [x for x in ici.lignes() if x["release_id"] == f"{LA}.r1"]
    assert {x["rang"] for x in siennes} == {2}
    propres = [{c: v for c, v in x.items() if c not in ("release_id", "rang")} for x in siennes]
    assert propres == [{c: v for c, v in x.items() if c not in ("release_id", "rang")} for x in la.lignes()]


def test_an_export_is_closed_and_holds_no_number_of_a_hidden_row(la: Installation) -> None:
    la.publier(marts(masques=masques("26001", "26002")), "r2")
    registres.decider(la.registre, "0123456789ab", "Camille Martin", "assumer", "avant la règle")
    fichier = la.exporter()
    assert fichier.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(fichier) as archive:
        assert sorted(archive.namelist()) == ["000001-r1.parquet", "000002-r2.parquet", "INDEX.json"]
        tete = json.loads(archive.read("INDEX.json"))
    assert tete.keys() == {"forme", "installation", "fichiers"} and tete["installation"] == LA
    # Neither who decided, nor on which cell: it would say which hidden cell is one that was given away.
    assert b"Camille" not in fichier.read_bytes() and b"0123456789ab" not in fichier.read_bytes()
    assert fichier.read_bytes() == la.exporter().read_bytes()


def test_every_row_of_an_export_is_one_that_a_release_shows(la: Installation) -> None:
    """What the marts of a release say of a cell, and nothing beside, is what its file says."""
    jour = marts(masques=masques("26001", "26002"))
    la.publier(jour, "r2")
    dites = ("niveau", "code", "millesime", "indicateur_id", "statut", "valeur", "numerateur", "denominateur")
    bornes = ("borne_basse", "borne_haute", "motif", "source_ids")
    montrees = {tuple(x.get(c) for c in (*dites, *bornes)) for x in jour.lignes()}
    du_jour = [x for x in la.lignes() if x["release_id"] == "r2"]
    assert {tuple(x[c] for c in (*dites, *bornes)) for x in du_jour} == montrees
    # Why it is hidden, and of how many, is in none of the columns.
    assert {"raison", "contributeurs", "n", "max1"}.isdisjoint(REGISTRE.names)


def test_a_register_that_holds_a_hidden_number_is_neither_exported_nor_imported(
    ici: Installation, la: Installation
) -> None:
    (chemin,) = registres.fichiers(la.registre)
    table = pq.read_table(chemin)
    fausse = table.set_column(
        REGISTRE.get_field_index("statut"), REGISTRE.field("statut"), pa.array(["secret"] * table.num_rows)
    )
    pq.write_table(fausse.replace_schema_metadata(table.schema.metadata), chemin)
    with pytest.raises(ErreurPublication, match="a number of a row that is hidden"):
        la.exporter()
    fichier = _empaqueter(la.registre.parent / "force.zip", {chemin.name: chemin.read_bytes()})
    with pytest.raises(ErreurPublication, match="a number of a row that is hidden"):
        ici.importer(fichier)
    assert not registres.fichiers(ici.registre)


# -- once, in order, and no more ----------------------------------------------------------------------


def test_an_import_again_adds_what_is_new_and_touches_nothing(ici: Installation, la: Installation) -> None:
    ici.publier(marts(masques=masques("26001", "26002")), "r1")
    premier = la.exporter()
    ici.importer(premier)
    avant = {c.name: c.read_bytes() for c in registres.fichiers(ici.registre)}
    assert ici.importer(premier).releases == ()
    la.publier(marts(masques=masques("26001", "26002", "epci:E1")), "r2")
    bilan = ici.importer(la.exporter())
    assert (bilan.releases, bilan.connues) == ((f"{LA}.r2",), 1)
    # An older export than the last is no step back.
    assert ici.importer(premier).connues == 1
    apres = {c.name: c.read_bytes() for c in registres.fichiers(ici.registre)}
    assert avant.items() <= apres.items() and len(apres) == len(avant) + 1


def test_an_import_that_was_killed_is_completed(
    ici: Installation, la: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    la.publier(marts(), "r2")
    fichier = la.exporter()
    ecrire = registres.ecrire

    def mourir(registre: Path, release_id: str, table: pa.Table) -> Path:
        if release_id.endswith("r2"):
            raise KeyboardInterrupt
        return ecrire(registre, release_id, table)

    with monkeypatch.context() as m, pytest.raises(KeyboardInterrupt):
        m.setattr(registres, "ecrire", mourir)
        ici.importer(fichier)
    assert registres.inscrites(ici.registre) == {f"{LA}.r1"}
    assert ici.importer(fichier).releases == (f"{LA}.r2",)


def test_each_release_keeps_its_origin_through_a_third_one(
    ici: Installation, la: Installation, tmp_path: Path
) -> None:
    ici.publier(marts(masques=masques("26001", "26002")), "r1")
    ici.importer(la.exporter())
    tout = ici.exporter()
    # What comes back is theirs already.
    assert la.importer(tout).releases == (f"{ICI}.r1",)
    (tmp_path / "ailleurs").mkdir()
    tiers = Installation(tmp_path / "ailleurs", AILLEURS)
    assert tiers.importer(tout).releases == (f"{ICI}.r1", f"{LA}.r1")
    assert tiers.importer(la.exporter()).releases == ()


def test_what_a_copy_of_this_home_released_on_its_own_is_news(ici: Installation, tmp_path: Path) -> None:
    ici.publier(marts(), "r1")
    (tmp_path / "copie" / "registre").mkdir(parents=True)
    copie = Installation(tmp_path / "copie", ICI)
    for chemin in registres.fichiers(ici.registre):
        (copie.registre / chemin.name).write_bytes(chemin.read_bytes())
    copie.publier(marts(masques=masques("26001", "26002")), "r2")
    ici.publier(marts(masques=masques("26001", "26003")), "r3")
    assert ici.importer(copie.exporter()).releases == (f"{ICI}.r2",)


# -- what is refused ----------------------------------------------------------------------------------


def _contenu(fichier: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(fichier) as archive:
        return {nom: archive.read(nom) for nom in archive.namelist() if nom != "INDEX.json"}


def _empaqueter(fichier: Path, contenus: dict[str, bytes], **tete: Any) -> Path:
    """An export with these files, and an index that agrees with them: what a forger would write."""
    from hashlib import sha256

    index = [
        {"nom": nom, "sha256": sha256(octets).hexdigest(), "octets": len(octets)}
        for nom, octets in contenus.items()
    ]
    with zipfile.ZipFile(fichier, "w") as archive:
        for nom, octets in contenus.items():
            archive.writestr(nom, octets)
        archive.writestr("INDEX.json", json.dumps({"forme": 1, "installation": LA, "fichiers": index} | tete))
    return fichier


def _refuse(ici: Installation, fichier: Path, message: str) -> None:
    avant = [c.name for c in registres.fichiers(ici.registre)]
    with pytest.raises(ErreurPublication, match=message) as refus:
        ici.importer(fichier)
    assert "Nothing was imported" in str(refus.value)
    assert [c.name for c in registres.fichiers(ici.registre)] == avant


def test_an_export_that_was_cut_or_changed_is_refused(ici: Installation, la: Installation) -> None:
    la.publier(marts(masques=masques("26001", "26002")), "r2")
    fichier = la.exporter()
    entier = fichier.read_bytes()
    for octets in (entier[:-1], entier[: len(entier) // 2], b"", b"not a zip"):
        fichier.write_bytes(octets)
        _refuse(ici, fichier, "it was cut or changed")
    ou = entier.index(b"PAR1") + 100
    fichier.write_bytes(entier[:ou] + bytes([entier[ou] ^ 1]) + entier[ou + 1 :])
    _refuse(ici, fichier, "was cut or changed|it was changed")


def test_a_forged_export_is_refused(ici: Installation, la: Installation) -> None:
    """Its index agrees with its files: what the files say of each other does not."""
    la.publier(marts(masques=masques("26001", "26002")), "r2")
    contenus = _contenu(la.exporter())
    premier, second = contenus
    faux = la.registre.parent / "faux.zip"
    _refuse(ici, _empaqueter(faux, {second: contenus[second]}), "does not follow the file before it")
    _refuse(
        ici,
        _empaqueter(faux, {premier: contenus[premier], "../2.parquet": b""}),
        "its index names 2",
    )
    table = pq.read_table(pa.BufferReader(contenus[premier]))
    autre = pa.BufferOutputStream()
    pq.write_table(table.slice(1), autre)
    change = {premier: autre.getvalue().to_pybytes(), second: contenus[second]}
    _refuse(ici, _empaqueter(faux, change), "does not follow the file before it")
    _refuse(ici, _empaqueter(faux, contenus, forme=2), "use the same version")
    _refuse(ici, _empaqueter(faux, contenus, installation="Caf de la Drôme"), "names no release or no inst")


def test_a_register_that_was_written_again_is_refused(
    ici: Installation, la: Installation, tmp_path: Path
) -> None:
    ici.importer(la.exporter())
    (tmp_path / "refait").mkdir()
    refait = Installation(tmp_path / "refait", LA)
    refait.publier(marts(masques=masques("26001", "26002")), "r1")
    _refuse(ici, refait.exporter(), "is not the one that was imported before")


@pytest.mark.parametrize("cog", [2024, 2026])
def test_another_geography_is_refused_and_says_what_to_do(
    ici: Installation, la: Installation, cog: int
) -> None:
    ici.publier(marts(masques=masques("26001", "26002"), cog=cog), "r1")
    _refuse(ici, la.exporter(), f"in the COG 2025, this register in the COG {cog}: .*Next: run a night")


def test_other_movements_are_refused(ici: Installation, tmp_path: Path) -> None:
    """The same reference, reached by a merger that one of the two does not know."""
    (tmp_path / "la").mkdir()
    autre = Installation(tmp_path / "la", LA)
    autre.publier(marts(cog=2024), "r1")
    fusion = [(2024, "26001", "26001", "fusion"), (2024, "26002", "26001", "fusion")]
    autre.publier(marts(passage=fusion), "r2")
    ici.publier(marts(), "r1")
    _refuse(ici, autre.exporter(), "do not know the same movements of communes since the COG 2024")


def test_there_is_nothing_to_export_before_a_release_nor_over_a_file(
    ici: Installation, la: Installation, tmp_path: Path
) -> None:
    with pytest.raises(ErreurPublication, match="nothing to export"):
        ici.exporter()
    deja = tmp_path / "deja.zip"
    deja.write_bytes(b"mine")
    with pytest.raises(ErreurPublication, match="is there already"):
        exporter(la.registre, deja, LA)
    assert deja.read_bytes() == b"mine"
