"""Tests of fhir_mapping that the spec and property tests do not cover."""
