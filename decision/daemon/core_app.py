"""Puts console and API together into one application for one engine."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from starlette.routing import BaseRoute

from decision.api.resources import Resources
from decision.console.door_pages import DoorPages
from decision.console.incident_pages import IncidentPages
from decision.console.ledger_pages import LedgerPages
from decision.console.link_pages import LinkPages
from decision.console.office_pages import OfficePages
from decision.console.pages import STATIC, Pages
from decision.console.training_pages import TrainingPages
from decision.contacts.link_maker import LinkMaker
from decision.web.app import application
from decision.web.context import Door
from decision.web.headers import Envelope
from decision.web.routes import Route
from decision.web.station import Station
from decision.web.stream import Stream


class CoreApp(msgspec.Struct, frozen=True, kw_only=True):
    """The application, and its table of routes for whoever wants to check it."""

    asgi: Envelope
    routes: tuple[Route, ...]
    stream: Stream
    """Close it before the server is asked to end: open pages would hold it."""


def core_app(
    station: Station,
    door: Door,
    stream: Stream,
    *,
    mounts: Sequence[BaseRoute] = (),
    links: LinkMaker | None = None,
) -> CoreApp:
    """Make it. ``mounts``: parts that prove themselves otherwise (the customers' signed links).

    ``links``: makes those links, where customers can reach the page behind them.
    """
    pages = Pages(station.info.name, station.info.zone, has_links=links is not None)
    door_pages = DoorPages(door, pages)
    routes = (
        *door_pages.routes(),
        *IncidentPages(station, door, pages).routes(),
        *(LinkPages(station, pages, links).routes() if links is not None else ()),
        *LedgerPages(station, door, pages).routes(),
        *TrainingPages(station, door, pages).routes(),
        *OfficePages(station, door, pages, stream).routes(),
        *Resources(station, door, decoy=door_pages.decoy).routes(),
    )
    asgi = application(routes, door, refuse=pages.refusal, static=STATIC, mounts=mounts)
    return CoreApp(asgi=asgi, routes=routes, stream=stream)
