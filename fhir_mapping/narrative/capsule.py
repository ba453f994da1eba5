"""The capsule of the tumour: whether there is one, and how complete it is."""

from __future__ import annotations

import re
from dataclasses import replace

from fhir_mapping.narrative.plain_words import is_nearly_plain
from fhir_mapping.narrative.presence import ABSENT, NOTHING, PRESENT, UNCERTAIN, Assessed
from fhir_mapping.narrative.rules import any_of

__all__ = ["DENIED_JUST_BEFORE", "read_capsule"]

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
    r"\b(?:no|without|absence of|lack(?:s|ing)?(?: of)?|devoid of|not have|not show|nor|neither(?: of (?:them|the two))? (?:has|have|shows?|had))(?: (?:\w{1,14} ){1,2}(?:or|nor))?(?: (?:a|an|any|true|definite|fibrous|tumou?r|surrounding|well-?formed|well-?defined|real|proper|intervening|separate|distinct|recognisable|recognizable|complete? fibrous|demonstrable|identifiable|visible|discernible|obvious|clear|evident|enhancing)){0,4}\s{0,3}$",
    r"(?:无|未见|缺乏|没有|未形成|不具|未查见|未见到|均无)(?:明显|明确|清楚|确切|的|肿瘤|癌|其|强化|真性|真正){0,3}$",
    does="a denial right before the capsule",
)
# "Emboli within the capsule": the capsule is only the place.
_A_PLACE = re.compile(
    r"[\s,]{0,3}(?:and |or |just |also )?(?:(?:within |at |about |up to )?\d{1,2}(?:\.\d)? ?[cm]m )?(?:of|from|in|within|inside|outside|beyond|near|beneath|adjacent to|next to|around) (?:the|its|a)(?: fibrous| tumou?r)?\s{1,3}"
)
_IN_PART = re.compile(
    r"\b(?:in|at|over|along|on) (?:blocks?|sections?|places|parts?|some|one|two|several|many|the (?:\w{1,12} )?(?:aspect|side|pole|part|surface|edge))\b[^,;]{0,30}$"
)
# "Looks incomplete on CT but is complete": only what is counts.
_LOOKED = re.compile(
    r"^[^.;]{0,30}\b(?:looks?|looked|appears?|appeared|seem(?:s|ed)?)\b[^.;]{0,40}\bbut\b(?= (?:is|was|are|were|on)\b)"
)
# "Present except posteriorly".
_EXCEPT = re.compile(
    r"^[^.;]{0,30}\b(?:complete|intact|present|formed|continuous|preserved|\w{0,3}capsulated)\b[^.;]{0,20}\b(?:except|save (?:for|in|at)|apart from|other than)\b"
)
# "No breach of the capsule, which is complete".
_WHICH_IS = re.compile(r"^[^,;]{0,30}, (?:which|it|and it) (?:is|was|remains|appears) ")
_OF_SAMPLE = re.compile(r"\s?(?:tissue|samples?|stain\w{0,3})\b")
_OWN_NAME = re.compile(
    r"(?:pseudo-?)?capsule?s?|encapsulation|(?:假|纤维)?包[膜模摸](?:形成)?|被膜"
)
_NOT_THERE = re.compile(
    r"\s{0,2}(?:\([^()]{1,20}\) ?)?(?:formation )?(?:is |was |being |[:=] ?)?(?:completely |entirely |totally )?(?:absent|missing|lacking|none|not (?:seen|present|identified|visible|demonstrated|formed|found|made out))(?! (?:or|in|at|over|along|on (?:one|the)|for|toward\w{0,1}|focally|partly|partially|where)\b)(?! ?[-/])\b"
)
# No capsule, with more said in brackets.
_ANSWERED_NO_ZH = re.compile(r"\s?[:(]\s?(?:无|未见|没有|缺如|阴性|-)(?=\s?(?:[,;。)(]|$))")
_OF_BIOPSY = re.compile(r"\b(?:cores?|needle|biops\w{1,3})\b|穿刺|条形组织|^\s?tissue\b")
_WHAT_OF_IT = any_of(
    "what-of-it",
    r"^\W{0,3}(?:inva|infil|pene|breach|involve|rupt|defect|disrupt|loss|is inv)|^(?:侵|受|浸|突|破|外|缺|中断|残|累)",
    does="what is denied is the invasion, not the capsule",
)
# What is invaded behind a comma is another organ.
_OTHER_ORGAN_ZH = re.compile(
    r"(?<=[,;])[^,;。]{0,6}(?:侵犯|侵及|累及|浸润|突破|侵入|侵透)(?:及|至)?(?:右侧?|左侧?)?(?:膈|胆囊|胆管|胃|结?肠|肾|腹壁|大?网膜|肝?被膜|肝包膜|肝脏?表面|门静脉|血管|静脉)"
)
# "包膜虽完整,但镜下见癌细胞浸润"
_BUT_BROKEN = re.compile(
    r"[,;](?:但|唯|惟|然而?)(?!未|无)[^,;。未无]{0,12}(?:中断|缺损|缺失|缺如|不连续|突破|穿破|穿透|侵破|癌(?:细胞|组织)?(?:浸润|侵犯|侵入|穿出)|浸润(?=[,;。]|$))"
)
# A side or a share of the capsule.
_PART_ZH = r"(?:[二三四五]分之[一二三四]|[123]/[2345]|\d{1,2} ?%|一半|半周|半侧|大部分?|小部分?|部[分份]|多处|某处|个别处|[一某单对]侧|[前后上下内外左右膈脏]{1,2}侧?[缘侧壁方面角部])"
_INCOMPLETE = any_of(
    "capsule-incomplete",
    r"\b(?:over|for|along|around|in) (?:about |approximately |some )?[1-9]\d ?% of (?:its|the) (?:circumference|perimeter|surface|edge|border)|\bin (?:places|parts|areas) (?:absent|lost|missing|deficient|thin)|\bparts? of the (?:tumou?r|mass|lesion|nodule) (?:is|are) (?:en)?caps|\b(?:lacking|absent|missing|lost|deficient|incompl|incomp)\b\.?(?: (?:in|at|over|along|on|toward\w{0,1}|where|for) (?!all|every|any|the (?:tumou?r|biops|specimen|present)|this|both|either))?(?<!lacking)(?<!absent)(?<!missing)|\b(?:part(?:ly|ially)|focally|locally) (?:absent|missing|lost|deficient|not seen)\b|\b(?:incomplete(?:ly)?|partial(?:ly)?|partly|in (?:part|parts|places|some areas)|partially|inva\w{1,7}|infiltr\w{0,6}|breach\w{0,4}|disrupt\w{0,4}|discontinuous|discontinuit\w{1,3}|interrupt\w{0,4}|involve\w{0,4}|grow[ns]? (?:across|through|beyond|over|into)|erod\w{1,3}|erosion|travers\w{1,4}|violat\w{1,4}|penetrat\w{1,4}|perforat\w{1,4}|broken|ragged|transgress\w{0,4}|cross(?:ed|es)|broke|breaks?|through|lost|defect\w{0,4}|gaps?|extracapsular|trans-?capsular|fragment\w{0,5}|deficient|patchy|focally (?:absent|missing|lost|deficient)|burst|ruptured?|absent (?:focally|in places)|grows? (?:beyond|through|into)|outgrow\w{0,3}|beyond|effaced|destroyed|attenuated in|on (?:one|two|three) sides?|only (?:on|in|around|along)|half|three quarters|two thirds|segmental(?:ly)?|irregular(?:ly)? formed|overr[au]n|not all around|around (?:most|part|some)|most of (?:the|its)|over (?:part|most|half)|breakthrough|extension through|not (?:complete|intact|continuous|entire|closed)|inf\b\.?)(?![a-z])",
    r"不完整|不全|欠完整|不整|形成不良|发育不良|形成欠佳|完整性?\s?[:(]\s?(?:否|无|不|-)|残缺|残破|破损|间断|不连贯|不闭合|未闭合|开口|(?:不够|不甚|不太|欠|非|未|尚不|并不)(?:完整|完好|连续|完善|规整)|不规整|不完全|半包绕|仅包绕|未完全包|裂开|大部分?(?:区域)?完整|[内中里]见?癌(?:巢|细胞|组织)|不连续|欠连续|中断|断续|部分\s?(?:包膜|消失|缺失|缺如|完整|存在|区域|可见|形成|有|破坏|残存|未见|不)|局部(?:缺|消失|中断|不|破|受|侵|突|残|欠|未见)|局灶(?:缺|消失|中断|不|破|受|侵|突|浸)|受累|受侵|侵犯|侵及|侵入|侵袭|侵蚀|浸润|破坏|突破|穿破|穿透|穿越|穿过|越过|跨越|冲破|顶破|浸透|浸及|浸出|透过|累及|侵出|突出|缺损|断裂|破裂|侵至|侵穿|侵透|长出|伸出|长至|溢出|(?<=包膜)[\s:]{0,4}部分|局部被|侵破|半包|残存|包绕不全|癌侵|见癌|癌组织(?:穿|突|侵)|缺口|消失|穿通|蚀穿|(?:灶性|部分|局部|[前后上下内外左右][缘侧壁])(?:缺失|缺如)|薄弱处穿出|穿出|破溃|见肿瘤侵|厚薄不一",
    # a part of it is there, or a part of it is missing
    rf"{_PART_ZH}[^,;。]{{0,6}}(?:缺失|缺如|消失|缺损|未见|不见|不清|未形成|不明显|阙如)",
    r"(?:大部分?|部[分份]|局部|仅[^,;。]{1,8}?|一侧|片段)(?:处|区域)?(?:尚)?(?:存在|存留|可见|保留|残留|尚存|有)",
    does="words for an incomplete, invaded or interrupted capsule",
)
# "包膜是否完整难以判断"
_OPEN_COMPLETENESS = re.compile(
    r"^(?:是否完整|完整与否|完整性)[^,;。]{0,6}(?:难以|无法|不能|不易|尚难|难)(?:判|断|确|明|评)"
)
# "约三分之一周径未见包膜"
_PART_DENIED = re.compile(rf"{_PART_ZH}[^,;。]{{0,6}}(?:未见|无|不见|没有)$")
_COMPLETE = any_of(
    "capsule-complete",
    r"\b(?:complete(?:ly)?(?! (?:excis|resect|remov|necro))|intact|entire(?:ly)?|whole|fully|full|all (?:sides|around|round)|circumferential(?:ly)?|continuous|unbroken|uninterrupted|unbreached|closed|preserved|total(?:ly)?|throughout|every side|whole circumference|all its sides|on all|without (?:a )?(?:gaps?|breach|break|interruption|defect)s?|(?:with )?no (?:gaps?|interruptions?|defects?|discontinuity))\b",
    r"(?<![不欠未非够甚太])完整(?!切除|取出|剥)|(?<![不欠未非够甚太])完好|(?<![不欠未非够甚太])连续|(?<![不未])完全|全周|环周|全程|封闭|(?<![不未])闭合|(?<![不欠未非够甚太])完善|四周(?:均|都)?(?:有|见)|(?:整个|全)(?:瘤|肿瘤)(?:均|都)?(?:有|被)|(?:无|未见|没有)(?:明显|明确|任何)?(?:缺损|中断|缺口|断裂|间断|残缺)",
    does="words for a complete capsule",
)
DENIED_JUST_BEFORE = any_of(
    "denied",
    r"(?:\b(?:no|not|without|w/o|never|nor|free of|absence of|negative for|neither)\b[^,;.]{0,40}|(?:未见|未|无|没有|不伴|未被)[^,;。]{0,10})$",
    does='a denial right before "invaded" or "complete"',
)
_DENIED_JUST_AFTER = any_of(
    "denied-after",
    r"^\W{0,3}(?:of (?:the )?capsule)?[\s:=(-]{0,4}(?:is |was )?(?:is|was|are|were)?n.t\b|^\W{0,3}(?:of (?:the )?capsule)?[\s:=(-]{0,4}(?:is |was )?(?:no|none|absent|negative|neg|not|nil)\b|^\W{0,4}(?:未见|无|阴性|\(-\)|否|未)|^(?: of (?:the )?capsule)?[\s:]{0,3}\(?-\)?(?:\W|$)",
    does='a denial right after "invasion"',
)


def read_capsule(item: Assessed) -> tuple[str, str]:
    """Read how complete the capsule is, if that is said; else whether there is one."""
    item = replace(item, after=_LOOKED.sub(" ", item.after))
    in_places = _EXCEPT.search(f"{item.words[-12:]}{item.after}") or (
        _IN_PART.search(item.before) and _NOT_THERE.match(item.after)
    )
    if in_places:
        return "incomplete", _INCOMPLETE.name
    if _A_PLACE.fullmatch(item.before) or _OF_SAMPLE.match(item.after):
        return NOTHING, "said-nothing-before"
    if (
        _OWN_NAME.fullmatch(item.words)
        and (_NOT_THERE.match(item.after) or _ANSWERED_NO_ZH.match(item.after))
        and not _completeness(item.before)
    ):
        return ABSENT, _ABSENT_CAPSULE.name
    if _OPEN_COMPLETENESS.search(item.after):
        return UNCERTAIN, "said-uncertain-after"
    if item.status == NOTHING:
        return item.status, item.rule
    return _of_the_tumour(item)


def _of_the_tumour(item: Assessed) -> tuple[str, str]:
    """Read a capsule of which something is said."""
    words = item.words
    if words.startswith("fc"):
        return _formation(item)
    if _PART_DENIED.search(item.before):
        return "incomplete", _INCOMPLETE.name
    biopsy = _OF_BIOPSY.search(f"{item.before} {item.after}")
    if item.status != UNCERTAIN and _is_denied(item) and not biopsy:
        return ABSENT, _ABSENT_CAPSULE.name
    if biopsy:
        return NOTHING, "of-a-biopsy"
    whole = re.sub(r" {2,200}", " ", f"{item.before} {words} {item.after}")
    whole = _OTHER_ORGAN_ZH.sub(" ", whole)
    if item.status == UNCERTAIN:
        return UNCERTAIN, item.rule
    end = "[;]" if _WHICH_IS.match(item.after) else "[,;]"
    clause = f"{item.before} {words} {re.split(end, item.after, maxsplit=1)[0]}"
    clause = re.sub(r" {2,200}", " ", clause)
    if _BUT_BROKEN.search(item.after):
        return "incomplete", _INCOMPLETE.name
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
    own = _OWN_NAME.fullmatch(item.words)
    return bool(
        own
        and _NO_CAPSULE_BEFORE.pattern.search(item.before)
        and not _WHAT_OF_IT.pattern.match(item.after)
    )


def _completeness(whole: str) -> tuple[str, str] | None:
    denied = False
    for match in _INCOMPLETE.pattern.finditer(whole):
        before, after = whole[: match.start()], whole[match.end() :]
        if DENIED_JUST_BEFORE.pattern.search(before) or _DENIED_JUST_AFTER.pattern.search(after):
            denied = True
            continue
        return "incomplete", _INCOMPLETE.name
    complete = _COMPLETE.pattern.search(whole)
    if complete is not None:
        if DENIED_JUST_BEFORE.pattern.search(whole[: complete.start()]):
            return "incomplete", "capsule-not-complete"
        return "complete", _COMPLETE.name
    return (PRESENT, "capsule-not-invaded") if denied else None
