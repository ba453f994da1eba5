"""The gate in front of the views: a tiny application that has one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from cds_service.errors import NotTrustedError, http_status
from cds_service.security.gate import current_client, guard_blueprint
from cds_service.security.replay import MemoryReplayStore, ReplayKey
from cds_service.security.trust import MutualTls

NOW = 1_790_000_000
BASE_URL = "https://cds.hospital.example/liver"
PATH = "/cds-services/resection-risk-order-sign"
MUTUAL_TLS = MutualTls(
    proxy_peers=("10.0.0.5", "10.1.0.0/24"),
    verified_header="X-Client-Verify",
    verified_value="SUCCESS",
    certificate_header="X-Client-Subject",
)


def make_app(service, mutual_tls: MutualTls | None = None) -> Flask:
    """Return an application with one guarded blueprint and one page outside it."""
    blueprint = Blueprint("hooks", __name__)

    @blueprint.get("/cds-services")
    def discovery() -> dict[str, str]:
        return {"tenant": current_client().tenant}

    @blueprint.post("/cds-services/<name>")
    def hook(name: str) -> dict[str, str]:
        return {"jti": current_client().jti, "name": name}

    @blueprint.post("/cds-services/<name>/feedback")
    def feedback(name: str) -> dict[str, str]:
        return {"name": name}

    guard_blueprint(blueprint, service.verifier, mutual_tls)
    app = Flask(__name__)
    app.register_blueprint(blueprint)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.errorhandler(NotTrustedError)
    def answer(error: NotTrustedError) -> Response:
        return Response(status=http_status(error))

    return app


@pytest.fixture
def post(ehr, make_service) -> Callable[..., Response]:
    """Return a caller of one hook with a good token and the headers and address given."""

    def call(mutual_tls=None, *, wrap=make_app, peer="10.0.0.5", headers=(), **issuer):
        app = wrap(make_service(**issuer), mutual_tls)
        return app.test_client().post(
            PATH,
            json={},
            headers={"Authorization": f"Bearer {ehr.token()}", **dict(headers)},
            environ_overrides={"REMOTE_ADDR": peer},
        )

    return call


def test_trusted_call_reaches_the_view(post):
    """O86: a good token opens the view, which knows the client."""
    answer = post()
    assert answer.status_code == 200
    assert answer.json == {"jti": "CANARY-4d1f-jti", "name": "resection-risk-order-sign"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/cds-services"), ("post", PATH), ("post", f"{PATH}/feedback")],
)
def test_refused_call_gets_a_bare_401(ehr, make_service, caplog, method, path):
    """O86, O95, N82: discovery, call and feedback answer 401 with an empty body and no reason."""
    client = make_app(make_service()).test_client()
    with caplog.at_level(logging.DEBUG):
        for headers in ({}, {"Authorization": f"Bearer {ehr.token(aud='https://CANARY.example')}"}):
            answer = getattr(client, method)(path, headers=headers)
            assert (answer.status_code, answer.data) == (401, b"")
    refused = [record.getMessage() for record in caplog.records if "gate" in record.name]
    assert refused == [
        "CDS client refused: no_token (unknown issuer)",
        "CDS client refused: audience https://ehr.hospital.example",
    ]
    assert "CANARY" not in caplog.text


def test_gate_guards_its_blueprint_only(make_service):
    """O86: pages outside the blueprint have their own rules."""
    answer = make_app(make_service()).test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_preflight_passes_without_token(make_service):
    """P96: a browser's OPTIONS carries no Authorization and must not be refused."""
    answer = make_app(make_service()).test_client().options(PATH)
    assert answer.status_code == 200
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        (f"{BASE_URL}{PATH}", 200),
        (f"https://evil.example{PATH}", 401),
        (f"http://evil.example{PATH}", 401),
        (f"https://forwarded.example{PATH}", 401),
        (f"https://forwarded.example/liver{PATH}", 401),
    ],
)
def test_audience_does_not_come_from_the_request(ehr, make_service, audience, status):
    """O89, S2.3: whatever host the request names, the audience is the configured public address."""
    headers = {
        "Authorization": f"Bearer {ehr.token(aud=audience)}",
        "Host": "evil.example",
        "X-Forwarded-Host": "forwarded.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/liver",
    }
    answer = make_app(make_service()).test_client().post(PATH, json={}, headers=headers)
    assert answer.status_code == status


def test_two_authorization_headers_are_refused(ehr, make_service):
    """O86: of two tokens none is chosen."""
    token = ehr.token()
    answer = (
        make_app(make_service())
        .test_client()
        .post(
            PATH,
            headers=[("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")],
        )
    )
    assert answer.status_code == 401


SUBJECT = {"X-Client-Verify": "SUCCESS", "X-Client-Subject": "CN=ehr"}


@pytest.mark.parametrize("peer", ["10.0.0.5", "10.1.0.77"])
def test_certificate_is_taken_from_a_listed_proxy(post, peer):
    """O84: with mutual TLS on, a listed proxy's word and the JWT together open the view."""
    certificates = frozenset({"CN=ehr"})
    answer = post(MUTUAL_TLS, peer=peer, headers=SUBJECT, client_certificates=certificates)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("peer", "headers", "code"),
    [
        ("10.0.0.6", SUBJECT, "proxy_not_listed"),
        ("127.0.0.1", SUBJECT, "proxy_not_listed"),
        ("::1", SUBJECT, "proxy_not_listed"),
        ("", SUBJECT, "proxy_not_listed"),
        ("10.0.0.5", {}, "certificate_not_verified"),
        ("10.0.0.5", SUBJECT | {"X-Client-Verify": "FAILED"}, "certificate_not_verified"),
        ("10.0.0.5", SUBJECT | {"X-Client-Verify": "SUCCESS,SUCCESS"}, "certificate_not_verified"),
        ("10.0.0.5", SUBJECT | {"X-Client-Subject": "CN=other"}, "certificate_of_another"),
        ("10.0.0.5", {"X-Client-Verify": "SUCCESS"}, "certificate_of_another"),
        ("10.0.0.5", SUBJECT | {"X-Client-Subject": "cn=ehr"}, "certificate_of_another"),
    ],
)
def test_certificate_headers_prove_nothing_by_themselves(post, caplog, peer, headers, code):
    """O84: headers from anybody else, unverified, or of another client are refused with a bare 401."""
    certificates = frozenset({"CN=ehr"})
    answer = post(MUTUAL_TLS, peer=peer, headers=headers, client_certificates=certificates)
    assert (answer.status_code, answer.data) == (401, b"")
    assert f"CDS client refused: {code} " in caplog.text


def test_forwarded_address_is_not_the_peer(post):
    """O84: behind ProxyFix, the address in X-Forwarded-For does not pass for the connection's."""

    def wrap(service, mutual_tls):
        app = make_app(service, mutual_tls)
        app.wsgi_app = ProxyFix(app.wsgi_app)
        return app

    forged = SUBJECT | {"X-Forwarded-For": "10.0.0.5"}
    certificates = frozenset({"CN=ehr"})
    call = {"wrap": wrap, "headers": forged, "client_certificates": certificates}
    assert post(MUTUAL_TLS, peer="192.0.2.1", **call).status_code == 401
    assert post(MUTUAL_TLS, peer="10.0.0.5", **call).status_code == 200


def test_certificate_does_not_replace_the_token(make_service):
    """O84: mutual TLS comes in addition to the JWT."""
    app = make_app(make_service(client_certificates=frozenset({"CN=ehr"})), MUTUAL_TLS)
    answer = app.test_client().post(
        PATH, headers=SUBJECT, environ_overrides={"REMOTE_ADDR": "10.0.0.5"}
    )
    assert answer.status_code == 401


def test_certificate_headers_are_ignored_when_mutual_tls_is_off(post):
    """O84: off by default: headers neither help nor hurt."""
    assert (
        post(peer="192.0.2.1", headers=SUBJECT | {"X-Client-Verify": "FAILED"}).status_code == 200
    )


def test_replay_store_forgets_what_has_expired(clock):
    """O95: a use is kept until it expires, and one of a token past its time may be recorded anew."""
    store = MemoryReplayStore(now=clock)
    key = ReplayKey("", "https://ehr.hospital.example", "1")
    assert store.remember(key, NOW + 10) is True
    assert store.remember(key, NOW + 10) is False
    clock.time = NOW + 10
    assert store.remember(key, NOW + 20) is True


def test_full_replay_store_refuses(clock):
    """O95: a store that cannot remember a use does not let it through; expired ones make room."""
    store = MemoryReplayStore(max_uses=2, now=clock)
    keys = [ReplayKey("", "https://ehr.hospital.example", str(number)) for number in range(4)]
    assert [store.remember(key, NOW + 10) for key in keys[:3]] == [True, True, False]
    clock.time = NOW + 10
    assert store.remember(keys[3], NOW + 20) is True


def test_of_simultaneous_uses_one_is_the_first(clock):
    """O95: telling and recording are one step, however many threads present the same token."""
    store = MemoryReplayStore(now=clock)
    start = threading.Barrier(8)
    answers = []

    def use() -> None:
        start.wait(10)
        answers.append(store.remember(ReplayKey("", "https://ehr.hospital.example", "1"), NOW + 10))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]
