"""L'essentiel: the sentences that open a portrait, and each of its themes, made by rules from the marts.

Four rules, each the `regle` of the messages it makes (docs/portraits.md, "Les phrases"):

    repere     a count alone, or beside itself at the base year    En 2022, le territoire compte 20 753 …
    ecart      a figure beside wider territories and peers         En 2024, 12,1 % des foyers …, contre …
    evolution  a figure beside itself at the base year             Entre 2017 et 2022, la part … augmente, …
    refus      evolutions that cannot be read, and why             L'évolution du nombre … ne se lit pas : …

A difference is told where the marts say that it is significant, between figures of one year and one source
(or of one territory in one series), and where both print differently. A number in a sentence is the text of a
figure that the document quotes, or the printed median of its peers. What a statut hides is never read: a
sentence is the same whatever stands behind it.

Belongs here: which facts make a sentence, their order, and the shape of the sentence. Does not: the words of
an indicateur (`formulations.yml`), grammar (`langue`), the printing of a number (`socle.affichage`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import duckdb
import yaml

from publication.commun.chiffres import Chiffre, Ton
from publication.commun.lignes import lignes
from publication.commun.marts import (
    est_de_peu,
    est_trop_large,
    evolution_de_peu,
    evolutions_trop_proches,
    par_debut,
)
from publication.portraits.contenu.langue import accorder, de, designation, enumerer, locatif, majuscule
from publication.portraits.contenu.plan import prevus
from publication.portraits.modele import Message
from socle.affichage import Unite, afficher
from socle.statuts import MONTRENT

Chiffreur = Callable[[str, str, int], Chiffre | None]
"""Gives the printed figure of (indicateur_id, territoire_id, millesime), and has the document quote it."""

Ligne = Mapping[str, Any]

MAXIMUM = 10
MINIMUM = 6
"""Sentences of L'essentiel. A territory that has no more to tell has fewer."""

PAR_THEME = 3
ECARTS, EVOLUTIONS, REFUS = 6, 2, 1
NOMMES = 3
"""How many series a refusal names at most."""

VOISINAGE = {
    "commune": ("epci", "departement", "region", "france"),
    "epci": ("departement", "france", "region"),
    "ctg": ("departement", "france", "region"),
    "departement": ("region", "france"),
    "region": ("france",),
}
"""The wider territories that a sentence names, by preference: the first `ELARGIS` with something to say."""

ELARGIS = 2

PETIT = 0.02
"""A relative difference below it (3,00 and 3,05) is too small for a sentence, significant as it may be."""

AMPLEUR = 3
"""What a relative difference weighs beside a priority: to be twice its comparator is worth 1,5 of them."""

NETTETE = 0.5
"""What a favourable or unfavourable reading adds to the score: half a priority."""

REGLES = ("repere", "ecart", "evolution", "refus")
"""The rules, in the order their sentences are printed."""

TONS: tuple[Ton, ...] = ("defavorable", "favorable", "neutre")

Sujet = tuple[str, str]
"""Theme and universe: one sentence each, as far as there are others."""


@dataclass(frozen=True)
class Formulation:
    """How an indicateur is worded: a line of `formulations.yml`. `rang` is its place there."""

    rang: int
    nom: str | None = None
    niveau: str | None = None
    priorite: int = 0
    repere: bool = False
    commune: str | None = None
    aucun: str | None = None
    unite: bool = False


@dataclass(frozen=True)
class Candidat:
    """A sentence that could be said. `dire` makes it, or None when it would print no difference."""

    indicateurs: frozenset[str]
    sujet: Sujet
    ton: Ton
    score: float
    rang: int
    dire: Callable[[], Message | None]


def refus_dits() -> Mapping[str, str]:
    """Return the reasons of refusal that are worded, by `motif_code`."""
    return _declare()[1]


@cache
def _declare() -> tuple[Mapping[str, Formulation], Mapping[str, str]]:
    texte = Path(__file__).with_name("formulations.yml").read_text(encoding="utf-8")
    declare = yaml.safe_load(texte)
    formulations = {
        indicateur_id: Formulation(rang, **champs)
        for rang, (indicateur_id, champs) in enumerate(declare["indicateurs"].items())
    }
    return formulations, declare["refus"]


def essentiel(
    con: duckdb.DuckDBPyConnection, territoire_id: str, depuis: int | None, chiffre: Chiffreur
) -> tuple[Message, ...]:
    """Return the six to ten sentences of a territory, fewer where the release holds no more.

    `depuis` is the base year; without it, evolutions are read from the first year.
    """
    faits = _Faits(con, territoire_id, depuis, chiffre)
    choix = _Choix()
    choix.prendre(faits.reperes(), 1)
    choix.prendre(faits.ecarts(), ECARTS)
    choix.prendre(faits.evolutions(), EVOLUTIONS)
    # Two sentences on one subject are better than too few.
    choix.prendre([*faits.ecarts(), *faits.evolutions()], MINIMUM - len(choix.dits), divers=False)
    choix.prendre(faits.reperes(), MINIMUM - len(choix.dits), divers=False)
    choix.prendre(faits.refus(), min(REFUS, MAXIMUM - len(choix.dits)))
    return choix.messages()


def du_theme(
    con: duckdb.DuckDBPyConnection, territoire_id: str, depuis: int | None, chiffre: Chiffreur, theme: str
) -> tuple[Message, ...]:
    """Return the two or three sentences that open a theme, by the rules of L'essentiel."""
    faits = _Faits(con, territoire_id, depuis, chiffre, theme)
    choix = _Choix()
    for candidats in (faits.reperes, faits.ecarts, faits.evolutions):
        choix.prendre(candidats(), 1, divers=False)
    choix.prendre([*faits.ecarts(), *faits.evolutions()], PAR_THEME - len(choix.dits), divers=False)
    choix.prendre(faits.refus(), min(REFUS, PAR_THEME - len(choix.dits)))
    choix.prendre(faits.reperes(), PAR_THEME - 1 - len(choix.dits), divers=False)
    return choix.messages()


class _Choix:
    """Sentences chosen so far: no indicateur twice, and each subject once as long as `divers`."""

    def __init__(self) -> None:
        self.dits: list[tuple[int, int, Message]] = []
        self.indicateurs: set[str] = set()
        self.sujets: set[Sujet] = set()

    def prendre(self, candidats: Iterable[Candidat], nombre: int, divers: bool = True) -> None:
        """Take up to `nombre`: the strongest, then that of another tone, and so on.

        Equal scores are in the declared order.
        """
        ordre = sorted(candidats, key=lambda c: (-c.score, c.rang))
        tons = dict.fromkeys(c.ton for c in ordre)
        files = [iter([c for c in ordre if c.ton == ton]) for ton in tons]
        while nombre > 0 and files:
            file = files.pop(0)
            for candidat in file:
                if self._dire(candidat, divers):
                    nombre -= 1
                    files.append(file)
                    break

    def _dire(self, candidat: Candidat, divers: bool) -> bool:
        if candidat.indicateurs & self.indicateurs or (divers and candidat.sujet in self.sujets):
            return False
        message = candidat.dire()
        if message is None:
            return False
        self.dits.append((REGLES.index(message.regle), candidat.rang, message))
        self.indicateurs |= candidat.indicateurs
        self.sujets.add(candidat.sujet)
        return True

    def messages(self) -> tuple[Message, ...]:
        """Return them by rule, then in the order of `formulations.yml`."""
        return tuple(message for _, _, message in sorted(self.dits, key=lambda dit: dit[:2]))


@dataclass(frozen=True)
class _Dictionnaire:
    """What a release says of its indicateurs, whatever the territory."""

    indicateurs: Mapping[str, Ligne]
    unites: Mapping[str, Unite]
    rangs: Mapping[str, int]
    """Place of each in sentences: that of `formulations.yml`, then that of the dictionary."""

    effectifs: Mapping[str, str]
    """Of each evolution of the dictionary, the count that it is the evolution of: both say one thing."""

    trop_proches: frozenset[str]
    """The evolutions of the dictionary between two censuses that are not compared, wherever it is."""


@dataclass(frozen=True)
class _Lu:
    """The rows of one territory, without those of a statut that shows no figure."""

    territoire: Ligne
    lieux: Mapping[str, Ligne]
    """The wider territories, by level."""

    comparaisons: Mapping[str, Ligne]
    """Of each indicateur, its latest figure beside its comparators."""

    evolutions: Sequence[Ligne]
    champs: Mapping[tuple[str, int], str | None]
    """Field of each figure that is shown, by indicateur and millésime."""

    de_peu: Set[tuple[str, int]]
    """The figures that are shares, or evolutions, of too few to be judged."""

    tus: frozenset[str]
    """The indicateurs whose last figure is secret: an older one would be read as the state of things."""


# A release does not change: what several sections of one portrait need is read once.


@lru_cache(maxsize=1)
def _dictionnaire(con: duckdb.DuckDBPyConnection) -> _Dictionnaire:
    indicateurs = {i["indicateur_id"]: i for i in lignes(con, "from dim_indicateur")}
    formulations, _ = _declare()
    ordre = sorted(indicateurs, key=lambda i: (indicateurs[i]["theme"], indicateurs[i]["ordre"], i))
    rangs = {i: len(formulations) + rang for rang, i in enumerate(ordre)}
    comptes = {i["numerateur"]: nom for nom, i in indicateurs.items() if i["methode"] == "somme"}
    return _Dictionnaire(
        indicateurs,
        {u["unite"]: Unite.lire(u) for u in lignes(con, "from dim_unite")},
        rangs | {nom: formulation.rang for nom, formulation in formulations.items()},
        {
            nom: comptes[i["numerateur"]]
            for nom, i in indicateurs.items()
            if i["decalage"] and i["numerateur"] in comptes
        },
        evolutions_trop_proches(con),
    )


@lru_cache(maxsize=1)
def _lire(con: duckdb.DuckDBPyConnection, territoire_id: str) -> _Lu:
    (territoire,) = lignes(con, "from dim_territoire where territoire_id = $id", {"id": territoire_id})
    niveau = territoire["niveau"]
    elargis = {x: f"{x}:{territoire[x]}" for x in VOISINAGE.get(niveau, ()) if x != "france"}
    lieux = lignes(
        con,
        "from dim_territoire where territoire_id in (select unnest($ids)) and territoire_id <> $id",
        {"ids": [*elargis.values(), "france:FR"], "id": territoire_id},
    )
    comparaisons = _comparaisons(con, territoire_id)
    if niveau == "ctg" and territoire["epci"]:
        # A CTG that is exactly an EPCI has its peers, where both have the very same figure.
        jumeau = _comparaisons(con, f"epci:{territoire['epci']}")
        comparaisons |= {i: ligne for i, ligne in jumeau.items() if _meme_chiffre(ligne, comparaisons.get(i))}
    evolutions = lignes(
        con,
        "from mart_evolutions where territoire_id = $id and statut in (select unnest($statuts))"
        " order by indicateur_id, millesime_debut, millesime_fin",
        {"id": territoire_id, "statuts": [*MONTRENT, "refusee"]},
    )
    chiffres = lignes(
        con,
        "select indicateur_id, millesime, champ, statut, denominateur from fct_indicateurs"
        " where territoire_id = $id and statut in (select unnest($statuts)) order by millesime",
        {"id": territoire_id, "statuts": [*MONTRENT, "secret"]},
    )
    derniers = {c["indicateur_id"]: c["statut"] for c in chiffres}
    return _Lu(
        territoire,
        {lieu["niveau"]: lieu for lieu in lieux},
        comparaisons,
        evolutions,
        {(c["indicateur_id"], c["millesime"]): c["champ"] for c in chiffres if c["statut"] in MONTRENT},
        {(c["indicateur_id"], c["millesime"]) for c in chiffres if est_de_peu(c["denominateur"])},
        frozenset(indicateur_id for indicateur_id, statut in derniers.items() if statut == "secret"),
    )


def _comparaisons(con: duckdb.DuckDBPyConnection, territoire_id: str) -> dict[str, Ligne]:
    return {
        ligne["indicateur_id"]: ligne
        for ligne in lignes(
            con,
            "from mart_comparaisons where territoire_id = $id and statut in (select unnest($montrent))"
            " qualify row_number() over (partition by indicateur_id order by millesime desc) = 1"
            " order by indicateur_id",
            {"id": territoire_id, "montrent": list(MONTRENT)},
        )
    }


class _Faits:
    """What the marts establish about a territory, ready to be said."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        territoire_id: str,
        depuis: int | None,
        chiffre: Chiffreur,
        theme: str | None = None,
    ) -> None:
        self.id = territoire_id
        self.depuis = depuis
        self.chiffre = chiffre
        self.formulations, self.motifs_de_refus = _declare()
        self.dictionnaire = _dictionnaire(con)
        self.lu = _lire(con, territoire_id)
        # L'essentiel is of the figures that somebody declared to matter; a theme opens on what it has. What
        # is planned for years to come is no observation, and a year or a date neither rises nor falls.
        self.indicateurs = {
            nom: i
            for nom, i in self.dictionnaire.indicateurs.items()
            if (theme == i["theme"] or (theme is None and self._formulation(nom).priorite))
            and nom not in prevus()
            and nom not in self.lu.tus
            and self._unite(nom).nature == "nombre"
        }
        self.derniers = [ligne for i, ligne in self.lu.comparaisons.items() if i in self.indicateurs]
        self.refusees: set[tuple[str, int, int]] = set()
        self.voulues: dict[str, Ligne] = {}
        self.paires: dict[str, Ligne] = {}
        self._lire_evolutions()
        self.mouvements = {i: p for i, p in self.paires.items() if p["evolution_lecture"] in TONS}

    def _lire_evolutions(self) -> None:
        """Of each indicateur, find the pair of years that its direction is read from.

        It ends in the last year that is shown. `voulues` holds the one that starts in the first year from the
        base on; `paires` the first that can be read without a reserve, in the order of tables (`par_debut`).
        """
        dernieres: dict[str, int] = {}
        for indicateur_id, millesime in self.lu.champs:
            dernieres[indicateur_id] = max(millesime, dernieres.get(indicateur_id, millesime))
        toutes: dict[str, list[Ligne]] = defaultdict(list)
        for ligne in self.lu.evolutions:
            indicateur_id, debut, fin = (
                ligne[nom] for nom in ("indicateur_id", "millesime_debut", "millesime_fin")
            )
            refus = ligne["motif_code"] if ligne["statut"] == "refusee" else None
            # No sentence has room for the reserve that tables write.
            refus = refus or ligne["reserve_code"]
            if refus is not None:
                self.refusees.add((indicateur_id, debut, fin))
            if indicateur_id in self.indicateurs and fin == dernieres.get(indicateur_id):
                toutes[indicateur_id].append({**ligne, "refus": refus})
        for indicateur_id, paires in toutes.items():
            ordre = par_debut(paires, self.depuis)
            self.voulues[indicateur_id] = ordre[0]
            if lisibles := [p for p in ordre if p["refus"] is None]:
                self.paires[indicateur_id] = lisibles[0]

    def _formulation(self, indicateur_id: str) -> Formulation:
        return self.formulations.get(indicateur_id) or Formulation(self.dictionnaire.rangs[indicateur_id])

    def _candidat(
        self, indicateur_id: str, ton: Ton, taille: float, dire: Callable[[], Message | None]
    ) -> Candidat:
        indicateur = self.indicateurs[indicateur_id]
        return Candidat(
            indicateurs=frozenset(
                {indicateur_id, self.dictionnaire.effectifs.get(indicateur_id, indicateur_id)}
            ),
            sujet=(indicateur["theme"], indicateur["univers"]),
            ton=ton,
            score=self._formulation(indicateur_id).priorite + AMPLEUR * taille + NETTETE * (ton != "neutre"),
            rang=self.dictionnaire.rangs[indicateur_id],
            dire=dire,
        )

    def reperes(self) -> list[Candidat]:
        """Counts that may be said alone: a zero, or the figure of an undeclared indicateur, is not."""
        return [
            self._candidat(ligne["indicateur_id"], "neutre", 0, partial(self._repere, ligne))
            for ligne in self.derniers
            if self._formulation(ligne["indicateur_id"]).repere and ligne["valeur"]
        ]

    def _repere(self, ligne: Ligne) -> Message | None:
        indicateur_id, millesime = ligne["indicateur_id"], ligne["millesime"]
        ici = self.chiffre(indicateur_id, self.id, millesime)
        if ici is None:
            return None
        texte = f"En {millesime}, {self._niveau(ici)}"
        chiffres = [ici.reference]
        ton: Ton = "neutre"
        paire = self.mouvements.get(indicateur_id)
        if (
            paire is not None
            and paire["millesime_fin"] == millesime
            and (mouvement := self._mouvement(paire))
        ):
            avant, _ = mouvement
            texte += f", contre {_dit_contre(avant)} en {self._debut(paire)}"
            chiffres.append(avant.reference)
            ton = "neutre" if self._de_peu(paire) else paire["evolution_lecture"]
        return Message(majuscule(texte) + self._fin(ici), ton, tuple(chiffres), "repere")

    def ecarts(self) -> list[Candidat]:
        """Figures that differ from a wider territory or from their peers."""
        candidats = []
        for ligne in self.derniers:
            a_cote = self._comparateurs(ligne)
            if not a_cote or self._evolution_refusee(ligne):
                continue
            if (ligne["indicateur_id"], ligne["millesime"]) in self.lu.de_peu:
                continue
            lectures: set[Ton] = {ligne[f"ecart_{x}_lecture"] for x in a_cote}
            ton: Ton = lectures.pop() if len(lectures) == 1 else "neutre"
            taille = _relatif(ligne["valeur"], ligne[f"valeur_{a_cote[0]}"])
            if taille >= PETIT:
                dire = partial(self._ecart, ligne, a_cote)
                candidats.append(self._candidat(ligne["indicateur_id"], ton, taille, dire))
        return candidats

    def _evolution_refusee(self, ligne: Ligne) -> bool:
        """Whether the figure is an evolution itself, of two ends that mart_evolutions does not compare."""
        indicateur_id, fin = ligne["indicateur_id"], ligne["millesime"]
        if indicateur_id in self.dictionnaire.trop_proches:
            # The mart has not every pair of years of every territory: this one, it may not have.
            return True
        debut = fin - (self.indicateurs[indicateur_id]["decalage"] or 0)
        return (self.dictionnaire.effectifs.get(indicateur_id, indicateur_id), debut, fin) in self.refusees

    def _comparateurs(self, ligne: Ligne) -> list[str]:
        """Name those whose gap is significant, and which no reserve sets apart."""

        def compte(x: str) -> bool:
            return (
                (x == "pairs" or x in self.lu.lieux)
                and ligne[f"ecart_{x}_lecture"] in TONS
                and ligne[f"valeur_{x}_statut"] in MONTRENT
                and ligne[f"reserve_{x}_code"] is None
            )

        elargis = [x for x in VOISINAGE.get(ligne["niveau"], ()) if compte(x)]
        # Too few peers have no rank, and their median says little; nor does one that roundings leave wide.
        situe = ligne["rang_au_mieux"] is not None and not est_trop_large(
            ligne["valeur_pairs_borne_basse"],
            ligne["valeur_pairs_borne_haute"],
            self._unite(ligne["indicateur_id"]),
        )
        return elargis[:ELARGIS] + (["pairs"] if situe and compte("pairs") else [])

    def _ecart(self, ligne: Ligne, a_cote: Sequence[str]) -> Message | None:
        indicateur_id, millesime = ligne["indicateur_id"], ligne["millesime"]
        ici = self.chiffre(indicateur_id, self.id, millesime)
        if ici is None:
            return None
        chiffres: list[str] = [ici.reference]
        ailleurs: list[str] = []
        tons: list[Ton] = []
        for x in a_cote:
            if x == "pairs":
                continue
            la_bas = self.lu.lieux[x]
            autre = self.chiffre(indicateur_id, la_bas["territoire_id"], millesime)
            if autre is None or _meme_texte(ici, autre):
                continue
            unite = ""
            if not ailleurs and self._aucun(ici) is not None:
                unite = f" {self._unite(indicateur_id).libelle(autre.nombre or 0)}"
            ailleurs.append(
                f"{_dit_contre(autre)}{unite} {locatif(la_bas['niveau'], la_bas['code'], la_bas['libelle'])}"
            )
            chiffres.append(autre.reference)
            tons.append(ligne[f"ecart_{x}_lecture"])
        mediane = self._mediane(ligne) if "pairs" in a_cote else None
        if mediane == ici.texte:
            mediane = None
        if mediane is not None:
            tons.append(ligne["ecart_pairs_lecture"])
        if not tons:
            return None
        groupe = f"médiane de {ligne['nb_pairs']} {ligne['groupe_pairs']}"
        environ = "environ " if ligne["valeur_pairs_statut"] != "observe" else ""
        texte = self._niveau_date(ici)
        if ailleurs:
            texte += f", contre {enumerer(ailleurs)}"
            if mediane is not None:
                texte += f" ({groupe} : {environ}{mediane}{self._bout(ligne)})"
        else:
            texte += f", contre {environ}{mediane} pour la {groupe}"
        ton: Ton = tons[0] if len(set(tons)) == 1 else "neutre"
        return Message(majuscule(texte) + self._fin(ici), ton, tuple(chiffres), "ecart")

    def _mediane(self, ligne: Ligne) -> str:
        indicateur_id = ligne["indicateur_id"]
        return afficher(
            ligne["valeur_pairs"], self._unite(indicateur_id), self.indicateurs[indicateur_id]["decimales"]
        )

    def _unite(self, indicateur_id: str) -> Unite:
        return self.dictionnaire.unites[self.dictionnaire.indicateurs[indicateur_id]["unite"]]

    def _bout(self, ligne: Ligne) -> str:
        """Say that the figure is the highest or the lowest of its group, where all are known and exact.

        A rank counts from the most favourable, and from the highest where nothing is: equal figures share it.
        """
        if ligne["rang_statut"] != "observe" or ligne["nb_pairs_sans_valeur"]:
            return ""
        premier, dernier = ligne["rang"] == 1, ligne["rang"] + ligne["nb_ex_aequo"] == ligne["nb_pairs"]
        if premier == dernier:
            return ""
        plus_haut = dernier if ligne["polarite"] == "defavorable" else premier
        return f" ; valeur la plus {'élevée' if plus_haut else 'basse'} du groupe"

    def evolutions(self) -> list[Candidat]:
        """Figures that moved, but of few: from 1 birth to 2, nothing rises."""
        return [
            self._candidat(
                indicateur_id,
                paire["evolution_lecture"],
                taille,
                partial(self._evolution, paire),
            )
            for indicateur_id, paire in self.mouvements.items()
            if (taille := _relatif(paire["valeur_debut"], paire["valeur_fin"])) >= PETIT
            and not self._de_peu(paire)
        ]

    def _de_peu(self, paire: Ligne) -> bool:
        nom = paire["indicateur_id"]
        comparable = self.indicateurs[nom]["comparable"]
        return evolution_de_peu(paire, comparable, lambda annee: (nom, annee) in self.lu.de_peu)

    def _mouvement(self, paire: Ligne) -> tuple[Chiffre, Chiffre] | None:
        """The two ends of an evolution that can be seen in what is printed."""
        avant = self.chiffre(paire["indicateur_id"], self.id, paire["millesime_debut"])
        apres = self.chiffre(paire["indicateur_id"], self.id, paire["millesime_fin"])
        if avant is None or apres is None or _meme_texte(avant, apres):
            return None
        return avant, apres

    def _debut(self, paire: Ligne) -> str:
        """The year an evolution starts in, and whether there is none nearer to the base year."""
        debut: int = paire["millesime_debut"]
        if self.depuis is None or debut <= self.depuis:
            return str(debut)
        premiere = min(
            annee for i, annee in self.lu.champs if i == paire["indicateur_id"] and annee >= self.depuis
        )
        return f"{debut} (première année disponible)" if premiere == debut else str(debut)

    def _evolution(self, paire: Ligne) -> Message | None:
        mouvement = self._mouvement(paire)
        if mouvement is None:
            return None
        avant, apres = mouvement
        hausse = paire["evolution"] > 0
        nom = self._formulation(paire["indicateur_id"]).nom
        periode = f"entre {self._debut(paire)} et {paire['millesime_fin']}"
        if any(_dit(c) == c.intervalle for c in mouvement):
            chemin = f" : {_dit(avant)}, puis {_dit(apres)}"
        else:
            chemin = f", {de(_dit(avant))} à {_dit(apres)}"
        if self._formulation(apres.indicateur_id).unite:
            chemin += f" {self._unite(apres.indicateur_id).libelle(apres.nombre or 0)}"
        if nom is None:
            sens = "en hausse" if hausse else "en baisse"
            texte = f"{avant.libelle} : {sens} {periode}{chemin.replace(' :', ',')}"
        else:
            texte = f"{majuscule(periode)}, {nom} {'augmente' if hausse else 'baisse'}{chemin}"
        return Message(
            texte + self._fin(apres),
            paire["evolution_lecture"],
            (avant.reference, apres.reference),
            "evolution",
        )

    def refus(self) -> list[Candidat]:
        """Evolutions that cannot be read, those of one reason and one period together."""
        groupes: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        for indicateur_id, paire in self.voulues.items():
            formulation = self._formulation(indicateur_id)
            if indicateur_id in self.paires:
                continue
            if paire["refus"] in self.motifs_de_refus and formulation.nom:
                cle = paire["refus"], paire["millesime_debut"], paire["millesime_fin"]
                groupes[cle].append(indicateur_id)
        candidats = []
        for (motif, debut, fin), membres in groupes.items():
            membres.sort(key=lambda i: (-self._formulation(i).priorite, self.dictionnaire.rangs[i]))
            nommes = membres[:NOMMES]
            candidats.append(
                Candidat(
                    indicateurs=frozenset(),
                    sujet=("refus", motif),
                    ton="neutre",
                    score=sum(self._formulation(i).priorite for i in nommes),
                    rang=self.dictionnaire.rangs[nommes[0]],
                    dire=partial(self._refus, motif, debut, fin, nommes),
                )
            )
        return candidats

    def _refus(self, motif: str, debut: int, fin: int, membres: Sequence[str]) -> Message | None:
        chiffres, noms = [], []
        for indicateur_id in membres:
            bouts = [self.chiffre(indicateur_id, self.id, millesime) for millesime in (debut, fin)]
            nom = self._formulation(indicateur_id).nom
            if nom is not None and all(bout is not None and bout.statut in MONTRENT for bout in bouts):
                chiffres += [bout.reference for bout in bouts if bout is not None]
                noms.append(de(nom))
        if not noms:
            return None
        pourquoi = self.motifs_de_refus[motif]
        texte = f"L'évolution {enumerer(noms)} entre {debut} et {fin} ne se lit pas : {pourquoi}."
        return Message(texte, "neutre", tuple(chiffres), "refus")

    def _fin(self, ici: Chiffre) -> str:
        """End a sentence, with what its figures leave out: all are of one field."""
        champ = self.lu.champs.get((ici.indicateur_id, ici.millesime))
        return f" ; champ : {champ}." if champ else "."

    def _aucun(self, ici: Chiffre) -> str | None:
        exact = ici.statut == "observe" and ici.nombre == 0
        return self._formulation(ici.indicateur_id).aucun if exact else None

    def _niveau(self, ici: Chiffre) -> str:
        """Say a figure in the words of its indicateur, without its year."""
        formulation = self._formulation(ici.indicateur_id)
        modele = self._aucun(ici) or formulation.niveau
        if self.lu.territoire["niveau"] == "commune":
            modele = formulation.commune or modele
        assert modele is not None
        pluriel = abs(ici.nombre or 0) >= 2 or _dit(ici) == ici.intervalle
        return accorder(modele, pluriel).format(
            valeur=_dit(ici), territoire=designation(self.lu.territoire["niveau"])
        )

    def _niveau_date(self, ici: Chiffre) -> str:
        """Say a figure with its year: both ends of it for what is an evolution already."""
        if self._formulation(ici.indicateur_id).niveau is None:
            return f"{ici.libelle} : {_dit(ici)} en {ici.millesime}"
        decalage = self.indicateurs[ici.indicateur_id]["decalage"]
        quand = f"entre {ici.millesime - decalage} et {ici.millesime}" if decalage else f"en {ici.millesime}"
        return f"{quand}, {self._niveau(ici)}"


def _dit(chiffre: Chiffre) -> str:
    """Say a figure and how exact it is: 12,1 %, environ 12,1 %, entre 3 138 et 3 518 if parts are missing."""
    if chiffre.statut == "partiel":
        return chiffre.intervalle or f"environ {chiffre.texte}"
    if chiffre.statut == "arrondi" and chiffre.intervalle is not None:
        return f"environ {chiffre.texte}"
    return chiffre.texte


def _dit_contre(chiffre: Chiffre) -> str:
    """The same after "contre", which two prepositions in a row would spoil."""
    dit = _dit(chiffre)
    return f"un chiffre compris {dit}" if dit.startswith("entre ") else dit


def _meme_texte(un: Chiffre, autre: Chiffre) -> bool:
    """Whether a reader would see no difference."""
    return un.texte == autre.texte or _dit(un) == _dit(autre)


def _meme_chiffre(un: Ligne, autre: Ligne | None) -> bool:
    noms = ("millesime", "valeur", "statut", "borne_basse", "borne_haute")
    return autre is not None and all(un[nom] == autre[nom] for nom in noms)


def _relatif(un: float, autre: float) -> float:
    """How far apart, from 0 (equal) to 1 (one of them is nothing): 3 and 4 are at 0.25."""
    ampleur = max(abs(un), abs(autre))
    return min(abs(un - autre) / ampleur, 1.0) if ampleur else 0.0
