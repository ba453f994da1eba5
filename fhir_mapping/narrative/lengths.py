"""Lengths: which one is the size of a tumour, which the distance to the parenchymal margin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_mapping.narrative.numbers import NUMBER, RANGE, amount_of, decimal_of
from fhir_mapping.narrative.rules import any_of, search
from fhir_mapping.narrative.sentences import Sentence
from fhir_mapping.narrative.statements import Amount, Statement

__all__ = ["MARGIN", "SIZE", "read_lengths"]

SIZE, MARGIN = "tumour_size_cm", "margin_cm"
_UNIT = (
    r"(?P<unit>cm|mm|centimet(?:er|re)s?|millimet(?:er|re)s?|厘米|公分|毫米|㎝|㎜)(?![a-z\d²³]|\^)"
)
_LENGTH = re.compile(
    rf"{RANGE}\s{{0,2}}(?P<unit1>cm|mm|厘米|毫米)?\s{{0,2}}"
    rf"(?:(?P<to>-{{1,2}}|~|to|and|至|到|,|及|与|和|、|\+|&)\s{{0,2}}(?P<high>{NUMBER})\s{{0,2}}"
    rf"|(?P<dims>(?:(?:[x×*]|by)\s{{0,2}}{NUMBER}\s{{0,2}}(?:cm|mm|厘米)?\s{{0,2}}){{1,2}})){{0,1}}[\s-]{{0,2}}{_UNIT}"
    rf"|(?P<bare>\b0) ?(?=[,;.。)]|$)"
)
_UNIT_FIRST = re.compile(
    rf"\((?P<unit>cm|mm|厘米|毫米)\)\s?[:=]?\s?(?P<numbers>{NUMBER}(?:\s?[x×*]\s?{NUMBER}){{0,2}})(?!\s?(?:cm|mm|[\d.x×*%]))"
)
_LIST = re.compile(
    rf"(?<![a-z\d.-])(?<!segment )(?<!segments )(?<!seg )(?<!seg\. )(?<!section )(?<!/)(?:(?:s\d[ab]?\s)?{NUMBER}\s?[,/、]\s?){{1,6}}(?:s\d[ab]?\s)?$"
)
_FACTORS = {
    "mm": Decimal("0.1"),
    "millimeter": Decimal("0.1"),
    "毫米": Decimal("0.1"),
    "㎜": Decimal("0.1"),
}

_EDGE_EN = r"(?:margins?|resection (?:plane|surface|line|edge|margin)|transection (?:plane|surface|line|margin)|cut (?:surface|edge|margin|plane)|(?:inked|liver|parenchymal|hepatic) (?:surface|edge|plane|border)|ink\b|parenchymal plane|(?:transected|resected|divided|cut|raw) (?:liver |parenchymal |hepatic )?(?:surface|parenchyma|edge|margin|liver|plane)|(?:surgical|liver|hepatic|parenchymal)[- ](?:margin|edge|surface|plane|resection))"
_EDGE_ZH = r"(?:肝?(?:实质)?切缘|(?:肝)?(?:实质)?断面|(?:肝)?断端|(?:手术)?切面缘|(?:肝)?切除(?:边缘|缘|面)|(?:肝)?离断面|切离面|墨汁?染?面|肝切面|断缘|肝断缘|切沿|切端|切除断缘|肝?残端|切线)"
_MARGIN_BEFORE = any_of(
    "margin-before",
    rf"\b(?:margins?|marg\b\.?|clearance|tumou?r-free distance|free distance|(?:sm|rm)(?=[^a-z]{{0,8}}$)|(?:clear(?:ed)?|free|uninvolved|negative) by|rim of (?:normal |non-?tumou?r\w{0, 3} )?(?:liver|parenchyma)|{_EDGE_EN})(?![a-z])",
    rf"{_EDGE_ZH}|与肝?切[面缘](?:间隔|相距|距离|间距)|距(?:肿?瘤|癌|病灶|肿块|主瘤)",
    does="the margin is named before the length",
)
_MARGIN_AFTER = any_of(
    "margin-after",
    r"^\W{0,3}(?:wide |clear |free |tumou?r-free |parenchymal |liver |hepatic |surgical |resection |closest |nearest |minimum |minimal |negative ){0,4}(?:margins?\b|clearance\b|parenchyma\b)",
    rf"^\W{{0,3}}(?:away |clear |distant |distance |short |off )?(?:from|of|to) (?:the |its |their |that )?(?:[\w-]{{1,16}} ){{0,4}}?{_EDGE_EN}\b",
    rf"^(?!\s?的?(?:肿瘤|肿块|结节|病灶|占位))[^,;。]{{0,6}}(?:距|离)?(?:最近)?{_EDGE_ZH}",
    does="the margin is named behind the length",
)
_ACROSS = any_of(
    "margin-across",
    rf"^ of (?:\w{{1,14}} ){{0,3}}(?:parenchyma|liver|tissue)\b[^.;]{{0,60}}? (?:from|and) (?:the |its )?{_EDGE_EN}",
    does="a width of liver between tumour and edge",
)
_BARE_DISTANCE = any_of(
    "bare-distance",
    rf"距(?:肿?瘤|癌|病灶|肿块|主瘤)(?!.{{0,12}}{_EDGE_ZH})",
    does="a distance from the tumour with no edge named",
)
_OTHER_MARGIN = any_of(
    "other-margin",
    r"\b(?:ptv|radiotherapy|rt|pancrea\w{1,4}|rect(?:um|al)|colon\w{0,2}|gastric|lung|breast|kidney|renal|prostat\w{1,3}|bile ducts?|biliary|bronchial|circumferential|radial|vascular|vessel|portal(?: vein)?|hepatic vein|venous|skin|deep|capsul\w{1,3}|glisson\w{0,2}|seros\w{1,3}|hilar|hilum|peritone\w{1,3}|diaphragm\w{0,3}|gall ?bladder|ablation|ablative|safety|proximal|distal|stapl\w{1,3}|vein|artery|cava|ivc|(?<!cut )surface of the liver|(?<!transected )(?<!cut )(?<!resected )(?<!divided )liver surface|lateral|cystic duct|stump)\b",
    r"胆管|胆囊|支气管|环周|血管|门静脉|肝静脉|静脉|腔静脉|被膜|包膜|皮肤|肝门|浆膜|膈|ptv|放疗|基底|动脉|胰|肠|胃|肺|乳|消融|安全|表面|胆总管|残端血管",
    does="the margin of something else than the liver",
)
_PLANNED = any_of(
    "planned-or-estimated",
    r"\b(?:planned|estimat\w{1,4}|intended|aim\w{0,3}|macroscopic(?:ally)? estimat\w{1,4}|intra-?operative(?:ly)?|by ultrasound|expected|presumably|approximate margin|on palpation|by eye|by the surgeon|judged|felt to be|marked|drawn|outlined|impression|scored)\b|处(?:切|离断|划|横断)|拟|预计|估计|目测|预留|估|计划|标记|预切|划定|预定|拟定|设定|切线",
    does="a margin that is planned or estimated",
)
_SIZE_WORD = any_of(
    "size-word",
    r"\b(?:size|sized|diameters?|dimensions?|dia\.|diam\.|measur\w{1,4}|largest|greatest|maxim\w{1,4}|max|up to|across|extent|biggest|larger)\b|\bthe (?:first|second|third|larger|smaller|other)\b",
    r"最大径|直径|大小|长径|径线|最大者|大者|最大|径|约|体积",
    does="words for a size",
)
_TUMOUR_WORD = any_of(
    "tumour-word",
    r"\bthe (?:first|second|third)(?=,| (?:in|was|is|measur))|\b(?:tumou?rs?|hccs?|hepatoma|carcinomas?|mass(?:es)?|nodul\w{1,4}|lesions?|neoplasms?|foc(?:us|i)|observations?|wash-?out|main node|cancers?|lr-[45m]|solitary|single|unifocal|multifocal|malignan\w{1,4}|growth|hypervascular|tu\b)",
    r"肿瘤|癌灶|肿块|肿物|结节|病灶|病变|占位|肝癌|主瘤|癌结节|单发|孤立|瘤体|癌|瘤|实性|包块|hcc|廓清|单个|单发|快进快出|回声(?:团|区|结节)|团块|巨块|肝ca|新生物",
    does="words for the tumour",
)
_NOT_TUMOUR = any_of(
    "not-the-tumour",
    r"\b(?:satellit\w{0,3}|daughter|rent|tear|rupture site|(?:treated|ablat\w{1,3}|ablation) (?:area|zone|cavity|lesion)|(?:(?:hemi|bi)?hepatectomy|lobectomy|segmentectomy|sectionectomy|resection|bisegmentectomy|trisectionectomy)\b[^,;]{0,40}?(?:weigh\w{1,4}|measur\w{1,4})|specimens?|pieces? of|piece|liver of|liver measur\w{1,4}|resectate|cysts?|cystic|incision|lymph|(?<!tumour )(?<!tumor )(?<!main )nodes?|spleen|splenic|kidney|renal|lung|pulmonary|thyroid|pancrea\w{1,4}|h(?:a)?emangiomas?|fnh|hyperplasia|adenoma|regenerative|dysplastic|cirrhotic nodules?|nodules of cirrhosis|diameter of the (?:portal|vein|duct|common)|portal vein|vein diameter|duct|varic\w{1,4}|gallstones?|stones?|aneurysm|thrombus|thrombosis|thromb\w{2,4}|slice|slices|section|collimation|effusion|fluid|drain|catheter|needle|core|cores|biops\w{1,3}|scar|width of|thick\w{0,4}|thickness|trocar|mesh|stump|gall ?bladder|adrenal|abscess|hernia|lipoma|leiomyoma\w{0,2}|angiomyolipoma|melanoma|ablation|necrosis|lobe|parenchyma of|remnant|wedge of|fragments?|tissue|cuff|h(?:a)?ematoma|collection|polyp|port|capsule|wall|uptake|stent|tube|foci of mvi|embol\w{1,3})\b(?: (?:nodul\w{1,4}|lesions?|mass(?:es)?|tumou?rs?|foc(?:us|i)))?",
    r"(?:卫星|再生|增生|囊性|不典型)(?:结节|病灶|灶)|卫星|子灶|标本|切口|囊肿|囊性|淋巴结|脾|肾|肺|甲状腺|胰|破口|裂口|血管瘤|fnh|增生(?!型)|腺瘤|[左右]半肝(?!切除)|全肝|再生结节|不典型增生|门静脉|静脉|胆管|胆总管|胆囊|结石|动脉瘤|血栓|癌栓|层厚|积液|引流|穿刺|瘢痕|厚|网片|脓肿|脂肪瘤|平滑肌瘤|错构瘤|黑色素瘤|消融|坏死|肝组织|送检(?:肝|组织)|组织一|血肿|息肉|包膜|肝叶|残肝|内径|管径|肝脏?(?:大小|体积)|肝右叶|肝左叶|包虫|条|碎",
    does="the value is not of the tumour",
)
# Where a tumour lies, and parts of it, are not what is measured.
_LOCATED = re.compile(
    r"\b(?:(?:in|of|within|involving|occupying|near|throughout|from|at) )?(?:the |both )?(?:right|left|rt|lt|caudate|quadrate|hepatic|liver)(?: (?:hepatic|liver|posterior|anterior|medial|lateral))? (?:lobes?|sections?|sectors?|parenchyma)\b(?: (?:of )?(?:the )?liver)?|[左右尾]?肝?[左右尾]叶"
)
_PARTS = re.compile(r"\b(?:pseudo-?)?capsules?\b|包膜|\bnecrosis\b|坏死|\bwall\b")
_BENIGN = any_of(
    "benign-lesion",
    r"\b(?:ha?emangioma|fnh|focal nodular hyperplasia|adenoma|simple cyst|non-?viable|lr-[123](?!\d)|dysplastic|regenerative)\b|血管瘤|囊肿|腺瘤|局灶性结节(?:状)?增生|再生结节",
    does="the length is of a benign lesion",
)
_MALIGNANT = re.compile(r"\b(?:hcc|hepatocellular|carcinoma|lr-?5|malignan)|肝癌|癌|恶性")
_MAYBE_SATELLITE = re.compile(r"\b(?:may|might|could|possibl\w|probabl\w)\b.{0,30}satellit")
_SPECIMEN = re.compile(
    r"\W{0,3}(?:\w{1,12} )?(?:group|cluster|nest|clump|wedge|piece|fragment|portion|specimen|segmentectomy|lobectomy|cuff|core|incision|defect|rent|tear|hole|laceration)"
)
_SEGMENT_LINE = re.compile(
    r"[\s#\d.)(-]{0,6}(?:seg(?:ment|s)?\.? ?(?:[1-8]|[iv]{1,4})|s[1-8])[ab]?(?:/\d)?\s?[,:(]"
)
_SATELLITE = re.compile(r"satellit|daughter|卫星|子灶|子结节")
_NEXT_TO_TUMOUR = re.compile(r"(?:癌|瘤|肿物|肿块)(?:旁|周|周边)[^,;]{0,6}[一二两三]?$")
_NEW_PHRASE = re.compile(r"\b(?:with|and|at|near|from|next|which|that|on|having|beside)\b|:")
_NOWHERE = 10_000
_BESIDE = re.compile(
    r"\W{0,3}(?:\w{1,14} ){0,2}(?:foc(?:us|i)|deposits?|nodules?|lesions?) (?:adjacent|next|close|beside|near|outside|away|separate)"
)
_DISTANCE = any_of(
    "distance-to-something",
    r"^\W{0,3}(?:away |distant |proximal |distal |above |below |lateral |medial |deep |beneath )?(?:from|to|under|below|above|deep to|beneath|off) (?!\d)|\bdistance (?:to|from|between)\b[^,;]{0,40}$|^[^,;。]{0,4}(?:处|以外|以下)",
    does="a length that is a distance to something",
)
_DISTANCE_BEFORE = any_of(
    "distance-before",
    r"\bdistance\b|\bdistant\b|\bwithin\s{0,2}$|距|离(?!断)|间距",
    does="words for a distance in front of a length",
)
_NOT_SAID = any_of(
    "previous-value",
    r"\bnone (?:is |are |was |were )?(?:above |over |larger than |exceeding |more than )?$|\b(?:previously|formerly|was (?:previously|originally|formerly|then|only)|before|prior|earlier|last|compared with|versus|(?<!away )(?<!distant )from)\b[^,;]{0,20}$|(?:原|前次|原为|上次|之前|较前片?|由)[^,;。]{0,10}$",
    does="a value of another time",
)


@dataclass(frozen=True, slots=True)
class _Place:
    amount: Amount
    start: int
    end: int
    before: str
    after: str
    sentence_before: str
    sentence: str


def read_lengths(sentence: Sentence) -> Iterator[Statement]:
    """Yield the sizes of tumours and the distances to the margin in one sentence."""
    for place in _places(sentence):
        name = _name_of(place)
        if name:
            yield Statement(
                name,
                place.amount,
                f"{name}/length",
                sentence.start + _quote_start(place),
                sentence.start + place.end,
                sentence.is_correcting,
            )


def _quote_start(place: _Place) -> int:
    return place.start - len(place.before.lstrip())


def _places(sentence: Sentence) -> Iterator[_Place]:
    text = sentence.text
    previous = 0
    for match in _LENGTH.finditer(text):
        if match["bare"]:
            continue
        factor = _FACTORS.get(match["unit"].removesuffix("s").replace("metre", "meter"), Decimal(1))
        clause = _clause_start(text, match.start())
        yield _Place(
            _amount(match, text[match.end() : match.end() + 12], factor),
            match.start(),
            match.end(),
            text[max(clause, previous) : match.start()],
            text[match.end() : _clause_end(text, match.end())],
            (sentence.lead + text[:clause])[-200:],
            text,
        )
        previous = match.end()
    for match in _UNIT_FIRST.finditer(text):
        # The unit stands first: "size (cm): 4.5".
        factor = Decimal("0.1") if match["unit"] in ("mm", "毫米") else Decimal(1)
        largest = max(map(decimal_of, re.findall(NUMBER, match["numbers"]))) * factor
        yield _Place(
            Amount(largest, largest),
            match.start("numbers"),
            match.end(),
            text[_clause_start(text, match.start()) : match.start()],
            text[match.end() : _clause_end(text, match.end())],
            (sentence.lead + text[: match.start()])[-200:],
            text,
        )


def _amount(match: re.Match[str], following: str, factor: Decimal) -> Amount:
    """Return the amount; of several dimensions, or of sizes in a list, the largest."""
    numbers = [match["low"]]
    listed_before = _LIST.search(match.string[max(0, match.start("low") - 60) : match.start("low")])
    if listed_before:
        numbers += re.findall(NUMBER, re.sub(r"s\d[ab]?\s", "", listed_before[0]))
    if match["dims"]:
        numbers += re.findall(NUMBER, match["dims"])
    between = re.search(r"\bbetween\s{1,2}$|介于$", match.string[: match.start("low")][-12:])
    listed = (
        match["high"]
        and not between
        and match["to"] in (",", "、", "及", "与", "和", "and", "+", "&")
    )
    if listed:
        numbers.append(match["high"])
    if len(numbers) > 1:
        largest = max(decimal_of(number) for number in numbers) * factor
        return Amount(largest, largest)
    return amount_of(match, match["high"], following, factor)


def _clause_start(text: str, place: int) -> int:
    matches = [found.end() for found in re.finditer(r"[,;(/)](?!\d)|(?<!\d),|[)/(;]", text[:place])]
    return matches[-1] if matches else 0


def _clause_end(text: str, place: int) -> int:
    match = re.compile(r"[,;)](?!\d)").search(text, place)
    return match.start() if match else len(text)


def _name_of(place: _Place) -> str:
    """Return which quantity a length is of, empty if of neither."""
    before, after = place.before, place.after
    if _NEXT_TO_TUMOUR.search(before):
        return ""
    if _last(_SATELLITE, before) > _last(_MARGIN_BEFORE.pattern, before):
        return ""
    if _NOT_SAID.pattern.search(before[-40:]):
        return ""
    if _ACROSS.pattern.search(place.sentence[place.end :]):
        return MARGIN
    if _MARGIN_AFTER.pattern.search(after) or _is_margin_before(place):
        near = f"{before} {after[:50]}"
        if search((_OTHER_MARGIN, _PLANNED), near) or _PLANNED.pattern.search(place.sentence):
            return ""
        return MARGIN
    if _DISTANCE.pattern.search(after) or _DISTANCE_BEFORE.pattern.search(before):
        return ""
    return SIZE if _is_size(place) else ""


def _is_margin_before(place: _Place) -> bool:
    """Tell whether the nearest words in front are of the margin, and not of the tumour."""
    nearest = _last(_MARGIN_BEFORE.pattern, place.before)
    if nearest >= 0 and _BARE_DISTANCE.pattern.search(place.before):
        # "距癌灶>1cm" is of MVI or a satellite unless the edge is named in the sentence.
        around = place.sentence[max(0, place.start - 30) : place.end + 12]
        return bool(re.search(_EDGE_ZH, around))
    if nearest >= 0:
        size = _last(_SIZE_WORD.pattern, place.before)
        tumour = _last(_TUMOUR_WORD.pattern, place.before)
        return (
            nearest >= tumour
            or "距" in place.before
            or "distance" in place.before
            or size < nearest
        )
    if place.before.strip(" (:") or _TUMOUR_WORD.pattern.search(place.after):
        return bool(
            re.fullmatch(
                r"\W{0,4}(?:最近处?|最近距离|距离|最窄处?|宽度?|净|为|是|约|肝实质|(?:(?:at |with )?(?:the |a )?(?:closest|nearest|minimum|minimal|min\.?|narrowest|shortest|parenchymal|liver|hepatic|distance|from|tumou?r|clearance|width|point|approach|at least|margin|free|clear) ?){0,4}(?:of|is|by|being|at)?)\W{0,4}(?:仅|只|约)?(?:距\w{0,4})?",
                place.before.strip(),
            )
        ) and _ends_in_margin(place)
    return _ends_in_margin(place)


# What may stand between the margin and its distance ("margin: free of tumour, closest 8 mm").
_MARGIN_FREE = re.compile(
    r"\b(?:free|clear|uninvolved|negative|not involved|involved|positive)\b(?: (?:of|by|from|for))?(?: (?:the )?(?:tumou?r|carcinoma|hcc|malignancy))?|(?:均)?(?:未见|无)(?:癌|肿瘤|瘤)[^,;。]{0,6}|见癌|阳性|\b(?:tumou?r|nodule|lesion) (?:\d|[a-c])\b|未侵犯|墨染处?"
)


def _ends_in_margin(place: _Place) -> bool:
    """Tell whether the last thing named before is a margin, with nothing measured since."""
    previous = _MARGIN_FREE.sub(" ", place.sentence_before)
    margin = _last(_MARGIN_BEFORE.pattern, previous)
    if margin < 0 or re.search(r"\d ?(?:cm|mm|厘米|毫米)", previous[margin:]):
        return False
    others = max(_last(_TUMOUR_WORD.pattern, previous), _last(_NOT_TUMOUR.pattern, previous))
    return margin >= others


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _first(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return match.start() if match else _NOWHERE


def _is_size(place: _Place) -> bool:
    """Tell whether a length is of a tumour: the nearest noun decides, then the sentence."""
    before = _LOCATED.sub(" in it ", place.before)
    tumour, other = _last(_TUMOUR_WORD.pattern, before), _last(_NOT_TUMOUR.pattern, before)
    following = re.match(
        r"\W{0,3}(?:in (?:size|diameter) )?(?:\w{1,14}[ -]){0,3}(?:\w{1,14})",
        _LOCATED.sub(" ", place.after),
    )
    behind = _PARTS.sub(" ", following[0] if following else place.after[:12])
    behind = _NEW_PHRASE.split(behind)[0]
    if _SPECIMEN.match(behind):
        return False
    first_tumour, first_other = (
        _first(_TUMOUR_WORD.pattern, behind),
        _first(_NOT_TUMOUR.pattern, behind),
    )
    rest = re.split(r"\d ?(?:cm|mm)", place.sentence[place.end :])[0]
    if _BENIGN.pattern.search(rest) and not _MALIGNANT.search(f"{before}{rest}"):
        return False
    if _BESIDE.match(place.after) or _MAYBE_SATELLITE.search(rest):
        return False
    if first_tumour < first_other:
        return True
    if (other >= tumour and other > 0) or (
        tumour < 0 and first_other < min(first_tumour, _NOWHERE)
    ):
        return False
    if tumour >= 0 or first_tumour < _NOWHERE:
        return True
    # The clause names nothing: what the clauses before speak of.
    said = _LOCATED.sub(lambda m: " " * len(m[0]), place.sentence_before)
    earlier_tumour = _last(_TUMOUR_WORD.pattern, said)
    earlier_other = _last(_NOT_TUMOUR.pattern, _PARTS.sub(lambda m: " " * len(m[0]), said))
    if earlier_tumour >= 0 or earlier_other >= 0:
        return earlier_tumour > earlier_other
    following_text = place.sentence[place.end :][:80]
    ahead = _TUMOUR_WORD.pattern.search(following_text)
    if ahead:
        return not _NOT_TUMOUR.pattern.search(_PARTS.sub(" ", following_text[: ahead.start()]))
    named = _SIZE_WORD.pattern.search(place.sentence_before[-25:] + before) or (
        _SEGMENT_LINE.match(place.sentence)
    )
    return bool(named) and not _NOT_TUMOUR.pattern.search(_PARTS.sub(" ", place.sentence))
