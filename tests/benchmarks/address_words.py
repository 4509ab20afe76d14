"""Names of the worlds that addresses are asked in: roads, compounds and communities, invented but such as towns have.

Only divisions above the community are real; every name here is put together from common words. The vocabulary was
written for the examination and is none of the product's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection


def _words(text: str) -> list[str]:
    """Words between blanks."""
    return text.split()


#: First and second characters of stems of two.
HEADS = list(
    "安宝北碧长朝晨春翠大丹德迪鼎东丰凤福富工公古关光广桂海涵汉航和鹤恒红虹鸿湖花华淮环黄汇惠嘉建江金锦京景静九矿"
    "兰乐丽莲林临灵凌柳龙芦绿罗洛茂梅民明南牛盘平浦齐千前青清泉仁荣融瑞桑沙山上尚胜石双顺泗松苏塔太棠塘天桐万望"
    "文武西锡仙湘祥新兴杏秀旭学雅延燕阳杨尧宜银英盈永玉育园月云泽展昭振正中州朱竹紫"
)
TAILS = list(
    "安坝滨波才草昌城池川春达丹德亭渡芳坊丰峰福港阁工谷关光桂海和河荷鹤虹湖华怀淮桓江教津锦井靖康科坤兰岚澜乐里"
    "莲林岭柳龙楼庐麓洛梅门苗民明宁农平坪坡浦旗祁桥琴泉仁荣塘山善韶胜石寿水松台泰潭桃田庭桐湾旺文溪霞祥信星雄轩"
    "学盐阳义怡英庸永榆苑源岳云泽章征政芝洲竹庄子祖"
)
#: Stems that many towns share, of two characters and more; names of other places stand among them on purpose.
STEMS = _words(
    "人民 人和 解放 中山 建设 和平 新华 胜利 青年 团结 友谊 幸福 朝阳 光明 文化 体育 劳动 滨江 滨河 滨湖 环城 "
    "学府 科技 创业 南京 北京 上海 重庆 山东 广州 天津 西安 长沙 青海 云南 四川 宁夏 大连 桂林 苏州 海南 江西 "
    "台湾 三里屯 五道口 八里庄 十里铺 九龙仓 七星岩 六合 百步亭 千佛山 万寿 四牌楼 双井 三元里 五一 八一 九华山 "
    "一品红 县前 市府 区府 镇海 村前 府前 火车站 老城根 东门 西门 大学城 柏树巷口 丁字桥 高新 开发 迎宾 站前 长江 "
    "黄河 珠江 淮海 泰山 华山 嵩山 太湖 洪泽 昆仑"
)
#: First and last parts of the names of compounds.
GARDENS = _words(
    "翡翠 琥珀 阳光 月亮 锦绣 锦秀 碧桂 碧云 绿城 绿洲 水晶 天鹅 香榭 香溪 金色 金域 银河 银杏 紫金 紫薇 蓝湾 "
    "蓝天 丽水 丽都 秋水 春江 春晓 江南 江畔 江枫 湖畔 湖光 山水 山语 云栖 云顶 梧桐 枫林 枫桥 桃源 桃花 杏林 "
    "荷塘 荷风 芙蓉 牡丹 海棠 玉兰 丁香 茉莉 百合 栖霞 朝晖 旭日 晨曦 星海 星河 北辰 南湖 东湖 西溪 东方 南国 "
    "北国 西山 中央 世纪 时代 未来 盛世 盛景 恒大 恒丰 瑞景 瑞和 祥和 祥瑞 吉祥 如意 康桥 康乐 安居 安泰 福星 "
    "福临 富丽 富康 鼎盛 鼎新 华亭 华夏 帝景 御景 御水 公园 城市 都市 柏林 罗马 东海 西海 莲花 荷兰 兰亭 竹林 "
    "松江 柳浪 樱花 橡树 榕树 香樟 红枫 白鹭 黄鹤 青山 青云 同心 同德 民乐 工人 教师 纺织 机床 铁路 邮电 水泥 "
    "轴承 五星 八方 三和 四季 九洲 十二橡树 一品 百花 千禧 万象 双龙 理想 远见 悦澜 悦府 誉园 澜庭 观澜 观湖 望江 "
    "望岳 听涛 听雨 沁园 沁芳 怡景 怡心 静安 静湖 颐和 颐园 雅居 雅苑 文华 文峰"
)
ENDINGS = _words(
    "花园 花园 花苑 花苑 新村 新村 小区 小区 家园 家园 佳园 佳苑 名苑 名园 名邸 雅苑 雅居 公寓 公馆 华府 华庭 "
    "华苑 豪庭 半岛 山庄 别墅 嘉园 嘉苑 景苑 景园 新城 新苑 人家 水岸 国际 广场 里 苑 坊 郡 府 城 湾 轩 居 宿舍 "
    "大院"
)
#: Endings that hold a number; rare.
NUMBERED_ENDINGS = _words("一号 壹号院 二村 三村 一里 七号公馆")
TOWERS = _words("大厦 大楼 商厦 中心 广场 国际大厦 商务中心 写字楼 科技大厦 创业园 综合楼")
LANE_ENDINGS = _words("巷 弄堂 胡同 里 后街 横街 小街 西巷 东巷 夹道 斜街 条")
#: Communities whose names hold numbers, or words that mean something else elsewhere.
ODD_COMMUNITIES = _words("五一 八一 三里屯 十里铺 七号园区 二十里店 三合 四美 五里墩 六一 百步亭 九曲 双桥 第一 万安")


class Names:
    """A source of names, none twice in one scope; names close to earlier ones are given on purpose."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self._roads: list[str] = []
        self._compounds: list[str] = []

    def stem(self) -> str:
        """Two characters mostly, or a common stem."""
        if self.chance.random() < 0.22:
            return self.chance.choice(STEMS)
        while True:
            first, second = self.chance.choice(HEADS), self.chance.choice(TAILS)
            if first != second:
                return first + second

    def road(self, taken: Collection[str]) -> str:
        """A stem for a road, not taken in its district: new, used elsewhere, or one character from a neighbour's."""
        return self._fresh(self._road, taken, self._roads)

    def _road(self, near: Collection[str]) -> str:
        kind = self.chance.random()
        if kind < 0.14 and self._roads:
            return self.chance.choice(self._roads)
        if kind < 0.22 and near:
            return self._changed(self.chance.choice(sorted(near)))
        return self.stem()

    def compound(self, taken: Collection[str]) -> str:
        """A name for a compound: new, used elsewhere, or a neighbour's with 园 for 苑 or another first part."""
        return self._fresh(self._compound, taken, self._compounds)

    def _compound(self, near: Collection[str]) -> str:
        kind = self.chance.random()
        if kind < 0.08 and self._compounds:
            return self.chance.choice(self._compounds)
        if kind < 0.14 and (twins := sorted(name for name in near if name[-1] in "园苑")):
            return self.chance.choice(twins).translate(str.maketrans("园苑", "苑园"))
        garden = self.chance.choice(GARDENS) if self.chance.random() < 0.6 else self.stem()
        return garden + self.chance.choice(NUMBERED_ENDINGS if self.chance.random() < 0.03 else ENDINGS)

    def community(self, taken: Collection[str], *, village: bool) -> str:
        """``青龙社区`` or ``青龙村``; some hold a number."""

        def make(_: Collection[str]) -> str:
            odd = self.chance.random() < 0.04
            return (self.chance.choice(ODD_COMMUNITIES) if odd else self.stem()) + ("村" if village else "社区")

        return self._fresh(make, taken, [])

    def tower(self, taken: Collection[str]) -> str:
        """The name of a tall building."""
        return self._fresh(lambda _: self.stem() + self.chance.choice(TOWERS), taken, [])

    def lane(self, taken: Collection[str]) -> str:
        """The name of a small lane that has plates of its own."""
        return self._fresh(lambda _: self.stem() + self.chance.choice(LANE_ENDINGS), taken, [])

    def _changed(self, stem: str) -> str:
        """The stem with another character at one place."""
        place = self.chance.randrange(len(stem))
        other = self.chance.choice(TAILS if place else HEADS)
        return stem[:place] + other + stem[place + 1 :]

    def _fresh(self, make: Callable[[Collection[str]], str], taken: Collection[str], book: list[str]) -> str:
        """The first name that is not taken."""
        while (name := make(taken)) in taken:
            pass
        book.append(name)
        return name
