"""Every row of the corpora, key by key: real, manual-documented and computed cases.

``pytest tests/corpus`` runs the project's copies, ``--corpus FILE`` any other file of the
same form. A key that no form knows is a failure; a row whose protocol is not built yet is
skipped as pending and listed at the end of the run.
"""

from __future__ import annotations

import pytest

from tests.corpus import codes_form, dc09_form, receivers_form
from tests.corpus.judge import Pending, Row


def judge_row(row: Row) -> list[str]:
    if "encoding" in row and "code" in row:
        return codes_form.judge(row)
    if "family" in row:
        return receivers_form.judge(row)
    if "expect" in row and ("frame" in row or "frame_hex" in row):
        return dc09_form.judge(row)
    return [f"no form has the keys {sorted(row)}"]


def test_row(corpus_row: Row) -> None:
    try:
        complaints = judge_row(corpus_row)
    except Pending as reason:
        pytest.skip(f"pending: {reason}")
    assert not complaints, "\n".join(complaints)
