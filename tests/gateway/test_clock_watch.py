"""Whether our own clock is believed (REL-50), and that no interval depends on it (REL-49)."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.accounts import AccountRecord
from gateway.clock_watch import ClockWatch
from gateway.supervision import Supervision
from hardware.clock_sync import is_kernel_synchronised
from protocols._core import Verdict
from tests.support.receiving import Bench, report
from tests.support.source import ROOT, modules, tree_of

NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)


class Machine:
    """Two clocks, the kernel's word and timers; ``step`` sets the wall clock."""

    def __init__(self, *, is_synchronised: bool | None = True) -> None:
        self.seconds = 1000.0
        self.wall = NOW
        self.is_synchronised = is_synchronised
        self.told = []
        self._timer = None
        self.watch = ClockWatch(
            clock=self, timers=self, is_synchronised=lambda: self.is_synchronised,
            tell=self.told.append,
        )  # fmt: skip

    def monotonic(self) -> float:
        return self.seconds

    def utc(self) -> datetime:
        return self.wall

    def utc_ms(self) -> int:
        return int(self.wall.timestamp() * 1000)

    def call_later(self, _delay_s, callback, *args):
        self._timer = (callback, args)
        return self

    def cancel(self) -> None:
        self._timer = None

    def pass_s(self, seconds: int) -> None:
        for _ in range(seconds):
            self.seconds += 1.0
            self.wall += timedelta(seconds=1)
            callback, args = self._timer
            callback(*args)

    def step(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)

    def drain(self) -> list[str]:
        told = [fact.what for fact in self.told]
        self.told.clear()
        return told


@pytest.fixture
def machine():
    machine = Machine()
    machine.watch.start()
    return machine


class TestRel50:
    """A step is told once; a large one, or no synchronisation, takes the trust away."""

    @pytest.mark.parametrize("step_s", [-20, -2.5, 2.5, 19.9])
    def test_a_step_of_more_than_two_seconds_is_told_once_and_the_clock_believed(
        self, machine, step_s
    ):
        machine.step(step_s)
        machine.pass_s(100)
        (fact,) = machine.told
        assert (fact.what, fact.is_untrusted) == ("stepped", False)
        assert fact.step_s == pytest.approx(step_s, abs=0.01)

    @pytest.mark.parametrize("step_s", [-2, -1, 0.5, 1.9])
    def test_a_smaller_one_is_nothing_to_tell(self, machine, step_s):
        machine.step(step_s)
        machine.pass_s(5)
        assert machine.drain() == []

    @pytest.mark.parametrize("step_s", [-3600, -20.5, 20.5, 86_400 * 365])
    def test_after_a_large_step_the_clock_is_not_believed(self, machine, step_s):
        machine.is_synchronised = False  # setting the clock makes the kernel say so
        machine.step(step_s)
        machine.pass_s(1)
        assert machine.drain() == ["stepped"]
        assert machine.watch.is_untrusted
        machine.pass_s(3600)
        assert machine.watch.is_untrusted
        machine.is_synchronised = True
        machine.pass_s(59)
        assert machine.watch.is_untrusted
        machine.pass_s(3)
        assert not machine.watch.is_untrusted
        assert machine.drain() == ["trusted"]

    def test_small_steps_add_up(self, machine):
        for _ in range(12):
            machine.step(1.9)
            machine.pass_s(1)
        assert machine.watch.is_untrusted
        assert set(machine.drain()) == {"stepped"}

    def test_small_steps_of_a_clock_that_is_vouched_for_do_not(self, machine):
        for _ in range(11):
            machine.step(5)
            machine.pass_s(65)
        assert not machine.watch.is_untrusted
        assert machine.drain() == ["stepped"] * 11

    def test_a_further_step_begins_the_minute_again(self, machine):
        machine.step(100)
        machine.pass_s(50)
        machine.step(3)
        machine.pass_s(50)
        assert machine.watch.is_untrusted
        machine.pass_s(15)
        assert machine.drain() == ["stepped", "stepped", "trusted"]

    def test_without_synchronisation_it_is_not_believed_from_the_start(self):
        machine = Machine(is_synchronised=False)
        machine.watch.start()
        assert machine.drain() == ["untrusted"]
        machine.pass_s(1000)
        assert machine.drain() == []
        machine.is_synchronised = True
        machine.pass_s(62)
        assert machine.drain() == ["trusted"]

    def test_a_kernel_that_says_nothing_is_no_reason_and_a_clock_set_right_is_believed(self):
        machine = Machine(is_synchronised=None)
        machine.watch.start()
        machine.pass_s(100)
        machine.step(-3600)
        machine.pass_s(86_400)
        assert machine.watch.is_untrusted
        machine.step(3600)
        machine.pass_s(1)
        assert machine.drain() == ["stepped", "stepped", "trusted"]

    def test_a_clock_behind_the_newest_event_was_set_back_while_nobody_watched(self):
        machine = Machine(is_synchronised=None)
        machine.watch.start(newest_ms=machine.utc_ms() + 3_600_000)
        assert machine.drain() == ["untrusted"]
        machine.step(3600)
        machine.pass_s(1)
        assert machine.drain() == ["stepped", "trusted"]

    def test_whoever_reads_the_clocks_sees_a_step_at_once(self, machine):
        machine.step(3600)
        assert machine.watch.look(machine.utc_ms(), machine.monotonic())
        assert machine.drain() == ["stepped"]

    def test_a_pause_between_two_readings_is_no_step(self, machine):
        before = machine.monotonic()
        machine.pass_s(30)
        assert not machine.watch.look(machine.utc_ms(), before)
        assert machine.drain() == []

    def test_the_kernel_is_asked_and_answers_or_not(self):
        assert is_kernel_synchronised() in {True, False, None}


def _encrypted(bench: Bench, stamp_s: float, sequence: str):
    return bench.receive(report(sequence, stamp_s=stamp_s, key_bits=128, pad=sequence.encode()))


@pytest.mark.parametrize("step_s", [-3600, -60, 60, 3600])
def test_rel_50_after_a_step_nobody_is_told_a_wrong_time_and_nothing_is_lost(step_s):
    bench = Bench(AccountRecord(id="1234", keys=(bytes(range(16)),), encryption="optional"))
    watch = ClockWatch(
        clock=bench.clock, timers=Machine(), is_synchronised=lambda: None, tell=lambda _fact: None
    )
    bench.admission._is_clock_untrusted = lambda: watch.is_untrusted
    bench.restarted(watch_clock=watch.look)
    bench.receive(report("0000", data=b"1131 01 015"))  # familiar before the step
    assert _encrypted(bench, 0, "0001") == [Verdict.ACK]
    bench.clock.now += timedelta(seconds=step_s)
    for number in range(2, 12):
        bench.clock.go(1)
        assert _encrypted(bench, number, f"{number:04d}") == [Verdict.ACK]
        assert _encrypted(bench, number, f"{number:04d}") == [Verdict.ACK]  # what is seen is seen
        bench.receive(report("0000", data=b"1131 01 015"))
    untrusted = [event.data.time_untrusted for event in bench.events]
    assert untrusted == [False] * 2 + [True] * 20
    assert Verdict.NAK_TIME not in bench.answers
    bench.clock.now -= timedelta(seconds=step_s)
    watch._tick()
    bench.receive(report("0000", data=b"1131 01 015"))
    assert not bench.events[-1].data.time_untrusted


# -- REL-49 --------------------------------------------------------------------------------


class _Story:
    """Reports, repeats and silence; the wall clock is set whenever it is told to."""

    def __init__(self) -> None:
        self.bench = Bench(AccountRecord(id="1234"), AccountRecord(id="5678"))
        self.told = []
        self.supervision = Supervision(
            clock=self.bench.clock, timers=Machine(),
            tell=lambda change: self.told.append((round(self.bench.clock.seconds), change.state)),
        )  # fmt: skip
        self.supervision.watch_accounts([(("main", "1234"), 90), (("main", "5678"), 20)])
        self.bench.restarted(alive=self.supervision.heard)

    def play(self, steps) -> tuple:
        bench = self.bench
        for pause_s, number, account, wall_s in steps:
            for _ in range(pause_s):
                bench.clock.go(1.0)
                self.supervision.sweep()
            bench.clock.now += timedelta(seconds=wall_s)
            bench.receive(report(f"{number:04d}", account=account, data=b"1131 01 015"))
        seqs = [(event.data.journal_seq, event.data.origin.sequence) for event in bench.events]
        return self.told, bench.answers, seqs


_STEPS = st.lists(
    st.tuples(
        st.integers(0, 400), st.integers(1, 3), st.sampled_from(["1234", "5678"]),
        st.sampled_from([0, 0, -3600, 3600, -86_400]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_rel_49_setting_the_wall_clock_changes_no_interval_no_repeat_and_no_order(steps):
    still = [(pause_s, number, account, 0) for pause_s, number, account, _ in steps]
    assert _Story().play(steps) == _Story().play(still)


_TIME = {"time", "monotonic", "time_ns", "monotonic_ns", "perf_counter", "now", "utcnow", "today"}
_CLOCKS = {"hardware/clock.py", "hardware/serial_port.py"}  # the port's own reading thread
_DISPLAY = {"gateway/cli", "gateway/contract/client.py", "gateway/contract/consumer.py"}


def test_rel_49_every_part_is_given_its_clock():
    """No direct use of the machine's clocks but where they are wrapped; commands only show."""
    direct = []
    for path in modules("protocols", "hardware", "gateway"):
        name = path.relative_to(ROOT).as_posix()
        if name in _CLOCKS or any(name.startswith(allowed) for allowed in _DISPLAY):
            continue
        direct += [
            f"{name}:{node.lineno}"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Attribute)
            and node.attr in _TIME
            and isinstance(node.value, ast.Name)
            and node.value.id in {"time", "datetime", "date"}
        ]
    assert direct == []
