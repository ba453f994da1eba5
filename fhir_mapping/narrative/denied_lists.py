"""Lists that are denied as a whole: "no capsule, satellite nodule, venous thrombus or rupture"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_mapping.narrative.mentions import Mention

__all__ = ["said_in_lists"]

# Any word but those that begin a statement of their own.
_WORD = (
    r"(?!(?:but|is|are|was|were|with|without|has|have|had|show|shows|showed|present|positive|seen|found|identified|noted"
    r"|detected|no|not|there|however|although|while|whereas|which|that|extends?|into|contains?|invades?|can|may|also)\b)"
    r"[a-z][a-z-]{0,18}"
)
_SIGN_ZH = r"(?![见有为但伴均无未呈示系不疑])[一-鿿]"
_DENIAL = re.compile(
    rf"(?:\b(?:no(?! (?:statement|comment|remark|opinion|information|mention|data|conclusion)\b)|without|neither|negative for|free of|lack(?:s|ing)?(?: of)?|absence of|devoid of) (?:{_WORD} ){{0,5}}"
    rf"|(?:未见|未发现|未查见|未探及|没有|(?<!有)无(?!法)|不伴|未及)(?:{_SIGN_ZH}){{0,6}})$"
)
# "未见破裂、卫星灶": the denial is part of the name.
_OWN_DENIAL = re.compile(
    r"[^,;。]{0,12}?(?:未(?:见|查见|发现|探及|检出|触及)|(?<!有)无)(?:明显|明确)?(?:破[裂溃]|血栓|癌栓|瘤栓|栓子|充盈缺损|侵犯|受侵犯?)$"
)
# What may stand behind a name in such a list; anything else is said of the name itself.
_LIST_GOES_ON = re.compile(r"(?:形成|侵犯|征象|出血|表现|影)?\s?(?:[、,;。及和与或)等]|$)")
# Other words that are said of a whole list in Chinese.
_DOUBT_ZH = re.compile(r"(?:可疑|疑似|不除外|不能除外|不能排除)$")
_UNSAID_ZH = re.compile(
    r"(?:未评[价估]|未报告|无法评[价估]|不能评[价估]|未提及|未检测|未描述|未对)$"
)
_COMMA = re.compile(rf"(?: ?{_WORD}){{0,3}}, ?(?:(?:or|nor) )?(?:{_WORD} ){{0,5}}")
_OR = re.compile(rf"(?: ?{_WORD}){{0,3}},? (?:or|nor) (?:{_WORD} ){{0,5}}")
# "No perineural, lymphatic, micro- or macrovascular invasion": the only name of its list.
_ALONE_IN_LIST = re.compile(
    rf"\b(?:no|without|negative for|free of|absence of) (?:{_WORD} ?){{1,3}}(?:, ?(?:{_WORD} ?){{1,3}}){{0,6}}, ?(?:{_WORD} ){{0,3}}$"
)
_OR_INSIDE = re.compile(r"\b(?:or|nor)\b")
_LISTED_ZH = re.compile(
    rf"(?:{_SIGN_ZH}){{0,5}}(?:、|[及和与或])(?:{_SIGN_ZH}){{0,7}}(?:[、及和与或](?:{_SIGN_ZH}){{0,7}}){{0,2}}"
)


def said_in_lists(text: str, mentions: list[Mention]) -> Iterator[tuple[int, str]]:
    """Yield the places of the mentions of which the head of a list is said, with the words for it."""
    for place in _denied(text, mentions):
        yield place, " no "
    for opening, words in ((_DOUBT_ZH, " 可疑"), (_UNSAID_ZH, " 未评价")):
        for place in _runs(text, mentions, opening):
            yield place, words


def _denied(text: str, mentions: list[Mention]) -> set[int]:
    """Return the places of the mentions that a list denies; in English the last one stands behind "or"."""
    denied = _runs(text, mentions, None)
    for index, mention in enumerate(mentions):
        if _ALONE_IN_LIST.search(text[max(0, mention.start - 120) : mention.start]) and (
            _OR_INSIDE.search(text[mention.start : mention.end])
            or _OR.match(text[mention.end : mention.end + 60] + " ")
        ):
            denied.add(index)
    return denied


def _opens(text: str, mention: Mention, opening: re.Pattern[str] | None) -> bool:
    before = text[max(0, mention.start - 90) : mention.start]
    if opening:
        return bool(opening.search(before))
    own = _OWN_DENIAL.match(text[mention.start : mention.end])
    return bool(_DENIAL.search(before) or own)


def _runs(text: str, mentions: list[Mention], opening: re.Pattern[str] | None) -> set[int]:
    """Return the places of the mentions in the lists that such words open, a denial if none."""
    found: set[int] = set()
    place = 0
    while place < len(mentions):
        if not _opens(text, mentions[place], opening):
            place += 1
            continue
        last, reached = place, place
        while reached + 1 < len(mentions):
            gap = text[mentions[reached].end : mentions[reached + 1].start]
            listed = _LISTED_ZH.fullmatch(gap)
            joined = _OR.fullmatch(gap) or listed
            ends_in_chinese = "一" <= text[mentions[reached].end - 1] <= "鿿"
            if not joined and (ends_in_chinese or not _COMMA.fullmatch(gap)):
                break
            if listed and not _LIST_GOES_ON.match(text, mentions[reached + 1].end):
                break
            reached += 1
            if joined:
                last = reached
        found.update(range(place, last + 1) if last > place else ())
        place = reached + 1
    return found
