"""What a reader has of one or two releases of a world: figures, marks, and what they say as equations.

Belongs here: turning shown rows into equations and intervals over inner cells, and which cells the rule
protects, written again from the specification. Does not: solving anything (`calcul.py`, `attaques.py`).

An unknown is a mesure in a commune. Communes A 3 and B 7 of an EPCI of 10, A hidden, are
`{A: 1, B: 1} = 10`, `{B: 1} = 7` and `{A: 1} >= 1`, for zeros are shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.drills.secret.boite import Masques, lieux, presents, statut
from tests.drills.secret.dictionnaire import Indicateur, declares, euros
from tests.drills.secret.mondes import Lien, Lieu, Monde

Case = tuple[str, str, int]
"""Mesure, commune, and the release that revised it (0 for a figure that no release changed)."""
Vecteur = dict[Case, int]
SEUIL, SEUIL_GESTIONNAIRES, DOMINANCE = 5, 3, 0.85
# Where everybody has it, everybody is known to have it.
SENSIBLES = frozenset(
    {
        *("foyers_rsa", "foyers_aah", "enfants_aeeh", "allocataires_bas_revenus"),
        *("monoparentales_bas_revenus", "enfants_bas_revenus", "impayes_loyer", "foyers_sans_courriel"),
        *("foyers_qf_moins_400", "allocataires_dependance_100", "allocataires_fragiles"),
    }
)


@dataclass(frozen=True)
class Forme:
    """A number somebody may want: a combination of cells, its value, and who makes it."""

    nom: str
    vecteur: tuple[tuple[Case, int], ...]
    valeur: int
    apports: Mapping[str, int] = field(default_factory=dict, hash=False, compare=False)
    lieu: Lieu = ("", "")

    @property
    def coefficients(self) -> Vecteur:
        return dict(self.vecteur)


@dataclass
class Savoir:
    """What is known: `egales` and `entre` of vectors, cells that are one at least, the true table beside.

    The truth is never read to attack, but for checking what was found and for saving useless work.
    """

    egales: list[tuple[Vecteur, int]] = field(default_factory=list)
    entre: list[tuple[Vecteur, float, float]] = field(default_factory=list)
    vraies: dict[Case, int] = field(default_factory=dict)
    montants: set[Case] = field(default_factory=set)

    def verifier(self, contexte: str) -> None:
        """Refuse what the truth contradicts: it would be a mistake of the attacker's, not of the engine's."""
        for vecteur, valeur in self.egales:
            vrai = sum(k * self.vraies[c] for c, k in vecteur.items())
            assert vrai == valeur, f"{contexte}: {vecteur} is {vrai}, the attacker reads {valeur}"
        for vecteur, bas, haut in self.entre:
            vrai = sum(k * self.vraies[c] for c, k in vecteur.items())
            assert bas <= vrai <= haut, f"{contexte}: {vecteur} is {vrai}, not in [{bas}, {haut}]"


class Lecteur:
    """A reader of the releases of one world, the last of which is `monde`."""

    def __init__(self, sorties: Sequence[tuple[Monde, Masques]]) -> None:
        self.sorties = list(sorties)
        self.monde, self.masques = self.sorties[-1]

    def case(self, rang: int, mesure: str, commune: str) -> Case:
        """The cell as a release has it: a revised figure is another one.

        Which hidden figures were revised is told to the attacker, as the engine assumes.
        """
        version = rang
        while version and self._valeur(version, mesure, commune) == self._valeur(
            version - 1, mesure, commune
        ):
            version -= 1
        return mesure, commune, version

    def _valeur(self, rang: int, mesure: str, commune: str) -> int:
        return self.sorties[rang][0].case(mesure, commune)

    def forme(self, rang: int, termes: Mapping[str, int], lieu: Lieu) -> Forme:
        """A combination of mesures over a territory, as one release sums it."""
        monde = self.sorties[rang][0]
        vecteur: Vecteur = {}
        valeur, apports = 0, dict[str, int]()
        for mesure, k in termes.items():
            for c in monde.lues(mesure, lieu):
                case = self.case(rang, mesure, c)
                vecteur[case] = vecteur.get(case, 0) + k
                valeur += k * monde.case(mesure, c)
            for qui, v in monde.reunis(mesure, lieu).items():
                apports[qui] = apports.get(qui, 0) + k * v
        nom = "".join(("+" if k > 0 else "-") + m for m, k in termes.items()).removeprefix("+")
        return Forme(
            f"{nom} {':'.join(lieu)}",
            tuple(sorted((c, k) for c, k in vecteur.items() if k)),
            valeur,
            {q: v for q, v in apports.items() if v},
            lieu,
        )

    def savoir(self, liens: str = "declares") -> Savoir:
        """Everything a reader can write. `liens`: `declares` in the checkout, or `tous` that hold."""
        savoir = Savoir()
        for rang, (monde, masques) in enumerate(self.sorties):
            for mesure in monde.mesures:
                for c in monde.communes:
                    if (mesure, c) in monde.non_lues:
                        continue
                    case = self.case(rang, mesure, c)
                    savoir.vraies[case] = monde.case(mesure, c)
                    if mesure in euros():
                        savoir.montants.add(case)
            self._lire(savoir, rang, monde, masques)
            self._lier(savoir, rang, monde, liens)
        savoir.verifier(f"{self.monde.nature} {self.monde.graine}")
        return savoir

    def _lire(self, savoir: Savoir, rang: int, monde: Monde, masques: Masques) -> None:
        for i in presents(monde):
            for lieu in lieux(monde, i):
                etat = statut(monde, i, lieu)
                if etat == "non_disponible":
                    continue
                termes = [m for m in i.mesures if m in monde.contributeurs]
                if (":".join(lieu), i.indicateur_id) in masques:
                    self._cachee(savoir, rang, monde, i, lieu, masques)
                    continue
                for m in termes:
                    public = monde.publics.get((m, *lieu))
                    f = self.forme(rang, {m: 1}, lieu)
                    if etat == "sans_objet" and (m == i.numerateur or public):
                        continue
                    if public and public[0] != public[1]:
                        savoir.entre.append((f.coefficients, *public))
                    else:
                        savoir.egales.append((f.coefficients, f.valeur))
        for (m, niveau, code), (bas, haut) in monde.publics.items():
            f = self.forme(rang, {m: 1}, (niveau, code))
            if bas == haut:
                savoir.egales.append((f.coefficients, bas))
            else:
                savoir.entre.append((f.coefficients, bas, haut))

    def _cachee(
        self, savoir: Savoir, rang: int, monde: Monde, i: Indicateur, lieu: Lieu, masques: Masques
    ) -> None:
        """A mark says that there is at least one: zeros are shown. After a first release it may be old."""
        if rang or (monde.contributeurs[i.numerateur] == "gestionnaires"):
            return
        if i.denominateur is None:
            savoir.entre.append((self.forme(rang, {i.numerateur: 1}, lieu).coefficients, 1, float("inf")))
        elif i.denominateur in monde.contributeurs:
            savoir.entre.append((self.forme(rang, {i.denominateur: 1}, lieu).coefficients, 1, float("inf")))

    def _lier(self, savoir: Savoir, rang: int, monde: Monde, liens: str) -> None:
        siens: list[Lien] = list(monde.liens)
        if liens == "declares":
            connus = declares()
            siens = [
                Lien({tout: 1, part: -1})
                for tout, part in connus
                if tout in monde.contributeurs and part in monde.contributeurs
            ]
        for lien in siens:
            for c in monde.communes:
                if lien.communes is not None and c not in lien.communes:
                    continue
                lues = {m: k for m, k in lien.coefficients.items() if (m, c) not in monde.non_lues}
                manquent = [k for m, k in lien.coefficients.items() if m not in lues]
                if not lues or any(k > 0 or lien.egal for k in manquent):
                    continue
                vecteur = {self.case(rang, m, c): k for m, k in lues.items()}
                if lien.egal:
                    savoir.egales.append((vecteur, 0))
                else:
                    savoir.entre.append((vecteur, 0, float("inf")))

    def protegees(self) -> list[Forme]:
        """What no release may give away, each once: the primary rule on what rows show and leave."""
        trouvees: dict[tuple[tuple[Case, int], ...], Forme] = {}
        for rang in range(len(self.sorties)):
            for f in self._protegees(rang):
                trouvees.setdefault(f.vecteur, f)
        return list(trouvees.values())

    def _protegees(self, rang: int) -> Iterable[Forme]:
        monde = self.sorties[rang][0]
        for i in presents(monde):
            for lieu in lieux(monde, i):
                if statut(monde, i, lieu) in ("non_disponible", "sans_objet"):
                    continue
                siens = [m for m in i.mesures if m in monde.contributeurs and (m, *lieu) not in monde.publics]
                for m in siens:
                    f = self.forme(rang, {m: 1}, lieu)
                    if petite(monde, m, f):
                        yield f
                if i.part and len(siens) == 2 and i.denominateur:
                    reste = self.forme(rang, {i.denominateur: 1, i.numerateur: -1}, lieu)
                    if 0 < reste.valeur < SEUIL or 0 < len(reste.apports) < SEUIL:
                        yield reste
        if "financement_eaje" in monde.contributeurs and "financement_eaje_rpe" in monde.contributeurs:
            for lieu in monde.territoires:
                # The Eaje are shown by EPCI and wider.
                if lieu[0] != "commune" and all(
                    monde.lues(m, lieu) == monde.territoires[lieu]
                    for m in ("financement_eaje", "financement_eaje_rpe")
                ):
                    reste = self.forme(rang, {"financement_eaje_rpe": 1, "financement_eaje": -1}, lieu)
                    if petite(monde, "financement_eaje_rpe", reste):
                        yield reste

    def portees_par_tous(self) -> list[tuple[Forme, Forme]]:
        """(sensitive part, what it leaves of its whole: nothing) wherever everybody has it."""
        trouvees = []
        for i in presents(self.monde):
            if not i.part or i.numerateur not in SENSIBLES or i.denominateur not in self.monde.contributeurs:
                continue
            for lieu in lieux(self.monde, i):
                reste = self.forme(len(self.sorties) - 1, {i.denominateur: 1, i.numerateur: -1}, lieu)
                part = self.forme(len(self.sorties) - 1, {i.numerateur: 1}, lieu)
                if part.valeur > 0 and reste.valeur == 0:
                    trouvees.append((part, reste))
        return trouvees


def petite(monde: Monde, mesure: str, f: Forme) -> bool:
    """The primary rule on one number."""
    nommee = monde.contributeurs[mesure] == "gestionnaires"
    if 0 < len(f.apports) < (SEUIL_GESTIONNAIRES if nommee else SEUIL):
        return True
    if mesure in euros():
        return f.valeur > 0 and max(f.apports.values()) > DOMINANCE * f.valeur
    return 0 < f.valeur < SEUIL
