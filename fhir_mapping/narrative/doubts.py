"""Doubts and what became of them; in Chinese: a question mark in a report, what was only thought earlier, a clause of another thing."""

from __future__ import annotations

import re

from fhir_mapping.narrative.rules import any_of

__all__ = [
    "ANSWER_ZH",
    "doubted",
    "formerly_doubted",
    "is_doubted_at_the_end",
    "is_of_another",
    "settled",
]

FORMERLY = any_of(
    "formerly-doubted",
    r"(?:原|曾|术前|最初|初诊|初步|冰冻时?|大体所?)[^,;。]{0,6}?(?:疑似|怀疑|可疑|疑为?|疑有|所疑|拟诊?|可能有?)(?:为|是|有)?[^,;。]{0,4}$",
    does="what was only thought earlier; it counts only as disproved",
)
_DISPROVED = re.compile(
    r"^[^;。]{0,30}(?:排除|除外|否定|并非|不是|消失)|^\W{0,2},(?:镜下|镜检|病理|术中)[^,;。]{0,4}为(?!卫星|子灶|癌|肿瘤|破裂|微血管)"
)
# "肿瘤破裂出血,未见其他脏器损伤": behind a comma, with an object of its own.
_OF_ANOTHER = re.compile(
    r"[,;][^,;]{0,6}(?:未(?:见|查见|及|发现|检出|探及)|没有|无)(?:明显|明确|其他|其它)?[一-鿿]{2}$"
)
# An answer right behind a Chinese name.
ANSWER_ZH = re.compile(
    r"\s?(?:[:(\[]\s?)?(?:有|无|\+|-|±|阳性|阴性|存在|未见|未查见|可见|缺如|待[查排定]|可疑|未[评做查检测]|无法评|不能评|不除外|不能除外|不详)"
)
# What stands in the third clause behind a name is of another thing.
_FAR_CLAUSE = re.compile(r"[一-鿿][^,;]{0,40}(?:[,;][^,;]{0,40}){2}[,;]")
# "门静脉癌栓?", said of a picture, is a doubt and no question.
_AT_THE_END = re.compile(r"[^?]{0,30}[一-鿿]\)?(?:出血|形成|可能)?\s?")
_IN_BRACKETS = re.compile(r"\s?\(?\?\s?\)")


def formerly_doubted(before: str, after: str, *, denied: bool) -> str:
    """Return "absent" or "nothing" for what was only thought earlier, empty for anything else."""
    if not FORMERLY.pattern.search(before):
        return ""
    return "absent" if denied or _DISPROVED.search(after) else "nothing"


# "Suspected on CT" and its answer: "was not confirmed", "was confirmed on paraffin".
_DOUBTED_EN = re.compile(
    r"\b(?:suspect\w{0,3}|suspicio\w{1,3}|possible|quer(?:y|ied)|questioned|thought)\b"
)
_NOT_CONFIRMED = re.compile(
    r"\b(?:was|were|is|are|has been|could) not (?:be )?(?:\w{1,14} ){0,2}?(?:confirmed|proven|verified|corroborated|borne out|substantiated|upheld)\b|\b(?:was|were|is|are|but) (?:excluded|ruled out|refuted|disproved|disproven|not confirmed)\b"
)
_CONFIRMED = re.compile(
    r"\b(?:was|were|is|are|has been|have been) (?:\w{1,14}ly |later |then )?(?:confirmed|proven|verified)\b"
)


# "Not seen on H&E but confirmed on CD31".
_TURNED = re.compile(
    r"\bnot (?:seen|identified|evident|found|visible|apparent)\b[^.;]{0,40}\bbut (?:(?:is|was|were|are|has been) )?(?:\w{1,12}ly )?(?:present|confirmed|identified|seen|found|evident|demonstrated|shown)\b"
)


def settled(before: str, after: str) -> str:
    """Return what became of an English suspicion: "absent", "present", or empty if it stays one."""
    if _TURNED.search(after):
        return "present"
    if not _DOUBTED_EN.search(f"{before} ; {after}"):
        return ""
    if _NOT_CONFIRMED.search(after):
        return "absent"
    return "present" if _CONFIRMED.search(after) else ""


def is_of_another(after: str, start: int, end: int) -> bool:
    """Tell whether a denial behind a Chinese name is of another thing."""
    return bool(_OF_ANOTHER.search(after[: end + 2]) or _FAR_CLAUSE.match(after[:start]))


def is_doubted_at_the_end(words: str) -> bool:
    """Tell whether a Chinese name is the last word before a question mark."""
    return bool(_AT_THE_END.fullmatch(words))


def doubted(words: str, after: str) -> str:
    """Return what follows a Chinese name, with a question mark in brackets as the word for a doubt."""
    if "一" <= words[-1:] <= "鿿" and _IN_BRACKETS.match(after):
        return after.replace("?", "疑", 1)
    return after
