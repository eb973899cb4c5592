r"""Conversations as text that a technician can read: captures, replays, and the tests' transcripts.

Line by line::

    # words for the reader; the first say what happens and where the bytes are from
    @ protocol dc09                the protocol, where the file's place does not say it
    @ datagram                     the link is UDP
    @ key 1234 41424344...         an account and its key, in hex
    @ option header RRL            an option of the protocol
    @ clock 2026-11-20T12:00:00Z   our time; may come again later
    @ peer 192.0.2.7:51823         from here on it is this peer that speaks
    > 0A 44 41 42                  bytes that came in one read: hex, or text with \n \r \xNN
    < 0A 35 39                     bytes that went back since the last of these lines
    = 10 s later                   time passes
    = end                          the peer is gone
    = committed                    what was done with the next thing it held (tests; see there)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import msgspec

_HEX: Final = re.compile(r"(?:[0-9A-F]{2} ?)+")
_LATER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) s later")
_ESCAPE: Final = re.compile(r"\\(?:([nrt\\])|x([0-9A-Fa-f]{2}))")
_ESCAPES: Final = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}
_NAMED: Final = {10: "\\n", 13: "\\r", 92: "\\\\"}
_PRINTABLE: Final = range(0x20, 0x7F)
_TEXT_SHARE: Final = 0.7  # of its bytes must be printable for a read to be written as text
_EARLIEST_S: Final = 0.001  # shorter pauses are not worth a line


class TranscriptError(ValueError):
    """A line is none of a transcript: says which, what was seen and what was expected."""


class _Step(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    """Where it stands in the file, from 1."""
    at_s: float
    """Seconds since the beginning."""
    peer: str


class Came(_Step, frozen=True, kw_only=True):
    """Bytes of the peer, one read."""

    data: bytes


class Went(_Step, frozen=True, kw_only=True):
    """Bytes of ours."""

    data: bytes


class Clock(_Step, frozen=True, kw_only=True):
    """Our wall clock says this now."""

    utc: datetime


class Passed(_Step, frozen=True, kw_only=True):
    """Time has passed; ``at_s`` is after it."""


class Ended(_Step, frozen=True, kw_only=True):
    """The peer is gone."""


class Did(_Step, frozen=True, kw_only=True):
    """What was done with the next thing that came."""

    words: str


Step: TypeAlias = Came | Went | Clock | Passed | Ended | Did


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation, or those of several peers, in the order in which it was held."""

    protocol: str | None
    is_datagram: bool
    keys: dict[str, bytes]
    options: dict[str, str]
    steps: tuple[Step, ...]


def read(text: str) -> Transcript:
    """Read a transcript.

    Raises:
        TranscriptError: A line that is none.
    """
    reading = _Reading()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            try:
                reading.line(number, line)
            except ValueError as error:
                raise TranscriptError(f"line {number}: {line[:60]!r} seen; {error}") from None
    return Transcript(
        protocol=reading.protocol, is_datagram=reading.is_datagram, keys=reading.keys,
        options=reading.options, steps=tuple(reading.steps),
    )  # fmt: skip


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.protocol: str | None = None
        self.is_datagram = False
        self.keys: dict[str, bytes] = {}
        self.options: dict[str, str] = {}
        self.steps: list[Step] = []
        self._at_s = 0.0
        self._peer = ""

    def line(self, number: int, line: str) -> None:
        mark, rest = line[0], line[2:]
        if mark not in "><=@" or line[1:2] not in {" ", ""}:
            raise ValueError("expected '> bytes', '< bytes', '= what happened' or '@ setting'")
        where: dict[str, Any] = {"line": number, "at_s": self._at_s, "peer": self._peer}
        if mark == ">":
            self.steps.append(Came(data=as_bytes(rest), **where))
        elif mark == "<":
            self.steps.append(Went(data=as_bytes(rest), **where))
        elif mark == "@":
            self._setting(rest.split(), where)
        elif rest == "end":
            self.steps.append(Ended(**where))
        elif later := _LATER.fullmatch(rest):
            self._at_s += float(later[1])
            self.steps.append(Passed(line=number, at_s=self._at_s, peer=self._peer))
        else:
            self.steps.append(Did(words=rest, **where))

    def _setting(self, words: list[str], where: dict[str, Any]) -> None:
        match words:
            case ["datagram"]:
                self.is_datagram = True
            case ["protocol", name]:
                self.protocol = name
            case ["key", account, key]:
                self.keys[account] = bytes.fromhex(key)
            case ["option", name, value]:
                self.options[name] = value
            case ["peer", name]:
                self._peer = name
            case ["clock", moment]:
                utc = datetime.fromisoformat(moment)
                self.steps.append(Clock(utc=utc, **where))
            case _:
                raise ValueError(
                    "expected @ protocol, datagram, key, option, clock or peer, with its values"
                )


def as_bytes(text: str) -> bytes:
    r"""Give the bytes of a line: pairs of hex digits, or text with ``\n \r \t \\ \xNN``.

    Raises:
        ValueError: A backslash with something else behind it, or no Latin-1.
    """
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    made, at = bytearray(), 0
    for escape in _ESCAPE.finditer(text):
        made += _plain(text[at : escape.start()])
        made += _ESCAPES[escape[1]] if escape[1] else bytes.fromhex(escape[2])
        at = escape.end()
    return bytes(made + _plain(text[at:]))


def _plain(text: str) -> bytes:
    if "\\" in text:
        raise ValueError(r"expected \n, \r, \t, \\ or \xNN after a backslash")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError("expected bytes, each a character of Latin-1") from None


def as_text(data: bytes) -> str:
    """Write bytes so that ``as_bytes`` gives them back: as text where most of it can be read."""
    readable = sum(byte in _PRINTABLE or byte in _NAMED for byte in data)
    if readable < _TEXT_SHARE * len(data):
        return data.hex(" ").upper()
    text = "".join(
        _NAMED.get(byte) or (chr(byte) if byte in _PRINTABLE else f"\\x{byte:02x}") for byte in data
    )
    # What could be taken for hex is written as hex: "41" is one letter there and two digits here.
    # Blanks at an end would not outlive an editor.
    return data.hex(" ").upper() if _HEX.fullmatch(text) or text != text.strip() else text


def header(words: list[str], *, protocol: str, is_datagram: bool, utc: datetime) -> Iterator[str]:
    """Give the first lines of a transcript; ``words`` say what it is and where it is from."""
    for said in words:
        yield f"# {said}"
    yield f"@ protocol {protocol}"
    if is_datagram:
        yield "@ datagram"
    yield f"@ clock {utc.astimezone(UTC).isoformat(timespec='seconds').replace('+00:00', 'Z')}"


class Writer:
    """Makes the lines of a conversation as it is held; one for each file."""

    def __init__(self) -> None:
        self._at_s = 0.0
        self._peer = ""

    def lines(self, at_s: float, peer: str, *, is_ours: bool, text: str) -> Iterator[str]:
        """Give the lines for bytes that came or went; ``text`` is theirs (``as_text``)."""
        if at_s - self._at_s >= _EARLIEST_S:
            pause_s = round(at_s - self._at_s, 3)
            yield f"= {pause_s:.3f}".rstrip("0").rstrip(".") + " s later"
            self._at_s += pause_s
        if peer != self._peer:
            self._peer = peer
            yield f"@ peer {peer}"
        yield f"{'<' if is_ours else '>'} {text}"
