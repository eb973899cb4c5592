"""SIA DC-03 data from parts: what simulated panels and receivers send."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from protocols._core import Part
from protocols.sia_dc03.data import parse_sia_dcs
from protocols.sia_dc03.message import SiaBlock, SiaEvent, SiaText

_UNSENDABLE: Final = re.compile(r"[|\[\]\r\n]")


def build_sia_dcs(account: str | None, parts: Sequence[Part], *, encoding: str = "utf-8") -> bytes:
    """Write ``#acct|block|block...``, one block for each part; texts as ``^text^``.

    The inverse of ``parse_sia_dcs``: what it reads back differs at most in ``raw``.

    Raises:
        ValueError: A part cannot be written so that it is read back as itself.
    """
    blocks = [_block(part).encode(encoding) for part in parts]
    for part, block in zip(parts, blocks, strict=True):
        _, back = parse_sia_dcs(block, encoding=encoding)
        if len(back) != 1 or _content(back[0]) != _content(part):
            message = f"{part!r} cannot be written as SIA data"
            raise ValueError(message)
    head = b"" if account is None else b"#" + account.encode("ascii")
    return b"|".join([head, *blocks])


def _block(part: Part) -> str:
    if isinstance(part, SiaEvent):
        texts = dict(part.modifiers)
        packets = [
            f"{pair}{value}" + _caret(texts.get(f"{pair}_text"))
            for pair, value in part.modifiers
            if not pair.endswith("_text")
        ]
        units = f"*{part.units}" if part.units else ""
        packets.append(f"{part.code}{part.address}{units}{_caret(part.text)}")
        return part.block + "/".join(packets).strip("/")
    if isinstance(part, SiaText):
        return "A" + part.text
    if isinstance(part, SiaBlock):
        return part.function + part.data
    message = f"{type(part).__name__} is no part of SIA data"
    raise ValueError(message)


def _caret(text: str | None) -> str:
    return "" if text is None else f"^{text}^"


def _content(part: Part) -> tuple[object, ...]:
    if isinstance(part, SiaEvent):
        return (part.block, part.code, part.address, part.modifiers, part.text, part.units)
    if isinstance(part, SiaText):
        return (part.text,)
    return (part.function, part.data) if isinstance(part, SiaBlock) else (part,)
