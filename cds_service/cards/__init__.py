"""Outcomes to cards: the building blocks, pure."""
