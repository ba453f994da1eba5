"""Tests of cds_service that the others do not cover."""
