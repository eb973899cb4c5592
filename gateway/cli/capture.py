"""``alarm-gateway capture``: what an input hears and says, byte for byte, into a file."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import typer

from gateway.cli import CliError
from gateway.cli._journal.opened import config_of
from gateway.control import ControlError, ask
from protocols._core.transcript import Writer, as_text, header

_FETCH_EVERY_S: Final = 0.2
_MIB: Final = 1024 * 1024
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smh]?)")
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600}

app = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(
    epilog="Examples:\n\n  alarm-gateway capture ip-1 --for 5m --output panel.txt -c gateway.toml"
    "\n\n  alarm-gateway capture ip-1 --peer 192.0.2.7 --redact -c gateway.toml"
    "\n\nWhat was captured can be read as it is, and be given to replay and doctor."
)
def capture(
    input_name: Annotated[
        str, typer.Argument(metavar="INPUT", help="Name of the input in the configuration.")
    ],
    for_: Annotated[str, typer.Option("--for", help="How long: 60, 90s, 5m, 2h.")] = "60",
    peer: Annotated[str, typer.Option(help="Only this peer: HOST, HOST:PORT, or the device.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; standard output without it.")
    ] = None,
    most_mib: Annotated[float, typer.Option("--most", help="End after so many MiB.")] = 64.0,
    redact: Annotated[
        bool, typer.Option("--redact", help="Cross out keys and codes that go over the line.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Configuration of the running gateway.")
    ] = None,
    socket: Annotated[
        Path | None, typer.Option(help="Control socket of the running gateway, instead.")
    ] = None,
) -> None:
    """Write down what an input of the running gateway hears and says, byte for byte.

    Every transport, both ways, with times; what comes over TLS is written as it is inside. Frames
    are captured as they are on the wire, so encrypted ones stay encrypted. Ctrl-C ends it.
    """
    path = socket or config_of(config).control.socket
    for_s = _seconds(for_)
    began = _asked(path, do="capture", input=input_name, peer=peer, for_s=for_s)
    with _opened(output) as file:
        told = _Told(file, most_bytes=int(most_mib * _MIB))
        where = f"input {input_name}" + (f", peer {peer}" if peer else "")
        now = datetime.now(UTC)
        words = [f"Captured from {where}", f"source: alarm-gateway capture, {now:%Y-%m-%d %H:%M}Z"]
        told.head(words, protocol=began["protocol"], utc=now)
        try:
            _follow(path, began["capture"], told, is_redacted=redact)
        except KeyboardInterrupt:
            _asked(path, do="capture-stop", capture=began["capture"])
    told.summary(output)


class _Told:
    """The file, and what went into it."""

    def __init__(self, file: TextIO, *, most_bytes: int) -> None:
        self._file = file
        self._most = most_bytes
        self._writer = Writer()
        self._size = 0
        self._reads = [0, 0]
        self.lost = 0

    @property
    def is_full(self) -> bool:
        return self._size >= self._most

    def head(self, words: list[str], *, protocol: str, utc: datetime) -> None:
        self._lines(header(words, protocol=protocol, is_datagram=False, utc=utc))

    def record(self, at_s: float, peer: str, is_ours: bool, data: bytes) -> None:
        self._reads[is_ours] += 1
        self._lines(self._writer.lines(at_s, peer, is_ours=is_ours, text=as_text(data)))

    def _lines(self, lines: Iterator[str]) -> None:
        for line in lines:
            self._size += self._file.write(line + "\n")
        self._file.flush()

    def progress(self) -> None:
        if sys.stderr.isatty():
            came, went = self._reads
            sys.stderr.write(f"\r{came} reads, {went} answers, {self._size} bytes ")
            sys.stderr.flush()

    def summary(self, output: Path | None) -> None:
        came, went = self._reads
        words = f"{came} reads and {went} answers"
        if output is not None:
            words += f" in {output}"
        if self.is_full:
            words += "; it ended because the file is full (--most)"
        if self.lost:
            words += f"; {self.lost} more came too fast to be captured"
        sys.stderr.write(("\r" if sys.stderr.isatty() else "") + words + "\n")


def _follow(path: Path, number: int, told: _Told, *, is_redacted: bool) -> None:
    while True:
        said = _asked(path, do="capture-fetch", capture=number, is_redacted=is_redacted)
        told.lost = said["lost"]
        for at_s, peer, is_ours, data in said["records"]:
            told.record(at_s, peer, is_ours, bytes.fromhex(data))
            if told.is_full:
                _asked(path, do="capture-stop", capture=number)
                return
        told.progress()
        if said["is_over"]:
            return
        if not said["records"]:
            time.sleep(_FETCH_EVERY_S)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        file = output.open("x", encoding="utf-8")
    except FileExistsError:
        raise CliError(f"{output} is there already; choose another name") from None
    except OSError as error:
        raise CliError(f"{output} cannot be written: {error.strerror}") from None
    with file:
        yield file


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None or float(found[1]) == 0:
        raise CliError(f"--for {text!r} seen; expected a time like 60, 90s, 5m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def _asked(path: Path, **request: object) -> dict[str, Any]:
    try:
        return ask(path, request)
    except ControlError as error:
        raise CliError(str(error)) from None
