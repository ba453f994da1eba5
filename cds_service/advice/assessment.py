"""Steps that every advice shares: ask a model, name the date counted from, write the basis."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cds_service.advice.consultation import Consultation
from cds_service.cards.assessed import Assessed
from cds_service.cards.words import plain
from fhir_mapping.findings import Rejected, Selected
from fhir_mapping.patient_record import IndexOperation
from models.additive_model import class_leaves
from models.inputs import Input, exactly, unknown
from models.model import Anchor, InputNeed, Model
from models.outcome import (
    Checklist,
    NotApplicable,
    NotComputable,
    Outcome,
    PointsSoFar,
    RiskEstimate,
)
from models.parameter_set import ClassLeaf, ParameterSet
from models.quantities import PRESENT, quantity

__all__ = [
    "assess",
    "basis_of",
    "class_leaf",
    "counted_from",
    "hashes_of",
    "hcc_reference",
    "horizon_has_passed",
    "not_used",
    "selected_now",
]

# Time goes on without anything new in the record; a card that was shown is not shown again for it.
_NOT_IN_BASIS = frozenset({"months_since_resection"})
_HORIZON_PASSED = "horizon passed"


def assess(
    consultation: Consultation, *model_ids: str, instead: Mapping[str, Selected] | None = None
) -> list[Assessed]:
    """Ask models about the patient, with all that the record says of their inputs.

    `instead` holds inputs that stand in place of what the record says.
    """
    situation = consultation.record.situation()
    situation.setdefault("hcc", Selected(_diagnosis(consultation)))
    return [
        _ask(consultation, consultation.models[name], situation, instead or {})
        for name in model_ids
    ]


def selected_now(consultation: Consultation, names: Iterable[str]) -> dict[str, Selected]:
    """Return what the record says now of these quantities."""
    needs = tuple(InputNeed(quantity(name), Anchor.NOW) for name in names)
    return consultation.record.inputs_for(needs)


def counted_from(operation: IndexOperation) -> str:
    """Return the date of the index operation, as precisely as it is known."""
    if operation.earliest is not None and operation.earliest == operation.latest:
        return operation.earliest.isoformat()
    return plain(operation.date_as_sent) or "an operation without a date"


def horizon_has_passed(assessed: Assessed) -> bool:
    """Tell whether the only reason against the model is that its time is over."""
    outcome = assessed.outcome
    return isinstance(outcome, NotApplicable) and all(
        _HORIZON_PASSED in reason for reason in outcome.reasons
    )


def hashes_of(assessed: Iterable[Assessed]) -> tuple[str, ...]:
    """Return the content hash of every model behind a card."""
    return tuple(dict.fromkeys(item.outcome.provenance.content_hash for item in assessed))


def hcc_reference(consultation: Consultation) -> str:
    """Return the reference of the Condition that says HCC, empty if there is none."""
    findings = (
        item
        for item in consultation.record.findings
        if item.name == "hcc" and item.value.value == PRESENT
    )
    return next((item.evidence.reference for item in findings), "")


def not_used(consultation: Consultation, assessed: Iterable[Assessed]) -> tuple[Rejected, ...]:
    """Return what was not used, once each: first of this card's inputs, then of the record."""
    of_inputs = [
        item
        for one in assessed
        for name in one.input_names
        if name in one.selected
        for item in one.selected[name].rejected
    ]
    everything = (*of_inputs, *consultation.record.rejected, *consultation.orders.rejected)
    return tuple(dict.fromkeys(everything))


def class_leaf(model: Model, risk_class: str) -> ClassLeaf | None:
    """Return what the parameter file says of the people in a class."""
    parameters = getattr(model, "parameters", None)
    if not isinstance(parameters, ParameterSet):
        return None
    return next(
        (leaf for leaf in class_leaves(parameters.classes.tree) if leaf.risk_class == risk_class),
        None,
    )


def basis_of(
    consultation: Consultation, kind: str, assessed: Iterable[Assessed], **more: Any
) -> str:
    """Return the canonical text of what a card rests on: inputs, phase, classes, hashes, profile.

    The hook is left out, so that order-select and order-sign have the same basis.
    """
    answers = list(assessed)
    content = {
        "kind": kind,
        "patient": consultation.patient_id,
        "phase": consultation.record.index_operation.phase,
        "counted_from": counted_from(consultation.record.index_operation),
        "profile": consultation.profile.name,
        "models": {item.outcome.provenance.model_id: _answer(item) for item in answers},
        "hashes": sorted(hashes_of(answers)),
        **more,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _ask(
    consultation: Consultation,
    model: Model,
    situation: Mapping[str, Selected],
    instead: Mapping[str, Selected],
) -> Assessed:
    selected = {**situation, **consultation.record.inputs_for(model.needs), **instead}
    outcome = model.evaluate({name: item.value for name, item in selected.items()})
    return Assessed(_without_idle_reasons(outcome), selected)


def _without_idle_reasons(outcome: Outcome) -> Outcome:
    """Drop "horizon passed" where another reason excludes the patient anyway."""
    if not isinstance(outcome, NotApplicable):
        return outcome
    telling = tuple(reason for reason in outcome.reasons if _HORIZON_PASSED not in reason)
    return replace(outcome, reasons=telling) if telling else outcome


def _diagnosis(consultation: Consultation) -> Input:
    hcc = quantity("hcc")
    return exactly(hcc, PRESENT) if consultation.record.has_hcc else unknown(hcc)


def _answer(one: Assessed) -> dict[str, Any]:
    outcome = one.outcome
    names = set(one.input_names) - _NOT_IN_BASIS
    answer: dict[str, Any] = {
        "inputs": {
            name: _canonical(one.selected[name].value) for name in names if name in one.selected
        }
    }
    match outcome:
        case RiskEstimate():
            answer["class"] = outcome.risk_class or list(outcome.possible_classes)
            answer["assumes"] = list(outcome.assumes)
        case PointsSoFar():
            answer["class"] = "points so far"
        case Checklist():
            answer["items"] = [[item.definition, item.state.value] for item in outcome.items]
        case NotApplicable():
            answer["not applicable"] = list(outcome.reasons)
        case NotComputable():
            answer["not computable"] = [list(pair) for pair in outcome.reasons]
        case _:
            pass
    return answer


def _canonical(known: Input) -> Mapping[str, Any]:
    numbers = [
        [
            f"{part.lower.normalize():f}",
            f"{part.upper.normalize():f}",
            part.lower_open,
            part.upper_open,
        ]
        for part in known.numbers
    ]
    return {
        "state": known.knowledge.value,
        "numbers": numbers,
        "categories": sorted(known.categories),
    }
