"""A person at the core's API: signs in, asks, does, and signs in again when the shift is over."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from simulators.station.http_client import Answer, ask

ROOT: Final = "/api/v1"
_UNAUTHORISED: Final = 401


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A name, a password and what the person is, for the story."""

    user: str
    password: str
    name: str
    roles: tuple[str, ...]

    def __repr__(self) -> str:
        """Show no password."""
        return f"Login({self.user!r})"


class RefusedError(Exception):
    """The core said no, in its own words."""

    def __init__(self, status: int, title: str) -> None:
        super().__init__(f"{status}: {title}")
        self.status = status


class Person:
    """One signed-in person."""

    def __init__(self, address: tuple[str, int], login: Login) -> None:
        """``address``: where the core listens."""
        self.login = login
        self._address = address
        self._cookie = ""
        self._csrf = ""

    async def get(self, path: str) -> Any:
        """Read; raises ``RefusedError``."""
        return (await self._signed("GET", path, None)).json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Do; raises ``RefusedError``."""
        answer = await self._signed("POST", path, msgspec.json.encode(body))
        return answer.json() if answer.body else None

    async def _signed(self, method: str, path: str, body: bytes | None) -> Answer:
        if not self._cookie:
            await self._sign_in()
        answer = await self._ask(method, path, body)
        if answer.status == _UNAUTHORISED:  # another shift began
            await self._sign_in()
            answer = await self._ask(method, path, body)
        if not answer.is_good:
            raise RefusedError(answer.status, _title(answer))
        return answer

    async def _ask(self, method: str, path: str, body: bytes | None) -> Answer:
        headers = {"cookie": self._cookie, "x-csrf-token": self._csrf}
        if body is not None:
            headers["content-type"] = "application/json"
        return await ask(self._address, method, ROOT + path, body=body, headers=headers)

    async def _sign_in(self) -> None:
        body = msgspec.json.encode({"user": self.login.user, "password": self.login.password})
        answer = await ask(
            self._address,
            "POST",
            f"{ROOT}/session",
            body=body,
            headers={"content-type": "application/json"},
        )
        if not answer.is_good:
            raise RefusedError(answer.status, _title(answer))
        self._cookie = answer.headers.get("set-cookie", "").partition(";")[0]
        self._csrf = str(answer.json()["csrf"])


def _title(answer: Answer) -> str:
    try:
        return str(answer.json()["title"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return answer.body[:200].decode("utf-8", "replace")
