"""Checklists on a card: a table of every flag or criterion, and the sentence above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal

from cds_service.cards.assessed import Assessed
from cds_service.cards.inputs_table import found_cells
from cds_service.cards.summary import SUMMARY_LIMIT, Part, fit
from cds_service.cards.words import escape, label_in_sentence
from models.outcome import Checklist, ChecklistItem, ItemState
from models.quantities import QUANTITIES

__all__ = [
    "CRITERION_WORDS",
    "FLAG_WORDS",
    "checklist_table",
    "definition_lines",
    "hyperprogression_summary",
    "lung_metastasis_summary",
]

# What a state is called: of a flag, and of a criterion.
FLAG_WORDS: Mapping[ItemState, str] = {
    ItemState.PRESENT: "**present**",
    ItemState.ABSENT: "not present",
    ItemState.IN_SOME_STUDIES: "present in some studies",
    ItemState.SHOWN: "shown, not judged",
    ItemState.UNKNOWN: "**not known**",
}
CRITERION_WORDS: Mapping[ItemState, str] = {
    ItemState.PRESENT: "met",
    ItemState.ABSENT: "not met",
    ItemState.IN_SOME_STUDIES: "met in some studies",
    ItemState.SHOWN: "for discussion",
    ItemState.UNKNOWN: "**unknown**",
}
_NO_SCORE = "No validated score."
_MOST_NAMED = 2
_ONE_DECIMAL = Decimal("0.1")
_UPPER_LIMIT_UNIT = "[ULN]"


def checklist_table(one: Assessed, head: str, words: Mapping[ItemState, str]) -> str:
    """Return every item with its state, value, date and resource.

    `head` names the first column ("Flag", "Criterion").
    """
    if not isinstance(one.outcome, Checklist):
        return ""
    heads = (head, "State", "Value", "Date", "From")
    rows = [heads, ("---",) * len(heads), *(_cells(item, one, words) for item in one.outcome.items)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def definition_lines(one: Assessed) -> list[str]:
    """Return for every item what it says, its source and what speaks against it."""
    if not isinstance(one.outcome, Checklist):
        return []
    lines = []
    for item in one.outcome.items:
        said = escape(f"{item.definition}. {item.source}", limit=600)
        against = escape(item.counter_evidence, limit=300)
        lines.append(f"{_name(item)}: {said}{f' **Against:** {against}' if against else ''}")
    return lines


def _name(item: ChecklistItem) -> str:
    """Return the label of an item, with its cut where there is one: two flags may share a label."""
    if not item.cut or QUANTITIES[item.input_names[0]].unit == _UPPER_LIMIT_UNIT:
        return item.label
    return f"{item.label} ({item.cut})"


def _cells(item: ChecklistItem, one: Assessed, words: Mapping[ItemState, str]) -> tuple[str, ...]:
    found = [found_cells(one.selected.get(name)) for name in item.input_names]
    values = [
        f"{QUANTITIES[name].label}: {value}" if len(item.input_names) > 1 else value
        for name, (value, _, _) in zip(item.input_names, found, strict=True)
    ]
    state = "not known" if not item.is_judged and item.state is ItemState.UNKNOWN else ""
    return (
        _name(item),
        state or words[item.state],
        "; ".join(values),
        "; ".join(dict.fromkeys(date for _, date, _ in found)),
        "; ".join(dict.fromkeys(origin for _, _, origin in found)),
    )


def hyperprogression_summary(one: Assessed) -> str:
    """Return the sentence of the HPD card: which flags are present, and what is not known."""
    items = one.outcome.items if isinstance(one.outcome, Checklist) else ()
    judged = [item for item in items if item.is_judged]
    present = _present_words(judged, one)
    open_labels = [_in_sentence(item) for item in judged if item.state is ItemState.UNKNOWN]
    lead = "HPD (not HPR): "
    if present:
        named = [f"{lead}flags present: {words}" for words in _shortened(present)]
    else:
        named = [
            f"{lead}{'no flag present' if len(open_labels) < len(judged) else 'no flag known'}"
        ]
    parts = [Part(tuple(named), weight=2)]
    if open_labels:
        wordings = [f"not known: {words}" for words in _shortened(list(dict.fromkeys(open_labels)))]
        parts.append(Part(tuple(wordings), weight=1))
    return f"{fit(tuple(parts), limit=SUMMARY_LIMIT - len(_NO_SCORE) - 2)}. {_NO_SCORE}"


def lung_metastasis_summary(one: Assessed) -> str:
    """Return the sentence of the lung-metastasis card: what to discuss, and where each criterion is."""
    items = one.outcome.items if isinstance(one.outcome, Checklist) else ()
    parts = [Part(("Lung metastasis: consider discussing at the tumour board",), weight=9)]
    # What is met is shortened first: what is open or against it is what there is to discuss.
    for state, weight in (
        (ItemState.PRESENT, 1),
        (ItemState.IN_SOME_STUDIES, 4),
        (ItemState.ABSENT, 3),
        (ItemState.UNKNOWN, 2),
    ):
        words = CRITERION_WORDS[state].strip("*")
        labels = [_in_sentence(item) for item in items if item.state is state]
        if labels:
            parts.append(Part((f"{words}: {', '.join(labels)}", f"{len(labels)} {words}"), weight))
    return fit(tuple(parts))


def _present_words(items: Sequence[ChecklistItem], one: Assessed) -> list[str]:
    """Return the flags that are present; of two cuts of one input the weaker, which comes last."""
    found: dict[str, str] = {}
    for item in items:
        if item.state is ItemState.PRESENT:
            found[item.input_names[0]] = _flag(item, one)
    return list(found.values())


def _flag(item: ChecklistItem, one: Assessed) -> str:
    name = item.input_names[0]
    if not item.cut:
        return _in_sentence(item)
    if QUANTITIES[name].unit == _UPPER_LIMIT_UNIT:
        return f"{item.label} above limit"
    selected = one.selected.get(name)
    number = selected.value.value if selected is not None else None
    shown = f" {_rounded(number)}" if isinstance(number, Decimal) else ""
    return f"{_in_sentence(item)}{shown} ({item.cut})"


def _rounded(number: Decimal) -> str:
    """Return a number with at most one decimal; cut off, so that 2.96 never reads as 3."""
    shown = number.quantize(_ONE_DECIMAL, rounding=ROUND_DOWN)
    return f"{shown.normalize():f}"


def _shortened(words: list[str]) -> list[str]:
    """Return wordings of a list, longest first: all of it, the first and how many more, the number."""
    wordings = [", ".join(words)]
    if len(words) > _MOST_NAMED:
        more = len(words) - _MOST_NAMED
        wordings.append(f"{', '.join(words[:_MOST_NAMED])} and {more} more")
    if len(words) > 1:
        wordings.append(f"{words[0]} and {len(words) - 1} more")
    return wordings


def _in_sentence(item: ChecklistItem) -> str:
    """Return the label of an item for the middle of a sentence."""
    first = QUANTITIES[item.input_names[0]]
    if item.label == first.label:
        return label_in_sentence(first)
    head = item.label.split(" ", 1)[0]
    is_short = sum(char.isupper() for char in head) > 1
    return item.label if is_short else item.label[0].lower() + item.label[1:]
