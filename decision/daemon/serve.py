"""Runs the core as a process: event loop, signals, service manager."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from decision.clock import Clock, WallClock
from decision.config import Config, ConfigError, load
from decision.daemon import systemd
from decision.daemon.daemon import Daemon
from decision.store import SqliteStore

UMASK: Final = 0o027  # what people said on the telephone is for the owner and the group
SECOND_SIGNAL_STATUS: Final = 130  # as a shell tells a program that ended by interrupt
_HEEDED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_log: Final = structlog.get_logger()


def run(config: Config, path: Path, *, clock: Clock | None = None) -> None:
    """Be the decision core until SIGTERM or SIGINT.

    Raises:
        DaemonError: It cannot start; the text says why and what to try.
    """
    os.umask(UMASK)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(config, path, clock or WallClock()))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Uvloop where it installs, the standard loop elsewhere."""
    try:
        import uvloop  # noqa: PLC0415  absent on some systems, where the standard loop serves
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


class _Signals:
    """What the service manager asks, from before the start to the end of the process."""

    def __init__(self, loop: asyncio.AbstractEventLoop, reload: Callable[[], object]) -> None:
        self._loop = loop
        self._reload = reload
        self._is_ready = False
        self._wants_reload = False
        self.ended = asyncio.Event()
        for number in _HEEDED:
            signal.signal(number, self._came)

    def ready(self) -> None:
        """From now on a reload can be done; do one that was asked before."""
        self._is_ready = True
        if self._wants_reload:
            self._reload()

    def ignore(self) -> None:
        """Everything is stopped: what comes now asks for what is done already."""
        for number in _HEEDED:
            signal.signal(number, signal.SIG_IGN)

    def _came(self, number: int, _frame: object) -> None:
        self._loop.call_soon_threadsafe(self._heed, number)

    def _heed(self, number: int) -> None:
        name = signal.Signals(number).name
        if number == signal.SIGHUP:
            if self._is_ready:
                self._reload()
            else:
                self._wants_reload = True
        elif self.ended.is_set():
            _log.warning("core.killed", signal=name)
            # Safe at any moment: what was confirmed is on disk, the lock ends with us.
            os._exit(SECOND_SIGNAL_STATUS)
        else:
            _log.info("core.stopping", signal=name)
            self.ended.set()


async def _serve(config: Config, path: Path, clock: Clock) -> None:
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(_reload(daemon, path))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    signals = _Signals(loop, reload)
    daemon = Daemon(config, SqliteStore(config.store.directory), clock)
    try:
        await daemon.start()
        systemd.notify("READY=1")
        signals.ready()
        watchdog = loop.create_task(_feed_watchdog())
        try:
            await signals.ended.wait()
        finally:
            systemd.notify("STOPPING=1")
            watchdog.cancel()
            await daemon.stop()
    finally:
        signals.ignore()


async def _reload(daemon: Daemon, path: Path) -> None:
    """Read the files again; a mistake keeps everything as it is and is told."""
    systemd.notify("RELOADING=1")
    try:
        await daemon.reload(await asyncio.to_thread(load, path))
    except ConfigError as error:
        _log.error("reload.refused", mistakes=[str(one) for one in error.mistakes])
    except Exception:  # noqa: BLE001  a task's edge: the old files stay
        _log.exception("reload.failed")
    finally:
        systemd.notify("READY=1")


async def _feed_watchdog() -> None:
    interval_s = systemd.watchdog_interval_s()
    while interval_s is not None:
        systemd.notify("WATCHDOG=1")
        await asyncio.sleep(interval_s)
