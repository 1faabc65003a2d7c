"""What each document of the API holds: OpenAPI, JSON Schemas and the checks at writing are made of this.

Descriptions are in French: whoever reads the API reads them.
"""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from publication.exports.semantique import agregation
from publication.lecture.chiffres import Lisibilite
from socle.statuts import Statut

Niveau = Literal["commune", "epci", "ctg", "departement", "region", "france"]
Valeur = Annotated[
    float | str | None,
    Field(
        description="Dans l'unité affichée, non arrondi ; un texte si l'indicateur n'est pas un nombre ; null"
        " sous un statut qui ne montre rien. Ne s'imprime seul que si lisibilite vaut point."
    ),
]
Affichee = Annotated[
    str,
    Field(
        description="Ce qui s'imprime : nombre, bornes ou « trop peu » ; s, nd ou na sous un statut sans"
        " chiffre"
    ),
]
Certitude = Annotated[
    Lisibilite | None,
    Field(
        description="point : la valeur s'imprime ; intervalle : elle s'imprime par ses bornes ; trop_peu :"
        " elle ne s'imprime pas ; hors point, ni rang ni couleur ; null sous un statut sans chiffre"
    ),
]
Motif = Annotated[str | None, Field(description="Pourquoi il n'y a pas de chiffre, ou ce qu'il lui manque")]
RangDeSource = Annotated[int, Field(ge=0, description="Rang, à partir de 0, dans `sources` de son tableau")]
Lien = Annotated[str, Field(description="Adresse, relative à api/v1/")]


class _Modele(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bornes(NamedTuple):
    """Entre quoi est la vraie valeur, à 99 %, arrondis et manques compris ; null : rien ne la borne."""

    basse: float | None
    haute: float | None


class Publication(_Modele):
    """La publication d'où viennent les chiffres."""

    release_id: str
    publiee_le: str = Field(description="Instant (UTC), ISO 8601")
    perimetre: str
    content_hash: str
    version: str
    demonstration: bool = Field(description="Vrai si des chiffres sont inventés")
    avertissement: str | None
    licences: list[str] = Field(description="Celles des sources reçues")
    citation: str = Field(description="Comment citer un chiffre : remplacer ce qui est entre accolades")


class Ressource(_Modele):
    """Un document de l'API."""

    titre: str
    adresse: Lien


class Index(_Modele):
    """Ce que contient l'API."""

    publication: Publication
    ressources: list[Ressource]


class Territoire(_Modele):
    """Un territoire de la publication."""

    territoire_id: str = Field(examples=["epci:200068229"])
    niveau: Niveau
    code: str
    libelle: str
    parents: list[str] = Field(
        description="Les territoires de la publication qui le contiennent, du plus petit au plus grand"
    )
    chiffres: Lien | None = Field(description="Ses chiffres ; ceux d'une commune avec son département")


class Territoires(_Modele):
    """Tous les territoires de la publication."""

    publication: Publication
    territoires: list[Territoire]


class Univers(_Modele):
    """Ce qui est compté."""

    code: str
    libelle: str | None
    definition: str | None


class Unite(_Modele):
    """Comment la valeur s'écrit."""

    code: str
    nature: str
    suffixe: str
    singulier: str
    pluriel: str


class Agregation(_Modele):
    """Ce qui peut se faire des chiffres de plusieurs territoires."""

    territoires: Literal["sum", "never"]
    a_la_place: str | None = None
    pourquoi: str | None = None

    @classmethod
    def lire(cls, indicateur: dict[str, Any]) -> "Agregation":
        """Read what `semantique.json` says of a row of `dim_indicateur`."""
        return cls(**agregation(indicateur))


class Indicateur(_Modele):
    """Une ligne du dictionnaire."""

    indicateur_id: str
    libelle: str
    definition: str
    theme: str
    theme_libelle: str
    univers: Univers
    unite: Unite
    decimales: int
    polarite: str | None
    methode: str
    numerateur: str | None
    denominateur: str | None
    facteur: int | None
    niveaux: list[str]
    sources: list[str] = Field(description="Identifiants, dans l'ordre où le dictionnaire les nomme")
    aggregation: Agregation
    disponible: bool
    motif: Motif
    chiffres: Lien | None = Field(description="Ses chiffres, communes exceptées")


class Indicateurs(_Modele):
    """Le dictionnaire."""

    publication: Publication
    indicateurs: list[Indicateur]


class Source(_Modele):
    """Une source sous contrat, reçue ou non."""

    source_id: str
    titre: str
    producteur: str | None
    licence: str | None
    page: str | None
    diffusion: str
    etat: str | None
    millesimes: str | None


class Sources(_Modele):
    """Toutes les sources."""

    publication: Publication
    sources: list[Source]


class Chiffre(_Modele):
    """Un chiffre, avec tout ce qu'il faut pour le lire et le citer."""

    territoire_id: str
    territoire: str
    indicateur_id: str
    indicateur: str
    millesime: int
    annees: str = Field(description="Les années dont il parle : 2022, ou 2017-2022 pour une évolution")
    valeur: Valeur
    valeur_affichee: Affichee
    bornes: Bornes | None
    statut: Statut
    lisibilite: Certitude
    motif_code: str | None
    motif: Motif
    univers: str = Field(description="Qui ou quoi est compté")
    unite: str
    sources: list[str] = Field(description="Identifiants")
    source: str = Field(description="Ses sources en clair, leurs années et leur champ")
    citation: str
    demonstration: bool


class _Tableau(_Modele):
    indicateur_id: str
    indicateur: str
    univers: str = Field(description="Qui ou quoi est compté")
    unite: str
    sources: list[str] = Field(description="En clair, avec leurs années et leur champ")


class ChiffreDAnnee(_Modele):
    """Un chiffre d'un territoire, sans ce que son tableau dit pour tous."""

    valeur: Valeur
    valeur_affichee: Affichee
    bornes: Bornes | None
    statut: Statut
    lisibilite: Certitude
    motif: Motif
    source: RangDeSource


class Cellule(NamedTuple):
    """Un chiffre d'un tableau, sans ce que le tableau dit pour tous.

    `bornes` est null quand la valeur est exacte, ou n'est bornée par rien.
    """

    valeur: Valeur
    valeur_affichee: Affichee
    bornes: Bornes | None
    statut: Statut
    lisibilite: Certitude
    motif: Motif
    source: RangDeSource


class TableauDuTerritoire(_Tableau):
    """Un indicateur, toutes années."""

    chiffres: dict[int, ChiffreDAnnee] = Field(description="Par millésime")


class ChiffresDuTerritoire(_Modele):
    """Tous les chiffres d'un territoire."""

    publication: Publication
    territoire: Territoire
    tableaux: dict[str, TableauDuTerritoire] = Field(description="Par indicateur_id")


class ChiffresDeLIndicateur(_Tableau):
    """Les chiffres d'un indicateur, toutes années, des territoires plus grands que la commune."""

    publication: Publication
    chiffres: dict[str, dict[int, Cellule]] = Field(description="Par territoire_id, puis par millésime")


class TableauDeCommunes(_Tableau):
    """Un indicateur, l'année la plus récente où des communes ont un chiffre."""

    millesime: int
    chiffres: dict[str, Cellule] = Field(description="Par code de commune")


class ChiffresDesCommunes(_Modele):
    """Les derniers chiffres des communes d'un département."""

    publication: Publication
    departement: str
    tableaux: dict[str, TableauDeCommunes] = Field(description="Par indicateur_id")


class Nom(_Modele):
    """De qui est un contour."""

    territoire_id: str
    libelle: str


class Trace(_Modele):
    """Une commune ou un ensemble de communes."""

    type: Literal["Feature"] = "Feature"
    id: str
    properties: Nom
    geometry: dict[str, Any] = Field(description="Géométrie GeoJSON, longitude puis latitude (WGS84)")


class Contours(_Modele):
    """Contours (RFC 7946), généralisés pour des cartes : aucune surface ne s'y mesure."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    source: str
    features: list[Trace]
