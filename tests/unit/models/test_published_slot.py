"""The slot for a printed nomogram and tree, with numbers that are clearly made up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.hyper_progression_recurrence import hpr_preoperative
from models.inputs import Input, exactly, unknown
from models.outcome import RiskEstimate
from models.parameter_set import (
    PARAMETERS_FOLDER,
    ParameterFileError,
    ParameterSet,
    parse_parameters,
)
from models.quantities import quantity


def _fake(value: float) -> dict[str, Any]:
    return {"value": value, "status": "published", "source": "fake"}


def _axis(name: str, *marks: tuple[float, float]) -> dict[str, Any]:
    return {
        "kind": "axis",
        "input": name,
        "label": f"made-up axis of {name}",
        "marks": [{"value": value, "points": _fake(points)} for value, points in marks],
    }


def _document() -> dict[str, Any]:
    text = (PARAMETERS_FOLDER / "hpr_preoperative.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    del document["draws"]
    document["citations"]["fake"] = {"text": "Made up for this test.", "read": "own rule"}
    capsule = document["terms"][5]
    capsule["coefficient"] = _fake(7)
    capsule["levels"] = {"complete": [0], "present": [0, 1], "incomplete": [1], "absent": [2]}
    document.update(
        status="published",
        no_interval_because="The made-up paper prints no covariance.",
        form={
            "kind": "nomogram",
            "risk_axis": [
                {"total_points": 0, "risk": _fake(0.01)},
                {"total_points": 100, "risk": _fake(0.51)},
                {"total_points": 111, "risk": _fake(0.99)},
            ],
        },
        points={"score_of_100_points": _fake(100), "anchor": "points as printed"},
        terms=[_axis("age_years", (20, 33), (80, 3)), _axis("tumour_size_cm", (1, 0), (11, 50)), capsule],
        classes={
            "method": "made-up tree",
            "caveat": "Made up.",
            "tree": {
                "on": "capsule",
                "categories": ["absent"],
                "below": {
                    "on": "score",
                    "cut": _fake(50),
                    "below": {"risk_class": "very low"},
                    "above": {"risk_class": "moderate"},
                },
                "above": {"risk_class": "very high"},
            },
        },
    )  # fmt: skip
    return document


def _parameters() -> ParameterSet:
    return parse_parameters(json.dumps(_document()), "slot.json")


def _answer(**values: str | int | Input) -> RiskEstimate:
    inputs = {
        name: value if isinstance(value, Input) else exactly(quantity(name), value)
        for name, value in values.items()
    }
    answer = hpr_preoperative(_parameters()).evaluate(inputs)
    assert isinstance(answer, RiskEstimate)
    return answer


def test_a_printed_nomogram_is_read_as_printed() -> None:
    """Age 40 is 23 points, 6 cm is 25, an incomplete capsule 7: 55 points, half-way up the risk axis."""
    answer = _answer(age_years=40, tumour_size_cm=6, capsule="incomplete")
    assert answer.points.lower == answer.points.upper == 55
    assert answer.risk.lower == pytest.approx(0.01 + 0.5 * 0.55)
    assert (answer.risk_class, answer.provenance.status) == ("moderate", "published")
    assert answer.confidence_interval is None
    assert answer.maximum_points == 33 + 50 + 14


def test_the_tree_may_fork_on_an_input() -> None:
    """An absent capsule decides alone, whatever the points."""
    answer = _answer(age_years=80, tumour_size_cm=1, capsule="absent")
    assert (answer.points.lower, answer.risk_class) == (17, "very high")
    assert answer.class_note == "Made up."


def test_an_unknown_size_leaves_an_exact_range() -> None:
    """From 0 to 50 points for the size; the class depends on it, and on it alone."""
    answer = _answer(
        age_years=40, capsule="complete", tumour_size_cm=unknown(quantity("tumour_size_cm"))
    )
    assert (answer.points.lower, answer.points.upper) == (23, 73)
    assert answer.possible_classes == ("very low", "moderate")
    (open_input,) = answer.would_settle
    assert (open_input.input_name, open_input.settles_class) == ("tumour_size_cm", "always")
    assert open_input.at_least == pytest.approx(answer.risk.width)


def test_an_unknown_capsule_may_open_every_class() -> None:
    """Complete, incomplete and absent lead to three leaves; 'present' alone leaves two."""
    answer = _answer(age_years=40, tumour_size_cm=6, capsule=unknown(quantity("capsule")))
    assert answer.possible_classes == ("very low", "moderate", "very high")
    (open_input,) = answer.would_settle
    assert (open_input.input_name, open_input.settles_class) == ("capsule", "sometimes")
    present = _answer(age_years=40, tumour_size_cm=6, capsule="present")
    assert present.possible_classes == ("very low", "moderate")
    assert present.would_settle == ()
    assert present.warnings[0].startswith("Capsule recorded as present: ")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("form", "risk_axis", 1, "total_points"), 0, "total points of the risk axis must rise"),
        (("form", "risk_axis", 1, "risk", "value"), 0.01, "risks of the risk axis must rise"),
        (("points", "score_of_100_points", "value"), 2, "the score of a nomogram is its points"),
        (("terms", 0, "marks", 1, "value"), 20, "values of the axis of age_years must rise"),
    ],
)
def test_a_nomogram_that_makes_no_sense_is_refused(
    path: tuple[str | int, ...], value: float, message: str
) -> None:
    """Axes must rise, and 100 points are 100."""
    document = _document()
    part: Any = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(ParameterFileError, match=message):
        parse_parameters(json.dumps(document), "slot.json")


def test_axes_belong_to_a_nomogram() -> None:
    """An axis in a logistic model is refused, and so are draws for a nomogram."""
    document = _document()
    document["form"] = {"kind": "logistic", "intercept": _fake(-3)}
    with pytest.raises(ParameterFileError, match="axes belong to a nomogram"):
        parse_parameters(json.dumps(document), "slot.json")
    document = _document()
    document["draws"] = {"method": "m", "seed": 1, "columns": ["intercept"], "rows": [[1.5]] * 100}
    with pytest.raises(ParameterFileError, match="draws are read for the logistic form only"):
        parse_parameters(json.dumps(document), "slot.json")


def test_the_model_names_what_its_inputs_count_for() -> None:
    """A card can say what an input counts for in the words of the file."""
    labels = hpr_preoperative(_parameters()).term_labels
    assert labels["age_years"] == "made-up axis of age_years"
    assert labels["capsule"] == "capsule absent"
