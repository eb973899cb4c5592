"""A protocol of lines for tests of what carries protocols: each line is a report, ACK echoes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from protocols._core import (
    Connection,
    Incoming,
    LinkTest,
    ProtocolError,
    Rejected,
    Repeat,
    Report,
    Verdict,
)

PARTIAL_S = 1.0
LINE_BYTES = 8192


class EchoConnection:
    """``text\\n`` is a report, ``.\\n`` a link test, ``?...\\n`` is rejected, ``!\\n`` raises.

    ACK gives ``ACK text\\n``, the other verdicts their name, SILENCE nothing.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._out = bytearray()
        self._partial_since: float | None = None

    def receive(self, data: bytes, *, now: float) -> list[Incoming]:
        self._buffer += data
        found: list[Incoming] = []
        while (end := self._buffer.find(b"\n")) >= 0:
            found.append(_item(bytes(self._buffer[: end + 1])))
            del self._buffer[: end + 1]
            self._partial_since = None
        if len(self._buffer) > LINE_BYTES:
            found += self._drop("frame_oversized")
        if self._buffer and self._partial_since is None:
            self._partial_since = now
        return found

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        if to.raw == b"unanswerable\n":
            raise RuntimeError("the codec cannot answer this")
        if verdict is Verdict.ACK:
            self._out += b"ACK " + to.raw
        elif verdict is not Verdict.SILENCE:
            self._out += verdict.name.encode() + b"\n"
        assert utc.tzinfo is not None

    def data_to_send(self) -> bytes:
        data = bytes(self._out)
        self._out.clear()
        return data

    def eof(self) -> list[Incoming]:
        return self._drop("frame_incomplete")

    def deadline(self) -> float | None:
        return None if self._partial_since is None else self._partial_since + PARTIAL_S

    def on_deadline(self, *, now: float) -> list[Incoming]:
        assert self._partial_since is not None
        assert now >= self._partial_since + PARTIAL_S
        return self._drop("frame_incomplete")

    def _drop(self, reason: str) -> list[Incoming]:
        raw = bytes(self._buffer)
        self._buffer.clear()
        self._partial_since = None
        return [rejected(raw, reason)] if raw else []


class EchoDatagrams(EchoConnection):
    """The same for datagrams: nothing is kept between them."""

    def receive(self, data: bytes, *, now: float) -> list[Incoming]:
        return super().receive(data, now=now) + self.eof()


def connect() -> Connection:
    return EchoConnection()


def connect_datagrams() -> Connection:
    return EchoDatagrams()


def rejected(raw: bytes, reason: str) -> Rejected:
    error = ProtocolError(reason, raw=raw, offset=0, clause="echo")
    return Rejected(protocol="echo", raw=raw, reason=reason, error=error)


def texts(incoming: Sequence[Incoming]) -> list[str]:
    return [item.raw.decode("latin-1").rstrip("\n") for item in incoming]


def _item(raw: bytes) -> Incoming:
    if raw == b"!\n":
        raise RuntimeError("the codec failed")
    if raw == b".\n":
        return LinkTest(protocol="echo", raw=raw, envelope=None)
    if raw.startswith(b"?"):
        return rejected(raw, "noise")
    return report(raw)


def report(raw: bytes) -> Report:
    return Report(
        protocol="echo",
        raw=raw,
        token="LINE",
        account=None,
        parts=(),
        envelope=None,
        repeat=Repeat.NEVER,
    )
