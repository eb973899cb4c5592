"""A session of DC-03 blocks over a serial line or TCP, as Honeywell Galaxy sends it.

The panel sends one block and, where bit 6 asks for it, waits for an acknowledging block. The
account stays in force until the next one. The block that carries an event is acknowledged
once the event is durable; a text that follows is a report of its own, since the panel sends
it only after that acknowledgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from protocols._core import (
    Answer,
    Incoming,
    Keys,
    LinkTest,
    Pad,
    Part,
    ProtocolError,
    Rejected,
    Repeat,
    Report,
    Verdict,
)
from protocols.dc03_link.blocks import Block, block_at, build_block
from protocols.dc03_link.cutting import BlockCut, BlockCutter
from protocols.receiver_link import (
    NO_OPTIONS,
    Computer,
    Connection,
    Envelope,
    Kind,
    Role,
    Rules,
    Sender,
)
from protocols.receiver_link.options import Options
from protocols.sia_dc03 import SiaText, build_sia_dcs, parse_sia_dcs

NAME: Final = "sia-dc03"
CLAUSE: Final = "SIA DC-03, information blocks"
ACK_TIMEOUT_S: Final = 2.5
"""For an acknowledgement; then the same block goes out again (two decoders agree)."""
TRANSMISSIONS: Final = 4
"""Of one block, before the panel gives the call up."""
FOR_EVER: Final = 1_000_000_000

_ACKNOWLEDGE: Final = Block(function="8", asks_answer=False)
_REJECT: Final = Block(function="9", asks_answer=False)
END_REPLIES: Final = {"acknowledge": "8", "disconnect": "7", "standby": "6"}
_ANSWERS: Final = frozenset("6789\x08\x09")
"""Acknowledgements of the panel's own: nothing that we sent asks for one."""
_SESSION: Final = frozenset("#&?@0126789\x08\x09")
"""Blocks that say nothing about the premises; signs of life of their account."""
ENCODINGS: Final = ("auto", "cp437", "cp850", "latin-1", "cp1252", "utf-8")


class BlockEnvelope(Envelope, frozen=True):
    """What is kept of a block, to answer it and to explain it."""

    block: Block | None = None


class BlockComputer(Computer[BlockCut]):
    """The receiver's side: blocks in, an acknowledging block out for each that asks for it."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "a block: header, function, data, parity"

    def __init__(self, *, end_reply: str = "acknowledge", encoding: str = "auto") -> None:
        super().__init__(BlockCutter())
        self._end = Block(function=END_REPLIES[end_reply], asks_answer=False)
        self._encoding = None if encoding == "auto" else encoding
        self._account: str | None = None

    def _understood(self, found: BlockCut) -> Incoming:
        block = found.block
        assert block is not None  # noqa: S101  for the type checker: noise never comes here
        envelope = BlockEnvelope(block.name or "", self._session, block)
        if found.kind is Kind.UNREADABLE:
            return self._broken(found.raw, block, envelope)
        if block.function == "#":
            self._account = block.data.decode("ascii")
        if block.function in _SESSION:
            return LinkTest(protocol=NAME, raw=found.raw, envelope=envelope, account=self._account)
        if self._account is None:
            error = ProtocolError(
                f"a block {block.function!r} before any account block", raw=found.raw, offset=1,
                clause=CLAUSE,
            )  # fmt: skip
            return self._refused(found.raw, "account_missing", error, envelope)
        said = block.function.encode("latin-1") + block.data
        _, parts = parse_sia_dcs(
            b"#" + self._account.encode("ascii") + b"|" + said.replace(b"|", b"/"),
            encoding=self._encoding,
        )
        return Report(
            protocol=NAME,
            raw=found.raw,
            token=block.function,
            account=self._account,
            parts=parts,
            envelope=envelope,
            repeat=Repeat.LINK,
            # The account came in a block of its own, and belongs to what is said.
            identity=self._account.encode("ascii") + b"|" + said,
            companion=block.function == "A",
        )

    def _broken(self, raw: bytes, block: Block, envelope: BlockEnvelope) -> Rejected:
        if not block.parity_valid:
            reason = f"column parity {raw[-1]:02X} seen; expected {_parity(raw):02X}"
            error = ProtocolError(reason, raw=raw, offset=len(raw) - 1, clause=CLAUSE)
            return self._refused(raw, "parity_wrong", error, envelope, account=self._account)
        reason = f"{block.data[:16]!r} seen; a block {block.function!r} has no such data"
        error = ProtocolError(reason, raw=raw, offset=2, clause=CLAUSE)
        return self._refused(raw, "body_unreadable", error, envelope, account=self._account)

    def _written(self, envelope: BlockEnvelope, verdict: Verdict) -> bytes:
        block = envelope.block
        if block is None or block.function in _ANSWERS:
            return b""
        if verdict is Verdict.DUH:
            return build_block(_REJECT)
        if verdict is not Verdict.ACK or not block.asks_answer:
            return b""
        return build_block(self._end if block.function == "0" else _ACKNOWLEDGE)

    def eof(self) -> list[Incoming]:
        """See ``Computer``; the account was in force for this session only."""
        incoming = super().eof()
        self._account = None
        return incoming


def _parity(raw: bytes) -> int:
    parity = 0xFF
    for byte in raw[:-1]:
        parity ^= byte
    return parity


def blocks_of(parts: Sequence[Part], account: str) -> list[Block]:
    """Write a call: the account, a block for each part, end of data.

    Raises:
        ValueError: A part is no SIA data, or too long for a block.
    """
    _, _, said = build_sia_dcs(account, parts).partition(b"|")
    texts = [part for part in parts if isinstance(part, SiaText)]
    pieces = said.split(b"|")
    if len(pieces) != len(parts) or len(texts) == len(parts):
        message = f"{parts} seen; expected events, texts and other SIA blocks"
        raise ValueError(message)
    call = [Block(function="#", data=account.encode("ascii"))]
    call += [Block(function=piece[:1].decode("latin-1"), data=piece[1:]) for piece in pieces]
    return [*call, Block(function="0")]


class BlockPanel(Sender):
    """The panel's side, for simulators: a call is several blocks, each acknowledged."""

    def __init__(self, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRANSMISSIONS, naks=TRANSMISSIONS))
        self._half = b""
        self._sending: Any = None
        self._at = 0

    @property
    def answer_bytes(self) -> int:
        """See ``Sender``."""
        return 3

    @property
    def is_at_event(self) -> bool:
        """Whether the block that waits for its answer carries the event."""
        pieces = self._pieces()
        return bool(pieces) and pieces[min(self._at, len(pieces) - 1)][1:2] in (b"N", b"O")

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del line, token
        return b"".join(map(build_block, blocks_of(parts, account)))

    def heartbeat(self, *, now: float) -> bool:
        """See ``Sender``: a call begins and ends with its events."""
        del now
        return False

    def _pieces(self) -> list[bytes]:
        """Split what is outstanding into its blocks."""
        message = self._outstanding
        if message is None:
            return []
        pieces: list[bytes] = []
        at = 0
        while at < len(message.raw):
            read = block_at(message.raw, at)
            end = len(message.raw) if read is None else read[1]
            pieces.append(message.raw[at:end])
            at = end
        return pieces

    def _transmit(self, message: Any, now: float) -> None:
        if message is not self._sending:
            self._sending, self._at = message, 0
        message.transmissions += 1
        self._deadline = now + self.rules.ack_s
        self._out.append(self._pieces()[self._at])

    def receive(self, data: bytes, *, now: float) -> list[Answer]:
        """See ``Sender``; the acknowledgement of its last block settles a call."""
        answers: list[Answer] = []
        *_, self._half = units = self._units(data)
        for unit in units[:-1]:
            message = self._outstanding
            is_ack = _verdict(unit) is Verdict.ACK
            if message is not None and is_ack and self._at + 1 < len(self._pieces()):
                self._at += 1
                message.transmissions = message.naks = 0
                self._transmit(message, now)
            else:
                answers += super().receive(unit, now=now)
        return answers

    def _units(self, data: bytes) -> list[bytes]:
        data = self._half + data
        units: list[bytes] = []
        at = 0
        while (read := block_at(data, at)) is not None:
            units.append(data[at : read[1]])
            at = read[1]
        return [*units, data[at:]]

    def _heard(self, data: bytes) -> list[tuple[bytes, Verdict | None]]:
        return [(data, _verdict(data))]

    def eof(self) -> list[Answer]:
        """See ``Sender``."""
        self._half = b""
        self._sending = None
        return super().eof()


def _verdict(unit: bytes) -> Verdict | None:
    read = block_at(unit, 0)
    name = None if read is None or not read[0].parity_valid else read[0].name
    if name == "reject":
        return Verdict.DUH
    return Verdict.ACK if name is not None and name.startswith("ack") else None


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the receiver's role of DC-03, as the registry does.

    Options: ``end_reply`` (what answers the end of data: ``acknowledge``, ``disconnect``,
    ``standby``), ``encoding`` of the texts (``auto``, ``cp437`` ...).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad
    given = Options(NAME, options, datagram=datagram)
    end_reply = given.word("end_reply", tuple(END_REPLIES))
    encoding = given.word("encoding", ENCODINGS)
    given.finish()
    return Connection(Role.COMPUTER, BlockComputer(end_reply=end_reply, encoding=encoding))


def panel(*, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the panel's role, for simulators."""
    return Connection(Role.RECEIVER, BlockPanel(ack_s=ack_s))
