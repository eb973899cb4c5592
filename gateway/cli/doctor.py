"""``alarm-gateway doctor``: what is likely wrong with a panel or a line, and what to do then."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from gateway.accounts import Accounts, load_accounts
from gateway.cli import CliError
from gateway.cli._doctor.examine import examine
from gateway.cli._doctor.finding import Confidence, Finding
from gateway.cli._doctor.observed import Known, observe
from gateway.cli._doctor.settings import examine_settings
from gateway.config import Config, ConfigError, InputConfig, load
from gateway.control import ControlError, ask
from protocols._core.transcript import (
    Came,
    Transcript,
    TranscriptError,
    Writer,
    as_text,
    header,
    read,
)
from protocols.recognition import AUTO, readings
from protocols.registry import PROTOCOLS

_FETCH_EVERY_S: Final = 0.2
_WORDS: Final = {
    Confidence.CERTAIN: ("certain", "bold red"),
    Confidence.LIKELY: ("likely", "bold yellow"),
    Confidence.POSSIBLE: ("possible", "yellow"),
}

app = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(
    epilog="Examples:\n\n  alarm-gateway doctor panel.txt -c gateway.toml"
    "\n\n  alarm-gateway doctor ip-1 --for 60 -c gateway.toml"
    "\n\n  alarm-gateway doctor gateway.toml"
    "\n\n  alarm-gateway doctor receiver.txt --protocol surgard --json"
)
def doctor(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|INPUT", help="A capture, an input to listen to, or a configuration."
        ),
    ],
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Configuration: accounts, keys, inputs.")
    ] = None,
    input_name: Annotated[
        str | None, typer.Option("--input", help="Input of the configuration the capture is of.")
    ] = None,
    protocol: Annotated[
        str | None,
        typer.Option("--protocol", "-p", help="What the capture is, if it does not say."),
    ] = None,
    for_s: Annotated[
        float, typer.Option("--for", help="Seconds to listen to a running input.")
    ] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Look at a conversation as an experienced technician would, and name what is wrong with it.

    Wrong keys and notations of keys, clocks and time zones, check values, serial settings, account
    numbers, heartbeats, answers that do not arrive, strangers on the port. Status 1 when something
    was found. No key is ever shown. Without --config it cannot know accounts and keys.
    """
    settings = _loaded(config)
    file = Path(what)
    if file.suffix == ".toml":
        _tell(_of_settings(file), as_json=as_json, looked="the configuration and its accounts")
        return
    if file.is_file():
        transcript = _read(file)
        name = input_name or _input_of(settings, protocol or transcript.protocol)
    else:
        if settings is None or what not in settings.inputs:
            known = (
                ", ".join(settings.inputs) if settings is not None else "unknown without --config"
            )
            raise CliError(f"there is no file {what}, and no input of that name; inputs: {known}")
        transcript = _listened(settings, what, for_s)
        name = what
    chosen = protocol or transcript.protocol
    if chosen is None and settings is not None and name is not None:
        chosen = settings.inputs[name].protocol
    if chosen == AUTO:
        chosen = _heard(transcript)
    info = PROTOCOLS.get(chosen or "")
    if info is None:
        raise CliError(
            f"protocol {chosen or 'not given'}; say which with --protocol: {', '.join(PROTOCOLS)}"
        )
    if not transcript.steps:
        raise CliError(f"{what}: nothing was heard, so nothing can be said")
    seen = observe(transcript, info, _known(settings, name))
    looked = f"{len(seen.reads)} reads, {len(seen.sound())} sound frames"
    _tell(examine(seen), as_json=as_json, looked=looked)


def _heard(transcript: Transcript) -> str:
    """What an input that finds out for itself will have found; ``auto`` when nothing is."""
    found = readings(b"".join(step.data for step in transcript.steps if isinstance(step, Came)))
    return found[0].variant.family if found else AUTO


def _of_settings(path: Path) -> list[Finding]:
    settings = _loaded(path)
    return [] if settings is None else examine_settings(settings, _accounts(settings))


def _tell(findings: list[Finding], *, as_json: bool, looked: str) -> None:
    if as_json:
        print(json.dumps({"looked": looked, "findings": [_as_json(one) for one in findings]}))
    else:
        _show(findings, looked)
    if findings:
        raise typer.Exit(1)


def _as_json(finding: Finding) -> dict[str, str]:
    return {
        "id": finding.id, "confidence": _WORDS[finding.confidence][0], "title": finding.title,
        "evidence": finding.evidence, "remedy": finding.remedy,
    }  # fmt: skip


def _show(findings: list[Finding], looked: str) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    console.print(looked, style="dim")
    if not findings:
        console.print("Nothing wrong found.", style="green")
        return
    for number, one in enumerate(findings, 1):
        word, style = _WORDS[one.confidence]
        console.print()
        console.print(Text.assemble(f"{number}. ", (one.title, "bold"), "  ", (word, style)))
        console.print(Text.assemble(("   seen  ", "dim"), one.evidence))
        console.print(Text.assemble(("   do    ", "dim"), one.remedy))


def _read(file: Path) -> Transcript:
    try:
        return read(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"{file} cannot be read: {error}") from None
    except TranscriptError as error:
        raise CliError(f"{file}, {error}") from None


def _loaded(path: Path | None) -> Config | None:
    if path is None:
        return None
    try:
        return load(path)
    except ConfigError as error:
        count = len(error.mistakes)
        raise CliError(
            f"{path} has {count} mistake{'s' if count > 1 else ''}; see: "
            f"alarm-gateway check-config {path}"
        ) from None


def _input_of(settings: Config | None, protocol: str | None) -> str | None:
    """Give the first input of that protocol."""
    inputs = settings.inputs if settings is not None else {}
    return next((name for name, one in inputs.items() if one.protocol == protocol), None)


def _accounts(settings: Config) -> Accounts:
    try:
        return load_accounts(settings)
    except ConfigError as error:
        raise CliError(f"the accounts cannot be read: {error}") from None


def _known(settings: Config | None, name: str | None) -> Known:
    if settings is None:
        return Known()
    accounts = _accounts(settings)
    chosen: InputConfig | None = settings.inputs.get(name) if name is not None else None
    group = chosen.group if chosen is not None else "main"
    return Known(
        accounts=accounts,
        group=group,
        keys=accounts.keys(group),
        options=dict(chosen.options) if chosen is not None else {},
        heartbeat_s=chosen.heartbeat_s or 30.0 if chosen is not None else 30.0,
    )


def _listened(settings: Config, name: str, for_s: float) -> Transcript:
    """Capture an input of the running gateway for a while."""
    path = settings.control.socket

    def asked(**request: object) -> dict[str, Any]:
        try:
            return ask(path, request)
        except ControlError as error:
            raise CliError(str(error)) from None

    began = asked(do="capture", input=name, for_s=for_s)
    writer = Writer()
    lines = list(header([], protocol=began["protocol"], is_datagram=False, utc=datetime.now(UTC)))
    if sys.stderr.isatty():
        sys.stderr.write(f"listening to {name} for {for_s:g} s; Ctrl-C to look at once\n")
    try:
        is_over = False
        while not is_over:
            said = asked(do="capture-fetch", capture=began["capture"])
            for at_s, peer, is_ours, data in said["records"]:
                text = as_text(bytes.fromhex(data))
                lines += writer.lines(at_s, peer, is_ours=is_ours, text=text)
            is_over = said["is_over"]
            if not said["records"] and not is_over:
                time.sleep(_FETCH_EVERY_S)
    except KeyboardInterrupt:
        asked(do="capture-stop", capture=began["capture"])
    return read("\n".join(lines))
