"""From the operator's button to the customer's request, through the whole application."""

import html
import re
from datetime import timedelta

import pytest

from decision.contacts.link_key import LinkKey
from decision.contacts.link_maker import LinkMaker
from decision.contacts.page import CustomerPages
from decision.daemon.core_app import core_app
from decision.facts import ManualDispatchRequested, NoteAdded
from tests.support.console import Core, csrf_of

KEY = LinkKey(bytes(range(32)))


@pytest.fixture
def core(tmp_path):
    one = Core(tmp_path)
    yield one
    one.stop()


@pytest.fixture
def linked(core):
    core.app = core_app(
        core.station, core.door, core.stream,
        mounts=[CustomerPages(core.station, KEY, core.clock.now).mount()],
        links=LinkMaker(KEY, "http://core.test", timedelta(hours=6)),
    )  # fmt: skip
    return core


async def made(core, incident):
    async with core.client("mara") as operator:
        page = (await operator.get(f"/incidents/{incident}")).text
        contact = html.unescape(re.search(r'name="contact" value="([^"]+)"', page)[1])
        answer = await operator.post(
            f"/incidents/{incident}/link", data={"csrf": csrf_of(page), "contact": contact}
        )
        assert answer.status_code == 200, answer.text
    return contact, html.unescape(re.search(r'id="link" value="([^"]+)"', answer.text)[1])


async def test_disp_m2_the_customers_request_over_the_link(linked):
    incident = linked.raise_alarm("1001")
    contact, url = await made(linked, incident)
    async with linked.client() as customer:
        page = await customer.get(url)
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "style-src 'self'" in page.headers["content-security-policy"]
        assert (await customer.get("/i/style.css")).status_code == 200
        answer = await customer.post(url, data={"act": "request_dispatch"})
        assert answer.status_code == 303
    facts = linked.engine.history(f"incident/{incident}")
    asked = next(one for one in facts if isinstance(one.fact, ManualDispatchRequested))
    assert (asked.actor.kind, asked.actor.id) == ("contact", contact)
    assert linked.engine.incident(incident).request.reason == "MANUAL_REQUEST"
    note = next(one for one in facts if isinstance(one.fact, NoteAdded))
    assert "incident link made for" in note.fact.text
    assert url not in note.fact.text  # the record is no way in


async def test_a_link_is_made_by_operators_for_contacts_of_the_site_only(linked):
    incident = linked.raise_alarm("1001")
    async with linked.client("mara") as operator:
        page = (await operator.get(f"/incidents/{incident}")).text
        asked = {"csrf": csrf_of(page), "contact": "nobody"}
        answer = await operator.post(f"/incidents/{incident}/link", data=asked)
        assert answer.status_code == 422
        answer = await operator.post("/incidents/unknown/link", data=asked)
        assert answer.status_code == 404
    async with linked.client() as stranger:
        answer = await stranger.post(f"/incidents/{incident}/link", data={"contact": "x"})
        assert answer.status_code in {303, 401, 403}


async def test_without_a_public_address_there_is_no_button(core):
    incident = core.raise_alarm("1001")
    async with core.client("mara") as operator:
        assert "/link" not in (await operator.get(f"/incidents/{incident}")).text
        answer = await operator.post(f"/incidents/{incident}/link", data={"contact": "x"})
        assert answer.status_code == 404
