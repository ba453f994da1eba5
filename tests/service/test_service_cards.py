"""What comes back from a call: cards with uuids, quiet where they were seen, never a crash."""

from __future__ import annotations

from datetime import date
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import event, text

from cds_service.advice.consultation import Repeat
from cds_service.app import Gate
from cds_service.guideline_profile import load_profile
from cds_service.security.gate import NotTrustedError
from cds_service.wire import Indicator
from fhir_mapping.prefetch_key import PrefetchState
from tests.service.conftest import FrozenClock, Service, ServiceMaker
from tests.service.fakes import FakeAdvice, card, card_with_suggestion, hook_request, proposal


def test_nothing_to_say_is_an_empty_list(make_service: ServiceMaker) -> None:
    """Without a card the answer is 200 and `cards: []` (A3, G45, G46)."""
    service = make_service(FakeAdvice(proposals=()))
    assert service.post("fake-order-select", hook_request()).get_json() == {"cards": []}


def test_cards_and_suggestions_get_uuids(make_service: ServiceMaker) -> None:
    """Each card and suggestion has a UUID of its own, for feedback to name (H49, J62, S2.9, X-uuid)."""
    numbers = count(1)
    service = make_service(
        FakeAdvice(proposals=(proposal(shown=card_with_suggestion()), proposal("other"))),
        new_uuid=lambda: UUID(int=next(numbers)),
    )
    first, second = service.cards("fake-order-select", hook_request())
    uuids = [first["uuid"], second["uuid"], *(item["uuid"] for item in first["suggestions"])]
    assert len(set(uuids)) == 4
    assert all(str(UUID(item)) == item for item in uuids)
    assert first["selectionBehavior"] == "any"
    assert [item["label"] for item in first["suggestions"]] == [
        "Draft tumour-board referral",
        "Draft AFP",
    ]


def test_optional_members_without_a_value_are_left_out(make_service: ServiceMaker) -> None:
    """No null and no empty member leaves the service (A2, A3, A4)."""
    # With the app switched off: it would add its link.
    service = make_service(environment={"HCC_CDS_OFF": "app"})
    (shown,) = service.cards("fake-order-select", hook_request())
    assert set(shown) == {"uuid", "summary", "indicator", "source"}


def test_consultation_holds_what_the_call_said(service: Service) -> None:
    """The advice sees hook, patient, user, profile and the day at the hospital (C15, T)."""
    service.cards("fake-order-sign", hook_request("order-sign"))
    (asked,) = service.advice.asked
    assert (asked.hook, asked.patient_id, asked.user_id) == (
        "order-sign",
        "p1",
        "Practitioner/surgeon-1",
    )
    # 07:30 in Shanghai is the day before in UTC.
    assert asked.on == date(2026, 3, 4)
    assert asked.profile is load_profile("CNLC")
    assert asked.public_url == "http://127.0.0.1:8000"
    assert asked.demo is True
    assert asked.record.key_states["procedures"].state is PrefetchState.ABSENT


def test_own_bug_gets_500_without_details(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """An advice that fails is our bug: 500 without details, a log line without data (G47)."""
    service = make_service(FakeAdvice(fails_with=lambda: RuntimeError("AFP 512 of Zhang San")))
    response = service.post("fake-order-select", hook_request())
    assert response.status_code == 500
    assert response.get_json()["issue"][0]["details"]["text"] == (
        "The service failed. The failure was logged."
    )
    assert "Zhang" not in response.get_data(as_text=True) + caplog.text
    assert "type=RuntimeError" in caplog.text
    assert response.headers["X-Request-Id"] in caplog.text


def test_endless_recursion_of_ours_is_not_blamed_on_the_client(make_service: ServiceMaker) -> None:
    """A recursion error over a shallow request is a 500, not a 400."""
    service = make_service(FakeAdvice(fails_with=RecursionError))
    assert service.post("fake-order-select", hook_request()).status_code == 500


def test_recursion_over_a_deep_request_is_a_400(make_service: ServiceMaker) -> None:
    """A recursion error over a request nested beyond the limit is the request's."""
    deep: object = 1
    for _ in range(200):
        deep = {"extension": deep}
    service = make_service(FakeAdvice(fails_with=RecursionError))
    body = hook_request()
    body["prefetch"]["observations"] = deep
    response = service.post("fake-order-select", body)
    assert response.status_code == 400
    assert response.get_json()["issue"][0]["diagnostics"] == "body: more than 100 levels"


def test_same_call_again_gets_the_same_cards(make_service: ServiceMaker) -> None:
    """A call that is sent again (same hookInstance) is answered as before: idempotent (S2.5)."""
    advice = FakeAdvice(proposals=(proposal(repeat=Repeat.ON_CHANGE),))
    service = make_service(advice)
    first = service.cards("fake-patient-view", hook_request("patient-view"))
    again = service.cards("fake-patient-view", hook_request("patient-view"))
    assert [item["summary"] for item in first] == [item["summary"] for item in again]


def test_call_asks_the_store_a_fixed_number_of_times(make_service: ServiceMaker) -> None:
    """The store is asked no more often with three cards and a long memory than with one (G48)."""
    advice = FakeAdvice(proposals=(proposal(),))
    service = make_service(advice)
    asked: list[str] = []
    event.listen(
        service.store.engine,
        "before_cursor_execute",
        lambda *call: asked.append(call[2]),
    )
    counts = []
    for number in range(25):
        asked.clear()
        service.cards("fake-order-select", hook_request(hookInstance=_instance(number)))
        counts.append(len(asked))
        advice.proposals = tuple(proposal(f"kind-{n}", basis=f"b{number}") for n in range(3))
    assert counts[0] > 0
    assert set(counts) == {counts[0]}


def _instance(number: int) -> str:
    return str(UUID(int=number))


def test_signing_does_not_repeat_what_selecting_showed(make_service: ServiceMaker) -> None:
    """order-sign is quiet on a card that order-select showed, and order-select keeps showing it."""
    service = make_service(FakeAdvice(proposals=(proposal(repeat=Repeat.ONCE_PER_SESSION),)))
    shown = []
    for number, hook in enumerate(("order-select", "order-sign", "order-select", "order-sign")):
        body = hook_request(hook, hookInstance=_instance(number))
        shown.append(len(service.cards(f"fake-{hook}", body)))
    assert shown == [1, 0, 1, 0]


def test_quiet_is_for_the_same_user_patient_and_basis(make_service: ServiceMaker) -> None:
    """Another user, another patient, a new basis or a new session brings the card back at once."""
    advice = FakeAdvice(proposals=(proposal(repeat=Repeat.ONCE_PER_SESSION),))
    service = make_service(advice)
    service.cards("fake-order-select", hook_request(hookInstance=_instance(1)))
    sign = hook_request("order-sign", hookInstance=_instance(2))
    assert service.cards("fake-order-sign", sign) == []
    for_another = {"userId": "Practitioner/surgeon-2", "patientId": "p1"}
    assert len(service.cards("fake-order-sign", {**sign, "context": for_another})) == 1
    patient = {"resourceType": "Patient", "id": "p2"}
    other = {
        **sign,
        "context": {"userId": "Practitioner/surgeon-1", "patientId": "p2"},
        "prefetch": {"patient": patient, "conditions": None},
    }
    assert len(service.cards("fake-order-sign", other)) == 1
    advice.proposals = (proposal(repeat=Repeat.ONCE_PER_SESSION, basis="afp=600"),)
    assert len(service.cards("fake-order-sign", {**sign, "hookInstance": _instance(3)})) == 1


def test_session_ends(make_service: ServiceMaker) -> None:
    """After the session's hours the other hook speaks again."""
    clock = FrozenClock()
    advice = FakeAdvice(proposals=(proposal(repeat=Repeat.ONCE_PER_SESSION),))
    service = make_service(advice, clock=clock, environment={"HCC_CDS_SESSION_HOURS": "2"})
    service.cards("fake-order-select", hook_request(hookInstance=_instance(1)))
    clock.advance(hours=1, minutes=59)
    sign = hook_request("order-sign", hookInstance=_instance(2))
    assert service.cards("fake-order-sign", sign) == []
    clock.advance(minutes=2)
    assert len(service.cards("fake-order-sign", sign)) == 1


def test_patient_view_speaks_on_a_new_result_only(make_service: ServiceMaker) -> None:
    """patient-view repeats nothing until what the card rests on changes."""
    advice = FakeAdvice()
    service = make_service(advice)
    shown = []
    for number, basis in enumerate(("a", "a", "b", "b", "a")):
        advice.proposals = (proposal(repeat=Repeat.ON_CHANGE, basis=basis),)
        body = hook_request("patient-view", hookInstance=_instance(number))
        shown.append(len(service.cards("fake-patient-view", body)))
    assert shown == [1, 0, 1, 0, 1]


def test_caller_without_a_user_is_shown_everything(make_service: ServiceMaker) -> None:
    """Without a userId nobody can have seen the card, so it is shown."""
    service = make_service(FakeAdvice(proposals=(proposal(repeat=Repeat.ON_CHANGE),)))
    for number in range(2):
        body = hook_request(
            "patient-view", hookInstance=_instance(number), context={"patientId": "p1"}
        )
        assert len(service.cards("fake-patient-view", body)) == 1


def test_one_card_interrupts_and_three_are_shown(make_service: ServiceMaker) -> None:
    """Of several warnings the first interrupts, the others inform; a fourth card is not shown."""
    warning = card(indicator=Indicator.WARNING)
    advice = FakeAdvice(proposals=tuple(proposal(f"kind-{n}", warning) for n in range(4)))
    service = make_service(advice)
    cards = service.cards("fake-order-select", hook_request())
    assert [item["indicator"] for item in cards] == ["warning", "info", "info"]


def test_unreadable_store_silences_nothing(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """If the memory cannot be read or written every card is shown, and the log says so."""
    service = make_service(FakeAdvice(proposals=(proposal(repeat=Repeat.ON_CHANGE),)))
    with service.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE cards_shown"))
    for number in range(2):
        body = hook_request("patient-view", hookInstance=_instance(number))
        assert len(service.cards("fake-patient-view", body)) == 1
    assert "store unreadable, all cards shown: OperationalError" in caplog.text
    assert "store not writable, cards not remembered: OperationalError" in caplog.text


def test_store_holds_hashes_only(make_service: ServiceMaker) -> None:
    """Neither user nor patient nor basis nor hookInstance stands in the database in clear."""
    advice = FakeAdvice(proposals=(proposal(basis="canary-basis"),))
    service = make_service(advice)
    body = hook_request(context={"userId": "Practitioner/canary-user", "patientId": "p1"})
    service.cards("fake-order-select", body)
    with service.store.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM cards_shown")).mappings().all()
    stored = str([dict(row) for row in rows])
    assert len(rows) == 1
    for secret in ("canary", "p1", body["hookInstance"]):
        assert secret not in stored


def _gate(tenant: str, *, is_open: bool = True) -> Gate:
    def guard(blueprint: object) -> None:
        @blueprint.before_request  # type: ignore[attr-defined]  # a Flask blueprint
        def check() -> None:
            if not is_open:
                raise NotTrustedError("not trusted")

    return Gate(guard, lambda: tenant)


SITE = {
    "HCC_CDS_PUBLIC_URL": "https://cds.hospital.example",
    "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
}


def test_stranger_gets_a_bare_401(make_service: ServiceMaker) -> None:
    """A caller who is not trusted gets a 401 without body and without a reason (O85, O95)."""
    service = make_service(demo=False, environment=SITE, gate=_gate("t", is_open=False))
    for path in ("fake-order-select", "fake-order-select/feedback"):
        response = service.post(path, hook_request())
        assert (response.status_code, response.data) == (401, b"")
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert "Content-Type" not in response.headers
    assert service.get("/cds-services").status_code == 401


def test_outside_the_demo_models_run_in_shadow(make_service: ServiceMaker) -> None:
    """A card of a model that no site approved is recorded and not shown; others are shown."""
    advice = FakeAdvice(proposals=(proposal(), proposal("notice", model_hashes=())))
    service = make_service(advice, demo=False, environment=SITE, gate=_gate("t"))
    assert len(service.cards("fake-order-select", hook_request())) == 1
    assert [row.shadow for row in service.store.cards_shown.all()] == [False, True]
    assert service.get("/demo").status_code == 404


def test_tenants_share_no_memory(make_service: ServiceMaker) -> None:
    """The tenant is part of every stored key: one hospital's showing silences nobody elsewhere."""
    advice = FakeAdvice(proposals=(proposal(repeat=Repeat.ON_CHANGE, model_hashes=()),))
    seen = []
    for number, tenant in enumerate(("a", "b", "a")):
        service = make_service(advice, demo=False, environment=SITE, gate=_gate(tenant))
        body = hook_request("patient-view", hookInstance=_instance(number))
        seen.append(len(service.cards("fake-patient-view", body)))
    assert seen == [1, 1, 0]
