"""Units of real laboratories: what is converted, with the conversion in words, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import models
from fhir_mapping.findings import Finding, Rejected
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS
from fhir_mapping.units import plain_number
from tests.mapping_records import Resource, loinc, mapped, observation, quantity_of, sct

_MODELS = Path(models.__file__).parent
_AFP, _AFP_UNITS = loinc("1834-1"), loinc("19176-7")
_SIZE, _NEUTROPHILS, _LYMPHOCYTES = loinc("21889-1"), loinc("751-8"), loinc("731-0")
_HAEMOGLOBIN, _ALBUMIN, _BILIRUBIN = loinc("718-7"), loinc("1751-7"), loinc("14631-6")


def _read(code: Resource, value: float, unit: str, name: str) -> Finding | Rejected:
    """Return what became of one value that was sent with no unit code, as hospitals do."""
    sent = {"valueQuantity": {"value": value, "unit": unit}}
    record = mapped(observation(code, sent))
    (item,) = [item for item in (*record.findings, *record.rejected) if item.name == name]
    return item


@pytest.mark.parametrize(
    ("code", "name", "value", "unit", "expected", "conversion"),
    [
        (_AFP, "afp_ng_ml", 512, "ng/mL", "512", ""),
        (_AFP, "afp_ng_ml", 512, "ug/L", "512", ""),
        (_AFP, "afp_ng_ml", 512, "µg/L", "512", ""),
        (_AFP, "afp_ng_ml", 512, "纳克/毫升", "512", ""),
        (_AFP, "afp_ng_ml", 512, "pg/mL", "0.512", "512 pg/mL x 0.001 = 0.512 ng/mL"),
        (_AFP, "afp_ng_ml", 0.5, "mg/L", "500", "0.5 mg/L x 1000 = 500 ng/mL"),
        (_AFP_UNITS, "afp_ng_ml", 100, "IU/mL", "121", "100 [IU]/mL x 1.21 = 121 ng/mL"),
        (_AFP_UNITS, "afp_ng_ml", 100, "kIU/L", "121", "100 k[IU]/L x 1.21 = 121 ng/mL"),
        (_SIZE, "tumour_size_cm", 62, "mm", "6.2", "62 mm x 0.1 = 6.2 cm"),
        (_SIZE, "tumour_size_cm", 62, "毫米", "6.2", "62 mm x 0.1 = 6.2 cm"),
        (_SIZE, "tumour_size_cm", 6.2, "厘米", "6.2", ""),
        (_SIZE, "tumour_size_cm", 2, "in", "5.08", "2 [in_i] x 2.54 = 5.08 cm"),
        (_SIZE, "tumour_size_cm", 0.62, "dm", "6.2", "0.62 dm x 10 = 6.2 cm"),
        (_HAEMOGLOBIN, "haemoglobin_g_l", 13.5, "g/dL", "135", "13.5 g/dL x 10 = 135 g/L"),
        (_ALBUMIN, "albumin_g_l", 4.1, "g/dL", "41", "4.1 g/dL x 10 = 41 g/L"),
        (_ALBUMIN, "albumin_g_l", 41, "克/升", "41", ""),
        (_BILIRUBIN, "bilirubin_umol_l", 17, "μmol/L", "17", ""),
    ],
)
def test_a_unit_is_converted_exactly_and_marked(
    code: Resource, name: str, value: float, unit: str, expected: str, conversion: str
) -> None:
    """The value in the canonical unit, and the conversion in words wherever one was made."""
    item = _read(code, value, unit, name)
    assert isinstance(item, Finding)
    assert item.value.value == Decimal(expected)
    assert item.evidence.conversion == conversion
    assert item.evidence.value == f"{value} {unit}"


@pytest.mark.parametrize(
    ("code", "name", "value", "unit", "reason"),
    [
        (_AFP, "afp_ng_ml", 512, "", "no unit"),
        (_AFP, "afp_ng_ml", 512, "IU/mL", "its unit (IU/mL) contradicts its code (a mass concentration)"),
        (_AFP_UNITS, "afp_ng_ml", 512, "ng/mL", "its unit (ng/mL) contradicts its code (an arbitrary concentration)"),
        (_AFP, "afp_ng_ml", 512, "mAU/mL", "mAU/mL is not a unit of mass concentration"),
        (_AFP, "afp_ng_ml", 512, "ng", "ng is not a unit of mass concentration"),
        (_AFP, "afp_ng_ml", -3, "ng/mL", "outside the plausible range 0 to 10000000 ng/mL"),
        (_SIZE, "tumour_size_cm", 62, "cm", "outside the plausible range 0.1 to 40 cm"),
        (_SIZE, "tumour_size_cm", 6.2, "mL", "mL is not a unit of length"),
        (_HAEMOGLOBIN, "haemoglobin_g_l", 135, "g/dL", "outside the plausible range 20 to 250 g/L"),
        (_ALBUMIN, "albumin_g_l", 41, "g/dL", "outside the plausible range 5 to 80 g/L"),
        (_BILIRUBIN, "bilirubin_umol_l", 1, "mg/dL", "its unit (mg/dL) contradicts its code"),
    ],
)  # fmt: skip
def test_a_unit_that_cannot_be_and_a_value_that_is_implausible_are_refused(
    code: Resource, name: str, value: float, unit: str, reason: str
) -> None:
    """Unknown unit, contradicted code, another dimension, or out of range: the reason is kept."""
    item = _read(code, value, unit, name)
    assert isinstance(item, Rejected)
    assert item.reason == reason


_SLIP = (
    "outside the plausible range 0.02 to 100 10*9/L: the unit or the number may be wrong by a "
    "thousand"
)


@pytest.mark.parametrize(
    ("value", "unit", "outcome"),
    [
        (4.2, "10*9/L", "2"),
        (4.2, "10*3/uL", "2"),
        (4.2, "K/uL", "2"),
        (4.2, "K/µL", "2"),
        (4.2, "x10^9/L", "2"),
        (4.2, "x 10⁹/L", "2"),
        (4.2, "/nL", "2"),
        (4200, "/uL", "2"),
        (4200, "个/微升", "2"),
        (4200, "cells/mm3", "2"),
        (4200, "10*3/uL", _SLIP),
        (4.2, "/uL", _SLIP),
        (4200, "x10^9/L", _SLIP),
        (60, "%", "% is not a unit of cell count"),
        (4.2, "K", "K is not a unit of cell count"),
        (4.2, "", "no unit"),
    ],
)
def test_a_count_is_read_in_the_spelling_it_comes_in(value: float, unit: str, outcome: str) -> None:
    """Neutrophils of 4.2 over lymphocytes of 2.1; a slip by a thousand is refused, not repaired."""
    record = mapped(
        observation(_NEUTROPHILS, {"valueQuantity": {"value": value, "unit": unit}}),
        observation(_LYMPHOCYTES, quantity_of(2.1, "10*9/L")),
    )
    ratios = [f"{item.value.value:.0f}" for item in record.findings if item.name == "nlr"]
    reasons = [item.reason for item in record.rejected if item.name == "nlr"]
    assert [*ratios, *reasons] == [outcome]


@pytest.mark.parametrize(
    ("units_ml", "expected"),
    [
        (8.2, "[9.922, 10.496]"),
        (8.3, "10.043"),
        (20, "[24.2, 25.6]"),
        (20.7, "25.047"),
        (80, "[96.8, 102.4]"),
        (83, "100.43"),
        (312.5, "[378.125, 400]"),
        (313, "[378.73, 400.64]"),
        (331, "400.51"),
        (800, "[968, 1024]"),
    ],
)
def test_a_factor_that_decides_on_a_cut_of_any_model_leaves_a_range(
    units_ml: float, expected: str
) -> None:
    """10, 25, 100, 400 and 1000 ng/mL are cuts of some model; 1.21 and 1.28 the factors."""
    item = _read(_AFP_UNITS, units_ml, "IU/mL", "afp_ng_ml")
    assert isinstance(item, Finding)
    low, high = item.value.numbers[0].lower, item.value.numbers[0].upper
    shown = [plain_number(low), plain_number(high)]
    assert (shown[0] if low == high else f"[{', '.join(shown)}]") == expected
    assert "x 1.21" in item.evidence.conversion


def test_the_cuts_that_a_factor_may_decide_on_are_those_of_the_models() -> None:
    """A cut that a model has and the setting lacks would be decided by the factor, unseen."""
    shipped = [path for name in ("parameters", "rules") for path in (_MODELS / name).glob("*.json")]
    assert len(shipped) > 6
    cuts = {
        cut
        for path in shipped
        for cut in _cuts_of_afp(json.loads(path.read_text(encoding="utf-8")))
    }
    assert cuts == set(DEFAULT_SETTINGS.afp_cuts_ng_ml)


def _cuts_of_afp(node: Any) -> Iterator[Decimal]:
    """Yield the cuts of AFP in a parameter file or a table of points."""
    if isinstance(node, list):
        for item in node:
            yield from _cuts_of_afp(item)
    elif isinstance(node, dict):
        if "afp_ng_ml" in (node.get("input"), *node.get("inputs", ())):
            ends = [node.get("cut"), *(band.get("to") for band in node.get("bands", ()))]
            yield from (Decimal(str(end["value"])) for end in ends if end)
        for item in node.values():
            yield from _cuts_of_afp(item)


@pytest.mark.parametrize(
    ("value", "unit", "outcome"),
    [
        (40, "%", "40"),
        (0.4, "1", "40"),
        (0, "%", "0"),
        (1, "%", "1"),
        (40, "1", "a share without a per-cent sign must be below 1"),
        (1, "1", "a share without a per-cent sign must be below 1"),
        (40, "{score}", "a share without a per-cent sign must be below 1"),
        (0.4, "%", "a share below 1 % may be a fraction"),
        (140, "%", "outside the plausible range 0 to 100 %"),
    ],
)
def test_a_share_that_may_be_wrong_by_a_hundred_is_refused(
    value: float, unit: str, outcome: str
) -> None:
    """A Ki67 of 0.4 % may be a fraction that was labelled as per cent; both sides of that are refused."""
    item = _read(loinc("29593-1"), value, unit, "ki67_percent")
    read = (
        plain_number(Decimal(str(item.value.value))) if isinstance(item, Finding) else item.reason
    )
    assert read == outcome


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ({"value": 250, "unit": "U/L"}, "1.2"),
        ({"value": 4.2, "unit": "ukat/L"}, "its unit and that of its reference range differ"),
        ({"value": 250}, "its unit and that of its reference range differ"),
    ],
)
def test_a_limit_in_another_unit_is_no_limit(limit: Resource, outcome: str) -> None:
    """LDH of 300 U/L is not 71 times a limit of 4.2 ukat/L."""
    sent = {"valueQuantity": {"value": 300, "unit": "U/L"}, "referenceRange": [{"high": limit}]}
    record = mapped(observation(loinc("2532-0"), sent))
    (item,) = [i for i in (*record.findings, *record.rejected) if i.name.startswith("ldh")]
    read = (
        plain_number(Decimal(str(item.value.value))) if isinstance(item, Finding) else item.reason
    )
    assert read == outcome


def test_a_unit_and_its_code_must_say_the_same() -> None:
    """6.2 "cm" coded as mm is neither."""
    record = mapped(observation(_SIZE, quantity_of(6.2, "cm", code="mm")))
    assert [item.reason for item in record.rejected] == ["unit cm and its code mm differ"]


def test_a_code_that_says_no_unit_leaves_it_to_the_unit() -> None:
    """SNOMED CT's AFP is neither mass nor units."""
    assert _read(sct("104404005"), 100, "kIU/L", "afp_ng_ml").evidence.conversion == (
        "100 k[IU]/L x 1.21 = 121 ng/mL"
    )
