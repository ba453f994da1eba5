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
from cds_service.searchset import find_gap, read_searchset
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
    return read_searchset(value).next_link if isinstance(value, dict) else ""


def _is_missing(name: str, key: PrefetchKey) -> bool:
    return key.state in _USELESS or (name == PATIENT_KEY and not key.resources)


def _read_bundle(bundle: JsonObject) -> PrefetchKey:
    page = read_searchset(bundle)
    problems = [page.gap] if page.gap else []
    if page.next_link:
        problems.append("further pages were not sent")
    if page.total is not None and page.total > page.match_count:
        problems.append(f"{page.match_count} of {page.total} matches were sent")
    if page.gap and not page.resources:
        state = PrefetchState.ERROR
    elif problems:
        state = PrefetchState.INCOMPLETE
    else:
        state = PrefetchState.COMPLETE if page.resources else PrefetchState.EMPTY
    return PrefetchKey(state, page.resources, "; ".join(problems))


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


def _outcome_text(outcome: JsonObject) -> str:
    return find_gap(outcome) or "an OperationOutcome instead of data"
