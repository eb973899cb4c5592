"""Accounts that were changed in the file, beside the console: told to the log, like any change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hmac import compare_digest

from decision.accounts.users import User, Users
from decision.audit import AuditFact, PasswordChanged, UserChanged
from decision.facts import Actor, Recorded

BY_FILE = Actor(kind="system", id="users-file")
"""Whoever may write the file: the log cannot know who that was."""


def untold(users: Users, audit: Iterable[Recorded]) -> Iterator[UserChanged]:
    """What the file says of accounts and the log does not."""
    told: dict[str, UserChanged] = {}
    for one in audit:
        if isinstance(one.fact, UserChanged):
            told[one.fact.user] = one.fact
    for user in users.all.values():
        now = _of(user)
        if told.get(user.id) != now:
            yield now
    for gone in sorted(told.keys() - users.all.keys()):
        if not told[gone].is_disabled:
            yield UserChanged(user=gone, roles=(), is_disabled=True)


def to_sign_out(before: Users, after: Users) -> Iterator[tuple[str, AuditFact | None]]:
    """Whose sessions end with a new file, and what the log is told of it besides."""
    for user in before.all.values():
        now = after.get(user.id)
        if now is None or now.is_disabled:
            yield user.id, None
        elif not compare_digest(now.password or "", user.password or ""):
            yield user.id, PasswordChanged(user=user.id)


def _of(user: User) -> UserChanged:
    return UserChanged(user=user.id, roles=user.roles, is_disabled=user.is_disabled)
