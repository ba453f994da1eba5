"""An advice whose proposals a test sets, and requests as an EHR sends them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from cds_service.advice.consultation import Consultation, Proposal, Repeat
from cds_service.wire import (
    Action,
    ActionType,
    Card,
    Coding,
    Indicator,
    SelectionBehavior,
    Source,
    Suggestion,
)
from tests.canaries import IDENTITY

# Who it is must never be logged: the planted words are looked for in every test (tests/log_scan.py).
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1971-05-01", **IDENTITY}
CONDITIONS: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "entry": []}
TOPIC = Coding(code="resection-risk", system="https://hcc-cds.example.org/fhir/CodeSystem/hcc-cds")


def card(summary: str = "Early recurrence: 26-49 %", **members: Any) -> Card:
    """Return a small card that keeps every rule."""
    return Card(
        **{
            "summary": summary,
            "indicator": Indicator.INFO,
            "source": Source(label="hcc-cds, re-estimated on Li 2014", topic=TOPIC),
            **members,
        }
    )


def card_with_suggestion() -> Card:
    """Return a card that offers a draft order."""
    order = {"resourceType": "ServiceRequest", "status": "draft", "intent": "proposal"}
    create = Action(type=ActionType.CREATE, description="Draft the order", resource=order)
    return card(
        suggestions=(
            Suggestion(label="Draft tumour-board referral", actions=(create,)),
            Suggestion(label="Draft AFP", actions=(create,)),
        ),
        selection_behavior=SelectionBehavior.ANY,
    )


def proposal(
    kind: str = "risk",
    shown: Card | None = None,
    *,
    repeat: Repeat = Repeat.ALWAYS,
    basis: str = "afp=512",
    model_hashes: tuple[str, ...] = ("hash-1",),
) -> Proposal:
    """Return a proposal."""
    return Proposal(kind, shown or card(), repeat, basis, model_hashes)


@dataclass
class FakeAdvice:
    """Proposes what a test tells it to, and remembers what it was asked."""

    name: str = "fake"
    title: str = "Fake advice"
    description: str = "Says what a test tells it to."
    hooks: tuple[str, ...] = ("order-select", "order-sign", "patient-view")
    required_keys: tuple[str, ...] = ("patient", "conditions")
    optional_keys: tuple[str, ...] = ("procedures", "observations")
    proposals: tuple[Proposal, ...] = (proposal(),)
    fails_with: Callable[[], Exception] | None = None
    asked: list[Consultation] = field(default_factory=list)

    def advise(self, consultation: Consultation) -> tuple[Proposal, ...]:
        """Return the proposals, or fail."""
        self.asked.append(consultation)
        if self.fails_with is not None:
            raise self.fails_with()
        return self.proposals


def hook_request(hook: str = "order-select", **members: Any) -> dict[str, Any]:
    """Return a request that every service answers, with members put over it."""
    request: dict[str, Any] = {
        "hook": hook,
        "hookInstance": "0e1d5b2a-7a39-4e2f-9d3a-8a3a5a5f6f01",
        "context": {"userId": "Practitioner/surgeon-1", "patientId": "p1"},
        "prefetch": {"patient": deepcopy(PATIENT), "conditions": deepcopy(CONDITIONS)},
    }
    return {**request, **members}
