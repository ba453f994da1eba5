"""A site's guideline profile: the strength of the wording and which drafts are offered, never the risk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = [
    "DEFAULT_PROFILE",
    "PROFILE_NAMES",
    "UNREAD_PROFILES",
    "Draft",
    "GuidelineProfile",
    "UnknownProfileError",
    "load_profile",
]

DEFAULT_PROFILE = "local"
PROFILE_NAMES = ("local", "CNLC", "AASLD")
# No statement of theirs stands in our sources, and a profile without one would only lend its name to our
# words. Named so that a site that asks for one learns why it is refused.
UNREAD_PROFILES = ("EASL", "NCCN")


class Draft(StrEnum):
    """A draft order that a card may offer."""

    TUMOUR_BOARD = "tumour-board"
    TACE = "tace"
    HAIC = "haic"
    CT_CHEST_ABDOMEN = "ct-chest-abdomen"
    AFP = "afp"
    BASELINE_IMAGING = "baseline-imaging"
    EARLY_IMAGING = "early-imaging"


class UnknownProfileError(ValueError):
    """The configured guideline profile does not exist, or nobody has read its guideline."""


@dataclass(frozen=True, slots=True)
class GuidelineProfile:
    """What a site lets the cards say and offer.

    Attributes
    ----------
    name : str
        As configured: local, CNLC or AASLD.
    jurisdiction : str
        Whose view the wording follows, as a card shows it.
    before_surgery, adjuvant, surveillance : str
        The sentence that sets the strength of the card's wording.
    drafts : frozenset of Draft
        The draft orders a card may offer, each still under the conditions of its card.
    imaging_interval_months : int
        Surveillance is overdue when no imaging is on record for longer than this.
    interval_source : str
        Where the interval comes from.
    """

    name: str
    jurisdiction: str
    before_surgery: str
    adjuvant: str
    surveillance: str
    drafts: frozenset[Draft]
    imaging_interval_months: int
    interval_source: str

    def offers(self, draft: Draft) -> bool:
        """Tell whether a card may offer this draft order."""
        return draft in self.drafts


@cache
def load_profile(name: str) -> GuidelineProfile:
    """Return the profile of this name.

    Raises
    ------
    UnknownProfileError
        If there is none, or if its guideline was not read.
    """
    if name in UNREAD_PROFILES:
        raise UnknownProfileError(f"no statement of {name} was read; use {DEFAULT_PROFILE}")
    if name not in PROFILE_NAMES:
        raise UnknownProfileError(f"guideline profile must be one of {', '.join(PROFILE_NAMES)}")
    text = files(__package__).joinpath("profiles", f"{name}.json").read_text(encoding="utf-8")
    return _profile(json.loads(text))


def _profile(content: dict[str, Any]) -> GuidelineProfile:
    return GuidelineProfile(
        name=content["name"],
        jurisdiction=content["jurisdiction"],
        before_surgery=content["before_surgery"],
        adjuvant=content["adjuvant"],
        surveillance=content["surveillance"],
        drafts=frozenset(Draft(item) for item in content["drafts"]),
        imaging_interval_months=content["imaging_interval_months"],
        interval_source=content["interval_source"],
    )
