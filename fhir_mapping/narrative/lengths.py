"""Lengths: which one is the size of a tumour, which the distance to the parenchymal margin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_mapping.narrative.amount_scope import void_amounts
from fhir_mapping.narrative.length_words import (
    ACROSS,
    AWAY_FROM_TUMOUR,
    BARE_DISTANCE,
    BENIGN,
    BESIDE,
    DISTANCE,
    DISTANCE_BEFORE,
    EDGE_EN,
    EDGE_ZH,
    LOCATED,
    MALIGNANT,
    MARGIN_AFTER,
    MARGIN_BEFORE,
    MARGIN_FIELD,
    MARGIN_FREE,
    MAYBE_SATELLITE,
    MEASURED,
    MEASURED_ELSE,
    MERE_NODULES,
    NEAR_TUMOUR,
    NEW_NOUN,
    NEW_PHRASE,
    NEXT_TO_TUMOUR,
    NO_MASS,
    NOT_SAID,
    NOT_TUMOUR,
    OF_TUMOUR_BEHIND,
    OLD_LESION,
    OTHER_MARGIN,
    PARTS,
    PLANNED,
    SATELLITE,
    SEGMENT_LINE,
    SIZE_FIELD,
    SIZE_WORD,
    SPECIMEN,
    TUMOUR_WORD,
    WIDTH_OF_MARGIN,
)
from fhir_mapping.narrative.numbers import NUMBER, RANGE, amount_of, decimal_of
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Amount, Statement

__all__ = ["MARGIN", "SIZE", "read_lengths"]

SIZE, MARGIN = "tumour_size_cm", "margin_cm"
_UNIT = r"\(?(?P<unit>cm|mm|centimet(?:er|re)s?|millimet(?:er|re)s?|厘米|公分|毫米|㎝|㎜)(?![a-z\d²³]|\^)"
_LENGTH = re.compile(
    rf"{RANGE}\s{{0,2}}(?P<unit1>cm|mm|厘米|毫米)?\s{{0,2}}"
    rf"(?:(?P<to>-{{1,2}}|~|to|and|至|到|,|及|与|和|、|\+|&)\s{{0,2}}(?P<high>{NUMBER})\s{{0,2}}"
    rf"|(?P<dims>(?:(?:[x×*]|by)\s{{0,2}}{NUMBER}\s{{0,2}}(?:cm|mm|厘米)?\s{{0,2}}){{1,2}})){{0,1}}[\s-]{{0,2}}{_UNIT}"
    rf"|(?P<bare>\b0) ?(?=[,;.。)]|$)"
)
_UNIT_FIRST = re.compile(
    rf"\((?P<unit>cm|mm|厘米|毫米)\)\s?[:=]?\s?(?P<numbers>{NUMBER}(?:\s?[x×*]\s?{NUMBER}){{0,2}})(?!\s?(?:cm|mm|[\d.x×*%]))"
)
_LIST = re.compile(
    rf"(?<![a-z\d.-])(?<!segment )(?<!segments )(?<!seg )(?<!seg\. )(?<!section )(?<!/)(?:(?:s\d[ab]?:?\s)?{NUMBER}\s?[,/、]\s?){{1,6}}(?:s\d[ab]?:?\s)?$"
)
_FACTORS = {
    "mm": Decimal("0.1"),
    "millimeter": Decimal("0.1"),
    "毫米": Decimal("0.1"),
    "㎜": Decimal("0.1"),
}

_NOWHERE = 10_000
_GOES_ON = re.compile(r"\s?[、及和与]\s?")


@dataclass(frozen=True, slots=True)
class _Place:
    amount: Amount
    nearest: Amount
    start: int
    end: int
    before: str
    after: str
    sentence_before: str
    sentence: str


def read_lengths(sentence: Sentence) -> Iterator[Statement]:
    """Yield the sizes of tumours and the distances to the margin in one sentence."""
    if void_amounts(sentence.text):
        return
    name = ""
    for place in _places(sentence):
        # "距各切缘2.0cm、1.2cm、0.5cm": a list goes on.
        name = name if name == MARGIN and _GOES_ON.fullmatch(place.before) else _name_of(place)
        if name:
            yield Statement(
                name,
                place.nearest if name == MARGIN else place.amount,
                f"{name}/length",
                sentence.start + _quote_start(place),
                sentence.start + place.end,
                sentence.is_correcting,
            )


def _quote_start(place: _Place) -> int:
    return place.start - len(place.before.lstrip())


def _places(sentence: Sentence) -> Iterator[_Place]:
    text = sentence.text
    previous = 0
    for match in _LENGTH.finditer(text):
        if match["bare"]:
            continue
        factor = _FACTORS.get(match["unit"].removesuffix("s").replace("metre", "meter"), Decimal(1))
        clause = _clause_start(text, match.start())
        yield _Place(
            *_amounts(match, text[match.end() : match.end() + 12], factor),
            match.start(),
            match.end(),
            text[max(clause, previous) : match.start()],
            text[match.end() : _clause_end(text, match.end())],
            (sentence.lead + text[:clause])[-200:],
            text,
        )
        previous = match.end()
    for match in _UNIT_FIRST.finditer(text):
        # The unit stands first: "size (cm): 4.5".
        factor = Decimal("0.1") if match["unit"] in ("mm", "毫米") else Decimal(1)
        largest = max(map(decimal_of, re.findall(NUMBER, match["numbers"]))) * factor
        yield _Place(
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
    return amount, amount


def _clause_start(text: str, place: int) -> int:
    matches = [found.end() for found in re.finditer(r"[,;(/)](?!\d)|(?<!\d),|[)/(;]", text[:place])]
    return matches[-1] if matches else 0


def _clause_end(text: str, place: int) -> int:
    match = re.compile(r"[,;)](?!\d)").search(text, place)
    return match.start() if match else len(text)


def _name_of(place: _Place) -> str:
    """Return which quantity a length is of, empty if of neither."""
    before, after = place.before, place.after
    if NEXT_TO_TUMOUR.search(before):
        return ""
    if _last(SATELLITE, before) > _last(MARGIN_BEFORE.pattern, before):
        return ""
    if NOT_SAID.pattern.search(before[-40:]) or _is_of_aside(place):
        return ""
    if WIDTH_OF_MARGIN.match(place.sentence[place.end :]):
        return MARGIN
    if ACROSS.pattern.search(place.sentence[place.end :]):
        return MARGIN
    if MARGIN_AFTER.pattern.search(after) or _is_margin_before(place):
        near = f"{_margin_named_before(place)} {NEW_NOUN.split(before)[-1]} {after[:50]}"
        if re.search(r"[x×*]", place.sentence[place.start : place.end]):
            return ""
        if OTHER_MARGIN.pattern.search(near):
            return ""
        if PLANNED.pattern.search(place.sentence) and not MEASURED.search(place.before):
            return ""
        return MARGIN
    if DISTANCE.pattern.search(after) or DISTANCE_BEFORE.pattern.search(before):
        return ""
    return SIZE if _is_size(place) else ""


def _is_of_aside(place: _Place) -> bool:
    """Tell whether a length is of an earlier lesion, or of a nodule next to the tumour."""
    before = place.sentence[: place.start][-40:]
    return bool(OLD_LESION.search(before) or NEAR_TUMOUR.search(before))


def _margin_named_before(place: _Place) -> str:
    """Return the name of the margin in the clauses before, where the own clause names none."""
    if MARGIN_BEFORE.pattern.search(place.before) or MARGIN_AFTER.pattern.search(place.after):
        return ""
    named = re.findall(rf"[^,;。:\s]{{0,4}}{EDGE_ZH}[^;。]{{0,4}}", place.sentence_before)
    return named[-1] if named else ""


def _is_margin_before(place: _Place) -> bool:
    """Tell whether the nearest words in front are of the margin, and not of the tumour."""
    nearest = _last(MARGIN_BEFORE.pattern, place.before)
    if nearest >= 0 and OF_TUMOUR_BEHIND.match(place.before[-4:] + place.after):
        return False
    if MEASURED.search(place.before) and re.search(EDGE_ZH, place.sentence_before[-20:]):
        return True
    if MARGIN_FIELD.fullmatch(place.before) and not place.sentence_before.strip():
        return True
    if nearest >= 0 and BARE_DISTANCE.pattern.search(place.before):
        # "距癌灶>1cm" is of MVI or a satellite unless the edge is named in the sentence.
        if AWAY_FROM_TUMOUR.search(place.before):
            return False
        around = place.sentence[max(0, place.start - 30) : place.end + 12]
        if re.search(EDGE_ZH, around):
            return True
        said = re.split(rf"{EDGE_ZH}|{EDGE_EN}", f"{place.sentence_before}{place.before}"[-60:])
        return not (len(said) < 2 or AWAY_FROM_TUMOUR.search(said[-1]) or "处" in place.after[:6])
    if nearest >= 0:
        size = _last(SIZE_WORD.pattern, place.before)
        tumour = _last(TUMOUR_WORD.pattern, place.before)
        return (
            nearest >= tumour
            or "距" in place.before
            or "distance" in place.before
            or size < nearest
        )
    if place.before.strip(" (:") or TUMOUR_WORD.pattern.search(place.after):
        return bool(
            re.fullmatch(
                r"\W{0,4}(?:最近?处?|最近距离|距离|最窄处?|宽度?|净|为|是|约|肝实质|(?:(?:at |with |is )?(?:the |a )?(?:posterior |anterior |lateral |medial |superior |inferior )?(?:closest|nearest|minimum|minimal|min\.?|narrowest|shortest|parenchymal|liver|hepatic|distance|from|tumou?r|clearance|width|point|approach|at least|margin|free|clear) ?){0,4}(?:of|is|by|being|at)?)\W{0,4}(?:仅|只|约)?(?:距\w{0,4})?",
                place.before.strip(),
            )
        ) and _ends_in_margin(place)
    return _ends_in_margin(place)


def _ends_in_margin(place: _Place) -> bool:
    """Tell whether the last thing named before is a margin, with nothing measured since."""
    previous = MARGIN_FREE.sub(" ", place.sentence_before)
    margin = _last(MARGIN_BEFORE.pattern, previous)
    if margin < 0 or re.search(r"\d ?(?:cm|mm|厘米|毫米)", previous[margin:]):
        return False
    others = max(_last(TUMOUR_WORD.pattern, previous), _last(NOT_TUMOUR.pattern, previous))
    return margin >= others


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _first(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return match.start() if match else _NOWHERE


def _is_size(place: _Place) -> bool:
    """Tell whether a length is of a tumour: the nearest noun decides, then the sentence."""
    if SIZE_FIELD.fullmatch(place.before) and not MEASURED_ELSE.search(place.sentence_before):
        return True
    if MERE_NODULES.fullmatch(place.before) and NO_MASS.search(place.sentence):
        return False
    before = LOCATED.sub(" in it ", place.before)
    tumour, other = _last(TUMOUR_WORD.pattern, before), _last(NOT_TUMOUR.pattern, before)
    following = re.match(
        r"\W{0,3}(?:in (?:size|diameter) )?(?:\w{1,14}[ -]){0,3}(?:\w{1,14})",
        LOCATED.sub(" ", place.after),
    )
    behind = PARTS.sub(" ", following[0] if following else place.after[:12])
    behind = NEW_PHRASE.split(behind)[0]
    if SPECIMEN.match(behind):
        return False
    first_tumour, first_other = (
        _first(TUMOUR_WORD.pattern, behind),
        _first(NOT_TUMOUR.pattern, behind),
    )
    rest = re.split(r"\d ?(?:cm|mm)", place.sentence[place.end :])[0]
    if BENIGN.pattern.search(rest) and not MALIGNANT.search(f"{before}{rest}"):
        return False
    if BESIDE.match(place.after) or MAYBE_SATELLITE.search(place.sentence[place.end :]):
        return False
    if first_tumour < first_other:
        return True
    if (other >= tumour and other > 0) or (
        tumour < 0 and first_other < min(first_tumour, _NOWHERE)
    ):
        return False
    if tumour >= 0 or first_tumour < _NOWHERE:
        return True
    # The clause names nothing: what the clauses before speak of.
    said = LOCATED.sub(lambda m: " " * len(m[0]), place.sentence_before)
    earlier_tumour = _last(TUMOUR_WORD.pattern, said)
    earlier_other = _last(NOT_TUMOUR.pattern, PARTS.sub(lambda m: " " * len(m[0]), said))
    if earlier_tumour >= 0 or earlier_other >= 0:
        return earlier_tumour > earlier_other
    following_text = place.sentence[place.end :][:80]
    ahead = TUMOUR_WORD.pattern.search(following_text)
    if ahead:
        return not NOT_TUMOUR.pattern.search(PARTS.sub(" ", following_text[: ahead.start()]))
    named = SIZE_WORD.pattern.search(place.sentence_before[-25:] + before) or (
        SEGMENT_LINE.match(place.sentence)
    )
    return bool(named) and not NOT_TUMOUR.pattern.search(PARTS.sub(" ", place.sentence))
