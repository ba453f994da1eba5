"""The embedded sandbox: synthetic patients, a small FHIR endpoint, an order-entry page."""
