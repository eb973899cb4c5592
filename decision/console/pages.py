"""Makes HTML out of view models: the template environment and what every page is given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2
from starlette.responses import HTMLResponse, Response

from decision.roles import Permission
from decision.web.context import Asked

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
HTMX: Final = "htmx-2.0.11.min.js"

NAV: Final[tuple[tuple[str, str, str, Permission], ...]] = (
    ("/", "Incidents", "q", Permission.INCIDENT_VIEW),
    ("/ledger", "Ledger", "l", Permission.LEDGER_VIEW),
    ("/training", "Training", "t", Permission.SIGN_IN),
    ("/audit", "Audit", "a", Permission.AUDIT_VIEW),
    ("/people", "People", "p", Permission.USERS_KEEP),
    ("/help", "Help", "h", Permission.SIGN_IN),
)
"""The pages of the bar: path, word, second key after ``g``, permission."""


class Pages:
    """Renders the console's pages for one station."""

    def __init__(self, station: str, zone: ZoneInfo, *, has_links: bool = False) -> None:
        """``has_links``: whether incident links can be made for contacts."""
        self._station = station
        self._zone = zone
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["has_links"] = has_links
        self._environment.filters["clock"] = self._clock
        self._environment.filters["moment"] = self._moment
        self._environment.filters["day"] = self._day
        self._environment.filters["ident"] = _ident

    def page(  # noqa: PLR0913  each is one thing of a page, all by name
        self,
        asked: Asked,
        template: str,
        *,
        status: int = 200,
        live: str = "",
        seq: int = 0,
        flashes: Sequence[tuple[str, str]] = (),
        **values: Any,
    ) -> Response:
        """Render one page.

        ``live``: the subject whose changes refresh it, ``*`` for all; ``seq``: the last of its
        facts that the page shows.
        """
        who = asked.who
        said = list(flashes)
        if who is not None:
            said += who.session.take_said()
        nav = [
            (href, word, key)
            for href, word, key, permission in NAV
            if who is not None and who.may(permission)
        ]
        path = asked.request.url.path
        text = self._environment.get_template(template).render(
            station=self._station,
            zone=self._zone.key,
            now=asked.now,
            who=who,
            csrf_token=who.session.csrf if who else "",
            nav=nav,
            here="/" if path.startswith("/incidents") else f"/{path.split('/')[1]}",
            is_live=bool(live),
            live_subject=live,
            seq=seq,
            flashes=said,
            htmx=HTMX,
            assets=assets_version(),
            **values,
        )
        return HTMLResponse(text, status_code=status)

    def refusal(self, asked: Asked, status: int, problem: str) -> Response:
        """The page that says what was not done and why."""
        return self.page(
            asked,
            "refused.html",
            status=status,
            heading="Not done",
            code=status,
            problem=problem,
            back=_back(asked),
        )

    def _clock(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%H:%M:%S")

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%d")

    def _moment(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")


def _ident(text: str) -> str:
    """Fit for an element's id."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text)


def _back(asked: Asked) -> str:
    parts = asked.request.url.path.split("/")
    if len(parts) > 2 and parts[1] in {"incidents", "ledger"}:  # noqa: PLR2004
        return "/".join(parts[:3])
    return "/"


@cache
def assets_version() -> str:
    """Changes whenever one of our own assets does, so that no desk shows yesterday's."""
    digest = hashlib.sha256()
    for name in ("console.css", "console.js", "theme.js"):
        digest.update((STATIC / name).read_bytes())
    return digest.hexdigest()[:12]
