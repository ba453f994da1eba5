"""The words for each concept, and the words that end what is said of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fhir_mapping.narrative.rules import Rule, any_of

__all__ = [
    "BOTH",
    "CAPSULE",
    "MACROVASCULAR",
    "MVI",
    "OTHER",
    "RUPTURE",
    "SATELLITES",
    "Mention",
    "find_mentions",
]

MVI, MACROVASCULAR, BOTH = "microvascular_invasion", "macrovascular_invasion", "both"
SATELLITES, CAPSULE, RUPTURE = "satellites", "capsule", "rupture"
OTHER = ""

_INVASION = r"(?:inva\w{1,7}|involve\w{0,4}|infiltrat\w{1,4}|permeation|spread|emboli?\w{0,7}|(?:tumou?r )?thromb\w{1,4}|(?:tumou?r )?embol\w{1,4})"
_NEG_IN = r"(?:[^.;,]{0,25}?)"
_TUMOUR = r"(?:tumou?r(?:al|ous)?|malignant|neoplastic|cancer(?:ous)?|carcinoma|hcc)"
_THROMBUS = rf"(?:{_TUMOUR}[- ](?:vein |portal )?(?:thromb\w{{1,4}}|casts?|plugs?|embol\w{{1,3}}|ingrowth|invasion|extension|infiltration|involvement))"
_VEIN = (
    r"(?<!small )(?<!tiny )(?<!minute )(?:(?:main |left |right |middle |segmental |lobar |opened |retrohepatic |suprahepatic |infrahepatic |intrapericardial |superior |umbilical portion of the |branch(?:es)? of the |anterior |posterior |extrahepatic |intrahepatic |first-?order |second-?order ){0,3}"
    r"(?:portal(?: (?:vein|venous|trunk|branch|system|and hepatic vein))?s?(?: (?:branch(?:es)?|trunk|system))?|hepatic veins?|(?:inferior )?vena cava|cava|ivc|caval vein|"
    r"(?:large|larger|major|big|gross|great|macroscopic)(?:[- ]calib\w{2})?(?: portal| hepatic)?(?: (?:or|and) (?:portal|hepatic))? (?:veins?|vessels?|venous branches|hilar branches|portal branches)|portal system|mpv|rpv|lpv|pv|ihvc)\b(?! (?:radicle|venule|twig|tributar|branchlet)))"
)
_SMALL = (
    r"(?:micro-?vess\w{1,4}|microscopic (?:(?:portal|hepatic|blood|venous) )?(?:vessels?|veins?)|(?:portal |hepatic |central )?(?:venules?|venous (?:radicles?|twigs?|tributar\w{1,3}))|portal (?:vein |venous )?(?:radicles?|twigs?|tributar\w{1,3})|(?:microscopic|small|tiny|minute|peripheral) branches of (?:the )?(?:portal|hepatic) veins?"
    r"|(?:small|tiny|minute|thin-walled|sinusoidal)(?:[ -](?:calib\w{2}|thin-walled|portal|hepatic|blood|peritumou?ral|intratumou?ral|intrahepatic|capsular|venous|vascular)){0,3} (?:vess\w{1,4}|veins?|vein branch(?:es)?|branch(?:es)? of the (?:portal|hepatic) veins?|spaces|channels|branches)"
    r"|(?:endotheli\w{2,4}[- ]lined|vascular|venous) (?:spaces?|channels?|lumina|lumens?))\b"
)
_IN_SMALL = (
    rf"\b(?:(?:angio)?invasion|involvement|infiltration|permeation|ingrowth|inva\w{{1,6}}|infiltrat\w{{1,3}}|permeat\w{{1,3}}|entered|enters|entering|spread|tumou?r|carcinoma|(?:tumou?r|malignant|neoplastic|carcinoma|cancer|hcc) (?:cells?|emboli|embolus|thrombi|thrombus|plugs?|nests?|clusters?)|(?:malignant|neoplastic) hepatocytes)(?: (?:is|are|was|were|can be|could be|lie|lies|float\w{{0,3}}))?(?: not| free)?(?: (?:seen|found|present|identified|noted|lying|floating|confined|limited|not|out)){{0,2}}"
    rf"(?: (?:of|in|into|within|inside|to|through|filling|occluding|plugging|distend\w{{0,3}}|fills?|occup\w{{1,4}}|plugs?|expands?|occludes?)|(?<=entered)|(?<=invades)|(?<=invading)|(?<=invaded)|(?<=infiltrates)|(?<=infiltrating)) (?:(?:both|the|a|an|any|one|two|three|four|five|few|some|several|many|multiple|occasional|rare|scattered|its|walls? of|lumen of|lumina of|thin-walled|peritumou?ral|adjacent|nearby|surrounding|dilated|peripheral|capsular|pericapsular|portal|small|tiny|minute|small[- ]calib\w{{2}}) ){{0,4}}{_SMALL}"
)
_SMALL_WITH = (
    rf"\b{_SMALL}(?: (?!but\b|and no\b)[\w-]{{1,14}}){{0,6}}? (?:(?:un|not )?(?:inva(?:ded|sion)|infiltrated|involve(?:d|ment)|permeated)"
    r"|(?:contain\w{0,3}|hold\w{0,3}|harbou?r\w{0,3}|show\w{0,3}|carr\w{1,5}|with|by|free (?:of|from)|clear of|devoid of|without|no|full of)(?: \w{1,12}){0,2}? (?:tumou?r|carcinoma|malignant|neoplastic|emboli|embolus|hcc|invasion)(?: (?:cells?|emboli|thrombi|nests|plugs))?)\b"
)
_VEIN_ZH = r"(?<!微小)(?<!细小)(?:门静脉|门脉|门静|门V|肝静脉|肝[左中右]静脉|[左右]?[前后]?门静脉|(?<![a-z])[ph]v(?![a-z\d])|下腔静脉|腔静脉|大静脉|大血管|主干静脉|肉眼血管|大脉管|大体血管|大体静脉|肉眼静脉|血管主干|血管腔?内(?!皮)|(?<![微小细央间下])静脉腔?内)(?!切缘|残端)"
_CLOT_ZH = r"(?:tumou?r thromb\w{1,3}|癌栓|瘤栓|癌性栓子|肿瘤栓子|恶性栓子|栓子|血栓|栓塞(?!术|后|剂|治疗|微粒|[+加])|充盈缺损|侵犯|受侵犯?|侵及|受累|浸润|累及|侵入|侵袭|癌侵)"
_SMALL_ZH = r"(?:(?:微小|细小|小|末梢|终末)(?:的)?门静脉(?:分?支)?|门静脉(?:的)?(?:微小|细小|小|末梢|终末)(?:分支|属支|支)(?:\(镜下\))?|微血管|微小血管|小血管|微静脉|小静脉|微脉管|微血管|镜下(?:血管|静脉|脉管)|显微镜下(?:血管|静脉|脉管)|小叶[间下]静脉|中央静脉|(?:汇|门)管区(?:的)?小?(?:血管|静脉|门静脉)|包膜(?:内|外)?[小微]?(?:血管|静脉))"

# In this order: of two mentions that overlap the earlier rule's counts.
MENTIONS: tuple[tuple[str, Rule], ...] = (
    (OTHER, any_of(
        "not-mvi", r"(?:mvi|微血管侵犯|卫星灶|卫星结节)的?(?:阳性|发生|检出)率|\bmvi\b[^.;,]{0,15}?(?:multi[- ]?vitamin|infusion|mitral|motor vehicle)|\b(?:mitral|multi[- ]?vitamin|motor vehicle)[^.;]{0,30}?\bmvi\b", does="the letters MVI in another meaning",
    )),
    (MVI, any_of(
        "micro-slash-macro",
        r"\bvascular invasion[ ,:(]{0,3}micro\w{0,9} ?/ ?macro\w{0,9}\)?|\bmicro ?/ ?macro(?:vascular|scopic)? ?(?:vascular )?invasion",
        r"微血管(?:侵犯)?/大血管侵犯", does='"micro/macro" answered by two values',
    )),
    (BOTH, any_of(
        "any-vascular-invasion",
        r"\binva\w{2,6} (?:of|into|in) (?:both |either )?(?:micro|macro|small|large|gross)(?:scopic)?-?(?:[- ]?vessels)? ?(?:or|and|/|nor) ?(?:a |the )?(?:micro|macro|small|large|gross)(?:scopic)?(?:[- ]?(?:vessels|veins)| branch(?:es)? of the (?:\w{1,8} )?(?:portal|hepatic) vein)",
        r"\b(?:large|small)(?:[- ]calib(?:er|re))? (?:and|or|nor) (?:large|small)(?:[- ]calib(?:er|re))? (?:blood )?vessels",
        r"\b(?:angio|vascular|vessel|venous) ?(?:invasion|involvement|infiltration),? ?(?:\(?(?:either|both|at|on|of|neither|whether)? ?(?:the |any )?(?:micro|macro|small|large|gross)\w{0,11}-?(?:[- ](?:vessels?|vascular))? ?(?:and|or|nor|and/or|/|,) ?(?:the )?(?:micro|macro|small|large|gross)\w{0,11}(?:[- ](?:vessels?|levels?|vascular))?\)?)",
        r"\b(?:angio|vascular|vessel|venous) ?(?:invasion|involvement|infiltration)(?=[^.;]{1,30}\((?:large|small|micro|macro|gross)\w{0,9}(?:[- ]vessels?)?(?: or| and| nor|,| /) (?:large|small|micro|macro|gross))",
        r"\b(?:angio|vascular|vessel|venous) ?(?:invasion|involvement|infiltration)[^.;]{1,30}\b(?:neither|either|both) (?:large|small|micro|macro|gross)\w{0,9}(?:[- ]vessels?)?(?: \([^()]{1,40}\))? (?:or|and|nor) (?:large|small|micro|macro|gross)\w{0,9}(?:[- ]vessels?)?(?: \([^()]{1,40}\))?",
        r"\b(?:micro|macro|small|large|gross)\w{0,9}(?:[- ]vessel)?-? ?(?:and|or|nor|and/or|/) ?(?:micro|macro|small|large|gross)\w{0,9}[- ]?(?:vascular|vessel|venous) (?:invasion|involvement|infiltration)",
        r"\b(?:vascular|venous|vessel) invasion[:,]? ?(?:present|identified|yes|positive|seen|absent|no|none|not (?:seen|identified|present))?[:,]? ?\(?(?:large|small)[ -]vessels? and (?:large|small)[ -]vessels?|\b(?:vascular|venous|vessel) invasion[:,]? ?(?:absent|no|none|nil|negative|not (?:seen|identified|present))[:,]? ?\(?(?:in )?(?:large|small|micro\w{0,9}|macro\w{0,9})(?:[ -]vessels?)? (?:or|and|nor) (?:large|small|micro\w{0,9}|macro\w{0,9})(?:[ -]vessels?)?",
        r"\bvessels,? (?:both |either )?(?:large (?:and|or) small|small (?:and|or) large)\b",
        r"血管侵犯\s?[(:]\s?(?:微|大|小)(?:血管)?[/及和与、](?:微|大|小)(?:血管)?\)?|\b(?:blood )?vessels?[^.;]{0,60}?,? (?:large|small)(?:,| or| and) (?:or |and )?(?:small|large),? (?:contain|show|hold|are)\w{0,3}|血管\s?\(?无论大小\)?|(?:血管(?:侵犯|受侵|浸润|癌栓)[\s:,(]{0,3}(?:大体|肉眼|大血管)(?:及|和|与|、|或)(?:镜下|光镜|微血管|显微镜下)|(?:大体|肉眼)(?:及|和|与|、|或)(?:镜下|光镜|显微镜下)[^,;。]{0,6}(?:血管侵犯|血管癌栓|脉管癌栓)|(?:大、?小血管|大小血管|大血管及小血管)(?:[均都皆]?(?:未见|无|未受|未被)(?:明显|明确)?(?:癌栓|瘤栓|侵犯|受侵犯?|侵))?|血管侵犯\s?:?\s?(?:均)?(?:未见|无)\s?\((?:包括)?(?:微|大)血管(?:侵犯)?[及和与、](?:微|大)血管(?:侵犯)?\)?)", does="names small and large vessels together",
    )),
    (MACROVASCULAR, any_of(
        "macro-slash-micro",
        r"\bvascular invasion[ ,:(]{0,3}macro\w{0,9} ?/ ?micro\w{0,9}\)?|大血管(?:侵犯)?/微血管侵犯", does='"macro/micro" answered by two values',
    )),
    (MVI, any_of(
        "mvi",
        r"(?<![a-z])mvl(?=\s?[:(+-])|(?<![a-z])mvi(?![a-z])(?! (?:features?|predict\w{0,5}|criteria|staging|score sheet))",
        r"\b(?:venous|vascular|vessel|vein) micro-?inva\w{1,5}|\bmicro-?invasion (?:of|in|into) (?:\w{1,12} ){0,3}?(?:vessels?|veins?|venules?)|\binva\w{1,6} (?:the )?(?:micro-?vess\w{1,4}|small (?:portal |hepatic )?(?:vessels|veins|venules)|venules)|\btumou?r (?:is |was )?(?:present|seen|found|identified) (?:in|within) (?:small (?:vessels|veins|venules)|micro-?vessels|venules)|\bangio-?invasion,?\s?[:(]? ?(?:is |was )?microscopic(?:ally)?\b|\b(?:portal )?venules\b[^.;,]{1,40}? (?:contain|hold|harbou?r)\w{0,3} (?:\w{1,10} ){0,2}?(?:tumou?r|carcinoma)(?: cells| emboli| thrombi| nests)?|\bmicro-?vasc\.? inv\w{0,8}|\b(?:angio-?|vascular |vessel )invasion (?:confined|limited|restricted) to (?:the )?(?:micro-?vessels|small|venules)|\bmicro-?vascular(?= and (?:\w{1,10} ){1,4}invasion)",
        r"\b(?:vascular|venous|vess\w{1,4}) (?:invasion|involvement) (?:at|on) (?:the |a )?microscopic(?:al)? level|\bportal (?:vein |venous )?(?:radicles?|twigs?|tributar\w{1,3})(?: \w{1,10}){0,3}? (?:contain|hold|with|show|filled)\w{0,3}(?: by| with)?(?: \w{1,10}){0,2}? (?:tumou?r|carcinoma|cells)|\bsmall portal vein branch(?:es)?[^.;,]{0,40}? contains?(?: \w{1,8}){0,2}? (?:tumou?r|carcinoma)(?: plugs?| cells| emboli)?|\bsmall (?:blood )?vessels (?:\w{1,10} ){0,5}?(?:was|were) (?:inva|infil|invol)\w{1,7}|\binvasion of small (?:\w{1,14} ){0,4}?(?:venules|vessels|veins)",
        r"\b(?:small|micro)[- ]?vessel \(micro\w{0,9}\) invasion|(?<!large )(?<!small )(?<!large-)(?<!small-)(?<!macro )(?<!micro )(?<!gross )\b(?:vascular|vessel|venous) invasion,? ?(?:type)? ?[:(,-]{0,2} ?(?:type )?micro\w{0,9}\)?|\bportal venules? (?:hold|contain|with|show|filled|plugged|carr)\w{0,4}(?: \w{1,10}){0,3}? (?:tumou?r|carcinoma|cells?)|\b(?:micro-?vess\w{1,4}|small (?:portal |hepatic )?(?:vessels|veins)|venules) (?:\w{1,10} ){0,2}?(?:contain|hold|harbou?r|show|are (?:filled|plugged|occluded|invaded))\w{0,3}(?: with| by)?(?: \w{1,10}){0,2}? (?:tumou?r|carcinoma|hcc)(?: emboli| thrombi| cells| nests| plugs)?|\bmicroscopic (?:portal|hepatic|vascular|venous) (?:vein|vessel|branch)(?: branch(?:es)?)? (?:invasion|involvement)|\b(?:vessels?|veins?|venules?) (?:visible |seen )?only (?:microscopically|on microscopy|under the microscope)|\binvasion of (?:the )?small portal vein branches",
        r"\bmicro(?:scopic|[- ]?vascular)?-? ?(?=(?:and|or|nor|and/or|&|/|,) ?(?:gross|macro\w{0,9}|large)[- ]?(?:vasc\w{2,8}|vessel|venous)? ?(?:vasc\w{2,8} )?invasion)|\bmicro-?vascular(?=,? (?:\(|present|absent|no\b|yes|not|identified|:|none|positive|negative))",
        r"(?<=大血管[及和与、或])微血管(?=[均都]?(?:未|无|见|有|:|侵))",
        r"微(?:血管)?(?=[及和与、或/]大血管)|(?<!large )(?<!small )(?<!large-)(?<!small-)(?<!macro )(?<!micro )(?<!gross )\bvascular invasion\W{0,3}(?:present|identified|yes|positive)\W{1,3}(?:micro\w{0,9}|small[- ]vessels?)",
        rf"\bmicro[- ]?(?:scopic(?:al(?:ly)?)?)?[- ]?(?:vasc?\w{{2,8}}|(?:blood )?vessels?|venous|venular|vein|angio\w{{0,3}}|(?:portal )?venules?)[- ]?(?:\(?mvi\)? ?)?{_INVASION}",
        rf"\bmicroangio\w{{0,3}}[- ]?{_INVASION}|\bmicroscopic (?:vascular|vessel|venous|portal|vein) {_INVASION}",
        rf"\bmicro[- ]?vascular(?: tumou?r)? (?:inv\b\.?|{_INVASION})|\bmicrovessel\w{{0,2}} {_INVASION}|\bsmall[- ]vessel (?:vascular )?{_INVASION}",
        rf"\b{_INVASION} (?:in(?:to|side|of)?|of|within|by) (?:(?:the|a|an|any|some|few|several|two|three|thin-walled|peritumou?ral|intrahepatic|peripheral|capsular|tiny|small|portal|venous) ){{0,4}}(?:microvess\w{{1,4}}|micro-?vessels?|microscopic (?:vessels?|veins?|venules?)|small (?:blood |intrahepatic |portal )?(?:vessels?|veins?)|venules?|(?:small |thin-walled |peritumou?ral |endothelium-lined |endothelial-lined )(?:vascular|venous) (?:spaces?|channels?|structures?|lumina)|vessels? \(micro\w{{0,8}}\)|(?:small )?portal (?:venules?|vein branches \(micro\w{{0,8}}\)))",
        r"\bvessels \(micro\w{0,8}\) (?:not )?(?:inva|infil|invol)\w{1,8}|(?<!large )(?<!small )(?<!large-)(?<!small-)(?<!macro )(?<!micro )(?<!gross )\bvascular invasion,? ?(?:\(|: ?|, ?)(?:micro\w{0,8}|small[- ]vessels?)\)?",
        r"\b(?:micro(?:scopic)?[- ]?vess\w{1,4}|small (?:blood )?(?:vessels?|veins?)|venules?|microscopic veins?) (?:\w{1,12} ){0,3}?(?:free of|without|contain\w{0,3}|not|no|inva\w{1,6}|infiltrat\w{1,4}|show\w{0,2})(?: \w{1,10}){0,2}?(?: (?:tumou?r|carcinoma|inva\w{1,6}|emboli|thromb\w{1,3}|hcc))?(?: cells| nests| emboli)?",
        r"\btumou?r (?:nests?|cells?|cell clusters?|clusters?|emboli|thrombi|thrombus|plugs?)(?: \w{1,12}){0,2}? (?:in|within|inside|lying in|filling) (?:\w{1,12}[- ]){0,4}?(?:venules?|microvess\w{1,4}|small (?:portal )?(?:blood )?(?:vessels?|veins?)|capillaries|(?:vascular|venous) (?:spaces?|channels?|structures?|lumina)|endothelium|microscopic (?:vessels?|veins?))",
        rf"{_SMALL_ZH}(?:管?腔)?(?:内|里|中)?[^,;:。()、]{{0,10}}?(?:侵犯|浸犯|浸润|受侵犯?|受累|侵袭|侵范|侵|累及|(?:癌|肿?瘤)(?:栓|细胞|组织|巢)|癌)(?:细胞)?(?:团块?|巢团?|簇|栓)?",
        rf"(?:癌栓|瘤栓|癌细胞团?|癌巢|瘤细胞团?)(?:仅|均|多|主要)?(?:位于|见于|局限于|存在于|在)[^,;。:]{{0,8}}?{_SMALL_ZH}(?:内|腔内)?",
        r"(?<!大)(?:脉管|血管)(?:内)?(?:侵犯|癌栓|瘤栓)(?:有|无|\+|-|阳性|阴性)?[:(,\s]{0,3}(?:微血管|微小血管|小血管)|(?<!大血管[及和与、])微血管(?=[(:]?[+-])",
        _IN_SMALL,
        _SMALL_WITH,
        r"\bmicr?o?[- ]?vas\w{2,8} ?(?:inv\w{0,8}|spread|permeation|dissemination)\b|\bmicro[- ]vasc?\.? inv\b\.?|\b(?:vascular|vessel|venous|angio) ?-?(?:invasion|involvement|infiltration)(?: \w{1,12}){0,5}? (?:at (?:a |the )?microscopic level|microscopically|of (?:the )?microscopic (?:type|kind)|(?:in|of) (?:the )?(?:small|micro)[- ]?(?:vessels|veins))",
        r"(?<!large )(?<!small )(?<!large-)(?<!small-)(?<!macro )(?<!micro )(?<!gross )\b(?:vascular|venous|vessel) (?:invasion|involvement)[,:]? ?(?:present|positive|identified|yes|absent|negative|none|no|nil)?[,:(-]{0,2} ?(?:small[- ]vessels?|micro\w{0,9})(?: ?\((?:microvascular|mvi|small)\))?|\bvessels? (?:\w{1,12} ){0,8}?contain (?:no )?tumou?r at (?:a |the )?microscopic level",
        r"\bvascular,? small(?: vessels?)?(?=\s?:)",
        r"(?<!large )(?<!small )(?<!large-)(?<!small-)(?<!macro )(?<!micro )(?<!gross )\b(?:vascular|venous|vessel) invasion(?: \([^()]{0,40}\))?\s?:\s{0,8}(?:present|yes), small[- ]vessels?",
        r"\bmicro-(?=\s?:)",
        r"\bvess\w{2,4}: (?:no |without )?micro-?invasion\b|(?:^\s{0,2}|(?<=[,;] ))m[012](?=\s?(?:[,;]|$))(?!.{0,200}\b[cp]?[tn][0-4x])(?<!\bn0 m0)",
        r"\bmicro-?vascular (?:venous|vessel|vein|portal) (?:invasion|involvement)",
        r"\b(?:venular|capillary(?:-sized)?) (?:\w{1,12} ){0,3}?(?:invasion|involvement)|\bmi[ck]ro[- ]?vas\w{2,8} ?inv\w{0,8}|\bmicroscopic \(small[- ]vessels?\) (?:venous|vascular|vessel) (?:invasion|involvement)",
        r"\bdo(?:es)? not contain tumou?r at (?:a |the )?microscopic level|\bmicro(?= or macro[ -]?vascular invasion)",
        r"微血管(?:的)?(?:浸犯|侵)|(?<![a-z一-鿿])(?:分级|评级)(?=\s?[:=]\s?m ?[012])|(?:镜下|显微镜下)(?:可?见)?(?:癌栓|瘤栓)|本例(?:评?为|属|系|:)?\s?(?=m ?[012])|脉管(?:内)?(?:癌栓|瘤栓|侵犯)[^;。]{0,16}?(?:为|系|即)(?:镜下)?微(?:小)?血管|血管侵犯\s?:?\s?(?:可见|见|有|存在)\s?\(?(?:微血管|镜下)|微小?静脉(?=\s?[(:+-])|(?:^\s?(?=m[012] ?(?:维持|不变))|(?:(?<=[,;、])|(?<=[一-鿿]\())(?<![nlv][0-3x][,、(])(?<![nlv][0-3x])|(?<=镜下)|(?<=镜下为)|(?<=镜下:)|(?<=镜检))m ?[012](?=\s?(?:[,;。、)]|$|维持|不变))|(?:侵犯|侵入|浸润|累及)(?:(?:包膜|瘤)[内周外]?|癌旁|癌周|周围|邻近|附近|部分|少数|个别|多个|数个)?(?:的)?(?:微血管|小血管|微静脉|小静脉)", does="names microvascular invasion",
    )),
    (OTHER, any_of(
        "lymphovascular",
        rf"\blympho?-?[- ]?vascular(?: space)?[- ]?(?:{_INVASION})?|\blvi\b|\blvsi\b|\blymphatic(?: vessels?)? {_INVASION}|\bangio-?{_INVASION}|(?:淋巴)?脉管(?:内)?[均都]?(?:未?见|无|未查见)?(?:明确)?(?:侵犯|癌栓|瘤栓|浸润|受侵)|淋巴管(?:侵犯|癌栓)|(?<![微大小])(?<!大体)(?<!肉眼)(?<!主要)血管侵犯", does="lymphovascular invasion of no stated kind, which is not read",
    )),
    (OTHER, any_of(
        "embolisation", r"\bpve\b|(?:行|经|术前)[^,;。]{0,8}?门静脉[^,;。]{0,5}?栓塞(?!形成)|门静脉[^,;。]{0,5}?栓塞(?:术|治疗|后|\s?\(pve)", does="embolisation of the portal vein, a treatment",
    )),
    (OTHER, any_of(
        "bile-duct",
        r"\b(?:bile[- ]?ducts?|biliary|ductal)(?: tumou?r)? (?:thromb\w{1,4}|invasion|tumou?r thromb\w{1,4}|involvement)|\b(?:tumou?r )?thromb\w{1,4} (?:in|of|within) (?:the |a )?(?:\w{1,12} ){0,2}bile ducts?|\bbdtt\b|\b(?:tumou?r )?thromb\w{1,4} (?:in|of|within) (?:the )?(?:left |right )?(?:renal|splenic|mesenteric|iliac|femoral|jugular|pulmonary) (?:vein|arter\w{1,3})|(?:胆总?管|胆道|肝总?管|肝管)[^,;。:、门静]{0,6}?(?:癌栓|瘤栓|侵犯|血栓|受侵|受累)", does="invasion of a bile duct, which is not read",
    )),
    (MACROVASCULAR, any_of(
        "macrovascular",
        rf"\b(?:macro[- ]?(?:scopic(?:al(?:ly)?)?)?[- ]?(?:vasc\w{{2,8}}|vessel|venous|angio\w{{0,3}})|gross(?:ly visible)? (?:vascular|venous|vessel)|macro-?vasc\.?|large[- ](?:vessel|vein)(?: \(macro\w{{0,9}}\))?|major[- ](?:vessel|vein|vascular|venous|venous branch)) ?{_INVASION}(?: (?:in|of|into) (?:the |a )?{_VEIN}| ?\([^)]{{0,40}}(?:vein|vessel|branch)[^)]{{0,30}}\))?",
        r"\b(?:macro(?:scopic|[- ]?vascular)?|gross|large[- ]vessel)-? ?(?=(?:and|or|nor|and/or|&|/|,) ?(?:the )?micro\w{0,9}[- ]?(?:vasc\w{2,8}|vessel|venous)? ?(?:vasc\w{2,8} )?invasion)|\bmacro-?vascular(?=,? (?:\(|present|absent|no\b|yes|not|identified|:|none|positive|negative))",
        r"\bvascular invasion,? ?(?:\(|: ?|, ?)(?:macro\w{0,9}|large[- ]vessels?)\)?",
        r"大血管(?=[及和与、或/]微血管)|\bvascular invasion\W{0,3}(?:present|identified|yes|positive)\W{1,3}(?:macro\w{0,9}|large[- ]vessels?)",
        r"(?<![a-z])(?:pvtts?|pvt|tiv|hvtt|lr-?tiv|tumou?r[- ]in[- ](?:the )?veins?|ivc-?tt|v[pv] ?[0-4])(?![a-z\d])",
        rf"\b{_THROMBUS}(?: \w{{1,14}}){{0,6}}? (?:the |a )?{_VEIN}|\b{_THROMBUS} {_VEIN}",
        rf"\b{_VEIN}[^.;]{{0,45}}?\b{_THROMBUS}",
        rf"\b(?:{_TUMOUR}|mass|lesion) (?:(?:is |was )?(?:present|seen|found|identified|noted|growing|lying|visible) |\w{{1,10}} )?(?:in|within|inside|into|invad\w{{1,3}}|(?:extend|grow|protrud|infiltrat)\w{{0,4}}(?: in| into)?) (?:(?:a|the|any|main|\d{{1,2}} mm|lumen of(?: the)?) ){{0,2}}(?:{_VEIN}|veins?\b)",
        rf"\b(?:invasion|infiltration|involvement|ingrowth|penetration|invad\w{{1,3}}|occlu\w{{1,5}}) (?:in|of|into|by|to|with)? ?(?:(?:a|an|the|any|one|tumou?r|branch(?:es)? of) ){{0,4}}{_VEIN}",
        rf"\b{_VEIN}(?: \w{{1,12}}){{0,6}}? (?:inva\w{{1,6}}|infiltrat\w{{1,4}}|involvement)(?: by (?:the )?{_TUMOUR})?",
        rf"\b{_VEIN}[^.;,]{{0,60}}?(?:free of|free from|clear of|contains?|containing|filled (?:with|by)|without|show(?:s|ing)? no|no|distended by|occupied by|plugged by|(?:replaced|expanded|invaded|obliterated|occluded|obstructed|blocked|infiltrated|distended|packed|filled) (?:by|with))(?: \w{{1,8}}){{0,3}}? (?:{_TUMOUR}\b(?: thromb\w{{1,4}})?|thromb\w{{1,4}})",
        rf"\b(?:bland|non-?{_TUMOUR}|benign|non-?malignant|thromb\w{{1,4}}|filling defects?)(?: \(?\w{{1,12}}\)?){{0,5}}? (?:in|of|within)? ?(?:the |a )?{_VEIN}",
        rf"\b{_VEIN} (?:[\w-]{{1,14}} ){{0,4}}?(?:thromb\w{{1,4}}|filling defects?)",
        rf"\b{_VEIN}[^.;]{{0,40}}?, (?:without|with no|no) (?:\w{{1,10}} )?(?:thromb\w{{1,4}}|filling defects?)",
        r"(?:门静脉|门脉)(?=[及、和与]胆(?:总?管)癌栓)",
        rf"{_VEIN_ZH}[^;。,:]{{0,10}}?血栓(?:形成)?,?(?:而非|而不是|并非|不是|非)(?:癌栓|瘤栓)",
        r"(?:门静脉|门脉|肝静脉|腔静脉|大血管)[^;。,:]{0,14}?未见癌(?![灶栓结])(?:组织|细胞)?",
        r"(?:大血管|大静脉|肉眼血管|大体血管|肉眼(?:可见)?(?:血管|静脉)?|大体)(?:内)?(?:未?见|无|有|可见)?(?:肉眼)?(?:明确|明显)?(?:侵犯|癌栓|瘤栓|受侵|受累|浸润)",
        rf"{_VEIN_ZH}[^;。,:]{{0,18}}?{_CLOT_ZH}",
        rf"{_VEIN_ZH}(?:[左右]支)?(?:长入|侵入|突入|延伸至|蔓延至)(?:门静脉)?主干",
        rf"{_VEIN_ZH}[^,;。:、]{{0,12}}?(?:未见|无|未探及|未及|未触及|未发现)[^,;。:]{{1,6}}[及和与、或](?:癌栓|瘤栓|血栓)",
        rf"{_VEIN_ZH}[^;。:,]{{0,14}}?(?:,[^;。:,栓]{{0,6}}(?:通畅|光滑|光整|清晰|可|良好|正常|完整)){{0,2}},(?:未|无)(?:见|探及|及|触及|发现|扪及)?(?:明显|明确|异常|确切)?(?:被)?(?:癌栓|瘤栓|栓子|血栓|充盈缺损|侵犯|受侵|侵及|累及)(?:[及和与、或](?:癌栓|瘤栓|血栓))?",
        r"肉眼(?:未见|无|未及)(?:明显|明确)?血管内?(?:癌栓|瘤栓|侵犯)|主要血管(?:侵犯|受侵|癌栓)|大静脉(?=\s?[(:+-])",
        rf"{_VEIN_ZH}[^;。]{{0,16}}?(?:癌栓|瘤栓)",
        rf"{_VEIN_ZH}[^;。]{{0,16}}?,(?:腔内|其内|内|均|皆){{0,2}}(?:未见|无|考虑|提示|疑)(?:明显|明确|异常|确切|为|有)?(?:充盈缺损|血栓|栓子|栓塞|侵犯|受侵犯?)",
        rf"(?:癌栓|瘤栓|恶性栓子|癌性栓子)(?:(?:位置|部位|范围|分布)?\s?[:(]\s?|,?(?:位于|见于|局限于|累及|达|在))[^,;。:)、]{{0,4}}?{_VEIN_ZH}(?:主干|[左右]支|分支)?",
        rf"(?:癌栓|瘤栓|侵犯|侵及|侵入|累及|突入|延伸至|长入|侵透|突破|伸入|穿入|进入|长到)(?:位于|见于|延伸至)?{_VEIN_ZH}(?:主干|[左右]支|分支)?",
        r"(?<![微小])血管内(?:未见|无|见|可见)?(?:明确|明显)?(?:癌栓|瘤栓)|(?<=[,;])(?:肝内)?血管(?=(?:未见|无|未受)(?:明确|明显)?(?:侵|受侵|癌栓))",
        rf"\b{_VEIN}\s?: ?(?:only )?(?:bland|benign|non-?{_TUMOUR}) thromb\w{{1,4}}|\b(?:pv|hv|portal vein)s? ?(?:&|and|/|,) ?(?:hv|pv|hepatic vein)s?\b(?=\s?[:(]?\s?(?:no\b|not\b|free|inva|clear|uninv|-|\+))|\b(?:enters?|entering|entered|extend(?:s|ed|ing)?|extension|grow(?:s|n|ing)|grew|protrud\w{{1,3}}) (?:(?:directly |as an? \w{{1,10}} )?(?:in|into|to) )?(?:the |a )?{_VEIN}|(?<![微小间下央上脾])静脉(?:内)?(?:癌栓|瘤栓)|门静脉(?=[及、和]胆管癌栓)|{_VEIN_ZH}[^;。,:]{{0,4}}被?癌(?:充填|占据|填满)|\bmacroscopic invasion (?:of|into) (?:\w{{1,10}} ){{0,5}}?(?:vessels?|veins?)|血管侵犯\s?[(:]\s?(?:门静脉|肝静脉)[^)]{{0,10}}\)?|\bvascular invasion \((?:portal|hepatic)[^)]{{0,24}}\)|\bveins? \((?:gross|macroscopic)\)|\bmacro-?vasc\.? inv\b\.?|\bmacro-?vascular(?=\s?[-+|0:])|\bgross (?:pv|portal vein)(?:, ?hv)?(?=\s?[-+:])|\bmacroscopic (?:vessels?|vascular)(?=\s?[-+0:])",
        rf"(?:癌栓|瘤栓)(?:由|自|起自|沿|达|至|累及|延伸|充满|长入|阻塞|堵塞|位于)[^,;。]{{0,10}}{_VEIN_ZH}",
        rf"\b{_VEIN}(?: and (?:left|right|middle)? ?hepatic veins?)? (?:is |are |was |were )?(?:not |un)(?:inv|infil)\w{{1,9}}(?: by tumou?r)?|\bno tumou?r (?:is |was )?(?:seen |found |identified |present |visible )?(?:in|within|inside) (?:the )?(?:lumen of (?:the )?)?(?:\w{{1,12}} ){{0,3}}?(?:portal|hepatic) (?:or (?:portal|hepatic) )?veins?|\bno tumou?r (?:is |was )?(?:seen |found |identified )?(?:in|within) (?:the )?large (?:vessels|veins)",
        r"\benhancing (?:soft tissue|tumou?r|thrombus|filling defect) (?:within|in|expanding) (?:the )?(?:\w{1,10} ){0,4}?(?:portal|hepatic) veins?|\b(?:intraluminal|endoluminal|intravascular) tumou?r\b[^.;]{0,30}?(?:ivc|vena cava|portal vein|hepatic vein)",
        r"\bmacro[- ]vasc?\.? inv\b\.?|\bvascular,? large(?: vessels?)?(?=\s?:)|\b(?:sparing|spares) (?:of )?(?:the )?(?:named|large|major|portal|hepatic) (?:vessels?|veins?)|\b(?:large|major|named|hilar) (?:vessels|veins) (?:are |were )?(?:spared|clear|uninvolved|free)\b",
        rf"\b(?:vascular|venous) (?:invasion|involvement)(?: \w{{1,12}}){{0,4}}? (?:in|of) (?:the )?{_VEIN}",
        r"\binva\w{2,6} (?:of|into) macro-?vessels?",
        r"\bthromb(?:us|i) (?:composed|consisting|made(?: up)?) (?:entirely |mainly |only )?of (?:tumou?r|hcc|carcinoma|malignant)(?: cells)?",
        r"(?<=no )thromb\w{1,4}(?= on (?:doppler|iou?s|ultrasound|us|ct|mri?)\b)",
        r"\bmacro-?vascular structures? (?:are |were )?(?:free|clear|uninvolved|spared)\b",
        r"\bmacroscopic \(large[- ]vessels?\) (?:venous|vascular|vessel) (?:invasion|involvement)",
        rf"\b(?:growth|extension|protrusion) (?:in)?to (?:the |a )?{_VEIN}|\b{_VEIN}\s?[:,] ?(?:is |are )?(?:not )?(?:involved|invaded|infiltrated|occluded|filled|plugged|replaced)(?: (?:by|with) (?:{_TUMOUR}))?|\bbland (?:portal )?thromb\w{{1,4}}(?![^.;]{{0,24}}(?:splenic|mesenteric|smv|renal|femoral|leg|calf|pulmonary|atri))|\bthromb(?:us|osis)\b[^.;]{{0,60}}?\bbland\b(?! (?:versus|or|vs))",
        r"大血管(?=\s?[(:+-]|[有无])|\b(?:large|major|hilar|named)[- ](?:vessels?|veins?)(?=\s?:)|\bintra-?luminal tumou?r\b|\b(?:large|major) (?:portal |hepatic |blood )?(?:veins?|vessels?)(?= (?:is|are|was|were) (?:not |un|free|clear|inv))|(?<=no )(?:large|major) (?:portal |hepatic |blood )?(?:veins?|vessels?)(?= (?:is|are|was|were) inv)|大静脉(?=未?(?:受|见|被))|\binva\w{2,5} (?:\w{1,10} ){0,5}?(?:of )?(?:the |a )?(?:inferior vena cava|ivc|portal vein|hepatic vein)|\b(?:macroscopic|venous|gross|intravascular) tumou?r thromb\w{1,3}|\btumou?r (?:plug|cast|thrombus)\b(?: \w{1,12}){0,8}? hepatic vein",
        r"(?<!tumour )(?<!micro)\b(?:tumou?r|malignant|cancer) thromb(?:us|osis)\b(?! in (?:small|a small|micro|lymph))",
        r"(?<![管血脉])(?:癌栓|瘤栓)(?=已?形成|征象|分型|待|可能(?![累侵延达])|可疑|不除外|[,;。)?:(]|\s?[(:]|有|无|未见|阴性|阳性|$)", does="names invasion of, or tumour thrombus in, a large vein",
    )),
    (SATELLITES, any_of(
        "satellites",
        r"\bmicro-?satellites?\b(?! (?:instab|stab|marker|status))|\bsat+el+it+(?:es|osis|oses)\b(?! (?:hospital|clinic|office|lab|cent|station|image|section|dish|meeting|session|spleen|unit))|\bsat+el+it+e?n?[- ]?(?:tumou?r )?(?:nodul\w{1,4}|nods?\b\.?|lesions?|foc(?:us|i)|tumou?rs?|tumou?rlets?|metasta\w{1,4}|deposits?|nodes?\b|hccs?|crops?|clusters?|buds?|growths?|formations?|nests?|mass(?:es)?|disease|islands?|carcinomas?|implants?)",
        r"\bsat+el+it+e\b(?! (?:hospital|clinic|office|lab|cent|station|image|imaging|section|dish|meeting|session|spleen|unit|cell|dna|virus|phone|account|instab|repeat|study|pharmacy|site|branch|campus|ward|practice|link|broadband|tv|cyst|town|city|vessels?|(?:micro)?abscess\w{0,2}|veins?|lymph))(?!-)|\bsatellite-free\b",
        r"\bsat+el+it+e\b(?=\s{0,2}(?:有|无|未|-(?![a-z])|[:+(),;/=\]]|$|y\b|n\b|present|absent|positive|negative|pos\b|neg\b|in\b|seen|found|no\b|not\b|yes|none|is\b|was\b|identified|and\b|or\b|beside|near|within|around|with|at\b|of\b|\d|on\b))",
        r"\bsat\.? (?:nod\b\.?|nodul\w{1,3}|les\w{0,4}|foc\w{1,2})|\bsat\b\.?(?=\s?[:+(\d|-]|\s(?:neg|pos|absent|present|no\b|yes))|\bdaughter (?:nodul\w{1,3}|lesions?|tumou?rs?|foc(?:us|i))",
        r"瘤旁子结节|卫星(?![医院图电城市])(?:状)?(?:瘤)?(?:小结节|染色灶|结节|节结|灶|病灶|瘤结节|肿瘤|瘤|癌灶|癌结节|子灶|结灶|样结节|癌)|(?<!孢)子灶|子结节|子瘤|卫星(?=阳性|阴性|[:=(+\s\d,;。、及和均-]|无|有|未|$)", does="names satellite nodules",
    )),
    (OTHER, any_of(
        "not-the-tumour-capsule",
        r"\b(?:takes?|taking|took|oral|prescri\w{1,6}|given|daily|[a-z]{3,14}(?:zole|limus|dol|pril|olol|sartan|icin|cillin|cline|osin|vir|tinib|mycin|statin|gabalin))\b[^.;]{0,25}?\bcapsules?",
        r"\bcapsular\b(?! (?:inva|infil|pene|breach|involve|integr|format|contin|disrupt|defect|enhanc|ring|rim|struct|tissue|remnant|perfor|trans|ingr|exten|status|inter|rupt))",
        r"\bglisson'?s?(?: capsule|氏?[包被]膜)?|\bgelatine? capsules?|\b(?:liver|hepatic|organ|joint|renal|splenic|internal|prostatic|lens|surgical) capsule(?: (?:is |was |had |has )?ruptur\w{1,4})?|\bcapsules? (?:at night|tablets?|\d{1,4} ?mg|prn|bd|tds|daily|twice|once|p\.?o\b|b\.?i\.?d)|\bsub-?capsul\w{1,3}|\bcapsular (?:rupture of|tear|retraction|vessels?|surface|ha?ematoma|injury|bleed\w{0,3}|laceration|artery|collection)|\bcapsule of (?:the |a |an )?(?:liver|spleen|kidney|glisson|one|(?:lymph )?nodes?|cyst|abscess|ha?emangioma|thyroid|prostate|joint|breast|implant)|\bmg capsules?|\bcapsule (?:endoscop\w{1,3}|enteroscop\w{1,3})",
        r"胶囊|包膜蛋白|(?:病毒|hbv)包膜|淋巴结[^;。、]{0,16}?包膜|\bcapsule rupture|[肝脾]包膜破裂|(?:肝脏?|脾|肾|glisson氏?|格利森)(?:表面)?(?:的)?[包被]膜|(?<!肿瘤)(?<!瘤体)(?<!瘤结节)(?<!癌结节)(?<!肿块)(?<!肿物)被膜|包膜(?:下|面(?=[^,;。]{0,3}[有见])|外(?:侵犯)?(?:脂肪|组织))|关节囊|内囊", does="a capsule of the liver, of another organ or a drug",
    )),
    (CAPSULE, any_of(
        "capsule",
        r"(?<![a-z])(?:fc(?:-?inf)?|cap)(?=\s?[(:+-])|\bcap\.(?= ?(?:in)?(?:compl|tact)| (?:pres|abs|inf|pos|neg))",
        r"\b(?:pseudo-?)?capsul(?:e|es|ar|ated)?(?![a-z])(?!-like)(?: (?:invasion|infiltration|penetration|breach))?|\btrans-?capsular (?:growth|extension|invasion|spread)|\b(?:non-?|un-?|partially |partly |fully )?encapsul\w{2,6}|\b(?:un|non|a)capsulated\b|\b(?:en)?caps\b\.?(?=[ :])|\bcapsul (?=\w)",
        r"(?:(?:假|纤维)?包[膜模摸](?!下)(?:形成(?!\s?(?:$|[,;。)完良欠较好薄厚并且而但及和与伴]|不良|不完)))?|(?:(?<=肿瘤)|(?<=瘤体)|(?<=瘤结节)|(?<=癌结节)|(?<=肿块)|(?<=肿物))被膜|纤维(?:性|组织)?(?:样|状)?膜(?=[^,;。]{0,8}(?:包裹|包绕|环绕|包被|相隔|分隔|完整|不完整)))(?:侵犯|浸润|受侵|破裂|破溃|破损)?", does="names the capsule of the tumour",
    )),
    (OTHER, any_of(
        "not-the-tumour-rupture",
        r"\b(?:varic\w{1,6}|aneurysm\w{0,4}|splenic|spleen|bag|globe|eye|appendi\w{1,5}|gall ?bladder|bladder|uterine|uterus|cysts?|membranes?|paraffin|section|slide|tendon|diaphragm\w{0,3}|oesophag\w{1,4}|esophag\w{1,4}|gastric|bowel|aortic|aorta|plaque|disc|ligament|muscle|drum|capsule of one|morcellation|staple|implant|graft|balloon|stent|catheter|drain|tube|vessel|abscess|retrieval|specimen(?! (?:shows?|showed|contains?|with|of|reveals?))|block)\b(?:[^.;,]|\.\d){0,40}?\bruptur\w{1,4}",
        r"\bruptur\w{1,4}\b(?! (?:was |is )?(?:noted|seen|found|identified|reported|observed|present))(?: \w{1,10}){0,3}? (?:of|in|risk|during|on|at|from|by|while) (?:\w{1,12} ){0,3}?(?:varic\w{1,6}|aneurysm|spleen|bag|globe|eye|appendi\w{1,5}|gall ?bladder|bladder|cysts?|wound|suture|anastomosis|stump|hernia|bile|paraffin|(?<!lateral )(?<!medial )(?<!anterior )(?<!posterior )section|morcellation|mobili[sz]ation|dissection|retrieval|extraction|manipulation|handling|transport|grossing|cutting|removal|staple|delivery|surgeon|laborator\w{1,3}|operator)\b",
        r"\bcapsular rupture of (?:the )?liver|\bcapsule rupture|\b(?:laceration|trauma\w{0,3}|fall from|accident|blunt)\b[^.;]{0,80}?\bruptur\w{1,4}|\bruptured (?:\w{1,12} ){0,2}?(?:vein|artery|vessel|duct|diaphragm)\b|\bruptured (?:globe|aaa|triple|varic\w{1,6}|aneurysm|spleen|appendi\w{1,5}|gall ?bladder|cysts?|ovarian|bag|membranes?|disc|tendon|plaque|abscess|oesophag\w{1,4}|esophag\w{1,4}|ectopic|(?:\w{1,10} )?implant)|\brupture-related|\b(?:iatrogenic|intra-?operative(?:ly)?|artefactual|artifactual|accidental(?:ly)?|surgical) (?:tumou?r |capsul\w{1,3} )?ruptur\w{1,4}|\brupture risk\b|\b(?:impending|threaten\w{1,3}|imminent) ruptur\w{1,4}|\bruptured? (?:during|intra-?operatively|in the (?:bag|lab\w{0,8}))",
        r"(?:^|(?<=[,;。:]))肝脏?破裂(?=修补|伤|[,;。(]|$)|[肝脾]?包膜破裂|(?:被膜|肝脏?包膜)[^,;。]{0,4}破裂|(?:坠落|外伤|挫裂伤|车祸|撞击)[^;。]{0,20}?破裂|标本(?:术中|袋)?[^;。,:]{0,6}?破裂|动脉瘤[^;。]{0,16}?破裂|(?:斑块|血肿|缝线|宫外孕|异位妊娠|妊娠|气囊|引流袋|(?<!门)静脉|静脉曲张|动脉瘤|脾脏?|取物袋|[标样检]本?体?袋|玻片|载片|盖片|试管|容器|眼球|阑尾|胆囊|子宫|囊肿|胎膜|切片|蜡块|膀胱|肌腱|膈肌|食管|胃|肠|主动脉|血管|脓肿|卵巢|黄体|球囊|支架|导管|假体|乳房|鼓膜|韧带|半月板|跟腱|羊水|输尿管)[^;。,、和及与]{0,10}?破[裂溃]|破裂(?:出血)?(?:的)?(?:风险|机会|机率|几率|概率|可能性(?!较?大|很大|极大|不大|存在|高)|先兆)|(?:濒临|先兆|即将|将要|趋于|有)破裂(?:风险|可能|倾向)?(?:先兆)|(?:濒临|即将|将要)破裂|(?:术中(?!见|探查|无|未|证实|发现|所见|示|确认|检查|触|彩超|超声)|医源性|取出时|分离时|切除时|制片|搬动|挤压|游离时|牵拉)[^;。,]{0,8}?破裂|破裂(?:伤|孔)", does="a rupture of something else, or only a risk of one",
    )),
    (RUPTURE, any_of(
        "rupture",
        r"\b(?:un|non-?)?ruptur\w{1,4}\b|\brupt\b\.?|\bbleeding from an? (?:\w{1,10} ){0,2}(?:rent|tear|hole|split|defect) (?:in|of|on) (?:the |an? )?(?:[\w.]{1,8} ){0,3}tumou?r|\btumou?r integrity\b|\bbled (?:freely )?into (?:the )?(?:periton|abdom|lesser|sub)\w{0,10}|\bburst\b(?! (?:fracture|abdomen|suppress))|\bperforat\w{1,3} (?:into|through) (?:the )?(?:periton\w{1,5}|liver surface|serosa)|\b(?:ragged|gaping|spurting|bleeding|full-thickness) (?:rent|hole|tear|perforation|defect|split)\b|\bsurface (?:\w{1,10} )?(?:and )?(?:split|torn open|rent)\b",
        r"(?:未|无|已|自发性?|并|伴|肿瘤)?(?:(?<!查)(?<!发)见)?破裂|(?:未|已)?(?:破溃|溃破)|破入(?:腹腔|腹膜腔)|(?:肿?瘤|瘤体|病灶)[^,;。]{0,4}?破损[^;。]{0,6}?(?:渗血|出血)|(?:瘤体|肿瘤|肿块|结节|病灶|面|质脆|光滑|光整|但|尚|仍|均|亦),?(?:尚|仍|均|亦)?未破(?![裂溃坏入])|(?<=[cm米分],)未破(?=[,;。]|$)|(?<!包膜被)(?<!包膜由)(?:肿?瘤|瘤体|肝癌|病灶|肿块)(?!细胞|组织)[^,;。]{0,8}?(?:破口|裂口|裂开|穿破(?!包膜|纤维|假|肿瘤包膜|瘤包膜))|(?:破口|裂口|裂开)[^,;。]{0,12}(?:渗血|出血|喷血|活动性)|穿破肝(?:表面|被膜|包膜)", does="names rupture of the tumour",
    )),
    (RUPTURE, any_of(
        "hole", r"(?<!包膜[在于])(?:破口|裂口|溃口)(?!处|旁|周)|(?:自行|自发)裂开", does="a hole in a tumour that is named before it",
    )),
    (RUPTURE, any_of(
        "blood-in-abdomen",
        r"\bha?emo-?periton\w{1,4}|\bblood in the (?:abdom\w{1,3}|periton\w{1,4})|\bha?emorrhagic ascites|\bintra-?(?:abdominal|peritoneal) (?:blood|bleeding|ha?emorrhage)|\bfree blood\b|\b(?:blood|high)-density (?:fluid|ascites)|\bblood-?stained ascites",
        r"(?:腹腔|腹盆腔|盆腹腔|腹内|盆腔)(?:内)?(?:大量|少量|中等量)?(?:积血|出血)|(?:腹穿|腹腔穿刺|诊断性穿刺|穿刺)[^,;。]{0,6}?(?:不凝血|血性液)|(?:血性|高)密度(?:液体|积液|积血)|血性(?:腹水|腹腔积液|积液)|腹腔内?(?:有|见)?(?:不凝)?血液?", does="blood in the abdomen alone leaves rupture uncertain",
    )),
    (OTHER, any_of(
        "other",
        r"\bki ?[-_/]? ?67\b|\bmib-? ?1\b|\b(?:resection |surgical |parenchymal |liver |hepatic |closest |nearest )?margins?\b|\bclearance\b|\bnecros\w{1,3}|\bcirrho\w{1,3}|\bsteatos\w{1,3}|\bperineural invasion|\blymph nodes?|\bbile ducts?|\bascites|\bmetasta\w{1,4}|\bfibros\w{1,3}|\bcysts?\b|\bha?emorrhage|\binflammation|\bdilatation",
        r"\br[012]\b|\bgs\b|\bafp\b|\bp?t[1-4][ab]?\b|\bhbv\b|\bhbsag\b|\bedmondson\w{0,8}",
        r"ki ?-?_?67|切缘|断面|包膜(?:特染|特殊染色)|坏死|肝硬化|脂肪变|神经侵犯|淋巴结|腹水|转移|囊肿|出血|炎症?(?!可能)|胆管", does="names something else, which ends what is said of a finding",
    )),
)  # fmt: skip


_VESSEL_HEAD = re.compile(
    r"\b(?:vascular|vessel|venous|vein|angio) ?-?(?:invasion|involvement|infiltration)\b|\bvasc\.? ?inv\b|\bmvi\b"
)
_PAIR_ANSWER = r"(?: ?\((?:micro|macro|small|large|mvi)[^()\n]{0,20}\))?(?=\s{0,3}[:=(-]{0,2}\s{0,3}(?:m[012]\b|present|absent|yes\b|no\b|nil\b|none|not |neg|pos|identified|seen|\+|-|0\b))"
# Alone these words are headings; under "vascular invasion" they are kinds of it.
IN_A_PAIR: tuple[tuple[str, Rule], ...] = (
    (MVI, any_of(
        "micro-of-a-pair",
        rf"\b(?:micro(?:scopic(?:al(?:ly)?)?|vascular|-?vessels?)?|small[- ]vessels?|venules?){_PAIR_ANSWER}", does='"microscopic: no" under "vascular invasion"',
    )),
    (MACROVASCULAR, any_of(
        "macro-of-a-pair",
        rf"\b(?:macro(?:scopic(?:al(?:ly)?)?|vascular)?|gross(?:ly)?|large[- ](?:vessels?|veins?)){_PAIR_ANSWER}|\bmacroscopic (?:component|disease)\b", does='"macroscopic: no" under "vascular invasion"',
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
    r"mv[il]|(?<![a-z])m[012](?!\d)|micro|macro|gross|luminal|integrity|large|major|vascul|vessel|vein|venul|venous|portal|cava|ivc|pv|vp|vv|tiv|hv|emboli|thromb"
    r"|高|被膜|hole|burst|density|bled|rent|tear|perforat|fc|angio|capillar|endothel|sat|daughter|caps|rupt|periton|blood|ascites|血|脉|静|栓|卫星|子|包|破|裂|穿"
)


def find_mentions(text: str, lead: str = "") -> list[Mention]:
    """Return the mentions of a sentence in order, none overlapping another.

    `lead` is what stands before it on its line: "vascular invasion: microscopic no; macroscopic no".
    """
    if not _PART_OF_A_NAME.search(text):
        return []
    taken: list[Mention] = []
    in_a_pair = IN_A_PAIR if _VESSEL_HEAD.search(f"{lead} {text}") else ()
    for concept, rule in (*MENTIONS, *in_a_pair):
        for start, end in _places(rule, text):
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(Mention(concept, rule.name, start, end))
    return _merged(text, sorted(taken, key=lambda item: item.start))


# "MVI, M1": the grade belongs to the name before it.
_GRADE_ALONE = re.compile(r"\s?m ?[012]\s?")
_TO_GRADE = re.compile(r"[^;。]{0,12}")


def _is_grade_of(text: str, last: Mention, item: Mention) -> bool:
    return bool(
        _GRADE_ALONE.fullmatch(text, item.start, item.end)
        and _TO_GRADE.fullmatch(text, last.end, item.start)
    )


_SAME = re.compile(r"\s?[(=]\s?|\s?")


def _merged(text: str, mentions: list[Mention]) -> list[Mention]:
    """Join a concept with its own abbreviation: "microvascular invasion (MVI)"."""
    merged: list[Mention] = []
    for item in mentions:
        last = merged[-1] if merged else None
        if last and last.concept == item.concept == MVI and _is_grade_of(text, last, item):
            continue
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
