"""Lengths in a sentence, each with the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_mapping.narrative.numbers import NUMBER, RANGE, amount_of, decimal_of
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Amount

__all__ = ["NONE_ABOVE", "Place", "places_in"]

_UNIT = r"\(?(?P<unit>cms?|mms?|centimet(?:er|re)s?|millimet(?:er|re)s?|厘米|公分|毫米|㎝|㎜)(?![a-z\d²³]|\^)"
_LENGTH = re.compile(
    rf"{RANGE}\s{{0,2}}(?P<unit1>cm|mm|厘米|毫米)?\s{{0,2}}"
    rf"(?:(?P<to>-{{1,2}}>|-{{1,2}}|~|to|and|至|到|,|及|与|和|、|\+|&)\s{{0,2}}(?P<high>{NUMBER})\s{{0,2}}"
    rf"|(?P<dims>(?:(?:[x×*]|by)\s{{0,2}}{NUMBER}\s{{0,2}}(?:cm|mm|厘米)?\s{{0,2}}){{1,2}})){{0,1}}[\s()-]{{0,2}}{_UNIT}"
    rf"|(?P<bare>\b0) ?(?=[,;.。)]|$)"
)
# "none larger than 2.5 cm" gives an upper end.
NONE_ABOVE = re.compile(
    r"\b(?:none|not|neither)(?: of (?:them|which|these))?(?: (?:is|are|was|were|measures))?\s{0,2}$"
)
# Of a second length in one clause, what stands before the first is said before it.
_IS_ENGLISH = re.compile(r"[^一-鿿]*$")
# "nodules ranging from 0.4 to 3.1 cm": the largest of several.
_OF_SEVERAL = re.compile(
    r"\b(?:tumou?rs|nodules|lesions|hccs|foci|masses|observations)\b[^.;]{0,30}\b(?:rang\w{1,3}|var\w{1,4})\b[^.;]{0,20}$"
)
# "has grown from 53 mm to 67 mm": the second length is the present one.
_SEVERAL_ZH = re.compile(
    r"(?:多发|多个|多枚|数个|数枚|(?<![\d.])(?:[2-9]|1\d|[二两三四五六七八九十])\s?[个枚颗])[^;。]{0,16}?(?:直径|大小|长径|最大径|径)[^;。\d]{0,4}$"
)
_GROWTH = re.compile(
    r"\b(?:increas|grow|grew|grown|enlarg|progress|decreas|shr[aiu]nk|reduc|regress|larger|smaller|previously|diminish)\w{0,4}\b[^;]{0,40}\bfrom\s{0,2}(?:about |approximately )?$"
)
_UNIT_FIRST = re.compile(
    rf"(?:\((?P<unit>cm|mm|厘米|毫米)\)\s{{0,30}}[:=]?\s{{0,30}}|(?<![\d.,a-z])(?<!\d )(?P<open_unit>cm|mm))\s?(?P<numbers>{NUMBER}(?:\s?[x×*]\s?{NUMBER}){{0,2}})(?!\s?(?:cm|mm|[\d.x×*%]))"
)
_LIST = re.compile(
    rf"(?<![a-z\d.-])(?<!segment )(?<!segments )(?<!seg )(?<!seg\. )(?<!section )(?<!rads )(?<!rads-)(?<!lr )(?<!/)(?<!to )(?:(?:s\d[ab]?:?\s)?{NUMBER}\s?[,/、]\s?){{1,6}}(?:s\d[ab]?:?\s)?$"
)
_FACTORS = {
    "mm": Decimal("0.1"),
    "millimeter": Decimal("0.1"),
    "毫米": Decimal("0.1"),
    "㎜": Decimal("0.1"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A length: the largest and the nearest of a list, its clause and its sentence."""

    amount: Amount
    nearest: Amount
    start: int
    end: int
    before: str
    after: str
    sentence_before: str
    sentence: str


def places_in(sentence: Sentence) -> Iterator[Place]:
    """Yield the lengths of a sentence."""
    text = sentence.text
    previous = 0
    for match in _LENGTH.finditer(text):
        if match["bare"]:
            continue
        factor = _FACTORS.get(match["unit"].removesuffix("s").replace("metre", "meter"), Decimal(1))
        clause = _clause_start(text, match.start())
        yield Place(
            *_amounts(match, text[match.end() : match.end() + 12], factor),
            match.start(),
            match.end(),
            text[max(clause, previous) : match.start()],
            text[match.end() : _clause_end(text, match.end())],
            (sentence.lead + text[: max(clause, previous) if _IS_ENGLISH.match(text) else clause])[
                -200:
            ],
            text,
        )
        previous = match.end()
    for match in _UNIT_FIRST.finditer(text):
        # The unit stands first: "size (cm): 4.5".
        unit = match["unit"] or match["open_unit"]
        factor = Decimal("0.1") if unit in ("mm", "毫米") else Decimal(1)
        largest = max(map(decimal_of, re.findall(NUMBER, match["numbers"]))) * factor
        yield Place(
            Amount(largest, largest),
            Amount(largest, largest),
            match.start("numbers"),
            match.end(),
            text[_clause_start(text, match.start()) : match.start()],
            text[match.end() : _clause_end(text, match.end())],
            (sentence.lead + text[: match.start()])[-200:],
            text,
        )


def _amounts(match: re.Match[str], following: str, factor: Decimal) -> tuple[Amount, Amount]:
    """Return the largest of several dimensions, or of sizes in a list, and the smallest."""
    numbers = [match["low"]]
    listed_before = _LIST.search(match.string[max(0, match.start("low") - 60) : match.start("low")])
    if listed_before:
        numbers += re.findall(NUMBER, re.sub(r"s\d[ab]?:?\s", "", listed_before[0]))
    if match["dims"]:
        numbers += re.findall(NUMBER, match["dims"])
    in_front = match.string[max(0, match.start() - 70) : match.start("low")]
    if match["high"] and (
        match["to"].endswith(">")
        or _GROWTH.search(in_front)
        or _OF_SEVERAL.search(in_front)
        or (match["to"] in ("-", "--", "~", "至", "到") and _SEVERAL_ZH.search(in_front))
    ):
        now = decimal_of(match["high"]) * factor
        return Amount(now, now), Amount(now, now)
    between = re.search(r"\bbetween\s{1,2}$|介于$", match.string[: match.start("low")][-12:])
    # "0.5-3.0cm不等": of several tumours.
    listed = following.startswith("不等") or (
        match["high"]
        and not between
        and match["to"] in (",", "、", "及", "与", "和", "and", "+", "&")
    )
    if listed and match["high"]:
        numbers.append(match["high"])
    if len(numbers) > 1:
        ends = sorted(decimal_of(number) * factor for number in numbers)
        return Amount(ends[-1], ends[-1]), Amount(ends[0], ends[0])
    amount = amount_of(match, match["high"], following, factor)
    if match["above"] and NONE_ABOVE.search(
        match.string[max(0, match.start() - 40) : match.start()]
    ):
        amount = Amount(Decimal(0), amount.low)
    return amount, amount


def _clause_start(text: str, place: int) -> int:
    matches = [found.end() for found in re.finditer(r"[,;(/)](?!\d)|(?<!\d),|[)/(;]", text[:place])]
    return matches[-1] if matches else 0


def _clause_end(text: str, place: int) -> int:
    match = re.compile(r"[,;)](?!\d)").search(text, place)
    return match.start() if match else len(text)
