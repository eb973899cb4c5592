"""Everything that reaches out of the program, as interfaces, with the real ones beside them.

Whoever makes a daemon hands it a ``World``; a simulated one makes the same daemon run without
machine, network, disk or broker (REL-57).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Protocol

import msgspec
from aiomqtt import ProtocolVersion

from gateway.config import Config
from gateway.contract.address import BrokerAddress
from gateway.forward.mqtt import MqttTransport
from gateway.forward.ports import Transport
from gateway.journal.quarantine import Quarantine
from gateway.journal.sqlite_store import SqliteStore
from gateway.journal.store import Store
from gateway.journal.writer import Writer
from hardware.clock import Clock, LoopTimers, SystemClock, Timers
from hardware.clock_sync import is_kernel_synchronised
from hardware.local_socket import LocalSocket
from hardware.network import Network, RealNetwork
from hardware.serial_port import RealSerialPorts, SerialPorts
from protocols._core import Pad


class OpenStore(Protocol):
    """Makes the store of the journal; opens nothing yet."""

    def __call__(
        self, config: Config, *, boot_id: str, clock: Clock, corrupt: Callable[[int], None]
    ) -> Store:
        """``corrupt`` is told the numbers of damaged records."""
        ...


class OpenTransport(Protocol):
    """Makes the transport to the broker; connects nothing yet."""

    def __call__(self, config: Config, address: BrokerAddress) -> Transport:
        """Raise ValueError, in words, for an address or certificates that cannot be used."""
        ...


class ServedSocket(Protocol):
    """The control socket."""

    async def start(self) -> None:
        """Bind it; raises OSError, in words."""
        ...

    async def stop(self) -> None:
        """Close it."""
        ...


class OpenControl(Protocol):
    """Makes the control socket; binds nothing yet."""

    def __call__(
        self, path: Path, handle: Callable[[bytes, int], Awaitable[bytes]], *, max_line_bytes: int
    ) -> ServedSocket:
        """``handle`` answers a line, of the user with this id, with a line."""
        ...


def disk_of(directory: Path) -> tuple[int, int]:
    """Bytes that the journal takes, and that are free; what cannot be asked is 0."""
    used_bytes = free_bytes = 0
    # SQLite takes its log away when it reopens, and a disk may be gone: health is told even so.
    with contextlib.suppress(OSError):
        free_bytes = shutil.disk_usage(directory).free
    for one in directory.glob("journal.db*"):
        with contextlib.suppress(OSError):
            used_bytes += one.stat().st_size
    return used_bytes, free_bytes


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Clocks, dice, sockets, ports, the journal's store and the broker."""

    clock: Clock
    timers: Timers
    network: Network
    serial_ports: SerialPorts
    random: Random
    pad: Pad
    is_synchronised: Callable[[], bool | None] = lambda: None
    """What the kernel says of the wall clock; None: nothing."""
    open_store: OpenStore
    open_transport: OpenTransport
    writer: type[Writer] = Writer
    """Writes the journal off the loop."""
    quarantine: type[Quarantine] = Quarantine
    open_control: OpenControl = LocalSocket
    disk_of: Callable[[Path], tuple[int, int]] = disk_of
    """Bytes that the journal in a folder takes, and that are free."""


def sqlite_store(
    config: Config, *, boot_id: str, clock: Clock, corrupt: Callable[[int], None]
) -> Store:
    """See ``OpenStore``: SQLite in the configured folder."""
    return SqliteStore(
        config.journal.directory,
        boot_id=boot_id,
        utc_ms=clock.utc_ms,
        confirm_by=config.mqtt.confirm_by,
        corrupt=corrupt,
        reserve_bytes=config.journal.reserve_bytes,
    )


def mqtt_transport(config: Config, address: BrokerAddress) -> Transport:
    """See ``OpenTransport``: aiomqtt."""
    return MqttTransport(
        address,
        client_id=config.mqtt_client_id,
        allow_plain=config.mqtt.allow_plain,
        keepalive_s=config.mqtt.keepalive_s,
        # The embedded broker speaks 3.1.1 only and does not say so to whoever tries 5.
        version=ProtocolVersion.V311 if config.mqtt.is_embedded else None,
    )


def real_world() -> World:
    """The machine's clocks, sockets, ports, disk and dice; call it on the running loop."""
    loop = asyncio.get_running_loop()
    return World(
        clock=SystemClock(),
        timers=LoopTimers(),
        network=RealNetwork(loop),
        serial_ports=RealSerialPorts(loop),
        random=Random(),  # noqa: S311  jitter of reconnects, no secret
        pad=os.urandom,
        is_synchronised=is_kernel_synchronised,
        open_store=sqlite_store,
        open_transport=mqtt_transport,
    )
