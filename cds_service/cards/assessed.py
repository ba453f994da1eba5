"""A model's outcome together with the inputs it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.cards.words import describe_input
from fhir_mapping.findings import Selected
from models.outcome import Checklist, Contribution, Outcome, PointsSoFar, RiskEstimate

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
    def input_names(self) -> tuple[str, ...]:
        """The inputs that the card shows, by name."""
        if isinstance(self.outcome, Checklist):
            names = (name for item in self.outcome.items for name in item.input_names)
            return tuple(dict.fromkeys(names))
        return tuple(item.input_name for item in self.contributions)

    @property
    def assumes(self) -> tuple[str, ...]:
        """What applicability rests on and the record does not say."""
        if isinstance(self.outcome, RiskEstimate | PointsSoFar | Checklist):
            return self.outcome.assumes
        return ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the number deserves caution in this patient."""
        if isinstance(self.outcome, RiskEstimate | PointsSoFar):
            return self.outcome.warnings
        return ()

    @property
    def open_inputs(self) -> tuple[tuple[str, str], ...]:
        """The inputs that leave the range open, each with the reason, the most helpful first.

        A value can be recorded and still say nothing to a model, such as an incomplete capsule.
        """
        if not isinstance(self.outcome, RiskEstimate | PointsSoFar):
            return ()
        missing = {
            item.input_name: self._reason(item.input_name) for item in self.outcome.would_settle
        }
        for item in self.outcome.contributions:
            if not item.points.is_point and item.input_name not in missing:
                missing[item.input_name] = self._reason(item.input_name)
        return tuple(missing.items())

    def _reason(self, name: str) -> str:
        selected = self.selected.get(name)
        if selected is None:
            return "not recorded"
        if selected.value.is_known:
            return f"recorded as {describe_input(selected.value)}"
        return selected.value.reason or describe_input(selected.value)
