"""The scan of the logs covers what tests do, those of tomorrow as well."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from flask import Flask, redirect
from werkzeug.wrappers import Response

from cds_service.outgoing import Answer
from cds_service.settings import Settings
from tests.canaries import SHAPES, WORD, needles
from tests.log_scan import SCAN
from tests.mapping_records import patient
from tests.service.fakes import hook_request

TESTS = Path(__file__).parents[1]
SOURCES = {
    str(path.relative_to(TESTS)): path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py")
}
ON_PURPOSE = {
    "integration/test_log_scan.py",  # in the run that it starts
    "service/test_phi_scan.py",
    "unit/cds_service/test_outgoing.py",
}


def _that_say(pattern: str) -> set[str]:
    ours = {"log_scan.py", "architecture/test_log_scan_covers.py"}
    return {name for name, text in SOURCES.items() if re.search(pattern, text)} - ours


def test_servers_are_started_in_one_place() -> None:
    """A server of a test writes into a file that is read: no test starts one for itself."""
    alone = _that_say(r"Popen\(|multiprocessing|os\.fork|os\.posix_spawn")
    # Two bare processes with a store each; they log into a file of the scan.
    assert alone - {"unit/cds_service/store/test_replay.py"} == {"servers.py"}


def test_leaks_on_purpose_are_few() -> None:
    """Only the tests that prove a scan may leak."""
    assert _that_say("leaks_on_purpose") == ON_PURPOSE


def test_builders_plant_a_word() -> None:
    """The patients that tests build have a name, number, address and telephone to be found."""
    built = hook_request()["prefetch"]["patient"], patient()
    for made in built:
        for member in ("name", "identifier", "telecom", "address"):
            assert WORD in json.dumps(made[member]), member


def test_everybody_in_the_test_data_is_looked_for() -> None:
    """Demo patients, golden cases and published examples give names, ids, birth dates and reports."""
    kinds = set(needles().values())
    for what in ("id", "name", "birth date", "report"):
        assert f"{what} of a demo patient" in kinds
    assert {"name", "identifier", "report"} <= {
        kind.split(" of ")[0] for kind in kinds if "example" in kind
    }
    assert "秀英" in needles()


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a planted word", "918273.645"),
        ("a signed token", "eyJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"),
        ("a bearer token", "{'Authorization': 'Bearer 2YotnFZFEjr1zCsicMWpAA'}"),
        ("a private key", "-----BEGIN EC PRIVATE KEY-----"),
        ("a private key", '{"kty": "EC", "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}'),
        ("a cookie", "Set-Cookie: session=1"),
        ("a secret of OAuth", "{'access_token': 'x'}"),
        ("a secret of OAuth", "GET /app/callback?code=SplxlOBeZQQYbYS6WxSbIA"),
        ("a password in a URL", "postgresql+psycopg://user:secret@host/name"),
        ("a reference to a patient", "GET /Patient/17"),
        ("a search for a patient", "GET /Observation?code=1&patient=17"),
        ("a FHIR resource", "{'resourceType': 'Observation'}"),
    ],
)
def test_shape_is_known(what: str, text: str) -> None:
    """A secret or a patient is known by its shape, whoever's it is."""
    assert SHAPES[what].search(text)


@pytest.mark.parametrize(
    "text",
    [
        "call: request=0e1d method=POST route=/cds-services/<service_id> status=200 error=none",
        "postgresql+psycopg://user:***@host/name",
        "SELECT cards_shown.patient FROM cards_shown WHERE cards_shown.patient = ?",
        "CDS client refused: bad_token https://ehr.example",
        "FHIR fetch refused: fhirAuthorization.token_type is not Bearer",
    ],
)
def test_innocent_line_is_passed(text: str) -> None:
    """What the service does log has none of these shapes and holds no word of a patient."""
    assert [what for what, shape in SHAPES.items() if shape.search(text)] == []
    assert [needle for needle in needles() if needle in text] == []


def test_settings_give_their_secrets_to_the_scan(tmp_path: Path) -> None:
    """Every secret of a configuration is looked for, a database's password too."""
    Settings.from_environment(
        {
            "HCC_CDS_STATE": str(tmp_path),
            "HCC_CDS_PSEUDONYM_KEY": "pseudonyms-" + "k" * 32,
            "HCC_CDS_DATABASE_URL": "postgresql+psycopg://user:a-password-of-ours@host/name",
        },
        demo=True,
    )
    assert SCAN.secrets["pseudonyms-" + "k" * 32] == "the setting pseudonym_key"
    assert SCAN.secrets["a-password-of-ours"] == "a database password"


def test_requests_give_what_they_bring_to_the_scan() -> None:
    """Token, cookie, query and body of any request are looked for, and what an answer to it sets."""
    app = Flask("any", static_folder=None)

    @app.post("/any")
    def answer() -> Response:
        response = redirect("/?state=state-7f0c41d2aa9e")
        response.set_cookie("session", "session-5d81c0")
        return response

    client = app.test_client()
    client.set_cookie("old", "cookie-77aa31")
    client.post(
        "/any?launch=launch-36a90b1c5f2e",
        json={
            "context": {"patientId": "patient-4411"},
            "prefetch": {"p": patient_named("Okonkwo-9")},
        },
        headers={"Authorization": "Bearer token-90be12"},
    )
    assert {
        "state-7f0c41d2aa9e": "a query of a redirect",
        "session-5d81c0": "a cookie of an answer",
        "launch-36a90b1c5f2e": "a query of a request",
        "patient-4411": "the id of a patient in a request",
        "Okonkwo-9": "name in a request",
        "token-90be12": "the token of a request",
        "cookie-77aa31": "a cookie of a request",
    }.items() <= SCAN.given.items()


def patient_named(family: str) -> dict[str, object]:
    """Return a patient of a name."""
    return {"resourceType": "Patient", "id": "x", "name": [{"family": family}]}


def test_fetched_answers_give_what_they_hold_to_the_scan() -> None:
    """What a FHIR server or an authorization server tells the service is looked for."""
    Answer(200, json.dumps(patient_named("Adeyemi-3")).encode())
    Answer(200, b'{"access_token": "granted-55c2e8", "patient": "patient-9082"}')
    assert SCAN.given["Adeyemi-3"] == "name in a fetched answer"
    assert SCAN.given["granted-55c2e8"] == "an access token in a fetched answer"
    assert SCAN.given["patient-9082"] == "the id of a patient in a fetched answer"


@pytest.mark.parametrize(
    "name", ["urllib3.connectionpool", "sqlalchemy.engine.Engine", "sqlalchemy.pool", "requests"]
)
def test_libraries_say_all_they_can(name: str) -> None:
    """At the start of every test the loggers of the libraries are at DEBUG, whatever a test did before."""
    assert logging.getLogger(name).isEnabledFor(logging.DEBUG)
    assert not logging.getLogger(name).disabled
