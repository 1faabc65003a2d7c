"""Source contracts: the grammar of `ingestion/sources/*.yml`, checked as a whole.

Belongs here: what a contract may say, and what follows from it alone (typed schema, fingerprint of a
millésime, dbt source declaration). Does not belong here: opening a data file.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

DOSSIER = Path(__file__).parents[1] / "sources"

TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(30, 15),
    "date": pa.date32(),
    "year": pa.int32(),
    "year_of_month": pa.int32(),
    "year_of_date": pa.int32(),
    "year_of_quarter": pa.int32(),
    "code_commune": pa.string(),
    "code_departement": pa.string(),
    "code_region": pa.string(),
    "siren": pa.string(),
    "identifiant": pa.string(),
    "code_iris": pa.string(),
}
ANNEES = ("year", "year_of_month", "year_of_date", "year_of_quarter")
NOMBRES = ("integer", "decimal")

TypeColonne = Literal[
    "text",
    "integer",
    "decimal",
    "date",
    "year",
    "year_of_month",
    "year_of_date",
    "year_of_quarter",
    "code_commune",
    "code_departement",
    "code_region",
    "siren",
    "identifiant",
    "code_iris",
]
Encodage = Literal["utf-8", "utf-8-sig", "cp1252", "iso-8859-15"]
Separateur = Annotated[str, Field(min_length=1, max_length=1)]
Nom = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
# file:// and the like never pass.
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]
Couverture = Annotated[
    str,
    Field(
        pattern=r"^(france|france_hors_mayotte|france_metropole|liste|conventions|(departement|epci_de_departement):\S+)$"
    ),
]


class ContratsInvalides(Exception):
    """Every error of the contracts folder, one `file: path.to.key: message` each."""

    def __init__(self, erreurs: list[str]) -> None:
        """Keep the list; the message shows it whole."""
        self.erreurs = erreurs
        super().__init__(f"{len(erreurs)} errors in the source contracts:\n" + "\n".join(erreurs))


class Modele(BaseModel):
    """Base of the grammar: unknown keys are errors, nothing is coerced, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FormatCsv(Modele):
    """Delimited text."""

    kind: Literal["csv"]
    encoding: Encodage
    separator: Separateur
    decimal: Literal[".", ","] | None = None
    # What may stand between thousands; numbers without it are read too.
    thousands: Separateur | None = None


class FormatZip(Modele):
    """Delimited text inside an archive, member named whatever its case."""

    kind: Literal["zip"]
    member: str
    encoding: Encodage
    separator: Separateur
    decimal: Literal[".", ","] | None = None
    thousands: Separateur | None = None


class FormatXlsx(Modele):
    """One sheet of a workbook, the first unless named; `header_row` is 1-based."""

    kind: Literal["xlsx"]
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)]

    @property
    def decimal(self) -> str:
        """Numbers of a workbook have one form."""
        return "."

    @property
    def thousands(self) -> None:
        """Numbers of a workbook have one form."""
        return None


class FormatTableur(Modele):
    """A table that a person fills in: CSV (`;`, UTF-8), or the first sheet of a workbook, as its bytes say.

    Its headers are the names of the columns; no layout is declared.
    """

    kind: Literal["tableur"]

    @property
    def decimal(self) -> str:
        """Numbers are written as people write them in French."""
        return ","

    @property
    def thousands(self) -> None:
        """Thousands are not separated."""
        return None


Format = FormatCsv | FormatZip | FormatXlsx | FormatTableur


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
    missing: list[str] = []
    secret: list[str] = []
    # Départements where a blank means that the source does not go there, not that it hides a figure.
    hors_champ: list[str] = []
    libelle: str | None = None
    exemple: str | None = None

    @property
    def marquee(self) -> bool:
        """Whether the column has a companion that says why it is NULL."""
        return bool(self.missing or self.secret)


class Derivee(Modele):
    """A column built from several headers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    rule: Literal["departement_commune"]
    entetes: Annotated[list[str], Field(alias="from", min_length=2, max_length=2)]


class NonLus(Modele):
    """Headers that nothing reads: every name after every prefix."""

    prefixes: Annotated[list[str], Field(min_length=1)] = [""]
    names: Annotated[list[str], Field(min_length=1)]


class Layout(Modele):
    """One set of headers the producer has served: header → column, or nothing when it is not kept."""

    columns: dict[str, str | None]
    # The rest of a wide file, where listing each header would hide those that count. A header that
    # `columns` reads in one millésime and not in another (three censuses in one file) stands here too.
    unread: list[NonLus] = []
    # Header → its values that are read: a long file holds other levels and other measures.
    only: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    # Decimal mark of the columns that do not follow the format's.
    decimal: dict[str, Literal[".", ","]] = {}
    # `documente`: known from documentation alone, never yet seen in a real file.
    status: Literal["documente"] | None = None
    derived: dict[str, Derivee] = {}
    absent: list[str] = []
    # Header → pattern of the cells, in full, whose rows are another subject: a month, a total, nobody's
    # territory. Any other row must be read.
    skip: dict[str, str] = {}
    unnamed_columns: Annotated[int, Field(ge=0)] = 0
    millesimes_propres: dict[str, str] = {}

    @property
    def gabarits(self) -> list[str]:
        """Templates of every header of the file, read or not."""
        non_lus = [p + n for famille in self.unread for p in famille.prefixes for n in famille.names]
        return [*self.columns, *non_lus]


class Bornes(Modele):
    """An interval, ends included."""

    min: float
    max: float


class TousDepartements(Modele):
    """Which column shows that every département is there, and which départements need not be."""

    column: str | None = None
    from_commune: str | None = None
    sauf: list[str] = Field(default=[], alias="except")


class RapportAuPrecedent(Bornes):
    """Bounds of the median of new/old over the keys that both files hold."""

    columns: list[str]


class RapportEntre(Bornes):
    """Bounds of the ratio of the sums of two columns."""

    numerator: str
    denominator: str


class MontreDepuis(Modele):
    """Columns that the producer shows where at least one of these counts reaches its minimum."""

    columns: Annotated[list[str], Field(min_length=1)]
    any_of: Annotated[dict[str, int], Field(min_length=1)]


class RegleRevision(Modele):
    """A revision this small is accepted without anyone being asked."""

    max_changed_share: Annotated[float, Field(ge=0, le=1)]
    max_relative_change: Annotated[float, Field(ge=0)]


class Seuils(Modele):
    """What a file must satisfy, beyond being readable, to be accepted."""

    rows: Bornes | None = None
    codes_hors_cog: Annotated[int, Field(ge=0)] | None = None
    repeated_rows: Annotated[int, Field(ge=0)] = 0
    all_departements: TousDepartements | None = None
    totals: dict[str, Bornes] = {}
    ratio_to_last: RapportAuPrecedent | None = None
    ratio_between: list[RapportEntre] = []
    shown_from: list[MontreDepuis] = []
    size_jump: Annotated[float, Field(gt=1)] = 5.0
    revision: RegleRevision | None = None


class Millesime(Modele):
    """One file to receive: where it is, its layouts, the COG of its codes, what it covers.

    `publie_le`: the day the producer published it or, when that day is not established, the first day
    on which it is known to have been public; left out when neither is known.
    """

    millesime: Annotated[int, Field(ge=1900, le=2100)]
    layout: Annotated[list[str], Field(min_length=1)]
    cog: int | Literal["newest"] | None = None
    params: dict[str, str] = {}
    mirror: str | None = None
    url: Url | None = None
    member: str | None = None
    couverture: Couverture | None = None
    publie_le: date | None = None
    # Codes outside the COG that this file is known to keep, beyond those the thresholds admit.
    codes_hors_cog: Annotated[int, Field(ge=0)] | None = None

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
        """What the templates of a layout may refer to."""
        return {"aa": f"{self.millesime % 100:02d}", "millesime": str(self.millesime), **self.params}

    def gabarit(self, texte: str) -> str:
        """Fill a template such as `Q2{aa}` for this millésime."""
        return texte.format(**self.valeurs)


class Glissant(Modele):
    """An address whose content rolls: the millésime is read in the file, never guessed."""

    url: Url
    millesime_from_column: str | None = None
    millesime_from_header: str | None = None
    layout: str | None = None
    cog: int | Literal["newest"] | None = None
    couverture: Couverture | None = None


class Ressource(Modele):
    """One kind of file of a source. `source` and `nom` come from the place in the contract."""

    source: str
    nom: Nom
    grain: str
    niveau: Literal["iris", "commune", "epci", "departement", "region", "france", "ctg"]
    format: Annotated[Format, Field(discriminator="kind")]
    cle: Annotated[list[str], Field(min_length=1)]
    columns: dict[Nom, Colonne]
    # Columns that are mesures of the dictionary, under their own name: no SQL is needed to read them.
    mesures: list[str] = []
    layouts: dict[str, Layout]
    thresholds: Seuils = Seuils()
    couverture: Couverture
    champ: str | None = None
    absence: Literal["zero", "inconnu", "sans_objet"]
    paris_lyon_marseille: Literal["arrondissements", "les_deux", "communes"] | None = None
    rolling: Glissant | None = None
    millesimes: dict[int, Millesime]

    @property
    def table(self) -> str:
        """Name of the dbt source table."""
        return f"{self.source}__{self.nom}"

    @property
    def colonne_annee(self) -> str | None:
        """The column that holds the year of each row, in files whose content rolls."""
        return next((n for n in self.cle if self.columns[n].type in ANNEES), None)

    @property
    def colonnes_datees(self) -> list[str]:
        """Columns whose figures belong to another year than the file's, in some layout."""
        return [c for c in self.columns if any(c in y.millesimes_propres for y in self.layouts.values())]

    def edition(self, millesime: int, *, glissante: bool) -> Millesime | None:
        """What is expected of a millésime; None when the contract does not know it.

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
            )
        return declare and declare.model_copy(update={"couverture": declare.couverture or self.couverture})


class Contrat(Modele):
    """A source: who produces it, under which licence, and its ressources."""

    source: Nom
    title: str
    producer: str
    licence: str
    page: Url
    cadence: str
    indispensable: bool
    description: str
    ressources: Annotated[dict[str, Ressource], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _nommer(cls, brut: Any) -> Any:
        """Tell each ressource and millésime the name under which the contract declares it.

        A table that a person fills in has one layout: its columns, under their own names.
        """
        ressources = {}
        for nom, ressource in (brut.get("ressources") or {}).items():
            implicites: dict[str, Any] = {}
            edition: dict[str, Any] = {}
            if ressource.get("format", {}).get("kind") == "tableur":
                implicites = {"layouts": {"saisie": {"columns": {c: c for c in ressource["columns"]}}}}
                edition = {"layout": "saisie"}
            millesimes = {
                m: {**edition, **v, "millesime": m} for m, v in (ressource.get("millesimes") or {}).items()
            }
            ressources[nom] = {
                **implicites,
                **ressource,
                "source": brut.get("source"),
                "nom": nom,
                "millesimes": millesimes,
            }
        return {**brut, "ressources": ressources}


def load_contracts(folder: Path = DOSSIER) -> dict[str, Contrat]:
    """Read and check every contract of a folder; the key is the source.

    Raises `ContratsInvalides`, which lists every error of every file.
    """
    contrats: dict[str, Contrat] = {}
    erreurs: list[str] = []
    for chemin in sorted(folder.glob("*.yml")):
        try:
            lu = _lire(chemin.read_text("utf-8"))
            # Its own table of ressources: what a caller replaces there is not for the next one.
            contrat = lu.model_copy(update={"ressources": dict(lu.ressources)})
        except ValidationError as e:
            erreurs += [f"{chemin.name}: {'.'.join(map(str, x['loc']))}: {x['msg']}" for x in e.errors()]
            continue
        except (yaml.YAMLError, AttributeError, TypeError) as e:
            erreurs.append(f"{chemin.name}: (file): {e}")
            continue
        if contrat.source != chemin.stem:
            erreurs.append(f"{chemin.name}: source: must be {chemin.stem!r}, the name of the file")
        for nom, ressource in contrat.ressources.items():
            erreurs += [
                f"{chemin.name}: ressources.{nom}.{ou}: {quoi}" for ou, quoi in _incoherences(ressource)
            ]
        contrats[contrat.source] = contrat
    if not contrats and not erreurs:
        erreurs.append(f"{folder}: (folder): holds no contract")
    if erreurs:
        raise ContratsInvalides(erreurs)
    return contrats


@cache
def _lire(texte: str) -> Contrat:
    """One contract. Kept: a night asks for the same unchanging contracts again and again."""
    return Contrat.model_validate(yaml.load(texte, _ClesUniques))


class _ClesUniques(yaml.CSafeLoader):
    """YAML where a key written twice is an error: the plain loader keeps the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        cles = [cle.value for cle, _ in node.value]
        if doubles := sorted({c for c in cles if cles.count(c) > 1}):
            raise yaml.MarkedYAMLError(
                problem=f"key written twice: {', '.join(doubles)}", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep)


def _incoherences(r: Ressource) -> Iterator[tuple[str, str]]:
    """Yield (path, message) for what the grammar alone cannot see."""
    for nom, c in r.columns.items():
        if c.type not in NOMBRES and (c.min, c.max, c.multiple) != (None, None, None):
            yield f"columns.{nom}", f"min, max and multiple are for numbers, not for {c.type}"
        if c.type == "decimal" and r.format.decimal is None:
            yield f"columns.{nom}", "a decimal column needs format.decimal"
        if c.values is not None and c.type != "text":
            yield f"columns.{nom}.values", f"is for text, not for {c.type}"
        if c.items is not None and (c.type != "text" or c.values is not None):
            yield f"columns.{nom}.items", "is for a text without `values`"
        if isinstance(r.format, FormatTableur) and not (c.libelle and c.exemple):
            yield f"columns.{nom}", "a table that a person fills in explains each column: libelle and exemple"
        if commun := set(c.missing) & set(c.secret):
            yield f"columns.{nom}", f"the same marker is missing and secret: {sorted(commun)}"
        if c.hors_champ and not c.secret:
            yield f"columns.{nom}.hors_champ", "is for a column whose blanks are secret"
    for nom in set(r.cle) - set(r.columns):
        yield "cle", f"{nom!r} is not a declared column"
    for nom in r.mesures:
        if nom not in r.columns or r.columns[nom].type not in NOMBRES:
            yield "mesures", f"{nom!r} is not a declared number"
    if r.mesures and r.niveau != "france" and "code" not in r.columns:
        yield "mesures", "needs a column `code`: the territory of each row"

    for nom, y in r.layouts.items():
        nourries = [c for c in y.columns.values() if c is not None] + list(y.derived) + y.absent
        for colonne in sorted(set(nourries) | set(y.millesimes_propres)):
            if colonne not in r.columns:
                yield f"layouts.{nom}", f"{colonne!r} is not a declared column"
            elif nourries.count(colonne) > 1:
                yield f"layouts.{nom}", f"{colonne!r} is fed more than once"
        for colonne in r.columns:
            if colonne not in nourries:
                yield (
                    f"layouts.{nom}",
                    f"nothing feeds {colonne!r}: map a header to it, or list it in `absent`",
                )
        for colonne in set(y.absent) & set(r.cle):
            yield f"layouts.{nom}.absent", f"{colonne!r} belongs to the key"
        for entete, motif in y.skip.items():
            if entete not in y.columns:
                yield f"layouts.{nom}.skip", f"{entete!r} is not a header of the layout"
            try:
                re.compile(motif)
            except re.error as e:
                yield f"layouts.{nom}.skip", f"{motif!r} is not a pattern: {e}"
        for colonne, derivee in y.derived.items():
            for entete in set(derivee.entetes) - set(y.columns):
                yield f"layouts.{nom}.derived.{colonne}", f"{entete!r} is not a header of the layout"
        for entete in set(y.only) - set(y.gabarits):
            yield f"layouts.{nom}.only", f"{entete!r} is not a header of the layout"
        for colonne in y.decimal:
            if colonne not in nourries or r.columns[colonne].type != "decimal":
                yield f"layouts.{nom}.decimal", f"{colonne!r} is not a decimal column of the layout"

    yield from _seuils_incoherents(r)

    for m, edition in r.millesimes.items():
        for nom in edition.layout:
            if nom not in r.layouts:
                yield f"millesimes.{m}.layout", f"no layout named {nom!r}"
                continue
            y = r.layouts[nom]
            gabarits = [*y.gabarits, *y.millesimes_propres.values()]
            if isinstance(r.format, FormatXlsx) and r.format.sheet:
                gabarits.append(r.format.sheet)
            for champ in sorted(_champs(gabarits) - set(edition.valeurs)):
                yield f"millesimes.{m}.params", f"layout {nom!r} uses {{{champ}}}"
        if isinstance(edition.cog, str) or (r.thresholds.codes_hors_cog is not None and edition.cog is None):
            yield f"millesimes.{m}.cog", "a dated file names the year of its COG"
        if edition.member and isinstance(r.format, FormatXlsx):
            yield f"millesimes.{m}.member", "a workbook is not read inside an archive"

    if g := r.rolling:
        if (g.millesime_from_column is None) == (g.millesime_from_header is None):
            yield "rolling", "give millesime_from_column or millesime_from_header, not both"
        if g.millesime_from_column:
            if g.layout not in r.layouts:
                yield "rolling.layout", f"no layout named {g.layout!r}"
            elif manquants := _champs(r.layouts[g.layout].columns) - {"aa", "millesime"}:
                yield "rolling.layout", f"uses params that a rolling address cannot give: {sorted(manquants)}"
            if g.millesime_from_column != r.colonne_annee:
                yield "rolling.millesime_from_column", "must be the year column of the key"
        elif g.millesime_from_header and re.compile(g.millesime_from_header).groups != 1:
            yield "rolling.millesime_from_header", "must hold one group: the last two digits of the year"


def _seuils_incoherents(r: Ressource) -> Iterator[tuple[str, str]]:
    s = r.thresholds
    if s.codes_hors_cog is not None and ("code" not in r.columns or r.columns["code"].type != "code_commune"):
        yield "thresholds.codes_hors_cog", "needs a column `code` of type code_commune"
    nombres = [("totals", c) for c in s.totals]
    nombres += [("ratio_to_last", c) for c in (s.ratio_to_last.columns if s.ratio_to_last else [])]
    nombres += [("ratio_between", c) for x in s.ratio_between for c in (x.numerator, x.denominator)]
    nombres += [("shown_from", c) for x in s.shown_from for c in (*x.columns, *x.any_of)]
    for seuil, colonne in nombres:
        if colonne not in r.columns or r.columns[colonne].type not in NOMBRES:
            yield f"thresholds.{seuil}", f"{colonne!r} is not a declared number"
    if s.all_departements:
        cites = [c for c in (s.all_departements.column, s.all_departements.from_commune) if c]
        if len(cites) != 1 or cites[0] not in r.columns:
            yield "thresholds.all_departements", "give `column` or `from_commune`, a declared column"


def _champs(gabarits: list[str] | dict[str, Any]) -> set[str]:
    return {champ for g in gabarits for _, champ, _, _ in string.Formatter().parse(g) if champ}


def normalised_schema(ressource: Ressource) -> pa.Schema:
    """Arrow schema of the normalised Parquet of a ressource, whatever the millésime.

    Each column is followed by its companions: `<col>__marque` (NULL, `manquant` or `secret`) when the
    contract declares markers, `<col>__millesime` when its figures may belong to another year.
    """
    champs = []
    for nom, colonne in ressource.columns.items():
        champs.append(pa.field(nom, TYPES[colonne.type]))
        if colonne.marquee:
            champs.append(pa.field(f"{nom}__marque", pa.string()))
        if nom in ressource.colonnes_datees:
            champs.append(pa.field(f"{nom}__millesime", pa.int32()))
    return pa.schema([*champs, *(pa.field(n, t) for n, (t, _) in TECHNIQUES.items())])


TECHNIQUES: dict[str, tuple[pa.DataType, str]] = {
    "millesime_fichier": (pa.int32(), "Millésime of the file"),
    "cog_millesime": (pa.int32(), "Year of the COG of the file's codes; NULL when the contract names none"),
    "fichier_sha256": (pa.string(), "sha256 of the landed file"),
    "ligne": (pa.int32(), "First physical line of the record in its file, 1-based"),
}


_HORS_LECTURE = {"description", "unit", "hors_champ"}


def empreinte_contrat(ressource: Ressource, edition: Millesime) -> str:
    """Hash (64 hex) of all that affects the parsing of one millésime, the code included.

    Wording, addresses, the day of publication and the other millésimes do not count.
    """
    contenu = {
        "table": ressource.table,
        "format": ressource.format.model_dump(),
        "cle": ressource.cle,
        "columns": {
            n: c.model_dump(exclude={"description", "unit", "hors_champ", "libelle", "exemple"})
            for n, c in ressource.columns.items()
        },
        "schema": normalised_schema(ressource).to_string(),
        "layouts": {n: ressource.layouts[n].model_dump(exclude={"status"}) for n in edition.layout},
        "thresholds": ressource.thresholds.model_dump(),
        "edition": edition.model_dump(exclude={"mirror", "url", "publie_le"}),
        "code": _empreinte_code(),
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


@cache
def _empreinte_code() -> str:
    ici = Path(__file__).parents[1]
    sources = [*sorted((ici / "readers").glob("*.py")), ici / "normalise.py"]
    return hashlib.sha256(b"\0".join(s.read_bytes() for s in sources)).hexdigest()


def dbt_sources_yaml(contracts: dict[str, Contrat]) -> str:
    """Render dbt's declaration of the source `normalised`: one table per source and ressource."""
    tables = []
    for contrat in contracts.values():
        for r in contrat.ressources.values():
            tables.append(
                {
                    "name": r.table,
                    "description": f"{contrat.title} ({contrat.producer}, {contrat.licence}): {r.grain}. "
                    f"{contrat.description}",
                    "columns": [
                        {"name": champ.name, "description": _description(r, champ.name)}
                        for champ in normalised_schema(r)
                    ],
                }
            )
    source = {
        "name": "normalised",
        "description": "Accepted files, typed by their contract and nothing else.",
        "tables": tables,
    }
    return yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=110)


def ressources_declarees(contracts: dict[str, Contrat]) -> list[dict[str, Any]]:
    """What SQL has to know of each ressource whose rows stand somewhere: where, when, and which mesures.

    `rang` orders the ressources of one source and niveau, the preferred first, as the contract does.
    """
    declarees = []
    for contrat in contracts.values():
        rangs: Counter[str] = Counter()
        for r in contrat.ressources.values():
            if r.niveau != "france" and "code" not in r.columns:
                continue
            mesures = [
                {
                    "nom": m,
                    "marque": r.columns[m].marquee,
                    "datee": m in r.colonnes_datees,
                    "arrondie": r.columns[m].multiple is not None,
                    "hors_champ": r.columns[m].hors_champ,
                }
                for m in r.mesures
            ]
            declarees.append(
                {
                    "source": r.source,
                    "ressource": r.nom,
                    "niveau": r.niveau,
                    "rang": rangs[r.niveau],
                    "annee": r.colonne_annee,
                    "mesures": mesures,
                }
            )
            rangs[r.niveau] += 1
    return declarees


def _description(ressource: Ressource, nom: str) -> str:
    if nom in TECHNIQUES:
        return TECHNIQUES[nom][1]
    base, _, compagnon = nom.partition("__")
    colonne = ressource.columns[base]
    if compagnon == "marque":
        return f"Why {base} is NULL: manquant or secret; NULL when it is not"
    if compagnon == "millesime":
        return f"Millésime of {base}"
    return colonne.description + (f" ({colonne.unit})" if colonne.unit else "")
