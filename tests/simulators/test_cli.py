"""``alarm-gateway simulate`` as a technician and as a program use it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from protocols._core import Verdict
from simulators.cli import app
from simulators.ledger import read
from tests.support.dc09_server import Station, listening

WITHIN_S = 20.0


async def simulate(*words: str) -> Result:
    """Run the command in a thread, where it makes an event loop of its own."""
    arguments = [str(word) for word in words]
    return await asyncio.to_thread(
        CliRunner().invoke, app, arguments, env={"COLUMNS": "200", "NO_COLOR": "1"}
    )


class TestPanel:
    async def test_it_shows_the_conversation_and_ends_with_the_sums(self) -> None:
        async with listening(Station()) as station:
            to = f"127.0.0.1:{station.port}"
            done = await simulate("panel", "--to", to, "--speed", "10000", "--sequence", "7")
        assert done.exit_code == 0, done.output
        assert '> <LF>E4FE0027"ADM-CID"0007L0#1234[#1234|3401 01 001]<CR>' in done.output
        assert "1234 R401 closing (armed) by user, area 01, user 001" in done.output
        assert "acknowledged after" in done.output
        assert "reports to tell" in done.output

    async def test_as_json_for_programs(self) -> None:
        async with listening(Station()) as station:
            to = f"127.0.0.1:{station.port}"
            done = await simulate(
                "panel", "--to", to, "--transport", "udp", "-f", "sia", "-s", "power", "-s", "fire",
                "--times", "2", "--speed", "10000", "--json",
            )  # fmt: skip
        figures = json.loads(done.stdout)
        assert done.exit_code == 0
        assert figures["sent"] == figures["acknowledged"] == len(station.reports()) == 20

    async def test_encrypted_with_a_key_file_and_a_backup_path(self, tmp_path: Path) -> None:
        key = tmp_path / "1234.key"
        key.write_text("# the panel's key\n" + "0f" * 16 + "\n")
        async with listening(Station(keys=[b"\x0f" * 16])) as station:
            async with listening(Station()) as gone:
                nobody = gone.port
            done = await simulate(
                "panel", "--to", f"127.0.0.1:{nobody}", "--backup", f"127.0.0.1:{station.port}",
                "--key-file", str(key), "--speed", "10000", "--timeout", "0.2",
            )  # fmt: skip
        assert done.exit_code == 0, done.output
        assert {report.key_bits for report in station.reports()} == {128}
        assert "nobody listens" in done.output
        assert "0f0f" not in done.output.lower()

    async def test_exit_status_1_and_the_reports_named_when_some_are_not_acknowledged(self) -> None:
        async with listening(Station(judge=lambda _: Verdict.DUH)) as station:
            to = f"127.0.0.1:{station.port}"
            done = await simulate("panel", "--to", to, "-s", "power", "--speed", "10000")
        assert done.exit_code == 1
        assert "1234 E301 mains power lost: refused" in done.output

    async def test_a_second_run_is_no_repeat_of_the_first(self) -> None:
        """Within the duplicate window the same sequence and data would be acknowledged only."""
        async with listening(Station()) as station:
            to = f"127.0.0.1:{station.port}"
            for _ in range(3):
                await simulate("panel", "--to", to, "-s", "power", "--speed", "10000", "--json")
        assert len({report.sequence for report in station.reports()}) > 4

    async def test_the_ledger_goes_to_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "ledger.jsonl"
        async with listening(Station()) as station:
            to = f"127.0.0.1:{station.port}"
            await simulate("panel", "--to", to, "--speed", "10000", "--ledger", str(file), "--json")
        assert [t.meaning for t in read(file)][:2] == ["closed", "entry_alarm"]


class TestMistakes:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["panel", "--to", "nowhere"], "host:port"),
            (["panel", "--account", "#1"], "is no account"),
            (["panel", "--story", "no-such"], "no story has this name"),
            (["panel", "--fault", "rust"], "no fault is called"),
            (["panel", "--clock-zone", "Mars/Base"], "no time zone"),
            (["panel", "--key-file", "/no/such/file"], "cannot be read"),
            (["panel", "--line", "xyz"], "hex digits"),
            (["receiver"], "give one of"),
            (["receiver", "--pty", "rx", "--listen", "127.0.0.1:1"], "give one of"),
            (["receiver", "--listen", "127.0.0.1:0", "--ids", "5,9"], "9 given"),
            (["receiver", "--listen", "127.0.0.1:0", "-a", "123"], "does not fit"),
            (["receiver", "--listen", "127.0.0.1:0", "--header", "RRLLL", "--line", "1"], "line"),
            (["receiver", "--serial", "/dev/no-such-port"], "cannot open the link"),
            (["load", "--aes-share", "0.5"], "needs a key"),
        ],
    )
    async def test_they_are_told_in_words_with_exit_status_2(
        self, words: list[str], told: str
    ) -> None:
        done = await simulate(*words)
        assert done.exit_code == 2, done.output
        assert told in " ".join(done.output.replace("│", " ").split())
        assert "Traceback" not in done.output

    async def test_a_key_of_the_wrong_length(self, tmp_path: Path) -> None:
        key = tmp_path / "key"
        key.write_text("abc")
        done = await simulate("panel", "--key-file", str(key), "--key-format", "ascii")
        assert done.exit_code == 2
        assert "16, 24 or 32 characters" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--protocol", "686"), "no receiver is called '686'"),
        (("--protocol", "ae8000", "--ids", "pulse"), "pulse given; a receiver sends sia"),
        (("--protocol", "685", "--account", "12X4"), "'12X4' fits no cid frame of 685"),
        (("--protocol", "iti-generic", "--account", "1234567"), "fits no condition frame"),
    ],
)
async def test_what_a_receiver_of_another_family_cannot_be_told(words, said) -> None:
    done = await simulate("receiver", "--to", "127.0.0.1:1", *words)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert "Traceback" not in done.output


async def test_load_ends_with_latency_and_losses() -> None:
    async with listening(Station()) as station:
        to = f"127.0.0.1:{station.port}"
        done = await simulate("load", "--to", to, "--panels", "3", "--count", "60", "--json")
    figures = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (figures["acknowledged"], figures["lost"]) == (60, 0)
    assert figures["latency"]["p50_ms"] <= figures["latency"]["max_ms"]


@pytest.mark.parametrize("command", ["panel", "receiver", "load", "stories"])
async def test_every_command_has_help_with_an_example(command: str) -> None:
    done = await simulate(command, "--help")
    assert done.exit_code == 0
    assert f"alarm-gateway simulate {command}" in done.output


async def test_stories_are_listed() -> None:
    done = await simulate("stories")
    assert "burglary" in done.output
    as_json = await simulate("stories", "--json")
    assert json.loads(as_json.stdout)["fire"]["title"] == "Fire with restore"


@pytest.mark.system
class TestEnding:
    """A real process, since signals are the process's."""

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.cli.main", "simulate", *words,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
    async def test_it_gives_the_pty_back_and_shows_the_sums(
        self, how: signal.Signals, tmp_path: Path
    ) -> None:
        symlink = tmp_path / "receiver"
        process = await self.start("receiver", "--pty", str(symlink), "--json", "--heartbeat", "0")
        async with asyncio.timeout(WITHIN_S):
            while not symlink.is_symlink():  # noqa: ASYNC110  the other process makes it
                await asyncio.sleep(0.01)
            process.send_signal(how)
            stdout, stderr = await process.communicate()
        assert stderr == b""
        assert process.returncode == 1
        assert msgspec.json.decode(stdout)["acknowledged"] == 0
        assert not symlink.is_symlink()
