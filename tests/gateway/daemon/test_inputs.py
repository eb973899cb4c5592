"""How long a connection may be silent, by the accounts that spoke on it (SEC-12)."""

from __future__ import annotations

import pytest

from gateway.accounts import AccountRecord, Accounts
from gateway.daemon.inputs import idle_limit_s

LONGEST_S = 90_000.0  # 25 h
ACCOUNTS = Accounts.of(
    [
        AccountRecord(id="often", supervision_s=90),
        AccountRecord(id="hourly", supervision_s=3_600),
        AccountRecord(id="daily", supervision_s=86_400),
        AccountRecord(id="never"),
        AccountRecord(id="often", group="north", supervision_s=600),
    ]
)


@pytest.mark.parametrize(
    ("heard", "limit_s"),
    [
        ((), LONGEST_S),
        (("never",), LONGEST_S),
        (("stranger",), LONGEST_S),
        (("often",), 180),
        (("OFTEN", "stranger"), 180),
        (("often", "hourly"), 7_200),
        (("daily", "often"), 172_800),  # two days: longer than 25 h, since it calls once a day
    ],
)
def test_twice_the_longest_interval_of_those_that_spoke(heard, limit_s):
    assert idle_limit_s(lambda: ACCOUNTS, "main", LONGEST_S)(heard) == limit_s


def test_the_group_of_the_input_is_asked():
    assert idle_limit_s(lambda: ACCOUNTS, "north", LONGEST_S)(("often",)) == 1_200


def test_a_reload_takes_effect_on_connections_that_stand():
    current = [ACCOUNTS]
    limit = idle_limit_s(lambda: current[0], "main", LONGEST_S)
    assert limit(("often",)) == 180
    current[0] = Accounts.of([AccountRecord(id="often", supervision_s=60)])
    assert limit(("often",)) == 120
