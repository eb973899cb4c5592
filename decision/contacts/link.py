"""The incident link: a signed token that speaks for one contact in one incident, for a while.

    token = base64url(incident, contact, expires) "." base64url(HMAC-SHA256(key, label + payload))

The signature is compared in constant time before anything of the payload is read. A token is
bound to its incident and its contact; whether the alarm is still active is asked afresh at each
use (DISP-M4), so an old link never acts on anything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from decision.contacts.link_key import LinkKey

VALID_FOR: Final = timedelta(hours=24)
"""``contacts.link_valid_s``: longer than the active window, so that a late look still explains."""
MAX_TOKEN: Final = 1024
"""Characters; nothing longer is looked at."""
_LABEL: Final = b"alarm-gateway incident link v1\x00"
"""Keeps these signatures apart from any other use of a key."""


class _Payload(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    incident: str
    contact: str
    expires: int
    """Seconds since 1970."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a valid link allows: to speak as this contact in this incident."""

    incident: str
    contact: str
    expires: datetime


class LinkError(ValueError):
    """The link is not valid. The message may be shown: it says nothing about any incident."""


class LinkExpired(LinkError):  # noqa: N818  reads as what happened
    """It was valid once."""


def sign(
    key: LinkKey, *, incident: str, contact: str, now: datetime, valid_for: timedelta = VALID_FOR
) -> str:
    """Make a token for ``contact`` in ``incident``."""
    payload = msgspec.msgpack.encode(
        _Payload(incident, contact, int((now + valid_for).timestamp()))
    )
    return f"{_text(payload)}.{_text(_mac(key, payload))}"


def read(key: LinkKey, token: str, now: datetime) -> Grant:
    """Check a token and give what it allows.

    Raises:
        LinkExpired: It was made by us, and its time is over.
        LinkError: Anything else; deliberately without a reason.
    """
    refusal = LinkError("this link is not valid; call the number you were given")
    if len(token) > MAX_TOKEN or token.count(".") != 1:
        raise refusal
    body, signature = token.split(".")
    try:
        payload, mac = _bytes(body), _bytes(signature)
    except (ValueError, binascii.Error):
        raise refusal from None
    if not hmac.compare_digest(mac, _mac(key, payload)):
        raise refusal
    try:
        told = msgspec.msgpack.decode(payload, type=_Payload)
    except msgspec.MsgspecError:
        raise refusal from None
    expires = datetime.fromtimestamp(told.expires, UTC)
    if now >= expires:
        raise LinkExpired("this link has expired; call the number you were given")
    return Grant(incident=told.incident, contact=told.contact, expires=expires)


def _mac(key: LinkKey, payload: bytes) -> bytes:
    return hmac.new(key.secret, _LABEL + payload, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    """Read base64url; refuses what another text would give the same bytes for."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(data) != text:
        raise ValueError("not the only spelling")
    return data
