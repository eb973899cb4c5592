"""Life safety and hold-up: dispatch at once; no audio, no call list, no gate (XS-8..XS-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from decision.rules import dispatching
from decision.rules.grouping import PROCEDURES
from decision.rules.work import Work
from decision.vocabulary import Basis, Branch, CloseReason, DispatchReason, Procedure, Task

REASONS: Final[Mapping[Procedure, DispatchReason]] = {
    Procedure.LIFE_SAFETY: DispatchReason.LIFE_SAFETY,
    Procedure.HOLD_UP: DispatchReason.HOLD_UP,
}
CHOICES: Final = (Branch.IS_REAL, Branch.IS_FALSE)


def dispatch(work: Work) -> None:
    """Put the dispatch to the operator at once (XS-9)."""
    procedure = PROCEDURES[work.state.category]
    work.set(procedure=procedure)
    dispatching.dispatch(work, REASONS[procedure], ("XS-9", "XS-8"), basis=Basis.PANEL)


def opened(work: Work) -> None:
    """Begin: at once, unless the site has a written setting for this category (XS-9)."""
    written = work.context.site.written_verification
    is_written = (
        written is not None
        and work.state.procedure is Procedure.LIFE_SAFETY
        and work.state.category in written.categories
    )
    if written is None or not is_written:
        dispatch(work)
        return
    text = (
        f"Verify on site by authorised persons within {written.seconds} s "
        f"({written.document}); then it is dispatched."
    )
    work.require(
        Task.WRITTEN_VERIFICATION, text, ("XS-9",), branches=CHOICES, seconds=written.seconds
    )


def test_exception(work: Work) -> None:
    """On test, and outside the declared scope of the test: a person decides (XS-10)."""
    text = f"{work.state.category} alarm while on test, outside what the test declared: is it real?"
    work.require(Task.TEST_SCOPE, text, ("XS-10",), branches=CHOICES)


def is_real(work: Work) -> None:
    """The operator says that it is no test, or that it was confirmed."""
    dispatch(work)


def is_false(work: Work) -> None:
    """The operator says that it is part of the test, or that there is no emergency."""
    rule = "XS-10" if work.state.procedure is Procedure.TEST_EXCEPTION else "XS-9"
    dispatching.close(work, CloseReason.AUTHORIZED, (rule,))
