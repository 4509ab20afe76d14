"""Files of questions answered: streamed, in order, by several processes, whole or not at all."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from gridmap import formats
from gridmap.errors import InputError, TooLargeError
from gridmap.service.asking import OPEN, Asked, Question, answered, asked_of
from gridmap.service.checking import Counts, Summary, by_hand, counted, to_check
from gridmap.territory import Territory

#: Rows of a query file that are held and answered at a time.
CHUNK_ROWS = 20_000

_BLOCK = 2**20


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where the questions are, and where the answers go."""

    #: CSV or XLSX with a column of addresses, or columns of longitude and latitude; further columns are carried along
    source: Path
    #: CSV, or XLSX with the sheets ``answers``, ``by_hand`` and ``summary``
    out: Path
    #: CSV of the answers that are to be checked by hand; None: none is written
    by_hand: Path | None = None
    #: sheet of the questions, where the workbook has several
    sheet: str | None = None
    #: rows of the questions at most; None: as many as there are
    most_rows: int | None = None
    #: bytes that a workbook of questions may unpack to
    most_bytes: int = 2 * 2**30


def locate_file(
    files: Files,
    territory: Territory,
    *,
    question: Question | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Answer a file of queries, row by row, in bounded memory, and return how many rows got which answer.

    Parameters
    ----------
    files
        What is read, and what is written in the order of the queries; each file appears when it is whole.
    territory
        What is in force on the day asked about.
    question
        Accuracy, CRS and column names of the queries; the score below which an answer is to be checked.
    workers
        Processes; each holds the territory once.
    progress
        Called with the number of rows done, and about how many there are (0 where that is not known).

    Raises
    ------
    NotFoundError, FormatError, TableError
        If the file cannot be read.
    InputError
        If no column asks or several could, endings or folders cannot be used, or the answers are more than an XLSX
        sheet holds.
    TooLargeError
        If there are more rows than ``files.most_rows``.
    """
    question = question or Question()
    _refuse_outputs(files)
    total = _rows_about(files)
    chunks, asked = _peeked(_chunks(files, question), question)
    task = _Task(territory=territory, question=question, pieces=_PIECES[_ending(files.out)], check=_checks(files))
    counts: Counts = Counter()
    with _writers(files) as write:
        for part in _in_order(task, chunks, workers):
            counts.update(part.counts)
            for name, piece in part.pieces.items():
                write[name](piece)
            if progress is not None:
                progress(counts["rows", ""], max(total, counts["rows", ""]) if total else 0)
        summary = Summary.of(counts, (asked.remark,) if asked.remark else ())
        for name in {"summary"} & set(write):
            write[name](summary.table())
    return summary


def _as_text(table: pd.DataFrame, first: bool) -> str:  # noqa: FBT001 - as `_as_rows`
    """A table as it goes into a CSV file: by the worker, for that takes as long as many an answer."""
    return formats.csv_text(table, header=first)


def _as_rows(table: pd.DataFrame, first: bool) -> pd.DataFrame:  # noqa: ARG001, FBT001 - as `_as_text`
    """A table as it goes into a sheet."""
    return table


#: How a table is handed to the writer, by the ending of the answers' file.
_PIECES: dict[str, Callable[[pd.DataFrame, bool], Any]] = {".csv": _as_text, ".xlsx": _as_rows}


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What answers each chunk of a query file; sent once to each worker process."""

    #: what is in force on the day asked about
    territory: Territory
    #: what is asked of each row
    question: Question
    #: how a table is handed to the writer
    pieces: Callable[[pd.DataFrame, bool], Any]
    #: whether the answers that are to be checked by hand are written too
    check: bool

    def answer(self, chunk: tuple[int, pd.DataFrame]) -> _Answered:
        """Answers of one chunk; the first brings the names of the columns."""
        number, queries = chunk
        answers = answered(queries, self.territory, self.question)
        why = to_check(answers, check_below=self.question.check_below)
        tables = {"answers": answers.drop(columns=list(OPEN))}
        if self.check:
            tables["by_hand"] = by_hand(answers, why, queries.index)
        pieces = {name: self.pieces(table, number == 0) for name, table in tables.items()}
        return _Answered(pieces=pieces, counts=counted(answers, why))


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """The answers of one chunk."""

    #: what is written, by the name of its table
    pieces: dict[str, Any]
    #: rows by what they say
    counts: Counts


_task: _Task | None = None


def _receive(task: _Task) -> None:
    """Keep the task for the life of a worker process."""
    global _task  # noqa: PLW0603 - a worker process has no other place for what all its chunks share
    _task = task


def _answer(chunk: tuple[int, pd.DataFrame]) -> _Answered:
    """Answer one chunk in a worker process."""
    if _task is None:
        raise RuntimeError("the worker was not given its task")
    return _task.answer(chunk)


def _in_order(task: _Task, chunks: Iterable[pd.DataFrame], workers: int) -> Iterator[_Answered]:
    """Answers in the order of the chunks; at most two chunks per worker are in memory."""
    if workers <= 1:
        yield from map(task.answer, enumerate(chunks))
        return
    context = get_context("forkserver")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_receive, initargs=(task,)) as pool:
        waiting: deque[Future[_Answered]] = deque()
        for chunk in enumerate(chunks):
            waiting.append(pool.submit(_answer, chunk))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _writers(files: Files) -> Iterator[dict[str, Callable[[Any], object]]]:
    """What writes each table, piece by piece."""
    with ExitStack() as stack:
        if _ending(files.out) == ".xlsx":
            append = stack.enter_context(formats.sheets_writer(files.out))
            yield {name: partial(append, name) for name in ("answers", "by_hand", "summary")}
            return
        paths = {"answers": files.out, "by_hand": files.by_hand}
        yield {name: stack.enter_context(formats.csv_writer(path)) for name, path in paths.items() if path}


def _chunks(files: Files, question: Question) -> Iterator[pd.DataFrame]:
    """The questions, some rows at a time, each with its line or row as the index."""
    if _ending(files.source) == ".xlsx":
        chunks = formats.read_sheet_chunks(
            files.source,
            size=CHUNK_ROWS,
            sheet=files.sheet,
            is_heading=partial(_may_ask, question.columns),
            max_bytes=files.most_bytes,
        )
    else:
        chunks = formats.read_chunks(files.source, size=CHUNK_ROWS, by_line=True)
    left = files.most_rows
    for chunk in chunks:
        if left is not None and (left := left - len(chunk)) < 0:
            raise TooLargeError(f"more than {files.most_rows} rows", do="send them in parts, or as text/csv")
        yield chunk


def _may_ask(columns: Mapping[str, str], names: Sequence[str]) -> bool:
    """Whether these can be the headings of questions."""
    with suppress(InputError):
        return bool(asked_of(names, columns).columns)
    return False


def _peeked(chunks: Iterator[pd.DataFrame], question: Question) -> tuple[Iterator[pd.DataFrame], Asked]:
    """The chunks, and which of their columns ask, told by the first before anything is written."""
    first = next(chunks)
    return chain([first], chunks), asked_of(list(first.columns), question.columns)


def _refuse_outputs(files: Files) -> None:
    """Refuse files that could not be written in the end, before work starts."""
    if _ending(files.out) not in _PIECES:
        raise InputError(f"{files.out.name}", expected="a name that ends in .csv or .xlsx", code="unknown_ending")
    if files.by_hand is None:
        return
    if _ending(files.out) == ".xlsx":
        raise InputError(f"{files.out.name} has a sheet by_hand of its own", do="leave out --by-hand")
    if files.by_hand.resolve() == files.out.resolve():
        raise InputError(f"{files.out.name} is to hold all answers and those to be checked", expected="two files")


def _rows_about(files: Files) -> int:
    """About how many rows the questions have, 0 if unknown; refused where a sheet cannot hold their answers."""
    if _ending(files.source) == ".xlsx" or not files.source.is_file():
        return 0
    with files.source.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(partial(file.read, _BLOCK), b""))
    if _ending(files.out) == ".xlsx" and lines >= formats.MAX_ROWS:
        # cells may hold ends of lines: only the rows themselves tell
        rows = 0
        for chunk in formats.read_chunks(files.source, size=CHUNK_ROWS):
            rows += len(chunk)
            if rows >= formats.MAX_ROWS:
                given = f"{files.source.name} has more than {formats.MAX_ROWS - 1} rows"
                raise InputError(given, expected="no more than a sheet holds below its headings", do="write .csv")
    return max(lines - 1, 1)


def _checks(files: Files) -> bool:
    """Whether the answers that are to be checked by hand are written too."""
    return files.by_hand is not None or _ending(files.out) == ".xlsx"


def _ending(path: Path) -> str:
    """The ending of a file's name as it is compared."""
    return path.suffix.lower()
