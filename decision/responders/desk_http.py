"""The simulated police desk behind HTTP: two one-way channels, for loopback and demonstrations.

    POST /v1/messages            one message of the station            202
    GET  /v1/messages?after=N    what the desk has said since          200 {"next": M, "messages"}
    GET  /v1/calls               the desk's own log                    200
    PUT  /v1/plan[?for=KEY]      how it treats requests from now on    204
    PUT  /v1/calls/ID/disposition  a dispatcher closes a call by hand  204

Every request carries the bearer token of the desk; there is none by default.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from decision.clock import Clock
from decision.responders.desk import Desk, Plan
from decision.responders.messages import (
    MAX_MESSAGE,
    FromDesk,
    MessageError,
    NewAlarm,
    StationUpdate,
    decode,
)

MIN_TOKEN: Final = 16
"""Characters of a bearer token; shorter ones are guessed."""
_JSON: Final = "application/json"


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk has said since a number, and the number to ask with next."""

    next: int
    messages: list[FromDesk]


class _CallRow(msgspec.Struct, frozen=True, kw_only=True):
    request: str
    event_number: str
    address: str
    is_open: bool
    disposition: str | None


class DeskServer:
    """One desk over HTTP; ``app`` is what a server runs."""

    def __init__(self, desk: Desk, clock: Clock, *, token: str) -> None:
        """Raises ValueError for a token that could be guessed."""
        if len(token) < MIN_TOKEN:
            raise ValueError(f"the desk's token needs at least {MIN_TOKEN} characters")
        self._desk = desk
        self._clock = clock
        self._expected = f"Bearer {token}".encode()
        self._said: list[FromDesk] = []
        self.app = Starlette(
            routes=[
                Route("/v1/messages", self._guarded(self._take), methods=["POST"]),
                Route("/v1/messages", self._guarded(self._tell), methods=["GET"]),
                Route("/v1/calls", self._guarded(self._calls), methods=["GET"]),
                Route("/v1/plan", self._guarded(self._plan), methods=["PUT"]),
                Route(
                    "/v1/calls/{request_id}/disposition",
                    self._guarded(self._dispose),
                    methods=["PUT"],
                ),
            ]
        )

    def _guarded(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, self._expected):
                return Response("token missing or wrong", status_code=401)
            return await handler(request)

        return guarded

    async def _take(self, request: Request) -> Response:
        try:
            message = decode(await _body(request))
        except MessageError as error:
            return Response(str(error), status_code=400)
        if not isinstance(message, NewAlarm | StationUpdate):
            return Response("this is a message of a desk, not of a station", status_code=400)
        self._desk.receive(message, self._clock.now())
        return Response(status_code=202)

    async def _tell(self, request: Request) -> Response:
        self._said += self._desk.say(self._clock.now())
        try:
            after = int(request.query_params.get("after", "0"))
        except ValueError:
            return Response("after: a number is expected", status_code=400)
        told = Outbox(next=len(self._said), messages=self._said[max(after, 0) :])
        return Response(msgspec.json.encode(told), media_type=_JSON)

    async def _calls(self, request: Request) -> Response:  # noqa: ARG002  the same for all
        rows = [
            _CallRow(
                request=name,
                event_number=call.event_number,
                address=call.alarm.content.address,
                is_open=call.is_open,
                disposition=call.disposition,
            )
            for name, call in self._desk.calls.items()
        ]
        return Response(msgspec.json.encode(rows), media_type=_JSON)

    async def _plan(self, request: Request) -> Response:
        try:
            plan = msgspec.json.decode(await _body(request), type=Plan)
        except msgspec.MsgspecError as error:
            return Response(f"no plan: {error}", status_code=400)
        key = request.query_params.get("for")
        if key is None:
            self._desk.plan = plan
        else:
            self._desk.plans[key] = plan
        return Response(status_code=204)

    async def _dispose(self, request: Request) -> Response:
        name = request.path_params["request_id"]
        call = self._desk.calls.get(name)
        if call is None or not call.is_open:
            return Response(f"no open call {name}", status_code=404)
        try:
            disposition = msgspec.json.decode(await _body(request), type=str)
        except msgspec.MsgspecError as error:
            return Response(f"a JSON string is expected: {error}", status_code=400)
        self._desk.dispose(name, disposition, self._clock.now())
        return Response(status_code=204)


async def _body(request: Request) -> bytes:
    """Read a body, never more than a message may have."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_MESSAGE:
            raise HTTPException(413, f"more than {MAX_MESSAGE} bytes")
    return bytes(data)
