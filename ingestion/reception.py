"""Receiving a source: where each file waits tonight, then fetched, examined, landed and journalled."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, urlsplit

from ingestion import miroir, readers
from ingestion.autre_fichier import requalifier
from ingestion.bilan import BilanSource, Piece
from ingestion.contrats import Contrat, Millesime, Ressource
from ingestion.contrats.empreinte import empreinte_contrat
from ingestion.depot import Depose, ambigu
from ingestion.entree import compter, interdite, ouvrir
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.fonds import plus_proche
from ingestion.journal import Journal
from ingestion.landing import Pose, Provenance, examiner
from ingestion.lectures import Fichier, Lectures
from ingestion.profil import Profil
from ingestion.recu import Origine, Recu, copier, lier
from socle.panne import PanneDisque

if TYPE_CHECKING:
    from ingestion.reseau import Muets

# Makes an empty folder to receive into.
Nouveau = Callable[[], Path]
# Answer of an address: a new file, a file already held, nothing, or an error.
_Venu = Recu | Piece | None | Exception


@dataclass(frozen=True)
class _Demande:
    """A file to ask for, at a path or an address. Where `millesime` is None, the content tells it."""

    ressource: Ressource
    millesime: int | None
    origine: Origine
    ou: Path | str
    depot: Depose | None = None

    @property
    def lieu(self) -> Lieu:
        """Where errors stand before the file has a name."""
        return Lieu(self.ressource.source, self.ressource.nom, self.millesime)


@dataclass(frozen=True)
class _Arrivee:
    """Answer to a demand: a file, an error, or neither; `pose` when bytes came."""

    demande: _Demande
    # The file in the store, now or at the end of the reception.
    atterri: Piece | None = None
    pose: Pose | None = None
    erreur: ErreurSource | None = None


class ReceptionSources(Lectures):
    """The reception of the sources of one `CTG_HOME`. One process at a time."""

    # Files by address, for the source at hand: one address may serve several levels and years.
    _apportes: dict[str, Recu]
    _archives_vues: set[str]

    def __init__(
        self, home: Path, contrats: dict[str, Contrat], profil: Profil, jour: date | None = None
    ) -> None:
        """Work under `home`; see `Acquisition`."""
        super().__init__(home, contrats, profil, jour)
        # Hosts that did not answer; by address, who asked first and what `devancer` got.
        self._muets: Muets | None = None
        self._devances: dict[str, tuple[Lieu, _Venu]] = {}

    @contextmanager
    def devancer(self, sources: Iterable[str]) -> Iterator[None]:
        """Fetch what these sources have at addresses, hosts side by side, each asked for one file at a time.

        Within the block, `recevoir` finds these answers. A host that hangs costs its own time-outs, once,
        whatever the other hosts do.
        """
        journal, hotes = self.journal(), dict[str, dict[str, _Demande]]()
        for demande in (d for s in sources for d in self._demandes(s, journal, BilanSource())):
            if isinstance(demande.ou, str):
                hotes.setdefault(urlsplit(demande.ou).netloc, {}).setdefault(demande.ou, demande)
        if self.jour or not hotes:
            yield
            return
        from ingestion.reseau import Muets

        with self.landing.provisoire() as nouveau:
            self._muets = Muets()
            suites = [[(d, nouveau()) for d in demandes.values()] for demandes in hotes.values()]
            # A night that is stopped does not wait for these threads.
            fils = [Thread(target=self._devancer_un_hote, args=(s, journal), daemon=True) for s in suites]
            for fil in fils:
                fil.start()
            for fil in fils:
                fil.join()
            try:
                yield
            finally:
                self._devances.clear()

    def _devancer_un_hote(self, demandes: list[tuple[_Demande, Path]], journal: Journal) -> None:
        for demande, dossier in demandes:
            venu: _Venu
            try:
                venu = self._chercher(demande, dossier, journal)
            except Exception as e:
                venu = e
            self._devances[str(demande.ou)] = demande.lieu, venu

    def depots_inconnus(self) -> list[ErreurSource]:
        """Report what lies at the root of the depot under a name that is no source: nobody would read it."""
        erreurs, connus = [], [*self.contrats, SOURCE_EXTRAIT]
        for trouve in _tient(self.home / "depot"):
            if trouve.name not in connus:
                proches = get_close_matches(trouve.name, connus, n=3)
                quoi = "a folder that is no source" if trouve.is_dir() else "a file outside any folder"
                observe = quoi + (f"; did you mean {' or '.join(proches)}?" if proches else "")
                erreurs.append(_depot_ambigu(trouve.name, "-", trouve, observe))
        return erreurs

    def miroir_inconnus(self) -> list[str]:
        """Say what a mirror folder holds that no contract names, one line each; see `miroir.inconnus`."""
        dossier = self.profil.dossier
        return miroir.inconnus(dossier, self.contrats.values()) if dossier is not None else []

    def miroir_disparus(self) -> tuple[list[str], int]:
        """Return the files that the mirror folder gave before and lacks now, and how many it gave."""
        if (dossier := self.profil.dossier) is None:
            return [], 0
        journal = self.journal()
        return miroir.disparus(
            dossier,
            self.contrats.values(),
            lambda source, ressource, annee: "mirror" in journal.etat(source, ressource, annee).offres,
        )

    def recevoir(self, source: str) -> BilanSource:
        """Fetch and land the new files of a source; no file stops the others.

        Files are brought and examined, then landed together, then journalled: one sync each. A kill before
        the journal loses no accepted file, only the fetching; a dropped file leaves the depot last.
        """
        bilan = BilanSource()
        if self.jour:
            return bilan
        journal = self.journal()
        self._apportes, self._archives_vues = {}, set()
        with self.landing.provisoire() as nouveau:
            arrivees = [self._prendre(d, nouveau, journal) for d in self._demandes(source, journal, bilan)]
            self.landing.poser(a.pose for a in arrivees if a.pose)
        with journal.lot():
            for arrivee in arrivees:
                self._consigner(arrivee, journal, bilan)
            deposes = {(a.demande.ressource.nom, a.demande.millesime) for a in arrivees if a.demande.depot}
            for r in self.contrats[source].ressources.values():
                for millesime in [*journal.millesimes(source, r.nom)]:
                    if (r.nom, millesime) not in deposes:
                        self._dire_parti(journal, r, millesime, "depot")
        for arrivee in arrivees:
            if arrivee.demande.depot and not arrivee.erreur:
                arrivee.demande.depot.retirer()
        return bilan

    # -- where files wait ------------------------------------------------------------------------

    def _demandes(self, source: str, journal: Journal, bilan: BilanSource) -> Iterator[_Demande]:
        contrat = self.contrats[source]
        for dossier in _tient(self.home / "depot" / source):
            if dossier.name not in contrat.ressources:
                observe = "a folder unknown to the contract"
                bilan.refus.append(_depot_ambigu(source, dossier.name, dossier, observe))
            elif not _est_un_dossier(dossier):
                lieu, quoi = Lieu(source, dossier.name, None), "a link, or a file in place of a folder,"
                bilan.refus.append(interdite(quoi, dossier, lieu))
        for r in contrat.ressources.values():
            deposes = self._deposes(r, bilan)
            for millesime, depot in deposes.items():
                yield _Demande(r, millesime, "depot", depot.fichiers[0], depot)
            for millesime, edition in sorted(r.millesimes.items()):
                if millesime in deposes:
                    continue
                if (racine := self.profil.miroir) is not None and edition.mirror:
                    adresse = f"{racine.rstrip('/')}/{quote(edition.mirror)}"
                    ou = adresse if "://" in racine else Path(racine) / edition.mirror
                    yield _Demande(r, millesime, "mirror", ou)
                elif self.profil.miroir is None and edition.url:
                    yield _Demande(r, millesime, "url", edition.url)
            if self.profil.miroir is None and r.adresse_glissante:
                yield _Demande(r, None, "rolling", r.adresse_glissante)

    def _deposes(self, ressource: Ressource, bilan: BilanSource) -> dict[int, Depose]:
        """Files of the depot, by millésime: `depot/<source>/<ressource>/<millesime>/<any name>`."""
        deposes = {}
        racine = self.home / "depot" / ressource.source / ressource.nom
        for dossier in _tient(racine) if _est_un_dossier(racine) else ():
            trouves = _tient(dossier) if _est_un_dossier(dossier) else [dossier]
            # A folder is where an archive was unpacked: what it holds was dropped too.
            if len(trouves) != 1 or _est_un_dossier(trouves[0]) or not dossier.name.isdecimal():
                noms = ", ".join(f"{f.relative_to(racine)}{'/' * _est_un_dossier(f)}" for f in trouves)
                bilan.refus.append(_depot_ambigu(ressource.source, ressource.nom, dossier, noms))
            else:
                deposes[int(dossier.name)] = Depose.trouver(trouves[0])
        return deposes

    # -- what comes ------------------------------------------------------------------------------

    def _du_miroir(
        self, demande: _Demande, fichier: Path, nouveau: Nouveau, journal: Journal
    ) -> Recu | Piece | None:
        assert self.profil.miroir
        try:
            ouvert = ouvrir(Path(self.profil.miroir), fichier, demande.lieu, liens=True)
        except (FileNotFoundError, NotADirectoryError):
            return None
        with ouvert as f:
            return self._copier_du_miroir(demande, fichier, f, nouveau, journal)

    def _copier_du_miroir(
        self, demande: _Demande, fichier: Path, ouvert: BinaryIO, nouveau: Nouveau, journal: Journal
    ) -> Recu | Piece:
        ressource, millesime = demande.ressource, demande.millesime
        empreinte = hashlib.sha256()
        for bloc in _octets(ouvert, fichier, demande):
            empreinte.update(bloc)
        sha256 = empreinte.hexdigest()
        etat = journal.etat(ressource.source, ressource.nom, millesime)
        deja = etat.offres.get("mirror") == sha256 != etat.refus_sha256
        if deja and self.landing.provenance(ressource.source, ressource.nom, millesime, sha256):
            assert millesime is not None
            return Piece(ressource.nom, millesime, sha256)
        if (apporte := self._apportes.get(str(fichier))) and apporte.sha256 == sha256:
            return lier(apporte, nouveau(), fichier.name)
        ouvert.seek(0)
        recu = copier(_octets(ouvert, fichier, demande), fichier, nouveau(), "mirror")
        return self._apportes.setdefault(str(fichier), recu)

    def _de_l_url(
        self, demande: _Demande, url: str, nouveau: Nouveau, journal: Journal
    ) -> Recu | Piece | None:
        # HTTP is slow to load, and a mirror folder needs none of it.
        from ingestion.telechargement import nom_url

        nom = nom_url(url, f"{demande.ressource.nom}.{demande.ressource.format.kind}")
        if apporte := self._apportes.get(url):
            return lier(apporte, nouveau(), nom)
        pour, venu = self._devances.get(url, (None, None))
        if isinstance(venu, ErreurSource):
            ou = demande.lieu
            raise replace(venu, source=ou.source, ressource=ou.ressource, millesime=ou.millesime)
        if isinstance(venu, Exception):
            raise venu
        if isinstance(venu, Recu):
            return lier(venu, nouveau(), nom)
        # « Absent » and « unchanged » answer for the one file that was asked for.
        if pour == demande.lieu:
            return venu
        venu = self._chercher(demande, nouveau(), journal)
        if isinstance(venu, Recu):
            self._apportes[url] = venu
        return venu

    def _chercher(self, demande: _Demande, dossier: Path, journal: Journal) -> Recu | Piece | None:
        """Download what is at an address, once its portal said that it has it."""
        from ingestion import catalogue, telechargement

        ressource, origine, url = demande.ressource, demande.origine, str(demande.ou)
        if origine != "mirror":
            catalogue.verifier(url, demande.lieu, self._muets)
        precedent = self._precedent(ressource, demande.millesime, origine, journal)
        recu = telechargement.telecharger(
            url,
            dossier,
            demande.lieu,
            origine=origine,
            nom=telechargement.nom_url(url, f"{ressource.nom}.{ressource.format.kind}"),
            precedent=precedent and precedent[1],
            facultatif=origine == "mirror",
            taille_max=ressource.limites.octets,
            muets=self._muets,
        )
        if recu == "absent":
            return None
        if recu == "inchange":
            assert precedent is not None
            return Piece(ressource.nom, precedent[0], precedent[1].sha256)
        return recu

    def _precedent(
        self, ressource: Ressource, millesime: int | None, origine: Origine, journal: Journal
    ) -> tuple[int, Provenance] | None:
        """Millésime and sidecar of the last file from this origin that landed."""
        recus = [
            (etat.recu_le, m, etat.recus[origine])
            for m, etat in journal.millesimes(ressource.source, ressource.nom).items()
            if millesime in (None, m) and etat.recu_le and origine in etat.recus
        ]
        if not recus:
            return None
        _, m, sha256 = max(recus)
        provenance = self.landing.provenance(ressource.source, ressource.nom, m, sha256)
        return (m, provenance) if provenance else None

    def _prendre(self, demande: _Demande, nouveau: Nouveau, journal: Journal) -> _Arrivee:
        """Fetch one file and examine it; a fault becomes its own arrival."""
        try:
            if demande.depot:
                (depose,) = demande.depot.fichiers
                # A folder of the depot may be a link: the depot is closed, and its owner put it there.
                racine = self.home / "depot" / demande.ressource.source
                with ouvrir(racine, depose, demande.lieu) as f:
                    recu: Recu | Piece | None = copier(
                        _octets(f, depose, demande), depose, nouveau(), "depot"
                    )
            elif isinstance(demande.ou, Path):
                recu = self._du_miroir(demande, demande.ou, nouveau, journal)
            else:
                recu = self._de_l_url(demande, demande.ou, nouveau, journal)
            if isinstance(recu, Recu):
                return self._examiner(demande, recu, journal)
            return _Arrivee(demande, atterri=recu)
        except ErreurSource as e:
            return _Arrivee(demande, erreur=e)
        except PanneDisque:
            # A disk that refuses to write stops every file; a file that cannot be read stops no other.
            raise
        except OSError as e:
            erreur = replace(demande.lieu, fichier=e.filename and str(e.filename)).erreur(
                "injoignable",
                observe=str(e),
                attendu="a file that can be read",
                que_faire="give the night access to this file; the last accepted one stays in use",
            )
            return _Arrivee(demande, erreur=erreur)

    def _examiner(self, demande: _Demande, recu: Recu, journal: Journal) -> _Arrivee:
        """Refuse, before parsing, bytes that cannot be the file; read the millésime of a rolling address."""
        ressource, millesime = demande.ressource, demande.millesime
        lieu, contrat, edition = replace(demande.lieu, fichier=recu.nom), "", None
        try:
            if millesime is None:
                contrat = empreinte_contrat(ressource, _de_passage(ressource))
                fichier = Fichier(ressource, lieu, recu.sha256, contrat)
                millesime = self.lire(fichier, _millesime_lu, ressource, recu.chemin, lieu)
                lieu = replace(lieu, millesime=millesime)
            edition = self.profil.edition(ressource, millesime)
            if edition is None:
                raise lieu.erreur(
                    "millesime_inconnu",
                    observe=f"a file of millésime {millesime}",
                    attendu=f"one of {sorted(ressource.millesimes)}",
                    que_faire=f"declare the millésime, its layout and its COG in {lieu.contrat}",
                )
            contrat = empreinte_contrat(ressource, edition)
            etat = journal.etat(ressource.source, ressource.nom, millesime)
            if recu.sha256 in etat.ecartes:
                return _Arrivee(demande, Piece(ressource.nom, millesime, recu.sha256))
            if etat.offres.get(recu.origine) != recu.sha256 or etat.refus_sha256 == recu.sha256:
                dernier = self._dernier_accepte(ressource, millesime)
                fichier = Fichier(ressource, lieu, recu.sha256, contrat)
                regarder = partial(examiner, archive_vue=recu.sha256 in self._archives_vues)
                self.lire(fichier, regarder, recu.chemin, ressource, edition, dernier, lieu)
                self._archives_vues.add(recu.sha256)
        except ErreurSource as e:
            # Of a file that is another one, its columns say more than its size.
            dite = requalifier(e, recu.chemin, ressource, edition, self.contrats) if edition else e
            return _Arrivee(demande, pose=Pose(recu, lieu, contrat, dite.de(recu.sha256)), erreur=dite)
        return _Arrivee(demande, Piece(ressource.nom, millesime, recu.sha256), Pose(recu, lieu, contrat))

    def _dernier_accepte(self, ressource: Ressource, millesime: int) -> Path | None:
        """Landed file of the accepted millésime nearest to this one."""
        acceptes = self.acceptes(ressource.source, ressource.nom)
        if not acceptes:
            return None
        proche = plus_proche(acceptes, millesime)
        return self.landing.fichier(ressource.source, ressource.nom, proche, acceptes[proche].sha256)

    def _consigner(self, arrivee: _Arrivee, journal: Journal, bilan: BilanSource) -> None:
        """Write the arrival in the journal and in the summary of the night."""
        demande, ressource = arrivee.demande, arrivee.demande.ressource
        source, nom, origine = ressource.source, ressource.nom, demande.origine
        if arrivee.erreur:
            if arrivee.pose:
                journal.refuser(arrivee.erreur, arrivee.pose.recu.sha256, origine=origine)
            bilan.refus.append(arrivee.erreur)
            return
        if arrivee.atterri is None:
            assert demande.millesime is not None
            self._dire_parti(journal, ressource, demande.millesime, origine)
            bilan.absents.append(Piece(nom, demande.millesime))
            return
        piece, millesime, sha256 = arrivee.atterri, arrivee.atterri.millesime, arrivee.atterri.sha256
        etat = journal.etat(source, nom, millesime)
        # An address repeats itself; a person who drops a file again, once another came, wants it in use.
        redepose = origine == "depot" and etat.candidat != sha256
        if etat.offres.get(origine) == etat.recus.get(origine) == sha256 and not redepose:
            bilan.inchanges.append(piece)
        else:
            journal.ecrire("recu", source, nom, millesime, sha256=sha256, origine=origine)
            bilan.recus.append(piece)
        if origine == "rolling" and journal.etat(source, nom, None).refus:
            journal.ecrire("recu", source, nom, None, sha256=sha256, origine=origine)

    @staticmethod
    def _dire_parti(journal: Journal, ressource: Ressource, millesime: int, origine: Origine) -> None:
        """Forget a refusal whose bytes are gone from their origin."""
        etat = journal.etat(ressource.source, ressource.nom, millesime)
        if etat.refus_sha256 and etat.offres.get(origine) == etat.refus_sha256 != etat.accepte:
            ou = ressource.source, ressource.nom, millesime
            journal.ecrire("parti", *ou, sha256=etat.refus_sha256, origine=origine)


def _octets(ouvert: BinaryIO, fichier: Path, demande: _Demande) -> Iterator[bytes]:
    """Yield the bytes of a local file, up to what its contract allows."""
    lieu = replace(demande.lieu, fichier=fichier.name)
    return compter(ouvert, demande.ressource.limites.octets, lieu)


def _millesime_lu(ressource: Ressource, chemin: Path, lieu: Lieu) -> int:
    """Read the millésime of a rolling file in its own content, once it is known for what it should be."""
    glissant, edition = ressource.rolling, _de_passage(ressource)
    assert glissant is not None
    (nomme,) = edition.layout
    examiner(chemin, ressource, None, None, lieu)
    texte = readers.lire(chemin, ressource.format, edition, lieu)
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
        textes = [t[:4] for e in entetes for t in texte.colonne(e).unique().to_pylist()]
        vus = {max(map(int, textes))} if textes and all(t.isdecimal() for t in textes) else set()
        attendu = f"years in the column read as {glissant.millesime_from_column!r}"
    if len(vus) != 1:
        raise lieu.erreur(
            "millesime_inattendu",
            observe=f"{len(texte.entete)} headers and {len(texte.lignes)} rows, which say {len(vus)} years",
            attendu=attendu,
            que_faire=f"the producer changed the file: declare its new layout in {lieu.contrat}",
        )
    return vus.pop()


def _de_passage(ressource: Ressource) -> Millesime:
    """A stand-in edition for a rolling file whose millésime is not read yet."""
    nomme = ressource.rolling and ressource.rolling.layout
    return Millesime(millesime=2000, layout=[nomme or next(iter(ressource.layouts))])


def _tient(dossier: Path) -> list[Path]:
    """What a folder of the depot holds, but for the empty folders that moving a file away leaves."""
    return [
        trouve
        for trouve in sorted(dossier.glob("[!.]*"))
        if not _est_un_dossier(trouve)
        or any(not c.name.startswith(".") and not _est_un_dossier(c) for c in trouve.rglob("*"))
    ]


def _est_un_dossier(chemin: Path) -> bool:
    """Whether a folder stands there, and no link to one, which is not followed."""
    return not chemin.is_symlink() and chemin.is_dir()


def _depot_ambigu(source: str, ressource: str, dossier: Path, observe: str) -> ErreurSource:
    attendu = "depot/<source>/<ressource>/<millesime>/ holding one file"
    return ambigu(Lieu(source, ressource, None, str(dossier)), observe, attendu)
