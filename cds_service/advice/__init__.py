"""One file per advice: what it needs, when it speaks, what it says; pure."""
