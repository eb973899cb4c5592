"""The kinds of value that settings have (names, addresses, paths) and how one is described."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_GROUP: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
_ADDRESS: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[^:\s\[\]/]+)):(?P<port>\d+)"
)
_PORT_MAX: Final = 65_535


class Settings(BaseModel):
    """A table of the configuration file: frozen, typed strictly, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_default=True,
        # A section left out is an instance made long before the file was known: its paths too are
        # counted from the folder of the file.
        revalidate_instances="always",
        hide_input_in_errors=True,
        use_attribute_docstrings=False,
    )


def setting(  # noqa: PLR0913  one argument per thing that the documentation says of a setting
    default: Any,
    title: str,
    description: str,
    *,
    examples: list[Any] | None = None,
    unit: str = "",
    needs_restart: bool = True,
    **limits: Any,
) -> Any:
    """Declare one setting with everything that its documentation shows.

    ``default`` is ``...`` for a setting that must be given. ``limits`` are those of
    ``pydantic.Field`` (``ge``, ``le``, ``gt``, ``max_length`` ...).
    """
    extra: dict[str, Any] = {"needs_restart": needs_restart}
    if unit:
        extra["unit"] = unit
    return Field(
        default,
        title=title,
        description=description,
        examples=examples if examples is not None else [default],
        json_schema_extra=extra,
        **limits,
    )


class Address(NamedTuple):
    """A host and a port, as in ``0.0.0.0:12000`` or ``[::]:12000``."""

    host: str
    port: int

    def __str__(self) -> str:
        """Spell it as the configuration file does."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


def parse_address(text: object) -> Address:
    """Read ``host:port``; a port of 0 asks the system for a free one."""
    if isinstance(text, Address):
        return text
    match = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
    if match is None or int(match["port"]) > _PORT_MAX:
        raise PydanticCustomError(
            "address", "host:port with a port of 0 to 65535, IPv6 in brackets: [::1]:12000"
        )
    return Address(match["six"] or match["host"], int(match["port"]))


AddressSetting = Annotated[
    Address,
    BeforeValidator(parse_address),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^(\[[^\]]+\]|[^:\s]+):[0-9]{1,5}$"}),
]
"""``host:port`` in the file, an ``Address`` in the program."""


def _relative_to_file(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("directory")
    return path if base is None else Path(base) / path


PathSetting = Annotated[Path, Strict(strict=False), AfterValidator(_relative_to_file)]
"""A path; a relative one is counted from the folder of the configuration file."""


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise PydanticCustomError(
            "name", "1 to 64 letters, digits, - or _, since it becomes a level of an MQTT topic"
        )
    return text


def _group(text: str) -> str:
    if not _GROUP.fullmatch(text):
        raise PydanticCustomError(
            "group", "1 to 32 letters, digits or -, since it becomes part of an MQTT topic"
        )
    return text.lower()


Name = Annotated[
    str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
]
"""A name that is safe as a level of an MQTT topic."""

GroupName = Annotated[
    str,
    AfterValidator(_group),
    WithJsonSchema({"type": "string", "pattern": f"^{_GROUP.pattern}$"}),
]
"""The name of a group of accounts; case does not matter, it is kept in lower case."""
