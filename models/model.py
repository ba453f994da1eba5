"""What every model declares: its inputs with their anchors, its population, its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from models.inputs import Input, Interval, Knowledge
from models.outcome import Outcome, Provenance
from models.quantities import Quantity

__all__ = [
    "Anchor",
    "Applicability",
    "Criterion",
    "InputNeed",
    "Model",
    "Preference",
    "judge_applicability",
]


class Anchor(StrEnum):
    """The moment an input is measured at, relative to the index operation."""

    BEFORE_OPERATION = "before-operation"
    SPECIMEN_AND_COURSE = "specimen-and-course"
    NOW = "now"


class Preference(StrEnum):
    """Which of imaging and specimen an input is read from when both exist."""

    IMAGING_ONLY = "imaging-only"
    SPECIMEN_FIRST = "specimen-first"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class InputNeed:
    """One input a model asks for, and which moment of it."""

    quantity: Quantity
    anchor: Anchor
    window_days: int | None = None
    preference: Preference = Preference.NONE


@dataclass(frozen=True, slots=True)
class Criterion:
    """A patient for whom this holds is outside the population (or, with `warns`, at its edge).

    For a category `holds_for` lists the categories, for a number `intervals` the values, for which
    the criterion holds. `reason` completes "Model not applicable: ...". `after_operation` marks what
    cannot exist before the operation: it is not missed while the operation is only planned.
    """

    quantity: Quantity
    reason: str
    holds_for: frozenset[str] = frozenset()
    intervals: tuple[Interval, ...] = ()
    warns: bool = False
    after_operation: bool = False


@dataclass(frozen=True, slots=True)
class Applicability:
    """Whom the criteria exclude, what could not be checked, and what deserves a warning."""

    excluded: tuple[str, ...]
    unchecked: tuple[str, ...]
    warnings: tuple[str, ...]


class Model(Protocol):
    """A published, re-estimated or local model."""

    @property
    def provenance(self) -> Provenance:
        """What stands behind its numbers."""

    @property
    def needs(self) -> tuple[InputNeed, ...]:
        """Its inputs."""

    @property
    def population(self) -> tuple[Criterion, ...]:
        """Whom it was not made for."""

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Answer for one patient; an input that is not in the mapping is unknown."""


def judge_applicability(
    population: tuple[Criterion, ...], inputs: Mapping[str, Input]
) -> Applicability:
    """Hold one patient's inputs against a model's population.

    A criterion that certainly holds excludes (or warns), one that may hold is listed as unchecked
    with what it depends on, and one that cannot hold says nothing.
    """
    excluded: list[str] = []
    unchecked: list[str] = []
    warnings: list[str] = []
    planned = _is_planned(inputs.get("resection"))
    for criterion in population:
        known = inputs.get(criterion.quantity.name)
        certain, possible = _holds(criterion, known)
        if certain:
            (warnings if criterion.warns else excluded).append(criterion.reason)
        elif possible and not criterion.warns and not (planned and criterion.after_operation):
            state = known.reason if known is not None and known.reason else "not recorded"
            unchecked.append(f"{_within_sentence(criterion.quantity.label)} ({state})")
    return Applicability(tuple(excluded), tuple(dict.fromkeys(unchecked)), tuple(warnings))


def _within_sentence(label: str) -> str:
    """Return a label as it stands within a sentence: "age", "Child-Pugh class", "HBV antiviral"."""
    first = label.split()[0]
    is_plain = first[1:].islower() or len(first) == 1
    return label[0].lower() + label[1:] if is_plain else label


def _is_planned(resection: Input | None) -> bool:
    return resection is not None and resection.value == "planned"


def _holds(criterion: Criterion, known: Input | None) -> tuple[bool, bool]:
    """Whether the criterion holds for every possible value, and for any."""
    if known is None or known.knowledge in (Knowledge.UNKNOWN, Knowledge.NOT_YET_KNOWABLE):
        return False, True
    if known.categories:
        hit = known.categories & criterion.holds_for
        return hit == known.categories, bool(hit)
    inside = [_relation(part, criterion.intervals) for part in known.numbers]
    return all(full for full, _ in inside), any(touch for _, touch in inside)


def _relation(part: Interval, region: tuple[Interval, ...]) -> tuple[bool, bool]:
    """Whether an interval lies fully in one interval of the region, and whether it touches any."""
    full = any(_covers(outer, part) for outer in region)
    touch = any(_overlaps(outer, part) for outer in region)
    return full, touch


def _covers(outer: Interval, inner: Interval) -> bool:
    low = outer.lower < inner.lower or (
        outer.lower == inner.lower and (not outer.lower_open or inner.lower_open)
    )
    high = inner.upper < outer.upper or (
        outer.upper == inner.upper and (not outer.upper_open or inner.upper_open)
    )
    return low and high


def _overlaps(one: Interval, other: Interval) -> bool:
    if one.upper < other.lower or other.upper < one.lower:
        return False
    if one.upper == other.lower:
        return not one.upper_open and not other.lower_open
    if other.upper == one.lower:
        return not other.upper_open and not one.lower_open
    return True
