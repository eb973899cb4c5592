"""The pump: what is read is answered in order, on its own stream, and never for the wrong frame."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from structlog.testing import capture_logs

from hardware.intake import Intake
from hardware.link_context import LinkContext
from hardware.nullmodem import NullModem, Trouble
from hardware.session import (
    ACCOUNT_COUNT,
    FLOOD_BYTES,
    FLOOD_REST_S,
    LinkFailedError,
    Session,
)
from protocols._core import Verdict
from tests.support.echo_connection import connect, report
from tests.support.hardware import Counts, HandTime, RecordingSink, ack, link_tools


class Peer(asyncio.Protocol):
    """The far end of the wire: remembers what came, read by read."""

    def __init__(self) -> None:
        self.reads: list[bytes] = []
        self.is_lost = False
        self.saw_eof = False

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.reads.append(data)

    def eof_received(self) -> bool:
        self.saw_eof = True
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.is_lost = True

    @property
    def heard(self) -> bytes:
        return b"".join(self.reads)


class Owner:
    def __init__(self) -> None:
        self.opened: list[Session] = []
        self.closed: list[tuple[Session, Exception | None]] = []
        self.spoke: list[Session] = []
        self.proved: list[Session] = []

    def session_opened(self, session) -> None:
        self.opened.append(session)

    def session_closed(self, session, error) -> None:
        self.closed.append((session, error))

    def session_spoke(self, session) -> None:
        self.spoke.append(session)

    def session_proved(self, session) -> None:
        self.proved.append(session)

    def session_heard(self, incoming) -> None: ...


class Bench:
    """One session on a null modem, in virtual time."""

    def __init__(
        self, sink=None, *, trouble=None, codec=connect, answer_within_s=None, **settings
    ) -> None:
        self.time = HandTime()
        self.sink = sink or RecordingSink()
        self.count = Counts()
        self.owner = Owner()
        self.intake = Intake()
        tools = link_tools(
            "ip-1",
            connect=codec,
            sink=self.sink,
            clock=self.time,
            timers=self.time,
            count=self.count,
            intake=self.intake,
            answer_within_s=answer_within_s,
        )
        self.link = LinkContext(tools, transport="tcp", owner=self.owner, **settings)
        self.modem = NullModem(self.time, dice=Random(1), towards_far=trouble)
        self.peer = Peer()
        self.session = Session(self.link, peer="192.0.2.7:4711", host="192.0.2.7")
        self.modem.near.attach(self.peer)
        self.modem.far.attach(self.session)

    def say(self, data: bytes) -> None:
        self.modem.near.write(data)
        self.time.pass_s(0.0)


class TestAnswers:
    def test_one_frame_is_answered_when_the_sink_says_so_and_not_before(self):
        bench = Bench()
        bench.say(b"fire\n")
        assert bench.peer.heard == b""
        bench.sink.answer_all()
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK fire\n"

    def test_an_immediate_verdict_leaves_in_the_same_read(self):
        bench = Bench(RecordingSink(ack))
        bench.say(b"a\nb\n")
        assert bench.peer.reads == [b"ACK a\nACK b\n"]

    def test_a_frame_in_single_bytes_gives_one_answer(self):
        bench = Bench(RecordingSink(ack), trouble=Trouble(is_bytewise=True))
        bench.say(b"burglary\n")
        assert bench.sink.raws == [b"burglary\n"]
        assert bench.peer.heard == b"ACK burglary\n"

    def test_two_frames_in_one_segment_are_answered_in_order_in_one_write(self):
        bench = Bench()
        bench.say(b"first\nsecond\n")
        assert bench.sink.reads == [2]
        bench.sink.answer_all(backwards=True)
        bench.time.pass_s(0.0)
        assert bench.peer.reads == [b"ACK first\nACK second\n"]

    def test_the_first_answer_does_not_wait_for_the_second(self):
        bench = Bench()
        bench.say(b"first\nsecond\n")
        (first, respond), (second, _) = bench.sink.open
        respond(first, Verdict.ACK)
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK first\n"
        respond(second, Verdict.DUH)
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK first\nDUH\n"

    def test_the_second_answer_waits_for_the_first(self):
        bench = Bench()
        bench.say(b"first\nsecond\n")
        (first, respond), (second, _) = bench.sink.open
        respond(second, Verdict.ACK)
        bench.time.pass_s(1.0)
        assert bench.peer.heard == b""
        respond(first, Verdict.SILENCE)
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK second\n"

    @given(order=st.permutations(range(6)), cut=st.integers(1, 5))
    def test_answers_keep_the_order_of_arrival_whatever_the_order_of_verdicts(self, order, cut):
        bench = Bench()
        frames = [b"frame %d\n" % number for number in range(6)]
        bench.say(b"".join(frames[:cut]))
        bench.say(b"".join(frames[cut:]))
        for number in order:
            item, respond = bench.sink.open[number]
            respond(item, Verdict.ACK)
            bench.time.pass_s(0.0)
        assert bench.peer.heard == b"".join(b"ACK " + frame for frame in frames)
        assert bench.intake.waiting == 0

    def test_a_verdict_given_twice_is_counted_and_changes_nothing(self):
        bench = Bench()
        bench.say(b"one\n")
        item, respond = bench.sink.open[0]
        respond(item, Verdict.ACK)
        respond(item, Verdict.ACK)
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK one\n"
        assert bench.count["answers_unexpected"] == 1
        assert bench.intake.waiting == 0

    def test_a_late_answer_on_a_link_of_bare_bytes_becomes_silence(self):
        """receivers.md 2.4: the host has 4 s; then the receiver has sent a second copy."""
        bench = Bench(answer_within_s=3.5)
        bench.say(b"copy 1\n")
        bench.time.pass_s(4.0)
        bench.say(b"copy 2\n")
        bench.time.pass_s(1.0)
        bench.sink.answer_all()
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK copy 2\n"
        assert bench.count["answers_late"] == 1

    def test_silence_says_nothing(self):
        bench = Bench(RecordingSink(lambda _: Verdict.SILENCE))
        bench.say(b"one\n")
        assert bench.peer.reads == []


class TestDeadline:
    """REL-24: a partial frame is dropped after its time and joined to nothing."""

    def test_half_a_frame_is_handed_up_as_rejected(self):
        bench = Bench(RecordingSink(ack))
        bench.say(b"half")
        bench.time.pass_s(0.9)
        assert bench.sink.items == []
        bench.time.pass_s(0.2)
        assert [item.reason for item in bench.sink.items] == ["frame_incomplete"]
        bench.say(b"whole\n")
        assert bench.peer.heard == b"ACK whole\n"

    def test_the_timer_follows_the_latest_partial_frame(self):
        bench = Bench(RecordingSink(ack))
        bench.say(b"a")
        bench.time.pass_s(0.8)
        bench.say(b"\nb")
        bench.time.pass_s(0.5)
        assert bench.sink.raws == [b"a\n"]
        bench.time.pass_s(0.6)
        assert bench.sink.raws == [b"a\n", b"b"]

    def test_whole_frames_leave_no_timer_behind(self):
        bench = Bench(RecordingSink(ack))
        bench.say(b"one\n")
        assert bench.time.waiting_count == 0

    def test_bytes_left_at_the_end_are_handed_up(self):
        bench = Bench()
        bench.say(b"half")
        bench.modem.near.close()
        bench.time.pass_s(0.0)
        assert bench.sink.raws == [b"half"]
        bench.sink.answer_all()


class TestBackpressure:
    """REL-22: beyond capacity it stops reading rather than answer late."""

    def test_too_many_unanswered_frames_stop_the_reading_until_half_are_answered(self):
        bench = Bench(pending_limit=4)
        bench.say(b"1\n2\n3\n4\n5\n")
        bench.say(b"6\n")
        assert len(bench.sink.items) == 5
        for item, respond in bench.sink.open[:3]:
            respond(item, Verdict.ACK)
        bench.time.pass_s(0.0)
        assert len(bench.sink.items) == 6

    def test_a_peer_that_takes_no_answers_is_not_read(self):
        bench = Bench()
        bench.session.pause_writing()
        bench.say(b"1\n")
        assert bench.sink.items == []
        bench.session.resume_writing()
        bench.time.pass_s(0.0)
        assert bench.sink.raws == [b"1\n"]

    def test_several_reasons_hold_until_the_last_is_gone(self):
        bench = Bench()
        bench.session.pause_writing()
        bench.session.gate(is_open=False)
        bench.session.resume_writing()
        bench.say(b"1\n")
        assert bench.sink.items == []
        bench.session.gate(is_open=True)
        bench.time.pass_s(0.0)
        assert bench.sink.raws == [b"1\n"]


class TestEnd:
    def test_a_peer_gone_before_the_answer_is_counted(self):
        bench = Bench()
        bench.say(b"one\n")
        bench.modem.far.break_off(ConnectionResetError("reset by peer"))
        bench.time.pass_s(0.0)
        assert bench.session.is_closed
        bench.sink.answer_all()
        assert bench.count["answers_undeliverable"] == 1
        assert bench.intake.waiting == 0
        assert bench.peer.heard == b""

    def test_a_peer_that_said_its_last_still_gets_its_answers(self):
        bench = Bench()
        bench.say(b"one\n")
        bench.modem.near.write_eof()
        bench.time.pass_s(0.0)
        assert not bench.session.is_closed
        bench.sink.answer_all()
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK one\n"
        assert bench.session.is_closed

    def test_ending_reads_no_more_answers_what_was_read_and_closes(self):
        bench = Bench()
        bench.say(b"one\n")
        bench.session.end()
        bench.say(b"two\n")
        assert bench.sink.raws == [b"one\n"]
        assert not bench.session.is_closed
        bench.sink.answer_all()
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b"ACK one\n"
        assert bench.session.is_closed

    def test_ending_with_nothing_to_answer_closes_at_once(self):
        bench = Bench()
        bench.session.end()
        bench.time.pass_s(0.0)
        assert bench.session.is_closed
        assert bench.peer.saw_eof


class TestFailure:
    """REL-29: an exception closes that connection only."""

    @pytest.mark.parametrize("frame", [b"!\n", b"unanswerable\n"])
    def test_a_codec_that_raises_closes_its_link(self, frame):
        bench = Bench(RecordingSink(ack))
        with capture_logs() as logs:
            bench.say(b"before\n" + b"")
            bench.say(frame)
        assert bench.session.is_closed
        assert bench.count["links_failed"] == 1
        failed = [entry for entry in logs if entry["event"] == "link.failed"]
        assert len(failed) == 1
        assert failed[0]["exc_info"].__traceback__ is not None
        assert b"before\n".hex(" ") in failed[0]["frames"]
        assert isinstance(bench.owner.closed[0][1], LinkFailedError)
        assert bench.intake.waiting == 0

    def test_a_sink_that_raises_closes_its_link_without_an_answer(self):
        bench = Bench()
        bench.sink.error = RuntimeError("boom")
        bench.say(b"one\n")
        assert bench.session.is_closed
        assert bench.peer.heard == b""
        assert bench.count["links_failed"] == 1
        assert bench.intake.waiting == 0

    def test_a_codec_that_raises_in_a_late_answer_does_not_reach_whoever_commits(self):
        bench = Bench()
        bench.say(b"unanswerable\n")
        bench.sink.answer_all()
        bench.time.pass_s(0.0)
        assert bench.session.is_closed
        assert bench.count["links_failed"] == 1

    def test_an_answer_after_the_failure_changes_nothing(self):
        bench = Bench()
        bench.say(b"one\n")
        bench.say(b"!\n")
        bench.sink.answer_all()
        bench.time.pass_s(0.0)
        assert bench.peer.heard == b""


class TestOwner:
    def test_it_hears_of_the_first_frame_and_the_first_ack_once(self):
        bench = Bench(RecordingSink(ack))
        bench.say(b"?noise\n")
        assert bench.owner.spoke == []
        bench.say(b".\n")
        bench.say(b"one\ntwo\n")
        assert bench.owner.spoke == [bench.session]
        assert bench.owner.proved == [bench.session]

    def test_only_complete_frames_count_as_heard(self):
        bench = Bench(RecordingSink(ack))
        bench.time.pass_s(5.0)
        bench.say(b"?noise\n")
        assert bench.session.heard_at == bench.session.opened_at
        bench.say(b".\n")
        assert bench.session.heard_at == bench.time.now


class TestLog:
    def test_frames_stand_in_the_log_with_their_direction_when_it_is_traced(self):
        with capture_logs() as logs:
            bench = Bench(RecordingSink(ack))
            bench.say(b"?n\n")
            bench.say(b"a\n")
        names = [entry["event"] for entry in logs]
        assert names == ["link.opened", "frame.rejected", "frame.received", "frame.sent"]
        assert logs[1]["raw_hex"] == "> 3f 6e 0a"
        assert logs[3]["raw_hex"] == "< 41 43 4b 20 61 0a"
        assert {entry["link"] for entry in logs} == {"ip-1"}

    def test_frames_do_not_stand_there_otherwise(self):
        with capture_logs() as logs:
            bench = Bench(RecordingSink(ack))
            bench.link.is_traced = False
            bench.say(b"?n\na\n")
        assert [entry["event"] for entry in logs] == ["link.opened"]

    def test_the_history_is_bounded_and_leaves_link_tests_out(self):
        bench = Bench(RecordingSink(ack))
        bench.link.is_traced = False
        for number in range(30):
            bench.say(b"%d\n.\n" % number)
        bench.say(b"x" * 1000 + b"\n")
        with capture_logs() as logs:
            bench.say(b"!\n")
        frames = [bytes.fromhex(frame) for frame in logs[0]["frames"]]
        assert len(frames) == 20
        assert frames[0] == b"11\n"
        assert len(frames[-1]) == 256


class TestGate:
    def test_a_session_that_opens_while_the_gate_is_closed_does_not_read(self):
        bench = Bench()
        bench.intake.is_open = False
        late = Session(bench.link, peer="192.0.2.8:1")
        modem = NullModem(bench.time, dice=Random(2))
        modem.far.attach(late)
        modem.near.write(b"one\n")
        bench.time.pass_s(0.0)
        assert bench.sink.items == []
        late.gate(is_open=True)
        bench.time.pass_s(0.0)
        assert bench.sink.raws == [b"one\n"]


class TestFloods:
    """One peer that sends more than any panel does leaves the others their turn."""

    def test_a_flood_without_a_frame_is_not_read_for_a_while(self):
        bench = Bench(RecordingSink(ack))
        bench.say(b"?junk\n" * (FLOOD_BYTES // 4))
        read_count = len(bench.sink.items)
        bench.say(b"fire\n")
        assert bench.peer.heard == b""
        bench.time.pass_s(FLOOD_REST_S * 20)
        assert len(bench.sink.items) > read_count
        assert bench.peer.heard == b"ACK fire\n"

    def test_a_flood_of_frames_is_read_on_in_the_next_turn(self):
        bench = Bench(RecordingSink(ack))
        bench.say(b"fire\n" * (FLOOD_BYTES // 4))
        bench.time.pass_s(0.001)
        assert bench.peer.heard == b"ACK fire\n" * (FLOOD_BYTES // 4)

    def test_a_flood_that_ends_leaves_nothing_behind(self):
        bench = Bench()
        bench.say(b"?junk\n" * (FLOOD_BYTES // 4))
        bench.session.abort()
        bench.time.pass_s(10.0)
        assert bench.session.is_closed
        assert bench.intake.waiting == 0
        assert bench.time.waiting_count == 0


class TestAccounts:
    """SEC-12: how long a stream may be silent depends on the accounts that spoke on it."""

    def heard(self, *accounts: str | None) -> list[str]:
        bench = Bench(RecordingSink(ack))
        reports = [structs.replace(report(b"x"), account=account) for account in accounts]
        codec = bench.session
        codec.connection_made(bench.modem.far)
        for one in reports:
            codec._take([one], 0.0)
        return list(bench.session.accounts)

    def test_nobody(self):
        assert self.heard(None) == []

    def test_one_that_speaks_often(self):
        assert self.heard("1234", "1234", None, "1234") == ["1234"]

    def test_several(self):
        found = self.heard("1", "2", "1", "3", "2")
        assert found[0] == "1"
        assert sorted(found) == ["1", "2", "3"]

    def test_a_stranger_cannot_fill_the_memory_with_names(self):
        assert len(self.heard(*map(str, range(10_000)))) == ACCOUNT_COUNT + 1


class TestForeignTraffic:
    """What else calls a panel's port is counted by its kind (REL-8)."""

    @pytest.mark.parametrize(
        ("opening", "kind"),
        [
            (b"\x16\x03\x01\x02\x00\x01", "tls"),
            (b"GET / HTTP/1.1\r\n", "http"),
            (b"POST /alarm HTTP/1.0\r\n", "http"),
            (b"SSH-2.0-OpenSSH_9.6\r\n", "ssh"),
            (b"\x03\x00\x00\x13\x0e\xe0", "rdp"),
            (b"\xff\xfd\x03", "telnet"),
            (b"PRI * HTTP/2.0\r\n", "http"),
            (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test", "mqtt"),
            (b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a", "modbus"),
            (b"\x12\x34\x00\x00\x00\x06\xff\x2b\x0e\x01\x00\x00", "modbus"),
            (b"\x00\x00\x00\x54\xffSMB\x72", "smb"),
        ],
    )
    def test_it_is_counted(self, opening, kind):
        bench = Bench()
        bench.say(opening)
        assert bench.count[f"traffic_foreign:{kind}"] == 1

    @pytest.mark.parametrize(
        "opening",
        [
            b"\n",
            b"\nABCD0000",
            b"S011[1234",
            b"101 ",
            b"\x00",
            b"\x00\x00\x00\x265011 181234E13101015\x14",
            b"\x00\x00\x00\x12\n~\x19\x00\x00\x00\x01",
        ],
    )
    def test_panels_and_receivers_are_not(self, opening):
        bench = Bench()
        bench.say(opening)
        assert not [name for name in dict(bench.count) if name.startswith("traffic_foreign")]

    def test_only_the_first_bytes_of_a_connection_count(self):
        bench = Bench()
        bench.say(b"alarm\n")
        bench.say(b"GET / HTTP/1.1\n")
        assert bench.count["traffic_foreign:http"] == 0


def test_what_a_stranger_sent_is_named_when_it_is_handed_up():
    bench = Bench()
    bench.say(b"SSH-2.0-OpenSSH_9.6\r\0" * 500)  # no frame, and more than one may have
    assert [item.foreign for item in bench.sink.items] == ["ssh"]


def test_rel_22_a_burst_beyond_the_limit_stops_the_reading_at_once():
    bench = Bench()
    bench.intake.limit = 2
    closed = []
    bench.intake.subscribe(lambda is_open: closed.append(not is_open))
    bench.say(b"1\n2\n")
    assert closed == []
    bench.say(b"3\n")
    assert closed == [True]
    assert not bench.intake.is_open
