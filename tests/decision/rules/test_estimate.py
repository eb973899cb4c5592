"""The estimate is made again on each fact, recorded with its evidence, and told (PPVAR-5.8)."""

from decision.actions import ForwardUpdate
from decision.facts import RequestSent
from decision.vocabulary import SiteCheckOutcome
from tests.support.incidents import Story, context, silent_site


def told(story):
    return [a.text for a in story.steps[-1].actions if isinstance(a, ForwardUpdate)]


def reasons(story):
    return [r.text for r in story.steps[-1].reasons if r.rule == "PPVAR-5.8"]


def approved():
    story = Story(context(silent_site()))
    story.call("A", "APPROVE")
    return story


def test_a_change_after_the_request_is_forwarded_with_its_evidence():
    story = approved()
    story.tell(RequestSent(request="r-1"))
    story.video(SiteCheckOutcome.NOT_AUTHORIZED)
    assert told(story)[-1].startswith("our estimate is now 2 of 4: human presence")
    (why,) = reasons(story)
    assert "station-validation/1" in why
    assert "video shows a person nobody could name" in why


def test_before_the_request_went_out_the_message_itself_says_it():
    story = approved()
    story.video(SiteCheckOutcome.NOT_AUTHORIZED)
    assert not [text for text in told(story) if "our estimate" in text]
    assert reasons(story)


def test_the_same_level_is_told_once():
    story = approved()
    story.tell(RequestSent(request="r-1"))
    for _ in range(2):
        story.video(SiteCheckOutcome.NOT_AUTHORIZED)
    assert not [text for text in told(story) if "our estimate" in text]
