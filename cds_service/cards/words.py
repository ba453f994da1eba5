"""How a number, an input and a text from the record are written on a card."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from models.inputs import Input, Interval, Knowledge
from models.outcome import Span, whole_percent
from models.quantities import Quantity

__all__ = [
    "describe_input",
    "escape",
    "join_words",
    "label_in_sentence",
    "one_decimal",
    "percent",
    "percent_span",
    "plain",
    "points",
    "short_hash",
]

LONGEST_RECORD_TEXT = 160
_HASH_LENGTH = 8
_MARKDOWN = re.compile(r"([\\`*_\[\]|~])")
# GitHub-Flavored Markdown makes links of bare addresses; a zero-width space after these keeps them text.
_AUTOLINK = re.compile(r"(www(?=\.)|:(?=//)|@)", re.IGNORECASE)
_ZERO_WIDTH_SPACE = "\u200b"
_UNIT_WORDS = {"a": "years", "mo": "months", "1": "", "{INR}": "", "{score}": ""}


def plain(text: str, limit: int = LONGEST_RECORD_TEXT) -> str:
    """Return a record's text as one line without control characters, cut between words."""
    visible = text if text.isprintable() else "".join(_visible(char) for char in text)
    line = " ".join(visible.split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"


def _visible(char: str) -> str:
    """Return the character, a space for a break, or nothing for what cannot be seen."""
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Co", "Cs") else char


def escape(text: str, limit: int = LONGEST_RECORD_TEXT) -> str:
    """Return a record's text so that neither Markdown nor HTML finds anything in it."""
    marked = _MARKDOWN.sub(r"\\\1", html.escape(plain(text, limit), quote=False))
    return _AUTOLINK.sub(lambda match: match.group(1) + _ZERO_WIDTH_SPACE, marked)


def percent(probability: float) -> str:
    """Return a probability in whole per cent; the ends are never shown as certain."""
    whole = whole_percent(probability)
    if whole < 1:
        return "below 1 %"
    if whole > 99:
        return "over 99 %"
    return f"{whole} %"


def percent_span(span: Span) -> str:
    """Return a span of probabilities in whole per cent, one number if both ends round to it."""
    low, high = percent(span.lower), percent(span.upper)
    if low == high:
        return low
    if low.startswith("below") or high.startswith("over"):
        return f"{low} to {high}"
    return f"{low.removesuffix(' %')}-{high}"


def points(span: Span) -> str:
    """Return points without decimals, as a range if they are one."""
    low, high = _whole(span.lower), _whole(span.upper)
    return low if low == high else f"{low}-{high}"


def one_decimal(number: float) -> str:
    """Return a number of points as the source prints it, with at most one decimal."""
    return (
        f"{Decimal(repr(number)).quantize(Decimal('0.1'), rounding='ROUND_HALF_UP').normalize():f}"
    )


def label_in_sentence(quantity: Quantity) -> str:
    """Return a quantity's label for the middle of a sentence; abbreviations keep their capitals."""
    first = quantity.label.split(" ", 1)[0]
    if sum(char.isupper() or char.isdigit() for char in first) > 1 or first == "Child-Pugh":
        return quantity.label
    return quantity.label[0].lower() + quantity.label[1:]


def describe_input(known: Input) -> str:
    """Return in words what is known of an input, with its unit; never blank."""
    if known.knowledge is Knowledge.NOT_YET_KNOWABLE:
        return "not yet knowable"
    if known.knowledge is Knowledge.UNKNOWN:
        return known.reason or "not recorded"
    if known.categories:
        order = known.quantity.categories
        names = [name for name in order if name in known.categories]
        return join_words(names, "or")
    unit = _UNIT_WORDS.get(known.quantity.unit, known.quantity.unit)
    parts = [_describe_interval(part, known.quantity) for part in known.numbers]
    return f"{join_words(parts, 'or')} {unit}".strip()


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Return "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def short_hash(content_hash: str) -> str:
    """Return the first characters of a content hash, enough to tell two versions apart."""
    return content_hash.rsplit(":", 1)[-1][:_HASH_LENGTH]


def _whole(number: float) -> str:
    return f"{Decimal(repr(number)).quantize(Decimal(1), rounding='ROUND_HALF_UP') + 0:f}"


def _describe_interval(part: Interval, quantity: Quantity) -> str:
    low, high = f"{part.lower.normalize():f}", f"{part.upper.normalize():f}"
    if part.lower == part.upper:
        return low
    if part.upper == quantity.upper:
        return f"{'above' if part.lower_open else 'at least'} {low}"
    if part.lower == quantity.lower:
        return f"{'below' if part.upper_open else 'up to'} {high}"
    return f"{low} to {high}"
