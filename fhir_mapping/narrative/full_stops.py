"""Cuts a line at the signs that end a sentence, and not at abbreviations or decimal points."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["pieces_of"]

# Words whose full stop does not end a sentence unless a capital follows.
_ABBREVIATIONS = frozenset(
    [
        "anat",
        "approx",
        "appr",
        "c",
        "ca",
        "cap",
        "caps",
        "compl",
        "incompl",
        "cf",
        "circ",
        "diff",
        "encaps",
        "macrosc",
        "microsc",
        "peritum",
        "intrahep",
        "hepatocell",
        "infilt",
        "invas",
        "dia",
        "diam",
        "dist",
        "e.g",
        "eg",
        "est",
        "fig",
        "i.e",
        "ie",
        "incl",
        "infiltr",
        "inf",
        "inv",
        "lat",
        "macro",
        "marg",
        "macrovasc",
        "max",
        "med",
        "micro",
        "microvasc",
        "min",
        "mod",
        "neg",
        "nod",
        "no",
        "nos",
        "parench",
        "pos",
        "post",
        "prob",
        "resp",
        "sat",
        "seg",
        "segm",
        "st",
        "sup",
        "surg",
        "susp",
        "tu",
        "tum",
        "vasc",
        "vs",
    ]
)
_END = re.compile(
    r"[。!;]|\?(?!\s?[)\]])(?!(?:(?<=[\s,(:]\?)|(?<=^\?))\s?[a-z])|\.(?=[\s\"')\]]|$)|\.(?=[一-鿿])|(?<=[a-z]{3})\.(?=[a-z]{4})"
)
_LAST_WORD = re.compile(r"[a-z](?:[a-z.]{0,12}[a-z])?$")
_MAX_SENTENCE = 1500


def pieces_of(line: str, original: str, offset: int) -> Iterator[tuple[int, int, str]]:
    """Yield where each sentence of a line starts and ends, and the sign that ends it."""
    start = 0
    for match in _END.finditer(line):
        if match[0] == "\n" or (
            match[0] == "." and not _ends_here(line, match.start(), original, offset)
        ):
            continue
        if match.end() - start > _MAX_SENTENCE:
            yield from _chunks(offset + start, offset + match.start())
        else:
            yield offset + start, offset + match.start(), match[0]
        start = match.end()
    yield from _chunks(offset + start, offset + len(line))


def _chunks(start: int, end: int) -> Iterator[tuple[int, int, str]]:
    while end - start > _MAX_SENTENCE:
        yield start, start + _MAX_SENTENCE, ""
        start += _MAX_SENTENCE
    yield start, end, ""


def _ends_here(line: str, place: int, original: str, offset: int) -> bool:
    """Tell whether a full stop ends a sentence, and not only an abbreviation."""
    word = _LAST_WORD.search(line[max(0, place - 14) : place])
    if word is None or word[0] not in _ABBREVIATIONS:
        return True
    following = original[offset + place + 1 : offset + place + 4].strip()[:1]
    return following.isupper() or not following
