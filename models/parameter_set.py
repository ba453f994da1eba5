"""The parameter file of a model: its schema, how it is read, and its content hash.

A number stands once, here, with its status and its source. Cards, pages, model cards and docs are
made from the file; nothing in it is typed again.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from models.outcome import Provenance, Status
from models.quantities import QUANTITIES

__all__ = [
    "PARAMETERS_FOLDER",
    "AxisMark",
    "AxisTermParameters",
    "BaselineRange",
    "Citation",
    "ClassLeaf",
    "ClassSplit",
    "CoxParameters",
    "Draws",
    "Effect",
    "Figure",
    "Group",
    "LevelTermParameters",
    "LinearTermParameters",
    "LogisticParameters",
    "NomogramParameters",
    "ParameterFileError",
    "ParameterSet",
    "Performance",
    "StepTermParameters",
    "TermParameters",
    "content_hash",
    "load_parameters",
    "parse_parameters",
]

PARAMETERS_FOLDER = Path(__file__).parent / "parameters"


class ParameterFileError(ValueError):
    """A parameter file that cannot be used: which file, which member, why (all of them)."""

    def __init__(self, file: str, problems: tuple[tuple[str, str], ...]) -> None:
        self.file = file
        self.problems = problems
        lines = "; ".join(f"{path}: {reason}" for path, reason in problems)
        super().__init__(f"parameter file {file}: {lines}")


def _decimal(value: object) -> object:
    """Accept a JSON number, never a string or a boolean."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")
    return Decimal(value)


Number = Annotated[Decimal, BeforeValidator(_decimal)]
Text = Annotated[str, Field(min_length=1)]
InputName = Annotated[Text, Field(description="name of a quantity")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Citation(_Part):
    """One source: a paper, a data set, or our own rule."""

    text: Text
    url: str = ""
    doi: str = ""
    read: Text
    """How it was read: paper, abstract, digest, data, computed, own rule."""


class Figure(_Part):
    """One number with its status and source."""

    value: Number
    status: Status
    source: Text
    lower: Number | None = None
    upper: Number | None = None
    note: str = ""


class Effect(_Part):
    """The printed or fitted effect a coefficient comes from."""

    measure: Literal["odds ratio", "hazard ratio"]
    ratio: Figure
    endpoint: Text
    """What the ratio is for; a borrowed one has another endpoint than the model."""


class LinearTermParameters(_Part):
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


class StepTermParameters(_Part):
    """`coefficient` strictly above or strictly below a cut."""

    kind: Literal["above", "below"]
    input: InputName
    label: Text
    coefficient: Figure
    effect: Effect | None = None
    cut: Figure


class LevelTermParameters(_Part):
    """`coefficient x level`; a category the source did not know has every level it may be."""

    kind: Literal["levels"]
    input: InputName
    label: Text
    coefficient: Figure
    effect: Effect | None = None
    levels: dict[str, Annotated[tuple[Number, ...], Field(min_length=1)]]
    note: str = ""


class AxisMark(_Part):
    """One mark of a nomogram axis."""

    value: Number
    points: Figure


class AxisTermParameters(_Part):
    """A nomogram axis: points at marks, straight lines between."""

    kind: Literal["axis"]
    input: InputName
    label: Text
    marks: Annotated[tuple[AxisMark, ...], Field(min_length=2)]


TermParameters = Annotated[
    LinearTermParameters | StepTermParameters | LevelTermParameters | AxisTermParameters,
    Field(discriminator="kind"),
]


class LogisticParameters(_Part):
    """`risk = 1 / (1 + exp(-(intercept + score)))`."""

    kind: Literal["logistic"]
    intercept: Figure
    plain_fit_intercept: Figure | None = None


class BaselineRange(_Part):
    """The plausible baseline survivals, and where they come from."""

    survival_lower: Figure
    survival_upper: Figure
    method: Text


class CoxParameters(_Part):
    """`risk = 1 - exp(-baseline_cumulative_hazard x exp(score))` at the horizon."""

    kind: Literal["cox"]
    baseline_cumulative_hazard: Figure
    baseline_range: BaselineRange | None = None
    beyond_data_points: Figure | None = None
    beyond_data_risk: Figure | None = None


class NomogramMark(_Part):
    """One mark of the risk axis of a nomogram."""

    total_points: Number
    risk: Figure


class NomogramParameters(_Part):
    """The risk axis of a printed nomogram; its terms are in points."""

    kind: Literal["nomogram"]
    risk_axis: Annotated[tuple[NomogramMark, ...], Field(min_length=2)]


class ClassLeaf(_Part):
    """A class with what is known of the people in it."""

    risk_class: Text
    n: int | None = None
    events: int | None = None
    observed: Figure | None = None
    share: Figure | None = None
    mean_risk: Figure | None = None


class ClassSplit(_Part):
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


class Classes(_Part):
    """The tree of classes and how it was made."""

    method: Text
    caveat: Text
    tree: ClassSplit | ClassLeaf


class Draws(_Part):
    """Draws of intercept and coefficients from which the confidence interval is read."""

    method: Text
    seed: int
    columns: tuple[Text, ...]
    rows: Annotated[tuple[tuple[Number, ...], ...], Field(min_length=100)]


class Performance(_Part):
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


class Group(_Part):
    """How many of a group the data hold: the counts a fairness note rests on."""

    name: Text
    n: int
    events: int
    source: Text


class Population(_Part):
    """Whom the numbers were made from."""

    description: Text
    n: int
    events: int
    included: tuple[Text, ...] = ()
    groups: tuple[Group, ...] = ()
    group_verdict: str = ""
    source: Text


class OutcomeDefinition(_Part):
    """What is predicted."""

    event: Text
    horizon_months: int
    definition: Text
    stands_in_for: str = ""


class PointsScale(_Part):
    """What 100 points are, on the scale of the score."""

    score_of_100_points: Figure
    anchor: Text


class ParameterSet(_Part):
    """Everything that one model rests on."""

    schema_version: Literal[1]
    model_id: Text
    title: Text
    version: Text
    status: Status
    status_line: Text
    source_label: Text
    source_url: Text
    purpose: Text
    equation: Text
    citations: dict[str, Citation]
    population: Population
    outcome: OutcomeDefinition
    form: Annotated[
        LogisticParameters | CoxParameters | NomogramParameters, Field(discriminator="kind")
    ]
    terms: Annotated[tuple[TermParameters, ...], Field(min_length=1)]
    points: PointsScale
    classes: Classes
    draws: Draws | None = None
    no_interval_because: str = ""
    performance: tuple[Performance, ...] = ()
    limits: tuple[Text, ...] = ()
    cautions: tuple[Text, ...] = ()
    content_hash: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [
            *self._term_problems(),
            *self._draw_problems(),
            *self._nomogram_problems(),
            *self._tree_problems(self.classes.tree),
            *(f"no citation '{key}'" for key in sorted(_sources(self) - set(self.citations))),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _term_problems(self) -> list[str]:
        problems: list[str] = []
        names = [term.input for term in self.terms]
        problems += [
            f"two terms on {name}" for name in sorted({n for n in names if names.count(n) > 1})
        ]
        for term in self.terms:
            known = QUANTITIES.get(term.input)
            if known is None:
                problems.append(f"no quantity '{term.input}'")
            elif known.is_number == (term.kind == "levels"):
                problems.append(f"{term.input} cannot be a term of kind {term.kind}")
            elif term.kind == "levels" and set(term.levels) != set(known.categories):
                problems.append(
                    f"{term.input} needs a level for each of {', '.join(known.categories)}"
                )
        if (self.form.kind == "nomogram") != any(term.kind == "axis" for term in self.terms):
            problems.append("axes belong to a nomogram, and a nomogram has at least one")
        return problems

    def _nomogram_problems(self) -> list[str]:
        problems = []
        form = self.form
        if isinstance(form, NomogramParameters):
            if not _rises([mark.total_points for mark in form.risk_axis]):
                problems.append("total points of the risk axis must rise")
            if not _rises([mark.risk.value for mark in form.risk_axis]):
                problems.append("risks of the risk axis must rise")
            if self.points.score_of_100_points.value != 100:
                problems.append("the score of a nomogram is its points, so 100 points are 100")
        axes = [term for term in self.terms if isinstance(term, AxisTermParameters)]
        falling = [axis for axis in axes if not _rises([mark.value for mark in axis.marks])]
        return [*problems, *(f"values of the axis of {axis.input} must rise" for axis in falling)]

    def _tree_problems(self, node: ClassSplit | ClassLeaf) -> list[str]:
        if isinstance(node, ClassLeaf):
            return []
        problems = [*self._tree_problems(node.below), *self._tree_problems(node.above)]
        by_category = bool(node.categories)
        if node.on in {"score", "risk"}:
            if by_category:
                problems.append(f"a fork on {node.on} needs a cut")
            return problems
        if node.on not in {term.input for term in self.terms}:
            return [*problems, f"a fork on {node.on}, which is the input of no term"]
        known = QUANTITIES[node.on]
        if known.is_number == by_category or not set(node.categories) <= set(known.categories):
            problems.append(
                f"a fork on {node.on} needs {'a cut' if known.is_number else 'its categories'}"
            )
        return problems

    def _draw_problems(self) -> list[str]:
        if self.draws is None:
            return [] if self.no_interval_because else ["neither draws nor no_interval_because"]
        if self.form.kind != "logistic":
            return ["draws are read for the logistic form only"]
        expected = ("intercept", *(term.input for term in self.terms))
        if self.draws.columns != expected:
            return [f"draws need the columns {', '.join(expected)}"]
        if any(len(row) != len(expected) for row in self.draws.rows):
            return ["a row of draws is too short or too long"]
        return []

    @cached_property
    def provenance(self) -> Provenance:
        """What stands behind every number of an outcome."""
        return Provenance(
            model_id=self.model_id,
            title=self.title,
            version=self.version,
            content_hash=self.content_hash,
            status=self.status,
            status_line=self.status_line,
            source_label=self.source_label,
            source_url=self.source_url,
            cautions=self.cautions,
        )


def _rises(values: list[Decimal]) -> bool:
    return all(one < other for one, other in pairwise(values))


def _sources(part: object) -> set[str]:
    """Every key into the citations that the file uses."""
    if isinstance(part, BaseModel):
        own = {part.source} if hasattr(part, "source") else set()
        return own.union(*(_sources(value) for _, value in part))
    if isinstance(part, tuple) and not (part and isinstance(part[0], tuple)):
        return set().union(*(_sources(item) for item in part))
    return set()


def content_hash(document: object) -> str:
    """Return the SHA-256 of a parsed parameter file, whatever its layout.

    Numbers count by value (0.10 is 0.1), members by name, not by order.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=_canonical)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(number: object) -> str:
    return f"number {Decimal(str(number)).normalize()}"


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def parse_parameters(text: str, file: str) -> ParameterSet:
    """Read the text of a parameter file.

    Raises
    ------
    ParameterFileError
        With the file, and for every problem the path of the member and the reason.
    """
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except ValueError as error:
        raise ParameterFileError(file, (("(file)", f"not JSON: {error}"),)) from error
    if not isinstance(document, dict):
        raise ParameterFileError(file, (("(file)", "not a JSON object"),))
    if "content_hash" in document:
        raise ParameterFileError(file, (("content_hash", "is computed, never written"),))
    try:
        return ParameterSet.model_validate({**document, "content_hash": content_hash(document)})
    except ValidationError as error:
        problems = tuple(
            (".".join(str(step) for step in item["loc"]) or "(file)", item["msg"])
            for item in error.errors(include_url=False, include_input=False)
        )
        raise ParameterFileError(file, problems) from error


def load_parameters(path: Path) -> ParameterSet:
    """Read a parameter file.

    Raises
    ------
    ParameterFileError
        If it cannot be read or used.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterFileError(str(path), (("(file)", f"cannot be read: {error}"),)) from error
    return parse_parameters(text, str(path))
