"""Hyperprogressive disease (HPD) under an immune checkpoint inhibitor: cited flags, one by one.

HPD, not HPR. No validated score exists, so there is no probability and no total. A flag is present
only where a cut-off or a yes/no definition is printed; the rest is shown and not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.forms.checklist import flag_item
from models.inputs import Input
from models.model import Anchor, Criterion, judge_applicability
from models.outcome import Checklist, NotApplicable, Outcome
from models.population import outside_intended_use
from models.quantities import ABSENT, quantity
from models.rule_set import RuleSet, load_rules
from models.score_model import ScoreModel, needs_of

__all__ = ["HyperprogressiveDisease", "hyperprogressive_disease"]


@dataclass(frozen=True)
class HyperprogressiveDisease(ScoreModel):
    """The checklist of published flags."""

    @property
    def population(self) -> tuple[Criterion, ...]:
        """Only HCC: the flags were read in HCC cohorts and one pan-cancer analysis."""
        return (
            Criterion(
                quantity("hcc"), "no hepatocellular carcinoma on record", frozenset({ABSENT})
            ),
            *outside_intended_use(),
        )

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Return every flag with its state, its definition, its source and what speaks against it."""
        judged = judge_applicability(self.population, inputs)
        if judged.excluded:
            return NotApplicable(self.provenance, judged.excluded)
        items = tuple(flag_item(flag, self.rules, inputs) for flag in self.rules.flags)
        return Checklist(self.provenance, items, self.rules.limits, judged.unchecked)


def hyperprogressive_disease(rules: RuleSet | None = None) -> HyperprogressiveDisease:
    """Return the model.

    >>> from models.inputs import exactly
    >>> answer = hyperprogressive_disease().evaluate(
    ...     {"nlr": exactly(quantity("nlr"), "3.5"), "hcc": exactly(quantity("hcc"), "present")})
    >>> [(item.definition[:16], str(item.state)) for item in answer.items[:2]]
    [('NLR above 4.125,', 'absent'), ('NLR of 3 and abo', 'present')]
    """
    used = rules or load_rules("hyperprogressive_disease")
    names = dict.fromkeys(flag.input for flag in used.flags)
    return HyperprogressiveDisease(used, needs_of(*names, "hcc", anchor=Anchor.NOW))
