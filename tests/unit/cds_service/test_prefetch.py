"""The six states of a prefetch key (checklist lines 27 to 36)."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.errors import MissingDataError, OtherPatientError
from cds_service.prefetch import (
    check_patient,
    next_link,
    read_key,
    read_prefetch,
    require,
    still_to_fetch,
)
from cds_service.request import HookRequest, nesting_depth
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState

AFP = {"resourceType": "Observation", "id": "afp"}
PATIENT = {"resourceType": "Patient", "id": "p1"}


def bundle(*resources: object, **members: Any) -> dict[str, Any]:
    """Return a searchset of resources."""
    return {
        "resourceType": "Bundle",
        "entry": [{"resource": item} for item in resources],
        **members,
    }


def outcome(severity: str, code: str = "processing") -> dict[str, Any]:
    """Return an OperationOutcome whose texts must never be repeated."""
    issue = {"severity": severity, "code": code, "diagnostics": "canary"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


NEXT = [{"relation": "self", "url": "a"}, None, {"relation": "next", "url": "https://ehr/2"}]

# what was sent, the state, how many resources are used, what is said
STATES: dict[str, tuple[object, PrefetchState, int, str]] = {
    "null (E31)": (None, PrefetchState.NULL, 0, ""),
    "empty Bundle (E31)": (bundle(), PrefetchState.EMPTY, 0, ""),
    "Bundle without entry": ({"resourceType": "Bundle"}, PrefetchState.EMPTY, 0, ""),
    "total of none": (bundle(total=0), PrefetchState.EMPTY, 0, ""),
    "Bundle with data": (bundle(AFP), PrefetchState.COMPLETE, 1, ""),
    "total as sent": (bundle(AFP, total=1), PrefetchState.COMPLETE, 1, ""),
    "total that is no number": (bundle(AFP, total="7"), PrefetchState.COMPLETE, 1, ""),
    "total that is a boolean": (bundle(total=True), PrefetchState.EMPTY, 0, ""),
    "next page (E33)": (
        bundle(AFP, link=NEXT),
        PrefetchState.INCOMPLETE,
        1,
        "further pages were not sent",
    ),
    "next page without an address": (
        bundle(AFP, link=[{"relation": "next"}]),
        PrefetchState.INCOMPLETE,
        1,
        "further pages were not sent",
    ),
    "total above the entries": (
        bundle(AFP, total=3),
        PrefetchState.INCOMPLETE,
        1,
        "1 of 3 matches were sent",
    ),
    "count without entries": (
        {"resourceType": "Bundle", "total": 3},
        PrefetchState.INCOMPLETE,
        0,
        "0 of 3 matches were sent",
    ),
    "included resources do not count as matches": (
        {
            "resourceType": "Bundle",
            "total": 2,
            "entry": [
                {"resource": AFP, "search": {"mode": "match"}},
                {"resource": PATIENT, "search": {"mode": "include"}},
            ],
        },
        PrefetchState.INCOMPLETE,
        2,
        "1 of 2 matches were sent",
    ),
    "OperationOutcome (E32, E34)": (
        outcome("error"),
        PrefetchState.ERROR,
        0,
        "the server reported: error",
    ),
    "OperationOutcome of information only": (
        outcome("information"),
        PrefetchState.ERROR,
        0,
        "an OperationOutcome instead of data",
    ),
    "outcome of a failure in a Bundle": (
        bundle(AFP, outcome("error")),
        PrefetchState.INCOMPLETE,
        1,
        "the server reported: error",
    ),
    "outcome of a time-out in a Bundle": (
        bundle(AFP, outcome("warning", "timeout")),
        PrefetchState.INCOMPLETE,
        1,
        "the server reported: timeout",
    ),
    "outcome of a failure and nothing else": (
        bundle(outcome("fatal")),
        PrefetchState.ERROR,
        0,
        "the server reported: fatal",
    ),
    "outcome of a warning in a Bundle": (
        bundle(AFP, outcome("warning")),
        PrefetchState.COMPLETE,
        1,
        "",
    ),
    "outcome without issues": (
        bundle(AFP, {"resourceType": "OperationOutcome", "issue": [7]}),
        PrefetchState.COMPLETE,
        1,
        "",
    ),
    "entry without a resource": (
        bundle(AFP, None),
        PrefetchState.INCOMPLETE,
        1,
        "an entry came without its resource",
    ),
    "entries that are no list": (
        {"resourceType": "Bundle", "entry": {}},
        PrefetchState.ERROR,
        0,
        "its entries are not a list",
    ),
    "one resource where a Bundle was expected": (
        AFP,
        PrefetchState.INCOMPLETE,
        1,
        "one resource where a Bundle was expected",
    ),
    "a list": ([AFP], PrefetchState.ERROR, 0, "neither a resource nor a Bundle"),
    "a text": ("none", PrefetchState.ERROR, 0, "neither a resource nor a Bundle"),
    "an object without a type": ({}, PrefetchState.ERROR, 0, "neither a resource nor a Bundle"),
}


@pytest.mark.parametrize("name", STATES)
def test_state_of_a_searched_key(name: str) -> None:
    """Each way a search can arrive has one state, and its problem holds no data (E31-E34, S2.6)."""
    sent, state, used, problem = STATES[name]
    key = read_key(sent)
    assert (key.state, len(key.resources), key.problem) == (state, used, problem)


READS: dict[str, tuple[object, PrefetchState, int]] = {
    "the Patient": (PATIENT, PrefetchState.COMPLETE, 1),
    "null": (None, PrefetchState.NULL, 0),
    "a Bundle with the Patient": (bundle(PATIENT), PrefetchState.COMPLETE, 1),
    "a Bundle with more than the Patient": (bundle(AFP, PATIENT), PrefetchState.COMPLETE, 1),
    "an empty Bundle": (bundle(), PrefetchState.EMPTY, 0),
    "another type": (AFP, PrefetchState.ERROR, 0),
    "a Patient without id": ({"resourceType": "Patient"}, PrefetchState.ERROR, 0),
    "a Patient whose id is no text": ({**PATIENT, "id": 1}, PrefetchState.ERROR, 0),
    "OperationOutcome": (outcome("error", "forbidden"), PrefetchState.ERROR, 0),
}


@pytest.mark.parametrize("name", READS)
def test_state_of_the_patient(name: str) -> None:
    """The one key that is a read holds a Patient that says who it is, or is in error."""
    sent, state, used = READS[name]
    key = read_key(sent, is_read=True)
    assert (key.state, len(key.resources)) == (state, used)


def test_key_that_was_not_sent_is_absent() -> None:
    """A key left out is absent, and keys nobody asked for are not looked at (E29, E30)."""
    keys = read_prefetch({"other": 5, "patient": PATIENT}, ("patient", "conditions"))
    assert {name: key.state for name, key in keys.items()} == {
        "patient": PrefetchState.COMPLETE,
        "conditions": PrefetchState.ABSENT,
    }


def test_required_keys_that_are_missing_are_named() -> None:
    """Missing required data raise an error that names each key and why (E36)."""
    keys = read_prefetch({"conditions": outcome("error")}, ("patient", "conditions"))
    with pytest.raises(MissingDataError, match=r"^Required data are missing: patient, conditions"):
        require(keys, ("patient", "conditions"))
    with pytest.raises(MissingDataError) as caught:
        require({"patient": PrefetchKey(PrefetchState.NULL)}, ("patient",))
    assert caught.value.diagnostics == "prefetch.patient: none recorded"
    require({"conditions": PrefetchKey(PrefetchState.NULL)}, ("conditions",))


def test_another_patient_ends_the_call() -> None:
    """A Patient with another id than the context is refused (F44)."""
    keys = read_prefetch({"patient": bundle(PATIENT, {**PATIENT, "id": "p2"})}, ("patient",))
    with pytest.raises(OtherPatientError, match="another patient than the context"):
        check_patient(keys, "p1")
    check_patient({}, "p1")


def test_what_is_still_to_fetch() -> None:
    """Keys that did not come whole are listed with their query and their next page (E35, D26)."""
    request = HookRequest(
        hook="order-select",
        hook_instance="",
        patient_id="p1",
        user_id="",
        encounter_id="",
        draft_orders=None,
        selections=None,
        prefetch={"a": bundle(AFP), "b": bundle(AFP, link=NEXT), "c": None, "d": {}},
    )
    templates = {
        name: f"Observation?patient={{{{context.patientId}}}}&{name}=1" for name in "abcde"
    }
    keys = read_prefetch(request.prefetch, templates)
    wanted = still_to_fetch(request, keys, templates)
    assert [(item.key, item.query, item.next_link) for item in wanted] == [
        ("b", "Observation?patient=p1&b=1", "https://ehr/2"),
        ("d", "Observation?patient=p1&d=1", ""),
        ("e", "Observation?patient=p1&e=1", ""),
    ]
    assert next_link("text") == ""


def test_nesting_depth_counts_levels_without_recursion() -> None:
    """Depth is counted for any depth."""
    deep: object = "end"
    for _ in range(5000):
        deep = {"a": [deep]}
    assert nesting_depth(deep) == 10000
    assert nesting_depth("text") == 0
    assert nesting_depth([{}, [[]]]) == 3
