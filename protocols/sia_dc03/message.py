"""What SIA DC-03 data says, whatever carried it."""

from __future__ import annotations

from protocols._core import Part


class SiaEvent(Part, frozen=True):
    """One event of an N or O block, with the modifiers in force for it."""

    block: str
    """``"N"`` new event, ``"O"`` old (previously occurred) event."""
    code: str
    """Two upper-case letters, e.g. ``"BA"``; empty when a block holds modifiers alone."""
    address: str = ""
    """Up to four characters as sent, leading zeros kept; empty when absent."""
    modifiers: tuple[tuple[str, str], ...] = ()
    """(pair, value) in force, e.g. ``("ri", "1")``; ``("ri_text", ...)`` is the text of one."""
    text: str | None = None
    """Text attached to the event, verbatim; ``""`` when sent empty, None when not sent."""
    units: str = ""
    """What follows the address after ``*`` as a number, with its unit letters (``"25C"``)."""
    trailing: tuple[tuple[str, str], ...] | None = None
    """The modifiers in force for a panel whose modifiers follow their event (an account's
    setting); None where that makes no difference."""
    account: str | None = None
    """The account in force inside the data; last, since it is put in last."""

    def modifier(self, pair: str) -> str | None:
        """Return the value of a modifier in force, None when there is none."""
        for name, value in self.modifiers:
            if name == pair:
                return value
        return None


class SiaText(Part, frozen=True, kw_only=True):
    """An A block, or an A packet inside a block: text that belongs to the event before it."""

    text: str


class SiaBlock(Part, frozen=True, kw_only=True):
    """A block that is no event: listen-in ``L``, control ``C``, video ``V`` ... kept raw."""

    function: str
    """The block's function character."""
    data: str
