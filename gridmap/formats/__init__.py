"""Bytes and tables: everything that offices hand over read, with an own clear answer to each way it may be wrong.

`read` and `write` are all that most callers need; `read_chunks` streams CSV files of any size.
"""

from __future__ import annotations

from gridmap.formats.delimited import open_csv, read_chunks
from gridmap.formats.reading import read
from gridmap.formats.writing import csv_text, write, write_csv_pieces

__all__ = ["csv_text", "open_csv", "read", "read_chunks", "write", "write_csv_pieces"]
