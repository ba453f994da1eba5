"""Step 6: the patient's record as the app shows it, read with the session's token.

The record is fetched and mapped as for a card, so that what the page says counts is what the next
card counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.errors import EhrUnusableError, SessionOverError
from cds_service.fhir_base import FhirBase
from cds_service.fhir_client import FhirAccess, FhirClient
from cds_service.outgoing import TimeBudget
from cds_service.prefetch import PATIENT_KEY
from cds_service.smart.heading import Heading, heading_of
from cds_service.smart.sessions import Session
from cds_service.smart.summaries import Said, Summaries
from cds_service.smart.texts import Concept, concepts_of
from cds_service.text_decisions import TextDecisions
from fhir_mapping.codes import Codes
from fhir_mapping.findings import Certainty, DecidedText, Finding, TextDecision
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey
from models.model import Model

__all__ = ["Chart", "Charts"]

Decided = Callable[[Finding], DecidedText | None]

_NOT_ACCEPTED = "the FHIR server answered 401"
_LABELS = {
    "conditions": "problems",
    "reports": "reports",
    "medications": "medicines",
    "administrations": "doses given",
    "encounters": "stays",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """What is known of the patient of a session: `findings` by the id under which one is decided."""

    heading: Heading
    record: PatientRecord
    concepts: tuple[Concept, ...]
    findings: Mapping[str, Finding]
    missing: tuple[str, ...] = ()
    says: tuple[Said, ...] = ()

    @property
    def idle_count(self) -> int:
        """How many findings of which a decision would change nothing now."""
        return sum(len(concept.idle) for concept in self.concepts)

    @property
    def open_count(self) -> int:
        """How many findings wait for a decision that would change something."""
        return sum(concept.open_count for concept in self.concepts)


@dataclass(frozen=True, slots=True)
class Charts:
    """Reads the record of a session's patient."""

    fhir_client: FhirClient
    templates: Mapping[str, str]
    models: Mapping[str, Model]
    codes: Codes
    mapping: MappingSettings
    decisions: TextDecisions
    summaries: Summaries
    today: Callable[[], date]
    seconds: float
    clock: Callable[[], float] = time.monotonic

    def read(self, session: Session, tenant: str) -> Chart:
        """Return the chart of a session, or raise the `AppError` that says why there is none."""
        keys = self._fetch(session)
        patient = keys[PATIENT_KEY]
        if patient.problem == _NOT_ACCEPTED:
            raise SessionOverError(
                "The EHR does not accept the session any more. Open the app again from the patient's"
                " chart."
            )
        if not patient.resources or patient.resources[0].get("id") != session.patient_id:
            raise EhrUnusableError(
                "The EHR did not give the record of this patient, so nothing is shown. Open the app"
                " again from the patient's chart; if that does not help, tell whoever runs it."
            )
        on = self.today()
        decided = self.decisions.reader(tenant, session.patient_id)
        found = {
            self.decisions.finding_id(tenant, session.patient_id, item): item
            for item in self._map(keys, session, on, None).findings
            if item.certainty is Certainty.READ_FROM_TEXT
        }
        record = self._map(keys, session, on, decided)
        # As if each were confirmed now: says which one would count at all.
        supposed = self._map(keys, session, on, lambda _: DecidedText(TextDecision.CONFIRMED, on))
        return Chart(
            heading=heading_of(patient.resources[0], on),
            record=record,
            concepts=concepts_of(
                {name: (item, decided(item)) for name, item in found.items()},
                record,
                supposed,
                self.models.values(),
            ),
            findings=found,
            says=self.summaries.of(record, session.user_id),
            missing=tuple(
                f"{_LABELS.get(name, name)}: {key.problem}"
                for name, key in keys.items()
                if not key.was_answered
            ),
        )

    def _fetch(self, session: Session) -> Mapping[str, PrefetchKey]:
        queries = {
            name: template.replace("{{context.patientId}}", session.patient_id)
            for name, template in self.templates.items()
        }
        access = FhirAccess(FhirBase.parse(session.base), session.access_token)
        return self.fhir_client.fetch(queries, access, TimeBudget(self.seconds, self.clock))

    def _map(
        self, keys: Mapping[str, PrefetchKey], session: Session, on: date, decided: Decided | None
    ) -> PatientRecord:
        return map_record(
            keys,
            patient_id=session.patient_id,
            on=on,
            settings=self.mapping,
            codes=self.codes,
            decided=decided or (lambda _: None),
        )
