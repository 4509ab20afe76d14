"""How much one request, one client and all of them together may ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of the service; more is refused with a status that says so, never served slowly."""

    #: characters of one address
    address_chars: int = 500
    #: bytes of a JSON body
    json_bytes: int = 16 * 2**20
    #: bytes of a file of claims or candidates, and of a piece of evidence
    claims_bytes: int = 32 * 2**20
    evidence_bytes: int = 64 * 2**20
    #: bytes of the archive of a case, which lies on disk while it is taken in
    archive_bytes: int = 1280 * 2**20
    #: rows of a JSON list
    json_rows: int = 100_000
    #: bytes of the JSON body that corrects one address
    alias_bytes: int = 4096
    #: bytes of the JSON body that changes one draft: a line of some ten thousand points
    edit_bytes: int = 2**20
    #: bytes of a JSON body in which a device sends fixes or sign-ins, and its rows
    report_bytes: int = 2**20
    report_rows: int = 5000
    #: the same of a CSV body, which brings those of several posts
    report_csv_bytes: int = 4 * 2**20
    report_csv_rows: int = 20_000
    #: batches that wait to be written, or are; below `requests`, so that further ones are told why
    report_waiting: int = 200
    #: days for which a device may keep what it could not send
    report_days: int = 7
    #: bytes of a CSV body, which lies on disk while it is answered
    csv_bytes: int = 512 * 2**20
    #: bytes of a workbook
    sheet_bytes: int = 64 * 2**20
    #: bytes that a workbook unpacks to; texts that it keeps for several cells stay in memory
    sheet_unpacked: int = 256 * 2**20
    #: rows of a workbook, whose answers are written before the first of them is sent
    sheet_rows: int = 100_000
    #: rows of a CSV that are answered at a time, and JSON rows likewise
    rows_at_once: int = 10_000
    #: areas in one answer
    areas: int = 50_000
    #: aliases in one answer
    aliases: int = 50_000
    #: requests in work at once; further ones are told to come back
    requests: int = 256
    #: days not asked for before that may be read from the record at once
    days_in_work: int = 4
    #: seconds in which a client must send the next piece of its body
    stall_s: float = 20.0
    #: seconds in which a request with a body must be over
    request_s: float = 900.0
    #: seconds for which a key's verdict is believed; a revoked key works no longer than this
    key_s: float = 2.0
    #: wrong keys per client and minute; then the client waits
    wrong_keys: int = 20
