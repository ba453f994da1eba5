"""MVI, macrovascular invasion, satellites, rupture and capsule: from a mention to a statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fhir_mapping.narrative.capsule import read_capsule
from fhir_mapping.narrative.frames import is_framed
from fhir_mapping.narrative.mentions import BOTH, CAPSULE, MACROVASCULAR, MVI, RUPTURE
from fhir_mapping.narrative.plain_words import is_understood_zh
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
from fhir_mapping.narrative.vessels import (
    is_vein_with_tumour,
    read_macrovascular,
    read_mvi,
    read_pair,
)

__all__ = ["CONCEPT_RULES", "read_findings"]


_CHINESE = re.compile("[一-鿿]")
_AT_OPERATION = re.compile(
    r"\bduring (?:the |liver |tumou?r )?(?:mobili|dissect|resect|extract|retriev|manip|transect|handling|removal|delivery|surgery|operation)|\b(?:when|while|on|by) (?:being )?(?:retract|lift|turn|pull|mobili|extract|remov|deliver)\w{0,8}|\bminor tear|\biatrogenic|(?:游离|牵拉|翻转|翻动|翻|托起|托出|搬动|取出|分离|切肝|断肝|装袋|入袋|挤压|钳夹|离断|剥离|手术(?=过程中)|切除(?=过程中)|操作)(?:右|左)?(?:肝脏?|肿瘤|标本)?(?:时|过程|中)|(?:游离|牵拉|翻转|搬动|取出|分离)肝脏?"
)
# A sentence about an injury, or a benign lesion alone, says nothing of the tumour's rupture.
_OF_ANOTHER_CAUSE = re.compile(
    r"^(?:.*(?:(?<!surgical )\blaceration|\btrauma|\bfall from|坠落|挫裂伤|外伤|车祸)|(?!.*(?:hcc|carcinoma|tumou?r|malignan|癌|肿瘤)).*(?:ha?emangioma|fnh|adenoma|cyst|血管瘤|囊肿|腺瘤))",
    re.DOTALL,
)
_SOURCE_OPEN = re.compile(r"(?:来源|原因|病因|性质)[^,;。]{0,4}(?:不明|未明|不清|待)")
_BLOOD_OF = re.compile(
    r"来(?:源|自)于?(?:脾|胃|卵巢|黄体|穿刺|引流|腹壁|外伤|[^,;。]{0,6}卵巢)|脾脏?破裂|黄体破裂|宫外孕"
)
_OTHER_SOURCE = re.compile(
    r"\b(?:spleen|splenic|laceration|trauma|fall|varic\w{1,4}|trocar|biops\w{1,3}|puncture|staple|anastomo\w{1,4}|post-?operative|drain|ovar\w{1,4}|ectopic)\b|脾|挫裂|坠落|外伤|曲张|穿刺|术后|吻合|引流|卵巢|宫外孕"
)
_BENIGN_BEFORE = re.compile(
    r"(?:\b(?:hamartoma|ha?emangioma|adenoma|cyst|lipoma|abscess|fnh|(?:macro-?)?regenerative nodule|dysplastic nodule)s?\b|血管瘤|腺瘤|囊肿|错构瘤|脓肿)(?!.*(?:hcc|carcinoma|tumou?r|mass|癌|肿块|肿瘤))[^;.。]{0,40}$"
)
_TUMOUR_ZH = re.compile(r"肿?瘤|肝癌|癌|肿块|肿物|包块|占位|病灶|hcc|结节")
_NO_TUMOUR_HOLE = re.compile(
    r"脾|胃|肠|胆|膈肌|血管|静脉|动脉|[肝被]膜|外伤|挫裂|术中|分离(?!后)|切开|穿刺|标本(?:上|剖)|取材"
)
_NO_HOLE = re.compile(r"(?:未见|未及|未找到|未发现|未探及|没有|无)(?:明显|明确)?$")
_HAS_RUPTURED = re.compile(r"^(?:已|自发性?|并|伴)破[裂溃]")
_NO_TUMOUR_RUPTURE = any_of(
    "unruptured", r"\b(?:un|non-?)ruptur|(?:未|无)(?:见)?(?:破[裂溃]?|溃破)", does='"unruptured"'
)


def read_findings(sentence: Sentence) -> Iterator[Statement]:
    """Yield what one sentence says of the concepts that are present or absent."""
    for item in assess(sentence.text, asks=sentence.asks, lead=sentence.lead):
        if not item.mention.concept or (
            item.mention.concept == RUPTURE and _OF_ANOTHER_CAUSE.match(sentence.text)
        ):
            continue
        if item.mention.rule == "blood-in-abdomen" and _BLOOD_OF.search(sentence.text):
            continue
        if item.mention.rule == "hole" and not _is_in_tumour(sentence, item.mention.start):
            continue
        if item.mention.concept == CAPSULE and _BENIGN_BEFORE.search(
            sentence.text[: item.mention.start][-70:]
        ):
            continue
        for concept, value, rule in _values(item, sentence.text):
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


def _is_in_tumour(sentence: Sentence, start: int) -> bool:
    """Tell whether a hole is in a tumour that is named before it, and in nothing else."""
    before = f"{sentence.lead}{sentence.text[:start]}"[-90:]
    return bool(_TUMOUR_ZH.search(before)) and not _NO_TUMOUR_HOLE.search(before[-30:])


def _values(item: Assessed, text: str) -> Iterator[tuple[str, str, str]]:
    if item.mention.concept == BOTH or "/" in item.words:
        pair = read_pair(item)
        if pair or item.mention.concept == BOTH:
            yield from pair
            return
    value, rule = CONCEPT_RULES.get(item.mention.concept, _as_assessed)(item)
    if rule in (MENTIONED, "said-present-before") and not _is_understood(item, text, rule):
        value = NOTHING
    elif rule == MENTIONED and item.mention.concept == MACROVASCULAR and is_vein_with_tumour(item):
        rule = "tumour-thrombus"
    yield item.mention.concept, value, rule


def _is_understood(item: Assessed, text: str, rule: str) -> bool:
    """Tell whether a bare name may count; tumour thrombus in a large vein is clear by itself."""
    if _CHINESE.search(text):
        bare = rule == MENTIONED and item.mention.concept not in (MACROVASCULAR, RUPTURE)
        return is_understood_zh(f"{item.gap}{item.before}", item.after, bare=bare)
    return is_framed(item, text)


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


def _rupture(item: Assessed) -> tuple[str, str]:
    """Read blood in the abdomen alone as uncertain."""
    words = item.words
    if words.endswith("integrity"):
        return _integrity(item)
    if item.status not in (ABSENT, UNCERTAIN) and _AT_OPERATION.search(
        f"{item.before} {item.after}"
    ):
        return NOTHING, "at-operation"
    if item.mention.rule == "blood-in-abdomen":
        elsewhere = _OTHER_SOURCE.search(f"{item.before} {item.after}")
        is_open = item.status in (PRESENT, UNCERTAIN) or _SOURCE_OPEN.search(item.after)
        said = UNCERTAIN if is_open and not elsewhere else NOTHING
        return said, "blood-in-abdomen"
    if item.mention.rule == "hole" and item.status == ABSENT and not _NO_HOLE.search(item.before):
        return NOTHING, "not-a-rupture"
    if re.search(r"(?:并非|不是)$|\bnot an?\s{0,2}$", item.before):
        return ABSENT, "not-a-rupture"
    if _NO_TUMOUR_RUPTURE.pattern.search(words) and item.rule != "asked":
        return ABSENT, _NO_TUMOUR_RUPTURE.name
    if item.rule == MENTIONED and _HAS_RUPTURED.search(words):
        return PRESENT, "said-present-inside"
    return item.status, item.rule


def _integrity(item: Assessed) -> tuple[str, str]:
    """Read "tumour integrity: intact" as no rupture."""
    answer = re.match(
        r"\s?[:=-]?\s?(?:is |was )?(not )?(intact|preserved|ruptured?|perforated|breached)",
        item.after,
    )
    if answer is None:
        return NOTHING, "not-answered"
    is_intact = answer[2] in ("intact", "preserved")
    return (PRESENT if is_intact == bool(answer[1]) else ABSENT), "integrity"


CONCEPT_RULES: dict[str, Callable[[Assessed], tuple[str, str]]] = {
    MVI: read_mvi,
    MACROVASCULAR: read_macrovascular,
    RUPTURE: _rupture,
    CAPSULE: read_capsule,
}
