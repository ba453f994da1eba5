"""One sentence of at most 139 characters that a surgeon understands alone."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.cards.words import plain

__all__ = ["SUMMARY_LIMIT", "Part", "fit"]

# "fewer than 140 characters" (CDS Hooks 2.0.1, Card Attributes).
SUMMARY_LIMIT = 139


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a summary: its wordings, longest first (the last may be empty), and its weight.

    The part of the lowest weight is shortened first.
    """

    wordings: tuple[str, ...]
    weight: int = 1


def fit(parts: tuple[Part, ...], separator: str = "; ", limit: int = SUMMARY_LIMIT) -> str:
    """Return the parts as one sentence, shortened from the least important until it fits."""
    chosen = [0] * len(parts)
    while len(sentence := _join(parts, chosen, separator)) > limit:
        longer = [i for i, part in enumerate(parts) if chosen[i] + 1 < len(part.wordings)]
        if not longer:
            break
        # Of equal weight the later one yields, so that a sentence keeps its beginning.
        weakest = min(longer, key=lambda i: (parts[i].weight, -i))
        chosen[weakest] += 1
    return plain(sentence, limit)


def _join(parts: tuple[Part, ...], chosen: list[int], separator: str) -> str:
    # An angle bracket is a comparison in our texts; in words no client can take it for HTML.
    words = (
        part.wordings[i].replace("<", "below ").replace(">", "above ")
        for part, i in zip(parts, chosen, strict=True)
    )
    return plain(separator.join(word for word in words if word), limit=10_000)
