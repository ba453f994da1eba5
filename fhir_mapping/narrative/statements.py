"""What one place of a text says of one concept."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Amount", "Statement"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as the text limits it; an end that is None is not stated."""

    low: Decimal | None
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False
    hot_spot: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One finding in words.

    Attributes
    ----------
    name : str
        The quantity it is of.
    value : str or Amount
        A category of the quantity, "uncertain", or a number.
    rule : str
        The rules that made it, "satellites/said-absent-before".
    start, end : int
        Where the quoted words stand in the text.
    is_correction : bool
        It stands in an addendum or a correction and outweighs what was said before.
    is_withdrawal : bool
        It takes back what was said before and says nothing new.
    """

    name: str
    value: str | Amount
    rule: str
    start: int
    end: int
    is_correction: bool = False
    is_withdrawal: bool = False
