"""The files of one month to pseudonymised rows: strict, streamed, every fault reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.depot import Depose
from ingestion.erreurs import ErreurSource, Lieu, Refus
from ingestion.extrait.avancement import Suivre, ne_rien_dire
from ingestion.extrait.colonnes import Lecteur, Lien, Valeurs, liens_foyers, verifier_entetes
from ingestion.extrait.contrat import ContratExtrait
from ingestion.extrait.correspondance import Correspondance
from ingestion.extrait.ecriture import Ecriture
from ingestion.extrait.enfants import (
    Ages,
    Comptes,
    ParFoyer,
    Repetes,
    dernier_jour,
    foyer_nom,
    lire_fichier,
    noter_autre_mois,
)
from ingestion.extrait.erreurs import Constats, combien, lieu_extrait, sans_fuite
from ingestion.extrait.pseudonymes import Cles, Pseudonymes, en_cles, en_cles_directes, en_hexadecimal
from ingestion.extrait.schema import SCHEMA_MICRO, TRANCHES
from ingestion.extrait.tables import Table, en_avance, ouvrir

Compteur = Repetes | ParFoyer
# Odd numbers without a pattern.
PLIS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


@dataclass(frozen=True)
class Extrait:
    """The files of one month: `enfants` in the second-file form only. `sha256` is that of both."""

    mois: str
    foyers: Path
    enfants: Path | None
    sha256: str
    depose: Depose | None = None


def lire_extrait(
    extrait: Extrait,
    correspondance: Correspondance,
    contrat: ContratExtrait,
    pseudonymes: Pseudonymes | None,
    ecriture: Ecriture | None = None,
    suivre: Suivre = ne_rien_dire,
) -> None:
    """Read the files of a declared month, and add their rows to `ecriture` if there is one.

    Without `pseudonymes` nothing may be written: foyers are told apart by their identifiers. `suivre` is
    called with the progress, batch by batch. Raises `Refus` with every fault of both files; rows may then
    have been added, and `ecriture` must be abandoned. Besides, only a full disk or memory raises: no other
    error may quote a row.
    """
    lecture = _Lecture(extrait, correspondance, contrat, pseudonymes, ecriture, suivre)
    sans_fuite(lieu_extrait(extrait.mois, extrait.foyers.name), lecture.lire)


class _Lecture:
    def __init__(
        self,
        extrait: Extrait,
        correspondance: Correspondance,
        contrat: ContratExtrait,
        pseudonymes: Pseudonymes | None,
        ecriture: Ecriture | None,
        suivre: Suivre,
    ) -> None:
        assert pseudonymes or not ecriture
        self._extrait, self._contrat, self._ecriture = extrait, contrat, ecriture
        self._pseudonymes, self._suivre = pseudonymes, suivre
        # What else a mapping covers, EPCI across a border or conventions, no code tells.
        genre, _, departement = correspondance.couverture.partition(":")
        self._departement = departement if genre == "departement" else None
        self._ailleurs = 0
        self._disposition = correspondance.disposition(extrait.mois)
        self._constants: dict[str, object] = {
            "mois": extrait.mois,
            "millesime": int(extrait.mois[:4]),
            "fichier_sha256": extrait.sha256,
            "cog_millesime": correspondance.cog_du_mois(extrait.mois),
        }

    def lire(self) -> None:
        erreurs: list[ErreurSource] = []
        table_enfants, enfants, constats_enfants = None, None, None
        if self._extrait.enfants:
            constats_enfants = Constats(lieu_extrait(self._extrait.mois, self._extrait.enfants.name))
            try:
                table_enfants = ouvrir(self._extrait.enfants, self._disposition.format, constats_enfants.lieu)
                enfants = lire_fichier(
                    table_enfants,
                    self._disposition,
                    self._contrat,
                    self._extrait.mois,
                    self._pseudonymes,
                    constats_enfants,
                    self._suivre,
                )
            except Refus as refus:
                erreurs += refus.erreurs
        try:
            erreurs = self._foyers(enfants, constats_enfants) + erreurs
        except Refus as refus:
            erreurs = refus.erreurs + erreurs
        if table_enfants is not None and enfants is not None and constats_enfants is not None:
            erreurs += table_enfants.erreurs() + constats_enfants.erreurs(table_enfants.ligne)
        if erreurs:
            raise Refus(erreurs)

    def _foyers(self, par_foyer: ParFoyer | None, constats_enfants: Constats | None) -> list[ErreurSource]:
        constats = Constats(lieu_extrait(self._extrait.mois, self._extrait.foyers.name))
        table = ouvrir(self._extrait.foyers, self._disposition.format, constats.lieu)
        lecteur = Lecteur(constats)
        liens = liens_foyers(self._disposition, self._contrat)
        lies = {lien.entete: lien.cible for lien in liens}
        enfants: Compteur | None = par_foyer
        if self._extrait.enfants is None:
            ages = Ages(self._contrat, dernier_jour(self._extrait.mois))
            enfants = Repetes(self._disposition, self._contrat, ages, lecteur)
            lies |= {lien.entete: lien.cible for rang in enfants.liens for lien in rang}
        if erreurs := verifier_entetes(table, lies, self._disposition.ignorees, constats.lieu):
            return erreurs
        cles = self._lire_lots(table, lies, liens, lecteur, enfants)
        if not cles.size:
            raise self._sans_ligne(constats.lieu)
        if ("valeur_absente", foyer_nom(liens)) not in constats.fautes:
            _noter_doublons(cles, foyer_nom(liens), constats)
            if par_foyer is not None and constats_enfants is not None:
                _noter_orphelins(par_foyer, constats_enfants)
        if self._ailleurs * 2 > cles.size:
            raise self._d_ailleurs(constats.lieu, cles.size)
        return table.erreurs() + constats.erreurs(table.ligne)

    def _lire_lots(
        self,
        table: Table,
        lies: Mapping[str, str],
        liens: list[Lien],
        lecteur: Lecteur,
        enfants: Compteur | None,
    ) -> Cles:
        """Read every batch; return the keys of the foyers, in order."""
        debut, toutes = 0, []
        par_cible = {lien.cible: lien for lien in liens}
        identifiant = par_cible["id_foyer"]
        repetes = dict.fromkeys(lies, True) | {lien.entete: lien.regle.repete for lien in liens}
        for lot in en_avance(table.lots(repetes)):
            identifiants = lecteur.lire(identifiant, lot[identifiant.entete], debut)()
            empreintes = self._pseudonymes.calculer(identifiants) if self._pseudonymes else b""
            cles = en_cles(empreintes) if self._pseudonymes else en_cles_directes(identifiants)
            noter_autre_mois(lecteur, par_cible["mois"], lot, debut, self._extrait.mois)
            valeurs: dict[str, Valeurs] = {
                lien.cible: lecteur.lire(lien, lot[lien.entete], debut)
                for lien in liens
                if lien.cible in SCHEMA_MICRO.names and lien.cible != "mois"
            }
            if self._departement and not lecteur.constats.fautes:
                ici = pc.starts_with(valeurs["code_commune"](), self._departement)
                self._ailleurs += len(cles) - int(pc.sum(ici).as_py() or 0)
            comptes = enfants.compter(lot, cles, debut) if enfants is not None else None
            if self._ecriture and comptes and not lecteur.constats.fautes:
                valeurs["pseudonyme"] = partial(en_hexadecimal, empreintes)
                lignes = {nom: valeurs_() for nom, valeurs_ in valeurs.items()} | _colonnes_enfants(comptes())
                self._ecriture.ajouter(self._lignes(lignes, len(cles)))
            toutes.append(cles)
            debut += len(cles)
            self._suivre(table.avancement(debut))
        return np.concatenate(toutes) if toutes else np.empty(0, "S16")

    def _lignes(self, valeurs: Mapping[str, pa.Array], nombre: int) -> pa.Table:
        """Rows of `SCHEMA_MICRO`: what was not mapped is null."""
        colonnes = []
        for champ in SCHEMA_MICRO:
            if champ.name in self._constants:
                colonnes.append(pa.repeat(pa.scalar(self._constants[champ.name], champ.type), nombre))
            else:
                colonnes.append(valeurs.get(champ.name, pa.nulls(nombre, champ.type)))
        return pa.Table.from_arrays(colonnes, schema=SCHEMA_MICRO)

    def _sans_ligne(self, lieu: Lieu) -> Refus:
        return lieu.refus(
            "vide",
            observe="a header and no row",
            attendu="one row per foyer allocataire",
            que_faire="export the extract again: the selection was empty, or the copy was cut short",
        )

    def _d_ailleurs(self, lieu: Lieu, nombre: int) -> Refus:
        return lieu.refus(
            "autre_departement",
            observe=f"{combien(self._ailleurs)} of {combien(nombre)} in communes of other départements",
            attendu=f"foyers of {self._departement}, which the mapping covers, but for a few",
            que_faire="drop the extract of that département, or correct `couverture` in the mapping",
            colonne="code_commune",
        )


def _colonnes_enfants(comptes: tuple[Comptes, Comptes | None]) -> dict[str, pa.Array]:
    par_tranche, aeeh = comptes
    colonnes = {
        nom: pa.array(np.ascontiguousarray(par_tranche[:, rang])) for rang, nom in enumerate(TRANCHES)
    }
    if aeeh is not None:
        colonnes["enfants_aeeh"] = pa.array(aeeh)
    return colonnes


def _noter_doublons(cles: Cles, colonne: str, constats: Constats) -> None:
    mots = cles.view("<u8").reshape(-1, 2)
    # Keys of one foyer fold into one number; only keys whose number is shared are compared themselves.
    plis = mots[:, 0] * PLIS[0] + mots[:, 1] * PLIS[1]
    tries = np.sort(plis)
    places = np.flatnonzero(np.isin(plis, tries[1:][tries[1:] == tries[:-1]]))
    ordre: npt.NDArray[np.int64] = places[np.argsort(cles[places], kind="stable")]
    triees = cles[ordre]
    constats.noter(
        "cle_dupliquee",
        colonne,
        ordre[1:][triees[1:] == triees[:-1]],
        "one row per foyer and month",
        "export each foyer once: a join of the export may have multiplied its rows",
    )


def _noter_orphelins(par_foyer: ParFoyer, constats: Constats) -> None:
    constats.noter(
        "enfant_sans_foyer",
        "",
        par_foyer.premiers[~par_foyer.vus],
        "children of the foyers of the main file",
        "export both files from the same selection, with the same identifier",
    )
