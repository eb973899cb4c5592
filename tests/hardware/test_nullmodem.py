"""The in-memory wire behaves as a wire: ordered, and with exactly the trouble asked for."""

from __future__ import annotations

import asyncio
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hardware.nullmodem import NullModem, Trouble
from tests.support.hardware import HandTime


class Ear(asyncio.Protocol):
    def __init__(self) -> None:
        self.reads: list[bytes] = []
        self.ends: list[object] = []

    def data_received(self, data: bytes) -> None:
        self.reads.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ends.append(exc)


def wire(**trouble) -> tuple[HandTime, NullModem, Ear]:
    time = HandTime()
    modem = NullModem(time, dice=Random(7), towards_far=Trouble(**trouble))
    ear = Ear()
    modem.near.attach(Ear())
    modem.far.attach(ear)
    return time, modem, ear


def test_what_is_written_arrives_as_written():
    time, modem, ear = wire()
    modem.near.write(b"one")
    modem.near.write(b"two")
    assert ear.reads == []
    time.pass_s(0)
    assert ear.reads == [b"one", b"two"]


def test_bytewise():
    time, modem, ear = wire(is_bytewise=True)
    modem.near.write(b"abc")
    time.pass_s(0)
    assert ear.reads == [b"a", b"b", b"c"]


def test_coalescing():
    time, modem, ear = wire(is_coalescing=True, delay_s=(0.1, 0.1))
    modem.near.write(b"a")
    modem.near.write(b"bc")
    time.pass_s(1)
    modem.near.write(b"d")
    time.pass_s(1)
    assert ear.reads == [b"abc", b"d"]


def test_loss_and_duplication():
    time, modem, ear = wire(loss=0.3, duplication=0.3)
    for _ in range(1000):
        modem.near.write(b"x")
    time.pass_s(0)
    assert 800 < len(ear.reads) < 1020
    assert modem.near.written == b"x" * 1000


@given(seed=st.integers(0, 1000), count=st.integers(1, 30))
def test_delay_keeps_the_order(seed, count):
    time = HandTime()
    modem = NullModem(time, dice=Random(seed), towards_far=Trouble(delay_s=(0.0, 2.0)))
    ear = Ear()
    modem.far.attach(ear)
    for number in range(count):
        modem.near.write(b"%d;" % number)
        time.pass_s(0.1)
    time.pass_s(5)
    assert b"".join(ear.reads) == b"".join(b"%d;" % number for number in range(count))


def test_a_paused_end_takes_nothing_until_it_goes_on():
    time, modem, ear = wire()
    modem.far.pause_reading()
    modem.near.write(b"one")
    time.pass_s(1)
    assert ear.reads == []
    modem.far.resume_reading()
    time.pass_s(0)
    assert ear.reads == [b"one"]


def test_closing_one_end_closes_the_other_after_the_last_bytes():
    time, modem, ear = wire(delay_s=(0.5, 0.5))
    modem.near.write(b"last")
    modem.near.close()
    modem.near.write(b"too late")
    time.pass_s(2)
    assert ear.reads == [b"last"]
    assert ear.ends == [None]


def test_a_cut_wire_is_an_error_where_it_is_cut():
    time, modem, ear = wire()
    error = OSError("gone")
    modem.far.break_off(error)
    time.pass_s(0)
    assert ear.ends == [error]
