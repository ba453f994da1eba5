"""From a parameter file to an answer: what the additive models share.

The order is fixed: applicability first, then the exact range over what is unknown, then the
interval that the finite cohort leaves, which is never merged with the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import add

from models.forms.additive import Additive, Evaluated
from models.forms.cox import Cox
from models.forms.logistic import Logistic
from models.forms.sets import remainder
from models.forms.terms import LevelTerm
from models.inputs import Input, unknown
from models.model import Applicability, Criterion, InputNeed, judge_applicability
from models.outcome import (
    ConfidenceInterval,
    NotApplicable,
    Outcome,
    Provenance,
    ReconstructionRange,
    RiskEstimate,
    Span,
)
from models.parameter_forms import class_leaves, class_note, form_of
from models.parameter_set import (
    CoxParameters,
    ParameterFileError,
    ParameterSet,
)

__all__ = ["AdditiveModel", "class_leaves", "needs_of", "percentile"]

_LOWER_SHARE, _UPPER_SHARE = 0.025, 0.975


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile of sorted numbers, straight lines between ranks.

    >>> percentile([0.0, 1.0, 2.0, 3.0], 0.5)
    1.5
    """
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def needs_of(parameters: ParameterSet, table: Mapping[str, InputNeed]) -> tuple[InputNeed, ...]:
    """Return the need of each term, from what the model may ask for.

    Raises
    ------
    ParameterFileError
        If a term is on an input that the model cannot have.
    """
    problems = tuple(
        (f"terms.{index}.input", f"{parameters.model_id} has no input '{term.input}'")
        for index, term in enumerate(parameters.terms)
        if term.input not in table
    )
    if problems:
        raise ParameterFileError(parameters.model_id, problems)
    return tuple(table[term.input] for term in parameters.terms)


@dataclass(frozen=True)
class AdditiveModel:
    """A model whose parameter file holds an additive score, a risk and classes.

    Parameters
    ----------
    parameters : ParameterSet
        The file it rests on.
    needs : tuple of InputNeed
        One per term.
    population : tuple of Criterion
        Whom it was not made for.
    """

    parameters: ParameterSet
    needs: tuple[InputNeed, ...]
    population: tuple[Criterion, ...]

    @property
    def provenance(self) -> Provenance:
        """What stands behind its numbers."""
        return self.parameters.provenance

    @property
    def term_labels(self) -> dict[str, str]:
        """What each input counts for, by input name: "AFP above 25 ng/mL"."""
        return {term.input: term.label for term in self.parameters.terms}

    @cached_property
    def form(self) -> Additive:
        """The evaluator of its parameter file."""
        return form_of(self.parameters)

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Answer for one patient; an input that is not in the mapping is unknown."""
        applicability = judge_applicability(self.population, inputs)
        if applicability.excluded:
            return NotApplicable(self.provenance, applicability.excluded)
        return self.answer(self.completed(inputs), applicability)

    def completed(self, inputs: Mapping[str, Input]) -> dict[str, Input]:
        """Return every needed input, limited to the values of people the model applies to.

        An unknown age is the age of an adult: a child would not be here.
        """
        result = {}
        for need in self.needs:
            name = need.quantity.name
            result[name] = self._applicable(inputs.get(name) or unknown(need.quantity))
        return result

    def _applicable(self, known: Input) -> Input:
        numbers = known.numbers
        for criterion in self.population:
            if criterion.quantity.name == known.quantity.name and not criterion.warns:
                for excluded in criterion.intervals:
                    numbers = remainder(numbers, excluded)
        if numbers == known.numbers:
            return known
        return Input(known.quantity, known.knowledge, numbers, reason=known.reason)

    def answer(self, inputs: Mapping[str, Input], applicability: Applicability) -> Outcome:
        """Answer for a patient the model applies to."""
        return self.estimate(inputs, applicability)

    def estimate(self, inputs: Mapping[str, Input], applicability: Applicability) -> RiskEstimate:
        """Return the risk with its ranges, the class, and what would settle it."""
        evaluated = self.form.evaluate(inputs)
        classes = evaluated.possible_classes
        settled = classes[0] if len(classes) == 1 else None
        beyond = self._beyond_data(evaluated)
        return RiskEstimate(
            provenance=self.provenance,
            event=self.parameters.outcome.event,
            horizon_months=self.parameters.outcome.horizon_months,
            risk=evaluated.risk,
            confidence_interval=self._confidence_interval(evaluated),
            reconstruction_range=self._reconstruction_range(evaluated),
            points=evaluated.points,
            maximum_points=self.form.maximum_points,
            risk_class=settled,
            possible_classes=classes,
            class_note=class_note(self.parameters, settled) if settled else "",
            contributions=evaluated.contributions,
            would_settle=evaluated.narrowings(),
            beyond_data=beyond[0],
            upper_beyond_data=beyond[1],
            beyond_data_risk=self._beyond_data_risk,
            assumes=applicability.unchecked,
            warnings=(*applicability.warnings, *self._ambiguities(inputs)),
        )

    def _ambiguities(self, inputs: Mapping[str, Input]) -> tuple[str, ...]:
        """Name what is recorded and yet says nothing to this model, such as an incomplete capsule."""
        found = []
        for term, parameters in zip(self.form.terms, self.parameters.terms, strict=True):
            known = inputs[term.quantity.name].value
            if (
                isinstance(term, LevelTerm)
                and parameters.kind == "levels"
                and isinstance(known, str)
                and term.is_ambiguous(known)
            ):
                found.append(f"{term.quantity.label} recorded as {known}: {parameters.note}")
        return tuple(found)

    def _confidence_interval(self, evaluated: Evaluated) -> ConfidenceInterval | None:
        draws = self.parameters.draws
        if draws is None:
            return None
        low, high = self._limits(evaluated, highest=False)
        if not evaluated.scores.is_point:
            _, high = self._limits(evaluated, highest=True)
        return ConfidenceInterval(low, high, draws.method)

    @cached_property
    def _draw_columns(self) -> tuple[tuple[float, ...], ...]:
        """The draws of one coefficient after the other: a column is worked through at once."""
        draws = self.parameters.draws
        rows = draws.rows if draws is not None else ()
        return tuple(tuple(map(float, column)) for column in zip(*rows, strict=True))

    def _limits(self, evaluated: Evaluated, *, highest: bool) -> tuple[float, float]:
        """Percentile limits at one end of the range, on the log odds and then as risks."""
        intercepts, *columns = self._draw_columns
        log_odds: Iterable[float] = intercepts
        for term, column in zip(self.form.terms, columns, strict=True):
            values = term.design(evaluated.inputs[term.quantity.name])
            take_upper = (term.coefficient >= 0) == highest
            value = float(values[-1].upper if take_upper else values[0].lower)
            # Most design values are 0, which adds nothing, or 1.
            if value:
                added = column if value == 1 else map(value.__mul__, column)
                log_odds = map(add, log_odds, added)
        ordered = sorted(log_odds)
        scale = Logistic(intercept=0.0)
        return (
            scale.risk(percentile(ordered, _LOWER_SHARE)),
            scale.risk(percentile(ordered, _UPPER_SHARE)),
        )

    def _reconstruction_range(self, evaluated: Evaluated) -> ReconstructionRange | None:
        form = self.parameters.form
        if not isinstance(form, CoxParameters) or form.baseline_range is None:
            return None
        hull = evaluated.scores.hull
        best, worst = form.baseline_range.survival_upper, form.baseline_range.survival_lower
        return ReconstructionRange(
            _cox_at(best.value).risk(float(hull.lower)),
            _cox_at(worst.value).risk(float(hull.upper)),
            form.baseline_range.method,
        )

    @property
    def _beyond_data_risk(self) -> float | None:
        form = self.parameters.form
        if not isinstance(form, CoxParameters) or form.beyond_data_risk is None:
            return None
        return float(form.beyond_data_risk.value)

    def _beyond_data(self, evaluated: Evaluated) -> tuple[bool, bool]:
        """Whether the whole range, and whether its upper end, lies beyond what the data support."""
        form = self.parameters.form
        if not isinstance(form, CoxParameters) or form.beyond_data_points is None:
            return False, False
        limit = float(form.beyond_data_points.value)
        points: Span = evaluated.points
        return points.lower > limit, points.upper > limit


def _cox_at(survival: Decimal) -> Cox:
    return Cox(float(-survival.ln()))
