"""Pseudonyms: stable with the key, meaningless without."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cds_service.errors import ConfigurationError
from cds_service.settings import Settings
from cds_service.store.pseudonyms import Pseudonyms, kept_key
from cds_service.store.store import open_store


def test_pseudonym_depends_on_key_kind_and_every_part() -> None:
    """The same thing has one pseudonym per key; nothing else shares it."""
    ours = Pseudonyms("k" * 32)
    one = ours.of("user", "t", "Practitioner/1")
    assert one == Pseudonyms("k" * 32).of("user", "t", "Practitioner/1")
    others = {
        Pseudonyms("K" * 32).of("user", "t", "Practitioner/1"),
        ours.of("patient", "t", "Practitioner/1"),
        ours.of("user", "", "tPractitioner/1"),
        ours.of("user", "tP", "ractitioner/1"),
        ours.of("user", "t", "Practitioner/2"),
    }
    assert len(others | {one}) == 6
    assert len(one) == 64
    assert "Practitioner" not in one


def test_any_text_has_a_pseudonym() -> None:
    """Chinese and broken text are hashed like any other."""
    assert len(Pseudonyms("k" * 32).of("user", "张三", "\ud800")) == 64


def test_demo_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """The demo's key is kept, and no other user of the machine can read it."""
    folder = tmp_path / "var" / "demo"
    key = kept_key(folder)
    assert len(key) == 64
    assert kept_key(folder) == key
    assert stat.S_IMODE((folder / "pseudonym.key").stat().st_mode) == 0o600


def test_unusable_key_file_is_refused_in_words(tmp_path: Path) -> None:
    """An empty or unreadable key file, or a folder that is none, is said in words."""
    (tmp_path / "pseudonym.key").write_text("")
    with pytest.raises(ConfigurationError, match=r"pseudonym\.key in the state folder is empty"):
        kept_key(tmp_path)
    (tmp_path / "pseudonym.key").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="the state folder cannot be used"):
        kept_key(tmp_path)
    with pytest.raises(ConfigurationError, match="the state folder cannot be used"):
        kept_key(tmp_path / "pseudonym.key")


def test_store_uses_the_sites_key_if_there_is_one(tmp_path: Path) -> None:
    """A configured key is used and nothing is written beside the database."""
    environment = {"HCC_CDS_STATE": str(tmp_path), "HCC_CDS_PSEUDONYM_KEY": "k" * 32}
    store = open_store(Settings.from_environment(environment, demo=True))
    assert store.pseudonyms.of("user", "a") == Pseudonyms("k" * 32).of("user", "a")
    assert not (tmp_path / "pseudonym.key").exists()
    store.after_fork()
    assert store.cards_shown.all() == ()
    store.close()
