"""Tables in plain text: a row becomes "name: value", a line of fields a list."""

from __future__ import annotations

import re

__all__ = ["join_cells"]

# A line with at least so many slashes is a list of fields ("HCC/capsule complete/MVI 0"). Ours.
_MANY = 4
# "Capsule........ incomplete": dots that lead to the answer.
_LEADER = re.compile(r"\.{4,60}|…{2,30}|(?<=[a-z)] )\.{3}(?= \S)")


def join_cells(plain: str) -> str:
    """Return the text, of the same length, with the bars and slashes between fields as commas."""
    plain = _LEADER.sub(lambda match: ":".ljust(len(match[0])), plain)
    if "|" not in plain and plain.count("/") < _MANY:
        return plain
    return "\n".join(map(_line, plain.split("\n")))


def _line(line: str) -> str:
    if line.count("|") >= 1:
        return _row(line)
    if line.count(" / ") >= _MANY - 1:
        return line.replace(" / ", " , ")
    fields = line.split("/")
    if len(fields) > _MANY and any(
        re.search(r"[a-z]{3}|[一-鿿]{2}", field) for field in fields[2:]
    ):
        return re.sub(r"(?<!\d)(?<!yes)(?<!y)(?<!present)/|/(?!\d|no\b|n\b|absent)", ",", line)
    return line


def _row(line: str) -> str:
    """Return a row: in a table the first inner bar stands for a colon."""
    lead = len(line) - len(line.lstrip(" |"))
    if "|" not in line[:lead]:
        return line.replace("|", ",")
    return line[:lead].replace("|", " ") + line[lead:].replace("|", ":", 1).replace("|", ",")
