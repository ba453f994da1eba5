"""Pages for people: one stylesheet, one shell, and the model cards."""
