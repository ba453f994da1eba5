"""What a resection has taken away: a tumour that was removed is not the patient's tumour now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cds_service.advice.assessment import selected_now
from cds_service.advice.consultation import Consultation
from fhir_mapping.findings import Finding, Origin, Selected
from models.inputs import unknown
from models.quantities import quantity

__all__ = ["left_after_resection"]

_REMOVED = "what is on record is of the tumour that was resected"


def left_after_resection(consultation: Consultation, names: Iterable[str]) -> dict[str, Selected]:
    """Return, after a resection, the inputs that only the removed tumour speaks of, as unknown.

    Our own rule: a finding of the specimen, or one that is not surely later than the operation, says
    nothing of the disease that is left. Before a resection there is nothing to return.
    """
    operation = consultation.record.index_operation
    if operation.phase != "done" or operation.latest is None:
        return {}
    return {
        name: Selected(unknown(quantity(name), _REMOVED), (), selected.rejected)
        for name, selected in selected_now(consultation, names).items()
        if not all(_is_left(finding, operation.latest) for finding in selected.used)
    }


def _is_left(finding: Finding, operated: date) -> bool:
    return (
        finding.origin is not Origin.SPECIMEN
        and finding.earliest is not None
        and finding.earliest > operated
    )
