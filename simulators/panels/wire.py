"""The panel's end of the DC-09 codec: the only place where a simulated panel builds a frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from protocols._core import Answer, Pad, Part
from protocols.contact_id import ContactId, build_adm_cid
from protocols.dc09 import Connection, Role
from protocols.sia_dc03 import build_sia_dcs
from simulators.panels.settings import PanelPath, PanelSettings
from simulators.payload import Content

TOKENS: Final = {"contact-id": "ADM-CID", "sia-dc03": "SIA-DCS"}


class PanelWire:
    """One path of a panel; a conversation of its own, since answers may come in pieces.

    Args:
        path: Which way it goes.
        settings: The panel's.
        pad: Random bytes for the pad of encrypted messages.
    """

    def __init__(self, path: PanelPath, settings: PanelSettings, *, pad: Pad) -> None:
        self._settings = settings
        key = settings.key
        # The only key that a receiver's answer may be closed with; the wrong key of a fault
        # differs in every byte, so that no half of it fits by chance.
        self._wrong_key = None if key is None else bytes(byte ^ 0xFF for byte in key)
        keys: Sequence[bytes] = () if key is None else (key,)
        self._codec: Connection[Answer] = Connection(
            Role.PE, keys=lambda _account: keys, pad=pad, datagram=path.transport == "udp"
        )

    def frame(
        self,
        what: Content | None,
        *,
        sequence: str,
        shown: datetime,
        has_wrong_key: bool = False,
    ) -> bytes:
        """Build a report, or a NULL message when there is nothing to tell.

        Args:
            what: What it says.
            sequence: Four digits.
            shown: What the panel's clock shows, for the timestamp.
            has_wrong_key: Encrypt with a key that the receiver does not have.
        """
        settings = self._settings
        key = self._wrong_key if has_wrong_key else settings.key
        is_stamped = settings.is_stamped or key is not None
        fields = {
            "account": settings.account,
            "sequence": sequence,
            "receiver": settings.receiver,
            "line": settings.line,
            "timestamp": shown if is_stamped else None,
            "key": key,
            "is_binary_crc": settings.has_binary_crc,
            "includes_cr": settings.counts_cr,
        }
        if what is None:
            self._codec.link_test(**fields)
        else:
            self._codec.report(TOKENS[what.format], data=_data(what, settings.account), **fields)
        return self._codec.data_to_send()

    def answers(self, data: bytes, *, now: float) -> list[Answer]:
        """Read what came back; what a panel ignores does not appear."""
        return self._codec.receive(data, now=now)

    def eof(self) -> None:
        """The connection is gone, and half an answer with it."""
        self._codec.eof()


def _data(what: Content, account: str) -> bytes:
    if what.format == "contact-id":
        return build_adm_cid(account, [part for part in what.parts if isinstance(part, ContactId)])
    parts: Sequence[Part] = what.parts
    return build_sia_dcs(account, parts)
