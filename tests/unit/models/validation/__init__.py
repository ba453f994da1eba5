"""Tests of discrimination, calibration, the public report and a site's own fit."""
