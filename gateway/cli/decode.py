"""The command ``decode``: explains a frame field by field, with its event and our answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from gateway.cli import CliError
from gateway.cli._decode import as_json as json_form
from gateway.cli._decode import dialled, panel, receiver, source
from gateway.cli._decode.show import show
from gateway.cli._decode.station import (
    Station,
    from_config,
    keys_of_file,
    keys_of_text,
    profile_of,
)
from gateway.cli._decode.told import Told

_TELL: Final = {"dc09": panel.tell, "contact-id": dialled.tell}
"""What is no receiver's; ``receiver`` tells the rest."""
_EXAMPLES: Final = r"""Examples:

  alarm-gateway decode 'B9640026"SIA-DCS"0001L0#1234[#1234|Nri1/BA001]'

  alarm-gateway decode '5011 181234E13101015\x14'

  alarm-gateway decode 1234181131010158

  alarm-gateway decode '\n11 1234 18 E131 01 C015 \r'

  alarm-gateway decode --profile ajax '5011 181234E42301003\x14'

  alarm-gateway decode --file capture.bin --key-file panel.key --json
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None)  # examples hold brackets


@app.command(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
def decode(
    frame: Annotated[
        str | None,
        typer.Argument(
            metavar="[FRAME]",
            help=r"Text with escapes (\n \r \x14), or hex. Without it, or as -, standard input.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Read the frame from a file.")
    ] = None,
    as_hex: Annotated[
        bool, typer.Option("--hex", help="The input is hex, whatever it looks like.")
    ] = False,
    protocol: Annotated[
        source.Protocol | None,
        typer.Option("--protocol", "-p", help="What it is; guessed without it."),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="File with the AES key: hex, or the letters of it."),
    ] = None,
    ask_key: Annotated[
        bool, typer.Option("--ask-key", help="Ask for the AES key; it does not show.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Configuration: names, keys, policies of accounts."),
    ] = None,
    input_name: Annotated[
        str | None, typer.Option("--input", help="Input of the configuration it came in on.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", help="Vendor profile to read the codes with, whatever the account's is."
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="When it was received, ISO 8601; now without it.", metavar="TIME"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Explain a frame field by field, with the event and the answer it gives.

    Says which rule is broken at which byte. Without --config every account is taken as known,
    without zones; time stamps are not judged.

    Exit status: 0 decoded, 1 broken or unreadable, 2 wrong usage.
    """
    read = _source(frame, file, as_hex=as_hex)
    chosen = protocol or source.guess(read.raw)
    if chosen is None:
        raise CliError(
            "these bytes look like no protocol that is known here; if you know what they are, "
            f"say --protocol {'|'.join(source.PROTOCOLS)}"
        )
    station = _station(chosen, config, input_name, _moment(at))
    if key_file is not None or ask_key:
        station.extra_keys = _keys(key_file, ask_key=ask_key)
    if profile is not None:
        station.profile = profile_of(profile)
    tell = _TELL.get(chosen) or partial(receiver.tell, name=chosen)
    told = tell(read.raw, station)
    notes = [*read.notes]
    fits = source.fitting(read.raw) if protocol is None else ()
    others = [name for name in fits if name != chosen]
    if others:
        notes.append(
            f"Guessed to be {chosen}; {' and '.join(others)} would read it too: "
            f"--protocol {others[0]} explains it so."
        )
    if station.input_name is not None:
        notes.append(f"Accounts of input {station.input_name}, group {station.group}.")
    if station.profile is not None:
        notes.append(f"Codes are read with the profile {station.profile}.")
    told[0].notes = (*notes, *told[0].notes)
    _print(told, fits, as_json=as_json)
    sys.exit(0 if all(one.status == "decoded" for one in told) else 1)


def _source(frame: str | None, file: Path | None, *, as_hex: bool) -> source.Source:
    if frame is not None and frame != "-":
        if file is not None:
            raise CliError("a frame and --file; give one of the two")
        return source.of_text(frame, as_hex=as_hex)
    if file is not None:
        return source.of_bytes(source.read_file(file), as_hex=as_hex)
    if sys.stdin.isatty() and frame is None:
        raise CliError("nothing to decode; give a frame as text, as hex, or --file PATH")
    return source.of_bytes(sys.stdin.buffer.read(source.MAX_BYTES + 1), as_hex=as_hex)


def _station(
    protocol: str, config: Path | None, input_name: str | None, received: datetime
) -> Station:
    if config is not None:
        return from_config(config, input_name, protocol, received)
    if input_name is not None:
        raise CliError("--input names an input of a configuration; give --config as well")
    return Station(received=received)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CliError(
            f"--at {text!r} is no time; expected for instance 2026-11-20T09:15:02Z"
        ) from None


def _keys(key_file: Path | None, *, ask_key: bool) -> tuple[bytes, ...]:
    keys: list[bytes] = []
    if key_file is not None:
        keys.extend(keys_of_file(key_file))
    if ask_key:
        keys.extend(keys_of_text(typer.prompt("AES key", hide_input=True), where="the key"))
    return tuple(keys)


def _print(told: list[Told], fits: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(json_form.frames(told, fits), indent=2, ensure_ascii=True))
        return
    show(Console(highlight=False, emoji=False, markup=False), told)
