"""Serves the console and the API on the daemon's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final

import uvicorn

from decision.config.model import HttpConfig

CLOSE_S: Final = 3  # for requests under way; streams are ended before
_BACKLOG: Final = 128


class ListenError(Exception):
    """The address cannot be listened on; told in words."""


class _Server(uvicorn.Server):
    """Leaves signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """One listener. ``start`` and ``stop`` once."""

    def __init__(self, app: Any, config: HttpConfig) -> None:
        self._config = config
        self._server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=True,
                proxy_headers=config.behind_tls_proxy,
                forwarded_allow_ips="127.0.0.1" if config.behind_tls_proxy else "",
                ssl_certfile=config.cert_file,
                ssl_keyfile=config.key_file,
                timeout_graceful_shutdown=CLOSE_S,
            )
        )
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0
        """Where it listens in fact."""

    async def start(self) -> None:
        """Listen; raises ``ListenError``."""
        host, port = self._config.listen
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as error:
            raise ListenError(
                f"http.listen {self._config.listen}: {error.strerror}; is another core running?"
            ) from error
        self.port = int(self._socket.getsockname()[1])
        self._task = asyncio.get_running_loop().create_task(
            self._server.serve(sockets=[self._socket]), name="http"
        )

    async def stop(self) -> None:
        """Answer what is under way, then close."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
