"""The worked examples of the additive models: tables a clinician can read, and their reader.

Left of `||` stands what is known of one patient, right of it what the model answers. A dash is
"not recorded", "not yet" is "cannot exist yet", ">25" and "<500" are values as a laboratory sends
them, "4.8 or 5.3" are records that disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from models.inputs import Input, between, exactly, not_yet_knowable, one_of_numbers, unknown
from models.outcome import NotApplicable, Outcome, PointsSoFar, RiskEstimate, Span
from models.quantities import quantity
from models.registry import MODELS

__all__ = ["COLUMNS", "Row", "Section", "answer_cells", "read_rows", "read_sections"]

COLUMNS = {
    "age": "age_years",
    "AFP": "afp_ng_ml",
    "size": "tumour_size_cm",
    "number": "tumour_number",
    "vascular": "macrovascular_invasion",
    "capsule": "capsule",
    "MVI": "microvascular_invasion",
    "Ki67": "ki67_percent",
    "complication": "complication",
    "rupture": "rupture",
    "satellites": "satellites",
    "margin": "margin_cm",
    "transfusion": "transfusion",
    "resection": "resection",
    "months": "months_since_resection",
    "transplant": "liver_transplantation",
    "other cancer": "other_liver_cancer",
    "residual": "residual_tumour",
    "extrahepatic": "extrahepatic_disease",
    "recurrence": "recurrence",
    "earlier resection": "earlier_resection",
    "earlier treatment": "earlier_treatment",
    "Child-Pugh": "child_pugh_class",
    "hepatitis B": "hbv",
    "HCC": "hcc",
}


@dataclass(frozen=True)
class Section:
    """One table with the sentence it stands for; `given` holds for all its rows."""

    model_id: str
    title: str
    sentence: str
    lines: tuple[str, ...]
    given: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One patient of a table."""

    section: Section
    inputs: Mapping[str, Input]
    expected: Mapping[str, str]
    text: str

    @property
    def outcome(self) -> Outcome:
        """What the model answers."""
        return MODELS[self.section.model_id].evaluate(self.inputs)


def read_rows(section: Section) -> Iterator[Row]:
    """Yield the patients of a table."""
    header, *lines = section.lines
    left, right = ([cell.strip() for cell in side.split("|")] for side in header.split("||"))
    for line in lines:
        known, answers = ([cell.strip() for cell in side.split("|")] for side in line.split("||"))
        cells = {**section.given, **dict(zip(left, known, strict=True))}
        inputs = {COLUMNS[name]: _input(COLUMNS[name], cell) for name, cell in cells.items()}
        yield Row(section, inputs, dict(zip(right, answers, strict=True)), line)


def _input(name: str, cell: str) -> Input:
    known = quantity(name)
    if cell == "-":
        return unknown(known)
    if cell == "not yet":
        return not_yet_knowable(known)
    if cell.startswith(">"):
        return between(known, Decimal(cell[1:]), lower_open=True)
    if cell.startswith("<"):
        return between(known, None, Decimal(cell[1:]), upper_open=True)
    if " or " in cell:
        return one_of_numbers(known, [Decimal(part) for part in cell.split(" or ")])
    return exactly(known, cell)


def _span(span: Span, scale: float = 1.0, decimals: int = 1) -> str:
    low, high = (f"{scale * end:.{decimals}f}" for end in (span.lower, span.upper))
    return low if low == high else f"{low} to {high}"


def answer_cells(outcome: Outcome) -> dict[str, str]:
    """Return an answer in the words of the tables."""
    if isinstance(outcome, NotApplicable):
        return {"answer": "not applicable: " + "; ".join(outcome.reasons)}
    if isinstance(outcome, PointsSoFar):
        return {
            "points": _span(outcome.points),
            "of": f"{outcome.knowable_points:.1f}",
            "still to come": f"{outcome.still_to_come_points:.1f}",
        }
    if not isinstance(outcome, RiskEstimate):
        raise TypeError("the tables hold additive models only")
    settle = ", ".join(
        f"{quantity(item.input_name).label} ({item.settles_class})" for item in outcome.would_settle
    )
    cells = {
        "points": _span(outcome.points),
        "risk %": _span(outcome.risk, 100.0),
        "class": outcome.risk_class or " or ".join(outcome.possible_classes),
        "would settle the class": settle or "nothing open",
        "answer": "; ".join(outcome.warnings) or "no warning",
        "beyond the data": {
            (False, False): "no",
            (False, True): "upper end",
            (True, True): "yes",
        }[outcome.beyond_data, outcome.upper_beyond_data],
    }
    if outcome.confidence_interval is not None:
        cells["95 % CI"] = _span(outcome.confidence_interval, 100.0, 0)
    if outcome.reconstruction_range is not None:
        cells["baseline range"] = _span(outcome.reconstruction_range, 100.0)
    return cells


def read_sections(model_id: str) -> Iterator[Section]:
    """Yield the tables of one model from its file in `tables/`."""
    text = (Path(__file__).parent / "tables" / f"{model_id}.txt").read_text(encoding="utf-8")
    for block in text.split("# ")[1:]:
        title, sentence, given, *lines = [line for line in block.splitlines() if line.strip()]
        pairs = given.removeprefix("given: ").split(", ")
        yield Section(
            model_id, title, sentence, tuple(lines), dict(pair.split("=") for pair in pairs)
        )
