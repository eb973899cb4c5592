r"""What the computer may ask of an MX8000 (AE8000): read and written.

``id data V CR``; a bare CR, or 00h towards an SK9000, asks for a link test. The receiver
replies 06h granted, 15h malformed, 1Bh refused. The gateway sends none of them by itself.
"""

from __future__ import annotations

from typing import Final

import msgspec
from construct import ConstructError, Struct

from protocols._core.alphabet import DECIMAL, PRINTABLE, Alphabet
from protocols._core.fields import Characters, Literal
from protocols._core.recogniser import Recogniser
from protocols.mx8000.fields import TextBefore, VByte, v_byte

NAMES: Final = {
    "J": "log-on",
    "K": "log-off",
    "\x05": "hang-up",
    "\x04": "add-listen-in",
    "\x03": "delete-listen-in",
    "L": "extend",
    "H": "end",
    "I": "pbx-string",
}
"""Identifier to the command's name."""

LINK_TESTS: Final = {b"\r": "", b"\x00": "15"}
"""What asks for a link test, and its reply in hex where a manual prints it."""

REPLIES: Final = {b"\x06": "granted", b"\x15": "malformed", b"\x1b": "refused"}

LOG_ON: Final = Struct(
    "identifier" / Characters(Alphabet("J"), 1),
    "receiver" / Characters(DECIMAL, 2),
    Literal(b'"'),
    "pin" / TextBefore(PRINTABLE, 1, 16),
    "vbyte" / VByte(),
    Literal(b"\r"),
)
"""The one command whose fields are printed."""

OTHER: Final = Struct(
    "identifier" / Characters(Alphabet(frozenset(map(ord, NAMES))).but(b"J"), 1),
    "text" / TextBefore(PRINTABLE, 0, 64),
    "vbyte" / VByte(),
    Literal(b"\r"),
)


class _LogOn(msgspec.Struct):
    identifier: str
    receiver: str
    pin: str
    vbyte: int


class _Other(msgspec.Struct):
    identifier: str
    text: str
    vbyte: int


_LOG_ON: Final = Recogniser(LOG_ON, _LogOn)
_OTHER: Final = Recogniser(OTHER, _Other)


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command, or a request for a link test."""

    name: str
    """Of ``NAMES``, or ``link-test-request``."""
    receiver: str | None = None
    pin: str | None = None
    text: str = ""
    vbyte: int | None = None
    is_vbyte_right: bool | None = None
    expected_reply: str | None = None
    """In hex; None where no manual prints it."""


def parse_command(data: bytes) -> Command | None:
    """Read a command of the computer; None when it is none."""
    reply = LINK_TESTS.get(data)
    if reply is not None:
        return Command(name="link-test-request", expected_reply=reply or None)
    right = v_byte(data[:-2])
    log_on = _LOG_ON.fullmatch(data)
    if log_on is not None:
        return Command(
            name="log-on",
            receiver=log_on.receiver,
            pin=log_on.pin,
            vbyte=log_on.vbyte,
            is_vbyte_right=log_on.vbyte == right,
        )
    other = _OTHER.fullmatch(data)
    if other is None:
        return None
    return Command(
        name=NAMES[other.identifier],
        text=other.text,
        vbyte=other.vbyte,
        is_vbyte_right=other.vbyte == right,
    )


def build_command(command: Command) -> bytes:
    """Write a command.

    Raises:
        ValueError: Its fields do not fit.
    """
    identifiers = {name: identifier for identifier, name in NAMES.items()}
    try:
        fields = {"identifier": identifiers[command.name], "vbyte": 0x40}
        if command.name == "log-on":
            draft = LOG_ON.build({**fields, "receiver": command.receiver, "pin": command.pin})
        else:
            draft = OTHER.build({**fields, "text": command.text})
    except (KeyError, ConstructError) as error:
        message = f"{command!r} cannot be written: {error}"
        raise ValueError(message) from error
    body: bytes = draft[:-2]
    return body + bytes((v_byte(body),)) + b"\r"
