"""``alarm-gateway replay``: says again what a capture or transcript holds."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import CliError
from gateway.cli._replay.play import Played, Player
from gateway.cli._replay.wires import open_wire
from protocols._core.transcript import TranscriptError, read
from protocols.registry import PROTOCOLS

app = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(
    epilog="Examples:\n\n  alarm-gateway replay panel.txt --to tcp://127.0.0.1:12000 --restamp"
    "\n\n  alarm-gateway replay receiver.txt --to /dev/ttyUSB0 --baud 9600 --speed 10"
    "\n\n  alarm-gateway replay panel.txt --to tcp://127.0.0.1:12000 --speed max --check"
)
def replay(
    file: Annotated[Path, typer.Argument(help="A capture, or a transcript written by hand.")],
    to: Annotated[
        str,
        typer.Option(help="tcp://, udp:// or tls://HOST:PORT, file:NAME, or a serial port."),
    ],
    speed: Annotated[
        str, typer.Option(help="1: as it was; 10: ten times as fast; max: as answers come.")
    ] = "1",
    check: Annotated[
        bool, typer.Option("--check", help="Status 1 when an answer is not the one of the file.")
    ] = False,
    restamp: Annotated[
        bool, typer.Option("--restamp", help="Give DC-09 frames in clear the time of now.")
    ] = False,
    ca_file: Annotated[
        Path | None, typer.Option(help="Who signed the gateway's certificate.")
    ] = None,
    baud: Annotated[int, typer.Option(help="Of a serial port.")] = 9600,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show differences only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, at the end.")] = False,
) -> None:
    """Play the panel's or receiver's side of a capture, each peer over a way of its own.

    Every answer of the file is waited for before the peer goes on, 5 s at the most. What differs
    by nature in an answer, our time and random padding, is not compared.
    """
    try:
        transcript = read(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"{file} cannot be read: {error}") from None
    except TranscriptError as error:
        raise CliError(f"{file}, {error}") from None
    info = PROTOCOLS.get(transcript.protocol or "")
    if info is not None and info.speaks_first:
        raise CliError(
            f"{file} is a conversation in {info.name}, which begins with a new key each time: what "
            "was captured cannot be said again"
        )
    is_quiet = quiet or as_json
    player = Player(
        transcript,
        lambda is_datagram: open_wire(to, is_datagram=is_datagram, ca_file=ca_file, baud=baud),
        speed=_speed(speed),
        is_restamped=restamp,
        tell=(lambda _line: None) if is_quiet else partial(print, flush=True),
    )
    try:
        played = player.play()
    except OSError as error:
        raise CliError(f"{to} hung up: {error}") from None
    _show(file, played, as_json=as_json)
    if check and played.differences:
        raise typer.Exit(1)


def _show(file: Path, played: Played, *, as_json: bool) -> None:
    if as_json:
        differences = [
            {"line": one.line, "expected": one.expected, "seen": one.seen}
            for one in played.differences
        ]
        said = {"reads": played.reads, "answers": played.answers, "differences": differences}
        print(json.dumps(said))
        return
    for one in played.differences:
        print(f"{file}:{one.line}: the answer differs", file=sys.stderr)
        print(f"  in the file  {one.expected}", file=sys.stderr)
        print(f"  now          {one.seen or '(nothing)'}", file=sys.stderr)
    same = played.answers - len(played.differences)
    print(f"{played.reads} reads sent; {same} of {played.answers} answers as in the file")


def _speed(text: str) -> float:
    if text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if speed <= 0:
        raise CliError(f"--speed {text} seen; expected a number above 0, or max")
    return speed
