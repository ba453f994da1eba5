"""How many tumours: a stated count, solitary, or multiple; satellites never count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fhir_mapping.narrative.numbers import COUNT_WORDS, count_of
from fhir_mapping.narrative.rules import any_of
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Amount, Statement

__all__ = ["NUMBER_OF_TUMOURS", "read_number"]

NUMBER_OF_TUMOURS = "tumour_number"
_EN_COUNT = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_ZH_COUNT = r"(?:\d{1,2}|[一二两三四五六七八九十])"
_EN_MANY = r"(?:[2-9]|1\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_PLURAL = r"(?:tumou?rs|hccs?|hepatomas|hepatocellular carcinomas|carcinomas|masses|nodules|noduli|lesions|foci|neoplasms)"
# Any other adjectives, but no word that begins another phrase.
_FREE = r"(?:(?!(?:of|and|with|the|in|is|are|has|from|cm|mm|to|at|on|by|per|were|was|or|weeks|months|years|days|out)\b)[a-z][a-z-]{2,18},? ){0,2}"
_NOT_OF_CELLS = r"(?! (?:cells?|markers?|board|thromb\w{1,4}|nests?|emboli|deposits?|types?|components?|grades?|stages?|samples?|of mvi|of micro))"
_TUMOUR_EN = r"(?:tumou?rs?|hccs?|hepatomas?|hepatocellular carcinomas?|carcinomas?|mass(?:es)?|nodul(?:es?|i)|lesions?|foc(?:us|i)|neoplasms?|tumou?r (?:nodules?|foci)|hepatocellular (?:nodules?))"
_ADJECTIVES = (
    r"(?:(?:separate|distinct|discrete|well|poorly|moderately|differentiated|circumscribed|encapsulated|unencapsulated|tan|yellow|yellow-tan|white|grey|gray|"
    r"green|brown|soft|firm|round|large|small|main|dominant|hypervascular|enhancing|arterially|hepatic|liver|hcc|malignant|ruptured|solid|bulging|individual|"
    r"independent|further|other|big|huge|bilobar|right|left|ill-defined|well-defined|well-differentiated|nodular|subcapsular|viable|confluent|primary|tumou?r|arterial|"
    r"li-rads \d|lr-[345m]|hyperenhancing|typical|heterogeneous|fleshy|bile-stained|expansile|\d{1,2}(?:[.,]\d)? ?(?:cm|mm)),? ){0,4}"
)
_SOLITARY = any_of(
    "solitary",
    rf"\b(?:solitary|unifocal|uninodular|monofocal)\b|\b(?:single|lone|sole|only one|one) {_ADJECTIVES}{_TUMOUR_EN}\b(?! (?:has|is ruptured)){_NOT_OF_CELLS}|\b(?:single|lone|sole) {_ADJECTIVES}{_FREE}{_TUMOUR_EN}\b{_NOT_OF_CELLS}|\bsingle\b(?=\s?[,.;]|$| (?:\d|well|in segment))",
    r"单发|单个|孤立性?|单灶|单结节|唯一|单一(?:病灶|结节|肿瘤|癌灶|肿块)|(?:见|有)一(?:个|枚|处)?[一-鿿、]{0,8}?(?:肿块|肿物|结节|肿瘤|病灶|占位|癌灶|包块)",
)
_COUNTED_EN = any_of(
    "counted",
    rf"(?<![\d.,/-])(?<!segment )(?<!segments )(?<!seg )(?<!grade )(?<!stage )(?<!type )(?<!block )\b(?P<count>{_EN_MANY}) {_ADJECTIVES}{_FREE}{_PLURAL}\b{_NOT_OF_CELLS}",
    rf"\bnumber of (?:{_TUMOUR_EN})\W{{0,4}}(?:is |= ?)?(?P<count2>{_EN_COUNT})\b|^\s{{0,3}}number\W{{1,3}}(?P<count5>{_EN_COUNT})\W{{0,2}}$|\b(?:tumou?r|lesion|nodule) (?:number|count)\W{{0,4}}(?P<count3>{_EN_COUNT})\b|\b{_TUMOUR_EN},? ?(?:n ?= ?|x ?|\()(?P<count4>\d{{1,2}})\b(?! ?(?:cm|mm|%))",
)
_TUMOUR_ZH = r"(?:肿瘤|癌灶|肿块|肿物|癌?结节|病灶|占位|肝细胞癌|肝癌|hcc|包块|瘤灶|肿瘤结节|灶)"
_COUNTED_ZH = any_of(
    "counted-zh",
    rf"{_TUMOUR_ZH}(?:数目|个数|数量|数|共|计|为|:|,|有|\s|\(){{0,4}}(?P<count>{_ZH_COUNT})\s?(?:个|枚|处|灶|颗|\))(?!月|区)",
    rf"(?<![\d.])(?P<count2>{_ZH_COUNT})\s?(?:个|枚|处)(?:独立|分离|孤立|灰白|灰黄|灰褐|质硬|质中|实性|强化|富血供|明显|大小不等|肝内|较大|的|色|性|、|,){{0,4}}(?:{_TUMOUR_ZH})",
    rf"(?:数目|个数|肿瘤数|数量)\W{{0,3}}(?P<count3>{_ZH_COUNT})(?!\d)(?! ?(?:cm|mm|厘米))",
)
_MULTIPLE = any_of(
    "multiple",
    rf"\b(?:multifocal|multicentric|multinodular|multilocular)\b(?! (?:cyst|leiomyom))|\b(?:multiple|several|numerous|many|various|innumerable|countless|a few|plural) {_ADJECTIVES}{_TUMOUR_EN}\b|\b(?:hccs?|tumou?rs?|nodules|lesions) (?:are |is )?(?:multiple|numerous)\b|\bmultiple(?=[,.;]|$)",
    r"多发|多结节|多灶|多中心|(?:多|数)(?:个|枚|处)[^,;。]{0,10}(?:肿瘤|癌灶|肿块|结节|病灶|占位|癌)|(?:肿瘤|癌灶|结节|病灶|占位)(?:数目)?(?:多|数)(?:个|枚|处)|散在多",
)
_NOT_TUMOURS = any_of(
    "not-tumours",
    r"\b(?:satellit\w{0,3}|daughter|lymph|cysts?|cystic|regenerative|dysplastic|cirrhotic|fractures?|metastas\w{1,3}|h(?:a)?emangiomas?|leiomyomas?|angiomyolipoma|stones?|adenomas?|fnh|hyperplasia|lung|pulmonary|renal|kidney|splenic|thyroid|bone|bile duct|gall ?bladder|benign|sections?|blocks?|slides?|biops\w{1,3}|cores?|vessels?|necrotic|siderotic|mvi|microvascular|venules?|polyps?|ribs?|vertebra\w{0,2}|peritone\w{1,3}|adrenal|thrombi|ablation|treated)\b",
    r"卫星|子灶|淋巴结|囊肿|囊性|再生|增生|硬化结节|骨折|转移|血管瘤|平滑肌瘤|错构瘤|结石|腺瘤|肺|肾|脾|甲状腺|骨|胆囊|胆管|良性|切片|蜡块|穿刺|血管|癌栓|息肉|肋|椎|腹膜|包虫|微血管|mvi",
)
_UNSURE = any_of(
    "unsure-number",
    r"\b(?:no|without|not|how many|number (?:and|unchanged|cannot)|cannot|possibly|probably|suspicious|or more|at least|additional|how|further|another|other|second|remaining|rest)\b|\?|未见|无(?!包膜)|不能|无法|其余|各|另|可疑|可能|其他|除外",
)
_AT_LEAST = any_of("at-least", r"\b(?:at least|more than|over|≥)\s?$|(?:至少|不少于|≥|超过)\s?$")
_INCLUDING = any_of(
    "including-satellites",
    rf"^[^.;]{{0,30}}?(?:including|of which|incl\.?|among them|one of (?:them|which)|other) ?(?P<minus>{_EN_COUNT})?[^.;]{{0,25}}?(?P<sat>satellit)",
    rf"^[^;。]{{0,20}}?(?:其中|含|包括|内有)(?:[^;。\d]{{0,6}})?(?P<minus2>{_ZH_COUNT})\s?(?:个|枚|处)(?:为|是|系)?(?:卫星|子灶)",
)
_OF_VESSELS = any_of(
    "foci-of-mvi",
    r"(?:\bmvi\b|microvasc|embol|vessel)[^.;]{0,60}\bfoc(?:us|i)$|(?:mvi|微血管|癌栓)[^;。]{0,50}[处灶]$",
)
_MERE_NODULES = any_of(
    "cirrhotic-nodules",
    r"\b(?:cirrho\w{1,3}|regenerat\w{1,3})\b.{0,30}\bnodules?$|硬化.{0,15}结节$",
)
_NAMED = any_of(
    "named", rf"[ (-]{{0,2}}{_ADJECTIVES}{_TUMOUR_EN}\b", rf"(?:的|性|[^,;。]{{0,6}}?)?{_TUMOUR_ZH}"
)
# Said without the word for what they count.
_BARE = frozenset({"single", "solitary", "multiple", "单发", "多发", "单个", "孤立", "孤立性"})


def read_number(sentence: Sentence) -> Iterator[Statement]:
    """Yield what a sentence says of the number of tumours."""
    if sentence.asks:
        return
    text = sentence.text
    for rule in (_COUNTED_EN, _COUNTED_ZH):
        for match in rule.pattern.finditer(text):
            if not _is_of_tumours(text, match):
                continue
            written = next(value for name, value in match.groupdict().items() if value)
            count = _without_satellites(count_of(written), text[match.end() :])
            if count > 0:
                yield _statement(sentence, match, _counted(count, text, match), rule.name)
    for match in _SOLITARY.pattern.finditer(text):
        if _is_of_tumours(text, match):
            yield _statement(sentence, match, Amount(Decimal(1), Decimal(1)), _SOLITARY.name)
    for match in _MULTIPLE.pattern.finditer(text):
        if _is_of_tumours(text, match):
            yield _statement(sentence, match, Amount(Decimal(2), None), _MULTIPLE.name)


def _statement(sentence: Sentence, match: re.Match[str], amount: Amount, rule: str) -> Statement:
    return Statement(
        NUMBER_OF_TUMOURS,
        amount,
        f"tumour_number/{rule}",
        sentence.start + match.start(),
        sentence.start + match.end(),
        sentence.is_correcting,
    )


def _counted(count: int, text: str, match: re.Match[str]) -> Amount:
    if _AT_LEAST.pattern.search(text[max(0, match.start() - 12) : match.start()]):
        return Amount(Decimal(count), None)
    return Amount(Decimal(count), Decimal(count))


def _is_of_tumours(text: str, match: re.Match[str]) -> bool:
    """Tell whether a count is of tumours: nothing else is named in its clause, nothing is doubted."""
    start = max((text.rfind(sign, 0, match.start()) for sign in ",;("), default=-1) + 1
    behind = re.split(
        r"[,;:(]|\b(?:and|with|has|one|including|incl|of which)\b|及|和|伴|并|另|其中|含|包括",
        text[match.end() : match.end() + 40],
    )[0]
    if _NOT_TUMOURS.pattern.search(f"{match[0]} {behind}"):
        return False
    named = _NAMED.pattern.match(text[match.end() :])
    if match[0] in _BARE and not named and _NOT_TUMOURS.pattern.search(text[: match.start()][-40:]):
        return False
    before = text[start : match.start()][-40:]
    if _AT_LEAST.pattern.search(before):
        return True
    if _OF_VESSELS.pattern.search(text[max(0, match.start() - 60) : match.end()]):
        return False
    if _MERE_NODULES.pattern.search(f"{before}{match[0]}"):
        return False
    return not _UNSURE.pattern.search(before) and not _NOT_TUMOURS.pattern.search(before[-20:])


def _without_satellites(count: int, following: str) -> int:
    """Take off the satellites that a count says it includes."""
    match = _INCLUDING.pattern.search(following)
    if not match:
        return count
    minus = match["minus"] or match["minus2"]
    if minus is None:
        return count - 1 if match["sat"] and "one" in match[0] else count
    return count - (int(minus) if minus.isdigit() else COUNT_WORDS[minus])
