"""The monthly report, the suspended list and the explanation (SJ-C2a, SJ-C3, SJ-C7, AMB-S18)."""

from __future__ import annotations

import msgspec

from decision.ledger import by_address, explain, monthly, suspended
from decision.ledger.facts import PoliceCall, SystemRegistered
from decision.ledger.report import COLUMNS as REPORT_COLUMNS
from decision.ledger.suspended import COLUMNS as LIST_COLUMNS
from decision.ledger.words import Counter
from tests.support.ledger import FALSE, PACKS, REFUSED, SAINT_JOHN, VALID, Story, day, utc


def registered(system: str, address: str, company: str) -> Story:
    story = Story()
    story.state = msgspec.structs.replace(story.state, system=system)
    story.on(
        "2025-01-01",
        SystemRegistered(address=address, company_name=company, business_name="Fundy Alarms"),
    )
    return story


class TestMonthlyReport:
    """SJ-C3: calls with the two dispositions."""

    def test_rows(self):
        one = registered("main-1", "1 King St", "Harbour Books")
        one.call("2025-06-30", "june")
        one.call("2025-07-02", "a")
        one.call("2025-07-03", "b", VALID)
        two = registered("main-2", "9 Dock Rd", "Fundy Fish")
        two.suspend()
        two.call("2025-07-01", "r", REFUSED, accepted=False)
        two.call("2025-07-05", "s", FALSE, accepted=True)
        two.call("2025-07-06", "h", FALSE, alarm_type="HOLD_UP")
        report = monthly([one.state, two.state], 2025, 7, SAINT_JOHN)
        assert [(row.call, row.counter, row.number_in_year) for row in report.rows] == [
            ("r", Counter.NONE, None),
            ("a", Counter.YEAR, 2),
            ("s", Counter.POST_SUSPENSION, 1),
            ("h", Counter.NONE, None),
        ]
        assert (report.first, report.last) == (day("2025-07-01"), day("2025-07-31"))
        assert (report.false_alarms, report.refused) == (3, 1)

    def test_cells_stand_under_their_headings(self):
        story = registered("main-1", "1 King St", "Harbour Books")
        story.call("2025-07-02", "a")
        row = monthly([story.state], 2025, 7, SAINT_JOHN).rows[0]
        cells = dict(zip(REPORT_COLUMNS, row.cells(), strict=True))
        assert cells["date"] == "2025-07-02"
        assert cells["time"] == "12:00"
        assert cells["disposition"] == FALSE
        assert cells["counts"] == "yes"
        assert cells["number_in_year"] == "1"
        assert cells["alarm_business"] == "Fundy Alarms"

    def test_the_month_is_local(self):
        story = Story()
        story.on(
            "2025-08-02",
            PoliceCall(
                call="1", at=utc("2025-08-01T02:30"), alarm_type="BURGLAR",
                premise_type="COMPANY", disposition=FALSE,
            ),
        )  # fmt: skip
        assert len(monthly([story.state], 2025, 7, SAINT_JOHN).rows) == 1
        assert monthly([story.state], 2025, 8, SAINT_JOHN).rows == ()

    def test_december(self):
        report = monthly([], 2025, 12, SAINT_JOHN)
        assert (report.first, report.last) == (day("2025-12-01"), day("2025-12-31"))

    def test_a_pack_without_suspension_has_one_disposition(self):
        report = monthly([], 2025, 12, PACKS["example-mesa-verde-springs"])
        assert report.refused == 0


class TestSuspendedList:
    """SJ-C7, AMB-S18, AMB-S24."""

    def test_it_holds_who_is_suspended_now(self):
        story = registered("main-1", "1 King St", "Harbour Books")
        story.suspend()
        assert suspended([story.state], SAINT_JOHN) == ()
        story.today_is("2025-06-24")
        (row,) = suspended([story.state], SAINT_JOHN)
        cells = dict(zip(LIST_COLUMNS, row.cells(), strict=True))
        assert cells["address"] == "1 King St"
        assert cells["state"] == "SUSPENDED"
        assert cells["since"] == "2025-06-24"
        assert cells["review_due"] == "2026-06-24"
        assert cells["resumes"] == ""

    def test_deferred_systems_are_listed(self):
        story = registered("main-1", "1 King St", "Harbour Books")
        story.suspend()
        story.today_is("2026-06-24")
        assert suspended([story.state], SAINT_JOHN)[0].state == "DEFERRED"

    def test_a_look_up_by_address_gives_all_systems_there(self):
        stories = [
            registered("main-1", "1 King St.", "Harbour Books"),
            registered("main-2", "1  KING ST", "Upstairs Dental"),
            registered("main-3", "2 King St", "Other"),
        ]
        for story in stories:
            story.suspend()
            story.today_is("2025-06-24")
        rows = suspended([story.state for story in stories], SAINT_JOHN)
        assert [row.system for row in by_address(rows, "1 king st")] == ["main-1", "main-2"]

    def test_discontinued_without_suspension_is_listed_since_its_day(self):
        story = registered("main-1", "1 King St", "Harbour Books")
        story.suspend()
        for number in (1, 2, 3):
            story.call(f"2025-07-0{number}", f"r{number}", FALSE, accepted=True)
            story.invoice(f"2025-07-0{number}", f"r{number}")
        story.today_is("2025-08-03")
        assert suspended([story.state], SAINT_JOHN)[0].is_discontinued


class TestExplain:
    def test_what_comes_next(self):
        story = Story()
        story.call("2025-02-01", "1")
        said = [reason.text for reason in explain(story.state, SAINT_JOHN).reasons]
        assert said == [
            "1 false alarms count since 2025-01-01",
            "1 more before the end of the year: CAUTION notice",
            "3 more before the end of the year: SUSPENSION notice",
        ]

    def test_lead_time_suspension_and_return(self):
        story = Story()
        story.suspend()
        texts = [reason.text for reason in explain(story.state, SAINT_JOHN).reasons]
        assert "suspension from 2025-06-24 on; until then response and no fee" in texts
        story.today_is("2025-06-24")
        texts = [reason.text for reason in explain(story.state, SAINT_JOHN).reasons]
        assert "suspended since 2025-06-24" in texts
        assert "review due on 2026-06-24" in texts

    def test_days_of_appeal(self):
        story = Story()
        story.suspend()
        told = explain(story.state, SAINT_JOHN)
        assert told.calls[0].appeal_until == day("2025-09-08")
        assert told.suspension_appeal.days == 47
