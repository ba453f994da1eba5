"""MVI, macrovascular invasion, satellites, rupture and capsule: from a mention to a statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fhir_mapping.narrative.mentions import BOTH, CAPSULE, MACROVASCULAR, MVI, RUPTURE
from fhir_mapping.narrative.plain_words import is_nearly_plain, is_understood
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

_GRADE = any_of(
    "mvi-grade", r"(?<![a-z\d])m ?(?P<grade>[012])[ab]?(?![a-z\d.])", does="the grade M0, M1 or M2"
)
_TNM = any_of(
    "tnm",
    r"\bc?p?t[0-4][ab]?[\s,]{0,2}c?p?n[0-3x]|\b[lv][012][\s,]{1,2}m[01]\b|\btnm\b",
    does="M of the TNM, which is no grade of MVI",
)

_BLAND = any_of(
    "bland-thrombus",
    r"\b(?:bland|non-?tumou?r(?:al|ous)?|benign|non-?malignant|non-?neoplastic)\b|良性|非癌栓|非瘤栓|单纯血栓|普通血栓|非肿瘤性",
    does="a bland thrombus is no tumour thrombus",
)
_OF_TUMOUR = any_of(
    "tumour-thrombus",
    r"tumou?r|malignan|neoplas|cancer|carcinoma|hcc|\binva|infiltrat|involve|pvtt|hvtt|ivc-?tt|\bvp|\bvv|embol|enter|exten|protrud|tiv|(?<!non-)(?<!non )enhancing (?:soft|tumou?r)|瘤栓|^macro|^gross|^large|^大血管|癌|瘤|侵|浸润|受累|累及|长入|突入|恶性",
    does="words that make a thrombus one of tumour",
)
_TUMOUR_THROMBUS = any_of(
    "of-tumour",
    r"\b(?:tumou?r|malignant|neoplastic)[- ]thromb|\bis malignant|癌栓形成|瘤栓形成|为癌栓",
    does="the thrombus is said to be of tumour",
)
_KIND_OPEN = any_of(
    "kind-open",
    r"\b(?:nature|kind|type|character)\b|\bnot further\b|性质|类型|不明|待定",
    does="the kind of a thrombus is left open",
)
_VP_ZERO = any_of("vp0", r"\bv[pv] ?0\b", does="VP0: no invasion of the portal vein")
_AT_OPERATION = re.compile(
    r"\bduring (?:the |liver |tumou?r )?(?:mobili|dissect|resect|extract|retriev|manip|transect|handling|removal|delivery|surgery|operation)|\b(?:when|while|on|by) (?:retract|lift|turn|pull|mobili|extract|remov|deliver)\w{0,8}|\bminor tear|\biatrogenic|(?:游离|牵拉|翻转|搬动|取出|分离)(?:肝脏?|时|过程|中)"
)
# A sentence about an injury, or a benign lesion alone, says nothing of the tumour's rupture.
_OF_ANOTHER_CAUSE = re.compile(
    r"^(?:.*(?:\blaceration|\btrauma|\bfall from|坠落|挫裂伤|外伤|车祸)|(?!.*(?:hcc|carcinoma|tumou?r|malignan|癌|肿瘤)).*(?:ha?emangioma|fnh|adenoma|cyst|血管瘤|囊肿|腺瘤))",
    re.DOTALL,
)
_OTHER_SOURCE = re.compile(
    r"\b(?:spleen|splenic|laceration|trauma|fall|varic\w{1,4}|trocar|biops\w{1,3}|puncture|staple|anastomo\w{1,4}|post-?operative|drain|ovar\w{1,4}|ectopic)\b|脾|挫裂|坠落|外伤|曲张|穿刺|术后|吻合|引流|卵巢|宫外孕"
)
_NO_TUMOUR_RUPTURE = any_of(
    "unruptured", r"\b(?:un|non-?)ruptur|(?:未|无)(?:见)?破[裂溃]?", does='"unruptured"'
)

_ABSENT_CAPSULE = any_of(
    "no-capsule",
    r"\b(?:un|non-?|not )encapsul|\b(?:un|non|a)capsulated|无[^,;。]{0,6}包膜|未见[^,;。]{0,6}包膜(?!.{0,4}(?:侵|受|浸|突))|包膜(?:未见|无|缺如|未形成|不存在|缺失)(?!.{0,4}(?:侵|受|浸|突))",
    does="there is no capsule",
)
_UNENCAPSULATED = any_of(
    "unencapsulated",
    r"\b(?:un|non-?|not )encapsul|\b(?:un|non|a)capsulated",
    does='"unencapsulated"',
)
_NO_CAPSULE_BEFORE = any_of(
    "no-capsule-before",
    r"\b(?:no|without|absence of|lack(?:s|ing)?(?: of)?|devoid of|not have|not show|nor|neither(?: of (?:them|the two))? (?:has|have|shows?|had))(?: (?:a|an|any|true|definite|fibrous|tumou?r|surrounding|well-?formed|well-?defined|real|proper|intervening|separate|distinct|recognisable|recognizable|complete? fibrous|demonstrable|identifiable|visible|discernible|obvious|clear|evident|enhancing)){0,4}\s{0,3}$",
    r"(?:无|未见|缺乏|没有|未形成|不具|未查见|未见到|均无)(?:明显|明确|清楚|确切|的|肿瘤|癌|其|强化|真性|真正){0,3}$",
    does="a denial right before the capsule",
)
_OF_BIOPSY = re.compile(r"\b(?:cores?|needle|biops\w{1,3})\b|穿刺|条形组织|^\s?tissue\b")
_WHAT_OF_IT = any_of(
    "what-of-it",
    r"^\W{0,3}(?:inva|infil|pene|breach|involve|rupt|defect|disrupt|loss|is inv)|^(?:侵|受|浸|突|破|外|缺|中断|残|累)",
    does="what is denied is the invasion, not the capsule",
)
_INCOMPLETE = any_of(
    "capsule-incomplete",
    r"\b(?:part(?:ly|ially)|focally|locally) (?:absent|missing|lost|deficient|not seen)\b|\b(?:incomplete(?:ly)?|partial(?:ly)?|partly|in (?:part|parts|places|some areas)|partially|inva\w{1,7}|infiltr\w{0,6}|breach\w{0,4}|disrupt\w{0,4}|discontinuous|discontinuit\w{1,3}|interrupt\w{0,4}|involve\w{0,4}|grow[ns]? (?:across|through|beyond|over|into)|erod\w{1,3}|erosion|travers\w{1,4}|violat\w{1,4}|penetrat\w{1,4}|perforat\w{1,4}|broken|ragged|transgress\w{0,4}|cross(?:ed|es)|broke|breaks?|through|lost|defect\w{0,4}|gaps?|extracapsular|fragment\w{0,5}|deficient|patchy|focally (?:absent|missing|lost|deficient)|burst|ruptured?|absent (?:focally|in places)|grows? (?:beyond|through|into)|outgrow\w{0,3}|beyond|effaced|destroyed|attenuated in|on (?:one|two|three) sides?|only (?:on|in|around|along)|half|three quarters|two thirds|segmental(?:ly)?|irregular(?:ly)? formed|overr[au]n|not all around|around (?:most|part|some)|most of (?:the|its)|over (?:part|most|half)|breakthrough|extension through|not (?:complete|intact|continuous|entire|closed)|inf\b\.?)(?![a-z])",
    r"不完整|不全|欠完整|不整|残缺|不连续|欠连续|中断|断续|部分(?:包膜|消失|缺失|缺如|完整|存在|区域|可见|形成|有|破坏|残存|未见|不)|局部(?:缺|消失|中断|不|破|受|侵|突|残|欠|未见)|局灶(?:缺|消失|中断|不|破|受|侵|突|浸)|受累|受侵|侵犯|侵及|侵入|侵袭|侵蚀|浸润|破坏|突破|穿破|穿透|穿越|穿过|累及|侵出|突出|缺损|断裂|破裂|侵至|侵穿|(?<=包膜)部分|半包|残存|包绕不全|癌侵|见癌|癌组织(?:穿|突|侵)|缺口|消失|穿通|蚀穿|(?:灶性|部分|局部|[前后上下内外左右][缘侧壁])(?:缺失|缺如)|薄弱处穿出|穿出|破溃|见肿瘤侵|厚薄不一",
    does="words for an incomplete, invaded or interrupted capsule",
)
_COMPLETE = any_of(
    "capsule-complete",
    r"\b(?:complete(?:ly)?(?! (?:excis|resect|remov|necro))|intact|entire(?:ly)?|whole|fully|full|all (?:sides|around|round)|circumferential(?:ly)?|continuous|unbroken|uninterrupted|unbreached|closed|preserved|total(?:ly)?|throughout|every side|whole circumference|all its sides|on all|without (?:a )?(?:gaps?|breach|break|interruption|defect)s?)\b",
    r"(?<!不)(?<!欠)(?<!未)完整|完好|(?<!不)(?<!欠)连续|完全|全周|(?<!不)(?<!欠)完善|四周(?:均)?(?:有|见)",
    does="words for a complete capsule",
)
_YES = any_of(
    "yes", r"(?:yes|present|positive|pos|\+|有|见|阳性)", does='"yes" in a pair of answers'
)
_NO = any_of(
    "no", r"(?:no|none|absent|negative|neg|-|无|未见|阴性)", does='"no" in a pair of answers'
)
_PAIRS = {"micro-slash-macro": (MVI, MACROVASCULAR), "macro-slash-micro": (MACROVASCULAR, MVI)}
_DENIED_JUST_BEFORE = any_of(
    "denied",
    r"(?:\b(?:no|not|without|never|nor|free of|absence of|negative for|neither)\b[^,;.]{0,40}|(?:未见|未|无|没有|不伴|未被)[^,;。]{0,10})$",
    does='a denial right before "invaded" or "complete"',
)
_DENIED_JUST_AFTER = any_of(
    "denied-after",
    r"^\W{0,3}(?:of (?:the )?capsule)?[\s:=(-]{0,4}(?:is |was )?(?:is|was|are|were)?n.t\b|^\W{0,3}(?:of (?:the )?capsule)?[\s:=(-]{0,4}(?:is |was )?(?:no|none|absent|negative|neg|not|nil)\b|^\W{0,4}(?:未见|无|阴性|\(-\)|否|未)|^[\s:]{0,3}\(?-\)?(?:\W|$)",
    does='a denial right after "invasion"',
)


def read_findings(sentence: Sentence) -> Iterator[Statement]:
    """Yield what one sentence says of the concepts that are present or absent."""
    for item in assess(sentence.text, asks=sentence.asks):
        if not item.mention.concept or (
            item.mention.concept == RUPTURE and _OF_ANOTHER_CAUSE.match(sentence.text)
        ):
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
    if item.mention.concept == BOTH:
        yield from _of_both(item)
        return
    value, rule = CONCEPT_RULES.get(item.mention.concept, _as_assessed)(item)
    if rule in (MENTIONED, "said-present-before") and not _is_understood(item):
        value = NOTHING
    yield item.mention.concept, value, rule


def _is_understood(item: Assessed) -> bool:
    """Tell whether a bare name may count; tumour thrombus in a large vein is clear by itself."""
    return item.mention.concept == MACROVASCULAR or is_understood(item.before, item.after)


def _of_both(item: Assessed) -> Iterator[tuple[str, str, str]]:
    """Read small and large vessels named together; "or" between them says only what is not there."""
    order = (MVI, MACROVASCULAR)
    if re.search(r"^\W{0,2}(?:[\w ,]{0,40}?\W)?(?:macro|gross|large|大)", item.words):
        order = (MACROVASCULAR, MVI)
    if re.match(r"[\s:=()]{0,5}\w{2,8} ?/ ?\w{2,8}", item.after):
        for index, concept in enumerate(order):
            yield concept, *_of_pair(item, index)
        return
    open_which = re.search(r"\b(?:or|either|whether)\b|或|/|大小血管", item.words)
    if item.status == PRESENT and (open_which or not is_understood(item.before, item.after)):
        return
    for concept in order:
        yield concept, item.status, item.rule


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
    does="a statement that is withdrawn",
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
    if _AT_OPERATION.search(f"{item.before} {item.after}"):
        return NOTHING, "at-operation"
    if item.mention.rule == "blood-in-abdomen":
        elsewhere = _OTHER_SOURCE.search(f"{item.before} {item.after}")
        said = UNCERTAIN if item.status == PRESENT and not elsewhere else NOTHING
        return said, "blood-in-abdomen"
    if re.search(r"(?:并非|不是)$|\bnot an?\s{0,2}$", item.before):
        return ABSENT, "not-a-rupture"
    if _NO_TUMOUR_RUPTURE.pattern.search(words) and item.rule != "asked":
        return ABSENT, _NO_TUMOUR_RUPTURE.name
    return item.status, item.rule


def _capsule(item: Assessed) -> tuple[str, str]:
    """Read how complete the capsule is, if that is said; else whether there is one."""
    if item.status == NOTHING:
        return item.status, item.rule
    words = item.words
    if words.startswith("fc"):
        return _formation(item)
    biopsy = _OF_BIOPSY.search(f"{item.before} {item.after}")
    if item.status != UNCERTAIN and _is_denied(item) and not biopsy:
        return ABSENT, _ABSENT_CAPSULE.name
    if biopsy:
        return NOTHING, "of-a-biopsy"
    whole = re.sub(r" {2,200}", " ", f"{item.before} {words} {item.after}")
    if item.status == UNCERTAIN:
        return UNCERTAIN, item.rule
    clause = f"{item.before} {words} {re.split(r'[,;]', item.after, maxsplit=1)[0]}"
    clause = re.sub(r" {2,200}", " ", clause)
    stated = _completeness(clause) or _completeness(whole)
    if stated:
        said = clause if _completeness(clause) else whole
        rest = _COMPLETE.pattern.sub(" ", _INCOMPLETE.pattern.sub(" ", said))
        return stated if is_nearly_plain(rest) else (NOTHING, "not-understood")
    if _ABSENT_CAPSULE.pattern.search(whole):
        return ABSENT, _ABSENT_CAPSULE.name
    return item.status, item.rule


def _formation(item: Assessed) -> tuple[str, str]:
    """Read "fc(+), fc-inf(-)": capsule formed, and not infiltrated."""
    if "inf" not in item.words or item.status == UNCERTAIN:
        return item.status, item.rule
    if item.status == PRESENT:
        return "incomplete", _INCOMPLETE.name
    return PRESENT, "capsule-not-invaded"


def _is_denied(item: Assessed) -> bool:
    """Tell whether the capsule itself is denied, and not that it is invaded or complete."""
    if _UNENCAPSULATED.pattern.search(f"{item.before[-5:]}{item.words}"):
        return True
    own = re.fullmatch(r"(?:pseudo-?)?capsule?s?|encapsulation|(?:假|纤维)?包[膜模]", item.words)
    return bool(
        own
        and _NO_CAPSULE_BEFORE.pattern.search(item.before)
        and not _WHAT_OF_IT.pattern.match(item.after)
    )


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
