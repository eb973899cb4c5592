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


def test_an_option_that_dc09_does_not_have_is_refused():
    with pytest.raises(ValueError, match="header"):
        PROTOCOLS["dc09"].connect(keys=no_keys, pad=bytes, options={"header": "RRL"})
