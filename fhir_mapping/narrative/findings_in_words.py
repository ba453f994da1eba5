"""MVI, macrovascular invasion, satellites, rupture and capsule: from a mention to a statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fhir_mapping.narrative.mentions import CAPSULE, MACROVASCULAR, MVI, RUPTURE
from fhir_mapping.narrative.plain_words import is_plain, strange_words
from fhir_mapping.narrative.presence import (
    ABSENT,
    MENTIONED,
    NOTHING,
    PRESENT,
    UNCERTAIN,
    Assessed,
    assess,
)
from fhir_mapping.narrative.rules import any_of
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Statement

__all__ = ["CONCEPT_RULES", "read_findings"]

_GRADE = any_of("mvi-grade", r"(?<![a-z\d])m ?(?P<grade>[012])[ab]?(?![a-z\d.])")
_TNM = any_of("tnm", r"\bc?p?t[0-4][ab]?[\s,]{0,2}c?p?n[0-3x]|\b[lv][012][\s,]{1,2}m[01]\b|\btnm\b")

_BLAND = any_of(
    "bland-thrombus",
    r"\b(?:bland|non-?tumou?r(?:al|ous)?|benign|non-?malignant|non-?neoplastic)\b|良性|非癌栓|非瘤栓|单纯血栓|普通血栓|非肿瘤性",
)
_OF_TUMOUR = any_of(
    "tumour-thrombus",
    r"tumou?r|malignan|neoplas|cancer|carcinoma|hcc|\binva|infiltrat|involve|pvtt|hvtt|ivc-?tt|\bvp|\bvv|embol|^macro|^gross|^large|^大血管|癌|瘤|侵|浸润|受累|累及|长入|突入|恶性",
)
_TUMOUR_THROMBUS = any_of(
    "of-tumour",
    r"\b(?:tumou?r|malignant|neoplastic)[- ]thromb|\bis malignant|癌栓形成|瘤栓形成|为癌栓",
)
_KIND_OPEN = any_of(
    "kind-open", r"\b(?:nature|kind|type|character)\b|\bnot further\b|性质|类型|不明|待定"
)
_VP_ZERO = any_of("vp0", r"\bv[pv] ?0\b")
_NO_TUMOUR_RUPTURE = any_of("unruptured", r"\b(?:un|non-?)ruptur|未破裂|无破裂")

_ABSENT_CAPSULE = any_of(
    "no-capsule",
    r"\b(?:un|non-?|not )encapsul|\b(?:un|non|a)capsulated|无[^,;。]{0,6}包膜|未见[^,;。]{0,6}包膜(?!.{0,4}(?:侵|受|浸|突))|包膜(?:未见|无|缺如|未形成|不存在|缺失)(?!.{0,4}(?:侵|受|浸|突))",
)
_INCOMPLETE = any_of(
    "capsule-incomplete",
    r"\b(?:incomplete(?:ly)?|partial(?:ly)?|partly|in (?:part|parts|places|some areas)|partially|inva\w{1,7}|infiltrat\w{1,4}|breach\w{0,4}|disrupt\w{0,4}|discontinuous|discontinuit\w{1,3}|interrupt\w{0,4}|erod\w{1,3}|erosion|travers\w{1,4}|violat\w{1,4}|penetrat\w{1,4}|perforat\w{1,4}|broken|ragged|transgress\w{0,4}|cross(?:ed|es)|broke|breaks?|through|lost|defect\w{0,4}|gaps?|extracapsular|fragment\w{0,5}|deficient|patchy|focally (?:absent|missing|lost|deficient)|burst|ruptured?|absent (?:focally|in places)|grows? (?:beyond|through|into)|outgrow\w{0,3}|beyond|effaced|destroyed|attenuated in|on (?:one|two|three) sides?|only (?:on|in|around|along)|half|three quarters|two thirds|segmental(?:ly)?|irregular(?:ly)? formed|overr[au]n|breakthrough|extension through|not (?:complete|intact|continuous|entire|closed)|inf\b\.?)",
    r"不完整|不全|欠完整|不整|残缺|不连续|欠连续|中断|断续|部分(?:包膜|消失|缺失|缺如|完整|存在|区域|可见|形成|有|破坏|残存|未见|不)|局部(?:缺|消失|中断|不|破|受|侵|突|残|欠|未见)|局灶(?:缺|消失|中断|不|破|受|侵|突|浸)|受累|受侵|侵犯|侵及|侵入|侵袭|侵蚀|浸润|破坏|突破|穿破|穿透|穿越|穿过|累及|侵出|突出|缺损|断裂|破裂|侵至|侵穿|(?<=包膜)部分|半包|残存|包绕不全|癌侵|见癌|癌组织(?:穿|突|侵)",
)
_COMPLETE = any_of(
    "capsule-complete",
    r"\b(?:complete(?:ly)?|intact|entire(?:ly)?|whole|fully|full|all (?:sides|around|round)|circumferential(?:ly)?|continuous|unbroken|uninterrupted|unbreached|closed|preserved|total(?:ly)?|throughout|every side|whole circumference|all its sides|on all|without (?:a )?(?:gaps?|breach|break|interruption|defect)s?)\b",
    r"(?<!不)(?<!欠)(?<!未)完整|完好|(?<!不)(?<!欠)连续|完全|全周|(?<!不)(?<!欠)完善|四周(?:均)?(?:有|见)",
)
# More words than this that are not understood, and how complete the capsule is stays unread.
_STRANGE_WORDS = 4
_YES = any_of("yes", r"(?:yes|present|positive|pos|\+|有|见|阳性)")
_NO = any_of("no", r"(?:no|none|absent|negative|neg|-|无|未见|阴性)")
_PAIRS = {"micro-slash-macro": (MVI, MACROVASCULAR), "macro-slash-micro": (MACROVASCULAR, MVI)}
_DENIED_JUST_BEFORE = any_of(
    "denied",
    r"(?:\b(?:no|not|without|never|nor|free of|absence of|negative for|neither)\b[^,;.]{0,40}|(?:未见|未|无|没有|不伴|未被)[^,;。]{0,10})$",
)
_DENIED_JUST_AFTER = any_of(
    "denied-after",
    r"^\W{0,3}(?:of (?:the )?capsule)?[\s:=(-]{0,4}(?:is |was )?(?:no|none|absent|negative|neg|not|nil)\b|^\W{0,4}(?:未见|无|阴性|\(-\)|否|未)|^[\s:]{0,3}\(?-\)?(?:\W|$)",
)


def read_findings(sentence: Sentence) -> Iterator[Statement]:
    """Yield what one sentence says of the concepts that are present or absent."""
    for item in assess(sentence.text, asks=sentence.asks):
        if not item.mention.concept:
            continue
        for concept, value, rule in _values(item):
            if value == NOTHING and not (sentence.is_correcting and _takes_back(item)):
                continue
            yield Statement(
                concept,
                value,
                f"{item.mention.rule}/{rule}",
                sentence.start + _quote_start(sentence.text, item),
                sentence.start + _quote_end(sentence.text, item),
                sentence.is_correcting,
                value == NOTHING,
            )


def _values(item: Assessed) -> Iterator[tuple[str, str, str]]:
    if item.mention.rule in _PAIRS:
        for index, concept in enumerate(_PAIRS[item.mention.rule]):
            yield concept, *_of_pair(item, index)
        return
    value, rule = CONCEPT_RULES.get(item.mention.concept, _as_assessed)(item)
    if rule in (MENTIONED, "said-present-before") and not _is_understood(item):
        value = NOTHING
    yield item.mention.concept, value, rule


def _is_understood(item: Assessed) -> bool:
    """Tell whether a bare name may count; tumour thrombus in a large vein is clear by itself."""
    return item.mention.concept == MACROVASCULAR or is_plain(f"{item.before} ; {item.after}")


def _quote_start(text: str, item: Assessed) -> int:
    before = item.before.strip()
    return max(0, text.rfind(before, 0, item.mention.start)) if before else item.mention.start


def _quote_end(text: str, item: Assessed) -> int:
    after = item.after.rstrip(" ,;(")
    if not after or text[item.mention.end : item.mention.end + len(after)] != after:
        return item.mention.end
    return item.mention.end + len(after)


_TAKEN_BACK = any_of(
    "taken-back",
    r"\b(?:removed|withdrawn|retracted|deleted|invalid|disregard\w{0,2}|void)\b|撤回|删除|作废|取消",
)


def _takes_back(item: Assessed) -> bool:
    return bool(_TAKEN_BACK.pattern.search(item.after) or _TAKEN_BACK.pattern.search(item.before))


def _as_assessed(item: Assessed) -> tuple[str, str]:
    return item.status, item.rule


def _mvi(item: Assessed) -> tuple[str, str]:
    """Read the grade if one stands with the mention, else what was said."""
    if item.rule != "asked" and item.status != UNCERTAIN:
        near_before, near_after = item.before[-40:], item.after[:80]
        if item.mention.rule == "mvi" and not _TNM.pattern.search(near_after):
            match = _GRADE.pattern.search(near_after) or _GRADE.pattern.search(near_before)
            if match:
                return (ABSENT if match["grade"] == "0" else PRESENT), _GRADE.name
    return item.status, item.rule


def _of_pair(item: Assessed, index: int) -> tuple[str, str]:
    values = item.after.lstrip(" :=()").split("/")
    if len(values) < 2:
        return NOTHING, "pair-without-values"
    word = values[index].strip()
    if _YES.pattern.match(word):
        return PRESENT, "pair"
    if _NO.pattern.match(word):
        return ABSENT, "pair"
    return NOTHING, "pair-without-values"


def _macrovascular(item: Assessed) -> tuple[str, str]:
    """Read bland thrombus as absent, thrombosis of no stated kind as uncertain."""
    words = item.words
    if _VP_ZERO.pattern.search(words):
        return ABSENT, _VP_ZERO.name
    if not _OF_TUMOUR.pattern.search(words) and _KIND_OPEN.pattern.search(item.after):
        return UNCERTAIN, _KIND_OPEN.name
    around = f"{item.before[-40:]}{words}{item.after[:40]}"
    kind = _TUMOUR_THROMBUS.pattern.search(item.after[:50])
    if not _OF_TUMOUR.pattern.search(words) and kind and item.status in (PRESENT, ABSENT):
        denied = _DENIED_JUST_BEFORE.pattern.search(item.after[: kind.start()])
        return (ABSENT, _BLAND.name) if denied else (PRESENT, _TUMOUR_THROMBUS.name)
    if item.status in (NOTHING, UNCERTAIN) and not _BLAND.pattern.search(around):
        return item.status, item.rule
    if _BLAND.pattern.search(around):
        return ABSENT, _BLAND.name
    if not _OF_TUMOUR.pattern.search(words) and item.status == PRESENT:
        if _OF_TUMOUR.pattern.search(item.before[-25:]):
            return PRESENT, "tumour-thrombus"
        return UNCERTAIN, "thrombus-of-no-stated-kind"
    return item.status, item.rule


def _rupture(item: Assessed) -> tuple[str, str]:
    """Read blood in the abdomen alone as uncertain."""
    words = item.words
    if item.mention.rule == "blood-in-abdomen":
        return (UNCERTAIN if item.status == PRESENT else NOTHING), "blood-in-abdomen"
    if _NO_TUMOUR_RUPTURE.pattern.search(words) and item.rule != "asked":
        return ABSENT, _NO_TUMOUR_RUPTURE.name
    return item.status, item.rule


def _capsule(item: Assessed) -> tuple[str, str]:
    """Read how complete the capsule is, if that is said; else whether there is one."""
    if item.status == NOTHING:
        return item.status, item.rule
    words = item.words
    whole = re.sub(r" {2,200}", " ", f"{item.before} {words} {item.after}")
    if item.status == UNCERTAIN:
        return UNCERTAIN, item.rule
    stated = _completeness(whole)
    if stated:
        rest = _COMPLETE.pattern.sub(
            " ", _INCOMPLETE.pattern.sub(" ", f"{item.before} ; {item.after}")
        )
        return stated if strange_words(rest) <= _STRANGE_WORDS else (NOTHING, "not-understood")
    if _ABSENT_CAPSULE.pattern.search(whole):
        return ABSENT, _ABSENT_CAPSULE.name
    return item.status, item.rule


def _completeness(whole: str) -> tuple[str, str] | None:
    denied = False
    for match in _INCOMPLETE.pattern.finditer(whole):
        before, after = whole[: match.start()], whole[match.end() :]
        if _DENIED_JUST_BEFORE.pattern.search(before) or _DENIED_JUST_AFTER.pattern.search(after):
            denied = True
            continue
        return "incomplete", _INCOMPLETE.name
    complete = _COMPLETE.pattern.search(whole)
    if complete is not None:
        if _DENIED_JUST_BEFORE.pattern.search(whole[: complete.start()]):
            return "incomplete", "capsule-not-complete"
        return "complete", _COMPLETE.name
    return (PRESENT, "capsule-not-invaded") if denied else None


CONCEPT_RULES: dict[str, Callable[[Assessed], tuple[str, str]]] = {
    MVI: _mvi,
    MACROVASCULAR: _macrovascular,
    RUPTURE: _rupture,
    CAPSULE: _capsule,
}
