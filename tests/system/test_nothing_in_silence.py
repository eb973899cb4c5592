"""REL-8, REL-27, REL-28 on the wire: whatever was sent is an event or counted, and kept raw."""

from __future__ import annotations

import json
from random import Random

import pytest

from gateway.journal.quarantine import NEWER
from tests.support.hardware import until
from tests.support.pty_line import Pty
from tests.support.running import (
    TcpPanel,
    UdpPanel,
    journalled,
    judged,
    panel_frame,
    running,
)
from tests.support.station import Station

KEY = bytes.fromhex("5ad2c9710e8bf34466a1d07e92bc3f18")
REPORT = "#1234|1131 01 015"
GOOD = b"5011 181234E12101%03d\x14"
UNREADABLE = b"5011 181234E1210100\x14"
HEARTBEAT = b"1011           @    \x14"
NOISE = b"\xff\x80x\x14"
ACK, NAK = b"\x06", b"\x15"

pytestmark = pytest.mark.system


@pytest.fixture
def line(tmp_path):
    pty = Pty(tmp_path / "receiver")
    yield pty
    pty.unplug()


@pytest.fixture
def station(tmp_path, line):
    station = Station(
        tmp_path,
        accounts=("1234", "5678"),
        encrypted=("5678",),
        key=KEY,
        serial=line.path,
        extra="".join(OTHER_INPUT.format(policy=policy) for policy in ("ack", "learn")),
    )
    written = station.config.read_text()
    station.config.write_text(written.replace("[accounts]", '[accounts]\ndatabase = "a.db"'))
    return station


OTHER_INPUT = """
[inputs.{policy}]
protocol = "dc09"
tcp = "127.0.0.1:0"
udp = "127.0.0.1:0"
unknown_account = "{policy}"
"""


def _broken(frame: bytes) -> bytes:
    return frame[:1] + b"0000" + frame[5:]


def _panel_corpus() -> list[bytes]:
    """One of each fate, four times over, in a mixed order."""
    kinds = []
    for round_ in range(4):
        report = panel_frame(REPORT, sequence=f"{round_ + 1:04d}")
        kinds += [
            report,
            report,  # a repeat
            _broken(report),
            panel_frame("", token="NULL", sequence="0000"),
            panel_frame("", token="NULL", sequence="0000", account="9999"),
            panel_frame("#9999|1131 01 015", account="9999"),
            panel_frame("#5678|1131 01 015", account="5678"),  # plain, though it has a key
            panel_frame("#1234|1131 01 015", token="XYZ", sequence=f"{round_ + 1:04d}"),
        ]
    Random(8).shuffle(kinds)
    return kinds


async def test_the_counters_add_up_to_the_frames_that_were_sent(station, line):
    corpus = _panel_corpus()
    receivers = [GOOD % 1, GOOD % 1, GOOD % 2, HEARTBEAT, *[UNREADABLE] * 4, NOISE]
    async with running(station) as daemon:
        async with TcpPanel(station.port) as tcp, UdpPanel(station.port) as udp:
            for number, frame in enumerate(corpus):
                (tcp if number % 2 else udp).send(frame)
        await until(lambda: daemon.connections_of("rx-1"))
        for frame in receivers:
            line.send(frame)
            # One after the other, as a receiver does: noise is cut by where reads end.
            sent = judged(daemon.counters.snapshot())
            await until(lambda n=sent: judged(daemon.counters.snapshot()) > n, frame)
        await until(lambda: judged(daemon.counters.snapshot()) >= len(corpus) + len(receivers))
        counters = daemon.counters.snapshot()
        assert judged(counters) == len(corpus) + len(receivers), counters
        events = journalled(station)
    stored = counters["report_acknowledged"]
    assert len(events) == stored
    # Everything that became no event and was no link test is kept raw, once for each time.
    kept = [json.loads(one) for one in (station.journal / NEWER).read_text().splitlines()]
    refused = sum(
        count for name, count in counters.items()
        if name.startswith(("report_refused:", "frame_rejected:"))
    )  # fmt: skip
    stored_copies = 2  # the third and fourth copy of the unreadable frame: an event, and its repeat
    assert len(kept) == refused - stored_copies
    assert {one["reason"] for one in kept} >= {"crc_wrong", "account_unknown", "noise"}
    assert all(one["time"] and one["peer"] for one in kept)
    assert {one["raw"] for one in kept} <= {frame.decode("latin-1") for frame in corpus + receivers}


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(
    ("policy", "is_known"), [("silent", None), ("ack", False), ("learn", False)]
)
async def test_a_stranger_on_ip_meets_the_policy_of_the_input(station, transport, policy, is_known):
    frame = panel_frame("#AB12|1131 01 015", account="AB12")
    async with running(station) as daemon:
        addresses = daemon.addresses()["ip-1" if policy == "silent" else policy]
        port = addresses[transport == "udp"][1]
        async with (TcpPanel if transport == "tcp" else UdpPanel)(port) as panel:
            panel.send(frame)
            if policy == "silent":
                await until(
                    lambda: daemon.counters.snapshot().get("report_refused:account_unknown")
                )
                assert await panel.is_silent()
            else:
                assert b'"ACK"0001' in await panel.answer()
                panel.send(panel_frame("#AB12|3131 01 015", account="AB12", sequence="0002"))
                assert b'"ACK"0002' in await panel.answer()
        events = journalled(station)
        assert daemon.accounts.lookup("main", "AB12") is not None or policy != "learn"
    assert {event["account"]["known"] for event in events} == (
        set() if is_known is None else {False}
    )
    assert len(events) == (0 if is_known is None else 2)


async def test_a_stranger_behind_a_receiver_is_always_taken(station, line):
    async with running(station) as daemon:
        await until(lambda: daemon.connections_of("rx-1"))
        line.send(b"5011 18FFFFE12101001\x14")
        await line.hear(ACK)
    (event,) = journalled(station)
    assert event["account"] == event["account"] | {"id": "FFFF", "known": False}


async def test_copies_of_an_unreadable_frame_on_a_line(station, line):
    """One and two are refused; the third is an event, and whatever was ACKed is in the journal."""
    async with running(station) as daemon:
        await until(lambda: daemon.connections_of("rx-1"))
        for answer in (NAK, NAK, ACK, ACK):
            line.send(UNREADABLE)
            await line.hear(answer)
            line.send(HEARTBEAT)
            await line.hear(ACK)
    (event,) = journalled(station)
    assert event["code"]["known"] is False
    assert event["raw"]["value"].encode("latin-1") == UNREADABLE
