"""Numbers as they arrive: Quantity, integer, Range, Ratio, or a string that is a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fhir_mapping.prefetch_key import JsonObject
from fhir_mapping.resources import as_object, as_text
from fhir_mapping.units import UnitKind, UnknownUnitError, factor_of, plain_number
from models.inputs import Input, between, exactly
from models.quantities import Quantity

__all__ = ["Amount", "UnusableValueError", "read_amount", "to_input", "value_as_sent"]


class UnusableValueError(ValueError):
    """A value that cannot be used; its message is the reason shown."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or the interval a comparator or a Range leaves, in the unit as sent."""

    lower: Decimal | None
    upper: Decimal | None
    lower_open: bool = False
    upper_open: bool = False
    unit: str = ""
    unit_code: str = ""

    @property
    def number(self) -> Decimal | None:
        """The one number, if it is one."""
        return self.lower if self.lower == self.upper else None

    def times(self, low_factor: Decimal, high_factor: Decimal | None = None) -> Amount:
        """Return the amount in another unit; two factors widen it to what either may give."""
        high = low_factor if high_factor is None else high_factor
        return Amount(
            None if self.lower is None else self.lower * low_factor,
            None if self.upper is None else self.upper * high,
            self.lower_open,
            self.upper_open,
        )

    def __str__(self) -> str:
        if self.number is not None:
            return plain_number(self.number)
        if self.upper is None:
            return f"{'>' if self.lower_open else '>='}{plain_number(self.lower or Decimal(0))}"
        if self.lower is None:
            return f"{'<' if self.upper_open else '<='}{plain_number(self.upper)}"
        return f"{plain_number(self.lower)} to {plain_number(self.upper)}"


_COMPARATORS = {
    "<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">",
    "小于": "<", "大于": ">", "": "",
}  # fmt: skip
_DIGITS = r"\d{1,15}(?:[.,]\d{1,12})?"
_TEXT = re.compile(
    rf"\s*(?P<comparator><=|>=|[<>≤≥＜＞]|小于|大于|)\s*(?P<number>{_DIGITS})"
    rf"(?:\s*(?:-|–|~|to|至)\s*(?P<upper>{_DIGITS}))?\s*(?P<unit>[^\d\s].{{0,30}})?\s*"
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_PLAIN = re.compile(r"\d+(\.\d+)?")
_LARGEST = Decimal(10) ** 15


def read_amount(node: JsonObject) -> Amount:
    """Return the number that an Observation or component holds.

    Raises
    ------
    UnusableValueError
        If it holds none, or one that cannot be read.
    """
    refuse_value_said_to_be_absent(node)
    for name, read in _READERS.items():
        if node.get(name) is not None:
            return read(node[name])
    is_another = any(name.startswith("value") for name in node)
    raise UnusableValueError(
        absent_reason(node) or ("its value is not a number" if is_another else "no value")
    )


def refuse_value_said_to_be_absent(node: JsonObject) -> None:
    """Refuse a value beside a reason why there is none: FHIR allows one of them (obs-6).

    Raises
    ------
    UnusableValueError
        If both are there.
    """
    if absent_reason(node) and any(name.startswith("value") for name in node):
        raise UnusableValueError("it holds a value and a reason why it has none")


def absent_reason(node: JsonObject) -> str:
    """Return the data absent reason in words, empty if none is given."""
    element = as_object(node.get("dataAbsentReason"))
    for coding in _listed(element.get("coding")):
        code = as_text(coding.get("code"))
        if code:
            return f"no value ({code[:40]})"
    return "no value (reason given in words)" if as_text(element.get("text")) else ""


def to_input(quantity: Quantity, amount: Amount, kind: UnitKind) -> tuple[Input, str]:
    """Return the amount in the canonical unit, and the conversion in words (empty if none).

    Raises
    ------
    UnusableValueError
        If the unit is unknown or nothing plausible is left.
    """
    try:
        factor, unit = factor_of(kind, amount.unit_code, amount.unit)
    except UnknownUnitError as error:
        raise UnusableValueError(str(error)) from None
    if kind.name == "share":
        _refuse_slip_of_share(amount, unit)
    converted = amount.times(factor)
    words = ""
    if factor != 1:
        words = f"{amount} {unit} x {plain_number(factor)} = {converted} {kind.canonical}"
    return as_input(quantity, converted), words


def _refuse_slip_of_share(amount: Amount, unit: str) -> None:
    """Refuse what may be a slip by a hundred: 1 or 40 as a fraction, 0.4 in per cent."""
    if unit == "1" and (amount.upper is None or amount.upper >= 1):
        raise UnusableValueError("a share without a per-cent sign must be below 1")
    if unit == "%" and amount.number is not None and 0 < amount.number < 1:
        raise UnusableValueError("a share below 1 % may be a fraction")


def as_input(quantity: Quantity, amount: Amount) -> Input:
    """Return an amount in the canonical unit as an input.

    Raises
    ------
    UnusableValueError
        If nothing plausible is left.
    """
    try:
        if amount.number is not None:
            return exactly(quantity, amount.number)
        return between(
            quantity,
            amount.lower,
            amount.upper,
            lower_open=amount.lower_open,
            upper_open=amount.upper_open,
            reason=f"recorded as {amount} {quantity.unit}".strip(),
        )
    except ValueError:
        raise UnusableValueError(
            f"outside the plausible range {plain_number(quantity.lower or Decimal(0))} to "
            f"{plain_number(quantity.upper or Decimal(0))} {quantity.unit}".strip()
            + (", whole numbers only" if quantity.integer else "")
        ) from None


def value_as_sent(node: JsonObject) -> str:
    """Return the value of an Observation or component in words, as sent."""
    for name in ("valueQuantity", "valueRange", "valueRatio"):
        if isinstance(node.get(name), dict):
            return _quantity_as_sent(name, node[name])
    concept = as_object(node.get("valueCodeableConcept") or node.get("valueCoding"))
    for item in (concept, *_listed(concept.get("coding"))):
        words = as_text(item.get("text")) or as_text(item.get("display"))
        if words:
            return words[:200]
    for item in _listed(concept.get("coding")):
        if as_text(item.get("code")):
            return as_text(item.get("code"))[:200]
    for name in ("valueString", "valueBoolean", "valueInteger", "valueDecimal"):
        shown = _shown(node.get(name))
        if shown:
            return shown
    return ""


def _shown(value: object) -> str:
    """Return a primitive as text; no longer than a card can bear."""
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return "a very large number"
    return str(value)[:200] if isinstance(value, str | bool | int | float | Decimal) else ""


def _quantity_as_sent(name: str, value: Mapping[str, Any]) -> str:
    if name == "valueRange":
        ends = [_quantity_as_sent("", as_object(value.get(end))) for end in ("low", "high")]
        return " to ".join(filter(None, ends))
    if name == "valueRatio":
        ends = [
            _quantity_as_sent("", as_object(value.get(end))) for end in ("numerator", "denominator")
        ]
        return " : ".join(filter(None, ends))
    number = value.get("value")
    shown = _shown(number)
    unit = as_text(value.get("unit")) or as_text(value.get("code"))
    return f"{as_text(value.get('comparator'))}{shown} {unit[:40]}".strip()


def _listed(value: object) -> list[JsonObject]:
    return [as_object(item) for item in value] if isinstance(value, list) else []


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise UnusableValueError("not a number")
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, ValueError):
        raise UnusableValueError("not a number") from None
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise UnusableValueError("not a plausible number")
    return number


def _bounded(number: Decimal, comparator: str, unit: str, code: str) -> Amount:
    match comparator:
        case "":
            return Amount(number, number, unit=unit, unit_code=code)
        case "<" | "<=":
            return Amount(None, number, upper_open=comparator == "<", unit=unit, unit_code=code)
        case ">" | ">=":
            return Amount(number, None, lower_open=comparator == ">", unit=unit, unit_code=code)
        case _:
            raise UnusableValueError("its comparator is not known")


def _from_quantity(value: object) -> Amount:
    quantity = as_object(value)
    if quantity.get("value") is None:
        raise UnusableValueError("no value")
    said = quantity.get("comparator", "")
    comparator = _COMPARATORS.get(as_text(said), "?") if isinstance(said, str) else "?"
    unit, code = as_text(quantity.get("unit")), as_text(quantity.get("code"))
    number = quantity["value"]
    if isinstance(number, str) and not comparator:
        # Seen in feeds converted from HL7 v2: the comparator stands inside the value.
        # A bare decimal there is FHIR's own, kept as text: its point is a point.
        text = _from_text(number) if not _PLAIN.fullmatch(number) else _from_number(number)
        return Amount(text.lower, text.upper, text.lower_open, text.upper_open, unit, code)
    return _bounded(_decimal(number), comparator, unit, code)


def _from_text(value: object) -> Amount:
    match = _TEXT.fullmatch(as_text(value))
    if not match:
        raise UnusableValueError("the text is not a number")
    unit = (match["unit"] or "").strip()
    number = _decimal_in_text(match["number"])
    if match["upper"]:
        upper = _decimal_in_text(match["upper"])
        if match["comparator"] or upper < number:
            raise UnusableValueError("the text is not a number")
        return Amount(number, upper, unit=unit)
    return _bounded(number, _COMPARATORS[match["comparator"]], unit, "")


def _decimal_in_text(text: str) -> Decimal:
    mark = "comma" if "," in text else "point"
    if _THOUSANDS.fullmatch(text):
        # "1,210" is 1210 in English and 1.21 in German, "1.210" the reverse.
        raise UnusableValueError(f"its {mark} may mean thousands or decimals")
    return _decimal(text.replace(",", "."))


def _from_number(value: object) -> Amount:
    return _bounded(_decimal(value), "", "", "")


def _from_range(value: object) -> Amount:
    low, high = as_object(as_object(value).get("low")), as_object(as_object(value).get("high"))
    ends = [_from_quantity(end) if end else None for end in (low, high)]
    known = [end for end in ends if end is not None]
    if not known:
        raise UnusableValueError("no value")
    if len({(end.unit, end.unit_code) for end in known}) > 1:
        raise UnusableValueError("the two ends of its range have different units")
    lower = ends[0].lower if ends[0] else None
    upper = ends[1].upper if ends[1] else None
    if lower is not None and upper is not None and lower > upper:
        raise UnusableValueError("its range is the wrong way round")
    return Amount(lower, upper, unit=known[0].unit, unit_code=known[0].unit_code)


def _from_ratio(value: object) -> Amount:
    numerator = _from_quantity(as_object(as_object(value).get("numerator")))
    denominator = _from_quantity(as_object(as_object(value).get("denominator")))
    units = {numerator.unit, numerator.unit_code, denominator.unit, denominator.unit_code}
    if units - {"", "1"}:
        raise UnusableValueError("a ratio with units is not read")
    if numerator.number is None or not denominator.number:
        raise UnusableValueError("not a ratio of two numbers")
    return Amount(
        numerator.number / denominator.number,
        numerator.number / denominator.number,
        unit_code="1",
    )


_READERS = {
    "valueQuantity": _from_quantity,
    "valueInteger": _from_number,
    "valueDecimal": _from_number,
    "valueRange": _from_range,
    "valueRatio": _from_ratio,
    "valueString": _from_text,
}
