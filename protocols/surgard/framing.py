"""Frames out of a stream of bytes, whatever the reads were and whatever stands between them.

The terminator is not relied on: a frame is told by its id and its fixed widths, so copies
that a terminal server glued together without DC4 come apart again, and a frame damaged in
the middle costs only itself. What is no frame comes out too, as noise or as an envelope
with an unreadable body; no byte is dropped without being handed up, apart from the line
ends and idle characters between frames.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from protocols._core.recogniser import Recogniser
from protocols.receiver_link import Kind
from protocols.surgard import frame
from protocols.surgard.frame import Header
from protocols.surgard.layouts import Frame, Layout, SoundFrame, layouts

MAX_PENDING_BYTES: Final = 2 * frame.MAX_CONTENT_BYTES
"""Held while no frame is complete; more than that is no frame and goes out as noise."""

_FILLER: Final = frozenset(b"\n\r\x14")
_TERMINATOR: Final = re.compile(rb"[\x14\r]")
_BREAK: Final = re.compile(rb".*[^\x20-\x7E]", re.DOTALL)
_CLOCK_SHAPE: Final = b"99:99:99-99/99"
_SHORT: Final = len("PRRL")
_LONG: Final = len("PRRLLL")
_DATA_BEGINS: Final = (b" ", b"[")
_PREFIX: Final = b"\x00\x00"
_PACKET: Final = re.compile(
    rb"\x00\x00(?:[\x00-\x09\x10](?:[\x00-\x09\x10-\x19\x20-\x29\x30-\x39"
    rb"\x40-\x49\x50-\x59\x60-\x69\x70-\x79\x80-\x89\x90-\x99](?<!\x00[\x00-\x04])|\Z)|\Z)"
)
"""A prefix whose length may be one, or its beginning at the end of what was read. A line that
is held low reads as zeros without end, each pair of which would else be looked at."""


class _Prefix(msgspec.Struct):
    length: int


_NOT_LOOKED: Final = (-1, -1, -1)
_B32: Final = Recogniser(frame.B32, _Prefix)


class Found(msgspec.Struct):
    """A stretch of the stream."""

    kind: Kind
    raw: bytes
    fields: Any = None
    """The struct of the layout (``layouts.py``); None for noise."""
    layout: str = ""
    is_b32: bool = False


class Framing:
    """Cuts a stream into ``Found``; knows nothing of time, verdicts or meaning."""

    def __init__(self, *, header: Header = "auto", b32: bool | None = None) -> None:
        """Take what the site knows of its receiver.

        Args:
            header: The form of the header; ``auto`` reads both.
            b32: Whether packets have the B32 prefix; None finds out packet by packet.
        """
        self._layouts = layouts(header)
        self._header = header
        self._may_be_b32 = b32 is not False
        self._pending = b""
        self._out: list[Found] = []
        self._noise_from = -1
        self._is_clean = True
        self._doubtful = b""
        # What was found last, so that a long stretch of noise is not searched again and again:
        # (searched from, searched to, found at; -1 nowhere).
        self._ends = self._readable = _NOT_LOOKED
        self.line_width = 1 if header == frame.AUTO else len(header) - len("RR")
        """Characters of the line, learned from the last frame that was read; it decides for
        ids whose data begins without a blank."""

    @property
    def is_waiting(self) -> bool:
        """Whether bytes are held until more come."""
        return bool(self._pending)

    @property
    def is_complete(self) -> bool:
        """Whether what is held is a whole frame that only lacks its terminator."""
        return self.is_waiting and self._read(self._pending, 0) is not None

    def take(self, data: bytes, *, is_last: bool = False) -> list[Found]:
        """Add bytes and return what is complete; with ``is_last`` wait for nothing more."""
        buffer = self._pending + data if self._pending else data
        self._ends = self._readable = _NOT_LOOKED
        out = self._out = []
        self._noise_from = -1
        at = 0
        while at < len(buffer):
            step = self._step(buffer, at, is_last=is_last)
            if step == at:
                break
            at = step
        rest = buffer[at:]
        if self._noise_from >= 0:
            self._noise_until(buffer, at)
        if is_last and rest:
            begins = rest[0] in self._layouts.by_id or chr(rest[0]) in frame.OTHER_IDS
            out.append(Found(Kind.INCOMPLETE if begins else Kind.NOISE, rest))
            self._is_clean = False
            rest = b""
        elif len(rest) > MAX_PENDING_BYTES:
            self._is_clean = False
            out.append(Found(Kind.NOISE, rest[: -frame.MAX_CONTENT_BYTES]))
            rest = rest[-frame.MAX_CONTENT_BYTES :]
        self._pending = rest
        return out

    def _step(self, buffer: bytes, at: int, *, is_last: bool) -> int:
        """Deal with what begins at ``at``; return where to go on, ``at`` itself to wait."""
        read = self._read(buffer, at)
        if read is not None:
            layout, fields, end = read
            if fields.terminator is None and not is_last and not _is_cut(buffer, end):
                return at
            if self._believes(layout, fields, buffer[at:end]):
                self._emit(Kind.FRAME, buffer, at, end, fields, layout.name)
                self._is_clean = True
                self.line_width = len(fields.line)
            else:
                self._emit(Kind.UNREADABLE, buffer, at, end, fields, layout.name)
            return end
        if buffer[at] in _FILLER and self._noise_from < 0:
            return at + 1
        if self._may_be_b32 and buffer.startswith(_PREFIX[: len(buffer) - at], at):
            step = self._packet(buffer, at, is_last=is_last)
            if step >= 0:
                return step
        return self._resync(buffer, at, is_last=is_last)

    def _read(self, buffer: bytes, at: int) -> tuple[Layout, Any, int] | None:
        fits: tuple[Layout, Any, int] | None = None
        for layout in self._layouts.by_id.get(buffer[at], ()):
            found = layout.recogniser.match_end(buffer, at)
            if found is None:
                continue
            fields, end = found
            # The widths of two forms of the header may both fit where copies are glued: the one
            # that ends with a terminator is right, else the one that was right before.
            if fields.terminator is not None or layout.name not in frame.OPEN:
                return layout, fields, end
            if fits is None or len(fields.line) == self.line_width:
                fits = layout, fields, end
        return fits

    def _believes(self, layout: Layout, fields: Any, raw: bytes) -> bool:
        """Believe a frame; on a noisy line one of little shape needs a terminator or a copy.

        Digits by chance show such frames. What becomes of them there must at most be a NAK
        (REL-33); noise does not repeat itself, a receiver does.
        """
        if self._is_clean or fields.terminator is not None or layout.name not in frame.WEAK:
            return True
        is_copy = raw == self._doubtful
        self._doubtful = b"" if is_copy else raw
        return is_copy

    def _packet(self, buffer: bytes, at: int, *, is_last: bool) -> int:
        """Read a packet with the B32 prefix; -1 when it is none."""
        prefix = _B32.match(buffer, at)
        if prefix is None:
            may_come = len(buffer) - at < frame.B32_BYTES and not is_last
            return at if may_come else -1
        end = at + prefix.length
        if not frame.B32_BYTES < prefix.length <= frame.MAX_CONTENT_BYTES:
            return -1
        if len(buffer) < end:
            return -1 if is_last else at
        packet = buffer[at + frame.B32_BYTES : end]
        read = self._read(packet, 0)
        if read is not None and read[2] == len(packet):
            self._emit(Kind.FRAME, buffer, at, end, read[1], read[0].name, is_b32=True)
            self._is_clean = True
            return end
        sound = self._sound(packet)
        if sound is None:
            return -1
        self._emit(sound[0], buffer, at, end, sound[1], "other", is_b32=True)
        return end

    def _resync(self, buffer: bytes, at: int, *, is_last: bool) -> int:
        """Nothing readable begins here: find what does, or an end to what does not."""
        end = self._terminator(buffer, at)
        limit = len(buffer) if end < 0 else end + 1
        if self._noise_from < 0 and (end >= 0 or not is_last):
            step = self._other(buffer, at, limit, is_ended=end >= 0)
            if step >= 0:
                return step
        begin = self._next_readable(buffer, at + 1, limit)
        if begin >= 0:
            return self._skip(at, begin)
        if end >= 0:
            return self._ended(buffer, at, end, limit)
        return self._skip(at, limit) if is_last and self._noise_from >= 0 else at

    def _terminator(self, buffer: bytes, at: int) -> int:
        since, _, found = self._ends
        if since < 0 or 0 <= found < at:
            match = _TERMINATOR.search(buffer, at)
            found = -1 if match is None else match.start()
            self._ends = at, len(buffer), found
        return found

    def _next_readable(self, buffer: bytes, begin: int, limit: int) -> int:
        since, to, found = self._readable
        if since < 0 or to != limit or 0 <= found < begin:
            match = self._layouts.anywhere.search(buffer, begin, limit)
            found = -1 if match is None else match.start()
            self._readable = begin, limit, found
        if not self._may_be_b32:
            return found
        prefixed = _PACKET.search(buffer, begin, limit if found < 0 else found)
        return found if prefixed is None else prefixed.start()

    def _ended(self, buffer: bytes, at: int, end: int, limit: int) -> int:
        """Tell an envelope with an unreadable body from noise, up to a terminator."""
        begin = self._after_break(buffer, at, end)
        if begin > at:
            self._skip(at, begin)
        sound = self._sound(buffer[begin:limit])
        if sound is None:
            return self._skip(at, limit)
        self._emit(sound[0], buffer, begin, limit, sound[1], "other")
        return limit

    def _other(self, buffer: bytes, at: int, limit: int, *, is_ended: bool) -> int:
        """Read the envelope of an id that is not read; -1 when it is none.

        Tried before the search for a readable frame: the data of such an id may look like one.
        """
        packet = buffer[at:limit]
        known = layouts(self._header_of(packet))
        if not is_ended:
            return at if known.other_begins.fullmatch(packet) else -1
        other = known.other.fullmatch(packet)
        if other is None:
            return -1
        self._emit(self._other_kind(), buffer, at, limit, other, "other")
        return limit

    @staticmethod
    def _after_break(buffer: bytes, at: int, end: int) -> int:
        """Return where text begins that reaches to ``end`` without a break or leading blank."""
        broken = _BREAK.match(buffer, at, end)
        begin = at if broken is None else broken.end()
        while begin < end and buffer[begin] == ord(" "):
            begin += 1
        return begin

    def _sound(self, packet: bytes) -> tuple[Kind, SoundFrame] | None:
        known = layouts(self._header_of(packet))
        unreadable = known.sound.fullmatch(packet)
        if unreadable is not None:
            return Kind.UNREADABLE, unreadable
        other = known.other.fullmatch(packet)
        return None if other is None else (self._other_kind(), other)

    def _other_kind(self) -> Kind:
        """Believe an envelope that nothing but its text supports only on a clean line.

        Noise of seven-bit characters shows such envelopes by chance; what becomes of them
        there must at most be a NAK (REL-33). A real frame is stored all the same, with its
        third copy (REL-28).
        """
        return Kind.OTHER if self._is_clean else Kind.UNREADABLE

    def _header_of(self, packet: bytes) -> Header:
        """Tell the form of a header by the blank or bracket after it, else as learned."""
        if self._header != "auto":
            return self._header
        if packet[_SHORT : _SHORT + 1] in _DATA_BEGINS:
            return "RRL"
        if packet[_LONG : _LONG + 1] in _DATA_BEGINS:
            return "RRLLL"
        return "RRLLL" if self.line_width > 1 else "RRL"

    def _skip(self, at: int, to: int) -> int:
        self._is_clean = False
        if self._noise_from < 0:
            self._noise_from = at
        return to

    def _noise_until(self, buffer: bytes, end: int) -> None:
        self._out.append(Found(Kind.NOISE, buffer[self._noise_from : end]))
        self._noise_from = -1

    def _emit(  # noqa: PLR0913, PLR0917  (a stretch and what it is)
        self,
        kind: Kind,
        buffer: bytes,
        at: int,
        end: int,
        fields: Frame,
        layout: str,
        *,
        is_b32: bool = False,
    ) -> None:
        if self._noise_from >= 0:
            self._noise_until(buffer, at)
        self._out.append(Found(kind, buffer[at:end], fields, layout, is_b32))


def _is_cut(buffer: bytes, end: int) -> bool:
    """Tell whether what follows a frame without terminator can be neither that nor its clock."""
    rest = buffer[end : end + len(_CLOCK_SHAPE)]
    for want, got in zip(_CLOCK_SHAPE, rest, strict=False):
        if not chr(got).isdecimal() if want == ord("9") else got != want:
            return True
    return False
