"""Makes the journal's entries: the event's JSON, once and for ever, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from gateway.accounts import Account, AccountKey
from gateway.admission import Admitted
from gateway.contract import event
from gateway.contract.event import AlarmEvent, Data, FollowOn, OriginRef, Raw, ReportRef
from gateway.ingest.moments import Moment
from gateway.journal import Entry, EventIds
from gateway.normalise import Meaning
from hardware.sink import Origin
from protocols._core import Repeat, Report

_NS: Final = 1_000_000_000
NOBODY: Final = event.Account(group="main", id="", known=False)
"""The account of an event that belongs to none."""
SUBJECT_GATEWAY: Final = "gateway"

_OWN_TRUST: Final = event.Trust(
    confidentiality="none", integrity="none", authenticity="none", replay_checked=False
)
_NO_AREA: Final = event.Area(id=None, name=None, class_="UNKNOWN")
_NO_ATTRIBUTES: Final = event.Attributes()


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A report that is taken, with all that is known of its reception."""

    report: Report
    account: Account
    origin: Origin
    admitted: Admitted
    moment: Moment
    digest: bytes
    """What tells a repeat of it."""
    link: str
    """With ``Repeat.LINK``: the link whose frames are compared; else empty."""


class OwnEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the gateway has to say itself."""

    kind: event.Kind
    category: event.Category
    code: str
    """A word that programs go by, ``input_lost``."""
    text: str
    """In words, for the operator."""
    attributes: event.Attributes = _NO_ATTRIBUTES
    account: Account | None = None
    flags: tuple[str, ...] = ()
    input: str = ""
    severity: int = 14
    is_time_untrusted: bool = False


class EventMaker:
    """Makes entries from meanings; one for the whole gateway."""

    def __init__(
        self,
        *,
        site: str,
        ids: EventIds,
        next_seq: Callable[[], int],
        is_on_test: Callable[[AccountKey], bool],
    ) -> None:
        self._source_prefix = f"/alarm-gateway/{site}/input/"
        self._own_source = f"/alarm-gateway/{site}/gateway"
        self._sources: dict[str, str] = {}
        self._ids = ids
        self._next_seq = next_seq
        self._is_on_test = is_on_test
        self._encode = msgspec.json.Encoder().encode

    def draw(self, count: int, moment: Moment) -> tuple[list[int], list[str]]:
        """Draw numbers and ids for this many events."""
        if count == 1:
            seq = self._next_seq()
            return [seq], [self._ids.id(moment.utc_ms, seq)]
        seqs = [self._next_seq() for _ in range(count)]
        return seqs, [self._ids.id(moment.utc_ms, seq) for seq in seqs]

    def entries(
        self,
        taken: Taken,
        meanings: Sequence[Meaning],
        joined: Sequence[tuple[FollowOn | None, str | None]],
        drawn: tuple[list[int], list[str]],
    ) -> list[Entry]:
        """Make the entries of one report, in order."""
        report, account, origin = taken.report, taken.account, taken.origin
        admitted, moment = taken.admitted, taken.moment
        seqs, ids = drawn
        count = len(meanings)
        report_id = ids[0]
        identity = taken.digest
        if report.repeat is Repeat.NEVER:
            # What nothing proves to be a repeat must not look like one to a consumer either.
            identity = b""
            dedupe_key = report_id.replace("-", "")
        else:
            dedupe_key = identity.hex()
        raw = Raw(encoding="latin-1", value=report.raw.decode("latin-1"))
        from_ = OriginRef(
            input=origin.input,
            protocol=origin.protocol,
            transport=origin.transport,
            peer=origin.peer,
            receiver=report.receiver,
            line=report.line,
            sequence=report.sequence,
        )
        topic = account.topic
        source = self._sources.get(origin.input) or self._source_of(origin.input)
        on_test = self._is_on_test(account.key)
        monotonic_ns = int(moment.monotonic * _NS)
        made: list[Entry] = []
        for index, meaning in enumerate(meanings):
            follow_on, companion_of = joined[index]
            flags = meaning.flags
            if admitted.flags:
                flags = (*admitted.flags, *flags)
            json = self._encode(
                AlarmEvent(
                    id=ids[index],
                    source=source,
                    subject="account/" + topic,
                    time=moment.text,
                    data=Data(
                        journal_seq=seqs[index],
                        # The parts of one report differ, so that nobody takes them for repeats.
                        dedupe_key=dedupe_key if not index else f"{dedupe_key}{index:02x}",
                        report=ReportRef(id=report_id, index=index, count=count),
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
                        received_at=moment.text,
                        clock_skew_ms=admitted.clock_skew_ms,
                        time_untrusted=admitted.is_time_untrusted,
                        origin=from_,
                        trust=admitted.trust,
                        media=meaning.media,
                        follow_on=follow_on,
                        companion_of=companion_of,
                        position=meaning.position,
                        text=meaning.text,
                        on_test=on_test,
                        flags=flags,
                        quirks=report.quirks,
                        raw=raw,
                    ),
                )
            )
            made.append(
                Entry(
                    seq=seqs[index],
                    event_id=ids[index],
                    report_id=report_id,
                    index=index,
                    count=count,
                    input=origin.input,
                    peer=origin.peer,
                    account=topic,
                    class_=meaning.class_,
                    is_priority=meaning.is_priority,
                    received_ms=moment.utc_ms,
                    monotonic_ns=monotonic_ns,
                    raw=report.raw,
                    json=json,
                    identity=identity,
                    link=taken.link,
                )
            )
        return made

    def own(self, said: OwnEvent, moment: Moment) -> Entry:
        """Make the entry of an event of the gateway's own."""
        (seq,), (event_id,) = self.draw(1, moment)
        account = said.account
        json = self._encode(
            AlarmEvent(
                id=event_id,
                source=self._own_source,
                subject=SUBJECT_GATEWAY if account is None else "account/" + account.topic,
                time=moment.text,
                data=Data(
                    journal_seq=seq,
                    dedupe_key=event_id.replace("-", ""),
                    report=ReportRef(id=event_id, index=0, count=1),
                    class_="system",
                    account=NOBODY if account is None else account.contract,
                    category=said.category,
                    kind=said.kind,
                    alarm_type="OTHER",
                    severity=said.severity,
                    attributes=said.attributes,
                    code=event.Code(
                        format="gateway",
                        value=said.code,
                        qualifier=None,
                        name=said.code,
                        known=True,
                    ),
                    area=_NO_AREA,
                    zone=None,
                    user=None,
                    address=None,
                    occurred_at=moment.text,
                    received_at=moment.text,
                    clock_skew_ms=None,
                    time_untrusted=said.is_time_untrusted,
                    origin=OriginRef(
                        input=said.input,
                        protocol="gateway",
                        transport="local",
                        peer="",
                        receiver=None,
                        line=None,
                        sequence=None,
                    ),
                    trust=_OWN_TRUST,
                    media=(),
                    follow_on=None,
                    companion_of=None,
                    position=None,
                    text=said.text,
                    on_test=False,
                    flags=said.flags,
                    quirks=(),
                    raw=None,
                ),
            )
        )
        return Entry(
            seq=seq,
            event_id=event_id,
            report_id=event_id,
            index=0,
            count=1,
            input=said.input,
            peer="",
            account="_none" if account is None else account.topic,
            class_="system",
            is_priority=False,
            received_ms=moment.utc_ms,
            monotonic_ns=int(moment.monotonic * _NS),
            raw=b"",
            json=json,
            identity=b"",
        )

    def _source_of(self, name: str) -> str:
        return self._sources.setdefault(name, self._source_prefix + name)
