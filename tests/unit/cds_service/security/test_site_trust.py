"""The whole service outside the demo: a signed call, a fetch from the client's FHIR server, a card or not."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
import responses

from cds_service.app import Gate, create_app
from cds_service.fhir_base import FhirBase
from cds_service.security.replay import MemoryReplayStore
from cds_service.security.site_trust import SiteTrust
from cds_service.security.trust import Trust
from cds_service.settings import Settings

ISS = "https://ehr.hospital.example"
JKU = f"{ISS}/jwks.json"
PUBLIC_URL = "https://cds.hospital.example/liver"
FHIR = "https://fhir.hospital.example/r4"
PATH = "/cds-services/resection-risk-order-sign"
NOW = 1_790_000_000
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}


@pytest.fixture
def server(ehr):
    """Return a sealed fake of the network with the client's key set."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as fake:
        fake.get(JKU, json=ehr.key_set())
        yield fake


@pytest.fixture
def site(clock, tmp_path, make_service):
    """Return the service of a site that trusts one client, its key set fetched from its jku."""
    issuer = replace(
        make_service().trust.issuers[0],
        keys={},
        jku=JKU,
        accepted_jku=JKU,
        tenants=frozenset({"north"}),
        fhir_bases=(FhirBase.parse(FHIR),),
    )
    trust = SiteTrust(
        Trust(issuers=(issuer,)),
        MemoryReplayStore(now=clock),
        base_url=PUBLIC_URL,
        fhir_seconds=5,
        now=clock,
    )
    tenants = []

    def tenant() -> str:
        tenants.append(trust.tenant())
        return tenants[-1]

    settings = Settings.from_environment(
        {
            "HCC_CDS_PUBLIC_URL": PUBLIC_URL,
            "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
            "HCC_CDS_STATE": str(tmp_path),
            "HCC_CDS_CORS_ORIGINS": "https://app.hospital.example",
        }
    )
    app = create_app(
        settings, gate=Gate(guard=trust.guard, tenant=tenant), record_source=trust.record_source
    )
    client = app.test_client()
    client.tenants = tenants
    yield client
    trust.close()


def call(site, ehr, *, jti="1", fhir_server=FHIR, origin="", **claims):
    """Make one call of a hook without any prefetch."""
    claims = {"aud": PUBLIC_URL + PATH, "jti": jti, "tenant": "north", **claims}
    headers = {"Authorization": f"Bearer {ehr.sign(ehr.header(jku=JKU), ehr.claims(**claims))}"}
    if origin:
        headers["Origin"] = origin
    return site.post(
        PATH,
        headers=headers,
        json={
            "hook": "order-sign",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "fhirServer": fhir_server,
            "fhirAuthorization": {"access_token": "CANARY-fhir-token", "token_type": "Bearer"},
            "context": {"userId": "Practitioner/1", "patientId": "CANARY-1"},
        },
    )


def add_record(server):
    """Let the FHIR server answer with a patient of whom nothing is recorded."""
    patient = {"resourceType": "Patient", "id": "CANARY-1", "birthDate": "1970-01-01"}
    server.get(f"{FHIR}/Patient/CANARY-1", json=patient)
    for resource_type in (
        "Condition",
        "DiagnosticReport",
        "Encounter",
        "MedicationAdministration",
        "MedicationRequest",
        "Observation",
        "Procedure",
        "ServiceRequest",
    ):
        server.get(f"{FHIR}/{resource_type}", json=EMPTY)
        server.post(f"{FHIR}/{resource_type}/_search", json=EMPTY)


def test_signed_call_without_prefetch_is_answered(site, ehr, server, caplog):
    """E35, F38, O86, F37: with a token and a FHIR server, the service reads what it needs by itself."""
    add_record(server)
    with caplog.at_level(logging.DEBUG):
        answer = call(site, ehr)
    assert (answer.status_code, answer.json) == (200, {"cards": []})
    fetched = [sent.request for sent in server.calls if sent.request.url.startswith(FHIR)]
    assert len(fetched) >= 2
    assert {request.headers["Authorization"] for request in fetched} == {"Bearer CANARY-fhir-token"}
    assert site.tenants == ["https://ehr.hospital.example north"]
    assert "CANARY" not in caplog.text


def test_second_use_of_a_token_is_refused(site, ehr, server):
    """O95: the same token twice: an answer, then a bare 401."""
    add_record(server)
    assert call(site, ehr).status_code == 200
    answer = call(site, ehr)
    assert (answer.status_code, answer.data) == (401, b"")
    assert "Content-Type" not in answer.headers


def test_fhir_server_of_somebody_else_is_not_called(site, ehr, server):
    """F44, E36: a fhirServer that is not this issuer's own is refused; what is required is then missing."""
    answer = call(site, ehr, fhir_server="https://evil.example/r4")
    assert answer.status_code == 412
    assert answer.json["issue"][0]["diagnostics"] == (
        "prefetch.patient: fhirServer is not a server registered for this client;"
        " prefetch.conditions: fhirServer is not a server registered for this client"
    )
    assert [sent.request.url for sent in server.calls] == [JKU]


def test_fhir_server_that_refuses_leaves_required_data_missing(site, ehr, server):
    """E36: neither prefetch nor FHIR server: 412 names the keys and the reason, without patient data."""
    server.get(f"{FHIR}/Patient/CANARY-1", status=403, body="CANARY")
    add_record(server)
    answer = call(site, ehr)
    assert answer.status_code == 412
    assert answer.json["issue"][0]["diagnostics"] == (
        "prefetch.patient: the FHIR server answered 403"
    )
    assert "CANARY" not in answer.text


def test_refusal_can_be_read_by_a_browser(site, ehr, server):
    """P96, S2.1: a 401 carries the CORS headers of a listed origin, and only of a listed one."""
    allow = "Access-Control-Allow-Origin"
    listed = call(site, ehr, aud="https://other.example", origin="https://app.hospital.example")
    assert (listed.status_code, listed.data) == (401, b"")
    assert listed.headers[allow] == "https://app.hospital.example"
    assert allow not in call(site, ehr, aud="x", origin="https://evil.example").headers
    assert len(server.calls) == 0


def test_preflight_needs_no_token(site):
    """P96, S2.1: a browser asks first, without Authorization."""
    answer = site.options(
        PATH,
        headers={
            "Origin": "https://app.hospital.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.hospital.example"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/cds-services"),
        ("get", "/cds-services/"),
        ("post", PATH),
        ("post", f"{PATH}/"),
        ("post", f"{PATH}/feedback"),
        ("post", "/cds-services/no-such-service"),
        ("post", "/cds-services/no-such-service/feedback"),
    ],
)
def test_every_endpoint_asks_who_calls(site, method, path):
    """O86, N82, O85: nothing is told to a stranger, not even whether a service exists."""
    answer = getattr(site, method)(path, json={} if method == "post" else None)
    assert (answer.status_code, answer.data) == (401, b"")
