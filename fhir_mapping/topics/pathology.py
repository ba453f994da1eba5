"""The resection specimen: MVI, Ki67, margin, residual tumour."""

from __future__ import annotations

from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS
from fhir_mapping.findings import Origin
from fhir_mapping.topics.readers import ObservationReader, answer, never, number, stated
from models.inputs import exactly, one_of
from models.quantities import ABSENT, PRESENT, quantity

__all__ = ["OBSERVATIONS"]

_MVI = "microvascular_invasion"
_MVI_ANSWERS = {**PRESENCE, "mvi-absent": ABSENT, "mvi-present": PRESENT}
# Under the MVI question only: elsewhere "M0" and "M1" are TNM.
_MVI_WORDS = {**PRESENCE_WORDS, "m0": ABSENT, "m1": PRESENT, "m2": PRESENT}
_RESIDUAL_ANSWERS = {f"residual-tumour-{name.lower()}": name for name in ("R0", "R1", "R2")}
_RESIDUAL_WORDS = {name.lower(): name for name in ("R0", "R1", "R2")}


OBSERVATIONS: dict[str, ObservationReader] = {
    "microvascular-invasion": answer(
        _MVI, _MVI_ANSWERS, _MVI_WORDS, origin=Origin.SPECIMEN, rule="mvi"
    ),
    **{
        concept: stated(
            concept, exactly(quantity(_MVI), category), origin=Origin.SPECIMEN, rule="mvi"
        )
        for concept, category in (("mvi-absent", ABSENT), ("mvi-present", PRESENT))
    },
    "lymphovascular-invasion": never(
        _MVI, "lymphovascular invasion does not say whether blood vessels are invaded", "mvi"
    ),
    "lymphatic-invasion": never(_MVI, "lymphatic invasion is not microvascular invasion", "mvi"),
    "invasion-unspecified": never(_MVI, "it does not say what is invaded", "mvi"),
    "margin-of-another-organ": never("margin_cm", "it is the margin of another organ", "margin"),
    "ki67": number("ki67_percent", "share", origin=Origin.SPECIMEN),
    "margin-distance": number("margin_cm", "length", origin=Origin.SPECIMEN, rule="margin"),
    "residual-tumour": answer("residual_tumour", _RESIDUAL_ANSWERS, _RESIDUAL_WORDS, rule="margin"),
    **{
        concept: stated(concept, exactly(quantity("residual_tumour"), category), rule="margin")
        for concept, category in _RESIDUAL_ANSWERS.items()
    },
    "margin-involved": stated(
        "margin-involved",
        one_of(quantity("residual_tumour"), ("R1", "R2"), "margin involved"),
        rule="margin",
    ),
}
