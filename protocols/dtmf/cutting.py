"""Runs of digits to messages. A run is taken as a whole: nothing is looked for inside it.

The short types have little to be told by, so a window of a damaged message would now and
then look like one. A run whose messages do not fill it to its end is unreadable.
"""

from __future__ import annotations

import re
from typing import Any, Final

from protocols._core.recogniser import Recogniser
from protocols.dtmf import frame
from protocols.dtmf.digits import RECOGNISERS, EnvelopeDigits
from protocols.receiver_link import Kind
from protocols.receiver_link.cutting import Cut

MAX_RUN_DIGITS: Final = 256
"""More digits than that without an end are no messages."""
LEAST_DIGITS: Final = 4
"""Fewer are noise: the account alone has four."""

_PIECE: Final = re.compile(rb"(?P<run>[0-9B-F]+)(?P<end>[\r\n])?|[\r\n]+|[^0-9B-F\r\n]+")
_ENVELOPE: Final = Recogniser(frame.ENVELOPE, EnvelopeDigits)


class DigitCutter:
    """See ``receiver_link.Framing``."""

    def __init__(self) -> None:
        self._pending = b""

    @property
    def is_waiting(self) -> bool:
        """See ``Framing``."""
        return bool(self._pending)

    @property
    def is_complete(self) -> bool:
        """See ``Framing``: messages fill what is held."""
        return self.is_waiting and _messages(self._pending) is not None

    def take(self, data: bytes, *, is_last: bool = False) -> list[Cut]:
        """See ``Framing``."""
        buffer = self._pending + data
        self._pending = b""
        found: list[Cut] = []
        noise_from = -1
        for piece in _PIECE.finditer(buffer):
            is_open = piece["run"] is not None and not piece["end"] and piece.end() == len(buffer)
            if is_open and not is_last and len(piece[0]) <= MAX_RUN_DIGITS:
                self._pending = piece[0]
                cuts: list[Cut] | None = []
            else:
                cuts = _cuts(piece, is_open=is_open)
            if cuts is None:
                noise_from = piece.start() if noise_from < 0 else noise_from
                continue
            if noise_from >= 0:  # what is no digit comes up as one piece, up to what is
                found.append(Cut(Kind.NOISE, buffer[noise_from : piece.start()]))
                noise_from = -1
            found.extend(cuts)
        if noise_from >= 0:
            found.append(Cut(Kind.NOISE, buffer[noise_from:]))
        return found


def _cuts(piece: re.Match[bytes], *, is_open: bool) -> list[Cut] | None:
    """Read a run, or skip line ends; None when it is noise."""
    raw = piece[0]
    if piece["run"] is None:
        return None if raw.strip(b"\r\n") else []
    messages = _messages(raw)
    if messages is not None:
        return messages
    envelope: Any = _ENVELOPE.fullmatch(raw)
    if envelope is not None:
        return [Cut(Kind.UNREADABLE, raw, "", envelope)]
    is_begun = is_open and LEAST_DIGITS <= len(raw) <= MAX_RUN_DIGITS
    return [Cut(Kind.INCOMPLETE, raw)] if is_begun else None


def _messages(raw: bytes) -> list[Cut] | None:
    """Read messages one after the other; None when they do not fill ``raw`` to its end."""
    found: list[Cut] = []
    at = 0
    while at < len(raw):
        for name, recogniser in RECOGNISERS.items():
            read = recogniser.match_end(raw, at)
            if read is not None:
                found.append(Cut(Kind.FRAME, raw[at : read[1]], name, read[0]))
                at = read[1]
                break
        else:
            return None
    return found
