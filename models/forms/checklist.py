"""Checklists: each flag on its own, over the set of values its input may have."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from models.forms.sets import common
from models.forms.terms import possible_numbers
from models.inputs import Input, Interval, Knowledge, unknown
from models.outcome import ChecklistItem, ItemState
from models.quantities import ABSENT, PRESENT, quantity
from models.rule_set import Flag, RuleSet

__all__ = ["flag_item", "flag_state", "state_by_cut"]

_INFINITY = Decimal("Infinity")


def state_by_cut(known: Input, flag: Flag) -> ItemState:
    """Judge a number by its cut: strictly above, from it on, or up to it.

    "Up to" with a second cut has a state between: met in some studies.
    """
    if flag.cut is None:
        raise ValueError(f"flag {flag.key} has no cut")
    cut = flag.cut.value
    if flag.rule == "up-to":
        regions = [(ItemState.PRESENT, Interval(-_INFINITY, cut))]
        last = cut if flag.cut_in_some_studies is None else flag.cut_in_some_studies.value
        if last > cut:
            regions.append((ItemState.IN_SOME_STUDIES, Interval(cut, last, lower_open=True)))
        regions.append((ItemState.ABSENT, Interval(last, _INFINITY, lower_open=True)))
    else:
        strict = flag.rule == "above"
        regions = [
            (ItemState.PRESENT, Interval(cut, _INFINITY, lower_open=strict)),
            (ItemState.ABSENT, Interval(-_INFINITY, cut, upper_open=not strict)),
        ]
    states = {
        state
        for state, region in regions
        if any(common(part, region) is not None for part in possible_numbers(known))
    }
    return states.pop() if len(states) == 1 else ItemState.UNKNOWN


def flag_state(flag: Flag, known: Input) -> ItemState:
    """Return what the checklist can say of one flag; unknown unless every possible value agrees."""
    if flag.rule == "shown":
        blank = known.knowledge in (Knowledge.UNKNOWN, Knowledge.NOT_YET_KNOWABLE)
        return ItemState.UNKNOWN if blank else ItemState.SHOWN
    if flag.rule in {"above", "from", "up-to"}:
        return state_by_cut(known, flag)
    wanted = frozenset(flag.categories or ((PRESENT,) if flag.rule == "present" else (ABSENT,)))
    hit = known.categories & wanted
    if hit == known.categories:
        return ItemState.PRESENT
    return ItemState.UNKNOWN if hit else ItemState.ABSENT


def flag_item(flag: Flag, rules: RuleSet, inputs: Mapping[str, Input]) -> ChecklistItem:
    """Return one line of the checklist, with the words of its source."""
    known = inputs.get(flag.input) or unknown(quantity(flag.input))
    return ChecklistItem(
        input_names=(flag.input,),
        label=flag.label,
        state=flag_state(flag, known),
        definition=flag.definition,
        source=rules.citations[flag.source].text,
        counter_evidence=flag.counter_evidence,
        cut="" if flag.cut is None else f"{flag.rule.replace('-', ' ')} {flag.cut.value}",
        is_judged=flag.rule != "shown",
    )
