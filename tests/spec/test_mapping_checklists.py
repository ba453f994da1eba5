"""What the checklists ask of a record: blood, spread, running therapy, markers, Child-Pugh."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fhir_mapping.findings import Selected
from fhir_mapping.patient_record import PatientRecord
from fhir_mapping.prefetch_key import PrefetchState
from fhir_mapping.units import plain_number
from models.inputs import Interval, Knowledge
from models.model import Anchor, InputNeed
from models.quantities import quantity
from models.registry import MODELS
from tests.mapping_records import (
    Resource,
    concept,
    condition,
    loinc,
    mapped,
    medication,
    observation,
    own,
    quantity_of,
    sct,
)

HCC = condition(sct("109841003"))
PRESENT = {"valueCodeableConcept": sct("52101004")}
ABSENT = {"valueCodeableConcept": sct("2667000")}
NEUTROPHILS, LYMPHOCYTES, LDH = loinc("751-8"), loinc("731-0"), loinc("2532-0")
COUNT = "10*9/L"


def selected(record: PatientRecord, name: str, window_days: int | None = None) -> Selected:
    """Return what the record says today."""
    return record.select(InputNeed(quantity(name), Anchor.NOW, window_days))


def _value(record: PatientRecord, name: str) -> str:
    value = selected(record, name).value.value
    return plain_number(value) if isinstance(value, Decimal) else str(value)


def _why(record: PatientRecord, name: str) -> set[str]:
    return {item.reason for item in record.rejected if item.name == name}


# --- NLR: absolute counts of one specimen, or of one day.


@pytest.mark.parametrize(
    ("neutrophils", "lymphocytes", "nlr"),
    [
        (quantity_of(5.1, COUNT), quantity_of(1, COUNT), "5.1"),
        (quantity_of(5100, "/uL"), quantity_of(1, "10*3/uL"), "5.1"),
        (quantity_of(4.125, "K/uL"), quantity_of(1.0, "10*9/L"), "4.125"),
        (quantity_of(3, "10*9/L"), quantity_of(1, "G/L"), "None"),
        (quantity_of(3000, COUNT), quantity_of(1, COUNT), "None"),
        (quantity_of(3, "/uL"), quantity_of(1, COUNT), "None"),
        (quantity_of(0.1, COUNT, "<"), quantity_of(1, COUNT), "None"),
        (quantity_of(3, COUNT), quantity_of(0, COUNT), "None"),
    ],
)
def test_nlr_from_two_counts(neutrophils: Resource, lymphocytes: Resource, nlr: str) -> None:
    """The ratio of two exact, plausible counts in known units; anything else gives none."""
    record = mapped(observation(NEUTROPHILS, neutrophils), observation(LYMPHOCYTES, lymphocytes))
    assert _value(record, "nlr") == nlr


def test_a_slip_by_a_thousand_says_so() -> None:
    """3000 x 10*9/L, as in a well-known example, is named as a slip and not used."""
    record = mapped(
        observation(NEUTROPHILS, quantity_of(3000, "10*3/uL")),
        observation(LYMPHOCYTES, quantity_of(1.5, COUNT)),
    )
    assert selected(record, "nlr").value.reason == (
        "not usable: outside the plausible range 0.02 to 100 10*9/L: the unit or the number may be"
        " wrong by a thousand"
    )


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        ({"on": "2026-11-01"}, {"on": "2026-11-01"}, True),
        ({"on": "2026-11-01T07:30:00Z"}, {"on": "2026-11-01T15:00:00Z"}, True),
        ({"on": "2026-11-01"}, {"on": "2026-11-02"}, False),
        ({"on": "2026-11-01", "specimen": {"reference": "Specimen/a"}}, {"on": "2026-11-02", "specimen": {"reference": "Specimen/a"}}, True),
        ({"on": "2026-11-01", "specimen": {"reference": "Specimen/a"}}, {"on": "2026-11-01", "specimen": {"reference": "Specimen/b"}}, False),
        ({"on": "2026-11"}, {"on": "2026-11"}, False),
    ],
)  # fmt: skip
def test_the_two_counts_must_be_of_one_specimen_or_day(
    first: dict[str, Any], second: dict[str, Any], known: bool
) -> None:
    """Counts of two days, of two named specimens or of a month do not make a ratio."""
    record = mapped(
        observation(NEUTROPHILS, quantity_of(6, COUNT), **first),
        observation(LYMPHOCYTES, quantity_of(2, COUNT), **second),
    )
    assert selected(record, "nlr").value.is_known is known
    if not known:
        assert _why(record, "nlr") == {
            "no lymphocytes of the same specimen or day",
            "no neutrophils of the same specimen or day",
        }


def test_the_evidence_of_a_ratio_names_both_counts() -> None:
    """Both resources, both counts and the division stand in the evidence."""
    record = mapped(
        observation(NEUTROPHILS, quantity_of(6.2, COUNT), id_as="n"),
        observation(LYMPHOCYTES, quantity_of(1.7, COUNT), id_as="l"),
    )
    (finding,) = selected(record, "nlr").used
    assert finding.evidence.reference == "Observation/n, Observation/l"
    assert finding.evidence.value == "6.2 and 1.7 10*9/L"
    assert finding.evidence.conversion == "6.2 / 1.7 = 3.647"
    assert finding.evidence.rule == "nlr"


def test_of_two_pairs_of_one_day_those_of_one_moment_belong_together() -> None:
    """Morning and evening counts are not crossed; both ratios stay as a conflict of the day."""
    record = mapped(
        observation(NEUTROPHILS, quantity_of(4, COUNT), "2026-11-01T07:00:00Z", id_as="n1"),
        observation(LYMPHOCYTES, quantity_of(2, COUNT), "2026-11-01T07:00:00Z", id_as="l1"),
        observation(NEUTROPHILS, quantity_of(9, COUNT), "2026-11-01T19:00:00Z", id_as="n2"),
        observation(LYMPHOCYTES, quantity_of(1, COUNT), "2026-11-01T19:00:00Z", id_as="l2"),
    )
    value = selected(record, "nlr").value
    assert [part.lower for part in value.numbers] == [Decimal(2), Decimal(9)]
    assert value.reason == "conflict: 2 and 9"


def test_percentages_are_not_counts() -> None:
    """Differential percentages are never taken for absolute counts."""
    record = mapped(
        observation(loinc("770-8"), quantity_of(70, "%")),
        observation(loinc("736-9"), quantity_of(20, "%")),
    )
    assert selected(record, "nlr").value.knowledge is Knowledge.UNKNOWN


def test_an_old_count_is_no_baseline() -> None:
    """A count from more than 90 days ago does not count for the checklist."""
    record = mapped(
        observation(NEUTROPHILS, quantity_of(6, COUNT), "2026-06-01"),
        observation(LYMPHOCYTES, quantity_of(1, COUNT), "2026-06-01"),
    )
    needs = {need.quantity.name: need for need in MODELS["hyperprogressive_disease"].needs}
    chosen = record.select(needs["nlr"])
    assert chosen.value.reason == "not usable: it was more than 90 days before today"


# --- LDH over the limit of its own laboratory.


def _ldh(value: Resource, *ranges: Resource) -> PatientRecord:
    return mapped(observation(LDH, value, referenceRange=list(ranges)))


def _high(value: float, unit: str = "U/L", **more: Any) -> Resource:
    return {"high": {"value": value, "unit": unit}, **more}


@pytest.mark.parametrize(
    ("value", "ranges", "multiple"),
    [
        (quantity_of(500, "U/L"), [_high(250)], "2"),
        (quantity_of(250, "U/L"), [_high(250)], "1"),
        (quantity_of(500, "U/L"), [], "None"),
        (quantity_of(500, "U/L"), [{"low": {"value": 120, "unit": "U/L"}}], "None"),
        (quantity_of(500, "U/L"), [{"text": "up to 250"}], "None"),
        (quantity_of(500, "U/L"), [_high(4.2, "ukat/L")], "None"),
        (quantity_of(500, "U/L"), [_high(0)], "None"),
        (quantity_of(500, "U/L"), [_high(250), _high(480, type={"coding": [{"code": "critical"}]})], "2"),
    ],
)  # fmt: skip
def test_ldh_over_its_upper_limit(value: Resource, ranges: list[Resource], multiple: str) -> None:
    """The multiple needs the laboratory's own limit in the same unit."""
    assert _value(_ldh(value, *ranges), "ldh_times_upper_limit") == multiple


def test_two_limits_leave_a_range() -> None:
    """Limits that differ by age or sex leave the multiple between them."""
    value = selected(_ldh(quantity_of(300, "U/L"), _high(200), _high(300)), "ldh_times_upper_limit")
    assert value.value.numbers == (Interval(Decimal(1), Decimal("1.5")),)


def test_above_a_number_is_above_its_multiple() -> None:
    """Above 1000 against a limit of 250 is above four times the limit."""
    chosen = selected(_ldh(quantity_of(1000, "U/L", ">"), _high(250)), "ldh_times_upper_limit")
    (part,) = chosen.value.numbers
    assert (part.lower, part.lower_open) == (Decimal(4), True)
    assert chosen.used[0].evidence.conversion == "upper limit 250 U/L"


@pytest.mark.parametrize(
    ("amount", "value"),
    [
        (quantity_of(13.5, "g/dL"), "135"),
        (quantity_of(135, "g/L"), "135"),
        (quantity_of(8.4, "mmol/L"), "None"),
    ],
)
def test_haemoglobin(amount: Resource, value: str) -> None:
    """Mass concentrations by our own code; a molar one has no factor that was read."""
    assert _value(mapped(observation(own("haemoglobin"), amount)), "haemoglobin_g_l") == value


# --- Spread.


def test_foci_and_sites_as_stated() -> None:
    """Stated numbers are read as they are."""
    record = mapped(
        observation(own("lung-metastasis-number"), quantity_of(4, "1")),
        observation(own("metastatic-site-number"), {"valueInteger": 3}),
        observation(own("intrahepatic-disease-controlled"), PRESENT),
    )
    assert _value(record, "lung_foci") == "4"
    assert _value(record, "metastatic_sites") == "3"
    assert _value(record, "intrahepatic_control") == "present"


def test_the_problem_list_gives_the_least_number_of_sites() -> None:
    """Three organs are at least three sites; a lymph node and an inactive entry add none."""
    record = mapped(
        HCC,
        condition(sct("94391008")),
        condition(sct("353561000119103"), id_as="right-lung"),
        condition(sct("94222008")),
        condition(sct("94161006")),
        condition(sct("94225005"), clinicalStatus={"coding": [{"code": "inactive"}]}),
        condition(concept("http://hl7.org/fhir/sid/icd-10", "C77.2")),
    )
    chosen = selected(record, "metastatic_sites")
    assert chosen.value.numbers == (Interval(Decimal(3), Decimal(20)),)
    assert chosen.value.reason == "at least 3 on the problem list"
    assert chosen.used[0].evidence.value == "lung, bone, adrenal gland"


def test_no_extrahepatic_disease_means_no_lung_and_no_node() -> None:
    """Imaging without extrahepatic disease settles lungs, nodes and the number of sites."""
    record = mapped(observation(own("extrahepatic-disease"), ABSENT))
    assert _value(record, "lung_metastasis") == "absent"
    assert _value(record, "lymph_node_metastasis") == "absent"
    assert _value(record, "metastatic_sites") == "0"


def test_no_macrovascular_invasion_means_no_thrombus_in_the_portal_vein() -> None:
    """What is absent from all large veins is absent from the portal vein."""
    absent = mapped(observation(own("macrovascular-invasion"), ABSENT))
    assert _value(absent, "pvtt") == "absent"
    present = mapped(observation(own("macrovascular-invasion"), PRESENT))
    assert _value(present, "pvtt") == "None"


def test_an_active_lung_metastasis_outweighs_a_later_none() -> None:
    """A later "no extrahepatic disease" does not undo what stands on the problem list."""
    record = mapped(
        HCC,
        condition(sct("94391008"), "2026-09-01"),
        observation(own("extrahepatic-disease"), ABSENT, "2026-11-01"),
    )
    assert _value(record, "lung_metastasis") == "present"
    assert selected(record, "metastatic_sites").value.numbers[0].lower == 1


# --- Running therapy.


def _dose(name: str, on: str, status: str = "completed") -> Resource:
    return {
        "resourceType": "MedicationAdministration",
        "id": f"dose-{on}",
        "status": status,
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": name},
        "effectiveDateTime": on,
    }


@pytest.mark.parametrize(
    ("resource", "inhibitor", "kinase"),
    [
        (medication("nivolumab 240 mg", "2026-10-01"), "present", "absent"),
        (medication("nivolumab 240 mg", "2026-10-01", status="stopped"), "absent", "absent"),
        (medication("nivolumab 240 mg", "2026-10-01", intent="plan"), "absent", "absent"),
        (medication("lenvatinib 8 mg", "2026-10-01"), "absent", "present"),
        (medication("bevacizumab", "2026-10-01"), "absent", "None"),
        (medication("bevacizumab", "2026-10-01", status="completed"), "absent", "absent"),
        (_dose("camrelizumab", "2026-11-01"), "present", "absent"),
        (_dose("camrelizumab", "2026-07-01"), "absent", "absent"),
        (_dose("camrelizumab", "2026-11-01", "not-done"), "absent", "absent"),
    ],
)
def test_running_therapy(resource: Resource, inhibitor: str, kinase: str) -> None:
    """Running is an active order or a dose of the last 60 days; an antibody is no kinase inhibitor."""
    record = mapped(resource)
    assert _value(record, "immune_checkpoint_inhibitor") == inhibitor
    assert _value(record, "kinase_inhibitor") == kinase


def test_prescriptions_that_did_not_arrive_prove_nothing() -> None:
    """Without an answer to the prescriptions, no therapy on record is unknown."""
    record = mapped(states={"medications": PrefetchState.ABSENT})
    assert selected(record, "immune_checkpoint_inhibitor").value.knowledge is Knowledge.UNKNOWN


def test_every_dose_of_a_running_course_is_a_finding() -> None:
    """The first dose is known from the old ones, so that later blood is no baseline."""
    record = mapped(
        _dose("nivolumab", "2026-06-01"),
        _dose("nivolumab", "2026-11-10"),
        medication("nivolumab 240 mg", "2026-05-28"),
    )
    days = [item.earliest for item in record.findings if item.name == "immune_checkpoint_inhibitor"]
    assert min(day for day in days if day) == date(2026, 5, 28)


def test_before_a_day_later_values_do_not_count() -> None:
    """Up to the first dose only; the day itself still counts, the next one says why not."""
    record = mapped(
        observation(own("haemoglobin"), quantity_of(100, "g/L"), "2026-10-02"),
        observation(own("haemoglobin"), quantity_of(120, "g/L"), "2026-10-01"),
    )
    chosen = selected(record.before(date(2026, 10, 1), "after the first dose"), "haemoglobin_g_l")
    assert plain_number(Decimal(chosen.value.value or 0)) == "120"
    assert [item.reason for item in chosen.rejected] == ["after the first dose"]


# --- Markers.


@pytest.mark.parametrize("name", ["mycn-expression", "hmga2-expression"])
@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (PRESENT, "present"),
        ({"valueCodeableConcept": sct("10828004")}, "present"),
        ({"valueString": "overexpressed"}, "present"),
        ({"valueString": "not expressed"}, "absent"),
        ({"valueString": "see report"}, "None"),
    ],
)
def test_a_marker_is_read_where_present(name: str, answer: Resource, value: str) -> None:
    """A molecular observation is an answer; words that say nothing leave it unknown."""
    assert _value(mapped(observation(own(name), answer)), name.replace("-", "_")) == value


# --- Child-Pugh from its items.


def _items(**changed: Resource) -> list[Resource]:
    values: dict[str, Resource] = {
        "bilirubin": observation(loinc("14631-6"), quantity_of(14, "umol/L"), id_as="bilirubin"),
        "albumin": observation(loinc("1751-7"), quantity_of(40, "g/L"), id_as="albumin"),
        "inr": observation(loinc("6301-6"), quantity_of(1.1, "{INR}"), id_as="inr"),
        "ascites": observation(sct("389026000"), ABSENT, id_as="ascites"),
        "encephalopathy": observation(sct("13920009"), ABSENT, id_as="encephalopathy"),
    }
    return [*(values | changed).values()]


def test_child_pugh_is_computed_where_none_is_recorded() -> None:
    """Five items known: the class with its points, and evidence that says it is computed."""
    chosen = selected(mapped(*_items()), "child_pugh_class")
    assert chosen.value.value == "A"
    (finding,) = chosen.used
    assert finding.evidence.display == "Child-Pugh class, computed from its items"
    assert finding.evidence.value == "A"
    assert finding.evidence.conversion == (
        "computed, 5 points: Bilirubin 14 umol/L, Albumin 40 g/L, INR 1.1 {INR}, Ascites none,"
        " Hepatic encephalopathy none"
    )
    assert finding.evidence.rule == "child-pugh-computed"
    assert finding.evidence.reference == (
        "Observation/bilirubin, Observation/albumin, Observation/inr, Observation/ascites,"
        " Observation/encephalopathy"
    )


def test_a_missing_item_leaves_the_classes_it_may_make() -> None:
    """Without encephalopathy five points so far may be A or B, and the reason says so."""
    chosen = selected(mapped(*_items()[:-1]), "child_pugh_class")
    assert chosen.value.categories == {"A", "B"}
    assert chosen.value.reason == (
        "computed from its items: 5 to 7 points, Encephalopathy not known"
    )


def test_a_recorded_class_stands_before_a_computed_one() -> None:
    """What somebody recorded is not computed away."""
    stated = observation(
        concept("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "C121007"),
        {"valueCodeableConcept": concept("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "C113692")},
    )  # fmt: skip
    chosen = selected(mapped(*_items(), stated), "child_pugh_class")
    assert chosen.value.value == "B"
    assert chosen.used[0].evidence.rule != "child-pugh-computed"


def test_old_blood_does_not_make_a_class() -> None:
    """Values of more than 90 days ago leave their items open."""
    old = observation(loinc("14631-6"), quantity_of(60, "umol/L"), "2026-01-01", id_as="bilirubin")
    assert selected(mapped(*_items(bilirubin=old)), "child_pugh_class").value.categories == {
        "A",
        "B",
    }


def test_nothing_known_is_not_computed() -> None:
    """Without any item the class is unknown as before."""
    chosen = selected(mapped(), "child_pugh_class")
    assert chosen.used == ()
    assert chosen.value.reason == "not recorded"


def test_a_list_cut_short_may_hide_a_later_value() -> None:
    """When observations were cut short, the class computed from them is unknown."""
    record = mapped(*_items(), states={"observations": PrefetchState.INCOMPLETE})
    assert selected(record, "child_pugh_class").value.knowledge is Knowledge.UNKNOWN
