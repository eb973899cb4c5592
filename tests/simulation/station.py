"""What the simulated station has: the gateway's configuration, accounts, panels, a receiver."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

from gateway.config import Config
from simulators.faults import Fault, Faults
from simulators.panels import PanelClock, PanelPath, PanelSettings
from simulators.scenarios import Happening, meanings
from simulators.scenarios.meaning import Meaning

SITE: Final = "simulated"
HOSTS: Final = ("10.0.0.1", "10.0.0.2")  # of the gateway's machine
PORTS: Final = {"main": 12_000, "north": 12_001}
ACCOUNTS: Final = tuple(f"{number}" for number in range(1000, 1012))
"""In both groups; those with an odd number have a key."""
KEY: Final = bytes.fromhex("9f3c1d7be2405a6688c1f02b7d94e3a5")  # of the simulation alone
NORTH_KEY: Final = bytes.fromhex("1b77d0a94ce25f3388e61a90c4b2fd07")
RECEIVER_ACCOUNT: Final = 7000  # and the 30 after it, of which every other is configured
URGENT: Final = ("hold_up", "panic", "duress", "medical", "fire")
USUAL: Final = (
    "entry_alarm", "perimeter_alarm", "interior_alarm", "burglary_alarm", "burglary_restored",
    "perimeter_restored", "tamper", "tamper_restored", "fire_trouble", "bypassed", "unbypassed",
)  # fmt: skip
UNKNOWN: Final = Meaning(
    cid="E998", sia="QX", pulse="Z", address="zone", words="a code that nobody knows"
)


def is_encrypted(account: str) -> bool:
    """Whether the account has a key, and must use it."""
    return int(account) % 2 == 1


def key_of(account: str, group: str) -> bytes | None:
    """The key of an account."""
    if not is_encrypted(account):
        return None
    return KEY if group == "main" else NORTH_KEY


@cache
def folder() -> Path:
    """A folder with the account files, one for the whole program."""
    made = tempfile.TemporaryDirectory(prefix="simulation-")
    _keep.append(made)
    path = Path(made.name)
    text = []
    for group, key in (("main", KEY), ("north", NORTH_KEY)):
        file = path / f"{group}.key"
        file.touch(mode=0o600)
        file.write_text(key.hex() + "\n")
        for account in ACCOUNTS:
            text.append(f'[[account]]\nid = "{account}"\ngroup = "{group}"\n')
            if is_encrypted(account):
                text.append(f'key_file = "{group}.key"\n')
            if int(account) % 4 == 0:
                text.append("supervision_s = 400\n")
    text += [
        f'[[account]]\nid = "{number}"\ngroup = "dialled"\n'
        for number in range(RECEIVER_ACCOUNT, RECEIVER_ACCOUNT + 30, 2)
    ]
    (path / "accounts.toml").write_text("".join(text))
    return path


_keep: list[Any] = []


def config(dice: Random, consumers: tuple[str, ...]) -> Config:
    """Draw a configuration: small limits make rare paths common."""
    path = folder()
    data: dict[str, Any] = {
        "site": SITE,
        "journal": {"directory": str(path / "journal")},
        "accounts": {"files": [str(path / "accounts.toml")]},
        "control": {"socket": str(path / "control.sock")},
        "ingest": {"duplicate_window_s": float(dice.choice((120, 600, 600)))},
        "mqtt": {
            "broker": "mqtt://localhost:1883",
            "confirm_by": list(consumers),
            "in_flight": dice.choice((2, 5, 20, 100)),
            "unconfirmed": dice.choice((3, 3, 5, 10, 1000)),
            "resend_s": float(dice.choice((5, 15, 30))),
            "suspend_max_s": float(dice.choice((20, 60, 300))),
        },
        "inputs": {
            **{
                f"ip-{group}": {
                    "protocol": "dc09",
                    "group": group,
                    "tcp": f"0.0.0.0:{port}",
                    "udp": f"0.0.0.0:{port}",
                }
                for group, port in PORTS.items()
            },
            "rx-1": {"protocol": "surgard", "group": "dialled", "serial": "/dev/simulated"},
        },
    }
    return Config.model_validate(data, context={"directory": path})


@dataclass(frozen=True, kw_only=True)
class PanelPlan:
    """A panel that was drawn."""

    settings: PanelSettings
    group: str
    host: str
    clock: PanelClock
    restarts: bool


def panels(dice: Random, *, faults: Faults) -> list[PanelPlan]:
    """Draw some panels, each with an account of its own."""
    seats = [(account, group) for account in ACCOUNTS for group in PORTS]
    chosen = dice.sample(seats, dice.randint(6, 10))
    return [_panel(dice, number, *seat, faults) for number, seat in enumerate(chosen)]


def _panel(dice: Random, number: int, account: str, group: str, faults: Faults) -> PanelPlan:
    keeps_open = dice.random() < 0.5
    ways: tuple[tuple[Literal["tcp", "udp"], ...], ...] = (
        ("tcp",), ("udp",), ("tcp", "udp"), ("udp", "tcp"), ("udp", "udp"),
    )  # fmt: skip
    paths = tuple(
        PanelPath(host=dice.choice(HOSTS), port=PORTS[group], transport=way, keeps_open=keeps_open)
        for way in dice.choice(ways)
    )
    offset_s = dice.choice((0.0, 0.0, 0.0, 12.0, -32.0, 32.0, -90.0, 3600.0))
    settings = PanelSettings(
        account=account,
        paths=paths,
        format=dice.choice(("cid", "cid", "sia")),
        key=key_of(account, group),
        is_stamped=dice.random() < 0.5,
        rounds=None,
        nak_limit=50,
        link_test_s=dice.choice((None, 90.0, 300.0, 300.0)),
        first_sequence=dice.choice((1, 1, 500, 9990)),
        faults=faults,
    )
    return PanelPlan(
        settings=settings,
        group=group,
        host=f"10.1.0.{number + 1}",
        clock=PanelClock(offset_s=offset_s),
        restarts=dice.random() < 0.5,
    )


def panel_faults(dice: Random) -> Faults:
    """Draw the faults of the day; some days have none."""
    if dice.random() < 0.2:
        return Faults()
    shares = {
        Fault.LOST_ACK: 0.15, Fault.DUPLICATE: 0.08, Fault.SPLIT: 0.05, Fault.COALESCED: 0.08,
        Fault.GARBAGE: 0.04, Fault.BAD_CRC: 0.04, Fault.WRONG_KEY: 0.03,
    }  # fmt: skip
    return Faults({fault: share for fault, share in shares.items() if dice.random() < 0.6})


def happening(dice: Random, number: int, *, urgent: float, unknown: float) -> Happening:
    """Draw something that happens; its address is the ``number`` of it, so no two are alike."""
    if dice.random() < unknown:
        name, meaning = "unknown", UNKNOWN
    else:
        name = dice.choice(URGENT if dice.random() < urgent else USUAL)
        meaning = meanings()[name]
    return Happening(name=name, meaning=meaning, area=1 + number // 900, address=1 + number % 900)
