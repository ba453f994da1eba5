"""Divides a sentence among the concepts that it names: which words are said of which.

Mentions that are only joined ("MVI, satellites and rupture: none") share what is said before and
after them. What stands between two others belongs to the left or the right one, by the last comma,
joining word or negation in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fhir_mapping.narrative.cues import AFTER, BEFORE
from fhir_mapping.narrative.doubts import ANSWER_ZH
from fhir_mapping.narrative.mentions import Mention
from fhir_mapping.narrative.rules import first_match, last_match

__all__ = ["FAR", "Group", "groups_of", "own_sides", "paired_values"]

_JOINED = re.compile(
    r"[\s,/、&]{0,6}(?:(?:and/or|and|or|nor|for|as well as|及其|以及|及|和|与|或|跟|the|any|of|a|an|其|tumou?r|venous|definite|obvious|gross|spontaneous|visible|肿瘤)[\s,]{0,2}){0,4}"
)
_SPLIT_COMMA = re.compile(
    r"[,;]|\.\s|。|\s/\s|/(?=[a-z]{3})|(?<=[)+])\s{1,3}(?=[a-z])|[)]\s{0,2}(?=[一-鿿])|\[\s?$|(?<=[一-鿿)+-])/(?=[一-鿿]{2}|mvi|$)"
)
# In Chinese a list and a bracket divide where nothing else does.
_SPLIT_OPEN = re.compile(r"(?<=[一-鿿])、|、(?=[一-鿿])|[(](?=[一-鿿])")
_SPLIT_WORD = re.compile(
    r"\b(?:and|but|with|without|although|though|while|whereas|however|(?<!not )yet|nor)\b|(?<![不未])伴|(?<![累侵未涉触扪波殃探查普])及|并(?!未)|而|但|且|另"
)
_SPLIT_NEGATION = re.compile(
    r"\b(?:suspicious|suspicion|suggestive|concern(?:ing)?|worrisome|evidence|signs?|features?) (?:for|of)\b(?=[\s\w-]{0,30}$)|\b(?:no|not|without|w/o|absent|lacking|lacks?|devoid of|free (?:of|from)|clear of|negative for|absence of|neither|never|zero)\b(?=[\s\w-]{0,30}$)|(?<!:)(?:未见|无|未查见|没有|可见|见|(?<!没)有|不|待排|可疑|不除外|不能除外|怀疑)(?=[^,;:]{0,8}$)"
)
# Words right before a name that are its own: "in a vein within the otherwise complete capsule".
_OWN_WORDS = re.compile(
    r"(?:(?:(?<=\s)|^)(?:in|within|inside|outside|beyond|near|beneath|through|across)\s)?(?:(?:^|(?<=\s))(?:the|a|an|its|their|otherwise|complete|intact|incomplete|partial|interrupted|continuous|discontinuous|fibrous|thick|thin|tumou?r|well-?formed|enhancing|disrupted|smooth)\s){1,5}$"
)
_COMPLETENESS = re.compile(
    r"[\s:]{0,3}(?:in)?(?:complete|intact|partial|invaded|breached|infiltrated|thin)"
)
# "MVI未见、卫星灶可见": each with an answer of its own.
_OWN_ANSWER_ZH = re.compile(r"[一-鿿:()+±-]{1,9}[、\s]{1,2}")
_CHINESE = re.compile("[一-鿿]")
# "卫星灶及肝内转移均未描述": a list that goes on.
_LIST_GAP_ZH = re.compile(r"[^,;。、及和与]{0,12}(?:[、及和与][^,;。、及和与]{0,8}){1,3}")
_OF_ALL_ZH = re.compile(r"[^,;。]{0,6}[均都皆]")
_EXTENDS = re.compile(r"\b(?:or|nor|neither)\b|或")
FAR = 160
# "MVI, capsule formation and satellite lesions are all absent": what ends the list is of all.
_LIST_GAP = re.compile(
    r"(?: (?:formation|lesions?|nodules?|growth|foci|status|deposits?|invasion|infiltration|breach|penetration|involvement))?\s?(?:,|,? (?:and|or|nor)) ?(?:and |or )?(?:(?:the|any|a|an|definite|obvious|gross|vascular|tumou?r|portal|venous|lymph|peritumou?ral|intrahepatic|spontaneous|hepatic|vein|bile duct|perineural|serosal|neural) ){0,3}"
)
# "Lack of capsule, MVI, satellites": only the first is lacking.
_LACK_OF_ONE = re.compile(r"\b(?:lack|absence|loss) of (?:(?:a|an|the|tumou?r|true) ){0,2}\s{0,2}$")


@dataclass(slots=True)
class Group:
    """Joined mentions with what is said before and after all of them."""

    mentions: list[Mention]
    joins: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    continues: bool = False
    gap: str = ""


def groups_of(text: str, mentions: list[Mention]) -> list[Group]:
    """Return the mentions in groups of joined ones, each with the words that are its own."""
    groups: list[Group] = []
    for mention in mentions:
        if groups and _is_joined(text, groups[-1].mentions[-1].end, mention.start):
            groups[-1].joins.append(text[groups[-1].mentions[-1].end : mention.start].strip())
            groups[-1].mentions.append(mention)
        else:
            groups.append(Group([mention]))
    for place, group in enumerate(groups):
        start = group.mentions[0].start
        end = group.mentions[-1].end
        if place == 0:
            group.before = _near(text[:start])
        else:
            previous = groups[place - 1]
            cut = _cut(text, previous.mentions[-1].end, start, end)
            previous.after = text[previous.mentions[-1].end : cut][:FAR]
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
            group.after = text[end:][:FAR]
    for previous, group in zip(reversed(groups[:-1]), reversed(groups[1:]), strict=True):
        # "capsule stain、satellite sections: in preparation": one list, one statement.
        if group.continues and _says_of_list(previous, group):
            previous.after += group.after
    return groups


def _says_of_list(previous: Group, group: Group) -> bool:
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
    before = before[-FAR:]
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


def paired_values(group: Group) -> list[str]:
    """Return one value per mention where as many values as mentions follow ("no / yes")."""
    count = len(group.mentions)
    match = re.match(r"[\s:=]{0,4}([^,;.]{1,60})", group.after)
    if count < 2 or not match or "/" not in match[1] or re.match(r"n ?/ ?a\b", match[1]):
        return []
    values = [value.strip() for value in match[1].split("/")]
    return values if len(values) == count and all(values) else []


def own_sides(group: Group, index: int) -> tuple[str, str]:
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
