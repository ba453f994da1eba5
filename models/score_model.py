"""What the peer scores share: a rule file, its inputs, and no population of their own.

A peer score describes; it is shown beside the main result as a second opinion and never merged with
it. Where a score decides something else (Child-Pugh, the extent for lung metastasis) that rule says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.forms.bands import score_table
from models.inputs import Input
from models.model import Anchor, Criterion, InputNeed, Preference
from models.outcome import Outcome, Provenance
from models.quantities import quantity
from models.rule_set import RuleSet

__all__ = ["ScoreModel", "ScoreTable", "needs_of"]

_ANCHORS = {
    "residual_tumour": Anchor.SPECIMEN_AND_COURSE,
    "microvascular_invasion": Anchor.SPECIMEN_AND_COURSE,
}

# A value of the blood tells of its time only. Ours, the same as for AFP before an operation.
_BLOOD_DAYS = 90
_OF_BLOOD = frozenset(
    {
        *("afp_ng_ml", "bilirubin_umol_l", "albumin_g_l", "inr"),
        *("nlr", "ldh_times_upper_limit", "haemoglobin_g_l"),
    }
)


def needs_of(*names: str, anchor: Anchor = Anchor.BEFORE_OPERATION) -> tuple[InputNeed, ...]:
    """Return the needs of these inputs; what only the specimen tells keeps its own anchor."""
    return tuple(
        InputNeed(
            quantity(name),
            _ANCHORS.get(name, anchor),
            _BLOOD_DAYS if name in _OF_BLOOD else None,
            Preference.NONE,
        )
        for name in names
    )


@dataclass(frozen=True)
class ScoreModel:
    """A score with its rule file."""

    rules: RuleSet
    needs: tuple[InputNeed, ...]

    @property
    def provenance(self) -> Provenance:
        """What stands behind its numbers."""
        return self.rules.provenance

    @property
    def population(self) -> tuple[Criterion, ...]:
        """No one is excluded: a score describes."""
        return ()


@dataclass(frozen=True)
class ScoreTable(ScoreModel):
    """A published point table."""

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Add up the table over everything the inputs may be."""
        return score_table(self.rules, inputs, self.provenance)
