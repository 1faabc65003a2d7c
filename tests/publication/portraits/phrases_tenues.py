"""What a generated sentence is held to: the figures it quotes, both ways, and what the marts allow."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml

from publication.lecture.chiffres import Chiffre
from publication.lecture.marts import Marts
from publication.portraits.contenu import essentiel as regles
from publication.portraits.contenu.essentiel import du_theme, essentiel
from publication.portraits.contenu.faits import Faits
from publication.portraits.contenu.langue import accorder, de, en_lettres, majuscule
from publication.portraits.modele import Message
from socle.affichage import Unite, afficher, intervalle

CONTENU = Path(regles.__file__).parent
FORMULATIONS = yaml.safe_load((CONTENU / "formulations.yml").read_text())
LISIBLES = ("observe", "arrondi", "partiel")


def lire_lignes(con: duckdb.DuckDBPyConnection, requete: str, *parametres: Any) -> list[dict[str, Any]]:
    curseur = con.execute(requete, list(parametres))
    noms = [colonne[0] for colonne in curseur.description]
    return [dict(zip(noms, ligne, strict=True)) for ligne in curseur.fetchall()]


@contextmanager
def ouverte(base: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(base), read_only=True) as con:
        con.execute("set schema = 'marts'")
        yield con


class Dictionnaire:
    """What the tests read of a world by themselves: its units, its figures as they are printed."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        unites = {u["unite"]: Unite.lire(u) for u in lire_lignes(con, "from dim_unite")}
        self.indicateurs = {i["indicateur_id"]: i for i in lire_lignes(con, "from dim_indicateur")}
        self.unites = {nom: unites[i["unite"]] for nom, i in self.indicateurs.items()}
        self.territoires = {t["territoire_id"]: t for t in lire_lignes(con, "from dim_territoire")}
        self.series = lire_lignes(con, "from ruptures_series where nature = 'serie'")
        self.cites: dict[str, Chiffre] = {}
        self._lus: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}

    def lignes(
        self, table: str, territoire_id: str, indicateur_id: str, **valeurs: Any
    ) -> list[dict[str, Any]]:
        """The rows of a figure that hold these values; those of a territory are read once."""
        cle = table, territoire_id
        if cle not in self._lus:
            if len(self._lus) > 30:
                self._lus.clear()
            lues = self._lus[cle] = {}
            for ligne in lire_lignes(self.con, f"from {table} where territoire_id = ?", territoire_id):
                lues.setdefault(ligne["indicateur_id"], []).append(ligne)
        lignes = self._lus[cle].get(indicateur_id, [])
        return [ligne for ligne in lignes if all(ligne[nom] == v for nom, v in valeurs.items())]

    def chiffre(self, indicateur_id: str, territoire_id: str, millesime: int) -> Chiffre | None:
        lus = self.lignes("fct_indicateurs", territoire_id, indicateur_id=indicateur_id, millesime=millesime)
        if not lus:
            return None
        (ligne,) = lus
        montre = ligne["statut"] in LISIBLES
        unite, indicateur = self.unites[indicateur_id], self.indicateurs[indicateur_id]
        basse, haute = (ligne["borne_basse"], ligne["borne_haute"]) if montre else (None, None)
        point = montre and ligne["lisibilite"] == "point"
        valeur = ligne["valeur"] if point else None
        reference = f"{indicateur_id}|{territoire_id}|{millesime}"
        self.cites[reference] = Chiffre(
            reference=reference,
            indicateur_id=indicateur_id,
            territoire_id=territoire_id,
            territoire=self.territoires[territoire_id]["libelle"],
            millesime=millesime,
            libelle=indicateur["libelle"],
            texte=afficher(valeur, unite, indicateur["decimales"], ligne["statut"])
            if point or not montre
            else "trop peu",
            nombre=valeur,
            decimales=indicateur["decimales"],
            unite=indicateur["unite"],
            statut=ligne["statut"],
            univers=indicateur["univers"],
            source="",
            intervalle=intervalle(basse, haute, unite, indicateur["decimales"]),
            lisibilite=ligne["lisibilite"],
        )
        return self.cites[reference]

    def phrases(self, territoire_id: str, depuis: int | None, themes: bool = True) -> list[Message]:
        """The sentences of a portrait: L'essentiel, and the head of each theme."""
        marts = Marts(self.con)
        tete = essentiel(Faits(marts, territoire_id, depuis, None), self.chiffre)
        connus = sorted({i["theme"] for i in self.indicateurs.values()}) if themes else []
        corps = [du_theme(Faits(marts, territoire_id, depuis, theme), self.chiffre) for theme in connus]
        assert len(tete) <= regles.MAXIMUM
        assert all(len(messages) <= regles.PAR_THEME for messages in corps)
        return [*tete, *(message for messages in corps for message in messages)]


def _oter(texte: str, nombre: str, fois: int = 0) -> str:
    """Take a printed number out, where it stands alone: the 5 of "5 EPCI", not that of 15 or of 5,1."""
    return re.sub(rf"(?<![\d,\u202f\u2212]){re.escape(nombre)}(?![\d\u202f]|,\d)", " ", texte, count=fois)


def _sans_formulation(texte: str, indicateur_id: str) -> str:
    """Take out the words declared for an indicateur: "15 à 64 ans" is no figure."""
    declaree = FORMULATIONS["indicateurs"].get(indicateur_id, {})
    mots = [declaree.get(champ, "") for champ in ("niveau", "nom", "commune", "aucun")]
    for modele, pluriel in itertools.product([*mots, *declaree.get("densite", {}).values()], (True, False)):
        for fragment in re.split(r"\{\w+\}", accorder(modele, pluriel)):
            if re.search(r"\d", fragment):
                for dit in (fragment, de(fragment), majuscule(fragment)):
                    texte = texte.replace(dit, " ")
    return texte


def verifier(d: Dictionnaire, territoire_id: str, message: Message) -> None:
    """Hold a sentence to its figures, both ways, and to the marts."""
    chiffres = [d.cites[reference] for reference in message.chiffres]
    assert chiffres, message
    assert all(c.statut in LISIBLES and c.lisibilite == "point" for c in chiffres), message
    assert chiffres[0].territoire_id == territoire_id
    _verifier_les_nombres(d, message, chiffres)
    assert not re.search(
        r"\b(nan|None|inf)\b|[{}]| {2}|\.\.| ,|\b(de|que) (en|environ|[aeiouy])\b", message.texte
    ), message
    assert message.texte[0] == message.texte[0].upper() and message.texte.endswith("."), message


def _verifier_les_nombres(d: Dictionnaire, message: Message, chiffres: list[Chiffre]) -> None:
    reste, territoire_id = message.texte, chiffres[0].territoire_id
    for c in chiffres:
        reste = _sans_formulation(reste, c.indicateur_id)
        # One without words of its own is said by its label: "à plus de 15 minutes" is no figure.
        reste = reste.replace(d.indicateurs[c.indicateur_id]["libelle"], " ")
        reste = reste.replace(d.territoires[c.territoire_id]["libelle"], " ")
    reste = _sans_pairs(reste)
    dits = set()
    for reference, relative in _evolutions(d, chiffres):
        sans = _oter(reste, relative, fois=1) if relative else reste
        dits |= {reference} if sans != reste else set()
        reste = sans
    # The longest first: "3 138" before "3".
    for c in sorted(chiffres, key=lambda c: -len(c.texte)):
        # An evolution of elsewhere is said without its two ends.
        if c.territoire_id == territoire_id or f"{c.indicateur_id}|{c.territoire_id}" not in dits:
            reste = _sans_chiffre(d, reste, c, message)
    for c in chiffres:
        reste = _oter(reste, str(c.millesime))
        assert str(c.millesime) in message.texte, message
        decalage = d.indicateurs[c.indicateur_id]["decalage"]
        if decalage:
            reste = _oter(reste, str(c.millesime - decalage))
        unite = d.unites[c.indicateur_id]
        for libelle in filter(None, (unite.libelle_pluriel, unite.libelle_singulier)):
            reste = reste.replace(libelle, " ")
    assert not re.search(r"\d", reste), (message, reste)


def _sans_chiffre(d: Dictionnaire, reste: str, c: Chiffre, message: Message) -> str:
    """Take a figure out, as it is printed or as it is said: in letters, or as a fall."""
    formulation = FORMULATIONS["indicateurs"].get(c.indicateur_id, {})
    sans = _oter(reste, c.texte, fois=1)
    if sans != reste or message.regle == "refus":
        return sans
    if d.unites[c.indicateur_id].signee:
        return _oter(reste, c.texte[1:], fois=1)
    mots = en_lettres(c.nombre or 0, formulation.get("article", "un"))
    dits = formulation.get("article") and mots and re.search(rf"\b{mots}\b", message.texte, re.IGNORECASE)
    assert dits or "commune" in formulation or ("aucun" in formulation and c.nombre == 0), (message, c)
    return reste


def _evolutions(d: Dictionnaire, chiffres: list[Chiffre]) -> Iterator[tuple[str, str]]:
    """What the marts say between two of these figures, or of the last years: of which, then its text.

    A verb says it without its sign.
    """
    ici = chiffres[0].territoire_id
    for indicateur_id in {c.indicateur_id for c in chiffres if c.territoire_id == ici}:
        for e in d.lignes("mart_evolutions_dites", ici, indicateur_id):
            for niveau in ("epci", "departement", "region", "france"):
                for c in chiffres:
                    if d.territoires[c.territoire_id]["niveau"] == niveau and c.territoire_id != ici:
                        yield f"{indicateur_id}|{c.territoire_id}", e[f"evolution_{niveau}_affichee"] or ""
            if e["mouvement"] not in ("hausse", "baisse", "deux_niveaux"):
                continue
            for debut in chiffres:
                if (debut.indicateur_id, debut.millesime) == (indicateur_id, e["millesime_debut"]):
                    yield f"{indicateur_id}|{ici}", e["evolution_affichee"]
                    yield f"{indicateur_id}|{ici}", e["evolution_affichee"][1:]
            yield f"{indicateur_id}|{ici}", f"{e['contraire_affichee']} depuis {e['contraire_depuis']}"
            yield f"{indicateur_id}|{ici}", f"stable depuis {e['stable_depuis']}"


def _sans_pairs(texte: str) -> str:
    """Take out the median of peers, printed beside how many they are."""
    texte = re.sub(r"\(médiane des? [^()]*?\)", " ", texte)
    texte = re.sub(r"de la médiane des? [^()]*? \([^()]*\)", " ", texte)
    texte = re.sub(r" ; la valeur la plus (élevée|basse) des \d+", " ", texte)
    return re.sub(r"contre [^;]* pour la médiane des? .*?(?=[.;])", " ", texte)
