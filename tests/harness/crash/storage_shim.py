"""How is the shim put under a gateway, and how is it told which storage call fails?"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from benchmarks.compiling import compiled

SOURCE = Path(__file__).with_name("storage_shim.c")
_NUMBERS = struct.Struct("<6Q")  # calls, fail_at, lasting, error, flushes, failed
_WORD = struct.Struct("<Q")
_SIZE = _NUMBERS.size + 64
_AT = {"calls": 0, "fail_at": 8, "lasting": 16, "error": 24, "flushes": 32, "failed": 40}


def shim() -> Path:
    """Compile it; raises ``CompileError`` where there is no C compiler."""
    return compiled(SOURCE, "-shared", "-fPIC", "-ldl")


def environment(folder: Path, *, trace: Path | None = None, faults: Faults | None = None):
    """What a process is started with, so that its calls on files below ``folder`` are seen."""
    said = {"LD_PRELOAD": str(shim()), "STORAGE_FOLDER": str(folder)}
    if trace is not None:
        said["STORAGE_TRACE"] = str(trace)
    if faults is not None:
        said["STORAGE_FAULTS"] = str(faults.path)
    return said


class Faults:
    """Memory that is shared with the shim: what was called, and what is to fail."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _SIZE)

    def _get(self, name: str) -> int:
        return _WORD.unpack_from(self._shared, _AT[name])[0]

    def _set(self, name: str, value: int) -> None:
        _WORD.pack_into(self._shared, _AT[name], value)

    @property
    def calls(self) -> int:
        """Storage calls so far, of all processes that ran on this memory."""
        return self._get("calls")

    @property
    def failed(self) -> int:
        """Calls that were made to fail so far."""
        return self._get("failed")

    @property
    def what(self) -> str:
        """The name of the last call that failed."""
        return self._shared[_NUMBERS.size :].rstrip(b"\0").decode()

    def fail(self, number: int, error: int, *, lasting: bool = False, flushes: bool = False):
        """Have the first call of this number or later fail.

        With ``lasting`` all after it fail too; with ``flushes`` only those count and fail.
        """
        self._set("fail_at", 0)  # first: the others are read by a call that is on its way
        self._set("error", error)
        self._set("lasting", int(lasting))
        self._set("flushes", int(flushes))
        self._set("fail_at", number)

    def heal(self) -> None:
        """Let all calls succeed again."""
        self._set("fail_at", 0)
