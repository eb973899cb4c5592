"""The data of a DC-09 ``ADM-CID`` message: ``#acct|Qeee gg zzz`` to events and back.

Tolerant reading (DC-09 5.2 in practice): several events separated by bars, blanks left out,
the long form ``acct 18 Qeee gg zzz`` of printers. What cannot be read becomes an
``Unreadable`` beside what can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from construct import ConstructError

from protocols._core import Part, Unreadable
from protocols._core.recogniser import Recogniser
from protocols._core.remembered import Remembered
from protocols.contact_id import frame
from protocols.contact_id.digits import checksum
from protocols.contact_id.message import ContactId

FORMAT: Final = "contact-id"

_BARE_DIGITS: Final = 9
"""Digits of ``Q eee gg zzz``."""


class _Usual(msgspec.Struct):
    account: str
    raw: bytes
    qualifier: str
    event: str
    group: str
    zone: str


class _Loose(msgspec.Struct):
    before: str
    qualifier: str
    event: str
    blanks: str
    group: str
    more_blanks: str
    zone: str
    after: str


class _Long(_Loose):
    check: str | None


class _LongWithAccount(_Long):
    account: str


_USUAL: Final = Recogniser(frame.ADM_CID, _Usual)
_LOOSE: Final[tuple[Recogniser[Any], ...]] = (
    Recogniser(frame.LOOSE, _Loose),
    Recogniser(frame.LONG_WITHOUT_ACCOUNT, _Long),
    *(Recogniser(form, _LongWithAccount) for form in frame.LONG_WITH_ACCOUNT),
)


def parse_adm_cid(data: bytes) -> tuple[str | None, tuple[Part, ...]]:
    """Read what stands between the brackets, ``#acct|`` included.

    Returns the account inside the data (None without ``#``) and the parts in order. Never
    raises on what a peer sent.
    """
    usual = _USUAL.fullmatch(data)
    if usual is not None:
        return usual.account, (
            ContactId(
                raw=usual.raw,
                qualifier=usual.qualifier,
                event=usual.event,
                group=usual.group,
                zone=usual.zone,
                account=usual.account,
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


def parse_ascii_chunks(chunks: bytes, account: str | None) -> tuple[Part, ...]:
    """Read plain text of ``account`` that names no other one: the data behind ``#acct|``.

    Says the same as ``parse_adm_cid``, from memory where it was read before.
    """
    makers = _MAKERS[chunks]
    if len(makers) == 1:
        return (makers[0](account),)
    return tuple([make(account) for make in makers])


def _makers(chunks: bytes) -> tuple[Callable[[str | None], Part], ...]:
    """Read chunks once for all accounts: each part lacks at most its account."""
    return tuple(map(_maker, parse_adm_cid(chunks)[1]))


def _maker(part: Part) -> Callable[[str | None], Part]:
    if isinstance(part, ContactId) and part.account is None:  # else the long form named its own
        names = ContactId.__struct_fields__[:-1]
        return partial(ContactId, *[getattr(part, name) for name in names])
    return lambda _account: part


_MAKERS: Final = Remembered(_makers)


def parse_event(chunk: bytes, account: str | None = None) -> ContactId | Unreadable:
    """Read one event as text carriers write it: ``Qeee gg zzz`` and its tolerated forms."""
    for form in _LOOSE:
        read: _Loose | None = form.fullmatch(chunk)
        if read is not None:
            return ContactId(
                raw=chunk,
                qualifier=read.qualifier,
                event=read.event,
                group=read.group,
                zone=read.zone,
                account=read.account if isinstance(read, _LongWithAccount) else account,
                quirks=_quirks(read, chunk),
            )
    return Unreadable(raw=chunk, format=FORMAT, reason=_why_not(chunk))


def _quirks(read: _Loose, chunk: bytes) -> tuple[str, ...]:
    is_long = isinstance(read, _Long)
    found = {
        "long_form": is_long,
        "missing_blanks": not is_long and not (read.blanks and read.more_blanks),
        "extra_blanks": b"  " in chunk or chunk != chunk.strip(),
        "digit_a": "A" in read.event + read.group + read.zone,
        "checksum_wrong": isinstance(read, _Long)
        and read.check is not None
        and not _is_right(read.check, chunk),
    }
    return tuple(quirk for quirk, is_so in found.items() if is_so)


def _is_right(check: str, chunk: bytes) -> bool:
    digits = chunk.replace(b" ", b"")
    try:
        return checksum(digits[:-1]) == check.encode()
    except KeyError:  # an A in it: no check digit can be right
        return False


def _why_not(chunk: bytes) -> str:
    seen = chunk[:40].decode("latin-1")
    digits = chunk.replace(b" ", b"")
    if digits[:1].isdigit() and digits[:1] not in b"136" and len(digits) == _BARE_DIGITS:
        return f"qualifier {seen[:1]!r} seen; expected 1, 3 or 6"
    return f"{seen!r} seen; expected Qeee gg zzz (Q 1, 3 or 6, digits 0-9 and B-F)"


def build_adm_cid(account: str | None, events: Sequence[ContactId]) -> bytes:
    """Write the data of an ``ADM-CID`` message; the inverse of :func:`parse_adm_cid`.

    Raises:
        ValueError: A field does not have its digits.
    """
    head = b"" if account is None else b"#" + account.encode("ascii")
    return b"|".join((head, *map(_text, events)))


def _text(event: ContactId) -> bytes:
    fields = {name: getattr(event, name) for name in ("qualifier", "event", "group", "zone")}
    try:
        text: bytes = frame.EVENT.build(fields)
    except ConstructError as error:
        message = f"{fields} is no Contact ID event: expected Qeee gg zzz"
        raise ValueError(message) from error
    return text
