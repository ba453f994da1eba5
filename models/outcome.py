"""What a model answers: an estimate, the points so far, or why there is none.

Three ranges can stand beside a risk. They have three types and are never merged:

- `UnknownRange`: exact, because an input is not known; from the model alone.
- `ConfidenceInterval`: sampling, because the cohort was finite.
- `ReconstructionRange`: because a baseline was reconstructed from printed figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

__all__ = [
    "Checklist",
    "ChecklistItem",
    "ConfidenceInterval",
    "Contribution",
    "ItemState",
    "Narrowing",
    "NotApplicable",
    "NotComputable",
    "Outcome",
    "PointsSoFar",
    "Provenance",
    "ReconstructionRange",
    "RiskEstimate",
    "Score",
    "Span",
    "Status",
    "UnknownRange",
    "whole_percent",
]


class Status(StrEnum):
    """Where a number comes from."""

    PUBLISHED = "published"
    RECONSTRUCTED = "reconstructed"
    RE_ESTIMATED = "re-estimated"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What stands behind every number of an outcome.

    `status_line` is the one line a card shows; `source_label` and `source_url` name the data the
    numbers come from (never a paper whose numbers could not be read).
    """

    model_id: str
    title: str
    version: str
    content_hash: str
    status: Status
    status_line: str
    source_label: str
    source_url: str
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from `lower` to `upper`, both included; a single number has equal ends."""

    lower: float
    upper: float

    @property
    def is_point(self) -> bool:
        """Whether it is a single number."""
        return self.lower == self.upper

    @property
    def width(self) -> float:
        """Upper minus lower."""
        return self.upper - self.lower


@dataclass(frozen=True, slots=True)
class UnknownRange(Span):
    """Exact lowest and highest value over everything the unknown inputs may be."""


@dataclass(frozen=True, slots=True)
class ConfidenceInterval(Span):
    """95 % confidence interval (sampling)."""

    method: str = ""


@dataclass(frozen=True, slots=True)
class ReconstructionRange(Span):
    """Range over the plausible baselines of a reconstructed risk."""

    method: str = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one input adds.

    `points` on the nomogram's axis, `linear_predictor` on the model's scale; both are spans, points
    where the input is known.
    """

    input_name: str
    points: Span
    maximum_points: float
    linear_predictor: Span


@dataclass(frozen=True, slots=True)
class Narrowing:
    """How much knowing one input would help.

    `at_least` is the width of the present range minus the widest that could remain; `at_most` minus
    the narrowest. `settles_class` tells for how many answers the class would be settled.
    """

    input_name: str
    at_least: float
    at_most: float
    settles_class: str  # "always", "sometimes" or "never"


@dataclass(frozen=True, slots=True)
class RiskEstimate:
    """A risk: a point with its interval, or a range over what is unknown.

    Attributes
    ----------
    risk : UnknownRange
        Probability [0 to 1] of `event` within `horizon_months`; a point if all inputs are known.
    confidence_interval : ConfidenceInterval or None
        At the point, if it is one; else from the lower end's lower limit to the upper end's upper
        limit (drawn as whiskers, never as the range).
    reconstruction_range : ReconstructionRange or None
        For a reconstructed baseline.
    points : Span
        Nomogram points, of `maximum_points`.
    risk_class : str or None
        The class if every possible value shares it, else None.
    possible_classes : tuple of str
        The classes that can still be, lowest first.
    class_note : str
        Observed rate of the class with n and interval, or how the class was cut.
    beyond_data : bool
        The linear predictor lies beyond what the source's data support, for every possible value.
    upper_beyond_data : bool
        It does so at least for the upper end of the range.
    beyond_data_risk : float or None
        "Over" this probability is all that is said beyond the data.
    would_settle : tuple of Narrowing
        The inputs not fully known, the most helpful first.
    assumes : tuple of str
        What applicability rests on and the record does not say.
    warnings : tuple of str
        Why the estimate deserves caution in this patient.
    """

    provenance: Provenance
    event: str
    horizon_months: int
    risk: UnknownRange
    confidence_interval: ConfidenceInterval | None
    reconstruction_range: ReconstructionRange | None
    points: Span
    maximum_points: float
    risk_class: str | None
    possible_classes: tuple[str, ...]
    class_note: str
    contributions: tuple[Contribution, ...]
    would_settle: tuple[Narrowing, ...] = ()
    beyond_data: bool = False
    upper_beyond_data: bool = False
    beyond_data_risk: float | None = None
    assumes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointsSoFar:
    """The knowable part of a score, while some inputs cannot exist yet.

    No class and no risk: `points` of `knowable_points` are what is known now, and what cannot be
    known yet can add up to `still_to_come_points`.
    """

    provenance: Provenance
    event: str
    points: Span
    knowable_points: float
    still_to_come_points: float
    still_to_come: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    would_settle: tuple[Narrowing, ...] = ()
    assumes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The model was not made for this patient: every reason, and no number."""

    provenance: Provenance
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotComputable:
    """The model cannot answer: every reason, by input name."""

    provenance: Provenance
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A score or stage of a peer model: a second opinion, never merged with a risk.

    `value` is None for a stage that is a category only; `category` is filled if every possible value
    shares it. `items` are the parts of the score, points where their inputs are known.
    """

    provenance: Provenance
    value: Span | None
    maximum: float | None
    category: str | None
    possible_categories: tuple[str, ...]
    items: tuple[tuple[str, Span], ...] = ()
    missing: tuple[str, ...] = ()
    note: str = ""


class ItemState(StrEnum):
    """What a checklist can say of one item."""

    PRESENT = "present"
    ABSENT = "absent"
    IN_SOME_STUDIES = "in some studies"
    SHOWN = "shown"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One flag or criterion, with its definition, its source and the evidence against it.

    `SHOWN` is a value without a printed cut-off: it is shown and not judged, and `is_judged` is
    false for it also while it is unknown. `cut` is the printed cut in words ("from 3"), empty if
    there is none.
    """

    input_names: tuple[str, ...]
    label: str
    state: ItemState
    definition: str
    source: str
    counter_evidence: str = ""
    cut: str = ""
    is_judged: bool = True


@dataclass(frozen=True, slots=True)
class Checklist:
    """Flags or criteria one by one: no probability and no total.

    `assumes` is what applicability rests on and the record does not say.
    """

    provenance: Provenance
    items: tuple[ChecklistItem, ...]
    warnings: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()


Outcome = RiskEstimate | PointsSoFar | Score | Checklist | NotApplicable | NotComputable


def whole_percent(probability: float) -> Decimal:
    """Return a probability as whole per cent, halves rounded up."""
    return (Decimal(repr(probability)) * 100).quantize(Decimal(1), rounding="ROUND_HALF_UP")
