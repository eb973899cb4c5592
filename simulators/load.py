"""Many panels at once: seeded arrivals, a ledger, latency percentiles, losses."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final, Literal

import msgspec

from hardware.clock import Clock, SystemClock
from simulators import loop
from simulators.faults import Fault, Faults
from simulators.ledger import Ledger, Summary
from simulators.links import Link, TcpLink, UdpLink
from simulators.panels import Panel, PanelPath, PanelSettings
from simulators.payload import Content, Format, content
from simulators.runner import Runner
from simulators.scenarios import Happening, meanings

SEQUENCES: Final = 9999
ZONES: Final = 999
NUMBERS: Final = SEQUENCES * ZONES
"""So many reports of a panel differ from each other."""
MEANINGS: Final = ("perimeter_alarm", "perimeter_restored", "interior_alarm", "tamper")


@dataclass(frozen=True, kw_only=True)
class LoadSettings:
    """A fleet of stop-and-wait panels and what they do."""

    host: str
    port: int
    panels: int = 10
    base_account: int = 100_000
    """The first panel's account; the others count on from it, in decimal digits."""
    rate: float | None = None
    """Reports a second of the whole fleet, at seeded random moments; None: as fast as answered."""
    count: int | None = None
    """Reports of the whole fleet; None: until the time is up."""
    seconds: float = 10.0
    """No report is started after this time, whatever ``count`` says."""
    drain_s: float = 10.0
    """How long to wait for the last answers."""
    udp_share: float = 0.0
    """The first so many panels call over UDP."""
    aes_share: float = 0.0
    """The last so many panels encrypt."""
    key: bytes | None = field(default=None, repr=False)
    duplicates: float = 0.0
    lost_acks: float = 0.0
    format: Format = "cid"
    answer_timeout_s: float = 5.0
    first: int = 0
    """Where the running numbers start, so that a second run repeats nothing."""
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be played."""
        if self.aes_share > 0.0 and self.key is None:
            raise ValueError("a share of encrypted panels needs a key")
        if self.panels < 1:
            raise ValueError("a load needs at least one panel")

    def accounts(self) -> list[str]:
        """The accounts of the fleet, in order."""
        return [str(self.base_account + index) for index in range(self.panels)]

    def encrypted_accounts(self) -> list[str]:
        """The accounts that need the key at the far end."""
        return self.accounts()[self.panels - round(self.panels * self.aes_share) :]


class LoadResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to."""

    summary: Summary
    seconds: float
    """From the first report to the last answer."""
    per_s: float
    lost: int
    """Started and not acknowledged in the end."""


def numbered(number: int, format_: Format, account: str) -> Content:
    """Say something that no other report of this panel says with the same sequence number.

    The sequence wraps after 9,999 reports; the zone counts how often it did.
    """
    name = MEANINGS[number % len(MEANINGS)]
    zone = number // SEQUENCES % ZONES + 1
    happening = Happening(name=name, meaning=meanings()[name], area=1, address=zone)
    return content(happening, format_, account=account)


class Fleet:
    """The panels of a load run.

    Args:
        settings: The fleet.
        ledger: Where everything is entered.
        clock: True time.
    """

    def __init__(
        self, settings: LoadSettings, ledger: Ledger, *, clock: Clock | None = None
    ) -> None:
        self.settings = settings
        self.ledger = ledger
        self._clock = clock or SystemClock()
        self._random = Random(settings.seed)  # noqa: S311  arrivals, not secrets
        self._started = 0
        self._until = float("inf")
        self._stopped = False
        encrypted = set(settings.encrypted_accounts())
        udp = round(settings.panels * settings.udp_share)
        self._numbers = [settings.first] * settings.panels
        self.runners = [
            self._runner(index, account, is_udp=index < udp, is_encrypted=account in encrypted)
            for index, account in enumerate(settings.accounts())
        ]

    def _runner(self, index: int, account: str, *, is_udp: bool, is_encrypted: bool) -> Runner:
        settings = self.settings
        transport: Literal["udp", "tcp"] = "udp" if is_udp else "tcp"
        panel = Panel(
            PanelSettings(
                account=account,
                paths=(PanelPath(host=settings.host, port=settings.port, transport=transport),),
                format=settings.format,
                key=settings.key if is_encrypted else None,
                answer_timeout_s=settings.answer_timeout_s,
                rounds=None,
                first_sequence=settings.first % SEQUENCES + 1,
                faults=Faults(
                    {Fault.DUPLICATE: settings.duplicates, Fault.LOST_ACK: settings.lost_acks}
                ),
            ),
            ledger=self.ledger,
            random=Random(settings.seed * 1_000_003 + index),  # noqa: S311
            now=self._clock.monotonic(),
        )
        link: Link = (UdpLink if is_udp else TcpLink)(settings.host, settings.port)
        more = partial(self._tell, index) if settings.rate is None else None
        return Runner(panel, [link], clock=self._clock, on_idle=more)

    def stop(self) -> None:
        """Start no more reports; those under way are still waited for."""
        self._stopped = True

    @property
    def is_over(self) -> bool:
        """No more report will be started."""
        count = self.settings.count
        is_complete = count is not None and self._started >= count
        return self._stopped or is_complete or self._clock.monotonic() >= self._until

    def _tell(self, index: int) -> bool:
        if self.is_over:
            return False
        self._started += 1
        runner = self.runners[index]
        panel = runner.device
        assert isinstance(panel, Panel)  # noqa: S101  tells mypy
        number = self._numbers[index]
        self._numbers[index] = number + 1
        what = numbered(number, self.settings.format, panel.settings.account)
        panel.tell_content(what, now=self._clock.monotonic())
        return True

    async def run(self) -> LoadResult:
        """Play the load to its end."""
        begin = self._clock.monotonic()
        self._until = begin + self.settings.seconds
        # What lives for the whole run need not be looked at by the collector again and again.
        gc.collect()
        gc.freeze()
        try:
            for runner in self.runners:
                await runner.start()
            if self.settings.rate is not None:
                await self._arrivals(self.settings.rate)
            await self._drain()
        finally:
            gc.unfreeze()
            seconds = self._clock.monotonic() - begin
            for runner in self.runners:
                await runner.close()
        summary = self.ledger.summary()
        return LoadResult(
            summary=summary,
            seconds=round(seconds, 6),
            per_s=round(summary.acknowledged / seconds, 1),
            lost=summary.told - summary.acknowledged,
        )

    async def _arrivals(self, rate: float) -> None:
        """Start reports at seeded random moments, each at a random panel (a Poisson process)."""
        due = self._clock.monotonic()
        while True:
            due += self._random.expovariate(rate)
            wait_s = due - self._clock.monotonic()
            if wait_s > 0.001:  # noqa: PLR2004  below a timer's resolution: start them together
                await asyncio.sleep(wait_s)
            index = self._random.randrange(self.settings.panels)
            if not self._tell(index):
                return
            self.runners[index].turn()

    async def _drain(self) -> None:
        """Wait until nothing more is started, then for the last answers, but not for ever."""
        while not self.is_over:
            left_s = self._until - self._clock.monotonic()
            await asyncio.sleep(min(max(left_s, 0.001), 0.05))
        try:
            async with asyncio.timeout(self.settings.drain_s):
                for runner in self.runners:
                    await runner.done()
        except TimeoutError:
            return


def run(settings: LoadSettings, ledger: Ledger) -> LoadResult:
    """Run a load on an event loop of its own."""
    return loop.run(lambda: Fleet(settings, ledger).run())
