"""Receiver links: REL-27, REL-28, REL-35 and what the ports say."""

from __future__ import annotations

import pytest

from gateway.accounts import AccountRecord
from gateway.admission import InputPolicy
from gateway.ingest import UnreadableCopies
from gateway.journal import Identity
from hardware.sink import Origin, PortFact, PortState
from protocols._core import Report, Verdict
from protocols.receiver_link import CallerId, TwoWayAudio
from tests.support.receiving import PANEL, RECEIVER, Bench, frame, link_test, rejected

ACK, DUH, SILENCE = Verdict.ACK, Verdict.DUH, Verdict.SILENCE
ONE, TWO = b"5011 18123418113101015", b"5011 18123418113101016"
OTHER = Origin(input="rx-2", protocol="surgard", transport="serial", peer="/dev/ttyUSB1")


def _on_tcp(port: int) -> Origin:
    return Origin(
        input="rx-1", protocol="surgard", transport="tcp", peer=f"192.0.2.9:{port}",
        host="192.0.2.9",
    )  # fmt: skip


def _identities(bench: Bench) -> list[Identity]:
    return [
        Identity(
            seq=entry.seq, digest=entry.identity,
            received_ms=entry.received_ms, link=entry.link,
        )
        for entry in bench.entries
    ]  # fmt: skip


# -- trust ---------------------------------------------------------------------------------


def test_an_unknown_account_never_blocks_a_receivers_line():
    bench = Bench()
    assert bench.receive(frame(ONE, account="9999"), origin=RECEIVER) == [ACK]
    (event,) = bench.events
    assert event.data.account.known is False
    assert event.data.trust.authenticity == "line"
    assert bench.alive == [(("main", "9999"), "rx-1")]


def test_a_frame_without_an_account_belongs_to_none():
    bench = Bench()
    assert bench.receive(frame(ONE, account=None, internal=True), origin=RECEIVER) == [ACK]
    assert bench.entries[0].account == "_none"


def test_receiver_and_line_name_the_group():
    def group_of(receiver, line) -> str:
        return "north" if (receiver, line) == ("01", "2") else "main"

    bench = Bench(
        AccountRecord(id="1234", group="north", name="Other house"),
        rx_1=InputPolicy(is_receiver=True, group_of=group_of),
    )
    bench.receive(frame(ONE, receiver="01", line="2"), origin=RECEIVER)
    bench.receive(frame(TWO, receiver="01", line="1"), origin=RECEIVER)
    north, main = bench.events
    assert (north.data.account.name, north.subject) == ("Other house", "account/north.1234")
    assert (main.data.account.known, main.subject) == (False, "account/1234")


# -- a receiver with several ports -----------------------------------------------------------


def _caller(account: str = "1234", receiver: str = "01") -> Report:
    part = CallerId(raw=b"", number="5551234", area="416")
    return frame(b"4011  12344165551234", part, account=account, companion=True, receiver=receiver)


@pytest.mark.parametrize(
    ("origins", "receivers", "is_enriched"),
    [
        ((1025, 1025), ("01", "01"), True),
        ((1025, 1026), ("01", "01"), True),  # System 5: parts of one call on different ports
        ((1025, 1026), ("01", "02"), False),  # another receiver behind the same address
    ],
)
def test_who_called_comes_with_the_event_on_any_port_of_the_receiver(
    origins, receivers, is_enriched
):
    bench = Bench()
    bench.receive(_caller(receiver=receivers[0]), origin=_on_tcp(origins[0]))
    bench.receive(frame(ONE, receiver=receivers[1]), origin=_on_tcp(origins[1]))
    _, event = bench.events
    assert event.data.text == ("caller 416 5551234" if is_enriched else None)


def test_who_called_is_an_event_by_itself_and_forgotten_after_ten_seconds():
    bench = Bench()
    assert bench.receive(_caller(), origin=RECEIVER) == [ACK]
    bench.clock.go(10.1)
    bench.receive(frame(ONE, receiver="01"), origin=RECEIVER)
    caller, event = bench.events
    assert (caller.data.kind, caller.data.text) == ("info", "caller 416 5551234")
    assert event.data.text is None


# -- the last frame again (REL-35) -----------------------------------------------------------


def test_the_last_frame_again_is_the_same_event():
    bench = Bench()
    for pause_s in (0, 14, 14, 15):
        bench.clock.go(pause_s)
        bench.receive(link_test(None), origin=RECEIVER)  # heartbeats in between are ignored
        assert bench.receive(frame(ONE), origin=RECEIVER) == [ACK]
    assert len(bench.entries) == 1


def test_later_or_after_another_frame_it_is_a_new_event():
    bench = Bench()
    bench.receive(frame(ONE), origin=RECEIVER)
    bench.clock.go(15.1)
    bench.receive(frame(ONE), origin=RECEIVER)
    bench.receive(frame(TWO), origin=RECEIVER)
    bench.receive(frame(ONE), origin=RECEIVER)
    assert [event.data.raw.value.encode() for event in bench.events] == [ONE, ONE, TWO, ONE]


def test_links_are_compared_each_by_itself():
    bench = Bench(rx_2=InputPolicy(is_receiver=True))
    bench.receive(frame(ONE), origin=RECEIVER)
    assert bench.receive(frame(ONE), origin=OTHER) == [ACK]
    assert len(bench.entries) == 2


def test_a_receiver_that_connects_again_is_the_same_link():
    bench = Bench()
    bench.receive(frame(ONE), origin=_on_tcp(1))
    assert bench.receive(frame(ONE), origin=_on_tcp(2)) == [ACK]
    assert len(bench.entries) == 1


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_copy_waits_for_the_commit_of_the_first(is_stored):
    bench = Bench()
    bench.is_instant = False
    assert bench.receive(frame(ONE), frame(ONE), origin=RECEIVER) == []
    assert bench.receive(frame(ONE), origin=RECEIVER) == []
    bench.commit(ok=is_stored)
    assert bench.answers == [ACK if is_stored else SILENCE] * 3
    assert len(bench.entries) == int(is_stored)


def test_a_restart_between_the_copies_changes_nothing():
    bench = Bench()
    bench.receive(frame(TWO), origin=RECEIVER)
    bench.receive(frame(ONE), origin=RECEIVER)
    bench.clock.go(5)
    bench.restarted().load(_identities(bench))
    assert bench.receive(frame(ONE), origin=RECEIVER) == [ACK]
    assert len(bench.entries) == 2
    assert bench.receive(frame(TWO), origin=RECEIVER) == [ACK]
    assert len(bench.entries) == 3


# -- a frame that nobody can read (REL-28) ----------------------------------------------------


def test_one_two_three_and_four_copies_of_an_unreadable_body():
    bench = Bench()
    bad = rejected(b"5011 18!!!!")
    assert bench.receive(bad, origin=RECEIVER) == [DUH]
    bench.receive(link_test(None), origin=RECEIVER)
    assert bench.receive(bad, origin=RECEIVER) == [DUH]
    assert bench.entries == []
    assert bench.receive(bad, origin=RECEIVER) == [ACK]
    assert bench.receive(bad, origin=RECEIVER) == [ACK]
    (event,) = bench.events
    assert event.data.code.known is False
    assert event.data.raw.value.encode("latin-1") == bad.raw
    assert event.data.account.id == ""
    # Quarantine holds only what was never acknowledged.
    assert [kept.raw for kept in bench.kept] == ["5011 18!!!!"] * 2
    assert bench.counts["report_unreadable_stored"] == 1


def test_the_ack_of_the_third_copy_waits_for_its_commit():
    bench = Bench()
    bad = rejected(b"bad")
    bench.receive(bad, bad, origin=RECEIVER)
    bench.is_instant = False
    assert bench.receive(bad, bad, origin=RECEIVER) == []
    bench.commit()
    assert bench.answers == [DUH, DUH, ACK, ACK]
    assert len(bench.entries) == 1


def test_only_identical_copies_of_one_link_count():
    bench = Bench(rx_2=InputPolicy(is_receiver=True))
    for number in range(10):
        assert bench.receive(rejected(b"bad %d" % number), origin=RECEIVER) == [DUH]
    bad = rejected(b"bad 0")
    assert bench.receive(bad, origin=OTHER) == [DUH]
    assert bench.receive(bad, origin=RECEIVER) == [DUH]
    assert bench.receive(bad, origin=RECEIVER) == [ACK]


def test_copies_hours_apart_are_not_one_frame():
    bench = Bench()
    bad = rejected(b"bad")
    for _ in range(10):
        assert bench.receive(bad, origin=RECEIVER) == [DUH]
        bench.clock.go(3600)


def test_the_number_of_copies_is_a_setting():
    bench = Bench()
    bench.restarted(copies=UnreadableCopies(copies=1))
    assert bench.receive(rejected(b"bad"), origin=RECEIVER) == [ACK]


def test_noise_is_never_answered():
    bench = Bench()
    for _ in range(10):
        assert bench.receive(rejected(b"\x00\xff", "noise", sound=False), origin=RECEIVER) == [
            SILENCE
        ]
    assert bench.entries == []
    assert bench.counts == {"frame_rejected:noise": 10}
    assert len(bench.kept) == 10


def test_a_panel_hears_silence_however_often_it_repeats_a_broken_frame():
    bench = Bench()
    for _ in range(10):
        assert bench.receive(rejected(b"bad"), origin=PANEL) == [SILENCE]
    assert bench.entries == []


def test_the_memory_of_copies_is_bounded():
    copies = UnreadableCopies()
    for number in range(5000):
        copies.is_enough("rx-1", b"%d" % number, 0.0)
    assert len(copies._seen) == 1000


# -- two-way audio -----------------------------------------------------------------------------


def test_a_voice_session_at_the_end_of_a_call_names_the_alarm_before_it():
    bench = Bench()
    bench.receive(frame(ONE), origin=RECEIVER)
    voice = TwoWayAudio(raw=b"P", event_code="P", audio_line="01")
    bench.receive(frame(b"1011      0000 P  01", voice, companion=True), origin=RECEIVER)
    alarm, session = bench.events
    assert session.data.follow_on.of == alarm.id


# -- ports ---------------------------------------------------------------------------------------


def _fact(state: PortState, reason: str = "device gone") -> PortFact:
    return PortFact(input="rx-1", state=state, reason=reason)


def test_a_lost_port_and_its_return_are_events():
    bench = Bench()
    for state in (PortState.UP, PortState.DOWN, PortState.DOWN, PortState.UP, PortState.UP):
        bench.ingest.fact(_fact(state))
    assert [(e.data.code.value, e.data.kind) for e in bench.events] == [
        ("input_lost", "trouble"),
        ("input_restored", "restoral"),
    ]
    lost = bench.events[0].data
    assert (lost.class_, lost.text, lost.origin.input) == ("system", "device gone", "rx-1")
    assert bench.entries[0].account == "_none"
    assert bench.events[0].subject == "gateway"
    assert len(bench.facts) == 5  # health hears all of them


def test_an_unreadable_line_is_told_once_a_minute():
    bench = Bench()
    for _ in range(12):
        bench.ingest.fact(_fact(PortState.UNREADABLE, "wrong speed?"))
        bench.clock.go(10)
    assert [event.data.code.value for event in bench.events] == ["input_unreadable"] * 2
