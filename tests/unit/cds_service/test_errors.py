"""The tree of errors: drawn as it is, each with its status and its stable code."""

from __future__ import annotations

import pytest

import cds_service.errors as errors
from cds_service.errors import (
    HTTP_STATUS,
    ConfigurationError,
    HookMismatchError,
    ServiceError,
    http_status,
    operation_outcome,
)


def _kinds(kind: type[ServiceError]) -> list[type[ServiceError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _kinds(child))]


KINDS = _kinds(ServiceError)[1:]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_status_and_stands_in_the_drawing(kind: type[ServiceError]) -> None:
    """Each error has one HTTP status; the drawing shows it with its status or its code (G47)."""
    status = http_status(kind("text"))
    drawing = str(errors.__doc__)
    line = next(item for item in drawing.splitlines() if f" {kind.__name__} " in item)
    assert (str(status) in line) or (kind.code in line)
    assert kind.code in drawing or kind in HTTP_STATUS


def test_codes_are_unique() -> None:
    """No two errors share a code."""
    codes = [kind.code for kind in KINDS]
    assert len(codes) == len(set(codes))


def test_outcome_names_what_is_wrong() -> None:
    """The OperationOutcome carries severity, code, text, diagnostics and expression (Z5)."""
    error = HookMismatchError("Wrong hook.", diagnostics="hook: x", expressions=("hook",))
    assert operation_outcome(error) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "invalid",
                "details": {
                    "coding": [{"system": errors.ERROR_SYSTEM, "code": "hook-mismatch"}],
                    "text": "Wrong hook.",
                },
                "diagnostics": "hook: x",
                "expression": ["hook"],
            }
        ],
    }


def test_outcome_has_no_empty_member() -> None:
    """What an error does not say is left out."""
    assert set(operation_outcome(HookMismatchError("Wrong hook."))["issue"][0]) == {
        "severity",
        "code",
        "details",
    }


def test_configuration_error_lists_its_problems() -> None:
    """All problems are kept apart and said together."""
    error = ConfigurationError("one", "two")
    assert error.problems == ("one", "two")
    assert str(error) == "one; two"
