"""From a parameter file to its evaluator, and the words about its classes."""

from __future__ import annotations

from decimal import Decimal

from models.forms.additive import Additive
from models.forms.cox import Cox
from models.forms.link import Link
from models.forms.logistic import Logistic
from models.forms.points import RiskAxis
from models.forms.terms import AxisTerm, LevelTerm, LinearTerm, StepTerm, Term
from models.forms.tree import SCORE, Leaf, Node, Split
from models.outcome import whole_percent
from models.parameter_set import (
    ClassLeaf,
    ClassSplit,
    CoxParameters,
    LogisticParameters,
    ParameterSet,
    TermParameters,
)
from models.quantities import quantity

__all__ = ["class_leaves", "class_note", "form_of", "link_of", "term_of"]


def term_of(parameters: TermParameters) -> Term:
    """Build one term from its parameters."""
    known = quantity(parameters.input)
    zero, one = Decimal(0), Decimal(1)
    if parameters.kind == "linear":
        centre, per = parameters.centre.value, parameters.per.value
        coefficient = parameters.coefficient.value
        ends = sorted(
            ((value - centre) / per for value in parameters.axis),
            key=lambda design: coefficient * design,
        )
        return LinearTerm(known, coefficient, ends[0], ends[1], centre, per)
    if parameters.kind == "levels":
        levels = parameters.levels
        values = [value for level in levels.values() for value in level]
        return LevelTerm(known, parameters.coefficient.value, min(values), max(values), levels)
    if parameters.kind == "axis":
        knots = tuple((mark.value, mark.points.value) for mark in parameters.marks)
        points = [value for _, value in knots]
        return AxisTerm(known, one, zero, max(points), knots)
    above = parameters.kind == "above"
    return StepTerm(known, parameters.coefficient.value, zero, one, parameters.cut.value, above)


def link_of(parameters: ParameterSet) -> Link:
    """Build the function from score to risk."""
    form = parameters.form
    if isinstance(form, LogisticParameters):
        return Logistic(float(form.intercept.value))
    if isinstance(form, CoxParameters):
        return Cox(float(form.baseline_cumulative_hazard.value))
    marks = tuple((float(mark.total_points), float(mark.risk.value)) for mark in form.risk_axis)
    return RiskAxis(marks)


def form_of(parameters: ParameterSet) -> Additive:
    """Build the evaluator of a parameter file."""
    link = link_of(parameters)
    return Additive(
        terms=tuple(term_of(term) for term in parameters.terms),
        link=link,
        tree=_node(parameters.classes.tree, link),
        points_per_unit=Decimal(100) / parameters.points.score_of_100_points.value,
    )


def _node(node: ClassSplit | ClassLeaf, link: Link) -> Node:
    if isinstance(node, ClassLeaf):
        return Leaf(node.risk_class)
    below, above = _node(node.below, link), _node(node.above, link)
    if node.cut is None:
        return Split(node.on, below, above, categories=frozenset(node.categories))
    cut, feature = node.cut.value, node.on
    if feature == "risk":
        # The risk rises with the score, so a cut on the risk is a cut on the score.
        cut, feature = Decimal(link.score_at(float(cut))), SCORE
    return Split(feature, below, above, cut, node.cut_goes == "above")


def class_leaves(node: ClassSplit | ClassLeaf) -> tuple[ClassLeaf, ...]:
    """Return the leaves of the tree of classes, from low to high."""
    if isinstance(node, ClassLeaf):
        return (node,)
    return class_leaves(node.below) + class_leaves(node.above)


def class_note(parameters: ParameterSet, risk_class: str) -> str:
    """Say what is known of the people in a class, from the numbers of the file."""
    notes = [
        _leaf_note(leaf, parameters)
        for leaf in class_leaves(parameters.classes.tree)
        if leaf.risk_class == risk_class
    ]
    return " ".join(note for note in [*notes, parameters.classes.caveat] if note)


def _leaf_note(leaf: ClassLeaf, parameters: ParameterSet) -> str:
    event = parameters.outcome.event
    said: list[str] = []
    if leaf.observed is not None and leaf.n is not None and leaf.events is not None:
        rate = whole_percent(float(leaf.observed.value))
        limits = (leaf.observed.lower, leaf.observed.upper)
        ends = "-".join(str(whole_percent(float(end))) for end in limits if end is not None)
        said.append(
            f"{leaf.risk_class.capitalize()} class: {event} in {leaf.events} of {leaf.n} "
            f"({rate} %, 95 % interval {ends} %)."
        )
    if leaf.share is not None and leaf.mean_risk is not None:
        share = (leaf.share.value * 100).quantize(Decimal("0.1"))
        mean = (leaf.mean_risk.value * 100).quantize(Decimal("0.1"))
        said.append(
            f"{leaf.risk_class.capitalize()} class: {share} % of the source's patients, "
            f"mean risk {mean} %."
        )
    return " ".join(said)
