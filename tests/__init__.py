"""Every test of hcc-cds, and the tools they share."""
