"""Memory: what panels cost that are connected, have shown a link test, and say nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import goals, loadgen
from benchmarks.goals import Row
from benchmarks.machine import raise_file_limit
from benchmarks.programs import ProgramError
from benchmarks.station import Gateway

PANELS: Final = 10_000
_SPARE_FILES: Final = 200  # what a process has open beside its panels
_CONNECT_S: Final = 30.0
_END_S: Final = 10.0
MIB: Final = 1 << 20
KIB: Final = 1 << 10


def run(folder: Path, *, panels: int = PANELS, say: Callable[[str], None]) -> list[Row]:
    """Connect the panels, wait until all are there and quiet, and look at the gateway's memory.

    Raises:
        ProgramError: Not every panel was connected and answered.
    """
    folder = folder / "idle"
    folder.mkdir()
    panels = min(panels, raise_file_limit() - _SPARE_FILES)
    say(f"idle: {panels:,} panels")
    with Gateway(folder, accounts=panels) as gateway:
        before = gateway.rss_bytes()
        line = loadgen.command(
            port=gateway.port, mode="idle", connections=panels, seconds=2 * _CONNECT_S
        )
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as load:
            try:
                gateway.until(
                    lambda: gateway.connections() >= panels,
                    f"take {panels} connections",
                    limit_s=_CONNECT_S,
                )
                gateway.until(
                    lambda: gateway.answered() >= panels,
                    f"answer {panels} link tests",
                    limit_s=_CONNECT_S,
                )
                after = gateway.rss_bytes()
            finally:
                load.terminate()  # it tells its figures and ends
                stdout, _ = load.communicate(timeout=_END_S)
    result = msgspec.json.decode(stdout, type=loadgen.Result)
    if result.connected < panels or result.acked < panels:
        raise ProgramError(
            f"of {panels} panels {result.connected} were connected, {result.acked} answered"
        )
    each = (after - before) / panels
    scaled = after if panels == PANELS else before + each * PANELS
    return [
        Row(
            goal=msgspec.structs.replace(goals.IDLE, what=goals.IDLE.what.format(PANELS)),
            measured=f"{scaled / MIB:.0f} MiB",
            against=f"{before / MIB:.0f} MiB before"
            + ("" if panels == PANELS else f", scaled from {panels:,}"),
            figure=scaled / MIB,
            details={"panels": panels},
        ),
        Row(
            goal=goals.P8,
            measured=f"{each / KIB:.1f} KiB",
            against="",
            figure=each / KIB,
        ),
    ]
