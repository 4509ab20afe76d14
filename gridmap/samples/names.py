"""Words that streets, compounds and shops of the sample town are named with: none is a person's.

Names of streets and communities are put together from what Chinese towns commonly use; only the divisions of
``data/divisions_320613.csv`` are real.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    """Words between blanks."""
    return tuple(text.split())


#: Names of main roads, most usual first.
MAIN = _words(
    "人民 青年 工农 跃龙 濠东 濠西 钟秀 园林 教育 虹桥 学田 解放 建设 和平 长江 通京 江海 世纪 洪江 崇川 "
    "通富 太平 城山 姚港 任港 胜利 永兴 永福 深南 通甲 启秀 桃坞 文峰 光明 新华 国强 源兴 兴隆 通沪 星湖"
)
#: First and second halves of the names of smaller streets.
FIRST = _words(
    "春 夏 秋 北 南 东 西 金 银 玉 明 清 文 武 永 长 新 古 平 安 康 和 福 瑞 祥 兴 隆 盛 德 仁 义 信 朝 晨 望 临 听 "
    "枫 柳 松"
)
SECOND = _words(
    "桥 塘 湾 渡 园 林 荷 梅 兰 竹 菊 桂 泉 溪 河 港 江 海 潮 波 阳 月 星 云 霞 风 雨 雪 山 石 岩 谷 亭 楼 阁 台 门 "
    "坊 井 田"
)
#: Halves of the names of compounds.
GARDEN = _words(
    "锦绣 翠湖 濠景 江畔 星光 天安 中南 华庭 碧水 丽景 金桥 银河 百合 紫荆 海棠 丹桂 银杏 香樟 绿洲 阳光 秀水 凤凰 "
    "龙腾 瑞丰 佳和 怡和 康乐 幸福 民安 永和 五一 友谊 团结 光华 东方 南苑 北苑 西苑 东苑 城中"
)
HOUSE = _words("花园 花苑 新村 公寓 家园 小区 佳苑 名邸 华府 雅居 苑 里 嘉园 景苑 新苑 水岸")
#: What public blocks are: kind of place, ending of the name.
PUBLIC = (
    ("school", "小学"),
    ("school", "初级中学"),
    ("hospital", "医院"),
    ("market", "农贸市场"),
    ("kindergarten", "幼儿园"),
    ("school", "实验学校"),
)
#: Endings of the names of works.
WORKS = _words("纺织厂 机械厂 印染厂 电子厂 物流园 产业园 食品厂 仓库")
_ORDINALS = _words("一 二 三 四 五 六 七 八 九 十")


def _pairs(rng: np.random.Generator, first: Sequence[str], second: Sequence[str]) -> Iterator[str]:
    """Every pair once, in an order of the seed's."""
    for k in rng.permutation(len(first) * len(second)):
        yield first[k // len(second)] + second[k % len(second)]


def streets(rng: np.random.Generator) -> Iterator[str]:
    """Endless names of small streets without their ending, no two alike."""
    plain = list(_pairs(rng, FIRST, SECOND))
    yield from plain
    for ordinal in _ORDINALS:
        yield from (name + ordinal for name in plain)


def mains(rng: np.random.Generator) -> Iterator[str]:
    """Names of main roads without their ending, no two alike: the usual ones first."""
    yield from MAIN[:4]
    yield from (MAIN[4 + k] for k in rng.permutation(len(MAIN) - 4))
    yield from (first + second for first in MAIN for second in ("北", "新", "兴") if first[-1] != second)


def compounds(rng: np.random.Generator) -> Iterator[str]:
    """Names of compounds, no two alike."""
    plain = list(_pairs(rng, GARDEN, HOUSE))
    yield from plain
    for ordinal in _ORDINALS:
        yield from (f"{name}{ordinal}期" for name in plain)
