"""SIA-DCS and ADM-CID, where a link of its own carries them: read, chosen and written."""

from __future__ import annotations

import pytest

from protocols._core import Unreadable
from protocols.receiver_link import PulseEvent
from protocols.receiver_link.token_data import token_data, token_parts
from protocols.sia_dc03 import SiaText
from tests.support.dialect import cid, sia


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ([cid("1234")], ("ADM-CID", b"1131 01 015")),
        ([sia("1234")], ("SIA-DCS", b"Nri1/BA015")),
        ([sia("1234"), SiaText(raw=b"", text="HALL")], ("SIA-DCS", b"Nri1/BA015|AHALL")),
    ],
    ids=["contact id", "sia", "sia with a text"],
)
def test_the_parts_choose_the_token_and_are_read_back(parts, written):
    token, said = token_data(parts, "1234")
    assert (token, said) == written
    read = token_parts(token, b"#1234|" + said)
    assert [type(part) for part in read] == [type(part) for part in parts]
    assert token_data(read, "1234") == written


@pytest.mark.parametrize(
    "parts", [[cid("1234"), sia("1234")], [PulseEvent(raw=b"", format="x", event_code="3")]]
)
def test_what_is_neither_is_not_written(parts):
    with pytest.raises(ValueError, match="seen; expected Contact ID or SIA data"):
        token_data(parts, "1234")


def test_data_under_another_token_is_kept_as_it_came():
    (part,) = token_parts("SIA-PUL", b"#1234|15")
    assert isinstance(part, Unreadable)
    assert part.raw == b"#1234|15"
    assert "'SIA-PUL' is not read" in part.reason
