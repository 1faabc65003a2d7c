"""Refusals of files, written for the person who must act: a class for each kind of act, codes, wording."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, NotRequired, Self, TypedDict, Unpack

from socle.erreurs import ErreurCtg

LONGUEUR_DITE = 2000
"""Most characters of a file that one field of an error repeats."""
VALEUR_DITE = 200
"""Most characters that an error quotes of the content of a file."""
_CITE = re.compile(r"""(['"`]).*\1""", re.DOTALL)


def couper(texte: str, longueur: int) -> str:
    """Cut beyond `longueur` characters, and give the whole length."""
    return texte if len(texte) <= longueur else f"{texte[:longueur]}… ({len(texte)} characters)"


def sans_citation(dit: str) -> str:
    """Return what a library says of a file without what it quotes of it: `Bad CRC-32 for file 'x'`.

    Of a file that no header has shown to be the contract's, nothing is repeated: it may be anybody's.
    """
    return re.split(r"""['"`]""", _CITE.sub("…", dit))[0].strip()


def lisible(texte: str) -> str:
    """Cut a text too long to read, and write invisible characters by their code; spaces of all widths stay.

    Texts of files go to terminals, journals and mails: none may move a cursor, turn letters round (U+202E
    becomes `\\u202e`) or fill the screen.
    """
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else ascii(c)[1:-1]
        for c in couper(texte, LONGUEUR_DITE)
    )


@dataclass(eq=False)
class ErreurSource(ErreurCtg):
    """One refusal: what, where, what was observed, what was expected, what to do next.

    A caller catches the class, which says what kind of act it asks for (`except HorsDAtteinte`); `code`, one
    of the class's `TITRES`, says what exactly. `ligne` is the first physical line concerned, 1-based; `mois`
    is YYYY-MM. No field of a refusal of the allocataire extract holds a value read from it.
    """

    TITRES: ClassVar[dict[str, str]] = {}

    code: str
    source: str
    ressource: str
    millesime: int | None
    fichier: str | None
    observe: str
    attendu: str
    que_faire: str
    colonne: str | None = None
    ligne: int | None = None
    mois: str | None = None
    # sha256 of the refused bytes, where a person may leave them aside.
    sha256: str | None = None

    def __post_init__(self) -> None:
        """Refuse a code that the class does not know."""
        if self.code not in self.TITRES:
            raise ValueError(f"{type(self).__name__} has no code {self.code!r}: declare it in its TITRES")
        for champ in ("fichier", "colonne", "observe", "attendu", "que_faire"):
            if (texte := getattr(self, champ)) is not None:
                setattr(self, champ, lisible(texte))
        super().__init__(self.code)

    def __reduce__(self) -> tuple[object, ...]:
        """Cross from one process to another, fields and all."""
        return relire, (self.to_dict(),)

    @property
    def titre(self) -> str:
        """Title of the refusal, in one line."""
        return f"[{self.code}] {self.TITRES[self.code]}"

    @property
    def lieu(self) -> str:
        """Place within the source, from the period down to the line; empty where nothing is known."""
        annee = None if self.millesime is None else f"millésime {self.millesime}"
        lieu = [periode] if (periode := f"month {self.mois}" if self.mois else annee) else []
        lieu += [f"file {self.fichier}"] if self.fichier else []
        lieu += [f"column {self.colonne}"] if self.colonne else []
        lieu += [f"line {self.ligne}"] if self.ligne is not None else []
        return ", ".join(lieu)

    @property
    def ou(self) -> str:
        """Place, from the source down to the line."""
        source = f"{self.source}/{self.ressource}"
        return f"{source}, {self.lieu}" if self.lieu else source

    def __str__(self) -> str:
        """Return the message, one fact per line; the last leaves aside bytes that a person may refuse."""
        dit = (
            f"{self.titre}\n"
            f"  where:    {self.ou}\n"
            f"  observed: {self.observe}\n"
            f"  expected: {self.attendu}\n"
            f"  next:     {self.que_faire}"
        )
        if self.sha256 is None or self.millesime is None:
            return dit
        lesquels = f"{self.source} {self.ressource} {self.millesime} {self.sha256[:12]}"
        commande = f"ctg sources reject {lesquels}"
        return f"{dit}\n  or:       `{commande}`: these bytes are left aside, and told no more"

    def de(self, sha256: str) -> Self:
        """Name the refused bytes; return this error."""
        self.sha256 = sha256
        return self

    def coupee(self) -> Self:
        """Cut the quotations of the file; return this error."""
        for champ in ("colonne", "observe"):
            if texte := getattr(self, champ):
                setattr(self, champ, couper(texte, VALEUR_DITE))
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values; `mois` and `sha256` only where there are some."""
        return {nom: v for nom, v in asdict(self).items() if nom not in ("mois", "sha256") or v}

    def dite(self) -> dict[str, Any]:
        """Return the fields and their wording as plain JSON values, for the summary of a night."""
        mots = {"texte": str(self), "titre": self.titre, "ou": self.ou, "lieu": self.lieu}
        return self.to_dict() | mots


class HorsDAtteinte(ErreurSource):
    """Nobody answered, or not in time: later somebody may."""

    TITRES: ClassVar = {
        "injoignable": "the origin did not answer",
        "statut_http": "the origin refused the request",
        "trop_lent": "the origin sends too slowly",
    }


class ContratAChanger(ErreurSource):
    """The contract, or the mapping, asks for what is not there, or does not say what is."""

    TITRES: ClassVar = {
        "redirection": "the origin sends elsewhere, where no file is fetched from",
        "jeu_inconnu": "the portal does not know this dataset",
        "champ_inconnu": "the dataset does not have a field that is asked for",
        "catalogue_illisible": "the portal does not answer as its catalogue does",
        "millesime_inconnu": "the contract does not declare this millésime",
        "modalite_absente": "a code that is read never occurs",
        "pas_trop_petit": "one foyer brings more to a figure than the step that hides it",
        "ordre_inconnu": "nothing public orders the communes whose persons are to be rounded",
        "colonne_non_liee": "a column of the file is neither mapped nor knowingly ignored",
        "code_inconnu": "a code is not in the mapping",
        "mois_non_declare": "the mapping does not declare this month",
        "correspondance": "the mapping cannot be used",
    }


class EndroitRefuse(ErreurSource):
    """Where a file stands, or who may open it, is not as it must be; what was stored changed there."""

    TITRES: ClassVar = {
        "entree_interdite": "what stands there is not opened: no ordinary file, or somebody's private one",
        "depot_ambigu": "a file dropped by hand is not where one millésime is expected",
        "depot_mouvant": "a file dropped by hand changed while it was read",
        "sha_inconnu": "no such landed file",
        "octets_alteres": "the received file changed on the disk",
        "cle_refusee": "the key of the pseudonyms cannot be used",
        "zone_ouverte": "others than their owner can reach personal data",
        "micro_perime": "the stored month is not what was written, or lacks columns of the contract",
    }


class LectureArretee(ErreurSource):
    """Reading stopped, whatever the file says."""

    TITRES: ClassVar = {
        "lecture_tuee": "reading the file took more than is allowed, or crashed",
        "lecture_interrompue": "reading stopped on an unforeseen error",
    }


class RevisionEnAttente(ErreurSource):
    """A file that reads well differs from the one in use: a person decides."""

    TITRES: ClassVar = {
        "revision": "the producer re-issued this millésime with other bytes",
    }


class FichierRefuse(ErreurSource):
    """What came cannot be the file, or what it says cannot be so."""

    TITRES: ClassVar = {
        "trop_gros": "the file is larger than allowed",
        "vide": "the file is empty",
        "html": "a page was served instead of the data",
        "json": "an answer of a portal was served instead of the data",
        "gzip": "the file is compressed, which its contract does not say",
        "gzip_tronque": "the compressed file is cut short",
        "zip_tronque": "the archive is truncated or corrupted",
        "zip_bombe": "the archive inflates beyond what is allowed",
        "zip_traversee": "the archive holds a member that would be written outside its folder",
        "classeur": "a workbook stands where a CSV is expected",
        "encodage": "a byte does not decode",
        "xlsx_illisible": "the workbook cannot be read",
        "feuille_absente": "the workbook does not hold the expected sheet",
        "geojson_illisible": "the file is not the GeoJSON collection that is expected",
        "geometrie_refusee": "an outline is not one that a map can draw",
        "trop_de_colonnes": "the header has more columns than any file of a producer",
        "trop_de_cases": "a sheet is wider and longer than any of a producer",
        "tronque": "the file is cut short",
        "parquet_illisible": "the file is not well-formed Parquet",
        "separateur": "the separator is not the contract's",
        "autre_fichier": "the header is that of another file",
        "libelles": "the headers are labels, not the names of the fields",
        "valeur_illisible": "a value does not read as its type",
        "valeur_absente": "a cell is empty and the contract declares no marker for it",
        "valeur_hors_bornes": "a value is outside its bounds",
        "valeur_hors_liste": "a value is not in its list",
        "caractere_trompeur": "a text that readers get holds a character that turns or cuts what they see",
        "formule": "a text that readers get is a formula for a spreadsheet",
        "personne_nommee": "a text that readers get says who somebody is, or how to reach them",
        "marque_contredite": "a marker and the value beside it disagree",
        "cle_dupliquee": "a key appears twice",
        "codes_hors_cog": "too many codes are outside the COG the file declares",
        "nombre_de_lignes": "the number of rows is outside its bounds",
        "departement_manquant": "a département is missing from a national file",
        "total_hors_bornes": "a total is outside its bounds",
        "identite_rompue": "columns do not add up as they always do",
        "rapport_hors_bornes": "the ratio of two columns is outside its bounds",
        "montre_sous_seuil": "a figure is shown of fewer than its producer shows it of",
        "age_hors_tranches": "an age is outside the age bands",
        "enfant_sans_age": "a child has neither birth date nor age",
        "autre_departement": "the extract is of another département",
        "enfant_sans_foyer": "a child belongs to no foyer of the extract",
        "trop_d_enfants": "a foyer has more children than the contract allows",
    }


class FormeInattendue(FichierRefuse):
    """Rows or columns are not laid out as the contract says."""

    TITRES: ClassVar = {
        "csv_illisible": "the file is not well-formed CSV",
        "nombre_de_champs": "a row does not have as many fields as the header",
        "entete": "the header does not match the contract",
        "colonne_manquante": "a column of the contract is missing",
        "colonne_inconnue": "a column is not in the contract",
    }


class AutrePeriode(FichierRefuse):
    """The file is that of another year or month."""

    TITRES: ClassVar = {
        "millesime_inattendu": "the content belongs to another millésime",
        "millesime_suivant": "its codes are those of a newer COG than this millésime has",
        "membre_absent": "the archive does not hold the expected member",
        "memes_octets": "the file is that of another millésime, byte for byte",
        "meme_contenu": "the file says what that of another millésime says, row by row",
        "mois_inattendu": "rows belong to another month than their folder",
        "mois_hors_conservation": "the month is past its declared retention",
    }


class EcartAuPrecedent(FichierRefuse):
    """Too much changed since the last accepted file."""

    TITRES: ClassVar = {
        "saut_de_taille": "the size jumped since the last accepted file",
        "departement_ampute": "a département lost most of its rows since the last accepted file",
        "ligne_aberrante": "a value moved more than any ever did since the last accepted file",
        "rupture": "values moved too much since the last accepted file",
    }


_GENRES = [g for parent in (ErreurSource, FichierRefuse) for g in parent.__subclasses__()]
GENRES: dict[str, type[ErreurSource]] = {code: genre for genre in _GENRES for code in genre.TITRES}
"""The class of each code."""
TITRES = {code: titre for genre in _GENRES for code, titre in genre.TITRES.items()}
"""What each code says."""


def relire(valeurs: Mapping[str, Any]) -> ErreurSource:
    """Rebuild an error that a journal recorded (`ErreurSource.to_dict`)."""
    genre = GENRES[valeurs["code"]]
    return genre(**{f.name: valeurs[f.name] for f in fields(genre) if f.name in valeurs})


def dite_autrement(erreur: ErreurSource, code: str, **champs: Any) -> ErreurSource:
    """Return the same refusal by another code, which may be that of another class; `champs`: what changes."""
    return relire(erreur.to_dict() | {"code": code} | champs)


class Refus(ErreurCtg):
    """Several refusals raised together: every fault of one extract, in reading order."""

    def __init__(self, erreurs: Sequence[ErreurSource]) -> None:
        """Keep the errors; the message shows them all."""
        self.erreurs = list(erreurs)
        super().__init__("\n".join(map(str, self.erreurs)))


class DetailErreur(TypedDict):
    """Fields of an error besides its code and its place."""

    observe: str
    attendu: str
    que_faire: str
    colonne: NotRequired[str | None]
    ligne: NotRequired[int | None]


@dataclass(frozen=True)
class Lieu:
    """Source, ressource, period and file being worked on: carried along so that every error names them."""

    source: str
    ressource: str
    millesime: int | None
    fichier: str | None = None
    mois: str | None = None

    def erreur(self, code: str, **constat: Unpack[DetailErreur]) -> ErreurSource:
        """Return the error of this place, to be raised by the caller."""
        ou = (self.source, self.ressource, self.millesime, self.fichier)
        return GENRES[code](code, *ou, mois=self.mois, **constat)

    def refus(self, code: str, **constat: Unpack[DetailErreur]) -> Refus:
        """Return the same error where several may be raised together."""
        return Refus([self.erreur(code, **constat)])

    @property
    def contrat(self) -> str:
        """Path of the contract to edit, from the root of the project."""
        return f"ingestion/sources/{self.source}.yml"


def enumerer(textes: Sequence[str], montres: int) -> str:
    """List the first `montres` texts, and count them all."""
    dits = ", ".join(textes[:montres])
    return dits if len(textes) <= montres else f"{dits}… {len(textes)} in all"


def combien_de(noms: Sequence[str], quoi: str, attendu: str | None) -> str:
    """Count what an archive or a workbook holds, and name what looks like the one that is expected."""
    proches = difflib.get_close_matches(attendu or "", noms, 3)
    return f"{len(noms)} {quoi}" + (f", the nearest {', '.join(map(repr, proches))}" if proches else "")


def premiers(cas: Sequence[tuple[int, str]], montres: int = 3) -> str:
    """List the first failing rows, given as (line, value), and count them all."""
    debut = "; ".join(f"line {ligne}: {couper(valeur, VALEUR_DITE)!r}" for ligne, valeur in cas[:montres])
    return debut if len(cas) <= montres else f"{debut}; {len(cas)} in all"
