"""Decides of every mention in a sentence whether it is present, absent, uncertain or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fhir_mapping.narrative.cues import AFTER, BEFORE, NEUTRAL
from fhir_mapping.narrative.denied_lists import said_in_lists
from fhir_mapping.narrative.doubts import (
    doubted,
    formerly_doubted,
    is_doubted_at_the_end,
    is_of_another,
    settled,
)
from fhir_mapping.narrative.groups import FAR, Group, groups_of, own_sides, paired_values
from fhir_mapping.narrative.mentions import MVI, Mention, find_mentions
from fhir_mapping.narrative.rules import first_match, last_match
from fhir_mapping.narrative.text import BLANK, TICK

__all__ = ["ABSENT", "MENTIONED", "NOTHING", "PRESENT", "UNCERTAIN", "Assessed", "assess"]

PRESENT, ABSENT, UNCERTAIN, NOTHING = "present", "absent", "uncertain", "nothing"
# The rule of a concept of which nothing more is said than its name.
MENTIONED = "mentioned"

# "Absent: MVI, satellites": the heading is said of the whole list.
_LIST_HEAD = re.compile(
    r"\W{0,4}(?:none of the following(?: \w{1,12}){0,4}|the following\b[^:.;]{0,70}|(?:absent|negative|not (?:seen|identified|present|found|detected|assessed|evaluated|assessable|examined)|present|positive|identified|uncertain|equivocal)(?: (?:findings?|features?|items?|for))?|\([-+]\)|(?:以下|下列|如下|上述)?(?:各|诸)?(?:项目|指标|征象|项|改变|情况|结果)?(?:均|皆|都|全)?(?:为|呈)?(?:阴性|未评估|未评价|未检测|阳性|可疑)(?:项目|结果|所见|征象|发现|者)?|(?:均|皆)?(?:未见|无)(?:以下|下列)?(?:各项|项目|征象|改变|情况|病变)?)\s?:"
)
# The same behind a comma: "肝癌,未见以下征象:破裂、癌栓".
_LIST_HEAD_ZH = re.compile(
    r"(?<=[,;])(?:均|皆)?(?:未见|无|阴性)(?:以下|下列|如下)?(?:各项|项目|征象|改变|情况|病变)?:"
)
# "术前CT报告破裂?": a doubt of others.
_ASKED_BY_OTHERS = re.compile(r"(?:术前|外院|临床|申请|送检?)[^,;。]{0,10}$")
_UNNAMED = re.compile(
    r"[\W\d]{0,20}(?:(?:the|an?|tumou?r|fibrous|and|any|其|肿瘤|镜下|光镜|大体|肉眼|病灶|肝癌|肝|瘤体|本例|术前|术中|标本|的)\W{0,6}){0,4}"
)
_KI67 = re.compile(r"ki ?[-_/]? ?67|mib")
_VALUE_NEAR = re.compile(r"[^,;.。、]{0,24}\d")
_SEEN_ZH = re.compile(r"(?<![未不没])(?:可见|(?<!未)见|伴有?)(?:有|到)?$")
_TOGETHER = re.compile(r"[均都皆]")
# "[x] Capsule  [ ] Ki-67 done": the name itself is ticked.
_TICKED = re.compile(rf"{TICK}\s{{0,8}}(?:[a-z]{{1,14}} ){{0,3}}\s{{0,4}}$")
# "MVI, but the large veins are free": what follows is of something else.
_CONTRAST = re.compile(
    r"^\s?,? ?(?:but|whereas|while|although|though) (?:the|all|no\b(?! \w{1,12} for)|large|larger|major|portal|hepatic|other|there)\b"
)
# What was called so proved to be something else.
_REFUTED = re.compile(
    r"\b(?:is|was|are|were|prove[sdn]|turned out|represents?|corresponds to)(?: to be)?(?: an?)?(?: \w{1,14}){0,2} (?:art[ei]fact\w{0,3}|bile duct \w{4,12}|ha?emangioma|regenerative|cyst|pseudo\w{0,10}|mimic|retraction|scar|dysplastic|hamartoma|adenoma|granuloma|perfusion)\b|\b(?:not borne out|(?:does|did) not bear|refuted|not substantiated)\b"
    r"|^[\"\W]{0,2}(?:应为|实为|实系|更正为|改判为|考虑为|证实为)(?:第二|另一|独立|多|良性)?(?:个|枚)?(?:原发|再生|硬化|血管瘤|错构|囊肿|增生|胆管|肉芽|炎)"
)
# "Two arterial foci next to it: satellites?": something is seen, and its nature is asked.
_SEEN_AND_ASKED = re.compile(
    r"\b(?:foc(?:us|i)|nodules?|lesions?|spaces?|clusters?|rim|ha?ematoma|defect|fluid)\b[^.;?]{0,60}[:,-]\s[^.;?,:]{0,20}$"
)
_PLACED = re.compile(
    r"\b(?:in|of) (?:the )?(?:right|left|main|middle|anterior|posterior|segment)\b"
)
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


def assess(text: str, *, asks: bool = False, lead: str = "") -> Iterator[Assessed]:
    """Yield every mention of a sentence with its status.

    `asks`: it ends with a question mark; `lead`: what stands before it on its line, up to a full
    stop, whose heading may be said of it ("negative for: MVI; satellites").
    """
    text = _without_neutral(text)
    mentions = find_mentions(text, lead)
    head, neither = _LIST_HEAD.match(text) or _LIST_HEAD_ZH.search(text), _NEITHER.search(text)
    listed = None if ":" in text or len(text) > FAR else _LIST_HEAD.match(lead)
    groups = groups_of(text, mentions)
    listed_as = {id(mentions[place]): said for place, said in said_in_lists(text, mentions)}
    for place, group in enumerate(groups):
        asked = asks and place == len(groups) - 1
        values = paired_values(group)
        for index, mention in enumerate(group.mentions):
            before, after = own_sides(group, index)
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
            if status == ABSENT and (void := _void(group, index, text, f"{words}{after[:25]}")):
                status, rule = NOTHING, void
            yield Assessed(mention, words, status, rule, before, after, group.gap)


def _names_ki67(group: Group, text: str) -> bool:
    """Tell whether Ki67 is denied with the finding: "no MVI or Ki-67" says that there are no data.

    A value behind it says that it is not denied: "未见MVI,Ki-67为10%".
    """
    return any(
        _KI67.match(text, item.start) and not _VALUE_NEAR.match(text, item.end)
        for item in group.mentions
    )


def _void(group: Group, index: int, text: str, words: str) -> str:
    """Return the rule for which a denial is not read, empty if it is.

    A name behind a denied one may have a place of its own: "no ascites, thrombus in the right vein".
    """
    if _names_ki67(group, text):
        return "no-data"
    is_listed = index > 0 and all(join == "," for join in group.joins)
    return "not-understood" if is_listed and _PLACED.search(words) else ""


def _asked(mention: Mention, text: str, *, ends_in_name: bool) -> tuple[str, str]:
    """Return what a question says: nothing, but a doubt where something is seen that it names."""
    of_others = _ASKED_BY_OTHERS.search(text[: mention.start])
    is_doubt = mention.concept != MVI and ends_in_name and not of_others
    if is_doubt or _SEEN_AND_ASKED.search(text[: mention.start]):
        return UNCERTAIN, "said-uncertain-after"
    return NOTHING, "asked"


def _without_neutral(text: str) -> str:
    for rule in NEUTRAL:
        text = rule.pattern.sub(lambda match: " " * len(match[0]), text)
    return text


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
        after = re.sub(rf"[\s{BLANK}]{{1,{2 * FAR}}}", " ", after)
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
