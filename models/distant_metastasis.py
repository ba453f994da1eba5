"""Distant metastasis at first recurrence within one year of resection.

    score = sum of ln(HR) of the factors present             (Table 4 of Wang 2025)
    risk  = 1 - exp(-H0(1 year) x exp(score))                (H0 reconstructed)

Wang M. et al., BioScience Trends 2025, doi 10.5582/bst.2024.01387: 2,705 curative resections, 11 centres in China. The
coefficients are published; baseline and cuts are reconstructed from its Tables 1 and 4. Absolute
risk is overstated: deaths and intrahepatic recurrences are not accounted for.

Before the operation three factors do not exist yet (MVI, margin, transfusion). The answer is then
the points so far, without class and without risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.additive_model import AdditiveModel, needs_of
from models.forms.additive import Additive
from models.forms.tree import Leaf
from models.hyper_progression_recurrence import AFP_WINDOW_DAYS
from models.inputs import Input, Knowledge, not_yet_knowable
from models.model import Anchor, Applicability, InputNeed, Preference
from models.outcome import Outcome, PointsSoFar
from models.parameter_set import ParameterSet
from models.population import RUPTURE_WARNING, resected_hcc
from models.quantities import quantity

__all__ = ["DistantMetastasis", "distant_metastasis"]

_BEFORE = Anchor.BEFORE_OPERATION
_AFTER = Anchor.SPECIMEN_AND_COURSE
_FIRST = Preference.SPECIMEN_FIRST

_NEEDS = (
    InputNeed(quantity("macrovascular_invasion"), _BEFORE, preference=_FIRST),
    InputNeed(quantity("rupture"), _BEFORE),
    InputNeed(quantity("tumour_size_cm"), _BEFORE, preference=_FIRST),
    InputNeed(quantity("microvascular_invasion"), _AFTER),
    InputNeed(quantity("satellites"), _BEFORE, preference=_FIRST),
    InputNeed(quantity("afp_ng_ml"), _BEFORE, window_days=AFP_WINDOW_DAYS),
    InputNeed(quantity("margin_cm"), _AFTER),
    InputNeed(quantity("transfusion"), _AFTER),
    InputNeed(quantity("tumour_number"), _BEFORE, preference=_FIRST),
)


@dataclass(frozen=True)
class DistantMetastasis(AdditiveModel):
    """The score, with its state before the operation."""

    def completed(self, inputs: Mapping[str, Input]) -> dict[str, Input]:
        """Return every needed input; before the operation, what it will show is not yet knowable."""
        result = super().completed(inputs)
        resection = inputs.get("resection")
        phase = resection.value if resection is not None else None
        for need in self.needs:
            name = need.quantity.name
            if need.anchor is not _AFTER:
                continue
            if phase == "planned":
                result[name] = not_yet_knowable(need.quantity)
            elif phase == "done" and result[name].knowledge is Knowledge.NOT_YET_KNOWABLE:
                result[name] = replace(result[name], knowledge=Knowledge.UNKNOWN)
        return result

    def answer(self, inputs: Mapping[str, Input], applicability: Applicability) -> Outcome:
        """Answer with an estimate, or with the points so far."""
        waiting = tuple(
            name for name, known in inputs.items() if known.knowledge is Knowledge.NOT_YET_KNOWABLE
        )
        if waiting:
            return self._points_so_far(inputs, waiting, applicability)
        return self.estimate(inputs, applicability)

    def _points_so_far(
        self, inputs: Mapping[str, Input], waiting: tuple[str, ...], applicability: Applicability
    ) -> PointsSoFar:
        here = tuple(term for term in self.form.terms if term.quantity.name not in waiting)
        knowable = Additive(here, None, Leaf(""), self.form.points_per_unit)
        evaluated = knowable.evaluate(inputs)
        return PointsSoFar(
            provenance=self.provenance,
            event=self.parameters.outcome.event,
            points=evaluated.points,
            knowable_points=knowable.maximum_points,
            still_to_come_points=self.form.maximum_points - knowable.maximum_points,
            still_to_come=waiting,
            contributions=evaluated.contributions,
            would_settle=tuple(
                replace(item, settles_class="never") for item in evaluated.narrowings()
            ),
            assumes=applicability.unchecked,
            warnings=applicability.warnings,
        )


def distant_metastasis(parameters: ParameterSet) -> DistantMetastasis:
    """Return the model of distant metastasis at first recurrence.

    Parameters
    ----------
    parameters : ParameterSet
        The published coefficients with the reconstructed baseline, or a site's own.

    Examples
    --------
    Macrovascular invasion and a tumour above 5 cm, nothing else:

    >>> from models.inputs import exactly
    >>> from models.quantities import QUANTITIES
    >>> from models.registry import MODELS
    >>> patient = {"macrovascular_invasion": "present", "rupture": "absent", "tumour_size_cm": 8,
    ...            "microvascular_invasion": "absent", "satellites": "absent", "afp_ng_ml": 20,
    ...            "margin_cm": 2, "transfusion": "absent", "tumour_number": 1,
    ...            "resection": "done", "months_since_resection": 1}
    >>> answer = MODELS["distant_metastasis"].evaluate(
    ...     {name: exactly(QUANTITIES[name], value) for name, value in patient.items()})
    >>> f"{answer.points.lower:.1f} points, {answer.risk_class}"
    '171.8 points, intermediate'
    """
    population = (
        *resected_hcc(parameters.outcome.horizon_months, ages_known=False),
        RUPTURE_WARNING,
    )
    needs = needs_of(parameters, {need.quantity.name: need for need in _NEEDS})
    return DistantMetastasis(parameters, needs, population)
