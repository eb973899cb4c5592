"""Whole conversations: a session of every protocol, under every option that changes its bytes.

The first bytes of an input say how the stream is cut and which verdict is given; the rest is the
stream. However it was cut, the same reports must come of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gateway.accounts import Account
from gateway.normalise import meanings
from protocols._core import Connection, Incoming, LinkTest, Rejected, Report, Verdict
from protocols.osborne_hoffman.cipher import KEY_BYTES, Scrambler, with_parity
from protocols.recognition import AUTO_LINKS
from protocols.registry import PROTOCOLS
from tests.support.dialects import DIALECTS

KEY: Final = b"ABCDEFGHIJKLMNOP"  # of the tests alone, and of the corpus's encrypted frames
HEAD_BYTES: Final = 3
NOON: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_VERDICTS: Final = tuple(Verdict)
_ACCOUNT: Final = Account.unknown("main", "1234")
_ANSWER_MOST: Final = 1_024  # bytes in answer to one frame: the longest repeats its sequence

Options = Mapping[str, object]

VARIANTS: Final[Mapping[str, tuple[Options, ...]]] = {
    "dc09": (),
    "surgard": (
        {"header": "RRL"},
        {"header": "RRLLL", "b32": True},
        {"header": "RRLLLLLLL", "b32": False},
        {"internal_account": "", "audio_code": "T"},
    ),
    "ademco685": (
        {"format": "caps"},
        {"format": "cp220"},
        {"header": "02", "terminator": "03"},
        {"format": "cp220", "header": "0d", "terminator": "0a"},
    ),
    "mx8000": (
        {"output": "sk9000"},
        {"output": "sk9000", "heartbeat": "03430d", "vbyte": False},
        {"vbyte": False, "sia_formats": "4"},
    ),
    "iti": ({"output": "computer"},),
    "pima": ({"check": False},),
    "bosch6500": (
        {"mode": "sia"},
        {"mode": "sia", "check": "arc"},
        {"mode": "sia", "check": "arc", "check_digits": 2},
        {"header": "0a", "terminator": "0d"},
    ),
    "dc07": (
        {"check": "arc", "length": "frame"},
        {"check": "off", "length": "body"},
    ),
    "dtmf": ({"kissoff": "0d", "refusal": "15"},),
    "fsk-router": ({"ack": "41", "nak": "4e"},),
    "mcdi": ({"header": "RRL", "internal_account": "F000"}, {"header": "RRLLL"}),
    "osborne-hoffman": ({"cipher": "none"},),
    "sia-dc03": (
        {"end_reply": "disconnect", "encoding": "cp437"},
        {"end_reply": "standby", "encoding": "utf-8"},
    ),
}
"""Options that change what is read or answered, by protocol; the defaults are tried anyway."""


def _keys(account: str) -> tuple[bytes, ...]:
    """Every second account has a key, so that both ways are gone."""
    return (KEY,) if len(account) % 2 == 0 else ()


def opened(protocol: str, options: Options, *, datagram: bool = False) -> Connection:
    """Open a session as the gateway does."""
    return PROTOCOLS[protocol].connect(keys=_keys, pad=bytes, datagram=datagram, options=options)


UNMARKED: Final = frozenset({"surgard", "mcdi", "bosch6500"})
"""Without a mark where a frame begins, and without a length: the text of one frame may hold what
looks like another, and is taken for it when the rest has not come yet."""

Said = list[tuple[bytes, str | None]]
"""The bytes and the account of every report."""


def _takes(connection: Connection, items: list[Incoming], verdict: Verdict) -> Said:
    """Do with what came in what the gateway does: make events of it, answer it."""
    said: Said = []
    connection.data_to_send()
    for item in items:
        if isinstance(item, Report):
            found = meanings(item, _ACCOUNT, received=NOON)
            assert found, "a report without an event"
            said.append((item.raw, item.account))
        else:
            assert isinstance(item, LinkTest | Rejected)
        if isinstance(item, Rejected):
            str(item.error)
        connection.answer(item, verdict, utc=NOON)
        answer = connection.data_to_send()
        assert len(answer) <= _ANSWER_MOST
        assert not (answer and _is_noise(item)), "noise is answered"
    return said


def _is_noise(item: Incoming) -> bool:
    return isinstance(item, Rejected) and not item.envelope_sound


def _pieces(stream: bytes, size: int, step: int) -> Iterator[bytes]:
    at = 0
    while at < len(stream):
        yield stream[at : at + size]
        at += size
        size = size % 61 + step + 1


def _play(connection: Connection, reads: Iterable[bytes], verdict: Verdict) -> tuple[Said, bool]:
    """Give the reports, and whether there was anything that is no frame."""
    said: Said = []
    has_noise = False
    for read in reads:
        items = connection.receive(read, now=0.0)
        has_noise |= any(map(_is_noise, items))
        said += _takes(connection, items, verdict)
        deadline = connection.deadline()
        assert deadline is None or deadline > 0.0, "a deadline that has passed already"
    deadline = connection.deadline()
    items = [] if deadline is None else connection.on_deadline(now=deadline)
    said += _takes(connection, items, verdict)
    assert deadline is None or connection.deadline() != deadline, "a deadline that stays"
    last = connection.eof()
    has_noise |= any(map(_is_noise, items + last))
    return said + _takes(connection, last, verdict), has_noise


def conversation(
    protocol: str,
    data: bytes,
    *,
    options: Options | None = None,
    datagram: bool = False,
) -> None:
    """Play a stream, cut as its first bytes say; then whole: the same must come in."""
    head, stream = data[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0"), data[HEAD_BYTES:]
    size, step, verdict = head[0] % 61 + 1, head[1] % 7, _VERDICTS[head[2] % len(_VERDICTS)]
    whole, has_noise = _play(opened(protocol, options or {}, datagram=datagram), [stream], verdict)
    pieces = _pieces(stream, size, step)
    cut, cut_has_noise = _play(opened(protocol, options or {}, datagram=datagram), pieces, verdict)
    # Where a frame begins after noise is a guess that is taken with what is there; a datagram
    # is a whole by itself.
    is_guess = has_noise or (cut_has_noise and protocol in UNMARKED)
    if not is_guess and not datagram:
        assert cut == whole, "what comes in depends on how it was cut"


def variant(protocol: str, data: bytes) -> None:
    """Do the same under one of the options, which the first byte chooses."""
    options = VARIANTS[protocol]
    conversation(protocol, data[1:], options=options[(data or b"\0")[0] % len(options)])


def recognised(link: str, data: bytes) -> None:
    """Play a stream to an input that has to find out what it hears; the cut may decide that."""
    head, stream = data[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0"), data[HEAD_BYTES:]
    verdict = _VERDICTS[head[2] % len(_VERDICTS)]
    pieces = _pieces(stream, head[0] % 61 + 1, head[1] % 7)
    for reads in ([stream], pieces):
        _play(AUTO_LINKS[link].connect(keys=_keys, pad=bytes), reads, verdict)


def scrambled(data: bytes) -> None:
    """Say the stream as an Osborne-Hoffman panel does, which has taken our key."""
    head, text = data[:HEAD_BYTES], data[HEAD_BYTES:]
    stream = Scrambler(with_parity(bytes(KEY_BYTES))).closed(text)
    conversation("osborne-hoffman", head + stream)


def far_end(data: bytes) -> None:
    """Give a simulator answers that nobody gave: none is taken for what was not asked.

    The first byte chooses the dialect; the second whether it has said something.
    """
    dialect = DIALECTS[(data or b"\0")[0] % len(DIALECTS)]
    has_said, stream = data[1:2] > b"\x7f", data[2:]
    link: Any = dialect.far_end()
    said = link.report(*dialect.said, account=dialect.account, now=0.0) if has_said else None
    link.data_to_send()
    asked = {None, said}
    answers = link.receive(stream, now=0.0)
    for _ in range(3):
        due = link.deadline()
        if due is not None:
            answers += link.on_deadline(now=due)
    answers += link.eof()
    for each in answers:
        assert each.sequence in asked, "an answer to what was not asked"
    settled = [each for each in answers if each.sequence == said and each.verdict is Verdict.ACK]
    assert len(settled) <= 1 if said is not None else True, "acknowledged twice"


def targets() -> Iterator[tuple[str, Any]]:
    """Name every conversation and say how it is played."""
    for name, protocol in PROTOCOLS.items():
        yield name, lambda data, name=name: conversation(name, data)
        if "udp" in protocol.transports:
            yield f"{name}-udp", lambda data, name=name: conversation(name, data, datagram=True)
        if VARIANTS[name]:
            yield f"{name}-options", lambda data, name=name: variant(name, data)
    for link in AUTO_LINKS:
        yield f"auto-{link}", lambda data, link=link: recognised(link, data)
    yield "osborne-hoffman-scrambled", scrambled
    yield "far-ends", far_end
