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
from simulators.receivers.dialect import Dialect, Say, coded
from simulators.receivers.message import message
from simulators.scenarios import Happening

if TYPE_CHECKING:
    from simulators.receivers.settings import ReceiverSettings

Connect: TypeAlias = "Callable[[ReceiverSettings], Connection[Answer]]"

_CHANNELS: Final = 8
_RESTORE: Final = "3"


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
    return coded(happening, "express-4+1", "", code=_digit(happening))


def _four_two(happening: Happening, account: str) -> Content:
    del account
    zone = str(happening.address % 10)
    return coded(happening, "express-4+2", zone, code=_digit(happening))


def _digit(happening: Happening) -> str:
    """The pulse code as a digit of the telephone line, which has no A and no letter above F."""
    code = happening.meaning.pulse
    return code if code in "0123456789BCDEF" else "1"


def _high_speed(happening: Happening, account: str) -> Content:
    del account
    return _channels(happening, "ademco-high-speed")


def _super_fast(happening: Happening, account: str) -> Content:
    del account
    return _channels(happening, "ademco-super-fast")


def _channels(happening: Happening, format_: str) -> Content:
    state = _RESTORE if happening.meaning.qualifier == _RESTORE else "1"
    at = max(happening.address - 1, 0) % _CHANNELS
    states = tuple(state if each == at else "5" for each in range(_CHANNELS))
    part = Channels(raw=b"", format=format_, channels=states, status="7")
    return Content(
        parts=(part,),
        format=format_,
        code=state,
        qualifier="",
        area="",
        address=str(at + 1),
        meaning=happening.name,
    )


def _fsk_extended(happening: Happening, account: str) -> Content:
    del account
    return coded(happening, "fsk-extended", "", code=happening.meaning.event)


_BOTH: Final[Mapping[str, Say]] = {"cid": _contact_id, "sia": _sia}
_BY_ID: Final[Mapping[str, Say]] = {token: _id(token) for token in "5S31"}

OTHER_DIALECTS: Final[Mapping[str, Dialect]] = {
    "bosch6500": Dialect(
        protocol="bosch6500", connect=_bosch("d6500"), receiver="01", lines=("1", "2"),
        ids={**_BOTH, "standard": _standard_digital},
    ),
    "bosch6500-sia": Dialect(
        protocol="bosch6500", connect=_bosch("sia"), receiver="01", lines=("01", "02"),
        ids=_BOTH, options={"mode": "sia"},
    ),
    "bosch6500-sia-checked": Dialect(
        protocol="bosch6500", connect=_bosch("sia", "arc"), receiver="01", lines=("01", "02"),
        ids=_BOTH, options={"mode": "sia", "check": "arc"},
    ),
    "dc07": Dialect(
        protocol="dc07", connect=_dc07, receiver="1", lines=("1", "2"), ids=_BOTH,
    ),
    "dtmf": Dialect(
        protocol="dtmf", connect=_dtmf, receiver="1", lines=("1",),
        ids={
            "18": _contact_id, "17": _express, "27": _four_two, "55": _high_speed,
            "56": _super_fast,
        },
    ),
    "fsk-router": Dialect(
        protocol="fsk-router", connect=_fsk, receiver="1", lines=("B", "C"),
        ids={"C": _contact_id, "extended": _fsk_extended}, broken_at=-5,
    ),
    "mcdi": Dialect(
        protocol="mcdi", connect=_mcdi, receiver="01", lines=("1", "2"), ids=_BY_ID,
    ),
    "osborne-hoffman": Dialect(
        protocol="osborne-hoffman", connect=_osborne_hoffman("3des"), receiver="0001",
        lines=("0001", "0002"), ids={"sia": _sia, "cid": _contact_id},
    ),
    "osborne-hoffman-plain": Dialect(
        protocol="osborne-hoffman", connect=_osborne_hoffman("none"), receiver="0001",
        lines=("0001", "0002"), ids={"sia": _sia, "cid": _contact_id},
        options={"cipher": "none"},
    ),
    "sia-dc03": Dialect(
        protocol="sia-dc03", connect=_blocks, receiver="1", lines=("1",), ids={"sia": _sia},
    ),
}  # fmt: skip
"""By the name that ``simulate receiver --protocol`` takes."""
