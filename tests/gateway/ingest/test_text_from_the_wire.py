"""SEC-16: whatever the wire sends, a log record is one line, JSON is JSON, topics are whole."""

from __future__ import annotations

import io
import json

import pytest
import structlog

from gateway import logs
from gateway.admission import InputPolicy
from gateway.contract.topics import Topics, account_of
from hardware.sink import Origin
from protocols._core import Unreadable
from protocols.sia_dc03 import parse_sia_dcs
from tests.support.receiving import Bench, frame, rejected, report

EVERY_BYTE = [bytes((value,)) for value in range(256)]
TOPICS = Topics("site-a")
LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def _texts(byte: bytes) -> list[str]:
    """The byte as the codecs may decode it."""
    return [
        byte.decode("latin-1"),
        byte.decode("cp1252", "replace"),
        byte.decode("utf-8", "replace"),
    ]


def _check(bench: Bench) -> None:
    for entry in bench.entries:
        raw = entry.json
        assert not set(raw) & set(range(32)), raw
        event = json.loads(raw)
        topic = TOPICS.event(event["data"]["class"], entry.account)
        parsed = TOPICS.parse(topic)
        assert parsed is not None
        assert parsed.name == entry.account
        assert topic.count("/") == 5
        assert not set(topic) & set("+#\0")


@pytest.mark.parametrize("byte", EVERY_BYTE, ids=lambda byte: byte.hex())
def test_every_byte_in_every_field(byte):
    bench = Bench(ip_1=InputPolicy(is_receiver=False, unknown_account="ack"))
    for text in _texts(byte):
        account = f"A{text}1"
        bench.receive(report("0001", account=account))
        bench.receive(report("0002", receiver=text, line=text))
        bench.receive(report("0003", xdata=(("I", text), ("L", text), ("V", f"http://x/{text}"))))
        bench.receive(report("0004", token=f"T{text}"))
        bench.receive(report(f"00{text}5"))
        assert (
            account_of(bench.entries[0].account) == ("main", account.upper()) or not text.isascii()
        )
    _, parts = parse_sia_dcs(b"#1234|Nri1^" + byte + b"^/BA" + byte + b"^" + byte + b"^")
    bench.receive(report("0006", *parts))
    bench.receive(report("0007", Unreadable(raw=byte, format="raw", reason="junk")))
    bench.receive(frame(b"5" + byte * 3), origin=Origin(
        input="rx-1", protocol="surgard", transport="serial", peer=f"/dev/{byte.decode('latin-1')}"
    ))  # fmt: skip
    _check(bench)
    for entry in bench.entries:
        assert json.loads(entry.json)["data"]["raw"]["value"].encode("latin-1") == entry.raw


def test_every_byte_in_a_refused_frame_is_one_line_of_the_log(monkeypatch):
    out = io.StringIO()
    usual = structlog.get_config()
    monkeypatch.setattr("sys.stderr", out)
    try:
        logs.set_up("debug", "json")
        bench = Bench()
        for number, byte in enumerate(EVERY_BYTE):
            text = byte.decode("latin-1")
            origin = Origin(
                input="ip-1", protocol="dc09", transport="tcp", peer=f"{text}:{number}",
                host=f"h{number}",
            )  # fmt: skip
            bench.clock.go(1)  # so many lines a second and no more
            bench.receive(rejected(b"x" + byte, f"reason_{text}"), origin=origin)
            bench.receive(report(account=f"A{text}"), origin=origin)
    finally:
        structlog.configure(**usual)
    lines = out.getvalue().split("\n")
    assert lines.pop() == ""
    assert len(lines) == 512
    for line in lines:
        assert json.loads(line)["event"] == "frame.refused"
        assert not set(line) & set(LINE_BREAKS)


def test_two_accounts_never_share_a_topic():
    levels = {}
    for first in range(256):
        for second in b"A_./+#\x00\xff":
            account = bytes((first, second)).decode("latin-1").upper()
            bench = Bench(ip_1=InputPolicy(is_receiver=False, unknown_account="ack"))
            bench.receive(report(account=account))
            level = bench.entries[0].account
            assert levels.setdefault(level, account) == account
