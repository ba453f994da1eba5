"""Nothing of a patient, a token or a comment reaches a log, the store, the metrics or the state folder.

A site's service runs with everything real but the EHR: signed tokens, its FHIR client over HTTP, its
database. Canaries stand in every field a request can have, and debug logging is on for all libraries.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fhir.resources.R4B import get_fhir_model_class as get_r4b_model_class
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from cds_service.app import create_app, store_of
from cds_service.operations.metrics import Metrics
from cds_service.settings import Settings
from tests.canaries import NUMBER, WORD
from tests.service.fakes import FakeAdvice, hook_request

GOLDEN = Path(__file__).parents[1] / "golden"
FOUND = re.compile(rf"{WORD}|918273\.645", re.IGNORECASE)
ISS = "https://ehr.example"
BASE = "https://cds.example"

# Members that decide which code runs; everything else in a resource may be anything.
_STRUCTURE = {"resourceType", "hook", "hookInstance"}


class CanaryFhirServer(BaseHTTPRequestHandler):
    """Answers every search with a Bundle full of canaries, every second one with an error."""

    asked = 0

    def answer(self) -> None:
        """Answer any method."""
        type(self).asked += 1
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        resource: dict[str, Any] = {
            "resourceType": "Observation",
            "id": WORD,
            "code": {"text": WORD},
            "valueString": WORD,
        }
        body = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource}]}
        status = 200 if type(self).asked % 2 else 400
        if status != 200:
            body = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": WORD}]}
        content = json.dumps(body).encode()
        self.send_response(status, WORD)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("X-Note", WORD)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing: this is not a log of the service."""


class Everything(logging.Handler):
    """Keeps every record as a careless formatter would print it, with tracebacks and all."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line, and the arguments it was made of."""
        self.lines.append(f"{self.format(record)} {record.args!r}")


@dataclass
class Site:
    """A running site and what a scan looks at."""

    app: Flask
    key: ECKey
    fhir: str
    state: Path
    metrics: Metrics
    log: Everything = field(default_factory=Everything)

    def post(self, path: str, body: object, **claims: Any) -> TestResponse:
        """Call as the EHR does, with a token made for this one call."""
        now = int(time.time())
        token = jwt.encode(
            {"alg": "ES384", "kid": "k", "typ": "JWT"},
            {
                "iss": ISS,
                "aud": BASE + path,
                "iat": now,
                "exp": now + 60,
                "jti": f"{WORD}-{uuid4()}",
                **claims,
            },
            self.key,
            algorithms=["ES384"],
        )
        headers = {"Authorization": f"Bearer {token}", "X-Request-Id": WORD, "User-Agent": WORD}
        # What is encoded reads differently: the signature is as unique as the word.
        self.secrets.append(token.rpartition(".")[2])
        return self.app.test_client().post(path, json=body, headers=headers)

    secrets: list[str] = field(default_factory=list)

    def leaks(self) -> list[str]:
        """Return every line of a log and every file that holds what came with a request."""
        found = [line for line in self.log.lines if self._holds(line)]
        found += [
            file.name
            for file in self.state.rglob("*")
            if file.is_file() and self._holds(file.read_bytes().decode("latin-1"))
        ]
        if self._holds(self.metrics.exposition().decode()):
            found.append("metrics")
        return found

    def _holds(self, text: str) -> bool:
        return bool(FOUND.search(text)) or any(secret in text for secret in self.secrets)


@pytest.fixture
def loud() -> Iterator[Everything]:
    """Turn debug logging on for everything, the libraries included; put it back afterwards."""
    handler = Everything()
    names = ["", "urllib3", "requests", "sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool"]
    names += ["alembic", "flask", "werkzeug", "joserfc", "cds_service"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def _start(folder: Path, fhir: str, key: ECKey, log: Everything, **parts: Any) -> Site:
    state = folder / "state"
    (folder / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    (folder / "trust.toml").write_text(
        f'[sandbox]\nhosts = ["localhost"]\n[[issuer]]\niss = "{ISS}"\n'
        f'fhir_base_urls = ["{fhir}"]\nkeys.file = "keys.json"\n'
    )
    settings = Settings.from_environment(
        {
            "HCC_CDS_STATE": str(state),
            "HCC_CDS_PUBLIC_URL": BASE,
            "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
            "HCC_CDS_TRUST_FILE": str(folder / "trust.toml"),
        }
    )
    metrics = Metrics()
    app = create_app(settings, metrics=metrics, **parts)
    return Site(app, key, fhir, state, metrics, log)


@pytest.fixture
def fhir_server() -> Iterator[str]:
    """Run the canary FHIR server; return its base."""
    with ThreadingHTTPServer(("127.0.0.1", 0), CanaryFhirServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/fhir"
        server.shutdown()


@pytest.fixture
def key() -> ECKey:
    """Return the key of the EHR."""
    return ECKey.generate_key("P-384", {"kid": "k"})


@pytest.fixture
def site(tmp_path: Path, fhir_server: str, key: ECKey, loud: Everything) -> Iterator[Site]:
    """Return a site's service with all its advice."""
    made = _start(tmp_path, fhir_server, key, loud)
    yield made
    store_of(made.app).close()


def _leaves(
    value: Any, way: tuple[Any, ...] = (), kind: str = ""
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield each leaf with what it is (type and element, without numbers of entries)."""
    if isinstance(value, dict):
        kind = str(value.get("resourceType", kind))
        for name, item in value.items():
            if name not in _STRUCTURE:
                yield from _leaves(item, (*way, name), kind)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*way, number), kind)
    else:
        names = ".".join(item for item in way if isinstance(item, str))
        yield f"{kind} {names}", way


def _planted(request: Any, way: tuple[Any, ...]) -> Any:
    changed = deepcopy(request)
    place = changed
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = NUMBER if isinstance(place[way[-1]], int | float) else WORD
    return changed


def _every_field() -> dict[str, tuple[str, Any]]:
    """Return, for each element any golden request has, one request with a canary in it."""
    found: dict[str, tuple[str, Any]] = {}
    for file in sorted(GOLDEN.glob("*/*/request.json")):
        request = json.loads(file.read_text(encoding="utf-8"))
        for element, way in _leaves(request):
            if element not in found:
                found[element] = (file.parent.name, _planted(request, way))
    return found


def test_no_field_of_a_request_leaves_a_trace(site: Site) -> None:
    """A canary in any element of any resource, context or order is in no log and in no store."""
    fields = _every_field()
    assert len(fields) > 100
    statuses = {
        site.post(f"/cds-services/{service}", request).status_code
        for service, request in fields.values()
    }
    # Most are answered; a canary for a patient's id is another patient (400), as an entry 412.
    assert 200 in statuses
    assert statuses <= {200, 400, 412}
    assert site.leaks() == []


def _resources(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every resource in a request, the Bundles around them left out."""
    if isinstance(value, dict):
        if value.get("resourceType", "Bundle") != "Bundle":
            yield value
        for item in value.values():
            yield from _resources(item)
    elif isinstance(value, list):
        for item in value:
            yield from _resources(item)


def _one_of_each_type() -> dict[str, tuple[str, Any]]:
    """Return, for each type of resource any golden request has, the service and the request."""
    found: dict[str, tuple[str, Any]] = {}
    for file in sorted(GOLDEN.glob("*/*/request.json")):
        request = json.loads(file.read_text(encoding="utf-8"))
        for resource in _resources(request):
            found.setdefault(resource["resourceType"], (file.parent.name, request))
    return found


ONE_OF_EACH_TYPE = _one_of_each_type()


def _every_element(kind: str, depth: int) -> dict[str, Any]:
    """Return every element that FHIR R4B knows of a type, each full of canaries, so many levels deep."""
    elements: dict[str, Any] = {}
    for member in get_r4b_model_class(kind).model_fields.values():
        told = str(member.annotation)
        inner = re.search(r"abc\.(\w+)Type", told)
        value: Any = WORD
        if inner and inner[1] in ("Resource", "FHIRPrimitiveExtension"):
            value = {"id": WORD, "extension": [{"url": WORD, "valueString": WORD}]}
        elif inner:
            value = _every_element(inner[1], depth - 1) if depth else {"id": WORD}
        elif "bool" in told:
            value = True
        elif "Decimal" in told or "int" in told:
            value = NUMBER
        elements[str(member.alias)] = [value] if "List[" in told else value
    return elements


@pytest.mark.parametrize("kind", ONE_OF_EACH_TYPE)
def test_no_element_that_fhir_knows_leaves_a_trace(site: Site, kind: str) -> None:
    """Every element of a type, beside what a record has and in its place, is in no log and no store."""
    service, request = deepcopy(ONE_OF_EACH_TYPE[kind])
    planted = _every_element(kind, 2)
    assert len(planted) > 20
    for resource in _resources(request):
        if resource["resourceType"] == kind:
            resource.update({name: planted[name] for name in planted.keys() - resource.keys()})
    assert site.post(f"/cds-services/{service}", request).status_code == 200
    for resource in _resources(request):
        if resource["resourceType"] == kind:
            kept = {"resourceType", "id", "subject", "patient"}
            resource.update({name: planted[name] for name in planted.keys() - kept})
    assert site.post(f"/cds-services/{service}", request).status_code in {200, 412}
    assert site.leaks() == []


def test_identity_of_a_patient_leaves_no_trace(site: Site) -> None:
    """Name, identifier, address and telephone are never stored or logged."""
    patient = {
        "resourceType": "Patient",
        "id": WORD,
        "name": [{"family": WORD, "given": [WORD], "text": WORD}],
        "identifier": [{"system": "urn:x", "value": WORD}],
        "telecom": [{"value": WORD}],
        "address": [{"line": [WORD], "city": WORD}],
        "photo": [{"url": f"https://{WORD}.example"}],
    }
    request = hook_request(
        "order-sign",
        context={"userId": f"Practitioner/{WORD}", "patientId": WORD, "encounterId": WORD},
        prefetch={"patient": patient, "conditions": None},
        extension={WORD: WORD},
    )
    assert site.post("/cds-services/resection-risk-order-sign", request).status_code == 200
    assert site.leaks() == []


def test_token_for_the_fhir_server_leaves_no_trace(site: Site) -> None:
    """The access token, what the server answers and the URLs with the patient's id are not logged."""
    request = hook_request(
        context={"userId": "Practitioner/x", "patientId": WORD},
        prefetch={},
        fhirServer=site.fhir,
        fhirAuthorization={
            "access_token": WORD,
            "token_type": "Bearer",
            "expires_in": 60,
            "scope": "patient/*.read",
            "subject": WORD,
        },
    )
    before = CanaryFhirServer.asked
    answer = site.post("/cds-services/resection-risk-order-select", request)
    assert CanaryFhirServer.asked > before
    assert answer.status_code == 412
    assert not FOUND.search(answer.get_data(as_text=True))
    assert site.leaks() == []


def test_comment_of_a_user_leaves_no_trace(site: Site) -> None:
    """`userComment` and everything else in feedback that is no code is discarded unread."""
    report = {
        "card": str(uuid4()),
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-22T10:00:00Z",
        "overrideReason": {
            "userComment": f"{WORD} has HCC",
            "reason": {"code": f"{WORD} {WORD}", "system": f"{WORD} x", "display": WORD},
        },
        "extension": {WORD: WORD},
    }
    path = "/cds-services/resection-risk-order-select/feedback"
    assert site.post(path, {"feedback": [report]}).status_code == 200
    assert site.leaks() == []


@pytest.mark.parametrize(
    ("path", "claims", "status"),
    [
        ("/cds-services/resection-risk-order-select", {"iss": f"https://{WORD}.example"}, 401),
        ("/cds-services/resection-risk-order-select", {"aud": WORD}, 401),
        ("/cds-services/resection-risk-order-select", {"tenant": WORD, "sub": WORD}, 401),
        (f"/cds-services/{WORD}", {}, 404),
        (f"/{WORD}?{WORD}={WORD}", {}, 404),
    ],
    ids=["unknown issuer", "other audience", "unknown tenant", "unknown service", "unknown page"],
)
def test_refused_call_leaves_no_trace(
    site: Site, path: str, claims: dict[str, Any], status: int
) -> None:
    """A call that is refused is not quoted either."""
    assert site.post(path, hook_request(), **claims).status_code == status
    assert site.leaks() == []


def test_own_bug_leaves_no_trace(
    tmp_path: Path, fhir_server: str, key: ECKey, loud: Everything
) -> None:
    """An exception of ours that quotes the record is logged without its words."""
    advice = FakeAdvice(fails_with=lambda: ValueError(f"cannot read {WORD}"))
    made = _start(tmp_path, fhir_server, key, loud, advice=[advice])
    assert made.post("/cds-services/fake-order-select", hook_request()).status_code == 500
    assert any("own bug" in line for line in loud.lines)
    assert made.leaks() == []
    store_of(made.app).close()


@pytest.mark.leaks_on_purpose("sqlalchemy.engine")
def test_scan_finds_a_leak_in_a_log(site: Site) -> None:
    """The scan is not blind: one careless line of one library is found."""
    logging.getLogger("sqlalchemy.engine").debug("SELECT ... [%s]", WORD)
    assert site.leaks() == [f"DEBUG sqlalchemy.engine SELECT ... [{WORD}] ('{WORD}',)"]


def test_scan_finds_a_leak_in_the_store(site: Site) -> None:
    """The scan is not blind: one row with a patient's id is found."""
    site.log.setLevel(logging.CRITICAL)
    with store_of(site.app).engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE careless (note TEXT)")
        connection.exec_driver_sql("INSERT INTO careless VALUES (?)", (WORD,))
    assert any(name.startswith("hcc-cds.sqlite3") for name in site.leaks())


@pytest.mark.leaks_on_purpose("requests")
def test_scan_finds_a_token(site: Site) -> None:
    """The scan is not blind: a token in a line is found by its signature."""
    site.post("/cds-services", {})
    logging.getLogger("requests").debug("Bearer %s", site.secrets[0])
    assert len(site.leaks()) == 1
