"""The page behind the incident link: what happened, end it, send help. No account, no script.

The signed token in the address is the only key, so nothing is read from cookies and a page of
another site can do nothing with it. Looking changes nothing (a preview may look); acting is a
POST. Whatever is refused says why (DISP-M4).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, Protocol

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from decision.contacts.customer import Accepted, CustomerAct, Refused, act, customer_page
from decision.contacts.link import Grant, LinkError, read
from decision.contacts.link_key import LinkKey
from decision.context import Context
from decision.facts import Actor
from decision.state import IncidentState, Step

PREFIX: Final = "/i"
MAX_NOTE: Final = 300
"""Characters a customer may add."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # The address is the key: it may not leak to wherever a link leads.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_log: Final = structlog.get_logger()


class StationName(Protocol):
    """Who we are."""

    @property
    def name(self) -> str:
        """Of the station."""
        ...

    @property
    def callback(self) -> str:
        """Number at which we are reached."""
        ...


class Station(Protocol):
    """What of the core the page needs."""

    @property
    def info(self) -> StationName:
        """Who we are."""
        ...

    def incident(self, incident_id: str) -> IncidentState | None:
        """One incident."""
        ...

    def context(self, incident_id: str) -> Context:
        """What a decision about it would look at now."""
        ...

    async def record(self, subject: str, fact: Any, actor: Actor, *, now: datetime) -> Step | None:
        """Store a fact durably and fold it."""
        ...


def link_url(public_url: str, token: str) -> str:
    """Give the address that is sent to a contact."""
    return f"{public_url.rstrip('/')}{PREFIX}/{token}"


class CustomerPages:
    """The customers' side; ``mount`` goes into the application."""

    def __init__(self, station: Station, key: LinkKey, clock: Callable[[], datetime]) -> None:
        self._station = station
        self._key = key
        self._clock = clock

    def mount(self) -> Mount:
        """Give the routes."""
        return Mount(
            PREFIX,
            routes=[
                Route("/style.css", _style, methods=["GET"]),
                Route("/{token}", self._show, methods=["GET"]),
                Route("/{token}", self._act, methods=["POST"]),
            ],
        )

    async def _show(self, request: Request) -> Response:
        try:
            grant, state, context = self._find(request)
        except LinkError as error:
            return self._refusal(str(error))
        said = SAID.get(request.query_params.get("done", ""), "")
        return self._page(grant, state, context, said=said)

    async def _act(self, request: Request) -> Response:
        try:
            grant, state, context = self._find(request)
        except LinkError as error:
            return self._refusal(str(error))
        form = await request.form()
        try:
            wanted = CustomerAct(str(form.get("act", "")))
        except ValueError:
            return self._page(grant, state, context, refused="Choose one of the two.", status=422)
        note = "".join(one for one in str(form.get("note", "")) if one.isprintable())
        told = act(
            wanted,
            grant,
            state,
            context,
            self._clock(),
            is_fee_accepted=form.get("fee") == "accepted",
            note=note[:MAX_NOTE],
        )
        if isinstance(told, Refused):
            _log.info("link.refused", incident=grant.incident, act=wanted, rule=told.rule)
            return self._page(grant, state, context, refused=told.text, status=409)
        return await self._accepted(request, grant, told, wanted)

    async def _accepted(
        self, request: Request, grant: Grant, told: Accepted, wanted: CustomerAct
    ) -> Response:
        subject = f"incident/{grant.incident}"
        step = await self._station.record(subject, told.fact, told.actor, now=self._clock())
        if step is not None and step.refusal is not None:  # it ended in between (DISP-M4)
            state, context = step.state, self._station.context(grant.incident)
            return self._page(grant, state, context, refused=step.refusal.text, status=409)
        return RedirectResponse(f"{request.url.path}?done={wanted}", 303, headers=_HEADERS)

    def _find(self, request: Request) -> tuple[Grant, IncidentState, Context]:
        grant = read(self._key, request.path_params["token"], self._clock())
        state = self._station.incident(grant.incident)
        if state is None:
            raise LinkError("this link is not valid; call the number you were given")
        return grant, state, self._station.context(grant.incident)

    def _page(  # noqa: PLR0913  what is shown, by name
        self,
        grant: Grant,
        state: IncidentState,
        context: Context,
        *,
        said: str = "",
        refused: str = "",
        status: int = 200,
    ) -> Response:
        page = customer_page(grant, state, context, self._clock())
        text = (
            _templates()
            .get_template("customer.html")
            .render(
                page=page, info=self._station.info, said=said, refused=refused, max_note=MAX_NOTE
            )
        )
        return HTMLResponse(text, status, headers=_HEADERS)

    def _refusal(self, why: str) -> Response:
        text = (
            _templates()
            .get_template("refused.html")
            .render(info=self._station.info, why=why[:1].upper() + why[1:])
        )
        return HTMLResponse(text, 404, headers=_HEADERS)


SAID: Final = {
    CustomerAct.RESOLVE.value: "Thank you. You ended this alarm.",
    CustomerAct.REQUEST_DISPATCH.value: "We have your request for help.",
}


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("decision.contacts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


async def _style(request: Request) -> Response:  # noqa: ARG001  the same for all
    css = files("decision.contacts").joinpath("customer.css").read_text(encoding="utf-8")
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=3600"})
