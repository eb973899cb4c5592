"""A DC-09 frame told field by field, with the answer that a receiver gives."""

from __future__ import annotations

import secrets
from typing import Final

from gateway.accounts import Account
from gateway.admission import Admission, InputPolicy, Refused
from gateway.cli._decode import words
from gateway.cli._decode.pieces import said
from gateway.cli._decode.station import Station
from gateway.cli._decode.told import Answer, Broken, Field, Quirk, Status, Told
from hardware.sink import Origin
from protocols import dc09
from protocols._core import LinkTest, Part, Rejected, Report, Unreadable, Verdict
from protocols.dc09.message import Content, EncryptedContent, Envelope

_CLAUSE: Final = "DC-09 5.4.1"
_CLAUSE_CRC: Final = "DC-09 5.4.1.1"
_CLAUSE_LENGTH: Final = "DC-09 5.4.1.2"
_CLAUSE_ENCRYPTED: Final = "DC-09 5.4.3"
_CLAUSE_STAMP: Final = "DC-09 5.4.1.9"
_PAD_LONG: Final = 16


def tell(raw: bytes, station: Station) -> list[Told]:
    """Tell every frame of these bytes."""
    return [_told(frame, station) for frame in dc09.explain_all(raw, station.keys)]


def _told(frame: dc09.Frame, station: Station) -> Told:
    incoming = frame.incoming
    envelope = incoming.envelope if isinstance(incoming.envelope, Envelope) else None
    report = incoming if isinstance(incoming, Report) else None
    parts = frame.parts
    events = station.events(report) if report is not None else ()
    named = events or station.named("dc09", frame.account, parts)
    return Told(
        protocol="dc09",
        title=_title(frame),
        raw=frame.raw,
        status=_status(frame, parts),
        account=frame.account,
        broken=_broken(frame),
        fields=_fields(frame, envelope),
        inside=_inside(frame, envelope),
        says=said(parts, named),
        quirks=_quirks(frame, parts),
        notes=_notes(frame),
        events=events,
        answer=_answer(frame, station),
    )


def _title(frame: dc09.Frame) -> str:
    if not frame.is_dc09:
        name = words.FOREIGN.get(frame.foreign or "")
        return f"not DC-09: this is {name}" if name else "no DC-09 frame"
    if frame.token is None:
        return "DC-09 frame with an unreadable header"
    meaning = words.TOKENS.get(frame.token, "a layout that is not decoded")
    star = f", encrypted with AES-{frame.key_bits}" if frame.key_bits else ", encrypted"
    return f"DC-09 {frame.token}: {meaning}{star if frame.encrypted else ''}"


def _status(frame: dc09.Frame, parts: tuple[Part, ...]) -> Status:
    if isinstance(frame.incoming, Rejected):
        # An answer is no report, but it is a sound frame that somebody asked to see explained.
        return "decoded" if frame.reason == "answer_misplaced" else "broken"
    return "unreadable" if any(isinstance(part, Unreadable) for part in parts) else "decoded"


def _broken(frame: dc09.Frame) -> Broken | None:
    error = frame.error
    if error is None or frame.reason == "answer_misplaced":
        return None
    reason = frame.reason or "noise"
    return Broken(
        rule=reason,
        reason=error.reason,
        offset=error.offset,
        clause=error.clause,
        hint=words.HINTS.get(reason, ""),
    )


def _quirks(frame: dc09.Frame, parts: tuple[Part, ...]) -> tuple[Quirk, ...]:
    names = [*frame.quirks, *(name for part in parts for name in getattr(part, "quirks", ()))]
    return tuple(Quirk(name=name, words=words.quirk(name)) for name in dict.fromkeys(names))


def _notes(frame: dc09.Frame) -> tuple[str, ...]:
    notes = []
    if frame.reason == "answer_misplaced":
        notes.append(words.HINTS["answer_misplaced"])
    if frame.encrypted and frame.pad_len is not None and frame.pad_len < _PAD_LONG:
        notes.append(
            f"The pad has {frame.pad_len} bytes; the 2026 text asks for 16 to 31, since the fixed "
            "start value makes equal first blocks otherwise."
        )
    return tuple(notes)


class _Walk:
    """Goes along the frame and hands out its fields; stops where the bytes are others."""

    def __init__(self, raw: bytes, wrong_at: int | None) -> None:
        self.raw = raw
        self.at = 0
        self.fields: list[Field] = []
        self._wrong_at = wrong_at
        self._is_lost = False

    def take(self, expected: bytes, name: str, meaning: str, clause: str = _CLAUSE) -> None:
        """Take bytes that must stand here."""
        if not expected or self._is_lost:
            return
        if self.raw[self.at : self.at + len(expected)] != expected:
            self._is_lost = True
            return
        end = self.at + len(expected)
        is_wrong = self._wrong_at is not None and self.at <= self._wrong_at < end
        self.fields.append(
            Field(
                offset=self.at,
                raw=expected,
                name=name,
                meaning=meaning,
                clause=clause,
                is_wrong=is_wrong,
            )
        )
        self.at = end

    def rest(self) -> bytes:
        """Return what stands from here on."""
        return self.raw[self.at :]


def _fields(frame: dc09.Frame, envelope: Envelope | None) -> tuple[Field, ...]:
    error = frame.error
    misplaced = frame.reason == "answer_misplaced"
    walk = _Walk(frame.raw, None if error is None or misplaced else error.offset)
    if envelope is None or not envelope.cut.check:
        walk.take(frame.raw, "bytes", "no DC-09 frame begins here", "")
        return tuple(walk.fields)
    cut = envelope.cut
    walk.take(b"\n", "LF", "start of the frame")
    walk.take(cut.check, "check value", _crc(frame), _CLAUSE_CRC)
    walk.take(walk.rest()[:4], "length", _length(frame), _CLAUSE_LENGTH)
    content = envelope.content
    if content is None:
        walk.take(cut.region, "content", "does not follow the order of the header")
    else:
        _content(walk, content, envelope)
    ending = walk.rest()
    walk.take(b"\r" if ending == b"\r" else b"", "CR", "end of the frame")
    walk.take(walk.rest(), "rest", "not read", "")
    return tuple(walk.fields)


def _crc(frame: dc09.Frame) -> str:
    form = "two raw bytes, " if frame.crc_mode == "bin" else ""
    if not frame.crc_ok:
        return f"CRC-16/ARC, {form}wrong: {frame.crc_expected} computed from quote to CR"
    over = "CR included" if "crc_includes_cr" in frame.quirks else "from the quote to before CR"
    return f"CRC-16/ARC, {form}right ({over})"


def _length(frame: dc09.Frame) -> str:
    if not frame.length_ok:
        return f"{frame.length} bytes, wrong: {frame.length_expected} counted from quote to CR"
    over = "CR included" if "length_includes_cr" in frame.quirks else "from the quote to before CR"
    return f"{frame.length} bytes, right ({over})"


def _content(walk: _Walk, content: Content | EncryptedContent, envelope: Envelope) -> None:
    token = content.token.decode("latin-1")
    star = b"*" if isinstance(content, EncryptedContent) else b""
    meaning = words.TOKENS.get(token, "a layout that is not decoded")
    walk.take(b'"' + star + content.token + b'"', "id", meaning + (", encrypted" if star else ""))
    walk.take(content.seq, "sequence", "number of the message; the answer repeats it")
    if content.receiver is not None:
        walk.take(b"R" + content.receiver, "receiver", "the answer repeats it")
    if content.line is not None:
        walk.take(b"L" + content.line, "line", "account prefix; the answer repeats it")
    if content.account is not None:
        marker = b"A" if content.token == b"NAK" else b"#"
        walk.take(marker + content.account, "account", f"account {envelope.account}")
    if isinstance(content, EncryptedContent):
        blocks = len(content.ciphertext) // 32
        walk.take(b"[", "data opens", "its closing bracket is inside the encryption")
        walk.take(
            content.ciphertext,
            "ciphertext",
            f"{blocks} blocks of AES, as hex digits",
            _CLAUSE_ENCRYPTED,
        )
        return
    _body(walk, content.data, content.xdata, content.stamp, envelope)
    walk.take(content.trailing, "trailing text", "no part of the standard's form")


def _body(
    walk: _Walk,
    data: bytes,
    xdata: tuple[bytes, ...],
    stamp: bytes | None,
    envelope: Envelope,
) -> None:
    walk.take(b"[" + data + b"]", "data", "what happened, see below" if data else "empty")
    for entry in xdata:
        letter = chr(entry[0])
        name = words.XDATA.get(letter, "not in any edition that was read")
        walk.take(b"[" + entry + b"]", f"extended {letter}", name)
    if stamp is not None:
        walk.take(b"_" + stamp, "time stamp", _stamp(envelope), _CLAUSE_STAMP)


def _stamp(envelope: Envelope) -> str:
    if envelope.timestamp is None:
        return "no such moment"
    return f"sent {envelope.timestamp:%Y-%m-%d %H:%M:%S} GMT"


def _inside(frame: dc09.Frame, envelope: Envelope | None) -> tuple[Field, ...]:
    if envelope is None or envelope.key is None or frame.pad_len is None:
        return ()
    pad = b"\xb7" * frame.pad_len  # random bytes that say nothing; their place is what counts
    data = envelope.data or b""
    separator = b"" if "no_pad_separator" in frame.quirks else b"|"
    stamp = b"" if envelope.timestamp is None else dc09.format_timestamp(envelope.timestamp)
    text = pad + separator + data + b"]"
    text += b"".join(b"[" + entry + b"]" for entry in envelope.xdata)
    text += b"_" + stamp + envelope.trailing
    walk = _Walk(text, None)
    clause = _CLAUSE_ENCRYPTED
    walk.take(pad, "pad", f"{frame.pad_len} random bytes, not shown", clause)
    walk.take(separator, "separator", "ends the pad", clause)
    walk.take(data + b"]", "data", "what happened, see below" if data else "empty", clause)
    for entry in envelope.xdata:
        letter = chr(entry[0])
        walk.take(
            b"[" + entry + b"]", f"extended {letter}", words.XDATA.get(letter, "unknown"), clause
        )
    walk.take(b"_" + stamp, "time stamp", _stamp(envelope), _CLAUSE_STAMP)
    walk.take(envelope.trailing, "trailing text", "no part of the standard's form", clause)
    return tuple(walk.fields)


def _answer(frame: dc09.Frame, station: Station) -> Answer:
    incoming = frame.incoming
    if isinstance(incoming, Rejected):
        return Answer(verdict="silence", why=_why_silent(frame))
    verdict, why = _verdict(incoming, frame, station)
    if verdict is Verdict.SILENCE:
        return Answer(verdict="silence", why=why)
    connection = dc09.Connection(
        dc09.Role.CSR, keys=station.keys, pad=secrets.token_bytes, datagram=True
    )
    connection.answer(incoming, verdict, utc=station.received)
    raw = connection.data_to_send()
    answer = dc09.explain(raw, station.keys)
    envelope = answer.incoming.envelope
    fields = _fields(answer, envelope if isinstance(envelope, Envelope) else None)
    name = f"*{answer.token}" if answer.encrypted else answer.token or ""
    return Answer(verdict=name, why=why, raw=raw, fields=fields)


_SILENT: Final = {
    "crc_wrong": "a frame with a wrong check value is never answered: the panel sends it again",
    "length_wrong": "a frame with a wrong length is never answered: the panel sends it again",
    "frame_incomplete": "the frame is not complete",
    "key_missing": "without its key nobody can say what it is",
    "decrypt_failed": "a wrong key is never answered; counted, and logged once a while",
    "answer_misplaced": "answers are not answered",
    "foreign_received": "another protocol: recognised, logged, never answered",
}


def _why_silent(frame: dc09.Frame) -> str:
    return _SILENT.get(frame.reason or "", "there is no frame to answer")


def _verdict(
    incoming: Report | LinkTest, frame: dc09.Frame, station: Station
) -> tuple[Verdict, str]:
    if station.is_configured:
        refused = _refused(incoming, station)
        if refused is not None:
            return refused.verdict, _REFUSED.get(refused.reason, refused.words)
    if isinstance(incoming, LinkTest):
        return Verdict.ACK, "a link test; never journaled, answered while commits succeed"
    if frame.response == "DUH" and not station.is_configured:
        return Verdict.DUH, _REFUSED["token_unknown"]
    return Verdict.ACK, "once the event is on disk"


_REFUSED: Final = {
    "account_unknown": "the account is not configured in its group, and unknown_account is silent",
    "token_unknown": "the id is in no list; unknown_token = ack would take it",
}


def _refused(incoming: Report | LinkTest, station: Station) -> Refused | None:
    """Ask the gateway's own policy; its source is taken as right, its time is not judged."""
    settings = station.input
    policy = InputPolicy(is_receiver=False)
    if settings is not None:
        policy = InputPolicy(
            is_receiver=False,
            unknown_account=settings.unknown_account,
            unknown_token=settings.unknown_token,
        )
    account = station.configured(incoming.account)
    host = str(account.sources[0].network_address) if account and account.sources else ""
    origin = Origin(
        input=station.input_name or "", protocol="dc09", transport="tcp", peer=host, host=host
    )
    word = Admission(learn=Account.unknown).who(incoming, origin, policy, station.group, account)
    return word if isinstance(word, Refused) else None
