"""The words that say present, absent, uncertain or nothing at all, before and after a concept."""

from __future__ import annotations

from fhir_mapping.narrative.rules import Rule, any_of

__all__ = ["AFTER", "BEFORE", "NEUTRAL"]

# Looked for behind the concept; the earliest counts. The name ends in what it says.
AFTER: tuple[Rule, ...] = (
    any_of(
        "said-nothing",
        r"\b(?:pending|awaited|awaiting|outstanding|deferred|to follow|follows|(?:outside|beyond) the scope|left blank|blank|in progress|under way|upon request|on request|requested|commissioned|ordered|not ready|in preparation)\b",
        r"\b(?:(?:is|are|was|were|has|have|had|be|could|can|does|do) )?(?:not|never) (?:yet |routinely |further |formally |separately |reliably |specifically )?(?:be(?:en)? )?(?:done|looked for|sought|searched|reviewed|embedded|scored|graded|contributory|evaluable|described|performable|applied|represented|fulfilled|met|performed|evaluat\w{1,4}|assess\w{0,6}|tested|stated|mentioned|describ\w{1,4}|report\w{0,4}|available|applicable|counted|provided|submitted|examined|determin\w{1,4}|record\w{0,4}|known|commented|stain\w{0,3}|sampled|received|includ\w{1,3}|possible|specified|given|documented|judged|interpretable|evaluable|assessable|determinable|measurable|measured|to be \w{1,12}|answered|entered|filled|completed|quantif\w{1,6}|comment\w{0,2}|listed|mandatory|relevant|used|classif\w{1,4}|require\w{0,1}|attempted|addressed|evaluate)\b",
        r"\b(?:cannot|can not|can't|could not|couldn't) (?:yet )?be (?:reliably |properly |fully |securely |further )?(?:assess|evaluat|determin|judg|comment|stat|count|said|measur|quantif|interpret|seen|report|answer|settled|decided)\w{0,4}",
        r"\b(?:un|non-?|in)(?:assess|evalu|determin)(?!ate)\w{1,8}\b|\b(?:difficult|hard|unable) to (?:judge|comment|assess|evaluate|determine|count)|\b(?:staging|grading|score|assessment|evaluation|status) (?:is )?(?:not )?applicable|\blimited by\b|\b(?:was|were|been) (?:looked for|sought|checked)\b|\bsearched for\b|\bbelongs? to\b|^[^,;]{0,30}\b(?:except(?:ing)?|save (?:for|in)|apart from|aside from)\b|\bleft (?:to|for) (?:the )?|\bup to (?:the )?(?:mdt|histology|pathology)|\b(?:impossible|unable|unknown|inconclusive)\b",
        r"\b(?:is|are) (?:only )?(?:reported|stated|graded|assessed|recorded) (?:for|in|on|only)\b|以[^,;。]{0,10}为准|^\W{0,3}(?:by |on )?(?:pathology|histology) only|可?供评[价估]|^因(?!此)|^[^,;]{0,25}\bn[/.]?a\b|^\s{0,3}/\s{0,3}(?=[.;,。]|$)|^[^,;。]{0,4}(?:资料|数据|信息|描述|记录|记载)|\bno (?:data|information|comment|statement|blocks?|material|tissue|report|result|entry|remark)\b|\b(?:see|cf|refer to|please refer) (?:note|comment|the|gross|micro|photo|image|figure|table|synoptic|macro|previous|prior|surgical|report|main|below|above|separate|addendum)\w{0,6}",
        r"^\s{0,2}prophyla\w{1,5}\b|\bin the (?:clinical |past |medical |patient's )?history\b|\bby history\b",
        r"^\W{0,5}see (?:imaging|op\b|operat\w{0,4}|radiolog\w{0,4}|ct\b|mri?\b|letter|clinical|body|text|full)",
        r"\bavailable for (?:assessment|evaluation)\b|\bas (?:in|per|stated|reported|described|before|previously)\b|\b(?:same as|unchanged(?! (?:from|since|compared|in (?:size|extent)))|dictated|(?<!appears )(?<!appear )(?<!seems )to be|will|shall|would|too (?:small|little|few|scant|fragmented)(?! to count))\b",
        r"\b(?:(?<!focally )(?<!partly )(?<!partially )(?<!locally )(?<!capsule is )(?<!capsule was )lost(?! (?:over|at|in|on|focally|for|where|along|around|there))|(?<!clot )(?<!clots )(?<!haematoma )(?<!hematoma )removed(?! (?:en bloc|with|together|along))|withdrawn|retracted|deleted|blocked|(?<!partly )(?<!partially )(?<!focally )(?<!locally )missing|left out|omitted|cancelled|ablated)\b",
        r"(?<!等)(?<!招)待(?!排|除外|切除|手术|术|鉴别|区[分别])|^\W{0,3}请(?:选择|勾选|填写|注明|见|参|详|结合|等)|^\W{0,3}(?:请)?选择|^(?:项目?|一项|栏)?\s?:?\s{0,3}/\s{0,3}(?=[.;,。]|$)|^(?:分级|诊断)?(?:说明|标准|定义|注释|系统|方法|原则)|^\(?\+?\)?(?:阳性|阴性)?的?(?:患者|病例|人群)|(?:显示|显影)?(?:不清楚?|欠清)[,、]?(?:故|因此)?(?:无法|不能|难以)评|详见|参见|^的?(?:发生|检出)率|^后(?:可|方|再|才)|漏(?:填|写|报|检)|一栏(?!\W{0,2}:\s?\S)|栏空|(?:不能|无法|未能|难以)(?:提供|发表)|^指(?![数标征])|^(?:系|是)指|^的?定义|^(?!的?高|[^,;。]{0,4}高|[^,;。]{0,4}(?:风险|概率|几率)(?:较|偏|很|极|明显|显著)?(?:高|大|增|升))[^,;。]{0,4}(?:机会|机率|几率|概率|风险)|^(?:的)?(?:倾向|趋势|之虞|之势)(?=[,;。)]|$)|^[^,;。]{0,4}等(?:并发症|风险|可能)|^[^,;。]{0,4}因无|无从|未(?:做|行(?!增强|造影|穿刺|活检|切除|手术)|评|测|定|归|回|知|述|提|描述|说明|注明|填|取|送|及评|予|报|录入|登记|勾选|涉及|纳入|送|附|注|染|包埋|完成|能|作|出|切片|报告|取材)|不详|不能评|不能判|不可评|不宜(?!手术|切除|行|介入|移植|栓塞)|不好评|无法(?!切除|手术|耐受|与|区分|鉴别|排除|除外|确定|肯定|定性)|难以(?:评|判|计)|不予|不计|暂(?:不|缺|无)|同(?:前|原|上)|(?:情况|详情|描述)?(?:详|参|请)?见(?:附注|手术记录|术中记录|记录|大体|镜下描述|肉眼描述|图|描述|上述|病理|表|附图|备注|正式|原|前|后|下|上|另|手术单|[^,;。]{0,6}(?:报告|单))|(?:遗失|丢失|撤回|删除|作废|(?:资料|数据|信息|记录|结果|蜡块|切片|描述|内容|项目?|页)[^,;。]{0,3}缺失|另行|补做(?!结果)|加做|补充报告|复查|进行中|制作中|送检中|预约|申请|不适用|不作|略|空|无资料|无数据|无蜡块|无组织|不明(?![显确])|将|需)",
        r"\bstatus\b(?!\W{0,3}(?:is|was|:|-|pos|neg|m[012]|pres|abs|\+))|^\W{0,3}\?",
        r"^\W{0,4}(?:y ?/ ?n|n ?/ ?y|yes ?/ ?no|p ?/ ?a)\b",
        r"^\W{0,4}(?:present\s?/\s?absent|yes\s?/\s?no|complete\s?/\s?incomplete|positive\s?/\s?negative|\+\s?/\s?-)|^\W{0,4}(?:有|阳性?|是)\s?/\s?(?:无|阴性?|否)|^\W{0,4}(?:无|阴性?|否)\s?/\s?(?:有|阳性?|是)",
        does="words that say nothing: pending, not assessed, see elsewhere",
    ),
    any_of(
        "said-uncertain",
        r"^[\s:=(]{0,4}\+ ?/ ?-|\b(?:equivocal|suspicious|suspected|suspicion|suspect|possib(?:le|ly|ility)|probab(?:le|ly)|likely|presum\w{1,6}|perhaps|maybe|questionable|question of|indetermina\w{1,4}|borderline|undecided|unresolved|uncertain|unclear|doubtful|dubious|debatable|conceivable)\b",
        r"\bneither (?:\w{1,12} )?(?:confirmed|proven|excluded|certain) nor\b|\b(?:cannot|can not|can't|could not|couldn't) be (?:told|distinguished|separated|differentiated) from\b",
        r"\b(?:cannot|can not|can't|could not|couldn't|not|never) (?:be )?(?:\w{1,12} ){0,2}?(?:exclud|ruled? out|confirm)\w{0,4}|\bnot (?:definite|convincing|certain|clear)\w{0,3}",
        r"\b(?:(?:appears?|seems) to be|may (?:be|represent|well|reflect)|might|(?<!to )suggest\w{0,4}|in favou?r of|favou?r(?:ed|s)?|concern(?:ing)? for|worrisome|raises?|is a consideration|is (?:being )?considered|versus|vs\.?|differential)\b",
        r"可疑|疑(?!难)|可能|(?:不|未|未能|无法|尚未|不足以|不能|不可|难以|难|尚不能|不能完全|未完全)(?:完全)?(?:除外|排除)|待排|待除外|似|性质(?:难定|待定|不明|不清|未定)|难定|难以?[判界]定|抑或|(?:无法|不能|难以|难|不易)与[^,;。]{1,12}(?:鉴别|区分|区别)|(?:尚难|难以|难|不能|无法)(?:断定|定论|判定)|(?:难以?|不易|无法|不能|尚难)(?:鉴别|区[分别]|定性)|鉴别困难|待(?:鉴别|区[分别])|(?<!破裂)\?\s?[^,;。?]{2,10}\?|尚?难(?:以)?区分|倾向|难以区分|不确定|不明确|不能(?:完全)?(?:肯定|明确|确定)|难以(?:确定|肯定|明确)|存疑|或许|不典型|(?:显示|境界)?(?:不清|欠清)|\(\+/-\)|±|^\s?\(\s?\?\s?\)|(?:意义|性质)(?:尚)?(?:不明|未明|未定)|^(?:发生)?(?:的)?(?:风险|可能性?|概率|几率)(?:较|偏|很|极|明显|显著)?(?:高|大|增高|增加|升高)|^的?(?:高风险|高危(?!因素)|高度(?:怀疑|可能)|风险高|高可能)|^\s?\(?\+\)?\s?(?:可能|待排|不除外)",
        does="words for uncertain",
    ),
    any_of(
        "said-absent",
        r"^,\s?no\b(?=\s{0,2}(?:[.;,]|$))|^[\s:=(]{0,6}0 ?/ ?\d{1,3}\b|^(?: ?\((?!no\b|absent|neg|0)[^()]{1,30}\))?(?: (?:appearance|formation|status|presence|count|number|foci))?[\s:=()/-]{0,40}(?:no|none|nil|neg|negative|absent|0|zero|n)\b(?!/|\.a\b|\s?(?:data|info|comment|statement|[.,]\d|mm|cm|%|=))|^[\s:=]{0,4}\(?-\)?(?=\s{0,2}(?:[,;:)/.|]|\(\d|$))|^\s{0,3}[(\[]\s?-\s?[)\]]",
        r"\b(?:no(?:ne|t)?(?: \w{1,12}){0,2}? (?:seen|identified|present|detected|found|observed|evident|noted|visible|demonstrable|detectable|convincing|demonstrated|shown|apparent|proven|confirmed|occurred|happened|recognised|recognized|appreciated|encountered|made out|appreciable|formed|discernible|recognisable|recogni[sz]able|visualised|visualized)|absent|absence|negative|(?:seen|found|present|identified|detected|noted) (?:in|on|at) (?:none|no\b|0\b)|excluded(?! from)|ruled out(?! (?:embol|surg|resec|transpl|tace|operat|curative|a ))|found none|saw none|lacking|lacks?|missing|uninvolved|not involved|unaffected|(?:is|are|was|were|looks?|appears?) (?:free|clear)|is not|are not|was not|were not|isn't|wasn't|none|nowhere|nil|neither|disproved|disproven|did not occur|did not happen|(?:cannot|can not|could not|can't|couldn't) be (?:demonstrated|identified|detected|found|shown|proven))\b|\bneg\b\.?",
        r"未(?:及(?!时|评)|查及|查得|见|查见|检出|检及|检见|发现|找到|显示|探及|触及|扪及|触到|探到|看到|累及|侵及|形成|查到|见到|受|被|有|侵|镜检见|提示|累|见及|观察到)|^\s?[:(为共计]{0,3}\s?0\s?[个枚处颗灶]|(?<!有)无(?!法|资料|数据|蜡块|组织|痛|大体资料|临床资料)|没有|阴性|(?:已)?(?:排除|除外)|缺如|^缺失|不存在|不伴|不支持|不考虑|不成立|否定|(?<!是)否(?!认有)|不见|缺乏|阙如|^\s{0,3}×(?=\s{0,2}(?:$|[,;。]))|\(-\)|为0|^(?:计数|数目|数量|个数|分级|分型|程度)?[:\s=]{0,3}0(?![.\d]|[,-][1-9]|/1/2)",
        does="words for absent",
    ),
    any_of(
        "said-present",
        r"^(?: ?\((?!no\b|absent|neg|0)[^()]{1,30}\))?(?: (?:appearance|formation|status|presence|count|number|foci))?[\s:=()/-]{0,40}(?:yes|present|pr[es]{1,3}[en]{1,3}t|pos|positive|pos?i?ti?ve|y)\b|^\s?[:(=]\s?[1-9]\d?(?=\s{0,2}(?:[,.;)]|$))(?![.,]\d)|^[\s:=(]{0,4}\+{1,4}|[(\[]\s?\+{1,4}\s?[)\]]|\bpos\b\.?",
        r"\b(?:present|presn[et]{1,2}|postive|conspicuous|obvious|identified|positive|seen|found|detected|observed|noted|confirmed|proven|demonstrated|visible|extensive|evident|recogni[sz]ed|exists?|shown|plentiful|numerous|abundant|multiple|multifocal|too many to count|several|marked|prominent|widespread|unequivocal|encountered|appreciated|discernible|apparent)\b",
        r"^分[型级]?\s?[:为]?\s?(?:[ⅰⅱⅲⅳ1-4](?!\d)|iv|i{1,3})|^\s{0,3}[√✓](?=\s{0,2}(?:$|[,;。]))|^(?:计数|数目|数量|个数)\s?[:=]?\s?[1-9]\d{0,2}(?!\.\d)|阳性|(?<!没|未)可?见(?!附|原|前|手术单|手术记录|术中记录|记录|[上下]\S{0,2}$|[上下]文|另|图|报告|说明|大体)|存在|成立|(?<!没)有(?!无|待)|证实|明确|检出|查见|发现|探及|形成(?!可能|待|不除外|？)|显著|广泛|较?多(?:见|量|个|处|枚)|符合|(?<!\d)[1-9]\d{0,2}[个处枚]",
        does="words for present",
    ),
)

# Looked for in front of the concept, in its own clause; the last counts.
BEFORE: tuple[Rule, ...] = (
    any_of(
        "said-nothing",
        r"\b(?:too (?:small|little|few|scant|limited|superficial|fragmented) for|insufficient for|not (?:suitable|sufficient|adequate) for|(?:cannot|could not|can't|unable to) (?:be )?(?:reliably |properly |further |fully )?(?:assess|evaluat|determin|judg|comment|state|quantify|count|measure)\w{0,4}|no (?:comment|statement|information|data|remark|opinion|conclusion)s?(?: \w{1,8}){0,4}? (?:on|about|of|for|regarding|as to)|without (?:comment|statement|mention)|remarks? on|status of|state of|question of|pending|awaited|awaiting|outstanding|stains? for|assessment of|evaluation of|(?:is|are|was|were) not (?:assessed|evaluated|reported)|neither assess\w{0,4}|regarding|concerning|with respect to|with regards? to|as regards|warned (?:about|of)|(?:counsel\w{0,5}|informed|aware|told|advised) (?:about|of|on)(?: the)?(?: \w{1,12}){0,3}?|as (?:to|for)|hardly (?:any|a)|in respect of|avoid\w{0,3}|prevent\w{0,3}|details? (?:of|on)|(?<!there )(?:is|are|was|were) not an? (?:true )?(?=\s{0,2}$)|no (?:tissue|material|specimen|histology|samples?) (?:\w{1,10} )?(?:for|on)|silent (?:about|on|as to)|nothing (?:is |was )?(?:said|stated|written|reported) (?:about|of|on)|(?:not|never|n't) mention\w{0,3}|number of|not (?:comment|assess|evaluat|includ|sampl|report|describ|perform|judg)\w{0,4}(?: on)?|(?:do|does|did|can|could|would|will) not (?:comment|assess|evaluate|include|report|describe|judge|provide|allow|permit)(?: on| for)?|will (?:report|include|comment|address|describe)(?: on)?|linked to|associated with|predict\w{0,4}(?: of| for)?|correlat\w{1,4} with|please (?:call|ask|see|refer)[^,;]{0,30}|call (?:the )?lab\w{0,8} about|request(?:s|ed)? for|sent for|submitted for|sampled for|incl(?:\.|uding)?(?= mvi)|count of|signs of impending|warning signs of)\b",
        r"\b(?:not enough|insufficient|inadequate|too little) (?:\w{1,12} ){0,2}(?:tissue|material|samples?|tumou?r)\b(?: (?:for|to|in)(?: \w{1,12}){0,3})?\s{0,2}$",
        r"\bno (?:statement|comment|remark|opinion|conclusion|information|mention|data)\b[^;.]{0,40}$",
        r"\b(?:neither|nor) (?:can|could)\b(?: (?:the|be)){0,2}\s{0,2}$",
        r"\b(?:does not help|not helpful|(?:is |are )?of no (?:help|use))\b(?: \w{1,12}){0,3}\s{0,2}$",
        r"\b(?:laparotomy|laparoscopy|surgery|operation|exploration|theatre) for (?:an? )?(?:suspected|possible|presumed|\?)(?: \w{1,14}){0,3}\s{0,2}$",
        r"\bso-called|\bavailable for|所谓|有无|是否(?!(?:为|曾|有|已|存在)?$)|(?:并非|不是)$|评估|评价|判断|明确有|观察|关于|有关|未见(?:描述|提及|记载|报告)|(?:未|不|未能|未对|未予)(?:评|包括|取到?|提供|能评|能判|予评|描述|报告|提及|提示有|作|能明确)|无法(?:评|判|明确)?|难以(?:评|判)|(?<!既)(?<!同)(?<!同)原$|待(?:查|排查|评|报|补|定)|送(?:检)?(?:病理|查)|(?<=\d)[查做]|预测|请(?:电话)?|先兆|取材(?:过少|不足)|组织(?:过少|太少)|补做|加做",
        does="words that say nothing: pending, not assessed, see elsewhere",
    ),
    any_of(
        "said-uncertain",
        r"\b(?:dubious|debatable|conceivable|putative|presumptive|indefinite|inconclusive)\b",
        r"\bnot (?:certain|sure|clear|known) (?:if|whether)\b(?: \w{1,12}){0,4}\s{0,2}$",
        r"\?\s?(?:[a-z]{3,12}\s?/?\s?){0,2}$|\b(?:equivocal|suspicious(?: \w{1,12}){0,2}? (?:for|of)|suspicious|suspected|suspicion (?:of|for)|suggestive of|impression of|difficult to (?:be certain|judge)|hard to be certain|appears? to be|appears|possib(?:le|ly)|probab(?:le|ly)|likely|presumed|perhaps|maybe|questionable|indeterminate|borderline|(?<!no )(?<!without )(?:radiolog\w{1,6}|imaging|ct|mri?) (?:signs?|features?|criteria|evidence|suspicion)(?: (?!predict)\w{1,12}){0,2}? (?:of|for)|uncertain|unclear|doubtful|impending(?: or)?|(?:may|might|could) (?:be(?! (?:palpat|seen|felt|identif|demonstrat|follow|trac|milk|remov|extract))|represent|have)|cannot be (?:told|distinguished|separated) from|(?<!nothing )(?<!nothing to )suggest\w{0,4}(?: of)?|favou?r(?:s|ing|ed)?|concern(?:ing)? for|worrisome for|consistent with or|raises?|cannot (?:\w{1,12} )?(?:exclude|rule out|be excluded)|can't (?:exclude|rule out)|couldn't (?:exclude|rule out)|unable to (?:exclude|rule out)|could not (?:\w{1,12} )?exclude|difficult to (?:exclude|distinguish))\b",
        r"可疑|影像(?:学)?(?:征象|提示)|还是$|抑或$|疑(?!难)(?:似|为|有|见)?|可能(?:为|有|是|存在|伴)?|(?:不|未|未能|无法|尚未|不足以|不能|不可|难以|难|尚不能|不能完全|未完全)(?:完全)?(?:除外|排除)|(?:不能|难以|无法|尚难|不足以)(?:完全)?(?:确定|肯定|确认|认定|断定|诊断|判定)(?:为|是|有)?|似(?:有|见|可见|为)?|(?<!结合)考虑[^,;。]{0,10}可能|倾向(?:于|为)?|不典型|待排|待除外|警惕|血栓或$",
        does="words for uncertain",
    ),
    any_of(
        "said-absent",
        r"\b(?:(?:do|does|did|has|have|is|are|was|were|could|can) not|cannot|can't|doesn't|don't|didn't|no(?:ne)?(?: \w{1,14}){0,4}?|nor|never|neither) (?:shows?|shown|contains?|reveals?|harbou?rs?|ha(?:s|ve)|demonstrates?|exhibits?|proves?|positive for|identified|find|found|seen|see|think|believe|detect|identify|recogni[sz]e)\b(?: that)?(?: there (?:is|are|was|were)\b)?",
        r"\bnegative(?: \w{1,12})?\s?:|\w-free$|\bunaccompanied by\b|\(\s?-\s?\)\s{0,2}$|^ -$|\bnot (?:associated|accompanied|surrounded) (?:with|by)\b|\bspar(?:ed|ing|es)\b|\b(?:spared|clear|uninvolved|free)$|\bun(?:involved|invaded|infiltrated)\b|(?:\bnone (?:with|having|showing)\b)|(?:\bnothing (?:to )?(?:suggest|indicat|show)\w{0,4}(?: of)?\b)|(?:\bnone of (?:the |these |those |them ?){0,2}(?:\w{1,12} )?(?:has|have|had|is|was|were|are|shows?)\b)|(?:\bneither (?:of (?:them|the two|which) )?(?:shows?|showed|contains?|contained|has|had|have|reveals?|demonstrates?)\b)|\b(?:no|non(?!-?enhanc)|not|without|w/o|absence of|absent|lack(?:s|ing)?(?: of)?|negative for|free (?:of|from)|clear of|none (?:is|was|are|of which (?:is|are)) an?|neither|nor|rul(?:ed|es) out|excluded?s?|fails? to (?:show|reveal)|failed to (?:show|reveal)|devoid of|never|zero|0|nil|denies|doesn't|don't|didn't|isn't|aren't|none of|nowhere|none(?: (?:has|have|is|was|were|had|appears?)(?: been)?)?(?=\s{0,2}$))\b(?!\s?[.,]\d)",
        r"未(?:及(?!时|评)|证实|查及|查得|见|查见|检出|检及|检见|发现|找到|显示|探及|触及|扪及|触到|探到|看到|累及|侵及|形成|查到|见到|提示|伴|有|侵|合并|镜检见|并|观察到)|(?<!有)无(?!法|痛)|没有|不伴|不见|缺乏|不(?=侵)|不$|阴性(?=项目|结果|所见|者|\s?:)|\(-\)(?=\s?:)|未(?:受|累|被)|未(?:曾)?$|(?<!不能)(?<!不)(?<!难以)(?<!未)(?<!未能)(?<!无法)(?<!尚未)(?<!足以)(?<!完全)排除|(?<!不能)(?<!不)(?<!未)(?<!未能)(?<!无法)(?<!难以)(?<!完全)除外|不支持|不考虑|(?<!是)否(?:认|定)?|不含|非(?!规则|典型|解剖)",
        does="words for absent",
    ),
    any_of(
        "said-present",
        r"(?<!none of the )\bfollowing (?:\w{1,12} ){0,2}(?:is|are|was|were) (?:all |both )?(?:present|seen|identified|found|positive)\s?:|\b(?:with|shows?|contains?|reveals?|harbou?rs?|proves?|confirms?|demonstrates?|has|have|positive for|pos\.? for|there (?:is|are)|presence of|but|however|although|except)\b",
        r"(?<!未)(?<!不)(?<!没)(?<!查)(?<!检)可?见(?:到|及|有)?|(?<!未)(?<!不)(?:可|扪|触|探)及(?:到)?|(?<!不)伴(?:有|见)?|(?<!没)(?<!未)有|(?<!不)存在|合并|查见|检出|发现|证实|但|而|另见",
        does="words for present",
    ),
)

# Double negatives and phrases in which a negative word denies nothing; taken out first.
NEUTRAL: tuple[Rule, ...] = (
    any_of(
        "no-doubt",
        r"\b(?:no doubt|without (?:a )?doubt|not only|no change|not uncommon|beyond doubt|no longer in doubt|if any|not otherwise specified|nos)\b|\bno\.? ?(?=\d)",
        r"\((?:as )?defined (?:as|by)[^()]{1,80}\)",
        r"\bnumber of (?=satell|daughter|mvi)",
        r"\bnot in (?:any )?(?:doubt|question)\b|(?:(?<=vein )|(?<=ranch ))not (?:reaching|extending (?:to|into|beyond))\b",
        r"\(not (?:certain|sure|definite|proven|confirmed)\)",
        r",? none (?:visible|seen|evident|identified|found) (?:grossly|macroscopically|on gross\w{0,4})|\([01] ?= ?[a-z ]{1,14}[,;/] ?[01] ?= ?[a-z ]{1,14}\)",
        r",? (?:and|but) not (?:an? )?(?:(?:post-?operative |surgical |sampling |handling )?art[ei]fact\w{0,3}|beyond|past|reaching)(?: (?:of|to|from) \w{1,12})?|\b(?:is |are |was |were )?(?:not (?:very )?(?:likely|favou?red)|unlikely),? (?:but|although|though|however|yet)\b|(?:that |which )?(?:was|were|had been|has been) not (?:mentioned|seen|described|reported|noted|included|known|recogni[sz]ed) (?:before|previously|earlier|in the (?:first|original|initial|main))|\b(?:was|were|been) (?:searched for|looked for|sought)(?: \w{1,12}){0,4},? (?:and|but)(?= (?:not|none|no|found|was|were|is|are|never))|(?<=thrombus) (?:did|does) not (?:extend|reach)",
        r"不仅|不但|无疑|毫无疑问|无明显变化",
        # what is not done about it
        r"(?:不宜|不能|无法|不可|难以|不适合|失去)(?:行|作|做|再)?(?:手术|根治|切除|移植|栓塞|介入)[^,;。]{0,4}",
        r"(?<=包膜)形成(?:情况)?(?=\s?:)",
        r"\((?:(?:有|无|是|否|阴性?|阳性?|完整|不完整|未见|可见|存在|不存在|缺如|部分|m ?[012]))(?:/(?:(?:有|无|是|否|阴性?|阳性?|完整|不完整|未见|可见|存在|不存在|缺如|部分|m ?[012]))){1,3}\)(?=\s?:)|\(\s?1[^()]{1,30}[23][^()]{1,12}\)(?=\s?:)",
        # a key of codes; a question that is answered at once
        r"\(\s?[01]\s?[=:代][^()]{1,10}[,;、/\s]\s?[01]\s?[=:代][^()]{1,10}\)",
        r"(?:有无|是否(?:有|存在|伴有?)?)(?=[^,;。:]{1,12}:\s?(?:无|有|未|否|是|阴性|阳性|[(+-]))|有无(?=:)",
        r",? but (?:do(?:es)? not|did not|not|fall(?:s|ing)? short of) (?:\w{1,10} ){0,3}?(?:diagnostic (?:of|for)|criteria (?:of|for)|proof of|conclusive (?:of|for)|definite for|definitive for),?|\b(?:may|might|could|should) be (?:considered|helpful|warranted|useful|indicated|advised|needed)|\bno (?:evidence|sign|signs) against",
        does="negative words that deny nothing",
    ),
)
