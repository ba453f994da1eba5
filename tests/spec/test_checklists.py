"""Worked examples of the checklists: hyperprogressive disease (HPD) and lung metastasis."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from models.hyperprogressive_disease import hyperprogressive_disease
from models.inputs import Input, between, exactly, one_of, one_of_numbers, unknown
from models.lung_metastasis import lung_metastasis
from models.outcome import Checklist, ItemState, NotApplicable
from models.quantities import quantity
from models.registry import MODELS

HCC = {"hcc": exactly(quantity("hcc"), "present")}


def _inputs(**values: str | float) -> dict[str, Input]:
    return HCC | {name: exactly(quantity(name), str(value)) for name, value in values.items()}


def _hpd(inputs: dict[str, Input]) -> dict[str, ItemState]:
    answer = hyperprogressive_disease().evaluate(inputs)
    assert isinstance(answer, Checklist)
    return {item.definition.split(",")[0]: item.state for item in answer.items}


def _lung(inputs: dict[str, Input]) -> dict[str, ItemState]:
    answer = lung_metastasis().evaluate(inputs)
    assert isinstance(answer, Checklist)
    return {item.label: item.state for item in answer.items}


def test_hpd_with_nothing_known_judges_nothing() -> None:
    """Every flag is unknown: unknown is not no."""
    assert set(_hpd(dict(HCC)).values()) == {ItemState.UNKNOWN}


@pytest.mark.parametrize(
    ("nlr", "above_4125", "from_3"),
    [
        ("2.9", ItemState.ABSENT, ItemState.ABSENT),
        ("3", ItemState.ABSENT, ItemState.PRESENT),
        ("4.125", ItemState.ABSENT, ItemState.PRESENT),
        ("4.126", ItemState.PRESENT, ItemState.PRESENT),
    ],
)
def test_nlr_has_two_published_cuts(nlr: str, above_4125: ItemState, from_3: ItemState) -> None:
    """Above 4.125 in the nivolumab cohort, from 3 in the atezolizumab-bevacizumab cohort."""
    states = _hpd(_inputs(nlr=nlr))
    assert (states["NLR above 4.125"], states["NLR of 3 and above"]) == (above_4125, from_3)


@pytest.mark.parametrize(
    ("change", "flag", "state"),
    [
        ({"ldh_times_upper_limit": "1"}, "LDH above the laboratory's upper limit", "absent"),
        ({"ldh_times_upper_limit": "1.01"}, "LDH above the laboratory's upper limit", "present"),
        ({"pvtt": "present"}, "Portal vein tumour thrombus", "present"),
        ({"pvtt": "absent"}, "Portal vein tumour thrombus", "absent"),
        ({"metastatic_sites": 2}, "More than two metastatic sites", "absent"),
        ({"metastatic_sites": 3}, "More than two metastatic sites", "present"),
        ({"lymph_node_metastasis": "present"}, "Lymph-node metastasis", "present"),
        ({"lung_metastasis": "present"}, "Lung metastasis", "present"),
        ({"haemoglobin_g_l": 90}, "No cut-off was read", "shown"),
        ({"sex": "female"}, "Female sex is named in the review", "shown"),
    ],
)
def test_hpd_flags(change: dict[str, str | float], flag: str, state: str) -> None:
    """A flag is present only by a printed cut-off or definition; the rest is shown, not judged."""
    assert _hpd(_inputs(**change))[flag] == state


def test_sex_age_and_nlr_carry_the_evidence_against_them() -> None:
    """What the pan-cancer meta-analysis contradicts says so beside the flag."""
    answer = hyperprogressive_disease().evaluate(dict(HCC))
    assert isinstance(answer, Checklist)
    against = {item.label: item.counter_evidence for item in answer.items}
    for label in ("Sex", "Age", "NLR"):
        assert "meta-analysis of 12 studies found no effect" in against[label]


def test_hpd_is_not_made_for_a_patient_without_hcc() -> None:
    """Without HCC there is a reason and no checklist."""
    answer = hyperprogressive_disease().evaluate({"hcc": exactly(quantity("hcc"), "absent")})
    assert isinstance(answer, NotApplicable)
    assert answer.reasons == ("no hepatocellular carcinoma on record",)


def test_an_interval_across_a_cut_is_unknown() -> None:
    """NLR from 2 to 5 may be either side of both cuts."""
    states = _hpd(HCC | {"nlr": between(quantity("nlr"), Decimal(2), Decimal(5))})
    assert states["NLR above 4.125"] is ItemState.UNKNOWN


@pytest.mark.parametrize(
    ("foci", "state"),
    [(1, "present"), (3, "present"), (4, "in some studies"), (5, "in some studies"), (6, "absent")],
)
def test_lung_foci(foci: int, state: str) -> None:
    """Up to 3 foci met, 4-5 met in some studies, more not met."""
    assert _lung(_inputs(lung_metastasis="present", lung_foci=foci))["Lung foci"] == state


@pytest.mark.parametrize(
    ("change", "label", "state"),
    [
        ({"child_pugh_class": "A"}, "Liver function", "present"),
        ({"child_pugh_class": "B"}, "Liver function", "absent"),
        ({"macrovascular_invasion": "absent"}, "Vascular invasion", "present"),
        ({"macrovascular_invasion": "present"}, "Vascular invasion", "absent"),
        ({"tumour_size_cm": 8, "tumour_number": 1}, "Intrahepatic extent", "present"),
        ({"tumour_size_cm": "3.1", "tumour_number": 2}, "Intrahepatic extent", "unknown"),
        ({"tumour_size_cm": "3.1", "tumour_number": 2, "intrahepatic_control": "absent"}, "Intrahepatic extent", "absent"),
        ({"tumour_size_cm": "3.1", "tumour_number": 2, "intrahepatic_control": "present"}, "Intrahepatic extent", "present"),
        ({"tumour_size_cm": 8, "tumour_number": 1, "intrahepatic_control": "absent"}, "Intrahepatic extent", "present"),
        ({"tumour_size_cm": "3.1"}, "Intrahepatic extent", "unknown"),
        ({"immune_checkpoint_inhibitor": "present"}, "Running therapy", "unknown"),
    ],
)  # fmt: skip
def test_lung_criteria(change: dict[str, str | float], label: str, state: str) -> None:
    """Each criterion is met, not met or unknown, on both sides; "controlled" only where stated."""
    assert _lung(_inputs(lung_metastasis="present", **change))[label] == state


@pytest.mark.parametrize("model_id", ["hyperprogressive_disease", "lung_metastasis"])
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("age_years", 17, "under 18 years"),
        ("liver_transplantation", "present", "liver transplantation"),
        ("other_liver_cancer", "present", "another or mixed liver cancer"),
    ],
)
def test_outside_the_intended_use_there_is_no_checklist(
    model_id: str, name: str, value: str | float, reason: str
) -> None:
    """Children, transplants and other liver cancers get the reason and no flag."""
    answer = MODELS[model_id].evaluate(_inputs(lung_metastasis="present", **{name: value}))
    assert isinstance(answer, NotApplicable)
    assert answer.reasons == (reason,)


def test_a_flag_names_its_printed_cut() -> None:
    """The cut stands in words beside the flag; what has no cut is not judged."""
    answer = hyperprogressive_disease().evaluate(dict(HCC))
    assert isinstance(answer, Checklist)
    assert [(item.label, item.cut) for item in answer.items if item.cut] == [
        ("NLR", "above 4.125"),
        ("NLR", "from 3"),
        ("LDH", "above 1"),
        ("Metastatic sites", "above 2"),
    ]
    shown = [item.label for item in answer.items if not item.is_judged]
    assert shown == ["Haemoglobin", "AFP", "Child-Pugh class", "Sex", "Age"]


@pytest.mark.parametrize(
    ("inhibitor", "kinase", "state"),
    [
        ("present", "present", "present"),
        ("present", "absent", "absent"),
        ("absent", "present", "absent"),
        ("absent", "absent", "shown"),
    ],
)
def test_running_therapy(inhibitor: str, kinase: str, state: str) -> None:
    """A combination meets it, a single agent does not, and without any there is nothing to judge."""
    known = _inputs(
        lung_metastasis="present", immune_checkpoint_inhibitor=inhibitor, kinase_inhibitor=kinase
    )
    assert _lung(known)["Running therapy"] == state


def test_without_lung_metastasis_there_is_no_checklist() -> None:
    """No lung metastasis on record: a reason and no criteria."""
    answer = lung_metastasis().evaluate(_inputs(lung_metastasis="absent"))
    assert isinstance(answer, NotApplicable)
    assert answer.reasons == ("no lung metastasis on record",)


FOCI = (2, 4, 9)
SIZES = ("2", "4")
NUMBERS = (1, 3)


def test_lung_checklist_agrees_with_every_completion() -> None:
    """A state other than unknown is the state of every completion; unknown has completions that differ."""
    opened = HCC | {
        "lung_metastasis": exactly(quantity("lung_metastasis"), "present"),
        "lung_foci": one_of_numbers(quantity("lung_foci"), [Decimal(n) for n in FOCI]),
        "tumour_size_cm": one_of_numbers(quantity("tumour_size_cm"), [Decimal(s) for s in SIZES]),
        "tumour_number": one_of_numbers(quantity("tumour_number"), [Decimal(n) for n in NUMBERS]),
        "child_pugh_class": one_of(quantity("child_pugh_class"), ["A", "B"]),
        "macrovascular_invasion": unknown(quantity("macrovascular_invasion")),
        "intrahepatic_control": unknown(quantity("intrahepatic_control")),
    }
    states = _lung(opened)
    completions = [
        _lung(
            _inputs(
                lung_metastasis="present",
                lung_foci=foci,
                tumour_size_cm=size,
                tumour_number=number,
                child_pugh_class=liver,
                macrovascular_invasion=vessel,
                intrahepatic_control=control,
            )
        )
        for foci, size, number, liver, vessel, control in product(
            FOCI, SIZES, NUMBERS, ("A", "B"), ("absent", "present"), ("absent", "present")
        )
    ]
    for label in ("Lung foci", "Intrahepatic extent", "Liver function", "Vascular invasion"):
        found = {completion[label] for completion in completions}
        assert states[label] is (found.pop() if len(found) == 1 else ItemState.UNKNOWN)


OPENED: dict[str, tuple[str, ...]] = {
    "nlr": ("2", "3.5", "5"),
    "ldh_times_upper_limit": ("0.8", "1.2"),
    "metastatic_sites": ("1", "3"),
    "pvtt": ("absent", "present"),
    "lymph_node_metastasis": ("absent", "present"),
    "lung_metastasis": ("absent", "present"),
}


def _completion(values: tuple[str, ...]) -> dict[str, Input]:
    chosen = zip(OPENED, values, strict=True)
    return HCC | {name: exactly(quantity(name), value) for name, value in chosen}


def _open(name: str) -> Input:
    known = quantity(name)
    if known.is_number:
        return one_of_numbers(known, [Decimal(value) for value in OPENED[name]])
    return one_of(known, OPENED[name])


def test_hpd_checklist_agrees_with_every_completion() -> None:
    """Over all 96 completions: a judged flag is the flag of each, an unknown one differs between them."""
    states = _hpd(HCC | {name: _open(name) for name in OPENED})
    completions = [_hpd(_completion(values)) for values in product(*OPENED.values())]
    assert len(completions) == 96
    for flag, state in states.items():
        found = {completion[flag] for completion in completions}
        assert state is (found.pop() if len(found) == 1 else ItemState.UNKNOWN)
