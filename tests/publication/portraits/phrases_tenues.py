"""What a generated sentence is held to: the figures it quotes, both ways, and what the marts allow."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml

from publication.commun.chiffres import Chiffre
from publication.commun.marts import Marts
from publication.portraits.contenu import essentiel as regles
from publication.portraits.contenu.essentiel import du_theme, essentiel
from publication.portraits.contenu.langue import accorder, de
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

    def phrases(self, territoire_id: str, depuis: int | None, themes: bool = True) -> list[Message]:
        """The sentences of a portrait: L'essentiel, and the head of each theme."""
        tete = essentiel(Marts(self.con), territoire_id, depuis, self.chiffre)
        connus = sorted({i["theme"] for i in self.indicateurs.values()}) if themes else []
        corps = [du_theme(Marts(self.con), territoire_id, depuis, self.chiffre, theme) for theme in connus]
        assert len(tete) <= regles.MAXIMUM
        assert all(len(messages) <= regles.PAR_THEME for messages in corps)
        return [*tete, *(message for messages in corps for message in messages)]


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
    assert not re.search(r"\b(nan|None|inf)\b|[{}]| {2}|\.\.| ,", message.texte), message
    assert message.texte[0] == message.texte[0].upper() and message.texte.endswith("."), message


def _verifier_les_nombres(d: Dictionnaire, message: Message, chiffres: list[Chiffre]) -> None:
    reste = message.texte
    for c in chiffres:
        reste = _sans_formulation(reste, c.indicateur_id)
        reste = reste.replace(d.territoires[c.territoire_id]["libelle"], " ")
    if message.regle == "ecart":
        reste = _sans_pairs(reste)
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


def _sans_pairs(texte: str) -> str:
    """Take out the median of peers, printed beside how many they are."""
    texte = re.sub(r"\(médiane de [^()]*?\)", " ", texte)
    return re.sub(r"contre [^;]* pour la médiane de .*?(?=[.;])", " ", texte)
