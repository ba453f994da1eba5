"""Lengths: which one is the size of a tumour, which the distance to the parenchymal margin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_mapping.narrative.amount_scope import void_amounts
from fhir_mapping.narrative.length_words import (
    ACROSS,
    AMONG_CRITERIA,
    ASIDE_MARGIN,
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
    MARGINS_HEADING,
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
    SEGMENT_BEHIND,
    SEGMENT_LINE,
    SIDE_OF_MARGIN,
    SIZE_FIELD,
    SIZE_WORD,
    SPECIMEN,
    TUMOUR_WORD,
    WIDTH_OF_MARGIN,
)
from fhir_mapping.narrative.places import NONE_ABOVE, Place, places_in
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Statement

__all__ = ["MARGIN", "SIZE", "read_lengths"]

SIZE, MARGIN = "tumour_size_cm", "margin_cm"
_NOWHERE = 10_000
_GOES_ON = re.compile(r"\s?[、及和与]\s?")


def read_lengths(sentence: Sentence) -> Iterator[Statement]:
    """Yield the sizes of tumours and the distances to the margin in one sentence."""
    if void_amounts(sentence.text):
        return
    name = ""
    for place in places_in(sentence):
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


def _quote_start(place: Place) -> int:
    return place.start - len(place.before.lstrip())


def _name_of(place: Place) -> str:
    """Return which quantity a length is of, empty if of neither."""
    before, after = place.before, place.after
    if NEXT_TO_TUMOUR.search(before):
        return ""
    if _last(SATELLITE, before) > _last(MARGIN_BEFORE.pattern, before):
        return ""
    if (NOT_SAID.pattern.search(before[-40:]) and not _is_upper_end(place)) or _is_of_aside(place):
        return ""
    if WIDTH_OF_MARGIN.match(place.sentence[place.end :]):
        return MARGIN
    if ACROSS.pattern.search(place.sentence[place.end :]):
        return MARGIN
    if MARGIN_AFTER.pattern.search(after) or _is_margin_before(place):
        return "" if _is_of_other_margin(place) else MARGIN
    if DISTANCE.pattern.search(after) or DISTANCE_BEFORE.pattern.search(before):
        return ""
    if SIZE_FIELD.fullmatch(before) and not MEASURED_ELSE.search(place.sentence_before):
        return SIZE
    return SIZE if _is_size(place) and not _is_criterion(place) else ""


def _is_criterion(place: Place) -> bool:
    """Tell whether an English length with an open end stands among words that no finding has."""
    amount = place.amount
    if (amount.low is not None and amount.low == amount.high) or re.search(
        "[一-鿿]", place.sentence
    ):
        return False
    if amount.high is not None and not (amount.high_open or amount.low == 0):
        return False
    return bool(AMONG_CRITERIA.search(f"{place.before} {place.after[:40]}"))


def _is_upper_end(place: Place) -> bool:
    """Tell whether "not larger than" stands before a length."""
    return place.amount.low == 0 and bool(NONE_ABOVE.search(place.before))


def _is_of_aside(place: Place) -> bool:
    """Tell whether a length is of an earlier lesion, or of nodules next to the tumour or without one."""
    before = place.sentence[: place.start][-40:]
    if MERE_NODULES.fullmatch(place.before) and NO_MASS.search(place.sentence):
        return True
    return bool(OLD_LESION.search(before) or NEAR_TUMOUR.search(before))


def _is_of_other_margin(place: Place) -> bool:
    """Tell whether a margin is of another edge, only planned, or in truth dimensions."""
    if re.search(
        r"\d\s?(?:cm|mm|厘米|毫米|公分)?\s?[x×*]", place.sentence[place.start : place.end]
    ):
        return True
    own = NEW_NOUN.split(place.before)[-1]
    bracket = re.search(r"[a-z]{0,12} ?\([a-z ]{3,40}\)$", place.sentence_before)
    behind = re.split(
        r"\b(?:and|but|abutting|while|with|then)\b|\bat the [\w ]{1,30}side\b|\s{2,9}",
        place.after[:50],
    )[0]
    named = f"{bracket[0] if bracket else ''} {_margin_named_before(place)}"
    if OTHER_MARGIN.pattern.search(f"{named} {own} {behind}"):
        return True
    return bool(PLANNED.pattern.search(place.sentence) and not MEASURED.search(place.before))


def _margin_named_before(place: Place) -> str:
    """Return the name of the margin in the clauses before, where the own clause names none."""
    if MARGIN_BEFORE.pattern.search(place.before) or MARGIN_AFTER.pattern.search(place.after):
        return ""
    named = re.findall(rf"[^,;。:\s]{{0,4}}{EDGE_ZH}[^;。]{{0,4}}", place.sentence_before)
    return named[-1] if named else ""


def _is_margin_before(place: Place) -> bool:
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
    if SIDE_OF_MARGIN.fullmatch(place.before) and MARGINS_HEADING.search(place.sentence_before):
        return True
    if place.before.strip(" (:") or TUMOUR_WORD.pattern.search(place.after):
        return bool(
            re.fullmatch(
                r"\W{0,4}(?:相距|两者相距|最近?处?|最近距离|距离|最窄处?|宽度?|净|为|是|约|肝实质|(?:(?:at |with |is )?(?:the |a )?(?:posterior |anterior |lateral |medial |superior |inferior )?(?:closest|nearest|minimum|minimal|min\.?|narrowest|shortest|parenchymal|parenchyma:?|liver|hepatic|distance|distant|from|tumou?r|clearance|width|point|approach|at least|margin|free|clear) ?){0,4}(?:of|is|by|being|at)?)\W{0,4}(?:仅|只|约)?(?:距\w{0,4})?",
                place.before.strip(),
            )
        ) and _ends_in_margin(place)
    return _ends_in_margin(place)


def _ends_in_margin(place: Place) -> bool:
    """Tell whether the last thing named before is a margin, with nothing measured since."""
    previous = MARGIN_FREE.sub(" ", ASIDE_MARGIN.sub(" ", place.sentence_before))
    if re.fullmatch(
        r"\W{0,4}(?:the )?(?:tumou?r|lesion|hcc)(?: is| was| size)?\W{0,4}", place.before
    ):
        return bool(re.match(r"\W{0,3}(?:away|clear|distant|from|off|to)\b", place.after))
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


def _is_size(place: Place) -> bool:
    """Tell whether a length is of a tumour: the nearest noun decides, then the sentence."""
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
        SEGMENT_LINE.match(place.sentence) or SEGMENT_BEHIND.match(place.sentence[place.end :])
    )
    return bool(named) and not NOT_TUMOUR.pattern.search(PARTS.sub(" ", place.sentence))
