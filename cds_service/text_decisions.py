"""Findings read from text that a clinician confirmed or refused: remembered as keyed hashes only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo

from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import StoreUnavailableError
from cds_service.store.audit import AuditEvent
from cds_service.store.confirmations import TextDecisionRow
from cds_service.store.store import Store
from fhir_mapping.findings import Certainty, DecidedText, Finding, TextDecision
from models.inputs import Input

__all__ = ["TextDecisions"]

_LOG = logging.getLogger(__name__)


class TextDecisions:
    """Decisions of the clinicians of all tenants, in the words of the mapping.

    `tenant` is the name of the tenant as the calls of its CDS client are stored under.
    """

    def __init__(self, store: Store, time_zone: tzinfo) -> None:
        self._store = store
        self._time_zone = time_zone

    def reader(self, tenant: str, patient_id: str) -> Callable[[Finding], DecidedText | None]:
        """Return what tells what was decided of a finding; it asks the store at the first one.

        If the store cannot be read nothing counts as decided: every finding is to be confirmed.
        """
        known: Mapping[str, tuple[TextDecision, datetime]] | None = None

        def decided(finding: Finding) -> DecidedText | None:
            nonlocal known
            if known is None:
                known = self._read(tenant, patient_id)
            found = known.get(self.finding_id(tenant, patient_id, finding)) if known else None
            if found is None:
                return None
            decision, at = found
            return DecidedText(decision, at.astimezone(self._time_zone).date())

        return decided

    def record(
        self,
        tenant: str,
        patient_id: str,
        user_id: str,
        decisions: Sequence[tuple[Finding, TextDecision]],
        at: datetime,
        request_id: str = "",
    ) -> None:
        """Remember what a signed-in clinician decided, and that it was decided, both or neither.

        Raises
        ------
        StoreUnavailableError
            If it cannot be remembered: nothing of it then counts.
        ValueError
            If nobody is named, or a finding was not read from text.
        """
        if not user_id:
            raise ValueError("a decision needs somebody who decided")
        if any(finding.certainty is Certainty.CODED for finding, _ in decisions):
            raise ValueError("only what was read from text is confirmed or refused")
        if not decisions:
            return
        make = self._store.pseudonyms.of
        rows = [
            TextDecisionRow(
                at=at,
                tenant=make("tenant", tenant),
                user=make("user", tenant, user_id),
                patient=make("patient", tenant, patient_id),
                finding=self.finding_id(tenant, patient_id, finding),
                concept=finding.name,
                decision=decision,
            )
            for finding, decision in decisions
        ]
        event = AuditEvent(
            at=at,
            event="text-decision",
            outcome="taken",
            tenant=make("tenant", tenant),
            request=request_id,
            details={
                kind.value: sum(row.decision is kind for row in rows) for kind in TextDecision
            },
        )
        try:
            self._store.record_decisions(rows, event)
        except SQLAlchemyError as error:
            _LOG.error("decisions not recorded: %s", type(error).__name__)
            raise StoreUnavailableError("The decision could not be kept. Send it again.") from None

    def finding_id(self, tenant: str, patient_id: str, finding: Finding) -> str:
        """Return the pseudonym of a finding: other words, another value or date is another finding.

        A decision on a finding does not change it.
        """
        evidence = finding.evidence
        return self._store.pseudonyms.of(
            "finding",
            tenant,
            patient_id,
            evidence.reference,
            evidence.date,
            finding.name,
            _as_text(finding.value),
            evidence.quote,
        )

    def _read(self, tenant: str, patient_id: str) -> Mapping[str, tuple[TextDecision, datetime]]:
        make = self._store.pseudonyms.of
        try:
            return self._store.confirmations.of_patient(
                tenant=make("tenant", tenant), patient=make("patient", tenant, patient_id)
            )
        except SQLAlchemyError as error:
            _LOG.error("store unreadable, no text confirmed: %s", type(error).__name__)
            return {}


def _as_text(value: Input) -> str:
    """Return the values an input allows; 5 and 5.0 are the same number."""
    if value.categories:
        return " or ".join(sorted(value.categories))
    return " or ".join(
        f"{'above' if part.lower_open else 'from'} {part.lower.normalize():f}"
        f" {'below' if part.upper_open else 'to'} {part.upper.normalize():f}"
        for part in value.numbers
    )
