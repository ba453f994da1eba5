"""The measurement of the reader of reports, and the page that shows it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from fhir_mapping.narrative.decisions import DECISIONS, SIDES
from fhir_mapping.narrative.reader import read_text
from fhir_mapping.narrative.statements import Amount
from tests.narrative_accuracy import (
    CONCEPTS,
    GOAL_PRECISION,
    GOAL_RECALL,
    LANGUAGES,
    Counts,
    agrees,
    is_opposite,
    main,
    measure,
    snippets_of,
    wilson,
)
from tests.narrative_page import all_rules, rendered

ROOT = Path(__file__).parents[3]


def test_the_page_is_current() -> None:
    """docs/narrative.md shows the figures of the rules as they are (else: make docs)."""
    for path, text in rendered().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"{path} is stale: make docs"


def test_the_rules_reach_the_goals_on_the_development_half() -> None:
    """On the texts that the rules were made on, both goals hold for each concept and language."""
    measured = measure("development")
    assert set(measured.counts) == {(lang, name) for lang in LANGUAGES for name in CONCEPTS}
    for part, counts in measured.counts.items():
        assert counts.right >= GOAL_PRECISION * counts.read, part
        assert counts.right >= GOAL_RECALL * counts.expected, part


def test_no_finding_of_the_development_half_is_read_as_its_opposite() -> None:
    """Absent is never read as there, nor what is there as absent: the worst error of all."""
    assert measure("development").opposite == {"en": 0, "zh": 0}


@pytest.mark.parametrize(
    ("expected", "read", "opposite"),
    [
        ("absent", "present", True),
        ("incomplete", "absent", True),
        ("present", "uncertain", False),
        ("complete", "incomplete", False),
        ("absent", None, False),
        (None, "present", False),
        ({"low": "1"}, "absent", False),
    ],
)
def test_which_values_are_opposite(expected: object, read: object, opposite: bool) -> None:
    """Only absent against a value that says that it is there; what was not read is no opposite."""
    assert is_opposite(expected, read) is opposite


def test_every_rule_of_a_finding_can_be_looked_up() -> None:
    """Each part of the rule beside a finding is a row of the page: a rule or a decision."""
    known = {*DECISIONS, *(name for rules in all_rules().values() for name in rules)}
    known |= {name + side for name in known if name.startswith("said-") for side in SIDES}
    used = {
        part
        for language in LANGUAGES
        for snippet in snippets_of("development", language)
        for found in read_text(snippet["text"])
        for part in found.rule.split("/")
    }
    assert used - known == set()


def test_the_wilson_interval_is_the_published_one() -> None:
    """4 of 95 and 40 of 85 give the intervals of the evidence file; no trial says nothing."""
    assert [round(end, 2) for end in wilson(4, 95)] == [0.02, 0.10]
    assert [round(end, 2) for end in wilson(40, 85)] == [0.37, 0.58]
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("expected", "found", "agree"),
    [
        ("present", "present", True),
        ("present", "absent", False),
        ({"low": "2"}, Amount(Decimal(2), None), True),
        ({"low": "2"}, Amount(Decimal(2), Decimal(2)), False),
        ({"low": "0.5", "high": "0.5"}, Amount(Decimal("0.50"), Decimal("0.50")), True),
        ({"low": "0", "high": "5", "high_open": True}, Amount(Decimal(0), Decimal(5)), False),
        ({"low": "5", "high": "5"}, "present", False),
    ],
)
def test_a_finding_agrees_only_with_the_same_value(
    expected: str | dict[str, object], found: str | Amount, agree: bool
) -> None:
    """Ends, openness and hot spot must all be the same."""
    assert agrees(expected, found) is agree


def test_counts_add_up() -> None:
    """What is right and wrong was read; what is right and missed was expected."""
    counts = Counts(3, 1, 2)
    counts.add(Counts(1, 0, 0))
    assert (counts.read, counts.expected) == (5, 6)


def test_rules_are_named() -> None:
    """Every module that reads has named rules."""
    rules = all_rules()
    assert {"cues", "mentions", "scope", "corrections", "ki67", "lengths", "number"} <= set(rules)
    assert "tumour-thrombus" in rules["vessels"]


def test_the_errors_of_the_held_back_half_are_never_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Asked for its errors, the held-back half still prints counts alone."""
    assert main(["--held-back", "--errors"]) == 0
    lines = capsys.readouterr().out.splitlines()
    counts, opposites = lines[: -len(LANGUAGES)], lines[-len(LANGUAGES) :]
    assert len(counts) == len(LANGUAGES) * len(CONCEPTS)
    assert all(" precision " in line and " recall " in line for line in counts)
    assert all(re.fullmatch(r"(en|zh) opposite values \d+", line) for line in opposites)
