"""The app: what its steps say by themselves."""
