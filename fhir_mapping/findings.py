"""What was read from one resource (Finding), and what was not used and why (Rejected)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.inputs import Input

__all__ = [
    "Certainty",
    "DecidedText",
    "Evidence",
    "Finding",
    "Origin",
    "Rejected",
    "Selected",
    "TextDecision",
]


class Certainty(StrEnum):
    """How sure the reading is."""

    CODED = "coded"
    READ_FROM_TEXT = "read from text, to be confirmed"
    CONFIRMED = "read from text, confirmed"


class TextDecision(StrEnum):
    """What a clinician decided of a finding that was read from text."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Origin(StrEnum):
    """What the finding was made on; decides between imaging and specimen."""

    IMAGING = "imaging"
    SPECIMEN = "specimen"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class DecidedText:
    """A decision with its day, where the site is."""

    decision: TextDecision
    on: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value came from, as plain text for cards, pages and reports.

    Attributes
    ----------
    reference : str
        Relative reference, such as "Observation/afp-1".
    date : str
        The date as sent ("2026-03", "2026-03-04T08:00:00+08:00"), empty if none.
    code : str
        System and code as sent, "http://loinc.org|1834-1".
    display : str
        Display or text as sent.
    value : str
        Value and unit as sent, "512 IU/mL".
    conversion : str
        What was done to it, "512 IU/mL x 1.21 = 619.52 ng/mL", or that a clinician confirmed it,
        "read from text, confirmed 2026-11-22"; empty if nothing.
    rule : str
        The reading rule that decided, by its anchor in docs/mapping.md; empty if none was needed.
    quote : str
        The exact words, if it was read from text.
    """

    reference: str
    date: str = ""
    code: str = ""
    display: str = ""
    value: str = ""
    conversion: str = ""
    rule: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One value of one quantity, read from one resource.

    `earliest` and `latest` are the days the (possibly partial) date may mean; None if undated.
    `lesion` tells measurements of different lesions apart, empty if none is named; `preliminary`
    marks a result that is not final.
    """

    name: str
    value: Input
    evidence: Evidence
    earliest: date | None = None
    latest: date | None = None
    origin: Origin = Origin.UNSTATED
    certainty: Certainty = Certainty.CODED
    lesion: str = ""
    preliminary: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """One resource, or one value in it, that was not used.

    `name` is the quantity it would have been for, empty if that is not known.
    """

    name: str
    evidence: Evidence
    reason: str


@dataclass(frozen=True, slots=True)
class Selected:
    """One input of one model, with the findings it rests on and what was passed over."""

    value: Input
    used: tuple[Finding, ...] = ()
    rejected: tuple[Rejected, ...] = ()
