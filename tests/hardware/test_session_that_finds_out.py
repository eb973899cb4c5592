"""A link that finds out what it hears: said once, and answered within that family's patience."""

from __future__ import annotations

from random import Random

import pytest

from hardware.link_context import LinkContext
from hardware.nullmodem import NullModem
from hardware.session import Session
from hardware.sink import PortState
from protocols._core import Report, Verdict
from protocols.recognition import AUTO_LINKS
from tests.support.hardware import Counts, HandTime, RecordingSink, link_tools

PATIENCE = {"ademco685": 3.2, "dtmf": 1.0}
ADEMCO = b"\n11 1234 18 E131 01 C015 \r"
DIALLED = b"1234181131010158"


class Ears:
    def __init__(self) -> None:
        self.heard = b""

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def connection_made(self, transport) -> None: ...
    def connection_lost(self, exc) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def eof_received(self) -> bool:
        return True


class Owner:
    def session_opened(self, session) -> None: ...
    def session_closed(self, session, error) -> None: ...
    def session_spoke(self, session) -> None: ...
    def session_proved(self, session) -> None: ...
    def session_heard(self, incoming) -> None: ...


class Line:
    """A session on a null modem whose codec is the real one of ``auto``."""

    def __init__(self) -> None:
        self.time, self.sink, self.count = HandTime(), RecordingSink(), Counts()
        tools = link_tools(
            "rx-1",
            protocol="auto",
            connect=lambda: AUTO_LINKS["receiver"].connect(keys=lambda _: (), pad=bytes),
            sink=self.sink,
            clock=self.time,
            timers=self.time,
            count=self.count,
            answer_within_s=min(PATIENCE.values()),
            patience=PATIENCE.__getitem__,
            finds_out=True,
        )
        modem = NullModem(self.time, dice=Random(1))
        self.ears = Ears()
        self.session = Session(
            LinkContext(tools, transport="serial", owner=Owner()), peer="/dev/ttyS0"
        )
        modem.near.attach(self.ears)
        modem.far.attach(self.session)
        self.modem = modem

    def say(self, data: bytes, pass_s: float = 0.0) -> None:
        self.modem.near.write(data)
        self.time.pass_s(pass_s)

    def answer(self) -> None:
        for item, respond in self.sink.open:
            respond(item, Verdict.ACK)
        self.sink.open.clear()
        self.time.pass_s(0.0)


def test_the_origin_names_the_family_from_the_first_frame_on():
    line = Line()
    line.say(ADEMCO)
    assert [origin.protocol for origin in line.sink.origins] == ["ademco685"]
    assert [type(item) for item in line.sink.items] == [Report]


def test_it_is_told_once():
    line = Line()
    line.say(ADEMCO)
    line.say(ADEMCO)
    (fact,) = line.sink.facts
    assert (fact.input, fact.state) == ("rx-1", PortState.HEARS)
    assert fact.reason.startswith("hears ademco685")
    assert line.count["input_recognised:ademco685"] == 1


def test_a_frame_that_ends_with_silence_is_found_out_by_the_time():
    line = Line()
    line.say(DIALLED)
    assert line.sink.items == []
    line.time.pass_s(0.5)
    assert [origin.protocol for origin in line.sink.origins] == ["dtmf"]


def test_nothing_is_said_to_noise():
    line = Line()
    line.say(b"\xf0\x81\x92\xe3\xff" * 4, pass_s=5.0)
    line.answer()
    assert line.ears.heard == b""
    assert [origin.protocol for origin in line.sink.origins] == ["auto"]
    assert line.sink.facts == []


@pytest.mark.parametrize(
    ("frame", "late_s", "is_answered"),
    [(ADEMCO, 2.0, True), (ADEMCO, 3.5, False), (DIALLED, 0.5, True), (DIALLED, 1.6, False)],
)
def test_an_answer_may_be_as_late_as_the_family_waits(frame, late_s, is_answered):
    line = Line()
    line.say(frame, pass_s=0.3)
    line.time.pass_s(late_s)
    line.answer()
    assert bool(line.ears.heard) == is_answered
