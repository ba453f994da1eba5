"""The checklist of CDS Hooks 2.0.1: each line that is held has tests that name it, and the lines about all cards.

The cards judged here are those the application gives today on the golden requests, not the kept ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from fhir.resources.R4B.appointment import Appointment
from fhir.resources.R4B.careplan import CarePlan
from fhir.resources.R4B.servicerequest import ServiceRequest
from markdown_it import MarkdownIt

from cds_service.advice.catalogue import ADVICE
from cds_service.cards.sources import HPR_PAPER, OVERRIDE_REASONS
from cds_service.hooks.services import HOOK_VERSIONS
from models.registry import MODELS
from tests.checklist import (
    BALLOT,
    CLIENT,
    EXTRA,
    HELD,
    KIT,
    NOT_HELD,
    NOT_USED,
    REAL_CLIENTS,
    Line,
    lines_by_test,
    rendered,
)
from tests.golden.cases import CASES, Runner, runner
from tests.service.conftest import Service
from tests.service.fakes import CONDITIONS, PATIENT, hook_request
from tests.service.openapi_file import document
from tests.unit.cds_service.cards.test_follow_up import ELEMENTS_OF_4_0_1

ROOT = Path(__file__).parents[2]
CALL = "fake-order-select"
EVERY_LINE: dict[str, Line] = {**HELD, **REAL_CLIENTS, **KIT, **EXTRA, **BALLOT, **CLIENT}
PUBLISHED_HOOKS = {
    *("patient-view", "order-select", "order-sign", "order-dispatch", "appointment-book"),
    *("encounter-start", "encounter-discharge"),
}


@pytest.fixture(name="run", scope="module")
def _run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with runner(tmp_path_factory.mktemp("checklist")) as run:
        yield run


@pytest.fixture(scope="module")
def answers(run: Runner) -> list[dict[str, Any]]:
    """Return what the application answers today on every golden request."""
    kept = (case.folder / "request.json" for case in CASES)
    requests = [json.loads(path.read_text(encoding="utf-8")) for path in kept]
    return [run.response(case, sent) for case, sent in zip(CASES, requests, strict=True)]


@pytest.fixture(scope="module")
def cards(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the cards of all these answers, of every advice."""
    found = [card for answer in answers for card in answer["cards"]]
    assert len({card["source"]["topic"]["code"] for card in found}) >= 6
    assert sum("suggestions" in card for card in found) >= 10
    return found


@pytest.mark.parametrize("line", EVERY_LINE)
def test_line_that_is_held_is_proved_by_tests_that_name_it(line: str) -> None:
    """A line only holds if the tests said to prove it exist, once each, and name it."""
    assert EVERY_LINE[line].proofs
    for name in EVERY_LINE[line].proofs:
        (named,) = lines_by_test().get(name, ())
        assert line in named, f"{name} does not name {line}"


def test_every_line_is_accounted_for() -> None:
    """Lines 1 to 104, section 2, the kit and the ballot: each is held or said not to be, with its reason."""
    numbers = sorted(
        int(line[1:]) for line in (*HELD, *CLIENT, *NOT_USED) if not line.startswith("T")
    )
    assert numbers == list(range(1, 105))
    assert list(REAL_CLIENTS) == [f"S2.{number}" for number in range(1, 13)]
    kit = {
        line for line in (*KIT, *NOT_HELD, *NOT_USED) if line[0] in "RTD" or line in ("C1", "C2")
    }
    assert kit == {
        *(f"R{number}" for number in range(1, 14)),
        *(f"T{number}" for number in range(1, 9)),
        *("C1", "C2", "D1", "D2", "D3"),
    }
    ballot = {line for line in (*BALLOT, *NOT_HELD) if line.startswith("Z")}
    assert ballot == {f"Z{number}" for number in range(1, 19)}
    assert {"Z2", "Z5"} <= set(BALLOT)
    left = {line for line in NOT_HELD if not line.startswith("Z")}
    assert left == {"R13", "T6", "T7", "T8", "C1", "D1"}


def test_document_is_current() -> None:
    """docs/conformance.md is what the checklist says."""
    for path, text in rendered().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text


def _everywhere(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _everywhere(item)
    elif isinstance(value, list):
        for item in value:
            yield from _everywhere(item)


def _resources(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item["resource"] for item in _everywhere(answers) if "resource" in item]


def _hollow(value: Any, where: str) -> Iterator[str]:
    if value is None or value in ("", [], {}):
        yield where
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _hollow(item, f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _hollow(item, f"{where}[]")


def test_no_answer_has_a_null_or_an_empty_member(
    run: Runner, answers: list[dict[str, Any]]
) -> None:
    """Cards, discovery, receipts and errors: nothing null or empty but `cards` (A2, A3, X-null, X-empty)."""
    service = f"/cds-services/{CASES[0].service_id}"
    report = {"card": str(UUID(int=1)), "outcome": "overridden"}
    others = (
        run.client.get("/cds-services"),
        run.client.post(f"{service}/feedback", json={"feedback": [report]}),
        run.client.post(f"{service}/feedback", json={"feedback": []}),
        run.client.post(service, json={}),
        run.client.post(service, json={"hook": "order-select", "context": {"patientId": "p"}}),
        run.client.get("/nothing"),
    )
    found = {
        place
        for answer in (*answers, *(item.get_json() for item in others))
        for place in _hollow(answer, "")
    }
    # Some golden patients have nothing to be told, which is the one empty list that is allowed.
    assert found == {".cards"}


def test_cards_say_what_they_rest_on(cards: list[dict[str, Any]]) -> None:
    """A short label, a topic, and the https address of a model's data or rules, no icon (I58-I61)."""
    addresses = {model.provenance.source_url for model in MODELS.values()}
    for card in cards:
        source = card["source"]
        assert 0 < len(source["label"]) <= 80
        assert source["url"] in addresses
        assert urlsplit(source["url"]).scheme == "https"
        assert urlsplit(source["url"]).hostname
        assert "icon" not in source
        assert source["topic"]["code"]
        assert source["topic"]["system"]


def test_cards_offer_any_of_their_suggestions(cards: list[dict[str, Any]]) -> None:
    """Suggestions come with `any`, each a whole of one action (H54, H55, J64)."""
    for card in cards:
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert card.get("selectionBehavior", "any") == "any"
        assert all(len(item["actions"]) == 1 for item in card.get("suggestions", []))


def test_cards_offer_standard_reasons(cards: list[dict[str, Any]]) -> None:
    """Every card has the standard reasons, each a Coding with its display (H56)."""
    reasons = [item.model_dump() for item in OVERRIDE_REASONS]
    assert all(reason["display"] for reason in reasons)
    for card in cards:
        assert card["overrideReasons"] == reasons


def test_codings_have_code_and_system(answers: list[dict[str, Any]]) -> None:
    """Wherever a Coding stands, in a card or in a draft, it has code and system (S102)."""
    found = []
    for item in _everywhere(answers):
        found += [item["topic"]] if "topic" in item else []
        found += item.get("overrideReasons", []) + item.get("coding", [])
    assert len({item["code"] for item in found}) > 10
    for item in found:
        assert item["code"].strip()
        assert re.match(r"https?://\S+$", item["system"])


def test_links_are_absolute_and_lead_to_papers(cards: list[dict[str, Any]]) -> None:
    """Links are an array and lead straight to a paper, a model's page or our app (H57, L71)."""
    for card in cards:
        assert isinstance(card["links"], list)
        for link in card["links"]:
            path = urlsplit(link["url"]).path
            assert path.strip("/")
            assert link["type"] == "absolute" or path == "/app/launch"
    assert HPR_PAPER.url in {link["url"] for card in cards for link in card["links"]}


def test_details_are_markdown(cards: list[dict[str, Any]]) -> None:
    """A detail is GitHub-Flavored Markdown: rendered, no mark of it is left over as text (H51)."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tables = 0
    for card in cards:
        html = markdown.render(card["detail"])
        assert "<strong>" in html
        tables += html.count("<table>")
        text = re.sub(r"<[^>]+>", "", html)
        assert not re.search(r"\*\*|\|\s*-{3}|^#+ |^\s*[-*] ", text, flags=re.MULTILINE)
        # A table needs an empty line before it; without one its first row would be part of a sentence.
        rows = [line.startswith("|") for line in card["detail"].splitlines()]
        blocks = rows[0] + sum(row and not before for before, row in pairwise(rows))
        assert html.count("<table>") == blocks
    assert tables


def test_drafts_are_new_resources_of_r4(answers: list[dict[str, Any]]) -> None:
    """Each draft is valid in fhir.resources, has elements of 4.0.1 only and no id yet (K66, S103, X-valid)."""
    classes = {"ServiceRequest": ServiceRequest, "CarePlan": CarePlan, "Appointment": Appointment}
    resources = _resources(answers)
    assert {resource["resourceType"] for resource in resources} == set(classes)
    for resource in resources:
        kind = resource["resourceType"]
        read = classes[kind].model_validate(resource)
        assert json.loads(read.model_dump_json(exclude_none=True)) == resource
        assert set(resource) <= ELEMENTS_OF_4_0_1[kind]
        assert "id" not in resource
    actions = [item for item in _everywhere(answers) if "resource" in item]
    assert {action["type"] for action in actions} == {"create"}


def test_we_send_no_extension(run: Runner, answers: list[dict[str, Any]]) -> None:
    """No answer has an extension, so none has to be agreed on (R100)."""
    discovered = run.client.get("/cds-services").get_json()
    assert not any("extension" in item for item in _everywhere([*answers, discovered]))


def test_cards_do_not_lean_on_what_clients_ignore(answers: list[dict[str, Any]]) -> None:
    """None is recommended, launches by itself or acts, and no SMART link stands alone (S2.10)."""
    for links in (card["links"] for answer in answers for card in answer["cards"]):
        by_type = {
            kind: {link["url"] for link in links if link["type"] == kind}
            for kind in ("smart", "absolute")
        }
        assert by_type["smart"] <= by_type["absolute"]
    members = {name for item in _everywhere(answers) for name in item}
    assert (
        not {"isRecommended", "autolaunchable", "systemActions", "actionSelectionBehavior"}
        & members
    )


def test_cards_are_of_these_types(cards: list[dict[str, Any]]) -> None:
    """Some cards only create orders; none has SMART links alone or no link at all (T2, T3, T5)."""
    types = [{link["type"] for link in card["links"]} for card in cards]
    assert all(kinds in ({"absolute"}, {"absolute", "smart"}) for kinds in types)
    kinds = [
        {item["actions"][0]["resource"]["resourceType"] for item in card["suggestions"]}
        for card in cards
        if "suggestions" in card
    ]
    assert {"ServiceRequest"} in kinds


def test_hooks_are_the_published_ones() -> None:
    """No advice is on a hook of our own, which would need a reverse-domain name (S104)."""
    assert {hook for item in ADVICE for hook in item.hooks} <= PUBLISHED_HOOKS
    assert set(HOOK_VERSIONS) <= PUBLISHED_HOOKS


def _requests() -> list[tuple[str, dict[str, Any]]]:
    """Return our own requests: the golden ones and the examples of openapi.yaml that get a 200."""
    content = document()["paths"]["/cds-services/{service_id}"]["post"]["requestBody"]["content"]
    return [
        *(
            (case.service_id, json.loads((case.folder / "request.json").read_text("utf-8")))
            for case in CASES
        ),
        *(
            (name, example["value"])
            for name, example in content["application/json"]["examples"].items()
            if "-200-" in name
        ),
    ]


@pytest.mark.parametrize("sent", [pytest.param(sent, id=name) for name, sent in _requests()])
def test_our_requests_pass_the_kit(sent: dict[str, Any]) -> None:
    """The requests our tests and docs stand on are ones a real client may send (C2)."""
    assert {"hook", "hookInstance", "context"} <= set(sent)
    assert str(UUID(sent["hookInstance"])) == sent["hookInstance"]
    assert "fhirServer" in sent or "fhirAuthorization" not in sent
    context = sent["context"]
    users = ("Practitioner/", "PractitionerRole/")
    if sent["hook"] == "patient-view":
        users += ("Patient/", "RelatedPerson/")
    assert context["userId"].startswith(users)
    for name in {"patientId", "encounterId"} & set(context):
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", context[name])
    if sent["hook"] == "patient-view":
        assert "draftOrders" not in context
        return
    resources = [entry["resource"] for entry in context["draftOrders"]["entry"]]
    ids = [f"{item['resourceType']}/{item['id']}" for item in resources]
    assert ("selections" in context) == (sent["hook"] == "order-select")
    assert set(context.get("selections", ids)) <= set(ids)


def test_extensions_break_no_call(service: Service) -> None:
    """An object under `extension`, or anything else, is tolerated wherever it stands (R99, R101)."""
    odd = {"com.example.thing": {"deep": [1, None, {}]}}
    order = {"resourceType": "ServiceRequest", "id": "o", "extension": [odd], "code": odd}
    request = hook_request(
        context={
            "userId": "Practitioner/x",
            "patientId": "p1",
            "draftOrders": {"entry": [{"resource": order, "extension": odd}], "extension": odd},
            "extension": odd,
        },
        prefetch={
            "patient": {**PATIENT, "extension": [odd]},
            "conditions": {**CONDITIONS, "extension": odd},
            "extension": odd,
        },
        fhirAuthorization={"access_token": "t", "extension": odd},
        extension=odd,
    )
    plain = service.cards(CALL, hook_request())
    for value in (odd, [odd], "text", None, 5):
        found = service.cards(CALL, {**request, "extension": value})
        assert [card["summary"] for card in found] == [card["summary"] for card in plain]
        report = {
            "card": found[0]["uuid"],
            "outcome": "accepted",
            "extension": value,
            "acceptedSuggestions": [{"id": str(UUID(int=7)), "extension": value}],
        }
        body = {"feedback": [report], "extension": value}
        assert service.post(f"{CALL}/feedback", body).get_json()["recorded"] == 1


def test_override_may_come_without_reason_or_display(service: Service) -> None:
    """An override counts without a reason, and a reason without its display (N79, N80, S2.9)."""
    (card,) = service.cards(CALL, hook_request())
    reason = {
        "code": "patient-refuses",
        "system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes",
    }
    for override in ({}, {"overrideReason": {}}, {"overrideReason": {"reason": reason}}):
        report = {"card": card["uuid"], "outcome": "overridden", **override}
        receipt = service.post(f"{CALL}/feedback", {"feedback": [report]}).get_json()
        assert receipt["unknownCards"] == 0
    kept = [(item.report.outcome, item.report.reason_code) for item in service.store.feedback.all()]
    assert kept == [("overridden", ""), ("overridden", "patient-refuses")]
