"""Renders docs/models/<id>.md of the published tables and checklists from their rule files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.model_card import ModelCard, model_card
from models.registry import MODELS, RULES
from models.rule_set import RuleSet

__all__ = ["rendered"]

FOLDER = Path("docs/models")


def rendered() -> dict[Path, str]:
    """Return every page as it should be, by its path from the root."""
    return {
        FOLDER / f"{model_id}.md": "\n".join(_page(rules)).rstrip() + "\n"
        for model_id, rules in RULES.items()
    }


def _page(rules: RuleSet) -> Iterator[str]:
    card = model_card(MODELS[rules.model_id], rules)
    yield f"# {rules.title}"
    yield ""
    yield f"`{rules.model_id}` {rules.version}, status **{rules.status}**: {rules.status_line}."
    yield ""
    yield f"Content hash `{rules.content_hash}`. Rendered from the rule file; do not edit."
    yield ""
    yield f"**Purpose.** {rules.purpose}"
    yield ""
    yield f"**Equation.** {rules.equation}"
    yield ""
    yield f"**Read in.** {rules.population}"
    yield ""
    yield from _inputs(card)
    yield from _numbers(card)
    yield from _grades(rules)
    yield from _flags(rules)
    yield from _performance(card)
    yield from _list(
        "Limits", [*rules.limits, *(f"{i.label}: {i.note}" for i in rules.items if i.note)]
    )
    yield from _list(
        "Sources", [f"{item.text} Read: {item.read}." for item in rules.citations.values()]
    )


def _table(header: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _list(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"## {title}"
        yield ""
        for line in lines:
            yield f"- {line}"
        yield ""


def _inputs(card: ModelCard) -> Iterator[str]:
    yield "## Inputs"
    yield ""
    yield from _table(
        ["input", "meaning", "unit", "anchor"],
        [
            [
                f"`{n.quantity.name}`",
                n.quantity.meaning,
                n.quantity.unit or "category",
                n.anchor.value,
            ]
            for n in card.needs
        ],
    )


def _numbers(card: ModelCard) -> Iterator[str]:
    if card.coefficients:
        yield "## Numbers"
        yield ""
        yield from _table(
            ["what", "value", "status", "source"],
            [[line.label, line.value, line.status, line.source] for line in card.coefficients],
        )


def _grades(rules: RuleSet) -> Iterator[str]:
    if rules.grades:
        yield "## Grades"
        yield ""
        yield from _table(
            ["grade", "up to and including"],
            [
                [grade.name, "no end" if grade.to is None else str(grade.to.value)]
                for grade in rules.grades
            ],
        )


def _flags(rules: RuleSet) -> Iterator[str]:
    if rules.flags:
        yield "## Flags and criteria"
        yield ""
        yield from _table(
            ["flag", "definition", "judged", "source", "against it"],
            [
                [
                    flag.label,
                    flag.definition,
                    "shown, not judged" if flag.rule == "shown" else flag.rule,
                    rules.citations[flag.source].text,
                    flag.counter_evidence or "nothing was read",
                ]
                for flag in rules.flags
            ],
        )


def _performance(card: ModelCard) -> Iterator[str]:
    if card.performance:
        yield "## Performance"
        yield ""
        yield from _table(
            ["measure", "value", "data", "how"],
            [[p.measure, str(p.value), p.data, p.method] for p in card.performance],
        )
