"""Makes the journal's entries: the event's JSON, once and for ever, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Final

import msgspec

from gateway.accounts import Account, AccountKey
from gateway.accounts.ids import bare
from gateway.admission import Admitted
from gateway.contract import event
from gateway.contract.event import AlarmEvent, Data, OriginRef, ReportRef
from gateway.ingest.forms import form_of
from gateway.ingest.moments import Moment
from gateway.journal import Entry, EventIds, Form, fill
from gateway.normalise import Joined, Meaning
from hardware.sink import Origin
from protocols._core import Report

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
    """What tells a repeat of it; empty when nothing can."""
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
    actor: event.User | None = None
    """Who caused it; stands as the event's user (SEC-27)."""
    zone: event.Zone | None = None
    raw: bytes = b""
    """For programs, where the words are for people; stands as the event's raw bytes."""
    link: str = ""
    """Under which the journal finds it again (``Journal.linked``); empty: it need not."""


class EventMaker:
    """Makes entries from meanings; one for the whole gateway."""

    def __init__(
        self,
        *,
        site: str,
        ids: EventIds,
        next_seq: Callable[[], int],
        zones_on_test: Callable[[AccountKey], frozenset[str] | None],
    ) -> None:
        self._source_prefix = f"/alarm-gateway/{site}/input/"
        self._own_source = f"/alarm-gateway/{site}/gateway"
        self._ids = ids
        self._next_seq = next_seq
        self._zones_on_test = zones_on_test
        self._encode = msgspec.json.Encoder().encode

    def draw(self, count: int, moment: Moment) -> tuple[list[int], list[str]]:
        """Draw numbers and ids for this many events."""
        if count == 1:
            seq = self._next_seq()
            return [seq], [self._ids.id(moment.utc_ms, seq)]
        seqs = [self._next_seq() for _ in range(count)]
        return seqs, [self._ids.id(moment.utc_ms, seq) for seq in seqs]

    def likeness(self, taken: Taken) -> Hashable:
        """Give what reports have in common that mean the same and differ only in a form's holes.

        Not the extended data and the time of receipt: what depends on these is not shared.
        """
        report, origin, admitted = taken.report, taken.origin, taken.admitted
        return (
            taken.account,  # by identity: a reload makes others
            report.parts,
            report.token,
            report.receiver,
            report.line,
            report.quirks,
            report.companion,
            origin.input,
            origin.transport,
            admitted.trust,
            admitted.flags,
            admitted.is_time_untrusted,
            self._zones_on_test(taken.account.key),
        )

    def forms(
        self, taken: Taken, meanings: Sequence[Meaning], joined: Sequence[Joined]
    ) -> list[Form]:
        """Make the forms of one report's events, in order."""
        origin, admitted = taken.origin, taken.admitted
        on_test = self._zones_on_test(taken.account.key)
        return [
            form_of(
                taken.report,
                taken.account,
                origin,
                meaning,
                trust=admitted.trust,
                source=self._source_prefix + origin.input,
                index=index,
                count=len(meanings),
                flags=admitted.flags,
                is_time_untrusted=admitted.is_time_untrusted,
                on_test=on_test is not None and _is_on_test(meaning.zone, on_test),
                follow_on=joined[index][0],
                companion_of=joined[index][1],
            )
            for index, meaning in enumerate(meanings)
        ]

    def entries(
        self, taken: Taken, forms: Sequence[Form], drawn: tuple[list[int], list[str]]
    ) -> list[Entry]:
        """Make the entries of one report, in order."""
        report, origin, moment = taken.report, taken.origin, taken.moment
        seqs, ids = drawn
        report_id = ids[0]
        identity = taken.digest
        # What nothing proves to be a repeat must not look like one to a consumer either.
        dedupe_key = identity.hex() if identity else report_id.replace("-", "")
        skew_ms = taken.admitted.clock_skew_ms
        made: list[Entry] = []
        for index, form in enumerate(forms):
            event_id, seq = ids[index], seqs[index]
            json = fill(
                form.pieces, event_id, seq, dedupe_key, report_id, moment.utc_ms, skew_ms,
                origin.peer, report.sequence, report.raw,
            )  # fmt: skip
            made.append(
                Entry(
                    seq=seq,
                    event_id=event_id,
                    report_id=report_id,
                    index=index,
                    count=len(forms),
                    input=origin.input,
                    peer=origin.peer,
                    account=form.account,
                    class_=form.class_,
                    is_priority=form.is_priority,
                    received_ms=moment.utc_ms,
                    monotonic_ns=moment.monotonic_ns,
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
        on_test = None if account is None else self._zones_on_test(account.key)
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
                    zone=said.zone,
                    user=said.actor,
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
                    on_test=on_test is not None and _is_on_test(said.zone, on_test),
                    flags=said.flags,
                    quirks=(),
                    raw=_raw(said.raw),
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
            monotonic_ns=moment.monotonic_ns,
            raw=said.raw,
            json=json,
            identity=said.link.encode(),
            link=said.link,
        )


def _is_on_test(zone: event.Zone | None, on_test: frozenset[str]) -> bool:
    """Whether an event is of what is on test: all of its account, or its zone."""
    return "" in on_test or (zone is not None and bare(zone.id) in on_test)


def _raw(said: bytes) -> event.Raw | None:
    return event.Raw(encoding="latin-1", value=said.decode("latin-1")) if said else None
