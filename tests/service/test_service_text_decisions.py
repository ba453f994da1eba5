"""What clinicians decided of texts reaches every call: all hooks, all replicas, at no cost without texts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from cds_service.advice.after_resection import AfterResection
from cds_service.app import Gate
from cds_service.store.store import Store
from cds_service.text_decisions import TextDecisions
from fhir_mapping.findings import Certainty, Finding, TextDecision
from models.inputs import Input
from models.registry import MODELS
from tests.mapping_records import full_resources, mapped
from tests.service.conftest import ZONE, FrozenClock, Service, ServiceMaker
from tests.service.fakes import FakeAdvice, hook_request

CALL = "after-resection-patient-view"
NOON = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(ZONE))
CONFIRMED, REFUSED = TextDecision.CONFIRMED, TextDecision.REFUSED
REPORT: dict[str, Any] = {
    "resourceType": "DiagnosticReport",
    "id": "pathology",
    "status": "final",
    "subject": {"reference": "Patient/p"},
    "category": [{"coding": [{"code": "SP"}]}],
    "effectiveDateTime": "2026-10-05",
    "conclusion": "肝细胞癌。微血管侵犯：M1。",
}
(MVI,) = (
    item
    for item in MODELS["distant_metastasis"].needs
    if item.quantity.name == "microvascular_invasion"
)
OFFER = "What was read from text can be confirmed, or refused, in the app."
KEYS = {
    "Condition": "conditions",
    "Procedure": "procedures",
    "Observation": "observations",
    "DiagnosticReport": "reports",
    "MedicationRequest": "medications",
    "Encounter": "encounters",
    "ServiceRequest": "orders",
}


def resources(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a whole record in which no coded value says anything of MVI."""
    coded = [item for item in full_resources() if "microvascular-invasion" not in item["id"]]
    return [*coded, *more]


def request(
    number: int = 0, *more: dict[str, Any], hook: str = "patient-view", **context: Any
) -> dict[str, Any]:
    """Return a call with this record and a hookInstance of its own."""
    prefetch: dict[str, Any] = {
        key: {"resourceType": "Bundle", "type": "searchset", "entry": []} for key in KEYS.values()
    }
    for item in resources(*more):
        if item["resourceType"] == "Patient":
            prefetch["patient"] = item
        else:
            prefetch[KEYS[item["resourceType"]]]["entry"].append({"resource": item})
    return hook_request(
        hook,
        hookInstance=f"0e1d5b2a-7a39-4e2f-9d3a-{number:012d}",
        context={"userId": "Practitioner/surgeon-1", "patientId": "p", **context},
        prefetch=prefetch,
    )


def finding() -> Finding:
    """Return what is read of MVI in the report."""
    (read,) = (
        item
        for item in mapped(*resources(REPORT)).findings
        if item.certainty is Certainty.READ_FROM_TEXT
    )
    return read


def decide(
    store: Store, decision: TextDecision, tenant: str = "", at: datetime = NOON, **more: Any
) -> None:
    """Record a decision as the app does."""
    user = "Practitioner/surgeon-1"
    found = more.get("of", finding())
    TextDecisions(store, ZoneInfo(ZONE)).record(tenant, "p", user, [(found, decision)], at)


def after_resection(make_service: ServiceMaker, **parts: Any) -> Service:
    """Return a service with the real advice after a resection."""
    return make_service(AfterResection(), clock=FrozenClock(NOON), **parts)


def detail(service: Service, number: int = 0, *more: dict[str, Any]) -> str:
    """Return the detail of the one card of a call."""
    (card,) = service.cards(CALL, request(number, *more))
    shown: str = card["detail"]
    return shown


def known(service: Service) -> Input:
    """Return MVI as the advice of the last call got it."""
    return service.advice.asked[-1].record.select(MVI).value


def row_of_mvi(shown: str) -> str:
    """Return the line of the table of inputs that is about MVI."""
    (row,) = (line for line in shown.splitlines() if line.startswith("| MVI"))
    return row


def test_a_confirmed_text_narrows_the_card(make_service: ServiceMaker) -> None:
    """After the confirmation MVI is no longer unknown; the card says what was confirmed and when."""
    service = after_resection(make_service)
    before = detail(service, 1, REPORT)
    assert "because unknown: MVI (not usable: read from text, to be confirmed)" in before
    decide(service.store, CONFIRMED)
    after = detail(service, 2, REPORT)
    assert "because unknown" not in after
    confirmed = "present (read from text, confirmed 2026-11-22: “微血管侵犯：M1”)"
    assert row_of_mvi(after).startswith(f"| MVI | {confirmed} | 2026-10-05 |")
    assert "to be confirmed" not in after


def test_a_refused_text_narrows_nothing(make_service: ServiceMaker) -> None:
    """MVI stays unknown, and the card says that it was refused and when."""
    service = after_resection(make_service)
    decide(service.store, REFUSED)
    shown = detail(service, 1, REPORT)
    refused = "read from text, refused by a clinician on 2026-11-22"
    assert f"because unknown: MVI (not usable: {refused})" in shown
    assert "to be confirmed" not in shown


def test_a_decision_counts_on_every_hook_and_replica(make_service: ServiceMaker) -> None:
    """What one process wrote every other reads with its next call."""
    writer = after_resection(make_service)
    decide(writer.store, CONFIRMED)
    fake = FakeAdvice(optional_keys=("procedures", "observations", "reports"))
    replica = make_service(fake, clock=FrozenClock(NOON))
    assert replica.store is not writer.store
    for hook in fake.hooks:
        replica.cards(f"fake-{hook}", request(1, REPORT, hook=hook))
        assert known(replica).value == "present"
    decide(writer.store, REFUSED, at=NOON + timedelta(minutes=1))
    replica.cards("fake-patient-view", request(2, REPORT))
    assert not known(replica).is_known


def test_decisions_of_another_tenant_do_not_count(make_service: ServiceMaker) -> None:
    """A tenant's patient p is not another tenant's."""
    fake = FakeAdvice(optional_keys=("procedures", "observations", "reports"))
    gate = Gate(lambda _: None, lambda: "north")
    service = make_service(fake, clock=FrozenClock(NOON), gate=gate)
    decide(service.store, CONFIRMED, tenant="south")
    service.cards("fake-patient-view", request(1, REPORT))
    assert not known(service).is_known
    decide(service.store, CONFIRMED, tenant="north")
    service.cards("fake-patient-view", request(2, REPORT))
    assert known(service).value == "present"


def test_a_call_without_text_costs_no_query(make_service: ServiceMaker) -> None:
    """The table of decisions is read by calls whose record holds a text finding, and once."""
    service = after_resection(make_service)
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(service.store.engine, "before_cursor_execute", note)
    detail(service, 1)
    assert not [item for item in sent if "text_decisions" in item]
    twice = {**REPORT, "id": "addendum", "conclusion": "MVI: M1. Ki-67 40 %. No satellites."}
    detail(service, 2, REPORT, twice)
    assert len([item for item in sent if "text_decisions" in item]) == 1


def test_a_store_that_cannot_be_read_costs_no_card(make_service: ServiceMaker) -> None:
    """Everything read from text is then to be confirmed."""
    service = after_resection(make_service)
    decide(service.store, CONFIRMED)
    with service.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE text_decisions"))
    assert "read from text, to be confirmed" in detail(service, 1, REPORT)


def override(service: Service, uuid: str) -> None:
    """Report that a card was overridden."""
    body = {"feedback": [{"card": uuid, "outcome": "overridden"}]}
    assert service.post(f"{CALL}/feedback", body).status_code == 200


def test_a_confirmation_brings_an_overridden_card_back(make_service: ServiceMaker) -> None:
    """Its inputs have changed; taken back by a refusal, they have changed again."""
    service = after_resection(make_service)
    (card,) = service.cards(CALL, request(1, REPORT))
    override(service, card["uuid"])
    assert service.cards(CALL, request(2, REPORT)) == []
    decide(service.store, CONFIRMED)
    (card,) = service.cards(CALL, request(3, REPORT))
    override(service, card["uuid"])
    assert service.cards(CALL, request(4, REPORT)) == []


@pytest.mark.parametrize("decision", TextDecision)
def test_a_decision_that_changes_no_input_brings_nothing_back(
    make_service: ServiceMaker, decision: TextDecision
) -> None:
    """A refusal leaves unknown what was unknown; a text that a code outweighs never counted."""
    service = after_resection(make_service)
    coded = [item for item in full_resources() if "microvascular-invasion" in item["id"]]
    more = coded if decision is CONFIRMED else []
    (card,) = service.cards(CALL, request(1, REPORT, *more))
    override(service, card["uuid"])
    decide(service.store, decision)
    assert service.cards(CALL, request(2, REPORT, *more)) == []


@pytest.mark.parametrize("text_narrows", ["0", "1"])
def test_card_offers_to_confirm_where_the_app_is_on(
    make_service: ServiceMaker, text_narrows: str
) -> None:
    """One line, only if something waits, whether or not it counts before it is confirmed."""
    service = after_resection(make_service, environment={"HCC_CDS_TEXT_NARROWS": text_narrows})
    assert OFFER not in detail(service, 1)
    assert detail(service, 2, REPORT).count(OFFER) == 1
    decide(service.store, CONFIRMED)
    assert OFFER not in detail(service, 3, REPORT)


def test_card_offers_nothing_where_the_app_is_off(make_service: ServiceMaker) -> None:
    """Nobody is sent to an app that is not there."""
    service = after_resection(make_service, environment={"HCC_CDS_OFF": "app"})
    shown = detail(service, 1, REPORT)
    assert "read from text, to be confirmed" in shown
    assert OFFER not in shown
