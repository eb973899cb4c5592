"""What the commands share: a console, a ledger, a run to its end or to Ctrl-C, the sums."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console

from hardware.clock import SystemClock
from simulators import loop, show
from simulators.ledger import Ledger
from simulators.runner import Runner, Tell
from simulators.scenarios import Story


class _Screen(Console):
    """A console whose reader may leave, as ``| head`` does: that ends the run, in silence."""

    has_no_reader = False

    def on_broken_pipe(self) -> None:
        """See ``Console``; called within the loop, which must not see an exception of ours."""
        self.quiet = self.has_no_reader = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop()
            signal.raise_signal(signal.SIGINT)


class Stage:
    """The console, the ledger, the run and its ending.

    Args:
        is_json: No conversation; the sums as JSON on stdout, all else on stderr.
        ledger_file: Where to write the ledger at the end, None for nowhere.
        is_silent: No conversation, only the sums: for many panels.
    """

    def __init__(self, *, is_json: bool, ledger_file: Path | None, is_silent: bool = False) -> None:
        self.is_json = is_json
        self.console = _Screen(stderr=is_json)
        self.clock = SystemClock()
        self.conversation = show.Conversation(self.console, begin=self.clock.monotonic())
        self.ledger_file = ledger_file
        self.figures: dict[str, float] = {}
        """What a command measured beside the ledger's sums."""
        self.ledger = Ledger(
            keeps_bytes=ledger_file is not None,
            on_line=None if is_json or is_silent else self.conversation,
        )

    def say(self, text: str) -> None:
        """Tell the technician something, not the program that reads ``--json``."""
        if not self.is_json:
            self.console.print(text, highlight=False, soft_wrap=True)

    def trouble(self, reason: str) -> None:
        """Say why a link cannot be opened."""
        if not self.is_json:
            self.conversation.trouble(reason)

    def deed(self, text: str) -> None:
        """Say what a story does to the line or the device."""
        if not self.is_json:
            self.conversation.deed(text, at=self.clock.monotonic())

    def run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run to the end or to Ctrl-C; then the sums, and the exit status."""
        if self.console.has_no_reader:
            raise typer.Exit(1)
        try:
            loop.run(main)
        except KeyboardInterrupt:
            self.say("\nstopped")
        except OSError as error:
            raise typer.BadParameter(f"cannot open the link: {error}") from error
        self.end()

    def end(self) -> None:
        """Show the sums and leave: 0 when every report was acknowledged, else 1."""
        summary = self.ledger.summary()
        if self.ledger_file is not None:
            self.ledger.write(self.ledger_file)
        if self.is_json:
            typer.echo(msgspec.json.encode(msgspec.to_builtins(summary) | self.figures))
        else:
            self.console.print()
            self.console.print(show.table(summary, self.figures))
            for text in show.unacknowledged(self.ledger):
                self.console.print(text, style="red", markup=False)
        raise typer.Exit(0 if summary.is_clean else 1)


async def play(  # noqa: PLR0913  what is played, and how
    runner: Runner,
    stories: Sequence[Story],
    *,
    times: int,
    speed: float,
    stay_s: float,
    tells: Sequence[Tell | None] = (None,),
) -> None:
    """Play stories one after the other, so often, then stay a while; give the links back.

    Args:
        runner: The device on its links, not started yet.
        stories: What happens.
        times: How often.
        speed: How much faster than in real time.
        stay_s: How long to stay connected afterwards.
        tells: To whom each story is told, each in turn or all at once, as the story says; the
            device by default.
    """
    try:
        await runner.start()
        begin = runner.now()
        for story in itertools.chain.from_iterable(itertools.repeat(stories, times)):
            ends = [begin]
            for tell in tells:
                start = begin if story.together else max(ends)
                ends.append(runner.play(story, speed=speed, start=start, tell=tell) + 1.0 / speed)
            begin = max(ends)
        await runner.done()
        if stay_s:
            runner.at(runner.now() + stay_s, lambda: None)
            runner.turn()
            await runner.done()
    finally:
        await runner.close()
