"""Reads a text: prepared, cut into sentences, every concept read, the statements put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from fhir_mapping.narrative.checkboxes import blank_unticked
from fhir_mapping.narrative.corrections import blank_superseded
from fhir_mapping.narrative.findings_in_words import read_findings
from fhir_mapping.narrative.ki67 import KI67, read_ki67
from fhir_mapping.narrative.lengths import MARGIN, SIZE, read_lengths
from fhir_mapping.narrative.mentions import MACROVASCULAR
from fhir_mapping.narrative.number import NUMBER_OF_TUMOURS, read_number
from fhir_mapping.narrative.presence import ABSENT, MENTIONED, PRESENT, UNCERTAIN
from fhir_mapping.narrative.rules import any_of
from fhir_mapping.narrative.sentences import sentences_in
from fhir_mapping.narrative.statements import Amount, Statement
from fhir_mapping.narrative.tables import join_cells
from fhir_mapping.narrative.text import prepare

__all__ = ["BENIGN_DIAGNOSIS", "OTHER_DIAGNOSIS", "NarrativeFinding", "read_text"]

# Of several statements the first of these that is made counts.
_ORDER = {
    "capsule": ("incomplete", "complete", ABSENT, PRESENT, UNCERTAIN),
    "": (PRESENT, UNCERTAIN, ABSENT),
}


# Something that every finding needs; the many short answers without it are passed over at once.
_MAY_SPEAK = re.compile(
    r"[cm]m|lr-|meter|metre|fc\W|ki|kl|k1|mib|prolif|tumo|hcc|carcinom|mass|nodul|lesion|foc|neoplasm|number|excision|hepatom|solit|single"
    r"|mv[il]|micro|macro|vascul|vessel|vein|venul|venous|portal|cava|ivc|pv|vp|vv|tiv|emboli|thromb|sat|daughter|caps"
    r"|ruptur|periton|blood|ascites|multi|米|公分|㎝|㎜|增殖|瘤|癌|块|肿|结节|灶|占位|单|孤|唯一|多|数|血|脉|静|栓|卫星|子|包|破"
)


# A text whose diagnosis is benign, with no malignant one: nothing in it is of a carcinoma.
BENIGN_DIAGNOSIS = any_of(
    "benign-diagnosis",
    r"\b(?:focal nodular hyperplasia|fnh|(?:cavernous |hepatic )ha?emangioma|(?:liver|hepatic|fungal|pyogenic|amo?ebic|candidal?) (?:micro)?abscess\w{0,2}|hydatid (?:cyst|disease))\b|局灶性?结节(?:状|性)?增生|肝(?:脏)?(?:海绵状)?血管瘤|肝(?:细胞)?腺瘤",
    does="a benign diagnosis; without a malignant one nothing of its text is read",
)
# Another tumour's diagnosis; without a word for HCC nothing in the text is of one.
OTHER_DIAGNOSIS = any_of(
    "other-diagnosis",
    r"\bmetasta\w{1,4} (?:\w{1,12} )?(?:adeno|colorectal|carcinoma|from|of)|\b(?:adenocarcinoma|(?:cholangio|intrahepatic cholangio)carcinoma|lymphoma|melanoma|gist|neuroendocrine|net g[123])\b",
    r"转移性(?:腺)?癌|(?<!肝)(?<!细胞)腺癌|胆管(?:细胞)?癌(?!栓)|淋巴瘤|黑色素瘤",
    does="another diagnosis; without a word for HCC nothing of its text is read",
)
_HCC = re.compile(
    r"\b(?:hccs?(?! (?:is )?excluded)|hepatocell\w{1,6}|hepatomas?|li-?rads|lr-?[45m])\b|肝癌|肝细胞|hcc"
)
_MALIGNANT = re.compile(
    r"\b(?:hccs?|hepatocellular|carcinomas?|malignan\w{1,4}|hepatomas?|li-?rads|lr-?[45m]|tumou?rs?)\b|癌|恶性|肿瘤|占位|hcc"
)


_NOT_MALIGNANT = re.compile(
    r"\b(?:no|not|without) (?:an? |evidence of |sign of )?(?:hcc|hepatocellular|carcinoma|malignan\w{1,4})(?: carcinoma)?|(?:非|未见|无|不是)(?:明确)?(?:肝|肝细胞|恶性)?(?:癌|肿瘤|恶性)(?!栓)"
)


@dataclass(frozen=True, slots=True)
class NarrativeFinding:
    """What a whole text says of one concept, with the exact words and the rule that decided."""

    name: str
    value: str | Amount
    rule: str
    quote: str


def read_text(text: str) -> tuple[NarrativeFinding, ...]:
    """Return what a report says in words, one finding per concept, in order of the concepts."""
    prepared = prepare(text)
    if not _MAY_SPEAK.search(prepared.plain):
        return ()
    plain = blank_superseded(blank_unticked(join_cells(prepared.plain)))
    if BENIGN_DIAGNOSIS.pattern.search(plain) and not _MALIGNANT.search(
        _NOT_MALIGNANT.sub(" ", plain)
    ):
        return ()
    if OTHER_DIAGNOSIS.pattern.search(plain) and not _HCC.search(plain):
        return ()
    statements: dict[str, list[Statement]] = {}
    for sentence in sentences_in(plain, prepared.original):
        if sentence.void:
            continue
        for read in (read_findings, read_ki67, read_lengths, read_number):
            for statement in read(sentence):
                statements.setdefault(statement.name, []).append(statement)
    found = []
    for name, made in sorted(statements.items()):
        chosen = _chosen(name, _settled(_after_corrections(made), plain))
        if chosen is not None:
            quote = prepared.quote(chosen.start, chosen.end)
            found.append(NarrativeFinding(name, chosen.value, chosen.rule, quote))
    return tuple(found)


def _after_corrections(made: list[Statement]) -> list[Statement]:
    """Keep what was said in the last correction, if there is one of this concept."""
    corrections = [item for item in made if item.is_correction]
    if not corrections:
        return made
    return [item for item in corrections if not item.is_withdrawal]


# A later word of the operation or the microscope settles what was only suspected before it.
SETTLES = any_of(
    "settles",
    r"\b(?:at|on|in|during) (?:the )?(?:laparotomy|operation|surgery|exploration|histology|paraffin|microscopy|deeper (?:levels|sections)|permanent sections?|final histology)\b|\b(?:histolog(?:y|ically|ical)|microscopically|paraffin sections?|final (?:diagnosis|report|histology|pathology)|intra-?operatively|therefore|hence)\b",
    does="words of the operation or the microscope, which settle an earlier suspicion",
)


def _settled(made: list[Statement], plain: str) -> list[Statement]:
    """Drop a suspicion that a later sentence of the operation or the microscope answers."""
    last = max(
        (
            item.start
            for item in made
            if item.value in (ABSENT, PRESENT)
            and SETTLES.pattern.search(plain[max(0, item.start - 60) : item.end])
        ),
        default=-1,
    )
    return [item for item in made if item.value != UNCERTAIN or item.start > last]


def _chosen(name: str, made: list[Statement]) -> Statement | None:
    """Return the statement that stands for the text."""
    if not made:
        return None
    if name == SIZE:
        return max(made, key=lambda item: _upper(item.value))
    if name == MARGIN:
        return min(made, key=lambda item: _lower(item.value))
    if name == KI67:
        averages = [item for item in made if item.rule.endswith("/average")]
        return min(
            averages or made,
            key=lambda item: isinstance(item.value, Amount) and item.value.hot_spot,
        )
    if name == NUMBER_OF_TUMOURS:
        return _number(made)
    if _is_contradicted(name, made):
        return None
    order = _ORDER.get(name, _ORDER[""])
    return min(made, key=lambda item: order.index(str(item.value)))


def _is_contradicted(name: str, made: list[Statement]) -> bool:
    """Tell whether a text denies a finding that it else only names, or denies one of two capsules."""
    values = {item.value for item in made}
    if ABSENT not in values or values <= {ABSENT, UNCERTAIN}:
        return False
    if name == "capsule":
        return bool(values & {PRESENT, "complete"})
    if name == MACROVASCULAR:
        # One vein may be free beside another.
        return False
    there = [item for item in made if item.value == PRESENT]
    return all(item.rule.endswith(f"/{MENTIONED}") for item in there)


def _upper(value: str | Amount) -> Decimal:
    return value.high or value.low or Decimal(0) if isinstance(value, Amount) else Decimal(0)


def _lower(value: str | Amount) -> Decimal:
    return value.low or Decimal(0) if isinstance(value, Amount) else Decimal(0)


def _number(made: list[Statement]) -> Statement:
    """Return the number of tumours named as such, else a count before "solitary" and "multiple".

    Of several counts the largest stands.
    """
    stated = [item for item in made if item.rule.endswith("/counted-in-all")]
    if stated:
        return stated[-1]
    counted = [item for item in made if "/counted" in item.rule]
    solitary = [item for item in made if item.rule.endswith("/solitary")]
    if solitary and not any(_upper(item.value) > 1 for item in counted):
        return solitary[0]
    if counted:
        return max(counted, key=lambda item: _upper(item.value))
    return made[0]
