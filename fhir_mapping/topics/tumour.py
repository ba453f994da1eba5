"""The tumour on imaging or in the specimen: size, number, vessels, capsule, satellites, rupture."""

from __future__ import annotations

from decimal import Decimal

from fhir_mapping.amounts import UnusableValueError
from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS, read_answer
from fhir_mapping.findings import Finding
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.observed import Observed
from fhir_mapping.topics.readers import (
    ConditionReader,
    ObservationReader,
    Read,
    answer,
    diagnosis,
    is_bare,
    never,
    never_diagnosed,
    number,
    stated,
)
from models.inputs import between, exactly
from models.quantities import ABSENT, PRESENT, quantity

__all__ = ["CONDITIONS", "OBSERVATIONS"]

_MACROVASCULAR = "macrovascular_invasion"
_NUMBER = quantity("tumour_number")
_PVTT = quantity("pvtt")
_BLAND = "it does not say tumour thrombus; a bland thrombus is no macrovascular invasion"

_PVTT_ANSWERS = {**PRESENCE, "pvtt-type": PRESENT, "pvtt-absent": ABSENT}
_LARGE_VESSEL_WORDS = {**PRESENCE_WORDS, "v0": ABSENT}
_CAPSULE_ANSWERS = {
    "capsule-complete": "complete",
    "capsule-incomplete": "incomplete",
    "capsule-present": "present",
    "capsule-absent": "absent",
    "answer-present": "present",
    "answer-absent": "absent",
}
_CAPSULE_WORDS = {
    **PRESENCE_WORDS,
    "complete": "complete",
    "完整": "complete",
    "incomplete": "incomplete",
    "breached": "incomplete",
    "infiltrated": "incomplete",
    "不完整": "incomplete",
}


def _read_multifocal(observed: Observed, intake: Intake) -> Read:
    """Read "multiple" as two or more, "not multiple" as one; a bare finding code is "multiple"."""
    try:
        category = PRESENT
        if not is_bare(observed.node):
            category = read_answer(observed.node, intake.codes, _MULTIFOCAL_ANSWERS, PRESENCE_WORDS)
    except UnusableValueError as error:
        yield observed.rejection("tumour_number", str(error), "tumour-number")
        return
    if category == PRESENT:
        value = between(_NUMBER, lower=Decimal(2), reason="multiple, number not stated")
    else:
        value = exactly(_NUMBER, 1)
    yield observed.finding("tumour_number", value, rule="tumour-number")


_MULTIFOCAL_ANSWERS = {**PRESENCE, "multifocal-tumour": PRESENT}


def _read_one_vein(observed: Observed, intake: Intake) -> Read:
    """Read thrombus in one vein: present is macrovascular invasion, absent says nothing of others."""
    if "portal-vein-tumour-thrombus" in observed.concepts:
        yield from answer("pvtt", _PVTT_ANSWERS, rule="macrovascular")(observed, intake)
    for item in answer(_MACROVASCULAR, _PVTT_ANSWERS, rule="macrovascular")(observed, intake):
        if isinstance(item, Finding) and item.value.value == ABSENT:
            reason = "no tumour thrombus in one vein says nothing of the other veins"
            yield observed.rejection(_MACROVASCULAR, reason, "macrovascular")
        else:
            yield item


def _read_pvtt_type(observed: Observed, intake: Intake) -> Read:
    """Read a type of tumour thrombus that is the code itself: it is in the portal vein."""
    for value in (exactly(_PVTT, PRESENT), exactly(quantity(_MACROVASCULAR), PRESENT)):
        yield from stated("pvtt-type", value, rule="macrovascular")(observed, intake)


OBSERVATIONS: dict[str, ObservationReader] = {
    "tumour-size": number("tumour_size_cm", "length", may_have_components=True, rule="tumour-size"),
    "tumour-size-longest-dimension": number("tumour_size_cm", "length", rule="tumour-size"),
    "tumour-number": number("tumour_number", "count", rule="tumour-number"),
    "multifocal-tumour": _read_multifocal,
    _MACROVASCULAR.replace("_", "-"): answer(
        _MACROVASCULAR, words=_LARGE_VESSEL_WORDS, rule="macrovascular"
    ),
    "portal-vein-tumour-thrombus": _read_one_vein,
    "pvtt-type": _read_pvtt_type,
    "pvtt-absent": stated("pvtt-absent", exactly(_PVTT, ABSENT), rule="macrovascular"),
    "hepatic-vein-tumour-thrombus": _read_one_vein,
    "portal-vein-thrombosis": never(_MACROVASCULAR, _BLAND, "macrovascular"),
    "tumour-capsule": answer("capsule", _CAPSULE_ANSWERS, _CAPSULE_WORDS, rule="capsule"),
    **{
        f"capsule-{category}": stated(
            f"capsule-{category}", exactly(quantity("capsule"), category), rule="capsule"
        )
        for category in ("complete", "incomplete", "present", "absent")
    },
    "satellite-nodules": answer("satellites", rule="satellites"),
    "tumour-rupture": answer("rupture", rule="rupture"),
    "haemoperitoneum": never("rupture", "haemoperitoneum alone is no proof of rupture", "rupture"),
}


def _diagnosed_pvtt(entry: Entry, intake: Intake) -> Read:
    yield from diagnosis(_MACROVASCULAR, rule="macrovascular")(entry, intake)
    yield from diagnosis("pvtt", rule="macrovascular")(entry, intake)


CONDITIONS: dict[str, ConditionReader] = {
    "macrovascular-invasion": diagnosis(_MACROVASCULAR, rule="macrovascular"),
    "portal-vein-tumour-thrombus": _diagnosed_pvtt,
    "hepatic-vein-tumour-thrombus": diagnosis(_MACROVASCULAR, rule="macrovascular"),
    "portal-vein-thrombosis": never_diagnosed(_MACROVASCULAR, _BLAND, "macrovascular"),
    "satellite-nodules": diagnosis("satellites", rule="satellites"),
    "tumour-rupture": diagnosis("rupture", rule="rupture"),
    "haemoperitoneum": never_diagnosed(
        "rupture", "haemoperitoneum alone is no proof of rupture", "rupture"
    ),
}
