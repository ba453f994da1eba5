"""The words for each concept, and the words that end what is said of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fhir_mapping.narrative.rules import Rule, any_of

__all__ = [
    "CAPSULE",
    "MACROVASCULAR",
    "MVI",
    "OTHER",
    "RUPTURE",
    "SATELLITES",
    "Mention",
    "find_mentions",
]

MVI, MACROVASCULAR = "microvascular_invasion", "macrovascular_invasion"
SATELLITES, CAPSULE, RUPTURE = "satellites", "capsule", "rupture"
OTHER = ""

_INVASION = r"(?:inva\w{1,7}|involve\w{0,4}|infiltrat\w{1,4}|permeation|spread|emboli?\w{0,7}|(?:tumou?r )?thromb\w{1,4}|(?:tumou?r )?embol\w{1,4})"
_NEG_IN = r"(?:[^.;,]{0,25}?)"
_TUMOUR = r"(?:tumou?r(?:al|ous)?|malignant|neoplastic|cancer(?:ous)?|carcinoma|hcc)"
_THROMBUS = rf"(?:{_TUMOUR}[- ](?:vein |portal )?(?:thromb\w{{1,4}}|casts?|plugs?|embol\w{{1,3}}|ingrowth|invasion|extension|infiltration|involvement))"
_VEIN = (
    r"(?:(?:main |left |right |middle |segmental |lobar |branch(?:es)? of the |anterior |posterior |extrahepatic |intrahepatic |first-?order |second-?order ){0,3}"
    r"(?:portal(?: (?:vein|venous|trunk|branch|system|and hepatic vein))?s?(?: (?:branch(?:es)?|trunk|system))?|hepatic veins?|(?:inferior )?vena cava|ivc|caval vein|"
    r"(?:large|larger|major|big|gross|great|macroscopic)(?: portal| hepatic)? (?:veins?|vessels?)|mpv|rpv|lpv|pv|ihvc)\b)"
)
_VEIN_ZH = r"(?:门静脉|门脉|门静|门V|肝静脉|肝[左中右]静脉|[左右]?门静脉|下腔静脉|腔静脉|大静脉|大血管|主干静脉|肉眼血管|大脉管|大体血管|血管主干|血管腔?内|静脉内|静脉腔内)"
_CLOT_ZH = r"(?:癌栓|瘤栓|癌性栓子|肿瘤栓子|恶性栓子|栓子|血栓|充盈缺损|侵犯|受侵|侵及|受累|浸润|累及|侵入|侵袭|癌侵)"
_SMALL_ZH = r"(?:微血管|微小血管|小血管|微静脉|小静脉|微脉管|镜下(?:血管|静脉|脉管)|显微镜下(?:血管|静脉|脉管))"

# In this order: of two mentions that overlap the earlier rule's counts.
MENTIONS: tuple[tuple[str, Rule], ...] = (
    (OTHER, any_of(
        "not-mvi", r"\bmvi\b[^.;,]{0,15}?(?:multivitamin|infusion|mitral|motor vehicle)",
    )),
    (MVI, any_of(
        "micro-slash-macro",
        r"\bvascular invasion[ ,:(]{0,3}micro\w{0,9} ?/ ?macro\w{0,9}\)?|\bmicro ?/ ?macro(?:vascular|scopic)? ?(?:vascular )?invasion",
        r"微血管(?:侵犯)?/大血管侵犯",
    )),
    (MACROVASCULAR, any_of(
        "macro-slash-micro",
        r"\bvascular invasion[ ,:(]{0,3}macro\w{0,9} ?/ ?micro\w{0,9}\)?|大血管(?:侵犯)?/微血管侵犯",
    )),
    (MVI, any_of(
        "mvi",
        r"(?<![a-z])mvi(?![a-z]|\s?score)",
        r"\bmicro(?:scopic|[- ]?vascular)?-? ?(?=(?:and|or|nor|and/or|&|/|,) ?(?:gross|macro\w{0,9}|large)[- ]?(?:vasc\w{2,8}|vessel|venous)? ?(?:vasc\w{2,8} )?invasion)|\bmicro-?vascular(?=,? (?:\(|present|absent|no\b|yes|not|identified|:|none|positive|negative))",
        r"(?<=大血管[及和与、或])微血管(?=[均都]?(?:未|无|见|有|:|侵))",
        r"微(?:血管)?(?=[及和与、或/]大血管)|\bvascular invasion\W{0,3}(?:present|identified|yes|positive)\W{1,3}(?:micro\w{0,9}|small[- ]vessels?)",
        rf"\bmicro[- ]?(?:scopic(?:al(?:ly)?)?)?[- ]?(?:vasc?\w{{2,8}}|(?:blood )?vessels?|venous|venular|vein|angio\w{{0,3}}|(?:portal )?venules?)[- ]?(?:\(?mvi\)? ?)?{_INVASION}",
        rf"\bmicroangio\w{{0,3}}[- ]?{_INVASION}|\bmicroscopic (?:vascular|vessel|venous|portal|vein) {_INVASION}",
        rf"\bmicro[- ]?vascular(?: tumou?r)? (?:inv\b\.?|{_INVASION})|\bmicrovessel\w{{0,2}} {_INVASION}|\bsmall[- ]vessel (?:vascular )?{_INVASION}",
        rf"\b{_INVASION} (?:in(?:to|side|of)?|of|within|by) (?:(?:the|a|an|any|some|few|several|two|three|thin-walled|peritumou?ral|intrahepatic|peripheral|capsular|tiny|small|portal|venous) ){{0,4}}(?:microvess\w{{1,4}}|micro-?vessels?|microscopic (?:vessels?|veins?|venules?)|small (?:blood |intrahepatic |portal )?(?:vessels?|veins?)|venules?|(?:small |thin-walled |peritumou?ral |endothelium-lined |endothelial-lined )(?:vascular|venous) (?:spaces?|channels?|structures?|lumina)|vessels? \(micro\w{{0,8}}\)|(?:small )?portal (?:venules?|vein branches \(micro\w{{0,8}}\)))",
        r"\bvessels \(micro\w{0,8}\) (?:not )?(?:inva|infil|invol)\w{1,8}|\bvascular invasion,? ?(?:\(|: ?|, ?)(?:micro\w{0,8}|small[- ]vessels?)\)?",
        r"\b(?:micro(?:scopic)?[- ]?vess\w{1,4}|small (?:blood )?(?:vessels?|veins?)|venules?|microscopic veins?) (?:\w{1,12} ){0,3}?(?:free of|without|contain\w{0,3}|not|no|inva\w{1,6}|infiltrat\w{1,4}|show\w{0,2})(?: \w{1,10}){0,2}?(?: (?:tumou?r|carcinoma|inva\w{1,6}|emboli|thromb\w{1,3}|hcc))?(?: cells| nests| emboli)?",
        r"\btumou?r (?:nests?|cells?|cell clusters?|clusters?|emboli|thrombi|thrombus|plugs?)(?: \w{1,12}){0,2}? (?:in|within|inside|lying in|filling) (?:\w{1,12}[- ]){0,4}?(?:venules?|microvess\w{1,4}|small (?:portal )?(?:blood )?(?:vessels?|veins?)|capillaries|(?:vascular|venous) (?:spaces?|channels?|structures?|lumina)|endothelium|microscopic (?:vessels?|veins?))",
        rf"{_SMALL_ZH}(?:腔)?(?:内)?(?:未?可?见|未查见|未检出|无|有|偶见|内见)?(?:明确|明显|确切|癌组织|肿瘤)?[^,;:。()]{{0,4}}?(?:侵犯|浸犯|浸润|癌栓|瘤栓|癌巢|受侵|受累|侵袭|侵范|侵|癌|累及)",
        r"微血管(?:的)?(?:浸犯|侵)|(?:侵犯|侵入|浸润|累及)(?:微血管|小血管|微静脉|小静脉)",
    )),
    (OTHER, any_of(
        "lymphovascular",
        rf"\blympho?-?[- ]?vascular(?: space)?[- ]?(?:{_INVASION})?|\blvi\b|\blvsi\b|\blymphatic(?: vessels?)? {_INVASION}|\bangio-?{_INVASION}|(?:淋巴)?脉管(?:内)?(?:见)?(?:侵犯|癌栓|瘤栓|浸润|受侵)|淋巴管(?:侵犯|癌栓)|(?<![微大小])(?<!大体)(?<!肉眼)血管侵犯",
    )),
    (OTHER, any_of(
        "bile-duct",
        r"\b(?:bile[- ]?ducts?|biliary|ductal)(?: tumou?r)? (?:thromb\w{1,4}|invasion|tumou?r thromb\w{1,4}|involvement)|\b(?:tumou?r )?thromb\w{1,4} (?:in|of|within) (?:the |a )?(?:\w{1,12} ){0,2}bile ducts?|\bbdtt\b|胆管(?:内)?(?:见)?(?:癌栓|侵犯|血栓|受侵|受累)",
    )),
    (MACROVASCULAR, any_of(
        "macrovascular",
        rf"\b(?:macro[- ]?(?:scopic(?:al(?:ly)?)?)?[- ]?(?:vasc\w{{2,8}}|vessel|venous|angio\w{{0,3}})|gross(?:ly visible)? (?:vascular|venous|vessel)|large[- ](?:vessel|vein)|major[- ](?:vessel|vein|vascular|venous|venous branch)) ?{_INVASION}(?: (?:in|of|into) (?:the |a )?{_VEIN})?",
        r"\b(?:macro(?:scopic|[- ]?vascular)?|gross|large[- ]vessel)-? ?(?=(?:and|or|nor|and/or|&|/|,) ?(?:the )?micro\w{0,9}[- ]?(?:vasc\w{2,8}|vessel|venous)? ?(?:vasc\w{2,8} )?invasion)|\bmacro-?vascular(?=,? (?:\(|present|absent|no\b|yes|not|identified|:|none|positive|negative))",
        r"\bvascular invasion,? ?(?:\(|: ?|, ?)(?:macro\w{0,9}|large[- ]vessels?)\)?",
        r"大血管(?=[及和与、或/]微血管)|\bvascular invasion\W{0,3}(?:present|identified|yes|positive)\W{1,3}(?:macro\w{0,9}|large[- ]vessels?)",
        r"(?<![a-z])(?:pvtts?|hvtt|lr-?tiv|tumou?r[- ]in[- ](?:the )?veins?|ivc-?tt|v[pv] ?[0-4])(?![a-z\d])",
        rf"\b{_THROMBUS}(?: \w{{1,14}}){{0,6}}? (?:the |a )?{_VEIN}|\b{_THROMBUS} {_VEIN}",
        rf"\b{_VEIN}[^.;]{{0,45}}?\b{_THROMBUS}",
        rf"\b(?:{_TUMOUR}|mass|lesion) (?:\w{{1,10}} )?(?:in|within|inside|into|invad\w{{1,3}}|(?:extend|grow|protrud|infiltrat)\w{{0,4}}(?: in| into)?) (?:(?:a|the|any|main|lumen of(?: the)?) ){{0,2}}(?:{_VEIN}|veins?\b)",
        rf"\b(?:invasion|infiltration|involvement|ingrowth|penetration|invad\w{{1,3}}|occlu\w{{1,5}}) (?:in|of|into|by|to|with)? ?(?:(?:a|an|the|any|one|tumou?r|branch(?:es)? of) ){{0,4}}{_VEIN}",
        rf"\b{_VEIN}(?: \w{{1,12}}){{0,4}}? (?:inva\w{{1,6}}|infiltrat\w{{1,4}}|involvement)(?: by (?:the )?{_TUMOUR})?",
        rf"\b{_VEIN}[^.;,]{{0,30}}?(?:free of|free from|clear of|contains?|containing|filled (?:with|by)|without|show(?:s|ing)? no|no|distended by|occupied by|plugged by)(?: \w{{1,8}})? {_TUMOUR}\b(?: thromb\w{{1,4}})?",
        rf"\b(?:bland|non-?{_TUMOUR}|benign|non-?malignant|thromb\w{{1,4}}|filling defects?)(?: \(?\w{{1,12}}\)?){{0,5}}? (?:in|of|within)? ?(?:the |a )?{_VEIN}",
        rf"\b{_VEIN} (?:\w{{1,12}} ){{0,3}}?(?:thromb\w{{1,4}}|filling defects?)",
        r"(?:大血管|大静脉|肉眼血管|大体血管|肉眼(?:可见)?(?:血管|静脉)?|大体)(?:内)?(?:未?见|无|有|可见)?(?:肉眼)?(?:明确|明显)?(?:侵犯|癌栓|瘤栓|受侵|受累|浸润)",
        rf"{_VEIN_ZH}[^;。,:]{{0,18}}?{_CLOT_ZH}",
        rf"{_VEIN_ZH}[^;。]{{0,16}}?(?:癌栓|瘤栓)",
        rf"(?:癌栓|瘤栓|侵犯|侵及|侵入|累及|突入|延伸至|长入)(?:位于|见于|延伸至)?{_VEIN_ZH}(?:主干|[左右]支|分支)?",
        r"(?<![微小])血管内(?:未见|无|见|可见)?(?:明确|明显)?(?:癌栓|瘤栓)",
    )),
    (SATELLITES, any_of(
        "satellites",
        r"\bsat+el+it+(?:es|osis|oses)\b(?! (?:hospital|clinic|office|lab|cent|station|image|section|dish|meeting|session|spleen|unit))|\bsat+el+it+e?[- ](?:tumou?r )?(?:nodul\w{1,4}|lesions?|foc(?:us|i)|tumou?rs?|tumou?rlets?|metasta\w{1,4}|deposits?|nodes?\b|hccs?|growths?|formations?|nests?|mass(?:es)?|disease|islands?|carcinomas?|implants?)",
        r"\bsat+el+it+e\b(?=\s{0,2}(?:[:+(),;/=\]]|$|present|absent|positive|negative|pos\b|neg\b|in\b|seen|found|no\b|not\b|yes|none|is\b|was\b|identified|and\b|or\b|beside|near|within|around|with|at\b|of\b|\d|on\b))",
        r"\bsat\.? (?:nodul\w{1,3}|les\w{0,4}|foc\w{1,2})|\bsat\b(?=\s?[:+])|\bdaughter (?:nodul\w{1,3}|lesions?|tumou?rs?|foc(?:us|i))",
        r"卫星(?:状)?(?:结节|节结|灶|病灶|瘤结节|肿瘤|瘤|癌灶|癌结节|子灶|结灶|样结节|癌)|(?<!孢)子灶|子结节|子瘤|卫星(?=阳性|阴性|[:(+-])",
    )),
    (OTHER, any_of(
        "not-the-tumour-capsule",
        r"\b(?:takes?|taking|took|oral|prescri\w{1,6}|given|daily|[a-z]{3,14}(?:zole|icin|cillin|cline|osin|vir|tinib|mycin|statin|gabalin))\b[^.;]{0,25}?\bcapsules?",
        r"\bglisson'?s?(?: capsule)?|\b(?:liver|hepatic|organ|joint|renal|splenic|internal|prostatic|lens|surgical) capsule|\bcapsules? (?:at night|tablets?|\d{1,4} ?mg|daily|twice|once|p\.?o\b|b\.?i\.?d)|\bsub-?capsul\w{1,3}|\bcapsular (?:retraction|vessels?|surface)|\bcapsule of (?:the )?(?:liver|spleen|kidney|glisson|one)|\bmg capsules?|\bcapsule (?:endoscop\w{1,3}|enteroscop\w{1,3})",
        r"胶囊|(?:肝脏?|脾|肾|glisson氏?|格利森)(?:表面)?(?:的)?[包被]膜|被膜|包膜(?:下|外(?:侵犯)?(?:脂肪|组织))|关节囊|内囊",
    )),
    (CAPSULE, any_of(
        "capsule",
        r"\b(?:pseudo-?)?capsul(?:e|es|ar|ated)?\b(?: (?:invasion|infiltration|penetration|breach))?|\b(?:non-?|un-?|partially |partly |fully )?encapsul\w{2,6}|\b(?:un|non|a)capsulated\b|\bcaps\b\.?(?=[ :])|\bcapsul (?=\w)",
        r"(?:假|纤维)?包[膜模](?!下)(?:侵犯|浸润|受侵)?",
    )),
    (OTHER, any_of(
        "not-the-tumour-rupture",
        r"\b(?:varic\w{1,6}|aneurysm\w{0,4}|splenic|spleen|bag|globe|eye|appendi\w{1,5}|gall ?bladder|bladder|uterine|uterus|cysts?|membranes?|paraffin|section|slide|tendon|diaphragm\w{0,3}|oesophag\w{1,4}|esophag\w{1,4}|gastric|bowel|aortic|aorta|plaque|disc|ligament|muscle|drum|capsule of one|morcellation|balloon|stent|catheter|drain|tube|vessel|abscess|retrieval|specimen|block)\b[^.;]{0,40}?\bruptur\w{1,4}",
        r"\bruptur\w{1,4}\b(?: \w{1,10}){0,3}? (?:of|in|risk|during|on|at|from|by|while) (?:\w{1,12} ){0,3}?(?:varic\w{1,6}|aneurysm|spleen|bag|globe|eye|appendi\w{1,5}|gall ?bladder|bladder|cysts?|paraffin|section|morcellation|mobili[sz]ation|dissection|retrieval|extraction|manipulation|handling|transport|grossing|cutting|removal|resection|delivery|surgeon|laborator\w{1,3}|operator)\b",
        r"\bruptured (?:globe|varic\w{1,6}|aneurysm|spleen|appendi\w{1,5}|gall ?bladder|cysts?|ovarian|bag|membranes?|disc|tendon|plaque|abscess|oesophag\w{1,4}|esophag\w{1,4}|ectopic)|\b(?:iatrogenic|intra-?operative(?:ly)?|artefactual|artifactual|accidental(?:ly)?|surgical) (?:tumou?r |capsul\w{1,3} )?ruptur\w{1,4}|\brupture risk\b|\b(?:impending|threaten\w{1,3}|imminent) ruptur\w{1,4}|\bruptured? (?:during|intra-?operatively|in the (?:bag|lab\w{0,8}))",
        r"(?:静脉曲张|动脉瘤|脾脏?|取物袋|标本袋|眼球|阑尾|胆囊|子宫|囊肿|胎膜|切片|蜡块|膀胱|肌腱|膈肌|食管|胃|肠|主动脉|血管|脓肿|卵巢|黄体|球囊|支架|导管|标本)[^;。,]{0,10}?破裂|破裂风险|(?:濒临|先兆|有)破裂(?:风险|可能|倾向)?(?:先兆)|濒临破裂|(?:术中|医源性|取出时|分离时|切除时|制片|搬动|挤压|游离时|牵拉)[^;。,]{0,8}?破裂|破裂(?:伤|孔)",
    )),
    (RUPTURE, any_of(
        "rupture",
        r"\b(?:un|non-?)?ruptur\w{1,4}\b",
        r"(?:未|无|已|自发性?|并|伴|肿瘤)?(?:见)?破裂|破溃|破入(?:腹腔|腹膜腔)",
    )),
    (RUPTURE, any_of(
        "blood-in-abdomen",
        r"\bha?emo-?periton\w{1,4}|\bblood in the (?:abdom\w{1,3}|periton\w{1,4})|\bha?emorrhagic ascites|\bintra-?(?:abdominal|peritoneal) (?:blood|bleeding|ha?emorrhage)|\bfree blood\b|\bblood-?stained ascites",
        r"腹腔(?:内)?(?:积血|出血)|血性(?:腹水|腹腔积液|积液)|腹腔内?(?:有|见)?(?:不凝)?血液?",
    )),
    (OTHER, any_of(
        "other",
        r"\bki ?[-_/]? ?67\b|\bmib-? ?1\b|\b(?:resection |surgical |parenchymal |liver |hepatic |closest |nearest )?margins?\b|\bclearance\b|\bnecros\w{1,3}|\bcirrho\w{1,3}|\bsteatos\w{1,3}|\bperineural invasion|\blymph nodes?|\bbile ducts?|\bascites|\bmetasta\w{1,4}|\bfibros\w{1,3}|\bcysts?\b|\bha?emorrhage|\binflammation|\bdilatation",
        r"\br[012]\b|\bgs\b|\bafp\b|\bp?t[1-4][ab]?\b|\bhbv\b|\bhbsag\b|\bedmondson\w{0,8}",
        r"ki ?-?_?67|切缘|断面|包膜(?:特染|特殊染色)|坏死|肝硬化|脂肪变|神经侵犯|淋巴结|腹水|转移|囊肿|出血|炎症?(?!可能)|胆管",
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in a sentence that speaks of a concept; `concept` is empty for anything else."""

    concept: str
    rule: str
    start: int
    end: int


# A part of every name above; a sentence without any of them is passed over at once.
_PART_OF_A_NAME = re.compile(
    r"mvi|micro|macro|gross|large|major|vascul|vessel|vein|venul|venous|portal|cava|ivc|pv|vp|vv|tiv|hv|emboli|thromb"
    r"|angio|capillar|endothel|sat|daughter|caps|ruptur|periton|blood|ascites|血|脉|静|栓|卫星|子|包|破"
)


def find_mentions(text: str) -> list[Mention]:
    """Return the mentions of a sentence in order, none overlapping another."""
    if not _PART_OF_A_NAME.search(text):
        return []
    taken: list[Mention] = []
    for concept, rule in MENTIONS:
        for start, end in _places(rule, text):
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(Mention(concept, rule.name, start, end))
    return _merged(text, sorted(taken, key=lambda item: item.start))


_SAME = re.compile(r"\s?[(=]\s?|\s?")


def _merged(text: str, mentions: list[Mention]) -> list[Mention]:
    """Join a concept with its own abbreviation: "microvascular invasion (MVI)"."""
    merged: list[Mention] = []
    for item in mentions:
        last = merged[-1] if merged else None
        if last and last.concept == item.concept and _SAME.fullmatch(text, last.end, item.start):
            end = item.end + (
                text[item.end : item.end + 1] == ")" and "(" in text[last.end : item.start]
            )
            merged[-1] = Mention(last.concept, last.rule, last.start, end)
        else:
            merged.append(item)
    return merged


def _places(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    for match in rule.pattern.finditer(text):
        if match.end() > match.start():
            yield match.start(), match.end()
