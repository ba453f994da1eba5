"""The detail of a card: outcomes in words, the table of inputs, and what was not used."""

from __future__ import annotations

from pathlib import Path

from cds_service.cards.assessed import Assessed
from cds_service.cards.detail import (
    INTENDED_USE,
    OVERSTATED,
    bullets,
    compose,
    number_lines,
    outcome_text,
)
from cds_service.cards.inputs_table import inputs_table, not_received_lines, not_used_lines
from fhir_mapping.findings import Certainty, Evidence, Finding, Rejected, Selected
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from models.inputs import exactly, one_of_numbers, unknown
from models.outcome import Checklist, NotComputable, Span, UnknownRange
from models.quantities import QUANTITIES, quantity
from tests.unit.cds_service.consultations import (
    HPR,
    METASTASIS,
    contribution,
    known,
    metastasis_risk,
    narrowing,
    points_so_far,
    recurrence_risk,
    refusal,
)

SIZE = quantity("tumour_size_cm")
NOTHING = {name: Selected(unknown(item)) for name, item in QUANTITIES.items()}


def test_the_two_ranges_have_their_two_names() -> None:
    """What is unknown and the sampling interval are said apart."""
    assert outcome_text(Assessed(recurrence_risk(), NOTHING)) == (
        "**Recurrence within 4 months: 26-49 %**, because unknown: capsule (not recorded); "
        "95 % confidence interval: 12-66 %. Class: **high**. High class: recurrence in 40 of 85. "
        "186-239 of 319 points."
    )


def test_a_class_not_settled_lists_the_classes_it_may_be() -> None:
    """Without a settled class the possible ones are named."""
    text = outcome_text(Assessed(recurrence_risk(risk_class=None), NOTHING))
    assert "Class: **not settled** (low, intermediate or high)." in text


def test_an_interval_that_is_not_known_is_said_to_be() -> None:
    """A model without draws shows no bare point."""
    bare = recurrence_risk(0.42, None, confidence_interval=None)
    text = outcome_text(Assessed(bare, NOTHING))
    assert text.startswith(
        "**Recurrence within 4 months: 42 %**; 95 % confidence interval: not known."
    )


def test_what_leaves_a_range_open_has_its_reason() -> None:
    """An input that was never selected is not recorded, a known one that says nothing is quoted."""
    assert Assessed(recurrence_risk(), {}).open_inputs == (("capsule", "not recorded"),)
    selected = NOTHING | {"capsule": known("capsule", "incomplete")}
    assert Assessed(recurrence_risk(missing=()), selected).open_inputs == (
        ("capsule", "recorded as incomplete"),
    )
    assert Assessed(refusal("under 18 years"), selected).open_inputs == ()


def test_an_event_that_names_its_horizon_does_not_name_it_twice() -> None:
    """The horizon is said once."""
    text = outcome_text(Assessed(recurrence_risk(event="recurrence within 4 months"), NOTHING))
    assert text.startswith("**Recurrence within 4 months: 26-49 %**")


def test_metastasis_says_points_and_class_first_and_that_it_is_overstated() -> None:
    """After surgery: points, class, then the risk with its baselines and its caveat."""
    assert outcome_text(Assessed(metastasis_risk(), NOTHING), "2026-09-01") == (
        "**Distant metastasis at first recurrence within 12 months, counted from 2026-09-01: "
        "186 of 492 points**. Class: **intermediate**. Risk: 8 %; over the plausible baselines: "
        f"7-9 %; {OVERSTATED}."
    )


def test_metastasis_without_a_range_of_baselines_is_still_overstated() -> None:
    """A site's own baseline has no range, the caveat stays."""
    text = outcome_text(Assessed(metastasis_risk(reconstruction_range=None), NOTHING))
    assert text.endswith(f"Risk: 8 %; 95 % confidence interval: not known; {OVERSTATED}.")


def test_beyond_the_data_there_is_no_number() -> None:
    """Above the points that the data reach the risk is only "over 50 %"."""
    text = outcome_text(
        Assessed(metastasis_risk("high", beyond_data=True, risk=UnknownRange(0.9, 0.99)), NOTHING)
    )
    assert "Risk: over 50 % (beyond the data); over the plausible baselines: over 50 %" in text
    partly = metastasis_risk("high", upper_beyond_data=True, risk=UnknownRange(0.3, 0.99))
    assert "Risk: 30 % to over 50 % (beyond the data)" in outcome_text(Assessed(partly, NOTHING))


def test_before_surgery_the_score_has_points_only() -> None:
    """The knowable points, what can still come, and neither class nor risk."""
    assert outcome_text(Assessed(points_so_far(), NOTHING)) == (
        "**Distant metastasis at first recurrence: 72 of 360.3 points knowable before surgery**; "
        "operation and specimen can add up to 131.9. No class and no risk yet."
    )


def test_a_model_that_does_not_apply_gives_its_reason() -> None:
    """The reasons stand for the number."""
    assert outcome_text(Assessed(refusal("under 18 years", "liver transplantation"), NOTHING)) == (
        "**Early recurrence before surgery: not applicable**, under 18 years; liver transplantation."
    )


def test_a_model_that_cannot_answer_names_its_fields() -> None:
    """Every field with its reason."""
    cannot = NotComputable(HPR, (("capsule", "not recorded"), ("clock", "stopped")))
    assert outcome_text(Assessed(cannot, NOTHING)) == (
        "**Early recurrence before surgery: not computable**, capsule: not recorded; clock: stopped."
    )


def test_an_outcome_of_another_kind_says_nothing_here() -> None:
    """A checklist has its own card."""
    assert outcome_text(Assessed(Checklist(HPR, ()), NOTHING)) == ""
    assert Assessed(Checklist(HPR, ()), NOTHING).contributions == ()


def test_status_version_and_hash_of_every_model() -> None:
    """One line per model, cautions included, the overstatement not twice."""
    overstated = f"{OVERSTATED[0].upper()}{OVERSTATED[1:]}."
    twice = METASTASIS.__class__(
        **{name: getattr(METASTASIS, name) for name in METASTASIS.__slots__}
        | {"cautions": (overstated, "Chinese centres only.")}
    )
    ours, theirs = number_lines([HPR, twice])
    assert ours == (
        "Early recurrence before surgery: Re-estimated on 227 resections (Li 2014); not the "
        "published nomogram. Version 1.0.0, 01234567. One small cohort."
    )
    assert theirs == (
        "Distant metastasis: Coefficients published, baseline and cut-offs reconstructed "
        "(Wang 2025). Version 1.0.0, aaaabbbb. Chinese centres only."
    )


def test_the_table_keeps_what_was_sent_and_says_what_was_done_to_it() -> None:
    """Value and unit as sent, the conversion, the day and the resource; unknown is written out."""
    selected = NOTHING | {
        "afp_ng_ml": known(
            "afp_ng_ml",
            620,
            value="512 IU/mL",
            conversion="512 IU/mL x 1.21 = 619.52 ng/mL",
            display="AFP",
            date="2026-08-20T08:00:00+08:00",
            reference="Observation/1",
        )
    }
    table = inputs_table([("early recurrence", Assessed(recurrence_risk(), selected))])
    assert table.splitlines() == [
        "| Input | Value | Date | From | Points: early recurrence |",
        "| --- | --- | --- | --- | ---: |",
        "| AFP | 512 IU/mL (512 IU/mL x 1.21 = 619.52 ng/mL) | 2026-08-20 | AFP (Observation/1) | 41 |",
        "| Largest tumour | **not recorded** | not recorded | not recorded | 30 |",
        "| Capsule | **not recorded** | not recorded | not recorded | 0-53 |",
    ]


def test_a_conflict_shows_every_value_and_says_so() -> None:
    """Two sizes that differ stand side by side with the reason."""
    sizes = one_of_numbers(SIZE, [SIZE.lower or 0, SIZE.upper or 0], "conflict: 4.8 and 5.3 cm")
    findings = tuple(
        Finding(
            "tumour_size_cm", sizes, Evidence(f"Observation/{n}", day, display="", value=f"{n} cm")
        )
        for n, day in ((1, "2026-08"), (2, ""), (3, "soon"), (4, "2026"))
    )
    selected = NOTHING | {"tumour_size_cm": Selected(sizes, findings)}
    row = inputs_table([("x", Assessed(recurrence_risk(), selected))]).splitlines()[3]
    assert row == (
        "| Largest tumour | 1 cm; 2 cm; 3 cm (**conflict: 4.8 and 5.3 cm**) | 2026-08; undated; soon"
        " | Observation/1; Observation/2; Observation/3; and 1 more | 30 |"
    )


def test_what_was_read_from_text_is_marked_and_quoted() -> None:
    """A value from a report's words carries them, to be confirmed."""
    value = exactly(quantity("capsule"), "absent")
    finding = Finding(
        "capsule",
        value,
        Evidence("DiagnosticReport/1", "2026-08-01", display="CT", quote="no capsule"),
        certainty=Certainty.READ_FROM_TEXT,
    )
    selected = NOTHING | {"capsule": Selected(value, (finding,))}
    row = inputs_table([("x", Assessed(recurrence_risk(), selected))]).splitlines()[4]
    assert "absent (read from text, to be confirmed: “no capsule”)" in row


def test_what_was_confirmed_says_so_with_its_day() -> None:
    """The value as read, that somebody confirmed it and when, and the words; escaped."""
    value = exactly(quantity("capsule"), "absent")
    finding = Finding(
        "capsule",
        value,
        Evidence(
            "DiagnosticReport/1",
            "2026-08-01",
            value="no <b>capsule",
            conversion="read from text, confirmed 2026-11-22",
            quote="no <b>capsule",
        ),
        certainty=Certainty.CONFIRMED,
    )
    selected = NOTHING | {"capsule": Selected(value, (finding,))}
    row = inputs_table([("x", Assessed(recurrence_risk(), selected))]).splitlines()[4]
    assert "absent (read from text, confirmed 2026-11-22: “no &lt;b&gt;capsule”)" in row


def test_an_input_without_finding_shows_what_the_model_was_given() -> None:
    """A computed value needs no resource to be shown."""
    selected = NOTHING | {"capsule": Selected(exactly(quantity("capsule"), "absent"))}
    row = inputs_table([("x", Assessed(recurrence_risk(), selected))]).splitlines()[4]
    assert row.startswith("| Capsule | absent | not recorded |")


def test_an_input_that_was_never_selected_is_not_recorded() -> None:
    """A mapping that leaves an input out leaves no blank."""
    row = inputs_table([("x", Assessed(recurrence_risk(), {}))]).splitlines()[2]
    assert row == "| AFP | not recorded | not recorded | not recorded | 41 |"


def test_without_a_number_there_is_no_table() -> None:
    """A model that does not apply shows no inputs."""
    assert inputs_table([("x", Assessed(refusal("under 18 years"), NOTHING))]) == ""


def test_before_surgery_the_later_inputs_are_not_yet_knowable() -> None:
    """MVI, margin and transfusion are no missing inputs: the table does not list them."""
    columns = [("a", Assessed(points_so_far(), NOTHING)), ("b", Assessed(points_so_far(), NOTHING))]
    table = inputs_table(columns)
    assert "Resection margin" not in table
    assert "not yet knowable" not in table


def test_unknown_points_before_surgery_say_why() -> None:
    """A range of points names what leaves it open."""
    open_score = points_so_far().__class__(
        METASTASIS,
        "distant metastasis",
        Span(0.0, 71.8),
        360.3,
        131.9,
        (),
        (contribution("tumour_size_cm", 0.0, 71.8),),
        (narrowing("tumour_size_cm"),),
    )
    assert "0-72 of 360.3 points knowable before surgery**, because unknown: largest tumour" in (
        outcome_text(Assessed(open_score, NOTHING))
    )


def test_what_was_not_used_is_listed_once_and_counted_beyond_eight() -> None:
    """One line per rejected value, with value, resource, day and reason."""
    afp = Rejected(
        "afp_ng_ml", Evidence("Observation/1", "2026-01-02", value="600 banana"), "unknown unit"
    )
    broken = Rejected("", Evidence("Observation/2"), "another patient's")
    count = Rejected("tumour_number", Evidence("Observation/3", value="2 1"), "too late")
    assert not_used_lines([count]) == ["Tumour number 2 (Observation/3): too late"]
    assert not_used_lines([afp, afp, broken]) == [
        "AFP 600 banana (Observation/1, 2026-01-02): unknown unit",
        "Resource (Observation/2): another patient's",
    ]
    many = [Rejected("", Evidence(f"Observation/{n}"), f"reason {n}") for n in range(10)]
    assert not_used_lines(many)[-1] == "and 2 more"
    assert len(not_used_lines(many)) == 9


def test_what_shares_its_reason_is_one_line() -> None:
    """Three values or more that were passed over for one reason stand behind that reason, up to eight."""
    alike = [
        Rejected("capsule", Evidence(f"Observation/{n}"), "the specimen is preferred")
        for n in range(10)
    ]
    (line,) = not_used_lines(alike)
    assert line.startswith(
        "The specimen is preferred: Capsule (Observation/0); Capsule (Observation/1)"
    )
    assert line.endswith("; and 2 more")


def test_what_did_not_arrive_is_listed_by_key() -> None:
    """A key that was not sent, failed or was cut short is named; null and empty were answered."""
    states = {
        "a": PrefetchKey(PrefetchState.NULL),
        "b": PrefetchKey(PrefetchState.ERROR, problem="the client sent an OperationOutcome"),
        "c": PrefetchKey(PrefetchState.INCOMPLETE),
        "d": PrefetchKey(PrefetchState.COMPLETE),
    }
    assert not_received_lines(states, ["a", "b", "c", "d", "e"]) == [
        "b: query failed (the client sent an OperationOutcome)",
        "c: cut short, more may exist",
        "e: not sent",
    ]


def test_a_detail_is_its_blocks_and_the_foot() -> None:
    """Empty blocks leave no gap; the demo's line stands before the intended use."""
    assert bullets("Title", []) == ""
    assert compose(["a", "", "b"], demo=False) == f"a\n\nb\n\n_{INTENDED_USE}_"
    assert compose([], demo=True).startswith("_Synthetic patients. Not for clinical use. Not a")


def test_the_intended_use_is_that_of_the_docs() -> None:
    """The line at the foot opens docs/intended-use.md as well."""
    text = (Path(__file__).parents[4] / "docs" / "intended-use.md").read_text(encoding="utf-8")
    assert INTENDED_USE in " ".join(text.split())
