"""The path of a report: REL-2, REL-7, REL-26, REL-36, SEC-1, SEC-2."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.accounts import AccountRecord, AreaEntry, ZoneEntry
from gateway.admission import InputPolicy
from gateway.ingest import OwnEvent
from gateway.journal import Identity
from gateway.journal.repeats import AccountRepeats
from gateway.normalise import meanings
from hardware.sink import Origin
from protocols._core import Repeat, Unreadable, Verdict
from protocols.contact_id.message import ContactId
from protocols.sia_dc03.message import SiaEvent, SiaText
from tests.support.receiving import NOW, PANEL, Bench, frame, report

ACK, NAK, DUH, SILENCE = Verdict.ACK, Verdict.NAK_TIME, Verdict.DUH, Verdict.SILENCE
KEY = bytes(range(16))
KEYED = AccountRecord(id="1234", keys=(KEY,))
LINE2 = Origin(input="ip-2", protocol="dc09", transport="udp", peer="192.0.2.8:1", host="192.0.2.8")


def _kinds(bench: Bench) -> list[str]:
    return [what[0] for what in bench.record]


# -- ACK strictly after the commit ---------------------------------------------------------


def test_an_ack_never_precedes_its_commit():
    bench = Bench()
    bench.is_instant = False
    assert bench.receive(report()) == []
    bench.commit()
    assert _kinds(bench) == ["append", "committed", "answer"]
    assert bench.answers == [ACK]


def test_a_report_that_could_not_be_stored_hears_silence():
    bench = Bench()
    bench.is_instant = False
    bench.receive(report())
    bench.commit(ok=False)
    assert bench.answers == [SILENCE]
    assert [kept.reason for kept in bench.kept] == ["commit_failed"]
    assert bench.counts["report_not_committed"] == 1
    # It comes again, and is not taken for a repeat of something durable.
    bench.is_instant = True
    assert bench.receive(report()) == [ACK]
    assert len(bench.entries) == 1


def test_all_frames_of_one_read_are_one_group_and_answered_in_order():
    bench = Bench()
    bench.is_instant = False
    bench.receive(report("0001"), report("0002"), report("0003"))
    assert len(bench.waiting) == 1
    bench.commit()
    assert [what[1].sequence for what in bench.record if what[0] == "answer"] == [
        "0001", "0002", "0003",
    ]  # fmt: skip
    assert bench.answers == [ACK] * 3
    assert bench.counts["report_acknowledged"] == 3


# -- repeats -------------------------------------------------------------------------------


def test_the_same_report_twice_is_two_acks_and_one_event():
    bench = Bench()
    assert bench.receive(report()) == [ACK]
    bench.clock.go(30)
    assert bench.receive(report()) == [ACK]
    assert len(bench.entries) == 1
    assert bench.counts["report_repeated"] == 1


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_repeat_of_an_uncommitted_report_waits_for_that_commit(is_stored):
    bench = Bench()
    bench.is_instant = False
    bench.receive(report())
    assert bench.receive(report(), origin=LINE2) == []
    assert len(bench.waiting) == 1
    bench.commit(ok=is_stored)
    assert bench.answers == [ACK if is_stored else SILENCE] * 2
    assert _kinds(bench)[-2:] == ["answer", "answer"]


def test_two_copies_in_one_read_are_one_event():
    bench = Bench()
    assert bench.receive(report(), report()) == [ACK, ACK]
    assert len(bench.entries) == 1


def test_line_receiver_timestamp_pad_and_path_do_not_make_a_new_event():
    bench = Bench(ip_2=InputPolicy(is_receiver=False))
    assert bench.receive(report(stamp_s=0, pad=b"a")) == [ACK]
    other = report(stamp_s=9, pad=b"b", receiver="2", line="7")
    assert bench.receive(other, origin=LINE2) == [ACK]
    assert len(bench.entries) == 1


def test_other_data_another_sequence_or_another_account_is_a_new_event():
    bench = Bench(AccountRecord(id="1234"), AccountRecord(id="5678"))
    fire = ContactId(raw=b"1110 01 015", qualifier="1", event="110", group="01", zone="015")
    for one in (report(), report("0008"), report("0007", fire), report(account="5678")):
        assert bench.receive(one) == [ACK]
    assert len(bench.entries) == 4
    assert len({entry.identity for entry in bench.entries}) == 4


def test_the_same_account_of_two_groups_is_two_accounts():
    bench = Bench(
        AccountRecord(id="1234"),
        AccountRecord(id="1234", group="north"),
        ip_2=InputPolicy(is_receiver=False, group_of=lambda _receiver, _line: "north"),
    )
    assert bench.receive(report()) == [ACK]
    assert bench.receive(report(), origin=LINE2) == [ACK]
    assert [entry.account for entry in bench.entries] == ["1234", "north.1234"]


def test_spelling_and_aliases_of_an_account_are_one_account():
    bench = Bench(AccountRecord(id="ABCD", aliases=("00ABCD",)))
    for spelling in ("ABCD", "abcd", "00abcd"):
        assert bench.receive(report(account=spelling)) == [ACK]
    assert len(bench.entries) == 1
    assert bench.events[0].data.account.id == "ABCD"


def test_sequence_0000_is_never_merged():
    bench = Bench()
    for _ in range(3):
        assert bench.receive(report("0000")) == [ACK]
    assert len(bench.entries) == 3
    assert {entry.identity for entry in bench.entries} == {b""}
    # And no consumer takes them for repeats.
    assert len({event.data.dedupe_key for event in bench.events}) == 3


def test_outside_the_window_the_same_report_is_a_new_event():
    bench = Bench()
    bench.receive(report())
    bench.clock.go(601)
    assert bench.receive(report()) == [ACK]
    assert len(bench.entries) == 2


def test_the_window_is_the_configured_one():
    bench = Bench()
    bench.restarted(repeats=AccountRepeats(window_s=120.0))
    bench.receive(report())
    bench.clock.go(121)
    bench.receive(report())
    assert len(bench.events) == 2


def test_a_step_of_the_wall_clock_changes_no_window():
    bench = Bench()
    bench.receive(report())
    bench.clock.now += timedelta(hours=1)
    bench.receive(report())
    bench.clock.now -= timedelta(hours=5)
    bench.receive(report())
    assert len(bench.entries) == 1


def test_a_restart_knows_the_repeats():
    bench = Bench()
    bench.receive(report())
    (entry,) = bench.entries
    known = Identity(
        seq=entry.seq, digest=entry.identity,
        received_ms=entry.received_ms, link=entry.link,
    )  # fmt: skip
    bench.clock.go(100)
    bench.restarted().load([known])
    assert bench.receive(report()) == [ACK]
    assert len(bench.entries) == 1
    bench.clock.go(501)
    bench.receive(report())
    assert len(bench.entries) == 2


# -- replay --------------------------------------------------------------------------------


def test_a_replayed_encrypted_frame_is_answered_and_never_an_event():
    bench = Bench(KEYED)
    sealed = report(stamp_s=0, key_bits=128)
    assert bench.receive(sealed) == [ACK]
    for _ in range(10):
        bench.clock.go(50)  # its timestamp is long outside the window
        assert bench.receive(sealed) == [ACK]
    assert len(bench.entries) == 1
    # Nor is a recording a sign of life.
    assert bench.alive == [(("main", "1234"), "ip-1")]


def test_a_wide_timestamp_window_makes_the_replay_cache_remember_longer():
    bench = Bench(AccountRecord(id="1234", keys=(KEY,), past_s=3600.0))
    sealed = report(stamp_s=0, key_bits=128)
    bench.receive(sealed)
    for number in range(60):
        bench.clock.go(60)
        bench.receive(report(f"{number + 10:04d}", stamp_s=60.0 * number, key_bits=128))
        bench.receive(sealed)
    assert [event.data.origin.sequence for event in bench.events].count("0007") == 1


# -- refusals ------------------------------------------------------------------------------


def test_an_unknown_account_hears_silence_and_is_kept_raw():
    bench = Bench()
    stranger = report(account="9999")
    assert bench.receive(stranger) == [SILENCE]
    assert bench.entries == []
    assert bench.counts == {"report_refused:account_unknown": 1}
    assert [kept.raw.encode("latin-1") for kept in bench.kept] == [stranger.raw]
    assert [shown.raw.value.encode("latin-1") for shown in bench.shown] == [stranger.raw]
    assert bench.alive == []


@pytest.mark.parametrize("policy", ["ack", "learn"])
def test_an_unknown_account_may_be_taken(policy):
    bench = Bench(ip_1=InputPolicy(is_receiver=False, unknown_account=policy))
    assert bench.receive(report(account="9999")) == [ACK]
    (event,) = bench.events
    assert (event.data.account.id, event.data.account.known) == ("9999", False)
    assert event.data.area.class_ == "UNKNOWN"
    assert (bench.accounts.lookup("main", "9999") is not None) is (policy == "learn")


def test_plain_text_of_a_keyed_account_is_a_security_event_now_and_then():
    bench = Bench(KEYED)
    for number in range(1000):
        assert bench.receive(report(f"{number:04d}")) == [SILENCE]
    (event,) = bench.events
    assert (event.data.class_, event.data.code.value) == ("system", "plaintext_refused")
    assert event.data.flags == ("security",)
    assert "192.0.2.7:51823 on ip-1" in event.data.text
    assert event.data.account.id == "1234"
    bench.clock.go(60)
    bench.receive(report("0001"))
    assert len(bench.events) == 2


def test_a_stale_timestamp_hears_the_time_and_a_live_panel_is_taken_in_the_end():
    bench = Bench(KEYED)
    for number in range(3):
        stale = report(stamp_s=-900 + 10 * number, pad=b"%d" % number, key_bits=128)
        assert bench.receive(stale) == [NAK]
        bench.clock.go(10)
    assert bench.entries == []
    assert bench.counts["report_refused:stale_timestamp"] == 3
    assert bench.receive(report(stamp_s=-870, pad=b"3", key_bits=128)) == [ACK]
    (event,) = bench.events
    assert event.data.flags == ("stale_timestamp",)
    assert event.data.clock_skew_ms == 900_000


def test_a_recorded_stale_frame_raises_one_security_event():
    bench = Bench(KEYED)
    recorded = report(stamp_s=-900, key_bits=128)
    for _ in range(50):
        assert bench.receive(recorded) == [NAK]
    assert [event.data.code.value for event in bench.events] == ["stale_repeated"]
    assert len(bench.kept) == 50


def test_an_untrusted_clock_tells_nobody_the_time():
    bench = Bench(KEYED)
    bench.is_clock_untrusted = True
    assert bench.receive(report(stamp_s=-900, key_bits=128)) == [ACK]
    assert bench.events[0].data.time_untrusted is True


def test_a_wrong_key_is_silence_and_a_line_that_says_so():
    from tests.support.receiving import rejected

    bench = Bench()
    with capture_logs() as logs:
        for _ in range(5):
            assert bench.receive(rejected(b"sealed", "decrypt_failed")) == [SILENCE]
        bench.clock.go(10)
        bench.receive(rejected(b"sealed", "decrypt_failed"))
    assert [log["event"] for log in logs] == ["frame.refused"] * 2
    assert "wrong key" in logs[0]["words"]
    assert logs[1]["held_back"] == 4
    assert bench.counts == {"frame_rejected:decrypt_failed": 6}


# -- the event -----------------------------------------------------------------------------


def test_the_event_says_everything_that_is_known():
    bench = Bench(
        AccountRecord(
            id="1234",
            name="Harbour Street 5",
            premise_type="COMPANY",
            areas=(AreaEntry(id="1", name="Stockroom", area_class="SECURED"),),
            zones=(ZoneEntry(id="15", name="Rear door", sensor="door", location="north wall"),),
        )
    )
    bench.receive(report(stamp_s=-1.417, quirks=("crc_binary",)))
    (event,), (entry,) = bench.events, bench.entries
    data = event.data
    assert event.specversion == "1.0"
    assert (event.source, event.subject) == ("/alarm-gateway/site-a/input/ip-1", "account/1234")
    assert event.time == data.received_at == "2026-11-20T09:15:02.417Z"
    assert event.id == data.report.id == entry.event_id == entry.report_id
    assert data.journal_seq == entry.seq == 1
    assert (data.report.index, data.report.count) == (0, 1)
    assert data.dedupe_key == entry.identity.hex()
    assert (data.class_, data.category, data.kind) == ("alarm", "burglary", "alarm")
    assert (data.account.name, data.account.premise_type) == ("Harbour Street 5", "COMPANY")
    assert (data.area.name, data.area.class_) == ("Stockroom", "SECURED")
    assert (data.zone.name, data.zone.location) == ("Rear door", "north wall")
    assert data.clock_skew_ms == 1417
    origin = data.origin
    assert (origin.input, origin.transport, origin.peer) == ("ip-1", "tcp", "192.0.2.7:51823")
    assert (origin.receiver, origin.line, origin.sequence) == ("1", "0", "0007")
    assert data.raw.value.encode("latin-1") == entry.raw
    assert (data.quirks, data.flags, data.on_test) == (("crc_binary",), (), False)
    assert (entry.account, entry.class_, entry.received_ms) == ("1234", "alarm", 1795166102417)
    assert (entry.monotonic_ns, entry.link) == (1_000_000_000_000, "")


def test_a_report_of_several_parts_is_several_events_in_one_group():
    bench = Bench()
    parts = (
        SiaEvent(raw=b"BA01", block="N", code="BA", address="01"),
        SiaEvent(raw=b"BA02", block="N", code="BA", address="02"),
        SiaText(raw=b"Back", text="Back"),
        Unreadable(raw=b"\xff??", format="sia-dc03", reason="no event"),
    )
    assert bench.receive(report("0007", *parts)) == [ACK]
    assert bench.record[0] == ("append", [1, 2, 3])
    events = bench.events
    assert [event.data.report.index for event in events] == [0, 1, 2]
    assert {event.data.report.id for event in events} == {events[0].id}
    assert {event.data.report.count for event in events} == {3}
    assert len({event.data.dedupe_key for event in events}) == 3
    assert events[1].data.text == "Back"
    assert events[2].data.code.known is False
    # Byte for byte the same again: one answer, no event.
    assert bench.receive(report("0007", *parts)) == [ACK]
    assert len(bench.entries) == 3


def test_an_unknown_code_is_acknowledged_and_published_as_unknown():
    bench = Bench()
    odd = ContactId(raw=b"1999 00 000", qualifier="1", event="9F9", group="00", zone="000")
    assert bench.receive(report("0001", odd)) == [ACK]
    assert bench.events[0].data.code.known is False


def test_a_report_that_breaks_the_normaliser_is_an_event_all_the_same():
    bench = Bench()

    def broken(report, account, *, received):
        if type(report.parts[0]) is ContactId:
            raise ZeroDivisionError
        return meanings(report, account, received=received)

    bench.restarted(normalise=broken)
    with capture_logs() as logs:
        assert bench.receive(report("0001")) == [ACK]
    assert [log["event"] for log in logs] == ["report.not_normalised", "report.acknowledged"]
    assert bench.events[0].data.code.known is False
    assert bench.events[0].data.raw.value.encode("latin-1") == report("0001").raw


def test_one_frame_that_fails_takes_no_neighbour_down():
    bench = Bench()
    other = ContactId(raw=b"1130 01 016", qualifier="1", event="130", group="01", zone="016")

    def broken(report, account, *, received):
        if report.sequence == "0002":
            raise ZeroDivisionError
        return meanings(report, account, received=received)

    bench.restarted(normalise=broken)
    with capture_logs():
        answers = bench.receive(report("0001"), report("0002", other), report("0003"))
    assert sorted(answers, key=str) == sorted([ACK, SILENCE, ACK], key=str)
    assert [event.data.origin.sequence for event in bench.events] == ["0001", "0003"]
    assert bench.counts["frame_failed"] == 1
    assert [kept.reason for kept in bench.kept] == ["frame_failed"]


@settings(max_examples=60)
@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=40), st.binary(max_size=60))
def test_any_text_and_any_bytes_from_the_wire_survive(text, raw):
    bench = Bench(ip_1=InputPolicy(is_receiver=False, unknown_account="ack"))
    part = SiaEvent(raw=raw, block="N", code="BA", address="1", text=text)
    sent = report("0001", part, account=text or None, raw=raw)
    assert bench.receive(sent) == [ACK]
    (event,) = bench.events
    assert event.data.raw.value.encode("latin-1") == raw
    assert event.data.account.id == text


def test_an_account_on_test_is_marked():
    bench = Bench()
    bench.restarted(zones_on_test={("main", "1234"): frozenset({""})}.get)
    bench.receive(report())
    assert bench.events[0].data.on_test is True


def test_a_listen_in_names_the_alarm_before_it():
    bench = Bench()
    bench.receive(report("0001"))
    listen = ContactId(raw=b"1606 01 015", qualifier="1", event="606", group="01", zone="015")
    bench.receive(report("0002", listen))
    alarm, session = bench.events
    assert session.data.follow_on.of == alarm.id


def test_times_are_written_for_every_moment():
    bench = Bench()
    for number, ms in enumerate((0, 1, 999, 1000, 1001, 61_000)):
        bench.clock.now = NOW.replace(microsecond=0) + timedelta(milliseconds=ms)
        bench.receive(report(f"{number:04d}", repeat=Repeat.NEVER))
        written = bench.clock.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert bench.events[-1].time == written


def test_repeat_never_reports_of_a_receiver_are_each_an_event():
    bench = Bench()
    never = frame(b"5011 18123418113101015", repeat=Repeat.NEVER)
    assert bench.receive(never, never, origin=PANEL) == [ACK, ACK]
    assert len(bench.entries) == 2


def test_numbers_reach_the_journal_in_their_order_whatever_is_said_during_a_read():
    bench = Bench(AccountRecord(id="1234"), AccountRecord(id="5678", keys=(KEY,)))
    said = OwnEvent(kind="info", category="information", code="x", text="the account is back")
    bench.restarted(alive=lambda _key, _origin: bench.ingest.system_event(said))
    bench.receive(report("0001"), report("0002", account="5678"), report("0003"))
    seqs = [seq for what in bench.record if what[0] == "append" for seq in what[1]]
    assert seqs == sorted(seqs)
    assert [event.data.class_ for event in bench.events].count("system") == 3
