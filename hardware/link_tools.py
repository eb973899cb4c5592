"""What every port of an input needs from outside, whatever it runs over."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from hardware.clock import Clock, Timers
from hardware.intake import Intake
from hardware.sink import Sink
from hardware.tap import Tap
from protocols._core import Connection


class LinkTools(msgspec.Struct, frozen=True, kw_only=True):
    """Handed to each listener and link of one input; those of datagrams get another codec."""

    name: str
    """The input's name in the configuration."""
    protocol: str
    """Registry name of the protocol."""
    connect: Callable[[], Connection]
    """Makes a fresh codec."""
    sink: Sink
    clock: Clock
    timers: Timers
    random: Random
    """Jitter of retries."""
    count: Callable[[str], None]
    """Counts one of what happened, by name."""
    intake: Intake
    """The measure of what waits, one for all inputs."""
    tap: Tap = msgspec.field(default_factory=Tap)
    """Where a capture listens in."""
    answer_within_s: float | None = None
    """A later answer becomes silence; None for no limit. For links whose ACK is a bare byte:
    after the far end's timeout it would be taken for the ACK of another frame."""
    patience: Callable[[str], float] | None = None
    """``patience(protocol)``: the same limit by what the link was found to speak, where
    ``answer_within_s`` is the least of them all."""
    finds_out: bool = False
    """The codec finds out which protocol it hears, and has news of it (``hardware.finding``)."""
    speaks_first: bool = False
    """The codec has something to send as soon as a connection opens: a key, for instance."""
