"""What a handler is given: the station behind the pages, and who is asking."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol

import msgspec
from starlette.requests import Request

from decision.accounts.passwords import Cost
from decision.accounts.sessions import Session, Sessions
from decision.accounts.throttle import Throttle
from decision.accounts.users import User, Users
from decision.audit import AuditFact
from decision.roles import STATION, Permission, RoleTable

PEER_TRIES: Final = 30
"""Wrong tries of one address before it waits: a whole desk may sit behind it."""


class AuditLog(Protocol):
    """Where facts about people go."""

    def __call__(self, user_id: str, fact: AuditFact, /) -> Awaitable[None]:
        """Store the fact durably under ``operator/<user id>``."""
        ...


class Door:
    """Who may come in: users, sessions and the tries so far."""

    def __init__(  # noqa: PLR0913  each comes from outside, all by name
        self,
        users: Users,
        *,
        clock: Callable[[], datetime],
        audit: AuditLog,
        random_bytes: Callable[[int], bytes] = os.urandom,
        password_cost: Cost | None = None,
        is_secure: bool = False,
        roles: RoleTable = STATION,
        sessions: Sessions | None = None,
    ) -> None:
        """``is_secure``: served over TLS (by itself or a proxy), so the cookie says Secure.

        ``sessions``: others than the usual ones of one shift.
        """
        self.users = users
        self.roles = roles
        self.clock = clock
        self.audit = audit
        self.random_bytes = random_bytes
        self.password_cost = password_cost or Cost()
        self.is_secure = is_secure
        self.sessions = sessions or Sessions(random_bytes=random_bytes)
        self.by_user = Throttle()
        self.by_peer = Throttle(free=PEER_TRIES)

    @property
    def cookie(self) -> str:
        """Name of the session cookie; the prefix binds it to this host where TLS allows it."""
        return "__Host-alarm-core" if self.is_secure else "alarm-core"


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The person behind a request."""

    user: User
    session: Session
    allowed: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        """Whether their roles allow it."""
        return permission in self.allowed


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request, with what the route's guard found out."""

    request: Request
    now: datetime
    who: Who | None

    @property
    def person(self) -> Who:
        """Who is signed in; only for routes that need a permission, which have somebody."""
        if self.who is None:
            raise RuntimeError("this route is public and has nobody signed in")
        return self.who
