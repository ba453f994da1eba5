"""Blood: the neutrophil-to-lymphocyte ratio of one specimen, LDH over its upper limit, haemoglobin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from fhir_mapping.amounts import Amount, UnusableValueError, as_input, read_amount
from fhir_mapping.findings import Evidence, Finding, Rejected
from fhir_mapping.intake import Intake
from fhir_mapping.observed import Observed
from fhir_mapping.prefetch_key import JsonObject
from fhir_mapping.resources import as_object, as_text, objects_in, reference_as_type_and_id
from fhir_mapping.topics.readers import ObservationReader, Read, number
from fhir_mapping.units import KINDS, UnknownUnitError, factor_of, plain_number
from models.quantities import quantity

__all__ = ["COUNTED", "OBSERVATIONS", "read_ratios"]

# Read in pairs, not one by one.
COUNTED = frozenset({"neutrophils", "lymphocytes"})

_NLR = quantity("nlr")
_LDH = quantity("ldh_times_upper_limit")
_COUNTS = KINDS["cell count"]
# Plausible absolute counts [10*9/L]. Ours: wide enough for any patient, narrow enough that a slip by
# a thousand (3000 for 3.0, seen in mCODE's own examples) falls outside.
_LEAST, _MOST = Decimal("0.02"), Decimal(100)
_SHOWN = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class _Count:
    """One absolute count [10*9/L]."""

    observed: Observed
    value: Decimal

    @property
    def specimen(self) -> str:
        """The specimen it was made of, empty if it does not say."""
        return reference_as_type_and_id(self.observed.entry.resource.get("specimen"))


def read_ratios(observed: Iterable[Observed]) -> Iterator[Finding | Rejected]:
    """Read the NLR from the counts of one specimen, or of one day; a single count gives none."""
    counts: dict[str, list[_Count]] = {concept: [] for concept in COUNTED}
    unusable: set[str] = set()
    for item in observed:
        for concept in sorted(item.concepts & COUNTED):
            try:
                counts[concept].append(_Count(item, _count(item.node)))
            except UnusableValueError as error:
                unusable.add(concept)
                yield item.rejection("nlr", str(error), "nlr")
    pairs = _pairs(counts["neutrophils"], counts["lymphocytes"])
    yield from (_ratio(neutrophils, lymphocytes) for neutrophils, lymphocytes in pairs)
    paired = {id(count) for pair in pairs for count in pair}
    others = {"neutrophils": "lymphocytes", "lymphocytes": "neutrophils"}
    for concept, other in others.items():
        for count in counts[concept]:
            # Where the other count is not usable, its own reason says why there is no ratio.
            if id(count) not in paired and other not in unusable:
                reason = f"no {other} of the same specimen or day"
                yield count.observed.rejection("nlr", reason, "nlr")


def _count(node: JsonObject) -> Decimal:
    amount = read_amount(node)
    try:
        factor, _ = factor_of(_COUNTS, amount.unit_code, amount.unit)
    except UnknownUnitError as error:
        raise UnusableValueError(str(error)) from None
    if amount.number is None:
        raise UnusableValueError("a ratio needs an exact count")
    value = amount.number * factor
    if not _LEAST <= value <= _MOST:
        raise UnusableValueError(
            f"outside the plausible range {_LEAST} to {_MOST} {_COUNTS.canonical}: "
            "the unit or the number may be wrong by a thousand"
        )
    return value


def _pairs(neutrophils: list[_Count], lymphocytes: list[_Count]) -> list[tuple[_Count, _Count]]:
    """Return the counts that belong together, by the closest tie that there is."""
    pairs = [pair for pair in product(neutrophils, lymphocytes) if _is_of_one_specimen(*pair)]
    for of_one in (_is_of_one_moment, _is_of_one_day):
        paired = {id(count) for pair in pairs for count in pair}
        left = [count for count in neutrophils if id(count) not in paired]
        right = [count for count in lymphocytes if id(count) not in paired]
        pairs += [pair for pair in product(left, right) if of_one(*pair)]
    return pairs


def _is_of_one_specimen(one: _Count, other: _Count) -> bool:
    return bool(one.specimen) and one.specimen == other.specimen


def _is_of_one_moment(one: _Count, other: _Count) -> bool:
    sent = one.observed.days.as_sent
    return _is_of_one_day(one, other) and sent == other.observed.days.as_sent


def _is_of_one_day(one: _Count, other: _Count) -> bool:
    """Tell whether two counts are of one day; two named specimens are two, even on one day."""
    if one.specimen and other.specimen:
        return False
    days = one.observed.days
    return (
        days.earliest is not None
        and days.earliest == days.latest == other.observed.days.earliest
        and other.observed.days.latest == days.latest
    )


def _ratio(neutrophils: _Count, lymphocytes: _Count) -> Finding:
    ratio = neutrophils.value / lymphocytes.value
    first, second = neutrophils.observed, lymphocytes.observed
    shown = plain_number(ratio.quantize(_SHOWN))
    above, below = plain_number(neutrophils.value), plain_number(lymphocytes.value)
    evidence = Evidence(
        f"{first.entry.reference}, {second.entry.reference}",
        first.days.as_sent,
        display="Neutrophils and lymphocytes",
        value=f"{above} and {below} {_COUNTS.canonical}",
        conversion=f"{above} / {below} = {shown}",
        rule="nlr",
    )
    return Finding(
        "nlr",
        as_input(_NLR, Amount(ratio, ratio)),
        evidence,
        first.days.earliest,
        first.days.latest,
        preliminary=first.preliminary or second.preliminary,
    )


def _read_ldh(observed: Observed, intake: Intake) -> Read:
    """Read LDH as a multiple of the upper limit that its own laboratory sends with it."""
    del intake
    try:
        amount = read_amount(observed.node)
        limits = _upper_limits(observed.node, amount)
        smallest, largest = min(limits), max(limits)
        value = as_input(_LDH, _divided(amount, smallest, largest))
    except UnusableValueError as error:
        yield observed.rejection(_LDH.name, str(error), "ldh-limit")
        return
    words = plain_number(smallest)
    if smallest != largest:
        words = f"{words} to {plain_number(largest)}"
    yield observed.finding(_LDH.name, value, f"upper limit {words} {amount.unit}", "ldh-limit")


def _divided(amount: Amount, smallest: Decimal, largest: Decimal) -> Amount:
    """Return an amount over a limit; divided, not multiplied by an inverse that was rounded."""
    return Amount(
        None if amount.lower is None else amount.lower / largest,
        None if amount.upper is None else amount.upper / smallest,
        amount.lower_open,
        amount.upper_open,
    )


def _upper_limits(node: JsonObject, amount: Amount) -> set[Decimal]:
    """Return the upper limits of the normal ranges, in the unit of the value."""
    found: set[Decimal] = set()
    for item in objects_in(node.get("referenceRange")):
        if not _is_normal(item):
            continue
        high = as_object(item.get("high"))
        if high.get("value") is None:
            continue
        limit = read_amount({"valueQuantity": high})
        if not {limit.unit, limit.unit_code} & {amount.unit, amount.unit_code} - {""}:
            raise UnusableValueError("its unit and that of its reference range differ")
        if limit.number is not None and limit.number > 0:
            found.add(limit.number)
    if not found:
        raise UnusableValueError("the laboratory's upper limit was not sent with it")
    return found


def _is_normal(reference_range: JsonObject) -> bool:
    """Tell whether a range is the normal one, as it is unless it says otherwise."""
    codings = objects_in(as_object(reference_range.get("type")).get("coding"))
    codes = {as_text(coding.get("code")) for coding in codings}
    return not codes or "normal" in codes


OBSERVATIONS: dict[str, ObservationReader] = {
    "lactate-dehydrogenase": _read_ldh,
    "haemoglobin": number("haemoglobin_g_l", "haemoglobin"),
}
