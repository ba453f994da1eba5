"""A site's own codes: FHIR ConceptMap and ValueSet files in a folder, refused at start if wrong.

A ConceptMap maps the site's code to a code that a shipped value set holds; it then means whatever
that code means. A ValueSet whose id or url is that of a shipped one adds its codes to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fhir_mapping.codes import CodeEntry, Codes, Concept

__all__ = ["SiteCodesError", "refuse_contradictions", "with_site_codes"]

# Relationships under which the site's code may be read as ours: it means the same, or something
# narrower. R4 names the target's place ("wider": ours is wider), R5 the source's.
_R4 = frozenset({"equal", "equivalent", "wider", "subsumes"})
_R5 = frozenset({"equivalent", "source-is-narrower-than-target"})
_NOT_MAPPED = frozenset({"unmatched", "disjoint", "not-related-to"})
# A code cannot mean two of these at once: every answer in it would say two things, and be lost.
_EXCLUSIVE = (
    frozenset({"answer-present", "answer-absent", "answer-undetermined"}),
    frozenset({"answer-present", "mvi-absent"}),
    frozenset({"answer-absent", "mvi-present"}),
    frozenset({"mvi-present", "mvi-absent"}),
    frozenset({"capsule-complete", "capsule-incomplete", "capsule-absent"}),
    frozenset({"capsule-present", "capsule-absent"}),
    frozenset({"pvtt-type", "pvtt-absent"}),
    frozenset({"hbv-positive", "hbv-negative"}),
    frozenset({"residual-tumour-r0", "residual-tumour-r1", "residual-tumour-r2"}),
    frozenset({"child-pugh-class-a", "child-pugh-class-b", "child-pugh-class-c"}),
    frozenset(f"ecog-{grade}" for grade in range(5)),
)
_VALUE_SET_URL = "https://hcc-cds.example.org/fhir/ValueSet/"


class SiteCodesError(ValueError):
    """A file of the site's folder that cannot be used: which, where in it, and why."""

    def __init__(self, file: str, path: str, reason: str) -> None:
        super().__init__(f"{file}: {path}: {reason}")
        self.file = file
        self.path = path
        self.reason = reason


def with_site_codes(codes: Codes, folder: Path) -> Codes:
    """Return the concepts with a site's own codes added.

    Raises
    ------
    SiteCodesError
        For the first file, in order of names, that cannot be used.
    """
    if not folder.is_dir():
        raise SiteCodesError(folder.name, "(folder)", "it is not a folder")
    concepts = dict(codes.concepts)
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "README")):
            continue
        if path.suffix != ".json":
            reason = "only FHIR resources in files named *.json are read"
            raise SiteCodesError(path.name, "(file)", reason)
        resource = _read(path)
        match resource.get("resourceType"):
            case "ValueSet":
                _add_value_set(concepts, path.name, resource)
            case "ConceptMap":
                _add_concept_map(concepts, codes, path.name, resource)
            case _:
                reason = "it is neither a ConceptMap nor a ValueSet"
                raise SiteCodesError(path.name, "resourceType", reason)
    added = Codes(concepts)
    refuse_contradictions(codes, added)
    return added


def refuse_contradictions(shipped: Codes, added: Codes) -> None:
    """Refuse a code that was added and means two things that exclude each other.

    Raises
    ------
    SiteCodesError
        For the first such code.
    """
    for name, concept in added.concepts.items():
        for entry in concept.include[len(shipped.concepts[name].include) :]:
            meant = added.concepts_of({"system": entry.system, "code": entry.code})
            for group in _EXCLUSIVE:
                if len(meant & group) > 1:
                    place = f"code {entry.system}|{entry.code}"
                    reason = f"it would mean {' and '.join(sorted(meant & group))} at once"
                    raise SiteCodesError(entry.source, place, reason)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        resource = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise SiteCodesError(path.name, "(file)", "it is nested too deeply") from None
    except (OSError, ValueError) as error:
        raise SiteCodesError(path.name, "(file)", f"it is not JSON in UTF-8: {error}") from None
    if not isinstance(resource, dict):
        raise SiteCodesError(path.name, "(file)", "it is not a JSON object")
    if resource.get("status") == "retired":
        raise SiteCodesError(path.name, "status", "it is retired")
    return resource


def _add_value_set(concepts: dict[str, Concept], file: str, resource: Mapping[str, Any]) -> None:
    name = _concept_of_value_set(concepts, resource)
    if name is None:
        reason = "no shipped value set has this id or url"
        raise SiteCodesError(file, "id", reason)
    compose = _object(file, "compose", resource.get("compose"))
    include = tuple(_value_set_entries(file, "compose.include", compose.get("include", [])))
    exclude = tuple(_value_set_entries(file, "compose.exclude", compose.get("exclude", [])))
    if not include and not exclude:
        raise SiteCodesError(file, "compose", "it lists no code")
    known = concepts[name]
    concepts[name] = replace(
        known, include=(*known.include, *include), exclude=(*known.exclude, *exclude)
    )


def _concept_of_value_set(
    concepts: Mapping[str, Concept], resource: Mapping[str, Any]
) -> str | None:
    url = resource.get("url")
    if isinstance(url, str) and url.startswith(_VALUE_SET_URL):
        named = url.removeprefix(_VALUE_SET_URL).partition("|")[0]
        return named if named in concepts else None
    name = resource.get("id")
    return name if isinstance(name, str) and name in concepts else None


def _value_set_entries(file: str, path: str, groups: object) -> Iterator[CodeEntry]:
    for number, group in enumerate(_objects(file, path, groups)):
        here = f"{path}[{number}]"
        for unread in ("filter", "valueSet"):
            if unread in group:
                raise SiteCodesError(
                    file, f"{here}.{unread}", "only codes listed one by one are read"
                )
        system = _text(file, f"{here}.system", group.get("system"))
        for position, item in enumerate(_objects(file, f"{here}.concept", group.get("concept"))):
            code = _text(file, f"{here}.concept[{position}].code", item.get("code"))
            display = item.get("display")
            yield CodeEntry(system, code, display if isinstance(display, str) else "", file)


def _add_concept_map(
    concepts: dict[str, Concept], shipped: Codes, file: str, resource: Mapping[str, Any]
) -> None:
    groups = _objects(file, "group", resource.get("group"))
    if not any(group.get("element") for group in groups):
        raise SiteCodesError(file, "group", "it maps no code")
    for number, group in enumerate(groups):
        here = f"group[{number}]"
        source = _text(file, f"{here}.source", _system(group.get("source")))
        target = _text(file, f"{here}.target", _system(group.get("target")))
        if "unmapped" in group:
            reason = "only codes mapped one by one are read"
            raise SiteCodesError(file, f"{here}.unmapped", reason)
        elements = _objects(file, f"{here}.element", group.get("element"))
        for position, element in enumerate(elements):
            at = f"{here}.element[{position}]"
            code = _text(file, f"{at}.code", element.get("code"))
            display = element.get("display")
            entry = CodeEntry(source, code, display if isinstance(display, str) else "", file)
            for name in _targets(shipped, file, at, target, element):
                concepts[name] = replace(concepts[name], include=(*concepts[name].include, entry))


def _targets(
    shipped: Codes, file: str, at: str, system: str, element: Mapping[str, Any]
) -> Iterator[str]:
    targets = _objects(file, f"{at}.target", element.get("target", []))
    if element.get("noMap") is True and targets:
        raise SiteCodesError(file, f"{at}.noMap", "it has a target, and says that it has none")
    if element.get("noMap") is not True and not targets:
        raise SiteCodesError(file, f"{at}.target", "it names no target, and not that there is none")
    for number, target in enumerate(targets):
        here = f"{at}.target[{number}]"
        for condition in ("dependsOn", "product"):
            if condition in target:
                reason = "a mapping that depends on more than the code is not read"
                raise SiteCodesError(file, f"{here}.{condition}", reason)
        relation = target.get("relationship", target.get("equivalence", "equivalent"))
        if relation in _NOT_MAPPED:
            continue
        allowed = _R5 if "relationship" in target else _R4
        if relation not in allowed:
            path = f"{here}.{'relationship' if 'relationship' in target else 'equivalence'}"
            reason = "the site's code must mean the same as ours or something narrower"
            raise SiteCodesError(file, path, reason)
        code = _text(file, f"{here}.code", target.get("code"))
        meant = shipped.concepts_of({"system": system, "code": code})
        if not meant:
            raise SiteCodesError(file, f"{here}.code", "no shipped value set holds this code")
        yield from sorted(meant)


def _system(value: object) -> object:
    """Return the system of a canonical, which may carry a version."""
    return value.partition("|")[0] if isinstance(value, str) else value


def _text(file: str, path: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SiteCodesError(file, path, "it must be a text that is not empty")
    return value


def _object(file: str, path: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SiteCodesError(file, path, "it must be an object")
    return value


def _objects(file: str, path: str, value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise SiteCodesError(file, path, "it must be a list of objects")
    return value
