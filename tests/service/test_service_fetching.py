"""The seam for the client's FHIR server: what did not come by prefetch may be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.prefetch import KeyWanted, read_key
from cds_service.request import HookRequest
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from tests.service.conftest import ServiceMaker
from tests.service.fakes import CONDITIONS, PATIENT, hook_request


class FakeRecordSource:
    """Has what a test puts in, and remembers what it was asked."""

    def __init__(self, has: Mapping[str, object]) -> None:
        self.has = has
        self.asked: list[tuple[KeyWanted, ...]] = []

    def __call__(
        self,
        request: HookRequest,  # noqa: ARG002 - the signature of a RecordSource
        wanted: tuple[KeyWanted, ...],
    ) -> Mapping[str, PrefetchKey]:
        """Return what it has of what is wanted."""
        self.asked.append(wanted)
        return {
            item.key: read_key(self.has[item.key], is_read=item.key == "patient")
            for item in wanted
            if item.key in self.has
        }


def test_keys_that_did_not_come_are_fetched(make_service: ServiceMaker) -> None:
    """A required key that did not come is fetched, and the call is answered (E27, E28, E35, F37)."""
    source = FakeRecordSource({"conditions": CONDITIONS, "patient": PATIENT})
    service = make_service(record_source=source)
    assert len(service.cards("fake-order-select", hook_request(prefetch={}))) == 1
    assert [(item.key, item.query.split("&")[0]) for item in source.asked[0]] == [
        ("patient", "Patient/p1"),
        ("conditions", "Condition?patient=p1"),
        ("procedures", "Procedure?patient=p1"),
        ("observations", "Observation?patient=p1"),
    ]
    (asked,) = service.advice.asked
    assert asked.record.key_states["conditions"].state is PrefetchState.EMPTY
    assert asked.record.key_states["procedures"].state is PrefetchState.ABSENT


def test_complete_prefetch_needs_no_other_server(make_service: ServiceMaker) -> None:
    """With every key sent nothing is fetched (E27, E35)."""
    source = FakeRecordSource({})
    service = make_service(record_source=source)
    prefetch: dict[str, Any] = {"patient": PATIENT, "conditions": None}
    prefetch |= {"procedures": CONDITIONS, "observations": None}
    service.cards("fake-order-select", hook_request(prefetch=prefetch))
    assert source.asked == []


def test_what_cannot_be_fetched_is_a_412(make_service: ServiceMaker) -> None:
    """Required data that neither prefetch nor the FHIR server has get a 412 (E36)."""
    service = make_service(record_source=FakeRecordSource({"patient": PATIENT}))
    response = service.post("fake-order-select", hook_request(prefetch={}))
    assert response.status_code == 412
    assert response.get_json()["issue"][0]["expression"] == ["prefetch.conditions"]


def test_another_patient_from_the_server_is_refused(make_service: ServiceMaker) -> None:
    """A Patient that the server gives for another id is not used (F44)."""
    source = FakeRecordSource({"patient": {**PATIENT, "id": "p2"}, "conditions": CONDITIONS})
    service = make_service(record_source=source)
    response = service.post("fake-order-select", hook_request(prefetch={}))
    assert response.status_code == 400
    assert service.advice.asked == []
