"""How a conversation reaches a desk: one narrow interface, several ways behind it.

Two one-way channels, as the trade's broker has them: ``send`` towards the desk, ``received`` as a
callback from it. A transport never decides anything; it says whether the bytes got there.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, TypeAlias

import msgspec

from decision.responders.messages import FromDesk, FromStation

Received: TypeAlias = Callable[[FromDesk], None]
"""Takes one message of the desk; called from the loop's thread. May be called twice for one."""


class Delivery(StrEnum):
    """What became of one message on its way out."""

    DELIVERED = "DELIVERED"
    """The desk's side has it. It may still be rejected."""
    PERSON = "PERSON"
    """A person has to read it out; the operator's console shows the script."""
    FAILED = "FAILED"
    """It did not get there; an operator dials at once."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one message, with the reason when it failed."""

    delivery: Delivery
    why: str = ""


class Transport(Protocol):
    """One way to one desk."""

    @property
    def name(self) -> str:
        """Which way, as recorded with the request (``phone``, ``http``)."""
        ...

    async def send(self, message: FromStation) -> Receipt:
        """Hand one message over. Never raises for a desk that does not answer: ``FAILED``."""
        ...

    async def run(self, received: Received) -> None:
        """Give what the desk says until cancelled."""
        ...
