"""The data of a DC-09 ``ADM-CID`` message: ``#acct|Qeee gg zzz`` to events and back.

Tolerant reading (DC-09 5.2 in practice): several events separated by bars, blanks left out,
the long form ``acct 18 Qeee gg zzz`` of printers. What cannot be read becomes an
``Unreadable`` beside what can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from protocols._core import Part, Unreadable
from protocols.contact_id.digits import checksum
from protocols.contact_id.message import ContactId

FORMAT: Final = "contact-id"

_USUAL: Final = re.compile(rb"#([0-9A-Za-z]++)\|(([136])([0-9B-F]{3}) ([0-9B-F]{2}) ([0-9B-F]{3}))")
_TOLERANT: Final = re.compile(
    rb"(?P<lead> *+)"
    rb"(?:(?P<long>(?P<account>[0-9A-F]{1,16}?)? *+(?:18|98|58) *+))?"
    rb"(?P<q>[136]) *+(?P<event>[0-9A-F]{3})(?P<b1> *+)(?P<group>[0-9A-F]{2})(?P<b2> *+)"
    rb"(?P<zone>[0-9A-F]{3})(?: *+(?P<check>[0-9B-F]))?(?P<tail> *+)"
)


def parse_adm_cid(data: bytes) -> tuple[str | None, tuple[Part, ...]]:
    """Read what stands between the brackets, ``#acct|`` included.

    Returns the account inside the data (None without ``#``) and the parts in order. Never
    raises on what a peer sent.
    """
    usual = _USUAL.fullmatch(data)
    if usual is not None:
        acct, raw, q, event, group, zone = usual.groups()
        account = acct.decode()
        return account, (
            ContactId(
                raw=raw,
                qualifier=q.decode(),
                event=event.decode(),
                group=group.decode(),
                zone=zone.decode(),
                account=account,
            ),
        )
    first: str | None = None
    in_force: str | None = None
    parts: list[Part] = []
    for chunk in data.split(b"|"):
        if chunk.startswith(b"#"):
            in_force = chunk[1:].decode("latin-1")
            first = in_force if first is None else first
        elif chunk:
            parts.append(parse_event(chunk, in_force))
    return first, tuple(parts)


def parse_event(chunk: bytes, account: str | None = None) -> ContactId | Unreadable:
    """Read one event as text carriers write it: ``Qeee gg zzz`` and its tolerated forms."""
    match = _TOLERANT.fullmatch(chunk)
    if match is None or (match["check"] is not None and match["long"] is None):
        return Unreadable(raw=chunk, format=FORMAT, reason=_why_not(chunk))
    quirks: list[str] = []
    blanks = (match["lead"], match["b1"], match["b2"], match["tail"])
    if match["long"] is not None:
        quirks.append("long_form")
    elif b"" in blanks[1:3]:
        quirks.append("missing_blanks")
    if b"  " in chunk or blanks[0] or blanks[3]:
        quirks.append("extra_blanks")
    if b"A" in match["event"] + match["group"] + match["zone"]:
        quirks.append("digit_a")
    if match["check"] is not None and _check_is_wrong(match):
        quirks.append("checksum_wrong")
    inner = match["account"]
    return ContactId(
        raw=chunk,
        qualifier=match["q"].decode(),
        event=match["event"].decode(),
        group=match["group"].decode(),
        zone=match["zone"].decode(),
        account=inner.decode() if inner else account,
        quirks=tuple(quirks),
    )


def _check_is_wrong(match: re.Match[bytes]) -> bool:
    digits = bytes(byte for byte in match[0] if byte != ord(" "))
    try:
        return checksum(digits[:-1]) != digits[-1:]
    except KeyError:  # an A in it: no check digit can be right
        return True


def _why_not(chunk: bytes) -> str:
    seen = chunk[:40].decode("latin-1")
    digits = chunk.replace(b" ", b"")
    if digits[:1].isdigit() and digits[:1] not in b"136" and len(digits) == 9:  # noqa: PLR2004 - Q eee gg zzz
        return f"qualifier {seen[:1]!r} seen; expected 1, 3 or 6"
    return f"{seen!r} seen; expected Qeee gg zzz (Q 1, 3 or 6, digits 0-9 and B-F)"


def build_adm_cid(account: str | None, events: Sequence[ContactId]) -> bytes:
    """Write the data of an ``ADM-CID`` message; the inverse of :func:`parse_adm_cid`.

    Raises:
        ValueError: A field does not have its digits.
    """
    head = "" if account is None else f"#{account}"
    return "|".join((head, *(_text(event) for event in events))).encode("ascii")


def _text(event: ContactId) -> str:
    text = f"{event.qualifier}{event.event} {event.group} {event.zone}"
    if _USUAL.fullmatch(b"#0|" + text.encode()) is None:
        message = f"{text!r} is no Contact ID event: expected Qeee gg zzz"
        raise ValueError(message)
    return text
