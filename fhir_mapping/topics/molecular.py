"""Molecular observations of the tumour: MYCN and HMGA2, biology that no model gives a weight."""

from __future__ import annotations

from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS
from fhir_mapping.topics.readers import ObservationReader, answer

__all__ = ["OBSERVATIONS"]

_WORDS = {
    **PRESENCE_WORDS,
    "expressed": "present",
    "overexpressed": "present",
    "amplified": "present",
    "high": "present",
    "not expressed": "absent",
    "not amplified": "absent",
}

OBSERVATIONS: dict[str, ObservationReader] = {
    "mycn-expression": answer("mycn_expression", PRESENCE, _WORDS),
    "hmga2-expression": answer("hmga2_expression", PRESENCE, _WORDS),
}
