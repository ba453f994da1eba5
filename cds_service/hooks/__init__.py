"""The three views of CDS Hooks: discovery, invocation, feedback."""
