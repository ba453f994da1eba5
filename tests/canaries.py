"""What must not reach a log: words planted by the tests' builders, and all that names a synthetic patient.

`WORD` stands in the patients that builders make, so that a new test is covered without asking for it.
`needles()` collects, from the demo patients, the golden cases and the published examples, what identifies
somebody or is written in words about them. `SHAPES` are what may be in no log whoever it is about.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cds_service.demo.patients.catalogue import PATIENTS

__all__ = ["IDENTITY", "NUMBER", "SHAPES", "WORD", "identifying", "needles"]

WORD = "canaryq7x"
NUMBER = 918273.645

# Put over a patient that a builder makes.
IDENTITY: Mapping[str, Any] = {
    "name": [{"family": WORD, "given": [WORD], "text": f"{WORD} {WORD}"}],
    "identifier": [{"system": "urn:example:mrn", "value": f"MRN-{WORD}"}],
    "telecom": [{"system": "phone", "value": f"+00 {WORD}"}],
    "address": [{"line": [f"{WORD} street 1"], "city": WORD, "postalCode": WORD}],
}

_TESTS = Path(__file__).parent
# A birth date before this is no time stamp of a log line.
_YOUNGEST = date(2015, 1, 1)
_SHORTEST_TEXT = 12
_SENTENCE_END = re.compile(r"(?<=[.;])\s+|[。;\n]\s*")

SHAPES: Mapping[str, re.Pattern[str]] = {
    "a planted word": re.compile(r"canary|918273\.645", re.IGNORECASE),
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    "a bearer token": re.compile(r"\bBearer\s+[\w.~+/-]{6,}", re.IGNORECASE),
    "a private key": re.compile(r"PRIVATE KEY-----|[\"']d[\"']\s*:\s*[\"'][\w-]{20,}"),
    "a cookie": re.compile(r"\bcookie[\"']?\s*[:=]", re.IGNORECASE),
    "a secret of OAuth": re.compile(
        r"\b(access_token|refresh_token|id_token|client_secret|code_verifier)[\"']?\s*[:=]"
        r"|[?&](code|state|launch)=\w"
    ),
    "a password in a URL": re.compile(r"://[^\s:/@'\"]+:(?!\*\*\*)[^\s/@'\"]+@"),
    "a reference to a patient": re.compile(r"\bPatient/[A-Za-z0-9]"),
    "a search for a patient": re.compile(
        r"[?&](patient|subject|_id|identifier|name|family|given|birthdate)=\w"
    ),
    "a FHIR resource": re.compile(r"resourceType[\"']?\s*[:=]"),
}


def identifying(
    value: Any, key: str = "", *, of_patient: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield what in a FHIR resource (or a part, or a list) names its patient or is told in words."""
    if isinstance(value, list):
        for item in value:
            yield from identifying(item, key, of_patient=of_patient)
        return
    if not isinstance(value, dict):
        return
    of_patient = of_patient or value.get("resourceType") == "Patient"
    for name, item in value.items():
        if name in ("name", "telecom", "address", "identifier") and of_patient:
            yield from ((name, text) for text in _texts(item) if len(text.encode()) > 2)
        elif name == "birthDate" and isinstance(item, str) and item[:10] < str(_YOUNGEST):
            # A year alone would be found in many a number.
            yield from [("birth date", item)] if len(item) == 10 else []
        elif name == "data" and isinstance(item, str):
            yield from _long("report", _decoded(item))
        elif name in ("valueString", "conclusion") or (name == "text" and key == "note"):
            yield from _long("report", item)
        else:
            yield from identifying(item, name, of_patient=of_patient)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text below a value, without what systems and uses are called."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name in ("value", "text", "family", "given", "line", "city", "postalCode"):
            yield from _texts(value.get(name))


def _long(what: str, text: object) -> Iterator[tuple[str, str]]:
    """Yield each sentence of a text that is long enough to be found by chance nowhere else."""
    if isinstance(text, str):
        for sentence in _SENTENCE_END.split(text):
            if len(sentence.encode()) >= _SHORTEST_TEXT:
                yield what, sentence


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data).decode()
    except ValueError:
        return ""


@cache
def needles() -> Mapping[str, str]:
    """Return every text to look for, with what it is."""
    found: dict[str, str] = {}
    for patient in PATIENTS.values():
        resources = list(patient.resources(date(2026, 11, 22)))
        _keep(found, (("id", resource["id"]) for resource in resources), "demo patient")
        _keep(found, identifying(resources), "demo patient")
    for file in sorted(_TESTS.glob("golden/*/*/request.json")):
        _keep(found, identifying(json.loads(file.read_text(encoding="utf-8"))), "golden case")
    for file in sorted(_TESTS.glob("examples/*/*.json")):
        _keep(found, identifying(json.loads(file.read_text(encoding="utf-8"))), "published example")
    # The family name of the demo's patients is what the demo says of itself.
    found.pop("Synthetic", None)
    return found


def _keep(found: dict[str, str], texts: Iterable[tuple[str, str]], whose: str) -> None:
    for what, text in texts:
        found.setdefault(text, f"{what} of a {whose}")
