"""Of which lesion and which time a sentence speaks: only the tumour reported now is read."""

from __future__ import annotations

from fhir_mapping.narrative.rules import Rule, any_of, search

__all__ = [
    "AGREES",
    "FINDINGS_HEADING",
    "LIVER_AGAIN",
    "NEW_START",
    "ORGAN_HEADING",
    "ORGAN_LASTS",
    "OWN_ORGAN",
    "PURPOSE",
    "RESUMES",
    "VOID_CLAUSES",
    "VOID_HEADINGS",
    "VOID_SENTENCES",
    "void_sentence",
]

_OPEN, _CLOSE = r"^[\s\[*#\d.)-]{0,8}", r"(?: ?\([^)\n]{0,40}\))?\s{0,3}(?:[:\]]|$| - )"

# A heading under which nothing is of the tumour reported now, until the next heading.
VOID_HEADINGS: tuple[Rule, ...] = (
    any_of(
        "section-history",
        rf"{_OPEN}(?:(?:relevant|past|prior|previous|brief|short|patient'?s?|clinical|medical|surgical|oncolog\w{{1,4}}|family|social) ){{0,3}}(?:histor(?:y|ies)|anamnesis|allerg(?:y|ies)|pmh|pmhx|psh)(?: of present illness)?{_CLOSE}",
        rf"{_OPEN}(?:临床)?(?:病史|病史摘要|病史简介|既往史?|既往病史|家族史|个人史|过去史|手术史){_CLOSE}",
        does="a heading of the history",
    ),
    any_of(
        "section-clinical-information",
        rf"{_OPEN}(?:clinical|clin){_CLOSE}",
        rf"{_OPEN}(?:clinical|pre-?op(?:erative)?|submitted|referral|referring|request) (?:information|info|details?|data|context|notes?|background|indications?|questions?|diagnos[ie]s|impression|summary|text){_CLOSE}",
        rf"{_OPEN}(?:indications?|reason(?! for (?:admission|amend|correct|addend|revis))|question|request(?:ed)?|referral|background|requisition)(?:s? (?:for|from|of|on|by|form)[^:\n]{{0,40}})?(?: asks)?{_CLOSE}",
        rf"{_OPEN}(?:临床(?:诊断|提示|资料|信息|问题?|注[记释]|备注|摘要|所见|申请|印象|考虑|疑问|拟诊)|申请(?:单|目的|内容|理由|注明|信息|医生)?(?:注明|提示|内容|诊断)?|(?:检查|申请|送检|检测|评估|评价|报告|必检|应检|待检)(?:项目|内容)|会诊(?:申请|目的|要求)|检查(?:目的|原因|申请)|送检(?:单位)?(?:目的|诊断|要求|意见)|术前(?:诊断|考虑)|拟诊){_CLOSE}",
        does="a heading of clinical information",
    ),
    any_of(
        "section-complaint",
        rf"{_OPEN}(?:chief complaint|presenting complaint|主诉){_CLOSE}",
        does="a heading of the complaint",
    ),
    any_of(
        "section-comparison",
        rf"{_OPEN}(?:comparison|compared|priors?|previous(?:ly)?|earlier|former|old|outside|external|referring)(?: (?:study|studies|exam\w{{0,8}}|imaging|ct|mri?|us|scans?|pathology|histology|biops(?:y|ies)|reports?|specimens?|films?|hospital|lab\w{{0,8}}|slides?|resection|diagnosis|result|results|surgery)){{0,3}}(?: (?:of|from|in|on) [^:\n]{{1,30}})?{_CLOSE}",
        rf"{_OPEN}(?:(?:对比|比较|前片|旧片|前次|上次|先前|外院(?!切片|会诊)|原单位|既往(?=[^:\n]{0, 14}[:\]])|会诊前|\d{{4}}年?(?:\d{{1,2}}月)?)[^:\n]{{0,12}}?(?:检查|报告|病理|诊断|ct|mri?|b超|超声|片|影像|结果|活检|穿刺)?){_CLOSE}",
        does="a heading of an earlier examination",
    ),
    any_of(
        "section-differential",
        rf"{_OPEN}(?:differential(?: diagnos[ie]s)?|ddx?|鉴别诊断|鉴别){_CLOSE}",
        does="a heading of the differential diagnosis",
    ),
    any_of(
        "section-plan",
        rf"{_OPEN}(?:(?:management |follow-?up |protocol |treatment |surgical |operative )?(?:plan(?:ned)?(?: procedure| operation)?|recommendations?|advice|proposal|next steps?|to ?do)){_CLOSE}",
        rf"{_OPEN}(?:知情同意|术前谈话|医患沟通|风险告知|注意事项|护理(?:记录|措施)?|建议|计划|方案|诊疗计划|手术计划|拟行手术|随访建议|处理意见|医嘱|下一步){_CLOSE}",
        does="a heading of plans",
    ),
    any_of(
        "section-sampling",
        rf"{_OPEN}(?:(?:tissue |paraffin )?(?:blocks?|cassettes?|sampling|sections? submitted|key to blocks|block key|summary of (?:sections|blocks|cassettes))(?: key| index| summary)?){_CLOSE}",
        rf"{_OPEN}(?:取材(?:部位|说明|记录|情况)?|蜡块(?:编号|说明|索引)?|包埋(?:盒|块)?(?:编号|说明)?){_CLOSE}",
        does="a heading of the list of blocks",
    ),
    any_of(
        "section-reference",
        rf"{_OPEN}(?:literature|references?|definitions?|grading (?:scheme|system|key)|legend|key|explanation|note to (?:the )?reader|prognos\w{{1,6}}|reporting standard|methods?|technique|template|glossary){_CLOSE}",
        rf"{_OPEN}(?:文献|教学提示|教学要点|示教|知识点|科普|参考(?:文献|标准|值)?|定义|分级标准|(?:填写|使用|编码|代码)(?:说明|要求|指南|规则)|说明|注释?|图例|方法|检查方法|技术|模板|解释){_CLOSE}",
        does="a heading of literature, definitions or methods",
    ),
)

# A heading that brings the text back to the tumour reported now.
FINDINGS_HEADING = any_of(
    "findings-heading",
    rf"{_OPEN}(?:(?:final|pathologic(?:al)?|histolog\w{{0,8}}|microscopic|gross|macroscopic|present|current|new|intra-?operative|operative|surgical|amended|corrected|imaging|radiolog\w{{0,6}}|ct|mri?|synoptic|post-?op(?:erative)?) ){{0,3}}(?:macro(?:scopy|scopic)?|micro(?:scopy|scopic)?|gross|diagnos[ie]s|impressions?|conclusions?|opinion|findings?|comments?|results?|reports?|descriptions?|ihc|immuno\w{{0,20}}|addendum|amend\w{{0,6}}|correct\w{{0,6}}|summary|specimens?|study|examination|exam|margins?|liver|tumou?rs?|histology|histopath\w{0, 6}|pathology|resection|hepatectomy|explant|course|procedure|operation|body|data|ct|mri?){_CLOSE}",
    rf"{_OPEN}(?:(?:本次|此次|术后|术中|现|最终|补充|肉眼|显微镜下|影像|超声|冰冻)?(?:大体(?:所见|检查|描述|标本)?|肉眼(?:所见|检查|观)?|巨检|镜检|镜下(?:所见)?|光镜(?:所见)?|(?:病理)?(?:诊断|结果|意见|报告)|诊断(?:意见|印象|结论)|印象|结论|意见|附注|备注|免疫组化(?:结果)?|酶标|影像(?:所见|表现|学表现|诊断)|(?:检查)?所见|描述|补充|更正|修正|订正|标本|检查|手术(?:经过|记录|所见)|所见|小结|总结|肝脏?|切缘|送检(?:标本|组织|物)?|入院情况|出院诊断|诊疗经过|诊治经过|辅助检查|影像检查|现病史)){_CLOSE}",
    does="a heading that brings the text back to the tumour reported now",
)
# "为避免破裂,...": what is done for a purpose; only this clause says nothing.
PURPOSE = any_of(
    "purpose",
    r"为(?:了)?(?:避免|防止|谨防|警防|严防|预防|减少|降低|清除|去除)[^,;。\n]{1,20}(?=,)",
    does="what is done for a purpose; its clause is taken out",
)
# Within a sentence: behind a comma the present is taken up again.
RESUMES = any_of(
    "resumes",
    r"[,;)](?=\s?(?:(?:today|now|currently)\b|the (?:\w{1,12} ){1,6}(?:has|have|now|today|currently)\b[^,;]{0,40}\b(?:measur\w{1,4}|cm|mm)))",
    r"[,;:](?=\s?(?:本次|此次|本例|我院|我科|本院|本科|现(?!行|予|为进|求|来)|目前|这次|当前|今(?!后|来)|复查|会诊(?:意见|后)|[本此]片|新(?:增|见|发|出现)))",
    does="behind a comma, words that bring an earlier or outside finding back to the present",
)
# The same behind a sentence on another organ.
LIVER_AGAIN = any_of(
    "liver-again",
    r"[,;](?=\s?(?:肝癌|肝(?:脏)?(?:肿瘤|肿块|占位|病灶|内)))",
    does="behind a comma, the liver's tumour after another organ",
)
# Words that bring it back without a heading.
NEW_START = any_of(
    "new-start",
    r"^\s{0,4}(?:current(?:ly)?|there (?:is|are) |now|today'?s?|at present|presently|(?:the )?present|this (?:study|exam\w{0,8}|time|specimen|scan|ct|mri)|in the (?:present|current))\b",
    r"^\s{0,4}(?:本次|此次|本例|我院|本院|现(?:在|片|标本|见|检)?|今|目前|这次|当前)",
    r"^\s{0,4}(?:镜检|镜下|光镜|组织学)(?:示|见|所见|下见)",
    does="words that bring the text back to the present tumour",
)

_OTHER_EN = (
    r"lungs?|pulmonary|bronch\w{1,6}|prostat\w{1,4}|rectum|rectal|colon(?:ic)?|colorectal|sigmoid|caecum|cecum|bowel|intestin\w{1,4}|"
    r"stomach|gastric|spleen|splenic|kidneys?|renal|thyroid|breast|pancrea\w{1,4}|uter(?:us|ine)|ovar(?:y|ian|ies)|"
    r"skin|cutaneous|chest|thora\w{1,3}|ct (?:of the )?(?:chest|thorax|brain|head|neck)|oesophag\w{1,4}|esophag\w{1,4}|lymphoma|melanoma|meningioma|brain|adrenal|gall ?bladder|cholecyst\w{1,6}|"
    r"appendix|tonsil|testis|cervix|endometri\w{1,4}|bladder|urothel\w{1,4}|parathyroid|pituitary|neuroendocrine|carcinoid|"
    r"leiomyomas?|angiomyolipoma|joint|shoulder|knee|hip|eye|lens|cataract|duoden\w{1,3}|gist|sarcoma|placenta"
)
_OTHER_ZH = (
    r"胸部|肺(?:癌|部|叶|腺|结节|类)?|支气管|前列腺|直肠|结肠(?!旁)|结直肠|乙状结肠|肠(?!系膜)|胃|脾|肾(?!上腺转移)|甲状腺|乳腺|[左右]?乳(?!头状)|胰|子宫|卵巢|皮肤|食管|淋巴瘤|黑色素瘤|"
    r"脑膜?|肾上腺|胆囊|阑尾|扁桃体|睾丸|宫颈|膀胱|甲状旁腺|垂体|类癌|神经内分泌|平滑肌瘤|错构瘤|关节|肩|膝|眼|晶状体|十二指肠|间质瘤|肉瘤|胎盘"
)
# A specimen or an organ named at the head of a sentence holds until the liver is named again.
ORGAN_HEADING = any_of(
    "other-organ",
    rf"^[\s\[(*#-]{{0,6}}(?:(?:specimen|part|jar|slide)? ?[a-h\d][.:),] ?)?(?:(?:left|right|both|bilateral|her|his|the|partial|total|radical|upper|lower|known) ){{0,3}}(?:{_OTHER_EN})\b(?![^:.]{{0,60}}(?:metasta|invasion|free|unremarkable|normal|clear))",
    rf"^[\s\[(*#-]{{0,6}}(?:送检(?:标本|组织|物)?[:为]?)?(?:[左右双两]侧?|(?:标本)?\s?\d{{1,2}}[.:、])?(?:{_OTHER_ZH})(?![^,;。:]{{0,6}}术后)(?![^,;。:]{{0,3}}、)",
    does="a sentence on another organ",
)
# A heading with a colon, or another organ's tumour, is a specimen of its own and lasts.
ORGAN_LASTS = any_of(
    "organ-lasts",
    r"^[^:]{0,60}:|carcinoma|adenoma|tumou?r|carcinoid|leiomyoma|lymphoma|melanoma|癌|瘤",
    does="another organ's paragraph lasts beyond its sentence",
)
OWN_ORGAN = any_of(
    "own-organ",
    r"\b(?:liver|hepat\w{1,20}|hcc|segment\w{0,6}|lobectomy|seg\.? ?\d|s[1-8]\b|portal)\b",
    r"肝|门静脉|门脉|\bs[1-8]\b",
    does="the liver is named again",
)

VOID_SENTENCES: tuple[Rule, ...] = (
    any_of(
        "general-statement",
        r"\b(?:is|are) (?:an? )?(?:common|rare|frequent|uncommon|usual)(?:ly)? (?:in|with|among)\b",
        r"\b(?:has|have|carr(?:y|ies)) (?:an? )?(?:better|worse|poor(?:er)?|higher|lower) (?:outcome|prognosis|survival|risk|recurrence|rate)",
        r"\brecurs? (?:more|less|often|early|earlier)\b|\bmakes? (?:the|a|any) patient\b|\bineligible\b|\b(?:is|are) an? (?:\w{1,12} )?feature of\b",
        r"\b(?:is|are) an? (?:histolog\w{2,5}|clinical|surgical|radiolog\w{2,5}|patholog\w{2,5}|oncolog\w{2,5}) (?:diagnosis|emergency|concept)",
        r"\b(?:is|are) (?:usually |generally |often |typically |best |commonly )?(?:treated|managed|defined|diagnosed|classified|caused) (?:by|with|as|using|on)\b",
        does="a statement on the disease in general",
    ),
    any_of(
        "block-list",
        r"^\W{0,4}(?:(?:representative )?(?:blocks?|slides?|cassettes?|sections?)(?: (?:are |as |were )?(?:submitted|taken|follows))?:? )?\d?[a-f]\d{1,2}(?:[-,/ ]{1,2}[a-f]?\d{1,2}){0,2}\s?[:=-]?\s(?!.*\b(?:no|not|present|absent|seen|shows?|contains?|identified|found|positive|negative|complete|incomplete|invaded|involved|free)\b)(?=\w)",
        does="what a block holds is a list of samples, not of findings",
    ),
    any_of(
        "code-key",
        r"\b(?:mvi|m|grade|score|type|stage) ?[0-3] ?= ?[a-z>≤<\d]|^\W{0,3}(?:comment )?(?:code|coding|key|legend|abbreviations?)\b[^.]{0,30}[=:]",
        r"\b(?:is|are) (?:found|seen|present|reported|identified|described|observed) in (?:about |approximately |around |up to |over |more than )?(?:an? |one |two |\d{1,2} ?)(?:%|per ?cent|third|thirds|half|quarter|quarters|fifth|majority|minority|number) of (?:all |resected )?(?:hccs?|cases|patients|tumou?rs|hepatocellular|specimens|resections)",
        does="a key of codes, or how often something is found in general",
    ),
    any_of(
        "literature",
        r"\b(?:literature|reference (?:ranges?|values?)|in general,|as a rule|textbook|teaching|published (?:data|series|studies|cut)|stud(?:y|ies) (?:show|report|suggest|have)\w{0,4}|guidelines? (?:state|recommend|define|say|suggest)\w{0,2}|\bpatients with\b(?! an?\b)|\b\d{1,2}(?:-\d{1,2})? ?% of (?:all )?(?:patients|cases|hccs?|resected|resections|series)\b|\boccurs in (?:about |up to |approximately )?(?:\d|one|a (?:third|quarter|minority))|\bin (?:this|our|the) (?:series|cohort|trial|registry)\b|\bpatients (?:were|are) (?:excluded|included|enrolled|randomi[sz]ed)|\bis an? (?:\w{1,12} )?(?:contra-?indication|risk factor|predictor|indication|marker|criterion)\b|\b(?:more|less) (?:likely|common|frequent|often)(?:ly)? (?:with|in|if|when)\b|\bmilan criteria\s?:|\bp?t[1-4][ab]?\s?[:=]\s?(?:solitary|single|multiple|tumou?rs?)\b(?=[^.;]{0,40}(?:[≤<>]|up to))|\b(?:ajcc|uicc|tnm|lcsgj|who) (?:\d{1,2} |classification |staging |system ){0,2}(?:no longer |still )?(?:uses?|defines?|counts?|considers?|requires?)|(?:major|ancillary|minor) features (?:are|include)|(?:study|trial) (?:protocol|criteria)|(?:inclusion|exclusion|eligibility) criteri|(?<!poor )(?<!adverse )(?<!bad )(?<!unfavourable )(?<!unfavorable )(?<!negative )(?<!good )(?<!favourable )(?<!favorable )(?<!positive )prognos(?:is|tic)\w{0,6}|risk factors?|is defined as|are defined as|definition of|refers to|is graded|by definition|according to the literature)",
        r"文献|教学|示教|m ?0[^;。]{0,4}m ?2[^;。]{0,2}(?:评价|分级|评估|判定|判读)?标准|m ?1\s?[:为]?\s?[≤<][^。]{0,16}m ?2\s?[:为]?\s?>|(?:破裂|侵犯|mvi|癌栓|卫星灶|卫星结节|子灶|包膜)(?:是|系)?指(?![数标征示出])|(?:可|适)用于|适应[证症]|禁忌[证症]|(?:是|为|属)[^,;。]{0,8}禁忌|预后|(?:是|为|系|属于?)[^,;。]{0,16}(?:危险|高危)因素|定义为|是指|指南(?:推荐|指出|定义|规定|要求|认为|建议)|研究(?:表明|显示|报道)|分级标准|(?<!未达)(?<!符合)诊断标准",
        does="speaks of the literature, definitions or prognosis",
    ),
    any_of(
        "history",
        r"^\W{0,4}(?:first|previous|earlier|original|initial|prior|old|index) (?:tumou?r|lesion|hcc|resection|operation|specimen|primary)s?(?: \([^)\n]{1,20}\))?\s?:",
        r"\b(?:history of(?! (?:tumou?r )?rupture (?:at|on|before))|h/o|hx of|known (?:case|to have had)|earlier this (?:year|month|week)|last (?:year|month|week)|(?:compared|comparison)(?: is| was)?(?: made)? (?:with|to) (?:the )?[^,;]{1,40}, (?:(?:at|on|in) which|when|where)|(?:previous|prior|earlier|former|past|last) (?:\w{1,14} ){0,2}(?:study|studies|exam\w{0,8}|imaging|ct|mri?|scans?|patholog\w{1,4}|histolog\w{1,4}|biops(?:y|ies)|specimens?|films?|resections?|hepatectom\w{1,4}|operations?|surger(?:y|ies)|tumou?rs?|hccs?)|previously (?:reported|resected|described|treated|known)|years? ago|months? ago|in (?:19|20)\d\d\b)",
        r"与\d{1,2}月[^;。]{0,40}(?:对照|比较|对比|相比)|既往|(?<!现)(?<!结合)(?<!结合临床)病史(?!相符|一致|符合)|(?<!破裂)史[(,;。]|(?<!破裂)史$|术前(?![^,;。]{0,4}[无未])[^,;。]{0,8}史|前片|旧片|前次|上次|曾(?:于|抽|取|行|患|因|有|在)|\d{1,2}年前|\d{1,2}个?月前|年前|多年前|当年|(?:19|20)\d\d年(?!\d{1,2}月)",
        does="speaks of an earlier time",
    ),
    any_of(
        "other-tumour",
        r"(?s:^(?!.*(?:hcc|hepatocell|hepatoma)).*\b(?:rectal|rectum|colon(?:ic)?|gastric|lung|breast|renal|prostat\w{1,3}|ovarian|pancreatic|thyroid|bladder|cervical|o?esophageal) (?:cancer|carcinoma|ca\b|primary|tumou?r))",
        r"(?s:^(?!.*(?:肝癌|肝细胞|hcc)).*(?:直肠|结肠|肠|胃|肺|乳腺|前列腺|卵巢|胰腺|甲状腺|膀胱|宫颈|食管)(?:腺)?癌)",
        r"(?s:^(?!.*(?:carcinoma|hcc)).*(?:hepatocellular|liver cell|hepatic) adenoma)|\b(?:adenocarcinomas?|cholangiocarcinomas?|neuroendocrine (?:tumou?r|carcinoma|neoplasm)|hepatoblastoma|(?:liver|hepatic) metasta\w{1,4} (?:of|from)|metasta\w{1,4} (?:to|of|from)|colorectal|leiomyomas?|angiomyolipomas?|angiosarcoma|melanoma)\b",
        r"(?s:^(?!.*(?:肝癌|细胞癌|hcc)).*肝细胞腺瘤)|(?<!肝)(?<!细胞)腺癌|胆管(?:细胞)?癌(?!栓)|神经内分泌(?:瘤|癌)|肝母细胞瘤|转移性(?:肝)?(?:癌|腺癌|肿瘤)|平滑肌瘤|平滑肌脂肪瘤|黑色素瘤",
        does="speaks of another tumour",
    ),
    any_of(
        "outside-report",
        r"\b(?:outside|external|referring|another|other|elsewhere|foreign) (?:hospital|report|patholog\w{1,4}|institution|lab\w{0,8}|centre|center|slides?|histology|biops(?:y|ies)|clinic)|\b(?:reported|diagnosed|described|read|slides|sections|material) (?:from )?elsewhere|\b(?:is|are|was|were) said to (?:show|have|contain|be)\b|\baccording to the (?:referr\w{1,4}|letter|outside|patient)|\b(?:original|their) report\b|\bnot ours\b|\b(?:on|in|per|from) (?:the )?(?:requisition|referral)|\b(?:on|in|per|from) the (?:request|requisition|referral)(?: form| letter| note)?\b|\b(?:request|requisition|referral) (?:form|card|slip|letter)\b",
        r"(?<!同意)(?<!建议)(?<!请)(?<!复阅)(?<!会诊)外院(?!(?:病理)?(?:切片|蜡块|玻片|标本)[^,;。:]{0,4}(?:会诊|复阅|阅片))|院外|他院|申请单|外单位|当地医院|(?<!建议)(?<!请)原单位|据述|患者自述|自述",
        does="reports what others have found",
    ),
    any_of(
        "family",
        r"^\W{0,4}(?:mother|father|brother|sister|uncle|aunt|cousin)s?\s?:|\bfhx?\b\s?:|\b(?:mother|father|brother|sister|uncle|aunt|cousin)s? (?:had|has|died|suffer\w{0,3}|diagnos\w{1,3}|with)\b|\bfamily (?:recalls?|reports?|says|remembers?|states?)\b|\b(?:his|her|the patient'?s|patient'?s|their|a) (?:mother|father|brother|sister|uncle|aunt|son|daughter(?!s? nodul)|cousin|grand\w{3,8}|parents?)\b(?:[^.;:]{0,30}?\b(?:had|has|have|died|dies|suffer\w{0,3}|diagnos\w{1,3}|underwent|hcc|cancer|carcinoma)\b|: ?(?:hcc|liver|cancer))|\bfamily history|\bin the family\b|\bdonor\b",
        r"家族史|其?(?:父亲?|母亲?|兄|弟|姐|妹|叔|舅|姑)(?:亲|弟|哥|姐|妹)?(?:亦|也|曾|均|同样)?(?:患|因|有|死于|曾|的|肝癌)|供体|供肝",
        does="speaks of a relative or a donor",
    ),
    any_of(
        "template",
        r"\b(?:not completed|delete as (?:applicable|appropriate)|tick|to be (?:filled|completed))",
        r"未填写?|待填|模板|请勾选|择一",
        does="a template that was not filled in",
    ),
)


AGREES = any_of(
    "agrees",
    r"\bwe (?:\w{1,12} )?(?:confirm|agree|concur)\b",
    does="what others have found is confirmed",
)
# What is only possible, planned or asked; it reaches from its clause to the end of the sentence.
VOID_CLAUSES: tuple[Rule, ...] = (
    any_of(
        "hypothetical",
        r"\b(?:(?<!certain )(?<!sure )(?<!clear )(?<!known )if(?! any\b)(?=\s)|if possible|if (?:there|the|any|a|microvascular|mvi|ki|satellites?|positive|present|it)|in case of|in the event|would be|(?:at |high |increased |the |a )?(?:risk|danger) of|prone to|(?:to |in order to )?(?:avoid|prevent)\w{0,3}|(?:for|in) fear of|threat of|chance of|unless|(?<!nor )(?<!neither )were there|should (?:the|final|any|there) (?:\w{1,12} ){0,3}(?:show|reveal|rupture|be)|^\W{0,3}should (?:\w{1,16} ){1,4}(?:be|show|reveal|prove))\b",
        r"如(?:有|果|见|出现|存在|为)|^\s{0,3}如(?![上下前图期实何])[^,;。]{1,20},|若(?!干)|倘若|一旦|[^,;。]{0,30}等风险|(?:破裂|出血|复发|转移)的?(?:风险|可能性(?!较?大|很大|极大|不大|存在|高))|(?:减少|降低|减低|减轻|规避|杜绝)[^,;。]{0,10}(?:破裂|出血|机会|风险|可能)|有[^,;。]{0,8}风险|万一|随时|注意有|防止|谨防|警防|严防|预防|避免|以免|防范|以防",
        does='what may come, a risk, an "if"; its clause is not read',
    ),
    any_of(
        "undecidable",
        r"\bneither\b[^.;]{1,140}\b(?:can|could) be (?:ascertain|determin|assess|judg|establish|evaluat|confirm|exclud|stat|ruled)\w{0,4}",
        does='"neither A nor B can be assessed"; its clause is not read',
    ),
    any_of(
        "after-treatment",
        r"\b(?:status post|s/p)(?! (?:\w{1,12} )?(?:tace|tae|ablation|rfa|chemo|emboli|y-?90|neoadj))",
        does='what follows "status post" is of an earlier treatment',
    ),
    any_of(
        "plan",
        r"\b(?:planned|planning|scheduled|is to be|are to be|intend(?:ed|s)?|we (?:aim|plan|suggest|recommend)|aim(?:ed|ing)? (?:for|at)|recommend\w{0,6}|should be (?:done|performed|obtained|considered|planned|assessed|looked)|will (?:be|need|undergo|have|get|discuss|follow)|awaiting|is awaited|are awaited)\b(?![^.]{0,20}\bincomplete\b)",
        r"拟(?!行[^,;。]{0,14}(?:入院|收入))(?:行|距|于|切|施|作|予|沿|将|经|在|自)|计划(?:切|行)|建议|预计|预期|预留|准备行|将(?:行|于|予|补)",
        does="what is only planned or advised; its clause is not read",
    ),
    any_of(
        "asked",
        r"\b(?:asks?|asked|asking|question(?:s|ed)?|query|queries|enquir\w{1,4}|inquir\w{1,4}|wonder\w{0,3}|(?<!doubtful )(?<!uncertain )(?<!unclear )(?<!certain )(?<!sure )whether|please (?:assess|comment|look|evaluate|check|exclude|rule|confirm)|to (?:look|search|check|screen) (?:at|for)|to (?:exclude|rule out|assess|evaluate|determine)|rule out|r/o|evaluate for|assess for)\b",
        r"(?:向|对|与)[^,;。]{0,10}(?:说明|交代|交待|告知|解释|讲明|强调)(?=[^;。]{0,14}(?:可能|风险|如果|需))|^\W{0,3}嘱|告知:|告知[^;。]{0,24}?(?:可能|风险|并发症)|询问|问[:,]|请(?:评|明确|排除|注意|观察|描述|了解|查|协助)|是否(?!完整[^,;。]{0,4}(?:难以|无法|不能|不易|尚难))(?![^,;。]{0,12}(?:难以|不能|尚不|无法|尚难)(?:完全)?(?:确定|肯定|明确|除外|排除|断定|判定|认定))(?![^,;。:]{0,12}:\s?(?:无|有|未|否|是|阴性|阳性|[(+-]))|有无(?![^,;。:]{0,12}:\s?(?:无|有|未|否|是|阴性|阳性|[(+-]))|(?<!完整)与否|能否|明确有|为(?:明确|排除|了解|清除|去除|包括|覆盖)|了解",
        does="what follows is asked, not found",
    ),
)


def void_sentence(text: str) -> str:
    """Return the rule for which nothing is read from a sentence, empty if it may be read."""
    void = search(VOID_SENTENCES, text)
    return "" if void == "outside-report" and AGREES.pattern.search(text) else void
