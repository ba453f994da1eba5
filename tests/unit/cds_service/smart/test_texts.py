"""Whether a finding read from text counts, and why not, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import MappingProxyType

import pytest

from cds_service.demo.patients.chart import Chart
from cds_service.smart.texts import Concept, concepts_of
from fhir_mapping.findings import Certainty, DecidedText, Finding, TextDecision
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from models.registry import MODELS

ON = date(2026, 3, 4)
Write = Callable[[Chart], None]
KINDS = MappingProxyType(
    {
        "patient": "Patient",
        "conditions": "Condition",
        "procedures": "Procedure",
        "observations": "Observation",
        "reports": "DiagnosticReport",
        "encounters": "Encounter",
    }
)


def _concepts(
    write: Write, decision: TextDecision | None = None, *, narrows: bool = False
) -> dict[str, Concept]:
    chart = Chart("p1", ON)
    chart.patient("Test", "female", 50)
    chart.condition("hcc", 30)
    write(chart)
    keys = {
        key: PrefetchKey(
            PrefetchState.COMPLETE,
            tuple(item for item in chart.resources if item["resourceType"] == kind),
        )
        for key, kind in KINDS.items()
    }

    def read(decided: DecidedText | None) -> PatientRecord:
        return map_record(
            keys,
            patient_id="p1",
            on=ON,
            settings=MappingSettings(narrative_narrows=narrows),
            decided=lambda _: decided,
        )

    decided = DecidedText(decision, ON) if decision else None
    texts: list[Finding] = [
        item for item in read(None).findings if item.certainty is Certainty.READ_FROM_TEXT
    ]
    found = {f"f{number}": (item, decided) for number, item in enumerate(texts)}
    supposed = read(DecidedText(TextDecision.CONFIRMED, ON))
    return {
        item.name: item for item in concepts_of(found, read(decided), supposed, MODELS.values())
    }


def _before_surgery(chart: Chart) -> None:
    chart.imaging(10, "Satellite nodules present.")


def _after_surgery(chart: Chart) -> None:
    chart.operation("partial hepatectomy", 40)
    chart.imaging(10, "Satellite nodules present.")


def _coded_as_well(chart: Chart) -> None:
    chart.imaging(10, "Satellite nodules present.", ("satellites", "absent"))


@pytest.mark.parametrize(
    ("write", "decision", "narrows", "standing", "is_open"),
    [
        (_before_surgery, None, False, "Counts only if you confirm it.", True),
        (_before_surgery, None, True, "Counts already: this site does not wait for confirmation.", True),
        (_before_surgery, TextDecision.CONFIRMED, False, "Counts.", False),
        (_before_surgery, TextDecision.REFUSED, False, "Does not count: refused.", False),
        (_after_surgery, None, False, "Would not count even if confirmed: it was after the operation.", False),
        (_after_surgery, TextDecision.CONFIRMED, False, "Confirmed, but does not count: it was after the operation.", False),
        (_coded_as_well, None, False, "Coded value absent counts; the text says present.", False),
        (_coded_as_well, TextDecision.REFUSED, False, "Does not count: refused.", False),
    ],
)  # fmt: skip
def test_standing_says_whether_it_counts(
    write: Write, decision: TextDecision | None, narrows: bool, standing: str, is_open: bool
) -> None:
    """What was decided, what is coded and what the models take decide together."""
    concept = _concepts(write, decision, narrows=narrows)["satellites"]
    (finding,) = concept.findings
    assert finding.standing == standing
    assert finding.is_open is is_open
    assert concept.open_count == is_open
    assert (concept.asked == ()) is (concept.idle == (finding,))


def test_what_counts_is_named_with_its_source() -> None:
    """A coded value that counts stands above the texts, with its resource and day."""
    (counted,) = _concepts(_coded_as_well)["satellites"].counts
    assert counted.value == "absent"
    assert counted.places == "coded, Observation/p1-ct-liver-10d-satellites, 2026-02-22"
    assert _concepts(_before_surgery)["satellites"].counts == ()


def test_concepts_without_a_text_are_left_out() -> None:
    """The page is about texts: a record without any has no concept."""
    assert _concepts(lambda chart: chart.imaging(10, "", ("satellites", "absent"))) == {}
