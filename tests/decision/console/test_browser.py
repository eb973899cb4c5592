"""One incident of each kind from alarm to close in a real Chromium, by keyboard alone."""

from datetime import date

import pytest
from selenium.webdriver.common.keys import Keys

from decision.facts import NoteAdded
from decision.ledger import facts as lf
from decision.packs.words import NoticeKind
from decision.state import IncidentState
from decision.vocabulary import AlarmState, AlarmType, DispatchReason, RequestStatus
from tests.support.browser import Desk, chromium, require_chromium, serving
from tests.support.console import Core

pytestmark = pytest.mark.browser

NAMELESS = """
    return [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
        .filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label') ||
            (one.labels && one.labels.length && one.labels[0].textContent.trim())))
        .map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    require_chromium()
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def desk(driver, core):
    driver.delete_all_cookies()
    with serving(core) as address:
        desk = Desk(driver, address)
        yield desk
        complaints = desk.complaints()
        assert not desk.outside(), "something was fetched from outside"
        driver.get("about:blank")
        assert not complaints


def state(core: Core, incident: str) -> IncidentState:
    found = core.engine.incident(incident)
    assert found is not None
    return found


def suspend(core: Core, system: str) -> None:
    """A suspension that the police issued long ago and we were told of."""
    notice = lf.NoticeIssued(
        notice="S-1", on=date(2026, 6, 10), kind=NoticeKind.SUSPENSION, is_received=True
    )
    core.record(f"system/{system}", notice, kind="ledger", by="ines")


def close_by_responders(desk: Desk, disposition: str) -> None:
    """Tell that the responders closed the call, by Tab and Enter."""
    desk.settle()
    desk.go("u")
    desk.keys("they called back")
    desk.tab_to("responder-disposition")
    desk.keys(disposition)
    desk.tab_to("responder-closed")
    desk.keys(Keys.ENTER)
    desk.see("Recorded: responders closed the call")


def test_burglary_with_audio_tl3(core, desk):
    """PPVAR-6.2.2.1.1: dispatched without delay, then the contacts are told."""
    incident = core.raise_alarm("1001")
    desk.sign_in("mara")
    desk.open(1)
    desk.see("Cleaner until 02:30")
    desk.answer("Reviewed")
    desk.answer("Discernible")
    desk.answer("A human")
    desk.answer("Crime is clearly heard", words="glass breaking and a man shouting")
    assert state(core, incident).request.reason is DispatchReason.TL3
    assert not state(core, incident).attempts
    desk.see("glass breaking and a man shouting")
    desk.answer("Asked, and they took it", words="26-104417")
    assert state(core, incident).request.number == "26-104417"
    desk.answer("Told")
    desk.answer("Told")
    close_by_responders(desk, "Report taken")
    assert state(core, incident).request.status is RequestStatus.CLOSED
    desk.go_and_press("r", where="n", typed="Jeanne Roy, passcode given")
    desk.see("resolved the alarm")
    assert state(core, incident).state is AlarmState.RESOLVED


def test_tl2_in_a_secured_area_that_nobody_can_verify(core, desk):
    """PPVAR-6.2.2.2.2.2.1: presence, a secured area and a failed verification together."""
    incident = core.raise_alarm("1001")
    desk.sign_in("mara")
    desk.open(1)
    desk.answer("Reviewed")
    desk.answer("Discernible")
    desk.answer("A human")
    desk.answer("Human, nothing suspicious", words="footsteps and speech")
    desk.answer("Heard live, not raised")
    desk.answer("Video: cannot tell")
    for _ in range(4):  # two contacts, two attempts each (AMB-P8)
        desk.answer("Nobody reached")
    assert state(core, incident).request.reason is DispatchReason.TL2_SECURED_UNVERIFIED
    desk.see("footsteps and speech")
    desk.answer("Asked, and they took it", words="26-104418")
    desk.answer("Told")
    desk.answer("Told")
    close_by_responders(desk, "No Report - False Alarm")
    desk.go_and_press("r", where="n", typed="Jeanne Roy")
    desk.see("resolved the alarm")
    system = core.engine.system("main.1001")
    assert system.count == 1  # the closing disposition reached the ledger by itself


def test_the_call_list_of_standard_response(core, desk):
    """DISP-S1..S3, XS-4: no audio at the site; the second contact approves."""
    incident = core.raise_alarm("1003", media=())
    desk.sign_in("mara")
    desk.open(1)
    desk.see("+1 506 555 0142")
    desk.answer("Nobody reached")
    desk.see("+1 506 555 0187")
    desk.answer("Send police", words="")
    assert state(core, incident).request.reason is DispatchReason.CONTACT_APPROVED
    desk.see("Audio is not named")
    desk.answer("Asked, and they took it")
    desk.answer("Told")
    close_by_responders(desk, "Cancelled before arrival")
    desk.go_and_press("r", where="n", typed="Paul Doiron")
    desk.see("resolved the alarm")


def test_fire_is_put_to_the_operator_at_once(core, desk):
    """XS-9: no audio, no call list, no gate before the dispatch."""
    incident = core.raise_alarm(
        "1004", category="fire", alarm_type=AlarmType.FIRE, severity=1, zone="30", media=()
    )
    desk.sign_in("mara")
    desk.open(1)
    desk.see("LIFE SAFETY")
    assert state(core, incident).request.reason is DispatchReason.LIFE_SAFETY
    desk.answer("Asked, and they took it", words="F-77")
    desk.answer("Told")
    desk.answer("Told")
    close_by_responders(desk, "Report taken")
    desk.go_and_press("r", where="n", typed="Fire officer")
    desk.see("resolved the alarm")


def test_hold_up_calls_nobody_at_the_premises_first(core, desk):
    """XS-8, XS-9."""
    incident = core.raise_alarm(
        "1005", category="hold_up", alarm_type=AlarmType.HOLD_UP, severity=3, area="2",
        zone="40", media=(),
    )  # fmt: skip
    desk.sign_in("mara")
    desk.open(1)
    desk.see("HOLD-UP")
    assert state(core, incident).request.reason is DispatchReason.HOLD_UP
    assert not state(core, incident).attempts
    desk.answer("Asked, and they took it", words="26-104500")
    desk.answer("Told")
    desk.answer("Told")
    close_by_responders(desk, "Report taken")
    desk.go_and_press("r", where="n", typed="Branch manager")
    desk.see("resolved the alarm")


def test_a_suspended_site_shows_the_warning_before_the_override(core, desk):
    """XS-5, SJ-C1b: BLOCK, the $100 warning, a supervisor's reason; then as any other."""
    suspend(core, "main.1003")
    incident = core.raise_alarm("1003", media=())
    desk.sign_in("sven")
    desk.open(1)
    desk.answer("Send police")
    assert state(core, incident).request is None
    desk.see("BLOCK")
    desk.see("100.00")
    desk.see("Fundy Guard")
    desk.leave_field()
    desk.keys("o")
    desk.keys("neighbour sees men with a van")
    desk.tab_to("override-fee")
    desk.keys(Keys.SPACE)
    desk.tab_to("override-go")
    desk.keys(Keys.ENTER)
    desk.see("against the gate")
    assert state(core, incident).request.is_post_suspension
    desk.answer("Asked, and they took it", words="26-104600")
    desk.answer("Told")
    close_by_responders(desk, "No Report - False Alarm")
    desk.go_and_press("r", where="n", typed="Jeanne Roy")
    desk.see("resolved the alarm")
    assert core.engine.system("main.1003").post_suspension_count == 1


class TestTheDesk:
    def test_an_untrained_operator_is_stopped_with_the_reason(self, core, desk):
        """PPVAR-4.3.1, AMB-P7."""
        incident = core.raise_alarm("1001")
        desk.sign_in("noor")
        desk.open(1)
        desk.answer("Reviewed")
        desk.see("You may not answer this.")
        desk.see("training had to end by 2026-08-30")
        before = desk.question()
        desk.settle()
        desk.keys("1")
        assert desk.question() == before
        assert not state(core, incident).heard

    def test_a_new_alarm_comes_onto_the_queue_by_itself(self, core, desk):
        core.raise_alarm("1003", media=())
        desk.sign_in("mara")
        desk.see("Brunswick Paper")
        core.raise_alarm(
            "1004", category="fire", alarm_type=AlarmType.FIRE, severity=1, zone="30", media=()
        )
        desk.see("Harbour Inn")
        rows = desk.text(".queue tbody")
        assert rows.index("Harbour Inn") < rows.index("Brunswick Paper")

    def test_what_another_desk_does_is_seen_and_what_was_typed_stays(self, core, desk):
        incident = core.raise_alarm("1001")
        desk.sign_in("mara")
        desk.open(1)
        desk.settle()
        desk.keys("n")
        desk.keys("the owner is on the other line")
        core.record(f"incident/{incident}", NoteAdded(text="seen from the other desk"), by="sven")
        desk.see("seen from the other desk")
        script = "return document.getElementById('more-text').value"
        assert desk.driver.execute_script(script) == "the owner is on the other line"

    def test_a_key_held_down_or_pressed_twice_answers_one_question(self, core, desk):
        incident = core.raise_alarm("1001")
        desk.sign_in("mara")
        desk.open(1)
        desk.settle()
        desk.keys("1", "1", "1")
        desk.see("Recorded: Reviewed")
        desk.settle()
        assert state(core, incident).ppvar == "LISTEN_INITIAL"

    def test_the_light_theme_is_a_button_and_stays(self, desk):
        desk.sign_in("mara")
        desk.tab_to("theme")
        desk.keys(Keys.ENTER)
        theme = "return document.documentElement.dataset.theme ?? 'dark'"
        assert desk.driver.execute_script(theme) == "light"
        desk.driver.get(desk.address + "/help")
        assert desk.driver.execute_script(theme) == "light"
        desk.tab_to("theme")
        desk.keys(Keys.ENTER)
        assert desk.driver.execute_script(theme) == "dark"

    @pytest.mark.parametrize("path", ["/", "/incident", "/ledger/main.1001", "/training", "/help"])
    def test_everything_has_a_name_and_a_visible_focus(self, core, desk, path):
        incident = core.raise_alarm("1001")
        desk.sign_in("sven")
        desk.driver.get(desk.address + path.replace("/incident", f"/incidents/{incident}"))
        nameless = desk.driver.execute_script(NAMELESS)
        assert nameless == []
        desk.keys(Keys.TAB, Keys.TAB)
        outline = desk.driver.execute_script(
            "return getComputedStyle(document.activeElement).outlineStyle"
        )
        assert outline == "solid"
