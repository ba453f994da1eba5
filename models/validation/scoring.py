"""A model's answer for many patients at once, by the very evaluator that serves one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forms.additive import Additive
from models.forms.terms import Term
from models.inputs import Input
from models.validation.horizon import FloatArray

__all__ = ["Scored", "design_matrix", "score_patients"]


@dataclass(frozen=True)
class Scored:
    """Exact lowest and highest risk of each patient, and the class where it is settled.

    `unsettled` names, per patient, the inputs whose term is not settled.
    """

    lower: FloatArray
    upper: FloatArray
    score: FloatArray
    risk_class: tuple[str | None, ...]
    unsettled: tuple[tuple[str, ...], ...]

    @property
    def is_point(self) -> NDArray[np.bool_]:
        """Whether everything that decides the risk is known."""
        single: NDArray[np.bool_] = self.lower == self.upper
        return single


def score_patients(form: Additive, patients: Sequence[Mapping[str, Input]]) -> Scored:
    """Evaluate the form for each patient; every input of a term must be in each mapping.

    `score` is the sum of the terms (the linear predictor without intercept) at its lowest.
    """
    found = [form.evaluate(inputs) for inputs in patients]
    risks = [item.risk for item in found]
    classes = [item.possible_classes for item in found]
    return Scored(
        lower=np.array([risk.lower for risk in risks]),
        upper=np.array([risk.upper for risk in risks]),
        score=np.array([float(item.scores.hull.lower) for item in found]),
        risk_class=tuple(names[0] if len(names) == 1 else None for names in classes),
        unsettled=tuple(
            tuple(name for name, part in item.parts.items() if part[0].lower != part[-1].upper)
            for item in found
        ),
    )


def design_matrix(terms: Sequence[Term], patients: Sequence[Mapping[str, Input]]) -> FloatArray:
    """Return one row per patient and one column per term; NaN where the value is not settled."""
    return np.array(
        [[_single(term, inputs[term.quantity.name]) for term in terms] for inputs in patients]
    )


def _single(term: Term, known: Input) -> float:
    values = term.design(known)
    if len(values) == 1 and values[0].lower == values[0].upper:
        return float(values[0].lower)
    return float("nan")
