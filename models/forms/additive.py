"""The evaluator that all additive forms share: exact over every completion of the inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from models.forms.link import Link
from models.forms.sets import Numbers, SumSet, common, point
from models.forms.terms import Term
from models.forms.tree import SCORE, Leaf, LeafPath, Node, Split, leaf_paths
from models.inputs import Input, Interval
from models.outcome import Contribution, Narrowing, Span, UnknownRange

__all__ = ["Additive", "Evaluated"]

Inputs = Mapping[str, Input]


@dataclass(frozen=True)
class Additive:
    """A score that is a sum of terms, a risk that rises with it, and a tree of classes.

    Parameters
    ----------
    terms : tuple of Term
        At most one term per input.
    link : Link or None
        Risk from score; None for a score without risk.
    tree : Node
        Classes, by cuts on the score or on inputs.
    points_per_unit : Decimal
        Nomogram points per unit of the score.
    """

    terms: tuple[Term, ...]
    link: Link | None
    tree: Node
    points_per_unit: Decimal

    @property
    def maximum_points(self) -> float:
        """Points of somebody at the top of every axis."""
        return sum(self.term_maximum_points(term) for term in self.terms)

    def term_maximum_points(self, term: Term) -> float:
        """Points at the top of one axis."""
        span = term.largest_contribution - term.reference_contribution
        return float(span * self.points_per_unit)

    @cached_property
    def paths(self) -> tuple[LeafPath, ...]:
        """The leaves of the tree with their conditions."""
        return leaf_paths(self.tree)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes, lowest first."""
        return tuple(dict.fromkeys(path.leaf.risk_class for path in self.paths))

    def evaluate(self, inputs: Inputs) -> Evaluated:
        """Return the evaluation for one patient; every input of a term must be in the mapping."""
        return Evaluated(self, inputs)

    @cached_property
    def is_graded(self) -> bool:
        """Whether each class is one stretch of the score, so that the score's two ends decide."""
        on_score_only = self.input_cuts.keys() <= {SCORE}
        return on_score_only and len(self.classes) == len(self.paths)

    @cached_property
    def score_cuts(self) -> tuple[Decimal, ...]:
        """Where the class may change along the score."""
        ends = (path.score for path in self.paths)
        found = {end for score in ends for end in (score.lower, score.upper)}
        return tuple(sorted(end for end in found if end.is_finite()))

    @cached_property
    def input_cuts(self) -> dict[str, tuple[Split, ...]]:
        """The forks of the tree on each input."""
        found: dict[str, tuple[Split, ...]] = {}
        for split in _splits(self.tree):
            found[split.feature] = (*found.get(split.feature, ()), split)
        return found


def _splits(node: Node) -> Iterator[Split]:
    if not isinstance(node, Leaf):
        yield node
        yield from _splits(node.below)
        yield from _splits(node.above)


@dataclass(frozen=True)
class Evaluated:
    """One additive form over one patient's inputs."""

    form: Additive
    inputs: Inputs

    @cached_property
    def parts(self) -> dict[str, Numbers]:
        """What each input may add to the score."""
        return {
            term.quantity.name: term.contribution(self.inputs[term.quantity.name])
            for term in self.form.terms
        }

    @cached_property
    def scores(self) -> SumSet:
        """Every score that is possible."""
        return SumSet(tuple(self.parts.values()))

    @property
    def risk(self) -> UnknownRange:
        """Exact lowest and highest risk over all completions."""
        hull = self.scores.hull
        return UnknownRange(self._risk(hull.lower), self._risk(hull.upper))

    @property
    def points(self) -> Span:
        """Points, lowest and highest."""
        reference = sum((t.reference_contribution for t in self.form.terms), Decimal(0))
        return self._points_span(self.scores.hull, reference)

    @property
    def possible_classes(self) -> tuple[str, ...]:
        """The classes that can be reached, lowest first."""
        return self._classes(self.inputs, self.parts)

    @property
    def reached_leaves(self) -> tuple[Leaf, ...]:
        """The leaves that can be reached."""
        return tuple(self._leaves(self.inputs, self.parts))

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each input adds, in the order of the terms."""
        return tuple(self._contribution(term) for term in self.form.terms)

    def risk_differences(self) -> dict[str, Span]:
        """Return the risk minus what it would be with an input at its reference, by input.

        The reference is the value of no points; everything else stays as it is. A score without risk
        has none. No card shows them, so they are worked out when they are asked for.
        """
        link = self.form.link
        if link is None:
            return {}
        return {term.quantity.name: self._risk_difference(term, link) for term in self.form.terms}

    def narrowings(self) -> tuple[Narrowing, ...]:
        """Rank the inputs that leave the score open by how much knowing each could narrow it.

        Widths are widths of the risk, or of the points for a score without risk. First comes the
        input whose most helpful answer leaves the narrowest range, then the one that helps most in
        its least helpful answer.
        """
        found = [
            self._narrowing(term)
            for term in self.form.terms
            if not self.inputs[term.quantity.name].is_known
            and len(_ends(self.parts[term.quantity.name])) > 1
        ]
        return tuple(sorted(found, key=lambda item: (-item.at_most, -item.at_least)))

    def _risk(self, score: Decimal) -> float:
        if self.form.link is None:
            raise ValueError("a score without risk")
        return self.form.link.risk(float(score))

    def _points_span(self, hull: Interval, reference: Decimal) -> Span:
        scale = self.form.points_per_unit
        low, high = (float((end - reference) * scale) + 0.0 for end in (hull.lower, hull.upper))
        return Span(low, high)

    @cached_property
    def _rests(self) -> dict[str, SumSet]:
        """What all other inputs may add together, by the input left out."""
        return {
            name: SumSet(tuple(part for other, part in self.parts.items() if other != name))
            for name in self.parts
        }

    def _contribution(self, term: Term) -> Contribution:
        own = self.parts[term.quantity.name]
        reference = term.reference_contribution
        hull = Interval(own[0].lower, own[-1].upper)
        return Contribution(
            input_name=term.quantity.name,
            points=self._points_span(hull, reference),
            maximum_points=self.form.term_maximum_points(term),
            linear_predictor=Span(float(hull.lower) + 0.0, float(hull.upper) + 0.0),
        )

    def _risk_difference(self, term: Term, link: Link) -> Span:
        """Exact range of risk minus risk at the reference, over all completions of all inputs."""
        own = self.parts[term.quantity.name]
        rest = self._rests[term.quantity.name]
        reference = float(term.reference_contribution)
        found: list[float] = []
        for value in (own[0].lower, own[-1].upper):
            # Rising in the own value, so its ends; in the rest it rises and falls, so ends and peak.
            low, high = sorted((reference, float(value)))
            candidates = [rest.hull.lower, rest.hull.upper]
            for turn in link.turning_points(low, high):
                candidates.extend(rest.nearest(Decimal(turn)))
            found.extend(
                link.risk(float(base) + float(value)) - link.risk(float(base) + reference)
                for base in candidates
            )
        return Span(min(found), max(found))

    def _narrowing(self, term: Term) -> Narrowing:
        name = term.quantity.name
        rest = self._rests[name].hull
        widths: list[float] = []
        settled: list[bool] = []
        for answer, own, reached in self._answers(term):
            low, high = rest.lower + own[0].lower, rest.upper + own[-1].upper
            widths.append(self._width(low, high))
            if reached:
                settled.append(self._settles({**self.inputs, name: answer}, name, own))
        present = self._present_width
        settles = "always" if all(settled) else "sometimes" if any(settled) else "never"
        return Narrowing(
            input_name=name,
            at_least=max(0.0, present - max(widths)),
            at_most=max(0.0, present - min(widths)),
            settles_class=settles,
        )

    @cached_property
    def _present_width(self) -> float:
        return self._width(self.scores.hull.lower, self.scores.hull.upper)

    def _width(self, low: Decimal, high: Decimal) -> float:
        if self.form.link is None:
            return float((high - low) * self.form.points_per_unit)
        return self._risk(high) - self._risk(low)

    def _answers(self, term: Term) -> Iterator[tuple[Input, Numbers, bool]]:
        """Yield every answer with what it adds; of a stretch, the values that can be extreme.

        The last member is false for an open end: widths come as close to it as one likes, but no
        answer is it.
        """
        for answer in self._cells(term):
            own = term.contribution(answer)
            if not term.is_continuous:
                yield answer, own, True
                continue
            rest = self._rests[term.quantity.name].hull
            for value in self._deciding_values(own[0], rest):
                yield answer, (point(value),), value in own[0]

    def _cells(self, term: Term) -> tuple[Input, ...]:
        """Return the answers of a term, cut further where the tree itself looks at the input."""
        cells: tuple[Input, ...] = term.answers(self.inputs[term.quantity.name])
        for split in self.form.input_cuts.get(term.quantity.name, ()):
            fork = replace(split, below=Leaf("below"), above=Leaf("above"))
            cells = tuple(
                restricted[term.quantity.name]
                for cell in cells
                for path in leaf_paths(fork)
                if (restricted := path.restrict({term.quantity.name: cell})) is not None
            )
        return cells

    def _deciding_values(self, own: Interval, rest: Interval) -> tuple[Decimal, ...]:
        """Return where on a stretch width or class can be extreme, and one value between each."""
        marks = {own.lower, own.upper}
        marks.update(cut - end for cut in self.form.score_cuts for end in (rest.lower, rest.upper))
        if self.form.link is not None:
            turns = self.form.link.turning_points(float(rest.lower), float(rest.upper))
            marks.update(Decimal(turn) for turn in turns)
        inside = sorted(mark for mark in marks if own.lower <= mark <= own.upper)
        between = [(one + other) / 2 for one, other in pairwise(inside)]
        return (*inside, *between)

    def _classes(self, inputs: Inputs, parts: Mapping[str, Numbers]) -> tuple[str, ...]:
        reached = {leaf.risk_class for leaf in self._leaves(inputs, parts)}
        return tuple(name for name in self.form.classes if name in reached)

    def _settles(self, inputs: Inputs, name: str, own: Numbers) -> bool:
        """Whether one class is left once an input adds this."""
        if self.form.is_graded:
            hull = SumSet((own, *(part for key, part in self.parts.items() if key != name))).hull
            met = (path.leaf for path in self.form.paths if common(path.score, hull) is not None)
            return len({leaf.risk_class for leaf in met}) == 1
        return len(self._classes(inputs, {**self.parts, name: own})) == 1

    def _leaves(self, inputs: Inputs, parts: Mapping[str, Numbers]) -> Iterator[Leaf]:
        everything = SumSet(tuple(parts.values()))
        for path in self.form.paths:
            restricted = path.restrict(inputs)
            if restricted is None:
                continue
            names = {*path.numbers, *path.allowed}
            limited = self._limited(parts, restricted, names) if names else parts
            scores = SumSet(tuple(limited.values())) if names else everything
            if scores.reaches(path.score):
                yield path.leaf

    def _limited(
        self, parts: Mapping[str, Numbers], restricted: Inputs, names: set[str]
    ) -> dict[str, Numbers]:
        """Return the parts, with those of restricted inputs worked out again."""
        result = dict(parts)
        for term in self.form.terms:
            name = term.quantity.name
            if name in names and len(_ends(parts[name])) > 1:
                result[name] = term.contribution(restricted[name])
        return result


def _ends(numbers: Sequence[Interval]) -> set[Decimal]:
    return {numbers[0].lower, numbers[-1].upper}
