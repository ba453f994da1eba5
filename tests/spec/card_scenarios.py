"""One consultation per row of docs/cards.md, by advice and trigger."""

from __future__ import annotations

from collections.abc import Callable

from cds_service.advice.consultation import Consultation
from fhir_mapping.findings import Selected
from fhir_mapping.orders import OrderKind, OrdersRead
from fhir_mapping.patient_record import IndexOperation
from models.quantities import ABSENT, PRESENT
from tests.unit.cds_service.consultations import (
    DONE,
    HPR_AFTER,
    METASTASIS,
    OPERATED,
    Record,
    after_surgery,
    before_surgery,
    in_care,
    known,
    metastasis_risk,
    order,
    recurrence_risk,
    refusal,
)

PASSED = "horizon passed: the index operation was 12 or more completed months ago"
LONG_AGO = IndexOperation(
    "done", OPERATED.replace(year=2025), OPERATED.replace(year=2025), "Procedure/op"
)


def _before(**given: object) -> Callable[[str], Consultation]:
    return lambda hook: before_surgery(hook, **given)


def _after(**given: object) -> Callable[[str], Consultation]:
    return lambda hook: after_surgery(hook, **given)


def _unclear(hook: str) -> Consultation:
    note = "the operation is dated 2026, which may be before or after the order"
    return before_surgery(hook, record=Record(index_operation=IndexOperation("unclear", note=note)))


def _class(risk_class: str | None) -> Callable[[str], Consultation]:
    return _before(outcome=recurrence_risk(risk_class=risk_class))


LOW = {
    "outcome": recurrence_risk(0.02, None, "low", provenance=HPR_AFTER),
    "metastasis": metastasis_risk("low"),
}
BOTH_PASSED = {
    "outcome": refusal(PASSED, provenance=HPR_AFTER),
    "metastasis": refusal(PASSED, provenance=METASTASIS),
}
R1 = {
    "outcome": refusal("R1 or R2 resection", provenance=HPR_AFTER),
    "metastasis": refusal("R1 or R2 resection", provenance=METASTASIS),
}
RECURRED = Record({"recurrence": known("recurrence", PRESENT)}, DONE)
OVERDUE = Record({"recurrence": known("recurrence", ABSENT)}, LONG_AGO)
FOLLOW_UP, TREATMENT = (OrderKind.IMAGING,), (OrderKind.TACE,)

NO_OPERATION = IndexOperation("none")
ICI = OrderKind.IMMUNE_CHECKPOINT_INHIBITOR
NO_INHIBITOR = {"immune_checkpoint_inhibitor": known("immune_checkpoint_inhibitor", ABSENT)}
RUNNING = {"immune_checkpoint_inhibitor": known("immune_checkpoint_inhibitor", PRESENT)}
LUNG = {"lung_metastasis": known("lung_metastasis", PRESENT)}
CHILD = {"age_years": known("age_years", 12)}


def _care(inputs: dict[str, Selected], *orders: OrderKind) -> Callable[[str], Consultation]:
    record = Record({**NO_INHIBITOR, **inputs}, NO_OPERATION)
    return lambda hook: in_care(hook, record, orders)


SCENARIOS: dict[tuple[str, str], Callable[[str], Consultation]] = {
    ("resection-risk", "no resection among the orders"): _before(orders=OrdersRead((order(OrderKind.IMAGING),))),
    ("resection-risk", "resection ordered, high class"): _class("high"),
    ("resection-risk", "resection ordered, intermediate class"): _class("intermediate"),
    ("resection-risk", "resection ordered, low class"): _class("low"),
    ("resection-risk", "resection ordered, class not settled"): _class(None),
    ("resection-risk", "resection ordered, model not applicable"): _before(outcome=refusal("under 18 years")),
    ("resection-risk", "resection ordered, before or after an operation unclear"): _unclear,
    ("after-resection", "no resection done, or unclear whether it is"): _after(record=Record(index_operation=IndexOperation("unclear")), orders=TREATMENT),
    ("after-resection", "a class is high"): _after(),
    ("after-resection", "no class is high"): _after(**LOW),
    ("after-resection", "the first horizon passed"): _after(outcome=refusal(PASSED, provenance=HPR_AFTER)),
    ("after-resection", "models not applicable"): _after(**R1, orders=TREATMENT),
    ("after-resection", "recurrence on record"): _after(**R1, record=RECURRED),
    ("after-resection", "both horizons passed"): _after(**BOTH_PASSED),
    ("after-resection", "no order of HCC care"): _after(orders=(OrderKind.OTHER, OrderKind.RESECTION)),
    ("after-resection", "TACE, HAIC or systemic therapy ordered, a class is high"): _after(orders=TREATMENT),
    ("after-resection", "TACE, HAIC or systemic therapy ordered, low class"): _after(**LOW, orders=TREATMENT),
    ("after-resection", "follow-up ordered, no class is high"): _after(outcome=recurrence_risk(risk_class="intermediate", provenance=HPR_AFTER), orders=FOLLOW_UP),
    ("after-resection", "treatment ordered, both horizons passed"): _after(**BOTH_PASSED, orders=TREATMENT),
    ("after-resection", "follow-up ordered, both horizons passed"): _after(**BOTH_PASSED, orders=FOLLOW_UP),
    ("surveillance", "no resection done, or unclear whether it is"): _after(record=Record(index_operation=IndexOperation("none"))),
    ("surveillance", "a class is high"): _after(metastasis=metastasis_risk("high")),
    ("surveillance", "no class is high"): _after(),
    ("surveillance", "imaging overdue"): _after(record=OVERDUE),
    ("surveillance", "imaging overdue, horizon passed"): _after(**BOTH_PASSED, record=OVERDUE),
    ("surveillance", "horizon passed"): _after(**BOTH_PASSED),
    ("surveillance", "models not applicable"): _after(**R1),
    ("surveillance", "recurrence on record"): _after(record=RECURRED),
    ("immunotherapy-hyperprogression", "no immune checkpoint inhibitor ordered or running"): _care({}, OrderKind.IMAGING),
    ("immunotherapy-hyperprogression", "immune checkpoint inhibitor ordered"): _care({}, ICI),
    ("immunotherapy-hyperprogression", "immune checkpoint inhibitor running, HCC care ordered"): _care(RUNNING, OrderKind.IMAGING),
    ("immunotherapy-hyperprogression", "immune checkpoint inhibitor running, another order"): _care(RUNNING, OrderKind.OTHER),
    ("immunotherapy-hyperprogression", "immune checkpoint inhibitor ordered, model not applicable"): _care(CHILD, ICI),
    ("lung-metastasis", "no lung metastasis on record"): _care({}),
    ("lung-metastasis", "lung metastasis on record"): _care(LUNG),
    ("lung-metastasis", "lung metastasis on record, model not applicable"): _care({**LUNG, **CHILD}),
}  # fmt: skip
