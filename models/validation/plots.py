"""The plots of a validation, as SVG text that is the same at every run.

Okabe-Ito colours; every line also has its own dash, every point its own mark, so that a print in
black and white says the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.validation.horizon import FloatArray

__all__ = [
    "CalibrationSeries",
    "ClassBar",
    "ForestRow",
    "calibration_plot",
    "class_plot",
    "decision_plot",
    "forest_plot",
]

BLUE, VERMILLION, ORANGE, GREEN, GREY, BLACK = (
    "#0072B2",
    "#D55E00",
    "#E69F00",
    "#009E73",
    "#6B6B6B",
    "#1A1A1A",
)
# One style per series, in this order: colour, dash, mark.
_SERIES = (
    (BLUE, "solid", "o"),
    (ORANGE, (0, (6, 2)), "s"),
    (GREEN, (0, (1.5, 1.5)), "^"),
    (BLACK, (0, (6, 2, 1.5, 2)), "D"),
)
# matplotlib types the keys as literals, which no dict of ours can be.
_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans", "Noto Sans", "Arial", "sans-serif"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "svg.fonttype": "none",
}


@dataclass(frozen=True, slots=True)
class CalibrationSeries:
    """One model's flexible curve with its band, and the risks it gave."""

    name: str
    risk: FloatArray
    observed: FloatArray
    lower: FloatArray
    upper: FloatArray
    given: FloatArray


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One figure with its interval; `hollow` marks what is not to be compared as it stands."""

    label: str
    value: float
    lower: float
    upper: float
    hollow: bool = False
    style: int = 0


@dataclass(frozen=True, slots=True)
class ClassBar:
    """Observed rate of one class with its interval, and the mean risk given there."""

    label: str
    events: int
    patients: int
    rate: float
    lower: float
    upper: float
    mean_risk: float | None = None


def calibration_plot(series: Sequence[CalibrationSeries], name: str, description: str) -> str:
    """Return the smoothed observed probability against the risk given, with the risks below."""
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(6.4, 5.4), layout="constrained")
        axes, strip = figure.subplots(2, 1, sharex=True, height_ratios=(5, 1))
        limit = _limit(series)
        axes.plot([0, limit], [0, limit], color=GREY, linewidth=1)
        axes.annotate(
            "perfect", (limit * 0.86, limit * 0.86), xytext=(6, -12), textcoords="offset points",
            color=GREY, fontsize=9,
        )  # fmt: skip
        for (colour, dash, _), item in zip(_SERIES, series, strict=False):
            axes.fill_between(
                item.risk, item.lower, item.upper, color=colour, alpha=0.13, linewidth=0
            )
            axes.plot(
                item.risk, item.observed, color=colour, linestyle=dash, linewidth=2, label=item.name
            )
        axes.set(xlim=(0, limit), ylim=(0, min(1.0, limit * 1.02)), ylabel="Observed probability")
        axes.legend(frameon=False, loc="upper left", handlelength=3)
        _percent(axes, "y")
        _given(strip, series)
        return _svg(figure, name, description)


def decision_plot(
    thresholds: Sequence[float],
    benefit: Mapping[str, FloatArray],
    name: str,
    description: str,
    *,
    reference: tuple[str, str],
) -> str:
    """Return net benefit against the risk from which one would act.

    `reference` names the strategies "act on all" and "act on none" among the curves.
    """
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(6.4, 4.4), layout="constrained")
        axes = figure.subplots()
        everyone = reference[0]
        axes.axhline(0, color=GREY, linewidth=1, label="act on nobody")
        axes.plot(thresholds, benefit[everyone], color=GREY, linewidth=1.2, linestyle=(0, (2, 3)), label="act on everybody")  # fmt: skip
        others = [item for item in benefit if item not in reference]
        for (colour, dash, _), item in zip(_SERIES, others, strict=False):
            axes.plot(
                thresholds, benefit[item], color=colour, linestyle=dash, linewidth=2, label=item
            )
        top = max(float(np.max(benefit[item])) for item in (*others, everyone))
        axes.set(
            xlim=(0, max(thresholds)),
            ylim=(-0.12 * top, 1.06 * top),
            xlabel="Threshold: act from this risk",
            ylabel="Net benefit (true positives per patient)",
        )
        _percent(axes, "x")
        axes.legend(frameon=False, handlelength=3.2)
        return _svg(figure, name, description)


def forest_plot(
    rows: Sequence[ForestRow], name: str, description: str, *, label: str, line: float
) -> str:
    """Return figures with their intervals, one under the other, and a line for "no better"."""
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(7.2, 0.9 + 0.42 * len(rows)), layout="constrained")
        axes = figure.subplots()
        axes.axvline(line, color=GREY, linewidth=1)
        for place, row in enumerate(reversed(rows)):
            colour, _, mark = _SERIES[row.style]
            axes.plot([row.lower, row.upper], [place, place], color=colour, linewidth=1.6)
            axes.plot(
                row.value, place, marker=mark, markersize=7, color=colour, linestyle="none",
                markerfacecolor="white" if row.hollow else colour,
            )  # fmt: skip
        axes.set(yticks=range(len(rows)), yticklabels=[row.label for row in reversed(rows)])
        axes.set(xlabel=label, ylim=(-0.6, len(rows) - 0.4))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        return _svg(figure, name, description)


def class_plot(bars: Sequence[ClassBar], name: str, description: str) -> str:
    """Return the observed rate of each class with its interval and the mean risk given in it."""
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.subplots()
        for place, bar in enumerate(bars):
            first = place == 0
            axes.plot([place, place], [bar.lower, bar.upper], color=BLUE, linewidth=1.6)
            axes.plot(place, bar.rate, "o", color=BLUE, markersize=8, label="observed, 95 % interval" if first else None)  # fmt: skip
            if bar.mean_risk is not None:
                axes.plot(place + 0.16, bar.mean_risk, "D", color=BLACK, markerfacecolor="white", markersize=7, label="mean risk given" if first else None)  # fmt: skip
        axes.set(
            xticks=range(len(bars)),
            xticklabels=[f"{bar.label}\n{bar.events} of {bar.patients}" for bar in bars],
            xlim=(-0.6, len(bars) - 0.4),
            ylim=(0, None),
            ylabel="Probability of the event",
        )
        _percent(axes, "y")
        axes.legend(frameon=False, loc="upper left")
        return _svg(figure, name, description)


def _limit(series: Sequence[CalibrationSeries]) -> float:
    """Return the common end of both axes: the largest risk or curve, to the next 10 %."""
    largest = max(float(max(item.given.max(), item.observed.max())) for item in series)
    return min(1.0, float(np.ceil(largest * 10 + 1e-9)) / 10)


def _given(strip: Axes, series: Sequence[CalibrationSeries]) -> None:
    """Draw the risks that were given, one row of ticks per series."""
    for place, ((colour, _, _), item) in enumerate(zip(_SERIES, series, strict=False)):
        strip.vlines(
            item.given, -place - 0.4, -place + 0.4, color=colour, linewidth=0.8, alpha=0.55
        )
    strip.set(xlabel="Risk given (one tick per patient)", yticks=[], ylim=(-len(series) + 0.4, 0.6))
    strip.spines["left"].set_visible(False)
    _percent(strip, "x")


def _percent(axes: Axes, side: str) -> None:
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_major_formatter(lambda value, _: f"{value * 100:.0f} %")


def _svg(figure: Figure, name: str, description: str) -> str:
    """Return the figure as an SVG element alone: no date, no outside address, ids of its own."""
    buffer = io.StringIO()
    figure.savefig(
        buffer,
        format="svg",
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )
    text = buffer.getvalue()
    text = re.sub(r"(?s)\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :])
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub(r'\s*xmlns:xlink="[^"]*"', "", text).replace("xlink:href", "href")
    return text.replace("<svg ", f'<svg role="img" aria-label="{description}" ', 1)
