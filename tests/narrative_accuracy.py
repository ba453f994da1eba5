"""Measures the reader of reports on the corpus; tests/narrative_page.py renders the figures.

Run as `python -m tests.narrative_accuracy` for the counts, with `--errors` for the errors of the
development half. The errors of the held-back half are never shown: it is scored, not read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import sqrt
from pathlib import Path
from typing import Any

from fhir_mapping.narrative.reader import NarrativeFinding, read_text
from fhir_mapping.narrative.statements import Amount

__all__ = [
    "CONCEPTS",
    "CORPUS",
    "GOAL_PRECISION",
    "GOAL_RECALL",
    "HALVES",
    "LANGUAGES",
    "Counts",
    "Measured",
    "agrees",
    "is_opposite",
    "main",
    "measure",
    "snippets_of",
    "wilson",
]

CORPUS = Path(__file__).parent / "corpus" / "narrative"
LANGUAGES = ("en", "zh")
HALVES = ("development", "held_back")
CONCEPTS = (
    "microvascular_invasion", "capsule", "ki67_percent", "satellites", "margin_cm",
    "tumour_size_cm", "tumour_number", "macrovascular_invasion", "rupture",
)  # fmt: skip

GOAL_PRECISION, GOAL_RECALL = Decimal("0.98"), Decimal("0.90")


@dataclass(slots=True)
class Counts:
    """What was read of one concept: right, wrong (also what is not there), and missed.

    A finding with another value than the expected one counts as wrong and as missed.
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def read(self) -> int:
        """Return how many findings were read."""
        return self.right + self.wrong

    @property
    def expected(self) -> int:
        """Return how many findings are in the texts."""
        return self.right + self.missed

    def add(self, other: Counts) -> None:
        """Add the counts of another concept or language."""
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed


@dataclass(slots=True)
class Measured:
    """The counts of one half, by language and concept, with the errors in words.

    `opposite` counts by language what is there and read as absent, or the reverse: the worst error.
    """

    counts: dict[tuple[str, str], Counts] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    opposite: dict[str, int] = field(default_factory=dict)
    texts: int = 0


def agrees(expected: str | Mapping[str, Any], found: str | Amount) -> bool:
    """Tell whether a finding of the reader is the one that the corpus expects."""
    if isinstance(expected, str) or isinstance(found, str):
        return expected == found
    low, high = (Decimal(end) if end else None for end in map(expected.get, ("low", "high")))
    flags = tuple(bool(expected.get(name)) for name in ("low_open", "high_open", "hot_spot"))
    return (low, high, *flags) == (
        found.low,
        found.high,
        found.low_open,
        found.high_open,
        found.hot_spot,
    )


def measure(half: str) -> Measured:
    """Read every text of one half ("development", "held_back") and count."""
    measured = Measured()
    for language in LANGUAGES:
        for concept in CONCEPTS:
            measured.counts[language, concept] = Counts()
        for snippet in snippets_of(half, language):
            _score(snippet, language, measured)
    return measured


def snippets_of(half: str, language: str) -> list[dict[str, Any]]:
    """Return the snippets of one file; of a half that is not there, none."""
    path = CORPUS / f"{half}_{language}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def is_opposite(expected: object, read: object) -> bool:
    """Tell whether one of two values says absent and the other that there is something."""
    both = {expected, read} if isinstance(expected, str) and isinstance(read, str) else set()
    return "absent" in both and bool(both & {"present", "complete", "incomplete"})


def _score(snippet: Mapping[str, Any], language: str, measured: Measured) -> None:
    measured.texts += 1
    found = {item.name: item for item in read_text(snippet["text"])}
    for concept in CONCEPTS:
        counts = measured.counts[language, concept]
        expected, read = snippet["expected"].get(concept), found.get(concept)
        if expected is not None and read is not None and agrees(expected, read.value):
            counts.right += 1
            continue
        counts.wrong += read is not None
        counts.missed += expected is not None
        opposite = is_opposite(expected, read.value if read else None)
        measured.opposite[language] = measured.opposite.get(language, 0) + opposite
        if expected is not None or read is not None:
            measured.errors.append(_error(snippet, concept, expected, read))


def _error(
    snippet: Mapping[str, Any], concept: str, expected: object, read: NarrativeFinding | None
) -> str:
    said = f"{read.value} by {read.rule}: {read.quote}" if read else "nothing"
    return f"{snippet['id']} {concept}: expected {expected}, read {said}\n    {snippet['text']}"


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share; the whole range without trials."""
    if not trials:
        return 0.0, 1.0
    z = 1.959963984540054
    share = successes / trials
    middle = share + z * z / (2 * trials)
    reach = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def main(arguments: list[str]) -> int:
    """Print the counts of the development half; of the held-back half only if it is asked for."""
    half = "held_back" if "--held-back" in arguments else "development"
    measured = measure(half)
    if "--errors" in arguments and half == "development":
        sys.stdout.writelines(f"{error}\n" for error in measured.errors)
    for (language, concept), counts in measured.counts.items():
        sys.stdout.write(
            f"{language} {concept:24} precision {counts.right}/{counts.read}"
            f" recall {counts.right}/{counts.expected}\n"
        )
    for language, opposite in measured.opposite.items():
        sys.stdout.write(f"{language} opposite values {opposite}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
