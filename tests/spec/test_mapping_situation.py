"""Where the patient stands: the diagnosis, the index operation, and what decides applicability."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fhir_mapping.mapping_settings import NONE_RECORDED_MEANS_ABSENT, MappingSettings
from fhir_mapping.none_recorded import NONE_RECORDED
from fhir_mapping.orders import OrderKind
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from models.inputs import Knowledge
from models.model import Anchor, InputNeed, Preference
from models.quantities import quantity
from tests.mapping_records import (
    ON,
    PATIENT_ID,
    Resource,
    concept,
    condition,
    encounter,
    loinc,
    mapped,
    medication,
    observation,
    order,
    own,
    patient,
    prefetch_of,
    procedure,
    quantity_of,
    resection,
    sct,
)

ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICD_10_PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
ICD_O_3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
HCC = condition(sct("109841003"))
PRESENT = {"valueCodeableConcept": sct("52101004")}
ABSENT = {"valueCodeableConcept": sct("2667000")}


def now(record: PatientRecord, name: str) -> str:
    """Return what the record says today of one quantity, in a word."""
    value = record.select(InputNeed(quantity(name), Anchor.NOW)).value
    if value.knowledge is Knowledge.NOT_YET_KNOWABLE:
        return "not yet knowable"
    if value.is_known:
        return str(value.value)
    names = [item for item in value.quantity.categories if item in value.categories]
    return "unknown" if value.knowledge is Knowledge.UNKNOWN else " or ".join(names)


def _verified_as(code: str) -> Resource:
    return {"verificationStatus": {"coding": [{"code": code}]}}


# --- The diagnosis and its near misses.


@pytest.mark.parametrize(
    ("conditions", "has_hcc"),
    [
        ([HCC], True),
        ([condition(sct("253018005"))], True),
        ([condition(concept(ICD_10_CM, "C22.0"))], True),
        ([condition(concept(ICD_10_CM, "C220"))], True),
        ([condition(concept(ICD_10, "C22.0"))], True),
        ([condition(concept(ICD_O_3, "8170/3"))], True),
        ([condition(concept(ICD_O_3, "C22.0"))], False),
        ([condition(sct("109842005"))], False),
        ([condition(concept(ICD_10_CM, "C22.1"))], False),
        ([condition(sct("109843000"))], False),
        ([condition(concept(ICD_10_CM, "C78.7"))], False),
        ([condition(concept(ICD_10_CM, "D37.6"))], False),
        ([condition({"coding": [{"system": ICD_10_CM, "code": "C22.0"}, {"system": "http://snomed.info/sct", "code": "109842005"}]})], False),
        ([condition(sct("187769009"))], None),
        ([condition(concept(ICD_10_CM, "C22.9"))], None),
        ([condition(concept(ICD_10_CM, "Z85.05"))], None),
        ([condition(sct("363346000"), extension=[{"url": "x", "valueCodeableConcept": concept(ICD_O_3, "8170/3")}])], True),
        ([condition(sct("363346000"), extension=[{"url": "x", "valueCodeableConcept": concept(ICD_O_3, "8500/3")}])], None),
        ([condition(sct("109841003"), **_verified_as("provisional"))], None),
        ([condition(sct("109841003"), **_verified_as("differential"))], None),
        ([condition(sct("109841003"), **_verified_as("refuted"))], False),
        ([condition(sct("109841003"), **_verified_as("entered-in-error"))], False),
        ([condition(sct("109841003"), clinicalStatus={"coding": [{"code": "resolved"}]})], True),
        ([condition(sct("254837009"))], False),
    ],
)  # fmt: skip
def test_hcc_against_its_near_misses(conditions: list[Resource], has_hcc: bool | None) -> None:
    """HCC is certain, certainly not on the problem list, or not settled (None)."""
    assert mapped(*conditions).has_hcc is has_hcc


def test_without_the_conditions_nothing_is_known_of_hcc() -> None:
    """A problem list that was not sent, or was cut short, is no proof of no HCC."""
    other = condition(sct("254837009"))
    assert mapped(other, states={"conditions": PrefetchState.INCOMPLETE}).has_hcc is None
    assert mapped(HCC, states={"conditions": PrefetchState.INCOMPLETE}).has_hcc is True


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (condition(sct("109842005")), "present"),
        (condition(concept(ICD_10_CM, "C22.2")), "present"),
        (condition(sct("274902006")), "present"),
        (condition(concept(ICD_10_CM, "C78.7")), "unknown"),
        (condition(sct("109842005"), **_verified_as("refuted")), "absent"),
        (condition(sct("254837009")), "absent"),
    ],
)
def test_another_liver_cancer(resource: Resource, expected: str) -> None:
    """Another or a mixed cancer excludes; a secondary cancer of the liver may be the HCC's own."""
    assert now(mapped(HCC, resource), "other_liver_cancer") == expected


def test_a_mixed_carcinoma_is_an_hcc_in_part() -> None:
    """The card can say why the model does not apply, so the patient counts as one with HCC."""
    assert mapped(condition(sct("274902006"))).has_hcc is True


# --- The index operation.


@pytest.mark.parametrize(
    ("resources", "phase", "day"),
    [
        ([], "none", None),
        ([resection("2026-10-01")], "done", "2026-10-01"),
        ([resection("2026-10-01T23:30:00+08:00")], "done", "2026-10-01"),
        ([procedure(concept(ICD_10_PCS, "0FT10ZZ"), "2026-10-01")], "done", "2026-10-01"),
        ([resection("2026-10-01", status="not-done")], "none", None),
        ([resection("2026-10-01", status="entered-in-error")], "none", None),
        ([resection("2026-12-01", status="preparation")], "planned", None),
        ([resection("2026-11-22", status="in-progress")], "planned", None),
        ([resection("2026-10-01", status="unknown")], "unclear", "2026-10-01"),
        ([resection("2027-10-01")], "none", None),
        ([resection("2026-11-22")], "done", "2026-11-22"),
        ([procedure(concept(ICD_10_PCS, "0FB00ZX"), "2026-10-01")], "none", None),
        ([procedure(sct("235462000"), "2026-10-01")], "none", None),
        ([procedure(sct("18027006"), "2026-10-01")], "none", None),
        ([procedure(concept(ICD_10_PCS, "0FT00ZZ"), "2026-10-01")], "none", None),
        ([procedure({"coding": [{"system": "http://snomed.info/sct", "code": "71273005"},
                                {"system": "http://snomed.info/sct", "code": "235462000"}]}, "2026-10-01")], "none", None),
        ([resection("2026-10-01", reasonCode=[sct("94381002")])], "none", None),
        ([resection("2026-10-01", reasonCode=[sct("109841003")])], "done", "2026-10-01"),
        ([order(sct("71273005"), "2026-11-20")], "planned", None),
        ([order(sct("71273005"), "2026-11-20", status="revoked")], "none", None),
        ([resection("2026-10")], "done", "2026-10-01"),
        ([resection("2026-11")], "unclear", "2026-11-01"),
        ([resection("2026")], "unclear", "2026-01-01"),
        ([resection("2026-10"), order(sct("85946004"), "2026-10-20")], "unclear", "2026-10-01"),
        ([resection("2026-10"), order(sct("85946004"), "2026-09-20")], "done", "2026-10-01"),
        ([resection("", performedDateTime="about autumn")], "unclear", None),
        ([resection("2026-10-01"), procedure(sct("174431000"), "2026-10-01")], "done", "2026-10-01"),
        ([resection("2025-01-10"), procedure(sct("85946004"), "2026-10-01")], "done", "2025-01-10"),
        ([resection("2026-08-10"), procedure(sct("85946004"), "2026-10-01")], "unclear", "2026-08-10"),
        ([resection("2026-08-10"), procedure(sct("85946004"), "2026-10-01"), procedure(sct("441525007"), "2026-09-01")], "done", "2026-08-10"),
        ([procedure(sct("723069003"), "2026-09-20")], "unclear", "2026-09-20"),
        ([procedure(sct("723069003"), "2026-09-20"), procedure(sct("85946004"), "2026-10-01")], "done", "2026-10-01"),
        ([procedure(sct("723069003"), "2026-09-20"), order(sct("85946004"), "2026-11-20")], "planned", None),
        ([procedure(own("staged-hepatectomy-first-stage"), "2026-09-20")], "planned", None),
        ([procedure(own("staged-hepatectomy-first-stage"), "2026-09-20"),
          procedure(own("staged-hepatectomy-completing-stage"), "2026-10-01")], "done", "2026-10-01"),
    ],
)  # fmt: skip
def test_the_index_operation(resources: list[Resource], phase: str, day: str | None) -> None:
    """The earliest completed therapeutic resection; the completing stage; doubt stays doubt."""
    operation = mapped(*resources).index_operation
    assert operation.phase == phase
    if day is not None:
        assert operation.earliest == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("resources", "note"),
    [
        ([resection("2026")], "the date of the liver resection is too coarse to say whether it lies before today"),
        ([resection("2026-10"), order(sct("85946004"), "2026-10-20")], "the date of the liver resection is too coarse to say whether it lies before its order"),
        ([resection("2026-10-01", status="unknown")], "a liver resection whose status does not say that it was completed"),
        ([resection("2026-08-10"), procedure(sct("85946004"), "2026-10-01")],
         "two liver resections (2026-08-10 and 2026-10-01) with no HCC event between: one staged operation, or a repeat resection?"),
        ([procedure(sct("723069003"), "2026-09-20")], "a staged hepatectomy (ALPPS) that does not say whether it is complete"),
    ],
)  # fmt: skip
def test_an_unclear_phase_says_why(resources: list[Resource], note: str) -> None:
    """The reason is a sentence a clinician can answer."""
    record = mapped(*resources)
    assert record.index_operation.note == note
    assert record.situation()["resection"].value.reason == note


def test_an_ordered_resection_is_planned() -> None:
    """The order being placed makes the patient one before surgery."""
    record = mapped(resection_ordered=True)
    assert record.index_operation.phase == "planned"
    assert now(record, "resection") == "planned"
    assert now(record, "months_since_resection") == "not yet knowable"


@pytest.mark.parametrize(
    ("resources", "ordered", "expected"),
    [
        ([], True, "absent"),
        ([resection("2026-10-01")], False, "absent"),
        ([resection("2026-10-01")], True, "present"),
        ([resection("2025-01-10"), procedure(sct("85946004"), "2026-10-01")], False, "present"),
        ([resection("2026-10-01"), order(sct("85946004"), "2026-11-20")], False, "present"),
        ([resection("2026-10-01"), order(sct("85946004"), "2026-09-20")], False, "absent"),
    ],
)
def test_a_repeat_resection(resources: list[Resource], ordered: bool, expected: str) -> None:
    """A second resection, done or ordered after the first, is a repeat resection."""
    assert now(mapped(*resources, resection_ordered=ordered), "earlier_resection") == expected


@pytest.mark.parametrize(
    ("day", "months"),
    [
        ("2026-10-22", "1"),
        ("2026-10-23", "0"),
        ("2026-07-22", "4"),
        ("2026-07-23", "3"),
        ("2026-11-22", "0"),
    ],
)
def test_months_since_the_operation(day: str, months: str) -> None:
    """Completed calendar months, so that four months end on the same day of the month."""
    assert now(mapped(resection(day)), "months_since_resection") == months


def test_months_since_an_operation_of_a_coarse_date() -> None:
    """The date "2026-07" may be four months ago or three."""
    value = mapped(resection("2026-07")).situation()["months_since_resection"].value
    assert (value.numbers[0].lower, value.numbers[0].upper) == (Decimal(3), Decimal(4))
    assert value.reason == "the date of the operation is partial"


# --- Age.


@pytest.mark.parametrize(
    ("born", "resources", "expected"),
    [
        ("1970-11-22", [], "56"),
        ("1970-11-23", [], "55"),
        ("1970-10-01", [resection("2026-10-01")], "56"),
        ("1970-10-02", [resection("2026-10-01")], "55"),
        ("1970-06", [], "56"),
        ("1970", [], "55 to 56"),
        ("1970-11", [], "55 to 56"),
        ("", [], "unknown"),
        ("2030-01-01", [], "unknown"),
    ],
)
def test_age(born: str, resources: list[Resource], expected: str) -> None:
    """Completed years at the index operation, else today; a coarse birth date leaves two ages."""
    value = mapped(patient(birthDate=born), *resources).situation()["age_years"].value
    part = value.numbers[0]
    said = "unknown" if value.knowledge is Knowledge.UNKNOWN else f"{part.lower} to {part.upper}"
    assert (str(value.value) if value.is_known else said) == expected


# --- Spread, recurrence, transplantation, treatment.


@pytest.mark.parametrize(
    ("resources", "extrahepatic", "recurrence"),
    [
        ([], "unknown", "unknown"),
        ([condition(sct("94391008"), "2026-09-01")], "present", "unknown"),
        ([resection(), condition(sct("94391008"), "2026-09-01")], "present", "unknown"),
        ([resection(), condition(sct("94391008"), "2026-11-10")], "present", "present"),
        ([condition(sct("94392001"))], "present", "unknown"),
        ([condition(concept(ICD_10_CM, "C78.01"))], "present", "unknown"),
        ([condition(sct("128462008"))], "unknown", "unknown"),
        ([condition(sct("94391008"), **_verified_as("differential"))], "unknown", "unknown"),
        ([condition(sct("94391008"), clinicalStatus={"coding": [{"code": "resolved"}]})], "unknown", "unknown"),
        ([observation(own("extrahepatic-disease"), ABSENT)], "absent", "unknown"),
        ([observation(sct("399387003"), {"valueString": "cM1"})], "present", "unknown"),
        ([observation(sct("399387003"), {"valueString": "cM0"})], "unknown", "unknown"),
        ([observation(own("other"), {"valueCodeableConcept": sct("399409002")})], "unknown", "unknown"),
        ([resection(), condition(sct("314963000"), "2026-11-10")], "unknown", "present"),
        ([resection(), condition(sct("314963000"), "2026-09-10")], "unknown", "unknown"),
        ([resection(), observation(own("hcc-recurrence"), ABSENT, "2026-11-10")], "unknown", "absent"),
        ([resection(), condition(sct("109841003"), "2026-09-01", clinicalStatus={"coding": [{"code": "recurrence"}]})], "unknown", "present"),
    ],
)  # fmt: skip
def test_spread_and_recurrence(
    resources: list[Resource], extrahepatic: str, recurrence: str
) -> None:
    """A problem list without metastasis is no proof of none; later spread is a recurrence too."""
    record = mapped(HCC, *resources)
    assert now(record, "extrahepatic_disease") == extrahepatic
    assert now(record, "recurrence") == recurrence


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([], "absent"),
        ([procedure(sct("441525007"), "2026-09-01")], "present"),
        ([procedure(sct("441525007"), "2026-09-01"), resection()], "present"),
        ([procedure(sct("441525007"), "2026-11-01"), resection()], "absent"),
        ([procedure(sct("314617008"), "2026-09-01")], "absent"),
        ([procedure(sct("720379009"), "2026-09-01")], "present"),
        ([procedure(sct("448781006"), "2026-09-01")], "present"),
        ([procedure(concept(ICD_10_PCS, "0F503ZZ"), "2026-09-01")], "present"),
        ([procedure(sct("764677008"), "2026-09-01")], "present"),
        ([procedure(sct("441525007"), "2026-09-01", status="not-done")], "absent"),
        ([procedure(sct("441525007"), "2026-09-01", status="stopped")], "unknown"),
        ([procedure(sct("441525007"), "2026"), resection()], "unknown"),
        ([procedure(sct("441525007"), ""), resection()], "unknown"),
        ([medication("Nivolumab 100 MG in 10 ML Injection", "2026-09-01")], "present"),
        ([medication("sintilimab", "2026-09-01")], "present"),
        ([medication("lenvatinib 4 mg", "2026-09-01", status="draft")], "absent"),
        ([medication("lenvatinib 4 mg", "2026-09-01", status="stopped")], "present"),
        ([medication("lapatinib 250 mg", "2026-09-01")], "absent"),
        ([condition(concept(ICD_10_CM, "Z92.26"))], "present"),
    ],
)  # fmt: skip
def test_earlier_treatment(resources: list[Resource], expected: str) -> None:
    """TACE, HAIC, ablation, radiotherapy or systemic therapy before the index operation."""
    record = mapped(HCC, *resources)
    assert now(record, "earlier_treatment") == expected


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([], "absent"),
        ([procedure(sct("18027006"), "2019-01-01")], "present"),
        ([procedure(concept(ICD_10_PCS, "0FY00Z0"), "2019")], "present"),
        ([procedure(sct("240326000"), "2019-01-01")], "absent"),
        ([procedure(sct("18027006"), "2027-01-01", status="preparation")], "absent"),
    ],
)
def test_transplantation(resources: list[Resource], expected: str) -> None:
    """A transplantation at any time excludes; having given a part of the liver does not."""
    assert now(mapped(*resources), "liver_transplantation") == expected


# --- HBV and liver function.


@pytest.mark.parametrize(
    ("resources", "hbv", "antiviral"),
    [
        ([], "unknown", "absent"),
        ([observation(loinc("5195-3"), {"valueCodeableConcept": loinc("LA6576-8")})], "present", "absent"),
        ([observation(loinc("5195-3"), {"valueString": "阴性"})], "absent", "absent"),
        ([observation(loinc("5195-3"), {"interpretation": [{"coding": [{"code": "POS"}]}]})], "present", "absent"),
        ([observation(loinc("42595-9"), quantity_of(2000, "[IU]/mL"))], "present", "absent"),
        ([observation(loinc("42595-9"), quantity_of(20, "[IU]/mL", "<"))], "unknown", "absent"),
        ([observation(loinc("42595-9"), {"valueCodeableConcept": sct("260415000")})], "unknown", "absent"),
        ([condition(sct("186639003"), "2010")], "present", "absent"),
        ([medication("Entecavir 0.5 mg", "2020-01-01")], "unknown", "present"),
        ([medication("Entecavir 0.5 mg", "2020-01-01", status="cancelled")], "unknown", "absent"),
        ([medication("Entecavir 0.5 mg", "2020-01-01", status="stopped")], "unknown", "unknown"),
    ],
)  # fmt: skip
def test_hepatitis_b(resources: list[Resource], hbv: str, antiviral: str) -> None:
    """HBsAg or HBV DNA; a low HBV DNA under treatment is no proof of none."""
    record = mapped(HCC, *resources)
    assert now(record, "hbv") == hbv
    assert now(record, "hbv_antiviral") == antiviral


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        (concept(NCIT, "C121007"), {"valueCodeableConcept": concept(NCIT, "C113692")}, "B"),
        (concept(NCIT, "C121007"), {"valueString": "A"}, "A"),
        (loinc("98152-2"), {"valueInteger": 6}, "A"),
        (loinc("98152-2"), {"valueInteger": 7}, "B"),
        (loinc("98152-2"), {"valueInteger": 10}, "C"),
        (loinc("98152-2"), {"valueString": "6-7"}, "A or B"),
        (loinc("98152-2"), {"valueInteger": 3}, "unknown"),
    ],
)
def test_child_pugh(code: Resource, value: Resource, expected: str) -> None:
    """The class as recorded, or by its points: 5-6, 7-9, 10-15."""
    assert now(mapped(observation(code, value)), "child_pugh_class") == expected


@pytest.mark.parametrize(
    ("resource", "name", "expected"),
    [
        (observation(loinc("14631-6"), quantity_of(17.1, "umol/L")), "bilirubin_umol_l", "17.1"),
        (observation(loinc("1975-2"), quantity_of(2, "mg/dL")), "bilirubin_umol_l", "34.2"),
        (observation(loinc("1975-2"), quantity_of(17.1, "umol/L")), "bilirubin_umol_l", None),
        (observation(loinc("1751-7"), quantity_of(3.9, "g/dL")), "albumin_g_l", "39.0"),
        (observation(loinc("6301-6"), quantity_of(1.1, "{INR}")), "inr", "1.1"),
        (observation(sct("389026000"), ABSENT), "ascites", "none"),
        (condition(sct("389026000")), "ascites", "slight or moderate"),
        (condition(sct("389026000"), clinicalStatus={"coding": [{"code": "resolved"}]}), "ascites", None),
        (observation(sct("59927004"), ABSENT), "liver_failure", "absent"),
        (condition(concept(ICD_10_CM, "K83.3")), "bile_leak", "present"),
        (observation(loinc("89247-1"), {"valueInteger": 1}), "ecog", "1"),
        (observation(loinc("89247-1"), {"valueCodeableConcept": sct("422512005")}), "ecog", "1"),
    ],
)  # fmt: skip
def test_liver_function_and_what_forbids_an_adjuvant_draft(
    resource: Resource, name: str, expected: str | None
) -> None:
    """Converted exactly; a sign without a grade leaves its grades open; what is over is not now."""
    value = mapped(HCC, resource).select(InputNeed(quantity(name), Anchor.NOW)).value
    if expected is None:
        assert value.knowledge is Knowledge.UNKNOWN
    elif value.numbers:
        assert value.value == Decimal(expected)
    else:
        assert (
            " or ".join(n for n in value.quantity.categories if n in value.categories) == expected
        )


# --- None recorded.


def test_every_decision_about_none_recorded_has_a_reason() -> None:
    """The settings' default is what the table says, and each line says why."""
    assert {
        n for n, item in NONE_RECORDED.items() if item.means_absent
    } == NONE_RECORDED_MEANS_ABSENT
    assert all(item.because for item in NONE_RECORDED.values())


@pytest.mark.parametrize("name", sorted(NONE_RECORDED_MEANS_ABSENT - {"hcc", "complication"}))
@pytest.mark.parametrize(
    "state",
    [PrefetchState.ABSENT, PrefetchState.ERROR, PrefetchState.INCOMPLETE],
)
def test_a_search_that_was_not_answered_proves_nothing(name: str, state: PrefetchState) -> None:
    """Nothing found in a key that is absent, in error or cut short stays unknown."""
    states = dict.fromkeys(NONE_RECORDED[name].keys, state)
    assert now(mapped(HCC, states=states), name) == "unknown"
    assert now(mapped(HCC), name) == "absent"


def test_what_none_recorded_means_is_switchable() -> None:
    """A site may read it the other way, per quantity."""
    strict = MappingSettings(none_recorded_means_absent=frozenset())
    assert now(mapped(settings=strict), "liver_transplantation") == "unknown"
    lenient = MappingSettings(none_recorded_means_absent=frozenset({"extrahepatic_disease"}))
    assert now(mapped(settings=lenient), "extrahepatic_disease") == "absent"


def test_none_recorded_stands_in_the_evidence() -> None:
    """An absence that was concluded says which searches it rests on."""
    used = mapped().situation()["liver_transplantation"].used
    assert [(item.evidence.reference, item.evidence.value) for item in used] == [
        ("procedures", "none recorded")
    ]


# --- Lists cut short, other patients, what is not a resource.


@pytest.mark.parametrize(
    ("resources", "name", "preference", "expected"),
    [
        ([observation(loinc("1834-1"), quantity_of(30, "ng/mL"))], "afp_ng_ml", Preference.NONE, ("0", "10000000")),
        ([observation(loinc("21889-1"), quantity_of(3, "cm"))], "tumour_size_cm", Preference.IMAGING_ONLY, ("0.1", "40")),
        ([resection(), observation(loinc("21889-1"), quantity_of(3, "cm"), "2026-10-05", specimen={"reference": "Specimen/s"})],
         "tumour_size_cm", Preference.SPECIMEN_FIRST, ("3", "40")),
    ],
)  # fmt: skip
def test_a_list_cut_short_widens_what_rests_on_the_latest_or_largest(
    resources: list[Resource], name: str, preference: Preference, expected: tuple[str, str]
) -> None:
    """A later AFP or a larger lesion may be on the page that is missing."""
    record = mapped(*resources, states={"observations": PrefetchState.INCOMPLETE})
    value = record.select(
        InputNeed(quantity(name), Anchor.BEFORE_OPERATION, preference=preference)
    ).value
    assert (str(value.numbers[0].lower), str(value.numbers[0].upper)) == expected
    assert value.reason == (
        "the list of observations was cut short: a later or larger value may be missing"
    )


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ({"subject": {"reference": "Patient/somebody-else"}}, "it is of another patient"),
        ({"subject": {"reference": "https://ehr.example.org/fhir/Patient/somebody-else"}}, "it is of another patient"),
        ({"subject": {"identifier": {"value": "1"}}}, "it does not say clearly whose it is"),
        ({"subject": {"reference": "urn:uuid:0"}}, "it does not say clearly whose it is"),
        ({"resourceType": "OperationOutcome"}, "an OperationOutcome stands in its place"),
        ({"resourceType": "Basic"}, "a resource of a type that is not read here"),
        ({"resourceType": None}, "not a FHIR resource"),
    ],
)  # fmt: skip
def test_what_is_not_this_patients_is_never_used(resource: Resource, reason: str) -> None:
    """It is listed with the reason, and the rest is used."""
    record = _with(resource)
    assert [item.reason for item in record.rejected] == [reason]
    chosen = record.select(InputNeed(quantity("afp_ng_ml"), Anchor.BEFORE_OPERATION))
    assert chosen.value.value == Decimal(30)


def _with(changes: dict[str, Any]) -> PatientRecord:
    good = observation(loinc("1834-1"), quantity_of(30, "ng/mL"), "2026-11-01")
    bad = {**observation(loinc("1834-1"), quantity_of(900, "ng/mL"), "2026-11-10"), **changes}
    prefetch = prefetch_of([patient(), HCC, good])
    prefetch["observations"] = PrefetchKey(PrefetchState.COMPLETE, (good, bad))
    return map_record(prefetch, patient_id=PATIENT_ID, on=ON)


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p"},
        {"reference": "https://ehr.example.org/fhir/Patient/p"},
        {"reference": "Patient/p/_history/3"},
        {"reference": "urn:uuid:p"},
    ],
)
def test_every_way_to_name_the_patient(subject: Resource) -> None:
    """Relative, absolute, with a version, and as in a bundle."""
    record = mapped(observation(loinc("1834-1"), quantity_of(30, "ng/mL"), subject=subject))
    chosen = record.select(InputNeed(quantity("afp_ng_ml"), Anchor.BEFORE_OPERATION))
    assert chosen.value.value == Decimal(30)


# --- Recent imaging and AFP.


def test_recent_and_ordered_monitoring() -> None:
    """What is ordered or was done within two months is known, so that it is not offered again."""
    record = mapped(
        order(loinc("42277-4"), "2026-11-20"),
        order(loinc("24627-2"), "2026-11-20", status="completed"),
        observation(loinc("1834-1"), quantity_of(5, "ng/mL"), "2026-11-01"),
        observation(loinc("1834-1"), quantity_of(5, "ng/mL"), "2026-01-01"),
        encounter("2026-09-30", "2026-10-10"),
    )
    assert [(item.kind, item.evidence.reference) for item in record.recent_orders] == [
        (OrderKind.IMAGING, "ServiceRequest/order-42277-4"),
        (OrderKind.AFP, "Observation/observation-1834-1-2026-11-01"),
    ]


# --- Spread in the words of the staging manual, and a viral load in words.


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"text": "M1"}, "present"),
        ({"text": "cM1b"}, "present"),
        ({"text": "ypM1"}, "present"),
        ({"coding": [{"display": "American Joint Committee on Cancer cM1 (qualifier value)"}]}, "present"),
        ({"coding": [{"display": "American Joint Committee on Cancer cM0 (qualifier value)"}]}, "unknown"),
        ({"text": "M0 or M1"}, "unknown"),
        ({"text": "MX"}, "unknown"),
        ({"text": "BM1"}, "unknown"),
    ],
)  # fmt: skip
def test_m1_is_spread_in_whatever_words(said: Resource, expected: str) -> None:
    """M1 before surgery means that the models do not apply, so it must not be missed."""
    m_category = observation(loinc("21907-1"), {"valueCodeableConcept": said})
    assert now(mapped(HCC, m_category), "extrahepatic_disease") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueString": ">170000000 IU/mL"}, "present"),
        ({"valueString": "2000"}, "present"),
        ({"valueString": "Detected"}, "present"),
        ({"valueString": "<20 IU/mL"}, "unknown"),
        ({"valueString": "not detected"}, "unknown"),
        ({"valueInteger": 2000}, "present"),
        ({"valueInteger": 0}, "unknown"),
        (quantity_of(20, "[IU]/mL", "<"), "unknown"),
        (quantity_of(20, "[IU]/mL", ">"), "present"),
    ],
)
def test_a_viral_load_is_read_in_numbers_or_words(value: Resource, expected: str) -> None:
    """HBV DNA above zero is hepatitis B; a load below the limit rules nothing out."""
    assert now(mapped(HCC, observation(loinc("42595-9"), value)), "hbv") == expected
