"""A block field by field, broken ones included: for the decode command."""

from __future__ import annotations

from protocols._core import Incoming, LinkTest, Part, Rejected, Report
from protocols.dc03_link import frame
from protocols.dc03_link.blocks import Block
from protocols.dc03_link.session import NAME, BlockComputer, BlockEnvelope
from protocols.receiver_link import Explanation, Field
from protocols.sia_dc03 import parse_sia_dcs


def explain(data: bytes) -> Explanation:
    """Tell every field of the first block in these bytes; never raises."""
    return explain_all(data)[0]


def explain_all(data: bytes) -> list[Explanation]:
    """Tell every block of a stream, and what stands between them; never raises."""
    side = BlockComputer()
    incoming = side.receive(data, now=0.0) + side.eof()
    return [_told(each) for each in incoming] or [
        Explanation(raw=data, kind="noise", protocol=NAME)
    ]


def _told(incoming: Incoming) -> Explanation:
    envelope = incoming.envelope
    if not isinstance(envelope, BlockEnvelope) or envelope.block is None:
        return Explanation(raw=incoming.raw, kind="noise", protocol=NAME, incoming=incoming)
    block = envelope.block
    is_refused = isinstance(incoming, Rejected) and incoming.reason != "account_missing"
    return Explanation(
        raw=incoming.raw,
        kind="invalid" if is_refused else block.name or "other",
        protocol=NAME,
        incoming=incoming,
        layout=block.name,
        token=block.function,
        account=incoming.account,
        parts=_parts(incoming, block),
        fields=_fields(incoming.raw),
        response="NAK" if isinstance(incoming, Rejected) else _response(incoming, block),
    )


def _parts(incoming: Incoming, block: Block) -> tuple[Part, ...]:
    if isinstance(incoming, Report):
        return incoming.parts
    if block.function in "NOA" and block.parity_valid:  # alone it lacks its account only
        return parse_sia_dcs(block.function.encode() + block.data)[1]
    return ()


def _response(incoming: Incoming, block: Block) -> str:
    if isinstance(incoming, LinkTest) and block.name in frame.FUNCTIONS.values():
        is_answer = block.name is not None and block.name.startswith(("ack", "reject"))
        return "none" if is_answer or not block.asks_answer else "ACK"
    return "ACK" if block.asks_answer else "none"


def _fields(raw: bytes) -> tuple[Field, ...]:
    end = len(raw)
    cuts = (("header", 0, 1), ("function", 1, 2), ("data", 2, end - 1), ("parity", end - 1, end))
    return tuple(
        Field(name=name, offset=begin, raw=raw[begin:stop], value=_value(name, raw[begin:stop]))
        for name, begin, stop in cuts
        if stop > begin
    )


def _value(name: str, raw: bytes) -> object:
    return raw[0] if name in ("header", "parity") else raw.decode("latin-1")
