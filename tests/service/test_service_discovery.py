"""Discovery: what is offered, and what it would like to be sent."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest

from cds_service.advice.catalogue import ADVICE
from cds_service.conformance import check_discovery
from cds_service.hooks.services import discovery, services_of
from cds_service.hooks.templates import OBSERVATION_CONCEPTS, prefetch_templates
from cds_service.wire import to_json
from fhir_mapping.codes import Codes
from tests.service.conftest import Service
from tests.service.fakes import FakeAdvice
from tests.service.openapi_file import response_violations

TEMPLATES = prefetch_templates(Codes.shipped())


def test_discovery_lists_one_service_per_advice_and_hook(service: Service) -> None:
    """Discovery answers 200 with every service: hook, id, title, description, prefetch (B5-B13)."""
    response = service.get("/cds-services")
    assert response_violations("/cds-services", "get", response) == []
    assert check_discovery(response.get_json()) == ()
    assert [(entry["hook"], entry["id"]) for entry in response.get_json()["services"]] == [
        ("order-select", "fake-order-select"),
        ("order-sign", "fake-order-sign"),
        ("patient-view", "fake-patient-view"),
    ]
    assert list(response.get_json()["services"][0]["prefetch"]) == [
        "patient",
        "conditions",
        "procedures",
        "observations",
    ]


def test_no_id_appears_twice() -> None:
    """Ids are unique: the reference client overwrites one that repeats (B12, section 2)."""
    services = services_of(ADVICE, TEMPLATES)
    listed = [entry.id for entry in discovery(services).services]
    assert len(listed) == len(set(listed)) == sum(len(advice.hooks) for advice in ADVICE)


def test_final_ids_are_offered() -> None:
    """The ids of this version are public addresses and stay."""
    assert {
        "resection-risk-order-select",
        "resection-risk-order-sign",
        "after-resection-patient-view",
        "after-resection-order-select",
        "after-resection-order-sign",
        "surveillance-patient-view",
    } <= set(services_of(ADVICE, TEMPLATES))


def test_without_an_advice_the_list_is_empty() -> None:
    """A service that offers nothing answers with an empty array (A3, B7)."""
    assert to_json(discovery(services_of((), TEMPLATES))) == {"services": []}


@pytest.mark.parametrize("key", TEMPLATES)
def test_template_stays_in_the_query_subset(key: str) -> None:
    """A template is a read or a type-level search by equality with one token (D20-D26)."""
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
