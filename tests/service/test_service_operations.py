"""Health, metrics, limits and log lines of a running service."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from cds_service.operations.logs import JsonLines, log_to
from cds_service.operations.metrics import Metrics
from cds_service.operations.rate_limit import TokenBuckets
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from tests.service.conftest import ServiceMaker
from tests.service.fakes import CONDITIONS, PATIENT, FakeAdvice, hook_request, proposal
from tests.service.test_service_self_check import OPEN, SITE

CALL = "fake-order-select"


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """Return the root logger; handlers and levels are put back afterwards."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    names = ["alembic", "sqlalchemy", "urllib3", "requests", "werkzeug", "gunicorn"]
    levels = {name: logging.getLogger(name).level for name in names}
    yield root
    root.handlers[:], level = kept[0], kept[1]
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def test_health_needs_nothing(make_service: ServiceMaker) -> None:
    """A load balancer asks without a token, and learns no more than that the process answers."""
    service = make_service(demo=False, environment=SITE, gate=OPEN)
    response = service.get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})


def test_service_is_ready_when_store_models_and_value_sets_are_there(
    make_service: ServiceMaker,
) -> None:
    """`/readyz` names each thing that must hold before calls are sent."""
    response = make_service().get("/readyz")
    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ok",
        "checks": {"store": "ok", "models": "ok", "valueSets": "ok"},
    }


@pytest.mark.parametrize(
    "statement",
    ["UPDATE alembic_version SET version_num = '0000'", "DROP TABLE alembic_version"],
    ids=["an older schema", "no schema"],
)
def test_service_is_not_ready_with_another_schema(
    make_service: ServiceMaker, statement: str
) -> None:
    """A replica whose database is not at the newest schema gets no calls."""
    service = make_service()
    with service.store.engine.begin() as connection:
        connection.execute(text(statement))
    response = service.get("/readyz")
    assert response.status_code == 503
    assert response.get_json()["checks"]["store"] == "failed"


def test_metrics_count_what_a_call_did(make_service: ServiceMaker) -> None:
    """Phases, cards by kind, prefetch states, fetches and refusals are counted, nothing of a patient."""
    metrics = Metrics()
    service = make_service(
        FakeAdvice(proposals=(proposal("risk"),)),
        metrics=metrics,
        record_source=lambda _request, _wanted: {
            "patient": PrefetchKey(PrefetchState.COMPLETE, (PATIENT,)),
            "conditions": PrefetchKey(PrefetchState.EMPTY),
            "procedures": PrefetchKey(PrefetchState.ERROR, problem="canary"),
        },
    )
    service.cards(
        CALL, hook_request(prefetch={"conditions": CONDITIONS}, fhirServer="https://f.example")
    )
    service.post(CALL, {"hook": "canary"})
    body = service.get("/metrics").get_data(as_text=True)
    for line in (
        'hcc_cds_cards_total{fate="shown",kind="risk"} 1.0',
        'hcc_cds_prefetch_keys_total{key="patient",state="absent"} 1.0',
        'hcc_cds_prefetch_keys_total{key="conditions",state="empty"} 1.0',
        'hcc_cds_fallback_fetches_total{key="procedures",state="error"} 1.0',
        'hcc_cds_refusals_total{code="hook-mismatch"} 1.0',
        'hcc_cds_calls_total{route="/cds-services/<service_id>",status="200"} 1.0',
        'hcc_cds_calls_total{route="/cds-services/<service_id>",status="400"} 1.0',
        *(
            f'hcc_cds_phase_seconds_count{{phase="{phase}"}} {count}'
            for phase, count in (("read", "2.0"), ("fetch", "1.0"), ("map", "1.0"))
        ),
        'hcc_cds_phase_seconds_count{phase="advise"} 1.0',
        'hcc_cds_phase_seconds_count{phase="store"} 1.0',
    ):
        assert line in body
    assert "canary" not in body


def test_two_services_in_one_process_count_for_themselves(make_service: ServiceMaker) -> None:
    """The counters belong to the application, not to the process."""
    first, second = make_service(), make_service()
    first.get("/healthz")
    assert 'route="/healthz"' in first.get("/metrics").get_data(as_text=True)
    assert 'route="/healthz"' not in second.get("/metrics").get_data(as_text=True)


def test_limit_holds_per_issuer_and_refills() -> None:
    """One issuer that runs wild does not cost another its calls; tokens come back evenly."""
    clock = [0.0]
    buckets = TokenBuckets(2, monotonic=lambda: clock[0])
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    assert buckets.take("b")
    clock[0] = 29.9
    assert not buckets.take("a")
    clock[0] = 31
    assert [buckets.take("a") for _ in range(2)] == [True, False]
    clock[0] = 10_000
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]


def test_call_over_the_limit_is_told_to_wait(make_service: ServiceMaker) -> None:
    """A call over the limit gets a 429 with an OperationOutcome; preflights are never counted."""
    service = make_service(environment={"HCC_CDS_CALLS_PER_MINUTE": "1"})
    assert service.app.test_client().options("/cds-services").status_code == 200
    assert service.post(CALL, hook_request()).status_code == 200
    refused = service.post(CALL, hook_request())
    assert refused.status_code == 429
    assert refused.get_json()["issue"][0]["details"]["coding"][0]["code"] == "too-many-calls"
    assert service.get("/healthz").status_code == 200


def test_no_limit_unless_it_is_set(make_service: ServiceMaker) -> None:
    """Without the setting nobody is held back."""
    service = make_service()
    assert {service.post(CALL, hook_request()).status_code for _ in range(20)} == {200}


def test_log_lines_are_json_with_the_id_of_the_request(
    make_service: ServiceMaker, root_logger: logging.Logger
) -> None:
    """Each line is one object; the id in it is the one the caller was given."""
    service = make_service()
    stream = io.StringIO()
    log_to(stream, "INFO")
    response = service.post(CALL, hook_request())
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    call = next(line for line in lines if line["logger"] == "cds_service.responses")
    assert call["request"] == response.headers["X-Request-Id"]
    assert {name: call[name] for name in ("method", "route", "status", "error", "level")} == {
        "method": "POST",
        "route": "/cds-services/<service_id>",
        "status": 200,
        "error": "none",
        "level": "INFO",
    }
    assert root_logger.level == logging.INFO


def test_log_line_of_an_exception_holds_no_message() -> None:
    """An exception may quote the record: its type and places are kept, its words are not."""
    try:
        raise ValueError("canary")
    except ValueError as error:
        made = logging.LogRecord(
            "x", 40, "f.py", 1, "failed", (), (ValueError, error, error.__traceback__)
        )
    line = json.loads(JsonLines().format(made))
    assert (line["exception"], line["message"]) == ("ValueError", "failed")
    assert line["at"][0].startswith("test_service_operations.py:")
    assert "canary" not in json.dumps(line)


def test_method_that_http_does_not_have_is_not_repeated(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """The method of a request is a caller's own text: an unknown one is not logged."""
    caplog.set_level(logging.INFO)
    make_service().app.test_client().open("/cds-services", method="CANARY")
    assert "method=(other)" in caplog.text
    assert "CANARY" not in caplog.text
