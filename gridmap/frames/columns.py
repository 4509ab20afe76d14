"""What a column and a table promise, as data, and the columns that several tables have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

#: What a cell may hold. ``text`` is pandas ``str``, ``integer`` nullable ``Int64``, ``number`` ``float64``, ``date``
#: objects of ``datetime.date`` or None, ``time`` ``datetime64[us, UTC]``, ``choice`` ``str`` out of a fixed list.
Kind = Literal["text", "integer", "number", "date", "time", "choice"]
#: ``point`` one point; ``line`` LineString or MultiLineString; ``polygon`` Polygon or MultiPolygon.
Shape = Literal["point", "line", "polygon"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One promised column."""

    #: the promised name
    name: str
    #: what its cells hold
    kind: Kind
    #: what the column says, with its unit
    meaning: str
    #: whether every row must have a value
    required: bool = False
    #: what a table without the column is taken to say, with a warning; empty where a required column must be there
    default: str = ""
    #: the only values of a ``choice``
    choices: tuple[str, ...] = ()
    #: least value that makes sense
    minimum: float | None = None
    #: greatest value that makes sense
    maximum: float | None = None
    #: what a text must look like, as a regular expression for the whole of it
    pattern: str = ""
    #: whether a text is a code, which spreadsheets like to turn into a number
    code: bool = False
    #: other names of the column, best first
    synonyms: tuple[str, ...] = ()
    #: other words for its values: ``{"球机": "ptz"}``
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What one table promises."""

    #: the table's name
    name: str
    #: its columns, in order; the geometry follows them
    columns: tuple[Column, ...]
    #: shapes its geometry may have
    geometry: tuple[Shape, ...]
    #: the column that tells one row from another (on one day, where rows are dated); None where rows may repeat
    key: str | None
    #: whether a row may be without its point: a sign-in that did not say where it was made is one all the same
    placeless: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the promised columns, without the geometry."""
        return tuple(column.name for column in self.columns)

    @property
    def dated(self) -> bool:
        """Whether rows are in force from ``valid_from`` (included) to ``valid_to`` (excluded)."""
        return "valid_from" in self.names

    @property
    def pointlike(self) -> bool:
        """Whether its geometry can be made from ``lon`` and ``lat``."""
        return self.geometry == ("point",)

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name; KeyError where the frame has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


#: Names of longitude and latitude in degrees, in pairs.
LON_LAT = (
    ("lon", "lat"),
    ("lng", "lat"),
    ("longitude", "latitude"),
    ("long", "lat"),
    ("经度", "纬度"),
    ("經度", "緯度"),
)

NAME = Column(
    name="name",
    kind="text",
    meaning="name as it is spoken",
    synonyms=("名称", "名稱", "名字", "全称", "NAME_CHN", "mc"),
)
ACCURACY = Column(
    name="accuracy_m",
    kind="number",
    meaning="standard error of position in metres",
    minimum=0,
    synonyms=("精度", "定位精度", "中误差", "accuracy", "hdop_m"),
)
VALID = (
    Column(
        name="valid_from",
        kind="date",
        meaning="first day in force",
        synonyms=("生效日期", "启用日期", "开始日期", "有效起始", "start_date"),
    ),
    Column(
        name="valid_to",
        kind="date",
        meaning="first day no longer in force",
        synonyms=("失效日期", "停用日期", "结束日期", "有效截止", "end_date"),
    ),
)


def identifier(meaning: str, *synonyms: str) -> Column:
    """Return the column ``id``."""
    common = ("编号", "編號", "编码", "代码", "标识", "标识码", "序号", "gid", "fid", "objectid")
    return Column(name="id", kind="text", meaning=meaning, required=True, code=True, synonyms=(*synonyms, *common))
