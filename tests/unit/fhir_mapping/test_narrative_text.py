"""Preparing, cutting and matching of texts: any text is read, in bounded time, as it stands."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_mapping.narrative.checkboxes import blank_unticked
from fhir_mapping.narrative.corrections import blank_superseded
from fhir_mapping.narrative.reader import read_text
from fhir_mapping.narrative.sentences import sentences_in
from fhir_mapping.narrative.text import BLANK, prepare, strip_html

_WORDS = st.sampled_from(
    [
        "no",
        "not",
        "MVI",
        "M1",
        "capsule",
        "satellites",
        "rupture",
        "Ki-67",
        "40%",
        "margin",
        "tumour",
        "thrombus",
        "portal",
        "vein",
        "3",
        "cm",
        "x",
        "two",
        "nodules",
        ",",
        ".",
        ";",
        ":",
        "(",
        ")",
        "[",
        "]",
        "[x]",
        "?",
        "/",
        "-",
        "+",
        "<",
        "≥",
        "未见",
        "无",
        "微血管侵犯",
        "包膜",
        "不完整",
        "卫星灶",
        "门静脉",
        "癌栓",
        "破裂",
        "切缘",
        "距",
        "肿瘤",
        "枚",
        "，",
        "。",
        "、",
        "（",
        "）",
        "□",
        "☑",
        "更正",
        "应为",
        "原报",
        "was",
        "reported",
        "as",
        "history",
        "of",
        "addendum",
        "planned",
        "\n",
    ]
)
LONG = 15_000
_SLOW = (
    "no ", "portal vein ", "肿瘤", "3 x ", "1,", "[ ] ", "tumour thrombus ", "microvascular invasion ",
    "capsule ", "卫星灶、", "ki-67 5% ", "was reported as ", "□有 ", "1.5 cm ", "margin 1 cm ", "x", "(",
)  # fmt: skip


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """Nothing raises, and every quote stands in the text but for its white space."""
    squeezed = "".join(text.split())
    for found in read_text(text):
        assert "".join(found.quote.split()) in squeezed


@settings(max_examples=120)
@given(st.lists(_WORDS, max_size=60))
def test_any_order_of_words_is_read(words: list[str]) -> None:
    """Words of reports in any order raise nothing and give each concept at most once."""
    names = [found.name for found in read_text(" ".join(words))]
    assert len(names) == len(set(names))


@given(st.text(max_size=300))
def test_preparing_keeps_every_character_in_its_place(text: str) -> None:
    """The prepared text is as long as the original, also after blanking."""
    prepared = prepare(text)
    assert len(prepared.plain) == len(prepared.original) == len(text)
    assert len(blank_superseded(blank_unticked(prepared.plain))) == len(text)


@given(st.text(alphabet="ab .;?。\n:", max_size=200))
def test_sentences_stand_where_they_say(text: str) -> None:
    """Every sentence is found at its start, but for joined lines and answered questions."""
    for sentence in sentences_in(text, text):
        piece = text[sentence.start : sentence.start + len(sentence.text)]
        assert piece.replace("\n", " ") == sentence.text.replace("\n", " ")


def test_long_texts_come_to_an_end() -> None:
    """A long text of one repeated phrase is read to its end: no rule runs away (it would never finish)."""
    for phrase in _SLOW:
        names = [finding.name for finding in read_text((phrase * LONG)[:LONG])]
        assert len(names) == len(set(names))


def test_html_is_read_as_it_is_seen() -> None:
    """Blocks are lines, cells are spaced, scripts and styles are not text."""
    page = "<html><head><title>T</title></head><body><p>MVI:<br>no</p><script>x</script><td>a</td><td>b</td>"
    assert strip_html(page).split() == ["MVI:", "no", "a", "b"]


def test_full_width_signs_read_like_half_width_ones() -> None:
    """Only the reading changes, never the original."""
    prepared = prepare("Ｋｉ－６７：３０％")
    assert prepared.plain == "ki-67:30%"
    assert prepared.quote(0, 9) == "Ｋｉ－６７：３０％"


def test_options_without_a_tick_are_taken_out() -> None:
    """Boxes stand before or behind their options; a field without boxes stays."""
    assert blank_unticked("mvi: [x] yes [ ] no").replace(BLANK, "").split() == ["mvi:", "yes"]
    assert blank_unticked("mvi:有□ 无☑").replace(BLANK, "").split() == ["mvi:", "无"]
    assert blank_unticked("mvi: yes") == "mvi: yes"


def test_a_full_stop_of_an_abbreviation_ends_no_sentence() -> None:
    """A capital after it, or its place at the end, does end it."""
    text = "marg. 0.8 cm. MVI pos. Sat. nodule neg."
    cut = [item.text.strip() for item in sentences_in(prepare(text).plain, text)]
    assert cut == ["marg. 0.8 cm", "mvi pos", "sat. nodule neg"]


def test_a_long_line_without_an_end_is_cut() -> None:
    """A sentence has a limit, so that no rule looks at a whole book."""
    text = "a" * 4000 + "."
    assert [len(item.text) for item in sentences_in(text, text)] == [1500, 1500, 1000]
