"""The ASGI application: guarded routes, static files, security headers. Nothing else gets in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from decision.web.context import Asked, Door
from decision.web.headers import Envelope
from decision.web.routes import Refuse, Route, mounted

_WORDS: Final = {404: "There is no such page.", 405: "That cannot be done here."}


def application(
    routes: Sequence[Route],
    door: Door,
    *,
    refuse: Refuse,
    static: Path,
    mounts: Sequence[BaseRoute] = (),
) -> Envelope:
    """Make the application. ``mounts``: parts that prove themselves otherwise (signed links)."""

    def not_found(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        words = _WORDS.get(status) or str(getattr(error, "detail", "That cannot be done here."))
        if request.url.path.startswith("/api/"):
            return JSONResponse(
                {"title": words, "status": status},
                status_code=status,
                media_type="application/problem+json",
            )
        return refuse(Asked(request=request, now=door.clock(), who=None), status, words)

    app = Starlette(
        routes=[
            *mounted(routes, door, refuse),
            *mounts,
            Mount("/static", StaticFiles(directory=static)),
        ],
        exception_handlers={HTTPException: not_found},
    )
    return Envelope(app)
