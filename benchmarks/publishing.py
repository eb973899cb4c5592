"""P12: events published and confirmed, against aiomqtt alone publishing the same bytes.

Both publish to a broker of the same kind, to the same consumer, which confirms: the gateway what
lies outstanding in its journal, the peer (``peer_aiomqtt``) topics and payloads from its memory.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import goals, programs
from benchmarks.busy import orders
from benchmarks.goals import Row
from benchmarks.programs import ROOT, ProgramError
from benchmarks.scale import fill
from benchmarks.station import CONSUMER, SITE, Gateway

EVENTS: Final = 40_000
_LIMIT_S: Final = 120.0
_PEER, _GATEWAY = "aiomqtt", "gateway"


def _gateway(folder: Path, binary: str, events: int) -> float:
    """Give events a second that were published and confirmed."""
    fill("journal", folder / "journal", events)
    with (
        programs.mosquitto(folder, binary) as broker,
        programs.consumer(folder, broker_port=broker.port, site=SITE, name=CONSUMER),
        Gateway(folder, accounts=1, broker_port=broker.port) as gateway,
    ):
        began, had = time.monotonic(), gateway.outstanding()
        gateway.until(
            lambda: gateway.outstanding() == 0, "have its events confirmed", limit_s=_LIMIT_S
        )
        return had / (time.monotonic() - began)


def _peer(folder: Path, binary: str, events: int) -> float:
    fill("journal", folder / "journal", events)
    with (
        programs.mosquitto(folder, binary) as broker,
        programs.consumer(folder, broker_port=broker.port, site=SITE, name=CONSUMER),
    ):
        command = [sys.executable, "-m", "benchmarks.peer_aiomqtt", str(broker.port), str(folder)]
        ran = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, timeout=_LIMIT_S, check=False
        )
        if ran.returncode:
            raise ProgramError(f"aiomqtt: {ran.stderr[-2000:]}")
        return float(ran.stdout)


def run(
    folder: Path, *, rounds: int, events: int = EVENTS, say: Callable[[str], None]
) -> list[Row]:
    """Measure P12.

    Raises:
        ProgramError: There is no Mosquitto, or not all was confirmed in time.
    """
    binary = programs.mosquitto_binary()
    if binary is None:
        raise ProgramError("P12 needs Mosquitto (Debian package mosquitto)")
    rates: dict[str, list[float]] = {_PEER: [], _GATEWAY: []}
    for number, order in enumerate(orders(tuple(rates), rounds)):
        say(f"P12, round {number + 1} of {rounds}")
        for name in order:
            (own := folder / f"publishing-{number}-{name}").mkdir(parents=True)
            measure = _gateway if name == _GATEWAY else _peer
            rates[name].append(measure(own, binary, events))
    ratios = tuple(g / p for p, g in zip(rates[_PEER], rates[_GATEWAY], strict=True))
    return [
        Row(
            goal=goals.P12,
            measured=f"{median(rates[_GATEWAY]):,.0f}/s",
            against=f"aiomqtt alone {median(rates[_PEER]):,.0f}/s",
            figure=median(ratios),
            rounds=ratios,
        )
    ]
