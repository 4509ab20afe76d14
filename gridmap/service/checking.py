"""What became of a file of questions: how many rows got which answer, and which of them a person should look at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from gridmap.territory import terms

#: Notes that leave no doubt about the place: what was taken is on record, or was passed over.
HARMLESS = frozenset({"alias", "former_name", "repeated", "dropped", "unit_unknown"})

_NOTE = re.compile(r"(?:^|; )([a-z_]+)(?=: )")

#: What is counted, each with the column of the answers and the meanings of its words.
_COUNTED: dict[str, tuple[str, dict[str, terms.Meaning]]] = {
    "status": ("status", terms.STATUSES),
    "level": ("matched_level", terms.LEVELS),
    "reason": ("reason", terms.REASONS),
}
_MEANINGS = {what: meanings for what, (_, meanings) in _COUNTED.items()} | {
    "note": terms.NOTES,
    "check": terms.CHECKS,
}

#: Rows by what is counted and its word, such as ("status", "found").
Counts = Counter[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """How many rows of a file got which answer."""

    #: rows in all
    rows: int
    #: rows to be checked by hand
    by_hand: int
    #: rows by status, level, reason and note, and by what beside their status asks for a look
    counts: Mapping[str, Mapping[str, int]]
    #: what the user should know of how the file was read
    remarks: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, counts: Counts, remarks: tuple[str, ...] = ()) -> Summary:
        """Return the summary of counts as `counted` makes them."""
        tables = {
            what: {word: rows for (kind, word), rows in sorted(counts.items()) if kind == what} for what in _MEANINGS
        }
        return cls(rows=counts["rows", ""], by_hand=counts["by_hand", ""], counts=tables, remarks=remarks)

    def said(self) -> dict[str, object]:
        """Return it as JSON has it: rows, by_hand, and rows by word under each of status, level, reason, ..."""
        return {"rows": self.rows, "by_hand": self.by_hand, **self.counts}

    def table(self) -> pd.DataFrame:
        """Return one row per count: what, value, rows, share (of all rows), and the meaning in Chinese and English."""
        lines = [
            ("rows", "", self.rows, ("总行数", "rows in all")),
            ("by_hand", "", self.by_hand, ("需人工核查", "to be checked by hand")),
            *(
                (what, word, rows, _MEANINGS[what].get(word, (word, word)))
                for what, words in self.counts.items()
                for word, rows in words.items()
            ),
        ]
        columns = ["what", "value", "rows", "share", "zh", "en"]
        cells = [(what, word, rows, round(rows / (self.rows or 1), 4), *words) for what, word, rows, words in lines]
        return pd.DataFrame(cells, columns=columns)


def to_check(answers: pd.DataFrame, *, check_below: float) -> pd.Series[str]:
    """Return why each answer is to be checked by hand; empty where it need not be.

    An answer is to be checked if it is not ``found``, if its score is below the limit (``low_score``), or if something
    was taken on trust that is not ``HARMLESS`` (``note``).

    Parameters
    ----------
    answers
        Columns status, score, notes.
    check_below
        The limit, 0 to 1.

    Returns
    -------
    pandas.Series
        Words joined by ``; ``.

    Raises
    ------
    None

    Examples
    --------
    >>> table = {"status": ["found", "found"], "score": [1.0, 0.7], "notes": ["alias: a → b", "typo: c → d"]}
    >>> to_check(pd.DataFrame(table), check_below=0.8).tolist()
    ['', 'low_score; note']
    """
    rows = zip(answers["status"], answers["score"], _notes(answers), strict=True)
    why = ["; ".join(_why(*row, check_below)) for row in rows]
    return pd.Series(why, index=answers.index, dtype=object)


def by_hand(answers: pd.DataFrame, why: pd.Series[str], rows: pd.Index[int]) -> pd.DataFrame:
    """Return the answers that are to be checked, each with the row of its file and why.

    Parameters
    ----------
    answers
        As `asking.answered` returns them.
    why
        As `to_check` returns it.
    rows
        Line of each in its CSV file, or row of its sheet.
    """
    chosen = (why != "").to_numpy()
    table = answers.rename(columns={name: f"{name}_given" for name in ("row", "why")})
    table.insert(0, "row", rows)
    table.insert(1, "why", why)
    return table[chosen]


def counted(answers: pd.DataFrame, why: pd.Series[str]) -> Counts:
    """Return how many of the answers say what."""
    counts: Counts = Counter({("rows", ""): len(answers), ("by_hand", ""): int((why != "").sum())})
    for what, (column, _) in _COUNTED.items():
        counts.update((what, str(word)) for word in answers[column].dropna())
    counts.update(("note", word) for words in _notes(answers) for word in words)
    counts.update(("check", word) for words in why for word in words.split("; ") if word in terms.CHECKS)
    return counts


def _why(status: str, score: float, notes: set[str], check_below: float) -> Iterator[str]:
    """Why one answer is to be checked."""
    if status != "found":
        yield status
    elif score < check_below:
        yield "low_score"
    if notes - HARMLESS:
        yield "note"


def _notes(answers: pd.DataFrame) -> list[set[str]]:
    """The codes of each answer's notes."""
    return [set(_NOTE.findall(text)) if isinstance(text, str) else set() for text in answers["notes"]]
