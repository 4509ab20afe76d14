"""What a user would otherwise match addresses with: string similarity, TF-IDF, trigrams, parsers of divisions.

A matcher takes the texts of a table, and gives for queries the position of the likeliest text with a score from 0 to
1; `-1` for none. Everything is imported when it is used, so that the rest runs where it is not installed.
"""

from __future__ import annotations

import contextlib
import io
import re
import time
import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

#: what a matcher gives for one query
Found = tuple[int, float]
#: what to say where a library is missing
INSTALL = "run `make bench`, which installs it, or `python3 tools/setup.py bench`"
#: queries that are multiplied with the matrix at a time: their products are nearly dense
BATCH = 32
_CHINESE = {char: value for value, char in enumerate("零一二三四五六七八九")}
_CHINESE |= {char: value for value, char in enumerate("〇壹贰叁肆伍陆柒捌玖")}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100}
_NUMERAL = re.compile(
    "[零〇一二三四五六七八九十百壹贰叁肆伍陆柒捌玖拾佰]+(?=号|幢|栋|楼|座|单元|组|弄|支弄|室|层|队|村民小组|#)"
)


class Matcher(Protocol):
    """What a peer is asked by."""

    def build(self, texts: Sequence[str]) -> None:
        """Take the texts of the table."""

    def ask(self, queries: Sequence[str]) -> list[Found]:
        """Position and score of the likeliest text for each query."""

    def clock(self) -> float:
        """CPU seconds spent so far, wherever."""


def fair(text: str) -> str:
    """A text as a careful user would write it before comparing: width, numerals, building words, remarks, spaces.

    Both sides go through it. It is the examiner's, and knows the kinds of noise that need no gazetteer.
    """
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"\([^)]*\)|\[[^]]*\]|【[^】]*】|1\d{10}|0\d{2,3}-\d{7,8}", "", text)
    text = re.sub(r"电话|手机|联系电话|tel|[\s\u200b-\u200f\u2060\ufeff\u00ad,，。、;；:：·|/]", "", text)
    text = _simplified().convert(text)
    text = _NUMERAL.sub(lambda found: str(_value(found[0])), text)
    text = re.sub(r"(\d+)(?:幢|栋|号楼|#楼|#|楼(?!\d))", r"\1幢", text)
    text = re.sub(r"(\d+)[-—－](\d+)[-—－](\d+)室?$", r"\1幢\2单元\3室", text)
    return re.sub(r"(\d+)(?:村民小组|小组|队)", r"\1组", text)


@cache
def _simplified() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _value(text: str) -> int:
    """The number that a Chinese numeral says."""
    if not any(char in _UNITS for char in text):
        return int("".join(str(_CHINESE[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[char], 0
        else:
            digit = _CHINESE[char]
    return total + digit


class _Here:
    """A peer that works in this process."""

    def __init__(self, written: Callable[[str], str] | None = None) -> None:
        self._written = written or str

    def clock(self) -> float:
        """CPU seconds of this process."""
        return time.process_time()


class Blocked(_Here):
    """rapidfuzz's ratio against the addresses of the district that the query names; against all where it names none."""

    def __init__(self, districts: Iterable[str], written: Callable[[str], str] | None = None) -> None:
        super().__init__(written)
        # a short name is what is left without 区, 县, 市
        self._districts = {name: name for name in districts} | {name[:-1]: name for name in districts if len(name) > 2}

    def build(self, texts: Sequence[str]) -> None:
        """Sort the texts by district."""
        self._texts = [self._written(text) for text in texts]
        self._blocks: dict[str, dict[int, str]] = defaultdict(dict)
        for k, text in enumerate(self._texts):
            self._blocks[self._district(text)][k] = text
        self._all = dict(enumerate(self._texts))

    def ask(self, queries: Sequence[str]) -> list[Found]:
        """The likeliest by `fuzz.ratio`."""
        from rapidfuzz import fuzz, process

        found = []
        for query in map(self._written, queries):
            best = process.extractOne(query, self._blocks.get(self._district(query)) or self._all, scorer=fuzz.ratio)
            found.append((best[2], best[1] / 100))
        return found

    def _district(self, text: str) -> str:
        """The first district that the text names, by its full name if it can be."""
        return next((full for name, full in self._districts.items() if name in text), "")


class Tfidf(_Here):
    """Cosine of character n-grams weighted by scikit-learn's TF-IDF."""

    def __init__(self, grams: tuple[int, int], written: Callable[[str], str] | None = None) -> None:
        super().__init__(written)
        self._grams = grams

    def build(self, texts: Sequence[str]) -> None:
        """Weigh the n-grams of all texts."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(analyzer="char", ngram_range=self._grams)
        self._matrix = self._vectorizer.fit_transform([self._written(text) for text in texts]).T.tocsr()

    def ask(self, queries: Sequence[str]) -> list[Found]:
        """The text with the greatest cosine."""
        found: list[Found] = []
        for start in range(0, len(queries), BATCH):
            written = [self._written(query) for query in queries[start : start + BATCH]]
            products = (self._vectorizer.transform(written) @ self._matrix).tocsr()
            best = products.argmax(axis=1).A1 if hasattr(products.argmax(axis=1), "A1") else products.argmax(axis=1)
            scores = products.max(axis=1).toarray().ravel()
            found += [(int(k), float(s)) for k, s in zip(best.ravel(), scores, strict=True)]
        return found


class Trigrams:
    """PostgreSQL's pg_trgm: the nearest text by trigrams, through a GiST index.

    Under ``LC_CTYPE=C`` PostgreSQL takes Chinese characters for no letters, and trigrams are made of letters.
    CPU time is that of the session's own server process and of this one.
    """

    def __init__(self, url: str, ctype: str, written: Callable[[str], str] | None = None) -> None:
        import psycopg

        self._written = written or str
        plain = url.replace("postgresql+psycopg://", "postgresql://")
        name = f"gridmap_bench_trgm_{ctype.replace('.', '_').replace('-', '_').lower()}"
        self._admin = psycopg.connect(plain, autocommit=True)
        self._admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        self._admin.execute(
            f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE '{ctype}'"
        )
        self._name = name
        self._connection = psycopg.connect(plain, dbname=name, autocommit=True)
        self._connection.execute("CREATE EXTENSION pg_trgm")
        self._connection.execute("SET max_parallel_workers_per_gather = 0")
        self._connection.execute("SET max_parallel_maintenance_workers = 0")
        row = self._connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        self._stat = Path(f"/proc/{row[0]}/stat")

    def clock(self) -> float:
        """CPU seconds of the session's server process, in steps of 10 ms, and of this process."""
        fields = self._stat.read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100 + time.process_time()

    def build(self, texts: Sequence[str]) -> None:
        """Copy the texts and index their trigrams."""
        self._connection.execute("CREATE TEMP TABLE texts (row int, text text)")
        with self._connection.cursor().copy("COPY texts FROM STDIN") as copy:
            for row, text in enumerate(texts):
                copy.write_row((row, self._written(text)))
        self._connection.execute("CREATE INDEX ON texts USING gist (text gist_trgm_ops(siglen=64))")
        self._connection.execute("ANALYZE texts")

    def ask(self, queries: Sequence[str]) -> list[Found]:
        """The nearest text by the distance of trigrams."""
        found = []
        for query in queries:
            # PostgreSQL's texts cannot hold a NUL
            text = self._written(query).replace("\x00", "")
            row = self._connection.execute(
                "SELECT row, similarity(text, %s) FROM texts ORDER BY text <-> %s LIMIT 1", (text, text)
            ).fetchone()
            found.append((int(row[0]), float(row[1])) if row else (-1, 0.0))
        return found

    def close(self) -> None:
        """Drop the database."""
        self._connection.close()
        self._admin.execute(f'DROP DATABASE "{self._name}" WITH (FORCE)')
        self._admin.close()


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Neither the warnings nor the greetings that some libraries print when they are imported and used."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def jionlp(queries: Sequence[str]) -> list[tuple[str, str]]:
    """District and town that jionlp reads out of each query."""
    with _silent():
        import jionlp as library

        read = [library.parse_location(query, town_village=True) for query in queries]
    return [(found["county"] or "", found["town"] or "") for found in read]


def cpca(queries: Sequence[str]) -> list[tuple[str, str]]:
    """District that cpca reads out of each query; it knows no towns."""
    with _silent():
        import cpca as library

        table = library.transform(list(queries))
    return [(name if isinstance(name, str) else "", "") for name in table["区"]]
