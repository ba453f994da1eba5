"""A second, slow and obvious evaluation of an additive form: every completion, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from models.forms.additive import Additive
from models.forms.terms import LevelTerm, LinearTerm, StepTerm, Term
from models.forms.tree import SCORE, Leaf, Node
from models.inputs import Input

__all__ = ["Completion", "answers", "completions"]


@dataclass(frozen=True)
class Completion:
    """One way things may be: the value of each input, and what each adds."""

    values: Mapping[str, Decimal | str]
    adds: Mapping[str, Decimal]
    risk_class: str

    @property
    def score(self) -> Decimal:
        """The sum of what each input adds."""
        return sum(self.adds.values(), Decimal(0))


def answers(known: Input) -> list[Decimal | str]:
    """Return every value the input may have; numbers must be single or whole."""
    if known.categories:
        return sorted(known.categories)
    found: list[Decimal | str] = []
    for part in known.numbers:
        if part.lower == part.upper:
            found.append(part.lower)
            continue
        assert known.quantity.integer, "a brute force needs a finite set"
        value = part.lower.to_integral_value()
        while value <= part.upper:
            if value in part:
                found.append(value)
            value += 1
    return found


def _worth(term: Term, value: Decimal | str) -> tuple[Decimal, ...]:
    if isinstance(term, LevelTerm):
        assert isinstance(value, str)
        return tuple(term.coefficient * level for level in term.levels[value])
    assert isinstance(value, Decimal)
    if isinstance(term, LinearTerm):
        return (term.coefficient * (value - term.centre) / term.per,)
    assert isinstance(term, StepTerm)
    beyond = value > term.cut if term.above else value < term.cut
    return (term.coefficient if beyond else Decimal(0),)


def _class_of(node: Node, score: Decimal, values: Mapping[str, Decimal | str]) -> str:
    while not isinstance(node, Leaf):
        value = score if node.feature == SCORE else values[node.feature]
        if isinstance(value, str):
            goes_above = value in node.categories
        else:
            assert node.cut is not None
            goes_above = value > node.cut or (value == node.cut and node.cut_goes_above)
        node = node.above if goes_above else node.below
    return node.risk_class


def completions(form: Additive, inputs: Mapping[str, Input]) -> Iterator[Completion]:
    """Yield every completion, an ambiguous category once per level it may be."""
    names = [term.quantity.name for term in form.terms]
    for values in product(*(answers(inputs[name]) for name in names)):
        worths = (_worth(term, value) for term, value in zip(form.terms, values, strict=True))
        for added in product(*worths):
            chosen = dict(zip(names, values, strict=True))
            adds = dict(zip(names, added, strict=True))
            score = sum(added, Decimal(0))
            yield Completion(chosen, adds, _class_of(form.tree, score, chosen))
