"""The command schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import CliError
from gateway.cli.schema import app
from gateway.contract.schema import documents


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_prints_the_event_schema_when_nothing_is_said() -> None:
    assert json.loads(run())["$id"] == "alarm-gateway.event.v1"


@pytest.mark.parametrize("name", ["confirm", "status", "input-status", "asyncapi"])
def test_prints_one(name: str) -> None:
    text = run(name)
    assert text in documents().values()


def test_lists_all() -> None:
    listed = run("--list")
    for name in ("event", "confirm", "health", "asyncapi"):
        assert name in listed


def test_writes_all(tmp_path: Path) -> None:
    run("--write", str(tmp_path / "new" / "folder"))
    written = {p.name: p.read_text() for p in (tmp_path / "new" / "folder").iterdir()}
    assert written == documents()


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(CliError, match=r"no schema 'evnt'; there are: event, confirm"):
        run("evnt")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CliError, match="cannot write the schemas"):
        run("--write", str(tmp_path / "file"))


def test_check_tells_what_is_stale(tmp_path: Path) -> None:
    run("--write", str(tmp_path))
    assert "fresh" in run("--check", str(tmp_path))
    (tmp_path / "event.schema.json").write_text("{}")
    (tmp_path / "status.schema.json").unlink()
    result = CliRunner().invoke(app, ["--check", str(tmp_path)])
    assert result.exit_code == 1
    assert "event.schema.json, status.schema.json; say: alarm-gateway schema --write" in (
        result.stdout
    )
