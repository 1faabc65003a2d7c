"""Registers of persons: a year is counted once whatever file repeats it, and rounded along a public order."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from banc_dbt import preparee

from confidentialite.arrondi_en_chaine import PLACE
from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats import charger_contrats
from orchestration.nuit import registres
from orchestration.nuit.agregats import SCHEMA_ARRONDIS, SCHEMA_COMPTES, Agregats, Fichier, lire_arrondi
from orchestration.nuit.comptage import Arrondis, Comptage
from orchestration.nuit.reglages import Reglages

ENTETE = "annee;code;contacts_caf;rendez_vous_droits;declarations;declarations_en_ligne"
# Valence, Montélimar, Romans and villages of the Baronnies.
COMMUNES = ("26362", "26198", "26281", "26220", "26063", "26091", "26103", "26127")
Comptes = Mapping[int, Mapping[str, int]]


class Foyer:
    """A home of live nights, with the demonstration's geography and a register of the Caf."""

    def __init__(self, dossier: Path, geographie: Acquisition) -> None:
        shutil.copytree(geographie.home, dossier, symlinks=True)
        self.dossier = dossier
        self.reglages = Reglages(dossier, "mirror", "departement:26", str(dossier / "miroir"))
        self.reglages.chemins.secret.write_text("ab" * 32)
        self.nuits: list[Arrondis] = []

    def recevoir(self, millesime: int, comptes: Comptes) -> None:
        """Drop the file of a year, with the years that it repeats."""
        depot = self.dossier / "depot" / "caf_accueil" / "communes" / str(millesime)
        depot.mkdir(parents=True, exist_ok=True)
        lignes = [
            f"{annee};{code};{n};0;{n};{n}"
            for annee, valeurs in comptes.items()
            for code, n in valeurs.items()
        ]
        (depot / "accueil.csv").write_text("\n".join([ENTETE, *lignes]), encoding="utf-8")
        acquisition = self.acquisition
        bilans = [acquisition.recevoir("caf_accueil"), acquisition.normaliser("caf_accueil")]
        assert not [refus for bilan in bilans for refus in bilan.refus]

    @property
    def acquisition(self) -> Acquisition:
        return Acquisition(self.dossier, charger_contrats(), Profil("mirror", str(self.dossier / "miroir")))

    def nuit(self, **options: bool) -> Arrondis:
        """Round what was received."""
        fait = Comptage(replace(self.reglages, **options), self.acquisition, []).faire()
        self.nuits.append(fait)
        return fait

    def imprime(self, annee: int, mesure: str = "contacts_caf") -> dict[str, int | None]:
        """What the last night printed of a year."""
        (chemin,) = (
            pris.arrondi
            for f, pris in self.nuits[-1].fichiers.items()
            if f.periode == f"communes-lignes-{annee}"
        )
        return {
            ligne["code"]: None if ligne["valeur"] is None else int(ligne["valeur"])
            for ligne in lire_arrondi(chemin).to_pylist()
            if ligne["mesure_id"] == mesure and ligne["niveau"] == "commune"
        }


@pytest.fixture
def foyer(tmp_path: Path, manifeste: object, geographie: Acquisition) -> Foyer:
    return Foyer(tmp_path / "home", geographie)


def _annee(*valeurs: int) -> dict[str, int]:
    return dict(zip(COMMUNES, valeurs, strict=True))


PREMIERE = _annee(900, 400, 300, 3, 2, 1, 4, 0)


def test_a_year_is_rounded_once_whatever_files_repeat_it(foyer: Foyer) -> None:
    foyer.recevoir(2023, {2022: PREMIERE, 2023: PREMIERE})
    foyer.nuit()
    imprime = foyer.imprime(2022)
    for millesime in (2024, 2025):
        foyer.recevoir(millesime, {annee: PREMIERE for annee in range(2022, millesime + 1)})
        foyer.nuit()
        assert foyer.imprime(2022) == imprime
    assert sorted(f.periode for f in foyer.nuits[-1].fichiers) == [
        f"communes-lignes-{annee}" for annee in range(2022, 2026)
    ]


def test_what_a_later_file_changes_of_a_year_is_rounded_as_what_it_adds(foyer: Foyer) -> None:
    foyer.recevoir(2023, {2023: PREMIERE})
    foyer.nuit()
    avant = foyer.imprime(2023)
    foyer.recevoir(2024, {2023: PREMIERE | {"26063": 31}, 2024: PREMIERE})
    foyer.nuit()
    apres = foyer.imprime(2023)
    assert {c for c in COMMUNES if apres[c] != avant[c]} == {"26063"}
    assert abs(apres["26063"] - 31) <= 4 + 9
    # The file of before is taken back: so are its figures, which were frozen.
    foyer.recevoir(2024, {2023: PREMIERE, 2024: PREMIERE})
    foyer.nuit()
    assert foyer.imprime(2023) == avant


def test_communes_that_merge_keep_the_sum_of_what_was_printed_of_them(foyer: Foyer) -> None:
    """26371 is in 26289 since 2025: no count is drawn again for it."""
    foyer.recevoir(2024, {2024: PREMIERE | {"26289": 7, "26371": 3}})
    foyer.nuit()
    avant = foyer.imprime(2024)
    foyer.recevoir(2025, {2024: PREMIERE | {"26289": 10}, 2025: PREMIERE})
    foyer.nuit()
    apres = foyer.imprime(2024)
    assert apres == {c: avant[c] for c in COMMUNES} | {"26289": avant["26289"] + avant["26371"]}


def _comme_avant(foyer: Foyer, millesime: int, departs: Mapping[int, int]) -> dict[int, dict[str, int]]:
    """Freeze a file as older versions did: each of its years from a start of the file, placed by counts.

    `departs`: by year. Return what is printed of each year.
    """
    exacts, arrondis = [], []
    for annee, depart in departs.items():
        cumul = depart
        for rang, (code, n) in enumerate(sorted(PREMIERE.items(), key=lambda c: -c[1]), 1):
            ligne = {"millesime": annee, "fichier_sha256": str(millesime) * 16, "cog_millesime": 2024}
            ligne |= {"niveau": "commune", "code": code, "mesure_id": "contacts_caf"}
            exacts.append(ligne | {"valeur": n})
            r = 5 * ((cumul + n) // 5) - 5 * (cumul // 5)
            cumul += n
            ligne |= {"source_id": "caf_accueil", "millesime_fichier": millesime, "departement": "26"}
            arrondis.append(
                ligne | {"rang": rang, "valeur": r, "amplitude": 4, "regle": "chaine", "retenue": False}
            )
    agregats = Agregats(foyer.dossier / "agregats")
    fichier = Fichier("caf_accueil", f"communes-{millesime}", str(millesime) * 16)
    compte = agregats.garder_compte(fichier, pa.Table.from_pylist(exacts, schema=SCHEMA_COMPTES))
    table = pa.Table.from_pylist(arrondis, schema=SCHEMA_ARRONDIS)
    d_alors = table.drop_columns([*PLACE.names][-3:])
    # As it was written then: columns are lacking, and nothing is said of the order.
    agregats._garder(fichier, d_alors, "arrondi", {"du_compte": compte.name})
    return {
        annee: {a["code"]: int(a["valeur"]) for a in arrondis if a["millesime"] == annee} for annee in departs
    }


@pytest.mark.parametrize("ecart", [timedelta(0), timedelta(hours=1)])
def test_of_what_was_rounded_file_by_file_the_first_published_stays(
    foyer: Foyer, monkeypatch: pytest.MonkeyPatch, ecart: timedelta
) -> None:
    """One night a file: the first file is. All in one night, which published the newest: that one is."""
    monkeypatch.setattr(registres, "UNE_NUIT", ecart)
    imprimes = {
        millesime: _comme_avant(foyer, millesime, dict.fromkeys(range(2022, millesime + 1), depart))
        for depart, millesime in enumerate((2023, 2024))
    }
    for millesime in imprimes:
        foyer.recevoir(millesime, {annee: PREMIERE for annee in range(2022, millesime + 1)})
    fait = foyer.nuit()
    assert imprimes[2023][2022] != imprimes[2024][2022]
    assert foyer.imprime(2022) == imprimes[2024 if ecart else 2023][2022]
    assert foyer.imprime(2024) == imprimes[2024][2024]
    dit, ordre = fait.dits
    assert "2 file(s)" in dit and "an order made from their counts" in ordre
    assert not [*(foyer.dossier / "agregats").rglob("communes-202?/*-arrondi-*")]
    assert [*Agregats(foyer.dossier / "agregats").pertes()] == []
    # Told once; what changes later is a revision of what stays, along its order.
    foyer.recevoir(2024, {2022: PREMIERE | {"26063": 31}, 2023: PREMIERE, 2024: PREMIERE})
    suite = foyer.nuit()
    assert suite.dits == []
    avant, apres = imprimes[2024 if ecart else 2023][2022], foyer.imprime(2022)
    assert {c for c in COMMUNES if apres[c] != avant[c]} == {"26063"}
    (foyer.dossier / "build").mkdir()
    with duckdb.connect(
        str(preparee(foyer.dossier / "build", foyer.acquisition, [], suite.fichiers).base)
    ) as con:
        lues = con.execute(
            "select distinct millesime, ordre_public, fichier_sha256 from micro.arrondis order by all"
        ).fetchall()
    (registre,) = (f for f in foyer.acquisition.fichiers_retenus("caf_accueil") if f.millesime == 2024)
    # Years of a file that nobody has any more are told to be of the newest that holds them.
    assert {(annee, public) for annee, public, _ in lues} == {(2022, None), (2023, None), (2024, None)}
    assert {sha for *_, sha in lues} == {registre.sha256}


def test_the_operator_who_states_that_nothing_left_the_machine_has_them_rounded_anew(foyer: Foyer) -> None:
    ancien = _comme_avant(foyer, 2024, {2024: 0})
    foyer.recevoir(2024, {2024: PREMIERE})
    foyer.nuit()
    assert foyer.imprime(2024) == ancien[2024]
    fait = foyer.nuit(repartir=True)
    assert Agregats(foyer.dossier / "agregats").d_un_ancien_ordre() == []
    assert "are rounded anew" in fait.dits[0]
    nouveau = foyer.imprime(2024)
    foyer.nuit()
    assert foyer.imprime(2024) == nouveau


def test_without_any_population_what_was_never_rounded_waits(foyer: Foyer) -> None:
    foyer.recevoir(2024, {2024: PREMIERE})
    sans = [f for f in foyer.acquisition.fichiers_retenus() if f.source != "insee_populations_legales"]
    fait = Comptage(foyer.reglages, foyer.acquisition, [], sans).faire()
    assert fait.fichiers == {}
    (refus,) = fait.refus
    assert (refus.code, refus.source, refus.millesime) == ("ordre_inconnu", "caf_accueil", 2024)
    # Once it was rounded, its order is known.
    foyer.nuit()
    assert not Comptage(foyer.reglages, foyer.acquisition, [], sans).faire().refus
