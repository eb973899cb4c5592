"""How much of what is heard does one variant read? A codec on trial, and its score."""

from __future__ import annotations

from collections.abc import Iterable

from protocols._core import Connection, Incoming, Keys, Pad, Rejected, Report, Unreadable
from protocols.recognition.variants import Variant


class Trial:
    """One codec that reads along.

    Attributes:
        sound_bytes: In frames that it reads.
        sound_count: How many frames those are.
        unended_bytes: In frames that it reads although their terminator is missing. Digits by
            chance look like those, so they count once a frame with its terminator has come.
        refused_bytes: In what it could not read.
        refused_before: How many of those came before its first sound frame.
        items: What it handed up and nobody took yet, each with the time.
        first: The first frame that it read; None before.
    """

    __slots__ = (
        "codec",
        "first",
        "heard_bytes",
        "items",
        "refused_before",
        "refused_bytes",
        "sound_bytes",
        "sound_count",
        "unended_bytes",
        "variant",
    )

    def __init__(self, variant: Variant, *, keys: Keys, pad: Pad) -> None:
        self.variant = variant
        self.codec: Connection = variant.connect(keys=keys, pad=pad)
        self.codec.data_to_send()  # whoever is on trial says nothing
        self.items: list[tuple[Incoming, float]] = []
        self.first: Incoming | None = None
        self.heard_bytes = self.sound_bytes = self.sound_count = 0
        self.refused_bytes = self.refused_before = self.unended_bytes = 0

    @property
    def may_reach(self) -> int:
        """Sound bytes, when all that it still holds turns out sound."""
        if self.codec.deadline() is None:
            return self.sound_bytes
        return max(self.sound_bytes, self.heard_bytes - self.refused_bytes)

    def feed(self, data: bytes, now: float) -> None:
        """Let it read."""
        self.heard_bytes += len(data)
        self._note(self.codec.receive(data, now=now), now)

    def tick(self, now: float) -> None:
        """Let it notice the time."""
        due = self.codec.deadline()
        if due is not None and due <= now:
            self._note(self.codec.on_deadline(now=now), now)

    def end(self, now: float) -> None:
        """Tell it that no more comes."""
        self._note(self.codec.eof(), now)

    def _note(self, incoming: Iterable[Incoming], now: float) -> None:
        for item in incoming:
            self.items.append((item, now))
            if not _is_sound(item, is_proven=self.variant.is_proven):
                self.refused_bytes += len(item.raw)
                continue
            if getattr(item.envelope, "terminator", "") is None and self.first is None:
                self.unended_bytes += len(item.raw)
                continue
            self.sound_bytes += len(item.raw) + self.unended_bytes
            self.sound_count += 1
            self.unended_bytes = 0
            if self.first is None:
                self.first = item
                self.refused_before = self.refused_bytes


def _is_sound(item: Incoming, *, is_proven: bool) -> bool:
    """Tell whether an item speaks for the family that read it."""
    if isinstance(item, Rejected):
        return is_proven and item.envelope_sound
    if isinstance(item, Report) and not is_proven:
        # An envelope that is kept although its data is not read fits half of all families.
        return not item.parts or not all(isinstance(part, Unreadable) for part in item.parts)
    return True
