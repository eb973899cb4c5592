"""The JSON of an event that is filled into a form is what msgspec encodes from the contract."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts import Account, AccountRecord
from gateway.admission import trust_of
from gateway.contract import event
from gateway.contract.event import AlarmEvent, Attributes, FollowOn
from gateway.ingest.forms import form_of
from gateway.journal import fill
from gateway.normalise import Meaning
from hardware.sink import Origin
from protocols.contact_id.message import ContactId
from tests.support.receiving import PANEL, Bench, report

AT_MS, AT = 1795166102417, "2026-11-20T09:15:02.417Z"
BURGLARY = ContactId(raw=b"1131 01 015", qualifier="1", event="131", group="01", zone="015")
# What an attacker or an installer may write: holes, quotes, control characters, any script.
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"\0"', "\0", "null", '"', "\\", "\x1e\x1f", "ä€😀"]
)
maybe = st.none() | texts
meanings = st.builds(
    Meaning,
    category=st.just("burglary"),
    kind=st.just("alarm"),
    class_=st.just("alarm"),
    alarm_type=st.just("BURGLAR"),
    severity=st.integers(1, 19),
    attributes=st.builds(Attributes, new=st.none() | st.booleans()),
    code=st.builds(
        event.Code,
        format=texts,
        value=texts,
        qualifier=st.just("new"),
        name=maybe,
        known=st.booleans(),
    ),
    area=st.builds(event.Area, id=maybe, name=maybe, class_=st.just("SECURED")),
    is_priority=st.booleans(),
    zone=st.none() | st.builds(event.Zone, id=texts, name=maybe, sensor=maybe, location=maybe),
    user=st.none() | st.builds(event.User, id=texts, name=maybe),
    text=maybe,
    flags=st.lists(texts, max_size=2).map(tuple),
)


@given(
    meaning=meanings,
    name=maybe,
    peer=texts,
    sequence=maybe,
    skew=st.none() | st.integers(-(10**9), 10**9),
    raw=st.binary(max_size=40),
    index=st.integers(0, 40),
    on_test=st.booleans(),
    follow_on=st.none() | st.just(FollowOn(kind="audio", seconds=60, of=None)),
    companion_of=maybe,
)
def test_a_filled_form_is_the_encoded_contract(
    meaning: Meaning, name: Any, peer: str, sequence: Any, skew: Any, raw: bytes, index: int,
    on_test: bool, follow_on: Any, companion_of: Any,  # noqa: FBT001
):  # fmt: skip
    account = Account.of_record(AccountRecord(id="1234", name=name))
    origin = Origin(input="ip-1", protocol="dc09", transport="tcp", peer=peer, host="192.0.2.7")
    said = msgspec.structs.replace(report("0001"), raw=raw, sequence=sequence)
    form = form_of(
        said, account, origin, meaning, trust=trust_of(0, "tcp", "panel", False), source="/s",
        index=index, count=41, flags=("stale_timestamp",), is_time_untrusted=False,
        on_test=on_test, follow_on=follow_on, companion_of=companion_of,
    )  # fmt: skip
    filled = fill(form.pieces, "id-1", 7, "abcd", "id-0", AT_MS, skew, peer, sequence, raw)
    # Decoded and encoded again by the contract's own struct: not a byte may differ.
    decoded = msgspec.json.decode(filled, type=AlarmEvent)
    assert msgspec.json.encode(decoded) == filled
    data = decoded.data
    assert (decoded.id, decoded.time, data.received_at) == ("id-1", AT, AT)
    assert (data.journal_seq, data.report.id, data.clock_skew_ms) == (7, "id-0", skew)
    assert data.dedupe_key == ("abcd" if not index else f"abcd{index:02x}")
    assert (data.origin.peer, data.origin.sequence) == (peer, sequence)
    assert data.raw.value.encode("latin-1") == raw
    assert data.flags == ("stale_timestamp", *meaning.flags)
    for field in ("area", "zone", "user", "code", "text", "attributes", "severity"):
        assert getattr(data, field) == getattr(meaning, field)
    assert (data.account.name, data.on_test) == (name, on_test)
    assert (data.follow_on, data.companion_of) == (follow_on, companion_of)


def _without_what_differs(bench: Bench) -> list[Any]:
    return [
        msgspec.structs.replace(
            event.data, journal_seq=0, dedupe_key="", report=None, raw=None,
            origin=msgspec.structs.replace(event.data.origin, sequence=None),
        )
        for event in bench.events
    ]  # fmt: skip


def test_the_second_report_of_a_kind_makes_the_event_that_a_first_one_would():
    used = Bench()
    used.receive(report("0001"), report("0002", account="5678"))
    used.receive(report("0003"))
    fresh = Bench()
    fresh.receive(report("0003"))
    assert _without_what_differs(used)[-1] == _without_what_differs(fresh)[-1]


def test_what_differs_between_like_reports_is_each_ones_own():
    bench = Bench()
    bench.receive(report("0001", pad=b"one"))
    bench.clock.go(1.5)
    bench.receive(report("0002", pad=b"two"))
    first, second = bench.events
    assert first.id != second.id
    assert second.data.report.id == second.id
    assert second.data.journal_seq == first.data.journal_seq + 1
    assert first.data.dedupe_key != second.data.dedupe_key
    assert (first.data.origin.sequence, second.data.origin.sequence) == ("0001", "0002")
    assert second.time == second.data.received_at != first.time
    assert b"two" in second.data.raw.value.encode("latin-1")


def test_reports_that_differ_in_anything_else_share_nothing():
    bench = Bench()
    restored = msgspec.structs.replace(BURGLARY, raw=b"3131 01 015", qualifier="3")
    bench.receive(
        report("0001"),
        report("0002", line="7"),
        report("0003", receiver="9"),
        report("0004", quirks=("crc_lower",)),
        report("0005", restored),
    )
    bench.receive(report("0006"), origin=msgspec.structs.replace(PANEL, transport="udp"))
    assert [_told(event.data) for event in bench.events] == [
        ("1", "0", (), "alarm", "tcp"),
        ("1", "7", (), "alarm", "tcp"),
        ("9", "0", (), "alarm", "tcp"),
        ("1", "0", ("crc_lower",), "alarm", "tcp"),
        ("1", "0", (), "restoral", "tcp"),
        ("1", "0", (), "alarm", "udp"),
    ]


def _told(data: event.Data) -> tuple[Any, ...]:
    origin = data.origin
    return (origin.receiver, origin.line, data.quirks, data.kind, origin.transport)
