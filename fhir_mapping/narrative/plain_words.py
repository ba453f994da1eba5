"""Tells whether a concept that is only named ("satellites in A3") stands among plain words.

A bare name counts as present only if everything around it is understood; any other word leaves it
unread. This costs findings and buys the certainty that a text about something else says nothing.
"""

from __future__ import annotations

import re

from fhir_mapping.narrative.rules import any_of

__all__ = [
    "DOUBTFUL",
    "PLAIN",
    "is_doubtful",
    "is_nearly_plain",
    "is_plain",
    "is_understood",
    "is_understood_zh",
]

PLAIN = any_of(
    "plain-words",
    r"(?<![a-z\d])(?:a|an|the|one|two|three|four|five|six|seven|eight|nine|ten|few|some|several|many|multiple|numerous|rare|occasional|scattered|single|solitary|another|additional|further|also|too|as|well|both|each|all|only|even|again|still|already|moreover|furthermore|including|include)(?![a-z\d])",
    r"(?<![a-z\d])(?:of|in|on|at|to|by|from|for|near|beside|within|around|along|into|up|throughout|outside|beyond|between|next|close|adjacent|with|and|or|but|though|although|while|because|so|therefore|thus|hence|i|e|nearby|further|away)(?![a-z\d])",
    r"(?<![a-z\d])(?:is|are|was|were|be|been|being|has|have|had|there|we|it|its|which|that|this|these|i|they|show\w{0,3}|reveal\w{0,3}|contain\w{0,3}|found|find|prov\w{1,3}|confirm\w{0,3}|demonstrat\w{1,3}|remain\w{0,3}|diagnostic|consist\w{0,4}|represent\w{0,3}|surround\w{0,3}|lie\w{0,1}|lying|form\w{0,5}|develop\w{0,3}|highlight\w{0,3}|detect\w{0,3}|meet|perforat\w{1,3}|status|occur\w{0,4})(?![a-z\d])",
    r"(?<![a-z\d])(?:focal|focally|foc(?:us|i)|extensive|extensively|definite|definitely|clear|clearly|obvious|unequivocal|visible|thin|thick|fibrous|well|poorly|well-formed|formed|small|large|tiny|minute|big|macroscopic|microscopic|typical|genuine|true|frank|marked|distinct|delicate|enhancing|delayed|peripheral|high|low|grade|hyperenhancing|spontaneous|spontaneously|acute|free|bleeding|active|covered|contained|pronounced|separate|least|most|partial|brisk|massive|remarkably|gross|grossly)(?![a-z\d])",
    r"(?<![a-z\d])(?:histolog\w{1,5}|path(?:ology)?|microscop\w{1,5}|micro|macro|examination|section\w{0,1}|block\w{0,1}|slide\w{0,1}|level\w{0,1}|stain\w{0,3}|immuno\w{0,16}|h&e|he|cd ?\d{2}|elastic|d2-40|ct|mri?|us|ultrasound|cect|ceus|phase|portal|hepatic|arterial|venous|imaging|specimen|report|final|summary|signs?|finding\w{0,1}|diagnosis|result)(?![a-z\d])",
    r"(?<![a-z\d])(?:tumou?r\w{0,3}|hccs?|hepatoma|carcinomas?|mass(?:es)?|nodul\w{1,4}|lesions?|liver|lobe|segment\w{0,4}|seg|s\d|[a-z]\d{1,2}|peritumou?r\w{0,3}|intratumou?r\w{0,3}|intrahepatic|parenchyma\w{0,1}|periphery|edge|border|surface|margin|main|dominant|primary|larger|largest|smaller|vessel\w{0,1}|vein\w{0,1}|venul\w{1,2}|branch\w{0,2}|right|left|middle|anterior|posterior|inferior|superior|cm|mm|per|hpf|percent|about|approximately|ca|diameter|max|size\w{0,1}|site|contrast|leak|extravasation|peritone\w{1,3}|abdom\w{1,3}|cavity|blood|ml|hours?|days?|presentation|admission|emergency|subcapsular|exophytic|thrombectomy|front|circumference|embolis\w{1,5}|emboliz\w{1,5}|tae|stopped|stabili[sz]ed|inva\w{1,5}|tracts?|cell|cells|differentiat\w{1,3}|moderate\w{0,2}|hepatocellular|spaces?|endothelium|endothelial|lined|lining|clusters?|nests?|emboli|thrombi|lumens?|lumina)(?![a-z\d])",
    r"(?<![a-z\d])(?:lateral\w{0,2}|medial\w{0,2}|posterior\w{0,2}|anterior\w{0,2}|side\w{0,1}|aspect\w{0,1}|outer|inner|deep|upper|lower|part\w{0,1}|area\w{0,1}|zone|point\w{0,1}|place\w{0,1}|field\w{0,1}|towards?|over|under|above|below|across|about|almost|nearly|mostly|mainly|largely|partly|partially|somewhat|slightly|very|quite|rather|most|more|less|than|after|before|during|when|where|then|now|once|twice|same|other|others|different|similar|new|old|early|late|already|here|seen|noted|known|since|interval|scan|yesterday|today|plus|does|extend|round|previously|preoperatively|reaches|extends|measures?|measuring|diameter|counted|count|number|total|half|third|quarter|whole|rest|end|top|base|centre|center|middle|line|layer|tissue|collagen|band|rim|wall|delayed|image\w{0,1}|series|enhanc\w{1,6}|washout|hyperenhanc\w{1,5}|arterialis\w{1,3}|hypervascular|patient|surgery|operation|resection|operative|tract\w{0,1}|tae|tace|dimension|greatest|scar|like|central|bulging|despite|under|microscope|tumoral|accompan\w{1,4}|noted|evidence|recent|emergency|shock|haematoma|hematoma|clot|clots|serosal|defect|omentum|sealed|laparotomy|oozing|haemostasis|packing|packed|hemorrhag\w{1,3}|haemorrhag\w{1,3}|pain|dome|lesser|sac|abscess|january|february|march|april|may|june|july|august|september|october|november|december|steatohepatitic|hepatectomy|lobectomy|resection|resected|trabecular|macrotrabecular)(?![a-z\d])",
    r"(?<![a-z])(?:cm|mm|ml)(?![a-z])",
    r"周围|周边|癌旁|瘤旁|邻近|附近|肿瘤|瘤体|肿块|结节|病灶|肝细胞|肝癌|肝|组织|实质|表面|切面|大体|镜下|镜检|光镜|肉眼|病理|切片|染色|证实|提示|显示|可诊断|诊断|符合|见于|位于|可见|另见|另有|偶见|均见|见到|见|有|示|伴|及|和|与|并|内|外|中|上|下|旁|侧|左|右|前|后|叶|段|支|区|部|多发|单发|散在|少量|多量|大量|局灶|灶性|灶|部分|广泛|明显|明确|清楚|典型|纤维|薄|厚|完整|强化|延迟期|动脉期|门脉期|增强|环形|处|个|枚|约|大小|直径|最大|大者|者|径|自发性?|出血|已|并|其一|其中|一|二|两|三|四|五|六|七|八|九|十|数|多|少|形成|征象|起病|入院|术前|术后|术中|手术|月|日|年|时|为|是|呈|在|于|的|了|等|亦|也|仍|虽|即|以|较|近|远|距|主瘤|癌|瘤|细胞|至|达|行|虽|中分化|低分化|高分化|腔|血管|静脉|小|大|急诊|腹腔|破入|取出|切除|介入|止血|大量|积血|汇管区|癌周|尚|主体|微|巢|穿刺|休克|渗血|活动性|失血|腹痛|突发|栓塞|包裹|膈下|膈面|大网膜|小网膜囊|凝血块|血肿|探查|封堵|纱布|生物胶|覆盖|填塞|喷血|原发|性|型|粟粒|子|数枚|散|具|浸润|假|薄|灰|白|黄|色|剖腹|患者|因|诊|清除|不凝|抽出|压|造影剂|外溢|渗|破口|裂口",
    # words for place, shape and course, as whole words
    r"考虑|口(?!服|头)|巨块|包块|肿物|占位|外突|突出|突破|局部|近期|二期|一期|半肝|紧邻|靠近|毗邻|送检|密布|环绕|成群|汇合部?|汇入|分叉|矢状|延伸|延及|心房|右房|附壁?|附着|网膜|第|天|该|此|系|均|都|带|判[为定]|计为|属|诊为|壁|被|边|点|改变|移|样|层|包绕|衬覆|被覆|内皮|漂浮|团块?|块|肝周|脾周|盆腔|结肠|粘连|经|住院|病人|患者|表现|标本|超声|彩超|b超|造影|我院|同意|存在|深切|可及|可找到|扪及|触及|延续|缘|向|其余?|其旁|形态|一致|穿透|穿出|脱入|切开|剖开|取净|管壁|进展|溢|长|宽|厚|之|由此|创面|血块|少许|纤维素|沉积|蒂|物|活动|绿豆|黄豆|米粒|针尖|芝麻|粟粒|极|唯一|電腦断层|断层|颗|公分|毫米|厘米|故|遂|予|止|周|离|余|分布|密集|主灶|石蜡|菲薄|清晰|清楚|均匀|光整|光滑|规则|不规则|连续|致密|疏松|增生|质[硬软韧中]|散布|遍布|若干|许多|大量|少许|稀疏|融合|孤立|直径|长径|短径|支持|组化|结构|覆|细|管区|门管区|看到|增厚|侵犯|脉管|裂口|可|表|触|确认|确定|认为|免疫|表型|组织学|同|新增|同前|结扎|缝扎|切口|冲洗|吸净|清|单|术|段|肝门|主干|分支|属支|癌灶|瘤灶|卫星|播散|转移灶|数目|数量|最|远端|近端|区域|范围|弥漫|簇|群|串|独立|圆形|类圆形|结节状|条索|充填|充满|填充|阻塞|堵塞|完全|不全|扩张|增粗|低密度|高密度|低信号|高信号|等信号|稍|洗脱|廓清|快进快出|供血|富血供|异常|信号|密度|回声|影|像|期|动态|增强|平扫|mr|核磁|磁共振|同时|合并|继发|引起|所致|致|导致|并发|再次|新发|当时|来院|就诊|转入|收入|收住|伴随|脏面|浆膜|右侧|左侧|腹膜|液|血性|血液|血|凝|破|裂|溃|流出|涌出|喷出",
    does="words among which a bare name counts",
)
_WORD = re.compile(r"[a-z]{2,40}|[一-鿿]")


def strange_words(text: str) -> int:
    """Return how many words, or Chinese characters, of a text are not plain."""
    return len(_WORD.findall(PLAIN.pattern.sub(" ", text)))


# Words that speak about a finding without saying that it is there; more of them than the cues know.
DOUBTFUL = any_of(
    "speaks-about-it",
    r"\b(?:iatrogenic|to (?:suggest|indicate)|request\w{0,4}|reports? (?:will|on|to)|please|note is made|phon\w{1,4}|told|inform\w{0,3}|explain\w{0,3}|estimat\w{1,4}|provid\w{1,3}|question\w{0,3}|comment|evaluat\w{1,4}|criteri\w{1,3}|predict\w{0,4}|linked|guideline\w{0,1}|trial|research|registry|protocol|teaching|lecture|consent\w{0,2}|warning|implant\w{0,1}|call|score of|scoring|search\w{0,3}|photo\w{0,12}|microphoto\w{0,6}|discuss\w{0,3}|depend\w{0,3}|require\w{0,1}|symptoms?|exclude|unlikely|ask\w{0,3}|determin\w{1,5}|inked|torn|risk(?!  ; )|not|no|none|never|if)\b|n't\b|\?",
    r"请|咨询|送病理|(?<![复检镜探巡])查(?!见)|做|预测|指标|情况|信息|提供|告知|说明|解释|讨论|研究|教学|影响|内容|待|先兆|相关|知识|科普|评估|标准|录音|(?:待|未|需|拟)[^,;]{0,4}探查|包括|取材|(?:特殊|免疫|弹力|补做|加做|特)[^,;]{0,3}染色?(?=$)|不|未|难|需|保守|否|如|若|术语|定义|对照|风险|高危(?!因素)",
    does="words beside a bare name that speak about it without finding it",
)
_CLAUSE = re.compile(r"[,;:](?!\d)|\s-\s")
# More strange words than these beside a bare name, and it stays unread. Ours.
_STRANGE_EN, _STRANGE_ZH = 4, 10
# In Chinese a bare name needs a clause that is understood to the last character; a name that says
# by itself what happened, or stands behind "见" or "有", one with few strange ones. Ours.
_STRANGE_BARE_ZH, _STRANGE_TOLD_ZH = 0, 4
_NEAR = 70


def is_understood(before: str, after: str) -> bool:
    """Tell whether the clause of a bare name is made of plain words but for a few, none doubtful."""
    return not is_doubtful(before, after) and is_nearly_plain(_near(before, after))


def is_understood_zh(before: str, after: str, *, bare: bool) -> bool:
    """Tell whether the clause of a Chinese name is understood; of a bare one to the last word."""
    if is_doubtful(before, after):
        return False
    limit = _STRANGE_BARE_ZH if bare else _STRANGE_TOLD_ZH
    strange = _WORD.findall(PLAIN.pattern.sub(" ", _near(before, after)))
    in_chinese = sum(1 for word in strange if word > "z")
    return in_chinese <= limit and len(strange) - in_chinese <= _STRANGE_EN


def is_doubtful(before: str, after: str) -> bool:
    """Tell whether the clause of a bare name speaks about it without finding it."""
    return bool(DOUBTFUL.pattern.search(_near(before, after)))


def _near(before: str, after: str) -> str:
    answer = after.replace(":", " ").lstrip(" =")
    return f"{before[-_NEAR:]} ; {_CLAUSE.split(answer, maxsplit=1)[0]}"


def is_nearly_plain(text: str) -> bool:
    """Tell whether no more than a few words of a text are strange."""
    strange = _WORD.findall(PLAIN.pattern.sub(" ", text))
    in_chinese = sum(1 for word in strange if word > "z")
    return in_chinese <= _STRANGE_ZH and len(strange) - in_chinese <= _STRANGE_EN


def is_plain(text: str) -> bool:
    """Tell whether every word of a text is plain."""
    return strange_words(text) == 0
