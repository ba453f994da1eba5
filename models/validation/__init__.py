"""Discrimination, calibration and local refit; never imported at run time."""
