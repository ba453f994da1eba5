"""Errors of the web framework in our words, and what it answers besides errors."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask, abort
from werkzeug.routing import RequestRedirect

from cds_service.errors import OwnBugError
from cds_service.responses import add_common_behaviour


@pytest.fixture
def app() -> Flask:
    """Return an application whose one route answers with any status."""
    made = Flask(__name__, static_folder=None)

    @made.get("/abort/<int:code>")
    def fail(code: int) -> str:
        if code == 308:
            raise RequestRedirect("/elsewhere")
        abort(code, description="canary")

    add_common_behaviour(made, uuid4)
    return made


@pytest.mark.parametrize(
    ("status", "answered", "code"),
    [
        (400, 400, "bad-request"),
        (404, 404, "unknown-route"),
        (413, 413, "body-too-large"),
        (415, 400, "bad-request"),
        (500, 500, OwnBugError.code),
        (502, 500, OwnBugError.code),
    ],
)
def test_errors_of_the_framework_are_told_in_our_words(
    app: Flask, status: int, answered: int, code: str
) -> None:
    """Any error is an OperationOutcome of ours, without the framework's text (Z5)."""
    response = app.test_client().get(f"/abort/{status}")
    assert response.status_code == answered
    assert response.get_json()["issue"][0]["details"]["coding"][0]["code"] == code
    assert "canary" not in response.get_data(as_text=True)


def test_redirect_passes(app: Flask) -> None:
    """What is no error is left as it is."""
    response = app.test_client().get("/abort/308")
    assert (response.status_code, response.headers["Location"]) == (308, "/elsewhere")
