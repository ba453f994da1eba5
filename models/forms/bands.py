"""Point tables: points by bands of a number or by category, evaluated over sets.

Each item looks at inputs of its own, so the lowest and the highest total are sums of the items' own.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from models.forms.sets import common
from models.forms.terms import possible_numbers
from models.inputs import Input, Interval, unknown
from models.outcome import Provenance, Score, Span
from models.quantities import ABSENT, PRESENT, quantity
from models.rule_set import BandItem, Grade, RuleSet

__all__ = ["grades_of", "item_points", "score_table"]

_INFINITY = Decimal("Infinity")


def item_points(item: BandItem, inputs: Mapping[str, Input]) -> tuple[Decimal, ...]:
    """Return every number of points the item can have, ascending."""
    known = [inputs.get(name) or unknown(quantity(name)) for name in item.inputs]
    if item.bands:
        points = _band_points(item, known[0])
    else:
        figures = [item.categories[category] for category in _combined(known)]
        points = {figure.value for figure in figures if figure is not None}
        if None in figures:
            points.update(item.table)
    return tuple(sorted(points))


def _band_points(item: BandItem, known: Input) -> set[Decimal]:
    found: set[Decimal] = set()
    lower, lower_open = -_INFINITY, False
    for band in item.bands:
        upper = _INFINITY if band.to is None else band.to.value
        upper_open = band.to is not None and not band.to_included
        region = Interval(lower, upper, lower_open, upper_open)
        if any(common(part, region) is not None for part in possible_numbers(known)):
            found.add(band.points.value)
        lower, lower_open = upper, not upper_open
    return found


def _combined(known: list[Input]) -> frozenset[str]:
    """Return the categories possible for one input, or for "any of these is present"."""
    if len(known) == 1:
        return known[0].categories
    possible: set[str] = set()
    if any(PRESENT in one.categories for one in known):
        possible.add(PRESENT)
    if all(ABSENT in one.categories for one in known):
        possible.add(ABSENT)
    return frozenset(possible)


def grades_of(grades: tuple[Grade, ...], value: Span) -> tuple[str, ...]:
    """Return the grades that the values of a span can have, in the order of the table."""
    found: list[str] = []
    low = float("-inf")
    for grade in grades:
        high = float("inf") if grade.to is None else float(grade.to.value)
        if value.upper > low and value.lower <= high:
            found.append(grade.name)
        low = high
    return tuple(found)


def score_table(rules: RuleSet, inputs: Mapping[str, Input], provenance: Provenance) -> Score:
    """Add up a point table over everything the inputs may be."""
    items: list[tuple[str, Span]] = []
    missing: list[str] = []
    low = high = most = Decimal(0)
    for item in rules.items:
        points = item_points(item, inputs)
        items.append((item.label, Span(float(points[0]), float(points[-1]))))
        if len(points) > 1:
            missing.append(item.label)
        low, high = low + points[0], high + points[-1]
        most += max(item.table)
    total = Span(float(low), float(high))
    possible = grades_of(rules.grades, total)
    return Score(
        provenance=provenance,
        value=total,
        maximum=float(most),
        category=possible[0] if len(possible) == 1 else None,
        possible_categories=possible,
        items=tuple(items),
        missing=tuple(missing),
        note=" ".join(rules.limits),
    )
