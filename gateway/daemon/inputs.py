"""Builds the ports and links of the configured inputs out of hardware and codecs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from gateway.accounts import Accounts
from gateway.config import Config, InputConfig
from gateway.daemon.world import World
from hardware.address import Address
from hardware.intake import Intake
from hardware.serial_link import SerialLink
from hardware.serial_port import SerialSettings
from hardware.sink import Origin, Sink
from hardware.tcp import TcpLimits, TcpListener
from hardware.tcp_client import TcpClientLink
from hardware.udp import UdpLimits, UdpListener
from protocols._core import Connection
from protocols.registry import PROTOCOLS

ANSWER_SHARE: Final = 0.8
"""Of the receiver's own ACK timeout: a bare ACK byte that comes later could be taken for the
answer to the next transmission, so that from here on silence is the better answer."""


class Port(Protocol):
    """A listener or link, once built."""

    @property
    def address(self) -> Address:
        """Where it listens or whom it calls."""
        ...

    @property
    def connections(self) -> int:
        """How many peers it holds now."""
        ...

    async def start(self) -> None:
        """Open it."""
        ...

    async def stop(self, *, grace_s: float) -> None:
        """Read no more, answer what was read, close."""
        ...


class KeyRing:
    """Gives the codecs of one input the keys of an account; follows a reload by itself."""

    __slots__ = ("_accounts", "_current", "_groups", "_lookups")

    def __init__(self, accounts: Callable[[], Accounts], groups: Sequence[str]) -> None:
        self._accounts = accounts
        self._groups = tuple(dict.fromkeys(groups))
        self._current: Accounts | None = None
        self._lookups: tuple[Callable[[str], Sequence[bytes]], ...] = ()

    def __call__(self, account: str) -> Sequence[bytes]:
        """The keys of an account, newest first; empty when it has none."""
        accounts = self._accounts()
        if accounts is not self._current:
            self._current = accounts
            self._lookups = tuple(accounts.keys(group) for group in self._groups)
        for lookup in self._lookups:
            if keys := lookup(account):
                return keys
        return ()


def build_ports(  # noqa: PLR0913  the composition root hands everything in
    config: Config,
    *,
    sink: Sink,
    world: World,
    accounts: Callable[[], Accounts],
    count: Callable[[str], None],
    idle_limit_s: Callable[[Origin], float] | None = None,
) -> dict[str, list[Port]]:
    """Make the ports of all inputs; nothing is opened yet. Input name -> its ports."""
    intake = Intake()
    made: dict[str, list[Port]] = {}
    for name, settings in config.inputs.items():
        builder = _Builder(name, settings, config, sink, world, accounts, count, intake)
        made[name] = builder.ports(idle_limit_s)
    return made


class _Builder:
    """Makes the ports of one input."""

    def __init__(  # noqa: PLR0913, PLR0917  private, called once
        self,
        name: str,
        settings: InputConfig,
        config: Config,
        sink: Sink,
        world: World,
        accounts: Callable[[], Accounts],
        count: Callable[[str], None],
        intake: Intake,
    ) -> None:
        self._name = name
        self._settings = settings
        self._config = config
        self._sink = sink
        self._world = world
        self._count = count
        self._intake = intake
        groups = [settings.group, *(span.group for span in settings.ranges)]
        self._keys = KeyRing(accounts, groups)

    def ports(self, idle_limit_s: Callable[[Origin], float] | None) -> list[Port]:
        settings, made = self._settings, list[Port]()
        if settings.tcp is not None:
            made.append(self._tcp(settings.tcp, idle_limit_s))
        if settings.udp is not None:
            made.append(self._udp(settings.udp))
        if settings.connect is not None:
            made.append(self._client(settings.connect))
        if settings.serial is not None:
            made.append(self._serial(settings.serial))
        return made

    def _connect(self, *, datagram: bool = False) -> Callable[[], Connection]:
        make = PROTOCOLS[self._settings.protocol].connect
        keys, pad = self._keys, self._world.pad
        options: Mapping[str, object] = self._settings.options
        return lambda: make(keys=keys, pad=pad, datagram=datagram, options=options)

    def _tcp(self, address: Address, idle_limit_s: Callable[[Origin], float] | None) -> TcpListener:
        limits, world = self._config.limits, self._world
        return TcpListener(
            self._name,
            address,
            connect=self._connect(),
            sink=self._sink,
            protocol=self._settings.protocol,
            clock=world.clock,
            timers=world.timers,
            network=world.network,
            count=self._count,
            limits=TcpLimits(
                connections=limits.connections,
                per_address=limits.per_address,
                first_frame_s=limits.first_frame_s,
                crowded_first_frame_s=limits.first_frame_busy_s,
                idle_s=limits.idle_s,
            ),
            intake=self._intake,
            idle_limit_s=idle_limit_s,
        )

    def _udp(self, address: Address) -> UdpListener:
        world = self._world
        return UdpListener(
            self._name,
            address,
            connect=self._connect(datagram=True),
            sink=self._sink,
            protocol=self._settings.protocol,
            clock=world.clock,
            timers=world.timers,
            network=world.network,
            count=self._count,
            limits=UdpLimits(refusals_per_s=max(1, int(self._config.limits.udp_replies_per_s))),
            intake=self._intake,
        )

    def _client(self, address: Address) -> TcpClientLink:
        world = self._world
        return TcpClientLink(
            self._name,
            address,
            connect=self._connect(),
            sink=self._sink,
            protocol=self._settings.protocol,
            clock=world.clock,
            timers=world.timers,
            network=world.network,
            count=self._count,
            random=world.random,
            intake=self._intake,
            answer_within_s=self._settings.ack_timeout_s * ANSWER_SHARE,
        )

    def _serial(self, url: str) -> SerialLink:
        settings, world = self._settings, self._world
        return SerialLink(
            self._name,
            url,
            SerialSettings(
                baud=settings.baud, bits=settings.bits, parity=settings.parity, stop=settings.stop
            ),
            connect=self._connect(),
            sink=self._sink,
            protocol=settings.protocol,
            clock=world.clock,
            timers=world.timers,
            ports=world.serial_ports,
            count=self._count,
            random=world.random,
            intake=self._intake,
            answer_within_s=settings.ack_timeout_s * ANSWER_SHARE,
        )
