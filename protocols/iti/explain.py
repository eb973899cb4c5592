"""A frame field by field, broken ones included: for the decode command and the corpus."""

from __future__ import annotations

import msgspec

from protocols._core import Incoming
from protocols.iti.frame import OPENING
from protocols.iti.session import NAME, TOKENS, ItiComputer
from protocols.receiver_link import Explanation
from protocols.receiver_link.explanation import kind_of
from protocols.receiver_link.telling import answered, explained

_KINDS = {"test": "test", "log": "log-start"}


def explain(data: bytes, *, output: str = "auto") -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data, output=output)[0]


def explain_all(data: bytes, *, output: str = "auto") -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises."""
    if (answer := answered(NAME, data)) is not None:
        return [answer]
    if output == "auto":
        output = "computer" if OPENING in data else "generic"
    side = ItiComputer(output=output)
    incoming = side.receive(data, now=0.0) + side.eof()
    told = [_explained(each, side) for each in incoming]
    return told or [Explanation(raw=data, kind="noise", protocol=NAME)]


def _explained(incoming: Incoming, side: ItiComputer) -> Explanation:
    token = TOKENS[side.output]
    declared = side.layouts.declared
    told = explained(NAME, incoming, declared, kind=kind_of(incoming), token=token)
    kind = _KINDS.get(told.layout or "", told.kind) if told.kind != "invalid" else told.kind
    return msgspec.structs.replace(told, kind=kind)
