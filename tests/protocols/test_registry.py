"""Every protocol of the configuration can be connected, in the receiving role."""

import pytest

from protocols.registry import PROTOCOLS


def no_keys(account: str) -> tuple[bytes, ...]:
    del account
    return ()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_connects(name):
    info = PROTOCOLS[name]
    assert info.name == name
    assert info.transports <= {"tcp", "udp", "serial"}
    assert info.ack_timeout_s > 0
    connection = info.connect(keys=no_keys, pad=bytes)
    assert bool(connection.data_to_send()) == info.speaks_first
    assert connection.deadline() is None


def those(claim) -> set[str]:
    return {name for name, info in PROTOCOLS.items() if claim(info)}


def test_a_receiver_is_on_a_serial_line_or_tcp_and_says_nothing_unasked():
    receivers = those(lambda info: info.link == "receiver")
    assert receivers == set(PROTOCOLS) - {"dc09", "osborne-hoffman", "sia-dc03"}
    assert {PROTOCOLS[name].transports for name in receivers} == {frozenset({"tcp", "serial"})}
    assert not receivers & those(lambda info: info.speaks_first or info.refuses)


def test_what_few_do():
    assert those(lambda info: info.names_answers) == {"dc09", "dc07"}
    assert those(lambda info: not info.has_heartbeat) == {"dtmf", "fsk-router", "sia-dc03"}
    assert those(lambda info: info.refuses) == {"osborne-hoffman", "sia-dc03"}


def test_an_option_that_dc09_does_not_have_is_refused():
    with pytest.raises(ValueError, match="header"):
        PROTOCOLS["dc09"].connect(keys=no_keys, pad=bytes, options={"header": "RRL"})
