"""The words of reports become findings to be confirmed; what cannot be used says why."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fhir_mapping.findings import Certainty, Finding, Origin, Rejected
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.patient_record import PatientRecord
from models.inputs import Knowledge
from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import PATIENT_ID, Resource, loinc, mapped, observation, own, resection

_SUBJECT = {"reference": f"Patient/{PATIENT_ID}"}


def report(text: str = "", *, section: str = "SP", **more: Any) -> Resource:
    """Return a final report of a section, with a conclusion if there is one."""
    return {
        "resourceType": "DiagnosticReport",
        "id": "report",
        "status": "final",
        "subject": _SUBJECT,
        "category": [{"coding": [{"code": section}]}],
        "effectiveDateTime": "2026-10-05",
        **({"conclusion": text} if text else {}),
        **more,
    }


def form(text: str, kind: str = "text/plain", encoding: str = "utf-8") -> Resource:
    """Return an attachment in base64."""
    return {"contentType": kind, "data": base64.b64encode(text.encode(encoding)).decode()}


def found(record: PatientRecord, name: str) -> Finding:
    """Return the one finding read from text of a quantity."""
    (finding,) = (
        item
        for item in record.findings
        if item.name == name and item.certainty is Certainty.READ_FROM_TEXT
    )
    return finding


def refused(record: PatientRecord, name: str) -> Rejected:
    """Return the one rejection of a quantity."""
    (rejected,) = (item for item in record.rejected if item.name == name)
    return rejected


def need(name: str, anchor: Anchor = Anchor.SPECIMEN_AND_COURSE) -> InputNeed:
    """Return the question for one quantity."""
    return InputNeed(quantity(name), anchor)


def test_a_conclusion_becomes_a_finding_with_its_exact_words() -> None:
    """The finding names report, day, origin, rule and quote."""
    finding = found(mapped(report("镜下：ＭＶＩ（Ｍ１）。")), "microvascular_invasion")
    assert finding.value.value == "present"
    assert finding.evidence.quote == "ＭＶＩ（Ｍ１）"
    assert finding.evidence.reference == "DiagnosticReport/report"
    assert finding.evidence.rule == "narrative: mvi/mvi-grade"
    assert finding.evidence.date == "2026-10-05"
    assert finding.origin is Origin.SPECIMEN
    assert not finding.preliminary


@pytest.mark.parametrize(
    "attachment",
    [
        form("Satellite nodules: absent"),
        form("<p>Satellite nodules:</p><p>absent</p>", "text/html; charset=utf-8"),
        form("<style>p {}</style><b>Satellite</b> nodules: absent", "text/html"),
        form("卫星结节：无", "text/plain; charset=gb18030", "gb18030"),
    ],
)
def test_an_attached_text_is_read(attachment: Resource) -> None:
    """Plain text and HTML are read, in the character set they say."""
    record = mapped(report(presentedForm=[attachment]))
    assert found(record, "satellites").value.value == "absent"


@pytest.mark.parametrize(
    "attachment",
    [
        form("Satellite nodules: absent", "application/pdf"),
        {"contentType": "text/plain", "data": "*"},
        {"contentType": "text/plain"},
        {"contentType": "text/plain", "data": 7},
    ],
)
def test_any_other_attachment_is_left(attachment: Resource) -> None:
    """What is no text, or no base64, gives nothing and raises nothing."""
    assert mapped(report(presentedForm=[attachment])).findings == mapped(report()).findings


def test_note_and_value_string_of_an_observation_are_read() -> None:
    """The code's words are the question that a value in words answers."""
    coded = {**loinc("29593-1"), "text": "Ki-67"}
    said = observation(coded, {"valueString": "+, 约40%"}, note=[{"text": "No satellites."}])
    record = mapped(said)
    assert found(record, "ki67_percent").value.value == 40
    assert found(record, "ki67_percent").evidence.quote == "Ki-67: +, 约40%"
    assert found(record, "satellites").value.value == "absent"


def test_a_text_finding_narrows_only_where_the_site_allows_it() -> None:
    """It is listed, to be confirmed; with the setting it narrows."""
    told = (report("MVI: M1."), resection())
    asked = mapped(*told).select(need("microvascular_invasion"))
    assert asked.value.knowledge is Knowledge.UNKNOWN
    assert [item.reason for item in asked.rejected] == ["read from text, to be confirmed"]
    allowed = mapped(*told, settings=MappingSettings(narrative_narrows=True))
    assert allowed.select(need("microvascular_invasion")).value.value == "present"


def test_a_coded_value_wins_and_the_text_stays_listed() -> None:
    """The conflict is shown: the text with its words, and why it was passed over."""
    coded = observation(own("microvascular-invasion"), {"valueBoolean": False}, "2026-10-05")
    record = mapped(
        coded, report("MVI: M1."), resection(), settings=MappingSettings(narrative_narrows=True)
    )
    asked = record.select(need("microvascular_invasion"))
    assert asked.value.value == "absent"
    (passed,) = asked.rejected
    assert (passed.evidence.quote, passed.reason) == ("MVI: M1", "a coded value is preferred")


def test_imaging_says_nothing_of_the_specimen() -> None:
    """MVI, Ki67 and margin in an imaging report are not used."""
    record = mapped(report("Microvascular invasion: present.", section="RAD"))
    assert refused(record, "microvascular_invasion").reason == "it is of imaging, not of a specimen"


def test_no_thrombus_in_one_vein_says_nothing_of_the_others() -> None:
    """As with codes; that no large vein is invaded does say absent."""
    one = mapped(report("Portal vein free of tumour thrombus."))
    assert "says nothing of the other veins" in refused(one, "macrovascular_invasion").reason
    every = mapped(report("No macrovascular invasion."))
    assert found(every, "macrovascular_invasion").value.value == "absent"


def test_uncertain_ranges_and_hot_spots_stay_open() -> None:
    """Uncertain is unknown with that reason; a hot spot alone limits the average from above."""
    record = mapped(report("MVI suspected. Ki-67 60 % in hot spots. Margin > 2 cm."))
    mvi = found(record, "microvascular_invasion").value
    assert (mvi.knowledge, mvi.reason) == (Knowledge.UNKNOWN, "the text leaves it uncertain")
    ki67 = found(record, "ki67_percent").value
    assert (ki67.numbers[0].lower, ki67.numbers[0].upper) == (0, 60)
    assert ki67.reason == "only a hot spot is stated"
    margin = found(record, "margin_cm").value
    assert (margin.numbers[0].lower, margin.numbers[0].lower_open) == (2, True)
    assert margin.reason == "a range is stated"


def test_an_implausible_number_is_not_used() -> None:
    """The reason names no value."""
    record = mapped(report("Tumour 95 cm in diameter."))
    assert refused(record, "tumour_size_cm").reason == "it is outside the plausible range"


def test_a_withdrawn_report_is_not_read_and_a_preliminary_one_is_marked() -> None:
    """Cancelled and registered reports say nothing; preliminary ones yield to final ones."""
    for status in ("cancelled", "registered", "entered-in-error"):
        assert not any(
            item.name == "satellites"
            for item in mapped(report("No satellites.", status=status)).findings
        )
    assert found(mapped(report("No satellites.", status="preliminary")), "satellites").preliminary


def test_a_text_beyond_the_size_limit_is_cut_and_said_so() -> None:
    """What stands before the limit is read; the cut is listed."""
    record = mapped(report("No satellites. " + "a" * 100_000))
    assert found(record, "satellites").value.value == "absent"
    reasons = [item.reason for item in record.rejected if "longer than" in item.reason]
    assert reasons == ["its text is longer than 100000 characters; the rest is not read"]
