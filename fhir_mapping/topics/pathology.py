"""The resection specimen: MVI, Ki67, margin, residual tumour."""

from __future__ import annotations

from fhir_mapping.amounts import UnusableValueError
from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS, read_answer
from fhir_mapping.findings import Origin
from fhir_mapping.intake import Intake
from fhir_mapping.observed import Observed
from fhir_mapping.topics.readers import ObservationReader, Read, answer, is_bare, never, number
from models.inputs import one_of
from models.quantities import ABSENT, PRESENT, quantity

__all__ = ["OBSERVATIONS"]

_MVI = "microvascular_invasion"
_MVI_ANSWERS = {**PRESENCE, "mvi-absent": ABSENT, "mvi-present": PRESENT}
# Under the MVI question only: elsewhere "M0" and "M1" are TNM.
_MVI_WORDS = {**PRESENCE_WORDS, "m0": ABSENT, "m1": PRESENT, "m2": PRESENT}
_RESIDUAL_ANSWERS = {f"residual-tumour-{name.lower()}": name for name in ("R0", "R1", "R2")}
_RESIDUAL_WORDS = {name.lower(): name for name in ("R0", "R1", "R2")}


def _read_margin_involved(observed: Observed, intake: Intake) -> Read:
    """Read "margin involved" as R1 or R2; that it is not involved does not yet say R0."""
    try:
        involved = (
            is_bare(observed.node)
            or read_answer(
                observed.node,
                intake.codes,
                {**PRESENCE, "margin-involved": PRESENT},
                PRESENCE_WORDS,
            )
            == PRESENT
        )
    except UnusableValueError as error:
        yield observed.rejection("residual_tumour", str(error), "margin")
        return
    if involved:
        value = one_of(quantity("residual_tumour"), ("R1", "R2"), "margin involved")
        yield observed.finding("residual_tumour", value, rule="margin")
    else:
        yield observed.rejection("residual_tumour", "it does not say R0, R1 or R2", "margin")


OBSERVATIONS: dict[str, ObservationReader] = {
    **dict.fromkeys(
        ("microvascular-invasion", "mvi-absent", "mvi-present"),
        answer(_MVI, _MVI_ANSWERS, _MVI_WORDS, origin=Origin.SPECIMEN, rule="mvi"),
    ),
    "lymphovascular-invasion": never(
        _MVI, "lymphovascular invasion does not say whether blood vessels are invaded", "mvi"
    ),
    "lymphatic-invasion": never(_MVI, "lymphatic invasion is not microvascular invasion", "mvi"),
    "invasion-unspecified": never(_MVI, "it does not say what is invaded", "mvi"),
    "margin-of-another-organ": never("margin_cm", "it is the margin of another organ", "margin"),
    "ki67": number("ki67_percent", "share", origin=Origin.SPECIMEN),
    "margin-distance": number("margin_cm", "length", origin=Origin.SPECIMEN, rule="margin"),
    **dict.fromkeys(
        ("residual-tumour", *_RESIDUAL_ANSWERS),
        answer("residual_tumour", _RESIDUAL_ANSWERS, _RESIDUAL_WORDS, rule="margin"),
    ),
    "margin-involved": _read_margin_involved,
}
