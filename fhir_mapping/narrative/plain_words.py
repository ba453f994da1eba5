"""Tells whether a concept that is only named ("satellites in A3") stands among plain words.

A bare name counts as present only if everything around it is understood; any other word leaves it
unread. This costs findings and buys the certainty that a text about something else says nothing.
"""

from __future__ import annotations

import re

from fhir_mapping.narrative.rules import any_of

__all__ = ["PLAIN", "is_plain", "strange_words"]

PLAIN = any_of(
    "plain-words",
    r"(?<![a-z\d])(?:a|an|the|one|two|three|four|five|six|seven|eight|nine|ten|few|some|several|many|multiple|numerous|rare|occasional|scattered|single|solitary|another|additional|further|also|too|as|well|both|each|all|only|even|again|still|already|moreover|furthermore|including|include)(?![a-z\d])",
    r"(?<![a-z\d])(?:of|in|on|at|to|by|from|for|near|beside|within|around|along|into|up|throughout|outside|beyond|between|next|close|adjacent|with|and|or|but|though|although|while|because|so|therefore|thus|hence|i|e|nearby|further|away)(?![a-z\d])",
    r"(?<![a-z\d])(?:is|are|was|were|be|been|being|has|have|had|there|we|it|its|which|that|this|these|i|they|show\w{0,3}|reveal\w{0,3}|contain\w{0,3}|found|find|prov\w{1,3}|confirm\w{0,3}|demonstrat\w{1,3}|remain\w{0,3}|diagnostic|consist\w{0,4}|represent\w{0,3}|surround\w{0,3}|lie\w{0,1}|lying|form\w{0,5}|develop\w{0,3}|highlight\w{0,3}|detect\w{0,3}|meet|perforat\w{1,3}|status|occur\w{0,4})(?![a-z\d])",
    r"(?<![a-z\d])(?:focal|focally|foc(?:us|i)|extensive|extensively|definite|definitely|clear|clearly|obvious|unequivocal|visible|thin|thick|fibrous|well|poorly|well-formed|formed|small|large|tiny|minute|big|macroscopic|microscopic|typical|genuine|true|frank|marked|distinct|delicate|enhancing|delayed|peripheral|high|low|grade|hyperenhancing|spontaneous|spontaneously|acute|free|bleeding|active|covered|contained|pronounced|separate|least|most|partial|brisk|massive|remarkably|gross|grossly)(?![a-z\d])",
    r"(?<![a-z\d])(?:histolog\w{1,5}|path(?:ology)?|microscop\w{1,5}|micro|macro|examination|section\w{0,1}|block\w{0,1}|slide\w{0,1}|level\w{0,1}|stain\w{0,3}|immuno\w{0,16}|h&e|he|cd ?\d{2}|elastic|d2-40|ct|mri?|us|ultrasound|cect|ceus|phase|portal|hepatic|arterial|venous|imaging|specimen|report|final|summary|signs?|finding\w{0,1}|diagnosis|result)(?![a-z\d])",
    r"(?<![a-z\d])(?:tumou?r\w{0,3}|hccs?|hepatoma|carcinomas?|mass(?:es)?|nodul\w{1,4}|lesions?|liver|lobe|segment\w{0,4}|seg|s\d|[a-z]\d{1,2}|peritumou?r\w{0,3}|intratumou?r\w{0,3}|intrahepatic|parenchyma\w{0,1}|periphery|edge|border|surface|margin|main|dominant|primary|larger|largest|smaller|vessel\w{0,1}|vein\w{0,1}|venul\w{1,2}|branch\w{0,2}|right|left|middle|anterior|posterior|inferior|superior|cm|mm|per|hpf|percent|about|approximately|ca|diameter|max|size\w{0,1}|site|contrast|leak|extravasation|peritone\w{1,3}|abdom\w{1,3}|cavity|blood|ml|hours?|days?|presentation|admission|emergency|subcapsular|exophytic|thrombectomy|front|circumference|embolis\w{1,5}|emboliz\w{1,5}|tae|stopped|stabili[sz]ed|inva\w{1,5}|tracts?|cell|cells|differentiat\w{1,3}|moderate\w{0,2}|hepatocellular|spaces?|endothelium|endothelial|lined|lining|clusters?|nests?|emboli|thrombi|lumens?|lumina)(?![a-z\d])",
    r"(?<![a-z\d])(?:january|february|march|april|may|june|july|august|september|october|november|december|steatohepatitic|hepatectomy|lobectomy|resection|resected|trabecular|macrotrabecular)(?![a-z\d])",
    r"(?<![a-z])(?:cm|mm|ml)(?![a-z])",
    r"周围|周边|癌旁|瘤旁|邻近|附近|肿瘤|瘤体|肿块|结节|病灶|肝细胞|肝癌|肝|组织|实质|表面|切面|大体|镜下|镜检|光镜|肉眼|病理|切片|染色|证实|提示|显示|可诊断|诊断|符合|见于|位于|可见|另见|另有|偶见|均见|见到|见|有|示|伴|及|和|与|并|内|外|中|上|下|旁|侧|左|右|前|后|叶|段|支|区|部|多发|单发|散在|少量|多量|大量|局灶|灶性|灶|部分|广泛|明显|明确|清楚|典型|纤维|薄|厚|完整|强化|延迟期|动脉期|门脉期|增强|环形|处|个|枚|约|大小|直径|最大|大者|者|径|自发性?|出血|已|并|其一|其中|一|二|两|三|四|五|六|七|八|九|十|数|多|少|形成|征象|起病|入院|术前|术后|术中|手术|月|日|年|时|为|是|呈|在|于|的|了|等|亦|也|仍|虽|即|以|较|近|远|距|主瘤|癌|瘤|细胞|至|达|行|虽|中分化|低分化|高分化|腔|血管|静脉|小|大|急诊|腹腔|破入|取出|切除|介入|止血|大量|积血|汇管区|癌周|尚|主体|微|巢|穿刺",
)
_WORD = re.compile(r"[a-z]{2,40}|[一-鿿]")


def is_plain(text: str) -> bool:
    """Tell whether nothing but plain words, numbers and signs stands in a text."""
    return not strange_words(text)


def strange_words(text: str) -> int:
    """Return how many words, or Chinese characters, of a text are not plain."""
    return len(_WORD.findall(PLAIN.pattern.sub(" ", text)))
