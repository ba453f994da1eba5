"""The parts of a parameter file: every number in them carries its status and source."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models.outcome import Status

__all__ = [
    "AxisMark",
    "AxisTermParameters",
    "BaselineRange",
    "Citation",
    "ClassLeaf",
    "ClassSplit",
    "Classes",
    "CoxParameters",
    "Draws",
    "Effect",
    "Figure",
    "Group",
    "LevelTermParameters",
    "LinearTermParameters",
    "LogisticParameters",
    "NomogramMark",
    "NomogramParameters",
    "Number",
    "OutcomeDefinition",
    "Part",
    "Performance",
    "PointsScale",
    "Population",
    "StepTermParameters",
    "TermParameters",
    "Text",
]


def _decimal(value: object) -> object:
    """Accept a JSON number, never a string or a boolean."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")
    return Decimal(value)


Number = Annotated[Decimal, BeforeValidator(_decimal)]
Text = Annotated[str, Field(min_length=1)]
InputName = Annotated[Text, Field(description="name of a quantity")]


class Part(BaseModel):
    """Strict and frozen: an unknown member is refused, a number is finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Citation(Part):
    """One source: a paper, a data set, or our own rule."""

    text: Text
    url: str = ""
    doi: str = ""
    read: Text
    """How it was read: paper, abstract, digest, data, computed, own rule."""


class Figure(Part):
    """One number with its status and source."""

    value: Number
    status: Status
    source: Text
    lower: Number | None = None
    upper: Number | None = None
    note: str = ""


class Effect(Part):
    """The printed or fitted effect a coefficient comes from."""

    measure: Literal["odds ratio", "hazard ratio"]
    ratio: Figure
    endpoint: Text
    """What the ratio is for; a borrowed one has another endpoint than the model."""


class LinearTermParameters(Part):
    """`coefficient x (value - centre) / per`."""

    kind: Literal["linear"]
    input: InputName
    label: Text
    coefficient: Figure
    effect: Effect | None = None
    centre: Figure
    per: Figure
    axis: tuple[Number, Number]
    """The values between which the nomogram's axis is drawn."""


class StepTermParameters(Part):
    """`coefficient` strictly above or strictly below a cut."""

    kind: Literal["above", "below"]
    input: InputName
    label: Text
    coefficient: Figure
    effect: Effect | None = None
    cut: Figure


class LevelTermParameters(Part):
    """`coefficient x level`; a category the source did not know has every level it may be."""

    kind: Literal["levels"]
    input: InputName
    label: Text
    coefficient: Figure
    effect: Effect | None = None
    levels: dict[str, Annotated[tuple[Number, ...], Field(min_length=1)]]
    note: str = ""


class AxisMark(Part):
    """One mark of a nomogram axis."""

    value: Number
    points: Figure


class AxisTermParameters(Part):
    """A nomogram axis: points at marks, straight lines between."""

    kind: Literal["axis"]
    input: InputName
    label: Text
    marks: Annotated[tuple[AxisMark, ...], Field(min_length=2)]


TermParameters = Annotated[
    LinearTermParameters | StepTermParameters | LevelTermParameters | AxisTermParameters,
    Field(discriminator="kind"),
]


class LogisticParameters(Part):
    """`risk = 1 / (1 + exp(-(intercept + score)))`."""

    kind: Literal["logistic"]
    intercept: Figure
    plain_fit_intercept: Figure | None = None


class BaselineRange(Part):
    """The plausible baseline survivals, and where they come from."""

    survival_lower: Figure
    survival_upper: Figure
    method: Text


class CoxParameters(Part):
    """`risk = 1 - exp(-baseline_cumulative_hazard x exp(score))` at the horizon."""

    kind: Literal["cox"]
    baseline_cumulative_hazard: Figure
    baseline_range: BaselineRange | None = None
    beyond_data_points: Figure | None = None
    beyond_data_risk: Figure | None = None


class NomogramMark(Part):
    """One mark of the risk axis of a nomogram."""

    total_points: Number
    risk: Figure


class NomogramParameters(Part):
    """The risk axis of a printed nomogram; its terms are in points."""

    kind: Literal["nomogram"]
    risk_axis: Annotated[tuple[NomogramMark, ...], Field(min_length=2)]


class ClassLeaf(Part):
    """A class with what is known of the people in it."""

    risk_class: Text
    n: int | None = None
    events: int | None = None
    observed: Figure | None = None
    share: Figure | None = None
    mean_risk: Figure | None = None


class ClassSplit(Part):
    """A fork of the tree of classes, on the score, the risk, or one input."""

    on: Text
    cut: Figure | None = None
    cut_goes: Literal["below", "above"] = "below"
    categories: tuple[Text, ...] = ()
    p_value: Figure | None = None
    below: ClassSplit | ClassLeaf
    above: ClassSplit | ClassLeaf

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.cut is None) == (not self.categories):
            raise ValueError("a fork has either a cut or categories")
        return self


class Classes(Part):
    """The tree of classes and how it was made."""

    method: Text
    caveat: Text
    tree: ClassSplit | ClassLeaf


class Draws(Part):
    """Draws of intercept and coefficients from which the confidence interval is read."""

    method: Text
    seed: int
    columns: tuple[Text, ...]
    rows: Annotated[tuple[tuple[Number, ...], ...], Field(min_length=100)]


class Performance(Part):
    """One measure of performance, with its interval where there is one."""

    measure: Text
    value: Number
    lower: Number | None = None
    upper: Number | None = None
    data: Text
    method: Text
    status: Status
    source: Text
    external: bool = False
    """Whether the data are of another source than those the numbers were made from."""


class Group(Part):
    """How many of a group the data hold: the counts a fairness note rests on."""

    name: Text
    n: int
    events: int
    source: Text


class Population(Part):
    """Whom the numbers were made from."""

    description: Text
    n: int
    events: int
    included: tuple[Text, ...] = ()
    groups: tuple[Group, ...] = ()
    group_verdict: str = ""
    source: Text


class OutcomeDefinition(Part):
    """What is predicted."""

    event: Text
    horizon_months: int
    definition: Text
    stands_in_for: str = ""


class PointsScale(Part):
    """What 100 points are, on the scale of the score."""

    score_of_100_points: Figure
    anchor: Text
