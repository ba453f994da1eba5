"""The forms are exact over every completion of what is unknown, held against brute force."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.forms.additive import Additive
from models.forms.cox import Cox
from models.forms.link import Link
from models.forms.logistic import Logistic
from models.forms.points import RiskAxis
from models.forms.terms import LevelTerm, LinearTerm, StepTerm, Term
from models.forms.tree import SCORE, Leaf, Node, Split
from models.inputs import Input, between, one_of, one_of_numbers
from models.outcome import Narrowing
from models.quantities import quantity
from tests.property.brute_force import Completion, completions

AGE, SIZE, AFP = quantity("age_years"), quantity("tumour_size_cm"), quantity("afp_ng_ml")
CAPSULE, RUPTURE = quantity("capsule"), quantity("rupture")

quarters = st.integers(-12, 12).map(lambda number: Decimal(number) / 4)
cuts = st.sampled_from([Decimal(1), Decimal("2.5"), Decimal(5)])
values = st.lists(st.integers(1, 12).map(lambda n: Decimal(n) / 2), min_size=1, max_size=4)


@st.composite
def _terms(draw: st.DrawFn) -> tuple[Term, ...]:
    age = LinearTerm(AGE, draw(quarters), Decimal(-3), Decimal(3), Decimal(50), Decimal(10))
    size = StepTerm(SIZE, draw(quarters), Decimal(0), Decimal(1), draw(cuts), draw(st.booleans()))
    afp = StepTerm(AFP, draw(quarters), Decimal(0), Decimal(1), draw(cuts), draw(st.booleans()))
    levels = {
        name: tuple(draw(st.lists(st.sampled_from([Decimal(0), Decimal(1), Decimal(2)]), min_size=1, max_size=2, unique=True)))
        for name in CAPSULE.categories
    }  # fmt: skip
    capsule = LevelTerm(CAPSULE, draw(quarters), Decimal(0), Decimal(2), levels)
    presence = {"absent": (Decimal(0),), "present": (Decimal(1),)}
    rupture = LevelTerm(RUPTURE, draw(quarters), Decimal(0), Decimal(1), presence)
    return age, size, afp, capsule, rupture


@st.composite
def _score_tree(draw: st.DrawFn) -> Node:
    """Classes along the score, as every shipped model has them."""
    low, high = sorted((draw(quarters), draw(quarters)))
    lower = Split(SCORE, Leaf("low"), Leaf("middle"), low, draw(st.booleans()))
    return Split(SCORE, lower, Leaf("high"), high, draw(st.booleans()))


@st.composite
def _mixed_tree(draw: st.DrawFn, depth: int = 3) -> Node:
    """Forks on score and inputs in any order, with classes in any order."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return Leaf(draw(st.sampled_from(["low", "middle", "high"])))
    below, above = draw(_mixed_tree(depth - 1)), draw(_mixed_tree(depth - 1))
    feature = draw(st.sampled_from([SCORE, "age_years", "tumour_size_cm", "capsule", "rupture"]))
    if feature in {"capsule", "rupture"}:
        names = quantity(feature).categories
        chosen = draw(st.sets(st.sampled_from(names), min_size=1, max_size=len(names) - 1))
        return Split(feature, below, above, categories=frozenset(chosen))
    cut = draw(st.sampled_from([Decimal(40), Decimal(45)]) if feature == "age_years" else quarters)
    return Split(feature, below, above, cut, draw(st.booleans()))


links = st.one_of(
    st.builds(Logistic, st.sampled_from([-3.0, 0.0, 1.5])),
    st.builds(Cox, st.sampled_from([0.01, 0.3])),
    st.just(RiskAxis(((-9.0, 0.01), (-1.0, 0.2), (2.0, 0.3), (9.0, 0.9)))),
)


@st.composite
def _patients(draw: st.DrawFn) -> dict[str, Input]:
    start = draw(st.integers(38, 46))
    age = between(AGE, Decimal(start), Decimal(start + draw(st.integers(0, 3))))
    capsule = draw(st.sets(st.sampled_from(CAPSULE.categories), min_size=1))
    rupture = draw(st.sets(st.sampled_from(RUPTURE.categories), min_size=1))
    return {
        "age_years": age,
        "tumour_size_cm": one_of_numbers(SIZE, draw(values)),
        "afp_ng_ml": one_of_numbers(AFP, draw(values)),
        "capsule": one_of(CAPSULE, capsule),
        "rupture": one_of(RUPTURE, rupture),
    }


def _form(terms: tuple[Term, ...], link: Link | None, tree: Node) -> Additive:
    return Additive(terms, link, tree, Decimal(10))


@settings(deadline=None, max_examples=150)
@given(_terms(), links, st.one_of(_score_tree(), _mixed_tree()), _patients())
def test_range_points_and_classes_are_exact(
    terms: tuple[Term, ...], link: Link, tree: Node, patient: dict[str, Input]
) -> None:
    """Lowest and highest risk and points, and the classes that can be, are those of brute force."""
    form = _form(terms, link, tree)
    evaluated = form.evaluate(patient)
    found = list(completions(form, patient))
    risks = [link.risk(float(item.score)) for item in found]
    assert (evaluated.risk.lower, evaluated.risk.upper) == (min(risks), max(risks))
    reference = sum((term.reference_contribution for term in terms), Decimal(0))
    points = [float((item.score - reference) * 10) for item in found]
    assert (evaluated.points.lower, evaluated.points.upper) == (min(points), max(points))
    assert set(evaluated.possible_classes) == {item.risk_class for item in found}
    reached = {leaf.risk_class for leaf in evaluated.reached_leaves}
    assert reached == set(evaluated.possible_classes)


@settings(deadline=None, max_examples=100)
@given(_terms(), links, _score_tree(), _patients())
def test_contributions_are_exact(
    terms: tuple[Term, ...], link: Link, tree: Node, patient: dict[str, Input]
) -> None:
    """What an input adds to the risk, over every completion of all inputs."""
    form = _form(terms, link, tree)
    found = list(completions(form, patient))
    evaluated = form.evaluate(patient)
    for term, contribution in zip(terms, evaluated.contributions, strict=True):
        name = term.quantity.name
        differences = [
            link.risk(float(item.score))
            - link.risk(float(item.score - item.adds[name] + term.reference_contribution))
            for item in found
        ]
        assert contribution.input_name == name
        difference = evaluated.risk_differences()[name]
        ends = (difference.lower, difference.upper)
        assert ends == pytest.approx((min(differences), max(differences)), abs=1e-12)
        adds = [float(item.adds[name]) for item in found]
        span = contribution.linear_predictor
        assert (span.lower, span.upper) == (min(adds), max(adds))


def _by_answer(found: list[Completion], name: str) -> dict[Decimal | str, list[Completion]]:
    groups: dict[Decimal | str, list[Completion]] = {}
    for item in found:
        groups.setdefault(item.values[name], []).append(item)
    return groups


def _expected(found: list[Completion], name: str, link: Link | None) -> Narrowing:
    def width(items: list[Completion]) -> float:
        scores = [item.score for item in items]
        if link is None:
            return float((max(scores) - min(scores)) * 10)
        return link.risk(float(max(scores))) - link.risk(float(min(scores)))

    groups = _by_answer(found, name).values()
    settled = [len({item.risk_class for item in items}) == 1 for items in groups]
    how_often = "always" if all(settled) else "sometimes" if any(settled) else "never"
    widths = [width(items) for items in groups]
    return Narrowing(name, width(found) - max(widths), width(found) - min(widths), how_often)


@settings(deadline=None, max_examples=150)
@given(
    _terms(),
    st.one_of(links, st.none()),
    st.one_of(_score_tree(), _mixed_tree()),
    _patients(),
)
def test_what_would_settle_it_is_exact(
    terms: tuple[Term, ...], link: Link | None, tree: Node, patient: dict[str, Input]
) -> None:
    """How much each open input would narrow the range, and for how many answers it settles the class."""
    form = _form(terms, link, tree)
    found = list(completions(form, patient))
    narrowings = form.evaluate(patient).narrowings()
    assert [item.at_most for item in narrowings] == sorted(
        (item.at_most for item in narrowings), reverse=True
    )
    for item in narrowings:
        expected = _expected(found, item.input_name, link)
        assert item.at_least == pytest.approx(expected.at_least, abs=1e-12)
        assert item.at_most == pytest.approx(expected.at_most, abs=1e-12)
        assert item.settles_class == expected.settles_class, item.input_name


@settings(deadline=None, max_examples=100)
@given(_terms(), _score_tree(), _patients())
def test_inputs_that_cannot_narrow_are_not_named(
    terms: tuple[Term, ...], tree: Node, patient: dict[str, Input]
) -> None:
    """Named are exactly the inputs that are not known and whose answers differ in what they add."""
    form = _form(terms, Logistic(0.0), tree)
    found = list(completions(form, patient))
    open_inputs = {
        name
        for name, known in patient.items()
        if not known.is_known and len({item.adds[name] for item in found}) > 1
    }
    named = {item.input_name for item in form.evaluate(patient).narrowings()}
    assert named == open_inputs
