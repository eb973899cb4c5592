"""Tests over real sockets run on both event loops."""

from __future__ import annotations

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):  # noqa: ARG001  (pytest's shape)
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
