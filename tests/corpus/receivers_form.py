"""Judges a row of the receivers form: frames of receiver links, and what comes by telephone.

Each family stands in ``tests/corpus/receivers``; one that is not built yet is pending: listed by
id, counted, never silently passed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from protocols._core import Connection, Incoming, Rejected, Verdict
from protocols.registry import PROTOCOLS
from tests.corpus.judge import Pending, Row, compare, frame_bytes, unknown_keys
from tests.corpus.receivers import (
    ademco,
    blocks,
    bosch,
    dialled,
    fsk,
    interactive,
    mx,
    osborne_hoffman,
    pima_38,
    sur_gard,
)

USED = frozenset({"id", "family", "frame_hex", "frame", "expect"})
IGNORED = frozenset({"source", "provenance", "note", "corrected"})


class Family(NamedTuple):
    """What judges the rows of a family."""

    frames: Callable[[bytes], list[dict[str, Any]]]
    """Everything that a read holds, in the form's words."""
    connect: Callable[[], Connection] | None = None
    """Makes the computer's side, whose answers are judged too; None where nothing is answered."""


def _of(name: str, frames: Callable[[bytes], list[dict[str, Any]]], **options: object) -> Family:
    """A family that the registry connects."""
    connect = PROTOCOLS[name].connect
    return Family(frames, lambda: connect(keys=lambda _: (), pad=bytes, options=options))


_SURGARD = _of("surgard", sur_gard.frames)

FAMILIES: dict[str, Family] = {
    "contact-id-dtmf": Family(dialled.frames),
    "surgard": _SURGARD,
    "surgard-pima-raw": _of("pima", pima_38.frames),
    "ademco-685": _of("ademco685", ademco.frames_685),
    "caps": _of("ademco685", ademco.frames_caps, format="caps"),
    "ademco-dtmf": _of("dtmf", dialled.older),
    "radionics-6500": _of("bosch6500", bosch.frames),
    "radionics-cmd": Family(bosch.commands),
    "radionics-sia-body": Family(bosch.bodies),
    "sia-level-text": Family(bosch.levels),
    "sia-dc03-block": Family(blocks.frames),
    "osborne-hoffman": Family(osborne_hoffman.frames),
    "fsk-multi-router": _of("fsk-router", fsk.frames),
    "ademco-8000": _of("mx8000", mx.frames, output="ae8000"),
    "iti-generic": _of("iti", interactive.frames),
    "iti-computer": _of("iti", interactive.frames, output="computer"),
    "sk9000": _of("mx8000", mx.frames, output="sk9000"),
    "fbi-cp220": _of("ademco685", ademco.frames_cp220, format="cp220"),
}
"""By the family's name, or by what it begins with, up to a dash; the longest counts."""

KNOWN = frozenset(
    {"kind", "protocol", "receiver", "line", "line_int", "account", "format", "b32_length",
     "receiver_time", "receiver_date", "qualifier", "qualifier_norm", "event", "partition", "zone",
     "zone_int", "block", "events", "date", "time", "level", "addr", "area", "text", "meaning",
     "modifier", "value", "event_code", "group", "internal", "audio_line", "condition",
     "was_level", "now_level", "user", "user_int", "panel_attr", "reason", "expected", "checksum",
     "message_type", "audio_follows", "count", "frames", "channels", "status", "digits", "number",
     "name", "event_norm", "addr_kind", "code", "command", "type", "data", "function", "length",
     "ack_request", "reverse_channel", "parity_valid", "seq", "panel_id_enc", "system_account",
     "version", "panel_id", "encrypted_before_send", "start", "repeater", "rssi_local",
     "rssi_remote", "slot", "slot_int",
     "ref", "format_id", "caller_number", "caller_name", "listen_in", "listen_in_seconds", "more",
     "vbyte", "vbyte_valid", "vbyte_calculated", "system", "arg", "model", "pin", "expected_reply",
     "panel", "revision", "version_date", "checksum_verified", "object"}
)  # fmt: skip

NOW = datetime(2026, 11, 20, 9, 15, 2, tzinfo=UTC)


def judge(row: Row) -> list[str]:
    """Every way in which a row is not met; empty when it is.

    Raises:
        Pending: The row's family is not built.
    """
    data = frame_bytes(row)
    family = family_of(row["family"])
    if family is None:
        raise Pending(f"family {row['family']}")
    complaints = unknown_keys(row, USED, IGNORED)
    frames = family.frames(data)
    actual = frames[0] if len(frames) == 1 else {
        "kind": "multi", "count": len(frames), "frames": frames
    }  # fmt: skip
    complaints += _compare(row["expect"], actual)
    if family.connect is not None:
        complaints += _answers(row["expect"], data, family.connect())
    return complaints


def family_of(name: str) -> Family | None:
    """The family that judges these rows; None while there is none."""
    begins = (known for known in FAMILIES if name == known or name.startswith(known + "-"))
    found = max(begins, key=len, default=None)
    return None if found is None else FAMILIES[found]


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
            if not isinstance(wanted, dict) or not isinstance(each, dict):
                if wanted != each:
                    complaints.append(f"{at[:-1]}: expected {wanted!r}, got {each!r}")
            elif key == "events":
                complaints += compare(wanted, each, EVENT_KEYS, at)
            else:
                complaints += _compare(wanted, each, at)
    return complaints


EVENT_KEYS = frozenset({"code", "addr", "area", "user", "pi", "text", "state"})


def _answers(expect: Row, data: bytes, link: Connection) -> list[str]:
    """The byte that goes back: 06 for what is safe, 15 for what was not readable."""
    if expect.get("kind") in NOT_ANSWERED:
        return []
    frames = expect.get("frames") or [expect]
    incoming: list[Incoming] = link.receive(data, now=0.0)
    due = link.deadline()
    incoming += [] if due is None else link.on_deadline(now=due)
    complaints = []
    for index, each in enumerate(incoming):
        one = frames[index] if index < len(frames) else expect
        is_bad = one.get("kind") == "invalid" or one.get("vbyte_valid") is False
        wanted = b"\x15" if is_bad else b"\x06"
        link.answer(each, Verdict.DUH if isinstance(each, Rejected) else Verdict.ACK, utc=NOW)
        sent = link.data_to_send()[-1:]
        is_noise = isinstance(each, Rejected) and not each.envelope_sound
        if sent != (b"" if is_noise else wanted):
            complaints.append(f"answer: expected {wanted!r}, got {sent!r} to {each.raw!r}")
    return complaints


NOT_ANSWERED = ("ack", "nak", "command", "link-test-request")
"""What the computer says; nobody answers it on our side."""
