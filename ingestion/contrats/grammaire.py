"""The grammar of `ingestion/sources/*.yml`: every key of a contract, and the form of its value."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Final, Literal, get_args
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ingestion.contrats.exigences import Exigence, Limites, Seuils

TypeAnnee = Literal["year", "year_of_month", "year_of_date", "year_of_quarter"]
ANNEES: tuple[str, ...] = get_args(TypeAnnee)
NOMBRES = ("integer", "decimal")
# Types of columns that tell the département of a row.
DEPARTEMENTALES = ("code_commune", "code_departement", "code_iris")
# The source whose codes those of all the others are judged by.
SOURCE_COG = "insee_cog_communes"
# In a rolling address: the fields of its layout.
CHAMPS = "{champs}"
# What every long file of Melodi calls the place, its level, the year and the figure.
TERRITOIRE, OBJET, PERIODE, VALEUR = "GEO", "GEO_OBJECT", "TIME_PERIOD", "OBS_VALUE"

TypeColonne = (
    Literal["text", "integer", "decimal", "date"]
    | TypeAnnee
    | Literal["code_commune", "code_departement", "code_region", "code_iris", "code_postal"]
    | Literal["siren", "identifiant"]
)
Encodage = Literal["utf-8", "utf-8-sig", "cp1252", "iso-8859-15"]
Separateur = Annotated[str, Field(min_length=1, max_length=1)]
Nom = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
# file:// and the like never pass.
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]
Couverture = Annotated[
    str,
    Field(
        pattern=r"^(france|france_hors_mayotte|france_metropole|liste|conventions|(departement|epci_de_departement|region):\S+)$"
    ),
]


def est_nationale(couverture: str) -> bool:
    """Whether a file of this couverture holds the whole country, or all that its producer lists of it."""
    return couverture.startswith("france") or couverture == "liste"


class Modele(BaseModel):
    """Base of the grammar: unknown keys are errors, nothing is coerced, nothing changes."""

    model_config = Exigence.model_config


class _Delimite(Modele):
    encoding: Encodage
    separator: Separateur
    decimal: Literal[".", ","] | None = None
    # What may stand between thousands; numbers without it are read too.
    thousands: Separateur | None = None


class FormatCsv(_Delimite):
    """Delimited text."""

    kind: Literal["csv"]


class FormatZip(_Delimite):
    """Delimited text inside an archive, member named whatever its case."""

    kind: Literal["zip"]
    member: str


class FormatXlsx(Modele):
    """One sheet of a workbook, the first unless named; `header_row` is 1-based."""

    kind: Literal["xlsx"]
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)]

    decimal: ClassVar[str | None] = "."
    thousands: ClassVar[str | None] = None


class FormatXls(FormatXlsx):
    """One sheet of a workbook of Excel 97, in gzip or not: its format holds at most 65 536 rows of 256."""

    kind: Literal["xls"]  # type: ignore[assignment]


class FormatTableur(Modele):
    """A table that a person fills in: CSV (`;`, UTF-8) or first sheet, under the names of the columns."""

    kind: Literal["tableur"]

    decimal: ClassVar[str | None] = ","
    thousands: ClassVar[str | None] = None


class FormatGeojson(Modele):
    """A collection of territories, in gzip or not: its headers are their properties, and `geometry`."""

    kind: Literal["geojson"]

    # Properties are texts.
    decimal: ClassVar[str | None] = None
    thousands: ClassVar[str | None] = None


class FormatParquet(Modele):
    """A Parquet of squares, counted by commune as its layouts say (`carreaux`)."""

    kind: Literal["parquet"]

    decimal: ClassVar[str | None] = "."
    thousands: ClassVar[str | None] = None


Format = FormatCsv | FormatZip | FormatXlsx | FormatXls | FormatTableur | FormatGeojson | FormatParquet


class Colonne(Modele):
    """A typed column of the normalised file. `missing` and `secret` are the texts that stand for NULL.

    `libelle` and `exemple` speak French to whoever fills in a table; `description` is for engineers.
    """

    type: TypeColonne
    description: str
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    multiple: Annotated[int, Field(ge=2)] | None = None
    values: list[str] | None = None
    # A text that lists several values, ` ; ` between them, each of this form.
    items: Literal["text", "code_commune"] | None = None
    # A text that readers get as it is written: it names no person, and gives nobody's mail nor telephone.
    sans_personne: bool = False
    # In a table that people fill in, a column that came after the first ones were: it may be left out.
    facultative: bool = False
    missing: list[str] = []
    secret: list[str] = []
    # Départements where a blank means that the source does not go there, not that it hides a figure.
    hors_champ: list[str] = []
    # A zero was not served where another year of the same territory, in the file, reaches this count.
    zero_non_servi: Annotated[int, Field(gt=0)] | None = None
    libelle: str | None = None
    exemple: str | None = None

    @property
    def marquee(self) -> bool:
        """Whether the column has a companion that says why it is NULL."""
        return bool(self.missing or self.secret or self.zero_non_servi)


class Derivee(Modele):
    """A column built from several headers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    rule: Literal["departement_commune"]
    entetes: Annotated[list[str], Field(alias="from", min_length=2, max_length=2)]


class NonLus(Modele):
    """Headers that nothing reads: every name after every prefix.

    `{prefixes: [P18_, P13_], names: [POP, MEN]}` stands for P18_POP, P18_MEN, P13_POP and P13_MEN.
    """

    prefixes: Annotated[list[str], Field(min_length=1)] = [""]
    names: Annotated[list[str], Field(min_length=1)]


class Confirmation(Modele):
    """The real file that showed a layout: its place in a mirror, and the day it was read.

    `reste`: features of the files to come that this one does not show (a quoting, the other territories).
    """

    fichier: str
    lu_le: date
    reste: str | None = None


class Apercu(Modele):
    """A whole header read in a public repository: where, and the day. It proves names, never a whole file.

    `depot` is owner/name, or `index:<number>` for a document that a text index serves without its repository.
    `reste`: what it does not show.
    """

    depot: Annotated[str, Field(pattern=r"^(?:[\w.-]+/[\w.-]+|index:\d+)$")]
    chemin: str
    lu_le: date
    reste: str


Niveau = Literal["iris", "commune", "epci", "departement", "region", "france", "ctg"]


class Long(Modele):
    """A long file, as Melodi writes them: one observation a line, its territory, its year, its dimensions.

    A mesure is the one observation with the codes it names, and those of `dimensions` elsewhere.

        GEO    GEO_OBJECT  OCS      TIME_PERIOD  OBS_STATUS  OBS_VALUE     dimensions: {OCS: _T}
        26001  COM         _T       2023         A           110.5         mesures:
        26001  COM         DW_VAC   2023         A           8.25            logements: {}
        003    AAV2020     _T       2023         A           4000.0          logements_vacants: {OCS: DW_VAC}

    is, for the communes of 2023, one row: 26001, logements 110.5, logements_vacants 8.25.
    """

    # Header of each dimension → the code that is read where a mesure names no other: a total, as a rule.
    dimensions: dict[str, str]
    # Column → the dimensions in which it is not read under that code.
    mesures: Annotated[dict[Nom, dict[str, str]], Field(min_length=1)]
    # Dimension → all its codes, where an unknown one would change what the others count.
    codes: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    # What GEO_OBJECT calls each level, and what it calls the territories that nothing reads.
    levels: dict[str, Niveau]
    left_out: list[str] = []
    # The territories of a level that are read, where the file draws one level in several fields.
    territories: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    # Header of a marker (OBS_STATUS, CONF_STATUS) → what each of its codes says of the value: here (empty),
    # `missing` or `secret`. A code that is not listed refuses the file.
    markers: Annotated[dict[str, dict[str, Literal["missing", "secret"] | None]], Field(min_length=1)]

    @property
    def entetes(self) -> list[str]:
        """Every header that is read."""
        return [TERRITOIRE, OBJET, *self.dimensions, PERIODE, *self.markers, VALEUR]


class AuDela(Modele):
    """The inhabitants whose nearest equipment of these types is at more than so many minutes."""

    minutes: Annotated[float, Field(ge=0)]
    types: Annotated[list[str], Field(min_length=1)]


class Carreaux(Modele):
    """A file of inhabited squares, one line per square and type of equipment: which header says what.

    Each commune is one row: its inhabitants (`total`) and, of these, who is far from each equipment.

        idSrc    depcom  typeeq_id  duree  pop      carreau: [idSrc], total: population
        200_300  26001   D502       12.5   40       au_dela: {loin: {minutes: 15, types: [D502]}}
        200_301  26001   D502       18     10

    is, for 26001: population 50, loin 10. A square has one line for each type that is read.
    """

    carreau: Annotated[list[str], Field(min_length=1)]
    code: str
    type: str
    minutes: str
    habitants: str
    total: Nom
    au_dela: Annotated[dict[Nom, AuDela], Field(min_length=1)]

    @property
    def types(self) -> list[str]:
        """Every type that is read."""
        return sorted({t for a in self.au_dela.values() for t in a.types})

    @property
    def entetes(self) -> list[str]:
        """Every header that is read."""
        return [*dict.fromkeys([*self.carreau, self.code, self.type, self.minutes, self.habitants])]


class Layout(Modele):
    """One set of headers the producer has served: header → column, or nothing when it is not kept.

    Its evidence is one of `confirme`, a real file, `vu`, a whole header in a public repository, or
    `documente`, somebody's word, with what a first file is looked at for (`a_verifier`). A long file has
    `long` instead of `columns`, a file of squares `carreaux`.
    """

    confirme: Confirmation | None = None
    vu: Apercu | None = None
    documente: Annotated[str, Field(min_length=1)] | None = None
    a_verifier: Annotated[str, Field(min_length=1)] | None = None
    columns: dict[str, str | None] = {}
    long: Long | None = None
    carreaux: Carreaux | None = None
    # The rest of a wide file, where listing each header would hide those that count. A header that
    # `columns` reads in one millésime and not in another (three censuses in one file) stands here too.
    unread: list[NonLus] = []
    # Header → its values that are read: a long file holds other levels and other measures.
    only: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    # Decimal mark of the columns that do not follow the format's.
    decimal: dict[str, Literal[".", ","]] = {}
    # How the years of a column are written, where they do not follow the column's type.
    annees: dict[str, TypeAnnee] = {}
    # Values of a column that this layout alone may hold, beside its list: a nomenclature that grew.
    values: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    derived: dict[str, Derivee] = {}
    absent: list[str] = []
    # Header → pattern of the cells, in full, whose rows are another subject: a month, a total, nobody's
    # territory. Any other row must be read.
    skip: dict[str, str] = {}
    unnamed_columns: Annotated[int, Field(ge=0)] = 0
    millesimes_propres: dict[str, str] = {}
    # The COG that all the codes of such a file are of, where its lines else have each their own: a copy whose
    # maker carried them to one.
    cog: int | None = None

    @property
    def gabarits(self) -> list[str]:
        """Templates of every header of the file, read or not."""
        non_lus = [p + n for famille in self.unread for p in famille.prefixes for n in famille.names]
        lus = self.long or self.carreaux
        return [*self.columns, *(lus.entetes if lus else []), *non_lus]

    @property
    def nourries(self) -> list[str]:
        """The columns of the contract that a header or an observation feeds."""
        comptees = ["code", *self.long.mesures] if self.long else []
        comptees += ["code", self.carreaux.total, *self.carreaux.au_dela] if self.carreaux else []
        return [*(c for c in self.columns.values() if c is not None), *self.derived, *comptees]


JANVIER_SUIVANT: Final = "janvier_suivant"

CogDesCodes = int | Literal["newest", "janvier_suivant"]
"""The COG that the codes of a file are of: that of a year, the newest for a producer who writes every year
again in it or, for one who never does, that of 1 January after the year of each line (December 2021: COG
2022)."""


class Millesime(Modele):
    """One file to receive: its place, its layouts, the COG of its codes, its couverture.

    `publie_le`: day of publication, or the first day on which the file is known to have been public.
    """

    millesime: Annotated[int, Field(ge=1900, le=2100)]
    layout: Annotated[list[str], Field(min_length=1)]
    cog: CogDesCodes | None = None
    params: dict[str, str] = {}
    mirror: str | None = None
    url: Url | None = None
    member: str | None = None
    couverture: Couverture | None = None
    publie_le: date | None = None
    # Codes outside the COG that this file is known to keep, beyond those the thresholds admit.
    codes_hors_cog: Annotated[int, Field(ge=0)] | None = None
    # Départements that this file is known to leave out, beside those the thresholds except.
    departements_absents: list[str] = []

    @field_validator("layout", mode="before")
    @classmethod
    def _une_ou_plusieurs(cls, valeur: Any) -> Any:
        return [valeur] if isinstance(valeur, str) else valeur

    @field_validator("mirror")
    @classmethod
    def _chemin_relatif(cls, valeur: str | None) -> str | None:
        if valeur and (PurePosixPath(valeur).is_absolute() or ".." in PurePosixPath(valeur).parts):
            raise ValueError("must stay inside the mirror folder")
        return valeur

    @property
    def valeurs(self) -> dict[str, str]:
        """Parameters of the templates of a layout."""
        return {"aa": f"{self.millesime % 100:02d}", "millesime": str(self.millesime), **self.params}

    def gabarit(self, texte: str) -> str:
        """Fill a template such as `Q2{aa}` for this millésime."""
        return texte.format(**self.valeurs)


class Glissant(Modele):
    """An address whose content rolls: the millésime is read in the file, never guessed.

    `{champs}` in the address stands for the headers of the layout: the portal then serves no other field.
    """

    url: Url
    millesime_from_column: str | None = None
    millesime_from_header: str | None = None
    layout: str | None = None
    cog: CogDesCodes | None = None
    couverture: Couverture | None = None


class Ressource(Modele):
    """One kind of file of a source. `source` and `nom` come from the place in the contract."""

    source: str
    nom: Nom
    grain: str
    niveau: Niveau
    format: Annotated[Format, Field(discriminator="kind")]
    cle: Annotated[list[str], Field(min_length=1)]
    columns: dict[Nom, Colonne]
    # Columns that are mesures of the dictionary, under their own name: no SQL is needed to read them.
    mesures: list[str] = []
    layouts: dict[str, Layout]
    thresholds: Seuils = Seuils()
    limites: Limites = Limites()
    couverture: Couverture
    champ: str | None = None
    # What a territory without a line has: nothing (an exhaustive register), nobody knows what, no answer.
    # `arrondie`: a count that the producer rounds to zero, or nothing.
    # `lacunaire`: a list of places that is known not to be whole. Territories that have lines may have more.
    absence: Literal["zero", "inconnu", "arrondie", "lacunaire", "sans_objet"]
    paris_lyon_marseille: Literal["arrondissements", "les_deux", "communes"] | None = None
    rolling: Glissant | None = None
    millesimes: dict[int, Millesime]

    @property
    def table(self) -> str:
        """Name of the dbt source table."""
        return f"{self.source}__{self.nom}"

    @property
    def a_des_libelles(self) -> bool:
        """Whether its portal writes labels instead of field names, unless it is asked not to."""
        adresses = [self.rolling.url] if self.rolling else []
        adresses += [e.url for e in self.millesimes.values() if e.url]
        return any("use_labels=false" in str(adresse) for adresse in adresses)

    @property
    def codes_hors_cog(self) -> int | None:
        """How many codes may be outside the COG that its file declares: none where nothing is said.

        None where no code is judged: the COG itself, files without a column `code` of communes.
        """
        code = self.columns.get("code")
        if code is None or code.type != "code_commune" or self.source == SOURCE_COG:
            return None
        return self.thresholds.codes_hors_cog or 0

    @property
    def couvertures(self) -> set[str]:
        """What its files cover: those of each millésime, and of the rolling address."""
        propres = [e.couverture for e in self.millesimes.values()]
        propres += [self.rolling.couverture] if self.rolling else []
        return {c or self.couverture for c in propres}

    def forme(self, edition: Millesime) -> Literal["colonnes", "long", "carreaux"]:
        """How the file of a millésime lays its figures out; its layouts agree on it."""
        layout = self.layouts[edition.layout[0]]
        return "long" if layout.long else "carreaux" if layout.carreaux else "colonnes"

    @property
    def colonne_annee(self) -> str | None:
        """The column that holds the year of each row, in files whose content rolls."""
        return next((n for n in self.cle if self.columns[n].type in ANNEES), None)

    @property
    def adresse_glissante(self) -> str | None:
        """The rolling address, its fields filled in."""
        if self.rolling is None:
            return None
        champs = self.layouts[self.rolling.layout].columns if self.rolling.layout else {}
        return self.rolling.url.replace(CHAMPS, quote(",".join(champs), safe=""))

    @property
    def colonnes_datees(self) -> list[str]:
        """Columns whose figures belong to another year than the file's, in some layout."""
        return [c for c in self.columns if any(c in y.millesimes_propres for y in self.layouts.values())]

    def edition(self, millesime: int, *, glissante: bool) -> Millesime | None:
        """The edition expected of a millésime; None when the contract does not know it.

        `glissante`: the rolling address is in use, and its layout and couverture come first.
        """
        declare = self.millesimes.get(millesime)
        if glissante and self.rolling and self.rolling.layout:
            autres = [y for y in (declare.layout if declare else []) if y != self.rolling.layout]
            return Millesime(
                millesime=millesime,
                layout=[self.rolling.layout, *autres],
                cog=self.rolling.cog,
                couverture=self.rolling.couverture or self.couverture,
                publie_le=declare.publie_le if declare else None,
                codes_hors_cog=declare.codes_hors_cog if declare else None,
                departements_absents=declare.departements_absents if declare else [],
            )
        return declare and declare.model_copy(update={"couverture": declare.couverture or self.couverture})
