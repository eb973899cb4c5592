"""The command ``alarm-gateway simulate``: be a panel, a receiver or a load of panels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from random import Random, SystemRandom

import typer

from simulators import lists, options
from simulators.faults import PANEL_FAULTS, RECEIVER_FAULTS
from simulators.links import Link, PtyLink, SerialLink, TcpLink, TcpListenLink, UdpLink
from simulators.load import NUMBERS, Fleet, LoadSettings
from simulators.panels import Panel, PanelSettings
from simulators.receivers import DIALECTS, Receiver, ReceiverSettings
from simulators.runner import Runner
from simulators.stage import Stage, play

app = typer.Typer(
    help="Be a panel, a receiver or a load of panels, so that nothing needs hardware.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Transport(StrEnum):
    """How a panel calls."""

    tcp = "tcp"
    udp = "udp"


class Payload(StrEnum):
    """What a panel speaks inside DC-09."""

    cid = "cid"
    sia = "sia"


class KeyFormat(StrEnum):
    """How a key is written."""

    hex = "hex"
    ascii = "ascii"


class OnDuh(StrEnum):
    """What a panel does with DUH."""

    drop = "drop"
    insist = "insist"


class Header(StrEnum):
    """Receiver and line in a Sur-Gard frame."""

    RRL = "RRL"
    RRLLL = "RRLLL"


# Not from the seed: a second run within the gateway's duplicate window would be taken for a
# repeat of the first, acknowledged and never published.
_fresh = SystemRandom()

_DC09_ONLY = "Only with --protocol dc09"
_PANELS = f"What it speaks: {', '.join(lists.panels())}."
_RECEIVERS = f"What it speaks: {', '.join(DIALECTS)}."
_STORY = typer.Option(
    ["burglary"], "--story", "-s", help="A story by name (see 'stories'), or a .toml file."
)
_TIMES = typer.Option(1, min=1, max=10_000, help="Play the stories so often.")
_SPEED = typer.Option(10.0, min=0.001, max=100_000, help="How much faster than in real time.")
_FAULT = typer.Option(
    [], "--fault", help="A fault, always or with a share: lost-ack, lost-ack=0.1 (repeatable)."
)
_SEED = typer.Option(1, help="Faults and moments are the same for the same seed.")
_JSON = typer.Option(False, "--json", help="As one JSON object, for programs.")
_LEDGER = typer.Option(None, "--ledger", help="Write every frame and answer to this file.")
_KEY_FILE = typer.Option(None, "--key-file", help="Encrypt with the AES key in this file.")
_KEY_FORMAT = typer.Option(KeyFormat.hex, help="How the key is written in the file.")


app.command()(lists.stories)
app.command()(lists.protocols)
app.command()(lists.codes)


@app.command()
def panel(
    context: typer.Context,
    protocol: str = typer.Option(lists.DC09, "--protocol", "-p", help=_PANELS),
    to: str = typer.Option("127.0.0.1:12000", help="Where the gateway listens, host:port."),
    pty: Path | None = typer.Option(None, help="Not DC-09: a pty pair; a stable symlink to it."),
    serial: str | None = typer.Option(None, help="Not DC-09: a serial device (8 N 1)."),
    baud: int = typer.Option(9600, help="With --serial."),
    ids: str = typer.Option("", help="Not DC-09: what it says, mixed; see 'protocols'."),
    backup: list[str] = typer.Option(
        [], help="Backup path, host:port (repeatable).", rich_help_panel=_DC09_ONLY
    ),
    transport: Transport = typer.Option(
        Transport.tcp, help="For the first path.", rich_help_panel=_DC09_ONLY
    ),
    backup_transport: Transport = typer.Option(
        Transport.udp, help="For backup paths.", rich_help_panel=_DC09_ONLY
    ),
    account: str = typer.Option("1234", "--account", "-a", help="The panel's account."),
    payload: Payload = typer.Option(
        Payload.cid, "--format", "-f", help="Contact ID or SIA.", rich_help_panel=_DC09_ONLY
    ),
    story: list[str] = _STORY,
    times: int = _TIMES,
    speed: float = _SPEED,
    fault: list[str] = _FAULT,
    seed: int = _SEED,
    key_file: Path | None = _KEY_FILE,
    key_format: KeyFormat = _KEY_FORMAT,
    receiver: str | None = typer.Option(
        None, help="Receiver number (R field).", rich_help_panel=_DC09_ONLY
    ),
    line: str = typer.Option("0", help="Line number (L field).", rich_help_panel=_DC09_ONLY),
    sequence: int | None = typer.Option(
        None,
        min=1,
        max=9999,
        help="First sequence number; by default any, since a repeated one is a duplicate.",
        rich_help_panel=_DC09_ONLY,
    ),
    stamp: bool = typer.Option(
        default=False, help="Timestamps on plain messages too.", rich_help_panel=_DC09_ONLY
    ),
    binary_crc: bool = typer.Option(
        default=False, help="CRC as two raw bytes, as Trikdis sends.", rich_help_panel=_DC09_ONLY
    ),
    clock_offset: float = typer.Option(
        0.0, help="Seconds by which the panel's clock is ahead.", rich_help_panel=_DC09_ONLY
    ),
    clock_zone: str | None = typer.Option(
        None, help="The panel sends local time of this zone.", rich_help_panel=_DC09_ONLY
    ),
    clock_stopped: bool = typer.Option(
        default=False, help="The panel's clock stands still.", rich_help_panel=_DC09_ONLY
    ),
    link_test: float | None = typer.Option(
        None, min=0.1, help="A link test every so many s.", rich_help_panel=_DC09_ONLY
    ),
    stay: float = typer.Option(0.0, min=0.0, help="Stay so many seconds after the stories."),
    reconnect: bool = typer.Option(
        default=False, help="A new connection for each message.", rich_help_panel=_DC09_ONLY
    ),
    timeout: float = typer.Option(5.0, min=0.01, help="Seconds to wait for an answer."),
    tries: int = typer.Option(3, min=1, help="Tries on each path.", rich_help_panel=_DC09_ONLY),
    rounds: int = typer.Option(
        1, min=0, help="Rounds through all paths; 0: never give up.", rich_help_panel=_DC09_ONLY
    ),
    on_duh: OnDuh = typer.Option(
        OnDuh.drop, help="What DUH does: drop, or insist like Ajax.", rich_help_panel=_DC09_ONLY
    ),
    is_tls: bool = typer.Option(
        False, "--tls", help="TLS on the TCP paths.", rich_help_panel=_DC09_ONLY
    ),
    ca: Path | None = typer.Option(
        None, help="Authority of the gateway's certificate (PEM).", rich_help_panel=_DC09_ONLY
    ),
    cert: Path | None = typer.Option(
        None, help="The panel's own certificate (PEM).", rich_help_panel=_DC09_ONLY
    ),
    cert_key: Path | None = typer.Option(
        None, help="Its key, when not in the same file.", rich_help_panel=_DC09_ONLY
    ),
    tls_name: str | None = typer.Option(
        None, help="Name in the gateway's certificate.", rich_help_panel=_DC09_ONLY
    ),
    is_json: bool = _JSON,
    ledger: Path | None = _LEDGER,
) -> None:
    """Be a panel and play stories; shows the conversation, ends with its sums.

    Exit status 0 when every report was acknowledged, 1 when not. Options that name a field, a
    path, a key or a clock are those of DC-09 panels.

    Examples:
      alarm-gateway simulate panel --to 127.0.0.1:12000 -a 1234 -s burglary

      alarm-gateway simulate panel --transport udp --key-file k -f sia -s fire

      alarm-gateway simulate panel -s swinger --fault lost-ack=0.2 --fault split

      alarm-gateway simulate panel -p sia-dc03 --to 127.0.0.1:10000 -s low-battery

      alarm-gateway simulate panel -p dtmf --ids 55 --pty /tmp/dialler -s fire

      alarm-gateway simulate panel --to gw:12001 --tls --ca ca.crt --cert p.crt --cert-key p.key
    """
    if protocol not in lists.panels():
        raise typer.BadParameter(
            f"no panel is called {protocol!r}; there are {', '.join(lists.panels())}; receivers: "
            "simulate receiver",
            param_hint="--protocol",
        )
    stage = Stage(is_json=is_json, ledger_file=ledger)
    if protocol != lists.DC09:
        options.only_of_dc09(context, protocol)
        is_on_line = pty is not None or serial is not None
        _play_dialect(
            stage,
            ReceiverSettings(
                protocol=protocol,
                ids=options.protocol_ids(ids, protocol),
                ack_timeout_s=timeout,
                faults=options.faults(fault, RECEIVER_FAULTS),
            ),
            link=options.one_link(
                {
                    "--pty": None if pty is None else partial(PtyLink, pty),
                    "--serial": None
                    if serial is None
                    else partial(SerialLink, serial, baud=baud, bits=8, parity="N", stop=1),
                    "--to": None if is_on_line else partial(TcpLink, *options.address(to, "--to")),
                }
            ),
            where=str(pty or serial or to),
            accounts=[account],
            story=story,
            plays=Plays(times=times, speed=speed, stay_s=stay, seed=seed),
        )
        return
    if pty or serial or ids:
        raise typer.BadParameter("--pty, --serial and --ids are not for DC-09; use --to")
    secured = options.tls(
        is_on=is_tls, ca_file=ca, cert_file=cert, key_file=cert_key, name=tls_name
    )
    paths = [(to, transport)] + [(text, backup_transport) for text in backup]
    routes = [options.route(text, way.value) for text, way in paths]
    try:
        settings = PanelSettings(
            account=options.account(account),
            paths=tuple(replace(route, keeps_open=not reconnect) for route in routes),
            format=payload.value,
            key=options.key(key_file, key_format.value),
            receiver=options.number(receiver, "--receiver"),
            line=options.number(line, "--line") or "0",
            is_stamped=stamp,
            has_binary_crc=binary_crc,
            answer_timeout_s=timeout,
            tries_per_path=tries,
            rounds=rounds or None,
            on_duh=on_duh.value,
            first_sequence=sequence or _fresh.randint(1, 9999),
            link_test_s=link_test,
            faults=options.faults(fault, PANEL_FAULTS),
        )
        clock = options.panel_clock(clock_offset, clock_zone, is_stopped=clock_stopped)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    played = options.stories(story)
    links: list[Link] = [
        UdpLink(route.host, route.port)
        if route.transport == "udp"
        else TcpLink(route.host, route.port, tls=secured)
        for route in routes
    ]

    async def main() -> None:
        device = Panel(
            settings,
            ledger=stage.ledger,
            random=Random(seed),  # noqa: S311  faults, not secrets
            clock=clock,
            now=stage.clock.monotonic(),
        )
        runner = Runner(
            device, links, clock=stage.clock, on_trouble=stage.trouble, on_deed=stage.deed
        )
        await play(runner, played, times=times, speed=speed, stay_s=stay)

    stage.say(f"panel {account} -> {', '.join(str(path) for path in settings.paths)}")
    stage.run(main)


@app.command()
def receiver(
    pty: Path | None = typer.Option(None, help="Make a pty pair; a stable symlink to it."),
    serial: str | None = typer.Option(None, help="A serial device, e.g. /dev/ttyUSB0."),
    listen: str | None = typer.Option(None, help="Wait for the gateway, host:port (1025)."),
    to: str | None = typer.Option(None, help="Call the gateway, host:port."),
    account: list[str] = typer.Option(
        ["1234"],
        "--account",
        "-a",
        help="Accounts whose panels call: 1234, or 2000-2199 (repeatable).",
    ),
    protocol: str = typer.Option("surgard", "--protocol", "-p", help=_RECEIVERS),
    ids: str = typer.Option(
        "", help="What it says, mixed; surgard: 5,S,3,1 (5 is Q for long accounts)."
    ),
    story: list[str] = _STORY,
    times: int = _TIMES,
    speed: float = _SPEED,
    fault: list[str] = _FAULT,
    seed: int = _SEED,
    receiver_number: str = typer.Option("", "--receiver", help="Receiver number."),
    line: list[str] = typer.Option([], help="Lines that calls come in on, in turn."),
    header: Header = typer.Option(Header.RRL, help="Sur-Gard: receiver and line in a frame."),
    b32: bool = typer.Option(default=False, help="Four-byte length prefix (TCP only)."),
    heartbeat: float = typer.Option(30.0, min=0.0, help="Seconds between heartbeats; 0: none."),
    ack_timeout: float = typer.Option(4.0, min=0.01, help="Seconds to wait for an ACK."),
    buffer: int = typer.Option(256, min=1, help="Events that are kept while the host is away."),
    baud: int = typer.Option(9600, help="With --serial."),
    bits: int = typer.Option(8, min=5, max=8, help="With --serial."),
    parity: str = typer.Option("N", help="With --serial: N, E, O."),
    stop: int = typer.Option(2, min=1, max=2, help="With --serial."),
    stay: float = typer.Option(0.0, min=0.0, help="Stay so many seconds after the stories."),
    is_json: bool = _JSON,
    ledger: Path | None = _LEDGER,
) -> None:
    """Be a receiver and play stories; shows the conversation, ends with its sums.

    Exit status 0 when every report was acknowledged, 1 when not.

    Examples:
      alarm-gateway simulate receiver --pty /tmp/receiver -s hold-up

      alarm-gateway simulate receiver --listen 127.0.0.1:1025 --ids 5,S -s backlog

      alarm-gateway simulate receiver --protocol 685 --pty /tmp/receiver -s fire

      alarm-gateway simulate receiver --to 127.0.0.1:1025 -a 2000-2199 -s storm

      alarm-gateway simulate receiver --serial /dev/ttyUSB0 --baud 1200
    """
    stage = Stage(is_json=is_json, ledger_file=ledger)
    link = options.one_link(
        {
            "--pty": None if pty is None else partial(PtyLink, pty),
            "--serial": None
            if serial is None
            else partial(SerialLink, serial, baud=baud, bits=bits, parity=parity, stop=stop),
            "--listen": None
            if listen is None
            else partial(TcpListenLink, *options.address(listen, "--listen")),
            "--to": None if to is None else partial(TcpLink, *options.address(to, "--to")),
        }
    )
    try:
        settings = ReceiverSettings(
            protocol=protocol,
            receiver=receiver_number,
            lines=tuple(line),
            header=header.value,
            b32=b32,
            ids=options.protocol_ids(ids, protocol),
            ack_timeout_s=ack_timeout,
            heartbeat_s=heartbeat or None,
            buffer_events=buffer,
            faults=options.faults(fault, RECEIVER_FAULTS),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    _play_dialect(
        stage,
        settings,
        link=link,
        where=str(pty or serial or listen or to),
        accounts=options.accounts(account),
        story=story,
        plays=Plays(times=times, speed=speed, stay_s=stay, seed=seed),
    )


@dataclass(frozen=True, kw_only=True)
class Plays:
    """How stories are played."""

    times: int
    speed: float
    stay_s: float
    seed: int


def _play_dialect(
    stage: Stage,
    settings: ReceiverSettings,
    *,
    link: Link,
    where: str,
    accounts: list[str],
    story: list[str],
    plays: Plays,
) -> None:
    """Be a receiver, or a panel that speaks as one: one link, one answer awaited at a time."""
    callers = [options.receiver_account(text, settings) for text in accounts]
    played = options.stories(story)
    options.tellable(settings.protocol, settings.ids, story, played)

    async def main() -> None:
        device = Receiver(
            settings,
            ledger=stage.ledger,
            random=Random(plays.seed),  # noqa: S311  faults, not secrets
            now=stage.clock.monotonic(),
        )
        runner = Runner(
            device, [link], clock=stage.clock, on_trouble=stage.trouble, on_deed=stage.deed
        )
        tells = [partial(device.take_call, caller) for caller in callers]
        await play(
            runner, played, times=plays.times, speed=plays.speed, stay_s=plays.stay_s, tells=tells
        )

    dialect = settings.dialect
    says = ", ".join(settings.ids)
    shown = f"{dialect.speaker} {settings.receiver} " if dialect.speaker == "receiver" else "panel "
    stage.say(f"{shown}({settings.protocol}, {says}) on {where}: {dialect.about}")
    stage.run(main)


@app.command()
def load(
    to: str = typer.Option("127.0.0.1:12000", help="Where the gateway listens, host:port."),
    panels: int = typer.Option(10, min=1, max=20_000, help="Stop-and-wait panels."),
    base_account: int = typer.Option(100_000, min=100, help="The first panel's account."),
    rate: float = typer.Option(0.0, min=0.0, help="Reports a second; 0: as fast as answered."),
    count: int = typer.Option(0, min=0, help="Reports in all; 0: until the time is up."),
    seconds: float = typer.Option(10.0, min=0.1, help="No report is started after this time."),
    udp_share: float = typer.Option(0.0, min=0.0, max=1.0, help="Share of panels on UDP."),
    aes_share: float = typer.Option(0.0, min=0.0, max=1.0, help="Share that encrypts (the last)."),
    duplicates: float = typer.Option(0.0, min=0.0, max=1.0, help="Share of frames sent twice."),
    lost_acks: float = typer.Option(0.0, min=0.0, max=1.0, help="Share of ACKs not heard."),
    payload: Payload = typer.Option(Payload.cid, "--format", "-f", help="Contact ID or SIA."),
    timeout: float = typer.Option(5.0, min=0.01, help="Seconds to wait for an answer."),
    first: int | None = typer.Option(
        None, min=0, help="Start of the running numbers; by default any, so that no run repeats."
    ),
    key_file: Path | None = _KEY_FILE,
    key_format: KeyFormat = _KEY_FORMAT,
    seed: int = _SEED,
    is_json: bool = _JSON,
    ledger: Path | None = _LEDGER,
) -> None:
    """Be many panels at once; ends with sums, latency percentiles and losses.

    The accounts must be known to the gateway: they count on from --base-account. Exit status 0
    when every report was acknowledged, 1 when not.

    Examples:
      alarm-gateway simulate load --panels 500 --seconds 10

      alarm-gateway simulate load --panels 100 --rate 50 --udp-share 0.5 --json
    """
    stage = Stage(is_json=is_json, ledger_file=ledger, is_silent=True)
    host, port = options.address(to, "--to")
    try:
        settings = LoadSettings(
            host=host,
            port=port,
            panels=panels,
            base_account=base_account,
            rate=rate or None,
            count=count or None,
            seconds=seconds,
            udp_share=udp_share,
            aes_share=aes_share,
            key=options.key(key_file, key_format.value),
            duplicates=duplicates,
            lost_acks=lost_acks,
            format=payload.value,
            answer_timeout_s=timeout,
            first=_fresh.randrange(NUMBERS) if first is None else first,
            seed=seed,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    fleet = Fleet(settings, stage.ledger, clock=stage.clock)

    async def main() -> None:
        result = await fleet.run()
        stage.figures = {
            "seconds": result.seconds,
            "per_s": result.per_s,
            "lost": result.lost,
        }

    accounts = settings.accounts()
    stage.say(f"{panels} panels, accounts {accounts[0]} to {accounts[-1]} -> {to}")
    stage.run(main)
