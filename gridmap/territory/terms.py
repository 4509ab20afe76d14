"""What the words of an answer mean, in Chinese and English."""

from __future__ import annotations

#: A word's meaning in Chinese and in English.
Meaning = tuple[str, str]

STATUSES: dict[str, Meaning] = {
    "found": ("已确定", "found"),
    "ambiguous": ("不唯一，需人工确认", "several answers fit"),
    "not_found": ("未找到", "no such address"),
    "outside": ("不在任何区域内", "no area holds the place"),
}

LEVELS: dict[str, Meaning] = {
    "room": ("户室", "room"),
    "unit": ("单元", "unit of a building"),
    "building": ("楼栋", "building"),
    "number": ("门牌号", "house number"),
    "interpolated": ("门牌号（按相邻门牌内插）", "house number, placed between its neighbours"),
    "crossing": ("路口", "crossing"),
    "compound": ("小区", "compound"),
    "place": ("地点", "point of interest"),
    "road": ("道路", "road"),
    "group": ("村民小组", "group of a village"),
    "community": ("社区、村", "community or village"),
    "street": ("街道、镇", "street or town"),
    "district": ("区县", "district or county"),
    "city": ("市", "city"),
    "province": ("省", "province"),
}

REASONS: dict[str, Meaning] = {
    "empty": ("地址为空", "no text"),
    "too_long": ("文字过长，不是地址", "too long for an address"),
    "no_parts": ("没有可识别的地址成分", "nothing in it reads like an address"),
    "other_place": ("属于其他省、市或区县", "another province, city or district"),
    "no_such_road": ("没有这条道路", "no such road"),
    "no_such_compound": ("没有这个小区", "no such compound"),
    "no_such_number": ("没有这个门牌号", "no such house number"),
    "no_such_building": ("没有这个楼栋", "no such building"),
    "contradiction": ("地址各部分相互矛盾", "its parts contradict each other"),
    "several_places": ("有多个地点同样符合", "several places fit equally"),
    "over_border": ("位置跨越区域边界", "it may lie on either side of a border"),
    "no_point": ("坐标缺失或无法读取", "coordinates are missing or no numbers"),
}

NOTES: dict[str, Meaning] = {
    "former_name": ("旧名称", "a former name"),
    "alias": ("别名", "an alias"),
    "typo": ("疑似错别字", "a likely slip of the pen"),
    "other_division": ("街道或社区与实际不符", "it lies in another street or community"),
    "interpolated": ("按相邻门牌内插", "placed between its neighbours"),
    "relation": ("相对位置，如对面、旁边", "a relation such as opposite or beside"),
    "unit_unknown": ("单元或户室未知，以楼栋为准", "unit unknown, the building answers"),
    "repeated": ("重复的文字已略去", "repeated text was passed over"),
    "dropped": ("无关的文字已略去", "other text was passed over"),
}

#: Why a row of answers is to be checked by hand, beside its status.
CHECKS: dict[str, Meaning] = {
    "low_score": ("得分低于界限", "the score is below the limit"),
    "note": ("有需要核实的说明", "something was taken on trust"),
}


def meaning(terms: dict[str, Meaning], word: str) -> str:
    """Return a word's meaning in both languages; the word itself where it has none here.

    Raises
    ------
    None

    Examples
    --------
    >>> meaning(REASONS, "no_such_road")
    '没有这条道路 / no such road'
    >>> meaning(REASONS, "fog")
    'fog'
    """
    return " / ".join(terms.get(word, (word,)))
