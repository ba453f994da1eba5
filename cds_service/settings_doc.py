"""docs/configuration.md, rendered from the settings themselves."""

from __future__ import annotations

from pathlib import Path

from cds_service.settings import described_settings

__all__ = ["rendered"]

_OPENING = """\
# Configuration

Rendered from `cds_service/settings.py`; change it there and run `make docs`.

Every setting is an environment variable. An empty variable counts as not set. A variable that starts
with `HCC_CDS_` and is no setting is refused, because a slip in a name must not pass unseen.
`hcc-cds check` reads the whole configuration and says in words what is wrong.

| variable | default | meaning |
|---|---|---|
"""

_CLOSING = """
Secrets are never shown: not in a log, not by `hcc-cds check`, not in an error message.
"""


def rendered() -> dict[Path, str]:
    """Return the text of docs/configuration.md by its path from the root."""
    rows = "".join(
        f"| `{item.variable}` | {item.default} |"
        f" {item.meaning}{' **Secret.**' if item.is_secret else ''} |\n"
        for item in described_settings()
    )
    return {Path("docs/configuration.md"): _OPENING + rows + _CLOSING}
