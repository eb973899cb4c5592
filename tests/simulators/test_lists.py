"""``simulate stories | protocols | codes``, and what the command refuses of other families."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gateway.config import PulseCode
from protocols.registry import PROTOCOLS
from simulators.lists import panels, played
from simulators.receivers import DIALECTS
from simulators.scenarios import names
from tests.simulators.test_cli import simulate


class TestWhatThereIs:
    async def test_every_story_with_what_cannot_tell_it(self) -> None:
        shown = (await simulate("stories")).output
        assert all(name in shown for name in names())
        assert "not: dtmf as 55, dtmf as 56" in shown

    async def test_stories_for_programs(self) -> None:
        assert set(json.loads((await simulate("stories", "--json")).stdout)) == set(names())

    async def test_every_protocol_with_the_input_it_needs(self) -> None:
        shown = (await simulate("protocols")).output
        assert all(f"  {name} " in shown for name in DIALECTS)
        assert 'protocol = "ademco685", options = { format = "caps" }' in shown
        assert shown.index("simulate panel") < shown.index("sia-dc03")
        assert shown.index("sia-dc03") < shown.index("simulate receiver")

    async def test_protocols_for_programs(self) -> None:
        found = json.loads((await simulate("protocols", "--json")).stdout)["protocols"]
        assert {each["name"] for each in found} == {"dc09", *DIALECTS}

    def test_every_protocol_of_the_gateway_can_be_played(self) -> None:
        assert {each.protocol for each in played()} == set(PROTOCOLS)
        assert all(each.about for each in played())

    def test_panels_are_those_that_speak_without_a_receiver(self) -> None:
        assert panels() == [
            "dc09", "dtmf", "osborne-hoffman", "osborne-hoffman-plain", "sia-dc03",
        ]  # fmt: skip

    @pytest.mark.parametrize("name", DIALECTS)
    async def test_codes_are_lines_of_a_configuration(self, name: str) -> None:
        shown = (await simulate("codes", "--protocol", name, "--group", "north")).stdout
        rows = [PulseCode.model_validate(row) for row in tomllib.loads(shown)["pulse_codes"]]
        assert {row.group for row in rows} == {"north"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["panel", "-p", "surgard"], "no panel is called 'surgard'"),
        (
            ["panel", "-p", "sia-dc03", "--tls", "--clock-offset", "3"],
            "--clock-offset, --tls: only",
        ),
        (["panel", "--pty", "line"], "not for DC-09"),
        (["panel", "-p", "dtmf", "--ids", "55", "-s", "exit-error"], "has no word for"),
        (["panel", "-p", "dtmf", "--ids", "99"], "99 given"),
        (["receiver", "--listen", "127.0.0.1:0", "-a", "2000-1000"], "is no range"),
        (["receiver", "--listen", "127.0.0.1:0", "-a", "AB-AC"], "is no range"),
        (["codes", "-p", "686"], "no receiver is called '686'"),
    ],
)
async def test_mistakes_are_told_in_words(words: list[str], told: str) -> None:
    done = await simulate(*words)
    assert done.exit_code == 2, done.output
    assert told in " ".join(done.output.replace("│", " ").split())


async def test_a_reader_who_leaves_ends_the_run_in_silence(tmp_path: Path) -> None:
    """As with ``| head``: no traceback, and no run that goes on for nobody."""
    reading, writing = os.pipe()
    command = [
        sys.executable, "-m", "gateway.cli.main", "simulate", "receiver",
        "--pty", str(tmp_path / "line"), "-s", "burglary", "--speed", "1000",
    ]  # fmt: skip
    os.close(reading)
    run = await asyncio.to_thread(
        subprocess.run, command, stdout=writing, stderr=subprocess.PIPE, timeout=30, check=False
    )
    os.close(writing)
    assert b"Traceback" not in run.stderr
    assert run.returncode == 1
