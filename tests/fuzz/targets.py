"""What is thrown at what: the targets, the inputs to start from, and those that were kept.

A target takes bytes and returns; whatever it raises is a finding. ``sessions.py`` and
``parsers.py`` say what must hold whatever the bytes are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.fuzz import sessions
from tests.fuzz.parsers import PARSERS
from tests.support.dialects import DECLARED, DIALECTS

HERE: Final = Path(__file__).parent
KEPT: Final = HERE / "kept"

Target = Callable[[bytes], None]

_SESSIONS: Final[Mapping[str, Target]] = dict(sessions.targets())
TARGETS: Final[Mapping[str, Target]] = {**_SESSIONS, **PARSERS}

_OTHER_SEEDS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "confirms": (
        b'{"v":1,"consumer":"core","ids":["01JD0000000000000000000000"]}',
        b'{"v":1,"consumer":"core","up_to":"01JD0000000000000000000000"}',
    ),
    "control": (b'{"do": "ping"}', b'{"do": "republish", "from": "01JD"}'),
    "accounts-csv": (b"id,name,area_class\n1234,Shop,1\n", b"account;zone;name\n1;2;Door\n"),
    "commands": (b"!T0915\r", b"!K01\r", b'J01"1234"@\r', b"CST0915", b"\r"),
    "far-ends": (b"\x00\xff\x06", b"\x04\xff\x15\x15\x06", b"\x02\xff\n0000\t00010101[]\r"),
}
"""Of what no corpus has frames of."""


def seeds(name: str) -> Iterator[bytes]:
    """Real frames to start from, where there are any: of the corpora and of every dialect."""
    if name in _OTHER_SEEDS:
        yield from _OTHER_SEEDS[name]
    elif name == "declarations":
        for number in range(0, 0x10000, 0x10000 // 64):  # any of them, spread
            yield number.to_bytes(2) + DECLARED[number % len(DECLARED)].samples[0]
    else:
        head = bytes(sessions.HEAD_BYTES if name in _SESSIONS else 0)
        chooses = bytes(name.endswith("-options") or name == "explain")
        for frame in real_frames():
            yield chooses + head + frame


def real_frames() -> Iterator[bytes]:
    """Every frame of the corpora and one of every dialect."""
    for dialect in DIALECTS:
        yield dialect.frame
    for corpus in sorted((HERE.parent / "corpus").rglob("*.jsonl")):
        for line in corpus.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "frame_hex" in row:
                yield bytes.fromhex(row["frame_hex"])
            elif text := row.get("frame") or row.get("message"):
                yield text.encode("utf-8")


def kept(name: str) -> list[bytes]:
    """What earlier runs found worth keeping: one input a line, in hex."""
    path = KEPT / f"{name}.txt"
    if not path.exists():
        return []
    return [bytes.fromhex(line) for line in path.read_text(encoding="ascii").splitlines()]
