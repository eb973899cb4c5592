"""A13: how long after a kill -9 is the first report acknowledged, with a full journal?

Two million events that nobody confirmed, as eight hours without a core leave them, are written by
the journal's own store; the accounts stand in a database that ``accounts import`` made. Then the
gateway is killed and started again; a panel tries to report all the while. The small size stands in
the test run, which shares its processors with others: there the processor time is held to the
bound, not the clock's.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from gateway.journal import EventIds, Reader, SqliteStore
from gateway.journal.entry import Alike
from gateway.journal.form import Form
from gateway.journal.statements import ROWS_MAX
from protocols.dc09 import build_frame
from tests.harness.crash import running
from tests.harness.figure import Figure, Outcome, Size
from tests.support.station import LAUNCH, Station

ROWS = {Size.SMOKE: 50_000, Size.SHORT: 2_000_000, Size.FULL: 2_000_000}
ACCOUNTS = {Size.SMOKE: (1_000,), Size.SHORT: (100_000, 1_000_000), Size.FULL: (100_000, 1_000_000)}
STARTS = {Size.SMOKE: 2, Size.SHORT: 3, Size.FULL: 20}
FORMED = 1_000  # so many accounts reported during the outage
OUTAGE_MS = 8 * 3_600_000
MOST_S = ((100_000, 2.0), (1_000_000, 5.0))  # up to so many accounts, so long at most
GIVE_UP_S = 60.0
FIRST = 100_000  # the accounts' numbers begin there
MARK = "999999"  # the account whose event is the pattern of the others


def _frame(account: str, number: int) -> bytes:
    data = b"#%b|1131 01 001" % account.encode()
    return build_frame(
        "ADM-CID", account=account, data=data, sequence=f"{number % 9999 + 1:04d}",
        pad=bytes,
    )  # fmt: skip


async def _reported(port: int, account: str, number: int) -> None:
    """Report until it is acknowledged, a hundred tries a second to be connected."""
    frame = _frame(account, number)
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(frame)
                answer = await reader.readuntil(b"\r")
                if b'"ACK"' in answer:
                    return
            finally:
                writer.close()
        await asyncio.sleep(0.01)


def _import(folder: Path, accounts: int) -> Path:
    """Make the accounts database as a station does."""
    table, database = folder / "accounts.csv", folder / "accounts.db"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "area_class", "supervision_s"])
        rows.writerow([MARK, "Harbour Street 5", "SECURED", ""])
        for number in range(FIRST, FIRST + accounts - 1):
            name = number if number < int(MARK) else number + 1
            rows.writerow([name, f"Harbour Street {number}", "SECURED", 86_400])
    subprocess.run(
        [*LAUNCH, "accounts", "import", str(table), "--database", str(database)],
        check=True, capture_output=True, cwd=Path(__file__).resolve().parents[3],
    )  # fmt: skip
    return database


class Filler:
    """Writes events of an outage with the journal's own store."""

    def __init__(self, journal: Path):
        self._journal = journal

    def fill(self, rows: int) -> None:
        """Store so many events of ``FORMED`` accounts that nobody confirmed."""
        pattern = self._pattern()
        forms = [self._form(pattern.form, str(FIRST + number)) for number in range(FORMED)]
        ids = EventIds(os.urandom)
        store = SqliteStore(
            self._journal, boot_id="filled", utc_ms=_now_ms, confirm_by=("core-1",),
            reserve_bytes=1 << 20,
        )  # fmt: skip
        first = store.open().next_seq
        began_ms = _now_ms() - OUTAGE_MS
        for start in range(0, rows, ROWS_MAX):
            numbers = range(start, min(rows, start + ROWS_MAX))
            store.commit(
                [
                    self._event(pattern, forms[n % FORMED], first + n, n, ids,
                                began_ms + n * OUTAGE_MS // rows)
                    for n in numbers
                ],
                [],
            )  # fmt: skip
            store.tidy(is_idle=False)
        store.close()

    def _pattern(self) -> Alike:
        reader = Reader(self._journal)
        try:
            found = [one for one in reader.outstanding() if isinstance(one, Alike)]
        finally:
            reader.close()
        return next(one for one in found if one.account == MARK)

    @staticmethod
    def _form(form: Form, account: str) -> Form:
        pieces = tuple(piece.replace(MARK, account) for piece in form.pieces)
        return Form(
            account=account, class_=form.class_, is_priority=form.is_priority, input=form.input,
            pieces=pieces,
        )  # fmt: skip

    @staticmethod
    def _event(
        pattern: Alike, form: Form, seq: int, number: int, ids: EventIds, at_ms: int
    ) -> Alike:
        return replace(
            pattern,
            seq=seq,
            event_id=ids.id(at_ms, seq),
            account=form.account,
            received_ms=at_ms,
            form=form,
            sequence=f"{number // FORMED % 9999 + 1:04d}",
            raw=_frame(form.account, number // FORMED),
            identity=number.to_bytes(16, "big"),
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Took(NamedTuple):
    """From exec to the first ACK, in seconds."""

    wall_s: float
    cpu_s: float
    """Of the gateway alone."""


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _measure(folder: Path, accounts: int, size: Size, build: str | None) -> Sequence[Took]:
    """Fill, then kill and start; say how long each start took."""
    folder.mkdir(parents=True)
    database = _import(folder, accounts)
    station = Station(folder, launch=running.launch_of(build))
    station.config.write_text(
        station.config.read_text().replace(
            f'files = ["{station.accounts_file}"]', f'database = "{database}"'
        )
    )
    station.accounts_file.unlink()
    try:
        await station.start()
        for number in range(3):  # the second of its kind has a form
            await _reported(station.port, MARK, number)
        station.kill_now()
        await station.ended()
        await asyncio.to_thread(Filler(station.journal).fill, ROWS[size])
        took = []
        for number in range(STARTS[size] + 1):
            began = time.monotonic()
            waiting = asyncio.create_task(_reported(station.port, MARK, 100 + number))
            starting = asyncio.create_task(station.start())
            async with asyncio.timeout(GIVE_UP_S):
                await waiting
            took.append(Took(time.monotonic() - began, _cpu_s(station.process.pid)))
            await starting
            station.kill_now()
            await station.ended()
        return took[1:]  # the first one found a journal that was closed, not killed
    finally:
        station.kill_now()


def run(size: Size, folder: Path, *, build: str | None = None) -> Outcome:
    """Measure with each number of accounts."""
    said, faults = [], []
    for accounts in ACCOUNTS[size]:
        most_s = next(seconds for count, seconds in MOST_S if accounts <= count)
        took = asyncio.run(_measure(folder / f"{accounts}", accounts, size, build))
        slowest = max(one.wall_s for one in took)
        cpu_s = max(one.cpu_s for one in took)
        said.append(
            f"{slowest:.2f} s at most ({cpu_s:.2f} s of a processor) with {accounts:,} accounts, "
            f"bound {most_s} s"
        )
        if (cpu_s if size is Size.SMOKE else slowest) > most_s:
            times = ", ".join(f"{one.wall_s:.2f} ({one.cpu_s:.2f})" for one in took)
            faults.append(f"{accounts:,} accounts: {times} s from exec to the first ACK")
    return Outcome(said=f"{ROWS[size]:,} outstanding events: {'; '.join(said)}", faults=faults)


FIGURE = Figure(
    id="A13", title="kill -9 to the first ACK with a full journal", command="crash", run=run
)
