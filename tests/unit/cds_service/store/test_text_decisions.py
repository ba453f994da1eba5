"""Decisions in the words of the mapping: read once, written with their trail, never mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from cds_service.errors import StoreUnavailableError
from cds_service.settings import Settings
from cds_service.store.audit import AuditEvent
from cds_service.store.store import Store, open_store
from cds_service.text_decisions import TextDecisions
from fhir_mapping.findings import Certainty, DecidedText, Evidence, Finding, TextDecision
from models.inputs import between, exactly, unknown
from models.quantities import quantity

SHANGHAI = ZoneInfo("Asia/Shanghai")
# In Shanghai it is the next day already.
EVENING = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
CONFIRMED, REFUSED = TextDecision.CONFIRMED, TextDecision.REFUSED
MVI = Finding(
    "microvascular_invasion",
    exactly(quantity("microvascular_invasion"), "present"),
    Evidence("DiagnosticReport/1", "2026-10-05", value="MVI: M1", quote="MVI: M1"),
    certainty=Certainty.READ_FROM_TEXT,
)
SIZE = replace(
    MVI,
    name="tumour_size_cm",
    value=exactly(quantity("tumour_size_cm"), 5),
    evidence=replace(MVI.evidence, quote="5 cm in diameter"),
)


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """Return the store of a site."""
    opened = open_store(
        Settings(state_folder=tmp_path, database_url=database_url, pseudonym_key="k" * 32)
    )
    yield opened
    opened.close()


@pytest.fixture
def decisions(store: Store) -> TextDecisions:
    """Return the decisions that the store keeps."""
    return TextDecisions(store, SHANGHAI)


@pytest.fixture
def queries(store: Store) -> list[str]:
    """Return the statements that were sent to the database, as they are sent."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    return sent


def test_what_was_decided_is_known_on_the_next_call(decisions: TextDecisions) -> None:
    """With the day it was decided where the site is; what was not decided stays open."""
    decisions.record("t", "p", "Practitioner/1", [(MVI, CONFIRMED)], EVENING)
    decided = decisions.reader("t", "p")
    assert decided(MVI) == DecidedText(CONFIRMED, date(2026, 11, 22))
    assert decided(SIZE) is None


def test_the_last_decision_counts(decisions: TextDecisions) -> None:
    """Whoever decides later, decides."""
    decisions.record("t", "p", "Practitioner/1", [(MVI, CONFIRMED), (SIZE, REFUSED)], EVENING)
    decisions.record("t", "p", "Practitioner/2", [(MVI, REFUSED)], EVENING + timedelta(days=1))
    decided = decisions.reader("t", "p")
    assert decided(MVI) == DecidedText(REFUSED, date(2026, 11, 23))
    assert decided(SIZE) == DecidedText(REFUSED, date(2026, 11, 22))


def test_the_store_is_asked_once_and_only_if_there_is_a_finding(
    decisions: TextDecisions, queries: list[str]
) -> None:
    """A record without texts costs no query, one with any number of findings costs one."""
    decided = decisions.reader("t", "p")
    assert queries == []
    for finding in (MVI, SIZE, MVI):
        assert decided(finding) is None
    assert len([item for item in queries if "text_decisions" in item]) == 1
    decisions.record("t", "p", "Practitioner/1", [(MVI, CONFIRMED)], EVENING)
    assert decisions.reader("t", "p")(MVI) is not None
    # A call decides by what was known when it began.
    assert decided(MVI) is None


@pytest.mark.parametrize(("tenant", "patient"), [("other", "p"), ("t", "other")])
def test_decisions_stay_with_tenant_and_patient(
    decisions: TextDecisions, tenant: str, patient: str
) -> None:
    """The same words in another record are another finding."""
    decisions.record("t", "p", "Practitioner/1", [(MVI, CONFIRMED)], EVENING)
    assert decisions.reader(tenant, patient)(MVI) is None
    assert decisions.finding_id(tenant, patient, MVI) != decisions.finding_id("t", "p", MVI)


@pytest.mark.parametrize(
    "changed",
    [
        replace(MVI, evidence=replace(MVI.evidence, quote="MVI: M1.")),
        replace(MVI, evidence=replace(MVI.evidence, reference="DiagnosticReport/2")),
        replace(MVI, evidence=replace(MVI.evidence, date="2026-10-06")),
        replace(MVI, value=exactly(MVI.value.quantity, "absent")),
        replace(MVI, value=unknown(MVI.value.quantity, "the text leaves it uncertain")),
        replace(MVI, name="satellites"),
    ],
    ids=["words", "report", "date", "value", "uncertain", "quantity"],
)
def test_a_finding_that_changes_asks_again(decisions: TextDecisions, changed: Finding) -> None:
    """A decision is on exact words, the value read from them, and the report's date."""
    decisions.record("t", "p", "Practitioner/1", [(MVI, CONFIRMED)], EVENING)
    assert decisions.reader("t", "p")(changed) is None


def test_intervals_that_differ_are_different_findings(decisions: TextDecisions) -> None:
    """2 cm, more than 2 cm and at least 2 cm are three things; 5 and 5.0 are one."""
    size = quantity("tumour_size_cm")
    values = [
        exactly(size, 2),
        between(size, Decimal(2), reason="a range is stated"),
        between(size, Decimal(2), lower_open=True, reason="a range is stated"),
    ]
    names = {decisions.finding_id("t", "p", replace(SIZE, value=item)) for item in values}
    assert len(names) == 3
    five = replace(SIZE, value=exactly(size, Decimal("5.0")))
    assert decisions.finding_id("t", "p", five) == decisions.finding_id("t", "p", SIZE)


def test_a_decision_does_not_make_another_finding(decisions: TextDecisions) -> None:
    """What was confirmed keeps its id, so that it can be refused later."""
    note = "read from text, confirmed 2026-11-22"
    confirmed = replace(
        MVI, certainty=Certainty.CONFIRMED, evidence=replace(MVI.evidence, conversion=note)
    )
    assert decisions.finding_id("t", "p", confirmed) == decisions.finding_id("t", "p", MVI)
    decisions.record("t", "p", "Practitioner/1", [(confirmed, REFUSED)], EVENING)
    assert decisions.reader("t", "p")(MVI) == DecidedText(REFUSED, date(2026, 11, 22))


def test_the_table_and_the_trail_hold_no_patient_data(
    decisions: TextDecisions, store: Store
) -> None:
    """Keyed hashes, the quantity's name and the decision; the trail counts."""
    decisions.record(
        "t", "patient-1", "Practitioner/1", [(MVI, CONFIRMED), (SIZE, REFUSED)], EVENING, "request"
    )
    (row, _) = store.confirmations.all()
    make = store.pseudonyms.of
    assert (row.tenant, row.user, row.patient) == (
        make("tenant", "t"),
        make("user", "t", "Practitioner/1"),
        make("patient", "t", "patient-1"),
    )
    assert (row.at, row.concept, row.decision) == (EVENING, "microvascular_invasion", CONFIRMED)
    assert store.audit.all() == (
        AuditEvent(
            EVENING,
            "text-decision",
            "taken",
            make("tenant", "t"),
            "request",
            {"confirmed": 1, "refused": 1},
        ),
    )
    kept = f"{store.confirmations.all()}{store.audit.all()}"
    assert not [item for item in ("patient-1", "Practitioner", "M1", "5 cm") if item in kept]


def test_a_decision_without_its_trail_is_not_kept(
    decisions: TextDecisions, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Both or neither: whoever decided is told, and nothing of it counts."""
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    with pytest.raises(StoreUnavailableError, match="could not be kept"):
        decisions.record("t", "p", "Practitioner/1", [(MVI, CONFIRMED)], EVENING)
    assert store.confirmations.all() == ()
    assert "decisions not recorded" in caplog.text


def test_a_store_that_cannot_be_read_confirms_nothing(
    decisions: TextDecisions, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The call goes on, with every finding to be confirmed; the store is not asked again."""
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE text_decisions"))
    decided = decisions.reader("t", "p")
    assert decided(MVI) is None
    assert decided(SIZE) is None
    assert caplog.text.count("store unreadable, no text confirmed") == 1


def test_nobody_decides_nothing(decisions: TextDecisions, store: Store) -> None:
    """Without a name, or on what was coded, there is no decision; none at all writes nothing."""
    with pytest.raises(ValueError, match="needs somebody who decided"):
        decisions.record("t", "p", "", [(MVI, CONFIRMED)], EVENING)
    coded = replace(MVI, certainty=Certainty.CODED)
    with pytest.raises(ValueError, match="only what was read from text"):
        decisions.record("t", "p", "Practitioner/1", [(MVI, CONFIRMED), (coded, REFUSED)], EVENING)
    decisions.record("t", "p", "Practitioner/1", [], EVENING)
    assert store.confirmations.all() == ()
    assert store.audit.all() == ()
