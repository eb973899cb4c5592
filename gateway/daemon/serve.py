"""Runs a daemon as a process: event loop, signals, service manager."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from gateway.config import Config, ConfigError, load
from gateway.contract.event import User
from gateway.daemon.actors import signalled
from gateway.daemon.daemon import Daemon
from gateway.daemon.world import real_world
from hardware import systemd
from hardware.core_dumps import forbid_core_dumps

SWITCH_INTERVAL_S: Final = 0.0001
"""How long the journal's thread waits for a busy event loop to hand over the interpreter lock.

The standard 5 ms is longer than the flush it follows: every group of 500 panels would wait twice
for it. Measured at 500 panels: 7,700 durable events/s with 5 ms, 11,400 with 0.5 or 0.1 ms.
"""
UMASK: Final = 0o027  # alarms and raw frames are for the owner and the group, nobody else
YOUNG_OBJECTS: Final = 20_000
"""New objects before the collector looks for cycles among them.

The reports of 500 panels that wait for one flush are 5,000 objects, none of them in a cycle: with
the standard 700 the collector runs several times per flush and finds nothing.
"""
SECOND_SIGNAL_STATUS: Final = 130  # as a shell tells a program that ended by interrupt
_HEEDED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_T = TypeVar("_T")
_log = structlog.get_logger()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Uvloop where it installs, the standard loop elsewhere."""
    try:
        import uvloop  # noqa: PLC0415  absent on some systems, where the standard loop serves
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def run_on_loop(main: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine on the loop that serves best here."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(main)


def run(config: Config, path: Path) -> None:
    """Be the gateway until SIGTERM or SIGINT.

    Raises:
        DaemonError: It cannot start; the text says why and what to try.
    """
    os.umask(UMASK)
    forbid_core_dumps()
    # The service manager ends a gateway that stands still with SIGABRT: then its log says where.
    faulthandler.enable()
    run_on_loop(_serve(config, path))


class _Signals:
    """What the service manager asks, from before the start to the end of the process.

    These are plain handlers of the process and not the loop's own: the loop takes its own away
    when it closes, and a SIGTERM in the moments that are left would end us with -15.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, reload: Callable[[], object]) -> None:
        """``reload`` is called on the loop, once ``ready`` was."""
        self._loop = loop
        self._reload = reload
        self._is_ready = False
        self._wants_reload = False
        self._is_over = False
        self.ended = asyncio.Event()
        self.name = ""
        """Of the signal that ended us."""
        for number in _HEEDED:
            signal.signal(number, self._came)

    def ready(self) -> None:
        """From now on a reload can be done; do one that was asked before."""
        self._is_ready = True
        if self._wants_reload:
            self._reload()

    def ignore(self) -> None:
        """Everything is stopped: what comes now asks for what is done already.

        The interpreter gives every handler but this one back to the system when it ends.
        """
        self._is_over = True
        for number in _HEEDED:
            signal.signal(number, signal.SIG_IGN)

    def _came(self, number: int, _frame: object) -> None:
        self._loop.call_soon_threadsafe(self._heed, number)

    def _heed(self, number: int) -> None:
        name = signal.Signals(number).name
        if self._is_over:
            return
        if number == signal.SIGHUP:
            if self._is_ready:
                self._reload()
            else:
                self._wants_reload = True
        elif self.ended.is_set():
            _log.warning("gateway.killed", signal=name)
            # Safe at any moment: what was acknowledged is on disk, the lock ends with us.
            os._exit(SECOND_SIGNAL_STATUS)
        else:
            self.name = name
            _log.info("gateway.stopping", signal=name)
            self.ended.set()


async def _serve(config: Config, path: Path) -> None:
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[str]] = set()

    def reload() -> None:
        task = loop.create_task(_reload(daemon, path, signalled("SIGHUP")))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    signals = _Signals(loop, reload)
    try:
        daemon = Daemon(config, real_world())
        await daemon.start()
        daemon.on_reload = lambda actor: _reload(daemon, path, actor)
        # The accounts live as long as the process: the collector need not visit them (REL-52).
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        systemd.notify("READY=1")
        signals.ready()
        watchdog = loop.create_task(_feed_watchdog())
        try:
            await signals.ended.wait()
        finally:
            systemd.notify("STOPPING=1")
            watchdog.cancel()
            await daemon.stop("stopped", actor=signalled(signals.name))
    finally:
        signals.ignore()


async def _reload(daemon: Daemon, path: Path, actor: User) -> str:
    """Read the files again; a mistake keeps everything as it is, and is told (REL-55)."""
    systemd.notify("RELOADING=1")
    try:
        config = await asyncio.to_thread(load, path)
        await daemon.reload(config, actor=actor)
    except ConfigError as error:
        wrong = str(error)
    except Exception as error:  # noqa: BLE001  a task's edge: the old configuration stays
        _log.exception("reload.failed")
        wrong = f"it failed ({type(error).__name__}); see the log"
    else:
        wrong = ""
    finally:
        systemd.notify("READY=1")
    if wrong:
        daemon.reload_failed(wrong, actor=actor)
    return wrong


async def _feed_watchdog() -> None:
    """Feed it on the loop and nowhere else: when the loop stands still it starves (REL-54)."""
    interval_s = systemd.watchdog_interval_s()
    while interval_s is not None:
        systemd.notify("WATCHDOG=1")
        await asyncio.sleep(interval_s)
