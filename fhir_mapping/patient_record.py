"""Resources by prefetch key in, a PatientRecord with every finding and rejection out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from fhir_mapping.child_pugh import computed_class
from fhir_mapping.codes import Codes
from fhir_mapping.findings import (
    Certainty,
    DecidedText,
    Evidence,
    Finding,
    Rejected,
    Selected,
    TextDecision,
)
from fhir_mapping.index_operation import NO_OPERATION, IndexOperation
from fhir_mapping.intake import Intake, take_in
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS, MappingSettings
from fhir_mapping.monitoring import RecentOrder, last_imaging, recent_orders
from fhir_mapping.narrative.reports import read_reports
from fhir_mapping.none_recorded import NONE_RECORDED, was_searched
from fhir_mapping.other_tumours import set_aside_other_people, set_aside_other_tumours
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from fhir_mapping.reading import Narrative, is_settled, read_all
from fhir_mapping.select import SPECIMEN_ONLY, Moment, select_findings
from fhir_mapping.topics.demographics import months_between
from models.inputs import Input, between, exactly, not_yet_knowable, one_of, unknown
from models.model import Anchor, InputNeed
from models.quantities import ABSENT, PRESENT, Quantity, quantity

__all__ = [
    "EVER_PRESENT",
    "IndexOperation",
    "MappingSettings",
    "Narrative",
    "PatientRecord",
    "RecentOrder",
    "map_record",
    "nobody_decided",
]

_SITUATION = tuple(
    InputNeed(quantity(name), Anchor.NOW)
    for name in (
        "hcc", "age_years", "resection", "months_since_resection", "liver_transplantation",
        "other_liver_cancer", "extrahepatic_disease", "recurrence", "earlier_resection",
        "earlier_treatment", "residual_tumour", "child_pugh_class", "hbv", "hbv_antiviral",
    )
)  # fmt: skip
# Once present, always present: a later "none" does not undo what excludes a patient.
EVER_PRESENT = frozenset(
    {
        "hcc", "liver_transplantation", "other_liver_cancer", "extrahepatic_disease",
        "recurrence", "earlier_resection", "earlier_treatment", "hbv_antiviral",
        "lung_metastasis", "lymph_node_metastasis",
    }
)  # fmt: skip
_OF_OBSERVATIONS = frozenset(
    {
        "afp_ng_ml", "tumour_size_cm", "tumour_number", "macrovascular_invasion", "capsule",
        "satellites", "rupture", "ki67_percent", "margin_cm", "child_pugh_class", "hbv",
        "bilirubin_umol_l", "albumin_g_l", "inr", "ascites", "encephalopathy", "ecog", "nlr",
        "ldh_times_upper_limit", "haemoglobin_g_l", "lung_foci", "metastatic_sites",
        "intrahepatic_control",
    }
)  # fmt: skip
_PROCEDURES_UNREAD = "the procedures were not read to the end: an operation may be missing"
_CUT_SHORT = "the list of observations was cut short: a later or larger value may be missing"


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
    # Several models ask for the same inputs of one record, which never changes.
    _selected: dict[InputNeed, Selected] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def select(self, need: InputNeed) -> Selected:
        """Return one input of a model, with the findings it rests on and what was passed over."""
        found = self._selected.get(need)
        if found is None:
            found = self._selected[need] = self._select(need)
        return found

    def _select(self, need: InputNeed) -> Selected:
        name, phase = need.quantity.name, self.index_operation.phase
        if name == "resection":
            return self._of_operation(self._resection())
        if name == "months_since_resection":
            return self._of_operation(self._months())
        if name in SPECIMEN_ONLY and phase != "done":
            return Selected(self._before_specimen(need.quantity), (), self._rejected_as(name))
        findings = [item for item in self.findings if item.name == name]
        if name in EVER_PRESENT and any(item.value.value == PRESENT for item in findings):
            findings = [item for item in findings if item.value.value == PRESENT]
        if name in ("age_years", "sex"):
            chosen = Selected(findings[0].value, tuple(findings)) if findings else None
        else:
            moment = self.moment or Moment(self.on)
            chosen = select_findings(need, findings, moment, self.settings)
        if chosen is None or not chosen.used:
            chosen = self._none_recorded(need, chosen)
        if name == "child_pugh_class" and not chosen.used:
            chosen = computed_class(need, self.select, chosen)
        chosen = self._if_cut_short(need, chosen)
        rejected = self._rejected_as(name)
        if not rejected and not chosen.rejected:
            return chosen
        return Selected(
            chosen.value, chosen.used, tuple(dict.fromkeys((*chosen.rejected, *rejected)))
        )

    def inputs_for(self, needs: Iterable[InputNeed]) -> dict[str, Selected]:
        """Return every input a model asks for, by quantity name."""
        return {need.quantity.name: self.select(need) for need in needs}

    def before(self, day: date, reason: str) -> PatientRecord:
        """Return the record as it was up to a day; what is later does not count, for this reason."""
        # The selection grants a record written further east a day; here the day itself is the last.
        return replace(self, moment=Moment(day - timedelta(days=1), later=reason))

    def situation(self) -> dict[str, Selected]:
        """Return what decides applicability, by quantity name."""
        return self.inputs_for(_SITUATION)

    def _of_operation(self, value: Input) -> Selected:
        """Return what was concluded from the index operation, with it as the evidence."""
        index, name = self.index_operation, value.quantity.name
        used: tuple[Finding, ...] = ()
        if index.reference:
            evidence = Evidence(
                index.reference,
                index.date_as_sent,
                display=index.display,
                value=index.note or index.phase,
                rule="index-operation",
            )
            used = (Finding(name, value, evidence, index.earliest, index.latest),)
        return Selected(value, used, self._rejected_as(name))

    def _before_specimen(self, of: Quantity) -> Input:
        """Return what is known of the specimen and the course where no operation is known as done."""
        if self.index_operation.phase == "unclear":
            note = self.index_operation.note
            return unknown(of, f"whether the operation was done is unclear: {note}")
        return unknown(of, _PROCEDURES_UNREAD) if self._may_be_missed else not_yet_knowable(of)

    def _resection(self) -> Input:
        phase = self.index_operation.phase
        if phase == "unclear":
            return one_of(quantity("resection"), ("planned", "done"), self.index_operation.note)
        if self._may_be_missed:
            return unknown(quantity("resection"), _PROCEDURES_UNREAD)
        return exactly(quantity("resection"), phase)

    @property
    def _may_be_missed(self) -> bool:
        """Whether no operation was found, and the procedures were not all there to find it in."""
        key = self.key_states.get("procedures")
        return self.index_operation.phase == "none" and not (key and key.was_answered)

    def _months(self) -> Input:
        index, months = self.index_operation, quantity("months_since_resection")
        if index.phase == "unclear":
            return unknown(months, index.note)
        if self._may_be_missed:
            return unknown(months, _PROCEDURES_UNREAD)
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
            if not is_settled(item.reason)
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


def nobody_decided(_: Finding) -> DecidedText | None:
    """Leave every finding read from text to be confirmed."""
    return None


def map_record(
    prefetch: Mapping[str, PrefetchKey],
    *,
    patient_id: str,
    on: date,
    resection_ordered: bool = False,
    settings: MappingSettings = DEFAULT_SETTINGS,
    codes: Codes | None = None,
    narrative: Narrative | None = read_reports,
    decided: Callable[[Finding], DecidedText | None] = nobody_decided,
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
        Reads reports in words; None leaves them unread.
    decided : callable
        What a clinician decided of a finding read from text, None if nobody did. A confirmed one
        may narrow an input whatever the settings say; a refused one is passed over.
    """
    intake = take_in(prefetch, patient_id, on, codes or Codes.shipped(), settings)
    set_aside_other_people(intake)
    set_aside_other_tumours(intake)
    refused: list[Finding] = []
    if narrative is not None:
        narrative = _with_decisions(narrative, decided, refused)
    reading = read_all(intake, resection_ordered=resection_ordered, narrative=narrative)
    return PatientRecord(
        patient_id=patient_id,
        on=on,
        has_hcc=reading.has_hcc,
        findings=reading.findings,
        rejected=reading.rejected,
        index_operation=reading.operations.index,
        key_states=intake.keys,
        recent_orders=tuple(recent_orders(intake, reading.observed)),
        # A report that was misread is still of imaging that was done.
        last_imaging=last_imaging(intake, (*reading.findings, *refused)),
        settings=settings,
        moment=reading.moment,
        stay_is_over=reading.stay_is_over,
    )


def _with_decisions(
    narrative: Narrative,
    decided: Callable[[Finding], DecidedText | None],
    refused: list[Finding],
) -> Narrative:
    """Return what reads reports in words and knows what was decided; it notes what was refused."""

    def read(intake: Intake) -> Iterator[Finding | Rejected]:
        for item in narrative(intake):
            if isinstance(item, Rejected) or item.certainty is not Certainty.READ_FROM_TEXT:
                yield item
                continue
            decision = decided(item)
            if decision is None:
                yield item
            elif decision.decision is TextDecision.CONFIRMED:
                yield _confirmed(item, decision.on)
            else:
                refused.append(item)
                reason = f"read from text, refused by a clinician on {decision.on.isoformat()}"
                yield Rejected(item.name, item.evidence, reason)

    return read


def _confirmed(item: Finding, on: date) -> Finding:
    note = f"{Certainty.CONFIRMED.value} {on.isoformat()}"
    conversion = "; ".join(part for part in (item.evidence.conversion, note) if part)
    evidence = replace(item.evidence, conversion=conversion)
    return replace(item, evidence=evidence, certainty=Certainty.CONFIRMED)


def _all_specimen(chosen: Selected) -> bool:
    return all(item.origin == "specimen" for item in chosen.used)
