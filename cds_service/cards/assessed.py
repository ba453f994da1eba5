"""A model's outcome together with the inputs it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_mapping.findings import Selected
from models.outcome import Contribution, Outcome, PointsSoFar, RiskEstimate

__all__ = ["Assessed"]


@dataclass(frozen=True, slots=True)
class Assessed:
    """One model's outcome for one patient, with every input it was given."""

    outcome: Outcome
    selected: Mapping[str, Selected]

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each input adds; empty where the model gave no number."""
        if isinstance(self.outcome, RiskEstimate | PointsSoFar):
            return self.outcome.contributions
        return ()

    @property
    def assumes(self) -> tuple[str, ...]:
        """What applicability rests on and the record does not say."""
        if isinstance(self.outcome, RiskEstimate | PointsSoFar):
            return self.outcome.assumes
        return ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the number deserves caution in this patient."""
        if isinstance(self.outcome, RiskEstimate | PointsSoFar):
            return self.outcome.warnings
        return ()

    @property
    def not_yet_knowable(self) -> tuple[str, ...]:
        """The inputs that cannot exist yet, by name."""
        return self.outcome.still_to_come if isinstance(self.outcome, PointsSoFar) else ()
