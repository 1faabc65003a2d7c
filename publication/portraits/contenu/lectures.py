"""The facts of one figure as they may be printed side by side: level, evolution, comparators.

What would print no difference is left out here; what is not established never comes here (`faits`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from publication.lecture.chiffres import Chiffre, Ton
from publication.lecture.lots import Ligne
from publication.portraits.contenu.comparateurs import mediane_dite
from publication.portraits.contenu.faits import Ecart, Faits, Vue
from publication.portraits.contenu.formulations import Formulation
from publication.portraits.contenu.langue import en_lettres, locatif, nom_de_lieu
from publication.portraits.contenu.seuils import est_flou
from socle.affichage import Unite, afficher

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
    """How a wider territory moved between the same years, as it is printed: "−15,4 %", "+0,7 point".

    `rapport`: whether this one moved as it did ("comme"), "plus", "moins" or to the "inverse".
    """

    lieu: Lieu
    avant: Dit
    apres: Dit
    texte: str
    rapport: str


@dataclass(frozen=True)
class Tendance:
    """How the figure moved: a rise or a fall that is `etablie`, else two levels, of which no verb is said.

    `texte`: how far it went. `relatif`: that, "environ −15,4 %", of a count that can be told so.
    `ensuite`: what is said of its last years.
    """

    avant: Dit
    hausse: bool
    etablie: bool
    ton: Ton
    texte: str
    relatif: str | None
    de_peu: bool
    ensuite: str
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
        """How its parts read; two levels are read one way only where nothing else is."""
        dits: list[Any] = [*self.comparaisons, self.pairs]
        if self.tendance is not None and (self.tendance.etablie or not any(dits)):
            dits.append(self.tendance)
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
        if vue.de_peu and (vue.ecarts or not self.faits.formulation(vue.indicateur_id).repere):
            return None
        return Tendance(
            avant=avant,
            hausse=paire["evolution"] > 0,
            etablie=paire["mouvement"] != "deux_niveaux",
            ton=paire["couleur"],
            texte=paire["evolution_affichee"],
            relatif=self._relatif(paire),
            de_peu=vue.de_peu,
            ensuite=_ensuite(paire),
            ailleurs=None if vue.ecarts else self._ailleurs(vue.indicateur_id, paire),
        )

    def _relatif(self, paire: Ligne) -> str | None:
        """The evolution of a count in percents; None of a share, of euros, or where it has none."""
        if not paire["en_pourcentage"] or self.faits.unite(paire["indicateur_id"]).monnaie:
            return None
        return f"{'environ ' if paire['a_peu_pres'] else ''}{paire['evolution_affichee']}"

    def _ailleurs(self, indicateur_id: str, paire: Ligne) -> Ailleurs | None:
        """How the nearest wider territory moved between the same years, where something is said of it."""
        for lieu in self.faits.voisins():
            rapport = paire.get(f"evolution_{lieu['niveau']}_rapport")
            if rapport is None:
                continue
            avant, apres = (
                self._dire(indicateur_id, lieu["territoire_id"], paire[f"millesime_{bout}"])
                for bout in ("debut", "fin")
            )
            if avant is None or apres is None:
                continue
            return Ailleurs(
                Lieu.lire(lieu), avant, apres, paire[f"evolution_{lieu['niveau']}_affichee"], rapport
            )
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


def _ensuite(paire: Ligne) -> str:
    """Say of the last years what the whole does not: "stable depuis 2022", "+0,6 point depuis 2023"."""
    if paire["contraire_depuis"] is not None:
        return f" ; {paire['contraire_affichee']} depuis {paire['contraire_depuis']}"
    return f" ; stable depuis {paire['stable_depuis']}" if paire["stable_depuis"] is not None else ""


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
