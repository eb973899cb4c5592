"""Which reports are like one before? What stays the same for them was settled by the first.

A panel that says again what it said before, in clear and with nothing unusual about the frame,
differs from its last report in the sequence number, the times and the peer alone. Everything else
(the account, whether it may speak, how far it is trusted, what it means, the event's form) is
looked up here in one step. Whatever is not usual goes the general way; a test holds both ways
together, byte by byte.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from gateway.accounts import Account, Accounts
from gateway.ingest.events import Taken
from gateway.journal import Form
from gateway.normalise import Meaning, Neighbours, Recent
from hardware.sink import Origin
from protocols._core import Repeat, Report

FAMILIAR_MAX: Final = 8_192  # in each of two generations; about 0.5 KiB each, the form is shared
_ACCOUNT: Final = Repeat.ACCOUNT  # an Enum's member costs as much as the rest of its line

_Key: TypeAlias = tuple[str, str, str | None, str | None, str | None, str, bytes]


class Said(msgspec.Struct):
    """What reports say that are alike: its meanings, and the forms of its events once made."""

    meanings: list[Meaning]
    forms: list[Form] | None = None
    is_kept: bool = False
    """Whether it is what the next such report says too."""


class Familiar(msgspec.Struct, frozen=True, gc=False):
    """What all reports have in common that a panel sends in the same words over one input."""

    account: Account
    name: bytes
    """What the digest of its reports begins with."""
    meaning: Meaning
    form: Form
    is_utc: bool
    """Whether its panel's clock can only mean UTC (``admission.skew_ms``)."""


class Familiars:
    """A bounded memory of reports; forgets all when accounts or trust in the clock change."""

    def __init__(self) -> None:
        self._accounts: Accounts | None = None
        self._is_clock_untrusted = False
        self._known: Recent[_Key, Familiar] = Recent(FAMILIAR_MAX)

    def of(
        self,
        accounts: Accounts,
        is_clock_untrusted: bool,  # noqa: FBT001  by place is faster
    ) -> Recent[_Key, Familiar]:
        """Give what was settled with these accounts and this clock, to be asked with ``key_of``."""
        if accounts is not self._accounts or is_clock_untrusted is not self._is_clock_untrusted:
            self._accounts, self._is_clock_untrusted = accounts, is_clock_untrusted
            self._known = Recent(FAMILIAR_MAX)
        return self._known

    def learn(self, taken: Taken, name: bytes, meaning: Meaning, form: Form) -> None:
        """Remember a report that was taken the general way, if the next like it needs no more."""
        account, admitted = taken.account, taken.admitted
        if (
            is_usual(taken.report)
            and not taken.link
            and account.contract.known  # a stranger may be refused, or learnt, any time
            and not account.rest.certificates  # so is what it shows
            and not account.rest.sources  # where it comes from is looked at each time
            and account.rest.timestamp_check != "always"
            and not admitted.flags
            and Neighbours.stands_alone(meaning)
        ):
            known = Familiar(account, name, meaning, form, account.rest.time_zone == "UTC")
            self._known.put(key_of(taken.report, taken.origin), known)


def is_usual(report: Report) -> bool:
    """Whether nothing but the account and the words of such a report decide what becomes of it."""
    return report.repeat is _ACCOUNT and bool(report.data)


def key_of(report: Report, origin: Origin) -> _Key:
    """Give what equal for usual reports makes them alike."""
    return (
        origin.input, origin.transport, report.account, report.receiver, report.line,
        report.token, report.data,
    )  # fmt: skip
