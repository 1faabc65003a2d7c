"""What the night calls, source by source: receive, normalise, accept; and which files are in use.

Belongs here: the sequence, and the decisions on revisions. Does not belong here: how bytes are
fetched, kept, read or judged (the neighbouring modules), nor what the figures become.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import catalogue, fetch, readers
from ingestion.as_of import Choix, JournalDuJour, choisir
from ingestion.contrats import Contrat, Millesime, Ressource
from ingestion.contrats.empreinte import empreinte_contrat, schema_normalise
from ingestion.errors import ErreurSource, Lieu
from ingestion.landing import Etat, Journal, Landing, examiner
from ingestion.normalise import Cog, ecrire_parquet, normaliser_fichier
from ingestion.thresholds import Difference, Reference, code_departement, comparer, juger

DISQUE_A_BOUT = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
SOURCE_COG = "insee_cog_communes"
RESSOURCE_COG = "communes"
# Dropped in the same depot, and received by `ingestion.extrait`.
SOURCE_EXTRAIT = "caf_extrait_allocataires"

NomProfil = Literal["demo", "mirror", "live"]
Obtention = Callable[[Path], "fetch.Recu | Literal['inchange', 'absent']"]


@dataclass(frozen=True)
class Profil:
    """Where the night takes its files. `miroir` is a folder or an http(s) address.

    `couverture_imposee` replaces the couverture of the communal files that should hold the whole
    country or a département: the demonstration writes fewer communes.
    """

    nom: NomProfil
    miroir: str | None
    couverture_imposee: str | None = None

    def __post_init__(self) -> None:
        """Refuse a mirror that cannot be one."""
        if (self.miroir is None) != (self.nom == "live"):
            raise ValueError(
                f"profile {self.nom}: {'no mirror' if self.nom == 'live' else 'a mirror'} expected"
            )
        if self.miroir and "://" in self.miroir and not self.miroir.startswith(("http://", "https://")):
            raise ValueError(f"mirror {self.miroir}: a folder, or an http(s) address, expected")

    def couverture(self, ressource: Ressource, edition: Millesime) -> str:
        """Couverture of a file in this profile."""
        declaree = edition.couverture or ressource.couverture
        remplacable = declaree in ("france", "france_hors_mayotte") or declaree.startswith("departement:")
        if self.couverture_imposee and ressource.niveau == "commune" and remplacable:
            return self.couverture_imposee
        return declaree

    def nationale(self, ressource: Ressource, edition: Millesime) -> bool:
        """Whether a file should hold the whole country, so that its totals can be judged."""
        couverture = self.couverture(ressource, edition)
        return self.nom != "demo" and (couverture.startswith("france") or couverture == "liste")


@dataclass(frozen=True)
class Piece:
    """One file of a source, as the night names it."""

    ressource: str
    millesime: int
    sha256: str | None = None


@dataclass(frozen=True)
class Ecart:
    """Rows set aside from an accepted file, for one reason: `hors_cog` or `ligne_repetee`."""

    source: str
    ressource: str
    millesime: int
    motif: str
    codes: list[str]
    lignes: list[int]

    def __str__(self) -> str:
        """Say in one line what was set aside, why and where; of many codes or lines, the first."""
        codes, lignes = _premiers(self.codes), _premiers([str(ligne) for ligne in self.lignes])
        return (
            f"{self.source}/{self.ressource} {self.millesime}: {len(self.lignes)} rows set aside "
            f"({self.motif}), codes {codes or '-'}, lines {lignes}"
        )


def _premiers(textes: list[str], combien: int = 12) -> str:
    reste = len(textes) - combien
    return ", ".join(textes[:combien]) + (f" and {reste} more" if reste > 0 else "")


@dataclass
class BilanSource:
    """What one step did for one source. `refus` holds pending revisions too."""

    source: str
    recus: list[Piece] = field(default_factory=list)
    inchanges: list[Piece] = field(default_factory=list)
    absents: list[Piece] = field(default_factory=list)
    acceptes: list[Piece] = field(default_factory=list)
    ecartes: list[Ecart] = field(default_factory=list)
    refus: list[ErreurSource] = field(default_factory=list)


@dataclass(frozen=True)
class FichierRetenu:
    """A normalised file in use. `perime`: a newer one was refused, or waits for a decision.

    `recu_le`: when its bytes landed (ISO, UTC).
    """

    source: str
    ressource: str
    millesime: int
    sha256: str
    fichier: str
    membre: str | None
    lignes: int
    lignes_ecartees: int
    niveau: str
    couverture: str
    absence: str
    champ: str | None
    cog_millesime: int | None
    paris_lyon_marseille: str | None
    publie_le: date | None
    recu_le: str
    parquet: Path
    perime: bool


def dans_l_ordre(contrats: dict[str, Contrat]) -> list[str]:
    """Sources in the order in which they can be normalised: the COG checks the codes of the others."""
    return sorted(contrats, key=lambda s: (s != SOURCE_COG, s))


class Acquisition:
    """The ingestion of one `CTG_HOME`. One process at a time.

    With `jour`, the files are those of that day (`ingestion.as_of`, `choix` says which and why): nothing
    is received, accepted or written in the journal; a file may still be typed.
    """

    def __init__(
        self, home: Path, contrats: dict[str, Contrat], profil: Profil, jour: date | None = None
    ) -> None:
        """Work under `home` (`landing/`, `normalised/`, `depot/`)."""
        self.home = home
        self.contrats = contrats
        self.profil = profil
        self.landing = Landing(home / "landing")
        self._cogs: dict[Path, Cog] = {}
        self.choix: list[Choix] = []
        self._journal_du_jour: JournalDuJour | None = None
        if jour:
            journal = self.journal()
            self.choix = choisir(contrats, journal, jour)
            self._journal_du_jour = JournalDuJour(journal.chemin, self.choix)

    def journal(self) -> Journal:
        """Read the journal as it is now, or as the chosen day leaves it."""
        return self._journal_du_jour or Journal(self.landing.racine / "journal.jsonl")

    def balayer(self) -> None:
        """Remove what a killed process left half-written; the caller holds the lock of CTG_HOME."""
        for reste in (self.home / "landing").glob(".recu-*"):
            shutil.rmtree(reste, ignore_errors=True)
        for reste in (self.home / "normalised").glob("*/*/*/.*.tmp"):
            reste.unlink()

    # -- receive ---------------------------------------------------------------------------------

    def depots_inconnus(self) -> list[ErreurSource]:
        """Say what lies at the root of the depot under a name that is no source: nobody would read it."""
        erreurs = []
        for trouve in sorted((self.home / "depot").glob("[!.]*")):
            if trouve.name not in self.contrats and trouve.name != SOURCE_EXTRAIT:
                proches = get_close_matches(trouve.name, [*self.contrats, SOURCE_EXTRAIT], n=3)
                quoi = "a folder that is no source" if trouve.is_dir() else "a file outside any folder"
                observe = quoi + (f"; did you mean {' or '.join(proches)}?" if proches else "")
                erreurs.append(_depot_ambigu(trouve.name, "-", trouve, observe))
        return erreurs

    def recevoir(self, source: str) -> BilanSource:
        """Fetch and land whatever is new for a source; no file stops the others."""
        journal, bilan = self.journal(), BilanSource(source)
        if self._journal_du_jour:
            return bilan
        for dossier in sorted((self.home / "depot" / source).glob("[!.]*")):
            if dossier.name not in self.contrats[source].ressources:
                bilan.refus.append(
                    _depot_ambigu(source, dossier.name, dossier, "a folder unknown to the contract")
                )
        for ressource in self.contrats[source].ressources.values():
            deposes = self._deposes(ressource, bilan)
            for millesime, depot in deposes.items():
                self._recevoir(ressource, millesime, _copie(depot, "depot"), "depot", journal, bilan, depot)
            for millesime, edition in sorted(ressource.millesimes.items()):
                if millesime in deposes:
                    continue
                if self.profil.miroir is not None and edition.mirror:
                    obtenir = self._du_miroir(ressource, edition, edition.mirror, journal)
                    self._recevoir(ressource, millesime, obtenir, "mirror", journal, bilan)
                elif self.profil.miroir is None and edition.url:
                    obtenir = self._de_l_url(ressource, edition.url, millesime, "url", journal)
                    self._recevoir(ressource, millesime, obtenir, "url", journal, bilan)
            if self.profil.miroir is None and ressource.rolling:
                obtenir = self._de_l_url(ressource, ressource.rolling.url, None, "rolling", journal)
                self._recevoir(ressource, None, obtenir, "rolling", journal, bilan)
        return bilan

    def _recevoir(
        self,
        ressource: Ressource,
        millesime: int | None,
        obtenir: Obtention,
        origine: fetch.Origine,
        journal: Journal,
        bilan: BilanSource,
        depot: Path | None = None,
    ) -> None:
        """Fetch one file and land it. `millesime` None: the address rolls, the content tells."""
        source = ressource.source
        try:
            with self.landing.provisoire() as dossier:
                recu = obtenir(dossier)
                if recu == "absent":
                    assert millesime is not None
                    bilan.absents.append(Piece(ressource.nom, millesime))
                    return
                if recu == "inchange":
                    sidecar = self._precedent(ressource, millesime, origine, journal)
                    assert sidecar is not None
                    millesime, sha256 = sidecar["millesime"], sidecar["sha256"]
                else:
                    millesime, sha256 = self._poser(ressource, millesime, recu, journal)
        except ErreurSource as e:
            bilan.refus.append(e)
            return
        except OSError as e:
            # A full or read-only disk is everybody's; a file that cannot be read stops no other.
            if e.errno in DISQUE_A_BOUT:
                raise
            bilan.refus.append(
                Lieu(source, ressource.nom, millesime, e.filename and str(e.filename)).erreur(
                    "injoignable",
                    observe=str(e),
                    attendu="a file that can be read",
                    que_faire="give the night access to this file; the last accepted one stays in use",
                )
            )
            return
        piece = Piece(ressource.nom, millesime, sha256)
        etat = journal.etat(source, ressource.nom, millesime)
        if etat.offres.get(origine) == etat.recus.get(origine) == sha256:
            bilan.inchanges.append(piece)
        else:
            journal.ecrire("recu", source, ressource.nom, millesime, sha256=sha256, origine=origine)
            bilan.recus.append(piece)
        if origine == "rolling" and journal.etat(source, ressource.nom, None).refus:
            journal.ecrire("recu", source, ressource.nom, None, sha256=sha256, origine=origine)
        if depot:
            depot.unlink()

    def _poser(
        self, ressource: Ressource, millesime: int | None, recu: fetch.Recu, journal: Journal
    ) -> tuple[int, str]:
        """Examine a received file and land it, or keep it among the refused; return (millésime, sha256)."""
        lieu = Lieu(ressource.source, ressource.nom, millesime, recu.nom)
        contrat = ""
        try:
            if millesime is None:
                examiner(recu.chemin, ressource, None, None, lieu)
                millesime = self._millesime_lu(ressource, recu.chemin, lieu)
                lieu = Lieu(ressource.source, ressource.nom, millesime, recu.nom)
            edition = self._edition(ressource, millesime)
            if edition is None:
                raise lieu.erreur(
                    "millesime_inconnu",
                    observe=f"a file of millésime {millesime}",
                    attendu=f"one of {sorted(ressource.millesimes)}",
                    que_faire=f"declare the millésime, its layout and its COG in {lieu.contrat}",
                )
            contrat = empreinte_contrat(ressource, edition)
            etat = journal.etat(ressource.source, ressource.nom, millesime)
            if etat.offres.get(recu.origine) != recu.sha256 or etat.refus_sha256 == recu.sha256:
                dernier = self._dernier_accepte(ressource, millesime, journal)
                examiner(recu.chemin, ressource, edition, dernier, lieu)
        except ErreurSource as e:
            self.landing.poser(recu, lieu, contrat, e)
            self._refuser(e, recu.sha256, journal, origine=recu.origine)
            raise
        self.landing.poser(recu, lieu, contrat)
        return millesime, recu.sha256

    def _refuser(self, e: ErreurSource, sha256: str, journal: Journal, **faits: str) -> None:
        """Journal a refusal, once."""
        etat = journal.etat(e.source, e.ressource, e.millesime)
        if (etat.refus_sha256, etat.refus) != (sha256, e.to_dict()):
            journal.ecrire(
                "refuse", e.source, e.ressource, e.millesime, sha256=sha256, erreur=e.to_dict(), **faits
            )

    def _deposes(self, ressource: Ressource, bilan: BilanSource) -> dict[int, Path]:
        """Files dropped by hand, by millésime: `depot/<source>/<ressource>/<millesime>/<any name>`."""
        deposes = {}
        racine = self.home / "depot" / ressource.source / ressource.nom
        for dossier in sorted(racine.glob("[!.]*")):
            trouves = [dossier] if dossier.is_file() else sorted(dossier.glob("[!.]*"))
            fichiers = [f for f in trouves if f.is_file()]
            if not fichiers:
                continue
            if len(fichiers) > 1 or not dossier.name.isdecimal():
                noms = ", ".join(str(f.relative_to(racine)) for f in fichiers)
                bilan.refus.append(_depot_ambigu(ressource.source, ressource.nom, dossier, noms))
            else:
                deposes[int(dossier.name)] = fichiers[0]
        return deposes

    def _du_miroir(
        self, ressource: Ressource, edition: Millesime, chemin: str, journal: Journal
    ) -> Obtention:
        miroir = self.profil.miroir
        assert miroir is not None
        if "://" in miroir:
            url = fetch.adresse_miroir(miroir, chemin)
            return self._de_l_url(ressource, url, edition.millesime, "mirror", journal)
        fichier = Path(miroir) / chemin
        copier = _copie(fichier, "mirror")
        return lambda dossier: copier(dossier) if fichier.is_file() else "absent"

    def _de_l_url(
        self, ressource: Ressource, url: str, millesime: int | None, origine: fetch.Origine, journal: Journal
    ) -> Obtention:
        lieu = Lieu(ressource.source, ressource.nom, millesime)

        def obtenir(dossier: Path) -> fetch.Recu | Literal["inchange", "absent"]:
            if origine != "mirror":
                catalogue.verifier(url, lieu)
            return fetch.telecharger(
                url,
                dossier,
                lieu,
                origine=origine,
                nom=fetch.nom_url(url, f"{ressource.nom}.{ressource.format.kind}"),
                precedent=self._precedent(ressource, millesime, origine, journal),
                facultatif=origine == "mirror",
            )

        return obtenir

    def _precedent(
        self, ressource: Ressource, millesime: int | None, origine: fetch.Origine, journal: Journal
    ) -> dict[str, Any] | None:
        """Sidecar (and millésime) of the last file this origin gave and that landed."""
        recus = [
            (etat.recu_le, m, etat.recus[origine])
            for (s, r, m), etat in journal.etats.items()
            if (s, r) == (ressource.source, ressource.nom)
            and m is not None
            and millesime in (None, m)
            and etat.recu_le
            and origine in etat.recus
        ]
        if not recus:
            return None
        _, m, sha256 = max(recus)
        sidecar = self.landing.provenance(ressource.source, ressource.nom, m, sha256)
        return sidecar and {**sidecar, "millesime": m}

    def _millesime_lu(self, ressource: Ressource, chemin: Path, lieu: Lieu) -> int:
        """Read the millésime of a rolling file in its own content."""
        glissant = ressource.rolling
        assert glissant is not None
        nomme = glissant.layout or next(iter(ressource.layouts))
        texte = readers.lire(chemin, ressource.format, Millesime(millesime=2000, layout=[nomme]), lieu)
        texte = texte.sans(ressource.layouts[nomme].skip)
        if motif := glissant.millesime_from_header:
            vus = {2000 + int(m[1]) for e in texte.entete if (m := re.fullmatch(motif, e))}
            attendu = f"one header like {motif}"
        else:
            entetes = [
                e
                for e, c in ressource.layouts[nomme].columns.items()
                if c == glissant.millesime_from_column and e in texte.entete
            ]
            textes = [r[texte.entete.index(e)][:4] for e in entetes for r in texte.rangs]
            vus = {max(map(int, textes))} if textes and all(t.isdecimal() for t in textes) else set()
            attendu = f"years in the column read as {glissant.millesime_from_column!r}"
        if len(vus) != 1:
            raise lieu.erreur(
                "millesime_inattendu",
                observe=f"headers {', '.join(texte.entete[:12])}; {len(texte.rangs)} rows",
                attendu=attendu,
                que_faire=f"the producer changed the file: declare its new layout in {lieu.contrat}",
            )
        return vus.pop()

    # -- normalise -------------------------------------------------------------------------------

    def normaliser(self, source: str) -> BilanSource:
        """Type what is not typed yet, accept it or say why not; no file stops the others."""
        journal, bilan = self.journal(), BilanSource(source)
        for ressource in self.contrats[source].ressources.values():
            connus = {m for s, r, m in journal.etats if (s, r) == (source, ressource.nom) and m is not None}
            for millesime in sorted(connus):
                edition = self._edition(ressource, millesime)
                etat = journal.etat(source, ressource.nom, millesime)
                if edition is None or etat.candidat is None:
                    continue
                for sha256 in dict.fromkeys((etat.accepte, etat.candidat)):
                    if sha256 is None:
                        continue
                    try:
                        self._traiter(ressource, edition, sha256, journal, bilan)
                    except ErreurSource as e:
                        self._refuser(e, sha256, journal)
                        bilan.refus.append(e)
        return bilan

    def _traiter(
        self, ressource: Ressource, edition: Millesime, sha256: str, journal: Journal, bilan: BilanSource
    ) -> None:
        """Type, judge and accept one landed file. Raises `ErreurSource` when it is refused."""
        source, nom, millesime = ressource.source, ressource.nom, edition.millesime
        etat = journal.etat(source, nom, millesime)
        piece = Piece(nom, millesime, sha256)
        self._assurer_parquet(ressource, edition, sha256, journal, bilan)
        if sha256 == etat.accepte:
            bilan.inchanges.append(piece)
            return
        if etat.accepte is None:
            journal.ecrire("accepte", source, nom, millesime, sha256=sha256, by="premier")
            bilan.acceptes.append(piece)
            return
        difference = self.diff(source, nom, millesime, etat.accepte, sha256)
        regle = ressource.thresholds.revision
        admise = (
            regle is not None
            and difference.part_changee <= regle.max_changed_share
            and difference.variation_max <= regle.max_relative_change
        )
        if sha256 not in etat.revisions:
            journal.ecrire("revision", source, nom, millesime, sha256=sha256, difference=difference.to_dict())
        if admise:
            journal.ecrire("accepte", source, nom, millesime, sha256=sha256, by="regle")
            bilan.acceptes.append(piece)
            return
        fichier = self.landing.fichier(source, nom, millesime, sha256).name
        bilan.refus.append(
            Lieu(source, nom, millesime, fichier).erreur(
                "revision",
                observe=f"{sha256[:12]} instead of {etat.accepte[:12]}: {difference}",
                attendu="the bytes already accepted"
                + (f", or a difference within {regle.model_dump()}" if regle else ""),
                que_faire=f"look with `ctg sources diff {source} {nom} {millesime}`, then use it with "
                f"`ctg sources accept {source} {nom} {millesime} {sha256[:12]}`; until then "
                f"{etat.accepte[:12]} stays in use",
            )
        )

    def _assurer_parquet(
        self, ressource: Ressource, edition: Millesime, sha256: str, journal: Journal, bilan: BilanSource
    ) -> None:
        """Write the Parquet of a landed file, unless the same contract and COG already gave it."""
        source, nom, millesime = ressource.source, ressource.nom, edition.millesime
        etat = journal.etat(source, nom, millesime)
        verifie = ressource.thresholds.codes_hors_cog is not None
        cog = self._cog(edition.cog, journal) if source != SOURCE_COG else None
        dependance = f"{cog.annee}:{cog.sha256 if verifie else ''}" if cog else ""
        contrat = empreinte_contrat(ressource, edition)
        contrat8 = hashlib.sha256(f"{contrat}:{dependance}".encode()).hexdigest()[:8]
        parquet = self._parquets(source, nom, millesime) / f"{sha256[:12]}-{contrat8}.parquet"
        connu = etat.normalises.get(sha256, {}).get("parquet") == parquet.name
        if connu and parquet.exists():
            return
        fichier = self.landing.fichier(source, nom, millesime, sha256)
        lieu = Lieu(source, nom, millesime, fichier.name)
        resultat = normaliser_fichier(fichier, ressource, edition, sha256, cog, lieu)
        juger(
            resultat.table,
            ressource,
            edition,
            self._cog_des_departements(ressource, edition, journal),
            self._reference(ressource, millesime, journal) if sha256 != etat.accepte else None,
            lieu,
            national=self.profil.nationale(ressource, edition),
        )
        ecarts = parquet.with_suffix(".ecartes.parquet")
        if resultat.ecartes.num_rows:
            ecrire_parquet(resultat.ecartes, ecarts)
            bilan.ecartes += _ecarts(ressource, millesime, resultat.ecartes)
        ecrire_parquet(resultat.table, parquet)
        if not connu:
            journal.ecrire(
                "normalise",
                source,
                nom,
                millesime,
                sha256=sha256,
                parquet=parquet.name,
                membre=resultat.membre,
                lignes=resultat.table.num_rows,
                lignes_ecartees=resultat.ecartes.num_rows,
                cog_millesime=resultat.cog_millesime,
            )

    def _edition(self, ressource: Ressource, millesime: int) -> Millesime | None:
        return ressource.edition(millesime, glissante=self.profil.miroir is None)

    def _parquets(self, source: str, ressource: str, millesime: int) -> Path:
        return self.home / "normalised" / source / ressource / str(millesime)

    def _acceptes(self, source: str, ressource: str, journal: Journal) -> dict[int, tuple[Etat, Path]]:
        """Accepted files of a ressource, by millésime, with their Parquet."""
        acceptes = {}
        for (s, r, m), etat in journal.etats.items():
            if (s, r) == (source, ressource) and m is not None and etat.accepte in etat.normalises:
                parquet = self._parquets(s, r, m) / etat.normalises[etat.accepte]["parquet"]
                if parquet.exists():
                    acceptes[m] = (etat, parquet)
        return acceptes

    def _dernier_accepte(self, ressource: Ressource, millesime: int, journal: Journal) -> Path | None:
        """Landed file of the accepted millésime nearest to this one."""
        acceptes = self._acceptes(ressource.source, ressource.nom, journal)
        if not acceptes:
            return None
        proche = _plus_proche(acceptes, millesime)
        accepte = acceptes[proche][0].accepte
        assert accepte is not None
        return self.landing.fichier(ressource.source, ressource.nom, proche, accepte)

    def _reference(self, ressource: Ressource, millesime: int, journal: Journal) -> Reference | None:
        acceptes = self._acceptes(ressource.source, ressource.nom, journal)
        if not acceptes:
            return None
        proche = _plus_proche(acceptes, millesime)
        return Reference(proche, acceptes[proche][1])

    def _cog(self, annee: int | Literal["newest"] | None, journal: Journal) -> Cog | None:
        """The COG of a year, among those accepted."""
        cogs = self._acceptes(SOURCE_COG, RESSOURCE_COG, journal)
        voulue = max(cogs, default=None) if annee == "newest" else annee
        if voulue not in cogs:
            return None
        etat, parquet = cogs[voulue]
        if parquet not in self._cogs:
            table = pq.read_table(parquet, columns=["typecom", "code"])
            codes = [
                code
                for typecom, code in zip(table["typecom"].to_pylist(), table["code"].to_pylist(), strict=True)
                if typecom in ("COM", "ARM")
            ]
            departements = frozenset(map(code_departement, codes))
            self._cogs[parquet] = Cog(voulue, str(etat.accepte), frozenset(codes), departements)
        return self._cogs[parquet]

    def _cog_des_departements(self, ressource: Ressource, edition: Millesime, journal: Journal) -> Cog | None:
        """The accepted COG nearest to the file's own; a COG is compared with another."""
        cogs = set(self._acceptes(SOURCE_COG, RESSOURCE_COG, journal))
        if ressource.source == SOURCE_COG:
            cogs.discard(edition.millesime)
        annee = edition.cog if isinstance(edition.cog, int) else max(cogs, default=None)
        return self._cog(_plus_proche(cogs, annee), journal) if cogs and annee is not None else None

    # -- decide and look -------------------------------------------------------------------------

    def accepter(self, source: str, ressource: str, millesime: int, sha: str) -> Piece:
        """Use, from now on, the validated file whose sha256 starts with `sha`.

        Raises `ErreurSource` (`sha_inconnu`) when no such file passed validation.
        """
        journal = self.journal()
        sha256 = self._sha_complet(source, ressource, millesime, sha, journal)
        journal.ecrire("accepte", source, ressource, millesime, sha256=sha256, by="main")
        return Piece(ressource, millesime, sha256)

    def diff(self, source: str, ressource: str, millesime: int, ancien: str, nouveau: str) -> Difference:
        """Compare two validated files of a millésime, named by the start of their sha256."""
        journal = self.journal()
        etat = journal.etat(source, ressource, millesime)
        chemins = [
            self._parquets(source, ressource, millesime)
            / etat.normalises[self._sha_complet(source, ressource, millesime, sha, journal)]["parquet"]
            for sha in (ancien, nouveau)
        ]
        return comparer(self.contrats[source].ressources[ressource], *chemins)

    def _sha_complet(self, source: str, ressource: str, millesime: int, sha: str, journal: Journal) -> str:
        connus = sorted(journal.etat(source, ressource, millesime).normalises)
        voulus = [s for s in connus if s.startswith(sha)]
        if len(voulus) != 1:
            raise Lieu(source, ressource, millesime).erreur(
                "sha_inconnu",
                observe=f"{sha!r} names {len(voulus)} validated files",
                attendu=f"the start of one of {', '.join(s[:12] for s in connus) or 'none yet'}",
                que_faire="run `ctg sources list` to see the files of this millésime",
            )
        return voulus[0]

    def fichiers_retenus(self, source: str | None = None) -> list[FichierRetenu]:
        """Return the accepted normalised files (of one source), in order of source, ressource and millésime.

        A file whose Parquet no longer has the contract's schema is left out: its refusal was told by
        `normaliser`.
        """
        journal, retenus = self.journal(), []
        for ressource, millesime, etat, parquet in self._en_usage(journal, source):
            edition = self._edition(ressource, millesime)
            assert edition is not None and etat.accepte is not None
            faits = etat.normalises[etat.accepte]
            fichier = self.landing.fichier(ressource.source, ressource.nom, millesime, etat.accepte)
            provenance = self.landing.provenance(ressource.source, ressource.nom, millesime, etat.accepte)
            assert provenance is not None
            # The refusal of a rolling file, whose millésime could not be read, ages the newest one.
            newest = millesime == max(self._acceptes(ressource.source, ressource.nom, journal))
            glissant = journal.etat(ressource.source, ressource.nom, None).refus if newest else None
            retenus.append(
                FichierRetenu(
                    source=ressource.source,
                    ressource=ressource.nom,
                    millesime=millesime,
                    sha256=etat.accepte,
                    fichier=fichier.name,
                    membre=faits["membre"],
                    lignes=faits["lignes"],
                    lignes_ecartees=faits["lignes_ecartees"],
                    niveau=ressource.niveau,
                    couverture=self.profil.couverture(ressource, edition),
                    absence=ressource.absence,
                    champ=ressource.champ,
                    cog_millesime=faits["cog_millesime"],
                    paris_lyon_marseille=ressource.paris_lyon_marseille,
                    publie_le=edition.publie_le,
                    recu_le=provenance["fetched_at"],
                    parquet=parquet,
                    perime=bool(etat.refus or etat.en_attente or glissant),
                )
            )
        return retenus

    def jamais_recues(self) -> dict[tuple[str, str], Path]:
        """Return, by (source, ressource) without any accepted file, an empty Parquet of its schema."""
        recues = {(r.source, r.nom) for r, *_ in self._en_usage(self.journal())}
        vides = {}
        for contrat in self.contrats.values():
            for r in contrat.ressources.values():
                if (r.source, r.nom) not in recues:
                    schema = schema_normalise(r)
                    hash8 = hashlib.sha256(schema.to_string().encode()).hexdigest()[:8]
                    dossier = self.home / "normalised" / r.source / r.nom
                    vides[r.source, r.nom] = dossier / f"_jamais_recue-{hash8}.parquet"
                    if not vides[r.source, r.nom].exists():
                        ecrire_parquet(schema.empty_table(), vides[r.source, r.nom])
        return vides

    def _en_usage(
        self, journal: Journal, seule: str | None = None
    ) -> Iterator[tuple[Ressource, int, Etat, Path]]:
        for source in [seule] if seule else sorted(self.contrats):
            for ressource in self.contrats[source].ressources.values():
                schema = schema_normalise(ressource)
                for millesime, (etat, parquet) in sorted(
                    self._acceptes(source, ressource.nom, journal).items()
                ):
                    if self._edition(ressource, millesime) and pq.read_schema(parquet).equals(schema):
                        yield ressource, millesime, etat, parquet


def _copie(fichier: Path, origine: fetch.Origine) -> Obtention:
    return lambda dossier: fetch.copier(fichier, dossier, origine)


def _depot_ambigu(source: str, ressource: str, dossier: Path, observe: str) -> ErreurSource:
    return Lieu(source, ressource, None, str(dossier)).erreur(
        "depot_ambigu",
        observe=observe,
        attendu="depot/<source>/<ressource>/<millesime>/ holding one file",
        que_faire="move the file to receive, alone, to such a folder",
    )


def _plus_proche(millesimes: Iterable[int], voulu: int) -> int:
    """Return the nearest year, the older of two."""
    return min(millesimes, key=lambda m: (abs(m - voulu), m))


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
