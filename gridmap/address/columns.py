"""Columns of texts and ids that take little more memory than their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Parts texts from each other; `plain` and tables never hold it.
_END = b"\0"


class Texts:
    """Texts one after another as UTF-8, each found by its place.

    Parameters
    ----------
    blob
        All texts, each followed by a zero byte.
    ends
        Where each ends: the place of its zero byte.

    Examples
    --------
    >>> texts = Texts.of(["人民路", "", "5号"])
    >>> texts[0], texts[1], len(texts), texts.rows("5号")
    ('人民路', '', 3, [2])
    """

    __slots__ = ("_ends", "blob", "ends")

    def __init__(self, blob: bytes | memoryview, ends: NDArray[np.int64]) -> None:
        self.blob = blob
        self.ends = ends
        self._ends = memoryview(np.ascontiguousarray(ends).data)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Return a column of texts."""
        coded = [text.replace("\0", "").encode("utf-8", "surrogatepass") for text in texts]
        return cls.joined(coded)

    @classmethod
    def joined(cls, coded: Sequence[bytes]) -> Texts:
        """Return a column of texts that are UTF-8 already."""
        lengths = np.fromiter(map(len, coded), np.int64, len(coded))
        ends = np.cumsum(lengths + 1) - 1
        return cls(b"".join([*(part for text in coded for part in (text, _END))]), ends)

    @classmethod
    def chained(cls, columns: Sequence[Texts]) -> Texts:
        """Return several columns as one."""
        shifts = np.cumsum([0, *(len(column.blob) for column in columns)])[:-1]
        ends = [column.ends + shift for column, shift in zip(columns, shifts, strict=True)]
        return cls(b"".join(column.blob for column in columns), np.concatenate([np.empty(0, np.int64), *ends]))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        start = self._ends[place - 1] + 1 if place else 0
        return str(self.blob[start : self._ends[place]], "utf-8", "surrogatepass")

    def rows(self, text: str) -> list[int]:
        """Return the places at which a text stands, by going through the bytes."""
        sought = text.encode("utf-8", "surrogatepass") + _END
        blob = bytes(self.blob)
        found, at = [], blob.find(sought)
        while at >= 0:
            if at == 0 or blob[at - 1] == 0:
                found.append(int(np.searchsorted(self.ends, at + len(sought) - 1)))
            at = blob.find(sought, at + 1)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return Texts, (bytes(self.blob), self.ends)


class Ids:
    """Ids as the table has them: whole numbers, texts, or anything else, which cannot be kept in a file.

    Examples
    --------
    >>> ids = Ids.of([7, 9, 7])
    >>> ids[1], ids.rows(7)
    (9, [0, 2])
    """

    __slots__ = ("column",)

    def __init__(self, column: NDArray[np.int64] | Texts | list[Any]) -> None:
        self.column = column

    @classmethod
    def of(cls, values: Sequence[Any]) -> Ids:
        """Return a column of ids."""
        if all(isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 for value in values):
            return cls(np.array(values, np.int64))
        if all(isinstance(value, str) and "\0" not in value for value in values):
            return cls(Texts.of(values))
        return cls(list(values))

    @classmethod
    def chained(cls, columns: Sequence[Ids]) -> Ids:
        """Return several columns as one."""
        kinds = {type(column.column) for column in columns if len(column.column)}
        if kinds <= {np.ndarray}:
            return cls(np.concatenate([np.empty(0, np.int64), *(column.column for column in columns)]))
        if kinds == {Texts}:
            return cls(Texts.chained([column.column for column in columns if isinstance(column.column, Texts)]))
        return cls([column[row] for column in columns for row in range(len(column))])

    def __len__(self) -> int:
        return len(self.column)

    def __getitem__(self, row: int) -> Any:
        value = self.column[row]
        return int(value) if isinstance(value, np.integer) else value

    def rows(self, value: Any) -> list[int]:
        """Return the rows of an id."""
        if isinstance(self.column, Texts):
            return self.column.rows(value) if isinstance(value, str) else []
        if isinstance(self.column, np.ndarray):
            return np.flatnonzero(self.column == value).tolist() if isinstance(value, int) else []
        return [row for row, other in enumerate(self.column) if other == value]

    def __reduce__(self) -> tuple[Any, ...]:
        return Ids, (self.column,)
