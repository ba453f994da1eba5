"""Rebuilds the parameter files from public data and published tables; never imported at run time."""
