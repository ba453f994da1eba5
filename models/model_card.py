"""Model cards: what stands behind a model, made from its parameter or rule file and nothing else.

The 31 source attributes are those of 45 CFR 170.315(b)(11)(iv)(B) (HTI-1). What is the same for every
model stands once in `cards/source_attributes.json`; the rest comes from the file of the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.model import Criterion, InputNeed
from models.parameter_set import (
    AxisTermParameters,
    Citation,
    Figure,
    ParameterSet,
    Performance,
    TermParameters,
)
from models.rule_set import Band, RuleSet

__all__ = ["Coefficient", "ModelCard", "SourceAttribute", "model_card"]

_ATTRIBUTES = Path(__file__).parent / "cards" / "source_attributes.json"
_DEMOGRAPHIC = {"age_years": "date of birth (as age)", "sex": "sex"}
_HEALTH = "clinical values named under the inputs (health status)"
_NONE = "None."


class Described(Protocol):
    """What a card needs of a model beside its file."""

    @property
    def needs(self) -> tuple[InputNeed, ...]:
        """Its inputs."""

    @property
    def population(self) -> tuple[Criterion, ...]:
        """Whom it was not made for."""


@dataclass(frozen=True, slots=True)
class SourceAttribute:
    """One of the 31 source attributes."""

    number: int
    group: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One number of the model with its status and the source it comes from."""

    label: str
    value: str
    effect: str
    status: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything a reader needs to judge a model."""

    model_id: str
    title: str
    version: str
    content_hash: str
    status: str
    status_line: str
    purpose: str
    equation: str
    population: str
    needs: tuple[InputNeed, ...]
    coefficients: tuple[Coefficient, ...]
    performance: tuple[Performance, ...]
    groups: tuple[str, ...]
    limits: tuple[str, ...]
    citations: tuple[Citation, ...]
    attributes: tuple[SourceAttribute, ...]


def model_card(model: Described, file: ParameterSet | RuleSet) -> ModelCard:
    """Return the card of a model from its file."""
    parts = _parts(model, file)
    document = json.loads(_ATTRIBUTES.read_text(encoding="utf-8"))
    attributes = tuple(
        SourceAttribute(
            entry["number"],
            entry["group"],
            entry["name"],
            entry.get("text") or parts[entry["part"]],
        )
        for entry in document["attributes"]
    )
    return ModelCard(
        model_id=file.model_id,
        title=file.title,
        version=file.version,
        content_hash=file.content_hash,
        status=file.status.value,
        status_line=file.status_line,
        purpose=file.purpose,
        equation=file.equation,
        population=_population(file),
        needs=model.needs,
        coefficients=tuple(_coefficients(file)),
        performance=file.performance,
        groups=_groups(file),
        limits=(
            *file.limits,
            *(caution for caution in file.cautions if caution not in file.limits),
        ),
        citations=tuple(file.citations.values()),
        attributes=attributes,
    )


def _population(file: ParameterSet | RuleSet) -> str:
    return file.population if isinstance(file, RuleSet) else file.population.description


def _included(file: ParameterSet | RuleSet) -> tuple[str, ...]:
    return () if isinstance(file, RuleSet) else file.population.included


def _groups(file: ParameterSet | RuleSet) -> tuple[str, ...]:
    if isinstance(file, RuleSet):
        return ()
    counted = [
        f"{group.name}: {group.n}, {group.events} with the event"
        for group in file.population.groups
    ]
    verdict = file.population.group_verdict
    return (*counted, verdict) if verdict else tuple(counted)


def _sentence(lines: Iterable[str]) -> str:
    kept = [line.rstrip(".") for line in lines if line]
    return ". ".join(line[0].upper() + line[1:] for line in kept) + "." if kept else _NONE


def _measure(entry: Performance) -> str:
    interval = "" if entry.lower is None else f" (95 % interval {entry.lower} to {entry.upper})"
    return f"{entry.measure} {entry.value}{interval}, {entry.data}: {entry.method}"


def _parts(model: Described, file: ParameterSet | RuleSet) -> Mapping[str, str]:
    """Return the attributes that differ between models, each from the file."""
    inside = [_measure(entry) for entry in file.performance if not entry.external]
    outside = [_measure(entry) for entry in file.performance if entry.external]
    names = {need.quantity.name for need in model.needs}
    demographic = [words for name, words in _DEMOGRAPHIC.items() if name in names]
    excluded = [criterion.reason for criterion in model.population if not criterion.warns]
    edge = [criterion.reason for criterion in model.population if criterion.warns]
    groups = _groups(file)
    return {
        **_output(file),
        "intended_use": _sentence([file.purpose]),
        "intended_population": _sentence([*_included(file), f"read in: {_population(file)}"]),
        "out_of_scope": _sentence(["not for: " + "; ".join(excluded) if excluded else "", *edge]),
        "limits": _sentence([*file.limits, *file.cautions]),
        "inclusion": _sentence(_included(file) or ["not stated beyond: " + _population(file)]),
        "demographic_inputs": _sentence(
            ["used: " + ", ".join([*demographic, _HEALTH]), "no other of these is an input"]
        ),
        "representativeness": _sentence([_population(file), *groups]),
        "relevance": _sentence(
            [_population(file), "a site whose patients differ validates on its own cohort first"]
        ),
        "fairness": _sentence(
            [
                "groups are counted with their events, and judged only where there are enough",
                *groups,
            ]
        ),
        "groups": _sentence(groups),
        "internal_validity": _sentence(inside),
        "external_validity": _sentence(outside),
        "external_data": _sentence([entry.data for entry in file.performance if entry.external]),
        "external_party": "The hcc-cds developers." if outside else _NONE,
        "external_representativeness": _sentence(
            ["see the counts of that cohort: 227 resections, Guangdong; too few to judge any group"]
            if outside
            else []
        ),
        "external_process": _sentence(
            sorted({entry.method for entry in file.performance if entry.external})
        ),
    }


def _output(file: ParameterSet | RuleSet) -> dict[str, str]:
    if isinstance(file, ParameterSet):
        outcome = file.outcome
        return {
            "output": f"A probability ({outcome.definition}) with its ranges, points on a nomogram,"
            " and a class.",
            "output_type": "Prediction and classification.",
        }
    if file.flags:
        return {
            "output": "A list of flags or criteria, each present, absent, shown or unknown; no total.",
            "output_type": "Analysis.",
        }
    return {
        "output": _sentence([f"a score or class: {file.equation}"]),
        "output_type": "Classification.",
    }


def _coefficients(file: ParameterSet | RuleSet) -> Iterable[Coefficient]:
    if isinstance(file, ParameterSet):
        yield from _form_coefficients(file)
        for term in file.terms:
            yield from _term_coefficients(term, file)
        return
    for item in file.items:
        for number, band in enumerate(item.bands):
            yield _line(f"{item.label}, {_band_words(item.bands, number)}", band.points, file)
        for category, figure in item.categories.items():
            if figure is not None:
                yield _line(f"{item.label}, {category}", figure, file)
    for key, figure in file.constants.items():
        yield _line(key.replace("_", " "), figure, file)
    for flag in file.flags:
        if flag.cut is not None:
            yield _line(f"{flag.label}: {flag.definition}", flag.cut, file)


def _band_words(bands: tuple[Band, ...], number: int) -> str:
    end = bands[number].to
    if end is not None:
        return f"{'up to' if bands[number].to_included else 'below'} {end.value}"
    before = bands[number - 1].to
    return "any" if before is None else f"beyond {before.value}"


def _form_coefficients(file: ParameterSet) -> Iterable[Coefficient]:
    form = file.form
    if form.kind == "logistic":
        yield _line("intercept", form.intercept, file)
    elif form.kind == "cox":
        yield _line(
            "baseline cumulative hazard at the horizon", form.baseline_cumulative_hazard, file
        )
        if form.baseline_range is not None:
            yield _line(
                "lowest plausible baseline survival", form.baseline_range.survival_lower, file
            )
            yield _line(
                "highest plausible baseline survival", form.baseline_range.survival_upper, file
            )


def _term_coefficients(term: TermParameters, file: ParameterSet) -> Iterable[Coefficient]:
    if isinstance(term, AxisTermParameters):
        for mark in term.marks:
            yield _line(f"{term.label} {mark.value}", mark.points, file)
        return
    effect = (
        "" if term.effect is None else f"{term.effect.measure} {_with_interval(term.effect.ratio)}"
    )
    yield _line(term.label, term.coefficient, file, effect)


def _with_interval(figure: Figure) -> str:
    if figure.lower is None or figure.upper is None:
        return str(figure.value)
    return f"{figure.value} ({figure.lower} to {figure.upper})"


def _line(
    label: str, figure: Figure, file: ParameterSet | RuleSet, effect: str = ""
) -> Coefficient:
    source = file.citations[figure.source].text
    return Coefficient(
        label, _with_interval(figure), effect, figure.status.value, source, figure.note
    )
