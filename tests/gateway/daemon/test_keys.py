"""Keys of a running gateway: modes, weak ones, rotation under load, broken files; and who is told.

SEC-6, SEC-18, SEC-27, REL-55.
"""

from __future__ import annotations

import asyncio
import os
import re
from random import Random

import pytest
from structlog.testing import capture_logs

from gateway.accounts import load_accounts
from gateway.config import ConfigError, load
from gateway.control import ControlError, ask
from gateway.daemon import Daemon, DaemonError, real_world
from gateway.daemon.actors import signalled
from gateway.daemon.serve import _reload
from tests.support.running import TcpPanel, own_events, panel_frame, running
from tests.support.station import Station

OLD, NEW, OTHER = (Random(number).randbytes(16) for number in (1, 2, 3))
DATA = "#5678|1131 01 015"


def _keyed(station: Station, *keys: bytes, more: str = "") -> None:
    key_file = station.folder / "panel.key"
    key_file.write_text("".join(f"{key.hex()}\n" for key in keys))
    key_file.chmod(0o600)
    station.accounts_file.write_text(
        f'[[account]]\nid = "5678"\nkey_file = "{key_file}"\ntimestamp_check = "off"\n{more}'
        '[[account]]\nid = "1234"\n'
    )


@pytest.fixture
def station(tmp_path):
    station = Station(tmp_path)
    _keyed(station, OLD)
    return station


# -- SEC-18 --------------------------------------------------------------------------------


def test_sec_18_of_all_modes_of_a_key_file_two_start(station):
    config = load(station.config)
    taken = []
    for mode in range(0o1000):
        (station.folder / "panel.key").chmod(mode)
        if mode in {0o400, 0o600}:
            assert load_accounts(config).keys("main")("5678") == (OLD,)
            taken.append(mode)
        else:
            with pytest.raises(ConfigError, match=f"mode {mode:04o}|cannot be read") as caught:
                load_accounts(config)
            assert OLD.hex() not in str(caught.value)
    assert taken == [0o400, 0o600]


async def test_sec_18_a_wide_mode_refuses_the_start_and_a_reload(station):
    async with running(station) as daemon:
        (station.folder / "panel.key").chmod(0o644)
        assert "0644" in await _reload(daemon, station.config, signalled("SIGHUP"))
        assert daemon.accounts.keyed() == 1
    with pytest.raises(DaemonError, match="0644"):
        await Daemon(load(station.config), real_world()).start()


@pytest.mark.parametrize("name", ["panel-5678", "ring.toml", "ring.csv"])
async def test_sec_18_a_key_by_systemd_credential(station, tmp_path, monkeypatch, name):
    folder = tmp_path / "credentials"
    folder.mkdir()
    text = {
        "panel-5678": OLD.hex(),
        "ring.toml": f'[main]\n5678 = "{OLD.hex()}"\n',
        "ring.csv": f"group,id,key\nmain,5678,{OLD.hex()}\n",
    }[name]
    (folder / name).write_text(text)
    (folder / name).chmod(0o440)  # as systemd leaves it: the group's bits are the ACL's mask
    station.accounts_file.write_text(f'[[account]]\nid = "5678"\nkey_credential = "{name}"\n')
    with pytest.raises(ConfigError, match=f"LoadCredential={name}:"):
        load_accounts(load(station.config))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert load_accounts(load(station.config)).keys("main")("5678") == (OLD,)
    (folder / name).chmod(0o444)
    with pytest.raises(ConfigError, match="everybody may read"):
        load_accounts(load(station.config))


# -- SEC-6 ---------------------------------------------------------------------------------


async def test_sec_6_a_weak_key_refuses_the_start_and_allowed_it_is_listed(station):
    weak = b"1234567890123456"
    _keyed(station, weak)
    with pytest.raises(DaemonError, match="weak: it counts"):
        await Daemon(load(station.config), real_world()).start()
    _keyed(station, weak, more="allow_weak_key = true\n")
    daemon = Daemon(load(station.config), real_world())
    with capture_logs() as logs:
        await daemon.start()
        await daemon.stop("test")
    (listed,) = [one for one in logs if one["event"] == "key.weak"]
    assert (listed["account"], listed["reason"]) == ("5678", "it counts")
    assert weak.hex() not in str(logs)


# -- REL-55 --------------------------------------------------------------------------------


async def test_rel_55_old_and_new_key_overlap_while_panels_report(station):
    """A rotation under load: every report of either key is acknowledged, but for the one gone."""
    sequence = 0

    async def report(panel: TcpPanel, key: bytes) -> bool:
        nonlocal sequence
        sequence += 1
        panel.send(panel_frame(
            DATA, account="5678", key=key, sequence=f"{sequence:04d}",
            timestamp=daemon._world.clock.utc(),
        ))  # fmt: skip
        try:
            async with asyncio.timeout(0.5 if key in gone else 10):
                return b'"*ACK"' in await panel.reader.readuntil(b"\r")
        except TimeoutError:
            return False

    gone: set[bytes] = {NEW}
    async with running(station) as daemon, TcpPanel(station.port) as panel:
        said = [await report(panel, OLD) for _ in range(50)]
        assert all(said)
        assert not await report(panel, NEW)
        _keyed(station, NEW, OLD)
        reload = asyncio.create_task(_reload(daemon, station.config, signalled("SIGHUP")))
        while not reload.done():
            assert await report(panel, OLD)
        assert await reload == ""
        gone = set()
        for number in range(100):
            assert await report(panel, (OLD, NEW)[number % 2])
        _keyed(station, NEW)
        await _reload(daemon, station.config, signalled("SIGHUP"))
        gone = {OLD}
        assert await report(panel, NEW)
        assert not await report(panel, OLD)
    told = [one["text"] for one in own_events(station) if one["code"]["value"] == "keys_changed"]
    assert told == ["the keys of 1 accounts changed: main/5678"] * 2


def _broken(number: int, good: str) -> str:
    """A configuration with one mistake, each another."""
    dice = Random(number)
    lines = good.splitlines()
    at = dice.randrange(len(lines))
    match number % 5:
        case 0:
            lines[at] += " = ="
        case 1:
            lines.insert(at, f"unknown_{number} = 1")
        case 2:
            lines = [
                re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{70_000 + number}", one) for one in lines
            ]
        case 3:
            lines = [line for line in lines if not line.startswith("site")]
        case _:
            lines.append(f'[inputs.x{number}]\nprotocol = "none"\ntcp = "127.0.0.1:0"')
    return "\n".join(lines) + "\n"


async def test_rel_55_a_hundred_broken_files_change_nothing_and_are_each_told(station):
    good = station.config.read_text()
    async with running(station) as daemon, TcpPanel(station.port) as panel:
        accounts = daemon.accounts
        for number in range(100):
            text = _broken(number, good)
            station.config.write_text(text)
            wrong = await _reload(daemon, station.config, signalled("SIGHUP"))
            assert "gateway.toml" in wrong, text
            assert daemon.accounts is accounts
        assert daemon.counters["config_refused"] == 100
        panel.send(panel_frame("#1234|1131 01 015"))
        assert b'"ACK"' in await panel.answer()
        station.config.write_text(good)
        assert await _reload(daemon, station.config, signalled("SIGHUP")) == ""
        assert daemon.accounts is not accounts
        daemon.accounts.lookup("main", "1234")


async def test_rel_55_a_broken_file_refuses_the_start_with_file_line_and_reason(station):
    good = station.config.read_text()
    for number in range(100):
        station.config.write_text(_broken(number, good))
        with pytest.raises(ConfigError) as caught:
            load(station.config)
        told = str(caught.value)
        assert "gateway.toml" in told
        assert caught.value.mistakes[0].found


# -- SEC-27 --------------------------------------------------------------------------------


async def test_sec_27_what_bears_on_security_is_in_the_journal_with_actor_and_time(station):
    """The list of SEC-27 against the journal: every action once, by whom, and when."""
    daemon = Daemon(load(station.config), real_world())
    await daemon.start()
    try:
        daemon.on_reload = lambda actor: _reload(daemon, station.config, actor)
        async with TcpPanel(station.port) as panel:
            panel.send(panel_frame("#1234|1131 01 015"))
            assert b'"ACK"' in await panel.answer()
            panel.send(panel_frame(DATA, account="5678"))  # in clear, and it has a key
            assert await panel.is_silent()
        _keyed(station, NEW, OLD)
        await asyncio.to_thread(ask, station.control, {"do": "reload"})
        station.accounts_file.write_text("no = accounts\n")
        await _reload(daemon, station.config, signalled("SIGHUP"))
        with pytest.raises(ControlError, match="everything stays"):
            await asyncio.to_thread(ask, station.control, {"do": "reload"})
        _keyed(station, NEW, OLD)
        (first, *_) = await daemon.journal.outstanding(0, 10)
        daemon.journal.confirm("core-1", [first.event_id])
        await daemon.journal.identities(0)  # after what was queued before
        await asyncio.to_thread(ask, station.control, {"do": "republish", "from": 1, "to": 1})
        daemon._outbox_tells("dead_letter", "the broker refused event x")
    finally:
        await daemon.stop("stopped", actor=signalled("SIGTERM"))
    me = f"uid:{os.getuid()}"
    told = [(one["code"]["value"], one["user"]["id"]) for one in own_events(station)]
    assert told == [
        ("gateway_started", me),
        ("plaintext_refused", told[1][1]),
        ("config_reloaded", me),
        ("keys_changed", me),
        ("config_refused", "signal"),
        ("config_refused", me),
        ("republished", me),
        ("dead_letter", "gateway"),
        ("gateway_stopped", "signal"),
    ]
    assert told[1][1].startswith("peer:127.0.0.1:")
    for one in own_events(station):
        assert one["received_at"].endswith("Z")
        assert one["class"] == "system"
