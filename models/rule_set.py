"""The rule file of a score, a stage or a checklist: its schema, how it is read, its content hash.

What a parameter file is to a fitted model, a rule file is to a published table: every number and
every claim once, with its status and its source.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.outcome import Provenance, Status
from models.parameter_set import (
    Citation,
    Figure,
    ParameterFileError,
    Performance,
    content_hash,
)
from models.quantities import QUANTITIES, Quantity, quantity

__all__ = [
    "RULES_FOLDER",
    "Band",
    "BandItem",
    "Flag",
    "Grade",
    "RuleSet",
    "load_rules",
    "parse_rules",
]

RULES_FOLDER = Path(__file__).parent / "rules"

Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Band(_Part):
    """Points for the numbers from the band before up to `to`; the last band has no end."""

    points: Figure
    to: Figure | None = None
    to_included: bool = True


class BandItem(_Part):
    """One line of a point table: bands of a number, or points per category.

    With several inputs the item is present if any of them is, absent if all are. A category without
    points (None) is one the source does not name: it leaves the item open.
    """

    key: Text
    label: Text
    inputs: Annotated[tuple[Text, ...], Field(min_length=1)]
    bands: tuple[Band, ...] = ()
    categories: dict[str, Figure | None] = {}
    note: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in self.inputs:
            if name not in QUANTITIES:
                raise ValueError(f"no quantity '{name}'")
        if bool(self.bands) == bool(self.categories):
            raise ValueError("an item has either bands or categories")
        if self.bands and (
            len(self.inputs) != 1
            or self.bands[-1].to is not None
            or any(band.to is None for band in self.bands[:-1])
        ):
            raise ValueError("bands are for one input, and only the last has no end")
        first = quantity(self.inputs[0])
        if self.categories and set(self.categories) != set(first.categories):
            raise ValueError(f"points are needed for each of {', '.join(first.categories)}")
        return self

    @property
    def quantity(self) -> Quantity:
        """The quantity of the first input."""
        return quantity(self.inputs[0])

    @property
    def table(self) -> tuple[Decimal, ...]:
        """Every number of points that the item can give."""
        named = [figure.value for figure in self.categories.values() if figure is not None]
        return tuple(band.points.value for band in self.bands) or tuple(named)


class Grade(_Part):
    """A grade or class: the values up to `to`; the last grade has no end."""

    name: Text
    to: Figure | None = None


class Flag(_Part):
    """One flag or criterion of a checklist.

    `rule`: present above a cut, from a cut on, up to a cut, or where the category is "present" or
    "absent"; `shown` has no printed cut-off and is not judged.
    """

    key: Text
    label: Text
    input: Text
    rule: Literal["above", "from", "up-to", "present", "absent", "shown", "category"]
    cut: Figure | None = None
    cut_in_some_studies: Figure | None = None
    categories: tuple[Text, ...] = ()
    definition: Text
    source: Text
    counter_evidence: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.input not in QUANTITIES:
            raise ValueError(f"no quantity '{self.input}'")
        if (self.rule in {"above", "from", "up-to"}) != (self.cut is not None):
            raise ValueError("a cut belongs to the rules above, from and up-to")
        if (self.rule == "category") != bool(self.categories):
            raise ValueError("categories belong to the rule category")
        return self


class RuleSet(_Part):
    """Everything that one score, stage or checklist rests on."""

    schema_version: Literal[1]
    model_id: Text
    title: Text
    version: Text
    status: Status
    status_line: Text
    source_label: Text
    source_url: str = ""
    purpose: Text
    equation: Text
    citations: dict[str, Citation]
    population: Text
    items: tuple[BandItem, ...] = ()
    constants: dict[str, Figure] = {}
    grades: tuple[Grade, ...] = ()
    flags: tuple[Flag, ...] = ()
    performance: tuple[Performance, ...] = ()
    limits: tuple[Text, ...] = ()
    cautions: tuple[Text, ...] = ()
    content_hash: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = sorted(_sources(self) - set(self.citations))
        if missing:
            raise ValueError(f"no citation {', '.join(missing)}")
        if any(grade.to is None for grade in self.grades[:-1]) or (
            self.grades and self.grades[-1].to is not None
        ):
            raise ValueError("only the last grade has no end")
        return self

    @cached_property
    def provenance(self) -> Provenance:
        """What stands behind the answer."""
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

    def constant(self, key: str) -> Decimal:
        """Return one constant of the equation."""
        return self.constants[key].value


def _sources(part: object) -> set[str]:
    if isinstance(part, BaseModel):
        own = {part.source} if isinstance(part, Figure | Flag | Performance) else set()
        return own.union(*(_sources(value) for _, value in part))
    if isinstance(part, tuple):
        return set().union(*(_sources(item) for item in part))
    if isinstance(part, dict):
        return set().union(*(_sources(item) for item in part.values()))
    return set()


def parse_rules(text: str, file: str) -> RuleSet:
    """Read the text of a rule file.

    Raises
    ------
    ParameterFileError
        With the file, and for every problem the path of the member and the reason.
    """
    try:
        document = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise ParameterFileError(file, (("(file)", f"not JSON: {error}"),)) from error
    if not isinstance(document, dict) or "content_hash" in document:
        raise ParameterFileError(file, (("(file)", "not a rule file without content_hash"),))
    try:
        return RuleSet.model_validate({**document, "content_hash": content_hash(document)})
    except ValidationError as error:
        problems = tuple(
            (".".join(str(step) for step in item["loc"]) or "(file)", item["msg"])
            for item in error.errors(include_url=False, include_input=False)
        )
        raise ParameterFileError(file, problems) from error


def load_rules(model_id: str) -> RuleSet:
    """Read the shipped rule file of a model.

    Raises
    ------
    ParameterFileError
        If it cannot be used.
    """
    path = RULES_FOLDER / f"{model_id}.json"
    return parse_rules(path.read_text(encoding="utf-8"), path.name)
