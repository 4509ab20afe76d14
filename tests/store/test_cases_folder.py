"""A case as one folder: written whole, taken back to the last bit, and refused whole where a byte differs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from datetime import date

import pytest
from sqlalchemy import text

from gridmap import store
from gridmap.errors import ConflictError, FormatError, InputError, NotFoundError, TooLargeError
from gridmap.service import cases as journeys
from gridmap.service import cases_archive, cases_folder
from gridmap.service.cases_folder import compare_export, export_case, import_case
from gridmap.store import cases
from gridmap.store.cases_agreeing import Signing
from gridmap.store.cases_evidence import add_evidence
from gridmap.store.cases_given import NewEvidence
from gridmap.store.cases_reading import verify
from gridmap.store.cases_rows import ZERO, head, row_hash
from gridmap.store.schema_cases import PARTS
from tests.conftest import _database, _number, _url
from tests.store.case_land import filled, opened

CODE = "南河-7"
LONG = "图" * 83 + "a.tiff"
TABLES = [*(table.name for table in PARTS.values()), "parcel_lineage"]


@pytest.fixture(scope="module")
def home(_kept_record):
    """A record with a case that has everything: a withdrawn claim, evidence of many kinds, an agreement."""
    with _kept_record.begin() as connection:
        opened(connection)  # cases of other records have other numbers
        filled(connection, code=CODE)
        cases.withdraw(
            connection, CODE, "claims", cases.add_claims(connection, CODE, _again(), actor="a")[0], actor="a"
        )
        for file, content in ((LONG, bytes(range(256))), ("a.txt", b"\r\n"), ("a.txt", b"\n")):
            add_evidence(connection, CODE, NewEvidence(file=file), content, actor="key 7")
    journeys.agree(_kept_record, CODE, _signing(), actor="desk")
    return _kept_record


def _again():
    from tests.store.case_land import CLAIMS

    return CLAIMS[:1]


def _signing():
    return Signing(candidate="D1", agreed_on=date(2026, 2, 1), effective=date(2026, 3, 1), terms="以路为界")


@pytest.fixture(scope="module")
def written(home, tmp_path_factory):
    return export_case(home, CODE, tmp_path_factory.mktemp("cases") / "case", actor="desk")


@pytest.fixture
def folder(written, tmp_path):
    """A copy of the folder of the case, to be altered."""
    return shutil.copytree(written, tmp_path / "case")


@pytest.fixture(scope="module")
def abroad(database_server, record_template):
    """Another record, without cases."""
    name = f"gridmap_abroad_{os.getpid()}_{next(_number)}"
    _database(database_server, f"CREATE DATABASE {{}} TEMPLATE {record_template} STRATEGY FILE_COPY", name)
    engine = store.connect(_url(database_server, name))
    yield engine
    engine.dispose()
    _database(database_server, "DROP DATABASE {} WITH (FORCE)", name)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(engine):
    """Every row of the case in every table, as text, without the numbers that a record gives."""
    with engine.connect() as connection:
        case_id = connection.scalar(text("SELECT case_id FROM cases WHERE code = :code"), {"code": CODE})
        query = "SELECT (to_jsonb(t) - 'case_id' - 'row_id')::text FROM {} t WHERE case_id = {} ORDER BY 1"
        held = {name: connection.exec_driver_sql(query.format(name, case_id)).all() for name in ["cases", *TABLES]}
        shapes = "SELECT ST_AsHEXEWKB(geom) FROM case_claims UNION ALL SELECT ST_AsHEXEWKB(geom) FROM case_candidates"
        contents = "SELECT sha256, content FROM evidence_files ORDER BY 1"
        return held, connection.exec_driver_sql(shapes).all(), connection.exec_driver_sql(contents).all()


def nothing_is_there(engine):
    with engine.connect() as connection:
        names = ["cases", *TABLES, "evidence_files", "audit"]
        return all(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() == 0 for name in names)  # noqa: S608 (the test's own words)


def test_the_folder_holds_the_case_and_its_evidence(written):
    held = files(written)
    plain = {"README.txt", "SHA256SUMS", "candidates.geojson", "case.json", "chain.txt", "claims.geojson"}
    assert {name for name in held if "/" not in name} == plain
    names = sorted(name for name in held if "/" in name)
    assert names[3] == "evidence/004_01ba4719c80b_a.txt"  # sha256sum of a line feed
    assert (len(names), held[names[1]]) == (4, bytes(range(256)))
    assert max(len(os.fsencode(name.rpartition("/")[2])) for name in names) <= 255


def test_anybody_can_check_the_folder_with_sha256sum(written):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=written, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.count(b": OK")) == (0, 9)


def test_the_same_case_makes_the_same_bytes(home, written, tmp_path):
    assert files(export_case(home, CODE, tmp_path / "again", actor="desk")) == files(written)


def test_layers_of_the_folder_have_the_coordinates_to_the_last_bit(home, written):
    layer = json.loads((written / "claims.geojson").read_text())
    with home.connect() as connection:
        held = connection.execute(
            text(
                "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN("
                "geom, 1)), 1) p FROM case_claims ORDER BY number LIMIT 1) t"
            )
        ).one()
    assert tuple(layer["features"][0]["geometry"]["coordinates"][0][0][0]) == tuple(held)


def test_a_case_comes_back_identical_and_its_export_is_byte_identical(home, written, record, tmp_path):
    done = import_case(record, written, actor="desk")
    assert (done.code, done.new, done.rows, done.files) == (CODE, True, 10, 4)
    assert rows(record) == rows(home)
    assert files(export_case(record, CODE, tmp_path / "back", actor="desk")) == files(written)
    with record.connect() as connection:
        assert verify(connection, CODE).faults == ()
        assert store.read(connection, "parcels").empty


def test_a_case_that_is_there_alike_is_left_as_it_is(home, written):
    before = rows(home)
    assert import_case(home, written, actor="desk").new is False
    assert rows(home) == before


def test_another_case_of_that_code_is_refused(record, written):
    with record.begin() as connection:
        filled(connection, code=CODE)
    with pytest.raises(ConflictError, match="another case"):
        import_case(record, written, actor="desk")


def test_imports_and_exports_are_audited(home, written, record):
    import_case(record, written, actor="desk")
    query = text("SELECT actor, action, detail->>'case' FROM audit ORDER BY audit_id DESC LIMIT 1")
    for engine, action in ((home, "export case"), (record, "import case")):
        with engine.connect() as connection:
            assert connection.execute(query).one() == ("desk", action, CODE)


def alter(path, old, new):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


ALTERED = {
    "a byte of evidence": lambda f: alter(next(f.glob("evidence/003*")), b"\r", b"\n"),
    "evidence that is missing": lambda f: next(f.glob("evidence/002*")).unlink(),
    "evidence that was renamed": lambda f: next(f.glob("evidence/002*")).rename(f / "evidence" / "002_x"),
    "a file too many": lambda f: (f / "evidence" / "005_x.txt").write_bytes(b"x"),
    "a file too many in a folder": lambda f: ((f / "x").mkdir(), (f / "x" / "y").write_bytes(b"")),
    "a link to the same bytes elsewhere": lambda f: (
        (f / "README.txt").rename(f.parent / "README.txt"),
        (f / "README.txt").symlink_to(f.parent / "README.txt"),
    ),
    "a link to a folder": lambda f: (f / "link").symlink_to("/etc"),
    "a coordinate of the layer": lambda f: alter(f / "claims.geojson", b"120.", b"121."),
    "a hash of the chain": lambda f: alter(f / "chain.txt", b"evidence: 4", b"evidence: 3"),
    "a word of the readme": lambda f: alter(f / "README.txt", b"gridmap", b"Gridmap"),
    "a sum": lambda f: alter(f / "SHA256SUMS", b"  README", b" *README"),
    "a party": lambda f: alter(f / "case.json", "甲方".encode(), "丙方".encode()),
    "a status": lambda f: alter(f / "case.json", b'"agreed"', b'"closed"'),
    "another version": lambda f: alter(f / "case.json", b'"format": "gridmap-case"', b'"format": "gridmap-case-2"'),
    "a field too many": lambda f: alter(f / "case.json", b'"format"', b'"more": 1,\n "format"'),
    "a number that is none": lambda f: alter(f / "case.json", b"1e+22", b"NaN"),
    "blanks": lambda f: alter(f / "case.json", b"{", b"{ "),
    "no JSON": lambda f: (f / "case.json").write_bytes(b'{"case":'),
    "no UTF-8": lambda f: (f / "case.json").write_bytes(b"\xff\xfe"),
    "a deep nest": lambda f: (f / "case.json").write_bytes(b"[" * 100_000),
    "a list": lambda f: (f / "case.json").write_bytes(b"[]"),
    "no case.json": lambda f: (f / "case.json").unlink(),
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_a_folder_that_was_altered_is_refused_whole(folder, abroad, change):
    change(folder)
    with pytest.raises((FormatError, NotFoundError)):
        import_case(abroad, folder, actor="desk")
    assert nothing_is_there(abroad)


def forged(folder, part, **values):
    """The folder with a row changed, and every hash that follows from it made anew, as who forges it would."""
    document = json.loads((folder / "case.json").read_text())
    parts = document["parts"]
    parts[part][0] |= values
    _chained(document, part)
    if part != "agreements":
        parts["agreements"][0] |= {f"{name}_head": head(parts[name]) for name in ("claims", "candidates", "evidence")}
        _chained(document, "agreements")
    (folder / "case.json").write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n")


def _chained(document, part):
    prev = ZERO
    for row in document["parts"][part]:
        row["prev"] = prev
        prev = row["hash"] = row_hash(document["case"]["code"], part, row, prev)


FORGED = {
    "a path": ("evidence", {"file": "../../etc/cron.d/x"}),
    "an absolute path": ("evidence", {"file": "/etc/passwd"}),
    "a path of Windows": ("evidence", {"file": "..\\x"}),
    "a zero character": ("evidence", {"file": "a\0b"}),
    "a hash that is none": ("evidence", {"sha256": "../../x"}),
    "a file without bytes": ("evidence", {"bytes": 0}),
    "a file too large": ("evidence", {"bytes": 2**40}),
    "a number of a person": ("claims", {"party": "320613199001011234"}),
    "no party": ("claims", {"party": ""}),
    "a party that is a number": ("claims", {"party": 7}),
    "a date that is none": ("claims", {"date": "long ago"}),
    "a shape that is none": ("claims", {"geom": "00"}),
    "a shape elsewhere": ("claims", {"geom": "0101000020E6100000" + "00" * 16}),
    "evidence that is not there": ("claims", {"evidence": 9}),
    "true for a number": ("claims", {"evidence": True}),
    "a negative accuracy": ("claims", {"accuracy_m": -1.0}),
    "an accuracy that the record would write otherwise": ("claims", {"accuracy_m": 5}),
    "a word for a truth": ("claims", {"withdrawn": "no"}),
    "a moment without a zone": ("claims", {"at": "2026-01-01T00:00:00"}),
    "a column too many": ("sources", {"path": "/etc/passwd"}),
    "an unknown kind": ("sources", {"kind": "rumour"}),
    "a hole in the numbers": ("candidates", {"number": 2}),
    "an agreement on nothing": ("agreements", {"candidate": "D9"}),
    "an agreement on other claims": ("agreements", {"claims_head": "0" * 64}),
    "a lineage of no kind": ("agreements", {"lineage": [{"old": "a"}]}),
}


@pytest.mark.parametrize(("part", "values"), FORGED.values(), ids=FORGED)
def test_a_row_that_gridmap_would_not_write_is_refused_though_its_chain_fits(folder, abroad, part, values):
    forged(folder, part, **values)
    with pytest.raises(FormatError, match=r"case\.json"):
        import_case(abroad, folder, actor="desk")
    assert nothing_is_there(abroad)


def test_every_file_that_is_wrong_is_named(folder, abroad):
    ALTERED["a byte of evidence"](folder)
    ALTERED["a word of the readme"](folder)
    (folder / "chain.txt").unlink()
    with pytest.raises(FormatError, match=r"chain.txt is missing, README.txt has changed, evidence/003_.* has changed"):
        import_case(abroad, folder, actor="desk")


def test_a_folder_that_holds_something_is_not_written_into(home, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="holds something"):
        export_case(home, CODE, tmp_path, actor="desk")
    with pytest.raises(InputError, match="there is no folder"):
        export_case(home, CODE, tmp_path / "no" / "case", actor="desk")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_case_that_was_altered_in_the_record_is_not_exported(record, tmp_path):
    with record.begin() as connection:
        code = filled(connection)
        connection.exec_driver_sql("ALTER TABLE evidence_files DISABLE TRIGGER USER")
        connection.exec_driver_sql("UPDATE evidence_files SET content = 'x'")
    with pytest.raises(ConflictError, match="evidence 1"):
        export_case(record, code, tmp_path / "case", actor="desk")
    assert list(tmp_path.iterdir()) == []


def packed(folder, path, *, method=zipfile.ZIP_DEFLATED, within="", **more):
    """A folder packed by hand, with further members."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in {**files(folder), **{name.replace("_", "/"): text for name, text in more.items()}}.items():
            archive.writestr(within + name, content)
    return path


@pytest.fixture(scope="module")
def archive(home, tmp_path_factory):
    return export_case(home, CODE, tmp_path_factory.mktemp("cases") / "case.zip", actor="desk")


def test_an_archive_has_the_bytes_of_the_folder_and_is_the_same_each_time(home, written, archive, tmp_path):
    with zipfile.ZipFile(archive) as held:
        assert {name: held.read(name) for name in held.namelist()} == files(written)
    assert export_case(home, CODE, tmp_path / "again.zip", actor="desk").read_bytes() == archive.read_bytes()
    with pytest.raises(InputError, match="holds something"):
        export_case(home, CODE, tmp_path / "again.zip", actor="desk")
    assert [path.name for path in tmp_path.iterdir()] == ["again.zip"]


def test_anybody_can_unpack_an_archive_and_read_it(archive, tmp_path):
    subprocess.run(["unzip", "-q", archive, "-d", tmp_path], check=True)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o644}


def test_a_case_comes_back_from_an_archive_and_from_one_packed_by_hand(home, written, archive, record, tmp_path):
    assert import_case(record, archive, actor="desk").new is True
    assert rows(record) == rows(home)
    by_hand = packed(written, tmp_path / "a.zip", within="2026-0007/")
    assert import_case(record, by_hand, actor="desk").new is False


HOSTILE = {
    "a path upwards": {"within": "../"},
    "a path upwards within": {"within": "x/../"},
    "an absolute path": {"within": "/"},
    "two folders": {"within": "a/b/"},
    "a file of none": {"more.txt": b"x"},
    "a file that is outside": {".._evil.txt": b"x"},
    "a file that is twice": {"x_case.json": b"{}"},
    "a name of 256 bytes": {"evidence_" + "x" * 256: b"x"},
    "a method that takes memory": {"method": zipfile.ZIP_LZMA},
}


@pytest.mark.parametrize("how", HOSTILE.values(), ids=HOSTILE)
def test_an_archive_with_what_no_case_has_is_refused_whole(written, abroad, tmp_path, how):
    packed(written, tmp_path / "a.zip", **how)
    with pytest.raises(FormatError) as caught:
        import_case(abroad, tmp_path / "a.zip", actor="desk")
    assert (caught.value.code, nothing_is_there(abroad)) == ("broken_archive", True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_an_archive_that_unpacks_to_more_than_a_case_has_is_refused(written, abroad, tmp_path, monkeypatch):
    size = sum(map(len, files(written).values()))
    monkeypatch.setattr(cases_archive, "UNPACKED_MOST", size - 1)
    with pytest.raises(TooLargeError):
        import_case(abroad, packed(written, tmp_path / "a.zip"), actor="desk")
    monkeypatch.setattr(cases_archive, "UNPACKED_MOST", size)
    monkeypatch.setattr(cases_archive, "FILES_MOST", 9)
    with pytest.raises(TooLargeError):
        import_case(abroad, tmp_path / "a.zip", actor="desk")
    assert nothing_is_there(abroad)


@pytest.mark.parametrize(
    "spoil",
    [lambda _: b"PK\x03\x04" + b"\xff" * 99, lambda content: content[:-30], lambda _: b""],
    ids=["no archive", "cut off", "empty"],
)
def test_an_archive_that_is_broken_is_refused(archive, abroad, tmp_path, spoil):
    (tmp_path / "a.zip").write_bytes(spoil(archive.read_bytes()))
    with pytest.raises(FormatError, match=r"a\.zip cannot be unpacked"):
        import_case(abroad, tmp_path / "a.zip", actor="desk")
    with pytest.raises(NotFoundError):
        import_case(abroad, tmp_path / "none.zip", actor="desk")


def test_a_byte_of_an_archive_that_was_altered_is_refused(archive, abroad, tmp_path):
    content = archive.read_bytes()
    at = content.index(bytes(range(256)))
    (tmp_path / "a.zip").write_bytes(content[:at] + b"\1" + content[at + 1 :])
    with pytest.raises(FormatError):
        import_case(abroad, tmp_path / "a.zip", actor="desk")
    assert nothing_is_there(abroad)


def test_an_archive_that_is_locked_is_refused(written, abroad, tmp_path):
    content = packed(written, tmp_path / "a.zip").read_bytes()
    # the first bit of a member's flags, in its own head and in the list of all
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.index(mark) + place
        content = content[:at] + bytes([content[at] | 1]) + content[at + 1 :]
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(FormatError, match="encrypted"):
        import_case(abroad, tmp_path / "a.zip", actor="desk")


def test_a_file_that_changes_while_it_is_read_is_refused(folder, abroad, monkeypatch):
    ALTERED["a byte of evidence"](folder)
    monkeypatch.setattr(cases_folder, "_refuse_altered", lambda *_: None)
    with pytest.raises(FormatError, match="changed while it was read"):
        import_case(abroad, folder, actor="desk")
    assert nothing_is_there(abroad)


def test_a_record_that_was_written_anew_does_not_fit_what_was_handed_over(home, archive, record):
    assert compare_export(home, CODE, archive) == []
    # another record with a case of that code, whole by itself
    with record.begin() as connection:
        filled(connection, code=CODE)
        filled(connection, code="other")
        assert verify(connection, CODE).faults == ()
    told = {(fault.part, fault.number, fault.code) for fault in compare_export(record, CODE, archive)}
    assert {("claims", 1, "export"), ("claims", 3, "export"), ("agreements", 1, "export")} <= told
    with pytest.raises(InputError, match="is case"):
        compare_export(record, "other", archive)


def test_what_was_added_or_withdrawn_since_a_case_was_handed_over_is_no_fault(record, tmp_path):
    with record.begin() as connection:
        filled(connection, code=CODE)
    earlier = export_case(record, CODE, tmp_path / "earlier", actor="desk")
    with record.begin() as connection:
        cases.withdraw(connection, CODE, "claims", 1, actor="desk")
        add_evidence(connection, CODE, NewEvidence(file="b"), b"b", actor="desk")
    assert compare_export(record, CODE, earlier) == []
