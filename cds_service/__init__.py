"""What the wire says: the only package with network, clock, environment and storage."""
