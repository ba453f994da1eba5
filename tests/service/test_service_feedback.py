"""Feedback: kept once, flagged if the card is not ours, never with a comment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from tests.service.conftest import Service, ServiceMaker
from tests.service.fakes import FakeAdvice, card_with_suggestion, hook_request, proposal

CARD = "3b4e0c3a-2f2f-4f0a-9a53-2d9a52a5d0c1"
PATH = "fake-order-select/feedback"


def _report(**members: Any) -> dict[str, Any]:
    report = {
        "card": CARD,
        "outcome": "overridden",
        "outcomeTimestamp": "2026-03-04T01:00:00Z",
    }
    return {**report, **members}


def _send(service: Service, *reports: object) -> dict[str, Any]:
    response = service.post(PATH, {"feedback": list(reports)})
    assert response.status_code == 200
    body: dict[str, Any] = response.get_json()
    return body


def test_feedback_on_a_shown_card_is_kept(make_service: ServiceMaker) -> None:
    """An accepted suggestion of a card that was shown is recorded as such (N75, N77, N78)."""
    service = make_service(FakeAdvice(proposals=(proposal(shown=card_with_suggestion()),)))
    (shown,) = service.cards("fake-order-select", hook_request())
    suggestion = shown["suggestions"][0]["uuid"]
    answer = _send(
        service,
        _report(card=shown["uuid"], outcome="accepted", acceptedSuggestions=[{"id": suggestion}]),
    )
    assert answer == {"recorded": 1, "repeated": 0, "unknownCards": 0}
    (kept,) = service.store.feedback.all()
    assert kept.card_known
    assert kept.report.accepted_suggestions == (suggestion,)
    assert kept.report.outcome_at == datetime(2026, 3, 4, 1, tzinfo=UTC)
    assert kept.received_at == service.clock()


def test_same_report_twice_is_one(service: Service) -> None:
    """Feedback is idempotent: the same report, in one call or in two, is one row (N76, S2.9)."""
    assert _send(service, _report(), _report())["recorded"] == 1
    assert _send(service, _report()) == {"recorded": 0, "repeated": 1, "unknownCards": 1}
    assert len(service.store.feedback.all()) == 1


def test_later_report_on_the_same_card_is_added(service: Service) -> None:
    """Feedback is append-only: a card reported again later is a second row (N76)."""
    _send(service, _report())
    _send(service, _report(outcomeTimestamp="2026-03-04T02:00:00Z"))
    assert len(service.store.feedback.all()) == 2


def test_unknown_card_is_kept_and_flagged(service: Service) -> None:
    """A card this service does not remember is kept and flagged."""
    assert _send(service, _report())["unknownCards"] == 1
    assert not service.store.feedback.all()[0].card_known


def test_card_of_another_service_is_flagged(service: Service) -> None:
    """A card is known only to the service that showed it."""
    (shown,) = service.cards("fake-order-sign", hook_request("order-sign"))
    assert _send(service, _report(card=shown["uuid"]))["unknownCards"] == 1


REASON = {"system": "http://terminology.hl7.org/CodeSystem/x", "code": "patient-refuses"}
TOLERATED = {
    "no reason at all (N79)": ({}, ("", "")),
    "a reason without display (N80)": (
        {"overrideReason": {"reason": REASON}},
        (REASON["system"], REASON["code"]),
    ),
    "the member as Epic's tutorial writes it": (
        {"overrideReasons": {"reason": REASON, "userComment": "Zhang San refuses"}},
        (REASON["system"], REASON["code"]),
    ),
    "a reason in Epic's own extension": (
        {"overrideReasons": {"extension": {"com.epic.cdshooks.x": "Zhang San refuses"}}},
        ("", ""),
    ),
    "a comment only": ({"overrideReason": {"userComment": "Zhang San refuses"}}, ("", "")),
    "a reason that is no coding": ({"overrideReason": {"reason": "no"}}, ("", "")),
    "a reason that is no code": (
        {"overrideReason": {"reason": {"system": "Zhang San", "code": "refused by Zhang San"}}},
        ("", ""),
    ),
    "no time stamp": ({"outcomeTimestamp": None}, ("", "")),
    "a broken time stamp": ({"outcomeTimestamp": "yesterday"}, ("", "")),
    "a time stamp beyond the calendar": (
        {"outcomeTimestamp": "0001-01-01T00:00:00+14:00"},
        ("", ""),
    ),
    "a time stamp without zone": ({"outcomeTimestamp": "2026-03-04T01:00:00"}, ("", "")),
    "suggestions of a wrong shape": ({"acceptedSuggestions": [1, {}, {"id": "x"}]}, ("", "")),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_odd_report_is_kept(service: Service, name: str) -> None:
    """What clients leave out or send oddly costs that member only."""
    members, reason = TOLERATED[name]
    assert _send(service, _report(**members))["recorded"] == 1
    (kept,) = service.store.feedback.all()
    assert (kept.report.reason_system, kept.report.reason_code) == reason
    assert kept.report.accepted_suggestions == ()


def test_comment_is_discarded(service: Service) -> None:
    """`userComment` may hold patient data and reaches no table."""
    for member in ("overrideReason", "overrideReasons"):
        said = {"reason": REASON, "userComment": f"canary-comment {member}"}
        _send(service, _report(**{member: said}, outcomeTimestamp=None))
    with service.store.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM feedback")).mappings().all()
    assert "canary-comment" not in str([dict(row) for row in rows])


def test_unreadable_reports_are_named_and_the_others_kept(service: Service) -> None:
    """One bad report does not cost the others; the answer names it (N77, N81)."""
    answer = _send(service, _report(), 5, _report(card="x"), _report(outcome="ignored"))
    assert answer["recorded"] == 1
    assert answer["unreadable"] == ["feedback[1]", "feedback[2].card", "feedback[3].outcome"]


def test_empty_list_is_fine(service: Service) -> None:
    """Nothing reported is nothing recorded."""
    assert _send(service) == {"recorded": 0, "repeated": 0, "unknownCards": 0}


@pytest.mark.parametrize(
    ("body", "expression"),
    [
        ({}, ["feedback"]),
        ({"feedback": {}}, ["feedback"]),
        ({"feedback": [{}]}, ["feedback[0].card"]),
    ],
)
def test_unusable_feedback_gets_400(
    service: Service, body: dict[str, Any], expression: list[str]
) -> None:
    """Feedback without a list, or without one readable report, gets a 400 that names the member."""
    response = service.post(PATH, body)
    assert response.status_code == 400
    issue = response.get_json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == "feedback-unusable"
    assert issue["expression"] == expression


def test_feedback_that_cannot_be_written_gets_503(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """What is not on disk is not acknowledged."""
    with service.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE feedback"))
    response = service.post(PATH, {"feedback": [_report()]})
    assert response.status_code == 503
    assert response.get_json()["issue"][0]["details"]["coding"][0]["code"] == "store-unavailable"
    assert "feedback not recorded: OperationalError" in caplog.text
