"""What a card rests on: its source, topic, links and the reasons to override it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from cds_service.wire import Coding, Link, Source
from fhir_mapping.codes import HCC_CDS_SYSTEM
from models.outcome import Provenance

__all__ = [
    "HPR_PAPER",
    "OVERRIDE_REASONS",
    "CardKind",
    "links_to",
    "model_pages",
    "source_of",
    "topic",
]

_REASON_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


class CardKind(StrEnum):
    """What a card is about; the code of its topic."""

    CAUTION_WITH_SURGERY = "caution-with-surgery"
    ADJUVANT_THERAPY = "adjuvant-therapy"
    SURVEILLANCE = "surveillance"
    RECURRENCE_FOUND = "recurrence-found"
    HYPERPROGRESSIVE_DISEASE = "hyperprogressive-disease"
    LUNG_METASTASIS = "lung-metastasis"
    NOT_APPLICABLE = "model-not-applicable"


_TOPICS = {
    CardKind.CAUTION_WITH_SURGERY: "Caution with surgery",
    CardKind.ADJUVANT_THERAPY: "Adjuvant therapy after resection",
    CardKind.SURVEILLANCE: "Surveillance after resection",
    CardKind.RECURRENCE_FOUND: "Recurrence found",
    CardKind.HYPERPROGRESSIVE_DISEASE: "Hyperprogressive disease (HPD)",
    CardKind.LUNG_METASTASIS: "Lung metastasis",
    CardKind.NOT_APPLICABLE: "Model not applicable",
}

# From the 12 codes of the value set non-adherence-reason-clinical (CDS Hooks 3.0 ballot). Displays
# are the code system's own; it is the ballot's, so they may still change.
OVERRIDE_REASONS = (
    Coding(
        code="cds-not-applicable",
        system=_REASON_SYSTEM,
        display="PC CDS does not apply to patient",
    ),
    Coding(
        code="action-completed",
        system=_REASON_SYSTEM,
        display="Recommended action was already completed",
    ),
    Coding(
        code="recipient-disagrees-evidence",
        system=_REASON_SYSTEM,
        display="Recipient disagrees with recommendation because of issues with the evidence",
    ),
    Coding(
        code="cds-suboptimal-context",
        system=_REASON_SYSTEM,
        display="PC CDS delivered in suboptimal context",
    ),
    # The displays of the next three were not read; these are the words of the code.
    Coding(
        code="patient-contraindication", system=_REASON_SYSTEM, display="Patient contraindication"
    ),
    Coding(
        code="does-not-align-preferences",
        system=_REASON_SYSTEM,
        display="Does not align with preferences",
    ),
    Coding(code="service-not-available", system=_REASON_SYSTEM, display="Service not available"),
)

# The paper that named HPR is never the source of our number: none of its coefficients could be read.
HPR_PAPER = Link(
    label="HPR paper (its nomogram is not what is computed here)",
    url="https://doi.org/10.20892/j.issn.2095-3941.2024.0514",
    type="absolute",
)


def topic(kind: CardKind) -> Coding:
    """Return the topic of a card in our code system."""
    return Coding(code=kind.value, system=HCC_CDS_SYSTEM, display=_TOPICS[kind])


def source_of(provenance: Provenance, kind: CardKind) -> Source:
    """Return the source of a card: what its number is, and the paper of the data behind it."""
    return Source(label=provenance.source_label, url=provenance.source_url, topic=topic(kind))


def links_to(provenances: Iterable[Provenance], *more: Link) -> tuple[Link, ...]:
    """Return one absolute link per paper whose data stand behind a number on the card."""
    by_url = {item.source_url: item for item in provenances}
    papers = [
        Link(label=f"Paper of the data: {_paper(item)}", url=url, type="absolute")
        for url, item in by_url.items()
    ]
    return (*papers, *more)


def model_pages(public_url: str, provenances: Iterable[Provenance]) -> tuple[Link, ...]:
    """Return one absolute link per model to its card on this service."""
    return tuple(
        Link(
            label=f"Model card: {item.title}",
            url=f"{public_url}/models/{item.model_id}",
            type="absolute",
        )
        for item in {item.model_id: item for item in provenances}.values()
    )


def _paper(provenance: Provenance) -> str:
    return provenance.source_label.removeprefix("hcc-cds, ")
