"""The mathematical forms, each evaluated over sets of possible values."""
