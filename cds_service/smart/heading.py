"""Who the patient is, in one line at the top of the page; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cds_service.cards.words import plain

__all__ = ["Heading", "heading_of"]

_SEXES = {"female": "Woman", "male": "Man"}


@dataclass(frozen=True, slots=True)
class Heading:
    """Name and person as the record has them."""

    name: str
    person: str


def heading_of(patient: Mapping[str, Any], on: date) -> Heading:
    """Return the heading of a Patient resource; what is not recorded is said."""
    born = patient.get("birthDate")
    sex = _SEXES.get(str(patient.get("gender")), "Sex not recorded")
    age = _age(born, on)
    parts = [
        sex,
        *([age] if age else []),
        f"born {plain(born)}" if isinstance(born, str) else "date of birth not recorded",
    ]
    return Heading(_name(patient.get("name")) or "Name not recorded", ", ".join(parts))


def _name(names: object) -> str:
    found = [item for item in names if isinstance(item, dict)] if isinstance(names, list) else []
    ordered = sorted(found, key=lambda item: item.get("use") != "official")
    for item in ordered:
        text, family, given = item.get("text"), item.get("family"), item.get("given")
        if isinstance(text, str) and text.strip():
            return plain(text)
        names_given = (
            " ".join(part for part in given if isinstance(part, str))
            if isinstance(given, list)
            else ""
        )
        whole = ", ".join(
            part for part in (family, names_given) if isinstance(part, str) and part.strip()
        )
        if whole:
            return plain(whole)
    return ""


def _age(born: object, on: date) -> str:
    """Return the age in whole years, empty if the birthday is not known to the day."""
    try:
        day = date.fromisoformat(born) if isinstance(born, str) and len(born) == 10 else None
    except ValueError:
        day = None
    if day is None or day > on:
        return ""
    return f"{on.year - day.year - ((on.month, on.day) < (day.month, day.day))} years"
