"""Units: exact factors, reviewed spellings, and no guesses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fhir_mapping.units import KINDS, UnknownUnitError, factor_of, plain_number, prepare


@pytest.mark.parametrize(
    ("kind", "code", "unit", "factor"),
    [
        ("length", "mm", "mm", "0.1"),
        ("length", "", "毫米", "0.1"),
        ("length", "", "millimeters", "0.1"),
        ("length", "", "CM", "1"),
        ("length", "[in_i]", "", "2.54"),
        ("length", "", "inches", "2.54"),
        ("length", "dm", "", "10"),
        ("mass concentration", "ng/mL", "ng/ml", "1"),
        ("mass concentration", "", "μg/L", "1"),
        ("mass concentration", "", "mcg/L", "1"),
        ("mass concentration", "pg/dL", "", "0.00001"),
        ("arbitrary concentration", "k[IU]/L", "kIU/L", "1"),
        ("arbitrary concentration", "", "IU/ml", "1"),
        ("share", "%", "", "1"),
        ("share", "", "％", "1"),
        ("share", "1", "", "100"),
        ("count", "", "", "1"),
        ("count", "{nodules}", "", "1"),
        ("count", "1", "nodules", "1"),
        ("count", "", "个", "1"),
        ("bilirubin", "mg/dL", "", "17.1"),
        ("albumin", "g/dL", "", "10"),
        ("ratio", "{INR}", "", "1"),
        ("length", "", "in", "2.54"),
        ("length", "", "ｍｍ", "0.1"),
        ("mass concentration", "", "µg/L", "1"),
        ("mass concentration", "", "纳克／毫升", "1"),
        ("arbitrary concentration", "", "IU／mL", "1"),
        ("share", "", "per cent", "1"),
        ("cell count", "", "K/uL", "1"),
        ("cell count", "", "K/µL", "1"),
        ("cell count", "", "K/μL", "1"),
        ("cell count", "", "x10^9/L", "1"),
        ("cell count", "", "x 10^9/L", "1"),
        ("cell count", "", "×10⁹/L", "1"),
        ("cell count", "", "X10*9/L", "1"),
        ("cell count", "", "10^3/mm3", "1"),
        ("cell count", "", "Thousand/uL", "1"),
        ("cell count", "", "/nL", "1"),
        ("cell count", "", "个/微升", "0.001"),
        ("cell count", "{cells}/uL", "", "0.001"),
        ("cell count", "10*12/L", "", "1000"),
        ("albumin", "mg/mL", "", "1"),
        ("haemoglobin", "mg/mL", "", "1"),
    ],
)
def test_a_unit_of_the_kind_has_its_exact_factor(
    kind: str, code: str, unit: str, factor: str
) -> None:
    """By its UCUM code, or by a spelling in the reviewed table."""
    assert factor_of(KINDS[kind], code, unit)[0] == Decimal(factor)


@pytest.mark.parametrize(
    ("kind", "code", "unit", "reason"),
    [
        ("length", "", "", "no unit"),
        ("length", "kg", "", "kg is not a unit of length"),
        ("length", "M", "", "M is not a unit of length"),
        ("length", "mm", "cm", "unit cm and its code mm differ"),
        ("mass concentration", "mmol/L", "", "mmol/L is not a unit of mass concentration"),
        ("mass concentration", "mAU/mL", "", "mAU/mL is not a unit of mass concentration"),
        ("mass concentration", "[IU]/mL", "", "[IU]/mL is not a unit of mass concentration"),
        ("arbitrary concentration", "U/mL", "", "U/mL is not a unit of arbitrary concentration"),
        ("count", "K/uL", "", "K/uL is not a unit of count"),
        ("share", "mg", "", "mg is not a unit of share"),
        ("cell count", "", "G/L", "G/L is not a unit of cell count"),
        ("cell count", "", "%", "% is not a unit of cell count"),
        ("cell count", "K", "", "K is not a unit of cell count"),
        ("cell count", "", "10 9/L", "10 9/L is not a unit of cell count"),
        (
            "arbitrary concentration",
            "mAU/mL",
            "",
            "mAU/mL is not a unit of arbitrary concentration",
        ),
        (
            "arbitrary concentration",
            "[arb'U]/mL",
            "",
            "[arb'U]/mL is not a unit of arbitrary concentration",
        ),
        ("arbitrary concentration", "/mL", "", "/mL is not a unit of arbitrary concentration"),
        ("cell count", "[IU]/mL", "", "[IU]/mL is not a unit of cell count"),
        ("albumin", "umol/L", "", "umol/L is not a unit of albumin"),
        ("length", "x" * 100, "", f"{'x' * 40} is not a unit of length"),
    ],
)
def test_an_unknown_unit_is_a_reason(kind: str, code: str, unit: str, reason: str) -> None:
    """Never a guess; and K/uL is never kelvin."""
    with pytest.raises(UnknownUnitError) as caught:
        factor_of(KINDS[kind], code, unit)
    assert str(caught.value) == reason


@pytest.mark.parametrize("kind", [item for item in KINDS.values() if item.dimension])
def test_the_tables_agree_with_the_ucum_library(kind: object) -> None:
    """Every factor of the tables is what the UCUM library computes, to twelve digits."""
    from fhir_mapping.units import UnitKind, factor_by_ucum

    assert isinstance(kind, UnitKind)
    for unit, factor in kind.factors.items():
        assert factor_by_ucum(kind.dimension, unit) == factor


@pytest.mark.parametrize(
    ("number", "text"), [("5.00", "5"), ("0.10", "0.1"), ("1E+3", "1000"), ("40", "40")]
)
def test_numbers_are_written_plainly(number: str, text: str) -> None:
    """No exponent and no trailing zeros."""
    assert plain_number(Decimal(number)) == text


def test_the_library_can_be_built_at_start_up() -> None:
    """After it, a unit outside the tables is read without building anything."""
    prepare()
    assert factor_of(KINDS["length"], "km", "")[0] == Decimal(100000)
