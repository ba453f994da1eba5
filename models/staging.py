"""BCLC stage (2022): tumour extent, spread, performance status and liver function.

0: single, up to 2 cm. A: single, or up to three each up to 3 cm. B: more. C: vascular invasion,
extrahepatic spread or performance status 1-2. D: performance status 3-4 or Child-Pugh C.
The digests differ on exactly 2 and exactly 3 cm, so there both stages stay possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from models.forms.sets import common
from models.forms.terms import possible_numbers
from models.inputs import Input, Interval, unknown
from models.model import Anchor
from models.outcome import Outcome, Score
from models.quantities import PRESENT, quantity
from models.rule_set import RuleSet, load_rules
from models.score_model import ScoreModel, needs_of

__all__ = ["BclcStage", "bclc_2022", "extent_stages"]

_INFINITY = Decimal("Infinity")
_STAGES = ("0", "A", "B", "C", "D")


def _may_be(known: Input, lower: Decimal, upper: Decimal) -> bool:
    """Tell whether a value from `lower` to `upper`, both included, is possible."""
    region = Interval(lower, upper)
    return any(common(part, region) is not None for part in possible_numbers(known))


def extent_stages(rules: RuleSet, inputs: Mapping[str, Input]) -> frozenset[str]:
    """Return the stages 0, A, B that size and number alone leave possible."""
    size = inputs.get("tumour_size_cm") or unknown(quantity("tumour_size_cm"))
    number = inputs.get("tumour_number") or unknown(quantity("tumour_number"))
    very_early, few, few_cm = (
        rules.constant(key) for key in ("very_early_cm", "few_nodules", "few_nodules_cm")
    )
    one = Decimal(1)
    stages: set[str] = set()
    if _may_be(number, -_INFINITY, one):
        stages |= {"0"} if _may_be(size, -_INFINITY, very_early) else set()
        stages |= {"A"} if _may_be(size, very_early, _INFINITY) else set()
    if _may_be(number, one + 1, few):
        stages |= {"A"} if _may_be(size, -_INFINITY, few_cm) else set()
        stages |= {"B"} if _may_be(size, few_cm, _INFINITY) else set()
    if _may_be(number, few + 1, _INFINITY):
        stages.add("B")
    return frozenset(stages)


def _possibly_and_surely(inputs: Mapping[str, Input], name: str, *bad: str) -> tuple[bool, bool]:
    known = inputs.get(name) or unknown(quantity(name))
    hit = known.categories & set(bad)
    return bool(hit), hit == known.categories


@dataclass(frozen=True)
class BclcStage(ScoreModel):
    """The stage as a category; several while something is unknown."""

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Return every stage the inputs leave possible."""
        status = inputs.get("ecog") or unknown(quantity("ecog"))
        liver_possible, liver_sure = _possibly_and_surely(inputs, "child_pugh_class", "C")
        end_possible = liver_possible or _may_be(status, Decimal(3), _INFINITY)
        end_sure = liver_sure or not _may_be(status, -_INFINITY, Decimal(2))
        spread = [
            _possibly_and_surely(inputs, name, PRESENT)
            for name in ("macrovascular_invasion", "extrahepatic_disease")
        ]
        limited = _may_be(status, Decimal(1), Decimal(2))
        advanced_possible = limited or any(possible for possible, _ in spread)
        active = _may_be(status, Decimal(0), Decimal(0))
        advanced_sure = not active or any(sure for _, sure in spread)
        stages: set[str] = {"D"} if end_possible else set()
        if not end_sure:
            stages |= {"C"} if advanced_possible else set()
            stages |= set() if advanced_sure else extent_stages(self.rules, inputs)
        possible = tuple(stage for stage in _STAGES if stage in stages)
        return Score(
            provenance=self.provenance,
            value=None,
            maximum=None,
            category=possible[0] if len(possible) == 1 else None,
            possible_categories=possible,
            missing=self._missing(inputs) if len(possible) > 1 else (),
            note=" ".join(self.rules.limits),
        )

    def _missing(self, inputs: Mapping[str, Input]) -> tuple[str, ...]:
        known = [inputs.get(need.quantity.name) or unknown(need.quantity) for need in self.needs]
        return tuple(one.quantity.label for one in known if not one.is_known)


def bclc_2022(rules: RuleSet | None = None) -> BclcStage:
    """Return the BCLC stage by the 2022 rule.

    >>> from models.inputs import exactly
    >>> known = {
    ...     "tumour_size_cm": 4, "tumour_number": 1, "macrovascular_invasion": "absent",
    ...     "extrahepatic_disease": "absent", "child_pugh_class": "A", "ecog": 0,
    ... }
    >>> bclc_2022().evaluate(
    ...     {name: exactly(quantity(name), value) for name, value in known.items()}).category
    'A'
    """
    used = rules or load_rules("bclc_2022")
    names = (
        *("tumour_size_cm", "tumour_number", "macrovascular_invasion"),
        *("extrahepatic_disease", "child_pugh_class", "ecog"),
    )
    return BclcStage(used, needs_of(*names, anchor=Anchor.NOW))
