"""What a site's run can answer of TRIPOD+AI, from its own figures."""

from __future__ import annotations

from models.additive_model import AdditiveModel
from models.outcome import whole_percent
from models.validation.site_analysis import EVENTS_FOR_VALIDATION, SiteAnalysis

__all__ = ["tripod_answers"]

_OBJECTIVE = {
    "validate": "Evaluation of an existing model on this site's patients.",
    "recalibrate": "Evaluation and updating (recalibration) of an existing model.",
    "refit": "Evaluation of an existing model, and development of a new one with the same terms.",
}


def tripod_answers(
    *,
    model: AdditiveModel,
    analysis: SiteAnalysis,
    site: str,
    cohort_sha256: str,
    draws: int,
    seed: int,
    command: str,
    shrinkage: float | None,
) -> dict[str, str]:
    """Return the answers by the key of their item."""
    parameters, flow = model.parameters, analysis.flow
    terms = ", ".join(term.label for term in parameters.terms)
    rate = whole_percent(analysis.outcome.rate)
    own_rate = whole_percent(parameters.population.events / parameters.population.n)
    updating = _updating(command, shrinkage)
    return {
        "title": f"{parameters.title}: {_OBJECTIVE[command][0].lower()}{_OBJECTIVE[command][1:]}",
        "abstract": "Section In short.",
        "context": f"{parameters.purpose} Basis: {parameters.status_line}.",
        "purpose": f"{parameters.purpose} Users: qualified HCC teams.",
        "inequalities": "Not studied by this program. Section Groups gives counts by sex, hepatitis B and age.",
        "objective": _OBJECTIVE[command],
        "source": f"One file of {site}, SHA-256 {cohort_sha256}. How patients came into it is for the site to state.",
        "dates": f"Longest follow-up {analysis.longest_months:.0f} months. Calendar dates are for the site to state.",
        "eligibility": "Left out, with counts: see section Patients.",
        "preparation": "Read as recorded in canonical units; categories by name; nothing transformed, filled or dropped silently.",
        "outcome": f"{parameters.outcome.event}, within {analysis.horizon_months} months. {parameters.outcome.definition}. How it was looked for is for the site to state.",
        "predictors": f"Those of the model: {terms}.",
        "predictor_definitions": "As documented for each column; cuts are those of the parameter file. Timing is for the site to state.",
        "sample_size": f"All rows of the file; {analysis.events} events. Fewer than {EVENTS_FOR_VALIDATION} are refused unless overridden.",
        "missing": f"Never filled. {whole_percent(flow.incomplete_share)} % of applicable patients have an unknown input; complete cases only in point measures, widths of ranges reported.",
        "use_of_data": "All complete patients for evaluation; the same patients for any fit, with optimism reported." if command != "validate" else "All complete patients for evaluation; nothing was fitted to them.",
        "predictor_handling": f"As in the parameter file: {parameters.equation}",
        "building": updating,
        "clusters": "One site: not applicable.",
        "measures": f"AUC, Harrell's C, calibration intercept, slope, flexible curve, integrated calibration index, Brier score, net benefit; {draws} bootstrap samples, seed {seed}.",
        "updating": updating,
        "computation": f"By the evaluator that serves a patient, from the parameter file with content hash {parameters.content_hash}.",
        "imbalance": "Nothing was done about class imbalance; none is needed for probabilities.",
        "fairness": f"Counts per group; figures from {EVENTS_FOR_VALIDATION} events on, else too few to judge.",
        "output": f"Probability within {analysis.horizon_months} months, and a class: {parameters.classes.method}",
        "differences": f"Event rate here {rate} %, in the model's own data {own_rate} % ({parameters.population.description}). Other differences are for the site to state.",
        "data_sharing": "The patient data stay at the site; this report holds counts and curves, no patient's values.",
        "code_sharing": "The program that made this report, hcc-cds, is open source.",
        "flow": "Section Patients.",
        "characteristics": "Not tabulated by this program beyond sections Patients and Groups; for the site to add.",
        "counts": f"{flow.complete} patients, {analysis.events} events, in every measure.",
        "specification": "The parameter file holds every number with its source." if command == "validate" else "Section The new model, and the new parameter file.",
        "performance": "Sections Discrimination and calibration, and Groups.",
        "updating_result": "Not applicable: nothing was updated." if command == "validate" else "Section The new model.",
        "interpretation": "Section In short reads the intervals. What follows for patients is for the site to judge.",
        "limitations": " ".join(["Complete cases only; one site; deaths and other recurrences count as without the event.", *parameters.limits]),
        "poor_input": "In use an unknown input gives the exact range of risks it leaves open; an implausible value is not used, with the reason.",
        "user": "A clinician sees the inputs as read, with their sources, and can correct the record; expertise in HCC is needed.",
        "next_steps": "A new validation when patients, treatment or the model change; a local fit needs patients it was not fitted to.",
    }  # fmt: skip


def _updating(command: str, shrinkage: float | None) -> str:
    if command == "validate":
        return "Not applicable: no model was built or updated."
    if command == "recalibrate":
        return "Intercept, and if asked for one factor on all slopes, by weighted maximum likelihood at the horizon."
    return (
        "All terms refitted by weighted maximum likelihood at the horizon, slopes shrunken by "
        f"{shrinkage:.3f} (bootstrap), intercept anchored to the observed rate; no term was selected."
    )
