"""A connection that nobody waits for any more is closed once its thread has made it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import pytest

from gateway.contract.address import BrokerAddress
from gateway.contract.client import MqttClient


class Slow(MqttClient):
    """Its thread connects only when it is told to."""

    def __init__(self, port: int) -> None:
        super().__init__(
            BrokerAddress(host="127.0.0.1", port=port), identifier="slow",
            on_message=lambda _topic, _payload: None, on_lost=lambda _reason, _by_peer: None,
        )  # fmt: skip
        self.has_begun, self.goes_on = threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None
        self.closed_in: threading.Thread | None = None

    def _client_connect(self) -> None:
        self.thread = threading.current_thread()
        self.has_begun.set()
        assert self.goes_on.wait(10)
        super()._client_connect()

    def _hang_up(self) -> None:
        if self._client.socket() is not None:
            self.closed_in = threading.current_thread()
        super()._hang_up()


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        yield listening


async def given_up(server) -> Slow:
    client = Slow(server.getsockname()[1])
    opening = asyncio.create_task(client.open())
    assert await asyncio.to_thread(client.has_begun.wait, 10)
    opening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await opening
    return client


def is_closed(server) -> bool:
    far_end, _ = server.accept()
    with far_end:
        far_end.settimeout(10)
        while far_end.recv(1024):
            continue  # its CONNECT
        return True


async def test_on_the_loop_whose_readers_and_writers_are_not_for_threads(server):
    client = await given_up(server)
    client.goes_on.set()
    assert await asyncio.to_thread(is_closed, server)
    assert client.closed_in is threading.current_thread()


def test_at_once_when_the_loop_is_gone(server):
    client = asyncio.run(given_up(server))
    client.goes_on.set()
    assert is_closed(server)
    client.thread.join(10)
    assert not client.thread.is_alive()
