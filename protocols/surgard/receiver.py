"""The receiver's side of a Sur-Gard link, for simulators: how patient it is, how it writes."""

from __future__ import annotations

from typing import Final

import msgspec

from protocols._core import Answer, Part, Verdict
from protocols.receiver_link import Rules, Sender
from protocols.receiver_link.stop_and_wait import TRANSITIONS, ReceiverInput, ReceiverState
from protocols.surgard import frame
from protocols.surgard.write import Output, frame_of, heartbeat

__all__ = [
    "ACK_TIMEOUT_S",
    "NAK_LIMIT",
    "TRANSITIONS",
    "TRANSMISSIONS",
    "Receiver",
    "ReceiverInput",
    "ReceiverState",
]

ACK_TIMEOUT_S: Final = 4.0
"""For the computer's answer; then the message goes out again (System 5: 4.0 to 9.9 s)."""

TRANSMISSIONS: Final = 4
"""Of one message, before the port is declared failed (System III, System 5 manuals)."""

NAK_LIMIT: Final = 20
"""NAKs of one message, before it is given up for good and the next one goes (CPM2)."""


class Receiver(Sender):
    """The receiver's side: frames out, one at a time, one byte in for each."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRANSMISSIONS, naks=NAK_LIMIT))
        self.output = output or Output()
        self._prefix = b""

    @property
    def answer_bytes(self) -> int:
        """See ``Sender``: with B32 the prefix comes before the byte."""
        return frame.B32_BYTES + 1 if self.output.b32 else 1

    def eof(self) -> list[Answer]:
        """See ``Sender``."""
        self._prefix = b""
        return super().eof()

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        output = self.output
        if line is not None:
            output = msgspec.structs.replace(output, line=line)
        return frame_of(parts, output, account=account, token=token)

    def _heartbeat(self) -> bytes:
        return heartbeat(self.output)

    def _heard(self, data: bytes) -> list[tuple[bytes, Verdict | None]]:
        """Split into single bytes, B32 prefixes taken off; any other byte is no answer."""
        if self.output.b32:
            data = self._prefix + data
            cut = len(data) - len(data) % self.answer_bytes
            self._prefix = data[cut:]
            data = data[frame.B32_BYTES : cut : self.answer_bytes]
        return super()._heard(data)
