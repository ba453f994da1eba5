"""Diagnoses: clinical status, verification, abatement, history; what each leaves of its input."""

from __future__ import annotations

from typing import Any

import pytest

from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import ICD_10_CM, Resource, concept, condition, mapped, sct

_HCC, _LUNG, _ICC = sct("109841003"), sct("94391008"), sct("109842005")
_ASCITES, _HBV, _FAILURE = sct("389026000"), sct("186639003"), sct("59927004")


def _is(code: str) -> Resource:
    return {"coding": [{"code": code}]}


def _clinical(code: str) -> Resource:
    return {"clinicalStatus": _is(code)}


def _verified(code: str) -> Resource:
    return {"verificationStatus": _is(code)}


def _read(code: Resource, more: dict[str, Any], name: str) -> str:
    """Return what the record says of a quantity: its value, or why it has none."""
    others = [] if code == _HCC else [condition(_HCC)]
    record = mapped(*others, condition(code, "2026-05-01", id_as="it", **more))
    value = record.select(InputNeed(quantity(name), Anchor.NOW)).value
    return str(value.value) if value.is_known else value.reason


_OVER = "not usable: it is recorded as no longer active"
_GRADES = "present, grade not stated"
_TABLE: list[tuple[Resource, str, dict[str, Any], str]] = [
    # diagnosis, input, what is said of it, what is read
    (_HCC, "hcc", {}, "present"),
    (_HCC, "hcc", _clinical("resolved"), "present"),
    (_HCC, "hcc", {"abatementDateTime": "2026-10-01"}, "present"),
    (_HCC, "hcc", _verified("refuted"), "absent"),
    (_HCC, "hcc", _verified("entered-in-error"), "absent"),
    (_HCC, "hcc", _verified("differential"), "not usable: it is not confirmed (differential)"),
    (_HCC, "hcc", _verified("provisional"), "not usable: it is not confirmed (provisional)"),
    (_HCC, "hcc", _verified("unconfirmed"), "not usable: it is not confirmed (unconfirmed)"),
    (_HCC, "recurrence", _clinical("relapse"), "present"),
    (_HCC, "recurrence", _clinical("remission"), "none recorded, which is no proof of none"),
    (concept(ICD_10_CM, "Z85.05"), "hcc", {}, "present"),
    (_LUNG, "extrahepatic_disease", {}, "present"),
    (_LUNG, "extrahepatic_disease", _clinical("resolved"), _OVER),
    (_LUNG, "extrahepatic_disease", {"abatementDateTime": "2026-10-01"}, _OVER),
    (_LUNG, "extrahepatic_disease", {"abatementDateTime": "2026-12"}, "present"),
    (_LUNG, "extrahepatic_disease", {"abatementPeriod": {"start": "2026-09-01", "end": "2026-10-01"}}, _OVER),
    (_LUNG, "extrahepatic_disease", {"abatementPeriod": {"start": "2026-09-01"}}, "present"),
    (_LUNG, "extrahepatic_disease", {"abatementAge": {"value": 55, "code": "a"}}, _OVER),
    (_LUNG, "extrahepatic_disease", {"abatementString": "after ablation"}, _OVER),
    (_LUNG, "extrahepatic_disease", {"abatementBoolean": False}, "present"),
    (_LUNG, "extrahepatic_disease", _verified("refuted"), "none recorded, which is no proof of none"),
    (_ICC, "other_liver_cancer", {}, "present"),
    (_ICC, "other_liver_cancer", _verified("refuted"), "absent"),
    (_ICC, "other_liver_cancer", _verified("differential"), "not usable: it is not confirmed (differential)"),
    (_ASCITES, "ascites", {}, _GRADES),
    (_ASCITES, "ascites", {"abatementDateTime": "2026-10-01"}, _OVER),
    (_FAILURE, "liver_failure", {"abatementDateTime": "2026-10-01"}, _OVER),
    (_HBV, "hbv", {}, "present"),
    (_HBV, "hbv", _clinical("inactive"), _OVER),
    (_HBV, "hbv", {"abatementDateTime": "2026"}, "present"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "more", "read"), _TABLE)
def test_what_is_said_of_a_diagnosis_decides_what_it_leaves(
    code: Resource, name: str, more: dict[str, Any], read: str
) -> None:
    """Confirmed counts, refuted does not, what is open or over leaves the input unknown."""
    assert _read(code, more, name) == read


def test_a_metastasis_that_is_over_is_no_site() -> None:
    """The organs that count are those with a metastasis now."""
    bone = condition(sct("94222008"), "2026-05-01")
    lung = condition(_LUNG, "2026-05-01", abatementDateTime="2026-10-01")
    record = mapped(condition(_HCC), bone, lung)
    value = record.select(InputNeed(quantity("metastatic_sites"), Anchor.NOW)).value
    assert value.reason == "at least 1 on the problem list"


_RULED_OUT = {"verificationStatus": _is("refuted")}
_NO_TYPE = "not usable: it does not say which liver cancer"


@pytest.mark.parametrize(
    ("code", "name", "more", "read"),
    [
        (concept(ICD_10_CM, "C22.9"), "hcc", {}, _NO_TYPE),
        (concept(ICD_10_CM, "C22.9"), "hcc", _RULED_OUT, "absent"),
        (concept(ICD_10_CM, "C78.7"), "other_liver_cancer", _RULED_OUT, "absent"),
        (
            sct("128462008"),
            "extrahepatic_disease",
            _RULED_OUT,
            "none recorded, which is no proof of none",
        ),
    ],
)
def test_what_looks_like_a_diagnosis_and_was_ruled_out_leaves_no_doubt(
    code: Resource, name: str, more: dict[str, Any], read: str
) -> None:
    """A liver cancer of no stated type is a doubt; one that was refuted is none."""
    others = [] if name == "hcc" else [condition(_HCC)]
    record = mapped(*others, condition(code, "2026-05-01", id_as="it", **more))
    value = record.select(InputNeed(quantity(name), Anchor.NOW)).value
    assert (str(value.value) if value.is_known else value.reason) == read


@pytest.mark.parametrize(
    ("words", "is_certain"),
    [
        ("Hepatocellular carcinoma", True),
        ("HCC, BCLC A", True),
        ("肝细胞癌", True),
        ("Nonviral hepatocellular carcinoma", True),
        ("Suspected hepatocellular carcinoma", False),
        ("rule out HCC", False),
        ("R/O HCC", False),
        ("Possible HCC", False),
        ("? HCC", False),
        ("No evidence of HCC", False),
        ("Verdacht auf HCC", False),
        ("V.a. HCC", False),
        ("疑似肝细胞癌", False),
    ],
)
def test_a_diagnosis_whose_own_words_doubt_it_is_not_certain(words: str, is_certain: bool) -> None:
    """A code for HCC knows no doubt; what the clinician typed beside it does."""
    record = mapped({**condition(_HCC), "code": {**_HCC, "text": words}})
    assert record.has_hcc is (True if is_certain else None)
