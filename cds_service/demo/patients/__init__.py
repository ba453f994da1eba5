"""Synthetic patients of the demo, written by hand; any resemblance to a person is chance."""
