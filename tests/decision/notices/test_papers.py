"""Invoice (SJ-R6, SJ-$1), appeal forms (SJ-G4), approval (SJ-C4e), report (SJ-C3), list (SJ-C7)."""

import csv
import io
from datetime import UTC, date, datetime

import msgspec
import pytest

from decision.ledger.facts import DayCame, InvoiceIssued, InvoicePaid
from decision.ledger.fold import apply
from decision.ledger.report import monthly
from decision.ledger.suspended import suspended
from decision.notices import (
    ApprovalError,
    MissingDatum,
    appeal_form,
    approve,
    draft,
    html,
    invoice,
    issue,
    letter,
    reject,
    report_csv,
    report_page,
    suspended_csv,
)
from decision.notices.cells import safe
from decision.packs.load import shipped
from decision.packs.texts import FORM_FIELDS
from decision.packs.words import AppealKind, NoticeKind
from decision.vocabulary import NO_RESPONSE_POST_SUSPENSION
from tests.support.saint_john import (
    ACCOUNTANT,
    ASSISTANT,
    INSPECTOR,
    PACK,
    REGISTERED,
    false_alarm,
    noon,
    state,
)

DAY = date(2025, 8, 11)
BILLED = (
    false_alarm("c9", date(2025, 8, 10), "25-09111"),
    (noon(DAY), InvoiceIssued(invoice="INV-17", call="c9", on=DAY)),
)


class TestInvoice:
    def test_it_says_what_is_charged_and_until_when(self):
        system = state(*BILLED)
        page = html(invoice(PACK, system, system.invoices[0]))
        for text in ("INV-17", "100.00", "CAD", "2025-09-10", "25-09111", "2025-08-10",
                     "Fundy Monitoring Inc.", "Harbour Shoes Ltd."):  # fmt: skip
            assert text in page

    def test_amb_s5_addressed_through_the_alarm_business(self):
        system = state(*BILLED)
        assert [one.name for one in invoice(PACK, system, system.invoices[0]).to] == [
            "Fundy Monitoring Inc.", "Harbour Shoes Ltd., attn. Ana Ruiz",
        ]  # fmt: skip

    def test_a_missing_occurrence_number_is_named(self):
        system = state(*BILLED)
        calls = tuple(msgspec.structs.replace(c, occurrence=None) for c in system.calls)
        system = msgspec.structs.replace(system, calls=calls)
        with pytest.raises(MissingDatum, match="police occurrence number"):
            invoice(PACK, system, system.invoices[0])

    def test_a_paid_one_says_so(self):
        paid = (noon(DAY), InvoicePaid(invoice="INV-17", on=DAY))
        system = state(*BILLED, paid)
        assert "PAID" in html(invoice(PACK, system, system.invoices[0]))


class TestForms:
    @pytest.mark.parametrize(
        ("kind", "title"),
        [(AppealKind.SUSPENSION, "Alarm Suspension Appeal Form"),
         (AppealKind.DISPOSITION, "Alarm Disposition Appeal Form")],
    )  # fmt: skip
    def test_sj_g4_every_field_letterhead_and_mark(self, kind, title):
        form = appeal_form(PACK, state(), kind, on=DAY, call="c2")
        assert form.title == title
        assert tuple(field.name for field in form.fields) == FORM_FIELDS
        page = html(form)
        assert all(field.label in page for field in form.fields)
        assert "Force policière de Saint John" in page
        assert "Security designation Confidential" in page
        assert "work order" in page

    def test_what_the_ledger_knows_is_filled_in(self):
        form = appeal_form(PACK, state(), AppealKind.DISPOSITION, on=DAY, call="c2")
        values = {field.name: field.value for field in form.fields}
        assert values["incident_date"] == "2025-03-30"
        assert values["company_name"] == "Harbour Shoes Ltd."
        assert values["owner_contact"] == "506 555 0142"
        assert values["supporting_information"] == "25-02472"
        assert values["completed_by"] == values["date"] == ""

    def test_a_form_to_be_filed_names_every_empty_field(self):
        with pytest.raises(MissingDatum) as told:
            appeal_form(PACK, state(), AppealKind.DISPOSITION, on=DAY, is_complete=True)
        assert {one.what for one in told.value.missing} == {
            "Date of incident", "Contact name", "Contact information", "Supporting information",
            "Completed by", "Date",
        }  # fmt: skip

    def test_a_complete_form(self):
        filled = {name: "x" for name in FORM_FIELDS if name != "attachments"}
        form = appeal_form(
            PACK, state(), AppealKind.SUSPENSION, on=DAY, filled=filled, is_complete=True
        )
        assert all(field.value == "x" for field in form.fields if field.name != "attachments")


class TestApproval:
    """SJ-C4e, SJ-C5a: draft, approve, issue; each by its role, in this order."""

    def test_the_way_of_a_notice(self):
        system = state(until=date(2025, 3, 31))
        made = draft(PACK, system, NoticeKind.CAUTION, notice="n1", calls=("c1", "c2"),
                     on=date(2025, 4, 1), roles=(ASSISTANT,))  # fmt: skip
        system = apply(system, made, noon(date(2025, 4, 1)), PACK).state
        made = approve(PACK, system, "n1", on=date(2025, 4, 7), by="Insp.", roles=(INSPECTOR,))
        system = apply(system, made, noon(date(2025, 4, 7)), PACK).state
        made = issue(PACK, system, "n1", on=date(2025, 4, 8), roles=(ASSISTANT,))
        step = apply(system, made, noon(date(2025, 4, 8)), PACK)
        assert not step.is_refused
        assert step.state.notices[0].issued_on == date(2025, 4, 8)
        assert step.state.is_cautioned

    def test_only_the_inspector_approves(self):
        system = state(until=date(2025, 4, 3))
        for role in (ASSISTANT, ACCOUNTANT, "operator"):
            with pytest.raises(ApprovalError, match="only Inspector") as told:
                approve(PACK, system, "n1", on=DAY, by="x", roles=(role,))
            assert told.value.rule == "SJ-C5a"

    def test_only_the_assistant_drafts_and_issues(self):
        system = state(until=date(2025, 4, 7))
        with pytest.raises(ApprovalError, match="Administrative Assistant"):
            issue(PACK, system, "n1", on=DAY, roles=(ACCOUNTANT,))
        with pytest.raises(ApprovalError, match="SJ-R4"):
            draft(PACK, system, NoticeKind.CAUTION, notice="n", calls=(), on=DAY,
                  roles=(ACCOUNTANT,))  # fmt: skip

    def test_nothing_is_issued_before_it_is_approved(self):
        with pytest.raises(ApprovalError, match="n1 is drafted, so it cannot be issued"):
            issue(PACK, state(until=date(2025, 4, 3)), "n1", on=DAY, roles=(ASSISTANT,))
        system = state(until=date(2025, 4, 7))
        with pytest.raises(ApprovalError, match="approved only on 2025-04-07"):
            issue(PACK, system, "n1", on=date(2025, 4, 6), roles=(ASSISTANT,))

    def test_nothing_is_approved_twice_or_from_nowhere(self):
        with pytest.raises(ApprovalError, match="n1 is issued"):
            approve(PACK, state(), "n1", on=DAY, by="x", roles=(INSPECTOR,))
        with pytest.raises(ApprovalError, match="has no notice n77"):
            approve(PACK, state(), "n77", on=DAY, by="x", roles=(INSPECTOR,))

    def test_a_rejection_says_why(self):
        system = state(until=date(2025, 4, 3))
        with pytest.raises(ApprovalError, match="say why"):
            reject(PACK, system, "n1", on=DAY, why=" ", roles=(INSPECTOR,))
        assert reject(PACK, system, "n1", on=DAY, why="c1", roles=(INSPECTOR,)).why == "c1"

    def test_a_draft_that_could_not_be_printed_is_refused(self):
        bare = msgspec.structs.replace(REGISTERED, business_address=None)
        system = state(until=date(2025, 3, 31), registered=bare)
        with pytest.raises(MissingDatum, match="address of the alarm business"):
            draft(PACK, system, NoticeKind.CAUTION, notice="n1", calls=("c1", "c2"), on=DAY,
                  roles=(ASSISTANT,))  # fmt: skip


class TestMonthlyReport:
    """SJ-C3: calls with the two dispositions."""

    def report(self, month=5):
        refused = false_alarm(
            "c8", date(2025, 8, 1), "25-08001", accepted=False,
            disposition=NO_RESPONSE_POST_SUSPENSION,
        )  # fmt: skip
        other = false_alarm("c7", date(2025, 5, 9), "25-04000", disposition="Handled")
        return report_page(PACK, [state(refused, other)], year=2025, month=month)

    def test_rows_and_totals(self):
        report = self.report()
        assert [row.occurrence for row in report.rows] == ["25-03473", "25-04474"]
        assert report.dispositions == (
            ("No Report - False Alarm", 2),
            ("No Response - Post Suspension Alarm", 0),
        )
        assert [(one.in_month, one.in_year) for one in report.systems] == [(2, 4)]

    def test_refused_requests_stand_in_it(self):
        report = self.report(8)
        assert [count for _, count in report.dispositions] == [0, 1]
        assert report.systems[0].in_year is None
        assert "does not count" in html(report)

    def test_csv_and_page_say_the_same(self):
        rows = list(csv.DictReader(io.StringIO(report_csv(monthly([state()], 2025, 5, PACK)))))
        assert [row["disposition"] for row in rows] == ["No Report - False Alarm"] * 2
        assert [row["number_in_year"] for row in rows] == ["3", "4"]
        page = html(self.report())
        assert "2025-05" in page
        assert all(row["occurrence"] in page for row in rows)

    def test_an_empty_month(self):
        report = self.report(2)
        assert report.rows == ()
        assert "No calls with these dispositions" in html(report)

    def test_the_month_is_that_of_the_city(self):
        at = datetime(2025, 2, 1, 3, tzinfo=UTC)  # 23:00 on 31 January
        late = false_alarm("c6", date(2025, 2, 2), "25-01999", at=at)
        report = report_page(PACK, [state(late)], year=2025, month=1)
        assert "25-01999" in [row.occurrence for row in report.rows]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(cell):
    assert safe(cell) == f"'{cell}"
    assert safe("12 King Street") == "12 King Street"


class TestSuspendedList:
    """SJ-C2a, SJ-C7, AMB-S24."""

    def suspended(self):
        return state((noon(date(2025, 7, 1)), DayCame()), until=date(2025, 7, 1))

    def test_the_csv_has_every_row(self):
        rows = suspended([self.suspended()], PACK)
        told = list(csv.DictReader(io.StringIO(suspended_csv(rows))))
        assert [(one["system"], one["state"]) for one in told] == [("main.1234", "SUSPENDED")]
        assert told[0]["since"] == "2025-06-24"
        assert told[0]["discontinued"] == "no"

    @pytest.mark.parametrize(
        ("day", "states"),
        [
            (date(2025, 6, 20), []),
            (date(2026, 6, 25), ["DEFERRED"]),
            (date(2026, 7, 19), ["REINSTATEMENT_PENDING"]),
            (date(2026, 7, 20), []),
        ],
    )
    def test_amb_s24_deferred_and_pending_reinstatement_stay(self, day, states):
        rows = suspended([state((noon(day), DayCame()), until=day)], PACK)
        told = list(csv.DictReader(io.StringIO(suspended_csv(rows))))
        assert [one["state"] for one in told] == states


@pytest.mark.parametrize(
    ("pack", "language"),
    [(pack, language) for pack in shipped().values() for language in pack.texts],
    ids=lambda one: getattr(one, "id", one),
)
def test_every_paper_of_every_shipped_pack_prints_in_every_language(pack, language):
    system = msgspec.structs.replace(state(*BILLED), system="main.1234")
    for kind in pack.texts[language].appeals:
        page = html(appeal_form(pack, system, kind, on=DAY, call="c2", language=language))
        assert f'<html lang="{language}">' in page
        assert pack.texts[language].letterhead[0] in page
    if pack.texts[language].invoice is not None:
        assert "INV-17" in html(invoice(pack, system, system.invoices[0], language=language))
    for one in system.notices:
        if one.kind in pack.texts[language].notices:
            assert html(letter(pack, system, one, on=DAY, language=language))
    assert html(report_page(pack, [system], year=2025, month=5, language=language))
