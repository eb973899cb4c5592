"""The options of an input, read one by one; a mistake says what was seen and expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Options:
    """The settings that an input gives to its protocol.

    Raises:
        ValueError: UDP, for a family that has none; from every method, a wrong value.
    """

    def __init__(
        self, protocol: str, given: Mapping[str, object], *, datagram: bool = False
    ) -> None:
        if datagram:
            raise ValueError(f"udp seen; {protocol} speaks over serial lines and TCP")
        self._protocol = protocol
        self._given = given
        self._known: set[str] = set()

    def _value(self, name: str, default: object) -> object:
        self._known.add(name)
        return self._given.get(name, default)

    def word(self, name: str, words: Sequence[str], default: str | None = None) -> str:
        """Read one word of several; the first is the default unless another is named."""
        value = self._value(name, words[0] if default is None else default)
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"{name} {value!r} seen; expected one of {', '.join(words)}")
        return value

    def byte(self, name: str, default: bytes) -> bytes:
        """Read one byte, written as two hex digits."""
        value = self._value(name, default.hex())
        try:
            read = bytes.fromhex(str(value))
        except ValueError:
            read = b""
        if len(read) != 1:
            raise ValueError(f"{name} {value!r} seen; expected two hex digits, such as 14")
        return read

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Read a whole number."""
        value = self._value(name, default)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{name} {value!r} seen; expected a number from {least} to {most}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Read true or false."""
        value = self._value(name, default)
        value = {"true": True, "false": False}.get(str(value).lower(), value)
        if not isinstance(value, bool):
            raise ValueError(f"{name} {value!r} seen; expected true or false")  # noqa: TRY004  one error for all mistakes
        return value

    def text(self, name: str, default: str) -> str:
        """Read any text."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise ValueError(f"{name} {value!r} seen; expected text")  # noqa: TRY004  one error for all mistakes
        return value

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        unknown = sorted(set(self._given) - self._known)
        if unknown:
            known = sorted(self._known)
            raise ValueError(f"options {unknown} seen; {self._protocol} has {known or 'none'}")
