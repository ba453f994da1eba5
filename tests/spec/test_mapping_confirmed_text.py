"""What a clinician confirmed or refused of what was read from text: what then counts, and what never does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_mapping.findings import Certainty, DecidedText, Finding, TextDecision
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS, MappingSettings
from fhir_mapping.patient_record import PatientRecord
from models.inputs import Knowledge
from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import Resource, mapped, observation, own, resection

MVI = InputNeed(quantity("microvascular_invasion"), Anchor.SPECIMEN_AND_COURSE)
ALLOWED = MappingSettings(narrative_narrows=True)
DAY = date(2026, 11, 20)
OPERATED = resection("2026-10-01")
CONFIRMED, REFUSED = TextDecision.CONFIRMED, TextDecision.REFUSED
WAITS = "read from text, to be confirmed"


def pathology(words: str, on: str = "2026-10-05", id_as: str = "pathology") -> Resource:
    """Return a pathology report in words."""
    return {
        "resourceType": "DiagnosticReport",
        "id": id_as,
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"code": "SP"}]}],
        "effectiveDateTime": on,
        "conclusion": words,
    }


def coded(grade: str, on: str = "2026-10-05") -> Resource:
    """Return MVI as a coded observation of a specimen."""
    value = {"valueCodeableConcept": own(grade)}
    specimen = {"reference": "Specimen/s"}
    return observation(own("microvascular-invasion"), value, on, specimen=specimen)


def by_report(**decisions: TextDecision) -> Callable[[Finding], DecidedText | None]:
    """Return what was decided, by the id of the report."""
    known = {f"DiagnosticReport/{name}": decision for name, decision in decisions.items()}

    def decided(finding: Finding) -> DecidedText | None:
        decision = known.get(finding.evidence.reference)
        return DecidedText(decision, DAY) if decision else None

    return decided


def told(record: PatientRecord) -> str:
    """Return MVI as a model gets it, in a word."""
    value = record.select(MVI).value
    return str(value.value) if value.is_known else value.knowledge.value


def reasons(record: PatientRecord) -> list[str]:
    """Return why what was read of MVI was passed over."""
    return [item.reason for item in record.select(MVI).rejected]


@pytest.mark.parametrize(
    ("resources", "decisions", "settings", "value", "passed"),
    [
        # Nothing decided.
        ([pathology("MVI: M1.")], {}, DEFAULT_SETTINGS, "unknown", [WAITS]),
        ([pathology("MVI: M1.")], {}, ALLOWED, "present", []),
        # Confirmed: counts, whatever the site's setting.
        ([pathology("MVI: M1.")], {"pathology": CONFIRMED}, DEFAULT_SETTINGS, "present", []),
        ([pathology("MVI: M0.")], {"pathology": CONFIRMED}, DEFAULT_SETTINGS, "absent", []),
        ([pathology("MVI: M1.")], {"pathology": CONFIRMED}, ALLOWED, "present", []),
        # Refused: never counts, whatever the site's setting.
        (
            [pathology("MVI: M1.")],
            {"pathology": REFUSED},
            DEFAULT_SETTINGS,
            "unknown",
            ["read from text, refused by a clinician on 2026-11-20"],
        ),
        (
            [pathology("MVI: M1.")],
            {"pathology": REFUSED},
            ALLOWED,
            "unknown",
            ["read from text, refused by a clinician on 2026-11-20"],
        ),
        # A coded value wins over a confirmed one.
        (
            [pathology("MVI: M1."), coded("mvi-m0")],
            {"pathology": CONFIRMED},
            DEFAULT_SETTINGS,
            "absent",
            ["a coded value is preferred"],
        ),
        # A coded value that does not count keeps no confirmed one from counting.
        (
            [pathology("MVI: M1."), coded("mvi-m0", "2026-09-01")],
            {"pathology": CONFIRMED},
            DEFAULT_SETTINGS,
            "present",
            ["it was before the operation, so it is not of its specimen"],
        ),
        (
            [pathology("MVI: M1."), coded("mvi-m0", "2026-09-01")],
            {},
            DEFAULT_SETTINGS,
            "unknown",
            [WAITS, "it was before the operation, so it is not of its specimen"],
        ),
        # A confirmed one wins over an undecided one, the later one too, and over none refused.
        (
            [pathology("MVI: M1."), pathology("MVI: M0.", "2026-10-09", "addendum")],
            {"pathology": CONFIRMED},
            ALLOWED,
            "present",
            ["a confirmed value is preferred"],
        ),
        (
            [pathology("MVI: M1."), pathology("MVI: M0.", "2026-10-09", "addendum")],
            {"pathology": CONFIRMED, "addendum": REFUSED},
            DEFAULT_SETTINGS,
            "present",
            ["read from text, refused by a clinician on 2026-11-20"],
        ),
        # Of two confirmed ones the latest counts; of one day they are a conflict.
        (
            [pathology("MVI: M1."), pathology("MVI: M0.", "2026-10-09", "addendum")],
            {"pathology": CONFIRMED, "addendum": CONFIRMED},
            DEFAULT_SETTINGS,
            "absent",
            ["a later one counts"],
        ),
        (
            [pathology("MVI: M1."), pathology("MVI: M0.", id_as="addendum")],
            {"pathology": CONFIRMED, "addendum": CONFIRMED},
            DEFAULT_SETTINGS,
            "unknown",
            [],
        ),
        # What does not lie in the time that counts is not asked for, and does not count confirmed.
        (
            [pathology("MVI: M1.", "2026-09-01")],
            {},
            DEFAULT_SETTINGS,
            "unknown",
            ["it was before the operation, so it is not of its specimen"],
        ),
        (
            [pathology("MVI: M1.", "2026-09-01")],
            {"pathology": CONFIRMED},
            DEFAULT_SETTINGS,
            "unknown",
            ["it was before the operation, so it is not of its specimen"],
        ),
    ],
)
def test_what_counts(
    resources: list[Resource],
    decisions: dict[str, TextDecision],
    settings: MappingSettings,
    value: str,
    passed: list[str],
) -> None:
    """MVI of the specimen, and why each finding that does not count does not."""
    record = mapped(*resources, OPERATED, settings=settings, decided=by_report(**decisions))
    assert (told(record), reasons(record)) == (value, passed)


def test_a_confirmed_finding_says_so_with_its_day() -> None:
    """Its words stay; that it was confirmed, and when, stands where a conversion stands."""
    record = mapped(pathology("MVI: M1."), OPERATED, decided=by_report(pathology=CONFIRMED))
    (finding,) = record.select(MVI).used
    assert finding.certainty is Certainty.CONFIRMED
    assert finding.evidence.conversion == "read from text, confirmed 2026-11-20"
    assert (finding.evidence.quote, finding.evidence.rule) == (
        "MVI: M1",
        "narrative: mvi/mvi-grade",
    )


def test_a_refused_finding_keeps_its_words() -> None:
    """What was refused is listed with the words, and the input says why it is unknown."""
    record = mapped(pathology("MVI: M1."), OPERATED, decided=by_report(pathology=REFUSED))
    asked = record.select(MVI)
    (passed,) = asked.rejected
    assert passed.evidence.quote == "MVI: M1"
    assert asked.value.reason == (
        "not usable: read from text, refused by a clinician on 2026-11-20"
    )


@pytest.mark.parametrize("decision", [None, *TextDecision])
def test_no_refusal_makes_none_recorded_absent(decision: TextDecision | None) -> None:
    """Where a site reads none recorded as absent, what was refused still leaves the input unknown."""
    settings = MappingSettings(
        none_recorded_means_absent=frozenset({"microvascular_invasion", "satellites"})
    )
    satellites = InputNeed(quantity("satellites"), Anchor.NOW)
    decided: dict[str, Any] = {"decided": by_report(pathology=decision)} if decision else {}
    record = mapped(pathology("Satellite nodules: present."), settings=settings, **decided)
    value = record.select(satellites).value
    if decision is CONFIRMED:
        assert value.value == "present"
    else:
        assert value.knowledge is Knowledge.UNKNOWN


def test_confirming_what_is_left_open_settles_nothing() -> None:
    """A confirmed "suspected" stays unknown, with that reason."""
    record = mapped(pathology("MVI suspected."), OPERATED, decided=by_report(pathology=CONFIRMED))
    value = record.select(MVI).value
    assert (value.knowledge, value.reason) == (Knowledge.UNKNOWN, "the text leaves it uncertain")


def test_nobody_is_asked_about_coded_values() -> None:
    """Only findings read from text are decided; each is asked for once."""
    asked: list[Finding] = []

    def decided(finding: Finding) -> None:
        asked.append(finding)

    mapped(coded("mvi-m1"), OPERATED, decided=decided)
    assert asked == []
    mapped(coded("mvi-m1"), pathology("MVI: M1. Ki-67 40 %."), OPERATED, decided=decided)
    assert sorted(item.name for item in asked) == ["ki67_percent", "microvascular_invasion"]
    assert {item.certainty for item in asked} == {Certainty.READ_FROM_TEXT}


def test_imaging_that_was_misread_was_still_done() -> None:
    """Refusing what was read of a report does not undo the day of the imaging."""
    scan = {
        **pathology("No satellites.", "2026-11-10"),
        "category": [{"coding": [{"code": "RAD"}]}],
    }
    plain = mapped(scan, OPERATED)
    refused = mapped(scan, OPERATED, decided=by_report(pathology=REFUSED))
    assert refused.last_imaging == plain.last_imaging
    assert plain.last_imaging is not None
    assert plain.last_imaging >= DAY - timedelta(days=10)
