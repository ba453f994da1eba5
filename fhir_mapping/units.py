"""UCUM units, and the spellings hospitals use instead, to the canonical unit of a quantity.

An unknown unit is a reason, never a guess. Before the UCUM library stands a reviewed table of
spellings per kind of quantity: outside UCUM "IU/mL" has no meaning and "K/uL" would be kelvin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from ucumvert import PintUcumRegistry

__all__ = [
    "KINDS",
    "UCUM",
    "UnitKind",
    "UnknownUnitError",
    "factor_by_ucum",
    "factor_of",
    "plain_number",
    "prepare",
]

UCUM = "http://unitsofmeasure.org"


class UnknownUnitError(ValueError):
    """A unit that this kind of quantity cannot have; its message is the reason shown."""


@dataclass(frozen=True, slots=True)
class UnitKind:
    """One kind of quantity: its canonical unit, its dimension, exact factors and spellings.

    `factors` holds exact factors of UCUM units to the canonical unit, `spellings` what is written
    instead of a UCUM unit (compared in lower case). `dimension` is the unit a UCUM unit outside
    the table is compared with; without it only the table counts.
    """

    name: str
    canonical: str
    factors: dict[str, Decimal]
    spellings: dict[str, str]
    dimension: str = ""
    unit_may_be_missing: bool = False


def _factors(**pairs: str) -> dict[str, Decimal]:
    return {unit: Decimal(number) for unit, number in pairs.items()}


KINDS = {
    "length": UnitKind(
        "length",
        "cm",
        _factors(cm="1", mm="0.1", m="100", um="0.0001") | {"[in_i]": Decimal("2.54")},
        {
            "厘米": "cm", "公分": "cm", "centimetre": "cm", "centimeter": "cm",
            "毫米": "mm", "millimetre": "mm", "millimeter": "mm",
            "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "英寸": "[in_i]",
        },
        dimension="cm",
    ),
    "mass concentration": UnitKind(
        "mass concentration",
        "ng/mL",
        {
            "ng/mL": Decimal(1), "ug/L": Decimal(1), "ng/L": Decimal("0.001"),
            "pg/mL": Decimal("0.001"), "ug/mL": Decimal(1000), "mg/L": Decimal(1000),
            "ug/dL": Decimal(10), "ng/dL": Decimal("0.01"),
        },
        {
            "mcg/l": "ug/L", "微克/升": "ug/L", "纳克/毫升": "ng/mL", "ng/毫升": "ng/mL",
            "mcg/ml": "ug/mL",
        },
        dimension="ng/mL",
    ),
    "arbitrary concentration": UnitKind(
        "arbitrary concentration",
        "[IU]/mL",
        {
            "[IU]/mL": Decimal(1), "k[IU]/L": Decimal(1), "[IU]/L": Decimal("0.001"),
            "m[IU]/mL": Decimal("0.001"),
        },
        {
            "iu/ml": "[IU]/mL", "kiu/l": "k[IU]/L", "iu/l": "[IU]/L", "miu/ml": "m[IU]/mL",
            "国际单位/毫升": "[IU]/mL",
        },
    ),
    "bilirubin": UnitKind(
        "bilirubin",
        "umol/L",
        # 1 mg/dL is 17.1 umol/L (evidence, section 5).
        {
            "umol/L": Decimal(1), "mmol/L": Decimal(1000), "mg/dL": Decimal("17.1"),
            "mg/L": Decimal("1.71"),
        },
        {"微摩尔/升": "umol/L", "毫克/分升": "mg/dL"},
    ),
    "albumin": UnitKind(
        "albumin",
        "g/L",
        {"g/L": Decimal(1), "g/dL": Decimal(10), "mg/dL": Decimal("0.01")},
        {"克/升": "g/L", "克/分升": "g/dL"},
        dimension="g/L",
    ),
    "haemoglobin": UnitKind(
        "haemoglobin",
        "g/L",
        {"g/L": Decimal(1), "g/dL": Decimal(10)},
        {"克/升": "g/L", "克/分升": "g/dL"},
        dimension="g/L",
    ),
    "cell count": UnitKind(
        "cell count",
        "10*9/L",
        {
            "10*9/L": Decimal(1), "10*3/uL": Decimal(1), "10*6/mL": Decimal(1),
            "10*6/L": Decimal("0.001"), "/uL": Decimal("0.001"), "/mm3": Decimal("0.001"),
            "/nL": Decimal(1), "10*3/mm3": Decimal(1),
        },
        {
            "x10^9/l": "10*9/L", "×10^9/l": "10*9/L", "10^9/l": "10*9/L", "10e9/l": "10*9/L",
            "x10e9/l": "10*9/L", "10⁹/l": "10*9/L", "×10⁹/l": "10*9/L", "x10⁹/l": "10*9/L",
            "x10*9/l": "10*9/L",
            "k/ul": "10*3/uL", "x10^3/ul": "10*3/uL", "10^3/ul": "10*3/uL",
            "x10*3/ul": "10*3/uL", "10e3/ul": "10*3/uL", "thou/ul": "10*3/uL",
            "thousand/ul": "10*3/uL", "10^3/mm3": "10*3/uL", "k/mm3": "10*3/uL",
            "k/cumm": "10*3/uL",
            "cells/ul": "/uL", "个/微升": "/uL", "cells/mm3": "/mm3",
        },
        dimension="10*9/L",
    ),
    "ratio": UnitKind(
        "ratio",
        "1",
        {"1": Decimal(1)},
        {"inr": "1", "ratio": "1"},
        unit_may_be_missing=True,
    ),
    "share": UnitKind(
        "share",
        "%",
        {"%": Decimal(1), "1": Decimal(100)},
        {"percent": "%", "per cent": "%", "pct": "%", "fraction": "1"},
    ),
    "count": UnitKind(
        "count",
        "1",
        {"1": Decimal(1)},
        {"个": "1", "枚": "1", "#": "1", "count": "1", "nodules": "1", "tumors": "1", "tumours": "1"},
        unit_may_be_missing=True,
    ),
}  # fmt: skip

# Typed otherwise and meant the same: both micro signs, and the fullwidth forms of Chinese keyboards.
_SAME_LETTER = str.maketrans(
    {
        "µ": "u",
        "μ": "u",
        "\u3000": " ",
        **{chr(0xFEE0 + code): chr(code) for code in range(33, 127)},
    }
)
# To the library an arbitrary unit ([IU], [arb'U]) is a plain number: [IU]/mL would pass for a count.
_ARBITRARY_UNIT = re.compile(r"\[[^\]]*U\]")
_ANNOTATION = re.compile(r"\{[^{}]*\}")
_SIGNIFICANT_DIGITS = 12
_LONGEST_UNIT = 40


def plain_number(number: Decimal) -> str:
    """Return a number without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def factor_of(kind: UnitKind, code: str, unit: str) -> tuple[Decimal, str]:
    """Return the factor to the canonical unit, and the UCUM unit that was read.

    `code` is the machine-readable unit and `unit` the one people read; one of them is enough.

    Raises
    ------
    UnknownUnitError
        If neither is a unit of this kind, or if they are two different units.
    """
    read = [_read(kind, text) for text in (code, unit) if text]
    known = [item for item in read if item is not None]
    if not read:
        if kind.unit_may_be_missing:
            return Decimal(1), kind.canonical
        raise UnknownUnitError("no unit")
    # A display such as "nodules" beside a valid code is no unit; a code that is none is a reason.
    if not known or (code and read[0] is None):
        raise UnknownUnitError(f"{_shown(code or unit)} is not a unit of {kind.name}")
    if len({factor for factor, _ in known}) > 1:
        raise UnknownUnitError(f"unit {_shown(unit)} and its code {_shown(code)} differ")
    return known[0]


def _shown(text: str) -> str:
    return text[:_LONGEST_UNIT]


@lru_cache(maxsize=1024)
def _read_in(kind_name: str, text: str) -> tuple[Decimal, str] | None:
    kind = KINDS[kind_name]
    text = text.translate(_SAME_LETTER)
    bare = _ANNOTATION.sub("", text).strip()
    if not bare and _ANNOTATION.search(text):
        bare = "1"
    plain = bare.lower()
    written = (plain, plain.replace(" ", ""), plain.rstrip(".").removesuffix("s"))
    spelled = next((kind.spellings[word] for word in written if word in kind.spellings), None)
    for unit in (bare, spelled, _in_ucum_case(kind, bare)):
        if unit in kind.factors:
            return kind.factors[unit], unit
    factor = factor_by_ucum(kind.dimension, bare) if kind.dimension else None
    return None if factor is None else (factor, bare)


def _read(kind: UnitKind, text: str) -> tuple[Decimal, str] | None:
    return _read_in(kind.name, text.strip()) if len(text) <= _LONGEST_UNIT else None


def _in_ucum_case(kind: UnitKind, text: str) -> str | None:
    """Return the unit of the table that differs only in case ("ng/ml", "CM"), if it is only one.

    Mega and milli differ in case alone: "M" is never read as "m".
    """
    if text in {"M", "MM/L"}:
        return None
    same = [unit for unit in kind.factors if unit.lower() == text.lower()]
    return same[0] if len(same) == 1 else None


@cache
def _registry() -> Any:
    # Built when the first unit outside the tables arrives: it takes nearly half a second.
    return PintUcumRegistry()


def prepare() -> None:
    """Build the UCUM library now, at start-up, and not within somebody's request."""
    _registry()


def factor_by_ucum(dimension: str, text: str) -> Decimal | None:
    """Return the factor from a UCUM unit to a unit of this dimension; None if it is not one."""
    if _ARBITRARY_UNIT.search(text):
        return None
    registry = _registry()
    try:
        magnitude = registry.from_ucum(text).to(registry.from_ucum(dimension).units).magnitude
    except Exception:  # noqa: BLE001 - the library raises what its parser raises; all mean "unknown"
        return None
    # Binary arithmetic inside the library: 1 ug/L comes out as 0.9999999999999999 ng/mL.
    factor = Decimal(f"{float(magnitude):.{_SIGNIFICANT_DIGITS}g}")
    return factor if factor.is_finite() and factor > 0 else None
