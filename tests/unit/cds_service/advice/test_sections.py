"""The line that offers to confirm what was read from text: only where it helps and the app is on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.advice.after_resection import AfterResection
from cds_service.advice.consultation import Consultation
from fhir_mapping.findings import Certainty, Evidence, Finding, Rejected, Selected
from models.inputs import exactly, unknown
from models.quantities import quantity
from tests.unit.cds_service.advice.test_advices import DONE, after_surgery
from tests.unit.cds_service.consultations import Record

OFFER = "What was read from text can be confirmed, or refused, in the app."
CAPSULE = exactly(quantity("capsule"), "absent")
WORDS = Evidence("DiagnosticReport/1", "2026-08-20", value="no capsule", quote="no capsule")


def _consultation(selected: Selected, *, confirms_in_app: bool = True) -> Consultation:
    record = Record({"capsule": selected}, DONE)
    return replace(after_surgery(record=record), confirms_in_app=confirms_in_app)


def _detail(consultation: Consultation) -> str:
    (proposal,) = AfterResection().advise(consultation)
    return proposal.card.detail or ""


def _passed(reason: str) -> Selected:
    open_input = unknown(quantity("capsule"), f"not usable: {reason}")
    return Selected(open_input, (), (Rejected("capsule", WORDS, reason),))


def _used(certainty: Certainty) -> Selected:
    return Selected(CAPSULE, (Finding("capsule", CAPSULE, WORDS, certainty=certainty),))


@pytest.mark.parametrize(
    ("selected", "offers"),
    [
        (_passed("read from text, to be confirmed"), 1),
        # The site lets it count undecided: it can still be confirmed.
        (_used(Certainty.READ_FROM_TEXT), 1),
        (_used(Certainty.CONFIRMED), 0),
        (_used(Certainty.CODED), 0),
        (_passed("read from text, refused by a clinician on 2026-11-20"), 0),
        (_passed("a coded value is preferred"), 0),
        (Selected(unknown(quantity("capsule"), "not recorded")), 0),
    ],
    ids=["waits", "counts undecided", "confirmed", "coded", "refused", "outweighed", "nothing"],
)
def test_what_waits_is_offered_once(selected: Selected, offers: int) -> None:
    """A card says where to confirm if it lists something that waits, and is silent if nothing does."""
    assert _detail(_consultation(selected)).count(OFFER) == offers


def test_without_the_app_nothing_is_offered() -> None:
    """Nobody is sent to an app that is not there."""
    waits = _passed("read from text, to be confirmed")
    shown = _detail(_consultation(waits, confirms_in_app=False))
    assert "read from text, to be confirmed" in shown
    assert OFFER not in shown
