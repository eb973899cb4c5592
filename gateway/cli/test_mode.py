"""``alarm-gateway test-mode``: put an account or a zone on test, for a time and with a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli import CliError
from gateway.cli._journal.opened import config_of
from gateway.control import ControlError, ask

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")

AccountArgument = Annotated[str, typer.Argument(help="Account: 1234, or GROUP/1234.")]
ZoneOption = Annotated[
    str | None, typer.Option(help="This zone only, as the panel sends it; all of it else.")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Configuration of the running gateway.")
]
SocketOption = Annotated[
    Path | None, typer.Option(help="Control socket of the running gateway, instead.")
]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Put accounts or zones on test: their events still flow, marked on_test.

    Examples:

      alarm-gateway test-mode on 1234 --zone 015 --for 2h --reason "sensor exchange" -c gateway.toml

      alarm-gateway test-mode list -c gateway.toml

      alarm-gateway test-mode off 1234 --zone 015 -c gateway.toml
    """,
)


@app.command()
def on(
    account: AccountArgument,
    for_: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 1h30m; 7 days at most.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the journal.")],
    zone: ZoneOption = None,
    config: ConfigOption = None,
    socket: SocketOption = None,
) -> None:
    """Put an account or a zone on test; it ends by itself, and both is told as a system event.

    Example: alarm-gateway test-mode on north/1234 --for 45m --reason "new tenant" -c gateway.toml
    """
    group, name = _named(account)
    said = _asked(
        config, socket, set="on", group=group, account=name, zone=zone, for_s=_seconds(for_),
        reason=reason,
    )  # fmt: skip
    print(f"{_what(said)} is on test until {said['until']}: {said['reason']}")


@app.command()
def off(
    account: AccountArgument,
    zone: ZoneOption = None,
    config: ConfigOption = None,
    socket: SocketOption = None,
) -> None:
    """End a test before its time.

    Example: alarm-gateway test-mode off 1234 --zone 015 -c gateway.toml
    """
    group, name = _named(account)
    said = _asked(config, socket, set="off", group=group, account=name, zone=zone)
    print(f"{_what(said)} is not on test any more")


@app.command("list")
def list_tests(
    config: ConfigOption = None,
    socket: SocketOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """List what is on test now, what ends first on top.

    Example: alarm-gateway test-mode list -c gateway.toml
    """
    tests = _asked(config, socket, set="list")["on_test"]
    if as_json:
        for one in tests:
            print(json.dumps(one))
        return
    if not tests:
        print("nothing is on test")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("account", "zone", "until (UTC)", "by", "reason"):
        table.add_column(title)
    for one in tests:
        name = one["account"] if one["group"] == "main" else f"{one['group']}/{one['account']}"
        until = one["until"][:19].replace("T", " ")
        table.add_row(name, one["zone"] or "all", until, one["by"], one["reason"])
    Console().print(table)


def _asked(config: Path | None, socket: Path | None, **request: object) -> dict[str, Any]:
    path = socket or config_of(config).control.socket
    try:
        return ask(path, {"do": "test-mode", **request})
    except ControlError as error:
        raise CliError(str(error)) from None


def _named(account: str) -> tuple[str, str]:
    group, slash, name = account.rpartition("/")
    return (group.lower(), name) if slash else ("main", name)


def _what(said: dict[str, Any]) -> str:
    name = f"account {said['account']}"
    return f"zone {said['zone']} of {name}" if said["zone"] else name


def _seconds(text: str) -> float:
    """Read ``30m``, ``2h`` or ``1h30m``."""
    if not _DURATION.fullmatch(text):
        raise CliError(f"--for {text!r} is no time; for example 30m, 2h, 1h30m or 1d")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
