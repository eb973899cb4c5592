"""One link to an ITI receiver, in either output and either role of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from protocols._core import (
    Answer,
    Incoming,
    Keys,
    LinkTest,
    Pad,
    Part,
    Repeat,
    Report,
)
from protocols.iti import frame, meaning
from protocols.iti.layouts import EventFrame, RecordFrame, layouts
from protocols.iti.write import Output, frame_of, heartbeat
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
from protocols.receiver_link.cutting import Cut, PatternCutter
from protocols.receiver_link.options import Options
from protocols.receiver_link.telling import unreadable

NAME: Final = "iti"
CLAUSE: Final = "ITI generic and computer output"

ACK_TIMEOUT_S: Final = 4.0
"""For the computer's answer; programmable, no default was readable: a guess, as for Sur-Gard."""
TRIES: Final = 2
"""Timeouts, or NAKs, of one message, where an MX8000 emulates it; then heartbeats only."""

REFERENCES: Final = 9999
LETTERS: Final = 26

TOKENS: Final = {"generic": "iti-generic", "computer": "iti-computer"}


class ItiComputer(Computer[Cut]):
    """The computer's side: frames in, one byte out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "a line feed, or |[ and a type"

    def __init__(self, *, output: str = "generic") -> None:
        self.output = output
        self.layouts = layouts(output)
        super().__init__(PatternCutter(self.layouts))

    def _understood(self, found: Cut) -> Incoming:
        envelope = Envelope(found.layout or "other", self._session)
        if found.kind is Kind.UNREADABLE:
            error = unreadable(found.raw, self.layouts.declared, CLAUSE)
            return self._refused(found.raw, "body_unreadable", error, envelope)
        if isinstance(found.fields, RecordFrame):
            return self._record(found.layout, found.fields, found.raw, envelope)
        return self._generic(found, envelope)

    def _generic(self, found: Cut, envelope: Envelope) -> Incoming:
        fields, raw = found.fields, found.raw
        if found.layout == "heartbeat":
            return LinkTest(
                protocol=NAME,
                raw=raw,
                envelope=envelope,
                receiver=fields.receiver,
                line=fields.line,
            )
        if not isinstance(fields, EventFrame):
            return self._own(raw, envelope, meaning.test(fields, raw))
        account, part = meaning.event(fields, raw)
        return self._report(
            raw, envelope, account, part, receiver=fields.receiver, line=fields.line
        )

    def _record(self, layout: str, fields: RecordFrame, raw: bytes, envelope: Envelope) -> Incoming:
        said = meaning.values(fields)
        receiver = said.get(meaning.SYSTEM, "")[1:] or None
        if layout == "heartbeat":
            return LinkTest(
                protocol=NAME,
                raw=raw,
                envelope=envelope,
                receiver=receiver,
                sequence=fields.sequence,
            )
        if layout != "event":
            return self._own(raw, envelope, meaning.own(fields, raw), receiver=receiver)
        return self._report(
            raw,
            envelope,
            said.get(meaning.ACCOUNT),
            meaning.record(said, raw),
            receiver=receiver,
            line=said.get(meaning.LINE),
            sequence=said.get(meaning.REFERENCE) or fields.sequence,
        )

    def _own(
        self, raw: bytes, envelope: Envelope, part: Part, *, receiver: str | None = None
    ) -> Report:
        return Report(
            protocol=NAME,
            raw=raw,
            token=TOKENS[self.output],
            account=None,
            parts=(part,),
            envelope=envelope,
            repeat=Repeat.LINK,
            receiver=receiver,
            internal=True,
        )

    def _report(  # noqa: PLR0913  (a record)
        self,
        raw: bytes,
        envelope: Envelope,
        account: str | None,
        part: Part,
        *,
        receiver: str | None,
        line: str | None,
        sequence: str | None = None,
    ) -> Report:
        return Report(
            protocol=NAME,
            raw=raw,
            token=TOKENS[self.output],
            account=account,
            parts=(part,),
            envelope=envelope,
            repeat=Repeat.LINK,
            receiver=receiver,
            line=line,
            sequence=sequence,
        )


class ItiReceiver(Sender):
    """The receiver's side, for simulators."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRIES, naks=TRIES, naks_fail=True))
        self.output = output or Output()
        self._reference = 0
        self._letter = -1

    def _next_letter(self) -> str:
        self._letter = (self._letter + 1) % LETTERS
        return chr(ord("A") + self._letter)

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token
        self._reference = self._reference % REFERENCES + 1
        output = self.output
        if line is not None:
            output = msgspec.structs.replace(output, line=line)
        return frame_of(
            parts, output, account=account, reference=self._reference, letter=self._next_letter()
        )

    def _heartbeat(self) -> bytes:
        return heartbeat(self.output, letter=self._next_letter())


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``output`` (``generic``, ``computer``).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad  # nothing is encrypted here
    given = Options(NAME, options, datagram=datagram)
    output = given.word("output", frame.OUTPUTS)
    given.finish()
    return Connection(Role.COMPUTER, ItiComputer(output=output))


def receiver(output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the receiver's role, for simulators."""
    return Connection(Role.RECEIVER, ItiReceiver(output, ack_s=ack_s))
