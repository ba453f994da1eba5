"""What a report says of a figure follows from its interval, never from the figure alone."""

import pytest

from models.validation.metrics import Estimate
from models.validation.page import figure, note, page, table
from models.validation.site_report import reading_of_mean, reading_of_slope


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (1.1, 1.6, "the risks are too low on average here."),
        (0.4, 0.9, "the risks are too high on average here."),
        (0.8, 1.3, "not shown to be off on average. Absence of a difference is no proof of a fit."),
    ],
)
def test_the_mean_is_read_off_its_interval(lower: float, upper: float, said: str) -> None:
    """Too low, too high, or not shown."""
    assert reading_of_mean(Estimate(1.05, lower, upper, 100)).endswith(said)


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (0.5, 0.9, "the risks are too extreme, high ones too high and low ones too low."),
        (1.1, 1.6, "the risks are too close together."),
        (0.8, 1.3, "their spread is not shown to be off."),
    ],
)
def test_the_slope_is_read_off_its_interval(lower: float, upper: float, said: str) -> None:
    """Too extreme, too timid, or not shown."""
    assert reading_of_slope(Estimate(1.05, lower, upper, 100)).endswith(said)


def test_a_figure_without_interval_says_so() -> None:
    """And nothing is concluded from it."""
    said = reading_of_mean(Estimate(1.4, float("nan"), float("nan"), 0))

    assert "1.400 (no interval)" in said
    assert "not shown to be off on average" in said


def test_nothing_a_site_writes_becomes_markup() -> None:
    """Names and reasons are text, in tables, boxes and in the results for machines."""
    wicked = "</script><b>Site & Sons</b>"

    whole = page(wicked, wicked, [], results={"site": wicked})
    whole += table(wicked, [wicked], [[wicked]]) + note(wicked, wicked, warning=True)

    assert "<b>Site" not in whole
    assert whole.count("</script>") == 1
    assert "&lt;/script&gt;&lt;b&gt;Site &amp; Sons" in whole


def test_a_plot_in_a_page_names_no_address() -> None:
    """Its namespace is implied in HTML."""
    assert figure('<svg xmlns="http://www.w3.org/2000/svg"></svg>', "caption") == (
        "<figure><svg></svg><figcaption>caption</figcaption></figure>"
    )
