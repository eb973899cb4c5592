"""The serial link: one receiver on one port, opened again by its path whenever it returns."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from hardware.clock import Clock, Timers
from hardware.intake import Intake
from hardware.point_link import LinkTools, PointLink
from hardware.serial_port import SerialHandle, SerialPorts, SerialSettings
from hardware.session import Session
from hardware.sink import Sink
from protocols._core import Connection

LONGEST_RETRY_S: Final = 2.0
"""A port that returns is open again within 5 s (REL-31); trying costs one system call."""


class SerialLink(PointLink):
    """One port: a device path (better one that is stable, ``/dev/serial/by-id/...``),
    ``socket://host:port`` or ``rfc2217://host:port``.

    ``answer_within_s``: an answer that comes later becomes silence. Give it for protocols
    whose ACK is a bare byte, a little under the receiver's own timeout.
    """  # noqa: D205  (the list of forms is the summary)

    def __init__(  # noqa: PLR0913  (what it needs from outside comes in here)
        self,
        name: str,
        url: str,
        settings: SerialSettings,
        *,
        connect: Callable[[], Connection],
        sink: Sink,
        protocol: str,
        clock: Clock,
        timers: Timers,
        ports: SerialPorts,
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
        super().__init__(name, url, "serial", tools, longest_retry_s=LONGEST_RETRY_S)
        self._settings = settings
        self._ports = ports
        self._handle: SerialHandle | None = None

    def _open(self, session: Session) -> None:
        self._handle = self._ports.open(self._peer, self._settings, session)

    def _give_up(self) -> None:
        if self._handle is not None:
            self._handle.close()

    def _opened_words(self) -> str:
        return f"{self._peer} is open at {self._settings}"
