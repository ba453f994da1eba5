"""Invasion of vessels: the grade of MVI, the kind of a thrombus, and vessels named in pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_mapping.narrative.capsule import DENIED_JUST_BEFORE
from fhir_mapping.narrative.mentions import BOTH, MACROVASCULAR, MVI
from fhir_mapping.narrative.plain_words import is_understood
from fhir_mapping.narrative.presence import ABSENT, NOTHING, PRESENT, UNCERTAIN, Assessed
from fhir_mapping.narrative.rules import any_of

__all__ = ["is_vein_with_tumour", "read_macrovascular", "read_mvi", "read_pair"]

_NONE_INSIDE = re.compile(r"(?:invasion|involvement)[:,] ?(?:absent|no|none|nil|negative|not)\b")
# "HCC 7 cm, M0, Ki67 20 %": the grade alone in a list of the microscope.
_ALONE = re.compile(r"\s{0,2}m([012])")
_GRADE = any_of(
    "mvi-grade", r"(?<![a-z\d])m ?(?P<grade>[012])[ab]?(?![a-z\d.])", does="the grade M0, M1 or M2"
)
# A key of the grades.
_KEY = re.compile(r"\s?(?:分级|诊断)?(?:说明|标准|定义|参考|依据|释义)")
# "可疑微血管侵犯,深切后最终判定M0"
_SETTLED_GRADE = re.compile(
    r"(?:最终|最后|确定|判定?为?|评定?为?|定为|诊断为?)[^,;。]{0,4}m ?(?P<grade>[012])(?![a-z\d.])"
)
# "远癌旁MVI:无" denies it only there.
_DISTANT = re.compile(r"远癌旁(?:肝组织|区域?)?(?:内)?$")
# The grade as a degree, "1级".
_IN_DEGREES = re.compile(r"\W{0,4}(?:分级)?\W{0,3}(?P<grade>[012])\s?级")
# What was counted may be none, said behind it.
_NOT_CERTAIN = re.compile(
    r"(?:不能|难以|无法|未能|不足以|尚难)(?:完全)?(?:肯定|确定|断定|确认|判定|认定)(?:为|是|系)?(?:真性?|mvi|微血管)|意义(?:尚)?(?:不明|未明|未定)"
)
_TNM = any_of(
    "tnm",
    r"\bc?p?t[0-4][ab]?[\s,]{0,2}c?p?n[0-3x]|\b[lv][012][\s,]{1,2}m[01]\b|\btnm\b",
    does="M of the TNM, which is no grade of MVI",
)
_BLAND = any_of(
    "bland-thrombus",
    r"(?<!not )(?<!not a )(?<!than )(?<!previously )\b(?:bland|non-?tumou?r(?:al|ous)?|benign|non-?malignant|non-?neoplastic)\b|良性|非癌栓|非瘤栓|单纯血栓|普通血栓|非肿瘤性|非癌性",
    r"(?:血栓|栓子|充盈缺损)[^;。]{0,16}?(?:无|未见|不伴)(?:明显|明确|异常)?(?:强化|灌注|血流|血供|增强|癌栓成分|癌细胞)",
    r"(?:证实|考虑|诊断|提示|符合|倾向|判断)(?:为|是|于)?(?:单纯|良性|普通|陈旧性?|附壁)?血栓(?!或|/|与|可能|\?|抑或|还是)",
    does="a bland thrombus is no tumour thrombus",
)
_OF_TUMOUR = any_of(
    "tumour-thrombus",
    r"tumou?r|malignan|neoplas|cancer|carcinoma|hcc|\binva|infiltrat|involve|pvtt|hvtt|ivc-?tt|\bvp|\bvv|embol|enter|exten|protrud|\bgr[oe]w|tiv|(?<!non-)(?<!non )enhancing (?:soft|tumou?r|thromb)|expansile|\((?:gross|macro)|瘤栓|^macro|^gross|^large|^大血管|癌|瘤|侵|浸润|受累|累及|长入|突入|恶性",
    does="words that make a thrombus one of tumour",
)
_TUMOUR_THROMBUS = any_of(
    "of-tumour",
    r"\b(?:tumou?r|malignant|neoplastic)[- ]thromb|\bis malignant|(?:compatible|consistent|in keeping) with (?:a )?(?:tumou?r|malignan)|^ ?\((?:tumou?r|malignant|neoplastic)(?:al|ous)?\)|(?:section|biopsy|histology|cytology|fs):? (?:shows? )?(?:tumou?r|hcc|carcinoma)\b|\b(?:shows?|contains?|consists? of|composed of|made of|is) (?:\w{1,12} )?(?:tumou?r|carcinoma|hcc)\b|癌栓形成|瘤栓形成|为癌栓",
    does="the thrombus is said to be of tumour",
)
_KIND_OPEN = any_of(
    "kind-open",
    r"\b(?:nature|kind|type|character)\b|\bnot further\b|性质|类型|不明|待定",
    does="the kind of a thrombus is left open",
)
_VP_GRADE = any_of(
    "vp-grade",
    r"\bv[pv] ?[1-4](?!\d)",
    does="VP1 to VP4, VV1 to VV3: invasion of a large vein",
)
# "门静脉(-)、肝静脉(-):癌栓"; "Vp1-4" is a range and no grade.
_DENIED_INSIDE = re.compile(r"\(-\)")
_A_RANGE = re.compile(r"\s?[-~/]\s?(?:v[pv] ?)?[0-4]")
_EITHER_KIND = re.compile(
    r"\b(?:bland|tumou?r\w{0,4}|malignant)(?: thromb\w{1,4})? (?:versus|vs\.?|or|/) (?:bland|tumou?r|malignant|non-?tumou?r)"
)
_NO_CELLS = re.compile(
    r"\bno (?:\w{1,12} )?(?:malignan\w{1,3}|tumou?r|neoplastic|carcinoma|viable)(?: cells?| tissue| thromb\w{1,4})?\b(?= ?[.,;)]|$)"
)
# "门静脉左支未见显示,考虑癌栓"
_THOUGHT = re.compile(r"未[^,]{1,6},(?:考虑|提示|符合|诊断)(?:为|有)?[^,]{0,4}$")
_STATED = re.compile("[癌瘤]栓|累及|侵[及犯入]|[长突]入")
_NAMED_VEIN = re.compile("门静脉|门脉|肝[左中右]?静脉|腔静脉")
_VP_ZERO = any_of("vp0", r"\bv[pv] ?0\b", does="VP0: no invasion of the portal vein")
_YES = any_of(
    "yes", r"(?:yes|present|positive|pos|\+|有|见|阳性)", does='"yes" in a pair of answers'
)
_NO = any_of(
    "no", r"(?:no|none|absent|negative|neg|-|无|未见|阴性)", does='"no" in a pair of answers'
)
_PAIRS = {"micro-slash-macro": (MVI, MACROVASCULAR), "macro-slash-micro": (MACROVASCULAR, MVI)}


def read_pair(item: Assessed) -> list[tuple[str, str, str]]:
    """Return what is said of small and large vessels that are named together, empty if they are not."""
    if item.mention.rule in _PAIRS:
        return [
            (concept, *_of_pair(item, index))
            for index, concept in enumerate(_PAIRS[item.mention.rule])
        ]
    return list(_of_both(item)) if item.mention.concept == BOTH else []


def _of_both(item: Assessed) -> Iterator[tuple[str, str, str]]:
    """Read small and large vessels named together; "or" between them says only what is not there."""
    order = (MVI, MACROVASCULAR)
    if re.search(r"^\W{0,2}(?:[\w ,]{0,40}?\W)?(?:macro|gross|large|大)", item.words):
        order = (MACROVASCULAR, MVI)
    if re.match(r"[\s:=()]{0,5}\w{2,8} ?/ ?\w{2,8}", item.after):
        for index, concept in enumerate(order):
            yield concept, *_of_pair(item, index)
        return
    if _NONE_INSIDE.search(item.words):
        yield from ((concept, ABSENT, "said-absent-inside") for concept in order)
        return
    open_which = re.search(r"\b(?:or|either|whether)\b|或|/|大小血管", item.words)
    if item.status == PRESENT and (open_which or not is_understood(item.before, item.after)):
        return
    for concept in order:
        yield concept, item.status, item.rule


def _of_pair(item: Assessed, index: int) -> tuple[str, str]:
    values = item.after.lstrip(" :=()").split("/")
    if len(values) < 2 and item.status == ABSENT:
        return ABSENT, item.rule
    if len(values) < 2:
        return NOTHING, "pair-without-values"
    word = values[index].strip()
    if _YES.pattern.match(word):
        return PRESENT, "pair"
    if _NO.pattern.match(word):
        return ABSENT, "pair"
    return NOTHING, "pair-without-values"


def read_mvi(item: Assessed) -> tuple[str, str]:
    """Read the grade if one stands with the mention, else what was said."""
    if _KEY.match(item.after):
        return NOTHING, "said-nothing-after"
    alone = _ALONE.fullmatch(item.words)
    if alone and item.status in (PRESENT, ABSENT):
        return (ABSENT if alone[1] == "0" else PRESENT), _GRADE.name
    if item.status == PRESENT and _NOT_CERTAIN.search(item.after):
        return UNCERTAIN, "said-uncertain-after"
    settled = _SETTLED_GRADE.search(item.after)
    if settled and item.rule != "asked":
        return (ABSENT if settled["grade"] == "0" else PRESENT), _GRADE.name
    if item.status == ABSENT and _DISTANT.search(item.before):
        return NOTHING, "of-a-part"
    if item.rule != "asked" and item.status != UNCERTAIN:
        near_before, near_after = item.before[-40:], item.after[:80]
        if item.mention.rule == "mvi" and not _TNM.pattern.search(near_after):
            match = _GRADE.pattern.search(near_after) or _GRADE.pattern.search(near_before)
            match = match or _IN_DEGREES.match(item.after)
            if match:
                return (ABSENT if match["grade"] == "0" else PRESENT), _GRADE.name
    return item.status, item.rule


def _kind_stated(item: Assessed) -> tuple[str, str] | None:
    """Return what is said outright: VP0, a thrombus without tumour cells, or one of either kind."""
    words = item.words
    if item.status != ABSENT and _EITHER_KIND.search(
        f"{item.before[-30:]}{words}{item.after[:60]}"
    ):
        return UNCERTAIN, _KIND_OPEN.name
    if item.rule == "said-absent-inside" and _THOUGHT.search(words):
        return PRESENT, "tumour-thrombus"
    if _VP_ZERO.pattern.search(words):
        return ABSENT, _VP_ZERO.name
    if _DENIED_INSIDE.search(words):
        return ABSENT, "said-absent-inside"
    if item.status == PRESENT and _VP_GRADE.pattern.fullmatch(words):
        is_range = _A_RANGE.match(item.after)
        return (NOTHING, "said-nothing-after") if is_range else (PRESENT, _VP_GRADE.name)
    if _OF_TUMOUR.pattern.search(words):
        return None
    if _NO_CELLS.search(item.after[:90]):
        return ABSENT, _BLAND.name
    return (UNCERTAIN, _KIND_OPEN.name) if _KIND_OPEN.pattern.search(item.after) else None


def is_vein_with_tumour(item: Assessed) -> bool:
    """Tell whether a vein and the tumour thrombus in it are both named, in Chinese."""
    return bool(_NAMED_VEIN.search(item.words) and _STATED.search(item.words))


def read_macrovascular(item: Assessed) -> tuple[str, str]:
    """Read bland thrombus as absent, thrombosis of no stated kind as uncertain."""
    words = item.words
    stated = _kind_stated(item)
    if stated:
        return stated
    around = f"{item.before[-40:]}{words}{item.after[:40]}"
    kind = _TUMOUR_THROMBUS.pattern.search(item.after[:50])
    if not _OF_TUMOUR.pattern.search(words) and kind and item.status in (PRESENT, ABSENT):
        denied = DENIED_JUST_BEFORE.pattern.search(item.after[: kind.start()])
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
