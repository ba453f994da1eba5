"""Numbers in words: decimals with point or comma, ranges, comparators, counts."""

from __future__ import annotations

import re
from decimal import Decimal

from fhir_mapping.narrative.rules import any_of
from fhir_mapping.narrative.statements import Amount

__all__ = ["COUNT_WORDS", "NUMBER", "RANGE", "amount_of", "count_of", "decimal_of"]

NUMBER = r"(?:\d{1,5}(?:[.,]\d{1,3})?|(?<!\d)(?<!\d\s)\.\d{1,3})"
_ABOVE = r"(?:more than|greater than|larger than|over|above|exceed(?:s|ing)|higher than|in excess of|>(?! ?/? ?=)|大于|超过|高于|多于|逾|>)"
_BELOW = r"(?:less than|smaller than|lower than|under|below|fewer than|<(?! ?/? ?=)|小于|不足|低于|少于|不到|未达|不满)"
_FROM = r"(?:at least|not less than|no less than|≥|>=|=>|> ?/ ?=|至少|不少于|不小于|不低于)"
_UNTIL = r"(?:at most|not more than|no more than|maximum of|≤|<=|=<|< ?/ ?=|至多|最多|不多于|不超过|不大于|不高于)"
_ABOUT = r"(?:about|approximately|approx\.?|around|circa|ca\.?|roughly|some|nearly|almost|estimated at|c\.|约为?|大约|近|大概|~|=|:|is|of)"
# The number of a segment or a block is no amount.
_NOT_A_NAME = "".join(
    f"(?<!{word})"
    for word in (
        "segment ",
        "segments ",
        "segment",
        "seg ",
        "seg. ",
        "seg.",
        "segment:",
        "block ",
        "level ",
        "#",
        "segments",
        "/s",
        "ments i",
        "第",
    )
)
# One amount: comparator, number, and the second number of a range; the unit follows it.
RANGE = (
    rf"(?:(?P<above>{_ABOVE})|(?P<below>{_BELOW})|(?P<from>{_FROM})|(?P<until>{_UNTIL}))?\s{{0,3}}"
    rf"(?:{_ABOUT}\s{{0,2}}){{0,2}}(?<!\d)(?<!\d/)(?:(?<!\d[.,])|(?<=[a-z]\d,))(?<![a-wyz])(?<![a-z]-){_NOT_A_NAME}(?P<low>{NUMBER})"
)
_AFTER_ABOVE = any_of(
    "or-more",
    r"^\s{0,2}(?:or more|and more|or greater|and above|以上|及以上|\+(?=\s|$|[,;.]))",
    does='"or more" behind a number',
)
_AFTER_BELOW = any_of(
    "or-less",
    r"^\s{0,2}(?:or less|and less|or below|and below|以下|以内|以下者)",
    does='"or less" behind a number',
)
COUNT_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "一": 1, "单": 1, "二": 2, "两": 2, "双": 2,
    "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
    "壹": 1, "贰": 2, "叁": 3, "second": 2, "pair": 2, "both": 2, "bi": 2, "tri": 3, "quadri": 4,
}  # fmt: skip


def decimal_of(text: str) -> Decimal:
    """Return a number written with a decimal point or a decimal comma."""
    return Decimal(text.replace(",", "."))


def count_of(text: str) -> int:
    """Return a count written in digits or as a word."""
    return int(text) if text.isdigit() else COUNT_WORDS[text]


def amount_of(match: re.Match[str], high: str | None, following: str, factor: Decimal) -> Amount:
    """Return what a match of RANGE says, multiplied by the unit's factor.

    `high` is the second number of a range, `following` the text after the unit ("以上").
    """
    low = decimal_of(match["low"]) * factor
    if high:
        ends = sorted((low, decimal_of(high) * factor))
        return Amount(ends[0], ends[1])
    if match["above"]:
        return Amount(low, None, low_open=True)
    if match["from"] or _AFTER_ABOVE.pattern.search(following):
        return Amount(low, None)
    if match["below"]:
        return Amount(Decimal(0), low, high_open=True)
    if match["until"] or _AFTER_BELOW.pattern.search(following):
        return Amount(Decimal(0), low)
    return Amount(low, low)
