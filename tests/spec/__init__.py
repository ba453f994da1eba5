"""Worked examples that a clinician can read."""
