"""Asks a server on this machine over HTTP/1.1, one connection for each request: enough for a demo.

Of the standard library alone, so that the demonstration needs nothing that the product does not.
"""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Mapping
from typing import Any, Final

import msgspec

TIMEOUT_S: Final = 30.0
_FORM: Final = "application/x-www-form-urlencoded"


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of several of one name, the last."""
    body: bytes

    @property
    def is_good(self) -> bool:
        """Done as asked, or sent on to a page that tells so."""
        return self.status < 400  # noqa: PLR2004  client errors begin here

    def json(self) -> Any:
        """The body."""
        return msgspec.json.decode(self.body)


async def ask(
    address: tuple[str, int],
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request and read the whole answer. Raises OSError."""
    return await asyncio.to_thread(_ask, address, method, path, body, dict(headers or {}))


def _ask(
    address: tuple[str, int], method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> Answer:
    connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body=body, headers=headers)
        found = connection.getresponse()
        told = {name.lower(): value for name, value in found.getheaders()}
        return Answer(status=found.status, headers=told, body=found.read())
    except http.client.HTTPException as error:
        raise OSError(f"{method} {path}: {type(error).__name__} {error}") from error
    finally:
        connection.close()


def form(fields: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """A form as a browser sends it: body and headers."""
    from urllib.parse import urlencode  # noqa: PLC0415  for forms only

    return urlencode(fields).encode("ascii"), {"content-type": _FORM}
