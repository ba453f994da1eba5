"""Categories as they arrive: a coded answer, a yes or no, an interpretation, or one plain word."""

from __future__ import annotations

from collections.abc import Mapping

from fhir_mapping.amounts import (
    UnusableValueError,
    absent_reason,
    refuse_value_said_to_be_absent,
)
from fhir_mapping.codes import Codes
from fhir_mapping.prefetch_key import JsonObject
from fhir_mapping.resources import as_object, as_text, objects_in
from models.quantities import ABSENT, PRESENT

__all__ = ["PRESENCE", "PRESENCE_WORDS", "read_answer"]

PRESENCE = {"answer-present": PRESENT, "answer-absent": ABSENT}
# A whole answer in one word, as coded systems print it; sentences are for the narrative reader.
PRESENCE_WORDS = {
    "present": PRESENT, "positive": PRESENT, "detected": PRESENT, "yes": PRESENT,
    "阳性": PRESENT, "有": PRESENT,
    "absent": ABSENT, "negative": ABSENT, "not detected": ABSENT, "no": ABSENT,
    "阴性": ABSENT, "无": ABSENT,
}  # fmt: skip
# HL7 v3 ObservationInterpretation.
_INTERPRETATIONS = {
    "POS": PRESENT, "DET": PRESENT, "NEG": ABSENT, "ND": ABSENT,
}  # fmt: skip


def read_answer(
    node: JsonObject, codes: Codes, answers: Mapping[str, str], words: Mapping[str, str]
) -> str:
    """Return the category that an Observation or component answers with.

    Parameters
    ----------
    answers : mapping
        Concept of a coded answer to category.
    words : mapping
        Whole answers in lower case to category, for text without a code.

    Raises
    ------
    UnusableValueError
        If there is no answer, it is left open, or it says two things.
    """
    refuse_value_said_to_be_absent(node)
    if "valueBoolean" in node and isinstance(node["valueBoolean"], bool):
        return _of_boolean(node["valueBoolean"], answers)
    coded = node.get("valueCodeableConcept", node.get("valueCoding"))
    concepts = codes.concepts_of(coded)
    found = {answers[concept] for concept in concepts if concept in answers}
    if "answer-undetermined" in concepts:
        raise UnusableValueError("it could not be determined")
    text = as_text(as_object(coded).get("text")) or as_text(node.get("valueString"))
    if len(found) > 1 or any(_contradict(item, words.get(text.lower(), item)) for item in found):
        raise UnusableValueError("its answer says two things")
    if found:
        return found.pop()
    if text:
        if text.lower() in words:
            return words[text.lower()]
        raise UnusableValueError("its answer is not one that is known here")
    if coded is not None:
        raise UnusableValueError("its answer has a code that is not known here")
    return _of_interpretation(node, answers)


def _contradict(coded: str, in_words: str) -> bool:
    """Tell whether the code and the words of one answer differ; "complete" is present too."""
    if PRESENT in (coded, in_words):
        return ABSENT in (coded, in_words)
    return coded != in_words


def _of_boolean(value: bool, answers: Mapping[str, str]) -> str:
    category = answers.get("answer-present" if value else "answer-absent")
    if category is None:
        raise UnusableValueError("yes or no does not answer it")
    return category


def _of_interpretation(node: JsonObject, answers: Mapping[str, str]) -> str:
    if PRESENT in answers.values():
        for item in objects_in(node.get("interpretation")):
            for coding in objects_in(item.get("coding")):
                found = _INTERPRETATIONS.get(as_text(coding.get("code")))
                if found is not None and not _has_number(node):
                    return found
    if _has_number(node):
        raise UnusableValueError("a number does not answer it")
    raise UnusableValueError(absent_reason(node) or "no value")


def _has_number(node: JsonObject) -> bool:
    return any(name in node for name in ("valueQuantity", "valueInteger", "valueRange"))
