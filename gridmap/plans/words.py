"""What the words of a change sheet mean, in Chinese and English."""

from __future__ import annotations

#: A word's meaning in Chinese and in English.
Meaning = tuple[str, str]

KINDS: dict[str, Meaning] = {
    "unchanged": ("未变", "unchanged"),
    "renamed": ("更名或换码", "renamed"),
    "adjusted": ("调整边界", "border adjusted"),
    "split": ("拆分", "split"),
    "merge": ("合并", "merged"),
    "complex": ("重划", "redrawn among several"),
    "created": ("新设", "created"),
    "abolished": ("撤销", "abolished"),
}

LEVELS: dict[str, Meaning] = {
    "district": ("区县", "district"),
    "street": ("街道、镇", "street or town"),
    "community": ("社区、村", "community or village"),
    "grid": ("网格", "grid"),
    "micro": ("微网格", "micro-grid"),
}

SIDES: dict[str, Meaning] = {
    "leaving": ("划出", "leaves the old area"),
    "arriving": ("划入", "comes to the new area"),
}

#: Sheets of a change sheet.
SHEETS: dict[str, Meaning] = {
    "areas": ("网格变更", "Areas"),
    "buildings": ("楼栋变更", "Buildings"),
    "households": ("户数转移", "Households"),
    "addresses": ("地址变更", "Addresses"),
    "cameras": ("摄像机变更", "Cameras"),
    "checkpoints": ("签到点变更", "Checkpoints"),
    "inform": ("通知名单", "To inform"),
    "forms": ("网格划分登记表", "Registration"),
}

COLUMNS: dict[str, Meaning] = {
    "level": ("层级", "level"),
    "old": ("原编码", "old code"),
    "new": ("新编码", "new code"),
    "old_name": ("原名称", "old name"),
    "new_name": ("新名称", "new name"),
    "kind": ("变更类型", "kind of change"),
    "share_old": ("占原面积比例", "share of the old area"),
    "share_new": ("占新面积比例", "share of the new area"),
    "area_m2": ("面积（平方米）", "area, m2"),
    "old_households": ("原户数", "households before"),
    "new_households": ("新户数", "households after"),
    "old_residents": ("原人数", "residents before"),
    "new_residents": ("新人数", "residents after"),
    "households": ("户数", "households"),
    "residents": ("人数", "residents"),
    "buildings": ("楼栋数", "buildings"),
    "addresses": ("地址数", "addresses"),
    "cameras": ("摄像机数", "cameras"),
    "checkpoints": ("签到点数", "checkpoints"),
    "id": ("编号", "id"),
    "text": ("地址", "address"),
    "name": ("名称", "name"),
    "code": ("编码", "code"),
    "side": ("划出或划入", "leaving or arriving"),
    "why": ("原因", "why"),
    "community": ("所属社区", "community"),
    "community_name": ("所属社区名称", "name of the community"),
    "east": ("东至", "east"),
    "south": ("南至", "south"),
    "west": ("西至", "west"),
    "north": ("北至", "north"),
    "old_codes": ("原网格编码", "old codes"),
    "effective": ("启用日期", "in force from"),
}


def said(terms: dict[str, Meaning], word: str) -> str:
    """Return a word in both languages; the word itself where it has none here.

    Raises
    ------
    None

    Examples
    --------
    >>> said(KINDS, "split")
    '拆分 split'
    >>> said(LEVELS, "block")
    'block'
    """
    return " ".join(terms.get(word, (word,)))
