"""The list of alarm systems, the file of each, the papers to print, the suspended list."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from decision.console import views as v
from decision.console.pages import Pages
from decision.console.present_ledger import ledger_row, ledger_view
from decision.ledger.report import monthly
from decision.ledger.state import SystemState
from decision.ledger.suspended import suspended
from decision.notices.form import appeal_form
from decision.notices.invoice import invoice as invoice_paper
from decision.notices.letter import letter
from decision.notices.missing import MissingDatum
from decision.notices.render import Document, html
from decision.notices.report import report_csv, report_page
from decision.notices.suspended import suspended_csv
from decision.packs.model import Pack
from decision.packs.words import AppealKind
from decision.roles import Permission
from decision.web.acts import actor_of
from decision.web.context import Asked, Door
from decision.web.ledger_acts import ACTS, Case, LedgerAct, case_of, fact_of, offered
from decision.web.routes import Problem, Route
from decision.web.station import Station

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])(\.csv)?")
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class LedgerPages:
    """Routes below ``/ledger``; one for each act, so that each has its own permission."""

    def __init__(self, station: Station, door: Door, pages: Pages) -> None:
        self._station = station
        self._door = door
        self._pages = pages

    def routes(self) -> list[Route]:
        """All of them with their permission."""
        one = "/ledger/{system}"
        view = Permission.LEDGER_VIEW
        return [
            Route(method="GET", path="/ledger", access=view, handler=self.index),
            Route(method="GET", path="/reports/suspended.csv", access=view, handler=self.suspended),
            Route(
                method="GET",
                path="/reports/{pack}/{month}",
                access=Permission.REPORT_RUN,
                handler=self.report,
            ),
            Route(method="GET", path=one, access=view, handler=self.ledger),
            Route(
                method="GET",
                path=f"{one}/papers/{{kind}}/{{name}}",
                access=view,
                handler=self.paper,
            ),
            *(
                Route(
                    method="POST",
                    path=f"{one}/{act.name}",
                    access=act.permission,
                    handler=partial(self.act, act),
                )
                for act in ACTS
            ),
        ]

    async def index(self, asked: Asked) -> Response:
        """All systems; those with something to do and those not responded to first."""
        states = sorted(
            self._station.systems(),
            key=lambda s: (not s.is_discontinued, not s.is_suspended, -len(s.open_tasks), s.system),
        )
        rows = [
            ledger_row(state, self._station.site_of(state.system), self._station.pack(state.system))
            for state in states
        ]
        return self._pages.page(
            asked,
            "ledger_list.html",
            live="*",
            rows=rows,
            listed=sum(state.is_listed for state in states),
            papers=self._papers(asked, states),
        )

    def _papers(self, asked: Asked, states: Sequence[SystemState]) -> list[tuple[str, str]]:
        """The list of suspended addresses and the reports of this month and the last."""
        found = [("Suspended addresses (CSV)", "/reports/suspended.csv")]
        if not asked.person.may(Permission.REPORT_RUN):
            return found
        packs = {pack.id: pack for one in states if (pack := self._station.pack(one.system))}
        for pack in packs.values():
            today = pack.calendar.day(asked.now)
            last = today.replace(day=1) - timedelta(days=1)
            for day in (last, today):
                month = f"{day:%Y-%m}"
                path = f"/reports/{pack.id}/{month}"
                found += [
                    (f"{pack.metadata.name}, {month}", path),
                    (f"{month} as CSV", f"{path}.csv"),
                ]
        return found

    async def suspended(self, asked: Asked) -> Response:
        """The list of suspended addresses as CSV (SJ-C7)."""
        del asked
        rows = [
            row
            for state in self._station.systems()
            if (pack := self._station.pack(state.system)) is not None
            for row in suspended([state], pack)
        ]
        return _csv(suspended_csv(rows), "suspended.csv")

    async def report(self, asked: Asked) -> Response:
        """The monthly report of the two dispositions as a page or CSV (SJ-C3)."""
        pack, year, month, is_csv = self._asked_month(asked)
        states = [
            state
            for state in self._station.systems()
            if (other := self._station.pack(state.system)) is not None and other.id == pack.id
        ]
        if is_csv:
            return _csv(report_csv(monthly(states, year, month, pack)), f"{year}-{month:02d}.csv")
        return paper_response(html(report_page(pack, states, year=year, month=month)))

    def _asked_month(self, asked: Asked) -> tuple[Pack, int, int, bool]:
        name, text = (str(asked.request.path_params[key]) for key in ("pack", "month"))
        found = _MONTH.fullmatch(text)
        packs = (self._station.pack(state.system) for state in self._station.systems())
        pack = next((one for one in packs if one is not None and one.id == name), None)
        if found is None or pack is None:
            raise Problem(404, "There is no such report.")
        return pack, int(found[1]), int(found[2]), bool(found[3])

    async def ledger(self, asked: Asked) -> Response:
        """One system."""
        return await self._page(asked)

    async def _page(
        self, asked: Asked, *, status: int = 200, flashes: tuple[tuple[str, str], ...] = ()
    ) -> Response:
        state = self._state(asked)
        pack = self._station.pack(state.system)
        view = ledger_view(
            state,
            site=self._station.site_of(state.system),
            pack=pack,
            roles=asked.person.user.roles,
            history=await self._station.history(f"system/{state.system}"),
            names={user.id: user.name for user in self._door.users.all.values()},
            actions=_actions(case_of(asked, state, pack)) if pack else (),
            now=asked.now,
        )
        return self._pages.page(
            asked,
            "ledger.html",
            status=status,
            flashes=flashes,
            live=f"system/{state.system}",
            it=view,
        )

    def _state(self, asked: Asked) -> SystemState:
        name = str(asked.request.path_params["system"])
        state = self._station.system(name)
        if state is None:
            raise Problem(404, f"There is no alarm system {name[:80]}.")
        return state

    async def act(self, act: LedgerAct, asked: Asked) -> Response:
        """Do one act of the table."""
        state = self._state(asked)
        pack = self._station.pack(state.system)
        if pack is None:
            raise Problem(409, "The jurisdiction of this system is unknown: nothing can be kept.")
        form = {
            name: value.strip()[:2000]
            for name, value in (await asked.request.form()).items()
            if isinstance(value, str)
        }
        subject = f"system/{state.system}"
        try:
            fact = fact_of(act, case_of(asked, state, pack), form)
            await self._station.record(subject, fact, actor_of(asked.person), now=asked.now)
        except Problem as problem:
            return await self._page(
                asked, status=problem.status, flashes=(("danger", problem.title),)
            )
        asked.person.session.said.append(("good", f"Recorded: {act.label.lower()}."))
        return RedirectResponse(f"/ledger/{state.system}", status_code=303)

    async def paper(self, asked: Asked) -> Response:
        """A notice, an invoice or a form, ready to print."""
        state = self._state(asked)
        pack = self._station.pack(state.system)
        if pack is None:
            raise Problem(404, "The jurisdiction of this system is unknown: it has no papers.")
        kind, name = asked.request.path_params["kind"], asked.request.path_params["name"]
        try:
            document = _document(kind, name, case_of(asked, state, pack))
        except MissingDatum as error:
            raise Problem(409, f"It cannot be printed yet. {error}") from None
        if document is None:
            raise Problem(404, "There is no such paper.")
        return paper_response(html(document))


def paper_response(text: str) -> Response:
    """A paper carries its own style; that style and nothing else is allowed by its hash."""
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() + "'"
        for style in _STYLE.findall(text)
    ]
    policy = f"default-src 'none'; style-src {' '.join(hashes) or chr(39) + 'none' + chr(39)}; "
    policy += "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


def _csv(text: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(text, media_type="text/csv", headers={"Content-Disposition": disposition})


def _document(kind: str, name: str, case: Case) -> Document | None:
    state, pack = case.state, case.pack
    match kind:
        case "notice":
            notice = next((one for one in state.notices if one.notice == name), None)
            return letter(pack, state, notice, on=case.today) if notice else None
        case "invoice":
            invoice = next((one for one in state.invoices if one.invoice == name), None)
            return invoice_paper(pack, state, invoice) if invoice else None
        case "form" if name.upper() in set(AppealKind):
            return appeal_form(pack, state, AppealKind(name.upper()), on=case.today)
        case _:
            return None


def _actions(case: Case) -> tuple[v.Action, ...]:
    return tuple(
        v.Action(
            token=act.name,
            label=act.label,
            help=act.help,
            fields=tuple(
                v.Field(
                    name=blank.name,
                    label=blank.label,
                    is_required=blank.is_required,
                    is_long=blank.kind == "long",
                    choices=blank.choices,
                    value=case.today.isoformat() if blank.kind == "day" else "",
                )
                for blank in blanks
            ),
        )
        for act, blanks in offered(case)
    )
