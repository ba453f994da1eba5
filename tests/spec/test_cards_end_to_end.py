"""From a record to its cards: the demo's synthetic patients, null first."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from cds_service.advice.catalogue import ADVICE
from cds_service.advice.consultation import Consultation, Proposal
from cds_service.demo.patients.catalogue import PATIENTS
from cds_service.guideline_profile import load_profile
from fhir_mapping.orders import DraftOrder, OrderKind, OrdersRead
from fhir_mapping.patient_record import map_record
from fhir_mapping.prefetch_key import JsonObject, PrefetchKey, PrefetchState
from models.registry import MODELS

ON = date(2026, 11, 22)
KEYS = {
    "Patient": "patient",
    "Condition": "conditions",
    "Procedure": "procedures",
    "Observation": "observations",
    "DiagnosticReport": "reports",
    "MedicationRequest": "medications",
    "MedicationAdministration": "administrations",
    "Encounter": "encounters",
    "ServiceRequest": "orders",
}
RESECTION, TACE = OrderKind.RESECTION, OrderKind.TACE
IMMUNOTHERAPY, IMAGING = OrderKind.IMMUNE_CHECKPOINT_INHIBITOR, OrderKind.IMAGING


def _cards(patient: str, hook: str, kind: OrderKind | None) -> list[Proposal]:
    by_key: dict[str, list[JsonObject]] = defaultdict(list)
    for resource in PATIENTS[patient].resources(ON):
        by_key[KEYS.get(resource["resourceType"], "")].append(resource)
    prefetch = {
        key: PrefetchKey(
            PrefetchState.COMPLETE if by_key[key] else PrefetchState.EMPTY, tuple(by_key[key])
        )
        for key in KEYS.values()
    }
    record = map_record(
        prefetch, patient_id=patient, on=ON, resection_ordered=kind is OrderKind.RESECTION
    )
    drafts = (DraftOrder(kind, "ServiceRequest/draft", "", {}),) if kind else ()
    given = Consultation(
        hook=hook,
        patient_id=patient,
        user_id="Practitioner/surgeon",
        record=record,
        orders=OrdersRead(drafts),
        on=ON,
        profile=load_profile("CNLC"),
        public_url="http://127.0.0.1:8000",
        demo=True,
        models=MODELS,
    )
    return [item for advice in ADVICE if hook in advice.hooks for item in advice.advise(given)]


@pytest.mark.parametrize(
    ("patient", "hook", "kind", "cards"),
    [
        ("no-hcc",               "order-select", RESECTION, []),
        ("no-hcc",               "patient-view", None,      []),
        ("clearly-low",          "order-select", RESECTION, ["caution-with-surgery info"]),
        ("clearly-low",          "order-sign",   RESECTION, []),
        ("clearly-low",          "patient-view", None,      []),
        ("clearly-high",         "order-select", RESECTION, ["caution-with-surgery warning"]),
        ("clearly-high",         "order-sign",   RESECTION, ["caution-with-surgery warning"]),
        ("capsule-not-recorded", "order-sign",   RESECTION, ["caution-with-surgery warning"]),
        ("conflicting-sizes",    "order-sign",   RESECTION, ["caution-with-surgery info"]),
        ("earlier-resection",    "order-select", RESECTION, ["model-not-applicable info"]),
        ("lung-metastasis",      "order-select", RESECTION, ["model-not-applicable info"]),
        ("lung-metastasis",      "order-select", IMMUNOTHERAPY, ["hyperprogressive-disease info"]),
        ("lung-metastasis",      "patient-view", None,      ["lung-metastasis info"]),
        ("immunotherapy-running", "order-sign",  IMAGING,   ["hyperprogressive-disease info"]),
        ("immunotherapy-running", "patient-view", None,     []),
        ("no-hcc",               "order-sign",   IMMUNOTHERAPY, []),
        ("mvi-present",          "patient-view", None,      ["adjuvant-therapy warning", "surveillance warning"]),
        ("mvi-present",          "order-sign",   TACE,      ["adjuvant-therapy warning"]),
        ("mvi-not-recorded",     "patient-view", None,      ["adjuvant-therapy info", "surveillance info"]),
        ("recurrence-found",     "patient-view", None,      ["recurrence-found info"]),
        ("recurrence-found",     "order-sign",   TACE,      ["model-not-applicable info"]),
    ],
)  # fmt: skip
def test_a_patient_gets_these_cards(
    patient: str, hook: str, kind: OrderKind | None, cards: list[str]
) -> None:
    """Each synthetic patient gets exactly the cards it was written to show."""
    found = _cards(patient, hook, kind)
    assert [f"{item.kind} {item.card.indicator.value}" for item in found] == cards


def test_the_flags_of_a_record_stand_in_one_sentence() -> None:
    """NLR from two counts, LDH over its limit and the lung metastasis, with what is not known."""
    (proposal,) = _cards("lung-metastasis", "order-sign", IMMUNOTHERAPY)
    assert proposal.card.summary == (
        "HPD (not HPR): flags present: NLR 5.1 (from 3), LDH above limit and 1 more; not known:"
        " metastatic sites and 1 more. No validated score."
    )
    detail = proposal.card.detail or ""
    assert "| 5.1 and 1 10\\*9/L (5.1 / 1 = 5.1) |" in detail
    assert "310 U/L (upper limit 250 U/L)" in detail


def test_blood_after_the_first_dose_is_no_baseline() -> None:
    """Under treatment the NLR is 7 and the LDH raised; before the first dose neither was."""
    (proposal,) = _cards("immunotherapy-running", "order-sign", IMAGING)
    assert proposal.card.summary == ("HPD (not HPR): no flag present. No validated score.")
    detail = proposal.card.detail or ""
    assert "on record since 2026-10-04. The values above are the last ones up to that day" in detail
    assert "4.9 / 1.9 = 2.579" in detail
    assert "it was after the first dose, so it is no baseline" in detail
    assert [item.label for item in proposal.card.suggestions or ()] == [
        "Draft tumour-board referral"
    ]


def test_the_criteria_of_a_record_stand_in_one_sentence() -> None:
    """Two foci, a solitary tumour, Child-Pugh A and no vascular invasion: all met, none recommended."""
    (proposal,) = _cards("lung-metastasis", "patient-view", None)
    assert proposal.card.summary == (
        "Lung metastasis: consider discussing at the tumour board; met: liver function, intrahepatic"
        " extent, lung foci, vascular invasion"
    )


def test_markers_stand_beside_the_risk_without_a_weight() -> None:
    """MYCN and HMGA2 of the specimen are named as markers and change no number."""
    (proposal,) = [
        item
        for item in _cards("mvi-present", "patient-view", None)
        if item.kind == "adjuvant-therapy"
    ]
    detail = proposal.card.detail or ""
    block = detail.split("**Marker of aggressive biology, no weight in any number here**")[1]
    assert [line.split(",")[0] for line in block.split("\n\n")[1].splitlines()] == [
        "- MYCN: positive",
        "- HMGA2: positive",
    ]


def test_a_second_opinion_stands_under_its_own_names() -> None:
    """Six published scores, one line each, with status and hash and never in the risk."""
    (proposal,) = _cards("clearly-high", "order-select", RESECTION)
    detail = proposal.card.detail or ""
    block = detail.split("**Second opinion: published scores, not part of the risk**")[1]
    lines = block.split("\n\n")[1].splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "- Early recurrence score (ERS)",
        "- AFP model",
        "- Tumour burden score",
        "- ALBI",
        "- Child-Pugh",
        "- BCLC stage (2022)",
    ]
    assert all("(published, " in line for line in lines)
    assert lines[0].startswith(
        "- Early recurrence score (ERS): **10-12 of 12 points**; depends on MVI"
    )
    assert "0 to 11" in lines[0]


def test_the_sentence_of_the_issue_comes_out_of_a_record() -> None:
    """A capsule that the report does not mention gives the range, the reason and the class."""
    (proposal,) = _cards("capsule-not-recorded", "order-select", RESECTION)
    assert proposal.card.summary == (
        "Early recurrence (4 mo): 26-49 % depending on capsule (not recorded); high class; "
        "re-estimated model"
    )


def test_what_was_not_used_is_on_the_card_with_its_reason() -> None:
    """A withdrawn result, another patient's and a wrong unit are listed and not used (F44)."""
    (proposal,) = _cards("broken-record", "order-select", RESECTION)
    detail = proposal.card.detail or ""
    assert "entered in error" in detail
    assert "it is of another patient" in detail
    assert "mmol/L is not a unit of mass concentration" in detail


def test_before_surgery_the_specimen_is_not_yet_knowable() -> None:
    """MVI, margin and transfusion are not missing, they cannot exist yet."""
    (proposal,) = _cards("clearly-low", "order-select", RESECTION)
    detail = proposal.card.detail or ""
    assert "of 360.3 points knowable before surgery**" in detail
    assert "operation and specimen can add up to 131.9. No class and no risk yet." in detail
    assert "| MVI |" not in detail


def test_an_overdue_follow_up_is_the_first_thing_said() -> None:
    """Seven months without imaging: overdue comes first, with the drafts of what is due."""
    found = {item.kind: item for item in _cards("surveillance-overdue", "patient-view", None)}
    card = found["surveillance"].card
    assert card.summary.startswith("Imaging overdue: none on record since 2026-04-24; ")
    assert [item.label for item in card.suggestions or ()] == [
        "Draft CT of chest and abdomen",
        "Draft AFP",
        "Draft follow-up plan",
        "Draft follow-up visit",
    ]
