"""A site's cohort: a table with one row per index operation, read strictly.

Every problem is collected, by row and column, before anything is refused. No value of a patient is
repeated in a problem. An empty cell is unknown and stays so.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np

from models.additive_model import AdditiveModel
from models.inputs import Input, between, exactly, unknown
from models.quantities import QUANTITIES, Quantity, quantity
from models.validation.horizon import FirstEvent, FollowUp

__all__ = [
    "FIRST_EVENTS",
    "FIRST_EVENT_COLUMN",
    "MONTHS_COLUMN",
    "PATIENT_COLUMN",
    "Cohort",
    "CohortError",
    "Column",
    "Problem",
    "columns_of",
    "read_cohort",
]

PATIENT_COLUMN = "patient"
FIRST_EVENT_COLUMN = "first_event"
MONTHS_COLUMN = "months_to_first_event"

# What can end the follow-up, and what it is to each model. A recurrence whose site is not known
# cannot be told apart from a distant metastasis, so the metastasis model refuses it.
_RECURRENCE_IS_EVENT = {
    "none": FirstEvent.NONE,
    "recurrence": FirstEvent.EVENT,
    "intrahepatic_recurrence": FirstEvent.EVENT,
    "distant_metastasis": FirstEvent.EVENT,
    "death": FirstEvent.COMPETING,
}
_METASTASIS_IS_EVENT = {
    "none": FirstEvent.NONE,
    "intrahepatic_recurrence": FirstEvent.COMPETING,
    "distant_metastasis": FirstEvent.EVENT,
    "death": FirstEvent.COMPETING,
}
FIRST_EVENTS: Mapping[str, Mapping[str, FirstEvent]] = {
    "hpr_preoperative": _RECURRENCE_IS_EVENT,
    "hpr_postoperative": _RECURRENCE_IS_EVENT,
    "distant_metastasis": _METASTASIS_IS_EVENT,
}

_NUMBER = re.compile(r"(?P<sign><=|>=|<|>)?\s*(?P<number>\d+(?:\.\d+)?)")
_LONGEST_MONTHS = Decimal(1200)  # as for months_since_resection: a limit of reading, ours


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong where; `row` is the line of the file, 1 is the header, 0 the whole file."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        """Return it as one line."""
        place = f"row {self.row}" if self.row else "file"
        return (
            f"{place}, column {self.column}: {self.reason}"
            if self.column
            else f"{place}: {self.reason}"
        )


class CohortError(ValueError):
    """A cohort that cannot be used, with every problem in it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file, as it is documented."""

    name: str
    role: str
    content: str


@dataclass(frozen=True)
class Cohort:
    """The rows in our terms, in the order of the file.

    `absent_columns` are inputs of the model without a column: unknown in every patient.
    """

    inputs: tuple[Mapping[str, Input], ...]
    follow_up: FollowUp
    rows: tuple[int, ...]
    absent_columns: tuple[str, ...]
    sha256: str

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.inputs)


def columns_of(model: AdditiveModel) -> tuple[Column, ...]:
    """Return the columns a cohort for this model may have, the outcome first."""
    events = ", ".join(FIRST_EVENTS[model.provenance.model_id])
    needed = {need.quantity.name for need in model.needs}
    named = dict.fromkeys([*(need.quantity for need in model.needs), *_criteria(model)])
    return (
        Column(
            FIRST_EVENT_COLUMN,
            "outcome, required",
            f"What ended the follow-up, whichever came first: {events}. `none` is alive and free "
            "of recurrence when last seen; a distant metastasis found together with an "
            "intrahepatic recurrence is `distant_metastasis`.",
        ),
        Column(
            MONTHS_COLUMN,
            "outcome, required",
            "Months from the index operation to that event, or to the last contact.",
        ),
        Column(
            PATIENT_COLUMN,
            "check",
            "A pseudonym. It is only checked for repeats and written nowhere.",
        ),
        *(
            Column(item.name, "input" if item.name in needed else "who is outside", _content(item))
            for item in named
        ),
        Column("sex", "group", _content(quantity("sex"))),
    )


def _criteria(model: AdditiveModel) -> Iterator[Quantity]:
    """Yield the quantities that decide whether the model applies, but for those a row implies."""
    implied = _implied()
    for criterion in model.population:
        if criterion.quantity.name not in implied:
            yield criterion.quantity


def _implied() -> dict[str, Input]:
    """Return what being a row says: an HCC, resected, nothing found again at that moment."""
    return {
        "resection": exactly(quantity("resection"), "done"),
        "months_since_resection": exactly(quantity("months_since_resection"), 0),
        "hcc": exactly(quantity("hcc"), "present"),
        "recurrence": exactly(quantity("recurrence"), "absent"),
    }


def _content(item: Quantity) -> str:
    if item.is_number:
        kind = "whole number" if item.integer else "number"
        unit = {"1": "", "a": " of years", "mo": " of months"}.get(item.unit, f" in {item.unit}")
        return (
            f"{item.meaning} A {kind}{unit} from {item.lower} to {item.upper}; "
            "`>25` or `<=5` for a value known by a limit only; empty if not known."
        )
    return f"{item.meaning} One of {', '.join(item.categories)}; empty if not known."


@dataclass
class _Reading:
    """One reading of a file, with the problems found so far."""

    model: AdditiveModel
    problems: list[Problem] = field(default_factory=list)

    def note(self, row: int, column: str, reason: str) -> None:
        self.problems.append(Problem(row, column, reason))

    def header(self, names: list[str]) -> None:
        """Check the column names: outcome there, nothing twice, nothing unheard of."""
        for name in (FIRST_EVENT_COLUMN, MONTHS_COLUMN):
            if name not in names:
                self.note(1, name, "this column is required")
        known = {column.name for column in columns_of(self.model)} | set(QUANTITIES)
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                self.note(1, name, "this column stands more than once")
            if name not in known:
                self.note(1, name or "(no name)", "no column of this name is known; see `columns`")

    def first_event(self, row: int, text: str) -> FirstEvent:
        events = FIRST_EVENTS[self.model.provenance.model_id]
        found = events.get(text.lower())
        if found is None:
            reason = "empty" if not text else "not a known event"
            if text.lower() == "recurrence":
                reason = "this model needs the site of the recurrence"
            self.note(row, FIRST_EVENT_COLUMN, f"{reason}; expected one of {', '.join(events)}")
            return FirstEvent.NONE
        return found

    def months(self, row: int, text: str) -> float:
        match = _NUMBER.fullmatch(text)
        if match is None or match["sign"]:
            self.note(row, MONTHS_COLUMN, "empty" if not text else _why_not_a_number(text))
            return 0.0
        if Decimal(match["number"]) > _LONGEST_MONTHS:
            self.note(row, MONTHS_COLUMN, f"more than {_LONGEST_MONTHS} months")
        return float(match["number"])

    def value(self, row: int, item: Quantity, text: str) -> Input:
        if not text:
            return unknown(item)
        try:
            return _number(item, text) if item.is_number else exactly(item, _category(item, text))
        except _UnreadableError as error:
            self.note(row, item.name, str(error))
        except ValueError as error:
            # the constructors name the limits, never the value
            self.note(row, item.name, str(error))
        return unknown(item)


class _UnreadableError(ValueError):
    """A cell that cannot be read."""


def _number(item: Quantity, text: str) -> Input:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _UnreadableError(_why_not_a_number(text))
    number, sign = Decimal(match["number"]), match["sign"]
    if sign is None:
        return exactly(item, number)
    reason = "known by a limit only"
    try:
        if sign.startswith(">"):
            return between(item, lower=number, lower_open=sign == ">", reason=reason)
        return between(item, upper=number, upper_open=sign == "<", reason=reason)
    except ValueError as error:
        # the interval's own message holds the value
        unit = f" {item.unit}" if item.unit else ""
        said = f"{item.name} is plausible from {item.lower} to {item.upper}{unit}"
        raise _UnreadableError(said) from error


def _category(item: Quantity, text: str) -> str:
    by_lower = {name.lower(): name for name in item.categories}
    if text.lower() not in by_lower:
        raise _UnreadableError(f"expected one of {', '.join(item.categories)}, or nothing")
    return by_lower[text.lower()]


def _why_not_a_number(text: str) -> str:
    if re.fullmatch(r"[<>]?=?\s*\d+,\d+", text):
        return "not a number: write a point, not a comma, before the decimals"
    if text.startswith("-"):
        return "not a number from 0 up"
    return "not a number"


def read_cohort(path: Path, model: AdditiveModel) -> Cohort:
    """Read a cohort file for a model: comma or semicolon between cells, UTF-8.

    Raises
    ------
    CohortError
        With every problem of the file, by row and column.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise CohortError((Problem(0, "", f"cannot be read: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        raise CohortError((Problem(0, "", "is not UTF-8 text"),)) from error
    return _read(text, hashlib.sha256(raw).hexdigest(), model)


def _read(text: str, sha256: str, model: AdditiveModel) -> Cohort:
    first_line = text.split("\n", 1)[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    names = [name.strip() for name in next(reader, [])]
    reading = _Reading(model)
    if not any(names):
        raise CohortError((Problem(0, "", "is empty"),))
    reading.header(names)
    if reading.problems:
        raise CohortError(tuple(reading.problems))
    table = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    table = [(row, cells) for row, cells in table if any(cells)]
    if not table:
        reading.note(0, "", "holds no patients")
    for row, cells in table:
        if len(cells) != len(names):
            reading.note(row, "", f"has {len(cells)} cells, the header has {len(names)}")
    _check_repeats(reading, names, table)
    if any(not problem.column for problem in reading.problems):
        raise CohortError(tuple(sorted(reading.problems)))
    return _collect(reading, names, table, sha256)


def _check_repeats(reading: _Reading, names: list[str], table: list[tuple[int, list[str]]]) -> None:
    if PATIENT_COLUMN not in names:
        return
    place = names.index(PATIENT_COLUMN)
    first_seen: dict[str, int] = {}
    for row, cells in table:
        pseudonym = cells[place] if place < len(cells) else ""
        if pseudonym and pseudonym in first_seen:
            reading.note(row, PATIENT_COLUMN, f"the same patient as in row {first_seen[pseudonym]}")
        first_seen.setdefault(pseudonym, row)


def _collect(
    reading: _Reading, names: list[str], table: list[tuple[int, list[str]]], sha256: str
) -> Cohort:
    implied = _implied()
    months, events, inputs = [], [], []
    for row, cells in table:
        by_name = dict(zip(names, cells, strict=True))
        events.append(reading.first_event(row, by_name[FIRST_EVENT_COLUMN]))
        months.append(reading.months(row, by_name[MONTHS_COLUMN]))
        read = {
            name: reading.value(row, QUANTITIES[name], cell)
            for name, cell in by_name.items()
            if name in QUANTITIES
        }
        inputs.append({**implied, **read})
    if reading.problems:
        raise CohortError(tuple(sorted(reading.problems)))
    return Cohort(
        inputs=tuple(inputs),
        follow_up=FollowUp(np.array(months), np.array(events, dtype=np.int64)),
        rows=tuple(row for row, _ in table),
        absent_columns=tuple(
            need.quantity.name for need in reading.model.needs if need.quantity.name not in names
        ),
        sha256=sha256,
    )
