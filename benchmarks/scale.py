"""P8 to P11: a large station. A million accounts, millions of journaled events, polls over UDP.

The accounts and journals are made by the product's own code (``filling``), in processes that end
as kill -9 ends.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from benchmarks import goals, loadgen
from benchmarks.busy import PANELS, orders
from benchmarks.goals import Row
from benchmarks.idle import KIB
from benchmarks.programs import ROOT, Program, ProgramError
from benchmarks.station import Gateway

ACCOUNTS: Final = 1_000_000
ROWS: Final = 10_000_000
OUTSTANDING: Final = 2_000_000
FEW_ACCOUNTS: Final = 1_000
POLLS: Final = (20, 25, 30, 45, 60, 90)
"""Seconds between two link tests of one account: tried from the shortest on."""
POLL_P99_MS: Final = 50.0
POLL_SOCKETS: Final = 1_000
EVENTS_PER_S: Final = 500
_WARM_UP_S: Final = 0.5
_SAY = Callable[[str], None]


def fill(what: str, path: Path, count: int) -> Path:
    """Fill a journal or a database of accounts.

    Raises:
        ProgramError: It could not be filled.
    """
    command = [sys.executable, "-m", "benchmarks.filling", what, str(path), str(count)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise ProgramError(f"filling {what}: {ran.stderr[-2000:]}")
    return path


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How large the station is."""

    accounts: int = ACCOUNTS
    rows: int = ROWS
    outstanding: int = OUTSTANDING
    few: int = FEW_ACCOUNTS

    def scaled(self, goal: goals.Goal) -> goals.Goal:
        """Name the sizes in a goal when they are not the ones it is meant for."""
        if self == Sizes():
            return goal
        return msgspec.structs.replace(
            goal, what=f"{goal.what}, SCALED DOWN: {self.accounts:,} accounts, {self.rows:,} rows"
        )


def run_memory_and_polls(
    folder: Path, *, sizes: Sizes, seconds: float, say: _SAY, database: Path
) -> list[Row]:
    """Measure P8's account and P9: supervised accounts in memory, and polling over UDP."""
    (few := folder / "few").mkdir(parents=True)
    with Gateway(few, accounts=0, database=fill("accounts", few / "few.db", sizes.few)) as small:
        before = small.rss_bytes()
    (many := folder / "many").mkdir()
    with Gateway(many, accounts=0, database=database) as gateway:
        each = (gateway.rss_bytes() - before) / (sizes.accounts - sizes.few)
        memory = Row(
            goal=sizes.scaled(goals.P8_ACCOUNT),
            measured=f"{each / KIB:.2f} KiB",
            against=f"{before / (KIB * KIB):.0f} MiB with {sizes.few:,} accounts",
            figure=each / KIB,
        )
        polls = _polls(gateway, sizes, seconds, say)
    return [memory, polls]


def _polls(gateway: Gateway, sizes: Sizes, seconds: float, say: _SAY) -> Row:
    """Find the shortest polling interval that is answered in time while events come in."""
    said = []
    first = 0
    for interval_s in POLLS:
        rate = sizes.accounts / interval_s
        say(f"P9: every account each {interval_s} s, {rate:,.0f} link tests/s")
        events = subprocess.Popen(
            loadgen.command(
                port=gateway.port, connections=100, rate=EVENTS_PER_S, seconds=seconds,
                first=first, is_stamped=True,
            ),
            stdout=subprocess.PIPE,
        )  # fmt: skip
        before = gateway.cpu_s()
        polls = loadgen.run(
            port=gateway.port, mode="null", transport="udp", connections=POLL_SOCKETS,
            accounts=sizes.accounts, rate=rate, seconds=seconds, timeout_ms=1000,
        )  # fmt: skip
        cpu = (gateway.cpu_s() - before) / polls.seconds
        stdout, _ = events.communicate(timeout=seconds + 30)
        stored = msgspec.json.decode(stdout, type=loadgen.Result)
        first += stored.sent // 100 + 1
        p99_ms = polls.p99_us / 1000
        said.append(f"{interval_s} s: {p99_ms:.0f} ms")
        is_answered = polls.acked == polls.sent and stored.acked == stored.sent
        # A generator that fell behind did not offer the rate that this is about.
        if is_answered and p99_ms < POLL_P99_MS and polls.sent >= 0.98 * rate * seconds:
            return Row(
                goal=sizes.scaled(goals.P9),
                measured=f"{interval_s} s ({rate:,.0f}/s)",
                against=f"p99 {p99_ms:.1f} ms, {cpu * 100:.0f} % of a core",
                figure=interval_s,
                details={"tried": ", ".join(said), "p50_us": polls.p50_us},
            )
    raise ProgramError(f"link tests were not answered in time at any rate: {'; '.join(said)}")


def run_rows(  # noqa: PLR0913  one argument per thing that may differ
    folder: Path, *, sizes: Sizes, seconds: float, rounds: int, say: _SAY, database: Path
) -> list[Row]:
    """Measure P10: processor time per event in a full station against an empty one."""
    (empty := folder / "empty").mkdir(parents=True)
    (full := folder / "full").mkdir()
    say(f"P10: filling {sizes.rows:,} rows")
    fill("done", full / "journal", sizes.rows)
    few = fill("accounts", empty / "few.db", sizes.few)
    cost: dict[str, list[float]] = {"empty": [], "full": []}
    with (
        Gateway(empty, accounts=0, database=few) as small,
        Gateway(full, accounts=0, database=database) as large,
    ):
        pair: dict[str, Program] = {"empty": small, "full": large}
        for program in pair.values():
            loadgen.run(port=program.port, connections=PANELS, seconds=_WARM_UP_S, is_stamped=True)
        for number, order in enumerate(orders(tuple(pair), rounds)):
            say(f"P10, round {number + 1} of {rounds}")
            for name in order:
                before = pair[name].cpu_s()
                result = loadgen.run(
                    port=pair[name].port, connections=PANELS, seconds=seconds,
                    first=500_000 * (number + 1), is_stamped=True,
                )  # fmt: skip
                if result.acked != result.sent:
                    raise ProgramError(f"{name}: {result.sent} sent, {result.acked} acknowledged")
                cost[name].append((pair[name].cpu_s() - before) / result.acked * 1e6)
    ratios = tuple(f / e for e, f in zip(cost["empty"], cost["full"], strict=True))
    return [
        Row(
            goal=sizes.scaled(goals.P10),
            measured=f"{median(cost['full']):.1f} us",
            against=f"{median(cost['empty']):.1f} us empty",
            figure=median(ratios),
            rounds=ratios,
        )
    ]


def run_start(folder: Path, *, sizes: Sizes, rounds: int, say: _SAY, database: Path) -> list[Row]:
    """Measure P11: from the start of the process to the first durable ACK."""
    folder.mkdir(parents=True)
    say(f"P11: filling {sizes.outstanding:,} rows")
    fill("journal", folder / "journal", sizes.outstanding)
    took = []
    for number in range(rounds):
        say(f"P11, round {number + 1} of {rounds}")
        gateway = Gateway(folder, accounts=0, database=database)
        began = time.monotonic()
        with gateway:
            result = loadgen.run(
                port=gateway.port, connections=1, count=1, first=number + 1, seconds=30.0
            )
            took.append(time.monotonic() - began)
            if result.acked != 1:
                raise ProgramError("the first report after the start was not acknowledged")
            gateway.kill()
    return [
        Row(
            goal=sizes.scaled(goals.P11),
            measured=f"{median(took):.2f} s",
            against=f"{sizes.outstanding:,} rows",
            figure=median(took),
            rounds=tuple(took),
        )
    ]
