"""Fewer pop-ups: what was overridden stays away, what is not approved runs in shadow, and both say so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Blueprint
from sqlalchemy import text

from cds_service.advice.consultation import Repeat
from cds_service.app import Gate
from cds_service.errors import ConfigurationError, NotTrustedError
from cds_service.store.audit import AuditEvent
from cds_service.wire import Indicator
from models.registry import MODELS
from tests.service.conftest import Service, ServiceMaker
from tests.service.fakes import FakeAdvice, card, hook_request, proposal
from tests.unit.cds_service.approval_tables import approval_table

SITE = {
    "HCC_CDS_PUBLIC_URL": "https://cds.hospital.example",
    "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
}
APPROVED = "hpr_preoperative"
HASH = MODELS[APPROVED].provenance.content_hash


def gate(tenant: str = "t", *, is_open: bool = True) -> Gate:
    """Return a gate that lets everybody in as one tenant, or nobody."""

    def guard(blueprint: Blueprint) -> None:
        @blueprint.before_request
        def check() -> None:
            if not is_open:
                raise NotTrustedError("not trusted")

    return Gate(guard, lambda: tenant)


def request(number: int = 0, hook: str = "order-select", **context: str) -> dict[str, Any]:
    """Return a call with a hookInstance of its own."""
    return hook_request(
        hook,
        hookInstance=f"0e1d5b2a-7a39-4e2f-9d3a-{number:012d}",
        context={"userId": "Practitioner/surgeon-1", "patientId": "p1", **context},
    )


def override(service: Service, uuid: str, path: str = "fake-order-select", **more: Any) -> Any:
    """Report that a card was overridden."""
    report = {"card": uuid, "outcome": "overridden", **more}
    return service.post(f"{path}/feedback", {"feedback": [report]}).get_json()


def test_overridden_card_is_not_shown_again(make_service: ServiceMaker) -> None:
    """The same clinician does not see it for the same patient until the time is over; the receipt says when."""
    service = make_service(environment={"HCC_CDS_SNOOZE_DAYS": "7"})
    (shown,) = service.cards("fake-order-select", request(1))
    receipt = override(service, shown["uuid"])
    # The clock stands at 07:30 on 2026-03-04 in China.
    assert receipt["snoozed"] == [{"card": shown["uuid"], "until": "2026-03-10T23:30:00+00:00"}]
    assert service.cards("fake-order-select", request(2)) == []
    assert service.cards("fake-order-sign", request(3, "order-sign")) == []
    last = service.store.cards_shown.all()[-1]
    assert last.snoozed_until == datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    service.clock.advance(days=7)
    assert len(service.cards("fake-order-select", request(4))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"basis": "afp=513"},
        {"model_hashes": ("hash-2",)},
        {"kind": "notice"},
    ],
    ids=["inputs", "model", "card kind"],
)
def test_change_brings_it_back_at_once(make_service: ServiceMaker, change: dict[str, Any]) -> None:
    """Another input, another model hash or another kind of card is another card."""
    advice = FakeAdvice()
    service = make_service(advice)
    (shown,) = service.cards("fake-order-select", request(1))
    override(service, shown["uuid"])
    assert service.cards("fake-order-select", request(2)) == []
    advice.proposals = (proposal(**change),)
    assert len(service.cards("fake-order-select", request(3))) == 1


@pytest.mark.parametrize("context", [{"userId": "Practitioner/2"}, {"patientId": "p2"}])
def test_others_still_see_it(make_service: ServiceMaker, context: dict[str, str]) -> None:
    """An override speaks for one clinician and one patient."""
    service = make_service()
    (shown,) = service.cards("fake-order-select", request(1))
    override(service, shown["uuid"])
    body = request(2, **context)
    body["prefetch"]["patient"]["id"] = body["context"]["patientId"]
    assert len(service.cards("fake-order-select", body)) == 1


def test_nobodys_override_snoozes_nothing(make_service: ServiceMaker) -> None:
    """Without a userId nobody knows whose override it was."""
    service = make_service()
    (shown,) = service.cards("fake-order-select", request(1, userId=""))
    assert "snoozed" not in override(service, shown["uuid"])
    assert len(service.cards("fake-order-select", request(2, userId=""))) == 1


def test_snooze_can_be_switched_off(make_service: ServiceMaker) -> None:
    """With 0 days an override silences nothing."""
    service = make_service(environment={"HCC_CDS_SNOOZE_DAYS": "0"})
    (shown,) = service.cards("fake-order-select", request(1))
    assert "snoozed" not in override(service, shown["uuid"])
    assert len(service.cards("fake-order-select", request(2))) == 1


def test_accepted_card_is_not_snoozed(make_service: ServiceMaker) -> None:
    """Who takes a suggestion has not sent the card away."""
    service = make_service()
    (shown,) = service.cards("fake-order-select", request(1))
    report = {"card": shown["uuid"], "outcome": "accepted"}
    receipt = service.post("fake-order-select/feedback", {"feedback": [report]}).get_json()
    assert "snoozed" not in receipt
    assert len(service.cards("fake-order-select", request(2))) == 1


def test_what_is_quiet_anyway_is_not_recorded_as_snoozed(make_service: ServiceMaker) -> None:
    """A card that a quiet rule keeps back is not counted as snoozed."""
    service = make_service(FakeAdvice(proposals=(proposal(repeat=Repeat.ON_CHANGE),)))
    (shown,) = service.cards("fake-patient-view", request(1, "patient-view"))
    override(service, shown["uuid"], "fake-patient-view")
    assert service.cards("fake-patient-view", request(2, "patient-view")) == []
    assert len(service.store.cards_shown.all()) == 1


def test_snoozes_that_cannot_be_read_show_the_card(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that fails makes the service speak, not fall silent."""
    service = make_service()
    with service.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE feedback"))
    assert len(service.cards("fake-order-select", request(1))) == 1
    assert "store unreadable, nothing snoozed: OperationalError" in caplog.text


def test_card_of_another_tenant_is_unknown(make_service: ServiceMaker) -> None:
    """A tenant's feedback on another tenant's card is kept as feedback on an unknown card."""
    advice = FakeAdvice(proposals=(proposal(model_hashes=()),))
    north = make_service(advice, demo=False, environment=SITE, gate=gate("north"))
    south = make_service(advice, demo=False, environment=SITE, gate=gate("south"))
    (shown,) = north.cards("fake-order-select", request(1))
    receipt = override(south, shown["uuid"])
    assert receipt == {"recorded": 1, "repeated": 0, "unknownCards": 1}
    assert len(north.cards("fake-order-select", request(2))) == 1
    assert override(north, shown["uuid"])["recorded"] == 1


def test_no_pseudonym_is_the_same_at_two_tenants(make_service: ServiceMaker) -> None:
    """The same user, patient, call and inputs leave nothing by which two tenants' rows could be joined."""
    advice = FakeAdvice(proposals=(proposal(model_hashes=()),))
    for tenant in ("north", "south"):
        service = make_service(advice, demo=False, environment=SITE, gate=gate(tenant))
        service.cards("fake-order-select", request(1))
    north, south = service.store.cards_shown.all()
    for name in ("tenant", "user", "patient", "hook_instance", "basis"):
        assert getattr(north, name) != getattr(south, name), name


def test_whole_service_in_shadow_sends_no_card(make_service: ServiceMaker) -> None:
    """In shadow everything is computed and recorded as what would have been shown, nothing is sent."""
    advice = FakeAdvice(proposals=(proposal(repeat=Repeat.ON_CHANGE),))
    service = make_service(advice, environment={"HCC_CDS_SHADOW": "1"})
    for number in range(2):
        assert service.cards("fake-patient-view", request(number, "patient-view")) == []
    # The second call is quiet in shadow as it would be live.
    assert [row.shadow for row in service.store.cards_shown.all()] == [True]
    live = make_service(advice)
    assert len(live.cards("fake-patient-view", request(3, "patient-view"))) == 1


def test_shadow_takes_no_place_from_a_card_that_is_sent(make_service: ServiceMaker) -> None:
    """A warning in shadow does not turn the one warning that is sent into information."""
    warning = card(indicator=Indicator.WARNING)
    advice = FakeAdvice(
        proposals=(
            proposal("risk", warning, model_hashes=(HASH,)),
            proposal("notice", warning, model_hashes=()),
        )
    )
    service = make_service(advice, environment={"HCC_CDS_SHADOW_MODELS": APPROVED})
    (sent,) = service.cards("fake-order-select", request(1))
    assert sent["indicator"] == "warning"
    assert [row.shadow for row in service.store.cards_shown.all()] == [False, True]


def approvals(folder: Path, content_hash: str) -> dict[str, str]:
    """Write an approvals file and return the environment of a site that uses it."""
    file = folder / "approvals.toml"
    file.write_text(approval_table(folder, APPROVED, content_hash))
    return {**SITE, "HCC_CDS_APPROVALS": str(file)}


@pytest.mark.parametrize(
    ("approved", "sent"), [(HASH, 1), ("0" * 64, 0)], ids=["this version", "another version"]
)
def test_approved_model_is_shown_until_its_hash_changes(
    make_service: ServiceMaker, tmp_path: Path, approved: str, sent: int
) -> None:
    """Outside the demo the site's approval of exactly this content hash brings the cards."""
    advice = FakeAdvice(proposals=(proposal(model_hashes=(HASH,)),))
    environment = approvals(tmp_path, approved)
    service = make_service(advice, demo=False, environment=environment, gate=gate())
    assert len(service.cards("fake-order-select", request(1))) == sent


def test_setting_keeps_an_approved_model_in_shadow(
    make_service: ServiceMaker, tmp_path: Path
) -> None:
    """Who switches a model to shadow has the last word."""
    advice = FakeAdvice(proposals=(proposal(model_hashes=(HASH,)),))
    environment = {**approvals(tmp_path, HASH), "HCC_CDS_SHADOW_MODELS": APPROVED}
    service = make_service(advice, demo=False, environment=environment, gate=gate())
    assert service.cards("fake-order-select", request(1)) == []


def test_published_model_needs_no_approval(make_service: ServiceMaker) -> None:
    """A score that is computed as it was published is shown; a re-estimated one beside it hides the card."""
    published = MODELS["albi"].provenance.content_hash
    advice = FakeAdvice(
        proposals=(
            proposal("a", model_hashes=(published,)),
            proposal("b", model_hashes=(published, HASH)),
        )
    )
    service = make_service(advice, demo=False, environment=SITE, gate=gate())
    service.cards("fake-order-select", request(1))
    assert [(row.kind, row.shadow) for row in service.store.cards_shown.all()] == [
        ("a", False),
        ("b", True),
    ]


def test_service_that_is_off_does_not_exist(make_service: ServiceMaker) -> None:
    """It is not in discovery, and calls and feedback get a 404."""
    service = make_service(environment={"HCC_CDS_OFF": "fake-order-sign"})
    listed = [item["id"] for item in service.get("/cds-services").get_json()["services"]]
    assert listed == ["fake-order-select", "fake-patient-view"]
    assert service.post("fake-order-sign", request(1, "order-sign")).status_code == 404
    assert service.post("fake-order-sign/feedback", {"feedback": []}).status_code == 404


def test_card_kind_that_is_off_is_not_shown(make_service: ServiceMaker) -> None:
    """A kind of card that is off is neither shown nor recorded; the others are."""
    advice = FakeAdvice(proposals=(proposal("surveillance"), proposal("recurrence-found")))
    service = make_service(advice, environment={"HCC_CDS_OFF": "surveillance"})
    assert len(service.cards("fake-order-select", request(1))) == 1
    assert [row.kind for row in service.store.cards_shown.all()] == ["recurrence-found"]


def test_all_services_off_is_an_empty_list(make_service: ServiceMaker) -> None:
    """No services hosted is a 200 with an empty array (B7)."""
    ids = "fake-order-select,fake-order-sign,fake-patient-view"
    response = make_service(environment={"HCC_CDS_OFF": ids}).get("/cds-services")
    assert (response.status_code, response.get_json()) == (200, {"services": []})


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("HCC_CDS_OFF", "fake-order-sing", "is fake-order-sign meant?"),
        ("HCC_CDS_OFF", "%", "known are fake-order-select"),
        ("HCC_CDS_SHADOW_MODELS", "hpr", "HCC_CDS_SHADOW_MODELS: hpr is not known"),
        ("HCC_CDS_APPROVALS", "/nowhere.toml", "/nowhere.toml: cannot be read"),
        ("HCC_CDS_CA_BUNDLE", "/nowhere.pem", "HCC_CDS_CA_BUNDLE: /nowhere.pem is not a file"),
        ("HCC_CDS_CA_BUNDLE", __file__, "holds no certificates in PEM"),
    ],
)
def test_name_that_does_not_exist_is_refused(
    make_service: ServiceMaker, variable: str, value: str, says: str
) -> None:
    """A slip in what is to be switched off does not pass: the service does not start."""
    with pytest.raises(ConfigurationError) as caught:
        make_service(environment={variable: value})
    (problem,) = caught.value.problems
    assert says in problem


def test_comment_is_kept_encrypted_if_the_site_wants_it(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """`userComment` is in the database only as what the site's key opens, and never in a log."""
    key = Fernet.generate_key().decode()
    service = make_service(environment={"HCC_CDS_COMMENT_KEY": key, "HCC_CDS_LOG_LEVEL": "DEBUG"})
    (shown,) = service.cards("fake-order-select", request(1))
    override(service, shown["uuid"], overrideReason={"userComment": "canary-comment"})
    (kept,) = service.store.feedback.all()
    assert "canary" not in kept.report.comment + caplog.text
    assert service.store.comments.open(kept.report.comment) == "canary-comment"
    assert override(service, shown["uuid"], overrideReason="no object")["repeated"] == 1


def outcomes(service: Service) -> list[tuple[str, str, object]]:
    """Return what the audit trail holds."""
    return [(item.event, item.outcome, dict(item.details)) for item in service.store.audit.all()]


def test_trail_says_what_was_done(make_service: ServiceMaker) -> None:
    """Calls answered and refused and feedback taken are in the trail, discovery and patients are not."""
    service = make_service(demo=False, environment=SITE, gate=gate("canary-tenant"))
    service.get("/cds-services")
    service.cards("fake-order-select", request(1, patientId="p1"))
    service.post("fake-order-select", {"hook": "order-select"})
    service.post("fake-order-select", hook_request(prefetch={}))
    service.post("canary-id", {})
    override(service, "3b4e0c3a-2f2f-4f0a-9a53-2d9a52a5d0c1")
    of = {"service": "fake-order-select"}
    assert outcomes(service) == [
        ("call", "answered", {**of, "shown": 0, "snoozed": 0, "shadow": 1}),
        ("call", "context-not-an-object", of),
        ("call", "missing-data", of),
        ("call", "unknown-service", {}),
        ("feedback", "taken", of),
    ]
    events = service.store.audit.all()
    assert {item.tenant for item in events} == {
        service.store.pseudonyms.of("tenant", "canary-tenant")
    }
    assert all(len(item.request) == 36 for item in events)
    assert "canary" not in str(events)
    assert events[0].at == service.clock()


def test_trail_names_the_tenant_whose_call_was_one_too_many(make_service: ServiceMaker) -> None:
    """A 429 has a row with its tenant, and of many in a minute the trail holds sixty."""
    environment = {**SITE, "HCC_CDS_CALLS_PER_MINUTE": "1"}
    service = make_service(demo=False, environment=environment, gate=gate("north"))
    assert [service.post("fake-order-select", request(1)).status_code for _ in range(63)] == [
        200,
        *[429] * 62,
    ]
    _, *limited = service.store.audit.all()
    assert len(limited) == 60
    assert {(item.outcome, item.tenant) for item in limited} == {
        ("too-many-calls", service.store.pseudonyms.of("tenant", "north"))
    }
    assert dict(limited[0].details) == {"service": "fake-order-select"}


def test_trail_does_not_name_a_stranger(make_service: ServiceMaker) -> None:
    """Who was not let in is no tenant; a preflight is nobody's call."""
    service = make_service(
        demo=False,
        environment={**SITE, "HCC_CDS_CORS_ORIGINS": "https://app.example"},
        gate=gate(is_open=False),
    )
    response = service.post("fake-order-select", request(1))
    service.app.test_client().options("/cds-services/fake-order-select")
    (event,) = service.store.audit.all()
    at, request_id = service.clock(), response.headers["X-Request-Id"]
    assert event == AuditEvent(at, "call", "not-trusted", "", request_id)
