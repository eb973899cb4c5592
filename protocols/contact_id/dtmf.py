"""Contact ID on the telephone line: sixteen digits with a checksum, both ways (SIA DC-05)."""

from __future__ import annotations

import re
from typing import Final

from protocols._core import Unreadable
from protocols.contact_id.adm_cid import FORMAT
from protocols.contact_id.digits import checksum
from protocols.contact_id.message import ContactId

MESSAGE_TYPES: Final = ("18", "98")
"""Both mean Contact ID; 18 is preferred, 98 must be accepted (DC-05)."""

_MESSAGE: Final = re.compile(
    rb"([0-9B-F]{4})(18|98)([136])([0-9B-F]{3})([0-9B-F]{2})([0-9B-F]{3})([0-9B-F])"
)


def parse_dtmf(message: bytes) -> ContactId | Unreadable:
    """Read ``ACCT MT Q XYZ GG CCC S`` sent without blanks; ``Unreadable`` says what is wrong."""
    match = _MESSAGE.fullmatch(message)
    if match is None:
        return Unreadable(
            raw=message,
            format=FORMAT,
            reason=f"{message[:40]!r} seen; expected 16 digits ACCT 18 Q XYZ GG CCC S",
        )
    right = checksum(message[:-1])
    if match[7] != right:
        reason = f"checksum {match[7].decode()} seen; expected {right.decode()}"
        return Unreadable(raw=message, format=FORMAT, reason=reason)
    account, _, qualifier, event, group, zone, _ = (field.decode() for field in match.groups())
    return ContactId(
        raw=message, account=account, qualifier=qualifier, event=event, group=group, zone=zone
    )


def build_dtmf(event: ContactId, *, message_type: str = "18") -> bytes:
    """Write the sixteen digits of an event that has an account of four digits.

    Raises:
        ValueError: A field does not have its digits.
    """
    fields = (event.account, message_type, event.qualifier, event.event, event.group, event.zone)
    digits = "".join(field or "" for field in fields).encode("ascii", "replace")
    if _MESSAGE.fullmatch(digits + b"0") is None:
        message = f"{digits!r} is no Contact ID message: expected ACCT 18|98 Q XYZ GG CCC"
        raise ValueError(message)
    return digits + checksum(digits)
