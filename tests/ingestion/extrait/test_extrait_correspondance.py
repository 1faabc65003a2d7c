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

Changer = Callable[[dict[str, Any]], object]


def _ici(mapping: dict[str, Any]) -> dict[str, Any]:
    return dict.__getitem__(mapping["dispositions"], "ici")


def poser(mapping: dict[str, Any], chemin: str, valeur: Any) -> None:
    """Set a key of the mapping, given by its path (`ici` is its disposition); None takes it away."""
    *dossiers, cle = chemin.split("/")
    la = _ici(mapping) if dossiers[:1] == ["ici"] else mapping
    for nom in dossiers[dossiers[:1] == ["ici"] :]:
        la = dict.__getitem__(la, nom)
    if valeur is None:
        dict.pop(la, cle)
    else:
        dict.__setitem__(la, cle, valeur)


# Key → its wrong value, and what is said of it.
FAUTES: dict[str, tuple[Any, str]] = {
    "colonne": (1, "colonne: Extra inputs are not permitted"),
    "ici/sheet": ("1", "dispositions.ici.sheet: Extra inputs"),
    "couverture": ("26", "couverture: "),
    "mois/2022-13": ({"statut": "definitif"}, "mois.2022-13"),
    f"mois/{MOIS}/statut": ("provisoire", f"mois.{MOIS}.statut: "),
    f"mois/{MOIS}/disposition": ("la", f"mois.{MOIS}.disposition: la is not under dispositions"),
    "dispositions/la": (
        correspondance()["dispositions"]["ici"],
        f"mois.{MOIS}: name its disposition, one of ici, la",
    ),
    f"mois/{MOIS}/finalite": ("autre", f"mois.{MOIS}.finalite: autre is not under conservation_micro_mois"),
    "conservation_micro_mois/autre": ("3", f"mois.{MOIS}: name its finalite, one of autre, essai"),
    "conservation_micro_mois": ({}, "conservation_micro_mois: "),
    f"ici/colonnes/{source('droit_versable')}": (
        None,
        "colonnes: no source column is bound to droit_versable, which is mandatory",
    ),
    "ici/colonnes/X_NIR": ("nir", "colonnes.X_NIR: nir is not a column of the contract"),
    "ici/colonnes/X_AUTRE": ("ruc", "colonnes: 2 source columns are bound to ruc"),
    "ici/ignorees": ([source("ruc")], f"ignorees: {source('ruc')} is also under colonnes"),
    "ici/codes/ruc": ({"1": "oui"}, "codes.ruc: not a column"),
    "ici/codes/situation_familiale/3": (
        "veuf",
        "codes.situation_familiale.3: veuf is not one of isole, couple",
    ),
    "ici/codes/droit_versable/X": (
        "peut-être",
        "codes.droit_versable.X: peut-être is not one of oui, non",
    ),
    "ici/codes/aeeh": (
        None,
        "codes: aeeh is a boolean: say which codes of the file mean oui and which non",
    ),
    "ici/vide_vaut_zero": (["code_commune"], "vide_vaut_zero: code_commune is not a column"),
    "ici/arrondies": (["nb_personnes"], "arrondies: nb_personnes is not a column"),
    "ici/enfants/repetees": ("16", "enfants.repetees: at most 15"),
    "ici/enfants/colonnes": ({"X_NAIS": "naissance"}, "enfants.colonnes.X_NAIS: no {n}"),
    "ici/enfants/colonnes/X_AGE_{n}": ("age", "enfants.colonnes: bind either naissance or age, not both"),
    "ici/colonnes/X_NAIS_1": ("loyer", "enfants.colonnes: X_NAIS_1 is bound twice"),
    "ici/enfants": (
        {"fichier": "e", "colonnes": {"N": "naissance"}},
        "enfants.colonnes: no source column is bound to id_foyer",
    ),
    "ici/format/date": ("MM/AAAA", "format.csv.date: "),
    "ici/format/mois": ("MM de AAAA", "format.csv.mois: "),
    "ici/format/encodage": ("ebcdic", "format.csv.encodage: "),
}


@pytest.mark.parametrize("cle", FAUTES)
def test_errors_name_the_key(atelier: Atelier, cle: str) -> None:
    valeur, message = FAUTES[cle]
    poser(atelier.mapping, cle, valeur)
    with pytest.raises(CorrespondanceInvalide) as e:
        atelier.correspondance()
    assert [m for m in e.value.erreurs if message in m], e.value.erreurs


def test_all_errors_at_once(atelier: Atelier) -> None:
    for cle in (
        f"ici/colonnes/{source('droit_versable')}",
        "ici/codes/situation_familiale/3",
        "ici/enfants/repetees",
    ):
        poser(atelier.mapping, cle, FAUTES[cle][0])
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
