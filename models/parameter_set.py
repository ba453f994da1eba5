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

from pydantic import BaseModel, Field, ValidationError, model_validator

from models.outcome import Provenance, Status
from models.parameter_parts import (
    AxisMark,
    AxisTermParameters,
    BaselineRange,
    Citation,
    Classes,
    ClassLeaf,
    ClassSplit,
    CoxParameters,
    Draws,
    Effect,
    Figure,
    Group,
    LevelTermParameters,
    LinearTermParameters,
    LogisticParameters,
    NomogramParameters,
    OutcomeDefinition,
    Part,
    Performance,
    PointsScale,
    Population,
    StepTermParameters,
    TermParameters,
    Text,
)
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


class ParameterSet(Part):
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
