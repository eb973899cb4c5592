"""Runs the hostile client (``attack.c``) beside the event loop."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import msgspec

from benchmarks.compiling import compiled

SOURCE = Path(__file__).with_name("attack.c")


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """What a hostile client did and saw."""

    opened: int
    refused: int
    """Connections that were refused, or closed before they could say anything."""
    closed_by_peer: int
    over: int
    """Connections that it gave up by itself."""
    failed: int
    """Connections that this machine could not even begin."""
    datagrams: int
    bytes_out: int
    bytes_in: int
    """What it was told; a stranger must be told nothing."""
    at_once: int
    seconds: float
    parts: dict[str, int]


async def attack(**options: object) -> Attack:
    """Run it to its end; options as those of the program, ``at_once=200``."""
    line = [str(await asyncio.to_thread(compiled, SOURCE))]
    for name, value in options.items():
        line += [f"--{name.replace('_', '-')}", str(value)]
    process = await asyncio.create_subprocess_exec(
        *line, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        stdout, stderr = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, stderr.decode()
    return msgspec.json.decode(stdout, type=Attack)
