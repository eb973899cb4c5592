"""A panel's bytes into the real codec and the real ingest, its answer's bytes back; no socket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from hardware.sink import Origin
from protocols._core import Incoming, Verdict
from protocols.dc09 import Connection, Role, build_frame
from tests.support.receiving import NOW, PANEL, Bench

BURGLARY = b"#1234|1131 01 015"


class PanelLine:
    """One connection of a panel to a bench."""

    def __init__(self, bench: Bench, *, origin: Origin = PANEL) -> None:
        self.bench = bench
        self.origin = origin
        self.connection: Connection[Incoming] = Connection(
            Role.CSR, keys=self._keys, pad=Random(1).randbytes, datagram=False
        )
        self.verdicts: list[Verdict] = []

    def _keys(self, account: str) -> Sequence[bytes]:
        return self.bench.accounts.keys("main")(account)

    def send(self, data: bytes) -> bytes:
        """Give what comes back at once."""
        clock = self.bench.clock
        incoming = self.connection.receive(data, now=clock.monotonic())
        self.bench.ingest.received(incoming, self.origin, self._respond)
        return self.connection.data_to_send()

    def _respond(self, item: Incoming, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        self.connection.answer(item, verdict, utc=self.bench.clock.utc())


def panel_frame(
    sequence: int = 7,
    *,
    key: bytes | None = None,
    stamp_s: float | None = None,
    data: bytes = BURGLARY,
    account: str = "1234",
    seed: int = 0,
    token: str = "ADM-CID",
) -> bytes:
    """A panel's frame; ``stamp_s`` from ``NOW``, ``seed`` decides the pad."""
    stamp = None if stamp_s is None else NOW.replace(microsecond=0) + timedelta(seconds=stamp_s)
    return build_frame(
        token, account=account, data=data, sequence=f"{sequence:04d}", timestamp=stamp, key=key,
        pad=Random(seed).randbytes,
    )  # fmt: skip
