"""A rule is a name, a pattern and what it does; the name stands beside every finding it makes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Rule", "any_of", "first_match", "last_match", "search"]


# Neither a letter nor a Chinese character, outside a class of characters.
_NO_LETTER = r"[^\w一-鿿]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One named pattern over the prepared text, and what it does in a few words for the page.

    Every quantifier in the pattern is bounded.
    """

    name: str
    pattern: re.Pattern[str]
    does: str


def any_of(name: str, *patterns: str, does: str) -> Rule:
    """Return the rule that holds where one of the patterns does.

    A Chinese character is no letter to them, so that "无rupture" holds the word "rupture".
    """
    joined = "|".join(f"(?:{pattern})" for pattern in patterns).replace(r"\W", _NO_LETTER)
    return Rule(name, re.compile(joined, re.ASCII), does)


def search(rules: Iterable[Rule], text: str) -> str:
    """Return the name of the first rule that holds somewhere in the text, empty if none does."""
    return next((rule.name for rule in rules if rule.pattern.search(text)), "")


def first_match(
    rules: Iterable[Rule], text: str, start: int = 0
) -> tuple[Rule, re.Match[str]] | None:
    """Return the rule that matches earliest; of two at one place the longer match."""
    found = [(rule, match) for rule in rules if (match := rule.pattern.search(text, start))]
    return min(found, key=lambda item: (item[1].start(), -item[1].end()), default=None)


def last_match(rules: Iterable[Rule], text: str) -> tuple[Rule, re.Match[str]] | None:
    """Return the rule whose last match ends latest; of two at one place the longer match."""
    found = [(rule, match) for rule in rules for match in rule.pattern.finditer(text)]
    return max(found, key=lambda item: (item[1].end(), -item[1].start()), default=None)
