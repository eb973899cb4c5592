"""The serial link: one receiver on one port, opened again by its path whenever it returns."""

from __future__ import annotations

from typing import Final

from hardware.link_tools import LinkTools
from hardware.point_link import PointLink
from hardware.serial_port import SerialHandle, SerialPorts, SerialSettings
from hardware.session import Session

LONGEST_RETRY_S: Final = 2.0
"""A port that returns is open again within 5 s (REL-31); trying costs one system call."""


class SerialLink(PointLink):
    """One port: a device path (better one that is stable, ``/dev/serial/by-id/...``),
    ``socket://host:port`` or ``rfc2217://host:port``.
    """  # noqa: D205  (the list of forms is the summary)

    def __init__(
        self, url: str, settings: SerialSettings, tools: LinkTools, *, ports: SerialPorts
    ) -> None:
        super().__init__(url, "serial", tools, longest_retry_s=LONGEST_RETRY_S)
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
