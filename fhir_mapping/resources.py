"""FHIR datatypes as they arrive: references, codes, partial dates. Nothing here may raise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from fhir_mapping.codes import codings_of
from fhir_mapping.prefetch_key import JsonObject

__all__ = [
    "UNDATED",
    "Days",
    "as_object",
    "as_text",
    "code_as_sent",
    "display_of",
    "first_of",
    "objects_in",
    "own_reference",
    "read_days",
    "read_moment",
    "reference_as_type_and_id",
    "status_code",
]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?")
_HL7 = ("http://terminology.hl7.org/", "http://hl7.org/fhir/")
_TYPE_AND_ID = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.\-_]{1,64})(?:/_history/[^/]+)?")


@dataclass(frozen=True, slots=True)
class Days:
    """The days a (possibly partial) date may mean, with the date as sent."""

    earliest: date | None = None
    latest: date | None = None
    as_sent: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether more than one day is possible."""
        return self.earliest != self.latest


UNDATED = Days()


def as_text(value: object) -> str:
    """Return a string as it is, stripped, and everything else as the empty string."""
    return value.strip() if isinstance(value, str) else ""


def as_object(value: object) -> JsonObject:
    """Return a JSON object as it is, and everything else as an empty one.

    JSON objects are dicts; asking for any Mapping is five times as slow, and it is asked often.
    """
    return value if isinstance(value, dict) else {}


def objects_in(value: object) -> Iterator[JsonObject]:
    """Yield the JSON objects of an element that may be one object, a list or something else."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


def first_of(resource: JsonObject, *names: str) -> object:
    """Return the first of these elements that is present (R4 and R5 name some differently)."""
    for name in names:
        if resource.get(name) is not None:
            return resource[name]
    return None


def status_code(value: object) -> str:
    """Return a status given as a code or as a CodeableConcept; in lower case.

    A national guide adds codings of its own to a verification status, before or after HL7's.
    """
    if isinstance(value, str):
        return value.strip().lower()
    first = ""
    for coding in codings_of(value):
        code = coding.get("code")
        if isinstance(code, str):
            if as_text(coding.get("system")).startswith(_HL7):
                return code.strip().lower()
            first = first or code.strip().lower()
    return first or as_text(as_object(value).get("text")).lower()


def code_as_sent(value: object) -> str:
    """Return the first coding as "system|code", as sent."""
    for coding in codings_of(value):
        system, code = as_text(coding.get("system")), coding.get("code")
        if isinstance(code, str | int):
            return f"{system}|{code}"
    return ""


def display_of(value: object) -> str:
    """Return what a CodeableConcept says in words: its text, else the first display."""
    for item in objects_in(value):
        text = as_text(item.get("text")) or as_text(as_object(item.get("concept")).get("text"))
        if text:
            return text
    for coding in codings_of(value):
        display = as_text(coding.get("display"))
        if display:
            return display
    return as_text(value)


def reference_as_type_and_id(value: object) -> str:
    """Return a Reference (or its string) as "Type/id"; "#id", a urn or "" if it is none of that."""
    text = as_text(value) or as_text(as_object(value).get("reference"))
    match = _TYPE_AND_ID.fullmatch(text)
    return f"{match[1]}/{match[2]}" if match else text


def own_reference(resource: JsonObject) -> str:
    """Return a resource's own "Type/id", or its type alone if it has no id."""
    kind, identifier = as_text(resource.get("resourceType")), as_text(resource.get("id"))
    return f"{kind}/{identifier}" if identifier else kind


def read_days(value: object, zone: tzinfo | None = None) -> Days:
    """Return the days that a date, dateTime, instant, Period or Timing may mean.

    An instant is turned into a day in `zone`, or taken as sent without one. A Period reaches from
    its start to its end; one that has only a start or an end is that day.
    """
    if isinstance(value, str):
        return _days_of_text(value.strip(), zone)
    period: Mapping[str, Any] = as_object(value)
    if "event" in period:
        parts = [_days_of_text(as_text(item), zone) for item in _texts(period["event"])]
    else:
        parts = [_days_of_text(as_text(period.get(name)), zone) for name in ("start", "end")]
    dated = [part for part in parts if part.earliest and part.latest]
    if not dated:
        return UNDATED
    earliest = min(part.earliest for part in dated if part.earliest)
    latest = max(part.latest for part in dated if part.latest)
    return Days(earliest, latest, " to ".join(dict.fromkeys(part.as_sent for part in dated)))


def read_moment(value: object) -> datetime | None:
    """Return a dateTime that has a time and an offset as an instant in UTC, else None."""
    text = as_text(value)
    if "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _days_of_text(text: str, zone: tzinfo | None) -> Days:
    match = _DATE.fullmatch(text)
    if not match:
        return UNDATED
    year, month, day, time = match.groups()
    try:
        if day:
            exact = date(int(year), int(month), int(day))
            if time and zone is not None:
                moment = datetime.fromisoformat(text)
                exact = moment.astimezone(zone).date() if moment.tzinfo else exact
            return Days(exact, exact, text)
        first = date(int(year), int(month or 1), 1)
        return Days(first, _last_day(int(year), int(month or 12)), text)
    except (ValueError, OverflowError):
        return UNDATED


def _last_day(year: int, month: int) -> date:
    if month == 12:
        return date(year, 12, 31)
    return date(year, month + 1, 1) - timedelta(days=1)
