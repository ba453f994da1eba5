"""The table of inputs on a card: value, date, where from and points; and what was not used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cds_service.cards.assessed import Assessed
from cds_service.cards.words import describe_input, escape, points
from fhir_mapping.findings import Certainty, Finding, Rejected, Selected
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from models.outcome import Contribution
from models.quantities import QUANTITIES, Quantity

__all__ = ["found_cells", "found_lines", "inputs_table", "not_received_lines", "not_used_lines"]

MOST_REJECTED = 8
LEAST_GROUPED = 3
MOST_FINDINGS = 3
_ISO_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def inputs_table(columns: Sequence[tuple[str, Assessed]]) -> str:
    """Return the table of the inputs of one or more models, one column of points for each."""
    names = dict.fromkeys(item.input_name for _, one in columns for item in one.contributions)
    if not names:
        return ""
    heads = ["Input", "Value", "Date", "From", *(f"Points: {title}" for title, _ in columns)]
    lines = [_row(heads), _row(["---"] * 4 + ["---:"] * len(columns))]
    lines += [_row(_cells(name, columns)) for name in names]
    return "\n".join(lines)


def not_used_lines(rejected: Sequence[Rejected]) -> list[str]:
    """Return one line per resource or value that was not used, with the reason."""
    lines = _grouped(rejected)
    more = len(lines) - MOST_REJECTED
    if more > 0:
        return [*lines[:MOST_REJECTED], f"and {more} more"]
    return lines


def not_received_lines(states: Mapping[str, PrefetchKey], asked: Sequence[str]) -> list[str]:
    """Return one line per prefetch key whose data did not arrive in full."""
    lines = []
    for key in asked:
        arrived = states.get(key, PrefetchKey(PrefetchState.ABSENT))
        if arrived.was_answered:
            continue
        words = {
            PrefetchState.ABSENT: "not sent",
            PrefetchState.ERROR: "query failed",
            PrefetchState.INCOMPLETE: "cut short, more may exist",
        }[arrived.state]
        problem = f" ({escape(arrived.problem)})" if arrived.problem else ""
        lines.append(f"{key}: {words}{problem}")
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(name: str, columns: Sequence[tuple[str, Assessed]]) -> list[str]:
    quantity = QUANTITIES[name]
    selected = next((one.selected[name] for _, one in columns if name in one.selected), None)
    adds = [_points_of(name, one) for _, one in columns]
    return [quantity.label, *found_cells(selected), *adds]


def found_cells(selected: Selected | None) -> tuple[str, str, str]:
    """Return what is known of one input, its date and where it is from."""
    if selected is None:
        return "not recorded", "not recorded", "not recorded"
    if not selected.used:
        return _value(selected), "not recorded", "not recorded"
    return _value(selected), _dates(selected), _origins(selected)


def _value(selected: Selected) -> str:
    known = selected.value
    sent = [_as_sent(finding) for finding in selected.used[:MOST_FINDINGS]]
    meaning = escape(describe_input(known))
    if not sent:
        return meaning if known.is_known else f"**{meaning}**"
    texts = "; ".join(dict.fromkeys(sent))
    why = escape(known.reason) if known.reason else meaning
    if known.is_known or why == f"recorded as {texts}":
        return texts
    return f"{texts} (**{why}**)"


def _as_sent(finding: Finding) -> str:
    evidence = finding.evidence
    if finding.certainty is not Certainty.CODED and evidence.quote:
        return _as_read(finding)
    # A count arrives with the UCUM unit "1", which nobody reads as a unit.
    sent = (
        evidence.value.removesuffix(" 1") if finding.value.quantity.unit == "1" else evidence.value
    )
    text = escape(sent) or escape(describe_input(finding.value))
    return f"{text} ({escape(evidence.conversion)})" if evidence.conversion else text


def _as_read(finding: Finding) -> str:
    """Return what the mapping read in a text, whether somebody confirmed it, and the exact words."""
    evidence = finding.evidence
    # What was confirmed says so, with the day, as its conversion.
    standing = evidence.conversion or finding.certainty.value
    value = escape(describe_input(finding.value))
    return f"{value} ({escape(standing)}: “{escape(evidence.quote)}”)"


def _sent(value: str, quantity: Quantity | None) -> str:
    """Return a value as sent; a count comes with the UCUM unit "1", which nobody reads as a unit."""
    is_count = quantity is not None and quantity.unit == "1"
    return escape(value.removesuffix(" 1") if is_count else value)


def _dates(selected: Selected) -> str:
    dates = [_day(finding.evidence.date) for finding in selected.used[:MOST_FINDINGS]]
    return "; ".join(dict.fromkeys(dates)) or "not recorded"


def _day(sent: str) -> str:
    """Return the day of a FHIR date or dateTime, at the precision it was sent in."""
    match = _ISO_DAY.match(sent)
    return match.group() if match else (escape(sent) or "undated")


def _origins(selected: Selected) -> str:
    origins = [_origin(finding) for finding in selected.used[:MOST_FINDINGS]]
    left = len(selected.used) - MOST_FINDINGS
    if left > 0:
        origins.append(f"and {left} more")
    return "; ".join(dict.fromkeys(origin for origin in origins if origin)) or "not recorded"


def _origin(finding: Finding) -> str:
    name, reference = escape(finding.evidence.display), escape(finding.evidence.reference)
    return f"{name} ({reference})" if name and reference else name or reference


def _points_of(name: str, one: Assessed) -> str:
    found: Contribution | None = next(
        (item for item in one.contributions if item.input_name == name), None
    )
    return "not used" if found is None else points(found.points)


def _grouped(rejected: Sequence[Rejected]) -> list[str]:
    """Return the lines; what shares its reason with two others or more is one line."""
    by_reason: dict[str, list[str]] = {}
    for item in dict.fromkeys(rejected):
        by_reason.setdefault(item.reason, []).append(_what(item))
    lines: list[str] = []
    for reason, found in by_reason.items():
        whats = list(dict.fromkeys(found))
        if len(whats) < LEAST_GROUPED:
            lines += [f"{what}: {escape(reason)}" for what in whats]
            continue
        more = f"; and {len(whats) - MOST_REJECTED} more" if len(whats) > MOST_REJECTED else ""
        lines.append(f"{_sentence_case(escape(reason))}: {'; '.join(whats[:MOST_REJECTED])}{more}")
    return lines


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _what(item: Rejected) -> str:
    quantity = QUANTITIES.get(item.name)
    subject = quantity.label if quantity else "Resource"
    evidence = item.evidence
    sent = _sent(evidence.value, quantity)
    value = f" {sent}" if sent else ""
    where = escape(evidence.reference) + (f", {_day(evidence.date)}" if evidence.date else "")
    return f"{subject}{value} ({where})"


def found_lines(selected: Selected) -> list[str]:
    """Return one line per finding that an input rests on: value, date and resource."""
    return [
        f"{_as_sent(finding)}, {_day(finding.evidence.date)}, {_origin(finding)}"
        for finding in selected.used[:MOST_FINDINGS]
    ]
