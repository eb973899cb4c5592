"""Contact ID on the telephone line: sixteen digits with a checksum, both ways (SIA DC-05)."""

from __future__ import annotations

from typing import Final

import msgspec
from construct import ConstructError

from protocols._core import Unreadable
from protocols._core.recogniser import Recogniser
from protocols.contact_id import frame
from protocols.contact_id.adm_cid import FORMAT
from protocols.contact_id.digits import checksum
from protocols.contact_id.message import ContactId


class _Message(msgspec.Struct):
    account: str
    qualifier: str
    event: str
    group: str
    zone: str
    check: str


_FIELDS: Final = ("account", "qualifier", "event", "group", "zone")
_MESSAGE: Final = Recogniser(frame.DTMF, _Message)


def parse_dtmf(message: bytes) -> ContactId | Unreadable:
    """Read ``ACCT MT Q XYZ GG CCC S`` sent without blanks; ``Unreadable`` says what is wrong."""
    read = _MESSAGE.fullmatch(message)
    if read is None:
        return Unreadable(
            raw=message,
            format=FORMAT,
            reason=f"{message[:40]!r} seen; expected 16 digits ACCT 18 Q XYZ GG CCC S",
        )
    right = checksum(message[:-1]).decode()
    if read.check != right:
        reason = f"checksum {read.check} seen; expected {right}"
        return Unreadable(raw=message, format=FORMAT, reason=reason)
    return ContactId(
        raw=message,
        account=read.account,
        qualifier=read.qualifier,
        event=read.event,
        group=read.group,
        zone=read.zone,
    )


def build_dtmf(event: ContactId, *, message_type: str = "18") -> bytes:
    """Write the sixteen digits of an event that has an account of four digits.

    Raises:
        ValueError: A field does not have its digits.
    """
    fields = {name: getattr(event, name) for name in _FIELDS}
    fields |= {"message_type": message_type, "check": "0"}
    try:
        digits: bytes = frame.DTMF.build(fields)[:-1]
    except ConstructError as error:
        message = f"{fields} is no Contact ID message: expected ACCT 18|98 Q XYZ GG CCC"
        raise ValueError(message) from error
    return digits + checksum(digits)
