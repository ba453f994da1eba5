"""A self-contained HTML page: no script that runs, no outside address, prints in black and white."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

__all__ = [
    "Section",
    "definition_list",
    "figure",
    "fingerprint",
    "note",
    "page",
    "paragraph",
    "table",
]

_STYLE = """
:root{--ink:#1a1a1a;--soft:#5a5a5a;--line:#d5d5d5;--ground:#fff;--accent:#0072b2;--warn:#b34700;--tint:#f5f7f9}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:64rem;margin:0 auto;padding:24px 16px 40px}
h1{font-size:28px;line-height:1.25;margin:0 0 8px}
h2{font-size:20px;margin:40px 0 8px;padding-top:16px;border-top:1px solid var(--line)}
p,ul,dl{max-width:70ch;margin:0 0 16px}
.soft{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;font-size:14px;max-width:none}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:0 0 16px}
table{border-collapse:collapse;font-size:14px;min-width:min(100%,28rem)}
caption{text-align:left;color:var(--soft);padding:0 0 4px}
th,td{text-align:left;vertical-align:top;padding:4px 24px 4px 0;border-bottom:1px solid var(--line)}
th{font-weight:600}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.note{border-left:4px solid var(--accent);background:var(--tint);padding:8px 16px;margin:0 0 16px;max-width:70ch}
.note.warning{border-color:var(--warn)}
.note b{display:block}
figure{margin:0 0 16px}
figure svg{max-width:100%;height:auto}
figcaption{font-size:14px;color:var(--soft);max-width:70ch}
footer{margin-top:40px;padding-top:16px;border-top:1px solid var(--line);font-size:14px;color:var(--soft)}
code{font-size:.92em;overflow-wrap:anywhere}
@media (max-width:600px){dl{grid-template-columns:1fr}dd{margin-bottom:8px}}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}figure,tr{break-inside:avoid}}
"""

# Every page carries the limits of its use.
_INTENDED_USE = (
    "Not a medical device, not CE-marked, not FDA-cleared. For evaluation by qualified HCC teams; "
    "not for clinical decisions until validated and approved locally."
)


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its heading as text, its body as HTML."""

    heading: str
    body: str


def paragraph(text: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def note(heading: str, text: str, *, warning: bool = False) -> str:
    """Return a marked box; a warning says so in words as well as in colour."""
    mark = "note warning" if warning else "note"
    return f'<div class="{mark}"><b>{escape(heading)}</b>{escape(text)}</div>'


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Sequence[int] = (),
) -> str:
    """Return a table; `numbers` are the places of the columns to set right-aligned."""

    def cell(tag: str, place: int, value: object) -> str:
        mark = ' class="number"' if place in numbers else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{scope}{mark}>{escape(str(value))}</{tag}>"

    head = "".join(cell("th", place, name) for place, name in enumerate(header))
    body = "".join(
        "<tr>" + "".join(cell("td", place, value) for place, value in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def definition_list(items: Iterable[tuple[str, object]]) -> str:
    """Return names with their values."""
    body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in items)
    return f"<dl>{body}</dl>"


def figure(svg: str, caption: str) -> str:
    """Return a plot that stands in the page itself, with a caption."""
    bare = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "")
    return f"<figure>{bare}<figcaption>{escape(caption)}</figcaption></figure>"


def fingerprint(results: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the results, whatever their layout."""
    text = json.dumps(results, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def page(title: str, lead: str, sections: Iterable[Section], *, results: Mapping[str, Any]) -> str:
    """Return the whole page; the results stand in it once more, for machines."""
    body = "\n".join(
        f"<section><h2>{escape(section.heading)}</h2>{section.body}</section>"
        for section in sections
    )
    data = json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False)
    data = data.replace("<", "\\u003c")  # so that no value can end the element
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>"
        f'<h1>{escape(title)}</h1><p class="soft">{escape(lead)}</p>\n{body}\n'
        f"<footer>{_INTENDED_USE}</footer></main>\n"
        f'<script type="application/json" id="results">\n{data}\n</script>\n</body></html>\n'
    )
