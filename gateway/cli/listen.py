"""``alarm-gateway listen``: live events from the broker, one line each. It confirms nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from aiomqtt import ProtocolVersion
from rich.console import Console
from rich.text import Text

from gateway.cli import CliError
from gateway.contract.address import BrokerAddress
from gateway.contract.client import BrokerUnavailableError, MqttClient, Versions
from gateway.contract.event import CLASSES, AlarmEvent
from gateway.contract.status import Status
from gateway.contract.topics import ROOT, Topics, account_level

RETRY_S: Final = 2.0  # between tries to reach the broker
DEFAULT_BROKER: Final = "mqtt://127.0.0.1:1883"

_COLOURS: Final = {
    "alarm": "bold white on red", "restoral": "green", "trouble": "yellow",
    "supervisory": "yellow", "open_close": "cyan", "bypass": "magenta", "test": "blue",
    "cancel": "green", "info": "", "system": "dim",
}  # fmt: skip
_AREA_COLOURS: Final = {"SECURED": "red", "UNSECURED": "green", "COMMON": "yellow"}
_WIDTHS: Final = (("time", 12), ("class", 11), ("account", 28), ("what", 34), ("area", 26))
_decode_event = msgspec.json.Decoder(AlarmEvent).decode
_decode_status = msgspec.json.Decoder(Status).decode

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Example: alarm-gateway listen --broker mqtts://broker:8883 --ca-file ca.crt "
    "--cert-file me.crt --key-file me.key --class alarm",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def listen(
    broker: Annotated[
        str, typer.Option(help="mqtt://host:port or mqtts://host:port")
    ] = DEFAULT_BROKER,
    site: Annotated[str | None, typer.Option(help="Only this site; all of them else.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="Only this account: ID or GROUP.ID; may be repeated.")
    ] = None,
    class_: Annotated[
        list[str] | None,
        typer.Option("--class", help=f"Only this class ({', '.join(CLASSES)}); may be repeated."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each event as one line of JSON.")
    ] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many events.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long.")] = None,
    ca_file: Annotated[Path | None, typer.Option(help="Authority of the broker.")] = None,
    cert_file: Annotated[Path | None, typer.Option(help="Our certificate.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Key of our certificate.")] = None,
    username: Annotated[str | None, typer.Option(help="User name at the broker.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="File with the password.")] = None,
) -> None:
    """Show events as they come: time, class, account, what, where, code. Confirms nothing.

    Exit status: 0, or 1 when --seconds ended and the broker was never reached.
    """
    try:
        address = BrokerAddress.parse(
            broker,
            username=username,
            password=_password(password_file),
            ca_file=ca_file,
            cert_file=cert_file,
            key_file=key_file,
        )
        address.tls_context()
        topics = Topics(site) if site is not None else None
    except ValueError as error:
        raise CliError(str(error)) from error
    wrong = set(class_ or ()) - set(CLASSES)
    if wrong:
        raise CliError(f"there is no class {min(wrong)!r}; there are: {', '.join(CLASSES)}")
    show = _print_json if as_json else _Table()
    listener = Listener(
        address,
        root=topics.root if topics else f"{ROOT}/+",
        wanted=Filter(accounts=account or (), classes=class_ or ()),
        show=show,
        tell=_tell,
        count=count,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(listener.run(seconds))
    if not listener.was_connected:
        sys.exit(1)


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text().splitlines()[0]
    except (OSError, IndexError) as error:
        raise CliError(f"password_file {path}: {error}") from error


class Filter:
    """Which events are wanted; nothing said, all of them."""

    def __init__(
        self, *, accounts: list[str] | tuple[str, ...], classes: list[str] | tuple[str, ...]
    ) -> None:
        self._classes = frozenset(classes)
        self._levels = frozenset(_level(account) for account in accounts)

    def wants(self, class_: str, account: str) -> bool:
        """Whether an event of this class and account level is wanted."""
        if self._classes and class_ not in self._classes:
            return False
        return (
            not self._levels
            or account in self._levels
            or account.rpartition(".")[2] in self._levels  # an id without group: of any group
        )


def _level(account: str) -> str:
    group, dot, name = account.rpartition(".")
    return account_level(group, name) if dot else account_level("main", account)


class Listener:
    """Subscribes, shows, and connects again for as long as it is wanted."""

    def __init__(
        self,
        address: BrokerAddress,
        *,
        root: str,
        wanted: Filter,
        show: Callable[[str, bytes], None],
        tell: Callable[[str], None],
        count: int | None,
    ) -> None:
        self._address = address
        self._root = root
        self._wanted = wanted
        self._show = show
        self._tell = tell
        self._left = count
        self._over = asyncio.Event()
        self._lost = asyncio.Event()
        self.was_connected = False

    async def run(self, seconds: float | None) -> None:
        """Go on until enough was shown or the time is over."""
        connecting = asyncio.ensure_future(self._stay_connected())
        try:
            async with asyncio.timeout(seconds):
                ended = asyncio.ensure_future(self._over.wait())
                await asyncio.wait({ended, connecting}, return_when=asyncio.FIRST_COMPLETED)
                if connecting.done():
                    connecting.result()
        except TimeoutError:
            pass
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)

    async def _stay_connected(self) -> None:
        versions = Versions()
        is_told = False
        while True:
            self._lost.clear()
            try:
                client = await versions.open(self._client)
            except BrokerUnavailableError as error:
                if not is_told:
                    self._tell(f"{error}. Is it running? Trying again; Ctrl-C ends.")
                    is_told = True
                await asyncio.sleep(RETRY_S)
                continue
            try:
                await client.subscribe_to([f"{self._root}/event/#", f"{self._root}/status"])
                self.was_connected, is_told = True, False
                self._tell(f"listening at {self._address.url}, {self._root}; confirming nothing")
                await self._lost.wait()
                self._tell("the broker hung up; trying again")
            except BrokerUnavailableError as error:
                self._tell(str(error))
                await asyncio.sleep(RETRY_S)
            finally:
                await client.shut()

    def _client(self, version: ProtocolVersion) -> MqttClient:
        return MqttClient(
            self._address,
            identifier=f"listen-{os.getpid()}-{os.urandom(3).hex()}",
            version=version,
            on_message=self._take,
            on_lost=lambda _reason, _is_by_peer: self._lost.set(),
        )

    def _take(self, topic: str, payload: bytes) -> None:
        if self._over.is_set():
            return
        site = topic.removeprefix(f"{ROOT}/").partition("/")[0]
        parsed = Topics(site).parse(topic)
        if parsed is None:
            return
        if parsed.kind == "status":
            self._tell_status(site, payload)
        elif parsed.kind == "event" and self._wanted.wants(parsed.class_, parsed.name):
            self._show(topic, payload)
            if self._left is not None:
                self._left -= 1
                if self._left == 0:
                    self._over.set()

    def _tell_status(self, site: str, payload: bytes) -> None:
        with contextlib.suppress(msgspec.DecodeError):
            status = _decode_status(payload)
            reason = f": {status.reason}" if status.reason else ""
            self._tell(f"gateway of {site} is {status.state}{reason}")


def _tell(text: str) -> None:
    """Say something about the connection, beside the events."""
    print(f"-- {_printable(text)}", file=sys.stderr, flush=True)


def _print_json(_topic: str, payload: bytes) -> None:
    try:
        line = msgspec.json.encode(msgspec.json.decode(payload))  # one line, whatever came
    except msgspec.DecodeError:
        line = msgspec.json.encode({"undecodable": payload.decode("latin-1")})
    print(line.decode(), flush=True)


class _Table:
    """One line for each event, in columns."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        header = "".join(name.ljust(width + 1) for name, width in _WIDTHS) + "zone, code"
        self._console.print(Text(header, style="bold"))

    def __call__(self, topic: str, payload: bytes) -> None:
        """Show one event."""
        try:
            cells = _cells(_decode_event(payload))
        except msgspec.DecodeError as error:
            self._console.print(Text(f"{_printable(topic)}: not of this contract: {error}"))
            return
        line = Text()
        for (text, style), (_, width) in zip(cells[:-1], _WIDTHS, strict=True):
            line.append(_fit(text, width), style=style)
            line.append(" ")
        line.append(_printable(cells[-1][0]))
        self._console.print(line)


def _cells(event: AlarmEvent) -> list[tuple[str, str]]:
    """What a technician wants to see of an event, with its colours."""
    data = event.data
    account = data.account
    name = account.id if account.group == "main" else f"{account.group}.{account.id}"
    if account.name:
        name += f" {account.name}"
    elif not account.known:
        name += " (unknown)"
    what = f"{data.category} {data.kind}".replace("_", " ")
    code_name = data.code.name or ("" if data.code.known else "unknown code")
    area = data.area.name or (f"area {data.area.id}" if data.area.id else "-")
    zone = f"zone {data.zone.id} {data.zone.name or ''}".strip() if data.zone else ""
    user = f"user {data.user.id} {data.user.name or ''}".strip() if data.user else ""
    where = ", ".join(part for part in (zone, user) if part)
    test = " [on test]" if data.on_test else ""
    code = f"{data.code.format} {data.code.value}{' ' + code_name if code_name else ''}"
    return [
        (data.received_at[11:23], ""),
        (data.class_, _COLOURS[data.class_]),
        (name, ""),
        (f"{what}{test}", "bold" if data.class_ == "alarm" else ""),
        (f"{area} [{data.area.class_}]", _AREA_COLOURS.get(data.area.class_, "")),
        (f"{where}{', ' if where else ''}{code}", ""),
    ]


def _fit(text: str, width: int) -> str:
    shown = _printable(text)
    return shown.ljust(width) if len(shown) <= width else f"{shown[: width - 1]}…"


def _printable(text: str) -> str:
    """Text from the wire as one line that cannot command the terminal (SEC-16)."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
