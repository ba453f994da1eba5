"""What real clients do that the service survives: loose bodies, bursts, every state of a prefetch key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cds_service.advice.consultation import Repeat
from fhir_mapping.prefetch_key import PrefetchState
from tests.golden.cases import FOLDER, Runner, runner
from tests.service.conftest import Service, ServiceMaker
from tests.service.fakes import CONDITIONS, PATIENT, FakeAdvice, hook_request, proposal

CALL = "fake-order-select"
REAL = "resection-risk-order-select"
SENT = json.loads((FOLDER / "clearly-high" / REAL / "request.json").read_text("utf-8"))


@pytest.fixture(name="run", scope="module")
def _run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with runner(tmp_path_factory.mktemp("real-clients")) as run:
        yield run


def _summaries(run: Runner, sent: dict[str, Any], path: str = REAL) -> list[str]:
    answer = run.client.post(f"/cds-services/{path}", json=sent)
    assert answer.status_code == 200, answer.text
    return [card["summary"] for card in answer.get_json()["cards"]]


def _bundle(sent: dict[str, Any]) -> dict[str, Any]:
    bundle: dict[str, Any] = sent["context"]["draftOrders"]
    return bundle


def _order(sent: dict[str, Any]) -> dict[str, Any]:
    order: dict[str, Any] = _bundle(sent)["entry"][0]["resource"]
    return order


Change = Callable[[dict[str, Any]], object]
LOOSE: dict[str, Change] = {
    "a Bundle without type": lambda sent: _bundle(sent).pop("type"),
    "a Bundle without resourceType": lambda sent: _bundle(sent).pop("resourceType"),
    "category is an object": lambda sent: _order(sent).update(category={"text": "Procedure"}),
    "reasonCode is an object": lambda sent: _order(sent).update(reasonCode={"text": "HCC"}),
    "an order without intent and status": lambda sent: (
        _order(sent).pop("intent"),
        _order(sent).pop("status"),
    ),
    "a drug order that names no drug yet": lambda sent: _bundle(sent)["entry"].append(
        {"resource": {"resourceType": "MedicationRequest", "id": "m", "status": "draft"}}
    ),
    "entries that are none": lambda sent: _bundle(sent)["entry"].extend([None, {}, {"a": 1}]),
    "unknown members": lambda sent: (sent.update(more=1), sent["context"].update(more=[None])),
    "extensions": lambda sent: (
        sent.update(extension={"com.example.x": 1}),
        _order(sent).update(extension={"com.example.x": 1}),
        sent["context"].update(extension={"com.example.x": None}),
    ),
    "fhirServer without fhirAuthorization": lambda sent: sent.update(
        fhirServer="https://ehr.example/fhir/"
    ),
    "no selections": lambda sent: sent["context"].pop("selections"),
}


@pytest.mark.parametrize("name", LOOSE)
def test_loose_order_is_read_as_what_it_is(run: Runner, name: str) -> None:
    """What FHIR does not allow and clients send costs nothing: the cards are the same (S2.4)."""
    loose = deepcopy(SENT)
    LOOSE[name](loose)
    assert loose != SENT
    plain = _summaries(run, SENT)
    assert plain
    assert _summaries(run, loose) == plain
    assert _summaries(run, loose, f"{REAL}/") == plain


def test_call_without_orders_has_nothing_to_say(run: Runner) -> None:
    """Selections and draftOrders missing altogether: no resection is ordered, so nothing is said (S2.4)."""
    bare = deepcopy(SENT)
    del bare["context"]["draftOrders"], bare["context"]["selections"]
    assert _summaries(run, bare) == []


def test_unreadable_resource_costs_itself_alone(run: Runner) -> None:
    """A resource that is no FHIR is left out, one by one; the others count as before (S2.4)."""
    broken = deepcopy(SENT)
    entries = broken["prefetch"]["observations"]["entry"]
    assert entries
    for wrong in ({"code": 5}, {"code": {"coding": "x"}, "valueQuantity": [7]}, {"status": {}}):
        entries.insert(0, {"resource": {"resourceType": "Observation", **wrong}})
    assert _summaries(run, broken) == _summaries(run, SENT)


def test_burst_of_order_select_is_answered_each_time(make_service: ServiceMaker) -> None:
    """order-select fires at every change of the form: each call is answered in full, and alike (S2.5)."""
    service = make_service(FakeAdvice(proposals=(proposal(repeat=Repeat.ONCE_PER_SESSION),)))
    seen = []
    for number in (1, 1, 2, 3, 3, 3):
        order = {"resourceType": "ServiceRequest", "id": "o", "priority": f"p{number}"}
        context = {
            "userId": "Practitioner/surgeon-1",
            "patientId": "p1",
            "draftOrders": {"entry": [{"resource": order}]},
        }
        sent = hook_request(hookInstance=str(UUID(int=number)), context=context)
        seen.append([card["summary"] for card in service.cards(CALL, sent)])
    assert seen == [["Early recurrence: 26-49 %"]] * 6


PAGED = {**CONDITIONS, "link": [{"relation": "next", "url": "https://ehr.example/2"}]}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
# what is sent under a required key, the status, and the state in which it is used
KEY_STATES: dict[str, tuple[dict[str, Any], int, PrefetchState | None]] = {
    "absent": ({}, 412, None),
    "null": ({"conditions": None}, 200, PrefetchState.NULL),
    "an OperationOutcome": ({"conditions": OUTCOME}, 412, None),
    "an empty Bundle": ({"conditions": CONDITIONS}, 200, PrefetchState.EMPTY),
    "a Bundle with a next page": ({"conditions": PAGED}, 200, PrefetchState.INCOMPLETE),
    "a Bundle that holds an OperationOutcome": (
        {
            "conditions": {
                **CONDITIONS,
                "entry": [{"resource": {"resourceType": "Condition"}}, {"resource": OUTCOME}],
            }
        },
        200,
        PrefetchState.INCOMPLETE,
    ),
}


@pytest.mark.parametrize("name", KEY_STATES)
def test_prefetch_in_every_state_is_answered(service: Service, name: str) -> None:
    """Unknown is a 412, none recorded an answer, and what was cut short is known to be (X-prefetch)."""
    sent, status, state = KEY_STATES[name]
    body = hook_request(prefetch={"patient": PATIENT, **sent})
    assert service.post(CALL, body).status_code == status
    states = [asked.record.key_states["conditions"].state for asked in service.advice.asked]
    assert states == ([] if state is None else [state])


def test_prefetch_and_authorization_may_be_missing(service: Service) -> None:
    """Without the members prefetch and fhirAuthorization a call is read; it only lacks data (C17, E28, X-prefetch)."""
    body = hook_request()
    del body["prefetch"]
    response = service.post(CALL, body)
    assert response.status_code == 412
    assert response.get_json()["issue"][0]["expression"] == [
        "prefetch.patient",
        "prefetch.conditions",
    ]


def test_known_hook_instance_opens_nothing(make_service: ServiceMaker) -> None:
    """Who guesses another user's hookInstance learns and silences nothing: it is no secret (C18)."""
    service = make_service(FakeAdvice(proposals=(proposal(repeat=Repeat.ON_CHANGE),)))
    view = "fake-patient-view"
    assert len(service.cards(view, hook_request("patient-view"))) == 1
    for user in ("Practitioner/surgeon-2", "Practitioner/surgeon-3"):
        guessed = hook_request("patient-view", context={"userId": user, "patientId": "p1"})
        assert len(service.cards(view, guessed)) == 1
    # What each user has seen is that user's own.
    again = {"hookInstance": str(UUID(int=9))}
    assert service.cards(view, hook_request("patient-view", **again)) == []
    new = {"userId": "Practitioner/surgeon-4", "patientId": "p1"}
    assert len(service.cards(view, hook_request("patient-view", **again, context=new))) == 1


def test_data_come_back_under_the_keys_of_discovery(service: Service) -> None:
    """What is sent under each key that discovery names is what the advice gets (D20)."""
    for entry in service.get("/cds-services").get_json()["services"]:
        sent = dict.fromkeys(entry["prefetch"], None) | {"patient": PATIENT}
        service.cards(entry["id"], hook_request(entry["hook"], prefetch=sent))
        states = service.advice.asked[-1].record.key_states
        assert {name: key.state for name, key in states.items()} == {
            **dict.fromkeys(entry["prefetch"], PrefetchState.NULL),
            "patient": PrefetchState.COMPLETE,
        }


def test_token_is_written_nowhere(service: Service, tmp_path: Path) -> None:
    """After a call and a refused call no file of the service holds the access token (F41)."""
    token = {"access_token": "CANARY-token", "scope": "CANARY-scope", "subject": "CANARY-subject"}
    sent = hook_request(fhirServer="https://ehr.example/fhir", fhirAuthorization=token)
    headers = {"Authorization": "Bearer CANARY-jwt"}
    assert service.post(CALL, sent, headers=headers).status_code == 200
    assert service.post(CALL, {**sent, "prefetch": {}}, headers=headers).status_code == 412
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    # The scan is not blind: what is kept of the call is found.
    assert any(CALL.encode() in path.read_bytes() for path in files)
    assert [path.name for path in files if b"CANARY" in path.read_bytes()] == []


def test_answers_are_json(service: Service) -> None:
    """Cards, discovery, receipts and errors are JSON in UTF-8 and say so (A1)."""
    report = {"card": str(UUID(int=1)), "outcome": "overridden"}
    for response in (
        service.get("/cds-services"),
        service.post(CALL, hook_request()),
        service.post(f"{CALL}/feedback", {"feedback": [report]}),
        service.post(CALL, b"{"),
        service.post("nothing", hook_request()),
    ):
        assert response.headers["Content-Type"] == "application/json"
        assert json.loads(response.data.decode("utf-8"))
