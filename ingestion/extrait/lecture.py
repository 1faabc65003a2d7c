"""The files of one month to pseudonymised rows: strict, streamed, every fault reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.depot import Depose
from ingestion.erreurs import ErreurSource, Lieu, Refus
from ingestion.extrait.avancement import Suivre, ne_rien_dire
from ingestion.extrait.colonnes import Lien, liens_foyers, verifier_entetes
from ingestion.extrait.contrat import ContratExtrait
from ingestion.extrait.correspondance import Correspondance
from ingestion.extrait.ecriture import Ecriture
from ingestion.extrait.enfants import Cadre, Comptes, FichierLu, ParFoyer, Repetes, lire_fichier
from ingestion.extrait.erreurs import Constats, combien, lieu_extrait, sans_fuite
from ingestion.extrait.pseudonymes import Cles, Pseudonymes, Reperes, en_cles, en_hexadecimal
from ingestion.extrait.schema import SCHEMA_MICRO, TRANCHES
from ingestion.extrait.tables import en_avance

Compteur = Repetes | ParFoyer


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

    Without `pseudonymes` nothing may be written. Raises `Refus` with every fault of both files: `ecriture`
    must then be abandoned. Besides, only a full disk or memory raises: no other error may quote a row.
    """
    assert pseudonymes or not ecriture
    reperes = pseudonymes or Reperes()
    cadre = Cadre(extrait.mois, correspondance.disposition(extrait.mois), contrat, reperes, suivre)
    lecture = _Lecture(extrait, correspondance, cadre, ecriture)
    sans_fuite(lieu_extrait(extrait.mois, extrait.foyers.name), lecture.lire)


class _Lecture:
    def __init__(
        self, extrait: Extrait, correspondance: Correspondance, cadre: Cadre, ecriture: Ecriture | None
    ) -> None:
        self._extrait, self._cadre, self._ecriture = extrait, cadre, ecriture
        # What else a mapping covers, EPCI across a border or conventions, no code tells.
        genre, _, departement = correspondance.couverture.partition(":")
        self._departement = departement if genre == "departement" else None
        self._ailleurs = 0
        self._constants: dict[str, object] = {
            "mois": extrait.mois,
            "millesime": int(extrait.mois[:4]),
            "fichier_sha256": extrait.sha256,
            "cog_millesime": correspondance.cog_du_mois(extrait.mois),
        }

    def lire(self) -> None:
        """Read both files. Raises `Refus` with the faults of the foyers, then those of the children."""
        erreurs, enfants = list[ErreurSource](), None
        if self._extrait.enfants:
            try:
                enfants = lire_fichier(self._extrait.enfants, self._cadre)
            except Refus as refus:
                erreurs += refus.erreurs
        try:
            erreurs = self._foyers(enfants) + erreurs
        except Refus as refus:
            erreurs = refus.erreurs + erreurs
        if enfants:
            erreurs += enfants.lu.erreurs()
        if erreurs:
            raise Refus(erreurs)

    def _foyers(self, par_foyer: ParFoyer | None) -> list[ErreurSource]:
        lu, disposition = FichierLu(self._extrait.foyers, self._cadre), self._cadre.disposition
        liens = liens_foyers(disposition, self._cadre.contrat)
        lies = {lien.entete: lien.cible for lien in liens}
        enfants: Compteur | None = par_foyer
        if self._extrait.enfants is None:
            enfants = Repetes(self._cadre, lu.lecteur)
            lies |= {lien.entete: lien.cible for rang in enfants.liens for lien in rang}
        if erreurs := verifier_entetes(lu.table, lies, disposition.ignorees, lu.constats.lieu):
            return erreurs
        cles = self._lire_lots(lu, lies, liens, enfants)
        if not cles.size:
            raise lu.constats.lieu.refus(
                "vide",
                observe="a header and no row",
                attendu="one row per foyer allocataire",
                que_faire="export the extract again: the selection was empty, or the copy was cut short",
            )
        foyer = next(lien.nom for lien in liens if lien.cible == "id_foyer")
        if ("valeur_absente", foyer) not in lu.constats.fautes:
            _noter_doublons(cles, foyer, lu.constats)
            if par_foyer is not None:
                par_foyer.noter_orphelins()
        if self._ailleurs * 2 > cles.size:
            raise self._d_ailleurs(lu.constats.lieu, cles.size)
        return lu.erreurs()

    def _lire_lots(
        self, lu: FichierLu, lies: Mapping[str, str], liens: list[Lien], enfants: Compteur | None
    ) -> Cles:
        """Read every batch; return the keys of the foyers, in order."""
        debut, toutes, lecteur = 0, [], lu.lecteur
        par_cible = {lien.cible: lien for lien in liens}
        identifiant = par_cible["id_foyer"]
        for lot in en_avance(lu.table.lots(lies)):
            identifiants = lecteur.lire(identifiant, lot[identifiant.entete], debut)
            empreintes = self._cadre.pseudonymes.calculer(identifiants)
            cles = en_cles(empreintes)
            lu.noter_autre_mois(par_cible["mois"], lot, debut, self._extrait.mois)
            valeurs = {
                lien.cible: lecteur.lire(lien, lot[lien.entete], debut)
                for lien in liens
                if lien.cible in SCHEMA_MICRO.names and lien.cible != "mois"
            }
            if self._departement and not lecteur.constats.fautes:
                ici = pc.starts_with(valeurs["code_commune"], self._departement)
                self._ailleurs += len(cles) - int(pc.sum(ici).as_py() or 0)
            comptes = enfants.compter(lot, cles, debut) if enfants is not None else None
            if self._ecriture and comptes and not lecteur.constats.fautes:
                valeurs["pseudonyme"] = en_hexadecimal(empreintes)
                self._ecriture(self._lignes(valeurs | _colonnes_enfants(*comptes), len(cles)))
            toutes.append(cles)
            debut += len(cles)
            self._cadre.suivre(lu.table.avancement(debut))
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

    def _d_ailleurs(self, lieu: Lieu, nombre: int) -> Refus:
        return lieu.refus(
            "autre_departement",
            observe=f"{combien(self._ailleurs)} of {combien(nombre)} in communes of other départements",
            attendu=f"foyers of {self._departement}, which the mapping covers, but for a few",
            que_faire="drop the extract of that département, or correct `couverture` in the mapping",
            colonne="code_commune",
        )


def _colonnes_enfants(par_tranche: Comptes, aeeh: Comptes | None) -> dict[str, pa.Array]:
    colonnes = {
        nom: pa.array(np.ascontiguousarray(par_tranche[:, rang])) for rang, nom in enumerate(TRANCHES)
    }
    if aeeh is not None:
        colonnes["enfants_aeeh"] = pa.array(aeeh)
    return colonnes


def _noter_doublons(cles: Cles, colonne: str, constats: Constats) -> None:
    # Sorted by half of each key, which is enough for rows of one foyer to come together.
    ordre = np.argsort(cles.view("<u8")[::2], kind="stable")
    triees = cles[ordre]
    constats.noter(
        "cle_dupliquee",
        colonne,
        ordre[1:][triees[1:] == triees[:-1]],
        "one row per foyer and month",
        "export each foyer once: a join of the export may have multiplied its rows",
    )
