"""The words around a length that say of what it is."""

from __future__ import annotations

import re

from fhir_mapping.narrative.rules import any_of

__all__ = [
    "ACROSS",
    "AMONG_CRITERIA",
    "ASIDE_MARGIN",
    "AWAY_FROM_TUMOUR",
    "BARE_DISTANCE",
    "BENIGN",
    "BESIDE",
    "DISTANCE",
    "DISTANCE_BEFORE",
    "EDGE_EN",
    "EDGE_ZH",
    "LOCATED",
    "MALIGNANT",
    "MARGINS_HEADING",
    "MARGIN_AFTER",
    "MARGIN_BEFORE",
    "MARGIN_FIELD",
    "MARGIN_FREE",
    "MAYBE_SATELLITE",
    "MEASURED",
    "MEASURED_ELSE",
    "MERE_NODULES",
    "NEAR_TUMOUR",
    "NEW_NOUN",
    "NEW_PHRASE",
    "NEXT_TO_TUMOUR",
    "NOT_SAID",
    "NOT_TUMOUR",
    "NO_MASS",
    "OF_TUMOUR_BEHIND",
    "OLD_LESION",
    "OTHER_MARGIN",
    "PARTS",
    "PLANNED",
    "SATELLITE",
    "SEGMENT_BEHIND",
    "SEGMENT_LINE",
    "SIDE_OF_MARGIN",
    "SIZE_FIELD",
    "SIZE_WORD",
    "SPECIMEN",
    "TUMOUR_WORD",
    "WIDTH_OF_MARGIN",
]

EDGE_EN = r"(?:(?<!invasive )(?<!pushing )(?<!infiltrative )(?<!advancing )margins?|res?ect?i?on (?:plane|surface|line|edge|margin)|transection (?:plane|surface|line|margin)|line of (?:tran|re)section|cut end|(?:cauteri[sz]ed|diatherm(?:y|ied)|burnt|stapled) (?:surface|edge|margin|plane)|cut (?:edge|margin|plane)|cutting (?:edge|surface|margin)|staple(?:d)? line|(?:inked|liver|parenchymal|hepatic) (?:surface|edge|plane|border)|ink\b|parenchymal plane|(?:transected|resected|divided|cut(?! surface)|raw) (?:liver |parenchymal |hepatic )?(?:surface|parenchyma|edge|margin|liver|plane)|(?:surgical|liver|hepatic|parenchymal)[- ](?:margin|edge|surface|plane|resection))"
EDGE_ZH = r"(?:肝?(?:实质)?切缘|(?:肝)?(?:实质)?(?<![横剖])断面|(?:肝)?断端|(?:手术)?切面缘|(?:肝)?切除(?:边缘|缘|面)|(?:肝)?离断面|切离面|墨汁?染?[面缘]|肝切面|断缘|肝断缘|切沿|切端|切除断缘|[电烧]{0,2}灼缘|(?<=距)肝?切面|肝?残端|切线)"
# The cut surface is an edge only behind such words; else it is what the slice shows.
CUT_SURFACE = r"(?:parenchymal|surgical|liver|hepatic|nearest|closest|inked|resection|from|from the|to the) cut surface"
MARGIN_BEFORE = any_of(
    "margin-before",
    rf"\b(?:(?<!invasive )(?<!pushing )(?<!infiltrative )(?<!advancing )margins?|marg\b\.?|clearance|r0(?=\W{{1,3}}$)|(?:parenchymal|liver) (?:distance|clearance)|(?:excision|resection) is complete(?= by)|staple line|tumou?r-free distance|free distance|(?:sm|rm)(?=(?: (?:clear|free|neg|negative|uninvolved))?[^a-z]{{0,8}}$)|(?:clear(?:ed)?|free|uninvolved|negative) by|rim of (?:normal |non-?tumou?r\w{{0,3}} )?(?:liver|parenchyma)|{EDGE_EN}|{CUT_SURFACE})(?![a-z])",
    rf"{EDGE_ZH}(?!旁|附近|周围|处?见)|与肝?切[面缘](?:间隔|相距|距离|间距)|与肝?(?:切[面缘]|断面)之?间[^,;。]{{0,12}}|距(?:肿[瘤物]|瘤|癌|病灶|肿块|主瘤)|(?:仅|最近)距\s?$",
    does="the margin is named before the length",
)
MARGIN_AFTER = any_of(
    "margin-after",
    r"^\W{0,3}(?:wide |clear |free |tumou?r-free |parenchymal |liver |hepatic |surgical |resection |closest |nearest |minimum |minimal |negative ){0,4}(?:margins?\b|clearance\b|parenchyma\b)",
    rf"^\W{{0,3}}(?:away |clear |distant |distance |short |off )?(?:from|of|to|off) (?:the |its |their |that )?(?:[\w-]{{1,16}} ){{0,4}}?(?:{EDGE_EN}|cut surface)\b",
    rf"^(?!\s?的?(?:肿瘤|肿块|结节|病灶|占位))[^,;。]{{0,6}}(?:距|离)?(?:最近)?{EDGE_ZH}",
    does="the margin is named behind the length",
)
ACROSS = any_of(
    "margin-across",
    rf"^ of (?:\w{{1,14}} ){{0,3}}(?:parenchyma|liver|tissue)\b[^.;]{{0,60}}? (?:from|and) (?:the |its )?(?:{EDGE_EN}|cut surface)",
    does="a width of liver between tumour and edge",
)
BARE_DISTANCE = any_of(
    "bare-distance",
    rf"距(?:肿[瘤物]|瘤|癌|病灶|肿块|主瘤)(?!.{{0,12}}{EDGE_ZH})|(?:仅|最近)距\s?$",
    does="a distance from the tumour with no edge named",
)
OTHER_MARGIN = any_of(
    "other-margin",
    r"\b(?:ptv|radiotherapy|rt|pancrea\w{1,4}|rect(?:um|al)|colon\w{0,2}|gastric|lung|breast|kidney|renal|prostat\w{1,3}|bile ducts?|biliary|bronchial|circumferential|radial|vascular|vessel|portal(?: vein)?|hepatic vein|venous|skin|deep|capsul\w{1,3}|glisson\w{0,2}|seros\w{1,3}|hilar|hilum|peritone\w{1,3}|diaphragm\w{0,3}|gall ?bladder|ablation|ablative|costal|proximal|distal|vein|artery|cava|ivc|(?<!cut )surface of the liver|(?<!transected )(?<!cut )(?<!resected )(?<!divided )liver surface|lateral|cystic duct|stump)\b",
    r"胆管|胆囊|支气管|环周|血管|门静脉|肝静脉|静脉|腔静脉|被膜|包膜|皮肤|肝门|浆膜|膈|ptv|放疗|(?<!肝)基底(?!切)|动脉|胰|肠|胃|肺|乳|灼伤?(?:区|带|层)|消融|安全|表面|胆总管|残端血管",
    does="the margin of something else than the liver",
)
PLANNED = any_of(
    "planned-or-estimated",
    r"\b(?:planned|estimat\w{1,4}|intended|aim\w{0,3}|macroscopic(?:ally)? estimat\w{1,4}|intra-?operative(?:ly)?|by ultrasound|expected|presumably|approximate margin|on palpation|by eye|by the surgeon|plan|judged|felt to be|marked|drawn|outlined|impression|scored|looks?|reduces?|according to)\b|处(?:切|离断|划|横断)|拟|预计|设计|估计|目测|预留|估|计划|(?<!墨汁)(?<!墨水)(?<!染料)标记|预切|划定|预定|拟定|设定|切线",
    does="a margin that is planned or estimated",
)
# Beside "above 3 cm": a rule, an exclusion or a denial, and no finding.
AMONG_CRITERIA = re.compile(
    r"\b(?:no|without|if|that|whether|patients?|should|may|must|can|for|criteri\w{1,3}|threshold|surveillance|screening|respond|allow\w{0,3}|eligib\w{1,4}|any|p?t[1-4][ab]?)\b|="
)
SIZE_WORD = any_of(
    "size-word",
    r"\b(?:size|sized|diameters?|dimensions?|dia\.|diam\.|measur\w{1,4}|largest|greatest|longest|axis|dominant|maxim\w{1,4}|max|up to|across|extent|biggest|larger)\b|\bthe (?:first|second|third|larger|smaller|other)\b",
    r"最大径|直径|大小|长径|径线|最大者|大者|最大|径|约|体积",
    does="words for a size",
)
TUMOUR_WORD = any_of(
    "tumour-word",
    r"\bthe (?:first|second|third)(?=,| (?:in|was|is|measur))|\b(?:tumou?rs?|hccs?|hepatoma|carcinomas?|mass(?:es)?|nodul(?!ar)\w{1,4}|nodular (?:arterial )?enhancement|\bt(?= ?(?:[=:]|$))|lesions?|sol(?=[ ,:])|infiltrative process|recurrence|neoplasms?|foc(?:us|i)|observations?|wash-?out|main node|cancers?|lr-[45m]|solitary|single|unifocal|multifocal|malignan\w{1,4}|growth|hypervascular|tu\b)",
    r"肿瘤|癌灶|肿块|肿物|结节|病灶|病变|占位|肝癌|主瘤|主灶|原发灶|强化灶|(?:密度|信号|回声|强化)(?:灶|影|区)|异常信号|癌结节|单发|孤立|瘤体|癌|瘤|实性|包块|hcc|廓清|单个|单发|快进快出|回声(?:团|区|结节)|团块|巨块|肝ca|新生物",
    does="words for the tumour",
)
NOT_TUMOUR = any_of(
    "not-the-tumour",
    r"\b(?:satellit\w{0,3}|daughter|rent|tear|breach|defect|vein(?= ?$| of)|cast of tumou?r|\w{0,12}ectomy(?=,? ?$)|cast|sample|lipiodol(?: \w{1,12})?|sum of|(?:completely|entirely|fully|totally) necrotic|ablation cavity|ductular reaction|rupture site|(?:treated|ablat\w{1,3}|ablation) (?:area|zone|cavity|lesion)|(?:(?:hemi|bi)?hepatectomy|lobectomy|segmentectomy|sectionectomy|resection|bisegmentectomy|trisectionectomy)\b[^,;]{0,40}?(?:weigh\w{1,4}|measur\w{1,4})|specimens?|pieces? of|piece|liver of|liver measur\w{1,4}|resectate|cysts?|cystic|incision|lymph|(?<!tumour )(?<!tumor )(?<!main )nodes?|spleen|splenic|kidney|renal|lung|pulmonary|thyroid|pancrea\w{1,4}|h(?:a)?emangiomas?|fnh|hyperplasia|adenoma|regenerative|dysplastic|cirrhotic nodules?|nodules of cirrhosis|diameter of the (?:portal|vein|duct|common)|portal vein|vein diameter|duct|varic\w{1,4}|gallstones?|stones?|aneurysm|thrombus|thrombosis|thromb\w{2,4}|slice|slices|section|collimation|effusion|fluid|drain|catheter|needle|core|cores|biops\w{1,3}|scar|width of|thick\w{0,4}|thickness|trocar|mesh|stump|gall ?bladder|adrenal|abscess|hernia|lipoma|leiomyoma\w{0,2}|angiomyolipoma|melanoma|ablation|necrosis|lobe|parenchyma of|remnant|wedge of|fragments?|tissue|cuff|h(?:a)?ematoma|collection|polyp|port|capsule|wall|uptake|stent|tube|foci of mvi|vessels?|plugs?|embol\w{1,3})\b(?: (?:nodul\w{1,4}|lesions?|mass(?:es)?|tumou?rs?|foc(?:us|i)))?",
    r"(?:卫星|再生|增生|囊性|不典型)(?:癌|肿?瘤)?(?:结节|病灶|灶)|卫星|子灶|标本|切口|囊肿|囊性|淋巴结|脾|肾|肺|甲状腺|胰|破口|裂口|血管瘤|fnh|增生(?!型)|腺瘤|[左右]半肝(?!切除)|全肝|再生结节|不典型增生|门静脉|静脉|胆管|胆总管|胆囊|结石|动脉瘤|血栓|癌栓|层厚|积液|引流|穿刺|瘢痕|厚|网片|脓肿|脂肪瘤|平滑肌瘤|错构瘤|血管|黑色素瘤|消融|坏死|肝组织|送检(?:的|部分)?(?:肝|组织)|部分肝(?:脏|组织)|组织一|血肿|息肉|包膜|肝叶|残肝|内径|管径|肝脏?(?:大小|体积)|肝右叶|肝左叶|包虫|条|碎|斜径|硬化(?:性)?结节|背景(?:肝)?结节|组织块|蜡块|创面|(?<!癌)(?<!瘤)组织(?=约?\s?\d)|裂[隙缝]|缺损|碘油|取材块|组织块|残腔|囊腔|囊状|肝(?:脏)?切面积|断面积|切缘面积",
    does="the value is not of the tumour",
)
# Where a tumour lies, and parts of it, are not what is measured.
LOCATED = re.compile(
    r"\b(?:(?:in|of|within|involving|occupying|near|throughout|from|at) )?(?:the |both )?(?:right|left|rt|lt|r|l|caudate|quadrate|hepatic|liver)\.?(?: (?:hepatic|liver|posterior|anterior|medial|lateral|outer|inner|upper|lower|external|internal))? (?:lobes?|sections?|sectors?|parenchyma)\b(?: (?:of )?(?:the )?liver)?|\b(?:in|on) the (?:opened |fresh |fixed |resected |surgical |unfixed ){0,2}specimen|[左右尾]?肝?[左右尾]叶"
)
PARTS = re.compile(r"\b(?:pseudo-?)?capsules?\b|包膜|\bnecrosis\b|坏死|\bwall\b")
BENIGN = any_of(
    "benign-lesion",
    r"\b(?:ha?emangioma|fnh|focal nodular hyperplasia|adenoma|simple cyst|non-?viable|lr-[123](?!\d)|dysplastic|regenerative)\b|血管瘤|囊肿|腺瘤|局灶性?结节(?:状|性)?增生|再生结节|灌注异常|一过性强化|非真性|脂肪(?:浸润|沉积)|(?:^|,)\s?(?:各期)?均?(?:无|未见)(?:明显)?强化",
    does="the length is of a benign lesion",
)
MALIGNANT = re.compile(r"\b(?:hcc|hepatocellular|carcinoma|lr-?5|malignan)|肝癌|癌|恶性")
MAYBE_SATELLITE = re.compile(r"\b(?:may|might|could|possibl\w|probabl\w)\b.{0,30}satellit")
SPECIMEN = re.compile(
    r"\W{0,3}(?:\w{1,12} )?(?:group|cluster|nest|clump|wedge|piece|fragment|cast|plug|thromb|portion|specimen|segmentectomy|lobectomy|cuff|core|incision|defect|rent|tear|hole|laceration)"
)
# A field that says nothing but "最大径:", or where the tumour was measured.
SIZE_FIELD = re.compile(
    r"\W{0,4}(?:final |surgical )?(?:(?:histo)?path(?:ology)?|histology|histo)\W{0,3}|[\W\x01]{0,4}(?:(?:肿瘤)?(?:最大径|最大直径|长径|瘤径)|(?:大体|镜下|标本)(?:测量|实测)|实测|(?:术后)?病理(?:诊断|示|提示|回报)?(?=\W))\W{0,3}(?:约|为)?\s?"
)
# What else may have been measured before such a field.
MEASURED_ELSE = re.compile(
    r"(?<!无)(?<!未见)(?<!未见明显)(?:卫星(?:结节|病?灶)?|子灶|淋巴结|囊肿|血管瘤|脾|标本|再生|增生|腺瘤|结石|[破裂]口|血肿|积液|[癌血瘤]栓)(?![:\s(]{0,2}(?:无|未|-|阴性))"
)
# "结节直径0.3-0.8cm" where no mass was felt: the nodules of the liver around.
NO_MASS = re.compile(
    r"(?<!余)(?<!余肝)(?<!其他)未(?:触及|探及|扪及|见|发现)(?:到)?(?:明确|明显|确切)的?(?:肿块|占位|肿物|肿瘤)"
)
MERE_NODULES = re.compile(r"\W{0,3}(?:弥漫|小)?结节(?:直径|大小|最大径)?\W{0,3}(?:约|为)?\s?")
# "A) 5 cm, seg II": an item of a list of lesions.
SEGMENT_BEHIND = re.compile(
    r"[\s,(:-]{1,3}(?:in |of )?(?:the )?(?:seg(?:ment)?s?\.? ?(?:[1-8]|[iv]{1,4})\b|s[1-8]\b)"
)
# The sides of a resected piece, in a list of margins.
SIDE_OF_MARGIN = re.compile(
    r"\W{0,3}(?:(?:and|the|superior|inferior|medial|anterior|posterior|cranial|caudal|left|right|upper|lower)[ :]{0,2}){1,4}(?:margin )?(?:is |at )?|\W{0,3}(?:左|右|上|下|前|后|内|外|顶|底|基底|头|足|膈|脏)(?:侧|部|缘|面|端)?(?:切缘)?\W{0,2}(?:为|约|仅)?\s?"
)
MARGINS_HEADING = re.compile(
    r"\b(?:resection |surgical |parenchymal |liver |hepatic ){0,2}margins?(?: \((?:cm|mm)\))?\s?:|距?各?肝?切缘(?:距离)?\s?:"
)
SEGMENT_LINE = re.compile(
    r"[\s#\d.)(-]{0,6}(?:seg(?:ment|s)?\.? ?(?:[1-8]|[iv]{1,4})|s[1-8])[ab]?(?:/\d)?\s?[,:(]"
)
SATELLITE = re.compile(r"satellit|daughter|卫星|子灶|子结节")
NEXT_TO_TUMOUR = re.compile(
    r"(?:癌|瘤体?|肿物|肿块|灶|肝窦)(?:旁|周边|周围|周)[^,;]{0,6}[一二两三]?$"
)
NEW_PHRASE = re.compile(r"\b(?:with|without|and|at|near|from|next|which|that|on|having|beside)\b|:")
# "veins and a clearance of 12 mm": what is measured begins behind "and a".
NEW_NOUN = re.compile(r"\b(?:and|with|but|while) (?:an?|the) (?=[^,;]{0,30}(?:margin|clearance))")
OLD_LESION = re.compile(
    r"\bp?t[1-4][ab]? ?\((?:solitary|multiple|single) tumou?rs?,? ?$|原(?:s\d|肿|病|肝)[^,;。]{0,8}\($"
)
NEAR_TUMOUR = re.compile(r"(?:癌|瘤|肿物|肿块)(?:旁|周)[^,;。]{0,12}处?(?:可?见|有)?[一二两三]?$")
# "the surface over the 8 cm tumour": the length is of the tumour.
OF_TUMOUR_BEHIND = re.compile(
    r"\W{0,2}(?:the|an?) (?:\w{1,12} )?(?:tumou?r|mass|lesion|nodule|hcc)\b"
)
WIDTH_OF_MARGIN = re.compile(r"\) ?(?:surgical |resection |parenchymal |liver )?margins?\b")
BESIDE = re.compile(
    r"\W{0,3}(?:\w{1,14} ){0,2}(?:foc(?:us|i)|deposits?|nodules?|lesions?) (?:adjacent|next|close|beside|near|outside|away|separate)"
)
DISTANCE = any_of(
    "distance-to-something",
    r"^\W{0,3}(?:away |distant |proximal |distal |above |below |lateral |medial |deep |beneath )?(?:from|to|under|below|above|deep to|beneath|off|beyond|outside) (?!\d)|^\s?(?:then|previously|formerly|initially|at (?:that time|diagnosis|presentation))\s{0,2}(?:$|[,;.)])|^\s?(?:away|distant|apart|beyond|outside|deep)\s{0,2}(?:$|[,;.)])|\bdistance (?:to|from|between)\b[^,;]{0,40}$|^\s?(?:另|又)[见有]|^[^,;。]{0,4}(?:处|以外|以下|以内|范围内|远)",
    does="a length that is a distance to something",
)
DISTANCE_BEFORE = any_of(
    "distance-before",
    r"\bdistance\b|\bdistant\b|\bwithin\s{0,2}$|\bsum of(?: [\w-]{1,14}){0,8}\s{0,2}$|\bseparate\w{0,1} from [^,;]{1,30} by\s{0,2}$|\b(?:over|for) (?:a|the) (?:length|distance|stretch)(?: of)?\s{0,2}$|距|离(?!断)|间距|最[远近]者",
    does="words for a distance in front of a length",
)
NOT_SAID = any_of(
    "previous-value",
    r"\bnot\s{0,2}$|另一处$|\b(?:previously|formerly|was (?:previously|originally|formerly|then|only)|before|prior|earlier|last|compared with|versus)\b[^,;]{0,20}$|(?<!away )(?<!distant )\bfrom (?:about |approximately )?$|(?:原|前次|原为|上次|之前|较前片?|由)[^,;。]{0,10}$|每(?:隔|间隔)约?$|(?:肿瘤|瘤|癌|病灶)(?:边缘|边|缘)?以?外侧?约?$|(?:外|(?<!切除)(?<!切)(?<!手术)边)缘\s?$|\b(?:every|(?:slic\w{1,3}|section\w{0,3}|cut|intervals?) (?:at|of))\s{0,2}$",
    does="a value of another time",
)
# What else has a distance to the tumour.
AWAY_FROM_TUMOUR = re.compile(r"mvi|微血管|脉管|卫星|子灶|癌栓|取材|蜡块|旁")
# "术中估计切缘1.5cm,病理实测0.8cm": what was measured, not what was planned.
MEASURED = re.compile(
    r"(?<!目)(?:病理|镜下|标本|大体)?(?<!目)实?测(?:量|得)?(?:为|约|仅)?\s?$|镜下最近处?\s?$"
)
# A field of its own: "最近距离:10mm".
MARGIN_FIELD = re.compile(r"\W{0,4}(?:最近|最小|最短)(?:切缘)?距离?\W{0,3}")
# A margin that only says where a lesion lies, how it is bounded, or where a block was taken.
ASIDE_MARGIN = re.compile(
    r"\b(?:(?<!transected )(?<!cut )at|along|near|abutting|(?:ill|well|poorly)[ -]?defined|irregular|lobulated|smooth|distinct|indistinct|spiculated|infiltrative|costal|taken from) (?:the )?(?:resection |surgical |parenchymal |liver |cut )?(?:margins?|edges?|surface|plane)\b"
)
# What may stand between the margin and its distance ("margin: free of tumour, closest 8 mm").
MARGIN_FREE = re.compile(
    r"\b(?:no (?:tumou?r|cancer|carcinoma|malignancy)|free|clear|uninvolved|negative|not involved|involved|positive)\b(?: (?:of|by|from|for))?(?: (?:the )?(?:tumou?r|carcinoma|hcc|malignancy))?|(?:均)?(?:未见|无)(?:癌|肿瘤|瘤)[^,;。]{0,6}|见癌|阳性|\b(?:tumou?r|nodule|lesion) (?:\d|[a-c])\b|未侵犯|墨染处?"
)
