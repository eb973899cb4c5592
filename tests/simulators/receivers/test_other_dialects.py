"""Bosch, DC-07, radio, digits, blocks, Osborne-Hoffman: played against the gateway's own end."""

from __future__ import annotations

from random import Random

import pytest

from protocols._core import LinkTest, Rejected, Report, Verdict
from protocols.registry import PROTOCOLS
from simulators.faults import Fault, Faults
from simulators.ledger import Ledger, Outcome
from simulators.receivers import Receiver, ReceiverSettings
from simulators.receivers.other_dialects import OTHER_DIALECTS
from simulators.scenarios import Happening, meanings
from tests.support.simulated_time import Bench
from tests.support.surgard_host import Host

ACCOUNTS = {"osborne-hoffman": "001234", "osborne-hoffman-plain": "001234", "fsk-router": "01234"}
NO_HEARTBEAT = {"dtmf", "fsk-router", "sia-dc03"}
EVERYTHING = [(name, said) for name, dialect in OTHER_DIALECTS.items() for said in dialect.ids]


def happening(*, address: int = 5) -> Happening:
    return Happening(
        name="perimeter_alarm", meaning=meanings()["perimeter_alarm"], area=1, address=address
    )


class GatewayEnd(Host):
    """The gateway's side as the registry makes it; it may have something to say first."""

    def __init__(self, name, judge=None):
        super().__init__(judge)
        dialect = OTHER_DIALECTS[name]
        self.codec = PROTOCOLS[dialect.protocol].connect(
            keys=lambda _: (), pad=bytes, options=dialect.options
        )


class Wire:
    """Between receiver and gateway; cut while ``is_dead``."""

    def __init__(self, host):
        self.host = host
        self.is_dead = False

    def __call__(self, _path: int, data: bytes) -> bytes:
        if self.is_dead:
            return b""
        return self.host.codec.data_to_send() + self.host.answer(data)


def connect(name, judge=None, **settings):
    host = GatewayEnd(name, judge)
    receiver = Receiver(
        ReceiverSettings(protocol=name, **settings),
        ledger=Ledger(),
        random=Random(7),
        account=ACCOUNTS.get(name, "1234"),
        now=0.0,
    )
    return Bench(receiver, Wire(host)), receiver, host


@pytest.mark.parametrize(("name", "said"), EVERYTHING)
def test_all_that_it_can_say_is_understood(name, said):
    bench, receiver, host = connect(name, ids=(said,))
    told = receiver.tell(happening(), now=0.0)
    bench.settle()
    reports = host.reports()
    assert [report.account for report in reports] == [ACCOUNTS.get(name, "1234")]
    assert told.outcome is Outcome.ACKNOWLEDGED
    assert receiver.is_done


@pytest.mark.parametrize("name", sorted(set(OTHER_DIALECTS) - NO_HEARTBEAT))
def test_heartbeats_come_at_their_interval(name):
    bench, receiver, host = connect(name, heartbeat_s=30.0)
    receiver.tell(happening(), now=0.0)
    bench.run(until=100.0)
    assert sum(isinstance(each, LinkTest) for each in host.heard) == 3


@pytest.mark.parametrize("name", OTHER_DIALECTS)
@pytest.mark.parametrize("fault", [Fault.LOST_ACK, Fault.SPLIT])
def test_a_lost_ack_and_a_slow_line_lose_nothing(name, fault):
    bench, receiver, host = connect(name, faults=Faults({fault: 1.0}), ack_timeout_s=2.0)
    told = [receiver.tell(happening(address=number), now=0.0) for number in (1, 2, 3)]
    bench.run(until=120.0)
    assert [each.outcome for each in told] == [Outcome.ACKNOWLEDGED] * 3
    seen = [report.identity for report in host.reports()]
    assert len(set(seen)) == 3
    assert len(seen) == (6 if fault is Fault.LOST_ACK else 3)


@pytest.mark.parametrize("name", sorted(set(OTHER_DIALECTS) - {"dtmf"}))
def test_a_refused_message_is_told_again_and_never_lost(name):
    refusals = iter([Verdict.DUH, Verdict.DUH])

    def judge(incoming):
        return next(refusals, Verdict.ACK) if isinstance(incoming, Report) else Verdict.ACK

    bench, receiver, host = connect(name, judge)
    told = receiver.tell(happening(), now=0.0)
    bench.run(until=100.0)
    assert told.outcome is Outcome.ACKNOWLEDGED
    assert len({report.raw for report in host.reports()}) == 1
    assert not any(isinstance(each, Rejected) for each in host.heard)
