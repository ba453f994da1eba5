"""The demo's authorization server takes exactly what the app sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from oauthlib.oauth2 import WebApplicationClient

from cds_service.app import create_app, store_of
from cds_service.demo.ehr import CLIENT_ID, DemoEhr
from cds_service.settings import Settings

BASE_URL = "http://127.0.0.1:8000"
ASKED = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": f"{BASE_URL}/app/callback",
    "aud": f"{BASE_URL}/demo/fhir",
    "launch": "mvi-in-words",
    "state": "s&t",
    "code_challenge_method": "S256",
}


@pytest.fixture(name="app", scope="module")
def _app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(Settings(demo=True, state_folder=tmp_path_factory.mktemp("demo")))
    yield app
    store_of(app).close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response_type", "token"),
        ("client_id", "other"),
        ("redirect_uri", "https://evil.example"),
        ("aud", "https://evil.example"),
        ("launch", "nobody"),
        ("code_challenge_method", "plain"),
        ("code_challenge", ""),
    ],
)
def test_other_request_gets_no_code(app: Flask, name: str, value: str) -> None:
    """The browser is sent nowhere if anything differs."""
    asked = {**ASKED, "code_challenge": "x", name: value}
    response = app.test_client().get("/demo/auth/authorize", query_string=asked)
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert response.get_json() == {"error": "invalid_request"}


def test_code_is_redeemed_with_its_verifier_only(app: Flask) -> None:
    """A stolen code is worth nothing without what only the app knows (PKCE)."""
    oauth = WebApplicationClient(CLIENT_ID)
    verifier = oauth.create_code_verifier(64)
    asked = {**ASKED, "code_challenge": oauth.create_code_challenge(verifier, "S256")}
    client = app.test_client()
    sent = client.get("/demo/auth/authorize", query_string=asked).headers["Location"]
    answer = {name: values[0] for name, values in parse_qs(urlsplit(sent).query).items()}
    assert answer["state"] == "s&t"
    form = {"client_id": CLIENT_ID, "code": answer["code"], "code_verifier": verifier}
    for wrong in ({"code_verifier": "x"}, {"client_id": "x"}, {"code": "x"}):
        response = client.post("/demo/auth/token", data={**form, **wrong})
        assert (response.status_code, response.get_json()) == (400, {"error": "invalid_grant"})
    granted = client.post("/demo/auth/token", data=form).get_json()
    assert granted["patient"] == "mvi-in-words"
    assert granted["token_type"] == "Bearer"


def test_demo_that_is_no_application_yet_answers_nothing() -> None:
    """Before the application is made, a call ends like one to a server that is down."""
    ehr = DemoEhr(BASE_URL)
    transport = ehr._transport  # what stands in for the network
    request = requests.Request("GET", f"{BASE_URL}/demo/fhir/Patient/x").prepare()
    with pytest.raises(requests.ConnectionError, match="no application answers"):
        transport.send(request)
    transport.close()


def test_demo_on_an_address_without_a_name_has_no_app(tmp_path: Path) -> None:
    """A FHIR base cannot lie on [::1], so there the demo runs without the app."""
    app = create_app(Settings(demo=True, host="::1", state_folder=tmp_path))
    assert app.test_client().get("/app").status_code == 404
    assert "Open in the app" not in app.test_client().get("/demo?patient=no-hcc").get_data(True)
    store_of(app).close()
