"""Liver function: ALBI (equation and grades) and Child-Pugh (point table)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from models.forms.bands import grades_of
from models.forms.terms import possible_numbers
from models.inputs import Input, unknown
from models.model import Anchor
from models.outcome import Outcome, Score, Span
from models.rule_set import RuleSet, load_rules
from models.score_model import ScoreModel, ScoreTable, needs_of

__all__ = ["Albi", "albi", "child_pugh"]


@dataclass(frozen=True)
class Albi(ScoreModel):
    """`0.66 log10(bilirubin [umol/L]) - 0.085 albumin [g/L]`; grade 1 up to -2.60, 2a, 2b, 3."""

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Return score and grade; it rises with bilirubin and falls with albumin."""
        bilirubin, albumin = (
            inputs.get(need.quantity.name) or unknown(need.quantity) for need in self.needs
        )
        low_bilirubin, high_bilirubin = _ends(bilirubin)
        low_albumin, high_albumin = _ends(albumin)
        value = Span(
            self._value(low_bilirubin, high_albumin), self._value(high_bilirubin, low_albumin)
        )
        grades = grades_of(self.rules.grades, value)
        return Score(
            provenance=self.provenance,
            value=value,
            maximum=None,
            category=grades[0] if len(grades) == 1 else None,
            possible_categories=grades,
            missing=tuple(
                known.quantity.label for known in (bilirubin, albumin) if not known.is_known
            ),
            note=" ".join(self.rules.limits),
        )

    def _value(self, bilirubin_umol_l: float, albumin_g_l: float) -> float:
        slope, fall = self.rules.constant("bilirubin"), self.rules.constant("albumin")
        return float(slope) * math.log10(bilirubin_umol_l) + float(fall) * albumin_g_l


def _ends(known: Input) -> tuple[float, float]:
    numbers = possible_numbers(known)
    return float(numbers[0].lower), float(numbers[-1].upper)


def albi(rules: RuleSet | None = None) -> Albi:
    """Return ALBI.

    >>> from models.inputs import exactly
    >>> from models.quantities import quantity
    >>> known = {"bilirubin_umol_l": 10, "albumin_g_l": 40}
    >>> score = albi().evaluate(
    ...     {name: exactly(quantity(name), value) for name, value in known.items()})
    >>> round(score.value.lower, 2), score.category
    (-2.74, '1')
    """
    used = rules or load_rules("albi")
    return Albi(used, needs_of("bilirubin_umol_l", "albumin_g_l", anchor=Anchor.NOW))


def child_pugh(rules: RuleSet | None = None) -> ScoreTable:
    """Return Child-Pugh: five items of 1 to 3 points; A 5-6, B 7-9, C 10-15.

    >>> from models.inputs import exactly
    >>> from models.quantities import quantity
    >>> known = {"bilirubin_umol_l": 40, "albumin_g_l": 36, "inr": 1, "ascites": "none"}
    >>> score = child_pugh().evaluate(
    ...     {name: exactly(quantity(name), value) for name, value in known.items()})
    >>> score.value, score.possible_categories, score.missing
    (Span(lower=6.0, upper=8.0), ('A', 'B'), ('Encephalopathy',))
    """
    used = rules or load_rules("child_pugh")
    names = [name for item in used.items for name in item.inputs]
    return ScoreTable(used, needs_of(*names, anchor=Anchor.NOW))
