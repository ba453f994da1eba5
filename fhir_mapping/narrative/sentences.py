"""Cuts a text into sentences and says of each in which section it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fhir_mapping.narrative.corrections import CORRECTING
from fhir_mapping.narrative.full_stops import pieces_of
from fhir_mapping.narrative.rules import first_match, search
from fhir_mapping.narrative.scope import (
    FINDINGS_HEADING,
    LIVER_AGAIN,
    NEW_START,
    ORGAN_HEADING,
    ORGAN_LASTS,
    OWN_ORGAN,
    PURPOSE,
    RESUMES,
    VOID_CLAUSES,
    VOID_HEADINGS,
    void_sentence,
)

__all__ = ["Sentence", "sentences_in"]

_ANSWERED = re.compile(
    r"\?(?=[\s-]{0,4}(?:yes|no|none|present|absent|positive|negative|m[012]|有|无|未见|阳性|阴性)(?![a-z]))"
)
# A name alone on its line; the next line is its answer.
_NAME_ALONE = re.compile(
    r"[\s*-]{0,4}(?:(?:micro|macro)?(?:vascular|venous|vessel) invasion|mvi(?:分级|计数|评估|情况|状态)?|(?:tumou?r )?capsule|satellite (?:nodules?|lesions?)|satellites|(?:tumou?r )?rupture|ki ?-?67(?: index)?|(?:portal vein )?tumou?r thrombus|(?:(?:max\w{0,4}|greatest|largest|tumou?r|lesion|nodule) ){0,3}(?:size|diameter|dimension)(?: of (?:the )?(?:tumou?r|lesion))?|(?:(?:width|closest|nearest|surgical|resection|parenchymal|liver|hepatic|distance|to|of|the) ){0,4}margins?(?: (?:width|distance|clearance))?|number of (?:tumou?rs|lesions|nodules)|tumou?r (?:number|count)|proliferation index(?: \(ki-?67\))?|微血管侵犯(?:分级|情况)?|(?:肿瘤)?包膜(?:情况)?|卫星(?:结节|灶)|(?:肿瘤)?破裂|(?:门静脉)?癌栓|大血管侵犯|(?:肿瘤|病灶|癌灶|癌结节)(?:数目|个数|数量|大小|最大径)|肝?切缘(?:距离|宽度))(?: ?\([^()\n]{1,40}\))?\s{0,3}"
)
# "Vascular invasion", and its kinds each on a line of its own.
_VESSELS_ALONE = re.compile(
    r"[\s*-]{0,4}(?:level of |type of )?(?:vascular|vessel|venous|angio) ?-?(?:invasion|involvement)\s{0,3}:?\s{0,3}(?:present|identified|absent|yes|no)?\s{0,3}"
)
_KIND_OF_VESSEL = re.compile(r"[\s*-]{0,4}(?:micro|macro|small|large|gross)")
_OPTION = re.compile(r"\s{0,8}(?:\[[ xX✓√]?\]|\([ xX✓√]?\)|[☐☑☒□■])")
_STUDY_ONLY = re.compile(
    r"\s{0,3}(?:none|(?:(?:contrast[- ]enhanced |prior |previous |outside |triphasic |liver |abdominal ){0,3}(?:ct|mri?|us|ultrasound|pet)\b[\w /-]{0,40}))\s{0,3}"
)
_MODALITY = re.compile(r"\s{0,3}(?:ct|mri?|us|imaging|超声|影像|b超)\b")
# Another heading at the start of a line ends the paragraph of another organ.
_HEADED = re.compile(r"\s{0,4}(?:[a-z][a-z ]{2,30}|[一-鿿]{2,8})\s?:")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the prepared text, from `start`.

    `void` names the rule for which nothing is read from it; `is_correcting` marks an addendum or a
    correction, `asks` a sentence that ends with a question mark; `lead` is what stood before it on
    its line, up to a full stop ("Margin: clear; closest 8 mm").
    """

    start: int
    text: str
    void: str = ""
    is_correcting: bool = False
    asks: bool = False
    lead: str = ""


def sentences_in(plain: str, original: str) -> Iterator[Sentence]:
    """Yield the sentences in order, each with what its section says of it."""
    state = _State()
    joined = PURPOSE.pattern.sub(lambda match: " " * len(match[0]), _joined(plain, original))
    for line_start, line in _lines(joined):
        state.new_line(line)
        lead_start, sign_before = line_start, ""
        for start, end, sign in _resumed(pieces_of(line, original, line_start), joined):
            text = joined[start:end]
            state.at_start = start == line_start
            if text.strip():
                lead = joined[lead_start:start] if sign_before == ";" else ""
                if not lead:
                    lead_start = start
                sign_before = sign
                yield from _without_plans(replace(state.read(start, text, sign), lead=lead))


def _resumed(pieces: Iterator[tuple[int, int, str]], joined: str) -> Iterator[tuple[int, int, str]]:
    """Divide "outside report: no MVI, our review: MVI" where the present is taken up again."""
    for start, end, sign in pieces:
        cut = _resumes_at(joined[start:end])
        if cut:
            yield start, start + cut, ","
        yield start + cut, end, sign


def _resumes_at(text: str) -> int:
    of_organ = bool(ORGAN_HEADING.pattern.match(text))
    rules = (RESUMES, LIVER_AGAIN) if of_organ else (RESUMES,)
    for match in (found for rule in rules for found in rule.pattern.finditer(text)):
        is_void = of_organ or void_sentence(text[: match.start()])
        if is_void and not void_sentence(text[match.end() :]):
            return match.end()
    return 0


def _without_plans(sentence: Sentence) -> Iterator[Sentence]:
    """Cut off what is only planned or asked, from its clause to the end of the sentence."""
    found = None if sentence.void else first_match(VOID_CLAUSES, sentence.text)
    if found is None:
        yield sentence
        return
    rule, match = found
    signs = (",", ";", " so ", " and he ", " and she ", " and we ", " and the patient ")
    cut = max(sentence.text.rfind(sign, 0, match.start()) for sign in signs) + 1
    yield replace(sentence, text=sentence.text[:cut], asks=False)
    is_plan = rule.name == "plan"
    resumed = None if is_plan else RESUMES.pattern.search(sentence.text, match.end())
    end = resumed.end() if resumed else len(sentence.text)
    yield replace(sentence, start=sentence.start + cut, text=sentence.text[cut:end], void=rule.name)
    if resumed:
        rest = replace(sentence, start=sentence.start + end, text=sentence.text[end:])
        yield from _without_plans(rest)


def _lines(joined: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in joined.split("\n"):
        yield start, line
        start += len(line) + 1


def _joined(plain: str, original: str) -> str:
    """Return the text with a line that goes on in lower case on the next one as one line."""
    chars = list(plain)
    of_a_pair = takes_options = False
    for match in re.finditer(r"\n", plain):
        ending = plain[max(0, match.start() - 60) : match.start()].rpartition("\n")[2].rstrip(" ")
        following = original[match.end() : match.end() + 60].partition("\n")[0].strip(" ")
        of_a_pair = bool(
            (of_a_pair or _VESSELS_ALONE.fullmatch(ending))
            and _KIND_OF_VESSEL.match(following.lower())
        )
        takes_options = bool(
            (takes_options or _NAME_ALONE.fullmatch(ending)) and _OPTION.match(following)
        )
        if of_a_pair:
            chars[match.start()] = ";"
        elif takes_options and not _NAME_ALONE.fullmatch(ending):
            chars[match.start()] = " "
        elif _NAME_ALONE.fullmatch(ending) and following and not _NAME_ALONE.fullmatch(following):
            chars[match.start()] = ":"
        elif ending.endswith((",", "、")) or _goes_on(ending, following):
            chars[match.start()] = " "
    # "MVI? None." is an answered question.
    for match in _ANSWERED.finditer(plain):
        chars[match.start()] = ":"
    return "".join(chars)


def _goes_on(ending: str, following: str) -> bool:
    """Tell whether a line goes on in lower case, or answers the name on the line before."""
    if ending.endswith(":"):
        is_heading = any(rule.pattern.match(ending) for rule in VOID_HEADINGS)
        return bool(following) and len(following) <= 40 and ":" not in following and not is_heading
    return following[:1].islower() and not ending.endswith((".", ";", "。", "]"))


class _State:
    """The section and the organ that the next sentence stands under."""

    def __init__(self) -> None:
        self._section = ""
        self._ends_with_line = False
        self._ends_with_sentence = False
        self._organ = ""
        self._correcting = False
        self.at_start = True

    def new_line(self, line: str) -> None:
        """Leave a section that was opened and filled on one line, and the organ of a paragraph."""
        if self._ends_with_line or not line.strip():
            self._section = ""
            self._ends_with_line = False
        if not line.strip():
            self._organ = ""

    def read(self, start: int, text: str, sign: str) -> Sentence:
        """Return the sentence with what section, organ and its own words say of it."""
        self._enter(text)
        organ = self._organ_of(text)
        void = self._section or void_sentence(text) or organ
        correcting = self._correcting or bool(search(CORRECTING, text))
        return Sentence(start, text, void, correcting, sign == "?")

    def _enter(self, text: str) -> None:
        if self._ends_with_sentence:
            self._section = ""
            self._ends_with_sentence = False
        if text.endswith(",") and ":" not in text:
            return
        for rule in VOID_HEADINGS:
            match = rule.pattern.match(text)
            if match:
                self._section = rule.name
                self._ends_with_line = bool(text[match.end() :].strip())
                # "Comparison: MRI from March. Large mass": only the study is named.
                self._ends_with_sentence = rule.name == "section-comparison" and bool(
                    _STUDY_ONLY.fullmatch(text[match.end() :])
                )
                return
        if self._section and NEW_START.pattern.match(text):
            self._section = ""
        # "62F, HBV. CT: mass" goes on with the clinical information.
        is_aside = (
            self._section not in ("", "section-complaint")
            and not self.at_start
            and _MODALITY.match(text)
        )
        if FINDINGS_HEADING.pattern.match(text) and not is_aside:
            self._section = ""
            self._correcting = bool(search(CORRECTING, text[:40]))

    def _organ_of(self, text: str) -> str:
        if ORGAN_HEADING.pattern.match(text):
            self._organ = ORGAN_HEADING.name if ORGAN_LASTS.pattern.search(text) else ""
            return ORGAN_HEADING.name
        if OWN_ORGAN.pattern.search(text) or (self.at_start and _HEADED.match(text)):
            self._organ = ""
        return self._organ
