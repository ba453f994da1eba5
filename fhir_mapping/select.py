"""Which finding counts: origin, time window, status, latest day; what is passed over and why.

The order of the rules is the order of the functions. A tie that no rule breaks is a conflict, and
a conflict is shown: the input is then everything the tied findings allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from fhir_mapping.findings import Certainty, Finding, Origin, Rejected, Selected
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.units import plain_number
from models.inputs import Input, Interval, between, exactly, one_of, one_of_numbers, unknown
from models.model import Anchor, InputNeed, Preference
from models.quantities import Quantity

__all__ = ["SPECIMEN_ONLY", "Moment", "merge", "select_findings"]

# Exist only with the specimen and the course of the index stay.
SPECIMEN_ONLY = frozenset(
    {
        "microvascular_invasion",
        "ki67_percent",
        "margin_cm",
        "residual_tumour",
        "transfusion",
        "complication",
    }
)
# A less sure finding counts where no surer one does: a coded value of another operation does not keep
# a confirmed one of this specimen from counting. What is only read counts if the site allows it.
_SUREST_FIRST = (
    (Certainty.CODED, "a coded value"),
    (Certainty.CONFIRMED, "a confirmed value"),
    (Certainty.READ_FROM_TEXT, ""),
)
_ONE_DAY = timedelta(days=1)


class _Place(Enum):
    """Where a finding lies relative to the window: surely inside, perhaps, or not."""

    INSIDE = "inside"
    UNCLEAR = "unclear"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the patient stands: the days of the index operation if it is done, and today.

    `later` says why a finding after `on` does not count.
    """

    on: date
    earliest: date | None = None
    latest: date | None = None
    first_treatment: date | None = None
    later: str = "it lies in the future"

    @property
    def is_done(self) -> bool:
        """Whether the operation is done and has a date."""
        return self.earliest is not None


@dataclass(frozen=True, slots=True)
class _Window:
    """The days that count; `end_reason` and `start_reason` say what lies outside."""

    start: date | None
    end: date
    start_reason: str
    end_reason: str


def select_findings(
    need: InputNeed, findings: Sequence[Finding], moment: Moment, settings: MappingSettings
) -> Selected:
    """Return the input of the findings that count, and the others with the reason."""
    if not findings:
        return Selected(unknown(need.quantity, "not recorded"))
    chosen: list[Finding] = []
    rejected: list[Rejected] = []
    preferred = ""
    for certainty, title in _SUREST_FIRST:
        pool = [item for item in findings if item.certainty is certainty]
        if preferred:
            passed = [_passed(item, f"{preferred} is preferred") for item in pool]
        else:
            passed = []
            chosen = _choose(need, pool, moment, settings, passed) if pool else []
            if certainty is Certainty.READ_FROM_TEXT and not settings.narrative_narrows:
                # What would not count anyway keeps its own reason: nobody need confirm it.
                passed = [*(_passed(item, certainty.value) for item in chosen), *passed]
                chosen = []
            preferred = title if chosen else ""
        # The least sure first: what waits for somebody is the first reason that is read.
        rejected = [*passed, *rejected]
    if not chosen:
        reason = f"not usable: {rejected[0].reason}" if rejected else "not recorded"
        return Selected(unknown(need.quantity, reason), (), tuple(rejected))
    return Selected(merge(need.quantity, chosen), tuple(chosen), tuple(rejected))


def merge(quantity: Quantity, findings: Sequence[Finding]) -> Input:
    """Return what the findings of one moment allow together.

    Sizes of different lesions give the largest. Findings that agree narrow each other; findings
    that exclude each other leave everything that either allows, with the conflict as the reason.
    """
    if quantity.name == "tumour_size_cm":
        return _largest_lesion(quantity, findings)
    return _together(quantity, [item.value for item in findings])


def _choose(
    need: InputNeed,
    pool: list[Finding],
    moment: Moment,
    settings: MappingSettings,
    rejected: list[Rejected],
) -> list[Finding]:
    """Keep what counts of findings that are equally sure."""
    if need.quantity.name in SPECIMEN_ONLY:
        # What is suspected of a vessel or a margin on imaging is not what the pathologist saw.
        seen = [item for item in pool if item.origin is Origin.IMAGING]
        rejected += [_passed(item, "it is of imaging, not of the specimen") for item in seen]
        pool = [item for item in pool if item.origin is not Origin.IMAGING]
        chosen = _in_window(pool, _specimen_window(moment, settings), rejected)
    elif need.preference is Preference.SPECIMEN_FIRST and moment.is_done:
        specimen = [item for item in pool if _is_of_specimen(item, moment, settings)]
        chosen = _in_window(specimen, _specimen_window(moment, settings), rejected)
        others = [item for item in pool if item not in specimen]
        if chosen:
            rejected += [_passed(item, "the specimen is preferred") for item in others]
        else:
            chosen = _before(need, others, moment, settings, rejected)
    else:
        chosen = _before(need, pool, moment, settings, rejected)
    return _latest(_final_first(chosen, rejected), rejected)


def _before(
    need: InputNeed,
    pool: list[Finding],
    moment: Moment,
    settings: MappingSettings,
    rejected: list[Rejected],
) -> list[Finding]:
    """Keep what was before the operation, on imaging if that is asked for."""
    if need.anchor is not Anchor.NOW and moment.is_done and _is_of_tumour(need):
        kept = [item for item in pool if not _is_of_specimen(item, moment, settings)]
        rejected += [_passed(item, "it is of the specimen") for item in pool if item not in kept]
        pool = kept
    elif need.preference is Preference.IMAGING_ONLY:
        kept = [item for item in pool if item.origin is not Origin.SPECIMEN]
        rejected += [
            _passed(item, "it is of a specimen, not of imaging")
            for item in pool
            if item not in kept
        ]
        pool = kept
    return _in_window(pool, _window(need, moment, settings), rejected)


def _is_of_tumour(need: InputNeed) -> bool:
    return need.preference in (Preference.IMAGING_ONLY, Preference.SPECIMEN_FIRST)


def _is_of_specimen(item: Finding, moment: Moment, settings: MappingSettings) -> bool:
    """Tell whether a finding is of the specimen: it says so, or says nothing soon after surgery."""
    if item.origin is not Origin.UNSTATED:
        return item.origin is Origin.SPECIMEN
    if item.earliest is None or moment.earliest is None or moment.latest is None:
        return False
    last = moment.latest + timedelta(days=settings.unstated_specimen_days)
    return moment.earliest <= item.earliest <= last


def _specimen_window(moment: Moment, settings: MappingSettings) -> _Window:
    days = settings.specimen_window_days
    if moment.earliest is None or moment.latest is None:
        return _Window(None, moment.on + _ONE_DAY, "", "it lies in the future")
    return _Window(
        moment.earliest,
        moment.latest + timedelta(days=days),
        "it was before the operation, so it is not of its specimen",
        f"it was more than {days} days after the operation",
    )


def _window(need: InputNeed, moment: Moment, settings: MappingSettings) -> _Window:
    days = need.window_days
    if need.quantity.name == "afp_ng_ml" and need.anchor is Anchor.BEFORE_OPERATION:
        days = settings.afp_window_days if settings.afp_window_days is not None else days
    # One day of grace: a record written further east may already be in tomorrow.
    end, end_reason = moment.on + _ONE_DAY, moment.later
    since = "today"
    if need.anchor is Anchor.BEFORE_OPERATION and moment.earliest is not None:
        # A finding of the day of the operation counts as before: it was drawn or read for it.
        end, end_reason, since = moment.earliest, "it was after the operation", "the operation"
    treated = moment.first_treatment if need.anchor is Anchor.BEFORE_OPERATION else None
    if need.quantity.name == "afp_ng_ml" and treated is not None and treated <= end:
        end, end_reason = treated, "it was after the first treatment of the HCC"
    start = None
    if days is not None:
        start = moment.earliest if since == "the operation" and moment.earliest else moment.on
        start -= timedelta(days=days)
    return _Window(start, end, f"it was more than {days} days before {since}", end_reason)


def _in_window(pool: list[Finding], window: _Window, rejected: list[Rejected]) -> list[Finding]:
    """Keep what lies in the window; a date too coarse to say so never counts alone."""
    inside: list[Finding] = []
    unclear: list[Finding] = []
    undated: list[Finding] = []
    for item in pool:
        if item.earliest is None or item.latest is None:
            undated.append(item)
            continue
        place, reason = _place(item.earliest, item.latest, window)
        if place is _Place.INSIDE:
            inside.append(item)
        elif place is _Place.UNCLEAR:
            unclear.append(item)
        else:
            rejected.append(_passed(item, reason))
    if not inside:
        rejected += [
            _passed(item, "its date does not say whether it lies in the time that counts")
            for item in unclear
        ]
        if undated and not unclear and window.start is None:
            return undated
        rejected += [_passed(item, "it has no date") for item in undated]
        return []
    rejected += [_passed(item, "it has no date, others have") for item in undated]
    # What may be the latest in the window competes with what surely is in it.
    return inside + unclear


def _place(earliest: date, latest: date, window: _Window) -> tuple[_Place, str]:
    if earliest > window.end:
        return _Place.OUTSIDE, window.end_reason
    if window.start is not None and latest < window.start:
        return _Place.OUTSIDE, window.start_reason
    inside = latest <= window.end and (window.start is None or earliest >= window.start)
    return (_Place.INSIDE if inside else _Place.UNCLEAR), ""


def _final_first(chosen: list[Finding], rejected: list[Rejected]) -> list[Finding]:
    """Put final, amended and corrected results before preliminary ones, whatever their dates."""
    final = [item for item in chosen if not item.preliminary]
    if not final:
        return chosen
    rejected += [
        _passed(item, "it is preliminary, a final result exists")
        for item in chosen
        if item.preliminary
    ]
    return final


def _latest(chosen: list[Finding], rejected: list[Rejected]) -> list[Finding]:
    """Keep every finding that may be the latest: those no other is surely later than."""
    starts = [item.earliest for item in chosen if item.earliest is not None]
    if not starts:
        return chosen
    last_start = max(starts)
    kept = [item for item in chosen if item.latest is not None and item.latest >= last_start]
    rejected += [_passed(item, "a later one counts") for item in chosen if item not in kept]
    return kept


def _passed(item: Finding, reason: str) -> Rejected:
    return Rejected(item.name, item.evidence, reason)


def _largest_lesion(quantity: Quantity, findings: Sequence[Finding]) -> Input:
    """Return the largest over the lesions; one without a name counts as another lesion."""
    lesions: dict[str, list[Input]] = {}
    for item in findings:
        lesions.setdefault(item.lesion, []).append(item.value)
    sizes = [_together(quantity, values) for _, values in sorted(lesions.items())]
    largest = sizes[0]
    for size in sizes[1:]:
        largest = _larger(quantity, largest, size)
    return largest


def _larger(quantity: Quantity, one: Input, other: Input) -> Input:
    """Return what the larger of two sizes may be."""
    parts = [_larger_interval(left, right) for left in one.numbers for right in other.numbers]
    reason = one.reason or other.reason
    return _of_intervals(quantity, parts, reason)


def _larger_interval(one: Interval, other: Interval) -> Interval:
    lower = max((one.lower, one.lower_open), (other.lower, other.lower_open))
    upper = max((one.upper, not one.upper_open), (other.upper, not other.upper_open))
    return Interval(lower[0], upper[0], lower[1], not upper[1])


def _together(quantity: Quantity, values: Sequence[Input]) -> Input:
    if not quantity.is_number:
        return _categories_together(quantity, values)
    common = values[0].numbers
    for value in values[1:]:
        common = _intersection(common, value.numbers)
    reasons = sorted({value.reason for value in values if value.reason})
    if common:
        return _of_intervals(quantity, list(common), reasons[0] if reasons else "")
    every = [part for value in values for part in value.numbers]
    shown = sorted({_shown(value) for value in values}, key=lambda item: (len(item), item))
    reason = f"conflict: {' and '.join(sorted(shown, key=_sort_key))} {quantity.unit}".rstrip(" 1")
    if all(part.lower == part.upper for part in every):
        return one_of_numbers(quantity, [part.lower for part in every], reason)
    return _of_intervals(quantity, every, reason)


def _sort_key(text: str) -> tuple[Decimal, str]:
    digits = "".join(char for char in text.split(" ")[0] if char.isdigit() or char == ".")
    return Decimal(digits or 0), text


def _shown(value: Input) -> str:
    first, last = value.numbers[0], value.numbers[-1]
    low, high = plain_number(first.lower), plain_number(last.upper)
    return low if low == high else f"{low} to {high}"


def _categories_together(quantity: Quantity, values: Sequence[Input]) -> Input:
    common = frozenset.intersection(*(value.categories for value in values))
    if common:
        reasons = sorted({value.reason for value in values if value.reason})
        return one_of(quantity, common, reasons[0] if reasons and len(common) > 1 else "")
    every = frozenset[str]().union(*(value.categories for value in values))
    named = [name for name in quantity.categories if name in every]
    return one_of(quantity, every, f"conflict: {' and '.join(named)}")


def _intersection(ones: tuple[Interval, ...], others: tuple[Interval, ...]) -> tuple[Interval, ...]:
    found: list[Interval] = []
    for one in ones:
        for other in others:
            lower = max((one.lower, one.lower_open), (other.lower, other.lower_open))
            upper = min((one.upper, not one.upper_open), (other.upper, not other.upper_open))
            is_open = lower[1] or not upper[1]
            if lower[0] < upper[0] or (lower[0] == upper[0] and not is_open):
                found.append(Interval(lower[0], upper[0], lower[1], not upper[1]))
    return tuple(sorted(found))


def _of_intervals(quantity: Quantity, parts: list[Interval], reason: str) -> Input:
    """Return the input of these intervals; joined to one where they touch or leave gaps unsaid."""
    if len(parts) == 1 and parts[0].lower == parts[0].upper:
        return exactly(quantity, parts[0].lower)
    if all(part.lower == part.upper for part in parts):
        return one_of_numbers(quantity, [part.lower for part in parts], reason)
    low = min(parts, key=lambda part: (part.lower, part.lower_open))
    high = max(parts, key=lambda part: (part.upper, not part.upper_open))
    return between(
        quantity,
        low.lower,
        high.upper,
        lower_open=low.lower_open,
        upper_open=high.upper_open,
        reason=reason,
    )
