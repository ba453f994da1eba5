"""The conditions under which adjuvant TACE or HAIC may be drafted: each known and met, or no draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cds_service.cards.words import describe_input, escape
from cds_service.guideline_profile import Draft
from fhir_mapping.findings import Selected
from models.inputs import Input, Knowledge
from models.quantities import ABSENT, PRESENT

__all__ = [
    "CONDITION_INPUTS",
    "Condition",
    "ConditionState",
    "all_met",
    "condition_lines",
    "conditions_for",
]

# Those that no model asks for; the others come with the models' inputs.
CONDITION_INPUTS = (
    "residual_tumour",
    "child_pugh_class",
    "recurrence",
    "liver_failure",
    "bile_leak",
    "ascites",
)
SMALLEST_FOR_TACE_CM = Decimal("5.0")


class ConditionState(StrEnum):
    """What the record says of one condition."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, with what the record says of it."""

    label: str
    state: ConditionState
    why: str


_SHARED = (
    ("R0 resection", "residual_tumour", frozenset({"R0"})),
    ("MVI present", "microvascular_invasion", frozenset({PRESENT})),
    ("Child-Pugh A", "child_pugh_class", frozenset({"A"})),
    ("no recurrence", "recurrence", frozenset({ABSENT})),
    ("no liver failure", "liver_failure", frozenset({ABSENT})),
    ("no bile leak", "bile_leak", frozenset({ABSENT})),
    ("no uncontrolled ascites", "ascites", frozenset({"none", "slight"})),
)

# What follows for a condition that nothing on record speaks of. Ours: a bile leak and a liver failure
# of the index stay are complications of it, and with moderate ascites a Child-Pugh sum is 7 or more.
_FOLLOWS = {
    "liver_failure": (
        (("complication", ABSENT), ("child_pugh_class", "A")),
        "no complication of the index stay, Child-Pugh A",
    ),
    "bile_leak": ((("complication", ABSENT),), "no complication of the index stay"),
    "ascites": ((("child_pugh_class", "A"),), "Child-Pugh A leaves at most slight ascites"),
}


def conditions_for(draft: Draft, selected: Mapping[str, Selected]) -> tuple[Condition, ...]:
    """Return the conditions of one therapy with what the record says of each."""
    shared = tuple(_shared(label, name, good, selected) for label, name, good in _SHARED)
    if draft is not Draft.TACE:
        return shared
    number, size = selected.get("tumour_number"), selected.get("tumour_size_cm")
    return (
        *shared,
        _of_number("solitary tumour, TACE only", number, upper=Decimal(1)),
        _of_number("5 cm or larger, TACE only", size, lower=SMALLEST_FOR_TACE_CM),
    )


def all_met(conditions: tuple[Condition, ...]) -> bool:
    """Tell whether every condition is known and met."""
    return all(condition.state is ConditionState.MET for condition in conditions)


def condition_lines(conditions: tuple[Condition, ...]) -> list[str]:
    """Return the conditions as lines of a card, one for each state that occurs."""
    lines = []
    for state in ConditionState:
        found = [f"{item.label} ({escape(item.why)})" for item in conditions if item.state is state]
        if found:
            lines.append(f"{state.value}: {', '.join(found)}")
    return lines


def _shared(
    label: str, name: str, good: frozenset[str], selected: Mapping[str, Selected]
) -> Condition:
    condition = _of_category(label, selected.get(name), good)
    if name not in _FOLLOWS or not _says_nothing(selected.get(name)):
        return condition
    premises, why = _FOLLOWS[name]
    if all(_is(selected.get(premise), value) for premise, value in premises):
        return Condition(label, ConditionState.MET, why)
    return condition


def _says_nothing(selected: Selected | None) -> bool:
    return selected is None or (
        selected.value.knowledge is Knowledge.UNKNOWN
        and not selected.used
        and not selected.rejected
    )


def _is(selected: Selected | None, value: str) -> bool:
    """Tell whether a premise is recorded; what only follows from an empty list is no premise."""
    return selected is not None and selected.value.value == value and bool(selected.used)


def _of_category(label: str, selected: Selected | None, good: frozenset[str]) -> Condition:
    if selected is None:
        return Condition(label, ConditionState.UNKNOWN, "not recorded")
    known = selected.value
    if known.categories <= good:
        state = ConditionState.MET
    elif known.categories & good:
        state = ConditionState.UNKNOWN
    else:
        state = ConditionState.NOT_MET
    return Condition(label, state, _why(known, state))


def _of_number(
    label: str,
    selected: Selected | None,
    *,
    lower: Decimal | None = None,
    upper: Decimal | None = None,
) -> Condition:
    if selected is None:
        return Condition(label, ConditionState.UNKNOWN, "not recorded")
    known = selected.value
    least, most = known.numbers[0].lower, known.numbers[-1].upper
    inside = (lower is None or least >= lower) and (upper is None or most <= upper)
    # An open end exactly at the limit cannot be met: "below 5 cm" ends at 5 without reaching it.
    short = lower is not None and (most < lower or (most == lower and known.numbers[-1].upper_open))
    long = upper is not None and (least > upper or (least == upper and known.numbers[0].lower_open))
    if inside:
        state = ConditionState.MET
    else:
        state = ConditionState.NOT_MET if short or long else ConditionState.UNKNOWN
    return Condition(label, state, _why(known, state))


def _why(known: Input, state: ConditionState) -> str:
    if state is ConditionState.UNKNOWN and known.reason:
        return known.reason
    return describe_input(known)
