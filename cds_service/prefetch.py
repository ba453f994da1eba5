"""From what a client sent under a prefetch key to one of its six states.

Absent and error mean unknown; null and an empty Bundle mean that nothing is recorded; a Bundle that
was cut short is incomplete. CDS Hooks 2.0.1, "Prefetch Template"; checklist lines 27 to 36.
No problem text holds a value from the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cds_service.errors import MissingDataError, OtherPatientError
from cds_service.request import HookRequest
from fhir_mapping.prefetch_key import JsonObject, PrefetchKey, PrefetchState

__all__ = [
    "PATIENT_KEY",
    "KeyWanted",
    "RecordSource",
    "check_patient",
    "next_link",
    "read_key",
    "read_prefetch",
    "require",
    "still_to_fetch",
]

PATIENT_KEY = "patient"
"""The one key whose template is a read; all others are searches."""

_USELESS = (PrefetchState.ABSENT, PrefetchState.ERROR)


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """A key that the service asks for and did not get whole."""

    key: str
    query: str
    received: PrefetchKey
    next_link: str = ""


class RecordSource(Protocol):
    """Where keys come from that the client did not send: its FHIR server."""

    def __call__(
        self, request: HookRequest, wanted: tuple[KeyWanted, ...]
    ) -> Mapping[str, PrefetchKey]:
        """Return what could be had; a key that is left out stays as it was received."""


def read_prefetch(prefetch: Mapping[str, Any], keys: Iterable[str]) -> dict[str, PrefetchKey]:
    """Return the state and the resources of each key; keys nobody asked for are not looked at."""
    return {
        key: read_key(prefetch[key], is_read=key == PATIENT_KEY)
        if key in prefetch
        else PrefetchKey(PrefetchState.ABSENT, problem="not sent")
        for key in keys
    }


def read_key(value: object, *, is_read: bool = False) -> PrefetchKey:
    """Return the state and the resources of one key that was sent.

    `is_read` tells that the template is the read of one Patient, not a search.
    """
    if value is None:
        return PrefetchKey(PrefetchState.NULL)
    if not isinstance(value, dict):
        return PrefetchKey(PrefetchState.ERROR, problem="neither a resource nor a Bundle")
    kind = value.get("resourceType")
    if kind == "OperationOutcome":
        return PrefetchKey(PrefetchState.ERROR, problem=_outcome_text(value))
    if kind == "Bundle":
        return _only_patients(_read_bundle(value)) if is_read else _read_bundle(value)
    if not isinstance(kind, str) or not kind:
        return PrefetchKey(PrefetchState.ERROR, problem="neither a resource nor a Bundle")
    if is_read:
        return _only_patients(PrefetchKey(PrefetchState.COMPLETE, (value,)))
    # A search that came as one resource: it is used, but nothing says that it is all there is.
    return PrefetchKey(
        PrefetchState.INCOMPLETE, (value,), "one resource where a Bundle was expected"
    )


def check_patient(keys: Mapping[str, PrefetchKey], patient_id: str) -> None:
    """Refuse a call whose Patient resource is somebody else.

    Raises
    ------
    OtherPatientError
        If a Patient under the patient key has another id than the context.
    """
    key = keys.get(PATIENT_KEY)
    for patient in key.resources if key else ():
        if patient["id"] != patient_id:
            raise OtherPatientError(
                "The Patient in the prefetch is another patient than the context.",
                diagnostics="prefetch.patient.id: not context.patientId",
                expressions=("prefetch.patient.id", "context.patientId"),
            )


def require(keys: Mapping[str, PrefetchKey], required: Iterable[str]) -> None:
    """Refuse a call that lacks required data (checklist line 36).

    The conditions may be none; a patient there must be.

    Raises
    ------
    MissingDataError
        Naming every key that is absent or in error.
    """
    missing = {key: keys[key].problem for key in required if _is_missing(key, keys[key])}
    if missing:
        raise MissingDataError(
            f"Required data are missing: {', '.join(missing)}.",
            diagnostics="; ".join(
                f"prefetch.{key}: {problem or 'none recorded'}" for key, problem in missing.items()
            ),
            expressions=tuple(f"prefetch.{key}" for key in missing),
        )


def still_to_fetch(
    request: HookRequest, keys: Mapping[str, PrefetchKey], templates: Mapping[str, str]
) -> tuple[KeyWanted, ...]:
    """Return the keys that did not come whole, with the queries that would get them."""
    return tuple(
        KeyWanted(
            key=name,
            query=templates[name].replace("{{context.patientId}}", request.patient_id),
            received=key,
            next_link=next_link(request.prefetch.get(name)),
        )
        for name, key in keys.items()
        if key.state in (*_USELESS, PrefetchState.INCOMPLETE)
    )


def next_link(value: object) -> str:
    """Return the address of the next page of a Bundle, empty if there is none."""
    links = value.get("link") if isinstance(value, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return ""


def _is_missing(name: str, key: PrefetchKey) -> bool:
    return key.state in _USELESS or (name == PATIENT_KEY and not key.resources)


def _read_bundle(bundle: Mapping[str, Any]) -> PrefetchKey:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        return PrefetchKey(PrefetchState.ERROR, problem="Bundle.entry is not a list")
    reading = _Reading()
    for entry in entries:
        reading.take(entry)
    return reading.result(total=bundle.get("total"), has_next=_has_next(bundle))


class _Reading:
    """What the entries of one Bundle add up to."""

    def __init__(self) -> None:
        self.resources: list[JsonObject] = []
        self.matches = 0
        self.unread = 0
        self.failures = 0
        self.outcomes: list[str] = []

    def take(self, entry: object) -> None:
        """Take one entry: a match, an include, an outcome or something unreadable."""
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(resource, dict):
            self.unread += 1
            return
        search = entry.get("search")
        mode = search.get("mode") if isinstance(search, dict) else None
        if mode == "outcome" or resource.get("resourceType") == "OperationOutcome":
            self.failures += _is_failure(resource)
            self.outcomes.append(_outcome_text(resource))
            return
        self.resources.append(resource)
        self.matches += mode != "include"

    def result(self, *, total: object, has_next: bool) -> PrefetchKey:
        """Return the state that follows from the entries, the total and the next link."""
        problems = list(self.outcomes)
        if self.unread:
            problems.append(f"entries without a resource: {self.unread}")
        if has_next:
            problems.append("further pages were not sent")
        if isinstance(total, int) and not isinstance(total, bool) and total > self.matches:
            problems.append(f"{self.matches} of {total} matches were sent")
        elif not has_next and not self.unread and not self.failures:
            state = PrefetchState.COMPLETE if self.resources else PrefetchState.EMPTY
            return PrefetchKey(state, tuple(self.resources), "; ".join(problems))
        if self.failures and not self.resources:
            return PrefetchKey(PrefetchState.ERROR, (), "; ".join(problems))
        return PrefetchKey(PrefetchState.INCOMPLETE, tuple(self.resources), "; ".join(problems))


def _has_next(bundle: Mapping[str, Any]) -> bool:
    links = bundle.get("link")
    return isinstance(links, list) and any(
        isinstance(link, dict) and link.get("relation") == "next" for link in links
    )


def _only_patients(key: PrefetchKey) -> PrefetchKey:
    """Keep the Patients that say who they are: without its id a Patient proves nothing."""
    patients = tuple(
        resource
        for resource in key.resources
        if resource.get("resourceType") == "Patient" and isinstance(resource.get("id"), str)
    )
    if key.resources and not patients:
        return PrefetchKey(PrefetchState.ERROR, problem="no Patient with an id")
    return PrefetchKey(key.state, patients, key.problem)


def _issues(outcome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    issues = outcome.get("issue")
    return (
        [issue for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
    )


def _is_failure(outcome: Mapping[str, Any]) -> bool:
    """Whether the outcome tells of a failure; one that cannot be read counts as one."""
    severities = [issue.get("severity") for issue in _issues(outcome)]
    return not severities or any(
        severity not in ("warning", "information", "success") for severity in severities
    )


_ISSUE_TYPES = frozenset(
    {
        "invalid",
        "structure",
        "required",
        "value",
        "invariant",
        "security",
        "login",
        "unknown",
        "expired",
        "forbidden",
        "suppressed",
        "processing",
        "not-supported",
        "duplicate",
        "multiple-matches",
        "not-found",
        "deleted",
        "too-long",
        "code-invalid",
        "extension",
        "too-costly",
        "business-rule",
        "conflict",
        "transient",
        "lock-error",
        "no-store",
        "exception",
        "timeout",
        "incomplete",
        "throttled",
        "informational",
    }
)
"""FHIR R4 issue types: the one part of an OperationOutcome that cannot hold patient data."""


def _outcome_text(outcome: Mapping[str, Any]) -> str:
    """Name the kinds of issues, and nothing else: diagnostics and details may hold patient data."""
    codes = [issue.get("code") for issue in _issues(outcome)]
    known = [code for code in codes if isinstance(code, str) and code in _ISSUE_TYPES]
    return f"OperationOutcome ({', '.join(dict.fromkeys(known)) or 'without a known code'})"
