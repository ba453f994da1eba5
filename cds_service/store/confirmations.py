"""What clinicians decided of findings read from text: appended, never changed; the last one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from cds_service.store.database import writing
from cds_service.store.tables import TEXT_DECISIONS
from fhir_mapping.findings import TextDecision

__all__ = ["Confirmations", "TextDecisionRow", "insert_decisions"]


@dataclass(frozen=True, slots=True)
class TextDecisionRow:
    """One decision; tenant, user, patient and finding as pseudonyms, `concept` a quantity's name."""

    at: datetime
    tenant: str
    user: str
    patient: str
    finding: str
    concept: str
    decision: TextDecision


_FIELDS = tuple(item.name for item in fields(TextDecisionRow))


class Confirmations:
    """The table of decisions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, rows: Sequence[TextDecisionRow]) -> None:
        """Write decisions, all or none."""
        with writing(self._engine).begin() as connection:
            insert_decisions(connection, rows)

    def of_patient(
        self, *, tenant: str, patient: str
    ) -> Mapping[str, tuple[TextDecision, datetime]]:
        """Return the last decision on each finding of a patient, with its moment."""
        columns = TEXT_DECISIONS.c
        query = (
            select(columns.finding, columns.decision, columns.at)
            .where(columns.tenant == tenant, columns.patient == patient)
            .order_by(columns.at, columns.id)
        )
        with self._engine.connect() as connection:
            return {
                finding: (TextDecision(decision), at)
                for finding, decision, at in connection.execute(query)
            }

    def all(self) -> tuple[TextDecisionRow, ...]:
        """Return every decision, in the order they were recorded."""
        query = select(*(TEXT_DECISIONS.c[name] for name in _FIELDS)).order_by(TEXT_DECISIONS.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings()
            return tuple(
                TextDecisionRow(**{**row, "decision": TextDecision(row["decision"])})
                for row in rows
            )


def insert_decisions(connection: Connection, rows: Sequence[TextDecisionRow]) -> None:
    """Write decisions within a transaction of the caller."""
    if rows:
        connection.execute(
            insert(TEXT_DECISIONS),
            [{name: getattr(row, name) for name in _FIELDS} for row in rows],
        )
