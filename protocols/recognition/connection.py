"""A connection that finds out which family it hears, and then is a connection of that family.

Until then it says nothing: what is not known cannot be acknowledged. What it heard meanwhile
is handed up by the codec that turns out to be right, which has read it all along, so nothing is
lost. Where several families read the same frames, the default is spoken and the others go on
reading along, until a frame comes that tells them apart.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from protocols._core import (
    Connection,
    Incoming,
    Keys,
    Pad,
    ProtocolError,
    Rejected,
    Verdict,
)
from protocols.recognition.choice import LEAST_BYTES, choose
from protocols.recognition.trial import Trial
from protocols.recognition.variants import VARIANTS
from protocols.registry import PROTOCOLS

NAME: Final = "auto"
CLAUSE: Final = "auto"

QUIET_S: Final = 0.3
"""Nothing came for so long: it is decided by what there is. A little more than a whole frame
without terminator is held (``receiver_link``), far less than any far end waits for its answer."""

GIVE_UP_S: Final = 1.2
"""So long after the last byte nobody holds the beginning of a frame any more (ours)."""

HELD_BYTES: Final = 4_096
"""More than two of the longest frames; beyond, what nobody reads is handed up as it is."""

EAGER_BYTES: Final = 256
"""So many are looked at as they come; what nobody could read of these is read on in pieces of the
same size, or when it is quiet. Every codec looks at what it holds again with each byte: whoever
drips noise would else buy much work with little (SEC-12; ours)."""

PATIENCE_SHARE: Final = 0.8
"""Of the family's patience: an answer to a frame held longer might be taken for another's."""

_SHOWN_BYTES: Final = 24


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a link was found to speak."""

    family: str
    """Registry name."""
    form: str
    """Width of the header, output, check value ... in words; empty where there is one only."""
    fits: tuple[str, ...]
    """All families that read the frames heard so far."""

    @property
    def words(self) -> str:
        """For the log and the operator."""
        form = f" ({self.form})" if self.form else ""
        others = [name for name in self.fits if name != self.family]
        if not others:
            return f"hears {self.family}{form}"
        return (
            f"hears {self.family}{form}; {' and '.join(others)} would read these frames too: if "
            f"it is {'that' if len(others) == 1 else 'one of those'}, set the protocol"
        )


class Recognition:
    """See the module's first lines; the face is ``protocols._core.Connection``."""

    def __init__(self, *, link: str, default: str, keys: Keys, pad: Pad) -> None:
        """Listen for all families.

        Args:
            link: ``panel`` or ``receiver``: of which kind the family must be.
            default: Family to speak where several fit.
            keys: See ``Connection``.
            pad: See ``Connection``.
        """
        self._link, self._default = link, default
        self._keys, self._pad = keys, pad
        self._answering: dict[str, Connection] = {}
        self._late: list[Incoming] = []
        self._news: Found | None = None
        self._begin()

    def _begin(self) -> None:
        self._trials = [Trial(one, keys=self._keys, pad=self._pad) for one in VARIANTS]
        self._chosen: Trial | None = None
        self._held = self._unread = b""
        self._heard_at = 0.0
        self._wait_s: float | None = None

    @property
    def family(self) -> str | None:
        """What is spoken; None while that is not known."""
        return None if self._chosen is None else self._chosen.variant.family

    def news(self) -> Found | None:
        """Hand out what was found, and forget it; None for nothing new."""
        news, self._news = self._news, None
        return news

    # -- as ``protocols._core.Connection`` has it ----------------------------------------

    def receive(self, data: bytes, *, now: float) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        chosen, trials = self._chosen, self._trials
        if chosen is not None and len(trials) == 1:
            return chosen.codec.receive(data, now=now)
        self._heard_at = now
        if chosen is None:
            self._held += data
            self._unread += data
            if len(self._held) > EAGER_BYTES and len(self._unread) < EAGER_BYTES:
                self._wait_s = QUIET_S
                return []
            data, self._unread = self._unread, b""
        for one in trials:
            one.tick(now)
            one.feed(data, now)
        return self._judge(now)

    def on_deadline(self, *, now: float) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        chosen, trials = self._chosen, self._trials
        if chosen is not None and len(trials) == 1:
            return chosen.codec.on_deadline(now=now)
        data, self._unread = self._unread, b""
        for one in trials:
            if data:
                one.feed(data, now)
            one.tick(now)
        return self._judge(now)

    def deadline(self) -> float | None:
        """See ``protocols._core.Connection``."""
        chosen, trials = self._chosen, self._trials
        if chosen is not None and len(trials) == 1:
            return chosen.codec.deadline()
        dues = [due for one in trials if (due := one.codec.deadline()) is not None]
        if self._wait_s is not None:
            dues.append(self._heard_at + self._wait_s)
        return min(dues, default=None)

    def eof(self) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        if self._chosen is not None:
            incoming = self._chosen.codec.eof()
            for codec in self._answering.values():
                codec.eof()
        else:
            for one in self._trials:
                one.feed(self._unread, self._heard_at)
                one.end(self._heard_at)
            incoming = self._decide(self._heard_at, is_quiet=True) or self._given_up(is_last=True)
        self._answering.clear()
        self._late.clear()
        self._begin()
        return incoming

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        """See ``protocols._core.Connection``; what was read before the family was known too."""
        codec = self._answering.get(to.protocol)
        if codec is None:
            return  # nobody's: bytes that no family read
        if self._late and any(one is to for one in self._late):
            self._late = [one for one in self._late if one is not to]
            verdict = Verdict.SILENCE
        codec.answer(to, verdict, utc=utc)

    def data_to_send(self) -> bytes:
        """See ``protocols._core.Connection``."""
        return b"".join([codec.data_to_send() for codec in self._answering.values()])

    # -- inside --------------------------------------------------------------------------

    def _judge(self, now: float) -> list[Incoming]:
        if self._chosen is not None:
            return self._follow(now)
        # Compared as ``deadline`` has told them: a difference may round to just below.
        is_quiet = now >= self._heard_at + QUIET_S
        incoming = self._decide(now, is_quiet=is_quiet)
        if self._chosen is not None:
            return incoming
        self._wait_s = None
        if now >= self._heard_at + GIVE_UP_S or len(self._held) > HELD_BYTES:
            return self._given_up()
        if self._held:
            self._wait_s = GIVE_UP_S if is_quiet else QUIET_S
        return []

    def _decide(self, now: float, *, is_quiet: bool) -> list[Incoming]:
        choice = choose(self._trials, link=self._link, default=self._default, is_quiet=is_quiet)
        if choice.chosen is None:
            return []
        chosen, fits = choice.chosen, choice.fits
        self._trials = [
            one
            for one in self._trials
            if one is chosen
            or (one.variant.family in fits and one.sound_bytes == chosen.sound_bytes)
        ]
        return self._speak(chosen, fits, now)

    def _speak(self, chosen: Trial, fits: tuple[str, ...], now: float) -> list[Incoming]:
        family = chosen.variant.family
        self._chosen = chosen
        self._held = b""
        self._wait_s = None
        self._answering[family] = chosen.codec
        self._news = Found(family=family, form=_form(chosen), fits=fits)
        info = PROTOCOLS[family]
        if not info.names_answers:
            longest_s = info.ack_timeout_s * PATIENCE_SHARE
            self._late += [item for item, at in chosen.items if now - at > longest_s]
        return self._taken()

    def _taken(self) -> list[Incoming]:
        """Hand up what the chosen one read; what the others made of the same bytes is dropped."""
        chosen = self._chosen
        incoming = [] if chosen is None else [item for item, _ in chosen.items]
        for one in self._trials:
            one.items.clear()
        return incoming

    def _follow(self, now: float) -> list[Incoming]:
        """Go on where several fitted: drop who fell behind, change to who went ahead."""
        chosen = self._chosen
        if chosen is None:
            return []
        ahead = max(self._trials, key=lambda one: one.sound_bytes)
        if ahead.sound_bytes - chosen.sound_bytes >= LEAST_BYTES and not chosen.codec.deadline():
            self._trials = [one for one in self._trials if one.sound_bytes == ahead.sound_bytes]
            fits = tuple(dict.fromkeys(one.variant.family for one in self._trials))
            return self._speak(ahead, fits, now)
        self._trials = [
            one
            for one in self._trials
            if one is chosen or chosen.sound_bytes - one.may_reach < LEAST_BYTES
        ]
        return self._taken()

    def _given_up(self, *, is_last: bool = False) -> list[Incoming]:
        """Hand up what nobody reads, as it is, and listen afresh."""
        raw = self._held
        choice = choose(self._trials, link=self._link, default=self._default, is_quiet=True)
        has_hope = choice.foreign is None and any(one.sound_count for one in self._trials)
        if not raw or (has_hope and len(raw) <= HELD_BYTES and not is_last):
            return []  # one frame within noise: its copy will tell
        self._begin()
        return [_unrecognised(raw, self._link, choice.foreign)]


def _unrecognised(raw: bytes, link: str, foreign: str | None) -> Rejected:
    seen = raw[:_SHOWN_BYTES].hex(" ")
    if foreign is None:
        reason = f"{seen} seen; expected frames of a family for a {link}"
    else:
        reason = f"{seen} seen, {foreign}; expected a family for a {link}, which it is not"
    error = ProtocolError(reason, raw=raw, offset=0, clause=CLAUSE)
    return Rejected(protocol=NAME, raw=raw, reason="unrecognised", error=error, foreign=foreign)


def _form(chosen: Trial) -> str:
    """Say which form of the family it is, as far as its first frame tells."""
    first, variant = chosen.first, chosen.variant
    if variant.family in ("surgard", "mcdi") and first is not None:
        line = getattr(first, "line", None)
        return f"header RR{'L' * len(line)}" if line else ""
    if variant.family == "dc09" and first is not None:
        is_binary = "binary_crc" in getattr(first, "quirks", ())
        return "check value in two raw bytes" if is_binary else "check value in hex"
    return variant.words
