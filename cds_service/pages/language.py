"""The language of a text on a page, so that fonts and voices fit it."""

from __future__ import annotations

import re

from markupsafe import Markup

__all__ = ["language_attribute"]

_CHINESE = re.compile("[\u4e00-\u9fff]")


def language_attribute(text: str) -> Markup:
    """Return ` lang="zh"` for text with Chinese characters."""
    return Markup(' lang="zh"') if _CHINESE.search(text) else Markup("")
