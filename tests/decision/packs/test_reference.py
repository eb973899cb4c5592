"""The page on packs names every key, as the model has it."""

from __future__ import annotations

from tests.support.pack_reference import PAGE, page


def test_the_page_is_up_to_date():
    """``python -m tests.support.pack_reference`` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
