"""Resources by prefetch key in, a PatientRecord with every finding and rejection out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from fhir_mapping.codes import Codes
from fhir_mapping.findings import Evidence, Finding, Origin, Rejected, Selected
from fhir_mapping.index_operation import (
    NO_OPERATION,
    IndexOperation,
    Operations,
    find_operations,
)
from fhir_mapping.intake import Entry, Intake, take_in
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS, MappingSettings
from fhir_mapping.none_recorded import NONE_RECORDED, was_searched
from fhir_mapping.observed import Observed, observed_in
from fhir_mapping.orders import OrderKind
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from fhir_mapping.resources import status_code
from fhir_mapping.select import SPECIMEN_ONLY, Moment, select_findings
from fhir_mapping.topics import course, diagnosis, laboratory, liver, pathology, therapy, tumour
from fhir_mapping.topics.demographics import months_between, read_demographics
from fhir_mapping.topics.readers import ConditionReader, ObservationReader
from models.inputs import Input, between, exactly, not_yet_knowable, one_of, unknown
from models.model import Anchor, InputNeed
from models.quantities import ABSENT, PRESENT, quantity

__all__ = [
    "IndexOperation",
    "MappingSettings",
    "Narrative",
    "PatientRecord",
    "RecentOrder",
    "map_record",
]

OBSERVATION_READERS: Mapping[str, ObservationReader] = {
    **laboratory.OBSERVATIONS,
    **liver.OBSERVATIONS,
    **tumour.OBSERVATIONS,
    **pathology.OBSERVATIONS,
    **diagnosis.OBSERVATIONS,
}
CONDITION_READERS: Mapping[str, ConditionReader] = {
    **laboratory.CONDITIONS,
    **liver.CONDITIONS,
    **tumour.CONDITIONS,
    **diagnosis.CONDITIONS,
}

# Reads reports in words; its findings carry Certainty.READ_FROM_TEXT.
Narrative = Callable[[Intake], Iterator[Finding | Rejected]]

_SITUATION = (
    "hcc", "age_years", "resection", "months_since_resection", "liver_transplantation",
    "other_liver_cancer", "extrahepatic_disease", "recurrence", "earlier_resection",
    "earlier_treatment", "residual_tumour", "child_pugh_class", "hbv", "hbv_antiviral",
)  # fmt: skip
# Once present, always present: a later "none" does not undo what excludes a patient.
_EVER = frozenset(
    {
        "hcc", "liver_transplantation", "other_liver_cancer", "extrahepatic_disease",
        "recurrence", "earlier_resection", "earlier_treatment", "hbv_antiviral",
    }
)  # fmt: skip
_OF_OBSERVATIONS = frozenset(
    {
        "afp_ng_ml", "tumour_size_cm", "tumour_number", "macrovascular_invasion", "capsule",
        "satellites", "rupture", "ki67_percent", "margin_cm", "child_pugh_class", "hbv",
    }
)  # fmt: skip
_CUT_SHORT = "the list of observations was cut short: a later or larger value may be missing"
_SETTLED_REASONS = frozenset({"entered in error", "it was ruled out", "it is of another patient"})
_OPEN_ORDER = frozenset({"draft", "active", "on-hold"})


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """Imaging or AFP that is ordered, or was done recently."""

    kind: OrderKind
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """What the record says of one patient on one day.

    `last_imaging` is the last day on which imaging is known to have been done, however long ago.
    """

    patient_id: str
    on: date
    has_hcc: bool | None = None
    findings: tuple[Finding, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    index_operation: IndexOperation = NO_OPERATION
    key_states: Mapping[str, PrefetchKey] = field(default_factory=dict)
    recent_orders: tuple[RecentOrder, ...] = ()
    last_imaging: date | None = None
    settings: MappingSettings = DEFAULT_SETTINGS
    moment: Moment | None = None
    stay_is_over: bool = False

    def select(self, need: InputNeed) -> Selected:
        """Return one input of a model, with the findings it rests on and what was passed over."""
        name, phase = need.quantity.name, self.index_operation.phase
        if name == "resection":
            return Selected(self._resection())
        if name == "months_since_resection":
            return Selected(self._months())
        if name in SPECIMEN_ONLY and phase != "done":
            if phase == "unclear":
                reason = f"whether the operation was done is unclear: {self.index_operation.note}"
                return Selected(unknown(need.quantity, reason), (), self._rejected_as(name))
            return Selected(not_yet_knowable(need.quantity), (), self._rejected_as(name))
        findings = [item for item in self.findings if item.name == name]
        if name in _EVER and any(item.value.value == PRESENT for item in findings):
            findings = [item for item in findings if item.value.value == PRESENT]
        if name in ("age_years", "sex"):
            chosen = Selected(findings[0].value, tuple(findings)) if findings else None
        else:
            moment = self.moment or Moment(self.on)
            chosen = select_findings(need, findings, moment, self.settings)
        if chosen is None or not chosen.used:
            chosen = self._none_recorded(need, chosen)
        chosen = self._if_cut_short(need, chosen)
        return Selected(
            chosen.value,
            chosen.used,
            tuple(dict.fromkeys((*chosen.rejected, *self._rejected_as(name)))),
        )

    def inputs_for(self, needs: Iterable[InputNeed]) -> dict[str, Selected]:
        """Return every input a model asks for, by quantity name."""
        return {need.quantity.name: self.select(need) for need in needs}

    def situation(self) -> dict[str, Selected]:
        """Return what decides applicability, by quantity name."""
        return self.inputs_for(InputNeed(quantity(name), Anchor.NOW) for name in _SITUATION)

    def _resection(self) -> Input:
        phase = self.index_operation.phase
        if phase == "unclear":
            return one_of(quantity("resection"), ("planned", "done"), self.index_operation.note)
        return exactly(quantity("resection"), phase)

    def _months(self) -> Input:
        index, months = self.index_operation, quantity("months_since_resection")
        if index.phase == "unclear":
            return unknown(months, index.note)
        if index.phase != "done":
            return not_yet_knowable(months)
        return months_between(index.earliest, index.latest, self.on)

    def _rejected_as(self, name: str) -> tuple[Rejected, ...]:
        return tuple(item for item in self.rejected if item.name == name)

    def _none_recorded(self, need: InputNeed, chosen: Selected | None) -> Selected:
        """Return what it means that nothing usable was found."""
        name = need.quantity.name
        passed = chosen.rejected if chosen else ()
        problems = [
            item.reason
            for item in (*passed, *self._rejected_as(name))
            if item.reason not in _SETTLED_REASONS
        ]
        if problems:
            return Selected(unknown(need.quantity, f"not usable: {problems[0]}"), (), passed)
        searched = was_searched(name, self.key_states)
        if name == "complication" and not self.stay_is_over:
            reason = "none recorded until now; known at discharge" if searched else "not recorded"
            return Selected(unknown(need.quantity, reason), (), passed)
        if searched and name in self.settings.none_recorded_means_absent:
            keys = ", ".join(NONE_RECORDED[name].keys)
            evidence = Evidence(keys, value="none recorded", rule="none-recorded")
            value = exactly(need.quantity, ABSENT)
            return Selected(value, (Finding(name, value, evidence),), passed)
        reason = "none recorded, which is no proof of none" if searched else "not recorded"
        return Selected(unknown(need.quantity, reason), (), passed)

    def _if_cut_short(self, need: InputNeed, chosen: Selected) -> Selected:
        """Widen what rests on the latest or the largest of a list that was cut short."""
        name = need.quantity.name
        key = self.key_states.get("observations")
        if name not in _OF_OBSERVATIONS or key is None or not chosen.used:
            return chosen
        if key.state not in (PrefetchState.INCOMPLETE, PrefetchState.ERROR):
            return chosen
        numbers = chosen.value.numbers
        if numbers and name in ("tumour_size_cm", "tumour_number") and _all_specimen(chosen):
            value = between(
                need.quantity, numbers[0].lower, lower_open=numbers[0].lower_open, reason=_CUT_SHORT
            )
        elif not numbers and _all_specimen(chosen):
            return chosen
        else:
            value = unknown(need.quantity, _CUT_SHORT)
        return Selected(value, chosen.used, chosen.rejected)


def map_record(
    prefetch: Mapping[str, PrefetchKey],
    *,
    patient_id: str,
    on: date,
    resection_ordered: bool = False,
    settings: MappingSettings = DEFAULT_SETTINGS,
    codes: Codes | None = None,
    narrative: Narrative | None = None,
) -> PatientRecord:
    """Read one patient's resources.

    Parameters
    ----------
    prefetch : mapping
        The resources and state of each prefetch key.
    patient_id : str
        The patient in context; resources of anybody else are never used.
    on : date
        Today, where the site is.
    resection_ordered : bool
        A liver resection is being ordered now.
    settings : MappingSettings
        What the site decided.
    codes : Codes or None
        The shipped concepts, or these with the site's own codes.
    narrative : Narrative or None
        Reads reports in words.
    """
    intake = take_in(prefetch, patient_id, on, codes or Codes.shipped(), settings)
    read: list[Finding | Rejected] = []
    observed = list(observed_in(intake))
    read += _read_observations(intake, observed)
    read += _read_conditions(intake)
    given = therapy.treatments(intake)
    operations = find_operations(
        intake, resection_ordered=resection_ordered, hcc_events=_hcc_events(given, read)
    )
    index = operations.index
    stay = course.find_stay(intake, operations)
    of_course = [item for item in observed if item.concepts & course.OBSERVED]
    read += course.read_course(intake, operations, stay, of_course)
    read += therapy.read_treatment(intake, index, given)
    read += therapy.read_transplantation(intake)
    read += therapy.read_antivirals(intake)
    read += therapy.read_repeats(intake, operations, resection_ordered=resection_ordered)
    is_done = index.phase == "done" and index.earliest is not None and index.latest is not None
    read += read_demographics(
        intake,
        index.earliest if is_done and index.earliest else on,
        index.latest if is_done and index.latest else on,
    )
    if narrative is not None:
        read += narrative(intake)
    read = _with_recurrence(read, operations)
    findings = [item for item in read if isinstance(item, Finding)]
    rejected = [item for item in read if isinstance(item, Rejected)]
    rejected += [*operations.rejected, *intake.rejected]
    return PatientRecord(
        patient_id=patient_id,
        on=on,
        has_hcc=_has_hcc(findings, rejected, intake),
        findings=tuple(sorted(findings, key=_finding_order)),
        rejected=tuple(sorted(dict.fromkeys(rejected), key=_rejected_order)),
        index_operation=index,
        key_states=intake.keys,
        recent_orders=tuple(_recent_orders(intake, observed)),
        last_imaging=_last_imaging(intake, findings),
        settings=settings,
        moment=Moment(
            on,
            index.earliest if is_done else None,
            index.latest if is_done else None,
            _first_treatment(given),
        ),
        stay_is_over=stay is not None and stay.is_over,
    )


def _read_observations(intake: Intake, observed: list[Observed]) -> Iterator[Finding | Rejected]:
    for item in observed:
        for concept in sorted(item.concepts):
            reader = OBSERVATION_READERS.get(concept)
            if reader is not None:
                yield from reader(item, intake)


def _read_conditions(intake: Intake) -> Iterator[Finding | Rejected]:
    for entry in intake.of("Condition"):
        for concept in sorted(entry.concepts):
            reader = CONDITION_READERS.get(concept)
            if reader is not None:
                yield from reader(entry, intake)


def _hcc_events(given: list[tuple[Entry, str]], read: list[Finding | Rejected]) -> Iterator[date]:
    """Yield the days on which the HCC was treated, or was found to be back."""
    for entry, problem in given:
        if not problem and entry.days.earliest is not None:
            yield entry.days.earliest
    for item in read:
        if isinstance(item, Finding) and item.name == "recurrence" and item.earliest is not None:
            yield item.earliest


def _first_treatment(given: list[tuple[Entry, str]]) -> date | None:
    days = [entry.days.earliest for entry, problem in given if not problem and entry.days.earliest]
    return min(days, default=None)


def _with_recurrence(
    read: list[Finding | Rejected], operations: Operations
) -> list[Finding | Rejected]:
    """Read spread found after the operation as a recurrence too, and drop what was before it."""
    index = operations.index
    if index.phase != "done" or index.earliest is None or index.latest is None:
        return read
    kept: list[Finding | Rejected] = []
    for item in read:
        if isinstance(item, Finding) and _is_earlier_recurrence(item, index.earliest):
            kept.append(Rejected(item.name, item.evidence, "it was before the index operation"))
            continue
        kept.append(item)
        if isinstance(item, Finding) and _is_later_spread(item, index.latest):
            value = exactly(quantity("recurrence"), PRESENT)
            kept.append(Finding("recurrence", value, item.evidence, item.earliest, item.latest))
    return kept


def _is_earlier_recurrence(item: Finding, before: date) -> bool:
    return item.name == "recurrence" and item.latest is not None and item.latest < before


def _is_later_spread(item: Finding, after: date) -> bool:
    return (
        item.name == "extrahepatic_disease"
        and item.value.value == PRESENT
        and item.earliest is not None
        and item.earliest > after
    )


def _has_hcc(findings: list[Finding], rejected: list[Rejected], intake: Intake) -> bool | None:
    if any(item.name == "hcc" for item in findings):
        return True
    if any(item.name == "hcc" and item.reason not in _SETTLED_REASONS for item in rejected):
        return None
    return False if was_searched("hcc", intake.keys) else None


def _recent_orders(intake: Intake, observed: list[Observed]) -> Iterator[RecentOrder]:
    """Yield imaging and AFP that is ordered, or was done within the recent days."""
    since = intake.on - timedelta(days=intake.settings.recent_days)
    for entry in intake.of("ServiceRequest"):
        kind = _monitoring_kind(entry.concepts)
        if kind is not None and status_code(entry.resource.get("status")) in _OPEN_ORDER:
            yield RecentOrder(kind, entry.evidence("ordered"))
    for entry in intake.of("DiagnosticReport"):
        kind = _monitoring_kind(entry.concepts)
        if kind is not None and entry.days.latest is not None and entry.days.latest >= since:
            yield RecentOrder(kind, entry.evidence("done"))
    for item in observed:
        if "afp" in item.concepts and item.days.latest is not None and item.days.latest >= since:
            yield RecentOrder(OrderKind.AFP, item.evidence())


def _last_imaging(intake: Intake, findings: Iterable[Finding]) -> date | None:
    spans = [(item.earliest, item.latest) for item in findings if item.origin is Origin.IMAGING]
    spans += [
        (entry.days.earliest, entry.days.latest)
        for entry in intake.of("DiagnosticReport")
        if _monitoring_kind(entry.concepts) is OrderKind.IMAGING
    ]
    # A partial date that reaches into the future may mean today.
    days = [min(last, intake.on) for first, last in spans if first and last and first <= intake.on]
    return max(days, default=None)


def _monitoring_kind(concepts: frozenset[str]) -> OrderKind | None:
    if "imaging" in concepts:
        return OrderKind.IMAGING
    return OrderKind.AFP if concepts & {"afp", "afp-panel"} else None


def _all_specimen(chosen: Selected) -> bool:
    return all(item.origin == "specimen" for item in chosen.used)


def _finding_order(item: Finding) -> tuple[str, str, str, str]:
    latest = item.latest.isoformat() if item.latest else ""
    return item.name, latest, item.evidence.reference, item.evidence.value


def _rejected_order(item: Rejected) -> tuple[str, str, str]:
    return item.name, item.evidence.reference, item.reason
