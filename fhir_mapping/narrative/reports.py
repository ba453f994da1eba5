"""Reads the words of reports and observations into findings that are to be confirmed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from fhir_mapping.findings import Certainty, Finding, Origin, Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.narrative.presence import UNCERTAIN
from fhir_mapping.narrative.reader import NarrativeFinding, read_text
from fhir_mapping.narrative.rules import any_of
from fhir_mapping.narrative.statements import Amount
from fhir_mapping.narrative.text import MAX_CHARACTERS, strip_html
from fhir_mapping.observed import FINAL_STATUSES, NEVER_USED_STATUSES, origins_of
from fhir_mapping.prefetch_key import JsonObject
from fhir_mapping.resources import as_text, display_of, objects_in, status_code
from fhir_mapping.select import SPECIMEN_ONLY
from models.inputs import Input, between, exactly, unknown
from models.quantities import ABSENT, quantity

__all__ = ["read_reports"]

_ONE_VEIN = "no tumour thrombus in one vein says nothing of the other veins"
_ALL_VEINS = any_of(
    "all-veins",
    r"macro|gross|large|major|\bveins\b|\bvessels\b|venous|tumou?r in vein|in vein\b",
    r"大血管|肉眼|大体|血管内|大静脉|门静脉[^,;。]{0,12}肝静脉|肝静脉[^,;。]{0,12}门静脉",
    does='"no tumour thrombus" is said of the veins in general, not of one',
)
_READABLE = re.compile(r"^text/(?:plain|html)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Words:
    """One text of one resource."""

    entry: Entry
    text: str
    origin: Origin
    preliminary: bool


def read_reports(intake: Intake) -> Iterator[Finding | Rejected]:
    """Yield what the reports, notes and answers in words say, each with the exact words."""
    origins = origins_of(intake)
    for words in _texts(intake, origins):
        if len(words.text) > MAX_CHARACTERS:
            reason = f"its text is longer than {MAX_CHARACTERS} characters; the rest is not read"
            yield Rejected("", words.entry.evidence(), reason)
        for found in read_text(words.text):
            yield _as_finding(found, words)


def _texts(intake: Intake, origins: dict[str, Origin]) -> Iterator[_Words]:
    for entry in intake.of("DiagnosticReport", "Observation"):
        status = status_code(entry.resource.get("status"))
        if status in NEVER_USED_STATUSES:
            continue
        origin = origins.get(entry.reference, Origin.UNSTATED)
        for text in _own_texts(entry):
            yield _Words(entry, text, origin, status not in FINAL_STATUSES)


def _own_texts(entry: Entry) -> Iterator[str]:
    resource = entry.resource
    if entry.kind == "DiagnosticReport":
        yield from filter(None, [as_text(resource.get("conclusion"))])
        for form in objects_in(resource.get("presentedForm")):
            yield from filter(None, [_decoded(form)])
        return
    answer = as_text(resource.get("valueString"))
    if answer:
        question = display_of(resource.get("code"))
        yield f"{question}: {answer}" if question else answer
    for note in objects_in(resource.get("note")):
        yield from filter(None, [as_text(note.get("text"))])


def _decoded(form: JsonObject) -> str:
    """Return the text of an attachment in base64, empty if it is none."""
    kind, data = (as_text(form.get(name)) for name in ("contentType", "data"))
    if not data or not _READABLE.match(kind):
        return ""
    try:
        raw = base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError):
        return ""
    text = raw.decode(_charset(kind), errors="replace")
    return strip_html(text) if "html" in kind.lower() else text


def _charset(kind: str) -> str:
    match = re.search(r"charset=\"?(gb18030|gbk|gb2312|big5|iso-8859-1|windows-1252)", kind.lower())
    return match[1] if match else "utf-8-sig"


def _as_finding(found: NarrativeFinding, words: _Words) -> Finding | Rejected:
    evidence = replace(
        words.entry.evidence(found.quote[:200], f"narrative: {found.rule}"), quote=found.quote[:500]
    )
    if words.origin is Origin.IMAGING and found.name in SPECIMEN_ONLY:
        return Rejected(found.name, evidence, "it is of imaging, not of a specimen")
    if (
        found.name == "macrovascular_invasion"
        and found.value == ABSENT
        and not _ALL_VEINS.pattern.search(found.quote.lower())
    ):
        return Rejected(found.name, evidence, _ONE_VEIN)
    try:
        value = _value(found)
    except ValueError:
        return Rejected(found.name, evidence, "it is outside the plausible range")
    return Finding(
        found.name,
        value,
        evidence,
        words.entry.days.earliest,
        words.entry.days.latest,
        words.origin,
        Certainty.READ_FROM_TEXT,
        preliminary=words.preliminary,
    )


def _value(found: NarrativeFinding) -> Input:
    """Return what the words allow; a hot spot alone is only the upper end of the average."""
    name, value = quantity(found.name), found.value
    if not isinstance(value, Amount):
        if value == UNCERTAIN:
            return unknown(name, "the text leaves it uncertain")
        return exactly(name, value)
    if value.hot_spot:
        return between(name, Decimal(0), value.high, reason="only a hot spot is stated")
    if value.low is not None and value.low == value.high:
        return exactly(name, value.low)
    return between(
        name,
        value.low,
        value.high,
        lower_open=value.low_open,
        upper_open=value.high_open,
        reason="a range is stated",
    )
