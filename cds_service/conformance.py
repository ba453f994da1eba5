"""The rules every response keeps, as pure functions over its JSON.

R1 to R12 are a public conformance kit's (inferno-framework/davinci-crd-test-kit 0.13.0); the X rules
are the specification's further ones and our own. Line numbers are those of the checklist of CDS
Hooks 2.0.1. The invariants of the 3.0 ballot (cds-resp-1 to 7) are among them: X-recommended,
X-delete, R10, R9, R12, R8, and for the last that we send no member it speaks of (X-unknown).
R13 (systemActions on order-sign, a payer's rule) is not held: rule A3 forbids it empty.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cds_service.bindings import CREATED, wrong_codes

__all__ = ["LONGEST_DETAIL", "RULES", "Breach", "check_discovery", "check_response"]

LONGEST_DETAIL = 20_000
"""Characters of a card's detail. Our own choice."""

RULES: Mapping[str, str] = {
    "R1": "cards is an array",
    "R2": "summary, indicator and source are there",
    "R3": "summary has fewer than 140 characters",
    "R4": "indicator is info, warning or critical",
    "R5": "source has a label and a topic with code and system",
    "R6": "no value is blank",
    "R7": "optional members have their type",
    "R8": "suggestions come with a selectionBehavior that exists",
    "R9": "override reasons have code, system and display",
    "R10": "links have label, an http(s) url and a type; appContext only with smart",
    "R11": "suggestions have a label, and actions if any",
    "R12": "actions have type, description and what they change",
    "X-null": "no null anywhere (A2)",
    "X-empty": "no empty member anywhere but cards and services (A3)",
    "X-uuid": "cards and suggestions have a UUID, each used once (H49, J62)",
    "X-recommended": "at most one suggestion is recommended if at most one may be taken (J63)",
    "X-delete": "a delete brings no resource, a create or update no resourceId (K66-K68)",
    "X-resource": "a created or updated resource says its type",
    "X-created": "a created or updated resource is a ServiceRequest, CarePlan or Appointment",
    "X-binding": "codes are from FHIR's required bindings",
    "X-detail": "detail is not longer than its cap",
    "X-html": "no raw HTML in texts (Z10)",
    "X-spelling": "autolaunchable is spelled in lower case (L73)",
    "X-link": "links lead only where they may",
    "X-unknown": "no member the specification does not have",
}

_INDICATORS = ("info", "warning", "critical")
_BEHAVIOURS = ("any", "at-most-one")
_Members = Mapping[str, type]
_CARD: _Members = {
    **dict.fromkeys(("uuid", "summary", "detail", "indicator", "selectionBehavior"), str),
    **dict.fromkeys(("suggestions", "overrideReasons", "links"), list),
    "source": dict,
}
_SOURCE: _Members = {"label": str, "url": str, "icon": str, "topic": dict}
_CODING: _Members = {"code": str, "system": str, "display": str}
_SUGGESTION: _Members = {"label": str, "uuid": str, "isRecommended": bool, "actions": list}
_ACTION: _Members = {"type": str, "description": str, "resource": dict, "resourceId": str}
_LINK: _Members = {
    **dict.fromkeys(("label", "url", "type", "appContext"), str),
    "autolaunchable": bool,
}
_RELATIVE_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
_RAW_HTML = re.compile(r"<[A-Za-z/!?]")
# What GitHub-Flavored Markdown makes a link of: a bare address, and the target of [...](...).
_TARGET = re.compile(r"(?:https?://|\bwww\.)[^\s)>\]]+|(?<=\]\()[^)\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule and where; never what stood there."""

    rule: str
    where: str


def check_response(
    response: object, *, link_hosts: Collection[str] | None = None
) -> tuple[Breach, ...]:
    """Return every rule that the answer of a service breaks; none if it may leave.

    `link_hosts` are the hosts links may lead to; None lets all pass.
    """
    if not isinstance(response, Mapping):
        return (Breach("R1", "response"),)
    return tuple(dict.fromkeys(_response_breaches(response, link_hosts)))


def check_discovery(response: object) -> tuple[Breach, ...]:
    """Return every rule that the answer of discovery breaks (checklist lines 6 to 13)."""
    services = response.get("services") if isinstance(response, Mapping) else None
    if not isinstance(services, list):
        return (Breach("D3", "services"),)
    found = [
        Breach("D3", f"services[{number}].{name}")
        for number, entry in enumerate(services)
        for name in ("hook", "id", "title", "description")
        if not (isinstance(entry, Mapping) and _is_text(entry.get(name)))
    ]
    return (*found, *_blank(services, "services"))


def _response_breaches(
    response: Mapping[str, Any], link_hosts: Collection[str] | None
) -> Iterator[Breach]:
    cards = response.get("cards")
    if not isinstance(cards, list):
        yield Breach("R1", "cards")
        cards = []
    for name in response.keys() - {"cards", "systemActions", "extension"}:
        yield Breach("X-unknown", name)
    for name, value in response.items():
        # `cards: []` is how a service says that it has nothing to say.
        if not (name == "cards" and value == []):
            yield from _blank(value, name)
    for number, card in enumerate(cards):
        yield from _card(card, f"cards[{number}]", link_hosts)
    for number, action in _listed(response.get("systemActions")):
        yield from _action(action, f"systemActions[{number}]")
    yield from _uuids(cards)


def _card(card: object, where: str, link_hosts: Collection[str] | None) -> Iterator[Breach]:
    if not isinstance(card, Mapping):
        yield Breach("R2", where)
        return
    yield from _required_of_card(card, where)
    yield from _members(card, where, _CARD)
    detail = _text_of(card.get("detail"))
    if len(detail) > LONGEST_DETAIL:
        yield Breach("X-detail", f"{where}.detail")
    if any(not _leads_where_it_may(target, link_hosts) for target in _TARGET.findall(detail)):
        yield Breach("X-link", f"{where}.detail")
    yield from _suggestions(card, where)
    for number, reason in _listed(card.get("overrideReasons")):
        place = f"{where}.overrideReasons[{number}]"
        if not _has_texts(reason, "code", "system", "display"):
            yield Breach("R9", place)
        yield from _members(reason, place, _CODING)
    for number, link in _listed(card.get("links")):
        yield from _link(link, f"{where}.links[{number}]", link_hosts)


def _members(value: object, where: str, known: _Members) -> Iterator[Breach]:
    """Find members that are unknown or of another type, and raw HTML in texts."""
    for name, item in value.items() if isinstance(value, Mapping) else ():
        kind = dict if name == "extension" else known.get(name)
        if kind is None:
            yield Breach("X-unknown", f"{where}.{name}")
        elif not isinstance(item, kind):
            yield Breach("R7", f"{where}.{name}")
        # A client that renders a detail as Markdown may do so with any other text.
        elif _RAW_HTML.search(_text_of(item)):
            yield Breach("X-html", f"{where}.{name}")


def _required_of_card(card: Mapping[str, Any], where: str) -> Iterator[Breach]:
    summary, source = card.get("summary"), card.get("source")
    if not _is_text(summary):
        yield Breach("R2", f"{where}.summary")
    if len(_text_of(summary)) >= 140:
        yield Breach("R3", f"{where}.summary")
    if not isinstance(card.get("indicator"), str):
        yield Breach("R2", f"{where}.indicator")
    elif card["indicator"] not in _INDICATORS:
        yield Breach("R4", f"{where}.indicator")
    if not isinstance(source, Mapping):
        yield Breach("R2", f"{where}.source")
        return
    if not _is_text(source.get("label")) or not _has_texts(source.get("topic"), "code", "system"):
        yield Breach("R5", f"{where}.source")
    yield from _members(source, f"{where}.source", _SOURCE)
    yield from _members(source.get("topic"), f"{where}.source.topic", _CODING)
    for name in ("url", "icon"):
        if name in source and not _is_http(source[name]):
            yield Breach("R7", f"{where}.source.{name}")


def _suggestions(card: Mapping[str, Any], where: str) -> Iterator[Breach]:
    suggestions = _listed(card.get("suggestions"))
    if suggestions and card.get("selectionBehavior") not in _BEHAVIOURS:
        yield Breach("R8", f"{where}.selectionBehavior")
    recommended = 0
    for number, suggestion in suggestions:
        place = f"{where}.suggestions[{number}]"
        if not _has_texts(suggestion, "label"):
            yield Breach("R11", place)
            continue
        yield from _members(suggestion, place, _SUGGESTION)
        recommended += suggestion.get("isRecommended") is True
        actions = suggestion.get("actions", [{}])
        if not isinstance(actions, list) or not actions:
            yield Breach("R11", f"{place}.actions")
        elif "actions" in suggestion:
            for action_number, action in enumerate(actions):
                yield from _action(action, f"{place}.actions[{action_number}]")
    if recommended > 1 and card.get("selectionBehavior") == "at-most-one":
        yield Breach("X-recommended", f"{where}.suggestions")


def _action(action: object, where: str) -> Iterator[Breach]:
    if not isinstance(action, Mapping) or not _has_texts(action, "type", "description"):
        yield Breach("R12", where)
        return
    yield from _members(action, where, _ACTION)
    if ("resource" if action["type"] == "delete" else "resourceId") in action:
        yield Breach("X-delete", where)
    match action["type"]:
        case "create" | "update":
            resource = action.get("resource")
            if not isinstance(resource, Mapping):
                yield Breach("R12", f"{where}.resource")
            elif not _is_text(resource.get("resourceType")):
                yield Breach("X-resource", f"{where}.resource")
            elif resource["resourceType"] not in CREATED:
                yield Breach("X-created", f"{where}.resource")
            else:
                for element in wrong_codes(resource):
                    yield Breach("X-binding", f"{where}.resource.{element}")
        case "delete":
            if not _RELATIVE_REFERENCE.fullmatch(_text_of(action.get("resourceId"))):
                yield Breach("R12", f"{where}.resourceId")
        case _:
            yield Breach("R12", f"{where}.type")


def _link(link: object, where: str, link_hosts: Collection[str] | None) -> Iterator[Breach]:
    if not isinstance(link, Mapping) or not _has_texts(link, "label", "type", "url"):
        yield Breach("R10", where)
        return
    yield from _members(link, where, _LINK)
    if not _is_http(link["url"]) or link["type"] not in ("absolute", "smart"):
        yield Breach("R10", where)
    elif not _leads_where_it_may(link["url"], link_hosts):
        yield Breach("X-link", f"{where}.url")
    if link["type"] == "absolute" and "appContext" in link:
        yield Breach("R10", f"{where}.appContext")
    if any(name.lower() == "autolaunchable" != name for name in link):
        yield Breach("X-spelling", where)


def _leads_where_it_may(url: str, link_hosts: Collection[str] | None) -> bool:
    if link_hosts is None:
        return True
    return _is_http(url) and urlsplit(url).hostname in link_hosts


def _uuids(cards: list[Any]) -> Iterator[Breach]:
    seen: set[str] = set()
    for number, card in enumerate(cards):
        holders = [(f"cards[{number}]", card)]
        if isinstance(card, Mapping):
            holders += [
                (f"cards[{number}].suggestions[{place}]", item)
                for place, item in _listed(card.get("suggestions"))
            ]
        for where, holder in holders:
            text = _text_of(holder.get("uuid")) if isinstance(holder, Mapping) else ""
            if not _is_uuid(text) or text in seen:
                yield Breach("X-uuid", where)
            seen.add(text)


def _blank(value: object, where: str) -> Iterator[Breach]:
    """Find null, blank text and empty members anywhere below."""
    if value is None:
        yield Breach("X-null", where)
    elif isinstance(value, str):
        if not value.strip():
            yield Breach("R6", where)
    elif isinstance(value, Mapping | list):
        if not value:
            yield Breach("X-empty", where)
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, item in items:
            yield from _blank(
                item, f"{where}.{name}" if isinstance(name, str) else f"{where}[{name}]"
            )


def _listed(value: object) -> list[tuple[int, Any]]:
    return list(enumerate(value)) if isinstance(value, list) else []


def _has_texts(value: object, *names: str) -> bool:
    return isinstance(value, Mapping) and all(_is_text(value.get(name)) for name in names)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_http(value: object) -> bool:
    try:
        parts = urlsplit(_text_of(value))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
