"""Opening and ending a session: the same for the console's form and the API."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from decision.accounts import passwords
from decision.audit import SignedIn, SignedOut, SignInFailed
from decision.web.context import Asked, Door
from decision.web.routes import Problem

_NOBODY: Final = "nobody"
"""Stands in the audit for names that no user has; what was typed may have been a password."""
_UNKNOWN: Final = "The user or the password is wrong."


async def enter(door: Door, asked: Asked, user_id: str, password: str, decoy: str) -> str:
    """Open a session; gives its token. Raises ``Problem`` in words that tell no user from none."""
    now = asked.now
    peer = asked.request.client.host if asked.request.client else "unknown"
    wait = max(door.by_user.wait(user_id, now=now), door.by_peer.wait(peer, now=now))
    if wait > timedelta(0):
        seconds = math.ceil(wait.total_seconds())
        raise Problem(429, f"Too many wrong tries. Wait {seconds} s.", retry_after_s=seconds)
    user = door.users.get(user_id)
    stored = (user.password if user else None) or decoy
    # A thread: scrypt is slow on purpose, and the queue must not stand still for it.
    is_right = await asyncio.to_thread(passwords.is_right, password, stored)
    if user is None or stored is decoy or user.is_disabled or not is_right:
        tries = door.by_user.failed(user_id, now=now)
        door.by_peer.failed(peer, now=now)
        await door.audit(
            user_id if user else _NOBODY, SignInFailed(peer=peer, reason="wrong", tries=tries)
        )
        raise Problem(403, _UNKNOWN)
    door.by_user.succeeded(user_id)
    token, _ = door.sessions.open(user.id, now=now)
    await door.audit(user.id, SignedIn(peer=peer))
    return token


async def leave(door: Door, asked: Asked) -> None:
    """End the session, if there is one."""
    if asked.who is not None:
        door.sessions.close(asked.request.cookies.get(door.cookie))
        await door.audit(asked.who.user.id, SignedOut())


def set_cookie(response: Response, door: Door, token: str) -> None:
    """Not readable by scripts, never sent from another site, gone with the browser."""
    response.set_cookie(
        door.cookie, token, httponly=True, samesite="strict", secure=door.is_secure, path="/"
    )
