"""A gateway under the load of plain panels, for the harnesses that take its storage from it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.journal import Reader
from simulators.evidence import read_event
from simulators.ledger import Comparison
from tests.support.fleet import Callers
from tests.support.station import LAUNCH, Station


def launch_of(build: str | None) -> tuple[str, ...]:
    """The command of the gateway, or of one that was built wrong on purpose."""
    return LAUNCH if build is None else (LAUNCH[0], "-m", "tests.support.broken_builds", build)


def station_of(folder: Path, callers: Callers, *, build: str | None = None, **said) -> Station:
    """A gateway that knows these callers, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = callers.settings
    return Station(
        folder,
        accounts=settings.accounts(),
        encrypted=settings.encrypted_accounts() if settings.aes_share else (),
        key=settings.key or b"",
        launch=launch_of(build),
        **said,
    )


@contextlib.asynccontextmanager
async def calling(station: Station, callers: Callers) -> AsyncIterator[Callers]:
    """Let the callers call this station, until the end of the block; it is ended then too."""
    try:
        async with callers:
            yield callers
    finally:
        station.kill_now()
        if station.process is not None:
            await station.ended()


def plain(port: int, *, panels: int, seed: int = 1, **said) -> Callers:
    """Panels over TCP whose answers are in plain text, so that they can be told apart."""
    usual = {"udp_share": 0.0, "aes_share": 0.0, "key": None}
    return Callers(port, None, panels=panels, seed=seed, **(usual | said))


async def acknowledged(callers: Callers, count: int, *, timeout_s: float = 60.0) -> None:
    """Wait until so many more answers were read."""
    heard = asyncio.Event()
    callers.on_answer(count, heard.set)
    async with asyncio.timeout(timeout_s):
        await heard.wait()


def journalled(station: Station, callers: Callers) -> Comparison:
    """Hold what was acknowledged against what stands in the journal."""
    reader = Reader(station.journal)
    pages: list[tuple] = []
    after = 0
    try:
        while records := reader.list(from_seq=after + 1, limit=20_000, newest_first=False):
            pages += [read_event(one.json) for one in records if one.class_ != "system"]
            after = records[-1].seq
    finally:
        reader.close()
    return callers.ledger.compare(pages)


def forget(folder: Path, faults: list[str]) -> None:
    """Remove the files of a run in which nothing was wrong: a night makes very many."""
    if not faults:
        shutil.rmtree(folder, ignore_errors=True)


def told(comparison: Comparison) -> list[str]:
    """Say what is wrong, one line each."""
    return [
        f"{word}: {key}"
        for word, keys in (
            ("acknowledged and missing", comparison.missing),
            ("twice", comparison.doubled),
            ("never sent", comparison.foreign),
        )
        for key in keys
    ]
