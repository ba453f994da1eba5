"""From a site's cohort to a local model: the fit, its file, and the report on both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.additive_model import AdditiveModel
from models.parameter_set import ParameterSet, parse_parameters
from models.registry import BUILDERS
from models.validation.horizon import FloatArray
from models.validation.local_fit import (
    LocalFit,
    NoFitError,
    Scale,
    few_events,
    recalibrate,
    refit,
)
from models.validation.local_parameters import (
    APPARENT_AUC,
    local_text,
    moved_cuts,
    scale_of,
    start_of,
)
from models.validation.local_words import LocalSource
from models.validation.scoring import design_matrix
from models.validation.site_analysis import (
    Patients,
    SiteAnalysis,
    TooFewEventsError,
    analyse_site,
    applicable_patients,
    too_few_for_validation,
)
from models.validation.site_report import LocalResult, Report, Run, build_report, report_id

__all__ = ["additive_model", "file_name", "fit_site"]

_HOW = {"recalibrate": "recalibrated", "refit": "refitted"}
_PERFORMANCE = {
    "auc": APPARENT_AUC,
    "harrell_c": "Harrell's C, apparent",
    "calibration_slope": "calibration slope, apparent",
    "integrated_calibration_index": "integrated calibration index, apparent",
    "scaled_brier": "scaled Brier score, apparent",
}


def additive_model(parameters: ParameterSet) -> AdditiveModel:
    """Return the model of a parameter file.

    Raises
    ------
    TypeError
        If the model is not an additive score with a risk.
    """
    model = BUILDERS[parameters.model_id](parameters)
    if not isinstance(model, AdditiveModel):
        raise TypeError(f"{parameters.model_id} gives no risk to validate")
    return model


def file_name(run: Run) -> str:
    """Return the name of the new parameter file."""
    return f"{run.model.provenance.model_id}.local.json"


def fit_site(
    run: Run,
    patients: Patients,
    *,
    with_slope: bool,
    report_url: str,
    allow_few_events: bool = False,
    progress: bool = False,
) -> tuple[Report, str]:
    """Recalibrate or refit (as the run says); return the report and the parameter file's text.

    Raises
    ------
    TooFewEventsError
        With fewer than ten events per fitted term, unless `allow_few_events`.
    NoFitError
        If the model cannot be fitted or the data do not determine it.
    """
    scale = scale_of(run.model.parameters)
    if scale is None:
        raise NoFitError("the axes of a printed nomogram cannot be fitted, only validated")
    before = _analyse(run, run.model, patients, progress=progress)
    run = _judged(run, before, with_slope=with_slope, allow_few_events=allow_few_events)
    design = design_matrix(run.model.form.terms, patients.complete_inputs)
    fit = _fit(run, patients, design, scale, with_slope=with_slope, progress=progress)
    # The file tells how the new classes fared, which is known only once the new model exists: a
    # draft of it is measured first, and the file is then written with what was measured.
    source = _source(run, before, report_url, number="draft")
    draft = _built(run, fit, design, source, before)[0]
    after = _analyse(run, draft, applicable_patients(run.cohort, draft), progress=progress)
    local = LocalResult(
        fit,
        after,
        tuple(float(value) for value in start_of(run.model)),
        tuple(term.label for term in run.model.parameters.terms),
    )
    source = replace(source, report_id=report_id(run, before, local))
    final, text = _built(run, fit, design, source, after)
    new_hash = final.provenance.content_hash
    return build_report(run, before, local, new_hash=new_hash, new_file=file_name(run)), text


def _analyse(run: Run, model: AdditiveModel, patients: Patients, *, progress: bool) -> SiteAnalysis:
    """Measure a model; fewer than 100 events are a remark here, as it is the fit that is asked for."""
    return analyse_site(
        patients, model, draws=run.draws, seed=run.seed, allow_few_events=True, progress=progress
    )


def _judged(run: Run, before: SiteAnalysis, *, with_slope: bool, allow_few_events: bool) -> Run:
    terms = len(run.model.form.terms) if run.command == "refit" else 1 + int(with_slope)
    reason = few_events(before.events, terms)
    if reason and not allow_few_events:
        raise TooFewEventsError(reason)
    remark = too_few_for_validation(before.events)
    return replace(
        run, overridden=(reason,) if reason else (), remarks=(f"{remark}.",) if remark else ()
    )


def _fit(
    run: Run,
    patients: Patients,
    design: FloatArray,
    scale: Scale,
    *,
    with_slope: bool,
    progress: bool,
) -> LocalFit:
    parameters = run.model.parameters
    follow_up, horizon = patients.complete_follow_up, parameters.outcome.horizon_months
    if run.command == "refit":
        return refit(
            design,
            follow_up,
            horizon,
            scale=scale,
            names=tuple(term.label for term in parameters.terms),
            draws=run.draws,
            seed=run.seed,
            progress="refit" if progress else None,
        )
    draws = parameters.draws
    start_draws = None if draws is None else np.array(draws.rows, dtype=float)
    return recalibrate(
        design,
        follow_up,
        horizon,
        scale=scale,
        start=start_of(run.model),
        start_draws=start_draws,
        with_slope=with_slope,
        draws=run.draws,
        seed=run.seed,
        progress="recalibration" if progress else None,
    )


def _source(run: Run, before: SiteAnalysis, report_url: str, *, number: str) -> LocalSource:
    return LocalSource(
        site=run.site,
        report_url=report_url,
        report_id=number,
        on=run.on,
        patients=before.flow.complete,
        events=before.events,
        cohort_sha256=run.cohort.sha256,
        base_hash=run.model.provenance.content_hash,
        how=_HOW[run.command],
        overridden="; ".join(run.overridden),
        groups=tuple((group.name, group.patients, group.events) for group in before.groups),
    )


def _built(
    run: Run, fit: LocalFit, design: FloatArray, source: LocalSource, seen: SiteAnalysis
) -> tuple[AdditiveModel, str]:
    text = local_text(
        run.model,
        fit,
        source,
        bars=seen.bars,
        score_cuts=moved_cuts(run.model, fit, design),
        performance={label: seen.measures[name] for name, label in _PERFORMANCE.items()},
    )
    return additive_model(parse_parameters(text, "local parameter file")), text
