"""Gives a recorded frame the time of now, so that it can be played again."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from protocols.dc09.answers import seal_binary, seal_hex
from protocols.dc09.message import format_timestamp

_STAMPED: Final = re.compile(
    rb"\n(?:(?P<hex>[0-9A-F]{4})|(?P<binary>..))0[0-9A-Fa-f]{3}"
    rb'(?P<region>"[^\r]*\])_\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}\r',
    re.DOTALL,
)


def restamped(data: bytes, utc: datetime) -> bytes:
    """Put ``utc`` into every sound frame in clear that has a timestamp; all else stays as it is.

    The time of an encrypted frame is inside it, out of reach without the key.
    """

    def now(found: re.Match[bytes]) -> bytes:
        seal = seal_hex if found["hex"] is not None else seal_binary
        before = found[0][: found.start("region") - found.start()]
        region = found[0][len(before) : -1]
        if seal(region) != found[0]:
            return found[0]  # damaged on purpose, perhaps
        return seal(found["region"] + b"_" + format_timestamp(utc))

    return _STAMPED.sub(now, data)
