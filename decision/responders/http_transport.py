"""A desk's machine over HTTP: hand messages over, ask for what it said."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
import structlog

from decision.responders.desk_http import Outbox
from decision.responders.messages import MAX_MESSAGE, FromStation, encode
from decision.responders.transport import Delivery, Receipt, Received

CONNECT_S: Final = 10.0  # one request; a desk that is slower counts as not reached
POLL_S: Final = 1.0  # between two looks at what the desk said
_RETRY_MOST_S: Final = 30.0
_OK: Final = frozenset({200, 202, 204})
_log: Final = structlog.get_logger()


class DeskUnreachableError(Exception):
    """The desk's machine did not take a request; the text says why."""


class HttpTransport:
    """One desk. Plain HTTP only to this machine, unless somebody allowed it."""

    name: Final = "http"

    def __init__(  # noqa: PLR0913  each is one fact of a connection, all by name
        self,
        url: str,
        *,
        token: str,
        ca_file: Path | None = None,
        cert_file: Path | None = None,
        key_file: Path | None = None,
        allow_plain: bool = False,
        poll_s: float = POLL_S,
    ) -> None:
        """Raises ValueError for an address that would send alarms in plain over a network."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"desk {url!r}: expected https://host[:port][/path]")
        if parts.scheme == "http" and not (allow_plain or _is_loopback(parts.hostname)):
            raise ValueError(
                f"desk {url!r} is on another machine and not encrypted: use https://, or set "
                "allow_plain = true if that network is trusted"
            )
        self._host, self._port = parts.hostname, parts.port
        self._path = parts.path.rstrip("/")
        self._token = token
        self._poll_s = poll_s
        self._tls: ssl.SSLContext | None = None
        if parts.scheme == "https":
            self._tls = ssl.create_default_context(cafile=ca_file)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            if cert_file is not None:
                self._tls.load_cert_chain(cert_file, key_file)

    def __repr__(self) -> str:
        """Name the desk, never its token."""
        return f"HttpTransport({self._host}:{self._port or ''}{self._path})"

    async def send(self, message: FromStation) -> Receipt:
        """See ``Transport``."""
        try:
            await asyncio.to_thread(self._ask, "POST", "/v1/messages", encode(message))
        except DeskUnreachableError as error:
            return Receipt(delivery=Delivery.FAILED, why=str(error))
        return Receipt(delivery=Delivery.DELIVERED)

    async def run(self, received: Received) -> None:
        """See ``Transport``. After a restart of ours everything is given again, with its ids."""
        after, wait_s = 0, self._poll_s
        while True:
            try:
                outbox = await self._outbox(after)
            except DeskUnreachableError as error:
                if wait_s == self._poll_s:
                    _log.warning("desk.lost", desk=repr(self), reason=str(error))
                wait_s = min(wait_s * 2, _RETRY_MOST_S)
            else:
                if wait_s != self._poll_s:
                    _log.info("desk.returned", desk=repr(self))
                wait_s = self._poll_s
                # A desk that began anew counts from zero again.
                after = outbox.next
                for message in outbox.messages:
                    received(message)
            await asyncio.sleep(wait_s)

    async def _outbox(self, after: int) -> Outbox:
        data = await asyncio.to_thread(self._ask, "GET", f"/v1/messages?after={after}", None)
        try:
            outbox = msgspec.json.decode(data, type=Outbox)
        except msgspec.MsgspecError as error:
            raise DeskUnreachableError(f"the desk answered something else: {error}") from error
        if outbox.next < after:  # it lost its count: all of it again
            return await self._outbox(0)
        return outbox

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        """Make one request (blocking, in a thread of its own)."""
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = self._connection()
        try:
            connection.request(method, self._path + path, body=body, headers=headers)
            response = connection.getresponse()
            data = response.read(16 * MAX_MESSAGE)
        except (OSError, http.client.HTTPException) as error:
            words = str(error) or type(error).__name__
            raise DeskUnreachableError(f"{self._host}: {words}") from error
        finally:
            connection.close()
        if response.status not in _OK:
            said = data[:200].decode("utf-8", "replace")
            raise DeskUnreachableError(f"{self._host} answered {response.status}: {said}")
        return data

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=CONNECT_S, context=self._tls
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_S)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
