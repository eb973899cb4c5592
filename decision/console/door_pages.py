"""Signing in and out."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from decision.accounts import passwords
from decision.console.pages import Pages
from decision.web.context import Asked, Door
from decision.web.routes import PUBLIC, Problem, Route
from decision.web.signing_in import enter, leave, set_cookie


class DoorPages:
    """The sign-in page and what it posts to."""

    def __init__(self, door: Door, pages: Pages) -> None:
        self._door = door
        self._pages = pages
        # Compared with when the user does not exist, so that the answer takes as long.
        self.decoy = passwords.hashed(
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
                self._door, asked, user_id, str(form.get("password", "")), self.decoy
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


def local_path(target: str) -> str:
    """A path on this server, or the queue: a link may not send people elsewhere after sign-in."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_local and target.isprintable() and "\\" not in target else "/"
