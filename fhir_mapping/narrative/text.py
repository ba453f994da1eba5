"""Prepares a text for the rules, character by character, so that a quote is always the original."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

__all__ = ["BLANK", "MAX_CHARACTERS", "PreparedText", "prepare", "strip_html"]

# Longer texts are cut here, and the cut is reported. Ours: some forty dense pages.
MAX_CHARACTERS = 100_000
# Stands where words were taken out: an option that was not ticked, a statement that was corrected.
BLANK = "\x01"

_SIGNS = {
    "。": "。", "．": ".", "｡": "。", "〜": "~", "∼": "~", "～": "~", "—": "-", "–": "-", "−": "-",
    "‐": "-", "‑": "-", "―": "-", "﹣": "-", "✕": "×", "✖": "×", "Х": "×", "χ": "×", "╳": "×",
    "﹪": "%", "﹤": "<", "﹥": ">", "〈": "<", "〉": ">", "≦": "≤", "≧": "≥", "⩽": "≤", "⩾": "≥",
    "【": "[", "】": "]", "〔": "[", "〕": "]", "［": "[", "］": "]", "﹙": "(", "﹚": ")",
    "\u3000": " ", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\r": " ", "\ufeff": " ",
    "\u200b": " ", "•": " ", "·": " ", "∶": ":", "︰": ":", "，": ",", "；": ";", BLANK: " ",
    "’": "'", "‘": "'", "拴": "栓", "範": "范",
}  # fmt: skip
_TABLE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_TABLE.update({ord(sign): plain for sign, plain in _SIGNS.items() if len(sign) == 1})
_BLOCK_TAGS = frozenset(
    {"address", "article", "br", "div", "dd", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_UNSEEN_TAGS = frozenset({"head", "script", "style", "title"})


@dataclass(frozen=True, slots=True)
class PreparedText:
    """The text as it came and, of the same length, as the rules read it."""

    original: str
    plain: str
    was_cut: bool = False

    def quote(self, start: int, end: int) -> str:
        """Return the original words between two places, on one line."""
        return re.sub(r"\s{1,1000}", " ", self.original[start:end]).strip()


def prepare(text: str) -> PreparedText:
    """Return the text with half-width signs in lower case, cut at the size limit."""
    original = text[:MAX_CHARACTERS]
    plain = "".join(map(_lower, original.translate(_TABLE)))
    return PreparedText(original, plain, len(text) > MAX_CHARACTERS)


def _lower(char: str) -> str:
    lowered = char.lower()
    return lowered if len(lowered) == 1 else char


def strip_html(markup: str) -> str:
    """Return what a reader of the page sees, a line per block."""
    reader = _VisibleText()
    reader.feed(markup[: 4 * MAX_CHARACTERS])
    reader.close()
    return re.sub(r"\n[\s]{0,200}\n", "\n", "".join(reader.parts))


class _VisibleText(HTMLParser):
    """Collects the text outside scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Start a line at a block, and stop reading inside a script."""
        del attrs
        if tag in _BLOCK_TAGS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        if tag in _UNSEEN_TAGS:
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block, and read again after a script."""
        if tag in _BLOCK_TAGS and tag != "br":
            self.parts.append("\n")
        if tag in _UNSEEN_TAGS and self._unseen:
            self._unseen -= 1

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if not self._unseen:
            self.parts.append(data)
