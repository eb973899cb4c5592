"""A route names its permission or says that it is public; the guard holds it to that.

There is no other way into the application: ``mounted`` makes Starlette's routes from this table
and nothing else adds any. So "every route has a permission" is a property of the type, and the
test that walks the table only has to look that no page is public that should not be.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum, auto
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route as StarletteRoute

from decision.accounts.sessions import is_csrf_right
from decision.audit import PermissionRefused
from decision.roles import Permission
from decision.web.context import Asked, Door, Who

_log: Final = logging.getLogger("decision.web")

CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf"


class Open(Enum):
    """Instead of a permission, where nobody has to be signed in."""

    PUBLIC = auto()


PUBLIC: Final = Open.PUBLIC
Handler: TypeAlias = Callable[[Asked], Awaitable[Response]]
Access: TypeAlias = Permission | Literal[Open.PUBLIC]
Refuse: TypeAlias = Callable[[Asked, int, str], Response]
"""Makes the page for a refusal: status and reason in words."""


class Problem(Exception):  # noqa: N818  the word of RFC 9457, which its answer follows
    """Something is wrong with the request: a status and words for the person."""

    def __init__(self, status: int, title: str, **more: Any) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.more = more


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked for over HTTP."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    access: Access
    handler: Handler
    face: Literal["page", "api"] = "page"
    name: str = ""
    is_csrf_free: bool = False
    """Only for what cannot have a session yet (signing in) or proves itself otherwise."""


def mounted(routes: Iterable[Route], door: Door, refuse: Refuse) -> list[StarletteRoute]:
    """Make Starlette's routes, each behind its guard."""
    return [
        StarletteRoute(
            route.path,
            _guarded(route, door, refuse),
            methods=[route.method],
            name=route.name or f"{route.method} {route.path}",
        )
        for route in routes
    ]


def _guarded(route: Route, door: Door, refuse: Refuse) -> Callable[[Request], Awaitable[Response]]:
    async def guard(request: Request) -> Response:
        asked = Asked(request=request, now=door.clock(), who=_who(request, door))
        try:
            await _check(asked, route, door)
            return await route.handler(asked)
        except Problem as problem:
            return _told(problem, asked, route, refuse)

    return guard


def _who(request: Request, door: Door) -> Who | None:
    session = door.sessions.find(request.cookies.get(door.cookie), now=door.clock())
    if session is None:
        return None
    user = door.users.get(session.user)
    # Roles are read anew each time: what is taken away is gone with the next request.
    if user is None or user.is_disabled:
        return None
    return Who(user=user, session=session, allowed=door.roles.permissions(user.roles))


async def _check(asked: Asked, route: Route, door: Door) -> None:
    request = asked.request
    if route.method != "GET" and not is_same_origin(request):
        raise Problem(403, "The request came from another site and was not carried out.")
    if route.access is PUBLIC:
        return
    if asked.who is None:
        raise Problem(401, "Sign in first.")
    if not asked.who.may(route.access):
        await door.audit(
            asked.who.user.id,
            PermissionRefused(
                permission=str(route.access), route=f"{route.method} {request.url.path}"
            ),
        )
        holders = ", ".join(door.roles.roles_with(route.access)) or "nobody"
        raise Problem(
            403,
            f"Your roles ({', '.join(asked.who.user.roles) or 'none'}) do not allow "
            f"{route.access}. Roles that do: {holders}.",
        )
    if route.method != "GET" and not route.is_csrf_free:
        presented = request.headers.get(CSRF_HEADER)
        if presented is None and "form" in request.headers.get("content-type", ""):
            value = (await request.form()).get(CSRF_FIELD)
            presented = value if isinstance(value, str) else None
        if not is_csrf_right(asked.who.session, presented):
            raise Problem(403, "The form is not of this session. Load the page again.")


def is_same_origin(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of ours, or says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _told(problem: Problem, asked: Asked, route: Route, refuse: Refuse) -> Response:
    if route.face == "api":
        return JSONResponse(
            {"title": problem.title, "status": problem.status, **problem.more},
            status_code=problem.status,
            media_type="application/problem+json",
        )
    if problem.status == 401:  # noqa: PLR2004
        url = asked.request.url
        back = quote(url.path + (f"?{url.query}" if url.query else ""), safe="")
        if asked.request.headers.get("hx-request"):
            return Response(status_code=401, headers={"HX-Redirect": f"/sign-in?next={back}"})
        return RedirectResponse(
            f"/sign-in?next={back}" if route.method == "GET" else "/sign-in", status_code=303
        )
    return refuse(asked, problem.status, problem.title)
