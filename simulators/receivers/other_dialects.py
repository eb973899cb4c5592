"""Bosch, DC-07, radio receivers, dialled digits, and panels that speak without a receiver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from protocols import (
    bosch6500,
    dc03_link,
    dc07,
    dtmf,
    fsk_router,
    mcdi,
    osborne_hoffman,
    surgard,
)
from protocols._core import Answer
from protocols.receiver_link import Channels, Connection
from simulators.payload import Content, content
from simulators.receivers.dialect import Dialect, Say, UnsayableError, coded, dialled
from simulators.receivers.message import message
from simulators.scenarios import Happening

if TYPE_CHECKING:
    from simulators.receivers.settings import ReceiverSettings

Connect: TypeAlias = "Callable[[ReceiverSettings], Connection[Answer]]"

_CHANNELS: Final = 8
_AT_REST: Final = "5"
_CHANNELS_SAY_IT: Final = "7"


def _mcdi(settings: ReceiverSettings) -> Connection[Answer]:
    output = surgard.Output(
        header=settings.header, receiver=settings.receiver, line=settings.lines[0]
    )
    return mcdi.receiver(output, ack_s=settings.ack_timeout_s)


def _bosch(mode: Literal["d6500", "sia"], check: str = "off") -> Connect:
    def make(settings: ReceiverSettings) -> Connection[Answer]:
        output = bosch6500.Output(receiver=settings.receiver, line=settings.lines[0], check=check)
        return bosch6500.receiver(output, mode=mode, ack_s=settings.ack_timeout_s)

    return make


def _dtmf(settings: ReceiverSettings) -> Connection[Answer]:
    return dtmf.panel(ack_s=settings.ack_timeout_s)


def _blocks(settings: ReceiverSettings) -> Connection[Answer]:
    return dc03_link.panel(ack_s=settings.ack_timeout_s)


def _osborne_hoffman(cipher: Literal["3des", "none"]) -> Connect:
    def make(settings: ReceiverSettings) -> Connection[Answer]:
        output = osborne_hoffman.Output(receiver=settings.receiver, line=settings.lines[0])
        return osborne_hoffman.panel(output, cipher=cipher, ack_s=settings.ack_timeout_s)

    return make


def _dc07(settings: ReceiverSettings) -> Connection[Answer]:
    output = dc07.Output(receiver=settings.receiver, line=settings.lines[0])
    return dc07.receiver(output, ack_s=settings.ack_timeout_s)


def _fsk(settings: ReceiverSettings) -> Connection[Answer]:
    output = fsk_router.Output(slot=settings.lines[0])
    return fsk_router.receiver(output, ack_s=settings.ack_timeout_s)


def _id(token: str) -> Say:
    return lambda happening, account: message(happening, token, account=account)


def _contact_id(happening: Happening, account: str) -> Content:
    return content(happening, "cid", account=account)


def _sia(happening: Happening, account: str) -> Content:
    return content(happening, "sia", account=account)


def _standard_digital(happening: Happening, account: str) -> Content:
    del account
    zone = str(happening.address)[-3:] if happening.address else ""
    return coded(happening, "standard-digital", zone)


def _express(happening: Happening, account: str) -> Content:
    del account
    return coded(happening, "express-4+1", "", code=dialled(happening).digit)


def _four_two(happening: Happening, account: str) -> Content:
    del account
    zone = str(happening.address % 10)
    return coded(happening, "express-4+2", zone, code=dialled(happening).digit)


def _high_speed(happening: Happening, account: str) -> Content:
    del account
    return _channels(happening, "ademco-high-speed")


def _super_fast(happening: Happening, account: str) -> Content:
    del account
    return _channels(happening, "ademco-super-fast")


def _channels(happening: Happening, format_: str) -> Content:
    """The state of a channel, or the status of the whole call where no channel has a word."""
    said = dialled(happening)
    if not said.state and not said.status:
        raise UnsayableError(f"{format_} has no word for {happening.name!r}: {said.words.lower()}")
    at = max(happening.address - 1, 0) % _CHANNELS if said.state else -1
    states = tuple(said.state if each == at else _AT_REST for each in range(_CHANNELS))
    part = Channels(
        raw=b"", format=format_, channels=states, status=said.status or _CHANNELS_SAY_IT
    )
    return Content(
        parts=(part,),
        format=format_,
        code=said.state or said.status,
        qualifier="",
        area="",
        address=str(at + 1) if said.state else "",
        meaning=happening.name,
    )


def _fsk_extended(happening: Happening, account: str) -> Content:
    del account
    return coded(happening, "fsk-extended", "", code=dialled(happening).three)


def _block(unit: bytes) -> str:
    """What a DC-03 block is, unless it holds an event."""
    read = dc03_link.block_at(unit, 0)
    if read is None or read[0].function in "NO":
        return ""
    block = read[0]
    name = block.name or f"block {block.function}"
    said = block.data.decode("latin-1")
    return f"block: {name} {said}".rstrip()


_BOTH: Final[Mapping[str, Say]] = {"cid": _contact_id, "sia": _sia}
_BY_ID: Final[Mapping[str, Say]] = {token: _id(token) for token in "5S31"}

OTHER_DIALECTS: Final[Mapping[str, Dialect]] = {
    "bosch6500": Dialect(
        about="Bosch/Radionics D6500, D6600, D6100: D6500 mode",
        protocol="bosch6500", connect=_bosch("d6500"), receiver="01", lines=("1", "2"),
        ids={**_BOTH, "standard": _standard_digital},
    ),
    "bosch6500-sia": Dialect(
        about="Bosch D6600, SIA/CIS mode",
        protocol="bosch6500", connect=_bosch("sia"), receiver="01", lines=("01", "02"),
        ids=_BOTH, options={"mode": "sia"},
    ),
    "bosch6500-sia-checked": Dialect(
        about="Bosch D6600, SIA/CIS mode with CRC",
        protocol="bosch6500", connect=_bosch("sia", "arc"), receiver="01", lines=("01", "02"),
        ids=_BOTH, options={"mode": "sia", "check": "arc"},
    ),
    "dc07": Dialect(
        about="Any receiver with SIA DC-07 output",
        protocol="dc07", connect=_dc07, receiver="1", lines=("1", "2"), ids=_BOTH,
    ),
    "dtmf": Dialect(
        about="A dialler's digits: 18 Contact ID, 17 4+1, 27 4+2, 55 high speed, 56 super fast",
        speaker="panel",
        protocol="dtmf", connect=_dtmf, receiver="1", lines=("1",),
        ids={
            "18": _contact_id, "17": _express, "27": _four_two, "55": _high_speed,
            "56": _super_fast,
        },
    ),
    "fsk-router": Dialect(
        about="FSK Multi-Router, a radio receiver",
        protocol="fsk-router", connect=_fsk, receiver="1", lines=("B", "C"),
        ids={"C": _contact_id, "extended": _fsk_extended}, spelling="three", broken_at=-5,
    ),
    "mcdi": Dialect(
        about="MCDI Exprecium",
        protocol="mcdi", connect=_mcdi, receiver="01", lines=("1", "2"), ids=_BY_ID,
    ),
    "osborne-hoffman": Dialect(
        about="Osborne-Hoffman communicator, V1 to V3 with 3DES",
        speaker="panel",
        protocol="osborne-hoffman", connect=_osborne_hoffman("3des"), receiver="0001",
        lines=("0001", "0002"), ids={"sia": _sia, "cid": _contact_id},
    ),
    "osborne-hoffman-plain": Dialect(
        about="Osborne-Hoffman communicator, plain",
        speaker="panel",
        protocol="osborne-hoffman", connect=_osborne_hoffman("none"), receiver="0001",
        lines=("0001", "0002"), ids={"sia": _sia, "cid": _contact_id},
        options={"cipher": "none"},
    ),
    "sia-dc03": Dialect(
        about="SIA DC-03 blocks over TCP or RS-232, as Honeywell Galaxy sends them",
        speaker="panel",
        protocol="sia-dc03", connect=_blocks, receiver="1", lines=("1",), ids={"sia": _sia},
        piece=_block,
    ),
}  # fmt: skip
"""By the name that ``simulate receiver --protocol`` takes."""
