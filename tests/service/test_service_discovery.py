"""Discovery: what is offered, and what it would like to be sent."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from cds_service.advice.catalogue import ADVICE
from cds_service.app import create_app, store_of
from cds_service.conformance import check_discovery
from cds_service.hooks.services import discovery, services_of
from cds_service.hooks.templates import OBSERVATION_CONCEPTS, prefetch_templates
from cds_service.settings import Settings
from cds_service.wire import to_json
from fhir_mapping.codes import Codes
from tests.service.conftest import Service
from tests.service.fakes import FakeAdvice, hook_request
from tests.service.openapi_file import response_violations

TEMPLATES = prefetch_templates(Codes.shipped())


def test_discovery_lists_one_service_per_advice_and_hook(service: Service) -> None:
    """Discovery answers 200 with every service: hook, id, title, description, prefetch (B5-B11, D2, D3)."""
    response = service.get("/cds-services")
    assert response_violations("/cds-services", "get", response) == []
    assert response.status_code == 200
    assert check_discovery(response.get_json()) == ()
    assert [(entry["hook"], entry["id"]) for entry in response.get_json()["services"]] == [
        ("order-select", "fake-order-select"),
        ("order-sign", "fake-order-sign"),
        ("patient-view", "fake-patient-view"),
    ]
    for entry in response.get_json()["services"]:
        assert entry["title"] == "Fake advice"
        assert entry["description"] == "Says what a test tells it to."
        assert list(entry["prefetch"]) == ["patient", "conditions", "procedures", "observations"]


def test_no_id_appears_twice() -> None:
    """Ids are unique: the reference client overwrites one that repeats (B12, S2.7)."""
    services = services_of(ADVICE, TEMPLATES)
    listed = [entry.id for entry in discovery(services).services]
    assert len(listed) == len(set(listed)) == sum(len(advice.hooks) for advice in ADVICE)


def test_final_ids_are_offered() -> None:
    """The ids of this version are public addresses: they stay, and are safe in a URL (B13)."""
    ids = set(services_of(ADVICE, TEMPLATES))
    assert all(re.fullmatch(r"[a-z0-9-]+", item) for item in ids)
    assert ids == {
        "resection-risk-order-select",
        "resection-risk-order-sign",
        "after-resection-patient-view",
        "after-resection-order-select",
        "after-resection-order-sign",
        "surveillance-patient-view",
        "immunotherapy-hyperprogression-order-select",
        "immunotherapy-hyperprogression-order-sign",
        "lung-metastasis-patient-view",
    }


def test_every_listed_service_answers_at_its_id(service: Service) -> None:
    """Each id of discovery is called by POST at its path, and by nothing else (B13, C14)."""
    listed = service.get("/cds-services").get_json()["services"]
    assert len(listed) == 3
    for entry in listed:
        assert service.post(entry["id"], hook_request(entry["hook"])).status_code == 200
        assert service.get(f"/cds-services/{entry['id']}").status_code == 405


def test_discovery_serves_the_templates(tmp_path: Path) -> None:
    """The application's own discovery has each key's template, as judged here (B10, D20)."""
    app = create_app(Settings.from_environment({"HCC_CDS_STATE": str(tmp_path)}, demo=True))
    entries = app.test_client().get("/cds-services").get_json()["services"]
    store_of(app).close()
    assert entries
    for entry in entries:
        assert entry["prefetch"]
        assert entry["prefetch"] == {key: TEMPLATES[key] for key in entry["prefetch"]}


def test_without_an_advice_the_list_is_empty() -> None:
    """A service that offers nothing answers with an empty array (A3, B7)."""
    assert to_json(discovery(services_of((), TEMPLATES))) == {"services": []}


def test_advice_that_needs_no_data_has_no_prefetch() -> None:
    """An advice that asks for nothing has an entry without prefetch, not with an empty one (A3)."""
    bare = FakeAdvice(required_keys=(), optional_keys=())
    for entry in to_json(discovery(services_of((bare,), TEMPLATES)))["services"]:
        assert set(entry) == {"hook", "id", "title", "description"}


@pytest.mark.parametrize("key", TEMPLATES)
def test_template_stays_in_the_query_subset(key: str) -> None:
    """A template is a read or a type-level search by equality with one token (D21-D26, S2.6)."""
    template = TEMPLATES[key]
    assert re.findall(r"\{\{[^}]*\}\}", template) == ["{{context.patientId}}"]
    if key == "patient":
        assert template == "Patient/{{context.patientId}}"
        return
    kind, query = template.split("?")
    assert re.fullmatch(r"[A-Z][A-Za-z]+", kind)
    names = [name for name, _ in parse_qsl(query, strict_parsing=True)]
    # Each parameter once: clients collapse a repeated one into a comma list.
    assert names in (["patient"], ["patient", "code"])


def test_observation_template_asks_for_every_concept_that_is_read() -> None:
    """The tokens are system|code pairs of shipped value sets, none twice."""
    tokens = TEMPLATES["observations"].split("&code=")[1].split(",")
    assert len(tokens) == len(set(tokens)) >= len(OBSERVATION_CONCEPTS)
    assert all(re.fullmatch(r"https?://[^|,&\s]+\|[^|,&\s]+", token) for token in tokens)
    assert "http://loinc.org|1834-1" in tokens


def test_every_key_of_an_advice_has_a_template() -> None:
    """An advice cannot ask for a key that no template fills."""
    with pytest.raises(KeyError, match="coverage"):
        services_of([FakeAdvice(optional_keys=("coverage",))], TEMPLATES)
