"""Keyed hashes: what the store holds instead of users, patients and what a card rests on."""

from __future__ import annotations

import contextlib
import hmac
import secrets
from pathlib import Path

from cds_service.errors import ConfigurationError

__all__ = ["Pseudonyms", "kept_key"]


class Pseudonyms:
    """Makes pseudonyms with one secret key; without the key they cannot be recomputed."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def of(self, kind: str, *parts: str) -> str:
        """Return the pseudonym of something; equal parts of another kind give another one."""
        # Lengths stand before the parts, so that ("ab", "c") and ("a", "bc") differ.
        text = "".join(f"{len(part)}:{part}" for part in (kind, *parts))
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def kept_key(folder: Path) -> str:
    """Return the demo's key from its folder; make and keep one the first time.

    Raises
    ------
    ConfigurationError
        If the folder cannot be written or the file holds no key.
    """
    path = folder / "pseudonym.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _keep(secrets.token_hex(32), path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the state folder cannot be used: {type(error).__name__}"
        ) from None
    if not key:
        raise ConfigurationError("the file pseudonym.key in the state folder is empty: remove it")
    return key


def _keep(key: str, path: Path) -> None:
    """Write a key whole or not at all; of two processes that start at once, one makes the key."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600, exist_ok=False)
    try:
        draft.write_text(key, encoding="ascii")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
