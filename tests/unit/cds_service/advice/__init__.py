"""Tests of the advices."""
