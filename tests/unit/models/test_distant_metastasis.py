"""The metastasis score before, around and after the operation."""

from __future__ import annotations

import pytest

from models.inputs import Input, exactly, not_yet_knowable, one_of
from models.outcome import PointsSoFar, RiskEstimate
from models.quantities import quantity
from models.registry import MODELS

LATER = ("microvascular_invasion", "margin_cm", "transfusion")


def _inputs(**values: str | int | Input) -> dict[str, Input]:
    return {
        name: value if isinstance(value, Input) else exactly(quantity(name), value)
        for name, value in values.items()
    }


def test_before_the_operation_nothing_is_missing_that_cannot_exist() -> None:
    """A planned resection: MVI, margin and transfusion are to come, and are no open questions."""
    answer = MODELS["distant_metastasis"].evaluate(_inputs(resection="planned", tumour_size_cm=8))
    assert isinstance(answer, PointsSoFar)
    assert answer.still_to_come == LATER
    assert not {item.input_name for item in answer.would_settle} & set(LATER)
    assert {item.settles_class for item in answer.would_settle} == {"never"}
    assert answer.would_settle[0].input_name == "macrovascular_invasion"
    assert [item.input_name for item in answer.contributions if item.points.lower > 0] == [
        "tumour_size_cm"
    ]


def test_a_specimen_value_before_the_operation_does_not_count() -> None:
    """MVI on record while the resection is only planned is of another specimen."""
    answer = MODELS["distant_metastasis"].evaluate(
        _inputs(resection="planned", microvascular_invasion="present")
    )
    assert isinstance(answer, PointsSoFar)
    assert answer.points.lower == 0


def test_after_the_operation_what_was_not_yet_knowable_is_unknown() -> None:
    """Once the resection is done, a factor that is still missing is an open question."""
    later = {name: not_yet_knowable(quantity(name)) for name in LATER}
    answer = MODELS["distant_metastasis"].evaluate(
        _inputs(resection="done", months_since_resection=1, **later)
    )
    assert isinstance(answer, RiskEstimate)
    assert set(LATER) <= {item.input_name for item in answer.would_settle}


@pytest.mark.parametrize(
    "known", [None, one_of(quantity("resection"), ["planned", "done"], "unclear")]
)
def test_an_unclear_phase_follows_the_record(known: Input | None) -> None:
    """Where the phase is not known, the answer is of points if the record says "not yet"."""
    phase = {} if known is None else {"resection": known}
    mvi = not_yet_knowable(quantity("microvascular_invasion"))
    with_state = MODELS["distant_metastasis"].evaluate({**phase, "microvascular_invasion": mvi})
    assert isinstance(with_state, PointsSoFar)
    assert isinstance(MODELS["distant_metastasis"].evaluate(phase), RiskEstimate)


def test_warnings_travel_with_the_points() -> None:
    """Rupture before the operation warns, and what could not be checked is said."""
    answer = MODELS["distant_metastasis"].evaluate(_inputs(resection="planned", rupture="present"))
    assert isinstance(answer, PointsSoFar)
    assert answer.warnings == (
        (
            "tumour rupture: the source studied it only where promptly controlled and without "
            "peritoneal seeding"
        ),
    )
    assert "extrahepatic disease (not recorded)" in answer.assumes
    assert not any(item.startswith("residual tumour") for item in answer.assumes)
