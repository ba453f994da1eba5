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
# One style per series, by place: colour, dash, mark.
_SERIES = (
    (BLUE, "solid", "o"),
    (ORANGE, (0, (6, 2, 1.5, 2)), "s"),
    (GREEN, (0, (5, 2)), "^"),
    (BLACK, (0, (1, 2)), "D"),
    (BLUE, (0, (1.2, 1.2)), "o"),
)
# matplotlib types the keys as literals, which no dict of ours can be.
_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans", "sans-serif"],
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
        _given(strip, series, limit)
        return _svg(figure, name, description)


def decision_plot(
    thresholds: Sequence[float],
    benefit: Mapping[str, FloatArray],
    name: str,
    description: str,
    *,
    everybody: str,
    styles: Mapping[str, int],
) -> str:
    """Return net benefit against the risk from which one would act.

    `everybody` names the strategy "act on everybody" among the curves, `styles` the others with
    the style of each.
    """
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(6.4, 4.4), layout="constrained")
        axes = figure.subplots()
        axes.axhline(0, color=GREY, linewidth=1)
        axes.plot(thresholds, benefit[everybody], color=GREY, linewidth=1.2, linestyle=(0, (2, 3)))
        for item, style in styles.items():
            colour, dash, _ = _SERIES[style]
            axes.plot(
                thresholds, benefit[item], color=colour, linestyle=dash, linewidth=2, label=item
            )
        top = max(float(np.nanmax(benefit[item])) for item in (*styles, everybody))
        _say(axes, "act on nobody", (0, 0), (6, -11), "left")
        beyond = next(
            (place for place, value in enumerate(benefit[everybody]) if value < 0.25 * top),
            len(thresholds) - 1,
        )
        _say(
            axes,
            "act on everybody",
            (thresholds[beyond], benefit[everybody][beyond]),
            (-8, -2),
            "right",
        )
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
    groups: Mapping[str, Sequence[ForestRow]],
    name: str,
    description: str,
    *,
    label: str,
    line: float,
    line_label: str,
) -> str:
    """Return figures with their intervals under the heading of their group, and a line to beat."""
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        height = 0.9 + 0.36 * sum(len(rows) + 1 for rows in groups.values())
        figure = Figure(figsize=(7.2, height), layout="constrained")
        axes = figure.subplots()
        axes.axvline(line, color=GREY, linewidth=1)
        labels: list[tuple[float, str, bool]] = []
        place = 0.0
        for heading, rows in groups.items():
            labels.append((place, heading, True))
            for row in rows:
                place -= 1
                labels.append((place, row.label, False))
                _forest_row(axes, row, place)
            place -= 1.3
        axes.set(xlabel=label, ylim=(place + 0.7, 0.6), yticks=[place for place, _, _ in labels])
        axes.set_yticklabels([text for _, text, _ in labels])
        for tick, (_, _, is_heading) in zip(axes.get_yticklabels(), labels, strict=True):
            tick.set_fontweight("bold" if is_heading else "normal")
        axes.annotate(
            line_label,
            (line, 0.1),
            xytext=(5, 0),
            textcoords="offset points",
            color=GREY,
            fontsize=9,
        )
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        return _svg(figure, name, description)


def _forest_row(axes: Axes, row: ForestRow, place: float) -> None:
    colour, _, mark = _SERIES[row.style]
    axes.plot([row.lower, row.upper], [place, place], color=colour, linewidth=1.6)
    axes.plot(
        row.value,
        place,
        marker=mark,
        markersize=7,
        color=colour,
        linestyle="none",
        markerfacecolor="white" if row.hollow else colour,
    )


def class_plot(bars: Sequence[ClassBar], name: str, description: str) -> str:
    """Return the observed rate of each class with its interval and the mean risk given in it."""
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.subplots()
        for place, bar in enumerate(bars):
            first = place == 0
            axes.plot([place, place], [bar.lower, bar.upper], color=BLUE, linewidth=1.6)
            axes.plot(place, bar.rate, "o", color=BLUE, markersize=8, clip_on=False, label="observed, 95 % interval" if first else None)  # fmt: skip
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


def _say(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], align: str
) -> None:
    """Write a label beside a reference line."""
    axes.annotate(
        text, at, xytext=shift, textcoords="offset points", color=GREY, fontsize=9, ha=align
    )


def _limit(series: Sequence[CalibrationSeries]) -> float:
    """Return the common end of both axes: the largest risk or curve, to the next 10 %."""
    largest = max(float(max(item.given.max(), item.observed.max())) for item in series)
    return min(1.0, float(np.ceil(largest * 10 + 1e-9)) / 10)


def _given(strip: Axes, series: Sequence[CalibrationSeries], limit: float) -> None:
    """Draw how many patients were given each risk, one row per series; no single patient."""
    edges = np.linspace(0, limit, round(limit * 50) + 1)
    for place, ((colour, _, _), item) in enumerate(zip(_SERIES, series, strict=False)):
        counts, _ = np.histogram(item.given, edges)
        heights = 0.85 * counts / max(int(counts.max()), 1)
        strip.bar(
            edges[:-1], heights, np.diff(edges) * 0.85, bottom=-place, align="edge", color=colour,
            alpha=0.75, linewidth=0,
        )  # fmt: skip
    strip.set(xlabel="Risk given (bars: patients)", yticks=[], ylim=(-len(series) + 1, 1))
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
