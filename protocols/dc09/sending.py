"""The frames a panel sends, built from the declarations: for simulators and tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from protocols._core import Pad
from protocols.dc09 import frame
from protocols.dc09.answers import seal_binary, seal_hex
from protocols.dc09.crypto import aes_key, pad_length, pad_text
from protocols.dc09.message import format_timestamp

XData = Sequence[tuple[str, str | bytes]]


def build_frame(  # noqa: PLR0913  a frame has this many parts, all by keyword
    token: str,
    *,
    account: str | None,
    data: bytes = b"",
    sequence: str = "0000",
    receiver: str | None = None,
    line: str | None = "0",
    xdata: XData = (),
    timestamp: datetime | None = None,
    key: bytes | None = None,
    pad: Pad | None = None,
    is_binary_crc: bool = False,
    includes_cr: bool = False,
    encoding: str = "utf-8",
) -> bytes:
    """Build one frame, LF to CR.

    ``data`` is what stands between the brackets, ``#acct|`` included. With ``key`` the frame
    is encrypted behind 16 to 31 bytes from ``pad``. ``includes_cr`` counts the CR in check
    value and length, as Eldes does. ``receiver`` or ``line`` None leaves that field out.

    Raises:
        ValueError: Encryption without a timestamp or without ``pad``.
        construct.ConstructError: A value that its field cannot hold.
    """
    echo = {
        "seq": sequence.encode(),
        "receiver": None if receiver is None else receiver.encode(),
        "line": None if line is None else line.encode(),
        "account": None if account is None else account.encode(encoding),
    }
    fields: dict[str, Any] = {"token": token.encode(), "echo": echo, "data": data}
    fields["xdata"] = tuple(
        letter.encode() + (value if isinstance(value, bytes) else value.encode(encoding))
        for letter, value in xdata
    )
    fields["stamp"] = None if timestamp is None else format_timestamp(timestamp)
    if key is None:
        region = frame.PLAIN.build(fields)
    else:
        fields["ciphertext"] = _ciphertext(fields, key, pad)
        region = frame.ENCRYPTED.build(fields)
    seal = seal_binary if is_binary_crc else seal_hex
    return seal(region + b"\r")[:-1] if includes_cr else seal(region)


def _ciphertext(fields: dict[str, Any], key: bytes, pad: Pad | None) -> bytes:
    if fields["stamp"] is None or pad is None:
        raise ValueError("an encrypted frame without timestamp or pad: it needs both")
    body = frame.DECRYPTED.build({**fields, "pad": b""})
    padding = pad_text(pad(pad_length(len(body), is_long=True)))
    return aes_key(key).encrypt(padding + body).hex().upper().encode()
