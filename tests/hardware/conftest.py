"""Tests over real sockets run on both event loops."""

from __future__ import annotations

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):  # noqa: ARG001  (pytest's shape)
    factories = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    if item.path.name == "test_serial_link.py":
        # Threads and pyserial do the work there; waiting for ports twice proves nothing.
        del factories["asyncio"]
    return factories
