"""Draft orders as EHRs send them."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mapping.codes import HCC_CDS_SYSTEM, LOINC, SNOMED
from fhir_mapping.orders import OrderKind, read_orders

RESECTION = {
    "resourceType": "ServiceRequest", "id": "r", "status": "draft", "intent": "order",
    "code": {"coding": [{"system": SNOMED, "code": "71273005"}], "text": "Partial hepatectomy"},
}  # fmt: skip
CT = {
    "resourceType": "ServiceRequest", "id": "c", "status": "draft",
    "code": {"coding": [{"system": LOINC, "code": "30612-6"}]},
}  # fmt: skip


def _order(system: str, code: str) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "code": {"coding": [{"system": system, "code": code}]},
    }


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (RESECTION, OrderKind.RESECTION),
        (CT, OrderKind.IMAGING),
        (_order(SNOMED, "723069003"), OrderKind.RESECTION),
        (_order(SNOMED, "441525007"), OrderKind.TACE),
        (_order(HCC_CDS_SYSTEM, "adjuvant-tace"), OrderKind.TACE),
        (_order(HCC_CDS_SYSTEM, "adjuvant-haic"), OrderKind.HAIC),
        (_order(SNOMED, "448781006"), OrderKind.ABLATION),
        (_order(HCC_CDS_SYSTEM, "tumour-board-referral"), OrderKind.TUMOUR_BOARD),
        (_order(LOINC, "1834-1"), OrderKind.AFP),
        (_order(SNOMED, "235462000"), OrderKind.OTHER),
        (_order("local", "x"), OrderKind.OTHER),
        ({"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "Nivolumab 100 MG/10 ML"}}, OrderKind.IMMUNE_CHECKPOINT_INHIBITOR),
        ({"resourceType": "MedicationRequest", "medicationReference": {"display": "Lenvatinib"}}, OrderKind.SYSTEMIC_THERAPY),
        ({"resourceType": "MedicationRequest", "medication": {"concept": {"text": "sintilimab"}}}, OrderKind.IMMUNE_CHECKPOINT_INHIBITOR),
        ({"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "Lapatinib"}}, OrderKind.OTHER),
        ({"resourceType": "MedicationRequest", "medicationReference": {"reference": "#none"}}, OrderKind.OTHER),
    ],
)  # fmt: skip
def test_what_an_order_is_for(resource: dict[str, Any], kind: OrderKind) -> None:
    """By its code, or a drug's name; donor operations are no resections of an HCC."""
    read = read_orders({"resourceType": "Bundle", "entry": [{"resource": resource}]})
    assert [item.kind for item in read.orders] == [kind]


@pytest.mark.parametrize(
    "draft_orders",
    [
        {"resourceType": "Bundle", "entry": [{"resource": RESECTION}]},
        {"entry": [{"fullUrl": "urn:uuid:1", "resource": RESECTION}]},
        {"entry": [RESECTION]},
        {"entry": {"resource": RESECTION}},
        [RESECTION],
        RESECTION,
    ],
)
def test_every_shape_of_the_draft_orders_is_read(draft_orders: Any) -> None:
    """A Bundle without type or fullUrl, a list, or one resource."""
    (order,) = read_orders(draft_orders).orders
    assert (order.reference, order.display) == ("ServiceRequest/r", "Partial hepatectomy")


@pytest.mark.parametrize(
    ("selections", "references"),
    [
        (None, ["ServiceRequest/r", "ServiceRequest/c"]),
        ([], ["ServiceRequest/r", "ServiceRequest/c"]),
        (["ServiceRequest/c"], ["ServiceRequest/c"]),
        (["https://ehr.example.org/fhir/ServiceRequest/c"], ["ServiceRequest/c"]),
        (["c"], ["ServiceRequest/c"]),
        (["urn:uuid:1"], ["ServiceRequest/r"]),
        (["ServiceRequest/elsewhere"], []),
        ("ServiceRequest/c", ["ServiceRequest/r", "ServiceRequest/c"]),
    ],
)
def test_selections_restrict_if_they_name_any(selections: Any, references: list[str]) -> None:
    """By Type/id, an absolute reference, the bare id or the fullUrl."""
    drafts = {"entry": [{"fullUrl": "urn:uuid:1", "resource": RESECTION}, {"resource": CT}]}
    assert [item.reference for item in read_orders(drafts, selections).orders] == references


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ({"id": "x"}, "not a FHIR resource"),
        ({"resourceType": "OperationOutcome"}, "an OperationOutcome stands in its place"),
        ({**RESECTION, "doNotPerform": True}, "says not to perform it"),
        ({**RESECTION, "status": "entered-in-error"}, "its status is entered-in-error"),
    ],
)
def test_what_is_not_an_order_says_why(resource: dict[str, Any], reason: str) -> None:
    """It is kept with its reason, and nothing raises."""
    read = read_orders({"entry": [{"resource": resource}]})
    assert read.orders == ()
    assert [item.reason for item in read.rejected] == [reason]


def test_orders_of_a_kind_are_picked_in_their_order() -> None:
    """The helper that the advice uses."""
    read = read_orders([CT, RESECTION, {**CT, "id": "d"}])
    picked = [item.reference for item in read.of_kind(OrderKind.IMAGING)]
    assert picked == ["ServiceRequest/c", "ServiceRequest/d"]


@pytest.mark.parametrize("draft_orders", [None, 3, "x", {}, {"resourceType": "Bundle"}, []])
def test_no_draft_orders_are_no_orders(draft_orders: Any) -> None:
    """Whatever stands there, the answer is empty; an empty object is listed at most."""
    assert read_orders(draft_orders).orders == ()


def _drug(code: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Medication", "id": "m", "code": code}


@pytest.mark.parametrize(
    ("code", "display", "kind"),
    [
        ({"text": "nivolumab injection 10 mg/mL"}, {}, OrderKind.IMMUNE_CHECKPOINT_INHIBITOR),
        (
            {"coding": [{"system": "urn:x", "code": "1"}]},
            {"display": "NIVOLUMAB 40 MG IV SOLN"},
            OrderKind.IMMUNE_CHECKPOINT_INHIBITOR,
        ),
        ({"text": "dextromethorphan syrup"}, {}, OrderKind.OTHER),
        ({}, {"display": "Lenvatinib"}, OrderKind.SYSTEMIC_THERAPY),
    ],
)
def test_drug_stands_beside_its_order(
    code: dict[str, Any], display: dict[str, Any], kind: OrderKind
) -> None:
    """An order may refer to a Medication of the same Bundle: that is its drug, and no order itself."""
    reference = {"reference": "https://ehr.example/r4/Medication/m", **display}
    order = {"resourceType": "MedicationRequest", "id": "o", "medicationReference": reference}
    bundle = {"entry": [{"resource": _drug(code)}, {"resource": order}]}
    for selections in (None, ["MedicationRequest/o"]):
        (read,) = read_orders(bundle, selections).orders
        assert (read.kind, read.reference) == (kind, "MedicationRequest/o")


def test_drug_alone_is_no_order() -> None:
    """A Medication that no order refers to orders nothing."""
    assert read_orders([_drug({"text": "nivolumab"})]).orders == ()
