"""The settings of one input: which protocol comes in over which link, and for which accounts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Strict, ValidationInfo
from pydantic_core import PydanticCustomError

from gateway.config.fields import AddressSetting, GroupName, Name, PathSetting, Settings, setting
from gateway.config.secret_files import credential_path
from hardware.tls import TlsFiles
from protocols.recognition import spoken
from protocols.registry import ProtocolInfo

UnknownAccount = Literal["silent", "ack", "learn"]
UnknownToken = Literal["duh", "ack"]
LinkKind = Literal["panel", "receiver"]
_LINES: Final = re.compile(r"\*|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?(?:,[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)*")


def line_number(text: str) -> int:
    """A receiver or line number as something to compare; leading zeros and case do not count.

    Base 36, since receivers send decimal, hexadecimal or letters; within each the order is right.
    """
    try:
        return int(text, 36)
    except ValueError:
        return -1


def link_kind(told: object, *, is_listening: bool) -> LinkKind:
    """Who is at the other end of an input that is set to ``auto``.

    Whoever listens on the network is called by strangers: without a word they are panels, so
    that none of them gains a receiver's trust by speaking like one.
    """
    if told == "panel" or told == "receiver":  # noqa: PLR1714  narrows the type
        return told
    return "panel" if is_listening else "receiver"


def _lines(text: str) -> str:
    text = text.replace(" ", "")
    if not _LINES.fullmatch(text):
        raise PydanticCustomError("lines", "'*', a line, or lines and spans: '1-4,7'")
    for part in text.split(","):
        first, _, last = part.partition("-")
        if last and line_number(last) < line_number(first):
            raise PydanticCustomError("lines", "a span from the lower to the higher line: '1-4'")
    return text


def _port(text: str, info: ValidationInfo) -> str:
    """Count a relative device path from the folder of the configuration file; leave URLs alone."""
    directory = (info.context or {}).get("directory")
    return text if "://" in text or directory is None else str(Path(directory) / text)


def _number(text: str) -> str:
    if not text.isalnum() or not text.isascii():
        raise PydanticCustomError("receiver", "digits or letters as the receiver sends them: '01'")
    return text


class LineRange(Settings):
    """Some lines of a receiver, whose accounts belong to a group of their own."""

    receiver: Annotated[str, AfterValidator(_number)] = setting(
        ...,
        "Receiver",
        "Receiver number as it stands in the frames; leading zeros do not count.",
        examples=["01"],
    )
    lines: Annotated[str, AfterValidator(_lines)] = setting(
        "*",
        "Lines",
        "Line numbers: '*' for all, or lines and spans.",
        examples=["1-4", "1,3,A", "*"],
    )
    group: GroupName = setting(
        ...,
        "Group",
        "Group in which the accounts of these lines are looked up.",
        examples=["north"],
    )

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The lines as (first, last) pairs of comparable numbers; empty for all lines."""
        if self.lines == "*":
            return ()
        pairs = (part.partition("-") for part in self.lines.split(","))
        return tuple((line_number(first), line_number(last or first)) for first, _, last in pairs)

    def holds(self, receiver: str | None, line: str | None) -> bool:
        """Whether a frame with this receiver and line number belongs here."""
        if receiver is None or line_number(receiver) != line_number(self.receiver):
            return False
        if self.lines == "*":
            return True
        if line is None:
            return False
        number = line_number(line)
        return any(first <= number <= last for first, last in self.spans)


class InputConfig(Settings):
    """One input: exactly one kind of link (tcp, udp and/or tls, serial, or connect)."""

    protocol: str = setting(
        ...,
        "Protocol",
        "Language that is spoken on this input. Panels: 'dc09', 'osborne-hoffman', 'sia-dc03'. "
        "Receivers: 'surgard', 'ademco685', 'mx8000', 'iti', 'pima', 'bosch6500', 'dc07', 'dtmf', "
        "'fsk-router', 'mcdi'. 'auto' finds out within three frames which of them is spoken, and "
        "keeps to it for that connection, or until the serial port is opened again.",
        examples=["dc09", "surgard", "bosch6500", "auto"],
    )
    link: LinkKind | None = setting(
        None,
        "Who is at the other end",
        "Only with protocol = 'auto': panels, which must prove themselves, or a receiver, whose "
        "word is taken. The bytes never decide that. Not given: 'panel' where we listen on the "
        "network, 'receiver' on a serial line and where we connect.",
        examples=["receiver", "panel"],
    )
    tcp: AddressSetting | None = setting(
        None,
        "TCP address",
        "Listen here for TCP. Port 0 takes a free one.",
        examples=["0.0.0.0:12000", "[::]:12000"],
    )
    udp: AddressSetting | None = setting(
        None,
        "UDP address",
        "Listen here for UDP; may stand beside tcp.",
        examples=["0.0.0.0:12000"],
    )
    tls: AddressSetting | None = setting(
        None,
        "TLS address",
        "Listen here for TLS 1.2 or newer; may stand beside tcp and udp, on a port of its own.",
        examples=["0.0.0.0:12001", "[::]:12001"],
    )
    cert_file: PathSetting | None = setting(
        None,
        "TLS certificate",
        "PEM file of our certificate, followed by those between it and the authority that the "
        "panels know.",
        examples=["tls/panels.crt"],
        needs_restart=False,
    )
    key_file: PathSetting | None = setting(
        None,
        "TLS key",
        "PEM file (mode 0600 or 0400) of the certificate's key, without a passphrase.",
        examples=["tls/panels.key"],
        needs_restart=False,
    )
    key_credential: Name | None = setting(
        None,
        "TLS key credential",
        "Name of the systemd credential that is the key.",
        examples=["panels-key"],
        needs_restart=False,
    )
    client_ca_file: PathSetting | None = setting(
        None,
        "Panels' authorities",
        "PEM file of the authorities whose certificates panels may show; nobody is asked for one "
        "when not given.",
        examples=["tls/panels-ca.crt"],
        needs_restart=False,
    )
    client_certificate: Literal["required", "optional"] = setting(
        "required",
        "Panels' certificates",
        "Whether a panel without a certificate is turned away. Only with client_ca_file.",
        examples=["required", "optional"],
        needs_restart=False,
    )
    serial: Annotated[str, AfterValidator(_port)] | None = setting(
        None,
        "Serial port",
        "Device path (best by its stable name), or a terminal server as socket:// or rfc2217:// "
        "URL.",
        examples=[
            "/dev/serial/by-id/usb-FTDI-if00-port0",
            "socket://192.0.2.9:4001",
            "rfc2217://192.0.2.9:4001",
        ],
        min_length=1,
    )
    connect: AddressSetting | None = setting(
        None,
        "Receiver to call",
        "Connect to a receiver that listens itself (Sur-Gard System 5: port 1025).",
        examples=["192.0.2.9:1025"],
    )
    baud: int = setting(
        9600,
        "Speed",
        "Speed of the serial line.",
        unit="baud",
        ge=50,
        le=4_000_000,
        examples=[1200, 9600],
    )
    bits: Literal[7, 8] = setting(8, "Data bits", "Data bits of the serial line.", examples=[8, 7])
    parity: Literal["N", "E", "O"] = setting(
        "N", "Parity", "Parity of the serial line: none, even, odd.", examples=["N", "E"]
    )
    stop: Literal[1, 2] = setting(1, "Stop bits", "Stop bits of the serial line.", examples=[1, 2])
    heartbeat_s: float = setting(
        30.0,
        "Heartbeat interval",
        "How often the receiver sends its heartbeat; three missing ones raise a system event. 0 "
        "when it sends none.",
        unit="s",
        ge=0,
        le=86_400,
        examples=[30.0, 0],
    )
    ack_timeout_s: float = setting(
        4.0,
        "Receiver's ACK timeout",
        "How long the receiver waits for our ACK before it sends again; beyond it no ACK is sent.",
        unit="s",
        gt=0,
        le=600,
    )
    group: GroupName = setting(
        "main",
        "Group",
        "Group in which the accounts of this input are looked up.",
        examples=["main", "north"],
    )
    ranges: Annotated[tuple[LineRange, ...], Strict(strict=False)] = setting(
        (),
        "Line ranges",
        "Receiver and line ranges whose accounts belong to another group than the input's.",
        examples=[[{"receiver": "01", "lines": "1-4", "group": "north"}]],
    )
    unknown_account: UnknownAccount = setting(
        "silent",
        "Unknown accounts",
        "What a panel hears whose account is unknown: nothing ('silent'); an ACK, with an event "
        "marked so ('ack'); the same and the account is written to the accounts database "
        "('learn'). Receivers are always ACKed.",
        examples=["silent", "ack", "learn"],
    )
    unknown_token: UnknownToken = setting(
        "duh",
        "Unknown payloads",
        "What a panel hears whose payload we do not decode: DUH, or an ACK and an event with the "
        "raw data.",
        examples=["duh", "ack"],
    )
    options: dict[str, bool | int | str] = setting(
        {},
        "Protocol options",
        "Options of the protocol; its page under docs/protocols tells all of them. surgard: "
        "header ('auto', 'RRL', 'RRLLL'), b32 ('auto', true, false), internal_account ('0000'), "
        "audio_code ('P'). ademco685: format ('685', 'caps', 'cp220'). mx8000: output ('ae8000', "
        "'sk9000'). iti: output ('generic', 'computer'). bosch6500: mode ('d6500', 'sia'). dc07: "
        "check, length. dtmf: kissoff. "
        "osborne-hoffman: cipher ('3des', 'none'). auto: default, the protocol to keep where "
        "several read the same frames ('surgard' for receivers, 'dc09' for panels). dc09: none.",
        examples=[{"header": "RRL", "b32": False}],
    )

    def tls_files(self) -> TlsFiles:
        """Where the certificates of ``tls`` stand; only when it is given.

        Raises:
            SecretError: There is no such credential.
        """
        key = self.key_file
        if self.key_credential is not None:
            key = credential_path(self.key_credential)
        if self.cert_file is None or key is None:
            raise ValueError("tls is given without cert_file and key")
        return TlsFiles(
            cert_file=self.cert_file,
            key_file=key,
            client_ca_file=self.client_ca_file,
            is_client_required=self.client_certificate == "required",
        )

    @property
    def kind(self) -> Literal["listen", "serial", "connect"]:
        """Which kind of link it has."""
        return "serial" if self.serial else "connect" if self.connect else "listen"

    @property
    def spoken(self) -> ProtocolInfo:
        """What is spoken; of ``auto`` what holds before it is found out."""
        return spoken(self.protocol, link_kind(self.link, is_listening=self.kind == "listen"))

    def group_of(self, receiver: str | None, line: str | None) -> str:
        """The group for a frame with this receiver and line number."""
        for span in self.ranges:
            if span.holds(receiver, line):
                return span.group
        return self.group
