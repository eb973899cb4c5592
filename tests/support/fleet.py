"""Panels and a receiver that keep reporting whatever happens to the gateway, with one ledger."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from random import Random
from typing import Any

from simulators.faults import Fault, Faults
from simulators.ledger import Direction, Ledger, Line, Transmission
from simulators.links import PtyLink
from simulators.load import Fleet, LoadSettings
from simulators.receivers import Receiver, ReceiverSettings
from simulators.runner import Runner
from simulators.scenarios import Happening, meanings

KEY = bytes.fromhex("9f3c1d7be2405a6688c1f02b7d94e3a5")  # of the tests alone
RECEIVER_ACCOUNT = "7000"  # and the 40 after it


class Callers:
    """A fleet of stop-and-wait panels (TCP, UDP, AES) and a Sur-Gard receiver on a pty."""

    def __init__(
        self, port: int, serial: Path | None, *, panels: int = 12, seed: int = 1, **said: Any
    ):
        """``said``: of ``LoadSettings``, in place of what is usual here."""
        self.ledger = Ledger(keeps_bytes=False, on_line=self._on_line)
        usual: dict[str, Any] = {
            "udp_share": 0.25, "aes_share": 0.25, "key": KEY, "lost_acks": 0.05,
            "duplicates": 0.05, "seconds": 3600.0, "drain_s": 60.0, "answer_timeout_s": 0.4,
        }  # fmt: skip
        self.settings = LoadSettings(
            host="127.0.0.1", port=port, panels=panels, seed=seed, **(usual | said)
        )
        self.fleet = Fleet(self.settings, self.ledger)
        self._serial = serial
        self._receiver: Runner | None = None
        self._numbers = itertools.count()
        self._is_over = False
        self._heard = 0
        self._at_answer: tuple[int, object] | None = None
        self._seed = seed

    def on_answer(self, count: int, act) -> None:
        """Call ``act`` at the very moment when the ``count``-th answer from now on is read."""
        self._heard = 0
        self._at_answer = (count, act)

    def _on_line(self, line: Line, _transmission: Transmission | None) -> None:
        if line.direction is not Direction.HEARD or self._at_answer is None:
            return
        self._heard += 1
        count, act = self._at_answer
        if self._heard >= count:
            self._at_answer = None
            act()

    async def __aenter__(self):
        if self._serial is not None:
            device = Receiver(
                ReceiverSettings(
                    ids=("5",),
                    ack_timeout_s=0.3,
                    heartbeat_s=0.1,
                    faults=Faults({Fault.LOST_ACK: 0.05}),
                ),
                ledger=self.ledger,
                random=Random(self._seed),
                account=RECEIVER_ACCOUNT,
                now=asyncio.get_running_loop().time(),
            )
            self._receiver = Runner(device, [PtyLink(self._serial)], on_idle=self._next_call)
            await self._receiver.start()
        self._running = asyncio.create_task(self.fleet.run())
        return self

    def _next_call(self) -> bool:
        """The receiver takes the next call; no two calls of a run are alike."""
        if self._is_over:
            return False
        number = next(self._numbers)
        account = str(int(RECEIVER_ACCOUNT) + number % 40)
        name = ("perimeter_alarm", "interior_alarm", "entry_alarm")[number // 40 // 900 % 3]
        happening = Happening(
            name=name, meaning=meanings()[name], area=1, address=number // 40 % 900 + 1
        )
        self._receiver.device.take_call(account, happening, now=self._receiver.now())
        return True

    async def finish(self) -> None:
        """Start nothing new and wait for the last answers."""
        self._is_over = True
        self.fleet.stop()
        await self._running
        if self._receiver is not None:
            async with asyncio.timeout(30):
                await self._receiver.done()

    async def __aexit__(self, *_what):
        self._is_over = True
        self.fleet.stop()
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        if self._receiver is not None:
            await self._receiver.close()
