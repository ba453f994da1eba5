"""docs/cards.md held against the code: each row of its table is run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cds_service.advice.catalogue import ADVICE
from cds_service.advice.consultation import Repeat
from tests.spec.card_scenarios import SCENARIOS

WORDS_OF_REPEAT = {
    Repeat.ALWAYS: "never",
    Repeat.ON_CHANGE: "on change",
    Repeat.ONCE_PER_SESSION: "once per session",
}


def _rows() -> list[tuple[str, ...]]:
    text = (Path(__file__).parents[2] / "docs" / "cards.md").read_text(encoding="utf-8")
    table = text.split("| service |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in table]


@pytest.mark.parametrize(
    ("service", "trigger", "card", "indicator", "quiet"),
    [pytest.param(*row, id=f"{row[0]}: {row[1]}") for row in _rows()],
)
def test_each_row_is_what_the_code_does(
    service: str, trigger: str, card: str, indicator: str, quiet: str
) -> None:
    """A row's trigger gives exactly the card, the indicator and the repetition it names."""
    advice = next(item for item in ADVICE if service.startswith(f"{item.name}-"))
    hook = service.removeprefix(f"{advice.name}-")

    proposals = advice.advise(SCENARIOS[advice.name, trigger](hook))

    if card == "none":
        assert proposals == ()
        assert (indicator, quiet) == ("none", "always")
    else:
        assert [item.kind for item in proposals] == [card]
        assert proposals[0].card.indicator.value == indicator
        assert WORDS_OF_REPEAT[proposals[0].repeat] == quiet


def test_the_table_names_every_service_and_every_scenario() -> None:
    """No service id and no trigger is missing from the table."""
    services = {row[0] for row in _rows()}
    assert services == {f"{item.name}-{hook}" for item in ADVICE for hook in item.hooks}
    told = {(_advice_of(row[0]), row[1]) for row in _rows()}
    assert told == set(SCENARIOS)


def _advice_of(service: str) -> str:
    return next(item.name for item in ADVICE if service.startswith(f"{item.name}-"))


@pytest.mark.parametrize(("advice", "trigger"), list(SCENARIOS))
def test_without_hcc_there_is_no_card_at_all(advice: str, trigger: str) -> None:
    """A patient without HCC gets no card, whatever is ordered."""
    for item in ADVICE:
        for hook in item.hooks if item.name == advice else ():
            given = SCENARIOS[advice, trigger](hook)
            record = replace(given.record, has_hcc=False)
            assert item.advise(replace(given, record=record)) == ()
