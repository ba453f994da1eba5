"""Model cards: 31 source attributes for every model, each made from the model's own file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.early_recurrence_score import early_recurrence_score
from models.hyperprogressive_disease import hyperprogressive_disease
from models.liver_function import albi, child_pugh
from models.lung_metastasis import lung_metastasis
from models.model_card import ModelCard, model_card
from models.registry import MODELS, PARAMETERS
from models.staging import bclc_2022
from models.tumour_burden import afp_model, tumour_burden_score

RULED = (
    afp_model(),
    albi(),
    bclc_2022(),
    child_pugh(),
    early_recurrence_score(),
    hyperprogressive_disease(),
    lung_metastasis(),
    tumour_burden_score(),
)
CARDS = {
    name: model_card(model, PARAMETERS[name])
    for name, model in MODELS.items()
    if name in PARAMETERS
}
CARDS |= {model.rules.model_id: model_card(model, model.rules) for model in RULED}


def _text(card: ModelCard, number: int) -> str:
    return next(entry.text for entry in card.attributes if entry.number == number)


@pytest.mark.parametrize("model_id", sorted(CARDS))
def test_every_model_answers_all_31_attributes(model_id: str) -> None:
    """Each attribute of the rule has a text that is a sentence."""
    card = CARDS[model_id]
    assert [entry.number for entry in card.attributes] == list(range(1, 32))
    for entry in card.attributes:
        assert entry.text.endswith("."), entry
        assert "{" not in entry.text


def test_fairness_is_counts_and_a_verdict() -> None:
    """The groups stand with their events and the words that they are too few to judge."""
    card = CARDS["hpr_preoperative"]
    assert card.groups == (
        "women: 30, 7 with the event",
        "HBsAg-negative: 18, 2 with the event",
        "65 years or older: 31, 8 with the event",
        "too few to judge performance in these groups",
    )
    assert "30, 7 with the event" in _text(card, 22)


def test_external_performance_is_only_what_was_external() -> None:
    """The metastasis score has an external check, the re-estimated model has none."""
    assert "four of nine factors 0.714" in _text(CARDS["distant_metastasis"], 23)
    assert _text(CARDS["distant_metastasis"], 18) == "The hcc-cds developers."
    assert _text(CARDS["hpr_preoperative"], 23) == "None."
    assert "AUC, apparent 0.806" in _text(CARDS["hpr_preoperative"], 21)


def test_coefficients_carry_effect_status_and_source() -> None:
    """A coefficient stands with the printed hazard ratio it is the logarithm of."""
    line = next(
        entry
        for entry in CARDS["distant_metastasis"].coefficients
        if entry.label == "macrovascular invasion"
    )
    assert (line.value, line.status) == ("1.236053", "published")
    assert line.effect == "hazard ratio 3.442 (2.639 to 4.489)"
    assert line.source.startswith("Wang M. et al.")


def test_bands_and_cuts_are_written_out() -> None:
    """A point table is listed band by band, a checklist cut by cut."""
    labels = [entry.label for entry in CARDS["early_recurrence_score"].coefficients]
    assert labels[:3] == ["AFP, below 10", "AFP, up to 100", "AFP, beyond 100"]
    flags = [entry.label for entry in CARDS["hyperprogressive_disease"].coefficients]
    assert flags[0] == "NLR: NLR above 4.125, nivolumab cohort"


def test_hpd_takes_age_and_sex_as_inputs_and_says_so() -> None:
    """The demographic inputs of a model are named from its needs."""
    assert "date of birth (as age), sex" in _text(CARDS["hyperprogressive_disease"], 12)
    assert _text(CARDS["albi"], 12).startswith("Used: clinical values")


def test_what_is_common_stands_once() -> None:
    """The attribute file has 31 entries, each with either a text or the part that fills it."""
    path = Path("models/cards/source_attributes.json")
    entries = json.loads(path.read_text(encoding="utf-8"))["attributes"]
    assert [("text" in entry) + ("part" in entry) for entry in entries] == [1] * 31
