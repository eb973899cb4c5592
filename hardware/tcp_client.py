"""The TCP client link: for receivers that listen themselves (Sur-Gard System 5, port 1025)."""

from __future__ import annotations

import asyncio
from typing import Final

from hardware.address import Address, spell
from hardware.link_tools import LinkTools
from hardware.network import Network
from hardware.point_link import PointLink
from hardware.session import Session

LONGEST_RETRY_S: Final = 10.0
"""A receiver that is back waits no longer for us; it keeps its events meanwhile (ours)."""


class TcpClientLink(PointLink):
    """One connection that we make, and make again when it is lost."""

    def __init__(self, address: Address, tools: LinkTools, *, network: Network) -> None:
        super().__init__(spell(*address), "tcp", tools, longest_retry_s=LONGEST_RETRY_S)
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
