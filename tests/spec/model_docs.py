"""Renders docs/models/<id>.md from the parameter file and the worked examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.parameter_forms import class_leaves
from models.parameter_set import (
    AxisTermParameters,
    ClassLeaf,
    ClassSplit,
    CoxParameters,
    Figure,
    LogisticParameters,
    ParameterSet,
    TermParameters,
)
from models.quantities import Quantity, quantity
from models.registry import MODELS, PARAMETERS
from tests.spec.model_tables import read_sections

FOLDER = Path("docs/models")
_UNITS = {"1": "", "a": " years", "mo": " months"}

__all__ = ["rendered"]


def rendered() -> dict[Path, str]:
    """Return every page as it should be, by its path from the root."""
    return {
        FOLDER / f"{model_id}.md": "\n".join(_page(parameters)).rstrip() + "\n"
        for model_id, parameters in PARAMETERS.items()
    }


def _page(parameters: ParameterSet) -> Iterator[str]:
    yield f"# {parameters.title}"
    yield ""
    yield (
        f"`{parameters.model_id}` {parameters.version}, status **{parameters.status}**: "
        f"{parameters.status_line}."
    )
    yield ""
    yield f"Content hash `{parameters.content_hash}`. Rendered from the parameter file; do not edit."
    yield ""
    yield f"**Purpose.** {parameters.purpose}"
    yield ""
    yield from _outcome(parameters)
    yield from _population(parameters)
    yield from _inputs(parameters)
    yield from _coefficients(parameters)
    yield from _classes(parameters)
    yield from _interval(parameters)
    yield from _performance(parameters)
    yield from _list("Limits", parameters.limits)
    yield from _list("Cautions shown with every result", parameters.cautions)
    yield from _applicability(parameters.model_id)
    yield from _examples(parameters.model_id)
    yield from _sources(parameters)


def _unit(known: Quantity) -> str:
    return _UNITS.get(known.unit, f" {known.unit}")


def _table(header: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _list(title: str, items: tuple[str, ...]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    for item in items:
        yield f"- {item}"
    yield ""


def _figure(figure: Figure) -> str:
    interval = "" if figure.lower is None else f" ({figure.lower} to {figure.upper})"
    return f"{figure.value}{interval}"


def _outcome(parameters: ParameterSet) -> Iterator[str]:
    outcome = parameters.outcome
    stands_in = f" It stands in for {outcome.stands_in_for}." if outcome.stands_in_for else ""
    yield (
        f"**Outcome.** {outcome.event.capitalize()}, horizon {outcome.horizon_months} months: "
        f"{outcome.definition}.{stands_in}"
    )
    yield ""
    yield f"**Equation.** `{parameters.equation}`"
    yield ""


def _population(parameters: ParameterSet) -> Iterator[str]:
    population = parameters.population
    yield "## Population behind the numbers"
    yield ""
    yield f"{population.description}; {population.events} events in {population.n} patients."
    yield ""
    if population.included:
        yield "Included: " + "; ".join(population.included) + "."
        yield ""
    if population.groups:
        rows = [[group.name, str(group.n), str(group.events)] for group in population.groups]
        yield from _table(["group", "patients", "events"], rows)
    yield f"Fairness: {population.group_verdict}."
    yield ""


def _inputs(parameters: ParameterSet) -> Iterator[str]:
    yield "## Inputs"
    yield ""
    rows = []
    for need in MODELS[parameters.model_id].needs:
        known = need.quantity
        window = f"{need.window_days} days" if need.window_days else ""
        preference = "" if need.preference.value == "none" else need.preference.value
        possible = (
            f"{known.lower} to {known.upper}{_unit(known)}"
            if known.is_number
            else ", ".join(known.categories)
        )
        rows.append(
            [f"`{known.name}`", known.meaning, possible, need.anchor.value, window, preference]
        )
    header = ["input", "meaning", "possible values (range ours)", "anchor", "window", "read from"]
    yield from _table(header, rows)


def _counts(term: TermParameters) -> str:
    if term.kind == "linear":
        return f"per {term.per.value}{_unit(quantity(term.input))}, centred at {term.centre.value}"
    if term.kind == "levels":
        return "; ".join(
            f"{name} = {' or '.join(str(value) for value in values)}"
            for name, values in term.levels.items()
        )
    if isinstance(term, AxisTermParameters):
        return "; ".join(f"{mark.value} = {mark.points.value} points" for mark in term.marks)
    return f"1 if {term.kind} {term.cut.value}{_unit(quantity(term.input))}, else 0 (strict)"


def _coefficients(parameters: ParameterSet) -> Iterator[str]:
    yield "## Coefficients"
    yield ""
    form = MODELS[parameters.model_id].form  # type: ignore[attr-defined] # additive models only
    rows = []
    for term, built in zip(parameters.terms, form.terms, strict=True):
        if isinstance(term, AxisTermParameters):
            continue
        effect = term.effect
        shown = f"{effect.measure} {_figure(effect.ratio)}, {effect.endpoint}" if effect else ""
        coefficient = term.coefficient
        rows.append(
            [
                term.label,
                _counts(term),
                _figure(coefficient),
                f"{form.term_maximum_points(built):.1f}",
                shown,
                str(coefficient.status),
                f"{coefficient.source}: {coefficient.note}",
            ]
        )
    header = [
        "term",
        "counts",
        "coefficient",
        "points, at most",
        "effect it comes from",
        "status",
        "source",
    ]
    yield from _table(header, rows)
    yield f"Points: {parameters.points.anchor} ({_figure(parameters.points.score_of_100_points)} of the score)."
    yield ""
    yield from _baseline(parameters)


def _baseline(parameters: ParameterSet) -> Iterator[str]:
    form = parameters.form
    if isinstance(form, LogisticParameters):
        yield f"Intercept {_figure(form.intercept)} ({form.intercept.status}): {form.intercept.note}."
    if isinstance(form, CoxParameters):
        hazard = form.baseline_cumulative_hazard
        yield f"Baseline cumulative hazard {_figure(hazard)} ({hazard.status}): {hazard.note}."
        if form.beyond_data_points is not None and form.beyond_data_risk is not None:
            yield ""
            yield (
                f"Above {form.beyond_data_points.value} points ({form.beyond_data_points.note}) only "
                f'"over {form.beyond_data_risk.value * 100:.0f} %" is said.'
            )
    yield ""


def _classes(parameters: ParameterSet) -> Iterator[str]:
    yield "## Classes"
    yield ""
    yield parameters.classes.method
    yield ""
    yield "```text"
    yield from _tree(parameters.classes.tree, 0)
    yield "```"
    yield ""
    leaves = class_leaves(parameters.classes.tree)
    if any(leaf.observed for leaf in leaves):
        rows = [
            [leaf.risk_class, f"{leaf.events} / {leaf.n}", _figure(leaf.observed)]
            for leaf in leaves
            if leaf.observed is not None
        ]
        yield from _table(["class", "events / patients", "observed (95 % interval)"], rows)
    if any(leaf.share for leaf in leaves):
        rows = [
            [leaf.risk_class, _figure(leaf.share), _figure(leaf.mean_risk)]
            for leaf in leaves
            if leaf.share is not None and leaf.mean_risk is not None
        ]
        yield from _table(["class", "share of patients", "mean risk"], rows)
    yield parameters.classes.caveat
    yield ""


def _tree(node: ClassSplit | ClassLeaf, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(node, ClassLeaf):
        yield f"{indent}{node.risk_class}"
        return
    if node.cut is None:
        below, above = "otherwise", f"{node.on} in {', '.join(node.categories)}"
    elif node.cut_goes == "above":
        below, above = f"{node.on} below {node.cut.value}", f"{node.on} {node.cut.value} or more"
    else:
        below, above = f"{node.on} up to {node.cut.value}", f"{node.on} above {node.cut.value}"
    p_value = f" (p = {node.p_value.value})" if node.p_value is not None else ""
    yield f"{indent}{below}{p_value}:"
    yield from _tree(node.below, depth + 1)
    yield f"{indent}{above}:"
    yield from _tree(node.above, depth + 1)


def _interval(parameters: ParameterSet) -> Iterator[str]:
    yield "## Ranges"
    yield ""
    yield "Because an input is unknown: exact, the lowest and highest risk over all it may be."
    yield ""
    if parameters.draws is not None:
        yield f"95 % confidence interval: {parameters.draws.method}; seed {parameters.draws.seed}."
    else:
        yield parameters.no_interval_because
    if isinstance(parameters.form, CoxParameters) and parameters.form.baseline_range is not None:
        yield ""
        yield f"Reconstruction range: {parameters.form.baseline_range.method}."
    yield ""


def _performance(parameters: ParameterSet) -> Iterator[str]:
    yield "## Performance"
    yield ""
    if not parameters.performance:
        yield "None could be measured: no cohort with all inputs could be read."
        yield ""
        return
    rows = [
        [
            item.measure,
            f"{item.value}" + ("" if item.lower is None else f" ({item.lower} to {item.upper})"),
            item.data,
            item.method,
            str(item.status),
        ]
        for item in parameters.performance
    ]
    yield from _table(["measure", "value (95 % interval)", "data", "method", "status"], rows)


def _applicability(model_id: str) -> Iterator[str]:
    population = MODELS[model_id].population
    excluded = tuple(dict.fromkeys(item.reason for item in population if not item.warns))
    warned = tuple(item.reason for item in population if item.warns)
    yield from _list("Not applicable", excluded)
    yield from _list("Computed with a warning", warned)


def _examples(model_id: str) -> Iterator[str]:
    yield "## Worked examples"
    yield ""
    yield (
        'Left what is known of a patient, right what the model answers. A dash is "not recorded", '
        "`>25` and `<500` are values as a laboratory sends them, `4.8 or 5.3` are records that disagree. "
        "Every row is a test."
    )
    yield ""
    for section in read_sections(model_id):
        yield f"### {section.title}"
        yield ""
        yield section.sentence
        yield ""
        yield (
            "In all rows: "
            + ", ".join(f"{name} {cell}" for name, cell in section.given.items())
            + "."
        )
        yield ""
        header, *rows = ([cell.strip() for cell in _cells(line)] for line in section.lines)
        yield from _table(header, rows)


def _cells(line: str) -> list[str]:
    return line.replace("||", "|").split("|")


def _sources(parameters: ParameterSet) -> Iterator[str]:
    yield "## Sources"
    yield ""
    for key, citation in parameters.citations.items():
        link = f" <{citation.url}>" if citation.url else ""
        yield f"- **{key}** ({citation.read}): {citation.text}{link}"
    yield ""
