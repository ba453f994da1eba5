"""A new parameter file of status `local`, made of a model's file and a local fit.

Everything the fit did not touch is kept with its source; every number of the fit carries the status
`local` and the source "local", whose text holds sample size, events and date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from models.additive_model import AdditiveModel, class_leaves
from models.derivation.document import as_text, figure, rounded
from models.forms.cox import Cox
from models.forms.logistic import Logistic
from models.parameter_set import ClassLeaf, ClassSplit, ParameterSet, parse_parameters
from models.validation.horizon import FloatArray
from models.validation.local_fit import LocalFit, Scale
from models.validation.local_words import (
    LocalSource,
    cautions,
    citation,
    definition,
    fitted_on,
    limits,
)
from models.validation.metrics import Estimate, wilson_interval
from models.validation.plots import ClassBar
from models.validation.site_analysis import EVENTS_FOR_VALIDATION

__all__ = [
    "APPARENT_AUC",
    "local_document",
    "local_text",
    "moved_cuts",
    "scale_of",
    "start_of",
]

APPARENT_AUC = "AUC, apparent"
_LOCAL = "local"
_DECIMALS = 4

Document = dict[str, Any]


def scale_of(parameters: ParameterSet) -> Scale | None:
    """Return the scale a model can be fitted on, None for a printed nomogram."""
    kinds: Mapping[str, Scale] = {"logistic": "logit", "cox": "complementary log-log"}
    return kinds.get(parameters.form.kind)


def start_of(model: AdditiveModel) -> FloatArray:
    """Return intercept and slopes of a model as it is, on the scale of its link."""
    link = model.form.link
    if isinstance(link, Logistic):
        intercept = link.intercept
    elif isinstance(link, Cox):
        intercept = float(np.log(link.baseline_cumulative_hazard))
    else:
        raise TypeError("a printed nomogram has no intercept and slopes")
    return np.array([intercept, *(float(term.coefficient) for term in model.form.terms)])


def moved_cuts(model: AdditiveModel, fit: LocalFit, design: FloatArray) -> dict[float, float]:
    """Return where each cut on the score goes.

    With a recalibration it moves with the slopes. With a refit it keeps the share of this cohort
    below it, half-way between neighbouring scores.
    """
    cuts = [float(cut) for cut in _cuts_on_score(model.parameters.classes.tree)]
    if fit.multiplier is not None:
        return {cut: fit.multiplier * cut for cut in cuts}
    before = design @ start_of(model)[1:]
    after = np.sort(design @ fit.slopes)
    moved = {}
    for cut in cuts:
        below = int((before < cut).sum())
        neighbours = after[max(below - 1, 0)], after[min(below, len(after) - 1)]
        moved[cut] = float(np.mean(neighbours))
    return moved


def _cuts_on_score(node: ClassSplit | ClassLeaf) -> list[Decimal]:
    if isinstance(node, ClassLeaf):
        return []
    own = [node.cut.value] if node.on == "score" and node.cut is not None else []
    return [*own, *_cuts_on_score(node.below), *_cuts_on_score(node.above)]


def local_text(
    model: AdditiveModel,
    fit: LocalFit,
    source: LocalSource,
    *,
    bars: Sequence[ClassBar],
    score_cuts: Mapping[float, float],
    performance: Mapping[str, Estimate],
) -> str:
    """Return the text of the file, checked against the schema.

    Raises
    ------
    ParameterFileError
        If it does not meet the schema (then it is not written).
    """
    text = as_text(
        local_document(
            model, fit, source, bars=bars, score_cuts=score_cuts, performance=performance
        )
    )
    parse_parameters(text, "local parameter file")
    return text


def local_document(
    model: AdditiveModel,
    fit: LocalFit,
    source: LocalSource,
    *,
    bars: Sequence[ClassBar],
    score_cuts: Mapping[float, float],
    performance: Mapping[str, Estimate],
) -> Document:
    """Return the members of the file."""
    old = model.parameters
    document: Document = _plain(old.model_dump(mode="python", exclude={"content_hash"}))
    said = fitted_on(source)
    document.update(
        version=f"{old.version.split('+')[0]}+local.{source.on:%Y%m%d}",
        status=_LOCAL,
        status_line=f"local: {said} ({source.site})",
        source_label=f"{source.site}, {said}",
        source_url=source.report_url,
        citations={**document["citations"], _LOCAL: citation(source)},
        form=_form(document["form"], fit),
        terms=_terms(document["terms"], fit),
        outcome={**document["outcome"], "definition": definition(old)},
        points=_points(document["points"], model, fit),
        performance=[_performance(name, found, said) for name, found in performance.items()],
        draws=_draws(old, fit),
        no_interval_because=_no_interval(old),
    )
    refitted = fit.multiplier is None
    if refitted:
        document["population"] = _population(source)
    if fit.auc_optimism is not None:
        document["performance"].append(_corrected_auc(fit.auc_optimism, performance, said))
    names = [leaf.risk_class for leaf in class_leaves(old.classes.tree)]
    told = [
        bar for bar in bars if names.count(bar.label) == 1
    ]  # a class of several leaves: no count
    document["classes"] = {
        **document["classes"],
        "caveat": f"Rates are those of the cohort the file was {source.how} on, so they are optimistic.",
        "tree": _tree(document["classes"]["tree"], told, score_cuts),
    }
    document["cautions"] = cautions(old, source, refitted=refitted)
    document["limits"] = limits(old, refitted=refitted)
    return document


def _plain(value: Any) -> Any:
    """Return the dump of a parameter set as JSON members: numbers, texts, lists."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if hasattr(value, "as_integer_ratio") and not isinstance(value, bool | int | float):
        return int(value) if value == int(value) else float(value)
    return str(value) if isinstance(value, str) else value


def _figure(value: float, note: str = "", **limits: float) -> Document:
    more: dict[str, float | str] = {**limits, **({"note": note} if note else {})}
    return figure(rounded(value, _DECIMALS), _LOCAL, _LOCAL, **more)


def _form(form: Document, fit: LocalFit) -> Document:
    if form["kind"] == "logistic":
        return {"kind": "logistic", "intercept": _figure(fit.intercept)}
    # baseline range and limit of the data belong to the reconstruction that is now replaced
    hazard = float(np.exp(fit.intercept))
    return {
        "kind": "cox",
        "baseline_cumulative_hazard": figure(rounded(hazard, 8), _LOCAL, _LOCAL),
    }


def _points(points: Document, model: AdditiveModel, fit: LocalFit) -> Document:
    """Keep the axes where all slopes moved together; else let the widest term have 100 points."""
    old = float(points["score_of_100_points"]["value"])
    if fit.multiplier is not None:
        return {**points, "score_of_100_points": _figure(fit.multiplier * old)}
    spans = [
        abs(slope) * float(abs(term.top - term.reference))
        for term, slope in zip(model.form.terms, fit.slopes, strict=True)
    ]
    widest = int(np.argmax(spans))
    return {
        "score_of_100_points": _figure(spans[widest]),
        "anchor": f"100 points are the whole axis of {model.form.terms[widest].quantity.label}",
    }


def _draws(old: ParameterSet, fit: LocalFit) -> Document | None:
    """Return the draws of a logistic form; for other forms the file gives no interval."""
    if old.form.kind != "logistic":
        return None
    what = "refits, each shrunken and anchored" if fit.multiplier is None else "recalibrations"
    return {
        "method": f"percentiles 2.5 and 97.5 of {len(fit.draws)} bootstrap {what}",
        "seed": fit.seed,
        "columns": ["intercept", *(term.input for term in old.terms)],
        "rows": [[rounded(float(value), _DECIMALS) for value in row] for row in fit.draws],
    }


def _no_interval(old: ParameterSet) -> str:
    if old.form.kind == "logistic":
        return ""
    return (
        "Confidence intervals are read from draws on the log odds, which this form does not have."
    )


def _performance(measure: str, found: Estimate, said: str) -> Document:
    document: Document = {
        "measure": measure,
        "value": rounded(found.value, 3),
        "data": f"the cohort it was fitted to: {said}",
        "method": "95 % percentile bootstrap interval; apparent, so optimistic",
        "status": _LOCAL,
        "source": _LOCAL,
    }
    if np.isfinite([found.lower, found.upper]).all():
        document |= {"lower": rounded(found.lower, 3), "upper": rounded(found.upper, 3)}
    return document


def _corrected_auc(optimism: float, apparent: Mapping[str, Estimate], said: str) -> Document:
    return {
        "measure": "AUC, corrected for optimism",
        "value": rounded(apparent[APPARENT_AUC].value - optimism, 3),
        "data": f"the cohort it was fitted to: {said}",
        "method": "apparent minus the mean optimism of the bootstrap refits",
        "status": _LOCAL,
        "source": _LOCAL,
    }


def _population(source: LocalSource) -> Document:
    groups = [
        {"name": name, "n": patients, "events": events, "source": _LOCAL}
        for name, patients, events in source.groups
    ]
    few = [name for name, _, events in source.groups if events < EVENTS_FOR_VALIDATION]
    verdict = f"too few to judge performance: {', '.join(few)}" if few else ""
    return {
        "description": f"{source.patients} resections of HCC at {source.site}",
        "n": source.patients,
        "events": source.events,
        "groups": groups,
        "group_verdict": verdict,
        "source": _LOCAL,
    }


def _tree(node: Document, bars: Sequence[ClassBar], score_cuts: Mapping[float, float]) -> Document:
    if "risk_class" in node:
        return _leaf(node["risk_class"], bars)
    branches = {side: _tree(node[side], bars, score_cuts) for side in ("below", "above")}
    kept = {name: value for name, value in node.items() if name != "p_value"}
    if node["on"] == "score":
        cut = score_cuts[float(node["cut"]["value"])]
        kept["cut"] = _figure(cut, "moved with the slopes, or to the same share of this cohort")
    return {**kept, **branches}


def _leaf(risk_class: str, bars: Sequence[ClassBar]) -> Document:
    """Return a class with what was seen in it; a class nobody was in has no numbers."""
    for bar in bars:
        if bar.label == risk_class:
            lower, upper = wilson_interval(bar.events, bar.patients)
            leaf: Document = {
                "risk_class": risk_class,
                "n": bar.patients,
                "events": bar.events,
                "observed": _figure(
                    bar.rate,
                    "95 % Wilson interval",
                    lower=rounded(lower, _DECIMALS),
                    upper=rounded(upper, _DECIMALS),
                ),
            }
            if bar.mean_risk is not None:
                leaf["mean_risk"] = _figure(bar.mean_risk)
            return leaf
    return {"risk_class": risk_class}


def _terms(terms: Sequence[Document], fit: LocalFit) -> list[Document]:
    """Return the terms with their new coefficients; a refitted one no longer rests on its source."""
    found = []
    for term, slope in zip(terms, fit.slopes, strict=True):
        kept = {name: value for name, value in term.items() if name != "effect"}
        if fit.multiplier is not None and "effect" in term:
            kept["effect"] = term["effect"]
        note = f"{term['coefficient']['value']} before"
        found.append({**kept, "coefficient": _figure(float(slope), note)})
    return found
