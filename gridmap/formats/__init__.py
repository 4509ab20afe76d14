"""Bytes and tables: everything that offices hand over read, with an own clear answer to each way it may be wrong.

`read` and `write` are all that most callers need. `read_chunks` and `csv_writer` stream CSV files of any size,
`read_sheet_chunks` and `sheets_writer` the sheets of workbooks, `read_fixes` fixes in whatever
they come in.
"""

from __future__ import annotations

from gridmap.formats.delimited import open_csv, read_chunks
from gridmap.formats.reading import read
from gridmap.formats.spreadsheets import MAX_ROWS, read_sheet_chunks
from gridmap.formats.streaming import read_fixes
from gridmap.formats.writing import csv_text, csv_writer, refuse_unwritable, sheets_writer, write

__all__ = [
    "MAX_ROWS",
    "csv_text",
    "csv_writer",
    "open_csv",
    "read",
    "read_chunks",
    "read_fixes",
    "read_sheet_chunks",
    "refuse_unwritable",
    "sheets_writer",
    "write",
]
