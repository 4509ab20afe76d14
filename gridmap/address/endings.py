"""How names in addresses end: words that tell a road, a village, a zone or a place."""

from __future__ import annotations

import re
from functools import lru_cache


def any_of(words: str) -> str:
    """Return a pattern of any of the words, longer ones first.

    Examples
    --------
    >>> any_of("路 公路")
    '公路|路'
    """
    return "|".join(sorted(words.split(), key=len, reverse=True))


ROADS = "大道 大街 公路 路 街 巷 胡同 国道 省道 县道 乡道 弄堂 弄 步行街 支路 辅路 里弄 高速"
VILLAGES = (
    "社区居民委员会 社区居委会 社区 居民委员会 居委会 村村民委员会 村民委员会 村村委会 村委会 村村 村 自然村 "
    "行政村 (?<![警侦查防工])大队"
)
ZONES = "新区 开发区 高新区 保税区 出口加工区 度假区 集聚区 示范区 经济区"
#: Where people live, more or less behind one gate.
COMPOUNDS = (
    "小区 花园 家园 公寓 新村 公馆 花苑 嘉苑 佳苑 雅苑 景苑 名苑 锦苑 嘉园 佳园 雅园 名园 别墅 山庄 豪庭 华庭 雅庭 "
    "新城 府邸 名邸 宿舍 组团 人家 大院 家属院 家属区 生活区 住宅区"
)
#: One building, or many doors under one name.
HOUSES = (
    "大厦 广场 大楼 写字楼 办公楼 综合楼 宿舍楼 教学楼 行政楼 商务楼 科技楼 实验楼 门诊楼 商厦 购物中心 服务中心 "
    "活动中心 会展中心 商务中心 商业中心 培训中心 世贸中心 体育中心 文化中心 物流中心 国际中心 金融中心 客运中心 "
    "会议中心 健身中心"
)
MARKETS = (
    "市场 商场 超市 商城 商贸城 轻纺城 批发部 百货 菜场 农贸市场 菜市场 商业街 五金城 建材城 家具城 汽配城 服装城 "
    "皮革城 电器城 汽车城 数码城 电脑城 小商品城 灯具城 灯饰城 鞋城 鞋都 家居城 美食城 娱乐城"
)
ZONES_OF_WORKS = (
    "工业区 工业园 工业园区 工业城 科技园 科技园区 产业园 产业园区 创业园 创业园区 创意园 创意园区 软件园 物流园 "
    "物流园区 园区 产业基地 基地 工业小区 创业中心 孵化园 商务区 商贸区 功能区"
)
INSTITUTIONS = (
    "公司 集团 工厂 厂房 医院 卫生院 卫生所 卫生室 诊所 学校 小学 中学 大学 学院 幼儿园 校区 分校 党校 酒店 宾馆 "
    "饭店 旅馆 招待所 会所 法院 检察院 派出所 公安局 税务局 财政局 工商局 供电局 供电所 邮政局 国税局 地税局 政府 "
    "交警大队 刑警大队 消防大队 "
    "银行 支行 分行 信用社 营业厅 营业部 汽车站 火车站 车站 东站 西站 南站 北站 客运站 地铁站 公交站 加油站 "
    "收费站 服务站 机场 码头 体育馆 体育场 图书馆 博物馆 文化宫 少年宫 影剧院 电影院 公园 研究院 研究所 "
    "设计院 养老院 敬老院 福利院 物流 仓库 车库 工地 项目部 事务所 办事处 居委 管委会 售楼处"
)
PLACES = f"{COMPOUNDS} {HOUSES} {MARKETS} {ZONES_OF_WORKS} {INSTITUTIONS}"
#: What may follow the ending of another place in one name: 文峰集团大厦, 人民公园小区.
CHAINED = (
    "购物中心 商务中心 商业中心 服务中心 有限公司 股份有限公司 大厦 广场 大楼 小区 花园 公寓 家园 公司 集团 学校 "
    "学院 小学 中学 市场 商场 商城 商厦 超市 园区 工业园 医院 酒店 宾馆 饭店 公园 车站 新村 中心 分店 城 区 店 厂 "
    "站 局 所 院"
)

#: What a road's name ends with before its number.
ROAD_END = re.compile(
    "(?:[路街巷弄堤]|(?<!街)道|胡同|国道|省道|县道|线|桥|[0-9东南西北中一二三四五六七八九]段|[东南西北][一二三四五六]环"
    "|[一二三四五六七八九十]条)$"
)
PLACE_END = re.compile(f"(?:{any_of(PLACES)})$")
#: No ending of a road or place is longer: what stands before is not looked through.
_LONGEST_END = max(map(len, PLACES.split()))
COMPOUND_END = re.compile(
    "(?:国际|中心|[东南西北0-9A-Z一二三四五六七八九十][区期]|园|苑|城|府|郡|墅|湾|庭|院|居|楼|座|厂|期|里|坊|屯|邸|寓)$"
)
#: Behind these a number is that of a shop or room, not of a building.
MARKET = re.compile(
    "市场|商城|[贸纺配革材具器饰衫鞋服商建金货][城都](?!花园|小区|家园|名|新村)"
    "|(?:大厦|商厦|大楼|[商写]铺|店面|超市|百货|国际|字楼|公楼|合楼|务楼)$"
)


@lru_cache(maxsize=4_096)
def ends_as_road(text: str) -> bool:
    """Tell whether a text ends like the name of a road."""
    return bool(ROAD_END.search(text, max(0, len(text) - _LONGEST_END)))


def ends_as_place(text: str) -> bool:
    """Tell whether a text ends like the name of a compound or another place."""
    start = max(0, len(text) - _LONGEST_END)
    return bool(COMPOUND_END.search(text, start) or PLACE_END.search(text, start))


def ends_as_market(text: str) -> bool:
    """Tell whether a text names one building, or a market, with many doors inside."""
    return bool(MARKET.search(text))
