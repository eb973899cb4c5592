"""Conversations as text files: what came, what the gateway decided, what went back.

``tests/transcripts/<protocol>/<what-happens>.txt``, one conversation each, in the form of
``protocols._core.transcript``. What was done with the next thing that came is one of VERDICTS, or::

    = rejected crc_wrong           it was no report, for this reason
    = refused body_unreadable      the same, and a receiver's line is told so (NAK)
    = foreign galaxy-sia-blocks    it was another protocol's

Nothing may be left over at the end: no bytes, and nothing undecided.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from protocols._core import LinkTest, Rejected, Verdict, transcript
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


class Conversation:
    """One run of one transcript against the real codec."""

    def __init__(self, protocol: str, said: transcript.Transcript) -> None:
        self.connection = PROTOCOLS[protocol].connect(
            keys=lambda account: [said.keys[account]] if account in said.keys else [],
            pad=bytes,
            datagram=said.is_datagram,
            options=said.options,
        )
        self.now = 0.0
        self.utc = datetime(2026, 11, 20, 12, tzinfo=UTC)
        self.undecided = []
        self.sent = self.connection.data_to_send()

    def take(self, step: transcript.Step) -> None:
        match step:
            case transcript.Came():
                self.undecided += self.connection.receive(step.data, now=self.now)
            case transcript.Went():
                assert self.sent == step.data
                self.sent = b""
            case transcript.Clock():
                self.utc = step.utc
            case transcript.Passed():
                self.now = step.at_s
                deadline = self.connection.deadline()
                if deadline is not None and deadline <= self.now:
                    self.undecided += self.connection.on_deadline(now=self.now)
            case transcript.Ended():
                self.undecided += self.connection.eof()
            case transcript.Did():
                self.did(step.words)
        self.sent += self.connection.data_to_send()

    def did(self, words: str) -> None:
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
    said = transcript.read(path.read_text())
    conversation = Conversation(path.parent.name, said)
    for step in said.steps:
        conversation.take(step)
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
