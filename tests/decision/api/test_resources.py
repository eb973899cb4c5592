"""A program at the API: sign in, read, answer, refuse; the same rules as at the console."""

from contextlib import asynccontextmanager
from datetime import date

import httpx
import pytest

from decision.audit import CompetenceRefused
from decision.ledger import facts as lf
from decision.packs.words import NoticeKind
from tests.support.console import PASSWORD

ROOT = "/api/v1"


@asynccontextmanager
async def program(core, user):
    transport = httpx.ASGITransport(app=core.app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://core.test{ROOT}") as client:
        answer = await client.post("/session", json={"user": user, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["x-csrf-token"] = answer.json()["csrf"]
        yield client


async def answered(client, incident, label, **given):
    found = (await client.get(f"/incidents/{incident}")).json()["question"]
    token = next(a["token"] for a in found["answers"] if a["label"].startswith(label))
    body = {"question": found["key"], "answer": token, "given": given}
    return await client.post(f"/incidents/{incident}/answers", json=body)


async def test_an_incident_from_alarm_to_dispatch(core):
    incident = core.raise_alarm("1003", media=())
    async with program(core, "mara") as client:
        (row,) = (await client.get("/incidents")).json()
        assert (row["id"], row["asked"]) == (incident, "Call list")
        outcome = (await answered(client, incident, "Send police", said="go")).json()
        assert outcome["actions"][0]["action"] == "DISPATCH"
        assert outcome["actions"][0]["rules"] == ["DISP-S3"]
        outcome = (await answered(client, incident, "Asked, and", number="26-1")).json()
        assert outcome["state"]["request"]["number"] == "26-1"
        history = (await client.get(f"/incidents/{incident}/history")).json()
    kinds = [one["fact"]["fact"] for one in history]
    assert kinds[-2:] == ["RequestSent", "RequestAccepted"]
    assert {one["actor"]["id"] for one in history[-2:]} == {"mara"}
    assert "18 Water Street" in history[-2]["fact"]["message"]


async def test_an_answer_to_a_question_that_has_passed_records_nothing(core):
    incident = core.raise_alarm("1003", media=())
    async with program(core, "mara") as client:
        first = (await client.get(f"/incidents/{incident}")).json()["question"]["key"]
        await answered(client, incident, "Nobody reached")
        before = core.engine.head()
        body = {"question": first, "answer": "APPROVE"}
        late = await client.post(f"/incidents/{incident}/answers", json=body)
    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    assert core.engine.head() == before


async def test_what_belongs_to_another_answer_is_not_taken(core):
    """How a call ended goes with "nobody reached" only; an approval stays an approval."""
    incident = core.raise_alarm("1003", media=())
    async with program(core, "mara") as client:
        outcome = (await answered(client, incident, "Send police", ending="BUSY")).json()
    assert outcome["actions"][0]["reason"] == "CONTACT_APPROVED"


async def test_audio_is_for_the_trained(core):
    """PPVAR-4.3.1, AMB-P7: refused with the reason, and that stands in the log."""
    incident = core.raise_alarm("1001")
    async with program(core, "noor") as client:
        await answered(client, incident, "Reviewed")
        detail = (await client.get(f"/incidents/{incident}")).json()
        assert "training had to end by 2026-08-30" in detail["stopped"]
        refused = await answered(client, incident, "Discernible")
    assert refused.status_code == 403
    facts = {type(one.fact) for one in core.engine.history("operator/noor")}
    assert CompetenceRefused in facts
    assert not core.engine.incident(incident).heard


async def test_direct_supervision_by_a_trained_person_opens_the_gate_until_day_90(core):
    core.start_work("noor", date(2026, 10, 1))
    incident = core.raise_alarm("1001")
    async with program(core, "noor") as client:
        await answered(client, incident, "Reviewed")
        assert (await answered(client, incident, "Discernible")).status_code == 403
        async with core.client("sven") as sven:
            page = (await sven.get("/training")).text
            token = page.split('name="csrf" value="')[1].split('"')[0]
            form = {"csrf": token, "is_on": "yes"}
            assert (await sven.post("/training/noor/supervision", data=form)).status_code == 303
        assert (await answered(client, incident, "Discernible")).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'{"question": "x", "answer": "y", "colour": "red"}', 422),
        (b'{"question": 7, "answer": "y"}', 422),
        (b'{"question": "x", "answer": "y"}', 409),
    ],
)
async def test_a_body_that_does_not_fit_is_told(core, body, status):
    incident = core.raise_alarm("1003", media=())
    async with program(core, "mara") as client:
        kind = {"content-type": "application/json"}
        answer = await client.post(f"/incidents/{incident}/answers", content=body, headers=kind)
    assert answer.status_code == status
    assert answer.json()["title"]


async def test_words_to_responders_obey_the_wording_rules(core):
    """PPVAR-5.5: no human was heard, so nobody speaks of audio."""
    incident = core.raise_alarm("1003", media=())
    async with program(core, "mara") as client:
        await answered(client, incident, "Send police")
        refused = await answered(client, incident, "Asked", text="audio alarm, we heard glass")
        assert refused.status_code == 422
        assert "PPVAR-5.5" in refused.json()["title"]
        assert (await answered(client, incident, "Asked")).status_code == 200


class TestTheGate:
    @pytest.fixture
    def incident(self, core):
        notice = lf.NoticeIssued(
            notice="S-1", on=date(2026, 6, 10), kind=NoticeKind.SUSPENSION, is_received=True
        )
        core.record("system/main.1003", notice, kind="ledger", by="ines")
        return core.raise_alarm("1003", media=())

    async def test_an_operator_cannot_override(self, core, incident):
        async with program(core, "mara") as client:
            await answered(client, incident, "Send police")
            body = {"reason": "I want to", "is_fee_accepted": True}
            refused = await client.post(f"/incidents/{incident}/override", json=body)
        assert refused.status_code == 403
        assert "supervisor" in refused.json()["title"]

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"reason": " ", "is_fee_accepted": True}, "Say why"),
            ({"reason": "van at the dock"}, "100.00"),
        ],
    )
    async def test_a_supervisor_needs_a_reason_and_the_warning(self, core, incident, body, words):
        async with program(core, "sven") as client:
            await answered(client, incident, "Send police")
            refused = await client.post(f"/incidents/{incident}/override", json=body)
        assert refused.status_code == 422
        assert words in refused.json()["title"]
        assert core.engine.incident(incident).request is None


class TestTheLedger:
    async def test_a_notice_goes_from_draft_over_approval_to_issue(self, core):
        """SJ-C4e, SJ-C5a: three people, in this order and no other."""
        known = lf.SystemRegistered(
            address="18 Water Street", premise_type="COMPANY", company_name="Brunswick Paper",
            business_name="Fundy Monitoring", business_address="1 King Street",
            user_name="Jeanne Roy", user_address="18 Water Street", user_contact="506 555 0142",
        )  # fmt: skip
        core.record("system/main.1003", known, kind="ledger", by="desk")
        for number in (1, 2):
            core.clock.turn(86_400)
            call = lf.PoliceCall(
                call=f"C-{number}", at=core.clock.at, alarm_type="BURGLAR", accepted=True,
                disposition="No Report - False Alarm", occurrence=f"26-{number}",
            )  # fmt: skip
            core.record("system/main.1003", call, kind="ledger", by="desk")
        acts = "/systems/main.1003/acts"
        async with program(core, "aline") as aline, program(core, "ines") as ines:
            early = await aline.post(f"{acts}/issue", json={"fields": {}})
            assert early.status_code == 409
            drafted = await aline.post(f"{acts}/draft", json={"fields": {"kind": "CAUTION"}})
            assert drafted.status_code == 200, drafted.text
            (notice,) = drafted.json()["state"]["notices"]
            fields = {"fields": {"notice": notice["notice"]}}
            assert (await aline.post(f"{acts}/approve", json=fields)).status_code == 403
            assert (await ines.post(f"{acts}/approve", json=fields)).status_code == 200
            assert (await ines.post(f"{acts}/issue", json=fields)).status_code == 403
            issued = await aline.post(f"{acts}/issue", json=fields)
            assert issued.json()["state"]["notices"][0]["status"] == "ISSUED"
            assert issued.json()["state"]["is_cautioned"] is True
        async with core.client("aline") as pages:
            paper = await pages.get(f"/ledger/main.1003/papers/notice/{notice['notice']}")
            assert "Re: Caution Notice" in paper.text
            assert "style-src 'sha256-" in paper.headers["content-security-policy"]
            ledger = (await pages.get("/ledger/main.1003")).text
            assert "CAUTIONED" in ledger

    async def test_only_the_alarm_business_files_appeals(self, core):
        async with program(core, "ines") as client:
            refused = await client.post("/systems/main.1003/acts/appeal", json={"fields": {}})
        assert refused.status_code == 403
        assert "alarm_business" in refused.json()["title"]
