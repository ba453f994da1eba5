"""Ki67: the share of positive nuclei of the tumour; the average before a hot spot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from fhir_mapping.narrative.cues import AFTER
from fhir_mapping.narrative.numbers import NUMBER, RANGE, amount_of
from fhir_mapping.narrative.rules import any_of, first_match, last_match
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Amount, Statement
from fhir_mapping.narrative.text import BLANK

__all__ = ["KI67", "read_ki67"]

KI67 = "ki67_percent"
_NAME = any_of(
    "ki67",
    r"(?<![a-z])k[il1] ?[-_/.]{0,2} ?6 ?7(?!\d)|\bmib ?-? ?1(?!\d)|\bproliferat\w{1,4} (?:index|fraction|rate|marker)|增殖指数|增殖活性",
    does="names the marker",
)
_PER = r"(?:%|p\.c\.|percent\b|per cent\b|pct\b)"
_SHARE = re.compile(
    rf"{RANGE}\)?\s{{0,2}}{_PER}?\s{{0,2}}(?:(?:-{{1,2}}|~|to|and|至|到|–)\s{{0,2}}(?P<high>{NUMBER})\s{{0,2}})?{_PER}"
    rf"|百分之(?P<zh>[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
)
_HOT = any_of(
    "hot-spot",
    r"\bhot[- ]?spots?\b|热点(?:区域?)?|\bmaxim\w{1,4}|\bpeak\b|\bhighest\b|\bfocal(?:ly)?\b|\bup to\b|最高|局灶|热区|局部|最大|(?:增殖)?(?:最|较)?(?:活跃|密集)(?:处|区)",
    does="a hot spot or a maximum of Ki67",
)
_MEAN = any_of(
    "mean",
    r"\b(?:mean|average|averaged|overall|global|altogether|throughout|whole section|total)\b|平均|整体|总体|全片|总",
    does="the average of Ki67",
)
_NOT_TUMOUR = any_of(
    "not-the-tumour",
    r"\b(?:germinal|lymphocyt\w{1,3}|lymphoid|background|non-?tumou?r\w{0,4}|non-?neoplastic|adjacent|surrounding|normal|control|tonsil|cirrhotic|benign|bile duct|biliary|endotheli\w{1,4}|stroma\w{0,1}|inflammatory|uninvolved|kupffer|(?:bile )?duct(?:ule)?s|mesotheli\w{1,4}|hyperplastic|dysplastic|(?<!neoplastic )(?<!tumour )(?<!tumor )(?<!malignant )(?<!atypical )hepatocytes)\b|淋巴细胞|生发中心|癌旁|背景|对照|扁桃体|正常|间质|胆管|炎细胞|炎症细胞|非肿瘤|周围肝|再生结节|异型增生|肝硬化结节|肝细胞(?!肝?癌|性肝?癌)",
    does="the value is not of the tumour",
)
_OF_OTHER_PART = any_of(
    "other-component",
    r"\b(?:net|nec|neuroendocrine|lymphoma|cholangio\w{0,12}|sarcomat\w{1,4}|latter)\b[^,;.]{0,20}$|(?:后者|神经内分泌|胆管癌|肉瘤样?)[^,;。]{0,8}$",
    does="Ki67 of another component or tumour",
)
_NOT_KI67 = any_of(
    "other-marker",
    r"\b(?:glypican|gpc-?3|hepar-?1|hepatocyte(?!s)|afp|ck ?\d{1,2}|cd ?\d{1,3}|arginase|p53|her-?2|er\b|pr\b|hsp ?70|gs\b|pd-?l1|margins?|necros\w{1,3}|steatos\w{1,3}|tumou?r size)|坏死|脂肪变|切缘|存活|残留",
    does="another marker stands between Ki67 and the number",
)
_CUT_OFF = any_of(
    "cut-off",
    r"\b(?:cut-?off|threshold|reference|limit)\b|界值|阈值|截断值|参考|(?:判读|分级|评估|分层)(?:标准|规则)",
    does="a cut-off or reference value of Ki67, which is not read",
)
_OTHER_TISSUE = any_of(
    "other-tissue",
    r"淋巴细胞|淋巴结|癌旁|背景肝|周围肝|胆囊|脾|胃|肾|肺|再生结节|异型增生(?:结节|灶)?|硬化结节|腺瘤|血管瘤|对照|(?:首次|初次|前次|上次|既往|外院)(?:活检|穿刺|手术|标本|病理|报告)?",
    does="the tissue named before Ki67 is no tumour of the liver",
)
_TUMOUR = any_of(
    "tumour-tissue",
    r"肿[瘤块物]|癌(?!旁|栓)|瘤细胞|瘤区|瘤灶|病灶|;",
    does="the tumour is named before Ki67",
)
# "in the present resection it is 32 %".
_OF_IT = re.compile(
    r"\b(?:it|the (?:index|value|rate)) (?:is|was|amounts to|reaches)\b|\bin (?:the )?(?:primary |present |viable )?(?:tumou?r|hcc)\b"
)
# What may be said of the marker in general.
_IN_GENERAL = re.compile(
    r"\b(?:associated with (?:\w{1,12} ){0,3}(?:recurrence|survival|outcome|prognosis|relapse|invasion)|predict\w{0,4}|probability|likelihood|correlat\w{1,4}|radiomic\w{0,1})\b"
)
# A number without a sign behind "score:", "index (%):", or "%Ki-67:".
_NO_SIGN = re.compile(
    r"(?: ?(?:proliferation|labell?ing))?(?: ?(?:score|index|l\.?i\.?|\(?%\)?|percent\w{0,3})){1,2} ?[:=]\s{0,4}(?P<low>\d{1,2})(?=\s{0,3}(?:$|[,;)]|\.(?!\d)))"
)
_NO_SIGN_AT_ALL = re.compile(r" ?[:=]\s{0,4}(?P<low>\d{1,2})(?=\s{0,3}(?:$|[,;)]|\.(?!\d)))")
# "is calculated to be 21 %".
_IS_TO_BE = re.compile(
    r"\b(?:calculated|estimated|found|counted|determined|measured|judged) to be\s{0,2}(?:about |approximately )?$"
)
# What ends the words around a share: a sign, or "and" before the next share.
_PART = re.compile(r"[,;()/、]|\s(?:and|but|while|versus)\b(?=[^,;()]{0,40}\d ?%)")
_ZH_DIGITS = {sign: place for place, sign in enumerate("一二三四五六七八九", 1)}
_FAR = 110


def read_ki67(sentence: Sentence) -> Iterator[Statement]:
    """Yield the share that stands with the name of the marker."""
    names = list(_NAME.pattern.finditer(sentence.text))
    if _IN_GENERAL.search(sentence.text):
        return
    if not names:
        yield from _read_average(sentence)
        return
    # The digits of the name are no part of a number: "Ki-67,26%".
    text = _NAME.pattern.sub(lambda match: "_" * len(match[0]), sentence.text)
    for place, name in enumerate(names):
        end = names[place + 1].start() if place + 1 < len(names) else len(text)
        start = names[place - 1].end() if place else 0
        found = list(_after(text, name.end(), min(end, name.end() + _FAR)))
        if not found:
            found = list(_without_sign(text, name))
        if not found and not sentence.asks:
            found = list(_before(text, max(start, name.start() - 70), name.start()))
        if _OF_OTHER_PART.pattern.search(text[max(start, name.start() - 30) : name.start()]):
            continue
        if _is_of_other_tissue(text[: name.start()][-30:]):
            found = [item for item in found if _TUMOUR.pattern.search(item[3])]
        chosen = _chosen(found)
        if chosen is None:
            continue
        amount, left, right = chosen
        if (amount.high is not None and amount.high > 100) or (amount.low or 0) > 100:
            continue
        yield Statement(
            KI67,
            amount,
            "ki67/hot-spot" if amount.hot_spot else "ki67/share",
            sentence.start + min(name.start(), left),
            sentence.start + max(name.end(), right),
            sentence.is_correcting,
        )


def _is_of_other_tissue(before: str) -> bool:
    """Tell whether the tissue named last before the marker is no tumour ("淋巴细胞Ki-67约20%")."""
    other, tumour = last_match((_OTHER_TISSUE,), before), last_match((_TUMOUR,), before)
    return other is not None and (tumour is None or tumour[1].end() < other[1].end())


def _without_sign(text: str, name: re.Match[str]) -> Iterator[tuple[Amount, int, int, str]]:
    """Yield the number that stands without "%" behind "Ki-67 index:" or "%Ki-67:"."""
    match = _NO_SIGN.match(text, name.end())
    if match is None and text[: name.start()].rstrip().endswith("%"):
        match = _NO_SIGN_AT_ALL.match(text, name.end())
    if match:
        value = Decimal(match["low"])
        yield Amount(value, value), match.start(), match.end(), ""


def _read_average(sentence: Sentence) -> Iterator[Statement]:
    """Yield the average behind a semicolon ("Ki-67 75 % and 40 %; overall average 50 %")."""
    if not _NAME.pattern.search(sentence.lead) or _NOT_KI67.pattern.search(sentence.text):
        return
    match = _SHARE.search(sentence.text)
    said = sentence.text[: match.start()][-40:] if match else ""
    if (
        match
        and (_MEAN.pattern.search(said) or _OF_IT.search(said))
        and not _NOT_TUMOUR.pattern.search(said)
    ):
        yield Statement(
            KI67,
            _amount(match, sentence.text[match.end() : match.end() + 8]),
            "ki67/average",
            sentence.start,
            sentence.start + match.end(),
            sentence.is_correcting,
        )


def _after(text: str, start: int, end: int) -> Iterator[tuple[Amount, int, int, str]]:
    """Yield the shares behind the name, up to where nothing is said or another marker begins."""
    for match in _SHARE.finditer(text, start, end):
        gap = text[start : match.start()].replace(BLANK, " ")
        if _NOT_KI67.pattern.search(gap) or _CUT_OFF.pattern.search(gap):
            return
        if _says_nothing(gap):
            return
        label = _label(text, match, start, end)
        if not re.search(r"[,;(/、]|%.{0,40} and\b", gap.strip(" :=(")):
            label = re.split(r"[,;、)]", text[max(0, start - 45) : start])[-1] + f" {label}"
        elif _NOT_TUMOUR.pattern.search(gap) and not re.search(r"%|tumou?r|癌|瘤", gap):
            continue
        elif text.find("%", start, match.start()) < 0 and (
            hot := _HOT.pattern.search(re.split(r"[,;。]", text[max(0, start - 25) : start])[-1])
        ):
            label = hot[0] + label
        if _NOT_TUMOUR.pattern.search(label) and not re.search(
            r"tumou?r cell|癌细胞|瘤细胞|肿瘤细胞", label
        ):
            continue
        yield (
            _amount(match, text[match.end() : match.end() + 8].lstrip("+")),
            match.start(),
            match.end(),
            label,
        )


def _before(text: str, start: int, end: int) -> Iterator[tuple[Amount, int, int, str]]:
    """Yield the share in front of the name ("40 % of the nuclei are Ki-67 positive")."""
    matches = list(_SHARE.finditer(text, start, end))
    for match in matches[-1:]:
        gap = text[match.end() : end]
        if (
            re.search(r"[,;:]|\).{0,30}\)", gap)
            or _NOT_KI67.pattern.search(gap)
            or _NOT_TUMOUR.pattern.search(gap)
        ):
            return
        yield _amount(match, ""), match.start(), match.end(), gap


def _label(text: str, match: re.Match[str], start: int, end: int) -> str:
    """Return the words around a share that belong to it: to the next comma or bracket."""
    lefts = [
        found.start()
        for found in _PART.finditer(text, start, match.end())
        if found[0] != ")" and found.end() <= match.start()
    ]
    left = max(lefts, default=-1) + 1
    stops = [found.start() for found in _PART.finditer(text, match.end(), end)][:1]
    return text[max(left, start) : min(stops, default=end)]


def _says_nothing(gap: str) -> bool:
    found = first_match(AFTER, gap)
    return (
        found is not None
        and found[0].name == "said-nothing"
        and "," not in gap[-3:]
        and not _IS_TO_BE.search(gap)
    )


def _amount(match: re.Match[str], following: str) -> Amount:
    if match["zh"]:
        value = Decimal(_chinese_number(match["zh"]))
        return Amount(value, value)
    return amount_of(match, match["high"], following, Decimal(1))


def _chinese_number(text: str) -> int:
    tens, sign, ones = text.partition("十")
    if not sign:
        return _ZH_DIGITS[tens]
    return 10 * _ZH_DIGITS.get(tens, 1) + _ZH_DIGITS.get(ones, 0)


def _chosen(found: list[tuple[Amount, int, int, str]]) -> tuple[Amount, int, int] | None:
    """Return the average if one is given, else the first that is no hot spot, else a hot spot."""
    if not found:
        return None
    averages = [item for item in found if _MEAN.pattern.search(item[3])]
    plain = [item for item in found if not _HOT.pattern.search(item[3])]
    amount, start, end, _ = [*averages, *plain, *found][0]
    return replace(amount, hot_spot=not averages and not plain), start, end
