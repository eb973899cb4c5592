"""SIGHUP names the settings that it does not apply."""

from __future__ import annotations

from pathlib import Path

from gateway.config import changes_needing_restart, parse

BASE = {"site": "a", "inputs": {"x": {"protocol": "dc09", "tcp": "h:1"}}}


def config(**tables):
    return parse({**BASE, **tables}, file=Path("/x/gateway.toml"))


def test_nothing_changed_needs_nothing():
    assert changes_needing_restart(config(), config()) == []


def test_accounts_and_log_level_are_taken_up_as_they_are():
    new = config(accounts={"files": ["n.toml"], "database": "d.db"}, log={"level": "debug"})
    assert changes_needing_restart(config(), new) == []


def test_all_else_is_named_by_its_key():
    new = config(
        log={"level": "debug", "format": "json"},
        mqtt={"resend_s": 2.0},
        inputs={"x": {"protocol": "dc09", "tcp": "h:2"}, "y": {"protocol": "dc09", "tcp": "h:3"}},
    )
    assert changes_needing_restart(config(), new) == [
        "inputs.x.tcp", "inputs.y", "mqtt.resend_s", "log.format",
    ]  # fmt: skip
    assert "inputs.y" in changes_needing_restart(new, config())
