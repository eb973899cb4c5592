"""The computer's side of a link to a Sur-Gard receiver: what a frame becomes, and its answer."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from protocols import receiver_link
from protocols._core import (
    Incoming,
    LinkTest,
    Part,
    Repeat,
    Report,
    Unreadable,
    Verdict,
)
from protocols.receiver_link import PARTIAL_FRAME_S, Kind
from protocols.surgard import frame, misfit
from protocols.surgard.frame import Header
from protocols.surgard.framing import Found, Framing
from protocols.surgard.meaning import READERS, Site
from protocols.surgard.message import Envelope

NAME: Final = "surgard"

_B32_PREFIX: Final = bytes(frame.B32.build({"length": frame.B32_BYTES + 1}))


class Computer(receiver_link.Computer[Found]):
    """The computer's side: frames in, one byte out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = misfit.CLAUSE
    EXPECTED: ClassVar[str] = "a protocol id, receiver and line"

    def __init__(
        self,
        *,
        header: Header = "auto",
        b32: bool | None = None,
        site: Site | None = None,
        partial_s: float = PARTIAL_FRAME_S,
    ) -> None:
        super().__init__(Framing(header=header, b32=b32), partial_s=partial_s)
        self._header = header
        self._site = site or Site()

    def _written(self, envelope: Envelope, verdict: Verdict) -> bytes:
        byte = super()._written(envelope, verdict)
        return _B32_PREFIX + byte if byte and envelope.is_b32 else byte

    def _understood(self, found: Found) -> Incoming:
        fields = found.fields
        envelope = Envelope(
            found.layout,
            self._session,
            found.is_b32,
            getattr(fields, "clock", None),
            fields.terminator,
        )
        kind, raw = found.kind, found.raw
        if kind is Kind.FRAME:
            return self._read(found, envelope)
        if kind is Kind.UNREADABLE:
            body = raw[frame.B32_BYTES :] if found.is_b32 else raw
            error = misfit.unreadable(body, self._header)
            return self._refused(raw, "body_unreadable", error, envelope)
        reason = f"protocol id {fields.token!r} is not read; its data is kept as it came"
        part = Unreadable(raw=fields.body, format="raw", reason=reason)
        return self._report(found, envelope, account=None, parts=(part,))

    def _read(self, found: Found, envelope: Envelope) -> Incoming:
        fields = found.fields
        reader = READERS.get(found.layout)
        if reader is None:
            return LinkTest(
                protocol=NAME,
                raw=found.raw,
                envelope=envelope,
                receiver=fields.receiver,
                line=fields.line,
            )
        said = reader(fields, found.raw, self._site)
        return self._report(
            found,
            envelope,
            account=said.account,
            parts=said.parts,
            internal=said.internal,
            companion=said.companion,
            quirks=said.quirks,
        )

    @staticmethod
    def _report(  # noqa: PLR0913  (a record)
        found: Found,
        envelope: Envelope,
        *,
        account: str | None,
        parts: tuple[Part, ...],
        internal: bool = False,
        companion: bool = False,
        quirks: tuple[str, ...] = (),
    ) -> Report:
        fields: Any = found.fields
        return Report(
            protocol=NAME,
            raw=found.raw,
            token=fields.token,
            account=account,
            parts=parts,
            envelope=envelope,
            repeat=Repeat.LINK,
            identity=_without_ends(found),
            receiver=fields.receiver,
            line=fields.line,
            internal=internal,
            companion=companion,
            quirks=quirks,
        )


def _without_ends(found: Found) -> bytes:
    """Return the frame without prefix and terminator: of glued copies only the last has one."""
    begin = frame.B32_BYTES if found.is_b32 else 0
    end = len(found.raw) - (found.fields.terminator is not None)
    return found.raw[begin:end]
