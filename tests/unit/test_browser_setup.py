"""The browser set-up finds a Chromium, installs one where it may, or says what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import browser_setup


def test_without_a_browser_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no Chromium and no way to install one, it ends with an error of one line."""
    monkeypatch.setattr(browser_setup, "find_chromium", lambda: None)
    monkeypatch.setattr(browser_setup, "install_with_apt", lambda: False)
    assert browser_setup.main() == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "install 'chromium'" in told


def test_a_browser_is_installed_and_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What apt-get installed is found by the second look."""
    looks = iter([None, "/usr/bin/chromium"])
    monkeypatch.setattr(browser_setup, "find_chromium", lambda: next(looks))
    monkeypatch.setattr(browser_setup, "install_with_apt", lambda: True)
    assert browser_setup.main() == 0
    assert capsys.readouterr().out == "Chromium: /usr/bin/chromium\n"


def test_apt_get_is_used_by_root_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user cannot install packages, so nothing is tried."""
    monkeypatch.setattr(browser_setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(browser_setup.os, "geteuid", lambda: 1000)
    assert browser_setup.install_with_apt() is False


def test_apt_get_installs_chromium_with_chinese_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root gets Debian's Chromium and the fonts for the Chinese text of the demo."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(browser_setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(browser_setup.os, "geteuid", lambda: 0)
    monkeypatch.setattr(browser_setup.subprocess, "run", run)
    assert browser_setup.install_with_apt() is True
    assert commands[0][:2] == ["/usr/bin/apt-get", "update"]
    assert commands[1][-2:] == ["chromium", "fonts-noto-cjk"]


def test_the_browser_on_this_machine_exists() -> None:
    """Where the tests run, what is found can be started."""
    path = browser_setup.find_chromium()
    assert path is not None
    assert Path(path).exists()
