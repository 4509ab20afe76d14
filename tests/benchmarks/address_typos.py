"""Slips of ear and hand in Chinese names, and which names one slip leads to.

The table of look-alikes was written for the examination, from characters that people mix up; sounds are those of
pypinyin. Neither is the product's.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from pypinyin import Style, pinyin


def _groups(text: str) -> list[str]:
    """Words between blanks."""
    return text.split()


#: Characters that look like one another, in groups.
LOOK_ALIKES = _groups(
    "未末 己已巳 土士 日曰 人入八 王玉 大太犬 干千于 田由甲申 刀力 午牛 免兔 鸟乌 折拆 候侯 析折 贝见 木本术 "
    "今令 风凤 几九 万方 开井 元无 夫天 失矢 主王 玉主 白自 自目 目且 旦且 末来 代伐 戊戌 戍戊 戎戒 往住 佳隹 "
    "栗粟 粟票 享亨 辛幸 毫豪 廷延 庭廷 辟僻 晴睛 清请 坡波 披坡 沙砂 池地 地他 河何 柯河 洋样 洪供 洲州 流琉 "
    "浦埔 涌通 湖糊 湘箱 滨宾 潭谭 澄橙 泽择 译泽 恰洽 治冶 凉谅 亭停 宁宇 宜宣 富福 官宫 寨塞 村材 杆杠 杭抗 "
    "杨扬 场扬 汤杨 柏伯 柱桂 桂挂 桃挑 栏拦 桥侨 娇桥 桐铜 梧悟 棠堂 榆偷 愉榆 槐愧 模漠 樱缨 芒忙 芳坊 苑宛 "
    "苹平 茶荼 莲连 菜采 萍苹 葵癸 蓝篮 虎虚 虹虾 红虹 裕浴 贤坚 赤亦 路露 迎仰 阳阴 阵陈 隆降 雅稚 雪雷 霄宵 "
    "静净 顺项 项顷 须顺 饭饮 马鸟 驰池 驻住 骄桥 鲁鱼 鹤鹊 龙尤 半平 平乎 尚向 间问 闻间 固因 因困 园圆 团因 "
    "城诚 域城 堤提 塔搭 塘糖 埠阜 崇祟 峰锋 烽峰 峡侠 巷港 巨臣 庄压 庐芦 庙庐 庚康 建健 张胀 弯湾 徽微 志忘 "
    "怀杯 恒桓 惠慧 戈弋 成戌 扶抚 振震 敬警 教敦 文丈 料科 旗棋 早旱 旺汪 昌冒 明朋 晋普 晓饶 晶品 暖援 月用 "
    "朗郎 朝潮 民氏 永水 沁泌 沂忻 泰秦 奏泰 洛络 津律 淮准 深探 渡度 温湿 满瞒 热熟 熙照 爱受 牌碑 特持 狮师 "
    "师帅 狼狠 玲铃 玫枚 环坏 珠株 球求 理埋 瑞端 璃离 瓦互 畔伴 盘盆 眉媚 真直 知和 磨摩 社杜 祖租 祥样 秒秋 "
    "穗惠 空究 窑窖 竞竟 紫柴 素索 纺访 纬伟 经径 绿录 罗岁 老考 肥肌 胜性 舟丹 航般 义叉 芬芳 荣劳 莱菜 蓬篷"
)
#: Sounds that many people do not tell apart, each pair one way.
NEAR_SOUNDS = (
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("l", "n"),
    ("h", "f"),
    ("ing", "in"),
    ("eng", "en"),
    ("ang", "an"),
)
#: characters that carry a number or a direction: no slip touches them, since a number must never change
UNTOUCHED = frozenset("零一二三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾东西南北中前后号期")


@cache
def common() -> tuple[str, ...]:
    """The 3 755 characters of everyday writing, in the order of GB 2312."""
    codes = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return tuple(code.decode("gb2312") for code in codes if not (code[0] == 0xD7 and code[1] > 0xF9))


@cache
def sounds(char: str) -> frozenset[str]:
    """Every toneless reading of a character."""
    return frozenset(pinyin(char, style=Style.NORMAL, heteronym=True)[0])


@cache
def blurred(sound: str) -> str:
    """A sound with what people mix up made one."""
    for full, short in NEAR_SOUNDS:
        if len(full) <= 2 and full not in ("in", "en", "an") and sound.startswith(full):
            return blurred(short + sound[len(full) :])
        if len(full) == 3 and sound.endswith(full):
            return blurred(sound[: -len(full)] + short)
    return sound


@cache
def homophones(*, near: bool = False) -> dict[str, tuple[str, ...]]:
    """Everyday characters of one reading by that; with ``near`` by that reading blurred."""
    found: dict[str, list[str]] = defaultdict(list)
    for char in common():
        if len(sounds(char)) == 1:
            (sound,) = sounds(char)
            found[blurred(sound) if near else sound].append(char)
    return {sound: tuple(chars) for sound, chars in found.items()}


@cache
def look_alikes(*, held_out: bool | None = None) -> dict[str, frozenset[str]]:
    """Characters that look like a character: by all groups, by every second one, or by the others, held out."""
    found: dict[str, set[str]] = defaultdict(set)
    for group in LOOK_ALIKES if held_out is None else LOOK_ALIKES[int(held_out) :: 2]:
        for char in group:
            found[char] |= set(group) - {char} - UNTOUCHED
    return {char: frozenset(others) for char, others in found.items() if others}


@cache
def alike(a: str, b: str) -> bool:
    """Whether one character is easily taken for another, by ear or by eye."""
    if b in look_alikes().get(a, ()):
        return True
    return bool({blurred(sound) for sound in sounds(a)} & {blurred(sound) for sound in sounds(b)})


def touchable(name: str, kept: int) -> list[int]:
    """Places of a name where a slip may fall: not the last ``kept`` characters, no numbers, no directions."""
    return [k for k, char in enumerate(name[: len(name) - kept]) if char not in UNTOUCHED and "一" <= char <= "龥"]


def homophone(chance: random.Random, name: str, kept: int) -> str | None:
    """The name with one character that sounds the same, now and then only nearly."""
    near = chance.random() < 0.15
    places = touchable(name, kept)
    chance.shuffle(places)
    for k in places:
        sound = pinyin(name[k], style=Style.NORMAL)[0][0]
        others = homophones(near=near).get(blurred(sound) if near else sound, ())
        pool = [char for char in others if char != name[k] and char not in UNTOUCHED]
        if pool:
            return name[:k] + chance.choice(pool) + name[k + 1 :]
    return None


def look_alike(chance: random.Random, name: str, kept: int, *, held_out: bool) -> str | None:
    """The name with one character that looks the same, from one half of the table."""
    table = look_alikes(held_out=held_out)
    places = [k for k in touchable(name, kept) if name[k] in table]
    if not places:
        return None
    k = chance.choice(places)
    return name[:k] + chance.choice(sorted(table[name[k]])) + name[k + 1 :]


def dropped(chance: random.Random, name: str, kept: int) -> str | None:
    """A long name without one character: of two that tell it from others, both are needed."""
    places = touchable(name, kept)
    if len(places) < 3:
        return None
    k = chance.choice(places)
    return name[:k] + name[k + 1 :]


def swapped(chance: random.Random, name: str, kept: int) -> str | None:
    """The name with two neighbours exchanged."""
    places = [k for k in touchable(name, kept) if k + 1 in touchable(name, kept) and name[k] != name[k + 1]]
    if not places:
        return None
    k = chance.choice(places)
    return name[:k] + name[k + 1] + name[k] + name[k + 2 :]


def inserted(chance: random.Random, name: str, kept: int) -> str | None:
    """The name with one character too many: doubled mostly, or any other."""
    places = touchable(name, kept)
    if not places:
        return None
    k = chance.choice(places)
    more = name[k] if chance.random() < 0.6 else chance.choice([char for char in common() if char not in UNTOUCHED])
    return name[: k + 1] + more + name[k + 1 :]


def replaced(chance: random.Random, name: str, kept: int) -> str | None:
    """The name with one character that neither sounds nor looks the same: another name."""
    places = touchable(name, kept)
    if not places:
        return None
    k = chance.choice(places)
    while alike(name[k], other := chance.choice(common())) or other in UNTOUCHED:
        pass
    return name[:k] + other + name[k + 1 :]


def one_slip(a: str, b: str) -> bool:
    """Whether one slip of ear or hand leads from one name to the other."""
    if len(a) == len(b):
        different = [k for k in range(len(a)) if a[k] != b[k]]
        if len(different) == 1:
            return alike(a[different[0]], b[different[0]])
        return (
            len(different) == 2
            and different[1] == different[0] + 1
            and a[different[0]] == b[different[1]]
            and (a[different[1]] == b[different[0]])
        )
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 and any(long[:k] + long[k + 1 :] == short for k in range(len(long)))


class Neighbours:
    """Names of one scope, found from a text that is one slip away."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self._by_rest: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            for rest in _rests(name):
                self._by_rest[rest].add(name)

    def near(self, text: str) -> set[str]:
        """The names that are the text, or one slip from it."""
        found = set().union(*(self._by_rest.get(rest, ()) for rest in _rests(text)))
        return {name for name in found if name == text or one_slip(name, text)}

    def within_one(self, text: str) -> set[str]:
        """The names that differ from the text by at most one character, whatever it is."""
        found = set().union(*(self._by_rest.get(rest, ()) for rest in _rests(text)))
        return {name for name in found if name == text or one_slip(name, text) or _one_other(name, text)}


def _one_other(a: str, b: str) -> bool:
    return len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1


def _rests(name: str) -> Iterator[str]:
    """The name, and the name without each of its characters."""
    yield name
    for k in range(len(name)):
        yield name[:k] + name[k + 1 :]
