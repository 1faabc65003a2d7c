"""What sentences and titles say of facts: `docs/exemples/phrases.yml`, said by the program.

Belongs here: what a reader is promised, as a table. Does not: how it is said (`tests/publication/portraits`).
"""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from publication.lecture.marts import Marts
from publication.portraits.contenu import phrases
from publication.portraits.contenu.essentiel import candidats_de
from publication.portraits.contenu.faits import Faits
from publication.portraits.contenu.lectures import Lecture
from publication.portraits.contenu.titres import LONGUEUR, titre_constat
from tests.publication.portraits.mondes import LIEUX, SEEDS, SUJET, Cellule, Monde, exact
from tests.publication.portraits.phrases_tenues import Dictionnaire, verifier

TABLE = Path(__file__).parents[2] / "docs" / "exemples" / "phrases.yml"
CAS = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("cas", CAS, ids=[cas["cas"] for cas in CAS])
def test_facts_are_said_as_the_table_has_it(cas: dict[str, Any]) -> None:
    monde = _monde(cas)
    d = Dictionnaire(monde.con)
    lecture = _lire(monde, d, cas)
    if cas["phrase"] is None:
        assert lecture is None
        return
    assert lecture is not None
    messages = [phrases.message(lecture, forme) for forme in range(phrases.FORMES)]
    for message in messages:
        verifier(d, SUJET, message)
    dites = [message.texte.translate(ESPACES) for message in messages]
    assert dites == [cas["phrase"], cas.get("autrement", cas["phrase"])]
    titre = titre_constat(lecture)
    assert titre.translate(ESPACES) == cas["titre"] and len(titre) <= LONGUEUR


ESPACES = {0x202F: " ", 0xA0: " "}


def _lire(monde: Monde, d: Dictionnaire, cas: dict[str, Any]) -> Lecture | None:
    theme = monde.dictionnaire[cas["indicateur"]][0]
    comparer = (LIEUX[cas["comparer"]][0],) if "comparer" in cas else ()
    faits = Faits(Marts(monde.con), SUJET, None, theme, comparer)
    lus = [c.lire() for c in candidats_de(faits, d.chiffre) if c.indicateur_id == cas["indicateur"]]
    return lus[0] if lus else None


def _monde(cas: dict[str, Any]) -> Monde:
    indicateur, ici, ailleurs = cas["indicateur"], cas["ici"], cas.get("ailleurs", {})
    monde = Monde({i: _dictionnaire()[i] for i in (indicateur, *cas.get("aussi", {}))})
    fin = max(ici)
    cellules = {niveau: _cellule(lus[fin]) for niveau, lus in {"epci": ici, **ailleurs}.items()}
    pairs = cas.get("pairs")
    monde.figure(
        indicateur,
        fin,
        cellules,
        exact(pairs["mediane"]) if pairs else None,
        rang=(pairs["rang"], pairs.get("ex_aequo", 0), 5, 0) if pairs else (1, 0, 5, 0),
        champ=cas.get("champ"),
    )
    for autre, valeur in cas.get("aussi", {}).items():
        monde.figure(autre, fin, {"epci": exact(valeur)})
    for debut in ici.keys() - {fin}:
        bouts = (debut, _cellule(ici[debut])), (fin, _cellule(ici[fin]))
        etablie, ensuite = cas.get("etablie", False), cas.get("ensuite", {})
        monde.mouvement(indicateur, *bouts, refus=cas.get("refus"), deja=(fin,), etablie=etablie, **ensuite)
        for niveau, lus in ailleurs.items():
            if debut in lus and niveau != "voisin":
                monde.ailleurs(indicateur, niveau, (debut, _cellule(lus[debut])), (fin, _cellule(lus[fin])))
    if "serie" in cas:
        monde.rupture(indicateur, cas["serie"])
    return monde


def _cellule(valeur: Any) -> Cellule:
    return ("arrondi", valeur["arrondi"], valeur["a"]) if isinstance(valeur, dict) else exact(valeur)


@cache
def _dictionnaire() -> dict[str, tuple[Any, ...]]:
    """The dictionary of the warehouse, as `Monde` has it."""
    with (SEEDS / "indicateurs.csv").open(encoding="utf-8") as flux:
        return {
            i["indicateur_id"]: (
                *(i["theme"], i["univers"], i["unite"], int(i["decimales"]), i["polarite"], i["methode"]),
                *(i["numerateur"], int(i["decalage"]) if i["decalage"] else None),
            )
            for i in csv.DictReader(flux)
        }
