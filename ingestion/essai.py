"""Trying one downloaded file against every layout: the ways to read it, and what a night would say of each.

Belongs here: no wording for people (`ingestion.rapport_essai`), no comparison of headers (`reconnaissance`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ingestion import long, readers
from ingestion.contrats import Contrat, Millesime, Ressource
from ingestion.contrats.grammaire import (
    Format,
    FormatGeojson,
    FormatParquet,
    FormatTableur,
    FormatXlsx,
)
from ingestion.entetes import Lecture, degonfle, lectures
from ingestion.erreurs import AutrePeriode, ErreurSource, Lieu
from ingestion.fonds import Fonds, plus_proche
from ingestion.landing import examiner
from ingestion.normalisation import ALire, typer
from ingestion.pays_entier import FichierDeReference
from ingestion.profil import Profil
from ingestion.readers.zip import est_un_zip, verifier
from ingestion.reconnaissance import Ressemblance, reconnaitre

ANNEE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Jugement:
    """What reading a whole file gave: rows kept and set aside, or the refusal."""

    lignes: int = 0
    ecartees: int = 0
    erreur: ErreurSource | None = None


@dataclass(frozen=True)
class Tentative:
    """A layout with the very headers of the file, tried on the whole of it.

    `nuit`: as a night would read it. `corrige`: read in the file's own format (`format`) where the contract
    declares another and the night refuses. `autres`: millésimes that the same header could be of.
    """

    ressemblance: Ressemblance
    edition: Millesime
    declare: bool
    autres: tuple[int, ...]
    nuit: Jugement
    corrige: Jugement | None = None
    format: Format | None = None

    @property
    def lue(self) -> bool:
        """Whether the layout reads the file whole, as it stands."""
        return self.nuit.erreur is None


@dataclass(frozen=True)
class Essai:
    """A file beside every layout: how it reads best, what resembles it, what was tried.

    `lecture`: None where nothing reads a header in it. `ressemblances`: the exact ones, else every other.
    `abime`: why an archive or a workbook cannot be opened.
    """

    fichier: str
    lecture: Lecture | None
    comprime: bool
    ressemblances: list[Ressemblance]
    tentatives: list[Tentative]
    abime: ErreurSource | None = None

    @property
    def lu(self) -> bool:
        """Whether some layout reads the file whole."""
        return any(t.lue for t in self.tentatives)


def essayer(chemin: Path, contrats: Mapping[str, Contrat], fonds: Fonds | None = None) -> Essai:
    """Compare a file with every layout; read it whole by those that have its very headers. Writes nothing.

    `fonds`: holdings whose COG and accepted files judge it too, as they would in a night.
    """
    with degonfle(chemin) as (clair, comprime):
        if est_un_zip(clair):
            try:
                verifier(clair, Lieu("essai", "essai", None, chemin.name))
            except ErreurSource as e:
                return Essai(chemin.name, None, comprime, [], [], abime=e)
        formats = [r.format for c in contrats.values() for r in c.ressources.values()]
        lues = [(reconnaitre(x.entetes, contrats), x) for x in lectures(clair, formats)]
        # `max` keeps the first of equals, and the usual encoding and separator come first.
        vus, lecture = max(lues, key=lambda v: v[0][0].part if v[0] else 0, default=([], None))
        if lecture is None:
            return Essai(chemin.name, None, comprime, [], [])
        exactes = [r for r in vus if r.exacte]
        with clair.open("rb") as f:
            sha256 = hashlib.file_digest(f, "sha256").hexdigest()
        banc = _Banc(chemin, clair, sha256, lecture, fonds)
        faites = [banc.tenter(r, contrats[r.source].ressources[r.ressource]) for r in exactes]
        long.oublier()
    # A layout of other years adds nothing where one of this year reads the file.
    servies = {(t.ressemblance.source, t.ressemblance.ressource) for t in faites if t.lue and t.declare}
    faites = [
        t for t in faites if t.declare or (t.ressemblance.source, t.ressemblance.ressource) not in servies
    ]
    faites.sort(key=lambda t: (not t.lue, t.corrige is None or t.corrige.erreur is not None))
    return Essai(chemin.name, lecture, comprime, exactes or vus, faites)


@dataclass(frozen=True)
class _Banc:
    """A file ready to be read whole: as it stands (`chemin`), and inflated (`clair`)."""

    chemin: Path
    clair: Path
    sha256: str
    lecture: Lecture
    fonds: Fonds | None

    def tenter(self, r: Ressemblance, ressource: Ressource) -> Tentative:
        """Try the millésimes of a layout until one reads the file whole; else keep the first try."""
        annees, faites = self._annees(r, ressource), list[Tentative]()
        for annee in (*annees, *self._suivantes(r, ressource)):
            edition, declare = _edition(ressource, r.layout, annee)
            autres = tuple(a for a in annees if a != annee)
            faites.append(self._en(ressource, Tentative(r, edition, declare, autres, Jugement())))
            dernier = faites[-1].corrige or faites[-1].nuit
            if not (dernier.erreur and _d_une_autre_annee(dernier.erreur)):
                return faites[-1]
        return faites[0]

    def _suivantes(self, r: Ressemblance, ressource: Ressource) -> Iterator[int]:
        """Years after those that are declared, as long as their COG was received: its codes tell the file."""
        annee = max(ressource.millesimes, default=0) + 1
        while self.fonds and r.declares:
            edition, _ = _edition(ressource, r.layout, annee)
            if not isinstance(edition.cog, int) or self.fonds.cog(edition.cog) is None:
                return
            yield annee
            annee += 1

    def _en(self, ressource: Ressource, t: Tentative) -> Tentative:
        """Read as a night would, then, where it refuses, in the format of the file itself."""
        t = replace(t, nuit=self._juger(self.chemin, ressource, t.edition))
        if t.lue:
            return t
        propre = t.edition.model_copy(update={"member": self.lecture.membre})
        for format in _variantes(self.lecture.format, ressource.format):
            if (format, self.clair, propre) == (ressource.format, self.chemin, t.edition):
                continue
            corrige = self._juger(self.clair, ressource.model_copy(update={"format": format}), propre)
            if t.corrige is None or corrige.erreur is None:
                t = replace(t, corrige=corrige, format=format)
            if corrige.erreur is None:
                break
        return t

    def _juger(self, chemin: Path, ressource: Ressource, edition: Millesime) -> Jugement:
        """Read a file as a night does, and keep nothing of it."""
        lieu = Lieu(ressource.source, ressource.nom, edition.millesime, self.chemin.name)
        fonds, dernier, reference = self.fonds, None, None
        if fonds and (acceptes := fonds.acceptes(ressource.source, ressource.nom)):
            proche = plus_proche(acceptes, edition.millesime)
            dernier = fonds.landing.fichier(ressource.source, ressource.nom, proche, acceptes[proche].sha256)
            reference = FichierDeReference(proche, acceptes[proche].parquet)
        try:
            examiner(chemin, ressource, edition, None, lieu)
            regles = ALire(
                ressource,
                edition,
                self.sha256,
                fonds.cogs_des_codes(edition) if fonds else None,
                fonds.cog_des_departements(ressource, edition) if fonds else None,
                fonds.cogs_suivants(edition) if fonds else (),
                reference,
                lieu,
                Profil("live", None).nationale(ressource, edition),
            )
            lu = typer(chemin, regles)
            # Columns that are missing say more than the size of the file.
            examiner(chemin, ressource, edition, dernier, lieu, archive_vue=True)
        except ErreurSource as e:
            return Jugement(erreur=e)
        return Jugement(lu.lignes, lu.lignes_ecartees)

    def _annees(self, r: Ressemblance, ressource: Ressource) -> list[int]:
        """Millésimes to try, the likeliest first: what the content says, then names, then the newest."""
        dites = self._annees_du_contenu(r, ressource)
        if dites or not r.declares:
            return dites or list(r.millesimes)
        noms = {self.chemin.name.lower(), (self.lecture.membre or self.chemin.name).lower()}

        def nomme(annee: int) -> bool:
            e = ressource.millesimes[annee]
            places = (e.mirror, e.url, e.member)
            return bool(noms & {Path(p).name.lower() for p in places if p})

        connues = sorted(r.millesimes, key=lambda a: (not nomme(a), -a))
        dans_le_nom = {int(a) for nom in noms for a in ANNEE.findall(nom)}
        if nomme(connues[0]) or any("{" in g for g in ressource.layouts[r.layout].gabarits):
            return connues
        # A new edition of a known kind is often told by its name alone.
        return sorted(dans_le_nom) if len(dans_le_nom) == 1 else connues

    def _annees_du_contenu(self, r: Ressemblance, ressource: Ressource) -> list[int]:
        """The newest year of the column of years; nothing where there is none, or it cannot be read."""
        entetes = [e for e, c in ressource.layouts[r.layout].columns.items() if c == ressource.colonne_annee]
        if ressource.colonne_annee is None or not entetes:
            return []
        edition = Millesime(millesime=r.millesimes[0], layout=[r.layout], member=self.lecture.membre)
        lieu = Lieu(r.source, r.ressource, None, self.chemin.name)
        try:
            texte = readers.lire(self.clair, self.lecture.format, edition, lieu)
        except ErreurSource:
            return []
        texte = texte.sans(ressource.layouts[r.layout].skip)
        debuts = [t[:4] for t in texte.colonne(edition.gabarit(entetes[0])).unique().to_pylist()]
        return [max(map(int, debuts))] if debuts and all(d.isdecimal() for d in debuts) else []


def _d_une_autre_annee(erreur: ErreurSource) -> bool:
    """Whether a file may be that of another year of the same layout."""
    return isinstance(erreur, AutrePeriode) or erreur.code == "codes_hors_cog"


def _edition(ressource: Ressource, layout: str, annee: int) -> tuple[Millesime, bool]:
    """The edition a night would expect, and whether it is declared; else that of the nearest year, moved."""
    for glissante in (False, True):
        edition = ressource.edition(annee, glissante=glissante) if annee in ressource.millesimes else None
        if edition and layout in edition.layout:
            return edition, True
    voisines = [e for e in ressource.millesimes.values() if layout in e.layout]
    if not voisines:
        return Millesime(millesime=annee, layout=[layout]), False
    proche = min(voisines, key=lambda e: (abs(e.millesime - annee), -e.millesime))
    cog = proche.cog + annee - proche.millesime if isinstance(proche.cog, int) else proche.cog
    neuve = {"millesime": annee, "layout": [layout], "cog": cog, "url": None, "publie_le": None}
    member = proche.member and proche.member.replace(str(proche.millesime), str(annee))
    return proche.model_copy(update={**neuve, "member": member}), False


def _variantes(lu: Format, declare: Format) -> Iterator[Format]:
    """The format of the file; its decimal mark, which no header shows, as declared, then otherwise."""
    if isinstance(lu, FormatXlsx | FormatGeojson | FormatTableur | FormatParquet):
        yield lu
        return
    marques: tuple[Literal[".", ","], ...] = ("," if declare.decimal == "," else ".", ".", ",")
    for marque in dict.fromkeys(marques if declare.decimal else (None,)):
        milliers = declare.thousands if declare.thousands != marque else None
        yield lu.model_copy(update={"decimal": marque, "thousands": milliers})
