"""The conditions of an adjuvant draft: each known and met, or no draft."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.advice.adjuvant_conditions import (
    Condition,
    ConditionState,
    all_met,
    condition_lines,
    conditions_for,
)
from cds_service.guideline_profile import Draft
from fhir_mapping.findings import Evidence, Finding, Rejected, Selected
from models.inputs import Input, between, exactly, one_of, one_of_numbers, unknown
from models.quantities import quantity

ALL_MET = {
    "residual_tumour": "R0",
    "microvascular_invasion": "present",
    "child_pugh_class": "A",
    "recurrence": "absent",
    "liver_failure": "absent",
    "bile_leak": "absent",
    "ascites": "slight",
    "tumour_number": 1,
    "tumour_size_cm": Decimal("5.0"),
}
LABELS = {
    "residual_tumour": "R0 resection",
    "microvascular_invasion": "MVI present",
    "child_pugh_class": "Child-Pugh A",
    "recurrence": "no recurrence",
    "liver_failure": "no liver failure",
    "bile_leak": "no bile leak",
    "ascites": "no uncontrolled ascites",
    "tumour_number": "solitary tumour, TACE only",
    "tumour_size_cm": "5 cm or larger, TACE only",
}


def _selected(**changed: Input | None) -> dict[str, Selected]:
    inputs: dict[str, Input | None] = {
        name: exactly(quantity(name), value) for name, value in ALL_MET.items()
    }
    return {name: Selected(value) for name, value in (inputs | changed).items() if value}


def _recorded(value: Input) -> Selected:
    """Return an input that rests on a resource."""
    finding = Finding(value.quantity.name, value, Evidence("Observation/1"))
    return Selected(value, (finding,))


def _condition(name: str, changed: Input | None) -> Condition:
    found = conditions_for(Draft.TACE, _selected(**{name: changed}))
    return next(item for item in found if item.label == LABELS[name])


def test_all_conditions_met_allow_both_drafts() -> None:
    """R0, MVI, Child-Pugh A, nothing that forbids it; TACE also solitary and exactly 5 cm."""
    assert all_met(conditions_for(Draft.TACE, _selected()))
    assert all_met(conditions_for(Draft.HAIC, _selected()))
    assert [item.label for item in conditions_for(Draft.TACE, _selected())] == list(LABELS.values())


def test_haic_asks_neither_for_size_nor_for_number() -> None:
    """Size and number are conditions of TACE only."""
    selected = _selected(tumour_size_cm=None, tumour_number=None)
    assert all_met(conditions_for(Draft.HAIC, selected))
    assert not all_met(conditions_for(Draft.TACE, selected))


@pytest.mark.parametrize(
    ("name", "value", "state", "why"),
    [
        ("residual_tumour", one_of(quantity("residual_tumour"), ["R0", "R1"], "margin not stated"), "unknown", "margin not stated"),
        ("residual_tumour", exactly(quantity("residual_tumour"), "R1"), "not met", "R1"),
        ("microvascular_invasion", exactly(quantity("microvascular_invasion"), "absent"), "not met", "absent"),
        ("child_pugh_class", exactly(quantity("child_pugh_class"), "B"), "not met", "B"),
        ("child_pugh_class", None, "unknown", "not recorded"),
        ("recurrence", unknown(quantity("recurrence"), "none recorded, which is no proof of none"), "unknown", "none recorded, which is no proof of none"),
        ("liver_failure", exactly(quantity("liver_failure"), "present"), "not met", "present"),
        ("ascites", exactly(quantity("ascites"), "moderate"), "not met", "moderate"),
        ("ascites", one_of(quantity("ascites"), ["none", "slight"]), "met", "none or slight"),
        ("tumour_number", exactly(quantity("tumour_number"), 2), "not met", "2"),
        ("tumour_number", None, "unknown", "not recorded"),
        ("tumour_number", between(quantity("tumour_number"), Decimal(1), lower_open=True), "not met", "above 1"),
        ("tumour_size_cm", exactly(quantity("tumour_size_cm"), Decimal("4.9")), "not met", "4.9 cm"),
        ("tumour_size_cm", between(quantity("tumour_size_cm"), upper=Decimal(5), upper_open=True), "not met", "below 5 cm"),
        ("tumour_size_cm", between(quantity("tumour_size_cm"), upper=Decimal(5)), "unknown", "up to 5 cm"),
        ("tumour_size_cm", between(quantity("tumour_size_cm"), Decimal(5)), "met", "at least 5 cm"),
        ("tumour_size_cm", one_of_numbers(quantity("tumour_size_cm"), [Decimal("4.8"), Decimal("5.3")], "conflict: 4.8 and 5.3 cm"), "unknown", "conflict: 4.8 and 5.3 cm"),
    ],
)  # fmt: skip
def test_what_the_record_says_of_one_condition(
    name: str, value: Input | None, state: str, why: str
) -> None:
    """A condition is met, not met or unknown, with the value or the reason; unknown is not no."""
    condition = _condition(name, value)
    assert (condition.state.value, condition.why) == (state, why)
    assert (state == "met") == all_met(conditions_for(Draft.TACE, _selected(**{name: value})))


def test_no_complication_and_child_pugh_a_rule_out_what_forbids_a_draft() -> None:
    """Where nothing speaks of leak, failure or ascites they follow, and say from what."""
    absent = exactly(quantity("complication"), "absent")
    selected = _selected(liver_failure=None, bile_leak=None, ascites=None)
    selected["complication"] = _recorded(absent)
    selected["child_pugh_class"] = _recorded(exactly(quantity("child_pugh_class"), "A"))
    found = {item.label: item for item in conditions_for(Draft.HAIC, selected)}
    assert all_met(tuple(found.values()))
    assert found["no liver failure"].why == "no complication of the index stay, Child-Pugh A"
    assert found["no bile leak"].why == "no complication of the index stay"
    assert found["no uncontrolled ascites"].why == "Child-Pugh A leaves at most slight ascites"


def test_nothing_follows_from_an_empty_list_of_complications() -> None:
    """What is none recorded may settle an input of a model; it is no ground for a draft."""
    absent = exactly(quantity("complication"), "absent")
    selected = _selected(liver_failure=None, bile_leak=None, complication=absent)
    states = {item.label: item.state for item in conditions_for(Draft.HAIC, selected)}
    assert states["no bile leak"] is ConditionState.UNKNOWN
    assert states["no liver failure"] is ConditionState.UNKNOWN


def test_nothing_follows_from_an_unknown_complication_or_from_a_rejected_finding() -> None:
    """Without a known absence, or with something on record that could not be used, it stays unknown."""
    selected = _selected(bile_leak=None, liver_failure=None)
    states = {item.label: item.state for item in conditions_for(Draft.HAIC, selected)}
    assert states["no bile leak"] is ConditionState.UNKNOWN
    assert states["no liver failure"] is ConditionState.UNKNOWN

    leak = quantity("bile_leak")
    odd = Rejected("bile_leak", Evidence("Condition/1"), "of unknown date")
    selected = _selected(complication=exactly(quantity("complication"), "absent"))
    selected["bile_leak"] = Selected(unknown(leak, "of unknown date"), (), (odd,))
    states = {item.label: item.state for item in conditions_for(Draft.HAIC, selected)}
    assert states["no bile leak"] is ConditionState.UNKNOWN


def test_conditions_are_listed_by_state() -> None:
    """The card has one line for each state that occurs, every text escaped."""
    conditions = (
        Condition("a", ConditionState.MET, "x"),
        Condition("b", ConditionState.UNKNOWN, "a|b"),
        Condition("c", ConditionState.MET, "y"),
    )
    assert condition_lines(conditions) == ["met: a (x), c (y)", r"unknown: b (a\|b)"]
