"""Children: birth dates or ages to counts per age band of each foyer. Only the band leaves this module."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.erreurs import Refus
from ingestion.extrait.avancement import Suivre
from ingestion.extrait.colonnes import (
    Lecteur,
    Lien,
    liens_enfant,
    rangs,
    verifier_entetes,
)
from ingestion.extrait.contrat import ContratExtrait
from ingestion.extrait.correspondance import Disposition, EnfantsFichier, EnfantsRepetes
from ingestion.extrait.erreurs import Constats
from ingestion.extrait.pseudonymes import Cles, Pseudonymes, en_cles, en_cles_directes
from ingestion.extrait.tables import Table, en_avance

AUCUN, HORS = -1, -2

Comptes = npt.NDArray[np.int16]
# What gives the counts of a batch to whoever stores them: by row and band, and of the AEEH where it is known.
Compte = Callable[[], tuple[Comptes, Comptes | None]]
Tranches = npt.NDArray[np.int8]


def dernier_jour(mois: str) -> date:
    """Reference date of a month (YYYY-MM)."""
    annee, numero = int(mois[:4]), int(mois[5:])
    return date(annee, numero, calendar.monthrange(annee, numero)[1])


@dataclass(frozen=True)
class Ages:
    """Age bands at one reference date."""

    contrat: ContratExtrait
    reference: date

    def tranches(self, valeurs: pa.Array) -> Tranches:
        """Band of each birth date or age: its rank, AUCUN for null, HORS outside of the bands."""
        bas = [b for b, _ in self.contrat.enfants.tranches.values()]
        connus = np.asarray(pc.is_valid(valeurs).to_numpy(zero_copy_only=False))
        ages = self._ages(valeurs)
        tranches = np.searchsorted(bas, ages, side="right") - 1
        dehors = (ages < bas[0]) | (ages > self.contrat.enfants.age_maximal)
        return np.where(connus, np.where(dehors, HORS, tranches), AUCUN).astype(np.int8)

    def _ages(self, valeurs: pa.Array) -> npt.NDArray[np.int64]:
        """Full years; anything for null."""
        if not pa.types.is_date(valeurs.type):
            return np.asarray(pc.fill_null(valeurs, 0).to_numpy(zero_copy_only=False), np.int64)
        dates = pc.fill_null(valeurs, pa.scalar(self.reference, pa.date32()))
        annee, mois, jour = (
            np.asarray(f(dates).to_numpy(zero_copy_only=False), np.int64) for f in (pc.year, pc.month, pc.day)
        )
        r = self.reference
        return r.year - annee - (100 * mois + jour > 100 * r.month + r.day)


class Enfant:
    """The columns of one child in a row: of one rank, or of the second file."""

    def __init__(self, liens: list[Lien], ages: Ages, lecteur: Lecteur) -> None:
        """Read `liens` with `lecteur`."""
        par_cible = {lien.cible: lien for lien in liens}
        self.age = par_cible.get("naissance") or par_cible["age"]
        self.aeeh = par_cible.get("aeeh")
        self.ages, self.lecteur = ages, lecteur

    def lire(
        self, lot: Mapping[str, pa.DictionaryArray], debut: int
    ) -> tuple[Tranches, npt.NDArray[np.bool_] | None]:
        """Return the band of the child of each row (AUCUN without child) and whether its AEEH is paid."""
        colonne = lot[self.age.entete]
        tranches = self.ages.tranches(self.lecteur.distincts(self.age, colonne, debut))[rangs(colonne)]
        constats, age_maximal = self.lecteur.constats, self.ages.contrat.enfants.age_maximal
        constats.noter(
            "age_hors_tranches",
            self.age.nom,
            np.flatnonzero(tranches == HORS) + debut,
            f"a child of 0 to {age_maximal} years at {self.ages.reference}",
            "correct the export: only children in the foyer's charge, born by the reference date",
        )
        if self.aeeh is None:
            return tranches, None
        distincts = self.lecteur.distincts(self.aeeh, lot[self.aeeh.entete], debut)
        indices = rangs(lot[self.aeeh.entete])
        inconnus = np.asarray(pc.is_null(distincts).to_numpy(zero_copy_only=False))[indices]
        versee = np.asarray(pc.fill_null(distincts, False).to_numpy(zero_copy_only=False))[indices]
        constats.noter(
            "enfant_sans_age",
            self.age.nom,
            np.flatnonzero((tranches == AUCUN) & versee) + debut,
            "a birth date or an age for each child",
            "correct the export: the AEEH is paid for a child that has none",
        )
        if self.aeeh.regle.vide == "inconnu":
            constats.noter(
                "valeur_absente",
                self.aeeh.nom,
                np.flatnonzero((tranches != AUCUN) & inconnus) + debut,
                self.aeeh.regle.attendu,
                'correct the export, or say in the mapping what a blank means (a code "")',
            )
        return tranches, versee


class Repetes:
    """Children as repeated columns of the foyer's row."""

    def __init__(
        self, disposition: Disposition, contrat: ContratExtrait, ages: Ages, lecteur: Lecteur
    ) -> None:
        """Prepare one reader per rank."""
        assert isinstance(disposition.enfants, EnfantsRepetes)
        self.liens = [
            liens_enfant(disposition, contrat, entetes, nul=True)
            for entetes in disposition.enfants.par_enfant()
        ]
        self._enfants = [Enfant(liens, ages, lecteur) for liens in self.liens]
        self._nombre = len(contrat.enfants.tranches)

    def compter(self, lot: Mapping[str, pa.DictionaryArray], cles: Cles, debut: int) -> Compte:
        """Read the children of each row; their counts are those of each band, and those with the AEEH."""
        lus = [enfant.lire(lot, debut) for enfant in self._enfants]
        return lambda: self._additionner(lus)

    def _additionner(
        self, lus: list[tuple[Tranches, npt.NDArray[np.bool_] | None]]
    ) -> tuple[Comptes, Comptes | None]:
        # One byte a band; the last two places are those of AUCUN and HORS.
        unites = np.array([*(1 << 8 * rang for rang in range(self._nombre)), 0, 0], np.int64)
        somme = sum(unites[tranches] for tranches, _ in lus)
        comptes = np.stack([somme >> 8 * rang & 0xFF for rang in range(self._nombre)], axis=1).astype(
            np.int16
        )
        versees = [versee for _, versee in lus if versee is not None]
        return comptes, np.stack(versees).sum(axis=0, dtype=np.int16) if versees else None


@dataclass
class ParFoyer:
    """The second file, added up: sorted `cles`, one line of counts each; `vus`: met in the main file."""

    cles: Cles
    comptes: Comptes
    aeeh: Comptes | None
    premiers: npt.NDArray[np.int64]
    vus: npt.NDArray[np.bool_]

    def compter(self, lot: Mapping[str, pa.DictionaryArray], cles: Cles, debut: int) -> Compte:
        """Find the children of these foyers; their counts are those of each band, and those with the AEEH."""
        places = np.minimum(np.searchsorted(self.cles, cles), max(self.cles.size - 1, 0))
        trouves = self.cles[places] == cles if self.cles.size else np.zeros(len(cles), bool)
        places = places[trouves]
        self.vus[places] = True

        def compter() -> tuple[Comptes, Comptes | None]:
            comptes = np.zeros((len(cles), self.comptes.shape[1]), np.int16)
            comptes[trouves] = self.comptes[places]
            if self.aeeh is None:
                return comptes, None
            aeeh = np.zeros(len(cles), np.int16)
            aeeh[trouves] = self.aeeh[places]
            return comptes, aeeh

        return compter


def lire_fichier(
    table: Table,
    disposition: Disposition,
    contrat: ContratExtrait,
    mois: str,
    pseudonymes: Pseudonymes | None,
    constats: Constats,
    suivre: Suivre,
) -> ParFoyer:
    """Add up the second file by foyer. Raises `Refus` when its header is not the mapping's.

    Faults of rows go to `constats`, with their ranks in this file.
    """
    assert isinstance(disposition.enfants, EnfantsFichier)
    entetes = {cible: entete for entete, cible in disposition.enfants.colonnes.items()}
    liens, ignorees = liens_enfant(disposition, contrat, entetes, nul=False), disposition.enfants.ignorees
    if erreurs := verifier_entetes(
        table, {lien.entete: lien.cible for lien in liens}, ignorees, constats.lieu
    ):
        raise Refus(erreurs)
    lecteur = Lecteur(constats)
    enfant = Enfant(liens, Ages(contrat, dernier_jour(mois)), lecteur)
    par_cible = {lien.cible: lien for lien in liens}
    cles, tranches, aeeh, debut = [], [], [], 0
    for lot in en_avance(table.lots({lien.entete: True for lien in liens})):
        foyer = par_cible["id_foyer"]
        # Children of one foyer have one pseudonym, computed once.
        distincts = lecteur.distincts(foyer, lot[foyer.entete], debut)
        distinctes = en_cles(pseudonymes.calculer(distincts)) if pseudonymes else en_cles_directes(distincts)
        cles.append(distinctes[rangs(lot[foyer.entete])])
        lues, versee = enfant.lire(lot, debut)
        tranches.append(lues)
        if versee is not None:
            aeeh.append(versee)
        if "mois" in par_cible:
            noter_autre_mois(lecteur, par_cible["mois"], lot, debut, mois)
        debut += len(lues)
        suivre(table.avancement(debut))
    return _additionner(cles, tranches, aeeh if enfant.aeeh else None, contrat, foyer_nom(liens), constats)


def foyer_nom(liens: list[Lien]) -> str:
    """Name of the column of the foyer, in messages."""
    return next(lien.nom for lien in liens if lien.cible == "id_foyer")


def noter_autre_mois(
    lecteur: Lecteur, lien: Lien, lot: Mapping[str, pa.DictionaryArray], debut: int, mois: str
) -> None:
    """Note the rows of another month than their folder's."""
    colonne = lot[lien.entete]
    autres = pc.fill_null(pc.not_equal(lecteur.distincts(lien, colonne, debut), mois), False)
    lecteur.constats.noter(
        "mois_inattendu",
        lien.nom,
        np.flatnonzero(autres.to_numpy(zero_copy_only=False)[rangs(colonne)]) + debut,
        f"{mois} on every row, like the folder of the file",
        "export one month per file, and put each in the folder of its month",
    )


def _additionner(
    cles: list[Cles],
    tranches: list[Tranches],
    aeeh: list[npt.NDArray[np.bool_]] | None,
    contrat: ContratExtrait,
    colonne: str,
    constats: Constats,
) -> ParFoyer:
    toutes = np.concatenate(cles) if cles else np.empty(0, "S16")
    de_qui = np.concatenate(tranches) if tranches else np.empty(0, np.int8)
    foyers, premiers, inverse = np.unique(toutes, return_index=True, return_inverse=True)
    nombre = len(contrat.enfants.tranches)
    comptes = np.zeros((foyers.size, nombre), np.int16)
    for tranche in range(nombre):
        comptes[:, tranche] = np.bincount(inverse[de_qui == tranche], minlength=foyers.size)
    versees = None
    if aeeh is not None:
        payes = np.concatenate(aeeh) if aeeh else np.empty(0, bool)
        versees = np.bincount(inverse[payes], minlength=foyers.size).astype(np.int16)
    trop = np.bincount(inverse, minlength=foyers.size) > contrat.enfants.maximum
    if ("valeur_absente", colonne) in constats.fautes:
        # The children without a foyer would pass for one large family.
        trop[:] = False
    constats.noter(
        "trop_d_enfants",
        colonne,
        premiers[trop],
        f"at most {contrat.enfants.maximum} children of one foyer",
        "correct the export: is the identifier that of the foyer?",
    )
    return ParFoyer(foyers, comptes, versees, premiers, np.zeros(foyers.size, bool))
