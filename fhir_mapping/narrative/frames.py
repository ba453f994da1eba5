"""The frames in which an English name alone counts as a finding ("ruptured HCC", "two satellites").

A name with no word for present counts where its clause is of plain words only, or where one of
these frames stands around it. What no frame explains is not read.
"""

from __future__ import annotations

import re

from fhir_mapping.narrative.mentions import CAPSULE, MACROVASCULAR, MVI, RUPTURE, SATELLITES
from fhir_mapping.narrative.plain_words import is_doubtful, is_nearly_plain, is_plain
from fhir_mapping.narrative.presence import Assessed
from fhir_mapping.narrative.rules import Rule, any_of

__all__ = ["FRAMES", "SPEAKS_BEFORE", "is_framed"]

_TUMOUR = r"(?:tumou?r(?:s|al)?|hepatic neoplasm|hccs?|hepatocellular|hepatomas?|carcinomas?|mass(?:es)?|lesions?|nodules?|neoplasms?|liver cancer|observation)"
_ADJECTIVES = r"(?:(?!no |not |nor )[\w./-]{1,16} ){0,5}?"
_COUNTED = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}|a|an|the|single|solitary|few|some|several|many|multiple|numerous|innumerable|scattered|additional|further|another|tiny|small|minute|subcentimet\w{2,3}|peripheral|adjacent|nearby|punctate|microscopic|intrahepatic|perilesional|peritumou?r\w{0,3})"

# Each stands around the name, which is marked by <>; the clause may hold a few unknown words.
FRAMES: dict[str, Rule] = {
    SATELLITES: any_of(
        "frame-satellites",
        rf"\b{_COUNTED} <>|(?:^|\W)(?:with|w/|and|plus|has|had|have|are|is an?|as|represent\w{{0,3}}|forms an?|shows?|showed|contains?|there (?:is|are|was|were)|form of|namely|by)(?: (?!no |not )[\w.-]{{1,14}}){{0,3}} ?<>|\b(?:presence of|positive for:?|pos\.? for|keeping with|consistent with) {{0,3}}<>|[(=] ?<>|<> ?(?:(?:is |are |was |were )?(?:felt|palpated|excised|removed)|lie|lying|located)\b|<> ?(?:\(|:|-)? ?(?:x ?\d|n ?=|up to|numbering|of up|of \d|measuring|within|around|in (?:the |seg|s\d|[a-z]\d|\w+ blocks?)|at the|on the|near|next to|beside|nearby|adjacent|alongside|surround\w{{1,4}}|accompan\w{{1,4}}|\d|one|two|three|four|five|several|many|multiple|numerous)",
        does="a number, a place or a size beside satellites",
    ),
    MVI: any_of(
        "frame-mvi",
        r"(?:\b(?:with|w/|focal|extensive|definite|unequivocal|further|additional|frequent|widespread|multifocal|rare|show\w{0,3}|confirm\w{0,3}|demonstrat\w{1,3}|reveal\w{0,3}|see|found|diagnostic of|amounting to|interpret\w{0,3}(?: \w{1,6})? as|i\.?e\.?|there'?s|(?:there (?:is|are|was|were)(?: (?!no |not )[\w-]{1,14}){0,4})|also|this is|presence of|positive for:?|pos\.? for|on account of|due to|because of|high[- ]risk|=>?)(?: (?:the|an?))?|\(|\bwith(?: (?!no |not )\w{1,14}){0,3}) {0,3}<>",
        r"<> ?\(?(?:(?:in|involving|affecting) (?:\w{1,12} ){0,3}(?:vessels?|veins?|venules?|blocks?|places|foci|tracts?|slides?|[a-z]\d)|\w{1,6} (?:vessels?|foci)|focus|foci)\b",
        does="a word that states MVI, or its place, beside its name",
    ),
    RUPTURE: any_of(
        "frame-rupture",
        rf"<> ?(?:of )?(?:the |a |an |his |her |this )?{_ADJECTIVES}{_TUMOUR}\b",
        rf"\b{_TUMOUR}\b(?:(?! (?:no|not|without|never)\b)[^;<>]){{0,40}}\b(?:had|was|has|which|that|is|found|spontaneously|and|then|with|of segment \w{{1,4}})? ?<>|\b{_TUMOUR} <>",
        r"\b(?:spontaneous(?:ly)?|contained|free|interval|pre-?operative|recent|positive for:?) {0,3}<>|[(=] ?<>(?= ?$)|\b(?:has|had|one in [^;<>]{1,24}) <>|\bwith (?:\w{1,14} )?<> (?:and|of)\b|<> (?:site|point|haematoma|hematoma)\b|<> (?:into|through|at its|along its) ",
        does="the tumour named beside rupture",
    ),
    CAPSULE: any_of(
        "frame-capsule",
        rf"<> {_ADJECTIVES}{_TUMOUR}\b|\b{_TUMOUR}\b[^;<>]{{0,40}}<>|\b(?:is|are|both|well|also) <>",
        r"\b(?:enhancing|fibrous|thin|thick|delayed|well-?formed|tumou?r|delicate|own) <>|<> (?:enhancement|thickness)|\b(?:has|have|had|with|shows?|showed|outlin\w{1,3}|delineat\w{1,3}|possess\w{0,3}|by|within|inside|in keeping with|=) (?:(?!no |not )[\w-]{1,14} ){0,3}<>|<> (?:type|form|appearance)\b",
        does="the tumour, or how it looks, beside a capsule",
    ),
}  # fmt: skip

# "Venules contain tumour" says more than a name.
_SELF_EXPLAINING = re.compile(
    r"\b(?:contain|hold|harbou?r|carr|inva(?:ded|ding)|infiltrated|entered|emboli|nests|clusters|plugs|cells|present|positive|identified|plugged|filled|occupied|distended|tumou?r|carcinoma|hcc|malignant|neoplastic)"
)
# What stands behind a name and a colon must itself say that it is there.
_ANSWER = re.compile(r"\s{0,4}(?:[:=]|\s-\s)\s{0,60}([^,;]{0,60})")
_STATES = re.compile(
    r"\b(?:is|are|was|were|with|shows?|showed|has|had|have|see|found|confirm\w{0,3})\b"
)
_SAYS_THERE = re.compile(
    r"(?:x ?)?(?!0)\d|[>≥~]|\(|(?:one|two|three|four|five|six|seven|eight|several|many|multiple|few|single|numerous|up to|focal|extensive|small|large|tiny|in|within|near|next to|adjacent|around|at|on|thin|thick|fibrous|both|all|the|a|an|tumou?r|portal|hepatic|right|left|main|vein|branch|segment\w{0,3}|s\d|enhanc\w{1,4}|delayed|rupture\w{0,1}|spontaneous|contained|free|grade|[rlm]?pv|[lrm]?hv|ivc|m[12]|microvascular|macrovascular|tumou?rs?|hcc|thromb\w{1,4}|well|definite|formed)\b"
)
# "A ruptured HCC" needs no other word.
_OF_TUMOUR = re.compile(
    rf"rupture[d ]{{0,2}}(?: of (?:the |a |an |this )?)?(?:solitary |large |liver |hepatic |segment \w{{1,4}} ){{0,2}}{_TUMOUR}\b"
)
_HEAD_SAYS = re.compile(
    r"(?<!none of the )\bfollowing[^:]{0,40}\b(?:present|seen|identified|found|positive)\s?:"
)
_CLAUSE = re.compile(r"[,;:](?!\d)|\s-\s|\s(?:but|whereas|while|although|though)\s")
# Words of a sentence that make a list of names one of what is looked at, not of what is there.
SPEAKS_BEFORE = any_of(
    "speaks-before",
    r"\b(?:assess\w{1,5}|evaluat\w{1,4}|determin\w{1,5}|possibilit\w{1,3}|worr(?:y|ied)|concern\w{0,3}|fear\w{0,3}|search\w{0,3}|scor(?:e|ing)|(?:items?|features?|parameters?|elements?) (?:such as|includ\w{1,3}|like)|such as|information|criteri\w{1,3}|definition|details|data on|comment\w{0,2} on|role of|relation\w{0,4}|signs? of|examined for|checked for|remarks?|looked|called)\b[^;]{0,90}$|\bto (?:suggest|indicate)(?: (?:an?|any|tumou?r)){0,2}\s{0,2}$|\b(?:as for|regarding|with (?:regard|respect) to)\b[^;:]{0,40}$",
    does="words before a bare name that speak about it without finding it",
)


def is_framed(item: Assessed, text: str) -> bool:
    """Tell whether a name alone counts: among plain words only, or in a frame."""
    if is_doubtful(item.before, item.after):
        return False
    if SPEAKS_BEFORE.pattern.search(text[: item.mention.start][-120:]):
        return False
    if _HEAD_SAYS.search(item.before):
        return True
    answer = _ANSWER.match(item.after)
    if (
        answer
        and not _STATES.search(item.before)
        and not (_SAYS_THERE.match(answer[1]) and is_nearly_plain(answer[1]))
    ):
        return False
    if item.mention.concept == MACROVASCULAR:
        return True
    before, after = item.before[-70:], _CLAUSE.split(item.after, maxsplit=1)[0]
    clause = f"{before} ; {after}"
    if is_plain(clause):
        return True
    if item.mention.concept == MVI and _SELF_EXPLAINING.search(item.words):
        return is_nearly_plain(clause)
    if item.mention.concept == RUPTURE and _OF_TUMOUR.match(f"{item.words}{item.after}"):
        return True
    frame = FRAMES.get(item.mention.concept)
    marked = re.sub(r"[\s\"]{1,100}", " ", f"{before.rstrip()} <> {item.after[:60].lstrip()}")
    return bool(frame and frame.pattern.search(marked)) and is_nearly_plain(clause)
