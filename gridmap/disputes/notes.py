"""What a comparison found, mended or took for granted, in both languages."""

from __future__ import annotations

from typing import Any

#: ``code``, ``about``, ``message``, ``message_zh``.
Warning_ = dict[str, Any]


def told(code: str, about: object, message: str, message_zh: str) -> Warning_:
    """A finding in both languages, and what it is about."""
    return {"code": code, "about": about, "message": message, "message_zh": message_zh}
