r"""Conversations as text files: what came, what the gateway decided, what went back.

``tests/transcripts/<protocol>/<what-happens>.txt``, one conversation each, line by line::

    # words for the reader; the first say what happens and where the bytes are from
    @ datagram                     the link is UDP
    @ key 1234 41424344...         an account and its key, in hex
    @ option header RRL            an option of the protocol
    @ clock 2026-11-20T12:00:00Z   our time; may come again later
    > 0A 44 41 42                  bytes that came in one read: hex, or text with \n \r \xNN
    = committed                    what was done with the next thing it held (see VERDICTS)
    = rejected crc_wrong           it was no report, for this reason
    = refused body_unreadable      the same, and a receiver's line is told so (NAK)
    = foreign galaxy-sia-blocks    it was another protocol's
    = 10 s later                   time passes
    = end                          the peer is gone
    < 0A 35 39                     bytes that went back since the last of these lines

Nothing may be left over at the end: no bytes, and nothing undecided.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from protocols._core import LinkTest, Rejected, Verdict
from protocols.registry import PROTOCOLS

FOLDER = Path(__file__).parents[1] / "transcripts"
TRANSCRIPTS = sorted(FOLDER.glob("*/*.txt"))
VERDICTS = {
    "committed": Verdict.ACK,
    "duplicate": Verdict.ACK,
    "link test": Verdict.ACK,
    "not stored": Verdict.SILENCE,
    "not admitted": Verdict.SILENCE,
    "time refused": Verdict.NAK_TIME,
    "not understood": Verdict.DUH,
}
HEX = re.compile(r"(?:[0-9A-F]{2} ?)+")


def as_bytes(text: str) -> bytes:
    if HEX.fullmatch(text):
        return bytes.fromhex(text)
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


class Conversation:
    """One run of one transcript against the real codec."""

    def __init__(self, protocol: str, settings: list[list[str]]) -> None:
        keys = {name[1]: [bytes.fromhex(name[2])] for name in settings if name[0] == "key"}
        options = {name[1]: name[2] for name in settings if name[0] == "option"}
        self.connection = PROTOCOLS[protocol].connect(
            keys=lambda account: keys.get(account, []),
            pad=bytes,
            datagram=["datagram"] in settings,
            options=options,
        )
        self.now = 0.0
        self.utc = datetime(2026, 11, 20, 12, tzinfo=UTC)
        self.undecided = []
        self.sent = b""

    def line(self, mark: str, rest: str) -> None:
        if mark == ">":
            self.undecided += self.connection.receive(as_bytes(rest), now=self.now)
        elif mark == "<":
            assert self.sent == as_bytes(rest)
            self.sent = b""
        elif mark == "@":
            if rest.startswith("clock "):
                self.utc = datetime.fromisoformat(rest[6:])
        else:
            assert mark == "=", f"a line begins with {mark!r}"
            self.step(rest)
        self.sent += self.connection.data_to_send()

    def step(self, words: str) -> None:
        if words == "end":
            self.undecided += self.connection.eof()
            return
        if later := re.fullmatch(r"([0-9.]+) s later", words):
            self.now += float(later[1])
            deadline = self.connection.deadline()
            if deadline is not None and deadline <= self.now:
                self.undecided += self.connection.on_deadline(now=self.now)
            return
        assert self.undecided, f"nothing is there that could be {words!r}"
        incoming = self.undecided.pop(0)
        kind, _, name = words.partition(" ")
        if kind in {"rejected", "refused", "foreign"}:
            assert isinstance(incoming, Rejected), incoming
            assert (incoming.foreign if kind == "foreign" else incoming.reason) == name
            verdict = Verdict.DUH if kind == "refused" else Verdict.SILENCE
        else:
            verdict = VERDICTS[words]
            assert not isinstance(incoming, Rejected), incoming.error
            assert isinstance(incoming, LinkTest) == (words == "link test")
        self.connection.answer(incoming, verdict, utc=self.utc)

    def ended(self) -> None:
        assert self.sent == b""
        assert self.undecided == []


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_transcript(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    settings = [line[2:].split() for line in lines if line.startswith("@ ")]
    conversation = Conversation(path.parent.name, settings)
    for line in lines:
        conversation.line(line[0], line[2:])
    conversation.ended()


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_every_transcript_says_what_happens_and_where_it_is_from(path):
    text = path.read_text()
    assert text.startswith("# ")
    assert "# source: " in text
    assert re.search(r"^> ", text, re.MULTILINE)
    assert re.search(r"^= ", text, re.MULTILINE)


def test_there_are_transcripts_of_every_protocol():
    assert {path.parent.name for path in TRANSCRIPTS} >= {"dc09"}
