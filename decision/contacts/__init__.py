"""Talking with contacts and customers: call tasks, the incident link and the page behind it."""

from __future__ import annotations

from decision.contacts.call_task import CallTask, attempted, call_task
from decision.contacts.customer import (
    Accepted,
    CustomerAct,
    CustomerPage,
    Offer,
    Refused,
    act,
    customer_page,
)
from decision.contacts.link import Grant, LinkError, LinkExpired, read, sign
from decision.contacts.link_key import LinkKey, LinkKeyError, load_link_key

__all__ = [
    "Accepted", "CallTask", "CustomerAct", "CustomerPage", "Grant", "LinkError", "LinkExpired",
    "LinkKey", "LinkKeyError", "Offer", "Refused", "act", "attempted", "call_task",
    "customer_page", "load_link_key", "read", "sign",
]  # fmt: skip
