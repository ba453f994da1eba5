"""Opens the demo's app as a browser would: launch, authorization, callback."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

__all__ = ["choices_of", "follow", "form_token_of", "open_app"]


def follow(client: FlaskClient, response: TestResponse) -> TestResponse:
    """Go where a redirect sends the browser, all of it within one application."""
    assert response.status_code == 303, response.get_data(as_text=True)
    parts = urlsplit(response.headers["Location"])
    followed: TestResponse = client.get(
        f"{parts.path}?{parts.query}" if parts.query else parts.path
    )
    return followed


def open_app(
    client: FlaskClient, patient_id: str = "mvi-in-words", base_url: str = "http://127.0.0.1:8000"
) -> TestResponse:
    """Return the page of a patient after every step of the launch."""
    launch = {"iss": f"{base_url}/demo/fhir", "launch": patient_id}
    asked = follow(client, client.get("/app/launch", query_string=launch))
    return follow(client, follow(client, asked))


def form_token_of(page: str) -> str:
    """Return the token that the form of a page carries."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def choices_of(page: str) -> dict[str, str]:
    """Return the name of the choice for each finding, by its exact words."""
    found = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>.*?name=\"(finding-\w+)\"", page, re.S)
    return dict(found)
