"""Everything that reads bytes and is no session: payloads, explanations, files, requests.

What can be written again must be read as the same; what can be read in two ways must be read
as the same both ways.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from gateway.accounts.csv_rows import CsvFile
from gateway.config import ConfigError
from gateway.contract.topics import Topics
from gateway.control import Control
from gateway.forward.confirms import ConfirmReader
from protocols import (
    ademco685,
    bosch6500,
    contact_id,
    dc03_link,
    dc07,
    dtmf,
    fsk_router,
    iti,
    mcdi,
    mx8000,
    osborne_hoffman,
    pima,
    sia_dc03,
    surgard,
)
from protocols._core import Part, Report
from protocols.bosch6500 import commands as bosch_commands
from protocols.contact_id import ContactId
from protocols.dc09 import explain
from protocols.dc09.usual import read_usual
from protocols.mx8000 import commands as mx_commands
from protocols.receiver_link import Explanation
from tests.support.declarations import declarations

Target = Callable[[bytes], None]

_DECLARATIONS: Final = declarations()
_EXPLAINED: Final[tuple[Callable[[bytes], list[Explanation]], ...]] = (
    ademco685.explain_all, bosch6500.explain_all, dc03_link.explain_all, dc07.explain_all,
    dtmf.explain_all, fsk_router.explain_all, iti.explain_all, mcdi.explain_all,
    mx8000.explain_all, osborne_hoffman.explain_all, pima.explain_all, surgard.explain_all,
)  # fmt: skip


def oracle(data: bytes) -> None:
    """Pattern and Construct say the same of a declaration, which the first two bytes choose."""
    which, text = int.from_bytes(data[:2].ljust(2, b"\0")), data[2:]
    recogniser = _DECLARATIONS[which % len(_DECLARATIONS)].recogniser
    assert recogniser.fullmatch(text) == recogniser.interpret(text)
    assert recogniser.match(text) == recogniser.interpret(text, whole=False)


def dc09_usual(data: bytes) -> None:
    """The short way says what the long way says."""
    short = read_usual(data)
    if isinstance(short, Report):
        long = explain(data).incoming
        assert isinstance(long, Report)
        assert (short.account, short.parts, short.identity) == (
            long.account,
            long.parts,
            long.identity,
        )


def dc09_explain(data: bytes) -> None:
    """Every field of a frame, broken ones included."""
    explain(data)


def explained(data: bytes) -> None:
    """Every family explains whatever there is, and shows each field where it stands."""
    which, stream = (data or b"\0")[0], data[1:]
    for told in _EXPLAINED[which % len(_EXPLAINED)](stream):
        for field in told.fields:
            assert told.raw[field.offset : field.offset + len(field.raw)] == field.raw
        str(told.error)


def sia_blocks(data: bytes) -> None:
    """Blocks with and without an account; what can be written again is read as the same."""
    for account in (None, "1234"):
        sia_dc03.parse_ascii_blocks(data, account)
    account, parts = sia_dc03.parse_sia_dcs(data)
    try:
        written = sia_dc03.build_sia_dcs(account, parts)
    except (ValueError, UnicodeError):
        return  # it cannot be written as itself, and says so
    again = sia_dc03.parse_sia_dcs(written, encoding="utf-8")[1]
    assert len(again) == len(parts)


def contact_ids(data: bytes) -> None:
    """In text and as digits; what was read is written and read as the same."""
    account, parts = contact_id.parse_adm_cid(data)
    contact_id.parse_ascii_chunks(data, None)
    contact_id.parse_event(data)
    events = [part for part in parts if isinstance(part, ContactId)]
    if len(events) == len(parts) == 1:
        _comes_back(events[0], partial(contact_id.build_adm_cid, account), _first)
    dialled = contact_id.parse_dtmf(data)
    if isinstance(dialled, ContactId):
        _comes_back(dialled, lambda events: contact_id.build_dtmf(*events), contact_id.parse_dtmf)


def _first(data: bytes) -> Part:
    return contact_id.parse_adm_cid(data)[1][0]


def _comes_back(
    event: ContactId, build: Callable[[list[ContactId]], bytes], parse: Callable[[bytes], Part]
) -> None:
    try:
        written = build([event])
    except ValueError:
        return  # what a maker's own spelling holds cannot be written, and that is said
    again = parse(written)
    assert isinstance(again, ContactId)
    assert _event(again) == _event(event)


def _event(event: ContactId) -> tuple[Any, ...]:
    return event.qualifier, event.event, event.group, event.zone


def commands(data: bytes) -> None:
    """What a computer asks of a receiver: read, written and read again."""
    for is_sia in (False, True):
        asked = bosch_commands.parse_command(data, sia=is_sia)
        if asked is not None:
            assert bosch_commands.build_command(asked, sia=is_sia) == data
    command = mx_commands.parse_command(data)
    if command is not None and command.vbyte is not None and command.is_vbyte_right:
        assert mx_commands.build_command(command) == data


_TOPICS: Final = Topics("main")
_COUNTED: Final[list[str]] = []
_CONFIRMS: Final = ConfirmReader(_TOPICS, ("core",), _COUNTED.append)


def confirms(data: bytes) -> None:
    """A confirm counts, or is counted among those that do not."""
    _COUNTED.clear()
    found = _CONFIRMS.read(_TOPICS.confirm("core"), data)
    assert (found is None) == bool(_COUNTED)
    if found is not None:
        assert found.consumer == "core"
    assert _CONFIRMS.read(data.decode("utf-8", "replace"), b"{}") is None


async def _heard(request: dict[str, Any]) -> dict[str, Any]:
    return {"heard": len(request)}


_CONTROL: Final = Control({"ping": _heard})


def control(data: bytes) -> None:
    """A request is answered in one line, whatever it is."""
    coroutine = _CONTROL.handle(data)
    try:
        coroutine.send(None)  # nothing in it waits
    except StopIteration as ended:
        answer: bytes = ended.value
    assert answer.endswith(b"}\n")
    assert answer.count(b"\n") == 1
    assert b"failed on this request" not in answer


def accounts_csv(data: bytes) -> None:
    """A list of accounts is read, or its mistakes are told."""
    file = io.StringIO(data.decode("utf-8", "replace"), newline="")
    try:
        for _ in CsvFile(Path("accounts.csv"), file):
            pass
    except ConfigError:
        return


PARSERS: Final[Mapping[str, Target]] = {
    "declarations": oracle,
    "dc09-usual": dc09_usual,
    "dc09-explain": dc09_explain,
    "explain": explained,
    "sia-blocks": sia_blocks,
    "contact-id": contact_ids,
    "commands": commands,
    "confirms": confirms,
    "control": control,
    "accounts-csv": accounts_csv,
}
