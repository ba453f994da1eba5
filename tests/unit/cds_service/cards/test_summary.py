"""Summaries: what they say, and how they become shorter."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest

from cds_service.cards.assessed import Assessed
from cds_service.cards.phrases import (
    after_resection_summary,
    caution_summary,
    reason_part,
    surveillance_summary,
)
from cds_service.cards.summary import SUMMARY_LIMIT, Part, fit
from fhir_mapping.findings import Selected
from models.inputs import unknown
from models.outcome import RiskEstimate, Span, UnknownRange
from models.quantities import QUANTITIES
from tests.unit.cds_service.consultations import (
    HPR_AFTER,
    METASTASIS,
    contribution,
    known,
    metastasis_risk,
    narrowing,
    recurrence_risk,
    refusal,
)

SINCE = "2026-09-01"


def _assessed(estimate: RiskEstimate, reason: str = "not recorded") -> Assessed:
    selected = {name: Selected(unknown(item, reason)) for name, item in QUANTITIES.items()}
    return Assessed(estimate, selected)


def _caution(estimate: RiskEstimate, reason: str = "not recorded") -> str:
    return caution_summary(estimate, _assessed(estimate, reason))


def test_a_range_because_of_one_unknown_input() -> None:
    """The sentence of the issue, word by word."""
    assert _caution(recurrence_risk()) == (
        "Early recurrence (4 mo): 26-49 % depending on capsule (not recorded); high class; "
        "re-estimated model"
    )


def test_a_point_is_never_without_its_confidence_interval() -> None:
    """A known risk carries its 95 % interval."""
    assert _caution(recurrence_risk(0.42, None)) == (
        "Early recurrence (4 mo): 42 % (95 % CI 12-66 %); high class; re-estimated model"
    )


def test_two_unknown_inputs_share_their_reason() -> None:
    """Two inputs with one reason say it once, with two reasons each."""
    two = recurrence_risk(missing=(narrowing("capsule"), narrowing("afp_ng_ml")))
    assert "depending on capsule and AFP (not recorded); high class" in _caution(two)
    other = _assessed(two)
    selected = dict(other.selected) | {
        "afp_ng_ml": Selected(unknown(QUANTITIES["afp_ng_ml"], "no unit"))
    }
    assert "depending on capsule (not recorded) and AFP (no unit)" in caution_summary(
        two, Assessed(two, selected)
    )


def test_many_unknown_inputs_are_counted() -> None:
    """With three or more only the most helpful one is named."""
    missing = tuple(narrowing(name) for name in ("capsule", "afp_ng_ml", "tumour_number"))
    assert "depending on capsule and 2 more inputs not known" in _caution(
        recurrence_risk(missing=missing)
    )


@pytest.mark.parametrize(
    ("settles", "asks"),
    [
        ("always", "recording capsule would settle it"),
        ("sometimes", "recording capsule may settle it"),
        ("never", "record capsule first"),
    ],
)
def test_a_class_that_is_not_settled_asks_for_one_input(settles: str, asks: str) -> None:
    """The card names the one input that would settle the class."""
    sentence = _caution(recurrence_risk(risk_class=None, missing=(narrowing("capsule", settles),)))
    assert asks in sentence
    assert "class not settled (low to high)" in sentence


def test_the_input_that_settles_comes_before_the_one_that_narrows() -> None:
    """An input that always settles the class is asked for, even if another narrows the range more."""
    missing = (narrowing("afp_ng_ml", "sometimes"), narrowing("capsule", "always"))
    assert "record capsule" in _caution(recurrence_risk(risk_class=None, missing=missing)).replace(
        "recording", "record"
    )


def test_a_class_not_settled_without_unknown_inputs_asks_for_nothing() -> None:
    """Where no input is unknown there is nothing to ask for."""
    settled = (contribution("afp_ng_ml", 41.2),)
    sentence = _caution(recurrence_risk(risk_class=None, missing=(), contributions=settled))
    assert sentence == (
        "Early recurrence (4 mo): 26-49 % depending on what is unknown; "
        "class not settled (low to high); re-estimated model"
    )


def test_a_value_that_says_nothing_to_the_model_is_named() -> None:
    """A capsule recorded as incomplete leaves the range open, and the sentence says why."""
    estimate = recurrence_risk(missing=())
    selected = dict(_assessed(estimate).selected) | {"capsule": known("capsule", "incomplete")}
    assert "depending on capsule (recorded as incomplete); high class" in caution_summary(
        estimate, Assessed(estimate, selected)
    )


def test_a_point_without_interval_says_only_the_risk() -> None:
    """A site's model without draws says that its interval is not known."""
    bare = recurrence_risk(0.42, None, confidence_interval=None)
    assert _caution(bare) == (
        "Early recurrence (4 mo): 42 % (no 95 % CI known); high class; re-estimated model"
    )


def test_after_surgery_both_models_and_the_date_are_said() -> None:
    """The sentence after surgery names both results, the status and the date counted from."""
    first = _assessed(recurrence_risk(0.42, None, provenance=HPR_AFTER))
    sentence = after_resection_summary([first, _assessed(metastasis_risk())], SINCE)
    assert sentence == (
        "Early recurrence: 42 % (95 % CI 12-66 %); high class; "
        "metastasis 186 points, intermediate; from 2026-09-01; re-estimated/reconstructed"
    )


def test_after_the_first_horizon_the_metastasis_score_stands_alone() -> None:
    """A model that gave no number is not in the sentence."""
    passed = Assessed(refusal("horizon passed", provenance=HPR_AFTER), {})
    assert after_resection_summary([passed, _assessed(metastasis_risk())], SINCE) == (
        "Distant metastasis (12 mo): 186 points, intermediate class; counted from 2026-09-01; "
        "reconstructed model"
    )


def test_overdue_imaging_comes_first() -> None:
    """An overdue follow-up is the first thing the surveillance card says."""
    sentence = surveillance_summary(_assessed(metastasis_risk(None)), SINCE, date(2026, 3, 1))
    assert sentence.startswith("Imaging overdue: none on record since 2026-03-01; ")
    assert "low to intermediate" in sentence


def test_overdue_after_the_horizon_shows_no_score() -> None:
    """After the horizon only the overdue imaging is said."""
    passed = Assessed(refusal("horizon passed", provenance=METASTASIS), {})
    assert surveillance_summary(passed, SINCE, date(2026, 3, 1)) == (
        "Imaging overdue: none on record since 2026-03-01; "
        "metastasis score not shown: horizon passed"
    )


def test_beyond_the_data_only_the_side_is_said() -> None:
    """A risk beyond the data is "over 50 %", not a number."""
    beyond = recurrence_risk(beyond_data=True)
    assert "over 50 % (beyond the data)" in _caution(beyond)
    partly = recurrence_risk(upper_beyond_data=True)
    assert "26 % to over 50 % (beyond the data)" in _caution(partly)


def test_reasons_are_joined_or_counted() -> None:
    """All reasons if they fit, else the first and how many more."""
    long = "another or mixed liver cancer is on the problem list of this patient since the year"
    assert fit((reason_part(["under 18 years", "liver transplantation"]),)) == (
        "under 18 years and liver transplantation"
    )
    assert fit((reason_part([long, long + "s", "x"]),)) == f"{long} (and 2 more)"
    assert fit((reason_part([]),)) == "reason not stated"


def test_the_least_important_part_yields_first() -> None:
    """Parts shorten from the lowest weight, and of equal weight from the end."""
    parts = (Part(("aaaa", "aa"), 1), Part(("bbbb", "bb"), 1), Part(("cccc", "cc"), 2))
    assert fit(parts, "-", limit=14) == "aaaa-bbbb-cccc"
    assert fit(parts, "-", limit=13) == "aaaa-bb-cccc"
    assert fit(parts, "-", limit=11) == "aa-bb-cccc"
    assert fit(parts, "-", limit=8) == "aa-bb-cc"


def test_a_part_may_vanish() -> None:
    """An empty last wording leaves no separator behind."""
    assert fit((Part(("keep",), 2), Part(("go", ""), 1)), "; ", limit=5) == "keep"


def test_comparison_signs_become_words() -> None:
    """No angle bracket stands in a summary."""
    assert fit((Part(("AFP >1210 and <script>",)),)) == "AFP above 1210 and below scriptabove"


@pytest.mark.parametrize("risk_class", ["intermediate", None])
@pytest.mark.parametrize("reason", ["not recorded", "conflict: 4.8 and 5.3 cm", "word " * 60])
def test_every_combination_of_unknown_inputs_fits(reason: str, risk_class: str | None) -> None:
    """Whatever is unknown and why, a summary has at most 139 characters and ends in a whole word."""
    names = [
        "age_years", "afp_ng_ml", "tumour_size_cm", "tumour_number", "macrovascular_invasion",
        "capsule", "microvascular_invasion", "ki67_percent", "complication", "margin_cm",
    ]  # fmt: skip
    for count in (1, 2, 3):
        for chosen in combinations(names, count):
            missing = tuple(narrowing(name, "sometimes") for name in chosen)
            first = _assessed(
                recurrence_risk(0.004, 0.999, risk_class, missing, provenance=HPR_AFTER),
                reason,
            )
            second = _assessed(
                metastasis_risk(
                    risk_class,
                    points=Span(113.2, 492.2),
                    risk=UnknownRange(0.02, 0.9),
                    upper_beyond_data=True,
                    would_settle=missing,
                ),
                reason,
            )
            for sentence in (
                caution_summary(first.outcome, first),  # type: ignore[arg-type]
                after_resection_summary([first, second], "an operation without a date"),
                surveillance_summary(second, SINCE, date(2026, 3, 1)),
            ):
                assert len(sentence) <= SUMMARY_LIMIT
                assert not sentence.endswith((";", "(", " "))
