"""The sentences that facts allow, by four rules: the `regle` of each message (docs/portraits.md).

A number in a sentence is the text of a figure that the document quotes, or the printed median of its peers.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from publication.commun.chiffres import Chiffre, Ton
from publication.commun.marts import Ligne
from publication.portraits.contenu.comparateurs import mediane_dite
from publication.portraits.contenu.faits import Faits
from publication.portraits.contenu.formulations import refus_dits
from publication.portraits.contenu.langue import accorder, de, designation, enumerer, locatif, majuscule
from publication.portraits.modele import Message
from socle.affichage import afficher
from socle.statuts import MONTRENT

Chiffreur = Callable[[str, str, int], Chiffre | None]
"""Gives the printed figure of (indicateur_id, territoire_id, millesime), and has the document quote it."""

NOMMES = 3
"""How many series a refusal names at most."""
PETIT = 0.02
"""A relative difference below it (3,00 and 3,05) is too small for a sentence, significant as it may be."""
AMPLEUR = 3
"""What a relative difference weighs beside a priority: to be twice its comparator is worth 1,5 of them."""
NETTETE = 0.5
"""What a favourable or unfavourable reading adds to the score: half a priority."""

Sujet = tuple[str, str]
"""Theme and universe: one sentence each, as far as there are others."""


@dataclass(frozen=True)
class Candidat:
    """A sentence that could be said. `dire` makes it, or None when it would print no difference."""

    indicateurs: frozenset[str]
    sujet: Sujet
    ton: Ton
    score: float
    rang: int
    dire: Callable[[], Message | None]


@dataclass(frozen=True)
class Phrases:
    """The candidates of each rule for a territory, with its figures as they are printed."""

    faits: Faits
    chiffrer: Chiffreur

    def _chiffre(self, indicateur_id: str, millesime: int) -> Chiffre | None:
        return self.chiffrer(indicateur_id, self.faits.lus.territoire["territoire_id"], millesime)

    def _candidat(
        self, indicateur_id: str, ton: Ton, taille: float, dire: Callable[[], Message | None]
    ) -> Candidat:
        indicateur, formulation = self.faits.indicateurs[indicateur_id], self.faits.formulation(indicateur_id)
        return Candidat(
            indicateurs=frozenset({indicateur_id, self.faits.effectif(indicateur_id)}),
            sujet=(indicateur["theme"], indicateur["univers"]),
            ton=ton,
            score=formulation.priorite + AMPLEUR * taille + NETTETE * (ton != "neutre"),
            rang=formulation.rang,
            dire=dire,
        )

    def reperes(self) -> list[Candidat]:
        """Counts that may be said alone: a zero, or the figure of an undeclared indicateur, is not."""
        return [
            self._candidat(ligne["indicateur_id"], "neutre", 0, partial(self._repere, ligne))
            for ligne in self.faits.derniers
            if self.faits.formulation(ligne["indicateur_id"]).repere and ligne["valeur"]
        ]

    def _repere(self, ligne: Ligne) -> Message | None:
        indicateur_id, millesime = ligne["indicateur_id"], ligne["millesime"]
        ici = self._chiffre(indicateur_id, millesime)
        if ici is None:
            return None
        texte = f"En {millesime}, {self._niveau(ici)}"
        chiffres = [ici.reference]
        ton: Ton = "neutre"
        paire = self.faits.mouvements.get(indicateur_id)
        if paire and paire["millesime_fin"] == millesime and (mouvement := self._mouvement(paire)):
            avant, _ = mouvement
            texte += f", contre {_dit_contre(avant)} en {self.faits.debut(paire)}"
            texte += self._euros(indicateur_id)
            chiffres.append(avant.reference)
            ton = "neutre" if self.faits.de_peu(paire) else paire["evolution_lecture"]
        return Message(majuscule(texte) + self._fin(ici), ton, tuple(chiffres), "repere")

    def ecarts(self) -> list[Candidat]:
        """Figures that differ from a wider territory or from their peers."""
        candidats = []
        for ligne in self.faits.derniers:
            a_cote = self.faits.comparateurs(ligne)
            if not a_cote or self.faits.evolution_refusee(ligne):
                continue
            taille = _relatif(ligne["valeur"], ligne[f"valeur_{a_cote[0]}"])
            if taille >= PETIT:
                ton = _ton_commun([ligne[f"ecart_{x}_lecture"] for x in a_cote])
                dire = partial(self._ecart, ligne, a_cote)
                candidats.append(self._candidat(ligne["indicateur_id"], ton, taille, dire))
        return candidats

    def _ecart(self, ligne: Ligne, a_cote: Sequence[str]) -> Message | None:
        indicateur_id, millesime = ligne["indicateur_id"], ligne["millesime"]
        ici = self._chiffre(indicateur_id, millesime)
        if ici is None:
            return None
        chiffres: list[str] = [ici.reference]
        ailleurs: list[str] = []
        tons: list[Ton] = []
        for x in a_cote:
            if x == "pairs":
                continue
            la_bas = self.faits.lus.lieux[x]
            autre = self.chiffrer(indicateur_id, la_bas["territoire_id"], millesime)
            if autre is None or autre.lisibilite == "trop_peu" or _meme_texte(ici, autre):
                continue
            unite = ""
            if not ailleurs and self._aucun(ici) is not None:
                unite = f" {self.faits.unite(indicateur_id).libelle(autre.nombre or 0)}"
            ou = locatif(la_bas["niveau"], la_bas["code"], la_bas["libelle"])
            ailleurs.append(f"{_dit_contre(autre)}{unite} {ou}")
            chiffres.append(autre.reference)
            tons.append(ligne[f"ecart_{x}_lecture"])
        mediane = self._mediane(ligne) if "pairs" in a_cote else None
        if mediane == ici.texte:
            mediane = None
        if mediane is not None:
            tons.append(ligne["ecart_pairs_lecture"])
        if not tons:
            return None
        groupe = mediane_dite(ligne) if mediane is not None else ""
        environ = "environ " if ligne["valeur_pairs_statut"] != "observe" else ""
        texte = self._niveau_date(ici)
        if ailleurs:
            texte += f", contre {enumerer(ailleurs)}"
            if mediane is not None:
                texte += f" ({groupe} : {environ}{mediane}{_bout(ligne)})"
        else:
            texte += f", contre {environ}{mediane} pour la {groupe}"
        return Message(majuscule(texte) + self._fin(ici), _ton_commun(tons), tuple(chiffres), "ecart")

    def _mediane(self, ligne: Ligne) -> str:
        indicateur_id = ligne["indicateur_id"]
        decimales = self.faits.indicateurs[indicateur_id]["decimales"]
        return afficher(ligne["valeur_pairs"], self.faits.unite(indicateur_id), decimales)

    def evolutions(self) -> list[Candidat]:
        """Figures that moved, but of few: from 1 birth to 2, nothing rises."""
        return [
            self._candidat(indicateur_id, paire["evolution_lecture"], taille, partial(self._evolution, paire))
            for indicateur_id, paire in self.faits.mouvements.items()
            if (taille := _relatif(paire["valeur_debut"], paire["valeur_fin"])) >= PETIT
            and not self.faits.de_peu(paire)
        ]

    def _mouvement(self, paire: Ligne) -> tuple[Chiffre, Chiffre] | None:
        """The two ends of an evolution that can be seen in what is printed."""
        avant = self._chiffre(paire["indicateur_id"], paire["millesime_debut"])
        apres = self._chiffre(paire["indicateur_id"], paire["millesime_fin"])
        if avant is None or apres is None or _meme_texte(avant, apres):
            return None
        if "trop_peu" in (avant.lisibilite, apres.lisibilite):
            return None
        return avant, apres

    def _evolution(self, paire: Ligne) -> Message | None:
        mouvement = self._mouvement(paire)
        if mouvement is None:
            return None
        avant, apres = mouvement
        hausse = paire["evolution"] > 0
        formulation = self.faits.formulation(paire["indicateur_id"])
        periode = f"entre {self.faits.debut(paire)} et {paire['millesime_fin']}"
        if any(c.lisibilite == "intervalle" for c in mouvement):
            chemin = f" : {_dit(avant)}, puis {_dit(apres)}"
        else:
            chemin = f", {de(_dit(avant))} à {_dit(apres)}"
        if formulation.unite:
            chemin += f" {self.faits.unite(apres.indicateur_id).libelle(apres.nombre or 0)}"
        if formulation.nom is None:
            sens = "en hausse" if hausse else "en baisse"
            texte = f"{avant.libelle} : {sens} {periode}{chemin.replace(' :', ',')}"
        else:
            texte = f"{majuscule(periode)}, {formulation.nom} {'augmente' if hausse else 'baisse'}{chemin}"
        texte += self._euros(apres.indicateur_id)
        ton, chiffres = paire["evolution_lecture"], (avant.reference, apres.reference)
        return Message(texte + self._fin(apres), ton, chiffres, "evolution")

    def refus(self) -> list[Candidat]:
        """Evolutions that cannot be read, those of one reason and one period together."""
        groupes: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        for indicateur_id, paire in self.faits.voulues.items():
            if indicateur_id in self.faits.paires:
                continue
            if paire["refus"] in refus_dits() and self.faits.formulation(indicateur_id).nom:
                cle = paire["refus"], paire["millesime_debut"], paire["millesime_fin"]
                groupes[cle].append(indicateur_id)
        candidats = []
        for (motif, debut, fin), membres in groupes.items():
            nommes = sorted(membres, key=self._place)[:NOMMES]
            candidats.append(
                Candidat(
                    indicateurs=frozenset(),
                    sujet=("refus", motif),
                    ton="neutre",
                    score=sum(self.faits.formulation(i).priorite for i in nommes),
                    rang=self.faits.formulation(nommes[0]).rang,
                    dire=partial(self._refus, motif, debut, fin, nommes),
                )
            )
        return candidats

    def _place(self, indicateur_id: str) -> tuple[int, int]:
        formulation = self.faits.formulation(indicateur_id)
        return -formulation.priorite, formulation.rang

    def _refus(self, motif: str, debut: int, fin: int, membres: Sequence[str]) -> Message | None:
        chiffres, noms = [], []
        for indicateur_id in membres:
            bouts = [self._chiffre(indicateur_id, millesime) for millesime in (debut, fin)]
            nom = self.faits.formulation(indicateur_id).nom
            if nom is not None and all(bout is not None and bout.statut in MONTRENT for bout in bouts):
                chiffres += [bout.reference for bout in bouts if bout is not None]
                noms.append(de(nom))
        if not noms:
            return None
        texte = f"L'évolution {enumerer(noms)} entre {debut} et {fin} ne se lit pas : {refus_dits()[motif]}."
        return Message(texte, "neutre", tuple(chiffres), "refus")

    def _euros(self, indicateur_id: str) -> str:
        """Say of two amounts of two years that prices moved too."""
        return " (euros courants)" if self.faits.unite(indicateur_id).monnaie else ""

    def _fin(self, ici: Chiffre) -> str:
        """End a sentence, with what its figures leave out: all are of one field."""
        champ = self.faits.lus.champs.get((ici.indicateur_id, ici.millesime))
        return f" ; champ : {champ}." if champ else "."

    def _aucun(self, ici: Chiffre) -> str | None:
        exact = ici.statut == "observe" and ici.nombre == 0
        return self.faits.formulation(ici.indicateur_id).aucun if exact else None

    def _niveau(self, ici: Chiffre) -> str:
        """Say a figure in the words of its indicateur, without its year."""
        formulation = self.faits.formulation(ici.indicateur_id)
        niveau = self.faits.lus.territoire["niveau"]
        modele = self._aucun(ici) or formulation.niveau
        if niveau == "commune":
            modele = formulation.commune or modele
        assert modele is not None
        pluriel = abs(ici.nombre or 0) >= 2 or ici.lisibilite == "intervalle"
        return accorder(modele, pluriel).format(
            valeur=_dit(ici), territoire=designation(niveau), annee=ici.millesime
        )

    def _niveau_date(self, ici: Chiffre) -> str:
        """Say a figure with its year: both ends of it for what is an evolution already."""
        if self.faits.formulation(ici.indicateur_id).niveau is None:
            return f"{ici.libelle} : {_dit(ici)} en {ici.millesime}"
        decalage = self.faits.indicateurs[ici.indicateur_id]["decalage"]
        quand = f"entre {ici.millesime - decalage} et {ici.millesime}" if decalage else f"en {ici.millesime}"
        return f"{quand}, {self._niveau(ici)}"


def _bout(ligne: Ligne) -> str:
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


def _ton_commun(tons: Sequence[Ton]) -> Ton:
    return tons[0] if len(set(tons)) == 1 else "neutre"


def _dit(chiffre: Chiffre) -> str:
    """Say a figure and how exact it is: 12,1 %, environ 12,1 %, entre 31,5 et 83,6 % where it is no point."""
    approche = chiffre.statut == "partiel" or (chiffre.statut == "arrondi" and chiffre.intervalle is not None)
    return f"environ {chiffre.texte}" if approche and chiffre.lisibilite == "point" else chiffre.texte


def _dit_contre(chiffre: Chiffre) -> str:
    """The same after "contre", which two prepositions in a row would spoil."""
    dit = _dit(chiffre)
    return f"un chiffre compris {dit}" if dit.startswith("entre ") else dit


def _meme_texte(un: Chiffre, autre: Chiffre) -> bool:
    """Whether a reader would see no difference."""
    return un.texte == autre.texte or _dit(un) == _dit(autre)


def _relatif(un: float, autre: float) -> float:
    """How far apart, from 0 (equal) to 1 (one of them is nothing): 3 and 4 are at 0.25."""
    ampleur = max(abs(un), abs(autre))
    return min(abs(un - autre) / ampleur, 1.0) if ampleur else 0.0
