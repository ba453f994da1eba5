"""What is read of the published examples of mCODE, US Core and the International Patient Summary.

None of them is of HCC: they are the shapes as their authors meant them, and negative controls.
"""

from __future__ import annotations

import copy
from decimal import Decimal

import pytest

from fhir_mapping.findings import Origin
from fhir_mapping.patient_record import PatientRecord, map_record
from models.inputs import Knowledge
from models.registry import MODELS
from tests.mapping_records import ON, Resource, condition, sct
from tests.published_examples import EXAMPLES, patient_of, record_of

# What an example says of its patient under a code that means the same in every patient.
_SAYS = {
    "mcode/Observation-ecog-performance-status-jenny-m": {("ecog", "0")},
    "mcode/Observation-tumor-size-jenny-m": {("tumour_size_cm", "2.5")},
    "mcode/Observation-tumor-size-pathology": {("tumour_size_cm", "1.2")},
    "mcode/Condition-mCODESecondaryCancerConditionExample01": {
        ("extrahepatic_disease", "present"),
        ("metastatic_sites", "1 to 20"),
    },
    "mcode/Patient-cancer-patient-jenny-m": {("age_years", "61"), ("sex", "female")},
    "us-core/Observation-serum-total-bilirubin": {("bilirubin_umol_l", "147.06")},
}
_SLIP = (
    "outside the plausible range 0.02 to 100 10*9/L: "
    "the unit or the number may be wrong by a thousand"
)
# What is not used although it looks like an input, with the reason that is shown.
_REFUSES = {
    "mcode/Observation-us-core-observation-lab-neutrophils-jenny-m": (
        "nlr",
        _SLIP,
    ),
    "mcode/Observation-us-core-observation-lab-tumor-margins-jenny-m": (
        "margin_cm",
        "it is the margin of another organ",
    ),
    "mcode/Observation-us-core-observation-lab-tumor-invasion-jenny-m": (
        "microvascular_invasion",
        "it does not say what is invaded",
    ),
    "mcode/Observation-tnm-pathologic-distant-metastases-category-jenny-m": (
        "extrahepatic_disease",
        "M0 says nothing of lymph nodes",
    ),
    "mcode/Condition-primary-cancer-condition-breast": ("hcc", "it is of another tumour"),
}


def _mapped(*resources: Resource) -> PatientRecord:
    patient_id = patient_of(resources[0])
    return map_record(record_of(*resources), patient_id=patient_id, on=ON)


def _said(record: PatientRecord) -> set[tuple[str, str]]:
    found = set()
    for item in record.findings:
        value = item.value.value
        if value is None:
            part = item.value.numbers[0]
            value = f"{part.lower} to {part.upper}"
        found.add((item.name, str(value)))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_published_example_is_read_as_it_is_meant_and_no_further(name: str) -> None:
    """Each maps without error; what it does not say of HCC is not read into it."""
    record = _mapped(EXAMPLES[name])
    assert _said(record) == _SAYS.get(name, set())
    refused = {(item.name, item.reason) for item in record.rejected}
    assert refused == ({_REFUSES[name]} if name in _REFUSES else set())
    assert record.has_hcc is False


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_model_answers_beside_a_published_example(name: str) -> None:
    """Every input of every model has a value or says why not, and no model takes her for one with HCC."""
    record = _mapped(EXAMPLES[name])
    for model in MODELS.values():
        for selected in record.inputs_for(model.needs).values():
            assert selected.value.is_known or selected.value.reason
    assert record.situation()["hcc"].value.value == "absent"


def test_the_whole_breast_cancer_example_gives_no_input_of_hcc() -> None:
    """The patient of mCODE's extended example, whole: her ECOG, and the size of a tumour unnamed."""
    hers = [item for item in EXAMPLES.values() if patient_of(item) == "cancer-patient-jenny-m"]
    record = _mapped(*hers)
    assert _said(record) == {
        ("age_years", "61"),
        ("sex", "female"),
        ("ecog", "0"),
        ("tumour_size_cm", "2.5"),
    }
    assert record.has_hcc is False
    assert record.index_operation.phase == "none"


def test_a_pathology_report_says_that_its_results_are_of_a_specimen() -> None:
    """MCODE's size has the report, its method and its specimen around it."""
    size = copy.deepcopy(EXAMPLES["mcode/Observation-tumor-size-jenny-m"])
    del size["specimen"]
    report = EXAMPLES["mcode/DiagnosticReport-us-core-diagnosticreport-lab-jenny-m"]
    for resources in ((size, report), (EXAMPLES["mcode/Observation-tumor-size-jenny-m"],)):
        sizes = [item for item in _mapped(*resources).findings if item.name == "tumour_size_cm"]
        assert [item.origin for item in sizes] == [Origin.SPECIMEN]


def test_a_brain_metastasis_counts_unless_its_primary_is_another_cancer_on_record() -> None:
    """MCODE names the primary of a metastasis; with that primary on record it is not of the HCC."""
    brain = EXAMPLES["mcode/Condition-mCODESecondaryCancerConditionExample01"]
    subject = {"subject": brain["subject"]}
    hcc = condition(sct("109841003"), **subject)
    lung = condition(sct("254637007"), id_as="mCODEPrimaryCancerConditionExample01", **subject)
    assert _mapped(brain, hcc).situation()["extrahepatic_disease"].value.value == "present"
    other = _mapped(brain, hcc, lung).situation()["extrahepatic_disease"]
    assert other.value.knowledge is Knowledge.UNKNOWN
    assert [(item.reason, item.evidence.rule) for item in other.rejected] == [
        ("it is of another tumour", "other-tumour")
    ]


def test_a_bilirubin_of_us_core_is_converted_and_keeps_what_was_sent() -> None:
    """8.6 mg/dL without a unit code is 147.06 umol/L, and the conversion stands beside it."""
    record = _mapped(EXAMPLES["us-core/Observation-serum-total-bilirubin"])
    (found,) = [item for item in record.findings if item.name == "bilirubin_umol_l"]
    assert found.value.value == Decimal("147.06")
    assert found.evidence.value == "8.6 mg/dL"
    assert found.evidence.code == "http://loinc.org|1975-2"
    assert found.evidence.display == "Bilirub SerPl-mCnc"
    assert found.evidence.conversion == "8.6 mg/dL x 17.1 = 147.06 umol/L"
