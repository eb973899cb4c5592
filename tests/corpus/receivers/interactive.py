"""Frames of ITI receivers in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import iti
from protocols._core import Report
from protocols.iti import meaning
from protocols.iti.layouts import layouts
from protocols.receiver_link import Explanation, PulseEvent
from tests.corpus.receivers.said import iti_digit

REPORT = {"D": "date", "T": "time", "N": "ref", "Z": "zone", "C": "condition", "S": "start"}
SUPERVISORY = {"D": "date", "T": "time", "V": "version_date", "L": "level"}


def frames(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in iti.explain_all(data)]


def fields(frame: Explanation) -> dict[str, Any]:
    """One frame."""
    told: dict[str, Any] = {
        "kind": frame.kind,
        "protocol": frame.token,
        "receiver": frame.receiver,
        "line": frame.line,
        "account": frame.account,
    }
    if frame.token == "iti-computer":
        told |= record(frame)
    elif isinstance(frame.incoming, Report) and isinstance(frame.parts[0], PulseEvent):
        part = frame.parts[0]
        told |= {
            "panel_attr": part.iti.attribute,
            "group": part.group,
            "user": part.iti.user,
            "user_int": iti_digit(part.iti.user),
            "zone": part.zone,
            "condition": part.event_code,
        }
    if told["line"] is not None and told["line"].isalpha():
        told["line_int"] = iti_digit(told["line"])
    return told


def record(frame: Explanation) -> dict[str, Any]:
    read = layouts("computer").recognisers[frame.layout].fullmatch(frame.raw)
    said = meaning.values(read)
    told: dict[str, Any] = {"system": said.get("I"), "checksum_verified": None}
    if frame.kind == "heartbeat":
        return told | {word: said.get(letter) for letter, word in SUPERVISORY.items()}
    panel = said.get("V")
    if panel is not None:
        told |= {"panel": panel[:1], "revision": panel[1:]}
    told |= {word: said.get(letter) for letter, word in REPORT.items()}
    return told | {"line": said.get("L"), "account": said.get("A")}
