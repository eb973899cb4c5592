"""SEC-11, SEC-13: bad datagrams with a panel's address cost it nothing and give nobody anything."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Sized
from datetime import UTC, datetime
from functools import partial
from random import Random

import pytest

from protocols.dc09 import build_frame
from tests.support.station import Station, until

pytestmark = [pytest.mark.system, pytest.mark.alone]

KEY = bytes.fromhex("5ad2c9710e8bf34466a1d07e92bc3f18")
SECONDS = float(os.environ.get("UDP_ABUSE_S", "3"))
BAD_PER_S = 1_000
VALID_PER_S = 100
REPLIES_PER_S = 5
TURN_S = 0.01

_ACK_IN_S = 2.0
"""A panel's own patience for the first answer over UDP is 1 s at the least, mostly 5."""


def frame(sequence: int, account: str = "1234", token: str = "ADM-CID", **more) -> bytes:
    return build_frame(
        token, account=account, data=b"#%b|1131 01 015" % account.encode(),
        sequence=f"{sequence:04}", pad=Random(sequence).randbytes, **more,
    )  # fmt: skip


def bad(dice: Random) -> bytes:
    """A datagram that no panel of ours sends."""
    good = frame(dice.randrange(1, 9999))
    return dice.choice(
        [
            dice.randbytes(dice.randrange(1, 1400)),
            good[:1] + b"0000" + good[5:],
            good[: dice.randrange(1, len(good))],
            frame(1, account="9999"),
            frame(dice.randrange(1, 9999), token="XYZ-99"),  # DUH
            frame(1, account="5678", key=bytes(16), timestamp=datetime.now(UTC)),
            frame(1, account="5678"),
            b"\n" * 1200,
            b"GET / HTTP/1.1\r\n\r\n",
        ]
    )


class Caller(asyncio.DatagramProtocol):
    """A socket that is panel and vandal in one: the same address and port."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.asked_at: dict[bytes, float] = {}
        self.took_s: dict[bytes, float] = {}
        self.replies: list[tuple[float, bytes]] = []

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        now = self.loop.time()
        _, acknowledged, rest = data.partition(b'"ACK"')
        sequence = rest[:4]
        if acknowledged and sequence in self.asked_at:
            self.took_s.setdefault(sequence, now - self.asked_at[sequence])
        else:
            self.replies.append((now, data))


@pytest.fixture
async def station(tmp_path):
    station = Station(tmp_path, accounts=("1234", "5678"), encrypted=("5678",), key=KEY)
    await station.start()
    yield station
    await station.stop()


async def caller(port: int) -> tuple[asyncio.DatagramTransport, Caller]:
    transport, heard = await asyncio.get_running_loop().create_datagram_endpoint(
        Caller, remote_addr=("127.0.0.1", port)
    )
    buffer = transport.get_extra_info("socket")
    buffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    return transport, heard


async def test_sec_13_a_panel_whose_address_is_abused_is_answered_at_the_first_try(station):
    dice = Random(13)
    transport, heard = await caller(station.port)
    number = 0
    begun = heard.loop.time()
    turns = round(SECONDS / TURN_S)
    for turn in range(turns):
        for _ in range(round(BAD_PER_S * TURN_S)):
            transport.sendto(bad(dice))
        if turn % round(1 / VALID_PER_S / TURN_S) == 0:
            number += 1
            heard.asked_at[b"%04d" % number] = heard.loop.time()
            transport.sendto(frame(number))
        await asyncio.sleep(max(0.0, begun + (turn + 1) * TURN_S - heard.loop.time()))
    await until(lambda: len(heard.took_s) >= number * 0.999)
    transport.close()
    in_time = sum(took_s < _ACK_IN_S for took_s in heard.took_s.values())
    assert in_time >= number * 0.999
    # SEC-11: five replies a second at most to what was bad, DUH and NAK included.
    assert heard.replies
    per_second = Counter(int(at - begun) for at, _ in heard.replies)
    assert max(per_second.values()) <= 2 * REPLIES_PER_S  # two windows may meet in one second
    assert len(heard.replies) <= REPLIES_PER_S * (SECONDS + 2)


async def test_sec_11_nobody_gets_more_bytes_than_he_sent(station):
    """A reply is never longer than the datagram that caused it, of whatever kind that is."""
    dice = Random(11)
    transport, heard = await caller(station.port)
    sent_bytes = 0
    for _ in range(400):
        datagram = bad(dice)
        sent_bytes += len(datagram)
        transport.sendto(datagram)
        await asyncio.sleep(0.002)
    plain = [
        frame(1), frame(2, token="SIA-DCS"), frame(3, line="7", receiver="2"),
        build_frame("NULL", account="1234", data=b"", sequence="0000", pad=bytes),
    ]  # fmt: skip
    for datagram in plain:
        before = len(heard.replies)
        transport.sendto(datagram)
        await until(partial(_has_more, heard.replies, before))
        assert len(heard.replies[-1][1]) <= len(datagram)
        sent_bytes += len(datagram)
    transport.close()
    assert sum(len(reply) for _, reply in heard.replies) <= sent_bytes


def _has_more(what: Sized, before: int) -> bool:
    return len(what) > before
