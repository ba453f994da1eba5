"""What docs/onboarding.md tells a site to install can be installed, and what it says of vendors is marked."""

from __future__ import annotations

import configparser
import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cds_service.app import Gate, create_app, store_of
from cds_service.cli import main
from cds_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ONBOARDING = (ROOT / "docs" / "onboarding.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"(?:`|/bin/)hcc-cds (\w+)( --[\w-]+)?")


def blocks(language: str) -> list[str]:
    """Return the code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", ONBOARDING, flags=re.DOTALL)


@pytest.mark.parametrize("command", sorted(set(COMMAND.findall(ONBOARDING))))
def test_every_command_exists(command: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command line in the document is one that the service has, its options included."""
    name, option = command
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert option.strip() in capsys.readouterr().out


def test_units_are_read_by_systemd() -> None:
    """The timer starts the service of the same name daily, also one that was missed; that purges once."""
    found = {}
    for block in blocks("ini"):
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
        unit.read_string(block)
        found[block.splitlines()[0].removeprefix("# ")] = unit
    assert sorted(found) == ["hcc-cds-purge.service", "hcc-cds-purge.timer"]
    service, timer = found["hcc-cds-purge.service"], found["hcc-cds-purge.timer"]
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["ExecStart"].endswith("/bin/hcc-cds purge")
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:00", timer["Timer"]["OnCalendar"])
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_line_for_cron_has_a_time_a_user_and_the_same_command() -> None:
    """A line of /etc/cron.d runs once a day, as the user and with the settings of the unit."""
    ((line,),) = (block.splitlines() for block in blocks("cron"))
    minute, hour, *rest, user, command = line.split(" ", 6)
    assert 0 <= int(minute) < 60
    assert 0 <= int(hour) < 24
    assert rest == ["*", "*", "*"]
    unit = blocks("ini")[0]
    assert f"User={user}\n" in unit
    assert "ExecStart=" + command.rpartition("exec ")[2] in unit
    (environment,) = re.findall(r"EnvironmentFile=(.+)", unit)
    assert f". {environment};" in command
    # In a crontab a % ends the command.
    assert "%" not in line


def test_every_line_on_a_vendor_has_its_source_and_is_marked() -> None:
    """Nothing was tried there: each row names where it was read, and that it is unverified."""
    section = ONBOARDING.split("## What is public about particular EHRs")[1]
    sources = set(re.findall(r"^- \*\*([A-Z])\*\*: ", section, flags=re.MULTILINE))
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    rows = [line for line in rows if not line.startswith("| what is said")]
    assert len(rows) > 20
    for row in rows:
        source, status = row.strip("| ").rpartition("| ")[2].split(", ")
        assert source in sources
        assert status == "unverified"


def test_without_approvals_these_cards_are_sent(tmp_path: Path) -> None:
    """Step 5 names the kinds of cards that do not wait for an approval, and no other."""
    settings = Settings.from_environment(
        {
            "HCC_CDS_PUBLIC_URL": "https://cds.example",
            "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
            "HCC_CDS_STATE": str(tmp_path),
        }
    )
    app = create_app(
        settings,
        gate=Gate(lambda _: None, str),
        clock=lambda: datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Asia/Shanghai")),
    )
    for case in sorted((ROOT / "tests" / "golden").glob("*/*/request.json")):
        request = json.loads(case.read_text(encoding="utf-8"))
        app.test_client().post(f"/cds-services/{case.parent.name}", json=request)
    shown = store_of(app).cards_shown.all()
    sent = {card.kind for card in shown if not card.shadow}
    assert {card.kind for card in shown if card.shadow} & sent == set()
    (named,) = re.findall(r"are sent at once \(([^)]+)\)", " ".join(ONBOARDING.split()))
    assert set(named.split(", ")) == {kind.replace("-", " ") for kind in sent}
    store_of(app).close()
