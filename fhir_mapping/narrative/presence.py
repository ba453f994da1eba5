"""Decides of every mention in a sentence whether it is present, absent, uncertain or nothing.

Mentions that are only joined ("MVI, satellites and rupture: none") share what is said before and
after them. What stands between two others belongs to the left or the right one, by the last comma,
joining word or negation in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fhir_mapping.narrative.cues import AFTER, BEFORE, NEUTRAL
from fhir_mapping.narrative.denied_lists import said_in_lists
from fhir_mapping.narrative.doubts import (
    ANSWER_ZH,
    doubted,
    formerly_doubted,
    is_doubted_at_the_end,
    is_of_another,
    settled,
)
from fhir_mapping.narrative.mentions import MVI, Mention, find_mentions
from fhir_mapping.narrative.rules import first_match, last_match
from fhir_mapping.narrative.text import BLANK, TICK

__all__ = ["ABSENT", "MENTIONED", "NOTHING", "PRESENT", "UNCERTAIN", "Assessed", "assess"]

PRESENT, ABSENT, UNCERTAIN, NOTHING = "present", "absent", "uncertain", "nothing"
# The rule of a concept of which nothing more is said than its name.
MENTIONED = "mentioned"

_JOINED = re.compile(
    r"[\s,/、&]{0,6}(?:(?:and/or|and|or|nor|as well as|及其|以及|及|和|与|或|跟|the|any|of|a|an|其|tumou?r|venous|definite|obvious|gross|spontaneous|visible|肿瘤)[\s,]{0,2}){0,4}"
)
_SPLIT_COMMA = re.compile(
    r"[,;]|\.\s|。|\s/\s|/(?=[a-z]{3})|(?<=[)+])\s{1,3}(?=[a-z])|[)]\s{0,2}(?=[一-鿿])|\[\s?$|(?<=[一-鿿)+-])/(?=[一-鿿]{2}|mvi|$)"
)
# In Chinese a list and a bracket divide where nothing else does.
_SPLIT_OPEN = re.compile(r"(?<=[一-鿿])、|、(?=[一-鿿])|[(](?=[一-鿿])")
_SPLIT_WORD = re.compile(
    r"\b(?:and|but|with|without|although|though|while|whereas|however|(?<!not )yet|nor)\b|(?<![不未])伴|及|并(?!未)|而|但|且|另"
)
_SPLIT_NEGATION = re.compile(
    r"\b(?:suspicious|suspicion|suggestive|concern(?:ing)?|worrisome|evidence|signs?|features?) (?:for|of)\b(?=[\s\w-]{0,30}$)|\b(?:no|not|without|absent|lacking|lacks?|devoid of|free (?:of|from)|clear of|negative for|absence of|neither|never|zero)\b(?=[\s\w-]{0,30}$)|(?<!:)(?:未见|无|未查见|没有|可见|见|(?<!没)有|不|待排|可疑|不除外|不能除外|怀疑)(?=[^,;:]{0,8}$)"
)
# Words right before a name that are its own: "in a vein within the otherwise complete capsule".
_OWN_WORDS = re.compile(
    r"(?:(?:(?<=\s)|^)(?:in|within|inside|outside|beyond|near|beneath|through|across)\s)?(?:(?:^|(?<=\s))(?:the|a|an|its|their|otherwise|complete|intact|incomplete|partial|interrupted|continuous|discontinuous|fibrous|thick|thin|tumou?r|well-?formed|enhancing|disrupted|smooth)\s){1,5}$"
)
_COMPLETENESS = re.compile(
    r"[\s:]{0,3}(?:in)?(?:complete|intact|partial|invaded|breached|infiltrated|thin)"
)
# "Absent: MVI, satellites": the heading is said of the whole list.
_LIST_HEAD = re.compile(
    r"\W{0,4}(?:none of the following(?: \w{1,12}){0,4}|the following\b[^:.;]{0,70}|(?:absent|negative|not (?:seen|identified|present|found|detected|assessed|evaluated|assessable|examined)|present|positive|identified|uncertain|equivocal)(?: (?:findings?|features?|items?|for))?|\([-+]\)|(?:以下|下列|如下|上述)?(?:各|诸)?(?:项目|指标|征象|项|改变|情况|结果)?(?:均|皆|都|全)?(?:为|呈)?(?:阴性|未评估|未评价|未检测|阳性|可疑)(?:项目|结果|所见|征象|发现|者)?|(?:均|皆)?(?:未见|无)(?:以下|下列)?(?:各项|项目|征象|改变|情况|病变)?)\s?:"
)
# The same behind a comma: "肝癌,未见以下征象:破裂、癌栓".
_LIST_HEAD_ZH = re.compile(
    r"(?<=[,;])(?:均|皆)?(?:未见|无|阴性)(?:以下|下列|如下)?(?:各项|项目|征象|改变|情况|病变)?:"
)
# "MVI未见、卫星灶可见": each with an answer of its own.
_OWN_ANSWER_ZH = re.compile(r"[一-鿿:()+±-]{1,9}[、\s]{1,2}")
_CHINESE = re.compile("[一-鿿]")
# "卫星灶及肝内转移均未描述": a list that goes on.
_LIST_GAP_ZH = re.compile(r"[^,;。、及和与]{0,12}(?:[、及和与][^,;。、及和与]{0,8}){1,3}")
_OF_ALL_ZH = re.compile(r"[^,;。]{0,6}[均都皆]")
_UNNAMED = re.compile(
    r"[\W\d]{0,20}(?:(?:the|an?|tumou?r|fibrous|and|any|其|肿瘤|镜下|光镜|大体|肉眼|病灶|肝癌|肝|瘤体|本例|术前|术中|标本|的)\W{0,6}){0,4}"
)
_KI67 = re.compile(r"ki ?[-_/]? ?67|mib")
_VALUE_NEAR = re.compile(r"[^,;.。、]{0,24}\d")
_SEEN_ZH = re.compile(r"(?<![未不没])(?:可见|(?<!未)见|伴有?)(?:有|到)?$")
_TOGETHER = re.compile(r"[均都皆]")
_EXTENDS = re.compile(r"\b(?:or|nor|neither)\b|或")
_FAR = 160
# "MVI, capsule formation and satellite lesions are all absent": what ends the list is of all.
_LIST_GAP = re.compile(
    r"(?: (?:formation|lesions?|nodules?|growth|foci|status|deposits?|invasion|infiltration|breach|penetration|involvement))?\s?(?:,|,? (?:and|or|nor)) ?(?:and |or )?(?:(?:the|any|a|an|definite|obvious|gross|vascular|tumou?r|portal|venous|lymph|peritumou?ral|intrahepatic|spontaneous|hepatic|vein|bile duct|perineural|serosal|neural) ){0,3}"
)
# "[x] Capsule  [ ] Ki-67 done": the name itself is ticked.
_TICKED = re.compile(rf"{TICK}\s{{0,8}}(?:[a-z]{{1,14}} ){{0,3}}\s{{0,4}}$")
# "MVI, but the large veins are free": what follows is of something else.
_CONTRAST = re.compile(
    r"^\s?,? ?(?:but|whereas|while|although|though) (?:the|all|no\b(?! \w{1,12} for)|large|larger|major|portal|hepatic|other|there)\b"
)
# What was called so proved to be something else.
_REFUTED = re.compile(
    r"\b(?:is|was|are|were|prove[sdn]|turned out|represents?|corresponds to)(?: to be)?(?: an?)?(?: \w{1,14}){0,2} (?:art[ei]fact\w{0,3}|bile duct \w{4,12}|ha?emangioma|regenerative|cyst|pseudo\w{0,10}|mimic|retraction|scar|dysplastic|hamartoma|adenoma|granuloma|perfusion)\b|\b(?:not borne out|(?:does|did) not bear|refuted|not substantiated)\b"
)
# "Two arterial foci next to it: satellites?": something is seen, and its nature is asked.
_SEEN_AND_ASKED = re.compile(
    r"\b(?:foc(?:us|i)|nodules?|lesions?|spaces?|clusters?|rim|ha?ematoma|defect|fluid)\b[^.;?]{0,60}[:,-]\s[^.;?,:]{0,20}$"
)
# "Lack of capsule, MVI, satellites": only the first is lacking.
_LACK_OF_ONE = re.compile(r"\b(?:lack|absence|loss) of (?:(?:a|an|the|tumou?r|true) ){0,2}\s{0,2}$")
# "No adverse feature except MVI": what is excepted is there.
_EXCEPTED = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|apart from|aside from|other than|save for|but for|besides)(?: (?:an?|the|some|focal|one|two|few|tumou?r|microscopic)){0,2}\s{0,2}$"
)
# "Neither A, B nor C is seen" denies all of them.
_NEITHER = re.compile(r"\bneither\b[^.;:]{1,160}?\bnor\b[^.;:,]{0,60}")


@dataclass(frozen=True, slots=True)
class Assessed:
    """One mention with what is said of it and the words on both sides that are its own."""

    mention: Mention
    words: str
    status: str
    rule: str
    before: str
    after: str
    gap: str = ""


@dataclass(slots=True)
class _Group:
    mentions: list[Mention]
    joins: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    continues: bool = False
    gap: str = ""


def assess(text: str, *, asks: bool = False, lead: str = "") -> Iterator[Assessed]:
    """Yield every mention of a sentence with its status.

    `asks`: it ends with a question mark; `lead`: what stands before it on its line, up to a full
    stop, whose heading may be said of it ("negative for: MVI; satellites").
    """
    text = _without_neutral(text)
    mentions = find_mentions(text, lead)
    head, neither = _LIST_HEAD.match(text) or _LIST_HEAD_ZH.search(text), _NEITHER.search(text)
    listed = None if ":" in text or len(text) > _FAR else _LIST_HEAD.match(lead)
    groups = _groups(text, mentions)
    listed_as = {id(mentions[place]): said for place, said in said_in_lists(text, mentions)}
    for place, group in enumerate(groups):
        asked = asks and place == len(groups) - 1
        values = _paired_values(group)
        for index, mention in enumerate(group.mentions):
            before, after = _own_sides(group, index)
            if head and head.end() <= mention.start:
                before = f"{head[0].replace('发现', '')} {before}"
            elif listed:
                before = f"{listed[0]} {before}"
            if values:
                after = values[index]
            before += listed_as.get(id(mention), "")
            if neither and neither.start() < mention.start < neither.end():
                before = f"{before} no "
            words = text[mention.start : mention.end]
            last = text[group.mentions[-1].start : group.mentions[-1].end]
            if _TOGETHER.search(last):
                # "大血管及微血管均未见侵犯": the last one's denial is of all.
                words = f"{words}{last}"
            after = after if mention.concept == MVI else doubted(words, after)
            status, rule = _status(words, before, after)
            if asked:
                ends_in_name = is_doubted_at_the_end(f"{words}{after}")
                status, rule = _asked(mention, text, ends_in_name=ends_in_name)
            if status == ABSENT and _names_ki67(group, text):
                status, rule = NOTHING, "no-data"
            yield Assessed(mention, words, status, rule, before, after, group.gap)


def _names_ki67(group: _Group, text: str) -> bool:
    """Tell whether Ki67 is denied with the finding: "no MVI or Ki-67" says that there are no data.

    A value behind it says that it is not denied: "未见MVI,Ki-67为10%".
    """
    return any(
        _KI67.match(text, item.start) and not _VALUE_NEAR.match(text, item.end)
        for item in group.mentions
    )


def _asked(mention: Mention, text: str, *, ends_in_name: bool) -> tuple[str, str]:
    """Return what a question says: nothing, but a doubt where something is seen that it names."""
    is_doubt = mention.concept != MVI and ends_in_name
    if is_doubt or _SEEN_AND_ASKED.search(text[: mention.start]):
        return UNCERTAIN, "said-uncertain-after"
    return NOTHING, "asked"


def _without_neutral(text: str) -> str:
    for rule in NEUTRAL:
        text = rule.pattern.sub(lambda match: " " * len(match[0]), text)
    return text


def _groups(text: str, mentions: list[Mention]) -> list[_Group]:
    groups: list[_Group] = []
    for mention in mentions:
        if groups and _is_joined(text, groups[-1].mentions[-1].end, mention.start):
            groups[-1].joins.append(text[groups[-1].mentions[-1].end : mention.start].strip())
            groups[-1].mentions.append(mention)
        else:
            groups.append(_Group([mention]))
    for place, group in enumerate(groups):
        start = group.mentions[0].start
        end = group.mentions[-1].end
        if place == 0:
            group.before = _near(text[:start])
        else:
            previous = groups[place - 1]
            cut = _cut(text, previous.mentions[-1].end, start, end)
            previous.after = text[previous.mentions[-1].end : cut][:_FAR]
            gap = text[previous.mentions[-1].end : start]
            beside = text[previous.mentions[-1].end - 1] + text[start]
            group.continues = bool(_LIST_GAP.fullmatch(gap) and not _CHINESE.search(beside)) or (
                bool(_LIST_GAP_ZH.fullmatch(gap))
            )
            group.before = _near(text[cut:start])
            if cut == start and not previous.mentions[-1].concept:
                # The gap belongs to the other thing before it; yet it must be understood too.
                group.gap = re.split(r"[,;]", text[previous.mentions[-1].end : start])[-1]
        if place == len(groups) - 1:
            group.after = text[end:][:_FAR]
    for previous, group in zip(reversed(groups[:-1]), reversed(groups[1:]), strict=True):
        # "capsule stain、satellite sections: in preparation": one list, one statement.
        if group.continues and _says_of_list(previous, group):
            previous.after += group.after
    return groups


def _says_of_list(previous: _Group, group: _Group) -> bool:
    """Tell whether what ends a list is said of the name before it.

    What stands before a Chinese list says enough, unless what ends it is of all.
    """
    if first_match(AFTER, previous.after):
        return False
    if not _CHINESE.search(group.after[:9]) or _OF_ALL_ZH.match(group.after):
        return True
    return last_match(BEFORE, previous.before) is None


def _is_joined(text: str, start: int, end: int) -> bool:
    """Tell whether two mentions are only joined; Chinese lists by 、, so its comma divides."""
    if not _JOINED.fullmatch(text, start, end):
        return False
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return "," not in text[start:end] or not any("一" <= sign <= "鿿" for sign in around)


def _near(before: str) -> str:
    """Return what stands before a mention in its clause, or in its list if it is one."""
    before = before[-_FAR:]
    commas = [match.end() for match in re.finditer(r"[,;:](?!\d)|\s-\s", before)]
    if commas and not _EXTENDS.search(before[commas[-1] :]):
        return before[commas[-1] :]
    return before


def _cut(text: str, start: int, end: int, next_end: int) -> int:
    """Return where what is said of one mention ends and that of the next begins."""
    gap = text[start:end]
    if _OWN_ANSWER_ZH.fullmatch(gap) and ANSWER_ZH.match(text, next_end):
        return end
    for pattern in (_SPLIT_COMMA, _SPLIT_WORD, _SPLIT_NEGATION):
        places = [match for match in pattern.finditer(gap) if not _in_number(gap, match)]
        if places:
            last = places[-1]
            return start + (last.end() if pattern is _SPLIT_COMMA else last.start())
    if opened := list(_SPLIT_OPEN.finditer(gap)):
        return start + opened[-1].end()
    own = _OWN_WORDS.search(gap)
    return start + own.start() if own else end


def _in_number(gap: str, match: re.Match[str]) -> bool:
    around = gap[max(0, match.start() - 1) : match.end() + 1]
    return len(around) == 3 and around[0].isdigit() and around[2].isdigit()


def _paired_values(group: _Group) -> list[str]:
    """Return one value per mention where as many values as mentions follow ("no / yes")."""
    count = len(group.mentions)
    match = re.match(r"[\s:=]{0,4}([^,;.]{1,60})", group.after)
    if count < 2 or not match or "/" not in match[1] or re.match(r"n ?/ ?a\b", match[1]):
        return []
    values = [value.strip() for value in match[1].split("/")]
    return values if len(values) == count and all(values) else []


def _own_sides(group: _Group, index: int) -> tuple[str, str]:
    """Return what is said before and after one of several joined mentions."""
    before, after = group.before, group.after
    several = len(group.mentions) > 1 and set(group.joins) <= {"、", ""}
    if several and last_match(BEFORE, before) and ANSWER_ZH.match(after):
        # "未见微血管侵犯、卫星灶(+)": the last one has an answer of its own.
        return ("", after) if index == len(group.mentions) - 1 else (before, "")
    commas = [
        join[:1] == "," and not re.search(r"[a-z]", join.replace("tumour", "").replace("tumor", ""))
        for join in group.joins
    ]
    if index and all(commas) and _LACK_OF_ONE.search(before):
        return "", after
    if any(commas) and _denies(before) and _affirms(after):
        # "no MVI, satellites (+)": the denial is of the first, the plus of the last.
        if all(commas):
            last = len(group.mentions) - 1
            return (before if index == 0 else ""), (after if index == last else "")
        comma = commas.index(True)
        return (before, "") if index <= comma else ("", after)
    return before, after


def _denies(before: str) -> bool:
    found = last_match(BEFORE, before)
    return found is not None and found[0].name == "said-absent"


def _affirms(after: str) -> bool:
    found = first_match(AFTER, after)
    return bool(_COMPLETENESS.match(after)) or (
        found is not None and found[0].name == "said-present"
    )


def _decides_before(said: dict[str, str], before: str) -> bool:
    """Tell whether the words before decide already ("可见卫星灶,腹腔未见积血")."""
    if {said["before"], said["inside"]} & {UNCERTAIN, ABSENT}:
        return True
    return said["after"] == ABSENT and bool(_SEEN_ZH.search(before))


def _is_unanswered(before: str, after: str) -> bool:
    return bool(re.fullmatch(r"\s{0,4}[:=][\s._…-]{0,20}", after) and _UNNAMED.fullmatch(before))


def _is_of_another(said: dict[str, str], before: str, after: str, later: re.Match[str]) -> bool:
    """Tell whether the cue behind a name is of something else.

    What follows the first comma is, where the words before decide already.
    """
    if _CONTRAST.match(after):
        return True
    if _decides_before(said, before) and re.search(r"[,;]", after[: later.start()]):
        return True
    return said["after"] == ABSENT and is_of_another(after, later.start(), later.end())


def _status(words: str, before: str, after: str) -> tuple[str, str]:
    """Return the status and the rule that gave it."""
    if (TICK in words or _TICKED.search(before)) and not re.search(
        r"\w", after.partition(BLANK)[0]
    ):
        return PRESENT, "ticked"
    if BLANK in after:
        after = re.sub(rf"[\s{BLANK}]{{1,{2 * _FAR}}}", " ", after)
        if not re.search(r"[^\W_]|[-+]", after):
            return NOTHING, "not-ticked"
    later, earlier = first_match(AFTER, after), last_match(BEFORE, before)
    inside = last_match(BEFORE, words)
    if not later and not earlier and _is_unanswered(before, after):
        return NOTHING, "not-answered"
    denied = later is not None and later[0].name == "said-absent"
    if former := formerly_doubted(before, after, denied=denied):
        return former, "formerly-doubted"
    if _REFUTED.search(after[:90]):
        return NOTHING, "refuted"
    if answer := settled(before, after):
        return answer, "settled"
    said = {
        "after": later[0].name.removeprefix("said-") if later else "",
        "before": earlier[0].name.removeprefix("said-") if earlier else "",
        "inside": inside[0].name.removeprefix("said-") if inside else "",
    }
    if later and _is_of_another(said, before, after, later[1]):
        said["after"] = ""
    return _decided(said, before)


def _decided(said: dict[str, str], before: str) -> tuple[str, str]:
    """Return the status that what is said on the three sides makes."""
    if NOTHING not in said.values() and _EXCEPTED.search(before):
        return PRESENT, "excepted"
    for status in (NOTHING, UNCERTAIN, ABSENT):
        for side, name in said.items():
            if name == status:
                return status, f"said-{status}-{side}"
    if said["after"] == PRESENT:
        return PRESENT, "said-present-after"
    return PRESENT, "said-present-before" if said["before"] == PRESENT else MENTIONED
