"""The part of the grammar that says what a file must hold to be accepted, and what reading it may cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Exigence(BaseModel):
    """Base of the grammar: unknown keys are errors, nothing is coerced, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Bornes(Exigence):
    """An interval, ends included."""

    min: float
    max: float


class TousDepartements(Exigence):
    """Which column shows that every département is there, in each year, and which départements need not be.

    `from_commune` holds codes of communes or of IRIS. `cumulative`: each file has the rows of
    those before it.
    """

    column: str | None = None
    from_commune: str | None = None
    cumulative: bool = False
    sauf: list[str] = Field(default=[], alias="except")


class RapportParLigne(Bornes):
    """Bounds of new/old on every row whose old value reaches `des`: smaller ones move for less."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    des: Annotated[float, Field(alias="from")]


class RapportAuPrecedent(Bornes):
    """Bounds of the median of new/old over the keys that both files hold.

    Communes A 3, B 7, C 10 that become A 30, B 70, C 11: ratios 10, 10 and 1.1, median 10: bounds of 0.5 and
    2 refuse the file, whose unit has changed; one commune that grows tenfold passes, but for `each_row`.
    """

    columns: list[str]
    # A digit too many multiplies by 5 at least.
    each_row: RapportParLigne | None = None


class Identite(Exigence):
    """Columns whose sum is another's on every row of the producer, but for its roundings.

    Rows where one of them is empty are not judged.
    """

    total: str
    parts: Annotated[list[str], Field(min_length=1)]
    within: Annotated[float, Field(ge=0)] = 0


class RapportEntre(Bornes):
    """Bounds of the ratio of the sums of two columns."""

    numerator: str
    denominator: str


class MontreDepuis(Exigence):
    """Columns that the producer shows where at least one of these counts reaches its minimum."""

    columns: Annotated[list[str], Field(min_length=1)]
    any_of: Annotated[dict[str, int], Field(min_length=1)]


class RegleRevision(Exigence):
    """A revision this small is accepted without anyone being asked."""

    max_changed_share: Annotated[float, Field(ge=0, le=1)]
    max_relative_change: Annotated[float, Field(ge=0)]


class Seuils(Exigence):
    """Requirements of a readable file for it to be accepted."""

    # In all or, where the key holds a year, in each.
    rows: Bornes | None = None
    codes_hors_cog: Annotated[int, Field(ge=0)] | None = None
    repeated_rows: Annotated[int, Field(ge=0)] = 0
    all_departements: TousDepartements | None = None
    totals: dict[str, Bornes] = {}
    ratio_to_last: RapportAuPrecedent | None = None
    ratio_between: list[RapportEntre] = []
    identities: list[Identite] = []
    shown_from: list[MontreDepuis] = []
    size_jump: Annotated[float, Field(gt=1)] = 5.0
    revision: RegleRevision | None = None


class Limites(Exigence):
    """What one file may cost: beyond, it is refused and the others go on.

    `octets`: its size as it comes; `memoire`: bytes held while it is read; `secondes`: of reading.
    """

    octets: Annotated[int, Field(gt=0)] = 2 * 1024**3
    memoire: Annotated[int, Field(gt=0)] = 3 * 10**9
    secondes: Annotated[float, Field(gt=0)] = 600
