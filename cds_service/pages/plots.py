"""Bars over time as SVG, drawn here: without a style or a script, so that the page's policy holds.

No library of the running service draws; the one that does needs the science stack.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

__all__ = ["bars"]

_STEP, _BAR, _HEIGHT, _ROOM = 14, 10, 40, 8


def bars(values: Sequence[int | None], label: str) -> Markup:
    """Return one bar per value; None, a withheld value, is a ring on the base line."""
    highest = max((value for value in values if value), default=1)
    width = _STEP * len(values)
    base = _HEIGHT + _ROOM
    marks: list[Markup] = []
    for place, value in enumerate(values):
        left = place * _STEP + (_STEP - _BAR) // 2
        if value is None:
            marks.append(
                Markup('<circle class="withheld" cx="{}" cy="{}" r="3"/>').format(
                    left + _BAR // 2, base - 4
                )
            )
        elif value:
            # A bar of one pixel is still a bar.
            height = max(1, round(_HEIGHT * value / highest))
            marks.append(
                Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"/>').format(
                    left, base - height, _BAR, height
                )
            )
    return Markup(
        '<svg class="bars" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img"'
        ' aria-label="{label}">{marks}<line class="base" x1="0" y1="{b}" x2="{w}" y2="{b}"/></svg>'
    ).format(w=width, h=base + 1, b=base, label=label, marks=Markup("").join(marks))
