"""Schemathesis holds the running service against openapi.yaml: every phase, with every check it has.

What is left out stands in `EXCLUDED` with its reason. The examples are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis import engine
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from cds_service.app import create_app, store_of
from cds_service.settings import Settings
from tests.service.openapi_file import document

EXAMPLES = 15
"""Most examples of one operation in one phase. Our own choice: some ten seconds in all."""

# (operation, check): what the check is told, and why. Nothing else is left out.
EXCLUDED: dict[tuple[str, str], tuple[dict[str, Any], str]] = {
    ("POST /cds-services/{service_id}", "positive_data_acceptance"): (
        {"expected-statuses": ["2xx", "400", "401", "404", "412", "413", "429"]},
        "OpenAPI cannot say which hook an id belongs to (400), nor which data may be missing (412).",
    ),
    **{
        (operation, "positive_data_acceptance"): (
            {"expected-statuses": ["2xx", "303", "400", "401", "403", "413"]},
            "Only what an authorization server or an EHR made up a moment ago is accepted.",
        )
        for operation in (
            "GET /app/launch",
            "GET /app/callback",
            "GET /demo/auth/authorize",
            "POST /demo/auth/token",
        )
    },
    ("POST /demo/markdown", "negative_data_rejection"): (
        {"enabled": False},
        "Every text is Markdown, also one that looks like something else: nothing is refused.",
    ),
    ("POST /demo/fhir/{kind}/_search", "allow_header_conformance"): (
        {"enabled": False},
        "An address ends in the same way for the read of a resource, so that OPTIONS names its GET.",
    ),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the service as the demo runs it: every route of the file exists."""
    state = str(tmp_path_factory.mktemp("fuzz"))
    made = create_app(Settings.from_environment({"HCC_CDS_STATE": state}, demo=True))
    made.wsgi_app = _closing(made.wsgi_app)  # type: ignore[method-assign]  # as Flask documents it
    yield made
    store_of(made).close()


def _closing(application: Any) -> Any:
    """Read each answer whole and close it: schemathesis leaves a file that is sent open."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        parts = application(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            parts.close()

    return answer


def _configuration() -> SchemathesisConfig:
    operations: dict[str, dict[str, Any]] = {}
    for (operation, check), (told, _) in EXCLUDED.items():
        operations.setdefault(operation, {})[check] = told
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "base-url": "http://localhost",
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "database": "none",
            },
            "operations": [
                {"include-name": name, "checks": checks} for name, checks in operations.items()
            ],
        }
    )


def _failures(app: Flask, described: dict[str, Any]) -> tuple[int, set[str]]:
    """Run every phase; return how many requests were sent and what was wrong with the answers."""
    schema = schemathesis.openapi.from_dict(described, config=_configuration())
    schema.app = app
    schema.location = "http://localhost/openapi.yaml"
    sent, found = 0, set()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            found.add(str(event.info))
        if isinstance(event, events.ScenarioFinished):
            sent += len(event.recorder.interactions)
            for name, checks in event.recorder.checks.items():
                operation = event.recorder.cases[name].value.operation.label
                for check in checks:
                    if check.failure_info is not None:
                        found.add(f"{operation} {check.name}: {check.failure_info.failure.message}")
    return sent, found


def test_service_does_what_the_file_says(app: Flask) -> None:
    """What the file allows is accepted, what it forbids is refused, every answer is as described."""
    sent, found = _failures(app, document())
    assert found == set()
    assert sent > 500


def test_difference_is_found(app: Flask) -> None:
    """The run is not blind: where the file describes another answer, it says so."""
    health = document()["paths"]["/healthz"]
    other = {**health["get"], "responses": {"204": {"description": "Nothing."}}}
    described = {**document(), "paths": {"/healthz": {"get": other}}}
    _, found = _failures(app, described)
    assert any("GET /healthz status_code_conformance" in item for item in found)


def test_every_exclusion_names_an_operation_and_a_check() -> None:
    """An exclusion that fits nothing any more is taken out; each has a reason in words."""
    load_all_checks()
    checks = {check.__name__ for check in CHECKS.get_all()}
    operations = {
        f"{method.upper()} {path}" for path, item in document()["paths"].items() for method in item
    }
    for (operation, check), (_, reason) in EXCLUDED.items():
        assert operation in operations
        assert check in checks
        assert reason.endswith(".")
