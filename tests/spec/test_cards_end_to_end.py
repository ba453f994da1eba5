"""From a record to its cards: the demo's synthetic patients, null first."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from cds_service.advice.catalogue import ADVICE
from cds_service.advice.consultation import Consultation, Proposal
from cds_service.advice.guideline_profile import load_profile
from cds_service.demo.patients.catalogue import PATIENTS
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


def test_the_sentence_of_the_issue_comes_out_of_a_record() -> None:
    """A capsule that the report does not mention gives the range, the reason and the class."""
    (proposal,) = _cards("capsule-not-recorded", "order-select", RESECTION)
    assert proposal.card.summary == (
        "Early recurrence (4 mo): 26-49 % depending on capsule (not recorded); high class; "
        "re-estimated model"
    )


def test_what_was_not_used_is_on_the_card_with_its_reason() -> None:
    """A withdrawn result, another patient's and a wrong unit are listed and not used."""
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
    ]
