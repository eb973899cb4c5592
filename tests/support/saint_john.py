"""WE-5 of the domain rules as a ledger: what the papers of Saint John are made of in tests."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from decision.ledger.facts import (
    NoticeApproved,
    NoticeDrafted,
    NoticeIssued,
    PoliceCall,
    ReviewDecided,
    SystemRegistered,
)
from decision.ledger.fold import fold
from decision.ledger.words import ReviewDecision
from decision.packs.load import shipped
from decision.packs.words import NoticeKind
from decision.vocabulary import NO_REPORT_FALSE_ALARM

PACK = shipped()["ca-nb-saint-john"]
ASSISTANT, INSPECTOR, ACCOUNTANT = "SJ-R4", "SJ-R5", "SJ-R6"
REGISTERED = SystemRegistered(
    address="12 King Street, Saint John NB  E2L 1G2",
    premise_type="COMPANY",
    company_name="Harbour Shoes Ltd.",
    business_name="Fundy Monitoring Inc.",
    business_address="200 Union Street\nSaint John NB  E2L 1B1",
    user_name="Harbour Shoes Ltd., attn. Ana Ruiz",
    user_address="12 King Street\nSaint John NB  E2L 1G2",
    user_contact="506 555 0142",
)
FALSE = {
    "c1": date(2025, 1, 15),
    "c2": date(2025, 3, 30),
    "c3": date(2025, 5, 2),
    "c4": date(2025, 5, 28),
}


def noon(day):
    """Noon of a local day, as an instant."""
    return datetime.combine(day, time(12), tzinfo=ZoneInfo("America/Moncton")).astimezone(UTC)


def false_alarm(call, day, number, **more):
    """A call that was found false, with its occurrence number."""
    fields = {
        "call": call, "at": noon(day), "alarm_type": "BURGLAR", "category": "burglary",
        "accepted": True, "disposition": NO_REPORT_FALSE_ALARM, "closed_at": noon(day),
        "occurrence": number,
    }  # fmt: skip
    return noon(day), PoliceCall(**fields | more)


def log(*, until=date(2026, 12, 31), registered=REGISTERED):
    """The facts of WE-5, as far as they were recorded by ``until``."""
    facts = [(noon(date(2024, 12, 1)), registered)]
    for number, (call, day) in enumerate(FALSE.items(), 1):
        facts.append(false_alarm(call, day, f"25-0{number}47{number}"))
    steps = [
        (date(2025, 4, 1), NoticeDrafted(notice="n1", kind=NoticeKind.CAUTION)),
        (date(2025, 4, 7), NoticeApproved(notice="n1", on=date(2025, 4, 7), by="Insp. J. Leblanc")),
        (date(2025, 4, 8), NoticeIssued(notice="n1", on=date(2025, 4, 8))),
        (date(2025, 6, 2), NoticeDrafted(notice="n2", kind=NoticeKind.SUSPENSION)),
        (date(2025, 6, 9), NoticeApproved(notice="n2", on=date(2025, 6, 9), by="Insp. J. Leblanc")),
        (date(2025, 6, 10), NoticeIssued(notice="n2", on=date(2025, 6, 10))),
        (
            date(2026, 6, 26),
            ReviewDecided(on=date(2026, 6, 26), decision=ReviewDecision.REINSTATE, why="serviced"),
        ),
        (date(2026, 7, 1), NoticeDrafted(notice="n3", kind=NoticeKind.REINSTATEMENT)),
        (date(2026, 7, 6), NoticeApproved(notice="n3", on=date(2026, 7, 6), by="Insp. J. Leblanc")),
        (date(2026, 7, 6), NoticeIssued(notice="n3", on=date(2026, 7, 6))),
    ]
    facts += [(noon(day), fact) for day, fact in steps]
    facts.sort(key=lambda one: one[0])
    return [one for one in facts if one[0] <= noon(until)]


def state(*more, until=date(2026, 12, 31), registered=REGISTERED):
    """The ledger of the system after these facts and ``more``."""
    facts = sorted([*log(until=until, registered=registered), *more], key=lambda one: one[0])
    return fold("main.1234", facts, PACK)


def notice(system, kind):
    """The last notice of a kind."""
    return next(one for one in reversed(system.notices) if one.kind is kind)
