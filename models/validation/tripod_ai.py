"""TRIPOD+AI, item by item, answered from what a validation computed.

Collins G.S. et al., BMJ 2024;385:e078378, doi 10.1136/bmj-2023-078378: 27 items in 52 parts. The
numbers and topics below follow public summaries of the checklist; its own wording could not be
read, so every topic is a paraphrase. What only the site can say is asked for, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CHECKLIST", "NOTE", "SITE_ANSWERS", "Item", "answers"]

NOTE = (
    "Numbers and topics follow TRIPOD+AI (Collins et al., BMJ 2024;385:e078378). Topics are "
    "paraphrased from public summaries; the official wording was not read. Check a manuscript "
    "against the official checklist."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One part of one item: its number, its topic in our words, and who answers it."""

    number: str
    topic: str
    key: str
    """The name of the answer, shared by parts that one sentence answers."""


_SITE = "site"
SITE_ANSWERS = "For the site to state; this program cannot know it."

CHECKLIST: tuple[Item, ...] = (
    Item("1", "title: development or evaluation, population, outcome", "title"),
    Item("2", "abstract: structured summary", "abstract"),
    Item("3a", "health context, rationale, existing models", "context"),
    Item("3b", "target population, purpose in the pathway, users", "purpose"),
    Item("3c", "known inequalities between groups", "inequalities"),
    Item("4", "objectives: development, evaluation or both", "objective"),
    Item("5a", "sources of the data, representativeness", "source"),
    Item("5b", "dates of the data, end of follow-up", "dates"),
    Item("6a", "setting, number and place of centres", _SITE),
    Item("6b", "eligibility", "eligibility"),
    Item("6c", "treatments received", _SITE),
    Item("7", "preparation of the data", "preparation"),
    Item("8a", "outcome, its horizon, how it was assessed", "outcome"),
    Item("8b", "outcome assessors, where judgement is needed", _SITE),
    Item("8c", "blinding of the outcome assessment", _SITE),
    Item("9a", "choice of predictors", "predictors"),
    Item("9b", "definition of predictors, how and when measured", "predictor_definitions"),
    Item("9c", "predictor assessors, where judgement is needed", _SITE),
    Item("10", "sample size", "sample_size"),
    Item("11", "missing data", "missing"),
    Item("12a", "how the data were used", "use_of_data"),
    Item("12b", "how predictors were handled", "predictor_handling"),
    Item("12c", "type of model, building, internal validation", "building"),
    Item("12d", "heterogeneity between clusters", "clusters"),
    Item("12e", "measures of performance", "measures"),
    Item("12f", "updating of the model", "updating"),
    Item("12g", "how predictions were computed", "computation"),
    Item("13", "class imbalance", "imbalance"),
    Item("14", "fairness", "fairness"),
    Item("15", "output of the model", "output"),
    Item("16", "differences between development and evaluation data", "differences"),
    Item("17", "ethics approval and consent", _SITE),
    Item("18a", "funding", _SITE),
    Item("18b", "conflicts of interest", _SITE),
    Item("18c", "protocol", _SITE),
    Item("18d", "registration", _SITE),
    Item("18e", "sharing of data", "data_sharing"),
    Item("18f", "sharing of code", "code_sharing"),
    Item("19", "patient and public involvement", _SITE),
    Item("20a", "flow of participants, with and without the outcome", "flow"),
    Item("20b", "characteristics of participants", "characteristics"),
    Item("20c", "comparison with the development data", "differences"),
    Item("21", "participants and events in each analysis", "counts"),
    Item("22", "the full model", "specification"),
    Item("23a", "performance with intervals, in groups too", "performance"),
    Item("23b", "heterogeneity of performance between clusters", "clusters"),
    Item("24", "result of updating", "updating_result"),
    Item("25", "interpretation, fairness included", "interpretation"),
    Item("26", "limitations", "limitations"),
    Item("27a", "poor or missing input in use", "poor_input"),
    Item("27b", "interaction and expertise the user needs", "user"),
    Item("27c", "next steps", "next_steps"),
)


def answers(given: Mapping[str, str]) -> tuple[tuple[Item, str], ...]:
    """Return every part with its answer.

    Raises
    ------
    KeyError
        If a part that the program answers has no answer.
    """
    return tuple(
        (item, SITE_ANSWERS if item.key == _SITE else given[item.key]) for item in CHECKLIST
    )
