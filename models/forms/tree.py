"""A decision tree stored as data, evaluated over sets: which leaves can be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from models.forms.sets import common, merged
from models.forms.terms import possible_numbers
from models.inputs import Input, Interval

__all__ = ["EVERYTHING", "SCORE", "Leaf", "LeafPath", "Node", "Split", "leaf_paths", "restrict"]

SCORE = "score"
"""The feature name of the score itself; any other feature is the name of an input."""

EVERYTHING = Interval(Decimal("-Infinity"), Decimal("Infinity"))


@dataclass(frozen=True, slots=True)
class Leaf:
    """An end of the tree.

    Parameters
    ----------
    risk_class : str
        The class of everybody who arrives here.
    """

    risk_class: str


@dataclass(frozen=True, slots=True)
class Split:
    """A fork on one feature: by a cut (numbers) or by a set of categories.

    Parameters
    ----------
    feature : str
        `SCORE` or the name of an input.
    below, above : Node
        Where numbers below and above the cut go; for categories, `above` is where the listed ones go.
    cut : Decimal or None
        The cut (numbers only).
    cut_goes_above : bool
        Whether the cut itself goes to `above`.
    categories : frozenset of str
        The listed categories (categories only).
    """

    feature: str
    below: Node
    above: Node
    cut: Decimal | None = None
    cut_goes_above: bool = False
    categories: frozenset[str] = frozenset()


Node = Leaf | Split


@dataclass(frozen=True, slots=True)
class LeafPath:
    """A leaf with everything that must hold to arrive there."""

    leaf: Leaf
    score: Interval
    numbers: Mapping[str, Interval]
    allowed: Mapping[str, Callable[[str], bool]]

    def restrict(self, inputs: Mapping[str, Input]) -> dict[str, Input] | None:
        """Return the inputs of which every completion takes this path; None if there is none."""
        result = dict(inputs)
        for name, interval in self.numbers.items():
            inside = restrict(result[name], interval)
            if inside is None:
                return None
            result[name] = inside
        for name, allows in self.allowed.items():
            known = result[name]
            chosen = frozenset(item for item in known.categories if allows(item))
            if not chosen:
                return None
            result[name] = Input(known.quantity, known.knowledge, categories=chosen)
        return result


def restrict(known: Input, interval: Interval) -> Input | None:
    """Return the input limited to an interval; None if no possible value lies in it."""
    parts = (common(part, interval) for part in possible_numbers(known))
    inside = merged(part for part in parts if part is not None)
    return Input(known.quantity, known.knowledge, inside) if inside else None


def leaf_paths(node: Node) -> tuple[LeafPath, ...]:
    """Return every leaf with its conditions, from low to high; contradictory paths are left out."""
    return tuple(_walk(node, EVERYTHING, {}, {}))


def _walk(
    node: Node,
    score: Interval,
    numbers: Mapping[str, Interval],
    allowed: Mapping[str, Callable[[str], bool]],
) -> Iterator[LeafPath]:
    if isinstance(node, Leaf):
        yield LeafPath(node, score, numbers, allowed)
        return
    if node.cut is None:
        for branch, test in _category_branches(node, allowed.get(node.feature)):
            yield from _walk(branch, score, numbers, {**allowed, node.feature: test})
        return
    below = Interval(EVERYTHING.lower, node.cut, upper_open=node.cut_goes_above)
    above = Interval(node.cut, EVERYTHING.upper, lower_open=not node.cut_goes_above)
    for branch, side in ((node.below, below), (node.above, above)):
        if node.feature == SCORE:
            inside = common(score, side)
            if inside is not None:
                yield from _walk(branch, inside, numbers, allowed)
        else:
            inside = common(numbers.get(node.feature, EVERYTHING), side)
            if inside is not None:
                yield from _walk(branch, score, {**numbers, node.feature: inside}, allowed)


def _category_branches(
    node: Split, before: Callable[[str], bool] | None
) -> tuple[tuple[Node, Callable[[str], bool]], ...]:
    def earlier(item: str) -> bool:
        return before is None or before(item)

    def listed(item: str) -> bool:
        return earlier(item) and item in node.categories

    def others(item: str) -> bool:
        return earlier(item) and item not in node.categories

    return (node.below, others), (node.above, listed)
