"""Step 7: what the form says of the findings on the page; what the record no longer holds is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from cds_service.smart.chart import Chart
from fhir_mapping.findings import Finding, TextDecision

__all__ = ["PREFIX", "ReadDecisions", "read_decisions"]

PREFIX = "finding-"
"""What the name of each choice begins with; the id of the finding follows."""


@dataclass(frozen=True, slots=True)
class ReadDecisions:
    """The decisions that are new, and how many were of findings that are gone."""

    decisions: tuple[tuple[Finding, TextDecision], ...]
    gone: int

    def summary(self) -> str:
        """Return the counts as the query of an address."""
        counts = {
            kind.value: sum(decision is kind for _, decision in self.decisions)
            for kind in TextDecision
        }
        return urlencode({**counts, "gone": self.gone})


def read_decisions(form: Mapping[str, str], chart: Chart) -> ReadDecisions:
    """Return what was decided anew; a choice that stands already, or is none, says nothing."""
    standing = {item.id: item.decision for concept in chart.concepts for item in concept.findings}
    decisions: list[tuple[Finding, TextDecision]] = []
    gone = 0
    for name, chosen in form.items():
        if not name.startswith(PREFIX) or chosen not in list(TextDecision):
            continue
        finding_id = name.removeprefix(PREFIX)
        if finding_id not in chart.findings:
            gone += 1
        elif standing[finding_id] != chosen:
            decisions.append((chart.findings[finding_id], TextDecision(chosen)))
    return ReadDecisions(tuple(decisions), gone)
