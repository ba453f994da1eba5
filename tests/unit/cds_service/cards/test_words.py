"""How numbers, inputs and texts of a record are written on a card."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.cards.words import (
    describe_input,
    escape,
    join_words,
    label_in_sentence,
    one_decimal,
    percent,
    percent_span,
    plain,
    points,
    short_hash,
)
from models.inputs import (
    Input,
    between,
    exactly,
    not_yet_knowable,
    one_of,
    one_of_numbers,
    unknown,
)
from models.outcome import Span
from models.quantities import quantity

SIZE, AFP = quantity("tumour_size_cm"), quantity("afp_ng_ml")


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "below 1 %"),
        (0.0049, "below 1 %"),
        (0.005, "1 %"),
        (0.225, "23 %"),
        (0.994, "99 %"),
        (0.996, "over 99 %"),
        (1.0, "over 99 %"),
    ],
)
def test_a_percentage_has_no_decimals_and_is_never_certain(probability: float, words: str) -> None:
    """Whole per cent, halves up; neither 0 % nor 100 % is ever shown."""
    assert percent(probability) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.26, 0.49, "26-49 %"),
        (0.318, 0.322, "32 %"),
        (0.001, 0.2, "below 1 % to 20 %"),
        (0.9, 0.999, "90 % to over 99 %"),
    ],
)
def test_a_range_of_percentages(low: float, high: float, words: str) -> None:
    """Both ends in whole per cent, one number if they round to the same."""
    assert percent_span(Span(low, high)) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(186.5, 186.5, "187"), (0.2, 53.1, "0-53"), (71.8, 72.2, "72"), (-0.2, -0.2, "0")],
)
def test_points_have_no_decimals(low: float, high: float, words: str) -> None:
    """Points are whole, halves up, and zero has no sign."""
    assert points(Span(low, high)) == words


def test_the_papers_points_keep_their_decimal() -> None:
    """The knowable points are written as the evidence gives them."""
    assert (one_decimal(360.3), one_decimal(131.94), one_decimal(492.0)) == (
        "360.3",
        "131.9",
        "492",
    )


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (exactly(SIZE, Decimal("4.80")), "4.8 cm"),
        (exactly(quantity("age_years"), 50), "50 years"),
        (exactly(quantity("tumour_number"), 2), "2"),
        (exactly(quantity("microvascular_invasion"), "present"), "present"),
        (between(AFP, Decimal(1210), lower_open=True), "above 1210 ng/mL"),
        (between(AFP, Decimal(1210)), "at least 1210 ng/mL"),
        (between(AFP, upper=Decimal(3), upper_open=True), "below 3 ng/mL"),
        (between(AFP, upper=Decimal(3)), "up to 3 ng/mL"),
        (between(SIZE, Decimal(3), Decimal(6)), "3 to 6 cm"),
        (one_of_numbers(SIZE, [Decimal("5.3"), Decimal("4.8")]), "4.8 or 5.3 cm"),
        (one_of(quantity("capsule"), ["present", "complete"]), "complete or present"),
        (unknown(SIZE), "not recorded"),
        (unknown(SIZE, "conflict: 4.8 and 5.3 cm"), "conflict: 4.8 and 5.3 cm"),
        (unknown(SIZE, ""), "not recorded"),
        (not_yet_knowable(quantity("microvascular_invasion")), "not yet knowable"),
    ],
)
def test_what_is_known_of_an_input_is_written_out(known: Input, words: str) -> None:
    """A value keeps its unit, a partly known one says between what, and nothing is left blank."""
    assert describe_input(known) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("capsule", "capsule"),
        ("microvascular_invasion", "MVI"),
        ("afp_ng_ml", "AFP"),
        ("ki67_percent", "Ki67"),
        ("tumour_size_cm", "largest tumour"),
        ("hbv_antiviral", "HBV antiviral"),
        ("child_pugh_class", "Child-Pugh class"),
        ("earlier_resection", "earlier HCC resection"),
    ],
)
def test_a_label_in_the_middle_of_a_sentence(name: str, words: str) -> None:
    """A label loses its capital there, an abbreviation does not."""
    assert label_in_sentence(quantity(name)) == words


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("a|b", r"a\|b"),
        ("line\r\n# head", "line # head"),
        ("<script>", "&lt;script&gt;"),
        ("&lt;", "&amp;lt;"),
        ("[x](y)", r"\[x\](y)"),
        ("`*_~\\", r"\`\*\_\~\\"),
        ("https://a.b", "https:\u200b//a.b"),
        ("WWW.a.b", "WWW\u200b.a.b"),
        ("a@b.c", "a@\u200bb.c"),
        ("\u202e\ufeff\u0000x", "x"),
        ('"it\'s"', '"it\'s"'),
    ],
)
def test_a_text_of_a_record_is_only_text(sent: str, written: str) -> None:
    """Nothing in it means anything to Markdown, to HTML or to a maker of links."""
    assert escape(sent) == written


def test_a_long_text_is_cut_between_words() -> None:
    """A text beyond the limit ends with an ellipsis after a whole word, or a whole character."""
    assert plain("one two three", limit=10) == "one two…"
    assert plain("未见明确包膜", limit=4) == "未见明…"
    assert plain("one two", limit=7) == "one two"


def test_words_are_joined_as_in_a_sentence() -> None:
    """Commas between, the last one with its conjunction."""
    assert join_words([]) == ""
    assert join_words(["a"]) == "a"
    assert join_words(["a", "b", "c"]) == "a, b and c"
    assert join_words(["a", "b"], "or") == "a or b"


def test_a_hash_is_shortened_without_its_algorithm() -> None:
    """Eight characters of the digest are shown."""
    assert short_hash("sha256:0123456789") == "01234567"
    assert short_hash("0123456789") == "01234567"
