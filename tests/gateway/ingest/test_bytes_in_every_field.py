"""SEC-16: each byte value in every field that a peer fills: one log line, sound JSON and topic."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
import structlog

from gateway import logs
from gateway.accounts import AccountRecord
from gateway.admission import InputPolicy
from gateway.contract.event import AlarmEvent
from gateway.contract.topics import Topics, account_of
from tests.support.dc09 import seal
from tests.support.receiving import Bench
from tests.support.wired import Wired, dc09_codec, surgard_codec

TOPICS = Topics("site-a")
PLACES = {
    "token": b'"ADM%bCID"0001R1L1#1234[#1234|1131 01 015]',
    "sequence": b'"ADM-CID"00%b1R1L1#1234[#1234|1131 01 015]',
    "receiver": b'"ADM-CID"0001R1%bL1#1234[#1234|1131 01 015]',
    "line": b'"ADM-CID"0001R1L1%b#1234[#1234|1131 01 015]',
    "account": b'"ADM-CID"0001R1L1#12%b4[#1234|1131 01 015]',
    "inner account": b'"ADM-CID"0001R1L1#1234[#12%b4|1131 01 015]',
    "contact id": b'"ADM-CID"0001R1L1#1234[#1234|1131 %b1 015]',
    "sia code": b'"SIA-DCS"0001R1L1#1234[#1234|Nri1/B%b12]',
    "sia text": b'"SIA-DCS"0001R1L1#1234[#1234|Nri1/BA12^Back %b door^]',
    "extended field": b'"ADM-CID"0001R1L1#1234[#1234|1131 01 015][Iname %b here]',
    "timestamp": b'"ADM-CID"0001R1L1#1234[#1234|1131 01 015]_12:00:0%b,11-20-2026',
}
LINES = {
    "receiver": b"50%b1 181234E12101001\x14",
    "account": b"5011 1812%b4E12101001\x14",
    "zone": b"5011 181234E121010%b1\x14",
    "sia text": b"S011[#1234|Nri1/BA12*Back %b door*NM]\x14",
    "sia account": b"S011[#12%b4|Nri1/BA12]\x14",
}


@pytest.fixture
def written():
    """The log as it is written off a terminal."""
    stream = io.StringIO()
    logs.set_up("debug", "json", stream)
    yield stream
    structlog.reset_defaults()


def _is_sound(link: Wired, written: io.StringIO) -> None:
    for entry in link.bench.entries:
        assert b"\n" not in entry.json
        event = msgspec.json.decode(entry.json, type=AlarmEvent)
        assert event.data.raw.value.encode("latin-1") == entry.raw
        topic = TOPICS.event(entry.class_, entry.account)
        assert topic.isascii()
        assert topic.count("/") == 5
        assert not set(topic) & set("+# \r\n\0")
        assert account_of(entry.account) is not None or entry.account == "_none"
    for kept in link.bench.kept:
        assert b"\n" not in msgspec.json.encode(kept)
    lines = written.getvalue().split("\n")
    assert lines.pop() == ""
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("place", PLACES)
def test_of_a_panel(place, written):
    for byte in range(256):
        bench = Bench(
            AccountRecord(id="1234"),
            ip_1=InputPolicy(is_receiver=False, unknown_account="ack", unknown_token="ack"),
        )
        link = Wired(dc09_codec(), bench)
        link.hear(seal(PLACES[place] % bytes([byte])))
        link.wait()
        assert link.items
        _is_sound(link, written)
    assert written.getvalue()


@pytest.mark.parametrize("place", LINES)
def test_of_a_receiver(place, written):
    for byte in range(256):
        link = Wired(surgard_codec())
        link.hear(LINES[place] % bytes([byte]))
        link.wait()
        assert link.items
        _is_sound(link, written)
