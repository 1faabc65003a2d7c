"""Typing, judging and accepting landed files; and the decisions of a person on a revision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import long
from ingestion.autre_fichier import autre_millesime, empreinte_du_contenu, requalifier
from ingestion.bilan import BilanSource, Ecart, Piece
from ingestion.cog import Cog, CogsRecus
from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.empreinte import empreinte_contrat, empreinte_schema
from ingestion.contrats.exigences import Limites, RegleRevision
from ingestion.contrats.grammaire import SOURCE_COG, FormatTableur
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.fonds import plus_proche
from ingestion.journal import designer
from ingestion.jugement import Difference, comparer, juger
from ingestion.lecteur import LECTEUR
from ingestion.lectures import Fichier, Lectures
from ingestion.pays_entier import FichierDeReference
from ingestion.typage import ecrire_parquet, normaliser_fichier
from socle.disque import dossiers_de, sha256_fichier, synchroniser_tous

# Suffix of the rows set aside, beside the Parquet of those kept.
ECARTES = ".ecartes.parquet"


class Normalisation(Lectures):
    """The typed files of one `CTG_HOME`. One process at a time."""

    # Parquet that are not on the disk yet.
    _ecrits: list[Path]

    def normaliser(self, source: str) -> BilanSource:
        """Type new files, accept or refuse each; no file stops the others.

        Their Parquet reach the disk before their events: a file without its event is typed again.
        """
        journal, bilan, self._ecrits = self.journal(), BilanSource(), []
        with journal.lot(avant=self._synchroniser):
            for ressource in self.contrats[source].ressources.values():
                for millesime, etat in sorted(journal.millesimes(source, ressource.nom).items()):
                    edition = self.profil.edition(ressource, millesime)
                    if edition is None or etat.candidat is None:
                        continue
                    avant, refuses = etat.accepte, dict[str, ErreurSource]()
                    for sha256 in dict.fromkeys((avant, etat.candidat)):
                        if sha256 is None:
                            continue
                        try:
                            self._traiter(ressource, edition, sha256, bilan)
                        except ErreurSource as e:
                            refuses[sha256] = e.de(sha256)
                            journal.refuser(e, sha256)
                    if avant and avant != journal.etat(source, ressource.nom, millesime).accepte:
                        # Another file is in use since: the former refusal asks nothing of anybody.
                        refuses.pop(avant, None)
                    bilan.refus += refuses.values()
        if LECTEUR.vivant:
            LECTEUR.lire(long.oublier, limites=Limites())
        return bilan

    def accepter(self, source: str, ressource: str, millesime: int, sha: str) -> Piece:
        """Use, from now on, the validated file whose sha256 starts with `sha`.

        Raises `sha_inconnu`, for one that was refused too: it cannot be used.
        """
        etat = self.journal().etat(source, ressource, millesime)
        if etat.refus and etat.refus_sha256 and etat.refus_sha256.startswith(sha):
            raise Lieu(source, ressource, millesime).erreur(
                "sha_inconnu",
                observe=f"{sha} is refused: [{etat.refus['code']}] {etat.refus['observe']}",
                attendu="a file that was read whole",
                que_faire=f"{etat.refus['que_faire']}. {etat.refus['code']} is nobody's to accept",
            )
        sha256 = self._sha_complet(source, ressource, millesime, sha)
        self.journal().ecrire("accepte", source, ressource, millesime, sha256=sha256, by="main")
        return Piece(ressource, millesime, sha256)

    def ecarter(self, source: str, ressource: str, millesime: int, sha: str) -> Piece:
        """Read and tell no more the refused file, or the revision that waits, whose sha256 starts with `sha`.

        The same bytes are left alone from any origin, until they are accepted. Raises `sha_inconnu`.
        """
        etat = self.journal().etat(source, ressource, millesime)
        connus = etat.a_ecarter
        if etat.accepte and etat.accepte.startswith(sha) and etat.accepte not in connus:
            raise Lieu(source, ressource, millesime).erreur(
                "sha_inconnu",
                observe=f"{etat.accepte[:12]} is in use, neither refused nor waiting",
                attendu="a content that is refused, or a revision that waits",
                que_faire=f"to go on without it: `ctg sources withdraw {source}/{ressource} {millesime}`",
            )
        sha256 = designer(sha, connus, Lieu(source, ressource, millesime), "ctg sources list")
        self.journal().ecrire("ecarte", source, ressource, millesime, sha256=sha256)
        return Piece(ressource, millesime, sha256)

    def retirer(
        self, source: str, ressource: str, millesime: int, motif: str | None
    ) -> tuple[Piece, Piece | None]:
        """Take back the file in use: the one accepted before it is in use again, or none.

        Its bytes stay where they landed, and are left alone from any origin until they are accepted again.
        Return it, and what is in use from now on. Raises `sha_inconnu` where no file is in use.
        """
        etat = self.journal().etat(source, ressource, millesime)
        if (sha256 := etat.accepte) is None:
            deja = ", ".join(sorted(s[:12] for s in etat.retires))
            raise Lieu(source, ressource, millesime).erreur(
                "sha_inconnu",
                observe="no file of this millésime is in use"
                + (f": {deja} was taken back already" if deja else ", and none was"),
                attendu="a millésime with a file in use",
                que_faire=f"see `ctg sources list {source}`",
            )
        dit = {"motif": motif} if motif else {}
        self.journal().ecrire("retire", source, ressource, millesime, sha256=sha256, by="main", **dit)
        reste = self.journal().etat(source, ressource, millesime).accepte
        return Piece(ressource, millesime, sha256), Piece(ressource, millesime, reste) if reste else None

    def diff(self, source: str, ressource: str, millesime: int, ancien: str, nouveau: str) -> Difference:
        """Compare two validated files of a millésime, named by the start of their sha256.

        Raises `sha_inconnu`, for one whose typed file is not on the disk too: a backup holds none.
        """
        ou, chemins = (source, ressource, millesime), list[Path]()
        for sha in (ancien, nouveau):
            sha256 = self._sha_complet(*ou, sha)
            parquet = self._parquet(*ou, sha256)
            if parquet is None:
                raise Lieu(*ou).erreur(
                    "sha_inconnu",
                    observe=f"the typed file of {sha256[:12]} is not on the disk: a backup holds none",
                    attendu="two contents that are typed",
                    que_faire=f"`ctg sources fetch {source}` types again the one in use and the one that"
                    " waits; a former one is typed again once it is accepted (`ctg sources accept`)",
                )
            chemins.append(parquet)
        return comparer(self.contrats[source].ressources[ressource], *chemins)

    def _synchroniser(self) -> None:
        synchroniser_tous(self._ecrits)
        synchroniser_tous(dossiers_de(self._ecrits, self.home))
        self._ecrits.clear()

    def _traiter(self, ressource: Ressource, edition: Millesime, sha256: str, bilan: BilanSource) -> None:
        """Type, judge and accept one landed file. Raises `ErreurSource` when it is refused."""
        ou = ressource.source, ressource.nom, edition.millesime
        journal = self.journal()
        etat, par = journal.etat(*ou), "premier"
        # The demonstration invents some lists once for every year.
        if sha256 != etat.accepte and self.profil.nom != "demo":
            self._refuser_jumeau(ressource, edition, sha256)
        self._assurer_parquet(ressource, edition, sha256, bilan)
        if sha256 == etat.accepte:
            bilan.inchanges.append(Piece(*ou[1:], sha256))
            return
        if self.profil.nom != "demo":
            self._refuser_meme_contenu(ressource, edition, sha256)
        if etat.accepte is not None:
            en_usage = self.parquets(*ou) / etat.normalises[etat.accepte]["parquet"]
            if not en_usage.exists():
                # The accepted file lost its Parquet, and was refused just before: that refusal is told.
                return
            difference = self.diff(*ou, etat.accepte, sha256)
            # No model reads an accepted file that lacks columns which its contract reads since.
            lu = etat.normalises[etat.accepte]["schema"] == empreinte_schema(ressource)
            delaissee, regle = sha256 in etat.delaissees, ressource.thresholds.revision
            complete = not delaissee and not lu and _complete(en_usage, difference)
            if sha256 not in etat.revisions:
                journal.ecrire("revision", *ou, sha256=sha256, difference=difference.to_dict())
            if delaissee or not (complete or _petite(regle, difference)):
                fichier = self.landing.fichier(*ou, sha256).name
                noms = (etat.accepte[:12], sha256[:12])
                attendu = _attendu(regle, delaissee)
                revision = _revision(Lieu(*ou, fichier), *noms, str(difference), attendu, lu)
                bilan.refus.append(revision.de(sha256))
                return
            par = "contrat" if complete else "regle"
        journal.ecrire("accepte", *ou, sha256=sha256, by=par)
        bilan.acceptes.append(Piece(*ou[1:], sha256))

    def _refuser_jumeau(self, ressource: Ressource, edition: Millesime, sha256: str) -> None:
        """Refuse the bytes of another millésime."""
        source, nom, millesime = ressource.source, ressource.nom, edition.millesime
        for autre, accepte in self._autres(ressource, millesime):
            if accepte == sha256:
                lieu = Lieu(source, nom, millesime, self.landing.fichier(source, nom, millesime, sha256).name)
                raise lieu.erreur(
                    "memes_octets",
                    observe=f"the same bytes as millésime {autre} ({sha256[:12]})",
                    attendu=f"the file of {millesime}",
                    que_faire=f"fetch that of {millesime}; if one file holds both years, give both "
                    f"millésimes the same `mirror` or `url` in {lieu.contrat}",
                )

    def _refuser_meme_contenu(self, ressource: Ressource, edition: Millesime, sha256: str) -> None:
        """Refuse the rows of another millésime, saved again: other bytes, the same cells.

        A file whose header says its year is left out: the header already refuses another year.
        """
        ou = ressource.source, ressource.nom, edition.millesime
        entetes = _entetes(ressource, edition)
        for autre, accepte in self._autres(ressource, edition.millesime):
            voisine = self.profil.edition(ressource, autre)
            if voisine is None or entetes.isdisjoint(_entetes(ressource, voisine)):
                continue
            sien = self._contenu(ressource, autre, accepte)
            if sien and sien == self._contenu(ressource, edition.millesime, sha256):
                raise autre_millesime(Lieu(*ou, self.landing.fichier(*ou, sha256).name), autre, accepte)

    def _autres(self, ressource: Ressource, millesime: int) -> Iterator[tuple[int, str]]:
        """Yield the accepted file of each other millésime, but where the contract finds both in one file.

        A table that people keep up may be the same from one year to the next.
        """
        places = _places(ressource.millesimes.get(millesime))
        if isinstance(ressource.format, FormatTableur):
            return
        for autre, etat in self.journal().millesimes(ressource.source, ressource.nom).items():
            propres = _places(ressource.millesimes.get(autre))
            if autre != millesime and etat.accepte and places.isdisjoint(propres):
                yield autre, etat.accepte

    def _contenu(self, ressource: Ressource, millesime: int, sha256: str) -> tuple[str, str] | None:
        """Digest of the cells of a typed file, and of the columns they are read by; None where it is gone."""
        ou = ressource.source, ressource.nom, millesime
        faits = self.journal().etat(*ou).normalises.get(sha256, {})
        # Files typed by older versions have no digest in the journal: their Parquet gives it.
        contenu = faits.get("contenu")
        if contenu is None and (parquet := self._parquet(*ou, sha256)):
            contenu = empreinte_du_contenu(ressource, *_avec_ecartes(parquet))
        return (contenu, faits["schema"]) if contenu else None

    def _assurer_parquet(
        self, ressource: Ressource, edition: Millesime, sha256: str, bilan: BilanSource
    ) -> None:
        """Write the Parquet of a landed file, unless the same contract and COG already gave it."""
        source, nom, millesime = ressource.source, ressource.nom, edition.millesime
        journal = self.journal()
        etat = journal.etat(source, nom, millesime)
        verifie = ressource.codes_hors_cog is not None
        cog = self.cogs_des_codes(edition) if source != SOURCE_COG else None
        cogs = [cog] if isinstance(cog, Cog) else (cog or {}).values()
        dependance = ",".join(f"{c.annee}:{c.sha256 if verifie else ''}" for c in cogs)
        contrat = empreinte_contrat(ressource, edition)
        contrat8 = hashlib.sha256(f"{contrat}:{dependance}".encode()).hexdigest()[:8]
        parquet = self.parquets(source, nom, millesime) / f"{sha256[:12]}-{contrat8}.parquet"
        faits = etat.normalises.get(sha256, {})
        connu = faits.get("parquet") == parquet.name
        # A byte may have changed on the disk since it was typed.
        if connu and parquet.exists() and faits.get("octets") == sha256_fichier(parquet):
            return
        fichier = self.landing.fichier(source, nom, millesime, sha256)
        lieu = Lieu(source, nom, millesime, fichier.name)
        _exiger_intact(fichier, sha256, lieu)
        regles = ALire(
            ressource,
            edition,
            sha256,
            cog,
            self.cog_des_departements(ressource, edition),
            self.cogs_suivants(edition),
            self._reference(ressource, millesime) if sha256 != etat.accepte else None,
            lieu,
            self.profil.nationale(ressource, edition),
        )
        try:
            # A Parquet written again, which the journal knows, is synced before it takes its name.
            fait = Fichier(ressource, lieu, sha256, contrat)
            lu = self.lire(fait, typer, fichier, regles, parquet, connu)
        except ErreurSource as e:
            raise requalifier(e, fichier, ressource, edition, self.contrats) from e
        bilan.ecartes += lu.ecartes
        if not connu:
            self._ecrits += _avec_ecartes(parquet)
        octets = sha256_fichier(parquet)
        if not connu or faits.get("octets") != octets:
            journal.ecrire(
                "normalise",
                source,
                nom,
                millesime,
                sha256=sha256,
                parquet=parquet.name,
                octets=octets,
                contenu=empreinte_du_contenu(ressource, *_avec_ecartes(parquet)),
                schema=empreinte_schema(ressource),
                membre=lu.membre,
                lignes=lu.lignes,
                lignes_ecartees=lu.lignes_ecartees,
                cogs=list(lu.cogs),
            )

    def _reference(self, ressource: Ressource, millesime: int) -> FichierDeReference | None:
        acceptes = self.acceptes(ressource.source, ressource.nom)
        if not acceptes:
            return None
        proche = plus_proche(acceptes, millesime)
        return FichierDeReference(proche, acceptes[proche].parquet)

    def _sha_complet(self, source: str, ressource: str, millesime: int, sha: str) -> str:
        connus = self.journal().etat(source, ressource, millesime).normalises
        return designer(sha, connus, Lieu(source, ressource, millesime), "ctg sources list")


@dataclass(frozen=True)
class ALire:
    """What a file is read and judged by; see `normaliser_fichier` and `juger`."""

    ressource: Ressource
    edition: Millesime
    sha256: str
    cog: CogsRecus
    cog_des_departements: Cog | None
    cogs_suivants: tuple[Cog, ...]
    reference: FichierDeReference | None
    lieu: Lieu
    national: bool


@dataclass(frozen=True)
class Lu:
    """What is told of a file that was typed: its rows are on the disk."""

    membre: str | None
    lignes: int
    lignes_ecartees: int
    cogs: tuple[int, ...]
    ecartes: list[Ecart]


def typer(fichier: Path, d: ALire, parquet: Path | None = None, synchrone: bool = False) -> Lu:
    """Type and judge a landed file; write its Parquet, and that of the rows set aside, where one is named.

    Raises `ErreurSource` for the first thing that its contract does not allow.
    """
    lu = normaliser_fichier(fichier, d.ressource, d.edition, d.sha256, d.cog, d.lieu, d.cogs_suivants)
    juger(lu.table, d.ressource, d.edition, d.cog_des_departements, d.reference, d.lieu, national=d.national)
    if parquet and lu.ecartes.num_rows:
        ecrire_parquet(lu.ecartes, parquet.with_suffix(ECARTES), synchrone=synchrone)
    if parquet:
        ecrire_parquet(lu.table, parquet, synchrone=synchrone)
    ecartes = _ecarts(d.ressource, d.edition.millesime, lu.ecartes)
    return Lu(lu.membre, lu.table.num_rows, lu.ecartes.num_rows, lu.cogs, ecartes)


def _avec_ecartes(parquet: Path) -> list[Path]:
    """A Parquet, and that of the rows set aside where there are some."""
    return [p for p in (parquet, parquet.with_suffix(ECARTES)) if p.exists()]


def _exiger_intact(fichier: Path, sha256: str, lieu: Lieu) -> None:
    """Refuse a landed file whose bytes are no longer those that were received."""
    observe = sha256_fichier(fichier)
    if observe != sha256:
        raise lieu.erreur(
            "octets_alteres",
            observe=f"bytes of digest {observe[:12]}: they changed since they were received",
            attendu=f"those of {sha256[:12]}, which its folder is named after",
            que_faire="put that folder of the landing store back from its backup, or remove it and receive"
            " the file again; check the disk",
        )


def _places(edition: Millesime | None) -> set[str]:
    """Where a file is found: two millésimes of one place are of one file."""
    return {p for p in (edition.mirror, edition.url) if p} if edition else set()


def _entetes(ressource: Ressource, edition: Millesime) -> set[frozenset[str]]:
    """The headers that a file of a millésime may have, in any order of columns."""
    layouts = [ressource.layouts[nom] for nom in edition.layout]
    return {frozenset(edition.gabarit(e) for e in layout.gabarits) for layout in layouts}


def _complete(en_usage: Path, difference: Difference) -> bool:
    """Whether a revision only adds columns that the contract reads since and the file in use lacks.

    in use: code, enfants        revision: code, enfants, aines, the same enfants
    Nothing printed moves, and nobody is asked.
    """
    changees = {*difference.colonnes} & {*pq.read_schema(en_usage).names}
    return not (difference.ajoutees or difference.retirees or changees)


def _petite(regle: RegleRevision | None, difference: Difference) -> bool:
    """Whether a revision is small enough for its contract to accept it without a person."""
    return (
        regle is not None
        and difference.part_changee <= regle.max_changed_share
        and difference.variation_max <= regle.max_relative_change
    )


def _attendu(regle: RegleRevision | None, delaissee: bool) -> str:
    if delaissee:
        return "the bytes that were chosen over these by hand"
    return "the bytes already accepted" + (f", or a difference within {regle.model_dump()}" if regle else "")


def _revision(lieu: Lieu, ancien: str, nouveau: str, difference: str, attendu: str, lu: bool) -> ErreurSource:
    ou = f"{lieu.source} {lieu.ressource} {lieu.millesime}"
    sans_chiffre = f"there is no figure of {lieu.millesime}: {ancien} lacks what is read now"
    return lieu.erreur(
        "revision",
        observe=f"{nouveau} instead of {ancien}: {difference}",
        attendu=attendu,
        que_faire=f"look with `ctg sources diff {ou}`, then use it"
        f" with `ctg sources accept {ou} {nouveau}`; until then "
        + (f"{ancien} stays in use" if lu else sans_chiffre),
    )


def _ecarts(ressource: Ressource, millesime: int, ecartes: pa.Table) -> list[Ecart]:
    rangs = ecartes.select(["motif", "ligne", *(c for c in ("code",) if c in ressource.columns)]).to_pylist()
    return [
        Ecart(
            ressource.source,
            ressource.nom,
            millesime,
            motif,
            sorted({str(r["code"]) for r in rangs if r["motif"] == motif and "code" in r}),
            [r["ligne"] for r in rangs if r["motif"] == motif],
        )
        for motif in sorted({r["motif"] for r in rangs})
    ]
