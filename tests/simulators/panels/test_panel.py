"""A simulated panel against the real receiver's codec, on a clock that only the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from protocols._core import LinkTest, Rejected, Report, Verdict
from simulators.faults import PANEL_FAULTS, Fault, Faults
from simulators.ledger import Ledger, Outcome
from simulators.panels import Panel, PanelClock, PanelPath, PanelSettings, PanelState
from simulators.panels.states import TRANSITIONS, PanelInput
from simulators.scenarios import Happening, meanings
from tests.support.dc09_server import Station
from tests.support.simulated_time import BEGIN, Bench

KEY = bytes(range(32))
TCP = PanelPath(host="192.0.2.1", port=12000)
BACKUP = PanelPath(host="192.0.2.2", port=12000, transport="udp")


def happening(name: str = "perimeter_alarm", *, area: int = 1, address: int = 15) -> Happening:
    return Happening(name=name, meaning=meanings()[name], area=area, address=address)


class Line:
    """A station at the other end of each path, with the time of the bench for its NAKs."""

    def __init__(self, station: Station, paths: int = 1) -> None:
        self.station = station
        self.codecs = [station.codec() for _ in range(paths)]
        self.mute: set[int] = set()
        self.utc_is_off = timedelta()
        self.bench: Bench | None = None

    def __call__(self, path: int, data: bytes) -> bytes:
        if path in self.mute:
            return b""
        codec = self.codecs[path]
        for incoming in codec.receive(data, now=0.0):
            self.station.heard.append(incoming)
            utc = BEGIN if self.bench is None else self.bench.utc
            codec.answer(incoming, self.station.judge(incoming), utc=utc)
        return codec.data_to_send()


def connect(
    station: Station, *, clock: PanelClock | None = None, **settings: object
) -> tuple[Bench, Panel, Ledger]:
    ledger = Ledger()
    given = {"account": "1234", "paths": (TCP,), **settings}
    panel = Panel(PanelSettings(**given), ledger=ledger, random=Random(7), clock=clock, now=0.0)
    line = Line(station, len(panel.settings.paths))
    bench = Bench(panel, line)
    line.bench = bench
    return bench, panel, ledger


class TestOneMessage:
    @pytest.mark.parametrize("format_", ["cid", "sia"])
    @pytest.mark.parametrize("key", [None, KEY[:16], KEY[:24], KEY])
    def test_it_is_understood_and_acknowledged(self, format_: str, key: bytes | None) -> None:
        station = Station(keys=[key] if key else [])
        bench, panel, ledger = connect(station, format=format_, key=key)
        told = panel.tell(happening(), now=0.0)
        bench.settle()
        (report,) = station.reports()
        assert report.account == "1234"
        assert report.sequence == told.sequence == "0001"
        assert report.key_bits == (8 * len(key) if key else 0)
        assert not report.quirks
        assert told.outcome is Outcome.ACKNOWLEDGED
        assert panel.is_done
        assert ledger.summary().acknowledged == 1

    def test_receiver_and_line_are_as_set_up_and_come_back(self) -> None:
        station = Station()
        bench, panel, ledger = connect(station, receiver="01", line="0A")
        panel.tell(happening(), now=0.0)
        bench.settle()
        (report,) = station.reports()
        assert (report.receiver, report.line) == ("01", "0A")
        assert b"R01L0A#1234" in ledger.lines[-1].data

    def test_quirks_of_real_panels_can_be_set_up(self) -> None:
        station = Station()
        bench, panel, _ = connect(station, has_binary_crc=True)
        panel.tell(happening(), now=0.0)
        bench.settle()
        assert "binary_crc" in station.reports()[0].quirks
        assert panel.is_done

    def test_sequence_runs_from_9999_to_0001(self) -> None:
        station = Station()
        bench, panel, _ = connect(station, first_sequence=9998)
        for _ in range(4):
            panel.tell(happening(), now=0.0)
        bench.settle()
        assert [r.sequence for r in station.reports()] == ["9998", "9999", "0001", "0002"]


class TestRetries:
    def test_an_unanswered_message_comes_again_with_the_same_sequence_and_a_fresh_timestamp(
        self,
    ) -> None:
        answers = iter([Verdict.SILENCE, Verdict.ACK])
        station = Station(judge=lambda _: next(answers))
        bench, panel, ledger = connect(station, is_stamped=True, answer_timeout_s=5.0)
        told = panel.tell(happening(), now=0.0)
        bench.run(until=60.0)
        first, second = station.reports()
        assert first.sequence == second.sequence
        assert first.identity == second.identity
        assert first.timestamp == BEGIN
        assert second.timestamp == BEGIN + timedelta(seconds=5)
        assert told.outcome is Outcome.ACKNOWLEDGED
        assert told.latency_s == pytest.approx(5.0)
        assert ledger.summary().retries == 1

    def test_after_its_tries_the_backup_path_is_taken_and_kept(self) -> None:
        station = Station()
        bench, panel, _ = connect(station, paths=(TCP, BACKUP), tries_per_path=2)
        bench.far_end.mute = {0}
        panel.tell(happening(address=1), now=0.0)
        panel.tell(happening(address=2), now=0.0)
        bench.run(until=60.0)
        assert [(at, path) for at, path, _ in bench.writes] == [
            (0.0, 0),
            (5.0, 0),
            (10.0, 1),
            (10.0, 1),
        ]
        assert panel.is_done

    def test_given_up_after_the_last_try_on_the_last_path(self) -> None:
        station = Station(judge=lambda _: Verdict.SILENCE)
        bench, panel, ledger = connect(station, paths=(TCP, BACKUP), tries_per_path=3, rounds=2)
        told = panel.tell(happening(), now=0.0)
        bench.run(until=600.0)
        assert told.outcome is Outcome.GIVEN_UP
        assert [path for _, path, _ in bench.writes] == [0, 0, 0, 1, 1, 1] * 2
        assert ledger.summary().given_up == 1
        assert not ledger.summary().is_clean

    def test_the_next_message_follows_one_that_was_given_up(self) -> None:
        bench, panel, ledger = connect(Station(judge=lambda _: Verdict.SILENCE))
        panel.tell(happening(address=1), now=0.0)
        panel.tell(happening(address=2), now=0.0)
        bench.run(until=60.0)
        assert ledger.summary().given_up == 2
        assert panel.is_done

    def test_a_path_that_cannot_be_reached_costs_no_tries(self) -> None:
        station = Station()
        bench, panel, ledger = connect(station, paths=(TCP, BACKUP))
        bench.unreachable = {0}
        panel.tell(happening(), now=0.0)
        bench.run(until=1.0)
        assert [path for _, path, _ in bench.writes] == [1]
        assert ledger.summary().frames == 1

    def test_a_connection_that_breaks_under_a_message_is_made_anew_soon(self) -> None:
        verdicts = iter([Verdict.SILENCE, Verdict.ACK])
        bench, panel, _ = connect(Station(judge=lambda _: next(verdicts)), answer_timeout_s=60.0)
        panel.tell(happening(), now=0.0)
        bench.settle()
        panel.closed(0, now=0.0)
        bench.run(until=2.0)
        assert panel.is_done


class TestAnswers:
    def test_a_nak_sets_the_clock_and_the_same_sequence_comes_again(self) -> None:
        station = Station(keys=[KEY])
        station.judge = lambda incoming: (
            Verdict.ACK if abs(incoming.timestamp - BEGIN) < timedelta(seconds=20)
            else Verdict.NAK_TIME
        )  # fmt: skip
        clock = PanelClock(offset_s=3600.0)
        bench, panel, ledger = connect(station, key=KEY, clock=clock)
        told = panel.tell(happening(), now=0.0)
        bench.settle()
        wrong, right = station.reports()
        assert wrong.sequence == right.sequence
        assert wrong.timestamp == BEGIN + timedelta(hours=1)
        assert right.timestamp == BEGIN
        assert told.outcome is Outcome.ACKNOWLEDGED
        assert (ledger.summary().naks, ledger.summary().retries) == (1, 1)

    def test_a_stopped_clock_is_refused_in_the_end(self) -> None:
        stopped = PanelClock(stopped_at=datetime(2014, 1, 1, tzinfo=UTC))
        station = Station(judge=lambda _: Verdict.NAK_TIME)
        bench, panel, _ = connect(station, is_stamped=True, clock=stopped, nak_limit=4)
        told = panel.tell(happening(), now=0.0)
        bench.run(until=60.0)
        assert told.outcome is Outcome.REFUSED
        assert {r.timestamp for r in station.reports()} == {datetime(2014, 1, 1, tzinfo=UTC)}
        assert len(station.reports()) == 5
        assert panel.is_done

    def test_duh_drops_the_message_by_default(self) -> None:
        verdicts = iter([Verdict.DUH, Verdict.ACK])
        bench, panel, ledger = connect(Station(judge=lambda _: next(verdicts)))
        panel.tell(happening(address=1), now=0.0)
        panel.tell(happening(address=2), now=0.0)
        bench.settle()
        assert (ledger.summary().refused, ledger.summary().acknowledged) == (1, 1)

    def test_duh_is_insisted_on_as_ajax_hubs_do(self) -> None:
        verdicts = iter([Verdict.DUH, Verdict.DUH, Verdict.ACK])
        bench, panel, _ = connect(Station(judge=lambda _: next(verdicts)), on_duh="insist")
        told = panel.tell(happening(), now=0.0)
        bench.run(until=60.0)
        assert [at for at, _, _ in bench.writes] == [0.0, 10.5, 21.0]
        assert told.outcome is Outcome.ACKNOWLEDGED

    def test_an_ack_of_another_message_is_ignored(self) -> None:
        bench, panel, ledger = connect(Station(judge=lambda _: Verdict.SILENCE))
        told = panel.tell(happening(), now=0.0)
        bench.settle()
        other = Station()
        stranger, other_panel, _ = connect(other, first_sequence=77)
        other_panel.tell(happening(), now=0.0)
        stranger.settle()
        for wrong in (other.answer(other.codec(), stranger.writes[0][2]), b"\r\n", b"garbage"):
            panel.receive(0, wrong, now=0.0, utc=BEGIN)
        assert told.outcome is Outcome.WAITING
        assert ledger.answers_ignored == 1


class TestLinkTests:
    def test_they_come_on_their_interval_and_reports_put_them_off(self) -> None:
        station = Station()
        bench, panel, ledger = connect(station, link_test_s=30.0)
        bench.run(until=65.0)
        assert [at for at, _, _ in bench.writes] == [30.0, 60.0]
        panel.tell(happening(), now=65.0)
        bench.run(until=94.0)
        assert isinstance(station.heard[-1], Report)
        bench.run(until=95.0)
        assert isinstance(station.heard[-1], LinkTest)
        assert station.heard[-1].sequence == "0000"
        assert ledger.summary().link_tests == ledger.summary().link_tests_answered == 3

    def test_an_encrypted_panel_tests_its_link_encrypted(self) -> None:
        station = Station(keys=[KEY])
        bench, panel, _ = connect(station, key=KEY)
        panel.link_test(now=0.0)
        bench.settle()
        assert isinstance(station.heard[0], LinkTest)
        assert station.heard[0].key_bits == 256
        assert panel.is_done


class TestFaults:
    def meet(
        self, fault: Fault, *, messages: int = 1, **settings: object
    ) -> tuple[Bench, Ledger, Station]:
        keys = [settings["key"]] if "key" in settings else []
        station = Station(keys=keys)
        bench, panel, ledger = connect(station, faults=Faults({fault: 1.0}), **settings)
        for number in range(messages):
            panel.tell(happening(address=number + 1), now=0.0)
        bench.run(until=60.0)
        assert panel.is_done
        assert ledger.summary().acknowledged == messages
        return bench, ledger, station

    def test_a_lost_ack_brings_the_message_again_as_a_repeat(self) -> None:
        _, ledger, station = self.meet(Fault.LOST_ACK)
        first, second = station.reports()
        assert first.identity == second.identity
        assert ledger.answers_ignored == 1
        assert ledger.summary().retries == 1

    def test_a_duplicate_gets_two_answers(self) -> None:
        _, ledger, station = self.meet(Fault.DUPLICATE)
        first, second = station.reports()
        assert first.raw == second.raw
        summary = ledger.summary()
        assert (summary.frames, summary.retries, summary.answers_ignored) == (2, 0, 1)

    def test_garbage_stands_before_the_frame(self) -> None:
        _, ledger, station = self.meet(Fault.GARBAGE)
        kinds = [type(incoming) for incoming in station.heard]
        assert kinds == [Rejected, Report]
        assert ledger.summary().frames == 1

    def test_a_bad_crc_meets_silence_and_the_retry_is_sound(self) -> None:
        _, ledger, station = self.meet(Fault.BAD_CRC)
        rejected, report = station.heard
        assert isinstance(rejected, Rejected)
        assert rejected.reason == "crc_wrong"
        assert isinstance(report, Report)
        assert [line.note for line in ledger.lines] == ["bad CRC", "try 2", ""]

    def test_a_wrong_key_meets_silence_and_the_retry_is_sound(self) -> None:
        _, _, station = self.meet(Fault.WRONG_KEY, key=KEY)
        rejected, report = station.heard
        assert isinstance(rejected, Rejected)
        assert rejected.reason == "decrypt_failed"
        assert isinstance(report, Report)

    def test_several_messages_go_out_in_one_write_and_each_is_answered(self) -> None:
        bench, _, station = self.meet(Fault.COALESCED, messages=5, coalesced_count=3)
        assert [write.count(b"\n") for _, _, write in bench.writes] == [3, 2]
        assert len(station.reports()) == 5

    def test_a_split_write_is_marked_for_the_link(self) -> None:
        station = Station()
        _, panel, _ = connect(station, faults=Faults({Fault.SPLIT: 1.0}))
        panel.tell(happening(), now=0.0)
        (write,) = panel.doings(now=0.0, utc=BEGIN)
        assert write.is_split

    def test_all_at_once_still_ends_well(self) -> None:
        station = Station(keys=[KEY])
        faults = Faults(dict.fromkeys(PANEL_FAULTS, 0.5))
        bench, panel, ledger = connect(station, key=KEY, faults=faults, rounds=None)
        for number in range(200):
            panel.tell(happening(address=number + 1), now=0.0)
        bench.run(until=10_000.0)
        assert panel.is_done
        assert ledger.summary().is_clean
        assert len({report.identity for report in station.reports()}) == 200


class TestTroubles:
    def test_a_restart_forgets_what_was_under_way_and_counts_anew(self) -> None:
        verdicts = iter([Verdict.ACK, Verdict.SILENCE, Verdict.ACK])
        station = Station(judge=lambda _: next(verdicts))
        bench, panel, ledger = connect(station)
        panel.tell(happening(address=1), now=0.0)
        panel.tell(happening(address=2), now=0.0)
        bench.settle()
        panel.restart(now=1.0)
        panel.tell(happening(address=3), now=1.0)
        bench.settle()
        assert [report.sequence for report in station.reports()] == ["0001", "0002", "0001"]
        assert bench.hangups == [0]
        summary = ledger.summary()
        assert (summary.acknowledged, summary.forgotten) == (2, 1)
        assert summary.is_clean

    def test_messages_gather_while_the_path_is_cut(self) -> None:
        station = Station()
        bench, panel, ledger = connect(station)
        panel.cut(until=100.0)
        panel.tell(happening(address=1), now=0.0)
        panel.tell(happening(address=2), now=0.0)
        bench.run(until=99.0)
        assert panel.state is PanelState.CUT_OFF
        assert not station.heard
        bench.run(until=101.0)
        assert ledger.summary().acknowledged == 2

    def test_a_message_under_way_survives_the_cut(self) -> None:
        verdicts = iter([Verdict.SILENCE, Verdict.ACK])
        bench, panel, _ = connect(Station(judge=lambda _: next(verdicts)))
        told = panel.tell(happening(), now=0.0)
        bench.settle()
        panel.cut(until=50.0)
        bench.run(until=51.0)
        assert told.outcome is Outcome.ACKNOWLEDGED
        assert panel.is_done

    def test_one_connection_per_message_hangs_up_after_each(self) -> None:
        path = PanelPath(host="192.0.2.1", port=12000, keeps_open=False)
        bench, panel, _ = connect(Station(), paths=(path,))
        for number in range(3):
            panel.tell(happening(address=number + 1), now=0.0)
        bench.settle()
        assert bench.hangups == [0, 0, 0]


class TestSettings:
    def test_every_state_has_a_row_for_what_can_happen_in_it(self) -> None:
        assert set(TRANSITIONS) == set(PanelState)
        for state in (PanelState.IDLE, PanelState.AWAITING):
            assert set(TRANSITIONS[state]) == set(PanelInput)

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"paths": ()}, "path"),
            ({"key": b"short"}, "16, 24 or 32"),
            ({"first_sequence": 0}, "1 to 9999"),
        ],
    )
    def test_what_no_panel_can_be_set_to_is_refused(
        self, wrong: dict[str, object], reason: str
    ) -> None:
        with pytest.raises(ValueError, match=reason):
            PanelSettings(**{"account": "1234", "paths": (TCP,), **wrong})

    def test_no_key_shows_in_the_settings(self) -> None:
        assert "key" not in repr(PanelSettings(account="1", paths=(TCP,), key=KEY))


def test_the_ledger_holds_every_byte_of_both_directions() -> None:
    seen: list[bytes] = []
    heard: list[bytes] = []
    station = Station()
    ledger = Ledger()
    settings = PanelSettings(account="1234", paths=(TCP,), faults=Faults({Fault.GARBAGE: 1.0}))
    panel = Panel(settings, ledger=ledger, random=Random(3), now=0.0)
    codec = station.codec()

    def far_end(_: int, data: bytes) -> bytes:
        seen.append(data)
        back = station.answer(codec, data)
        heard.append(back)
        return back

    bench = Bench(panel, far_end)
    for number in range(5):
        panel.tell(happening(address=number), now=0.0)
    bench.settle()
    sent = b"".join(line.data for line in ledger.lines if line.direction.value == ">")
    back = b"".join(line.data for line in ledger.lines if line.direction.value == "<")
    assert sent == b"".join(seen)
    assert back == b"".join(heard)
