"""A bounded memory of what was used last: two generations, no order kept."""

from __future__ import annotations

from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Recent(Generic[_K, _V]):
    """The last values of up to ``limit`` keys and of some before them.

    When the young generation is full it becomes the old one and the old one goes. What is found
    in the old one is young again, so that whoever is used goes on living.
    """

    __slots__ = ("_limit", "_old", "_young")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: dict[_K, _V] = {}
        self._old: dict[_K, _V] = {}

    def __bool__(self) -> bool:
        return bool(self._young or self._old)

    def __contains__(self, key: _K) -> bool:
        return key in self._young or key in self._old

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: _K) -> _V | None:
        """The value of a key; None when it is not there."""
        value = self._young.get(key)
        if value is None and self._old:
            value = self._old.pop(key, None)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: _K, value: _V) -> None:
        """Set the value of a key."""
        self._young[key] = value
        if len(self._young) >= self._limit:
            self._old, self._young = self._young, {}

    def take(self, key: _K) -> _V | None:
        """The value of a key, which is then gone."""
        old = self._old.pop(key, None)
        return self._young.pop(key, old)
