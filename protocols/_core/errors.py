"""What a peer can do wrong on the wire, told so that a technician can act on it."""

from __future__ import annotations


class ProtocolError(Exception):
    """The bytes on the wire break the protocol.

    Example situations: a length field that does not fit the frame, a letter where the
    standard wants a digit, a ciphertext that no key of the account opens.

    Attributes:
        reason: What was seen and what was expected, in words.
        raw: The bytes concerned, exactly as received.
        offset: Index in ``raw`` of the first byte that cannot be right.
        clause: Where the rule is written, e.g. ``"DC-09 5.5.1"``.
    """

    def __init__(self, reason: str, *, raw: bytes, offset: int, clause: str) -> None:
        super().__init__(f"{reason} at byte {offset} ({clause})")
        self.reason = reason
        self.raw = raw
        self.offset = offset
        self.clause = clause
