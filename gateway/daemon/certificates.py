"""The certificates that we show to panels and to the broker: read, read again, watched (SEC-10)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.config import Config
from hardware.clock import Clock, Timer, Timers
from hardware.tls import (
    HandshakeThreads,
    TlsError,
    TlsIdentity,
    TlsServer,
    chain_of,
    read_identity,
)

if TYPE_CHECKING:  # it speaks for the daemon that owns it
    from gateway.daemon.daemon import Daemon

WARN_BEFORE: Final = timedelta(days=30)  # SEC-10
CHECK_EVERY_S: Final = 3_600.0
TELL_EVERY: Final = timedelta(days=1)  # one that nobody replaces is told again
_BROKER: Final = "mqtt"


class Found(NamedTuple):
    """Certificates as they stand in the files."""

    inputs: Mapping[str, TlsIdentity]
    broker_ends: datetime | None


class Certificates:
    """Our certificates, by the input that shows them; ``mqtt`` is the one for the broker.

    Attributes:
        servers: What the TLS listener of each input needs.
    """

    def __init__(
        self,
        daemon: Daemon,
        found: Found,
        clock: Clock,
        timers: Timers,
        *,
        call_soon: Callable[..., object],
    ) -> None:
        """``call_soon`` is the loop's ``call_soon_threadsafe``."""
        self.servers: dict[str, TlsServer] = {}
        self._daemon = daemon
        self._clock = clock
        self._timers = timers
        self._timer: Timer | None = None
        self._told: dict[str, datetime] = {}
        self._threads: HandshakeThreads | None = None
        if found.inputs:
            self._threads = HandshakeThreads(call_soon)
            for name, identity in found.inputs.items():
                self.servers[name] = TlsServer(identity, self._threads)
        self._broker_ends = found.broker_ends

    def start(self) -> None:
        """Look now, and every hour, for what will expire."""
        self._check()

    def stop(self) -> None:
        """Look no more; no handshake is computed from now on."""
        if self._timer is not None:
            self._timer.cancel()
        if self._threads is not None:
            self._threads.close()

    def replace(self, found: Found) -> None:
        """Use these for all new connections; those that stand keep theirs."""
        for name, identity in found.inputs.items():
            if name in self.servers:  # a new input is opened by a restart only
                self.servers[name].identity = identity
        self._broker_ends = found.broker_ends
        self._told.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._check()

    def _check(self) -> None:
        self._timer = self._timers.call_later(CHECK_EVERY_S, self._check)
        now = self._clock.utc()
        for name, server in self.servers.items():
            self._look(name, f"of input {name}", server.identity.expires_at, now)
        if self._broker_ends is not None:
            self._look(_BROKER, "for the broker", self._broker_ends, now)

    def _look(self, name: str, whose: str, expires_at: datetime, now: datetime) -> None:
        part = f"certificate:{name}"
        left = expires_at - now
        if left > WARN_BEFORE:
            self._daemon.health.restore(part)
            return
        day = expires_at.date().isoformat()
        if left > timedelta():
            code, words = "certificate_expiring", f"ends in {left.days} days, on {day}"
        else:
            code, words = "certificate_expired", f"ended on {day}"
        text = f"the certificate {whose} {words}"
        self._daemon.health.degrade(part, text)
        told = self._told.get(name)
        if told is None or now - told >= TELL_EVERY:
            self._told[name] = now
            self._daemon.say(code, "communication", text, kind="trouble")


def read(config: Config) -> Found:
    """Read the certificates that are configured; reads files, so not on a running loop.

    Raises:
        TlsError: One of an input cannot be used.
    """
    inputs = {
        name: read_identity(one.tls_files())
        for name, one in config.inputs.items()
        if one.tls is not None
    }
    ends: datetime | None = None
    if config.mqtt.cert_file is not None:
        with contextlib.suppress(TlsError):  # whoever connects with it says so in words
            ends = min(one.not_valid_after_utc for one in chain_of(config.mqtt.cert_file))
    return Found(inputs, ends)
