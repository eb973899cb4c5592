"""``alarm-gateway demo``: the whole path on one machine, live, with the sums at the end."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from functools import partial
from importlib import resources
from pathlib import Path
from random import Random
from typing import Annotated, Final

import msgspec
import typer
from aiomqtt import ProtocolVersion
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway import logs
from gateway.cli import CliError
from gateway.config import Config, load
from gateway.contract.consumer import ConfirmingConsumer
from gateway.contract.event import AlarmEvent
from gateway.contract.ledger import Received
from gateway.daemon import Daemon, DaemonError, real_world, run_on_loop
from gateway.journal import Reader
from simulators.ledger import Ledger
from simulators.links import Link, PtyLink, TcpLink, UdpLink
from simulators.panels import Panel, PanelPath, PanelSettings
from simulators.receivers import Receiver, ReceiverSettings
from simulators.runner import Runner
from simulators.scenarios import Happening, meanings

FILES: Final = ("demo.toml", "demo-accounts.toml")
PAUSE_S: Final = 0.8  # between two happenings: slow enough to read, fast enough to see it live
LOOK_S: Final = 0.05  # how often the last confirms are looked for
SETTLE_S: Final = 15.0  # for the last confirm; a lost event comes again after two seconds

# Who, what, area, zone or user. Every area class comes up, and every link takes its turn.
SCRIPT: Final = (
    ("panel-tcp", "entry_alarm", 1, 15),
    ("panel-udp", "perimeter_alarm", 1, 1),
    ("receiver", "interior_alarm", 1, 4),
    ("panel-tcp", "interior_alarm", 2, 21),
    ("receiver", "fire", 1, 3),
    ("panel-udp", "interior_alarm", 2, 9),
    ("panel-tcp", "opened", 1, 2),
    ("receiver", "perimeter_alarm", 1, 3),
    ("panel-udp", "battery_low", 0, 0),
    ("panel-tcp", "alarm_cancelled", 1, 2),
    ("receiver", "perimeter_restored", 1, 3),
    ("panel-udp", "perimeter_restored", 1, 1),
    ("panel-tcp", "closed", 1, 2),
    ("receiver", "periodic_test", 0, 0),
)

_CLASS_STYLE: Final = {"alarm": "bold red", "trouble": "yellow", "restoral": "green"}
_AREA_STYLE: Final = {"SECURED": "bold white on red", "UNSECURED": "black on yellow"}

app = typer.Typer()


@app.command()
def demo(
    seconds: Annotated[
        float, typer.Option(help="End after this long; 0 goes on until Ctrl-C.", min=0.0)
    ] = 0.0,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the files (configuration, journal) in this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only the sums, as JSON.")] = False,
    station: Annotated[
        bool,
        typer.Option(
            "--station", help="A simulated station instead: decision core, operator, police."
        ),
    ] = False,
) -> None:
    """Show the whole path: panels, receiver, gateway, broker, confirming consumer.

    One panel reports in clear over TCP, one encrypted over UDP, a Sur-Gard receiver over a serial
    line; everything is simulated and everything stays on this machine.

    With --station a decision core takes the consumer's place, with its console on a loopback port,
    and a simulated operator, contacts, police and offices tell a night and a year of a station.

    Example: alarm-gateway demo --seconds 20
    """
    logs.set_up("error")
    if station:
        from gateway.cli._station.show import show  # noqa: PLC0415  a demo of its own, seldom asked

        raise typer.Exit(show(seconds, keep, as_json=as_json))
    folder = Path(tempfile.mkdtemp(prefix="alarm-gateway-demo-")) if keep is None else keep
    folder.mkdir(parents=True, exist_ok=True)
    try:
        config = _prepare(folder)
        sums = run_on_loop(_Demo(config, folder, Console(quiet=as_json)).run(seconds))
    except DaemonError as error:
        raise CliError(str(error)) from None
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print(json.dumps(sums))
    raise typer.Exit(0 if len(set(sums.values())) == 1 and sums["sent"] else 1)


def _prepare(folder: Path) -> Config:
    """Lay out the demo's files; the key is made here and now, none is shipped."""
    for name in FILES:
        text = resources.files("configs").joinpath(name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    key = folder / "demo.key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(16) + "\n", encoding="ascii")
    return load(folder / "demo.toml")


class _Demo:
    """Everybody on the stage."""

    def __init__(self, config: Config, folder: Path, console: Console) -> None:
        self._config = config
        self._folder = folder
        self._console = console
        self._ledger = Ledger(keeps_bytes=False)
        self._random = Random(1)  # noqa: S311  the same demo every time
        self._runners: dict[str, Runner] = {}
        self._decode = msgspec.json.Decoder(AlarmEvent).decode
        self._received: set[str] = set()

    async def run(self, seconds: float) -> dict[str, int]:
        """Play until the time is up or somebody says stop; give the sums."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        # The serial line is there before the gateway opens it.
        await self._add_receiver()
        daemon = Daemon(self._config, real_world())
        try:
            await daemon.start()
        except BaseException:
            await self._close_runners()
            raise
        try:
            return await self._play(daemon, stop, seconds)
        finally:
            await self._close_runners()
            await daemon.stop("the demo is over")

    async def _play(self, daemon: Daemon, stop: asyncio.Event, seconds: float) -> dict[str, int]:
        assert daemon.broker_address is not None  # noqa: S101  a started daemon has one
        consumer = ConfirmingConsumer(
            daemon.broker_address,
            site=self._config.site,
            name=self._config.mqtt.confirm_by[0],
            on_event=self._show,
            version=ProtocolVersion.V311,  # all that the embedded broker speaks
        )
        consumer.start()
        try:
            await self._add_panels(daemon)
            self._introduce(daemon)
            # Most of the time is for the show, the rest for the last confirms and the sums.
            await self._tell_until(stop, max(1.0, seconds - 3.0) if seconds else None)
            await self._settle(daemon)
            return self._sums(daemon)
        finally:
            await consumer.stop()

    # -- the cast --------------------------------------------------------------------------

    async def _add_receiver(self) -> None:
        link = PtyLink(self._folder / "receiver")
        receiver = Receiver(
            ReceiverSettings(ids=("5", "3", "S"), heartbeat_s=10.0),
            ledger=self._ledger,
            random=self._random,
            account="1234",
            now=asyncio.get_running_loop().time(),
        )
        await self._start("receiver", Runner(receiver, [link]))

    async def _add_panels(self, daemon: Daemon) -> None:
        tcp, udp = (tuple(address) for address in daemon.addresses()["ip-1"])
        key = bytes.fromhex((self._folder / "demo.key").read_text(encoding="ascii"))
        plain = PanelSettings(
            account="1234",
            paths=(PanelPath(host=tcp[0], port=tcp[1]),),
            rounds=None,
            link_test_s=1.0,
        )
        secret = PanelSettings(
            account="5678",
            paths=(PanelPath(host=udp[0], port=udp[1], transport="udp"),),
            format="sia",
            key=key,
            rounds=None,
            link_test_s=1.0,
        )
        await self._start_panel("panel-tcp", plain, TcpLink(*tcp))
        await self._start_panel("panel-udp", secret, UdpLink(*udp))

    async def _start_panel(self, name: str, settings: PanelSettings, link: Link) -> None:
        now = asyncio.get_running_loop().time()
        panel = Panel(settings, ledger=self._ledger, random=self._random, now=now)
        await self._start(name, Runner(panel, [link]))

    async def _start(self, name: str, runner: Runner) -> None:
        self._runners[name] = runner
        await runner.start()

    async def _close_runners(self) -> None:
        for runner in self._runners.values():
            await runner.close()

    # -- the play --------------------------------------------------------------------------

    async def _tell_until(self, stop: asyncio.Event, seconds: float | None) -> None:
        words = meanings()
        script: Iterator[tuple[str, str, int, int]] = itertools.cycle(SCRIPT)
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        while not stop.is_set() and (end is None or loop.time() < end):
            who, what, area, address = next(script)
            runner = self._runners[who]
            happening = Happening(name=what, meaning=words[what], area=area, address=address)
            runner.device.tell(happening, now=runner.now())
            runner.turn()
            pause_s = PAUSE_S if end is None else max(0.0, min(PAUSE_S, end - loop.time()))
            try:
                await asyncio.wait_for(stop.wait(), pause_s)
            except TimeoutError:
                continue

    async def _settle(self, daemon: Daemon) -> None:
        """Wait for the last answers and confirms; what stays away shows in the sums."""
        try:
            async with asyncio.timeout(SETTLE_S):
                for runner in self._runners.values():
                    await runner.done()
                while daemon.journal.outstanding_count:  # noqa: ASYNC110  asked, not told
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            self._console.print("[red]not everything was confirmed in time[/]")

    def _sums(self, daemon: Daemon) -> dict[str, int]:
        summary = self._ledger.summary()
        reader = Reader(self._config.journal.directory)
        try:
            records = [one for one in reader.list(limit=1_000_000) if one.class_ != "system"]
        finally:
            reader.close()
        sums = {
            "sent": summary.sent,
            "acknowledged": summary.acknowledged,
            "journalled": len(records),
            "published": len({one.event_id for one in records} & self._received),
            "confirmed": sum(one.is_done for one in records),
        }
        own = len(self._received) - sums["published"]
        table = Table(title="The sums that matter", box=None, header_style="bold", pad_edge=False)
        for name in sums:
            table.add_column(name, justify="center")
        table.add_row(*(str(number) for number in sums.values()))
        is_even = len(set(sums.values())) == 1
        verdict = "[green]all equal[/]" if is_even else "[bold red]not equal[/]"
        self._console.print()
        self._console.print(table)
        self._console.print(
            f"{verdict}; beside them {summary.link_tests_answered} of {summary.link_tests} link "
            f"tests answered, {own} events of the gateway's own, "
            f"{daemon.counters['report_repeated']} repeats recognised, "
            f"ACK p50 {summary.latency.p50_ms:.1f} ms"
        )
        return sums

    # -- what a person sees ----------------------------------------------------------------

    def _introduce(self, daemon: Daemon) -> None:
        tcp, udp = daemon.addresses()["ip-1"]
        assert daemon.broker_address is not None  # noqa: S101  a started daemon has one
        say = partial(self._console.print, soft_wrap=True, highlight=False)
        say("[bold]Alarm Gateway demo[/] (everything simulated, on this machine only)")
        say(f"  panel 1234      SIA DC-09, Contact ID in clear   tcp {tcp[0]}:{tcp[1]}")
        say(f"  panel 5678      SIA DC-09, SIA data, AES-128     udp {udp[0]}:{udp[1]}")
        say(f"  receiver 01     Sur-Gard                         {self._folder / 'receiver'}")
        say(f"  broker          embedded, not durable            {daemon.broker_address.url}")
        say(f"  consumer        confirms as {self._config.mqtt.confirm_by[0]!r}")
        say()
        heads = f"{'time':13}{'premises':18}{'kind':10}{'what':32}{'area':22}{'where':18}by"
        say(f"[dim]{heads}[/]")

    def _show(self, received: Received) -> None:
        self._received.add(received.id)
        data = self._decode(received.payload).data
        if data.class_ == "system":
            return
        place = data.area.name or (f"area {data.area.id}" if data.area.id else "")
        where = ""
        if data.zone is not None:
            where = data.zone.name or f"zone {data.zone.id}"
        elif data.user is not None:
            where = data.user.name or f"user {data.user.id}"
        area = Text(f"{data.area.class_:10}", style=_AREA_STYLE.get(data.area.class_, "cyan"))
        line = Text.assemble(
            f"{data.received_at[11:23]} ",
            f"{(data.account.name or data.account.id)[:17]:18}",
            (f"{data.kind:10}", _CLASS_STYLE.get(data.class_, "")),
            f"{(data.code.name or data.code.value)[:31]:32}",
            area,
            f" {place[:10]:11}",
            f"{where[:17]:18}",
            (f"{data.origin.transport} {data.trust.confidentiality}", "dim"),
        )
        self._console.print(line, soft_wrap=True)
