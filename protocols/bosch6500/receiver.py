"""The receiver's side of both modes, for simulators: how it writes and how patient it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from construct import ConstructError

from protocols._core import Answer, Part, Verdict
from protocols._core.recogniser import Recogniser
from protocols.bosch6500 import frame
from protocols.bosch6500.computer import sia_mode_frame
from protocols.bosch6500.layouts import SiaModeFrame
from protocols.bosch6500.meaning import OWN_LINE, TEXT_CODE
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, Internal, PulseEvent, Rules, Sender
from protocols.sia_dc03 import SiaBlock, SiaEvent, SiaText, build_sia_dcs

ACK_TIMEOUT_S: Final = 4.0
"""For the answer; then the same frame goes out again, for ever."""
FOR_EVER: Final = 1_000_000_000
NAK_LIMIT: Final = 3
"""NAKs in a row of one message; then it is skipped (appendix J of the interface manual)."""
LINK_TEST_S: Final = 60.0
"""How often a D6500 sends its link test, where that is programmed."""
_LONG_ACCOUNT: Final = 4
_ANSWER_END: Final = b"\r"


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a receiver is programmed to send."""

    receiver: str = "01"
    line: str = "1"
    """One character in D6500 mode, two digits in SIA mode."""
    header: bytes = b""
    terminator: bytes = frame.DC4
    check: str = "off"
    check_digits: int = 4


def d6500_frame(parts: Sequence[Part], output: Output, *, account: str) -> bytes:
    """Write one frame of D6500 mode.

    Raises:
        ValueError: The parts do not fit a frame.
    """
    layout, fields = _d6500_fields(parts, account)
    return _d6500(layout, fields, output)


def d6500_link_test(output: Output) -> bytes:
    """Write the link test of D6500 mode; its line is 0."""
    fields = {"token": "1", "line": "0"}
    return _d6500("link-test", fields, output)


def _d6500(layout: str, fields: dict[str, Any], output: Output) -> bytes:
    header = output.header or b" "
    values = {
        "header": output.header.decode("latin-1") or None,
        "receiver": output.receiver,
        "line": output.line,
        "terminator": output.terminator.decode("latin-1"),
        **fields,
    }
    try:
        written: bytes = frame.d6500(header, output.terminator)[layout].build(values)
    except ConstructError as error:
        message = f"no {layout} frame can be built of {values}: {error}"
        raise ValueError(message) from error
    return written


def _d6500_fields(parts: Sequence[Part], account: str) -> tuple[str, dict[str, Any]]:
    part = parts[0]
    if all(isinstance(each, SiaEvent | SiaText | SiaBlock) for each in parts):
        _, _, blocks = build_sia_dcs(account, parts).partition(b"|")
        return "sia", {"token": "S", "content": {"account": account, "blocks": blocks}}
    if isinstance(part, ContactId):
        return "contact-id", {"token": "a", "account": account, **_dialled(part)}
    if isinstance(part, PulseEvent):
        return "standard-digital", {
            "token": "1", "account": account, "code": part.event_code, "zone": part.zone,
        }  # fmt: skip
    if isinstance(part, Internal) and part.code == TEXT_CODE:
        return "text", {"token": "3", "text": part.text or ""}
    if isinstance(part, Channels) and part.format == "acron-super-fast":
        return "acron-super-fast", {
            "token": "9", "account": account, "channels": "".join(part.channels),
        }  # fmt: skip
    if isinstance(part, Channels) and part.format == "scancom":
        channels = "".join(part.channels)
        names = ("first", "second", "third", "fourth")
        fours = {name: channels[4 * at : 4 * at + 4] for at, name in enumerate(names)}
        return "scancom", {"token": "g", "account": account, **fours, "status": part.status}
    message = f"{type(part).__name__} has no frame"
    raise ValueError(message)


def _dialled(part: ContactId) -> dict[str, Any]:
    return {
        "message_type": "18",
        "qualifier": part.qualifier_sent or part.qualifier,
        "event": part.event,
        "group": part.group,
        "zone": part.zone,
    }


class D6500Receiver(Sender):
    """D6500 mode."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=FOR_EVER, naks=NAK_LIMIT))
        self.output = output or Output()

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token
        output = self.output
        if line is not None:
            output = msgspec.structs.replace(output, line=line)
        return d6500_frame(parts, output, account=account)

    def _heartbeat(self) -> bytes:
        return d6500_link_test(self.output)


class SiaModeReceiver(Sender):
    """SIA (CIS) mode."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=FOR_EVER, naks=NAK_LIMIT))
        self.output = output or Output(line="01")
        self._form = Recogniser(frame.sia_mode(self.output.check_digits)["sia-mode"], SiaModeFrame)
        self._sequence = 0
        self._half = b""

    @property
    def answer_end(self) -> bytes:
        """What ends an answer of the computer."""
        return _ANSWER_END

    def _written(self, sequence: int, line: str, data: bytes) -> bytes:
        output = self.output
        return sia_mode_frame(
            "\t", f"{sequence:04d}", output.receiver, line, data,
            check=output.check, digits=output.check_digits,
        )  # fmt: skip

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % 9999 + 1
        return self._sequence

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token
        data = _sia_mode_data(parts, account)
        return self._written(self._next_sequence(), line or self.output.line, data)

    def _heartbeat(self) -> bytes:
        return self._written(self._next_sequence(), OWN_LINE, b"")

    def _heard(self, data: bytes) -> list[tuple[bytes, Verdict | None]]:
        *whole, self._half = (self._half + data).split(_ANSWER_END)
        return [(each + _ANSWER_END, self._verdict(each + _ANSWER_END)) for each in whole]

    def _verdict(self, raw: bytes) -> Verdict | None:
        told = self._form.fullmatch(raw)
        asked = None if self._outstanding is None else self._form.fullmatch(self._outstanding.raw)
        if told is None or told.data:
            return None
        if told.sequence == "0000":
            return Verdict.DUH
        # An answer that names another sequence is a late one to something repeated.
        is_named = asked is None or told.sequence == asked.sequence
        return Verdict.ACK if is_named else None

    def eof(self) -> list[Answer]:
        """See ``Sender``."""
        self._half = b""
        return super().eof()


def _sia_mode_data(parts: Sequence[Part], account: str) -> bytes:
    part = parts[0]
    if isinstance(part, ContactId):
        is_long = len(account) > _LONG_ACCOUNT
        form = frame.CONTACT_ID_DATA_10 if is_long else frame.CONTACT_ID_DATA
        fields = {**_dialled(part), "message_type": "58" if is_long else "18", "account": account}
        try:
            written: bytes = form.build(fields)
        except ConstructError as error:
            message = f"no Contact ID data can be built of {fields}: {error}"
            raise ValueError(message) from error
        return written
    return build_sia_dcs(account.rjust(_LONG_ACCOUNT), parts)
