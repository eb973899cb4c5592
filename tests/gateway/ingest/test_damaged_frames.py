"""REL-24, 28, 33: damage, noise and the places where reads end, from bytes to journal.

``NOISE_BYTES=100000000`` gives the long form of the noise tests: so many for each setting.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from gateway.accounts import AccountRecord
from gateway.admission import InputPolicy
from protocols._core import Rejected, Report, Verdict
from protocols.registry import PROTOCOLS
from tests.support.receiving import Bench
from tests.support.running import panel_frame
from tests.support.surgard import CASES
from tests.support.wired import Wired, dc09_codec, surgard_codec

NOISE_BYTES = int(os.environ.get("NOISE_BYTES", "300000"))
KEY = bytes(range(7, 23))
PANELS = {
    "contact id": panel_frame("#1234|1131 01 015"),
    "sia": panel_frame("#1234|Nri1/BA12*Door*", token="SIA-DCS", sequence="0002"),
    "binary check value": panel_frame("#1234|1131 01 015", is_binary_crc=True),
    "encrypted": panel_frame("#1234|1131 01 015", key=KEY, timestamp=Bench().clock.now),
}


def _panels() -> Bench:
    return Bench(
        AccountRecord(id="1234", encryption="optional", keys=(KEY,)),
        ip_1=InputPolicy(is_receiver=False, unknown_account="ack"),
    )


def _flips(frame: bytes):
    for at in range(len(frame)):
        for bit in range(8):
            yield frame[:at] + bytes((frame[at] ^ 1 << bit,)) + frame[at + 1 :]


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("datagram", [False, True], ids=["tcp", "udp"])
def test_no_flipped_bit_of_a_panels_frame_is_acknowledged(name, datagram):
    frame = PANELS[name]
    sound = Wired(dc09_codec((KEY,), datagram=datagram), _panels())
    assert b"ACK" in sound.hear(frame)
    codes = [event.data.code for event in sound.bench.events]
    for flipped in _flips(frame):
        link = Wired(dc09_codec((KEY,), datagram=datagram), _panels())
        answer = link.hear(flipped) + link.wait()
        if not answer:
            assert link.raws == [], flipped
            continue
        # Hex digits in lower case are the same digits; nothing else may pass.
        assert flipped.upper() == frame.upper()
        assert [event.data.code for event in link.bench.events] == codes


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.frame.decode("latin-1"))
def test_what_a_receiver_is_told_of_a_flipped_frame(case):
    """No check value protects it: whatever is ACKed stands in the journal just as it came."""
    for flipped in _flips(case.frame):
        link = Wired(surgard_codec())
        answer = link.hear(flipped) + link.wait()
        acks, naks = answer.count(b"\x06"), answer.count(b"\x15")
        tests = sum(type(item).__name__ == "LinkTest" for item in link.items)
        assert acks + naks == len(answer)
        assert acks == len({entry.report_id for entry in link.bench.entries}) + tests
        assert all(raw in flipped for raw in link.raws)


@pytest.mark.parametrize("name", PANELS)
def test_a_panels_frame_split_at_every_byte_is_one_event(name):
    frame = PANELS[name]
    for at in range(1, len(frame)):
        link = Wired(dc09_codec((KEY,)), _panels())
        assert link.hear(frame[:at]) == b""
        assert b"ACK" in link.hear(frame[at:])
        assert set(link.raws) == {frame}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.frame.decode("latin-1"))
def test_a_receivers_frame_split_at_every_byte_is_one_event(case):
    for at in range(1, len(case.frame)):
        link = Wired(surgard_codec())
        assert link.hear(case.frame[:at]) + link.hear(case.frame[at:]) == b"\x06"
        assert {entry.raw for entry in link.bench.entries} == {case.frame}


def test_many_frames_in_one_read_are_each_an_event():
    frames = [panel_frame("#1234|1131 01 015", sequence=f"{n:04d}") for n in range(1, 201)]
    link = Wired(dc09_codec(), _panels())
    assert link.hear(b"".join(frames)).count(b'"ACK"') == 200
    assert link.raws == frames


# -- noise (REL-33) --------------------------------------------------------------------------

EVEN = [byte | (byte.bit_count() & 1) << 7 for byte in range(128)]
SETTINGS = {
    "8N1": range(256),
    "7N1": range(128),
    "7E1 read as 8N1": EVEN,
    "7O1 read as 8N1": [byte ^ 0x80 for byte in EVEN],
    "printable": range(32, 127),
    "1200 heard at 9600": [0x00, 0xFF, 0xF8, 0xC0, 0x80, 0xFE],
}


@pytest.mark.parametrize("header", ["auto", "RRL", "RRLLL"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_noise_on_a_line_is_never_an_event_and_never_acknowledged(setting, header):
    dice = Random(f"{setting} {header}")
    alphabet = list(SETTINGS[setting])
    link = Wired(surgard_codec(header=header))
    for _ in range(max(1, NOISE_BYTES // 4096)):
        answer = link.hear(bytes(dice.choices(alphabet, k=4096)))
        link.bench.clock.go(0.01)
        if dice.random() < 0.05:
            answer += link.wait()
        assert b"\x06" not in answer
        assert link.bench.entries == []
        assert all(isinstance(item, Rejected) for item in link.items)
        link.items.clear()
        link.bench.kept.clear()
        link.bench.shown.clear()
        link.bench.record.clear()
    assert sum(link.bench.counts.values()) > 0


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_noise_is_never_an_event_in_any_language(name, setting):
    """The same for every protocol that an input may speak, with its answers left alone."""
    dice = Random(f"{name} {setting}")
    alphabet = list(SETTINGS[setting])
    protocol = PROTOCOLS[name]
    codec = protocol.connect(keys=lambda _account: (), pad=bytes)
    link = Wired(codec, is_receiver=protocol.link == "receiver")
    for _ in range(max(1, NOISE_BYTES // 16_384)):
        link.hear(bytes(dice.choices(alphabet, k=1024)))
        link.bench.clock.go(0.05)
        if dice.random() < 0.1:
            link.wait()
        assert link.bench.entries == []
        assert not any(isinstance(item, Report) for item in link.items)
        assert Verdict.ACK not in link.bench.answers
        link.items.clear()
        link.bench.kept.clear()
        link.bench.record.clear()


@pytest.mark.parametrize("byte", [0x00, 0xFF, ord("1"), ord(" ")])
def test_a_line_that_is_held_costs_nothing_much(byte):
    """SEC-15: 64 KiB of one byte once took minutes; the cost of each is in the benchmarks."""
    link = Wired(surgard_codec())
    assert link.hear(bytes([byte]) * 65_536) + link.wait() == b""
    assert link.bench.entries == []


@pytest.mark.parametrize("datagram", [False, True], ids=["tcp", "udp"])
def test_noise_from_the_network_is_never_answered(datagram):
    dice = Random(33)
    link = Wired(dc09_codec((KEY,), datagram=datagram), _panels())
    for _ in range(max(1, NOISE_BYTES // 2048)):
        assert link.hear(dice.randbytes(2048)) == b""
        link.bench.kept.clear()
        link.bench.shown.clear()
    assert link.wait() == b""
    assert link.bench.entries == []
