"""Who of those on trial is speaking? The rule that decides, without state of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from protocols.recognition.trial import Trial

LEAST_BYTES: Final = 8
"""Fewer sound bytes prove nothing: the shortest frames (an ``@``, a block of three) are soon
found in noise. The shortest report of any family has 8 (ours)."""


class Choice(msgspec.Struct, frozen=True):
    """Who fits, and who of them it is taken to be."""

    chosen: Trial | None
    """None: nobody yet, or nobody of this kind of link."""
    fits: tuple[str, ...] = ()
    """The families that read most, the chosen one's among them."""
    foreign: str | None = None
    """The family that it is, when that is of the other kind of link."""


NOBODY: Final = Choice(None)


def choose(trials: Sequence[Trial], *, link: str, default: str, is_quiet: bool) -> Choice:
    """Choose among trials that all heard the same bytes.

    Args:
        trials: In order of preference.
        link: ``panel`` or ``receiver``: who is trusted to be at the other end. Bytes never
            change that, so a family of the other kind is named and not spoken.
        default: Family that is kept where several fit.
        is_quiet: Nothing came for a while: whoever still holds bytes is not waited for.
    """
    most = max((one.sound_bytes for one in trials), default=0)
    if most < LEAST_BYTES:
        return NOBODY
    is_settled = is_quiet or any(_is_all_read(one) for one in trials)
    # Else the beginning of a longer frame may be a whole one of another family.
    if not is_settled and any(one.may_reach >= most for one in trials if one.sound_bytes < most):
        return NOBODY
    best = [one for one in trials if one.sound_bytes == most and not _is_chance(one)]
    if not best:
        return NOBODY
    own = [one for one in best if one.variant.link == link]
    other = [one for one in best if one.variant.link != link]
    # Every panel family proves its frames (CRC, parity, a literal); where a receiver's reads
    # the same bytes as well it is because it proves nothing.
    if not own or (link == "receiver" and other):
        return Choice(None, foreign=other[0].variant.family)
    fits = tuple(dict.fromkeys(one.variant.family for one in own))
    chosen = next((one for one in own if one.variant.family == default), own[0])
    return Choice(chosen, fits)


def _is_chance(one: Trial) -> bool:
    """Tell whether noise may have made what it reads: more was refused than was read.

    Noise before the first frame is forgiven once a second one has come.
    """
    refused = one.refused_bytes
    if one.sound_count > 1:
        refused -= one.refused_before
    return refused > one.sound_bytes


def _is_all_read(one: Trial) -> bool:
    """Tell whether it read every byte, to the end of a frame: nothing stands open."""
    return one.sound_bytes == one.heard_bytes and one.codec.deadline() is None
