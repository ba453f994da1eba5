"""The worked examples of the additive models, null first; the tables stand in `tables/`."""

from __future__ import annotations

import pytest

from models.registry import PARAMETERS
from tests.spec.model_tables import Row, answer_cells, read_rows, read_sections

ROWS = [
    pytest.param(row, id=f"{model_id}: {section.title}: {number}")
    for model_id in PARAMETERS
    for section in read_sections(model_id)
    for number, row in enumerate(read_rows(section), start=1)
]


@pytest.mark.parametrize("row", ROWS)
def test_the_model_answers_as_the_table_says(row: Row) -> None:
    """Every row of every table: what is known of a patient, and what the model answers."""
    answered = answer_cells(row.outcome)
    assert {name: answered[name] for name in row.expected} == dict(row.expected)


@pytest.mark.parametrize("model_id", PARAMETERS)
def test_the_first_example_knows_nothing(model_id: str) -> None:
    """Null first: the first table of each model begins with a patient of whom nothing is known."""
    section = next(read_sections(model_id))
    first = next(read_rows(section))
    cells = section.lines[1].split("||")[0].split("|")
    assert {cell.strip() for cell in cells} == {"-"}
    assert " to " in first.expected["risk %"]


@pytest.mark.parametrize("model_id", PARAMETERS)
def test_every_cut_is_shown_from_both_sides(model_id: str) -> None:
    """A table per model stands on the cuts themselves, and one on applicability."""
    titles = [section.title for section in read_sections(model_id)]
    assert titles[0] == "From nothing known to everything known"
    assert {"Both sides of every cut", "To whom it applies"} <= set(titles)
