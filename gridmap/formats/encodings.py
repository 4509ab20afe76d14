"""Which encoding the bytes of a text are in, where nothing or the wrong thing says so.

Offices hand over shapefiles and CSV files in UTF-8, GB18030 (with GBK and GB 2312 inside it) and Big5. Nearly any
text in one of the last two can be decoded by the other without an error, so that they are told apart by what comes
out: frequent characters or rare ones.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence

from gridmap.errors import InputError

#: Encodings that are tried, in order of preference where they are equally plausible.
CANDIDATES = ("gb18030", "big5hkscs", "cp1252")

#: The characters that make up 85 % of Chinese place names, field names and plain prose, simplified and traditional.
#: Counted over the names of all divisions of China and of the streets and villages of Taipei.
_COMMON = frozenset(
    "一丁七万三上下不与专且世业东两严个中丰临丹为主么义之乌乐九也习乡书了争事二于云五井亚些交亥产京亭亲人什仁今从他"
    "仙代以们仰件价任份众会传但位低住体何余佛作你佳使來例依便保信候倫值做備儿元先光克党入內全八公六兰共关兴兵其具养"
    "内再写军农冬决况准几凤凰出分切划列刘则別利别到制前力办功加务动劳勇勐勒勝勢勤包化北区區十千半华協单南博卡即却厂"
    "历压厝原去县参又及双反发取受变口古只叫可台史号司各合吉同名后向听吳吴员周命和品哈响員唐商善單嘉嘎器四回因团园固"
    "国图圆國圍園圓土在圩地圳场址坊坑坝坡坪型垦城埔埕埠埤基堂堡堤場堵塔塘墘增墩壁壇壢士声壽处备复夏外多大天太央头奇"
    "她好如始委子存孙孜孝孟学學宁它安宋完官定宜宝实宫宮家容富寧寨寮寶对寺导寿将將對小少尔就尼尾局层居屋屏展属層屯山"
    "岔岗岛岡岩岭岳峡峪峰峽崁崇崎崙嶺嶼川州工左己已巴巷市布带師常干平年并幸广庄庆序库应底店庙府度庫康廈廟廣延建开弄"
    "式引张張強强当彝形彦彭彰影往很律後徐得復微德心必志忠快思性总恆悠情惠想意愛感慈慶成我或战戶户房所手才扎打托承技"
    "把投报抵拉持指按振据接提支收改放政效教敦敬数整文斗料断斯新方旁族旗无日旧时旺昆昇昌明易星春是時普景智暖曲更曹最"
    "月有望朝期木本术朱朴机权李村杜条来杨東松板极构枋林果柏查柳柵标栋树栗样根格桂桃桐桑桥梁梅梓森楊楠業楼榆榮樂樓樟"
    "横樹橋權次止正此步武歸段母每比毛民气水永汀求汉汐江池汤沙沟没河油治沿泉法泗泥注泰泽洋洛洞津洪洲活派流济浦海消淡"
    "淮深清渠渡温港游湖湳湾源溝溪溫满滨滩漢潭潮澎澳濱灣火灵点烏热然照燕營片牌牛牧物特犁状獅率玉王玛环现珠理瑞瑶環瓦"
    "甘生用田由甲电甸界留白百的盐盘盛目直相省眉看真眼着知石矿码研确礁示社神祥福离秀种科积称程稱稻究空窑立站章竹第等"
    "算管米类精系素紫結經維網線編緯縣红约级纬线组细织经结给统维编网罗置羅羊美群義翠老者而联聖聚聯聲股育胜胡能腳臥臨"
    "自至致臺與興舊般良色节芝芦花芳苏苑苓苗英范茄茅茶草荣莊莒莲菁華营萨萬葫蒙蒲蓮蔡藏蘆蘇蘭虎號螢螺行街表袋被装裕裡"
    "西要觀见观规角解註試誠计认议记许论设证识话该说调谷豆豐象貴賢贤质资赤走赵起越路身車軍輝车转较辛農边达过运近还这"
    "进远连适选通速造連週運道達遠邊那郊郑部郭都鄉鄰酸采里重量金錦鎮钟铁铜银铺锦镇長长門開間關门问间队阳阶阿际陈院除"
    "陵陶陽隆隊难雄雅集雙離雲需霄霧青靖非面革韩音頂順頭類顺须领题风館香馬马驿验高鱼鲁鳳鶯鹤鹽鹿麻黄黎黑點鼓齐龍龙龜"
)

# The less frequent a character, the more it speaks against the encoding that gave it: natural logarithms, roughly.
_COST_COMMON, _COST_USUAL, _COST_SELDOM, _COST_RARE = 4.0, 7.0, 10.0, 13.0
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff\x80-\x9f\ufffd]")


def named(name: str) -> str:
    """Return Python's name of an encoding.

    Parameters
    ----------
    name
        As people and .cpg files write it: ``"GBK"``, ``"936"``, ``"CP950"``, ``"UTF8"``, ``"ANSI 1252"``.

    Raises
    ------
    InputError
        If it is not known.

    Examples
    --------
    >>> named("936"), named("GBK"), named("utf8"), named("Big5")
    ('gb18030', 'gb18030', 'utf-8', 'big5hkscs')
    """
    plain = re.sub(r"[\s_-]|ansi|oem|cp(?=\d)|ldid/\d+", "", name.strip().casefold())
    known = {
        **dict.fromkeys(("936", "gbk", "gb2312", "gb18030", "ms936", "54936"), "gb18030"),
        **dict.fromkeys(("950", "big5", "big5hkscs", "ms950"), "big5hkscs"),
        **dict.fromkeys(("utf8", "65001", "utf8sig"), "utf-8"),
        **dict.fromkeys(("1252", "latin1", "iso88591", "88591"), "cp1252"),
        **{str(number): f"cp{number}" for number in (437, 850, 852, 866, 1250, 1251, 932, 949)},
    }
    if plain in known:
        return known[plain]
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):  # a zero byte is no name of an encoding either
        expected = "UTF-8, GB18030, GBK, Big5, UTF-16 or another of Python's encodings"
        raise InputError(f"no encoding is called {name!r}", expected=expected, code="unknown_encoding") from None


def text_encoding(sample: bytes, *, whole: bool = True) -> str:
    """Return the encoding of a text file.

    Parameters
    ----------
    sample
        The file, or a part of it that begins at the beginning of the file.
    whole
        Whether the sample ends at the end of a character.

    Raises
    ------
    None

    Examples
    --------
    >>> text_encoding("网格".encode("gbk")), text_encoding(b"plain"), text_encoding("網格".encode("big5"))
    ('gb18030', 'utf-8', 'big5hkscs')
    """
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return pieces_encoding([sample], cut=not whole)


def pieces_encoding(pieces: Sequence[bytes], *, cut: bool = True) -> str:
    """Return the encoding that all pieces of text are most plausibly in.

    Parameters
    ----------
    pieces
        Texts in one encoding, such as the names and cells of a DBF file.
    cut
        Whether a piece may end in the middle of a character.

    Returns
    -------
    str
        ``utf-8``, ``gb18030``, ``big5hkscs`` or ``cp1252``. Plain ASCII is ``utf-8``.

    Raises
    ------
    None
    """
    telling = [piece for piece in dict.fromkeys(pieces) if not piece.isascii()]
    if not telling:
        return "utf-8"
    utf8 = [decoded(piece, "utf-8", cut=cut) for piece in telling]
    if all(text is not None for text in utf8) and _plausible_utf8(text for text in utf8 if text):
        return "utf-8"
    costs = {name: _cost(telling, name, cut=cut) for name in CANDIDATES}
    return min(CANDIDATES, key=lambda name: costs[name])


def decoded(piece: bytes, encoding: str, *, cut: bool = True) -> str | None:
    r"""The text of a piece, without half a character at its end; None where it is not in that encoding.

    Parameters
    ----------
    piece
        The bytes.
    encoding
        Python's name of the encoding.
    cut
        Whether the piece may end in the middle of a character.

    Raises
    ------
    None

    Examples
    --------
    >>> decoded("所属网格编码".encode()[:10], "utf-8"), decoded(b"\xff", "utf-8", cut=False)
    ('所属网', None)
    """
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(piece, final=not cut)
    except UnicodeDecodeError:
        return None


def _plausible_utf8(texts: Iterable[str]) -> bool:
    """Whether text that happens to be valid UTF-8 is likely meant so.

    Two bytes of GBK can be a valid UTF-8 letter of a script that nobody here writes; three bytes hardly ever are.
    """
    return all(
        ord(sign) >= 0x800 or ord(sign) < 0x180  # noqa: PLR2004 (Unicode blocks)
        for text in texts
        for sign in set(text)
        if not sign.isascii()
    )


def _cost(pieces: Sequence[bytes], encoding: str, *, cut: bool) -> float:
    """How much speaks against an encoding: the less likely its characters, the more."""
    total = 0.0
    for piece in pieces:
        text = decoded(piece, encoding, cut=cut)
        if text is None:
            return float("inf")
        total += _cost_western(text) if encoding == "cp1252" else sum(map(_cost_sign, text))
    return total


def _cost_sign(sign: str) -> float:
    """How much a character speaks against being meant in a Chinese text."""
    if sign.isascii():
        return 0.0 if sign.isalnum() or sign in ' ._-#/(),:;\r\n\t"' else 1.0
    if sign in _COMMON or sign in "，。、（）；：“”　号－":
        return _COST_COMMON
    if _PRIVATE.match(sign):
        return 2 * _COST_RARE
    if "\u4e00" <= sign <= "\u9fff":
        return _COST_USUAL if _is_usual(sign) else _COST_SELDOM
    return _COST_SELDOM if "\uff00" <= sign <= "\uffef" else _COST_RARE


def _is_usual(sign: str) -> bool:
    """Whether a character is in the first plane of GB 2312 or of Big5, which hold the characters in use."""
    simplified, traditional = sign.encode("gb2312", "ignore"), sign.encode("big5", "ignore")
    return b"\xb0" <= simplified[:1] <= b"\xd7" or b"\xa4" <= traditional[:1] <= b"\xc6"


def _cost_western(text: str) -> float:
    """How much speaks against a text in a western encoding: letters with accents stand among plain ones."""
    words = re.findall(r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*", text)
    return sum(_cost_word(word) for word in words)


def _cost_word(word: str) -> float:
    """How much speaks against a word with accents."""
    strange = [sign for sign in word if not sign.isascii()]
    at_home = sum(sign.isascii() for sign in word) >= len(strange)
    return sum(_COST_COMMON if at_home and sign.isalpha() else _COST_RARE for sign in strange)
