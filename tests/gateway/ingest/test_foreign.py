"""Another protocol's traffic is named in one line that says what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from structlog.testing import capture_logs

from gateway.ingest.foreign import TELL_EVERY_S, remedy
from hardware.sink import Origin, PortFact, PortState
from protocols.registry import PROTOCOLS
from tests.support.receiving import Bench, rejected

NAMED = [
    "tls", "http", "ssh", "rdp", "socks", "telnet", "rtsp", "mqtt", "smb", "modbus",
    "osborne-hoffman", "osborne-hoffman-heartbeat", "galaxy-sia-blocks",
    "galaxy-encrypted-handshake", "vendor-ecoline", "dsc-itv2",
]  # fmt: skip


def foreign(name: str):
    return msgspec.structs.replace(rejected(b"junk", "noise"), foreign=name)


def origin(number: int, input_name: str = "ip-1") -> Origin:
    host = f"198.51.100.{number}"
    return Origin(input=input_name, protocol="dc09", transport="tcp", peer=f"{host}:9", host=host)


def lines(logs) -> Iterator[dict]:
    return (one for one in logs if one["event"] == "traffic.foreign")


@pytest.mark.parametrize("name", NAMED)
def test_what_it_is_and_what_to_do_about_it(name):
    assert "nothing that this input can read" not in remedy(name)
    assert len(remedy(name)) > 40


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_family_of_ours_is_told_by_its_protocol(name):
    assert f"protocol = '{name}'" in remedy(name)


def test_one_line_however_many_send_it():
    bench = Bench()
    with capture_logs() as logs:
        for number in range(50):
            bench.receive(foreign("tls"), origin=origin(number))
        bench.clock.go(TELL_EVERY_S)
        bench.receive(foreign("tls"), origin=origin(1))
    first, second = lines(logs)
    assert first["words"].startswith("TLS on a plain port: give the input a tls address")
    assert (first["input"], first["peer"], first["held_back"]) == ("ip-1", "198.51.100.0:9", 0)
    assert second["held_back"] == 49
    assert not [one for one in logs if one["event"] == "frame.refused"]


def test_each_kind_has_its_own_line_and_counter():
    bench = Bench()
    with capture_logs() as logs:
        for name in ("tls", "modbus", "modbus"):
            bench.receive(foreign(name), origin=origin(1))
    assert [one["what"] for one in lines(logs)] == ["tls", "modbus"]
    assert bench.counts["frame_foreign:modbus"] == 2


def test_what_an_input_was_found_to_hear_is_said_once():
    bench = Bench()
    fact = PortFact(input="rx-1", state=PortState.HEARS, reason="hears surgard (header RRL)")
    with capture_logs() as logs:
        for _ in range(3):
            bench.ingest.fact(fact)
    assert [one["words"] for one in logs if one["event"] == "input.recognised"] == [fact.reason]
