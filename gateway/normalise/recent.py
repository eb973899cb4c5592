"""A bounded memory of what was used last: two generations, no order kept."""

from __future__ import annotations

from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Recent(dict[_K, _V]):
    """The last values of up to ``limit`` keys and of some before them.

    When the young generation is full it becomes the old one and the old one goes. What is found
    in the old one is young again, so that whoever is used goes on living. The dict itself is the
    young generation: whoever is found there costs no call of Python's own.
    """

    __slots__ = ("_limit", "_old")

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._old: dict[_K, _V] = {}

    def __bool__(self) -> bool:
        return bool(len(self) or self._old)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._old

    def find(self, key: _K) -> _V | None:
        """The value of a key, by which it is young again; None when it is not there."""
        value = self.get(key)
        if value is None and self._old:
            value = self._old.pop(key, None)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: _K, value: _V) -> None:
        """Set the value of a key."""
        self[key] = value
        if len(self) >= self._limit:
            self._old = dict(self)
            self.clear()

    def take(self, key: _K) -> _V | None:
        """The value of a key, which is then gone."""
        old = self._old.pop(key, None)
        return self.pop(key, old)
