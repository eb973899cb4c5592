"""Is it the conversation? Unknown accounts, answers that are lost, a heart that stands still."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from gateway.cli._doctor.finding import Confidence, Finding, lines_of, many
from gateway.cli._doctor.observed import Observed
from protocols._core import LinkTest, Repeat, Report

_STORM: Final = 3  # the same report so often, each time answered: our answers do not arrive
_HEARTBEATS: Final = 3  # of silence: REL-32
_SAME_MANY: Final = 4  # reports with the same number before it is worth a word


def accounts(seen: Observed) -> Iterator[Finding]:
    """Accounts that the station does not know, and what they may have been meant to be."""
    if seen.known.accounts is None:
        return
    unknown: dict[str, list[int]] = {}
    for one, item in seen.sound():
        if item.account and seen.known.account(item.account) is None:
            unknown.setdefault(item.account, []).append(one.line)
    names = seen.known.names() if unknown else []
    for account, lines in unknown.items():
        near = [name for name in names if name.lstrip("0") == account.lstrip("0").upper()]
        if near:
            yield Finding(
                id="account_leading_zero",
                title=f"The panel says account {account}, the station knows {near[0]}",
                evidence=f"{many(len(lines), 'frame')} ({lines_of(lines)}); the two differ in "
                "leading zeros only",
                remedy=f"Set the panel to {near[0]}, or give account {near[0]} the alias "
                f'"{account}".',
                confidence=Confidence.CERTAIN,
            )
            continue
        alike = sorted(name for name in names if _is_one_off(name, account.upper()))
        hint = f" One digit away: {', '.join(alike[:3])}." if alike else ""
        yield Finding(
            id="account_unknown",
            title=f"Account {account} is not known",
            evidence=f"{many(len(lines), 'frame')} ({lines_of(lines)})",
            remedy="Add it (alarm-gateway accounts import), or correct the number in the "
            f"panel.{hint} Is it in the group of this input?",
            confidence=Confidence.CERTAIN,
        )


def _is_one_off(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    return sum(a != b for a, b in zip(one, other, strict=True)) == 1


def answers(seen: Observed) -> Iterator[Finding]:
    """The same report again and again although it was answered; and reports without an answer."""
    if not seen.has_answers:
        return
    same: dict[tuple[str, str, bytes], list[int]] = {}
    silent: dict[str, list[int]] = {}
    for one, report in seen.reports():
        account = report.account or ""
        key = (one.peer.rpartition(":")[0], account, report.identity or report.raw)
        if one.answer:
            same.setdefault(key, []).append(one.line)
        else:
            silent.setdefault(account, []).append(one.line)
    for (host, account, _), lines in same.items():
        if len(lines) >= _STORM:
            yield Finding(
                id="answers_lost",
                title=f"Account {account}: our answers do not reach the panel",
                evidence=f"one report came {len(lines)} times ({lines_of(lines)}) from "
                f"{host or 'the line'}, and was answered each time",
                remedy="The panel repeats what it gets no answer for. Look at the way back: a "
                "firewall or NAT that forgets UDP or idle TCP, a SIM card's access point, "
                "crossed wires on a serial line, an answer timeout in the panel that is too "
                "short.",
                confidence=Confidence.CERTAIN,
            )
    for account, lines in silent.items():
        if seen.known.accounts is not None and seen.known.account(account) is None:
            continue  # told already
        yield Finding(
            id="reports_unanswered",
            title=f"Account {account}: sound reports got no answer",
            evidence=f"{many(len(lines), 'report')} ({lines_of(lines)})",
            remedy="The gateway is silent on purpose when an account is unknown, its source is "
            "pinned to other networks, its frame must be encrypted or the journal cannot store. "
            "Its log names the reason.",
            confidence=Confidence.LIKELY,
        )


def heartbeat(seen: Observed) -> Iterator[Finding]:
    """A receiver whose heartbeat is not there, or stopped."""
    if seen.info.link != "receiver" or not seen.sound():
        return
    limit_s = _HEARTBEATS * seen.known.heartbeat_s
    beats = [one.at_s for one, item in seen.sound() if isinstance(item, LinkTest)]
    frames = [one.at_s for one, _ in seen.sound()]
    silences = [b - a for a, b in zip(frames, [*frames[1:], seen.span_s], strict=True)]
    if beats and max(silences) < limit_s:
        return
    if not beats and seen.span_s < limit_s:
        return
    evidence = (
        f"no heartbeat in {seen.span_s:.0f} s"
        if not beats
        else f"{many(len(beats), 'heartbeat')} in {seen.span_s:.0f} s, and nothing for "
        f"{max(silences):.0f} s"
    )
    yield Finding(
        id="heartbeat_missing",
        title="The receiver's heartbeat is missing",
        evidence=evidence,
        remedy=f"Switch it on in the receiver, one each {seen.known.heartbeat_s:g} s (Sur-Gard: "
        "option heartbeat; 00 disables it), or tell the input how often it comes (heartbeat_s). "
        "Without it nobody notices a broken line until an alarm is missing.",
        confidence=Confidence.CERTAIN,
    )


def sequences(seen: Observed) -> Iterator[Finding]:
    """A panel that numbers all its reports alike: repeats cannot be told from new alarms."""
    numbers: dict[str, list[tuple[int, Report]]] = {}
    for one, report in seen.reports():
        if report.sequence is not None and report.repeat is not Repeat.LINK:
            numbers.setdefault(report.account or "", []).append((one.line, report))
    for account, found in numbers.items():
        distinct = {report.identity or report.raw for _, report in found}
        count = Counter(report.sequence for _, report in found)
        number, most = count.most_common(1)[0]
        if len(distinct) < _SAME_MANY and number != "0000":
            continue
        if most < _SAME_MANY or most < len(found):
            continue
        yield Finding(
            id="sequence_stands_still",
            title=f"Account {account}: every report has the sequence number {number}",
            evidence=f"{many(len(found), 'report')} ({lines_of([line for line, _ in found])})",
            remedy="Two alarms of the same zone within ten minutes cannot be told from one that "
            "is repeated"
            + (", so each reception is a new event" if number == "0000" else "")
            + ". Look for a setting or a firmware that counts.",
            confidence=Confidence.LIKELY,
        )
