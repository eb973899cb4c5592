"""How a setting of a pack is declared: strict, frozen, and with the rules it comes from."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

YES: Final = True
NO: Final = False
"""Defaults of settings that are claims."""

_SLUG: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_MONEY: Final = re.compile(r"\d{1,7}\.\d{2}")
_MONTH_DAY: Final = re.compile(r"(\d\d)-(\d\d)")
_DAYS_OF_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Table(BaseModel):
    """A table of a pack: frozen, typed strictly, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, validate_default=True
    )


def setting(default: Any, description: str, *rules: str, **limits: Any) -> Any:
    """Declare one setting; ``rules`` are the ids of the domain rules that it answers.

    ``default`` is ``...`` for a setting that must be given.
    """
    return Field(
        default, description=description, json_schema_extra={"rules": list(rules)}, **limits
    )


def _tuple(value: object) -> object:
    # TOML gives lists; what is kept is frozen.
    return tuple(value) if isinstance(value, list) else value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise PydanticCustomError(
            "slug", "allowed: a small letter, then small letters, digits, '_' or '-'"
        )
    return value


def _money(value: str) -> str:
    if not _MONEY.fullmatch(value):
        raise PydanticCustomError("money", 'allowed: an amount as text with two decimals, "100.00"')
    return value


def _month_day(value: str) -> str:
    found = _MONTH_DAY.fullmatch(value)
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (1 <= month <= len(_DAYS_OF_MONTH) and 1 <= day <= _DAYS_OF_MONTH[month - 1]):
        raise PydanticCustomError(
            "month_day", 'allowed: month and day that every year has, "01-01" to "12-31"'
        )
    return value


Slug = Annotated[str, AfterValidator(_slug)]
"""A name that is also part of file names and ids."""
Money = Annotated[str, AfterValidator(_money)]
"""An amount as text with two decimals: binary fractions are no money."""
MonthDay = Annotated[str, AfterValidator(_month_day)]
"""A day that every year has."""
Words = Annotated[tuple[str, ...], BeforeValidator(_tuple)]
"""A list of texts."""
AsTuple = BeforeValidator(_tuple)
"""Takes a TOML list for a tuple."""


def rule_ids(default: tuple[str, ...] = ()) -> Any:
    """Declare the setting ``rules`` of a table: what its decisions cite."""
    return setting(default, "Ids of the rules that a decision made by this table cites.")
