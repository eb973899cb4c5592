"""Frames for a program: everything the screen shows, under fixed names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from gateway.cli._decode.told import Answer, Field, Told, escaped
from gateway.normalise import Meaning


def frames(told: list[Told], fits: Sequence[str] = ()) -> dict[str, Any]:
    """Return one object with all frames; bytes as hex and as escaped text.

    ``fits`` are the protocols that read the bytes, where it was guessed.
    """
    return {
        "fits": list(fits),
        "decoded": all(one.status == "decoded" for one in told),
        "frames": [_frame(one) for one in told],
    }


def _frame(told: Told) -> dict[str, Any]:
    return {
        "protocol": told.protocol,
        "title": told.title,
        "status": told.status,
        **_bytes(told.raw),
        "account": told.account,
        "broken": None if told.broken is None else msgspec.to_builtins(told.broken),
        "fields": [_field(field) for field in told.fields],
        "decrypted": [_field(field) for field in told.inside],
        "says": [
            [{"sent": sent, "meaning": meaning} for sent, meaning in one.words] for one in told.says
        ],
        "quirks": [msgspec.to_builtins(quirk) for quirk in told.quirks],
        "notes": list(told.notes),
        "events": [_event(event) for event in told.events],
        "answer": None if told.answer is None else _answer(told.answer),
    }


def _bytes(raw: bytes) -> dict[str, str]:
    return {"hex": raw.hex(), "text": escaped(raw)}


def _field(field: Field) -> dict[str, Any]:
    shown = {"hex": "", "text": ""} if field.name == "pad" else _bytes(field.raw)
    return {
        "offset": field.offset,
        "length": len(field.raw),
        "name": field.name,
        **shown,
        "meaning": field.meaning,
        "rule": field.clause,
        "wrong": field.is_wrong,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "verdict": answer.verdict,
        "why": answer.why,
        **_bytes(answer.raw),
        "fields": [_field(field) for field in answer.fields],
    }


def _event(event: Meaning) -> dict[str, Any]:
    """Return the event under the names of the contract; ``of`` and ids come with the journal."""
    built: dict[str, Any] = msgspec.to_builtins(event)
    built["class"] = built.pop("class_")
    if event.follow_on is not None:
        kind, seconds = event.follow_on
        built["follow_on"] = {"kind": kind, "seconds": seconds, "of": None}
    return built
