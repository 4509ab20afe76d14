"""Pages that take seconds and much memory to draw: one at a time, and each kept while what it shows stands."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

#: Pages of one state of the record that are kept: two languages, and some days or areas of each.
KEPT = 8

#: Drawing of all pages, whatever they show.
DRAWING = Lock()


class Pages:
    """Drawn pages, by what they show, and by the rest that tells them apart.

    Examples
    --------
    >>> class State: ...
    >>> pages, state = Pages(), State()
    >>> [pages.page(state, lang, lambda: lang.encode()) for lang in ("zh", "en")]
    [b'zh', b'en']
    >>> pages.page(state, "zh", lambda: b"drawn anew")
    b'zh'
    """

    def __init__(self) -> None:
        self._drawn: WeakKeyDictionary[Any, dict[Hashable, bytes]] = WeakKeyDictionary()

    def page(self, state: Any, which: Hashable, draw: Callable[[], bytes], *, keep: bool = True) -> bytes:
        """Return a page, drawn when it is first asked for; others that ask meanwhile wait, and find it done.

        Parameters
        ----------
        state
            What it shows; its pages go when it does.
        which
            What tells it from other pages of that.
        draw
            Makes it.
        keep
            Whether it may be shown again; one of where somebody is now may not.

        Raises
        ------
        Exception
            Whatever ``draw`` raises; then nothing is kept.
        """
        with DRAWING:
            kept = self._drawn.setdefault(state, {})
            if which in kept:
                return kept[which]
            body = draw()
            if keep:
                if len(kept) >= KEPT:
                    kept.clear()
                kept[which] = body
            return body
