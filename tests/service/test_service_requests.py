"""What a call may look like: refused exactly where the issue says, tolerated everywhere else."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from tests.service.conftest import Service, ServiceMaker
from tests.service.fakes import CONDITIONS, PATIENT, hook_request


def _with_prefetch(**keys: Any) -> dict[str, Any]:
    return hook_request(prefetch={"patient": PATIENT, "conditions": CONDITIONS, **keys})


REFUSED = {
    "not JSON": (b"{", "not-a-json-object", None),
    "empty": (b"", "not-a-json-object", None),
    "not UTF-8": (b'{"hook":"\xff"}', "not-a-json-object", None),
    "NaN": (b'{"hook":NaN}', "not-a-json-object", None),
    "a number beyond a double": (b'{"hook":1e999}', "not-a-json-object", None),
    "a lone surrogate": (b'{"hook":"\\ud800"}', "not-a-json-object", None),
    "nested without end": (b"[" * 100_000, "not-a-json-object", None),
    "a list": ([], "not-a-json-object", None),
    "null": (b"null", "not-a-json-object", None),
    "a text": ("order-select", "not-a-json-object", None),
    "no hook": ({"context": {"patientId": "p1"}}, "hook-mismatch", ["hook"]),
    "hook of another id": (hook_request("order-sign"), "hook-mismatch", ["hook"]),
    "hook not a text": (hook_request(hook=["order-select"]), "hook-mismatch", ["hook"]),
    "no context": ({"hook": "order-select"}, "context-not-an-object", ["context"]),
    "context null": (hook_request(context=None), "context-not-an-object", ["context"]),
    "context a list": (hook_request(context=[]), "context-not-an-object", ["context"]),
    "no patientId": (hook_request(context={}), "patient-id-unusable", ["context.patientId"]),
    "patientId a number": (
        hook_request(context={"patientId": 17}),
        "patient-id-unusable",
        ["context.patientId"],
    ),
    "patientId empty": (
        hook_request(context={"patientId": ""}),
        "patient-id-unusable",
        ["context.patientId"],
    ),
    "prefetch a list": (hook_request(prefetch=[]), "prefetch-not-an-object", ["prefetch"]),
    "prefetch null": (hook_request(prefetch=None), "prefetch-not-an-object", ["prefetch"]),
    "fhirAuthorization a text": (
        hook_request(fhirAuthorization="token"),
        "fhir-authorization-not-an-object",
        ["fhirAuthorization"],
    ),
    "Patient of another id": (
        _with_prefetch(patient={**PATIENT, "id": "p2"}),
        "other-patient",
        ["prefetch.patient.id", "context.patientId"],
    ),
    "authorization of another patient": (
        hook_request(fhirAuthorization={"access_token": "t", "patient": "p2"}),
        "other-patient",
        ["fhirAuthorization.patient", "context.patientId"],
    ),
    "authorization of a patient that is no text": (
        hook_request(fhirAuthorization={"patient": {"id": "p1"}}),
        "other-patient",
        ["fhirAuthorization.patient", "context.patientId"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unusable_request_gets_400_that_names_the_member(service: Service, name: str) -> None:
    """An unusable request gets a 400 whose OperationOutcome names what is wrong (C15, C19, F44, Z5, X-prefetch)."""
    body, code, expression = REFUSED[name]
    response = service.post("fake-order-select", body)
    assert response.status_code == 400
    issue = response.get_json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == code
    assert issue.get("expression") == expression
    assert service.advice.asked == []


TOLERATED = {
    "unknown members and extensions (R99, R101)": hook_request(
        extension={"com.example": [None]}, more={"a": []}
    ),
    "no hookInstance (C15)": hook_request(hookInstance=None),
    "fhirServer without authorization (C16)": hook_request(fhirServer="https://ehr.example/fhir"),
    "an authorization without a patient (F40)": hook_request(
        fhirAuthorization={"access_token": "t", "expires_in": "soon"}
    ),
    "an authorization whose patient is null": hook_request(fhirAuthorization={"patient": None}),
    "no user": hook_request(context={"patientId": "p1"}),
    "a user that is no text": hook_request(context={"patientId": "p1", "userId": 5}),
    "an id with its type": hook_request(context={"patientId": "Patient/p1"}),
    "draft orders that are no Bundle": hook_request(
        context={"patientId": "p1", "draftOrders": "none", "selections": {"a": 1}}
    ),
    "draft orders without types or codes (T)": hook_request(
        context={
            "patientId": "p1",
            "draftOrders": {"entry": [{}, None, {"resource": {"resourceType": "ServiceRequest"}}]},
            "selections": ["ServiceRequest/unknown", 5],
        }
    ),
    "an order with objects where lists belong": hook_request(
        context={
            "patientId": "p1",
            "draftOrders": {
                "entry": [
                    {"resource": {"resourceType": "ServiceRequest", "category": {}, "code": []}}
                ]
            },
        }
    ),
    "keys nobody asked for (E29)": _with_prefetch(payer={"resourceType": "Coverage"}),
    "a huge whole number": _with_prefetch(observations={"total": 10**40}),
    "resources of every wrong shape": _with_prefetch(
        observations={
            "resourceType": "Bundle",
            "entry": [
                {"resource": {"resourceType": "Observation", "code": 5, "valueQuantity": []}},
                {"resource": {"resourceType": "Observation", "subject": {"reference": 4}}},
                {"resource": {"resourceType": 12}},
                "entry",
            ],
        }
    ),
    "a Patient with nothing but an id": hook_request(
        prefetch={"patient": {"resourceType": "Patient", "id": "p1"}, "conditions": None}
    ),
    "a Patient in a Bundle": hook_request(
        prefetch={
            "patient": {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]},
            "conditions": CONDITIONS,
        }
    ),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_odd_request_is_answered(service: Service, name: str) -> None:
    """What is odd and usable is answered with cards, as real clients send it (C15, F40, S2.4)."""
    assert len(service.cards("fake-order-select", TOLERATED[name])) == 1


def test_member_named_twice_counts_as_last_sent(service: Service) -> None:
    """A member named twice is read as last sent, everywhere alike, and never a crash."""
    body = b'{"hook":"order-select","context":{"patientId":"p2","patientId":"p1"},"prefetch":{}}'
    response = service.post("fake-order-select", body)
    assert response.status_code == 412


def test_no_content_type_is_needed(service: Service) -> None:
    """A body is read as JSON whatever its declared type."""
    response = service.app.test_client().post(
        "/cds-services/fake-order-select", data=b"{}", content_type="text/plain"
    )
    assert response.get_json()["issue"][0]["details"]["coding"][0]["code"] == "hook-mismatch"


REQUIRED = {
    "no prefetch at all": ({}, ["prefetch.patient", "prefetch.conditions"]),
    "conditions absent (E30)": ({"patient": PATIENT}, ["prefetch.conditions"]),
    "conditions in error (E32, E34)": (
        {"patient": PATIENT, "conditions": {"resourceType": "OperationOutcome", "issue": []}},
        ["prefetch.conditions"],
    ),
    "conditions unreadable": ({"patient": PATIENT, "conditions": 4}, ["prefetch.conditions"]),
    "patient null": ({"patient": None, "conditions": CONDITIONS}, ["prefetch.patient"]),
    "patient an empty Bundle": (
        {"patient": {"resourceType": "Bundle"}, "conditions": CONDITIONS},
        ["prefetch.patient"],
    ),
    "patient without id": (
        {"patient": {"resourceType": "Patient"}, "conditions": CONDITIONS},
        ["prefetch.patient"],
    ),
    "patient of another type": (
        {"patient": {"resourceType": "Person", "id": "p1"}, "conditions": CONDITIONS},
        ["prefetch.patient"],
    ),
}


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_required_data_get_412_that_names_the_keys(service: Service, name: str) -> None:
    """Required data that are absent or in error get a 412 that names the keys (E30, E32, E36, G47, Z5)."""
    prefetch, expression = REQUIRED[name]
    response = service.post("fake-order-select", hook_request(prefetch=prefetch))
    assert response.status_code == 412
    issue = response.get_json()["issue"][0]
    assert issue["expression"] == expression
    assert all(key in issue["diagnostics"] for key in expression)
    assert service.advice.asked == []


@pytest.mark.parametrize("conditions", [None, CONDITIONS])
def test_no_conditions_recorded_is_an_answer(service: Service, conditions: object) -> None:
    """Null and an empty Bundle both mean "none recorded", which satisfies a required key (E31)."""
    body = hook_request(prefetch={"patient": PATIENT, "conditions": conditions})
    assert len(service.cards("fake-order-select", body)) == 1


def test_unknown_service_gets_404(service: Service) -> None:
    """An id that discovery does not list gets a 404, whatever the body (C14)."""
    for path in ("nothing", "nothing/feedback"):
        response = service.post(path, b"{")
        assert response.status_code == 404
        assert response.get_json()["issue"][0]["details"]["coding"][0]["code"] == "unknown-service"


def test_unknown_route_and_method_get_outcomes(service: Service) -> None:
    """Any other address gets a 404, a wrong method a 405 with what is allowed, as OperationOutcomes."""
    response = service.get("/nothing")
    assert response.status_code == 404
    assert response.get_json()["issue"][0]["details"]["coding"][0]["code"] == "unknown-route"
    response = service.get("/cds-services/fake-order-select")
    assert (response.status_code, response.headers["Allow"]) == (405, "OPTIONS, POST")
    assert response.get_json()["issue"][0]["code"] == "not-supported"


def test_large_body_gets_413(make_service: ServiceMaker) -> None:
    """A body above the limit gets a 413 and is not read."""
    small = make_service(environment={"HCC_CDS_BODY_LIMIT_MB": "1"})
    response = small.post("fake-order-select", b" " * 1_000_001)
    assert response.status_code == 413
    assert response.get_json()["issue"][0]["details"]["coding"][0]["code"] == "body-too-large"


def test_large_body_in_chunks_gets_413(make_service: ServiceMaker) -> None:
    """A body that comes without its length is held to the same limit, and is never cut short."""
    small = make_service(environment={"HCC_CDS_BODY_LIMIT_MB": "1"})
    call = json.dumps(hook_request()).encode()
    for size, status in ((1_000_001, 413), (999_999, 200)):
        response = small.app.test_client().post(
            "/cds-services/fake-order-select",
            input_stream=BytesIO(call.ljust(size)),
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
        assert response.status_code == status


def test_deeply_nested_record_is_never_a_crash(service: Service) -> None:
    """JSON nested deeper than any record is answered or refused, never a 500."""
    deep: Any = "end"
    for _ in range(900):
        deep = [deep]
    for place in ("code", "valueQuantity", "component", "extension"):
        entry = {"resource": {"resourceType": "Observation", "id": "o", place: deep}}
        body = _with_prefetch(observations={"resourceType": "Bundle", "entry": [entry]})
        assert service.post("fake-order-select", body).status_code in (200, 400)


def test_address_with_doubled_or_trailing_slash_is_found(service: Service) -> None:
    """A client that joins a base URL ending in a slash is answered without a redirect (B5, S2.4)."""
    client = service.app.test_client()
    doubled = {"PATH_INFO": "//cds-services"}
    assert client.get("/", environ_overrides=doubled).status_code == 200
    assert client.get("/cds-services/").status_code == 200
    doubled = {"PATH_INFO": "//cds-services//fake-order-select/"}
    response = client.post("/", json=hook_request(), environ_overrides=doubled)
    assert response.status_code == 200
