"""Staged, repeated and planned operations, and what stands in doubt when the record is not whole."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mapping.codes import OPS
from fhir_mapping.patient_record import PatientRecord
from fhir_mapping.prefetch_key import PrefetchState
from models.inputs import Knowledge
from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import (
    Resource,
    concept,
    condition,
    encounter,
    mapped,
    observation,
    order,
    own,
    procedure,
    resection,
    sct,
)

_HCC = condition(sct("109841003"))
_COLORECTAL = condition(sct("94381002"), id_as="colorectal")
_FOR_COLORECTAL = {"reasonReference": [{"reference": "Condition/colorectal"}]}
_UNREAD = "the procedures were not read to the end: an operation may be missing"
_TACE = sct("392047005")


def _first(on: str) -> Resource:
    return procedure(own("staged-hepatectomy-first-stage"), on)


def _completing(on: str) -> Resource:
    return procedure(own("staged-hepatectomy-completing-stage"), on)


def _read(record: PatientRecord, name: str) -> str:
    value = record.select(InputNeed(quantity(name), Anchor.NOW)).value
    return str(value.value) if value.is_known else value.reason


@pytest.mark.parametrize(
    ("resources", "phase", "day"),
    [
        ([_first("2026-08-01"), _completing("2026-09-01")], "done", "2026-09-01"),
        ([_first("2026-05-01"), _completing("2026-09-15")], "done", "2026-09-15"),
        (
            [_first("2026-08-01"), procedure(_TACE, "2026-08-20"), _completing("2026-09-15")],
            "done",
            "2026-09-15",
        ),
        ([_first("2026-08-01"), resection("2026-09-01")], "done", "2026-09-01"),
        ([_completing("2026-09-15")], "done", "2026-09-15"),
        ([_first("2026-08-01")], "planned", ""),
        ([_first("2026-05-01"), resection("2026-09-15")], "unclear", "2026-05-01"),
        ([resection("2024-05-01"), _completing("2026-09-15")], "done", "2024-05-01"),
    ],
)
def test_the_completing_stage_counts_however_late_it_was(
    resources: list[Resource], phase: str, day: str
) -> None:
    """A liver may take months to grow, and be treated between: the second stage is still the second."""
    index = mapped(*resources).index_operation
    assert (index.phase, index.earliest.isoformat() if index.earliest else "") == (phase, day)


def test_a_resection_long_after_a_first_stage_is_a_question() -> None:
    """It may complete the first stage, or be another operation; nothing says which."""
    index = mapped(_first("2026-05-01"), resection("2026-09-15")).index_operation
    assert index.note == (
        "a first stage (2026-05-01) and a liver resection (2026-09-15) that does not say whether it "
        "completes it"
    )


@pytest.mark.parametrize(
    ("more", "phase", "repeat"),
    [
        ({}, "planned", "present"),
        ({"doNotPerform": True}, "none", "absent"),
        ({"status": "revoked"}, "none", "absent"),
        (_FOR_COLORECTAL, "none", "absent"),
        (
            {"reasonReference": [{"reference": "Condition/condition-109841003"}]},
            "planned",
            "present",
        ),
        ({"reasonReference": [{"reference": "Condition/not-sent"}]}, "planned", "present"),
    ],
)
def test_an_order_plans_a_resection_of_the_hcc_or_none(
    more: dict[str, Any], phase: str, repeat: str
) -> None:
    """An order against it, or for another cancer, plans nothing and repeats nothing."""
    ordered = order(sct("71273005"), "2026-11-01", **more)
    assert mapped(_HCC, _COLORECTAL, ordered).index_operation.phase == phase
    after = mapped(_HCC, _COLORECTAL, resection("2026-10-01"), ordered)
    assert _read(after, "earlier_resection") == repeat


# --- A recurrence before the operation, and one whose onset is the first tumour's.


def test_a_recurrence_before_the_operation_leaves_earlier_treatment_open() -> None:
    """What came back had been treated: the operation is not of an HCC that was never treated."""
    back = condition(own("hcc-recurrence"), "2026-08-01")
    record = mapped(_HCC, back, resection("2026-10-01"))
    assert _read(record, "earlier_treatment") == (
        "not usable: a recurrence before the operation: the HCC was treated before"
    )
    assert _read(mapped(_HCC, resection("2026-10-01")), "earlier_treatment") == "absent"


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ("2026-11-01", "present"),
        ("2026-08-02", "none recorded, which is no proof of none"),
        ("", "none recorded, which is no proof of none"),
    ],
)
def test_a_recurrence_counts_by_the_day_it_was_recorded(recorded: str, expected: str) -> None:
    """Its onset may be that of the first tumour; the rule speaks of what is recorded."""
    said = {"recordedDate": recorded} if recorded else {}
    back = condition(own("hcc-recurrence"), "2026-08-01", **said)
    assert _read(mapped(_HCC, back, resection("2026-10-01")), "recurrence") == expected


# --- Procedures that were not read.


@pytest.mark.parametrize("state", list(PrefetchState))
def test_no_operation_is_certain_only_if_the_procedures_were_read(state: PrefetchState) -> None:
    """Neither "no resection" nor "not yet knowable" may stand on a search that was not answered."""
    is_read = state in (PrefetchState.NULL, PrefetchState.EMPTY, PrefetchState.COMPLETE)
    states = {"procedures": state}
    record = mapped(_HCC, states=states)
    assert _read(record, "resection") == ("none" if is_read else _UNREAD)
    for name in ("microvascular_invasion", "months_since_resection"):
        value = record.select(InputNeed(quantity(name), Anchor.SPECIMEN_AND_COURSE)).value
        assert value.knowledge is (Knowledge.NOT_YET_KNOWABLE if is_read else Knowledge.UNKNOWN)
    ordered = mapped(_HCC, states=states, resection_ordered=True)
    assert _read(ordered, "resection") == "planned"
    assert _read(ordered, "earlier_resection") == ("absent" if is_read else "not recorded")
    done = mapped(_HCC, resection("2026-10-01"), states=states)
    assert _read(done, "resection") == "done"


@pytest.mark.parametrize("status", ["preliminary", "final", "amended"])
def test_a_specimen_reported_or_amended_late_is_of_its_operation(status: str) -> None:
    """What counts is when it was seen, not when the report was amended."""
    mvi = observation(
        own("microvascular-invasion"), {"valueBoolean": True}, "2026-10-05", status=status,
        issued="2026-11-20T08:00:00+08:00", specimen={"reference": "Specimen/s"},
    )  # fmt: skip
    need = InputNeed(quantity("microvascular_invasion"), Anchor.SPECIMEN_AND_COURSE)
    assert mapped(resection("2026-10-01"), mvi).select(need).value.value == "present"


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({"specimen": {"reference": "Specimen/s"}}, "present"),
        ({}, "present"),
        ({"method": sct("77477000")}, "not usable: it is of imaging, not of the specimen"),
        (
            {"category": [{"coding": [{"code": "imaging"}]}]},
            "not usable: it is of imaging, not of the specimen",
        ),
    ],
)
def test_an_invasion_suspected_on_imaging_is_not_of_the_specimen(
    more: dict[str, Any], read: str
) -> None:
    """MVI is what the pathologist saw; a sign of it on imaging after surgery is something else."""
    mvi = observation(own("microvascular-invasion"), {"valueBoolean": True}, "2026-10-05", **more)
    need = InputNeed(quantity("microvascular_invasion"), Anchor.SPECIMEN_AND_COURSE)
    value = mapped(resection("2026-10-01"), mvi).select(need).value
    assert (str(value.value) if value.is_known else value.reason) == read


@pytest.mark.parametrize(
    "resources",
    [
        [resection("2026-08-10", id_as="a"), resection("2026-10-01", id_as="b")],
        [resection("2026-10-01", status="unknown")],
        [resection("2026")],
        [_first("2026-05-01"), resection("2026-09-15")],
    ],
)
def test_while_an_operation_is_in_question_no_earlier_one_is_not_certain(
    resources: list[Resource],
) -> None:
    """Two resections on record, and "no earlier resection", cannot both be shown."""
    record = mapped(*resources, resection_ordered=True)
    index = record.index_operation
    assert index.phase == "unclear"
    selected = record.select(InputNeed(quantity("earlier_resection"), Anchor.NOW))
    assert selected.value.reason == f"not usable: {index.note}"
    assert [item.evidence.reference for item in selected.rejected] == [index.reference]


@pytest.mark.parametrize(
    ("code", "name"),
    [("441525007", "earlier_treatment"), ("18027006", "liver_transplantation")],
)
@pytest.mark.parametrize(
    ("status", "read"),
    [
        ("completed", "present"),
        ("in-progress", "present"),
        ("not-done", "absent"),
        ("preparation", "absent"),
        ("unknown", "not usable: its status is unknown"),
        ("on-hold", "not usable: its status is on-hold"),
    ],
)
def test_a_procedure_of_which_nobody_knows_whether_it_was_done_is_unknown(
    code: str, name: str, status: str, read: str
) -> None:
    """Neither a reason to turn a patient away nor one to take the patient in."""
    assert _read(mapped(procedure(sct(code), "2026-08-01", status=status)), name) == read


@pytest.mark.parametrize(
    ("said", "at_discharge", "until_then"),
    [
        ([{"text": "bile leak"}], "present", "present"),
        ([{"text": "None"}], "absent", "none recorded until now; known at discharge"),
        ([{"text": "No complications"}], "absent", "none recorded until now; known at discharge"),
        ([{"text": "无"}], "absent", "none recorded until now; known at discharge"),
        ([sct("2667000")], "absent", "none recorded until now; known at discharge"),
        ([{"text": "None"}, {"text": "bleeding"}], "present", "present"),
        ([{"text": "Nonunion"}], "present", "present"),
    ],
)
def test_a_complication_that_is_none_is_no_complication(
    said: list[Resource], at_discharge: str, until_then: str
) -> None:
    """Forms that require the field are filled with "none"."""
    operation = resection("2026-10-01", complication=said)
    need = InputNeed(quantity("complication"), Anchor.SPECIMEN_AND_COURSE)
    for stay, expected in (
        (encounter("2026-09-30", "2026-10-10"), at_discharge),
        (encounter("2026-09-30"), until_then),
    ):
        value = mapped(operation, stay).select(need).value
        assert (str(value.value) if value.is_known else value.reason) == expected


@pytest.mark.parametrize(
    ("system", "code", "phase"),
    [
        (OPS, "5-502", "done"),
        (OPS, "5-502.1", "done"),
        ("http://fhir.de/CodeSystem/dimdi/ops", "5-502.2", "done"),
        (OPS, "5-501", "unclear"),
        (OPS, "5-501.53", "unclear"),
        (OPS, "5-504.0", "none"),
        ("http://example.org/ops", "5-502", "none"),
    ],
)
def test_an_operation_coded_in_ops(system: str, code: str, phase: str) -> None:
    """An anatomical resection counts with every subcode; 5-501 may be an excision or a destruction."""
    index = mapped(_HCC, procedure(concept(system, code), "2026-10-01")).index_operation
    assert index.phase == phase
    if phase == "unclear":
        assert index.note == (
            "an operation that does not say whether liver tissue was resected or destroyed"
        )


def test_an_open_ops_code_beside_a_resection_is_part_of_it() -> None:
    """What a second code of the same day leaves open, the resection has settled."""
    both = (resection("2026-10-01"), procedure(concept(OPS, "5-501"), "2026-10-01"))
    assert mapped(_HCC, *both).index_operation.phase == "done"
