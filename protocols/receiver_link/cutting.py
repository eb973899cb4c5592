"""Frames out of a stream of bytes, for every dialect whose layouts a pattern can say.

The terminator is not relied on where a layout has fixed widths: what fits a layout is a
frame, copies glued together come apart, and a frame damaged in the middle costs only itself.
What is no frame comes out too; no byte is dropped without being handed up, apart from the
fillers between frames.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from protocols._core.fields import pattern_of
from protocols._core.recogniser import Recogniser
from protocols.receiver_link.computer import Kind

MAX_FRAME_BYTES: Final = 2048
"""Held while no frame is complete; more than that is no frame and goes out as noise."""


class Cut(msgspec.Struct, frozen=True):
    """A stretch of the stream."""

    kind: Kind
    raw: bytes
    layout: str = ""
    fields: Any = None
    """The struct of the layout; of an unreadable one that of the envelope; else None."""


class Layouts:
    """What a dialect's declarations were made into, once.

    Attributes:
        recognisers: By the layout's name, in order of trial.
        envelope: What has a sound envelope whatever its data; None where nothing does.
        start: The byte that every frame begins with; empty where there is none.
        ends: The pattern of what ends a frame.
        anywhere: The pattern that finds the next readable frame.
    """

    def __init__(  # noqa: PLR0913  a record of declarations
        self,
        declared: Mapping[str, Any],
        into: Mapping[str, type[msgspec.Struct]],
        *,
        ends: bytes,
        envelope: Any = None,
        envelope_into: type[msgspec.Struct] | None = None,
        start: bytes = b"",
        fillers: bytes = b"",
        needs_end: bool = True,
        weak: frozenset[str] = frozenset(),
        grows: bytes = b"",
    ) -> None:
        """Generate the recognisers.

        Args:
            declared: Layout name to declaration, in order of trial.
            into: Layout name to the struct that it fills.
            ends: Bytes of which any one ends a frame.
            envelope: Declaration of the envelope alone.
            envelope_into: The struct that it fills.
            start: The byte that every frame begins with, where there is one.
            fillers: Bytes between frames that mean nothing.
            needs_end: Whether every layout holds its own end, so that none has to be waited for.
            grows: Pattern of what may stand behind a frame without terminator and become more
                of it; without one only nothing may.
            weak: Layouts that noise may look like; believed only on a clean line.
        """
        self.declared = declared
        self.recognisers: dict[str, Recogniser[Any]] = {
            name: Recogniser(declaration, into[name]) for name, declaration in declared.items()
        }
        self.envelope: Recogniser[Any] | None = None
        if envelope is not None and envelope_into is not None:
            self.envelope = Recogniser(envelope, envelope_into)
        self.start = start
        self.fillers = frozenset(fillers)
        self.needs_end = needs_end
        self.weak = weak
        self.grows = re.compile(grows)
        self.ends = re.compile(b"[" + re.escape(ends) + b"]")
        self.anywhere = re.compile(b"|".join(pattern_of(each) for each in declared.values()))

    def read(self, data: bytes, at: int) -> tuple[str, Any, int] | None:
        """Read the frame that begins at ``at``: its layout, its fields, its end."""
        for name, recogniser in self.recognisers.items():
            found = recogniser.match_end(data, at)
            if found is not None:
                return name, *found
        return None


class PatternCutter:
    """Cuts by ``Layouts``."""

    def __init__(self, layouts: Layouts, *, limit_bytes: int = MAX_FRAME_BYTES) -> None:
        self._layouts = layouts
        self._limit_bytes = limit_bytes
        self._pending = b""
        self._out: list[Cut] = []
        self._noise_from = -1
        self._end: re.Match[bytes] | None = None
        self._end_from = -1
        self._is_clean = True
        """No noise since the last frame that no noise looks like."""
        self._doubtful = b""

    @property
    def is_waiting(self) -> bool:
        """See ``Framing``."""
        return bool(self._pending)

    @property
    def is_complete(self) -> bool:
        """See ``Framing``."""
        return self.is_waiting and self._layouts.read(self._pending, 0) is not None

    def take(self, data: bytes, *, is_last: bool = False) -> list[Cut]:
        """See ``Framing``."""
        buffer = self._pending + data if self._pending else data
        out = self._out = []
        self._noise_from = self._end_from = -1
        self._end = None
        at = 0
        while at < len(buffer):
            step = self._step(buffer, at, is_last=is_last)
            if step == at:
                break
            at = step
        if self._noise_from >= 0:
            self._noise_until(buffer, at)
        rest = buffer[at:]
        if is_last and rest:
            out.append(Cut(self._kind_of_rest(rest), rest))
            rest = b""
        self._pending = rest
        return out

    def _kind_of_rest(self, rest: bytes) -> Kind:
        start = self._layouts.start
        return Kind.INCOMPLETE if not start or rest.startswith(start) else Kind.NOISE

    def _step(self, buffer: bytes, at: int, *, is_last: bool) -> int:
        """Deal with what begins at ``at``; return where to go on, ``at`` itself to wait."""
        layouts = self._layouts
        # Behind noise little is a frame: one look for all layouts before one for each.
        is_hopeless = self._noise_from >= 0 and layouts.anywhere.match(buffer, at) is None
        read = None if is_hopeless else layouts.read(buffer, at)
        if read is not None:
            name, fields, end = read
            may_grow = not layouts.needs_end and getattr(fields, "terminator", "") is None
            if may_grow and not is_last and layouts.grows.fullmatch(buffer, end):
                return at
            is_weak = name in layouts.weak
            # Noise shows such frames by chance; what becomes of them there must at most be a
            # NAK (REL-33). A real frame is stored all the same, with its third copy (REL-28).
            is_believed = self._is_clean or not is_weak or self._is_copy(buffer[at:end])
            kind = Kind.FRAME if is_believed else Kind.UNREADABLE
            self._emit(Cut(kind, buffer[at:end], name, fields), buffer, at)
            self._is_clean = is_believed
            return end
        if self._noise_from < 0 and buffer[at] in layouts.fillers:
            return self._after_fillers(buffer, at)
        if layouts.start and not buffer.startswith(layouts.start, at):
            begin = buffer.find(layouts.start, at)
            return self._skip(at, len(buffer) if begin < 0 else begin)
        return self._resync(buffer, at)

    def _is_copy(self, raw: bytes) -> bool:
        """Tell a weak frame that came again: noise does not repeat itself, a receiver does."""
        is_copy = raw == self._doubtful
        self._doubtful = b"" if is_copy else raw
        return is_copy

    def _after_fillers(self, buffer: bytes, at: int) -> int:
        """Skip fillers; a line feed that begins a frame is none."""
        layouts = self._layouts
        end = at
        while end < len(buffer) and buffer[end] in layouts.fillers:
            if layouts.start and buffer.startswith(layouts.start, end):
                break
            end += 1
        if end == at:  # the start mark itself, with no readable frame behind it
            return self._resync(buffer, at)
        return end

    def _resync(self, buffer: bytes, at: int) -> int:
        """Nothing readable begins here: find what does, or an end to what does not."""
        layouts = self._layouts
        end = self._next_end(buffer, at + len(layouts.start))
        limit = len(buffer) if end < 0 else end + 1
        if layouts.start:
            again = buffer.find(layouts.start, at + 1, limit)
            if again >= 0:
                return self._skip(at, again)
        else:
            readable = layouts.anywhere.search(buffer, at + 1, limit)
            if readable is not None:
                return self._skip(at, readable.start())
        if end >= 0:
            return self._ended(buffer, at, limit)
        if limit - at > self._limit_bytes:
            return self._skip(at, limit)
        return at

    def _next_end(self, buffer: bytes, at: int) -> int:
        """Find the next end at or after ``at``; searched once, however often it is asked for."""
        known = self._end
        if self._end_from < 0 or at < self._end_from or (known is not None and known.start() < at):
            self._end = known = self._layouts.ends.search(buffer, at)
            self._end_from = at
        return -1 if known is None else known.start()

    def _ended(self, buffer: bytes, at: int, limit: int) -> int:
        """Tell an envelope with unreadable data from noise, up to an end."""
        envelope = self._layouts.envelope
        chunk = buffer[at:limit]
        sound = None if envelope is None else envelope.fullmatch(chunk)
        if sound is None:
            return self._skip(at, limit)
        self._emit(Cut(Kind.UNREADABLE, chunk, "", sound), buffer, at)
        return limit

    def _skip(self, at: int, to: int) -> int:
        self._is_clean = False
        if self._noise_from < 0:
            self._noise_from = at
        return to

    def _noise_until(self, buffer: bytes, end: int) -> None:
        self._out.append(Cut(Kind.NOISE, buffer[self._noise_from : end]))
        self._noise_from = -1

    def _emit(self, cut: Cut, buffer: bytes, at: int) -> None:
        if self._noise_from >= 0:
            self._noise_until(buffer, at)
        self._out.append(cut)
