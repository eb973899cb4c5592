"""Console and API over the engine: the door with its users, the pages, the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from decision.accounts.sessions import Sessions
from decision.accounts.users import Users, UsersFileError
from decision.clock import Clock
from decision.config import Config, role_table
from decision.contacts.link_key import LinkKey, LinkKeyError, load_link_key
from decision.contacts.link_maker import LinkMaker
from decision.contacts.page import CustomerPages
from decision.daemon.accounts_log import BY_FILE, to_sign_out, untold
from decision.daemon.core_app import CoreApp, core_app
from decision.daemon.http_server import HttpServer
from decision.engine import Engine
from decision.store import codec
from decision.web.context import Door
from decision.web.engine_station import EngineStation
from decision.web.station import StationInfo
from decision.web.stream import Stream

_log: Final = structlog.get_logger()


class WebError(Exception):
    """Console and API cannot be served; told in words."""


class Web:
    """``start`` and ``stop`` once."""

    def __init__(
        self,
        config: Config,
        engine: Engine,
        clock: Clock,
        *,
        demo_sessions: Sessions | None = None,
    ) -> None:
        """``demo_sessions``: see ``Daemon``."""
        self._demo_sessions = demo_sessions
        self._config = config
        self._engine = engine
        self._clock = clock
        self._app: CoreApp | None = None
        self._server: HttpServer | None = None
        self._users: Users | None = None

    @property
    def port(self) -> int:
        """Where it listens; 0 when it does not."""
        return self._server.port if self._server is not None else 0

    async def start(self) -> None:
        """Listen. Raises ``WebError``, ``ListenError``."""
        if not self._config.http.is_enabled:
            return
        station = self._config.station
        stream = Stream()
        info = StationInfo(
            name=station.name, callback=station.callback, zone=ZoneInfo(station.time_zone)
        )
        pages = EngineStation(self._engine, info, stream)
        door = Door(
            self._load_users(),
            clock=self._clock.now,
            audit=pages.audit,
            is_secure=self._config.http.is_secure,
            roles=role_table(self._engine.profiles),
            sessions=self._demo_sessions,
        )
        await self._tell_log(door.users)
        if not door.users.all:
            _log.warning("users.none", hint="alarm-gateway decision user add")
        self._door = door
        key, public_url = self._link_key(), self._config.http.public_url
        mounts, links = [], None
        if key is not None and public_url is not None:
            mounts = [CustomerPages(pages, key, self._clock.now).mount()]
            valid_for = timedelta(seconds=self._config.links.valid_s)
            links = LinkMaker(key, public_url, valid_for)
        self._app = core_app(pages, door, stream, mounts=mounts, links=links)
        self._server = HttpServer(self._app.asgi, self._config.http)
        await self._server.start()

    def _link_key(self) -> LinkKey | None:
        """The key of incident links; None where customers cannot reach the page behind them."""
        if self._config.http.public_url is None:
            return None
        try:
            return load_link_key(self._config.links.secret_file)
        except (LinkKeyError, OSError) as error:
            raise WebError(str(error)) from error

    def _load_users(self) -> Users:
        try:
            return Users.load(self._config.users.file)
        except UsersFileError as error:
            raise WebError(str(error)) from error

    async def reload(self) -> None:
        """Read the users again; a broken file keeps the old ones."""
        if self._app is None:
            return
        try:
            users = self._load_users()
        except WebError as error:
            _log.error("reload.failed", reason=str(error))
            return
        before, self._door.users = self._door.users, users
        self._door.roles = role_table(self._engine.profiles)
        for user_id, fact in to_sign_out(before, users):
            self._door.sessions.close_all_of(user_id)
            if fact is not None:
                await self._engine.submit(codec.OPERATOR + user_id, fact, BY_FILE)
        await self._tell_log(users)

    async def _tell_log(self, users: Users) -> None:
        """Who may do what is part of the record, wherever it was changed."""
        changed = await self._engine.run(
            lambda: list(untold(users, self._engine.all_facts(codec.OPERATOR)))
        )
        for fact in changed:
            _log.info("user.changed", user=fact.user, roles=fact.roles, disabled=fact.is_disabled)
            await self._engine.submit(codec.OPERATOR + fact.user, fact, BY_FILE)

    async def stop(self) -> None:
        """End open streams, answer what is under way, close."""
        if self._app is not None:
            self._app.stream.close()
        if self._server is not None:
            await self._server.stop()
