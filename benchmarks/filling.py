"""Fills a journal and a database of accounts to the size of a large station, by the product's code.

``python -m benchmarks.filling journal FOLDER EVENTS`` and ``... done FOLDER EVENTS`` (confirmed and
sealed) end as kill -9 ends: without closing anything. ``... accounts FILE COUNT`` imports accounts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.programs import BASE_ACCOUNT
from gateway.accounts import AccountRecord, Accounts, AreaEntry, ZoneEntry
from gateway.accounts.database import AccountsDatabase
from gateway.admission import Admission, InputPolicy
from gateway.ingest import Ingest
from gateway.journal import Alike, AnyEntry, Entry, EventIds, SqliteStore
from gateway.journal.store import Confirm
from gateway.normalise import meanings
from hardware.clock import SystemClock
from hardware.sink import Origin
from protocols._core import Report
from protocols.dc09.answers import seal_hex
from protocols.dc09.usual import read_usual

CONSUMER: Final = "core-1"
GROUP: Final = 5_000
FORMS: Final = 500  # accounts whose events fill the journal; each says one thing again and again
ZONES: Final = 8
SUPERVISION_S: Final = 90
_ORIGIN: Final = Origin(
    input="ip-1", protocol="dc09", transport="tcp", peer="127.0.0.1:51823", host="127.0.0.1"
)


def account(number: int) -> AccountRecord:
    """Give an account as a station has them: a name, an area, eight zones, supervised."""
    zones = tuple(
        ZoneEntry(id=str(zone), name=f"Door {zone}", sensor="door", area="1")
        for zone in range(1, ZONES + 1)
    )
    return AccountRecord(
        id=str(BASE_ACCOUNT + number), name=f"Harbour Street {number}", zones=zones,
        areas=(AreaEntry(id="1", name="Stockroom", area_class="SECURED"),),
        area_class="SECURED", supervision_s=SUPERVISION_S,
    )  # fmt: skip


def fill_accounts(path: Path, count: int) -> None:
    """Write that many accounts into a new database."""
    database = AccountsDatabase(path, make=True)
    with database.writing():
        for number in range(count):
            database.put(account(number), None)
    database.close()


class _Caught:
    """Stands in the journal's place and keeps what ingest would have stored."""

    commits_succeed = True

    def __init__(self) -> None:
        self.entries: list[AnyEntry] = []
        self._seq = 0

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def came_again(self, link: str, digest: bytes, received_ms: int) -> None:
        """Never."""

    def append(self, entries: Sequence[AnyEntry], done: Callable[[bool], None]) -> None:  # noqa: ARG002
        self.entries += entries


def _patterns() -> list[Alike]:
    """One event of each account, as the gateway itself would store its second one."""
    caught = _Caught()
    accounts = Accounts.of([account(number) for number in range(FORMS)])
    ingest = Ingest(
        site="bench", clock=SystemClock(), journal=caught, accounts=lambda: accounts,
        inputs={"ip-1": InputPolicy(is_receiver=False)}, admission=Admission(learn=accounts.learn),
        normalise=meanings, ids=EventIds(os.urandom), alive=lambda _key, _input: None,
        count=lambda *_said: None,
    )  # fmt: skip
    for sequence in (1, 2):
        for number in range(FORMS):
            name = BASE_ACCOUNT + number
            words = f'"SIA-DCS"{sequence:04d}L0#{name}[#{name}|Nri1/BA001]'
            report = read_usual(seal_hex(words.encode()))
            assert isinstance(report, Report)
            ingest.received([report], _ORIGIN, lambda _item, _verdict: None)
    found = [entry for entry in caught.entries[FORMS:] if isinstance(entry, Alike)]
    assert len(found) == FORMS
    return found


def _events(count: int, first: int, ids: EventIds) -> Iterator[list[Alike | Entry]]:
    patterns, now_ms = _patterns(), time.time_ns() // 1_000_000
    group: list[Alike | Entry] = []
    for number in range(count):
        like, seq = patterns[number % FORMS], first + number
        # Ten a second up to an hour ago: older than the window in which repeats are known.
        received_ms = now_ms - 3_600_000 - 100 * (count - number)
        group.append(
            Alike(
                seq, ids.id(received_ms, seq), like.account, like.is_priority, received_ms,
                like.form, like.peer, f"{number % 9999 + 1:04d}", None, number,
                like.raw, b"%016d" % seq,
            )
        )  # fmt: skip
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


def fill_journal(folder: Path, count: int, *, is_done: bool) -> None:
    """Store that many events, and have them confirmed and sealed if they shall be done."""
    store = SqliteStore(
        folder, boot_id="bench", utc_ms=lambda: time.time_ns() // 1_000_000, confirm_by=[CONSUMER]
    )
    first = store.open().next_seq
    for entries in _events(count, first, EventIds(os.urandom)):
        store.commit(entries, ())
        if is_done:
            store.commit(
                (), [Confirm(consumer=CONSUMER, event_ids=tuple(e.event_id for e in entries))]
            )
            while store.seal() is not None:
                pass
        store.tidy(is_idle=False)


def main() -> None:
    """Fill what the command line says."""
    what, path, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if what == "accounts":
        fill_accounts(path, count)
    else:
        fill_journal(path, count, is_done=what == "done")
    os._exit(0)


if __name__ == "__main__":
    main()
