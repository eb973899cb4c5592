"""What may stand on a disk when its power goes? All that was flushed; of what came since, anything.

A write that was not flushed may be there, not be there, or be there in some of its sectors only,
and later writes may be there without earlier ones. So may names of files until their folder is
flushed. What a flush that failed should have brought to the disk stays uncertain until it is
written again: the kernel forgets that it is dirty.
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from random import Random

from tests.harness.crash.trace import Entry


class Keep(Enum):
    """Which of the writes that were not flushed stand in an image."""

    ALL = "all of them"
    NONE = "none of them"
    PREFIX = "the first ones, the last of them torn"
    SOME = "some whole ones"
    TORN = "some sectors of some"


class _Write:
    """A change of a file's bytes (or of its length: no data)."""

    __slots__ = ("data", "is_sure", "offset")

    def __init__(self, offset: int, data: bytes | None):
        self.offset = offset
        self.data = data
        self.is_sure: bool | None = False

    def put(self, into: bytearray, sector: int = 0, dice: Random | None = None) -> None:
        if self.data is None:
            _resize(into, self.offset)
            return
        end = self.offset + len(self.data)
        if dice is None:
            if len(into) < end:
                _resize(into, end)
            into[self.offset : end] = self.data
            return
        at = self.offset
        while at < end:
            after = min(end, (at // sector + 1) * sector)
            if dice.random() < 0.5:
                if len(into) < after:
                    _resize(into, after)
                into[at:after] = self.data[at - self.offset : after - self.offset]
            at = after


def _resize(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


class File:
    """The bytes of one file: what is on the disk for sure, and what was done since."""

    def __init__(self):
        self.sure = bytearray()
        self.writes: list[_Write] = []
        self._flushing = 0

    def write(self, offset: int, data: bytes | None) -> None:
        self.writes.append(_Write(offset, data))

    def flush_begins(self) -> None:
        self._flushing = len(self.writes)

    def flushed(self, *, is_good: bool) -> None:
        """Take up to where the flush began as sure; or, of a bad one, as uncertain for good."""
        covered = self.writes[: self._flushing]
        self._flushing = 0
        for write in covered:
            if write.is_sure is False:
                write.is_sure = True if is_good else None  # None: nobody will flush it again
        self._settle()

    def _settle(self) -> None:
        newer: set[tuple[int, int]] = set()
        kept: list[_Write] = []
        for write in reversed(self.writes):
            place = (write.offset, -1 if write.data is None else len(write.data))
            if write.is_sure is None and place in newer:
                continue
            if write.is_sure:
                newer.add(place)
            kept.append(write)
        kept.reverse()
        count = 0
        while count < len(kept) and kept[count].is_sure:
            kept[count].put(self.sure)
            count += 1
        self.writes = kept[count:]

    def image(self, keep: Keep, dice: Random) -> bytearray:
        """Give what may be read after a cut of power."""
        content = bytearray(self.sure)
        sector = dice.choice((512, 4096))
        last = dice.randrange(len(self.writes) + 1)
        share = dice.random()
        for number, write in enumerate(self.writes):
            if write.is_sure or keep is Keep.ALL:
                write.put(content)
            elif keep is Keep.PREFIX:
                if number < last:
                    write.put(content)
                elif number == last:
                    write.put(content, sector, dice)
            elif keep is Keep.SOME and dice.random() < share:
                write.put(content)
            elif keep is Keep.TORN and dice.random() < 0.7:
                write.put(content, sector, dice)
        return content


class Disk:
    """One folder and what is in it, as a trace of calls leaves it behind."""

    def __init__(self, folder: Path):
        self._folder = str(folder)
        self._is_made = False
        self._is_folder_sure = False
        self._sure_names: dict[str, File] = {}
        self._names: dict[str, File] = {}
        self._changes: list[tuple[str, File | None]] = []
        self._open: dict[int, File | str] = {}
        self._parent_flush = False
        self._names_flushing = 0

    @property
    def pending(self) -> int:
        """How many changes are not sure."""
        return len(self._changes) + sum(len(file.writes) for file in self._names.values())

    def take(self, entry: Entry) -> None:
        """Follow one call."""
        taken = getattr(self, f"_{entry.op}", None)
        if taken is not None:
            taken(entry)

    def _P(self, _entry: Entry) -> None:  # noqa: N802  named as in the trace
        self._open.clear()  # the process before it is gone; what it wrote is in the page cache

    def _M(self, entry: Entry) -> None:  # noqa: N802
        self._is_made = self._is_made or entry.data.decode() == self._folder

    def _O(self, entry: Entry) -> None:  # noqa: N802
        path = entry.data.decode()
        if path == self._folder or self._folder.startswith(path + "/"):
            self._open[entry.fd] = path
            return
        if os.path.dirname(path) != self._folder:  # noqa: PTH120  a text
            return
        file = self._names.get(path)
        if file is None:
            file = self._names[path] = File()
            self._changes.append((path, file))
        if entry.result & os.O_TRUNC:
            file.write(0, None)
        self._open[entry.fd] = file

    def _C(self, entry: Entry) -> None:  # noqa: N802
        self._open.pop(entry.fd, None)

    def _U(self, entry: Entry) -> None:  # noqa: N802
        path = entry.data.decode()
        if self._names.pop(path, None) is not None:
            self._changes.append((path, None))

    def _W(self, entry: Entry) -> None:  # noqa: N802
        file = self._open.get(entry.fd)
        if isinstance(file, File):
            file.write(entry.offset, entry.data)

    def _T(self, entry: Entry) -> None:  # noqa: N802
        file = self._open.get(entry.fd)
        if isinstance(file, File):
            file.write(entry.offset, None)

    def _B(self, entry: Entry) -> None:  # noqa: N802
        file = self._open.get(entry.fd)
        if isinstance(file, File):
            file.flush_begins()
        else:
            self._names_flushing = len(self._changes)

    def _E(self, entry: Entry) -> None:  # noqa: N802
        file = self._open.get(entry.fd)
        is_good = entry.result == 0
        if isinstance(file, File):
            file.flushed(is_good=is_good)
        elif file == self._folder and is_good:
            for path, held in self._changes[: self._names_flushing]:
                _name(self._sure_names, path, held)
            del self._changes[: self._names_flushing]
        elif file is not None and is_good:
            self._is_folder_sure = True

    def image(self, keep: Keep, dice: Random) -> dict[str, bytearray] | None:
        """Give the files by name as they may be found; None: not even the folder."""
        if self._is_made and not self._is_folder_sure and keep is not Keep.ALL:
            return None
        names = dict(self._sure_names)
        for path, file in self._changes:
            if keep is Keep.ALL or (keep is not Keep.NONE and dice.random() < 0.5):
                _name(names, path, file)
        return {
            os.path.basename(path): file.image(keep, dice)  # noqa: PTH119  a text
            for path, file in names.items()
        }


def _name(names: dict[str, File], path: str, file: File | None) -> None:
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file
