"""What a panel sees on a real socket, promise by promise, against a real gateway process."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from random import Random

import pytest

from gateway.config import load
from gateway.daemon import Daemon, real_world
from gateway.daemon.world import sqlite_store
from gateway.journal import Reader
from protocols import dc09
from protocols.dc09 import build_frame
from tests.support.station import Station, until

KEY = bytes.fromhex("5ad2c9710e8bf34466a1d07e92bc3f18")
OTHER_KEY = bytes.fromhex("b1e05f83c69d427a0f18d3962be4c750")
SILENCE_S = 0.4  # an answer on loopback takes a few milliseconds

pytestmark = pytest.mark.system


def frame(data: str, *, account="1234", token="ADM-CID", sequence="0001", **more) -> bytes:
    return build_frame(
        token, account=account, data=data.encode("latin-1"), sequence=sequence, pad=_pad, **more
    )


def _pad(count: int) -> bytes:
    return Random(count).randbytes(count)


@pytest.fixture
async def station(tmp_path):
    station = Station(tmp_path, accounts=("1234", "5678"), encrypted=("5678",), key=KEY)
    await station.start()
    yield station
    await station.stop()


class Wire:
    """A panel's socket."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    async def __aexit__(self, *_what):
        self.writer.close()

    async def answers(self, count: int) -> list[bytes]:
        async with asyncio.timeout(5):
            return [await self.reader.readuntil(b"\r") for _ in range(count)]

    async def is_silent(self) -> bool:
        try:
            async with asyncio.timeout(SILENCE_S):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


def events(station: Station) -> list[dict]:
    reader = Reader(station.journal)
    try:
        records = reader.list(limit=1000, newest_first=False)
        return [json.loads(one.json)["data"] for one in records if one.class_ != "system"]
    finally:
        reader.close()


ACK = b'"ACK"0001L0#1234[]\r'


async def test_a_report_is_acknowledged_and_stands_in_the_journal(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#1234|1131 01 015"))
        (answer,) = await wire.answers(1)
    assert answer.endswith(ACK)
    (event,) = events(station)
    assert event["code"]["value"] == "131"
    assert event["zone"]["id"] == "015"
    assert event["area"]["class"] == "SECURED"


async def test_an_unknown_code_is_acknowledged_and_visible_as_unknown(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#1234|Nri1/QZ12", token="SIA-DCS"))
        (answer,) = await wire.answers(1)
    assert answer.endswith(ACK)
    (event,) = events(station)
    assert event["code"] == {
        "format": "sia-dc03",
        "value": "QZ",
        "qualifier": "new",
        "name": None,
        "known": False,
    }


async def test_two_frames_in_one_segment_get_two_answers_in_order(station):
    async with Wire(station.port) as wire:
        first = frame("#1234|1131 01 015")
        second = frame("#1234|3131 01 015", sequence="0002")
        wire.writer.write(first + second)
        answers = await wire.answers(2)
    assert [answer.split(b'"ACK"')[1][:4] for answer in answers] == [b"0001", b"0002"]
    assert [event["kind"] for event in events(station)] == ["alarm", "restoral"]


async def test_a_frame_in_single_bytes_gets_one_answer(station):
    async with Wire(station.port) as wire:
        for byte in frame("#1234|1131 01 015"):
            wire.writer.write(bytes([byte]))
            await wire.writer.drain()
        (answer,) = await wire.answers(1)
        assert answer.endswith(ACK)
        assert await wire.is_silent()
    assert len(events(station)) == 1


async def test_the_same_frame_twice_gets_two_answers_and_makes_one_event(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#1234|1131 01 015"))
        await wire.answers(1)
        wire.writer.write(frame("#1234|1131 01 015"))
        (again,) = await wire.answers(1)
    assert again.endswith(ACK)
    assert len(events(station)) == 1


async def test_the_same_report_over_the_other_path_makes_no_second_event(station):
    loop = asyncio.get_running_loop()
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#1234|1131 01 015"))
        await wire.answers(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setblocking(False)
        await loop.sock_connect(udp, ("127.0.0.1", station.port))
        await loop.sock_sendall(udp, frame("#1234|1131 01 015", line="7", receiver="2"))
        async with asyncio.timeout(5):
            answer = await loop.sock_recv(udp, 1024)
    assert answer.endswith(b'"ACK"0001R2L7#1234[]\r')
    assert len(events(station)) == 1


async def test_null_is_acknowledged_and_never_journaled(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("", token="NULL", sequence="0000"))
        (answer,) = await wire.answers(1)
    assert answer.endswith(b'"ACK"0000L0#1234[]\r')
    assert events(station) == []


async def test_a_bad_crc_gets_silence_and_the_next_frame_its_answer(station):
    async with Wire(station.port) as wire:
        good = frame("#1234|1131 01 015")
        wire.writer.write(good[:1] + b"0000" + good[5:])
        assert await wire.is_silent()
        wire.writer.write(good)
        (answer,) = await wire.answers(1)
    assert answer.endswith(ACK)
    counters = (await station.ask(do="counters"))["counters"]
    assert counters["frame_rejected:crc_wrong"] == 1


async def test_an_unknown_account_gets_silence_and_is_counted(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#9999|1131 01 015", account="9999"))
        assert await wire.is_silent()
    assert events(station) == []
    counters = (await station.ask(do="counters"))["counters"]
    assert counters["report_refused:account_unknown"] == 1


async def test_a_wrong_key_gets_silence_and_a_log_line_that_says_so(station):
    now = dc09.parse_timestamp("12:00:00,01-01-2026")
    async with Wire(station.port) as wire:
        sent = frame("#5678|1131 01 015", account="5678", key=OTHER_KEY, timestamp=now)
        wire.writer.write(sent)
        assert await wire.is_silent()
    assert events(station) == []
    await until(lambda: any("key" in json.dumps(one) for one in station.log))
    (line,) = [one for one in station.log if "decrypt_failed" in json.dumps(one)]
    assert line["account"] == "5678"
    assert "wrong key" in json.dumps(line)
    everything = json.dumps(list(station.log))
    assert KEY.hex() not in everything
    assert OTHER_KEY.hex() not in everything


async def test_plain_text_of_an_account_with_a_key_gets_silence(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#5678|1131 01 015", account="5678"))
        assert await wire.is_silent()
    assert events(station) == []


async def test_a_stale_encrypted_report_is_told_our_time(station):
    old = dc09.parse_timestamp("12:00:00,01-01-2020")
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#5678|1131 01 015", account="5678", key=KEY, timestamp=old))
        (answer,) = await wire.answers(1)
    assert b'"NAK"0000R0L0A0[]_' in answer
    assert events(station) == []


async def test_a_panel_never_seen_before_is_added_by_one_edit_and_sighup(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#4321|1131 01 015", account="4321"))
        assert await wire.is_silent()
        with station.accounts_file.open("a") as file:
            file.write('[[account]]\nid = "4321"\narea_class = "COMMON"\n')
        station.process.send_signal(1)
        await until(lambda: station.logged("config.reloaded"))
        wire.writer.write(frame("#4321|1131 01 015", account="4321"))
        (answer,) = await wire.answers(1)
    assert answer.endswith(b'"ACK"0001L0#4321[]\r')
    (event,) = events(station)
    assert event["area"]["class"] == "COMMON"


async def test_a_broken_accounts_file_keeps_the_old_ones_and_says_why(station):
    station.accounts_file.write_text("[[account]]\nid = 7\n")
    station.process.send_signal(1)
    await until(lambda: station.logged("config.refused"))
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#1234|1131 01 015"))
        await wire.answers(1)


async def test_a_second_gateway_on_the_same_journal_refuses_to_start(station, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    second = Station(other, accounts=("1234",))
    second.config.write_text(
        second.config.read_text().replace(str(second.journal), str(station.journal))
    )
    with pytest.raises(AssertionError, match="journal"):
        await second.start()
    assert await second.ended() == 2


async def test_sigterm_ends_it_with_status_0_and_leaves_no_lock(station):
    assert await station.stop() == 0
    assert not station.control.exists()
    await station.start()


class _GatedStore:
    """A real store whose commits wait until the test lets them go on."""

    def __init__(self, store):
        self._store = store
        self.gate = threading.Event()
        self.is_committing = threading.Event()

    def __getattr__(self, name):
        return getattr(self._store, name)

    def commit(self, entries, confirms, again=()):
        if any(entry.class_ != "system" for entry in entries):
            self.is_committing.set()
            assert self.gate.wait(20)
        return self._store.commit(entries, confirms, again)


async def test_no_byte_of_an_ack_leaves_before_the_commit_returned(tmp_path):
    """REL-2, on a real socket: while the commit hangs there is silence."""
    station = Station(tmp_path, accounts=("1234",))
    stores = []

    def gated(*args, **named):
        stores.append(_GatedStore(sqlite_store(*args, **named)))
        return stores[0]

    world = real_world()
    world = type(world)(
        **{f: getattr(world, f) for f in world.__struct_fields__} | {"open_store": gated}
    )
    daemon = Daemon(load(station.config), world)
    await daemon.start()
    try:
        async with Wire(station.port) as wire:
            wire.writer.write(frame("#1234|1131 01 015"))
            await until(stores[0].is_committing.is_set)
            assert await wire.is_silent()
            assert events(station) == []
            stores[0].gate.set()
            (answer,) = await wire.answers(1)
        assert answer.endswith(ACK)
        assert len(events(station)) == 1
    finally:
        stores[0].gate.set()
        await daemon.stop("test")


async def test_what_the_journal_folder_holds_is_nobody_elses(station):
    async with Wire(station.port) as wire:
        wire.writer.write(frame("#1234|1130 01 015") + b"noise\r")
        await wire.answers(1)
    await until((station.journal / "quarantine.jsonl").exists)
    files = [station.control, *station.journal.iterdir()]
    assert len(files) > 3
    assert [one.name for one in files if one.stat().st_mode & 0o007] == []
