"""Nothing a record holds may raise."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_mapping.orders import read_orders
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from fhir_mapping.reading import OBSERVATION_READERS
from models.registry import MODELS
from tests.mapping_records import full_record
from tests.property.mapping_variants import RECORDS
from tests.published_examples import EXAMPLES

_KEYS = (
    "patient", "conditions", "procedures", "observations", "reports",
    "medications", "administrations", "encounters", "orders", "something-else",
)  # fmt: skip
_WORDS = st.sampled_from(
    [
        "resourceType", "Observation", "Condition", "Procedure", "Patient", "id", "status", "final",
        "code", "coding", "system", "http://loinc.org", "1834-1", "21889-1", "33728-7", "value",
        "valueQuantity", "valueString", "unit", "component", "contained", "subject", "reference",
        "Patient/p", "effectiveDateTime", "2026-10-01", "2026", "completed", "performedPeriod",
        "start", "end", "category", "birthDate", "extension", "#a", "> 1210 ng/mL", "", "毫米",
    ]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | _WORDS,
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(_WORDS | st.text(max_size=6), children, max_size=6)
    ),
    max_leaves=20,
)
_STATES = st.sampled_from(list(PrefetchState))
_RELAXED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _read_everything(record: PatientRecord) -> None:
    """Ask for every input of every model, as the service does."""
    for model in MODELS.values():
        assert record.inputs_for(model.needs).keys() == {need.quantity.name for need in model.needs}
    assert "age_years" in record.situation()


def _mapped(prefetch: dict[str, PrefetchKey]) -> PatientRecord:
    return map_record(prefetch, patient_id="p", on=date(2026, 11, 22), resection_ordered=True)


@_RELAXED
@given(st.dictionaries(st.sampled_from(_KEYS), st.tuples(_STATES, st.lists(_JSON, max_size=4))))
def test_arbitrary_json_under_any_key_never_raises(parts: dict[str, Any]) -> None:
    """Whatever JSON stands under any key, in any state, the record answers."""
    _read_everything(_mapped({key: PrefetchKey(s, tuple(r)) for key, (s, r) in parts.items()}))


@_RELAXED
@given(st.data())
def test_a_mutated_record_never_raises(data: st.DataObject) -> None:
    """A real record with any one element of a resource replaced by anything still answers."""
    prefetch = full_record()
    key = data.draw(st.sampled_from(sorted(k for k, part in prefetch.items() if part.resources)))
    resources = [copy.deepcopy(dict(item)) for item in prefetch[key].resources]
    target: Any = data.draw(st.sampled_from(resources))
    while True:
        if isinstance(target, dict) and target:
            at: Any = data.draw(st.sampled_from(sorted(target)))
        elif isinstance(target, list) and target:
            at = data.draw(st.integers(0, len(target) - 1))
        else:
            break
        if not isinstance(target[at], dict | list) or data.draw(st.booleans()):
            target[at] = data.draw(_JSON)
            break
        target = target[at]
    prefetch[key] = PrefetchKey(prefetch[key].state, tuple(resources))
    _read_everything(_mapped(prefetch))


_REAL = [item for resources in RECORDS.values() for item in resources] + list(EXAMPLES.values())


def _retyped(value: Any) -> Any:
    """Return the same value in another JSON type, as careless converters write it."""
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return value[0] if value else {}
    return str(value) if isinstance(value, int | float) else [value]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a resource, as the container and the key or index in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for at, child in list(items):
        yield value, at
        if isinstance(child, dict | list):
            yield from _places(child)


@_RELAXED
@given(st.lists(st.sampled_from(_REAL), min_size=1, max_size=5), st.data())
def test_real_resources_with_members_dropped_replaced_or_retyped_never_raise(
    resources: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Demo patients' and published resources, each broken in up to three places, still answer."""
    # Without a subject they came with the patient's own search, so that they are read.
    broken = [
        {name: copy.deepcopy(value) for name, value in item.items() if name != "subject"}
        for item in resources
    ]
    for resource in broken:
        for _ in range(data.draw(st.integers(1, 3))):
            places = list(_places(resource))
            if not places:
                break
            container, at = data.draw(st.sampled_from(places))
            match data.draw(st.sampled_from(["drop", "replace", "retype"])):
                case "drop":
                    del container[at]
                case "replace":
                    container[at] = data.draw(_JSON)
                case _:
                    container[at] = _retyped(container[at])
    state = data.draw(_STATES)
    key = data.draw(st.sampled_from(_KEYS))
    record = map_record(
        {key: PrefetchKey(state, tuple(broken))}, patient_id="p", on=date(2026, 11, 22)
    )
    _read_everything(record)


@_RELAXED
@given(st.sampled_from(sorted(OBSERVATION_READERS)), st.data())
def test_any_value_under_any_known_code_never_raises(concept: str, data: st.DataObject) -> None:
    """Every reader answers or refuses, whatever value it is given."""
    from fhir_mapping.codes import Codes

    entry = Codes.shipped().concepts[concept].include[0]
    value = data.draw(
        st.dictionaries(
            st.sampled_from(
                ["valueQuantity", "valueString", "valueCodeableConcept", "valueBoolean", "valueRange",
                 "valueRatio", "valueInteger", "interpretation", "dataAbsentReason", "component"]
            ),
            _JSON
            | st.fixed_dictionaries(
                {"value": st.integers() | st.floats() | st.text(max_size=5)},
                optional={"unit": st.sampled_from(["cm", "mm", "%", "ng/mL", "[IU]/mL", "K/uL", "1", "x"]),
                          "comparator": st.sampled_from(["<", ">", "<=", ">=", "ad", "?"])},
            ),
            max_size=2,
        )
    )  # fmt: skip
    observation = {
        "resourceType": "Observation", "id": "o", "status": "final",
        "code": {"coding": [{"system": entry.system, "code": entry.code}]},
        "effectiveDateTime": "2026-11-01", **value,
    }  # fmt: skip
    _read_everything(_mapped({"observations": PrefetchKey(PrefetchState.COMPLETE, (observation,))}))


@_RELAXED
@given(_JSON, _JSON)
def test_arbitrary_draft_orders_never_raise(draft_orders: Any, selections: Any) -> None:
    """Whatever stands in draftOrders and selections, the answer is a tuple of orders."""
    assert isinstance(read_orders(draft_orders, selections).orders, tuple)
