"""Every receiver that can be played, against the gateway's own end of its family."""

from __future__ import annotations

from random import Random

import pytest

from protocols._core import LinkTest, Rejected, Verdict
from protocols.registry import PROTOCOLS
from simulators.faults import RECEIVER_FAULTS, Fault, Faults
from simulators.ledger import Ledger, Outcome
from simulators.receivers import DIALECTS as ALL
from simulators.receivers import Receiver, ReceiverSettings
from simulators.receivers.other_dialects import OTHER_DIALECTS
from simulators.scenarios import Happening, meanings
from tests.support.simulated_time import Bench
from tests.support.surgard_host import Host

DIALECTS = {name: each for name, each in ALL.items() if name not in OTHER_DIALECTS}
ACCOUNTS = {"pima": "001234"}
NO_HEARTBEAT = {"pima", "sk9000"}
"""Families whose manual shows none."""


def happening(*, address: int = 5) -> Happening:
    return Happening(
        name="perimeter_alarm", meaning=meanings()["perimeter_alarm"], area=1, address=address
    )


class FamilyHost(Host):
    """The computer's side as the registry makes it."""

    def __init__(self, name, judge=None):
        super().__init__(judge)
        dialect = DIALECTS[name]
        self.codec = PROTOCOLS[dialect.protocol].connect(
            keys=lambda _: (), pad=bytes, options=dialect.options
        )


class Wire:
    """Between receiver and host; cut while ``is_dead``."""

    def __init__(self, host):
        self.host = host
        self.is_dead = False

    def __call__(self, _path: int, data: bytes) -> bytes:
        return b"" if self.is_dead else self.host.answer(data)


def connect(name, judge=None, **settings):
    host = FamilyHost(name, judge)
    ledger = Ledger()
    receiver = Receiver(
        ReceiverSettings(protocol=name, **settings),
        ledger=ledger,
        random=Random(7),
        account=ACCOUNTS.get(name, "1234"),
        now=0.0,
    )
    return Bench(receiver, Wire(host)), receiver, host


EVERYTHING = [(name, said) for name, dialect in DIALECTS.items() for said in dialect.ids]


@pytest.mark.parametrize(("name", "said"), EVERYTHING)
def test_all_that_it_can_say_is_understood(name, said):
    bench, receiver, host = connect(name, ids=(said,))
    told = receiver.tell(happening(), now=0.0)
    bench.settle()
    (report,) = host.reports()
    assert told.outcome is Outcome.ACKNOWLEDGED
    assert report.account.lstrip("0") == "1234"
    assert not report.quirks
    assert told.format
    assert receiver.is_done


@pytest.mark.parametrize("name", DIALECTS)
class TestEveryReceiver:
    def test_an_outage_is_followed_by_the_backlog_in_order(self, name):
        bench, receiver, host = connect(name, heartbeat_s=30.0)
        bench.far_end.is_dead = True
        for address in (1, 2, 3):
            receiver.tell(happening(address=address), now=0.0)
        bench.run(until=60.0)
        assert not host.heard
        bench.far_end.is_dead = False
        bench.run(until=300.0)
        assert receiver.is_done
        if name not in NO_HEARTBEAT:
            assert isinstance(host.heard[0], LinkTest)
        seen = [report.raw for report in host.reports()]
        assert len(seen) == len(set(seen)) == 3

    def test_heartbeats_come_at_their_interval(self, name):
        bench, _, host = connect(name, heartbeat_s=30.0)
        bench.run(until=100.0)
        expected = 0 if name in NO_HEARTBEAT else 3
        assert [type(each) for each in host.heard] == [LinkTest] * expected

    def test_a_refused_message_is_told_again_and_never_lost(self, name):
        refusals = iter([Verdict.DUH, Verdict.DUH])
        bench, receiver, host = connect(name, lambda _: next(refusals, Verdict.ACK))
        told = receiver.tell(happening(), now=0.0)
        bench.run(until=300.0)
        assert told.outcome is Outcome.ACKNOWLEDGED
        assert len({report.raw for report in host.reports()}) == 1

    @pytest.mark.parametrize("fault", sorted(RECEIVER_FAULTS, key=str))
    def test_every_fault_is_survived(self, name, fault):
        bench, receiver, host = connect(name, faults=Faults({fault: 1.0}))
        for address in (1, 2, 3):
            receiver.tell(happening(address=address), now=0.0)
        host.judge = lambda each: Verdict.DUH if isinstance(each, Rejected) else Verdict.ACK
        bench.run(until=600.0)
        assert receiver.is_done
        assert len({report.raw for report in host.reports()}) == 3
        broken = [each for each in host.heard if isinstance(each, Rejected)]
        if fault is Fault.BROKEN_BODY:
            assert len(broken) == 3
            assert all(each.envelope_sound for each in broken)


def test_a_receiver_that_does_not_exist_is_told_of():
    with pytest.raises(ValueError, match="no receiver is called '686'; surgard, 685"):
        ReceiverSettings(protocol="686")
    with pytest.raises(ValueError, match="pulse seen; it sends sia"):
        ReceiverSettings(protocol="ae8000", ids=("pulse",))
