"""Where a frame begins and ends in what was read, and whether its check value and length hold.

The length field cuts frames out of a stream, never the CR alone. Where the length is wrong
the frame is shown all the same, cut at the next CR or before the next header.
"""

from __future__ import annotations

import re
from typing import Final

from protocols._core.checksums import crc16_arc
from protocols._core.fields import pattern_of
from protocols._core.recogniser import Recogniser
from protocols.dc09 import frame
from protocols.dc09.message import Cut, Fault, Head

HEAD_BYTES: Final = 10
"""LF, four of check value, four of length, the quote: enough to know a header when it comes."""
_LF: Final = 0x0A
_CR: Final = 0x0D
_QUOTE: Final = ord('"')
_BINARY_QUOTE_AT: Final = 7
_HEX_QUOTE_AT: Final = 9

_hex_head: Final = Recogniser(frame.HEX_HEAD, Head).match
_binary_head: Final = Recogniser(frame.BINARY_HEAD, Head).match
_find_head: Final = re.compile(
    pattern_of(frame.HEX_HEAD) + b"|" + pattern_of(frame.BINARY_HEAD)
).search
CLAUSE_CRC: Final = "DC-09 5.4.1.1"
CLAUSE_LENGTH: Final = "DC-09 5.4.1.2"


def next_header(data: bytes, pos: int) -> int:
    """Return where the next header begins, or may begin; the end of ``data`` when nowhere."""
    found = _find_head(data, pos)
    if found is not None:
        return found.start()
    # A header whose quote has not come yet.
    near_end = data.find(b"\n", max(pos, len(data) - HEAD_BYTES + 1))
    return len(data) if near_end < 0 else near_end


def may_be_sound(data: bytes, pos: int) -> bool:
    """Tell cheaply whether ``cut`` could find the frame at ``pos`` sound, by rule or by Eldes'.

    True as well while its end has not come yet.
    """
    if len(data) - pos < HEAD_BYTES:
        return True
    is_binary = data[pos + _BINARY_QUOTE_AT] == _QUOTE
    start = pos + (_BINARY_QUOTE_AT if is_binary else _HEX_QUOTE_AT)
    # Digits and nothing else: the pattern of a head let no sign, blank or underscore pass.
    end = start + int(data[start - 4 : start], 16)
    if end >= len(data):
        return True
    if data[end] != _CR and data[end - 1] != _CR:
        return False
    sent = data[pos + 1 : start - 4]
    written = _written(crc16_arc(data[start:end]), is_binary=is_binary)
    return written == (sent if is_binary else sent.upper())


def cut(data: bytes, pos: int, *, is_complete: bool) -> Cut | None:
    """Cut the frame whose LF stands at ``pos``; ``next_header`` has said that it does.

    ``is_complete``: no more bytes will come (a datagram, the end of a connection, a deadline).
    Without it None means that the frame is not whole yet.
    """
    size = len(data)
    is_binary, head = False, None
    if size - pos >= HEAD_BYTES:
        # Byte 7 first: in a hex frame it is a length digit and never a quote, while the two
        # raw bytes of a binary check value may look like anything.
        is_binary = data[pos + _BINARY_QUOTE_AT] == _QUOTE
        head = _binary_head(data, pos) if is_binary else _hex_head(data, pos)
    elif not is_complete:
        return None
    if head is None:
        return _headless(data, pos)
    start = pos + (_BINARY_QUOTE_AT if is_binary else _HEX_QUOTE_AT)
    end = start + head.length
    # Where the region ends in a CR of its own, Eldes' way of counting comes first: a second CR
    # behind it must not make another frame of it than the same bytes in two reads.
    if end < size and data[end] == _CR and data[end - 1] != _CR:
        region = data[start:end]
        if head.check == _written(crc16_arc(region), is_binary=is_binary):
            # Digits in lower case: the check value is not, so only the length can be.
            quirks: tuple[str, ...] = ("binary_crc",) if is_binary else ()
            digits = data[start - 4 : start]
            if digits != digits.upper():
                quirks += ("lowercase_hex_header",)
            return Cut(
                data[pos : end + 1], region, head.check, head.length, is_binary,
                True, True, quirks, None,  # noqa: FBT003  by position: the hot path
            )  # fmt: skip
    return _cut_otherwise(data, pos, start, head, is_binary=is_binary, is_complete=is_complete)


def _cut_otherwise(  # noqa: PLR0913  two positions, the head, and what is known of the rest
    data: bytes, pos: int, start: int, head: Head, *, is_binary: bool, is_complete: bool
) -> Cut | None:
    """Cut a frame that is not plainly right."""
    size, end = len(data), start + head.length
    if end <= size and head.length and data[end - 1] == _CR:
        # Eldes counts the CR in the length and in the check value (quirk 1).
        judged = _judged(data, pos, start, end - 1, head, is_binary=is_binary)
        if judged.crc_ok and judged.length_ok:
            return judged
    if end < size and data[end] == _CR:
        return _judged(data, pos, start, end, head, is_binary=is_binary)
    if end >= size and not is_complete:
        return None
    return _judged(data, pos, start, _visible_end(data, start), head, is_binary=is_binary)


def _written(check: int, *, is_binary: bool) -> bytes:
    return check.to_bytes(2, "big") if is_binary else b"%04X" % check


def _visible_end(data: bytes, start: int) -> int:
    """Find the end that a frame with a wrong length shows to the eye."""
    limit = next_header(data, start)
    end = data.find(b"\r", start, limit)
    return limit if end < 0 else end


def _judged(  # noqa: PLR0913  three positions and what the head said
    data: bytes, pos: int, start: int, stop: int, head: Head, *, is_binary: bool
) -> Cut:
    """Judge a frame that is not plainly right: the region ends at ``stop``."""
    region = data[start:stop]
    has_cr = stop < len(data) and data[stop] == _CR
    end = stop + 1 if has_cr else stop
    sent = head.check if is_binary else head.check.upper()
    over_region = _written(crc16_arc(region), is_binary=is_binary)
    includes_cr = sent != over_region and has_cr
    includes_cr = includes_cr and sent == _written(crc16_arc(region + b"\r"), is_binary=is_binary)
    crc_ok = sent == over_region or includes_cr
    length_includes_cr = includes_cr and head.length == len(region) + 1
    length_ok = head.length == len(region) or length_includes_cr
    digits = data[pos + 1 : start] if not is_binary else data[start - 4 : start]
    quirks = (
        *(("binary_crc",) if is_binary else ()),
        *(("lowercase_hex_header",) if _has_lower_hex(digits) else ()),
        *(("crc_includes_cr",) if includes_cr else ()),
        *(("length_includes_cr",) if length_includes_cr else ()),
    )
    fault = None
    if not has_cr:
        words = f"{len(region)} bytes and no CR seen; the length field says {head.length}"
        fault = Fault("frame_incomplete", words, end - pos, CLAUSE_LENGTH)
    elif not length_ok:
        words = f"length field {head.length} seen; expected {len(region)} ({len(region):04X})"
        fault = Fault("length_wrong", words, start - 4 - pos, CLAUSE_LENGTH)
    elif not crc_ok:
        seen, expected = sent, over_region
        if is_binary:
            seen, expected = seen.hex().upper().encode(), expected.hex().upper().encode()
        words = f"check value {seen.decode('latin-1')} seen; expected {expected.decode()}"
        fault = Fault("crc_wrong", words, 1, CLAUSE_CRC)
    return Cut(
        data[pos:end], region, head.check, head.length, is_binary,
        crc_ok, length_ok, quirks, fault,
    )  # fmt: skip


def _has_lower_hex(digits: bytes) -> bool:
    return any(byte in b"abcdef" for byte in digits)


def _headless(data: bytes, pos: int) -> Cut:
    """Show the beginning of a header that never became one, up to the next LF."""
    end = data.find(b"\n", pos + 1)
    raw = data[pos:] if end < 0 else data[pos:end]
    fault = Fault("noise", f"{len(raw)} bytes seen; expected a header", 0, "DC-09 5.4.1")
    return Cut(raw, b"", b"", 0, False, False, False, (), fault)  # noqa: FBT003
