"""Who may call, and whom we may call."""
