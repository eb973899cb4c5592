"""The packs that come with the product: their examples hold, and their content is complete."""

from __future__ import annotations

from datetime import date

import pytest

from decision.ledger.examples import check
from decision.packs import NoticeKind, Permission, Topic, shipped, unknown
from decision.packs.load import SHIPPED
from decision.packs.texts import FORM_FIELDS
from tests.support.ledger import PACKS, SAINT_JOHN

MESA = PACKS["example-mesa-verde-springs"]


@pytest.mark.parametrize("name", sorted(PACKS))
def test_every_worked_example_comes_out_as_the_pack_says(name):
    assert PACKS[name].example
    assert [str(one) for one in check(PACKS[name])] == []


class TestSaintJohn:
    def test_metadata(self):
        """SJ-A1."""
        metadata = SAINT_JOHN.metadata
        assert metadata.effective == date(2022, 11, 1)
        assert metadata.created == date(2021, 10, 12)
        assert metadata.verified == date(2026, 6, 7)
        assert not metadata.is_official
        assert SAINT_JOHN.time_zone == "America/Moncton"

    def test_the_pack_says_that_its_own_review_fell_due(self):
        """SJ-A1: if approval was on the effective date, on 2025-11-01."""
        assert SAINT_JOHN.metadata.review_due() == date(2025, 11, 1)
        assert SAINT_JOHN.review_hint(date(2025, 10, 31)) == ""
        hint = SAINT_JOHN.review_hint(date(2025, 11, 1))
        assert "2025-11-01 if it was approved on its effective date" in hint

    def test_literal_dispositions(self):
        """Section 0: the strings that the ledger matches exactly."""
        assert SAINT_JOHN.dispositions.false_alarm == "No Report - False Alarm"
        assert SAINT_JOHN.dispositions.refused == "No Response - Post Suspension Alarm"

    def test_numbers(self):
        """SJ-D1, SJ-E1, SJ-E3, SJ-F1, SJ-G2, SJ-G3, SJ-$1, SJ-E1c."""
        pack = SAINT_JOHN
        assert pack.threshold(NoticeKind.CAUTION) == 2
        assert pack.threshold(NoticeKind.SUSPENSION) == 4
        assert pack.suspension.starts_after_days == 14
        assert pack.suspension.term_years == 1
        assert pack.reinstatement.resumes_after_days == 14
        assert pack.appeals.disposition.window_days == 90
        assert pack.appeals.suspension.window_days == 90
        assert pack.appeals.suspension.served_days == 30
        assert (pack.fees.post_suspension, pack.fees.currency) == ("100.00", "CAD")
        assert pack.fees.schedule == ()
        assert pack.invoices.discontinue_at == 3
        assert pack.invoices.net_days == 30

    @pytest.mark.parametrize(
        ("premise", "alarm_type", "category", "verdict"),
        [
            ("COMPANY", "BURGLAR", "burglary", "APPLIES"),
            ("COMPANY", "HOLD_UP", None, "EXEMPT"),
            ("COMPANY", "BURGLAR", "panic", "EXEMPT"),
            ("RESIDENTIAL", "BURGLAR", None, "EXEMPT"),
            ("SCHOOL", "BURGLAR", None, "EXEMPT"),
            ("HOSPITAL", "BURGLAR", None, "EXEMPT"),
            ("COMPANY", "FIRE", None, "EXEMPT"),
            ("COMPANY", "MEDICAL", None, "EXEMPT"),
            ("COMPANY", "OTHER", None, "EXEMPT"),
            (None, "HOLD_UP", None, "EXEMPT"),
            (None, "BURGLAR", None, "UNKNOWN"),
            ("COMPANY", None, None, "UNKNOWN"),
        ],
    )
    def test_applicability(self, premise, alarm_type, category, verdict):
        """SJ-A2, SJ-B3, SJ-B4, SJ-B6, SJ-B8."""
        scope = SAINT_JOHN.scope(alarm_type=alarm_type, premise_type=premise, category=category)
        assert scope.verdict == verdict
        assert scope.rules
        assert scope.reason

    @pytest.mark.parametrize(
        ("rule", "name", "permissions"),
        [
            ("SJ-R1", "pscc_call_taker", {"police.call_take", "post_suspension.refuse"}),
            ("SJ-R2", "pscc_dispatcher", {"police.dispatch"}),
            ("SJ-R3", "pscc_specialist", {"report.run"}),
            (
                "SJ-R4",
                "administrative_assistant",
                {"report.review", "notice.draft", "notice.issue", "invoice.request"},
            ),
            (
                "SJ-R5",
                "inspector",
                {"notice.approve", "appeal.decide", "review.decide", "list.tell"},
            ),
            ("SJ-R6", "accountant", {"invoice.keep", "past_due.tell"}),
            ("SJ-R7", "pscc_manager", {"suspended_list.keep"}),
            ("SJ-R8", "alarm_business", {"users.inform", "appeal.file", "alternate.arrange"}),
            ("SJ-R9", "alarm_user", {"premises.attend", "issues.raise"}),
            ("SJ-R10", "chief", {"false.declare"}),
        ],
    )
    def test_permission_matrix(self, rule, name, permissions):
        """3.3."""
        role = SAINT_JOHN.roles.who[name]
        assert role.id == rule
        assert permissions <= set(role.may)
        assert role.duties

    def test_who_drafts_does_not_approve(self):
        """SJ-C4e."""
        drafts = set(SAINT_JOHN.roles_with(Permission.NOTICE_DRAFT))
        assert drafts.isdisjoint(SAINT_JOHN.roles_with(Permission.NOTICE_APPROVE))

    def test_support_services_decides_cases(self):
        """AMB-S21."""
        assert SAINT_JOHN.roles.decides_cases == "inspector"
        assert "Support Services" in SAINT_JOHN.roles.who["inspector"].name

    @pytest.mark.parametrize(
        ("kind", "subject"),
        [
            (NoticeKind.CAUTION, "Re: Caution Notice"),
            (NoticeKind.SUSPENSION, "Re: Suspension Notice"),
            (NoticeKind.REINSTATEMENT, "Re: Reinstatement Advisory Notice"),
        ],
    )
    def test_subject_lines_are_literal(self, kind, subject):
        """3.7."""
        assert SAINT_JOHN.text().notices[kind].subject == subject

    def test_letterhead_and_mark(self):
        """3.7, SJ-G4."""
        texts = SAINT_JOHN.text()
        assert texts.letterhead == ("Saint John Police Force", "Force policière de Saint John")
        assert texts.mark == "Security designation Confidential"

    def test_appeal_forms(self):
        """SJ-G4."""
        forms = SAINT_JOHN.text().appeals
        assert {form.title for form in forms.values()} == {
            "Alarm Suspension Appeal Form",
            "Alarm Disposition Appeal Form",
        }
        for form in forms.values():
            assert tuple(form.fields) == FORM_FIELDS

    def test_every_reason_that_can_arise_cites_a_rule(self):
        without = {topic for topic in Topic if not SAINT_JOHN.cite(topic)}
        assert without == {Topic.FINE}

    def test_another_language_falls_back_to_the_default_one(self):
        assert SAINT_JOHN.text("fr").language == "English"


class TestTheContrastingPack:
    """Packs are data: nothing of Saint John holds here."""

    def test_it_says_that_it_is_an_example(self):
        assert MESA.metadata.is_example
        assert "EXAMPLE" in MESA.text().letterhead[1]
        assert "is an example" in MESA.hints(date(2026, 11, 20))[0]
        assert SAINT_JOHN.hints(date(2022, 12, 1)) == ()

    def test_permit_key_holder_and_verified_response(self):
        """DISP-J2, DISP-J3, AMB-D9."""
        asked = MESA.requirements
        assert asked.permit.is_required
        assert asked.key_holder.is_required
        assert asked.key_holder.satisfied_by == ("PRESENT", "EN_ROUTE")
        assert asked.verified_response.is_required
        assert asked.verified_response.unmet == "BLOCK"

    def test_no_suspension_and_graduated_fines(self):
        assert MESA.suspension is None
        assert [fine.amount for fine in MESA.fees.schedule] == ["50.00", "100.00", "250.00"]

    def test_other_time_zone_and_year(self):
        assert MESA.time_zone != SAINT_JOHN.time_zone
        assert MESA.calendar.year_starts == (7, 1)

    def test_a_second_language_is_data(self):
        assert MESA.text("es").notices[NoticeKind.CAUTION].subject.startswith("Advertencia")


class TestUnknownJurisdiction:
    """DISP-J1, AMB-D9: the caller's gate warns; silence is no answer."""

    def test_no_pack(self):
        assert unknown("ca-nb-saint-john", PACKS) == ""
        said = unknown("ca-nb-saint-jon", PACKS)
        assert "did you mean 'ca-nb-saint-john'?" in said

    @pytest.mark.parametrize("name", [None, ""])
    def test_none_named(self, name):
        assert "no jurisdiction is named" in unknown(name, PACKS)


def test_shipped_packs_come_out_of_the_package():
    assert SHIPPED == "shipped"
    assert set(shipped()) == {"ca-nb-saint-john", "example-mesa-verde-springs"}
