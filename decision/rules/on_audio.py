"""Facts of audio verification and of every other look at the site (PPVAR 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from decision.facts import (
    AreaClassified,
    AudioAccessAttempted,
    EvidenceAttached,
    HumanActivityAssessed,
    InstructionsReviewed,
    Listened,
    SiteCheckedByPerson,
    SiteCheckedByVideo,
    ThreatAssessed,
    VerifiedOtherwise,
)
from decision.rules import dispatching, progress, site_step
from decision.rules.moves import Input
from decision.rules.work import Work
from decision.state import AudioAccess, Evidence, Heard, SiteCheck
from decision.vocabulary import (
    AccessOutcome,
    AccessStep,
    AreaClass,
    Audibility,
    AudioSource,
    Basis,
    Branch,
    CloseReason,
    DispatchReason,
    HumanActivity,
    Ppvar,
    Procedure,
    ResponseMode,
    SiteCheckOutcome,
    Task,
    ThreatJudgement,
    ThreatLevel,
)

LISTENED: Final[Mapping[Audibility, Input]] = {
    Audibility.NO_AUDIO: Input.NO_AUDIO,
    Audibility.NOT_DISCERNIBLE: Input.NOT_DISCERNIBLE,
    Audibility.DISCERNIBLE: Input.DISCERNIBLE,
}
ACCESSED: Final[Mapping[AccessOutcome, Input]] = {
    AccessOutcome.NO_ACCESS: Input.NO_ACCESS,
    AccessOutcome.NOTHING_ACTIONABLE: Input.NOTHING_ACTIONABLE,
    AccessOutcome.ACTIONABLE: Input.ACTIONABLE,
    AccessOutcome.NOT_RAISED: Input.NOT_RAISED,
    AccessOutcome.RAISED: Input.TL3,
}
ASSESSED: Final[Mapping[HumanActivity, Input]] = {
    HumanActivity.HUMAN: Input.HUMAN,
    HumanActivity.RECENT: Input.RECENT_HUMAN,
    HumanActivity.NONE: Input.NO_HUMAN,
}
JUDGED: Final[Mapping[ThreatJudgement, tuple[Input, ThreatLevel]]] = {
    ThreatJudgement.TL1: (Input.TL1, ThreatLevel.TL1),
    ThreatJudgement.TL2: (Input.TL2, ThreatLevel.TL2),
    ThreatJudgement.TL3: (Input.TL3, ThreatLevel.TL3),
    ThreatJudgement.UNSETTLED: (Input.UNSETTLED, ThreatLevel.TL2),  # AMB-P11
}
CHOSEN: Final[Mapping[Branch, Input]] = {
    Branch.CLOSE: Input.CHOSE_CLOSE,
    Branch.NON_AUDIO: Input.CHOSE_NON_AUDIO,
}

_STEP_OF: Final[Mapping[AccessStep, Ppvar]] = {
    AccessStep.ACCESS_A: Ppvar.ACCESS_A,
    AccessStep.ACCESS_B: Ppvar.ACCESS_B,
}


def instructions_reviewed(work: Work, fact: InstructionsReviewed) -> None:
    """PPVAR-6.1.1; those that were used are told at the dispatch, or after it (PPVAR-6.1.3)."""
    new = tuple(one for one in fact.used if one not in work.state.instructions_used)
    work.set(
        are_instructions_reviewed=True,
        instructions_used=(*work.state.instructions_used, *new),
    )
    progress.settle(work)
    if new:
        dispatching.forward(work, "Special instructions used: " + ", ".join(new), ("PPVAR-6.1.3",))


def listened(work: Work, fact: Listened) -> None:
    """PPVAR-6.2.1."""
    _hear(work, fact.description, fact.microphones, fact.clips,
          is_live=fact.source is AudioSource.LIVE)  # fmt: skip
    _feed(work, LISTENED[fact.audibility], "listening", clips=fact.clips)


def accessed(work: Work, fact: AudioAccessAttempted) -> None:
    """PPVAR-6.2.1.1, 6.2.2.2: where the system was opened, live audio MUST have been heard."""
    is_open = fact.outcome is not AccessOutcome.NO_ACCESS
    if is_open and not fact.is_live_heard:
        rule = "PPVAR-6.2.2.2" if fact.step is AccessStep.ACCESS_B else "PPVAR-6.2.1.1"
        work.refuse(rule, "the audio system was opened, so live audio must be heard first")
        return
    access = AudioAccess(
        step=fact.step,
        outcome=fact.outcome,
        at=work.now,
        is_live_heard=fact.is_live_heard,
        description=fact.description,
        by=work.by,
    )
    work.set(accesses=(*work.state.accesses, access))
    is_raised = fact.outcome is AccessOutcome.RAISED
    _hear(work, fact.description, fact.microphones, fact.clips,
          is_live=fact.is_live_heard, is_human=is_raised)  # fmt: skip
    if is_raised:
        _raise_level(work, ThreatLevel.TL3)
    elif work.state.ppvar is not _STEP_OF[fact.step] and work.state.request is None:
        work.refuse("PPVAR-6.2", f"{fact.step} is not the step at {work.state.ppvar}; on record")
        return
    _feed(work, ACCESSED[fact.outcome], "audio access", clips=fact.clips)


def assessed(work: Work, fact: HumanActivityAssessed) -> None:
    """PPVAR-6.2.1.2."""
    is_human = fact.activity is not HumanActivity.NONE
    work.set(activity=fact.activity)
    _hear(work, fact.description, fact.microphones, fact.clips, is_human=is_human,
          zones=fact.zones if is_human else ())  # fmt: skip
    given = ASSESSED[fact.activity]
    if is_human or not _chosen(work, given, Ppvar.ASSESS, fact.then, fact.clips):
        _feed(work, given, "assessment", clips=fact.clips)


def threat_assessed(work: Work, fact: ThreatAssessed) -> None:
    """PPVAR-6.2.2; a TL3 dispatches from wherever the incident stands (XS-1)."""
    given, level = JUDGED[fact.judgement]
    is_human = level is not ThreatLevel.TL1
    is_asked = work.state.ppvar is Ppvar.THREAT or work.state.request is not None
    if not is_asked and level is not ThreatLevel.TL3:
        work.refuse("PPVAR-6.2.1.2.1", f"a threat level is not asked at {work.state.ppvar}")
        return
    _raise_level(work, level)
    _hear(work, fact.description, fact.microphones, fact.clips, is_human=is_human,
          zones=fact.zones if is_human else (), signs=fact.signs)  # fmt: skip
    if is_human or not _chosen(work, given, Ppvar.THREAT, fact.then, fact.clips):
        _feed(work, given, f"threat level {level}", clips=fact.clips)


def checked_by_video(work: Work, fact: SiteCheckedByVideo) -> None:
    """PPVAR-6.2.2.2.2, step 1: video."""
    _site_check(work, Basis.VIDEO, fact.outcome, fact.description, fact.signs, fact.clips)


def checked_by_person(work: Work, fact: SiteCheckedByPerson) -> None:
    """PPVAR-6.2.2.2.2, step 1: somebody on site, by any means."""
    said = f"{fact.person}: {fact.description}" if fact.person else fact.description
    _site_check(
        work,
        Basis.ON_SITE,
        fact.outcome,
        said or fact.means.replace("_", " ").lower(),
        fact.signs,
        (),
    )


def verified_otherwise(work: Work, fact: VerifiedOtherwise) -> None:
    """XS-2: fires Immediate response; in Standard it is evidence."""
    if fact.basis is Basis.AUDIO:
        work.refuse("XS-2", "audio verifies through its own steps; a bare TL2 fires nothing")
        return
    _verified(work, fact.basis)
    is_immediate = work.context.site.response_mode == ResponseMode.IMMEDIATE
    if is_immediate and progress.feed(work, Input.VERIFIED, basis=fact.basis):
        return
    dispatching.recheck(work)
    said = f"Verified by {fact.basis.lower()}: {fact.description}"
    dispatching.forward(work, said, ("PPVAR-5.8", "XS-2"))


def area_classified(work: Work, fact: AreaClassified) -> None:
    """AMB-P3: a person said what the area is."""
    if fact.area_class is AreaClass.UNKNOWN:
        work.refuse("AMB-P3", "UNKNOWN classifies nothing")
        return
    work.set(area_class=fact.area_class)
    work.close_task(Task.CLASSIFY_AREA)
    progress.settle(work)


def evidence_attached(work: Work, fact: EvidenceAttached) -> None:
    """PPVAR-5.7, 5.8."""
    one = Evidence(
        at=work.now,
        kind=fact.kind,
        reference=fact.reference,
        sha256=fact.sha256,
        description=fact.description,
        by=work.by,
    )
    work.set(evidence=(*work.state.evidence, one))
    said = f"New evidence: {fact.description or fact.kind}"
    dispatching.forward(work, said, ("PPVAR-5.8", "PPVAR-5.7"), (fact.reference,))


def _site_check(  # noqa: PLR0913, PLR0917  the parts of one look
    work: Work,
    basis: Basis,
    outcome: SiteCheckOutcome,
    description: str,
    signs: tuple[str, ...],
    clips: tuple[str, ...],
) -> None:
    check = SiteCheck(
        basis=basis, outcome=outcome, at=work.now, description=description, by=work.by
    )
    work.set(site_checks=(*work.state.site_checks, check))
    if signs:
        work.set(signs_seen=(*work.state.signs_seen, *signs))
    given = site_step.OUTCOMES[outcome]
    if outcome in {SiteCheckOutcome.CRIME, SiteCheckOutcome.NOT_AUTHORIZED}:
        _verified(work, basis)
    if work.state.request is not None:
        dispatching.forward(work, f"{basis}: {outcome}. {description}", ("PPVAR-5.8",), clips)
    elif work.state.is_withheld or work.state.procedure is Procedure.OTHER:
        _site_check_without_tables(work, given, basis)
    elif given is None or not progress.feed(work, given, basis=basis, clips=clips):
        progress.settle(work)


def _site_check_without_tables(work: Work, given: Input | None, basis: Basis) -> None:
    """What a look gives where no table waits for it: a withheld dispatch, or no procedure."""
    if given in {Input.CRIME_SEEN, Input.SITE_DENIES}:
        rules = ("PPVAR-5.3", "AMB-P2")
        dispatching.dispatch(work, DispatchReason.ACTIVITY_NOT_AUTHORIZED, rules, basis=basis)
    elif given is Input.SITE_AUTHORIZES and work.state.threat_level is not ThreatLevel.TL3:
        dispatching.close(work, CloseReason.AUTHORIZED, ("PPVAR-6.2.2.2.2.1",))
    else:
        dispatching.recheck(work)


def _verified(work: Work, basis: Basis) -> None:
    if basis not in work.state.verified_by:
        work.set(verified_by=(*work.state.verified_by, basis))


def _chosen(
    work: Work, given: Input, at: Ppvar, then: Branch | None, clips: tuple[str, ...]
) -> bool:
    """Take the branch that the operator chose with the judgement, instead of the policy's."""
    if then is None or then not in CHOSEN or work.state.ppvar is not at:
        return False
    return progress.feed_chosen(work, given, CHOSEN[then], clips=clips)


def _raise_level(work: Work, level: ThreatLevel) -> None:
    if work.state.threat_level is None or level > work.state.threat_level:
        work.set(threat_level=level)


def _hear(  # noqa: PLR0913  the parts of what was heard
    work: Work,
    description: str,
    microphones: tuple[str, ...],
    clips: tuple[str, ...],
    *,
    is_live: bool = False,
    is_human: bool = False,
    zones: tuple[str, ...] = (),
    signs: tuple[str, ...] = (),
) -> None:
    """Keep what was heard; forward it after a dispatch (PPVAR-5.8)."""
    if is_human:
        known = work.state.zones_heard
        work.set(
            is_human_heard=True,
            zones_heard=(*known, *(zone for zone in zones if zone not in known)),
        )
    if not (description or is_human or clips):
        return
    one = Heard(
        at=work.now,
        description=description,
        is_human=is_human,
        is_live=is_live,
        microphones=microphones,
        zones=zones,
        clips=clips,
        signs=signs,
        by=work.by,
    )
    work.set(heard=(*work.state.heard, one))


def _feed(work: Work, given: Input, what: str, *, clips: tuple[str, ...]) -> None:
    """Give the input to the tables; say so when it changes nothing."""
    state = work.state
    if state.request is not None:
        said = state.heard[-1].description if state.heard else ""
        words = f"{what}: {said or given}"
        if given is Input.TL3:
            dispatching.trigger(work, words, ("PPVAR-5.8", "PPVAR-5.3"))
        else:
            dispatching.forward(work, words, ("PPVAR-5.8",), clips)
    elif state.is_withheld and given is Input.TL3:
        dispatching.dispatch(work, DispatchReason.TL3, ("PPVAR-6.2.2.1.1", "XS-1"))
    elif not progress.feed(work, given, basis=Basis.AUDIO, clips=clips):
        work.refuse("PPVAR-6.2", f"{what} ({given}) changes nothing at {state.ppvar}; on record")
