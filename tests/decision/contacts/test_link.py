"""The incident link: signed, bound, expiring; the key file made once, readable by nobody else."""

import os
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision.contacts.link import MAX_TOKEN, VALID_FOR, Grant, LinkError, LinkExpired, read, sign
from decision.contacts.link_key import KEY_BYTES, LinkKey, LinkKeyError, load_link_key
from tests.support.responding import T0

KEY = LinkKey(bytes(range(KEY_BYTES)))


def token(**changes):
    return sign(KEY, **{"incident": "0199-7", "contact": "ana", "now": T0} | changes)


def test_a_link_speaks_for_one_contact_in_one_incident():
    assert read(KEY, token(), T0) == Grant(incident="0199-7", contact="ana", expires=T0 + VALID_FOR)
    assert read(KEY, token(contact="ben"), T0).contact == "ben"
    assert read(KEY, token(incident="other"), T0).incident == "other"


def test_it_expires_at_its_moment():
    made = token(valid_for=timedelta(hours=1))
    end = T0 + timedelta(hours=1)
    assert read(KEY, made, end - timedelta(seconds=1))
    with pytest.raises(LinkExpired, match="has expired"):
        read(KEY, made, end)


def test_another_key_is_another_secret():
    with pytest.raises(LinkError, match="not valid"):
        read(LinkKey(bytes(KEY_BYTES)), token(), T0)


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_any_changed_character_breaks_it(place, character):
    made = token()
    place %= len(made)
    forged = made[:place] + character + made[place + 1 :]
    if forged != made:
        with pytest.raises(LinkError):
            read(KEY, forged, T0)


@given(st.text(max_size=200))
def test_any_text_is_refused_without_a_reason(text):
    with pytest.raises(
        LinkError, match=r"^this link is not valid; call the number you were given$"
    ):
        read(KEY, text, T0)


@pytest.mark.parametrize("text", ["", ".", "a.b.c", "x" * (MAX_TOKEN + 1), "é.é", "AA==.AA=="])
def test_odd_tokens_are_refused(text):
    with pytest.raises(LinkError):
        read(KEY, text, T0)


def test_parts_of_two_links_do_not_go_together():
    body, _ = token().split(".")
    _, signature = token(contact="ben").split(".")
    with pytest.raises(LinkError):
        read(KEY, f"{body}.{signature}", T0)


def test_a_signed_payload_of_another_form_is_refused():
    from decision.contacts import link

    payload = b"\x93\x01\x02\x03"
    made = f"{link._text(payload)}.{link._text(link._mac(KEY, payload))}"
    with pytest.raises(LinkError):
        read(KEY, made, T0)


class TestKeyFile:
    def test_made_at_first_start_and_kept(self, tmp_path):
        path = tmp_path / "link.key"
        key = load_link_key(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(key.secret) == KEY_BYTES
        assert load_link_key(path) == key
        assert list(tmp_path.iterdir()) == [path]  # no draft left behind

    def test_two_stations_have_two_keys(self, tmp_path):
        assert load_link_key(tmp_path / "a") != load_link_key(tmp_path / "b")

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
    def test_a_file_that_others_may_read_is_refused(self, tmp_path, mode):
        path = tmp_path / "link.key"
        load_link_key(path)
        path.chmod(mode)
        with pytest.raises(LinkKeyError, match=r"chmod 600 link\.key"):
            load_link_key(path)

    def test_a_short_key_is_refused(self, tmp_path):
        path = tmp_path / "link.key"
        path.touch(0o600)
        with pytest.raises(LinkKeyError, match="0 bytes, at least 32"):
            load_link_key(path)
        with pytest.raises(LinkKeyError):
            LinkKey(b"password")

    def test_a_symbolic_link_and_a_directory_are_refused(self, tmp_path):
        load_link_key(tmp_path / "real")
        (tmp_path / "link.key").symlink_to(tmp_path / "real")
        with pytest.raises(LinkKeyError, match="plain file"):
            load_link_key(tmp_path / "link.key")
        with pytest.raises(LinkKeyError, match="plain file"):
            load_link_key(tmp_path)

    def test_two_first_starts_end_with_one_key(self, tmp_path, monkeypatch):
        path = tmp_path / "link.key"
        real = os.link

        def beaten(source, target):
            monkeypatch.setattr(os, "link", real)
            load_link_key(path)  # the other process was quicker
            real(source, target)

        monkeypatch.setattr(os, "link", beaten)
        key = load_link_key(path)
        assert load_link_key(path) == key
        assert list(tmp_path.iterdir()) == [path]

    def test_the_secret_is_never_shown(self):
        from rich.pretty import pretty_repr

        assert repr(KEY) == "LinkKey(...)"
        assert "secret" not in pretty_repr(KEY)
