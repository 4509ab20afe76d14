"""What is made when it is first asked for, and then kept."""

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

    Examples
    --------
    >>> sides = Once(lambda: print("made") or 4)
    >>> sides.at_hand, sides(), sides()
    made
    (False, 4, 4)
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._made: list[Made] = []
        self._lock = Lock()

    @property
    def at_hand(self) -> bool:
        """Whether it was made already, so that asking takes no time."""
        return bool(self._made)

    def __call__(self) -> Made:
        """Return it."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    def __reduce__(self) -> tuple[Any, ...]:
        # another process makes its own: only one that serves people who type needs it at all
        return Once, (self._make,)
