"""What no card may say or send: the evidence's limits, the conformance kit's rules, hostile records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from markdown_it import MarkdownIt

from cds_service.advice.catalogue import ADVICE
from cds_service.advice.consultation import Consultation, Proposal
from cds_service.cards.detail import INTENDED_USE
from cds_service.guideline_profile import PROFILE_NAMES, GuidelineProfile, load_profile
from cds_service.wire import to_json
from fhir_mapping.findings import Evidence, Finding, Rejected, Selected
from fhir_mapping.orders import OrderKind
from fhir_mapping.patient_record import IndexOperation
from models.inputs import exactly, unknown
from models.quantities import QUANTITIES, quantity
from models.registry import MODELS
from tests.spec.card_scenarios import SCENARIOS
from tests.unit.cds_service.consultations import (
    DONE,
    PLANNED,
    Record,
    after_surgery,
    before_surgery,
    in_care,
    known,
)

# evidence.md section 6 ("Never on a card"), section 1 (no interval of the paper's AUC) and its words
# that are reserved for the published tree.
FORBIDDEN = (
    "94 %",
    "0.94",
    "AUC",
    "2.98",
    "2.981",
    "1.544",
    "prolong",
    "should receive",
    "is recommended",
    "we recommend",
    "very high risk",
    "very low risk",
    "very low class",
    "HPR probability",
    "critical",
    "hyperprogressive recurrence",
    "hyper-progression under",
    "HPD recurrence",
    "HPR flag",
    "HPD score",
    "HPD probability",
    "risk of HPD",
    "total of",
)
HOSTILE = (
    "<script>alert(1)</script>",
    "a|b|c",
    "[click](https://evil.example/x)",
    "![x](https://evil.example/x.png)",
    "`code` **bold** _em_ ~~gone~~",
    "line one\n\n# Heading\n- list\n\n| x | y |\n|---|---|",
    "https://evil.example and www.evil.example and a@evil.example",
    "&lt;img src=x onerror=alert(1)&gt;",
    "\u202eright to left\u0000 and \ufeffmark",
    "乙肝相关肝细胞癌，未见明确包膜" * 20,
    "\\",
    "ends in a backslash \\",
)


def _clinic() -> dict[str, Any]:
    """Return a record after surgery that meets every condition of a draft."""
    values = {
        "age_years": 50,
        "afp_ng_ml": 600,
        "tumour_size_cm": 8,
        "tumour_number": 1,
        "macrovascular_invasion": "absent",
        "satellites": "absent",
        "rupture": "absent",
        "microvascular_invasion": "present",
        "residual_tumour": "R0",
        "child_pugh_class": "A",
        "recurrence": "absent",
        "liver_failure": "absent",
        "bile_leak": "absent",
        "ascites": "none",
        "hbv": "present",
        "hbv_antiviral": "absent",
        "resection": "done",
        "months_since_resection": 2,
    }
    return {name: known(name, value, value=str(value)) for name, value in values.items()}


IMMUNOTHERAPY = (OrderKind.IMMUNE_CHECKPOINT_INHIBITOR,)
FLAGS = {
    name: known(name, value)
    for name, value in {
        "sex": "female",
        "nlr": "5.1",
        "ldh_times_upper_limit": "1.4",
        "haemoglobin_g_l": 101,
        "pvtt": "present",
        "metastatic_sites": 3,
        "lymph_node_metastasis": "present",
        "lung_metastasis": "present",
        "lung_foci": 4,
        "intrahepatic_control": "absent",
        "immune_checkpoint_inhibitor": "present",
        "kinase_inhibitor": "absent",
        "mycn_expression": "present",
        "hmga2_expression": "present",
    }.items()
}


def _consultations() -> Iterator[Consultation]:
    for (name, _), build in SCENARIOS.items():
        advice = next(item for item in ADVICE if item.name == name)
        yield from (build(hook) for hook in advice.hooks)
    for name in PROFILE_NAMES:
        profile = load_profile(name)
        record = Record(_clinic(), DONE)
        yield after_surgery(record=record, models=MODELS, profile=profile)
        yield after_surgery(
            "order-sign", record=record, models=MODELS, profile=profile, orders=(OrderKind.OTHER,)
        )
        planned = _clinic() | {"resection": known("resection", "planned")}
        for hook in ("order-select", "order-sign"):
            yield before_surgery(
                hook, record=Record(planned, PLANNED), models=MODELS, profile=profile, demo=True
            )
        yield from _checklists(profile)


def _checklists(profile: GuidelineProfile) -> Iterator[Consultation]:
    """Yield consultations in which every flag and criterion is present or met, and every draft offered."""
    none = IndexOperation("none")
    inputs = _clinic() | FLAGS | {"resection": known("resection", "none")}
    for weeks, orders in product((None, 6), (IMMUNOTHERAPY, (OrderKind.AFP,))):
        yield in_care(
            "order-sign",
            Record(inputs, none),
            orders,
            profile=profile,
            hpd_early_imaging_weeks=weeks,
        )
    yield in_care("patient-view", Record(inputs, none), profile=profile, demo=True)


def _proposals(consultations: Iterator[Consultation]) -> Iterator[Proposal]:
    for given in consultations:
        for advice in ADVICE:
            if given.hook in advice.hooks and _fits(advice.name, given):
                yield from advice.advise(given)


def _fits(name: str, given: Consultation) -> bool:
    """Tell whether the consultation has the models that the advice asks."""
    asked = {
        "resection-risk": "hpr_preoperative",
        "immunotherapy-hyperprogression": "hyperprogressive_disease",
        "lung-metastasis": "lung_metastasis",
    }
    return asked.get(name, "hpr_postoperative") in given.models


PROPOSALS = tuple(_proposals(_consultations()))
CARDS = tuple(to_json(item.card) for item in PROPOSALS)


def test_there_are_cards_of_every_kind() -> None:
    """The collection this file judges holds every kind of card, so that no rule passes on nothing."""
    kinds = {item.kind for item in PROPOSALS}
    assert kinds == {
        "caution-with-surgery",
        "adjuvant-therapy",
        "surveillance",
        "recurrence-found",
        "hyperprogressive-disease",
        "lung-metastasis",
        "model-not-applicable",
    }


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_no_card_holds_a_forbidden_phrase(phrase: str) -> None:
    """No rendered card contains a claim that the evidence rules out."""
    found = [card["summary"] for card in CARDS if phrase.lower() in json.dumps(card).lower()]
    assert found == []


def test_the_word_recommended_never_stands_on_a_card() -> None:
    """Outside the standard's override reasons no card recommends anything."""
    texts = [json.dumps({**card, "overrideReasons": []}).lower() for card in CARDS]
    assert [text for text in texts if "recommend" in text] == []


def test_hpr_and_hpd_share_no_card_and_no_word() -> None:
    """The HPD card names HPR once, to say that it is not it; no other card names HPD at all."""
    for proposal, card in zip(PROPOSALS, CARDS, strict=True):
        text = f"{card['summary']}\n{card['detail']}"
        if proposal.kind == "hyperprogressive-disease":
            left = text.replace("HPD (not HPR)", "").replace(
                "It is not HPR, which is a recurrence", ""
            )
            assert "HPR" not in left
            assert "recurren" not in left.replace("after surgery", "")
            assert "MYCN" not in text
        elif proposal.kind != "model-not-applicable":
            assert "HPD" not in text
            assert "yperprogress" not in text


def test_a_checklist_has_no_number_of_its_own() -> None:
    """No probability, no class and no points on the cards of flags and criteria."""
    for proposal, card in zip(PROPOSALS, CARDS, strict=True):
        if proposal.kind in ("hyperprogressive-disease", "lung-metastasis"):
            assert card["indicator"] == "info"
            body = card["detail"].split("\n\n_")[0]
            assert not re.search(r"\d points|Class:|[Rr]isk", body)


def test_the_papers_nomogram_is_linked_and_never_the_source() -> None:
    """Qi 2025 is a link that says what it is not; no card's source is that paper."""
    for card in CARDS:
        assert "cancer-biol" not in card["source"]["url"]
        assert "10.20892" not in card["source"]["url"]
        links = [link for link in card["links"] if "10.20892" in link["url"]]
        assert [link["label"] for link in links] in (
            [],
            ["HPR paper (its nomogram is not what is computed here)"],
        )


def test_every_card_ends_with_the_intended_use() -> None:
    """The foot of every detail is the intended-use line; the demo says that patients are synthetic."""
    for card in CARDS:
        assert card["detail"].endswith(f"{INTENDED_USE}_")
    demo = [card["detail"] for card in CARDS if "Synthetic patients" in card["detail"]]
    assert demo
    assert all(
        "_Synthetic patients. Not for clinical use. Not a medical device" in text for text in demo
    )


def test_every_postoperative_number_says_what_it_is_counted_from() -> None:
    """Summary and detail of a card after surgery name the date of the operation."""
    for proposal, card in zip(PROPOSALS, CARDS, strict=True):
        if proposal.kind in ("adjuvant-therapy", "surveillance") and "%" in card["detail"]:
            numbers = [
                line for line in card["detail"].splitlines() if line.startswith(("**Rec", "**Dis"))
            ]
            for line in numbers:
                if "not applicable" not in line and "Discuss" not in line:
                    assert "counted from 202" in line
            assert "from 202" in card["summary"] or "since 202" in card["summary"]


@pytest.mark.parametrize("card", CARDS, ids=[card["summary"][:40] for card in CARDS])
def test_a_card_follows_the_conformance_kit(card: dict[str, Any]) -> None:
    """Each card passes rules R2 to R12 of the public test kit; it is an external reference (T1)."""
    assert 0 < len(card["summary"]) < 140
    assert "\n" not in card["summary"]
    assert card["indicator"] in ("info", "warning")
    assert card["source"]["label"].startswith("hcc-cds")
    assert {"code", "system", "display"} <= card["source"]["topic"].keys()
    _assert_nothing_empty(card)
    if "suggestions" in card:
        assert card["selectionBehavior"] == "any"
    for reason in card["overrideReasons"]:
        assert reason.keys() == {"code", "system", "display"}
    assert card["links"]
    for link in card["links"]:
        assert link["type"] == "absolute"
        assert "appContext" not in link
        assert urlsplit(link["url"]).scheme == "https"
        assert urlsplit(link["url"]).netloc
    assert len(card["detail"]) < 16_000


def test_every_suggestion_creates_one_valid_draft_and_none_is_preselected() -> None:
    """A suggestion is one create of a ServiceRequest that is a draft proposal, valid in FHIR R4."""
    requests = []
    for card in CARDS:
        for suggestion in card.get("suggestions", ()):
            assert "isRecommended" not in suggestion
            (action,) = suggestion["actions"]
            assert action["type"] == "create"
            # A plan and a visit are judged where they are made (test_follow_up).
            if action["resource"]["resourceType"] == "ServiceRequest":
                requests.append(action["resource"])
            else:
                assert action["resource"]["resourceType"] in ("CarePlan", "Appointment")
    assert {code["coding"][0]["code"] for code in (item["code"] for item in requests)} == {
        "tumour-board-referral",
        "adjuvant-tace",
        "adjuvant-haic",
        "42275-8",
        "1834-1",
    }
    for request in requests:
        assert (request["status"], request["intent"]) == ("draft", "proposal")
        # Elements of ServiceRequest 4.0.1; fhir.resources checks their types.
        assert set(request) <= {
            "resourceType", "status", "intent", "code", "subject", "reasonReference",
            "occurrenceTiming",
        }  # fmt: skip
        assert ServiceRequest.model_validate(request).subject.reference == "Patient/p-1"


def test_a_card_of_a_model_that_does_not_apply_has_no_number_and_no_suggestion() -> None:
    """The card "Model not applicable" carries the reason, no risk and no draft."""
    for proposal, card in zip(PROPOSALS, CARDS, strict=True):
        if proposal.kind == "model-not-applicable":
            assert "suggestions" not in card
            body = card["detail"].removesuffix(f"_{INTENDED_USE}_")
            assert not re.search(r"\d+ %|points", body)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_record_stays_text(text: str) -> None:
    """From a record the rendered detail gets no link, image, script or code (S2.8, X-html, Z10)."""
    evidence = Evidence(text, text, text, text, text, text, text, text)
    finding = Finding("afp_ng_ml", exactly(quantity("afp_ng_ml"), 600), evidence)
    inputs = {
        name: Selected(unknown(item, text), (finding,), (Rejected(name, evidence, text),))
        for name, item in QUANTITIES.items()
    } | {"resection": known("resection", "planned")}
    record = Record(inputs, PLANNED, rejected=(Rejected(text, evidence, text),))
    benign = Record({"resection": known("resection", "planned")}, PLANNED)
    (card,) = ADVICE[0].advise(before_surgery(record=record, models=MODELS))
    (other,) = ADVICE[0].advise(before_surgery(record=benign, models=MODELS))

    shape = _tags(card.card.detail or "")
    plain = _tags(other.card.detail or "")

    assert shape - {"ul", "li"} <= plain | {"ul", "li"}
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", card.card.detail or "")
    assert "<" not in card.card.summary
    assert len(card.card.summary) < 140
    rows = [line for line in (card.card.detail or "").splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}


def _tags(detail: str) -> set[str]:
    """Return the tags of the detail rendered as a client renders it, raw HTML included."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    html = markdown.render(detail)
    assert "evil.example" not in "".join(re.findall(r'(?:href|src)="[^"]*"', html))
    return set(re.findall(r"<(\w+)", html))


def _assert_nothing_empty(value: Any) -> None:
    if isinstance(value, dict):
        assert value
        for item in value.values():
            _assert_nothing_empty(item)
    elif isinstance(value, list):
        assert value
        for item in value:
            _assert_nothing_empty(item)
    else:
        assert value is not None
        assert value != ""


def test_the_profile_changes_words_and_drafts_and_never_a_risk() -> None:
    """The same patient has the same numbers and class under every profile."""
    record = Record(_clinic(), DONE)
    first_lines = set()
    labels = {}
    for name in PROFILE_NAMES:
        given = after_surgery(record=record, models=MODELS, profile=load_profile(name))
        (proposal,) = ADVICE[1].advise(given)
        first_lines.add((proposal.card.detail or "").split("\n\n")[0] + proposal.card.summary)
        labels[name] = [item.label for item in proposal.card.suggestions or ()]
    assert len(first_lines) == 1
    assert labels == {
        "local": ["Draft tumour-board referral"],
        "CNLC": [
            "Draft tumour-board referral",
            "Draft adjuvant TACE for the tumour board",
            "Draft adjuvant HAIC for the tumour board",
        ],
        "AASLD": ["Draft tumour-board referral"],
    }


def test_order_select_and_order_sign_rest_on_the_same_basis() -> None:
    """The basis is the same on both hooks, so that the second does not repeat the first."""
    record = Record(_clinic() | {"resection": known("resection", "planned")}, PLANNED)
    given = before_surgery("order-select", record=record, models=MODELS)
    (select,) = ADVICE[0].advise(given)
    (sign,) = ADVICE[0].advise(replace(given, hook="order-sign"))
    assert select.basis == sign.basis
    assert json.loads(select.basis)["models"]["hpr_preoperative"]["class"] == [
        "intermediate",
        "high",
    ]


DRAFT_NAMES = {
    "Draft tumour-board referral": "tumour-board referral",
    "Draft adjuvant TACE for the tumour board": "TACE",
    "Draft adjuvant HAIC for the tumour board": "HAIC",
    "Draft CT of chest and abdomen": "CT of chest and abdomen",
    "Draft AFP": "AFP",
    "Draft follow-up plan": "follow-up plan",
    "Draft follow-up visit": "follow-up visit",
    "Draft baseline CT of chest and abdomen": "baseline CT of chest and abdomen",
    "Draft early CT of chest and abdomen": "early CT of chest and abdomen",
}


def test_the_drafts_of_each_card_are_those_of_the_docs() -> None:
    """docs/cards.md lists for each card exactly the drafts that the code offers somewhere."""
    text = (Path(__file__).parents[2] / "docs" / "cards.md").read_text(encoding="utf-8")
    rows = text.split("| card | draft |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    told = {tuple(cell.strip() for cell in row.strip("|").split("|")[:2]) for row in rows}
    offered = {
        (item.kind, DRAFT_NAMES[suggestion.label])
        for item in PROPOSALS
        for suggestion in item.card.suggestions or ()
    }
    assert offered | {("model-not-applicable", "none")} == told
