"""The derivation of the parameter files."""
