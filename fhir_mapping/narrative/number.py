"""How many tumours: a stated count, solitary, or multiple; satellites never count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fhir_mapping.narrative.amount_scope import void_amounts
from fhir_mapping.narrative.number_zh import (
    COUNTED_ZH,
    IN_EACH_SEGMENT_ZH,
    MULTIPLE_ZH,
    SOLITARY_ZH,
    TOTAL_ZH,
    TUMOUR_ZH,
    TURNS_OUT_ZH,
    is_weak,
)
from fhir_mapping.narrative.numbers import COUNT_WORDS, count_of
from fhir_mapping.narrative.rules import any_of
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Amount, Statement

__all__ = ["NUMBER_OF_TUMOURS", "read_number"]

NUMBER_OF_TUMOURS = "tumour_number"
_EN_COUNT = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_ZH_COUNT = r"(?:\d{1,2}|[一二两三四五六七八九十])"
_EN_MANY = r"(?:[2-9]|1\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_PLURAL = r"(?:tumou?rs|hccs?|hepatomas|hepatocellular carcinomas|carcinomas|masses|nodules|noduli|lesions|observations|foci|neoplasms)"
# Any other adjectives, but no word that begins another phrase.
_FREE = r"(?:(?!(?:of|and|with|the|in|is|are|has|from|cm|mm|to|at|on|by|per|were|was|or|weeks|months|years|days|out|without|plus|but|not|no|near|show|shows|showing|whose|which|that)\b)[a-z][a-z-]{2,18},? ){0,2}"
_NOT_OF_CELLS = r"(?! (?:cells?|markers?|board|thromb\w{1,4}|nests?|emboli|deposits?|types?|components?|grades?|stages?|samples?|of mvi|of micro))"
_TUMOUR_EN = r"(?:tumou?rs?|hccs?|hepatomas?|hepatocellular carcinomas?|carcinomas?|mass(?:es)?|nodul(?:es?|i)|lesions?|observations?|cancers?|foc(?:us|i)|neoplasms?|tumou?r (?:nodules?|foci)|hepatocellular (?:nodules?))"
_ADJECTIVES = (
    r"(?:(?:separate|distinct|discrete|well|poorly|moderately|differentiated|circumscribed|encapsulated|unencapsulated|tan|yellow|yellow-tan|white|grey|gray|"
    r"green|brown|soft|firm|round|large|small|main|dominant|hypervascular|enhancing|arterially|hepatic|liver|hcc|malignant|ruptured|greenish|yellowish|whitish|brownish|pale|variegated|partly|partially|haemorrhagic|hemorrhagic|necrotic|irregular|lobulated|rounded|oval|exophytic|pedunculated|focal|solid|bulging|individual|"
    r"independent|further|other|big|huge|bilobar|right|left|ill-defined|well-defined|well-differentiated|nodular|subcapsular|viable|confluent|primary|tumou?r|arterial|"
    r"li-rads \d|lr-(?:tr|[345m])|hypoechoic|hyperechoic|hypodense|arterialised|typical|new|tiny|hyperenhancing|typical|heterogeneous|fleshy|bile-stained|expansile|massive|\d{1,3}(?:[.,]\d)?(?: ?x ?\d{1,3}(?:[.,]\d)?){0,2}[ -]?(?:cm|mm)),? ){0,5}"
)
_SOLITARY = any_of(
    "solitary",
    rf"\b(?:solitary|unifocal|unicentric|uninodular|monofocal|single nodular)\b|\bisolated (?:hcc|tumou?r|liver tumou?r)\b{_NOT_OF_CELLS}|\b(?:and|the|is the|its) (?:only|sole) {_TUMOUR_EN}\b{_NOT_OF_CELLS}|\b(?:the only one|only one)(?= in the liver|[,;)])|\bsingle nodul\w{1, 3} type|\ba single one\b|\bonly this (?:mass|tumou?r|lesion|nodule)|\bonly (?:lesion|tumou?r) (?:is|in|seen|found)\b|\b{_TUMOUR_EN}, (?:one|single),|\blone\b(?=[,;)])|\btumou?r ?: ?(?:1|one)(?=[,;. ]|$)(?! ?(?:cm|mm|[.,x×]\d))|\b(?:tumou?r|lesion|hcc|mass|nodule) (?:is|was|appears) (?:single|solitary|unifocal)\b|(?<![\d.,/-])(?<!segment )\b1 (?:main |single |solitary |dominant )?(?:focus|observation|nodule|tumou?r|lesion|mass|hcc)\b{_NOT_OF_CELLS}|\bone main (?:node|nodule|tumou?r|mass)|\b(?:single|lone|sole|only one|(?<!more than )one) (?!more |other |further ){_ADJECTIVES}{_FREE}{_TUMOUR_EN}\b(?! (?:has|is ruptured)){_NOT_OF_CELLS}|\b(?:single|lone|sole) {_ADJECTIVES}(?:s[1-8][ab]? )?{_FREE}{_TUMOUR_EN}\b{_NOT_OF_CELLS}|\bsingle lr-[45m]|\b(?:tumou?r|hcc|mass|lesion) \((?:one|single|solitary)\)|\bsingle\b(?=\s?[,.;)]|$| (?:\d|well|in segment))",
    *SOLITARY_ZH,
    does="a single tumour",
)
_COUNTED_EN = any_of(
    "counted",
    rf"(?<![\d.,/-])(?<!segment )(?<!segments )(?<!seg )(?<!grade )(?<!stage )(?<!type )(?<!block )\b(?:(?P<few>{_EN_COUNT})(?: to | or | ?- ?))?(?P<count>{_EN_MANY}) (?:x |(?P<more>or more) )?{_ADJECTIVES}{_FREE}{_PLURAL}\b{_NOT_OF_CELLS}|(?<![\d.,/-])\b(?P<count11>{_EN_MANY}) ?x (?:hccs?|lesions?|nodules?|tumou?rs?)\b|\b(?P<count12>pair) of {_ADJECTIVES}{_FREE}{_PLURAL}\b{_NOT_OF_CELLS}|\b(?:multiple|several) \((?:n ?= ?)?(?P<count13>{_EN_MANY})\) {_ADJECTIVES}{_FREE}{_PLURAL}\b{_NOT_OF_CELLS}|\b(?P<count10>{_EN_MANY}) lr-[45]s?(?= in (?:total|all)|[,.;]|$)",
    rf"\b(?P<count9>bi|tri|quadri)(?=focal (?:hcc|hepatocellular|tumou?r|hepatoma|disease|lesion|carcinoma))|^\W{{0,5}}(?:nodules|tumou?rs|lesions|foci|hccs)\s{{0,2}}[:=]\W{{0,8}}(?P<count8>{_EN_COUNT})\b(?! ?(?:cm|mm|%|[x×*]|[.,/]\d|of\b))|\b{_TUMOUR_EN},? ?(?:\(?n ?= ?|x ?|\()(?P<count4>\d{{1,2}})\b(?! ?(?:cm|mm|%|[x×*]|[.,]\d|of\b))|\b(?P<count6>both) (?:hepatic |liver )?(?:tumou?rs|hccs|nodules|lesions|masses)\b|\b(?:a |the )?(?P<count7>second) (?:hepatic |liver )?(?:tumou?r|hcc|lesion)\b(?! ?\(\")(?=\s{{0,2}}(?:[,.;:(]|$|(?:in|of) (?:s\d|seg|the|\d)|(?:is|was|lies|at)\b))|^\W{{0,4}}(?:tumou?r|hcc) (?P<count16>[2-9]) ?[:-] ?(?=seg|s\d|\d|in\b|right|left)|\bmultiple {_ADJECTIVES}{_PLURAL}\b[^.;\d]{{0,30}}, (?:at least|more than) (?P<count14>{_EN_MANY})\b(?! ?(?:cm|mm|%|[x×*]|[.,]\d))",
    does="a stated count of tumours, English",
)
_STATED_EN = any_of(
    "counted-in-all",
    rf"\b(?:number|no\.?|nr\.?|num\.?|total) of (?:hcc |viable |hepatic |liver |malignant ){{0,2}}(?:{_TUMOUR_EN})(?: (?:in|within) the (?:specimen|liver|explant))?\W{{0,9}}(?:is |was |are |were |= ?)?(?P<count2>{_EN_COUNT})\b(?!\.\d)|^\s{{0,2}}of {_TUMOUR_EN}\s?[:=]\W{{0,3}}(?P<count15>{_EN_COUNT})\b(?!\.\d)|^[\s*-]{{0,4}}(?:number|no|nr)\W{{1,40}}(?P<count5>{_EN_COUNT})\W{{0,2}}$|\b{_TUMOUR_EN}, (?:number|no\.?)(?: of)?\s?[:=]\s?(?P<count18>{_EN_COUNT})\b(?!\.\d)|\btumou?r number ?/ ?size\W{{0,3}}(?P<count19>{_EN_COUNT})\b(?!\.\d)|\b(?:tumou?r|lesion|nodule) (?:number|count)\W{{0,4}}(?P<count3>{_EN_COUNT})\b",
    does="the number of tumours, named as such; it outweighs other counts",
)
# "masses in S2, S6 and S7, three altogether".
_TOTAL_EN = re.compile(
    rf"(?:^|[,(;:-]) ?(?:({_EN_MANY})(?: in (?:all|total)| altogether| overall)|(?:total|altogether|in all)(?: of|:)? ({_EN_MANY}))\b(?! ?(?:cm|mm|%|g\b|[x×*]|[.,/]\d|slides|blocks|sections|cassettes|of\b|nodes|vessels|satell))"
)
_COUNTED_ZH = any_of("counted-zh", *COUNTED_ZH, does="a stated count of tumours, Chinese")
_MULTIPLE = any_of(
    "multiple",
    rf"\b(?:multifocal|multicentric|(?<!confluent )multinodular|multilocular)\b(?! (?:cyst|leiomyom))|\b(?:multiple|several|numerous|many|various|innumerable|countless|a few|plural) {_ADJECTIVES}{_TUMOUR_EN}\b|\b(?:hccs?|tumou?rs?|nodules|lesions) (?:are |is )?(?:multiple|numerous)\b|\bmore than one {_TUMOUR_EN}\b{_NOT_OF_CELLS}|\bmultiple(?=[,.;]|$)",
    *MULTIPLE_ZH,
    does="multiple tumours without a count",
)
_NOT_TUMOURS = any_of(
    "not-tumours",
    r"\b(?:satellit\w{0,3}|daughter|lymph|cysts?|cystic|regenerative|dysplastic|cirrhotic|fractures?|metastas\w{1,3}|h(?:a)?emangiomas?|leiomyomas?|angiomyolipoma|stones?|adenomas?|fnh|hyperplasia|lungs?|pulmonary|renal|kidney|splenic|thyroid|bone|bile duct|gall ?bladder|benign|(?<!lateral )(?<!medial )(?<!anterior )(?<!posterior )sections?|blocks?|slides?|biops\w{1,3}|cores?|vessels?|necrotic|(?:foc(?:us|i)|areas?) of (?:necrosis|ha?emorrhage|fat|steatosis)|necrosis|breach(?:es)?|siderotic|mvi|microvascular|venules?|cleft\w{0,5}|spaces?|polyps?|ribs?|vertebra\w{0,2}|peritone\w{1,3}|adrenal|aneurysms?|calcif\w{1,7}|thrombi|ablation|treated)\b",
    r"卫星|子灶|子结节|淋巴结|囊肿|囊性|再生|增生(?!型)|硬化结节|骨折|(?<!肝内)(?<!肝内多发)(?<!多发)转移|动脉瘤|钙化|血管瘤|平滑肌瘤|错构瘤|结石|腺瘤|肺|肾|脾|甲状腺|骨|胆囊|胆管|良性|切片|蜡块|穿刺|血管|癌栓|息肉|肋|椎|腹膜|包虫|微血管|mvi",
    does="what is counted is not tumours",
)
_UNSURE = any_of(
    "unsure-number",
    r"\b(?:no|without|not|how many|number (?:and|unchanged|cannot)|cannot|possibly|probably|suspicious|or more|at least|additional|how|further|another|other|second|remaining|rest)\b|\?|未见|无(?!包膜)|不能|无法|其余|各|另|可疑|可能|其他|除外",
    does="a count that is doubted, denied or of the rest",
)
_AT_LEAST = any_of(
    "at-least",
    r"(?:\b(?:at least|minimum of|more than|over)|≥|>=|>)\s?$|(?:至少|不少于|≥|超过)(?:可?见|有)?\s?$",
    does='"at least" before a count leaves it open upwards',
)
_AT_LEAST_ZH = re.compile(r"至少|不少于|≥")
_MORE_THAN_ZH = re.compile(r"超过|多于|大于|>")
_MORE_THAN = re.compile(r"(?:more than|over|>)\s?$")
_INCLUDING = any_of(
    "including-satellites",
    rf"^[^.;]{{0,30}}?(?:including|of which|incl\.?|among them|one of (?:them|which)|other) ?(?P<minus>{_EN_COUNT})?[^.;]{{0,25}}?(?P<sat>satellit)|^\s?(?:(?:on|at) \w{{1,12}}\s?)?:[^.;]{{1,40}}\((?:an? )?(?P<sat2>satellit)",
    rf"^[^;。]{{0,20}}?(?:其中|含|包括|内有)(?:[^;。\d]{{0,6}})?(?P<minus2>{_ZH_COUNT})\s?(?:个|枚|处)(?:为|是|系)?(?:卫星|子灶)",
    does="satellites that a count includes are taken off",
)
_OF_VESSELS = any_of(
    "foci-of-mvi",
    r"(?:\bmvi\b|vascular|vessel|venous)[^.;]{0,40}\bmulti(?:ple|focal)$|(?:\bmvi\b|mi[ck]ro-?vas[ck]|embol|vessel|satellit|venul|invasion)[^.;]{0,60}\bfoc(?:us|i)$|\b(?:mvi|vascular invasion|satellites?|invasion) (?:is |was )?(?:present |seen |found |identified )?(?:at|in|around|from) (?:the )?\w{2,6} (?:tumou?rs|nodules|lesions)$|(?:mvi|微血管|癌栓)(?:(?!肝癌|细胞癌|肿瘤|占位|病灶)[^;。]){0,50}[处灶]$",
    does="foci that are counted are of vessels",
)
_VESSELS_BEHIND = re.compile(r"[^.;]{0,80}?\b(?:mvi|micro-?vasc|vascular|vessel|venous)")
_MERE_NODULES = any_of(
    "cirrhotic-nodules",
    r"\b(?:cirrho\w{1,3}|regenerat\w{1,3})\b.{0,30}\bnodules?$|硬化.{0,15}结节$",
    does="nodules of cirrhosis are no tumours",
)
_NAMED = any_of(
    "named",
    rf"[ (,-]{{0,2}}{_ADJECTIVES}{_TUMOUR_EN}\b",
    rf",?(?:的|性|[^,;。]{{0,6}}?)?{TUMOUR_ZH}",
    does="a tumour is named right behind",
)
_IN_ALL = re.compile(r"(?:共计?|合计|总共)[\d一二两三四五六七八九十]{1,2}\s?[个枚颗]$")
# "Sections from both nodules": of what the tumours are seen in.
_WITHIN = re.compile(r"\b(?:sections?|blocks?|slides?|biops\w{1,3}|cores?)\b|切片|蜡块|血管|穿刺")
_NOT_HCC = re.compile(
    r"^(?!.*(?:\bhcc|hepatocell|lr-[45m])).*(?:lr-[123](?!\d)|perfusion|灌注异常|血管瘤|ha?emangioma)",
    re.DOTALL,
)
# "Satellites: 3 to 4 small nodules".
_AT_SATELLITES = re.compile(
    r"\b(?:satellit\w{0,3}|daughter nodules?)(?: \w{1,12})?\s?[:=]\s{0,2}(?:about |approximately |some )?$"
)
# "multifocal recurrence may happen".
_MAY_COME = re.compile(
    r"[^.;,]{0,30}\b(?:may|might|could|can) (?:happen|occur|develop|arise|appear)"
)
# Small nodules next to the tumour are no further tumours.
_BESIDE = re.compile(
    r"(?:肿物|肿瘤|主瘤|癌|肿块|病灶|瘤)(?:旁|周边|周围|周)[^,;。]{0,10}$|(?:[距离](?:主?瘤|主灶|肿[瘤物块]|癌灶?|病灶|包膜)|(?:瘤|肿块|肿物|癌|灶|包膜)外侧?)[^,;。]{0,12}处[^,;。]{0,4}$"
)
_LIES_BESIDE = re.compile(
    r"(?:[^.;]|\.\d){0,130}?\b(?:keeping with|consistent with|represent\w{0,4}|regarded as|are|as|being|called) (?:\w{1,12} ){0,2}(?:satellit|daughter)|(?:(?!margin|line|edge|plane)[^.;]|\.\d){0,60}?\d ?(?:cm|mm) (?:away )?from (?:it|the (?:mass|tumou?r|main))|[^.;]{0,40}?\b(?:beside|next to|adjacent to|close to|around|near) (?:it|the (?:main|dominant|large|mass|tumou?r))"
)
# Said without the word for what they count.
_BARE = frozenset({"single", "solitary", "multiple", "单发", "多发", "单个", "孤立", "孤立性"})


def read_number(sentence: Sentence) -> Iterator[Statement]:
    """Yield what a sentence says of the number of tumours."""
    if sentence.asks or _NOT_HCC.search(sentence.text) or void_amounts(sentence.text):
        return
    text = sentence.text
    yield from _counts(sentence)
    yield from _totals(sentence)
    for match in _SOLITARY.pattern.finditer(text):
        if _is_of_tumours(text, match):
            yield _statement(sentence, match, Amount(Decimal(1), Decimal(1)), _SOLITARY.name)
    for match in _MULTIPLE.pattern.finditer(text):
        if _is_of_tumours(text, match):
            yield _statement(sentence, match, Amount(Decimal(2), None), _MULTIPLE.name)


def _counts(sentence: Sentence) -> Iterator[Statement]:
    """Yield the counts that stand with a tumour."""
    text = sentence.text
    for rule in (_STATED_EN, _COUNTED_EN, _COUNTED_ZH):
        for match in rule.pattern.finditer(text):
            if not _is_of_tumours(text, match) or _is_of_something_else(sentence, match):
                continue
            written = next(
                value
                for name, value in match.groupdict().items()
                if value and name not in ("to", "few", "more")
            )
            count = _without_satellites(count_of(written), text[match.end() :])
            if count > 0:
                yield _statement(sentence, match, _counted(count, text, match), rule.name)


def _totals(sentence: Sentence) -> Iterator[Statement]:
    """Yield "2 in all" of the tumours that the sentence has named before."""
    text = sentence.text
    for match in _TOTAL_EN.finditer(text):
        before = f"{sentence.lead}{text[: match.start()]}"[-160:]
        if re.search(rf"\b{_TUMOUR_EN}\b", before) and not _NOT_TUMOURS.pattern.search(before):
            count = count_of(next(value for value in match.groups() if value))
            amount = Amount(Decimal(count), Decimal(count))
            yield _statement(sentence, match, amount, _STATED_EN.name)
    for match in IN_EACH_SEGMENT_ZH.finditer(text):
        if not _NOT_TUMOURS.pattern.search(text[match.start() : match.end() + 6]):
            count = len(re.findall(r"s\d", match["segments"])) * count_of(match["count"])
            amount = Amount(Decimal(count), Decimal(count))
            yield _statement(sentence, match, amount, _COUNTED_ZH.name)
    for match in TOTAL_ZH.finditer(text):
        if _is_total(f"{sentence.lead}{text[: match.start()]}"[-80:]):
            count = _without_satellites(count_of(match["count"]), text[match.end() :])
            yield _statement(sentence, match, _counted(count, text, match), _COUNTED_ZH.name)


def _statement(sentence: Sentence, match: re.Match[str], amount: Amount, rule: str) -> Statement:
    return Statement(
        NUMBER_OF_TUMOURS,
        amount,
        f"tumour_number/{rule}",
        sentence.start + match.start(),
        sentence.start + match.end(),
        sentence.is_correcting,
    )


def _is_of_something_else(sentence: Sentence, match: re.Match[str]) -> bool:
    """Tell whether a label without a noun ("数目:3") stands behind MVI, satellites or the like."""
    if not match[0].startswith(("数", "个数", "总数", "灶数")):
        return False
    named = f"{sentence.lead}{sentence.text[: match.start()]}"[-40:]
    return bool(_NOT_TUMOURS.pattern.search(named))


def _is_total(before: str) -> bool:
    """Tell whether what a sentence has named before "in all" is tumours and nothing else."""
    return bool(re.search(TUMOUR_ZH, before)) and not _NOT_TUMOURS.pattern.search(before[-60:])


def _counted(count: int, text: str, match: re.Match[str]) -> Amount:
    up_to, few = match.groupdict().get("to"), match.groupdict().get("few")
    if match.groupdict().get("more"):
        return Amount(Decimal(count), None)
    if few:
        return Amount(Decimal(count_of(few)), Decimal(count))
    if up_to:
        return Amount(Decimal(count), Decimal(count_of(up_to)))
    if _AT_LEAST_ZH.search(match[0]) or text.startswith(("以上", "及以上"), match.end()):
        return Amount(Decimal(count), None)
    if _MORE_THAN_ZH.search(match[0]):
        return Amount(Decimal(count), None, low_open=True)
    in_front = text[max(0, match.start() - 14) : match.start()]
    inside = re.sub(r"\w{1,8}$", "", match[0])
    if _AT_LEAST.pattern.search(in_front) or _AT_LEAST.pattern.search(inside):
        return Amount(Decimal(count), None, low_open=bool(_MORE_THAN.search(in_front)))
    return Amount(Decimal(count), Decimal(count))


def _is_of_tumours(text: str, match: re.Match[str]) -> bool:
    """Tell whether a count is of tumours: nothing else is named in its clause, nothing is doubted."""
    start = max((text.rfind(sign, 0, match.start()) for sign in ",;(:"), default=-1) + 1
    behind = re.split(
        r"[,;:(/.]|\b(?:and|with|without|accompanied|surrounded|plus|in an? (?:cirrhotic|non)|has|one|including|incl|of which)\b|及|和|伴|并|另|其中|含|包括",
        text[match.end() : match.end() + 40],
    )[0]
    if _NOT_TUMOURS.pattern.search(f"{match[0]}{behind}"):
        return False
    named = _NAMED.pattern.match(text[match.end() :])
    if (
        match[0] in _BARE
        and not named
        and _NOT_TUMOURS.pattern.search(_WITHIN.sub(" ", text[: match.start()][-40:]))
    ):
        return False
    if TURNS_OUT_ZH.match(text, match.end()) or is_weak(text, match.start(), match.end()):
        return False
    if _BESIDE.search(text[max(0, match.start() - 28) : match.start()]) or _LIES_BESIDE.match(
        text[match.end() : match.end() + 190]
    ):
        return False
    if _MAY_COME.match(text, match.end()) or _AT_SATELLITES.search(text[: match.start()][-40:]):
        return False
    before = text[start : match.start()][-40:]
    if _AT_LEAST.pattern.search(before) or _IN_ALL.search(match[0]):
        return True
    if _OF_VESSELS.pattern.search(text[max(0, match.start() - 60) : match.end()]):
        return False
    if match[0].endswith(("focus", "foci")) and _VESSELS_BEHIND.match(text[match.end() :]):
        return False
    if _MERE_NODULES.pattern.search(f"{before}{match[0]}"):
        return False
    return not _UNSURE.pattern.search(before) and not _NOT_TUMOURS.pattern.search(
        _WITHIN.sub(" ", before[-20:] + match[0][:2])
    )


def _without_satellites(count: int, following: str) -> int:
    """Take off the satellites that a count says it includes."""
    match = _INCLUDING.pattern.search(following)
    if not match:
        return count
    minus = match["minus"] or match["minus2"]
    if minus is None:
        return count - 1 if match["sat"] and "one" in match[0] else count
    return count - (int(minus) if minus.isdigit() else COUNT_WORDS[minus])
