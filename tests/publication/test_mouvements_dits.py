"""Each movement that a form of a release states is one that mart_evolutions_dites or mart_tendances says.

Belongs here: pages, decks, sheets and assistants read as a reader would, word for word. Does not: how the
mart decides (`tests/seconde_lecture/dites.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import openpyxl
import pytest
from lxml import html
from pptx import Presentation

from publication.portraits.contenu.formulations import formulations
from publication.portraits.contenu.langue import accorder, de
from tests.commande import Observatoire
from tests.publication.mcp.test_reponses import demander_a

CTG, EPCI = "ctg:baronnies-2025", "epci:200068229"
VERBES = re.compile(
    r"\b(?:recule|augmente|progresse|diminue|a baissé|a augmenté|en hausse|en baisse|s'améliore|se dégrade)\b"
)
NOMBRE = r"[+−]\d[\d\u202f,]*(?:[\u202f\u00a0](?:%|€|[a-zéè]+))?"
DEPUIS = re.compile(
    rf"((?:entre [+−]?[\d\u202f,]+ et )?{NOMBRE}|stable|inchangé|non significative) depuis (\d{{4}})"
)
MOUVEMENT = re.compile(
    r"(augmente|recule|a augmenté|a baissé|en hausse|en baisse)"
    r"(?: d[e'] ?(?:environ )?[\d\u202f,]+\u202f%)? depuis (\d{4})"
    r" \((?:environ )?([^;)]*?)(?:, euros courants)?\)"
)
SENS = {"augmente": "hausse", "a augmenté": "hausse", "en hausse": "hausse"}


@dataclass
class Dits:
    """What the marts say of one territory, and of the EPCI of the same communes."""

    numeros: set[str] = field(default_factory=set)
    mouvements: set[tuple[str, str, str]] = field(default_factory=set)
    tendances: set[str] = field(default_factory=set)
    sujets: set[tuple[str, str]] = field(default_factory=set)
    couleurs: set[tuple[str, str]] = field(default_factory=set)

    def juger(self, texte: str) -> Iterator[str]:
        """What a piece of text says that the marts do not."""
        reste = texte
        for dite in sorted(self.tendances, key=len, reverse=True):
            reste = reste.replace(dite, " ")
        for numero, annee in DEPUIS.findall(reste):
            if f"{numero} depuis {annee}" not in self.numeros:
                yield f"{numero} depuis {annee}"
        for verbe, annee, avant in MOUVEMENT.findall(reste):
            if (SENS.get(verbe, "baisse"), annee, avant) not in self.mouvements:
                yield f"{verbe} depuis {annee} ({avant})"
        reste = MOUVEMENT.sub(" ", reste)
        for verbe in VERBES.findall(reste):
            # The title of a slide names its subject, and no year.
            sens = "hausse" if verbe == "progresse" else "baisse"
            if not any(s == sens and reste.lower().startswith(sujet.lower()) for sujet, s in self.sujets):
                yield f"{verbe}: {texte}"


@pytest.fixture(
    scope="module",
    params=[pytest.param(nuit, marks=pytest.mark.nuit) for nuit in ("demonstration", "premiere")],
)
def observatoire(request: pytest.FixtureRequest) -> Observatoire:
    """A night on invented files, then one on real ones, where no convention is received."""
    nuit: Observatoire = request.getfixturevalue(request.param)
    return nuit


@pytest.fixture(scope="module")
def release(observatoire: Observatoire) -> Path:
    return (observatoire.home / "releases" / "current").resolve()


@pytest.fixture(scope="module")
def sujet(dits: dict[str, Dits]) -> str:
    return CTG if CTG in dits else EPCI


@pytest.fixture(scope="module")
def dits(release: Path) -> dict[str, Dits]:
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        con.execute("set schema = 'marts'")
        jumeaux = dict(con.execute("select ctg_id, territoire_id from ctg_conventions").fetchall())
        lus: dict[str, Dits] = {
            t: Dits() for (t,) in con.execute("select territoire_id from dim_territoire").fetchall()
        }
        for t, i, debut, avant, affichee, mouvement, stable, depuis, contraire, couleur in con.execute(
            "select territoire_id, indicateur_id, millesime_debut, valeur_debut_affichee, evolution_affichee,"
            " mouvement, stable_depuis, contraire_depuis, contraire_affichee, couleur"
            " from mart_evolutions_dites where choisie"
        ).fetchall():
            numero, dit = f"{affichee} depuis {debut}", lus[t]
            dit.numeros |= {numero, f"stable depuis {stable}", f"{contraire} depuis {depuis}"}
            if mouvement in ("hausse", "baisse"):
                dit.mouvements.add((mouvement, str(debut), avant))
                dit.couleurs.add((numero, couleur))
                dit.sujets |= {(sujet, mouvement) for sujet in _sujets(i)}
        for t, dite in con.execute(
            "select territoire_id, tendance_dite from mart_tendances where tendance_dite is not null"
        ).fetchall():
            lus[t].tendances.add(dite)
    for ctg, jumeau in jumeaux.items():
        for nom in ("numeros", "mouvements", "tendances", "sujets", "couleurs"):
            getattr(lus[ctg], nom).update(getattr(lus[jumeau], nom) if jumeau in lus else ())
    return lus


def _sujets(indicateur_id: str) -> Iterator[str]:
    court = getattr(formulations().get(indicateur_id), "court", None)
    if court:
        yield accorder(court, True)
        yield f"la part {de(accorder(court, True))}"


def _textes(page: Path) -> Iterator[str]:
    """What a page says, piece by piece: a cell, a paragraph, a title."""
    for element in html.parse(str(page)).xpath("//p|//li|//td|//th|//h1|//h2|//h3|//figcaption|//dd|//title"):
        yield element.text_content()


def test_pages_of_territories_say_what_the_marts_say(release: Path, dits: dict[str, Dits]) -> None:
    par_page = {t.replace(":", "-"): t for t in dits}
    lus = 0
    for page in sorted((release / "site" / "territoires").glob("*.html")):
        dit = dits[par_page[page.stem]]
        for texte in _textes(page):
            faux = [*dit.juger(texte)]
            assert not faux, (page.name, faux)
            lus += bool(DEPUIS.search(texte) or VERBES.search(texte))
            colore = re.fullmatch(rf"([◇◆])\s*({DEPUIS.pattern})\s*\((\w+)\)", texte.strip())
            if colore:
                couleur = "favorable" if colore[1] == "◇" else "defavorable"
                assert (colore[2], couleur) in dit.couleurs, (page.name, texte)
    assert lus > (1_000 if CTG in dits else 50)


def test_pages_of_indicateurs_and_communes_say_no_movement_of_their_own(
    release: Path, dits: dict[str, Dits]
) -> None:
    tout = Dits(tendances={dite for d in dits.values() for dite in d.tendances})
    for dossier in ("indicateurs", "communes"):
        for page in sorted((release / "site" / dossier).glob("*.html")):
            for texte in _textes(page):
                assert not [*tout.juger(texte)], (page.name, texte)


def test_a_deck_and_its_sheets_say_what_the_marts_say(
    observatoire: Observatoire, dits: dict[str, Dits], sujet: str, tmp_path: Path
) -> None:
    for forme in ("pptx", "xlsx"):
        assert not observatoire.ctg("portrait", sujet, "--format", forme, "--sortie", str(tmp_path)).code
    deck = Presentation(str(next(tmp_path.glob("*.pptx"))))
    textes = [
        paragraphe.text
        for diapo in deck.slides
        for forme in diapo.shapes
        if forme.has_text_frame
        for paragraphe in forme.text_frame.paragraphs
    ]
    textes += [d.notes_slide.notes_text_frame.text for d in deck.slides if d.has_notes_slide]
    classeur = openpyxl.load_workbook(next(tmp_path.glob("*.xlsx")), read_only=True)
    cellules = [str(c) for feuille in classeur for ligne in feuille.values for c in ligne if c is not None]
    for texte in (ligne for t in (*textes, *cellules) for ligne in t.splitlines()):
        assert not [*dits[sujet].juger(texte)], texte
    assert any(DEPUIS.search(t) for t in cellules)
    assert sujet != CTG or any(VERBES.search(t) for t in textes)


def test_an_assistant_says_what_the_marts_say(release: Path, sujet: str) -> None:
    demander = demander_a(release.parent)
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        lignes = con.execute(
            "select indicateur_id, millesime_debut, evolution_affichee, mouvement, couleur"
            " from marts.mart_evolutions_dites where territoire_id = ? and choisie and forme <> 'refusee'",
            [sujet],
        ).fetchall()
    for indicateur_id, debut, affichee, mouvement, couleur in lignes:
        dit = demander("evoluer", indicateur=indicateur_id, territoire=sujet).structured_content
        lecture = {"favorable": "favorable", "defavorable": "défavorable"}.get(couleur)
        if mouvement in ("hausse", "baisse"):
            lecture = lecture or "ni favorable ni défavorable"
        assert (dit["debut"]["millesime"], dit["evolution_affichee"]) == (debut, affichee)
        assert (dit["mouvement"], dit["lecture"]) == (mouvement, lecture), indicateur_id
    assert len(lignes) > 5


@pytest.mark.parametrize(
    ("texte", "faux"),
    [
        ("Le RSA recule mais reste au-dessus de la Drôme", True),
        ("la part augmente depuis 2020 (13,3\u202f%)", True),
        ("−3,0 points depuis 2020".replace(" points", "\u00a0points"), True),
        ("en baisse depuis 2019, sur 6 années", True),
        ("12,5\u202f%, contre 15,5\u202f% en 2020", False),
    ],
)
def test_a_movement_that_no_mart_says_is_found(texte: str, faux: bool) -> None:
    assert bool([*Dits().juger(texte)]) is faux
