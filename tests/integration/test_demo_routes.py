"""The routes of the demo, without a browser: they exist in demo mode only, and keep to themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.app import Gate, create_app, store_of
from cds_service.demo.pages import CONTENT_SECURITY_POLICY, render_markdown
from cds_service.demo.patients.catalogue import PATIENTS
from cds_service.settings import Settings


@pytest.fixture(name="app")
def _app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings(demo=True, state_folder=tmp_path, guideline_profile="CNLC"))
    yield app
    store_of(app).close()


@pytest.fixture(name="client")
def _client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_demo_does_not_exist_outside_demo_mode(tmp_path: Path) -> None:
    """A service for real patients has no page and no FHIR endpoint with synthetic ones."""
    settings = Settings(
        public_url="https://cds.example.org", pseudonym_key="k" * 40, state_folder=tmp_path
    )
    app = create_app(settings, gate=Gate(guard=lambda _: None, tenant=lambda: "site"))
    client = app.test_client()
    for path in ("/demo", "/demo/fhir/Patient/clearly-low", "/demo/static/demo.js"):
        assert client.get(path).status_code == 404
    assert client.post("/demo/markdown", data="text").status_code == 404
    store_of(app).close()


def test_page_without_a_patient_offers_them_all(client: FlaskClient) -> None:
    """The first page links every synthetic patient and says what each one shows."""
    page = client.get("/demo").text
    assert "Synthetic patients. Not for clinical use." in page
    for patient in PATIENTS.values():
        assert f'href="/demo?patient={patient.id}"' in page
        assert patient.label in page


@pytest.mark.parametrize("patient_id", PATIENTS)
def test_chart_of_each_patient(client: FlaskClient, patient_id: str) -> None:
    """Each chart opens, is marked as synthetic and links its entries to the raw resources."""
    response = client.get(f"/demo?patient={patient_id}")
    assert response.status_code == 200
    assert "Synthetic patients. Not for clinical use." in response.text
    links = re.findall(r'href="(/demo/fhir/[^"]+)"', response.text)
    assert links
    assert {client.get(link).status_code for link in links} == {200}


def test_unknown_patient_is_told_in_words(client: FlaskClient) -> None:
    """A patient who is not there gives 404 and a sentence, and what was asked is not repeated."""
    response = client.get("/demo?patient=%3Cscript%3E")
    assert response.status_code == 404
    assert "There is no such synthetic patient. Choose one from the list." in response.text
    assert "<script>" not in response.text


def test_missing_and_conflicting_values_are_written_out(client: FlaskClient) -> None:
    """What a record does not say, and where it contradicts itself, stands on the chart in words."""
    assert "Capsule: not recorded" in client.get("/demo?patient=capsule-not-recorded").text
    assert "conflict, 4.8 cm and 5.3 cm" in client.get("/demo?patient=conflicting-sizes").text
    after = client.get("/demo?patient=mvi-not-recorded").text
    assert "MVI: not recorded" in after
    assert "Ki67: not recorded" in after
    assert "Transfusion: not recorded" not in after


def test_withdrawn_result_is_struck_through_with_its_reason(client: FlaskClient) -> None:
    """An entry that was entered in error stays visible and cannot be taken for a value."""
    page = client.get("/demo?patient=broken-record").text
    assert "<s>5.1 ng/mL</s> entered in error" in page


def test_text_in_chinese_is_marked_as_such(client: FlaskClient) -> None:
    """A screen reader and the font are told that the text of the record is Chinese."""
    page = client.get("/demo?patient=long-chinese-text").text
    assert '<html lang="en">' in page
    assert '<p lang="zh">肝右叶' in page
    assert '<td class="value" lang="zh">阳性</td>' in page
    assert '<td class="value">43 g/L</td>' in page


def test_policy_forbids_inline_and_foreign_content(client: FlaskClient) -> None:
    """Each answer of the demo forbids scripts and styles that are inline or from elsewhere."""
    for path in ("/demo", "/demo/static/demo.js", "/demo/fhir/Patient/clearly-low"):
        with client.get(path) as response:
            headers = response.headers
        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
    page = client.get("/demo?patient=clearly-low").text
    assert " style=" not in page
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", page) == []


def test_static_files_name_no_other_host() -> None:
    """The stylesheet and the scripts load nothing from another address."""
    folder = files("cds_service.demo") / "static"
    for file in folder.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, file.name
        assert "https://" not in text, file.name


def test_read_and_search(client: FlaskClient) -> None:
    """The FHIR endpoint reads one resource and searches by patient and code, by GET and by POST (S2.12)."""
    read = client.get("/demo/fhir/Patient/clearly-low")
    assert read.mimetype == "application/fhir+json"
    assert read.json is not None
    assert read.json["id"] == "clearly-low"
    query = {"patient": "clearly-low", "code": "http://loinc.org|1834-1,http://loinc.org|1751-7"}
    by_get = client.get("/demo/fhir/Observation", query_string=query).json
    by_post = client.post("/demo/fhir/Observation/_search", data=query).json
    assert by_get == by_post
    assert by_get is not None
    assert [item["resource"]["id"] for item in by_get["entry"]] == [
        "clearly-low-afp",
        "clearly-low-albumin",
    ]
    assert by_get["entry"][0]["fullUrl"] == (
        "http://localhost/demo/fhir/Observation/clearly-low-afp"
    )


def test_search_without_a_match_is_an_empty_bundle(client: FlaskClient) -> None:
    """A search that finds nothing says so without an empty member."""
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    assert client.get("/demo/fhir/Procedure?patient=clearly-low").json == bundle
    assert client.get("/demo/fhir/Condition?patient=nobody").json == bundle


def test_what_the_endpoint_cannot_do_is_an_outcome(client: FlaskClient) -> None:
    """An unknown resource or search parameter is answered with an OperationOutcome in words."""
    missing = client.get("/demo/fhir/Patient/nobody")
    assert missing.status_code == 404
    assert missing.json is not None
    assert missing.json["issue"][0]["details"]["text"] == (
        "No synthetic patient has this resource."
    )
    unknown = client.get("/demo/fhir/Condition?patient=clearly-low&onset=2026")
    assert unknown.status_code == 400
    assert unknown.json is not None
    assert "searches by patient and code" in unknown.json["issue"][0]["details"]["text"]


def test_every_prefetch_template_is_answered(client: FlaskClient) -> None:
    """The demo's endpoint fills every template that the service publishes."""
    discovery = client.get("/cds-services").json
    assert discovery is not None
    templates = {
        template for service in discovery["services"] for template in service["prefetch"].values()
    }
    for template in templates:
        path = template.replace("{{context.patientId}}", "mvi-present")
        response = client.get(f"/demo/fhir/{path}")
        assert response.status_code == 200, path[:60]


def test_markdown_keeps_html_as_text(client: FlaskClient) -> None:
    """Text from a record cannot become markup, and a table's alignment needs no inline style."""
    sent = "a <img src=x onerror=alert(1)> [b](javascript:alert(1))\n\n| n |\n|---:|\n| 26-49 % |\n"
    html = client.post("/demo/markdown", data=sent.encode()).text
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "style=" not in html
    assert '<td class="number">26-49 %</td>' in html
    assert html == render_markdown(sent)


def test_page_data_is_json(client: FlaskClient) -> None:
    """The orders that the script drafts reach it as data, not as code."""
    page = client.get("/demo?patient=clearly-low").text
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page)
    assert found is not None
    data = json.loads(found.group(1))
    assert data["patientId"] == "clearly-low"
    assert data["orders"]["resection"]["resource"]["status"] == "draft"
    assert data["orders"]["nivolumab"]["resource"]["resourceType"] == "MedicationRequest"
