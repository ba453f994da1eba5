"""Running the service: metrics, health, log lines, limits."""
