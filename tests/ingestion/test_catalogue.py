"""What the portal is asked before a download, on a portal of the test's own."""

import json
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from petite_source import COG, COG_2022, REGISTRE, REGISTRE_2022, acquerir, glissant, petite_acquisition
from serveur import Serveur

from ingestion import catalogue
from ingestion.acquisition import Acquisition
from ingestion.erreurs import ErreurSource, Lieu

ICI = Lieu("registre", "communes", 2022)
JEUX = {"s_ben_com_f": ["dtreffre", "numcomdo"], "s_ben_dep": ["dtreffre", "numdep"]}
CHEMIN = "/api/explore/v2.1/catalog/datasets"


@pytest.fixture
def portail(serveur: Serveur) -> Serveur:
    """Answers as Opendatasoft does to the two questions: one dataset, and the list by pages of two."""

    def repondre(chemin: str) -> bytes:
        demande = {k: v[0] for k, v in parse_qs(urlsplit(chemin).query).items()}
        noms = sorted(JEUX)
        if "where" in demande:
            noms = [n for n in noms if demande["where"] == f'dataset_id="{n}"']
        debut = int(demande.get("offset", 0))
        page = noms[debut : debut + min(int(demande["limit"]), 1)]
        jeux = [{"dataset_id": n, "fields": [{"name": c} for c in JEUX[n]]} for n in page]
        return json.dumps({"total_count": len(noms), "results": jeux}).encode()

    serveur.repond[CHEMIN] = repondre
    return serveur


def test_an_unknown_dataset_is_refused_with_the_nearest_of_the_whole_catalogue(portail: Serveur) -> None:
    with pytest.raises(ErreurSource) as e:
        catalogue.verifier(f"{portail.adresse}{CHEMIN}/s_ben_reg/exports/csv", ICI)
    assert e.value.code == "jeu_inconnu"
    assert "no dataset s_ben_reg" in e.value.observe and "s_ben_dep" in e.value.observe
    assert "ingestion/sources/registre.yml" in e.value.que_faire


def test_an_unknown_field_is_refused_with_those_of_the_dataset(portail: Serveur) -> None:
    with pytest.raises(ErreurSource) as e:
        catalogue.verifier(f"{portail.adresse}{CHEMIN}/s_ben_dep/exports/csv?select=dtreffre%2Cnumdpt", ICI)
    assert e.value.code == "champ_inconnu"
    assert "s_ben_dep has no field numdpt (renamed numdep?); it has dtreffre, numdep" in e.value.observe
    assert "add a layout with the new fields in ingestion/sources/registre.yml" in e.value.que_faire


def test_a_field_that_an_address_filters_by_is_asked_about_too(portail: Serveur) -> None:
    export = f"{portail.adresse}{CHEMIN}/s_ben_dep/exports/csv?select=dtreffre&where="
    catalogue.verifier(export + quote('numdep="26" and dtreffre="2024-12"'), ICI)
    with pytest.raises(ErreurSource, match="no field sexe") as e:
        catalogue.verifier(export + quote('numdep="26" and sexe="Total"'), ICI)
    assert e.value.code == "champ_inconnu"


def test_the_fields_of_a_rolling_address_are_those_of_its_layout(
    portail: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The portal gains a field: nothing changes. It renames one that is read: told before any download."""
    export = f"{portail.adresse}{CHEMIN}/s_ben_com_f/exports/csv"
    contrat = glissant(
        f"{export}?select={{champs}}&delimiter=%3B",
        ('CODE: code, "FOY{aa}": foyers, "REV{aa}": revenu, NOM: ~', "MOIS: annee, CODE: code, FOY: foyers"),
        ("documente: invented", "documente: invented, absent: [revenu]"),
        ("couverture: france", "couverture: departement:26"),
        ("      ratio_between: [{numerator: revenu, denominator: foyers, min: 0.01, max: 150}]\n", ""),
    )
    acquisition = petite_acquisition(tmp_path, None, {"registre": contrat})
    portail.pages[f"{CHEMIN}/s_ben_com_f/exports/csv"] = b"MOIS;CODE;FOY\n2023-12;26001;60\n"
    monkeypatch.setitem(JEUX, "s_ben_com_f", ["MOIS", "CODE", "FOY", "NEUF"])
    recu, norme = acquerir(acquisition)["registre"]
    assert not recu.refus + norme.refus and [p.millesime for p in norme.acceptes] == [2023]
    (demande,) = [chemin for chemin, _ in portail.vues if "/exports/" in chemin]
    assert parse_qs(urlsplit(demande).query)["select"] == ["MOIS,CODE,FOY"]

    monkeypatch.setitem(JEUX, "s_ben_com_f", ["MOIS", "CODE", "FOYERS", "NEUF"])
    (refus,) = acquerir(acquisition)["registre"][0].refus
    assert refus.code == "champ_inconnu" and "no field FOY (renamed FOYERS?)" in refus.observe


@pytest.fixture
def live(portail: Serveur, tmp_path: Path) -> Acquisition:
    """The small register, at an export address of the portal."""
    portail.pages["/cog.csv"] = COG_2022.encode()
    portail.pages[f"{CHEMIN}/s_ben_com_f/exports/csv"] = REGISTRE_2022.encode()
    export = f"{portail.adresse}{CHEMIN}/s_ben_com_f/exports/csv"
    contrats = {
        "insee_cog_communes": COG.replace("mirror: cog2022.csv", f'url: "{portail.adresse}/cog.csv"'),
        "registre": REGISTRE.replace("mirror: registre2022.csv", f'url: "{export}"'),
    }
    return petite_acquisition(tmp_path, None, contrats)


def test_a_live_night_asks_before_it_downloads(live: Acquisition, portail: Serveur) -> None:
    recu, norme = acquerir(live)["registre"]
    assert not recu.refus and [p.millesime for p in norme.acceptes] == [2022]
    chemins = [chemin.split("?")[0] for chemin, _ in portail.vues]
    assert chemins == ["/cog.csv", CHEMIN, f"{CHEMIN}/s_ben_com_f/exports/csv"]
    assert catalogue.verifier_tous(live.contrats) == (1, [])


def test_a_dataset_withdrawn_is_a_refusal_and_nothing_is_downloaded(
    live: Acquisition, portail: Serveur, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(JEUX, "s_ben_com_f")
    recu, _ = acquerir(live)["registre"]
    assert [e.code for e in recu.refus] == ["jeu_inconnu"]
    assert not any("/exports/" in chemin for chemin, _ in portail.vues)
    assert [e.code for e in catalogue.verifier_tous(live.contrats)[1]] == ["jeu_inconnu"]
