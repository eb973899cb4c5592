"""Limits that are wide in the product and narrow here, so that the paths beyond them are walked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from random import Random

from gateway.daemon import loop_watch
from gateway.forward import follow, outbox
from gateway.journal import writer
from hardware import link_context, point_link, session, tcp, udp

Knobs = Mapping[tuple[object, str], object]
HARDWARE = (link_context, point_link, session, tcp, udp)


def draw(dice: Random) -> Knobs:
    """Draw the values; now and then those of the product."""
    always: Knobs = {
        (module, "is_debug"): _never for module in HARDWARE if hasattr(module, "is_debug")
    } | {(loop_watch, "LOOK_EVERY_S"): 5.0}
    if dice.random() < 0.2:
        return always
    return {
        **always,
        (follow, "PAGE"): dice.choice((2, 5, 20)),
        (follow, "KEY_PAGE"): dice.choice((3, 10, 50)),
        (follow, "READY_MOST"): dice.choice((2, 5, 20)),
        (follow, "FRESH_MOST"): dice.choice((1, 3, 20)),
        (follow, "LOADED_MOST"): dice.choice((1, 3, 10)),
        (follow, "LOW"): dice.choice((1, 3)),
        (outbox, "AGED_MOST"): dice.choice((2, 1000)),
        (writer, "GROUP_EVENTS"): dice.choice((1, 3, 2048)),
    }


def _never() -> bool:
    """Say that frames are not logged: asking takes longer than answering them."""
    return False


@contextlib.contextmanager
def turned(knobs: Knobs) -> Iterator[None]:
    """Hold them there."""
    before = {(where, name): getattr(where, name) for where, name in knobs}
    for (where, name), value in knobs.items():
        setattr(where, name, value)
    try:
        yield
    finally:
        for (where, name), value in before.items():
            setattr(where, name, value)
