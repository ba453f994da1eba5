"""What every response has in common: headers, CORS, request ids, log lines without data."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from cds_service.app import create_app
from cds_service.errors import ConfigurationError
from cds_service.settings import Settings
from tests.service.conftest import Service, ServiceMaker
from tests.service.fakes import hook_request

ORIGIN = "https://ehr.example"


@pytest.fixture
def browser_service(make_service: ServiceMaker) -> Service:
    """Return a service that lets one origin in."""
    return make_service(environment={"HCC_CDS_CORS_ORIGINS": ORIGIN})


def test_preflight_is_answered(browser_service: Service) -> None:
    """A browser's preflight of any call, without Authorization, is answered (P96, S2.1)."""
    call = "/cds-services/fake-order-select"
    for path, method in (("/cds-services", "GET"), (call, "POST"), (f"{call}/feedback", "POST")):
        response = browser_service.app.test_client().options(
            path,
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization, content-type",
            },
        )
        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert method in response.headers["Access-Control-Allow-Methods"]
        allowed = response.headers["Access-Control-Allow-Headers"].lower()
        assert {item.strip() for item in allowed.split(",")} == {"authorization", "content-type"}


@pytest.mark.parametrize(
    ("path", "status"), [("fake-order-select", 412), ("fake-order-sign", 400), ("nothing", 404)]
)
def test_errors_carry_cors_headers(browser_service: Service, path: str, status: int) -> None:
    """A browser can read the OperationOutcome of an error (P96, S2.1)."""
    body = hook_request(prefetch={})
    response = browser_service.post(path, body, headers={"Origin": ORIGIN})
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_other_origins_are_not_let_in(browser_service: Service) -> None:
    """An origin that is not listed gets no permission (P96)."""
    response = browser_service.get("/cds-services", headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_without_a_list_nobody_is_let_in(service: Service) -> None:
    """CORS is off unless a site lists origins."""
    response = service.get("/cds-services", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/cds-services", "/nothing"])
def test_security_headers_are_always_there(service: Service, path: str) -> None:
    """Nothing is sniffed, framed or cached, on errors as well."""
    headers = service.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "application/json"


def test_each_request_gets_its_own_id(service: Service) -> None:
    """The request id is ours and new each time; one from outside never reaches the log."""
    ids = {
        service.get("/cds-services", headers={"X-Request-Id": "canary"}).headers["X-Request-Id"]
        for _ in range(2)
    }
    assert len(ids) == 2
    assert "canary" not in ids


def test_log_lines_hold_nothing_of_a_request(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names route, status and time, and nothing that came with the request (F41)."""
    caplog.set_level(logging.DEBUG)
    body = hook_request(
        context={"userId": "Practitioner/canary", "patientId": "canary"},
        fhirAuthorization={"access_token": "canary", "patient": "canary"},
        prefetch={
            "patient": {"resourceType": "Patient", "id": "canary", "name": [{"text": "canary"}]},
            "conditions": {
                "resourceType": "OperationOutcome",
                "issue": [{"diagnostics": "canary"}],
            },
        },
    )
    headers = {"Authorization": "Bearer canary"}
    response = service.post("fake-order-select", body, headers=headers)
    assert response.status_code == 412
    assert "canary" not in response.get_data(as_text=True)
    service.get("/canary?canary=canary")
    ours = [item.getMessage() for item in caplog.records if item.name.startswith("cds_service")]
    assert "route=/cds-services/<service_id> status=412 error=missing-data" in ours[0]
    assert "canary" not in caplog.text


def test_service_outside_the_demo_needs_trust(tmp_path: object) -> None:
    """Without a way to tell who calls, the service does not start outside the demo (O85)."""
    settings = Settings.from_environment(
        {
            "HCC_CDS_STATE": str(tmp_path),
            "HCC_CDS_PUBLIC_URL": "https://cds.example",
            "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
        }
    )
    with pytest.raises(ConfigurationError, match="answers trusted callers only"):
        create_app(settings)


def test_settings_come_from_the_environment_if_not_given(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WSGI server can make the application without arguments."""
    monkeypatch.setenv("HCC_CDS_STATE", str(tmp_path))
    monkeypatch.setenv("HCC_CDS_DEMO", "1")
    app = create_app()
    assert isinstance(app, Flask)
    assert app.test_client().get("/cds-services").status_code == 200


def test_clinician_finds_the_demo_at_its_address(service: Service) -> None:
    """The demo's page is there in demo mode, under its own content policy."""
    response = service.get("/demo")
    assert response.status_code == 200
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
