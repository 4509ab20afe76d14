"""Words of the mediation sheet in Chinese, in English, or in both beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gridmap.errors import InputError
from gridmap.maps.words import Both, Words

SheetLang = Literal["zh", "en", "both"]

#: Languages of a sheet by the word that asks for them, the leading one first.
LANGS: dict[str, tuple[str, ...]] = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}

_SHEET: dict[str, Both] = {
    # heads of pages
    "title": ("土地界线争议调解图", "Boundary mediation sheet"),
    "case": ("案件编号", "Case"),
    "day": ("日期", "Date"),
    "page": ("第 {n} 页 共 {count} 页", "page {n} of {count}"),
    "scale": ("比例尺", "Scale"),
    "zone": (
        "{datum} {width}度带第{number}带 中央经线{meridian}°E（EPSG:{epsg}）",
        "{datum}, {width}-degree zone {number}, meridian {meridian}°E (EPSG:{epsg})",
    ),
    "system": ("坐标系：{name}", "Coordinate system: {name}"),
    "axes": ("单位：米；X 为北，Y 为东", "in metres, X is north, Y is east"),
    # legend
    "legend": ("图例", "Legend"),
    "claimed": ("主张", "claims"),
    "contested": ("争议地", "contested ground"),
    "gap": ("各方均未主张", "claimed by nobody"),
    "candidate": ("方案", "Candidate"),
    "on_line": ("在线上", "on the line"),
    "building": ("争议地内建筑物", "building in the disputed ground"),
    "thing": ("争议地内其他地物", "other objects in the disputed ground"),
    "point": ("界址点", "boundary point"),
    "true_north": ("真北", "true north"),
    "grid_north": ("坐标北", "grid north"),
    "convergence": ("子午线收敛角 {angle}", "grid convergence {angle}"),
    "mu": ("亩", "mu"),
    "uncontested": (
        "各方主张互不重叠，没有争议地。",
        "The claims do not overlap: no ground is contested.",
    ),
    "no_gap": ("主张之间没有空隙。", "There is no gap between the claims."),
    "part_shown": (
        "按此比例尺，图幅内仅绘出主张的一部分；面积与表格仍为全部。",
        "At this scale the frame shows a part of the claims; areas and tables are of all of them.",
    ),
    "dispute_outside": (
        "按此比例尺，争议地超出图幅。",
        "At this scale the disputed ground reaches beyond the frame.",
    ),
    "unlabelled": ("图上未注记的界址点：{count} 个，见坐标表", "{count} points are not labelled; see their table"),
    # sections
    "disputes": ("争议一览", "Disputes"),
    "areas": ("面积", "Areas"),
    "ledger": ("方案收支表", "What each candidate gives and takes"),
    "lines": ("界线比较", "Lines of the parties, compared"),
    "objects": ("争议地内地物", "Objects in the disputed ground"),
    "points": ("界址点成果表", "Boundary points"),
    "walk": ("界线走向说明", "The walk of the line"),
    "posts": ("界桩成果表", "Posts"),
    "sources": ("资料来源", "Sources"),
    "evidence": ("证据清单", "Evidence"),
    "reservations": ("保留事项", "Reservations"),
    "signatures": ("确认与签字", "Signatures"),
    # heads of columns
    "what": ("项目", "Ground"),
    "name": ("名称", "Name"),
    "planar_m2": ("平面面积 m²", "On the map, m²"),
    "planar_mu": ("亩", "mu"),
    "ellipsoidal_m2": ("椭球面积 m²", "Ellipsoid, m²"),
    "error_m2": ("中误差 m²", "Std. error, m²"),
    "dispute": ("争议", "Dispute"),
    "dispute_of": ("争议 {n}", "Dispute {n}"),
    "contested_m2": ("争议地 m²", "Contested, m²"),
    "contested_mu": ("亩", "mu"),
    "gap_m2": ("空隙 m²", "Gap, m²"),
    "at_scale": ("比例尺", "Scale"),
    "leaf": ("页", "Page"),
    "party": ("当事方", "Party"),
    "gain_m2": ("得 m²", "Gain, m²"),
    "gain_mu": ("得 亩", "Gain, mu"),
    "loss_m2": ("失 m²", "Loss, m²"),
    "loss_mu": ("失 亩", "Loss, mu"),
    "net_m2": ("净得 m²", "Net, m²"),
    "gain_both": ("得 m² 亩", "Gain, m² mu"),
    "loss_both": ("失 m² 亩", "Loss, m² mu"),
    "net_both": ("净得 ± m²", "Net ±, m²"),
    "contested_both": ("争议地 m² 亩", "Contested, m² mu"),
    "verdict": ("结论", "Verdict"),
    "between": ("双方", "Between"),
    "mean_offset_m": ("平均偏距 m", "Mean offset, m"),
    "p95_m": ("95%偏距 m", "95 % within, m"),
    "hausdorff_m": ("最大偏距 m", "Largest, m"),
    "tolerance_m": ("限差 m", "Tolerance, m"),
    "kind": ("类别", "Kind"),
    "side": ("所在一侧", "Side"),
    "cut_share": ("被切割", "Cut"),
    "distance_m": ("距离 m", "Distance, m"),
    "point_name": ("点号", "Point"),
    "x_north": ("X 坐标（北）", "X (north)"),
    "y_east": ("Y 坐标（东）", "Y (east)"),
    "post": ("界桩号", "Post"),
    "off_m": ("离界线 m", "Off the line, m"),
    "next_m": ("至下一桩 m", "To the next, m"),
    "number": ("序号", "No."),
    "title_head": ("名称", "Title"),
    "file": ("文件", "File"),
    "date": ("日期", "Date"),
    "sha256": ("SHA-256 前12位", "SHA-256, first 12"),
    "accuracy_m": ("精度 m", "Accuracy, m"),
    "leave_one_out_m": ("配准留一误差 m", "Leave-one-out, m"),
    # cells
    "claim": ("主张", "claim"),
    "contested_cell": ("争议地", "contested"),
    "gap_cell": ("空隙", "gap"),
    "settles": ("可解决", "settles"),
    "partly": ("部分解决", "settles a part"),
    "undecided": ("未决", "decides nothing"),
    "does_not_cross": ("未贯穿争议地", "does not cross"),
    "outside": ("在主张之外", "outside the claims"),
    "within_error": ("净得在误差内", "net within error"),
    # sentences
    "errors_said": (
        "± 为易手土地面积的中误差，由界址点精度推算，双方同值；净得不超过其两倍者记为在误差内。",
        "±: one standard error of the ground that changes hands, same on both rows; a net up to twice it may be error.",
    ),
    "no_candidate": ("未提出方案，无收支可计。", "No line is proposed: there is nothing to book."),
    "no_lines": ("各方界线没有可比较的区段。", "No lines of the parties run beside each other."),
    "no_objects": ("争议地内未登记地物。", "No objects are known in the disputed ground."),
    "no_evidence": ("未附证据。", "No evidence is attached."),
    "no_dispute": ("没有争议地。", "No ground is disputed."),
    "no_areas": ("没有可计的面积。", "There are no areas to tell."),
    "no_posts": ("未设界桩。", "No posts are set."),
    "no_sources": ("未附资料。", "No sources are attached."),
    "nothing_reserved": ("无。", "None."),
    "more_rows": ("另有 {count} 项，见案件文件。", "{count} more are in the case's files."),
    "walk_of": ("方案 {n} {name}：", "Candidate {n}, {name}: "),
    "walk_begin": ("自{point}起，", "from {point} "),
    "walk_step": ("向{way}{metres}米至{point}", "{way} {metres} m to {point}"),
    "walk_note": ("方向以真北为准，分十六个方位。", "Directions are from true north, sixteen of them."),
    "cut_said": (
        "{count} 处文字因版面所限被截短，记号为…，全文如下。",
        "{count} texts were cut for want of room, marked …; in full they are:",
    ),
    "strange_said": (
        "字体未收录的字以编码代替：{codes}",
        "characters that the font has not stand as their codes: {codes}",
    ),
    "assumed": (
        "{party} 未说明精度，按中误差 {metres} 米计。",
        "{party} states no accuracy; a standard error of {metres} m is assumed.",
    ),
    "cannot_decide": (
        "{a} 与 {b} 之间，现有资料的精度不足以判定。",
        "Between {a} and {b}, the sources are too coarse to decide.",
    ),
    "signed_said": (
        "各方已核对本图及各表的全部页，并在“同意方案”栏填写所同意方案的编号；均不同意的填“无”。",
        "The parties have checked every page of this sheet. Each writes the number of the candidate agreed, or none.",
    ),
    "role": ("身份", "Role"),
    "label": ("名称", "Name"),
    "agreed": ("同意方案", "Candidate agreed"),
    "signature": ("签字（盖章）", "Signature, seal"),
    "mediator": ("调解员", "Mediator"),
    "witness": ("见证人", "Witness"),
}

_WORDS = Words(own=_SHEET)
#: Kinds of objects, sources and evidence that have a word of their own; others stand as they are given.
_KINDS: dict[str, Both] = {
    "building": ("建筑物", "building"),
    "house": ("房屋", "house"),
    "tree": ("树木", "tree"),
    "well": ("水井", "well"),
    "grave": ("坟墓", "grave"),
    "path": ("道路", "path"),
    "road": ("道路", "road"),
    "ditch": ("沟渠", "ditch"),
    "pond": ("水塘", "pond"),
    "wall": ("围墙", "wall"),
    "fence": ("围栏", "fence"),
    "pole": ("杆", "pole"),
    "object": ("地物", "object"),
    "map": ("地图", "map"),
    "picture": ("影像", "picture"),
    "survey": ("测量成果", "survey"),
    "parcels": ("宗地", "parcels"),
    "document": ("文书", "document"),
}
#: What land offices call the datums.
_DATUMS_ZH = {"CGCS2000": "2000国家大地坐标系", "Xian 1980": "1980西安坐标系", "Beijing 1954": "1954北京坐标系"}


@dataclass(frozen=True, kw_only=True)
class Voice:
    """In which languages a sheet speaks."""

    #: ``zh``, ``en``, or both in their order
    langs: tuple[str, ...]

    def each(self, key: str, **values: object) -> list[str]:
        """Return what is said, once in each language.

        Raises
        ------
        Nothing
        """
        return [_WORDS.one(key, lang, **values) for lang in self.langs]

    def line(self, key: str, *, between: str = " ", **values: object) -> str:
        """Return what is said on one line.

        Raises
        ------
        Nothing
        """
        return between.join(dict.fromkeys(self.each(key, **values)))

    def first(self, key: str, **values: object) -> str:
        """Return what is said in the leading language.

        Raises
        ------
        Nothing
        """
        return self.each(key, **values)[0]

    def pick(self, zh: str, en: str) -> list[str]:
        """Return of a text that is given in both languages those that the sheet speaks, each once.

        Raises
        ------
        Nothing
        """
        every = {"zh": zh, "en": en}
        return list(dict.fromkeys(every[lang] for lang in self.langs))

    def alone(self) -> list[Voice]:
        """Return a voice for each language.

        Raises
        ------
        Nothing
        """
        return [Voice(langs=(lang,)) for lang in self.langs]

    def kind(self, name: str) -> str:
        """Return what kind of thing something is; a kind that there is no word for stands as it is given.

        Raises
        ------
        Nothing
        """
        return " ".join(self.pick(*_KINDS[name])) if name in _KINDS else name

    def datum(self, name: str) -> str:
        """Return the name of a datum in the leading language.

        Raises
        ------
        Nothing
        """
        return _DATUMS_ZH.get(name, name) if self.langs[0] == "zh" else name


def voice(lang: str) -> Voice:
    """Return the voice of a language or of both.

    Raises
    ------
    InputError
        If it is none of ``zh``, ``en`` and ``both``.

    Examples
    --------
    >>> voice("both").each("legend"), voice("en").line("page", n=1, count=3)
    (['图例', 'Legend'], 'page 1 of 3')
    """
    if lang not in LANGS:
        raise InputError(f"language {lang!r}", expected=", ".join(LANGS), code="language")
    return Voice(langs=LANGS[lang])
