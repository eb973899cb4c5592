"""Judges a row of the DC-09 form: decoded fields, the answer on the wire, the wrong key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from protocols import dc09
from protocols._core import Part, Rejected, Verdict
from protocols.contact_id import ContactId
from protocols.sia_dc03 import SiaEvent, SiaText
from tests.corpus.judge import Row, compare, frame_bytes, unknown_keys

USED = frozenset(
    {"id", "frame", "frame_hex", "transport", "key_hex", "key_ascii", "wrong_key_hex",
     "crc_ok", "length_ok", "expect"}
)  # fmt: skip
IGNORED = frozenset(
    {"source", "panel", "origin", "note", "crc_reason", "plaintext_reported",
     "plaintext_reported_tail", "corrected"}
)  # fmt: skip

NOW = datetime(2026, 11, 20, 9, 15, 2, tzinfo=UTC)
_BLOCKS = {"N": "new", "O": "old"}


def pad(size: int) -> bytes:
    return b"p" * size


def judge(row: Row) -> list[str]:
    """Every way in which a row is not met; empty when it is."""
    complaints = unknown_keys(row, USED, IGNORED)
    data = frame_bytes(row)
    keys = [bytes.fromhex(row["key_hex"])] if "key_hex" in row else []
    if "key_ascii" in row and [row["key_ascii"].encode()] != keys:
        complaints.append("key_ascii: is not key_hex")
    expect = _as_sets(row["expect"])
    frames = dc09.explain_all(data, lambda _: keys)
    if "frames" in expect:
        complaints += _stream(row, expect, frames, data, keys)
    else:
        actual = fields(frames[0]) | answered(frames[0], data, keys, row.get("transport"))
        outer = {key: row[key] for key in ("crc_ok", "length_ok") if key in row}
        complaints += compare(expect | outer, actual, KNOWN)
        if len(frames) > 1:
            complaints.append(f"{len(frames)} frames where the row has one")
    if "wrong_key_hex" in row:
        complaints += _with_wrong_key(row, data)
    elif "with_wrong_key" in expect:
        complaints.append("with_wrong_key: the row has no wrong_key_hex")
    return complaints


def _as_sets(expect: Row) -> dict[str, Any]:
    """``quirks`` is a set: the order in a row says nothing."""
    told = dict(expect)
    if isinstance(told.get("quirks"), list):
        told["quirks"] = sorted({_quirk(name) for name in told["quirks"]})
    return told


def _quirk(name: Any) -> str:
    """A quirk's name; the hex of ``trailing_bytes:`` says the same in either case."""
    return str(name).lower() if str(name).startswith("trailing_bytes:") else str(name)


def _stream(
    row: Row, expect: Row, frames: list[dc09.Frame], data: bytes, keys: list[bytes]
) -> list[str]:
    complaints = []
    if len(frames) != len(expect["frames"]):
        complaints.append(f"expected {len(expect['frames'])} frames, got {len(frames)}")
    for index, (wanted, frame) in enumerate(zip(expect["frames"], frames, strict=False)):
        complaints += compare(_as_sets(wanted), fields(frame), KNOWN, f"frames[{index}].")
    rest = {key: value for key, value in expect.items() if key != "frames"}
    rest |= {key: row[key] for key in ("crc_ok", "length_ok") if key in row}
    answers = conversation(data, keys, row.get("transport"))
    actual = {
        "response": [name for name, _ in answers],
        "response_crc_mode": [_crc_mode(raw) for _, raw in answers],
        "ack_exact": [raw.decode("latin-1") for _, raw in answers],
        "crc_ok": all(frame.crc_ok for frame in frames),
        "length_ok": all(frame.length_ok for frame in frames),
    }
    return complaints + compare(rest, actual, KNOWN)


def _with_wrong_key(row: Row, data: bytes) -> list[str]:
    wrong = [bytes.fromhex(row["wrong_key_hex"])]
    frame = dc09.explain(data, lambda _: wrong)
    answers = conversation(data, wrong, row.get("transport"))
    complaints = compare(
        {"with_wrong_key": row["expect"].get("with_wrong_key", "decrypt_failed")},
        {"with_wrong_key": frame.reason},
        frozenset({"with_wrong_key"}),
    )
    if frame.parts or not isinstance(frame.incoming, Rejected):
        complaints.append("with_wrong_key: an event came out of it")
    if any(raw for _, raw in answers):
        complaints.append("with_wrong_key: it was answered")
    return complaints


def fields(frame: dc09.Frame) -> dict[str, Any]:
    """All that the form can ask of one frame, apart from its answer."""
    has_events = frame.token in ("SIA-DCS", "ADM-CID") and bool(frame.data)
    told = {name: getter(frame) for name, getter in GETTERS.items()}
    if has_events:
        told["data_account"] = frame.data_account
        told["events"] = [item(part, _encoding(frame)) for part in frame.parts]
    return told


def _timestamp(frame: dc09.Frame) -> str | None:
    if frame.timestamp is None:
        return None
    return frame.timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


GETTERS: dict[str, Callable[[dc09.Frame], Any]] = {
    name: (lambda frame, name=name: getattr(frame, name))
    for name in (
        "crc", "crc_mode", "crc_ok", "length", "length_ok", "token", "encrypted", "seq",
        "receiver", "line", "account", "data", "pad_len", "ciphertext_len", "trailing_text",
    )
} | {
    "dc09": lambda frame: frame.is_dc09,
    "protocol": lambda frame: frame.foreign,
    "header": lambda frame: None if frame.header_ok else "unparsed",
    "xdata": lambda frame: [list(pair) for pair in frame.xdata],
    "quirks": lambda frame: sorted(map(_quirk, set(frame.quirks))),
    "timestamp": _timestamp,
}  # fmt: skip

KNOWN = frozenset(GETTERS) | {
    "data_account", "events", "response", "response_crc_mode", "ack_exact", "ack_valid",
    "with_wrong_key",
}  # fmt: skip


_ENCODINGS = {"utf-8": "utf-8", "cp1252": "cp1252", "undecodable": "latin-1"}


def _encoding(frame: dc09.Frame) -> str:
    """How the whole body reads as text: it is decoded at once, not part by part."""
    named = [name.partition(":")[2] for name in frame.quirks if name.startswith("non_ascii:")]
    return _ENCODINGS[named[0]] if named else "ascii"


def item(part: Part, encoding: str) -> dict[str, Any]:
    """One entry of ``events``."""
    if isinstance(part, ContactId):
        return {
            "qualifier": int(part.qualifier),
            "event": part.event,
            "partition": part.group,
            "zone": part.zone,
        }
    if isinstance(part, SiaEvent):
        told = {
            "kind": _BLOCKS[part.block],
            "code": part.code,
            "address": part.address,
            "modifiers": dict(part.modifiers),
        }
        return told if part.text is None else told | {"text": part.text}
    if isinstance(part, SiaText):
        return {"kind": "ascii", "text": part.text}
    return {"kind": "unparsed", "raw": part.raw.decode(encoding)}


def answered(
    frame: dc09.Frame, data: bytes, keys: list[bytes], transport: str | None
) -> dict[str, Any]:
    """What goes back over the wire for one frame, by a real connection."""
    answers = conversation(data, keys, transport)
    sent = b"".join(raw for _, raw in answers)
    told: dict[str, Any] = {
        "response": _one([name for name, _ in answers]),
        "response_crc_mode": _crc_mode(sent) if sent else None,
        "ack_exact": sent.decode("latin-1"),
        "ack_valid": _is_taken(data, keys),
        "with_wrong_key": "decrypt_failed",  # judged by itself
    }
    if frame.response != told["response"] and frame.response is not None:
        told["response"] = f"{told['response']} on the wire, {frame.response} explained"
    return told


def _one(names: list[str]) -> str | list[str]:
    """The answer to a row of one frame; bytes beside it are refused without one."""
    given = [name for name in names if name != "none"]
    if not given:
        return "none"
    return given[0] if len(given) == 1 else given


def conversation(data: bytes, keys: list[bytes], transport: str | None) -> list[tuple[str, bytes]]:
    """Name and bytes of the answer to everything in ``data``, each committed at once."""
    connection = dc09.Connection(
        dc09.Role.CSR, keys=lambda _: keys, pad=pad, datagram=transport == "udp"
    )
    incoming = connection.receive(data, now=0.0)
    incoming += connection.eof()
    answers = []
    for each in incoming:
        connection.answer(each, _verdict(each, keys), utc=NOW)
        raw = connection.data_to_send()
        if isinstance(each, Rejected) and each.reason == "noise" and not raw:
            continue  # no frame, and no answer
        name = "none"
        if raw:
            seen = dc09.explain(raw, lambda _: keys)
            name = f"*{seen.token}" if seen.encrypted else str(seen.token)
        answers.append((name, raw))
    return answers


def _verdict(incoming: Any, keys: list[bytes]) -> Verdict:
    if isinstance(incoming, Rejected):
        return Verdict.SILENCE
    is_unknown = dc09.explain(incoming.raw, lambda _: keys).response == "DUH"
    return Verdict.DUH if is_unknown else Verdict.ACK


def _crc_mode(raw: bytes) -> str | None:
    return dc09.explain(raw).crc_mode if raw else None


def _is_taken(data: bytes, keys: list[bytes]) -> bool:
    """Whether a panel takes these bytes for an answer."""
    panel = dc09.Connection(dc09.Role.PE, keys=lambda _: keys, pad=pad)
    return bool(panel.receive(data, now=0.0))
