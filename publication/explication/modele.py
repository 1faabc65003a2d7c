"""What is known of a figure: plain values, no reading and no wording."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from socle.affichage import Unite
from socle.statuts import Statut


@dataclass(frozen=True)
class Fichier:
    """A source file the figure comes from; `lignes` are those of the territoire itself, or of its `jumeau`.

    `fichier_id`: its name in the release; `sha256`: None where its source is not public. `niveau`: that of
    its territories. `publie_le` is the producer's day, `recu_le` when its bytes landed (UTC),
    `premiere_release` the first release that used it.
    """

    source: str
    fichier_id: str
    sha256: str | None
    ressource: str
    millesime: int
    membre: str | None
    niveau: str
    publie_le: str | None
    recu_le: str | None
    premiere_release: str
    lignes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Source:
    """A source of the figure, and its files in this release in which a line of it was found.

    `publique`: whether the release has its lines; those of another are found by who may read them.
    """

    source_id: str
    titre: str
    producteur: str
    licence: str
    page: str
    publique: bool
    fichiers: tuple[Fichier, ...] = ()


@dataclass(frozen=True)
class ErreurConnue:
    """An error of a producer, of a file and a commune that the figure counts; what is made of it."""

    source_id: str
    ressource: str
    millesime: int
    constat: str
    effet: str
    vue_le: date


@dataclass(frozen=True)
class Structure:
    """A structure of a register, for a mesure it adds to; `code` in the COG of its file.

    `apport`: None where the register does not say.
    """

    source_id: str
    fichier_id: str
    ligne: int
    libelle: str
    code: str
    cog_millesime: int
    mesure_id: str
    millesime: int
    apport: float | None


Registre = Callable[[frozenset[str], frozenset[int]], list[Structure]]
"""The structures counted for these mesures in these years, for whoever may read them."""


@dataclass(frozen=True)
class Terme:
    """A count of the dictionary that enters a figure, for one commune and one year."""

    mesure_id: str
    millesime: int
    valeur: float | None
    statut: Statut


@dataclass(frozen=True)
class Part:
    """A commune of a sum, as the release shows it.

    Its own figure when it comes from the same sources (`statut` is None otherwise), else the counts that
    enter the sum, `termes`. `lignes`: (fichier_id, ressource), the code the commune has there, its lines.
    """

    code: str
    libelle: str
    statut: Statut | None = None
    valeur: float | None = None
    numerateur: float | None = None
    denominateur: float | None = None
    termes: tuple[Terme, ...] = ()
    lignes: tuple[tuple[tuple[str, str], str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class Comptee:
    """A structure that a figure counts, in its commune of today."""

    structure: Structure
    commune: str


@dataclass(frozen=True)
class Passee:
    """The same figure in another year, or in an earlier release; `cause`: why it moved since.

    A release made before `lisibilite` printed points only.
    """

    quand: str
    valeur: float | None
    valeur_affichee: str
    lisibilite: str | None
    statut: str
    cause: str | None = None


@dataclass(frozen=True)
class Evolution:
    """From the millésime before, as the release tells it; `effets`: what it is made of, in the same unit.

    `affichee`: None where there is none to print.
    """

    depuis: int
    statut: str
    motif: str | None
    affichee: str | None
    effets: tuple[tuple[str, float], ...]
    effets_motif: str | None


@dataclass(frozen=True)
class Sujet:
    """What is asked about: an indicateur, as the dictionary has it, a territoire and a millésime.

    `prevu`: a plan foresees its figures.
    """

    indicateur_id: str
    libelle: str
    description: str
    unite: Unite
    decimales: int
    formule: str
    protection: str
    territoire_id: str
    territoire: str
    millesime: int
    prevu: bool


@dataclass(frozen=True)
class ChiffreExplique:
    """The figure; of one that no source gives, its statut and motif alone."""

    statut: Statut
    motif: str | None
    motif_code: str | None = None
    valeur: float | None = None
    valeur_affichee: str = ""
    lisibilite: str | None = None
    valeur_texte: str | None = None
    borne_basse: float | None = None
    borne_haute: float | None = None
    enveloppe_basse: float | None = None
    enveloppe_haute: float | None = None
    numerateur: float | None = None
    denominateur: float | None = None
    millesime_base: int | None = None
    millesime_denominateur: int | None = None
    champ: str | None = None
    cog_millesime: int | None = None
    demonstration: bool = False


@dataclass(frozen=True)
class Explication:
    """All that a release says of one figure; numbers are in the displayed unit, unrounded.

    `incompletes`: the communes of the territoire are not all in the release, which has another scope.
    `jumeau`: the EPCI of the same communes, where lines are those of what is published for it.
    """

    release_id: str
    sujet: Sujet
    chiffre: ChiffreExplique
    sources: tuple[Source, ...] = ()
    parts: tuple[Part, ...] = ()
    incompletes: bool = False
    structures: tuple[Comptee, ...] = ()
    erreurs: tuple[ErreurConnue, ...] = ()
    serie: tuple[Passee, ...] = ()
    evolution: Evolution | None = None
    jumeau: str | None = None
