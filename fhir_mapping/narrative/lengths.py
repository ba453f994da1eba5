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
    rf"(?:(?P<to>-{{1,2}}|~|to|and|至|到|,|及|与|和|、)\s{{0,2}}(?P<high>{NUMBER})\s{{0,2}}"
    rf"|(?P<dims>(?:[x×*]\s{{0,2}}{NUMBER}\s{{0,2}}(?:cm|mm|厘米)?\s{{0,2}}){{1,2}})){{0,1}}\s{{0,2}}{_UNIT}"
    rf"|(?P<bare>\b0) ?(?=[,;.。)]|$)"
)
_LIST = re.compile(rf"(?<![a-z\d.])(?:{NUMBER}\s?(?:cm|mm)?\s?[,/、]\s?){{1,4}}$")
_FACTORS = {
    "mm": Decimal("0.1"),
    "millimeter": Decimal("0.1"),
    "毫米": Decimal("0.1"),
    "㎜": Decimal("0.1"),
}

_EDGE_EN = r"(?:margins?|resection (?:plane|surface|line|edge|margin)|transection (?:plane|surface|line|margin)|cut (?:surface|edge|margin|plane)|(?:inked|liver|parenchymal|hepatic) (?:surface|edge|plane|border)|ink\b|parenchymal plane|(?:surgical|liver|hepatic|parenchymal)[- ](?:margin|edge|surface|plane|resection)|resection)"
_EDGE_ZH = r"(?:肝?(?:实质)?切缘|(?:肝)?(?:实质)?断面|(?:肝)?断端|(?:手术)?切面缘|(?:肝)?切除(?:边缘|缘|面)|(?:肝)?离断面|切离面|切除断缘|肝?残端|切线)"
_MARGIN_BEFORE = any_of(
    "margin-before",
    rf"\b(?:margins?|marg\b\.?|clearance|tumou?r-free distance|free distance|(?:clear(?:ed)?|free|uninvolved|negative) by|rim of (?:normal |non-?tumou?r\w{0, 3} )?(?:liver|parenchyma)|{_EDGE_EN})(?![a-z])",
    rf"{_EDGE_ZH}|距(?:肿?瘤|癌|病灶|肿块|主瘤)",
)
_MARGIN_AFTER = any_of(
    "margin-after",
    r"^\W{0,3}(?:wide |clear |free |tumou?r-free |parenchymal |liver |hepatic |surgical |resection |closest |nearest |minimum |minimal |negative ){0,4}(?:margins?\b|clearance\b|parenchyma\b)",
    rf"^\W{{0,3}}(?:away |clear |distant |distance |short |off )?(?:from|of|to) (?:the |its |their |that )?(?:\w{{1,14}} ){{0,4}}?{_EDGE_EN}\b",
    rf"^[^,;。]{{0,6}}(?:距|离)?(?:最近)?{_EDGE_ZH}",
)
_BARE_DISTANCE = any_of("bare-distance", rf"距(?:肿?瘤|癌|病灶|肿块|主瘤)(?!.{{0,12}}{_EDGE_ZH})")
_OTHER_MARGIN = any_of(
    "other-margin",
    r"\b(?:bile ducts?|biliary|bronchial|circumferential|radial|vascular|vessel|portal(?: vein)?|hepatic vein|venous|skin|deep|capsul\w{1,3}|glisson\w{0,2}|seros\w{1,3}|hilar|hilum|peritone\w{1,3}|diaphragm\w{0,3}|gall ?bladder|ablation|ablative|safety|proximal|distal|stapl\w{1,3}|vein|artery|cava|ivc|surface of the liver|liver surface|lateral|cystic duct|stump)\b",
    r"胆管|胆囊|支气管|环周|血管|门静脉|肝静脉|静脉|腔静脉|被膜|包膜|皮肤|肝门|浆膜|膈|基底|动脉|远端|近端|消融|安全|表面|胆总管|残端血管",
)
_PLANNED = any_of(
    "planned-or-estimated",
    r"\b(?:planned|estimat\w{1,4}|intended|aim\w{0,3}|macroscopic(?:ally)? estimat\w{1,4}|intra-?operative(?:ly)?|by ultrasound|expected|presumably|approximate margin|on palpation|by eye|by the surgeon|judged|felt to be|marked|scored)\b|处(?:切|离断|划|横断)|拟|预计|估计|目测|预留|估|计划|标记|预切",
)
_SIZE_WORD = any_of(
    "size-word",
    r"\b(?:size|sized|diameters?|dimensions?|dia\.|diam\.|measur\w{1,4}|largest|greatest|maxim\w{1,4}|max|up to|across|extent|biggest|larger)\b",
    r"最大径|直径|大小|长径|径线|最大者|大者|最大|径|约|体积",
)
_TUMOUR_WORD = any_of(
    "tumour-word",
    r"\b(?:tumou?rs?|hccs?|hepatoma|carcinomas?|mass(?:es)?|nodul\w{1,4}|lesions?|neoplasms?|foc(?:us|i)|solitary|single|unifocal|multifocal|malignan\w{1,4}|growth|hypervascular|tu\b)",
    r"肿瘤|癌灶|肿块|肿物|结节|病灶|占位|肝癌|主瘤|癌结节|单发|孤立|瘤体|癌|瘤|实性|包块|hcc",
)
_NOT_TUMOUR = any_of(
    "not-the-tumour",
    r"\b(?:satellit\w{0,3}|daughter|specimens?|pieces? of|piece|liver of|liver measur\w{1,4}|resectate|cysts?|cystic|incision|lymph|node|nodes|spleen|splenic|kidney|renal|lung|pulmonary|thyroid|pancrea\w{1,4}|h(?:a)?emangioma|fnh|hyperplasia|adenoma|regenerative|dysplastic|cirrhotic nodules?|nodules of cirrhosis|diameter of the (?:portal|vein|duct|common)|portal vein|vein diameter|duct|varic\w{1,4}|gallstones?|stones?|aneurysm|thrombus|thrombosis|thromb\w{2,4}|slice|slices|section|collimation|effusion|fluid|drain|catheter|needle|core|cores|biops\w{1,3}|scar|width of|thick\w{0,4}|thickness|trocar|mesh|stump|gall ?bladder|adrenal|abscess|hernia|lipoma|leiomyoma\w{0,2}|angiomyolipoma|melanoma|ablation|necrosis|lobe|parenchyma of|remnant|wedge of|fragments?|tissue|cuff|h(?:a)?ematoma|collection|polyp|port|capsule|wall|uptake|stent|tube|foci of mvi|embol\w{1,3})\b(?: (?:nodul\w{1,4}|lesions?|mass(?:es)?|tumou?rs?|foc(?:us|i)))?",
    r"(?:卫星|再生|增生|囊性|不典型)(?:结节|病灶|灶)|卫星|子灶|标本|切口|囊肿|囊性|淋巴结|脾|肾|肺|甲状腺|胰|血管瘤|fnh|增生|腺瘤|再生结节|不典型增生|门静脉|静脉|胆管|胆总管|胆囊|结石|动脉瘤|血栓|癌栓|层厚|积液|引流|穿刺|瘢痕|厚|网片|脓肿|脂肪瘤|平滑肌瘤|错构瘤|黑色素瘤|消融|坏死|肝组织|送检(?:肝|组织)|组织一|血肿|息肉|包膜|肝叶|残肝|内径|管径|肝脏?(?:大小|体积)|肝右叶|肝左叶|包虫|条|碎",
)
_DISTANCE = any_of(
    "distance-to-something",
    r"^\W{0,3}(?:away |distant |proximal |distal |above |below |lateral |medial |deep |beneath )?(?:from|to|under|below|above|deep to|beneath|off) (?!\d)|\bdistance (?:to|from|between)\b[^,;]{0,40}$|^[^,;。]{0,4}(?:处|以外|以下)",
)
_DISTANCE_BEFORE = any_of(
    "distance-before", r"\bdistance\b|\bdistant\b|\bwithin\s{0,2}$|距|离(?!断)|间距"
)
_NOT_SAID = any_of(
    "previous-value",
    r"\b(?:previously|formerly|was|before|prior|earlier|last|compared with|versus|from)\b[^,;]{0,20}$|(?:原|前次|原为|上次|之前|较前片?|由)[^,;。]{0,10}$",
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
    for place in _places(sentence.text):
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


def _places(text: str) -> Iterator[_Place]:
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
            text[max(0, clause - 200) : clause],
            text,
        )
        previous = match.end()


def _amount(match: re.Match[str], following: str, factor: Decimal) -> Amount:
    """Return the amount; of several dimensions, or of sizes in a list, the largest."""
    numbers = [match["low"]]
    listed_before = _LIST.search(match.string[max(0, match.start("low") - 60) : match.start("low")])
    if listed_before:
        numbers += re.findall(NUMBER, listed_before[0])
    if match["dims"]:
        numbers += re.findall(NUMBER, match["dims"])
    listed = match["high"] and match["to"] in (",", "、", "及", "与", "和", "and")
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
    if _NOT_SAID.pattern.search(before[-40:]):
        return ""
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
        return bool(re.search(_EDGE_ZH, place.sentence))
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
                r"\W{0,4}(?:最近处?|最近距离|距离|distance|最窄处?|closest|nearest|minimum|min\.?|at least|约|parenchymal|liver|hepatic|肝实质)?\W{0,4}(?:距\w{0,4})?",
                place.before.strip(),
            )
        ) and _ends_in_margin(place)
    return _ends_in_margin(place)


def _ends_in_margin(place: _Place) -> bool:
    previous = place.sentence_before.rstrip(" ,;(")
    clause = previous[_clause_start(previous, len(previous)) :]
    return bool(_MARGIN_BEFORE.pattern.search(clause)) and not re.search(r"\d ?(?:cm|mm)", clause)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _is_size(place: _Place) -> bool:
    """Tell whether a length is of a tumour: the nearest noun decides, then the sentence."""
    before = place.before
    tumour, other = _last(_TUMOUR_WORD.pattern, before), _last(_NOT_TUMOUR.pattern, before)
    following = re.match(
        r"\W{0,3}(?:in (?:size|diameter) )?(?:\w{1,14}[ -]){0,3}?(?:\w{1,14})", place.after
    )
    behind = following[0] if following else place.after[:12]
    if (other >= tumour and other > 0) or (tumour < 0 and _NOT_TUMOUR.pattern.search(behind)):
        return False
    if tumour >= 0 or _TUMOUR_WORD.pattern.search(behind):
        return True
    # The clause names nothing: what the clauses before speak of.
    earlier_tumour = _last(_TUMOUR_WORD.pattern, place.sentence_before)
    earlier_other = _last(_NOT_TUMOUR.pattern, place.sentence_before)
    if earlier_tumour >= 0 or earlier_other >= 0:
        return earlier_tumour > earlier_other
    if _TUMOUR_WORD.pattern.search(place.sentence[place.end :][:80]):
        return not _NOT_TUMOUR.pattern.search(place.sentence[place.end :][:30])
    return bool(
        _SIZE_WORD.pattern.search(place.sentence_before[-25:] + before)
    ) and not _NOT_TUMOUR.pattern.search(place.sentence)
