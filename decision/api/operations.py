"""One operation of the API: its permission, what goes in, what comes out; routes from the table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

import msgspec
from starlette.responses import Response

from decision.web.context import Asked
from decision.web.routes import Access, Handler, Problem, Route

ROOT: Final = "/api/v1"
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class Nothing(msgspec.Struct, frozen=True, kw_only=True):
    """No body."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What one method on one path does."""

    id: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    """Below ``/api/v1``; parameters in braces."""
    access: Access
    summary: str
    body: Any = Nothing
    """Type of the request body; ``Nothing``: it has none."""
    result: Any = Nothing
    """Type of the answer's body; ``Nothing``: 204."""
    status: int = 200
    query: tuple[tuple[str, str], ...] = ()
    """(name, description) of optional query parameters, all of them text."""
    handler: Callable[[Asked, Any], Awaitable[Any]]
    is_csrf_free: bool = False

    def route(self) -> Route:
        """The guarded route of this operation."""
        return Route(
            method=self.method,
            path=ROOT + self.path,
            access=self.access,
            handler=self._handler(),
            face="api",
            name=self.id,
            is_csrf_free=self.is_csrf_free,
        )

    def _handler(self) -> Handler:
        decoder = None if self.body is Nothing else msgspec.json.Decoder(self.body, strict=True)

        async def handle(asked: Asked) -> Response:
            body = None
            if decoder is not None:
                raw = await asked.request.body()
                if "json" not in asked.request.headers.get("content-type", ""):
                    raise Problem(415, "The body must be JSON (content-type: application/json).")
                try:
                    body = decoder.decode(raw)
                except msgspec.ValidationError as error:
                    raise Problem(422, f"The body does not fit: {error}") from None
                except msgspec.DecodeError as error:
                    raise Problem(400, f"The body is no JSON: {error}") from None
            result = await self.handler(asked, body)
            if isinstance(result, Response):
                return result
            if self.result is Nothing:
                return Response(status_code=204)
            return Response(_encode(result), status_code=self.status, media_type="application/json")

        return handle
