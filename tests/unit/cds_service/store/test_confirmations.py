"""Decisions on findings read from text: appended, found again by patient, the last one counts."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from cds_service.store.confirmations import Confirmations, TextDecisionRow
from cds_service.store.tables import TEXT_DECISIONS
from fhir_mapping.findings import TextDecision

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ROW = TextDecisionRow(
    at=NOON,
    tenant="t" * 64,
    user="u" * 64,
    patient="p" * 64,
    finding="f" * 64,
    concept="microvascular_invasion",
    decision=TextDecision.CONFIRMED,
)


def test_columns_are_the_fields() -> None:
    """A decision is stored whole."""
    assert {column.name for column in TEXT_DECISIONS.columns} == {
        "id",
        *(item.name for item in fields(TextDecisionRow)),
    }


def test_a_decision_is_read_as_written(engine: Engine) -> None:
    """What was decided, of what and when, comes back for the patient."""
    confirmations = Confirmations(engine)
    confirmations.record([ROW])
    assert confirmations.all() == (ROW,)
    assert confirmations.of_patient(tenant=ROW.tenant, patient=ROW.patient) == {
        ROW.finding: (TextDecision.CONFIRMED, NOON)
    }


def test_the_last_decision_on_a_finding_counts(engine: Engine) -> None:
    """A later decision counts instead of an earlier one, also at the same moment; both stay."""
    confirmations = Confirmations(engine)
    later = replace(ROW, at=NOON + timedelta(days=1), decision=TextDecision.REFUSED)
    back = replace(later, decision=TextDecision.CONFIRMED)
    confirmations.record([later])
    # A replica whose clock is behind does not win by writing last.
    confirmations.record([ROW])
    seen = confirmations.of_patient(tenant=ROW.tenant, patient=ROW.patient)
    assert seen[ROW.finding] == (TextDecision.REFUSED, later.at)
    confirmations.record([back])
    seen = confirmations.of_patient(tenant=ROW.tenant, patient=ROW.patient)
    assert seen[ROW.finding] == (TextDecision.CONFIRMED, later.at)
    assert confirmations.all() == (later, ROW, back)


@pytest.mark.parametrize("member", ["tenant", "patient"])
def test_decisions_never_mix(engine: Engine, member: str) -> None:
    """Nothing is known of another tenant's or another patient's findings."""
    confirmations = Confirmations(engine)
    confirmations.record([replace(ROW, **{member: "x" * 64})])  # type: ignore[arg-type]  # names are fields
    assert confirmations.of_patient(tenant=ROW.tenant, patient=ROW.patient) == {}


def test_every_user_of_the_tenant_sees_a_decision(engine: Engine) -> None:
    """A finding that one clinician confirmed is confirmed for all."""
    confirmations = Confirmations(engine)
    confirmations.record([replace(ROW, user="v" * 64)])
    assert ROW.finding in confirmations.of_patient(tenant=ROW.tenant, patient=ROW.patient)


def test_decisions_are_written_all_or_none(engine: Engine) -> None:
    """A decision that cannot be written takes the others with it; no decision writes nothing."""
    confirmations = Confirmations(engine)
    broken = replace(ROW, concept=None)  # type: ignore[arg-type]  # the database refuses it
    with pytest.raises(IntegrityError, match="concept"):
        confirmations.record([ROW, broken])
    confirmations.record([])
    assert confirmations.all() == ()
