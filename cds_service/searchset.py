"""What one searchset Bundle says: its resources, its next page, and whether something is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fhir_mapping.prefetch_key import JsonObject

__all__ = ["Searchset", "find_gap", "read_searchset"]

# Codes of http://hl7.org/fhir/issue-type (4.0.1) that say, at whatever severity, that the answer may
# lack something the query asked for. A warning with another code is not a gap. Seen in public:
# Epic sends "4119", severity warning, code processing, with every answer ("may not contain the
# entire record", onc-healthit/inferno-program#229): it speaks of the user's scope, not of a cut;
# microsoft/fhir-server#612 sends "not-supported" for an ignored parameter: that finds more, not less.
_CODES_OF_GAPS = frozenset(
    {
        "exception",
        "expired",
        "forbidden",
        "incomplete",
        "lock-error",
        "login",
        "no-store",
        "security",
        "suppressed",
        "throttled",
        "timeout",
        "too-costly",
        "transient",
        "unknown",
    }
)
_SEVERITIES_OF_GAPS = frozenset({"fatal", "error"})
_UNREADABLE = "unreadable:"


@dataclass(frozen=True, slots=True)
class Searchset:
    """One page of a search; `gap` says in words what it lacks, empty if nothing.

    `match_count` counts the entries that matched (not those included with them); `total` is the
    server's own count over all pages, if it gave one.
    """

    resources: tuple[JsonObject, ...]
    match_count: int
    total: int | None
    next_link: str
    gap: str


def read_searchset(bundle: Mapping[str, Any]) -> Searchset:
    """Return what a Bundle says, tolerating every malformed part as a gap."""
    resources: list[JsonObject] = []
    match_count = 0
    gap = ""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        entries, gap = [], "its entries are not a list"
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            gap = gap or "an entry came without its resource"
        elif resource.get("resourceType") == "OperationOutcome":
            gap = gap or find_gap(resource)
        else:
            resources.append(resource)
            match_count += _is_match(entry)
    total = bundle.get("total")
    return Searchset(
        resources=tuple(resources),
        match_count=match_count,
        total=total if isinstance(total, int) and not isinstance(total, bool) else None,
        next_link=_find_next_link(bundle),
        gap=gap,
    )


def find_gap(operation_outcome: JsonObject) -> str:
    """Return in words what an OperationOutcome says is missing; its own texts are never repeated."""
    issues = operation_outcome.get("issue")
    for issue in issues if isinstance(issues, list) else []:
        if not isinstance(issue, Mapping):
            continue
        code, severity = issue.get("code"), issue.get("severity")
        if isinstance(code, str) and code in _CODES_OF_GAPS:
            return f"the server reported: {code}"
        if isinstance(severity, str) and severity in _SEVERITIES_OF_GAPS:
            return f"the server reported: {severity}"
    return ""


def _is_match(entry: JsonObject) -> bool:
    search = entry.get("search")
    # Not every server fills search.mode (medplum/medplum#5062): without it, it is a match.
    return not isinstance(search, dict) or search.get("mode", "match") == "match"


def _find_next_link(bundle: Mapping[str, Any]) -> str:
    links = bundle.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and link.get("relation") == "next":
            url = link.get("url")
            # A next link that cannot be read still says that there is more.
            return url if isinstance(url, str) and url else _UNREADABLE
    return ""
