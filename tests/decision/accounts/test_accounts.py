"""Passwords, users file, sessions, throttle: what they promise."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from decision.accounts import passwords
from decision.accounts.passwords import Cost, WeakPasswordError
from decision.accounts.sessions import IDLE, LONGEST, Sessions, is_csrf_right
from decision.accounts.throttle import FREE, LONGEST_WAIT, Throttle
from decision.accounts.users import User, UserError, Users, UsersFileError

CHEAP = Cost(n=2, r=1, p=1)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class TestPasswords:
    def test_the_right_one_fits_and_no_other(self):
        stored = passwords.hashed("owls fly over harbours", random_bytes=os.urandom, cost=CHEAP)
        assert passwords.is_right("owls fly over harbours", stored)
        assert not passwords.is_right("owls fly over harbour", stored)
        assert not passwords.is_right("x" * 1000, stored)

    def test_two_of_the_same_are_stored_differently(self):
        one, two = (
            passwords.hashed("owls fly over harbours", random_bytes=os.urandom, cost=CHEAP)
            for _ in range(2)
        )
        assert one != two
        assert "owls" not in one

    def test_the_default_cost_is_not_for_hurrying(self):
        cost = Cost()
        assert cost.n * cost.r * 128 >= 32 * 1024 * 1024
        assert cost.p >= 3

    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("short", "at least 12"),
            ("aaaaaaaaaaaaaaaa", "repeats"),
            ("maraisthebest26", "name"),
            ("x1y2z3" * 60, "longer"),
        ],
    )
    def test_a_weak_one_is_refused_in_words(self, password, words):
        with pytest.raises(WeakPasswordError, match=words):
            passwords.check_strength(password, user="mara")

    def test_a_damaged_form_is_told(self):
        with pytest.raises(ValueError, match="md5"):
            passwords.is_right("x", "md5$1$1$1$aa$aa")


class TestUsersFile:
    def test_nobody_is_in_a_file_that_is_not_there(self, tmp_path):
        assert not Users.load(tmp_path / "users.json").all

    def test_what_is_saved_is_read_again_and_by_the_owner_only(self, tmp_path):
        path = tmp_path / "users.json"
        users = Users.load(path)
        users.put(User(id="mara", name="Mara Lind", roles=("operator",), password="scrypt$..."))
        users.save()
        assert path.stat().st_mode & 0o777 == 0o600
        assert Users.load(path).get("mara") == users.get("mara")

    def test_a_file_that_others_can_read_is_refused(self, tmp_path):
        path = tmp_path / "users.json"
        Users(path=path).save()
        path.chmod(0o644)
        with pytest.raises(UsersFileError, match="chmod 600"):
            Users.load(path)

    def test_a_mistake_is_told_with_its_place(self, tmp_path):
        path = tmp_path / "users.json"
        path.write_text('{"version": 1, "users": [{"id": "Mara", "name": "M", "roles": []}]}')
        path.chmod(0o600)
        with pytest.raises(UsersFileError, match=r"users\[0\]\.id|\$\.users"):
            Users.load(path)

    @pytest.mark.parametrize(
        ("user", "words"),
        [
            (User(id="Mara", name="Mara", roles=()), "expected 2 to 32"),
            (User(id="mara", name="Mara", roles=("emperor",)), "there are: operator"),
        ],
    )
    def test_a_senseless_user_is_refused(self, user, words):
        with pytest.raises(UserError, match=words):
            Users().put(user)

    def test_the_stored_password_shows_nowhere(self):
        assert "scrypt" not in repr(User(id="mara", name="M", roles=(), password="scrypt$1"))


class TestSessions:
    def test_a_session_is_found_by_its_token_only(self):
        sessions = Sessions(random_bytes=os.urandom)
        token, session = sessions.open("mara", now=NOW)
        assert sessions.find(token, now=NOW) is session
        assert sessions.find(token + "x", now=NOW) is None
        assert sessions.find(None, now=NOW) is None

    def test_it_ends_when_nobody_was_there_for_a_shift(self):
        sessions = Sessions(random_bytes=os.urandom)
        token, _ = sessions.open("mara", now=NOW)
        assert sessions.find(token, now=NOW + IDLE - SECOND)
        assert sessions.find(token, now=NOW + IDLE)  # seen a second ago
        assert sessions.find(token, now=NOW + LONGEST) is None

    def test_signing_out_and_a_new_password_end_it(self):
        sessions = Sessions(random_bytes=os.urandom)
        one, _ = sessions.open("mara", now=NOW)
        two, _ = sessions.open("mara", now=NOW)
        sessions.close(one)
        assert sessions.find(one, now=NOW) is None
        assert sessions.close_all_of("mara") == 1
        assert sessions.find(two, now=NOW) is None

    def test_the_token_is_not_kept(self):
        sessions = Sessions(random_bytes=os.urandom)
        token, _ = sessions.open("mara", now=NOW)
        assert token not in repr(vars(sessions))

    def test_csrf_is_the_sessions_own(self):
        sessions = Sessions(random_bytes=os.urandom)
        _, one = sessions.open("mara", now=NOW)
        _, two = sessions.open("paul", now=NOW)
        assert is_csrf_right(one, one.csrf)
        assert not is_csrf_right(one, two.csrf)
        assert not is_csrf_right(one, None)


class TestThrottle:
    def test_some_tries_are_free_then_each_waits_longer(self):
        throttle = Throttle()
        waits = []
        for _ in range(FREE + 8):
            throttle.failed("mara", now=NOW)
            waits.append(throttle.wait("mara", now=NOW).total_seconds())
        assert waits[: FREE - 1] == [0] * (FREE - 1)
        assert waits[FREE - 1 : FREE + 3] == [15, 30, 60, 120]
        assert waits[-1] == LONGEST_WAIT.total_seconds()

    def test_it_is_forgotten_by_success_and_by_time(self):
        throttle = Throttle(free=1)
        throttle.failed("mara", now=NOW)
        assert throttle.wait("mara", now=NOW + timedelta(minutes=30)) == timedelta(0)
        throttle.failed("mara", now=NOW)
        throttle.succeeded("mara")
        assert throttle.wait("mara", now=NOW) == timedelta(0)

    def test_one_name_does_not_hold_up_another(self):
        throttle = Throttle(free=1)
        throttle.failed("mara", now=NOW)
        assert throttle.wait("paul", now=NOW) == timedelta(0)
