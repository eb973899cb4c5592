"""What the placeholders of a pack's texts stand for, computed from pack and ledger.

Only what a text asks for is demanded; a value that is not there is collected and told by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from decision.ledger.state import SystemState
from decision.notices.missing import Missing
from decision.packs.model import Pack
from decision.packs.texts import Texts, placeholders
from decision.packs.words import NoticeKind

Values = Mapping[str, str | None]
ALARMS: Final = "alarms"
"""The placeholder that stands alone and becomes the list of alarms."""

_REGISTERED: Final = "fact SystemRegistered"
_WHERE: Final[Mapping[str, tuple[str, str]]] = {
    "business_name": ("name of the alarm business", f"{_REGISTERED}, business_name"),
    "business_address": ("address of the alarm business", f"{_REGISTERED}, business_address"),
    "company_name": ("name of the company", f"{_REGISTERED}, company_name"),
    "premises_address": ("address of the premises", f"{_REGISTERED}, address"),
    "user_name": ("name of the alarm user", f"{_REGISTERED}, user_name"),
    "user_address": ("mailing address of the alarm user", f"{_REGISTERED}, user_address"),
    "reported_by": ("alarm business that reported", f"{_REGISTERED}, business_name"),
    "occurrence": ("police occurrence number", "fact PoliceCall, occurrence"),
    "fee": ("fee of a post-suspension call", "pack, fees.post_suspension"),
    "past_due_count": ("past-due invoices that end response", "pack, invoices.discontinue_at"),
    "suspension_count": ("false alarms that suspend", "pack, thresholds"),
}


def missing(name: str, rule: str) -> Missing:
    """Give the complaint about one placeholder without a value."""
    what, where = _WHERE.get(name, (name.replace("_", " "), f"value of {{{name}}}"))
    return Missing(what=what, where=where, rule=rule)


def written(day: date, texts: Texts) -> str:
    """Give a date as the language writes it."""
    return day.strftime(texts.date_format)


def common(pack: Pack, state: SystemState, texts: Texts, on: date) -> dict[str, str | None]:
    """Give what every paper may use: names, addresses, fees, counts, days."""
    registered = state.registration
    case_role = pack.roles.who.get(pack.roles.decides_cases)
    fees, suspension, resuming = pack.fees, pack.suspension, pack.reinstatement
    against_call, against_term = pack.appeals.disposition, pack.appeals.suspension
    return {
        "date": written(on, texts),
        "authority": pack.metadata.authority,
        "business_name": registered.business_name,
        "business_address": registered.business_address,
        "company_name": registered.company_name,
        "premises_address": registered.address,
        "user_name": registered.user_name or registered.company_name,
        "user_address": registered.user_address or registered.address,
        "reported_by": registered.business_name,
        "suspension_count": _number(pack.threshold(NoticeKind.SUSPENSION)),
        "lead_days": _number(suspension.starts_after_days if suspension else None),
        "term_years": _number(suspension.term_years if suspension else None),
        "resume_days": _number(resuming.resumes_after_days if resuming else None),
        "fee": fees.post_suspension if fees else None,
        "currency": fees.currency if fees else None,
        "past_due_count": _number(pack.invoices.discontinue_at),
        "net_days": _number(pack.invoices.net_days),
        "disposition_days": _number(against_call.window_days if against_call else None),
        "appeal_days": _number(against_term.window_days if against_term else None),
        "served_days": _number(against_term.served_days if against_term else None),
        "case_office": case_role.name if case_role else None,
    }


def of_notice(pack: Pack, texts: Texts, kind: NoticeKind, on: date) -> dict[str, str | None]:
    """Give the days that follow from issuing a notice on day ``on``."""
    calendar, appeals = pack.calendar, pack.appeals
    values: dict[str, str | None] = {}
    if appeals.disposition:
        until = calendar.after_days(on, appeals.disposition.window_days)
        values["disposition_until"] = written(until, texts)
    if kind is NoticeKind.REINSTATEMENT and pack.reinstatement:
        resumes = calendar.after_days(on, pack.reinstatement.resumes_after_days)
        values["effective_date"] = written(resumes, texts)
    if kind is NoticeKind.SUSPENSION and pack.suspension:
        effective = calendar.after_days(on, pack.suspension.starts_after_days)
        review = calendar.after_years(effective, pack.suspension.term_years)
        values["effective_date"] = written(effective, texts)
        values["review_date"] = written(review, texts)
        if appeals.suspension:
            first = calendar.after_days(effective, appeals.suspension.served_days)
            last = calendar.after_days(on, appeals.suspension.window_days)
            values["appeal_from"] = written(first, texts)
            values["appeal_until"] = written(last, texts)
    return values


def fill(text: str, values: Values) -> str:
    """Put the values into one text; every placeholder of it has one (``asked_for``)."""
    return text.format_map({name: value or "" for name, value in values.items()})


def asked_for(texts: Iterable[str], values: Values, rule: str) -> list[Missing]:
    """List what the texts ask for and ``values`` has not."""
    names = dict.fromkeys(name for text in texts for name in sorted(placeholders(text)))
    return [missing(name, rule) for name in names if name != ALARMS and not values.get(name)]


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
