"""One link to a D6500 or D6600, in either mode and either role, from its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from protocols._core import Answer, Incoming, Keys, Pad
from protocols.bosch6500.computer import CHECKS, D6500Computer, SiaModeComputer
from protocols.bosch6500.receiver import (
    ACK_TIMEOUT_S,
    D6500Receiver,
    Output,
    SiaModeReceiver,
)
from protocols.receiver_link import NO_OPTIONS, Connection, Role
from protocols.receiver_link.options import Options

MODES: Final = ("d6500", "sia")
MAX_CHECK_DIGITS: Final = 8


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``mode`` (``d6500``, ``sia``); in D6500 mode ``header`` (the optional byte before
    the type, in hex, default ``20``) and ``terminator`` (in hex, default ``14``); in SIA mode
    ``check`` (``off``; ``arc`` verifies and writes CRC-16/ARC) and ``check_digits`` (4).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad  # nothing is encrypted here
    given = Options("bosch6500", options, datagram=datagram)
    mode = given.word("mode", MODES)
    header = given.byte("header", b" ")
    terminator = given.byte("terminator", b"\x14")
    check = given.word("check", CHECKS)
    digits = given.number("check_digits", 4, least=1, most=MAX_CHECK_DIGITS)
    given.finish()
    if mode == "sia":
        return Connection(Role.COMPUTER, SiaModeComputer(check=check, check_digits=digits))
    return Connection(Role.COMPUTER, D6500Computer(header=header, terminator=terminator))


def receiver(
    output: Output | None = None, *, mode: str = "d6500", ack_s: float = ACK_TIMEOUT_S
) -> Connection[Answer]:
    """Make a link in the receiver's role, for simulators."""
    side = SiaModeReceiver if mode == "sia" else D6500Receiver
    return Connection(Role.RECEIVER, side(output, ack_s=ack_s))
