"""Every run of the tests is scanned for what must not be logged."""

pytest_plugins = ["tests.log_scan"]
