"""The codes that a prefetch template of Observations asks for."""

from __future__ import annotations

from fhir_mapping.codes import Codes
from fhir_mapping.reading import OBSERVATION_READERS
from fhir_mapping.topics.blood import COUNTED
from fhir_mapping.topics.course import OBSERVED

__all__ = ["OBSERVATION_CONCEPTS", "observation_tokens"]

# Answers and diagnoses are read if they are sent, but are hardly an Observation's code; leaving them
# out keeps the query short.
_NOT_ASKED_FOR = frozenset(
    {
        "capsule-complete", "capsule-incomplete", "capsule-present", "capsule-absent",
        "mvi-absent", "mvi-present", "residual-tumour-r0", "residual-tumour-r1",
        "residual-tumour-r2", "pvtt-type", "pvtt-absent", "child-pugh-class-a",
        "child-pugh-class-b", "child-pugh-class-c", "clavien-dindo-grade", "ecog-0", "ecog-1",
        "ecog-2", "ecog-3", "ecog-4",
        "haemoperitoneum", "hbv-negative", "hbv-positive", "lymphatic-invasion",
        "invasion-unspecified", "margin-of-another-organ",
        "metastasis-unspecified", "other-metastasis", "portal-vein-thrombosis",
        "postoperative-complication",
    }
)  # fmt: skip

# Sorted, so that the discovery document does not change with the order of the topics.
OBSERVATION_CONCEPTS = tuple(
    sorted({*OBSERVATION_READERS, *OBSERVED, *COUNTED, "afp-panel", "tumour-size"} - _NOT_ASKED_FOR)
)


def observation_tokens(codes: Codes | None = None) -> str:
    """Return the value of `code` in the template, "system|code,system|code"."""
    return (codes or Codes.shipped()).search_token_list(OBSERVATION_CONCEPTS)
