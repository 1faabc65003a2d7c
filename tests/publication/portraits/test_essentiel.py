"""The generated sentences: held to the figures they quote, and to what the marts allow to be said."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from publication.portraits.contenu import essentiel as regles
from publication.portraits.contenu.essentiel import du_theme, essentiel
from publication.portraits.contenu.langue import accorder, de, enumerer, locatif
from publication.portraits.modele import Chiffre, Message
from socle.affichage import Unite, afficher, intervalle
from tests.commande import Observatoire

CONTENU = Path(regles.__file__).parent
SEEDS = Path(regles.__file__).parents[3] / "dbt_project" / "seeds"
FORMULATIONS = yaml.safe_load((CONTENU / "formulations.yml").read_text())
LISIBLES = ("observe", "arrondi", "partiel")

CLES_DU_DOCUMENT = """
population_municipale personnes_couvertes_caf part_allocataires_rsa part_allocataires_bas_revenus
part_monoparentales_bas_revenus part_maisons part_residences_secondaires nb_foyers_jeunes_travailleurs
nb_communes_petites_villes_de_demain part_allocataires_aide_logement nb_france_services nb_permanences_caf
nb_centres_medico_sociaux nb_points_numeriques_caf nb_enfants_moins_3_ans evolution_enfants_moins_3_ans
taux_couverture_petite_enfance nb_eaje nb_eaje_avip nb_assistants_maternels_actifs nb_rpe nb_mam
nb_enfants_6_11_ans evolution_enfants_6_11_ans nb_jeunes_12_17_ans evolution_jeunes_12_17_ans nb_alsh
nb_accueils_jeunes nb_familles_allocataires nb_familles_monoparentales_allocataires
taux_monoparentalite_allocataires nb_laep nb_clas nb_centres_sociaux nb_espaces_vie_sociale
""".split()
"""The key figures that people print in their own decks. Two more are no figure to word: a zoning, and a rate that
their document does not define."""


def _lire(con: duckdb.DuckDBPyConnection, requete: str, *parametres: Any) -> list[dict[str, Any]]:
    curseur = con.execute(requete, list(parametres))
    noms = [colonne[0] for colonne in curseur.description]
    return [dict(zip(noms, ligne, strict=True)) for ligne in curseur.fetchall()]


@contextmanager
def _ouverte(base: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(base), read_only=True) as con:
        con.execute("set schema = 'marts'")
        yield con


class Dictionnaire:
    """What the tests read of a world by themselves: its units, its figures as they are printed."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        unites = {u["unite"]: Unite.lire(u) for u in _lire(con, "from dim_unite")}
        self.indicateurs = {i["indicateur_id"]: i for i in _lire(con, "from dim_indicateur")}
        self.unites = {nom: unites[i["unite"]] for nom, i in self.indicateurs.items()}
        self.territoires = {t["territoire_id"]: t for t in _lire(con, "from dim_territoire")}
        self.cites: dict[str, Chiffre] = {}

    def chiffre(self, indicateur_id: str, territoire_id: str, millesime: int) -> Chiffre | None:
        lus = _lire(
            self.con,
            "from fct_indicateurs where indicateur_id = ? and territoire_id = ? and millesime = ?",
            indicateur_id,
            territoire_id,
            millesime,
        )
        if not lus:
            return None
        (ligne,) = lus
        montre = ligne["statut"] in LISIBLES
        unite, indicateur = self.unites[indicateur_id], self.indicateurs[indicateur_id]
        bornes = (ligne["borne_basse"], ligne["borne_haute"]) if montre else (None, None)
        valeur = ligne["valeur"] if montre else None
        reference = f"{indicateur_id}|{territoire_id}|{millesime}"
        self.cites[reference] = Chiffre(
            reference=reference,
            indicateur_id=indicateur_id,
            territoire_id=territoire_id,
            territoire=self.territoires[territoire_id]["libelle"],
            millesime=millesime,
            libelle=indicateur["libelle"],
            texte=afficher(valeur, unite, indicateur["decimales"], ligne["statut"]),
            nombre=valeur,
            decimales=indicateur["decimales"],
            unite=indicateur["unite"],
            statut=ligne["statut"],
            univers=indicateur["univers"],
            source="",
            intervalle=intervalle(*bornes, unite, indicateur["decimales"]),
        )
        return self.cites[reference]

    def phrases(self, territoire_id: str, depuis: int | None) -> list[Message]:
        """Every sentence of a portrait: L'essentiel, and the head of each theme."""
        tete = essentiel(self.con, territoire_id, depuis, self.chiffre)
        themes = sorted({i["theme"] for i in self.indicateurs.values()})
        corps = [du_theme(self.con, territoire_id, depuis, self.chiffre, theme) for theme in themes]
        assert len(tete) <= regles.MAXIMUM
        assert all(len(messages) <= regles.PAR_THEME for messages in corps)
        assert [essentiel(self.con, territoire_id, depuis, self.chiffre)] == [tete]
        return [*tete, *(message for messages in corps for message in messages)]


# What each sentence is held to.


def _oter(texte: str, nombre: str, fois: int = 0) -> str:
    """Take a printed number out, where it stands alone: the 5 of "5 EPCI", not that of 15 or of 5,1."""
    return re.sub(rf"(?<![\d,\u202f\u2212]){re.escape(nombre)}(?![\d\u202f]|,\d)", " ", texte, count=fois)


def _sans_formulation(texte: str, indicateur_id: str) -> str:
    """Take out the words declared for an indicateur: "15 à 64 ans" is no figure."""
    declaree = FORMULATIONS["indicateurs"].get(indicateur_id, {})
    for champ in ("niveau", "nom", "commune", "aucun"):
        for pluriel in (True, False):
            for fragment in re.split(r"\{\w+\}", accorder(declaree.get(champ, ""), pluriel)):
                if re.search(r"\d", fragment):
                    texte = texte.replace(fragment, " ").replace(de(fragment), " ")
    return texte


def verifier(d: Dictionnaire, territoire_id: str, message: Message) -> None:
    """Hold a sentence to its figures, both ways, and to the marts."""
    chiffres = [d.cites[reference] for reference in message.chiffres]
    assert chiffres, message
    assert all(c.statut in LISIBLES for c in chiffres), message
    sujet = chiffres[0]
    assert sujet.territoire_id == territoire_id
    _verifier_les_nombres(d, message, chiffres)
    assert not re.search(r"nan|None|inf|\{|\}| {2}|\.\.| ,|  ", message.texte), message
    assert message.texte[0] == message.texte[0].upper() and message.texte.endswith("."), message
    {"repere": _repere, "ecart": _ecart, "evolution": _evolution, "refus": _refus}[message.regle](
        d, message, chiffres
    )


def _verifier_les_nombres(d: Dictionnaire, message: Message, chiffres: list[Chiffre]) -> None:
    reste = message.texte
    for c in chiffres:
        reste = _sans_formulation(reste, c.indicateur_id)
        reste = reste.replace(d.territoires[c.territoire_id]["libelle"], " ")
    if message.regle == "ecart":
        reste = _sans_pairs(d, reste, chiffres[0])
    # The longest first: "3 138" before "3".
    for c in sorted(chiffres, key=lambda c: -len(c.texte)):
        if message.regle == "refus" or FORMULATIONS["indicateurs"].get(c.indicateur_id, {}).get("aucun"):
            dits = [x for x in (c.intervalle, c.texte) if x]
        elif c.statut == "partiel" and c.intervalle:
            dits = [c.intervalle]
            assert c.intervalle in reste, (message, c)
        else:
            dits = [c.texte]
            commune = FORMULATIONS["indicateurs"].get(c.indicateur_id, {}).get("commune")
            assert _oter(reste, c.texte) != reste or commune, (message, c)
        for dit in dits:
            reste = _oter(reste, dit, fois=1)
    for c in chiffres:
        reste = _oter(reste, str(c.millesime))
        assert str(c.millesime) in message.texte, message
        decalage = d.indicateurs[c.indicateur_id]["decalage"]
        if decalage:
            reste = _oter(reste, str(c.millesime - decalage))
        unite = d.unites[c.indicateur_id]
        reste = reste.replace(unite.libelle_pluriel, " ").replace(unite.libelle_singulier, " ")
    assert not re.search(r"\d", reste), (message, reste)


def _sans_pairs(d: Dictionnaire, texte: str, sujet: Chiffre) -> str:
    """Take out the median of peers, once it is that of the mart and may be told."""
    if "médiane" not in texte:
        return texte
    ligne = _comparaison(d, _pairs_de(d, sujet), sujet)
    assert ligne["rang"] is not None and ligne["ecart_pairs_lecture"] in regles.TONS
    assert ligne["valeur_pairs_statut"] in LISIBLES and "pairs : " not in (ligne["reserve"] or "")
    groupe = f"médiane de {ligne['nb_pairs']} {ligne['groupe_pairs']}"
    mediane = afficher(ligne["valeur_pairs"], d.unites[sujet.indicateur_id], sujet.decimales)
    assert mediane != sujet.texte
    apres = texte
    for tournure in (f"{groupe} : environ {mediane}", f"{groupe} : {mediane}", f"{mediane} pour la {groupe}"):
        apres = apres.replace(tournure, " ")
    assert "médiane" not in apres, (texte, mediane)
    if "du groupe" in texte:
        membres = ligne["nb_pairs"] + ligne["nb_pairs_sans_valeur"]
        assert ligne["rang_statut"] == "observe" and membres == ligne["nb_pairs"]
    return apres


def _pairs_de(d: Dictionnaire, sujet: Chiffre) -> str:
    territoire = d.territoires[sujet.territoire_id]
    return f"epci:{territoire['epci']}" if territoire["niveau"] == "ctg" else sujet.territoire_id


def _comparaison(d: Dictionnaire, territoire_id: str, c: Chiffre) -> dict[str, Any]:
    (ligne,) = _lire(
        d.con,
        "from mart_comparaisons where territoire_id = ? and indicateur_id = ? and millesime = ?",
        territoire_id,
        c.indicateur_id,
        c.millesime,
    )
    return ligne


def _repere(d: Dictionnaire, message: Message, chiffres: list[Chiffre]) -> None:
    if len(chiffres) > 1:
        _evolution(d, message, chiffres[::-1])
    else:
        assert message.ton == "neutre"


def _ecart(d: Dictionnaire, message: Message, chiffres: list[Chiffre]) -> None:
    sujet, autres = chiffres[0], chiffres[1:]
    ligne = _comparaison(d, sujet.territoire_id, sujet)
    assert autres or "médiane" in message.texte
    lectures = set()
    for autre in autres:
        assert (autre.indicateur_id, autre.millesime) == (sujet.indicateur_id, sujet.millesime)
        lieu = d.territoires[autre.territoire_id]
        assert ligne[f"ecart_{lieu['niveau']}_lecture"] in ("favorable", "defavorable", "neutre"), message
        assert f"{regles.RESERVES[lieu['niveau']]} : " not in (ligne["reserve"] or ""), message
        assert locatif(lieu["niveau"], lieu["code"], lieu["libelle"]) in message.texte, message
        assert autre.texte != sujet.texte, message
        lectures.add(ligne[f"ecart_{lieu['niveau']}_lecture"])
    if "médiane" in message.texte:
        lectures.add(_comparaison(d, _pairs_de(d, sujet), sujet)["ecart_pairs_lecture"])
    assert message.ton == (lectures.pop() if len(lectures) == 1 else "neutre"), message


def _evolution(d: Dictionnaire, message: Message, chiffres: list[Chiffre]) -> None:
    avant, apres = chiffres
    assert (avant.indicateur_id, avant.territoire_id) == (apres.indicateur_id, apres.territoire_id)
    assert avant.texte != apres.texte
    lignes = _lire(
        d.con,
        "from mart_evolutions where territoire_id = ? and indicateur_id = ? and millesime_debut = ?"
        " and millesime_fin = ?",
        avant.territoire_id,
        avant.indicateur_id,
        avant.millesime,
        apres.millesime,
    )
    assert lignes
    for ligne in lignes:
        assert ligne["statut"] in LISIBLES, message
        assert ligne["evolution_lecture"] == message.ton, message
        if "augmente" in message.texte:
            assert ligne["evolution"] > 0
        if "baisse" in message.texte:
            assert ligne["evolution"] < 0
    assert not _series(d, avant, apres), message


def _series(d: Dictionnaire, avant: Chiffre, apres: Chiffre) -> list[dict[str, Any]]:
    return _lire(
        d.con,
        "from ruptures_series where nature = 'serie' and niveau = ? and indicateur_id = ? and millesime > ?"
        " and millesime <= ?",
        d.territoires[avant.territoire_id]["niveau"],
        avant.indicateur_id,
        avant.millesime,
        apres.millesime,
    )


def _refus(d: Dictionnaire, message: Message, chiffres: list[Chiffre]) -> None:
    assert message.ton == "neutre" and "ne se lit pas" in message.texte
    for avant, apres in zip(chiffres[::2], chiffres[1::2], strict=True):
        assert avant.indicateur_id == apres.indicateur_id
        statuts = {
            ligne["statut"]
            for ligne in _lire(
                d.con,
                "from mart_evolutions where territoire_id = ? and indicateur_id = ? and millesime_debut = ?"
                " and millesime_fin = ?",
                avant.territoire_id,
                avant.indicateur_id,
                avant.millesime,
                apres.millesime,
            )
        }
        assert statuts == {"refusee"} or _series(d, avant, apres), message


# On a release.


@pytest.fixture(scope="module")
def publication(demonstration: Observatoire) -> Iterator[Dictionnaire]:
    with _ouverte(demonstration.home / "releases" / "current" / "ctg.duckdb") as con:
        yield Dictionnaire(con)


@pytest.mark.parametrize("depuis", [None, 2019])
def test_each_sentence_of_a_release_is_held_to_its_figures(publication: Dictionnaire, depuis: int | None) -> None:
    """Every territory but communes, and one commune in twenty."""
    communes = [t for t in sorted(publication.territoires) if t.startswith("commune:")]
    autres = [t for t in sorted(publication.territoires) if not t.startswith("commune:")]
    vues = set()
    for territoire_id in [*autres, *communes[:: 20 if depuis is None else 60], "commune:26220"]:
        for message in publication.phrases(territoire_id, depuis):
            verifier(publication, territoire_id, message)
            vues.add(message.regle)
    assert vues == set(regles.REGLES)


def test_a_convention_and_its_epci_have_enough_to_say(publication: Dictionnaire) -> None:
    for territoire_id in ("ctg:baronnies-2025", "epci:200068229"):
        messages = essentiel(publication.con, territoire_id, 2019, publication.chiffre)
        assert regles.MINIMUM <= len(messages) <= regles.MAXIMUM
        assert {"favorable", "defavorable"} <= {m.ton for m in messages}
        assert any("médiane de " in m.texte for m in messages)


def test_every_part_of_a_reserve_names_a_comparator_or_none(publication: Dictionnaire) -> None:
    """The sentences read which comparator a `reserve` sets apart: its names are those they know."""
    noms = {nom for nom in regles.RESERVES.values()} | {"effectif ou montant"}
    reserves = _lire(publication.con, "select distinct reserve from mart_comparaisons where reserve is not null")
    assert reserves
    for ligne in reserves:
        assert any(f"{nom} : " in ligne["reserve"] for nom in noms)
        assert ligne["reserve"].split(" : ")[0] in noms


# What is declared.


def test_formulations_are_of_indicateurs_and_of_refusals_that_exist() -> None:
    with (SEEDS / "indicateurs.csv").open() as flux:
        connus = {ligne["indicateur_id"] for ligne in csv.DictReader(flux)}
    with (SEEDS / "motifs.csv").open() as flux:
        motifs = {ligne["motif_code"] for ligne in csv.DictReader(flux)}
    assert set(FORMULATIONS["indicateurs"]) <= connus
    assert set(FORMULATIONS["refus"]) - {"serie"} <= motifs
    assert set(CLES_DU_DOCUMENT) <= set(FORMULATIONS["indicateurs"])
    for indicateur_id, champs in FORMULATIONS["indicateurs"].items():
        assert re.match(r"(le|la|les) |l'", champs["nom"]), indicateur_id
        assert champs["niveau"].count("{valeur}") == 1, indicateur_id
        assert 0 <= champs["priorite"] <= 4, indicateur_id


def test_each_departement_and_region_has_a_locative() -> None:
    with (CONTENU / "lieux.csv").open() as flux:
        declares = {(ligne["niveau"], ligne["code"]) for ligne in csv.DictReader(flux)}
    attendus = {("france", "FR")}
    for niveau in ("departement", "region"):
        with (SEEDS / f"{niveau}s.csv").open() as flux:
            attendus |= {(niveau, ligne[niveau]) for ligne in csv.DictReader(flux)}
    assert declares == attendus


@pytest.mark.parametrize(
    ("groupe", "attendu"),
    [
        ("le nombre", "du nombre"),
        ("la part", "de la part"),
        ("l'offre", "de l'offre"),
        ("les foyers", "des foyers"),
        ("environ 3 %", "d'environ 3 %"),
        ("12,1 %", "de 12,1 %"),
    ],
)
def test_elision(groupe: str, attendu: str) -> None:
    assert de(groupe) == attendu


def test_lists_agreement_and_places() -> None:
    assert [enumerer(x) for x in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a et b", "a, b et c"]
    phrase = "{valeur} {foyer perçoit|foyers perçoivent}"
    assert accorder(phrase, True) == "{valeur} foyers perçoivent"
    assert accorder(phrase, False) == "{valeur} foyer perçoit"
    assert locatif("departement", "26", "Drôme") == "dans la Drôme"
    assert locatif("region", "84", "Auvergne-Rhône-Alpes") == "en Auvergne-Rhône-Alpes"
    assert locatif("departement", "01", "Ain") == "dans l'Ain"
    assert locatif("epci", "1", "CC du Diois") == "dans l'EPCI (CC du Diois)"
    assert locatif("departement", "99", "Ailleurs") == "dans le département (Ailleurs)"
