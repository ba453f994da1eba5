"""How Chinese reports count tumours: the words that rules of the number are made of."""

from __future__ import annotations

import re

__all__ = [
    "COUNTED_ZH",
    "IN_EACH_SEGMENT_ZH",
    "MULTIPLE_ZH",
    "SOLITARY_ZH",
    "TOTAL_ZH",
    "TUMOUR_ZH",
    "TURNS_OUT_ZH",
    "is_weak",
]

_COUNT = r"(?:\d{1,2}|[一二两三四五六七八九十壹贰叁])"
_EACH = r"[个枚颗处粒]"
# An appearance: a tumour only where the sentence says more of it (is_weak).
_SEEN_AS = (
    r"(?:[低高等强弱稍略混合杂]{1,4}(?:密度|信号|回声|回音)(?:团块?|区|结节|灶|肿块|包块|影)?"
    r"|t2(?:wi)?稍?高信号(?:影|灶)?|异常(?:强化|密度|信号|回声)(?:灶|影|区)?|强化(?:灶|结节|影)|软组织(?:密度)?影|团块影|光团)"
)
TUMOUR_ZH = (
    r"(?:瘤结节|复发灶|肿瘤结节|肿瘤|癌灶|肿块|肿物|癌?结节|病灶|占位|肝细胞癌|肝癌|hcc|包块|瘤灶|瘤体|瘤子|主瘤|主灶|巨块"
    r"|[低高等强弱稍混合]{0,3}回[声音](?:团块?|区|结节|灶|肿块)|强化灶|团块|灶)"
)
_NAMED_ZH = rf"(?:{TUMOUR_ZH}|{_SEEN_AS}|lesions?|nodules?|mass(?:es)?|tumou?rs?)(?!组织|细胞|标本|标志|标记)"
_LENGTH = r"\d{1,3}(?:\.\d{1,2})?\s?(?:(?:cm|mm|厘米|公分|毫米)?\s?[x×*]\s?\d{1,3}(?:\.\d{1,2})?\s?){0,2}(?:cm|公分|厘米|mm|毫米)"
# What may stand between a count and what it counts.
_LOOKS = (
    r"(?:独立|分离|孤立|灰[白黄褐红]色?|黄白色?|多彩状?|鱼肉[样状]|质地?[硬软韧中脆稍偏较]{1,3}|实质?性|强化|富血供|乏血供|lr-[45m]|明显|显著"
    r"|大小不[等一]|大小相[近仿]|肝内|肝脏|肝|[较巨]?大|[较微]?小|[低高等强弱稍混合杂]{1,4}(?:密度|信号|回声|回音)|不?典型|类?圆形|椭圆形|卵圆形|不规则形?|球形"
    rf"|(?:结节|团块|巨块|分叶|块)[状样形]|外生性?|[动门静延]脉?[脉迟]?期|快进快出|显影|廓清|wash-?out|arterial|hyper|enhanc\w{{1,4}}|hypervascular|{_LENGTH}"
    r"|不?均[匀质]|异常|活性|新发?|恶性|原发性?|边?界[限]?不?清(?:楚|晰)?|有?包膜|无包膜|完整|直径|大小|长径|最大径|[左右]叶|s\d(?:/\d)?"
    r"|相邻|毗邻|散在|融合|略|约|为|之|的|地|色|性|状|样|呈|较|、|及|伴|\s)"
)
_AS = r"(?:数目|个数|数量|总数|数|至少|不少于|超过|多于|大于|多达|估计|约|≥|>|=|[共仅只]?[有见计为]|共|仅|只|分别|:|,|\(|\s|\x01)"
_TO = rf"(?:\s?(?:-|~|至|到)\s?(?P<to>{_COUNT}))?"
_NO_TIME = r"(?![月区周]|小时|疗程|视野|高倍|切片|蜡块)"

COUNTED_ZH = (
    # "肿瘤2枚", "病灶至少3个", "病灶2-3个"
    rf"(?<![卫星子])(?<!星病)(?<!星癌){TUMOUR_ZH}{_AS}{{0,20}}(?P<count>{_COUNT}){_TO}\s?(?:{_EACH}|灶|\)){_NO_TIME}",
    # "双灶肝癌", "肝细胞癌2灶"
    rf"(?<![\d.])(?P<count6>[双两三四])(?:结节|灶|原发)(?:性|型)?(?=hcc|肝癌|肝细胞癌)|(?:肝细胞癌|肝癌|hcc)(?P<count7>{_COUNT})灶(?![卫性])",
    r"(?:^|(?<=[。;\n]))\s?(?P<count8>[两二三四五])灶(?=[:,均])",
    # "肿瘤,S5及S6,2枚"
    rf"(?<![卫星子])(?:{TUMOUR_ZH}|肝ca|巨块型|结节型)[^;。卫子星淋]{{0,40}}?(?<=[,(、cm米分])\s?计?(?P<count4>{_COUNT})\s?[个枚颗](?=[,;。)]|$)",
    # "2枚灰白结节", "3颗动脉期显影的肿瘤"
    rf"(?:(?<![\d.])|(?<=s\d)(?!\d))(?P<count2>{_COUNT})\s?{_EACH}(?:{_LOOKS}|,){{0,10}}?(?<![卫星子])(?:{TUMOUR_ZH}|lesions|nodules|masses|tumou?rs)",
    # "肿瘤数目(枚):3", "病灶数≥3"; "灶数1" (number.py looks at what was named before)
    rf"(?:(?:肿瘤|癌|病灶|结节|肿物|肿块|占位|瘤)数|数目|个数|数量|总数|灶数)(?:\((?:枚|个|颗)\))?[^\w一-鿿\x01]{{0,3}}(?:n\s?=\s?)?(?:至少|超过|≥|>)?\s?(?P<count3>{_COUNT})(?!\d)(?! ?(?:%|cm|mm|厘米|[=.:]))",
    # "并非两枚,而是三枚"
    rf"{TUMOUR_ZH}[^;。]{{0,14}}?(?:而是|实为|应为|更正为|改为)(?P<count5>{_COUNT})\s?{_EACH}",
    # two in one word, the count behind a stage or behind "multiple"
    rf"(?<![卫星子]){TUMOUR_ZH}[(:,]?(?P<count10>双)[灶发]|p?t[1-4][ab]?\s?\((?P<count11>\d)\s?[灶个枚]|(?:数目|个数|数量)[^;。\n\d]{{0,20}}?:\s?(?:multiple|多发|多个)\s?\(\s?(?P<count12>\d{{1,2}})\s?[个枚颗]?\)",
    # "病灶由2个增至5个"
    rf"{TUMOUR_ZH}(?:数目?)?[由从]{_COUNT}\s?{_EACH}(?:增|减|变)[加多少]?[至到为成](?P<count13>{_COUNT})\s?{_EACH}",
    # "HCC*2"
    rf"(?<![卫星子]){TUMOUR_ZH}\s?[*×x]\s?(?P<count9>\d)(?![\d.])(?!\s?[x×*cm])",
)
# "共2枚" at the end: of what the sentence named before.
TOTAL_ZH = re.compile(
    rf"(?:共计?|合计|总共|总计|共有|共见)\s?(?P<count>{_COUNT})\s?{_EACH}(?=瘤|[,;。:)\s]|$|均|大|最|分别)"
)
# "S3、S7各见一枚结节": as many as segments.
IN_EACH_SEGMENT_ZH = re.compile(
    rf"(?P<segments>s[1-8][ab]?(?:段)?(?:\s?[、,及和与]\s?s[1-8][ab]?(?:段)?){{1,3}})[^,;。一\d]{{0,4}}各(?:可?[见有]|探及|扪及|触及)?(?P<count>一|1)\s?{_EACH}?{_LOOKS}{{0,8}}?(?<![卫星子])(?:{TUMOUR_ZH}|{_SEEN_AS})"
)
SOLITARY_ZH = (
    # "见一灰白肿物", "S7一个4.3cm mass"
    rf"(?<![各之第另每同统余单])(?:一|(?<![\d.])1(?=\s?[个枚颗处])|壹)(?:{_EACH}|块)?{_LOOKS}{{0,12}}?(?<![卫星子]){_NAMED_ZH}",
    r"(?<=[叶段区肝\d])一[^,;。各一二\d]{0,8}?(?:回声团|团块|肿块|肿物|结节|肿瘤|病灶|占位|包块)",
    r"(?<!非)单发|(?:计数|数目|数量|个数):?\s?单(?!位)|单[个颗枚]|孤立性?|单灶|单结节|唯一(?![处点])|主瘤\s?[1一]\s?[枚个]",
    rf"单一[颗个枚]?(?:病灶|结节|肿瘤|癌灶|肿块|$|(?=[,;。\s]))|{TUMOUR_ZH}:?\s?[一1壹]块",
    r"(?:病灶|肿瘤|癌灶|结节|肿块)(?:仅|只)(?:有|为|见)?(?:一|1(?![\d.]))(?:个|枚|处)?",
    r"(?<![各之第])(?:见|有|示|及|探及|触及)(?:到)?(?:一|1)\s?(?:个|枚|处|颗)?[一-鿿、\d.\s×x*约-]{0,18}?(?:cm|公分|厘米|mm)?(?:大小)?(?:的|之)?[一-鿿]{0,6}?(?:肿块|肿物|结节|肿瘤|病灶|占位|癌灶|包块|回声团|团块|肝癌|hcc)",
)
MULTIPLE_ZH = (
    r"多发(?!伤|骨|坏死|钙化|囊|结石|出血)|多结节(?!融合)|多灶|(?<!或为)(?<!或)多中心(?!研究)|散在多(?!核)",
    rf"(?:[多数][个枚处颗]|若干[个枚处颗]?)[^,;。]{{0,10}}(?:肿瘤|癌灶|肿块|结节|病灶|占位|癌)|(?<![卫星子]){TUMOUR_ZH}(?:数目|数量|个数|数)?:?(?:多|数)(?:个|枚|处|颗)",
)
# What the counted nodules turn out to be: "周围多发小结节,考虑子灶".
TURNS_OUT_ZH = re.compile(
    r"[^;。]{0,30}?[,:(]\s?(?:均|皆)?(?:考虑|为|系|即|符合|倾向)[^,;。]{0,6}?(?:卫星|子灶|子结节|再生|硬化|血管瘤|囊肿|良性)"
)
_WEAK = re.compile(
    r"(?:密度|信号|回声|回音)(?:区|灶|影)?$|异常(?:强化|密度|信号|回声)(?:灶|影|区)?$|强化影$|软组织影$|光团$"
)
_SAYS_MORE = re.compile(
    r"强化|廓清|wash-?out|dwi|弥散|癌|恶性|hcc|lr-[45]|快进快出|巨块|造影剂|栓|包膜|血供|肿[瘤块]"
)
_HARMLESS = re.compile(
    r"囊肿|血管瘤|脓肿|钙化|梗死|无(?:明显)?强化|未见(?:明显)?强化|脂肪|灌注|性质待定|碘油"
)


def is_weak(text: str, start: int, end: int) -> bool:
    """Tell whether only an appearance is counted and nothing around it says that it is a tumour."""
    if not _WEAK.search(text[start:end]):
        return False
    around = text[end : end + 120]
    return bool(_HARMLESS.search(around)) or not _SAYS_MORE.search(f"{text[start:end]}{around}")
