"""The command ``check-config``: reads configuration, accounts and keys, tells all mistakes."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.accounts import Accounts, load_accounts
from gateway.accounts.checkup import Remark, remarks
from gateway.cli import CliError
from gateway.config import Config, ConfigError, InputConfig, Mistake, examine

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Example: alarm-gateway check-config /etc/alarm-gateway/config.toml",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def check_config(
    path: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read a configuration with its accounts and keys; tell all mistakes at once.

    Exit status: 0 when it can be used, 1 when it has mistakes, 2 when there is no such file.
    """
    if not path.is_file():
        raise CliError(f"there is no file {path}; say: alarm-gateway check-config CONFIG.toml")
    config, accounts, mistakes = _read(path)
    told: list[Remark] = []
    summary: dict[str, Any] | None = None
    if config is not None and accounts is not None and not mistakes:
        told, summary = remarks(config, accounts), _summary(config, accounts)
        if not as_json:
            _print_summary(path, config, accounts, told)
    elif not as_json:
        _print_mistakes(mistakes)
    if as_json:
        print(json.dumps(_json(path, mistakes, told, summary), indent=2))
    sys.exit(1 if mistakes else 0)


def _read(path: Path) -> tuple[Config | None, Accounts | None, tuple[Mistake, ...]]:
    """Read everything, and go on after a mistake wherever that makes sense."""
    config, mistakes = examine(path)
    accounts: Accounts | None = None
    try:
        accounts = load_accounts(config) if config is not None else None
    except ConfigError as error:
        mistakes += error.mistakes
    return config, accounts, tuple(mistakes)


def _json(
    path: Path, mistakes: tuple[Mistake, ...], told: list[Remark], summary: object
) -> dict[str, Any]:
    return {
        "config": str(path),
        "ok": not mistakes,
        "mistakes": [msgspec.to_builtins(one) for one in mistakes],
        "warnings": [msgspec.to_builtins(one) for one in told],
        "summary": summary,
    }


def _summary(config: Config, accounts: Accounts) -> dict[str, Any]:
    return {
        "site": config.site,
        "inputs": {name: _of_input(one) for name, one in config.inputs.items()},
        "accounts": len(accounts),
        "groups": accounts.groups(),
        "with_key": accounts.keyed(),
        "supervised": sum(1 for _ in accounts.supervised()),
        "broker": config.mqtt.broker,
        "confirm_by": list(config.mqtt.confirm_by),
        "journal": str(config.journal.directory),
        "control": str(config.control.socket),
    }


def _of_input(one: InputConfig) -> dict[str, Any]:
    links = {
        "tcp": one.tcp,
        "udp": one.udp,
        "tls": one.tls,
        "serial": one.serial,
        "connect": one.connect,
    }
    return {
        "protocol": one.protocol,
        **{name: str(link) for name, link in links.items() if link is not None},
        "group": one.group,
    }


def _links(one: InputConfig) -> str:
    words = []
    if one.tcp is not None:
        words.append(f"listen tcp {one.tcp}")
    if one.udp is not None:
        words.append(f"listen udp {one.udp}")
    if one.tls is not None:
        words.append(f"listen tls {one.tls}")
    if one.connect is not None:
        words.append(f"connect {one.connect}")
    if one.serial is not None:
        stop = f"{one.bits}{one.parity}{one.stop}"
        words.append(one.serial if "://" in one.serial else f"{one.serial} {one.baud} {stop}")
    return "\n".join(words)


def _unknowns(one: InputConfig) -> str:
    if one.spoken.link == "receiver":
        return "always ACK"
    return {"silent": "silence", "ack": "ACK", "learn": "ACK, learn"}[one.unknown_account]


def _groups(one: InputConfig) -> str:
    spans = (f"{span.receiver}/{span.lines}: {span.group}" for span in one.ranges)
    return "\n".join([one.group, *spans])


def _print_summary(path: Path, config: Config, accounts: Accounts, told: list[Remark]) -> None:
    console = Console(highlight=False, soft_wrap=False)
    console.print(
        Text.assemble(("OK  ", "bold green"), (str(path), "bold"), f"  site {config.site}")
    )
    inputs = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), title_justify="left")
    for heading in ("input", "protocol", "link", "group", "unknown account"):
        inputs.add_column(heading, header_style="dim", overflow="fold")
    for name, one in config.inputs.items():
        inputs.add_row(name, one.protocol, _links(one), _groups(one), _unknowns(one))
    console.print()
    console.print(inputs)
    console.print()
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    for name, text in _facts(config, accounts):
        facts.add_row(name, Text(text))
    console.print(facts)
    if told:
        console.print()
        console.print(Text(f"{len(told)} remark{'s' if len(told) > 1 else ''}", "bold yellow"))
    words = Table.grid(padding=(0, 1, 0, 0))
    words.add_column(width=3, justify="right")
    words.add_column(overflow="fold")
    for remark in told:
        words.add_row(Text("!", "yellow"), Text.assemble((remark.key, "bold"), f": {remark.text}"))
        if remark.hint:
            words.add_row("", Text(remark.hint, "dim"))
    console.print(words)


def _facts(config: Config, accounts: Accounts) -> list[tuple[str, str]]:
    groups = ", ".join(f"{name} {count:,}" for name, count in sorted(accounts.groups().items()))
    supervised = sum(1 for _ in accounts.supervised())
    confirm = ", ".join(config.mqtt.confirm_by) or "nobody (PUBACK counts)"
    facts = [
        ("accounts", f"{len(accounts):,}" + (f" ({groups})" if groups else "")),
        ("", f"{accounts.keyed():,} with a key, {supervised:,} supervised"),
        ("broker", f"{config.mqtt.broker}, confirmed by {confirm}"),
        ("journal", str(config.journal.directory)),
        ("control", str(config.control.socket)),
        ("log", f"{config.log.level}, {config.log.format}"),
    ]
    if config.metrics.listen is not None:
        facts.append(("metrics", str(config.metrics.listen)))
    return facts


def _print_mistakes(mistakes: tuple[Mistake, ...]) -> None:
    console = Console(highlight=False, soft_wrap=False)
    for file, some in groupby(mistakes, key=lambda one: one.file):
        console.print(Text(file, "bold"))
        for one in some:
            where = f"line {one.line}" if one.line else ""
            console.print(Text.assemble(("  " + where).ljust(12), (one.key, "bold red")))
            table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
            table.add_column(width=10)
            table.add_column(style="dim", width=7)
            table.add_column(overflow="fold")
            for name, text in (("found", one.found), ("allowed", one.allowed), ("try", one.hint)):
                if text:
                    table.add_row("", name, Text(text.removeprefix("found ")))
            console.print(table)
    count = len(mistakes)
    console.print(
        Text(f"{count} mistake{'s' if count > 1 else ''}; nothing would start", "bold red")
    )
