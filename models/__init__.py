"""What the papers say: pure arithmetic over frozen values."""
