"""A simulated Sur-Gard receiver against the real computer's codec, on a clock of the test's."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from protocols._core import Incoming, LinkTest, Rejected, Report, Verdict
from protocols.contact_id import ContactId
from protocols.sia_dc03 import SiaEvent
from protocols.surgard import PulseEvent
from protocols.surgard.receiver import NAK_LIMIT
from simulators.faults import RECEIVER_FAULTS, Fault, Faults
from simulators.ledger import Ledger, Outcome
from simulators.receivers import Receiver, ReceiverSettings
from simulators.scenarios import Happening, meanings
from tests.support.simulated_time import BEGIN, Bench
from tests.support.surgard_host import Host


def happening(name: str = "perimeter_alarm", *, area: int = 1, address: int = 15) -> Happening:
    return Happening(name=name, meaning=meanings()[name], area=area, address=address)


class Wire:
    """Between receiver and host; cut while ``is_dead``."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.is_dead = False

    def __call__(self, _path: int, data: bytes) -> bytes:
        return b"" if self.is_dead else self.host.answer(data)


def connect(
    judge: Callable[[Incoming], Verdict] | None = None, **settings: object
) -> tuple[Bench, Receiver, Ledger, Host]:
    host = Host(judge)
    ledger = Ledger()
    receiver = Receiver(ReceiverSettings(**settings), ledger=ledger, random=Random(5), now=0.0)
    return Bench(receiver, Wire(host)), receiver, ledger, host


class TestOneMessage:
    @pytest.mark.parametrize("header", ["RRL", "RRLLL"])
    @pytest.mark.parametrize("b32", [False, True])
    @pytest.mark.parametrize(
        ("token", "kind", "account"),
        [
            ("5", ContactId, "1234"),
            ("5", ContactId, "1234567890"),  # goes out as id Q
            ("S", SiaEvent, "1234"),
            ("3", SiaEvent, "1234"),
            ("1", PulseEvent, "1234"),
        ],
    )
    def test_it_is_understood_and_acknowledged(
        self, token: str, kind: type, account: str, header: str, *, b32: bool
    ) -> None:
        lines = ("1", "2") if header == "RRL" else ("001", "002")
        bench, receiver, _, host = connect(header=header, b32=b32, ids=(token,), lines=lines)
        told = receiver.take_call(account, happening(), now=0.0)
        bench.settle()
        (report,) = host.reports()
        assert report.account == account
        assert isinstance(report.parts[0], kind)
        assert (report.receiver, report.line) == ("01", lines[0])
        assert not report.quirks
        assert told.outcome is Outcome.ACKNOWLEDGED
        assert receiver.is_done

    def test_two_equal_events_in_a_row_are_told_apart_by_the_line(self) -> None:
        bench, receiver, _, host = connect()
        receiver.tell(happening("periodic_test", address=0), now=0.0)
        receiver.tell(happening("periodic_test", address=0), now=0.0)
        bench.settle()
        first, second = host.reports()
        assert first.raw != second.raw

    def test_mixed_ids_are_drawn_from_the_seed(self) -> None:
        bench, receiver, _, host = connect(ids=("5", "S", "3", "1"))
        for number in range(40):
            receiver.tell(happening(address=number + 1), now=0.0)
        bench.settle()
        assert {report.token for report in host.reports()} == {"5", "S", "3", "1"}
        assert len(host.reports()) == 40

    def test_an_account_that_fits_no_frame_is_told_of(self) -> None:
        _, receiver, _, _ = connect()
        with pytest.raises(ValueError, match="account"):
            receiver.take_call("12", happening(), now=0.0)


class TestAckTimeout:
    def test_four_transmissions_then_heartbeats_only_until_an_ack_then_the_backlog(self) -> None:
        """Reference: Sur-Gard manuals, stop and wait with 4 s and 4 tries."""
        bench, receiver, ledger, host = connect(heartbeat_s=30.0)
        bench.far_end.is_dead = True
        receiver.tell(happening(address=1), now=0.0)
        receiver.tell(happening(address=2), now=0.0)
        bench.run(until=16.0)
        message = bench.writes[0][2]
        assert [(at, data == message) for at, _, data in bench.writes] == [
            (0.0, True),
            (4.0, True),
            (8.0, True),
            (12.0, True),
            (16.0, False),
        ]
        bench.run(until=100.0)
        assert all(data != message for at, _, data in bench.writes if at >= 16.0)
        bench.far_end.is_dead = False
        bench.run(until=200.0)
        assert isinstance(host.heard[0], LinkTest)
        assert [type(incoming) for incoming in host.heard[1:3]] == [Report, Report]
        assert [report.parts[0].zone for report in host.reports()] == ["001", "002"]
        assert receiver.is_done
        summary = ledger.summary()
        assert (summary.sent, summary.acknowledged, summary.retries) == (2, 2, 4)

    def test_heartbeats_keep_their_interval_and_traffic_restarts_it(self) -> None:
        bench, receiver, _, host = connect(heartbeat_s=30.0)
        bench.run(until=45.0)
        receiver.tell(happening(), now=45.0)
        bench.run(until=80.0)
        assert [at for at, _, _ in bench.writes] == [30.0, 45.0, 75.0]
        assert [type(i) for i in host.heard] == [LinkTest, Report, LinkTest]


class TestNak:
    def test_the_message_is_repeated(self) -> None:
        verdicts = iter([Verdict.DUH, Verdict.DUH, Verdict.ACK])
        bench, receiver, ledger, host = connect(lambda _: next(verdicts))
        told = receiver.tell(happening(), now=0.0)
        bench.settle()
        assert len({report.raw for report in host.reports()}) == 1
        assert (told.naks, told.tries, told.outcome) == (2, 3, Outcome.ACKNOWLEDGED)
        assert ledger.summary().is_clean

    def test_a_host_that_refuses_for_ever_loses_the_event(self) -> None:
        bench, receiver, ledger, host = connect(
            lambda i: Verdict.DUH if i.parts[0].zone == "001" else Verdict.ACK
        )
        receiver.tell(happening(address=1), now=0.0)
        receiver.tell(happening(address=2), now=0.0)
        bench.settle()
        assert len(host.reports()) == NAK_LIMIT + 1
        assert (ledger.summary().refused, ledger.summary().acknowledged) == (1, 1)


class TestOutage:
    def test_calls_gather_and_are_replayed_after_the_heartbeat(self) -> None:
        bench, receiver, ledger, host = connect()
        receiver.cut(until=100.0)
        for number in range(20):
            receiver.tell(happening(address=number + 1), now=float(number))
        bench.run(until=99.0)
        assert not host.heard
        assert receiver.backlog_count == 20
        bench.run(until=101.0)
        assert isinstance(host.heard[0], LinkTest)
        assert [r.parts[0].zone for r in host.reports()] == [f"{n + 1:03d}" for n in range(20)]
        assert ledger.summary().is_clean

    def test_a_full_buffer_takes_no_more_calls(self) -> None:
        bench, receiver, ledger, _ = connect(buffer_events=3)
        receiver.cut(until=10.0)
        for number in range(5):
            receiver.tell(happening(address=number + 1), now=0.0)
        bench.run(until=20.0)
        assert receiver.refused_calls == 2
        assert ledger.summary().acknowledged == 3

    def test_a_message_under_way_when_the_host_hangs_up_starts_again(self) -> None:
        bench, receiver, _, host = connect()
        bench.far_end.is_dead = True
        told = receiver.tell(happening(), now=0.0)
        bench.settle()
        receiver.closed(0, now=1.0)
        bench.far_end.is_dead = False
        receiver.opened(0, now=1.5)
        bench.now = 1.5
        bench.settle()
        assert [type(i) for i in host.heard] == [LinkTest, Report]
        assert told.outcome is Outcome.ACKNOWLEDGED

    def test_without_a_host_nothing_counts_as_sent(self) -> None:
        bench, receiver, ledger, _ = connect()
        bench.unreachable = {0}
        receiver.tell(happening(), now=0.0)
        bench.run(until=30.0)
        assert ledger.summary().frames == 0
        bench.unreachable = set()
        bench.run(until=32.0)
        assert ledger.summary().is_clean
        assert receiver.is_done


class TestFaults:
    def meet(self, fault: Fault) -> tuple[Bench, Ledger, Host]:
        bench, receiver, ledger, host = connect(faults=Faults({fault: 1.0}), heartbeat_s=None)
        receiver.tell(happening(address=1), now=0.0)
        receiver.tell(happening(address=2), now=0.0)
        bench.run(until=60.0)
        assert receiver.is_done
        assert ledger.summary().acknowledged == 2
        return bench, ledger, host

    def test_a_lost_ack_brings_the_same_bytes_again(self) -> None:
        bench, ledger, host = self.meet(Fault.LOST_ACK)
        raws = [report.raw for report in host.reports()]
        assert raws[0] == raws[1] != raws[2] == raws[3]
        assert [at for at, _, _ in bench.writes] == [0.0, 4.0, 4.0, 8.0]
        assert ledger.summary().retries == 2

    def test_glued_copies_get_two_acks_and_the_second_belongs_to_no_other_message(self) -> None:
        bench, ledger, host = self.meet(Fault.DUPLICATE)
        assert len(host.reports()) == 4
        assert len(bench.writes) == 2
        assert ledger.summary().retries == 0

    def test_noise_stands_between_the_frames(self) -> None:
        _, _, host = self.meet(Fault.GARBAGE)
        assert len(host.reports()) == 2
        assert all(i.reason == "noise" for i in host.heard if isinstance(i, Rejected))

    @pytest.mark.parametrize("token", ["5", "S", "3", "1"])
    def test_a_broken_body_in_a_sound_envelope_is_refused_and_the_retry_sound(
        self, token: str
    ) -> None:
        def judge(incoming: Incoming) -> Verdict:
            return Verdict.DUH if isinstance(incoming, Rejected) else Verdict.ACK

        faults = Faults({Fault.BROKEN_BODY: 1.0})
        bench, receiver, ledger, host = connect(judge, faults=faults, ids=(token,))
        receiver.tell(happening(), now=0.0)
        bench.settle()
        broken, sound = host.heard
        assert isinstance(broken, Rejected)
        assert broken.envelope_sound
        assert isinstance(sound, Report)
        assert ledger.summary().naks == 1

    def test_all_at_once_still_ends_well(self) -> None:
        def judge(incoming: Incoming) -> Verdict:
            return Verdict.DUH if isinstance(incoming, Rejected) else Verdict.ACK

        faults = Faults(dict.fromkeys(RECEIVER_FAULTS, 0.5))
        bench, receiver, ledger, host = connect(
            judge, faults=faults, ids=("5", "S", "3", "1"), buffer_events=1000
        )
        for number in range(200):
            receiver.tell(happening(address=number + 1), now=0.0)
        bench.run(until=10_000.0)
        assert ledger.summary().acknowledged == 200
        assert ledger.summary().is_clean
        assert len({report.raw for report in host.reports()}) == 200


class TestSettings:
    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [({"lines": ("001",)}, "1 character"), ({"ids": ("9",)}, "9 seen; it sends 5, S, 3, 1")],
    )
    def test_what_no_receiver_can_be_set_to_is_refused(
        self, wrong: dict[str, object], reason: str
    ) -> None:
        with pytest.raises(ValueError, match=reason):
            ReceiverSettings(**wrong)


def test_late_answers_to_repeated_frames_are_not_taken_for_the_next_message() -> None:
    bench, receiver, ledger, _ = connect()
    bench.far_end.is_dead = True
    first = receiver.tell(happening(address=1), now=0.0)
    second = receiver.tell(happening(address=2), now=0.0)
    bench.run(until=9.0)
    assert first.tries == 3
    receiver.receive(0, b"\x06", now=9.0, utc=BEGIN)
    bench.settle()
    assert second.tries == 0
    receiver.receive(0, b"\x06", now=9.1, utc=BEGIN)
    receiver.receive(0, b"\x06", now=9.2, utc=BEGIN)
    bench.now = 9.2
    bench.settle()
    assert (first.outcome, second.outcome) == (Outcome.ACKNOWLEDGED, Outcome.WAITING)
    assert second.tries == 1
    assert ledger.answers_ignored == 2


def test_answers_that_never_come_hold_the_next_message_only_for_a_while() -> None:
    bench, receiver, ledger, _ = connect()
    bench.far_end.is_dead = True
    receiver.tell(happening(address=1), now=0.0)
    receiver.tell(happening(address=2), now=0.0)
    bench.run(until=5.0)
    bench.far_end.is_dead = False
    receiver.receive(0, b"\x06", now=5.0, utc=BEGIN)
    bench.run(until=10.0)
    assert ledger.summary().is_clean
    assert bench.writes[-1][0] == 9.0  # a host that heeds the 4 s says nothing after that


def test_an_answer_to_a_copy_that_takes_nearly_the_timeout_is_not_that_of_the_next() -> None:
    bench, receiver, _, _ = connect()
    bench.far_end.is_dead = True
    first = receiver.tell(happening(address=1), now=0.0)
    second = receiver.tell(happening(address=2), now=0.0)
    bench.run(until=5.0)
    receiver.receive(0, b"\x06", now=5.0, utc=BEGIN)
    bench.run(until=8.5)
    receiver.receive(0, b"\x06", now=8.5, utc=BEGIN)
    assert (first.outcome, second.outcome) == (Outcome.ACKNOWLEDGED, Outcome.WAITING)


def test_a_late_ack_that_nobody_waits_for_is_ignored() -> None:
    bench, receiver, ledger, _ = connect()
    receiver.receive(0, b"\x06", now=0.0, utc=BEGIN)
    told = receiver.tell(happening(), now=0.0)
    bench.settle()
    assert ledger.answers_ignored == 1
    assert told.outcome is Outcome.ACKNOWLEDGED
