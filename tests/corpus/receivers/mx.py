"""Frames of the MX8000's outputs, and what a computer may ask of it, in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import mx8000
from protocols.mx8000.meaning import SIA_AE, SYSTEM, WITH_MODEL
from protocols.receiver_link import Explanation

CALL_FIELDS = {
    "date": "date",
    "time": "time",
    "receiver": "receiver",
    "reference": "ref",
    "format": "format_id",
    "line": "line",
    "number": "caller_number",
    "name": "caller_name",
    "account": "account",
}


def frames(data: bytes) -> list[dict[str, Any]]:
    told = mx8000.explain_all(data)
    command = mx8000.parse_command(data)
    if command is not None and told[0].kind in ("command", "link-test-request"):
        return [asked(command)]
    return [fields(each) for each in told]


def asked(command: mx8000.Command) -> dict[str, Any]:
    if command.name == "link-test-request":
        return {"kind": command.name, "expected_reply": command.expected_reply}
    return {
        "kind": "command",
        "command": command.name,
        "receiver": command.receiver,
        "pin": command.pin,
        "vbyte": command.vbyte,
        "vbyte_valid": command.is_vbyte_right,
        "protocol": "ae8000",
    }


def fields(frame: Explanation) -> dict[str, Any]:
    """One frame."""
    is_right = frame.check_sent == frame.check_calculated
    told: dict[str, Any] = {
        "kind": frame.kind,
        "protocol": frame.token,
        "vbyte": frame.check_sent,
        "vbyte_valid": is_right,
        "vbyte_calculated": frame.check_calculated,
    }
    told |= {word: frame.value(name) for name, word in CALL_FIELDS.items()}
    if frame.layout == "system":
        code = frame.value("code").hex().upper()
        word = "model" if code in WITH_MODEL else "arg"
        argument = frame.value("argument") or None
        return told | {"system": code, word: argument, "meaning": SYSTEM.get(code)}
    if frame.token == "ae8000" and told["format_id"] == SIA_AE:
        told["format"] = "SIA"
    told["events"] = mx8000.texts(frame.value("events") or ())
    listen_in = frame.value("listen_in")
    if listen_in is not None:
        seconds = listen_in[1:]
        told |= {"listen_in_seconds": int(seconds)} if seconds else {"listen_in": True}
    if frame.value("more") is not None:
        told["more"] = True
    return told
