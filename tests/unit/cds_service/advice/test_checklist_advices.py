"""What the cards of HPD and of lung metastasis say and offer, and the second opinion beside a risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cds_service.advice.consultation import Consultation, Proposal
from cds_service.advice.immunotherapy_hyperprogression import ImmunotherapyHyperprogression
from cds_service.advice.lung_metastasis import LungMetastasis
from cds_service.advice.present_tumour import left_after_resection
from cds_service.advice.second_opinion import second_opinion_blocks
from fhir_mapping.findings import Evidence, Finding, Origin, Selected
from fhir_mapping.orders import OrderKind
from fhir_mapping.patient_record import IndexOperation, RecentOrder
from models.inputs import between, exactly, one_of, unknown
from models.quantities import ABSENT, PRESENT, quantity
from tests.unit.cds_service.consultations import DONE, Record, in_care, known

ICI = (OrderKind.IMMUNE_CHECKPOINT_INHIBITOR,)
NONE = IndexOperation("none")
INHIBITOR = "immune_checkpoint_inhibitor"
STOPPED = {INHIBITOR: known(INHIBITOR, ABSENT)}
FLAGS = {
    name: known(name, value)
    for name, value in {
        "nlr": "5.1",
        "ldh_times_upper_limit": "1.2",
        "metastatic_sites": 1,
        "lymph_node_metastasis": "absent",
        "lung_metastasis": "absent",
    }.items()
}


def _hpd(inputs: dict[str, Selected], **more: object) -> Proposal:
    record = Record({**STOPPED, **inputs}, NONE)
    given = in_care(record=record, orders=ICI, **more)
    (proposal,) = ImmunotherapyHyperprogression().advise(given)
    return proposal


def _lung(inputs: dict[str, Selected], operation: IndexOperation = NONE) -> Proposal:
    record = Record({"lung_metastasis": known("lung_metastasis", PRESENT), **inputs}, operation)
    (proposal,) = LungMetastasis().advise(in_care("patient-view", record))
    return proposal


def _at(name: str, value: int | str, on: date, origin: Origin = Origin.UNSTATED) -> Selected:
    given = exactly(quantity(name), value)
    evidence = Evidence(f"Observation/{name}", on.isoformat(), value=str(value))
    return Selected(given, (Finding(name, given, evidence, on, on, origin),))


def _detail(proposal: Proposal) -> str:
    return proposal.card.detail or ""


def test_the_sentence_of_the_issue() -> None:
    """The flags that are present with their value, what is not known, and that no score exists."""
    assert _hpd(FLAGS).card.summary == (
        "HPD (not HPR): flags present: NLR 5.1 (from 3), LDH above limit; not known: PVTT."
        " No validated score."
    )


@pytest.mark.parametrize(
    ("inputs", "summary"),
    [
        ({}, "HPD (not HPR): no flag known; not known: NLR, LDH, PVTT, metastatic sites, lymph-node metastasis, lung metastasis. No validated score."),
        ({**FLAGS, "nlr": known("nlr", "2.96"), "ldh_times_upper_limit": known("ldh_times_upper_limit", 1)}, "HPD (not HPR): no flag present; not known: PVTT. No validated score."),
        ({**FLAGS, "nlr": known("nlr", "3"), "pvtt": known("pvtt", "present")}, "HPD (not HPR): flags present: NLR 3 (from 3), LDH above limit, PVTT. No validated score."),
        ({"nlr": Selected(between(quantity("nlr"), Decimal(8)))}, "HPD (not HPR): flags present: NLR (from 3); not known: LDH, PVTT, metastatic sites, lymph-node metastasis and lung metastasis. No validated score."),
    ],
)  # fmt: skip
def test_the_sentence_names_every_flag_that_fits(inputs: dict[str, Selected], summary: str) -> None:
    """Unknown is not absent, a limit is not above itself, and 2.96 never reads as 3."""
    found = _hpd(inputs).card.summary
    assert found.split(";")[0] == summary.split(";")[0]
    assert found.endswith("No validated score.")
    assert len(found) < 140


def test_an_early_ct_is_drafted_only_with_the_sites_interval() -> None:
    """Without a setting there is a baseline CT only; with it the draft says the weeks."""
    labels = [item.label for item in _hpd(FLAGS).card.suggestions or ()]
    assert labels == ["Draft tumour-board referral", "Draft baseline CT of chest and abdomen"]
    early = (_hpd(FLAGS, hpd_early_imaging_weeks=6).card.suggestions or ())[-1]
    assert early.label == "Draft early CT of chest and abdomen"
    resource = early.actions[0].resource or {}
    assert resource["code"]["text"] == (
        "CT of chest and abdomen with contrast, 6 weeks after the first dose of an immune"
        " checkpoint inhibitor, the interval of this site"
    )


@pytest.mark.parametrize(
    ("done", "labels"),
    [
        (
            date(2026, 11, 10),
            ["Draft tumour-board referral", "Draft early CT of chest and abdomen"],
        ),
        (None, ["Draft tumour-board referral"]),
    ],
)
def test_imaging_that_was_done_is_the_baseline_and_imaging_that_is_ordered_stops_both(
    done: date | None, labels: list[str]
) -> None:
    """A recent CT spares the baseline and not the early control; an open order spares both."""
    recent = (RecentOrder(OrderKind.IMAGING, Evidence("ServiceRequest/ct"), done),)
    record = Record({**STOPPED, **FLAGS}, NONE, recent_orders=recent)
    given = in_care(record=record, orders=ICI, hpd_early_imaging_weeks=6)
    (proposal,) = ImmunotherapyHyperprogression().advise(given)
    assert [item.label for item in proposal.card.suggestions or ()] == labels


def _running(first: date | None, *names: str) -> Consultation:
    evidence = Evidence("MedicationRequest/nivolumab", first.isoformat() if first else "")
    present = exactly(quantity(INHIBITOR), PRESENT)
    finding = Finding(INHIBITOR, present, evidence, first, first)
    inputs = {INHIBITOR: Selected(present, (finding,))}
    inputs |= {name: _at(name, 5, date(2026, 10, 20)) for name in names}
    record = Record(inputs, NONE, findings=(finding,))
    return in_care(record=record, orders=(OrderKind.AFP,))


def test_values_after_the_first_dose_are_no_baseline() -> None:
    """A value after the first dose is not used, and the card says up to which day values count."""
    (proposal,) = ImmunotherapyHyperprogression().advise(_running(date(2026, 10, 1), "nlr"))
    assert "flags present" not in proposal.card.summary
    assert "on record since 2026-10-01" in _detail(proposal)
    assert "it was after the first dose, so it is no baseline" in _detail(proposal)
    assert [item.label for item in proposal.card.suggestions or ()] == [
        "Draft tumour-board referral"
    ]


def test_values_before_the_first_dose_are_the_baseline() -> None:
    """What was measured before the first dose still counts under treatment."""
    (proposal,) = ImmunotherapyHyperprogression().advise(_running(date(2026, 11, 1), "nlr"))
    assert proposal.card.summary.startswith("HPD (not HPR): flags present: NLR 5 (from 3)")


def test_a_course_without_a_date_leaves_the_baseline_open() -> None:
    """Without the day of the first dose the card does not call the values a baseline."""
    (proposal,) = ImmunotherapyHyperprogression().advise(_running(None, "nlr"))
    assert "the day of its first dose is not on record" in _detail(proposal)


def test_an_unknown_course_leaves_the_baseline_open() -> None:
    """Where prescriptions did not arrive, whether a dose was given before is not known."""
    record = Record(FLAGS, NONE)
    (proposal,) = ImmunotherapyHyperprogression().advise(in_care(record=record, orders=ICI))
    assert "whether an immune checkpoint inhibitor was given before is not known" in _detail(
        proposal
    )


def test_the_flags_carry_source_and_counter_evidence() -> None:
    """Each flag has its definition, its source and what speaks against it."""
    detail = _detail(_hpd(FLAGS))
    assert "- NLR (above 4.125): NLR above 4.125, nivolumab cohort." in detail
    assert (
        "**Against:** Contradicted: the pan-cancer meta-analysis of 12 studies found no effect of sex."
        in detail
    )
    assert "named in the review and not assessed" in detail
    assert "| LDH | **present** |" in detail
    assert "| PVTT | **not known** |" in detail


def test_a_resected_tumour_is_not_the_tumour_of_today() -> None:
    """After the operation only what was seen later says how much disease is in the liver."""
    inputs = {
        "tumour_size_cm": _at("tumour_size_cm", 9, date(2026, 8, 1)),
        "tumour_number": _at("tumour_number", 1, date(2026, 10, 1)),
        "macrovascular_invasion": _at("macrovascular_invasion", ABSENT, date(2026, 10, 1), Origin.SPECIMEN),
    }  # fmt: skip
    given = in_care("patient-view", Record(inputs, DONE))
    found = left_after_resection(given, inputs)
    assert set(found) == {"tumour_size_cm", "macrovascular_invasion"}
    assert found["tumour_size_cm"].value.reason == (
        "what is on record is of the tumour that was resected"
    )
    assert left_after_resection(in_care("patient-view", Record(inputs, NONE)), inputs) == {}


def test_criteria_are_met_not_met_met_in_some_studies_or_unknown() -> None:
    """Each criterion has its own word in the table."""
    detail = _detail(
        _lung(
            {
                "child_pugh_class": known("child_pugh_class", "B"),
                "lung_foci": known("lung_foci", 4),
                "macrovascular_invasion": known("macrovascular_invasion", ABSENT),
            }
        )
    )
    assert "| Liver function | not met | B |" in detail
    assert "| Lung foci (up to 3) | met in some studies | 4 |" in detail
    assert "| Vascular invasion | met | absent |" in detail
    assert "| Intrahepatic extent | **unknown** |" in detail


@pytest.mark.parametrize(
    ("inhibitor", "kinase", "state"),
    [(PRESENT, PRESENT, "met"), (PRESENT, ABSENT, "not met"), (ABSENT, ABSENT, "for discussion")],
)
def test_the_running_therapy_is_a_point_for_discussion(
    inhibitor: str, kinase: str, state: str
) -> None:
    """A combination, a single agent, or nothing to judge; the caveat stands with it."""
    detail = _detail(
        _lung(
            {
                INHIBITOR: known(INHIBITOR, inhibitor),
                "kinase_inhibitor": known("kinase_inhibitor", kinase),
            }
        )
    )
    assert f"| Running therapy | {state} |" in detail
    assert "The combination's advantage comes from 119 patients of a retrospective cohort" in detail


def test_the_lung_card_only_ever_considers_and_offers_the_board() -> None:
    """The wording is "consider discussing" and the one draft is a referral to the tumour board."""
    proposal = _lung({})
    assert proposal.card.summary.startswith(
        "Lung metastasis: consider discussing at the tumour board"
    )
    assert [item.label for item in proposal.card.suggestions or ()] == [
        "Draft tumour-board referral"
    ]


def test_scores_of_which_nothing_is_known_say_what_is_missing() -> None:
    """Without any input a score is not computable and names its inputs."""
    (scores, markers) = second_opinion_blocks(in_care(record=Record(index_operation=NONE)))
    lines = scores.splitlines()[2:]
    assert lines[2].startswith(
        "- Tumour burden score: not computable: largest tumour and tumour number not known"
    )
    assert all("not computable" in line for line in lines)
    assert markers == ""


def test_a_formula_with_an_open_input_has_no_range() -> None:
    """ALBI with albumin unknown could be anything plausible, so it is not computed."""
    record = Record({"bilirubin_umol_l": known("bilirubin_umol_l", 14)}, NONE)
    (scores, _) = second_opinion_blocks(in_care(record=record))
    assert "- ALBI: not computable: albumin not known (published" in scores


def test_a_recorded_class_stands_beside_the_computed_one() -> None:
    """Child-Pugh by its items and the recorded class are both shown; a computed one is not repeated."""
    items = {"bilirubin_umol_l": known("bilirubin_umol_l", 60)}
    recorded = {"child_pugh_class": known("child_pugh_class", "A")}
    (scores, _) = second_opinion_blocks(in_care(record=Record({**items, **recorded}, NONE)))
    assert "On record: class A. (published" in scores
    value = one_of(quantity("child_pugh_class"), ["B", "C"])
    evidence = Evidence("Observation/b", rule="child-pugh-computed")
    computed = Selected(value, (Finding("child_pugh_class", value, evidence),))
    record = Record({**items, "child_pugh_class": computed}, NONE)
    (scores, _) = second_opinion_blocks(in_care(record=record))
    assert "On record" not in scores


def test_a_marker_is_shown_only_where_it_is_present() -> None:
    """An absent or unknown marker says nothing; a present one has its date and resource."""
    inputs = {
        "mycn_expression": known("mycn_expression", PRESENT),
        "hmga2_expression": known("hmga2_expression", ABSENT),
    }
    (_, markers) = second_opinion_blocks(in_care(record=Record(inputs, NONE)))
    assert markers == (
        "**Marker of aggressive biology, no weight in any number here**\n\n"
        "- MYCN: present, 2026-08-20, Observation/mycn\\_expression"
    )


def test_the_stage_after_a_resection_is_the_one_before_it() -> None:
    """BCLC describes the tumour that was there, and its line says so."""
    (scores, _) = second_opinion_blocks(in_care(record=Record({}, DONE)))
    assert "- BCLC stage (2022), as before the operation: not computable" in scores


def test_an_advice_without_its_patient_is_quiet() -> None:
    """No HCC, or a lung metastasis that is only possible, gives no card."""
    lungs = {"lung_metastasis": Selected(unknown(quantity("lung_metastasis")))}
    given = in_care("patient-view", Record(lungs, NONE))
    assert LungMetastasis().advise(given) == ()
    ordered = in_care(record=Record(FLAGS, NONE), orders=ICI)
    quiet = replace(ordered, record=replace(ordered.record, has_hcc=False))
    assert ImmunotherapyHyperprogression().advise(quiet) == ()


def test_what_could_not_be_checked_stands_on_the_card() -> None:
    """A transplantation that the record does not speak of is named, and not taken as none."""
    detail = _detail(_hpd(FLAGS))
    assert "**Applies only if** none of these excludes the patient:" in detail
    assert "liver transplantation (not recorded)" in detail
    settled = {
        "age_years": known("age_years", 60),
        "hcc": known("hcc", PRESENT),
        "liver_transplantation": known("liver_transplantation", ABSENT),
        "other_liver_cancer": known("other_liver_cancer", ABSENT),
    }
    assert "Applies only if" not in _detail(_hpd({**FLAGS, **settled}))
