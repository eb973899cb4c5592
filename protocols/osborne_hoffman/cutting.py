"""Blocks of a scrambled stream to the text inside, then frames out of it."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from protocols.osborne_hoffman import frame
from protocols.osborne_hoffman.cipher import BLOCK_BYTES, Scrambler
from protocols.receiver_link.cutting import MAX_FRAME_BYTES, Cut, Layouts, PatternCutter


class EventFrame(msgspec.Struct):
    """An event."""

    check: str
    length: int
    token: str
    sequence: str
    receiver: str
    line: str
    content: bytes
    account: str
    said: bytes
    panel_id: str | None
    system_account: str | None
    seconds: int | None


class HeartbeatFrame(msgspec.Struct):
    """A sign of life."""

    receiver: str
    line: str
    account: str
    panel_id: str | None
    seconds: int | None
    terminator: str | None


class EnvelopeFrame(msgspec.Struct):
    """A frame whose data fits no layout."""

    check: str
    length: int
    body: bytes


LAYOUTS: Final = Layouts(
    {"event": frame.EVENT, "heartbeat": frame.HEARTBEAT},
    {"event": EventFrame, "heartbeat": HeartbeatFrame},
    ends=b"\r\x00",
    envelope=frame.ENVELOPE,
    envelope_into=EnvelopeFrame,
    fillers=b"\x00\r",
    needs_end=False,
    grows=rb"(?:\[(?:I(?:D[0-9A-Fa-f]{0,8}+)?)?)?| ?T?[0-9A-Fa-f]{0,7}",
)

_CLEAR: Final = re.compile(rb"\n[0-9A-Fa-f]{7}|SR[0-9A-Fa-f]{4}L[0-9A-Fa-f]")
"""How the first eight bytes of a frame in clear look; scrambled ones do not, but for one time
in some 10^11."""
_ENDS: Final = re.compile(rb"\r\x00*|XX {4}\x00+(?:\[ID[^\]]{0,8}\]\x00*)?")


class ScrambledCutter:
    """Opens what is scrambled, leaves what is in clear, and cuts both.

    Attributes:
        is_scrambled: Whether what was cut last came scrambled: its answer is to be so too.
    """

    def __init__(self, scrambler: Scrambler | None) -> None:
        self._scrambler = scrambler
        self._inner = PatternCutter(LAYOUTS)
        self._held = b""
        self.is_scrambled = scrambler is not None

    @property
    def is_waiting(self) -> bool:
        """See ``receiver_link.Framing``."""
        return bool(self._held) or self._inner.is_waiting

    @property
    def is_complete(self) -> bool:
        """See ``receiver_link.Framing``."""
        return not self._held and self._inner.is_complete

    def take(self, data: bytes, *, is_last: bool = False) -> list[Cut]:
        """See ``receiver_link.Framing``."""
        if self._scrambler is None:
            return self._inner.take(data, is_last=is_last)
        found: list[Cut] = []
        self._held += data
        while len(self._held) >= BLOCK_BYTES:
            if not self._inner.is_waiting and _CLEAR.match(self._held):
                size = self._clear_bytes()
                may_grow = len(self._held) <= MAX_FRAME_BYTES
                if not size and not is_last and may_grow:
                    return found
                self.is_scrambled = False
                size = size or len(self._held)
                text, self._held = self._held[:size], self._held[size:]
                found += self._inner.take(text, is_last=True)
                continue
            self.is_scrambled = True
            size = self._scrambled_bytes()
            text, self._held = self._held[:size], self._held[size:]
            found += self._inner.take(self._scrambler.opened(text))
        if is_last:
            text, self._held = self._held, b""
            found += self._inner.take(text, is_last=True)
        return found

    def _clear_bytes(self) -> int:
        """Count the bytes of the frame in clear that begins what is held; 0 while it may grow."""
        end = _ENDS.search(self._held)
        if end is None:
            return 0
        is_heartbeat = not end[0].startswith(b"\r")
        follows = self._held[end.end() : end.end() + 1]
        if is_heartbeat and b"[ID" not in end[0] and follows in (b"", b"["):
            return 0  # a heartbeat of version 2 goes on with its id
        return end.end()

    def _scrambled_bytes(self) -> int:
        """Count the whole blocks that may be opened at once: up to a frame in clear."""
        whole = len(self._held) - len(self._held) % BLOCK_BYTES
        for at in range(BLOCK_BYTES, whole, BLOCK_BYTES):
            if _CLEAR.match(self._held, at):
                return at
        return whole
