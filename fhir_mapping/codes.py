"""Loads the value sets and a site's own codes; answers "is this coding that concept?"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

__all__ = [
    "HCC_CDS_SYSTEM",
    "LOINC",
    "NO_CONCEPTS",
    "OPS",
    "SNOMED",
    "CodeEntry",
    "Codes",
    "Concept",
    "codings_of",
]

HCC_CDS_SYSTEM = "https://hcc-cds.example.org/fhir/CodeSystem/hcc-cds"
SOURCE_EXTENSION = "https://hcc-cds.example.org/fhir/StructureDefinition/code-source"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
# The name of OPS until 2023, by the release notes of the German MII's procedure module 2024.0.0.
_OPS_BEFORE = "http://fhir.de/CodeSystem/dimdi/ops"

NO_CONCEPTS: frozenset[str] = frozenset()

_ICD = ("http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm")
_LOINC_SHAPE = re.compile(r"[0-9]{1,6}-[0-9]")


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of a concept, with where it was verified."""

    system: str
    code: str
    display: str
    source: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One value set: the codes that mean this concept, and those that never do."""

    name: str
    title: str
    description: str
    include: tuple[CodeEntry, ...]
    exclude: tuple[CodeEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Codes:
    """The concepts, and an index from each code to the concepts it means."""

    concepts: Mapping[str, Concept]
    _included: dict[tuple[str, str], frozenset[str]] = field(init=False, repr=False, compare=False)
    _excluded: dict[tuple[str, str], frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        every = self.concepts.values()
        object.__setattr__(self, "_included", _index((c.name, c.include) for c in every))
        object.__setattr__(self, "_excluded", _index((c.name, c.exclude) for c in every))

    @staticmethod
    def shipped() -> Codes:
        """Return the concepts that come with the package."""
        return _shipped()

    def concepts_of(self, codeable_concept: object) -> frozenset[str]:
        """Return every concept that a Coding, CodeableConcept or a list of them means.

        Any coding is enough; a coding that a concept excludes outweighs those it includes.
        """
        found: frozenset[str] = NO_CONCEPTS
        never: frozenset[str] = NO_CONCEPTS
        for coding in codings_of(codeable_concept):
            key = _key(coding.get("system"), coding.get("code"))
            if key is None:
                continue
            found |= _look_up(self._included, key)
            never |= _look_up(self._excluded, key)
        return found - never if never else found

    def matches(self, concept: str, codeable_concept: object) -> bool:
        """Tell whether a Coding or CodeableConcept means this concept."""
        return concept.replace("_", "-") in self.concepts_of(codeable_concept)

    def search_token_list(self, concepts: Iterable[str]) -> str:
        """Return the codes of these concepts as one FHIR search value, "system|code,system|code"."""
        tokens = {
            f"{entry.system}|{entry.code}": None
            for name in concepts
            for entry in self.concepts[name.replace("_", "-")].include
        }
        return ",".join(tokens)

    def display_names(self, concept: str) -> frozenset[str]:
        """Return the displays of a concept in lower case (drugs are also found by name)."""
        return frozenset(e.display.lower() for e in self.concepts[concept].include if e.display)


def codings_of(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the codings in a Coding, a CodeableConcept, an R5 CodeableReference or a list of them."""
    if isinstance(value, list):
        for item in value:
            yield from codings_of(item)
    elif isinstance(value, dict):
        if "code" in value or "system" in value:
            yield value
        coding = value.get("coding")
        for item in coding if isinstance(coding, list) else [coding]:
            if isinstance(item, dict):
                yield item
        if isinstance(value.get("concept"), dict):
            yield from codings_of(value["concept"])


def _key(system: object, code: object) -> tuple[str, str] | None:
    """Return the index key of a coding; None if it cannot be one.

    A system is compared without a trailing slash or an https scheme, an ICD-10 code without its
    dot. A code without a system counts only if it has LOINC's unmistakable shape.
    """
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    if not isinstance(code, str):
        return None
    code = code.strip()
    if not isinstance(system, str) or not system:
        return (LOINC, code) if _LOINC_SHAPE.fullmatch(code) else None
    system = system.strip().rstrip("/")
    if system.startswith("https://") and system != HCC_CDS_SYSTEM:
        system = f"http://{system[8:]}"
    if system == _OPS_BEFORE:
        system = OPS
    if system in _ICD:
        code = code.replace(".", "").upper()
    return system, code


def _look_up(
    index: Mapping[tuple[str, str], frozenset[str]], key: tuple[str, str]
) -> frozenset[str]:
    """Return what a code means; a subcode of OPS that is not listed means what its category means."""
    found = index.get(key, NO_CONCEPTS)
    if not found and key[0] == OPS:
        found = index.get((OPS, key[1].partition(".")[0]), NO_CONCEPTS)
    return found


def _index(
    entries: Iterable[tuple[str, tuple[CodeEntry, ...]]],
) -> dict[tuple[str, str], frozenset[str]]:
    index: dict[tuple[str, str], frozenset[str]] = {}
    for name, codes in entries:
        for entry in codes:
            key = _key(entry.system, entry.code)
            if key is not None:
                index[key] = index.get(key, NO_CONCEPTS) | {name}
    return index


@cache
def _shipped() -> Codes:
    folder = files("fhir_mapping").joinpath("value_sets")
    concepts: dict[str, Concept] = {}
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.name.endswith(".json") and not item.name.startswith("codesystem-"):
            concept = read_value_set(json.loads(item.read_text(encoding="utf-8")))
            concepts[concept.name] = concept
    return Codes(concepts)


def read_value_set(resource: Mapping[str, Any]) -> Concept:
    """Return the concept of a FHIR ValueSet that lists its codes."""
    compose = resource["compose"]
    return Concept(
        resource["id"],
        resource.get("title", resource["id"]),
        resource.get("description", ""),
        tuple(_entries(compose.get("include", []))),
        tuple(_entries(compose.get("exclude", []))),
    )


def _entries(groups: list[Mapping[str, Any]]) -> Iterator[CodeEntry]:
    for group in groups:
        for concept in group.get("concept", []):
            source = "".join(
                extension.get("valueString", "")
                for extension in concept.get("extension", [])
                if extension.get("url") == SOURCE_EXTENSION
            )
            yield CodeEntry(group["system"], concept["code"], concept.get("display", ""), source)


def shipped_folder() -> Path:
    """Return the folder of the shipped value sets."""
    return Path(str(files("fhir_mapping").joinpath("value_sets")))
