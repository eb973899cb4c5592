"""Audit, accounts of people, help with the keys, and the stream of changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response

from decision.accounts import passwords
from decision.accounts.users import User, UserError
from decision.audit import PasswordChanged, UserChanged
from decision.console import views as v
from decision.console.pages import Pages
from decision.console.story import told, who
from decision.facts import Recorded
from decision.roles import RULE_OF_ROLE, Permission, Role
from decision.web.acts import actor_of
from decision.web.context import Asked, Door
from decision.web.routes import Problem, Route
from decision.web.station import Station
from decision.web.stream import Stream

AUDIT_PAGE: Final = 100
KEYS: Final = (
    (
        "Everywhere",
        (
            (("g", "q"), "incidents"),
            (("g", "l"), "ledger"),
            (("g", "t"), "training"),
            (("g", "a"), "audit"),
            (("?",), "this page"),
            (("Esc",), "leave a field; then back"),
            (("↑", "↓"), "move between rows and buttons"),
            (("Enter",), "open, or press the button"),
        ),
    ),
    ("Incidents", ((("1", "…", "9"), "open that incident"), (("Tab",), "next incident"))),
    (
        "One incident",
        (
            (("1", "…", "9"), "answer the question"),
            (("e",), "type what you heard"),
            (("a",), "audio and pictures"),
            (("c",), "call list"),
            (("d",), "what local requirements say"),
            (("m",), "message to the responders"),
            (("u",), "responders: what was said"),
            (("n",), "note, or who says so"),
            (("r",), "customer resolves (Enter sends)"),
            (("p",), "customer asks for responders (Enter sends)"),
            (("t",), "take it, or leave it (Enter sends)"),
        ),
    ),
)


class OfficePages:
    """Everything that is neither an incident nor a ledger."""

    def __init__(self, station: Station, door: Door, pages: Pages, stream: Stream) -> None:
        self._station = station
        self._door = door
        self._pages = pages
        self._stream = stream

    def routes(self) -> list[Route]:
        """All of them with their permission."""
        keep = Permission.USERS_KEEP
        return [
            Route(
                method="GET", path="/stream", access=Permission.SIGN_IN, handler=self._stream.open
            ),
            Route(method="GET", path="/audit", access=Permission.AUDIT_VIEW, handler=self.audit),
            Route(method="GET", path="/people", access=keep, handler=self.people),
            Route(method="POST", path="/people", access=keep, handler=self.change),
            Route(method="GET", path="/help", access=Permission.SIGN_IN, handler=self.help),
            Route(
                method="POST",
                path="/help/password",
                access=Permission.SIGN_IN,
                handler=self.password,
            ),
        ]

    async def audit(self, asked: Asked) -> Response:
        """Who did what, latest first."""
        query = asked.request.query_params
        person, subject = query.get("who", "")[:64], query.get("subject", "")[:128]
        before = query.get("before", "")[:18]
        number = int(before) if before.isascii() and before.isdigit() else None
        found = await self._station.log(
            before=number, limit=AUDIT_PAGE, actor=person, subject=subject
        )
        names = {user.id: user.name for user in self._door.users.all.values()}
        older = ""
        if len(found) == AUDIT_PAGE:
            again = {"who": person, "subject": subject, "before": found[-1].seq}
            older = "/audit?" + urlencode(again)
        return self._pages.page(
            asked,
            "audit.html",
            rows=[audit_row(one, names) for one in found],
            older=older,
            filter_who=person,
            filter_subject=subject,
            filter_before=before,
        )

    async def people(self, asked: Asked) -> Response:
        """Accounts and roles."""
        edited = self._door.users.get(asked.request.query_params.get("user", ""))
        return self._pages.page(
            asked,
            "people.html",
            users=sorted(self._door.users.all.values(), key=lambda user: user.id),
            edited=edited,
            roles=[(name, _rule(name), "") for name in self._door.roles.names],
        )

    async def change(self, asked: Asked) -> Response:
        """Make or change an account."""
        form = await asked.request.form()
        user_id = str(form.get("id", "")).strip().lower()
        before = self._door.users.get(user_id)
        is_disabled = form.get("is_disabled") == "yes"
        password = str(form.get("password", ""))
        if user_id == asked.person.user.id and is_disabled:
            raise Problem(422, "You cannot disable your own account.")
        user = User(
            id=user_id,
            name=str(form.get("name", "")).strip()[:100] or user_id,
            roles=tuple(str(role) for role in form.getlist("roles")),
            password=before.password if before else None,
            is_disabled=is_disabled,
        )
        try:
            if password:
                passwords.check_strength(password, user=user_id)
            self._door.users.put(user, roles=self._door.roles)
        except (UserError, passwords.WeakPasswordError) as error:
            raise Problem(422, f"{str(error).capitalize()}.") from None
        if password:
            await self._set_password(user, password)
        self._door.users.save()
        if is_disabled:
            self._door.sessions.close_all_of(user_id)
        fact = UserChanged(user=user.id, roles=user.roles, is_disabled=is_disabled)
        await self._keep(asked, user.id, fact)
        if password:
            await self._keep(asked, user.id, PasswordChanged(user=user.id))
        asked.person.session.said.append(("good", f"Kept: {user.name}."))
        return RedirectResponse("/people", status_code=303)

    async def _set_password(self, user: User, password: str) -> None:
        stored = await asyncio.to_thread(
            passwords.hashed,
            password,
            random_bytes=self._door.random_bytes,
            cost=self._door.password_cost,
        )
        self._door.users.put(msgspec.structs.replace(user, password=stored), roles=self._door.roles)
        self._door.sessions.close_all_of(user.id)

    async def _keep(self, asked: Asked, user_id: str, fact: UserChanged | PasswordChanged) -> None:
        await self._station.record(
            f"operator/{user_id}", fact, actor_of(asked.person), now=asked.now
        )

    async def help(self, asked: Asked) -> Response:
        """Keys, shapes, levels, training material (PPVAR-4.4.1), the own password."""
        return self._pages.page(
            asked,
            "help.html",
            groups=KEYS,
            materials=self._station.people().programme.materials_at or "",
        )

    async def password(self, asked: Asked) -> Response:
        """Change the own password; the old one is asked for, and every session ends."""
        form = await asked.request.form()
        user = asked.person.user
        old, new = str(form.get("old", "")), str(form.get("new", ""))
        wait = self._door.by_user.wait(user.id, now=asked.now)
        if wait.total_seconds() > 0:
            raise Problem(429, f"Too many wrong tries. Wait {int(wait.total_seconds()) + 1} s.")
        if user.password is None or not await asyncio.to_thread(
            passwords.is_right, old, user.password
        ):
            self._door.by_user.failed(user.id, now=asked.now)
            raise Problem(403, "The password now is wrong.")
        try:
            passwords.check_strength(new, user=user.id)
        except passwords.WeakPasswordError as error:
            raise Problem(422, f"{str(error).capitalize()}.") from None
        await self._set_password(user, new)
        self._door.users.save()
        await self._keep(asked, user.id, PasswordChanged(user=user.id))
        return RedirectResponse("/sign-in", status_code=303)


def audit_row(recorded: Recorded, names: Mapping[str, str]) -> v.AuditRow:
    """One fact as a line of the audit."""
    words = told(recorded.fact)
    kind, _, name = recorded.subject.partition("/")
    href = {"incident": f"/incidents/{name}", "system": f"/ledger/{name}"}.get(kind, "")
    return v.AuditRow(
        seq=recorded.seq,
        at=recorded.at,
        who=who(recorded, names),
        roles=", ".join(recorded.actor.roles) or recorded.actor.kind,
        what=words.text or "Site, settings and standing kept",
        subject=recorded.subject,
        detail=words.detail,
        href=href,
    )


def _rule(name: str) -> str:
    try:
        return RULE_OF_ROLE.get(Role(name), "")
    except ValueError:
        return "of a pack"
