"""What can be computed side by side on the public cohort, and nothing beyond it.

The HPR model was fitted on this very cohort, so its apparent figures flatter it; every figure it is
compared by is corrected for optimism by repeating the whole way of fitting (plain fit, shrinkage,
anchoring of the mean risk) in each bootstrap sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.additive_model import AdditiveModel
from models.derivation.hpr_fit import MEAN_RISK, SHRINKAGE
from models.registry import MODELS
from models.validation.decision_curve import ALL, NONE, net_benefit
from models.validation.horizon import FloatArray, FollowUp, outcome_by
from models.validation.metrics import (
    Estimate,
    area_under_curve,
    bootstrap,
    brier_score,
    calibration_curve,
    calibration_intercept,
    calibration_slope,
    harrell_c,
    integrated_calibration_index,
    scaled_brier_score,
    wilson_interval,
)
from models.validation.optimism import (
    Corrected,
    LogisticFit,
    anchored,
    correct_for_optimism,
    fit_logistic,
)
from models.validation.plots import ClassBar
from models.validation.public_cohort import PublicCohort, load_public_cohort
from models.validation.scoring import Scored, design_matrix, score_patients

__all__ = [
    "BCLC_RULE",
    "GRID",
    "HORIZONS",
    "HPR",
    "HPR_RESCALED",
    "HPR_SHIPPED",
    "METASTASIS",
    "PEERS",
    "THRESHOLDS",
    "Group",
    "PublicAnalysis",
    "additive",
    "analyse",
    "apparent_figures",
    "benefit_at",
    "class_bars",
    "fit_as_shipped",
    "groups",
]

HPR = "hpr_preoperative"
METASTASIS = "distant_metastasis"
# Months: what the HPR model was fitted to, and the later horizon of the metastasis check.
HORIZONS = (4, 12)
PEERS = ("metastasis, partial", "BCLC as recorded", "TNM as recorded")
HPR_SHIPPED = "HPR as shipped"
HPR_RESCALED = "HPR, mean risk set to this cohort"
BCLC_RULE = "BCLC as recorded: act on class 2"
THRESHOLDS: tuple[float, ...] = tuple(round(0.01 * step, 2) for step in range(1, 51))
GRID: FloatArray = np.linspace(0.02, 0.6, 30)
# The factors of the metastasis model that the cohort records, if only as classes.
_METASTASIS_FACTORS = ("macrovascular_invasion", "tumour_size_cm", "afp_ng_ml", "tumour_number")


@dataclass(frozen=True)
class Group:
    """How many of a group there are, and how many had the event."""

    name: str
    patients: int
    events: int


@dataclass(frozen=True)
class PublicAnalysis:
    """Every figure of the public validation.

    `hpr` holds the corrected figures by name; `slope_of_plain_fit` is the calibration slope before
    shrinkage, the reason for it. `net_benefit` and `curve` are corrected too.
    """

    cohort: PublicCohort
    scored: Scored
    draws: int
    hpr: Mapping[str, Corrected]
    slope_of_plain_fit: Corrected
    peers: Mapping[str, Mapping[str, Estimate]]
    peer_differences: Mapping[str, Estimate]
    bars: tuple[ClassBar, ...]
    groups: tuple[Group, ...]
    net_benefit: Mapping[str, FloatArray]


def additive(model_id: str) -> AdditiveModel:
    """Return the shipped model; both models of this validation are additive."""
    model = MODELS[model_id]
    if not isinstance(model, AdditiveModel):
        raise TypeError(f"{model_id} is not an additive model")
    return model


def peer_scores(cohort: PublicCohort) -> dict[str, FloatArray]:
    """Return what stands beside the HPR model, each a score that should rise with recurrence.

    The metastasis model is reduced to the four of its nine factors that the cohort records; AFP
    above 25 ng/mL stands in for above 400.
    """
    terms = {
        term.quantity.name: float(term.coefficient)
        for term in additive(METASTASIS).form.terms
        if term.quantity.name in _METASTASIS_FACTORS
    }
    hpr = additive(HPR).form.terms
    design = design_matrix(hpr, cohort.inputs)
    columns = {term.quantity.name: place for place, term in enumerate(hpr)}
    partial = sum(
        (beta * design[:, columns[name]] for name, beta in terms.items()), np.zeros(len(cohort))
    )
    return dict(zip(PEERS, (partial, cohort.bclc, cohort.tnm), strict=True))


def discrimination(score: FloatArray, follow_up: FollowUp) -> dict[str, float]:
    """Return AUC at both horizons and Harrell's C."""
    figures = {
        f"auc_{months}": area_under_curve(score, outcome_by(follow_up, months))
        for months in HORIZONS
    }
    return {**figures, "harrell_c": harrell_c(score, follow_up)}


def apparent_figures(cohort: PublicCohort) -> dict[str, dict[str, float]]:
    """Return the discrimination of every model on the whole cohort, without any interval."""
    scores = {HPR: score_patients(additive(HPR).form, cohort.inputs).lower, **peer_scores(cohort)}
    return {name: discrimination(score, cohort.follow_up) for name, score in scores.items()}


def class_bars(cohort: PublicCohort, scored: Scored) -> tuple[ClassBar, ...]:
    """Return how often each class of the shipped model recurred within the first horizon."""
    occurred = outcome_by(cohort.follow_up, HORIZONS[0]).occurred
    classes = np.array(scored.risk_class, dtype=object)
    bars = []
    for name in additive(HPR).form.classes:
        inside = classes == name
        patients, events = int(inside.sum()), int(occurred[inside].sum())
        lower, upper = wilson_interval(events, patients)
        mean = float(scored.lower[inside].mean())
        bars.append(ClassBar(name, events, patients, events / patients, lower, upper, mean))
    return tuple(bars)


def groups(cohort: PublicCohort) -> tuple[Group, ...]:
    """Return the counts a fairness note rests on."""
    occurred = outcome_by(cohort.follow_up, HORIZONS[0]).occurred
    members = {
        "women": cohort.women,
        "HBsAg-negative": cohort.hbsag_negative,
        "aged 65 or more": cohort.age_years >= 65,
        "under 18 (outside the model's population)": cohort.age_years < 18,
    }
    return tuple(
        Group(name, int(inside.sum()), int(occurred[inside].sum()))
        for name, inside in members.items()
    )


def analyse(*, draws: int, seed: int, progress: bool = False) -> PublicAnalysis:
    """Compute every figure; `draws` bootstrap samples each time, seeded."""
    cohort = load_public_cohort()
    model = additive(HPR)
    scored = score_patients(model.form, cohort.inputs)
    peers = peer_scores(cohort)
    design = design_matrix(model.form.terms, cohort.inputs)
    event = outcome_by(cohort.follow_up, HORIZONS[0]).occurred
    corrected = correct_for_optimism(
        design,
        event,
        _HprFigures(cohort, peers),
        fit=fit_as_shipped,
        draws=draws,
        seed=seed,
        progress="HPR, refitted" if progress else None,
    )
    plain = correct_for_optimism(
        design,
        event,
        lambda risk, rows: {
            "slope": calibration_slope(risk, outcome_by(cohort.follow_up.take(rows), HORIZONS[0]))
        },
        fit=fit_logistic,
        draws=draws,
        seed=seed,
        progress="HPR, before shrinkage" if progress else None,
    )
    rescaled = correct_for_optimism(
        design,
        event,
        lambda risk, rows: _benefits(risk, event[rows]),
        fit=fit_to_own_rate,
        draws=draws,
        seed=seed,
        progress="HPR, mean set to this cohort" if progress else None,
    )
    return PublicAnalysis(
        cohort=cohort,
        scored=scored,
        draws=draws,
        hpr=corrected,
        slope_of_plain_fit=plain["slope"],
        peers=_peer_estimates(cohort, peers, draws=draws, seed=seed, progress=progress),
        peer_differences=_peer_differences(cohort, peers, draws=draws, seed=seed),
        bars=class_bars(cohort, scored),
        groups=groups(cohort),
        net_benefit=_net_benefit(cohort, scored, corrected, rescaled),
    )


def fit_as_shipped(design: FloatArray, event: FloatArray) -> LogisticFit:
    """Go the whole way of the derivation: plain fit, shrunken slopes, anchored mean risk."""
    slopes = SHRINKAGE * fit_logistic(design, event).coefficients[1:]
    return anchored(slopes, design, MEAN_RISK)


def fit_to_own_rate(design: FloatArray, event: FloatArray) -> LogisticFit:
    """Fit and shrink as shipped, and set the mean risk to the rate of the data at hand."""
    slopes = SHRINKAGE * fit_logistic(design, event).coefficients[1:]
    return anchored(slopes, design, float(event.mean()))


@dataclass(frozen=True)
class _HprFigures:
    """Every figure of HPR risks, beside those of the peers on the same patients."""

    cohort: PublicCohort
    peers: Mapping[str, FloatArray]
    # the figures of the peers depend on the rows alone, and each sample is asked for repeatedly
    known: dict[bytes, dict[str, dict[str, float]]] = field(default_factory=dict)

    def __call__(self, risk: FloatArray, rows: NDArray[np.intp]) -> dict[str, float]:
        """Return the figures by name."""
        follow_up = self.cohort.follow_up.take(rows)
        outcome = outcome_by(follow_up, HORIZONS[0])
        figures = discrimination(risk, follow_up)
        for name, peer in self._of_peers(rows, follow_up).items():
            for measure, value in peer.items():
                figures[f"{measure} minus {name}"] = figures[measure] - value
        curve = calibration_curve(risk, outcome, GRID)
        return {
            **figures,
            "calibration_intercept": calibration_intercept(risk, outcome),
            "calibration_slope": calibration_slope(risk, outcome),
            "integrated_calibration_index": integrated_calibration_index(risk, outcome),
            "brier": brier_score(risk, outcome),
            "scaled_brier": scaled_brier_score(risk, outcome),
            **{f"curve {place}": float(value) for place, value in enumerate(curve.observed)},
            **_benefits(risk, outcome.occurred),
        }

    def _of_peers(self, rows: NDArray[np.intp], follow_up: FollowUp) -> dict[str, dict[str, float]]:
        key = rows.tobytes()
        if key not in self.known:
            self.known[key] = {
                name: discrimination(score[rows], follow_up) for name, score in self.peers.items()
            }
        return self.known[key]


def benefit_at(risk: FloatArray, occurred: FloatArray, threshold: float) -> float:
    """Return the net benefit without losses; as dcurves, which would take minutes in a bootstrap."""
    acted = risk >= threshold
    harm = threshold / (1 - threshold)
    return float(np.mean(acted * occurred) - harm * np.mean(acted * (1 - occurred)))


def _peer_estimates(
    cohort: PublicCohort,
    peers: Mapping[str, FloatArray],
    *,
    draws: int,
    seed: int,
    progress: bool,
) -> dict[str, dict[str, Estimate]]:
    def measure(name: str) -> Callable[[NDArray[np.intp]], dict[str, float]]:
        return lambda rows: discrimination(peers[name][rows], cohort.follow_up.take(rows))

    return {
        name: bootstrap(
            measure(name),
            len(cohort),
            draws=draws,
            seed=seed,
            progress=name if progress else None,
        )
        for name in peers
    }


def _peer_differences(
    cohort: PublicCohort, peers: Mapping[str, FloatArray], *, draws: int, seed: int
) -> dict[str, Estimate]:
    """How far the partial metastasis score is ahead of BCLC and TNM; neither was fitted here."""
    own = peers[PEERS[0]]

    def measure(rows: NDArray[np.intp]) -> dict[str, float]:
        follow_up = cohort.follow_up.take(rows)
        mine = discrimination(own[rows], follow_up)
        return {
            f"{key} minus {name}": mine[key] - value
            for name in PEERS[1:]
            for key, value in discrimination(peers[name][rows], follow_up).items()
        }

    return bootstrap(measure, len(cohort), draws=draws, seed=seed)


def _net_benefit(
    cohort: PublicCohort,
    scored: Scored,
    shipped: Mapping[str, Corrected],
    rescaled: Mapping[str, Corrected],
) -> dict[str, FloatArray]:
    rule = (cohort.bclc == 2).astype(float)
    by_library = net_benefit(
        {"HPR": scored.lower, "BCLC": rule}, cohort.follow_up, HORIZONS[0], THRESHOLDS
    )
    return {
        HPR_SHIPPED: _corrected_benefit(shipped),
        BCLC_RULE: by_library["BCLC"],
        HPR_RESCALED: _corrected_benefit(rescaled),
        ALL: by_library[ALL],
        NONE: by_library[NONE],
    }


def _corrected_benefit(found: Mapping[str, Corrected]) -> FloatArray:
    return np.array([found[f"net benefit {threshold}"].corrected for threshold in THRESHOLDS])


def _benefits(risk: FloatArray, occurred: FloatArray) -> dict[str, float]:
    return {
        f"net benefit {threshold}": benefit_at(risk, occurred, threshold)
        for threshold in THRESHOLDS
    }
