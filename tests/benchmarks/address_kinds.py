"""The kinds of noise: what people do to an address when they write it down or say it.

Each noise takes a `Draft` and changes it in place; it returns False where it does not apply. Names slip, numbers never
do, and a slip that leads to another name, or as near to another name, does not apply.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from functools import cache

import opencc

from tests.benchmarks import address_typos as typos
from tests.benchmarks.address_drafts import DIVISIONS, Draft, Place

Noise = Callable[[random.Random, Place, Draft], bool]
ALL_FORMS = ("plate", "slab", "loose", "lane", "yard", "village", "tower", "alley")
BUILT = ("slab", "loose", "yard", "tower")
#: Worlds below this seed may be tuned by; those from it on slip by look-alikes that no other world showed.
UNSEEN = 100
_DIGITS = "零一二三四五六七八九"
_FORMAL = str.maketrans("零一二三四五六七八九十百", "零壹贰叁肆伍陆柒捌玖拾佰")
_NUMBERED = ("lane", "group", "number", "block", "unit", "room")


def numeral(number: int, *, spelled: bool = False) -> str:
    """A number below a thousand as it is spoken; ``spelled`` digit by digit."""
    if spelled:
        return "".join(_DIGITS[int(digit)] for digit in str(number)).replace("零", "〇")
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = _DIGITS[hundreds] + "百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


def exact(_: random.Random, __: Place, ___: Draft) -> bool:
    """The office's own text."""
    return True


def full_width(_: random.Random, __: Place, draft: Draft) -> bool:
    """Figures and letters of full width."""
    text = draft.text()
    draft.whole = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    return draft.whole != text


def _spoken_numbers(chance: random.Random, draft: Draft, *, formal: bool) -> bool:
    if "-" in draft.row.number or not any(kind in draft.pieces for kind in _NUMBERED):
        return False

    def said(found: re.Match[str]) -> str:
        spelled = kind == "room" or (len(found[0]) == 3 and chance.random() < 0.25)
        text = numeral(int(found[0]), spelled=spelled)
        return text.translate(_FORMAL) if formal else text

    for kind in _NUMBERED:
        if kind in draft.pieces and not re.search(r"\d{4}", draft.pieces[kind]):
            draft.pieces[kind] = re.sub(r"\d+", said, draft.pieces[kind])
    return True


def chinese_numerals(chance: random.Random, _: Place, draft: Draft) -> bool:
    """``一百零五号三幢`` for ``105号3幢``."""
    return _spoken_numbers(chance, draft, formal=False)


def formal_numerals(chance: random.Random, _: Place, draft: Draft) -> bool:
    """``伍号叁幢``."""
    return _spoken_numbers(chance, draft, formal=True)


def hash_mark(chance: random.Random, _: Place, draft: Draft) -> bool:
    """``3#`` or ``3#楼`` for ``3幢``; ``5#`` for a plate alone."""
    if "block" in draft.pieces and draft.row.block.isdigit():
        draft.pieces["block"] = draft.row.block + chance.choice(("#", "#楼", "＃"))
    elif draft.row.form == "plate" and draft.row.number.isdigit():
        draft.pieces["number"] = draft.row.number + "#"
    else:
        return False
    return True


def building_word(chance: random.Random, _: Place, draft: Draft) -> bool:
    """Another word for building, entrance, group or yard."""
    row, changed = draft.row, False
    if "block" in draft.pieces:
        words = {"幢", "栋", "号楼", "楼"} if row.block.isdigit() else {"座", "栋", "幢"}
        # 云栖一号5楼 is as well the fifth floor of number one
        floors = {"楼"} if "号" in row.compound else set()
        draft.pieces["block"] = row.block + chance.choice(sorted(words - floors - {row.word}))
        changed = True
    if "unit" in draft.pieces and chance.random() < 0.2:
        draft.pieces["unit"] = row.unit + "门"
    if "group" in draft.pieces:
        draft.pieces["group"] = row.group + chance.choice(("村民小组", "小组", "队"))
        changed = True
    if row.form == "yard" and "number" in draft.pieces and chance.random() < 0.3:
        draft.pieces["number"] = row.number + "号"
    return changed


def dash(chance: random.Random, place: Place, draft: Draft) -> bool:
    """``7-2-301`` for ``7幢2单元301室``; a room that the table does not have may follow."""
    row = draft.row
    if not ("block" in draft.pieces and row.block.isdigit() and "-" not in row.number):
        return False
    room = row.room or (f"{chance.randint(1, 18)}0{chance.randint(1, 4)}" if chance.random() < 0.7 else "")
    figures = [figure for figure in (row.block, row.unit, room) if figure]
    if len(figures) < 2 or (room != row.room and place.fits(draft, room=room)):
        return False
    for kind in ("unit", "room"):
        draft.pieces.pop(kind, None)
    draft.pieces["block"] = chance.choice("---—－").join(figures) + ("室" if room and chance.random() < 0.3 else "")
    return True


def no_road(_: random.Random, __: Place, draft: Draft) -> bool:
    """Only the compound and what is in it."""
    if not draft.row.compound or not draft.row.road:
        return False
    draft.drop("road", "number")
    return True


def no_compound(_: random.Random, __: Place, draft: Draft) -> bool:
    """Only the road, the plate and the building."""
    if not draft.row.compound or not draft.row.road:
        return False
    draft.drop("compound")
    return True


def no_divisions(_: random.Random, __: Place, draft: Draft) -> bool:
    """No province, city, district, town."""
    draft.drop(*draft.divisions)
    return True


def short_divisions(chance: random.Random, _: Place, draft: Draft) -> bool:
    """``江苏南通崇川`` for ``江苏省南通市崇川区``; the town may be left out."""
    changed = False
    for kind in DIVISIONS[:3]:
        text = draft.pieces.get(kind, "")
        short = re.sub("(省|市|区|县|维吾尔自治区|回族自治区|壮族自治区|自治区)$", "", text)
        if len(short) >= 2 and "自治" not in short and short != text:
            draft.pieces[kind], changed = short, True
    if chance.random() < 0.5:
        draft.drop("town")
    if chance.random() < 0.3:
        draft.drop("province")
    return changed


def repeated(chance: random.Random, _: Place, draft: Draft) -> bool:
    """The text twice, or its last part twice."""
    text, local = draft.text(), draft.local()
    if draft.after:
        return False
    if chance.random() < 0.5:
        draft.after = local
    else:
        draft.after = chance.choice(("", " ", "，")) + text
    return bool(local)


def remark(chance: random.Random, _: Place, draft: Draft) -> bool:
    """A remark in brackets, or a word for the one who carries a parcel."""
    said = (
        "本人",
        "收",
        "家",
        "公司",
        "送货上门",
        "请放门口",
        "老地址",
        "自住",
        "出租房",
        "店面",
        "已搬",
        "租户",
        "房东",
    )
    left, right = chance.choice(("（）", "()", "【】", "[]"))
    draft.after += left + chance.choice(said) + right if chance.random() < 0.85 else " 收"
    return True


def phone(chance: random.Random, _: Place, draft: Draft) -> bool:
    """A phone number pasted behind, or before; nobody's."""
    mobile = f"1{chance.choice('3589')}{chance.randint(0, 9)}0000{chance.randint(0, 9999):04d}"
    line = f"0{chance.randint(310, 999)}-8{chance.randint(0, 9)}00{chance.randint(0, 9999):04d}"
    number = chance.choice((mobile, mobile, line))
    if chance.random() < 0.3:
        draft.before = number + chance.choice((" ", "，", ",")) + draft.before
    else:
        draft.after += chance.choice((" ", "，", " 电话", "联系电话：", " tel:", "手机")) + number
    return True


@cache
def _converter(way: str) -> opencc.OpenCC:
    return opencc.OpenCC(way)


def traditional(chance: random.Random, _: Place, draft: Draft) -> bool:
    """Traditional characters, as in Taiwan, in Hong Kong or by the book."""
    text = draft.text()
    draft.whole = _converter(chance.choice(("s2t", "s2tw", "s2hk"))).convert(text)
    return draft.whole != text


@cache
def _radicals() -> dict[str, str]:
    """Characters that have a double among the radicals: the Kangxi block, and some of the supplement."""
    found = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0x2F00, 0x2FD6)}
    return found | dict(zip("西长车门风食马鸟黄龙齐青见贝页", "⻄⻓⻋⻔⻛⻝⻢⻦⻩⻰⻬⻘⻅⻉⻚", strict=True))


def radicals(_: random.Random, __: Place, draft: Draft) -> bool:
    """Radicals that look like the characters, as they come out of some files."""
    text = draft.text()
    draft.whole = "".join(_radicals().get(char, char) for char in text)
    return draft.whole != text


def odd_spaces(chance: random.Random, _: Place, draft: Draft) -> bool:
    """Invisible characters anywhere, spaces and punctuation between the pieces."""
    between = (" ", "\u3000", "\t", "，", ",", "/", "|", "·", "。", "\u00a0", "、", ";")
    mark = chance.choice(between)
    pieces = [piece + (mark if chance.random() < 0.5 else "") for piece in draft.pieces.values()]
    text = "  " + draft.before + "".join(pieces) + draft.after + chance.choice(("", "\n", "\r\n", " "))
    for _k in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice("\u200b\ufeff\u2060\u200d\u200e\u00ad") + text[at:]
    draft.whole = text
    return draft.before == draft.after == ""


def room_tail(chance: random.Random, place: Place, draft: Draft) -> bool:
    """A room, or an entrance and a room, that the table does not go down to."""
    row = draft.row
    if not row.block or row.room or "block" not in draft.pieces:
        return False
    floor, door = chance.randint(1, 24), chance.randint(1, 4)
    room = f"{floor}0{door}"
    # no figures behind figures, and no room that the table has
    if draft.text()[-1].isdigit() or draft.text()[-1] in "#＃室" or place.fits(draft, room=room):
        return False
    tails = (room, room + "室", room + "室", room + "房", f"{floor}楼", f"{floor}层{room}室", f"{floor}楼东户")
    draft.after = chance.choice(tails) + draft.after
    return True


def wrong_town(chance: random.Random, place: Place, draft: Draft) -> bool:
    """Another street of the same district, or another community where one is written."""
    row = draft.row
    if "town" not in draft.pieces or row.form == "village":
        return False
    towns = place.local_towns[row.district]
    draft.pieces["town"] = chance.choice([town for town in towns if town != row.town])
    draft.drop("community")
    draft.free.add("town")
    return True


def wrong_community(chance: random.Random, place: Place, draft: Draft) -> bool:
    """Another community of the same street."""
    row = draft.row
    if "community" not in draft.pieces or row.form == "village":
        return False
    others = sorted(place.communities[row.district, row.town] - {row.community})
    if not others:
        return False
    draft.pieces["community"] = chance.choice(others)
    draft.free.add("community")
    return True


def former_town(_: random.Random, place: Place, draft: Draft) -> bool:
    """The name that the street bore before it was merged."""
    row = draft.row
    old = place.former.get((row.district, row.town))
    if "town" not in draft.pieces or not old:
        return False
    draft.pieces["town"] = old
    draft.free.add("town")
    return True


def redundant_divisions(chance: random.Random, _: Place, draft: Draft) -> bool:
    """Divisions written twice, as where a form has a field for them and people write them again."""
    head = [draft.pieces.get(kind, "") for kind in DIVISIONS[:3]]
    if not all(kind in draft.pieces for kind in ("province", "district")):
        return False
    start = chance.randrange(3)
    draft.before = "".join(head) + chance.choice(("", "", " ")) + draft.before
    for kind in DIVISIONS[:start]:
        draft.pieces.pop(kind, None)
    return True


def order_slip(_: random.Random, __: Place, draft: Draft) -> bool:
    """The compound before the road: ``虹桥花园人民路5号3幢``."""
    if not {"compound", "road", "number"} <= set(draft.pieces):
        return False
    moved = {kind: text for kind, text in draft.pieces.items() if kind in draft.divisions}
    moved["compound"] = draft.pieces["compound"]
    draft.pieces = moved | {kind: text for kind, text in draft.pieces.items() if kind not in moved}
    return True


def relation(chance: random.Random, _: Place, draft: Draft) -> bool:
    """``门口``, ``旁边`` ... behind the address: the place it stands beside is the answer."""
    words = ("门口", "旁边", "对面", "附近", "楼下", "斜对面", "隔壁", "门前", "后面", "东侧", "门口处", "旁")
    draft.after = chance.choice(words) + draft.after
    return True


def spoken(chance: random.Random, place: Place, draft: Draft) -> bool:
    """``喂，我在人民路上5号那个虹桥花园里面，三号楼，有人吵架``."""
    leads = (
        "我在",
        "我家住在",
        "你好，我这边是",
        "麻烦你们来一下",
        "那个，",
        "喂，我是",
        "地址是",
        "位置在",
        "请到",
        "喂 ",
    )
    tails = (
        "",
        "",
        "这里",
        "这边",
        "，有人吵架",
        "，漏水了",
        "，路灯坏了",
        "，快点来",
        "，有垃圾没人收",
        "，楼道里堆东西",
    )
    for kind in DIVISIONS[:2]:
        draft.drop(kind)
    if chance.random() < 0.6 and draft.row.form != "village":
        draft.drop("town", "community")
    if "number" in draft.pieces and "road" in draft.pieces:
        draft.pieces["road"] += chance.choice(("", "", "上", "的", "上的", " "))
    if "compound" in draft.pieces:
        draft.pieces["compound"] = chance.choice(("", "", "那个")) + draft.pieces["compound"]
        draft.pieces["compound"] += chance.choice(("", "里面", "里", "的", "，"))
    if chance.random() < 0.6:
        chinese_numerals(chance, place, draft)
    draft.before, draft.after = chance.choice(leads), draft.after + chance.choice(tails)
    return True


def _typo(make: Callable[..., str | None]) -> Noise:
    """A slip in one name of the query."""
    halves = make is typos.look_alike

    def noise(chance: random.Random, place: Place, draft: Draft) -> bool:
        row = draft.row
        kinds = [kind for kind in ("road", "compound", "community", "town") if kind in draft.pieces]
        weights = [
            {"road": 5, "compound": 5, "community": 3 if row.form == "village" else 1, "town": 1}[k] for k in kinds
        ]
        kind = chance.choices(kinds, weights)[0]
        true, written = getattr(row, kind), draft.pieces[kind]
        # the word at the end tells what it is: 路, 大道, 街道, 社区
        kept = 0 if kind == "compound" else len(re.search("(大道|大街|弄堂|夹道|街道|社区|.)$", true)[0])  # type: ignore[index]
        slipped = make(chance, true, kept, **({"held_out": place.world.seed >= UNSEEN} if halves else {}))
        if slipped is None or slipped == true or written != true or not place.clear(draft, slipped, true):
            return False
        # 91号 and 楼凌雅苑 read as 91号楼
        if slipped[0] in "楼院附之弄组室甲":
            return False
        draft.pieces[kind] = slipped
        return True

    noise.__doc__ = make.__doc__
    return noise


homophone, look_alike = _typo(typos.homophone), _typo(typos.look_alike)
dropped, swapped, inserted = _typo(typos.dropped), _typo(typos.swapped), _typo(typos.inserted)

#: Kinds of noise with the forms of rows that they fall on.
NOISES: dict[str, tuple[Noise, tuple[str, ...]]] = {
    "exact": (exact, ALL_FORMS),
    "full_width": (full_width, ALL_FORMS),
    "chinese_numerals": (chinese_numerals, ALL_FORMS),
    "formal_numerals": (formal_numerals, ALL_FORMS),
    "hash": (hash_mark, (*BUILT, "plate")),
    "building_word": (building_word, (*BUILT, "village")),
    "dash": (dash, BUILT),
    "no_road": (no_road, ("slab", "tower")),
    "no_compound": (no_compound, ("slab", "tower")),
    "no_divisions": (no_divisions, ALL_FORMS),
    "short_divisions": (short_divisions, ALL_FORMS),
    "repeated": (repeated, ALL_FORMS),
    "remark": (remark, ALL_FORMS),
    "phone": (phone, ALL_FORMS),
    "traditional": (traditional, ALL_FORMS),
    "radicals": (radicals, ALL_FORMS),
    "odd_spaces": (odd_spaces, ALL_FORMS),
    "homophone": (homophone, ALL_FORMS),
    "look_alike": (look_alike, ALL_FORMS),
    "dropped": (dropped, ALL_FORMS),
    "swapped": (swapped, ALL_FORMS),
    "inserted": (inserted, ALL_FORMS),
    "room_tail": (room_tail, BUILT),
    "wrong_town": (wrong_town, ("plate", "slab", "loose", "yard", "tower", "alley", "lane")),
    "wrong_community": (wrong_community, ("plate", "slab", "loose", "yard", "tower", "alley", "lane")),
    "former_town": (former_town, ALL_FORMS),
    "redundant_divisions": (redundant_divisions, ALL_FORMS),
    "order_slip": (order_slip, ("slab", "tower")),
    "relation": (relation, ALL_FORMS),
    "spoken": (spoken, ALL_FORMS),
}
