"""openapi.yaml and the running service agree, in both directions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Blueprint, Flask, current_app, request
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import text
from werkzeug.test import TestResponse

from cds_service.app import Gate, create_app, store_of
from cds_service.demo.ehr import CLIENT_ID
from cds_service.errors import NotTrustedError
from cds_service.settings import Settings
from cds_service.smart.launch import PendingLaunch
from tests.service.app_launch import follow, form_token_of, open_app
from tests.service.fakes import FakeAdvice, hook_request
from tests.service.openapi_file import (
    METHODS,
    document,
    operation,
    resolved,
    response_violations,
    violations,
)

SERVICE = "/cds-services/{service_id}"
FEEDBACK = "/cds-services/{service_id}/feedback"
CARD = "3b4e0c3a-2f2f-4f0a-9a53-2d9a52a5d0c1"
TOO_LARGE = b" " * 1_000_001


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Flask]]:
    """Return the service as the demo runs it, with a failing advice, without a store, and gated."""

    def settings(name: str, **more: str) -> Settings:
        state = str(tmp_path_factory.mktemp(name))
        environment = {"HCC_CDS_STATE": state, "HCC_CDS_BODY_LIMIT_MB": "1", **more}
        return Settings.from_environment(environment, demo=name != "gated")

    site = {"HCC_CDS_PUBLIC_URL": "https://cds.example", "HCC_CDS_PSEUDONYM_KEY": "k" * 32}
    made = {
        "demo": create_app(settings("demo"), clock=lambda: NOW),
        "failing": create_app(settings("failing"), advice=[FakeAdvice(fails_with=ValueError)]),
        "storeless": create_app(settings("storeless"), advice=[FakeAdvice()]),
        "gated": create_app(settings("gated", **site), advice=[FakeAdvice()], gate=CLOSED),
        "mute": create_app(settings("mute")),
        "silent": create_app(settings("silent")),
        "busy": create_app(settings("busy", HCC_CDS_CALLS_PER_MINUTE="1"), advice=[FakeAdvice()]),
    }
    with store_of(made["storeless"]).engine.begin() as connection:
        connection.execute(text("DROP TABLE feedback"))
        connection.execute(text("DROP TABLE launch_sessions"))
        connection.execute(text("DROP TABLE alembic_version"))
    made["busy"].test_client().get("/cds-services")
    for name in ("mute", "silent"):
        made[name].before_request(_fall_silent)
    yield made
    for app in made.values():
        store_of(app).close()


def _refuse_all(blueprint: Blueprint) -> None:
    @blueprint.before_request
    def refuse() -> None:
        raise NotTrustedError("not trusted")


def _fall_silent() -> tuple[str, int] | None:
    """Let the demo's EHR answer nothing once a test has said so."""
    is_ehr = request.path.startswith("/demo/fhir")
    return ("", 500) if is_ehr and current_app.config.get("SILENT") else None


def _with_a_session(app: Flask, client: FlaskClient) -> dict[str, Any]:
    """Open the app; return the form that its page would send."""
    app.config["SILENT"] = False
    return {"form_token": form_token_of(open_app(client).get_data(as_text=True))}


def _with_a_session_and_a_silent_ehr(app: Flask, client: FlaskClient) -> dict[str, Any]:
    form = _with_a_session(app, client)
    app.config["SILENT"] = True
    return form


def _with_a_silent_ehr(app: Flask, _: FlaskClient) -> dict[str, Any]:
    app.config["SILENT"] = True
    return {}


def _with_some_cookie(_: Flask, client: FlaskClient) -> dict[str, Any]:
    client.set_cookie("hcc_cds_app", "abc", path="/app")
    return {}


def _with_a_launch_of_a_lost_registration(app: Flask, client: FlaskClient) -> dict[str, Any]:
    """Begin a launch at a server that the app was registered for, and is not any more."""
    pending = PendingLaunch(
        base="https://gone.example/r4",
        issuer="https://gone.example",
        token_endpoint="https://gone.example/token",
        key_set="https://gone.example/jwks",
        verifier="v",
        nonce="n",
        browser="b",
    )
    now = datetime.now(UTC)
    state = store_of(app).launch_sessions.put(
        "launch", pending.to_text(), now=now, expires_at=now + timedelta(minutes=1)
    )
    digest = hashlib.sha256(state.encode()).hexdigest()
    client.set_cookie(f"hcc_cds_launch_{digest[:16]}", "b", path="/app")
    return {"state": state, "code": "abc"}


def _with_a_launch(_: Flask, client: FlaskClient) -> dict[str, Any]:
    """Go to the demo's authorization server and return what it sends back."""
    launch = client.get("/app/launch", query_string=DEMO_LAUNCH)
    answer = follow(client, launch)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def _with_a_code(app: Flask, client: FlaskClient) -> dict[str, Any]:
    """Return what the app would send for a token."""
    answer = _with_a_launch(app, client)
    pending = store_of(app).launch_sessions.take("launch", answer["state"], now=NOW)
    verifier = PendingLaunch.from_text(pending or "").verifier
    return {"client_id": CLIENT_ID, "code": answer["code"], "code_verifier": verifier}


DEMO_LAUNCH = {"iss": "http://127.0.0.1:8000/demo/fhir", "launch": "mvi-in-words"}
NOW = datetime(2026, 3, 4, 7, 30, tzinfo=UTC)
CLOSED = Gate(_refuse_all, lambda: "")

Exchange = tuple[str, str, str, int, str, dict[str, Any]]
# app, path of the file, method, status, address, what is sent
EXCHANGES: list[Exchange] = [
    ("demo", "/cds-services", "get", 200, "/cds-services", {}),
    ("gated", "/cds-services", "get", 401, "/cds-services", {}),
    (
        "demo",
        SERVICE,
        "post",
        413,
        "/cds-services/resection-risk-order-select",
        {"data": TOO_LARGE},
    ),
    ("demo", SERVICE, "post", 404, "/cds-services/nothing", {"json": {}}),
    ("gated", SERVICE, "post", 401, "/cds-services/fake-order-select", {"json": {}}),
    ("failing", SERVICE, "post", 500, "/cds-services/fake-order-select", {"json": hook_request()}),
    ("demo", FEEDBACK, "post", 404, "/cds-services/nothing/feedback", {"json": {}}),
    ("gated", FEEDBACK, "post", 401, "/cds-services/fake-order-select/feedback", {"json": {}}),
    (
        *("demo", FEEDBACK, "post", 413),
        "/cds-services/resection-risk-order-select/feedback",
        {"data": TOO_LARGE},
    ),
    (
        *("storeless", FEEDBACK, "post", 503),
        "/cds-services/fake-order-select/feedback",
        {"json": {"feedback": [{"card": CARD, "outcome": "overridden"}]}},
    ),
    ("busy", SERVICE, "post", 429, "/cds-services/fake-order-select", {"json": hook_request()}),
    ("demo", "/healthz", "get", 200, "/healthz", {}),
    ("demo", "/readyz", "get", 200, "/readyz", {}),
    ("storeless", "/readyz", "get", 503, "/readyz", {}),
    ("demo", "/metrics", "get", 200, "/metrics", {}),
    ("gated", "/metrics", "get", 401, "/metrics", {}),
    ("demo", "/insights", "get", 200, "/insights?weeks=2", {}),
    ("demo", "/insights", "get", 200, "/insights", {"headers": {"Accept": "text/html"}}),
    ("demo", "/insights", "get", 400, "/insights?weeks=0", {}),
    ("demo", "/insights", "get", 404, "/insights?tenant=nobody", {}),
    ("gated", "/insights", "get", 401, "/insights", {}),
    ("storeless", "/insights", "get", 503, "/insights", {}),
    ("demo", "/demo", "get", 200, "/demo", {}),
    ("demo", "/demo", "get", 200, "/demo?patient=capsule-not-recorded", {}),
    ("demo", "/demo", "get", 404, "/demo?patient=nobody", {}),
    ("demo", "/models", "get", 200, "/models", {}),
    ("demo", "/models", "get", 200, "/models", {"headers": {"Accept": "text/html"}}),
    ("demo", "/models/{model_id}", "get", 200, "/models/distant_metastasis", {}),
    ("demo", "/models/{model_id}", "get", 200, "/models/lung_metastasis", {}),
    (
        *("demo", "/models/{model_id}", "get", 200, "/models/hpr_preoperative"),
        {"headers": {"Accept": "text/html"}},
    ),
    ("demo", "/models/{model_id}", "get", 404, "/models/nothing", {}),
    ("demo", "/static/{filename}", "get", 200, "/static/hcc-cds.css", {}),
    ("demo", "/static/{filename}", "get", 200, "/static/icon.svg", {}),
    (
        *("demo", "/static/{filename}", "get", 304),
        "/static/hcc-cds.css",
        {"headers": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}},
    ),
    ("demo", "/static/{filename}", "get", 404, "/static/nothing.js", {}),
    ("demo", "/demo/static/{filename}", "get", 200, "/demo/static/demo.js", {}),
    (
        *("demo", "/demo/static/{filename}", "get", 304),
        "/demo/static/demo.js",
        {"headers": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}},
    ),
    ("demo", "/demo/static/{filename}", "get", 404, "/demo/static/nothing.js", {}),
    ("demo", "/demo/markdown", "post", 413, "/demo/markdown", {"data": TOO_LARGE}),
    (
        "demo",
        "/demo/fhir/{kind}",
        "get",
        200,
        "/demo/fhir/Condition?patient=capsule-not-recorded",
        {},
    ),
    ("demo", "/demo/fhir/{kind}", "get", 400, "/demo/fhir/Patient?name=Zhang", {}),
    (
        *("demo", "/demo/fhir/{kind}/{resource_id}", "get", 200),
        "/demo/fhir/Patient/capsule-not-recorded",
        {},
    ),
    ("demo", "/demo/fhir/{kind}/{resource_id}", "get", 404, "/demo/fhir/Patient/nobody", {}),
]


EXCHANGES += [
    ("demo", "/app/launch", "get", 303, "/app/launch", {"query_string": DEMO_LAUNCH}),
    (
        "demo",
        "/app/launch",
        "get",
        400,
        "/app/launch",
        {"query_string": {**DEMO_LAUNCH, "launch": ""}},
    ),
    ("demo", "/app/launch", "get", 401, "/app/launch", {}),
    (
        "demo",
        "/app/launch",
        "get",
        403,
        "/app/launch?iss=https://elsewhere.example/r4&launch=x",
        {},
    ),
    *(
        (
            app,
            "/app/launch",
            "get",
            status,
            f"/app/launch?{urlencode(DEMO_LAUNCH)}",
            {"after": after},
        )
        for app, status, after in [
            ("silent", 502, _with_a_silent_ehr),
            ("storeless", 503, _with_some_cookie),
        ]
    ),
    *(
        (
            app,
            "/app/callback",
            "get",
            status,
            "/app/callback",
            {"after": after, "as": "query_string"},
        )
        for app, status, after in [
            ("demo", 303, _with_a_launch),
            ("demo", 400, _with_some_cookie),
            ("demo", 403, _with_a_launch_of_a_lost_registration),
        ]
    ),
    ("storeless", "/app/callback", "get", 503, "/app/callback?state=x", {}),
    *(
        (app, "/app", "get", status, "/app", {"after": after})
        for app, status, after in [
            ("demo", 200, _with_a_session),
            ("demo", 401, _with_some_cookie),
            ("mute", 502, _with_a_session_and_a_silent_ehr),
            ("storeless", 503, _with_some_cookie),
        ]
    ),
    ("demo", "/app", "get", 401, "/app", {}),
    *(
        (app, "/app/decisions", "post", status, "/app/decisions", {"after": after, "as": "data"})
        for app, status, after in [
            ("demo", 303, _with_a_session),
            ("demo", 403, lambda app, client: _with_a_session(app, client) and {}),
            ("demo", 413, lambda app, client: _with_a_session(app, client) and TOO_LARGE),
            ("mute", 502, _with_a_session_and_a_silent_ehr),
            ("storeless", 503, _with_some_cookie),
        ]
    ),
    *(
        ("demo", path, "get", 200, path, {})
        for path in ("/demo/fhir/.well-known/smart-configuration", "/demo/auth/jwks")
    ),
    ("demo", "/demo/auth/authorize", "get", 400, "/demo/auth/authorize", {}),
    (
        *("demo", "/demo/auth/authorize", "get", 303, "/demo/auth/authorize"),
        {
            "query_string": {
                "response_type": "code",
                "client_id": CLIENT_ID,
                "redirect_uri": "http://127.0.0.1:8000/app/callback",
                "aud": DEMO_LAUNCH["iss"],
                "launch": "mvi-in-words",
                "code_challenge": "x",
                "code_challenge_method": "S256",
            }
        },
    ),
    *(
        (
            "demo",
            "/demo/auth/token",
            "post",
            status,
            "/demo/auth/token",
            {"after": after, "as": "data"},
        )
        for status, after in [(200, _with_a_code), (413, lambda *_: TOO_LARGE)]
    ),
]


def _operations() -> Iterator[tuple[str, str]]:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method


def _example_exchanges() -> Iterator[Exchange]:
    """Every request example of the file, with the status its name promises."""
    for path, method in _operations():
        body = operation(path, method).get("requestBody", {})
        for media_type, content in body.get("content", {}).items():
            for name, example in content["examples"].items():
                status = int(name.split("-")[1])
                sent = {
                    "application/json": "json",
                    "text/markdown": "data",
                    "application/x-www-form-urlencoded": "data",
                }[media_type]
                yield "demo", path, method, status, _example_address(path), {sent: example["value"]}


def _example_address(path: str) -> str:
    parameters = document()["paths"][path].get("parameters", [])
    for parameter in parameters:
        path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    return path


EVERY_EXCHANGE = [*EXCHANGES, *_example_exchanges()]


def _exchange(apps: dict[str, Flask], exchange: Exchange) -> TestResponse:
    app, _, method, _, address, sent = exchange
    client = apps[app].test_client()
    if "after" in sent:
        # What has to happen first returns what is sent then, as a form or as a query.
        made = sent["after"](apps[app], client)
        sent = {sent["as"]: made} if "as" in sent else {}
    # Buffered, so that a file that is sent is closed again.
    response: TestResponse = client.open(address, method=method.upper(), buffered=True, **sent)
    return response


def test_file_is_valid_openapi() -> None:
    """The file is OpenAPI 3.1."""
    validate(document())


def test_every_route_is_described_and_every_description_is_a_route(apps: dict[str, Flask]) -> None:
    """No route is missing in the file, and the file promises none that does not exist."""
    running = {
        (re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in apps["demo"].url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert running == set(_operations())


def test_routes_of_the_demo_exist_in_demo_mode_only(apps: dict[str, Flask]) -> None:
    """Outside the demo the routes tagged demo do not exist, and all others do.

    Those of the app need a registration in the trust file, which this site does not have.
    """
    site = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in apps["gated"].url_map.iter_rules()
    }
    tagged = {
        path
        for path, method in _operations()
        if operation(path, method)["tags"][0] not in ("app", "demo")
    }
    assert site == tagged


@pytest.mark.parametrize(
    "exchange", EVERY_EXCHANGE, ids=lambda item: f"{item[2]} {item[1]} {item[3]}"
)
def test_answer_is_as_described(apps: dict[str, Flask], exchange: Exchange) -> None:
    """The service answers with the status, the headers and the body that the file describes."""
    _, path, method, status, _, _ = exchange
    response = _exchange(apps, exchange)
    assert response.status_code == status, response.get_data(as_text=True)
    assert response_violations(path, method, response) == []


def test_every_described_status_is_seen() -> None:
    """Every status code of every path is produced by one of the exchanges above."""
    described = {
        (path, method, int(status))
        for path, method in _operations()
        for status in operation(path, method)["responses"]
        if status != "default"
    }
    assert described == {(path, method, status) for _, path, method, status, _, _ in EVERY_EXCHANGE}


def _success(described: dict[str, Any]) -> str:
    """Return the status of success: some routes only send the browser on."""
    return next(status for status in ("200", "303") if status in described["responses"])


def test_every_operation_has_an_example_of_what_it_takes_and_gives() -> None:
    """A reader finds an example of each request body and of each success."""
    for path, method in _operations():
        described = operation(path, method)
        contents = [
            *described.get("requestBody", {}).get("content", {}).values(),
            *resolved(described["responses"][_success(described)])["content"].values(),
        ]
        assert contents
        assert all(content["examples"] for content in contents), (path, method)


def test_examples_of_answers_keep_their_schema() -> None:
    """No example in the file is an answer that the service could not give."""
    for path, method in _operations():
        for response in operation(path, method)["responses"].values():
            for content in resolved(response).get("content", {}).values():
                for name, example in content.get("examples", {}).items():
                    assert violations(example["value"], content["schema"]) == [], (path, name)


def test_response_schemas_are_closed() -> None:
    """A member that the file does not name cannot leave the service."""
    open_by_design = {"HookRequest", "FeedbackRequest", "Report", "FhirResource"}
    for name, schema in document()["components"]["schemas"].items():
        if name not in open_by_design and schema["type"] == "object":
            assert "additionalProperties" in schema, name


def test_version_is_that_of_the_package() -> None:
    """The file describes the version it comes with."""
    project = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{document()["info"]["version"]}"' in project


def test_check_of_answers_sees_a_difference(apps: dict[str, Flask]) -> None:
    """The check used here and in the service tests is not blind: a wrong answer is found."""
    read: Callable[[str, str, TestResponse], list[str]] = response_violations
    found = _exchange(apps, ("demo", "", "get", 200, "/cds-services", {}))
    assert read(SERVICE, "post", found) != []
    assert read("/demo", "get", found) == ["application/json is not described"]
