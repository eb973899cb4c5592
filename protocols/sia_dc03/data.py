"""SIA DC-03 data as text, the content of DC-09 ``SIA-DCS`` and of Sur-Gard ids 0 and S.

``#acct|Nri1/BA001|Atext``: blocks between bars; an N or O block holds modifiers and events.
What cannot be read becomes an ``Unreadable`` beside what can; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from protocols._core import Part, Unreadable
from protocols._core.remembered import Remembered
from protocols.sia_dc03 import tokens
from protocols.sia_dc03.message import SiaBlock, SiaEvent, SiaText

FORMAT: Final = "sia-dc03"

EVENT_BLOCKS: Final = frozenset(b"NO")
OTHER_BLOCKS: Final = frozenset(b"0123456789&?@CEILPVvX")
"""Function characters of DC-03 that carry no event; their blocks are kept raw."""

_Modifiers = dict[str, str]


def text_encoding(data: bytes) -> str:
    """Name the code page of a text: UTF-8 when it is valid, else Windows-1252, else Latin-1."""
    if data.isascii():
        return "ascii"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def parse_sia_dcs(
    data: bytes, *, encoding: str | None = None
) -> tuple[str | None, tuple[Part, ...]]:
    """Read what stands between the brackets, ``#acct|`` included.

    ``encoding`` is the code page of the texts where the carrier found it over a larger
    body; without it the data alone decides. Returns the (first) account inside the data,
    None without ``#``, and the parts in order. Never raises on what a peer sent.
    """
    simple = tokens.SIMPLE.fullmatch(data)
    if simple is not None:
        acct, raw, block, area, code, address = simple.groups()
        account = acct.decode()
        return account, (
            SiaEvent(
                raw=raw,
                block=block.decode(),
                code=code.decode(),
                address=address.decode() if address else "",
                modifiers=() if area is None else (("ri", area.decode()),),
                account=account,
            ),
        )
    if encoding is None:
        encoding = text_encoding(data)
    first: str | None = None
    in_force: str | None = None
    parts: list[Part] = []
    for block in data.split(b"|"):
        if block.startswith(b"#"):
            in_force = block[1:].decode(encoding, "replace")
            first = in_force if first is None else first
        elif block:
            parts.extend(_block(block, encoding, in_force))
    return first, tuple(parts)


def parse_ascii_blocks(blocks: bytes, account: str | None) -> tuple[Part, ...]:
    """Read plain text of ``account`` that names no other one: the data behind ``#acct|``.

    Says the same as ``parse_sia_dcs``, from memory where it was read before.
    """
    makers = _MAKERS[blocks]
    if len(makers) == 1:
        return (makers[0](account),)
    return tuple([make(account) for make in makers])


def _makers(blocks: bytes) -> tuple[Callable[[str | None], Part], ...]:
    """Read blocks once for all accounts: each part lacks its account alone."""
    return tuple(map(_maker, parse_sia_dcs(blocks, encoding="ascii")[1]))


def _maker(part: Part) -> Callable[[str | None], Part]:
    if isinstance(part, SiaEvent):
        return partial(SiaEvent, *[getattr(part, name) for name in SiaEvent.__struct_fields__[:-1]])
    return lambda _account: part


_MAKERS: Final = Remembered(_makers)


def _block(block: bytes, encoding: str, account: str | None) -> list[Part]:
    function = block[0]
    if function in EVENT_BLOCKS:
        return _EventBlock(block, encoding, account).read()
    text = block[1:].decode(encoding, "replace")
    if function == ord("A"):
        return [SiaText(raw=block, text=text)]
    if function in OTHER_BLOCKS and (len(block) == 1 or function not in b"0123456789"):
        return [SiaBlock(raw=block, function=chr(function), data=text)]
    return [_unreadable(block, "a block that starts with a DC-03 function character")]


def _unreadable(raw: bytes, expected: str) -> Unreadable:
    seen = raw[:40].decode("latin-1")
    return Unreadable(raw=raw, format=FORMAT, reason=f"{seen!r} seen; expected {expected}")


class _Draft:
    """An event while its block is being read."""

    __slots__ = ("after", "end", "fields", "in_force", "start")

    def __init__(self, start: int, end: int, in_force: _Modifiers, fields: dict[str, str]) -> None:
        self.start = start
        self.end = end
        self.in_force = in_force
        self.fields = fields
        self.after: _Modifiers = {}


class _EventBlock:
    """Reads one N or O block: modifiers reach forward, the last ones may trail (6.2)."""

    def __init__(self, block: bytes, encoding: str, account: str | None) -> None:
        self._block = block
        self._encoding = encoding
        self._account = account
        self._forward: _Modifiers = {}
        self._leading: _Modifiers = {}
        self._drafts: list[_Draft] = []
        self._parts: list[_Draft | Part] = []

    def read(self) -> list[Part]:
        rest = self._packets()
        if not self._drafts:
            if rest < len(self._block):
                return [_unreadable(self._block, "modifiers and an event code")]
            return [self._modifiers_alone()]
        last = self._drafts[-1]
        last.in_force |= last.after  # no event came after them: they belong to the last one
        last.end = rest if not self._texts_follow(last) else last.end
        parts = [self._event(part) if isinstance(part, _Draft) else part for part in self._parts]
        if rest < len(self._block):
            parts.append(_unreadable(self._block[rest:], "a modifier or an event code"))
        return parts

    def _texts_follow(self, last: _Draft) -> bool:
        return self._parts[-1] is not last

    def _packets(self) -> int:
        """Read packets until the end or until something is none; return where that is."""
        block = self._block
        at = 1
        while at < len(block):
            start = at
            while at < len(block) and block[at] in b"/ ":
                at += 1
            if at == len(block):
                return at
            end = self._packet(start, at)
            if end == at:
                return start
            at = end
        return at

    def _packet(self, start: int, at: int) -> int:
        block = self._block
        modifier = tokens.MODIFIER.match(block, at)
        if modifier is not None:
            self._take_modifier(modifier[1], modifier[2], modifier[3])
            return modifier.end()
        event = tokens.EVENT.match(block, at)
        may_be_text = block[at] == ord("A") and block[at - 1] == ord("/") and self._drafts
        if event is not None and not (may_be_text and not self._is_whole(event.end())):
            self._take_event(start, event.end(), [event[group] for group in range(1, 8)])
            return event.end()
        text = tokens.TEXT_PACKET.match(block, at) if may_be_text else None
        if text is not None:
            raw = text[0]
            self._parts.append(SiaText(raw=raw, text=self._decode(text[1])))
            return text.end()
        return at

    def _is_whole(self, end: int) -> bool:
        return end == len(self._block) or self._block[end] == ord("/")

    def _take_modifier(self, pair: bytes, value: bytes, text: bytes | None) -> None:
        name = pair.decode().lower()
        targets = [self._forward]
        targets.append(self._drafts[-1].after if self._drafts else self._leading)
        for modifiers in targets:
            modifiers.pop(name, None)
            modifiers.pop(f"{name}_text", None)
            modifiers[name] = value.decode()
            if text is not None:
                modifiers[f"{name}_text"] = self._decode(text)

    def _take_event(self, start: int, end: int, groups: list[bytes | None]) -> None:
        code, address, units, *texts = groups
        fields = {"code": (code or b"").decode(), "address": (address or b"").decode()}
        if units:
            fields["units"] = units.decode()
        for text in texts:
            if text is not None:
                fields["text"] = self._decode(text)
        begin = 0 if not self._drafts else start
        draft = _Draft(begin, end, dict(self._forward), fields)
        self._drafts.append(draft)
        self._parts.append(draft)

    def _event(self, draft: _Draft) -> SiaEvent:
        trailing: tuple[tuple[str, str], ...] | None = None
        if len(self._drafts) > 1:
            own = {**self._leading, **draft.after}
            trailing = None if own == draft.in_force else tuple(own.items())
        return SiaEvent(
            raw=self._block[draft.start : draft.end],
            block=chr(self._block[0]),
            modifiers=tuple(draft.in_force.items()),
            account=self._account,
            trailing=trailing,
            code=draft.fields["code"],
            address=draft.fields["address"],
            units=draft.fields.get("units", ""),
            text=draft.fields.get("text"),
        )

    def _modifiers_alone(self) -> SiaEvent:
        return SiaEvent(
            raw=self._block,
            block=chr(self._block[0]),
            code="",
            modifiers=tuple(self._forward.items()),
            account=self._account,
        )

    def _decode(self, text: bytes) -> str:
        return text.decode(self._encoding, "replace")
