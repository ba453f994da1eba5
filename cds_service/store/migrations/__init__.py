"""The schema's history, run by alembic when the service starts."""
