"""A frame field by field, broken ones included: for the decode command and the corpus."""

from __future__ import annotations

from protocols._core import LinkTest
from protocols.ademco685.frame import FORMATS
from protocols.ademco685.session import ITI_GENERIC, NAME, TOKENS, Computer685
from protocols.receiver_link import Explanation
from protocols.receiver_link.explanation import kind_of
from protocols.receiver_link.telling import answered, explained


def explain(data: bytes, *, kind: str = "auto") -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data, kind=kind)[0]


def explain_all(data: bytes, *, kind: str = "auto") -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises.

    ``auto`` takes the first format in which all of it is readable, else 685.
    """
    if kind == "auto":
        for form in FORMATS:
            found = explain_all(data, kind=form)
            if all(one.kind not in ("noise", "invalid") for one in found):
                return found
        kind = FORMATS[0]
    if (answer := answered(NAME, data)) is not None:
        return [answer]
    side = Computer685(kind=kind)
    incoming = side.receive(data, now=0.0) + side.eof()
    declared = side.layouts.declared
    told = []
    for each in incoming:
        token = TOKENS[kind]
        if isinstance(each, LinkTest) and each.raw[1:] == b"00 OKAY @\r":
            token = ITI_GENERIC
        told.append(explained(NAME, each, declared, kind=kind_of(each), token=token))
    return told or [Explanation(raw=data, kind="noise", protocol=NAME)]
