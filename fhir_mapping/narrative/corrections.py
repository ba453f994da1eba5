"""Corrections: what is said to have been wrong is taken out before anything is read."""

from __future__ import annotations

import re

from fhir_mapping.narrative.rules import Rule, any_of
from fhir_mapping.narrative.text import BLANK

__all__ = ["CORRECTING", "SUPERSEDED", "blank_superseded"]

_SAY = r"(?:reported|stated|given|described|typed|dictated|read|recorded|called|listed|documented)"
_END = r"[^;,.。\n]{0,80}?"

SUPERSEDED: tuple[Rule, ...] = (
    any_of(
        "said-before",
        rf"(?:was |were |had been |is )?(?:(?:originally|previously|initially|erroneously|wrongly|incorrectly|mistakenly|first(?= {_SAY})) ){{1,2}}(?:was |were |been )?(?:{_SAY} )?(?:as )?[^;,。\n]{{0,60}}?(?=;|,|。|\n|\.\s|$|\)|\bshould\b|\bbut\b|\bis now\b|\band is\b|\bis corrected\b)",
        rf"(?:was|were|had been) {_SAY} as [^;,。\n]{{0,60}}?(?=;|,|。|\n|\.\s|$|\)|\bshould\b|\bbut\b|\bis now\b)",
        does='"originally reported as A": A is taken out',
    ),
    any_of(
        "instead-of",
        rf"\b(?:instead of|rather than|in place of){_END}(?=[;,.。\n)]|$)",
        rf",? \(?(?:and )?not {_END} as (?:(?:originally|previously|initially|erroneously|first|earlier) )?(?:{_SAY}|above)",
        r"(?<!或)(?:(?:而非|而不是)(?!卫星|子灶|mvi|微血管|癌栓|瘤栓|破裂)|并非原|不是原)[^;,。\n]{0,30}",
        does='"B instead of A": A is taken out',
    ),
    any_of(
        "from-to",
        rf"\b(?:corrected|changed|amended|revised|modified) from {_END}(?=\bto\b)",
        does='"corrected from A to B": A is taken out',
    ),
    any_of(
        "originally-zh",
        r"(?<![同见与按])(?:原|误|先前|初次|此前)(?:报告?|诊断|误填|误写|误录|误报|填|写|录|作|记|述|为|发(?=出|报|的)|始报告){1,3}(?:中|的|为|作|成|:){0,2}[^;。\n]{0,40}?(?=[,;。\n)]|应为|应是|更正|改为|修正|现|实为|$)",
        r"(?:首次|初次|第一次|首份|初始)报告[^;,。\n]{0,30},?(?=[^;。\n]{0,14}(?:更正为|改为|修正为|订正为|应为))",
        r"(?:由|将|把)[^;,。\n]{0,30}?(?=更正为|改为|修正为|订正为)",
        does="the original statement that is corrected is taken out, Chinese",
    ),
    any_of(
        "error-in",
        r"\b(?:previous|original|first|earlier|initial|prior) (?:version|report|issue)(?: of \w{1,12})?(?: had| has)? (?:stated|read|said|gave|listed|reported|recorded|showed)[^;.\n]{0,90}",
        r"\b(?:statement|line|entry|sentence|words?|phrase|comment|remark)s?:? \"[^\"\n]{1,100}\" (?:(?:was|were|is|are) (?:entered|made|included|typed|issued|given) (?:in error|erroneously|by mistake)|should (?:be deleted|not have|be disregarded))",
        r"\"[^\"\n]{1,80}\" should (?:now |instead )?(?:read|be)\b",
        r"\bfor \"[^\"\n]{1,80}\",? (?:please )?read\b|\([^()\n]{0,40}\b(?:by mistake|in error|erroneously)\b[^()\n]{0,30}\)",
        r"\berror in (?:the )?(?:previous|original|first) report:? ?[^;,.。\n]{0,60}",
        does="the statement that is called an error is taken out",
    ),
)

# A sentence or a section that corrects or adds; it outweighs what was said before it.
CORRECTING: tuple[Rule, ...] = (
    any_of(
        "correction",
        r"\b(?:addendum|amend(?:ed|ment)|correct(?:ion|ed|s)|corrigend\w{1,4}|erratum|revised|supplementa(?:ry|l) report)\b",
        r"\bcorrect (?:value|result|figure|reading|statement|finding) is\b|\bshould (?:read|be)\b|\b(?:is|are) now\b",
        r"^\W{0,4}(?:therefore|hence|thus|so|final(?:ly)?|in conclusion|overall)\b(?= ?[:,]| there| no\b| not\b| mvi| micro)",
        r"更正|修正|订正|勘误|补充(?:报告|诊断|意见|说明)?(?=[:\]\s(])|应为|改为|补发|修订",
        does="an addendum or a correction, which outweighs what was said before",
    ),
)
_LEN = r"\d{1,3}(?:\.\d{1,2})?(?:\s?[x×*]\s?\d{1,3}(?:\.\d{1,2})?){0,2}\s?(?:cm|mm|厘米|毫米|公分)"
# A value of another time in brackets: "4.0 cm (previously 2.9 cm)".
_EARLIER = any_of(
    "earlier-in-brackets",
    r"\((?:previous(?:ly)?|prior|formerly|was|before|original(?:ly)?|initial(?:ly)?|at (?:diagnosis|presentation|explant)|上次|前次|原为?|既往|前片|此前|旧片)[^()\n]{0,40}\)",
    r"\((?:the )?explant[^()\n]{0,100}\)",
    rf"(?<=[,;])\s?(?:原?申请单|外院前次|外院|前次|上次|[前原旧老]片)(?:注明|报告|所示|示|测|为|约|大小){{0,2}}\s?{_LEN}(?=[,;。.)\n]|$)",
    rf"[由从]\s?{_LEN}\s?(?:逐渐|明显)?(?:增大|增长|缩小|减小)[至到为]",
    does="an earlier value in brackets, or with its time, is taken out",
)
_LINK = re.compile(r"[;,] ?(?:the )?(?:correct (?:value|figure|result|reading) is|correctly:?)")


# "原报告Ki-67 2%系录入错误,更正为20%": the name stays, the number goes.
_WRONG_NUMBER = any_of(
    "wrong-number",
    r"原[^\d;。\n]{0,14}?(?P<noun>k[il1] ?-? ?67|切缘|肿[瘤块物]|病灶|结节|癌灶)(?:大小|最大径|直径|数目?|距离|指数)?[^\d;。\n]{0,8}?"
    r"(?:\d{1,3}(?:[.,]\d{1,2})?(?:\s?[x×*~-]\s?\d{1,3}(?:\.\d{1,2})?){0,2}\s?(?:%|cm|mm|厘米|毫米|公分|[个枚颗处])|[一二两三四五]\s?[个枚颗处])"
    r"[^;。\n]{0,16}?(?:应为|更正为|改为|修正为|订正为)",
    does="a number that is corrected is taken out, its name stays",
)


def blank_superseded(plain: str) -> str:
    """Return the text, of the same length, without the words that a correction replaces."""
    plain = _EARLIER.pattern.sub(lambda match: " " * len(match[0]), plain)
    if not any(rule.pattern.search(plain) for rule in (*SUPERSEDED, *CORRECTING)):
        return plain
    plain = _WRONG_NUMBER.pattern.sub(_without_number, plain)
    for rule in SUPERSEDED:
        plain = rule.pattern.sub(lambda match: BLANK * len(match[0]), plain)
    return _LINK.sub(lambda match: " " * len(match[0]), plain)


def _without_number(match: re.Match[str]) -> str:
    """Return the words of a correction with nothing but the name of the quantity left."""
    left, right = match.start("noun") - match.start(), match.end("noun") - match.start()
    return " " * left + match[0][left:right] + " " * (len(match[0]) - right)
