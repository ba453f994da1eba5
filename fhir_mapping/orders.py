"""What is being ordered: the draft orders of a CDS Hooks request, read tolerantly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fhir_mapping.codes import Codes
from fhir_mapping.findings import Evidence, Rejected
from fhir_mapping.prefetch_key import JsonObject
from fhir_mapping.resources import (
    as_object,
    as_text,
    code_as_sent,
    display_of,
    first_of,
    objects_in,
    own_reference,
    reference_as_type_and_id,
    status_code,
)

__all__ = ["DraftOrder", "OrderKind", "OrdersRead", "kind_of_order", "read_orders"]


class OrderKind(StrEnum):
    """What an order is for."""

    RESECTION = "resection"
    TACE = "tace"
    HAIC = "haic"
    ABLATION = "ablation"
    IMAGING = "imaging"
    AFP = "afp"
    IMMUNE_CHECKPOINT_INHIBITOR = "immune_checkpoint_inhibitor"
    SYSTEMIC_THERAPY = "systemic_therapy"
    TUMOUR_BOARD = "tumour_board"
    OTHER = "other"


# The first concept that fits decides; a resection outweighs what else an order may contain.
_KIND_OF_CONCEPT = {
    "liver-resection": OrderKind.RESECTION,
    "staged-hepatectomy": OrderKind.RESECTION,
    "staged-hepatectomy-first-stage": OrderKind.RESECTION,
    "tace": OrderKind.TACE,
    "haic": OrderKind.HAIC,
    "ablation": OrderKind.ABLATION,
    "immune-checkpoint-inhibitor": OrderKind.IMMUNE_CHECKPOINT_INHIBITOR,
    "targeted-therapy": OrderKind.SYSTEMIC_THERAPY,
    "tumour-board-referral": OrderKind.TUMOUR_BOARD,
    "afp": OrderKind.AFP,
    "afp-panel": OrderKind.AFP,
    "imaging": OrderKind.IMAGING,
}
_DRUG_CONCEPTS = (
    "immune-checkpoint-inhibitor",
    "targeted-therapy",
    "kinase-inhibitor",
    "hbv-antiviral",
)
_WORD = re.compile(r"[\w-]+")
_WITHDRAWN = frozenset(
    {"cancelled", "entered-in-error", "revoked", "stopped", "completed", "ended"}
)


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """One draft order that the clinician is about to place."""

    kind: OrderKind
    reference: str
    display: str
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class OrdersRead:
    """The draft orders of one request, and what was not read as an order and why."""

    orders: tuple[DraftOrder, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    def of_kind(self, *kinds: OrderKind) -> tuple[DraftOrder, ...]:
        """Return the orders of these kinds, in the order they were sent."""
        return tuple(order for order in self.orders if order.kind in kinds)


def read_orders(
    draft_orders: object, selections: object = None, codes: Codes | None = None
) -> OrdersRead:
    """Return the draft orders that count.

    `draft_orders` is a Bundle (with or without type and fullUrl) or a list of resources. If
    `selections` names any, only those count; else every draft does. A Medication in it is no order but
    what one of the orders is for.
    """
    codes = codes or Codes.shipped()
    chosen = _selected(selections)
    orders: list[DraftOrder] = []
    rejected: list[Rejected] = []
    entries = tuple(_entries(draft_orders))
    drugs = {own_reference(item): item for _, item in entries if _is_drug(item)}
    for full_url, sent in entries:
        if _is_drug(sent):
            continue
        resource = _with_its_drug(sent, drugs)
        reference = own_reference(resource)
        problem = _problem(resource)
        if problem:
            rejected.append(Rejected("", Evidence(reference or "draft order"), problem))
        elif not chosen or chosen & {reference, full_url, reference.rpartition("/")[2]}:
            code = orderable_of(resource)
            orders.append(
                DraftOrder(
                    kind_of_order(resource, codes),
                    reference,
                    display_of(code) or code_as_sent(code) or reference,
                    resource,
                )
            )
    return OrdersRead(tuple(orders), tuple(rejected))


def _is_drug(resource: JsonObject) -> bool:
    return resource.get("resourceType") == "Medication"


def _with_its_drug(resource: JsonObject, drugs: Mapping[str, JsonObject]) -> JsonObject:
    """Return an order with the code of the Medication that stands beside it in the same Bundle.

    Epic sends drugs so, says its tutorial (fhir.epic.com/Documentation?docId=cds-hooks, "Medication
    References"; read, never seen on the wire).
    """
    reference = as_object(resource.get("medicationReference"))
    code = as_object(as_object(drugs.get(reference_as_type_and_id(reference))).get("code"))
    if not code:
        return resource
    text = as_text(code.get("text")) or as_text(reference.get("display"))
    return {**resource, "medicationCodeableConcept": {**code, "text": text}}


def kind_of_order(resource: JsonObject, codes: Codes) -> OrderKind:
    """Return what one order is for."""
    concepts = concepts_of_orderable(resource, codes)
    for concept, kind in _KIND_OF_CONCEPT.items():
        if concept in concepts:
            return kind
    return OrderKind.OTHER


def concepts_of_orderable(resource: JsonObject, codes: Codes) -> frozenset[str]:
    """Return the concepts of what is ordered; a drug is also found by its ingredient's name."""
    code = orderable_of(resource)
    concepts = codes.concepts_of(code)
    if as_text(resource.get("resourceType")).startswith("Medication"):
        concepts |= concepts_of_drug_name(display_of(code), codes)
    return concepts


def concepts_of_drug_name(name: str, codes: Codes) -> frozenset[str]:
    """Return the drug concepts whose ingredient is a word of this name ("nivolumab 100 MG/10 ML")."""
    padded = f" {' '.join(_WORD.findall(name.lower()))} "
    return frozenset(
        concept
        for concept in _DRUG_CONCEPTS
        if any(f" {ingredient} " in padded for ingredient in codes.display_names(concept))
    )


def orderable_of(resource: JsonObject) -> object:
    """Return the element that says what is ordered, in R4 or R5, contained medication included."""
    code = first_of(resource, "code", "medicationCodeableConcept", "medication")
    reference = as_object(
        first_of(resource, "medicationReference") or as_object(code).get("reference")
    )
    local = as_text(reference.get("reference"))
    if local.startswith("#"):
        for contained in objects_in(resource.get("contained")):
            if contained.get("id") == local[1:]:
                return contained.get("code")
    if display_of(code) or code_as_sent(code):
        return code
    return as_text(reference.get("display")) or code


def _problem(resource: JsonObject) -> str:
    kind = as_text(resource.get("resourceType"))
    if not kind:
        return "not a FHIR resource"
    if kind == "OperationOutcome":
        return "an OperationOutcome stands in its place"
    if resource.get("doNotPerform") is True:
        return "says not to perform it"
    if status_code(resource.get("status")) in _WITHDRAWN:
        return f"its status is {status_code(resource.get('status'))}"
    return ""


def _selected(selections: object) -> frozenset[str]:
    items: Iterable[object] = selections if isinstance(selections, list) else ()
    return frozenset(filter(None, (reference_as_type_and_id(item) for item in items)))


def _entries(draft_orders: object) -> Iterator[tuple[str, JsonObject]]:
    bundle = as_object(draft_orders)
    listed: object = draft_orders if isinstance(draft_orders, list) else bundle.get("entry")
    if bundle and "entry" not in bundle and bundle.get("resourceType") != "Bundle":
        listed = [bundle]
    for entry in objects_in(listed):
        resource = as_object(entry.get("resource")) if "resource" in entry else entry
        yield as_text(entry.get("fullUrl")), resource
