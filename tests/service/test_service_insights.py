"""`/insights`: what was shown and what came of it, for staff only."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from cds_service.store.models_seen import SeenModel
from models.registry import MODELS
from tests.service.conftest import Service, ServiceMaker
from tests.service.fakes import FakeAdvice, proposal
from tests.service.openapi_file import response_violations
from tests.service.test_service_snooze import SITE, gate, override, request

HASH = MODELS["hpr_preoperative"].provenance.content_hash
OLD = "a" * 64
REASON = {"system": "http://terminology.hl7.org/CodeSystem/x", "code": "patient-refuses"}


def read(service: Service, query: str = "", **headers: str) -> TestResponse:
    """Open the figures; the answer is as the file describes it."""
    response = service.get(f"/insights{query}", headers=headers)
    assert response_violations("/insights", "get", response) == []
    return response


def page(service: Service) -> str:
    """Open the page."""
    response = read(service, Accept="text/html")
    assert "style-src 'self'" in response.headers["Content-Security-Policy"]
    return response.get_data(as_text=True)


@pytest.fixture
def busy(make_service: ServiceMaker) -> Service:
    """Return a service that showed six cards; all six were overridden, one came back to be snoozed."""
    advice = FakeAdvice(proposals=(proposal("caution-with-surgery", model_hashes=(HASH, OLD)),))
    service = make_service(advice)
    service.store.models_seen.record(
        [SeenModel(OLD, "distant_metastasis", "0.9.0", "reconstructed")], service.clock()
    )
    for number in range(6):
        patient = f"p{number}"
        body = request(number, patientId=patient)
        body["prefetch"]["patient"]["id"] = patient
        (shown,) = service.cards("fake-order-select", body)
        override(service, shown["uuid"], overrideReason={"reason": REASON})
        assert service.cards("fake-order-sign", {**body, "hook": "order-sign"}) == []
    return service


def test_figures_of_a_card(busy: Service) -> None:
    """Counts, reasons, weeks, model versions (of old ones as well) and the next return."""
    body: dict[str, Any] = read(busy, "?weeks=2").get_json()
    assert body["weeks"] == ["2026-02-23", "2026-03-02"]
    assert (body["smallestCount"], body["snoozeDays"], body["shadow"]) == (5, 30, False)
    (card,) = body["cards"]
    version = MODELS["hpr_preoperative"].provenance.version
    assert card == {
        "advice": "fake",
        "kind": "caution-with-surgery",
        "models": [
            {
                "contentHash": HASH,
                "id": "hpr_preoperative",
                "version": version,
                "status": "re-estimated",
            },
            {
                "contentHash": OLD,
                "id": "distant_metastasis",
                "version": "0.9.0",
                "status": "reconstructed",
            },
        ],
        "shown": 6,
        "snoozed": 6,
        "shadow": 0,
        "accepted": 0,
        "overridden": 6,
        "acceptancePercent": 0,
        "overrideReasons": [{"code": "patient-refuses", "count": 6}],
        "byWeek": {
            "shown": [0, 6],
            "snoozed": [0, 6],
            "shadow": [0, 0],
            "accepted": [0, 0],
            "overridden": [0, 6],
        },
        "snoozedNow": 6,
        "nextReturn": "2026-04-03",
    }
    assert "Not for clinical use" in body["intendedUse"]


def test_page_says_the_same(busy: Service) -> None:
    """The page has the figures, the plots, the reasons and when cards return, and nothing inline."""
    text = page(busy)
    for said in (
        "Caution with surgery",
        "hpr_preoperative",
        "patient refuses: 6",
        "Snoozed now: 6.",
        "The next returns on 2026-04-03.",
        "returns to the same clinician and patient after 30 days",
        '<svg class="bars"',
        "Shown per week,<br>at most 6",
        "Not for clinical use",
    ):
        assert said in text
    assert "style=" not in text
    assert "<script" not in text


def test_small_counts_are_withheld_on_page_and_in_json(make_service: ServiceMaker) -> None:
    """One card for one patient is not told."""
    service = make_service()
    service.cards("fake-order-select", request(1))
    (card,) = read(service).get_json()["cards"]
    assert card["shown"] is None
    # The fake's hash is of no model that ever ran here.
    assert card["models"] == [{"contentHash": "hash-1"}]
    text = page(service)
    assert '<td class="number"><span class="note">1 to 4</span></td>' in text
    assert "not on record" in text
    assert "too few to say" in text
    assert "Withheld in every week, so not drawn: shown." in text
    assert "<svg" not in text


def test_count_withheld_for_another_is_not_called_small(make_service: ServiceMaker) -> None:
    """A large count that is withheld beside a small one stands as withheld, not as a small one."""
    advice = FakeAdvice()
    service = make_service(advice)
    for number, code in enumerate(["patient-refuses"] * 6 + ["action-completed"]):
        body = request(number, patientId=f"p{number}")
        body["prefetch"]["patient"]["id"] = f"p{number}"
        (shown,) = service.cards("fake-order-select", body)
        override(service, shown["uuid"], overrideReason={"reason": {**REASON, "code": code}})
    (card,) = read(service).get_json()["cards"]
    assert card["overridden"] == 7
    assert [item["count"] for item in card["overrideReasons"]] == [None, None]
    assert 'patient refuses: <span class="note">withheld</span>' in page(service)


def test_site_may_set_the_smallest_count(make_service: ServiceMaker) -> None:
    """With 1 everything is stated, and the page says nothing of withholding."""
    service = make_service(
        FakeAdvice(proposals=(proposal(model_hashes=()),)),
        environment={"HCC_CDS_SMALLEST_COUNT": "1", "HCC_CDS_SNOOZE_DAYS": "0"},
    )
    (shown,) = service.cards("fake-order-select", request(1))
    override(service, shown["uuid"])
    (card,) = read(service).get_json()["cards"]
    assert (card["shown"], card["overridden"], card["snoozedNow"]) == (1, 1, 0)
    assert card["overrideReasons"] == [{"code": "no-reason-given", "count": 1}]
    text = page(service)
    assert "withheld" not in text
    assert "Overridden cards are not snoozed" in text
    assert "no model's number" in text


def test_empty_page_says_so(make_service: ServiceMaker) -> None:
    """Before the first card there is a sentence, not an empty table; shadow mode is said."""
    service = make_service(environment={"HCC_CDS_SHADOW": "1"})
    text = page(service)
    assert "Nothing was shown in this time." in text
    assert "The whole service runs in shadow:" in text


@pytest.mark.parametrize("weeks", ["0", "105", "-1", "x", "1.5", "٣", "9999999999", ""])
def test_weeks_that_cannot_be_used_get_a_400(service: Service, weeks: str) -> None:
    """The parameter is named; nothing of what was sent is repeated."""
    response = read(service, f"?weeks={weeks}")
    assert response.status_code == 400
    issue = response.get_json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == "query-unusable"
    assert issue["expression"] == ["weeks"]


def test_strangers_get_a_bare_401(make_service: ServiceMaker) -> None:
    """Outside the demo the page is for signed-in staff only."""
    service = make_service(demo=False, environment=SITE, gate=gate())
    response = read(service, Accept="text/html")
    assert (response.status_code, response.data) == (401, b"")


def test_figures_hold_no_pseudonym(busy: Service) -> None:
    """Neither the JSON nor the page has a tenant, user, patient or basis in it, hashed or not."""
    (card, *_) = busy.store.cards_shown.all()
    text = page(busy) + read(busy).get_data(as_text=True)
    for pseudonym in (card.tenant, card.user, card.patient, card.basis, card.card):
        assert pseudonym not in text
