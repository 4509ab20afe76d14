"""Names of those who hold land: never kept. A party of a dispute is a label that the user gives."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache

from gridmap.frames import personal, plain

_HOLDER_CHINESE = re.compile(
    "权利人|權利人|使用权人|使用者|所有权人|所有者|土地使用人|权属人|承包方|承包人|户主|业主|产权人|法定代表|代理人|负责人|指界人|经办"
)
_HOLDER_ENGLISH = re.compile(
    "qlr(mc|xm|lx|zjh|dh)?|syqr|syqrmc|syzmc|tdsyz|tdsyr|tdsyzmc|tdqlr|cbf(mc)?|hz(xm)?|zjhm?|owner(name)?|holder(name)?|landowner|rightholder|"
    "titleholder|proprietor|occupier|tenant"
)


@lru_cache(maxsize=4096)
def tells_of_holders(name: Hashable) -> bool:
    """Whether a column, key or attribute of that name tells who holds the land, or of other persons.

    Parameters
    ----------
    name
        Its name, Chinese, English or the usual abbreviation of Chinese.

    Raises
    ------
    None

    Examples
    --------
    >>> [tells_of_holders(name) for name in ("权利人名称", "QLR", "土地使用者", "owner", "地块名称", "MJ")]
    [True, True, True, True, False, False]
    """
    return bool(_HOLDER_CHINESE.search(str(name))) or bool(_HOLDER_ENGLISH.fullmatch(plain(name))) or personal(name)
