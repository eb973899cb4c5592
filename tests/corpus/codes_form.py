"""Judges a row of the codes form: a whole message, and what its n-th event means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gateway.accounts import Account, AccountRecord
from gateway.normalise import Meaning, meanings
from protocols import dc09, surgard
from protocols._core import Part, Repeat, Report
from protocols._core.checksums import crc16_arc
from protocols.contact_id import ContactId, parse_dtmf
from protocols.sia_dc03 import SiaEvent, SiaText
from tests.corpus.judge import Row, compare, unknown_keys

USED = frozenset(
    {"id", "format", "encoding", "code", "index", "event", "kind", "category", "account", "area",
     "zone", "user", "new", "verified", "follow_on", "off_normal", "after_alarm", "text", "time",
     "line"}
)  # fmt: skip
IGNORED = frozenset({"source", "note", "corrected"})
FLAGS = ("off_normal", "after_alarm")
MESSAGE = frozenset({"id", "format", "encoding", "code", "index"})
RECEIVED = datetime(2026, 11, 20, 9, 15, 2, 417_000, tzinfo=UTC)


class UnreadableMessage(Exception):  # noqa: N818
    """The row's message did not become a report."""


def judge(row: Row) -> list[str]:
    """Every way in which a row is not met; empty when it is."""
    complaints = unknown_keys(row, USED, IGNORED)
    try:
        report = CARRIERS[row["encoding"]](row["code"])
    except UnreadableMessage as error:
        return [*complaints, f"code: {error}"]
    account = report.inner_account or report.account or ""
    events = meanings(report, Account.of_record(AccountRecord(id=account)), received=RECEIVED)
    index = row.get("index", 0)
    if index >= len(events):
        return [*complaints, f"index: the message has {len(events)} events"]
    meaning = events[index]
    complaints += _format(row, meaning)
    wanted = {key: row[key] for key in row if key in USED - MESSAGE}
    actual = fields(meaning, report, account, index)
    for flag in FLAGS:
        # A flag that is not set is left out of the event: false and null say the same.
        if actual[flag] is None and row.get(flag) is False:
            actual[flag] = False
    if isinstance(row.get("line"), str):
        actual["line"] = report.line if report.protocol == "surgard" else None
    return complaints + compare(wanted, actual, USED)


def _format(row: Row, meaning: Meaning) -> list[str]:
    wanted = {"cid": "contact-id", "sia": "sia-dc03"}.get(row.get("format", ""))
    if wanted is None:
        return [f"format: expected cid or sia, the row has {row.get('format')!r}"]
    is_so = meaning.code.format == wanted
    return [] if is_so else [f"format: expected {wanted}, got {meaning.code.format}"]


def fields(meaning: Meaning, report: Report, account: str, index: int) -> dict[str, Any]:
    """What the normalised event says, in the form's words."""
    attributes = meaning.attributes
    address = meaning.address
    # A DC-09 header is made up here, so its line says nothing.
    line = report.line if report.protocol == "surgard" else None
    if address is not None and address.type == "line":
        line = address.id
    return {
        "event": meaning.code.value,
        "kind": meaning.kind,
        "category": meaning.category,
        "account": account,
        "area": _number(meaning.area.id),
        "zone": _number(meaning.zone.id if meaning.zone else None),
        "user": _number(meaning.user.id if meaning.user else None),
        "new": attributes.new,
        "verified": attributes.verified,
        "off_normal": attributes.off_normal,
        "after_alarm": attributes.after_alarm,
        "follow_on": meaning.follow_on[0] if meaning.follow_on else None,
        "text": meaning.text,
        "time": _time(report, meaning, index),
        "line": _number(line),
    }


def _number(text: str | None) -> int | str | None:
    if text is None:
        return None
    return int(text) if text.isdecimal() else text


def _time(report: Report, meaning: Meaning, index: int) -> str | None:
    """The panel's time of the event, as sent: ``occurred_at`` without its date."""
    if meaning.occurred_at is None:
        return None
    sources: list[Part] = []
    for part in report.parts:
        if not (isinstance(part, SiaText) and sources):  # a text joins the event before it
            sources.append(part)
    source = sources[index]
    sent = source.modifier("ti") if isinstance(source, SiaEvent) else None
    has_seconds = sent is None or len(sent.replace(":", "")) > len("hhmm")  # None: the H field
    return meaning.occurred_at[11:19] if has_seconds else meaning.occurred_at[11:16]


def _dc09(token: str) -> Callable[[str], Report]:
    def carry(code: str) -> Report:
        named = re.match(r"\[#([^|\]]+)", code)
        body = f'"{token}"0001L0#{named[1] if named else "1234"}{code}'.encode()
        frame = b"\n%04X%04X%b\r" % (crc16_arc(body), len(body), body)
        return _only(dc09.explain(frame).incoming)

    return carry


def _dtmf(code: str) -> Report:
    part = parse_dtmf(code.encode())
    if not isinstance(part, ContactId):
        raise UnreadableMessage(part.reason)
    return Report(
        protocol="dtmf",
        raw=part.raw,
        token=code[4:6],
        account=part.account,
        parts=(part,),
        envelope=None,
        repeat=Repeat.NEVER,
    )


def _surgard(code: str) -> Report:
    return _only(surgard.explain(code.encode("latin-1")).incoming)


def _only(incoming: Any) -> Report:
    if not isinstance(incoming, Report):
        raise UnreadableMessage(f"became {incoming!r}")
    return incoming


CARRIERS: dict[str, Callable[[str], Report]] = {
    "adm-cid": _dc09("ADM-CID"),
    "sia-dcs": _dc09("SIA-DCS"),
    "dtmf": _dtmf,
    "dtmf98": _dtmf,
    "mlr2": _surgard,
}
