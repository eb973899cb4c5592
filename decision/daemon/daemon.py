"""Builds the core out of its parts and lives its life: start, reload, stop.

Start order: store and engine (what is open is folded), console and API, timers, intake; so that
whatever an event leads to finds somebody to tell. Stop order is the reverse: what was taken in is
recorded and confirmed before the store closes. kill -9 at any moment loses nothing: an event that
was not confirmed comes again, and one that was recorded is known.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from typing import Any, Final

import structlog
from aiomqtt import ProtocolVersion

from decision import logs, topics
from decision.accounts.sessions import Sessions
from decision.clock import Clock
from decision.config import Config, ConfigError, SecretError, load_profiles, warnings
from decision.daemon.desks import Desks
from decision.daemon.http_server import ListenError
from decision.daemon.publishing import Publishing
from decision.daemon.timekeeper import Timekeeper
from decision.daemon.web import Web, WebError
from decision.engine import Engine, Profiles
from decision.intake import Intake
from decision.store import Store, StoreError
from decision.uplink import Uplink
from gateway.contract.client import Will

AGAIN_S: Final = 1.0  # before a part that failed is started again
TOLD_S: Final = 600.0  # for so long after a part failed the status tells of it
STOP_GRACE_S: Final = 2.0  # for what was received to be recorded and confirmed
WARNINGS_SHOWN: Final = 20

VERSIONS: Final = {"auto": None, "5": ProtocolVersion.V5, "3.1.1": ProtocolVersion.V311}
_log: Final = structlog.get_logger()


class DaemonError(Exception):
    """The core cannot start; told in words, with what to try."""


class Daemon:
    """One decision core. ``start`` and ``stop`` once, on the event loop."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        *,
        demo_sessions: Sessions | None = None,
    ) -> None:
        """``demo_sessions``: for demonstrations only, whose clock leaps over shifts and years."""
        self._demo_sessions = demo_sessions
        self.config = config
        self.version = version("alarm-gateway")
        self.counters: Counter[str] = Counter()
        self.engine = Engine(store, clock, count=self._count)
        self._store = store
        self._clock = clock
        self._broker_trouble: str | None = "not connected yet"
        self._failing: dict[str, tuple[float, str]] = {}
        """Part -> when (loop's seconds) and why it ended last."""
        self._undo = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Start every part; when one cannot, those before it are stopped again.

        Raises:
            DaemonError: Says which part cannot start, why, and what to try.
        """
        try:
            await self._start()
        except (
            ConfigError, StoreError, SecretError, ListenError, WebError, ValueError, OSError
        ) as error:  # fmt: skip
            await self._undo.aclose()
            raise DaemonError(str(error)) from error
        except BaseException:
            await self._undo.aclose()
            raise

    async def _start(self) -> None:
        config = self.config
        profiles = await asyncio.to_thread(load_profiles, config)
        self._warn(profiles)
        self.engine.use(profiles)
        opened = await self.engine.run(self.engine.start)
        self._undo.push_async_callback(asyncio.to_thread, self.engine.stop)
        _log.info(
            "store.opened",
            facts=opened.last_seq,
            head=opened.last_digest.hex()[:16],
            version=opened.version,
            **self.engine.counts(),
        )
        self.web = Web(config, self.engine, self._clock, demo_sessions=self._demo_sessions)
        await self.web.start()
        self._undo.push_async_callback(self.web.stop)
        self._spawn("timers", Timekeeper(self.engine, self._clock).run)
        self._spawn("courier", Desks(config, self.engine).run)
        await self._start_intake()
        _log.info(
            "core.ready",
            version=self.version,
            site=config.site,
            http=self.web.port,
            **self.engine.counts(),
        )

    async def _start_intake(self) -> None:
        config = self.config
        self.intake = Intake(
            site=config.site,
            name=config.mqtt.name,
            take=lambda signals: self.engine.run(self.engine.take, signals),
            publish=self._publish,
            count=self._count,
        )
        self.uplink = Uplink(
            await asyncio.to_thread(config.mqtt.address),
            client_id=config.client_id,
            subscribe=self.intake.topic,
            on_message=self.intake.received,
            will=Will(topic=topics.status(config.site), payload=topics.LAST_WILL),
            changed=self._broker_changed,
            version=VERSIONS[config.mqtt.version],
        )
        self.publishing = Publishing(
            site=config.site,
            version=self.version,
            engine=self.engine,
            store=self._store,
            clock=self._clock,
            retain=self.uplink.retain,
            degraded=self.degraded,
        )
        self._spawn("intake", self.intake.run)
        self._spawn("publishing", self.publishing.run)
        self.uplink.start()
        self._undo.push_async_callback(self._stop_uplink)

    def _publish(self, topic: str, payload: bytes) -> bool:
        return self.uplink.publish(topic, payload)

    async def _stop_uplink(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_GRACE_S):
                await self.intake.idle()
        goodbye = {topics.status(self.config.site): self.publishing.status("offline")}
        await self.uplink.stop(goodbye)

    def _spawn(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a part for as long as the core lives; one that fails is started again."""

        async def keep() -> None:
            while True:
                try:
                    await work()
                except Exception as error:  # noqa: BLE001  the others must go on
                    _log.error("part.failed", part=name, exc_info=error)
                    now_s = asyncio.get_running_loop().time()
                    self._failing[name] = now_s, f"{type(error).__name__}: {error}"
                await asyncio.sleep(AGAIN_S)
                _log.info("part.started_again", part=name)

        task = asyncio.get_running_loop().create_task(keep(), name=name)

        async def cancel() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._undo.push_async_callback(cancel)

    async def stop(self) -> None:
        """Record and confirm what was received, answer requests, close."""
        await self._undo.aclose()
        _log.info("core.stopped")

    # -- reload ----------------------------------------------------------------------------

    async def reload(self, config: Config) -> None:
        """Read sites, packs, settings, users and the log level again.

        Raises:
            ConfigError: Everything stays as it is.
        """
        profiles = await asyncio.to_thread(load_profiles, config)
        for section in ("site", "store", "mqtt", "http", "links", "desks", "station"):
            if getattr(config, section) != getattr(self.config, section):
                _log.warning("reload.needs_restart", section=section)
        self._warn(profiles)
        logs.set_up(config.log.level, config.log.format)
        await self.engine.run(self.engine.reload, profiles)
        await self.web.reload()
        self.publishing.suspended()
        _log.info("reload.done", sites=len(profiles.sites), packs=sorted(profiles.packs))

    def _warn(self, profiles: Profiles) -> None:
        told = warnings(self.config, profiles)
        for one in told[:WARNINGS_SHOWN]:
            _log.warning("config.warning", text=one)
        if len(told) > WARNINGS_SHOWN:
            _log.warning("config.warnings_more", count=len(told) - WARNINGS_SHOWN)

    # -- health ----------------------------------------------------------------------------

    def degraded(self) -> dict[str, str]:
        """What is not well -> why, in words."""
        found: dict[str, str] = {}
        if self._broker_trouble:
            found["mqtt"] = self._broker_trouble
        now_s = asyncio.get_running_loop().time()
        for part, (at_s, why) in self._failing.items():
            if now_s - at_s < TOLD_S:
                found[part] = f"failed and was started again: {why}"
        if self.intake.trouble:
            found["store"] = self.intake.trouble
        if self.intake.failed:
            event_id, why = next(iter(self.intake.failed.items()))
            found["events"] = f"{len(self.intake.failed)} cannot be decided, {event_id}: {why}"
        if self.engine.faults:
            subject, why = next(iter(self.engine.faults.items()))
            found["facts"] = f"{len(self.engine.faults)} cannot be folded, {subject}: {why}"
        return found

    def _broker_changed(self, reason: str | None) -> None:
        self._broker_trouble = reason

    def _count(self, name: str) -> None:
        self.counters[name] += 1
