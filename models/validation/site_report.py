"""The report of a site's validation, recalibration or refit: what was seen, in words and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from models.additive_model import AdditiveModel
from models.outcome import Status, whole_percent
from models.validation.cohort import Cohort
from models.validation.decision_curve import ALL
from models.validation.local_fit import LocalFit
from models.validation.metrics import Estimate
from models.validation.page import (
    Section,
    definition_list,
    figure,
    fingerprint,
    note,
    page,
    paragraph,
    table,
)
from models.validation.plots import calibration_plot, class_plot, decision_plot
from models.validation.site_analysis import EVENTS_FOR_VALIDATION, SiteAnalysis
from models.validation.site_answers import tripod_answers
from models.validation.tripod_ai import NOTE, answers

__all__ = [
    "LocalResult",
    "Report",
    "Run",
    "build_report",
    "reading_of_mean",
    "reading_of_slope",
    "report_id",
]

_NAMES = {
    "auc": ("AUC at the horizon", "0.5 is a coin, 1 perfect"),
    "harrell_c": ("Harrell's C, whole follow-up", "0.5 is a coin, 1 perfect"),
    "calibration_intercept": ("Calibration intercept", "0 is right; above 0: risks too low"),
    "calibration_slope": ("Calibration slope", "1 is right; below 1: risks too extreme"),
    "observed_to_expected": ("Observed to expected", "1 is right; above 1: risks too low"),
    "integrated_calibration_index": ("Integrated calibration index", "0 is best"),
    "brier": ("Brier score", "0 is best"),
    "scaled_brier": ("Scaled Brier score", "1 is best, 0 no use"),
}


@dataclass(frozen=True)
class Run:
    """One run of a command: who, when, on what, with which options."""

    command: str
    site: str
    on: date
    model: AdditiveModel
    cohort: Cohort
    draws: int
    seed: int
    overridden: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LocalResult:
    """A local fit with its figures on the patients it was fitted to."""

    fit: LocalFit
    after: SiteAnalysis
    old: tuple[float, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A finished report: its id, its page, and the record a site's approval refers to."""

    id: str
    html: str
    record: Mapping[str, Any] = field(default_factory=dict)


def report_id(run: Run, analysis: SiteAnalysis, local: LocalResult | None) -> str:
    """Return the id: command, model, date, and the start of the SHA-256 of the results."""
    short = fingerprint(_results(run, analysis, local))[:8]
    return f"{run.command}-{run.model.provenance.model_id}-{run.on:%Y%m%d}-{short}"


def build_report(
    run: Run,
    analysis: SiteAnalysis,
    local: LocalResult | None = None,
    *,
    new_hash: str = "",
    new_file: str = "",
) -> Report:
    """Return the report; with a local fit it holds the new model beside the old."""
    number = report_id(run, analysis, local)
    results = {**_results(run, analysis, local), "report_id": number}
    shown = new_hash or run.model.provenance.content_hash
    record = {
        "report_id": number,
        "model_id": run.model.provenance.model_id,
        "model_content_hash": shown,
        "command": run.command,
        "site": run.site,
        "date": run.on.isoformat(),
        "patients": analysis.flow.complete,
        "events": analysis.events,
        "overridden": list(run.overridden),
    }
    sections = [
        Section("In short", _short(run, analysis, local)),
        Section("What was held against what", _identity(run, number, new_hash, new_file)),
        Section("Patients", _patients(analysis)),
        *([Section("The new model", _new_model(local))] if local else []),
        Section("Discrimination and calibration", _measures(analysis, local)),
        Section("Calibration, drawn", _calibration(analysis, local)),
        Section("Classes", _classes(analysis, local)),
        Section("Net benefit", _decision(analysis, local)),
        Section("Groups", _groups(analysis, local)),
        Section("TRIPOD+AI", _tripod(run, analysis, local)),
        Section("Approval", _approval(number, shown)),
    ]
    title = f"{_TITLES[run.command]}: {run.model.provenance.title}"
    lead = f"{run.site}, {run.on.isoformat()}. Report {number}."
    html = page(title, lead, sections, results=results)
    return Report(number, html, record)


_TITLES = {"validate": "Validation", "recalibrate": "Recalibration", "refit": "Refit"}


def _results(run: Run, analysis: SiteAnalysis, local: LocalResult | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "command": run.command,
        "site": run.site,
        "date": run.on.isoformat(),
        "model_id": run.model.provenance.model_id,
        "model_content_hash": run.model.provenance.content_hash,
        "cohort_sha256": run.cohort.sha256,
        "draws": run.draws,
        "seed": run.seed,
        "overridden": list(run.overridden),
        "horizon_months": analysis.horizon_months,
        "patients_in_file": analysis.flow.in_file,
        "patients_applicable": analysis.flow.applicable,
        "patients_complete": analysis.flow.complete,
        "events": analysis.events,
        "lost_before_horizon": analysis.outcome.lost,
        "measures": _numbers(analysis.measures),
    }
    if local:
        found["fit"] = {
            "intercept": round(local.fit.intercept, 6),
            "slopes": [round(float(slope), 6) for slope in local.fit.slopes],
            "multiplier": local.fit.multiplier,
            "shrinkage": local.fit.shrinkage,
            "measures": _numbers(local.after.measures),
        }
    return found


def _numbers(measures: Mapping[str, Estimate]) -> dict[str, list[float | None]]:
    return {
        name: [_finite(value) for value in (found.value, found.lower, found.upper)]
        for name, found in measures.items()
    }


def _finite(value: float) -> float | None:
    return round(value, 6) if np.isfinite(value) else None


def _short(run: Run, analysis: SiteAnalysis, local: LocalResult | None) -> str:
    flow, measures = analysis.flow, analysis.measures
    counts = (
        f"{flow.in_file} patients in the file: {flow.outside} outside the model's population, "
        f"{flow.applicable - flow.complete} with an input that is not known, {flow.complete} complete "
        f"with {analysis.events} events within {analysis.horizon_months} months."
    )
    as_it_was = "The model as it was: " if local else ""
    lines = [
        counts,
        f"{as_it_was}AUC {_said(measures['auc'])}.",
        f"{as_it_was}{reading_of_mean(measures['observed_to_expected'])}",
        f"{as_it_was}{reading_of_slope(measures['calibration_slope'])}",
    ]
    if local:
        lines.append(_fit_reading(run, local))
    warning = ""
    if run.overridden:
        warning = note(
            "Refused, and overridden by whoever ran it",
            "; ".join(run.overridden) + ". Do not rest an approval on these figures alone.",
            warning=True,
        )
    warning += "".join(note("Keep in mind", remark) for remark in run.remarks)
    return warning + "".join(paragraph(line) for line in lines)


def reading_of_mean(found: Estimate) -> str:
    """Say in words whether the risks are right on average, as far as the interval shows."""
    value = f"Observed to expected {_said(found)}"
    if found.lower > 1:
        return f"{value}: the risks are too low on average here."
    if found.upper < 1:
        return f"{value}: the risks are too high on average here."
    return f"{value}: not shown to be off on average. Absence of a difference is no proof of a fit."


def reading_of_slope(found: Estimate) -> str:
    """Say in words whether the risks are spread as they should be, as far as the interval shows."""
    value = f"Calibration slope {_said(found)}"
    if found.upper < 1:
        return f"{value}: the risks are too extreme, high ones too high and low ones too low."
    if found.lower > 1:
        return f"{value}: the risks are too close together."
    return f"{value}: their spread is not shown to be off."


def _fit_reading(run: Run, local: LocalResult) -> str:
    if local.fit.shrinkage is not None:
        return (
            "The new model: refitted on these same patients, all slopes multiplied by "
            f"{local.fit.shrinkage:.3f} against overfitting. It has not met a patient it was not "
            "fitted to."
        )
    stretched = local.fit.multiplier is not None and abs(local.fit.multiplier - 1) > 1e-9
    how = (
        f"all slopes multiplied by {local.fit.multiplier:.3f}" if stretched else "slopes as before"
    )
    return (
        f"The new model: recalibrated on these same patients, intercept moved, {how}. "
        f"{run.site} is one site."
    )


def _identity(run: Run, number: str, new_hash: str, new_file: str) -> str:
    old = run.model.provenance
    items: list[tuple[str, object]] = [
        ("Report", number),
        ("Site", run.site),
        ("Date", run.on.isoformat()),
        ("Model", f"{old.model_id}, version {old.version}"),
        ("Status", old.status_line),
        ("Content hash of the model", old.content_hash),
        ("SHA-256 of the cohort file", run.cohort.sha256),
        ("Event", run.model.parameters.outcome.event),
        ("Horizon", f"{run.model.parameters.outcome.horizon_months} months after the index operation"),
        ("Bootstrap", f"{run.draws} samples, seed {run.seed}"),
        ("Refused and overridden", "; ".join(run.overridden) or "nothing"),
    ]  # fmt: skip
    if new_hash:
        items += [
            ("New parameter file", f"{new_file}, status {Status.LOCAL.value}"),
            ("Content hash of the new model", new_hash),
        ]
    return definition_list(items)


def _patients(analysis: SiteAnalysis) -> str:
    flow, outcome = analysis.flow, analysis.outcome
    rows: list[list[object]] = [["in the file", flow.in_file]]
    rows += [
        [f"outside the population: {reason}", count] for reason, count in flow.excluded.items()
    ]
    rows += [
        ["the model applies", flow.applicable],
        ["an input is not known: the risk is a range", flow.applicable - flow.complete],
        ["complete: in every point measure", flow.complete],
        ["event by the horizon", analysis.events],
        ["known to be without it", int(outcome.known.sum()) - analysis.events],
        ["lost before the horizon: weighted for, not counted as free", outcome.lost],
    ]
    missing = [
        [name, count, _share(count, flow.applicable)] for name, count in flow.missing.items()
    ]
    width = [
        f"Mean width of the range over all {flow.applicable}: {_points(analysis.mean_range_width)}."
    ]
    if analysis.mean_range_width_of_incomplete is not None:
        width.append(
            f"Among those with a range: {_points(analysis.mean_range_width_of_incomplete)}."
        )
    return (
        table("From the file to the figures", ["patients", "n"], rows, numbers=(1,))
        + paragraph(
            f"Nothing unknown was filled. {_percent(flow.incomplete_share)} of the patients the model "
            "applies to have a risk that is a range; they are in no point measure. If they differ "
            "from the others, the figures below do not hold for them. " + " ".join(width)
        )
        + (table("Inputs not known", ["input", "patients", "share"], missing, numbers=(1, 2)) if missing else "")
    )  # fmt: skip


def _new_model(local: LocalResult) -> str:
    fit = local.fit
    limits = np.quantile(fit.draws, [0.025, 0.975], axis=0) if len(fit.draws) else None
    values = (fit.intercept, *(float(slope) for slope in fit.slopes))
    rows = [
        [
            name,
            f"{old:.4f}",
            f"{new:.4f}",
            "" if limits is None else f"{limits[0][place]:.3f} to {limits[1][place]:.3f}",
        ]
        for place, (name, old, new) in enumerate(
            zip(("intercept", *local.names), local.old, values, strict=True)
        )
    ]
    optimism = ""
    if fit.auc_optimism is not None:
        corrected = local.after.measures["auc"].value - fit.auc_optimism
        optimism = paragraph(
            f"AUC corrected for optimism: {corrected:.3f} (apparent {local.after.measures['auc'].value:.3f})."
        )
    failed = paragraph(f"Bootstrap samples without a finite fit: {fit.failed_draws}.")
    return (
        table(
            f"On the {fit.scale} scale",
            ["term", "before", "now", "95 % bootstrap interval"],
            rows,
            numbers=(1, 2, 3),
        )
        + optimism
        + failed
    )


def _measures(analysis: SiteAnalysis, local: LocalResult | None) -> str:
    rows = []
    for name, (label, meaning) in _NAMES.items():
        row = [label, _said(analysis.measures[name])]
        if local:
            row.append(_said(local.after.measures[name]))
        rows.append([*row, meaning])
    header = ["measure", "before" if local else "value (95 %)"]
    header += ["now, apparent", "reading"] if local else ["reading"]
    caveat = ""
    if local:
        caveat = note(
            "Apparent figures",
            "The new model is measured on the patients it was fitted to; the column flatters it.",
            warning=True,
        )
    failed = max(found.failed_draws for found in analysis.measures.values())
    return (
        caveat
        + table("With 95 % bootstrap intervals", header, rows, numbers=range(1, len(header) - 1))
        + paragraph(f"Bootstrap samples in which a measure does not exist: {failed}.")
    )


def _calibration(analysis: SiteAnalysis, local: LocalResult | None) -> str:
    shown = (local.after if local else analysis).curve
    return figure(
        calibration_plot([shown], "calibration", "Observed probability against the risk given"),
        "Smoothed observed probability against the risk given. Below the line the risks are too "
        "high, above it too low. The bars count patients: where there are few, the curve says little."
        + (" The new model, on the patients it was fitted to." if local else ""),
    )


def _classes(analysis: SiteAnalysis, local: LocalResult | None) -> str:
    bars = (local.after if local else analysis).bars
    rows = [
        [
            bar.label,
            bar.events,
            bar.patients,
            f"{whole_percent(bar.rate)} % ({whole_percent(bar.lower)}-{whole_percent(bar.upper)})",
            "" if bar.mean_risk is None else f"{whole_percent(bar.mean_risk)} %",
        ]
        for bar in bars
    ]
    return table(
        "Among patients whose outcome is known",
        ["class", "events", "patients", "observed (95 % Wilson)", "mean risk given"],
        rows,
        numbers=(1, 2, 3, 4),
    ) + figure(
        class_plot(bars, "classes", "Observed probability of the event per class"),
        "Dot and line: observed, with 95 % Wilson interval. Diamond: mean risk given.",
    )


def _decision(analysis: SiteAnalysis, local: LocalResult | None) -> str:
    shown = local.after if local else analysis
    return figure(
        decision_plot(
            shown.thresholds,
            shown.net_benefit,
            "decision",
            "Net benefit of acting on the model, on everybody, on nobody",
            everybody=ALL,
            styles={"model": 0},
        ),
        "Where the model's line lies above both others, acting on it is better than acting on "
        "everybody or on nobody, if one would act from that risk on.",
    )


def _groups(analysis: SiteAnalysis, local: LocalResult | None) -> str:
    rows = [
        [
            group.name,
            group.patients,
            group.events,
            "too few to judge" if group.auc is None else _said(group.auc),
            "too few to judge"
            if group.observed_to_expected is None
            else _said(group.observed_to_expected),
        ]
        for group in analysis.groups
    ]
    if not rows:
        return paragraph("The file has no column sex or hbv, and nobody aged 65 or more.")
    return table(
        f"Judged from {EVENTS_FOR_VALIDATION} events on"
        + ("; the model as it was" if local else ""),
        ["group", "patients", "events", "AUC", "observed to expected"],
        rows,
        numbers=(1, 2, 3, 4),
    )


def _tripod(run: Run, analysis: SiteAnalysis, local: LocalResult | None) -> str:
    given = tripod_answers(
        model=run.model,
        analysis=analysis,
        site=run.site,
        cohort_sha256=run.cohort.sha256,
        draws=run.draws,
        seed=run.seed,
        command=run.command,
        shrinkage=local.fit.shrinkage if local else None,
    )
    rows = [[item.number, item.topic, answer] for item, answer in answers(given)]
    return paragraph(NOTE) + table("27 items", ["item", "topic", "answer"], rows)


def _approval(number: str, shown: str) -> str:
    return paragraph(
        f"A site's approval names this report ({number}), the SHA-256 of this file, which stands in "
        f"the record beside it and not in itself, and the content hash of the model it approves "
        f"({shown}). If any of the three differs, the approval is for something else."
    )


def _said(found: Estimate) -> str:
    if not np.isfinite([found.lower, found.upper]).all():
        return f"{found.value:.3f} (no interval)"
    return f"{found.value:.3f} ({found.lower:.3f} to {found.upper:.3f})"


def _percent(value: float) -> str:
    return f"{whole_percent(value)} %"


def _points(width: float) -> str:
    return f"{width * 100:.1f} percentage points"


def _share(part: int, whole: int) -> str:
    return _percent(part / whole) if whole else ""
