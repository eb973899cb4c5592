"""Reads what a technician types: addresses, keys, faults; every mistake told in words."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfoNotFoundError

import typer

from simulators.faults import Fault, Faults, parse_faults
from simulators.links import Link, LinkTls
from simulators.panels import PanelClock, PanelPath
from simulators.receivers import DIALECTS, ReceiverSettings
from simulators.receivers.carrying import mistakes
from simulators.scenarios import Happening, Story, StoryError, load, meanings

PORT_MAX: Final = 65535
KeyFormat = Literal["hex", "ascii"]
LINK_PANEL_OPTIONS: Final = frozenset({
    "protocol", "ids", "to", "pty", "serial", "baud", "account", "story", "times", "speed",
    "fault", "seed", "stay", "timeout", "is_json", "ledger",
})  # fmt: skip
"""What ``simulate panel`` takes for a panel that does not speak DC-09."""
_RANGE_MOST: Final = 10_000
STOPPED_AT: Final = datetime(2014, 1, 1, tzinfo=UTC)  # a panel whose clock was never set

_ACCOUNT: Final = re.compile(r"[0-9A-Za-z]{1,16}")
_NUMBER: Final = re.compile(r"[0-9A-Fa-f]{1,6}")
_CONTACT_ID_ACCOUNT: Final = re.compile(r"[0-9B-F]{4}|[0-9B-F]{5,10}")
_PULSE_ACCOUNT: Final = re.compile(r"[0-9A-F]{1,6}")


def address(text: str, option: str) -> tuple[str, int]:
    """Read ``host:port`` or ``[v6]:port``."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdigit() or not 0 <= int(port) <= PORT_MAX:
        raise typer.BadParameter(
            f"{text!r} is no address; write host:port, e.g. 127.0.0.1:12000", param_hint=option
        )
    return host, int(port)


def route(text: str, transport: Literal["tcp", "udp"]) -> PanelPath:
    """Read one path of a panel."""
    host, port = address(text, "--to or --backup")
    return PanelPath(host=host, port=port, transport=transport)


def tls(
    *,
    is_on: bool,
    ca_file: Path | None,
    cert_file: Path | None,
    key_file: Path | None,
    name: str | None,
) -> LinkTls | None:
    """Read the files of ``--tls``; whatever they say, the gateway's certificate is verified."""
    if not is_on:
        for option, value in (("--ca", ca_file), ("--cert", cert_file), ("--tls-name", name)):
            if value is not None:
                raise typer.BadParameter("only with --tls", param_hint=option)
        return None
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise typer.BadParameter(f"{ca_file}: {error}", param_hint="--ca") from error
    if cert_file is not None:
        try:
            context.load_cert_chain(cert_file, key_file)
        except (OSError, ssl.SSLError) as error:
            raise typer.BadParameter(
                f"{cert_file}, {key_file or cert_file}: {error}", param_hint="--cert"
            ) from error
    return LinkTls(context=context, server_name=name)


def key(file: Path | None, spelled: KeyFormat) -> bytes | None:
    """Read an AES key from the first line of a file that is no comment."""
    if file is None:
        return None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"cannot be read: {error}", param_hint="--key-file") from error
    text = next((line for line in lines if line.strip() and not line.startswith("# ")), "")
    try:
        raw = bytes.fromhex(text) if spelled == "hex" else text.encode("ascii")
    except ValueError:
        raw = b""
    if len(raw) not in (16, 24, 32):
        wanted = "32, 48 or 64 hex digits" if spelled == "hex" else "16, 24 or 32 characters"
        raise typer.BadParameter(
            f"{file} holds no key as {spelled}: its first line must be {wanted}; "
            f"--key-format says how the key is written",
            param_hint="--key-file",
        )
    return raw


def faults(words: list[str], allowed: frozenset[Fault]) -> Faults:
    """Read ``--fault`` options."""
    try:
        return parse_faults(words, allowed=allowed)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from error


def stories(wanted: list[str]) -> list[Story]:
    """Read the stories of ``--story`` options, all mistakes at once."""
    found: list[Story] = []
    mistakes: list[str] = []
    for name in wanted:
        try:
            found.append(load(name))
        except StoryError as error:
            mistakes.append(str(error))
    if mistakes:
        raise typer.BadParameter("\n".join(mistakes), param_hint="--story")
    return found


def accounts(texts: list[str]) -> list[str]:
    """Read accounts, and ranges of decimal ones: ``2000-2199``."""
    found: list[str] = []
    for text in texts:
        first, dash, last = text.partition("-")
        if not dash:
            found.append(text)
            continue
        is_range = first.isdecimal() and last.isdecimal() and len(first) == len(last)
        if not is_range or not 0 <= int(last) - int(first) < _RANGE_MOST:
            raise typer.BadParameter(
                f"{text!r} is no range of up to {_RANGE_MOST} accounts; write e.g. 2000-2199",
                param_hint="--account",
            )
        width = len(first)
        found += [f"{number:0{width}d}" for number in range(int(first), int(last) + 1)]
    return found


def account(text: str) -> str:
    """Read a panel's account (DC-09: 3 to 16 hex digits; panels with other letters exist)."""
    if not _ACCOUNT.fullmatch(text):
        raise typer.BadParameter(
            f"{text!r} is no account: 1 to 16 digits or letters", param_hint="--account"
        )
    return text


def number(text: str | None, option: str) -> str | None:
    """Read a receiver or line number: up to six hex digits."""
    if text is not None and not _NUMBER.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not 1 to 6 hex digits", param_hint=option)
    return text


def panel_clock(offset_s: float, zone: str | None, *, is_stopped: bool) -> PanelClock:
    """Set a panel's clock wrong on purpose."""
    try:
        return PanelClock(
            offset_s=offset_s, zone=zone, stopped_at=STOPPED_AT if is_stopped else None
        )
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(
            f"no time zone is called {zone!r}; write e.g. Europe/Berlin",
            param_hint="--clock-zone",
        ) from error


def only_of_dc09(context: typer.Context, protocol: str) -> None:
    """Refuse options of DC-09 panels that were given for one of another protocol."""
    given = sorted(
        f"--{name.removeprefix('is_').replace('_', '-')}"
        for name in context.params
        if name not in LINK_PANEL_OPTIONS
        and getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    )
    if given:
        raise typer.BadParameter(
            f"{', '.join(given)}: only with --protocol dc09, not with {protocol}"
        )


def tellable(name: str, ids: tuple[str, ...], wanted: list[str], found: list[Story]) -> None:
    """Refuse stories that a dialect has no words for, all at once."""
    wrong = mistakes(name, DIALECTS[name], ids, dict(zip(wanted, found, strict=True)))
    if wrong:
        raise typer.BadParameter("\n".join(wrong), param_hint="--story")


def protocol_ids(text: str, protocol: str) -> tuple[str, ...]:
    """Read ``5,S,3,1``, or what else the receiver can say; nothing is its default."""
    dialect = DIALECTS.get(protocol)
    if dialect is None:
        raise typer.BadParameter(
            f"no receiver is called {protocol!r}; there are {', '.join(DIALECTS)}",
            param_hint="--protocol",
        )
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in wanted if part not in dialect.ids]
    if wrong or (text and not wanted):
        raise typer.BadParameter(
            f"{', '.join(wrong) or 'nothing'} given; a receiver sends {', '.join(dialect.ids)}",
            param_hint="--ids",
        )
    return tuple(wanted)


def receiver_account(text: str, settings: ReceiverSettings) -> str:
    """Read an account that fits the frames of all protocol ids in use."""
    fits = True
    if "5" in settings.ids:
        fits = bool(_CONTACT_ID_ACCOUNT.fullmatch(text))
    if "1" in settings.ids or "3" in settings.ids:
        fits = fits and bool(_PULSE_ACCOUNT.fullmatch(text))
    if not fits or not _ACCOUNT.fullmatch(text):
        raise typer.BadParameter(
            f"{text!r} does not fit: id 5 takes 4 digits (or up to 10, as id Q), ids 1 and 3 "
            f"up to 6; digits are 0-9 and B-F",
            param_hint="--account",
        )
    _try_account(text, settings)
    return text


def _try_account(text: str, settings: ReceiverSettings) -> None:
    """Write one frame of each kind: the codec knows best what fits."""
    name = next(iter(meanings()))
    sample = Happening(name=name, meaning=meanings()[name], area=1, address=1)
    dialect = settings.dialect
    for said in settings.ids:
        try:
            content = dialect.ids[said](sample, text)
            far_end = dialect.connect(settings)
            far_end.report(*content.parts, account=text, now=0.0, token=said)
        except ValueError as error:
            raise typer.BadParameter(
                f"{text!r} fits no {said} frame of {settings.protocol}: {error}",
                param_hint="--account",
            ) from error


def one_link(offered: Mapping[str, Callable[[], Link] | None]) -> Link:
    """Take the one link that was asked for."""
    wanted = {option: make for option, make in offered.items() if make is not None}
    if len(wanted) != 1:
        seen = " and ".join(wanted) or "none"
        raise typer.BadParameter(f"{seen} given; give one of {', '.join(offered)}")
    (make,) = wanted.values()
    return make()
