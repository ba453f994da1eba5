"""Every golden case still holds: what goes in, what is read, and what comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cds_service.conformance import check_response
from cds_service.demo.patients.catalogue import PATIENTS
from tests.golden.cases import CASES, FOLDER, Case, Runner, runner

EACH = pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case.patient_id}-{case.service_id}") for case in CASES]
)


@pytest.fixture(name="run", scope="module")
def _run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with runner(tmp_path_factory.mktemp("golden")) as run:
        yield run


def _kept(case: Case, name: str) -> Any:
    return json.loads((case.folder / f"{name}.json").read_text(encoding="utf-8"))


@EACH
def test_request_is_what_the_demo_sends(run: Runner, case: Case) -> None:
    """The kept request is what an EHR sends today, so the cases follow the patients."""
    assert run.request(case) == _kept(case, "request")


@EACH
def test_inputs_are_read_as_kept(run: Runner, case: Case) -> None:
    """From the kept request the mapping reads the kept inputs, each with its source."""
    assert run.inputs(case, _kept(case, "request")) == _kept(case, "inputs")


@EACH
def test_response_is_as_kept(run: Runner, case: Case) -> None:
    """The kept request gets the kept response, which keeps every rule of the wire."""
    response = run.response(case, _kept(case, "request"))
    assert response == _kept(case, "response")
    assert check_response(response) == ()


@pytest.mark.parametrize("patient_id", PATIENTS)
def test_every_patient_has_a_case_with_a_source(patient_id: str) -> None:
    """Each synthetic patient has a golden case, and a page that says what is expected and why."""
    assert [case for case in CASES if case.patient_id == patient_id]
    source = (FOLDER / patient_id / "SOURCE.md").read_text(encoding="utf-8")
    assert source.startswith(f"# {PATIENTS[patient_id].label}\n")
    assert "Synthetic" in source


def test_no_case_is_left_over() -> None:
    """Every kept folder belongs to a case."""
    kept = {path.parent for path in FOLDER.glob("*/*/*.json")}
    assert kept == {case.folder for case in CASES}
