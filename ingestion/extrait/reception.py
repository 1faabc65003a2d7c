"""Taking in the months that wait: checked, read, journalled, accepted, their raw files removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingestion import bilan as commun
from ingestion.erreurs import ErreurSource, LectureArretee, Lieu, Refus, relire
from ingestion.extrait import depot
from ingestion.extrait.avancement import Suivre, ne_rien_dire
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.correspondance import Correspondance, CorrespondanceInvalide, charger_correspondance
from ingestion.extrait.depot import Origine
from ingestion.extrait.ecriture import ecrire_micro
from ingestion.extrait.erreurs import lieu_extrait, sans_fuite
from ingestion.extrait.journal import EtatMois, JournalMicro
from ingestion.extrait.lecture import Extrait, lire_extrait
from ingestion.extrait.pseudonymes import CleRefusee, Pseudonymes
from ingestion.extrait.retenus import Micro, est_intact
from ingestion.extrait.zones import Zones, exiger_fermee, preparer_zone
from socle.disque import masque_prive, sha256_fichier
from socle.horloge import aujourd_hui


@dataclass
class BilanExtrait(commun.Bilan[str]):
    """Outcome of one night, by month. `a_purger` is past its retention."""

    retires: list[str] = field(default_factory=list)
    a_purger: list[str] = field(default_factory=list)


class Reception:
    """The extracts that wait for one `CTG_HOME`. One process at a time."""

    def __init__(self, micro: Micro, zones: Zones, origine: Origine) -> None:
        """Take the extracts of `origine` into `micro`."""
        self.micro, self.zones, self.origine = micro, zones, origine
        self._suivre: Suivre = ne_rien_dire
        self._retirer = True
        self.contrat = charger_contrat()

    def recevoir(self, suivre: Suivre = ne_rien_dire, *, retirer: bool = True) -> BilanExtrait:
        """Take in every month that waits, none stopping the others; `suivre` is called with the progress.

        Unless `retirer`, raw files past their retention stay: the day is not known.
        """
        bilan, self._suivre, self._retirer = BilanExtrait(), suivre, retirer
        if self.micro.jour:
            return bilan
        with masque_prive():
            try:
                preparer_zone(self.zones.micro)
                journal = self.micro.journal()
                if correspondance := self._correspondance(bilan):
                    for dossier in self._dossiers(bilan):
                        self._recevoir(dossier, correspondance, journal, bilan)
                    bilan.a_purger = [
                        m.mois
                        for m in self.micro.acceptes(journal)
                        if not m.purge
                        and depot.hors_conservation(m.mois, m.finalite, correspondance, aujourd_hui())
                    ]
                bilan.refus += self._en_souffrance(journal)
            except ErreurSource as e:
                bilan.refus.append(e)
        return bilan

    def _correspondance(self, bilan: BilanExtrait) -> Correspondance | None:
        """Load the mapping; report its absence only when an extract waits for it."""
        fichier = self.origine.correspondance
        if not fichier.exists() and not any(self.origine.dossier.glob("[!.]*")):
            return None
        try:
            return charger_correspondance(fichier)
        except CorrespondanceInvalide as e:
            refus = lieu_extrait(None, fichier.name).erreur(
                "correspondance",
                observe="; ".join(e.erreurs),
                attendu="a mapping of this Caf's columns, codes and months to the contract",
                que_faire="start from the one that `ctg extrait template` writes, try `ctg extrait check`",
            )
        bilan.refus.append(refus)
        return None

    def _dossiers(self, bilan: BilanExtrait) -> Iterator[Path]:
        """Yield the folders of months that wait; refuse anything else, and a depot that others can reach."""
        racine, deposes = self.origine.dossier, self.zones.depot_extrait
        if racine != deposes and any(deposes.glob("[!.]*")):
            bilan.refus.append(
                lieu_extrait().erreur(
                    "depot_ambigu",
                    observe=f"an extract in {deposes}, which this profile does not read",
                    attendu="real persons and the demonstration's in two CTG_HOME",
                    que_faire="set CTG_HOME to a folder of the mirror or live profile, and drop it there",
                )
            )
        if not racine.is_dir():
            return
        if not self.origine.permanente:
            # A closed folder protects what it holds, whatever the mode of a file; a link leads elsewhere.
            exiger_fermee(self.zones.depot)
            if racine.is_symlink():
                exiger_fermee(racine)
        for chemin in sorted(racine.glob("[!.]*")):
            if chemin.is_dir() and not chemin.is_symlink():
                yield chemin
            elif chemin != self.origine.correspondance:
                lieu = lieu_extrait(None, chemin.name)
                bilan.refus.append(depot.mal_range(lieu, "a file in no folder of a month"))

    def _recevoir(
        self, dossier: Path, correspondance: Correspondance, journal: JournalMicro, bilan: BilanExtrait
    ) -> None:
        try:
            sans_fuite(
                lieu_extrait(dossier.name), lambda: self._prendre(dossier, correspondance, journal, bilan)
            )
        except ErreurSource as e:
            bilan.refus.append(e)
        except Refus as refus:
            bilan.refus += refus.erreurs

    def _prendre(
        self, dossier: Path, correspondance: Correspondance, journal: JournalMicro, bilan: BilanExtrait
    ) -> None:
        """Take in the files of one month. Raises `ErreurSource` or `Refus`."""
        mois = dossier.name
        depot.exiger_declare(mois, correspondance)
        extrait = depot.extrait_du_dossier(dossier, correspondance)
        etat = journal.etat(mois)
        if extrait is None or (self.origine.permanente and extrait.sha256 in etat.purges):
            return
        faits = self._faits(extrait, correspondance)
        parquet, ancienne = self._parquet(extrait, correspondance), etat.lus.get(extrait.sha256)
        lu = (
            ancienne is not None and ancienne.parquet == parquet.name and est_intact(parquet, ancienne.octets)
        )
        if not lu:
            depot.exiger_conservable(mois, correspondance, _lieu(extrait), aujourd_hui())
            self._lire(extrait, correspondance, journal)
            _exiger_intact(extrait)
        connu = lu and etat.candidat == extrait.sha256 and not etat.revenu(extrait.sha256)
        if connu and ancienne and ancienne.dit(faits):
            bilan.inchanges.append(mois)
        else:
            journal.ecrire("lu", mois, **faits, octets=sha256_fichier(parquet))
            if ancienne and ancienne.parquet != parquet.name:
                # The same files under another mapping: its rows replace the older ones.
                parquet.with_name(ancienne.parquet).unlink(missing_ok=True)
            bilan.recus.append(mois)
        if etat.accepte is None:
            journal.ecrire("accepte", mois, sha256=extrait.sha256, by="premier")
            bilan.acceptes.append(mois)
        elif mois in bilan.recus and etat.en_attente and self._se_ressemblent(parquet, etat):
            # A rule accepts only what was just dropped: a later choice of a person stands.
            journal.ecrire("accepte", mois, sha256=extrait.sha256, by="seuil")
            bilan.acceptes.append(mois)
        self._retirer_brut(extrait, correspondance, journal, bilan)

    def _se_ressemblent(self, parquet: Path, etat: EtatMois) -> bool:
        """Whether a revision has nearly as many foyers as the month in use, whose rows may be gone."""
        assert etat.accepte is not None
        avant = parquet.with_name(etat.lus[etat.accepte].parquet)
        if not avant.exists():
            return False
        combien, combien_avant = (pq.read_metadata(f).num_rows for f in (parquet, avant))
        return bool(abs(combien - combien_avant) <= self.contrat.seuil_revision * combien_avant)

    def _faits(self, extrait: Extrait, correspondance: Correspondance) -> dict[str, Any]:
        return {
            "sha256": extrait.sha256,
            "fichier": extrait.foyers.name,
            "parquet": self._parquet(extrait, correspondance).name,
            "cog": correspondance.cog_du_mois(extrait.mois),
            "couverture": correspondance.couverture,
            "statut": correspondance.mois[extrait.mois].statut,
            "finalite": correspondance.finalite(extrait.mois),
        }

    def _parquet(self, extrait: Extrait, correspondance: Correspondance) -> Path:
        nom = f"{extrait.sha256[:12]}-{correspondance.empreinte(extrait.mois)[:8]}.parquet"
        return self.micro.dossier(extrait.mois) / nom

    def _retirer_brut(
        self, extrait: Extrait, correspondance: Correspondance, journal: JournalMicro, bilan: BilanExtrait
    ) -> None:
        """Remove the raw files that the journal knows once their retention is over."""
        lu_le = datetime.fromisoformat(journal.etat(extrait.mois).lus[extrait.sha256].recu_le)
        fin = lu_le + timedelta(days=correspondance.conservation_depot_jours)
        garde = self.origine.permanente or not self._retirer
        if not garde and datetime.now(UTC) >= fin and depot.retirer(extrait):
            journal.ecrire("brut_retire", extrait.mois, sha256=extrait.sha256)
            bilan.retires.append(extrait.mois)

    def _lire(self, extrait: Extrait, correspondance: Correspondance, journal: JournalMicro) -> None:
        """Write the micro Parquet, or journal the refusal: refused files are not read again unchanged."""
        mois, etat = extrait.mois, journal.etat(extrait.mois)
        empreinte = correspondance.empreinte(mois)
        if (etat.refus_sha256, etat.refus_empreinte) == (extrait.sha256, empreinte):
            raise Refus([relire(e) for e in etat.refus])
        pseudonymes = Pseudonymes(self._secret(extrait), correspondance.finalite(mois))
        try:
            with ecrire_micro(self.zones.micro, self._parquet(extrait, correspondance)) as fichier:
                lire_extrait(extrait, correspondance, self.contrat, pseudonymes, fichier, self._suivre)
        except Refus as refus:
            erreurs = [e.to_dict() for e in refus.erreurs]
            # An unforeseen error may be the machine's: the file is read again next time.
            if all(not isinstance(e, LectureArretee) for e in refus.erreurs):
                journal.ecrire("refuse", mois, sha256=extrait.sha256, empreinte=empreinte, erreurs=erreurs)
            raise

    def _secret(self, extrait: Extrait) -> bytes:
        try:
            return self.origine.secret()
        except CleRefusee as e:
            refus = _lieu(extrait).erreur(
                "cle_refusee",
                observe=str(e),
                attendu="a secret key of at least 32 random bytes, readable by the user of the night alone",
                que_faire="give the key, then start again; nothing was stored, the file stays where it is",
            )
        # Raised outside of the handler, the error has no context that quotes the file.
        raise refus

    def _en_souffrance(self, journal: JournalMicro) -> Iterator[ErreurSource]:
        """Yield the decisions that wait for a person, every night until they are taken."""
        for mois, etat in sorted(journal.etats.items()):
            if etat.en_attente and etat.accepte:
                nouveau = etat.en_attente
                suite = (
                    f"`ctg extrait accept {mois} {nouveau[:12]}` to use it, or {etat.accepte[:12]} to keep"
                    " that one, which stays in use until then"
                )
                lieu = lieu_extrait(mois, etat.lus[nouveau].fichier)
                yield revision(lieu, nouveau, etat.accepte, f"ask why it was issued again, then {suite}")
        for retenu in self.micro.acceptes(journal):
            if not retenu.purge and not retenu.lisible:
                yield lieu_extrait(retenu.mois, retenu.fichier).erreur(
                    "micro_perime",
                    observe=f"{retenu.parquet.name} is missing, or has other bytes or columns",
                    attendu="the Parquet that was written, with the columns of ingestion/extrait/contrat.yml",
                    que_faire="put it back from a backup, or drop the raw files of this month again; until"
                    " then it feeds no figure",
                )


def revision(lieu: Lieu, nouveau: str, ancien: str, que_faire: str) -> ErreurSource:
    """Return the error of a month that comes again with other contents, both given by their sha256."""
    return lieu.erreur(
        "revision",
        observe=f"{nouveau[:12]} instead of {ancien[:12]}",
        attendu="the content already accepted for this month",
        que_faire=que_faire,
    )


def _lieu(extrait: Extrait) -> Lieu:
    return lieu_extrait(extrait.mois, extrait.foyers.name)


def _exiger_intact(extrait: Extrait) -> None:
    """Refuse files that somebody wrote in, or replaced, while they were read (`depot_mouvant`)."""
    if extrait.depose and not extrait.depose.intacts:
        raise _lieu(extrait).erreur(
            "depot_mouvant",
            observe="files that are no longer those that were read",
            attendu="files that stay as they are while they are read",
            que_faire="nothing if the copy has ended: the next night takes them in. Drop them under a name"
            " that begins with a dot, then rename them",
        )
