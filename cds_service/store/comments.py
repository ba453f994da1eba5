"""Users' comments on cards: free text that may hold patient data.

Without a key they are discarded unread; with one they are kept as Fernet tokens (cryptography), which
only the holder of the key can read.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

__all__ = ["CommentBox"]

_LONGEST_CHARACTERS = 4_000
"""What is kept of a comment. Our own choice."""


class CommentBox:
    """Seals comments for the site; a box without a key keeps nothing."""

    def __init__(self, key: str) -> None:
        self._cipher = Fernet(key) if key else None

    def seal(self, comment: object) -> str:
        """Return a comment encrypted, or nothing."""
        if self._cipher is None or not isinstance(comment, str) or not comment.strip():
            return ""
        text = comment[:_LONGEST_CHARACTERS].encode("utf-8", "replace")
        return self._cipher.encrypt(text).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """Return a sealed comment in clear, or None if it was sealed with another key."""
        if self._cipher is None:
            return None
        try:
            return self._cipher.decrypt(sealed).decode("utf-8")
        except InvalidToken:
            return None
