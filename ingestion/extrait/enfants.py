"""Children: birth dates or ages to counts per age band of each foyer. Only the band leaves this module."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.erreurs import ErreurSource, Refus
from ingestion.extrait.avancement import Suivre
from ingestion.extrait.colonnes import (
    LecteurColonnes,
    Lien,
    liens_enfant,
    rangs,
    verifier_entetes,
)
from ingestion.extrait.contrat import ContratExtrait
from ingestion.extrait.correspondance import Disposition, EnfantsFichier, EnfantsRepetes
from ingestion.extrait.erreurs import Constats, lieu_extrait
from ingestion.extrait.pseudonymes import Cles, Pseudonymes, en_cles
from ingestion.extrait.tables import en_avance, ouvrir

AUCUN, HORS = -1, -2

Comptes = npt.NDArray[np.int16]
# By row and band, and of the AEEH where it is known.
Compte = tuple[Comptes, Comptes | None]
Tranches = npt.NDArray[np.int8]


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

    def __init__(self, liens: list[Lien], ages: Ages, lecteur: LecteurColonnes) -> None:
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

    def __init__(self, cadre: Cadre, lecteur: LecteurColonnes) -> None:
        """Prepare one reader per rank."""
        enfants = cadre.disposition.enfants
        assert isinstance(enfants, EnfantsRepetes)
        self.liens = [
            liens_enfant(cadre.disposition, cadre.contrat, entetes, nul=True)
            for entetes in enfants.par_enfant()
        ]
        self._enfants = [Enfant(liens, cadre.ages, lecteur) for liens in self.liens]
        self._nombre = len(cadre.contrat.enfants.tranches)

    def compter(self, lot: Mapping[str, pa.DictionaryArray], cles: Cles, debut: int) -> Compte:
        """Read the children of each row; their counts are those of each band, and those with the AEEH."""
        lus = [enfant.lire(lot, debut) for enfant in self._enfants]
        ages = np.stack([tranches for tranches, _ in lus])
        par_tranche = [(ages == rang).sum(axis=0, dtype=np.int16) for rang in range(self._nombre)]
        versees = [versee for _, versee in lus if versee is not None]
        aeeh = np.stack(versees).sum(axis=0, dtype=np.int16) if versees else None
        return np.stack(par_tranche, axis=1), aeeh


@dataclass(frozen=True)
class Cadre:
    """Shared by both files: month, layout, contract, pseudonyms, progress."""

    mois: str
    disposition: Disposition
    contrat: ContratExtrait
    pseudonymes: Pseudonymes
    suivre: Suivre

    @property
    def ages(self) -> Ages:
        """Age bands at the last day of the month."""
        annee, numero = int(self.mois[:4]), int(self.mois[5:])
        return Ages(self.contrat, date(annee, numero, calendar.monthrange(annee, numero)[1]))


class FichierLu:
    """A file being read: its table and its faults."""

    def __init__(self, chemin: Path, cadre: Cadre) -> None:
        """Open the file. Raises `Refus` when its bytes cannot be one."""
        self.constats = Constats(lieu_extrait(cadre.mois, chemin.name))
        self.table = ouvrir(chemin, cadre.disposition.format, self.constats.lieu)
        self.lecteur = LecteurColonnes(self.constats)

    def erreurs(self) -> list[ErreurSource]:
        """Return every fault, in order of line."""
        return self.table.erreurs() + self.constats.erreurs(self.table.ligne)

    def noter_autre_mois(
        self, lien: Lien, lot: Mapping[str, pa.DictionaryArray], debut: int, mois: str
    ) -> None:
        """Note the rows of another month than their folder's."""
        colonne = lot[lien.entete]
        autres = pc.fill_null(pc.not_equal(self.lecteur.distincts(lien, colonne, debut), mois), False)
        self.constats.noter(
            "mois_inattendu",
            lien.nom,
            np.flatnonzero(autres.to_numpy(zero_copy_only=False)[rangs(colonne)]) + debut,
            f"{mois} on every row, like the folder of the file",
            "export one month per file, and put each in the folder of its month",
        )


@dataclass
class ParFoyer:
    """The second file, added up: sorted `cles`, one line of counts each; `vus`: met in the main file."""

    lu: FichierLu
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
        comptes = np.zeros((len(cles), self.comptes.shape[1]), np.int16)
        comptes[trouves] = self.comptes[places]
        if self.aeeh is None:
            return comptes, None
        aeeh = np.zeros(len(cles), np.int16)
        aeeh[trouves] = self.aeeh[places]
        return comptes, aeeh

    def noter_orphelins(self) -> None:
        """Note the children of no foyer of the main file, once it is read."""
        self.lu.constats.noter(
            "enfant_sans_foyer",
            "",
            self.premiers[~self.vus],
            "children of the foyers of the main file",
            "export both files from the same selection, with the same identifier",
        )


def lire_fichier(chemin: Path, cadre: Cadre) -> ParFoyer:
    """Add up the second file by foyer; faults of rows are in its `lu`. Raises `Refus`: bytes or header."""
    lu, enfants = FichierLu(chemin, cadre), cadre.disposition.enfants
    assert isinstance(enfants, EnfantsFichier)
    entetes = {cible: entete for entete, cible in enfants.colonnes.items()}
    liens = liens_enfant(cadre.disposition, cadre.contrat, entetes, nul=False)
    lies = {lien.entete: lien.cible for lien in liens}
    if erreurs := verifier_entetes(lu.table, lies, enfants.ignorees, lu.constats.lieu):
        raise Refus(erreurs)
    enfant = Enfant(liens, cadre.ages, lu.lecteur)
    par_cible = {lien.cible: lien for lien in liens}
    foyer = par_cible["id_foyer"]
    cles, tranches, aeeh, debut = [], [], [], 0
    for lot in en_avance(lu.table.lots(lies)):
        # Children of one foyer have one pseudonym, computed once.
        distincts = lu.lecteur.distincts(foyer, lot[foyer.entete], debut)
        distinctes = en_cles(cadre.pseudonymes.calculer(distincts))
        cles.append(distinctes[rangs(lot[foyer.entete])])
        lues, versee = enfant.lire(lot, debut)
        tranches.append(lues)
        if versee is not None:
            aeeh.append(versee)
        if "mois" in par_cible:
            lu.noter_autre_mois(par_cible["mois"], lot, debut, cadre.mois)
        debut += len(lues)
        cadre.suivre(lu.table.avancement(debut))
    toutes = np.concatenate(cles) if cles else np.empty(0, "S16")
    de_qui = np.concatenate(tranches) if tranches else np.empty(0, np.int8)
    foyers, premiers, inverse = np.unique(toutes, return_index=True, return_inverse=True)

    comptes = np.zeros((foyers.size, len(cadre.contrat.enfants.tranches)), np.int16)
    dits = de_qui >= 0
    np.add.at(comptes, (inverse[dits], de_qui[dits]), 1)
    versees = None
    if enfant.aeeh:
        versees = np.zeros(foyers.size, np.int16)
        np.add.at(versees, inverse, np.concatenate(aeeh) if aeeh else 0)
    # The children without a foyer would pass for one large family.
    if ("valeur_absente", foyer.nom) not in lu.constats.fautes:
        lu.constats.noter(
            "trop_d_enfants",
            foyer.nom,
            premiers[np.bincount(inverse, minlength=foyers.size) > cadre.contrat.enfants.maximum],
            f"at most {cadre.contrat.enfants.maximum} children of one foyer",
            "correct the export: is the identifier that of the foyer?",
        )
    return ParFoyer(lu, foyers, comptes, versees, premiers, np.zeros(foyers.size, bool))
