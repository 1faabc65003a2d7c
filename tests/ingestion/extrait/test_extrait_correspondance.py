"""The mapping file: every error told at once, nothing guessed, and a digest of what decides the rows."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from petit_extrait import CONTRAT, MOIS, Atelier, correspondance, sans_enfants, source

from ingestion.extrait.correspondance import (
    Correspondance,
    CorrespondanceInvalide,
    charger_correspondance,
    chemin_correspondance,
)
from ingestion.extrait.modele import A_REMPLACER, ecrire_modele
from ingestion.gabarits import PasDeModele

Changer = Callable[[dict[str, Any]], object]


def _ici(mapping: dict[str, Any]) -> dict[str, Any]:
    return dict.__getitem__(mapping["dispositions"], "ici")


FAUTES: dict[str, tuple[Changer, str]] = {
    "unknown key": (lambda m: m.update(colonne=1), "colonne: Extra inputs are not permitted"),
    "unknown key below": (lambda m: _ici(m).update(sheet="1"), "dispositions.ici.sheet: Extra inputs"),
    "couverture": (lambda m: m.update(couverture="26"), "couverture: "),
    "month": (lambda m: m["mois"].update({"2022-13": {"statut": "definitif"}}), "mois.2022-13"),
    "statut": (lambda m: m["mois"][MOIS].update(statut="provisoire"), f"mois.{MOIS}.statut: "),
    "disposition": (
        lambda m: m["mois"][MOIS].update(disposition="la"),
        f"mois.{MOIS}.disposition: la is not under dispositions",
    ),
    "which disposition": (
        lambda m: m["dispositions"].update(la=_ici(m)),
        f"mois.{MOIS}: name its disposition, one of ici, la",
    ),
    "purpose": (
        lambda m: m["mois"][MOIS].update(finalite="autre"),
        f"mois.{MOIS}.finalite: autre is not under conservation_micro_mois",
    ),
    "which purpose": (
        lambda m: m["conservation_micro_mois"].update(autre="3"),
        f"mois.{MOIS}: name its finalite, one of autre, essai",
    ),
    "no purpose": (lambda m: m.update(conservation_micro_mois={}), "conservation_micro_mois: "),
    "mandatory column": (
        lambda m: _ici(m)["colonnes"].pop(source("droit_versable")),
        "colonnes: no source column is bound to droit_versable, which is mandatory",
    ),
    "unknown contract column": (
        lambda m: _ici(m)["colonnes"].update(X_NIR="nir"),
        "colonnes.X_NIR: nir is not a column of the contract",
    ),
    "bound twice": (
        lambda m: _ici(m)["colonnes"].update(X_AUTRE="ruc"),
        "colonnes: 2 source columns are bound to ruc",
    ),
    "bound and ignored": (
        lambda m: _ici(m)["ignorees"].append(source("ruc")),
        f"ignorees: {source('ruc')} is also under colonnes",
    ),
    "codes of no column": (lambda m: _ici(m)["codes"].update(ruc={"1": "oui"}), "codes.ruc: not a column"),
    "code target": (
        lambda m: _ici(m)["codes"]["situation_familiale"].update({"3": "veuf"}),
        "codes.situation_familiale.3: veuf is not one of isole, couple",
    ),
    "boolean target": (
        lambda m: _ici(m)["codes"]["droit_versable"].update({"X": "peut-être"}),
        "codes.droit_versable.X: peut-être is not one of oui, non",
    ),
    "boolean without codes": (
        lambda m: _ici(m)["codes"].pop("aeeh"),
        "codes: aeeh is a boolean: say which codes of the file mean oui and which non",
    ),
    "zero of a code": (
        lambda m: _ici(m).update(vide_vaut_zero=["code_commune"]),
        "vide_vaut_zero: code_commune is not a column",
    ),
    "rounding a whole number": (
        lambda m: _ici(m).update(arrondies=["nb_personnes"]),
        "arrondies: nb_personnes is not a column",
    ),
    "too many ranks": (lambda m: _ici(m)["enfants"].update(repetees="16"), "enfants.repetees: at most 15"),
    "rank without number": (
        lambda m: _ici(m)["enfants"].update(colonnes={"X_NAIS": "naissance"}),
        "enfants.colonnes.X_NAIS: no {n}",
    ),
    "birth date and age": (
        lambda m: _ici(m)["enfants"]["colonnes"].update({"X_AGE_{n}": "age"}),
        "enfants.colonnes: bind either naissance or age, not both",
    ),
    "no age": (
        lambda m: _ici(m)["enfants"].update(colonnes={"X_AEEH_{n}": "aeeh"}),
        "enfants.colonnes: bind either naissance or age, not both",
    ),
    "rank bound to a column": (
        lambda m: _ici(m)["colonnes"].update(X_NAIS_1=_ici(m)["colonnes"].pop(source("loyer"))),
        "enfants.colonnes: X_NAIS_1 is bound twice",
    ),
    "child of nobody": (
        lambda m: _ici(m).update(enfants={"fichier": "e", "colonnes": {"N": "naissance"}}),
        "enfants.colonnes: no source column is bound to id_foyer",
    ),
    "date without day": (lambda m: _ici(m)["format"].update(date="MM/AAAA"), "format.csv.date: "),
    "date with words": (lambda m: _ici(m)["format"].update(date="JJ de MM de AAAA"), "format.csv.date: "),
    "encoding": (lambda m: _ici(m)["format"].update(encodage="ebcdic"), "format.csv.encodage: "),
}


@pytest.mark.parametrize(("changer", "message"), FAUTES.values(), ids=FAUTES)
def test_errors_name_the_key(atelier: Atelier, changer: Changer, message: str) -> None:
    changer(atelier.mapping)
    with pytest.raises(CorrespondanceInvalide) as e:
        atelier.correspondance()
    assert [m for m in e.value.erreurs if message in m], e.value.erreurs


def test_all_errors_at_once(atelier: Atelier) -> None:
    for nom in ("mandatory column", "code target", "too many ranks"):
        FAUTES[nom][0](atelier.mapping)
    with pytest.raises(CorrespondanceInvalide) as e:
        atelier.correspondance()
    assert len(e.value.erreurs) == 3 and str(e.value).startswith("3 error(s) in the mapping")


@pytest.mark.parametrize("octets", [b"a: [", b"- 1", b"", b"couverture: \xe9"])
def test_not_a_mapping(tmp_path: Path, octets: bytes) -> None:
    fichier = tmp_path / "c.yml"
    fichier.write_bytes(octets)
    with pytest.raises(CorrespondanceInvalide):
        charger_correspondance(fichier)


def test_key_written_twice(tmp_path: Path) -> None:
    fichier = tmp_path / "c.yml"
    fichier.write_text("couverture: france\ncouverture: liste\n")
    with pytest.raises(CorrespondanceInvalide, match="written twice: couverture"):
        charger_correspondance(fichier)


def test_scalars_are_text(atelier: Atelier) -> None:
    """YAML would make 1 of 01, and true of a code written O, oui or yes in other hands."""
    atelier.disposition["codes"]["situation_familiale"] = {"01": "isole", "yes": "couple"}
    texte = yaml.safe_dump(atelier.mapping).replace("'01'", "01").replace("'yes'", "yes")
    (atelier.home / "c.yml").write_text(texte)
    lue = charger_correspondance(atelier.home / "c.yml")
    assert lue.dispositions["ici"].codes["situation_familiale"] == {"01": "isole", "yes": "couple"}


def test_month_takes_its_own_cog_and_the_only_disposition_and_purpose(atelier: Atelier) -> None:
    atelier.mapping["mois"]["2017-12"] = {"statut": "semi_definitif", "cog": "2018"}
    lue = atelier.correspondance()
    assert (lue.cog_du_mois("2017-12"), lue.cog_du_mois(MOIS)) == (2018, 2023)
    assert lue.disposition("2017-12") is lue.disposition(MOIS)
    assert lue.finalite(MOIS) == "essai"


def _empreinte(mapping: dict[str, Any]) -> str:
    return Correspondance.model_validate(mapping).empreinte(MOIS)


@pytest.mark.parametrize(
    "changer",
    [
        lambda m: m.update(cog="2022"),
        lambda m: _ici(m)["codes"]["situation_familiale"].update({"3": "isole"}),
        lambda m: _ici(m).update(arrondies=["ruc"]),
        lambda m: m.update(sans_enfants(m)),
        lambda m: (
            m["mois"][MOIS].update(finalite="essai2") or m["conservation_micro_mois"].update(essai2="9")
        ),
    ],
)
def test_digest_follows_what_decides_the_rows(changer: Changer) -> None:
    mapping = correspondance()
    avant = _empreinte(copy.deepcopy(mapping))
    changer(mapping)
    assert _empreinte(mapping) != avant


@pytest.mark.parametrize(
    "changer",
    [
        lambda m: m["mois"].update({"2023-12": {"statut": "definitif"}}),
        lambda m: m["mois"][MOIS].update(statut="semi_definitif"),
        lambda m: m.update(conservation_depot_jours="30"),
    ],
)
def test_digest_ignores_the_rest(changer: Changer) -> None:
    mapping = correspondance()
    avant = _empreinte(copy.deepcopy(mapping))
    changer(mapping)
    assert _empreinte(mapping) == avant


def test_where_the_mapping_is(tmp_path: Path) -> None:
    assert chemin_correspondance(tmp_path, {}) == tmp_path / "correspondance_extrait.yml"
    assert chemin_correspondance(tmp_path, {"CTG_CORRESPONDANCE": "/ici.yml"}) == Path("/ici.yml")


# -- the mapping to fill in ------------------------------------------------------------------------


def test_template_passes_once_filled_in(tmp_path: Path) -> None:
    """Every column of the contract is in it, and in the guide, under a French label."""
    mapping, guide = ecrire_modele(CONTRAT, tmp_path / "m")
    texte = mapping.read_text(encoding="utf-8")
    lue = charger_correspondance(mapping)
    assert set(next(iter(lue.dispositions.values())).colonnes.values()) == set(CONTRAT.colonnes)
    assert texte.count(A_REMPLACER) > len(CONTRAT.colonnes)
    lignes = guide.read_text(encoding="utf-8-sig").splitlines()
    for nom, colonne in {**CONTRAT.colonnes, **CONTRAT.enfants.colonnes}.items():
        assert colonne.libelle in texte or nom in CONTRAT.enfants.colonnes
        assert any(ligne.startswith(f"{nom};") for ligne in lignes), nom


def test_template_overwrites_nothing(tmp_path: Path) -> None:
    ecrire_modele(CONTRAT, tmp_path)
    with pytest.raises(PasDeModele, match="may have been filled in"):
        ecrire_modele(CONTRAT, tmp_path)
