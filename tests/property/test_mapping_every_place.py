"""Every member of every kind of resource, replaced by every kind of JSON: nothing raises.

Hypothesis draws; this walks. A list where a text belongs has stopped a call twice.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from fhir_mapping.codes import Codes
from fhir_mapping.orders import read_orders
from fhir_mapping.patient_record import map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from models.registry import MODELS
from tests.mapping_records import PATIENT_ID, full_record
from tests.published_examples import EXAMPLES

ODD: tuple[Any, ...] = (None, [], {}, "", "x", 3, -1.5, True, [[]], [{}], {"coding": [[]]}, ["x"])

_OWN = [dict(item) for part in full_record().values() for item in part.resources]
_WITH_CONTAINED = {
    "resourceType": "DiagnosticReport",
    "id": "with-contained",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "11529-5"}]},
    "effectiveDateTime": "2026-10-05",
    "conclusion": "MVI: M1.",
    "presentedForm": [{"contentType": "text/plain", "data": "TVZJOiBNMS4="}],
    "result": [{"reference": "#size"}, {"reference": "Observation/other"}],
    "contained": [
        {
            "resourceType": "Observation",
            "id": "size",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "21889-1"}]},
            "valueQuantity": {"value": 6.2, "unit": "cm", "code": "cm"},
            "extension": [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/observation-replaces",
                    "valueReference": {"reference": "Observation/old"},
                }
            ],
        }
    ],
}
_EVERY = [*_OWN, _WITH_CONTAINED, *EXAMPLES.values()]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for at, child in items:
        yield (*path, at)
        if isinstance(child, dict | list):
            yield from _places(child, (*path, at))


def _replaced(resource: dict[str, Any], path: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    broken = copy.deepcopy(resource)
    holder: Any = broken
    for at in path[:-1]:
        holder = holder[at]
    holder[path[-1]] = copy.deepcopy(odd)
    return broken


@pytest.mark.parametrize(
    "resource", _EVERY, ids=lambda item: f"{item['resourceType']}/{item['id']}"
)
def test_any_member_may_be_anything(resource: dict[str, Any]) -> None:
    """Every place of a resource holds every kind of JSON once, under the key it comes in, and as an order."""
    own = {name: value for name, value in resource.items() if name not in ("subject", "patient")}
    for path in _places(own):
        for odd in ODD:
            broken = _replaced(own, path, odd)
            part = PrefetchKey(PrefetchState.COMPLETE, (broken,))
            record = map_record(
                {"patient": part, "observations": part},
                patient_id=PATIENT_ID,
                on=date(2026, 11, 22),
            )
            for model in MODELS.values():
                assert record.inputs_for(model.needs)
            read_orders({"entry": [{"resource": broken}]}, ("ServiceRequest/x",), Codes.shipped())
