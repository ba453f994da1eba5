"""What the cards of the three advices say and offer, on hand-built outcomes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cds_service.advice.after_resection import AfterResection
from cds_service.advice.assessment import class_leaf, counted_from, hcc_reference
from cds_service.advice.catalogue import ADVICE
from cds_service.advice.consultation import Consultation, Proposal
from cds_service.advice.resection_risk import ResectionRisk
from cds_service.advice.surveillance import Surveillance
from cds_service.guideline_profile import load_profile
from fhir_mapping.findings import Evidence, Finding, Selected
from fhir_mapping.orders import OrderKind, OrdersRead
from fhir_mapping.patient_record import IndexOperation, RecentOrder
from models.inputs import exactly, one_of, unknown
from models.outcome import NotComputable, Score
from models.quantities import quantity
from models.registry import MODELS
from tests.unit.cds_service.consultations import (
    DONE,
    HPR,
    HPR_AFTER,
    METASTASIS,
    OPERATED,
    PLANNED,
    FixedModel,
    Record,
    after_surgery,
    before_surgery,
    known,
    metastasis_risk,
    narrowing,
    order,
    points_so_far,
    recurrence_risk,
    refusal,
)

CNLC = load_profile("CNLC")


def _one(advice: object, given: Consultation) -> Proposal:
    (proposal,) = advice.advise(given)  # type: ignore[attr-defined]
    return proposal


def _detail(advice: object, given: Consultation) -> str:
    return _one(advice, given).card.detail or ""


def _labels(advice: object, given: Consultation) -> list[str]:
    return [item.label for item in _one(advice, given).card.suggestions or ()]


def test_service_ids_are_final() -> None:
    """The ids are public URLs and never change."""
    assert [f"{item.name}-{hook}" for item in ADVICE for hook in item.hooks] == [
        "resection-risk-order-select",
        "resection-risk-order-sign",
        "after-resection-patient-view",
        "after-resection-order-select",
        "after-resection-order-sign",
        "surveillance-patient-view",
        "immunotherapy-hyperprogression-order-select",
        "immunotherapy-hyperprogression-order-sign",
        "lung-metastasis-patient-view",
    ]
    for item in ADVICE:
        assert item.required_keys == ("patient", "conditions")
        assert not set(item.required_keys) & set(item.optional_keys)
        assert item.title
        assert item.description.endswith(".")


# Before surgery


def test_the_caution_says_what_it_is_not_for() -> None:
    """The card asks for a discussion and is no ground to withhold a resection."""
    detail = _detail(ResectionRisk(), before_surgery())
    assert (
        "**Discuss at the tumour board before the operation.** Not to be used alone to withhold"
        in detail
    )
    assert "discuss alternatives, repeat imaging and closer follow-up." in detail
    assert "not the benefit of surgery against another treatment" in detail
    assert (
        "“Carefully selected patients with high-risk features can achieve survival benefits"
        in detail
    )


def test_the_share_without_recurrence_is_computed_from_the_parameter_file() -> None:
    """In the high class 53 % had no recurrence: 45 of 85, from the leaf of the file in use."""
    inputs = {
        "age_years": 40, "afp_ng_ml": 900, "tumour_size_cm": 9, "tumour_number": 3,
        "macrovascular_invasion": "present", "capsule": "absent", "resection": "planned",
    }  # fmt: skip
    record = Record({name: known(name, value) for name, value in inputs.items()}, PLANNED)
    detail = _detail(ResectionRisk(), before_surgery(record=record, models=MODELS))
    assert "- In the high class 53 % had no recurrence by four months (45 of 85)." in detail

    leaf = class_leaf(MODELS["hpr_preoperative"], "high")
    assert leaf is not None
    assert (leaf.n, leaf.events) == (85, 40)
    assert class_leaf(MODELS["hpr_preoperative"], "no such class") is None
    assert class_leaf(FixedModel(recurrence_risk()), "high") is None


def test_a_low_class_does_not_hear_of_the_high_one() -> None:
    """The share of the high class stands only where the class may be high."""
    inputs = {
        "age_years": 60, "afp_ng_ml": 3, "tumour_size_cm": 2, "tumour_number": 1,
        "macrovascular_invasion": "absent", "capsule": "complete", "resection": "planned",
    }  # fmt: skip
    record = Record({name: known(name, value) for name, value in inputs.items()}, PLANNED)
    detail = _detail(ResectionRisk(), before_surgery(record=record, models=MODELS))
    assert "In the high class" not in detail
    assert "Class: **low**" in detail
    assert "A low class is no reason for a resection, as a high one is none against it." in detail
    assert "Discuss at the tumour board" not in detail


def test_before_surgery_the_one_suggestion_is_a_referral() -> None:
    """Whatever the profile, the only draft is the tumour-board referral."""
    assert _labels(ResectionRisk(), before_surgery(profile=CNLC)) == ["Draft tumour-board referral"]


def test_a_referral_that_is_being_ordered_is_not_offered_again() -> None:
    """A draft among the orders is not suggested."""
    orders = OrdersRead((order(OrderKind.RESECTION), order(OrderKind.TUMOUR_BOARD)))
    assert _labels(ResectionRisk(), before_surgery(orders=orders)) == []


def test_the_referral_names_the_hcc_on_the_problem_list() -> None:
    """The draft's reason is the Condition that says HCC, not one that denies it."""
    hcc = quantity("hcc")
    denied = Finding("hcc", exactly(hcc, "absent"), Evidence("Condition/denied"))
    found = Finding("hcc", exactly(hcc, "present"), Evidence("Condition/hcc"))
    given = before_surgery(record=Record(findings=(denied, found)))
    assert hcc_reference(given) == "Condition/hcc"
    (suggestion,) = _one(ResectionRisk(), given).card.suggestions or ()
    (action,) = suggestion.actions or ()
    assert action.resource is not None
    assert action.resource["reasonReference"] == [{"reference": "Condition/hcc"}]
    assert hcc_reference(before_surgery()) == ""


def test_metastasis_that_does_not_apply_is_said_beside_the_recurrence() -> None:
    """One model can refuse while the other answers; the refusal has no link and no hash."""
    given = before_surgery(
        metastasis=refusal("earlier HCC treatment is on record", provenance=METASTASIS)
    )
    proposal = _one(ResectionRisk(), given)
    assert "**Distant metastasis: not applicable**, earlier HCC treatment is on record." in (
        proposal.card.detail or ""
    )
    assert proposal.model_hashes == (HPR.content_hash,)
    assert METASTASIS.source_url not in [link.url for link in proposal.card.links or ()]


def test_a_model_that_cannot_answer_says_which_input_is_missing() -> None:
    """No number, no suggestion, every field with its reason."""
    missing = NotComputable(HPR, (("capsule", "not recorded"), ("other", "odd")))
    proposal = _one(ResectionRisk(), before_surgery(outcome=missing))
    assert proposal.card.summary == "Model not computable: capsule: not recorded and other: odd"
    assert proposal.card.suggestions is None
    assert "capsule: not recorded; other: odd" in (proposal.card.detail or "")
    assert json.loads(proposal.basis)["models"]["hpr_preoperative"]["not computable"] == [
        ["capsule", "not recorded"],
        ["other", "odd"],
    ]


def test_an_unclear_phase_says_why_and_shows_no_number() -> None:
    """The card before surgery repeats the record's own reason."""
    operation = IndexOperation("unclear", note="the operation of 2026 may be before or after today")
    proposal = _one(ResectionRisk(), before_surgery(record=Record(index_operation=operation)))
    assert proposal.card.summary == (
        "Before or after resection unclear, no risk shown: "
        "the operation of 2026 may be before or after today"
    )
    assert "%" not in (proposal.card.detail or "")
    silent = replace(operation, note="")
    proposal = _one(ResectionRisk(), before_surgery(record=Record(index_operation=silent)))
    assert proposal.card.summary.endswith("an operation on record cannot be dated")


def test_an_outcome_of_another_kind_gives_no_class_to_the_basis() -> None:
    """A score in place of a risk is carried as an answer without class."""
    score = Score(HPR, None, None, "A", ("A",))
    proposal = _one(ResectionRisk(), before_surgery(outcome=score))
    assert json.loads(proposal.basis)["models"]["hpr_preoperative"] == {"inputs": {}}


# After surgery


def test_the_adjuvant_card_shows_both_sides_with_their_jurisdiction() -> None:
    """For and against stand side by side, with whose view it is."""
    detail = _detail(AfterResection(), after_surgery(profile=CNLC))
    assert "disease-free survival HR 0.70 (0.52-0.95)" in detail
    assert "median disease-free survival 20.3 vs 10.0 months" in detail
    assert "recurrence-free survival HR 0.534 (0.360-0.792)" in detail
    assert "0.90 (0.72-1.12) on update; overall survival HR 1.26" in detail
    assert "AASLD 2025 (United States) advises against adjuvant and neoadjuvant systemic" in detail
    assert "China's 2026 consensus: no adjuvant therapy is universally accepted." in detail
    assert "benefit up to 5 cm, none above" in detail
    assert "Guideline profile: CNLC (China)." in detail


@pytest.mark.parametrize("profile", ["local", "CNLC", "AASLD"])
def test_without_every_condition_known_nothing_but_a_referral_is_drafted(profile: str) -> None:
    """Unknown is not no: the conditions are listed as unknown and no therapy is drafted."""
    given = after_surgery(profile=load_profile(profile))
    assert _labels(AfterResection(), given) == ["Draft tumour-board referral"]
    assert "- unknown: R0 resection (not recorded), MVI present (not recorded)" in _detail(
        AfterResection(), given
    )


def test_tace_that_is_being_ordered_is_not_offered_again() -> None:
    """Signing TACE under the conditions of both offers HAIC and the referral."""
    values = {
        "residual_tumour": "R0", "microvascular_invasion": "present", "child_pugh_class": "A",
        "recurrence": "absent", "liver_failure": "absent", "bile_leak": "absent", "ascites": "none",
        "tumour_number": 1, "tumour_size_cm": 6,
    }  # fmt: skip
    record = Record({name: known(name, value) for name, value in values.items()}, DONE)
    given = after_surgery("order-sign", record=record, profile=CNLC, orders=(OrderKind.TACE,))
    assert _labels(AfterResection(), given) == [
        "Draft tumour-board referral",
        "Draft adjuvant HAIC for the tumour board",
    ]


HBV, ANTIVIRAL = quantity("hbv"), quantity("hbv_antiviral")


@pytest.mark.parametrize(
    ("hbv", "antiviral", "line"),
    [
        (exactly(HBV, "present"), exactly(ANTIVIRAL, "absent"), "- HBV present, antiviral not found: check."),
        (exactly(HBV, "present"), unknown(ANTIVIRAL), "- HBV present, antiviral not found: check."),
        (exactly(HBV, "present"), exactly(ANTIVIRAL, "present"), "- HBV present, antiviral on record."),
        (unknown(HBV), exactly(ANTIVIRAL, "absent"), "- HBV status not found."),
    ],
)  # fmt: skip
def test_the_hepatitis_line(hbv: object, antiviral: object, line: str) -> None:
    """HBV without an antiviral asks to check, an unknown status says so, no drug is drafted."""
    inputs = {"hbv": Selected(hbv), "hbv_antiviral": Selected(antiviral)}  # type: ignore[arg-type]
    detail = _detail(AfterResection(), after_surgery(record=Record(inputs, DONE)))
    assert line in detail
    assert ("recurrence HR 0.67 (0.55-0.81)" in detail) == ("check" in line)


def test_without_hepatitis_there_is_no_hepatitis_line() -> None:
    """A patient without HBV gets no line about it."""
    record = Record({"hbv": Selected(exactly(HBV, "absent"))}, DONE)
    assert "Hepatitis B" not in _detail(AfterResection(), after_surgery(record=record))


def test_after_the_first_horizon_the_other_model_goes_on() -> None:
    """Early recurrence says "horizon passed", metastasis stays, and the HPR paper is not linked."""
    passed = refusal("horizon passed: 4 or more completed months", provenance=HPR_AFTER)
    given = after_surgery("order-select", passed, orders=(OrderKind.TACE,))
    proposal = _one(AfterResection(), given)
    assert AfterResection().advise(after_surgery(outcome=passed)) == ()
    assert "not applicable**, horizon passed: 4 or more completed months." in (
        proposal.card.detail or ""
    )
    assert proposal.card.source.label == METASTASIS.source_label
    assert [link.url for link in proposal.card.links or ()] == [
        METASTASIS.source_url,
        f"{given.public_url}/models/{METASTASIS.model_id}",
    ]


def test_what_the_card_rests_on_is_in_its_basis_and_time_is_not() -> None:
    """Inputs, class, phase, hashes and profile count; months passing and the hook do not."""
    given = after_surgery()
    basis = json.loads(_one(AfterResection(), given).basis)
    assert basis["phase"] == "done"
    assert basis["profile"] == "local"
    assert basis["counted_from"] == "2026-09-01"
    assert basis["hashes"] == sorted([HPR_AFTER.content_hash, METASTASIS.content_hash])
    assert basis["models"]["distant_metastasis"]["class"] == "intermediate"
    later = replace(given, on=given.on.replace(month=12))
    assert _one(AfterResection(), later).basis == _one(AfterResection(), given).basis
    changed = after_surgery(profile=CNLC)
    assert _one(AfterResection(), changed).basis != _one(AfterResection(), given).basis


def test_a_new_value_changes_the_basis() -> None:
    """A result that was not there before makes the card new."""
    inputs = {"capsule": known("capsule", "absent")}
    before = _one(AfterResection(), after_surgery(record=Record({}, DONE))).basis
    after = _one(AfterResection(), after_surgery(record=Record(inputs, DONE))).basis
    assert before != after


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (IndexOperation("done", OPERATED, OPERATED), "2026-09-01"),
        (
            IndexOperation("done", OPERATED, OPERATED.replace(day=30), date_as_sent="2026-09"),
            "2026-09",
        ),
        (IndexOperation("done"), "an operation without a date"),
    ],
)
def test_the_date_counted_from_is_as_precise_as_the_record(
    operation: IndexOperation, words: str
) -> None:
    """A partial date stays partial."""
    assert counted_from(operation) == words


def test_when_all_horizons_have_passed_the_last_one_is_named() -> None:
    """TACE long after the operation gets one reason, not two."""
    given = after_surgery(
        "order-sign",
        outcome=refusal("horizon passed: 4 or more months", provenance=HPR_AFTER),
        metastasis=refusal("horizon passed: 12 or more months", provenance=METASTASIS),
        orders=(OrderKind.TACE,),
    )
    assert _one(AfterResection(), given).card.summary == (
        "Model not applicable: horizon passed: 12 or more months"
    )


# Surveillance


def test_surveillance_says_both_views_of_the_interval_and_where_the_cohort_looked() -> None:
    """AASLD's interval and the cohort's practice, without a claim that imaging helps to live longer."""
    detail = _detail(Surveillance(), after_surgery())
    assert "every 3-6 months; no survival benefit shown for more frequent imaging" in detail
    assert "every 2-3 months for two years" in detail
    assert "This is not a proven survival gain." in detail
    assert "irregular follow-up was harmful (HR 1.983, 1.677-2.345)" in detail
    assert "lung 26.0, lymph nodes 20.8" in detail
    assert "This is where it looked, not this patient's risk." in detail


def test_imaging_and_afp_are_not_offered_while_active_or_recent() -> None:
    """Each draft disappears while the same is under way; plan and visit go with the last one."""
    both = ["Draft CT of chest and abdomen", "Draft AFP"]
    more = ["Draft follow-up plan", "Draft follow-up visit"]
    assert _labels(Surveillance(), after_surgery(record=Record({}, DONE))) == both + more
    for kind, left in ((OrderKind.IMAGING, both[1:]), (OrderKind.AFP, both[:1])):
        recent = (RecentOrder(kind, Evidence("ServiceRequest/1")),)
        given = after_surgery(record=Record({}, DONE, recent_orders=recent))
        assert _labels(Surveillance(), given) == left + more
    recent = tuple(
        RecentOrder(kind, Evidence("ServiceRequest/1"))
        for kind in (OrderKind.IMAGING, OrderKind.AFP)
    )
    assert (
        _labels(Surveillance(), after_surgery(record=Record({}, DONE, recent_orders=recent))) == []
    )


def test_an_overdue_card_says_since_when_and_by_which_interval() -> None:
    """The interval is the profile's, with its source."""
    operation = IndexOperation("done", OPERATED.replace(month=2), OPERATED.replace(month=2))
    detail = _detail(Surveillance(), after_surgery(record=Record({}, operation)))
    assert detail.startswith(
        "**Overdue:** no imaging on record since 2026-02-01, longer than 6 months (upper end of the"
        " 3-6 months of AASLD 2023; no local guideline is stored)."
    )


def test_an_overdue_card_after_the_horizon_rests_on_no_model() -> None:
    """Without a number the card carries no model hash, so it is never held back for approval."""
    operation = IndexOperation("done", OPERATED.replace(year=2025), OPERATED.replace(year=2025))
    passed = refusal("horizon passed: 12 or more completed months", provenance=METASTASIS)
    proposal = _one(Surveillance(), after_surgery(metastasis=passed, record=Record({}, operation)))
    assert proposal.model_hashes == ()
    assert proposal.card.summary.startswith("Imaging overdue: none on record since 2025-09-01")


def test_a_recurrence_on_record_gets_figures_and_a_referral_and_no_risk() -> None:
    """The information card quotes the cohort and names where the recurrence stands."""
    record = Record({"recurrence": known("recurrence", "present", value="Recurrence of HCC")}, DONE)
    proposal = _one(Surveillance(), after_surgery(record=record))
    detail = proposal.card.detail or ""
    assert "no risk of recurrence is shown" in detail
    assert "- Recurrence of HCC, 2026-08-20, Observation/recurrence" in detail
    for figure in ("HR 0.423", "HR 2.340", "HR 3.169", "not this patient's risk"):
        assert figure in detail
    assert [item.label for item in proposal.card.suggestions or ()] == [
        "Draft tumour-board referral"
    ]
    assert proposal.model_hashes == ()
    assert proposal.card.source.label == "hcc-cds, figures printed in Wang 2025, no risk computed"


def test_a_possible_recurrence_is_an_assumption_and_no_refusal() -> None:
    """A recurrence that is not certain leaves the surveillance card as it is."""
    maybe = one_of(quantity("recurrence"), ["present", "absent"], "provisional")
    record = Record({"recurrence": Selected(maybe)}, DONE)
    assert _one(Surveillance(), after_surgery(record=record)).kind == "surveillance"


def test_a_surveillance_class_not_settled_asks_for_one_input() -> None:
    """The surveillance card asks for the input that would settle the class."""
    unsettled = metastasis_risk(None, would_settle=(narrowing("microvascular_invasion"),))
    given = after_surgery(metastasis=unsettled, record=Record({}, DONE))
    assert "recording MVI would settle it" in _one(Surveillance(), given).card.summary


def test_a_score_so_far_after_surgery_is_shown_without_class() -> None:
    """If the specimen is still awaited the card shows the points so far."""
    given = after_surgery(metastasis=points_so_far(), record=Record({}, DONE))
    proposal = _one(Surveillance(), given)
    assert "72 of 360.3 points" in (proposal.card.detail or "")
    so_far = "Distant metastasis: 72 of 360.3 points so far, no class yet"
    assert proposal.card.summary == f"{so_far}; counted from 2026-09-01"
    passed = refusal("horizon passed", provenance=HPR_AFTER)
    both = after_surgery(
        "order-select", passed, points_so_far(), Record({}, DONE), (OrderKind.TACE,)
    )
    assert _one(AfterResection(), both).card.summary == f"{so_far}; counted from 2026-09-01"


def test_warnings_and_assumptions_stand_beside_the_number() -> None:
    """What may exclude the patient and what deserves caution is said, once, before the advice."""
    outcome = recurrence_risk(
        provenance=HPR_AFTER,
        warnings=("Child-Pugh B: few such patients are resected",),
        assumes=("extrahepatic disease (not recorded)",),
    )
    metastasis = metastasis_risk(assumes=("extrahepatic disease (not recorded)",))
    detail = _detail(AfterResection(), after_surgery(outcome=outcome, metastasis=metastasis))
    assert "**Warnings**\n\n- Child-Pugh B: few such patients are resected" in detail
    assert detail.count("extrahepatic disease (not recorded)") == 1
    assert (
        "**Applies only if** none of these excludes the patient: extrahepatic disease (not recorded)."
        in detail
    )
    assert detail.index("Applies only if") < detail.index("For adjuvant TACE")
