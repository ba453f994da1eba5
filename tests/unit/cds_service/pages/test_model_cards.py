"""The model cards over HTTP: JSON for machines, a page for a browser, both from the models' files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.settings import Settings
from models.registry import MODELS, PARAMETERS, RULES

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Return a client of the demo."""
    state: Path = tmp_path_factory.mktemp("state")
    app = create_app(Settings.from_environment({"HCC_CDS_DEMO": "1", "HCC_CDS_STATE": str(state)}))
    with app.test_client() as made:
        yield made


def test_every_model_is_listed_with_status_and_hash(client: FlaskClient) -> None:
    """The list names each model with the status, version and content hash of its numbers."""
    models = client.get("/models").get_json()["models"]
    assert {entry["id"] for entry in models} == set(MODELS)
    files = {**PARAMETERS, **RULES}
    assert all(entry["contentHash"] == files[entry["id"]].content_hash for entry in models)


def test_machines_get_json_by_default_and_browsers_a_page(client: FlaskClient) -> None:
    """Accept */* (curl) gets JSON; a browser's Accept header gets HTML under a strict content policy."""
    assert client.get("/models/albi").content_type == "application/json"
    assert client.get("/models/albi", headers={"Accept": "*/*"}).content_type == "application/json"
    page = client.get("/models/albi", headers=HTML)
    assert page.content_type == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_every_card_has_a_page_that_says_what_the_json_says(
    client: FlaskClient, model_id: str
) -> None:
    """Title, status, hash, each input and each of the 31 attributes stand on the page."""
    card = client.get(f"/models/{model_id}").get_json()
    page = client.get(f"/models/{model_id}", headers=HTML).get_data(as_text=True)
    assert card["contentHash"] in page
    assert card["statusLine"].split(";")[0] in page.replace("&#39;", "'")
    for entry in card["inputs"]:
        assert entry["label"] in page
    assert len(card["sourceAttributes"]) == 31
    assert page.count("<h2>") >= 4
    assert "<script" not in page
    assert "style=" not in page


def test_an_input_carries_its_unit_and_codes(client: FlaskClient) -> None:
    """AFP is listed in ng/mL with the LOINC codes that are read as AFP."""
    card = client.get("/models/distant_metastasis").get_json()
    afp = next(entry for entry in card["inputs"] if entry["name"] == "afp_ng_ml")
    assert afp["unit"] == "ng/mL"
    assert afp["windowDays"] == 90
    assert "http://loinc.org|1834-1" in afp["codes"]


def test_no_member_is_null_or_empty(client: FlaskClient) -> None:
    """What has no value is left out, as in everything this service sends."""

    def blanks(value: object) -> Iterator[object]:
        if value is None or value in ("", [], {}):
            yield value
        items = (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        )
        for item in items:
            yield from blanks(item)

    for model_id in MODELS:
        assert list(blanks(client.get(f"/models/{model_id}").get_json())) == []


def test_an_unknown_model_is_a_404_in_words(client: FlaskClient) -> None:
    """The OperationOutcome names the path and not a stack trace."""
    answer = client.get("/models/nothing")
    assert answer.status_code == 404
    assert answer.get_json()["issue"][0]["details"]["coding"][0]["code"] == "unknown-model"


def test_the_intended_use_stands_at_the_foot_of_each(client: FlaskClient) -> None:
    """List, card and pages all end with the line of intended use."""
    for path in ("/models", "/models/albi"):
        assert "Not a medical device" in client.get(path).get_json()["intendedUse"]
        assert "Not a medical device" in client.get(path, headers=HTML).get_data(as_text=True)
