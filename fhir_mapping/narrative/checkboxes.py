"""Templates: what stands beside a box counts only if the box is ticked."""

from __future__ import annotations

import re

from fhir_mapping.narrative.text import BLANK, TICK

__all__ = ["blank_unticked"]

_TICKED = r"\[ ?[x×✓✔√v*] ?\]|\( ?[x×✓✔√] ?\)|[☑☒■✓✔√✅]|_{1,4}[x×✓√]_{1,4}"
_UNTICKED = r"\[ {0,6}\]|\( {0,6}\)|[□☐○◻◯]|(?<=[\s:])×(?=[一-鿿])|_{2,12}"
_BOX = re.compile(f"(?P<ticked>{_TICKED})|(?P<unticked>{_UNTICKED})")
# A field runs from a colon, the start of a line or a separator of fields to the next.
_FIELD = re.compile(r"[^\n;。:]{1,400}")
# The answer before a box, behind the name of the field: "MVI yes [ ] no [x]".
_ANSWER = re.compile(
    r"(?<=[\w)] )(?:yes|no|present|absent|positive|negative|pos|neg|有|无|是|否|阳性|阴性|未见)\s?$"
)
_YES = "(+)"
_LEAD = re.compile(r"[\s,/|-]{0,20}")


def blank_unticked(plain: str) -> str:
    """Return the text, of the same length, without options that are not ticked and without boxes."""
    if not _BOX.search(plain):
        return plain
    chars = list(plain)
    for field in _FIELD.finditer(plain):
        _blank_field(plain, field.start(), field.end(), chars)
    return "".join(chars)


def _blank_field(plain: str, start: int, end: int, chars: list[str]) -> None:
    boxes = list(_BOX.finditer(plain, start, end))
    if not boxes:
        return
    lead = plain[start : boxes[0].start()]
    after = _box_follows_option(plain, start, boxes, lead)
    for place, box in enumerate(boxes):
        if after:
            left = boxes[place - 1].end() if place else _start_of_option(plain, start, box.start())
            option = (left, box.start())
        else:
            right = boxes[place + 1].start() if place + 1 < len(boxes) else end
            opens_line = not plain[: box.start()].rpartition("\n")[2].strip(" -*")
            option = (box.end(), right if opens_line else _end_of_option(plain, box.end(), right))
        for index in range(box.start(), box.end()):
            chars[index] = " " if box["ticked"] else BLANK
        if box["ticked"]:
            chars[box.start()] = TICK
        if after and box["ticked"] and box.end() - box.start() == len(_YES):
            # "portal vein thrombus [x]": the tick is the answer.
            chars[box.start() : box.end()] = _YES
        if box["unticked"]:
            for index in range(*option):
                chars[index] = BLANK


def _box_follows_option(plain: str, start: int, boxes: list[re.Match[str]], lead: str) -> bool:
    """Tell whether the boxes stand behind their options ("yes [ ] no [x]")."""
    opened_by_colon = start > 0 and plain[start - 1] == ":"
    if not lead.strip(" ,/|-"):
        return False
    # After a colon the first word is an option; without one it is the name of the field, unless
    # a box ends the line.
    ends_with_box = not plain[boxes[-1].end() :].split("\n", 1)[0].strip(" ;。")
    return opened_by_colon or ends_with_box


def _start_of_option(plain: str, start: int, end: int) -> int:
    answer = _ANSWER.search(plain, start, end)
    if answer:
        return answer.start()
    match = _LEAD.match(plain, start, end)
    return match.end() if match else start


def _end_of_option(plain: str, start: int, end: int) -> int:
    """Return where an option ends: at the next box, or at a comma or the end of its field."""
    match = re.compile(r",(?!\s?[≤<>≥])|[\n;。]|\.\s| {2,}").search(plain, min(start + 1, end), end)
    return match.start() if match else end
