"""Raw bytes that were never acknowledged: a ring on disk with its own limits (REL-34).

It takes no space from the journal, and a source that only sends junk fills its share and no
more; all of them together write as much as the standard ring a minute at most, since more would
only keep busy the disk that the journal flushes to. Writing happens in a thread of its own, in
batches; what it cannot take is counted, never waited for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import msgspec
import structlog

SIZE_BYTES: Final = 64 << 20  # of the ring: two files of half of it
SHARE_BYTES: Final = 1 << 20  # per source and minute
MINUTE_BYTES: Final = SIZE_BYTES  # of all sources together, per minute
SHARE_S: Final = 60.0
SOURCES_MAX: Final = 10_000  # sources whose share is counted; beyond it strangers share one
WAITING_MAX: Final = 2_000  # entries that wait for the disk
PAUSE_S: Final = 0.05  # between two writes: each costs the loop the interpreter's lock a few times
RAW_MAX_BYTES: Final = 8_192  # of one entry; the frame limit of REL-25
NEWER: Final = "quarantine.jsonl"
OLDER: Final = "quarantine.old.jsonl"

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that reached a parser and became no event."""

    time: str
    """When they came, ISO 8601 UTC."""
    input: str
    peer: str
    source: str
    """Whose share they are counted against: the host, or the input of a serial line."""
    reason: str
    """The counter's name."""
    words: str
    raw: str
    """The bytes as latin-1."""


class Quarantine:
    """Keeps raw bytes; ``keep`` never waits."""

    def __init__(  # noqa: PLR0913  everything comes from outside
        self,
        directory: Path,
        *,
        monotonic: Callable[[], float],
        size_bytes: int = SIZE_BYTES,
        share_bytes: int = SHARE_BYTES,
        minute_bytes: int = MINUTE_BYTES,
        count: Callable[[str], None] = lambda _name: None,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        """Name the folder; nothing is written before ``start``.

        ``count`` counts what was refused, and from the writing thread ``quarantine_failed``:
        entries that the disk did not take. While not ``has_room``, nothing is kept: the reserve
        of a full disk is for the journal.
        """
        self._directory = directory
        self._monotonic = monotonic
        self._file_bytes = size_bytes // 2
        self._share_bytes = share_bytes
        self._minute_bytes = minute_bytes
        self._count = count
        self._has_room = has_room
        self._shares: dict[str, int] = {}
        self._shares_since = monotonic()
        self._shared_bytes = 0
        self._is_over = threading.Event()
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="quarantine", daemon=True)

    def start(self) -> None:
        """Start writing."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits and end; blocks, so not on the loop."""
        self._is_over.set()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def keep(self, kept: Kept) -> bool:
        """Keep these bytes; False when the source has had its share or the disk cannot follow."""
        if not self._has_room():
            self._count("quarantine_refused")
            return False
        now = self._monotonic()
        if now - self._shares_since >= SHARE_S:
            self._shares.clear()
            self._shares_since = now
            self._shared_bytes = 0
        source = kept.source
        if source not in self._shares and len(self._shares) >= SOURCES_MAX:
            source = ""
        used = self._shares.get(source, 0)
        if not self._may_take(used, len(kept.raw)):  # before it costs the encoding
            self._count("quarantine_refused")
            return False
        line = _encode(kept) + b"\n"
        used += len(line)
        if not self._may_take(used, 0):
            self._count("quarantine_refused")
            return False
        self._shared_bytes += len(line)
        self._shares[source] = used
        self._queue.put(line)
        return True

    def _may_take(self, used: int, more: int) -> bool:
        return (
            used + more <= self._share_bytes
            and self._shared_bytes + more <= self._minute_bytes
            and self._queue.qsize() < WAITING_MAX
        )

    def _run(self) -> None:
        is_failing = False
        while lines := self._waiting():
            try:
                self._write(lines)
                is_failing = False
            except OSError as error:
                for _ in lines:
                    self._count("quarantine_failed")
                if not is_failing:
                    _log.warning("quarantine.failed", reason=str(error))
                is_failing = True
            self._is_over.wait(PAUSE_S)

    def _waiting(self) -> list[bytes]:
        """Wait for a line, then take all that are there; nothing at the end."""
        lines = []
        line = self._queue.get()
        while line is not None:
            lines.append(line)
            try:
                line = self._queue.get_nowait()
            except Empty:
                return lines
        if lines:
            self._queue.put(None)  # the end is for the next call
        return lines

    def _write(self, lines: list[bytes]) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        newer = self._directory / NEWER
        file = newer.open("ab")
        try:
            for line in lines:
                if file.tell() and file.tell() + len(line) > self._file_bytes:
                    file.close()
                    newer.replace(self._directory / OLDER)
                    file = newer.open("ab")
                file.write(line)
        finally:
            file.close()
