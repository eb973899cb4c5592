"""A report that is like one before is taken in one step, and becomes the very same entry."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.accounts import AccountRecord, Accounts, ZoneEntry
from gateway.admission import InputPolicy
from gateway.ingest.ingest import Ingest
from gateway.journal import Alike
from protocols._core import Verdict
from protocols.contact_id.adm_cid import parse_adm_cid
from protocols.sia_dc03 import parse_ascii_blocks
from tests.support.receiving import PANEL, Bench, report

CID = [
    b"1131 01 015", b"3131 01 015", b"1401 01 005", b"1459 01 005", b"1130 01 000", b"1928 00 001",
    b"1606 00 000", b"1131 01 015|1132 01 016", b"1789 00 000", b"1602 00 000", b"junk",
]  # fmt: skip
SIA = [b"Nri1/BA001", b"Nri1/CR005", b"Nti10:00/OP1", b"NCL1/OP2", b"NLT060", b"NRP"]
RECORDS = (
    AccountRecord(id="1234", name="Harbour Street", zones=(ZoneEntry(id="15", name="Door"),)),
    AccountRecord(id="0042", aliases=("42",), time_zone="Europe/Berlin"),
    AccountRecord(id="0044", timestamp_check="always"),
    AccountRecord(id="0043", sources=("192.0.2.0/24",)),
)
PEERS = [
    PANEL,
    msgspec.structs.replace(PANEL, peer="192.0.2.8:4000", host="192.0.2.8"),
    msgspec.structs.replace(PANEL, peer="203.0.113.1:9", host="203.0.113.1", transport="udp"),
    msgspec.structs.replace(PANEL, input="ip-2"),
    msgspec.structs.replace(PANEL, input="ip-3"),
]


@st.composite
def steps(draw):
    """One report, from where, and what happens before it."""
    is_sia = draw(st.booleans())
    words = draw(st.sampled_from(SIA if is_sia else CID))
    _, parts = parse_adm_cid(b"#1234|" + words)
    said = {"token": "SIA-DCS" if is_sia else "ADM-CID", "data": words}
    said["parts"] = parse_ascii_blocks(words, None) if is_sia else parts
    said["line"] = draw(st.sampled_from(["0", "0", "0", "7"]))
    said["account"] = draw(st.sampled_from(["1234", "1234", "0042", "42", "0044", "0043", "9999"]))
    said["stamp_s"] = draw(st.sampled_from([None, 5.0, -90.0]))
    sequence = draw(st.sampled_from(["0000", "0001", "0002", "0003", "0004"]))
    happens = draw(st.sampled_from(["", "", "", "time", "reload", "untrusted", "on_test"]))
    return said, sequence, draw(st.sampled_from(PEERS)), happens


def played(chosen, *, is_fast: bool):
    bench = Bench(
        *RECORDS,
        ip_2=InputPolicy(is_receiver=False, unknown_account="learn"),
        ip_3=InputPolicy(is_receiver=False, unknown_account="ack", group_of=_by_line),
    )
    on_test = {}
    bench.restarted(zones_on_test=on_test.get)
    for said, sequence, origin, happens in chosen:
        if happens == "time":
            bench.clock.go(400.0)
        elif happens == "reload":
            bench.accounts = Accounts.of([AccountRecord(id="1234", name="New name"), *RECORDS[1:]])
        elif happens == "untrusted":
            bench.is_clock_untrusted = not bench.is_clock_untrusted
        elif happens == "on_test" and on_test:
            on_test.clear()
        elif happens == "on_test":
            on_test["main", "1234"] = frozenset({"15"})
        else:
            bench.clock.seconds += 0.25
            bench.clock.now += timedelta(milliseconds=250)
        fields = dict(said)
        parts = fields.pop("parts")
        if not is_fast:
            fields.pop("data")
        bench.receive(report(sequence, *parts, **fields), origin=origin)
    return bench


def _whole(entry):
    return entry.whole() if isinstance(entry, Alike) else entry


def _by_line(_receiver, line):
    return "main" if line == "0" else "north"


@settings(max_examples=300)
@given(st.lists(steps(), max_size=14))
def test_both_ways_make_the_same_entries_and_answers(chosen):
    fast, general = played(chosen, is_fast=True), played(chosen, is_fast=False)
    assert [_whole(entry) for entry in fast.entries] == general.entries
    assert fast.answers == general.answers
    assert fast.alive == general.alive
    assert fast.counts == general.counts


def _counting(monkeypatch):
    """How many reports went the general way."""
    went = []
    general = Ingest._report

    def counted(self, item, *rest):
        went.append(item)
        general(self, item, *rest)

    monkeypatch.setattr(Ingest, "_report", counted)
    return went


def test_the_second_alike_is_familiar_and_after_a_reload_it_is_not(monkeypatch):
    went = _counting(monkeypatch)
    bench = Bench()
    for sequence in ("0001", "0002", "0003", "0002"):
        assert bench.receive(report(sequence, data=b"1131 01 015")) == [Verdict.ACK]
    assert len(went) == 1
    assert len(bench.entries) == 3
    bench.accounts = Accounts.of([AccountRecord(id="1234", name="Renamed")])
    bench.receive(report("0004", data=b"1131 01 015"))
    assert len(went) == 2
    assert bench.events[-1].data.account.name == "Renamed"


def test_what_could_not_be_normalised_is_tried_again(monkeypatch):
    went = _counting(monkeypatch)
    bench = Bench()

    def broken(*_said, **_received):
        raise ZeroDivisionError

    normalise, bench.ingest._normalise = bench.ingest._normalise, broken
    normalised = [normalise]
    bench.ingest._normalise = lambda item, account, **when: (
        broken() if item.data else normalised[0](item, account, **when)
    )
    bench.receive(report("0001", data=b"1131 01 015"), report("0002", data=b"1131 01 015"))
    assert len(went) == 2
    assert [event.data.code.known for event in bench.events] == [False, False]


def test_a_familiar_report_that_fails_is_no_repeat_when_it_comes_again():
    bench = Bench()
    fails = []

    def alive(key, _input):
        if key == ("main", "5678") and fails:
            raise fails.pop()

    bench.accounts = Accounts.of([AccountRecord(id="1234"), AccountRecord(id="5678")])
    bench.restarted(alive=alive)
    bench.receive(report("0001", data=b"1131 01 015", account="5678"))
    fails.append(ZeroDivisionError())
    with capture_logs():
        answers = bench.receive(
            report("0002", data=b"1131 01 015", account="5678"),
            report("0002", data=b"1131 01 015"),
        )
    assert sorted(map(str, answers)) == sorted(map(str, [Verdict.SILENCE, Verdict.ACK]))
    # Its neighbour is on disk and it is not: the panel says it again, and now it is stored.
    assert bench.receive(report("0002", data=b"1131 01 015", account="5678")) == [Verdict.ACK]
    accounts = [event.data.account.id for event in bench.events]
    assert accounts == ["5678", "1234", "5678"]
