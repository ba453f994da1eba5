"""What holds for every patient of the three additive models."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.additive_model import AdditiveModel
from models.inputs import Input, exactly, one_of, unknown
from models.outcome import NotApplicable, PointsSoFar, RiskEstimate
from models.quantities import quantity
from models.registry import MODELS

MODEL_IDS = ("hpr_preoperative", "hpr_postoperative", "distant_metastasis")
# Two values on either side of each cut, and the cut.
CHOICES: dict[str, list[int | str]] = {
    "age_years": [18, 22, 35, 50, 51, 74, 90],
    "afp_ng_ml": [3, 25, "25.1", 400, "400.1", 5000],
    "tumour_size_cm": [1, 5, "5.1", 12],
    "tumour_number": [1, 2, 5],
    "macrovascular_invasion": ["absent", "present"],
    "capsule": ["complete", "present", "absent"],
    "microvascular_invasion": ["absent", "present"],
    "ki67_percent": [5, 35, "35.1", 80],
    "complication": ["absent", "present"],
    "rupture": ["absent", "present"],
    "satellites": ["absent", "present"],
    "margin_cm": [0, "0.9", 1, 3],
    "transfusion": ["absent", "present"],
}
# Larger is worse, except age and margin.
FALLING = {"age_years", "margin_cm"}
ORDERED = {**CHOICES, "capsule": ["complete", "absent"]}


def _model(model_id: str) -> AdditiveModel:
    model = MODELS[model_id]
    assert isinstance(model, AdditiveModel)
    return model


def _names(model_id: str) -> list[str]:
    return [need.quantity.name for need in MODELS[model_id].needs]


@st.composite
def _patients(draw: st.DrawFn, model_id: str) -> dict[str, Input]:
    """Draw a patient the model applies to, with every input known."""
    patient = {
        name: exactly(quantity(name), draw(st.sampled_from(CHOICES[name])))
        for name in _names(model_id)
    }
    phase = "planned" if model_id == "hpr_preoperative" else "done"
    return {**patient, "resection": exactly(quantity("resection"), phase)}


def _estimate(model_id: str, inputs: Mapping[str, Input]) -> RiskEstimate:
    answer = MODELS[model_id].evaluate(inputs)
    assert isinstance(answer, RiskEstimate)
    return answer


@pytest.mark.parametrize("model_id", MODEL_IDS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_point_lies_inside_the_range_left_when_an_input_is_removed(
    model_id: str, data: st.DataObject
) -> None:
    """Knowing less never moves the answer: the range holds the risk, the classes hold the class."""
    patient = data.draw(_patients(model_id))
    point = _estimate(model_id, patient)
    assert point.risk.is_point
    assert point.risk_class is not None
    for name in _names(model_id):
        forgotten = {key: value for key, value in patient.items() if key != name}
        left = _estimate(model_id, forgotten)
        assert left.risk.lower <= point.risk.lower <= left.risk.upper
        assert left.points.lower <= point.points.lower <= left.points.upper
        assert point.risk_class in left.possible_classes
        assert forgotten.keys() | {name} == patient.keys()
        for wider, narrower in (
            (left.confidence_interval, point.confidence_interval),
            (left.reconstruction_range, point.reconstruction_range),
        ):
            if wider is not None and narrower is not None:
                assert wider.lower <= narrower.lower
                assert narrower.upper <= wider.upper


@pytest.mark.parametrize("model_id", MODEL_IDS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_risk_rises_with_every_risk_factor(model_id: str, data: st.DataObject) -> None:
    """Worse in one input and the same in all others is never a lower risk; older is never a higher."""
    patient = data.draw(_patients(model_id))
    for name in _names(model_id):
        risks = [
            _estimate(model_id, {**patient, name: exactly(quantity(name), value)}).risk.lower
            for value in ORDERED[name]
        ]
        assert risks == sorted(risks, reverse=name in FALLING)
        assert risks[0] != risks[-1]


@pytest.mark.parametrize("model_id", ["hpr_preoperative", "hpr_postoperative"])
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_a_point_lies_inside_its_confidence_interval(model_id: str, data: st.DataObject) -> None:
    """A bare point is never shown: it has a confidence interval, and lies in it."""
    answer = _estimate(model_id, data.draw(_patients(model_id)))
    interval = answer.confidence_interval
    assert interval is not None
    assert interval.lower < answer.risk.lower < interval.upper
    assert interval.method.startswith("percentiles 2.5 and 97.5 of 1000 bootstrap samples")


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_the_metastasis_risk_lies_inside_its_reconstruction_range(data: st.DataObject) -> None:
    """It has no confidence interval, because no covariance is printed; the baseline range stands in."""
    answer = _estimate("distant_metastasis", data.draw(_patients("distant_metastasis")))
    assert answer.confidence_interval is None
    found = answer.reconstruction_range
    assert found is not None
    assert found.lower < answer.risk.lower < found.upper


@pytest.mark.parametrize("model_id", MODEL_IDS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_contributions_add_up_to_the_points(model_id: str, data: st.DataObject) -> None:
    """The points of the inputs are the points of the whole."""
    answer = _estimate(model_id, data.draw(_patients(model_id)))
    assert sum(item.points.lower for item in answer.contributions) == pytest.approx(
        answer.points.lower
    )
    assert sum(item.maximum_points for item in answer.contributions) == pytest.approx(
        answer.maximum_points
    )


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_points_before_the_operation_lie_inside_the_points_after_it(data: st.DataObject) -> None:
    """Operation and specimen add between nothing and what was said to be still to come."""
    patient = data.draw(_patients("distant_metastasis"))
    after = _estimate("distant_metastasis", patient)
    planned = {**patient, "resection": exactly(quantity("resection"), "planned")}
    before = MODELS["distant_metastasis"].evaluate(planned)
    assert isinstance(before, PointsSoFar)
    assert before.points.is_point
    assert before.still_to_come == ("microvascular_invasion", "margin_cm", "transfusion")
    most = before.points.upper + before.still_to_come_points
    assert before.points.lower - 1e-9 <= after.points.lower <= most + 1e-9


@pytest.mark.parametrize("model_id", MODEL_IDS)
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_an_applicable_patient_is_never_turned_away_by_what_is_unknown(
    model_id: str, data: st.DataObject
) -> None:
    """An unknown criterion is assumed and said, never held against the patient."""
    patient = data.draw(_patients(model_id))
    criterion = data.draw(
        st.sampled_from(["liver_transplantation", "recurrence", "earlier_treatment"])
    )
    known = quantity(criterion)
    for state in (unknown(known), one_of(known, known.categories, "conflicting records")):
        answer = _estimate(model_id, {**patient, criterion: state})
        stated = any(item.endswith(f"({state.reason})") for item in answer.assumes)
        assert stated or (criterion == "recurrence" and model_id == "hpr_preoperative")
    excluded = MODELS[model_id].evaluate({**patient, criterion: exactly(known, "present")})
    assert isinstance(excluded, NotApplicable)
