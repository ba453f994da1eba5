"""Hand-built consultations: a record that says what a test wants, and models that answer it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from cds_service.advice.consultation import Consultation
from cds_service.guideline_profile import load_profile
from fhir_mapping.findings import Evidence, Finding, Rejected, Selected
from fhir_mapping.orders import DraftOrder, OrderKind, OrdersRead
from fhir_mapping.patient_record import IndexOperation, RecentOrder
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from models.inputs import Input, exactly, unknown
from models.model import Anchor, InputNeed, Model
from models.outcome import (
    ConfidenceInterval,
    Contribution,
    Narrowing,
    NotApplicable,
    Outcome,
    PointsSoFar,
    Provenance,
    ReconstructionRange,
    RiskEstimate,
    Span,
    Status,
    UnknownRange,
)
from models.quantities import ABSENT, QUANTITIES, quantity
from models.registry import MODELS

ON = date(2026, 11, 22)
OPERATED = date(2026, 9, 1)
PLANNED = IndexOperation("planned")
KEYS = [
    "patient",
    "conditions",
    "procedures",
    "observations",
    "reports",
    "medications",
    "administrations",
    "encounters",
    "orders",
]

SITUATION = [
    "age_years",
    "resection",
    "months_since_resection",
    "liver_transplantation",
    "other_liver_cancer",
    "extrahepatic_disease",
    "recurrence",
    "earlier_resection",
    "earlier_treatment",
    "residual_tumour",
    "child_pugh_class",
    "hbv",
    "hbv_antiviral",
]

HPR = Provenance(
    "hpr_preoperative",
    "Early recurrence before surgery",
    "1.0.0",
    "0123456789abcdef",
    Status.RE_ESTIMATED,
    "Re-estimated on 227 resections (Li 2014); not the published nomogram.",
    "hcc-cds, re-estimated on Li 2014",
    "https://doi.org/10.1371/journal.pone.0110064",
    ("One small cohort.",),
)
HPR_AFTER = Provenance(
    "hpr_postoperative",
    "Early recurrence after surgery",
    "1.0.0",
    "fedcba9876543210",
    Status.RE_ESTIMATED,
    "Re-estimated on 227 resections (Li 2014), with borrowed terms.",
    "hcc-cds, re-estimated on Li 2014 with borrowed terms",
    "https://doi.org/10.1371/journal.pone.0110064",
)
METASTASIS = Provenance(
    "distant_metastasis",
    "Distant metastasis",
    "1.0.0",
    "aaaabbbbccccdddd",
    Status.RECONSTRUCTED,
    "Coefficients published, baseline and cut-offs reconstructed (Wang 2025).",
    "hcc-cds, coefficients of Wang 2025, baseline reconstructed",
    "https://example.org/wang-2025",
)


def known(name: str, given_value: Decimal | int | str, /, **evidence: str) -> Selected:
    """Return an input read from one resource."""
    given = exactly(quantity(name), given_value)
    where = Evidence(**({"reference": f"Observation/{name}", "date": "2026-08-20"} | evidence))
    return Selected(given, (Finding(name, given, where),))


def of(value: Input, *findings: Finding, rejected: tuple[Rejected, ...] = ()) -> Selected:
    """Return a hand-made input."""
    return Selected(value, findings, rejected)


@dataclass(frozen=True)
class Record:
    """A record that answers with what it was given, and with "not recorded" for all else."""

    inputs: Mapping[str, Selected] = field(default_factory=dict)
    index_operation: IndexOperation = PLANNED
    has_hcc: bool | None = True
    findings: tuple[Finding, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    recent_orders: tuple[RecentOrder, ...] = ()
    last_imaging: date | None = None
    key_states: Mapping[str, PrefetchKey] = field(
        default_factory=lambda: dict.fromkeys(KEYS, PrefetchKey(PrefetchState.COMPLETE))
    )
    patient_id: str = "p-1"
    on: date = ON

    def before(self, day: date, reason: str) -> Record:
        """Return the record up to a day: what was found later is not known, for this reason."""
        kept = {name: _up_to(day, reason, item) for name, item in self.inputs.items()}
        return replace(self, inputs=kept)

    def inputs_for(self, needs: Iterable[InputNeed]) -> dict[str, Selected]:
        """Return every input asked for."""
        names = [need.quantity.name for need in needs]
        return {name: self.inputs.get(name, Selected(unknown(quantity(name)))) for name in names}

    def situation(self) -> dict[str, Selected]:
        """Return what decides applicability."""
        needs = (InputNeed(quantity(name), Anchor.NOW) for name in SITUATION)
        return self.inputs_for(needs)


def _up_to(day: date, reason: str, item: Selected) -> Selected:
    later = [one for one in item.used if one.earliest is not None and one.earliest > day]
    if not later:
        return item
    rejected = tuple(Rejected(one.name, one.evidence, reason) for one in later)
    return Selected(unknown(item.value.quantity, f"not usable: {reason}"), (), rejected)


@dataclass(frozen=True)
class FixedModel:
    """A model that gives one answer whatever it is asked."""

    outcome: Outcome
    parameters: object = None
    population: tuple[()] = ()

    @property
    def provenance(self) -> Provenance:
        """What stands behind its numbers."""
        return self.outcome.provenance

    @property
    def needs(self) -> tuple[InputNeed, ...]:
        """Every input there is."""
        from models.model import Anchor

        return tuple(InputNeed(item, Anchor.NOW) for item in QUANTITIES.values())

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Give the answer."""
        del inputs
        return self.outcome


def contribution(name: str, low: float, high: float | None = None) -> Contribution:
    """Return what one input adds, in points."""
    span = Span(low, low if high is None else high)
    return Contribution(name, span, 50.0, Span(0.0, 0.0))


def narrowing(name: str, settles: str = "always") -> Narrowing:
    """Return an input that would narrow the range."""
    return Narrowing(name, 0.1, 0.2, settles)


def recurrence_risk(
    low: float = 0.26,
    high: float | None = 0.49,
    risk_class: str | None = "high",
    missing: tuple[Narrowing, ...] = (narrowing("capsule"),),
    **more: object,
) -> RiskEstimate:
    """Return an early-recurrence estimate, by default 26-49 % because of the capsule."""
    is_point = high is None
    values: dict[str, object] = {
        "provenance": HPR,
        "event": "recurrence",
        "horizon_months": 4,
        "risk": UnknownRange(low, low if high is None else high),
        "confidence_interval": ConfidenceInterval(0.12, 0.66, "bootstrap"),
        "reconstruction_range": None,
        "points": Span(186.2, 186.2 if is_point else 239.3),
        "maximum_points": 319.2,
        "risk_class": risk_class,
        "possible_classes": (risk_class,) if risk_class else ("low", "intermediate", "high"),
        "class_note": "High class: recurrence in 40 of 85." if risk_class == "high" else "",
        "contributions": (
            contribution("afp_ng_ml", 41.2),
            contribution("tumour_size_cm", 30.3),
            contribution("capsule", 0.0, 0.0 if is_point else 53.1),
        ),
        "would_settle": () if is_point else missing,
    }
    return RiskEstimate(**(values | more))  # type: ignore[arg-type]


def metastasis_risk(risk_class: str | None = "intermediate", **more: object) -> RiskEstimate:
    """Return a metastasis estimate after surgery, by default 186 points."""
    values: dict[str, object] = {
        "provenance": METASTASIS,
        "event": "distant metastasis at first recurrence",
        "horizon_months": 12,
        "risk": UnknownRange(0.08, 0.08),
        "confidence_interval": None,
        "reconstruction_range": ReconstructionRange(0.071, 0.088, "S0 0.987-0.992"),
        "points": Span(186.4, 186.4),
        "maximum_points": 492.2,
        "risk_class": risk_class,
        "possible_classes": (risk_class,) if risk_class else ("low", "intermediate"),
        "class_note": "",
        "contributions": (contribution("microvascular_invasion", 59.2),),
        "would_settle": (),
    }
    return RiskEstimate(**(values | more))  # type: ignore[arg-type]


def points_so_far() -> PointsSoFar:
    """Return the metastasis score before surgery: 72 points so far."""
    return PointsSoFar(
        METASTASIS,
        "distant metastasis at first recurrence",
        Span(71.8, 71.8),
        360.3,
        131.9,
        ("microvascular_invasion", "margin_cm", "transfusion"),
        (contribution("tumour_size_cm", 71.8), contribution("satellites", 0.0)),
    )


def refusal(*reasons: str, provenance: Provenance = HPR) -> NotApplicable:
    """Return a model's refusal."""
    return NotApplicable(provenance, reasons)


def order(kind: OrderKind) -> DraftOrder:
    """Return one draft order."""
    return DraftOrder(kind, f"ServiceRequest/{kind}", kind.value, {})


DONE = IndexOperation("done", OPERATED, OPERATED, "Procedure/op", "Hepatectomy", "2026-09-01")


def before_surgery(
    hook: str = "order-select",
    outcome: Outcome | None = None,
    metastasis: Outcome | None = None,
    record: Record | None = None,
    **more: object,
) -> Consultation:
    """Return a consultation with a draft resection."""
    models = {
        "hpr_preoperative": FixedModel(outcome or recurrence_risk()),
        "distant_metastasis": FixedModel(metastasis or points_so_far()),
    }
    values: dict[str, object] = {
        "orders": OrdersRead((order(OrderKind.RESECTION),)),
        "profile": load_profile("local"),
    }
    return _consultation(hook, record or Record(), models, values | more)


def after_surgery(
    hook: str = "patient-view",
    outcome: Outcome | None = None,
    metastasis: Outcome | None = None,
    record: Record | None = None,
    orders: tuple[OrderKind, ...] = (),
    **more: object,
) -> Consultation:
    """Return a consultation after the operation of 2026-09-01."""
    models = {
        "hpr_postoperative": FixedModel(outcome or recurrence_risk(provenance=HPR_AFTER)),
        "distant_metastasis": FixedModel(metastasis or metastasis_risk()),
    }
    values: dict[str, object] = {
        "orders": OrdersRead(tuple(order(kind) for kind in orders)),
        "profile": load_profile("local"),
    }
    default = Record({"recurrence": known("recurrence", ABSENT)}, DONE)
    return _consultation(hook, record or default, models, values | more)


def in_care(
    hook: str = "order-select",
    record: Record | None = None,
    orders: tuple[OrderKind, ...] = (),
    **more: object,
) -> Consultation:
    """Return a consultation with every model there is, of a patient without an operation."""
    values: dict[str, object] = {
        "orders": OrdersRead(tuple(order(kind) for kind in orders)),
        "profile": load_profile("local"),
    }
    patient = record or Record(index_operation=IndexOperation("none"))
    return _consultation(hook, patient, MODELS, values | more)


def _consultation(
    hook: str, record: Record, models: Mapping[str, Model], more: Mapping[str, object]
) -> Consultation:
    values: dict[str, object] = {
        "hook": hook,
        "patient_id": "p-1",
        "user_id": "Practitioner/u-1",
        "record": record,
        "on": ON,
        "public_url": "https://cds.example.org",
        "demo": False,
        "models": models,
    }
    return Consultation(**(values | more))  # type: ignore[arg-type]
