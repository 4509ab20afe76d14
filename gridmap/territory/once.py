"""What is made when it is first asked for, and then kept; until then, what was made before it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Once(Generic[Made]):
    """What is made when it is first asked for, once, however many threads ask.

    Parameters
    ----------
    make
        Makes it.
    version
        What it is made of: the revision of the record.
    before
        What it takes the place of; kept until this is made.

    Examples
    --------
    >>> sides = Once(lambda: print("made") or 4)
    >>> sides.at_hand, sides(), sides()
    made
    (False, 4, 4)
    >>> more = Once(lambda: 6, before=sides)
    >>> more.latest is sides, more(), more.latest is more
    (True, 6, True)
    """

    def __init__(self, make: Callable[[], Made], *, version: int = 0, before: Once[Made] | None = None) -> None:
        self.version = version
        self._make = make
        self._before: Once[Made] | None = None
        self._made: list[Made] = []
        self._lock = Lock()
        if before is not None:
            self.follow(before)

    def follow(self, before: Once[Made]) -> None:
        """Take the place of another, or of that whose place it was to take if nobody had it made."""
        self._before = before if before.at_hand or before._lock.locked() else before._before

    @property
    def at_hand(self) -> bool:
        """Whether it was made already, so that asking takes no time."""
        return bool(self._made)

    @property
    def latest(self) -> Once[Made] | None:
        """The last that is at hand of this and those before it; None if none is."""
        before = self._before
        if self._made or before is None:
            return self if self._made else None
        return before.latest

    def __call__(self) -> Made:
        """Return it."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
                    self._before = None
        return self._made[0]

    def __reduce__(self) -> tuple[Any, ...]:
        # another process makes its own: only one that serves people who type needs it at all
        return Once, (self._make,)
