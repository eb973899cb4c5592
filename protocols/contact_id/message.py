"""What a Contact ID message (SIA DC-05) says, whatever carried it."""

from __future__ import annotations

from protocols._core import Part


class ContactId(Part, frozen=True):
    """One Contact ID event: qualifier, event code, group and zone or user.

    Digits are 0-9 and B-F (DC-05); texts keep what was sent, leading zeros included.
    """

    qualifier: str
    """``"1"`` new or opening, ``"3"`` restore or closing, ``"6"`` still present."""
    event: str
    """Three digits, e.g. ``"131"``."""
    group: str
    """Two digits; ``"00"`` means none."""
    zone: str
    """Three digits, zone or user as the event code says; ``"000"`` means none."""
    qualifier_sent: str = ""
    """The wire's own letter where it is not the digit (Sur-Gard E, R, P)."""
    quirks: tuple[str, ...] = ()
    """How the message left the usual form: ``missing_blanks``, ``extra_blanks``,
    ``long_form`` (message type and perhaps account inside), ``digit_a``, ``checksum_wrong``."""
    account: str | None = None
    """The account inside the message, where the carrier has one there; last, since it is put
    in last."""
