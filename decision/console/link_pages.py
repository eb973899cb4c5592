"""The incident link for a contact: made by an operator, shown once, on record (DISP-M2)."""

from __future__ import annotations

from starlette.responses import Response

from decision.console.pages import Pages
from decision.contacts.link_maker import LinkMaker
from decision.facts import Actor, NoteAdded
from decision.roles import Permission
from decision.web.context import Asked
from decision.web.routes import Problem, Route
from decision.web.station import Station


class LinkPages:
    """The route below ``/incidents``; only where customers can reach the page behind a link."""

    def __init__(self, station: Station, pages: Pages, links: LinkMaker) -> None:
        self._station = station
        self._pages = pages
        self._links = links

    def routes(self) -> list[Route]:
        """All of them with their permission."""
        return [
            Route(
                method="POST",
                path="/incidents/{incident}/link",
                access=Permission.INCIDENT_HANDLE,
                handler=self.make,
            )
        ]

    async def make(self, asked: Asked) -> Response:
        """Make the link, put it on record, show it for sending or reading out."""
        incident = str(asked.request.path_params["incident"])
        state = self._station.incident(incident)
        if state is None:
            raise Problem(404, f"There is no incident {incident[:80]}.")
        form = await asked.request.form()
        contact = self._station.context(incident).site.contact(str(form.get("contact", "")))
        if contact is None:
            raise Problem(422, "Choose a contact of the site.")
        link = self._links.make(incident, contact.id, asked.now)
        user = asked.person.user
        until = link.expires.isoformat(timespec="minutes")
        note = NoteAdded(text=f"incident link made for {contact.name}, good until {until}")
        actor = Actor(kind="operator", id=user.id, roles=user.roles)
        await self._station.record(f"incident/{incident}", note, actor, now=asked.now)
        return self._pages.page(asked, "link.html", incident=incident, contact=contact, link=link)
