"""Which receivers there are: Sur-Gard, 685, CAPS, CP-220, the MX8000's outputs, ITI, PIMA, more.

One line in ``DIALECTS`` for each; the simulated receiver is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from protocols import ademco685, iti, mx8000, pima, surgard
from protocols._core import Answer
from protocols.receiver_link import Connection, ItiFields, PulseEvent
from simulators.payload import Content, content
from simulators.receivers.dialect import Dialect, Say, coded, dialled
from simulators.receivers.message import message
from simulators.receivers.other_dialects import OTHER_DIALECTS
from simulators.scenarios import Happening

if TYPE_CHECKING:
    from simulators.receivers.settings import ReceiverSettings

Connect: TypeAlias = "Callable[[ReceiverSettings], Connection[Answer]]"

_HEX_DIGITS: Final = 16
_ITI_ATTRIBUTE: Final = 0x60


def _sur_gard(settings: ReceiverSettings) -> Connection[Answer]:
    output = surgard.Output(
        header=settings.header,
        receiver=settings.receiver,
        line=settings.lines[0],
        b32=settings.b32,
    )
    return surgard.Connection(surgard.Role.RECEIVER, output=output, ack_s=settings.ack_timeout_s)


def _ademco(kind: str, end: bytes) -> Connect:
    def connect(settings: ReceiverSettings) -> Connection[Answer]:
        output = ademco685.Output(
            format=kind, receiver=settings.receiver, line=settings.lines[0], terminator=end
        )
        return ademco685.receiver(output, ack_s=settings.ack_timeout_s)

    return connect


def _mx(kind: str) -> Connect:
    def connect(settings: ReceiverSettings) -> Connection[Answer]:
        output = mx8000.Output(
            kind=kind,
            receiver=settings.receiver,
            line=settings.lines[0],
            heartbeat=settings.named_heartbeat,
        )
        return mx8000.receiver(output, ack_s=settings.ack_timeout_s)

    return connect


def _iti(kind: str) -> Connect:
    def connect(settings: ReceiverSettings) -> Connection[Answer]:
        output = iti.Output(output=kind, receiver=settings.receiver, line=settings.lines[0])
        return iti.receiver(output, ack_s=settings.ack_timeout_s)

    return connect


def _pima(settings: ReceiverSettings) -> Connection[Answer]:
    return pima.receiver(ack_s=settings.ack_timeout_s)


def _contact_id(happening: Happening, account: str) -> Content:
    return content(happening, "cid", account=account)


def _plain_sia(happening: Happening, account: str) -> Content:
    """SIA codes without text: these frames have no place for one."""
    return content(msgspec.structs.replace(happening, text=None), "sia", account=account)


def _digits(name: str, happening: Happening, account: str) -> Content:
    """One hex digit, and a zone of another."""
    del account
    zone = f"{happening.address % _HEX_DIGITS:X}" if happening.address else "0"
    return coded(happening, name, zone, code=dialled(happening).digit)


def _pima_code(happening: Happening, account: str) -> Content:
    del account
    return coded(happening, "pima-38", "", code=happening.meaning.sia)


def _generic_condition(happening: Happening, account: str) -> Content:
    """An ITI condition with group and user."""
    said = _bare_condition(happening, account)
    part = PulseEvent(
        raw=b"",
        format="iti",
        event_code=said.code,
        group=str(happening.area % 10),
        zone=said.address,
        iti=ItiFields(attribute=_ITI_ATTRIBUTE, user="0"),
    )
    return msgspec.structs.replace(said, parts=(part,), area=part.group or "")


def _bare_condition(happening: Happening, account: str) -> Content:
    """An ITI condition as the computer form has it: neither group nor user."""
    del account
    return coded(happening, "iti", f"{happening.address % 100:02d}")


def _id(token: str) -> Say:
    return lambda happening, account: message(happening, token, account=account)


_IDS: Final[Mapping[str, Say]] = {token: _id(token) for token in "5S31"}
_FOUR_TWO: Final = partial(_digits, "pulse-4/2")
_LINES: Final = ("1", "2")

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({
    "surgard": Dialect(
        about="Sur-Gard MLR2, System I to 5; ids 5 and Q, S, 3, 1",
        protocol="surgard", connect=_sur_gard, ids=_IDS, receiver="01", lines=_LINES,
    ),
    "685": Dialect(
        about="Ademco 685",
        protocol="ademco685", connect=_ademco("685", b"\r"), receiver="1", lines=_LINES,
        ids={"cid": _contact_id, "pulse": _FOUR_TWO},
    ),
    "caps": Dialect(
        about="Ademco CAPS",
        protocol="ademco685", connect=_ademco("caps", b"A"), receiver="1", lines=_LINES,
        ids={"pulse": _FOUR_TWO, "cid": _contact_id}, options={"format": "caps"},
    ),
    "cp220": Dialect(
        about="Ademco CP-220",
        protocol="ademco685", connect=_ademco("cp220", b"\r"), receiver="1", lines=_LINES,
        ids={"cid": _contact_id, "fsk1": partial(_digits, "sk-fsk1")},
        options={"format": "cp220"},
    ),
    "ae8000": Dialect(
        about="Honeywell MX8000, its native AE8000 output",
        protocol="mx8000", connect=_mx("ae8000"), receiver="01", lines=("01", "02"),
        ids={"sia": _plain_sia}, broken_at=-3,
    ),
    "sk9000": Dialect(
        about="MX8000, SK9000 output",
        protocol="mx8000", connect=_mx("sk9000"), receiver="01", lines=_LINES,
        ids={"sia": _plain_sia}, options={"output": "sk9000"}, broken_at=-3,
    ),
    "iti-generic": Dialect(
        about="ITI CS-5000 and its like, generic output",
        protocol="iti", connect=_iti("generic"), receiver="1", lines=_LINES,
        ids={"condition": _generic_condition},
    ),
    "iti-computer": Dialect(
        about="ITI CS-5000 and its like, computer output",
        protocol="iti", connect=_iti("computer"), receiver="1", lines=_LINES,
        ids={"condition": _bare_condition}, options={"output": "computer"},
    ),
    "pima": Dialect(
        about="PIMA transmitters, frames of 38 bytes",
        protocol="pima", connect=_pima, receiver="1", lines=("1",),
        ids={"cid": _contact_id, "code": _pima_code}, spelling="pair", broken_at=-4,
    ),
    **OTHER_DIALECTS,
})  # fmt: skip
"""All receivers by the name that ``simulate receiver --protocol`` takes."""
