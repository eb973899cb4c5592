"""What is thrown at what, and what must hold whatever the bytes are.

A target takes bytes and returns; whatever it raises is a finding. Those of a session play a whole
conversation: the first bytes say how the stream is cut and which verdicts are given, the rest is
the stream.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from gateway.accounts import Account
from gateway.normalise import meanings
from protocols import contact_id, sia_dc03
from protocols._core import Connection, Incoming, LinkTest, Rejected, Report, Verdict
from protocols.contact_id.adm_cid import parse_adm_cid
from protocols.dc09 import explain
from protocols.dc09.usual import read_usual
from protocols.registry import PROTOCOLS

HERE: Final = Path(__file__).parent
KEPT: Final = HERE / "kept"
KEY: Final = b"ABCDEFGHIJKLMNOP"  # of the tests alone, and of the corpus's encrypted frames
HEAD_BYTES: Final = 3
NOON: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_VERDICTS: Final = tuple(Verdict)
_ACCOUNT: Final = Account.unknown("main", "1234")
_ANSWER_MOST: Final = 1_024  # bytes in answer to one frame: the longest repeats its sequence

Target = Callable[[bytes], None]


def _keys(account: str) -> tuple[bytes, ...]:
    """Every second account has a key, so that both ways are gone."""
    return (KEY,) if len(account) % 2 == 0 else ()


def _opened(protocol: str, *, datagram: bool) -> Connection:
    return PROTOCOLS[protocol].connect(keys=_keys, pad=bytes, datagram=datagram)


def _takes(connection: Connection, items: list[Incoming], dice: int) -> None:
    """Do with what came in what the gateway does: make events of it, answer it."""
    for number, item in enumerate(items):
        if isinstance(item, Report):
            found = meanings(item, _ACCOUNT, received=NOON)
            assert found, "a report without an event"
        else:
            assert isinstance(item, LinkTest | Rejected)
        if isinstance(item, Rejected):
            str(item.error)
        connection.answer(item, _VERDICTS[(dice + number) % len(_VERDICTS)], utc=NOON)
        assert len(connection.data_to_send()) <= _ANSWER_MOST


def conversation(protocol: str, data: bytes, *, datagram: bool = False) -> None:
    """Play a stream, cut as its first bytes say; then whole: the same must come in."""
    head, stream = data[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0"), data[HEAD_BYTES:]
    size, step, dice = head[0] % 61 + 1, head[1] % 7, head[2]
    connection, now, at = _opened(protocol, datagram=datagram), 0.0, 0
    while at < len(stream):
        _takes(connection, connection.receive(stream[at : at + size], now=now), dice)
        at += size
        size = size % 61 + step + 1
        deadline = connection.deadline()
        assert deadline is None or deadline > now, "a deadline that has passed already"
    deadline = connection.deadline()
    if deadline is not None:
        _takes(connection, connection.on_deadline(now=deadline), dice)
    _takes(connection, connection.eof(), dice)
    whole = _opened(protocol, datagram=datagram)
    _takes(whole, whole.receive(stream, now=0.0), dice)
    _takes(whole, whole.eof(), dice)


def _dc09_usual(data: bytes) -> None:
    """The short way says what the long way says."""
    short = read_usual(data)
    if isinstance(short, Report):
        long = explain(data).incoming
        assert isinstance(long, Report)
        assert (short.account, short.parts, short.identity) == (
            long.account,
            long.parts,
            long.identity,
        )


def _dc09_explain(data: bytes) -> None:
    explain(data)


def _sia_blocks(data: bytes) -> None:
    for account in (None, "1234"):
        sia_dc03.parse_ascii_blocks(data, account)


def _contact_id(data: bytes) -> None:
    parse_adm_cid(data)
    contact_id.parse_ascii_chunks(data, None)


def _sessions() -> Iterator[tuple[str, Target]]:
    for name, protocol in PROTOCOLS.items():
        yield name, partial(conversation, name)
        if "udp" in protocol.transports:
            yield f"{name}-udp", partial(conversation, name, datagram=True)


TARGETS: Final[Mapping[str, Target]] = {
    **dict(_sessions()),
    "dc09-usual": _dc09_usual,
    "dc09-explain": _dc09_explain,
    "sia-blocks": _sia_blocks,
    "contact-id": _contact_id,
}


def seeds(name: str) -> Iterator[bytes]:
    """Real frames to start from: those of the corpora, for all targets alike."""
    head = bytes(HEAD_BYTES) if name.removesuffix("-udp") in PROTOCOLS else b""
    for corpus in sorted((HERE.parent / "corpus").rglob("*.jsonl")):
        for line in corpus.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "frame_hex" in row:
                yield head + bytes.fromhex(row["frame_hex"])
            elif text := row.get("frame") or row.get("message"):
                yield head + text.encode("utf-8")


def kept(name: str) -> list[bytes]:
    """What earlier runs found worth keeping: one input a line, in hex."""
    path = KEPT / f"{name}.txt"
    if not path.exists():
        return []
    return [bytes.fromhex(line) for line in path.read_text(encoding="ascii").splitlines()]
