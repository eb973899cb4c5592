"""``simulate stories | protocols | codes``: what there is to play, and what a gateway must know."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import typer

from simulators.receivers import DIALECTS, Dialect
from simulators.receivers.carrying import told_by
from simulators.scenarios import load, names
from simulators.scenarios.dialled import as_toml, rows

DC09: Final = "dc09"
Side = Literal["panel", "receiver"]

_JSON: Final = typer.Option(False, "--json", help="As one JSON object, for programs.")


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One way of speaking that can be played."""

    side: Side
    name: str
    """What ``--protocol`` takes."""
    about: str
    protocol: str
    """What the gateway's input is set to."""
    options: dict[str, object]
    """And with which options."""
    ids: tuple[str, ...]
    """What it can say events as; the first is the default."""


def played() -> list[Played]:
    """All that can be played, panels first."""
    first = Played(
        side="panel",
        name=DC09,
        about="SIA DC-09 over TCP, UDP or TLS, plain or with AES",
        protocol=DC09,
        options={},
        ids=("cid", "sia"),
    )
    rest = [_of(name, dialect) for name, dialect in DIALECTS.items()]
    return [first, *sorted(rest, key=lambda each: each.side != "panel")]


def _of(name: str, dialect: Dialect) -> Played:
    return Played(
        side=dialect.speaker,
        name=name,
        about=dialect.about,
        protocol=dialect.protocol,
        options=dict(dialect.options),
        ids=tuple(dialect.ids),
    )


def panels() -> list[str]:
    """Names that ``simulate panel --protocol`` takes."""
    return [each.name for each in played() if each.side == "panel"]


def stories(
    is_json: bool = _JSON,
) -> None:
    """List the stories that a panel or receiver can play.

    Examples:
      alarm-gateway simulate stories

      alarm-gateway simulate stories --json
    """
    if is_json:
        typer.echo(
            msgspec.json.encode({name: load(name).model_dump() for name in names()}).decode()
        )
        return
    width = max(len(name) for name in names())
    for name in names():
        story = load(name)
        typer.echo(f"{name:{width}}  {story.about}")
        partly = [
            f"{dialect} as {token}"
            for dialect, how in DIALECTS.items()
            for token in how.ids
            if token not in told_by(how, story)
        ]
        if partly:
            typer.echo(f"{'':{width}}  not: {', '.join(partly)}")


def protocols(
    is_json: bool = _JSON,
) -> None:
    """List what can be played, and how the gateway's input has to be set for it.

    Examples:
      alarm-gateway simulate protocols
    """
    found = played()
    if is_json:
        typer.echo(msgspec.json.encode({"protocols": found}).decode())
        return
    width = max(len(each.name) for each in found)
    for side in ("panel", "receiver"):
        typer.echo(f"simulate {side} --protocol")
        for each in found:
            if each.side == side:
                typer.echo(f"  {each.name:{width}}  {each.about}")
                typer.echo(f"  {'':{width}}  says {', '.join(each.ids)}; gateway: {_input(each)}")
        typer.echo("")


def _input(each: Played) -> str:
    options = ", ".join(f'{name} = "{value}"' for name, value in each.options.items())
    return f'protocol = "{each.protocol}"' + (f", options = {{ {options} }}" if options else "")


def codes(
    protocol: str = typer.Option("surgard", "--protocol", "-p", help="Of which receiver or panel."),
    group: str = typer.Option("main", help="Group of the accounts whose panels send them."),
) -> None:
    """Print what the gateway has to be told of codes that the installer chooses.

    Pulse, 4+1, 4+2, ITI and similar formats carry one character, and only the station knows what
    it means. These lines go into the gateway's configuration; simulated panels keep to them.

    Examples:
      alarm-gateway simulate codes >> gateway.toml

      alarm-gateway simulate codes --protocol fsk-router --group north
    """
    dialect = DIALECTS.get(protocol)
    if dialect is None:
        known = ", ".join(DIALECTS)
        raise typer.BadParameter(
            f"no receiver is called {protocol!r}; there are {known}", param_hint="--protocol"
        )
    typer.echo(as_toml(rows(dialect.spelling, group=group)), nl=False)
