"""HTTP tests, driven by openapi.yaml."""
