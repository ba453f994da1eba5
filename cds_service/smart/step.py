"""How a step of the launch fails: with a code for the log, which holds nothing from outside."""

from __future__ import annotations

__all__ = ["StepError"]


class StepError(Exception):
    """A step of the launch that was refused or failed; only `code` may be logged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
