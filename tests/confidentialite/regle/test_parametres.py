"""Which version of the rules is in force, and what the two files say once they are read."""

import json
import pickle
from datetime import date
from pathlib import Path

import pytest
import yaml

from confidentialite.regle.parametres import charger, relations


@pytest.fixture
def deux_versions(tmp_path: Path) -> Path:
    """Version 2 from 2025 on, written before version 1; a third that no day of these has come to."""
    fichier = tmp_path / "parametres.yml"
    regles = json.loads(charger().texte())
    versions = [
        {**regles, "version": 2, "depuis": date(2025, 1, 1)},
        {**regles, "version": 1, "depuis": date(2024, 1, 1)},
        {**regles, "version": 3, "depuis": date(2100, 1, 1)},
    ]
    fichier.write_text(yaml.safe_dump(versions, allow_unicode=True), encoding="utf-8")
    return fichier


@pytest.mark.parametrize(
    ("jour", "version"),
    [
        (None, 2),
        (date(2024, 1, 1), 1),
        (date(2024, 12, 31), 1),
        (date(2025, 1, 1), 2),
        (date(2030, 1, 1), 2),
        (date(2100, 1, 1), 3),
    ],
)
def test_the_newest_version_whose_day_has_come_is_in_force(
    jour: date | None, version: int, deux_versions: Path
) -> None:
    assert charger(jour, deux_versions).version == version


def test_a_day_before_every_version_is_refused_by_name(deux_versions: Path) -> None:
    with pytest.raises(ValueError, match=r"parametres\.yml: no version .* in force on 2023-12-31"):
        charger(date(2023, 12, 31), deux_versions)


def test_the_rules_are_one_text_whatever_their_order_and_come_back_from_it() -> None:
    regles = charger()
    assert pickle.loads(pickle.dumps(regles)) == regles
    assert regles.texte() == json.dumps(json.loads(regles.texte()), sort_keys=True)
    assert json.loads(regles.texte())["seuil_frequence"]["valeur"] == regles.seuil_frequence.valeur


def test_each_type_of_relation_is_read_as_what_it_is(tmp_path: Path) -> None:
    """A whole of a and b, one count under two names, a part, a majoration of two, parts that share none."""
    fichier = tmp_path / "relations.csv"
    lignes = ("somme,t,a+b", "identite,n,m", "inclusion,t,p", "majoration,u+v,x+y", "partition,e,f+g")
    fichier.write_text("\n".join(["type,tout,parties", *lignes]), encoding="utf-8")
    lues = relations(fichier)
    assert lues.sommes == {"t": ("a", "b"), "n": ("m",)}
    assert lues.inclusions == (("t", "p"), ("e", "f"), ("e", "g"))
    assert lues.majorations == ((("u", "v"), ("x", "y")),)
    assert lues.partitions == {"e": ("f", "g")}


def test_an_unknown_type_of_relation_is_refused_by_name(tmp_path: Path) -> None:
    fichier = tmp_path / "relations.csv"
    fichier.write_text("type,tout,parties\nproduit,a,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"relations\.csv: 'produit' is none of somme"):
        relations(fichier)
