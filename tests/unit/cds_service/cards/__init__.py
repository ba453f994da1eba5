"""Tests of the building blocks of cards."""
