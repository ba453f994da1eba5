"""Two descriptions of tumour burden: the AFP model (a transplant score) and the tumour burden score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.forms.terms import possible_numbers
from models.inputs import Input, unknown
from models.outcome import Outcome, Score, Span
from models.rule_set import RuleSet, load_rules
from models.score_model import ScoreModel, ScoreTable, needs_of

__all__ = ["TumourBurdenScore", "afp_model", "tumour_burden_score"]


def afp_model(rules: RuleSet | None = None) -> ScoreTable:
    """Return the AFP model: size, number and AFP; above 2 is high.

    >>> from models.inputs import exactly
    >>> from models.quantities import quantity
    >>> known = {"tumour_size_cm": 5, "tumour_number": 2, "afp_ng_ml": 500}
    >>> score = afp_model().evaluate(
    ...     {name: exactly(quantity(name), value) for name, value in known.items()})
    >>> score.value.lower, score.category
    (3.0, 'high')
    """
    used = rules or load_rules("afp_model")
    return ScoreTable(used, needs_of("tumour_size_cm", "tumour_number", "afp_ng_ml"))


@dataclass(frozen=True)
class TumourBurdenScore(ScoreModel):
    """`sqrt(size_cm^2 + number^2)`; it rises with both, so its ends are those of the inputs."""

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Return the score over everything the inputs may be; no class, as cut-offs differ."""
        ends: list[tuple[float, float]] = []
        missing: list[str] = []
        for need in self.needs:
            known = inputs.get(need.quantity.name) or unknown(need.quantity)
            numbers = possible_numbers(known)
            ends.append((float(numbers[0].lower), float(numbers[-1].upper)))
            if not known.is_known:
                missing.append(need.quantity.label)
        power = float(self.rules.constant("exponent"))
        low, high = (sum(pair[side] ** power for pair in ends) ** (1 / power) for side in (0, 1))
        return Score(
            provenance=self.provenance,
            value=Span(low, high),
            maximum=None,
            category=None,
            possible_categories=(),
            items=tuple(
                (need.quantity.label, Span(*pair))
                for need, pair in zip(self.needs, ends, strict=True)
            ),
            missing=tuple(missing),
            note=" ".join(self.rules.limits),
        )


def tumour_burden_score(rules: RuleSet | None = None) -> TumourBurdenScore:
    """Return the tumour burden score.

    >>> from models.inputs import exactly
    >>> from models.quantities import quantity
    >>> known = {"tumour_size_cm": 4, "tumour_number": 3}
    >>> tumour_burden_score().evaluate(
    ...     {name: exactly(quantity(name), value) for name, value in known.items()}).value.lower
    5.0
    """
    used = rules or load_rules("tumour_burden_score")
    return TumourBurdenScore(used, needs_of("tumour_size_cm", "tumour_number"))
