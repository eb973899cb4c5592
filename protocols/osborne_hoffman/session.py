"""One connection of an Osborne-Hoffman panel, versions 1 to 3, from either end.

The receiver speaks first: it sends a scrambled key, and everything after it is scrambled with
that key. A panel programmed for plain text is answered in plain text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import msgspec
from construct import ConstructError

from protocols._core import (
    Answer,
    Incoming,
    Keys,
    LinkTest,
    Pad,
    Part,
    ProtocolError,
    Repeat,
    Report,
    Verdict,
)
from protocols.osborne_hoffman import frame
from protocols.osborne_hoffman.cipher import (
    BLOCK_BYTES,
    KEY_BYTES,
    Scrambler,
    scrambled,
    with_parity,
)
from protocols.osborne_hoffman.cutting import (
    EnvelopeFrame,
    EventFrame,
    HeartbeatFrame,
    ScrambledCutter,
)
from protocols.receiver_link import (
    NO_OPTIONS,
    Computer,
    Connection,
    Envelope,
    Role,
    Rules,
    Sender,
)
from protocols.receiver_link.cutting import Cut
from protocols.receiver_link.options import Options
from protocols.receiver_link.telling import unreadable
from protocols.receiver_link.token_data import token_data, token_parts

NAME: Final = "osborne-hoffman"
CLAUSE: Final = "Osborne-Hoffman over TCP, versions 1-3"
ACK_TIMEOUT_S: Final = 10.0
"""Guess: no manual read tells the panel's patience."""
TRANSMISSIONS: Final = 4
FOR_EVER: Final = 1_000_000_000
CIPHERS: Final = ("3des", "none")
_WORDS: Final = {Verdict.ACK: "ACK", Verdict.DUH: "NACK"}


class OhEnvelope(Envelope, frozen=True):
    """What is kept of a frame: how it came is how it is answered."""

    is_scrambled: bool = False
    panel_id: str | None = None
    """As sent: encrypted in an event, in clear in a heartbeat of version 2."""
    system_account: str | None = None


def written_answer(word: str, scrambler: Scrambler | None) -> bytes:
    """Write an answer: scrambled and filled up, or in clear with a line feed."""
    answer: bytes = frame.ANSWER.build({"word": word})
    return answer + b"\n" if scrambler is None else scrambler.closed(answer)


class OhComputer(Computer[Cut]):
    """The receiver's side: sends the key, takes frames, answers each in its own way."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = 'LF 0101, length, "SIA-DCS" or "ADM-CID", or a heartbeat SR...'

    def __init__(self, *, key: bytes | None) -> None:
        """Take the key of this connection; without one everything is in clear."""
        self._scrambler = None if key is None else Scrambler(key)
        self._cutter = ScrambledCutter(self._scrambler)
        super().__init__(self._cutter)
        if key is not None:
            self._out.append(scrambled(key))

    def _understood(self, found: Cut) -> Incoming:
        fields: EventFrame | HeartbeatFrame | EnvelopeFrame = found.fields
        envelope = OhEnvelope(
            found.layout or "other",
            self._session,
            self._cutter.is_scrambled,
            getattr(fields, "panel_id", None),
            getattr(fields, "system_account", None),
        )
        if isinstance(fields, HeartbeatFrame):
            return LinkTest(
                protocol=NAME,
                raw=found.raw,
                envelope=envelope,
                account=fields.account,
                receiver=fields.receiver,
                line=fields.line,
                timestamp=_moment(fields.seconds),
            )
        wrong = _wrong_length(found.raw, fields.length)
        if wrong is not None:
            return self._refused(found.raw, "length_wrong", wrong, envelope)
        if isinstance(fields, EnvelopeFrame):
            error = unreadable(found.raw, {"event": frame.EVENT}, CLAUSE)
            return self._refused(found.raw, "body_unreadable", error, envelope)
        return _report(found.raw, fields, envelope)

    def _written(self, envelope: OhEnvelope, verdict: Verdict) -> bytes:
        word = _WORDS.get(verdict)
        if word is None:
            return b""
        return written_answer(word, self._scrambler if envelope.is_scrambled else None)


def _wrong_length(raw: bytes, length: int) -> ProtocolError | None:
    """Judge the length: everything but LF and CR, unlike DC-09."""
    counted = len(raw.rstrip(b"\x00")) - 2
    if counted == length:
        return None
    reason = f"the length field says {length}; {counted} bytes stand between LF and CR"
    return ProtocolError(reason, raw=raw, offset=5, clause=CLAUSE)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _report(raw: bytes, fields: EventFrame, envelope: OhEnvelope) -> Report:
    is_constant = fields.check == frame.CONSTANT_CHECK
    return Report(
        protocol=NAME,
        raw=raw,
        token=fields.token,
        account=fields.account,
        parts=token_parts(fields.token, fields.content),
        envelope=envelope,
        # The panel numbers its frames, but nothing says that it goes on counting after a
        # restart: a repeat is known by its bytes, shortly after the first.
        repeat=Repeat.LINK,
        identity=raw.rstrip(b"\x00"),
        receiver=fields.receiver,
        line=fields.line,
        sequence=fields.sequence,
        timestamp=_moment(fields.seconds),
        quirks=() if is_constant else ("check_not_constant",),
    )


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a panel is programmed to send."""

    receiver: str = "0001"
    line: str = "0001"
    system_account: str | None = None
    panel_id: str | None = None
    """In clear, 8 hex digits; heartbeats are of version 2 then."""


def event_frame(
    parts: Sequence[Part], output: Output, *, account: str, sequence: int, panel_id: str | None
) -> bytes:
    """Write an event frame; ``panel_id`` as it goes out, 16 hex digits.

    Raises:
        ValueError: The parts do not fit a frame.
    """
    token, said = token_data(parts, account)
    values: dict[str, Any] = {
        "check": frame.CONSTANT_CHECK,
        "length": 0,
        "token": token,
        "sequence": f"{sequence:04X}",
        "receiver": output.receiver,
        "line": output.line,
        "content": {"account": account, "said": said},
        "panel_id": panel_id,
        "system_account": output.system_account,
        "seconds": None,
    }
    try:
        size = len(frame.EVENT.build(values)) - 2
        written: bytes = frame.EVENT.build({**values, "length": size})
    except ConstructError as error:
        message = f"no frame can be built of {values}: {error}"
        raise ValueError(message) from error
    return written


def heartbeat_frame(output: Output, account: str) -> bytes:
    """Write a heartbeat."""
    values = {
        "receiver": output.receiver,
        "line": output.line,
        "account": output.system_account or account,
        "nul": "\x00",
        "panel_id": output.panel_id,
        "blank": None,
        "seconds": None,
        "terminator": None if output.panel_id is None else "\x00",
    }
    written: bytes = frame.HEARTBEAT.build(values)
    return written


class OhPanel(Sender):
    """The panel's side, for simulators: it waits for its key before it says anything."""

    def __init__(
        self,
        output: Output | None = None,
        *,
        account: str = "001234",
        cipher: str = "3des",
        ack_s: float = ACK_TIMEOUT_S,
    ) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRANSMISSIONS, naks=FOR_EVER))
        self.output = output or Output()
        self._account = account
        self._is_plain = cipher == "none"
        self._scrambler: Scrambler | None = None
        self._held = b""
        self._sequence = 0

    @property
    def is_ready(self) -> bool:
        """Whether the key came, or none is needed."""
        return self._is_plain or self._scrambler is not None

    @property
    def answer_bytes(self) -> int:
        """See ``Sender``; the key is heard whole before the first answer."""
        if not self.is_ready:
            return KEY_BYTES
        return len(b"ACK\r\n") if self._is_plain else BLOCK_BYTES

    @property
    def answer_end(self) -> bytes:
        """What ends an answer in clear; scrambled ones have one size."""
        return b"\n" if self._is_plain else b""

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token
        self._sequence = self._sequence % 0xFFFF + 1
        output = self.output
        if line is not None:
            output = msgspec.structs.replace(output, line=line)
        return event_frame(parts, output, account=account, sequence=self._sequence, panel_id=None)

    def _heartbeat(self) -> bytes:
        return heartbeat_frame(self.output, self._account)

    def heartbeat(self, *, now: float) -> bool:
        """See ``Sender``."""
        return self.is_ready and super().heartbeat(now=now)

    def _next(self, now: float) -> None:
        if self.is_ready:
            super()._next(now)

    def _transmit(self, message: Any, now: float) -> None:
        super()._transmit(message, now)
        if self._scrambler is not None:
            self._out[-1] = self._scrambler.closed(self._out[-1])

    def receive(self, data: bytes, *, now: float) -> list[Answer]:
        """See ``Sender``; the first bytes of a connection are the key."""
        if not self.is_ready:
            self._held += data
            if len(self._held) < KEY_BYTES:
                return []
            key, data = self._held[:KEY_BYTES], self._held[KEY_BYTES:]
            self._held = b""
            self._scrambler = Scrambler(scrambled(key))
            self._next(now)
        return super().receive(data, now=now)

    def _heard(self, data: bytes) -> list[tuple[bytes, Verdict | None]]:
        self._held += data
        size = self.answer_bytes
        heard: list[tuple[bytes, Verdict | None]] = []
        while True:
            if self._scrambler is None:
                end = self._held.find(b"\n") + 1
                if not end:
                    return heard
                raw = text = self._held[:end]
            elif len(self._held) >= size:
                raw = self._held[:size]
                text = self._scrambler.opened(raw)
            else:
                return heard
            self._held = self._held[len(raw) :]
            heard.append((raw, _verdict(text)))

    def eof(self) -> list[Answer]:
        """See ``Sender``; a new connection has a key of its own."""
        self._held = b""
        self._scrambler = None
        return super().eof()


def _verdict(text: bytes) -> Verdict | None:
    if text.startswith(b"ACK\r"):
        return Verdict.ACK
    return Verdict.DUH if text.startswith(b"NACK\r") else None


def hide(is_ours: bool, data: bytes) -> bytes:  # noqa: FBT001  see ProtocolInfo
    """Cross out the key that we begin a connection with: a public mask is all that covers it."""
    return b"X" * KEY_BYTES if is_ours and len(data) == KEY_BYTES else data


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a connection in the receiver's role, as the registry does.

    Options: ``cipher`` (``3des``: send a key first, read what is scrambled and what is not;
    ``none``: plain text only, nothing is sent first).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys
    given = Options(NAME, options, datagram=datagram)
    cipher = given.word("cipher", CIPHERS)
    given.finish()
    key = None if cipher == "none" else with_parity(pad(KEY_BYTES))
    return Connection(Role.COMPUTER, OhComputer(key=key))


def panel(
    output: Output | None = None,
    *,
    account: str = "001234",
    cipher: str = "3des",
    ack_s: float = ACK_TIMEOUT_S,
) -> Connection[Answer]:
    """Make a connection in the panel's role, for simulators."""
    return Connection(Role.RECEIVER, OhPanel(output, account=account, cipher=cipher, ack_s=ack_s))
