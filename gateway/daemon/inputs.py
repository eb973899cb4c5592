"""Builds the ports and links of the configured inputs out of hardware and codecs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec.structs import replace

from gateway.accounts import Accounts
from gateway.config import Config, InputConfig
from gateway.daemon.world import World
from hardware.address import Address
from hardware.crowd import Crowd, CrowdLimits
from hardware.intake import Intake
from hardware.link_tools import LinkTools
from hardware.serial_link import SerialLink
from hardware.serial_port import SerialSettings
from hardware.sink import Sink
from hardware.tap import Tap
from hardware.tcp import TcpLimits, TcpListener
from hardware.tcp_client import TcpClientLink
from hardware.tls import TlsServer
from hardware.udp import UdpLimits, UdpListener
from protocols._core import Connection
from protocols.recognition import AUTO
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
    tls: Mapping[str, TlsServer],
    taps: Mapping[str, Tap],
) -> dict[str, list[Port]]:
    """Make the ports of all inputs; nothing is opened yet. Input name -> its ports."""
    intake = Intake(world.timers)
    limits = CrowdLimits(
        connections=config.limits.connections, per_address=config.limits.per_address
    )
    crowd = Crowd(limits, world.clock)
    made: dict[str, list[Port]] = {}
    for name, settings in config.inputs.items():
        builder = _Builder(
            name, settings, config, sink, world, accounts, count, intake, crowd, taps[name]
        )
        made[name] = builder.ports(tls.get(name))
    return made


def idle_limit_s(
    accounts: Callable[[], Accounts], group: str, longest_s: float
) -> Callable[[Sequence[str]], float]:
    """How long a connection may be silent, by the accounts that spoke on it (SEC-12).

    Twice the longest supervision interval among them; ``longest_s`` when nobody is supervised.
    """

    def limit_s(names: Sequence[str]) -> float:
        known = accounts()
        found = (known.lookup(group, name) for name in names)
        intervals = [one.rest.supervision_s for one in found if one is not None]
        supervised = [interval for interval in intervals if interval is not None]
        return 2.0 * max(supervised) if supervised else longest_s

    return limit_s


def _patience_s(protocol: str) -> float:
    """How late the answer of a protocol that was found out may leave."""
    found = PROTOCOLS.get(protocol)
    if found is None or found.names_answers:
        return math.inf
    return found.ack_timeout_s * ANSWER_SHARE


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
        crowd: Crowd,
        tap: Tap,
    ) -> None:
        self._crowd = crowd
        self._accounts = accounts
        self._settings = settings
        self._config = config
        self._world = world
        groups = [settings.group, *(span.group for span in settings.ranges)]
        self._keys = KeyRing(accounts, groups)
        protocol = settings.spoken
        patience_s, patience = protocol.ack_timeout_s, None
        if protocol.name == AUTO:
            patience = _patience_s
        if "ack_timeout_s" in settings.model_fields_set:
            patience_s, patience = settings.ack_timeout_s, None
        self._tools = LinkTools(
            name=name,
            protocol=settings.protocol,
            connect=self._connect(),
            sink=sink,
            clock=world.clock,
            timers=world.timers,
            random=world.random,
            count=count,
            intake=intake,
            tap=tap,
            answer_within_s=None if protocol.names_answers else patience_s * ANSWER_SHARE,
            patience=patience,
            finds_out=protocol.name == AUTO,
            speaks_first=protocol.speaks_first,
        )

    def ports(self, tls: TlsServer | None) -> list[Port]:
        settings, tools, world = self._settings, self._tools, self._world
        made = list[Port]()
        if settings.tcp is not None:
            made.append(self._tcp(settings.tcp))
        if settings.udp is not None:
            made.append(self._udp(settings.udp))
        if settings.tls is not None:
            made.append(self._tcp(settings.tls, tls))
        if settings.connect is not None:
            made.append(TcpClientLink(settings.connect, tools, network=world.network))
        if settings.serial is not None:
            line = SerialSettings(
                baud=settings.baud, bits=settings.bits, parity=settings.parity, stop=settings.stop
            )
            made.append(SerialLink(settings.serial, line, tools, ports=world.serial_ports))
        return made

    def _connect(self, *, datagram: bool = False) -> Callable[[], Connection]:
        make = self._settings.spoken.connect
        keys, pad = self._keys, self._world.pad
        options: Mapping[str, object] = self._settings.options
        return lambda: make(keys=keys, pad=pad, datagram=datagram, options=options)

    def _tcp(self, address: Address, tls: TlsServer | None = None) -> TcpListener:
        limits = self._config.limits
        return TcpListener(
            address,
            self._tools,
            network=self._world.network,
            limits=TcpLimits(
                first_frame_s=limits.first_frame_s,
                crowded_first_frame_s=limits.first_frame_busy_s,
                idle_s=limits.idle_s,
            ),
            crowd=self._crowd,
            idle_limit_s=idle_limit_s(self._accounts, self._settings.group, limits.idle_s),
            tls=tls,
        )

    def _udp(self, address: Address) -> UdpListener:
        return UdpListener(
            address,
            replace(self._tools, connect=self._connect(datagram=True)),
            network=self._world.network,
            known=self._crowd.known,
            limits=UdpLimits(refusals_per_s=max(1, int(self._config.limits.udp_replies_per_s))),
        )
