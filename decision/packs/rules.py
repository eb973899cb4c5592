"""What must hold between the keys of a pack, beyond what each key allows by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from decision.packs.mistakes import near
from decision.packs.model import Pack
from decision.packs.texts import FORM_FIELDS, MANDATORY, Texts, placeholders
from decision.packs.words import AppealKind, NoticeKind, Permission

Broken = tuple[tuple[object, ...], str]
"""Key path and reason."""


def broken_rules(pack: Pack) -> list[Broken]:
    """Everything that does not go together."""
    return [
        *_thresholds(pack),
        *_suspension(pack),
        *_money(pack),
        *_roles(pack),
        *_needed_roles(pack),
        *_languages(pack),
        *_examples(pack),
    ]


def _thresholds(pack: Pack) -> Iterator[Broken]:
    steps = pack.thresholds.steps
    for index, (one, other) in enumerate(pairwise(steps)):
        if other.count <= one.count:
            yield (
                ("thresholds", "steps", index + 1, "count"),
                f"must be higher than the one before it ({one.count})",
            )
    kinds = [step.notice for step in steps]
    for index, kind in enumerate(kinds):
        where = ("thresholds", "steps", index, "notice")
        if kind is NoticeKind.REINSTATEMENT:
            yield where, "no count of false alarms leads to a reinstatement"
        if kind in kinds[:index]:
            yield where, f"{kind} has a threshold already"


def _suspension(pack: Pack) -> Iterator[Broken]:
    kinds = [step.notice for step in pack.thresholds.steps]
    if NoticeKind.SUSPENSION in kinds and pack.suspension is None:
        yield ("suspension",), "must be given, as a threshold leads to a suspension"
    if pack.suspension is not None:
        if pack.reinstatement is None:
            yield ("reinstatement",), "must be given, as there is a suspension"
        if pack.dispositions.refused is None:
            yield (
                ("dispositions", "refused"),
                "must be given: the text for a request refused while suspended",
            )
    if pack.dispositions.refused == pack.dispositions.false_alarm:
        yield ("dispositions", "refused"), "must differ from dispositions.false_alarm"
    if pack.appeals.suspension is not None and pack.suspension is None:
        yield ("appeals", "suspension"), "there is no suspension to appeal against"


def _money(pack: Pack) -> Iterator[Broken]:
    fees = pack.fees
    if fees is None:
        if pack.invoices.discontinue_at is not None:
            yield ("invoices", "discontinue_at"), "nothing is charged: there is no [fees]"
        return
    if fees.post_suspension is not None and pack.suspension is None:
        yield ("fees", "post_suspension"), "there is no [suspension] in this pack"
    for index, (one, other) in enumerate(pairwise(fees.schedule)):
        if other.from_count <= one.from_count:
            yield (
                ("fees", "schedule", index + 1, "from_count"),
                f"must be higher than the one before it ({one.from_count})",
            )


_NEEDED: dict[Permission, str] = {
    Permission.NOTICE_DRAFT: "somebody must draft the notices",
    Permission.NOTICE_ISSUE: "somebody must issue the notices",
}


def _roles(pack: Pack) -> Iterator[Broken]:
    who = pack.roles.who
    known = {permission.value for permission in Permission}
    for name, role in who.items():
        for index, word in enumerate(role.may):
            if word not in known:
                yield (
                    ("roles", "who", name, "may", index),
                    f"there is no permission {word!r}{near(word, known)}",
                )
    ids = [role.id for role in who.values()]
    for index, name in enumerate(who):
        if ids[index] in ids[:index]:
            yield ("roles", "who", name, "id"), f"{ids[index]!r} is the id of another role"
    if pack.roles.decides_cases not in who:
        yield (
            ("roles", "decides_cases"),
            f"there is no role {pack.roles.decides_cases!r}{near(pack.roles.decides_cases, who)}",
        )


def _needed_roles(pack: Pack) -> Iterator[Broken]:
    needed = dict(_NEEDED) if pack.thresholds.steps else {}
    if needed and pack.notices.approval_required:
        needed[Permission.NOTICE_APPROVE] = "notices.approval_required asks for it"
    if pack.suspension is not None:
        needed[Permission.REVIEW_DECIDE] = "somebody must decide the review of a suspension"
    if pack.appeals.disposition or pack.appeals.suspension:
        needed[Permission.APPEAL_DECIDE] = "somebody must decide appeals"
    if pack.fees is not None:
        needed[Permission.INVOICE_KEEP] = "somebody must issue invoices"
    for permission, why in needed.items():
        if not pack.roles_with(permission):
            yield ("roles", "who"), f"no role has {permission.value!r}: {why}"


def _languages(pack: Pack) -> Iterator[Broken]:
    if pack.default_language not in pack.texts:
        yield (
            ("default_language",),
            f"there is no [texts.{pack.default_language}]; there are: {', '.join(pack.texts)}",
        )
    kinds = {step.notice for step in pack.thresholds.steps}
    if pack.suspension is not None:
        kinds.add(NoticeKind.REINSTATEMENT)
    appeals = {
        kind
        for kind, section in (
            (AppealKind.DISPOSITION, pack.appeals.disposition),
            (AppealKind.SUSPENSION, pack.appeals.suspension),
        )
        if section is not None
    }
    for language, texts in pack.texts.items():
        yield from _language(language, texts, sorted(kinds), sorted(appeals))
        if pack.fees is not None and texts.invoice is None:
            yield ("texts", language, "invoice"), "must be given, as there are [fees]"


def _language(
    language: str, texts: Texts, kinds: list[NoticeKind], appeals: list[AppealKind]
) -> Iterator[Broken]:
    for kind in kinds:
        notice = texts.notices.get(kind)
        where: tuple[object, ...] = ("texts", language, "notices", kind.value)
        if notice is None:
            yield where, "must be given: this notice is part of the policy"
            continue
        said = {name for text in notice.paragraphs for name in placeholders(text)}
        for name in sorted(MANDATORY[kind] - said):
            yield (*where, "paragraphs"), f"must say {{{name}}}"
    for appeal in appeals:
        form = texts.appeals.get(appeal)
        at: tuple[object, ...] = ("texts", language, "appeals", appeal.value)
        if form is None:
            yield at, "must be given: this appeal is part of the policy"
            continue
        for name in sorted(set(FORM_FIELDS) ^ set(form.fields)):
            known = name in FORM_FIELDS
            yield (
                (*at, "fields", name),
                "must be given" if known else f"no field of the form{near(name, FORM_FIELDS)}",
            )


def _examples(pack: Pack) -> Iterator[Broken]:
    seen: set[str] = set()
    for index, example in enumerate(pack.example):
        if example.id in seen:
            yield ("example", index, "id"), f"{example.id!r} is the id of another example"
        seen.add(example.id)
        for number, step in enumerate(example.steps):
            if (step.on is None) == (step.at is None):
                yield ("example", index, "steps", number), "must have either 'on' or 'at'"
            if step.at is not None and step.at.tzinfo is None:
                yield (
                    ("example", index, "steps", number, "at"),
                    "must have an offset, e.g. 2025-06-24T00:00:00-03:00",
                )
