"""A3: does every ACK leave after the flush of what it acknowledges? In the kernel's own words.

The gateway runs under ``strace``, which writes down its system calls in their order. The report
that an ACK is for is looked for in what was written to the write-ahead log; between the last write
of the transaction that it came with and the ACK a flush of that file must have begun and returned.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from gateway.journal.reader import DATABASE
from tests.harness.crash import running
from tests.harness.crash.trace import Acknowledged
from tests.harness.figure import Figure, Outcome, Size
from tests.support.station import until

ACKS = {Size.SMOKE: 1_000, Size.SHORT: 50_000, Size.FULL: 10_000_000}
ACKS_OF_RUN = 50_000
PANELS = 100
PATIENT = {"answer_timeout_s": 5.0, "lost_acks": 0.0, "duplicates": 0.0}  # strace makes it slow
ABSENT = "strace is not installed (Debian: apt-get install strace)"

WRITES = ("pwrite64", "write", "writev", "pwritev", "pwritev2")
FLUSHES = ("fdatasync", "fsync", "sync_file_range", "msync")
SENDS = ("sendto", "sendmsg", "sendmmsg", *WRITES)
_CALLS = ",".join(sorted({*WRITES, *FLUSHES, *SENDS}))
# An answer is handed to a socket with everything that it holds: so much of a call is kept.
_STRACE = ("-D", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "8192", "-e", f"trace={_CALLS}")

_CALL = re.compile(r"(\d+) +(\w+)\((?:\d+<([^>]*)>)?")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")
_RESULT = re.compile(r"= (-?\d+)[^=]*$")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_REPORT = re.compile(r'\\n[0-9A-F]{8}\\"ADM-CID\\"(\d{4})L0#(\w+)\[')
_ACK = re.compile(r'\\"ACK\\"(\d{4})L0#(\w+)\[')
_HEAD_BYTES = 24  # of a frame of the log; then comes its page


class _Call:
    """One system call: when it began and ended, counted in lines."""

    __slots__ = ("began", "ended", "file", "name", "result", "text")

    def __init__(self, name: str, file: str, text: str, began: int):
        self.name = name
        self.file = file
        self.text = text
        self.began = began
        self.ended = began
        self.result = 0


def _calls(lines: Iterator[str]) -> Iterator[_Call]:
    """Give each call when it has ended; one that is cut in two has its two lines."""
    open_: dict[str, _Call] = {}
    for number, line in enumerate(lines, start=1):
        resumed = _RESUMED.match(line)
        if resumed is not None:
            call = open_.pop(resumed[1], None)
            if call is not None:
                call.ended, call.result = number, int(resumed[3])
                yield call
            continue
        found = _CALL.match(line)
        if found is None:
            continue
        call = _Call(found[2], found[3] or "", line, number)
        if line.rstrip().endswith("<unfinished ...>"):
            open_[found[1]] = call
            continue
        result = _RESULT.search(line)
        call.result = int(result[1]) if result is not None else 0
        yield call
    yield from open_.values()


class Judge:
    """Follows the calls and says of each ACK whether its report was flushed before."""

    def __init__(self, log: str):
        self._log = log
        """The path of the write-ahead log."""
        self._in_transaction: set[Acknowledged] = set()
        self._is_last = False
        self._unflushed: list[tuple[int, set[Acknowledged]]] = []
        """(line of the last write, reports) of transactions that wait for a flush."""
        self.flushed: dict[Acknowledged, int] = {}
        """Line in which the flush of a report had returned."""
        self.written: set[Acknowledged] = set()
        self.flushes = 0
        self._acks: dict[Acknowledged, int] = {}

    def take(self, call: _Call) -> None:
        if call.file == self._log:
            if call.name in FLUSHES:
                self._flush(call)
            elif call.name in WRITES:
                self._write(call)
        elif call.name in SENDS and "ACK" in call.text:
            for sequence, account in _ACK.findall(call.text):
                self._acks.setdefault(Acknowledged(account, sequence), call.began)

    def _write(self, call: _Call) -> None:
        quoted = _QUOTED.search(call.text)
        if quoted is None:
            return
        if f", {_HEAD_BYTES}, " in call.text[quoted.end() : quoted.end() + 8]:
            head = quoted[1].encode("latin-1").decode("unicode_escape").encode("latin-1")
            self._is_last = head[4:8] != bytes(4)  # the size of the database: with the last frame
            return
        found = {Acknowledged(account, number) for number, account in _REPORT.findall(quoted[1])}
        self._in_transaction |= found - self.written
        if self._is_last:
            self.written |= self._in_transaction
            self._unflushed.append((call.ended, self._in_transaction))
            self._in_transaction, self._is_last = set(), False

    def _flush(self, call: _Call) -> None:
        if call.result != 0:
            return
        self.flushes += 1
        waiting = []
        for last_write, reports in self._unflushed:
            if last_write < call.began:
                self.flushed |= dict.fromkeys(reports, call.ended)
            else:
                waiting.append((last_write, reports))
        self._unflushed = waiting

    def verdict(self) -> tuple[int, list[str]]:
        """Count the ACKs, and name those that left too early."""
        faults = []
        for ack, left in self._acks.items():
            flushed = self.flushed.get(ack)
            if flushed is None:
                what = "flushed" if ack in self.written else "written"
                faults.append(f"{ack}: ACK in line {left}, and its report was never {what}")
            elif flushed >= left:
                faults.append(f"{ack}: ACK in line {left}, its flush returned in line {flushed}")
        return len(self._acks), faults


async def _traced(folder: Path, acks: int, seed: int, build: str | None) -> tuple[Path, str]:
    """Run a gateway under strace until so many ACKs left; give its calls and its log's path."""
    callers = running.plain(0, panels=PANELS, seed=seed, **PATIENT)
    station = running.station_of(folder, callers, build=build)
    calls = folder / "calls"
    station.launch = ("strace", *_STRACE, "-o", str(calls), *station.launch)
    callers = running.plain(station.port, panels=PANELS, seed=seed, **PATIENT)
    async with running.calling(station, callers):
        await station.start()
        await running.acknowledged(callers, acks, timeout_s=3600.0)
        await callers.finish()
        await station.stop()
        size = -1

        def is_written() -> bool:
            nonlocal size
            before, size = size, calls.stat().st_size
            return before == size

        await until(is_written, every_s=0.5)  # strace ends after the gateway
    return calls, str(station.journal / f"{DATABASE}-wal")


def run(size: Size, folder: Path, *, build: str | None = None) -> Outcome:
    """Trace, and judge every ACK."""
    if shutil.which("strace") is None:
        return Outcome(said=f"not run: {ABSENT}", faults=[ABSENT])
    acks = flushes = runs = 0
    faults: list[str] = []
    while acks < ACKS[size] and not faults:
        runs += 1
        wanted = min(ACKS_OF_RUN, ACKS[size] - acks)
        calls, log = asyncio.run(_traced(folder / f"{runs}", wanted, runs, build))
        judge = Judge(log)
        with calls.open(encoding="latin-1") as lines:
            for call in _calls(lines):
                judge.take(call)
        count, wrong = judge.verdict()
        calls.unlink()
        acks += count
        flushes += judge.flushes
        faults += [f"run {runs}: {line}" for line in wrong]
        if not count:
            faults.append(f"run {runs}: no ACK was seen; strace shows other calls than expected")
        running.forget(folder / f"{runs}", faults)
    return Outcome(
        said=f"{acks:,} ACKs and {flushes:,} flushes in the kernel's order, "
        f"{len(faults)} ACKs before their flush",
        faults=faults,
    )


FIGURE = Figure(id="A3", title="no ACK before its flush", command="crash", run=run)
