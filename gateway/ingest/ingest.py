"""What is the verdict? Reports come in here, and an ACK leaves only after the commit.

The only caller of ``journal.append``. Everything runs on the event loop and returns at once;
what has to wait for the disk is answered from the journal's callback.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

import structlog
from msgspec.structs import replace

from gateway.accounts import Account, AccountKey, Accounts
from gateway.admission import Admission, Admitted, InputPolicy, Refused, skew_ms, trust_of, utc_ms
from gateway.contract.status import Unrecognised
from gateway.ingest import port_facts
from gateway.ingest.copies import UnreadableCopies
from gateway.ingest.events import EventMaker, OwnEvent, Taken
from gateway.ingest.familiar import Familiar, Familiars, Said, is_usual, key_of
from gateway.ingest.moments import Moment, Moments
from gateway.ingest.names import DIGEST_BYTES, digest_of, far_end_of, link_of, name_of
from gateway.ingest.notices import OncePer, harmless
from gateway.ingest.ports import Journal, Normalise
from gateway.ingest.refusals import Refusals
from gateway.journal import Alike, AnyEntry, Entry, EventIds, Identity
from gateway.journal.quarantine import Kept
from gateway.journal.repeats import AccountRepeats, Durable, LinkRepeats, Pending, Together
from gateway.normalise import ALONE, TIME_UNREADABLE, Meaning, Neighbours, Recent
from hardware.clock import Clock
from hardware.sink import Origin, PortFact, PortState, Respond
from protocols._core import Incoming, LinkTest, Rejected, Repeat, Report, Unreadable, Verdict

REPLAY_MARGIN_S: Final = 60.0  # a replay is known for longer than its timestamp passes; SEC-2
TROUBLE_EVERY_S: Final = 60.0  # an "unreadable" or "degraded" event per input; REL-33
HEARD_EVERY_S: Final = 3_600.0  # the same of an input whose protocol is found out (ours)
SAID_MAX: Final = 4_096  # kinds of reports whose meaning is kept, about 3 KiB each
_FAILED_WORDS: Final = "the gateway failed at it, see the log; its sender keeps it"
_NOT_STORED: Final = "commit_failed"
_NOT_STORED_WORDS: Final = "the journal could not store it; its sender keeps it"
_RECEIVER: Final = InputPolicy(is_receiver=True)

_log = structlog.get_logger()


class _Batch:
    """The reports of one turn of the loop: stored together, each answered where it came from."""

    __slots__ = ("entries", "ingest", "origin", "reports", "respond", "together")

    def __init__(self, ingest: Ingest, origin: Origin, respond: Respond, now: float) -> None:
        self.ingest = ingest
        self.origin = origin
        """Of the read that is being taken, as is ``respond``."""
        self.respond = respond
        self.together = Together(now)
        self.entries: list[AnyEntry] = []
        self.reports: list[tuple[Incoming, Pending | None, Origin, Respond, AnyEntry]] = []
        """With the first entry of each."""

    def settled(self, is_stored: bool) -> None:  # noqa: FBT001  the word of the journal
        self.ingest.settled(self, is_stored=is_stored)


class Ingest:
    """Takes what the hardware read (``hardware.sink.Sink``) and answers it."""

    def __init__(  # noqa: PLR0913  everything comes from outside
        self,
        *,
        site: str,
        clock: Clock,
        journal: Journal,
        accounts: Callable[[], Accounts],
        inputs: Mapping[str, InputPolicy],
        admission: Admission,
        normalise: Normalise,
        ids: EventIds,
        alive: Callable[[AccountKey | None, str], None],
        count: Callable[..., None],
        repeats: AccountRepeats | None = None,
        links: LinkRepeats | None = None,
        neighbours: Neighbours | None = None,
        quarantine: Callable[[Kept], object] = lambda _kept: None,
        unrecognised: Callable[[Unrecognised], None] = lambda _what: None,
        fact: Callable[[PortFact], None] = lambda _fact: None,
        zones_on_test: Callable[[AccountKey], frozenset[str] | None] = lambda _key: None,
        watch_clock: Callable[[int, float], object] = lambda _utc_ms, _monotonic: None,
        stored: Callable[[Sequence[AnyEntry]], object] = lambda _entries: None,
        copies: UnreadableCopies | None = None,
        soon: Callable[[Callable[[], None]], object] = lambda turn: turn(),
    ) -> None:
        """Take everybody it talks to.

        Args:
            site: The site's name, for the source of events.
            clock: Both clocks.
            journal: Where events become durable.
            accounts: Gives the accounts as they are now; they may be swapped any time.
            inputs: What holds for each input, by its name.
            admission: Who may speak.
            normalise: Report to meanings.
            ids: Makes event ids.
            alive: Is told every sign of life: the account's key (None without one), the input.
            count: Counts by name, ``count(name)`` or ``count(name, n)``.
            repeats: Reports of accounts that were seen.
            links: The last event frame of each receiver link.
            neighbours: Finds what belongs together.
            quarantine: Keeps raw bytes that were never acknowledged.
            unrecognised: Is shown the same, to be published on a best-effort basis.
            fact: Is told every fact of a port, before its system event.
            zones_on_test: Zones of an account that are on test, "" among them: all of it.
            watch_clock: Is shown each reading of both clocks before anybody is judged by it.
            stored: Is shown the events of each turn as they go to the journal; must be quick.
            copies: Counts copies of unreadable frames.
            soon: Calls its argument once all that can be read now was read: the loop's
                ``call_soon``; at once when not given.
        """
        self._journal = journal
        self._accounts = accounts
        self._inputs = inputs
        self._admission = admission
        self._normalise = normalise
        self._alive = alive
        self._count = count
        # An empty table is one too: it is false, and its window is the configured one.
        self._repeats = AccountRepeats() if repeats is None else repeats
        self._links = LinkRepeats() if links is None else links
        self._neighbours = Neighbours() if neighbours is None else neighbours
        self._tell_fact = fact
        self._copies = UnreadableCopies() if copies is None else copies
        self._clock = clock
        self._moments = Moments(clock)
        self._maker = EventMaker(
            site=site, ids=ids, next_seq=journal.next_seq, zones_on_test=zones_on_test
        )
        self._refusals = Refusals(
            quarantine=quarantine, unrecognised=unrecognised, raise_event=self.system_event
        )
        self._said: Recent[Hashable, Said] = Recent(SAID_MAX)
        self._familiars = Familiars()
        self._next_seq = journal.next_seq
        self._id = ids.id
        self._zones_on_test = zones_on_test
        self._watch_clock = harmless(watch_clock, count)
        self._stored = harmless(stored, count)
        self._panel_clocks = admission.panel_clocks
        self._panel_clocks.tell = self._panel_clock_jumped
        self._trouble_often = OncePer(TROUBLE_EVERY_S)
        self._heard_often = OncePer(HEARD_EVERY_S)
        self._down: set[str] = set()
        self._soon = soon
        self._reads: list[tuple[Sequence[Incoming], Origin, Respond]] = []
        self._is_taking = False
        self._to_say: list[OwnEvent] = []

    def load(self, identities: Sequence[Identity]) -> None:
        """Know again what an earlier run stored; before the inputs open."""
        now, now_ms = self._clock.monotonic(), self._clock.utc_ms()
        self._repeats.load(identities, now=now, now_ms=now_ms)
        self._links.load(identities, now=now, now_ms=now_ms)

    # -- the sink --------------------------------------------------------------------------

    def received(self, incoming: Sequence[Incoming], origin: Origin, respond: Respond) -> None:
        """See ``hardware.sink.Sink``.

        What one turn of the loop reads is taken together, after the last of it was read: it
        shares a moment, a group and one call of the journal, and the code that takes it stays
        in the processor's caches instead of taking turns with the network's.
        """
        self._reads.append((incoming, origin, respond))
        if len(self._reads) == 1:
            self._soon(self._turn)

    def _turn(self) -> None:
        reads, self._reads = self._reads, []
        self._is_taking = True
        try:
            self._take(reads)
        finally:
            self._is_taking = False
            if self._to_say:
                to_say, self._to_say = self._to_say, []
                for said in to_say:
                    self.system_event(said)

    def _take(self, reads: Sequence[tuple[Sequence[Incoming], Origin, Respond]]) -> None:
        moment = self._moments.now()
        self._watch_clock(moment.utc_ms, moment.monotonic)
        batch = _Batch(self, *reads[0][1:], moment.monotonic)
        # Nothing swaps the accounts or trusts the clock again while a turn is taken.
        familiar = self._familiars.of(self._accounts(), self._admission.is_clock_untrusted)
        for incoming, origin, respond in reads:
            batch.origin = origin
            batch.respond = respond
            for item in incoming:
                try:
                    if type(item) is Report:
                        if is_usual(item):
                            key = key_of(item, origin)
                            known = familiar.get(key) or familiar.find(key)
                            if known is not None and self._familiar(item, known, batch, moment):
                                continue
                        self._report(item, batch, self._policy(origin), moment)
                    elif type(item) is LinkTest:
                        respond(item, self._link_test(item, origin, self._policy(origin), moment))
                    elif type(item) is Rejected:
                        self._rejected(item, batch, self._policy(origin), moment)
                except Exception:  # noqa: BLE001
                    # One frame must not take its neighbours down; unanswered, it comes again.
                    _log.exception("frame.failed", input=origin.input, peer=origin.peer)
                    self._count("frame_failed")
                    respond(item, Verdict.SILENCE)
                    with contextlib.suppress(Exception):  # keeping it may be what failed
                        self._refusals.keep(item, origin, moment, "frame_failed", _FAILED_WORDS)
        if batch.entries:
            self._journal.append(batch.entries, batch.settled)
            self._stored(batch.entries)

    def _policy(self, origin: Origin) -> InputPolicy:
        return self._inputs.get(origin.input, _RECEIVER)

    def fact(self, fact: PortFact) -> None:
        """See ``hardware.sink.Sink``; the operator hears of it through the journal too."""
        self._tell_fact(fact)
        if fact.state is PortState.HEARS:
            self._say_what_it_hears(fact)
        elif fact.state is PortState.DOWN:
            if fact.input not in self._down:
                self._down.add(fact.input)
                self.system_event(port_facts.trouble(fact, "input_lost"))
        elif fact.state is PortState.UP:
            if fact.input in self._down:
                self._down.discard(fact.input)
                self.system_event(port_facts.restored(fact))
        elif (
            self._trouble_often.allows((fact.input, fact.state), self._clock.monotonic())
            is not None
        ):
            self.system_event(port_facts.trouble(fact, f"input_{fact.state.value}"))

    def system_event(self, said: OwnEvent) -> None:
        """Journal and publish an event of the gateway's own; during a read, right after it.

        The journal gets events in the order of their numbers. What came later with a lower
        number would be taken for read by whoever follows the journal, and not be published.
        """
        if self._is_taking:
            self._to_say.append(said)
            return
        if self._admission.is_clock_untrusted and not said.is_time_untrusted:
            said = replace(said, is_time_untrusted=True)
        entry = self._maker.own(said, self._moments.now())
        self._count("system_event_raised")
        self._journal.append((entry,), _nobody_waits)

    # -- reports ---------------------------------------------------------------------------

    def _familiar(self, report: Report, known: Familiar, batch: _Batch, moment: Moment) -> bool:
        """Do what ``_report`` does for a report of which nearly all is settled; False: it must."""
        account, origin, now = known.account, batch.origin, moment.monotonic
        key, near = account.key, (origin.host or far_end_of(origin), report.receiver)
        if self._zones_on_test(key) is not None or self._neighbours.awaits(key, near):
            return False
        digest = blake2b(known.name + report.identity, digest_size=DIGEST_BYTES).digest()
        seen = self._repeats.look_together(digest, batch.together)
        if seen is not None:
            self._repeated(report, account, batch, seen)
            return True
        self._alive(key, origin.input)
        seq = self._next_seq()
        event_id = self._id(moment.utc_ms, seq)
        stamp = report.timestamp
        if stamp is None:
            behind_ms = None
        elif known.is_utc:
            behind_ms = moment.utc_ms - utc_ms(stamp)
        else:
            behind_ms = skew_ms(stamp, moment.utc_ms, account)
        if behind_ms is not None and not self._admission.is_clock_untrusted:
            self._panel_clocks.note(account, behind_ms, now)
        form = known.form
        entry = Alike(
            seq, event_id, form.account, form.is_priority, moment.utc_ms, form, origin.peer,
            report.sequence, behind_ms, moment.monotonic_ns, report.raw, digest,
        )  # fmt: skip
        self._neighbours.note(known.meaning, key, event_id, now)
        batch.entries.append(entry)
        batch.reports.append((report, None, origin, batch.respond, entry))
        self._repeats.begin_together(digest, batch.together)
        return True

    def _report(self, report: Report, batch: _Batch, policy: InputPolicy, moment: Moment) -> None:
        origin = batch.origin
        group = policy.group_of(report.receiver, report.line)
        found = self._accounts().lookup(group, report.account) if report.account else None
        account = self._admission.who(report, origin, policy, group, found)
        if isinstance(account, Refused):
            self._refuse(report, account, batch, moment, found)
            return
        digest, link = self._digest(report, account, origin)
        if link:
            seen = self._links.look(link, digest, moment.monotonic)
            if seen is Durable.YES:
                self._journal.came_again(link, digest, moment.utc_ms)
        elif report.repeat is Repeat.ACCOUNT:
            window_s = self._replay_window_s(account) if report.key_bits else 0.0
            seen = self._repeats.look(digest, moment.monotonic, window_s)
        else:
            seen = None
        if seen is not None:
            self._repeated(report, account, batch, seen)
            return
        admitted = self._admission.timely(
            report, origin, policy, account, now_ms=moment.utc_ms, now=moment.monotonic
        )
        if isinstance(admitted, Refused):
            self._refuse(report, admitted, batch, moment, account)
            return
        self._alive(account.key, origin.input)
        self._store(report, batch, Taken(report, account, origin, admitted, moment, digest, link))

    def _store(self, item: Incoming, batch: _Batch, taken: Taken) -> None:
        """Put the report's events into the batch; it is answered when they are durable."""
        entries = self._entries(taken)
        batch.entries += entries
        pending: Pending | None = None
        if taken.link:
            pending = self._links.begin(taken.link, taken.digest, taken.moment.monotonic)
        elif taken.report.repeat is Repeat.ACCOUNT:
            pending = self._repeats.begin(taken.digest, taken.moment.monotonic)
        batch.reports.append((item, pending, batch.origin, batch.respond, entries[0]))

    def _entries(self, taken: Taken) -> list[Entry]:
        try:
            return self._normalised(taken)
        except Exception:  # noqa: BLE001  a report is an event, whatever we fail to make of it
            _log.exception("report.not_normalised", input=taken.origin.input)
            self._count("report_not_normalised")
            raw = taken.report.raw
            part = Unreadable(raw=raw, format="raw", reason="it could not be normalised")
            return self._normalised(
                replace(taken, report=replace(taken.report, parts=(part,), xdata=(), data=b""))
            )

    def _normalised(self, taken: Taken) -> list[Entry]:
        account, origin, now = taken.account, taken.origin, taken.moment.monotonic
        # A receiver with several ports sends the parts of one call over any of them.
        near = (origin.host or far_end_of(origin), taken.report.receiver)
        said = self._said_by(taken)
        meanings = self._neighbours.enriched(said.meanings, account, near, now)
        drawn = self._maker.draw(len(meanings), taken.moment)
        joined = self._neighbours.join(meanings, account.key, near, drawn[1], now)
        if meanings is not said.meanings or joined.count(ALONE) != len(joined):
            forms = self._maker.forms(taken, meanings, joined)  # they belong to other events
        elif said.forms is not None:
            forms = said.forms
        else:
            forms = said.forms = self._maker.forms(taken, meanings, joined)
            if said.is_kept and len(forms) == 1 and self._zones_on_test(account.key) is None:
                self._familiars.learn(taken, name_of(account.key) + b"\0", meanings[0], forms[0])
        return self._maker.entries(taken, forms, drawn)

    def _said_by(self, taken: Taken) -> Said:
        """What a report says; kept for the next one that is like it."""
        likeness = self._maker.likeness(taken)
        said = None if taken.report.xdata else self._said.find(likeness)
        if said is None:
            meanings = self._normalise(taken.report, taken.account, received=taken.moment.utc)
            said = Said(meanings)
            if not taken.report.xdata and not any(map(_depends_on_receipt, meanings)):
                said.is_kept = True
                self._said.put(likeness, said)
        return said

    def _digest(self, report: Report, account: Account, origin: Origin) -> tuple[bytes, str]:
        """What tells a repeat of the report, and the link whose frames are compared."""
        if report.repeat is Repeat.NEVER:
            return b"", ""
        if report.repeat is Repeat.LINK:
            link = link_of(origin)
            return digest_of(link.encode(), report.identity or report.raw), link
        return digest_of(name_of(account.key), report.identity or report.raw), ""

    def _replay_window_s(self, account: Account) -> float:
        window_s = account.rest.past_s + account.rest.future_s + REPLAY_MARGIN_S
        self._repeats.keep_for(window_s)
        return window_s

    def _repeated(
        self, report: Report, account: Account, batch: _Batch, seen: Durable | Pending
    ) -> None:
        """Answer a repeat: at once when the first is durable, else as the first."""
        self._count("report_repeated")
        if not report.key_bits:  # a recording of an encrypted frame is no sign of life
            self._alive(account.key, batch.origin.input)
        self._answer_as(report, batch, seen)

    def _answer_as(self, item: Incoming, batch: _Batch, seen: Durable | Pending) -> None:
        respond = batch.respond
        if isinstance(seen, Pending):
            seen.wait(lambda ok: respond(item, Verdict.ACK if ok else Verdict.SILENCE))
        else:
            respond(item, Verdict.ACK)

    def settled(self, batch: _Batch, *, is_stored: bool) -> None:
        """Answer what waited for this commit, then the repeats that came meanwhile."""
        verdict = Verdict.ACK if is_stored else Verdict.SILENCE
        for item, pending, _, respond, _ in batch.reports:
            try:
                respond(item, verdict)
            except Exception:  # noqa: BLE001  one link's failure costs no other its answer
                _log.exception("answer.failed")
                self._count("answer_failed")
            finally:
                if pending is not None:
                    table = self._links if pending.link else self._repeats
                    table.settle(pending, is_stored=is_stored)
        self._repeats.settle_all(batch.together, is_stored=is_stored)
        if is_stored:
            self._count("report_acknowledged", len(batch.reports))
            if _log.is_enabled_for(logging.INFO):
                self._tell_acknowledged(batch)
        else:
            self._count("report_not_committed", len(batch.reports))
            moment = self._moments.now()
            for item, _, origin, _, _ in batch.reports:
                self._refusals.keep(item, origin, moment, _NOT_STORED, _NOT_STORED_WORDS)

    def _tell_acknowledged(self, batch: _Batch) -> None:
        """Write the line of each report: what a technician looks for first."""
        now = self._clock.monotonic()
        for item, _, origin, _, entry in batch.reports:
            _log.info(
                "report.acknowledged",
                input=origin.input,
                peer=origin.peer,
                protocol=origin.protocol,
                account=item.account,
                journal_seq=entry.seq,
                event_id=entry.event_id,
                events=entry.count,
                took_ms=round(now * 1000 - entry.monotonic_ns / 1_000_000, 1),
            )

    # -- link tests ------------------------------------------------------------------------

    def _link_test(
        self, test: LinkTest, origin: Origin, policy: InputPolicy, moment: Moment
    ) -> Verdict:
        """Answer a sign of life: memory only, and only while commits succeed (REL-23)."""
        key: AccountKey | None = None
        if not policy.is_receiver:
            group = policy.group_of(test.receiver, test.line)
            found = self._accounts().lookup(group, test.account) if test.account else None
            account = self._admission.who(test, origin, policy, group, found)
            if isinstance(account, Refused):
                return self._refused_link_test(test, account, origin, moment, found)
            timely = self._admission.timely(
                test, origin, policy, account, now_ms=moment.utc_ms, now=moment.monotonic
            )
            if isinstance(timely, Refused):
                return self._refused_link_test(test, timely, origin, moment, account)
            key = account.key
        self._alive(key, origin.input)
        if not self._journal.commits_succeed:
            self._count("link_test_unanswered")
            return Verdict.SILENCE
        self._count("link_test_acknowledged")
        return Verdict.ACK

    def _refused_link_test(
        self,
        test: LinkTest,
        refused: Refused,
        origin: Origin,
        moment: Moment,
        account: Account | None,
    ) -> Verdict:
        self._count(f"link_test_refused:{refused.reason}")
        self._refusals.log(test, origin, moment, refused.reason, refused.words)
        self._refusals.tell(refused, origin, moment, account)
        return refused.verdict

    # -- what is not taken -----------------------------------------------------------------

    def _refuse(
        self,
        report: Report,
        refused: Refused,
        batch: _Batch,
        moment: Moment,
        account: Account | None,
    ) -> None:
        self._count(f"report_refused:{refused.reason}")
        self._refusals.log(report, batch.origin, moment, refused.reason, refused.words)
        self._refusals.keep(report, batch.origin, moment, refused.reason, refused.words)
        self._refusals.tell(refused, batch.origin, moment, account)
        batch.respond(report, refused.verdict)

    def _rejected(
        self, rejected: Rejected, batch: _Batch, policy: InputPolicy, moment: Moment
    ) -> None:
        """Answer bytes that became no report (REL-28)."""
        origin = batch.origin
        self._count(f"frame_rejected:{rejected.reason}")
        if rejected.foreign is not None:
            self._count(f"frame_foreign:{rejected.foreign}")
        verdict = Verdict.SILENCE
        if policy.is_receiver and rejected.envelope_sound:
            link = link_of(origin)
            digest = digest_of(link.encode(), rejected.raw)
            seen = self._links.look(link, digest, moment.monotonic)
            if seen is not None:
                if seen is Durable.YES:
                    self._journal.came_again(link, digest, moment.utc_ms)
                self._answer_as(rejected, batch, seen)
                return
            if self._copies.is_enough(link, rejected.raw, moment.monotonic):
                taken = self._of_unreadable(rejected, origin, policy, moment, digest)
                self._store(rejected, batch, taken)
                return
            verdict = Verdict.DUH
        elif policy.refuses and rejected.envelope_sound:
            verdict = Verdict.DUH
        words = str(rejected.error)
        self._refusals.log(rejected, origin, moment, rejected.reason, words)
        self._refusals.keep(rejected, origin, moment, rejected.reason, words)
        batch.respond(rejected, verdict)

    def _of_unreadable(
        self, rejected: Rejected, origin: Origin, policy: InputPolicy, moment: Moment, digest: bytes
    ) -> Taken:
        """Make a report, and so an event with an unknown code, of a frame that blocks its line."""
        self._count("report_unreadable_stored")
        report = Report(
            protocol=rejected.protocol,
            raw=rejected.raw,
            token="",
            account=rejected.account,
            parts=(Unreadable(raw=rejected.raw, format="raw", reason=str(rejected.error)),),
            envelope=rejected.envelope,
            repeat=Repeat.LINK,
        )
        account = Account.unknown(policy.group_of(None, None), rejected.account or "")
        admitted = Admitted(trust=trust_of(0, origin.transport, "receiver", False))  # noqa: FBT003
        return Taken(report, account, origin, admitted, moment, digest, link_of(origin))

    def _panel_clock_jumped(self, account: Account, step_s: float, behind_s: float) -> None:
        """Say that a panel's clock was set: by itself, by somebody, or by a forged NAK (SEC-8)."""
        side = "behind" if behind_s > 0 else "ahead of"
        self._count("panel_clock_jumped")
        self.system_event(
            OwnEvent(
                kind="info",
                category="information",
                code="panel_clock_step",
                text=f"the panel's clock jumped by {step_s:+.0f} s: {abs(behind_s):.0f} s {side} "
                "ours now; if nobody set it, our answer may have been forged",
                account=account,
                flags=("security",),
            )
        )

    def _say_what_it_hears(self, fact: PortFact) -> None:
        """Tell which protocol an input was found to hear; not for each of its connections."""
        now = self._clock.monotonic()
        if self._heard_often.allows((fact.input, fact.reason), now) is not None:
            _log.info("input.recognised", input=fact.input, words=fact.reason)
            self.system_event(port_facts.hears(fact))


def _depends_on_receipt(meaning: Meaning) -> bool:
    """Whether its time was made out from the time of receipt."""
    return meaning.occurred_at is not None or TIME_UNREADABLE in meaning.flags


def _nobody_waits(_is_stored: bool) -> None:  # noqa: FBT001  the word of the journal
    """Take the word on an event that nobody is answered for."""
