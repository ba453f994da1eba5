"""What an answered search that finds nothing means, per quantity; each decision with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState

__all__ = ["NONE_RECORDED", "NoneRecorded", "was_searched"]


@dataclass(frozen=True, slots=True)
class NoneRecorded:
    """Where a quantity would be recorded, and whether its absence there means anything.

    `keys` must all have been answered; `if_asked` only if they were asked for at all.
    """

    keys: tuple[str, ...]
    means_absent: bool
    because: str
    if_asked: tuple[str, ...] = ()


NONE_RECORDED: dict[str, NoneRecorded] = {
    "hcc": NoneRecorded(
        ("conditions",), True, "without HCC on the problem list the service stays quiet"
    ),
    "liver_transplantation": NoneRecorded(
        ("procedures",), True, "a transplantation is a major operation that records do not miss"
    ),
    "earlier_resection": NoneRecorded(
        ("procedures",), True, "a liver resection is a major operation that records do not miss"
    ),
    "earlier_treatment": NoneRecorded(
        ("procedures", "medications"), True,
        "procedures and prescriptions were both searched", if_asked=("administrations",),
    ),
    "other_liver_cancer": NoneRecorded(
        ("conditions",), True, "the HCC diagnosis itself names the type"
    ),
    "hbv_antiviral": NoneRecorded(
        ("medications",), True, "the question is whether one is on record"
    ),
    "immune_checkpoint_inhibitor": NoneRecorded(
        ("medications",), True,
        "the question is whether one is on record as running", if_asked=("administrations",),
    ),
    "kinase_inhibitor": NoneRecorded(
        ("medications",), True,
        "the question is whether one is on record as running", if_asked=("administrations",),
    ),
    "complication": NoneRecorded(
        ("conditions", "procedures", "encounters"), True,
        "only after discharge; until then it is unknown",
    ),
    "extrahepatic_disease": NoneRecorded(
        ("conditions",), False, "a problem list without metastasis is no proof of none"
    ),
    "recurrence": NoneRecorded(
        ("conditions",), False, "a problem list without recurrence is no proof of none"
    ),
    "transfusion": NoneRecorded(
        ("procedures",), False, "a transfusion in the theatre is often not recorded as a procedure"
    ),
    "rupture": NoneRecorded(
        ("conditions",), False, "a rupture is often told in words only"
    ),
    "hbv": NoneRecorded(
        ("conditions", "observations"), False, "a test that was not done is no negative test"
    ),
}  # fmt: skip


def was_searched(name: str, keys: Mapping[str, PrefetchKey]) -> bool:
    """Tell whether everything where the quantity would stand was searched to the end."""
    decision = NONE_RECORDED.get(name)
    if decision is None:
        return False
    asked = [key for key in decision.if_asked if _state(keys, key) is not PrefetchState.ABSENT]
    return all(key in keys and keys[key].was_answered for key in (*decision.keys, *asked))


def _state(keys: Mapping[str, PrefetchKey], key: str) -> PrefetchState:
    return keys[key].state if key in keys else PrefetchState.ABSENT
