"""Signing in and out."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from typing import Final

from starlette.responses import RedirectResponse, Response

from decision.accounts import passwords
from decision.audit import SignedIn, SignedOut, SignInFailed
from decision.console.pages import Pages
from decision.web.context import Asked, Door
from decision.web.routes import PUBLIC, Problem, Route

_NOBODY: Final = "nobody"
_UNKNOWN: Final = "The user or the password is wrong."


class DoorPages:
    """The sign-in page and what it posts to."""

    def __init__(self, door: Door, pages: Pages) -> None:
        self._door = door
        self._pages = pages
        # Compared with when the user does not exist, so that the answer takes as long.
        self._decoy = passwords.hashed(
            "no account has this password",
            random_bytes=door.random_bytes,
            cost=door.password_cost,
        )

    def routes(self) -> list[Route]:
        """The routes of the door; the first two are open to everybody."""
        return [
            Route(method="GET", path="/sign-in", access=PUBLIC, handler=self.ask),
            Route(method="POST", path="/sign-in", access=PUBLIC, handler=self.sign_in),
            Route(method="POST", path="/sign-out", access=PUBLIC, handler=self.sign_out),
        ]

    async def ask(self, asked: Asked) -> Response:
        """Show the form; whoever is signed in goes on to where they wanted to."""
        target = local_path(asked.request.query_params.get("next", "/"))
        if asked.who is not None:
            return RedirectResponse(target, status_code=303)
        return self._form(asked, target=target)

    async def sign_in(self, asked: Asked) -> Response:
        """Check the password and open a session."""
        form = await asked.request.form()
        user_id = str(form.get("user", "")).strip().lower()[:64]
        target = local_path(str(form.get("next", "/")))
        try:
            token = await enter(
                self._door, asked, user_id, str(form.get("password", "")), self._decoy
            )
        except Problem as problem:
            return self._form(
                asked, target=target, problem=problem.title, user=user_id, status=problem.status
            )
        response = RedirectResponse(target, status_code=303)
        set_cookie(response, self._door, token)
        return response

    async def sign_out(self, asked: Asked) -> Response:
        """End the session. Needs no CSRF token: the worst it can do is to ask for a password."""
        await leave(self._door, asked)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(self._door.cookie)
        return response

    def _form(
        self, asked: Asked, *, target: str, problem: str = "", user: str = "", status: int = 200
    ) -> Response:
        return self._pages.page(
            asked,
            "sign_in.html",
            status=status,
            next=target,
            problem=problem,
            user=user,
            nobody=not self._door.users.all,
        )


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


def local_path(target: str) -> str:
    """A path on this server, or the queue: a link may not send people elsewhere after sign-in."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_local and target.isprintable() and "\\" not in target else "/"
