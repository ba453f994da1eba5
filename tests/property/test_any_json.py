"""Whatever is sent, the service answers: never a crash, never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.app import create_app, store_of
from cds_service.conformance import check_response
from cds_service.settings import Settings
from tests.service.openapi_file import response_violations

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20)
)
# Names and values that lead deep into the reading of a record.
NAMES = st.sampled_from(
    [
        "resourceType",
        "id",
        "entry",
        "resource",
        "code",
        "coding",
        "system",
        "display",
        "text",
        "status",
        "subject",
        "reference",
        "valueQuantity",
        "value",
        "unit",
        "valueString",
        "valueCodeableConcept",
        "component",
        "effectiveDateTime",
        "performedPeriod",
        "start",
        "end",
        "onsetDateTime",
        "clinicalStatus",
        "link",
        "relation",
        "url",
        "total",
        "search",
        "mode",
        "birthDate",
        "deceasedBoolean",
        "period",
        "partOf",
        "issue",
        "severity",
        "extension",
    ]
) | st.text(max_size=5)
VALUES = st.sampled_from(
    [
        "Patient/p1",
        "Observation",
        "Procedure",
        "Condition",
        "Bundle",
        "OperationOutcome",
        "final",
        "completed",
        "active",
        "http://snomed.info/sct",
        "http://loinc.org",
        "109841003",
        "71273005",
        "1834-1",
        "ng/mL",
        "2026-02",
        "2026-02-30",
        "2026-01-04T08:00:00+08:00",
        "next",
        ">1210",
    ]
)
JSON = st.recursive(
    SCALARS | VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)
RESOURCES = st.builds(
    lambda kind, more: {**more, "resourceType": kind, "subject": {"reference": "Patient/p1"}},
    st.sampled_from(
        ["Observation", "Procedure", "Condition", "DiagnosticReport", "Encounter", "ServiceRequest"]
    ),
    st.dictionaries(NAMES, JSON, max_size=6),
)
BUNDLES = st.builds(
    lambda resources, more: {
        **more,
        "resourceType": "Bundle",
        "entry": [{"resource": item} for item in resources],
    },
    st.lists(RESOURCES, max_size=4),
    st.dictionaries(NAMES, JSON, max_size=3),
)
HOOKS = ("order-select", "order-sign", "patient-view")
SERVICES = {
    "order-select": "resection-risk-order-select",
    "order-sign": "after-resection-order-sign",
    "patient-view": "surveillance-patient-view",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Return a client of the demo's service with its real advice."""
    state = str(tmp_path_factory.mktemp("state"))
    app = create_app(Settings.from_environment({"HCC_CDS_STATE": state}, demo=True))
    yield app.test_client()
    store_of(app).close()


def _encoded(value: object) -> bytes:
    return json.dumps(value).encode()


def _post(client: FlaskClient, path: str, body: bytes) -> int:
    response = client.post(f"/cds-services/{path}", data=body)
    described = "/cds-services/{service_id}" + ("/feedback" if path.endswith("/feedback") else "")
    assert response_violations(described, "post", response) == []
    assert response.status_code < 500, response.get_data(as_text=True)
    if response.status_code == 200 and not path.endswith("/feedback"):
        assert check_response(response.get_json()) == ()
    return int(response.status_code)


FEW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(body=st.binary(max_size=200) | JSON.map(_encoded))
def test_any_body_is_answered(client: FlaskClient, body: bytes) -> None:
    """Any bytes and any JSON get a 400, never a crash."""
    assert _post(client, "resection-risk-order-select", body) == 400
    assert _post(client, "resection-risk-order-select/feedback", body) in (200, 400)


@FEW
@given(hook=st.sampled_from(HOOKS), members=st.dictionaries(NAMES, JSON), context=JSON, more=JSON)
def test_any_members_are_answered(
    client: FlaskClient, hook: str, members: dict[str, Any], context: Any, more: Any
) -> None:
    """Any members beside the hook are answered or refused with a reason."""
    call = {**members, "hook": hook, "context": context, "prefetch": more}
    assert _post(client, SERVICES[hook], _encoded(call)) in (200, 400, 412)


@FEW
@given(
    hook=st.sampled_from(HOOKS),
    orders=BUNDLES | JSON,
    selections=JSON,
    keys=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("conditions", "procedures", "observations", "reports", "encounters"), BUNDLES | JSON
        ),
    ),
)
def test_any_record_is_answered(
    client: FlaskClient, hook: str, orders: Any, selections: Any, keys: dict[str, Any]
) -> None:
    """Any record of the patient is answered with cards that keep every rule, or with a 412."""
    hcc = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "109841003"}]},
    }
    conditions = {"resourceType": "Bundle", "entry": [{"resource": hcc}]}
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": "1971"}
    call = {
        "hook": hook,
        "context": {"patientId": "p1", "draftOrders": orders, "selections": selections},
        "prefetch": {"patient": patient, "conditions": conditions, **keys},
    }
    assert _post(client, SERVICES[hook], _encoded(call)) in (200, 412)


@FEW
@given(
    items=st.lists(
        st.dictionaries(
            st.sampled_from(
                ["card", "outcome", "outcomeTimestamp", "acceptedSuggestions", "overrideReason"]
            ),
            JSON
            | st.sampled_from(["accepted", "overridden", "2026-01-01T00:00:00Z"])
            | st.uuids().map(str),
        ),
        max_size=4,
    )
)
def test_any_feedback_is_answered(client: FlaskClient, items: list[dict[str, Any]]) -> None:
    """Any list of reports is taken as far as it can be read."""
    body = _encoded({"feedback": items})
    assert _post(client, "resection-risk-order-select/feedback", body) in (200, 400)
