"""Builds the gateway out of its parts and lives its life: start, reload, stop.

Start order: accounts, journal, ingest, publication, inputs; so that whoever is heard can be
answered. Stop order is the reverse: what was read is committed and answered before the journal
closes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any, Final

import structlog
from prometheus_client import start_http_server

from gateway import logs
from gateway.accounts import Account, Accounts, key_changes, load_accounts
from gateway.accounts.database import save_learnt
from gateway.accounts.model import WINDOW_MOST_S
from gateway.admission import Admission, InputPolicy
from gateway.config import Config, ConfigError, InputConfig, changes_needing_restart
from gateway.contract import status
from gateway.contract.address import BrokerAddress
from gateway.contract.event import Category, Kind, User
from gateway.contract.schema import schema_ids
from gateway.contract.topics import account_of
from gateway.control import MAX_LINE_BYTES, Control
from gateway.daemon.actors import GATEWAY, account_of_uid, service_user
from gateway.daemon.captures import Captures, Hide
from gateway.daemon.certificates import Certificates
from gateway.daemon.certificates import read as read_certificates
from gateway.daemon.inputs import Port, build_ports
from gateway.daemon.loop_watch import LoopWatch
from gateway.daemon.on_test import Testing
from gateway.daemon.requests import Requests
from gateway.daemon.silence import tell_silence
from gateway.daemon.storage import Storage
from gateway.daemon.time_trust import TimeTrust
from gateway.daemon.vitals import Vitals
from gateway.daemon.world import World
from gateway.forward.broker import EmbeddedBroker
from gateway.forward.forwarder import Forwarder, ForwardSettings
from gateway.health import Counters, Health, MetricsPage
from gateway.ingest import Floods, Ingest, OwnEvent, UnreadableCopies
from gateway.journal import EventIds, Journal, JournalLocked, StoreError
from gateway.journal.repeats import AccountRepeats, LinkRepeats
from gateway.normalise import Normaliser, site_codes
from gateway.supervision import Supervision
from hardware.address import ListenError
from hardware.tap import Tap

STOP_GRACE_S: Final = 3.0  # for what was read to be committed and answered; REL-51 allows 5 s
REPLAY_KNOWN_S: Final = 2 * WINDOW_MOST_S + 60.0  # a start knows replays for as long; SEC-2
BOOT_ID_BYTES: Final = 16  # names a run of the gateway
LEARNT_EVERY_S: Final = 5.0  # how often learnt accounts are written to their database

_SEVERITY: Final[dict[str, int]] = {"trouble": 13, "restoral": 18}
"""Rank of our own events by kind (docs/events.md); what is not here is information."""

_log = structlog.get_logger()


class DaemonError(Exception):
    """The gateway cannot start; told in words, with what to try."""


class Daemon:
    """One gateway. ``start`` and ``stop`` once, on the event loop."""

    def __init__(self, config: Config, world: World) -> None:
        self.config = config
        self.version = version("alarm-gateway")
        self.counters = Counters()
        self.health = Health()
        self.metrics = MetricsPage(self.counters, self.health)
        self.accounts = Accounts()
        self.on_reload: Callable[[User], Awaitable[str]] | None = None
        """Reads the files again; gives what was wrong with them, or nothing."""
        self.taps = {name: Tap() for name in config.inputs}
        self.captures = Captures(self.taps, world.clock, self._captured())
        self.requests = Requests(self)
        self._world = world
        self._ports: dict[str, list[Port]] = {}
        self._stopped_by = GATEWAY
        self._undo = contextlib.AsyncExitStack()
        self._learnt_timer: Any = None
        self._learning: set[asyncio.Task[None]] = set()
        self.broker_address: BrokerAddress | None = None

    # -- start -----------------------------------------------------------------------------

    async def start(self) -> None:
        """Start every part; when one cannot, those before it are stopped again.

        Raises:
            DaemonError: Says which part cannot start, why, and what to try.
        """
        try:
            await self._start()
        except (ConfigError, JournalLocked, StoreError, ListenError, ValueError, OSError) as error:
            await self._undo.aclose()
            raise DaemonError(str(error)) from error
        except BaseException:
            await self._undo.aclose()
            raise

    async def _start(self) -> None:
        self.accounts = await asyncio.to_thread(load_accounts, self.config)
        for group, account, reason in self.accounts.weak_keys:
            _log.warning("key.weak", group=group, account=account, reason=reason)
        await self._start_journal()
        await self._start_ingest()
        await self._start_forwarding()
        await self._start_control()
        self._start_metrics()
        self._tell_start()
        self.time_trust.watch.start(self._newest_ms)
        await self.test_mode.load()
        self.test_mode.state.start()
        self._undo.callback(self.test_mode.state.stop)
        self._undo.callback(self.time_trust.watch.stop)
        upkeep = self.storage.start_upkeep(known_s=self._known_s, young_seq=self._young_seq)
        self._undo.push_async_callback(upkeep.stop)
        watch = LoopWatch(self, self._world.clock, self._world.timers)
        self._undo.callback(watch.stop)
        watch.start()
        await self._start_inputs()
        self._learnt_timer = self._world.timers.call_later(LEARNT_EVERY_S, self._learn_tick)
        _log.info(
            "gateway.ready",
            version=self.version,
            site=self.config.site,
            accounts=len(self.accounts),
            inputs=sorted(self._ports),
            outstanding=self.journal.outstanding_count,
        )

    async def _start_journal(self) -> None:
        self.storage = Storage(self, self._world.clock, self._world.timers)
        world = self._world
        store = world.open_store(
            self.config,
            boot_id=world.pad(BOOT_ID_BYTES).hex(),
            clock=world.clock,
            corrupt=self.storage.damaged,
        )
        self.journal = Journal(
            store,
            clock=self._world.clock,
            confirm_by=self.config.mqtt.confirm_by,
            count=self.counters.count,
            state_changed=self.storage.changed,
            filled=self.storage.filled,
            writer=world.writer,
        )
        opened = await self.journal.start()
        self._first_seq = opened.next_seq
        self._newest_ms = opened.newest_ms
        self._undo.push_async_callback(self.journal.stop)

    async def _start_ingest(self) -> None:
        """Make ingest and supervision; they call one another through callables given here."""
        world, settings = self._world, self.config.ingest
        self.supervision = Supervision(
            clock=world.clock,
            timers=world.timers,
            tell=partial(tell_silence, self),
            late_share=self.config.supervision.late_share,
        )
        self.vitals = Vitals(self)
        clock = self.time_trust = TimeTrust(self, world)
        self.admission = Admission(
            learn=self._learn,
            is_clock_untrusted=lambda: clock.watch.is_untrusted,
            stale_tries=settings.stale_tries,
        )
        self.test_mode = Testing(self, world)
        self.floods = Floods(
            clock=world.clock,
            timers=world.timers,
            tell=self._account_floods,
            events_min=self.config.limits.flood_events_min,
        )
        self.floods.start()
        self._undo.callback(self.floods.stop)
        quarantine = world.quarantine(
            self.config.journal.directory,
            monotonic=world.clock.monotonic,
            size_bytes=self.config.quarantine.size_bytes,
            share_bytes=self.config.quarantine.per_source_bytes_min,
            count=self.counters.count,
            has_room=lambda: not self.journal.is_full,
        )
        quarantine.start()
        self._undo.push_async_callback(asyncio.to_thread, quarantine.stop)
        normaliser = Normaliser(pulse_codes=site_codes(self.config.pulse_codes))
        normaliser.warm()
        self.ingest = Ingest(
            site=self.config.site,
            clock=world.clock,
            journal=self.journal,
            accounts=lambda: self.accounts,
            inputs={name: _policy(one) for name, one in self.config.inputs.items()},
            admission=self.admission,
            stored=self.floods.note,
            zones_on_test=self.test_mode.state.zones_of.get,
            watch_clock=clock.watch.look,
            normalise=normaliser.meanings,
            ids=EventIds(world.pad),
            alive=self.supervision.heard,
            count=self.counters.count,
            repeats=AccountRepeats(window_s=settings.duplicate_window_s),
            links=LinkRepeats(window_s=settings.link_repeat_s),
            quarantine=quarantine.keep,
            unrecognised=self._unrecognised,
            fact=self.vitals.port_fact,
            copies=UnreadableCopies(copies=settings.unreadable_copies),
            soon=asyncio.get_running_loop().call_soon,
        )
        known_s = max(settings.duplicate_window_s, settings.link_repeat_s, REPLAY_KNOWN_S)
        since_ms = world.clock.utc_ms() - int(known_s * 1000)
        known = await self.journal.identities(since_ms)
        self.ingest.load(known)
        self._known_s = known_s
        self._young_seq = next((one.seq for one in known if one.seq), self._first_seq)

    # Late, since both are swapped or made after ingest.

    def _learn(self, group: str, account: str) -> Account:
        return self.accounts.learn(group, account)

    def _unrecognised(self, what: status.Unrecognised) -> None:
        self.forwarder.states.unrecognised(what)

    async def _start_forwarding(self) -> None:
        mqtt = self.config.mqtt
        if mqtt.is_embedded:
            broker = EmbeddedBroker(str(mqtt.address))
            address = await broker.start()
            self._undo.push_async_callback(broker.stop)
            self.health.degrade("broker", "embedded broker: not durable, for trials only")
        else:
            address = await asyncio.to_thread(self._external_broker)
        self.broker_address = address
        self.forwarder = Forwarder(
            ForwardSettings(
                site=self.config.site,
                confirm_by=mqtt.confirm_by,
                in_flight=mqtt.in_flight,
                unconfirmed=mqtt.unconfirmed,
                resend_s=mqtt.resend_s,
                hold_up_s=mqtt.suspend_max_s,
            ),
            journal=self.journal,
            transport=self._world.open_transport(self.config, address),
            clock=self._world.clock,
            timers=self._world.timers,
            random=self._world.random.random,
            health=self.health,
            count=self.counters.count,
            tell=self._outbox_tells,
            version=self.version,
            health_message=self.vitals.message,
            flooding=self.floods.flooding,
        )
        self.forwarder.states.info(
            status.Info(
                site=self.config.site,
                version=self.version,
                contract=status.CONTRACT_VERSION,
                schemas=schema_ids(),
                inputs=tuple(self.vitals.input_infos()),
                confirm_by=mqtt.confirm_by,
                broker="embedded, not durable" if mqtt.is_embedded else "external",
            )
        )
        self.forwarder.start()
        self._undo.push_async_callback(self.forwarder.stop, "stopped")

    def _external_broker(self) -> BrokerAddress:
        mqtt = self.config.mqtt
        return BrokerAddress.parse(
            mqtt.broker,
            username=mqtt.username,
            password=mqtt.password(),
            ca_file=mqtt.ca_file,
            cert_file=mqtt.cert_file,
            key_file=mqtt.key_file,
        )

    def _captured(self) -> dict[str, tuple[str, Hide | None]]:
        """Protocol and what hides its secrets, of each input."""
        inputs = self.config.inputs
        return {name: (one.protocol, one.spoken.hide) for name, one in inputs.items()}

    async def _start_control(self) -> None:
        control = Control(self.requests.handlers)

        async def handle(line: bytes, uid: int) -> bytes:
            return await control.handle(line, await asyncio.to_thread(account_of_uid, uid))

        served = self._world.open_control(
            self.config.control.socket, handle, max_line_bytes=MAX_LINE_BYTES
        )
        await served.start()
        self._undo.push_async_callback(served.stop)

    def _start_metrics(self) -> None:
        listen = self.config.metrics.listen
        if listen is None:
            return
        registry = self.metrics.registry
        server, thread = start_http_server(listen.port, listen.host, registry=registry)

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        self._undo.push_async_callback(asyncio.to_thread, stop)

    async def _start_inputs(self) -> None:
        self.supervision.watch_accounts(self.accounts.supervised())
        self.supervision.watch_links(
            {
                name: one.heartbeat_s
                for name, one in self.config.inputs.items()
                if one.heartbeat_s and one.kind != "listen" and _has_heartbeat(one)
            }
        )
        self.supervision.start()
        self.certificates = Certificates(
            self,
            await asyncio.to_thread(read_certificates, self.config),
            self._world.clock,
            self._world.timers,
            call_soon=asyncio.get_running_loop().call_soon_threadsafe,
        )
        self._undo.callback(self.certificates.stop)
        self.certificates.start()
        self._ports = build_ports(
            self.config,
            sink=self.ingest,
            world=self._world,
            accounts=lambda: self.accounts,
            count=self.counters.count,
            tls=self.certificates.servers,
            taps=self.taps,
        )
        self._undo.push_async_callback(self._stop_inputs)
        for name, ports in self._ports.items():
            for port in ports:
                await port.start()
                _log.info("input.started", input=name, address=port.address)

    # -- stop ------------------------------------------------------------------------------

    async def stop(self, reason: str, *, actor: User = GATEWAY) -> None:
        """Stop every part, the last started first; takes at most five seconds."""
        self._stopped_by = actor
        if self._learnt_timer is not None:
            self._learnt_timer.cancel()
            await self._save_learnt()
        await self._undo.aclose()
        _log.info("gateway.stopped", reason=reason)

    async def _stop_inputs(self) -> None:
        self.supervision.stop()
        ports = [port for some in self._ports.values() for port in some]
        await asyncio.gather(*(port.stop(grace_s=STOP_GRACE_S) for port in ports))
        text = "the gateway was stopped"
        self.say("gateway_stopped", "information", text, actor=self._stopped_by)

    # -- reload ----------------------------------------------------------------------------

    async def reload(self, config: Config, *, actor: User = GATEWAY) -> None:
        """Take up accounts, keys and log level; name what needs a restart.

        Raises:
            ConfigError: The files have mistakes; everything stays as it is.
        """
        accounts = await asyncio.to_thread(load_accounts, config)
        certificates = await asyncio.to_thread(read_certificates, config)
        needs_restart = changes_needing_restart(self.config, config)
        await self._save_learnt()
        changed = await asyncio.to_thread(key_changes, self.accounts, accounts)
        self.accounts = accounts
        self.supervision.watch_accounts(accounts.supervised())
        self.certificates.replace(certificates)
        logs.set_up(config.log.level, self.config.log.format)
        _log.info("config.reloaded", accounts=len(accounts), needs_restart=needs_restart)
        self.counters.count("config_reloaded")
        text = f"configuration read again: {len(accounts)} accounts"
        if needs_restart:
            text += f"; these need a restart: {', '.join(needs_restart)}"
        self.say("config_reloaded", "programming", text, actor=actor)
        if changed:
            _log.info("keys.changed", accounts=changed.count, of=changed.names)
            self.say("keys_changed", "programming", str(changed), actor=actor)

    def reload_failed(self, reason: str, *, actor: User = GATEWAY) -> None:
        """Say that a reload was refused and why; the old configuration stays."""
        _log.error("config.refused", reason=reason)
        self.counters.count("config_refused")
        text = reason.splitlines()[0]
        self.say("config_refused", "programming", text, kind="trouble", actor=actor)

    # -- what parts tell -------------------------------------------------------------------

    def say(  # noqa: PLR0913  what an event says
        self,
        code: str,
        category: Category,
        text: str,
        *,
        kind: Kind = "info",
        account: Account | None = None,
        flags: tuple[str, ...] = (),
        actor: User = GATEWAY,
    ) -> None:
        """Make a system event: journaled, published and confirmed as any other.

        ``actor`` is who caused it, the gateway itself when nobody did.
        """
        said = OwnEvent(
            kind=kind,
            category=category,
            code=code,
            text=text,
            account=account,
            flags=flags,
            actor=actor,
            severity=_SEVERITY.get(kind, 19),
        )
        self.ingest.system_event(said)

    def _tell_start(self) -> None:
        text = f"gateway {self.version} started"
        if self._newest_ms is not None:
            gap_s = max(0, self._world.clock.utc_ms() - self._newest_ms) / 1000
            text += f"; nothing was recorded in the {gap_s:.0f} s before"
        self.say("gateway_started", "information", text, actor=service_user())

    def _account_floods(self, level: str, events: int) -> None:
        self.counters.count("account_flooding")
        key = account_of(level)
        account = None if key is None else self.accounts.lookup(*key) or Account.unknown(*key)
        _log.warning("account.flooding", account=level, events_min=events)
        text = (
            f"account {level} sent {events} events within a minute; none is dropped, and those of "
            "other accounts go first"
        )
        self.say("account_flooding", "communication", text, kind="trouble", account=account)

    def _outbox_tells(self, code: str, text: str) -> None:
        self.say(code, "communication", text, kind="trouble")

    # -- learnt accounts -------------------------------------------------------------------

    def _learn_tick(self) -> None:
        self._learnt_timer = self._world.timers.call_later(LEARNT_EVERY_S, self._learn_tick)
        task = asyncio.get_running_loop().create_task(self._save_learnt())
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)

    async def _save_learnt(self) -> None:
        database = self.config.accounts.database
        if database is None:
            return
        learnt = self.accounts.learnt()
        if not learnt:
            return
        try:
            await asyncio.to_thread(save_learnt, database, learnt)
        except Exception as error:  # noqa: BLE001  no full disk may hold up a stop or a reload
            # They stay known in memory; after a restart they are learnt again.
            self.counters.count("account_not_saved", len(learnt))
            self.health.degrade("accounts", f"learnt accounts cannot be saved: {error}")
            _log.error("accounts.not_saved", count=len(learnt), reason=str(error))
        else:
            self.health.restore("accounts")
            _log.info("accounts.learnt", count=len(learnt))

    # -- facts -----------------------------------------------------------------------------

    def addresses(self) -> dict[str, list[list[Any]]]:
        """Where each input listens (host, port), in the order tcp, udp."""
        return {name: [list(port.address) for port in some] for name, some in self._ports.items()}

    def now_iso(self) -> str:
        """The time as it stands in messages."""
        now: datetime = self._world.clock.utc()
        return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def disk_bytes(self) -> tuple[int, int]:
        """Bytes that the journal takes, and that are free on its disk."""
        return self._world.disk_of(self.config.journal.directory)

    def connections(self) -> dict[str, int]:
        """How many peers each input holds."""
        return {name: self.connections_of(name) for name in self._ports}

    def connections_of(self, name: str) -> int:
        """How many peers an input holds."""
        return sum(port.connections for port in self._ports.get(name, ()))


def _has_heartbeat(settings: InputConfig) -> bool:
    """Whether silence of its far end means something: its protocol, or the site, says so."""
    is_told = "heartbeat_s" in settings.model_fields_set
    return is_told or settings.spoken.has_heartbeat


def _policy(settings: InputConfig) -> InputPolicy:
    return InputPolicy(
        is_receiver=settings.spoken.link == "receiver",
        refuses=settings.spoken.refuses,
        unknown_account=settings.unknown_account,
        unknown_token=settings.unknown_token,
        group_of=settings.group_of,
    )
