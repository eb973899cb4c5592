"""The TCP client link: for receivers that listen themselves (Sur-Gard System 5, port 1025)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Final

from hardware.address import Address, spell
from hardware.clock import Clock, Timers
from hardware.intake import Intake
from hardware.network import Network
from hardware.point_link import LinkTools, PointLink
from hardware.session import Session
from hardware.sink import Sink
from protocols._core import Connection

LONGEST_RETRY_S: Final = 10.0
"""A receiver that is back waits no longer for us; it keeps its events meanwhile (ours)."""


class TcpClientLink(PointLink):
    """One connection that we make, and make again when it is lost.

    ``answer_within_s``: an answer that comes later becomes silence. Give it for protocols
    whose ACK is a bare byte, a little under the receiver's own timeout.
    """

    def __init__(  # noqa: PLR0913  (what it needs from outside comes in here)
        self,
        name: str,
        address: Address,
        *,
        connect: Callable[[], Connection],
        sink: Sink,
        protocol: str,
        clock: Clock,
        timers: Timers,
        network: Network,
        count: Callable[[str], None],
        random: Random,
        intake: Intake | None = None,
        answer_within_s: float | None = None,
    ) -> None:
        tools = LinkTools(
            connect=connect,
            sink=sink,
            protocol=protocol,
            clock=clock,
            timers=timers,
            count=count,
            random=random,
            intake=intake,
            answer_within_s=answer_within_s,
        )
        super().__init__(name, spell(*address), "tcp", tools, longest_retry_s=LONGEST_RETRY_S)
        self._far = address
        self._network = network
        self._opening: asyncio.Task[None] | None = None

    @property
    def address(self) -> Address:
        """Whom it connects to."""
        return self._far

    def _open(self, session: Session) -> None:
        self._opening = asyncio.get_running_loop().create_task(self._connect(session))

    def _give_up(self) -> None:
        if self._opening is not None:
            self._opening.cancel()

    def _opened_words(self) -> str:
        return f"connected to {self._peer}"

    async def _connect(self, session: Session) -> None:
        try:
            await self._network.connect(self._far, session)
        except OSError as error:
            reason = error.strerror or str(error)
            session.connection_lost(OSError(f"cannot connect to {self._peer}: {reason}"))
        except asyncio.CancelledError:
            session.connection_lost(None)
            raise
