"""Whole requests with the answers that are expected."""
