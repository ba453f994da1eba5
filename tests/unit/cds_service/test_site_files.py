"""A site's own codes and parameter files: used where they are right, refused in words where not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.cli import main
from cds_service.errors import ConfigurationError
from cds_service.settings import Settings
from cds_service.site_files import site_codes, site_parameters
from models.parameter_set import PARAMETERS_FOLDER
from models.registry import PARAMETERS

CPT = "http://www.ama-assn.org/go/cpt"


def _parameters(**changes: Any) -> str:
    text = (PARAMETERS_FOLDER / "hpr_preoperative.json").read_text(encoding="utf-8")
    return json.dumps(json.loads(text) | changes)


def _settings(tmp_path: Path, **folders: Path) -> Settings:
    named = {f"HCC_CDS_{name.upper()}": str(folder) for name, folder in folders.items()}
    return Settings.from_environment(
        {"HCC_CDS_DEMO": "1", "HCC_CDS_STATE": str(tmp_path / "state"), **named}
    )


def test_without_folders_everything_is_as_shipped() -> None:
    """No folder, no change: the shipped hashes and the shipped codes."""
    assert {name: item.content_hash for name, item in site_parameters(None).items()} == {
        name: item.content_hash for name, item in PARAMETERS.items()
    }
    assert site_codes(None).matches("afp", {"system": "http://loinc.org", "code": "1834-1"})


def test_a_site_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    """Its status and hash are what the model card and the list of models show."""
    folder = tmp_path / "parameters"
    folder.mkdir()
    (folder / "hpr_preoperative.json").write_text(
        _parameters(status="local", version="9.9.9", status_line="refitted on made-up data")
    )
    app = create_app(_settings(tmp_path, parameters=folder))
    card = app.test_client().get("/models/hpr_preoperative").get_json()
    assert (card["status"], card["version"]) == ("local", "9.9.9")
    assert card["contentHash"] != PARAMETERS["hpr_preoperative"].content_hash


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("hpr_preoperative.json", "{", "not JSON"),
        ("hpr_preoperative.json", _parameters(status="guessed"), "status"),
        ("hpr_next_year.json", _parameters(), "no model 'hpr_next_year'"),
        ("hpr_postoperative.json", _parameters(), "expected 'hpr_postoperative'"),
    ],
)
def test_a_wrong_parameter_file_is_refused_with_file_and_reason(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    """The service does not start on a file it cannot use."""
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        site_parameters(tmp_path)
    assert name in str(raised.value)
    assert reason in str(raised.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """A slip in the folder's name does not pass for "nothing added"."""
    with pytest.raises(ConfigurationError, match="absent is not a folder"):
        site_parameters(tmp_path / "absent")
    with pytest.raises(ConfigurationError, match="it is not a folder"):
        site_codes(tmp_path / "absent")


def test_a_site_adds_its_own_procedure_codes(tmp_path: Path) -> None:
    """A ConceptMap from a code we do not ship to one we do makes that code a resection."""
    (tmp_path / "site.json").write_text(
        json.dumps(
            {
                "resourceType": "ConceptMap",
                "status": "active",
                "group": [
                    {
                        "source": CPT,
                        "target": "http://snomed.info/sct",
                        "element": [
                            {
                                "code": "local-1",
                                "target": [{"code": "71273005", "equivalence": "equivalent"}],
                            }
                        ],
                    }
                ],
            }
        )
    )
    codes = site_codes(tmp_path)
    assert codes.matches("liver-resection", {"system": CPT, "code": "local-1"})
    (tmp_path / "wrong.json").write_text('{"resourceType": "Patient"}')
    with pytest.raises(ConfigurationError, match=r"wrong.json: resourceType: it is neither"):
        site_codes(tmp_path)


def test_site_commands_are_listed_and_run_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """`hcc-cds columns` runs the command of the science extra; --help names the others."""
    assert main(["columns", "--model", "hpr_preoperative"]) == 0
    assert "afp_ng_ml" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "columns, recalibrate, refit, validate" in capsys.readouterr().out
