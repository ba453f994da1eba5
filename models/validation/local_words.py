"""What a local parameter file says in words: where it comes from, what it is good for, what not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.parameter_set import ParameterSet
from models.validation.cohort import FIRST_EVENTS
from models.validation.horizon import FirstEvent

__all__ = ["LocalSource", "cautions", "citation", "definition", "fitted_on", "limits"]

_OF_THE_OLD = "Of the model before recalibration: "


@dataclass(frozen=True, slots=True)
class LocalSource:
    """What stands behind a local file."""

    site: str
    report_url: str
    report_id: str
    on: date
    patients: int
    events: int
    cohort_sha256: str
    base_hash: str
    how: str
    """Recalibrated or refitted."""
    overridden: str = ""
    """What was refused and overridden, empty if nothing was."""
    groups: tuple[tuple[str, int, int], ...] = ()
    """Name, patients and events of the groups a fairness note rests on."""


def fitted_on(source: LocalSource) -> str:
    """Say how, on whom and when, in one line."""
    return (
        f"{source.how} on {source.patients} resections with {source.events} events, "
        f"{source.on.isoformat()}"
    )


def citation(source: LocalSource) -> dict[str, str]:
    """Return the source "local" that every number of the fit names."""
    overridden = f" Refused and overridden: {source.overridden}." if source.overridden else ""
    return {
        "text": (
            f"{source.site}: {fitted_on(source)}; report {source.report_id}, cohort file SHA-256 "
            f"{source.cohort_sha256}, from the parameter file with content hash "
            f"{source.base_hash}.{overridden}"
        ),
        "url": source.report_url,
        "read": "computed",
    }


def definition(old: ParameterSet) -> str:
    """Say what counted as the event, and what as none."""
    competing = [
        name.replace("_", " ")
        for name, meaning in FIRST_EVENTS[old.model_id].items()
        if meaning is FirstEvent.COMPETING
    ]
    return (
        f"{old.outcome.event}, counted to {old.outcome.horizon_months} months from the operation; "
        f"{' or '.join(competing)} before it counts as without the event, and patients lost before "
        "it are weighted for"
    )


def cautions(old: ParameterSet, source: LocalSource, *, refitted: bool) -> list[str]:
    """Return what a card has to say; what was said of the old model is marked as such."""
    fitted = f"Fitted to {source.patients} resections with {source.events} events of one site"
    own = [f"{fitted}; not yet seen on patients it was not fitted to."]
    if source.overridden:
        own.append(f"Fitted although refused: {source.overridden}.")
    return own if refitted else [*own, *_of_the_old(old.cautions)]


def limits(old: ParameterSet, *, refitted: bool) -> list[str]:
    """Return the limits, of the fit first."""
    own = [
        "Fitted to patients with every input known; those with an unknown input may differ.",
        "It predicts the event, not the benefit of one treatment against another.",
    ]
    if refitted:
        return [*own, "The cuts within the terms are those of the earlier model."]
    return [*own, *_of_the_old(old.limits)]


def _of_the_old(lines: Sequence[str]) -> list[str]:
    return [line if line.startswith(_OF_THE_OLD) else f"{_OF_THE_OLD}{line}" for line in lines]
