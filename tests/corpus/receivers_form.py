"""Judges a row of the receivers form: Sur-Gard frames and Contact ID on the telephone line.

The other families are pending: listed by id, counted, never silently passed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from protocols import surgard
from protocols._core import Incoming, Part, Rejected, Verdict
from protocols.contact_id import ContactId, checksum, parse_dtmf
from protocols.sia_dc03 import SiaEvent, SiaText
from protocols.surgard import Internal, Modifier, PulseEvent, TwoWayAudio
from tests.corpus.judge import Pending, Row, compare, frame_bytes, unknown_keys

USED = frozenset({"id", "family", "frame_hex", "frame", "expect"})
IGNORED = frozenset({"source", "provenance", "note", "corrected"})

DTMF_FAMILY = "contact-id-dtmf"
SURGARD_FAMILY = "surgard"
READ_IDS = frozenset("0135SQ")
"""Protocol ids that the Sur-Gard package reads; the rest waits."""

PENDING_FAMILIES = frozenset({"surgard-pima-raw"})
"""LF ... CR frames towards a Sur-Gard gateway: another protocol under the same name."""

WITHOUT_ID = frozenset({"ack", "nak", "invalid", "multi"})

KNOWN = frozenset(
    {"kind", "protocol", "receiver", "line", "line_int", "account", "format", "b32_length",
     "receiver_time", "receiver_date", "qualifier", "qualifier_norm", "event", "partition", "zone",
     "zone_int", "block", "events", "date", "time", "level", "addr", "area", "text", "meaning",
     "modifier", "value", "event_code", "group", "internal", "audio_line", "condition",
     "was_level", "now_level", "user", "user_int", "panel_attr", "reason", "expected", "checksum",
     "message_type", "audio_follows", "count", "frames"}
)  # fmt: skip

_NORM = {"1": "new", "3": "restore", "6": "previous"}
_REASONS = ("missing closing bracket", "contact-id body one digit short")
NOW = datetime(2026, 11, 20, 9, 15, 2, tzinfo=UTC)


def judge(row: Row) -> list[str]:
    """Every way in which a row is not met; empty when it is.

    Raises:
        Pending: The row's family or protocol id is not built.
    """
    data = frame_bytes(row)
    reason = pending(row, row["expect"])
    if reason is not None:
        raise Pending(reason)
    complaints = unknown_keys(row, USED, IGNORED)
    if row["family"] == DTMF_FAMILY:
        return complaints + _compare(row["expect"], dtmf(data))
    frames = [surgard_fields(each) for each in surgard.explain_all(data)]
    actual = frames[0] if len(frames) == 1 else {
        "kind": "multi", "count": len(frames), "frames": frames
    }  # fmt: skip
    return complaints + _compare(row["expect"], actual) + _answers(row["expect"], data)


def pending(row: Row, expect: Row) -> str | None:
    """Why a row waits; None when it is judged."""
    family = row["family"]
    if family == DTMF_FAMILY:
        return None
    if not family.startswith(SURGARD_FAMILY) or family in PENDING_FAMILIES:
        return f"family {family}"
    for inner in expect.get("frames", ()):
        if isinstance(inner, dict) and (reason := pending(row, inner)) is not None:
            return reason
    if expect.get("kind") in WITHOUT_ID:
        return None
    token = expect.get("protocol") or surgard.explain(frame_bytes(row)).token
    return None if token in READ_IDS else f"{family}, protocol id {token}"


def _compare(expect: Row, actual: Row, where: str = "") -> list[str]:
    """Compare key by key, inner lists and objects too: an absent key is not judged there."""
    flat = {key: value for key, value in expect.items() if key not in ("events", "frames")}
    complaints = compare(flat, actual, KNOWN, where)
    for key in ("events", "frames"):
        if key not in expect:
            continue
        got = actual.get(key) or []
        if len(got) != len(expect[key]):
            complaints.append(f"{where}{key}: expected {expect[key]!r}, got {got!r}")
        for index, (wanted, each) in enumerate(zip(expect[key], got, strict=False)):
            at = f"{where}{key}[{index}]."
            if not isinstance(wanted, dict):
                complaints.append(f"{at[:-1]}: expected {wanted!r}, got {each!r}")
            elif key == "events":
                complaints += compare(wanted, each, EVENT_KEYS, at)
            else:
                complaints += _compare(wanted, each, at)
    return complaints


EVENT_KEYS = frozenset({"code", "addr", "area", "user", "pi", "text"})


def _answers(expect: Row, data: bytes) -> list[str]:
    """The byte that goes back: 06 for what is safe, 15 for what was not readable."""
    if expect.get("kind") in ("ack", "nak"):
        return []
    frames = expect.get("frames") or [expect]
    link = surgard.Connection(surgard.Role.COMPUTER)
    incoming: list[Incoming] = link.receive(data, now=0.0)
    due = link.deadline()
    incoming += [] if due is None else link.on_deadline(now=due)
    complaints = []
    for index, each in enumerate(incoming):
        one = frames[index] if index < len(frames) else expect
        wanted = b"\x15" if one.get("kind") == "invalid" else b"\x06"
        link.answer(each, Verdict.DUH if isinstance(each, Rejected) else Verdict.ACK, utc=NOW)
        sent = link.data_to_send()[-1:]
        is_noise = isinstance(each, Rejected) and not each.envelope_sound
        if sent != (b"" if is_noise else wanted):
            complaints.append(f"answer: expected {wanted!r}, got {sent!r} to {each.raw!r}")
    return complaints


def surgard_fields(frame: surgard.Explanation) -> dict[str, Any]:
    """One frame in the form's words."""
    told: dict[str, Any] = {
        "kind": frame.kind,
        "protocol": frame.token,
        "receiver": frame.receiver,
        "line": frame.line,
        "account": frame.account,
        "b32_length": frame.b32_length,
    }
    if frame.line is not None and len(frame.line) == 1 and frame.line.isalpha():
        told["line_int"] = ord(frame.line) - ord("A") + 10
    if frame.clock is not None:
        told["receiver_time"], _, told["receiver_date"] = frame.clock.partition("-")
    if frame.error is not None:
        told["reason"] = next((r for r in _REASONS if r in frame.error.reason), None)
    if frame.kind in ("event", "internal") and frame.layout == "sia":
        told |= sia(frame.parts)
    elif frame.parts:
        told |= part_fields(frame.parts[0], frame.layout or "")
    return told


def part_fields(part: Part, layout: str) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind
    """The one part of a frame that is not a SIA block."""
    if isinstance(part, ContactId):
        return contact_id(part) | {"format": layout}
    if isinstance(part, PulseEvent):
        return pulse(part)
    if isinstance(part, SiaEvent):
        told = {"format": layout, "event": part.code, "zone": part.address or None}
        is_number = part.address.isdecimal()
        return told | ({"zone_int": int(part.address)} if is_number else {})
    if isinstance(part, Modifier):
        return {"format": layout, "modifier": part.name, "value": part.value}
    if isinstance(part, TwoWayAudio):
        return {"event_code": part.event_code, "audio_line": part.audio_line}
    if isinstance(part, Internal):
        return {"event_code": part.code, "internal": part.number, "meaning": part.meaning}
    return {}


def contact_id(part: ContactId) -> dict[str, Any]:
    return {
        "qualifier": part.qualifier_sent or part.qualifier,
        "qualifier_norm": _NORM[part.qualifier],
        "event": part.event,
        "partition": part.group,
        "zone": part.zone,
    }


def pulse(part: PulseEvent) -> dict[str, Any]:
    if part.format == "pima-2char":
        return {"format": part.format, "event": part.event_code}
    told: dict[str, Any] = {"format": part.format, "zone": part.zone, "group": part.group}
    if part.iti is None:
        return told | {"event_code": part.event_code}
    return told | {
        "condition": part.event_code,
        "panel_attr": part.iti.attribute,
        "user": part.iti.user,
        "user_int": _iti_digit(part.iti.user),
        "was_level": part.iti.was_level,
        "now_level": part.iti.now_level,
    }


def _iti_digit(digit: str) -> int | None:
    if digit.isdecimal():
        return int(digit)
    if "A" <= digit <= "Z":
        return ord(digit) - ord("A") + 10
    return ord(digit) - ord("a") + 36 if "a" <= digit <= "z" else None


def sia(parts: tuple[Part, ...]) -> dict[str, Any]:
    """Ids 0 and S: the receiver's own event at top level, a panel's in a list."""
    own = next((part for part in parts if isinstance(part, Internal)), None)
    if own is not None:
        return {
            "format": "sia",
            "event": own.code,
            "addr": own.number or None,
            "area": own.area,
            "text": own.text,
            "meaning": own.meaning,
        }
    events: list[dict[str, Any]] = []
    told: dict[str, Any] = {"format": "sia", "events": events, "level": 1}
    for part in parts:
        if isinstance(part, SiaEvent):
            told.setdefault("block", part.block)
            told.setdefault("date", part.modifier("da"))
            told.setdefault("time", part.modifier("ti"))
            events.append(_event(part))
            has_more = part.modifier("ti") is not None or part.text is not None
            level = 3 if has_more else 2 if part.modifiers else 1
            told["level"] = max(told["level"], level)
        elif isinstance(part, SiaText) and events:
            events[-1]["text"] = part.text
            told["level"] = 3
    return told


def _event(part: SiaEvent) -> dict[str, Any]:
    return {
        "code": part.code,
        "addr": part.address or None,
        "area": part.modifier("ri"),
        "user": part.modifier("id"),
        "pi": part.modifier("pi"),
        "text": part.text,
    }


def dtmf(data: bytes) -> dict[str, Any]:
    """Sixteen digits on the telephone line."""
    part = parse_dtmf(data)
    if not isinstance(part, ContactId):
        is_checksum = part.reason.startswith("checksum")
        told: dict[str, Any] = {"kind": "invalid", "reason": part.reason}
        if is_checksum:
            told |= {"reason": "checksum", "expected": checksum(data[:-1]).decode()}
        return told
    return contact_id(part) | {
        "kind": "event",
        "account": part.account,
        "message_type": data[4:6].decode(),
        "checksum": data[-1:].decode(),
        "audio_follows": True if part.event == "606" else None,
        "format": "contact-id",
    }
