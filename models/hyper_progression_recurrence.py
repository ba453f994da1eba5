"""Recurrence within 4 months of resection, standing in for hyper-progression recurrence (HPR).

`hpr_preoperative` uses what can be known before the operation, `hpr_postoperative` adds what the
specimen and the index stay show. Both are logistic:

    risk = 1 / (1 + exp(-(intercept + sum of terms)))

Re-estimated on a public cohort of 227 resections (Li L. et al., PLoS One 2014;9(10):e110064, doi
10.1371/journal.pone.0110064), because the published nomogram of HPR (Qi L. et al., Cancer Biol Med
2025, doi 10.20892/j.issn.2095-3941.2024.0514) prints neither coefficients nor points. A site that
has them writes one parameter file, and the same classes take it.

HPR (a recurrence after surgery) is not HPD (progression under immunotherapy).
"""

from __future__ import annotations

from collections.abc import Iterable

from models.additive_model import AdditiveModel, needs_of
from models.model import Anchor, InputNeed, Preference
from models.parameter_set import ParameterSet
from models.population import resected_hcc
from models.quantities import quantity

__all__ = ["AFP_WINDOW_DAYS", "hpr_postoperative", "hpr_preoperative"]

AFP_WINDOW_DAYS = 90
"""[d] How old the AFP may be at the operation. Ours, no source; a site may set it."""


def _before(name: str, preference: Preference = Preference.NONE) -> InputNeed:
    return InputNeed(quantity(name), Anchor.BEFORE_OPERATION, preference=preference)


def _after(name: str) -> InputNeed:
    return InputNeed(quantity(name), Anchor.SPECIMEN_AND_COURSE)


def _chosen(parameters: ParameterSet, needs: Iterable[InputNeed]) -> tuple[InputNeed, ...]:
    return needs_of(parameters, {need.quantity.name: need for need in needs})


_AGE = _before("age_years")
_AFP = InputNeed(quantity("afp_ng_ml"), Anchor.BEFORE_OPERATION, window_days=AFP_WINDOW_DAYS)
_TUMOUR = ("tumour_size_cm", "tumour_number", "macrovascular_invasion", "capsule")
_COURSE = ("microvascular_invasion", "ki67_percent", "complication")


def hpr_preoperative(parameters: ParameterSet) -> AdditiveModel:
    """Return the model that uses what can be known before the operation.

    Its tumour is the one on the last imaging before the operation, also when it is computed
    afterwards: it then says what could be known when the operation was decided.

    Parameters
    ----------
    parameters : ParameterSet
        The re-estimated file, or a site's file with the published nomogram.

    Examples
    --------
    AFP, size, number and vascular invasion at age 50 with a capsule (evidence: about 26 to 60 %):

    >>> from models.inputs import exactly
    >>> from models.quantities import QUANTITIES
    >>> from models.registry import MODELS
    >>> patient = {"age_years": 50, "afp_ng_ml": 600, "tumour_size_cm": 8, "tumour_number": 2,
    ...            "macrovascular_invasion": "present", "capsule": "present",
    ...            "resection": "planned"}
    >>> answer = MODELS["hpr_preoperative"].evaluate(
    ...     {name: exactly(QUANTITIES[name], value) for name, value in patient.items()})
    >>> f"{answer.risk.lower:.3f} {answer.risk_class}"
    '0.416 high'
    >>> f"{answer.confidence_interval.lower:.2f} to {answer.confidence_interval.upper:.2f}"
    '0.26 to 0.60'
    """
    needs = (_AGE, _AFP, *(_before(name, Preference.IMAGING_ONLY) for name in _TUMOUR))
    return AdditiveModel(
        parameters, _chosen(parameters, needs), resected_hcc(parameters.outcome.horizon_months)
    )


def hpr_postoperative(parameters: ParameterSet) -> AdditiveModel:
    """Return the model that adds what the specimen and the index stay show.

    Three of its terms are borrowed from other studies, with other endpoints and not adjusted for
    each other. Its tumour is the one in the specimen, or on imaging where the specimen is silent.

    Parameters
    ----------
    parameters : ParameterSet
        The re-estimated file, or a site's file with the published nomogram.
    """
    tumour = (_before(name, Preference.SPECIMEN_FIRST) for name in _TUMOUR)
    needs = (_AGE, _AFP, *tumour, *(_after(name) for name in _COURSE))
    population = resected_hcc(parameters.outcome.horizon_months, only_after_operation=True)
    return AdditiveModel(parameters, _chosen(parameters, needs), population)
