"""PIMA's 38-byte frame in the form's words."""

from __future__ import annotations

from typing import Any

from protocols import pima
from protocols.receiver_link import Explanation


def frames(data: bytes) -> list[dict[str, Any]]:
    return [fields(each) for each in pima.explain_all(data)]


def fields(frame: Explanation) -> dict[str, Any]:
    return {
        "kind": frame.kind,
        "account": frame.account,
        "format": "pima-38",
        "object": frame.value("object"),
        "event": frame.value("event"),
        "checksum": frame.value("check"),
    }
