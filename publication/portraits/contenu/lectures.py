"""The facts of one figure as they may be printed side by side: level, evolution, comparators.

What would print no difference is left out here; what is not established never comes here (`faits`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from publication.commun.chiffres import Chiffre, Ton
from publication.commun.marts import Ligne
from publication.portraits.contenu.comparateurs import mediane_dite
from publication.portraits.contenu.faits import Ecart, Faits, Vue
from publication.portraits.contenu.formulations import Formulation
from publication.portraits.contenu.langue import en_lettres, locatif, nom_de_lieu
from publication.portraits.contenu.seuils import est_flou
from socle.affichage import ESPACE_FINE, MOINS, Unite, afficher, nombre

Chiffreur = Callable[[str, str, int], Chiffre | None]
"""Gives the printed figure of (indicateur_id, territoire_id, millesime), and has the document quote it."""


@dataclass(frozen=True)
class Dit:
    """A figure in the words of a sentence: 12,1 %, environ 12,1 %, quatre, aucun."""

    chiffre: Chiffre
    mots: str

    @property
    def zero(self) -> bool:
        """Whether there is none at all, for sure."""
        return self.chiffre.statut == "observe" and self.chiffre.nombre == 0


@dataclass(frozen=True)
class Lieu:
    """A territory in a sentence: "la Drôme", "dans la Drôme"."""

    nom: str
    ou: str

    @classmethod
    def lire(cls, lieu: Ligne) -> "Lieu":
        """Word a row of dim_territoire."""
        cles = lieu["niveau"], lieu["code"], lieu["libelle"]
        return cls(nom_de_lieu(*cles), locatif(*cles))


@dataclass(frozen=True)
class Ailleurs:
    """How a wider territory moved between the same years. `relatif`: for a count, "−15,4 %".

    `autant`: whether this one moved as it did ("comme"), "plus" or "moins".
    """

    lieu: Lieu
    avant: Dit
    apres: Dit
    hausse: bool
    relatif: str | None
    autant: str


@dataclass(frozen=True)
class Tendance:
    """How the figure moved. `relatif` says it without its sign, for a count that can be told so."""

    avant: Dit
    hausse: bool
    ton: Ton
    relatif: str | None
    de_peu: bool
    ailleurs: Ailleurs | None = None

    @property
    def debut(self) -> int:
        """The year it starts in."""
        return self.avant.chiffre.millesime


@dataclass(frozen=True)
class Comparaison:
    """A comparator that prints otherwise. `restait`: it was on the same side when the evolution starts."""

    lieu: Lieu
    dit: Dit
    dessus: bool
    ton: Ton
    rapport: float | None
    restait: bool | None


@dataclass(frozen=True)
class Pairs:
    """The median of the peers. `rang`: "la plus élevée des 12", where it is at one end."""

    groupe: str
    mediane: str
    dessus: bool
    ton: Ton
    rang: str | None


@dataclass(frozen=True)
class Lecture:
    """All that may be said of one figure of a territory."""

    indicateur: Ligne
    formulation: Formulation
    unite: Unite
    niveau: str
    ici: Dit
    champ: str | None
    tendance: Tendance | None
    comparaisons: tuple[Comparaison, ...]
    pairs: Pairs | None
    compte: Dit | None
    """The count that a density is of, where the sentence says it first."""

    @property
    def tons(self) -> set[Ton]:
        """How its parts read."""
        dits: list[Any] = [*self.comparaisons, self.pairs, self.tendance]
        return {dit.ton for dit in dits if dit is not None}

    @property
    def regle(self) -> str:
        """The rule that words it (docs/portraits.md)."""
        compare = bool(self.comparaisons) or self.pairs is not None
        if self.tendance is None:
            return "ecart" if compare else "repere"
        return "croise" if compare else "repere" if self.tendance.de_peu else "evolution"


@dataclass(frozen=True)
class Lecteur:
    """Makes the facts of a territory into what is printed of them."""

    faits: Faits
    chiffrer: Chiffreur

    def lire(self, vue: Vue) -> Lecture | None:
        """Return what may be said of a figure; None where it may not even be said alone, and nothing else."""
        formulation = self.faits.formulation(vue.indicateur_id)
        territoire = self.faits.lus.territoire
        ici = self._dire(vue.indicateur_id, territoire["territoire_id"], vue.millesime)
        if ici is None:
            return None
        tendance = self._tendance(vue, ici)
        comparaisons = tuple(
            dite
            for ecart in vue.ecarts
            if ecart.lieu is not None and (dite := self._comparer(vue, ici, ecart)) is not None
        )
        pairs = self._pairs(vue, ici)
        if tendance is None and not comparaisons and pairs is None and not formulation.repere:
            return None
        ligne = self.faits.chiffre(vue.indicateur_id, vue.millesime)
        assert ligne is not None
        return Lecture(
            indicateur=self.faits.indicateurs[vue.indicateur_id],
            formulation=formulation,
            unite=self.faits.unite(vue.indicateur_id),
            niveau=territoire["niveau"],
            ici=ici,
            champ=ligne["champ"],
            tendance=tendance,
            comparaisons=comparaisons,
            pairs=pairs,
            compte=self._compte(formulation, vue.millesime) if comparaisons else None,
        )

    def _dire(self, indicateur_id: str, territoire_id: str, millesime: int) -> Dit | None:
        """Say a figure and how exact it is; what is counted one by one in letters, up to ten."""
        chiffre = self.chiffrer(indicateur_id, territoire_id, millesime)
        ligne = self.faits.chiffre(indicateur_id, millesime, territoire_id)
        if chiffre is None or chiffre.nombre is None or ligne is None:
            return None
        article = self.faits.formulation(indicateur_id).article
        mots = chiffre.texte
        if est_flou(ligne, self.faits.unite(indicateur_id)):
            mots = f"environ {mots}"
        elif article is not None and chiffre.statut == "observe":
            mots = en_lettres(chiffre.nombre, article) or mots
        return Dit(chiffre, mots)

    def _tendance(self, vue: Vue, ici: Dit) -> Tendance | None:
        paire = vue.paire
        if paire is None:
            return None
        territoire_id = self.faits.lus.territoire["territoire_id"]
        avant = self._dire(vue.indicateur_id, territoire_id, paire["millesime_debut"])
        if avant is None or _memes(avant, ici):
            return None
        de_peu = vue.de_peu
        if de_peu and (vue.ecarts or not self.faits.formulation(vue.indicateur_id).repere):
            return None
        return Tendance(
            avant=avant,
            hausse=paire["evolution"] > 0,
            ton="neutre" if de_peu else paire["evolution_lecture"],
            relatif=None if de_peu else self._relatif(paire, signe=False),
            de_peu=de_peu,
            ailleurs=None if vue.ecarts else self._ailleurs(vue.indicateur_id, paire),
        )

    def _relatif(self, paire: Ligne, signe: bool) -> str | None:
        """Print the relative evolution of a count, as tables do; None of a share, or where it has none."""
        nom = paire["indicateur_id"]
        relative = paire["evolution_relative"]
        unite = self.faits.unite(nom)
        if self.faits.indicateurs[nom]["comparable"] or unite.monnaie or relative is None:
            return None
        basse, haute = paire["evolution_relative_basse"], paire["evolution_relative_haute"]
        if basse is None or haute is None or not paire["relative_lisible"]:
            return None
        texte = nombre(abs(relative), 1)
        flou = haute - basse > 2 * _POINT
        sens = (MOINS if relative < 0 else "+") if signe else ""
        return f"{'environ ' if flou else ''}{sens}{texte}{ESPACE_FINE}%"

    def _ailleurs(self, indicateur_id: str, paire: Ligne) -> Ailleurs | None:
        """How the nearest comparator moved between the same years, where it can be read without a reserve."""
        debut, fin = paire["millesime_debut"], paire["millesime_fin"]
        for lieu in self.faits.voisins():
            la_bas = self.faits.lus.ailleurs.get((lieu["territoire_id"], indicateur_id, debut, fin))
            if la_bas is None or not self.faits.se_dit(la_bas):
                continue
            avant, apres = (self._dire(indicateur_id, lieu["territoire_id"], x) for x in (debut, fin))
            if avant is None or apres is None or _memes(avant, apres):
                continue
            relatif = self._relatif(la_bas, signe=True)
            autant = _autant(paire, la_bas) if relatif and paire["evolution_relative"] else "comme"
            return Ailleurs(Lieu.lire(lieu), avant, apres, la_bas["evolution"] > 0, relatif, autant)
        return None

    def _comparer(self, vue: Vue, ici: Dit, ecart: Ecart) -> Comparaison | None:
        assert ecart.lieu is not None
        lieu = ecart.lieu["territoire_id"]
        autre = self._dire(vue.indicateur_id, lieu, vue.millesime)
        if autre is None or _memes(ici, autre):
            return None
        dessus = vue.valeur > ecart.valeur
        restait = None
        if vue.paire is not None:
            avant = self.faits.chiffre(vue.indicateur_id, vue.paire["millesime_debut"], lieu)
            if avant is not None:
                restait = (vue.paire["valeur_debut"] > avant["valeur"]) == dessus
        rapport = vue.valeur / ecart.valeur if ecart.valeur > 0 else None
        return Comparaison(Lieu.lire(ecart.lieu), autre, dessus, ecart.ton, rapport, restait)

    def _pairs(self, vue: Vue, ici: Dit) -> Pairs | None:
        for ecart in vue.ecarts:
            if ecart.lieu is None and vue.ligne is not None:
                decimales = self.faits.indicateurs[vue.indicateur_id]["decimales"]
                mediane = afficher(ecart.valeur, self.faits.unite(vue.indicateur_id), decimales)
                if mediane == ici.chiffre.texte:
                    return None
                if vue.ligne["valeur_pairs_statut"] != "observe":
                    mediane = f"environ {mediane}"
                dessus = vue.valeur > ecart.valeur
                return Pairs(mediane_dite(vue.ligne), mediane, dessus, ecart.ton, bout(vue.ligne))
        return None

    def _compte(self, formulation: Formulation, millesime: int) -> Dit | None:
        if formulation.densite is None:
            return None
        ici = self.faits.lus.territoire["territoire_id"]
        compte = self._dire(formulation.densite["compte"], ici, millesime)
        return None if compte is None or compte.zero or compte.chiffre.statut != "observe" else compte


_POINT = 0.5


def _autant(ici: Ligne, la_bas: Ligne) -> str:
    """Compare two relative evolutions of one direction: alike, unless a point sets them apart for sure."""
    ecart = abs(ici["evolution_relative"]) - abs(la_bas["evolution_relative"])
    demis = [
        (e["evolution_relative_haute"] - e["evolution_relative_basse"]) / 2
        for e in (ici, la_bas)
        if e["evolution_relative_haute"] is not None and e["evolution_relative_basse"] is not None
    ]
    if len(demis) < 2 or abs(ecart) <= max(sum(demis), 2 * _POINT):
        return "comme"
    return "plus" if ecart > 0 else "moins"


def bout(ligne: Ligne) -> str | None:
    """Say that the figure is the highest or the lowest of its group, where all are known and exact.

    A rank counts from the highest, and equal figures share it: "la valeur la plus basse des 8, ex æquo".
    """
    if ligne["rang_statut"] != "observe" or ligne["nb_pairs_sans_valeur"]:
        return None
    premier, dernier = ligne["rang"] == 1, ligne["rang"] + ligne["nb_ex_aequo"] == ligne["nb_pairs"]
    if premier == dernier:
        return None
    egaux = ", ex æquo" if ligne["nb_ex_aequo"] else ""
    return f"la valeur la plus {'élevée' if premier else 'basse'} des {ligne['nb_pairs']}{egaux}"


def _memes(un: Dit, autre: Dit) -> bool:
    """Whether a reader would see no difference."""
    return un.chiffre.texte == autre.chiffre.texte or un.mots == autre.mots
