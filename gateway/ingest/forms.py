"""What is the JSON of an event? Encoded once for all reports that say the same, then filled in.

A form (``gateway.journal.form``) is what ``msgspec`` encodes from the contract's own struct, cut
where such reports differ; nothing here describes the JSON a second time.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from gateway.accounts import Account
from gateway.contract.event import (
    AlarmEvent,
    Data,
    FollowOn,
    OriginRef,
    Raw,
    ReportRef,
    Trust,
)
from gateway.journal import Form
from gateway.normalise import Meaning
from hardware.sink import Origin
from protocols._core import Report

_CUT: Final = b"\0"
"""No encoded JSON holds it: in texts it is escaped."""
_HOLE: Final[Any] = msgspec.Raw(_CUT)

_encode: Final = msgspec.json.Encoder().encode


def form_of(  # noqa: PLR0913  what reports of one form have in common
    report: Report,
    account: Account,
    origin: Origin,
    meaning: Meaning,
    *,
    trust: Trust,
    source: str,
    index: int,
    count: int,
    flags: tuple[str, ...],
    is_time_untrusted: bool,
    on_test: bool,
    follow_on: FollowOn | None,
    companion_of: str | None,
) -> Form:
    """Make the form of the event ``index`` of ``count`` of such a report."""
    json = _encode(
        AlarmEvent(
            id=_HOLE,
            source=source,
            subject="account/" + account.topic,
            time=_HOLE,
            data=Data(
                journal_seq=_HOLE,
                dedupe_key=_HOLE,
                report=ReportRef(id=_HOLE, index=index, count=count),
                class_=meaning.class_,
                account=account.contract,
                category=meaning.category,
                kind=meaning.kind,
                alarm_type=meaning.alarm_type,
                severity=meaning.severity,
                attributes=meaning.attributes,
                code=meaning.code,
                area=meaning.area,
                zone=meaning.zone,
                user=meaning.user,
                address=meaning.address,
                occurred_at=meaning.occurred_at,
                received_at=_HOLE,
                clock_skew_ms=_HOLE,
                time_untrusted=is_time_untrusted,
                origin=OriginRef(
                    input=origin.input,
                    protocol=origin.protocol,
                    transport=origin.transport,
                    peer=_HOLE,
                    receiver=report.receiver,
                    line=report.line,
                    sequence=_HOLE,
                ),
                trust=trust,
                media=meaning.media,
                follow_on=follow_on,
                companion_of=companion_of,
                position=meaning.position,
                text=meaning.text,
                on_test=on_test,
                flags=(*flags, *meaning.flags) if flags else meaning.flags,
                quirks=report.quirks,
                raw=Raw(encoding="latin-1", value=_HOLE),
            ),
        )
    )
    # At the end of its ``dedupe_key``: the parts of one report differ, so that nobody takes them
    # for repeats of one another.
    suffix = f"{index:02x}" if index else ""
    p = json.decode().split(_CUT.decode())
    return Form(
        account=account.topic,
        input=origin.input,
        class_=meaning.class_,
        is_priority=meaning.is_priority,
        pieces=(
            f'{p[0]}"', f'"{p[1]}"', f'"{p[2]}', f'{p[3]}"', f'{suffix}"{p[4]}"', f'"{p[5]}"',
            f'"{p[6]}', *p[7:],
        ),
    )  # fmt: skip
